/* SPDX-License-Identifier: BSD-3-Clause
 *
 * oracle_chroma.c: chapter 20 of idf(5): pixels with chroma at half resolution.
 */
#include "oracle.h"

/* ======== 20.1 Knots ======== */

typedef struct axis {
  num spacing, phase, pixels, first, knots;
} axis;

static num near_knot(const axis *a, num p)
{
  return a->spacing == 0 ? p : p >> 1;
}

static num far_knot(const axis *a, num p)
{
  if (a->spacing == 2)
    return p % 2 != 0 ? near_knot(a, p) + 1 : near_knot(a, p) - 1;
  return a->spacing == 3 && p % 2 != 0 ? near_knot(a, p) + 1 : near_knot(a, p);
}

static num weight(const axis *a, num p)
{
  return a->spacing == 2 ? 1 : a->spacing == 3 && p % 2 != 0 ? 2 : 0;
}

static axis axis_of(const source *in, num spacing, num phase, bool no_first, bool no_last,
                    num pixels)
{
  axis a = {spacing, phase, pixels, 0, 0};
  const num end = pixels - 1 + phase;
  const num first = least(near_knot(&a, phase), far_knot(&a, phase));
  const num last = most(near_knot(&a, end), far_knot(&a, end));
  if (spacing == 0 && phase != 0)
    refuse(in, "a phase without a meaning");
  if (no_first && !(spacing == 2 && phase == 0) && !(spacing == 3 && phase == 1))
    refuse(in, "there is no first outer knot");
  if (no_last && last == near_knot(&a, end))
    refuse(in, "there is no last outer knot");
  a.first = first + no_first;
  a.knots = last - no_last - a.first + 1;
  if (a.knots < 1)
    refuse(in, "no knot is left");
  return a;
}

static num knot(const axis *across, const axis *down, const num *k, num i, num j)
{
  return k[clamp(j - down->first, 0, down->knots - 1) * across->knots
           + clamp(i - across->first, 0, across->knots - 1)];
}

static num chroma(const axis *across, const axis *down, const num *k, num x, num y)
{
  const num px = x + across->phase, py = y + down->phase;
  const num w = weight(across, px), wy = weight(down, py),
            i[2] = {near_knot(across, px), far_knot(across, px)};
  num a[2];
  for (int e = 0; e < 2; e++)
    a[e] = (4 - wy) * knot(across, down, k, i[e], near_knot(down, py))
           + wy * knot(across, down, k, i[e], far_knot(down, py));
  return ((4 - w) * a[0] + w * a[1] + 8) >> 4;
}

/* ======== 20.2 Means ======== */

static num column(const axis *a, num i, num second)
{
  i += a->first;
  return clamp(a->spacing == 0 ? i : 2 * i - a->phase + second, 0, a->pixels - 1);
}

static void means(const axis *across, const axis *down, const num *y, num *out)
{
  for (num j = 0; j < down->knots; j++)
    for (num i = 0; i < across->knots; i++) {
      num sum = 2;
      for (num e = 0; e < 4; e++)
        sum += y[column(down, j, e / 2) * across->pixels + column(across, i, e % 2)];
      out[j * across->knots + i] = sum >> 2;
    }
}

/* ======== 20.3 Conversions ======== */

static num down_by(num a, num b)
{
  return a >= 0 ? a / b : -((b - 1 - a) / b);
}

static void convert(num number, num Y, num U, num V, num rgb[3])
{
  static const num swscale[4][6] = {{16, 9539, 13075, -3209, -6660, 16525},
                                    {16, 9539, 14686, -1747, -4366, 17305},
                                    {0, 8192, 11485, -2819, -5850, 14516},
                                    {0, 8192, 12901, -1534, -3835, 15201}};
  static const num libyuv[4][6] = {{16320, 32, 90, -22, -46, 113},
                                   {16320, 32, 101, -12, -30, 119},
                                   {18997, -1160, 102, -25, -52, 128},
                                   {18997, -1160, 115, -14, -34, 128}};
  const num u = U - 128, v = V - 128;
  if (number < 4) {
    const num *k = swscale[number], y = (8 * (Y - k[0]) * k[1]) >> 16;
    rgb[0] = y + ((8 * k[2] * v) >> 16);
    rgb[1] = y + ((8 * k[3] * u) >> 16) + ((8 * k[4] * v) >> 16);
    rgb[2] = y + ((8 * k[5] * u) >> 16);
  } else if (number < 8) {
    const num *k = libyuv[number - 4], y = ((257 * Y * k[0]) >> 16) + k[1];
    rgb[0] = (y + k[2] * v) >> 6;
    rgb[1] = (y + k[3] * u + k[4] * v) >> 6;
    rgb[2] = (y + k[5] * u) >> 6;
  } else if (number == 8) {
    const num y = (19077 * Y) >> 8;
    rgb[0] = (y + ((26149 * V) >> 8) - 14234) >> 6;
    rgb[1] = (y - ((6419 * U) >> 8) - ((13320 * V) >> 8) + 8708) >> 6;
    rgb[2] = (y + ((33050 * U) >> 8) - 17685) >> 6;
  } else if (number == 9) {
    rgb[0] = down_by(1000000 * Y + 1402000 * v + 500000, 1000000);
    rgb[1] = down_by(1000000 * Y - 344136 * u - 714136 * v + 500000, 1000000);
    rgb[2] = down_by(1000000 * Y + 1772000 * u + 500000, 1000000);
  } else {
    const num p = 22179 * (U - 156), q = 18215 * (V - 137);
    rgb[0] = down_by(13584 * Y + q, 10000);
    rgb[1] = down_by(13584 * Y - 1940 * down_by(p, 10000) - 5090 * down_by(q, 10000) - 1, 10000);
    rgb[2] = down_by(13584 * Y + p, 10000);
  }
  for (int c = 0; c < 3; c++)
    rgb[c] = clamp(rgb[c], 0, 255);
}

/* ======== The tile ======== */

void idf_oracle_chroma(const tables *t, const model *m, source *in, num W, num H, num *const *out)
{
  const num number = get(in, 1), siting = get(in, 1), borders = get(in, 1);
  if (number > 10 || siting > 63 || borders > 31)
    refuse(in, "a chroma tile has a reserved conversion or flags");
  const axis across = axis_of(in, siting % 4, siting >> 4 & 1, borders & 1, borders >> 1 & 1, W);
  const axis down =
      axis_of(in, siting >> 2 & 3, siting >> 5 & 1, borders >> 2 & 1, borders >> 3 & 1, H);
  const num n = across.knots * down.knots;
  num *luma = room(in, W * H, sizeof *luma), *made = room(in, 3 * W * H, sizeof *made);
  num *plane[3];
  outline o = {.W = W, .H = H, .planes = 1, .max = {255}};
  idf_oracle_group(&o, t, m, in, &luma);
  for (int p = 0; p < 3; p++)
    plane[p] = room(in, n, sizeof **plane);
  means(&across, &down, luma, plane[0]);
  o = (outline){
      .W = across.knots, .H = down.knots, .planes = 3, .known = 1, .max = {255, 255, 255}};
  idf_oracle_group(&o, t, m, in, plane);
  for (num i = 0; i < W * H; i++)
    convert(number, luma[i], chroma(&across, &down, plane[1], i % W, i / W),
            chroma(&across, &down, plane[2], i % W, i / W), &made[3 * i]);
  if (borders >> 4 != 0)
    idf_oracle_residual(t, W, H, *in, made);
  else if (left(in) > 0)
    refuse(in, "a chroma tile is too long");
  for (num i = 0; i < 3 * W * H; i++)
    out[i % 3][i / 3] = made[i];
  free(made);
  free(luma);
  for (int p = 0; p < 3; p++)
    free(plane[p]);
}

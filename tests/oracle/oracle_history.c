/* SPDX-License-Identifier: BSD-3-Clause
 *
 * oracle_history.c: chapters 19.4 and 19.5 of idf(5): tiles that were JPEG pictures.
 */
#include "oracle.h"

/* ======== 19.4 History tiles ======== */

static const num standard[2][64] = {
    {16, 11, 10, 16, 24,  40,  51,  61,  12, 12, 14, 19, 26,  58,  60,  55,
     14, 13, 16, 24, 40,  57,  69,  56,  14, 17, 22, 29, 51,  87,  80,  62,
     18, 22, 37, 56, 68,  109, 103, 77,  24, 35, 55, 64, 81,  104, 113, 92,
     49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99},
    {17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99,
     99, 99, 47, 66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
     99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99},
};

static void get_steps(source *in, num table, num step[64])
{
  const num quality = get(in, 1);
  if (quality > 100)
    refuse(in, "a quality is above 100");
  const num scale = quality == 0 ? 0 : quality < 50 ? 5000 / quality : 200 - 2 * quality;
  for (num k = 0; k < 64; k++) {
    step[k] = quality == 0 ? get_varint(in, 65535)
                           : clamp((standard[table][k] * scale + 50) / 100, 1, 255);
    if (step[k] == 0)
      refuse(in, "a step is 0");
  }
}

typedef struct history {
  num W, H, channels, x, y;
  bool residual;
} history;

/* All but coefficients, which are 0. */
static jpeg *picture(source *in, num W, num H, num channels, history *t)
{
  const num flags = get(in, 1), place = get(in, 1);
  const num across = flags & 2 ? 2 : 1, down = flags & 4 ? 2 : 1;
  num step[2][64];
  jpeg *j = room(in, 1, sizeof *j);
  *t = (history){W, H, channels, place % 16, place / 16, (flags & 16) != 0};
  if (flags > 31)
    refuse(in, "a history tile has reserved flags");
  if (channels != (flags & 1 ? 3 : 1) || (channels == 1 && (flags & 14) != 0)
      || ((flags & 8) != 0 && across * down == 1))
    refuse(in, "a history tile has flags that exclude each other");
  if (t->x >= 8 * across || t->y >= 8 * down)
    refuse(in, "a history tile begins beyond the first MCU");
  j->name = *in;
  j->width = t->x + W;
  j->height = t->y + H;
  j->components = channels;
  j->jfif = true;
  j->h_most = across;
  j->v_most = down;
  j->mcus_w = ceil_div(j->width, 8 * across);
  j->mcus_h = ceil_div(j->height, 8 * down);
  j->repeat = (flags & 8) == 0;
  for (num c = 0; c < channels; c++) {
    jpeg_component *p = &j->component[c];
    if (c < 2)
      get_steps(in, c, step[c]);
    p->h = c == 0 ? across : 1;
    p->v = c == 0 ? down : 1;
    p->width = ceil_div(j->width * p->h, across);
    p->height = ceil_div(j->height * p->v, down);
    p->across = j->mcus_w * p->h;
    p->down = j->mcus_h * p->v;
    p->has_step = true;
    for (num k = 0; k < 64; k++)
      p->step[k] = step[c > 0][idf_oracle_zigzag(k)]; /* as files have them */
    p->coef = room(in, 64 * p->across * p->down, sizeof *p->coef);
  }
  return j;
}

/* ======== 19.5 Residual ======== */

typedef struct residual {
  history of;
  num *made, *difference; /* `channels` a pixel */
  bool *flag;
  num blocks; /* in a row */
  mixer m;
  weights flags[5], border[2], nodes[3][32], sums[3][7];
  curve flag_curve, node_curve[3];
} residual;

static bool flag_at(const residual *r, num i, num j)
{
  return i >= 0 && i < r->blocks && j >= 0 && r->flag[j * r->blocks + i];
}

/* Whether less than 8 rows or columns of block (i, j) are in the tile. */
static bool is_cut(const residual *r, num i, num j)
{
  const num x = 8 * i - r->of.x % 8, y = 8 * j - r->of.y % 8;
  return x < 0 || y < 0 || x + 8 > r->of.W || y + 8 > r->of.H;
}

static void get_flag(residual *r, num i, num j)
{
  const num W = flag_at(r, i - 1, j), N = flag_at(r, i, j - 1), NW = flag_at(r, i - 1, j - 1),
            NE = flag_at(r, i + 1, j - 1), WW = flag_at(r, i - 2, j), s = W + N + NW + NE,
            c = is_cut(r, i, j);
  const num k[5] = {c, W + 2 * N + 4 * c, W + 2 * N + 4 * NW + 8 * NE + 16 * c, W + 2 * WW + 4 * c,
                    s};
  uint32_t context[5];
  for (num n = 0; n < 5; n++)
    context[n] = h(h((uint64_t)n, (uint64_t)k[n]), 1);
  r->flag[j * r->blocks + i] =
      idf_oracle_decide(&r->m, context, 5, &r->flags[s], &r->border[c], &r->flag_curve, -1);
}

static num clipped(num v)
{
  return clamp(v, -3, 3);
}

/* The difference of channel k at a pixel, clipped; 0 outside. */
static num near_at(const residual *r, num x, num y, num k)
{
  if (x < 0 || y < 0 || x >= r->of.W)
    return 0;
  return clipped(r->difference[(y * r->of.W + x) * r->of.channels + k]);
}

static num pk(const num *v, num n)
{
  num all = 1;
  for (num i = 0; i < n; i++)
    all = 7 * all + v[i] + 3;
  return all;
}

typedef struct sample {
  uint32_t g[9];
  num k, sum; /* channel; |W| + |N| */
} sample;

static num node(residual *r, const sample *s, num n)
{
  uint32_t context[9];
  for (num i = 0; i < 9; i++)
    context[i] = h(s->g[i], (uint64_t)n);
  return idf_oracle_decide(&r->m, context, 9, &r->nodes[s->k][n], &r->sums[s->k][s->sum],
                           &r->node_curve[s->k], -1);
}

static num get_difference(residual *r, const sample *s)
{
  num v = 1;
  if (node(r, s, 0))
    return 0;
  const bool negative = node(r, s, 1) != 0;
  while (v < 12 && node(r, s, 2 + v))
    v++;
  if (v == 12) {
    num length = 0, rest = 1;
    while (length < 8 && node(r, s, 14 + length))
      length++;
    for (num i = length - 1; i >= 0; i--)
      rest = 2 * rest + node(r, s, 23 + least(i, 7));
    v = rest + 11;
  }
  return negative ? -v : v;
}

/* Channel k of pixel (x, y); `count` differences of its block are other than 0 so far. */
static void get_sample(residual *r, const source *in, num x, num y, num k, num ends, num count)
{
  const num C = r->of.channels, at = (y * r->of.W + x) * C + k;
  const num W = near_at(r, x - 1, y, k), N = near_at(r, x, y - 1, k),
            NW = near_at(r, x - 1, y - 1, k), NE = near_at(r, x + 1, y - 1, k);
  const num a = k > 0 ? clipped(r->difference[at - 1]) : 0;
  const num b = k > 1 ? clipped(r->difference[at - 2]) : 0;
  const num place = 8 * ((y + r->of.y) % 8) + (x + r->of.x) % 8;
  const num cut = is_cut(r, (x + r->of.x % 8) / 8, (y + r->of.y % 8) / 8);
  const num busy = count < 4 ? count : least(2 + highest_bit(count), 15);
  const num all[6] = {a, b, W, N, NW, NE}, sides[3] = {W, N, a};
  const num around[5] = {W, N, NW, NE, k == 2 ? b : a};
  const num known[9] = {pk(all, 2),
                        pk(sides, 2),
                        pk(around, 5),
                        pk(all, 4),
                        pk(sides, 3) * 64 + place,
                        pk(all, 2) * 16 + busy,
                        pk(sides, 3) * 64 + ends,
                        pk(all, 6),
                        (place * 16 + busy) * 2 + cut};
  sample s = {.k = k, .sum = absolute(W) + absolute(N)};
  for (num i = 0; i < 9; i++)
    s.g[i] = h(h((uint64_t)(16 + 3 * i + k), (uint64_t)known[i]), (uint64_t)cut);
  r->difference[at] = get_difference(r, &s);
  r->made[at] += r->difference[at];
  if (r->made[at] < 0 || r->made[at] > 255)
    refuse(in, "a sample is out of range");
}

static void get_pixel(residual *r, const source *in, num x, num y, num *count)
{
  const num *made = r->made + (y * r->of.W + x) * r->of.channels;
  num ends = 0;
  for (num k = 0; k < r->of.channels; k++)
    ends = 4 * ends + (made[k] == 0) + 2 * (made[k] == 255);
  for (num k = 0; k < r->of.channels; k++) {
    get_sample(r, in, x, y, k, ends, *count);
    *count += r->difference[(y * r->of.W + x) * r->of.channels + k] != 0;
  }
}

static void get_rows(residual *r, const source *in, num j)
{
  num *count = room(in, r->blocks, sizeof *count);
  for (num i = 0; i < r->blocks; i++)
    get_flag(r, i, j);
  for (num y = most(8 * j - r->of.y % 8, 0); y < least(8 * j - r->of.y % 8 + 8, r->of.H); y++)
    for (num x = 0; x < r->of.W; x++) {
      const num i = (x + r->of.x % 8) / 8;
      if (flag_at(r, i, j))
        get_pixel(r, in, x, y, &count[i]);
    }
  free(count);
}

/* Adds the residual, all of `in`, to what the coefficients make. */
static void get_residual(const tables *t, const history *of, source in, num *made)
{
  residual *r = room(&in, 1, sizeof *r);
  const num rows = ceil_div(of->y % 8 + of->H, 8), samples = of->W * of->H * of->channels;
  r->of = *of;
  r->made = made;
  r->blocks = ceil_div(of->x % 8 + of->W, 8);
  r->difference = room(&in, samples, sizeof *r->difference);
  r->flag = room(&in, r->blocks * rows, sizeof *r->flag);
  idf_oracle_mixer_begin(&r->m, t, &in, clamp(highest_bit(samples) + 1, 12, 20));
  idf_oracle_weights_begin(r->flags, sizeof r->flags);
  idf_oracle_weights_begin(r->border, sizeof r->border);
  idf_oracle_weights_begin(&r->nodes[0][0], sizeof r->nodes);
  idf_oracle_weights_begin(&r->sums[0][0], sizeof r->sums);
  idf_oracle_curves_begin(&r->m, &r->flag_curve, sizeof r->flag_curve);
  idf_oracle_curves_begin(&r->m, r->node_curve, sizeof r->node_curve);
  idf_oracle_mixer_read(&r->m, in);
  for (num j = 0; j < rows; j++)
    get_rows(r, &in, j);
  idf_oracle_mixer_end(&r->m);
  free(r->difference);
  free(r->flag);
  free(r);
}

void idf_oracle_residual(const tables *t, num W, num H, source in, num *made)
{
  get_residual(t, &(history){.W = W, .H = H, .channels = 3, .residual = true}, in, made);
}

/* ======== The tile ======== */

static void get_coefs(const tables *t, jpeg *j, source *in)
{
  const num rows = ceil_div(512, 8 * j->v_most), bands = most(1, j->mcus_h / rows);
  for (num i = 0; i < bands; i++) {
    const num size = get_varint(in, left(in)), end = i + 1 < bands ? (i + 1) * rows : j->mcus_h;
    idf_oracle_coefs(t, j, i * rows, end - i * rows, 0, cut(in, size));
  }
}

void idf_oracle_history(const tables *t, source *in, num W, num H, num channels, num *const *out)
{
  history of;
  jpeg *j = picture(in, W, H, channels, &of);
  get_coefs(t, j, in);
  uint8_t *pixels = idf_oracle_recipe(j);
  num *made = room(in, W * H * channels, sizeof *made);
  for (num y = 0; y < H; y++)
    for (num i = 0; i < W * channels; i++)
      made[y * W * channels + i] = pixels[((of.y + y) * j->width + of.x) * channels + i];
  if (of.residual)
    get_residual(t, &of, *in, made);
  else if (left(in) > 0)
    refuse(in, "a history tile is too long");
  for (num i = 0; i < W * H; i++)
    for (num c = 0; c < channels; c++)
      out[c][i] = made[i * channels + c];
  free(made);
  free(pixels);
  idf_oracle_jpeg_free(j);
}

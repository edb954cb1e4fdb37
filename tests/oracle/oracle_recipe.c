/* SPDX-License-Identifier: BSD-3-Clause
 *
 * oracle_recipe.c: chapter 19 of idf(5): the pixels of a JPEG file from its coefficients.
 */
#include "oracle.h"

num idf_oracle_zigzag(num k)
{
  num row = 0, column = 0;
  for (; k > 0; k--) {
    const bool up = (row + column) % 2 == 0;
    if (up && column == 7)
      row++;
    else if (!up && row == 7)
      column++;
    else if (up && row == 0)
      column++;
    else if (!up && column == 0)
      row++;
    else {
      row += up ? -1 : 1;
      column += up ? 1 : -1;
    }
  }
  return 8 * row + column;
}

/* ======== 19.1 Blocks ======== */

/* One transform: eight frequencies to eight values, times 2^13. */
static void transform(num out[8], const num in[8])
{
  static const num even[4][4] = {{8192, 10703, 8192, 4433},
                                 {8192, 4433, -8192, -10704},
                                 {8192, -4433, -8192, 10704},
                                 {8192, -10703, 8192, -4433}};
  static const num odd[4][4] = {{11363, 9633, 6437, 2260},
                                {9633, -2259, -11362, -6436},
                                {6437, -11362, 2261, 9633},
                                {2260, -6436, 9633, -11363}};
  for (int n = 0; n < 4; n++) {
    num E = 0, O = 0;
    for (int i = 0; i < 4; i++) {
      E += even[n][i] * in[2 * i];
      O += odd[n][i] * in[2 * i + 1];
    }
    out[n] = E + O;
    out[7 - n] = E - O;
  }
}

/* Samples of a block, 8 rows of 8. */
static void samples(const source *in, const jpeg_component *c, const num *coef, num out[64])
{
  num F[64], half[64], line[8], result[8];
  for (num k = 0; k < 64; k++)
    F[idf_oracle_zigzag(k)] = coef[k] * c->step[k];
  for (int x = 0; x < 8; x++) {
    num sum = 0;
    for (int k = 0; k < 8; k++) {
      line[k] = F[8 * k + x];
      sum += line[k] < 0 ? -line[k] : line[k];
    }
    if (sum > 4095)
      refuse(in, "coefficients that no picture has");
    transform(result, line);
    for (int y = 0; y < 8; y++)
      half[8 * y + x] = nearest(result[y], 11);
  }
  for (int y = 0; y < 8; y++) {
    transform(result, half + 8 * y);
    for (int x = 0; x < 8; x++) {
      const num v = nearest(result[x], 18);
      if (v < -512 || v > 511)
        refuse(in, "a sample that no picture has");
      out[8 * y + x] = clamp(v + 128, 0, 255);
    }
  }
}

/* A component's samples; `columns` a row. */
static num *component(const source *in, const jpeg_component *c)
{
  const num columns = ceil_div(c->width, 8), rows = ceil_div(c->height, 8);
  num *out = room(in, 64 * columns * rows, sizeof *out), block[64];
  for (num y = 0; y < rows; y++)
    for (num x = 0; x < columns; x++) {
      samples(in, c, c->coef + 64 * (c->across * y + x), block);
      for (num i = 0; i < 64; i++)
        out[(8 * y + i / 8) * 8 * columns + 8 * x + i % 8] = block[i];
    }
  return out;
}

/* ======== 19.2 Components to the picture's size ======== */

typedef struct plane {
  num *sample, width, height, columns, across, down;
  bool repeat;
} plane;

/* The nearest sample to (x, y), which is at most one place outside. */
static num at(const plane *p, num x, num y)
{
  return p->sample[clamp(y, 0, p->height - 1) * p->columns + clamp(x, 0, p->width - 1)];
}

/* The picture's sample at (x, y). */
static num widened(const plane *p, num x, num y)
{
  const num i = x / p->across, j = y / p->down;
  const num di = x % 2 == 0 ? -1 : 1, dj = y % 2 == 0 ? -1 : 1;
  if (p->repeat)
    return at(p, i, j);
  if (p->across == 2 && p->down == 1 && p->width > 2)
    return (3 * at(p, i, j) + at(p, i + di, j) + (di < 0 ? 1 : 2)) >> 2;
  if (p->across == 1 && p->down == 2)
    return (3 * at(p, i, j) + at(p, i, j + dj) + (dj < 0 ? 1 : 2)) >> 2;
  if (p->across == 2 && p->down == 2 && p->width > 2) {
    const num near = 3 * at(p, i, j) + at(p, i, j + dj);
    const num beside = 3 * at(p, i + di, j) + at(p, i + di, j + dj);
    return (3 * near + beside + (di < 0 ? 8 : 7)) >> 4;
  }
  return at(p, i, j);
}

/* ======== 19.3 Colour ======== */

static bool has_chroma(const jpeg *j)
{
  if (j->components == 4)
    return j->adobe > 0;
  if (j->components != 3)
    return false;
  if (j->jfif || j->adobe >= 0)
    return j->jfif || j->adobe > 0;
  return j->component[0].id != 'R' || j->component[1].id != 'G' || j->component[2].id != 'B';
}

static void to_rgb(num *v)
{
  const num luma = v[0], u = v[1] - 128, w = v[2] - 128;
  v[0] = clamp(luma + ((91881 * w + 32768) >> 16), 0, 255);
  v[1] = clamp(luma + ((-22554 * u - 46802 * w + 32768) >> 16), 0, 255);
  v[2] = clamp(luma + ((116130 * u + 32768) >> 16), 0, 255);
}

uint8_t *idf_oracle_recipe(const jpeg *j)
{
  plane p[4];
  uint8_t *out = room(&j->name, j->width * j->height, (size_t)j->components);
  for (num c = 0; c < j->components; c++) {
    const jpeg_component *from = &j->component[c];
    if (j->h_most % from->h != 0 || j->v_most % from->v != 0)
      refuse(&j->name, "a sampling that has no pixels");
    p[c] = (plane){
        component(&j->name, from), from->width,         from->height, 8 * ceil_div(from->width, 8),
        j->h_most / from->h,       j->v_most / from->v, j->repeat};
  }
  for (num y = 0; y < j->height; y++)
    for (num x = 0; x < j->width; x++) {
      num v[4];
      for (num c = 0; c < j->components; c++)
        v[c] = widened(&p[c], x, y);
      if (has_chroma(j))
        to_rgb(v);
      for (num c = 0; c < j->components; c++)
        out[(y * j->width + x) * j->components + c] =
            (uint8_t)(has_chroma(j) && j->components == 4 && c < 3 ? 255 - v[c] : v[c]);
    }
  for (num c = 0; c < j->components; c++)
    free(p[c].sample);
  return out;
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * coefs_block.c: see coefs_block.h. What is done once for each block, in loops of constant length.
 *
 * All is integer; contexts need no exactness of a transform, only the same integers in both
 * directions.
 * idf(5), "COEFFICIENTS".
 */
#include "coefs_block.h"

#include <string.h>

const int16_t idf_coefs_border[8] = {2896, 4017, 3784, 3406, 2896, 2276, 1567, 799};

/* The basis function of frequency u at pixel x, Q13. */
static const int16_t basis[8][8] = {
    {2896, 2896, 2896, 2896, 2896, 2896, 2896, 2896},
    {4017, 3406, 2276, 799, -799, -2276, -3406, -4017},
    {3784, 1567, -1567, -3784, -3784, -1567, 1567, 3784},
    {3406, -799, -4017, -2276, 2276, 4017, 799, -3406},
    {2896, -2896, -2896, 2896, 2896, -2896, -2896, 2896},
    {2276, -4017, 799, 3406, -3406, -799, 4017, -2276},
    {1567, -3784, 3784, -1567, -1567, 3784, -3784, 1567},
    {799, -2276, 3406, -4017, 4017, -3406, 2276, -799},
};

#define MAGNITUDE_MOST 4000 /* eight of them are below 2^15 */

void idf_coefs_prepare(idf_coefs_work *work)
{
  const uint16_t *step = work->plane->step;
  for (unsigned i = 0; i < 64; i++) {
    const int32_t across = step[i] * idf_coefs_border[i & 7]; /* below 2^16 * 2^12 */
    const int32_t down = step[i] * idf_coefs_border[i >> 3];
    work->by_row[i] = (uint32_t)((UINT64_C(4) << 32) / (uint64_t)across);
    work->by_column[i] = (uint32_t)((UINT64_C(4) << 32) / (uint64_t)down);
    work->by_step[i] = (uint32_t)IDF_MIN((UINT64_C(2) << 32) / step[i], (uint64_t)UINT32_MAX);
    work->most[i] = (int16_t)(32767 / step[i]);
  }
}

static const int16_t no_block[64];
static const idf_coefs_note no_note;

static const idf_coefs_note *note_at(const idf_coefs_work *work, uint32_t x, uint32_t y)
{
  return &work->notes[(size_t)y * work->plane->across + x];
}

static int16_t *coef_at(const idf_coefs_work *work, uint32_t x, uint32_t y)
{
  return work->plane->coef + 64 * ((size_t)(work->first + y) * work->plane->across + x);
}

static void look_around(idf_coefs_site *s, const idf_coefs_work *work, uint32_t x, uint32_t y)
{
  const uint32_t across = work->plane->across;
  const bool w = x > 0, n = y > 0;

  s->has_w = w;
  s->has_n = n;
  s->w = w ? coef_at(work, x - 1, y) : no_block;
  s->n = n ? coef_at(work, x, y - 1) : no_block;
  s->nw = w && n ? coef_at(work, x - 1, y - 1) : no_block;
  s->ne = n && x + 1 < across ? coef_at(work, x + 1, y - 1) : no_block;
  s->ww = x > 1 ? coef_at(work, x - 2, y) : s->w;
  s->nn = y > 1 ? coef_at(work, x, y - 2) : s->n;
  s->note_w = w ? note_at(work, x - 1, y) : n ? note_at(work, x, y - 1) : &no_note;
  s->note_n = n ? note_at(work, x, y - 1) : s->note_w;
  s->note_nw = w && n ? note_at(work, x - 1, y - 1) : s->note_n;
  s->note_ne = n && x + 1 < across ? note_at(work, x + 1, y - 1) : s->note_n;
  s->edge = &work->edges[(y & 1) * (size_t)across + x];
  s->edge_w = s->edge - w;
  s->edge_n = &work->edges[((y & 1) ^ 1) * (size_t)across + x];
}

static int16_t magnitude_of(int16_t v)
{
  const int16_t m = (int16_t)(v < 0 ? -v : v);
  return m > MAGNITUDE_MOST ? MAGNITUDE_MOST : m;
}

void idf_coefs_sum_around(idf_coefs_site *s)
{
  const int16_t *w = s->w, *n = s->n, *nw = s->nw, *ne = s->ne, *ww = s->ww, *nn = s->nn;
  for (unsigned k = 0; k < 64; k++) {
    const int16_t near = (int16_t)(magnitude_of(w[k]) + magnitude_of(n[k]));
    const int16_t level = (int16_t)(2 * near + magnitude_of(nw[k]) + magnitude_of(ne[k]));
    s->level[k] = level;
    s->wide[k] = (int16_t)(level + magnitude_of(ww[k]) + magnitude_of(nn[k]));
  }
}

void idf_coefs_sum_before(idf_coefs_site *s)
{
  memset(s->luma_sum, 0, sizeof s->luma_sum);
  for (unsigned i = 0; i < s->luma_blocks; i++) {
    const int16_t *coef = s->lumas[i];
    for (unsigned k = 0; k < 64; k++) {
      const int16_t sum = (int16_t)(s->luma_sum[k] + magnitude_of(coef[k]));
      s->luma_sum[k] = sum > MAGNITUDE_MOST ? MAGNITUDE_MOST : sum;
    }
  }
}

/* Chroma knows luma, the third plane the second, a fourth (black, alpha) the first. */
static void look_before(idf_coefs_site *s, const idf_coefs_work *work, unsigned p, uint32_t x,
                        uint32_t y)
{
  const idf_coefs_work *first = &work[0], *own = &work[p];

  s->luma = s->other = no_block;
  s->other_note = &no_note;
  s->luma_count = 0;
  s->luma_blocks = 0;
  if (p == 0)
    return;
  const unsigned across = IDF_MAX(1, first->plane->h / own->plane->h);
  const unsigned down = IDF_MAX(1, first->plane->v / own->plane->v);
  for (unsigned j = 0; j < down; j++)
    for (unsigned i = 0; i < across; i++) {
      const uint32_t bx = x * across + i, by = y * down + j;
      if (bx >= first->plane->across || by >= first->rows)
        continue;
      s->lumas[s->luma_blocks++] = coef_at(first, bx, by);
      s->luma_count += note_at(first, bx, by)->count[IDF_COEFS_INNER];
    }
  if (s->luma_blocks == 1)
    s->luma = s->lumas[0];
  else if (s->luma_blocks > 1)
    s->luma_count /= s->luma_blocks;
  if (p == 2 && work[1].plane->across == own->plane->across && work[1].rows == own->rows) {
    s->other = coef_at(&work[1], x, y);
    s->other_note = note_at(&work[1], x, y);
  }
}

void idf_coefs_look(idf_coefs_site *s, const idf_coefs_work *work, unsigned p, uint32_t x,
                    uint32_t y)
{
  s->work = &work[p];
  look_around(s, s->work, x, y);
  look_before(s, work, p, x, y);
  s->sum = s->rows_used = 0;
  s->note = no_note;
  memset(s->edge, 0, sizeof *s->edge);
  memset(s->coef, 0, sizeof s->coef);
  memset(s->value, 0, sizeof s->value);
  memset(s->row, 0, sizeof s->row);
  memset(s->column, 0, sizeof s->column);
  memset(s->magnitude, 0, sizeof s->magnitude);
}

/* Sums of |basis| over frequencies are below 21700: 32 bits do. */
static void transform(idf_coefs_site *s)
{
  int32_t sum[8][8] = {{0}};

  for (unsigned u = 0; u < 8; u++) {
    if ((s->rows_used >> u & 1) == 0)
      continue;
    int32_t line[8] = {0};
    int16_t half[8]; /* vertical frequency u by column, Q5 */
    for (unsigned v = 0; v < 8; v++) {
      const int16_t value = s->value[8 * u + v];
      for (unsigned x = 0; x < 8; x++)
        line[x] += value * basis[v][x];
    }
    for (unsigned x = 0; x < 8; x++)
      half[x] = (int16_t)idf_clamp(line[x] >> 8, -32767, 32767);
    for (unsigned y = 0; y < 8; y++)
      for (unsigned x = 0; x < 8; x++)
        sum[y][x] += half[x] * basis[u][y];
  }
  for (unsigned y = 0; y < 8; y++)
    for (unsigned x = 0; x < 8; x++)
      s->pixel[y][x] = (int16_t)idf_clamp(sum[y][x] >> 14, -32767, 32767);
}

/* The line through the two pixels of each side is drawn on: a quarter of both slopes. */
static int32_t extend(int32_t far, int32_t near, int32_t first, int32_t second)
{
  return near + ((near - far + second - first) >> 2) - first;
}

/* Of 16 estimates. Ranks are counted: a sort has branches that none foresees. */
static void middle_of(const int32_t of[16], idf_coefs_estimate *e)
{
  int32_t key[16], rank[16] = {0}, mean = 0, spread = 0, range = 0;
  for (int32_t i = 0; i < 16; i++)
    key[i] = of[i] * 16 + i; /* no two the same */
  for (unsigned i = 0; i < 16; i++)
    for (unsigned k = 0; k < 16; k++)
      rank[k] += key[i] < key[k];
  for (unsigned k = 0; k < 16; k++) {
    mean += rank[k] >= 4 && rank[k] < 12 ? of[k] : 0;
    spread += rank[k] == 12 ? of[k] : rank[k] == 3 ? -of[k] : 0;
    range += rank[k] == 15 ? of[k] : rank[k] == 0 ? -of[k] : 0;
  }
  e->mean = mean >> 3;
  e->spread = spread;
  e->range = range;
}

idf_coefs_estimate idf_coefs_by_pixels(idf_coefs_site *s)
{
  idf_coefs_estimate e = {0};
  int32_t of[16] = {0}, sum_n = 0, sum_w = 0;

  transform(s);
  if (s->has_n)
    for (unsigned x = 0; x < 8; x++) {
      of[x] =
          extend(s->edge_n->pixel[1][x], s->edge_n->pixel[0][x], s->pixel[0][x], s->pixel[1][x]);
      sum_n += of[x];
    }
  if (s->has_w)
    for (unsigned y = 0; y < 8; y++) {
      of[8 + y] =
          extend(s->edge_w->pixel[3][y], s->edge_w->pixel[2][y], s->pixel[y][0], s->pixel[y][1]);
      sum_w += of[8 + y];
    }
  if (s->has_n && s->has_w) {
    middle_of(of, &e);
    e.by_n = sum_n >> 3;
    e.by_w = sum_w >> 3;
  } else if (s->has_n || s->has_w) {
    const int32_t *v = s->has_n ? of : of + 8;
    int32_t least = v[0], most = v[0];
    for (unsigned i = 1; i < 8; i++) {
      least = IDF_MIN(least, v[i]);
      most = IDF_MAX(most, v[i]);
    }
    e.mean = e.by_n = e.by_w = (sum_n + sum_w) >> 3;
    e.range = most - least;
    e.spread = e.range / 2;
  }
  return e;
}

static int16_t with_dc(int32_t pixel, int32_t add)
{
  return (int16_t)idf_clamp(pixel + add, -32767, 32767);
}

void idf_coefs_leave_pixels(const idf_coefs_site *s)
{
  const int32_t add = s->value[0] * 2; /* Q4 of value / 8 */
  for (unsigned i = 0; i < 8; i++) {
    s->edge->pixel[0][i] = with_dc(s->pixel[7][i], add);
    s->edge->pixel[1][i] = with_dc(s->pixel[6][i], add);
    s->edge->pixel[2][i] = with_dc(s->pixel[i][7], add);
    s->edge->pixel[3][i] = with_dc(s->pixel[i][6], add);
  }
}

/* At a border all cosines are 1 or -1: the mean along it is DC and, times the square root of 2,
 * which is 181 / 128, their sum. */
#define ROOT_2 181

idf_coefs_estimate idf_coefs_by_borders(idf_coefs_site *s)
{
  idf_coefs_estimate e = {0};
  int32_t row = 0, column = 0;

  for (unsigned k = 1; k < 8; k++) {
    row += s->value[k];
    column += s->value[8 * k];
  }
  if (s->has_w)
    e.by_w = (s->edge_w->dc_right - row * ROOT_2) >> 6;
  if (s->has_n)
    e.by_n = (s->edge_n->dc_below - column * ROOT_2) >> 6;
  if (!s->has_w)
    e.by_w = e.by_n;
  if (!s->has_n)
    e.by_n = e.by_w;
  e.mean = (e.by_w + e.by_n) >> 1;
  e.spread = e.range = e.by_w < e.by_n ? e.by_n - e.by_w : e.by_w - e.by_n;
  return e;
}

void idf_coefs_leave_borders(const idf_coefs_site *s)
{
  int32_t row = 0, column = 0;
  for (unsigned k = 1; k < 8; k++) {
    row += k & 1 ? -s->value[k] : s->value[k];
    column += k & 1 ? -s->value[8 * k] : s->value[8 * k];
  }
  s->edge->dc_right = s->value[0] * 128 + row * ROOT_2;
  s->edge->dc_below = s->value[0] * 128 + column * ROOT_2;
}

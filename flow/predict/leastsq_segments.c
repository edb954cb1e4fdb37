/* SPDX-License-Identifier: BSD-3-Clause
 *
 * leastsq_segments.c: feeds coded samples into the equations of leastsq.h, and distributes the
 * coefficients that come out.
 *
 * Strip a is segment a of a row, or its halves are segments 2 a and 2 a + 1. A slot of leastsq.h is
 * a lane.
 * idf(5), "LEAST SQUARES".
 */
#include "walk_state.h"

void idf_wave_place(idf_wave *w, int expert, unsigned p, int lane, const int16_t *coef)
{
  idf_pairs *to = w->coef[expert][p][lane / IDF_BLOCK];
  for (int i = 0; i < idf_regressors(p); i++)
    to[i / 2][lane % IDF_BLOCK][i % 2] = coef[i];
}

void idf_wave_row_solve(idf_wave *w, int lane)
{
  for (unsigned p = 0; p < w->planes; p++) {
    int16_t coef[IDF_LS_MAX];
    idf_ls_forget(&w->ls[p]);
    idf_ls_solve_wide(&w->ls[p], w->kernels, &w->batch->work, &w->solution[p][0][lane], IDF_SITES,
                      coef);
    idf_wave_place(w, IDF_WIDE, p, lane, coef);
  }
}

/* The lanes that are in some segment during a block of time; lane k is in row block / halves -
 * k. */
static void lanes_at(const idf_wave *w, int32_t block, int32_t *lo, int32_t *hi)
{
  const int32_t row = block / w->halves, height = (int32_t)w->shape->height;
  const int32_t from = block % w->halves * w->segment; /* first column of the segments */
  const int32_t most = ((int32_t)w->shape->width - from + w->sites.strip - 1) / w->sites.strip;
  *lo = row < height ? 0 : row - height + 1;
  *hi = IDF_MAX(*lo, IDF_MIN(row + 1, most));
}

/* Copies the coefficients of a block of lanes from the order of regressors to pairs. Lanes without
 * a segment get values that nothing reads. */
static void place_block(idf_wave *w, unsigned p, int block)
{
  const int16_t(*coef)[IDF_LS_SLOTS] = (const int16_t(*)[IDF_LS_SLOTS])w->batch->work.coef;
  for (int i = 0; i < idf_regressors(p); i += 2)
    idf_interleave(w->coef[IDF_LOCAL][p][block][i / 2], coef[i], coef[i + 1]);
}

void idf_wave_segments_start(idf_wave *w, int32_t block)
{
  int32_t lo, hi;
  lanes_at(w, block, &lo, &hi);
  for (int32_t group = lo / IDF_BLOCK * IDF_BLOCK; group < hi; group += IDF_BLOCK)
    for (unsigned p = 0; p < w->planes; p++) {
      idf_ls_solve_local(&w->ls[p], w->kernels, &w->batch->work, (unsigned)(block % w->halves),
                         (size_t)group, (unsigned)IDF_MAX(lo - group, 0),
                         (unsigned)IDF_MIN(hi - group, IDF_BLOCK), &w->solution[p][0][group],
                         IDF_SITES);
      place_block(w, p, group / IDF_BLOCK);
    }
}

/* For the times of a segment, from t on: the places of lane 0's neighbours, by row above and by
 * column from -4 on. */
#define IDF_BATCH_COLUMNS (IDF_SEGMENT + 8)

static void batch_places(const idf_field *f, int32_t t, int32_t columns,
                         ptrdiff_t at[4][IDF_BATCH_COLUMNS])
{
  const int32_t strip = f->strip, column = t % strip;
  for (int32_t dy = 0; dy < 4; dy++)
    for (int32_t c = 0; c < columns + 8; c++)
      at[dy][c] = idf_field_at(f, t + c - 4 - strip * dy, (column + c - 4 + strip) / strip - 1);
}

/* Fills plane p's rows of a batch for the segments that a block of lanes was in. */
static void batch_fill_narrow(idf_wave *w, unsigned p, int32_t group,
                              const ptrdiff_t at[4][IDF_BATCH_COLUMNS])
{
  const int16_t *s = w->field[p].low + group;
  const int own = idf_own_taps(p);
  int16_t mean[IDF_SEGMENT][IDF_BLOCK];
  for (int c = 0; c < w->segment; c++) {
    const int16_t *west = s + at[0][c + 3], *north = s + at[1][c + 4];
    const int16_t *ne = s + at[1][c + 5], *nw = s + at[1][c + 3];
    for (int k = 0; k < IDF_BLOCK; k++)
      mean[c][k] = (int16_t)((west[k] + north[k] + ne[k] + nw[k] + 2) >> 2);
  }
  for (int i = 0; i <= own; i++) {
    const int dx = i < own ? idf_taps_own[i][0] : 0;
    const int dy = i < own ? idf_taps_own[i][1] : 0;
    w->kernels->batch(s, w->segment, at[dy] + 4 + dx, (const int16_t(*)[IDF_BLOCK])mean, w->unit,
                      &w->batch->row[p][i]);
  }
}

static void batch_fill_wide(idf_wave *w, unsigned p, int32_t group,
                            const ptrdiff_t at[4][IDF_BATCH_COLUMNS])
{
  const int32_t *s = w->field[p].sample + group;
  const int own = idf_own_taps(p);
  for (int c = 0; c < w->segment; c++) {
    const int32_t *west = s + at[0][c + 3], *north = s + at[1][c + 4];
    const int32_t *ne = s + at[1][c + 5], *nw = s + at[1][c + 3];
    int32_t mean[IDF_BLOCK];
    for (int k = 0; k < IDF_BLOCK; k++)
      mean[k] = (west[k] + north[k] + ne[k] + nw[k] + 2) >> 2;
    for (int i = 0; i <= own; i++) {
      const int dx = i < own ? idf_taps_own[i][0] : 0;
      const int dy = i < own ? idf_taps_own[i][1] : 0;
      const int32_t *from = s + at[dy][c + 4 + dx];
      int16_t *out = w->batch->row[p][i][c / 2] + c % 2;
      for (int k = 0; k < IDF_BLOCK; k++)
        out[2 * k] =
            (int16_t)idf_clamp((from[k] - mean[k]) >> w->unit, -IDF_LS_CLAMP, IDF_LS_CLAMP);
    }
  }
}

/* Computes the weights of the same samples from the errors of plane p, for lanes [lo, hi). A row
 * may end within the last strip's segment. */
static void batch_weigh(idf_wave *w, unsigned p, int32_t t, int32_t group, int32_t lo, int32_t hi)
{
  const idf_field *f = &w->field[p];
  const int32_t width = (int32_t)w->shape->width, strip = w->sites.strip;
  for (int32_t c = 0; c < w->segment; c++) {
    const int16_t *error = f->error + idf_field_at(f, t + c, group);
    const int32_t inside = (width - (t + c) % strip + strip - 1) / strip;
    int16_t *out = w->batch->weight[c / 2] + c % 2;
    int16_t weight[IDF_BLOCK];
    for (int k = 0; k < IDF_BLOCK; k++)
      weight[k] = (int16_t)idf_ls_weight((uint32_t)error[k] >> IDF_Q_ERROR);
    for (int k = 0; k < IDF_BLOCK; k++)
      out[2 * k] = group + k >= lo && group + k < IDF_MIN(hi, inside) ? weight[k] : 0;
  }
}

/* The index of a cross tap among plane c's rows of a batch. */
static int batch_row_of(unsigned c, const int8_t tap[2])
{
  const int own = idf_own_taps(c);
  int i = 0;
  while (i < own && (idf_taps_own[i][0] != tap[0] || idf_taps_own[i][1] != tap[1]))
    i++;
  return i;
}

/* Adds the batch to the statistics of plane p. */
static void batch_fold(idf_wave *w, unsigned p, unsigned parity, int32_t group, int32_t lo,
                       int32_t hi)
{
  idf_batch *b = w->batch;
  idf_ls_block *d[IDF_LS_MAX];
  const int own = idf_own_taps(p);
  int n = 0;
  for (int i = 0; i < own; i++)
    d[n++] = &b->row[p][i];
  for (unsigned c = 0; c < p; c++)
    for (int i = 0; i < IDF_TAPS_CROSS; i++)
      d[n++] = &b->row[c][batch_row_of(c, idf_taps_cross[i])];
  d[n] = &b->row[p][own];
  idf_ls_fold(&w->ls[p], w->kernels, parity, (size_t)group, (unsigned)IDF_MAX(lo - group, 0),
              (unsigned)IDF_MIN(hi - group, IDF_BLOCK), d, &b->weight);
}

/* The last segment of a row may be narrower. It is added with the others, because nothing reads the
 * statistics before the next block. */
void idf_wave_segments_end(idf_wave *w, int32_t block)
{
  int32_t lo, hi;
  lanes_at(w, block, &lo, &hi);
  hi = IDF_MIN(hi, block / w->halves); /* above the first row, all samples are invented */
  ptrdiff_t at[4][IDF_BATCH_COLUMNS];
  batch_places(&w->field[0], block * w->segment, w->segment, at);
  for (int32_t group = lo / IDF_BLOCK * IDF_BLOCK; group < hi; group += IDF_BLOCK)
    for (unsigned p = 0; p < w->planes; p++) {
      if (w->narrow)
        batch_fill_narrow(w, p, group, (const ptrdiff_t(*)[IDF_BATCH_COLUMNS])at);
      else
        batch_fill_wide(w, p, group, (const ptrdiff_t(*)[IDF_BATCH_COLUMNS])at);
      batch_weigh(w, p, block * w->segment, group, lo, hi);
      batch_fold(w, p, (unsigned)(block % w->halves), group, lo, hi);
    }
  if (block % w->halves == w->halves - 1)
    for (unsigned p = 0; p < w->planes; p++)
      idf_ls_gather(&w->ls[p], w->kernels);
}

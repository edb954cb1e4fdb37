/* SPDX-License-Identifier: BSD-3-Clause
 *
 * linear.c: from neighbours to location and scale, by classes: linear.h.
 */
#include "linear.h"

#include "wave.h"

#define ERROR_MAX 8191

/* Around a pixel: cells of the window. */
enum {
  W = IDF_WINDOW_AT(-1, 0), WW = IDF_WINDOW_AT(-2, 0), N = IDF_WINDOW_AT(0, 1),
  NW = IDF_WINDOW_AT(-1, 1), NE = IDF_WINDOW_AT(1, 1), NN = IDF_WINDOW_AT(0, 2),
  NNE = IDF_WINDOW_AT(1, 2)
};

static inline int32_t size(int32_t v)
{
  return v < 0 ? -v : v;
}

/* How much neighbours differ along each axis, sample values. */
static void texture(const idf_wave *w, unsigned p, int block, int32_t across[IDF_BLOCK],
                    int32_t down[IDF_BLOCK])
{
  enum { CELLS = 7 };
  static const uint8_t cells[CELLS] = { W, WW, N, NW, NE, NN, NNE };
  const idf_field *f = &w->field[p];
  int32_t s[CELLS][IDF_BLOCK];
  for (int i = 0; i < CELLS; i++) {
    const ptrdiff_t at = w->near[cells[i]] + block * IDF_BLOCK;
    for (int k = 0; k < IDF_BLOCK; k++)
      s[i][k] = w->narrow ? f->low[at + k] : f->sample[at + k];
  }
  for (int k = 0; k < IDF_BLOCK; k++) {
    across[k] = size(s[0][k] - s[1][k]) + size(s[2][k] - s[3][k]) + size(s[2][k] - s[4][k]);
    down[k] = size(s[0][k] - s[3][k]) + size(s[2][k] - s[5][k]) + size(s[4][k] - s[6][k]);
  }
}

/* 8 bits of a plane's samples, more or less: one sum of 32 bits. */
static void predict_narrow(const idf_wave *w, unsigned p, int block,
                           const int32_t class[IDF_BLOCK], int32_t lo, int32_t hi, int32_t *mu)
{
  const int16_t *from[IDF_LINEAR_MAX];
  const int n = idf_linear_regressors(p);
  int32_t sum[IDF_BLOCK];
  for (int i = 0; i < n; i++) {
    int dx, dy;
    const unsigned plane = idf_linear_tap(p, i, &dx, &dy);
    from[i] = w->field[plane].low + w->near[IDF_WINDOW_AT(dx, dy)] + block * IDF_BLOCK;
  }
  /* |sum| <= 28 * 2^15 * 1022 < 2^31. */
  w->kernels->classed(n / 2, w->shape->linear->plane[p].coef, class, from, sum);
  for (int k = 0; k < IDF_BLOCK; k++)
    mu[k] = idf_clamp((sum[k] + 32) >> (IDF_Q_COEF - IDF_Q_MU), lo, hi);
}

static void predict_wide(const idf_wave *w, unsigned p, int block, const int32_t class[IDF_BLOCK],
                         int32_t lo, int32_t hi, int32_t *mu)
{
  int64_t sum[IDF_BLOCK] = { 0 };
  for (int i = 0; i < idf_linear_regressors(p); i++) {
    int dx, dy;
    const unsigned plane = idf_linear_tap(p, i, &dx, &dy);
    const int32_t *s = w->field[plane].sample + w->near[IDF_WINDOW_AT(dx, dy)] + block * IDF_BLOCK;
    const idf_pairs *coef = &w->shape->linear->plane[p].coef[i / 2];
    for (int k = 0; k < IDF_BLOCK; k++)
      sum[k] += (int64_t)(*coef)[class[k]][i % 2] * s[k];
  }
  for (int k = 0; k < IDF_BLOCK; k++) {
    const int64_t v = (sum[k] + 32) >> (IDF_Q_COEF - IDF_Q_MU);
    mu[k] = (int32_t)(v < lo ? lo : v > hi ? hi : v);
  }
}

void idf_wave_linear(idf_wave *w, unsigned p, int block)
{
  idf_sites *s = &w->sites;
  const idf_linear_plane *l = &w->shape->linear->plane[p];
  const int from = block * IDF_BLOCK, unit = (int)w->unit;
  const int16_t *e = w->field[p].error + from;
  const int16_t *west = e + w->near[W], *north = e + w->near[N], *nw = e + w->near[NW];
  const int16_t *ne = e + w->near[NE], *ww = e + w->near[WW], *nn = e + w->near[NN];
  const int16_t *weight = l->weight;
  const int32_t lo = s->min * (1 << IDF_Q_MU), hi = s->max * (1 << IDF_Q_MU);
  int16_t (*missed)[IDF_BLOCK] = w->seen[block].missed;
  int32_t across[IDF_BLOCK], down[IDF_BLOCK], activity[IDF_BLOCK], class[IDF_BLOCK];
  int32_t level[IDF_BLOCK];
  if (w->narrow && w->kernels->linear != NULL) {
    idf_linear_view view = { .linear = l, .plane = p, .unit = w->unit, .lo = lo, .hi = hi,
                             .near = w->near, .error = e,
                             .missed = (const int16_t (*)[IDF_BLOCK])missed };
    for (unsigned q = 0; q <= p; q++)
      view.low[q] = w->field[q].low + from;
    w->kernels->linear(&view, s->mu + from, s->scale + from);
    return;
  }
  texture(w, p, block, across, down);
  for (int k = 0; k < IDF_BLOCK; k++)
    activity[k] = (across[k] + down[k]) >> unit;
  for (unsigned q = 0; q < p; q++)
    for (int k = 0; k < IDF_BLOCK; k++)
      activity[k] += missed[q][k] >> 3;
  for (int k = 0; k < IDF_BLOCK; k++)
    class[k] = across[k] > down[k];
  for (int i = 0; i < IDF_LINEAR_THRESHOLDS; i++)
    for (int k = 0; k < IDF_BLOCK; k++)
      class[k] += activity[k] >= l->threshold[i] ? 2 : 0;
  if (w->narrow)
    predict_narrow(w, p, block, class, lo, hi, s->mu + from);
  else
    predict_wide(w, p, block, class, lo, hi, s->mu + from);
  /* 11 weights of 8 bits times 13: below 2^25. */
  for (int k = 0; k < IDF_BLOCK; k++) {
    const int32_t x = IDF_MIN((across[k] >> unit) * (1 << IDF_Q_ERROR), ERROR_MAX);
    const int32_t y = IDF_MIN((down[k] >> unit) * (1 << IDF_Q_ERROR), ERROR_MAX);
    level[k] = weight[0] * west[k] + weight[1] * north[k] + weight[2] * nw[k] + weight[3] * ne[k]
               + weight[4] * ww[k] + weight[5] * nn[k] + weight[6] * x + weight[7] * y
               + weight[8 + p] * (1 << IDF_Q_ERROR);
  }
  for (unsigned q = 0; q < p; q++)
    for (int k = 0; k < IDF_BLOCK; k++)
      level[k] += weight[8 + q] * missed[q][k];
  for (int k = 0; k < IDF_BLOCK; k++)
    level[k] = idf_clamp(level[k] >> IDF_Q_ERROR, IDF_LINEAR_LEVEL_MIN, IDF_LINEAR_LEVEL_MAX);
  for (int k = 0; k < IDF_BLOCK; k++) {
    const int32_t eighths = idf_linear_eighths(level[k]);
    const int32_t scale = IDF_SCALE_ONE - 32 + 8 * unit + eighths + l->adjust[eighths >> 1];
    s->scale[from + k] = idf_clamp(scale, 0, IDF_SCALES - 1);
  }
}

void idf_wave_linear_settle(idf_wave *w, unsigned p, int block)
{
  const idf_sites *s = &w->sites;
  idf_field *f = &w->field[p];
  const int from = block * IDF_BLOCK, fine = IDF_Q_MU - IDF_Q_ERROR + (int)w->unit;
  const ptrdiff_t at = idf_field_at(f, w->t, from);
  int16_t *missed = w->seen[block].missed[p];
  for (int k = 0; k < IDF_BLOCK; k++) {
    const int32_t d = s->sample[from + k] * (1 << IDF_Q_MU) - s->mu[from + k];
    missed[k] = (int16_t)IDF_MIN(size(d) >> fine, ERROR_MAX);
  }
  for (int k = 0; k < IDF_BLOCK; k++) {
    const int32_t live = s->live[from + k];
    f->error[at + k] = (int16_t)((missed[k] & live) | (IDF_FIELD_ERROR & ~live));
  }
  if (w->narrow)
    for (int k = 0; k < IDF_BLOCK; k++)
      f->low[at + k] = (int16_t)s->sample[from + k];
  else
    for (int k = 0; k < IDF_BLOCK; k++)
      f->sample[at + k] = s->sample[from + k];
}

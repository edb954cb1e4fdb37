/* SPDX-License-Identifier: BSD-3-Clause
 *
 * linear.c: computes location and scale from neighbours, by classes (linear.h).
 * idf(5), "LEAST SQUARES".
 */
#include "linear.h"

#include "predictor.h"

/* Neighbours of a pixel, as cells of the window. */
enum {
  W = IDF_WINDOW_AT(-1, 0),
  WW = IDF_WINDOW_AT(-2, 0),
  N = IDF_WINDOW_AT(0, 1),
  NW = IDF_WINDOW_AT(-1, 1),
  NE = IDF_WINDOW_AT(1, 1),
  NN = IDF_WINDOW_AT(0, 2),
  NNE = IDF_WINDOW_AT(1, 2)
};

/* The differences of neighbours along each axis, in sample values. */
static void differences(const idf_linear_view *v, int32_t across[IDF_BLOCK],
                        int32_t down[IDF_BLOCK])
{
  enum { CELLS = 7 };
  static const uint8_t cells[CELLS] = {W, WW, N, NW, NE, NN, NNE};
  const unsigned p = v->plane;
  int32_t s[CELLS][IDF_BLOCK];
  for (int i = 0; i < CELLS; i++)
    for (int k = 0; k < IDF_BLOCK; k++)
      s[i][k] = v->low[p] != NULL ? v->low[p][v->near[cells[i]] + k]
                                  : v->sample[p][v->near[cells[i]] + k];
  for (int k = 0; k < IDF_BLOCK; k++) {
    across[k] =
        idf_abs(s[0][k] - s[1][k]) + idf_abs(s[2][k] - s[3][k]) + idf_abs(s[2][k] - s[4][k]);
    down[k] = idf_abs(s[0][k] - s[3][k]) + idf_abs(s[2][k] - s[5][k]) + idf_abs(s[4][k] - s[6][k]);
  }
}

/* For samples in 16 bits, whose differences are small: one sum of 32 bits. */
static void predict_narrow(const idf_kernels *kernels, const idf_linear_view *v,
                           const int32_t class[IDF_BLOCK], int32_t mu[IDF_BLOCK])
{
  const int16_t *from[IDF_LINEAR_MAX];
  const int n = idf_linear_regressors(v->plane);
  int32_t sum[IDF_BLOCK];
  for (int i = 0; i < n; i++) {
    int dx, dy;
    const unsigned plane = idf_linear_tap(v->plane, i, &dx, &dy);
    from[i] = v->low[plane] + v->near[IDF_WINDOW_AT(dx, dy)];
  }
  /* |sum| <= 28 * 2^15 * 1022 < 2^31. */
  kernels->classed(n / 2, v->linear->coef, class, from, sum);
  for (int k = 0; k < IDF_BLOCK; k++)
    mu[k] = idf_clamp((sum[k] + 32) >> (IDF_Q_COEF - IDF_Q_MU), v->lo, v->hi);
}

static void predict_wide(const idf_linear_view *v, const int32_t class[IDF_BLOCK],
                         int32_t mu[IDF_BLOCK])
{
  int64_t sum[IDF_BLOCK] = {0};
  for (int i = 0; i < idf_linear_regressors(v->plane); i++) {
    int dx, dy;
    const unsigned plane = idf_linear_tap(v->plane, i, &dx, &dy);
    const int32_t *s = v->sample[plane] + v->near[IDF_WINDOW_AT(dx, dy)];
    const idf_pairs *coef = &v->linear->coef[i / 2];
    for (int k = 0; k < IDF_BLOCK; k++)
      sum[k] += (int64_t)(*coef)[class[k]][i % 2] * s[k];
  }
  for (int k = 0; k < IDF_BLOCK; k++) {
    const int64_t m = (sum[k] + 32) >> (IDF_Q_COEF - IDF_Q_MU);
    mu[k] = (int32_t)(m < v->lo ? v->lo : m > v->hi ? v->hi : m);
  }
}

/* The view of block i. */
static idf_linear_view at(const idf_linear_view *view, int i)
{
  idf_linear_view v = *view;
  for (unsigned q = 0; q <= v.plane; q++) {
    if (v.low[q])
      v.low[q] += i * IDF_BLOCK;
    else
      v.sample[q] += i * IDF_BLOCK;
    if (q < v.plane)
      v.missed[q] += i * IDF_BLOCK;
  }
  v.error += i * IDF_BLOCK;
  return v;
}

static void locate(const idf_kernels *kernels, const idf_linear_view *v, int32_t mu[IDF_BLOCK],
                   idf_linear_texture texture)
{
  int32_t across[IDF_BLOCK], down[IDF_BLOCK], activity[IDF_BLOCK], class[IDF_BLOCK];
  differences(v, across, down);
  for (int k = 0; k < IDF_BLOCK; k++) {
    const int32_t x = (across[k] >> v->unit) * (1 << IDF_Q_ERROR);
    const int32_t y = (down[k] >> v->unit) * (1 << IDF_Q_ERROR);
    texture[0][k] = (int16_t)IDF_MIN(x, IDF_LINEAR_ERROR_MAX);
    texture[1][k] = (int16_t)IDF_MIN(y, IDF_LINEAR_ERROR_MAX);
    activity[k] = (across[k] + down[k]) >> v->unit;
    class[k] = across[k] > down[k];
  }
  for (unsigned q = 0; q < v->plane; q++)
    for (int k = 0; k < IDF_BLOCK; k++)
      activity[k] += v->missed[q][k] >> 3;
  for (int i = 0; i < IDF_LINEAR_THRESHOLDS; i++)
    for (int k = 0; k < IDF_BLOCK; k++)
      class[k] += activity[k] >= v->linear->threshold[i] ? 2 : 0;
  if (v->low[0])
    predict_narrow(kernels, v, class, mu);
  else
    predict_wide(v, class, mu);
}

static void scale_of_block(const idf_linear_view *v, const idf_linear_texture texture,
                           int32_t scale[IDF_BLOCK])
{
  const unsigned p = v->plane;
  const int16_t *weight = v->linear->weight;
  const int16_t *west = v->error + v->near[W], *north = v->error + v->near[N];
  const int16_t *nw = v->error + v->near[NW], *ne = v->error + v->near[NE];
  const int16_t *ww = v->error + v->near[WW], *nn = v->error + v->near[NN];
  int32_t level[IDF_BLOCK];
  /* 11 weights of 8 bits times 13: below 2^25. */
  for (int k = 0; k < IDF_BLOCK; k++)
    level[k] = weight[0] * west[k] + weight[1] * north[k] + weight[2] * nw[k] + weight[3] * ne[k]
               + weight[4] * ww[k] + weight[5] * nn[k] + weight[6] * texture[0][k]
               + weight[7] * texture[1][k] + weight[8 + p] * (1 << IDF_Q_ERROR);
  for (unsigned q = 0; q < p; q++)
    for (int k = 0; k < IDF_BLOCK; k++)
      level[k] += weight[8 + q] * v->missed[q][k];
  for (int k = 0; k < IDF_BLOCK; k++)
    level[k] = idf_clamp(level[k] >> IDF_Q_ERROR, IDF_LINEAR_LEVEL_MIN, IDF_LINEAR_LEVEL_MAX);
  for (int k = 0; k < IDF_BLOCK; k++) {
    const int32_t eighths = idf_linear_eighths(level[k]);
    const int32_t s =
        IDF_SCALE_ONE - 32 + 8 * (int32_t)v->unit + eighths + v->linear->adjust[eighths >> 1];
    scale[k] = idf_clamp(s, 0, IDF_SCALES - 1);
  }
}

void idf_linear_locate(const idf_kernels *kernels, const idf_linear_view *view, int blocks,
                       int32_t *mu, idf_linear_texture *texture)
{
  if (view->low[0] && kernels->linear_locate) {
    kernels->linear_locate(view, blocks, mu, texture);
    return;
  }
  for (int i = 0; i < blocks; i++) {
    const idf_linear_view v = at(view, i);
    locate(kernels, &v, mu + i * IDF_BLOCK, texture[i]);
  }
}

void idf_linear_spread(const idf_kernels *kernels, const idf_linear_view *view, int blocks,
                       const idf_linear_texture *texture, int32_t *scale)
{
  if (kernels->linear_spread) {
    kernels->linear_spread(view, blocks, texture, scale);
    return;
  }
  for (int i = 0; i < blocks; i++) {
    const idf_linear_view v = at(view, i);
    scale_of_block(&v, texture[i], scale + i * IDF_BLOCK);
  }
}

void idf_wave_linear(idf_wave *w, unsigned p, int block)
{
  idf_sites *s = &w->sites;
  const int from = block * IDF_BLOCK;
  idf_linear_view view = {.linear = &w->linear->plane[p],
                          .plane = p,
                          .unit = w->unit,
                          .lo = s->min * (1 << IDF_Q_MU),
                          .hi = s->max * (1 << IDF_Q_MU),
                          .near = w->near,
                          .error = w->field[p].error + from};
  idf_linear_texture texture;
  for (unsigned q = 0; q <= p; q++) {
    if (w->narrow)
      view.low[q] = w->field[q].low + from;
    else
      view.sample[q] = w->field[q].sample + from;
    view.missed[q] = w->seen[block].missed[q];
  }
  idf_linear_locate(w->kernels, &view, 1, s->mu + from, &texture);
  idf_linear_spread(w->kernels, &view, 1, (const idf_linear_texture *)&texture, s->scale + from);
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
    missed[k] = (int16_t)IDF_MIN(idf_abs(d) >> fine, IDF_LINEAR_ERROR_MAX);
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

const idf_predictor idf_linear_predictor = {
    .propose = idf_wave_linear,
    .settle = idf_wave_linear_settle,
};

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * inputs.c: turns neighbours into regressors, predictions and the network's inputs.
 *
 * The cells of a window are rows of lanes in a field (field.h), so all of this is arithmetic on
 * whole rows.
 * idf(5), "LEAST SQUARES" and idf(5), "NETWORK".
 */
#include "walk_state.h"

/* Neighbours of a pixel, as cells of the window. */
enum {
  W = IDF_WINDOW_AT(-1, 0),
  WW = IDF_WINDOW_AT(-2, 0),
  N = IDF_WINDOW_AT(0, 1),
  NW = IDF_WINDOW_AT(-1, 1),
  NE = IDF_WINDOW_AT(1, 1),
  NN = IDF_WINDOW_AT(0, 2)
};

static inline int cell_of(const int8_t tap[2])
{
  return IDF_WINDOW_AT(tap[0], tap[1]);
}

/* Computes means, regressors, and the taps as the network sees them, for samples that fit 16
 * bits. */
static void look_narrow(idf_wave *w, unsigned p, int block)
{
  idf_seen *seen = &w->seen[block];
  const int16_t *s = w->field[p].low + block * IDF_BLOCK;
  const ptrdiff_t *near = w->near;
  const int16_t *west = s + near[W], *north = s + near[N], *ne = s + near[NE], *nw = s + near[NW];
  int16_t mean[IDF_BLOCK], (*d)[IDF_BLOCK] = seen->d[p];
  for (int k = 0; k < IDF_BLOCK; k++)
    mean[k] = (int16_t)((west[k] + north[k] + ne[k] + nw[k] + 2) >> 2);
  for (int k = 0; k < IDF_BLOCK; k++)
    seen->mean[p][k] = mean[k];
  w->kernels->show(s, near, mean, w->unit, d, seen->trunk_in + (int)p * IDF_TAPS / 2);
  for (int i = 0; i < idf_own_taps(p) / 2; i++)
    idf_interleave(seen->own[p][i], d[cell_of(idf_taps_own[2 * i])],
                   d[cell_of(idf_taps_own[2 * i + 1])]);
}

static void look_wide(idf_wave *w, unsigned p, int block)
{
  idf_seen *seen = &w->seen[block];
  const int32_t *s = w->field[p].sample + block * IDF_BLOCK;
  const ptrdiff_t *near = w->near;
  int32_t *mean = seen->mean[p];
  for (int k = 0; k < IDF_BLOCK; k++)
    mean[k] = (s[near[W] + k] + s[near[N] + k] + s[near[NE] + k] + s[near[NW] + k] + 2) >> 2;
  for (int i = 0; i < IDF_TAPS; i++) {
    const int cell = cell_of(idf_taps[i]);
    int16_t(*shown)[2] = seen->trunk_in[((int)p * IDF_TAPS + i) / 2];
    for (int k = 0; k < IDF_BLOCK; k++) {
      const int32_t d = s[near[cell] + k] - mean[k];
      seen->d32[p][cell][k] = d;
      shown[k][i % 2] = (int16_t)idf_compress(d >> w->unit);
    }
  }
}

/* Computes the errors nearby, and their level: the absolute errors of six neighbours with the
 * weights 4 4 2 2 2 2, over 16, plus 1. */
static void look_errors(idf_wave *w, unsigned p, int block)
{
  static const uint8_t cells[IDF_TAPS_ERROR] = {
      WW, W, NW - 1, NW, N, NE, NE + 1, NN - 1, NN, NN + 1,
  };
  idf_seen *seen = &w->seen[block];
  const idf_field *f = &w->field[p];
  const ptrdiff_t first = block * IDF_BLOCK, *near = w->near;
  const int16_t *code = f->code + first, *sign = f->sign + first, *e = f->error + first;
  for (int i = 0; i < IDF_TAPS_ERROR; i += 2)
    idf_interleave(seen->trunk_in[(IDF_IN_ERROR(w->shown) + (int)p * IDF_TAPS_ERROR + i) / 2],
                   code + near[cells[i]], code + near[cells[i + 1]]);
  idf_interleave(seen->trunk_in[IDF_IN_SIGN(w->shown) / 2 + (int)p], sign + near[W],
                 sign + near[N]);
  const int16_t *west = e + near[W], *north = e + near[N], *nw = e + near[NW];
  const int16_t *ne = e + near[NE], *ww = e + near[WW], *nn = e + near[NN];
  for (int k = 0; k < IDF_BLOCK; k++) {
    const int32_t sum = 4 * (west[k] + north[k]) + 2 * (nw[k] + ne[k] + ww[k] + nn[k]);
    seen->level[p][k] = (sum >> 4) + 1;
  }
}

/* Computes the inputs that only the network for one plane has. They follow the error level: more of
 * the window, and errors that are further away. */
static void look_further(idf_wave *w, int block, const int32_t level[IDF_BLOCK])
{
#define AT(dx, dy) IDF_WINDOW_AT(dx, dy)
  enum { CELLS = 6, CODES = 16, SIGNS = 16 };
  static const uint8_t cells[CELLS] = {AT(-4, 0), AT(-4, 1), AT(-4, 2),
                                       AT(-4, 3), AT(-3, 3), AT(3, 3)};
  static const uint8_t codes[CODES] = {
      AT(-4, 0), AT(-3, 0), AT(-4, 1), AT(-3, 1), AT(3, 1), AT(-3, 2), AT(-2, 2), AT(2, 2),
      AT(3, 2),  AT(-3, 3), AT(-2, 3), AT(-1, 3), AT(0, 3), AT(1, 3),  AT(2, 3),  AT(3, 3)};
  static const uint8_t signs[SIGNS] = {
      AT(-3, 0), AT(-2, 0), AT(-3, 1), AT(-2, 1), AT(-1, 1), AT(1, 1),  AT(2, 1), AT(3, 1),
      AT(-2, 2), AT(-1, 2), AT(0, 2),  AT(1, 2),  AT(2, 2),  AT(-1, 3), AT(0, 3), AT(1, 3)};
#undef AT
  idf_seen *seen = &w->seen[block];
  const idf_field *f = &w->field[0];
  const ptrdiff_t first = block * IDF_BLOCK, *near = w->near;
  /* The level, the further inputs, and a 0 that fills the last pair. */
  int16_t own[1 + CELLS][IDF_BLOCK], none[IDF_BLOCK] = {0};
  const int16_t *from[1 + IDF_FURTHER + 1], **to = from;
  for (int k = 0; k < IDF_BLOCK; k++)
    own[0][k] = (int16_t)level[k];
  *to++ = own[0];
  for (int i = 0; i < CELLS; i++) {
    const ptrdiff_t at = first + near[cells[i]];
    int32_t sample[IDF_BLOCK];
    for (int k = 0; k < IDF_BLOCK; k++)
      sample[k] = w->narrow ? f->low[at + k] : f->sample[at + k];
    for (int k = 0; k < IDF_BLOCK; k++)
      own[1 + i][k] = (int16_t)idf_compress((sample[k] - seen->mean[0][k]) >> w->unit);
    *to++ = own[1 + i];
  }
  for (int i = 0; i < CODES; i++)
    *to++ = f->code + first + near[codes[i]];
  for (int i = 0; i < SIGNS; i++)
    *to++ = f->sign + first + near[signs[i]];
  *to = none;
  for (int i = 0; i < 1 + IDF_FURTHER; i += 2)
    idf_interleave(seen->trunk_in[(IDF_IN_LEVEL(1) + i) / 2], from[i], from[i + 1]);
}

void idf_wave_look(idf_wave *w, int block)
{
  idf_seen *seen = &w->seen[block];
  /* 9 log2 of error levels, 1 to 8192: the measure in which the network sees them. */
  int32_t code[IDF_FLOW_PLANES + 1][IDF_BLOCK] = {{0}};
  for (unsigned p = 0; p < w->planes; p++) {
    if (w->narrow)
      look_narrow(w, p, block);
    else
      look_wide(w, p, block);
    look_errors(w, p, block);
    idf_sites_log2(seen->level[p], seen->octaves[p]);
    for (int k = 0; k < IDF_BLOCK; k++)
      code[p][k] = (seen->octaves[p][k] * 9) >> 8;
  }
  if (w->shown == 1) {
    look_further(w, block, code[0]);
    return;
  }
  idf_interleave32(seen->trunk_in[IDF_IN_LEVEL(3) / 2], code[0], code[1]);
  idf_interleave32(seen->trunk_in[IDF_IN_LEVEL(3) / 2 + 1], code[2], code[3]);
}

/* The prediction of an expert for plane p, Q6: mean + coef . regressors, clamped to the plane's
 * range. */
static void expert_prediction(const idf_wave *w, unsigned p, int expert, int block, int32_t *out)
{
  const idf_seen *seen = &w->seen[block];
  const idf_pairs *coef = w->coef[expert][p][block];
  const int own = idf_own_taps(p);
  const int32_t lo = w->shape->min[p] * (1 << IDF_Q_MU), hi = w->shape->max[p] * (1 << IDF_Q_MU);
  if (w->narrow) {
    /* |sum| <= 28 * 2^15 * 1022 < 2^31. */
    int32_t sum[IDF_BLOCK] = {0};
    w->kernels->dot(own / 2, coef, seen->own[p], sum);
    if (p > 0)
      w->kernels->dot((int)p * IDF_PAIRS_CROSS, coef + own / 2, seen->cross[0], sum);
    for (int k = 0; k < IDF_BLOCK; k++) {
      int32_t v = seen->mean[p][k] * (1 << IDF_Q_MU) + (sum[k] >> (IDF_Q_COEF - IDF_Q_MU));
      out[k] = idf_clamp(v, lo, hi);
    }
    return;
  }
  int64_t sum[IDF_BLOCK] = {0};
  for (int i = 0; i < idf_regressors(p); i++) {
    const int cross = i - own;
    const int32_t *x =
        cross < 0
            ? seen->d32[p][cell_of(idf_taps_own[i])]
            : seen->d32[cross / IDF_TAPS_CROSS][cell_of(idf_taps_cross[cross % IDF_TAPS_CROSS])];
    for (int k = 0; k < IDF_BLOCK; k++)
      sum[k] += (int64_t)coef[i / 2][k][i % 2] * x[k];
  }
  for (int k = 0; k < IDF_BLOCK; k++) {
    int64_t v = seen->mean[p][k] * (1 << IDF_Q_MU) + (sum[k] >> (IDF_Q_COEF - IDF_Q_MU));
    out[k] = (int32_t)(v < lo ? lo : v > hi ? hi : v);
  }
}

/* 2, 0 or 1: the error was clearly positive, clearly negative, or neither. */
static inline int32_t side(int32_t error)
{
  return error > 6 ? 2 : error < -6 ? 0 : 1;
}

void idf_wave_predict(idf_wave *w, unsigned p, int block)
{
  idf_sites *s = &w->sites;
  const idf_seen *seen = &w->seen[block];
  const int from = block * IDF_BLOCK;
  const int16_t *west = w->field[p].sign + from + w->near[W];
  const int16_t *north = w->field[p].sign + from + w->near[N];
  int32_t signs[IDF_BLOCK];
  expert_prediction(w, p, IDF_LOCAL, block, s->local + from);
  expert_prediction(w, p, IDF_WIDE, block, s->wide + from);
  memcpy(s->level + from, seen->level[p], sizeof seen->level[p]);
  memcpy(s->mean + from, seen->mean[p], sizeof seen->mean[p]);
  memcpy(s->octaves + from, seen->octaves[p], sizeof seen->octaves[p]);
  for (int k = 0; k < IDF_BLOCK; k++)
    signs[k] = side(west[k]) * 3 + side(north[k]);
  if (p > 0) /* s->miss is still that of the plane before */
    for (int k = 0; k < IDF_BLOCK; k++)
      signs[k] += 9 * side(s->miss[from + k]);
  memcpy(s->signs + from, signs, sizeof signs);
  if (s->blocks)
    for (int k = 0; k < IDF_BLOCK; k++)
      s->cell[from + k] = ((s->row - from - k) & 7) * 8 + (s->column & 7);
}

void idf_wave_look_back(idf_wave *w, unsigned p, int block)
{
  enum { SELF = IDF_WINDOW_AT(0, 0) };
  idf_seen *seen = &w->seen[block];
  const int32_t *sample = w->sites.sample + block * IDF_BLOCK, *mean = seen->mean[p];
  if (!w->narrow) {
    for (int k = 0; k < IDF_BLOCK; k++)
      seen->d32[p][SELF][k] = sample[k] - mean[k];
    return;
  }
  const int16_t(*d)[IDF_BLOCK] = (const int16_t(*)[IDF_BLOCK])seen->d[p];
  for (int k = 0; k < IDF_BLOCK; k++)
    seen->d[p][SELF][k] = (int16_t)(sample[k] - mean[k]);
  for (int i = 0; i < IDF_TAPS_CROSS; i += 2)
    idf_interleave(seen->cross[p][i / 2], d[cell_of(idf_taps_cross[i])],
                   d[cell_of(idf_taps_cross[i + 1])]);
}

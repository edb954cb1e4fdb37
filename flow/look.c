/* SPDX-License-Identifier: BSD-3-Clause
 *
 * look.c: from neighbours to regressors, predictions and the network's inputs.
 *
 * A window's cells are rows of lanes in a field (field.h), so all of it is arithmetic on
 * whole rows.
 */
#include "wave.h"

/* Around a pixel: cells of the window. */
enum {
  W = IDF_WINDOW_AT(-1, 0), WW = IDF_WINDOW_AT(-2, 0), N = IDF_WINDOW_AT(0, 1),
  NW = IDF_WINDOW_AT(-1, 1), NE = IDF_WINDOW_AT(1, 1), NN = IDF_WINDOW_AT(0, 2)
};

static inline int cell_of(const int8_t tap[2])
{
  return IDF_WINDOW_AT(tap[0], tap[1]);
}

/* idf_compress, for the whole block in 16-bit steps: |d| < 2^15 - 512. */
static inline int16_t clamp16(int16_t v, int16_t k)
{
  int16_t a = v < (int16_t)-k ? (int16_t)-k : v;
  return a > k ? k : a;
}

static inline void compress(const int16_t *restrict d, int16_t *restrict out)
{
  for (int i = 0; i < IDF_BLOCK; i++) {
    int16_t v = clamp16(d[i], 512), a = clamp16(v, 128);
    int16_t b = clamp16(v, 32), c = clamp16(v, 8), e = clamp16(v, 2);
    out[i] = (int16_t)((int16_t)(v + 3 * a + 11 * b + 36 * c + 100 * e + 8) >> 4);
  }
}

/* Means, regressors and the taps as the network sees them, of samples that fit 16 bits. */
static void look_narrow(idf_wave *w, unsigned p, int block)
{
  idf_seen *seen = &w->seen[block];
  const int16_t *s = w->field[p].low + block * IDF_BLOCK;
  const ptrdiff_t *near = w->near;
  const unsigned unit = w->unit;
  int16_t mean[IDF_BLOCK], d[IDF_WINDOW][IDF_BLOCK];
  for (int k = 0; k < IDF_BLOCK; k++) {
    const int32_t sum = s[near[W] + k] + s[near[N] + k] + s[near[NE] + k] + s[near[NW] + k];
    seen->mean[p][k] = (sum + 2) >> 2;
    mean[k] = (int16_t)seen->mean[p][k];
  }
  for (int i = 0; i < IDF_TAPS; i += 2) {
    int16_t shown[2][IDF_BLOCK];
    for (int j = 0; j < 2; j++) {
      const int cell = cell_of(idf_taps[i + j]);
      const int16_t *from = s + near[cell];
      int16_t unit_d[IDF_BLOCK];
      for (int k = 0; k < IDF_BLOCK; k++)
        d[cell][k] = (int16_t)(from[k] - mean[k]);
      for (int k = 0; k < IDF_BLOCK; k++)
        unit_d[k] = (int16_t)(d[cell][k] >> unit);
      compress(unit_d, shown[j]);
    }
    idf_interleave(seen->trunk_in[((int)p * IDF_TAPS + i) / 2], shown[0], shown[1]);
  }
  for (int i = 0; i < IDF_PAIRS_OWN; i++)
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
  for (int i = 0; i < IDF_TAPS; i += 2) {
    int16_t shown[2][IDF_BLOCK];
    for (int j = 0; j < 2; j++) {
      const int32_t *from = s + near[cell_of(idf_taps[i + j])];
      int16_t unit_d[IDF_BLOCK];
      for (int k = 0; k < IDF_BLOCK; k++)
        unit_d[k] = (int16_t)idf_clamp((from[k] - mean[k]) >> w->unit, -512, 512);
      compress(unit_d, shown[j]);
    }
    idf_interleave(seen->trunk_in[((int)p * IDF_TAPS + i) / 2], shown[0], shown[1]);
  }
  for (int i = 0; i < IDF_TAPS_OWN; i++) {
    const int32_t *from = s + near[cell_of(idf_taps_own[i])];
    for (int k = 0; k < IDF_BLOCK; k++)
      seen->own32[p][i][k] = from[k] - mean[k];
  }
}

/* Errors nearby, and their level: a sum of the absolute ones of six neighbours, weights
 * 4 4 2 2 2 2, over 16, plus 1. */
static void look_errors(idf_wave *w, unsigned p, int block)
{
  static const int8_t taps[IDF_TAPS_ERROR][2] = {
    { -2, 0 }, { -1, 0 }, { -2, 1 }, { -1, 1 }, { 0, 1 },
    { 1, 1 }, { 2, 1 }, { -1, 2 }, { 0, 2 }, { 1, 2 },
  };
  idf_seen *seen = &w->seen[block];
  const idf_field *f = &w->field[p];
  const ptrdiff_t first = block * IDF_BLOCK, *near = w->near;
  const int16_t *code = f->code + first, *sign = f->sign + first, *e = f->error + first;
  for (int i = 0; i < IDF_TAPS_ERROR; i += 2)
    idf_interleave(seen->trunk_in[(IDF_IN_ERROR + (int)p * IDF_TAPS_ERROR + i) / 2],
                   code + near[cell_of(taps[i])], code + near[cell_of(taps[i + 1])]);
  idf_interleave(seen->trunk_in[IDF_IN_SIGN / 2 + (int)p], sign + near[W], sign + near[N]);
  for (int k = 0; k < IDF_BLOCK; k++) {
    const int32_t sum = 4 * (e[near[W] + k] + e[near[N] + k])
                        + 2 * (e[near[NW] + k] + e[near[NE] + k] + e[near[WW] + k] + e[near[NN] + k]);
    seen->level[p][k] = (sum >> 4) + 1;
  }
}

void idf_wave_look(idf_wave *w, int block)
{
  idf_seen *seen = &w->seen[block];
  int32_t code[IDF_FLOW_PLANES + 1][IDF_BLOCK] = { { 0 } };
  for (unsigned p = 0; p < w->planes; p++) {
    if (w->narrow)
      look_narrow(w, p, block);
    else
      look_wide(w, p, block);
    look_errors(w, p, block);
    idf_sites_log_codes(seen->level[p], code[p]);
  }
  idf_interleave32(seen->trunk_in[IDF_IN_LEVEL / 2], code[0], code[1]);
  idf_interleave32(seen->trunk_in[IDF_IN_LEVEL / 2 + 1], code[2], code[3]);
}

/* What an expert says of plane p, Q6: mean + coef . regressors, within the plane's range. */
static void predict(const idf_wave *w, unsigned p, int expert, int block, int32_t *out)
{
  const idf_seen *seen = &w->seen[block];
  const idf_pairs *coef = w->coef[expert][p][block];
  const int32_t lo = w->shape->min[p] * (1 << IDF_Q_MU), hi = w->shape->max[p] * (1 << IDF_Q_MU);
  if (w->narrow) {
    /* |sum| <= 42 * 2^15 * 1022 < 2^31. */
    int32_t sum[IDF_BLOCK] = { 0 };
    w->kernels->dot(IDF_PAIRS_OWN, coef, seen->own[p], sum);
    if (p > 0)
      w->kernels->dot((int)p * IDF_PAIRS_CROSS, coef + IDF_PAIRS_OWN, seen->cross[0], sum);
    for (int k = 0; k < IDF_BLOCK; k++) {
      int32_t v = seen->mean[p][k] * (1 << IDF_Q_MU) + (sum[k] >> (IDF_Q_COEF - IDF_Q_MU));
      out[k] = idf_clamp(v, lo, hi);
    }
    return;
  }
  int64_t sum[IDF_BLOCK] = { 0 };
  for (int i = 0; i < idf_regressors(p); i++) {
    const int cross = i - IDF_TAPS_OWN;
    const int32_t *x = cross < 0 ? seen->own32[p][i]
                                 : seen->cross32[cross / IDF_TAPS_CROSS][cross % IDF_TAPS_CROSS];
    const int16_t (*c)[2] = coef[idf_pair_of(i)];
    const int half = idf_half_of(i);
    for (int k = 0; k < IDF_BLOCK; k++)
      sum[k] += (int64_t)c[k][half] * x[k];
  }
  for (int k = 0; k < IDF_BLOCK; k++) {
    int64_t v = seen->mean[p][k] * (1 << IDF_Q_MU) + (sum[k] >> (IDF_Q_COEF - IDF_Q_MU));
    out[k] = (int32_t)(v < lo ? lo : v > hi ? hi : v);
  }
}

/* The second opinion where nothing is learned: good at edges, where a mean is not. Q6. */
static void predict_med(const idf_wave *w, unsigned p, int block, int32_t *out)
{
  const idf_field *f = &w->field[p];
  const ptrdiff_t first = block * IDF_BLOCK;
  const ptrdiff_t west = first + w->near[W], north = first + w->near[N],
                  corner = first + w->near[NW];
  if (w->narrow)
    for (int k = 0; k < IDF_BLOCK; k++)
      out[k] = idf_med(f->low[west + k], f->low[north + k], f->low[corner + k]) * (1 << IDF_Q_MU);
  else
    for (int k = 0; k < IDF_BLOCK; k++)
      out[k] = idf_med(f->sample[west + k], f->sample[north + k], f->sample[corner + k])
               * (1 << IDF_Q_MU);
}

/* 0, 1 or 2: whether an error was clearly on one side. */
static inline int32_t side(int32_t error)
{
  return error > 6 ? 2 : error < -6 ? 0 : 1;
}

void idf_wave_predict(idf_wave *w, unsigned p, int block)
{
  idf_sites *s = &w->sites;
  const idf_seen *seen = &w->seen[block];
  const int from = block * IDF_BLOCK;
  const int16_t *sign = w->field[p].sign + from;
  predict(w, p, IDF_LOCAL, block, s->local + from);
  if (w->shape->survey != NULL)
    predict_med(w, p, block, s->wide + from);
  else
    predict(w, p, IDF_WIDE, block, s->wide + from);
  for (int k = 0; k < IDF_BLOCK; k++) {
    s->level[from + k] = seen->level[p][k];
    s->mean[from + k] = seen->mean[p][k];
    int32_t signs = side(sign[w->near[W] + k]) * 3 + side(sign[w->near[N] + k]);
    if (p > 0) /* s->miss is still the plane before's */
      signs += 9 * side(s->miss[from + k]);
    s->signs[from + k] = signs;
  }
  if (s->blocks)
    for (int k = 0; k < IDF_BLOCK; k++)
      s->cell[from + k] = ((s->row - from - k) & 7) * 8 + (s->column & 7);
}

/* Cross regressor i: the pixel itself, or one of its neighbours, which are own taps too. */
static int own_tap(int i)
{
  int j = 0;
  while (j < IDF_TAPS_OWN
         && (idf_taps_own[j][0] != idf_taps_cross[i][0] || idf_taps_own[j][1] != idf_taps_cross[i][1]))
    j++;
  return j;
}

void idf_wave_look_back(idf_wave *w, unsigned p, int block)
{
  idf_seen *seen = &w->seen[block];
  const int32_t *sample = w->sites.sample + block * IDF_BLOCK;
  if (!w->narrow) {
    for (int i = 0; i < IDF_TAPS_CROSS; i++) {
      const int tap = own_tap(i);
      for (int k = 0; k < IDF_BLOCK; k++)
        seen->cross32[p][i][k] = tap < IDF_TAPS_OWN ? seen->own32[p][tap][k]
                                                    : sample[k] - seen->mean[p][k];
    }
    return;
  }
  int16_t d[IDF_TAPS_CROSS + 1][IDF_BLOCK] = { { 0 } };
  for (int i = 0; i < IDF_TAPS_CROSS; i++) {
    const int tap = own_tap(i);
    for (int k = 0; k < IDF_BLOCK; k++)
      d[i][k] = tap < IDF_TAPS_OWN ? seen->own[p][tap / 2][k][tap % 2]
                                   : (int16_t)(sample[k] - seen->mean[p][k]);
  }
  for (int i = 0; i < IDF_PAIRS_CROSS; i++)
    idf_interleave(seen->cross[p][i], d[2 * i], d[2 * i + 1]);
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * kernels_body.h: the kernels of one level, written with the vector operations of vec.h.
 *
 * The file of each level includes this once. It defines IDF_VEC before, and names the table at the
 * end.
 *
 * The results equal those of kernels_none.c bit for bit. Integer sums may be added in any order;
 * the floating-point operations of each slot are in the order of kernels_none.c.
 */
#ifndef IDF_FLOW_KERNELS_BODY_H
#define IDF_FLOW_KERNELS_BODY_H

#include "kernels_none.h"
#include "vec.h"

/* Sums stay in registers only if the loops over them are unrolled. Callers give the counts as
 * constants. */
#define UNROLL _Pragma("GCC unroll 8") for
#define UNROLL16 _Pragma("GCC unroll 16") for
#define INLINE static inline __attribute__((always_inline)) void

#define VECTORS (IDF_BLOCK / IDF_VEC) /* vectors in a block of lanes */

/* ---- the network ------------------------------------------------------------------ */

static inline vi rectify(vi sum)
{
  vi v = v_sra(v_add(sum, v_set(1 << (IDF_Q_WEIGHT - 1))), IDF_Q_WEIGHT);
  return v_min(v_max(v, v_set(0)), v_set(IDF_ACT_MAX));
}

/* Computes `outputs` outputs from o on, with all sums in registers: each weight is loaded once for
 * all lanes. One of out and act is NULL. */
INLINE layer_tile(const idf_layer *layer, unsigned o, const idf_pairs *in, const int outputs,
                  int32_t (*out)[IDF_BLOCK], idf_pairs *act)
{
  const int16_t *w = layer->weight + idf_layer_at(layer->inputs, o, 0);
  vi sum[16][VECTORS];
  UNROLL16 (int b = 0; b < outputs; b++)
    UNROLL (int v = 0; v < VECTORS; v++)
      sum[b][v] = v_set(layer->bias[o + (unsigned)b]);
  for (unsigned i = 0; i < layer->inputs / 2; i++, w += 32) {
    vi x[VECTORS];
    UNROLL (int v = 0; v < VECTORS; v++)
      x[v] = v_load(in[i][v * IDF_VEC]);
    UNROLL16 (int b = 0; b < outputs; b++) {
      const vi weight = v_pair(w + 2 * b);
      UNROLL (int v = 0; v < VECTORS; v++)
        sum[b][v] = v_dp(sum[b][v], x[v], weight);
    }
  }
  UNROLL16 (int b = 0; b < outputs; b += 2)
    UNROLL (int v = 0; v < VECTORS; v++) {
      if (act) {
        v_store(act[(o + (unsigned)b) / 2][v * IDF_VEC],
                v_join(rectify(sum[b][v]), rectify(sum[b + 1][v])));
      } else {
        v_store(out[o + (unsigned)b] + v * IDF_VEC, sum[b][v]);
        v_store(out[o + (unsigned)b + 1] + v * IDF_VEC, sum[b + 1][v]);
      }
    }
}

#define TILE_O (IDF_VEC == 16 ? 16 : IDF_VEC == 8 ? 4 : 2) /* so many sums fit the registers */

static void layer_sum(const idf_layer *layer, const idf_pairs *in, int32_t (*out)[IDF_BLOCK])
{
  unsigned o = 0;
  for (; o + 8 <= layer->outputs; o += TILE_O)
    layer_tile(layer, o, in, TILE_O, out, NULL);
  for (; o < layer->outputs; o += IDF_MIN(TILE_O, 4))
    layer_tile(layer, o, in, IDF_MIN(TILE_O, 4), out, NULL);
}

static void layer_rectify(const idf_layer *layer, const idf_pairs *in, idf_pairs *out)
{
  for (unsigned o = 0; o < layer->outputs; o += TILE_O)
    layer_tile(layer, o, in, TILE_O, NULL, out);
}

/* ---- neighbours --------------------------------------------------------------------- */

/* idf_compress. The magnitude needs minima only; the sign is set at the end. Multiplying by 2048 /
 * 2^15 = 1 / 16 rounds as the definition does. */
static inline vi compress(vi d)
{
  const vi a = vw_min(vw_abs(d), vw_set(512)), b = vw_min(a, vw_set(128));
  const vi c = vw_min(a, vw_set(32)), e = vw_min(a, vw_set(8)), f = vw_min(a, vw_set(2));
  vi s = vw_add(vw_add(a, v_mul16(b, vw_set(3))), v_mul16(c, vw_set(11)));
  s = vw_add(vw_add(s, v_mul16(e, vw_set(36))), v_mul16(f, vw_set(100)));
  return vw_round(vw_sign(s, d), vw_set(2048));
}

static void show(const int16_t *s, const ptrdiff_t near[IDF_WINDOW], const int16_t mean[IDF_BLOCK],
                 unsigned unit, int16_t d[IDF_WINDOW][IDF_BLOCK], idf_pairs shown[IDF_TAPS / 2])
{
  for (int k = 0; k < IDF_BLOCK; k += IDF_VEC16) {
    const vh m = vh_load(mean + k);
    for (int i = 0; i < IDF_TAPS; i += 2) {
      const int cell = IDF_WINDOW_AT(idf_taps[i][0], idf_taps[i][1]);
      const int next = IDF_WINDOW_AT(idf_taps[i + 1][0], idf_taps[i + 1][1]);
      const vh a = vh_sub(vh_load(s + near[cell] + k), m);
      const vh b = vh_sub(vh_load(s + near[next] + k), m);
      vi pairs[IDF_ZIPS];
      vh_store(d[cell] + k, a);
      vh_store(d[next] + k, b);
      v_zip(pairs, a, b);
      for (int z = 0; z < IDF_ZIPS; z++)
        v_store(shown[i / 2][k + z * IDF_VEC], compress(vw_sra(pairs[z], unit)));
    }
  }
}

static inline vh batch_column(const int16_t *s, const int16_t *mean, unsigned unit)
{
  const vh d = vh_sra(vh_sub(vh_load(s), vh_load(mean)), unit);
  return vh_max(vh_min(d, vh_set(IDF_LS_CLAMP)), vh_set(-IDF_LS_CLAMP));
}

static void batch(const int16_t *s, int columns, const ptrdiff_t at[IDF_SEGMENT],
                  const int16_t mean[IDF_SEGMENT][IDF_BLOCK], unsigned unit, idf_ls_block *row)
{
  for (int c = 0; c < columns; c += 2)
    for (int k = 0; k < IDF_BLOCK; k += IDF_VEC16)
      v_store_zip((*row)[c / 2] + 2 * k, batch_column(s + at[c] + k, mean[c] + k, unit),
                  batch_column(s + at[c + 1] + k, mean[c + 1] + k, unit));
}

/* ---- linear predictors ---------------------------------------------------------------- */

/* Half a block or a whole one: IDF_VEC16 lanes from k on. */
#define LOW(dx, dy) vh_load(low + near[IDF_WINDOW_AT(dx, dy)])
#define ERROR(dx, dy) vh_load(error + near[IDF_WINDOW_AT(dx, dy)])
#define SUMS (IDF_VEC == 16 ? 4 : 2) /* separate sums, as an addition waits for the one before */

/* Adds to sum the coefficients of `pairs` pairs from `coef` on times the samples of one plane. */
INLINE linear_taps(const int pairs, const idf_pairs *coef, const int8_t (*tap)[2],
                   const int16_t *low, const ptrdiff_t *near, const vi of[IDF_ZIPS],
                   vi sum[SUMS][IDF_ZIPS])
{
  UNROLL (int i = 0; i < pairs; i++) {
    vi x[IDF_ZIPS];
    v_zip(x, LOW(tap[2 * i][0], tap[2 * i][1]), LOW(tap[2 * i + 1][0], tap[2 * i + 1][1]));
    UNROLL (int z = 0; z < IDF_ZIPS; z++)
      sum[i % SUMS][z] = v_dp(sum[i % SUMS][z], x[z], v_lookup(coef[i], of[z]));
  }
}

INLINE linear_level(vi level[IDF_ZIPS], const int16_t *weight, vh a, vh b)
{
  vi x[IDF_ZIPS];
  v_zip(x, a, b);
  UNROLL (int z = 0; z < IDF_ZIPS; z++)
    level[z] = v_dp(level[z], x[z], v_pair(weight));
}

/* min(8191, (v >> unit) Q4) */
static inline vh linear_texture(vh v, unsigned unit)
{
  return vh_min(vh_sll(vh_min(vh_sra(v, unit), vh_set(512)), IDF_Q_ERROR), vh_set(8191));
}

static void linear_locate(const idf_linear_view *v, int blocks, int32_t *mu,
                          idf_linear_texture *texture)
{
  const idf_linear_plane *l = v->linear;
  const ptrdiff_t *near = v->near;
  const unsigned p = v->plane;
  for (int k = 0; k < blocks * IDF_BLOCK; k += IDF_VEC16) {
    const int16_t *low = v->low[p] + k;
    const vh w = LOW(-1, 0), n = LOW(0, 1), nw = LOW(-1, 1), ne = LOW(1, 1);
    const vh across =
        vh_add(vh_add(vh_abs(vh_sub(w, LOW(-2, 0))), vh_abs(vh_sub(n, nw))), vh_abs(vh_sub(n, ne)));
    const vh down = vh_add(vh_add(vh_abs(vh_sub(w, nw)), vh_abs(vh_sub(n, LOW(0, 2)))),
                           vh_abs(vh_sub(ne, LOW(1, 2))));
    vh_store(texture[k / IDF_BLOCK][0] + k % IDF_BLOCK, linear_texture(across, v->unit));
    vh_store(texture[k / IDF_BLOCK][1] + k % IDF_BLOCK, linear_texture(down, v->unit));
    /* At most 6 * 1022 + 2 * 1023. */
    vh activity = vh_sra(vh_add(across, down), v->unit);
    for (unsigned q = 0; q < p; q++)
      activity = vh_add(activity, vh_sra(vh_load(v->missed[q] + k), 3));
    vh above = vh_set(IDF_LINEAR_THRESHOLDS);
    UNROLL (int i = 0; i < IDF_LINEAR_THRESHOLDS; i++)
      above = vh_add(above, vh_above(vh_set(l->threshold[i]), activity));
    vi of[IDF_ZIPS], sum[SUMS][IDF_ZIPS];
    v_zip(of, vh_sub(vh_add(above, above), vh_above(across, down)), vh_set(0));
    UNROLL (int z = 0; z < IDF_ZIPS; z++)
      UNROLL (int c = 0; c < SUMS; c++)
        sum[c][z] = v_set(0);

    const idf_pairs *coef = l->coef;
    if (p == 0) {
      linear_taps(IDF_LINEAR_OWN / 2, coef, idf_linear_own, low, near, of, sum);
    } else {
      linear_taps(IDF_LINEAR_LATER / 2, coef, idf_linear_later, low, near, of, sum);
      coef += IDF_LINEAR_LATER / 2;
    }
    for (unsigned q = 0; q < p; q++, coef += IDF_LINEAR_CROSS / 2)
      linear_taps(IDF_LINEAR_CROSS / 2, coef, idf_linear_cross, v->low[q] + k, near, of, sum);

    UNROLL (int z = 0; z < IDF_ZIPS; z++) {
      vi m = v_set(32);
      UNROLL (int c = 0; c < SUMS; c++)
        m = v_add(m, sum[c][z]);
      m = v_sra(m, IDF_Q_COEF - IDF_Q_MU);
      v_store(mu + k + z * IDF_VEC, v_min(v_max(m, v_set(v->lo)), v_set(v->hi)));
    }
  }
}

static void linear_spread(const idf_linear_view *v, int blocks, const idf_linear_texture *texture,
                          int32_t *scale)
{
  const idf_linear_plane *l = v->linear;
  const ptrdiff_t *near = v->near;
  const unsigned p = v->plane;
  for (int k = 0; k < blocks * IDF_BLOCK; k += IDF_VEC16) {
    const int16_t *error = v->error + k;
    vi level[IDF_ZIPS];
    UNROLL (int z = 0; z < IDF_ZIPS; z++)
      level[z] = v_set(0);
    linear_level(level, l->weight, ERROR(-1, 0), ERROR(0, 1));
    linear_level(level, l->weight + 2, ERROR(-1, 1), ERROR(1, 1));
    linear_level(level, l->weight + 4, ERROR(-2, 0), ERROR(0, 2));
    linear_level(level, l->weight + 6, vh_load(texture[k / IDF_BLOCK][0] + k % IDF_BLOCK),
                 vh_load(texture[k / IDF_BLOCK][1] + k % IDF_BLOCK));
    const vh one = vh_set(1 << IDF_Q_ERROR), none = vh_set(0);
    linear_level(level, l->weight + 8, p == 0 ? one : vh_load(v->missed[0] + k),
                 p == 0   ? none
                 : p == 1 ? one
                          : vh_load(v->missed[1] + k));
    if (p == 2)
      linear_level(level, l->weight + 10, one, none);
    UNROLL (int z = 0; z < IDF_ZIPS; z++) {
      vi e = v_max(v_sra(level[z], IDF_Q_ERROR), v_set(IDF_LINEAR_LEVEL_MIN));
      e = v_min(e, v_set(IDF_LINEAR_LEVEL_MAX));
      /* idf_linear_eighths: the exponent and the upper mantissa bits of a float, which holds e
       * exactly. */
      e = v_sub(v_sra(v_bits(vf_of(e)), 20), v_set(8 * (127 + 4)));
      vi s = v_add(e, v_lookup16(l->adjust, v_sra(e, 1)));
      s = v_add(s, v_set(IDF_SCALE_ONE - 32 + 8 * (int32_t)v->unit));
      v_store(scale + k + z * IDF_VEC, v_min(v_max(s, v_set(0)), v_set(IDF_SCALES - 1)));
    }
  }
}
#undef LOW
#undef ERROR
#undef SUMS

/* ---- statistics --------------------------------------------------------------------- */

static void dot(int n, const idf_pairs *coef, const idf_pairs *x, int32_t sum[IDF_BLOCK])
{
  /* Three separate sums, as an addition waits for the one before. */
  vi s[3][VECTORS];
  UNROLL (int v = 0; v < VECTORS; v++) {
    s[0][v] = v_load(sum + v * IDF_VEC);
    s[1][v] = s[2][v] = v_set(0);
  }
  int i = 0;
  for (; i + 3 <= n; i += 3)
    UNROLL (int c = 0; c < 3; c++)
      UNROLL (int v = 0; v < VECTORS; v++)
        s[c][v] = v_dp(s[c][v], v_load(coef[i + c][v * IDF_VEC]), v_load(x[i + c][v * IDF_VEC]));
  for (; i < n; i++)
    UNROLL (int v = 0; v < VECTORS; v++)
      s[0][v] = v_dp(s[0][v], v_load(coef[i][v * IDF_VEC]), v_load(x[i][v * IDF_VEC]));
  UNROLL (int v = 0; v < VECTORS; v++)
    v_store(sum + v * IDF_VEC, v_add(s[0][v], v_add(s[1][v], s[2][v])));
}

static void classed(int pairs, const idf_pairs *coef, const int32_t class[IDF_BLOCK],
                    const int16_t *const *from, int32_t sum[IDF_BLOCK])
{
  for (int k = 0; k < IDF_BLOCK; k += IDF_VEC16) {
    vi s[2][IDF_ZIPS], of[IDF_ZIPS], x[IDF_ZIPS];
    UNROLL (int z = 0; z < IDF_ZIPS; z++) {
      of[z] = v_load(class + k + z * IDF_VEC);
      s[0][z] = s[1][z] = v_set(0);
    }
    for (int i = 0; i < pairs; i += 2) /* pairs is even in all planes */
      UNROLL (int c = 0; c < 2; c++) {
        v_zip(x, vh_load(from[2 * (i + c)] + k), vh_load(from[2 * (i + c) + 1] + k));
        UNROLL (int z = 0; z < IDF_ZIPS; z++)
          s[c][z] = v_dp(s[c][z], x[z], v_lookup(coef[i + c], of[z]));
      }
    UNROLL (int z = 0; z < IDF_ZIPS; z++)
      v_store(sum + k + z * IDF_VEC, v_add(s[0][z], s[1][z]));
  }
}

static void centre(int n, const int32_t *const *from, const int32_t *const *less, unsigned unit,
                   int16_t (*out)[IDF_BLOCK])
{
  for (int i = 0; i < n; i++)
    for (int k = 0; k < IDF_BLOCK; k += IDF_VEC) {
      const vi d = v_shift(v_sub(v_load(from[i] + k), v_load(less[i] + k)), unit);
      v_store16(out[i] + k, v_min(v_max(d, v_set(-IDF_LS_CLAMP)), v_set(IDF_LS_CLAMP)));
    }
}

/* All ones in the lanes of slots [lo, hi), where lane 0 is slot k. */
static inline vi mask_of(unsigned k, unsigned lo, unsigned hi)
{
  int32_t m[IDF_VEC];
  for (unsigned i = 0; i < IDF_VEC; i++)
    m[i] = k + i >= lo && k + i < hi ? -1 : 0;
  return v_load(m);
}

#define PAIRS (IDF_SEGMENT / 2)
#define TILE_I (IDF_VEC == 16 ? 4 : 2) /* so all sums of a tile fit the registers */
#define TILE_J (IDF_VEC == 16 ? 4 : 3)

/* Adds a sum of products to an entry that forgets, where mask is set, and to a recent one. */
INLINE fold_entry(vi sum, vi mask, int32_t *local, int32_t *recent)
{
  vi q = v_sra(v_add(sum, v_set(1 << (IDF_LS_BATCH_SHIFT - 1))), IDF_LS_BATCH_SHIFT);
  vi a = v_load(local);
  vi step = v_sub(q, v_sra(a, 2));
  v_store(local, v_add(a, v_and(step, mask)));
  v_store(recent, v_add(v_load(recent), q));
}

/* Rows from i on of weighted regressors times columns from j on. Entries of the lower triangle and
 * past the target are computed with the rest of a tile, and dropped. */
INLINE fold_tile(int n, int pairs, idf_ls_block *const *d, int i, int j, unsigned k,
                 const vi weighted[TILE_I][PAIRS], vi mask, int32_t *local, size_t stride,
                 int32_t *recent)
{
  vi sum[TILE_I][TILE_J];
  const int16_t *column[TILE_J];
  UNROLL (int c = 0; c < TILE_J; c++)
    column[c] = (*d[j + c <= n ? j + c : n])[0] + 2 * k;
  UNROLL (int r = 0; r < TILE_I; r++)
    UNROLL (int c = 0; c < TILE_J; c++)
      sum[r][c] = v_set(0);
  for (int pair = 0; pair < pairs; pair++)
    UNROLL (int c = 0; c < TILE_J; c++) {
      vi x = v_load(column[c] + pair * IDF_SEGMENT);
      UNROLL (int r = 0; r < TILE_I; r++)
        sum[r][c] = v_dp(sum[r][c], weighted[r][pair], x);
    }
  const bool whole = i + TILE_I <= n && j + TILE_J - 1 <= n && j >= i + TILE_I - 1;
  UNROLL (int r = 0; r < TILE_I; r++) {
    /* Index of column j. A row that begins further right has no such column. */
    const ptrdiff_t e = (ptrdiff_t)idf_ls_row(n, i + r) + j - i - r;
    if (whole) {
      int32_t *at = local + e * (ptrdiff_t)stride + k, *to = recent + e * IDF_LS_SLOTS + k;
      UNROLL (int c = 0; c < TILE_J; c++)
        fold_entry(sum[r][c], mask, at + (size_t)c * stride, to + c * IDF_LS_SLOTS);
    } else if (i + r < n) {
      UNROLL (int c = 0; c < TILE_J; c++)
        if (j + c <= n && j + c >= i + r)
          fold_entry(sum[r][c], mask, local + (e + c) * (ptrdiff_t)stride + k,
                     recent + (e + c) * IDF_LS_SLOTS + k);
    }
  }
}

static void ls_fold(int n, int pairs, idf_ls_block *const *d, const idf_ls_block *weight,
                    unsigned lo, unsigned hi, int32_t *local, size_t stride, int32_t *recent)
{
  for (unsigned k = lo & ~(IDF_VEC - 1u); k < hi; k += IDF_VEC) {
    const vi mask = mask_of(k, lo, hi);
    for (int i = 0; i < n; i += TILE_I) {
      vi weighted[TILE_I][PAIRS];
      for (int r = 0; r < TILE_I; r++)
        for (int pair = 0; pair < pairs; pair++)
          weighted[r][pair] = v_mul16(v_load((*weight)[pair] + 2 * k),
                                      v_load((*d[i + r < n ? i + r : n])[pair] + 2 * k));
      for (int j = i; j <= n; j += TILE_J)
        fold_tile(n, pairs, d, i, j, k, (const vi(*)[PAIRS])weighted, mask, local, stride, recent);
    }
  }
}

static void ls_gather(size_t entries, int32_t *recent, int64_t *wide)
{
  for (size_t e = 0; e < entries; e++, recent += IDF_LS_SLOTS)
    for (int k = 0; k < IDF_LS_SLOTS; k += IDF_VEC) {
      wide[e] += v_total(v_load(recent + k));
      v_store(recent + k, v_set(0));
    }
}

/* ---- solving ------------------------------------------------------------------------ */

static void ls_local(int n, const idf_ls_sums *sums, unsigned lo, unsigned hi, idf_ls_work *work)
{
  const vf ridge = vf_set((float)IDF_LS_RIDGE_LOCAL);
  for (unsigned k = lo & ~(IDF_VEC - 1u); k < hi; k += IDF_VEC) {
    const vi no_left = mask_of(k, sums->no_left ? 1 : 0, IDF_LS_SLOTS);
    const vi no_right = mask_of(k, 0, IDF_LS_SLOTS - (sums->no_right ? 1 : 0));
    size_t e = 0;
    for (int i = 0; i < n; i++)
      for (int j = i; j <= n; j++, e++) {
        const size_t at = e * sums->stride + k;
        vi mid = v_load(sums->mid + at);
        vi sides = v_add(v_and(v_load(sums->left + at), no_left),
                         v_and(v_load(sums->right + at), no_right));
        vf v = vf_of(v_add(v_sll(mid, 2), sides));
        if (j == i)
          v = vf_add(v, ridge);
        else if (j == n)
          v = vf_add(v, vf_mul(ridge, vf_load(work->solution[i] + k)));
        vf_store(work->m[e] + k, v);
      }
  }
}

#define TILE_C (IDF_VEC == 16 ? 8 : 6) /* columns of two rows: their sums fit the registers */

/* Eliminates columns [c, c + TILE_C) of rows j and j + 1 with all rows above j. `keep` of the
 * columns exist; the second row has no column j. m points to slot k of entry 0. */
INLINE eliminate(float (*m)[IDF_LS_SLOTS], const float (*inverse)[IDF_LS_SLOTS], int n, int j,
                 int c, int keep)
{
  float(*first)[IDF_LS_SLOTS] = m + idf_ls_row(n, j) + c - j;
  float(*second)[IDF_LS_SLOTS] = m + idf_ls_row(n, j + 1) + c - j - 1;
  float(*above)[IDF_LS_SLOTS] = m + j;
  vf x[TILE_C], y[TILE_C];
  UNROLL (int b = 0; b < TILE_C; b++) {
    x[b] = vf_load(first[b]);
    y[b] = vf_load(second[b]);
  }
  for (int i = 0; i < j; i++) {
    /* above points to entry (i, j) */
    const vf by = vf_load(inverse[i]);
    const vf f = vf_mul(vf_load(above[0]), by), g = vf_mul(vf_load(above[1]), by);
    UNROLL (int b = 0; b < TILE_C; b++) {
      const vf a = vf_load(above[c - j + b]);
      x[b] = vf_sub(x[b], vf_mul(f, a));
      y[b] = vf_sub(y[b], vf_mul(g, a));
    }
    above += n - i;
  }
  UNROLL (int b = 0; b < TILE_C; b++)
    if (b < keep) {
      vf_store(first[b], x[b]);
      if (c + b > j)
        vf_store(second[b], y[b]);
    }
}

/* Row j is complete: computes its inverse. */
INLINE solve_row(float (*m)[IDF_LS_SLOTS], float (*inverse)[IDF_LS_SLOTS], float (*z)[IDF_LS_SLOTS],
                 int n, int j, float ridge)
{
  const int at = idf_ls_row(n, j);
  vf_store(inverse[j], vf_div(vf_set(1.0f), vf_above(vf_load(m[at]), vf_set(ridge))));
  vf_store(z[j], vf_load(m[at + n - j]));
}

static void ls_solve(int n, float ridge, unsigned lo, unsigned hi, idf_ls_work *work)
{
  for (unsigned k = lo & ~(IDF_VEC - 1u); k < hi; k += IDF_VEC) {
    float(*m)[IDF_LS_SLOTS] = (float(*)[IDF_LS_SLOTS])(work->m[0] + k);
    float(*inverse)[IDF_LS_SLOTS] = (float(*)[IDF_LS_SLOTS])(work->inverse[0] + k);
    float(*z)[IDF_LS_SLOTS] = (float(*)[IDF_LS_SLOTS])(work->solution[0] + k);
    /* Two rows at once; each sum keeps its own order. If n is odd, the last row has a dummy
     * neighbour, which is never read. */
    for (int j = 0; j < n; j += 2) {
      for (int c = j; c <= n; c += TILE_C)
        eliminate(m, (const float(*)[IDF_LS_SLOTS])inverse, n, j, c, n + 1 - c);
      solve_row(m, inverse, z, n, j, ridge);
      if (j + 1 == n)
        break;
      float(*row)[IDF_LS_SLOTS] = m + idf_ls_row(n, j);
      float(*next)[IDF_LS_SLOTS] = m + idf_ls_row(n, j + 1);
      const vf f = vf_mul(vf_load(row[1]), vf_load(inverse[j]));
      for (int b = 0; b < n - j; b++)
        vf_store(next[b], vf_sub(vf_load(next[b]), vf_mul(f, vf_load(row[b + 1]))));
      solve_row(m, inverse, z, n, j + 1, ridge);
    }
    for (int i = n - 1; i >= 0; i--) {
      const vf x = vf_mul(vf_load(z[i]), vf_load(inverse[i]));
      vf_store(z[i], x);
      for (int j = 0; j < i; j++)
        vf_store(z[j], vf_sub(vf_load(z[j]), vf_mul(vf_load(m[idf_ls_row(n, j) + i - j]), x)));
    }
    for (int i = 0; i < n; i++) {
      vf v = vf_add(vf_mul(vf_load(z[i]), vf_set((float)(1 << IDF_Q_COEF))), vf_set(32768.5f));
      v = vf_below(vf_above(v, vf_set(1.0f)), vf_set(65535.0f));
      v_store16(work->coef[i] + k, v_sub(vf_trunc(v), v_set(32768)));
    }
  }
}

/* ---- learning --------------------------------------------------------------------- */

/* Transposes 8 pairs of values of all lanes to 16 values of pairs of lanes. */
INLINE turn(const idf_pairs *in, int16_t row[IDF_BLOCK / 2][16][2])
{
  int16_t of[IDF_BLOCK][16];
  for (int lane = 0; lane < IDF_BLOCK; lane += IDF_VEC)
    for (int pair = 0; pair < 8; pair += IDF_VEC) {
      vi t[IDF_VEC];
      UNROLL16 (int i = 0; i < IDF_VEC; i++)
        t[i] = v_load(in[pair + i % 8][lane]);
      v_transpose(t);
      UNROLL16 (int k = 0; k < IDF_VEC; k++)
        vh_store_part(of[lane + k] + 2 * pair, t[k]);
    }
  for (int k = 0; k < IDF_BLOCK; k += 2)
    for (int i = 0; i < 16; i += IDF_VEC16)
      v_store_zip(row[k / 2][i], vh_load(of[k] + i), vh_load(of[k + 1] + i));
}

/* If no partial sum can reach the limit, their order is free and none needs a clamp. Otherwise,
 * which is rare, the definition applies. */
static void descend(int32_t (*value)[IDF_NET_WIDTH], const int32_t *const slope[IDF_NET_OUTPUTS],
                    const idf_pairs *in, int width, int32_t limit)
{
  int32_t pair[IDF_NET_OUTPUTS][IDF_BLOCK / 2]; /* the negated slopes */
  bool clear = true;
  for (int o = 0; o < IDF_NET_OUTPUTS; o++) {
    int64_t most = 0;
    for (int k = 0; k < IDF_BLOCK; k += IDF_VEC)
      most += v_total(v_abs(v_load(slope[o] + k)));
    int16_t minus[IDF_BLOCK];
    for (int k = 0; k < IDF_BLOCK; k += IDF_VEC)
      v_store16(minus + k, v_sub(v_set(0), v_load(slope[o] + k)));
    memcpy(pair[o], minus, sizeof minus);
    most = limit - IDF_ACT_MAX * most;
    for (int i = 0; i < width; i += IDF_VEC)
      clear = clear && most >= 0 && !v_any_above(v_abs(v_load(value[o] + i)), v_set((int32_t)most));
  }
  if (!clear) {
    idf_kernels_none.descend(value, slope, in, width, limit);
    return;
  }
  for (int i = 0; i < width; i += 16) {
    int16_t row[IDF_BLOCK / 2][16][2];
    turn(in + i / 2, row);
    for (int o = 0; o < IDF_NET_OUTPUTS; o++)
      for (int b = 0; b < 16; b += IDF_VEC) {
        vi x = v_load(value[o] + i + b);
        UNROLL (int k = 0; k < IDF_BLOCK / 2; k++)
          x = v_dp(x, v_load(row[k][b]), v_set(pair[o][k]));
        v_store(value[o] + i + b, x);
      }
  }
}

/* ---- the prior ------------------------------------------------------------------------ */

/* Indexed by the lower three bits of a scale's index; the eight numbers are there twice. */
static const int32_t mantissas[16] = {16384, 30048, 27554, 25268, 23170, 21247, 19484, 17867,
                                      16384, 30048, 27554, 25268, 23170, 21247, 19484, 17867};
/* -11 times the scale, Q20 at index 0. */
static const int32_t reaches[16] = {
    -11534336, -12578283, -13716714, -14958183, -16312014, -17788378, -19398364, -21154065,
    -11534336, -12578283, -13716714, -14958183, -16312014, -17788378, -19398364, -21154065};

/* Counts below a sample by the logistic alone; the argument is in Q10. */
static inline vi counts(vi argument, vi spread)
{
  const vi reach = v_set(IDF_LOGISTIC_REACH << 10);
  const vi a = v_min(v_max(argument, v_sub(v_set(0), reach)), reach), at = v_add(a, reach);
  const vi entry = v_gather(idf_logistic_table, v_sra(at, 6));
  /* Steps have 11 bits. The product has 17, in which 16 bits hold it: it is at most 64512. */
  const vi part = v_srl(v_mul16(v_srl(entry, 17), v_and(at, v_set(63))), 6);
  return v_srl(v_mul(v_add(v_and(entry, v_set(0x1ffff)), part), spread), 16);
}

/* idf_scale_reach. Gathers are slow, and eight numbers give the whole table. */
static inline vi reach_of(vi scale)
{
  const vi far =
      v_srav(v_lookup(reaches, v_and(scale, v_set(15))), v_sub(v_set(25), v_sra(scale, 3)));
  return v_max(v_set(3), v_sub(v_set(1), far));
}

/* The interval of sample b, lo <= b <= last, where lo and last are the lowest and last sample of a
 * prior. It does without idf_scale_inverse. For any other b the result is not used. */
static inline void interval_of(vi mu, vi scale, vi b, vi lo, vi last, vi total, vi *below,
                               vi *above)
{
  const vi one = v_set(1), mantissa = v_lookup(mantissas, v_and(scale, v_set(15)));
  const vi shift = v_add(v_set(6), v_sra(v_sub(scale, one), 3));
  const vi spread = v_sub(total, v_add(v_sub(last, lo), one));
  /* |d| <= 526 * 64; mantissas < 2^15. */
  const vi d = v_sub(v_sub(v_sll(b, IDF_Q_MU), v_set(1 << (IDF_Q_MU - 1))), mu);
  const vi scaled = v_mul(d, mantissa);
  const vi next = v_add(scaled, v_sll(mantissa, IDF_Q_MU));
  const vi from = v_sub(b, lo);
  *below = v_add(from, counts(v_srav(scaled, shift), spread));
  *above = v_add(v_add(from, one), counts(v_srav(next, shift), spread));
  *below = v_if_equal(b, lo, v_set(0), *below);
  *above = v_if_equal(b, last, total, *above);
}

static inline vi total_of(vi lo, vi last, vi min, vi max)
{
  const vi some = v_set((int32_t)(IDF_FREQ_ONE - IDF_ESCAPE_SIZE));
  return v_if_equal(lo, min, v_if_equal(last, max, v_set(IDF_FREQ_ONE), some), some);
}

static bool record(int blocks, const int32_t *mu, const int32_t *scale, const int16_t *sample,
                   int32_t least, int32_t most, uint32_t *out)
{
  const vi min = v_set(least), max = v_set(most), one = v_set(1);
  vi odd = v_set(0);
  for (int k = 0; k < blocks * IDF_BLOCK; k += IDF_VEC) {
    const vi m = v_load(mu + k), s = v_load(scale + k), b = v_load16(sample + k);
    const vi reach = reach_of(s);
    const vi centre = v_sra(v_add(m, v_set(1 << (IDF_Q_MU - 1))), IDF_Q_MU);
    const vi lo = v_max(min, v_sub(centre, reach));
    const vi last = v_min(max, v_sub(v_add(centre, reach), one));
    vi below, above;
    interval_of(m, s, b, lo, last, total_of(lo, last, min, max), &below, &above);
    vi in = v_add(below, v_sll(v_sub(v_sub(above, below), one), 16));
    const vi outside = v_if_above(lo, b, v_set(-1), v_if_above(b, last, v_set(-1), v_set(0)));
    odd = v_or(odd, outside);
    v_store(out + k, v_or(in, outside));
  }
  return v_any_above(v_set(0), odd);
}

static void sites_bound(idf_sites *s, int from)
{
  const vi min = v_set(s->min), max = v_set(s->max), one = v_set(1);
  for (int k = from; k < from + IDF_BLOCK; k += IDF_VEC) {
    const vi centre = v_load(s->centre + k), reach = reach_of(v_load(s->scale + k));
    const vi lo = v_max(min, v_sub(centre, reach));
    const vi last = v_min(max, v_sub(v_add(centre, reach), one));
    v_store(s->frac + k, v_sub(v_load(s->mu + k), v_sll(centre, IDF_Q_MU)));
    v_store(s->lowest + k, lo);
    v_store(s->end + k, v_add(last, one));
    v_store(s->total + k, total_of(lo, last, min, max));
  }
}

/* Lanes from k on: `first` becomes the sample nearest to b that has an interval. */
static inline void weigh(idf_sites *s, int k, vi b)
{
  const vi lo = v_load(s->lowest + k), last = v_sub(v_load(s->end + k), v_set(1));
  vi below, above;
  b = v_min(v_max(b, lo), last);
  interval_of(v_load(s->mu + k), v_load(s->scale + k), b, lo, last, v_load(s->total + k), &below,
              &above);
  v_store(s->first + k, b);
  v_store(s->below + k, below);
  v_store(s->above + k, above);
}

static void sites_weigh(idf_sites *s, int from)
{
  vi other = v_set(0);
  for (int k = from; k < from + IDF_BLOCK; k += IDF_VEC) {
    const vi b = v_load(s->sample + k), live = v_load(s->live + k);
    weigh(s, k, b);
    const vi below = v_load(s->below + k), size = v_sub(v_load(s->above + k), below);
    v_store(s->record + IDF_SITES - IDF_VEC - k,
            v_reverse(v_or(below, v_sll(v_sub(size, v_set(1)), 16))));
    other = v_or(other, v_and(live, v_if_equal(v_load(s->first + k), b, v_set(0), v_set(-1))));
  }
  s->odd = s->odd || v_any_above(v_set(0), other);
}

/* The logit times the scale, which is 2^((k - 40) / 8) for index k, or mantissa / 2^(23 - k / 8).
 * Unlike with idf_scale_value, the product fits 32 bits with room to spare. */
static void sites_guess(idf_sites *s, int from)
{
  static const int32_t scales[16] = {16384, 17867, 19484, 21247, 23170, 25268, 27554, 30048,
                                     16384, 17867, 19484, 21247, 23170, 25268, 27554, 30048};
  for (int k = from; k < from + IDF_BLOCK; k += IDF_VEC) {
    const vi scale = v_load(s->scale + k);
    const vi logit = v_gather(idf_logit_table, v_sra(v_load(s->slot + k), 7));
    const vi wide = v_mul(logit, v_lookup(scales, v_and(scale, v_set(15))));
    const vi d = v_srav(wide, v_sub(v_set(23), v_sra(scale, 3)));
    weigh(s, k, v_sra(v_add(v_add(v_load(s->mu + k), d), v_set(1 << (IDF_Q_MU - 1))), IDF_Q_MU));
  }
}

/* ---- rANS ----------------------------------------------------------------------------- */

static void transpose(const uint32_t *const from[IDF_BLOCK], uint32_t *to, size_t stride)
{
  for (int c = 0; c < IDF_BLOCK; c += IDF_VEC)
    for (int k = 0; k < IDF_BLOCK; k += IDF_VEC) {
      vi x[IDF_VEC];
      for (int i = 0; i < IDF_VEC; i++)
        x[i] = v_load(from[k + i] + c);
      v_transpose(x);
      for (int i = 0; i < IDF_VEC; i++)
        v_store(to + (size_t)(c + i) * stride + k, x[i]);
    }
}

#if IDF_VEC == 16

/* The step of idf_rans_finish for half the lanes: which words to emit, then the new states. The
 * quotient, computed in double with x < size * 2^48, is off by less than one; the remainder
 * corrects it. */
static inline __m512i rans_half(__m512i x, __m256i record, __m256i *word, __mmask8 *full)
{
  const __m512i r = _mm512_cvtepu32_epi64(record), one = _mm512_set1_epi64(1);
  const __m512i start = _mm512_and_si512(r, _mm512_set1_epi64(0xffff));
  const __m512i size = _mm512_add_epi64(_mm512_srli_epi64(r, 16), one);
  const __m512d inverse = _mm512_div_pd(_mm512_set1_pd(1.0), _mm512_cvtepu64_pd(size));
  *full = _mm512_cmpge_epu64_mask(_mm512_srli_epi64(x, 48), size);
  *word = _mm512_cvtepi64_epi32(x);
  x = _mm512_mask_srli_epi64(x, *full, x, 32);
  __m512i q = _mm512_cvttpd_epu64(_mm512_mul_pd(_mm512_cvtepu64_pd(x), inverse));
  __m512i rest = _mm512_sub_epi64(x, _mm512_mullo_epi64(q, size));
  const __mmask8 less = _mm512_movepi64_mask(rest);
  q = _mm512_mask_sub_epi64(q, less, q, one);
  rest = _mm512_mask_add_epi64(rest, less, rest, size);
  const __mmask8 more = _mm512_cmpge_epi64_mask(rest, size);
  q = _mm512_mask_add_epi64(q, more, q, one);
  rest = _mm512_mask_sub_epi64(rest, more, rest, size);
  return _mm512_add_epi64(_mm512_slli_epi64(q, 16), _mm512_add_epi64(rest, start));
}

static void sixteens(const uint32_t *record, size_t groups, unsigned lane, uint32_t *words,
                     size_t *top, uint64_t state[IDF_RANS_LANES])
{
  uint64_t turned[IDF_RANS_LANES];
  size_t to = *top;
  for (size_t i = 0; i < IDF_RANS_LANES; i++)
    turned[i] = state[(lane + i) % IDF_RANS_LANES];
  __m512i a = _mm512_loadu_si512(turned), b = _mm512_loadu_si512(turned + 8);
  while (groups-- > 0) {
    __m256i low_words, high_words;
    __mmask8 low_full, high_full;
    const __m512i r = _mm512_loadu_si512(record + 16 * groups);
    a = rans_half(a, _mm512_castsi512_si256(r), &low_words, &low_full);
    b = rans_half(b, _mm512_extracti64x4_epi64(r, 1), &high_words, &high_full);
    const __m512i out = _mm512_inserti64x4(_mm512_castsi256_si512(low_words), high_words, 1);
    const __mmask16 full = _mm512_kunpackb(high_full, low_full);
    const unsigned n = (unsigned)__builtin_popcount(full);
    to -= n;
    _mm512_mask_storeu_epi32(words + to, (__mmask16)((1u << n) - 1),
                             _mm512_maskz_compress_epi32(full, out));
  }
  _mm512_storeu_si512(turned, a);
  _mm512_storeu_si512(turned + 8, b);
  for (size_t i = 0; i < IDF_RANS_LANES; i++)
    state[(lane + i) % IDF_RANS_LANES] = turned[i];
  *top = to;
}

/* The step of idf_rans_take for half the lanes, without the words; *empty tells which lanes need
 * one. */
static inline __m512i rans_back(__m512i x, __m256i below, __m256i size, __mmask8 *empty)
{
  const __m512i slot = _mm512_and_si512(x, _mm512_set1_epi64(IDF_FREQ_ONE - 1));
  x = _mm512_mullo_epi64(_mm512_srli_epi64(x, IDF_FREQ_BITS), _mm512_cvtepu32_epi64(size));
  x = _mm512_add_epi64(x, _mm512_sub_epi64(slot, _mm512_cvtepu32_epi64(below)));
  *empty = _mm512_cmplt_epu64_mask(x, _mm512_set1_epi64((int64_t)IDF_RANS_LOW));
  return x;
}

static inline __m512i rans_fill(__m512i x, __mmask8 empty, __m256i words)
{
  return _mm512_mask_or_epi64(x, empty, _mm512_slli_epi64(x, 32), _mm512_cvtepu32_epi64(words));
}

/* Rotates the states so that `lane` comes first. Only the lowest four bits of an index count. */
static inline void rans_turn(__m512i *low, __m512i *high, __m512i lane)
{
  const __m512i at = _mm512_add_epi64(_mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0), lane);
  const __m512i x = _mm512_permutex2var_epi64(*low, at, *high);
  *high = _mm512_permutex2var_epi64(*low, _mm512_add_epi64(at, _mm512_set1_epi64(8)), *high);
  *low = x;
}

static void peek(const idf_rans_dec *dec, unsigned lane, idf_sites *s, int from)
{
  __m512i low = _mm512_loadu_si512(dec->state), high = _mm512_loadu_si512(dec->state + 8);
  rans_turn(&low, &high, _mm512_set1_epi64(lane));
  const vi v = _mm512_inserti64x4(_mm512_castsi256_si512(_mm512_cvtepi64_epi32(low)),
                                  _mm512_cvtepi64_epi32(high), 1);
  v_store(s->slot + from, v_and(v_reverse(v), v_set(IDF_FREQ_ONE - 1)));
}

static bool take(idf_rans_dec *dec, unsigned lane, idf_sites *s, int from)
{
  const vi below = v_load(s->below + from), b = v_reverse(below);
  const vi sizes = v_sub(v_load(s->above + from), below), size = v_reverse(sizes);
  const vi inside = v_sub(v_load(s->slot + from), below);
  if (dec->end - dec->at < 64 || _mm512_cmpge_epu32_mask(inside, sizes) != 0)
    return false;
  const __m512i turn = _mm512_set1_epi64(lane);
  __m512i x = _mm512_loadu_si512(dec->state), y = _mm512_loadu_si512(dec->state + 8);
  __mmask8 low_empty, high_empty;
  rans_turn(&x, &y, turn);
  x = rans_back(x, _mm512_castsi512_si256(b), _mm512_castsi512_si256(size), &low_empty);
  y = rans_back(y, _mm512_extracti64x4_epi64(b, 1), _mm512_extracti64x4_epi64(size, 1),
                &high_empty);
  const __mmask16 empty = _mm512_kunpackb(high_empty, low_empty);
  const __m512i words = _mm512_maskz_expand_epi32(empty, _mm512_loadu_si512(dec->at));
  x = rans_fill(x, low_empty, _mm512_castsi512_si256(words));
  y = rans_fill(y, high_empty, _mm512_extracti64x4_epi64(words, 1));
  dec->at += 4 * __builtin_popcount(empty);
  rans_turn(&x, &y, _mm512_sub_epi64(_mm512_setzero_si512(), turn));
  _mm512_storeu_si512(dec->state, x);
  _mm512_storeu_si512(dec->state + 8, y);
  v_store(s->latent + from, v_sub(v_load(s->first + from), v_load(s->centre + from)));
  return true;
}
#define RANS_KERNELS .sixteens = sixteens, .peek = peek, .take = take,
#else
#define RANS_KERNELS
#endif

#define IDF_KERNELS_TABLE(level)                                                                   \
  {                                                                                                \
    .simd = level, .layer_sum = layer_sum, .layer_rectify = layer_rectify, .show = show,           \
    .batch = batch, .dot = dot, .classed = classed, .centre = centre,                              \
    .linear_locate = linear_locate, .linear_spread = linear_spread, .ls_fold = ls_fold,            \
    .ls_gather = ls_gather, .ls_local = ls_local, .ls_solve = ls_solve,                            \
    .ls_solve_one = idf_ls_solve_one, .descend = descend, .record = record,                        \
    .transpose = transpose, .sites_bound = sites_bound, .sites_weigh = sites_weigh,                \
    .sites_guess = sites_guess, RANS_KERNELS                                                       \
  }

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * kernels_body.h: the kernels of one level, in terms of vec.h. Included once by each level's
 * file, which defines IDF_VEC and gives the table at the end its name.
 *
 * Equal to kernels_none.c bit for bit: integer sums do not mind their order, and each
 * slot's floating-point operations come in the order written there.
 */
#ifndef IDF_FLOW_KERNELS_BODY_H
#define IDF_FLOW_KERNELS_BODY_H

#include "kernels.h"
#include "vec.h"

/* Sums live in registers only if loops over them are unrolled, for the counts that callers
 * give as constants. */
#define UNROLL _Pragma("GCC unroll 8")
#define INLINE static inline __attribute__((always_inline)) void

/* ---- the network ------------------------------------------------------------------ */

/* nv vectors of outputs from output o on, for nb inputs, all sums in registers. Turned weights
 * are [input pair][output][2] with outputs padded to a multiple of 16. */
INLINE layer_tile(const idf_layer *layer, unsigned o, const int16_t *in,
                              size_t in_stride, const int nv, const int nb, vi sum[])
{
  const size_t padded = (layer->outputs + 15u) & ~15u;
  const int16_t *w = layer->turned + 2 * o;
  UNROLL for (int v = 0; v < nv; v++)
    UNROLL for (int b = 0; b < nb; b++)
      sum[v * nb + b] = v_load(layer->bias + o + v * IDF_VEC);
  for (unsigned i = 0; i < layer->inputs; i += 2, w += 2 * padded) {
    vi weight[2];
    UNROLL for (int v = 0; v < nv; v++)
      weight[v] = v_load(w + v * 2 * IDF_VEC);
    UNROLL for (int b = 0; b < nb; b++) {
      vi x = v_pair(in + (size_t)b * in_stride + i);
      UNROLL for (int v = 0; v < nv; v++)
        sum[v * nb + b] = v_dp(sum[v * nb + b], weight[v], x);
    }
  }
}

static inline vi rectify(vi sum)
{
  vi v = v_sra(v_add(sum, v_set(1 << (IDF_Q_WEIGHT - 1))), IDF_Q_WEIGHT);
  return v_min(v_max(v, v_set(0)), v_set(IDF_ACT_MAX));
}

/* One of out and act is NULL. */
INLINE layer_block(const idf_layer *layer, unsigned o, const int16_t *in,
                               size_t in_stride, const int nv, const int nb, int32_t *out,
                               int16_t *act, size_t out_stride)
{
  vi sum[8];
  layer_tile(layer, o, in, in_stride, nv, nb, sum);
  UNROLL for (int b = 0; b < nb; b++)
    UNROLL for (int v = 0; v < nv; v++) {
      const size_t at = (size_t)b * out_stride + o + (size_t)(v * IDF_VEC);
      if (act != NULL)
        v_store16(act + at, rectify(sum[v * nb + b]));
      else
        v_store(out + at, sum[v * nb + b]);
    }
}

static inline void layer_all(const idf_layer *layer, unsigned count, const int16_t *in,
                             size_t in_stride, int32_t *out, int16_t *act, size_t out_stride)
{
  for (; count > 0;) {
    const unsigned nb = count >= 8 && IDF_VEC == 16 && layer->outputs <= 16 ? 8
                        : count >= 4 ? 4 : 1;
    unsigned o = 0;
    for (; o + IDF_VEC < layer->outputs; o += 2 * IDF_VEC)
      if (nb == 4)
        layer_block(layer, o, in, in_stride, 2, 4, out, act, out_stride);
      else
        layer_block(layer, o, in, in_stride, 2, 1, out, act, out_stride);
    if (o < layer->outputs) {
      if (nb == 8)
        layer_block(layer, o, in, in_stride, 1, 8, out, act, out_stride);
      else if (nb == 4)
        layer_block(layer, o, in, in_stride, 1, 4, out, act, out_stride);
      else
        layer_block(layer, o, in, in_stride, 1, 1, out, act, out_stride);
    }
    count -= nb;
    in += nb * in_stride;
    if (act != NULL)
      act += nb * out_stride;
    else
      out += nb * out_stride;
  }
}

static void layer_sum(const idf_layer *layer, unsigned count, const int16_t *in, size_t in_stride,
                      int32_t *out, size_t out_stride)
{
  layer_all(layer, count, in, in_stride, out, NULL, out_stride);
}

static void layer_rectify(const idf_layer *layer, unsigned count, const int16_t *in,
                          size_t in_stride, int16_t *out, size_t out_stride)
{
  layer_all(layer, count, in, in_stride, NULL, out, out_stride);
}

/* ---- statistics --------------------------------------------------------------------- */

static void ls_turn(idf_ls_block *block)
{
  for (int i = 0; i < IDF_LS_SLOTS; i += IDF_VEC)
    for (int j = i; j < IDF_LS_SLOTS; j += IDF_VEC) {
      vi a[IDF_VEC], b[IDF_VEC];
      UNROLL for (int k = 0; k < IDF_VEC; k++) {
        a[k] = v_load((*block)[i + k] + 2 * j);
        b[k] = v_load((*block)[j + k] + 2 * i);
      }
      v_transpose(a);
      v_transpose(b);
      UNROLL for (int k = 0; k < IDF_VEC; k++) {
        v_store((*block)[j + k] + 2 * i, a[k]);
        v_store((*block)[i + k] + 2 * j, b[k]);
      }
    }
}

/* All ones in the lanes of slots [lo, hi), lane 0 being slot k. */
static inline vi mask_of(unsigned k, unsigned lo, unsigned hi)
{
  int32_t m[IDF_VEC];
  for (unsigned i = 0; i < IDF_VEC; i++)
    m[i] = k + i >= lo && k + i < hi ? -1 : 0;
  return v_load(m);
}

#define PAIRS (IDF_SEGMENT / 2)
#define TILE_I (IDF_VEC == 16 ? 4 : 2) /* so that all sums of a tile fit the registers */
#define TILE_J (IDF_VEC == 16 ? 4 : 3)

/* Rows i .. of weighted regressors times columns j ..: entries of the lower triangle and past
 * the target are computed with the rest of a tile, and dropped. */
INLINE fold_tile(int n, idf_ls_block *const *d, int i, int j, unsigned k,
                             const vi weighted[TILE_I][PAIRS], vi mask, int32_t *local,
                             size_t stride, int32_t *recent)
{
  vi sum[TILE_I][TILE_J];
  const int16_t *column[TILE_J];
  UNROLL for (int c = 0; c < TILE_J; c++)
    column[c] = (*d[j + c <= n ? j + c : n])[0] + 2 * k;
  UNROLL for (int r = 0; r < TILE_I; r++)
    UNROLL for (int c = 0; c < TILE_J; c++)
      sum[r][c] = v_set(0);
  for (int pair = 0; pair < PAIRS; pair++)
    UNROLL for (int c = 0; c < TILE_J; c++) {
      vi x = v_load(column[c] + pair * IDF_SEGMENT);
      UNROLL for (int r = 0; r < TILE_I; r++)
        sum[r][c] = v_dp(sum[r][c], weighted[r][pair], x);
    }
  UNROLL for (int r = 0; r < TILE_I; r++)
    UNROLL for (int c = 0; c < TILE_J; c++) {
      if (i + r >= n || j + c > n || j + c < i + r)
        continue;
      const size_t e = (size_t)(idf_ls_row(n, i + r) + j + c - i - r);
      int32_t *at = local + e * stride + k, *to = recent + e * IDF_LS_SLOTS + k;
      vi q = v_sra(v_add(sum[r][c], v_set(1 << (IDF_LS_BATCH_SHIFT - 1))), IDF_LS_BATCH_SHIFT);
      vi a = v_load(at);
      vi step = v_add(v_sub(q, v_sra(a, 3)), v_sra(a, 5));
      v_store(at, v_add(a, v_and(step, mask)));
      v_store(to, v_add(v_load(to), q));
    }
}

static void ls_fold(int n, idf_ls_block *const *d, const idf_ls_block *weight, unsigned lo,
                    unsigned hi, int32_t *local, size_t stride, int32_t *recent)
{
  for (unsigned k = lo & ~(IDF_VEC - 1u); k < hi; k += IDF_VEC) {
    const vi mask = mask_of(k, lo, hi);
    for (int i = 0; i < n; i += TILE_I) {
      vi weighted[TILE_I][PAIRS];
      for (int r = 0; r < TILE_I; r++)
        for (int pair = 0; pair < PAIRS; pair++)
          weighted[r][pair] = v_mul16(v_load((*weight)[pair] + 2 * k),
                                      v_load((*d[i + r < n ? i + r : n])[pair] + 2 * k));
      for (int j = i; j <= n; j += TILE_J)
        fold_tile(n, d, i, j, k, (const vi (*)[PAIRS])weighted, mask, local, stride, recent);
    }
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
        vf v = vf_of(v_add(v_add(mid, mid), sides));
        if (j == i)
          v = vf_add(v, ridge);
        else if (j == n)
          v = vf_add(v, vf_mul(ridge, vf_load(work->solution[i] + k)));
        vf_store(work->m[e] + k, v);
      }
  }
}

/* Columns [c, c + nb) of row j, from all rows above. m: slot k of entry 0. */
INLINE eliminate(float (*m)[IDF_LS_SLOTS], const float (*inverse)[IDF_LS_SLOTS], int n,
                             int j, int c, const int nb, int keep)
{
  float (*row)[IDF_LS_SLOTS] = m + idf_ls_row(n, j) + c - j;
  float (*above)[IDF_LS_SLOTS] = m + j;
  vf x[8];
  UNROLL for (int b = 0; b < nb; b++)
    x[b] = vf_load(row[b]);
  for (int i = 0; i < j; i++) {
    /* above: entry (i, j) */
    const vf f = vf_mul(vf_load(above[0]), vf_load(inverse[i]));
    UNROLL for (int b = 0; b < nb; b++)
      x[b] = vf_sub(x[b], vf_mul(f, vf_load(above[c - j + b])));
    above += n - i;
  }
  UNROLL for (int b = 0; b < nb; b++)
    if (b < keep)
      vf_store(row[b], x[b]);
}

static void ls_solve(int n, float ridge, unsigned lo, unsigned hi, idf_ls_work *work)
{
  for (unsigned k = lo & ~(IDF_VEC - 1u); k < hi; k += IDF_VEC) {
    float (*m)[IDF_LS_SLOTS] = (float (*)[IDF_LS_SLOTS])(work->m[0] + k);
    float (*inverse)[IDF_LS_SLOTS] = (float (*)[IDF_LS_SLOTS])(work->inverse[0] + k);
    float (*z)[IDF_LS_SLOTS] = (float (*)[IDF_LS_SLOTS])(work->solution[0] + k);
    for (int j = 0; j < n; j++) {
      int c = j;
      for (; c + 4 <= n; c += 8)
        eliminate(m, (const float (*)[IDF_LS_SLOTS])inverse, n, j, c, 8, n + 1 - c);
      if (c <= n)
        eliminate(m, (const float (*)[IDF_LS_SLOTS])inverse, n, j, c, 4, n + 1 - c);
      const int at = idf_ls_row(n, j);
      vf_store(inverse[j], vf_div(vf_set(1.0f), vf_above(vf_load(m[at]), vf_set(ridge))));
      vf_store(z[j], vf_load(m[at + n - j]));
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

/* Values stay in registers over all sites. A 32-bit lane holds an input in its lower half and
 * 0 in its upper; v_dp then multiplies it by minus the slope. */
static void descend(int32_t *value, const int32_t *slope, int count,
                    const int16_t in[][IDF_NET_WIDTH], int width, int32_t limit)
{
  const vi lowest = v_set(-limit), highest = v_set(limit), half = v_set(0xffff);
  for (int k = 0; k < width; k += 16) {
    vi x[16 / IDF_VEC];
    UNROLL for (int b = 0; b < 16 / IDF_VEC; b++)
      x[b] = v_load(value + k + b * IDF_VEC);
    for (int i = 0; i < count; i++) {
      const vi g = v_and(v_set(-slope[i]), half);
      UNROLL for (int b = 0; b < 16 / IDF_VEC; b++)
        x[b] = v_max(v_min(v_dp(x[b], v_widen(in[i] + k + b * IDF_VEC), g), highest), lowest);
    }
    UNROLL for (int b = 0; b < 16 / IDF_VEC; b++)
      v_store(value + k + b * IDF_VEC, x[b]);
  }
}

#define IDF_KERNELS_TABLE(level)                                                       \
  {                                                                                    \
    level, layer_sum, layer_rectify, ls_turn, ls_fold, ls_local, ls_solve, descend,      \
    idf_wave_walk, idf_sites_weigh, idf_sites_guess                                     \
  }

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * kernels_none.c: the kernels in plain C, which define what every other level must equal.
 *
 * The order of the floating-point operations below is part of the format. Loops over slots are
 * innermost: slots are independent, so a compiler may vectorise these loops without changing any
 * result.
 */
#include "kernels_none.h"

#include "prior.h"

/* The values of each lane side by side: compilers are good at sums along a row. */
typedef struct rows {
  int16_t lane[IDF_BLOCK][IDF_NET_HEAD * 2];
} rows;

static void rows_of(const idf_pairs *in, unsigned inputs, rows *to)
{
  for (int k = 0; k < IDF_BLOCK; k++)
    for (unsigned i = 0; i < inputs; i++)
      to->lane[k][i] = in[i / 2][k][i % 2];
}

/* Computes output o of all lanes. */
static void sum_of(const idf_layer *layer, const rows *in, unsigned o, int32_t sum[IDF_BLOCK])
{
  int16_t weight[IDF_NET_HEAD * 2];
  const int inputs = (int)layer->inputs;
  for (int i = 0; i < inputs; i++)
    weight[i] = layer->weight[idf_layer_at(layer->inputs, o, (unsigned)i)];
  for (int k = 0; k < IDF_BLOCK; k++) {
    int32_t s = layer->bias[o];
    for (int i = 0; i < inputs; i++)
      s += weight[i] * in->lane[k][i];
    sum[k] = s;
  }
}

static void layer_sum(const idf_layer *layer, const idf_pairs *in, int32_t (*out)[IDF_BLOCK])
{
  rows r;
  rows_of(in, layer->inputs, &r);
  for (unsigned o = 0; o < layer->outputs; o++)
    sum_of(layer, &r, o, out[o]);
}

static void layer_rectify(const idf_layer *layer, const idf_pairs *in, idf_pairs *out)
{
  rows r;
  rows_of(in, layer->inputs, &r);
  for (unsigned o = 0; o < layer->outputs; o++) {
    int32_t sum[IDF_BLOCK];
    sum_of(layer, &r, o, sum);
    for (int k = 0; k < IDF_BLOCK; k++)
      out[o / 2][k][o % 2] = (int16_t)idf_clamp(idf_round_q(sum[k], IDF_Q_WEIGHT), 0, IDF_ACT_MAX);
  }
}

static void show(const int16_t *s, const ptrdiff_t near[IDF_WINDOW], const int16_t mean[IDF_BLOCK],
                 unsigned unit, int16_t d[IDF_WINDOW][IDF_BLOCK], idf_pairs shown[IDF_TAPS / 2])
{
  for (int i = 0; i < IDF_TAPS; i++) {
    const int cell = IDF_WINDOW_AT(idf_taps[i][0], idf_taps[i][1]);
    for (int k = 0; k < IDF_BLOCK; k++) {
      d[cell][k] = (int16_t)(s[near[cell] + k] - mean[k]);
      shown[i / 2][k][i % 2] = (int16_t)idf_compress(d[cell][k] >> unit);
    }
  }
}

static void batch(const int16_t *s, int columns, const ptrdiff_t at[IDF_SEGMENT],
                  const int16_t mean[IDF_SEGMENT][IDF_BLOCK], unsigned unit, idf_ls_block *row)
{
  for (int c = 0; c < columns; c++)
    for (int k = 0; k < IDF_BLOCK; k++)
      (*row)[c / 2][2 * k + c % 2] =
          (int16_t)idf_clamp((s[at[c] + k] - mean[c][k]) >> unit, -IDF_LS_CLAMP, IDF_LS_CLAMP);
}

static void dot(int n, const idf_pairs *coef, const idf_pairs *x, int32_t sum[IDF_BLOCK])
{
  for (int i = 0; i < n; i++)
    for (int k = 0; k < IDF_BLOCK; k++)
      sum[k] += coef[i][k][0] * x[i][k][0] + coef[i][k][1] * x[i][k][1];
}

static void classed(int pairs, const idf_pairs *coef, const int32_t class[IDF_BLOCK],
                    const int16_t *const *from, int32_t sum[IDF_BLOCK])
{
  for (int k = 0; k < IDF_BLOCK; k++)
    sum[k] = 0;
  for (int i = 0; i < 2 * pairs; i++)
    for (int k = 0; k < IDF_BLOCK; k++)
      sum[k] += coef[i / 2][class[k]][i % 2] * from[i][k];
}

static void centre(int n, const int32_t *const *from, const int32_t *const *less, unsigned unit,
                   int16_t (*out)[IDF_BLOCK])
{
  for (int i = 0; i < n; i++)
    for (int k = 0; k < IDF_BLOCK; k++)
      out[i][k] =
          (int16_t)idf_clamp((from[i][k] - less[i][k]) >> unit, -IDF_LS_CLAMP, IDF_LS_CLAMP);
}

static void ls_fold(int n, int pairs, idf_ls_block *const *d, const idf_ls_block *weight,
                    unsigned lo, unsigned hi, int32_t *local, size_t stride, int32_t *recent)
{
  /* Bounds: |weight * d| <= 64 * 511 < 2^15. The dot product of 32 terms is below 2^15 * 2^9 * 2^5
   * = 2^29, after the shift 2^26. a - a/4 + 2^26 has a magnitude of at most 2^28; the shift of a
   * negative number rounds away from 0. */
  for (int i = 0; i < n; i++) {
    idf_ls_block weighted;
    for (int pair = 0; pair < pairs; pair++)
      for (unsigned k = 2 * lo; k < 2 * hi; k++)
        weighted[pair][k] = (int16_t)((*weight)[pair][k] * (*d[i])[pair][k]);
    for (int j = i; j <= n; j++, local += stride, recent += IDF_LS_SLOTS) {
      int32_t sum[IDF_SEGMENT] = {0};
      for (int pair = 0; pair < pairs; pair++)
        for (unsigned k = 2 * lo; k < 2 * hi; k++)
          sum[k] += weighted[pair][k] * (*d[j])[pair][k];
      for (unsigned k = lo; k < hi; k++) {
        int32_t q = idf_round_q(sum[2 * k] + sum[2 * k + 1], IDF_LS_BATCH_SHIFT);
        local[k] += q - (local[k] >> 2);
        recent[k] += q;
      }
    }
  }
}

static void ls_gather(size_t entries, int32_t *recent, int64_t *wide)
{
  for (size_t e = 0; e < entries; e++, recent += IDF_LS_SLOTS)
    for (int k = 0; k < IDF_LS_SLOTS; k++) {
      wide[e] += recent[k];
      recent[k] = 0;
    }
}

static void ls_local(int n, const idf_ls_sums *sums, unsigned lo, unsigned hi, idf_ls_work *work)
{
  const float ridge = (float)IDF_LS_RIDGE_LOCAL;
  size_t e = 0;
  for (int i = 0; i < n; i++)
    for (int j = i; j <= n; j++, e++)
      for (unsigned k = lo; k < hi; k++) {
        const size_t at = e * sums->stride + k;
        int32_t left = sums->no_left && k == 0 ? 0 : sums->left[at];
        int32_t right = sums->no_right && k == IDF_LS_SLOTS - 1 ? 0 : sums->right[at];
        float v = (float)(4 * sums->mid[at] + left + right); /* at most 6 * 2^28 */
        if (j == i)
          v = v + ridge;
        else if (j == n)
          v = v + ridge * work->solution[i][k];
        work->m[e][k] = v;
      }
}

/* to -= f * from, with two roundings. */
static void subtract(float *restrict to, const float *restrict f, const float *restrict from,
                     unsigned lo, unsigned hi)
{
  for (unsigned k = lo; k < hi; k++)
    to[k] = to[k] - f[k] * from[k];
}

/* Solves by L D L^T in place. Row j is eliminated after all rows above it.
 *
 * In exact arithmetic a pivot is at least the ridge, because statistics are sums of squares.
 * Rounding may take it below; the ridge is then the better value. Statistics that no samples give
 * could make entries infinite or NaN. Even then every result is defined: the comparisons turn NaN
 * into the ridge or into the least coefficient. */
static void ls_solve(int n, float ridge, unsigned lo, unsigned hi, idf_ls_work *work)
{
  float(*inverse)[IDF_LS_SLOTS] = work->inverse, (*z)[IDF_LS_SLOTS] = work->solution;
  for (int j = 0; j < n; j++) {
    float(*row)[IDF_LS_SLOTS] = work->m + idf_ls_row(n, j) - j; /* indexed by column */
    for (int i = 0; i < j; i++) {
      float(*above)[IDF_LS_SLOTS] = work->m + idf_ls_row(n, i) - i, f[IDF_LS_SLOTS];
      for (unsigned k = lo; k < hi; k++)
        f[k] = above[j][k] * inverse[i][k];
      for (int c = j; c <= n; c++)
        subtract(row[c], f, above[c], lo, hi);
    }
    for (unsigned k = lo; k < hi; k++) {
      inverse[j][k] = 1.0f / (row[j][k] > ridge ? row[j][k] : ridge);
      z[j][k] = row[n][k];
    }
  }
  for (int i = n - 1; i >= 0; i--) {
    for (unsigned k = lo; k < hi; k++)
      z[i][k] = z[i][k] * inverse[i][k];
    for (int j = 0; j < i; j++)
      subtract(z[j], work->m[idf_ls_row(n, j) + i - j], z[i], lo, hi);
  }
  for (int i = 0; i < n; i++)
    for (unsigned k = lo; k < hi; k++)
      work->coef[i][k] = (int16_t)idf_ls_quantise(z[i][k]);
}

static void descend(int32_t (*value)[IDF_NET_WIDTH], const int32_t *const slope[IDF_NET_OUTPUTS],
                    const idf_pairs *in, int width, int32_t limit)
{
  for (int o = 0; o < IDF_NET_OUTPUTS; o++)
    for (int k = IDF_BLOCK - 1; k >= 0; k--)
      for (int i = 0; i < width; i++)
        value[o][i] = idf_clamp(value[o][i] - slope[o][k] * in[i / 2][k][i % 2], -limit, limit);
}

static bool record(int blocks, const int32_t *mu, const int32_t *scale, const int16_t *sample,
                   int32_t min, int32_t max, uint32_t *out)
{
  bool odd = false;
  for (int k = 0; k < blocks * IDF_BLOCK; k++) {
    idf_prior prior;
    idf_prior_set(&prior, mu[k], scale[k], min, max);
    if (sample[k] < prior.lo || sample[k] >= prior.hi) {
      out[k] = IDF_RECORD_ODD;
      odd = true;
    } else {
      const uint32_t below = idf_prior_cdf(&prior, sample[k]);
      out[k] = below | (idf_prior_cdf(&prior, sample[k] + 1) - below - 1) << 16;
    }
  }
  return odd;
}

static void transpose(const uint32_t *const from[IDF_BLOCK], uint32_t *to, size_t stride)
{
  for (size_t c = 0; c < IDF_BLOCK; c++)
    for (size_t k = 0; k < IDF_BLOCK; k++)
      to[c * stride + k] = from[k][c];
}

static void sites_bound(idf_sites *s, int from)
{
  for (int i = from; i < from + IDF_BLOCK; i++) {
    int32_t centre = s->centre[i], reach = idf_scale_reach[s->scale[i]];
    int32_t lo = IDF_MAX(s->min, centre - reach), hi = IDF_MIN(s->max, centre + reach - 1) + 1;
    bool whole = lo == s->min && hi > s->max;
    s->frac[i] = s->mu[i] - centre * (1 << IDF_Q_MU);
    s->lowest[i] = lo;
    s->end[i] = hi;
    s->total[i] = (int32_t)IDF_FREQ_ONE - (whole ? 0 : (int32_t)IDF_ESCAPE_SIZE);
  }
}

static void sites_weigh(idf_sites *s, int from)
{
  for (int i = from; i < from + IDF_BLOCK; i++) {
    int32_t b = idf_clamp(s->sample[i], s->lowest[i], s->end[i] - 1);
    s->first[i] = b;
    s->below[i] = (int32_t)idf_fine_cdf(idf_fine_of(s, i), b);
    s->above[i] = (int32_t)idf_fine_cdf(idf_fine_of(s, i), b + 1);
  }
  int32_t other = 0;
  for (int i = from; i < from + IDF_BLOCK; i++) {
    other |= (s->first[i] ^ s->sample[i]) & s->live[i];
    const uint32_t below = (uint32_t)s->below[i];
    s->record[IDF_SITES - 1 - i] = below | ((uint32_t)s->above[i] - below - 1) << 16;
  }
  s->odd = s->odd || other != 0;
}

static void sites_guess(idf_sites *s, int from)
{
  for (int i = from; i < from + IDF_BLOCK; i++) {
    int64_t wide = (int64_t)idf_logit_table[s->slot[i] >> 7] * idf_scale_value[s->scale[i]];
    int32_t d = (int32_t)(wide >> (10 + IDF_SCALE_VALUE_Q - IDF_Q_MU)) + s->frac[i];
    int32_t b = s->centre[i] + idf_round_q(d, IDF_Q_MU);
    b = idf_clamp(b, s->lowest[i], s->end[i] - 1);
    s->first[i] = b;
    s->below[i] = (int32_t)idf_fine_cdf(idf_fine_of(s, i), b);
    s->above[i] = (int32_t)idf_fine_cdf(idf_fine_of(s, i), b + 1);
  }
}

const idf_kernels idf_kernels_none = {
    .simd = IDF_SIMD_NONE,
    .layer_sum = layer_sum,
    .layer_rectify = layer_rectify,
    .show = show,
    .batch = batch,
    .dot = dot,
    .classed = classed,
    .centre = centre,
    .ls_fold = ls_fold,
    .ls_gather = ls_gather,
    .ls_local = ls_local,
    .ls_solve = ls_solve,
    .ls_solve_one = idf_ls_solve_one,
    .descend = descend,
    .record = record,
    .transpose = transpose,
    .sites_bound = sites_bound,
    .sites_weigh = sites_weigh,
    .sites_guess = sites_guess,
};

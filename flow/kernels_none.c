/* SPDX-License-Identifier: BSD-3-Clause
 *
 * kernels_none.c: the kernels in plain C: what every other level must equal.
 *
 * The order of floating-point operations below IS the format. Loops over slots are
 * innermost: they are independent, so a compiler may vectorise them without
 * changing any result.
 */
#include "kernels_none.h"

static void layer_sum(const idf_layer *layer, unsigned count, const int16_t *in, size_t in_stride,
                      int32_t *out, size_t out_stride)
{
  for (unsigned k = 0; k < count; k++)
    idf_layer_sum(layer, in + k * in_stride, out + k * out_stride);
}

static void layer_rectify(const idf_layer *layer, unsigned count, const int16_t *in,
                          size_t in_stride, int16_t *out, size_t out_stride)
{
  for (unsigned k = 0; k < count; k++)
    idf_layer_rectify(layer, in + k * in_stride, out + k * out_stride);
}

static void ls_turn(idf_ls_block *block)
{
  int16_t (*b)[IDF_SEGMENT] = *block;
  for (int i = 0; i < IDF_LS_SLOTS; i++)
    for (int j = 0; j < i; j++)
      for (int k = 0; k < 2; k++) {
        int16_t v = b[i][2 * j + k];
        b[i][2 * j + k] = b[j][2 * i + k];
        b[j][2 * i + k] = v;
      }
}

static void ls_fold(int n, idf_ls_block *const *d, const idf_ls_block *weight, unsigned lo,
                    unsigned hi, int32_t *local, size_t stride, int32_t *recent)
{
  /* Bounds: |weight * d| <= 64 * 511 < 2^15; the dot product of 32 terms is below
   * 2^15 * 2^9 * 2^5 = 2^29; after the shift 2^25. The fixpoint of a - a/8 + a/32 + 2^25
   * is 2^25 * 32/3 < 2^29. */
  for (int i = 0; i < n; i++)
    for (int j = i; j <= n; j++, local += stride, recent += IDF_LS_SLOTS) {
      int32_t sum[IDF_LS_SLOTS] = { 0 };
      for (int pair = 0; pair < IDF_SEGMENT / 2; pair++) {
        const int16_t *w = (*weight)[pair], *a = (*d[i])[pair], *b = (*d[j])[pair];
        for (unsigned k = lo; k < hi; k++)
          sum[k] += w[2 * k] * a[2 * k] * b[2 * k] + w[2 * k + 1] * a[2 * k + 1] * b[2 * k + 1];
      }
      for (unsigned k = lo; k < hi; k++) {
        int32_t q = idf_round_q(sum[k], IDF_LS_BATCH_SHIFT);
        local[k] = local[k] - (local[k] >> 3) + (local[k] >> 5) + q;
        recent[k] += q;
      }
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
        float v = (float)(2 * sums->mid[at] + left + right); /* 4 * 2^29 at most */
        if (j == i)
          v = v + ridge;
        else if (j == n)
          v = v + ridge * work->solution[i][k];
        work->m[e][k] = v;
      }
}

/* Solves by L D L^T in place, row j's turn coming when all rows above are done. In exact
 * arithmetic a pivot is at least the ridge, for statistics are sums of squares; rounding can
 * only take it below by accident, and there the ridge is the better value. Should entries
 * still run away to infinity or worse, on statistics that no samples give, every result remains defined:
 * the comparisons send what is not a number to the ridge and to the least coefficient. */
static void ls_solve(int n, float ridge, unsigned lo, unsigned hi, idf_ls_work *work)
{
  for (unsigned k = lo; k < hi; k++) {
    float (*m)[IDF_LS_SLOTS] = work->m;
    float inverse[IDF_LS_MAX], z[IDF_LS_MAX];
    for (int j = 0; j < n; j++) {
      float *row = m[idf_ls_row(n, j) - j] + k; /* column c is at c * IDF_LS_SLOTS */
      for (int i = 0; i < j; i++) {
        const float *above = m[idf_ls_row(n, i) - i] + k;
        const float f = above[j * IDF_LS_SLOTS] * inverse[i];
        for (int c = j; c <= n; c++)
          row[c * IDF_LS_SLOTS] = row[c * IDF_LS_SLOTS] - f * above[c * IDF_LS_SLOTS];
      }
      const float p = row[j * IDF_LS_SLOTS];
      inverse[j] = 1.0f / (p > ridge ? p : ridge);
      z[j] = row[n * IDF_LS_SLOTS];
    }
    for (int i = n - 1; i >= 0; i--) {
      z[i] = z[i] * inverse[i];
      for (int j = 0; j < i; j++)
        z[j] = z[j] - m[idf_ls_row(n, j) + i - j][k] * z[i];
    }
    for (int i = 0; i < n; i++) {
      /* floor(v + 1/2) by truncation of a positive number. */
      float v = z[i] * (float)(1 << IDF_Q_COEF) + 32768.5f;
      v = v > 1.0f ? v : 1.0f;
      v = v < 65535.0f ? v : 65535.0f;
      work->solution[i][k] = z[i];
      work->coef[i][k] = (int16_t)((int32_t)v - 32768);
    }
  }
}

const idf_kernels idf_kernels_none = {
  IDF_LEVEL_NONE, layer_sum, layer_rectify, ls_turn, ls_fold, ls_local, ls_solve,
  idf_wave_walk,  idf_sites_weigh, idf_sites_guess,
};

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * leastsq.c: statistics, forgetting and solve of the least-squares coupling.
 *
 * The order of floating-point operations below IS the format. The inner loops run
 * along independent elements (right-looking Cholesky without square roots), so a
 * compiler may vectorise them without changing any result.
 */
#include "leastsq.h"

#include <string.h>

/* Batches enter the statistics divided by 4; ridges are in the same measure: weight
 * (64 = certain) times units squared, over 4. */
#define BATCH_SHIFT 2
#define RIDGE_LOCAL 1920.0
#define RIDGE_WIDE 3200.0
#define PIVOT_MIN 1.0 /* far below any ridge: reached only by rounding */

int32_t idf_ls_weight(uint32_t error)
{
  return error > 126 ? 1 : 128 / (2 + (int32_t)error);
}

void idf_ls_fold(idf_ls_local *local, idf_ls_wide *row, const idf_ls_batch *batch, int n)
{
  /* Bounds: |weight * d| <= 64 * 511 < 2^15; the dot product of 32 terms is below
   * 2^15 * 2^9 * 2^5 = 2^29; after the shift 2^27. The fixpoint of a - a/8 + a/32 + 2^27
   * is 2^27 * 32/3 < 2^31. The row's sum stays below 2^27 * 128 segments. */
  int32_t *a = local->a;
  int64_t *ra = row->a;
  for (int i = 0; i <= n; i++) {
    int16_t wd[IDF_SEGMENT];
    for (int k = 0; k < IDF_SEGMENT; k++)
      wd[k] = (int16_t)(batch->weight[k] * batch->d[i][k]);
    int last = i < n ? i : n - 1; /* the target's own square is not needed */
    int32_t *out = i < n ? a : local->b;
    int64_t *rout = i < n ? ra : row->b;
    for (int j = 0; j <= last; j++) {
      int32_t s = 0;
      for (int k = 0; k < IDF_SEGMENT; k++)
        s += wd[k] * batch->d[j][k];
      s >>= BATCH_SHIFT;
      out[j] = out[j] - (out[j] >> 3) + (out[j] >> 5) + s;
      rout[j] += s;
    }
    a += i + 1;
    ra += i + 1;
  }
}

void idf_ls_fold_row(idf_ls_wide *wide, idf_ls_wide *row, int n)
{
  /* Bound: 2^34 a row, 256 rows of memory: below 2^43. */
  for (int i = 0; i < n * (n + 1) / 2; i++) {
    wide->a[i] += row->a[i] - (wide->a[i] >> 8);
    row->a[i] = 0;
  }
  for (int i = 0; i < n; i++) {
    wide->b[i] += row->b[i] - (wide->b[i] >> 8);
    row->b[i] = 0;
  }
}

/* Row j of m from column j on is `n - j` numbers the caller stores; this clears the rest of
 * the blocks of four that solve touches. */
static void clear_margins(double m[IDF_LS_MAX][IDF_LS_MAX], int n)
{
  for (int j = 0; j < n; j++) {
    for (int k = j & ~3; k < j; k++)
      m[j][k] = 0;
    for (int k = n; k < ((n + 3) & ~3); k++)
      m[j][k] = 0;
  }
}

/* to[k] -= f * from[k] for n values, n a multiple of 4. */
static void subtract(double *restrict to, const double *restrict from, double f, int n)
{
  for (int k = 0; k < n; k += 4)
    for (int e = 0; e < 4; e++)
      to[k + e] = to[k + e] - f * from[k + e];
}

/* Solves m x = b for a symmetric positive m (full storage, upper triangle used) by
 * L D L^T, in place. Rows are updated in whole blocks of four: what falls below the
 * diagonal or past n is never looked at, but clear_margins keeps it finite. */
static void solve(double m[IDF_LS_MAX][IDF_LS_MAX], double b[IDF_LS_MAX], int n)
{
  double pivot[IDF_LS_MAX];
  const int end = (n + 3) & ~3;
  for (int i = 0; i < n; i++) {
    double p = m[i][i];
    if (!(p >= PIVOT_MIN))
      p = PIVOT_MIN;
    pivot[i] = p;
    for (int j = i + 1; j < n; j++) {
      const double f = m[i][j] / p;
      subtract(m[j] + (j & ~3), m[i] + (j & ~3), f, end - (j & ~3));
      b[j] = b[j] - f * b[i];
    }
  }
  for (int i = n - 1; i >= 0; i--) {
    b[i] = b[i] / pivot[i];
    for (int j = 0; j < i; j++)
      b[j] = b[j] - m[j][i] * b[i];
  }
}

static void quantise(const double *x, int n, int16_t *coef)
{
  for (int i = 0; i < n; i++) {
    /* All inputs are finite and pivots are bounded below, so x is; the clamp is for
     * size. floor(v + 1/2) by truncation of a positive number. */
    double v = x[i] * (1 << IDF_Q_COEF) + 32768.5;
    coef[i] = (int16_t)((v >= 65535.0 ? 65535 : v >= 1.0 ? (int32_t)v : 1) - 32768);
  }
}

void idf_ls_solve_wide(const idf_ls_wide *wide, int n, double solution[IDF_LS_MAX],
                       int16_t coef[IDF_LS_MAX])
{
  double m[IDF_LS_MAX][IDF_LS_MAX];
  const int64_t *a = wide->a;
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < i; j++)
      m[j][i] = (double)a[j];
    m[i][i] = (double)a[i] + RIDGE_WIDE;
    solution[i] = (double)wide->b[i];
    a += i + 1;
  }
  clear_margins(m, n);
  solve(m, solution, n);
  quantise(solution, n, coef);
}

void idf_ls_solve_local(const idf_ls_local *left, const idf_ls_local *mid,
                        const idf_ls_local *right, int n, const double prior[IDF_LS_MAX],
                        int16_t coef[IDF_LS_MAX])
{
  static const idf_ls_local none; /* constant zeros */
  double m[IDF_LS_MAX][IDF_LS_MAX], b[IDF_LS_MAX];
  if (left == NULL)
    left = &none;
  if (right == NULL)
    right = &none;
  int at = 0;
  for (int i = 0; i < n; i++) {
    for (int j = 0; j <= i; j++, at++)
      m[j][i] = 2.0 * (double)mid->a[at] + (double)left->a[at] + (double)right->a[at];
    m[i][i] = m[i][i] + 2.0 * RIDGE_LOCAL;
    b[i] = 2.0 * (double)mid->b[i] + (double)left->b[i] + (double)right->b[i]
           + 2.0 * RIDGE_LOCAL * prior[i];
  }
  clear_margins(m, n);
  solve(m, b, n);
  quantise(b, n, coef);
}

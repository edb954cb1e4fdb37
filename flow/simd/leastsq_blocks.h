/* SPDX-License-Identifier: BSD-3-Clause
 *
 * leastsq_blocks.h: the data blocks of the least-squares predictor: columns of regressors,
 * equations, and the working memory of a solve. leastsq.h explains them.
 */
#ifndef IDF_FLOW_LEASTSQ_BLOCKS_H
#define IDF_FLOW_LEASTSQ_BLOCKS_H

#include "fixed.h"

#define IDF_SEGMENT 32 /* columns at most */
#define IDF_LS_MAX 48  /* regressors and target at most */
#define IDF_LS_ENTRIES ((IDF_LS_MAX - 1) * (IDF_LS_MAX + 2) / 2)
#define IDF_LS_CLAMP 511 /* units: regressors and targets in the statistics */
#define IDF_LS_SLOTS 16  /* slots in a group: what the widest kernel handles at once */

/* The sums of products of a batch are divided by 8 before they enter the statistics, so that four
 * times a segment's sum plus those of its neighbours still fits 32 bits. */
#define IDF_LS_BATCH_SHIFT 3
/* The ridge in the measure of the statistics: weight (64 = certain) times units squared, over 8.
 * Below about 50, the rounding of the statistics matters: systems are no longer positive
 * definite. */
#define IDF_LS_RIDGE_LOCAL 200

/* The equations of n regressors are the upper triangle, row by row. Each row ends with the target's
 * column. Entry (i, j), i < n, i <= j <= n, has the index idf_ls_row(n, i) + j - i. */
static inline int idf_ls_row(int n, int i)
{
  return i * (n + 1) - i * (i - 1) / 2;
}

/* Columns of one regressor, or of the weights, for the slots of a group: [column pair][slot][2].
 * Pairs past the segment's columns are not read. */
typedef int16_t idf_ls_block[IDF_SEGMENT / 2][2 * IDF_LS_SLOTS];

/* The working memory of a solve. */
typedef struct idf_ls_work {
  float m[IDF_LS_ENTRIES + 8][IDF_LS_SLOTS]; /* 8: kernels read past a row's end */
  float inverse[IDF_LS_MAX][IDF_LS_SLOTS];
  float solution[IDF_LS_MAX][IDF_LS_SLOTS];
  int16_t coef[IDF_LS_MAX][IDF_LS_SLOTS];
  float one[IDF_LS_MAX][IDF_LS_MAX]; /* a wide system by itself */
} idf_ls_work;

/* The sums of a group's slots for idf_kernels.ls_local. Entry e of slot i is mid[e * stride + i];
 * left and right, in the equations of the other parity, are those of its neighbours. */
typedef struct idf_ls_sums {
  const int32_t *mid, *left, *right;
  size_t stride;
  bool no_left, no_right; /* the first slot has no left, the last no right neighbour */
} idf_ls_sums;

/* Solves one system by L D L^T in place. In row i the columns j >= i count, and column n is the
 * target's; the columns before a row's own may hold any numbers. This is plain C. It works on
 * pieces of columns that are whole vectors at every level: see kernels.h. */
static inline void idf_ls_solve_one(int n, float ridge, float m[IDF_LS_MAX][IDF_LS_MAX],
                                    float z[IDF_LS_MAX])
{
  float inverse[IDF_LS_MAX];
  for (int i = 0; i < n; i++) {
    inverse[i] = 1.0f / (m[i][i] > ridge ? m[i][i] : ridge);
    z[i] = m[i][n];
    for (int j = i + 1; j < n; j++) {
      const float f = m[i][j] * inverse[i];
      for (int from = j & ~15; from <= n; from += 16)
        for (int c = from; c < from + 16; c++)
          m[j][c] = m[j][c] - f * m[i][c];
    }
  }
  for (int i = n - 1; i >= 0; i--) {
    z[i] = z[i] * inverse[i];
    for (int j = 0; j < i; j++)
      z[j] = z[j] - m[j][i] * z[i];
  }
}

/* A solution's coefficient in Q12: floor(v + 1/2) by truncation of a positive number, clamped. */
static inline int32_t idf_ls_quantise(float v)
{
  v = v * (float)(1 << IDF_Q_COEF) + 32768.5f;
  v = v > 1.0f ? v : 1.0f;
  v = v < 65535.0f ? v : 65535.0f;
  return (int32_t)v - 32768;
}

#endif

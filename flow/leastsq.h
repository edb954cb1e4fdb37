/* SPDX-License-Identifier: BSD-3-Clause
 *
 * leastsq.h: recursive weighted least squares: the locally learned half of the coupling.
 *
 * A plane is cut into segments of 32 columns. Each keeps the normal equations of
 * the samples coded in it, forgetting 3/32 at each row. A row's segment is
 * predicted with the equations of itself and its two neighbours (weights 2, 1, 1),
 * drawn by a ridge towards the solution of a whole-width system that forgets 1/256
 * a row, itself drawn towards 0.
 *
 * Statistics are integers. The solve is IEEE-754 double with + - * / only, in
 * the order written, never contracted: correctly rounded and so the same
 * everywhere. Source: weighted recursive least squares as in TMW and Vanilc
 * (Weinlich et al., "Probability distribution estimation for autoregressive
 * pixel-predictive image coding", IEEE TIP 2016); the segment form is ours.
 */
#ifndef IDF_FLOW_LEASTSQ_H
#define IDF_FLOW_LEASTSQ_H

#include "fixed.h"
#include "mem.h"

#define IDF_SEGMENT 32 /* columns */
#define IDF_LS_MAX 40  /* regressors at most: 18 own, 11 for each earlier plane */
#define IDF_LS_PACKED (IDF_LS_MAX * (IDF_LS_MAX + 1) / 2)
#define IDF_LS_CLAMP 511 /* units: regressors and targets in the statistics */

/* Normal equations of n regressors: the lower triangle row by row, then the right
 * hand sides. Bounds: |entry| < 2^31, see fold. */
typedef struct idf_ls_local {
  int32_t a[IDF_LS_PACKED];
  int32_t b[IDF_LS_MAX];
} idf_ls_local;

typedef struct idf_ls_wide {
  int64_t a[IDF_LS_PACKED];
  int64_t b[IDF_LS_MAX];
} idf_ls_wide;

/* What one segment of one row adds. `d` holds n + 1 rows (the target last) of
 * IDF_SEGMENT values within +-IDF_LS_CLAMP, zero past the segment's width. */
typedef struct idf_ls_batch {
  int16_t d[IDF_LS_MAX + 1][IDF_SEGMENT];
  int16_t weight[IDF_SEGMENT]; /* 1 .. 64; 0 past the width */
} idf_ls_batch;

/* 128 / (2 + e), at least 1: the weight of a sample that was mispredicted by e units. */
int32_t idf_ls_weight(uint32_t error);

/* Adds a batch to the segment's equations, after they forgot, and to the row's sum. */
void idf_ls_fold(idf_ls_local *local, idf_ls_wide *row, const idf_ls_batch *batch, int n);
/* Ends a row: the wide equations forget and take in the row's sum, which is cleared. */
void idf_ls_fold_row(idf_ls_wide *wide, idf_ls_wide *row, int n);

/* Coefficients in Q12, clamped to int16. `solution`: the same in double, for use as prior. */
void idf_ls_solve_wide(const idf_ls_wide *wide, int n, double solution[IDF_LS_MAX],
                       int16_t coef[IDF_LS_MAX]);
/* left, right: the neighbouring segments or NULL; prior: the wide solution. */
void idf_ls_solve_local(const idf_ls_local *left, const idf_ls_local *mid,
                        const idf_ls_local *right, int n, const double prior[IDF_LS_MAX],
                        int16_t coef[IDF_LS_MAX]);

#endif

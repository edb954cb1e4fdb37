/* SPDX-License-Identifier: BSD-3-Clause
 *
 * leastsq.h: recursive weighted least squares: the locally learned half of the coupling.
 *
 * A plane is cut into segments: strips (field.h) or, of strips above 32 columns, their halves.
 * Each keeps the normal equations of the samples coded in it, forgetting 1/4 at each row. A
 * row's segment is predicted with the equations of itself and its two neighbours (weights 4, 1,
 * 1), drawn by a ridge towards the solution of a wide system of all segments, which forgets
 * 1/256 a row and is itself drawn towards what is usual in photographs: a picture's first rows
 * have little else to go by.
 *
 * READ flow.h's clock first: in one `block` of time, of as many steps as a segment has columns,
 * row y is in segment block - halves y. With two halves the segments at work are so all even or
 * all odd. That is why equations are stored by parity, of which whole strips have only one, side
 * by side in `slots` (slot = segment / halves: a strip), and why whatever
 * happens at a segment's start or end happens to a range of slots at once:
 * a vector of slots runs through the same scalar algorithm.
 *
 * Statistics are integers. The solve is IEEE-754 float with + - * / only, in
 * the order written, never contracted: correctly rounded and so the same
 * everywhere. Source: weighted recursive least squares as in TMW and Vanilc
 * (Weinlich et al., "Probability distribution estimation for autoregressive
 * pixel-predictive image coding", IEEE TIP 2016); the segment form is ours.
 */
#ifndef IDF_FLOW_LEASTSQ_H
#define IDF_FLOW_LEASTSQ_H

#include "field.h"
#include "fixed.h"
#include "mem.h"

#define IDF_SEGMENT 32 /* columns at most */
#define IDF_LS_MAX 48  /* regressors and target at most */
#define IDF_LS_ENTRIES ((IDF_LS_MAX - 1) * (IDF_LS_MAX + 2) / 2)
#define IDF_LS_CLAMP 511 /* units: regressors and targets in the statistics */
#define IDF_LS_SLOTS 16  /* slots in a group: what the widest kernel takes at once */

/* Sums of products of a batch enter the statistics divided by 8, so that four times a segment's
 * plus its neighbours' still fit 32 bits. */
#define IDF_LS_BATCH_SHIFT 3
/* In the statistics' measure: weight (64 = certain) times units squared, over 8. Below about 50
 * the statistics' rounding shows: systems are no longer positive definite. */
#define IDF_LS_RIDGE_LOCAL 200
/* That of the wide system is 1 in Q10, so that what it draws towards, coefficients in Q10, are
 * the target's entries of samples never seen. Four times as much costs photographs 0.03 %. */
#define IDF_LS_RIDGE_WIDE (1 << 10)

/* Equations of n regressors are the upper triangle row by row, each row ending with the
 * target's column: entry (i, j), i < n, i <= j <= n, is number idf_ls_row(n, i) + j - i. */
static inline int idf_ls_row(int n, int i)
{
  return i * (n + 1) - i * (i - 1) / 2;
}

typedef struct idf_kernels idf_kernels; /* kernels.h */

/* One plane's equations. */
typedef struct idf_ls {
  int n;                /* regressors, below IDF_LS_MAX */
  int segment;          /* columns, even */
  int halves;           /* segments in a strip: 1 or 2 */
  const int16_t *usual; /* borrowed: n coefficients in Q10 */
  size_t slots;         /* room for each parity: a multiple of IDF_LS_SLOTS */
  int32_t *local[2];    /* by parity of the segment: [entry][slots] */
  int32_t *recent;      /* [entry][IDF_LS_SLOTS]: not yet in wide */
  int64_t *wide;        /* [entry] */
} idf_ls;

/* Columns of a regressor or of weights in each of a group's slots: [column pair][slot][2]. Pairs
 * past the segment's are not read. */
typedef int16_t idf_ls_block[IDF_SEGMENT / 2][2 * IDF_LS_SLOTS];

/* What a solve works on. */
typedef struct idf_ls_work {
  float m[IDF_LS_ENTRIES + 8][IDF_LS_SLOTS]; /* 8: kernels read past a row's end */
  float inverse[IDF_LS_MAX][IDF_LS_SLOTS];
  float solution[IDF_LS_MAX][IDF_LS_SLOTS];
  int16_t coef[IDF_LS_MAX][IDF_LS_SLOTS];
  float one[IDF_LS_MAX][IDF_LS_MAX]; /* a wide system by itself */
} idf_ls_work;

/* Solves one system by L D L^T in place: row i's columns j >= i count, column n is the target's;
 * columns before a row's own hold any numbers. Plain C, in pieces of as many columns as every level
 * has whole vectors for: kernels.h. */
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

/* How many plane p has: its own of idf_taps_own, then for each earlier plane, from plane 0 on,
 * its idf_taps_cross, the sample at the same place among them; taps in field.h's order. */
static inline int idf_regressors(unsigned plane)
{
  return idf_own_taps(plane) + (int)plane * IDF_TAPS_CROSS;
}

/* A plane's coefficients in Q10, as many as it has regressors: medians of 88 photographs' (the wide
 * systems' at the end, in YCoCg-R), none of them a test's. With them 64 x 64 pixels take 0.35 %
 * less, a megapixel 0.01 %. plane < 3. */
const int16_t *idf_ls_usual(unsigned plane);

/* usual: borrowed until idf_ls_free. */
idf_status idf_ls_init(idf_ls *ls, idf_mem *mem, int n, const int16_t *usual, uint32_t strips,
                       int strip);
void idf_ls_free(idf_ls *ls, idf_mem *mem); /* also of a zeroed ls */

extern const uint8_t idf_ls_weights[127];

/* 128 / (2 + e), at least 1: the weight of a sample that was mispredicted by e units. */
static inline int32_t idf_ls_weight(uint32_t error)
{
  return idf_ls_weights[IDF_MIN(error, 126u)];
}

/* Adds to slots [lo, hi) of the group that starts at slot `group`, all of one parity,
 * after they forgot. d: n + 1 blocks (the target last) of values within
 * +-IDF_LS_CLAMP; weight: 1 .. 64, or 0 past a segment's width and everywhere outside
 * [lo, hi). At most 16 calls may follow each other without idf_ls_gather. */
void idf_ls_fold(idf_ls *ls, const idf_kernels *kernels, unsigned parity, size_t group, unsigned lo,
                 unsigned hi, idf_ls_block *const *d, const idf_ls_block *weight);
/* Brings the wide equations up to date with all folds. */
void idf_ls_gather(idf_ls *ls, const idf_kernels *kernels);
/* When a row starts: the wide equations forget. */
void idf_ls_forget(idf_ls *ls);

/* Coefficients in Q12, clamped to int16, IDF_LS_MAX of them with zeros past n.
 * `solution`: the same in float, for use as prior: coefficient i at solution[i * stride].
 * idf_ls_gather comes first. */
void idf_ls_solve_wide(const idf_ls *ls, const idf_kernels *kernels, idf_ls_work *work,
                       float *solution, size_t stride, int16_t coef[IDF_LS_MAX]);
/* Slots [lo, hi) of a group: work->coef[i][k] for slot group + k, drawn towards its row's wide
 * solution prior[i * stride + k]. In other slots that may be any number, as may what it leaves. */
void idf_ls_solve_local(const idf_ls *ls, const idf_kernels *kernels, idf_ls_work *work,
                        unsigned parity, size_t group, unsigned lo, unsigned hi, const float *prior,
                        size_t stride);

#endif

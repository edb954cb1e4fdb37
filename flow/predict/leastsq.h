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
#include "kernels.h"
#include "mem.h"

/* The ridge of the wide system is 1 in Q10, so that what it draws towards, coefficients in Q10, are
 * the target's entries of samples never seen. Four times as much costs photographs 0.03 %. */
#define IDF_LS_RIDGE_WIDE (1 << 10)

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

/* How many plane p has: its own of idf_taps_own, then for each earlier plane, from plane 0 on,
 * its idf_taps_cross, the sample at the same place among them; taps in window.h's order. */
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

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * leastsq.h: recursive weighted least squares: the half of the coupling that learns locally.
 *
 * A plane is cut into segments: strips (field.h) or, if strips have more than 32 columns, their
 * halves. Each segment keeps the normal equations of the samples coded in it, and forgets 1/4 of
 * them at each row. The equations of a segment and of its two neighbours (weights 4, 1, 1) predict
 * its next row. A ridge draws the solution towards that of a wide system of all segments. The wide
 * system forgets 1/256 a row, and is itself drawn towards coefficients that are usual in
 * photographs, because the first rows of a picture have little else to go by.
 *
 * READ the clock in flow.h first. A `block` of time has as many steps as a segment has columns. In
 * it, row y is in segment block - halves y. With two halves, the segments at work are therefore all
 * even or all odd. So equations are stored by parity (whole strips have only one), side by side in
 * `slots` (slot = segment / halves: a strip). Whatever happens at the start or end of a segment
 * happens to a range of slots at once: a vector of slots runs through the same scalar algorithm.
 *
 * Statistics are integers. The solve is IEEE-754 float with + - * / only, in the order written,
 * never contracted. So it is correctly rounded, and the same everywhere. Source: weighted recursive
 * least squares as in TMW and Vanilc (Weinlich et al., "Probability distribution estimation for
 * autoregressive pixel-predictive image coding", IEEE TIP 2016); the segment form is ours.
 */
#ifndef IDF_FLOW_LEASTSQ_H
#define IDF_FLOW_LEASTSQ_H

#include "field.h"
#include "kernels.h"
#include "mem.h"

/* The ridge of the wide system is 1 in Q10. So the usual coefficients, in Q10, are what samples
 * never seen would have added to the target's entries. A ridge of four times as much costs
 * photographs 0.03 %. */
#define IDF_LS_RIDGE_WIDE (1 << 10)

/* The equations of one plane. */
typedef struct idf_ls {
  int n;                /* regressors, below IDF_LS_MAX */
  int segment;          /* columns, even */
  int halves;           /* segments in a strip: 1 or 2 */
  const int16_t *usual; /* borrowed: n coefficients in Q10 */
  size_t slots;         /* slots for each parity: a multiple of IDF_LS_SLOTS */
  int32_t *local[2];    /* by parity of the segment: [entry][slots] */
  int32_t *recent;      /* [entry][IDF_LS_SLOTS]: not yet in wide */
  int64_t *wide;        /* [entry] */
} idf_ls;

/* The number of regressors of plane p: its own from idf_taps_own, then, for each earlier plane from
 * plane 0 on, its idf_taps_cross, which include the sample at the same place. The taps are in the
 * order of window.h. */
static inline int idf_regressors(unsigned plane)
{
  return idf_own_taps(plane) + (int)plane * IDF_TAPS_CROSS;
}

/* The usual coefficients of a plane in Q10, one for each regressor. They are the medians over 88
 * photographs (of the wide systems at the end, in YCoCg-R), none of which is a test picture. With
 * them, pictures of 64 x 64 pixels get 0.35 % smaller, those of a megapixel 0.01 %. plane < 3. */
const int16_t *idf_ls_usual(unsigned plane);

/* usual: borrowed until idf_ls_free. */
idf_status idf_ls_init(idf_ls *ls, idf_mem *mem, int n, const int16_t *usual, uint32_t strips,
                       int strip);
void idf_ls_free(idf_ls *ls, idf_mem *mem); /* a zeroed ls is allowed */

extern const uint8_t idf_ls_weights[127];

/* 128 / (2 + e), at least 1: the weight of a sample whose prediction was e units off. */
static inline int32_t idf_ls_weight(uint32_t error)
{
  return idf_ls_weights[IDF_MIN(error, 126u)];
}

/* Adds a batch to slots [lo, hi) of the group that starts at slot `group`, all of one parity, after
 * they forgot. d: n + 1 blocks (the target last) of values within +-IDF_LS_CLAMP. weight: 1 .. 64,
 * or 0 past a segment's width and everywhere outside [lo, hi). At most 16 calls may follow each
 * other without idf_ls_gather. */
void idf_ls_fold(idf_ls *ls, const idf_kernels *kernels, unsigned parity, size_t group, unsigned lo,
                 unsigned hi, idf_ls_block *const *d, const idf_ls_block *weight);
/* Brings the wide equations up to date with all batches. */
void idf_ls_gather(idf_ls *ls, const idf_kernels *kernels);
/* Makes the wide equations forget; called when a row starts. */
void idf_ls_forget(idf_ls *ls);

/* Solves the wide system. coef: coefficients in Q12, clamped to int16; there are IDF_LS_MAX, with
 * zeros past n. solution: the same in float, for use as a prior; coefficient i is
 * solution[i * stride]. Call idf_ls_gather first. */
void idf_ls_solve_wide(const idf_ls *ls, const idf_kernels *kernels, idf_ls_work *work,
                       float *solution, size_t stride, int16_t coef[IDF_LS_MAX]);
/* Solves slots [lo, hi) of a group: work->coef[i][k] is for slot group + k. The solution is drawn
 * towards the wide solution of its row, prior[i * stride + k]. In other slots the prior may be any
 * number, and the result is undefined. */
void idf_ls_solve_local(const idf_ls *ls, const idf_kernels *kernels, idf_ls_work *work,
                        unsigned parity, size_t group, unsigned lo, unsigned hi, const float *prior,
                        size_t stride);

#endif

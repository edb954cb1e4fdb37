/* SPDX-License-Identifier: BSD-3-Clause
 *
 * linear_blocks.h: the data blocks of the linear predictors: the coefficients of a plane, and the
 * neighbours that predict a block's samples. linear.h explains them.
 */
#ifndef IDF_FLOW_LINEAR_BLOCKS_H
#define IDF_FLOW_LINEAR_BLOCKS_H

#include "blocks.h"

#define IDF_LINEAR_PLANES 3
#define IDF_LINEAR_CLASSES 16
#define IDF_LINEAR_THRESHOLDS 7
#define IDF_LINEAR_ERRORS 6 /* neighbours whose errors form the level */
#define IDF_LINEAR_WEIGHTS (IDF_LINEAR_ERRORS + 3 + IDF_LINEAR_PLANES) /* array size; even */
#define IDF_LINEAR_WEIGHT_MAX 255
#define IDF_LINEAR_ERROR_MAX 8191 /* Q4 units */
#define IDF_LINEAR_LEVEL_MIN 16   /* Q8 units */
#define IDF_LINEAR_LEVEL_MAX (1 << 17)
#define IDF_LINEAR_BINS 53  /* of the level, a quarter of an octave each */
#define IDF_LINEAR_OWN 16   /* regressors of the first plane */
#define IDF_LINEAR_LATER 12 /* own regressors of later ones */
#define IDF_LINEAR_CROSS 8  /* regressors in each earlier plane */
#define IDF_LINEAR_MAX (IDF_LINEAR_LATER + (IDF_LINEAR_PLANES - 1) * IDF_LINEAR_CROSS)
_Static_assert(IDF_LINEAR_MAX >= IDF_LINEAR_OWN && IDF_LINEAR_CLASSES == IDF_BLOCK,
               "room for all; classes are laid out as lanes are");

/* Neighbours (dx, dy): the sample at (x + dx, y - dy). Pairs lie side by side. The tables are here
 * because kernels use them as constants. */
static const int8_t idf_linear_own[IDF_LINEAR_OWN][2] = {
    {-4, 0}, {-3, 0}, {-2, 0}, {-1, 0}, {-3, 1}, {-2, 1}, {-1, 1}, {0, 1},
    {1, 1},  {2, 1},  {-2, 2}, {-1, 2}, {0, 2},  {1, 2},  {-1, 3}, {0, 3},
};
static const int8_t idf_linear_later[IDF_LINEAR_LATER][2] = {
    {-2, 0}, {-1, 0}, {-3, 1}, {-2, 1}, {-1, 1}, {0, 1},
    {1, 1},  {2, 1},  {-1, 2}, {0, 2},  {1, 2},  {2, 2},
};
static const int8_t idf_linear_cross[IDF_LINEAR_CROSS][2] = {
    {-1, 0}, {0, 0}, {-1, 1}, {0, 1}, {1, 1}, {2, 1}, {0, 2}, {1, 2},
};

typedef struct idf_linear_plane {
  int16_t threshold[IDF_LINEAR_THRESHOLDS]; /* of the activity */
  /* Q8, 0 .. 255: for the errors of W, N, NW, NE, WW and NN, for the differences across and down,
   * for the error of each earlier plane at this pixel, and for the constant 16. */
  int16_t weight[IDF_LINEAR_WEIGHTS];
  int16_t adjust[65]; /* steps of scale by level: IDF_LINEAR_BINS, padded for SIMD */
  idf_pairs coef[IDF_LINEAR_MAX / 2]; /* Q12: [pair of regressors][class][2] */
} idf_linear_plane;

typedef struct idf_linear {
  idf_linear_plane plane[IDF_LINEAR_PLANES];
} idf_linear;

/* The inputs for a block's samples of plane p. The neighbour of lane k in a cell is at near[cell] +
 * k. `low` has the samples of the planes up to p in 16 bits; where it is NULL, `sample` has them in
 * 32. `error` has the errors of plane p, and `missed` those of earlier planes at this pixel. Errors
 * are in units in Q4, 0 .. 8191. */
typedef struct idf_linear_view {
  const idf_linear_plane *linear;
  unsigned plane;
  unsigned unit;
  int32_t lo, hi; /* range of locations, Q6 */
  const ptrdiff_t *near;
  const int16_t *low[IDF_LINEAR_PLANES];
  const int32_t *sample[IDF_LINEAR_PLANES];
  const int16_t *error;
  const int16_t *missed[IDF_LINEAR_PLANES];
} idf_linear_view;

/* Differences across and down of a block: min(8191, (difference >> unit) in Q4). */
typedef int16_t idf_linear_texture[2][IDF_BLOCK];

static inline int idf_linear_own_taps(unsigned plane)
{
  return plane == 0 ? IDF_LINEAR_OWN : IDF_LINEAR_LATER;
}

/* The number of regressors of plane p: its own, then the idf_linear_cross of each earlier plane,
 * from plane 0 on. */
static inline int idf_linear_regressors(unsigned plane)
{
  return idf_linear_own_taps(plane) + (int)plane * IDF_LINEAR_CROSS;
}

/* The plane and the place of regressor i of plane p. */
static inline unsigned idf_linear_tap(unsigned p, int i, int *dx, int *dy)
{
  const int cross = i - idf_linear_own_taps(p);
  const int8_t *tap = cross >= 0 ? idf_linear_cross[cross % IDF_LINEAR_CROSS]
                      : p == 0   ? idf_linear_own[i]
                                 : idf_linear_later[i];
  *dx = tap[0];
  *dy = tap[1];
  return cross < 0 ? p : (unsigned)(cross / IDF_LINEAR_CROSS);
}

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * window.h: the neighbours of a sample that the predictors use.
 *
 * All of them are causal: they are coded before the sample. They lie in a window of 4 rows of 8
 * columns, and a neighbour is named by its cell in the window.
 * idf(5), "PLANES AND BORDERS".
 */
#ifndef IDF_FLOW_WINDOW_H
#define IDF_FLOW_WINDOW_H

#include "base.h"

#define IDF_TAPS 22       /* causal neighbours within squared distance 13: for the network */
#define IDF_TAPS_OWN 18   /* within 10: regressors in the own plane */
#define IDF_TAPS_LATER 12 /* the first of these: in planes after the first */
#define IDF_TAPS_CROSS 8  /* seven within 5, and the pixel itself: regressors in an earlier plane */
#define IDF_TAPS_ERROR 10 /* within 5: the network sees their errors */

/* (dx, dy) is the neighbour at (x + dx, y - dy). Rows are listed from the pixel's own upwards. The
 * tables are here because kernels use them as constants. */
static const int8_t idf_taps[IDF_TAPS][2] = {
    {-3, 0}, {-2, 0}, {-1, 0}, {-3, 1}, {-2, 1}, {-1, 1}, {0, 1},  {1, 1},  {2, 1}, {3, 1}, {-3, 2},
    {-2, 2}, {-1, 2}, {0, 2},  {1, 2},  {2, 2},  {3, 2},  {-2, 3}, {-1, 3}, {0, 3}, {1, 3}, {2, 3},
};
/* The nearer twelve come first. */
static const int8_t idf_taps_own[IDF_TAPS_OWN][2] = {
    {-3, 0}, {-2, 0}, {-1, 0}, {-2, 1}, {-1, 1}, {0, 1},  {1, 1}, {2, 1},  {-1, 2},
    {0, 2},  {1, 2},  {0, 3},  {-3, 1}, {3, 1},  {-2, 2}, {2, 2}, {-1, 3}, {1, 3},
};
static const int8_t idf_taps_cross[IDF_TAPS_CROSS][2] = {
    {-2, 0}, {-1, 0}, {0, 0}, {-1, 1}, {0, 1}, {1, 1}, {0, 2}, {1, 2},
};

/* The number of idf_taps_own that are regressors of a plane. */
static inline int idf_own_taps(unsigned plane)
{
  return plane == 0 ? IDF_TAPS_OWN : IDF_TAPS_LATER;
}

/* The window: 4 rows of 8 columns from column x - 4 on, which hold all taps; and the cell of
 * (dx, dy). */
#define IDF_WINDOW 32
#define IDF_WINDOW_AT(dx, dy) (8 * (dy) + (dx) + 4)

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * grid.h: finds whether and where pixels were cut into the 8x8 blocks of a JPEG file.
 *
 * Most coefficients of such blocks are 0. The same pixels have fewer zeros if they are cut
 * elsewhere, because the borders of the blocks contribute to every frequency.
 */
#ifndef IDF_FLOW_GRID_H
#define IDF_FLOW_GRID_H

#include "shape.h"

typedef struct idf_grid {
  unsigned x, y;      /* where the first whole block begins: 0 to 7 each */
  uint32_t zeros;     /* coefficients of less than 1, in 1/16 of a block's 63 */
  uint32_t elsewhere; /* the same for the next best place */
} idf_grid;

/* Looks at some blocks of a tile of depth 8, gray or RGB, at least 16 wide and high. Returns true
 * if there is no doubt. */
bool idf_grid_look(const idf_tile *tile, idf_grid *grid);

/* The mean number of zeros, in 1/16 of a block, of the blocks of a plane that begin at multiples of
 * 8 from (x, y). Samples are in Q4, less 128; rows are `pitch` apart. 0 if there is no whole
 * block. */
uint32_t idf_grid_zeros(const int16_t *sample, size_t pitch, uint32_t width, uint32_t height,
                        uint32_t x, uint32_t y);

#endif

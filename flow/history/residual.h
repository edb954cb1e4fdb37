/* SPDX-License-Identifier: BSD-3-Clause
 *
 * residual.h: codes the differences between the pixels of a tile and those that coefficients make.
 *
 * Most pixels do not differ. Those that do are near each other: in blocks that were clamped or cut,
 * or everywhere, by 1, if another decoder made them. A flag for each 8x8 block of the grid says
 * whether it has differences. If it has, each of its samples has its own. All decisions are mixed
 * from contexts (mixed_bit.h).
 */
#ifndef IDF_FLOW_RESIDUAL_H
#define IDF_FLOW_RESIDUAL_H

#include "shape.h"

/* Both functions work on tiles of depth 8 with 1 or 3 channels. (x, y) is the place of the first
 * pixel in a block, 0 to 7 each. `made` has the samples that the coefficients make, without gaps
 * between rows; it becomes equal to the tile. Appends a stream. Errors: memory,
 * IDF_ERR_CANCELLED. */
idf_status idf_residual_encode(const idf_job *job, const idf_tile *tile, uint16_t *made, unsigned x,
                               unsigned y, idf_buf *out);
/* On entry the tile has the samples that the coefficients make; on return it has the right ones.
 * *bits, which may be NULL, grows by -log2 of the model's probability. Errors: IDF_ERR_CORRUPT,
 * IDF_ERR_TRUNCATED, IDF_ERR_CANCELLED, memory; the samples are then any numbers below 256. */
idf_status idf_residual_decode(const idf_job *job, const idf_tile *tile, unsigned x, unsigned y,
                               idf_cur payload, double *bits);

#endif

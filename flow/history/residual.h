/* SPDX-License-Identifier: BSD-3-Clause
 *
 * residual.h: by how much the pixels of a tile differ from those that coefficients make.
 *
 * Most do not differ at all, and those that do are near each other: in blocks that were clamped or
 * cut, or everywhere, by 1, if another decoder made them. A flag for each 8x8 block of the grid
 * says whether it has differences; in those that do, each sample has its own. All decisions are
 * mixed from contexts (mixed_bit.h).
 */
#ifndef IDF_FLOW_RESIDUAL_H
#define IDF_FLOW_RESIDUAL_H

#include "shape.h"

/* Both work on tiles of depth 8 with 1 or 3 channels; (x, y) is the place of their first pixel in
 * a block, 0 to 7 each. `made` has the samples that the coefficients make, without gaps between
 * rows; it becomes equal to the tile. Appends a stream. Errors: memory, IDF_ERR_CANCELLED. */
idf_status idf_residual_encode(const idf_job *job, const idf_tile *tile, uint16_t *made, unsigned x,
                               unsigned y, idf_buf *out);
/* The tile's samples are those that the coefficients make; they become what they are. *bits, if
 * not NULL, grows by -log2 of the model's probability. IDF_ERR_CORRUPT, IDF_ERR_TRUNCATED,
 * IDF_ERR_CANCELLED, memory; the samples are then any numbers below 256. */
idf_status idf_residual_decode(const idf_job *job, const idf_tile *tile, unsigned x, unsigned y,
                               idf_cur payload, double *bits);

#endif

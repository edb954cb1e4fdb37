/* SPDX-License-Identifier: BSD-3-Clause
 *
 * draw.h: draws a picture from the model. A decoder that is given random bits instead of a file
 * draws each sample from the distribution that the model foresees for it.
 */
#ifndef IDF_FLOW_DRAW_H
#define IDF_FLOW_DRAW_H

#include "shape.h"

/* Fills the rows of `tile` from row `from` on; the rows above are given, and the model goes on from
 * them. Gray or R, G, B: one or three channels, else IDF_ERR_ARGUMENT. The job must have a model.
 * The same model, shape, rows above and seed give the same samples everywhere. Errors: memory, and
 * IDF_ERR_CANCELLED. */
idf_status idf_draw_tile(const idf_job *job, const idf_tile *tile, uint32_t from, uint64_t seed);

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * coded.h: method 2 of a tile, the flow itself. Private to tile.c: everybody else
 * goes through tile.h, which also knows the methods that need no model.
 */
#ifndef IDF_FLOW_CODED_H
#define IDF_FLOW_CODED_H

#include "tile.h"

/* True when the flow can code this shape with this model. */
bool idf_coded_fits(const idf_model *model, const idf_tile_shape *shape);

/* Appends the payload that follows the method byte: schedule, colour layer, streams.
 * The caller has checked idf_coded_fits and that every sample is below 2^depth.
 * Errors: memory only. Into `report` (may be NULL) go schedule and colour. */
idf_status idf_coded_encode(idf_mem *mem, const idf_model *model, const idf_tile_shape *shape,
                            const uint16_t *samples, size_t stride, idf_buf *out,
                            idf_tile_report *report);

/* Decodes what follows the method byte: len bytes, all of which must be used. Into
 * `report` (may be NULL) go schedule, colour, the bits and the map; sums are added to,
 * so the caller starts them at zero. */
idf_status idf_coded_decode(idf_mem *mem, const idf_model *model, const idf_tile_shape *shape,
                            const uint8_t *data, size_t len, uint16_t *samples, size_t stride,
                            idf_tile_report *report);

#endif

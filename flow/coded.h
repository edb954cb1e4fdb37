/* SPDX-License-Identifier: BSD-3-Clause
 *
 * coded.h: method 2 of a tile, the flow itself. Private to tile.c: everybody else
 * goes through tile.h, which also knows the methods that need no model.
 */
#ifndef IDF_FLOW_CODED_H
#define IDF_FLOW_CODED_H

#include "shape.h"

/* Appends the payload that follows the method byte: schedule, colour layer, streams. The job
 * has a model. Errors: memory only. */
idf_status idf_coded_encode(const idf_job *job, const idf_tile *tile, idf_buf *out);

/* Decodes what follows the method byte, all of which must be used. Into `report` (may be NULL)
 * go schedule, colour, the bits and the map; sums are added to, so the caller starts them at
 * zero. */
idf_status idf_coded_decode(const idf_job *job, const idf_tile *tile, idf_cur in,
                            idf_tile_report *report);

#endif

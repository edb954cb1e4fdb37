/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tile.h: one tile of an image to bytes and back: the one header src includes.
 *
 * payload = u8 method, then
 *   method 0 stored: the samples, interleaved, `depth` bits each, packed high bit first,
 *                    zero-padded to a byte;
 *   method 1 solid:  one pixel, packed likewise, of which all are copies;
 *   method 2 flow:   u8 schedule (0 raster), u8 colour layer, then the groups' streams;
 *   3 .. 6 screen:   a rANS stream, for what was drawn: needs no model; the number says how
 *                    large tables are (screen.h).
 */
#ifndef IDF_FLOW_TILE_H
#define IDF_FLOW_TILE_H

#include "shape.h"

enum { IDF_TILE_STORED = 0, IDF_TILE_SOLID = 1, IDF_TILE_FLOW = 2, IDF_TILE_SCREEN = 3 };
#define IDF_TILE_SCREEN_LAST 8 /* in payloads; in reports all are IDF_TILE_SCREEN */

/* Appends the payload to `out`: that of the method which gives the shortest. Errors: memory
 * only. */
idf_status idf_tile_encode(const idf_job *job, const idf_tile *tile, idf_buf *out);

/* Decodes a payload, all of which must be used. On failure the samples are undefined but every
 * one is written or untouched within its row. Errors: IDF_ERR_TRUNCATED, IDF_ERR_CORRUPT,
 * IDF_ERR_UNSUPPORTED (method, schedule or colour layer unknown, or a model is needed and the
 * job has none), memory. `report` may be NULL; of it only `map` is read. */
idf_status idf_tile_decode(const idf_job *job, const idf_tile *tile, idf_cur payload,
                           idf_tile_report *report);

/* Bytes of the payload of a stored tile: no payload of that shape is longer. */
size_t idf_tile_stored_size(const idf_tile_shape *shape);

/* method, schedule and colour of a payload without decoding it. */
idf_status idf_tile_peek(idf_cur payload, idf_tile_report *report);

#endif

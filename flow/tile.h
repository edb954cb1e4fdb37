/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tile.h: codes one tile of an image to bytes, and back.
 *
 * payload = u8, which names a method, then the data of the method: 0 stored and 1 solid: raw.h; 2
 * flow: photo.h; 3 to 8 screen: screen.h;
 *   9 history: history.h; 10 chroma: chroma.h.
 */
#ifndef IDF_FLOW_TILE_H
#define IDF_FLOW_TILE_H

#include "method.h"

/* All methods. Their indices are public (idf_decoder_method) and never change: new methods are
 * appended. Among methods of equal hope the later one is tried first. */
enum { IDF_METHODS = 6, IDF_METHOD_UNKNOWN = 0xff };
extern const idf_method *const idf_methods[IDF_METHODS];

/* The index of the method whose payloads begin with this byte, or IDF_METHOD_UNKNOWN. */
uint8_t idf_method_of(unsigned byte);

/* Appends the payload of the method that gives the shortest one. Errors: memory only. */
idf_status idf_tile_encode(const idf_job *job, const idf_tile *tile, idf_buf *out);

/* Decodes a payload; all of it must be used. On failure the samples are undefined: each is written,
 * or untouched, within its row. Errors: IDF_ERR_TRUNCATED, IDF_ERR_CORRUPT, IDF_ERR_UNSUPPORTED
 * (the method, schedule or colour layer is unknown, or a model is needed and the job has none),
 * memory. `report` may be NULL; only its `map` is read. */
idf_status idf_tile_decode(const idf_job *job, const idf_tile *tile, idf_cur payload,
                           idf_tile_report *report);

/* Fills the report, except the bits, without decoding the payload. An unknown method is no error
 * here: IDF_OK. */
idf_status idf_tile_peek(idf_cur payload, idf_tile_report *report);

#endif

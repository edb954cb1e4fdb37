/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tile.h: one tile of an image to bytes and back.
 *
 * payload = u8, which names a method, then what the method has to say:
 *   0 stored and 1 solid: raw.h; 2 flow: photo.h; 3 to 8 screen: screen.h.
 */
#ifndef IDF_FLOW_TILE_H
#define IDF_FLOW_TILE_H

#include "method.h"

/* All methods. Their places are public (idf_decoder_method) and never change: new ones are
 * appended. Of methods of equal hope the later one is tried first. */
enum { IDF_METHODS = 4, IDF_METHOD_UNKNOWN = 0xff };
extern const idf_method *const idf_methods[IDF_METHODS];

/* The place of the method whose payloads begin so, or IDF_METHOD_UNKNOWN. */
uint8_t idf_method_of(unsigned byte);

/* Appends the payload to `out`: that of the method which gives the shortest. Errors: memory
 * only. */
idf_status idf_tile_encode(const idf_job *job, const idf_tile *tile, idf_buf *out);

/* Decodes a payload, all of which must be used. On failure the samples are undefined but every
 * one is written or untouched within its row. Errors: IDF_ERR_TRUNCATED, IDF_ERR_CORRUPT,
 * IDF_ERR_UNSUPPORTED (method, schedule or colour layer unknown, or a model is needed and the
 * job has none), memory. `report` may be NULL; of it only `map` is read. */
idf_status idf_tile_decode(const idf_job *job, const idf_tile *tile, idf_cur payload,
                           idf_tile_report *report);

/* What is to be known of a payload without decoding it: all of the report but the bits. A
 * method that is not known is none of the reader's: IDF_OK. */
idf_status idf_tile_peek(idf_cur payload, idf_tile_report *report);

#endif

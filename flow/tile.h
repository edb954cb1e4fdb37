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

#include "bytes.h"
#include "model.h"

enum { IDF_TILE_STORED = 0, IDF_TILE_SOLID = 1, IDF_TILE_FLOW = 2, IDF_TILE_SCREEN = 3 };
#define IDF_TILE_SCREEN_LAST 8 /* in payloads; in reports all are IDF_TILE_SCREEN */

/* width, height in [1, 4096]. Samples are uint16_t, interleaved, `channels` to a pixel. */
typedef struct idf_tile_shape {
  uint32_t width, height;
  unsigned channels; /* 1..4; 2 and 4: the last one is alpha */
  unsigned depth;    /* 1..16 */
  bool indexed;      /* samples are palette indices: no order among values is assumed */
} idf_tile_shape;

/* What was coded and what the model thought of it. Filled only when asked for. */
typedef struct idf_tile_report {
  uint8_t method, schedule, colour;
  double model_bits;      /* -log2 P of the whole tile under the model */
  double channel_bits[4]; /* by plane, in coding order (alpha first) */
  float *map;             /* caller's, width * height, or NULL; bits are added to each pixel */
} idf_tile_report;

/* Appends the payload to `out`; the smallest of the methods is taken. `stride` is in
 * samples. `report` may be NULL; of it only method, schedule and colour are filled:
 * bits are measured by decoding. Errors: memory only. */
idf_status idf_tile_encode(idf_mem *mem, const idf_model *model, const idf_tile_shape *shape,
                           const uint16_t *samples, size_t stride, idf_buf *out,
                           idf_tile_report *report);

/* Decodes a payload. On failure the samples are undefined but every one is written
 * or untouched within its row. Errors: IDF_ERR_TRUNCATED, IDF_ERR_CORRUPT,
 * IDF_ERR_UNSUPPORTED (method, schedule or colour layer unknown), memory.
 * `model` may be NULL: tiles that need one are then IDF_ERR_UNSUPPORTED. */
idf_status idf_tile_decode(idf_mem *mem, const idf_model *model, const idf_tile_shape *shape,
                           const uint8_t *data, size_t len, uint16_t *samples, size_t stride,
                           idf_tile_report *report);

/* Bytes of the payload of a stored tile: no payload of that shape is longer. */
size_t idf_tile_stored_size(const idf_tile_shape *shape);

/* method, schedule and colour of a payload without decoding it. */
idf_status idf_tile_peek(const uint8_t *data, size_t len, idf_tile_report *report);

#endif

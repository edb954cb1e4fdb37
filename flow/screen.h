/* SPDX-License-Identifier: BSD-3-Clause
 *
 * screen.h: method 3 of a tile, for what was drawn and not photographed: screenshots,
 * text, pixel art, icons, palettes. Needs no model. Private to tile.c.
 */
#ifndef IDF_FLOW_SCREEN_H
#define IDF_FLOW_SCREEN_H

#include "tile.h"

/* What a cheap look at the samples says. */
typedef enum idf_screen_hope {
  IDF_SCREEN_HOPELESS, /* a photograph: do not try */
  IDF_SCREEN_OPEN      /* only trying tells */
} idf_screen_hope;

idf_screen_hope idf_screen_look(const idf_tile_shape *shape, const uint16_t *samples,
                                size_t stride);

/* Appends what follows the method byte: one rANS stream of one lane. Every sample is
 * below 2^depth. *drawn tells that no flow will do better, judged by what was coded.
 * Errors: memory only. */
idf_status idf_screen_encode(idf_mem *mem, const idf_tile_shape *shape, const uint16_t *samples,
                             size_t stride, idf_buf *out, bool *drawn);

/* Decodes len bytes, all of which must be used. Into `report` (may be NULL) go the bits
 * and the map; sums are added to. Errors as idf_tile_decode. */
idf_status idf_screen_decode(idf_mem *mem, const idf_tile_shape *shape, const uint8_t *data,
                             size_t len, uint16_t *samples, size_t stride,
                             idf_tile_report *report);

#endif

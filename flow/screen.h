/* SPDX-License-Identifier: BSD-3-Clause
 *
 * screen.h: method 3 of a tile, for what was drawn and not photographed: screenshots,
 * text, pixel art, icons, palettes. Needs no model. Private to tile.c.
 */
#ifndef IDF_FLOW_SCREEN_H
#define IDF_FLOW_SCREEN_H

#include "tile.h"

/* What a cheap look at the samples says of this method. */
typedef enum idf_screen_hope {
  IDF_SCREEN_HOPELESS, /* a photograph: do not try */
  IDF_SCREEN_OPEN,     /* trying tells */
  IDF_SCREEN_LIKELY    /* mostly flat: try it first, the flow perhaps not at all */
} idf_screen_hope;

idf_screen_hope idf_screen_look(const idf_tile_shape *shape, const uint16_t *samples,
                                size_t stride);

/* True when a payload of so many bytes is so short that the flow need not be tried. */
bool idf_screen_settles(const idf_tile_shape *shape, idf_screen_hope hope, size_t bytes);

/* Whether tables for the tile can be smaller than its pixels have them. */
bool idf_screen_can_be_small(const idf_tile_shape *shape);

/* Appends what follows the method byte: one rANS stream of one lane. Every sample is
 * below 2^depth. `small`: with small tables; *fits, else true, is then false and nothing is
 * appended if there is too much to learn for them. Errors: memory only. */
idf_status idf_screen_encode(idf_mem *mem, const idf_tile_shape *shape, const uint16_t *samples,
                             size_t stride, bool small, idf_buf *out, bool *fits);

/* Decodes len bytes, all of which must be used. Into `report` (may be NULL) go the bits
 * and the map; sums are added to. Errors as idf_tile_decode. */
idf_status idf_screen_decode(idf_mem *mem, const idf_tile_shape *shape, bool small,
                             const uint8_t *data, size_t len, uint16_t *samples, size_t stride,
                             idf_tile_report *report);

#endif

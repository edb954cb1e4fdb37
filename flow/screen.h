/* SPDX-License-Identifier: BSD-3-Clause
 *
 * screen.h: methods 3 to 8 of a tile, for what was drawn and not photographed: screenshots,
 * text, pixel art, icons, palettes. Needs no model. Private to tile.c.
 *
 * One method in six sizes of tables. The smaller they are, the faster: what the caches nearest
 * to a core do not hold takes most of the time. The fewer decisions are coded, the smaller they
 * may be: contexts are less than that.
 */
#ifndef IDF_FLOW_SCREEN_H
#define IDF_FLOW_SCREEN_H

#include "shape.h"

/* What a cheap look at the samples says of this method. */
typedef enum idf_screen_hope {
  IDF_SCREEN_HOPELESS, /* a photograph: do not try */
  IDF_SCREEN_OPEN,     /* trying tells */
  IDF_SCREEN_LIKELY    /* mostly flat: try it first, the flow perhaps not at all */
} idf_screen_hope;

idf_screen_hope idf_screen_look(const idf_tile *tile);

/* True when a payload of so many bytes is so short that the flow need not be tried. */
bool idf_screen_settles(const idf_tile_shape *shape, idf_screen_hope hope, size_t bytes);

#define IDF_SCREEN_BITS 14 /* tables of the first method, of at most 2^14 counters; then 15 .. */
#define IDF_SCREEN_BITS_MAX 19

/* Appends what follows the method byte: one rANS stream of one lane. `bits` is in
 * [IDF_SCREEN_BITS, IDF_SCREEN_BITS_MAX]. *wanted is the same when the tile was coded. When the
 * tile has too much to learn for these tables, nothing is appended, and *wanted is the larger
 * size to try next. Errors: memory only. */
idf_status idf_screen_encode(const idf_job *job, const idf_tile *tile, unsigned bits, idf_buf *out,
                             unsigned *wanted);

/* Decodes what follows the method byte, all of which must be used. Into `report` (may be NULL)
 * go the bits and the map; sums are added to. Errors as idf_tile_decode. */
idf_status idf_screen_decode(const idf_job *job, const idf_tile *tile, unsigned bits, idf_cur in,
                             idf_tile_report *report);

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * screen.h: methods 3 to 8 of a tile, for what was drawn and not photographed: screenshots,
 * text, pixel art, icons, palettes. Needs no model.
 *
 * One method in six sizes of tables. The smaller they are, the faster: what the caches nearest
 * to a core do not hold takes most of the time. The fewer decisions are coded, the smaller they
 * may be: contexts are less than that.
 */
#ifndef IDF_FLOW_SCREEN_H
#define IDF_FLOW_SCREEN_H

#include "method.h"

extern const idf_method idf_screen;

#define IDF_SCREEN_BITS 14 /* method 3 has tables of at most 2^14 counters, 4 of 2^15, .. */
#define IDF_SCREEN_BITS_MAX (IDF_SCREEN_BITS + IDF_TILE_SCREEN_LAST - IDF_TILE_SCREEN)

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

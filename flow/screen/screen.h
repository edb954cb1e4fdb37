/* SPDX-License-Identifier: BSD-3-Clause
 *
 * screen.h: methods 3 to 8 of a tile, for what was drawn and not photographed: screenshots, text,
 * pixel art, icons, palettes. They need no model.
 *
 * This is one method with six sizes of tables. Smaller tables are faster, because most of the time
 * is spent on what the caches nearest to a core do not hold. A tile with few decisions can have
 * small tables, because it has even fewer contexts.
 */
#ifndef IDF_FLOW_SCREEN_H
#define IDF_FLOW_SCREEN_H

#include "method.h"

extern const idf_method idf_screen;

#define IDF_SCREEN_BITS 14 /* method 3 has tables of at most 2^14 counters, method 4 of 2^15, .. */
#define IDF_SCREEN_BITS_MAX (IDF_SCREEN_BITS + IDF_TILE_SCREEN_LAST - IDF_TILE_SCREEN)

/* Appends what follows the method byte: one rANS stream of one lane. `bits` is in [IDF_SCREEN_BITS,
 * IDF_SCREEN_BITS_MAX]. If the tile was coded, *wanted equals `bits`. If the tile has too much to
 * learn for these tables, nothing is appended, and *wanted is the larger size to try next. Errors:
 * memory only. */
idf_status idf_screen_encode(const idf_job *job, const idf_tile *tile, unsigned bits, idf_buf *out,
                             unsigned *wanted);

/* Decodes what follows the method byte; all of it must be used. Adds bits and map to `report`,
 * which may be NULL. Errors are those of idf_tile_decode. */
idf_status idf_screen_decode(const idf_job *job, const idf_tile *tile, unsigned bits, idf_cur in,
                             idf_tile_report *report);

#endif

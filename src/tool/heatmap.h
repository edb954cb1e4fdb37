/* SPDX-License-Identifier: BSD-3-Clause
 *
 * heatmap.h: draws a PNG that shows where the bits went, with one pixel for each of the image's.
 *
 * Colour k of 256 stands for k/255 of half the raw bits of a pixel; the last one also for more. The
 * fifths are black, blue, magenta, orange, yellow, white.
 */
#ifndef IDF_HEATMAP_H
#define IDF_HEATMAP_H

#include "idf.h"
#include "image.h"

typedef struct idf_heatmap idf_heatmap;

/* Creates a map of an image in tiles of `side`. It holds one row of tiles, one byte per pixel. */
idf_status idf_heatmap_new(idf_image_env *env, const idf_info *info, uint32_t side,
                           idf_write_fn write, void *context, idf_heatmap **map);
/* An idf_map_fn; context is the idf_heatmap. */
void idf_heatmap_tile(void *context, const idf_tile_info *tile, const float *bits);
/* Writes the rows before `row` that are not yet written; `row` is the end of a row of tiles. */
idf_status idf_heatmap_flush(idf_heatmap *map, uint32_t row);
idf_status idf_heatmap_finish(idf_heatmap *map);
void idf_heatmap_free(idf_heatmap *map); /* NULL is allowed */

#endif

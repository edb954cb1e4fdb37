/* SPDX-License-Identifier: BSD-3-Clause
 *
 * heatmap.h: collects how many bits each pixel took, and chooses a scale of colours for them.
 *
 * The colours go from black over blue, magenta, orange and yellow to white. The scale depends on
 * the picture: nearly all of its pixels are within it, so that neither photographs become white nor
 * screenshots black.
 */
#ifndef IDF_HEATMAP_H
#define IDF_HEATMAP_H

#include "idf.h"
#include "image.h"

typedef struct idf_heatmap idf_heatmap;

/* From bits of a pixel, all its samples together, to colours. */
typedef struct idf_heat_scale {
  double low, high;    /* the first colour and the last */
  double step;         /* between two labels; low and high are multiples of it */
  unsigned digits;     /* of labels, after the point */
  double mean, median; /* of all pixels */
  double inside;       /* the share of pixels from low to high */
} idf_heat_scale;

/* Creates a map of an image. It holds two bytes a pixel. */
idf_status idf_heatmap_new(idf_image_env *env, const idf_info *info, idf_heatmap **map);
/* An idf_map_fn; context is the idf_heatmap. More than 127 bits count as 127. */
void idf_heatmap_tile(void *context, const idf_tile_info *tile, const float *bits);
/* The scale for the pixels of all tiles so far. Memory errors only. */
idf_status idf_heatmap_scale(const idf_heatmap *map, idf_heat_scale *scale);
/* The colours of row y, one byte a pixel for idf_heat_colour. */
void idf_heatmap_row(const idf_heatmap *map, const idf_heat_scale *scale, uint32_t y,
                     uint8_t *colours);
void idf_heatmap_free(idf_heatmap *map); /* NULL is allowed */

/* Red, green and blue of one of 256 colours. */
void idf_heat_colour(unsigned colour, uint8_t rgb[3]);

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * mapsheet.h: writes a map as a PNG, with a title above it and a legend below.
 */
#ifndef IDF_MAPSHEET_H
#define IDF_MAPSHEET_H

#include "heatmap.h"

typedef struct idf_map_look {
  const char *name;    /* of the file, for the title */
  const uint8_t *luma; /* brightness of each pixel, the picture below the map; NULL: none */
  bool bare;           /* the map alone, with one pixel for each of the picture's */
} idf_map_look;

/* A small picture is enlarged, unless `bare`: its pixels become squares. Writes RGB of 8 bits. */
idf_status idf_mapsheet_write(idf_image_env *env, const idf_heatmap *map, const idf_info *info,
                              const idf_map_look *look, idf_write_fn write, void *context);

#endif

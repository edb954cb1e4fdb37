/* SPDX-License-Identifier: BSD-3-Clause
 *
 * origin.h: recognises pixels that a program made of chroma at half resolution, and names it.
 */
#ifndef IDF_FLOW_ORIGIN_H
#define IDF_FLOW_ORIGIN_H

#include "shape.h"
#include "siting.h"

typedef struct idf_origin {
  unsigned conversion;
  idf_siting siting; /* complete, with all knots */
} idf_origin;

/* Looks at some pixels of a tile, which is RGB of depth 8 or else has no origin. False: most
 * pixels are not explained by any. */
bool idf_origin_find(const idf_tile *tile, idf_origin *origin);

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * invert.h: from R, G, B back to a plane of Y and the knots of U and V.
 */
#ifndef IDF_FLOW_INVERT_H
#define IDF_FLOW_INVERT_H

#include "origin.h"

/* The planes of a tile, borrowed. */
typedef struct idf_yuv {
  int32_t *y;     /* width * height */
  int32_t *u, *v; /* knots across * knots down */
} idf_yuv;

/* Finds planes that make as many pixels of the tile as possible; all are codes in [0, 255]. Where
 * several do, smooth ones. Of the siting, sides become copies where they can be; planes then have
 * fewer knots. Errors: memory, IDF_ERR_CANCELLED. */
idf_status idf_invert(const idf_job *job, const idf_tile *tile, idf_origin *origin,
                      const idf_yuv *planes);

#endif

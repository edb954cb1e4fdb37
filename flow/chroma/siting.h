/* SPDX-License-Identifier: BSD-3-Clause
 *
 * siting.h: where the samples of chroma planes (knots) lie, and what the pixels between them get.
 *
 * Along an axis, the picture that was cut into this tile had pixel 0 at an even place; the first
 * pixel of the tile has the place `phase`. A pixel at place i has a near knot, and a far one with a
 * weight of 0 to 2 quarters. The weights of both axes are multiplied, and the sum of sixteenths is
 * rounded to nearest, halves up. A tile has all knots that its pixels need, also those beyond its
 * border; at the border of a picture, where the program had no such knot, it is a copy of its
 * neighbour, and not coded.
 */
#ifndef IDF_FLOW_SITING_H
#define IDF_FLOW_SITING_H

#include "base.h"
#include "fixed.h"

typedef enum idf_spacing {
  IDF_SPACING_FULL,       /* a knot for each pixel */
  IDF_SPACING_REPLICATED, /* a knot for two pixels, which copy it */
  IDF_SPACING_CENTRED,    /* it lies between them: they get 3/4, and 1/4 of the next one */
  IDF_SPACING_COSITED,    /* it lies at the even one; the odd one gets halves of both */
  IDF_SPACINGS
} idf_spacing;

typedef struct idf_axis {
  idf_spacing spacing;
  unsigned phase;         /* 0 or 1; 0 with IDF_SPACING_FULL */
  bool no_first, no_last; /* the first or last knot is a copy */
  uint32_t pixels;
  /* Set by idf_axis_init: the number of the first knot, and how many there are. */
  int32_t first;
  uint32_t knots;
} idf_axis;

/* Whether pixels take from two knots. */
static inline bool idf_spacing_between(idf_spacing spacing)
{
  return spacing == IDF_SPACING_CENTRED || spacing == IDF_SPACING_COSITED;
}

/* What a pixel takes along one axis: near and far are indices of knots. */
typedef struct idf_pick {
  uint32_t near, far;
  int32_t weight; /* of far, in quarters */
} idf_pick;

/* Completes an axis. False if its phase or its copies are impossible. */
bool idf_axis_init(idf_axis *axis);
/* Whether the first (last) knot lies beyond all pixels, and so can be a copy. */
bool idf_axis_has_outer(const idf_axis *axis, bool last);
idf_pick idf_axis_pick(const idf_axis *axis, uint32_t pixel);
/* The first and last pixel that are nearest to a knot, moved into the tile. */
void idf_axis_pixels(const idf_axis *axis, uint32_t knot, uint32_t of[2]);

typedef struct idf_siting {
  idf_axis x, y;
} idf_siting;

/* Fills row y, s->x.pixels long, from a plane of s->x.knots * s->y.knots samples. */
void idf_siting_row(const idf_siting *s, const int32_t *knots, uint32_t y, int32_t *row);
/* The mean of plane `full` near each knot, rounded: of the pixels whose near knot it is, or, for a
 * knot beyond the tile, of the pixels at the border. */
void idf_siting_means(const idf_siting *s, const int32_t *full, int32_t *knots);

#endif

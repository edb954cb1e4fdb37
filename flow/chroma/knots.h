/* SPDX-License-Identifier: BSD-3-Clause
 *
 * knots.h: finds the knots of a plane from what the pixels between them got.
 *
 * Each pixel is a rounded mean of the four knots of its cell. This bounds them, and knots belong to
 * several cells. So bounds go from cell to cell until nothing changes; what is then left open is
 * tried, value by value, each with all that follows from it.
 */
#ifndef IDF_FLOW_KNOTS_H
#define IDF_FLOW_KNOTS_H

#include "shape.h"
#include "siting.h"

/* Bounds of a code, both included. */
typedef struct idf_codes {
  uint8_t lo, hi;
} idf_codes;

typedef struct idf_knots idf_knots;

/* Knots of which nothing is known. Errors: memory; *k then is NULL. `s` must stay. */
idf_status idf_knots_open(const idf_job *job, const idf_siting *s, idf_knots **k);
void idf_knots_close(idf_knots *k); /* NULL is allowed */

/* Sets the bounds of a pixel, which are 0 and 255 at first. */
void idf_knots_narrow(idf_knots *k, uint32_t x, uint32_t y, idf_codes to);
/* Narrows the bounds of knots by those of pixels. Where pixels contradict each other, some are left
 * out. Errors: IDF_ERR_CANCELLED. */
idf_status idf_knots_settle(idf_knots *k);
/* The bounds of a row of pixels that follow from those of the knots. */
void idf_knots_row(const idf_knots *k, uint32_t y, idf_codes *row);
/* Whether the outer knots of a side (siting.h) can be copies of those beside them. */
bool idf_knots_copied(const idf_knots *k, bool down, bool last);
/* Decides for one value of each knot, so that nearly all pixels stay within their bounds. Errors:
 * IDF_ERR_CANCELLED. */
idf_status idf_knots_search(idf_knots *k);
/* The lower bounds of all knots: after a search, their values. */
void idf_knots_take(const idf_knots *k, int32_t *knots);

#endif

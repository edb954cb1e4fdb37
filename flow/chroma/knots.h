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

#define IDF_KNOTS_UNKNOWN (-1)

/* On entry `seen` has a code in [0, 255] or IDF_KNOTS_UNKNOWN for each pixel. Fills the plane of
 * knots with codes in [0, 255] that make nearly all of the known ones. Errors: memory,
 * IDF_ERR_CANCELLED. */
idf_status idf_knots_solve(const idf_job *job, const idf_siting *s, const int16_t *seen,
                           int32_t *knots);

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recover.h: from pixels that a JPEG decoder made to the coefficients it made them from.
 */
#ifndef IDF_FLOW_RECOVER_H
#define IDF_FLOW_RECOVER_H

#include "canvas.h"
#include "shape.h"

/* A cheap look: whether the tile, gray or RGB of depth 8, seems to have been a JPEG picture. */
bool idf_recover_look(const idf_tile *tile);

/* Looks for grid, sampling, steps and coefficients. If *found, the canvas is the caller's to close;
 * its pixels are nearly those of the tile: what differs is up to him. Its coefficients are such
 * that idf_canvas_pixels takes them. Errors: memory, IDF_ERR_CANCELLED; then *found is false. */
idf_status idf_recover(const idf_job *job, const idf_tile *tile, idf_canvas *canvas, bool *found);

#endif

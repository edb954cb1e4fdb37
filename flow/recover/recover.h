/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recover.h: finds the coefficients from which a JPEG decoder made pixels.
 */
#ifndef IDF_FLOW_RECOVER_H
#define IDF_FLOW_RECOVER_H

#include "canvas.h"
#include "shape.h"

/* A cheap test whether the tile, gray or RGB of depth 8, seems to have been a JPEG picture. */
bool idf_recover_look(const idf_tile *tile);

/* Searches for grid, sampling, steps and coefficients. If *found, the caller must close the canvas.
 * Its pixels are nearly those of the tile; the caller handles the differences. idf_canvas_pixels
 * accepts its coefficients. Errors: memory, IDF_ERR_CANCELLED; then *found is false. */
idf_status idf_recover(const idf_job *job, const idf_tile *tile, idf_canvas *canvas, bool *found);

#endif

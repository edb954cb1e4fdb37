/* SPDX-License-Identifier: BSD-3-Clause
 *
 * canvas.h: the JPEG picture of which a tile is a part.
 *
 * The tile's first pixel is (x, y) of the picture, within its first MCU; the picture ends where the
 * tile does. Where a tile is cut out of a larger picture, that is not so, and chroma that was
 * interpolated across the border differs there by a little.
 */
#ifndef IDF_FLOW_CANVAS_H
#define IDF_FLOW_CANVAS_H

#include "coefs.h"

typedef struct idf_canvas {
  unsigned planes;        /* 1: gray; 3: Y, Cb, Cr */
  unsigned across, down;  /* pixels for a chroma sample: 1 or 2 each, 1 for gray */
  bool smooth;            /* chroma is interpolated; else repeated */
  uint32_t x, y;          /* below the MCU's size, 8 * across and 8 * down */
  uint32_t width, height; /* of the tile */
  idf_coefs coefs;        /* the blocks are the canvas's */
} idf_canvas;

/* Takes the numbers above but for coefs, of which everything is set: steps are 1, coefficients 0.
 * IDF_OK, or the memory status, and then nothing is owned. */
idf_status idf_canvas_open(idf_canvas *canvas, idf_mem *mem);
void idf_canvas_close(idf_canvas *canvas, idf_mem *mem);

/* Writes what a JPEG decoder makes of the coefficients (recipe.h): `planes` samples to a pixel,
 * rows `stride` samples apart; with `plain`, Y, Cb, Cr instead of R, G, B. IDF_ERR_UNSUPPORTED:
 * coefficients that recipe.h refuses; memory. */
idf_status idf_canvas_pixels(const idf_canvas *canvas, idf_mem *mem, bool plain, uint16_t *samples,
                             size_t stride);

#endif

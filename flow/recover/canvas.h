/* SPDX-License-Identifier: BSD-3-Clause
 *
 * canvas.h: the JPEG picture of which a tile is a part.
 *
 * The tile's first pixel is (x, y) of the picture, within its first MCU. The picture ends where the
 * tile does. This is wrong if the tile was cut out of a larger picture; chroma that was
 * interpolated across the border then differs slightly there.
 */
#ifndef IDF_FLOW_CANVAS_H
#define IDF_FLOW_CANVAS_H

#include "coefs.h"

typedef struct idf_canvas {
  unsigned planes;        /* 1: gray; 3: Y, Cb, Cr */
  unsigned across, down;  /* pixels per chroma sample: 1 or 2 each way, 1 for gray */
  bool smooth;            /* chroma is interpolated, not repeated */
  uint32_t x, y;          /* below the MCU's size, 8 * across and 8 * down */
  uint32_t width, height; /* of the tile */
  idf_coefs coefs;        /* the canvas owns the blocks */
} idf_canvas;

/* Takes the members above, except coefs, which it fills: steps are 1, coefficients 0. Returns
 * IDF_OK, or the memory status; then nothing is owned. */
idf_status idf_canvas_open(idf_canvas *canvas, idf_mem *mem);
void idf_canvas_close(idf_canvas *canvas, idf_mem *mem);

/* Writes what a JPEG decoder makes of the coefficients (recipe.h): `planes` samples per pixel, rows
 * `stride` samples apart; with `plain`, Y, Cb, Cr instead of R, G, B. Errors: IDF_ERR_UNSUPPORTED
 * for coefficients that recipe.h refuses; memory. */
idf_status idf_canvas_pixels(const idf_canvas *canvas, idf_mem *mem, bool plain, uint16_t *samples,
                             size_t stride);

#endif

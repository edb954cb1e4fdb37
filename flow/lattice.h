/* SPDX-License-Identifier: BSD-3-Clause
 *
 * lattice.h: the colour layers for pixels that a JPEG or a WebP decoder made.
 *
 * libjpeg turns Y, Cb, Cr into R, G, B with fixed-point tables (full-range BT.601),
 * so only about one RGB value in four can occur; libwebp (limited range) makes one in
 * seven. Coding the decoder's own Y, Cb, Cr saves those bits and the noise its
 * rounding added. The decoder's conversion is the layer's inverse; the forward
 * searches a preimage near the usual transform. Pixels without one are escapes,
 * listed beside the planes.
 *
 * Source of the constants: ITU-T T.871, and jdcolor.c's rounding of them to 1/65536;
 * libwebp's dsp/yuv.h. `layer` is IDF_COLOUR_JPEG or IDF_COLOUR_WEBP.
 */
#ifndef IDF_FLOW_LATTICE_H
#define IDF_FLOW_LATTICE_H

#include "bytes.h"
#include "colour.h"
#include "fixed.h"

/* y, cb, cr in [0, 255] to r, g, b in [0, 255]. */
void idf_lattice_inverse(unsigned layer, const int32_t ycc[3], int32_t rgb[3]);
/* A preimage of rgb, or false and the nearest guess. Samples in [0, 255]. */
bool idf_lattice_forward(unsigned layer, const int32_t rgb[3], int32_t ycc[3]);

/* Whether, by every 7th pixel, nearly all of n pixels have a preimage. */
bool idf_lattice_likely(unsigned layer, int32_t *const plane[3], size_t n);

/* In place on R, G, B planes of n samples; escapes are appended to `escapes` as
 * varint count, then for each a varint gap since the last and three bytes R, G, B. */
void idf_lattice_planes_forward(unsigned layer, int32_t *const plane[3], size_t n,
                                idf_buf *escapes);
/* Moves past a list of escapes for n pixels; sets bad where it is malformed. */
void idf_lattice_skip(idf_cur *escapes, size_t n);
/* The reverse of the forward. False when the escapes are malformed. */
bool idf_lattice_planes_inverse(unsigned layer, int32_t *const plane[3], size_t n,
                                idf_cur *escapes);

#endif

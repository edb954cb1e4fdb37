/* SPDX-License-Identifier: BSD-3-Clause
 *
 * lattice.h: the colour layers for pixels that a JPEG or a WebP decoder made.
 *
 * libjpeg turns Y, Cb, Cr into R, G, B with fixed-point tables (full-range BT.601), so only about
 * one RGB value in four can occur. With libwebp (limited range) it is one in seven. Coding the
 * decoder's own Y, Cb, Cr saves those bits, and the noise of its rounding. The inverse of the layer
 * is the decoder's conversion; the forward direction searches a preimage near the usual transform.
 * Pixels without a preimage are escapes, listed beside the planes.
 *
 * Sources of the constants: ITU-T T.871, and jdcolor.c's rounding of them to 1/65536; libwebp's
 * dsp/yuv.h.
 */
#ifndef IDF_FLOW_LATTICE_H
#define IDF_FLOW_LATTICE_H

#include "layer.h"

/* The planes are Y, Cb, Cr in [0, 255]. The side information is the list of escapes: a varint
 * count, then for each a varint gap since the last one and three bytes R, G, B. */
extern const idf_colour_layer idf_jpeg_layer, idf_webp_layer;

/* Sets the Y, Cb, Cr of a pixel with samples in [0, 255]; layer is IDF_COLOUR_JPEG or
 * IDF_COLOUR_WEBP. Returns false if there is no preimage; ycc then is the nearest guess. */
bool idf_lattice_forward(unsigned layer, const int32_t rgb[3], int32_t ycc[3]);

#endif

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
 * libwebp's dsp/yuv.h.
 */
#ifndef IDF_FLOW_LATTICE_H
#define IDF_FLOW_LATTICE_H

#include "layer.h"

/* Y, Cb, Cr in [0, 255]; side information is the list of escapes: a varint count, then for
 * each a varint gap since the last and three bytes R, G, B. */
extern const idf_colour_layer idf_jpeg_layer, idf_webp_layer;

/* Of layer IDF_COLOUR_JPEG or IDF_COLOUR_WEBP: the Y, Cb, Cr of a pixel, samples in [0, 255]; or
 * false, and the nearest guess. */
bool idf_lattice_forward(unsigned layer, const int32_t rgb[3], int32_t ycc[3]);

#endif

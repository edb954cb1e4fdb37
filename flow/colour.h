/* SPDX-License-Identifier: BSD-3-Clause
 *
 * colour.h: reversible colour layers: couplings among the samples of one pixel.
 *
 * Each is a short chain of additive couplings (b -= a, c += a >> 1, ...), so it is
 * undone exactly by the same chain backwards. The YCbCr lattices are different: they
 * invert a decoder's rounding and live in lattice.h.
 */
#ifndef IDF_FLOW_COLOUR_H
#define IDF_FLOW_COLOUR_H

#include "flow.h"

enum {
  IDF_COLOUR_NONE = 0,  /* planes are R, G, B, or the only channel */
  IDF_COLOUR_GREEN = 1, /* G, R - G, B - G */
  IDF_COLOUR_YCOCG = 2, /* YCoCg-R (Malvar and Sullivan, JVT-I014) */
  IDF_COLOUR_JPEG = 3,  /* Y, Cb, Cr of libjpeg's decoder: lattice.h */
  IDF_COLOUR_WEBP = 4,  /* of libwebp's */
  IDF_COLOUR_COUNT
};

static inline bool idf_colour_is_lattice(unsigned layer)
{
  return layer == IDF_COLOUR_JPEG || layer == IDF_COLOUR_WEBP;
}

/* Ranges of the three planes a layer makes of samples in [0, top]. */
void idf_colour_ranges(unsigned layer, int32_t top, int32_t min[3], int32_t max[3]);

/* In place on three planes of n samples: R, G, B to the layer's planes and back.
 * Layers 0 to 2. After the inverse, values can leave [0, top] only when the
 * planes were not made by the forward: the caller checks. */
void idf_colour_forward(unsigned layer, int32_t *const plane[3], size_t n);
void idf_colour_inverse(unsigned layer, int32_t *const plane[3], size_t n);

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * layer.h: the planes of a tile, and what a colour layer is: a bijection of three of them. To
 * add one, write it in colour.c or a file of its own, and enter it in idf_colour_layers.
 */
#ifndef IDF_FLOW_LAYER_H
#define IDF_FLOW_LAYER_H

#include "bytes.h"

/* The planes of a tile in coding order: alpha first if there is one. */
typedef struct idf_planes {
  int32_t *plane[4];      /* width * height samples each, without gaps, below 2^depth */
  size_t n;               /* width * height */
  uint32_t width, height; /* 1 .. 4096 */
  unsigned count, depth;  /* 1 .. 4, 1 .. 16 */
  unsigned alpha;         /* 1 when plane 0 is alpha, else 0: where colours begin */
} idf_planes;

/* Numbers of colour layers in payloads: their places in idf_colour_layers. */
enum {
  IDF_COLOUR_NONE = 0,  /* planes are R, G, B, or the only channel */
  IDF_COLOUR_GREEN = 1, /* G, R - G, B - G */
  IDF_COLOUR_YCOCG = 2, /* YCoCg-R (Malvar and Sullivan, JVT-I014) */
  IDF_COLOUR_JPEG = 3,  /* Y, Cb, Cr of libjpeg's decoder: lattice.h */
  IDF_COLOUR_WEBP = 4,  /* of libwebp's */
  IDF_COLOUR_COUNT
};

typedef struct idf_colour_layer {
  const char *name; /* for people: one word */
  int32_t top;      /* of R, G, B, for which alone it is defined; 0: any up to 65535 */
  bool blocks;      /* its planes have the 8x8 blocks of a JPEG decoder */
  /* Ranges of the planes that it makes of R, G, B in [0, top]. */
  void (*ranges)(int32_t top, int32_t min[3], int32_t max[3]);
  /* In place on three planes of n samples. What the planes cannot say, if the layer has such
   * side information, is appended to `side`, which is bad when memory lacks. */
  void (*forward)(int32_t *const plane[3], size_t n, idf_buf *side);
  /* The reverse. Planes not made by the forward may give samples outside [0, top]: the caller
   * checks. False when the side information is malformed. */
  bool (*inverse)(int32_t *const plane[3], size_t n, idf_cur *side);
  /* Moves past the side information for n pixels; sets bad where it is malformed. NULL: the
   * layer has none, and `side` above may be NULL. */
  void (*skip)(idf_cur *side, size_t n);
  /* Whether R, G, B surely came from such planes. NULL: what it costs tells (plan.c). */
  bool (*likely)(int32_t *const plane[3], size_t n);
} idf_colour_layer;

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * layer.h: the planes of a tile, and the interface of a colour layer, which is a bijection of three
 * planes.
 *
 * To add a layer, write it in colour.c or in a file of its own, and enter it in idf_colour_layers.
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
  unsigned alpha;         /* 1 if plane 0 is alpha, else 0: the first colour plane */
} idf_planes;

/* Numbers of colour layers in payloads: their indices in idf_colour_layers. */
enum {
  IDF_COLOUR_NONE = 0,  /* planes are R, G, B, or the only channel */
  IDF_COLOUR_GREEN = 1, /* G, R - G, B - G */
  IDF_COLOUR_YCOCG = 2, /* YCoCg-R (Malvar and Sullivan, JVT-I014) */
  IDF_COLOUR_JPEG = 3,  /* Y, Cb, Cr of libjpeg's decoder: lattice.h */
  IDF_COLOUR_WEBP = 4,  /* Y, Cb, Cr of libwebp's decoder */
  IDF_COLOUR_COUNT
};

typedef struct idf_colour_layer {
  const char *name; /* one word, shown to users */
  int32_t top;      /* the only largest value of R, G, B it supports; 0: any up to 65535 */
  bool blocks;      /* its planes have the 8x8 blocks of a JPEG decoder */
  /* Sets the ranges of the planes that it makes of R, G, B in [0, top]. */
  void (*ranges)(int32_t top, int32_t min[3], int32_t max[3]);
  /* Works in place on three planes of n samples. Side information, if the layer has any, is
   * appended to `side`, which is set bad if memory runs out. */
  void (*forward)(int32_t *const plane[3], size_t n, idf_buf *side);
  /* Undoes the forward direction. Other planes than those may give samples outside [0, top], which
   * the caller checks. False if the side information is malformed. */
  bool (*inverse)(int32_t *const plane[3], size_t n, idf_cur *side);
  /* Moves past the side information for n pixels; sets bad if it is malformed. NULL: the layer has
   * none, and `side` above may be NULL. */
  void (*skip)(idf_cur *side, size_t n);
  /* Whether R, G, B surely came from such planes. NULL: plan.c compares costs. */
  bool (*likely)(int32_t *const plane[3], size_t n);
} idf_colour_layer;

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * candidates.h: proposes whole pixels that are likely to come next, because they are near or
 * because they followed the same neighbourhood before.
 *
 * READ FIRST: a pixel is one number here, its channels side by side. All that counts is whether it
 * equals another.
 */
#ifndef IDF_FLOW_CANDIDATES_H
#define IDF_FLOW_CANDIDATES_H

#include "base.h"
#include "mem.h"

/* Channel c of a pixel in bits 16 c .. 16 c + 15. */
typedef uint64_t idf_pixel;

#define IDF_PLANE_ABOVE 3 /* rows of border above the tile */
#define IDF_PLANE_SIDE 4  /* columns of border left and right */

/* The pixels of the tile with a border: `at` is pixel (0, 0), rows are `stride` apart. */
typedef struct idf_plane {
  idf_pixel *base; /* owned */
  idf_pixel *at;
  uint32_t width, height;
  size_t stride;
} idf_plane;

idf_status idf_plane_init(idf_plane *plane, idf_mem *mem, uint32_t width, uint32_t height);
void idf_plane_free(idf_plane *plane, idf_mem *mem);
/* Fills the border left of row y with the first pixel of the row above. */
void idf_plane_open_row(idf_plane *plane, uint32_t y);
/* Fills the border right of row y with its last pixel. */
void idf_plane_close_row(idf_plane *plane, uint32_t y);

/* Causal neighbours, named by compass direction. Each further letter is one step further. */
typedef struct idf_near {
  idf_pixel w, n, nw, ne, ww, nn, nww, nee, www, nnw, nne, nnn;
} idf_near;

void idf_near_look(idf_near *near, const idf_pixel *here, size_t stride);

/* Neighbourhoods: W alone, N alone, and those of 2, 6 and 12 pixels. */
enum { IDF_ORDER_W, IDF_ORDER_N, IDF_ORDER_2, IDF_ORDER_6, IDF_ORDER_12, IDF_ORDERS };

#define IDF_CANDIDATES 6
#define IDF_SOURCES 8 /* sources of candidates: see candidates.c */

typedef struct idf_match {
  idf_pixel *last[IDF_ORDER_12]; /* owned, 2^bits: the pixel that followed; initially 0 */
  idf_pixel *before;             /* owned: for order 2, the last different pixel before that */
  uint32_t *place;               /* owned, 2^place_bits: for order 12, the place; 0: none */
  unsigned bits, place_bits;
  uint32_t at;     /* the place of the repetition, even a broken one; 0: there was none */
  uint32_t length; /* pixels repeated so far, at most 999; 0: no repetition */
  /* State for the present pixel. */
  uint32_t hash[IDF_ORDERS];
  idf_pixel candidate[IDF_SOURCES];
  uint32_t votes[IDF_SOURCES]; /* bit s: source s proposes this candidate */
  unsigned candidates;         /* number of distinct ones; use at most IDF_CANDIDATES */
} idf_match;

/* bits is in [12, 24]: tables have at most 2^(bits - 2) pixels and 2^(bits - 1) places. Returns
 * IDF_OK, or the memory status; then nothing is owned. */
idf_status idf_match_init(idf_match *match, idf_mem *mem, uint32_t pixels, unsigned bits);
void idf_match_free(idf_match *match, idf_mem *mem);

/* Hashes the neighbourhood of `place`, and lists the candidates for its pixel. */
void idf_match_look(idf_match *match, const idf_plane *plane, size_t place, const idf_near *near);
/* Learns the pixel at `place`, which was looked at before and is now in the plane. */
void idf_match_learn(idf_match *match, const idf_plane *plane, size_t place);
/* Passes `count` pixels that were not looked at; the last one is at `place`. */
void idf_match_skip(idf_match *match, const idf_plane *plane, size_t place, uint32_t count);
/* Passes `count` pixels that were not looked at and follow the repetition. If `broken` is set, the
 * next one does not. */
void idf_match_run(idf_match *match, uint32_t count, bool broken);
/* Call this when the next place is the first of a row, unless it is the first of the tile. */
void idf_match_open_row(idf_match *match);

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * candidates.h: whole pixels that are likely next, because they are near or because they
 * followed the same neighbourhood before. READ FIRST: a pixel is one number here, its
 * channels side by side, and nothing is known of it but whether it equals another.
 */
#ifndef IDF_FLOW_CANDIDATES_H
#define IDF_FLOW_CANDIDATES_H

#include "base.h"
#include "mem.h"

/* Channel c of a pixel in bits 16 c .. 16 c + 15. */
typedef uint64_t idf_pixel;

#define IDF_PLANE_ABOVE 3 /* rows of border above the tile */
#define IDF_PLANE_SIDE 4  /* columns of border left and right */

/* The tile's pixels with a border: `at` is pixel (0, 0), rows are `stride` apart. */
typedef struct idf_plane {
  idf_pixel *base; /* owned */
  idf_pixel *at;
  uint32_t width, height;
  size_t stride;
} idf_plane;

idf_status idf_plane_init(idf_plane *plane, idf_mem *mem, uint32_t width, uint32_t height);
void idf_plane_free(idf_plane *plane, idf_mem *mem);
/* The border left of row y: copies of the first pixel of the row above. */
void idf_plane_open_row(idf_plane *plane, uint32_t y);
/* The border right of row y: copies of its last pixel. */
void idf_plane_close_row(idf_plane *plane, uint32_t y);

/* Causal neighbours by compass; a letter more is a step more that way. */
typedef struct idf_near {
  idf_pixel w, n, nw, ne, ww, nn, nww, nee, www, nnw, nne, nnn;
} idf_near;

void idf_near_look(idf_near *near, const idf_pixel *here, size_t stride);

/* Neighbourhoods: W alone, N alone, and of 2, 6 and 12 pixels. */
enum { IDF_ORDER_W, IDF_ORDER_N, IDF_ORDER_2, IDF_ORDER_6, IDF_ORDER_12, IDF_ORDERS };

#define IDF_CANDIDATES 6
#define IDF_SOURCES 8 /* of candidates: see candidates.c */

typedef struct idf_match {
  idf_pixel *last[IDF_ORDER_12]; /* owned, 2^bits: the pixel that followed; at first 0 */
  idf_pixel *before;             /* owned: for order 2, the pixel before that was another */
  uint32_t *place;               /* owned, 2^place_bits: for order 12, where; 0: nowhere */
  unsigned bits, place_bits;
  uint32_t at;     /* the place that is being repeated, or would be; 0: none was yet */
  uint32_t length; /* pixels it has been right, saturating at 999; 0: nothing is */
  /* Of the present pixel. */
  uint32_t hash[IDF_ORDERS];
  idf_pixel candidate[IDF_SOURCES];
  uint32_t votes[IDF_SOURCES]; /* bit s: source s names this candidate */
  unsigned candidates;         /* distinct ones; at most IDF_CANDIDATES are to be used */
} idf_match;

/* bits in [12, 24]: tables have at most 2^(bits - 2) pixels and 2^(bits - 1) places. IDF_OK or the
 * memory status; then nothing is owned. */
idf_status idf_match_init(idf_match *match, idf_mem *mem, uint32_t pixels, unsigned bits);
void idf_match_free(idf_match *match, idf_mem *mem);

/* Hashes the neighbourhood and lists the candidates for the pixel at `place`. */
void idf_match_look(idf_match *match, const idf_plane *plane, size_t place, const idf_near *near);
/* The pixel at `place`, looked at before, is `pixel`, and now in the plane. */
void idf_match_learn(idf_match *match, const idf_plane *plane, size_t place);
/* `count` pixels were passed without a look; the last one is at `place`. */
void idf_match_skip(idf_match *match, const idf_plane *plane, size_t place, uint32_t count);
/* `count` pixels, none of them looked at, were as the repetition says; if `broken`, the next
 * one is not. */
void idf_match_run(idf_match *match, uint32_t count, bool broken);
/* The next place is the first of a row, but not of the tile. */
void idf_match_open_row(idf_match *match);

#endif

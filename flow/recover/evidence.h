/* SPDX-License-Identifier: BSD-3-Clause
 *
 * evidence.h: what the pixels of a tile say of the Y, Cb, Cr that a JPEG decoder had.
 *
 * The decoder's colour conversion is injective as long as nothing is clamped: such a pixel is
 * known.
 * For the others there is a belief, which is mended while coefficients become known.
 */
#ifndef IDF_FLOW_EVIDENCE_H
#define IDF_FLOW_EVIDENCE_H

#include "shape.h"

typedef struct idf_evidence {
  unsigned planes; /* 1: gray, where every pixel is known; 3 */
  uint32_t width, height;
  uint8_t *sample[3]; /* owned: width * height each */
  bool *known;        /* owned: for each pixel */
  uint32_t clear;     /* pixels without a clamped channel, */
  uint32_t explained; /* and those of them that can come from a JPEG decoder */
} idf_evidence;

/* Of some pixels, spread over the tile: whether they can come from a JPEG decoder. Depth 8, gray
 * or RGB; gray always can. */
bool idf_evidence_look(const idf_tile *tile);

/* IDF_OK or the memory status; then nothing is owned. */
idf_status idf_evidence_open(idf_evidence *evidence, idf_mem *mem, const idf_tile *tile);
void idf_evidence_close(idf_evidence *evidence, idf_mem *mem);

/* Compares with Y, Cb, Cr that coefficients gave, `planes` a pixel without gaps: wrong[i] says
 * whether they make another pixel i than the tile has. What is not known is from now on believed to
 * be the nearest to them that make the tile's. Returns how many are wrong. */
uint32_t idf_evidence_compare(idf_evidence *evidence, const idf_tile *tile, const uint16_t *made,
                              bool *wrong);

#endif

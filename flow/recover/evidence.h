/* SPDX-License-Identifier: BSD-3-Clause
 *
 * evidence.h: what the pixels of a tile tell about the Y, Cb, Cr that a JPEG decoder had.
 *
 * If nothing is clamped, the decoder's colour conversion is injective: such a pixel is known. For
 * the others there is a belief, which is corrected as coefficients become known.
 */
#ifndef IDF_FLOW_EVIDENCE_H
#define IDF_FLOW_EVIDENCE_H

#include "shape.h"

typedef struct idf_evidence {
  unsigned planes; /* 1: gray, where every pixel is known; or 3 */
  uint32_t width, height;
  uint8_t *sample[3]; /* owned: width * height each */
  bool *known;        /* owned: for each pixel */
  uint32_t clear;     /* pixels without a clamped channel */
  uint32_t explained; /* those of them that a JPEG decoder can make */
} idf_evidence;

/* Whether some pixels, spread over the tile, can come from a JPEG decoder. Depth 8, gray or RGB;
 * gray always can. */
bool idf_evidence_look(const idf_tile *tile);

/* Returns IDF_OK, or the memory status; then nothing is owned. */
idf_status idf_evidence_open(idf_evidence *evidence, idf_mem *mem, const idf_tile *tile);
void idf_evidence_close(idf_evidence *evidence, idf_mem *mem);

/* Compares with the Y, Cb, Cr that coefficients give, `planes` per pixel without gaps. wrong[i]
 * says whether they make another pixel i than the tile has. For unknown pixels, the belief becomes
 * the nearest Y, Cb, Cr that make the tile's pixel. Returns the number of wrong pixels. */
uint32_t idf_evidence_compare(idf_evidence *evidence, const idf_tile *tile, const uint16_t *made,
                              bool *wrong);

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * preimage.h: finds the Y, U, V of which a conversion makes given R, G, B.
 *
 * A pixel that is not clipped has one preimage or none, nearly always. One with a 0 or a 255 can
 * have many.
 */
#ifndef IDF_FLOW_PREIMAGE_H
#define IDF_FLOW_PREIMAGE_H

#include "conversion.h"

typedef struct idf_preimage {
  idf_matrix matrix;
  int32_t inverse[2][3]; /* of the slopes: rows of U and V, Q16 */
  int32_t middle[3];     /* R, G, B at codes of 128, Q8 */
  int32_t per_code;      /* codes of Y for one of luma's range, Q24 */
} idf_preimage;

void idf_preimage_init(idf_preimage *p, unsigned conversion);

/* Whether a sample is at an end of its range, where clamping hides some of it. */
static inline bool idf_clipped(const int32_t rgb[3])
{
  return rgb[0] == 0 || rgb[1] == 0 || rgb[2] == 0 || rgb[0] == 255 || rgb[1] == 255
         || rgb[2] == 255;
}

/* The codes Y in [range[0], range[1]] give rgb together with u and v, 0 to 255; false: none. */
bool idf_preimage_luma(const idf_preimage *p, const int32_t rgb[3], int32_t u, int32_t v,
                       int32_t range[2]);
/* A Y whose green at least is near, for pixels without a preimage. */
int32_t idf_preimage_nearest_luma(const idf_preimage *p, const int32_t rgb[3], int32_t u,
                                  int32_t v);
/* Searches U and V around the rounded inverse; false if no Y fits near it, and then that inverse is
 * in uv. */
bool idf_preimage_chroma(const idf_preimage *p, const int32_t rgb[3], int32_t uv[2]);

#endif

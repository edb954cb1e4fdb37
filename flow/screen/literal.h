/* SPDX-License-Identifier: BSD-3-Clause
 *
 * literal.h: codes a pixel that is none of the candidates, sample by sample and bit by bit.
 *
 * Alpha comes first, then green, red and blue. Each bit is predicted from numbers (the distance of
 * a predictor from the middle of what is left) and from identities (the same bits, after the same
 * samples, next to the same pixels). In tiles where colours recur, a flag first says whether this
 * colour is known. If so, the bits that all remaining colours share are not coded.
 */
#ifndef IDF_FLOW_LITERAL_H
#define IDF_FLOW_LITERAL_H

#include "candidates.h"
#include "known_colours.h"
#include "mixed_bit.h"
#include "shape.h"

/* Sets and curves of the mixer that a literal uses, from the given first numbers on. */
#define IDF_LITERAL_SETS (2 * 256 + 64 + 9)
#define IDF_LITERAL_CURVES (2 * 4 * 16 * 16 + 1)

typedef struct idf_literal {
  unsigned channels, depth;
  unsigned order[4]; /* the channel of each place */
  int8_t *error[2];  /* owned: this row's and the one above's prediction errors, 4 a column,
                        by place; 0 where a pixel was no literal; one column more on the left */
  uint32_t width;
  idf_palette palette;
  uint32_t recent;       /* whether the last 32 literals' colours were known: newest in bit 0 */
  unsigned sets, curves; /* numbers of the first ones */
} idf_literal;

/* Where a literal is, and what is known of it. */
typedef struct idf_literal_site {
  uint32_t x; /* column */
  const idf_near *near;
  idf_pixel refused[IDF_PALETTE_OUT]; /* it is none of these */
  unsigned refusals;
} idf_literal_site;

/* Returns IDF_OK, or the memory status; then nothing is owned. */
idf_status idf_literal_init(idf_literal *lit, idf_mem *mem, const idf_tile_shape *shape,
                            unsigned sets, unsigned curves);
void idf_literal_free(idf_literal *lit, idf_mem *mem);
void idf_literal_open_row(idf_literal *lit);

/* Codes the pixel of a site and returns it; every sample is below 2^depth. If `bits` is not NULL,
 * adds the bits of each sample, by place. */
idf_pixel idf_literal_code(idf_literal *lit, idf_decide *decide, const idf_literal_site *site,
                           idf_pixel pixel, double *bits);

#endif

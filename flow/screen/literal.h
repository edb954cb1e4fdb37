/* SPDX-License-Identifier: BSD-3-Clause
 *
 * literal.h: a pixel that no candidate named, sample by sample and bit by bit. Alpha
 * comes first, then green, red and blue; each bit is predicted both from numbers (how
 * far a predictor lies from the middle of what is left) and from identities (the same
 * bits, after the same samples, next to the same pixels). Where colours have been coming
 * back, a flag tells first whether this one does: then bits in which all colours that it can
 * be agree are known.
 */
#ifndef IDF_FLOW_LITERAL_H
#define IDF_FLOW_LITERAL_H

#include "candidates.h"
#include "known_colours.h"
#include "mixed_bit.h"
#include "shape.h"

/* Sets and curves of the mixer that a literal uses, from the numbers it was given. */
#define IDF_LITERAL_SETS (2 * 256 + 64 + 9)
#define IDF_LITERAL_CURVES (2 * 4 * 16 * 16 + 1)

typedef struct idf_literal {
  unsigned channels, depth;
  unsigned order[4]; /* channel by place */
  int8_t *error[2];  /* owned: this row's and the one above's prediction errors, 4 a column,
                        by place; 0 where a pixel was no literal; one column more on the left */
  uint32_t width;
  idf_palette palette;
  uint32_t recent;       /* whether the last literals' colours were known: 32, newest in bit 0 */
  unsigned sets, curves; /* the first ones */
} idf_literal;

/* IDF_OK or the memory status; then nothing is owned. */
idf_status idf_literal_init(idf_literal *lit, idf_mem *mem, const idf_tile_shape *shape,
                            unsigned sets, unsigned curves);
void idf_literal_free(idf_literal *lit, idf_mem *mem);
void idf_literal_open_row(idf_literal *lit);

/* Codes the pixel at column x and returns it; every sample is below 2^depth. It is none of the
 * `refused`, at most IDF_PALETTE_OUT. With `bits`, adds the bits of each sample by place. */
idf_pixel idf_literal_code(idf_literal *lit, idf_decide *decide, uint32_t x, const idf_near *near,
                           const idf_pixel *refused, unsigned refusals, idf_pixel pixel,
                           double *bits);

#endif

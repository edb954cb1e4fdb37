/* SPDX-License-Identifier: BSD-3-Clause
 *
 * occur.h: the occurrence prior: which colours have been seen in this tile.
 *
 * Pictures that were converted from luma and chroma, or drawn with few colours, use a sparse set of
 * RGB values. Before the sample of the second plane is coded (given the first), and that of the
 * third (given both), a flag says whether the sample completes a colour seen before. The logistic,
 * restricted to that class, codes the sample itself. The context of the flag is the mass that the
 * logistic gives the class; so where the model alone is good enough, the flag learns to cost
 * nothing.
 *
 * A colour counts as seen from the time step after it was coded (see the clock in flow.h).
 */
#ifndef IDF_FLOW_OCCUR_H
#define IDF_FLOW_OCCUR_H

#include "adapt.h"
#include "fixed.h"
#include "flow_types.h"
#include "mem.h"

#define IDF_OCCUR_CONTEXTS 33

typedef struct idf_occur {
  size_t words[2];  /* words of one bitmap of the values of the second and of the third plane */
  uint64_t *set[2]; /* pairs: [v0]; triples: [v0][v1]; values are offsets from min */
  size_t span;      /* number of values of the second plane */
  int32_t min[IDF_FLOW_PLANES];
  idf_bit flag[2][2][IDF_OCCUR_CONTEXTS];
} idf_occur;

/* Whether the ranges of the shape fit the bitmaps: 3 planes of at most 511 values each. */
bool idf_occur_fits(const idf_flow_shape *shape);
idf_status idf_occur_init(idf_occur *occur, idf_mem *mem, const idf_flow_shape *shape);
void idf_occur_free(idf_occur *occur, idf_mem *mem);

/* The values of plane 1 or 2 that complete a colour seen before, as a bitmap of offsets from min.
 * Readers may read one word past its end. earlier: the samples of the planes before it. */
const uint64_t *idf_occur_set(const idf_occur *occur, unsigned plane, const int32_t *earlier);
/* The state of the flag "seen" for a sample, given the mass of the class "seen" in the prior's
 * counts; NULL if no flag is coded. side: 1 if the left neighbour's flag was "not seen". The caller
 * updates the state at the end of the step. */
idf_bit *idf_occur_flag(idf_occur *occur, unsigned plane, int side, uint32_t mass);
/* Records the colour of one pixel. */
void idf_occur_add(idf_occur *occur, const int32_t colour[IDF_FLOW_PLANES]);

/* Whether bit `i` of a bitmap is set. */
static inline bool idf_occur_has(const uint64_t *seen, uint32_t i)
{
  return (seen[i >> 6] >> (i & 63)) & 1;
}

/* The first i >= from whose bit equals `want`, or `end` if there is none before it. */
static inline uint32_t idf_occur_seek(const uint64_t *seen, uint32_t from, uint32_t end, bool want)
{
  for (uint32_t i = from; i < end; i = (i | 63) + 1) {
    uint64_t word = (want ? seen[i >> 6] : ~seen[i >> 6]) >> (i & 63);
    if (word != 0) {
      i += idf_low_zeros(word);
      return i < end ? i : end;
    }
  }
  return end;
}

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * ranks.h: the values that a plane uses, in a sorted list; the plane then holds their ranks.
 *
 * Samples that were 8 or 12 bits before they were stored in 16, that went through a
 * table, or that were half floats, use few of their values. Ranks instead of values
 * give the flow a dense and narrow range, and the gaps cost nothing. What is used is
 * sent as a bitmap of all values, one adaptive flag each, which for a regular comb
 * comes to a few bytes.
 */
#ifndef IDF_FLOW_RANKS_H
#define IDF_FLOW_RANKS_H

#include "bytes.h"

#define IDF_RANKS_PLANES 4

/* The values each plane uses: value[p][0 .. count[p] - 1], ascending, each below 2^depth.
 * Places in this list are the ranks. */
typedef struct idf_ranks {
  uint16_t *value[IDF_RANKS_PLANES]; /* owned */
  uint32_t count[IDF_RANKS_PLANES];  /* 1 .. 2^depth */
  unsigned planes;
} idf_ranks;

/* Looks at 1 to 4 planes of n samples below 2^depth. *pays: whether ranks should be
 * coded; then `ranks` is filled and its bitmaps are appended to `out`. Errors: memory.
 * Plane 0 stands alone when `alone`; all others share one set of values where that is
 * about as short. */
idf_status idf_ranks_choose(idf_mem *mem, unsigned depth, unsigned planes, bool alone,
                            int32_t *const *plane, size_t n, idf_ranks *ranks, bool *pays,
                            idf_buf *out);
/* Reads what idf_ranks_choose appended. IDF_ERR_TRUNCATED, IDF_ERR_CORRUPT (also for a plane
 * without any value), memory. */
idf_status idf_ranks_read(idf_mem *mem, unsigned depth, unsigned planes, idf_cur *in,
                          idf_ranks *ranks);
/* Allowed after any outcome of the above. */
void idf_ranks_free(idf_ranks *ranks, idf_mem *mem);

/* Values to ranks in place; every value must be in the list. */
void idf_ranks_forward(const idf_ranks *ranks, unsigned p, int32_t *plane, size_t n);
/* Ranks to values in place; false when one is not below the count. */
bool idf_ranks_inverse(const idf_ranks *ranks, unsigned p, int32_t *plane, size_t n);

#endif

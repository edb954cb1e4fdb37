/* SPDX-License-Identifier: BSD-3-Clause
 *
 * values.h: the values that a plane uses, in a sorted list; the plane then holds their ranks.
 *
 * Samples that were 8 or 12 bits before they were stored in 16, that went through a
 * table, or that were half floats, use few of their values. Ranks instead of values
 * give the flow a dense and narrow range, and the gaps cost nothing. What is used is
 * sent as a bitmap of all values, one adaptive flag each, which for a regular comb
 * comes to a few bytes.
 */
#ifndef IDF_FLOW_VALUES_H
#define IDF_FLOW_VALUES_H

#include "layer.h"

#define IDF_VALUES_PLANES 4

/* The values each plane uses: value[p][0 .. count[p] - 1], ascending, each below 2^depth.
 * Places in this list are the ranks. */
typedef struct idf_values {
  uint16_t *value[IDF_VALUES_PLANES]; /* owned */
  uint32_t count[IDF_VALUES_PLANES];  /* 1 .. 2^depth */
  unsigned planes, depth;
} idf_values;

/* Looks at planes of samples. *pays: whether ranks should be coded; then `values` is filled.
 * Alpha stands alone; all other planes share one set of values where that is about as short.
 * Errors: memory. */
idf_status idf_values_choose(idf_mem *mem, const idf_planes *planes, idf_values *values,
                             bool *pays);
/* Appends their bitmaps. Errors: memory. */
idf_status idf_values_put(idf_mem *mem, const idf_values *values, idf_buf *out);
/* Reads what idf_values_put appended. IDF_ERR_TRUNCATED, IDF_ERR_CORRUPT (also for a plane
 * without any value), memory. */
idf_status idf_values_get(idf_mem *mem, const idf_planes *planes, idf_cur *in, idf_values *values);
/* Allowed after any outcome of the above. */
void idf_values_free(idf_values *values, idf_mem *mem);

/* Values to ranks in place; every value must be in the list. */
void idf_values_forward(const idf_values *values, unsigned p, int32_t *plane, size_t n);
/* Ranks to values in place; false when one is not below the count. */
bool idf_values_inverse(const idf_values *values, unsigned p, int32_t *plane, size_t n);

#endif

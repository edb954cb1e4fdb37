/* SPDX-License-Identifier: BSD-3-Clause
 *
 * values.h: replaces the samples of a plane by their ranks among the values that the plane uses.
 *
 * Samples use few of their values if they had 8 or 12 bits before they were stored in 16, if they
 * went through a table, or if they were half floats. Ranks give the flow a dense and narrow range,
 * and the gaps cost nothing. The used values are sent as a bitmap of all values, with one adaptive
 * flag each. For a regular comb this takes a few bytes.
 */
#ifndef IDF_FLOW_VALUES_H
#define IDF_FLOW_VALUES_H

#include "layer.h"

#define IDF_VALUES_PLANES 4

/* The values that each plane uses: value[p][0 .. count[p] - 1], ascending, each below 2^depth. The
 * index of a value is its rank. */
typedef struct idf_values {
  uint16_t *value[IDF_VALUES_PLANES]; /* owned */
  uint32_t count[IDF_VALUES_PLANES];  /* 1 .. 2^depth */
  unsigned planes, depth;
} idf_values;

/* Examines planes of samples. *pays: whether ranks should be coded; if so, `values` is filled.
 * Alpha has its own values; all other planes share one set if that is about as short. Errors:
 * memory. */
idf_status idf_values_choose(idf_mem *mem, const idf_planes *planes, idf_values *values,
                             bool *pays);
/* Appends the bitmaps. Errors: memory. */
idf_status idf_values_put(idf_mem *mem, const idf_values *values, idf_buf *out);
/* Reads what idf_values_put appended. Errors: IDF_ERR_TRUNCATED, IDF_ERR_CORRUPT (also for a plane
 * without any value), memory. */
idf_status idf_values_get(idf_mem *mem, const idf_planes *planes, idf_cur *in, idf_values *values);
/* May be called after any outcome of the above. */
void idf_values_free(idf_values *values, idf_mem *mem);

/* Values to ranks in place; every value must be in the list. */
void idf_values_forward(const idf_values *values, unsigned p, int32_t *plane, size_t n);
/* Ranks to values in place; false if a rank is not below the count. */
bool idf_values_inverse(const idf_values *values, unsigned p, int32_t *plane, size_t n);

#endif

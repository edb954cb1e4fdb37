/* SPDX-License-Identifier: BSD-3-Clause
 *
 * level.h: what is compiled once for each SIMD level, besides the kernels: the walk, and the
 * encoder's shortcut for linear predictors.
 *
 * All of it is plain C that compilers vectorise: see level_names.h.
 */
#ifndef IDF_FLOW_LEVEL_H
#define IDF_FLOW_LEVEL_H

#include "kernels.h"
#include "linear_encode.h"
#include "walk.h"

typedef struct idf_level {
  idf_status (*walk)(const idf_flow *flow, const int32_t *const *read, int32_t *const *write);
  idf_status (*rows_put)(const idf_flow *flow, const int32_t *const *planes, idf_rans_enc *enc);
} idf_level;

/* The level to which these kernels belong. */
const idf_level *idf_level_of(const idf_kernels *kernels);

#endif

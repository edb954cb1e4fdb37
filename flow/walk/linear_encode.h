/* SPDX-License-Identifier: BSD-3-Clause
 *
 * linear_encode.h: what an encoder has to code with linear predictors, found row by row.
 *
 * Who encodes knows all samples. With linear predictors locations follow from them, errors from
 * locations and scales from errors: nothing waits for a sample nearby to be coded, as it does
 * for whoever decodes. So there is no need to follow flow.h's clock but in the order of symbols:
 * rows are worked out from end to end, and what is to be coded of them waits until its time.
 */
#ifndef IDF_FLOW_LINEAR_ENCODE_H
#define IDF_FLOW_LINEAR_ENCODE_H

#include "flow_types.h"
#include "level_names.h"
#include "prior.h"
#include "rans.h"

/* Whether idf_rows_put can do it: linear predictors alone, for samples of at most 9 bits. */
static inline bool idf_rows_fit(const idf_flow *flow)
{
  const idf_flow_shape *shape = flow->shape;
  bool fine = flow->linear != NULL && shape->unit_shift == 0 && !shape->occurrence;
  for (unsigned p = 0; p < shape->planes; p++)
    fine = fine && shape->max[p] - shape->min[p] <= IDF_FINE_SPAN;
  return fine;
}

/* Codes all samples, to the symbols of a forward walk with idf_latent_put; they are pushed, with
 * what was recorded before them still to come. Arguments as idf_flow_forward's; enc->lanes: row
 * y's symbols are of lane y mod lanes. Errors: memory. */
idf_status idf_rows_put(const idf_flow *flow, const int32_t *const *planes, idf_rans_enc *enc);

#endif

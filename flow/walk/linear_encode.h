/* SPDX-License-Identifier: BSD-3-Clause
 *
 * linear_encode.h: a fast way to encode with linear predictors: row by row, not by the clock.
 *
 * The encoder knows all samples. With linear predictors, locations follow from samples, errors from
 * locations, and scales from errors. So nothing has to wait until a neighbour is coded, as it must
 * in the decoder. Whole rows are computed at once, and their symbols wait for their turn: only the
 * order of the symbols follows the clock of flow.h.
 */
#ifndef IDF_FLOW_LINEAR_ENCODE_H
#define IDF_FLOW_LINEAR_ENCODE_H

#include "flow_types.h"
#include "level_names.h"
#include "prior.h"
#include "rans.h"

/* Whether idf_rows_put supports this flow: linear predictors alone, and samples of at most 9
 * bits. */
static inline bool idf_rows_fit(const idf_flow *flow)
{
  const idf_flow_shape *shape = flow->shape;
  bool fine = flow->linear != NULL && shape->unit_shift == 0 && !shape->occurrence;
  for (unsigned p = 0; p < shape->planes; p++)
    fine = fine && shape->max[p] - shape->min[p] <= IDF_FINE_SPAN;
  return fine;
}

/* Codes all samples; the symbols are those of a forward walk with idf_latent_put. They are pushed
 * (rans.h); symbols recorded before them are still to be pushed. Arguments as for idf_flow_forward.
 * The symbols of row y are in lane y mod enc->lanes. Errors: memory. */
idf_status idf_rows_put(const idf_flow *flow, const int32_t *const *planes, idf_rans_enc *enc);

#endif

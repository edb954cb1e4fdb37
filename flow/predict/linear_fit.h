/* SPDX-License-Identifier: BSD-3-Clause
 *
 * linear_fit.h: coefficients that are fitted to one tile: the encoder's solve, and their coding.
 *
 * A class with enough samples gets coefficients that are fitted to this tile. The fit is weighted
 * least squares on a part of the samples, drawn towards the model's coefficients. The differences
 * to the model are sent.
 */
#ifndef IDF_FLOW_LINEAR_FIT_H
#define IDF_FLOW_LINEAR_FIT_H

#include "flow_types.h"
#include "kernels.h"
#include "linear.h"
#include "rans.h"

#define IDF_LINEAR_STEP 16 /* of a difference, Q12 */
#define IDF_LINEAR_DELTA_MAX 2047

typedef struct idf_linear_fit {
  uint16_t fitted[IDF_LINEAR_PLANES]; /* bit c: class c has differences */
  uint8_t scale[IDF_LINEAR_PLANES];   /* of the logistic that codes them, as in prior.h */
  int16_t delta[IDF_LINEAR_PLANES][IDF_LINEAR_CLASSES][IDF_LINEAR_MAX];
} idf_linear_fit;

/* Whether a tile has enough samples for a fit to pay. */
bool idf_linear_worth(const idf_flow_shape *shape);
/* Fits coefficients to the tile, for which idf_linear_worth must be true. Errors: memory. */
idf_status idf_linear_solve(idf_mem *mem, const idf_kernels *kernels, const idf_flow_shape *shape,
                            const int32_t *const *planes, const idf_linear *model,
                            idf_linear_fit *fit);
/* Adds the differences to the model's predictors; false if a coefficient leaves 16 bits. */
bool idf_linear_apply(const idf_linear *model, const idf_linear_fit *fit, unsigned planes,
                      idf_linear *out);

/* Codes the fit of the first `planes` planes on lane 0: 16 bits `fitted` and, unless that is 0, 8
 * bits `scale` and the differences of each class in turn, under a logistic of location 0. */
void idf_linear_put(const idf_linear_fit *fit, unsigned planes, idf_rans_enc *enc);
/* Reads a fit; false if the scale is not valid. Adds its cost to *bits, which may be NULL. */
bool idf_linear_get(idf_linear_fit *fit, unsigned planes, idf_rans_dec *dec, double *bits);

#endif

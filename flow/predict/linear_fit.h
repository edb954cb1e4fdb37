/* SPDX-License-Identifier: BSD-3-Clause
 *
 * linear_fit.h: the coefficients of a tile of its own: the encoder's solve, and how they are sent.
 *
 * A class that has samples enough gets coefficients solved for in this tile by weighted least
 * squares on a part of them, drawn towards the model's. What is sent is the difference to these.
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

/* Whether a tile has enough samples for it to pay. */
bool idf_linear_worth(const idf_flow_shape *shape);
/* Solves for the tile, which must be worth it. Errors: memory. */
idf_status idf_linear_solve(idf_mem *mem, const idf_kernels *kernels, const idf_flow_shape *shape,
                            const int32_t *const *planes, const idf_linear *model,
                            idf_linear_fit *fit);
/* The model's predictors with the fit's differences; false when one leaves 16 bits. */
bool idf_linear_apply(const idf_linear *model, const idf_linear_fit *fit, unsigned planes,
                      idf_linear *out);

/* On lane 0, of the first `planes` planes: 16 bits `fitted`, and unless it is 0, 8 bits `scale`
 * and the differences of each class in turn under a logistic of location 0. */
void idf_linear_put(const idf_linear_fit *fit, unsigned planes, idf_rans_enc *enc);
/* Reads them; false when the scale is none. Adds to *bits, unless NULL, what they cost. */
bool idf_linear_get(idf_linear_fit *fit, unsigned planes, idf_rans_dec *dec, double *bits);

#endif

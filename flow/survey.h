/* SPDX-License-Identifier: BSD-3-Clause
 *
 * survey.h: least squares over a whole tile at once, by the encoder, for models whose
 * coupling does not learn coefficients while coding.
 *
 * What leastsq.h re-solves every segment is by far the dearest part of a decoder. A model
 * of feature set 2 has none of it: its coefficients are constants of the tile. The
 * encoder solves for them once and sends them where they pay for their bytes; else the
 * model's own apply. The decoder only multiplies.
 */
#ifndef IDF_FLOW_SURVEY_H
#define IDF_FLOW_SURVEY_H

#include "bytes.h"
#include "flow.h"
#include "leastsq.h"

/* Coefficients in Q12 of each plane's regressors, in the order that idf_regressors tells,
 * zero past them. */
typedef struct idf_survey {
  int16_t coef[IDF_FLOW_PLANES][IDF_LS_MAX];
} idf_survey;

/* How many plane p has: its own of idf_taps_own, then for each earlier plane, from plane 0 on,
 * its idf_taps_cross, the sample at the same place among them; taps in field.h's order. */
int idf_regressors(unsigned plane);

/* Whether a tile has enough samples for solving: else the model's coefficients are better. */
bool idf_survey_worth(const idf_flow_shape *shape);
/* Solves for the tile. Coefficients come out with 10 fractional bits (multiples of 4), as
 * they are sent. Borders are left out: shape must satisfy idf_survey_worth. */
idf_status idf_survey_solve(idf_mem *mem, const idf_kernels *kernels, const idf_flow_shape *shape,
                            const int32_t *const *planes, idf_survey *survey);

/* Appends the coefficients of the first `planes` planes: (coefficient / 4) each as a varint of
 * 2 |v| - (v < 0). */
void idf_survey_put(const idf_survey *survey, unsigned planes, idf_buf *out);
/* Reads them; false, or in->bad, when they are not there or out of range. */
bool idf_survey_get(idf_survey *survey, unsigned planes, idf_cur *in);

#endif

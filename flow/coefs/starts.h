/* SPDX-License-Identifier: BSD-3-Clause
 *
 * starts.h: what weights start from, by shape of the coder: rows of a number for each context, and
 * last the constant's, Q13. Trained (flow/train/README); coefs_body.h says whose a row is.
 * idf(5), "COEFFICIENTS".
 */
#ifndef IDF_FLOW_STARTS_H
#define IDF_FLOW_STARTS_H

#include <stdint.h>

#define IDF_STARTS_FULL 332
#define IDF_STARTS_LEAN 166

extern const int16_t idf_starts_full[IDF_STARTS_FULL][8 + 1];
extern const int16_t idf_starts_lean[IDF_STARTS_LEAN][2 + 1];

#endif

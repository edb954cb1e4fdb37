/* SPDX-License-Identifier: BSD-3-Clause
 *
 * dct.h: the 8x8 DCT of T.81 in both directions, orthonormal, unrounded.
 *
 * The encoder looks for coefficients with it. What a decoder makes of them is recipe_block.h's to
 * say. A block is 8 rows of 8, the horizontal position or frequency rising along a row.
 */
#ifndef IDF_FLOW_DCT_H
#define IDF_FLOW_DCT_H

#include "base.h"

#define IDF_DCT_SAMPLE_Q 4 /* samples that go in, less 128 */
#define IDF_DCT_Q 6        /* coefficients that come out, and samples */

/* Samples within +-2047 in Q4; coefficients in Q6, with an error below 0.2 where all samples are
 * alike, else 0.1. */
void idf_dct_forward(const int16_t sample[64], int32_t coef[64]);

/* Coefficients are whole numbers; samples, less 128, in Q6. They must be within +-2047, else they
 * are any numbers. */
void idf_dct_inverse(const int32_t coef[64], int32_t sample[64]);

/* How much one unit of coefficient k adds to sample i: Q14. */
int32_t idf_dct_basis(unsigned k, unsigned i);

#endif

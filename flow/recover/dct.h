/* SPDX-License-Identifier: BSD-3-Clause
 *
 * dct.h: the 8x8 DCT of T.81 in both directions, orthonormal, unrounded.
 *
 * The encoder uses it to search for coefficients. What a decoder makes of them is defined by
 * recipe_block.h. A block is 8 rows of 8; horizontal position or frequency rises along a row.
 */
#ifndef IDF_FLOW_DCT_H
#define IDF_FLOW_DCT_H

#include "base.h"

#define IDF_DCT_SAMPLE_Q 4 /* input samples, less 128 */
#define IDF_DCT_Q 6        /* output coefficients, and output samples */

/* Samples are within +-2047 in Q4. The coefficients, in Q6, have an error below 0.2 if all samples
 * are equal, else below 0.1. */
void idf_dct_forward(const int16_t sample[64], int32_t coef[64]);

/* Coefficients are whole numbers; samples, less 128, are in Q6. They must be within +-2047;
 * otherwise they are undefined. */
void idf_dct_inverse(const int32_t coef[64], int32_t sample[64]);

/* How much one unit of coefficient k adds to sample i, in Q14. */
int32_t idf_dct_basis(unsigned k, unsigned i);

#endif

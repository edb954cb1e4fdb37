/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe_block.h: the samples of one block of coefficients.
 *
 * The inverse DCT is that of C. Loeffler, A. Ligtenberg and G. Moschytz, "Practical fast 1-D DCT
 * algorithms with 11 multiplications", ICASSP 1989, in their variant of 12, where no value is
 * multiplied twice; columns first, then rows. Constants are in Q13. Every result carries a factor
 * of sqrt(8), so that the two passes give 8 times the sample; the first one leaves 2 fractional
 * bits. Both round to the nearest, halves up.
 */
#ifndef IDF_FLOW_RECIPE_BLOCK_H
#define IDF_FLOW_RECIPE_BLOCK_H

#include "base.h"

#define IDF_RECIPE_COLUMN_MAX 4095 /* sum of |coefficient * step|; see recipe.h */

/* Writes 8 rows of 8 samples, `pitch` bytes apart. false: a condition of recipe.h does not hold;
 * the samples are then any numbers. */
bool idf_recipe_block(const int16_t coef[64], const uint16_t step[64], uint8_t *out, size_t pitch);

/* Whether the conditions of recipe.h hold, which is what idf_recipe_block says; most blocks are
 * known by the sum of all |coefficient * step| alone, much faster. */
bool idf_recipe_tame(const int16_t coef[64], const uint16_t step[64]);

#endif

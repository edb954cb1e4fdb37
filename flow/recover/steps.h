/* SPDX-License-Identifier: BSD-3-Clause
 *
 * steps.h: the steps of a quantiser, from coefficients that are multiples of them but for noise.
 */
#ifndef IDF_FLOW_STEPS_H
#define IDF_FLOW_STEPS_H

#include "base.h"

#define IDF_STEPS_BLOCKS 1024 /* as many tell as much as more would */

/* coef[64 * b + k], in Q6, is coefficient k of block b. `coarse`: the samples were interpolated,
 * so that the noise has twice the power. Where no coefficient is other than 0, a step is
 * guessed from the rest: nothing depends on it. False: nothing is known at all. */
bool idf_steps_find(const int32_t *coef, size_t blocks, bool coarse, uint16_t step[64]);

/* The tables that nearly all programs use, of T.81 K.1 (which 0: luma, 1: chroma), for a quality
 * in 1 to 100. */
void idf_steps_standard(unsigned which, unsigned quality, uint16_t step[64]);
/* The quality that gives these steps, or 0. */
unsigned idf_steps_quality(unsigned which, const uint16_t step[64]);

#endif

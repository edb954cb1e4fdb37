/* SPDX-License-Identifier: BSD-3-Clause
 *
 * steps.h: finds the steps of a quantiser from coefficients that are noisy multiples of them.
 */
#ifndef IDF_FLOW_STEPS_H
#define IDF_FLOW_STEPS_H

#include "base.h"

#define IDF_STEPS_BLOCKS 1024 /* enough; more do not tell more */

/* coef[64 * b + k], in Q6, is coefficient k of block b. coarse: the samples were interpolated, so
 * the noise has twice the power. If a coefficient is always 0, its step is guessed from the rest,
 * because nothing depends on it. False: nothing is known at all. */
bool idf_steps_find(const int32_t *coef, size_t blocks, bool coarse, uint16_t step[64]);

/* The tables of T.81 K.1 that nearly all programs use (which 0: luma, 1: chroma), for a quality in
 * 1 to 100, in natural order. Steps are at most `most`, which is 255 in a baseline file and at
 * least 1; idf_steps_standard has 255. */
void idf_steps_scaled(unsigned which, unsigned quality, uint32_t most, uint16_t step[64]);
void idf_steps_standard(unsigned which, unsigned quality, uint16_t step[64]);
/* The quality that gives these steps, or 0. */
unsigned idf_steps_quality(unsigned which, const uint16_t step[64]);

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * adapt.h: an adaptive binary flag: a probability that learns while coding.
 *
 * The rate is 1/(n + 1.5) for the n-th update, down to 1/2^IDF_BIT_SHIFT, so the
 * first few flags teach quickly (the Krichevsky-Trofimov estimator's start) and
 * later ones track slow change.
 */
#ifndef IDF_CODEC_ADAPT_H
#define IDF_CODEC_ADAPT_H

#include "freq.h"

#define IDF_BIT_SHIFT 7

/* p1: probability of a 1 in 1/65536, kept within [32, 65504]; n: updates seen,
 * saturating. */
typedef struct idf_bit {
  uint16_t p1;
  uint16_t n;
} idf_bit;

void idf_bit_init(idf_bit *bit, uint32_t p1); /* p1 in [32, 65504] */
/* A 0 owns [0, 65536 - p1), a 1 the rest. */
idf_interval idf_bit_interval(const idf_bit *bit, int value);
int idf_bit_value(const idf_bit *bit, uint32_t slot); /* which value owns the slot */
void idf_bit_update(idf_bit *bit, int value);

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * adapt.h: an adaptive binary flag, whose probability is learned while coding.
 *
 * The rate is 1/(n + 1.5) for the n-th update, down to 1/2^IDF_BIT_SHIFT. So the first few flags
 * teach quickly (as the Krichevsky-Trofimov estimator does), and later ones track slow change.
 */
#ifndef IDF_CODEC_ADAPT_H
#define IDF_CODEC_ADAPT_H

#include "freq.h"

#define IDF_BIT_SHIFT 7

/* p1: probability of a 1 in 1/65536, within [32, 65504]; n: number of updates, saturating. */
typedef struct idf_bit {
  uint16_t p1;
  uint16_t n;
} idf_bit;

void idf_bit_init(idf_bit *bit, uint32_t p1); /* p1 in [32, 65504] */
/* The interval of a value: [0, 65536 - p1) for a 0, the rest for a 1. */
idf_interval idf_bit_interval(const idf_bit *bit, int value);
int idf_bit_value(const idf_bit *bit, uint32_t slot); /* the value whose interval has the slot */
void idf_bit_update(idf_bit *bit, int value);

#endif

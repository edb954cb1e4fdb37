/* SPDX-License-Identifier: BSD-3-Clause
 *
 * freq.h: THE CONTRACT between a model of the data and the entropy coder.
 *
 * A model names the next symbol by an interval of [0, 65536). A one-count
 * difference between two machines breaks every later symbol, so these rules are
 * absolute:
 *   - the intervals of all symbols possible at one place tile [0, 65536) exactly;
 *   - every possible symbol has size >= 1;
 *   - they are computed in integers from what the decoder also knows.
 *
 * 16 bits: with the 64-bit rANS states of rans.h they cost no speed, flat areas
 * pay as little as 2.2e-5 bits a sample, and a wide support with every value
 * alive wastes less than at the 12 to 14 bits usual for 32-bit states.
 */
#ifndef IDF_CODEC_FREQ_H
#define IDF_CODEC_FREQ_H

#include "base.h"

#define IDF_FREQ_BITS 16
#define IDF_FREQ_ONE (1u << IDF_FREQ_BITS)

/* 0 <= start < 65536, 1 <= size <= 65536 - start. */
typedef struct idf_interval {
  uint32_t start, size;
} idf_interval;

#endif

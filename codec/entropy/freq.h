/* SPDX-License-Identifier: BSD-3-Clause
 *
 * freq.h: THE CONTRACT between a model of the data and the entropy coder.
 *
 * A model describes the next symbol by an interval of [0, 65536). A difference of one count between
 * two machines breaks every later symbol, so these rules are absolute:
 * - the intervals of all symbols that are possible at one place tile [0, 65536) exactly;
 * - every possible symbol has size >= 1;
 * - they are computed in integers from what the decoder also knows.
 *
 * Why 16 bits: with the 64-bit rANS states of rans.h they cost no speed; flat areas take as little
 * as 2.2e-5 bits a sample; and a wide range in which every value has a count wastes less than with
 * the 12 to 14 bits that are usual for 32-bit states.
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

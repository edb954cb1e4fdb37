/* SPDX-License-Identifier: BSD-3-Clause
 *
 * mixed_bit.h: one binary decision through mixer and rANS. Encoder and decoder call the
 * same function at the same place: one passes the bit in, the other takes it out.
 */
#ifndef IDF_FLOW_MIXED_BIT_H
#define IDF_FLOW_MIXED_BIT_H

#include "mixer.h"
#include "rans.h"

typedef struct idf_decide {
  idf_mixer mixer;
  idf_rans_enc *enc; /* borrowed; NULL in the decoder */
  idf_rans_dec *dec; /* borrowed; NULL in the encoder */
  bool measure;      /* add up `bits`: for reports only, they are floating point */
  double bits;
} idf_decide;

/* Codes `bit` (ignored by the decoder) and returns it; the other parameters are those of
 * idf_mixer_predict. Once the stream is bad, what it returns is defined but arbitrary. */
unsigned idf_decide_bit(idf_decide *d, const uint32_t *hash, unsigned contexts, unsigned first,
                        unsigned second, unsigned curve, unsigned bit);

#endif

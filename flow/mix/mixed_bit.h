/* SPDX-License-Identifier: BSD-3-Clause
 *
 * mixed_bit.h: codes one binary decision with the mixer and rANS.
 *
 * Encoder and decoder call the same function at the same place. The encoder passes the bit in, the
 * decoder gets it back.
 */
#ifndef IDF_FLOW_MIXED_BIT_H
#define IDF_FLOW_MIXED_BIT_H

#include "mixer.h"
#include "rans.h"

typedef struct idf_decide {
  idf_mixer mixer;
  idf_rans_enc *enc; /* borrowed; NULL in the decoder */
  idf_rans_dec *dec; /* borrowed; NULL in the encoder */
  bool measure;      /* add up `bits`, in floating point, for reports only */
  double bits;
} idf_decide;

/* Codes `bit` (which the decoder ignores) and returns it. `from` is that of idf_mixer_predict. Once
 * the stream is bad, the result is defined but arbitrary. */
unsigned idf_decide_bit(idf_decide *d, const idf_contexts *from, unsigned bit);

#endif

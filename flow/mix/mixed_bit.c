/* SPDX-License-Identifier: BSD-3-Clause
 *
 * mixed_bit.c: codes one mixed bit. A 0 has [0, 65536 - p), a 1 the rest, as the flags of adapt.h
 * do.
 * idf(5), "MIXED DECISIONS".
 */
#include "mixed_bit.h"

#include <math.h>

unsigned idf_decide_bit(idf_decide *d, const idf_contexts *from, unsigned bit)
{
  uint32_t one = idf_mixer_predict(&d->mixer, from);
  uint32_t zero = IDF_FREQ_ONE - one;
  if (d->dec)
    bit = idf_rans_peek(d->dec, 0) >= zero;
  idf_interval in = bit ? (idf_interval){zero, one} : (idf_interval){0, zero};
  if (d->dec)
    idf_rans_take(d->dec, 0, in);
  else
    idf_rans_put(d->enc, 0, in);
  if (d->measure)
    d->bits += IDF_FREQ_BITS - log2(in.size);
  idf_mixer_learn(&d->mixer, bit);
  return bit;
}

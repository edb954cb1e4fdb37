/* SPDX-License-Identifier: BSD-3-Clause
 *
 * rans_dec.c: starts and finishes the rANS decoder; the steps between are inline in rans.h. No code
 * relies on the stream being valid: a damaged one gives wrong symbols, never a read outside it.
 * idf(5), "ENTROPY CODING".
 */
#include "rans.h"

idf_status idf_rans_dec_init(idf_rans_dec *dec, const uint8_t *data, size_t len, unsigned lanes)
{
  *dec = (idf_rans_dec){.lanes = lanes};
  if (lanes < 1 || lanes > IDF_RANS_LANES)
    return IDF_ERR_ARGUMENT;
  idf_cur cur = idf_cur_of(data, len);
  for (unsigned i = 0; i < IDF_RANS_LANES; i++)
    dec->state[i] = i < lanes ? idf_get_le64(&cur) : IDF_RANS_LOW;
  if (cur.bad)
    return IDF_ERR_TRUNCATED;
  dec->at = cur.at;
  dec->end = cur.end;
  if (idf_cur_left(&cur) % 4 != 0)
    return IDF_ERR_CORRUPT;
  for (unsigned i = 0; i < lanes; i++)
    if (dec->state[i] < IDF_RANS_LOW)
      return IDF_ERR_CORRUPT;
  return IDF_OK;
}

uint32_t idf_rans_bits(idf_rans_dec *dec, unsigned lane, unsigned bits)
{
  unsigned rest = IDF_FREQ_BITS - bits;
  uint32_t v = idf_rans_peek(dec, lane) >> rest;
  idf_rans_take(dec, lane, (idf_interval){v << rest, 1u << rest});
  return v;
}

idf_status idf_rans_dec_finish(const idf_rans_dec *dec)
{
  if (dec->bad)
    return IDF_ERR_TRUNCATED;
  if (dec->at != dec->end)
    return IDF_ERR_CORRUPT;
  for (unsigned i = 0; i < dec->lanes; i++)
    if (dec->state[i] != IDF_RANS_LOW)
      return IDF_ERR_CORRUPT;
  return IDF_OK;
}

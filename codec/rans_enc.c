/* SPDX-License-Identifier: BSD-3-Clause
 *
 * rans_enc.c: the encoder's half of rans.h. The words come out last first, at most
 * one for each symbol, so they are written from the top of the record downwards over
 * symbols already done: no second array, and the order is then the decoder's.
 */
#include "rans.h"

#define FIRST_CAPACITY 4096

void idf_rans_enc_init(idf_rans_enc *enc, idf_mem *mem, unsigned lanes)
{
  *enc = (idf_rans_enc){.mem = mem, .lanes = lanes};
}

void idf_rans_enc_free(idf_rans_enc *enc)
{
  idf_free(enc->mem, enc->record);
  idf_free(enc->mem, enc->lane);
  idf_rans_enc_init(enc, enc->mem, enc->lanes);
}

void idf_rans_grow(idf_rans_enc *enc)
{
  size_t cap = enc->cap ? enc->cap : IDF_MAX(FIRST_CAPACITY, enc->expected) / 2, bytes;
  if (enc->bad)
    return;
  enc->bad = true;
  if (!idf_size_mul(cap, 2, &cap) || !idf_size_mul(cap, sizeof *enc->record, &bytes))
    return;
  uint32_t *record =
      idf_realloc(enc->mem, enc->record, enc->count * sizeof *enc->record, bytes);
  if (!record)
    return;
  enc->record = record;
  uint8_t *lane = idf_realloc(enc->mem, enc->lane, enc->count, cap);
  if (!lane)
    return;
  enc->lane = lane;
  enc->cap = cap;
  enc->bad = false;
}

void idf_rans_put_bits(idf_rans_enc *enc, unsigned lane, uint32_t v, unsigned bits)
{
  if (bits == 0)
    return;
  unsigned rest = IDF_FREQ_BITS - bits;
  idf_rans_put(enc, lane, (idf_interval){v << rest, 1u << rest});
}

idf_status idf_rans_finish(idf_rans_enc *enc, idf_buf *out)
{
  uint64_t state[IDF_RANS_LANES];
  size_t top = enc->count;

  if (enc->bad)
    return idf_mem_status(enc->mem);
  for (unsigned i = 0; i < IDF_RANS_LANES; i++)
    state[i] = IDF_RANS_LOW;
  for (size_t i = enc->count; i-- > 0;) {
    uint32_t start = enc->record[i] & 0xffff;
    uint64_t size = (uint64_t)(enc->record[i] >> 16) + 1;
    uint64_t x = state[enc->lane[i]];
    /* A certain symbol changes nothing, and its bound, 2^64, would not fit. */
    if (size == IDF_FREQ_ONE)
      continue;
    if (x >= size << 48) {
      enc->record[--top] = (uint32_t)x;
      x >>= 32;
    }
    /* Now x < size * 2^48, so the result is below 2^64. */
    uint64_t q = x / size;
    state[enc->lane[i]] = (q << IDF_FREQ_BITS) + (x - q * size) + start;
  }
  for (unsigned i = 0; i < enc->lanes; i++)
    idf_put_le64(out, state[i]);
  for (size_t i = top; i < enc->count; i++)
    idf_put_le32(out, enc->record[i]);
  enc->count = 0;
  return out->bad ? idf_mem_status(out->mem) : IDF_OK;
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * rans_enc.c: the encoder's half of rans.h. The words come out last first, at most
 * one for each symbol, so they are written from the top of the record downwards over
 * symbols already done: no second array, and the order is then the decoder's.
 */
#include "rans.h"

#include <string.h>

#define FIRST_CAPACITY 4096
#define FIRST_RUNS 64

void idf_rans_enc_init(idf_rans_enc *enc, idf_mem *mem, unsigned lanes)
{
  *enc = (idf_rans_enc){.mem = mem, .next = IDF_RANS_LANES, .lanes = lanes};
}

void idf_rans_enc_free(idf_rans_enc *enc)
{
  idf_free(enc->mem, enc->record);
  idf_free(enc->mem, enc->run);
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
  enc->cap = cap;
  enc->bad = false;
}

void idf_rans_start(idf_rans_enc *enc, unsigned lane)
{
  if (enc->bad)
    return;
  if (enc->runs == enc->runs_cap) {
    const size_t cap = enc->runs_cap ? 2 * enc->runs_cap : FIRST_RUNS; /* below those of records */
    uint32_t *run = idf_realloc(enc->mem, enc->run, enc->runs * sizeof *run, cap * sizeof *run);
    enc->bad = run == NULL;
    if (enc->bad)
      return;
    enc->run = run;
    enc->runs_cap = cap;
  }
  enc->run[enc->runs++] = lane;
  enc->next = lane;
}

uint32_t *idf_rans_room(idf_rans_enc *enc, size_t n)
{
  while (enc->cap - enc->count < n && !enc->bad)
    idf_rans_grow(enc);
  return enc->bad ? NULL : enc->record + enc->count;
}

void idf_rans_put_row(idf_rans_enc *enc, unsigned lane, const uint32_t *record, size_t n)
{
  uint32_t *to = idf_rans_room(enc, n);
  if (lane != enc->next || enc->run[enc->runs - 1] > UINT32_MAX - 4096 * 16)
    idf_rans_start(enc, lane);
  if (enc->bad)
    return;
  enc->run[enc->runs - 1] += (uint32_t)n * 16;
  enc->next = (lane + (unsigned)n) % enc->lanes;
  if (record != to)
    memmove(to, record, n * sizeof *record);
  enc->count += n;
}

void idf_rans_put_bits(idf_rans_enc *enc, unsigned lane, uint32_t v, unsigned bits)
{
  if (bits == 0)
    return;
  unsigned rest = IDF_FREQ_BITS - bits;
  idf_rans_put(enc, lane, (idf_interval){v << rest, 1u << rest});
}

/* Pushes a symbol on a state; *word is what leaves it, where 1 is returned. No branch: nobody could
 * foretell it. */
static inline size_t push(uint64_t *state, uint32_t record, uint32_t *word)
{
  const uint32_t start = record & 0xffff;
  const uint64_t size = (uint64_t)(record >> 16) + 1;
  uint64_t x = *state;
  /* x >= size * 2^48, but for the certain symbol, size 2^16, which changes nothing. */
  const unsigned full = x >> 48 >= size;
  *word = (uint32_t)x; /* not before the record was read: it is its place or one further up */
  x >>= 32 * full;
  /* Now x < size * 2^48, so the result is below 2^64. */
  const uint64_t q = x / size;
  *state = (q << IDF_FREQ_BITS) + (x - q * size) + start;
  return full;
}

idf_status idf_rans_finish(idf_rans_enc *enc, idf_buf *out)
{
  uint64_t state[IDF_RANS_LANES];
  size_t top = enc->count, left = enc->count;

  if (enc->bad)
    return idf_mem_status(enc->mem);
  for (unsigned i = 0; i < IDF_RANS_LANES; i++)
    state[i] = IDF_RANS_LOW;
  for (size_t r = enc->runs; r-- > 0;) {
    const unsigned first = enc->run[r] & 15;
    size_t n = enc->run[r] >> 4;
    if (enc->sixteens != NULL && enc->lanes == IDF_RANS_LANES && n >= 16) {
      enc->sixteens(enc->record + left - n / 16 * 16, n / 16, (first + (unsigned)n % 16) % 16,
                    enc->record, &top, state);
      left -= n / 16 * 16;
      n %= 16;
    }
    unsigned lane = (unsigned)((first + n) % enc->lanes);
    for (; n > 0; n--) {
      lane = (lane == 0 ? enc->lanes : lane) - 1;
      top -= push(&state[lane], enc->record[--left], &enc->record[top - 1]);
    }
  }
  for (unsigned i = 0; i < enc->lanes; i++)
    idf_put_le64(out, state[i]);
  if (!idf_buf_reserve(out, (enc->count - top) * 4))
    return idf_mem_status(out->mem);
  uint8_t *words = out->data + out->len;
  for (size_t i = top; i < enc->count; i++, words += 4) {
    words[0] = (uint8_t)enc->record[i];
    words[1] = (uint8_t)(enc->record[i] >> 8);
    words[2] = (uint8_t)(enc->record[i] >> 16);
    words[3] = (uint8_t)(enc->record[i] >> 24);
  }
  out->len += (enc->count - top) * 4;
  enc->count = enc->runs = 0;
  enc->next = IDF_RANS_LANES;
  return out->bad ? idf_mem_status(out->mem) : IDF_OK;
}

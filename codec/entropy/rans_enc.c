/* SPDX-License-Identifier: BSD-3-Clause
 *
 * rans_enc.c: the rANS encoder. The words come out last first, at most one per symbol. So they are
 * written downwards from the end of their array, which gives the decoder's order.
 * idf(5), "ENTROPY CODING".
 */
#include "rans.h"

#include <string.h>

#define FIRST_CAPACITY 4096
#define FIRST_RUNS 64
#define ASK 65536u /* symbols between questions whether the work is cancelled */
#define CHUNK 4096 /* symbols pushed at once, a multiple of 16 */

/* Nothing is recorded or pushed. */
static void forget_all(idf_rans_enc *enc)
{
  enc->count = enc->runs = 0;
  enc->next = IDF_RANS_LANES;
  enc->top = enc->words_cap;
  for (unsigned i = 0; i < IDF_RANS_LANES; i++)
    enc->state[i] = IDF_RANS_LOW;
}

void idf_rans_enc_init(idf_rans_enc *enc, idf_mem *mem, unsigned lanes)
{
  *enc = (idf_rans_enc){.mem = mem, .lanes = lanes};
  forget_all(enc);
}

void idf_rans_enc_free(idf_rans_enc *enc)
{
  idf_free(enc->mem, enc->record);
  idf_free(enc->mem, enc->run);
  idf_free(enc->mem, enc->words);
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
  uint32_t *record = idf_realloc(enc->mem, enc->record, enc->count * sizeof *enc->record, bytes);
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
    const size_t cap = enc->runs_cap ? 2 * enc->runs_cap : FIRST_RUNS; /* below the record */
    uint32_t *run = idf_realloc(enc->mem, enc->run, enc->runs * sizeof *run, cap * sizeof *run);
    enc->bad = !run;
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

/* Pushes a symbol on a state. Returns 1 if a word leaves the state, and 0 if not; *word is that
 * word. It has no branch, because the outcome cannot be predicted. */
static inline size_t push(uint64_t *state, uint32_t record, uint32_t *word)
{
  const uint32_t start = record & 0xffff;
  const uint64_t size = (uint64_t)(record >> 16) + 1;
  uint64_t x = *state;
  /* x >= size * 2^48, except for the certain symbol of size 2^16, which changes nothing. */
  const unsigned full = x >> 48 >= size;
  *word = (uint32_t)x;
  x >>= 32 * full;
  /* Now x < size * 2^48, so the result is below 2^64. */
  const uint64_t q = x / size;
  *state = (q << IDF_FREQ_BITS) + (x - q * size) + start;
  return full;
}

/* Makes room for n more words, or sets enc->bad. */
static void make_room_for_words(idf_rans_enc *enc, size_t n)
{
  const size_t used = enc->words_cap - enc->top;
  size_t cap = IDF_MAX(enc->words_cap, IDF_MAX(CHUNK, enc->expected / 8)), bytes;
  if (enc->top >= n || enc->bad)
    return;
  enc->bad = true;
  if (!idf_size_mul(cap, 2, &cap) || !idf_size_mul(cap, sizeof *enc->words, &bytes))
    return;
  uint32_t *words = idf_alloc(enc->mem, bytes, 1);
  if (!words)
    return;
  if (used > 0)
    memcpy(words + cap - used, enc->words + enc->top, used * sizeof *words);
  idf_free(enc->mem, enc->words);
  enc->words = words;
  enc->words_cap = cap;
  enc->top = cap - used;
  enc->bad = false;
}

/* Pushes the last n recorded symbols, n <= CHUNK, all of one run. The first of them is for
 * `lane`. */
static void push_chunk(idf_rans_enc *enc, unsigned lane, size_t n)
{
  const size_t groups = enc->sixteens != NULL && enc->lanes == IDF_RANS_LANES ? n / 16 : 0;
  size_t left = enc->count, top = enc->top;
  if (groups > 0) {
    enc->sixteens(enc->record + left - 16 * groups, groups, (lane + (unsigned)n % 16) % 16,
                  enc->words, &top, enc->state);
    left -= 16 * groups;
  }
  lane = (unsigned)((lane + n - 16 * groups) % enc->lanes);
  for (n -= 16 * groups; n > 0; n--) {
    lane = (lane == 0 ? enc->lanes : lane) - 1;
    top -= push(&enc->state[lane], enc->record[--left], &enc->words[top - 1]);
  }
  enc->count = left;
  enc->top = top;
}

size_t idf_rans_mark(idf_rans_enc *enc)
{
  enc->next = IDF_RANS_LANES;
  return enc->count;
}

void idf_rans_push(idf_rans_enc *enc, size_t mark)
{
  while (!enc->bad && enc->count > mark) {
    uint32_t *run = &enc->run[enc->runs - 1];
    const size_t symbols = *run >> 4, n = IDF_MIN(symbols, CHUNK);
    make_room_for_words(enc, n);
    /* A run may be one symbol: once for so many of them. */
    enc->bad =
        enc->bad || (enc->count / ASK != (enc->count - n) / ASK && idf_cancelled(enc->cancel));
    if (enc->bad)
      break;
    push_chunk(enc, (unsigned)(((*run & 15) + symbols - n) % enc->lanes), n);
    *run -= (uint32_t)n << 4;
    enc->runs -= symbols == n;
  }
  enc->next = IDF_RANS_LANES;
}

idf_status idf_rans_finish(idf_rans_enc *enc, idf_buf *out)
{
  idf_rans_push(enc, 0);
  if (enc->bad)
    return idf_cancelled(enc->cancel) ? IDF_ERR_CANCELLED : idf_mem_status(enc->mem);
  for (unsigned i = 0; i < enc->lanes; i++)
    idf_put_le64(out, enc->state[i]);
  if (!idf_buf_reserve(out, (enc->words_cap - enc->top) * 4))
    return idf_mem_status(out->mem);
  uint8_t *words = out->data + out->len;
  for (size_t i = enc->top; i < enc->words_cap; i++, words += 4) {
    words[0] = (uint8_t)enc->words[i];
    words[1] = (uint8_t)(enc->words[i] >> 8);
    words[2] = (uint8_t)(enc->words[i] >> 16);
    words[3] = (uint8_t)(enc->words[i] >> 24);
  }
  out->len += (enc->words_cap - enc->top) * 4;
  forget_all(enc);
  return out->bad ? idf_mem_status(out->mem) : IDF_OK;
}

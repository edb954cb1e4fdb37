/* SPDX-License-Identifier: BSD-3-Clause
 *
 * rans.h: the entropy coder: range asymmetric numeral systems (rANS) with interleaved states.
 *
 * READ FIRST: rANS is a stack. The decoder reads symbols in the order that the model wants, so the
 * encoder must push them in reverse. This file hides that: idf_rans_put only records the interval,
 * and idf_rans_finish runs backwards over the record. A caller that produces the symbols in parts,
 * the last part first, may push each part at once (idf_rans_push).
 *
 * A state x is in [2^32, 2^64) and is renormalised by whole 32-bit words. Frequencies have 16 bits
 * (freq.h). There are 1 to 16 states ("lanes"), which share one stream of words. If symbols are
 * decoded in the same order as they were encoded, the word that a lane needs next is the next one
 * in the stream. Every lane starts (encoder) and therefore ends (decoder) at exactly 2^32: a free
 * check that the stream was understood.
 *
 * Source: J. Duda, "Asymmetric numeral systems", arXiv:1311.2540; interleaving: F. Giesen,
 * "Interleaved entropy coders", arXiv:1402.3392.
 *
 * Stream layout: `lanes` little-endian u64 states (lane 0 first; the decoder's start), then the
 * words, little endian, in the order in which the decoder consumes them.
 * idf(5), "ENTROPY CODING".
 */
#ifndef IDF_CODEC_RANS_H
#define IDF_CODEC_RANS_H

#include "bytes.h"
#include "cancel.h"
#include "freq.h"

#define IDF_RANS_LANES 16
#define IDF_RANS_LOW ((uint64_t)1 << 32)

/* Pushes record[0 .. 16 groups), last group first, with the same result as idf_rans_finish does it
 * symbol by symbol. The symbols of a group belong to sixteen lanes from `lane` on. Words go to
 * words[--*top]. */
typedef void (*idf_rans_sixteens)(const uint32_t *record, size_t groups, unsigned lane,
                                  uint32_t *words, size_t *top, uint64_t state[IDF_RANS_LANES]);

typedef struct idf_rans_enc {
  idf_mem *mem;
  idf_rans_sixteens sixteens; /* a SIMD version of the push, or NULL */
  uint32_t *record;           /* owned: start | (size - 1) << 16 for each symbol */
  size_t count, cap;
  /* Owned: lane of the first symbol | symbols << 4, for each run of symbols whose lanes follow each
   * other (lane 0 after the last lane). Nearly all symbols do; a byte per symbol would cost
   * time. */
  uint32_t *run;
  size_t runs, runs_cap;
  unsigned next;   /* the lane that would extend the last run; IDF_RANS_LANES: none */
  uint32_t *words; /* owned: words of the pushed symbols, from `top` to the end */
  size_t top, words_cap;
  uint64_t state[IDF_RANS_LANES];
  size_t expected;    /* symbols: the first allocation has room for them */
  idf_cancel *cancel; /* borrowed: polled while symbols are pushed; may be NULL */
  unsigned lanes;
  bool bad;
} idf_rans_enc;

/* lanes is in [1, 16]. A caller that knows about how many symbols will come should set
 * enc->expected; one that can be cancelled sets enc->cancel. */
void idf_rans_enc_init(idf_rans_enc *enc, idf_mem *mem, unsigned lanes);
void idf_rans_enc_free(idf_rans_enc *enc);
/* Makes room for more symbols, or sets enc->bad. */
void idf_rans_grow(idf_rans_enc *enc);
/* Starts a run, or sets enc->bad. */
void idf_rans_start(idf_rans_enc *enc, unsigned lane);
/* Records one symbol for `lane` (< lanes). Sticky failure when out of memory. */
static inline void idf_rans_put(idf_rans_enc *enc, unsigned lane, idf_interval in)
{
  if (enc->count == enc->cap)
    idf_rans_grow(enc);
  if (lane != enc->next || enc->run[enc->runs - 1] > UINT32_MAX - 16)
    idf_rans_start(enc, lane);
  if (enc->bad)
    return;
  enc->run[enc->runs - 1] += 16;
  enc->next = lane + 1 == enc->lanes ? 0 : lane + 1;
  enc->record[enc->count++] = in.start | (in.size - 1) << 16;
}
/* Room for n more symbols, to be written before idf_rans_put_row records them; or NULL, and
 * enc->bad is set. */
uint32_t *idf_rans_room(idf_rans_enc *enc, size_t n);
/* Records n symbols, at most 4096, for the lanes from `lane` on; lane 0 follows the last lane. */
void idf_rans_put_row(idf_rans_enc *enc, unsigned lane, const uint32_t *record, size_t n);
/* Records `bits` (0..16) raw bits of v, v < 2^bits. They cost exactly `bits` bits. */
void idf_rans_put_bits(idf_rans_enc *enc, unsigned lane, uint32_t v, unsigned bits);
/* A mark: the position after the symbols recorded so far. */
size_t idf_rans_mark(idf_rans_enc *enc);
/* Pushes the symbols recorded since the mark. In the stream they precede everything that was pushed
 * before, and follow everything that is then still recorded. */
void idf_rans_push(idf_rans_enc *enc, size_t mark);
/* Appends the stream to `out` and clears the record. IDF_OK or the memory status. */
idf_status idf_rans_finish(idf_rans_enc *enc, idf_buf *out);

typedef struct idf_rans_dec {
  uint64_t state[IDF_RANS_LANES];
  const uint8_t *at, *end; /* the remaining words; borrowed */
  unsigned lanes;
  bool bad; /* read past the end: later symbols are defined, but meaningless */
} idf_rans_dec;

/* `data` is borrowed until the last call. IDF_ERR_TRUNCATED if len < 8 * lanes; IDF_ERR_CORRUPT if
 * a state is below 2^32 or if (len - 8*lanes) is not a multiple of 4. */
idf_status idf_rans_dec_init(idf_rans_dec *dec, const uint8_t *data, size_t len, unsigned lanes);

/* The slot in [0, 65536), which lies in the next symbol's interval. */
static inline uint32_t idf_rans_peek(const idf_rans_dec *dec, unsigned lane)
{
  return (uint32_t)dec->state[lane] & (IDF_FREQ_ONE - 1);
}

/* Removes a symbol; `in` must be the interval that holds the slot of idf_rans_peek. The result is
 * defined for damaged streams, too: past the end, zero words are read and `bad` is set. */
static inline void idf_rans_take(idf_rans_dec *dec, unsigned lane, idf_interval in)
{
  uint64_t x = dec->state[lane];
  x = in.size * (x >> IDF_FREQ_BITS) + (x & (IDF_FREQ_ONE - 1)) - in.start;
  if (x < IDF_RANS_LOW) {
    uint32_t w = 0;
    if (dec->end - dec->at >= 4) {
      w = (uint32_t)dec->at[0] | (uint32_t)dec->at[1] << 8 | (uint32_t)dec->at[2] << 16
          | (uint32_t)dec->at[3] << 24;
      dec->at += 4;
    } else {
      dec->bad = true;
    }
    x = x << 32 | w;
  }
  dec->state[lane] = x;
}

/* The counterpart of idf_rans_put_bits; bits is in 0..16. */
uint32_t idf_rans_bits(idf_rans_dec *dec, unsigned lane, unsigned bits);

/* IDF_OK if all words were used and every lane is back at 2^32; else IDF_ERR_TRUNCATED (words were
 * missing) or IDF_ERR_CORRUPT. */
idf_status idf_rans_dec_finish(const idf_rans_dec *dec);

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * bank_code.h: the decisions of bank.h, inline: numbers of contexts and sets are constants of the
 * caller, so that every loop here has a known length.
 *
 * The loops are over at most eight lanes of 16 bits, plain C that compilers turn into vectors; the
 * arithmetic is exact, so it does not matter whether they do.
 * idf(5), "COEFFICIENTS".
 */
#ifndef IDF_FLOW_BANK_CODE_H
#define IDF_FLOW_BANK_CODE_H

#include <math.h>
#include <string.h>

#include "bank.h"
#include "fixed.h"

#define IDF_BANK_P_MIN 32
#define IDF_BANK_P_MAX 65504
#define IDF_BANK_LIMIT 2047       /* of the logistic domain */
#define IDF_BANK_WEIGHT_MAX 30000 /* before a step */
/* Updates of a set of weights after which its steps are shorter, and short. */
#define IDF_BANK_STEPS_LONG 24
#define IDF_BANK_STEPS_MIDDLE 400

/* Of the two lines where a context may be: its own, or the free or less used one, cleared. */
static inline idf_bank_line *idf_bank_find(idf_bank *bank, uint32_t at, uint16_t check)
{
  idf_bank_line *a = &bank->lines[at];
  if (a->check == check)
    return a;
  idf_bank_line *b = &bank->lines[at ^ 1];
  if (b->check == check)
    return b;
  if (a->check != 0 && (b->check == 0 || b->n[0] < a->n[0]))
    a = b;
  a->check = check;
  for (unsigned i = 0; i < IDF_BANK_NODES; i++)
    a->p[i] = 32768;
  memset(a->n, 0, sizeof a->n);
  return a;
}

/* Finds the lines of the next symbol. Contexts are any numbers; each position has lines of its
 * own. */
static inline void idf_bank_look(idf_bank *bank, unsigned contexts, const uint32_t *context)
{
  uint32_t hash[IDF_BANK_CONTEXTS];
  /* Multiplications by odd numbers and a shift between them: the upper bits then depend on all. */
  for (uint32_t i = 0; i < contexts; i++) {
    uint32_t h = (context[i] + i * UINT32_C(0x3c6ef372)) * UINT32_C(0x9e3779b1);
    h ^= h >> 15;
    h *= UINT32_C(0x85ebca77);
    hash[i] = h ^ h >> 13;
  }
  const unsigned shift = 32 - bank->line_bits;
  for (unsigned i = 0; i < contexts; i++)
    IDF_PREFETCH(&bank->lines[hash[i] >> shift]);
  for (unsigned i = 0; i < contexts; i++)
    bank->hit[i] = idf_bank_find(bank, hash[i] >> shift, (uint16_t)(hash[i] | 1));
}

/* |weight| < 2^15, |input| < 2^11, 9 of them: below 2^31. */
static inline int32_t idf_bank_sum(unsigned contexts, const idf_bank_weights *weights,
                                   const int16_t *restrict input)
{
  int32_t sum = 0;
  for (unsigned i = 0; i < contexts; i++)
    sum += weights->of[i] * input[i];
  return idf_clamp((sum + weights->constant * 256) >> 13, -IDF_BANK_LIMIT, IDF_BANK_LIMIT);
}

/* Moves the weights by input * error / 2^15, rounded, in steps that start long. |step| <= 2^11, so
 * that held + step fits. */
static inline void idf_bank_move(unsigned contexts, idf_bank_weights *restrict weights,
                                 const int16_t *restrict input, int32_t error)
{
  /* |error| < 2^16: Q16; e is in Q13 or, for a set that has seen little, in up to Q15. */
  const unsigned seen = weights->seen;
  const int16_t e =
      (int16_t)(error >> (1 + (seen >= IDF_BANK_STEPS_LONG) + (seen >= IDF_BANK_STEPS_MIDDLE)));
  int16_t *restrict of = weights->of;
  for (unsigned i = 0; i < contexts; i++) {
    const int16_t step = (int16_t)((input[i] * e + 16384) >> 15);
    const int16_t w = of[i];
    const int16_t held = w < -IDF_BANK_WEIGHT_MAX  ? -IDF_BANK_WEIGHT_MAX
                         : w > IDF_BANK_WEIGHT_MAX ? IDF_BANK_WEIGHT_MAX
                                                   : w;
    of[i] = (int16_t)(held + step);
  }
  weights->constant = (int16_t)idf_clamp(weights->constant + ((256 * e + 16384) >> 15),
                                         -IDF_BANK_WEIGHT_MAX, IDF_BANK_WEIGHT_MAX);
  weights->seen = (uint16_t)(seen + (seen < IDF_BANK_STEPS_MIDDLE));
}

static inline unsigned idf_bank_pass(idf_bank *bank, uint32_t one, unsigned bit)
{
  const uint32_t zero = IDF_FREQ_ONE - one;
  if (bank->dec)
    bit = idf_rans_peek(bank->dec, 0) >= zero;
  const idf_interval in = {bit ? zero : 0, bit ? one : zero};
  if (bank->dec)
    idf_rans_take(bank->dec, 0, in);
  else if (bank->record)
    *bank->record++ = in.start | (in.size - 1) << 16;
  if (bank->measure)
    bank->bits += IDF_FREQ_BITS - log2(in.size);
  return bit;
}

/* Codes decision `node` (< IDF_BANK_NODES) of the symbol: `bit`, which a decoder ignores, and
 * returns it. set: numbers of weights, below `sets` of idf_bank_init. Once the stream is bad, what
 * it returns is defined but arbitrary. */
static inline unsigned idf_bank_code(idf_bank *bank, unsigned contexts, unsigned sets,
                                     unsigned node, const uint32_t *set, unsigned bit)
{
  int16_t input[IDF_BANK_CONTEXTS];
  /* 16 bits would do. But gcc 12 emulates vectors of them on riscv64, and gets that wrong. */
  uint32_t p[IDF_BANK_CONTEXTS], rate[IDF_BANK_CONTEXTS];
  idf_bank_weights *weights[IDF_BANK_SETS];
  int32_t sum[IDF_BANK_SETS], all = 0;

  for (unsigned i = 0; i < contexts; i++) {
    const idf_bank_line *line = bank->hit[i];
    p[i] = line->p[node];
    rate[i] = bank->rate[line->n[node]];
    input[i] = bank->stretch[p[i] >> 4];
  }
  for (unsigned s = 0; s < sets; s++) {
    weights[s] = &bank->weights[set[s]];
    sum[s] = idf_bank_sum(contexts, weights[s], input);
    all += sum[s];
  }
  bit = idf_bank_pass(bank, bank->squash[(all >> (sets - 1)) + 2048], bit);

  const int32_t target = bit ? 65536 : 0;
  for (unsigned s = 0; s < sets; s++)
    idf_bank_move(contexts, weights[s], input, target - bank->squash[sum[s] + 2048]);
  const uint32_t flip = bit ? 65535 : 0; /* p ^ flip is the probability of the other bit, less 1 */
  for (unsigned i = 0; i < contexts; i++) {
    const uint32_t other = p[i] ^ flip;
    p[i] = (other - (other * rate[i] >> 16)) ^ flip;
  }
  for (unsigned i = 0; i < contexts; i++) {
    idf_bank_line *line = bank->hit[i];
    line->p[node] = (uint16_t)p[i];
    line->n[node] = (uint8_t)(line->n[node] + (line->n[node] < IDF_BANK_COUNTS));
  }
  return bit;
}

#endif

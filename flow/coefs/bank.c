/* SPDX-License-Identifier: BSD-3-Clause
 *
 * bank.c: see bank.h. All loops are over eight lanes of 16 bits, plain C that compilers turn
 * into vectors; the arithmetic is exact, so it does not matter whether they do.
 */
#include "bank.h"

#include <math.h>
#include <string.h>

#include "fixed.h"
#include "tables.h"

#define P_MIN 32
#define P_MAX 65504
#define LIMIT 2047        /* of the logistic domain */
#define WEIGHT_START 1300 /* Q13 */
#define CURVE_SHIFT 6
#define KNOT_SHIFT 7     /* logistic values between knots: 128 */
#define WEIGHT_MAX 30000 /* before a step */
/* Updates of a set of weights after which its steps are shorter, and short. */
#define STEPS_LONG 24
#define STEPS_MIDDLE 400

_Static_assert(sizeof(idf_bank_line) == 32, "two of them, the two ways of find, to a cache line");
_Static_assert(sizeof(idf_bank_weights) == 32, "no gaps");

static void make_tables(idf_bank *bank)
{
  for (int32_t i = 0; i < 4096; i++) /* of Q8 */
    bank->squash[i] = (uint16_t)idf_clamp(idf_logistic((i - 2048) * 4), P_MIN, P_MAX);
  int32_t v = -LIMIT;
  for (int32_t p = 0; p < 4096; p++) { /* the least value that squash takes to p or above */
    while (v < LIMIT && bank->squash[v + 2048] >> 4 < p)
      v++;
    bank->stretch[p] = (int16_t)v;
  }
  for (uint32_t n = 0; n <= IDF_BANK_COUNTS; n++) {
    bank->rate[n] = (uint16_t)((5u << 16) / (5 * n + 7));
    bank->trust[n] = (uint16_t)(256 * (5 * n + 2) / (5 * n + 6));
  }
  bank->trust[0] = 0;
}

idf_status idf_bank_init(idf_bank *bank, idf_mem *mem, unsigned line_bits, uint32_t sets,
                         uint32_t curves)
{
  memset(bank, 0, sizeof *bank);
  bank->line_bits = line_bits;
  bank->lines = idf_alloc(mem, (size_t)1 << line_bits, sizeof *bank->lines);
  bank->weights = idf_alloc(mem, sets, sizeof *bank->weights);
  bank->curves = idf_alloc(mem, curves, sizeof *bank->curves);
  if (!bank->lines || !bank->weights || !bank->curves) {
    idf_bank_free(bank, mem);
    return idf_mem_status(mem);
  }
  make_tables(bank);
  for (uint32_t s = 0; s < sets; s++)
    for (unsigned i = 0; i < IDF_BANK_CONTEXTS; i++)
      bank->weights[s].of[i] = WEIGHT_START;
  for (uint32_t c = 0; c < curves; c++)
    for (int32_t i = 0; i < IDF_BANK_KNOTS; i++)
      bank->curves[c][i] = bank->squash[idf_clamp(i << KNOT_SHIFT, 1, 4095)];
  return IDF_OK;
}

void idf_bank_free(idf_bank *bank, idf_mem *mem)
{
  idf_free(mem, bank->lines);
  idf_free(mem, bank->weights);
  idf_free(mem, bank->curves);
  bank->lines = NULL;
  bank->weights = NULL;
  bank->curves = NULL;
}

static idf_bank_line *find(idf_bank *bank, uint32_t at, uint16_t check)
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

void idf_bank_look(idf_bank *bank, const uint32_t context[IDF_BANK_CONTEXTS])
{
  uint32_t hash[IDF_BANK_CONTEXTS];
  /* Multiplications by odd numbers and a shift between them: the upper bits then depend on all. */
  for (uint32_t i = 0; i < IDF_BANK_CONTEXTS; i++) {
    uint32_t h = (context[i] + i * UINT32_C(0x3c6ef372)) * UINT32_C(0x9e3779b1);
    h ^= h >> 15;
    h *= UINT32_C(0x85ebca77);
    hash[i] = h ^ h >> 13;
  }
  const unsigned shift = 32 - bank->line_bits;
  for (unsigned i = 0; i < IDF_BANK_CONTEXTS; i++)
    IDF_PREFETCH(&bank->lines[hash[i] >> shift]);
  for (unsigned i = 0; i < IDF_BANK_CONTEXTS; i++)
    bank->hit[i] = find(bank, hash[i] >> shift, (uint16_t)(hash[i] | 1));
}

/* |weight| < 2^15, |input| < 2^11, 17 of them: below 2^31. */
static inline int32_t sum_of(const idf_bank_weights *weights, const int16_t *restrict input)
{
  int32_t sum = 0;
  for (unsigned i = 0; i < IDF_BANK_CONTEXTS; i++)
    sum += weights->of[i] * input[i];
  return idf_clamp((sum + weights->constant * 256) >> 13, -LIMIT, LIMIT);
}

/* Moves the weights by input * error / 2^15, rounded, in steps that start long. |step| <= 2^11, so
 * that held + step fits. The product is put together of 16-bit halves, and the weight bounded
 * first, to keep all lanes at 16 bits. */
static inline void move(idf_bank_weights *restrict weights, const int16_t *restrict input,
                        int32_t error)
{
  /* |error| < 2^16: Q16; e is in Q13 or, for a set that has seen little, in up to Q15. */
  const int16_t e = (int16_t)(error >> (weights->seen < STEPS_LONG     ? 1
                                        : weights->seen < STEPS_MIDDLE ? 2
                                                                       : 3));
  int16_t *restrict of = weights->of;
  for (unsigned i = 0; i < IDF_BANK_CONTEXTS; i++) {
    const uint16_t low = (uint16_t)((uint32_t)(uint16_t)input[i] * (uint16_t)e);
    const uint16_t high = (uint16_t)((input[i] * e) >> 16);
    const uint16_t step = (uint16_t)((high << 1) + (low >> 15) + (low >> 14 & 1));
    const int16_t w = of[i];
    const int16_t held = w < -WEIGHT_MAX ? -WEIGHT_MAX : w > WEIGHT_MAX ? WEIGHT_MAX : w;
    of[i] = (int16_t)(uint16_t)((uint16_t)held + step);
  }
  weights->constant =
      (int16_t)idf_clamp(weights->constant + ((256 * e + 16384) >> 15), -WEIGHT_MAX, WEIGHT_MAX);
  weights->seen = (uint16_t)(weights->seen + (weights->seen < STEPS_MIDDLE));
}

static inline unsigned pass(idf_bank *bank, uint32_t one, unsigned bit)
{
  const uint32_t zero = IDF_FREQ_ONE - one;
  if (bank->dec)
    bit = idf_rans_peek(bank->dec, 0) >= zero;
  const idf_interval in = bit ? (idf_interval){zero, one} : (idf_interval){0, zero};
  if (bank->dec)
    idf_rans_take(bank->dec, 0, in);
  else if (bank->enc)
    idf_rans_put(bank->enc, 0, in);
  if (bank->measure)
    bank->bits += IDF_FREQ_BITS - log2(in.size);
  return bit;
}

unsigned idf_bank_code(idf_bank *bank, unsigned node, const idf_bank_choice *choice, unsigned bit)
{
  int16_t input[IDF_BANK_CONTEXTS];
  uint16_t p[IDF_BANK_CONTEXTS], rate[IDF_BANK_CONTEXTS];
  idf_bank_weights *weights[IDF_BANK_SETS];
  int32_t sum[IDF_BANK_SETS];

  for (unsigned i = 0; i < IDF_BANK_CONTEXTS; i++) {
    const idf_bank_line *line = bank->hit[i];
    const unsigned n = line->n[node];
    p[i] = line->p[node];
    rate[i] = bank->rate[n];
    input[i] = (int16_t)((bank->stretch[p[i] >> 4] * bank->trust[n]) >> 8);
  }
  for (unsigned s = 0; s < IDF_BANK_SETS; s++) {
    weights[s] = &bank->weights[choice->weights[s]];
    sum[s] = sum_of(weights[s], input);
  }
  /* 21846 / 65536: a third. */
  const int32_t mean = (((sum[0] + sum[1] + sum[2]) * 21846) >> 16) + 2048;
  const uint32_t part = (uint32_t)mean & ((1u << KNOT_SHIFT) - 1);
  uint16_t *knot = bank->curves[choice->curve] + (mean >> KNOT_SHIFT);
  const uint32_t corrected = (knot[0] * ((1u << KNOT_SHIFT) - part) + knot[1] * part) >> KNOT_SHIFT;
  const uint32_t squashed = bank->squash[mean];
  bit = pass(bank, (uint32_t)idf_clamp((int32_t)((squashed + corrected + 1) >> 1), P_MIN, P_MAX),
             bit);

  const int32_t target = bit ? 65536 : 0;
  for (unsigned s = 0; s < IDF_BANK_SETS; s++)
    move(weights[s], input, target - bank->squash[sum[s] + 2048]);
  const uint16_t flip = bit ? 65535 : 0; /* p ^ flip is the probability of the other bit, less 1 */
  for (unsigned i = 0; i < IDF_BANK_CONTEXTS; i++)
    p[i] = (uint16_t)(((p[i] ^ flip) - (((p[i] ^ flip) * (uint32_t)rate[i]) >> 16)) ^ flip);
  for (unsigned i = 0; i < IDF_BANK_CONTEXTS; i++) {
    idf_bank_line *line = bank->hit[i];
    line->p[node] = p[i];
    line->n[node] = (uint8_t)(line->n[node] + (line->n[node] < IDF_BANK_COUNTS));
  }
  for (int k = 0; k < 2; k++)
    knot[k] = (uint16_t)(knot[k] + (((int32_t)flip - knot[k]) >> CURVE_SHIFT));
  return bit;
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * coefs_body.h: a block of coefficients through the bank, for one shape of the coder: the file that
 * includes it may say which by these constants. Without them it is the shape with all contexts.
 *
 *   CONTEXTS             of a symbol: as many as each of the masks has bits
 *   SETS                 of weights for a decision: by coefficients left; if 2, by position too
 *   AC, COUNT, DC        which of the eight contexts below are used, bit 0 the first. They are
 *                        numbered anew, without gaps: that number is hashed with the context.
 *   EXPECT, LEAVE        how DC is expected (coefs_block.h)
 *
 * What says most about a coefficient: the same one in the blocks around, the magnitudes of its
 * neighbours in its own block, how many are still to come, and continuity: the picture of the
 * block must go on from the borders of the blocks to the left and above. For the last, the known
 * part of each 1-D spectrum at the border is subtracted from the neighbour's and what is left is
 * divided by what one step of the coefficient adds there.
 * idf(5), "COEFFICIENTS".
 */
#ifndef IDF_FLOW_COEFS_BODY_H
#define IDF_FLOW_COEFS_BODY_H

#include "bank_code.h"
#include "coefs_block.h"

#if !defined(CONTEXTS)
#define CONTEXTS 8
#define SETS 2
#define AC 0xffu
#define COUNT 0xffu
#define DC 0xffu
#define EXPECT idf_coefs_by_pixels
#define LEAVE idf_coefs_leave_pixels
#endif

/* Positions by group: the inner ones in the zigzag order of the transposed block. */
static const uint8_t inner[49] = {9,  17, 10, 11, 18, 25, 33, 26, 19, 12, 13, 20, 27,
                                  34, 41, 49, 42, 35, 28, 21, 14, 15, 22, 29, 36, 43,
                                  50, 57, 58, 51, 44, 37, 30, 23, 31, 38, 45, 52, 59,
                                  60, 53, 46, 39, 47, 54, 61, 62, 55, 63};
static const uint8_t in_row[7] = {1, 2, 3, 4, 5, 6, 7};
static const uint8_t in_column[7] = {8, 16, 24, 32, 40, 48, 56};
static const uint8_t *const order_of[3] = {inner, in_row, in_column};
static const unsigned length_of[3] = {49, 7, 7};

#define NODES (2 * IDF_BANK_NODES) /* of a value: in the lines of small and of large magnitudes */
#define COUNT_NODES 64
#define MAX_MAGNITUDE_BITS 16
#define FEW 12 /* coefficients left, at most */

/* Sets of weights, those of values before those of counts: by coefficients left (of DC by spread)
 * and then, for a shape with two, by position. */
enum {
  KINDS = 2,
  LEFT_VALUES = KINDS * 3 * (FEW + 1),
  LEFT_SETS = (LEFT_VALUES + KINDS * 32) * NODES,
  PLACE_FIRST = LEFT_SETS + KINDS * 3 * COUNT_NODES,
  PLACE_SETS = KINDS * 4 * 64 * NODES,
  ALL_SETS = SETS == 1 ? PLACE_FIRST : PLACE_FIRST + PLACE_SETS + KINDS * 3 * COUNT_NODES
};

/* Contexts of coefficients that need sums over the blocks around, and before. */
#define AC_AROUND 0x38u
#define AC_BEFORE 0x08u
/* Contexts of counts that need sums over coefficients. */
#define COUNT_AROUND 0x90u
#define COUNT_EXPECTED 0xa0u

/* Rows of starts: one for each kind, group and node of values, one for all nodes of counts. */
enum {
  DC_ROWS = KINDS * 3 * NODES,
  COUNT_ROWS = DC_ROWS + KINDS * NODES,
  PLACE_ROWS = COUNT_ROWS + KINDS * 3,
  PLACE_COUNT_ROWS = PLACE_ROWS + KINDS * 4 * NODES,
  ROWS = SETS == 1 ? PLACE_ROWS : PLACE_COUNT_ROWS + KINDS * 3
};

static inline uint32_t row_of(uint32_t set)
{
  const uint32_t node = set % NODES, place = set - PLACE_FIRST;
  if (set < LEFT_VALUES * NODES)
    return set / NODES / (FEW + 1) * NODES + node;
  if (set < LEFT_SETS)
    return DC_ROWS + (set / NODES - LEFT_VALUES) / 32 * NODES + node;
  if (set < PLACE_FIRST)
    return COUNT_ROWS + (set - LEFT_SETS) / COUNT_NODES;
  if (place < PLACE_SETS)
    return PLACE_ROWS + place / NODES / 64 * NODES + place % NODES;
  return PLACE_COUNT_ROWS + (place - PLACE_SETS) / COUNT_NODES;
}

static inline int32_t absolute(int32_t v)
{
  return v < 0 ? -v : v;
}

/* 0, 1, 2, 3, 4-5, 6-7, 8-11, 12-15, ...: v >= 0 to at most 63. */
static inline uint32_t grade(int32_t v)
{
  if (v < 4)
    return (uint32_t)v;
  const unsigned n = idf_top_bit((uint32_t)v);
  return 2 * n + ((uint32_t)v >> (n - 1) & 1);
}

/* The grade of v cut to +-most, around 32. */
static inline uint32_t signed_grade(int32_t v, int32_t most)
{
  const uint32_t g = grade(IDF_MIN(absolute(v), most));
  return v < 0 ? 32 - g : 32 + g;
}

static inline uint32_t cut(int32_t v, int32_t most)
{
  return (uint32_t)(idf_clamp(v, -most, most) + most);
}

static inline int32_t floor_div(int32_t a, int32_t b) /* b > 0 */
{
  const int32_t q = a / b;
  return q - (q * b > a);
}

/* ---- symbols -------------------------------------------------------------------------------- */

/* Weights of a symbol's node 0. */
typedef struct choice {
  uint32_t set[IDF_BANK_SETS];
} choice;

/* offset: of the decision among those of its symbol. */
static inline unsigned decide(idf_bank *bank, const choice *base, unsigned node, uint32_t offset,
                              unsigned bit)
{
  const uint32_t set[IDF_BANK_SETS] = {base->set[0] + offset, base->set[1] + offset};
  return idf_bank_code(bank, CONTEXTS, SETS, node, set, bit);
}

/* Lines of the symbol so far, continued by what was learned of it. */
static inline void look_on(idf_bank *bank, uint32_t context[IDF_BANK_CONTEXTS], uint32_t known)
{
  for (unsigned i = 0; i < CONTEXTS; i++)
    context[i] = context[i] * 64 + known + UINT32_C(0x51ed270b);
  idf_bank_look(bank, CONTEXTS, context);
}

/* The bits of a magnitude below its leading one, as it is known from `v` bits on. The first two
 * have counters by what is above them, if there is room from node `first` on. */
static inline uint32_t code_mantissa(idf_bank *bank, const choice *base, unsigned exponent,
                                     unsigned first, uint32_t offset, uint32_t magnitude)
{
  uint32_t v = 1;
  for (unsigned i = 0; i < exponent; i++) {
    const unsigned node = first + IDF_MIN(v, 4u) - 1;
    v = 2 * v + decide(bank, base, node, offset + node, magnitude >> (exponent - 1 - i) & 1);
  }
  return v;
}

/* Magnitudes of 8 and above: rarer, so they have lines of their own. */
static inline uint32_t code_large(idf_bank *bank, const choice *base,
                                  uint32_t context[IDF_BANK_CONTEXTS], uint32_t magnitude,
                                  unsigned known)
{
  unsigned exponent = 3;

  look_on(bank, context, 1);
  while (exponent < MAX_MAGNITUDE_BITS) {
    const unsigned node = IDF_MIN(exponent - 3, 2u);
    if (!decide(bank, base, node, IDF_BANK_NODES + node, known > exponent))
      break;
    exponent++;
  }
  return code_mantissa(bank, base, exponent, exponent == 3 ? 3 : 6, IDF_BANK_NODES, magnitude);
}

/* `nonzero`: it cannot be 0. */
static inline int32_t code_value(idf_bank *bank, const choice *base,
                                 uint32_t context[IDF_BANK_CONTEXTS], bool nonzero, int32_t value)
{
  idf_bank_look(bank, CONTEXTS, context);
  if (!nonzero && !decide(bank, base, 0, 0, value != 0))
    return 0;
  const unsigned negative = decide(bank, base, 1, 1, value < 0);
  const uint32_t magnitude = (uint32_t)absolute(value);
  const unsigned known = magnitude == 0 ? 0 : idf_top_bit(magnitude); /* 0 in a decoder */
  unsigned exponent = 0;
  uint32_t v;
  while (exponent < 3 && decide(bank, base, 2 + exponent, 2 + exponent, known > exponent))
    exponent++;
  if (exponent < 3)
    v = code_mantissa(bank, base, exponent, exponent == 1 ? 5 : 6, 0, magnitude);
  else
    v = code_large(bank, base, context, magnitude, known);
  return negative ? -(int32_t)v : (int32_t)v;
}

/* A number below 2^bits, bits 3 or 6, three decisions a look-up. */
static inline uint32_t code_count(idf_bank *bank, const choice *base, uint32_t *context,
                                  unsigned bits, uint32_t value)
{
  uint32_t tree = 1;
  for (unsigned done = 0; done < bits; done += 3) {
    if (done == 0)
      idf_bank_look(bank, CONTEXTS, context);
    else
      look_on(bank, context, tree);
    unsigned node = 0;
    for (unsigned k = 0; k < 3; k++) {
      const unsigned bit = decide(bank, base, node, tree, value >> (bits - 1 - done - k) & 1);
      tree = 2 * tree + bit;
      node = 2 * node + 1 + bit;
    }
  }
  return tree - (1u << bits);
}

/* ---- counts --------------------------------------------------------------------------------- */

/* Context number i, if the mask has it: a constant, so the rest costs nothing. */
#define PUT(mask, i, ...)                                                                          \
  do {                                                                                             \
    if ((mask) >> (i)&1)                                                                           \
      c[n++] = (__VA_ARGS__);                                                                      \
  } while (0)

/* What continuity expects of coefficient q, in quarter steps. */
static inline int32_t expected_by_w(const idf_coefs_site *s, unsigned q)
{
  if (!s->has_w)
    return 0;
  const int32_t rest = s->edge_w->right[q >> 3] - s->row[q >> 3];
  return (int32_t)(((int64_t)rest * s->work->by_row[q]) >> 32);
}

static inline int32_t expected_by_n(const idf_coefs_site *s, unsigned q)
{
  if (!s->has_n)
    return 0;
  const int32_t rest = s->edge_n->below[q & 7] - s->column[q & 7];
  return (int32_t)(((int64_t)rest * s->work->by_column[q]) >> 32);
}

/* How many coefficients of a row or column continuity expects not to be 0. */
static inline uint32_t expected_count(const idf_coefs_site *s, unsigned g)
{
  uint32_t count = 0;
  for (unsigned k = 1; k < 8; k++)
    count += absolute(g == IDF_COEFS_ROW ? expected_by_n(s, k) : expected_by_w(s, 8 * k)) >= 4;
  return count;
}

static inline int32_t magnitudes_of(const int16_t *w, const int16_t *n, unsigned g)
{
  int32_t sum = 0;
  for (unsigned i = 0; i < length_of[g] && i < 16; i++)
    sum += absolute(w[order_of[g][i]]) + absolute(n[order_of[g][i]]);
  return sum;
}

static inline uint32_t code_group_count(idf_bank *bank, idf_coefs_site *s, unsigned g,
                                        uint32_t value)
{
  const uint32_t kind = s->work->kind;
  const uint32_t w = s->note_w->count[g], above = s->note_n->count[g];
  const uint32_t nw = s->note_nw->count[g], ne = s->note_ne->count[g];
  const uint32_t mean = (w + above + 1) / 2, inside = s->note.count[IDF_COEFS_INNER];
  const uint32_t edge = g == IDF_COEFS_COLUMN ? s->note.count[IDF_COEFS_ROW] : 0;
  const uint32_t other = s->other_note->count[g], luma = s->luma_count;
  const uint32_t around = COUNT & COUNT_AROUND ? grade(magnitudes_of(s->w, s->n, g)) : 0;
  const uint32_t expected =
      COUNT & COUNT_EXPECTED && g != IDF_COEFS_INNER ? expected_count(s, g) : 0;
  const uint32_t key = (kind * 4 + IDF_COEFS_DC) << 29 | UINT32_C(1) << 26 | g << 24;
  uint32_t c[IDF_BANK_CONTEXTS], n = 0;

  PUT(COUNT, 0, key + (2 * w + 2 * above + nw + ne + 1) / 6 * 64 + luma);
  PUT(COUNT, 1, key + inside * 64 + mean);
  PUT(COUNT, 2, key + edge * 4096 + inside * 64);
  PUT(COUNT, 3, key + luma * 64 + other);
  PUT(COUNT, 4, key + around * 64 + inside / 2);
  PUT(COUNT, 5, key + (g ? expected * 4096 + inside * 64 + edge : ne * 64 + nw));
  PUT(COUNT, 6, key + above * 64 + ne);
  PUT(COUNT, 7, key + (around * 64 + other) * 64 + edge * 8 + expected);
  const choice base = {.set = {LEFT_SETS + (kind * 3 + g) * COUNT_NODES,
                               PLACE_FIRST + PLACE_SETS + (kind * 3 + g) * COUNT_NODES}};
  return code_count(bank, &base, c, g == IDF_COEFS_INNER ? 6 : 3, value);
}

/* ---- AC ------------------------------------------------------------------------------------- */

/* Magnitudes around position q of the own block, weighted, in steps of q. Coefficients not yet
 * coded are 0. */
static inline int32_t inner_level(const idf_coefs_site *s, unsigned q)
{
  enum { DOWN = IDF_COEFS_PAD };
  const int16_t *m = s->magnitude + IDF_COEFS_PADDED(q);
  const int32_t sum = 2 * (m[-DOWN] + m[-1] + m[1] + m[DOWN]) + m[-DOWN - 1] + m[DOWN + 1]
                      + m[-2 * DOWN] + m[-2] + m[2] + m[2 * DOWN];
  return (int32_t)IDF_MIN(((uint64_t)(uint32_t)sum * s->work->by_step[q]) >> 32, UINT64_C(4000));
}

static inline int32_t code_ac(idf_bank *bank, idf_coefs_site *s, unsigned g, unsigned i,
                              uint32_t left, int32_t value)
{
  const unsigned q = order_of[g][i], places = length_of[g] - i;
  const uint32_t kind = s->work->kind, few = IDF_MIN(left, (uint32_t)FEW);
  const uint32_t key = (kind * 4 + g) << 29 | i << 23;    /* with 23 bits of context below */
  const uint32_t key1 = (kind * 4 + g) << 29 | 63u << 23; /* for all positions of the group */
  const int32_t by_w = idf_clamp(expected_by_w(s, q), -1023, 1023);
  const int32_t by_n = idf_clamp(expected_by_n(s, q), -1023, 1023);
  const uint32_t both = signed_grade(g == IDF_COEFS_ROW      ? by_n
                                     : g == IDF_COEFS_COLUMN ? by_w
                                                             : (by_w + by_n) >> 1,
                                     200);
  const uint32_t level = grade(IDF_MIN(s->level[q], 4000)), wide = grade(IDF_MIN(s->wide[q], 4000));
  const uint32_t own = grade(inner_level(s, q));
  const int16_t *w = s->w, *up = s->n;
  uint32_t c[IDF_BANK_CONTEXTS], n = 0;
  /* Coded neighbours in the own block. */
  const int32_t first = g == IDF_COEFS_ROW                ? s->coef[q + 8]
                        : g == IDF_COEFS_COLUMN && q < 16 ? 0
                                                          : s->coef[q - 8];
  const int32_t second = g == IDF_COEFS_COLUMN         ? s->coef[q + 1]
                         : g == IDF_COEFS_ROW && q < 2 ? 0
                                                       : s->coef[q - 1];

  PUT(AC, 0, key + own * 64 + few);
  PUT(AC, 1, key + both * 64 + few);
  PUT(AC, 2, key + cut(w[q], 6) * 64 + cut(up[q], 6));
  PUT(AC, 3,
      key
          + (kind ? cut(s->other[q], 6) * 64 + grade(s->luma_sum[q])
                  : grade(absolute(s->ww[q])) * 1024 + grade(absolute(s->nn[q])) * 32 + level / 2));
  PUT(AC, 4, key1 + level * 1024 + own * 32 + left * 16 / places);
  PUT(AC, 5, key1 + (both * 64 + wide) * 16 + few);
  PUT(AC, 6, key + cut(first, 6) * 64 + cut(second, 6));
  PUT(AC, 7,
      key
          + (kind ? cut(s->other[q], 6) * 1024 + cut(s->luma[q], 6) * 16 + few
                  : signed_grade(by_w, 200) * 64 + signed_grade(by_n, 200)));
  const choice base = {.set = {((kind * 3 + g) * (FEW + 1) + few) * NODES,
                               PLACE_FIRST + ((kind * 4 + g) * 64 + i) * NODES}};
  return code_value(bank, &base, c, left == places, value);
}

static inline void code_group(idf_bank *bank, idf_coefs_site *s, unsigned g, const int16_t *input)
{
  const uint8_t *order = order_of[g];
  uint32_t left = 0;

  if (!bank->dec)
    for (unsigned i = 0; i < length_of[g]; i++)
      left += input[order[i]] != 0;
  left = code_group_count(bank, s, g, left);
  left = IDF_MIN(left, length_of[g]); /* a damaged stream may say more */
  s->note.count[g] = (uint8_t)left;
  for (unsigned i = 0; left > 0; i++) { /* the last places are all taken if there is no other */
    const int32_t v = code_ac(bank, s, g, i, left, input[order[i]]);
    if (v == 0)
      continue;
    idf_coefs_set(s, order[i], v);
    left--;
  }
}

/* ---- DC ------------------------------------------------------------------------------------- */

static inline void code_dc(idf_bank *bank, idf_coefs_site *s, int32_t value)
{
  const uint32_t kind = s->work->kind;
  const int32_t step = 2 * s->work->plane->step[0]; /* what DC adds to pixels, Q4 */
  const idf_coefs_estimate e = EXPECT(s);
  const int32_t quarter = floor_div(8 * e.mean + step, 2 * step); /* 4 mean / step, rounded */
  const int32_t nearest = (quarter + 2) >> 2, part = quarter - 4 * nearest;
  const int32_t guess = idf_clamp(nearest, -32767, 32767);
  const int32_t dc_w = s->w[0], dc_n = s->n[0];
  const int32_t by_n = floor_div(2 * e.by_n + step, 2 * step) - guess;
  const int32_t by_w = floor_div(2 * e.by_w + step, 2 * step) - guess;
  const int32_t miss_w = s->has_w ? s->note_w->miss : 0, miss_n = s->has_n ? s->note_n->miss : 0;
  const uint32_t spread = grade(IDF_MIN(2 * e.spread / step, 30000));
  const uint32_t misses = grade(absolute(miss_w) + absolute(miss_n));
  const uint32_t range = grade(IDF_MIN(e.range, 30000));
  const uint32_t key = (kind * 4 + IDF_COEFS_DC) << 29 | (uint32_t)(s->has_w + 2 * s->has_n) << 27;
  const uint32_t f = (uint32_t)(part + 2);
  uint32_t c[IDF_BANK_CONTEXTS], n = 0;

  PUT(DC, 0, key + cut(miss_w, 8) * 32 + cut(miss_n, 8));
  PUT(DC, 1, key + signed_grade(dc_w - guess, 100) * 64 + signed_grade(dc_n - guess, 100));
  PUT(DC, 2, key + grade((int32_t)s->sum) * 64 + spread);
  PUT(DC, 3,
      key
          + (kind ? signed_grade(s->other_note->miss, 100)
                  : s->note.count[IDF_COEFS_INNER] * 64 + spread));
  PUT(DC, 4, key + (range * 64 + f) * 64 + misses);
  PUT(DC, 5, key + (spread * 64 + signed_grade(s->other_note->miss, 30)) * 64 + f);
  PUT(DC, 6, key + (signed_grade(by_n, 30) * 64 + signed_grade(by_w, 30)) * 64 + spread);
  PUT(DC, 7, key + signed_grade(s->note_nw->miss, 30) * 64 + signed_grade(s->note_ne->miss, 30));
  const choice base = {.set = {(LEFT_VALUES + kind * 32 + IDF_MIN(spread, 31u)) * NODES,
                               PLACE_FIRST + (kind * 4 + IDF_COEFS_DC) * 64 * NODES}};
  const int32_t miss = code_value(bank, &base, c, false, value - guess);
  s->note.miss = (int16_t)idf_clamp(miss, -10000, 10000);
  idf_coefs_set(s, 0, guess + miss);
}

static inline void code_block(idf_bank *bank, idf_coefs_site *site, const int16_t *input)
{
  if (AC & AC_AROUND)
    idf_coefs_sum_around(site);
  if (AC & AC_BEFORE)
    idf_coefs_sum_before(site);
  for (unsigned g = 0; g < 3; g++)
    code_group(bank, site, g, input);
  code_dc(bank, site, input[0]);
  LEAVE(site);
}

#endif

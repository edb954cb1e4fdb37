/* SPDX-License-Identifier: BSD-3-Clause
 *
 * coefs_block.c: see coefs_block.h.
 *
 * What says most about a coefficient: the same one in the blocks around, the magnitudes of its
 * neighbours in its own block, how many are still to come, and continuity: the picture of the
 * block must go on from the borders of the blocks to the left and above. For the last, the known
 * part of each 1-D spectrum at the border is subtracted from the neighbour's and what is left is
 * divided by what one step of the coefficient adds there. All is integer; contexts need no
 * exactness of a transform, only the same integers in both directions.
 */
#include "coefs_block.h"

#include <stdlib.h>
#include <string.h>

#include "fixed.h"

/* cos(m pi / 16) / 2 in Q13, m = 0 .. 8: of the orthonormal 8-point DCT. */
static const int16_t cosine[9] = {4096, 4017, 3784, 3406, 2896, 2276, 1567, 799, 0};
#define BASIS_DC 2896 /* sqrt(1 / 8) */

/* Positions by group, in zigzag order. */
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

/* Sets of weights: those of values, then those of counts. */
enum {
  KINDS = 2,
  VALUES_0 = KINDS * 4 * 64,  /* by kind, group and position */
  VALUES_1 = 3 * 13 * 8 + 32, /* by group and coefficients left; of DC by spread */
  VALUES_2 = 4 * 25 * 5,      /* by group and magnitudes around; of DC by misses */
  COUNTS_0 = KINDS * 3,
  COUNTS_1 = KINDS * 3,
  COUNTS_2 = 50,
  SETS_0 = VALUES_0 * NODES + COUNTS_0 * COUNT_NODES,
  SETS_1 = VALUES_1 * NODES + COUNTS_1 * COUNT_NODES,
  SETS_2 = VALUES_2 * NODES + COUNTS_2 * COUNT_NODES,
  CURVES = SETS_0
};

uint32_t idf_coefs_sets(void)
{
  return SETS_0 + SETS_1 + SETS_2;
}

uint32_t idf_coefs_curves(void)
{
  return CURVES;
}

static int32_t absolute(int32_t v)
{
  return v < 0 ? -v : v;
}

/* 0, 1, 2, 3, 4-5, 6-7, 8-11, 12-15, ...: v >= 0 to at most 63. */
static uint32_t grade(int32_t v)
{
  if (v < 4)
    return (uint32_t)v;
  const unsigned n = idf_top_bit((uint32_t)v);
  return 2 * n + ((uint32_t)v >> (n - 1) & 1);
}

/* The grade of v cut to +-most, around 32. */
static uint32_t signed_grade(int32_t v, int32_t most)
{
  return v < 0 ? 32 - grade(IDF_MIN(-v, most)) : 32 + grade(IDF_MIN(v, most));
}

static uint32_t cut(int32_t v, int32_t most)
{
  return (uint32_t)(idf_clamp(v, -most, most) + most);
}

static int32_t floor_div(int32_t a, int32_t b) /* b > 0 */
{
  const int32_t q = a / b;
  return q - (q * b > a);
}

/* The basis function of frequency k at pixel n, Q13. */
static int32_t basis(unsigned k, unsigned n)
{
  if (k == 0)
    return BASIS_DC;
  const unsigned m = (2 * n + 1) * k % 32, r = m > 16 ? 32 - m : m;
  return r > 8 ? -cosine[16 - r] : cosine[r];
}

static int32_t border(unsigned k)
{
  return k == 0 ? BASIS_DC : cosine[k];
}

void idf_coefs_prepare(idf_coefs_work *work)
{
  const uint16_t *step = work->plane->step;
  for (unsigned i = 0; i < 64; i++) {
    work->by_row[i] =
        (uint32_t)((UINT64_C(4) << 32) / ((uint64_t)step[i] * (uint32_t)border(i & 7)));
    work->by_column[i] =
        (uint32_t)((UINT64_C(4) << 32) / ((uint64_t)step[i] * (uint32_t)border(i >> 3)));
    work->by_step[i] = (uint32_t)IDF_MIN((UINT64_C(2) << 32) / step[i], (uint64_t)UINT32_MAX);
  }
}

/* ---- symbols -------------------------------------------------------------------------------- */

/* What chooses weights and curve of a symbol; node 0's. */
typedef struct choice_of {
  uint32_t at[IDF_BANK_SETS], curve;
} choice_of;

/* offset: of the decision among those of its symbol. */
static unsigned decide(idf_bank *bank, const choice_of *base, unsigned node, uint32_t offset,
                       unsigned bit)
{
  const idf_bank_choice choice = {
      .weights = {base->at[0] + offset, base->at[1] + offset, base->at[2] + offset},
      .curve = base->curve + offset};
  return idf_bank_code(bank, node, &choice, bit);
}

/* Lines of the symbol so far, continued by what was learned of it. */
static void look_on(idf_bank *bank, uint32_t context[IDF_BANK_CONTEXTS], uint32_t known)
{
  for (unsigned i = 0; i < IDF_BANK_CONTEXTS; i++)
    context[i] = context[i] * 64 + known + UINT32_C(0x51ed270b);
  idf_bank_look(bank, context);
}

/* The bits of a magnitude below its leading one, as it is known from `v` bits on. The first two
 * have counters by what is above them, if there is room from node `first` on. */
static uint32_t code_mantissa(idf_bank *bank, const choice_of *base, unsigned exponent,
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
static uint32_t code_large(idf_bank *bank, const choice_of *base,
                           uint32_t context[IDF_BANK_CONTEXTS], uint32_t magnitude, unsigned known)
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
static int32_t code_value(idf_bank *bank, const choice_of *base,
                          uint32_t context[IDF_BANK_CONTEXTS], bool nonzero, int32_t value)
{
  idf_bank_look(bank, context);
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
static uint32_t code_count(idf_bank *bank, const choice_of *base, uint32_t *context, unsigned bits,
                           uint32_t value)
{
  uint32_t tree = 1;
  for (unsigned done = 0; done < bits; done += 3) {
    if (done == 0)
      idf_bank_look(bank, context);
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

/* ---- a block and what is around it ---------------------------------------------------------- */

static const int16_t no_block[64];
static const idf_coefs_note no_note;

typedef struct block {
  idf_bank *bank;
  const idf_coefs_work *work;
  bool has_w, has_n;
  const int16_t *w, *n, *nw, *ne, *ww, *nn; /* blocks around; zeros beyond the band */
  const idf_coefs_note *note_w, *note_n, *note_nw, *note_ne;
  const idf_coefs_edge *edge_w, *edge_n;
  /* Of a plane before, at the same place. */
  const int16_t *luma, *other; /* zeros if there is no single such block */
  const idf_coefs_note *other_note;
  int32_t luma_sum[64]; /* magnitudes */
  uint32_t luma_count;
  int16_t coef[64];          /* coded so far */
  int32_t value[64];         /* times step, cut to 16 bits */
  int32_t row[8], column[8]; /* sums of them at the left and upper border, Q13 */
  uint32_t sum;              /* of magnitudes */
  idf_coefs_note note;
} block;

static const idf_coefs_note *note_at(const idf_coefs_work *work, uint32_t x, uint32_t y)
{
  return &work->notes[(size_t)y * work->plane->across + x];
}

static const int16_t *coef_at(const idf_coefs_work *work, uint32_t x, uint32_t y)
{
  return work->plane->coef + 64 * ((size_t)(work->first + y) * work->plane->across + x);
}

static void look_around(block *b, const idf_coefs_work *work, uint32_t x, uint32_t y)
{
  const uint32_t across = work->plane->across;
  const bool w = x > 0, n = y > 0;

  b->has_w = w;
  b->has_n = n;
  b->w = w ? coef_at(work, x - 1, y) : no_block;
  b->n = n ? coef_at(work, x, y - 1) : no_block;
  b->nw = w && n ? coef_at(work, x - 1, y - 1) : no_block;
  b->ne = n && x + 1 < across ? coef_at(work, x + 1, y - 1) : no_block;
  b->ww = x > 1 ? coef_at(work, x - 2, y) : b->w;
  b->nn = y > 1 ? coef_at(work, x, y - 2) : b->n;
  b->note_w = w ? note_at(work, x - 1, y) : n ? note_at(work, x, y - 1) : &no_note;
  b->note_n = n ? note_at(work, x, y - 1) : b->note_w;
  b->note_nw = w && n ? note_at(work, x - 1, y - 1) : b->note_n;
  b->note_ne = n && x + 1 < across ? note_at(work, x + 1, y - 1) : b->note_n;
  b->edge_w = w ? &work->edges[(y & 1) * (size_t)across + x - 1] : NULL;
  b->edge_n = n ? &work->edges[((y & 1) ^ 1) * (size_t)across + x] : NULL;
}

/* Chroma knows luma, the third plane the second, a fourth (black, alpha) the first. */
static void look_before(block *b, const idf_coefs_work *work, unsigned p, uint32_t x, uint32_t y)
{
  const idf_coefs_work *first = &work[0], *own = &work[p];
  const unsigned across = p == 0 ? 0 : IDF_MAX(1, first->plane->h / own->plane->h);
  const unsigned down = p == 0 ? 0 : IDF_MAX(1, first->plane->v / own->plane->v);
  unsigned seen = 0;

  b->luma = b->other = no_block;
  b->other_note = &no_note;
  memset(b->luma_sum, 0, sizeof b->luma_sum);
  b->luma_count = 0;
  for (unsigned j = 0; j < down; j++)
    for (unsigned i = 0; i < across; i++) {
      const uint32_t bx = x * across + i, by = y * down + j;
      if (bx >= first->plane->across || by >= first->rows)
        continue;
      const int16_t *coef = coef_at(first, bx, by);
      for (unsigned k = 0; k < 64; k++)
        b->luma_sum[k] += absolute(coef[k]);
      b->luma_count += note_at(first, bx, by)->count[IDF_COEFS_INNER];
      b->luma = coef;
      seen++;
    }
  if (seen > 1) {
    b->luma = no_block;
    b->luma_count /= seen;
  }
  if (p == 2 && work[1].plane->across == own->plane->across && work[1].rows == own->rows) {
    b->other = coef_at(&work[1], x, y);
    b->other_note = note_at(&work[1], x, y);
  }
}

static void set_coef(block *b, unsigned q, int32_t v)
{
  v = idf_clamp(v, -32767, 32767);
  b->coef[q] = (int16_t)v;
  if (v == 0)
    return;
  const int32_t step = b->work->plane->step[q];
  const int32_t most = 32767 / step;
  b->value[q] = idf_clamp(v, -most, most) * step;
  b->sum += (uint32_t)absolute(v);
  b->row[q >> 3] += b->value[q] * border(q & 7);
  b->column[q & 7] += b->value[q] * border(q >> 3);
}

/* ---- counts --------------------------------------------------------------------------------- */

#define PUT(...) (c[n] = (__VA_ARGS__), n++)

static uint32_t code_group_count(block *b, unsigned g, uint32_t value)
{
  const uint32_t kind = b->work->kind;
  const uint32_t w = b->note_w->count[g], above = b->note_n->count[g];
  const uint32_t nw = b->note_nw->count[g], ne = b->note_ne->count[g];
  const uint32_t mean = (w + above + 1) / 2, inside = b->note.count[IDF_COEFS_INNER];
  const uint32_t edge = g == IDF_COEFS_COLUMN ? b->note.count[IDF_COEFS_ROW] : 0;
  const uint32_t other = b->other_note->count[g], luma = b->luma_count;
  const uint32_t key = (kind * 4 + IDF_COEFS_DC) << 29 | UINT32_C(1) << 26 | g << 24;
  uint32_t c[IDF_BANK_CONTEXTS], n = 0;
  int32_t around = 0, expected = 0;

  for (unsigned i = 0; i < length_of[g] && i < 16; i++)
    around += absolute(b->w[order_of[g][i]]) + absolute(b->n[order_of[g][i]]);
  if (g == IDF_COEFS_COLUMN && b->has_w)
    for (unsigned k = 1; k < 8; k++)
      expected +=
          absolute((int32_t)(((int64_t)(b->edge_w->right[k] - b->row[k]) * b->work->by_row[8 * k])
                             >> 32))
          >= 4;
  if (g == IDF_COEFS_ROW && b->has_n)
    for (unsigned k = 1; k < 8; k++)
      expected +=
          absolute((int32_t)(((int64_t)(b->edge_n->below[k] - b->column[k]) * b->work->by_column[k])
                             >> 32))
          >= 4;

  PUT(key + (2 * w + 2 * above + nw + ne + 1) / 6 * 64 + luma);
  PUT(key + inside * 64 + mean);
  PUT(key + edge * 4096 + inside * 64);
  PUT(key + luma * 64 + other);
  PUT(key + grade(around) * 64 + inside / 2);
  PUT(key + (g ? (uint32_t)expected * 4096 + inside * 64 + edge : ne * 64 + nw));
  PUT(key + above * 64 + ne);
  PUT(key + (grade(around) * 64 + other) * 64 + edge * 8 + (uint32_t)expected);
  const choice_of base = {
      .at = {VALUES_0 * NODES + (kind * 3 + g) * COUNT_NODES,
             SETS_0 + VALUES_1 * NODES + (kind * 3 + g) * COUNT_NODES,
             SETS_0 + SETS_1 + VALUES_2 * NODES + (w + above) / 2 * COUNT_NODES},
      .curve = VALUES_0 * NODES + (kind * 3 + g) * COUNT_NODES};
  return code_count(b->bank, &base, c, g == IDF_COEFS_INNER ? 6 : 3, value);
}

/* ---- AC ------------------------------------------------------------------------------------- */

/* Magnitudes around position q of the own block, weighted, in steps of q. Coefficients not yet
 * coded are 0. */
static int32_t inner_level(const block *b, unsigned q)
{
  const int32_t *v = b->value + q;
  const unsigned row = q >> 3, column = q & 7;
  int32_t sum = 0;

#define AT(dy, dx, weight)                                                                         \
  if (row + (unsigned)(dy) < 8 && column + (unsigned)(dx) < 8)                                     \
  sum += (weight)*absolute(v[(dy)*8 + (dx)])
  AT(-1, 0, 2);
  AT(0, -1, 2);
  AT(-1, -1, 1);
  AT(-2, 0, 1);
  AT(0, -2, 1);
  AT(1, 1, 1);
  AT(1, 0, 2);
  AT(0, 1, 2);
  AT(2, 0, 1);
  AT(0, 2, 1);
#undef AT
  return (int32_t)IDF_MIN(((uint64_t)(uint32_t)sum * b->work->by_step[q]) >> 32, UINT64_C(4000));
}

typedef struct around {
  int32_t level, wide;      /* magnitudes of the same frequency in the blocks around */
  int32_t by_w, by_n, both; /* what continuity expects, in quarter steps */
} around;

static around look_at(const block *b, unsigned g, unsigned q)
{
  around a = {0};
  a.level = 2 * (absolute(b->w[q]) + absolute(b->n[q])) + absolute(b->nw[q]) + absolute(b->ne[q]);
  a.wide = a.level + absolute(b->ww[q]) + absolute(b->nn[q]);
  if (b->has_w)
    a.by_w = (int32_t)idf_clamp(
        (int32_t)(((int64_t)(b->edge_w->right[q >> 3] - b->row[q >> 3]) * b->work->by_row[q])
                  >> 32),
        -1023, 1023);
  if (b->has_n)
    a.by_n = (int32_t)idf_clamp(
        (int32_t)(((int64_t)(b->edge_n->below[q & 7] - b->column[q & 7]) * b->work->by_column[q])
                  >> 32),
        -1023, 1023);
  a.both = g == IDF_COEFS_ROW ? a.by_n : g == IDF_COEFS_COLUMN ? a.by_w : (a.by_w + a.by_n) >> 1;
  return a;
}

static int32_t code_ac(block *b, unsigned g, unsigned i, uint32_t left, int32_t value)
{
  const unsigned q = order_of[g][i], places = length_of[g] - i;
  const uint32_t kind = b->work->kind, few = IDF_MIN(left, 12u);
  const uint32_t key = (kind * 4 + g) << 29 | i << 23;    /* with 23 bits of context below */
  const uint32_t key1 = (kind * 4 + g) << 29 | 63u << 23; /* for all positions of the group */
  const around a = look_at(b, g, q);
  const uint32_t level = grade(IDF_MIN(a.level, 4000)), wide = grade(IDF_MIN(a.wide, 4000));
  const uint32_t own = grade(inner_level(b, q));
  const uint32_t sw = signed_grade(a.by_w, 200), sn = signed_grade(a.by_n, 200);
  const uint32_t both = signed_grade(a.both, 200);
  const int16_t *w = b->w, *up = b->n;
  uint32_t c[IDF_BANK_CONTEXTS], n = 0;
  /* Coded neighbours in the own block. */
  const int32_t first = g == IDF_COEFS_ROW                ? b->coef[q + 8]
                        : g == IDF_COEFS_COLUMN && q < 16 ? 0
                                                          : b->coef[q - 8];
  const int32_t second = g == IDF_COEFS_COLUMN         ? b->coef[q + 1]
                         : g == IDF_COEFS_ROW && q < 2 ? 0
                                                       : b->coef[q - 1];

  PUT(key + own * 64 + few);
  PUT(key + both * 64 + few);
  PUT(key + cut(w[q], 6) * 64 + cut(up[q], 6));
  PUT(key
      + (kind ? cut(b->other[q], 6) * 64 + grade(b->luma_sum[q])
              : grade(absolute(b->ww[q])) * 1024 + grade(absolute(b->nn[q])) * 32 + level / 2));
  PUT(key1 + level * 1024 + own * 32 + left * 16 / places);
  PUT(key1 + (both * 64 + wide) * 16 + few);
  PUT(key + cut(first, 6) * 64 + cut(second, 6));
  PUT(key + (kind ? cut(b->other[q], 6) * 1024 + cut(b->luma[q], 6) * 16 + few : sw * 64 + sn));

  const uint32_t position = (kind * 4 + g) * 64 + i;
  const choice_of base = {
      .at = {position * NODES,
             SETS_0 + ((g * 13 + few) * 8 + IDF_MIN(left * 8 / places, 7u)) * NODES,
             SETS_0 + SETS_1 + (g * 125 + IDF_MIN(level, 24u) * 5 + IDF_MIN(own / 4, 4u)) * NODES},
      .curve = position * NODES};
  return code_value(b->bank, &base, c, left == places, value);
}

static void code_group(block *b, unsigned g, const int16_t *input)
{
  const uint8_t *order = order_of[g];
  uint32_t left = 0;

  for (unsigned i = 0; i < length_of[g]; i++)
    left += input[order[i]] != 0;
  left = code_group_count(b, g, left);
  left = IDF_MIN(left, length_of[g]); /* a damaged stream may say more */
  b->note.count[g] = (uint8_t)left;
  for (unsigned i = 0; i < length_of[g] && left > 0; i++) {
    const int32_t v = code_ac(b, g, i, left, input[order[i]]);
    set_coef(b, order[i], v);
    left -= v != 0;
  }
}

/* ---- DC ------------------------------------------------------------------------------------- */

/* What the blocks at the left and above expect of DC: 8 estimates each, Q4 in pixels. */
typedef struct estimate {
  int32_t of[16];
  unsigned count;
  int32_t mean, by_n, by_w; /* of the middle half; of each side */
  int32_t spread, range;    /* of the middle half; of all */
} estimate;

/* Pixels of the block without DC, Q4. Sums of |basis| are below 21700. */
static void transform(const block *b, int32_t pixel[8][8])
{
  int32_t half[8][8]; /* by vertical frequency and column, Q5 */
  for (unsigned u = 0; u < 8; u++) {
    int32_t sum[8] = {0};
    for (unsigned v = 0; v < 8; v++)
      if (b->value[8 * u + v] != 0)
        for (unsigned x = 0; x < 8; x++)
          sum[x] += b->value[8 * u + v] * basis(v, x);
    for (unsigned x = 0; x < 8; x++)
      half[u][x] = idf_clamp(sum[x] >> 8, -65535, 65535);
  }
  for (unsigned y = 0; y < 8; y++) {
    int32_t sum[8] = {0};
    for (unsigned u = 0; u < 8; u++)
      for (unsigned x = 0; x < 8; x++)
        sum[x] += half[u][x] * basis(u, y);
    for (unsigned x = 0; x < 8; x++)
      pixel[y][x] = sum[x] >> 14;
  }
}

static void sort(int32_t *v, unsigned count)
{
  for (unsigned i = 1; i < count; i++) {
    const int32_t z = v[i];
    unsigned k = i;
    for (; k > 0 && v[k - 1] > z; k--)
      v[k] = v[k - 1];
    v[k] = z;
  }
}

/* The line through the two pixels of each side is drawn on: a quarter of both slopes. */
static estimate expect(const block *b, int32_t pixel[8][8])
{
  estimate e = {.count = 0};
  int32_t sum_n = 0, sum_w = 0;

  if (b->has_n)
    for (unsigned x = 0; x < 8; x++) {
      const int32_t a = b->edge_n->pixel[0][x], slope = a - b->edge_n->pixel[1][x];
      e.of[e.count] = a + ((slope + pixel[1][x] - pixel[0][x]) >> 2) - pixel[0][x];
      sum_n += e.of[e.count++];
    }
  if (b->has_w)
    for (unsigned y = 0; y < 8; y++) {
      const int32_t a = b->edge_w->pixel[2][y], slope = a - b->edge_w->pixel[3][y];
      e.of[e.count] = a + ((slope + pixel[y][1] - pixel[y][0]) >> 2) - pixel[y][0];
      sum_w += e.of[e.count++];
    }
  if (e.count == 0)
    return e;
  sort(e.of, e.count);
  e.range = e.of[e.count - 1] - e.of[0];
  if (e.count == 8) {
    e.mean = e.by_n = e.by_w = (sum_n + sum_w) >> 3;
    e.spread = e.range / 2;
    return e;
  }
  for (unsigned i = 4; i < 12; i++)
    e.mean += e.of[i];
  e.mean >>= 3;
  e.spread = e.of[12] - e.of[3];
  e.by_n = sum_n >> 3;
  e.by_w = sum_w >> 3;
  return e;
}

static void code_dc(block *b, int32_t pixel[8][8], int32_t value)
{
  const uint32_t kind = b->work->kind;
  const int32_t step = 2 * b->work->plane->step[0]; /* what DC adds to pixels, Q4 */
  const estimate e = expect(b, pixel);
  const int32_t quarter = floor_div(8 * e.mean + step, 2 * step); /* 4 mean / step, rounded */
  const int32_t guess = (quarter + 2) >> 2, part = quarter - 4 * guess;
  const int32_t dc_w = b->w[0], dc_n = b->n[0];
  const int32_t by_n = floor_div(2 * e.by_n + step, 2 * step) - guess;
  const int32_t by_w = floor_div(2 * e.by_w + step, 2 * step) - guess;
  const int32_t miss_w = b->has_w ? b->note_w->miss : 0, miss_n = b->has_n ? b->note_n->miss : 0;
  const uint32_t spread = grade(IDF_MIN(2 * e.spread / step, 30000));
  const uint32_t misses = grade(absolute(miss_w) + absolute(miss_n));
  const uint32_t range = grade(IDF_MIN(e.range, 30000));
  const uint32_t key = (kind * 4 + IDF_COEFS_DC) << 29 | (uint32_t)(b->has_w + 2 * b->has_n) << 27;
  const uint32_t f = (uint32_t)(part + 2);
  uint32_t c[IDF_BANK_CONTEXTS], n = 0;

  PUT(key + cut(miss_w, 8) * 32 + cut(miss_n, 8));
  PUT(key + signed_grade(dc_w - guess, 100) * 64 + signed_grade(dc_n - guess, 100));
  PUT(key + grade((int32_t)b->sum) * 64 + spread);
  PUT(key
      + (kind ? signed_grade(b->other_note->miss, 100)
              : b->note.count[IDF_COEFS_INNER] * 64 + spread));
  PUT(key + (range * 64 + f) * 64 + misses);
  PUT(key + (spread * 64 + signed_grade(b->other_note->miss, 30)) * 64 + f);
  PUT(key + (signed_grade(by_n, 30) * 64 + signed_grade(by_w, 30)) * 64 + spread);
  PUT(key + signed_grade(b->note_nw->miss, 30) * 64 + signed_grade(b->note_ne->miss, 30));
  const choice_of base = {.at = {(kind * 4 + IDF_COEFS_DC) * 64 * NODES,
                                 SETS_0 + (3 * 13 * 8 + IDF_MIN(spread, 31u)) * NODES,
                                 SETS_0 + SETS_1 + (3 * 125 + IDF_MIN(misses, 31u)) * NODES},
                          .curve = (kind * 4 + IDF_COEFS_DC) * 64 * NODES};
  const int32_t miss = code_value(b->bank, &base, c, false, value - guess);
  b->note.miss = (int16_t)idf_clamp(miss, -10000, 10000);
  set_coef(b, 0, guess + miss);
}

/* ---- the block ------------------------------------------------------------------------------ */

static void leave_edge(const block *b, int32_t pixel[8][8], idf_coefs_edge *edge)
{
  const int32_t add = b->value[0] * 2; /* Q4 of value / 8 */
  for (unsigned u = 0; u < 8; u++) {
    int32_t right = 0, below = 0;
    for (unsigned v = 0; v < 8; v++) {
      const int32_t sign = v & 1 ? -1 : 1;
      right += sign * b->value[8 * u + v] * border(v);
      below += sign * b->value[8 * v + u] * border(v);
    }
    edge->right[u] = right;
    edge->below[u] = below;
    edge->pixel[0][u] = (int16_t)idf_clamp(pixel[7][u] + add, -32767, 32767);
    edge->pixel[1][u] = (int16_t)idf_clamp(pixel[6][u] + add, -32767, 32767);
    edge->pixel[2][u] = (int16_t)idf_clamp(pixel[u][7] + add, -32767, 32767);
    edge->pixel[3][u] = (int16_t)idf_clamp(pixel[u][6] + add, -32767, 32767);
  }
}

void idf_coefs_block(idf_bank *bank, idf_coefs_work *work, unsigned p, uint32_t x, uint32_t y)
{
  idf_coefs_work *own = &work[p];
  const size_t place = (size_t)y * own->plane->across + x;
  int16_t *coef = own->plane->coef + 64 * ((size_t)own->first * own->plane->across + place);
  int32_t pixel[8][8];
  block b = {.bank = bank, .work = own};

  look_around(&b, own, x, y);
  look_before(&b, work, p, x, y);
  for (unsigned g = 0; g < 3; g++)
    code_group(&b, g, coef);
  transform(&b, pixel);
  code_dc(&b, pixel, coef[0]);
  leave_edge(&b, pixel, &own->edges[(y & 1) * (size_t)own->plane->across + x]);
  own->notes[place] = b.note;
  if (bank->dec)
    memcpy(coef, b.coef, sizeof b.coef);
}

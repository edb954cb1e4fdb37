/* SPDX-License-Identifier: BSD-3-Clause
 *
 * oracle_bank.c: chapter 18.2 of idf(5): the decisions of coefficients.
 */
#include "oracle_bank.h"

typedef struct line {
  num check, p[10], n[10];
} line;

typedef struct weighting {
  num w[9], seen; /* w[8]: of the input 256 */
} weighting;

enum { MOST_SETS = PLACE_VALUES * 20 + COUNTS * 64 };

struct bank {
  const tables *t;
  const shape *of;
  stream in;
  num bits, stretch[4096], context[8];
  line *lines, *found[8];
  weighting sets[2][MOST_SETS];
};

/* ======== 18.8 Starts ======== */

/* The table is shared with the codec, as models are. */
static void check_starts(const source *in, const shape *of)
{
  uint8_t bytes[332 * 9 * 2];
  const num numbers = of->rows * (of->contexts + 1);
  for (num i = 0; i < numbers; i++) {
    bytes[2 * i] = (uint8_t)(of->start[i] & 255);
    bytes[2 * i + 1] = (uint8_t)(of->start[i] >> 8 & 255);
  }
  if (crc32c(bytes, (size_t)(2 * numbers)) != of->sum)
    refuse(in, "the weights' starts are not those of idf(5)");
}

/* Of set i of a family. */
static num row_of(int family, num i)
{
  const num d = i % 20;
  if (family == 0 && i < 78 * 20)
    return i / 20 / 13 * 20 + d;
  if (family == 0 && i < LEFT_VALUES * 20)
    return 120 + (i / 20 - 78) / 32 * 20 + d;
  if (family == 0)
    return 160 + (i - LEFT_VALUES * 20) / 64;
  if (i < PLACE_VALUES * 20)
    return 166 + i / 20 / 64 * 20 + d;
  return 326 + (i - PLACE_VALUES * 20) / 64;
}

/* ======== 18.2 Decisions ======== */

bank *idf_oracle_bank(const tables *t, source in, const shape *of, num bits)
{
  bank *b = room(&in, 1, sizeof *b);
  b->t = t;
  b->of = of;
  b->bits = bits;
  b->lines = room(&in, power(bits), sizeof *b->lines);
  idf_oracle_stream_start(&b->in, in, 1);
  for (num p = 0; p < 4096; p++) {
    num v = -2047;
    while (v < 2047 && squash(t, v) >> 4 < p)
      v++;
    b->stretch[p] = v;
  }
  check_starts(&in, of);
  for (int s = 0; s < of->sets; s++)
    for (num i = 0; i < (s == 0 ? LEFT_VALUES : PLACE_VALUES) * 20 + COUNTS * 64; i++) {
      const int16_t *row = of->start + (of->contexts + 1) * row_of(s, i);
      for (int k = 0; k < of->contexts; k++)
        b->sets[s][i].w[k] = row[k];
      b->sets[s][i].w[8] = row[of->contexts];
    }
  return b;
}

void idf_oracle_bank_end(bank *b)
{
  idf_oracle_stream_end(&b->in);
  free(b->lines);
  free(b);
}

static line *find(bank *b, uint32_t hash)
{
  const num at = hash >> (32 - b->bits), check = (hash | 1) & 0xffff;
  line *one = &b->lines[at], *two = &b->lines[at ^ 1];
  if (one->check == check)
    return one;
  if (two->check == check)
    return two;
  if (one->check != 0 && (two->check == 0 || two->n[0] < one->n[0]))
    one = two;
  memset(one, 0, sizeof *one);
  one->check = check;
  for (int i = 0; i < 10; i++)
    one->p[i] = 32768;
  return one;
}

static void find_all(bank *b)
{
  for (uint32_t i = 0; i < b->of->contexts; i++) {
    uint32_t hash = ((uint32_t)b->context[i] + i * 0x3C6EF372u) * 0x9E3779B1u;
    hash = (hash ^ hash >> 15) * 0x85EBCA77u;
    b->found[i] = find(b, hash ^ hash >> 13);
  }
}

void idf_oracle_bank_look(bank *b, const num context[8], num used)
{
  num n = 0;
  for (int i = 0; i < 8; i++)
    if (used >> i & 1)
      b->context[n++] = context[i] & 0xffffffff;
  find_all(b);
}

void idf_oracle_bank_go_on(bank *b, num known)
{
  for (int i = 0; i < b->of->contexts; i++)
    b->context[i] = (b->context[i] * 64 + known + 0x51ED270B) & 0xffffffff;
  find_all(b);
}

/* Chapter 4. */
static bool decode_bit(stream *s, num one)
{
  const uint64_t at = s->x[0] & 65535, zero = (uint64_t)(65536 - one);
  const bool bit = at >= zero;
  s->x[0] = (bit ? (uint64_t)one : zero) * (s->x[0] >> 16) + (bit ? at - zero : at);
  if (s->x[0] >> 32 == 0)
    s->x[0] = s->x[0] << 32 | (uint64_t)get(&s->words, 4);
  return bit;
}

static num weigh(const weighting *s, const num *input, num contexts)
{
  num sum = 256 * s->w[8];
  for (int i = 0; i < contexts; i++)
    sum += s->w[i] * input[i];
  return clamp(sum >> 13, -2047, 2047);
}

static void learn(const bank *b, weighting *s, const num *input, num sum, bool bit)
{
  const num e = ((bit ? 65536 : 0) - squash(b->t, sum)) >> (s->seen < 24    ? 1
                                                            : s->seen < 400 ? 2
                                                                            : 3);
  for (int i = 0; i < b->of->contexts; i++)
    s->w[i] = clamp(s->w[i], -30000, 30000) + nearest(input[i] * e, 15);
  s->w[8] = clamp(s->w[8] + nearest(256 * e, 15), -30000, 30000);
  s->seen = least(s->seen + 1, 400);
}

bool idf_oracle_bank_decide(bank *b, num node, const choice *at, num number)
{
  const num contexts = b->of->contexts, sets = b->of->sets;
  num input[8], p[8], n[8], sum[2], all = 0;
  for (int i = 0; i < contexts; i++) {
    p[i] = b->found[i]->p[node];
    n[i] = b->found[i]->n[node];
    input[i] = b->stretch[p[i] >> 4];
  }
  for (int s = 0; s < sets; s++) {
    sum[s] = weigh(&b->sets[s][at->set[s] + number], input, contexts);
    all += sum[s];
  }
  const bool bit = decode_bit(&b->in, squash(b->t, all >> (sets - 1)));

  for (int s = 0; s < sets; s++)
    learn(b, &b->sets[s][at->set[s] + number], input, sum[s], bit);
  for (int i = 0; i < contexts; i++) {
    const num step = (absolute((bit ? 65535 : 0) - p[i]) * (327680 / (5 * n[i] + 9))) >> 16;
    b->found[i]->p[node] = bit ? p[i] + step : p[i] - step;
    b->found[i]->n[node] = least(b->found[i]->n[node] + 1, 63);
  }
  return bit;
}

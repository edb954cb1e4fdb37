/* SPDX-License-Identifier: BSD-3-Clause
 *
 * oracle_mixer.c: chapter 5 of idf(5): decisions, for the chapters that use them.
 */
#include "oracle.h"

/* ======== 5. Mixed decisions ======== */

void idf_oracle_mixer_begin(mixer *m, const tables *t, const source *in, num B)
{
  m->t = t;
  m->B = B;
  m->slots = room(in, power(B), sizeof *m->slots);
  for (num p = 0; p < 4096; p++) {
    num v = -2047;
    while (v < 2047 && squash(t, v) >> 4 < p)
      v++;
    m->stretch[p] = v;
  }
}

void idf_oracle_weights_begin(weights *w, size_t size)
{
  for (size_t i = 0; i < size / sizeof *w; i++)
    for (int k = 0; k < 12; k++)
      w[i].w[k] = 1700;
}

void idf_oracle_curves_begin(const mixer *m, curve *c, size_t size)
{
  for (size_t i = 0; i < size / sizeof *c; i++)
    for (num k = 0; k < 33; k++)
      c[i].knot[k] = squash(m->t, clamp(128 * k, 1, 4095) - 2048);
}

void idf_oracle_mixer_read(mixer *m, source in)
{
  m->state = (uint64_t)get(&in, 8);
  m->words = in;
  if (m->state >> 32 == 0)
    refuse(&in, "a state of a stream is too small");
  if (left(&in) % 4 != 0)
    refuse(&in, "the length of a stream");
}

void idf_oracle_mixer_end(mixer *m)
{
  if (left(&m->words) != 0)
    refuse(&m->words, "a stream has words that nobody needed");
  if (m->state != (uint64_t)1 << 32)
    refuse(&m->words, "a stream ends in the wrong state");
  free(m->slots);
}

static counter *find(mixer *m, uint32_t g)
{
  counter *a = &m->slots[g >> (32 - m->B)], *b = &m->slots[(g >> (32 - m->B)) ^ 1];
  const num check = g & 255;
  if (a->n > 0 && a->check == check)
    return a;
  if (b->n > 0 && b->check == check)
    return b;
  if (b->n < a->n)
    a = b;
  *a = (counter){32768, 0, check};
  return a;
}

static num weigh(const weights *w, const num *input, int inputs)
{
  num sum = 0;
  for (int i = 0; i < inputs; i++)
    sum += w->w[i] * input[i];
  return clamp(sum >> 13, -2047, 2047);
}

static bool decode_bit(mixer *m, num one)
{
  const num zero = 65536 - one, at = (num)(m->state & 65535);
  const bool bit = at >= zero;
  m->state = (uint64_t)(bit ? one : zero) * (m->state >> 16) + (uint64_t)(bit ? at - zero : at);
  if (m->state >> 32 == 0)
    m->state = m->state << 32 | (uint64_t)get(&m->words, 4);
  return bit;
}

bool idf_oracle_decide(mixer *m, const uint32_t *context, int contexts, weights *first,
                       weights *second, curve *c, int told)
{
  counter *used[11];
  num input[12];
  for (int i = 0; i < contexts; i++) {
    used[i] = find(m, context[i]);
    input[i] = m->stretch[used[i]->p >> 4];
  }
  input[contexts] = 256;
  const num sum[2] = {weigh(first, input, contexts + 1), weigh(second, input, contexts + 1)};
  const num mean = ((sum[0] + sum[1]) >> 1) + 2048, k = mean >> 7, j = mean & 127;
  const num refined = (c->knot[k] * (128 - j) + c->knot[k + 1] * j) >> 7;
  const num one = clamp((squash(m->t, mean - 2048) + 1 + refined) >> 1, 32, 65504);
  const bool bit = told < 0 ? decode_bit(m, one) : told > 0;

  weights *set[2] = {first, second};
  for (int w = 0; w < 2; w++) {
    const num e = ((bit ? 65536 : 0) - squash(m->t, sum[w])) >> 1;
    for (int i = 0; i <= contexts; i++)
      set[w]->w[i] = clamp(set[w]->w[i], -30000, 30000) + ((input[i] * e + 16384) >> 15);
  }
  const num target = bit ? 65535 : 0;
  for (int i = 0; i < contexts; i++) {
    counter *u = used[i];
    u->p += ((target - u->p) * (163840 / (5 * u->n + 7))) >> 15;
    u->n = least(u->n + 1, 60);
  }
  for (int i = 0; i < 2; i++)
    c->knot[k + i] += (target - c->knot[k + i]) >> 6;
  return bit;
}

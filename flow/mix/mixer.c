/* SPDX-License-Identifier: BSD-3-Clause
 *
 * mixer.c: the counters, weights and correction curves of binary decisions.
 *
 * Two tables are derived from the flow's logistic table. A slot keeps eight bits of its context's
 * hash. So a context that is met for the first time is mostly recognised as new: it contributes
 * nothing, instead of using another context's counter.
 * idf(5), "MIXED DECISIONS".
 */
#include "mixer.h"

#include <string.h>

#include "tables.h"

#define P_MIN 32
#define P_MAX 65504
#define LIMIT 2047        /* of the logistic domain */
#define WEIGHT_START 1700 /* Q13: slightly over-confident for six to twelve inputs */
#define WEIGHT_MAX 30000  /* before a step */
#define CURVE_SHIFT 6
#define KNOT_SHIFT 7 /* 128 logistic values between knots */

idf_status idf_mixer_init(idf_mixer *m, idf_mem *mem, unsigned slot_bits, unsigned sets,
                          unsigned curves)
{
  m->slot_bits = slot_bits;
  m->slots = idf_alloc(mem, (size_t)1 << slot_bits, sizeof *m->slots);
  m->sets = idf_alloc(mem, sets, sizeof *m->sets);
  m->curves = idf_alloc(mem, curves, sizeof *m->curves);
  if (!m->slots || !m->sets || !m->curves) {
    idf_mixer_free(m, mem);
    return idf_mem_status(mem);
  }
  for (int32_t i = 0; i < 4096; i++) /* index in Q8 */
    m->squash[i] = (uint16_t)idf_clamp(idf_logistic((i - 2048) * 4), P_MIN, P_MAX);
  /* The least value that squash maps to p or more. */
  int32_t v = -LIMIT;
  for (int32_t p = 0; p < 4096; p++) {
    while (v < LIMIT && m->squash[v + 2048] >> 4 < p)
      v++;
    m->stretch[p] = (int16_t)v;
  }
  /* 1 / (n + 1.4): faster than Krichevsky and Trofimov, because one context often decides. */
  for (uint32_t n = 0; n <= IDF_MIXER_COUNTS; n++)
    m->rate[n] = (uint16_t)((5u << 15) / (5 * n + 7));
  for (unsigned s = 0; s < sets; s++)
    for (unsigned i = 0; i < IDF_MIXER_INPUTS; i++)
      m->sets[s].weight[i] = WEIGHT_START;
  idf_mixer_curve straight;
  for (int32_t i = 0; i < IDF_MIXER_KNOTS; i++)
    straight.p[i] = m->squash[idf_clamp(i << KNOT_SHIFT, 1, 4095)];
  for (unsigned c = 0; c < curves; c++)
    m->curves[c] = straight;
  return IDF_OK;
}

void idf_mixer_free(idf_mixer *m, idf_mem *mem)
{
  idf_free(mem, m->slots);
  idf_free(mem, m->sets);
  idf_free(mem, m->curves);
  m->slots = NULL;
  m->sets = NULL;
  m->curves = NULL;
}

/* Finds the slot of a context, or takes over the less used of two. */
static idf_mixer_slot *find_slot(idf_mixer *m, uint32_t hash)
{
  uint8_t check = (uint8_t)hash;
  idf_mixer_slot *a = &m->slots[hash >> (32 - m->slot_bits)];
  if (a->check == check && a->n != 0)
    return a;
  idf_mixer_slot *b = &m->slots[(hash >> (32 - m->slot_bits)) ^ 1];
  if (b->check == check && b->n != 0)
    return b;
  if (b->n < a->n)
    a = b;
  *a = (idf_mixer_slot){.p = 32768, .check = check};
  return a;
}

/* Weights that are updated together, the width of a 128-bit register. Most decisions have no more
 * inputs. */
#define GROUP 8u

uint32_t idf_mixer_predict(idf_mixer *m, const idf_contexts *from)
{
  const unsigned contexts = from->count, curve = from->curve;
  idf_mixer_set *first = &m->sets[from->set[0]], *second = &m->sets[from->set[1]];
  /* The table is larger than the nearest caches, and `find_slot` branches on what it reads. */
  for (unsigned i = 0; i < contexts; i++)
    IDF_MIXER_FETCH(m, from->hash[i]);
  IDF_PREFETCH(first);
  IDF_PREFETCH(second);
  IDF_PREFETCH(m->curves[curve].p);
  IDF_PREFETCH(m->curves[curve].p + IDF_MIXER_KNOTS - 1);
  const int16_t *w0 = first->weight, *w1 = second->weight;
  int32_t sum[2] = {w0[contexts] * 256, w1[contexts] * 256};
  /* |weight| < 2^15, |input| < 2^11, 16 of them: below 2^30. The products are added one by one: a
   * vector load would wait until all inputs are stored. */
  for (unsigned i = 0; i < contexts; i++) {
    m->hit[i] = find_slot(m, from->hash[i]);
    const int16_t in = m->stretch[m->hit[i]->p >> 4];
    m->input[i] = in;
    sum[0] += w0[i] * in;
    sum[1] += w1[i] * in;
  }
  for (unsigned i = contexts; i < IDF_MIXER_INPUTS; i++)
    m->input[i] = i == contexts ? 256 : 0;
  m->contexts = contexts;
  m->weight[0] = first->weight;
  m->weight[1] = second->weight;
  for (int i = 0; i < 2; i++)
    m->sum[i] = idf_clamp(sum[i] >> 13, -LIMIT, LIMIT);
  int32_t mean = ((m->sum[0] + m->sum[1]) >> 1) + 2048;
  uint32_t part = (uint32_t)mean & ((1u << KNOT_SHIFT) - 1);
  m->knot = m->curves[curve].p + (mean >> KNOT_SHIFT);
  uint32_t corrected = (m->knot[0] * ((1u << KNOT_SHIFT) - part) + m->knot[1] * part) >> KNOT_SHIFT;
  return (uint32_t)idf_clamp((int32_t)(m->squash[mean] + corrected + 1) >> 1, P_MIN, P_MAX);
}

/* The error in Q15. */
static int16_t error_of(const idf_mixer *m, int set, unsigned bit)
{
  return (int16_t)(((bit ? 65536 : 0) - m->squash[m->sum[set] + 2048]) >> 1);
}

/* Moves the weights of one group by input * error, rounded. |step| <= 2^11, so held + step fits.
 * The product is put together from 16-bit halves, and the weight is clamped first, to keep all
 * lanes at 16 bits. */
static inline void move_weights(int16_t *restrict weight, const int16_t *restrict input,
                                int16_t error)
{
  for (unsigned i = 0; i < GROUP; i++) {
    const uint16_t low = (uint16_t)((uint32_t)(uint16_t)input[i] * (uint16_t)error);
    const uint16_t high = (uint16_t)((input[i] * error) >> 16);
    const uint16_t step = (uint16_t)((high << 1) + (low >> 15) + (low >> 14 & 1));
    const int16_t w = weight[i];
    const int16_t held = w < -WEIGHT_MAX ? -WEIGHT_MAX : w > WEIGHT_MAX ? WEIGHT_MAX : w;
    weight[i] = (int16_t)(uint16_t)((uint16_t)held + step);
  }
}

void idf_mixer_learn(idf_mixer *m, unsigned bit)
{
  int32_t target = bit ? 65535 : 0;
  for (int set = 0; set < 2; set++) {
    const int16_t error = error_of(m, set, bit);
    move_weights(m->weight[set], m->input, error);
    if (m->contexts >= GROUP) /* with the constant input, more than one group */
      move_weights(m->weight[set] + GROUP, m->input + GROUP, error);
  }
  for (unsigned i = 0; i < m->contexts; i++) {
    idf_mixer_slot *slot = m->hit[i];
    slot->p = (uint16_t)(slot->p + (((target - slot->p) * m->rate[slot->n]) >> 15));
    slot->n = (uint8_t)(slot->n + (slot->n < IDF_MIXER_COUNTS));
  }
  for (int i = 0; i < 2; i++)
    m->knot[i] = (uint16_t)(m->knot[i] + ((target - m->knot[i]) >> CURVE_SHIFT));
}

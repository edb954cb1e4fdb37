/* SPDX-License-Identifier: BSD-3-Clause
 *
 * refine.c: stochastic gradient descent on the code length, in integers.
 *
 * The state is so fine that gradients are subtracted as they are: the Q-formats are the learning
 * rates. The alternative, to shift gradients down, rounds them all one way; on a million nearly
 * certain samples that drift cost 2 % of a picture.
 * idf(5), "NETWORK".
 */
#include "refine.h"

#include <string.h>

#include "tables.h"

#define GRADIENT_MAX 2048 /* Q8 bits: the limit of one sample's gradient */
#define LOCATION_MAX ((1 << 15) - 1)
#define SCALE_MAX (24 << 12)
#define THIN 64 /* counts: below this the logistic's table is too coarse to divide by */
#define REACH (IDF_LOGISTIC_REACH << 10)

void idf_refine_read(const idf_refine *refine, int width, idf_refine_layer *read)
{
  read->layer = (idf_layer){read->weight, read->bias, (unsigned)width, IDF_NET_OUTPUTS};
  for (int o = 0; o < IDF_NET_OUTPUTS; o++) {
    int16_t weight[IDF_NET_WIDTH], *to = read->weight + 2 * o;
    for (int i = 0; i < width; i++)
      weight[i] = (int16_t)(refine->delta[o][i] >> 11);
    for (int i = 0; i < width; i += 2, to += 32)
      memcpy(to, weight + i, 2 * sizeof *weight); /* in one store: kernels read a pair as one */
    read->bias[o] = (refine->bias[o] >> 11) * (1 << IDF_Q_ACT);
  }
}

void idf_refine_move(const idf_refine *restrict refine, idf_sites *restrict s, int from)
{
  const int32_t lowest = s->min * (1 << IDF_Q_MU), highest = s->max * (1 << IDF_Q_MU);
  for (int i = from; i < from + IDF_BLOCK; i++) {
    int32_t k = s->scale[i];
    int32_t relative = idf_clamp(k - 8 * s->unit, 0, 3 * IDF_REFINE_BINS - 1);
    int32_t bin = (relative * 171) >> 9, broad = bin >> 1; /* relative / 3, / 6 */
    int64_t move =
        (int64_t)idf_scale_value[k] * refine->location[s->signs[i] * IDF_REFINE_BROAD + broad];
    int32_t mu = s->mu[i] + (int32_t)(move >> (IDF_SCALE_VALUE_Q + 15 - IDF_Q_MU));
    s->bin[i] = bin;
    s->broad[i] = broad;
    s->mu[i] = idf_clamp(mu, lowest, highest);
    const int32_t offset = refine->scale[bin] + (s->blocks ? refine->block[s->cell[i]] : 0);
    s->scale[i] = idf_clamp(k + ((offset + 2048) >> 12), 0, IDF_SCALES - 1);
  }
}

/* v (Q6 sample values) over the scale, in Q10, clamped to +-16, as idf_prior_argument. */
static inline int32_t in_scales(int32_t v, int32_t mantissa, int32_t shift, bool fine)
{
  if (fine)
    return idf_clamp((v * mantissa) >> shift, -REACH, REACH); /* 2^15 * 2^15 */
  int64_t a = ((int64_t)v * mantissa) >> shift;
  return (int32_t)(a < -REACH ? -REACH : a > REACH ? REACH : a);
}

/* The quotient of two integers. The compiled levels differ from the definition: they divide in
 * double, which processors vectorise. For 32-bit integers the quotient in double is nearer to the
 * true one than that is to any other integer. */
static inline int32_t quotient(int32_t a, int32_t b)
{
#if defined(IDF_LEVEL_SUFFIX)
  return (int32_t)((double)a / (double)b);
#else
  return a / b;
#endif
}

static inline void slope(idf_sites *restrict s, int from, bool fine, bool outputs)
{
  for (int i = from; i < from + IDF_BLOCK; i++) {
    const int32_t inverse = idf_scale_inverse[s->scale[i]];
    const int32_t m = inverse & 0xffff, down = inverse >> 16;
    const int32_t d = s->sample[i] * (1 << IDF_Q_MU) - s->mu[i];
    const int32_t u = in_scales(d, m, down, fine);
    const int32_t a = in_scales(d - 32, m, down, fine), b = in_scales(d + 32, m, down, fine);
    const int32_t fa = idf_logistic(a), fb = idf_logistic(b);
    /* d(-log2 P)/d(mu/s) = (1 - Fa - Fb) / ln 2, in Q8; 369 = 256 / ln 2. */
    const int32_t by_location = ((65536 - fa - fb) * 369) >> 16;
    /* d(-log2 P)/d(log2 s) = (b f(b) - a f(a)) / P with f = F (1 - F). For a thin slice its limit
     * is used, 1 - u (2 F(u) - 1); with 1 - |u| instead, wide scales would drift wider.
     * a f(a)| < 2^10 * 2^14; |u| <= 2^14, |2 F - 1| <= 2^16. */
    const int32_t da = (int32_t)(((uint32_t)fa * (uint32_t)(65536 - fa)) >> 16);
    const int32_t db = (int32_t)(((uint32_t)fb * (uint32_t)(65536 - fb)) >> 16);
    const int32_t mass = fb - fa;
    const int32_t slice = quotient(b * db - a * da, IDF_MAX(mass, 1)) / 4;
    const int32_t thin = 256 - ((u * (2 * idf_logistic(u) - 65536)) >> 18);
    const int32_t by_scale = idf_clamp(mass >= THIN ? slice : thin, -GRADIENT_MAX, GRADIENT_MAX);
    const int32_t live = s->live[i];
    s->by_location[i] = by_location;
    s->slope[IDF_OUT_SCALE][i] = by_scale & live;
    if (!outputs)
      continue;
    /* The chain rule through gate, shift and octaves: |by_location| <= 370, and |gate| and |shift|
     * are at most 2^14. */
    const int32_t gate = in_scales(s->wide[i] - s->local[i], m, down, fine);
    const int32_t shift =
        in_scales(s->level[i] * (1 << (IDF_Q_MU - IDF_Q_ERROR + s->unit)), m, down, fine);
    const int32_t by_gate = (by_location * gate) >> 10, by_shift = (by_location * shift) >> 10;
    s->slope[IDF_OUT_GATE][i] = idf_clamp(by_gate, -GRADIENT_MAX, GRADIENT_MAX) & live;
    s->slope[IDF_OUT_SHIFT][i] = idf_clamp(by_shift, -GRADIENT_MAX, GRADIENT_MAX) & live;
  }
}

void idf_refine_slope(idf_sites *s, int from)
{
  if (s->fine && s->offsets_only)
    slope(s, from, true, false);
  else if (s->fine)
    slope(s, from, true, true);
  else
    slope(s, from, false, !s->offsets_only);
}

static inline void step_down(int32_t *value, int32_t step, int32_t limit)
{
  *value = idf_clamp(*value - step, -limit, limit);
}

/* A bias is a weight whose input is always 1. The slopes of a step are added at once if no partial
 * sum can reach the limit, else one by one. */
static void bias_learn(int32_t *bias, const idf_sites *s, const int32_t *slope)
{
  int32_t sum = 0, size = 0;
  for (int i = s->lo / IDF_BLOCK * IDF_BLOCK; i < s->hi; i++) {
    sum += slope[i];
    size += idf_abs(slope[i]);
  }
  const int32_t room = IDF_REFINE_DELTA_MAX - idf_abs(*bias);
  if (size <= room >> IDF_Q_ACT)
    *bias -= sum * (1 << IDF_Q_ACT);
  else
    for (int i = s->hi - 1; i >= s->lo; i--)
      step_down(bias, slope[i] * (1 << IDF_Q_ACT), IDF_REFINE_DELTA_MAX);
}

void idf_refine_learn(idf_refine *refine, const idf_kernels *kernels, const idf_sites *s,
                      const idf_pairs (*hidden)[IDF_NET_WIDTH / 2], int width)
{
  for (int i = s->hi - 1; i >= s->lo; i--) {
    step_down(&refine->location[s->signs[i] * IDF_REFINE_BROAD + s->broad[i]], s->by_location[i],
              LOCATION_MAX);
    step_down(&refine->scale[s->bin[i]], s->slope[IDF_OUT_SCALE][i], SCALE_MAX);
    if (s->blocks)
      step_down(&refine->block[s->cell[i]], s->slope[IDF_OUT_SCALE][i], SCALE_MAX);
  }
  if (width == 0)
    return;
  for (int from = (s->hi - 1) / IDF_BLOCK * IDF_BLOCK; from + IDF_BLOCK > s->lo;
       from -= IDF_BLOCK) {
    const int32_t *slope[IDF_NET_OUTPUTS];
    for (int o = 0; o < IDF_NET_OUTPUTS; o++)
      slope[o] = s->slope[o] + from;
    kernels->descend(refine->delta, slope, hidden[from / IDF_BLOCK], width, IDF_REFINE_DELTA_MAX);
  }
  for (int o = 0; o < IDF_NET_OUTPUTS; o++)
    bias_learn(&refine->bias[o], s, s->slope[o]);
}

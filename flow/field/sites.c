/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sites.c: turns predictions into priors, and coded samples into errors for later ones.
 * idf(5), "PLANES AND BORDERS".
 */
#include "sites.h"

#include <string.h>

#include "tables.h"

#define ERROR_MAX 8191
#define SHIFT_MAX 1024 /* Q8: the network moves mu by four error levels at most */

/* idf_log2_q8 of a block. The compiled levels differ from the definition: a float holds values
 * below 2^24 exactly, so its exponent and the upper six bits of its mantissa give the logarithm.
 * This avoids a count of leading zeros, which SIMD lacks. */
void idf_sites_log2(const int32_t v[IDF_BLOCK], int32_t log2[IDF_BLOCK])
{
#if defined(IDF_LEVEL_SUFFIX)
  float f[IDF_BLOCK];
  int32_t bits[IDF_BLOCK];
  for (int i = 0; i < IDF_BLOCK; i++)
    f[i] = (float)v[i];
  memcpy(bits, f, sizeof bits);
  for (int i = 0; i < IDF_BLOCK; i++)
    log2[i] = ((bits[i] >> 23) - 127) * 256 + idf_log2_table[(bits[i] >> 17) & 63];
#else
  for (int i = 0; i < IDF_BLOCK; i++)
    log2[i] = (int32_t)idf_log2_q8((uint32_t)v[i]);
#endif
}

void idf_sites_show(idf_sites *s, int from)
{
  /* Q6 sample values to Q2 units. */
  const int down = IDF_Q_MU - 2 + s->unit;
  for (int i = from; i < from + IDF_BLOCK; i++) {
    s->show_local[i] = idf_compress((s->local[i] - s->mean[i] * (1 << IDF_Q_MU)) >> down);
    s->show_wide[i] = idf_compress((s->wide[i] - s->local[i]) >> down);
    s->show_level[i] = (s->octaves[i] * 9) >> 8;
  }
}

void idf_sites_propose(idf_sites *s, int from)
{
  const int q = IDF_Q_WEIGHT + IDF_Q_ACT;
  /* shift (Q8) times level (Q4 units) to Q6 sample values. */
  const int down = IDF_MAX(8 + IDF_Q_ERROR - IDF_Q_MU - s->unit, 0);
  const int up = IDF_MAX(s->unit - (8 + IDF_Q_ERROR - IDF_Q_MU), 0);
  const int32_t one = IDF_SCALE_ONE + 8 * s->unit - 8 * IDF_Q_ERROR;
  for (int i = from; i < from + IDF_BLOCK; i++) {
    int32_t gate = idf_clamp(32 + idf_round_q(s->out[IDF_OUT_GATE][i], q - 6), -32, 96);
    int32_t shift = idf_clamp(idf_round_q(s->out[IDF_OUT_SHIFT][i], q - 8), -SHIFT_MAX, SHIFT_MAX);
    int32_t octaves = idf_round_q(s->out[IDF_OUT_SCALE][i], q - 3);
    octaves = idf_clamp(octaves, -IDF_SCALES, IDF_SCALES);
    /* |gate * difference| <= 96 * 2^23; |shift * level| <= 2^10 * 2^13. */
    int32_t mu = s->local[i] + ((gate * (s->wide[i] - s->local[i])) >> 6);
    mu += ((shift * s->level[i]) >> down) * (1 << up);
    s->mu[i] = mu;
    s->scale[i] = idf_clamp(one + (s->octaves[i] >> 5) + octaves, 0, IDF_SCALES - 1);
  }
}

void idf_sites_centre(idf_sites *s, int from)
{
  for (int i = from; i < from + IDF_BLOCK; i++)
    s->centre[i] = idf_round_q(s->mu[i], IDF_Q_MU);
}

void idf_sites_prior(const idf_sites *s, int k, idf_prior *prior)
{
  if (s->fine)
    *prior = (idf_prior){s->centre[k],
                         s->frac[k],
                         s->lowest[k],
                         s->end[k],
                         s->min,
                         s->max,
                         (uint32_t)s->total[k],
                         (uint16_t)s->scale[k],
                         0};
  else
    idf_prior_set(prior, s->mu[k], s->scale[k], s->min, s->max);
}

/* The lowest n bits, at most a block of them. */
static inline uint32_t low_bits(int32_t n)
{
  return (1u << idf_clamp(n, 0, IDF_BLOCK)) - 1;
}

/* Whether more than three bits of v are set. */
static inline bool many(uint32_t v)
{
  v &= v - 1;
  v &= v - 1;
  return (v & (v - 1)) != 0;
}

idf_seen_mass idf_sites_seen(const idf_sites *s, int k, const uint64_t *seen, int32_t b)
{
  /* The mass of a run of samples is the count at its end less the count at its start. Each turn
   * takes 16 samples. If few of them are edges of runs, the counts are computed one by one, else
   * for all lanes at once. */
  const idf_fine p = idf_fine_of(s, k);
  uint32_t all = 0, below = 0, carry = 0;
  for (int32_t v = p.lowest; v <= p.end; v += IDF_BLOCK) {
    const uint32_t i = (uint32_t)(v - s->min);
    uint64_t bits = seen[i >> 6] >> (i & 63);
    if ((i & 63) > 64 - IDF_BLOCK)
      bits |= seen[(i >> 6) + 1] << (64 - (i & 63));
    const uint32_t starts = (uint32_t)bits & low_bits(p.end - v);
    const uint32_t ends = (starts << 1 | carry) & low_bits(IDF_BLOCK);
    carry = starts >> (IDF_BLOCK - 1);
    const uint32_t lower_starts = starts & low_bits(b - v), lower_ends = ends & low_bits(b - v + 1);
    uint32_t edges = (starts ^ ends) | (lower_starts ^ lower_ends);
    if (many(edges)) {
      uint32_t counts[IDF_BLOCK];
      for (int j = 0; j < IDF_BLOCK; j++)
        counts[j] = idf_fine_cdf(p, v + j);
      for (int j = 0; j < IDF_BLOCK; j++) {
        all += ((ends >> j & 1) - (starts >> j & 1)) * counts[j];
        below += ((lower_ends >> j & 1) - (lower_starts >> j & 1)) * counts[j];
      }
      continue;
    }
    for (; edges != 0; edges &= edges - 1) {
      const unsigned j = idf_low_zeros(edges);
      const uint32_t counts = idf_fine_cdf(p, v + (int32_t)j);
      all += ((ends >> j & 1) - (starts >> j & 1)) * counts;
      below += ((lower_ends >> j & 1) - (lower_starts >> j & 1)) * counts;
    }
  }
  return (idf_seen_mass){all, below};
}

void idf_sites_settle(idf_sites *s, int from)
{
  const int fine = IDF_Q_MU - IDF_Q_ERROR + s->unit, down = IDF_Q_MU - 2 + s->unit;
  int32_t size[IDF_BLOCK] = {0}, octaves[IDF_BLOCK];
  for (int i = from; i < from + IDF_BLOCK; i++) {
    int32_t error = s->sample[i] * (1 << IDF_Q_MU) - s->local[i];
    s->error[i] = IDF_MIN(idf_abs(error) >> fine, ERROR_MAX);
    s->error_sign[i] = idf_compress(error >> down);
    s->miss[i] = idf_compress((s->sample[i] * (1 << IDF_Q_MU) - s->mu[i]) >> down);
    s->relative[i] = s->scale[i] - IDF_SCALE_ONE - 8 * s->unit;
    s->offset[i] = idf_compress((s->sample[i] - s->mean[i]) >> s->unit);
    size[i - from] = 1 + s->error[i];
  }
  idf_sites_log2(size, octaves);
  for (int i = from; i < from + IDF_BLOCK; i++)
    s->error_code[i] = (octaves[i - from] * 9) >> 8;
}

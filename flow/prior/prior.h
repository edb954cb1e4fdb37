/* SPDX-License-Identifier: BSD-3-Clause
 *
 * prior.h: the discretised logistic: turns a location and a scale into intervals (freq.h).
 *
 * A sample x has the probability F(x + 1/2) - F(x - 1/2), where F is a logistic with location mu
 * and scale s. Samples within `reach` of mu have intervals. The rest share an escape and are then
 * coded as plain bits. There is no table per scale: F is one table of 513 knots with linear
 * interpolation, so mu keeps all its fraction bits and every scale costs the same time.
 *
 * An interval is never empty, so each one takes at least one count, and many intervals leave little
 * to the logistic. Therefore, where samples have more than 9 bits and s is 16 or more, 2^n samples
 * share an interval, with s / 2^n in [8, 16), and the low n bits follow as plain bits. This costs
 * less than 0.001 bit a sample; an interval for each sample costs up to 0.6.
 */
#ifndef IDF_FLOW_PRIOR_H
#define IDF_FLOW_PRIOR_H

#include "fixed.h"
#include "freq.h"
#include "tables.h"

/* The size of the escape's interval, which is the last one if there is one. */
#define IDF_ESCAPE_SIZE 2u

/* A plane with max - min up to this is `fine`: every bucket is one sample. */
#define IDF_FINE_SPAN 510

typedef struct idf_prior {
  int32_t centre; /* round(mu): the sample is centre + latent */
  int32_t frac;   /* mu - centre in Q6, -32 .. 31 */
  /* Samples lo <= x < hi have intervals: 1 to 511 buckets of 2^shift samples. lo - min is a
   * multiple of a bucket; hi may pass max + 1 by less than one. */
  int32_t lo, hi;
  int32_t min, max; /* range of all samples; an escape is coded within it */
  uint32_t total;   /* counts for [lo, hi): 65536 less the size of the escape */
  uint16_t scale;   /* index, < IDF_SCALES */
  uint16_t shift;   /* the n above: 0 .. 12 */
} idf_prior;

/* Sets a prior. mu (Q6) is clamped to [min, max] and scale to the table. min <= max, both within
 * +-2^17. */
void idf_prior_set(idf_prior *prior, int32_t mu, int32_t scale, int32_t min, int32_t max);

/* A distance d (Q6) from the location, in units of the scale: Q10, clamped to +-16. */
static inline int32_t idf_prior_argument(const idf_prior *prior, int32_t d)
{
  const int32_t reach = IDF_LOGISTIC_REACH << 10;
  int64_t a = ((int64_t)d * idf_scale_mantissa(prior->scale)) >> idf_scale_shift(prior->scale);
  return a < -reach ? -reach : a > reach ? reach : (int32_t)a;
}

/* The counts below sample b, which is the first of a bucket, or hi. The result is 0 at lo and
 * prior->total at hi, and strictly increasing between. lo <= b <= hi. */
static inline uint32_t idf_prior_cdf(const idf_prior *prior, int32_t b)
{
  if (b <= prior->lo)
    return 0;
  if (b >= prior->hi)
    return prior->total;
  int32_t d = (b - prior->centre) * (1 << IDF_Q_MU) - (1 << (IDF_Q_MU - 1)) - prior->frac;
  uint32_t f = (uint32_t)idf_logistic(idf_prior_argument(prior, d));
  uint32_t spread = prior->total - ((uint32_t)(prior->hi - prior->lo) >> prior->shift);
  return ((uint32_t)(b - prior->lo) >> prior->shift) + (uint32_t)(((uint64_t)f * spread) >> 16);
}

/* The part of a prior that idf_fine_cdf needs; all buckets are single samples. */
typedef struct idf_fine {
  int32_t scale, centre, frac, lowest, end, total;
} idf_fine;

/* idf_prior_cdf in 32 bits. b may lie up to a block outside [lowest, end]. */
static inline uint32_t idf_fine_cdf(const idf_fine p, int32_t b)
{
  const int32_t reach = IDF_LOGISTIC_REACH << 10;
  const int32_t d = (b - p.centre) * (1 << IDF_Q_MU) - (1 << (IDF_Q_MU - 1)) - p.frac;
  /* |d| <= 526 * 64; mantissas <= 2^15. */
  const int32_t inverse = idf_scale_inverse[p.scale];
  const int32_t a = idf_clamp((d * (inverse & 0xffff)) >> (inverse >> 16), -reach, reach);
  uint32_t f = (uint32_t)idf_logistic(a);
  uint32_t spread = (uint32_t)(p.total - (p.end - p.lowest));
  int32_t inside = b - p.lowest + (int32_t)((f * spread) >> 16);
  return (uint32_t)(b <= p.lowest ? 0 : b >= p.end ? p.total : inside);
}

/* Finds the bucket whose interval holds slot: returns its first sample and sets *in. slot <
 * prior->total. */
int32_t idf_prior_find(const idf_prior *prior, uint32_t slot, idf_interval *in);

/* Bits needed to name any sample of [min, max]: 0 to 19; in the flow at most 17. */
unsigned idf_prior_escape_bits(const idf_prior *prior);

#endif

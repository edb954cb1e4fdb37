/* SPDX-License-Identifier: BSD-3-Clause
 *
 * prior.c: turns the parameters of a prior into intervals. No other file does this.
 *
 * The count below bucket i, which starts at sample b, is i + F(b) * (total - buckets) / 65536. The
 * second term is the logistic and never falls; the first grows by one per bucket. So no interval is
 * empty, and the intervals tile exactly.
 * idf(5), "PRIOR".
 */
#include "prior.h"

#define FINE_SCALE 64 /* index of scale 8: a scale spans at least 8 buckets */

void idf_prior_set(idf_prior *prior, int32_t mu, int32_t scale, int32_t min, int32_t max)
{
  mu = idf_clamp(mu, min * (1 << IDF_Q_MU), max * (1 << IDF_Q_MU));
  prior->centre = idf_round_q(mu, IDF_Q_MU);
  prior->frac = mu - prior->centre * (1 << IDF_Q_MU);
  prior->scale = (uint16_t)idf_clamp(scale, 0, IDF_SCALES - 1);
  prior->min = min;
  prior->max = max;
  prior->shift = max - min <= IDF_FINE_SPAN || prior->scale < FINE_SCALE
                     ? 0
                     : (uint16_t)((prior->scale - FINE_SCALE) >> 3);
  const int32_t reach = idf_scale_reach[prior->scale], mask = (1 << prior->shift) - 1;
  prior->lo = min + (IDF_MAX(0, prior->centre - reach - min) & ~mask);
  prior->hi = min + ((IDF_MIN(max, prior->centre + reach - 1) - min + 1 + mask) & ~mask);
  bool whole = prior->lo == min && prior->hi > max;
  prior->total = IDF_FREQ_ONE - (whole ? 0 : IDF_ESCAPE_SIZE);
}

/* The bucket where the logistic alone, without the added counts, has the slot. */
static int32_t guess(const idf_prior *prior, uint32_t slot)
{
  int64_t d = (int64_t)idf_logit_table[slot >> 7] * idf_scale_value[prior->scale];
  d = (d >> (10 + IDF_SCALE_VALUE_Q - IDF_Q_MU)) + prior->frac + (1 << (IDF_Q_MU - 1));
  int64_t at = prior->centre + (d >> IDF_Q_MU);
  int32_t b = at < prior->lo ? prior->lo : at >= prior->hi ? prior->hi - 1 : (int32_t)at;
  return b - ((b - prior->lo) & ((1 << prior->shift) - 1));
}

int32_t idf_prior_find(const idf_prior *prior, uint32_t slot, idf_interval *in)
{
  /* The first guess is mostly right. Gallop from it, then bisect: cdf(lo) <= slot < cdf(hi). */
  const int32_t bucket = 1 << prior->shift;
  int32_t lo = guess(prior, slot), hi = lo + bucket, step = bucket;
  uint32_t below_lo = idf_prior_cdf(prior, lo), below_hi = idf_prior_cdf(prior, hi);
  while (below_hi <= slot) {
    lo = hi;
    below_lo = below_hi;
    hi = IDF_MIN(hi + step, prior->hi);
    step *= 2;
    below_hi = idf_prior_cdf(prior, hi);
  }
  while (below_lo > slot) {
    hi = lo;
    below_hi = below_lo;
    lo = IDF_MAX(lo - step, prior->lo);
    step *= 2;
    below_lo = idf_prior_cdf(prior, lo);
  }
  while (hi - lo > bucket) {
    int32_t mid = lo + (((hi - lo) / 2) & ~(bucket - 1));
    uint32_t below_mid = idf_prior_cdf(prior, mid);
    if (below_mid <= slot) {
      lo = mid;
      below_lo = below_mid;
    } else {
      hi = mid;
      below_hi = below_mid;
    }
  }
  *in = (idf_interval){below_lo, below_hi - below_lo};
  return lo;
}

unsigned idf_prior_escape_bits(const idf_prior *prior)
{
  uint32_t range = (uint32_t)(prior->max - prior->min);
  return range == 0 ? 0 : idf_top_bit(range) + 1;
}

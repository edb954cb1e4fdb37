/* SPDX-License-Identifier: BSD-3-Clause
 *
 * prior.c: the one place that turns parameters into intervals.
 *
 * Every count is i + F(b) * (total - buckets) / 65536 for bucket i that starts at sample
 * b: the first term keeps each alive, the second is the logistic; both never fall, the
 * first grows by one, so intervals are never empty and tile exactly.
 */
#include "prior.h"

#include "tables.h"

#define FINE_SPAN 510  /* max - min up to here: buckets of one sample, as occur.h needs */
#define FINE_SCALE 64  /* scale 8: at least this many buckets to a scale */

void idf_prior_set(idf_prior *prior, int32_t mu, int32_t scale, int32_t min, int32_t max)
{
  mu = idf_clamp(mu, min * (1 << IDF_Q_MU), max * (1 << IDF_Q_MU));
  prior->centre = idf_round_q(mu, IDF_Q_MU);
  prior->frac = mu - prior->centre * (1 << IDF_Q_MU);
  prior->scale = (uint16_t)idf_clamp(scale, 0, IDF_SCALES - 1);
  prior->min = min;
  prior->max = max;
  prior->shift = max - min <= FINE_SPAN || prior->scale < FINE_SCALE
                     ? 0 : (uint16_t)((prior->scale - FINE_SCALE) >> 3);
  const int32_t reach = idf_scale_reach[prior->scale], mask = (1 << prior->shift) - 1;
  prior->lo = min + (IDF_MAX(0, prior->centre - reach - min) & ~mask);
  prior->hi = min + ((IDF_MIN(max, prior->centre + reach - 1) - min + 1 + mask) & ~mask);
  bool whole = prior->lo == min && prior->hi > max;
  prior->total = IDF_FREQ_ONE - (whole ? 0 : IDF_ESCAPE_SIZE);
}

int32_t idf_prior_argument(const idf_prior *prior, int32_t d)
{
  const int32_t reach = IDF_LOGISTIC_REACH << 10;
  int64_t a = ((int64_t)d * idf_scale_mantissa[prior->scale]) >> idf_scale_shift[prior->scale];
  return a < -reach ? -reach : a > reach ? reach : (int32_t)a;
}

uint32_t idf_logistic(int32_t a)
{
  uint32_t at = (uint32_t)(a + (IDF_LOGISTIC_REACH << 10)), i = at >> 6, f = at & 63;
  uint32_t c = (uint32_t)idf_logistic_table[i];
  return c + ((((uint32_t)idf_logistic_table[i + 1] - c) * f) >> 6);
}

/* F at the boundary below sample b, in [0, 65536]. */
static uint32_t below(const idf_prior *prior, int32_t b)
{
  int32_t d = (b - prior->centre) * (1 << IDF_Q_MU) - (1 << (IDF_Q_MU - 1)) - prior->frac;
  return idf_logistic(idf_prior_argument(prior, d));
}

uint32_t idf_prior_cdf(const idf_prior *prior, int32_t b)
{
  if (b <= prior->lo)
    return 0;
  if (b >= prior->hi)
    return prior->total;
  uint32_t spread = prior->total - ((uint32_t)(prior->hi - prior->lo) >> prior->shift);
  return ((uint32_t)(b - prior->lo) >> prior->shift)
         + (uint32_t)(((uint64_t)below(prior, b) * spread) >> 16);
}

int32_t idf_prior_find(const idf_prior *prior, uint32_t slot)
{
  /* Gallop from the centre, where the mass is, then bisect: cdf(lo) <= slot < cdf(hi). */
  const int32_t bucket = 1 << prior->shift;
  int32_t lo = prior->lo, hi = prior->hi, step = bucket;
  int32_t at = lo + ((idf_clamp(prior->centre, lo, hi - 1) - lo) & ~(bucket - 1));
  if (idf_prior_cdf(prior, at) <= slot) {
    lo = at;
    while (hi - lo > step && idf_prior_cdf(prior, lo + step) <= slot) {
      lo += step;
      step *= 2;
    }
    hi = IDF_MIN(hi, lo + step);
  } else {
    hi = at;
    while (hi - lo > step && idf_prior_cdf(prior, hi - step) > slot) {
      hi -= step;
      step *= 2;
    }
    lo = IDF_MAX(lo, hi - step);
  }
  while (hi - lo > bucket) {
    int32_t mid = lo + (((hi - lo) / 2) & ~(bucket - 1));
    if (idf_prior_cdf(prior, mid) <= slot)
      lo = mid;
    else
      hi = mid;
  }
  return lo;
}

unsigned idf_prior_escape_bits(const idf_prior *prior)
{
  uint32_t range = (uint32_t)(prior->max - prior->min);
  return range == 0 ? 0 : idf_top_bit(range) + 1;
}

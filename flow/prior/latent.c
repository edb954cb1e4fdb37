/* SPDX-License-Identifier: BSD-3-Clause
 *
 * latent.c: turns one latent into rANS symbols and back.
 * idf(5), "PRIOR".
 */
#include "latent.h"

#include <math.h>

#include "occur.h"

/* Scales [below, below + size) of `mass` counts to 65536 counts. 0 < size, below + size <= mass. */
static idf_interval stretch(uint32_t below, uint32_t size, uint32_t mass)
{
  uint64_t start = ((uint64_t)below << IDF_FREQ_BITS) / mass;
  uint64_t end = ((uint64_t)(below + size) << IDF_FREQ_BITS) / mass;
  return (idf_interval){(uint32_t)start, (uint32_t)(end - start)};
}

/* For reports only: no sample depends on this floating-point number. */
static void add_cost(double *bits, uint32_t size)
{
  if (bits)
    *bits += IDF_FREQ_BITS - log2((double)size);
}

static bool is_seen(const idf_site *site, int32_t sample)
{
  return sample >= site->prior.lo && sample < site->prior.hi
         && idf_occur_has(site->seen, (uint32_t)(sample - site->prior.min));
}

static void put_escape(idf_rans_enc *enc, unsigned lane, const idf_site *site, int32_t sample)
{
  unsigned left = idf_prior_escape_bits(&site->prior);
  uint32_t v = (uint32_t)(sample - site->prior.min);
  for (; left > 16; left -= 16, v >>= 16)
    idf_rans_put_bits(enc, lane, v & 0xffff, 16);
  idf_rans_put_bits(enc, lane, v, left);
}

static int32_t get_escape(idf_rans_dec *dec, unsigned lane, const idf_site *site, double *bits)
{
  unsigned left = idf_prior_escape_bits(&site->prior), low = left > 16 ? 16 : left;
  if (bits)
    *bits += left;
  uint32_t v = idf_rans_bits(dec, lane, low);
  if (left > 16)
    v |= idf_rans_bits(dec, lane, left - 16) << 16;
  return site->prior.min + (int32_t)v;
}

void idf_latent_put(idf_rans_enc *enc, unsigned lane, const idf_site *site, int32_t sample)
{
  const idf_prior *prior = &site->prior;
  const int32_t bucket = 1 << prior->shift, low = (sample - prior->min) & (bucket - 1);
  const int32_t first = sample - low;
  bool inside = sample >= prior->lo && sample < prior->hi;
  uint32_t below = inside ? idf_prior_cdf(prior, first) : prior->total;
  uint32_t size = inside ? idf_prior_cdf(prior, first + bucket) - below : IDF_ESCAPE_SIZE;
  idf_interval in = {below, size};
  if (site->seen) {
    bool seen = is_seen(site, sample);
    idf_interval flag = idf_bit_interval(&site->flag, seen);
    idf_rans_put(enc, lane, flag);
    in = seen ? stretch(site->seen_below, size, site->seen_mass)
              : stretch(below - site->seen_below, size, IDF_FREQ_ONE - site->seen_mass);
  }
  idf_rans_put(enc, lane, in);
  if (!inside)
    put_escape(enc, lane, site, sample);
  else if (prior->shift != 0)
    idf_rans_put_bits(enc, lane, (uint32_t)low, prior->shift);
}

/* Finds the sample, within the class "seen" or "unseen", whose scaled interval holds slot; *in is
 * that interval. prior->hi stands for the escape. The search skips whole runs of the class, then
 * bisects the run that holds the slot. */
static int32_t find_in_class(const idf_site *site, bool seen, uint32_t slot, idf_interval *in)
{
  const idf_prior *prior = &site->prior;
  const uint32_t mass = seen ? site->seen_mass : IDF_FREQ_ONE - site->seen_mass;
  const uint32_t end = (uint32_t)(prior->hi - prior->min);
  uint32_t below = 0;
  uint32_t from = idf_occur_seek(site->seen, (uint32_t)(prior->lo - prior->min), end, seen);
  while (from < end) {
    uint32_t to = idf_occur_seek(site->seen, from, end, !seen);
    int32_t lo = prior->min + (int32_t)from, hi = prior->min + (int32_t)to;
    const uint32_t base = idf_prior_cdf(prior, lo);
    uint32_t size = idf_prior_cdf(prior, hi) - base;
    const idf_interval run = stretch(below, size, mass);
    if (slot < run.start + run.size) {
      while (hi - lo > 1) {
        int32_t mid = lo + (hi - lo) / 2;
        uint32_t at = below + idf_prior_cdf(prior, mid) - base;
        if (((uint64_t)at << IDF_FREQ_BITS) / mass <= slot)
          lo = mid;
        else
          hi = mid;
      }
      uint32_t at = idf_prior_cdf(prior, lo);
      *in = stretch(below + at - base, idf_prior_cdf(prior, lo + 1) - at, mass);
      return lo;
    }
    below += size;
    from = idf_occur_seek(site->seen, to, end, seen);
  }
  *in = stretch(below, IDF_ESCAPE_SIZE, mass);
  return prior->hi;
}

int32_t idf_latent_get(idf_rans_dec *dec, unsigned lane, const idf_site *site, double *bits)
{
  const idf_prior *prior = &site->prior;
  int32_t sample;
  idf_interval in;
  if (site->seen) {
    int seen = idf_bit_value(&site->flag, idf_rans_peek(dec, lane));
    idf_interval flag = idf_bit_interval(&site->flag, seen);
    add_cost(bits, flag.size);
    idf_rans_take(dec, lane, flag);
    sample = find_in_class(site, seen, idf_rans_peek(dec, lane), &in);
  } else {
    uint32_t slot = idf_rans_peek(dec, lane);
    if (slot < prior->total) {
      sample = idf_prior_find(prior, slot, &in);
    } else {
      sample = prior->hi;
      in = (idf_interval){prior->total, IDF_ESCAPE_SIZE};
    }
  }
  add_cost(bits, in.size);
  idf_rans_take(dec, lane, in);
  if (sample == prior->hi)
    return get_escape(dec, lane, site, bits);
  if (prior->shift == 0)
    return sample;
  if (bits)
    *bits += prior->shift;
  return sample + (int32_t)idf_rans_bits(dec, lane, prior->shift);
}

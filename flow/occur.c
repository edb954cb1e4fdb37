/* SPDX-License-Identifier: BSD-3-Clause
 *
 * occur.c: bitmaps of seen colours and the flags that say how much to trust them.
 */
#include "occur.h"

#define MAX_VALUES 511

static size_t values(const idf_flow_shape *shape, unsigned plane)
{
  return (size_t)(shape->max[plane] - shape->min[plane]) + 1;
}

static size_t bitmap_words(size_t count)
{
  return (count + 63) / 64;
}

bool idf_occur_fits(const idf_flow_shape *shape)
{
  if (shape->planes != 3)
    return false;
  for (unsigned p = 0; p < 3; p++)
    if (values(shape, p) > MAX_VALUES)
      return false;
  return true;
}

idf_status idf_occur_init(idf_occur *occur, idf_mem *mem, const idf_flow_shape *shape)
{
  *occur = (idf_occur){ .span = values(shape, 1) };
  size_t pairs = values(shape, 0), triples = pairs * occur->span;
  occur->words[0] = bitmap_words(occur->span);
  occur->words[1] = bitmap_words(values(shape, 2));
  for (unsigned p = 0; p < 3; p++)
    occur->min[p] = shape->min[p];
  /* At most 511 * 511 * 8 words: no product overflows. */
  occur->set[0] = idf_alloc(mem, pairs * occur->words[0], sizeof(uint64_t));
  occur->set[1] = idf_alloc(mem, triples * occur->words[1], sizeof(uint64_t));
  if (occur->set[0] == NULL || occur->set[1] == NULL) {
    idf_occur_free(occur, mem);
    return idf_mem_status(mem);
  }
  /* Start by believing the logistic: P(seen) = its mass, at the middle of each context. */
  static const uint16_t start[17] = { 32768, 38496, 43691, 48386, 52429, 55706, 58254,
                                      60168, 61681, 62780, 63550, 64133, 64527, 64822,
                                      65027, 65176, 65280 };
  for (int i = 0; i < 2; i++)
    for (int s = 0; s < 2; s++)
      for (int c = 0; c < IDF_OCCUR_CONTEXTS; c++)
        idf_bit_init(&occur->flag[i][s][c],
                     c >= 16 ? start[c - 16] : 65536u - start[16 - c]);
  return IDF_OK;
}

void idf_occur_free(idf_occur *occur, idf_mem *mem)
{
  for (int i = 0; i < 2; i++) {
    idf_free(mem, occur->set[i]);
    occur->set[i] = NULL;
  }
}

/* What the prior gives seen samples below b: two counts a run of them. */
static uint32_t mass_below(const idf_prior *prior, const uint64_t *seen, int32_t b)
{
  uint32_t mass = 0, end = (uint32_t)(b - prior->min);
  uint32_t from = idf_occur_seek(seen, (uint32_t)(prior->lo - prior->min), end, true);
  while (from < end) {
    uint32_t to = idf_occur_seek(seen, from, end, false);
    mass += idf_prior_cdf(prior, prior->min + (int32_t)to)
            - idf_prior_cdf(prior, prior->min + (int32_t)from);
    from = idf_occur_seek(seen, to, end, true);
  }
  return mass;
}

uint32_t idf_occur_below(const idf_site *site, int32_t b)
{
  return mass_below(&site->prior, site->seen, b);
}

idf_bit *idf_occur_site(idf_occur *occur, unsigned plane, const int32_t *earlier, int side,
                        idf_site *site)
{
  size_t at = (size_t)(earlier[0] - occur->min[0]);
  if (plane == 2)
    at = at * occur->span + (size_t)(earlier[1] - occur->min[1]);
  site->seen = occur->set[plane - 1] + at * occur->words[plane - 1];
  site->seen_mass = mass_below(&site->prior, site->seen, site->prior.hi);
  if (site->seen_mass == 0 || site->seen_mass == IDF_FREQ_ONE) {
    site->seen = NULL; /* one class is empty: nothing to say */
    return NULL;
  }
  /* Log odds in half octaves, clamped to +-8 octaves. */
  int32_t odds = (int32_t)idf_log2_q8(site->seen_mass)
                 - (int32_t)idf_log2_q8(IDF_FREQ_ONE - site->seen_mass);
  idf_bit *flag = &occur->flag[plane - 1][side][idf_clamp((odds + 64) >> 7, -16, 16) + 16];
  site->flag = *flag;
  return flag;
}

void idf_occur_add(idf_occur *occur, const int32_t colour[IDF_FLOW_PLANES])
{
  size_t v0 = (size_t)(colour[0] - occur->min[0]), v1 = (size_t)(colour[1] - occur->min[1]);
  size_t v2 = (size_t)(colour[2] - occur->min[2]);
  occur->set[0][v0 * occur->words[0] + (v1 >> 6)] |= (uint64_t)1 << (v1 & 63);
  occur->set[1][(v0 * occur->span + v1) * occur->words[1] + (v2 >> 6)] |= (uint64_t)1 << (v2 & 63);
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_sites.c: blocks of sites against one site at a time, in 64 bits and without the tricks
 * that blocks need; intervals against prior.h; at every level.
 */
#include "sites.h"

#include <stddef.h>
#include <string.h>

#include "flowkit.h"
#include "levelkit.h"

int idf_suite_sites(void);

/* Ranges of samples and units that tiles have: fine ones first. */
static const int32_t planes[][3] = {
    {0, 255, 0},   {-255, 255, 0},     {0, 1, 0},    {7, 7, 0},        {0, 300, 0},
    {0, 65535, 8}, {-65536, 65536, 8}, {0, 1023, 2}, {-4095, 4095, 4}, {-65536, 65536, 0}};
#define PLANES (sizeof planes / sizeof *planes)
#define FINE 5

static void random_sites(idf_sites *s, idf_unit_random *r, const int32_t plane[3])
{
  const int32_t min = plane[0], max = plane[1];
  memset(s, 0x55, sizeof *s);
  s->min = min;
  s->max = max;
  s->unit = plane[2];
  s->fine = max - min <= IDF_FINE_SPAN && s->unit == 0;
  const bool ends = (idf_unit_next(r) & 3) == 0;
  for (int i = 0; i < IDF_SITES; i++) {
    s->local[i] = flowkit_between(r, min * 64, max * 64);
    s->wide[i] =
        ends ? 64 * (idf_unit_next(r) & 1 ? min : max) : flowkit_between(r, min * 64, max * 64);
    s->level[i] = ends ? (idf_unit_next(r) & 1 ? 1 : 8192)
                       : flowkit_between(r, 1, 1 << idf_unit_below(r, 14));
    s->octaves[i] = (int32_t)idf_log2_q8((uint32_t)s->level[i]);
    s->mean[i] = flowkit_between(r, min, max);
    s->sample[i] = ends ? (idf_unit_next(r) & 1 ? min : max) : flowkit_between(r, min, max);
    s->mu[i] = flowkit_between(r, min * 64, max * 64);
    s->scale[i] = (int32_t)idf_unit_below(r, IDF_SCALES);
    for (int o = 0; o < IDF_NET_OUTPUTS; o++) /* sums of 256 inputs and what refines them */
      s->out[o][i] =
          ends ? flowkit_between(r, -2000000000, 2000000000) : flowkit_between(r, -200000, 200000);
  }
}

static int64_t floor_shift(int64_t v, int bits)
{
  const int64_t d = (int64_t)1 << bits;
  return v >= 0 ? v / d : -((-v + d - 1) / d);
}

static int64_t bounded(int64_t v, int64_t lo, int64_t hi)
{
  return v < lo ? lo : v > hi ? hi : v;
}

/* 9 log2(v) by counting zeros. */
static int32_t log_code(int32_t v)
{
  return (int32_t)(idf_log2_q8((uint32_t)v) * 9 / 256);
}

static int random_block(idf_unit_random *r)
{
  return IDF_BLOCK * (int)idf_unit_below(r, IDF_SITES / IDF_BLOCK);
}

/* Whatever a function writes, lanes of other blocks stay what they were: all members that it
 * may write, in turn, are taken from the block; then nothing may differ. */
static bool only_block(const idf_sites *after, const idf_sites *before, int from,
                       const size_t *members, int count)
{
  idf_sites expected = *before;
  for (int m = 0; m < count; m++) {
    const size_t at = members[m] + (size_t)from * sizeof(int32_t);
    memcpy((char *)&expected + at, (const char *)after + at, IDF_BLOCK * sizeof(int32_t));
  }
  return memcmp(&expected, after, sizeof expected) == 0;
}

#define ONLY_BLOCK(s, before, from, ...)                                                           \
  only_block(s, before, from, (const size_t[]){__VA_ARGS__},                                       \
             (int)(sizeof(size_t[]){__VA_ARGS__} / sizeof(size_t)))
#define IN(member) offsetof(idf_sites, member)

static void logarithms_equal_the_definition_at(const levelkit *at)
{
  idf_unit_random r = idf_unit_random_of(3);
  for (uint32_t round = 0; round < 20000; round++) {
    int32_t v[IDF_BLOCK], have[IDF_BLOCK];
    bool good = true;
    for (uint32_t i = 0; i < IDF_BLOCK; i++) {
      const uint32_t power = 1u << (1 + idf_unit_below(&r, 24));
      v[i] = (int32_t)(round < 9000 ? 1 + round * IDF_BLOCK + i /* all that fits 17 bits */
                       : i % 2      ? power - 1
                                    : 1 + idf_unit_below(&r, power - 1));
    }
    at->log2(v, have);
    for (int i = 0; i < IDF_BLOCK; i++)
      good = good && have[i] == (int32_t)idf_log2_q8((uint32_t)v[i]);
    IDF_UNIT_SEEDED(&r, good);
  }
}

static void every_level_of_errors_has_its_logarithm_at(const levelkit *at)
{
  idf_sites s = {.unit = 0};
  for (int32_t first = 1; first <= 8192; first += IDF_SITES) {
    for (int i = 0; i < IDF_SITES; i++) {
      s.level[i] = first + i;
      s.octaves[i] = (int32_t)idf_log2_q8((uint32_t)(first + i));
      s.sample[i] = 0;
      s.local[i] = -4 * (first + i - 1); /* Q6: an error of first + i - 1 in Q4 */
    }
    for (int from = 0; from < IDF_SITES; from += IDF_BLOCK) {
      at->show(&s, from);
      at->settle(&s, from);
    }
    for (int i = 0; i < IDF_SITES; i++) {
      CU_ASSERT_EQUAL(s.show_level[i], log_code(first + i));
      CU_ASSERT_EQUAL(s.error_code[i], log_code(first + i));
      CU_ASSERT_EQUAL(s.show_level[i], flowkit_log_code((uint32_t)(first + i)));
    }
  }
}

static void what_is_shown_is_what_was_predicted_at(const levelkit *at)
{
  for (uint64_t seed = 0; seed < 400; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    idf_sites s, before;
    random_sites(&s, &r, planes[seed % PLANES]);
    before = s;
    const int from = random_block(&r);
    at->show(&s, from);
    bool good = ONLY_BLOCK(&s, &before, from, IN(show_local), IN(show_wide), IN(show_level));
    for (int i = from; i < from + IDF_BLOCK; i++) {
      /* Q6 samples to Q2 units; idf_compress knows +-512. */
      int64_t local = floor_shift((int64_t)s.local[i] - (int64_t)s.mean[i] * 64, 4 + s.unit);
      int64_t wide = floor_shift((int64_t)s.wide[i] - s.local[i], 4 + s.unit);
      good = good && s.show_local[i] == idf_compress((int32_t)local)
             && s.show_wide[i] == idf_compress((int32_t)wide)
             && s.show_level[i] == log_code(s.level[i]);
    }
    IDF_UNIT_SEEDED(&r, good);
  }
}

static int64_t round_shift(int64_t v, int bits)
{
  return floor_shift(v + ((int64_t)1 << (bits - 1)), bits);
}

static void proposals_equal_those_of_64_bits_at(const levelkit *at)
{
  for (uint64_t seed = 0; seed < 600; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    idf_sites s;
    random_sites(&s, &r, planes[seed % PLANES]);
    const idf_sites before = s;
    const int from = random_block(&r);
    at->propose(&s, from);
    bool good = ONLY_BLOCK(&s, &before, from, IN(mu), IN(scale));
    for (int i = from; i < from + IDF_BLOCK; i++) {
      /* Gate Q6 in [-1/2, 3/2], half way at first; shift Q8 in [-4, 4]; eighths of octaves. */
      int64_t gate = bounded(32 + round_shift(s.out[IDF_OUT_GATE][i], 9), -32, 96);
      int64_t shift = bounded(round_shift(s.out[IDF_OUT_SHIFT][i], 7), -1024, 1024);
      int64_t octaves = bounded(round_shift(s.out[IDF_OUT_SCALE][i], 12), -168, 168);
      int64_t mu = s.local[i] + floor_shift(gate * ((int64_t)s.wide[i] - s.local[i]), 6);
      /* Q8 + Q4 of units to Q6 of samples: 6 bits less, `unit` bits more. */
      mu += s.unit <= 6 ? floor_shift(shift * s.level[i], 6 - s.unit)
                        : shift * s.level[i] * ((int64_t)1 << (s.unit - 6));
      int64_t eighths = (int64_t)idf_log2_q8((uint32_t)s.level[i]) / 32;
      int64_t scale = bounded(40 + 8 * s.unit - 32 + eighths + octaves, 0, 167);
      good = good && s.mu[i] == mu && s.scale[i] == scale;
    }
    IDF_UNIT_SEEDED(&r, good);
  }
}

static idf_prior prior_of(const idf_sites *s, int i)
{
  idf_prior prior;
  idf_prior_set(&prior, s->mu[i], s->scale[i], s->min, s->max);
  return prior;
}

static void bounds_are_those_of_the_prior_at(const levelkit *at)
{
  for (uint64_t seed = 0; seed < 1000; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    idf_sites s;
    random_sites(&s, &r, planes[seed % FINE]);
    const idf_sites before = s;
    const int from = random_block(&r);
    at->centre(&s, from);
    bool good = ONLY_BLOCK(&s, &before, from, IN(centre));
    at->kernels->sites_bound(&s, from);
    good =
        good && ONLY_BLOCK(&s, &before, from, IN(centre), IN(frac), IN(lowest), IN(end), IN(total));
    for (int i = from; i < from + IDF_BLOCK; i++) {
      const idf_prior p = prior_of(&s, i);
      good = good && p.shift == 0 && s.centre[i] == p.centre && s.frac[i] == p.frac
             && s.lowest[i] == p.lo && s.end[i] == p.hi && s.total[i] == (int32_t)p.total;
    }
    IDF_UNIT_SEEDED(&r, good);
  }
}

static void weights_are_intervals_of_the_prior_at(const levelkit *at)
{
  for (uint64_t seed = 0; seed < 1000; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    idf_sites s;
    random_sites(&s, &r, planes[seed % FINE]);
    const int from = random_block(&r);
    at->centre(&s, from);
    at->kernels->sites_bound(&s, from);
    if (seed % 4 == 0) /* mostly some sample is outside */
      for (int i = from; i < from + IDF_BLOCK; i++)
        s.sample[i] = idf_clamp(s.sample[i], s.lowest[i], s.end[i] - 1);
    s.odd = seed % 3 == 0;
    if (seed % 8 == 0) /* one outside, in a lane that has no sample or has */
      s.sample[from + (int)(seed / 8 % IDF_BLOCK)] = s.max + 1;
    for (int i = from; i < from + IDF_BLOCK; i++)
      s.live[i] = s.sample[i] > s.max && seed % 16 == 0 ? 0 : -1;
    idf_sites before = s;
    at->kernels->sites_weigh(&s, from);
    bool good = true, odd = before.odd;
    for (int i = from; i < from + IDF_BLOCK; i++) {
      const idf_prior p = prior_of(&s, i);
      const int32_t first = idf_clamp(s.sample[i], p.lo, p.hi - 1);
      const uint32_t below = idf_prior_cdf(&p, first), above = idf_prior_cdf(&p, first + 1);
      good = good && s.first[i] == first && s.below[i] == (int32_t)below
             && s.above[i] == (int32_t)above && above > below
             && s.record[IDF_SITES - 1 - i] == (below | (above - below - 1) << 16);
      before.record[IDF_SITES - 1 - i] = s.record[IDF_SITES - 1 - i];
      odd = odd || (s.live[i] && first != s.sample[i]);
    }
    good = good && s.odd == odd;
    before.odd = s.odd;
    good = good && ONLY_BLOCK(&s, &before, from, IN(first), IN(below), IN(above));
    IDF_UNIT_SEEDED(&r, good);
  }
}

/* A guess is right, and then what idf_prior_find finds; or its interval tells that it is not. */
static void guesses_are_right_or_say_so_at(const levelkit *at)
{
  unsigned long right = 0, all = 0;
  for (uint64_t seed = 0; seed < 1000; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    idf_sites s;
    random_sites(&s, &r, planes[seed % FINE]);
    const int from = random_block(&r);
    at->centre(&s, from);
    at->kernels->sites_bound(&s, from);
    for (int i = 0; i < IDF_SITES; i++)
      s.slot[i] = (int32_t)idf_unit_below(&r, IDF_FREQ_ONE);
    const idf_sites before = s;
    at->kernels->sites_guess(&s, from);
    bool good = ONLY_BLOCK(&s, &before, from, IN(first), IN(below), IN(above));
    for (int i = from; i < from + IDF_BLOCK; i++) {
      const idf_prior p = prior_of(&s, i);
      const uint32_t slot = (uint32_t)s.slot[i];
      good = good && s.first[i] >= p.lo && s.first[i] < p.hi
             && s.below[i] == (int32_t)idf_prior_cdf(&p, s.first[i])
             && s.above[i] == (int32_t)idf_prior_cdf(&p, s.first[i] + 1);
      const bool hit = s.slot[i] >= s.below[i] && s.slot[i] < s.above[i];
      idf_interval in;
      if (slot < p.total) { /* else it is an escape, and no interval holds it */
        const int32_t x = idf_prior_find(&p, slot, &in);
        good = good && hit == (x == s.first[i]);
        right += hit;
        all++;
      } else {
        good = good && !hit;
      }
    }
    IDF_UNIT_SEEDED(&r, good);
  }
  /* Slots at random are as likely as samples are. */
  CU_ASSERT_TRUE(right * 10 > all * 6);
}

static void what_is_left_behind_equals_64_bits_at(const levelkit *at)
{
  for (uint64_t seed = 0; seed < 600; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    idf_sites s;
    random_sites(&s, &r, planes[seed % PLANES]);
    const idf_sites before = s;
    const int from = random_block(&r);
    at->settle(&s, from);
    bool good = ONLY_BLOCK(&s, &before, from, IN(error), IN(error_code), IN(error_sign), IN(miss),
                           IN(relative), IN(offset));
    for (int i = from; i < from + IDF_BLOCK; i++) {
      const int64_t sample = (int64_t)s.sample[i] * 64, error = sample - s.local[i];
      const int64_t size = bounded(floor_shift(error < 0 ? -error : error, 2 + s.unit), 0, 8191);
      good = good && s.error[i] == size && s.error_code[i] == log_code((int32_t)size + 1)
             && s.error_sign[i] == idf_compress((int32_t)floor_shift(error, 4 + s.unit))
             && s.miss[i] == idf_compress((int32_t)floor_shift(sample - s.mu[i], 4 + s.unit))
             && s.offset[i]
                    == idf_compress((int32_t)floor_shift((int64_t)s.sample[i] - s.mean[i], s.unit))
             && s.relative[i] == s.scale[i] - IDF_SCALE_ONE - 8 * s.unit;
      /* What a field and a head have room for. */
      good = good && s.error_code[i] <= 117 && s.error_sign[i] >= -127 && s.error_sign[i] <= 127
             && s.relative[i] >= -127 && s.relative[i] <= 127;
    }
    IDF_UNIT_SEEDED(&r, good);
  }
}

/* With bounds where they are fine, else from location and scale: the same prior. */
static void priors_are_those_of_their_site_at(const levelkit *at)
{
  for (uint64_t seed = 0; seed < 400; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    idf_sites s;
    random_sites(&s, &r, planes[seed % PLANES]);
    const int from = random_block(&r);
    const idf_sites before = s;
    at->centre(&s, from);
    bool good = ONLY_BLOCK(&s, &before, from, IN(centre));
    if (s.fine)
      at->kernels->sites_bound(&s, from);
    for (int i = from; i < from + IDF_BLOCK; i++) {
      const idf_prior want = prior_of(&s, i);
      idf_prior have;
      at->prior(&s, i, &have);
      good = good && have.centre == want.centre && have.frac == want.frac && have.lo == want.lo
             && have.hi == want.hi && have.min == want.min && have.max == want.max
             && have.total == want.total && have.scale == want.scale && have.shift == want.shift
             && s.centre[i] == round_shift(s.mu[i], 6);
    }
    IDF_UNIT_SEEDED(&r, good);
  }
}

/* Bitmaps: empty, full, sparse, half, only the ends of the range. */
static bool marked(idf_unit_random *r, uint64_t kind, int32_t v, int32_t min, int32_t max)
{
  switch (kind % 5) {
  case 0:
    return false;
  case 1:
    return true;
  case 2:
    return idf_unit_below(r, 30) == 0;
  case 3:
    return (idf_unit_next(r) & 1) != 0;
  default:
    return v == min || v == max;
  }
}

static void seen_counts_are_sums_over_samples_at(const levelkit *at)
{
  static const int32_t range[][2] = {{-255, 255}, {0, 510}, {0, 255}, {0, 63}, {0, 0}};
  unsigned some = 0;
  for (uint64_t seed = 0; seed < 100; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    const int32_t *span = range[seed / 5 % 5];
    const int32_t plane[3] = {span[0], span[1], 0};
    uint64_t seen[9] = {0};
    idf_sites s;
    random_sites(&s, &r, plane);
    for (int k = 0; k < 4; k++) /* at both ends, narrow and wide */
      s.mu[k] = 64 * span[k % 2], s.scale[k] = k < 2 ? 0 : IDF_SCALES - 1;
    for (int32_t v = s.min; v <= s.max; v++)
      if (marked(&r, seed, v, s.min, s.max))
        seen[(v - s.min) / 64] |= (uint64_t)1 << ((v - s.min) % 64);
    for (int from = 0; from < IDF_SITES; from += IDF_BLOCK) {
      at->centre(&s, from);
      at->kernels->sites_bound(&s, from);
    }
    bool good = true;
    for (int k = 0; k < IDF_SITES; k++) {
      idf_prior p;
      uint32_t sum = 0;
      at->prior(&s, k, &p);
      const uint32_t all = at->seen(&s, k, seen, p.hi).below;
      for (int32_t b = p.lo; b <= p.hi; b++) {
        const idf_seen_mass mass = at->seen(&s, k, seen, b);
        good = good && mass.below == sum && mass.all == all;
        const uint32_t i = (uint32_t)(b - s.min);
        if (b < p.hi && (seen[i / 64] >> i % 64 & 1) != 0)
          sum += idf_prior_cdf(&p, b + 1) - idf_prior_cdf(&p, b);
      }
      good = good && sum == all;
      some += sum > 0;
    }
    IDF_UNIT_SEEDED(&r, good);
  }
  CU_ASSERT_TRUE(some > 1000);
}

LEVELKIT_TEST(seen_counts_are_sums_over_samples)
LEVELKIT_TEST(logarithms_equal_the_definition)
LEVELKIT_TEST(priors_are_those_of_their_site)
LEVELKIT_TEST(every_level_of_errors_has_its_logarithm)
LEVELKIT_TEST(what_is_shown_is_what_was_predicted)
LEVELKIT_TEST(proposals_equal_those_of_64_bits)
LEVELKIT_TEST(bounds_are_those_of_the_prior)
LEVELKIT_TEST(weights_are_intervals_of_the_prior)
LEVELKIT_TEST(guesses_are_right_or_say_so)
LEVELKIT_TEST(what_is_left_behind_equals_64_bits)

int idf_suite_sites(void)
{
  static const idf_unit_test tests[] = {
      {"logarithms equal the definition", logarithms_equal_the_definition},
      {"priors are those of their site", priors_are_those_of_their_site},
      {"every level of errors has its logarithm", every_level_of_errors_has_its_logarithm},
      {"what is shown is what was predicted", what_is_shown_is_what_was_predicted},
      {"proposals equal those of 64 bits", proposals_equal_those_of_64_bits},
      {"bounds are those of the prior", bounds_are_those_of_the_prior},
      {"weights are intervals of the prior", weights_are_intervals_of_the_prior},
      {"seen counts are sums over samples", seen_counts_are_sums_over_samples},
      {"guesses are right or say so", guesses_are_right_or_say_so},
      {"what is left behind equals 64 bits", what_is_left_behind_equals_64_bits},
      {NULL, NULL}};
  return idf_unit_suite("sites", tests);
}

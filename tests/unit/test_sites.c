/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_sites.c: rows of sites against one site at a time, in 64 bits and without the tricks
 * that rows need; intervals against prior.h; at every level.
 */
#include "sites.h"

#include <string.h>

#include "flowkit.h"
#include "levelkit.h"

int idf_suite_sites(void);

/* Ranges of samples and units that tiles have: fine ones first. */
static const int32_t planes[][3] = {{0, 255, 0}, {-255, 255, 0}, {0, 1, 0},       {7, 7, 0},
                                    {0, 300, 0}, {0, 65535, 8},  {-65536, 65536, 8}, {0, 1023, 2},
                                    {-4095, 4095, 4}, {-65536, 65536, 0}};
#define PLANES (sizeof planes / sizeof *planes)
#define FINE 5

static void random_sites(idf_sites *s, idf_unit_random *r, const int32_t plane[3])
{
  const int32_t min = plane[0], max = plane[1];
  memset(s, 0x55, sizeof *s);
  s->n = IDF_SITES_BLOCK * (1 + (int)idf_unit_below(r, IDF_SITES / IDF_SITES_BLOCK));
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

/* What lies past the sites asked for stays what it was. */
static bool untouched(const int32_t *row, const int32_t *before, int n)
{
  return memcmp(row + n, before + n, (size_t)(IDF_SITES - n) * sizeof *row) == 0;
}

static void every_level_of_errors_has_its_logarithm_at(const levelkit *at)
{
  idf_sites s = { .n = IDF_SITES };
  for (int32_t first = 1; first <= 8192; first += IDF_SITES) {
    for (int i = 0; i < IDF_SITES; i++) {
      s.level[i] = first + i;
      s.sample[i] = 0;
      s.local[i] = -4 * (first + i - 1); /* Q6: an error of first + i - 1 in Q4 */
    }
    at->show(&s);
    at->settle(&s);
    for (int i = 0; i < IDF_SITES; i++) {
      CU_ASSERT_EQUAL(s.show_level[i], log_code(first + i));
      CU_ASSERT_EQUAL(s.error_code[i], log_code(first + i));
      CU_ASSERT_EQUAL(s.show_level[i], idf_log_code((uint32_t)(first + i)));
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
    at->show(&s);
    bool good = untouched(s.show_local, before.show_local, s.n)
                && untouched(s.show_wide, before.show_wide, s.n)
                && untouched(s.show_level, before.show_level, s.n);
    for (int i = 0; i < s.n; i++) {
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
    at->propose(&s);
    bool good = untouched(s.mu, before.mu, s.n) && untouched(s.scale, before.scale, s.n);
    for (int i = 0; i < s.n; i++) {
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
    at->bound(&s);
    bool good = untouched(s.lo, before.lo, s.n) && untouched(s.hi, before.hi, s.n)
                && untouched(s.centre, before.centre, s.n) && untouched(s.frac, before.frac, s.n)
                && untouched(s.total, before.total, s.n);
    for (int i = 0; i < s.n; i++) {
      const idf_prior p = prior_of(&s, i);
      good = good && p.shift == 0 && s.centre[i] == p.centre && s.frac[i] == p.frac
             && s.lo[i] == p.lo && s.hi[i] == p.hi && s.total[i] == (int32_t)p.total;
    }
    IDF_UNIT_SEEDED(&r, good);
  }
}

static void weights_are_intervals_of_the_prior_at(const levelkit *at)
{
  CU_ASSERT_TRUE(at->kernels->sites_weigh == at->weigh);
  for (uint64_t seed = 0; seed < 1000; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    idf_sites s;
    random_sites(&s, &r, planes[seed % FINE]);
    at->bound(&s);
    const idf_sites before = s;
    at->weigh(&s);
    bool good = untouched(s.first, before.first, s.n) && untouched(s.below, before.below, s.n)
                && untouched(s.above, before.above, s.n);
    for (int i = 0; i < s.n; i++) {
      const idf_prior p = prior_of(&s, i);
      const int32_t first = idf_clamp(s.sample[i], p.lo, p.hi - 1);
      good = good && s.first[i] == first && s.below[i] == (int32_t)idf_prior_cdf(&p, first)
             && s.above[i] == (int32_t)idf_prior_cdf(&p, first + 1) && s.above[i] > s.below[i];
    }
    IDF_UNIT_SEEDED(&r, good);
  }
}

/* A guess is right, and then what idf_prior_find finds; or its interval tells that it is not. */
static void guesses_are_right_or_say_so_at(const levelkit *at)
{
  unsigned long right = 0, all = 0;
  CU_ASSERT_TRUE(at->kernels->sites_guess == at->guess);
  for (uint64_t seed = 0; seed < 1000; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    idf_sites s;
    random_sites(&s, &r, planes[seed % FINE]);
    s.n = IDF_SITES;
    at->bound(&s);
    for (int i = 0; i < IDF_SITES; i++)
      s.slot[i] = (int32_t)idf_unit_below(&r, IDF_FREQ_ONE);
    const int from = IDF_SITES_BLOCK * (int)(seed % (IDF_SITES / IDF_SITES_BLOCK));
    const idf_sites before = s;
    at->guess(&s, from);
    bool good = true;
    for (int i = 0; i < IDF_SITES; i++) {
      if (i < from || i >= from + IDF_SITES_BLOCK) {
        good = good && s.first[i] == before.first[i] && s.below[i] == before.below[i]
               && s.above[i] == before.above[i];
        continue;
      }
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
    at->settle(&s);
    bool good =
        untouched(s.error, before.error, s.n) && untouched(s.error_code, before.error_code, s.n)
        && untouched(s.error_sign, before.error_sign, s.n) && untouched(s.miss, before.miss, s.n)
        && untouched(s.relative, before.relative, s.n) && untouched(s.offset, before.offset, s.n);
    for (int i = 0; i < s.n; i++) {
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
      {"every level of errors has its logarithm", every_level_of_errors_has_its_logarithm},
      {"what is shown is what was predicted", what_is_shown_is_what_was_predicted},
      {"proposals equal those of 64 bits", proposals_equal_those_of_64_bits},
      {"bounds are those of the prior", bounds_are_those_of_the_prior},
      {"weights are intervals of the prior", weights_are_intervals_of_the_prior},
      {"guesses are right or say so", guesses_are_right_or_say_so},
      {"what is left behind equals 64 bits", what_is_left_behind_equals_64_bits},
      {NULL, NULL}};
  return idf_unit_suite("sites", tests);
}

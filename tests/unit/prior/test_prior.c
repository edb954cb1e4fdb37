/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_prior.c: intervals that tile exactly for every scale and every fraction of the
 * location, and a search that finds each of them from its first slot and its last.
 */
#include "prior.h"

#include <math.h>

#include "flowkit.h"

int idf_suite_prior(void);

typedef struct range {
  int32_t min, max;
} range;

static const range ranges[] = {{0, 0},     {0, 1},     {0, 255},       {-255, 255},
                               {0, 65535}, {7, 59000}, {-65535, 65535}};
#define RANGES ((int)(sizeof ranges / sizeof *ranges))

static int32_t bucket_of(const idf_prior *p)
{
  return 1 << p->shift;
}

/* The first sample of v's bucket. */
static int32_t first_of(const idf_prior *p, int32_t v)
{
  return v - (v - p->min) % bucket_of(p);
}

/* cdf at both ends of the bucket that starts at b, and both ends of that interval found again. */
static bool slot_ends_find(const idf_prior *p, int32_t b)
{
  uint32_t from = idf_prior_cdf(p, b), to = idf_prior_cdf(p, b + bucket_of(p));
  idf_interval first, last;
  return from < to && to <= p->total && idf_prior_find(p, from, &first) == b
         && idf_prior_find(p, to - 1, &last) == b && first.start == from && last.start == from
         && first.size == to - from && last.size == to - from;
}

static bool header_sound(const idf_prior *p, int32_t mu)
{
  bool whole = p->lo == p->min && p->hi > p->max;
  const int32_t bucket = bucket_of(p);
  return p->centre * 64 + p->frac == idf_clamp(mu, p->min * 64, p->max * 64) && p->frac >= -32
         && p->frac <= 31 && p->lo >= p->min && p->hi <= p->max + bucket && p->lo <= p->centre
         && p->centre < p->hi && (p->hi - p->lo) / bucket <= 511 && p->shift <= 12
         && (p->lo - p->min) % bucket == 0 && (p->hi - p->lo) % bucket == 0
         && (p->shift == 0 || (p->max - p->min > 510 && p->scale >= 72))
         && p->total + (whole ? 0 : IDF_ESCAPE_SIZE) == IDF_FREQ_ONE && idf_prior_cdf(p, p->lo) == 0
         && idf_prior_cdf(p, p->hi) == p->total;
}

/* Every bucket. */
static bool tiles(const idf_prior *p)
{
  bool good = true;
  for (int32_t b = p->lo; b < p->hi; b += bucket_of(p))
    good = good && slot_ends_find(p, b);
  return good;
}

static void check_scale(int scale, idf_unit_random *r)
{
  bool sound = true, tile = true;
  for (int k = 0; k < RANGES; k++)
    for (int32_t frac = -32; frac < 32; frac++) {
      int32_t min = ranges[k].min, max = ranges[k].max;
      /* A centre anywhere, and now and then at an end of the range. */
      int32_t centre = frac % 5 == 0 ? min : frac % 7 == 0 ? max : flowkit_between(r, min, max);
      int32_t mu = centre * 64 + frac;
      idf_prior p;
      idf_prior_set(&p, mu, scale, min, max);
      sound = sound && header_sound(&p, mu) && p.scale == scale;
      tile = tile && tiles(&p);
    }
  IDF_UNIT_SEEDED(r, sound);
  IDF_UNIT_SEEDED(r, tile);
}

static void every_scale_and_fraction_tiles(void)
{
  idf_unit_random r = idf_unit_random_of(1);
  for (int scale = 0; scale < IDF_SCALES; scale++)
    check_scale(scale, &r);
}

static void counts_rise_at_every_bucket(void)
{
  for (int scale = 0; scale < IDF_SCALES; scale++) {
    bool rising = true;
    for (int32_t frac = -32; frac <= 31; frac += 21) {
      idf_prior p;
      idf_prior_set(&p, 1000 * 64 + frac, scale, -65535, 65535);
      uint32_t last = 0;
      for (int32_t b = p.lo + bucket_of(&p); b <= p.hi; b += bucket_of(&p)) {
        uint32_t c = idf_prior_cdf(&p, b);
        rising = rising && c > last;
        last = c;
      }
      rising = rising && last == p.total;
    }
    CU_ASSERT_TRUE(rising);
  }
}

static void all_slots_of_some_priors_find_their_sample(void)
{
  static const int scales[] = {0, 40, 70, 100, 140, 167};
  for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
    idf_prior p;
    idf_prior_set(&p, 97 * 64 - 11, scales[i], 0, 4095);
    int32_t b = p.lo;
    bool found = true;
    for (uint32_t slot = 0; slot < p.total; slot++) {
      idf_interval in;
      while (idf_prior_cdf(&p, b + bucket_of(&p)) <= slot)
        b += bucket_of(&p);
      found = found && idf_prior_find(&p, slot, &in) == b;
    }
    CU_ASSERT_TRUE(found);
    CU_ASSERT_EQUAL(b, p.hi - bucket_of(&p));
  }
}

static void wild_parameters_are_clamped(void)
{
  idf_unit_random r = idf_unit_random_of(2);
  for (int i = 0; i < 20000; i++) {
    int32_t min = flowkit_between(&r, -65536, 65536), max = flowkit_between(&r, min, 65536);
    int32_t mu = flowkit_between(&r, -1500000000, 1500000000);
    int32_t scale = flowkit_between(&r, -100000, 100000);
    idf_prior p;
    idf_prior_set(&p, mu, scale, min, max);
    IDF_UNIT_SEEDED(&r, header_sound(&p, mu));
    IDF_UNIT_SEEDED(&r, p.scale == idf_clamp(scale, 0, IDF_SCALES - 1));
    IDF_UNIT_SEEDED(&r, slot_ends_find(&p, p.lo) && slot_ends_find(&p, p.hi - bucket_of(&p))
                            && slot_ends_find(&p, first_of(&p, p.centre)));
  }
}

static double logistic(double v)
{
  return 1 / (1 + exp(-v));
}

/* What coding with the intervals costs beyond the logistic's entropy, in bits a sample; samples
 * of a bucket share its probability evenly. */
static double waste(const idf_prior *p, double mu, double s)
{
  double bits = 0;
  const int32_t bucket = bucket_of(p);
  for (int32_t b = p->lo; b < p->hi; b += bucket) {
    double counts = idf_prior_cdf(p, b + bucket) - (double)idf_prior_cdf(p, b);
    double have = counts / bucket / IDF_FREQ_ONE;
    for (int32_t x = b; x < b + bucket; x++) {
      double want = logistic((x + 0.5 - mu) / s) - logistic((x - 0.5 - mu) / s);
      if (want > 0)
        bits += want * log2(want / have);
    }
  }
  return bits;
}

static void intervals_follow_the_logistic(void)
{
  for (int scale = 0; scale <= 144; scale += 3)
    for (int32_t frac = -32; frac < 32; frac += 9) {
      idf_prior p;
      idf_prior_set(&p, 128 * 64 + frac, scale, -65535, 65535);
      double s = exp2((scale - IDF_SCALE_ONE) / 8.0);
      /* Every bucket within reach keeps one count: 22 s of 65536, s in buckets below 16. */
      CU_ASSERT_TRUE(waste(&p, 128 + frac / 64.0, s) < 0.0005 + 0.0005 * fmin(s, 16));
    }
}

static void narrow_ranges_keep_every_sample_apart(void)
{
  for (int scale = 0; scale < IDF_SCALES; scale++) {
    idf_prior p;
    idf_prior_set(&p, 0, scale, -255, 255);
    CU_ASSERT_EQUAL(p.shift, 0);
    idf_prior_set(&p, 0, scale, -255, 256);
    CU_ASSERT_EQUAL(p.shift, scale < 72 ? 0 : (scale - 64) / 8);
  }
}

static void arguments_and_the_logistic_are_close(void)
{
  double worst = 0;
  for (int32_t a = -16 * 1024; a <= 16 * 1024; a++) {
    int32_t f = idf_logistic(a);
    worst = fmax(worst, fabs(f - 65536 * logistic(a / 1024.0)));
    CU_ASSERT_TRUE(f <= 65536 && (a == -16 * 1024 || f >= idf_logistic(a - 1)));
  }
  CU_ASSERT_TRUE(worst < 5); /* knots 1/16 apart, rounded, then floored */
  CU_ASSERT_TRUE(idf_logistic(-16 * 1024) == 0 && idf_logistic(16 * 1024) == 65536);
  CU_ASSERT_EQUAL(idf_logistic(0), 32768);
  for (int scale = 0; scale < IDF_SCALES; scale++) {
    static const int32_t distances[] = {0, 1, -1, 64, -640, 100000, -100000, 1 << 23, -(1 << 23)};
    idf_prior p;
    idf_prior_set(&p, 0, scale, -65536, 65536);
    for (size_t i = 0; i < sizeof distances / sizeof *distances; i++) {
      double want = 16 * distances[i] / exp2((scale - IDF_SCALE_ONE) / 8.0);
      want = fmax(-16384, fmin(16384, want));
      CU_ASSERT_DOUBLE_EQUAL(idf_prior_argument(&p, distances[i]), want, 1 + fabs(want) / 16384);
    }
  }
}

static void escape_bits_name_any_sample(void)
{
  static const struct {
    int32_t min, max;
    unsigned bits;
  } cases[] = {{0, 0, 0},      {0, 1, 1},           {5, 7, 2},          {0, 255, 8},
               {0, 256, 9},    {-255, 255, 9},      {0, 65535, 16},     {-65535, 65535, 17},
               {0, 65536, 17}, {-65536, 65535, 17}, {-65536, 65536, 18}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    idf_prior p;
    idf_prior_set(&p, 0, 40, cases[i].min, cases[i].max);
    CU_ASSERT_EQUAL(idf_prior_escape_bits(&p), cases[i].bits);
  }
}

int idf_suite_prior(void)
{
  static const idf_unit_test tests[] = {
      {"every scale and fraction tiles", every_scale_and_fraction_tiles},
      {"counts rise at every bucket", counts_rise_at_every_bucket},
      {"all slots of some priors find their sample", all_slots_of_some_priors_find_their_sample},
      {"wild parameters are clamped", wild_parameters_are_clamped},
      {"intervals follow the logistic", intervals_follow_the_logistic},
      {"narrow ranges keep every sample apart", narrow_ranges_keep_every_sample_apart},
      {"arguments and the logistic are close", arguments_and_the_logistic_are_close},
      {"escape bits name any sample", escape_bits_name_any_sample},
      {NULL, NULL}};
  return idf_unit_suite("prior", tests);
}

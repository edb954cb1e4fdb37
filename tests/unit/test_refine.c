/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_refine.c: the gradients are those of the code length, the state stays within
 * its bounds whatever comes, and what is learned is what was wrong.
 */
#include "refine.h"

#include <math.h>
#include <string.h>

#include "flowkit.h"
#include "tables.h"

int idf_suite_refine(void);

#define DELTA_MAX ((1 << 26) - 1)
#define LOCATION_MAX ((1 << 15) - 1)
#define SCALE_MAX (24 << 12)

static idf_refine *refine_new(idf_mem *mem)
{
  idf_mem_init(mem, UINT64_MAX);
  idf_refine *refine = idf_alloc(mem, 1, sizeof *refine);
  CU_ASSERT_PTR_NOT_NULL_FATAL(refine);
  return refine;
}

static void random_state(idf_refine *refine, idf_unit_random *r, bool extreme)
{
  for (int o = 0; o < IDF_NET_OUTPUTS; o++)
    for (int i = 0; i <= IDF_NET_WIDTH; i++)
      refine->delta[o][i] = extreme ? (idf_unit_next(r) & 1 ? DELTA_MAX : -DELTA_MAX)
                                    : flowkit_between(r, -DELTA_MAX, DELTA_MAX);
  for (int s = 0; s < IDF_REFINE_SIGNS; s++)
    for (int w = 0; w < IDF_REFINE_WIDE; w++)
      refine->location[s][w] = extreme ? (idf_unit_next(r) & 1 ? LOCATION_MAX : -LOCATION_MAX)
                                       : flowkit_between(r, -LOCATION_MAX, LOCATION_MAX);
  for (int b = 0; b < IDF_REFINE_BINS; b++)
    refine->scale[b] = extreme ? (idf_unit_next(r) & 1 ? SCALE_MAX : -SCALE_MAX)
                               : flowkit_between(r, -SCALE_MAX, SCALE_MAX);
}

static bool within_bounds(const idf_refine *refine)
{
  bool good = true;
  for (int o = 0; o < IDF_NET_OUTPUTS; o++)
    for (int i = 0; i <= IDF_NET_WIDTH; i++)
      good = good && refine->delta[o][i] >= -DELTA_MAX && refine->delta[o][i] <= DELTA_MAX;
  for (int s = 0; s < IDF_REFINE_SIGNS; s++)
    for (int w = 0; w < IDF_REFINE_WIDE; w++)
      good = good && refine->location[s][w] >= -LOCATION_MAX && refine->location[s][w] <= LOCATION_MAX;
  for (int b = 0; b < IDF_REFINE_BINS; b++)
    good = good && refine->scale[b] >= -SCALE_MAX && refine->scale[b] <= SCALE_MAX;
  return good;
}

/* A passage with everything at random; `extreme`: at the ends of its range. */
static void random_site(idf_refine_site *site, idf_unit_random *r, bool extreme)
{
  site->width = 16 * idf_unit_below(r, 9);
  for (unsigned i = 0; i < IDF_NET_WIDTH; i++)
    site->hidden[i] = (int16_t)(extreme ? 127 * (idf_unit_next(r) & 1) : idf_unit_below(r, 128));
  site->signs = idf_unit_below(r, IDF_REFINE_SIGNS);
  site->wide = site->bin = 0;
  site->gate_reach = flowkit_between(r, -(1 << 23), 1 << 23) >> (extreme ? 0 : 10);
  site->shift_reach = flowkit_between(r, 1, 1 << 23) >> (extreme ? 0 : 10);
}

static void a_new_state_moves_nothing(void)
{
  idf_mem mem;
  idf_refine *refine = refine_new(&mem);
  idf_unit_random r = idf_unit_random_of(1);
  for (int i = 0; i < 500; i++) {
    idf_refine_site site;
    int32_t out[IDF_NET_OUTPUTS] = {-7, 1 << 30, 12345}, mu = flowkit_between(&r, -1000000, 1000000);
    int32_t before = mu, scale = i - 150;
    random_site(&site, &r, i % 2 == 0);
    idf_refine_output(refine, &site, out);
    IDF_UNIT_SEEDED(&r, out[0] == -7 && out[1] == 1 << 30 && out[2] == 12345);
    idf_refine_prior(refine, &site, (unsigned)i % 9, &mu, &scale);
    IDF_UNIT_SEEDED(&r, mu == before && scale == idf_clamp(i - 150, 0, IDF_SCALES - 1));
    IDF_UNIT_SEEDED(&r, site.bin < IDF_REFINE_BINS && site.wide < IDF_REFINE_WIDE);
  }
  idf_free(&mem, refine);
}

static void outputs_equal_sums_of_64_bits(void)
{
  idf_mem mem;
  idf_refine *refine = refine_new(&mem);
  for (uint64_t seed = 0; seed < 60; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    idf_refine_site site;
    int32_t out[IDF_NET_OUTPUTS], start[IDF_NET_OUTPUTS];
    random_state(refine, &r, seed % 2 == 0);
    random_site(&site, &r, seed % 3 == 0);
    if (seed == 0) {
      site.width = IDF_NET_WIDTH;
      for (int i = 0; i <= IDF_NET_WIDTH; i++) {
        site.hidden[i % IDF_NET_WIDTH] = 127;
        refine->delta[0][i] = DELTA_MAX;
        refine->delta[1][i] = -DELTA_MAX;
      }
    }
    for (int o = 0; o < IDF_NET_OUTPUTS; o++)
      out[o] = start[o] = flowkit_between(&r, -1100000000, 1100000000);
    idf_refine_output(refine, &site, out);
    for (int o = 0; o < IDF_NET_OUTPUTS; o++) {
      int64_t sum = (int64_t)(refine->delta[o][IDF_NET_WIDTH] >> 11) * 32;
      for (unsigned i = 0; i < site.width; i++)
        sum += (int64_t)(refine->delta[o][i] >> 11) * site.hidden[i];
      IDF_UNIT_SEEDED(&r, out[o] == start[o] + (sum >> 4));
    }
  }
  idf_free(&mem, refine);
}

static void the_prior_moves_by_the_state_of_its_bins(void)
{
  idf_mem mem;
  idf_refine *refine = refine_new(&mem);
  for (uint64_t seed = 0; seed < 2000; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    idf_refine_site site;
    unsigned unit = idf_unit_below(&r, 9);
    int32_t mu = flowkit_between(&r, -(1 << 25), 1 << 25), scale = flowkit_between(&r, -400, 400);
    int32_t moved = mu, k = idf_clamp(scale, 0, IDF_SCALES - 1);
    if (seed % 100 == 0)
      random_state(refine, &r, seed % 200 == 0);
    random_site(&site, &r, true);
    idf_refine_prior(refine, &site, unit, &moved, &scale);
    IDF_UNIT_SEEDED(&r, site.bin < IDF_REFINE_BINS && site.wide < IDF_REFINE_WIDE);
    IDF_UNIT_SEEDED(&r, site.bin / 2 == site.wide);
    double s = exp2((k - IDF_SCALE_ONE) / 8.0);
    double move = 64 * s * refine->location[site.signs][site.wide] / 32768.0;
    IDF_UNIT_SEEDED(&r, fabs(moved - mu - move) <= 1 + fabs(move) / (2048 * s)); /* s is rounded */
    double octaves = refine->scale[site.bin] / 4096.0;
    IDF_UNIT_SEEDED(&r, fabs(scale - k - octaves) <= 0.5);
  }
  idf_free(&mem, refine);
}

static double logistic(double v)
{
  return 1 / (1 + exp(-v));
}

/* -log2 of the probability of x under a logistic. */
static double cost(double x, double mu, double s)
{
  return -log2(logistic((x + 0.5 - mu) / s) - logistic((x - 0.5 - mu) / s));
}

/* What one sample subtracts from a new state is the slope of its cost, in Q8. */
static void steps_follow_the_slope_of_the_cost(void)
{
  idf_mem mem;
  idf_refine *refine = refine_new(&mem);
  idf_unit_random r = idf_unit_random_of(3);
  for (int i = 0; i < 3000; i++) {
    idf_prior p;
    idf_refine_site site;
    int32_t scale = flowkit_between(&r, 24, 90), mu = flowkit_between(&r, -6400, 6400);
    double s = exp2((scale - IDF_SCALE_ONE) / 8.0), at = mu / 64.0, h = 1e-4;
    memset(refine, 0, sizeof *refine);
    random_site(&site, &r, false);
    site.bin = 5;
    site.wide = 2;
    idf_prior_set(&p, mu, scale, -65535, 65535);
    int32_t reach = 1 + (int32_t)(6 * s);
    int32_t x = p.centre + flowkit_between(&r, -reach, reach);
    idf_refine_learn(refine, &site, &p, x);
    double by_location = (cost(x, at + h * s, s) - cost(x, at - h * s, s)) / (2 * h);
    double by_scale = (cost(x, at, s * exp2(h)) - cost(x, at, s * exp2(-h))) / (2 * h);
    /* Tables of 16 bits: a narrow slice of the tail is known to some per cent. */
    IDF_UNIT_SEEDED(&r, fabs(-refine->location[site.signs][2] / 256.0 - by_location) < 0.02);
    IDF_UNIT_SEEDED(&r, fabs(-refine->scale[5] / 256.0 - by_scale) < 0.05 + 0.15 * fabs(by_scale));
    /* Nothing else of the offsets has moved. */
    refine->location[site.signs][2] = refine->scale[5] = 0;
    int moved = 0;
    for (int g = 0; g < IDF_REFINE_SIGNS * IDF_REFINE_WIDE; g++)
      moved += refine->location[g / IDF_REFINE_WIDE][g % IDF_REFINE_WIDE] != 0;
    for (int b = 0; b < IDF_REFINE_BINS; b++)
      moved += refine->scale[b] != 0;
    for (int o = 0; o < IDF_NET_OUTPUTS; o++)
      for (unsigned k = site.width; k < IDF_NET_WIDTH; k++)
        moved += refine->delta[o][k] != 0;
    IDF_UNIT_SEEDED(&r, moved == 0);
    IDF_UNIT_SEEDED(&r, site.width != 0 || refine->delta[0][IDF_NET_WIDTH] == 0);
  }
  idf_free(&mem, refine);
}

static void the_state_never_leaves_its_bounds(void)
{
  idf_mem mem;
  idf_refine *refine = refine_new(&mem);
  for (uint64_t seed = 0; seed < 6; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    idf_refine_site site;
    random_site(&site, &r, true);
    site.width = IDF_NET_WIDTH;
    random_state(refine, &r, true);
    for (int i = 0; i < 20000; i++) {
      /* Always the same side for two seeds, so that the state is driven against its end. */
      int32_t side = seed == 0 ? 1 : seed == 1 ? -1 : idf_unit_next(&r) & 1 ? 1 : -1;
      idf_prior p;
      if (i % 100 == 0)
        random_site(&site, &r, seed % 2 == 0);
      site.bin = idf_unit_below(&r, IDF_REFINE_BINS);
      site.wide = site.bin / 2;
      int32_t scale = flowkit_between(&r, 0, IDF_SCALES - 1);
      idf_prior_set(&p, flowkit_between(&r, -(1 << 22), 1 << 22), scale, -65536, 65536);
      idf_refine_learn(refine, &site, &p, side * flowkit_between(&r, 0, 65536));
    }
    IDF_UNIT_SEEDED(&r, within_bounds(refine));
  }
  idf_free(&mem, refine);
}

/* A random sample of a logistic. */
static int32_t draw(idf_unit_random *r, double mu, double s)
{
  double u = (idf_unit_next(r) + 0.5) / 4294967296.0;
  return (int32_t)floor(mu + s * log(u / (1 - u)) + 0.5);
}

/* A source whose location is off by `off` scales and whose scale by `wider` indices: the
 * last quarter of its samples costs nearly what it would with both known. */
static void check_learning(int index, double off, int wider, uint64_t seed)
{
  enum { SAMPLES = 40000 };
  idf_mem mem;
  idf_refine *refine = refine_new(&mem);
  idf_unit_random r = idf_unit_random_of(seed);
  double s = exp2((index - IDF_SCALE_ONE) / 8.0), true_s = s * exp2(wider / 8.0);
  double plain = 0, learned = 0, known = 0;
  for (int i = 0; i < SAMPLES; i++) {
    idf_refine_site site = {.signs = 4};
    int32_t mu = flowkit_between(&r, -64000, 64000), scale = index, moved = mu;
    double at = mu / 64.0 + off * s;
    int32_t x = draw(&r, at, true_s);
    idf_prior p;
    idf_refine_prior(refine, &site, 0, &moved, &scale);
    idf_prior_set(&p, moved, scale, -65535, 65535);
    if (i >= SAMPLES * 3 / 4) {
      plain += cost(x, mu / 64.0, s);
      learned += cost(x, moved / 64.0, exp2((p.scale - IDF_SCALE_ONE) / 8.0));
      known += cost(x, at, true_s);
    }
    idf_refine_learn(refine, &site, &p, x);
  }
  IDF_UNIT_SEEDED(&r, learned - known < 0.01 * SAMPLES / 4);
  IDF_UNIT_SEEDED(&r, learned < plain + 0.005 * SAMPLES / 4);
  idf_free(&mem, refine);
}

static void what_is_learned_is_what_was_wrong(void)
{
  check_learning(64, 0, 0, 1);
  check_learning(64, 0.5, 0, 2);
  check_learning(64, -0.7, 0, 3);
  check_learning(64, 0, 8, 4);
  check_learning(64, 0, -8, 5);
  check_learning(64, 0.4, 5, 6);
  /* Deep samples: no slice has many counts, yet the scale must not drift. */
  check_learning(90, 0, 0, 7);
  check_learning(90, 0.4, 4, 8);
  check_learning(100, 0, 0, 9);
  check_learning(110, 0, -4, 10);
}

/* One hidden unit tells the sign of the location's error: the output layer learns it. */
static void the_output_layer_learns_a_linear_hint(void)
{
  idf_mem mem;
  idf_refine *refine = refine_new(&mem);
  idf_unit_random r = idf_unit_random_of(7);
  for (int i = 0; i < 30000; i++) {
    idf_refine_site site = {.width = 16, .signs = 4, .wide = 3, .bin = 6, .shift_reach = 64 * 8};
    idf_prior p;
    int32_t out[IDF_NET_OUTPUTS] = {0, 0, 0};
    bool high = idf_unit_next(&r) & 1;
    site.hidden[high ? 3 : 9] = 100;
    idf_refine_output(refine, &site, out);
    idf_prior_set(&p, (int32_t)(((int64_t)out[IDF_OUT_SHIFT] * site.shift_reach) >> 15), 64, -9999, 9999);
    idf_refine_learn(refine, &site, &p, draw(&r, high ? 5 : -5, 8));
  }
  IDF_UNIT_SEEDED(&r, refine->delta[IDF_OUT_SHIFT][3] > 0 && refine->delta[IDF_OUT_SHIFT][9] < 0);
  idf_free(&mem, refine);
}

int idf_suite_refine(void)
{
  static const idf_unit_test tests[] = {
      {"a new state moves nothing", a_new_state_moves_nothing},
      {"outputs equal sums of 64 bits", outputs_equal_sums_of_64_bits},
      {"the prior moves by the state of its bins", the_prior_moves_by_the_state_of_its_bins},
      {"steps follow the slope of the cost", steps_follow_the_slope_of_the_cost},
      {"the state never leaves its bounds", the_state_never_leaves_its_bounds},
      {"what is learned is what was wrong", what_is_learned_is_what_was_wrong},
      {"the output layer learns a linear hint", the_output_layer_learns_a_linear_hint},
      {NULL, NULL}};
  return idf_unit_suite("refine", tests);
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_refine.c: the gradients are those of the code length, the state stays within
 * its bounds whatever comes, and what is learned is what was wrong.
 */
#include "refine.h"

#include <math.h>
#include <string.h>

#include "flowkit.h"
#include "kernels_none.h"
#include "levelkit.h"
#include "tables.h"

int idf_suite_refine(void);

#define DELTA_MAX ((1 << 26) - 1)
#define LOCATION_MAX ((1 << 15) - 1)
#define SCALE_MAX (24 << 12)
#define LOCATIONS (IDF_REFINE_SIGNS * IDF_REFINE_BROAD)

static idf_refine *refine_new(idf_mem *mem)
{
  idf_mem_init(mem, UINT64_MAX);
  idf_refine *refine = idf_alloc(mem, 1, sizeof *refine);
  CU_ASSERT_PTR_NOT_NULL_FATAL(refine);
  return refine;
}

static int32_t within(idf_unit_random *r, int32_t limit, bool extreme)
{
  return extreme ? (idf_unit_next(r) & 1 ? limit : -limit) : flowkit_between(r, -limit, limit);
}

static void random_state(idf_refine *refine, idf_unit_random *r, bool extreme)
{
  for (int o = 0; o < IDF_NET_OUTPUTS; o++) {
    for (int i = 0; i < IDF_NET_WIDTH; i++)
      refine->delta[o][i] = within(r, DELTA_MAX, extreme);
    refine->bias[o] = within(r, DELTA_MAX, extreme);
  }
  for (int l = 0; l < LOCATIONS; l++)
    refine->location[l] = within(r, LOCATION_MAX, extreme);
  for (int b = 0; b < IDF_REFINE_BINS; b++)
    refine->scale[b] = within(r, SCALE_MAX, extreme);
  for (int c = 0; c < 64; c++)
    refine->block[c] = within(r, SCALE_MAX, extreme);
}

static bool all_within(const int32_t *v, int n, int32_t limit)
{
  bool good = true;
  for (int i = 0; i < n; i++)
    good = good && v[i] >= -limit && v[i] <= limit;
  return good;
}

static bool state_within_bounds(const idf_refine *refine)
{
  return all_within(refine->delta[0], IDF_NET_OUTPUTS * IDF_NET_WIDTH, DELTA_MAX)
         && all_within(refine->bias, IDF_NET_OUTPUTS, DELTA_MAX)
         && all_within(refine->location, LOCATIONS, LOCATION_MAX)
         && all_within(refine->scale, IDF_REFINE_BINS, SCALE_MAX)
         && all_within(refine->block, 64, SCALE_MAX);
}

/* A plane whose samples have that range; every site of a step with priors and predictions at
 * random: what idf_sites_propose leaves. */
static void random_sites(idf_sites *s, idf_unit_random *r, int32_t min, int32_t max, int unit)
{
  memset(s, 0, sizeof *s);
  s->lo = (int)idf_unit_below(r, IDF_SITES);
  s->hi = s->lo + 1 + (int)idf_unit_below(r, (uint32_t)(IDF_SITES - s->lo));
  s->blocks = idf_unit_next(r) & 1;
  s->unit = unit;
  s->min = min;
  s->max = max;
  s->fine = max - min <= IDF_FINE_SPAN && unit == 0;
  for (int i = 0; i < IDF_SITES; i++) {
    s->local[i] = flowkit_between(r, min * 64, max * 64);
    s->wide[i] = flowkit_between(r, min * 64, max * 64);
    s->level[i] = flowkit_between(r, 1, 8192);
    s->signs[i] = (int32_t)idf_unit_below(r, IDF_REFINE_SIGNS);
    s->mu[i] = flowkit_between(r, min * 64, max * 64);
    s->scale[i] = (int32_t)idf_unit_below(r, IDF_SCALES);
    s->sample[i] = flowkit_between(r, min, max);
    s->cell[i] = (int32_t)idf_unit_below(r, 64);
    s->live[i] = i >= s->lo && i < s->hi ? -1 : 0;
  }
}

/* What the output layer sees: of each block of lanes, pairs. */
typedef idf_pairs seen[IDF_SITES / IDF_BLOCK][IDF_NET_WIDTH / 2];

static int32_t seen_of(seen hidden, int lane, int input)
{
  return hidden[lane / IDF_BLOCK][input / 2][lane % IDF_BLOCK][input % 2];
}

static void see(seen hidden, int lane, int input, int32_t value)
{
  hidden[lane / IDF_BLOCK][input / 2][lane % IDF_BLOCK][input % 2] = (int16_t)value;
}

static void move_all(const levelkit *at, const idf_refine *refine, idf_sites *s)
{
  for (int from = 0; from < IDF_SITES; from += IDF_BLOCK)
    at->move(refine, s, from);
}

static void slope_all(const levelkit *at, idf_sites *s)
{
  for (int from = 0; from < IDF_SITES; from += IDF_BLOCK)
    at->slope(s, from);
}

static void random_hidden(seen hidden, idf_unit_random *r, bool extreme)
{
  for (int lane = 0; lane < IDF_SITES; lane++)
    for (int i = 0; i < IDF_NET_WIDTH; i++)
      see(hidden, lane, i,
          extreme ? 127 * (int32_t)(idf_unit_next(r) & 1) : (int32_t)idf_unit_below(r, 128));
}

static const idf_pairs (*read_only(seen hidden))[IDF_NET_WIDTH / 2]
{
  return (const idf_pairs(*)[IDF_NET_WIDTH / 2]) hidden;
}

static const int32_t ranges[][3] = {{0, 255, 0},      {-255, 255, 0},     {0, 1, 0},
                                    {0, 65535, 8},    {-65536, 65536, 8}, {0, 4095, 4},
                                    {-1023, 1023, 2}, {-65536, 65536, 0}};
#define RANGES (sizeof ranges / sizeof *ranges)

static void a_new_state_moves_nothing_at(const levelkit *at)
{
  idf_mem mem;
  idf_refine *refine = refine_new(&mem);
  for (uint64_t seed = 0; seed < 200; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    const int32_t *range = ranges[seed % RANGES];
    idf_sites s, before;
    random_sites(&s, &r, range[0], range[1], range[2]);
    before = s;
    move_all(at, refine, &s);
    IDF_UNIT_SEEDED(&r, memcmp(s.mu, before.mu, sizeof s.mu) == 0
                            && memcmp(s.scale, before.scale, sizeof s.scale) == 0);
    idf_refine_layer read = {.weight = {0}};
    at->read(refine, 16 * (int)(seed % 9), &read);
    seen hidden;
    int32_t sums[IDF_NET_SUMS][IDF_BLOCK];
    random_hidden(hidden, &r, seed % 2 == 0);
    at->kernels->layer_sum(&read.layer, read_only(hidden)[0], sums);
    IDF_UNIT_SEEDED(&r, all_within(sums[0], IDF_NET_OUTPUTS * IDF_BLOCK, 0));
  }
  idf_free(&mem, refine);
}

LEVELKIT_TEST(a_new_state_moves_nothing)

/* The layer that a step reads, as its level sums it, against the state itself. */
static void outputs_equal_sums_of_64_bits_at(const levelkit *at)
{
  idf_mem mem;
  idf_refine *refine = refine_new(&mem);
  for (uint64_t seed = 0; seed < 60; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    idf_refine_layer read = {.weight = {0}};
    seen hidden;
    int32_t sums[IDF_NET_SUMS][IDF_BLOCK];
    const int width = seed == 0 ? IDF_NET_WIDTH : 16 + 16 * (int)idf_unit_below(&r, 8);
    const int block = (int)(seed % (IDF_SITES / IDF_BLOCK));
    random_state(refine, &r, seed % 2 == 0);
    random_hidden(hidden, &r, seed % 3 == 0);
    if (seed == 0)
      for (int i = 0; i < IDF_NET_WIDTH; i++) {
        see(hidden, 5, i, 127);
        refine->delta[0][i] = DELTA_MAX;
        refine->delta[1][i] = -DELTA_MAX;
      }
    at->read(refine, width, &read);
    at->kernels->layer_sum(&read.layer, read_only(hidden)[block], sums);
    bool equal = true;
    for (int k = 0; k < IDF_BLOCK; k++)
      for (int o = 0; o < IDF_NET_OUTPUTS; o++) {
        int64_t sum = (int64_t)(refine->bias[o] >> 11) * 32;
        for (int i = 0; i < width; i++)
          sum += (int64_t)(refine->delta[o][i] >> 11) * seen_of(hidden, block * IDF_BLOCK + k, i);
        equal = equal && sums[o][k] == sum;
      }
    IDF_UNIT_SEEDED(&r, equal);
  }
  idf_free(&mem, refine);
}

LEVELKIT_TEST(outputs_equal_sums_of_64_bits)

static void the_prior_moves_by_the_state_of_its_bins_at(const levelkit *at)
{
  idf_mem mem;
  idf_refine *refine = refine_new(&mem);
  for (uint64_t seed = 0; seed < 200; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    const int32_t *range = ranges[seed % RANGES];
    idf_sites s, before;
    random_state(refine, &r, seed % 4 == 0);
    random_sites(&s, &r, range[0], range[1], range[2]);
    before = s;
    move_all(at, refine, &s);
    bool good = true;
    for (int i = 0; i < IDF_SITES; i++) {
      int32_t k = before.scale[i], relative = IDF_MIN(IDF_MAX(k - 8 * s.unit, 0), 95);
      good = good && s.bin[i] == relative / 3 && s.broad[i] == relative / 6
             && s.bin[i] < IDF_REFINE_BINS && s.broad[i] < IDF_REFINE_BROAD;
      double scale = exp2((k - IDF_SCALE_ONE) / 8.0);
      double move =
          64 * scale * refine->location[s.signs[i] * IDF_REFINE_BROAD + s.broad[i]] / 32768.0;
      double mu = fmin(fmax(before.mu[i] + move, range[0] * 64.0), range[1] * 64.0);
      double offset = refine->scale[s.bin[i]] + (s.blocks ? refine->block[s.cell[i]] : 0);
      double octaves = fmin(fmax(k + offset / 4096.0, 0), IDF_SCALES - 1);
      good = good && fabs(s.mu[i] - mu) <= 1 + fabs(move) / (2048 * scale); /* scale is rounded */
      good = good && s.mu[i] >= range[0] * 64 && s.mu[i] <= range[1] * 64;
      good = good && fabs(s.scale[i] - octaves) <= 0.5;
    }
    IDF_UNIT_SEEDED(&r, good);
  }
  idf_free(&mem, refine);
}

LEVELKIT_TEST(the_prior_moves_by_the_state_of_its_bins)

static double logistic(double v)
{
  return 1 / (1 + exp(-v));
}

/* -log2 of the probability of x under a logistic. */
static double cost(double x, double mu, double s)
{
  return -log2(logistic((x + 0.5 - mu) / s) - logistic((x - 0.5 - mu) / s));
}

static double limited(double v, double limit)
{
  return fmin(fmax(v, -limit), limit);
}

/* What one sample subtracts from the state is the slope of its cost, in Q8. */
static void slopes_are_those_of_the_cost_at(const levelkit *at)
{
  for (uint64_t seed = 0; seed < 100; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    const bool fine = seed % 2 == 0;
    const int32_t max = fine ? 255 : 65535;
    idf_sites s;
    random_sites(&s, &r, -max, max, fine ? 0 : (int)(seed % 9));
    for (int i = 0; i < IDF_SITES; i++) {
      s.scale[i] = flowkit_between(&r, 24, fine ? 70 : 90);
      s.mu[i] = flowkit_between(&r, -6400, 6400);
      const double scale = exp2((s.scale[i] - IDF_SCALE_ONE) / 8.0);
      const int32_t reach = IDF_MIN(1 + (int32_t)(6 * scale), 140);
      s.sample[i] = idf_round_q(s.mu[i], 6) + flowkit_between(&r, -reach, reach);
    }
    slope_all(at, &s);
    for (int i = 0; i < IDF_SITES; i++) {
      if (s.live[i] == 0) { /* their other slopes are never looked at */
        IDF_UNIT_SEEDED(&r, s.slope[IDF_OUT_SCALE][i] == 0 && s.slope[IDF_OUT_GATE][i] == 0
                                && s.slope[IDF_OUT_SHIFT][i] == 0);
        continue;
      }
      const double scale = exp2((s.scale[i] - IDF_SCALE_ONE) / 8.0), mu = s.mu[i] / 64.0, h = 1e-4;
      const double x = s.sample[i];
      const double by_location =
          (cost(x, mu + h * scale, scale) - cost(x, mu - h * scale, scale)) / (2 * h);
      const double by_scale =
          (cost(x, mu, scale * exp2(h)) - cost(x, mu, scale * exp2(-h))) / (2 * h);
      const double gate = limited((s.wide[i] - s.local[i]) / 64.0 / scale, 16);
      const double shift = limited(s.level[i] / 16.0 * exp2(s.unit) / scale, 16);
      /* Tables of 16 bits: a narrow slice of the tail is known to some per cent. */
      IDF_UNIT_SEEDED(&r, fabs(s.by_location[i] / 256.0 - by_location) < 0.02);
      IDF_UNIT_SEEDED(&r, fabs(s.slope[IDF_OUT_SCALE][i] / 256.0 - by_scale)
                              < 0.05 + 0.15 * fabs(by_scale));
      IDF_UNIT_SEEDED(&r, fabs(s.slope[IDF_OUT_GATE][i] / 256.0 - limited(by_location * gate, 8))
                              < 0.01 + 0.025 * fabs(gate));
      IDF_UNIT_SEEDED(&r, fabs(s.slope[IDF_OUT_SHIFT][i] / 256.0 - limited(by_location * shift, 8))
                              < 0.01 + 0.025 * fabs(shift));
    }
  }
}

LEVELKIT_TEST(slopes_are_those_of_the_cost)

/* Where 32 bits suffice they give what 64 bits give, at the ends of all ranges too; nothing
 * leaves its bounds. */
static void slopes_of_32_bits_equal_those_of_64_at(const levelkit *at)
{
  for (uint64_t seed = 0; seed < 300; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    idf_sites s;
    random_sites(&s, &r, seed % 3 ? -255 : 0, 255, 0);
    for (int i = 0; i < IDF_SITES && seed % 2; i++) {
      s.local[i] = 64 * (idf_unit_next(&r) & 1 ? s.max : s.min);
      s.wide[i] = 64 * (idf_unit_next(&r) & 1 ? s.max : s.min);
      s.level[i] = idf_unit_next(&r) & 1 ? 1 : 8192;
      s.mu[i] = 64 * (idf_unit_next(&r) & 1 ? s.max : s.min);
      s.sample[i] = idf_unit_next(&r) & 1 ? s.max : s.min;
    }
    idf_sites wide = s;
    wide.fine = false;
    slope_all(at, &s);
    slope_all(at, &wide);
    wide.fine = true;
    IDF_UNIT_SEEDED(&r, memcmp(&s, &wide, sizeof s) == 0);
    IDF_UNIT_SEEDED(&r, all_within(s.by_location, IDF_SITES, 370));
    for (int o = 0; o < IDF_NET_OUTPUTS; o++)
      IDF_UNIT_SEEDED(&r, all_within(s.slope[o], IDF_SITES, 2048));
  }
}

LEVELKIT_TEST(slopes_of_32_bits_equal_those_of_64)

static void step(int32_t *value, int32_t by, int32_t limit)
{
  *value = idf_clamp(*value - by, -limit, limit);
}

/* Other blocks stay what they were. */
static void a_block_moves_alone_at(const levelkit *at)
{
  idf_mem mem;
  idf_refine *refine = refine_new(&mem);
  for (uint64_t seed = 0; seed < 64; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    const int32_t *range = ranges[seed % RANGES];
    const int from = IDF_BLOCK * (int)idf_unit_below(&r, IDF_SITES / IDF_BLOCK);
    idf_sites s, before;
    random_state(refine, &r, false);
    random_sites(&s, &r, range[0], range[1], range[2]);
    before = s;
    at->move(refine, &s, from);
    at->slope(&s, from);
    /* Seen from the other lanes nothing happened: take theirs, and all is as it was. */
    int32_t *const after[] = {s.mu,          s.scale,    s.bin,      s.broad,
                              s.by_location, s.slope[0], s.slope[1], s.slope[2]};
    int32_t *const then[] = {before.mu,          before.scale,    before.bin,      before.broad,
                             before.by_location, before.slope[0], before.slope[1], before.slope[2]};
    for (size_t m = 0; m < sizeof then / sizeof *then; m++)
      memcpy(after[m] + from, then[m] + from, IDF_BLOCK * sizeof *then[m]);
    IDF_UNIT_SEEDED(&r, memcmp(&s, &before, sizeof s) == 0);
  }
  idf_free(&mem, refine);
}

LEVELKIT_TEST(a_block_moves_alone)

/* Site by site, as refine.h says it. */
static void learn_in_turn(idf_refine *refine, const idf_sites *s, seen hidden, int width)
{
  for (int i = s->hi - 1; i >= s->lo; i--) {
    step(&refine->location[s->signs[i] * IDF_REFINE_BROAD + s->broad[i]], s->by_location[i],
         LOCATION_MAX);
    step(&refine->scale[s->bin[i]], s->slope[IDF_OUT_SCALE][i], SCALE_MAX);
    if (s->blocks)
      step(&refine->block[s->cell[i]], s->slope[IDF_OUT_SCALE][i], SCALE_MAX);
    for (int o = 0; o < IDF_NET_OUTPUTS && width > 0; o++) {
      for (int k = 0; k < width; k++)
        step(&refine->delta[o][k], s->slope[o][i] * seen_of(hidden, i, k), DELTA_MAX);
      step(&refine->bias[o], 32 * s->slope[o][i], DELTA_MAX);
    }
  }
}

/* The sums of all steps at once: what learning is away from the limits alone. */
static void learn_at_once(int32_t *value, const idf_sites *s, int o, seen hidden, int input)
{
  int32_t sum = 0;
  for (int i = s->lo; i < s->hi; i++)
    sum += s->slope[o][i] * (input < 0 ? 32 : seen_of(hidden, i, input));
  step(value, sum, DELTA_MAX);
}

/* Values that a step may or may not reach the limits from. */
static void approach_limits(idf_refine *refine, idf_unit_random *r)
{
  const uint32_t reach = 1u << (8 + idf_unit_below(r, 16));
  for (int o = 0; o < IDF_NET_OUTPUTS; o++)
    for (int i = -1; i < IDF_NET_WIDTH; i++) {
      const int32_t size = DELTA_MAX - (int32_t)idf_unit_below(r, reach);
      *(i < 0 ? &refine->bias[o] : &refine->delta[o][i]) = idf_unit_next(r) & 1 ? size : -size;
    }
}

/* Against the ends of the state too, where the order of sites shows. Sums at once do for many
 * of the values and do not for many others: the test saw both. */
static void every_level_learns_site_by_site_at(const levelkit *at)
{
  idf_mem mem;
  idf_refine *start = refine_new(&mem);
  idf_refine *want = idf_alloc(&mem, 1, sizeof *want), *have = idf_alloc(&mem, 1, sizeof *have);
  int ordered[2] = {0, 0}, free_of_order[2] = {0, 0}; /* weights, biases */
  for (uint64_t seed = 0; seed < 240; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    const int32_t *range = ranges[seed % RANGES];
    const int width = 16 * (int)idf_unit_below(&r, 9);
    seen hidden;
    idf_sites s;
    random_sites(&s, &r, range[0], range[1], range[2]);
    random_hidden(hidden, &r, seed % 3 == 0);
    random_state(start, &r, seed % 4 == 0);
    if (seed % 4 >= 2)
      approach_limits(start, &r);
    move_all(at, start, &s);
    slope_all(at, &s);
    *want = *have = *start;
    learn_in_turn(want, &s, hidden, width);
    at->learn(have, at->kernels, &s, read_only(hidden), width);
    IDF_UNIT_SEEDED(&r, memcmp(want, have, sizeof *want) == 0);
    IDF_UNIT_SEEDED(&r, memcmp(have, start, sizeof *have) != 0);
    for (int o = 0; o < IDF_NET_OUTPUTS && width > 0; o++)
      for (int i = -1; i < width; i++) {
        int32_t value = i < 0 ? start->bias[o] : start->delta[o][i];
        learn_at_once(&value, &s, o, hidden, i);
        if (value == (i < 0 ? want->bias[o] : want->delta[o][i]))
          free_of_order[i < 0]++;
        else
          ordered[i < 0]++;
      }
  }
  CU_ASSERT_TRUE(ordered[0] > 1000 && free_of_order[0] > 1000);
  CU_ASSERT_TRUE(ordered[1] > 20 && free_of_order[1] > 100);
  idf_free(&mem, want);
  idf_free(&mem, have);
  idf_free(&mem, start);
}

LEVELKIT_TEST(every_level_learns_site_by_site)

/* Slopes that go out and come back: the lower lanes, which learn last, bring back what the
 * upper ones took, and one by one the limit holds in between. */
static void swing(idf_sites *s, int o, int outward, int32_t slope)
{
  for (int i = s->lo; i < s->hi; i++)
    s->slope[o][i] = i >= (s->lo + s->hi) / 2 ? -outward * slope : outward * slope;
}

/* A value exactly as far from its limit as steps go, a little nearer and a little farther. */
static void limits_hold_on_the_way_at(const levelkit *at)
{
  idf_mem mem;
  idf_refine *want = refine_new(&mem), *have = idf_alloc(&mem, 1, sizeof *have);
  CU_ASSERT_PTR_NOT_NULL_FATAL(have);
  for (uint64_t seed = 0; seed < 200; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    const int outward = seed & 1 ? 1 : -1;
    seen hidden;
    idf_sites s;
    random_sites(&s, &r, -255, 255, 0);
    s.lo &= ~(IDF_BLOCK - 1); /* slopes are equal and opposite in pairs of lanes */
    const int half = 1 + (int)idf_unit_below(&r, (uint32_t)(IDF_SITES - s.lo) / 2);
    s.hi = s.lo + 2 * half;
    for (int i = 0; i < IDF_SITES; i++) {
      s.live[i] = i >= s.lo && i < s.hi ? -1 : 0;
      for (int o = 0; o < IDF_NET_OUTPUTS; o++)
        s.slope[o][i] = s.by_location[i] = 0;
      for (int k = 0; k < IDF_NET_WIDTH; k++)
        see(hidden, i, k, IDF_ACT_MAX - k % 3);
    }
    memset(have, 0, sizeof *have);
    for (int o = 0; o < IDF_NET_OUTPUTS; o++) {
      const int32_t slope = flowkit_between(&r, 1, 2048);
      swing(&s, o, outward, slope);
      /* What the upper lanes alone move it by, and all lanes by size. */
      const int32_t once = half * slope;
      for (int i = -1; i < IDF_NET_WIDTH; i++) {
        const int32_t by =
            (idf_unit_next(&r) & 1 ? once : 2 * once) * (i < 0 ? 32 : IDF_ACT_MAX - i % 3);
        const int32_t size = DELTA_MAX - by + flowkit_between(&r, -40, 40);
        *(i < 0 ? &have->bias[o] : &have->delta[o][i]) =
            outward * idf_clamp(size, -DELTA_MAX, DELTA_MAX);
      }
    }
    *want = *have;
    learn_in_turn(want, &s, hidden, IDF_NET_WIDTH);
    at->learn(have, at->kernels, &s, read_only(hidden), IDF_NET_WIDTH);
    IDF_UNIT_SEEDED(&r, memcmp(want, have, sizeof *want) == 0);
  }
  idf_free(&mem, want);
  idf_free(&mem, have);
}

LEVELKIT_TEST(limits_hold_on_the_way)

/* The kernel by itself: the first limit at which it may sum at once, and those around. */
static void descent_is_one_by_one_at(const levelkit *at)
{
  for (uint64_t seed = 0; seed < 400; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    const int width = 16 * (1 + (int)idf_unit_below(&r, 8));
    int32_t have[IDF_NET_OUTPUTS][IDF_NET_WIDTH], want[IDF_NET_OUTPUTS][IDF_NET_WIDTH];
    int32_t slopes[IDF_NET_OUTPUTS][IDF_BLOCK], most = 0;
    const int32_t *slope[IDF_NET_OUTPUTS] = {slopes[0], slopes[1], slopes[2]};
    idf_pairs in[IDF_NET_WIDTH / 2];
    for (int i = 0; i < IDF_NET_WIDTH; i++)
      for (int k = 0; k < IDF_BLOCK; k++)
        in[i / 2][k][i % 2] = (int16_t)(seed % 2 ? IDF_ACT_MAX : flowkit_between(&r, -127, 127));
    for (int o = 0; o < IDF_NET_OUTPUTS; o++) {
      int32_t sum = 0;
      for (int k = 0; k < IDF_BLOCK; k++) {
        slopes[o][k] = seed % 5 == 0 ? (k % 2 ? 32767 : -32767) : flowkit_between(&r, -2048, 2048);
        sum += slopes[o][k] < 0 ? -slopes[o][k] : slopes[o][k];
      }
      most = IDF_MAX(most, IDF_ACT_MAX * sum);
      for (int i = 0; i < IDF_NET_WIDTH; i++)
        have[o][i] = flowkit_between(&r, -5000, 5000);
    }
    /* The largest value is that far from the limit, in a column and row of its own. */
    const int32_t limit =
        IDF_MAX(most / (1 + (int32_t)(seed % 3)), 5000) + flowkit_between(&r, 5000 - 2, 5000 + 2);
    have[idf_unit_below(&r, 3)][idf_unit_below(&r, (uint32_t)width)] =
        idf_unit_next(&r) & 1 ? 5000 : -5000;
    memcpy(want, have, sizeof want);
    for (int o = 0; o < IDF_NET_OUTPUTS; o++)
      for (int k = IDF_BLOCK - 1; k >= 0; k--)
        for (int i = 0; i < width; i++)
          step(&want[o][i], slopes[o][k] * in[i / 2][k][i % 2], limit);
    at->kernels->descend(have, slope, (const idf_pairs *)in, width, limit);
    IDF_UNIT_SEEDED(&r, memcmp(have, want, sizeof have) == 0);
  }
}

LEVELKIT_TEST(descent_is_one_by_one)

static void the_state_never_leaves_its_bounds(void)
{
  idf_mem mem;
  idf_refine *refine = refine_new(&mem);
  const idf_kernels *kernels = idf_kernels_of(IDF_SIMD_AUTO);
  for (uint64_t seed = 0; seed < 6; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    seen hidden;
    random_state(refine, &r, true);
    for (int i = 0; i < 400; i++) {
      const int32_t *range = ranges[(seed + (uint64_t)i) % RANGES];
      idf_sites s;
      random_sites(&s, &r, range[0], range[1], range[2]);
      random_hidden(hidden, &r, seed % 2 == 0);
      for (int from = 0; from < IDF_SITES; from += IDF_BLOCK)
        idf_refine_move(refine, &s, from);
      /* Always the same side for two seeds, so that the state is driven against its end. */
      for (int k = 0; k < IDF_SITES && seed < 2; k++)
        s.sample[k] = seed == 0 ? s.max : s.min;
      for (int from = 0; from < IDF_SITES; from += IDF_BLOCK)
        idf_refine_slope(&s, from);
      idf_refine_learn(refine, kernels, &s, read_only(hidden), IDF_NET_WIDTH);
    }
    IDF_UNIT_SEEDED(&r, state_within_bounds(refine));
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
  idf_sites s = {.hi = 1, .live = {-1}, .min = -65535, .max = 65535, .signs = {4}};
  const double scale = exp2((index - IDF_SCALE_ONE) / 8.0), true_scale = scale * exp2(wider / 8.0);
  double plain = 0, learned = 0, known = 0;
  for (int i = 0; i < SAMPLES; i++) {
    const int32_t mu = s.mu[0] = flowkit_between(&r, -64000, 64000);
    const double at = mu / 64.0 + off * scale;
    s.scale[0] = index;
    s.sample[0] = draw(&r, at, true_scale);
    idf_refine_move(refine, &s, 0);
    if (i >= SAMPLES * 3 / 4) {
      plain += cost(s.sample[0], mu / 64.0, scale);
      learned += cost(s.sample[0], s.mu[0] / 64.0, exp2((s.scale[0] - IDF_SCALE_ONE) / 8.0));
      known += cost(s.sample[0], at, true_scale);
    }
    idf_refine_slope(&s, 0);
    idf_refine_learn(refine, &idf_kernels_none, &s, NULL, 0);
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
  seen hidden = {0};
  idf_refine_layer read = {.weight = {0}};
  idf_sites s = {.hi = 1, .live = {-1}, .min = -255, .max = 255, .fine = true, .level = {8 * 16}};
  int32_t sums[IDF_NET_SUMS][IDF_BLOCK];
  s.octaves[0] = (int32_t)idf_log2_q8(8 * 16);
  for (int i = 0; i < 30000; i++) {
    const bool high = idf_unit_next(&r) & 1;
    see(hidden, 0, 3, high ? 100 : 0);
    see(hidden, 0, 9, high ? 0 : 100);
    idf_refine_read(refine, 16, &read);
    idf_kernels_none.layer_sum(&read.layer, read_only(hidden)[0], sums);
    for (int o = 0; o < IDF_NET_OUTPUTS; o++)
      s.out[o][0] = sums[o][0] >> 4;
    idf_sites_propose(&s, 0);
    s.scale[0] = 64;
    s.sample[0] = idf_clamp(draw(&r, high ? 5 : -5, 8), s.min, s.max);
    idf_refine_slope(&s, 0);
    idf_refine_learn(refine, &idf_kernels_none, &s, read_only(hidden), 16);
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
      {"slopes are those of the cost", slopes_are_those_of_the_cost},
      {"slopes of 32 bits equal those of 64", slopes_of_32_bits_equal_those_of_64},
      {"every level learns site by site", every_level_learns_site_by_site},
      {"a block moves alone", a_block_moves_alone},
      {"limits hold on the way", limits_hold_on_the_way},
      {"descent is one by one", descent_is_one_by_one},
      {"the state never leaves its bounds", the_state_never_leaves_its_bounds},
      {"what is learned is what was wrong", what_is_learned_is_what_was_wrong},
      {"the output layer learns a linear hint", the_output_layer_learns_a_linear_hint},
      {NULL, NULL}};
  return idf_unit_suite("refine", tests);
}

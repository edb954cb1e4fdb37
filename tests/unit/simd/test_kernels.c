/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_kernels.c: every level that this machine has against plain C, on random input and at
 * the ends of every range, what lies beside the results included.
 */
#include "kernels.h"

#include <math.h>
#include <string.h>

#include "flowkit.h"
#include "kernels_none.h"

int idf_suite_kernels(void);

/* Calls the test for every level above plain C. */
#define EACH_LEVEL(test)                                                                           \
  static void test(void)                                                                           \
  {                                                                                                \
    for (unsigned level = IDF_SIMD_128; level < IDF_SIMD_LEVELS; level++) {                        \
      const idf_kernels *kernels = idf_kernels_of((idf_simd)level);                                \
      if (!kernels)                                                                                \
        printf("# level %u is not available here\n", level);                                       \
      else                                                                                         \
        test##_at(kernels);                                                                        \
    }                                                                                              \
  }

static void levels_name_themselves(void)
{
  CU_ASSERT_PTR_EQUAL(idf_kernels_of(IDF_SIMD_NONE), &idf_kernels_none);
  CU_ASSERT_PTR_NULL(idf_kernels_of(IDF_SIMD_LEVELS));
  idf_simd most = IDF_SIMD_NONE;
  for (unsigned level = IDF_SIMD_NONE; level < IDF_SIMD_LEVELS; level++) {
    const idf_kernels *kernels = idf_kernels_of((idf_simd)level);
    if (!kernels)
      continue;
    CU_ASSERT_EQUAL(kernels->simd, level);
    most = (idf_simd)level;
  }
  CU_ASSERT_PTR_EQUAL(idf_kernels_of(IDF_SIMD_AUTO), idf_kernels_of(most));
}

/* One end of [-most, most] or anything between, by a coin. */
static int32_t ends(idf_unit_random *r, bool extreme, int32_t most)
{
  return !extreme ? flowkit_between(r, -most, most) : idf_unit_next(r) & 1 ? most : -most;
}

/* ---- the network ------------------------------------------------------------------ */

enum { INPUTS = 2 * IDF_NET_HEAD };

typedef struct layer_case {
  idf_pairs in[IDF_NET_HEAD], act[IDF_NET_WIDTH / 2 + 1];
  int32_t sum[IDF_NET_WIDTH + 1][IDF_BLOCK];
} layer_case;

/* Results alike; nothing written past the next multiple of 16 outputs. */
static bool layers_alike(const layer_case *a, const layer_case *b, unsigned outputs)
{
  const unsigned padded = (outputs + 15) / 16 * 16;
  bool same = memcmp(a->sum, b->sum, outputs * sizeof a->sum[0]) == 0
              && memcmp(a->sum[padded], b->sum[padded], sizeof a->sum[0]) == 0
              && memcmp(a->act[padded / 2], b->act[padded / 2], sizeof a->act[0]) == 0;
  for (unsigned o = 0; o < outputs; o++)
    for (int k = 0; k < IDF_BLOCK; k++)
      same = same && a->act[o / 2][k][o % 2] == b->act[o / 2][k][o % 2];
  return same;
}

static void layers_agree_at(const idf_kernels *kernels)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  layer_case *want = idf_alloc(&mem, 1, sizeof *want), *have = idf_alloc(&mem, 1, sizeof *have);
  for (uint64_t seed = 0; seed < 300; seed++) {
    idf_unit_random r = idf_unit_random_of(1000 + seed);
    const bool of_models = seed % 3 == 0; /* else any even inputs and any outputs */
    const unsigned inputs =
        of_models ? 16 + 16 * idf_unit_below(&r, 8) : 2 + 2 * idf_unit_below(&r, IDF_NET_HEAD);
    const unsigned outputs = seed == 0 || seed % 12 == 3 ? IDF_NET_OUTPUTS
                             : of_models                 ? 16 + 16 * idf_unit_below(&r, 8)
                                                         : 1 + idf_unit_below(&r, IDF_NET_WIDTH);
    const int kind = (int)(seed / 3 % FLOWKIT_MODELS);
    /* At their own size, so that a sanitizer sees a read beyond the end. */
    int16_t *weight = idf_alloc(&mem, inputs * ((outputs + 15) / 16 * 16), sizeof *weight);
    int32_t *bias = idf_alloc(&mem, (outputs + 15) / 16 * 16, sizeof *bias);
    CU_ASSERT_FATAL(weight != NULL && bias);
    for (unsigned o = 0; o < outputs; o++) {
      bias[o] = flowkit_bias(&r, kind);
      for (unsigned i = 0; i < inputs; i++)
        weight[idf_layer_at(inputs, o, i)] = (int16_t)flowkit_weight(&r, kind);
    }
    memset(want, 0x5a, sizeof *want);
    for (int k = 0; k < IDF_BLOCK; k++) {
      const uint32_t how = idf_unit_below(&r, 3);
      for (unsigned i = 0; i < inputs; i++) {
        int32_t v = ends(&r, how == 1, 127);
        if (how == 2) /* as an output pulls most */
          v = weight[idf_layer_at(inputs, (unsigned)k % outputs, i)] < 0 ? -127 : 127;
        want->in[i / 2][k][i % 2] = (int16_t)v;
      }
    }
    *have = *want;
    const idf_layer layer = {weight, bias, inputs, outputs};
    idf_kernels_none.layer_sum(&layer, (const idf_pairs *)want->in, want->sum);
    idf_kernels_none.layer_rectify(&layer, (const idf_pairs *)want->in, want->act);
    kernels->layer_sum(&layer, (const idf_pairs *)have->in, have->sum);
    kernels->layer_rectify(&layer, (const idf_pairs *)have->in, have->act);
    IDF_UNIT_SEEDED(&r, layers_alike(want, have, outputs));
    idf_free(&mem, weight);
    idf_free(&mem, bias);
  }
  idf_free(&mem, want);
  idf_free(&mem, have);
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* ---- neighbours --------------------------------------------------------------------- */

typedef struct look {
  int16_t d[IDF_WINDOW][IDF_BLOCK];
  idf_pairs shown[IDF_TAPS / 2];
} look;

static void views_agree_at(const idf_kernels *kernels)
{
  enum { APART = IDF_BLOCK + 1 }; /* cells unaligned */
  int32_t next = -1022;           /* every difference there is, at every unit */
  for (uint64_t seed = 0; seed < 600; seed++) {
    idf_unit_random r = idf_unit_random_of(2000 + seed);
    int16_t s[IDF_WINDOW * APART], mean[IDF_BLOCK];
    ptrdiff_t near[IDF_WINDOW];
    look want, have;
    const unsigned unit = (unsigned)(seed % 9);
    for (size_t i = 0; i < sizeof s / sizeof *s; i++)
      s[i] = (int16_t)flowkit_between(&r, -32768, 32767);
    for (int cell = 0; cell < IDF_WINDOW; cell++)
      near[cell] = (IDF_WINDOW - 1 - cell) * APART;
    for (int k = 0; k < IDF_BLOCK; k++)
      mean[k] = (int16_t)ends(&r, seed % 2 == 0, 31745);
    for (int i = 0; i < IDF_TAPS; i++)
      for (int k = 0; k < IDF_BLOCK; k++) {
        const int32_t d = seed % 4 == 1 ? ends(&r, true, 1022) : next;
        s[near[IDF_WINDOW_AT(idf_taps[i][0], idf_taps[i][1])] + k] = (int16_t)(mean[k] + d);
        next = next == 1022 ? -1022 : next + (seed % 4 != 1);
      }
    memset(&want, 0x5a, sizeof want);
    memset(&have, 0x5a, sizeof have);
    idf_kernels_none.show(s, near, mean, unit, want.d, want.shown);
    kernels->show(s, near, mean, unit, have.d, have.shown);
    IDF_UNIT_SEEDED(&r, memcmp(&want, &have, sizeof want) == 0);
  }
}

static void batches_agree_at(const idf_kernels *kernels)
{
  enum { APART = IDF_BLOCK + 3 };
  for (uint64_t seed = 0; seed < 300; seed++) {
    idf_unit_random r = idf_unit_random_of(2700 + seed);
    int16_t s[IDF_SEGMENT * APART], mean[IDF_SEGMENT][IDF_BLOCK];
    ptrdiff_t at[IDF_SEGMENT];
    idf_ls_block want, have;
    static const int widths[] = {8, 16, 20, 24, 28, 32}; /* of segments */
    const int columns = widths[seed % 6];
    const unsigned unit = (unsigned)(seed % 9);
    for (int c = 0; c < IDF_SEGMENT; c++)
      at[c] = (c * 5 % IDF_SEGMENT) * APART;
    for (int c = 0; c < IDF_SEGMENT; c++)
      for (int k = 0; k < IDF_BLOCK; k++) {
        /* Sample and mean near each other, about the clamp, or as far apart as 16 bits allow. */
        const uint32_t how = idf_unit_below(&r, 4);
        const int32_t sign = idf_unit_next(&r) & 1 ? 1 : -1, little = flowkit_between(&r, -2, 2);
        const int32_t far = how == 0   ? flowkit_between(&r, 0, 700)
                            : how == 1 ? (IDF_LS_CLAMP + little) * (1 << unit)
                            : how == 2 ? (IDF_LS_CLAMP + 1) * (1 << unit) + little
                                       : 40000;
        const int32_t d = idf_clamp(sign * far, -32768, 32767);
        const int32_t m =
            flowkit_between(&r, IDF_MAX(-32768, -32768 - d), IDF_MIN(32767, 32767 - d));
        mean[c][k] = (int16_t)m;
        s[at[c] + k] = (int16_t)(m + d);
      }
    memset(want, 0x5a, sizeof want);
    memset(have, 0xa5, sizeof have);
    idf_kernels_none.batch(s, columns, at, (const int16_t(*)[IDF_BLOCK])mean, unit, &want);
    kernels->batch(s, columns, at, (const int16_t(*)[IDF_BLOCK])mean, unit, &have);
    IDF_UNIT_SEEDED(&r, memcmp(want, have, (size_t)columns / 2 * sizeof want[0]) == 0);
  }
}

/* ---- least squares ------------------------------------------------------------------ */

enum { GROUPS = 2, STRIDE = GROUPS * IDF_LS_SLOTS };

typedef struct plane {
  idf_ls_block d[IDF_LS_MAX], weight;
  int32_t local[IDF_LS_ENTRIES + 2][STRIDE], other[IDF_LS_ENTRIES + 2][STRIDE];
  int32_t recent[IDF_LS_ENTRIES][IDF_LS_SLOTS];
  idf_ls_work work;
} plane;

static void fill_blocks(plane *s, int n, unsigned lo, unsigned hi, idf_unit_random *r)
{
  memset(s->weight, 0, sizeof s->weight);
  for (unsigned slot = 0; slot < IDF_LS_SLOTS; slot++) {
    const uint32_t kind = idf_unit_below(r, 4);
    for (int i = 0; i <= n; i++)
      for (unsigned k = 0; k < IDF_SEGMENT; k++)
        s->d[i][k / 2][2 * slot + k % 2] =
            (int16_t)(kind == 0 ? IDF_LS_CLAMP : ends(r, kind == 1, IDF_LS_CLAMP));
    for (unsigned k = 0; k < IDF_SEGMENT && slot >= lo && slot < hi; k++)
      s->weight[k / 2][2 * slot + k % 2] = (int16_t)(kind == 0 ? 64 : flowkit_between(r, 0, 64));
  }
}

static void fold(plane *s, const idf_kernels *kernels, int n, int pairs, unsigned lo, unsigned hi)
{
  idf_ls_block *d[IDF_LS_MAX];
  for (int i = 0; i <= n; i++)
    d[i] = &s->d[i];
  kernels->ls_fold(n, pairs, d, (const idf_ls_block *)&s->weight, lo, hi, s->local[1], STRIDE,
                   s->recent[0]);
}

static void range_of_slots(idf_unit_random *r, unsigned *lo, unsigned *hi)
{
  *lo = idf_unit_below(r, IDF_LS_SLOTS);
  *hi = *lo + 1 + idf_unit_below(r, IDF_LS_SLOTS - *lo);
}

static void folds_agree_at(const idf_kernels *kernels)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  plane *want = idf_alloc(&mem, 1, sizeof *want), *have = idf_alloc(&mem, 1, sizeof *have);
  for (uint64_t seed = 0; seed < 40; seed++) {
    idf_unit_random r = idf_unit_random_of(3000 + seed);
    static const int halves[] = {4, 8, 10, 12, 14, 16};
    const int pairs = halves[seed % 6];
    const int n = 1 + (int)idf_unit_below(&r, IDF_LS_MAX - 1);
    memset(want, 0, sizeof *want);
    memset(have, 0, sizeof *have);
    for (int y = 0; y < 12; y++) {
      unsigned lo, hi;
      range_of_slots(&r, &lo, &hi);
      fill_blocks(want, n, lo, hi, &r);
      memcpy(have->d, want->d, sizeof want->d);
      memcpy(have->weight, want->weight, sizeof want->weight);
      fold(want, &idf_kernels_none, n, pairs, lo, hi);
      fold(have, kernels, n, pairs, lo, hi);
    }
    IDF_UNIT_SEEDED(&r, memcmp(want, have, sizeof *want) == 0);
  }
  idf_free(&mem, want);
  idf_free(&mem, have);
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void gathers_agree_at(const idf_kernels *kernels)
{
  enum { ENTRIES = 37 };
  for (uint64_t seed = 0; seed < 60; seed++) {
    idf_unit_random r = idf_unit_random_of(3500 + seed);
    const size_t entries = idf_unit_below(&r, ENTRIES + 1);
    int32_t want[ENTRIES][IDF_LS_SLOTS], have[ENTRIES][IDF_LS_SLOTS];
    int64_t wide[2][ENTRIES];
    for (int e = 0; e < ENTRIES; e++) {
      const uint32_t how = idf_unit_below(&r, 4);
      for (int k = 0; k < IDF_LS_SLOTS; k++)
        want[e][k] = how < 2 ? ends(&r, how == 0, INT32_MAX - 1)
                             : (int32_t)(how == 2 ? INT32_MIN : INT32_MAX);
      wide[0][e] = wide[1][e] = (int64_t)flowkit_between(&r, -INT32_MAX, INT32_MAX) * 1024;
    }
    memcpy(have, want, sizeof have);
    idf_kernels_none.ls_gather(entries, want[0], wide[0]);
    kernels->ls_gather(entries, have[0], wide[1]);
    IDF_UNIT_SEEDED(&r, memcmp(want, have, sizeof want) == 0
                            && memcmp(wide[0], wide[1], sizeof wide[0]) == 0);
  }
}

static void products_agree_at(const idf_kernels *kernels)
{
  enum { MOST = 20 };
  for (uint64_t seed = 0; seed < 200; seed++) {
    idf_unit_random r = idf_unit_random_of(3700 + seed);
    const int n = (int)idf_unit_below(&r, MOST + 1);
    idf_pairs coef[MOST], x[MOST];
    int32_t want[IDF_BLOCK], have[IDF_BLOCK];
    for (int k = 0; k < IDF_BLOCK; k++) {
      const uint32_t how = idf_unit_below(&r, 4);
      /* 40 * 2^15 * 1022 and this just fit 32 bits. */
      want[k] = have[k] = ends(&r, how == 0, 800000000);
      for (int i = 0; i < 2 * MOST; i++) {
        int32_t c = ends(&r, how < 2, 32767), v = ends(&r, how < 2, 1022);
        if (how == 0)
          c = -32768, v = want[k] < 0 ? 1022 : -1022;
        coef[i / 2][k][i % 2] = (int16_t)c;
        x[i / 2][k][i % 2] = (int16_t)v;
      }
    }
    idf_kernels_none.dot(n, (const idf_pairs *)coef, (const idf_pairs *)x, want);
    kernels->dot(n, (const idf_pairs *)coef, (const idf_pairs *)x, have);
    IDF_UNIT_SEEDED(&r, memcmp(want, have, sizeof want) == 0);
  }
}

static void classes_agree_at(const idf_kernels *kernels)
{
  enum { MOST = IDF_LINEAR_MAX / 2, ROOM = 3 * IDF_BLOCK };
  for (uint64_t seed = 0; seed < 400; seed++) {
    idf_unit_random r = idf_unit_random_of(3800 + seed);
    const int n = seed < 2 ? MOST : 2 * (int)idf_unit_below(&r, MOST / 2 + 1);
    const uint32_t how = (uint32_t)(seed % 4);
    const int32_t sign = seed & 8 ? 1 : -1;
    idf_pairs coef[MOST];
    int32_t class[IDF_BLOCK], want[IDF_BLOCK + 1], have[IDF_BLOCK + 1];
    int16_t s[2 * MOST][ROOM];
    const int16_t *from[2 * MOST];
    for (int k = 0; k < IDF_BLOCK; k++)
      class[k] = (int32_t)idf_unit_below(&r, IDF_LINEAR_CLASSES);
    for (int i = 0; i < 2 * MOST; i++) {
      from[i] = s[i] + idf_unit_below(&r, ROOM - IDF_BLOCK); /* unaligned */
      for (int k = 0; k < ROOM; k++) /* the first as large as sums may become */
        s[i][k] = (int16_t)(how == 0 ? 1022 * sign : ends(&r, how == 1, 1022));
      for (int c = 0; c < IDF_LINEAR_CLASSES; c++)
        coef[i / 2][c][i % 2] =
            (int16_t)(how == 0 || idf_unit_below(&r, 8) == 0 ? -32768 : ends(&r, how == 1, 32767));
    }
    memset(want, 0x5a, sizeof want);
    memset(have, 0x5a, sizeof have);
    idf_kernels_none.classed(n, (const idf_pairs *)coef, class, from, want);
    kernels->classed(n, (const idf_pairs *)coef, class, from, have);
    IDF_UNIT_SEEDED(&r, memcmp(want, have, sizeof want) == 0);
  }
}

static void centres_agree_at(const idf_kernels *kernels)
{
  enum { MOST = IDF_LINEAR_MAX + 1, ROOM = 3 * IDF_BLOCK };
  for (uint64_t seed = 0; seed < 300; seed++) {
    idf_unit_random r = idf_unit_random_of(3900 + seed);
    const int n = (int)idf_unit_below(&r, MOST + 1);
    const unsigned unit = (unsigned)(seed % 9);
    int32_t s[MOST][ROOM], mean[3][IDF_BLOCK];
    const int32_t *from[MOST], *less[MOST];
    int16_t want[MOST + 1][IDF_BLOCK], have[MOST + 1][IDF_BLOCK];
    for (int i = 0; i < 3; i++)
      for (int k = 0; k < IDF_BLOCK; k++)
        mean[i][k] = ends(&r, seed % 5 == 0, 65536);
    for (int i = 0; i < MOST; i++) {
      const uint32_t at = idf_unit_below(&r, ROOM - IDF_BLOCK); /* unaligned */
      from[i] = s[i] + at;
      less[i] = mean[i % 3];
      for (uint32_t k = 0; k < ROOM; k++) {
        const int32_t near = mean[i % 3][(k + ROOM - at) % IDF_BLOCK] + flowkit_between(&r, -3, 3);
        const int32_t off = (IDF_LS_CLAMP + 1) * (1 << unit);
        s[i][k] = seed % 2 ? ends(&r, seed % 3 == 0, 65536) /* or about the clamp */
                           : near + (idf_unit_next(&r) & 1 ? off : -off);
      }
    }
    memset(want, 0x5a, sizeof want);
    memset(have, 0x5a, sizeof have);
    idf_kernels_none.centre(n, from, less, unit, want);
    kernels->centre(n, from, less, unit, have);
    IDF_UNIT_SEEDED(&r, memcmp(want, have, sizeof want) == 0);
  }
}

/* Samples at the ends of what has an interval, beyond, or anywhere. */
static int16_t sample_for(idf_unit_random *r, int32_t mu, int32_t scale, int32_t min, int32_t max)
{
  idf_prior prior;
  idf_prior_set(&prior, mu, scale, min, max);
  const int32_t ends[] = {min,
                          max,
                          prior.lo,
                          prior.lo - 1,
                          prior.hi,
                          prior.hi - 1,
                          prior.centre,
                          prior.centre + 1,
                          flowkit_between(r, min, max),
                          prior.centre + flowkit_between(r, -9, 9)};
  return (int16_t)idf_clamp(ends[idf_unit_below(r, sizeof ends / sizeof *ends)], min, max);
}

static void records_agree_at(const idf_kernels *kernels)
{
  enum { MOST = 5 * IDF_BLOCK };
  static const int32_t ranges[][2] = {{0, 255}, {-255, 255}, {0, 510},   {-510, 0},
                                      {7, 7},   {0, 1},      {-100, -90}};
  unsigned odd = 0, whole = 0, blocks_odd = 0, blocks_even = 0;
  for (uint64_t seed = 0; seed < 4000; seed++) {
    idf_unit_random r = idf_unit_random_of(5500 + seed);
    const int32_t *range = ranges[seed % 7];
    const int blocks = 1 + (int)idf_unit_below(&r, 5);
    const uint32_t calm = idf_unit_below(&r, 3);
    int32_t mu[MOST], scale[MOST];
    int16_t sample[MOST];
    uint32_t want[MOST + IDF_BLOCK], have[MOST + IDF_BLOCK];
    for (int k = 0; k < blocks * IDF_BLOCK; k++) {
      const int32_t any = flowkit_between(&r, 64 * range[0], 64 * range[1]);
      mu[k] = idf_unit_below(&r, 4) != 0 ? any : 64 * range[idf_unit_below(&r, 2)];
      if (idf_unit_below(&r, 4) == 0) /* as near to two samples as to each other */
        mu[k] = idf_clamp((mu[k] & ~63) + 32, 64 * range[0], 64 * range[1]);
      scale[k] = (int32_t)idf_unit_below(&r, IDF_SCALES);
      sample[k] = sample_for(&r, mu[k], scale[k], range[0], range[1]);
      if (calm == 0)
        sample[k] = (int16_t)((mu[k] + 32) >> 6);
    }
    memset(want, 0x5a, sizeof want);
    memset(have, 0x5a, sizeof have);
    const bool first = idf_kernels_none.record(blocks, mu, scale, sample, range[0], range[1], want);
    const bool second = kernels->record(blocks, mu, scale, sample, range[0], range[1], have);
    IDF_UNIT_SEEDED(&r, memcmp(want, have, sizeof want) == 0 && first == second);
    *(first ? &blocks_odd : &blocks_even) += 1;
    for (int k = 0; k < blocks * IDF_BLOCK; k++) {
      odd += want[k] == IDF_RECORD_ODD;
      whole += want[k] == (IDF_FREQ_ONE - 1) << 16;
    }
  }
  CU_ASSERT_TRUE(odd > 1000 && whole > 1000 && blocks_odd > 500 && blocks_even > 500);
}

static void transpositions_agree_at(const idf_kernels *kernels)
{
  enum { LINE = 3 * IDF_BLOCK, PITCH = 2 * IDF_BLOCK + 3 };
  for (uint64_t seed = 0; seed < 50; seed++) {
    idf_unit_random r = idf_unit_random_of(5900 + seed);
    uint32_t line[IDF_BLOCK][LINE], want[IDF_BLOCK * PITCH], have[IDF_BLOCK * PITCH];
    const uint32_t *from[IDF_BLOCK];
    for (size_t k = 0; k < IDF_BLOCK; k++) {
      for (size_t i = 0; i < LINE; i++)
        line[k][i] = (uint32_t)idf_unit_next(&r);
      from[k] = line[idf_unit_below(&r, IDF_BLOCK)] + idf_unit_below(&r, LINE - IDF_BLOCK + 1);
    }
    const size_t stride = IDF_BLOCK + idf_unit_below(&r, PITCH - IDF_BLOCK + 1);
    memset(want, 0x5a, sizeof want);
    memset(have, 0x5a, sizeof have);
    for (size_t c = 0; c < IDF_BLOCK; c++)
      for (size_t k = 0; k < IDF_BLOCK; k++)
        want[c * stride + k] = from[k][c];
    kernels->transpose(from, have, stride);
    IDF_UNIT_SEEDED(&r, memcmp(want, have, sizeof want) == 0);
  }
}

/* Lanes in turn for a while, then in any order, then in turn from another lane on; in rows or one
 * by one. */
static void record_symbols(idf_rans_enc *enc, idf_unit_random *r, bool rows)
{
  const uint32_t spells = 1 + idf_unit_below(r, 6);
  for (uint32_t spell = 0; spell < spells; spell++) {
    const bool long_rows = idf_unit_below(r, 4) == 0, in_place = idf_unit_next(r) & 1;
    const uint32_t symbols = idf_unit_below(r, long_rows ? 3000 : 200);
    const uint32_t first = idf_unit_below(r, enc->lanes);
    const bool in_turn = idf_unit_below(r, 4) != 0;
    const uint32_t how = idf_unit_below(r, 4);
    uint32_t row[1024], wait = 0;
    for (uint32_t i = 0; i < symbols; i++) {
      const uint32_t lane = (in_turn ? first + i : idf_unit_below(r, enc->lanes)) % enc->lanes;
      uint32_t size = 1; /* as many words as there can be; none; or any sizes */
      if (how == 1)
        size = IDF_FREQ_ONE - idf_unit_below(r, 3);
      else if (how > 1)
        size = 1 + (idf_unit_below(r, IDF_FREQ_ONE) >> idf_unit_below(r, 17));
      const uint32_t start = idf_unit_below(r, IDF_FREQ_ONE - size + 1);
      if (!rows || !in_turn) {
        idf_rans_put(enc, lane, (idf_interval){start, size});
        continue;
      }
      row[wait++] = start | (size - 1) << 16;
      if (wait < 1024 && i + 1 < symbols && (long_rows || i % 7 != 3))
        continue;
      const unsigned start_lane = (lane + 1024 * enc->lanes + 1 - wait) % enc->lanes;
      uint32_t *room = in_place ? idf_rans_room(enc, wait) : NULL;
      if (room)
        memcpy(room, row, wait * sizeof *row);
      idf_rans_put_row(enc, start_lane, room != NULL ? room : row, wait);
      wait = 0;
    }
  }
}

static void runs_agree_at(const idf_kernels *kernels)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  for (uint64_t seed = 0; seed < 400; seed++) {
    idf_unit_random r = idf_unit_random_of(6000 + seed);
    const unsigned lanes = seed % 4 == 0 ? 1 + idf_unit_below(&r, IDF_RANS_LANES) : IDF_RANS_LANES;
    idf_buf out[2];
    for (int i = 0; i < 2; i++) {
      idf_unit_random same = r;
      idf_rans_enc enc;
      idf_buf_init(&out[i], &mem);
      idf_rans_enc_init(&enc, &mem, lanes);
      enc.sixteens = i == 0 ? NULL : kernels->sixteens;
      for (int twice = 0; twice < 2; twice++) {
        record_symbols(&enc, &same, i == 1);
        CU_ASSERT_EQUAL(idf_rans_finish(&enc, &out[i]), IDF_OK);
      }
      idf_rans_enc_free(&enc);
    }
    IDF_UNIT_SEEDED(&r,
                    out[0].len == out[1].len && memcmp(out[0].data, out[1].data, out[0].len) == 0);
    for (int i = 0; i < 2; i++)
      idf_buf_free(&out[i]);
  }
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* Sixteen slots in intervals around them, of any size; or, now and then, in none. */
static void intervals_of(const idf_rans_dec *dec, unsigned lane, idf_unit_random *r, bool miss,
                         idf_sites *s, int from)
{
  for (int i = from + 15; i >= from; i--, lane = (lane + 1) % 16) {
    const uint32_t slot = idf_rans_peek(dec, lane), most = 1u << idf_unit_below(r, 17);
    const uint32_t down = idf_unit_below(r, most), up = idf_unit_below(r, most);
    s->slot[i] = (int32_t)slot;
    s->below[i] = (int32_t)(slot - IDF_MIN(slot, down));
    s->above[i] = (int32_t)(slot + 1 + IDF_MIN(IDF_FREQ_ONE - 1 - slot, up));
  }
  const int at = from + (int)idf_unit_below(r, 16);
  if (miss && (idf_unit_next(r) & 1) && s->slot[at] > 0) {
    s->above[at] = s->slot[at];
    s->below[at] = IDF_MIN(s->below[at], s->slot[at] - 1);
  } else if (miss && s->slot[at] < (int32_t)IDF_FREQ_ONE - 1) {
    s->below[at] = s->slot[at] + 1;
    s->above[at] = IDF_MAX(s->above[at], s->slot[at] + 2);
  }
}

static void sixteen_at_once_agree_at(const idf_kernels *kernels)
{
  uint8_t words[16 * 4 + 3 * 64];
  unsigned taken = 0, missed = 0, ended = 0, filled = 0;
  for (uint64_t seed = 0; seed < 3000 && kernels->take != NULL; seed++) {
    idf_unit_random r = idf_unit_random_of(7000 + seed);
    idf_rans_dec one = {.lanes = 16, .at = words, .end = words + sizeof words}, all;
    const unsigned lane = idf_unit_below(&r, 16);
    const int from = IDF_BLOCK * (int)idf_unit_below(&r, IDF_SITES / IDF_BLOCK);
    idf_sites s;
    memset(&s, 0, sizeof s);
    for (size_t i = 0; i < sizeof words; i++)
      words[i] = (uint8_t)idf_unit_next(&r);
    for (int i = 0; i < 16; i++)
      one.state[i] =
          IDF_RANS_LOW | (uint64_t)idf_unit_next(&r) << idf_unit_below(&r, 33) | idf_unit_next(&r);
    one.at += sizeof words - 4 * idf_unit_below(&r, 40);
    intervals_of(&one, lane, &r, seed % 5 == 0, &s, from);
    for (int i = 0; i < IDF_SITES; i++) {
      s.first[i] = flowkit_between(&r, -510, 510);
      s.centre[i] = flowkit_between(&r, -510, 510);
    }
    all = one;
    bool good = true, inside = true;
    idf_sites peeked = s, want = s;
    memset(peeked.slot + from, 0, 16 * sizeof *s.slot);
    kernels->peek(&one, lane, &peeked, from);
    good = memcmp(&peeked, &s, sizeof s) == 0;
    for (int i = from; i < from + 16; i++)
      inside = inside && s.slot[i] >= s.below[i] && s.slot[i] < s.above[i];
    if (kernels->take(&all, lane, &s, from)) {
      for (int i = 0; i < 16; i++) {
        const int k = from + 15 - i;
        idf_rans_take(&one, (lane + (unsigned)i) % 16,
                      (idf_interval){(uint32_t)s.below[k], (uint32_t)(s.above[k] - s.below[k])});
        want.latent[k] = s.first[k] - s.centre[k];
      }
      good = good && inside && !one.bad;
      filled += all.at != words + sizeof words;
      taken++;
    } else {
      missed += !inside;
      ended += one.end - one.at < 64;
      good = good && (!inside || one.end - one.at < 64);
    }
    good = good && memcmp(&s, &want, sizeof s) == 0;
    for (int i = 0; i < 16; i++)
      good = good && all.state[i] == one.state[i];
    IDF_UNIT_SEEDED(&r, good && all.at == one.at && all.bad == one.bad);
  }
  CU_ASSERT_TRUE(!kernels->take || (taken > 500 && missed > 200 && ended > 500 && filled > 500));
}

static void sum_and_solve(plane *s, const idf_kernels *kernels, const idf_ls_sums *sums, int n,
                          unsigned lo, unsigned hi, uint64_t seed)
{
  idf_unit_random r = idf_unit_random_of(seed);
  for (int i = 0; i < IDF_LS_MAX; i++)
    for (int k = 0; k < IDF_LS_SLOTS; k++)
      s->work.solution[i][k] = (float)flowkit_between(&r, -4096, 4096) / 4096.0f;
  kernels->ls_local(n, sums, lo, hi, &s->work);
  kernels->ls_solve(n, 200.0f, lo, hi, &s->work);
}

/* Bits of solutions, but that what is not a number has many. */
static bool solved_alike(const idf_ls_work *a, const idf_ls_work *b, int n, unsigned lo,
                         unsigned hi)
{
  bool same = true;
  for (int i = 0; i < n; i++)
    for (unsigned k = lo; k < hi; k++) {
      const float *x = &a->solution[i][k], *y = &b->solution[i][k];
      same = same && (memcmp(x, y, sizeof *x) == 0 || (isnan(*x) && isnan(*y)))
             && a->coef[i][k] == b->coef[i][k];
    }
  return same;
}

static void solutions_agree_at(const idf_kernels *kernels)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  plane *want = idf_alloc(&mem, 1, sizeof *want), *have = idf_alloc(&mem, 1, sizeof *have);
  unsigned extreme = 0;
  for (uint64_t seed = 0; seed < 120; seed++) {
    idf_unit_random r = idf_unit_random_of(4000 + seed);
    const int n = 1 + (int)idf_unit_below(&r, IDF_LS_MAX - 1);
    unsigned lo, hi;
    range_of_slots(&r, &lo, &hi);
    memset(want, 0, sizeof *want);
    if (seed % 3 == 0) { /* what no samples give: off-diagonal entries of any size */
      for (int e = 0; e < IDF_LS_ENTRIES + 2; e++)
        for (int k = 0; k < STRIDE; k++) {
          want->local[e][k] = flowkit_between(&r, -(1 << 28), 1 << 28);
          want->other[e][k] = flowkit_between(&r, -350000000, 350000000);
        }
    } else {
      for (int y = 0; y < 6; y++) {
        fill_blocks(want, n, 0, IDF_LS_SLOTS, &r);
        fold(want, &idf_kernels_none, n, IDF_SEGMENT / 2, 0, IDF_LS_SLOTS);
      }
      memcpy(want->other, want->local, sizeof want->other);
    }
    *have = *want;
    const int32_t *other = want->other[1];
    const idf_ls_sums sums = {want->local[1], other - (seed & 1), other + 1 - (seed & 1),
                              STRIDE,         (seed & 2) != 0,    (seed & 4) != 0};
    sum_and_solve(want, &idf_kernels_none, &sums, n, lo, hi, seed);
    sum_and_solve(have, kernels, &sums, n, lo, hi, seed);
    IDF_UNIT_SEEDED(&r, solved_alike(&want->work, &have->work, n, lo, hi));
    for (int i = 0; i < n; i++)
      extreme += want->work.coef[i][lo] == -32767 || want->work.coef[i][lo] == 32767;
  }
  CU_ASSERT_TRUE(extreme > 0);
  idf_free(&mem, want);
  idf_free(&mem, have);
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* One entry at a time, each from the rows above it: the definition in other words. Products are
 * volatile lest a compiler contract them. */
static void solve_one(int n, float ridge, float m[IDF_LS_MAX][IDF_LS_MAX], float z[IDF_LS_MAX],
                      unsigned *raised)
{
  float inverse[IDF_LS_MAX];
  volatile float f, product;
  for (int j = 0; j < n; j++) {
    for (int c = j; c <= n; c++)
      for (int i = 0; i < j; i++) {
        f = m[i][j] * inverse[i];
        product = f * m[i][c];
        m[j][c] = m[j][c] - product;
      }
    *raised += m[j][j] > ridge ? 0 : 1;
    inverse[j] = 1.0f / (m[j][j] > ridge ? m[j][j] : ridge);
  }
  for (int j = n - 1; j >= 0; j--) {
    z[j] = m[j][n];
    for (int i = n - 1; i > j; i--) {
      product = m[j][i] * z[i];
      z[j] = z[j] - product;
    }
    z[j] = z[j] * inverse[j];
  }
}

static void single_systems_agree_at(const idf_kernels *kernels)
{
  unsigned raised = 0;
  for (uint64_t seed = 0; seed < 300; seed++) {
    idf_unit_random r = idf_unit_random_of(4500 + seed);
    const int n = 1 + (int)(seed % (IDF_LS_MAX - 1));
    float want[IDF_LS_MAX][IDF_LS_MAX], have[IDF_LS_MAX][IDF_LS_MAX];
    float x[IDF_LS_MAX], z[IDF_LS_MAX];
    for (int i = 0; i < IDF_LS_MAX; i++)
      for (int j = 0; j < IDF_LS_MAX; j++) { /* below the diagonal: any numbers */
        const int32_t off = flowkit_between(&r, -1000000, 1000000);
        const int32_t pivot = flowkit_between(&r, 800, seed % 3 == 0 ? 3000 : 200000000);
        want[i][j] = have[i][j] = (float)(i == j ? pivot : off);
      }
    solve_one(n, 800.0f, want, x, &raised);
    kernels->ls_solve_one(n, 800.0f, have, z);
    bool same = true;
    for (int i = 0; i < n; i++)
      same = same && (memcmp(&x[i], &z[i], sizeof x[i]) == 0 || (isnan(x[i]) && isnan(z[i])));
    IDF_UNIT_SEEDED(&r, same);
  }
  CU_ASSERT_TRUE(raised > 100);
}

/* ---- learning ----------------------------------------------------------------------- */

typedef struct descent {
  int32_t value[IDF_NET_OUTPUTS][IDF_NET_WIDTH];
  int32_t slope[IDF_NET_OUTPUTS][IDF_BLOCK];
  idf_pairs in[IDF_NET_WIDTH / 2];
  int32_t limit;
  int width;
} descent;

/* Returns the margin that no partial sum of an output exceeds. */
static int32_t reach(const int32_t slope[IDF_BLOCK])
{
  int32_t sum = 0;
  for (int k = 0; k < IDF_BLOCK; k++)
    sum += slope[k] < 0 ? -slope[k] : slope[k];
  return sum * IDF_ACT_MAX;
}

/* near: values just where the limit can just not, or just, be reached; else anywhere. */
static void make_descent(descent *d, idf_unit_random *r, bool near)
{
  static const int32_t steepest[] = {0, 1, 50, 3000, 32767};
  memset(d, 0, sizeof *d);
  d->width = (int)(16 + 16 * idf_unit_below(r, 8));
  d->limit = (int32_t)(idf_unit_below(r, 4) == 0 ? idf_unit_below(r, 5000) : (1u << 28) - 1);
  const uint32_t miss = idf_unit_below(r, 4); /* no value beyond; or one, somewhere */
  const uint32_t bad = idf_unit_below(r, (uint32_t)(IDF_NET_OUTPUTS * d->width));
  for (uint32_t o = 0; o < IDF_NET_OUTPUTS; o++) {
    const int32_t most = steepest[idf_unit_below(r, 5)];
    for (int k = 0; k < IDF_BLOCK; k++)
      d->slope[o][k] = idf_unit_below(r, 3) == 0 ? 0 : ends(r, (idf_unit_next(r) & 1) != 0, most);
    const int32_t room = IDF_MAX(d->limit - reach(d->slope[o]), 0);
    for (uint32_t i = 0; i < (uint32_t)d->width; i++) {
      int32_t v = near ? ends(r, true, room) : ends(r, (idf_unit_next(r) & 1) != 0, d->limit);
      if (near && miss != 0 && o * (uint32_t)d->width + i == bad && room < d->limit)
        v += v < 0 ? -1 : 1;
      d->value[o][i] = v;
    }
    for (int i = d->width; i < IDF_NET_WIDTH; i++)
      d->value[o][i] = d->limit;
  }
  const bool extreme = (idf_unit_next(r) & 1) != 0;
  for (int i = 0; i < d->width; i++)
    for (int k = 0; k < IDF_BLOCK; k++)
      d->in[i / 2][k][i % 2] =
          (int16_t)(idf_unit_below(r, 4) == 0 ? IDF_ACT_MAX : ends(r, extreme, IDF_ACT_MAX));
}

static void descend(descent *d, const idf_kernels *kernels)
{
  const int32_t *slope[IDF_NET_OUTPUTS];
  for (int o = 0; o < IDF_NET_OUTPUTS; o++)
    slope[o] = d->slope[o];
  kernels->descend(d->value, slope, (const idf_pairs *)d->in, d->width, d->limit);
}

static void descents_agree_at(const idf_kernels *kernels)
{
  unsigned free_ones = 0, clamped = 0;
  for (uint64_t seed = 0; seed < 2000; seed++) {
    idf_unit_random r = idf_unit_random_of(5000 + seed);
    descent from, want, have;
    make_descent(&from, &r, seed % 4 != 0);
    want = have = from;
    descend(&want, &idf_kernels_none);
    descend(&have, kernels);
    IDF_UNIT_SEEDED(&r, memcmp(&want, &have, sizeof want) == 0);
    bool clear = true, met = false;
    for (int o = 0; o < IDF_NET_OUTPUTS; o++)
      for (int i = 0; i < from.width; i++) {
        int64_t v = from.value[o][i];
        clear = clear && (v < 0 ? -v : v) + reach(from.slope[o]) <= from.limit;
        for (int k = 0; k < IDF_BLOCK; k++)
          v -= (int64_t)from.slope[o][k] * from.in[i / 2][k][i % 2];
        met = met || v != want.value[o][i];
      }
    free_ones += clear;
    clamped += met;
    CU_ASSERT_FALSE(clear && met);
  }
  CU_ASSERT_TRUE(free_ones > 200 && clamped > 200);
}

EACH_LEVEL(layers_agree)
EACH_LEVEL(views_agree)
EACH_LEVEL(batches_agree)
EACH_LEVEL(products_agree)
EACH_LEVEL(classes_agree)
EACH_LEVEL(centres_agree)
EACH_LEVEL(records_agree)
EACH_LEVEL(transpositions_agree)
EACH_LEVEL(runs_agree)
EACH_LEVEL(sixteen_at_once_agree)
EACH_LEVEL(folds_agree)
EACH_LEVEL(gathers_agree)
EACH_LEVEL(solutions_agree)
EACH_LEVEL(single_systems_agree)
EACH_LEVEL(descents_agree)

int idf_suite_kernels(void)
{
  static const idf_unit_test tests[] = {{"levels name themselves", levels_name_themselves},
                                        {"layers agree", layers_agree},
                                        {"views agree", views_agree},
                                        {"batches agree", batches_agree},
                                        {"products agree", products_agree},
                                        {"classes agree", classes_agree},
                                        {"centres agree", centres_agree},
                                        {"records agree", records_agree},
                                        {"transpositions agree", transpositions_agree},
                                        {"runs agree", runs_agree},
                                        {"sixteen at once agree", sixteen_at_once_agree},
                                        {"folds agree", folds_agree},
                                        {"gathers agree", gathers_agree},
                                        {"solutions agree", solutions_agree},
                                        {"single systems agree", single_systems_agree},
                                        {"descents agree", descents_agree},
                                        {NULL, NULL}};
  return idf_unit_suite("kernels", tests);
}

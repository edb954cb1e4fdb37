/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_leastsq.c: statistics within their bounds, solutions that are right, and
 * solutions that are the same everywhere.
 *
 * GOLDEN is a hash of solutions, to the last bit, and coefficients over made-up statistics.
 * A compiler, a flag or a machine that computes one float otherwise changes it; so does a
 * deliberate change of the format, after which the test prints the new value.
 */
#include "leastsq.h"

#include <math.h>
#include <string.h>

#include "flowkit.h"
#include "kernels_none.h"

int idf_suite_leastsq(void);

#define GOLDEN UINT64_C(0x8ab836827e077daf)
#define NARROW 3 /* segments of the small planes below: slots 0 and 1 even, 0 odd */

/* Of column k in a slot of a row. */
#define AT(row, slot, k) ((row)[(k) / 2][2 * (slot) + (unsigned)((k) % 2)])

static const int16_t nothing[IDF_LS_MAX]; /* is usual */

/* One plane and everything that goes in and comes out. */
typedef struct bench {
  idf_ls ls;
  idf_ls_block d[IDF_LS_MAX], weight;
  idf_ls_work work;
  float solution[IDF_LS_MAX];
  int16_t wide[IDF_LS_MAX], coef[IDF_LS_SLOTS][IDF_LS_MAX];
} bench;

static bench *bench_new_of(idf_mem *mem, int n, uint32_t strips, int strip)
{
  idf_mem_init(mem, UINT64_MAX);
  bench *b = idf_alloc(mem, 1, sizeof *b);
  CU_ASSERT_PTR_NOT_NULL_FATAL(b);
  CU_ASSERT_EQUAL_FATAL(idf_ls_init(&b->ls, mem, n, nothing, strips, strip), IDF_OK);
  return b;
}

/* With strips of two segments. */
static bench *bench_new(idf_mem *mem, int n, uint32_t segments)
{
  return bench_new_of(mem, n, (segments + 1) / 2, 2 * IDF_SEGMENT);
}

static void bench_free(idf_mem *mem, bench *b)
{
  idf_ls_free(&b->ls, mem);
  idf_free(mem, b);
  CU_ASSERT_EQUAL(mem->used, 0);
}

/* Folds rows into slots [lo, hi); weights start anew. */
static void fold(bench *b, unsigned parity, size_t group, unsigned lo, unsigned hi)
{
  idf_ls_block *d[IDF_LS_MAX];
  for (int i = 0; i <= b->ls.n; i++)
    d[i] = &b->d[i];
  idf_ls_fold(&b->ls, &idf_kernels_none, parity, group, lo, hi, d,
              (const idf_ls_block *)&b->weight);
  memset(b->weight, 0, sizeof b->weight);
}

static void gather(bench *b)
{
  idf_ls_gather(&b->ls, &idf_kernels_none);
}

/* b->solution and b->wide. */
static void solve_wide(bench *b)
{
  float apart[IDF_LS_MAX][3];
  idf_ls_solve_wide(&b->ls, &idf_kernels_none, &b->work, apart[0], 3, b->wide);
  for (int i = 0; i < b->ls.n; i++)
    b->solution[i] = apart[i][0];
}

/* b->coef of slots [lo, hi) of the first group, each drawn towards b->solution; in the priors
 * of others is what no number may be made of. */
static void solve(bench *b, unsigned parity, unsigned lo, unsigned hi)
{
  float prior[IDF_LS_MAX][IDF_LS_SLOTS + 1];
  for (int i = 0; i < b->ls.n; i++)
    for (unsigned k = 0; k < IDF_LS_SLOTS; k++)
      prior[i][k] = k >= lo && k < hi ? b->solution[i] : NAN;
  idf_ls_solve_local(&b->ls, &idf_kernels_none, &b->work, parity, 0, lo, hi, prior[0],
                     IDF_LS_SLOTS + 1);
  for (unsigned k = lo; k < hi; k++)
    for (int i = 0; i < b->ls.n; i++)
      b->coef[k][i] = b->work.coef[i][k];
}

static void weights_fall_with_the_error(void)
{
  for (uint32_t e = 0; e < 9000; e++) {
    int32_t w = idf_ls_weight(e);
    CU_ASSERT_EQUAL(w, e > 126 ? 1 : 128 / (2 + (int32_t)e));
    CU_ASSERT_TRUE(w >= 1 && w <= 64);
  }
  CU_ASSERT_EQUAL(idf_ls_weight(0), 64);
  CU_ASSERT_EQUAL(idf_ls_weight(126), 1);
  CU_ASSERT_EQUAL(idf_ls_weight(UINT32_MAX), 1);
}

/* Values at the ends of their range; signs by `kind` so that sums grow or cancel. */
static void extreme_row(bench *b, unsigned slot, int kind, idf_unit_random *r)
{
  for (int i = 0; i <= b->ls.n; i++)
    for (int k = 0; k < IDF_SEGMENT; k++) {
      bool coin = (idf_unit_next(r) & 1) != 0;
      bool minus = kind == 0 ? i % 2 == 1 : kind == 1 ? false : kind == 2 ? k % 2 == 1 : coin;
      AT(b->d[i], slot, k) = minus ? -IDF_LS_CLAMP : IDF_LS_CLAMP;
    }
  for (int k = 0; k < IDF_SEGMENT; k++)
    AT(b->weight, slot, k) = 64;
}

/* The fold of one slot in 64 bits, for comparison. */
static void fold_reference(const bench *b, unsigned slot, int64_t *local, int64_t *wide)
{
  int e = 0;
  for (int i = 0; i < b->ls.n; i++)
    for (int j = i; j <= b->ls.n; j++, e++) {
      int64_t s = 4;
      for (int k = 0; k < b->ls.segment; k++)
        s += (int64_t)AT(b->weight, slot, k) * AT(b->d[i], slot, k) * AT(b->d[j], slot, k);
      local[e] += (s >> 3) - (local[e] >> 2);
      wide[e] += s >> 3;
    }
}

static bool local_is(const bench *b, unsigned parity, size_t slot, const int64_t *want)
{
  bool same = true;
  for (int e = 0; e < idf_ls_row(b->ls.n, b->ls.n); e++)
    same = same && b->ls.local[parity][(size_t)e * b->ls.slots + slot] == want[e];
  return same;
}

static bool wide_is(const bench *b, const int64_t *want)
{
  bool same = true;
  for (int e = 0; e < idf_ls_row(b->ls.n, b->ls.n); e++)
    same = same && b->ls.wide[e] == want[e];
  return same;
}

static void folds_never_leave_their_bounds(void)
{
  idf_unit_random r = idf_unit_random_of(1);
  static const int sizes[] = {1, 18, 20, 28, 47};
  for (size_t k = 0; k < 5; k++)
    for (int kind = 0; kind < 4; kind++) {
      idf_mem mem;
      bench *b = bench_new(&mem, sizes[k], NARROW);
      int64_t local[IDF_LS_ENTRIES] = {0}, wide[IDF_LS_ENTRIES] = {0}, most = 0;
      for (int y = 0; y < 150; y++) {
        extreme_row(b, 1, kind, &r);
        fold_reference(b, 1, local, wide);
        fold(b, 0, 0, 1, 2);
        gather(b);
      }
      IDF_UNIT_SEEDED(&r, local_is(b, 0, 1, local) && wide_is(b, wide));
      for (int e = 0; e < IDF_LS_ENTRIES; e++)
        most = IDF_MAX(most, local[e] < 0 ? -local[e] : local[e]);
      /* Four times a segment's and its neighbours' must fit. 64 * 511^2 * 32 / 8 a row, times
       * 4: the test does reach what it is about. */
      CU_ASSERT_TRUE(6 * most < INT32_MAX);
      CU_ASSERT_TRUE(kind == 3 || most > 267000000);
      bench_free(&mem, b);
    }
}

/* The widest tile: 128 segments at the extreme in each row, for many rows. */
static void wide_equations_forget_and_stay_exact(void)
{
  idf_mem mem;
  bench *b = bench_new(&mem, 3, 128);
  idf_unit_random r = idf_unit_random_of(2);
  int64_t wide[IDF_LS_ENTRIES] = {0}, one[IDF_LS_ENTRIES] = {0}, unused[IDF_LS_ENTRIES] = {0};
  extreme_row(b, 0, 0, &r);
  fold_reference(b, 0, unused, one);
  for (int y = 0; y < 2000; y++) {
    for (unsigned call = 0; call < 8; call++) {
      for (unsigned slot = 0; slot < IDF_LS_SLOTS; slot++)
        extreme_row(b, slot, 0, &r);
      fold(b, call % 2, call / 2 * IDF_LS_SLOTS, 0, IDF_LS_SLOTS);
    }
    gather(b);
    idf_ls_forget(&b->ls);
    for (int e = 0; e < idf_ls_row(3, 3); e++) {
      wide[e] += 128 * one[e];
      wide[e] -= wide[e] >> 8;
    }
  }
  CU_ASSERT_TRUE(wide_is(b, wide));
  CU_ASSERT_TRUE(b->ls.wide[0] > (int64_t)1 << 40);
  CU_ASSERT_TRUE(b->ls.wide[0] < (int64_t)1 << 41);
  bench_free(&mem, b);
}

static void what_is_outside_stays_as_it_was(void)
{
  idf_mem mem;
  bench *b = bench_new(&mem, 18, 2 * IDF_LS_SLOTS);
  idf_unit_random r = idf_unit_random_of(3);
  int64_t local[IDF_LS_ENTRIES] = {0}, wide[IDF_LS_ENTRIES] = {0}, zero[IDF_LS_ENTRIES] = {0};
  for (unsigned slot = 0; slot < IDF_LS_SLOTS; slot++)
    for (int i = 0; i <= 18; i++) /* other slots have rows of no weight */
      for (int k = 0; k < IDF_SEGMENT; k++)
        AT(b->d[i], slot, k) = (int16_t)flowkit_between(&r, -511, 511);
  for (int i = 0; i <= 18; i++)
    for (int k = 0; k < 5; k++) /* the other columns of the segment weigh nothing */
      AT(b->d[i], 7, k) = (int16_t)flowkit_between(&r, -511, 511);
  for (int i = 0; i <= 18; i++)
    for (int k = 5; k < IDF_SEGMENT; k++)
      AT(b->d[i], 7, k) = 511;
  for (int k = 0; k < 5; k++)
    AT(b->weight, 7, k) = 7;
  fold_reference(b, 7, local, wide);
  fold(b, 1, 0, 7, 8);
  gather(b);
  IDF_UNIT_SEEDED(&r, local_is(b, 1, 7, local) && wide_is(b, wide));
  for (unsigned slot = 0; slot < IDF_LS_SLOTS; slot++)
    CU_ASSERT_TRUE(local_is(b, 0, slot, zero) && (slot == 7 || local_is(b, 1, slot, zero)));
  bench_free(&mem, b);
}

/* target = sum of coef * regressor, regressors independent: the solve finds coef. */
static void a_linear_relation_is_recovered(void)
{
  static const int sizes[] = {1, 18, 20, 28, 47};
  for (size_t s = 0; s < 5; s++) {
    const int n = sizes[s];
    idf_mem mem;
    bench *b = bench_new(&mem, n, NARROW);
    idf_unit_random r = idf_unit_random_of(10 + s);
    double true_coef[IDF_LS_MAX];
    for (int i = 0; i < n; i++)
      true_coef[i] = flowkit_between(&r, -40, 40) / (n < 4 ? 32 : 8 * n);
    for (int y = 0; y < 60; y++) {
      for (unsigned seg = 0; seg < NARROW; seg++) {
        for (int k = 0; k < IDF_SEGMENT; k++) {
          double t = 0;
          for (int i = 0; i < n; i++) {
            AT(b->d[i], seg / 2, k) = (int16_t)flowkit_between(&r, -300, 300);
            t += true_coef[i] * AT(b->d[i], seg / 2, k);
          }
          AT(b->d[n], seg / 2, k) = (int16_t)idf_clamp((int32_t)floor(t + 0.5), -511, 511);
          AT(b->weight, seg / 2, k) = 64;
        }
        fold(b, seg % 2, 0, seg / 2, seg / 2 + 1);
      }
      gather(b);
      idf_ls_forget(&b->ls);
    }
    solve_wide(b);
    solve(b, 1, 0, 1);
    for (int i = 0; i < n; i++) {
      IDF_UNIT_SEEDED(&r, fabs(b->wide[i] / 4096.0 - true_coef[i]) < 0.004);
      IDF_UNIT_SEEDED(&r, fabs(b->coef[0][i] / 4096.0 - true_coef[i]) < 0.004);
      IDF_UNIT_SEEDED(&r, fabs((double)b->solution[i] * 4096 - b->wide[i]) <= 0.51);
    }
    for (int i = n; i < IDF_LS_MAX; i++)
      CU_ASSERT_EQUAL(b->wide[i], 0);
    bench_free(&mem, b);
  }
}

static void without_statistics_the_prior_is_the_answer(void)
{
  idf_mem mem;
  const int n = IDF_LS_MAX - 1;
  bench *b = bench_new(&mem, n, NARROW);
  static const float odd[] = {0, 0.5f, -0.25f, 1.0001f, 7.9999f, -8, 9, -9, 1e30f, -1e30f};
  for (int i = 0; i < n; i++)
    b->solution[i] = odd[i % 10];
  solve(b, 0, 0, 2);
  for (int i = 0; i < n; i++) {
    double want = fmin(32767, fmax(-32767, floor((double)b->solution[i] * 4096 + 0.5)));
    CU_ASSERT_TRUE(fabs(b->coef[0][i] - want) <= 1 && b->coef[1][i] == b->coef[0][i]);
  }
  b->solution[n / 2] = NAN; /* spreads, and is still a coefficient */
  solve(b, 0, 0, 1);
  for (int i = 0; i < n; i++)
    CU_ASSERT_EQUAL(b->coef[0][i], -32767);
  solve_wide(b);
  for (int i = 0; i < n; i++)
    CU_ASSERT_TRUE(b->wide[i] == 0 && b->solution[i] == 0.0f);
  bench_free(&mem, b);
}

static void without_statistics_the_wide_answer_is_the_usual_one(void)
{
  for (unsigned p = 0; p < 3; p++) {
    idf_mem mem;
    const int n = idf_regressors(p);
    bench *b = bench_new(&mem, n, NARROW);
    b->ls.usual = idf_ls_usual(p);
    solve_wide(b);
    for (int i = 0; i < n; i++) {
      CU_ASSERT_EQUAL(b->wide[i], 4 * idf_ls_usual(p)[i]);
      CU_ASSERT_TRUE(b->solution[i] == (float)idf_ls_usual(p)[i] / 1024);
    }
    bench_free(&mem, b);
  }
}

/* Neighbours across the groups of a wide plane, and none at its ends. */
static void neighbours_are_those_of_the_plane(void)
{
  idf_mem mem;
  const uint32_t segments = 4 * IDF_LS_SLOTS;
  bench *b = bench_new(&mem, 1, segments);
  const float prior[IDF_LS_SLOTS] = {0};
  /* One regressor, of no size; a segment's target is its number + 1: z = their sum / 200. */
  for (uint32_t s = 0; s < segments; s++)
    b->ls.local[s % 2][b->ls.slots + s / 2] = (int32_t)(s + 1);
  for (uint32_t s = 0; s < segments; s++) {
    const unsigned slot = s / 2 % IDF_LS_SLOTS;
    idf_ls_solve_local(&b->ls, &idf_kernels_none, &b->work, s % 2,
                       s / 2 / IDF_LS_SLOTS * IDF_LS_SLOTS, slot, slot + 1, prior, IDF_LS_SLOTS);
    uint32_t sum = 4 * (s + 1) + s + (s + 1 < segments ? s + 2 : 0);
    CU_ASSERT_EQUAL(b->work.coef[0][slot], (int)floor(sum * 4096.0 / 200 + 0.5));
  }
  bench_free(&mem, b);
}

/* With one segment a strip, those beside it are the slots beside it. */
static void neighbours_of_whole_strips_are_the_next_slots(void)
{
  idf_mem mem;
  const uint32_t strips = 2 * IDF_LS_SLOTS;
  bench *b = bench_new_of(&mem, 1, strips, 24);
  const float prior[IDF_LS_SLOTS] = {0};
  CU_ASSERT_TRUE(b->ls.halves == 1 && b->ls.segment == 24 && !b->ls.local[1]);
  for (uint32_t s = 0; s < strips; s++)
    b->ls.local[0][b->ls.slots + s] = (int32_t)(s + 1);
  for (uint32_t s = 0; s < strips; s++) {
    const unsigned slot = s % IDF_LS_SLOTS;
    idf_ls_solve_local(&b->ls, &idf_kernels_none, &b->work, 0, s - slot, slot, slot + 1, prior,
                       IDF_LS_SLOTS);
    uint32_t sum = 4 * (s + 1) + s + (s + 1 < strips ? s + 2 : 0);
    CU_ASSERT_EQUAL(b->work.coef[0][slot], (int)floor(sum * 4096.0 / 200 + 0.5));
  }
  bench_free(&mem, b);
}

/* Columns past a segment's do not count, whatever is there. */
static void segments_of_every_width_fold_their_columns(void)
{
  idf_unit_random r = idf_unit_random_of(4);
  for (int strip = 8; strip <= 64; strip += 8) {
    idf_mem mem;
    bench *b = bench_new_of(&mem, 18, 3, strip);
    int64_t local[IDF_LS_ENTRIES] = {0}, wide[IDF_LS_ENTRIES] = {0};
    CU_ASSERT_EQUAL(b->ls.segment, strip > 32 ? strip / 2 : strip);
    for (int y = 0; y < 20; y++) {
      extreme_row(b, 1, 3, &r);
      fold_reference(b, 1, local, wide);
      fold(b, 0, 0, 1, 2);
      gather(b);
    }
    IDF_UNIT_SEEDED(&r, local_is(b, 0, 1, local) && wide_is(b, wide));
    bench_free(&mem, b);
  }
}

/* Rows of made-up samples of changing character. */
static void mixed_row(bench *b, unsigned slot, int kind, idf_unit_random *r)
{
  for (int k = 0; k < IDF_SEGMENT; k++) {
    int32_t common = flowkit_between(r, -511, 511), size = kind == 0 ? 3 : kind == 1 ? 60 : 511;
    for (int i = 0; i <= b->ls.n; i++)
      AT(b->d[i], slot, k) = (int16_t)(kind == 3   ? common /* all alike: a matrix of rank one */
                                       : kind == 4 ? (idf_unit_next(r) & 1 ? 511 : -511)
                                                   : flowkit_between(r, -size, size));
    AT(b->weight, slot, k) = (int16_t)idf_ls_weight(idf_unit_below(r, 1u << idf_unit_below(r, 9)));
  }
}

static void coefficients_are_the_same_everywhere(void)
{
  static const int sizes[] = {18, 20, 28};
  uint64_t hash = FLOWKIT_HASH;
  bool finite = true;
  for (int trial = 0; trial < 15; trial++) {
    idf_unit_random r = idf_unit_random_of(100 + (uint64_t)trial);
    const int n = sizes[trial % 3];
    idf_mem mem;
    bench *b = bench_new(&mem, n, NARROW);
    for (int y = 0; y < 40; y++) {
      for (unsigned s = 0; s < NARROW; s++) {
        mixed_row(b, s / 2, (trial + y / 16) % 5, &r);
        fold(b, s % 2, 0, s / 2, s / 2 + 1);
      }
      gather(b);
      idf_ls_forget(&b->ls);
      solve_wide(b);
      solve(b, (unsigned)y % 2, 0, 1);
      for (int i = 0; i < n; i++) {
        /* All bits: rounding to Q12 would hide most differences. */
        uint32_t bits[2];
        memcpy(&bits[0], &b->solution[i], sizeof bits[0]);
        memcpy(&bits[1], &b->work.solution[i][0], sizeof bits[1]);
        flowkit_mix(&hash, (int64_t)((uint64_t)bits[0] << 32 | bits[1]));
        finite = finite && isfinite(b->solution[i]);
        flowkit_mix(&hash, b->wide[i]);
        flowkit_mix(&hash, b->coef[0][i]);
      }
    }
    bench_free(&mem, b);
  }
  CU_ASSERT_TRUE(finite);
  if (hash != GOLDEN)
    printf("# leastsq: GOLDEN is now UINT64_C(0x%016" PRIx64 ")\n", hash);
  CU_ASSERT_TRUE(hash == GOLDEN);
}

/* What no picture gives but a bound must cover: entries of any sign and size, where the
 * matrix is not positive, pivots are raised and numbers run away. */
static void any_statistics_give_defined_coefficients(void)
{
  const int n = IDF_LS_MAX - 1;
  idf_mem mem;
  bench *b = bench_new(&mem, n, NARROW);
  for (uint64_t seed = 0; seed < 60; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    int16_t again[IDF_LS_MAX];
    for (int e = 0; e < idf_ls_row(n, n); e++) {
      for (unsigned s = 0; s < NARROW; s++)
        b->ls.local[s % 2][(size_t)e * b->ls.slots + s / 2] =
            flowkit_between(&r, -(1 << 28), 1 << 28);
      b->ls.wide[e] = (int64_t)flowkit_between(&r, -INT32_MAX, INT32_MAX) * 512;
    }
    solve_wide(b);
    solve(b, 1, 0, 1);
    memcpy(again, b->coef[0], sizeof again);
    solve(b, 1, 0, 1);
    IDF_UNIT_SEEDED(&r, memcmp(again, b->coef[0], sizeof again) == 0);
    for (int i = 0; i < n; i++)
      IDF_UNIT_SEEDED(&r, b->coef[0][i] >= -32767 && b->wide[i] >= -32767);
  }
  bench_free(&mem, b);
}

static void memory_runs_out_cleanly(void)
{
  for (int64_t i = 0; i < 7; i++) { /* four blocks, or three */
    idf_mem mem;
    idf_ls ls;
    idf_mem_init(&mem, UINT64_MAX);
    mem.fail_in = i % 4;
    CU_ASSERT_EQUAL(idf_ls_init(&ls, &mem, 18, nothing, 5, i < 4 ? 40 : 32), IDF_ERR_MEMORY);
    CU_ASSERT_EQUAL(mem.used, 0);
    idf_ls_free(&ls, &mem);
  }
}

int idf_suite_leastsq(void)
{
  static const idf_unit_test tests[] = {
      {"weights fall with the error", weights_fall_with_the_error},
      {"folds never leave their bounds", folds_never_leave_their_bounds},
      {"wide equations forget and stay exact", wide_equations_forget_and_stay_exact},
      {"what is outside stays as it was", what_is_outside_stays_as_it_was},
      {"a linear relation is recovered", a_linear_relation_is_recovered},
      {"without statistics the prior is the answer", without_statistics_the_prior_is_the_answer},
      {"without statistics the wide answer is the usual one",
       without_statistics_the_wide_answer_is_the_usual_one},
      {"neighbours are those of the plane", neighbours_are_those_of_the_plane},
      {"neighbours of whole strips are the next slots",
       neighbours_of_whole_strips_are_the_next_slots},
      {"segments of every width fold their columns", segments_of_every_width_fold_their_columns},
      {"coefficients are the same everywhere", coefficients_are_the_same_everywhere},
      {"any statistics give defined coefficients", any_statistics_give_defined_coefficients},
      {"memory runs out cleanly", memory_runs_out_cleanly},
      {NULL, NULL}};
  return idf_unit_suite("leastsq", tests);
}

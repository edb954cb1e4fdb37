/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_leastsq.c: statistics within their bounds, solutions that are right, and
 * solutions that are the same everywhere.
 *
 * GOLDEN is a hash of solutions, to the last bit, and coefficients over made-up statistics.
 * A compiler, a flag or a machine that computes one double otherwise changes it; so does a deliberate change
 * of the format, after which the test prints the new value.
 */
#include "leastsq.h"

#include <math.h>
#include <string.h>

#include "flowkit.h"

int idf_suite_leastsq(void);

#define GOLDEN UINT64_C(0xffa6c9ab49a30f4d)

/* Everything one segment of a plane has, with the accounts of a second opinion. */
typedef struct bench {
  idf_ls_local local[3];
  idf_ls_wide wide, row;
  idf_ls_batch batch;
  double solution[IDF_LS_MAX];
  int16_t coef[IDF_LS_MAX], wide_coef[IDF_LS_MAX];
} bench;

static bench *bench_new(idf_mem *mem)
{
  idf_mem_init(mem, UINT64_MAX);
  bench *b = idf_alloc(mem, 1, sizeof *b);
  CU_ASSERT_PTR_NOT_NULL_FATAL(b);
  return b;
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
static void extreme_batch(idf_ls_batch *batch, int n, int kind, idf_unit_random *r)
{
  for (int i = 0; i <= n; i++)
    for (int k = 0; k < IDF_SEGMENT; k++) {
      bool coin = (idf_unit_next(r) & 1) != 0;
      bool minus = kind == 0 ? i % 2 == 1 : kind == 1 ? false : kind == 2 ? k % 2 == 1 : coin;
      batch->d[i][k] = minus ? -IDF_LS_CLAMP : IDF_LS_CLAMP;
    }
  for (int k = 0; k < IDF_SEGMENT; k++)
    batch->weight[k] = 64;
}

static int64_t entry_of(const idf_ls_batch *batch, int i, int j)
{
  int64_t s = 0;
  for (int k = 0; k < IDF_SEGMENT; k++)
    s += (int64_t)batch->weight[k] * batch->d[i][k] * batch->d[j][k];
  return s >> 2;
}

/* The fold in 64 bits, for comparison; a in the order of idf_ls_local, then b. */
static void fold_reference(int64_t *a, int64_t *row, const idf_ls_batch *batch, int n)
{
  int at = 0;
  for (int i = 0; i <= n; i++)
    for (int j = 0; j <= (i < n ? i : n - 1); j++, at++) {
      int64_t s = entry_of(batch, i, j);
      a[at] = a[at] - (a[at] >> 3) + (a[at] >> 5) + s;
      row[at] += s;
    }
}

static bool same_as_reference(const idf_ls_local *local, const idf_ls_wide *row, const int64_t *a,
                              const int64_t *sum, int n)
{
  int packed = n * (n + 1) / 2;
  for (int i = 0; i < packed + n; i++) {
    int32_t have = i < packed ? local->a[i] : local->b[i - packed];
    int64_t total = i < packed ? row->a[i] : row->b[i - packed];
    if (have != a[i] || total != sum[i])
      return false;
  }
  return true;
}

#define ENTRIES (IDF_LS_PACKED + IDF_LS_MAX)

static void folds_never_leave_32_bits(void)
{
  idf_mem mem;
  bench *b = bench_new(&mem);
  idf_unit_random r = idf_unit_random_of(1);
  static const int sizes[] = {1, 18, 29, 40};
  for (size_t k = 0; k < 4; k++)
    for (int kind = 0; kind < 4; kind++) {
      int n = sizes[k];
      int64_t a[ENTRIES] = {0}, sum[ENTRIES] = {0}, most = 0;
      memset(b, 0, sizeof *b);
      for (int y = 0; y < 150; y++) {
        extreme_batch(&b->batch, n, kind, &r);
        idf_ls_fold(&b->local[0], &b->row, &b->batch, n);
        fold_reference(a, sum, &b->batch, n);
      }
      IDF_UNIT_SEEDED(&r, same_as_reference(&b->local[0], &b->row, a, sum, n));
      for (int i = 0; i < ENTRIES; i++)
        most = IDF_MAX(most, a[i] < 0 ? -a[i] : a[i]);
      CU_ASSERT_TRUE(most < INT32_MAX);
      /* 64 * 511^2 * 32 / 4 a row, times 32/3: the test does reach what it is about. */
      CU_ASSERT_TRUE(kind == 3 || most > 1420000000);
    }
  idf_free(&mem, b);
}

/* The widest tile: 128 segments at the extreme in each row, for many rows. */
static void wide_folds_forget_and_stay_exact(void)
{
  idf_mem mem;
  bench *b = bench_new(&mem);
  idf_unit_random r = idf_unit_random_of(2);
  int n = 3;
  int64_t wide[ENTRIES] = {0}, one[ENTRIES] = {0}, unused[ENTRIES] = {0};
  extreme_batch(&b->batch, n, 0, &r);
  fold_reference(unused, one, &b->batch, n);
  for (int y = 0; y < 2000; y++) {
    for (int s = 0; s < 128; s++)
      idf_ls_fold(&b->local[s % 3], &b->row, &b->batch, n);
    idf_ls_fold_row(&b->wide, &b->row, n);
    for (int i = 0; i < n * (n + 1) / 2 + n; i++)
      wide[i] += 128 * one[i] - (wide[i] >> 8);
  }
  for (int i = 0; i < n * (n + 1) / 2; i++)
    CU_ASSERT_TRUE(b->wide.a[i] == wide[i] && b->row.a[i] == 0);
  for (int i = 0; i < n; i++)
    CU_ASSERT_TRUE(b->wide.b[i] == wide[n * (n + 1) / 2 + i] && b->row.b[i] == 0);
  CU_ASSERT_TRUE(b->wide.a[0] > (int64_t)1 << 41);
  CU_ASSERT_TRUE(b->wide.a[0] < (int64_t)1 << 43);
  idf_free(&mem, b);
}

static void the_tail_of_a_short_segment_adds_nothing(void)
{
  idf_mem mem;
  bench *b = bench_new(&mem);
  idf_unit_random r = idf_unit_random_of(3);
  for (int k = 0; k < 5; k++) {
    for (int i = 0; i <= 18; i++)
      b->batch.d[i][k] = (int16_t)flowkit_between(&r, -511, 511);
    b->batch.weight[k] = 7;
  }
  int64_t a[ENTRIES] = {0}, sum[ENTRIES] = {0};
  fold_reference(a, sum, &b->batch, 18);
  idf_ls_fold(&b->local[0], &b->row, &b->batch, 18);
  CU_ASSERT_TRUE(same_as_reference(&b->local[0], &b->row, a, sum, 18));
  for (int i = 18 * 19 / 2; i < IDF_LS_PACKED; i++)
    CU_ASSERT_EQUAL(b->local[0].a[i], 0);
  idf_free(&mem, b);
}

/* target = sum of coef * regressor, regressors independent: the solve finds coef. */
static void a_linear_relation_is_recovered(void)
{
  idf_mem mem;
  bench *b = bench_new(&mem);
  static const int sizes[] = {1, 18, 29, 40};
  for (size_t s = 0; s < 4; s++) {
    int n = sizes[s];
    idf_unit_random r = idf_unit_random_of(10 + s);
    double true_coef[IDF_LS_MAX];
    memset(b, 0, sizeof *b);
    for (int i = 0; i < n; i++)
      true_coef[i] = flowkit_between(&r, -40, 40) / (n < 4 ? 32 : 8 * n);
    for (int y = 0; y < 60; y++) {
      for (int seg = 0; seg < 3; seg++) {
        for (int k = 0; k < IDF_SEGMENT; k++) {
          double t = 0;
          for (int i = 0; i < n; i++) {
            b->batch.d[i][k] = (int16_t)flowkit_between(&r, -300, 300);
            t += true_coef[i] * b->batch.d[i][k];
          }
          b->batch.d[n][k] = (int16_t)idf_clamp((int32_t)floor(t + 0.5), -511, 511);
          b->batch.weight[k] = 64;
        }
        idf_ls_fold(&b->local[seg], &b->row, &b->batch, n);
      }
      idf_ls_fold_row(&b->wide, &b->row, n);
    }
    idf_ls_solve_wide(&b->wide, n, b->solution, b->wide_coef);
    idf_ls_solve_local(&b->local[0], &b->local[1], &b->local[2], n, b->solution, b->coef);
    for (int i = 0; i < n; i++) {
      IDF_UNIT_SEEDED(&r, fabs(b->wide_coef[i] / 4096.0 - true_coef[i]) < 0.004);
      IDF_UNIT_SEEDED(&r, fabs(b->coef[i] / 4096.0 - true_coef[i]) < 0.004);
      IDF_UNIT_SEEDED(&r, fabs(b->solution[i] * 4096 - b->wide_coef[i]) <= 0.5);
    }
  }
  idf_free(&mem, b);
}

static void without_statistics_the_prior_is_the_answer(void)
{
  idf_mem mem;
  bench *b = bench_new(&mem);
  double prior[IDF_LS_MAX];
  static const double odd[] = {0, 0.5, -0.25, 1.00012207, 7.9999, -8, 9, -9, 1e300, -1e300};
  for (int i = 0; i < IDF_LS_MAX; i++)
    prior[i] = odd[i % 10];
  idf_ls_solve_local(NULL, &b->local[1], NULL, IDF_LS_MAX, prior, b->coef);
  for (int i = 0; i < IDF_LS_MAX; i++) {
    double want = fmin(32767, fmax(-32767, floor(prior[i] * 4096 + 0.5)));
    CU_ASSERT_EQUAL(b->coef[i], (int)want);
  }
  idf_ls_solve_wide(&b->wide, IDF_LS_MAX, b->solution, b->coef);
  for (int i = 0; i < IDF_LS_MAX; i++)
    CU_ASSERT_TRUE(b->coef[i] == 0 && b->solution[i] == 0.0);
  idf_free(&mem, b);
}

/* Rows of made-up batches of changing character. */
static void mixed_batch(idf_ls_batch *batch, int n, int kind, idf_unit_random *r)
{
  for (int k = 0; k < IDF_SEGMENT; k++) {
    int32_t common = flowkit_between(r, -511, 511), size = kind == 0 ? 3 : kind == 1 ? 60 : 511;
    for (int i = 0; i <= n; i++)
      batch->d[i][k] = (int16_t)(kind == 3   ? common /* all alike: a matrix of rank one */
                                 : kind == 4 ? (idf_unit_next(r) & 1 ? 511 : -511)
                                             : flowkit_between(r, -size, size));
    batch->weight[k] = (int16_t)idf_ls_weight(idf_unit_below(r, 1u << idf_unit_below(r, 9)));
  }
}

static void mix_coefficients(uint64_t *hash, const int16_t *coef, int n)
{
  for (int i = 0; i < n; i++)
    flowkit_mix(hash, coef[i]);
}

static void coefficients_are_the_same_everywhere(void)
{
  idf_mem mem;
  bench *b = bench_new(&mem);
  static const int sizes[] = {18, 29, 40};
  uint64_t hash = FLOWKIT_HASH;
  bool finite = true;
  for (int trial = 0; trial < 15; trial++) {
    idf_unit_random r = idf_unit_random_of(100 + (uint64_t)trial);
    int n = sizes[trial % 3];
    memset(b, 0, sizeof *b);
    for (int y = 0; y < 40; y++) {
      for (int s = 0; s < 3; s++) {
        mixed_batch(&b->batch, n, (trial + y / 16) % 5, &r);
        idf_ls_fold(&b->local[s], &b->row, &b->batch, n);
      }
      idf_ls_fold_row(&b->wide, &b->row, n);
      idf_ls_solve_wide(&b->wide, n, b->solution, b->wide_coef);
      idf_ls_solve_local(y % 2 ? &b->local[0] : NULL, &b->local[1], y % 3 ? &b->local[2] : NULL, n,
                         b->solution, b->coef);
      for (int i = 0; i < n; i++) {
        /* All 64 bits: rounding to Q12 would hide most differences. */
        uint64_t bits;
        memcpy(&bits, &b->solution[i], sizeof bits);
        flowkit_mix(&hash, (int64_t)bits);
        finite = finite && isfinite(b->solution[i]);
      }
      mix_coefficients(&hash, b->wide_coef, n);
      mix_coefficients(&hash, b->coef, n);
    }
  }
  CU_ASSERT_TRUE(finite);
  if (hash != GOLDEN)
    printf("# leastsq: GOLDEN is now UINT64_C(0x%016" PRIx64 ")\n", hash);
  CU_ASSERT_TRUE(hash == GOLDEN);
  idf_free(&mem, b);
}

/* What no picture gives but a bound must cover: entries of any sign and size, where the
 * matrix is not positive and pivots are raised to their least value. */
static void any_statistics_give_defined_coefficients(void)
{
  idf_mem mem;
  bench *b = bench_new(&mem);
  for (uint64_t seed = 0; seed < 60; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    int16_t again[IDF_LS_MAX];
    for (int s = 0; s < 3; s++) {
      for (int i = 0; i < IDF_LS_PACKED; i++)
        b->local[s].a[i] = flowkit_between(&r, -INT32_MAX, INT32_MAX);
      for (int i = 0; i < IDF_LS_MAX; i++)
        b->local[s].b[i] = flowkit_between(&r, -INT32_MAX, INT32_MAX);
    }
    for (int i = 0; i < IDF_LS_PACKED; i++)
      b->wide.a[i] = (int64_t)flowkit_between(&r, -INT32_MAX, INT32_MAX) * 4096;
    for (int i = 0; i < IDF_LS_MAX; i++)
      b->wide.b[i] = (int64_t)flowkit_between(&r, -INT32_MAX, INT32_MAX) * 4096;
    idf_ls_solve_wide(&b->wide, IDF_LS_MAX, b->solution, b->wide_coef);
    idf_ls_solve_local(&b->local[0], &b->local[1], &b->local[2], IDF_LS_MAX, b->solution, b->coef);
    idf_ls_solve_local(&b->local[0], &b->local[1], &b->local[2], IDF_LS_MAX, b->solution, again);
    IDF_UNIT_SEEDED(&r, memcmp(again, b->coef, sizeof again) == 0);
    for (int i = 0; i < IDF_LS_MAX; i++)
      IDF_UNIT_SEEDED(&r, b->coef[i] >= -32767 && b->wide_coef[i] >= -32767);
  }
  idf_free(&mem, b);
}

int idf_suite_leastsq(void)
{
  static const idf_unit_test tests[] = {
      {"weights fall with the error", weights_fall_with_the_error},
      {"folds never leave 32 bits", folds_never_leave_32_bits},
      {"wide folds forget and stay exact", wide_folds_forget_and_stay_exact},
      {"the tail of a short segment adds nothing", the_tail_of_a_short_segment_adds_nothing},
      {"a linear relation is recovered", a_linear_relation_is_recovered},
      {"without statistics the prior is the answer", without_statistics_the_prior_is_the_answer},
      {"coefficients are the same everywhere", coefficients_are_the_same_everywhere},
      {"any statistics give defined coefficients", any_statistics_give_defined_coefficients},
      {NULL, NULL}};
  return idf_unit_suite("leastsq", tests);
}

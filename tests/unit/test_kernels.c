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
#include "model_net.h"

int idf_suite_kernels(void);

/* Calls the test for every level above plain C. */
#define EACH_LEVEL(test)                                                                     \
  static void test(void)                                                                     \
  {                                                                                          \
    for (unsigned level = 1; level < IDF_LEVELS; level++) {                                  \
      const idf_kernels *kernels = idf_kernels_of((idf_level)level);                         \
      if (kernels == NULL)                                                                   \
        printf("# level %u is not available here\n", level);                                 \
      else                                                                                   \
        test##_at(kernels);                                                                  \
    }                                                                                        \
  }

static void levels_name_themselves(void)
{
  CU_ASSERT_PTR_EQUAL(idf_kernels_of(IDF_LEVEL_NONE), &idf_kernels_none);
  CU_ASSERT_PTR_NULL(idf_kernels_of(IDF_LEVELS));
  idf_level most = IDF_LEVEL_NONE;
  for (unsigned level = 0; level < IDF_LEVELS; level++) {
    const idf_kernels *kernels = idf_kernels_of((idf_level)level);
    if (kernels == NULL)
      continue;
    CU_ASSERT_EQUAL(kernels->level, level);
    most = (idf_level)level;
  }
  CU_ASSERT_PTR_EQUAL(idf_kernels_best(), idf_kernels_of(most));
}

/* ---- the network ------------------------------------------------------------------ */

enum { PIXELS = 19 };

typedef struct activity {
  int16_t in[PIXELS][IDF_NET_INPUTS], head_in[PIXELS][IDF_NET_HEAD];
  int16_t hidden[IDF_NET_PLANES][PIXELS][IDF_NET_WIDTH];
  int32_t out[IDF_NET_PLANES][PIXELS][IDF_NET_SUMS];
} activity;

static void run_network(const idf_net *net, unsigned count, activity *a)
{
  idf_net_trunk(net, count, (const int16_t (*)[IDF_NET_INPUTS])a->in, a->head_in);
  for (unsigned p = 0; p < (unsigned)net->planes; p++)
    idf_net_head(net, p, count, (const int16_t (*)[IDF_NET_HEAD])a->head_in, a->hidden[p],
                 a->out[p]);
}

/* Both models on the network for so many planes. */
static bool network_agrees(const idf_model *other, const idf_model *same, unsigned planes, unsigned count,
                           idf_unit_random *r, activity *want, activity *have)
{
  const unsigned b = idf_model_net_for(other, planes)->trunk[1].outputs;
  memset(want, 0, sizeof *want);
  for (unsigned i = 0; i < PIXELS; i++) {
    const bool ends = (idf_unit_next(r) & 1) != 0;
    for (unsigned k = 0; k < IDF_NET_INPUTS; k++)
      want->in[i][k] = (int16_t)(!ends ? flowkit_between(r, -127, 127)
                                 : idf_unit_next(r) & 1 ? 127 : -127);
    for (unsigned k = 0; k < IDF_NET_EXTRAS; k++)
      want->head_in[i][b + k] = (int16_t)flowkit_between(r, -127, 127);
  }
  *have = *want;
  run_network(idf_model_net_for(other, planes), count, want);
  run_network(idf_model_net_for(same, planes), count, have);
  bool equal = memcmp(want->head_in, have->head_in, sizeof want->head_in) == 0
               && memcmp(want->hidden, have->hidden, sizeof want->hidden) == 0;
  for (unsigned p = 0; p < IDF_NET_PLANES; p++)
    for (unsigned i = 0; i < PIXELS; i++)
      equal = equal && memcmp(want->out[p][i], have->out[p][i],
                              IDF_NET_OUTPUTS * sizeof(int32_t)) == 0;
  return equal;
}

static void networks_agree_at(const idf_kernels *kernels)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  activity *want = idf_alloc(&mem, 1, sizeof *want), *have = idf_alloc(&mem, 1, sizeof *have);
  for (uint64_t seed = 0; seed < 60; seed++) {
    idf_unit_random r = idf_unit_random_of(1000 + seed);
    const unsigned a = 16 + 16 * idf_unit_below(&r, 8), b = 16 + 16 * idf_unit_below(&r, 8);
    const unsigned c = 16 + 16 * idf_unit_below(&r, 8), count = 1 + idf_unit_below(&r, PIXELS);
    idf_model *other, *model = flowkit_model_of(&mem, &r, (int)(seed % FLOWKIT_MODELS), a, b, c);
    CU_ASSERT_EQUAL_FATAL(idf_model_share(&mem, &idf_kernels_none, model, &other), IDF_OK);
    idf_model *same;
    CU_ASSERT_EQUAL_FATAL(idf_model_share(&mem, kernels, other, &same), IDF_OK);
    IDF_UNIT_SEEDED(&r, network_agrees(other, same, 3, count, &r, want, have));
    IDF_UNIT_SEEDED(&r, network_agrees(other, same, 1, count, &r, want, have));
    idf_model_release(&mem, same);
    idf_model_release(&mem, other);
    idf_model_release(&mem, model);
  }
  idf_free(&mem, want);
  idf_free(&mem, have);
  CU_ASSERT_EQUAL(mem.used, 0);
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
      for (int k = 0; k < IDF_SEGMENT; k++)
        s->d[i][slot][k] = (int16_t)(kind == 0   ? IDF_LS_CLAMP
                                     : kind == 1 ? (idf_unit_next(r) & 1 ? 511 : -511)
                                                 : flowkit_between(r, -511, 511));
    for (int k = 0; k < IDF_SEGMENT && slot >= lo && slot < hi; k++)
      s->weight[slot][k] = (int16_t)(kind == 0 ? 64 : flowkit_between(r, 0, 64));
  }
}

static void turn_and_fold(plane *s, const idf_kernels *kernels, int n, unsigned lo, unsigned hi)
{
  idf_ls_block *d[IDF_LS_MAX];
  for (int i = 0; i <= n; i++) {
    d[i] = &s->d[i];
    kernels->ls_turn(d[i]);
  }
  kernels->ls_turn(&s->weight);
  kernels->ls_fold(n, d, (const idf_ls_block *)&s->weight, lo, hi, s->local[1], STRIDE,
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
    const int n = 1 + (int)idf_unit_below(&r, IDF_LS_MAX - 1);
    memset(want, 0, sizeof *want);
    memset(have, 0, sizeof *have);
    for (int y = 0; y < 12; y++) {
      unsigned lo, hi;
      range_of_slots(&r, &lo, &hi);
      fill_blocks(want, n, lo, hi, &r);
      memcpy(have->d, want->d, sizeof want->d);
      memcpy(have->weight, want->weight, sizeof want->weight);
      turn_and_fold(want, &idf_kernels_none, n, lo, hi);
      turn_and_fold(have, kernels, n, lo, hi);
    }
    IDF_UNIT_SEEDED(&r, memcmp(want, have, sizeof *want) == 0);
  }
  idf_free(&mem, want);
  idf_free(&mem, have);
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void sum_and_solve(plane *s, const idf_kernels *kernels, const idf_ls_sums *sums, int n,
                          unsigned lo, unsigned hi, uint64_t seed)
{
  idf_unit_random r = idf_unit_random_of(seed);
  for (int i = 0; i < IDF_LS_MAX; i++)
    for (int k = 0; k < IDF_LS_SLOTS; k++)
      s->work.solution[i][k] = (float)flowkit_between(&r, -4096, 4096) / 4096.0f;
  kernels->ls_local(n, sums, lo, hi, &s->work);
  kernels->ls_solve(n, 960.0f, lo, hi, &s->work);
}

/* Bits of solutions, but that what is not a number has many. */
static bool solved_alike(const idf_ls_work *a, const idf_ls_work *b, int n, unsigned lo, unsigned hi)
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
          want->local[e][k] = flowkit_between(&r, -350000000, 350000000);
          want->other[e][k] = flowkit_between(&r, -350000000, 350000000);
        }
    } else {
      for (int y = 0; y < 6; y++) {
        fill_blocks(want, n, 0, IDF_LS_SLOTS, &r);
        turn_and_fold(want, &idf_kernels_none, n, 0, IDF_LS_SLOTS);
      }
      memcpy(want->other, want->local, sizeof want->other);
    }
    *have = *want;
    const idf_ls_sums sums = { want->local[1], want->other[1] - (seed & 1), want->other[1] + 1 - (seed & 1),
                               STRIDE, (seed & 2) != 0, (seed & 4) != 0 };
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

EACH_LEVEL(networks_agree)
EACH_LEVEL(folds_agree)
EACH_LEVEL(solutions_agree)

int idf_suite_kernels(void)
{
  static const idf_unit_test tests[] = {{"levels name themselves", levels_name_themselves},
                                        {"networks agree", networks_agree},
                                        {"folds agree", folds_agree},
                                        {"solutions agree", solutions_agree},
                                        {NULL, NULL}};
  return idf_unit_suite("kernels", tests);
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_solve.c: coefficients come back from the samples that they make: by rounding where steps are
 * large, by search where they are small, with samples missing or clamped.
 */
#include "solve.h"

#include <string.h>

#include "recipe_block.h"
#include "unit.h"

int idf_suite_solve(void);

typedef struct made_block {
  uint16_t step[64];
  int16_t coef[64];
  idf_solve_block block;
} made_block;

static void make(idf_unit_random *r, unsigned least, unsigned most, int dc, made_block *m)
{
  uint8_t sample[64];
  for (unsigned k = 0; k < 64; k++)
    m->step[k] = (uint16_t)(least + idf_unit_below(r, most - least + 1));
  do {
    memset(m->coef, 0, sizeof m->coef);
    m->coef[0] = (int16_t)(dc / m->step[0]);
    for (unsigned n = 4 + idf_unit_below(r, 20); n > 0; n--) {
      const unsigned k = 1 + (idf_unit_below(r, 63) & idf_unit_below(r, 63));
      m->coef[k] = (int16_t)(((int)idf_unit_below(r, 81) - 40) / (int)m->step[k]);
    }
  } while (!idf_recipe_block(m->coef, m->step, sample, 8));
  for (unsigned i = 0; i < 64; i++) {
    m->block.sample[i] = (int16_t)(sample[i] * 16);
    m->block.known[i] = true;
  }
}

static bool clamped(const made_block *m)
{
  for (unsigned i = 0; i < 64; i++)
    if (m->block.sample[i] == 0 || m->block.sample[i] == 255 * 16)
      return true;
  return false;
}

/* Samples that are known are as they must be. */
static bool agrees(const made_block *m, const int16_t coef[64], const uint8_t made[64])
{
  uint8_t sample[64];
  if (!idf_recipe_block(coef, m->step, sample, 8) || memcmp(sample, made, 64) != 0)
    return false;
  for (unsigned i = 0; i < 64; i++)
    if (m->block.known[i] && made[i] * 16 != m->block.sample[i])
      return false;
  return true;
}

/* But for blocks in which most samples err alike. */
static void large_steps_need_no_search(void)
{
  idf_unit_random r = idf_unit_random_of(5);
  unsigned right = 0, searched = 0;
  for (unsigned t = 0; t < 1000; t++) {
    made_block m;
    idf_solver solver;
    int16_t coef[64];
    uint8_t made[64];
    do
      make(&r, 5, 60, (int)idf_unit_below(&r, 600) - 300, &m);
    while (clamped(&m));
    idf_solver_init(&solver, m.step, 1);
    IDF_UNIT_SEEDED(&r, idf_solve(&solver, &m.block, coef, made) == 0 && agrees(&m, coef, made));
    searched += solver.patience == 0;
    idf_solve_nearest(&solver, m.block.sample, coef, made);
    right += memcmp(coef, m.coef, sizeof coef) == 0;
  }
  CU_ASSERT(right >= 990 && searched <= 10);
}

static void small_steps_are_searched(void)
{
  idf_unit_random r = idf_unit_random_of(6);
  unsigned without = 0, with = 0;
  for (unsigned t = 0; t < 400; t++) {
    made_block m;
    idf_solver lazy, solver;
    int16_t coef[64];
    uint8_t made[64];
    make(&r, 2, 2, 40, &m);
    idf_solver_init(&lazy, m.step, 0);
    idf_solver_init(&solver, m.step, 1);
    without += idf_solve(&lazy, &m.block, coef, made) > 0;
    const unsigned count = idf_solve(&solver, &m.block, coef, made);
    with += count > 0;
    IDF_UNIT_SEEDED(&r, (count == 0) == agrees(&m, coef, made));
    IDF_UNIT_SEEDED(&r, solver.patience <= 1);
  }
  CU_ASSERT(without >= 5 && with * 3 <= without);
}

static void clamped_and_missing_samples_are_free(void)
{
  idf_unit_random r = idf_unit_random_of(7);
  unsigned solved = 0, ends = 0;
  for (unsigned t = 0; t < 400; t++) {
    made_block m;
    idf_solver solver;
    int16_t coef[64];
    uint8_t made[64];
    make(&r, 8, 30, t % 2 ? 1000 : -1000, &m);
    for (unsigned i = 0; i < 64; i++) {
      ends += m.block.sample[i] == (t % 2 ? 255 * 16 : 0);
      m.block.known[i] = t % 4 < 2 || idf_unit_below(&r, 64) != 0;
    }
    idf_solver_init(&solver, m.step, 1);
    const unsigned count = idf_solve(&solver, &m.block, coef, made);
    IDF_UNIT_SEEDED(&r, count > 0 || agrees(&m, coef, made));
    solved += count == 0;
  }
  CU_ASSERT(ends > 2000 && solved > 200);
}

/* A block that the decoder would not take becomes one that it does. */
static void wild_samples_do_no_harm(void)
{
  const uint16_t step[64] = {[0] = 255};
  idf_unit_random r = idf_unit_random_of(8);
  for (unsigned t = 0; t < 200; t++) {
    idf_solve_block block;
    idf_solver solver;
    uint16_t steps[64];
    int16_t coef[64];
    uint8_t made[64], sample[64];
    for (unsigned i = 0; i < 64; i++) {
      steps[i] = step[0];
      block.sample[i] = (int16_t)(idf_unit_below(&r, 2) ? 255 * 16 : 0);
      block.known[i] = idf_unit_below(&r, 2) != 0;
    }
    idf_solver_init(&solver, steps, 1);
    (void)idf_solve(&solver, &block, coef, made);
    IDF_UNIT_SEEDED(&r, idf_recipe_block(coef, steps, sample, 8) && memcmp(made, sample, 64) == 0);
    idf_solve_nearest(&solver, block.sample, coef, made);
    IDF_UNIT_SEEDED(&r, idf_recipe_block(coef, steps, sample, 8) && memcmp(made, sample, 64) == 0);
  }
}

static void doubts_come_by_their_size(void)
{
  uint16_t step[64];
  int16_t coef[64] = {0}, sample[64];
  uint8_t made[64];
  idf_solver solver;
  idf_solve_doubt doubt[IDF_SOLVE_DOUBTS];
  for (unsigned k = 0; k < 64; k++)
    step[k] = 16;
  idf_solver_init(&solver, step, 0);
  for (unsigned i = 0; i < 64; i++)
    sample[i] = 129 * 16 - 4; /* DC: 3/4 * 8 = 6, not far from the middle between 0 and 16 */
  idf_solve_nearest(&solver, sample, coef, made);
  CU_ASSERT_EQUAL(coef[0], 0);
  idf_solve_doubts(&solver, sample, coef, doubt);
  CU_ASSERT(doubt[0].k == 0 && doubt[0].sign == 1);
  for (unsigned i = 0; i < 64; i++)
    sample[i] = 127 * 16 - 4;
  idf_solve_nearest(&solver, sample, coef, made); /* -10: rounded to -16 */
  CU_ASSERT_EQUAL(coef[0], -1);
  idf_solve_doubts(&solver, sample, coef, doubt);
  CU_ASSERT(doubt[0].k == 0 && doubt[0].sign == 1);
}

int idf_suite_solve(void)
{
  static const idf_unit_test tests[] = {
      {"large steps need no search", large_steps_need_no_search},
      {"small steps are searched", small_steps_are_searched},
      {"clamped and missing samples are free", clamped_and_missing_samples_are_free},
      {"wild samples do no harm", wild_samples_do_no_harm},
      {"doubts come by their size", doubts_come_by_their_size},
      {NULL, NULL},
  };
  return idf_unit_suite("solve", tests);
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_recipe_block.c: a block's samples are those of the inverse DCT of T.81 A.3.3 but for
 * rounding, and coefficients are refused by the two conditions of recipe.h, no others.
 */
#include "recipe_block.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

int idf_suite_recipe_block(void);

typedef struct exact {
  double sample[64], low, high; /* before + 128 */
  int64_t column;               /* the largest sum */
} exact;

static void transform(const double c[8][8], const int16_t coef[64], const uint16_t step[64],
                      exact *e)
{
  *e = (exact){.low = 0, .high = 0};
  for (unsigned u = 0; u < 8; u++) {
    int64_t sum = 0;
    for (unsigned v = 0; v < 8; v++)
      sum += llabs((long long)coef[8 * v + u] * step[8 * v + u]);
    e->column = sum > e->column ? sum : e->column;
  }
  for (unsigned y = 0; y < 8; y++)
    for (unsigned x = 0; x < 8; x++) {
      double s = 0;
      for (unsigned v = 0; v < 8; v++)
        for (unsigned u = 0; u < 8; u++)
          s += c[y][v] * c[x][u] * coef[8 * v + u] * step[8 * v + u];
      e->sample[8 * y + x] = s;
      e->low = s < e->low ? s : e->low;
      e->high = s > e->high ? s : e->high;
    }
}

static void basis(double c[8][8])
{
  for (unsigned x = 0; x < 8; x++)
    for (unsigned u = 0; u < 8; u++)
      c[x][u] = u == 0 ? sqrt(0.125) : 0.5 * cos((2 * x + 1) * u * acos(-1.0) / 16);
}

/* Numbers of every size, few or many. */
static void any_block(idf_unit_random *r, int16_t coef[64], uint16_t step[64])
{
  const uint32_t most = 1u << idf_unit_below(r, 12), share = 1 + idf_unit_below(r, 64);
  const uint32_t coarse = 1u << idf_unit_below(r, idf_unit_below(r, 8) == 0 ? 17 : 7);
  for (unsigned i = 0; i < 64; i++) {
    step[i] = (uint16_t)(1 + idf_unit_below(r, coarse));
    coef[i] = 0;
    if (i == 0 || idf_unit_below(r, 64) < share)
      coef[i] = (int16_t)((int)idf_unit_below(r, 2 * most + 1) - (int)most);
  }
}

static void samples_are_those_of_the_transform(void)
{
  idf_unit_random r = idf_unit_random_of(31);
  double c[8][8];
  unsigned tame = 0, wild = 0;
  basis(c);
  for (unsigned i = 0; i < 20000; i++) {
    int16_t coef[64];
    uint16_t step[64];
    uint8_t out[8 * 11];
    exact e;
    any_block(&r, coef, step);
    transform(c, coef, step, &e);
    memset(out, 77, sizeof out);
    if (idf_recipe_block(coef, step, out, 11)) {
      tame++;
      IDF_UNIT_SEEDED(&r, e.column <= IDF_RECIPE_COLUMN_MAX && e.low > -514 && e.high < 513);
      for (unsigned k = 0; k < 64; k++) {
        const double want = fmin(255, fmax(0, e.sample[k] + 128));
        IDF_UNIT_SEEDED(&r, fabs(out[k / 8 * 11 + k % 8] - want) < 1.0);
      }
      for (unsigned y = 0; y < 8; y++)
        for (unsigned x = 8; x < 11; x++)
          CU_ASSERT_EQUAL(out[11 * y + x], 77);
    } else {
      wild++;
      IDF_UNIT_SEEDED(&r, e.column > IDF_RECIPE_COLUMN_MAX || e.low < -511 || e.high > 510);
    }
  }
  CU_ASSERT_TRUE(tame > 5000 && wild > 5000);
}

/* Samples of 511 and 512, -512 and -513, by DC alone and by both passes. */
static void the_limits_are_exact(void)
{
  static const struct {
    int16_t dc;
    uint16_t step;
    bool tame;
  } cases[] = {{4091, 1, true},   {4092, 1, false},      {-4100, 1, false}, {-4095, 1, true},
               {-4096, 1, false}, {2047, 2, false},      {2045, 2, true},   {-2047, 2, true},
               {-2048, 2, false}, {1, 4091, true},       {1, 65535, false}, {-32768, 65535, false},
               {0, 65535, true},  {32767, 65535, false}, {-1, 4095, true}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (unsigned more = 0; more < 2; more++) {
      int16_t coef[64] = {0};
      uint16_t step[64];
      uint8_t out[64];
      for (unsigned k = 0; k < 64; k++)
        step[k] = 1;
      coef[0] = cases[i].dc;
      step[0] = cases[i].step;
      coef[63] = (int16_t)more; /* with nothing but DC there is a shorter way */
      step[63] = 0;
      CU_ASSERT_EQUAL(idf_recipe_block(coef, step, out, 8), cases[i].tame);
      if (cases[i].tame)
        for (unsigned k = 0; k < 64; k++) {
          const int v = (cases[i].dc * cases[i].step + 4) >> 3;
          CU_ASSERT_EQUAL(out[k], v < -128 ? 0 : v > 127 ? 255 : v + 128);
        }
    }
}

/* A column's sum of 4095 in eight columns with signs that add up: nothing overflows, and the
 * samples are far out. Sums that would wrap 32 bits are seen. */
static void sums_do_not_wrap(void)
{
  int16_t coef[64];
  uint16_t step[64];
  uint8_t out[64];
  for (unsigned row = 0; row < 8; row++) {
    memset(coef, 0, sizeof coef);
    for (unsigned k = 0; k < 64; k++)
      step[k] = 1;
    for (unsigned u = 0; u < 8; u++)
      coef[8 * row + u] = 4095;
    CU_ASSERT_FALSE(idf_recipe_block(coef, step, out, 8));
  }
  for (unsigned k = 0; k < 64; k++) {
    coef[k] = k / 8 < 2 ? 16384 : 0;
    step[k] = 65535; /* two of them: 2^31 - 2^15, and of eight wrapped sums some are small */
  }
  CU_ASSERT_FALSE(idf_recipe_block(coef, step, out, 8));
  memset(coef, 0, sizeof coef);
  for (unsigned v = 0; v < 8; v++) {
    coef[8 * v + 3] = 16384;
    step[8 * v + 3] = 32768; /* 8 * 2^29 = 2^32 */
  }
  CU_ASSERT_FALSE(idf_recipe_block(coef, step, out, 8));
}

/* Around the limits, with few and with many coefficients. */
static void tame_is_what_the_block_says(void)
{
  idf_unit_random r = idf_unit_random_of(7);
  unsigned tame = 0;
  for (unsigned i = 0; i < 20000; i++) {
    const unsigned many = 1 + idf_unit_below(&r, 64), most = 1u << idf_unit_below(&r, 12);
    int16_t coef[64] = {0};
    uint16_t step[64];
    uint8_t out[64];
    for (unsigned k = 0; k < 64; k++)
      step[k] = (uint16_t)(1 + idf_unit_below(&r, i % 3 == 0 ? 2 : 255));
    for (unsigned k = 0; k < many; k++)
      coef[idf_unit_below(&r, 64)] = (int16_t)((int)idf_unit_below(&r, 2 * most + 1) - (int)most);
    const bool want = idf_recipe_block(coef, step, out, 8);
    IDF_UNIT_SEEDED(&r, idf_recipe_tame(coef, step) == want);
    tame += want;
  }
  CU_ASSERT(tame > 2000 && tame < 18000);
  const int16_t wraps[64] = {16384, 16384, 16384, 16384, 16384, 16384, 16384, 16384};
  uint16_t large[64] = {0};
  for (unsigned k = 0; k < 8; k++)
    large[k] = 32768; /* the sum is 2^32 */
  CU_ASSERT_FALSE(idf_recipe_tame(wraps, large));
}

int idf_suite_recipe_block(void)
{
  static const idf_unit_test tests[] = {
      {"samples are those of the transform", samples_are_those_of_the_transform},
      {"the limits are exact", the_limits_are_exact},
      {"sums do not wrap", sums_do_not_wrap},
      {"what is tame is what the block says", tame_is_what_the_block_says},
      {NULL, NULL},
  };
  return idf_unit_suite("recipe_block", tests);
}

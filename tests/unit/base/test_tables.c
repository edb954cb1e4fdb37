/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_tables.c: every entry against the formula in tables.h, computed here in double.
 * No entry is nearer to a rounding boundary than any C library's error.
 */
#include "tables.h"

#include <math.h>

#include "unit.h"

int idf_suite_tables(void);

static double scale_of(int k)
{
  return exp2((k - IDF_SCALE_ONE) / 8.0);
}

static void logarithms_are_rounded_to_nearest(void)
{
  for (int i = 0; i < 64; i++)
    CU_ASSERT_EQUAL(idf_log2_table[i], floor(256 * log2(1 + i / 64.0) + 0.5));
}

static int32_t knot(int i)
{
  return idf_logistic(i * (1024 / IDF_LOGISTIC_STEPS) - (IDF_LOGISTIC_REACH << 10));
}

static void the_logistic_is_rounded_to_nearest(void)
{
  for (int i = 0; i < IDF_LOGISTIC_KNOTS; i++) {
    double a = (double)(i - 256) / IDF_LOGISTIC_STEPS;
    CU_ASSERT_EQUAL(knot(i), floor(65536 / (1 + exp(-a)) + 0.5));
    CU_ASSERT_EQUAL(idf_logistic_table[i] >> 17,
                    i == IDF_LOGISTIC_KNOTS - 1 ? 0 : knot(i + 1) - knot(i));
  }
}

static void the_logistic_is_symmetric_and_never_falls(void)
{
  for (int i = 0; i < IDF_LOGISTIC_KNOTS; i++) {
    CU_ASSERT_EQUAL(knot(i) + knot(IDF_LOGISTIC_KNOTS - 1 - i), 65536);
    CU_ASSERT_TRUE(idf_logistic_table[i] >> 17 >= 0);
  }
  CU_ASSERT_EQUAL(knot(0), 0);
  CU_ASSERT_EQUAL(knot(IDF_LOGISTIC_KNOTS - 1), 65536);
}

static void scales_are_normalised_reciprocals(void)
{
  for (int k = 0; k < IDF_SCALES; k++) {
    double exact = ldexp(16 / scale_of(k), idf_scale_shift(k));
    CU_ASSERT_TRUE(idf_scale_mantissa(k) >= 1 << 14 && idf_scale_mantissa(k) <= 1 << 15);
    CU_ASSERT_EQUAL(idf_scale_mantissa(k), floor(exact + 0.5));
  }
}

static void reach_covers_eleven_scales(void)
{
  for (int k = 0; k < IDF_SCALES; k++) {
    double reach = ceil(11 * scale_of(k)) + 1;
    CU_ASSERT_EQUAL(idf_scale_reach[k], reach < 3 ? 3 : reach);
  }
}

static void scale_values_are_rounded_to_nearest(void)
{
  for (int k = 0; k < IDF_SCALES; k++)
    CU_ASSERT_EQUAL(idf_scale_value[k], floor(ldexp(scale_of(k), IDF_SCALE_VALUE_Q) + 0.5));
}

int idf_suite_tables(void)
{
  static const idf_unit_test tests[] = {
      {"logarithms are rounded to nearest", logarithms_are_rounded_to_nearest},
      {"the logistic is rounded to nearest", the_logistic_is_rounded_to_nearest},
      {"the logistic is symmetric and never falls", the_logistic_is_symmetric_and_never_falls},
      {"scales are normalised reciprocals", scales_are_normalised_reciprocals},
      {"reach covers eleven scales", reach_covers_eleven_scales},
      {"scale values are rounded to nearest", scale_values_are_rounded_to_nearest},
      {NULL, NULL}};
  return idf_unit_suite("tables", tests);
}

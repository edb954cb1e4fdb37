/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_fixed.c: roundings, logarithm and compression, over their whole ranges.
 */
#include "fixed.h"

#include <math.h>

#include "levelkit.h"

int idf_suite_fixed(void);

#define WIDE 70000 /* beyond any difference of two samples */

static void shifts_of_negatives_are_floors(void)
{
  /* volatile: the machine's shift is asked, not only the compiler's arithmetic. */
  volatile int32_t v32 = -7;
  volatile int64_t v64 = -7;
  volatile int16_t v16 = -1;
  CU_ASSERT_EQUAL(v32 >> 1, -4);
  CU_ASSERT_EQUAL(v64 >> 1, -4);
  CU_ASSERT_EQUAL(v16 >> 15, -1);
  v32 = INT32_MIN;
  v64 = INT64_MIN;
  CU_ASSERT_EQUAL(v32 >> 31, -1);
  CU_ASSERT_EQUAL(v64 >> 63, -1);
}

static void clamp_keeps_the_inside(void)
{
  CU_ASSERT_EQUAL(idf_clamp(INT32_MIN, -3, 4), -3);
  CU_ASSERT_EQUAL(idf_clamp(INT32_MAX, -3, 4), 4);
  for (int32_t v = -3; v <= 4; v++)
    CU_ASSERT_EQUAL(idf_clamp(v, -3, 4), v);
  CU_ASSERT_EQUAL(idf_clamp(9, 2, 2), 2);
}

static int64_t floor_div(int64_t a, int64_t b)
{
  return a / b - (a % b < 0);
}

static void rounding_is_to_nearest_halves_up(void)
{
  idf_unit_random r = idf_unit_random_of(1);
  for (unsigned q = 1; q <= 30; q++) {
    int64_t half = (int64_t)1 << (q - 1), most = INT32_MAX - half;
    for (int i = 0; i < 2000; i++) {
      int64_t v = i < 50    ? i - 25
                  : i < 100 ? most - (i - 50)
                  : i < 150 ? (i - 100) - most
                  : i < 200 ? half * (i - 175)
                            : (int64_t)(int32_t)idf_unit_next(&r);
      v = v > most ? most : v < -most ? -most : v;
      IDF_UNIT_SEEDED(&r, idf_round_q((int32_t)v, q) == floor_div(v + half, 2 * half));
    }
  }
}

static void low_zeros_are_those_below_the_lowest_bit(void)
{
  for (unsigned n = 0; n < 64; n++) {
    const uint64_t one = (uint64_t)1 << n;
    CU_ASSERT_EQUAL(idf_low_zeros(one), n);
    CU_ASSERT_EQUAL(idf_low_zeros(~(one - 1)), n);
    CU_ASSERT_EQUAL(idf_low_zeros(one | (uint64_t)1 << 63), n);
  }
}

static void top_bit_is_the_floor_of_log2(void)
{
  for (unsigned n = 0; n < 32; n++) {
    uint32_t one = (uint32_t)1 << n;
    CU_ASSERT_EQUAL(idf_top_bit(one), n);
    CU_ASSERT_EQUAL(idf_top_bit(one | (one - 1)), n);
    CU_ASSERT_EQUAL(idf_top_bit(one | one >> 1), n);
  }
}

static void log2_is_close_and_never_falls(void)
{
  uint32_t last = 0;
  bool close = true, rising = true;
  for (uint32_t v = 1; v < 1u << 20; v++) {
    uint32_t q = idf_log2_q8(v);
    double exact = 256 * log2((double)v);
    /* Six bits of mantissa are lost at most: 256 log2(1 + 1/64) = 5.73. */
    close = close && (double)q <= exact + 0.5 && (double)q >= exact - 6.3;
    rising = rising && q >= last;
    last = q;
  }
  CU_ASSERT_TRUE(close);
  CU_ASSERT_TRUE(rising);
  for (unsigned n = 0; n < 32; n++)
    CU_ASSERT_EQUAL(idf_log2_q8((uint32_t)1 << n), n << 8);
  CU_ASSERT_EQUAL(idf_log2_q8(UINT32_MAX), (31 << 8) + 253);
}

static void compress_is_odd_rising_and_bounded(void)
{
  int32_t last = -108; /* at the lower end the half is rounded up */
  bool rising = true, bounded = true, odd = true;
  for (int32_t d = -WIDE; d <= WIDE; d++) {
    int32_t c = idf_compress(d), mirrored = idf_compress(-d);
    rising = rising && c >= last;
    bounded = bounded && c >= -108 && c <= 109;
    odd = odd && c + mirrored >= 0 && c + mirrored <= 1; /* 1: a half, rounded up on both sides */
    last = c;
  }
  CU_ASSERT_TRUE(rising);
  CU_ASSERT_TRUE(bounded);
  CU_ASSERT_TRUE(odd);
  CU_ASSERT_EQUAL(idf_compress(0), 0);
  CU_ASSERT_EQUAL(idf_compress(WIDE), 109);
  CU_ASSERT_EQUAL(idf_compress(-WIDE), -108);
  CU_ASSERT_EQUAL(idf_compress(INT32_MAX), 109);
  CU_ASSERT_EQUAL(idf_compress(INT32_MIN), -108);
}

static void compress_meets_the_logarithm_at_its_knots(void)
{
  static const int32_t knots[] = {2, 8, 32, 128, 512};
  for (size_t i = 0; i < sizeof knots / sizeof *knots; i++) {
    double exact = 12 * log2(1 + (double)knots[i]);
    CU_ASSERT_DOUBLE_EQUAL(idf_compress(knots[i]), exact, 2.0);
    CU_ASSERT_DOUBLE_EQUAL(idf_compress(-knots[i]), -exact, 2.0);
  }
}

/* Kernels compress whole blocks, by minima: over all differences that they are given. */
static void a_block_is_compressed_like_single_values_at(const levelkit *at)
{
  enum { MOST = 1022, ROOM = 2 * MOST + 1 + IDF_BLOCK };
  int16_t s[ROOM];
  bool same = true;
  for (int i = 0; i < ROOM; i++)
    s[i] = (int16_t)(IDF_MIN(i, 2 * MOST) - MOST);
  for (unsigned unit = 0; unit <= 8; unit++)
    for (int first = 0; first <= 2 * MOST; first += 5) {
      ptrdiff_t near[IDF_WINDOW];
      int16_t mean[IDF_BLOCK] = {0}, d[IDF_WINDOW][IDF_BLOCK];
      idf_pairs shown[IDF_TAPS / 2];
      for (int i = 0; i < IDF_WINDOW; i++)
        near[i] = (first + 61 * i) % (2 * MOST + 1);
      at->kernels->show(s, near, mean, unit, d, shown);
      for (int i = 0; i < IDF_TAPS; i++)
        for (int k = 0; k < IDF_BLOCK; k++) {
          const int cell = IDF_WINDOW_AT(idf_taps[i][0], idf_taps[i][1]);
          const int32_t v = s[near[cell] + k];
          same = same && d[cell][k] == v && shown[i / 2][k][i % 2] == idf_compress(v >> unit);
        }
    }
  CU_ASSERT_TRUE(same);
}

LEVELKIT_TEST(a_block_is_compressed_like_single_values)

int idf_suite_fixed(void)
{
  static const idf_unit_test tests[] = {
      {"shifts of negatives are floors", shifts_of_negatives_are_floors},
      {"clamp keeps the inside", clamp_keeps_the_inside},
      {"rounding is to nearest, halves up", rounding_is_to_nearest_halves_up},
      {"low zeros are those below the lowest bit", low_zeros_are_those_below_the_lowest_bit},
      {"top bit is the floor of log2", top_bit_is_the_floor_of_log2},
      {"log2 is close and never falls", log2_is_close_and_never_falls},
      {"compress is odd, rising and bounded", compress_is_odd_rising_and_bounded},
      {"compress meets the logarithm at its knots", compress_meets_the_logarithm_at_its_knots},
      {"a block is compressed like single values", a_block_is_compressed_like_single_values},
      {NULL, NULL}};
  return idf_unit_suite("fixed", tests);
}

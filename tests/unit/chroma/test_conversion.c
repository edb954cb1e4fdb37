/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_conversion.c: conversions give what the programs gave: ffmpeg 5.1, avifdec 0.11.1 with
 * libyuv 1857, dwebp 1.2.4 and heif-convert 1.15.1; and PhotoCD by its formula in wider numbers.
 */
#include "conversion.h"

#include "unit.h"

int idf_suite_conversion(void);

static void programs_gave_these_pixels(void)
{
  static const struct {
    unsigned conversion;
    int32_t yuv[3], rgb[3];
  } seen[] = {
      {0, {181, 48, 92}, {134, 252, 30}},    {0, {128, 182, 61}, {23, 162, 238}},
      {0, {154, 77, 75}, {75, 222, 57}},     {0, {158, 96, 66}, {66, 227, 100}},
      {0, {19, 137, 127}, {1, 0, 21}},       {1, {181, 48, 92}, {127, 228, 23}},
      {1, {128, 182, 61}, {9, 153, 244}},    {1, {154, 77, 75}, {64, 198, 52}},
      {1, {158, 96, 66}, {53, 204, 97}},     {1, {19, 137, 127}, {1, 1, 22}},
      {2, {181, 48, 92}, {130, 233, 39}},    {2, {128, 182, 61}, {34, 156, 223}},
      {2, {42, 122, 104}, {8, 61, 31}},      {2, {167, 172, 27}, {25, 223, 244}},
      {2, {103, 216, 63}, {11, 118, 255}},   {3, {181, 48, 92}, {124, 211, 32}},
      {3, {128, 182, 61}, {22, 148, 228}},   {3, {42, 122, 104}, {4, 54, 30}},
      {3, {167, 172, 27}, {7, 205, 248}},    {3, {101, 190, 218}, {242, 46, 216}},
      {4, {181, 48, 92}, {130, 234, 40}},    {4, {128, 182, 61}, {34, 158, 223}},
      {4, {42, 122, 104}, {8, 61, 31}},      {4, {167, 172, 27}, {25, 224, 245}},
      {4, {103, 216, 63}, {12, 119, 255}},   {5, {181, 48, 92}, {124, 213, 32}},
      {5, {128, 182, 61}, {22, 149, 228}},   {5, {42, 122, 104}, {4, 54, 31}},
      {5, {167, 172, 27}, {8, 206, 249}},    {5, {101, 190, 218}, {243, 47, 216}},
      {6, {181, 48, 92}, {135, 253, 32}},    {6, {128, 182, 61}, {24, 164, 238}},
      {6, {101, 190, 218}, {242, 2, 223}},   {6, {154, 77, 75}, {76, 224, 59}},
      {6, {33, 240, 15}, {0, 68, 244}},      {7, {181, 48, 92}, {127, 229, 32}},
      {7, {128, 182, 61}, {10, 154, 238}},   {7, {154, 77, 75}, {65, 200, 59}},
      {7, {158, 96, 66}, {54, 205, 101}},    {7, {19, 137, 127}, {2, 2, 21}},
      {8, {70, 141, 120}, {50, 64, 89}},     {8, {43, 134, 125}, {27, 32, 44}},
      {8, {81, 141, 120}, {63, 77, 102}},    {8, {155, 112, 146}, {191, 153, 130}},
      {8, {130, 127, 132}, {139, 130, 131}}, {9, {60, 144, 120}, {49, 60, 88}},
      {9, {32, 135, 124}, {26, 32, 44}},     {9, {76, 144, 119}, {63, 77, 104}},
      {9, {163, 110, 150}, {194, 153, 131}}, {9, {131, 126, 133}, {138, 128, 127}},
  };
  for (size_t i = 0; i < sizeof seen / sizeof *seen; i++) {
    idf_matrix m;
    idf_matrix_init(&m, seen[i].conversion);
    for (unsigned c = 0; c < 3; c++)
      CU_ASSERT_EQUAL(idf_matrix_sample(&m, c, seen[i].yuv[0], seen[i].yuv[1], seen[i].yuv[2]),
                      seen[i].rgb[c]);
  }
}

static int64_t down_by(int64_t a, int64_t b)
{
  return a >= 0 ? a / b : -((b - 1 - a) / b);
}

static void photocd_is_its_formula(void)
{
  idf_matrix m;
  idf_matrix_init(&m, IDF_CONVERSION_PHOTOCD);
  for (int y = 0; y < 256; y += 5)
    for (int u = 0; u < 256; u += 3)
      for (int v = 0; v < 256; v += 3) {
        const int64_t b = 22179 * (u - 156), r = 18215 * (v - 137);
        const int64_t q1 = down_by(b, 10000), q2 = down_by(r, 10000), l = 13584 * y;
        const int64_t all[3] = {down_by(l + r, 10000),
                                down_by(l - 1940 * q1 - 5090 * q2 - 1, 10000),
                                down_by(l + b, 10000)};
        bool good = true;
        for (unsigned c = 0; c < 3; c++)
          good = good
                 && idf_matrix_sample(&m, c, y, u, v)
                        == (all[c] < 0     ? 0
                            : all[c] > 255 ? 255
                                           : all[c]);
        CU_ASSERT_TRUE(good);
      }
}

/* The bound that conversion.h states, and a luma that rises. */
static void sums_stay_small(void)
{
  for (unsigned k = 0; k < IDF_CONVERSIONS; k++) {
    idf_matrix m;
    idf_matrix_init(&m, k);
    CU_ASSERT_TRUE(idf_conversions[k].name && m.divide > 0);
    for (unsigned i = 0; i < 255; i++)
      CU_ASSERT_TRUE(m.luma[i + 1] >= m.luma[i]);
    for (unsigned c = 0; c < 3; c++)
      for (unsigned i = 0; i < 256; i += 255) {
        const int64_t most = (int64_t)idf_abs(m.luma[i]) + idf_abs(m.u[c][i]) + idf_abs(m.v[c][i]);
        CU_ASSERT_TRUE(most < (int64_t)1 << 30);
      }
  }
}

int idf_suite_conversion(void)
{
  static const idf_unit_test tests[] = {
      {"programs gave these pixels", programs_gave_these_pixels},
      {"PhotoCD is its formula", photocd_is_its_formula},
      {"sums stay small", sums_stay_small},
      {NULL, NULL},
  };
  return idf_unit_suite("conversion", tests);
}

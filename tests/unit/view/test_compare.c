/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_compare.c: places and sizes of differences, for narrow and wide samples, in pieces.
 */
#include "compare.h"
#include "unit.h"

#include <string.h>

int idf_suite_compare(void);

static void equal(void)
{
  const idf_info info = {.width = 7, .height = 3, .layout = IDF_RGB, .depth = 8};
  uint8_t a[63], b[63];
  idf_difference d = {0};

  memset(a, 9, sizeof a);
  memcpy(b, a, sizeof b);
  idf_compare_rows(&d, &info, a, b, 0, 3);
  CU_ASSERT_EQUAL(d.pixels, 0);
  CU_ASSERT_EQUAL(d.largest, 0);
}

static void places(void)
{
  const idf_info info = {.width = 10, .height = 8, .layout = IDF_RGBA, .depth = 8};
  static uint8_t a[320], b[320];
  idf_difference d = {0};

  memset(a, 100, sizeof a);
  memcpy(b, a, sizeof b);
  b[4 * (2 * 10 + 6) + 3] = 90;  /* alpha at 6,2 */
  a[4 * (5 * 10 + 1) + 1] = 250; /* green at 1,5 */
  b[4 * (5 * 10 + 1) + 2] = 101; /* and blue: one pixel all the same */
  b[4 * (5 * 10 + 9)] = 99;      /* red at 9,5 */
  for (uint32_t y = 0; y < 8; y += 4)
    idf_compare_rows(&d, &info, a + 40 * y, b + 40 * y, y, 4);
  CU_ASSERT_EQUAL(d.pixels, 3);
  CU_ASSERT(d.x == 6 && d.y == 2);
  CU_ASSERT(d.left == 1 && d.right == 9 && d.top == 2 && d.bottom == 5);
  CU_ASSERT_EQUAL(d.largest, 150);
  CU_ASSERT_STRING_EQUAL(idf_channel_name(info.layout, d.channel), "green");
}

static void wide(void)
{
  const idf_info info = {.width = 3, .height = 1, .layout = IDF_GRAY_ALPHA, .depth = 16};
  const uint16_t a[6] = {0, 65535, 256, 1, 2, 3}, b[6] = {65535, 65535, 1, 1, 2, 3};
  idf_difference d = {0};

  idf_compare_rows(&d, &info, a, b, 0, 1);
  CU_ASSERT_EQUAL(d.pixels, 2);
  CU_ASSERT_EQUAL(d.largest, 65535);
  CU_ASSERT(d.left == 0 && d.right == 1);
  CU_ASSERT_STRING_EQUAL(idf_channel_name(info.layout, d.channel), "gray");
}

static void channels(void)
{
  CU_ASSERT_STRING_EQUAL(idf_channel_name(IDF_PALETTE, 0), "index");
  CU_ASSERT_STRING_EQUAL(idf_channel_name(IDF_CMYK, 3), "black");
  CU_ASSERT_STRING_EQUAL(idf_channel_name(IDF_GRAY, 1), "");
  CU_ASSERT_STRING_EQUAL(idf_channel_name((idf_layout)6, 0), "");
  CU_ASSERT_STRING_EQUAL(idf_channel_name(IDF_RGB, 4), "");
}

int idf_suite_compare(void)
{
  static const idf_unit_test tests[] = {{"equal rows", equal},
                                        {"first, rectangle and largest", places},
                                        {"samples of two bytes", wide},
                                        {"names of channels", channels},
                                        {NULL, NULL}};
  return idf_unit_suite("compare", tests);
}

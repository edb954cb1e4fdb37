/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_luma.c: the brightness of every layout and depth.
 */
#include "luma.h"
#include "unit.h"

#include <string.h>

int idf_suite_luma(void);

static void narrow(void)
{
  static const uint8_t palette[] = {0, 0, 0, 255, 0, 0, 255, 255, 255};
  static const struct {
    idf_layout layout;
    uint32_t depth;
    uint8_t samples[8], want[2];
  } cases[] = {{IDF_GRAY, 1, {0, 1}, {0, 255}},
               {IDF_GRAY, 3, {7, 3}, {255, 109}},
               {IDF_GRAY_ALPHA, 8, {9, 0, 200, 255}, {9, 200}},
               {IDF_RGB, 8, {255, 0, 0, 0, 255, 0}, {76, 150}},
               {IDF_RGBA, 8, {0, 0, 255, 0, 255, 255, 255, 7}, {29, 255}},
               {IDF_PALETTE, 2, {1, 3}, {76, 0}},
               {IDF_PALETTE, 2, {2, 0}, {255, 0}}};

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const idf_info info = {
        .width = 2, .height = 1, .layout = cases[i].layout, .depth = cases[i].depth};
    uint8_t luma[2];
    idf_luma_row(&info, cases[i].samples, palette, 3, luma);
    CU_ASSERT(luma[0] == cases[i].want[0] && luma[1] == cases[i].want[1]);
  }
}

static void wide(void)
{
  const idf_info info = {.width = 2, .height = 1, .layout = IDF_RGB, .depth = 16};
  const idf_info ten = {.width = 2, .height = 1, .layout = IDF_GRAY, .depth = 10};
  const uint16_t rgb[6] = {65535, 65535, 65535, 65535, 0, 0}, gray[2] = {1023, 512};
  uint8_t luma[2];

  idf_luma_row(&info, rgb, NULL, 0, luma);
  CU_ASSERT(luma[0] == 255 && luma[1] == 76);
  idf_luma_row(&ten, gray, NULL, 0, luma);
  CU_ASSERT(luma[0] == 255 && luma[1] == 127);
}

static void no_palette(void)
{
  const idf_info info = {.width = 2, .height = 1, .layout = IDF_PALETTE, .depth = 8};
  static const uint8_t samples[2] = {0, 255};
  uint8_t luma[2] = {9, 9};

  idf_luma_row(&info, samples, NULL, 0, luma);
  CU_ASSERT(luma[0] == 0 && luma[1] == 0);
}

int idf_suite_luma(void)
{
  static const idf_unit_test tests[] = {{"samples of a byte", narrow},
                                        {"samples of two", wide},
                                        {"a palette that is missing", no_palette},
                                        {NULL, NULL}};
  return idf_unit_suite("luma", tests);
}

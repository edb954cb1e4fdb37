/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_drawn.c: pictures that the built-in models draw: the same bytes as ever, in both sizes of
 * samples, from given rows; and wrong arguments.
 */
#include <stdlib.h>
#include <string.h>

#include "crc32c.h"
#include "idf.h"
#include "internal.h"
#include "unit.h"

int idf_suite_drawn(void);

/* The checksums are of this code, on x86-64; tests/machines has other machines compare. */
static void the_same_as_ever(void)
{
  static const struct {
    int effort;
    idf_layout layout;
    unsigned depth;
    uint32_t crc;
  } cases[] = {{1, IDF_RGB, 8, 0x0a790b8f},   {5, IDF_RGB, 8, 0xcdbab8a0},
               {9, IDF_RGB, 8, 0xa32bd0ba},   {5, IDF_GRAY, 8, 0x324e31fa},
               {5, IDF_GRAY, 16, 0x6fd66bb9}, {5, IDF_RGB, 12, 0xfa79968c}};
  static uint16_t rows[48 * 64 * 3];

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const idf_info info = {
        .width = 64, .height = 48, .layout = cases[i].layout, .depth = cases[i].depth};
    const size_t samples = (size_t)64 * 48 * idf_channels(info.layout);
    idf_settings settings;
    idf_settings_init(&settings);
    settings.effort = cases[i].effort;
    CU_ASSERT_EQUAL(idf_draw(&settings, &info, 42, 0, rows), IDF_OK);
    static uint16_t wide[48 * 64 * 3];
    idf_unpack_samples(rows, idf_sample_bytes(&info), samples, wide);
    const uint32_t crc = idf_samples_crc(IDF_SIMD_AUTO, 0, wide, idf_sample_bytes(&info), samples);
    if (crc != cases[i].crc)
      fprintf(stderr, "case %zu: 0x%08x\n", i, (unsigned)crc);
    CU_ASSERT_EQUAL(crc, cases[i].crc);
  }
}

static void goes_on(void)
{
  const idf_info info = {.width = 40, .height = 30, .layout = IDF_RGB, .depth = 8};
  static uint8_t rows[40 * 30 * 3], before[sizeof rows];

  for (size_t i = 0; i < sizeof rows; i++)
    rows[i] = before[i] = (uint8_t)(i % 251);
  CU_ASSERT_EQUAL(idf_draw(NULL, &info, 1, 10, rows), IDF_OK);
  CU_ASSERT_EQUAL(memcmp(rows, before, 40 * 10 * 3), 0);
  CU_ASSERT_NOT_EQUAL(memcmp(rows, before, sizeof rows), 0);
}

static void wrong_arguments(void)
{
  idf_info info = {.width = 4, .height = 4, .layout = IDF_RGB, .depth = 8};
  idf_settings settings;
  uint8_t rows[64];

  idf_settings_init(&settings);
  CU_ASSERT_EQUAL(idf_draw(NULL, NULL, 1, 0, rows), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_draw(NULL, &info, 1, 0, NULL), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_draw(NULL, &info, 1, 5, rows), IDF_ERR_ARGUMENT);
  info.layout = IDF_RGBA;
  CU_ASSERT_EQUAL(idf_draw(NULL, &info, 1, 0, rows), IDF_ERR_ARGUMENT);
  info.layout = IDF_GRAY;
  info.width = IDF_DRAW_SIDE + 1;
  CU_ASSERT_EQUAL(idf_draw(NULL, &info, 1, 0, rows), IDF_ERR_ARGUMENT);
  info.width = 4;
  settings.effort = 2;
  CU_ASSERT_EQUAL(idf_draw(&settings, &info, 1, 0, rows), IDF_ERR_UNSUPPORTED);
  settings.effort = 5;
  settings.max_memory = 1000;
  CU_ASSERT_EQUAL(idf_draw(&settings, &info, 1, 0, rows), IDF_ERR_LIMIT);
}

int idf_suite_drawn(void)
{
  static const idf_unit_test tests[] = {{"the same as ever", the_same_as_ever},
                                        {"goes on from given rows", goes_on},
                                        {"wrong arguments", wrong_arguments},
                                        {NULL, NULL}};
  return idf_unit_suite("drawn", tests);
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_steps.c: the steps of any quantiser are found in noise; the standard tables are libjpeg's.
 */
#include "steps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "dct.h"
#include "unit.h"

int idf_suite_steps(void);

static void tables_are_those_of_libjpeg(void)
{
  struct jpeg_compress_struct jpeg;
  struct jpeg_error_mgr errors;
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  jpeg.input_components = 3;
  jpeg.in_color_space = JCS_RGB;
  jpeg_set_defaults(&jpeg);
  for (unsigned quality = 1; quality <= 100; quality++) {
    jpeg_set_quality(&jpeg, (int)quality, TRUE);
    for (unsigned which = 0; which < 2; which++) {
      uint16_t step[64], named[64];
      unsigned same = 0;
      idf_steps_standard(which, quality, step);
      for (unsigned k = 0; k < 64; k++)
        same += step[k] == jpeg.quant_tbl_ptrs[which]->quantval[k];
      CU_ASSERT_EQUAL(same, 64);
      idf_steps_standard(which, idf_steps_quality(which, step), named); /* some are the same */
      CU_ASSERT_EQUAL(memcmp(named, step, sizeof step), 0);
      step[quality % 64]++;
      CU_ASSERT_EQUAL(idf_steps_quality(which, step), 0);
    }
  }
  jpeg_destroy_compress(&jpeg);
}

/* Roughly normal, of variance 1/12 times `power`: Q6. */
static int32_t noise(idf_unit_random *r, unsigned power)
{
  int32_t v = 0;
  for (unsigned i = 0; i < power; i++)
    for (unsigned j = 0; j < 4; j++)
      v += (int32_t)idf_unit_below(r, 33) - 16;
  return v;
}

/* Blocks whose coefficients get smaller and rarer with their frequency. */
static void fill(idf_unit_random *r, const uint16_t step[64], unsigned power, size_t blocks,
                 int32_t *coef)
{
  for (size_t b = 0; b < blocks; b++)
    for (unsigned k = 0; k < 64; k++) {
      const unsigned frequency = k / 8 + k % 8, most = 400 / (1 + frequency * frequency) / step[k];
      int32_t v = (int32_t)idf_unit_below(r, 2 * most + 2) - (int32_t)most;
      if (idf_unit_below(r, 2 + frequency) > 2)
        v = 0;
      coef[64 * b + k] = v * step[k] * (1 << IDF_DCT_Q) + noise(r, power);
    }
}

static void steps_are_found(void)
{
  static int32_t coef[64 * IDF_STEPS_BLOCKS];
  for (unsigned t = 0; t < 24; t++) {
    idf_unit_random r = idf_unit_random_of(t);
    const bool coarse = t % 2 != 0, standard = t % 3 == 0;
    uint16_t step[64], found[64];
    for (unsigned k = 0; k < 64; k++)
      step[k] = (uint16_t)(3 + idf_unit_below(&r, 4 + k / 2));
    if (standard)
      idf_steps_standard(t % 2, 40 + 2 * t, step);
    fill(&r, step, coarse ? 2 : 1, 700, coef);
    CU_ASSERT_TRUE(idf_steps_find(coef, 700, coarse, found));
    unsigned wrong = 0;
    for (unsigned k = 0; k < 64; k++) {
      const unsigned frequency = k / 8 + k % 8;
      if (standard || 400 / (1 + frequency * frequency) >= 2 * step[k])
        wrong += found[k] != step[k];
    }
    IDF_UNIT_SEEDED(&r, wrong == 0);
  }
}

static void nothing_is_found_in_nothing(void)
{
  static int32_t coef[64 * 100];
  uint16_t step[64];
  CU_ASSERT_FALSE(idf_steps_find(coef, 100, false, step));
  CU_ASSERT_FALSE(idf_steps_find(coef, 0, true, step));
  coef[64 * 7 + 10] = -(77 << IDF_DCT_Q); /* one is enough, and then all have a step */
  CU_ASSERT_TRUE(idf_steps_find(coef, 100, false, step));
  CU_ASSERT_EQUAL(step[10], 77);
  for (unsigned k = 0; k < 64; k++)
    CU_ASSERT(step[k] >= 1 && step[k] <= 255);
}

int idf_suite_steps(void)
{
  static const idf_unit_test tests[] = {
      {"tables are those of libjpeg", tables_are_those_of_libjpeg},
      {"steps are found", steps_are_found},
      {"nothing is found in nothing", nothing_is_found_in_nothing},
      {NULL, NULL},
  };
  return idf_unit_suite("steps", tests);
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_draw.c: drawn pictures are the same at every level of SIMD, follow their seed, keep the
 * rows that are given, and cost what their model says: they are its own.
 */
#include "draw.h"

#include <string.h>

#include "flowkit.h"
#include "tile.h"

int idf_suite_draw(void);

enum { WIDTH = 75, HEIGHT = 50 };

static uint16_t picture[2][WIDTH * HEIGHT * 3];

static idf_tile tile_of(uint16_t *samples, unsigned channels, unsigned depth)
{
  return (idf_tile){
      .shape = {.width = WIDTH, .height = HEIGHT, .channels = channels, .depth = depth},
      .samples = samples,
      .stride = (size_t)WIDTH * channels};
}

static bool same(size_t samples)
{
  return memcmp(picture[0], picture[1], samples * sizeof(uint16_t)) == 0;
}

static void at_every_level(void)
{
  static const unsigned depths[] = {1, 8, 12, 16};
  idf_mem mem;
  idf_unit_random r = idf_unit_random_of(1);

  idf_mem_init(&mem, UINT64_MAX);
  idf_model *model = flowkit_model(&mem, &r, FLOWKIT_SMALL);
  for (unsigned channels = 1; channels <= 3; channels += 2)
    for (size_t d = 0; d < sizeof depths / sizeof *depths; d++) {
      const size_t samples = (size_t)WIDTH * HEIGHT * channels;
      idf_job job = {.mem = &mem, .model = model, .kernels = idf_kernels_of(IDF_SIMD_NONE)};
      idf_tile tile = tile_of(picture[0], channels, depths[d]);
      CU_ASSERT_EQUAL(idf_draw_tile(&job, &tile, 0, 7), IDF_OK);
      for (size_t i = 0; i < samples; i++)
        CU_ASSERT_TRUE_FATAL(picture[0][i] >> depths[d] == 0);
      for (int level = IDF_SIMD_128; level <= IDF_SIMD_AVX512; level++) {
        job.kernels = idf_kernels_of((idf_simd)level);
        if (!job.kernels)
          continue;
        memset(picture[1], 0, sizeof picture[1]);
        tile.samples = picture[1];
        CU_ASSERT_EQUAL(idf_draw_tile(&job, &tile, 0, 7), IDF_OK);
        CU_ASSERT_TRUE(same(samples));
      }
      job.kernels = idf_kernels_of(IDF_SIMD_AUTO);
      CU_ASSERT_EQUAL(idf_draw_tile(&job, &tile, 0, 8), IDF_OK);
      CU_ASSERT_FALSE(same(samples));
    }
  idf_model_release(&mem, model);
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void rows_given(void)
{
  enum { FROM = 20, GIVEN = FROM * WIDTH * 3 };
  idf_mem mem;
  idf_unit_random r = idf_unit_random_of(2);

  idf_mem_init(&mem, UINT64_MAX);
  idf_model *model = flowkit_model(&mem, &r, FLOWKIT_SMALL);
  const idf_job job = {.mem = &mem, .model = model, .kernels = idf_kernels_of(IDF_SIMD_AUTO)};
  idf_tile tile = tile_of(picture[0], 3, 8);
  for (size_t i = 0; i < WIDTH * HEIGHT * 3; i++)
    picture[0][i] = picture[1][i] = (uint16_t)idf_unit_below(&r, 256);
  CU_ASSERT_EQUAL(idf_draw_tile(&job, &tile, FROM, 1), IDF_OK);
  CU_ASSERT_TRUE(same(GIVEN));
  CU_ASSERT_FALSE(same(GIVEN + WIDTH * 3));
  /* All rows given: nothing is drawn. */
  memcpy(picture[1], picture[0], sizeof picture[0]);
  CU_ASSERT_EQUAL(idf_draw_tile(&job, &tile, HEIGHT, 2), IDF_OK);
  CU_ASSERT_TRUE(same(WIDTH * HEIGHT * 3));
  CU_ASSERT_EQUAL(idf_draw_tile(&job, &tile, HEIGHT + 1, 2), IDF_ERR_ARGUMENT);
  tile = tile_of(picture[0], 2, 8);
  CU_ASSERT_EQUAL(idf_draw_tile(&job, &tile, 0, 2), IDF_ERR_ARGUMENT);
  idf_model_release(&mem, model);
  CU_ASSERT_EQUAL(mem.used, 0);
}

static int yes(void *context)
{
  (void)context;
  return 1;
}

static void cancelled(void)
{
  idf_mem mem;
  idf_unit_random r = idf_unit_random_of(3);
  idf_cancel cancel = {.asked = yes};

  idf_mem_init(&mem, UINT64_MAX);
  idf_model *model = flowkit_model(&mem, &r, FLOWKIT_SMALL);
  const idf_job job = {
      .mem = &mem, .model = model, .kernels = idf_kernels_of(IDF_SIMD_AUTO), .cancel = &cancel};
  const idf_tile tile = tile_of(picture[0], 3, 8);
  CU_ASSERT_EQUAL(idf_draw_tile(&job, &tile, 0, 1), IDF_ERR_CANCELLED);
  idf_model_release(&mem, model);
  CU_ASSERT_EQUAL(mem.used, 0);
}

int idf_suite_draw(void)
{
  static const idf_unit_test tests[] = {{"the same at every level", at_every_level},
                                        {"rows that are given stay", rows_given},
                                        {"can be cancelled", cancelled},
                                        {NULL, NULL}};
  return idf_unit_suite("draw", tests);
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_grid.c: blocks are found wherever a picture was cut, and not where there are none.
 */
#include "grid.h"

#include "historykit.h"

int idf_suite_grid(void);

static void blocks_are_found_at_every_place(void)
{
  for (unsigned place = 0; place < 64; place++) {
    const historykit_kind k = {.channels = place % 2 ? 3 : 1,
                               .h = 1,
                               .v = 1,
                               .quality = 60 + (int)place / 2,
                               .smooth = true,
                               .x = place % 8,
                               .y = place / 8,
                               .width = 150,
                               .height = 120};
    const idf_tile tile = historykit_make(&k, place);
    idf_grid grid;
    CU_ASSERT_TRUE(idf_grid_look(&tile, &grid));
    CU_ASSERT_EQUAL(grid.x, (8 - k.x) % 8);
    CU_ASSERT_EQUAL(grid.y, (8 - k.y) % 8);
    CU_ASSERT(grid.zeros > grid.elsewhere && grid.zeros <= 16 * 64);
    free(tile.samples);
  }
}

static void other_pictures_have_none(void)
{
  for (unsigned seed = 0; seed < 40; seed++) {
    const historykit_kind k = {.channels = seed % 2 ? 3 : 1,
                               .width = 40 + 5 * seed,
                               .height = 190 - 3 * seed,
                               .loud = seed % 4 == 3};
    const idf_tile tile = historykit_make(&k, seed);
    idf_grid grid;
    CU_ASSERT_FALSE(idf_grid_look(&tile, &grid));
    free(tile.samples);
  }
}

static void the_smallest_tile_is_looked_at(void)
{
  uint16_t samples[16 * 16] = {0};
  const idf_tile tile = {{16, 16, 1, 8, false}, samples, 16};
  idf_grid grid;
  CU_ASSERT_FALSE(idf_grid_look(&tile, &grid));
  CU_ASSERT_EQUAL(grid.zeros, 16 * 63); /* black: DC alone */
}

static void zeros_are_those_of_whole_blocks(void)
{
  int16_t sample[20 * 20] = {0};
  CU_ASSERT_EQUAL(idf_grid_zeros(sample, 20, 20, 20, 0, 0), 16 * 64);
  CU_ASSERT_EQUAL(idf_grid_zeros(sample, 20, 20, 20, 13, 0), 0);
  CU_ASSERT_EQUAL(idf_grid_zeros(sample, 20, 20, 20, 4, 13), 0);
  for (unsigned i = 0; i < 400; i++)
    sample[i] = (int16_t)(i % 20 < 12 ? 0 : 800); /* an edge at 12 */
  CU_ASSERT_EQUAL(idf_grid_zeros(sample, 20, 20, 20, 4, 0), 16 * 63 + 8);
  CU_ASSERT(idf_grid_zeros(sample, 20, 20, 20, 0, 0) < 16 * 63);
}

int idf_suite_grid(void)
{
  static const idf_unit_test tests[] = {
      {"blocks are found at every place", blocks_are_found_at_every_place},
      {"other pictures have none", other_pictures_have_none},
      {"the smallest tile is looked at", the_smallest_tile_is_looked_at},
      {"zeros are those of whole blocks", zeros_are_those_of_whole_blocks},
      {NULL, NULL},
  };
  return idf_unit_suite("grid", tests);
}

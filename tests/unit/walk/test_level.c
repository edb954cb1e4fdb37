/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_level.c: each level has a walk and a row coder of its own, which go with its kernels.
 */
#include "level.h"

#include "unit.h"

int idf_suite_level(void);

static void every_level_has_its_own(void)
{
  for (unsigned simd = IDF_SIMD_NONE; simd < IDF_SIMD_LEVELS; simd++) {
    const idf_kernels *kernels = idf_kernels_of((idf_simd)simd);
    if (!kernels)
      continue;
    const idf_level *level = idf_level_of(kernels);
    CU_ASSERT_PTR_NOT_NULL_FATAL(level->walk);
    CU_ASSERT_PTR_NOT_NULL_FATAL(level->rows_put);
    for (unsigned lower = IDF_SIMD_NONE; lower < simd; lower++) {
      const idf_kernels *others = idf_kernels_of((idf_simd)lower);
      if (!others)
        continue;
      CU_ASSERT_TRUE(level->walk != idf_level_of(others)->walk);
      CU_ASSERT_TRUE(level->rows_put != idf_level_of(others)->rows_put);
    }
  }
}

static void none_is_the_definition(void)
{
  const idf_level *level = idf_level_of(idf_kernels_of(IDF_SIMD_NONE));
  CU_ASSERT_TRUE(level->walk == idf_wave_walk && level->rows_put == idf_rows_put);
}

int idf_suite_level(void)
{
  static const idf_unit_test tests[] = {
      {"every level has its own", every_level_has_its_own},
      {"none is the definition", none_is_the_definition},
      {NULL, NULL},
  };
  return idf_unit_suite("level", tests);
}

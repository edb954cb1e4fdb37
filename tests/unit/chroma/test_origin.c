/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_origin.c: the program and the phases are recognised; other pictures have no origin.
 */
#include "origin.h"

#include "chromakit.h"

int idf_suite_origin(void);

static void programs_are_recognised(void)
{
  for (unsigned c = 0; c <= IDF_CONVERSION_LIBHEIF; c++) {
    const idf_origin made = chromakit_origin(c, IDF_SPACING_REPLICATED, c % 4, 131 + c, 120);
    chromakit k = chromakit_make(&made, 100, c);
    idf_origin found = {.conversion = 99};
    CU_ASSERT_TRUE(idf_origin_find(&k.tile, &found));
    CU_ASSERT_EQUAL(found.conversion, c);
    CU_ASSERT_EQUAL(found.siting.x.spacing, IDF_SPACING_REPLICATED);
    CU_ASSERT_EQUAL(found.siting.x.phase, c % 4 & 1);
    CU_ASSERT_EQUAL(found.siting.y.phase, c % 4 >> 1);
    CU_ASSERT_EQUAL(found.siting.x.knots, k.origin.siting.x.knots);
    chromakit_close(&k);
  }
}

static void what_lies_between_is_recognised(void)
{
  static const struct {
    unsigned conversion;
    idf_spacing spacing;
  } kinds[] = {{IDF_CONVERSION_LIBYUV, IDF_SPACING_CENTRED},
               {IDF_CONVERSION_LIBYUV + 3, IDF_SPACING_CENTRED},
               {IDF_CONVERSION_LIBWEBP, IDF_SPACING_CENTRED},
               {IDF_CONVERSION_PHOTOCD, IDF_SPACING_COSITED}};
  for (unsigned i = 0; i < 4; i++)
    for (unsigned phases = 0; phases < 4; phases++) {
      const idf_origin made =
          chromakit_origin(kinds[i].conversion, kinds[i].spacing, phases, 133, 120);
      chromakit k = chromakit_make(&made, 100, 60 + i);
      idf_origin found = {.conversion = 99};
      CU_ASSERT_TRUE(idf_origin_find(&k.tile, &found));
      CU_ASSERT_EQUAL(found.conversion, kinds[i].conversion);
      CU_ASSERT_EQUAL(found.siting.y.spacing, kinds[i].spacing);
      CU_ASSERT_EQUAL(found.siting.x.phase, phases & 1);
      CU_ASSERT_EQUAL(found.siting.y.phase, phases >> 1);
      chromakit_close(&k);
    }
}

static void others_have_none(void)
{
  const idf_origin made = chromakit_origin(0, IDF_SPACING_REPLICATED, 0, 128, 128);
  chromakit k = chromakit_make(&made, 100, 1);
  idf_unit_random r = idf_unit_random_of(5);
  idf_origin found;
  idf_tile other = k.tile;
  other.shape.depth = 9;
  CU_ASSERT_FALSE(idf_origin_find(&other, &found));
  other.shape.depth = 8;
  other.shape.indexed = true;
  CU_ASSERT_FALSE(idf_origin_find(&other, &found));
  other = k.tile; /* too small to tell */
  other.shape.width = other.shape.height = 4;
  CU_ASSERT_FALSE(idf_origin_find(&other, &found));
  for (size_t i = 0; i < k.tile.stride * 128; i++)
    k.tile.samples[i] = (uint16_t)(k.tile.samples[i] % 250 + idf_unit_below(&r, 3));
  CU_ASSERT_FALSE(idf_origin_find(&k.tile, &found));
  for (size_t i = 0; i < k.tile.stride * 128; i++)
    k.tile.samples[i] = 100; /* gray */
  CU_ASSERT_FALSE(idf_origin_find(&k.tile, &found));
  chromakit_close(&k);
}

int idf_suite_origin(void)
{
  static const idf_unit_test tests[] = {
      {"programs are recognised", programs_are_recognised},
      {"what lies between is recognised", what_lies_between_is_recognised},
      {"others have none", others_have_none},
      {NULL, NULL},
  };
  return idf_unit_suite("origin", tests);
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_preimage.c: what a conversion makes of Y, U, V leads back to such codes; random colours
 * seldom lead anywhere.
 */
#include "preimage.h"

#include "unit.h"

int idf_suite_preimage(void);

static void every_pixel_leads_back(void)
{
  idf_unit_random r = idf_unit_random_of(1);
  for (unsigned k = 0; k < IDF_CONVERSIONS; k++) {
    idf_preimage p;
    unsigned lost = 0, plain = 0;
    idf_preimage_init(&p, k);
    for (unsigned i = 0; i < 20000; i++) {
      const int32_t y = (int32_t)idf_unit_below(&r, 256), u = 88 + (int32_t)idf_unit_below(&r, 90),
                    v = 88 + (int32_t)idf_unit_below(&r, 90);
      int32_t rgb[3], uv[2], range[2];
      for (unsigned c = 0; c < 3; c++)
        rgb[c] = idf_matrix_sample(&p.matrix, c, y, u, v);
      IDF_UNIT_SEEDED(&r,
                      idf_preimage_luma(&p, rgb, u, v, range) && range[0] <= y && y <= range[1]);
      if (idf_clipped(rgb))
        continue;
      plain++;
      const bool found = idf_preimage_chroma(&p, rgb, uv);
      lost += !found;
      if (found) /* perhaps another one, but a right one */
        IDF_UNIT_SEEDED(&r, idf_preimage_luma(&p, rgb, uv[0], uv[1], range));
    }
    CU_ASSERT(plain > 3000);
    CU_ASSERT_EQUAL(lost, 0);
  }
}

/* All codes of a range work, none beside it does. */
static void ranges_are_exact(void)
{
  idf_unit_random r = idf_unit_random_of(2);
  for (unsigned k = 0; k < IDF_CONVERSIONS; k++) {
    idf_preimage p;
    idf_preimage_init(&p, k);
    for (unsigned i = 0; i < 3000; i++) {
      const int32_t u = (int32_t)idf_unit_below(&r, 256), v = (int32_t)idf_unit_below(&r, 256);
      const int32_t near = (int32_t)idf_unit_below(&r, 256);
      int32_t rgb[3], range[2] = {256, -1};
      for (unsigned c = 0; c < 3; c++)
        rgb[c] = idf_clamp(idf_matrix_sample(&p.matrix, c, near, u, v)
                               + (idf_unit_below(&r, 8) == 0 ? 1 : 0),
                           0, 255);
      const bool found = idf_preimage_luma(&p, rgb, u, v, range);
      bool good = true, any = false;
      for (int32_t y = 0; y < 256; y++) {
        bool same = true;
        for (unsigned c = 0; c < 3; c++)
          same = same && idf_matrix_sample(&p.matrix, c, y, u, v) == rgb[c];
        any = any || same;
        good = good && same == (found && y >= range[0] && y <= range[1]);
      }
      IDF_UNIT_SEEDED(&r, good && any == found);
      const int32_t y = idf_preimage_nearest_luma(&p, rgb, u, v);
      IDF_UNIT_SEEDED(&r, y >= 0 && y <= 255);
    }
  }
}

static void few_random_colours_have_one(void)
{
  idf_unit_random r = idf_unit_random_of(3);
  for (unsigned k = 0; k < IDF_CONVERSIONS; k++) {
    idf_preimage p;
    unsigned found = 0;
    idf_preimage_init(&p, k);
    for (unsigned i = 0; i < 4000; i++) {
      int32_t rgb[3], uv[2];
      for (unsigned c = 0; c < 3; c++)
        rgb[c] = 60 + (int32_t)idf_unit_below(&r, 120);
      found += idf_preimage_chroma(&p, rgb, uv);
    }
    CU_ASSERT(found < 1400);
  }
}

int idf_suite_preimage(void)
{
  static const idf_unit_test tests[] = {
      {"every pixel leads back", every_pixel_leads_back},
      {"ranges are exact", ranges_are_exact},
      {"few random colours have one", few_random_colours_have_one},
      {NULL, NULL},
  };
  return idf_unit_suite("preimage", tests);
}

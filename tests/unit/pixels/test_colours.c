/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_colours.c: every sample of every depth and maxval is rounded to nearest; palettes,
 * transparent colours and inks are what they should be.
 */
#include "colours.h"

#include <string.h>

#include "unit.h"

int idf_suite_colours(void);

static idf_colours made(idf_layout layout, uint32_t depth, const idf_colour_facts *facts)
{
  static const idf_colour_facts none;
  const idf_info info = {1, 1, layout, depth};
  idf_colours c;
  idf_colours_init(&c, &info, facts ? facts : &none);
  return c;
}

/* v * full / max to nearest, by hand. */
static uint32_t rounded(uint64_t v, uint64_t max, uint64_t full)
{
  return (uint32_t)((2 * v * full + max) / (2 * max));
}

/* All values of a maxval. */
static bool all_values(uint32_t depth, uint32_t max)
{
  const uint8_t data[2] = {(uint8_t)max, (uint8_t)(max >> 8)};
  const idf_colour_facts facts = {.maxval = data, .maxval_size = 2};
  const idf_colours c = made(IDF_GRAY, depth, &facts);
  bool same = true;
  for (uint32_t v = 0; v <= max; v++) {
    const uint16_t in = (uint16_t)v;
    uint8_t narrow[4];
    uint16_t wide[4];
    idf_colours_rgba8(&c, &in, 1, narrow);
    idf_colours_rgba16(&c, &in, 1, wide);
    same = same && narrow[1] == rounded(v, max, 255) && narrow[3] == 255;
    same = same && wide[2] == rounded(v, max, 65535) && wide[3] == 65535;
  }
  return same;
}

static void every_value_is_rounded(void)
{
  idf_unit_random r = idf_unit_random_of(5);
  for (uint32_t depth = 1; depth <= 16; depth++) {
    IDF_UNIT_SEEDED(&r, all_values(depth, (1u << depth) - 1));
    for (int i = 0; i < 4; i++) {
      const uint32_t low = 1u << (depth - 1);
      IDF_UNIT_SEEDED(&r, all_values(depth, low + idf_unit_below(&r, low)));
    }
  }
}

static void above_the_maxval_is_full(void)
{
  const uint8_t data[2] = {100, 0};
  const idf_colour_facts facts = {.maxval = data, .maxval_size = 2};
  const idf_colours c = made(IDF_GRAY_ALPHA, 7, &facts);
  const uint16_t in[4] = {50, 100, 101, 127};
  const uint8_t want[8] = {128, 128, 128, 255, 255, 255, 255, 255};
  uint8_t out[8];
  idf_colours_rgba8(&c, in, 2, out);
  CU_ASSERT_EQUAL(memcmp(out, want, sizeof want), 0);
}

static void a_wrong_maxval_is_ignored(void)
{
  static const uint8_t data[][2] = {{0, 0}, {128, 0}, {1, 1}};
  for (size_t i = 0; i < 3; i++) {
    const idf_colour_facts facts = {.maxval = data[i], .maxval_size = 2};
    CU_ASSERT_EQUAL(made(IDF_GRAY, 7, &facts).max, 127);
  }
  const idf_colour_facts one = {.maxval = data[0], .maxval_size = 1};
  CU_ASSERT_EQUAL(made(IDF_GRAY, 7, &one).max, 127);
}

static void palettes_have_alpha(void)
{
  static const uint8_t plte[] = {1, 2, 3, 4, 5, 6, 7, 8}, trns[] = {200, 255, 9, 9};
  const idf_colour_facts facts = {
      .plte = plte, .plte_size = sizeof plte, .trns = trns, .trns_size = sizeof trns};
  const idf_colours c = made(IDF_PALETTE, 2, &facts);
  const uint16_t in[3] = {1, 0, 2};
  /* Entry 2 is not whole: black and opaque. */
  const uint8_t want[12] = {4, 5, 6, 255, 1, 2, 3, 200, 0, 0, 0, 255};
  uint8_t out[12];
  uint16_t wide[12];
  idf_colours_rgba8(&c, in, 3, out);
  CU_ASSERT_EQUAL(memcmp(out, want, sizeof want), 0);
  idf_colours_rgba16(&c, in, 3, wide);
  for (int i = 0; i < 12; i++)
    CU_ASSERT_EQUAL(wide[i], want[i] * 257);
  idf_colours_plain(&c, in, 3, wide);
  for (int i = 0; i < 12; i++)
    CU_ASSERT_EQUAL(wide[i], want[i]);
  const idf_info info = {3, 1, IDF_PALETTE, 2}, plain = idf_colours_plain_info(&c, &info);
  CU_ASSERT(plain.layout == IDF_RGBA && plain.depth == 8 && plain.width == 3);
  CU_ASSERT_FALSE(made(IDF_PALETTE, 2, NULL).coloured);
}

static void opaque_palettes_have_none(void)
{
  static const uint8_t plte[] = {1, 2, 3, 4, 5, 6}, trns[] = {255, 255, 9, 9};
  const idf_colour_facts facts = {
      .plte = plte, .plte_size = sizeof plte, .trns = trns, .trns_size = sizeof trns};
  const idf_colours c = made(IDF_PALETTE, 1, &facts);
  const idf_info info = {3, 1, IDF_PALETTE, 1};
  const uint16_t in[2] = {1, 0};
  const uint16_t want[6] = {4, 5, 6, 1, 2, 3};
  uint16_t plain[6];
  CU_ASSERT_EQUAL(idf_colours_plain_info(&c, &info).layout, IDF_RGB);
  idf_colours_plain(&c, in, 2, plain);
  CU_ASSERT_EQUAL(memcmp(plain, want, sizeof want), 0);
}

static void the_key_is_transparent(void)
{
  /* Only the low bits of a key count. */
  static const uint8_t gray[] = {0xff, 0xf3}, rgb[] = {0, 1, 1, 2, 3, 4};
  idf_colour_facts facts = {.trns = gray, .trns_size = sizeof gray};
  idf_colours c = made(IDF_GRAY, 4, &facts);
  const uint16_t in[3] = {2, 3, 15};
  const uint16_t want[6] = {2, 15, 3, 0, 15, 15};
  uint8_t out[12];
  uint16_t plain[12];
  idf_colours_rgba8(&c, in, 3, out);
  CU_ASSERT(out[0] == 34 && out[3] == 255 && out[4] == 51 && out[7] == 0 && out[11] == 255);
  idf_colours_plain(&c, in, 3, plain);
  CU_ASSERT_EQUAL(memcmp(plain, want, sizeof want), 0);
  facts = (idf_colour_facts){.trns = rgb, .trns_size = sizeof rgb};
  c = made(IDF_RGB, 16, &facts);
  const uint16_t pixels[6] = {1, 258, 772, 1, 258, 773};
  const uint16_t rgba[8] = {1, 258, 772, 0, 1, 258, 773, 65535};
  idf_colours_rgba16(&c, pixels, 2, plain);
  CU_ASSERT_EQUAL(memcmp(plain, rgba, sizeof rgba), 0);
  idf_colours_plain(&c, pixels, 2, plain);
  CU_ASSERT_EQUAL(memcmp(plain, rgba, sizeof rgba), 0);
  /* That of another layout is not one. */
  CU_ASSERT_FALSE(made(IDF_GRAY, 16, &facts).keyed);
  CU_ASSERT_FALSE(made(IDF_RGBA, 16, &facts).keyed);
}

static void inks_become_light(void)
{
  const idf_colour_facts adobe = {.adobe = true};
  const idf_colours c = made(IDF_CMYK, 8, NULL), a = made(IDF_CMYK, 8, &adobe);
  idf_unit_random r = idf_unit_random_of(8);
  for (int i = 0; i < 2000; i++) {
    uint16_t in[4], other[4], wide[4];
    uint8_t x[4], y[4];
    for (int k = 0; k < 4; k++) {
      in[k] = (uint16_t)idf_unit_below(&r, 256);
      other[k] = (uint16_t)(255 - in[k]);
    }
    idf_colours_rgba8(&c, in, 1, x);
    idf_colours_rgba8(&a, other, 1, y);
    idf_colours_rgba16(&a, other, 1, wide);
    IDF_UNIT_SEEDED(&r, memcmp(x, y, 4) == 0 && x[3] == 255 && wide[3] == 65535);
    for (int k = 0; k < 3; k++) {
      const uint32_t product = (255u - in[k]) * (255u - in[3]);
      IDF_UNIT_SEEDED(&r, x[k] == rounded(product, 255 * 255, 255));
      IDF_UNIT_SEEDED(&r, wide[k] == rounded(product, 255 * 255, 65535));
    }
  }
}

static const idf_unit_test tests[] = {
    {"every value of every depth is rounded to nearest", every_value_is_rounded},
    {"samples above the maxval are full", above_the_maxval_is_full},
    {"a wrong maxval is ignored", a_wrong_maxval_is_ignored},
    {"palettes have alpha", palettes_have_alpha},
    {"opaque palettes have none", opaque_palettes_have_none},
    {"the transparent colour", the_key_is_transparent},
    {"inks become light", inks_become_light},
    {NULL, NULL}};

int idf_suite_colours(void)
{
  return idf_unit_suite("colours", tests);
}

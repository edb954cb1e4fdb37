/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_known_colours.c: a palette holds what was added, in order, until it is full, and its parts
 * are what filtering all keys one by one gives.
 */
#include "known_colours.h"

#include "unit.h"

int idf_suite_known_colours(void);

static void open_palette(idf_palette *palette, idf_mem *mem)
{
  idf_mem_init(mem, UINT64_MAX);
  CU_ASSERT_EQUAL_FATAL(idf_palette_init(palette, mem), IDF_OK);
}

static void close_palette(idf_palette *palette, idf_mem *mem)
{
  idf_palette_free(palette, mem);
  CU_ASSERT_EQUAL(mem->used, 0);
}

static bool rises(const idf_palette *palette)
{
  bool good = true;
  for (uint32_t i = 1; i < palette->count; i++)
    good &= palette->key[i - 1] < palette->key[i];
  return good;
}

static void keys_are_held_once_in_order(void)
{
  idf_mem mem;
  idf_palette palette;
  idf_unit_random r = idf_unit_random_of(41);
  bool added[512] = {false};
  uint32_t count = 0;
  open_palette(&palette, &mem);
  CU_ASSERT_FALSE(idf_palette_has(&palette, 0));
  for (int n = 0; n < 700; n++) {
    const uint32_t key = idf_unit_below(&r, 512);
    IDF_UNIT_SEEDED(&r, idf_palette_has(&palette, key) == added[key]);
    idf_palette_add(&palette, key);
    count += !added[key];
    added[key] = true;
    IDF_UNIT_SEEDED(&r, idf_palette_has(&palette, key) && palette.count == count);
  }
  CU_ASSERT_TRUE(rises(&palette));
  close_palette(&palette, &mem);
}

static void a_full_palette_stays_as_it_is(void)
{
  idf_mem mem;
  idf_palette palette;
  open_palette(&palette, &mem);
  for (uint64_t n = 0; n <= IDF_PALETTE_MAX; n++)
    idf_palette_add(&palette, UINT64_MAX - n * UINT64_C(0x1000000000000));
  CU_ASSERT_EQUAL(palette.count, IDF_PALETTE_MAX);
  CU_ASSERT_TRUE(rises(&palette));
  CU_ASSERT_TRUE(idf_palette_has(&palette, UINT64_MAX));
  CU_ASSERT_FALSE(idf_palette_has(&palette, 1));
  close_palette(&palette, &mem);
}

/* Key number i is in the part. */
static bool inside(const idf_palette_part *part, uint32_t i)
{
  bool in = i >= part->lo && i < part->hi;
  for (uint32_t k = 0; k < part->outs; k++)
    in &= part->out[k] != i;
  return in;
}

static void parts_are_what_is_left(void)
{
  idf_mem mem;
  idf_palette palette;
  idf_unit_random r = idf_unit_random_of(42);
  open_palette(&palette, &mem);
  for (int n = 0; n < 40; n++)
    idf_palette_add(&palette, idf_unit_below(&r, 64));
  for (int n = 0; n < 300; n++) {
    uint64_t refused[IDF_PALETTE_OUT];
    const unsigned refusals = idf_unit_below(&r, IDF_PALETTE_OUT + 1);
    for (unsigned i = 0; i < refusals; i++) /* twice the same, and some that are not there */
      refused[i] = i > 0 && idf_unit_below(&r, 3) == 0 ? refused[0] : idf_unit_below(&r, 64);
    idf_palette_part part = idf_palette_but(&palette, refused, refusals);
    uint64_t from = 0, to = 64;
    while (to - from > 1) {
      uint32_t left = 0;
      for (uint32_t i = 0; i < palette.count; i++) {
        bool in = palette.key[i] >= from && palette.key[i] < to;
        for (unsigned k = 0; k < refusals; k++)
          in &= palette.key[i] != refused[k];
        left += in;
        IDF_UNIT_SEEDED(&r, inside(&part, i) == in);
      }
      IDF_UNIT_SEEDED(&r, idf_palette_left(&part) == left);
      const uint64_t middle = (from + to) / 2;
      const uint32_t side = idf_unit_below(&r, 2);
      idf_palette_part half[2];
      idf_palette_split(&palette, &part, middle, half);
      part = half[side];
      from = side == 1 ? middle : from;
      to = side == 1 ? to : middle;
    }
  }
  close_palette(&palette, &mem);
}

static void memory_can_be_refused(void)
{
  idf_mem mem;
  idf_palette palette;
  idf_mem_init(&mem, 1000);
  CU_ASSERT_EQUAL(idf_palette_init(&palette, &mem), IDF_ERR_LIMIT);
  CU_ASSERT_EQUAL(mem.used, 0);
}

int idf_suite_known_colours(void)
{
  static const idf_unit_test tests[] = {
      {"keys are held once, in order", keys_are_held_once_in_order},
      {"a full palette stays as it is", a_full_palette_stays_as_it_is},
      {"parts are what is left", parts_are_what_is_left},
      {"memory can be refused", memory_can_be_refused},
      {NULL, NULL},
  };
  return idf_unit_suite("known_colours", tests);
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_shrink.c: every pixel of a smaller picture is the average that a plain computation with
 * fractions gives, whatever layout, depth, size and scale.
 */
#include "shrink.h"

#include "picture.h"

int idf_suite_shrink(void);

/* The rounded quotient of top * full / (bottom * max), in integers of twice the size. */
static uint32_t rounded(uint64_t top, uint64_t bottom, uint64_t max, uint64_t full)
{
  return (uint32_t)((2 * top * full + bottom * max) / (2 * bottom * max));
}

/* Sample c of the box at (bx, by), from all samples. */
static uint32_t average(const idf_info *info, const uint16_t *in, unsigned log2, uint32_t bx,
                        uint32_t by, unsigned c, uint32_t max)
{
  const unsigned channels = idf_channels(info->layout);
  const bool alpha = info->layout == IDF_GRAY_ALPHA || info->layout == IDF_RGBA;
  uint64_t n = 0, sum = 0, weight = 0, weighted = 0;
  for (uint32_t y = by << log2; y < info->height && y >> log2 == by; y++)
    for (uint32_t x = bx << log2; x < info->width && x >> log2 == bx; x++) {
      const uint16_t *p = in + ((size_t)y * info->width + x) * channels;
      n++;
      sum += p[c];
      weight += p[channels - 1];
      weighted += (uint64_t)p[c] * p[channels - 1];
    }
  const uint32_t full = info->depth < 8 ? 255 : max;
  if (alpha && c + 1 < channels && weight > 0)
    return rounded(weighted, weight, max, full);
  return rounded(sum, n, max, full);
}

static void check(idf_unit_random *r, const idf_info *info, uint32_t max, unsigned log2)
{
  const unsigned channels = idf_channels(info->layout);
  const idf_info small = idf_shrink_info(info, log2);
  const size_t row = (size_t)info->width * channels;
  idf_mem mem;
  uint32_t by = 0;
  idf_mem_init(&mem, UINT64_MAX);
  uint16_t *in = idf_alloc(&mem, row * info->height, sizeof *in);
  uint16_t *out = idf_alloc(&mem, (size_t)small.width * channels, sizeof *out);
  idf_shrink *s = idf_shrink_new(&mem, info, max, log2);
  CU_ASSERT_FATAL(in && out && s);
  IDF_UNIT_SEEDED(r, small.width == (info->width + (1u << log2) - 1) >> log2);
  IDF_UNIT_SEEDED(r, small.height == (info->height + (1u << log2) - 1) >> log2);
  IDF_UNIT_SEEDED(r, small.depth == (log2 && info->depth < 8 ? 8 : info->depth));
  /* Much that is 0 or full, so that some boxes are transparent. */
  for (size_t i = 0; i < row * info->height; i++)
    in[i] =
        (uint16_t)(idf_unit_below(r, 3) ? idf_unit_below(r, max + 1) : idf_unit_below(r, 2) * max);
  for (uint32_t y = 0; y < info->height / 2 && idf_unit_below(r, 2); y++)
    memset(in + y * row, 0, row * sizeof *in);
  for (uint32_t y = 0; y < info->height; y++) {
    const bool done = idf_shrink_add(s, in + y * row);
    IDF_UNIT_SEEDED(r, done == (y + 1 == info->height || ((y + 1) & ((1u << log2) - 1)) == 0));
    if (!done)
      continue;
    idf_shrink_take(s, out);
    for (uint32_t bx = 0; bx < small.width; bx++)
      for (unsigned c = 0; c < channels; c++)
        IDF_UNIT_SEEDED(r, out[bx * channels + c] == average(info, in, log2, bx, by, c, max));
    by++;
  }
  IDF_UNIT_SEEDED(r, by == small.height);
  idf_shrink_free(&mem, s);
  idf_free(&mem, in);
  idf_free(&mem, out);
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void every_box_is_the_average(void)
{
  static const idf_layout layouts[] = {IDF_GRAY, IDF_GRAY_ALPHA, IDF_RGB, IDF_RGBA};
  for (uint64_t seed = 0; seed < 400; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    const uint32_t depth = 1 + idf_unit_below(&r, 16), low = 1u << (depth - 1);
    const uint32_t max = seed % 3 ? 2 * low - 1 : low + idf_unit_below(&r, low);
    const idf_info info = picture_info(1 + idf_unit_below(&r, 40), 1 + idf_unit_below(&r, 40),
                                       layouts[idf_unit_below(&r, 4)], depth);
    check(&r, &info, max, 1 + idf_unit_below(&r, 3));
  }
}

/* Sums at their largest. */
static void full_samples_stay_full(void)
{
  const idf_info info = picture_info(8, 8, IDF_RGBA, 16);
  uint16_t row[32], out[4];
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  idf_shrink *s = idf_shrink_new(&mem, &info, 65535, 3);
  CU_ASSERT_PTR_NOT_NULL_FATAL(s);
  memset(row, 255, sizeof row);
  for (int y = 0; y < 8; y++)
    CU_ASSERT_EQUAL(idf_shrink_add(s, row), y == 7);
  idf_shrink_take(s, out);
  for (int c = 0; c < 4; c++)
    CU_ASSERT_EQUAL(out[c], 65535);
  idf_shrink_free(&mem, s);
}

static void memory_may_fail(void)
{
  const idf_info info = picture_info(8, 8, IDF_RGBA, 16);
  for (int64_t n = 0; n < 3; n++) {
    idf_mem mem;
    idf_mem_init(&mem, UINT64_MAX);
    mem.fail_in = n;
    CU_ASSERT_PTR_NULL(idf_shrink_new(&mem, &info, 65535, 1));
    CU_ASSERT_EQUAL(mem.used, 0);
  }
  idf_shrink_free(NULL, NULL);
}

static const idf_unit_test tests[] = {{"every box is the average", every_box_is_the_average},
                                      {"full samples stay full", full_samples_stay_full},
                                      {"every allocation may fail", memory_may_fail},
                                      {NULL, NULL}};

int idf_suite_shrink(void)
{
  return idf_unit_suite("shrink", tests);
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_heatmap.c: scales for pictures of several kinds, and colours by the scale, tile by tile.
 */
#include "heatmap.h"
#include "imageio.h"

int idf_suite_heatmap(void);

/* A map of 100 x 100 pixels in tiles of 64, whose i-th pixel took bits_of(i). */
static void fill(idf_test_io *io, float (*bits_of)(uint32_t i), idf_heatmap **map)
{
  static float bits[64 * 64];
  const idf_info info = {.width = 100, .height = 100, .layout = IDF_RGB, .depth = 8};

  idf_test_io_init(io);
  CU_ASSERT_EQUAL_FATAL(idf_heatmap_new(&io->env, &info, map), IDF_OK);
  for (uint32_t y = 0; y < 100; y += 64)
    for (uint32_t x = 0; x < 100; x += 64) {
      const idf_tile_info tile = {
          .x = x, .y = y, .width = IDF_MIN(64u, 100 - x), .height = IDF_MIN(64u, 100 - y)};
      for (uint32_t i = 0; i < tile.width * tile.height; i++)
        bits[i] = bits_of(100 * (y + i / tile.width) + x + i % tile.width);
      idf_heatmap_tile(*map, &tile, bits);
    }
}

/* A photograph: from 6 to 14 bits. */
static float photo(uint32_t i)
{
  return 6.0f + 8.0f * (float)(i * 7919 % 10000) / 10000.0f;
}

/* A screenshot: one pixel of 50 took about 20 bits, a few more, the rest nothing. */
static float screen(uint32_t i)
{
  return i % 5000 == 0 ? 60.0f : i % 50 == 0 ? 20.0f : 0.001f;
}

static float flat(uint32_t i)
{
  (void)i;
  return 0.0f;
}

static float noise(uint32_t i)
{
  return i % 2 ? 8.0f : 7.9f;
}

static float strange(uint32_t i)
{
  return i == 0 ? -1.0f : i == 1 ? 1e30f : 127.0f;
}

static void scales(void)
{
  static const struct {
    float (*bits_of)(uint32_t i);
    double low, high, step, inside, mean, median;
  } cases[] = {{photo, 6, 14, 2, 1, 10, 10},
               {screen, 0, 20, 5, 0.9998, 0.409, 0},
               {flat, 0, 0.05, 0.05, 1, 0, 0},
               {strange, 0, 200, 50, 1, 127, 127},
               {noise, 0, 10, 2, 1, 7.95, 7.9}};

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    idf_test_io io;
    idf_heatmap *map;
    idf_heat_scale s;
    fill(&io, cases[i].bits_of, &map);
    CU_ASSERT_EQUAL(idf_heatmap_scale(map, &s), IDF_OK);
    CU_ASSERT_DOUBLE_EQUAL(s.low, cases[i].low, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(s.high, cases[i].high, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(s.step, cases[i].step, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(s.inside, cases[i].inside, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(s.mean, cases[i].mean, 0.02);
    CU_ASSERT_DOUBLE_EQUAL(s.median, cases[i].median, 0.02);
    if (s.low != cases[i].low || s.high != cases[i].high)
      printf("# %zu: %g to %g by %g, %g inside, mean %g\n", i, s.low, s.high, s.step, s.inside,
             s.mean);
    idf_heatmap_free(map);
    idf_test_io_free(&io);
  }
}

/* No photograph becomes white: few pixels have the last colour, and many colours are there. */
static void no_glare(void)
{
  unsigned counts[256] = {0}, used = 0;
  idf_test_io io;
  idf_heatmap *map;
  idf_heat_scale scale;
  uint8_t row[100];

  fill(&io, photo, &map);
  CU_ASSERT_EQUAL(idf_heatmap_scale(map, &scale), IDF_OK);
  for (uint32_t y = 0; y < 100; y++) {
    idf_heatmap_row(map, &scale, y, row);
    for (unsigned x = 0; x < 100; x++)
      counts[row[x]]++;
  }
  for (unsigned i = 0; i < 256; i++)
    used += counts[i] > 0;
  CU_ASSERT(counts[255] < 200);
  CU_ASSERT(counts[0] < 200);
  CU_ASSERT(used > 250);
  idf_heatmap_free(map);
  idf_test_io_free(&io);
}

static void rows(void)
{
  const idf_heat_scale scale = {.low = 20, .high = 60};
  idf_test_io io;
  idf_heatmap *map;
  uint8_t row[100];

  fill(&io, screen, &map);
  idf_heatmap_row(map, &scale, 50, row); /* pixels 5000 to 5099 */
  CU_ASSERT_EQUAL(row[0], 255);
  CU_ASSERT_EQUAL(row[1], 0);
  CU_ASSERT_EQUAL(row[50], 0);
  const idf_heat_scale wide = {.low = 0, .high = 40};
  idf_heatmap_row(map, &wide, 99, row);
  CU_ASSERT_EQUAL(row[50], 128);
  CU_ASSERT_EQUAL(row[0], 128);
  CU_ASSERT_EQUAL(row[99], 0);
  idf_heatmap_free(map);
  idf_test_io_free(&io);
}

/* A tile that a damaged file puts outside is not drawn. */
static void outside(void)
{
  static const float bits[100] = {5};
  const idf_tile_info tiles[] = {{.x = 100, .y = 0, .width = 1, .height = 1},
                                 {.x = 0, .y = 100, .width = 1, .height = 1},
                                 {.x = UINT32_MAX, .y = 0, .width = 5, .height = 1},
                                 {.x = 99, .y = 99, .width = 2, .height = 5}};
  idf_test_io io;
  idf_heatmap *map;

  fill(&io, flat, &map);
  for (size_t i = 0; i < sizeof tiles / sizeof *tiles; i++)
    idf_heatmap_tile(map, &tiles[i], bits);
  idf_heat_scale scale;
  CU_ASSERT_EQUAL(idf_heatmap_scale(map, &scale), IDF_OK);
  CU_ASSERT_EQUAL(scale.mean, 0);
  idf_heatmap_free(map);
  idf_test_io_free(&io);
}

static void colours(void)
{
  uint8_t rgb[3], before[3];

  idf_heat_colour(0, rgb);
  CU_ASSERT(rgb[0] == 0 && rgb[1] == 0 && rgb[2] == 0);
  idf_heat_colour(102, rgb);
  CU_ASSERT(rgb[0] == 190 && rgb[1] == 20 && rgb[2] == 150);
  idf_heat_colour(255, rgb);
  CU_ASSERT(rgb[0] == 255 && rgb[1] == 255 && rgb[2] == 255);
  idf_heat_colour(0, before);
  for (unsigned i = 1; i < 256; i++) { /* brighter and brighter */
    idf_heat_colour(i, rgb);
    CU_ASSERT(2 * rgb[0] + 5 * rgb[1] + rgb[2] >= 2 * before[0] + 5 * before[1] + before[2]);
    memcpy(before, rgb, 3);
  }
}

static void no_memory(void)
{
  const idf_info info = {.width = 6, .height = 5, .layout = IDF_GRAY, .depth = 1};

  for (int64_t i = 0; i < 3; i++) {
    idf_test_io io;
    idf_heatmap *map = NULL;
    idf_heat_scale scale;
    idf_test_io_init(&io);
    io.mem.fail_in = i;
    idf_status status = idf_heatmap_new(&io.env, &info, &map);
    if (status == IDF_OK)
      status = idf_heatmap_scale(map, &scale);
    CU_ASSERT_EQUAL(status, IDF_ERR_MEMORY);
    idf_heatmap_free(map);
    idf_test_io_free(&io);
  }
}

int idf_suite_heatmap(void)
{
  static const idf_unit_test tests[] = {{"scales fit the picture", scales},
                                        {"photographs do not glare", no_glare},
                                        {"rows by the scale", rows},
                                        {"tiles outside", outside},
                                        {"colours grow brighter", colours},
                                        {"a failing allocation is an error", no_memory},
                                        {NULL, NULL}};
  return idf_unit_suite("heatmap", tests);
}

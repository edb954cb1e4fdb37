/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_mapsheet.c: what is drawn around a map, and that the map itself is drawn right.
 */
#include "imageio.h"
#include "mapsheet.h"

int idf_suite_mapsheet(void);

/* Writes the map of a picture whose pixel i took i bits, and reads it back into rgb. */
static void draw(const idf_info *info, const idf_map_look *look, idf_info *drawn, uint8_t *rgb,
                 size_t size)
{
  static float bits[4096];
  const idf_tile_info tile = {.width = info->width, .height = info->height};
  idf_test_io io;
  idf_heatmap *map = NULL;
  idf_reader *reader = NULL;

  idf_test_io_init(&io);
  CU_ASSERT_EQUAL_FATAL(idf_heatmap_new(&io.env, info, &map), IDF_OK);
  for (uint32_t i = 0; i < info->width * info->height; i++)
    bits[i] = (float)i;
  idf_heatmap_tile(map, &tile, bits);
  CU_ASSERT_EQUAL_FATAL(idf_mapsheet_write(&io.env, map, info, look, idf_test_write, &io), IDF_OK);
  CU_ASSERT_EQUAL_FATAL(idf_png_open(&io.env, idf_test_read, &io, &reader), IDF_OK);
  *drawn = reader->info;
  CU_ASSERT(drawn->layout == IDF_RGB && drawn->depth == 8);
  CU_ASSERT_FATAL(idf_row_bytes(drawn) * drawn->height <= size);
  CU_ASSERT_EQUAL(idf_reader_rows(reader, rgb, drawn->height), IDF_OK);
  CU_ASSERT_EQUAL(idf_reader_finish(reader), IDF_OK);
  idf_reader_close(reader);
  idf_heatmap_free(map);
  idf_test_io_free(&io);
}

static uint8_t rgb[3000000];

static void bare(void)
{
  const idf_info info = {.width = 5, .height = 2, .layout = IDF_GRAY, .depth = 8};
  const idf_map_look look = {.name = "x", .bare = true};
  idf_info drawn;
  uint8_t want[3];

  draw(&info, &look, &drawn, rgb, sizeof rgb);
  CU_ASSERT(drawn.width == 5 && drawn.height == 2);
  for (unsigned i = 0; i < 10; i++) { /* the scale is 0 to 10 */
    idf_heat_colour((unsigned)(25.5 * i + 0.5), want);
    CU_ASSERT_EQUAL(memcmp(rgb + 3 * i, want, 3), 0);
  }
}

static void overlay(void)
{
  const idf_info info = {.width = 5, .height = 2, .layout = IDF_GRAY, .depth = 8};
  static const uint8_t luma[10] = {255, 0, 100};
  const idf_map_look look = {.name = "x", .luma = luma, .bare = true};
  idf_info drawn;
  uint8_t want[3];

  draw(&info, &look, &drawn, rgb, sizeof rgb);
  CU_ASSERT(rgb[0] == 102 && rgb[1] == 102 && rgb[2] == 102); /* black over white */
  idf_heat_colour(51, want);
  for (unsigned c = 0; c < 3; c++)
    CU_ASSERT_EQUAL(rgb[6 + c], (3u * want[c] + 200) / 5);
}

/* The map is in the middle, enlarged; above and below is more than paper. */
static void whole(void)
{
  const idf_info info = {.width = 16, .height = 8, .layout = IDF_RGBA, .depth = 8};
  const idf_map_look look = {.name = "a name that is very long, longer than any sheet is "
                                     "wide, and has an \303\244 in it.idf"};
  idf_info drawn;
  uint8_t black[3], white[3];

  draw(&info, &look, &drawn, rgb, sizeof rgb);
  CU_ASSERT_EQUAL(drawn.width, 300 + 12);
  const uint32_t head = 45, foot = drawn.height - head - 8 * 16, left = (drawn.width - 16 * 16) / 2;
  CU_ASSERT_EQUAL(foot, 47);
  idf_heat_colour(0, black);
  idf_heat_colour(255, white);
  for (uint32_t y = 0; y < 16; y++)
    for (uint32_t x = 0; x < 16; x++) { /* the first pixel took no bit, the last the most */
      const uint8_t *first = rgb + 3 * ((head + y) * drawn.width + left + x);
      CU_ASSERT_EQUAL(memcmp(first, black, 3), 0);
      const uint8_t *last = rgb + 3 * ((head + 7 * 16 + y) * drawn.width + left + 15 * 16 + x);
      CU_ASSERT(last[0] == 255 && last[1] >= 235);
    }
  /* The bar has the first colour at its left end, and the last at its right. */
  const uint8_t *bar = rgb + 3 * ((size_t)(head + 8 * 16 + 6) * drawn.width);
  CU_ASSERT_EQUAL(memcmp(bar + 3 * 12, black, 3), 0);
  CU_ASSERT_EQUAL(memcmp(bar + 3 * (drawn.width - 13), white, 3), 0);
  unsigned ink = 0;
  for (uint32_t i = 0; i < head * drawn.width; i++)
    ink += rgb[3 * i] > 200;
  CU_ASSERT(ink > 300); /* the letters of the name */
}

static void extremes(void)
{
  const idf_info shapes[] = {{.width = 1, .height = 1, .layout = IDF_GRAY, .depth = 1},
                             {.width = 2000, .height = 1, .layout = IDF_PALETTE, .depth = 8},
                             {.width = 1, .height = 2000, .layout = IDF_CMYK, .depth = 8}};
  const idf_map_look look = {.name = ""};
  idf_info drawn;

  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
    draw(&shapes[i], &look, &drawn, rgb, sizeof rgb);
    CU_ASSERT(drawn.width >= 312 && drawn.height > 92);
  }
}

static void no_memory(void)
{
  const idf_info info = {.width = 6, .height = 5, .layout = IDF_GRAY, .depth = 1};
  const idf_map_look look = {.name = "n"};
  bool good = false;

  for (int64_t i = 0; i < 200 && !good; i++) {
    idf_test_io io;
    idf_heatmap *map = NULL;
    idf_test_io_init(&io);
    CU_ASSERT_EQUAL(idf_heatmap_new(&io.env, &info, &map), IDF_OK);
    io.mem.fail_in = i;
    const idf_status status = idf_mapsheet_write(&io.env, map, &info, &look, idf_test_write, &io);
    good = status == IDF_OK;
    CU_ASSERT(good || status == IDF_ERR_MEMORY);
    idf_heatmap_free(map);
    idf_test_io_free(&io);
  }
  CU_ASSERT(good);
}

int idf_suite_mapsheet(void)
{
  static const idf_unit_test tests[] = {{"the map alone", bare},
                                        {"over the picture", overlay},
                                        {"with title and legend", whole},
                                        {"very small, wide and tall", extremes},
                                        {"a failing allocation is an error", no_memory},
                                        {NULL, NULL}};
  return idf_unit_suite("mapsheet", tests);
}

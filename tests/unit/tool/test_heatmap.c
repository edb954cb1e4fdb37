/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_heatmap.c: bits become the colours of the legend, tile by tile.
 */
#include "heatmap.h"
#include "imageio.h"

int idf_suite_heatmap(void);

static void colours(void)
{
  /* RGB of 8 bits: white at 12 bits. Tiles of 4 in an image of 6 x 5. */
  const idf_info info = {.width = 6, .height = 5, .layout = IDF_RGB, .depth = 8};
  const float bits[8] = {0.0f, 12.0f, 100.0f, 6.0f, -1.0f, 0.1f, 2.4f, 11.99f};
  const uint8_t want[8] = {0, 255, 255, 127, 0, 2, 51, 254};
  idf_test_io io;
  idf_heatmap *map = NULL;
  idf_reader *reader = NULL;
  float tile_bits[16];
  uint8_t rows[30];

  idf_test_io_init(&io);
  CU_ASSERT_EQUAL_FATAL(idf_heatmap_new(&io.env, &info, 4, idf_test_write, &io, &map), IDF_OK);
  for (uint32_t y = 0; y < 5; y += 4) {
    for (uint32_t x = 0; x < 6; x += 4) {
      const idf_tile_info tile = {
          .x = x, .y = y, .width = IDF_MIN(4u, 6 - x), .height = IDF_MIN(4u, 5 - y)};
      for (uint32_t i = 0; i < tile.width * tile.height; i++)
        tile_bits[i] = bits[(x + i % tile.width + 6 * (y + i / tile.width)) % 8];
      idf_heatmap_tile(map, &tile, tile_bits);
    }
    CU_ASSERT_EQUAL(idf_heatmap_flush(map, IDF_MIN(y + 4, 5u)), IDF_OK);
  }
  CU_ASSERT_EQUAL(idf_heatmap_flush(map, 4), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_heatmap_finish(map), IDF_OK);
  idf_heatmap_free(map);

  CU_ASSERT_EQUAL_FATAL(idf_png_open(&io.env, idf_test_read, &io, &reader), IDF_OK);
  CU_ASSERT(reader->info.width == 6 && reader->info.height == 5
            && reader->info.layout == IDF_PALETTE && reader->info.depth == 8);
  CU_ASSERT_EQUAL_FATAL(reader->chunks.count, 1);
  const uint8_t *rgb = reader->chunks.list[0].data;
  CU_ASSERT_EQUAL(reader->chunks.list[0].size, 768);
  CU_ASSERT(rgb[0] == 0 && rgb[1] == 0 && rgb[2] == 0);
  CU_ASSERT(rgb[765] == 255 && rgb[766] == 255 && rgb[767] == 255);
  CU_ASSERT_EQUAL(idf_reader_rows(reader, rows, 5), IDF_OK);
  for (unsigned i = 0; i < 30; i++)
    CU_ASSERT_EQUAL(rows[i], want[i % 8]);
  CU_ASSERT_EQUAL(idf_reader_finish(reader), IDF_OK);
  idf_reader_close(reader);
  idf_test_io_free(&io);
}

static void no_memory(void)
{
  const idf_info info = {.width = 6, .height = 5, .layout = IDF_GRAY, .depth = 1};

  for (int64_t i = 0; i < 4; i++) {
    idf_test_io io;
    idf_heatmap *map = NULL;
    idf_test_io_init(&io);
    io.mem.fail_in = i;
    CU_ASSERT_EQUAL(idf_heatmap_new(&io.env, &info, 64, idf_test_write, &io, &map), IDF_ERR_MEMORY);
    CU_ASSERT_PTR_NULL(map);
    idf_buf_free(&io.file);
    idf_test_io_free(&io);
  }
}

int idf_suite_heatmap(void)
{
  static const idf_unit_test tests[] = {{"bits become the legend's colours", colours},
                                        {"a failing allocation is an error", no_memory},
                                        {NULL, NULL}};
  return idf_unit_suite("heatmap", tests);
}

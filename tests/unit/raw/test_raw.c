/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_raw.c: samples of any depth come back bit by bit, their bits are reported evenly, and
 * a payload has exactly its length.
 */
#include "raw.h"

#include <string.h>

#include "unit.h"

int idf_suite_raw(void);

enum { WIDTH = 5, HEIGHT = 3, STRIDE = 4 * WIDTH + 1 };

static void fill_tile(idf_tile *tile, idf_unit_random *r, bool solid)
{
  const unsigned c = tile->shape.channels;
  for (uint32_t y = 0; y < tile->shape.height; y++)
    for (size_t x = 0; x < (size_t)tile->shape.width * c; x++)
      if (solid && (y > 0 || x >= c))
        tile->samples[y * STRIDE + x] = tile->samples[x % c];
      else
        tile->samples[y * STRIDE + x] =
            (uint16_t)(idf_unit_next(r) & ((1u << tile->shape.depth) - 1));
}

/* Encodes, decodes, and cuts and extends the payload. */
static void check_trip(const idf_method *method, const idf_tile *tile)
{
  static uint16_t samples[STRIDE * HEIGHT];
  static float map[WIDTH * HEIGHT];
  const idf_tile back = {.shape = tile->shape, .samples = samples, .stride = STRIDE};
  const size_t row = (size_t)tile->shape.width * tile->shape.channels;
  idf_mem mem;
  idf_buf out;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&out, &mem);
  const idf_job job = {.mem = &mem};
  idf_tile_report report = {.map = map};
  memset(map, 0, sizeof map);
  CU_ASSERT_EQUAL(method->encode(&job, tile, &out), IDF_OK);
  CU_ASSERT_EQUAL(out.data[0], method->first);
  CU_ASSERT_EQUAL(method->decode(&job, &back, idf_cur_of(out.data, out.len), &report), IDF_OK);
  for (uint32_t y = 0; y < tile->shape.height; y++)
    CU_ASSERT_TRUE(memcmp(samples + y * STRIDE, tile->samples + y * STRIDE, row * sizeof *samples)
                   == 0);
  double channels = 0, pixels = 0;
  for (unsigned c = 0; c < 4; c++)
    channels += report.channel_bits[c];
  for (int i = 0; i < WIDTH * HEIGHT; i++)
    pixels += (double)map[i];
  CU_ASSERT_DOUBLE_EQUAL(report.model_bits, 8.0 * (double)(out.len - 1), 1e-9);
  CU_ASSERT_DOUBLE_EQUAL(channels, report.model_bits, 1e-6);
  CU_ASSERT_DOUBLE_EQUAL(pixels, report.model_bits, 1e-2);
  CU_ASSERT_EQUAL(method->decode(&job, &back, idf_cur_of(out.data, out.len - 1), NULL),
                  IDF_ERR_TRUNCATED);
  idf_put_u8(&out, 0);
  CU_ASSERT_EQUAL(method->decode(&job, &back, idf_cur_of(out.data, out.len), NULL),
                  IDF_ERR_CORRUPT);
  idf_buf_free(&out);
}

static void samples_of_any_depth_come_back(void)
{
  static uint16_t samples[STRIDE * HEIGHT];
  for (unsigned channels = 1; channels <= 4; channels++)
    for (unsigned depth = 1; depth <= 16; depth++) {
      idf_unit_random r = idf_unit_random_of(16 * channels + depth);
      idf_tile tile = {
          .shape = {.width = WIDTH, .height = HEIGHT, .channels = channels, .depth = depth},
          .samples = samples,
          .stride = STRIDE};
      fill_tile(&tile, &r, false);
      check_trip(&idf_stored, &tile);
      fill_tile(&tile, &r, true);
      check_trip(&idf_stored, &tile);
      check_trip(&idf_solid, &tile);
    }
}

static void one_other_sample_is_not_solid(void)
{
  static uint16_t samples[STRIDE * HEIGHT];
  idf_unit_random r = idf_unit_random_of(1);
  idf_tile tile = {.shape = {.width = WIDTH, .height = HEIGHT, .channels = 3, .depth = 8},
                   .samples = samples,
                   .stride = STRIDE};
  fill_tile(&tile, &r, true);
  CU_ASSERT_EQUAL(idf_solid.look(&tile), IDF_CERTAIN);
  for (uint32_t y = 0; y < HEIGHT; y++)
    for (size_t x = 0; x < STRIDE; x++) {
      samples[y * STRIDE + x] ^= 1;
      CU_ASSERT_EQUAL(idf_solid.look(&tile), x < 3 * WIDTH ? IDF_HOPELESS : IDF_CERTAIN);
      samples[y * STRIDE + x] ^= 1;
    }
  /* One pixel is as short stored. */
  tile.shape.width = tile.shape.height = 1;
  CU_ASSERT_EQUAL(idf_solid.look(&tile), IDF_HOPELESS);
}

static void memory_can_be_refused(void)
{
  uint16_t samples[3] = {1, 2, 3};
  const idf_tile tile = {.shape = {.width = 1, .height = 1, .channels = 3, .depth = 8},
                         .samples = samples,
                         .stride = 3};
  const idf_method *const both[] = {&idf_stored, &idf_solid};
  for (int i = 0; i < 2; i++) {
    idf_mem mem;
    idf_buf out;
    idf_mem_init(&mem, UINT64_MAX);
    idf_buf_init(&out, &mem);
    mem.fail_in = 0;
    const idf_job job = {.mem = &mem};
    CU_ASSERT_EQUAL(both[i]->encode(&job, &tile, &out), IDF_ERR_MEMORY);
    idf_buf_free(&out);
  }
}

int idf_suite_raw(void)
{
  static const idf_unit_test tests[] = {
      {"samples of any depth come back", samples_of_any_depth_come_back},
      {"one other sample is not solid", one_other_sample_is_not_solid},
      {"memory can be refused", memory_can_be_refused},
      {NULL, NULL}};
  return idf_unit_suite("raw", tests);
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_history.c: tiles that libjpeg made come back sample for sample from payloads that are short;
 * those that only look so come back, too; what a payload may not say is refused.
 */
#include "history.h"

#include "historykit.h"

int idf_suite_history(void);

static bool same(const idf_tile *a, const idf_tile *b)
{
  const size_t n = (size_t)a->shape.width * a->shape.channels;
  for (uint32_t y = 0; y < a->shape.height; y++)
    if (memcmp(a->samples + y * a->stride, b->samples + y * b->stride, n * sizeof *a->samples) != 0)
      return false;
  return true;
}

static idf_tile room_for(const idf_tile *tile)
{
  idf_tile back = *tile;
  back.samples = calloc(tile->stride * tile->shape.height, sizeof *back.samples);
  if (!back.samples)
    abort();
  return back;
}

/* Bits a sample of a tile that comes back. */
static double trip(const idf_tile *tile, bool even)
{
  idf_tile back = room_for(tile);
  const size_t pixels = (size_t)tile->shape.width * tile->shape.height;
  idf_mem mem;
  idf_buf out;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&out, &mem);
  const idf_job job = {.mem = &mem};
  idf_tile_report report = {.map = calloc(pixels, sizeof(float))};
  CU_ASSERT_EQUAL(idf_history.encode(&job, tile, &out), IDF_OK);
  CU_ASSERT_EQUAL(out.data[0], IDF_TILE_HISTORY);
  CU_ASSERT_EQUAL(idf_history.decode(&job, &back, idf_cur_of(out.data, out.len), &report), IDF_OK);
  CU_ASSERT_TRUE(same(tile, &back));
  double channels = 0, map = 0;
  for (unsigned c = 0; c < 4; c++)
    channels += report.channel_bits[c];
  for (size_t i = 0; i < pixels; i++)
    map += (double)report.map[i];
  CU_ASSERT_DOUBLE_EQUAL(channels, report.model_bits, 1e-3);
  CU_ASSERT_DOUBLE_EQUAL(map, report.model_bits, report.model_bits * 1e-3);
  CU_ASSERT(report.model_bits < 8 * (double)out.len);
  if (even)
    CU_ASSERT(report.model_bits > 8 * (double)out.len - 8 * 100);
  const double bits = 8 * (double)out.len / (double)(pixels * tile->shape.channels);
  idf_buf_free(&out);
  free(report.map);
  free(back.samples);
  CU_ASSERT_EQUAL(mem.used, 0);
  return bits;
}

static void tiles_of_all_kinds_come_back(void)
{
  static const historykit_kind kinds[] = {
      {1, 1, 1, 75, true, 0, 0, 160, 120, 0}, {1, 1, 1, 90, true, 5, 3, 157, 121, 1},
      {3, 1, 1, 80, true, 0, 0, 160, 120, 0}, {3, 2, 2, 80, true, 9, 14, 168, 136, 1},
      {3, 2, 1, 75, true, 0, 0, 151, 120, 0}, {3, 2, 2, 80, false, 0, 0, 160, 128, 0},
      {3, 1, 2, 85, false, 0, 9, 160, 128, 0}};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    const idf_tile tile = historykit_make(&kinds[i], i);
    CU_ASSERT_EQUAL(idf_history.look(&tile), IDF_LIKELY);
    const double bits = trip(&tile, true);
    if (bits > 2.2)
      printf("# kind %zu: %.2f bits a sample\n", i, bits);
    CU_ASSERT(bits <= 2.2);
    free(tile.samples);
  }
}

/* Some pixels were changed afterwards, by a little everywhere and a lot in one place. */
static void what_was_changed_later_comes_back(void)
{
  const historykit_kind k = {1, 1, 1, 80, true, 0, 0, 160, 120, 0};
  const idf_tile tile = historykit_make(&k, 40);
  idf_unit_random r = idf_unit_random_of(40);
  for (uint32_t y = 0; y < k.height; y++)
    for (uint32_t x = 0; x < k.width; x++) {
      uint16_t *at = tile.samples + y * tile.stride + x;
      if (idf_unit_below(&r, 30) == 0 && *at < 255)
        (*at)++;
      if (x / 30 == 2 && y / 20 == 3)
        *at = (uint16_t)idf_unit_below(&r, 256);
    }
  CU_ASSERT(trip(&tile, true) < 3);
  free(tile.samples);
}

static void others_are_left_to_others(void)
{
  const historykit_kind k = {.channels = 3, .width = 80, .height = 70};
  const idf_tile tile = historykit_make(&k, 1);
  idf_mem mem;
  idf_buf out;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&out, &mem);
  CU_ASSERT_EQUAL(idf_history.look(&tile), IDF_HOPELESS);
  CU_ASSERT_EQUAL(idf_history.encode(&(idf_job){.mem = &mem}, &tile, &out), IDF_OK);
  CU_ASSERT_EQUAL(out.len, 0); /* so that nobody takes it */
  idf_buf_free(&out);
  free(tile.samples);
}

static void what_is_not_sound_is_refused(void)
{
  static const struct {
    uint8_t bytes[8];
    size_t len;
    unsigned channels;
    idf_status status;
  } cases[] = {
      {{9}, 1, 1, IDF_ERR_TRUNCATED},
      {{9, 0}, 2, 1, IDF_ERR_TRUNCATED},
      {{9, 0, 0}, 3, 1, IDF_ERR_TRUNCATED},
      {{9, 0, 0, 80}, 4, 1, IDF_ERR_TRUNCATED},
      {{9, 0, 0, 101}, 4, 1, IDF_ERR_CORRUPT},
      {{9, 0, 0, 0, 0}, 5, 1, IDF_ERR_CORRUPT},      /* a step of 0 */
      {{9, 0, 0, 0, 1, 1}, 6, 1, IDF_ERR_TRUNCATED}, /* of 64 */
      {{9, 0, 8, 80}, 4, 1, IDF_ERR_CORRUPT},        /* beyond the MCU */
      {{9, 0, 0x80, 80}, 4, 1, IDF_ERR_CORRUPT},
      {{9, 3, 0x0f, 80}, 4, 3, IDF_ERR_TRUNCATED},
      {{9, 3, 0xf0, 80}, 4, 3, IDF_ERR_CORRUPT},
      {{9, 32, 0, 80}, 4, 1, IDF_ERR_UNSUPPORTED},
      {{9, 1, 0, 80}, 4, 1, IDF_ERR_CORRUPT},
      {{9, 0, 0, 80}, 4, 3, IDF_ERR_CORRUPT},
      {{9, 2, 0, 80}, 4, 1, IDF_ERR_CORRUPT},
      {{9, 9, 0, 80}, 4, 3, IDF_ERR_CORRUPT},
      {{9, 0, 0, 80, 9}, 5, 1, IDF_ERR_TRUNCATED},
  };
  uint16_t samples[32 * 32 * 3];
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const idf_tile tile = {{32, 32, cases[i].channels, 8, false}, samples, 96};
    const idf_status status = idf_history.decode(&(idf_job){.mem = &mem}, &tile,
                                                 idf_cur_of(cases[i].bytes, cases[i].len), NULL);
    if (status != cases[i].status)
      printf("# case %zu: %d\n", i, (int)status);
    CU_ASSERT_EQUAL(status, cases[i].status);
    CU_ASSERT_EQUAL(mem.used, 0);
  }
}

/* Bits turned over, and ends cut off, anywhere. */
static void damage_is_harmless(void)
{
  const historykit_kind k = {3, 2, 2, 75, true, 3, 0, 64, 48, 0};
  const idf_tile tile = historykit_make(&k, 9);
  idf_tile back = room_for(&tile);
  idf_unit_random r = idf_unit_random_of(9);
  idf_mem mem;
  idf_buf out;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&out, &mem);
  const idf_job job = {.mem = &mem};
  CU_ASSERT_EQUAL_FATAL(idf_history.encode(&job, &tile, &out), IDF_OK);
  const uint64_t used = mem.used;
  for (size_t len = 1; len < out.len; len++)
    CU_ASSERT(idf_history.decode(&job, &back, idf_cur_of(out.data, len), NULL) != IDF_OK);
  for (unsigned t = 0; t < 300; t++) {
    const size_t at = 1 + idf_unit_below(&r, (uint32_t)out.len - 1);
    const uint8_t old = out.data[at];
    out.data[at] = (uint8_t)(old ^ (1u << idf_unit_below(&r, 8)));
    (void)idf_history.decode(&job, &back, idf_cur_of(out.data, out.len), NULL);
    out.data[at] = old;
    CU_ASSERT_EQUAL_FATAL(mem.used, used);
  }
  CU_ASSERT_EQUAL(idf_history.decode(&job, &back, idf_cur_of(out.data, out.len), NULL), IDF_OK);
  CU_ASSERT_TRUE(same(&tile, &back));
  idf_put_u8(&out, 0);
  CU_ASSERT_EQUAL(idf_history.decode(&job, &back, idf_cur_of(out.data, out.len), NULL),
                  IDF_ERR_CORRUPT);
  idf_buf_free(&out);
  free(back.samples);
  free(tile.samples);
}

static void every_allocation_may_fail(void)
{
  const historykit_kind k = {3, 2, 2, 75, true, 3, 0, 48, 40, 0};
  const idf_tile tile = historykit_make(&k, 10);
  idf_tile back = room_for(&tile);
  idf_status status = IDF_ERR_MEMORY;
  int64_t fail = 0;
  for (; fail < 900 && status != IDF_OK; fail++) {
    idf_mem mem;
    idf_buf out;
    idf_mem_init(&mem, UINT64_MAX);
    mem.fail_in = fail;
    idf_buf_init(&out, &mem);
    const idf_job job = {.mem = &mem};
    status = idf_history.encode(&job, &tile, &out);
    if (status == IDF_OK && out.bad)
      status = IDF_ERR_MEMORY;
    if (status == IDF_OK)
      status = idf_history.decode(&job, &back, idf_cur_of(out.data, out.len), NULL);
    CU_ASSERT(status == IDF_OK || status == IDF_ERR_MEMORY);
    idf_buf_free(&out);
    CU_ASSERT_EQUAL(mem.used, 0);
  }
  CU_ASSERT(status == IDF_OK && fail > 60);
  free(back.samples);
  free(tile.samples);
}

int idf_suite_history(void)
{
  static const idf_unit_test tests[] = {
      {"tiles of all kinds come back", tiles_of_all_kinds_come_back},
      {"what was changed later comes back", what_was_changed_later_comes_back},
      {"others are left to others", others_are_left_to_others},
      {"what is not sound is refused", what_is_not_sound_is_refused},
      {"damage is harmless", damage_is_harmless},
      {"every allocation may fail", every_allocation_may_fail},
      {NULL, NULL},
  };
  return idf_unit_suite("history", tests);
}

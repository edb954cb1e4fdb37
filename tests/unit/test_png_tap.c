/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_png_tap.c: what the tap keeps of a stream of chunks, however it is cut.
 */
#include "imageio.h"
#include "png_tap.h"

int idf_suite_png_tap(void);

static void stream(idf_test_io *io)
{
  idf_test_fill(io, "\x89PNG\r\n\x1a\n", 8);
  idf_test_chunk(io, "IHDR", "1234567890123", 13, 0);
  idf_test_chunk(io, "gAMA", "\0\0\1\2", 4, 0);
  idf_test_chunk(io, "teXt", "damaged", 7, 1);
  idf_test_chunk(io, "emPt", "", 0, 0);
  idf_test_chunk(io, "IDAT", "data", 4, 0);
  idf_test_chunk(io, "teXt", "after", 5, 0);
  idf_test_chunk(io, "IEND", "", 0, 0);
}

static void any_cut(void)
{
  for (size_t step = 1; step < 40; step++) {
    idf_test_io io;
    idf_png_tap tap;
    idf_chunks list = {0};
    idf_test_io_init(&io);
    list.mem = &io.mem;
    stream(&io);
    idf_png_tap_init(&tap, &io.env, &list);
    for (size_t at = 0; at < io.file.len; at += step)
      CU_ASSERT_EQUAL(idf_png_tap_bytes(&tap, io.file.data + at, IDF_MIN(step, io.file.len - at)),
                      IDF_OK);
    CU_ASSERT_EQUAL(list.count, 3);
    if (list.count == 3) {
      CU_ASSERT_STRING_EQUAL(list.list[0].type, "gAMA");
      CU_ASSERT(list.list[0].size == 4 && memcmp(list.list[0].data, "\0\0\1\2", 4) == 0);
      CU_ASSERT(list.list[1].size == 0 && !list.list[1].after_pixels);
      CU_ASSERT(list.list[2].size == 5 && list.list[2].after_pixels);
    }
    CU_ASSERT_EQUAL(io.warnings, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(io.warning, "teXt"));
    CU_ASSERT(!tap.animated);
    idf_png_tap_free(&tap);
    idf_chunks_free(&list);
    idf_test_io_free(&io);
  }
}

static void bounded(void)
{
  static const uint8_t lie[] = {0x7f, 0xff, 0xff, 0xff, 't', 'e', 'X', 't', 1, 2, 3};
  idf_test_io io;
  idf_png_tap tap;
  idf_chunks list = {0};

  idf_test_io_init(&io);
  list.mem = &io.mem;
  idf_png_tap_init(&tap, &io.env, &list);
  CU_ASSERT_EQUAL(idf_png_tap_bytes(&tap, (const uint8_t *)"\x89PNG\r\n\x1a\n", 8), IDF_OK);
  CU_ASSERT_EQUAL(idf_png_tap_bytes(&tap, lie, sizeof lie), IDF_ERR_LIMIT);
  CU_ASSERT_PTR_NOT_NULL(strstr(io.env.error, "teXt"));
  CU_ASSERT(io.mem.peak < 4096);
  idf_png_tap_free(&tap);

  /* Within the limit a long claim costs nothing before its bytes come. */
  io.env.max_metadata = UINT64_MAX;
  idf_png_tap_init(&tap, &io.env, &list);
  CU_ASSERT_EQUAL(idf_png_tap_bytes(&tap, (const uint8_t *)"\x89PNG\r\n\x1a\n", 8), IDF_OK);
  CU_ASSERT_EQUAL(idf_png_tap_bytes(&tap, lie, sizeof lie), IDF_OK);
  CU_ASSERT(io.mem.peak < 4096);
  idf_png_tap_free(&tap);
  idf_chunks_free(&list);
  idf_test_io_free(&io);
}

static void animation(void)
{
  static const char *const names[] = {"acTL", "fcTL", "fdAT"};

  for (unsigned i = 0; i < 3; i++) {
    idf_test_io io;
    idf_png_tap tap;
    idf_chunks list = {0};
    idf_test_io_init(&io);
    list.mem = &io.mem;
    idf_test_fill(&io, "\x89PNG\r\n\x1a\n", 8);
    idf_test_chunk(&io, names[i], "12345678", 8, 0);
    idf_png_tap_init(&tap, &io.env, &list);
    CU_ASSERT_EQUAL(idf_png_tap_bytes(&tap, io.file.data, io.file.len), IDF_OK);
    CU_ASSERT(tap.animated);
    idf_png_tap_free(&tap);
    idf_chunks_free(&list);
    idf_test_io_free(&io);
  }
}

int idf_suite_png_tap(void)
{
  static const idf_unit_test tests[] = {{"chunks are kept however the stream is cut", any_cut},
                                        {"claimed lengths are bounded", bounded},
                                        {"animations are noticed", animation},
                                        {NULL, NULL}};
  return idf_unit_suite("png_tap", tests);
}

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
    CU_ASSERT_STRING_EQUAL(io.dropped, "chunk teXt");
    CU_ASSERT(!tap.animated);
    idf_png_tap_free(&tap);
    idf_chunks_free(&list);
    idf_test_io_free(&io);
  }
}

/* The signature and an IHDR chunk. */
static void begin(idf_test_io *io, idf_png_tap *tap)
{
  idf_test_fill(io, "\x89PNG\r\n\x1a\n", 8);
  idf_test_chunk(io, "IHDR", "1234567890123", 13, 0);
  CU_ASSERT_EQUAL(idf_png_tap_bytes(tap, io->file.data, io->file.len), IDF_OK);
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
  begin(&io, &tap);
  CU_ASSERT_EQUAL(idf_png_tap_bytes(&tap, lie, sizeof lie), IDF_ERR_LIMIT);
  CU_ASSERT_PTR_NOT_NULL(strstr(io.env.error, "teXt"));
  CU_ASSERT(io.mem.peak < 4096);
  idf_png_tap_free(&tap);

  /* Within the limit a long claim costs nothing before its bytes come. */
  io.env.max_metadata = UINT64_MAX;
  idf_png_tap_init(&tap, &io.env, &list);
  begin(&io, &tap);
  CU_ASSERT_EQUAL(idf_png_tap_bytes(&tap, lie, sizeof lie), IDF_OK);
  CU_ASSERT(io.mem.peak < 4096);
  idf_png_tap_free(&tap);
  idf_chunks_free(&list);
  idf_test_io_free(&io);
}

/* Chunks of this type that are damaged: the first are told, then how many more there are. */
static void many_are_told_shortly(void)
{
  idf_test_io io;
  idf_png_tap tap;
  idf_chunks list = {0};

  idf_test_io_init(&io);
  list.mem = &io.mem;
  idf_png_tap_init(&tap, &io.env, &list);
  begin(&io, &tap);
  idf_test_fill(&io, "", 0);
  for (unsigned i = 0; i < 100; i++)
    idf_test_chunk(&io, "teXt", "x", 1, 1);
  CU_ASSERT_EQUAL(idf_png_tap_bytes(&tap, io.file.data, io.file.len), IDF_OK);
  CU_ASSERT_EQUAL(io.drops, 8);
  idf_png_tap_end(&tap);
  CU_ASSERT_EQUAL(io.drops, 9);
  CU_ASSERT_STRING_EQUAL(io.dropped, "more chunks");
  CU_ASSERT_PTR_NOT_NULL(strstr(io.warning, "92 more"));
  CU_ASSERT_EQUAL(list.count, 0);
  idf_png_tap_free(&tap);
  idf_chunks_free(&list);
  idf_test_io_free(&io);
}

static void header_first(void)
{
  idf_test_io io;
  idf_png_tap tap;
  idf_chunks list = {0};

  idf_test_io_init(&io);
  list.mem = &io.mem;
  idf_test_fill(&io, "\x89PNG\r\n\x1a\n", 8);
  idf_test_chunk(&io, "teXt", "x", 1, 0);
  idf_png_tap_init(&tap, &io.env, &list);
  CU_ASSERT_EQUAL(idf_png_tap_bytes(&tap, io.file.data, io.file.len), IDF_ERR_CORRUPT);
  CU_ASSERT_PTR_NOT_NULL(strstr(io.env.error, "IHDR"));
  idf_png_tap_free(&tap);
  idf_chunks_free(&list);
  idf_test_io_free(&io);
}

/* a, A, 0: acTL of one frame, two, none; x: a damaged one; c: fcTL; d: fdAT; |: the pixels */
static void animation(void)
{
  static const struct {
    const char *chunks;
    bool animated;
    unsigned drops;
  } cases[] = {{"A|", true, 0},   {"Ac|cd", true, 1}, {"ac|", false, 2},  {"ca|", false, 2},
               {"a|cd", true, 2}, {"ac|cd", true, 3}, {"|A", false, 1},   {"|Acdcd", false, 5},
               {"|cd", false, 2}, {"c|", false, 1},   {"x|", false, 1},   {"xc|cd", true, 3},
               {"0|", false, 1},  {"0|cd", true, 2},  {"|acd", false, 3}, {"cd|A", false, 3}};

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    idf_test_io io;
    idf_png_tap tap;
    idf_chunks list = {0};
    idf_test_io_init(&io);
    list.mem = &io.mem;
    idf_png_tap_init(&tap, &io.env, &list);
    begin(&io, &tap);
    idf_test_fill(&io, "", 0);
    for (const char *c = cases[i].chunks; *c; c++) {
      if (*c == '|')
        idf_test_chunk(&io, "IDAT", "data", 4, 0);
      else if (*c == 'c' || *c == 'd')
        idf_test_chunk(&io, *c == 'c' ? "fcTL" : "fdAT", "12345678", 8, 0);
      else
        idf_test_chunk(&io, "acTL",
                       *c == 'a'   ? "\0\0\0\1\0\0\0"
                       : *c == '0' ? "\0\0\0\0\0\0\0"
                                   : "\0\0\0\2\0\0\0",
                       8, *c == 'x');
    }
    CU_ASSERT_EQUAL(idf_png_tap_bytes(&tap, io.file.data, io.file.len), IDF_OK);
    CU_ASSERT_EQUAL(tap.animated, cases[i].animated);
    CU_ASSERT_EQUAL(list.count, 0);
    if (!cases[i].animated)
      CU_ASSERT_EQUAL(io.drops, cases[i].drops);
    idf_png_tap_free(&tap);
    idf_chunks_free(&list);
    idf_test_io_free(&io);
  }
}

int idf_suite_png_tap(void)
{
  static const idf_unit_test tests[] = {
      {"chunks are kept however the stream is cut", any_cut},
      {"claimed lengths are bounded", bounded},
      {"many damaged chunks are few lines", many_are_told_shortly},
      {"the header comes first", header_first},
      {"animations are told from stills", animation},
      {NULL, NULL}};
  return idf_unit_suite("png_tap", tests);
}

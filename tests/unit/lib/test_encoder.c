/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_encoder.c: the encoder's promises: nothing before the first row, the same
 * bytes however the rows come, first error wins, every allocation may fail.
 */
#include "internal.h"
#include "pack.h"
#include "picture.h"
#include "unit.h"

int idf_suite_encoder(void);

static void rows_in_any_portions_give_the_same_file(void)
{
  idf_mem mem;
  idf_buf whole, parts;
  idf_info info = picture_info(150, 133, IDF_RGB, 8);
  idf_settings settings;
  idf_unit_random r = idf_unit_random_of(13);
  idf_mem_init(&mem, UINT64_MAX);
  idf_settings_init(&settings);
  settings.tile_log2 = 6;
  uint8_t *raw = picture_make(&mem, &info, PICTURE_SMOOTH, 1);
  idf_buf_init(&whole, &mem);
  CU_ASSERT_EQUAL_FATAL(picture_encode(&info, raw, 6, &whole), IDF_OK);
  for (int i = 0; i < 2; i++) {
    idf_encoder *e = NULL;
    idf_buf_init(&parts, &mem);
    CU_ASSERT_EQUAL_FATAL(idf_encoder_new(&settings, &info, picture_write, &parts, &e), IDF_OK);
    CU_ASSERT_EQUAL(parts.len, 0);
    for (uint32_t y = 0; y < info.height;) {
      uint32_t n = 1 + idf_unit_below(&r, IDF_MIN(info.height - y, 90));
      IDF_UNIT_SEEDED(&r, idf_encoder_rows(e, raw + y * idf_row_bytes(&info), n) == IDF_OK);
      IDF_UNIT_SEEDED(&r, idf_encoder_rows(e, raw, 0) == IDF_OK);
      y += n;
    }
    CU_ASSERT_EQUAL(idf_encoder_finish(e), IDF_OK);
    IDF_UNIT_SEEDED(&r, parts.len == whole.len && memcmp(parts.data, whole.data, whole.len) == 0);
    idf_encoder_free(e);
    idf_buf_free(&parts);
  }
  idf_buf_free(&whole);
  idf_free(&mem, raw);
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void wrong_arguments_are_refused(void)
{
  idf_mem mem;
  idf_buf buf;
  idf_encoder *e = NULL;
  idf_info info = picture_info(4, 4, IDF_GRAY, 4), bad = info;
  idf_settings settings;
  uint8_t raw[16] = {0};
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&buf, &mem);

  bad.depth = 17;
  CU_ASSERT_EQUAL(idf_encoder_new(NULL, &bad, picture_write, &buf, &e), IDF_ERR_ARGUMENT);
  CU_ASSERT_PTR_NULL(e);
  CU_ASSERT_EQUAL(idf_encoder_new(NULL, NULL, picture_write, &buf, &e), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_encoder_new(NULL, &info, NULL, &buf, &e), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_encoder_new(NULL, &info, picture_write, &buf, NULL), IDF_ERR_ARGUMENT);
  for (unsigned log2 = 0; log2 < 20; log2++) {
    idf_settings_init(&settings);
    settings.tile_log2 = log2;
    idf_status want = log2 >= 6 && log2 <= 12 ? IDF_OK : IDF_ERR_ARGUMENT;
    CU_ASSERT_EQUAL(idf_encoder_new(&settings, &info, picture_write, &buf, &e), want);
    idf_encoder_free(e);
  }
  idf_settings_init(&settings);
  settings.effort = 1234;
  CU_ASSERT_EQUAL(idf_encoder_new(&settings, &info, picture_write, &buf, &e), IDF_ERR_UNSUPPORTED);
  idf_settings_init(&settings);
  settings.max_memory = 1000;
  CU_ASSERT_EQUAL(idf_encoder_new(&settings, &info, picture_write, &buf, &e), IDF_ERR_LIMIT);

  /* Each of these spoils its encoder for good. */
  for (int i = 0; i < 8; i++) {
    CU_ASSERT_EQUAL_FATAL(idf_encoder_new(NULL, &info, picture_write, &buf, &e), IDF_OK);
    memset(raw, 15, sizeof raw);
    idf_status status = IDF_OK;
    if (i == 0) {
      raw[9] = 16; /* does not fit 4 bits */
      status = idf_encoder_rows(e, raw, 4);
    } else if (i == 1) {
      status = idf_encoder_rows(e, raw, 5);
    } else if (i == 2) {
      status = idf_encoder_rows(e, NULL, 1);
    } else if (i == 3) {
      CU_ASSERT_EQUAL(idf_encoder_rows(e, raw, 3), IDF_OK);
      status = idf_encoder_finish(e);
    } else if (i == 4) {
      CU_ASSERT_EQUAL(idf_encoder_rows(e, raw, 1), IDF_OK);
      status = idf_encoder_metadata(e, "tEXt", "a", 1);
    } else if (i == 5) {
      status = idf_encoder_metadata(e, "tE t", "a", 1);
    } else if (i == 6) {
      status = idf_encoder_metadata(e, "tEXt", NULL, 1);
    } else {
      CU_ASSERT_EQUAL(idf_encoder_rows(e, raw, 4), IDF_OK);
      CU_ASSERT_EQUAL(idf_encoder_finish(e), IDF_OK);
      status = idf_encoder_finish(e);
    }
    CU_ASSERT_EQUAL(status, IDF_ERR_ARGUMENT);
    CU_ASSERT_EQUAL(idf_encoder_rows(e, raw, 1), IDF_ERR_ARGUMENT);
    CU_ASSERT_EQUAL(idf_encoder_finish(e), IDF_ERR_ARGUMENT);
    CU_ASSERT_EQUAL(idf_encoder_metadata(e, "tEXt", "a", 1), IDF_ERR_ARGUMENT);
    idf_encoder_free(e);
  }
  CU_ASSERT_EQUAL(idf_encoder_rows(NULL, raw, 1), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_encoder_finish(NULL), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_encoder_metadata(NULL, "tEXt", "a", 1), IDF_ERR_ARGUMENT);
  idf_encoder_free(NULL);
  idf_buf_free(&buf);
}

typedef struct failing_sink {
  int calls_left;
  idf_status status;
} failing_sink;

static idf_status write_and_fail(void *context, const uint8_t *data, size_t size)
{
  failing_sink *s = context;
  (void)data;
  (void)size;
  return s->calls_left-- > 0 ? IDF_OK : s->status;
}

static void a_failing_sink_stops_it(void)
{
  idf_mem mem;
  idf_info info = picture_info(100, 70, IDF_GRAY, 8);
  idf_settings settings;
  idf_mem_init(&mem, UINT64_MAX);
  idf_settings_init(&settings);
  settings.tile_log2 = 6;
  uint8_t *raw = picture_make(&mem, &info, PICTURE_FLAT, 1);
  /* Header, metadata, four tiles, index, end: eight writes. */
  for (int calls = 0; calls <= 8; calls++) {
    idf_encoder *e = NULL;
    failing_sink sink = {calls, calls % 2 ? IDF_ERR_IO : IDF_ERR_MEMORY};
    CU_ASSERT_EQUAL_FATAL(idf_encoder_new(&settings, &info, write_and_fail, &sink, &e), IDF_OK);
    (void)idf_encoder_metadata(e, "tEXt", "a", 1);
    (void)idf_encoder_rows(e, raw, info.height);
    CU_ASSERT_EQUAL(idf_encoder_finish(e), calls == 8 ? IDF_OK : sink.status);
    CU_ASSERT_EQUAL(sink.calls_left, calls == 8 ? 0 : -1); /* never called again */
    idf_encoder_free(e);
  }
  idf_free(&mem, raw);
}

static void every_allocation_may_fail(void)
{
  idf_mem mem;
  idf_buf want, buf;
  idf_info info = picture_info(80, 40, IDF_RGB, 8);
  idf_settings settings;
  idf_mem_init(&mem, UINT64_MAX);
  idf_settings_init(&settings);
  settings.tile_log2 = 6;
  uint8_t *raw = picture_make(&mem, &info, PICTURE_SMOOTH, 1);
  idf_buf_init(&want, &mem);
  CU_ASSERT_EQUAL_FATAL(picture_encode(&info, raw, 6, &want), IDF_OK);
  idf_status status = IDF_ERR_MEMORY;
  int64_t fail = 0;
  for (; status != IDF_OK && fail < 2000; fail++) {
    idf_encoder *e = NULL;
    idf_buf_init(&buf, &mem);
    status = idf_encoder_create(&settings, &info, picture_write, &buf, fail, &e);
    if (status == IDF_OK)
      status = idf_encoder_rows(e, raw, info.height);
    if (status == IDF_OK)
      status = idf_encoder_finish(e);
    if (status != IDF_OK)
      CU_ASSERT_EQUAL(status, IDF_ERR_MEMORY);
    /* What was written is the beginning of the right file. */
    CU_ASSERT_TRUE(buf.len <= want.len);
    CU_ASSERT_TRUE(buf.len == 0 || memcmp(buf.data, want.data, buf.len) == 0);
    CU_ASSERT_TRUE(status != IDF_OK || buf.len == want.len);
    idf_encoder_free(e);
    idf_buf_free(&buf);
  }
  CU_ASSERT_TRUE(fail > 10 && fail < 2000);
  idf_buf_free(&want);
  idf_free(&mem, raw);
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* The kinds of a file's records, as a string; "" when they are not whole. */
static void kinds_of(const idf_buf *buf, char kinds[16])
{
  idf_header header;
  idf_record rec;
  size_t at = 0, n = 0;
  kinds[0] = '\0';
  if (idf_read_header(IDF_SIMD_AUTO, buf->data, buf->len, &header, &at) != IDF_OK)
    return;
  for (; at < buf->len && n < 15; at += rec.size, n++) {
    if (idf_read_record(IDF_SIMD_AUTO, buf->data + at, buf->len - at, &rec) != IDF_OK) {
      kinds[0] = '\0';
      return;
    }
    kinds[n] = (char)rec.kind;
  }
  kinds[n] = '\0';
}

/* What waits together is packed together; what packing would lengthen stays plain, and so
 * does a piece above what a packed record holds, or of data that look compressed, with those
 * before and after it apart. */
static void metadata_are_packed_where_it_pays(void)
{
  static const char text[] = "Software\0Adobe ImageReady";
  const size_t most = IDF_PACK_MAX - IDF_PIECE_HEAD;
  static const struct {
    const char *before, *after, *kinds; /* t text, e empty, n noise, z much of it, l large */
  } cases[] = {{"", "", "TE"},   {"t", "", "PTE"},       {"ttt", "", "PTE"},      {"", "tt", "TPE"},
               {"n", "", "MTE"}, {"n", "n", "MTME"},     {"tn", "t", "PTPE"},     {"e", "", "MTE"},
               {"l", "", "MTE"}, {"tlt", "l", "PMPTME"}, {"tzt", "zt", "PMPTMPE"}};
  idf_mem mem;
  idf_buf buf;
  idf_info info = picture_info(2, 2, IDF_GRAY, 8);
  const uint8_t raw[4] = {1, 2, 3, 4};
  idf_unit_random r = idf_unit_random_of(19);
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&buf, &mem);
  uint8_t *large = idf_alloc(&mem, most + 1, 1);
  CU_ASSERT_PTR_NOT_NULL_FATAL(large);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    idf_encoder *e = NULL;
    idf_buf_clear(&buf);
    CU_ASSERT_EQUAL_FATAL(idf_encoder_new(NULL, &info, picture_write, &buf, &e), IDF_OK);
    idf_encoder_records(e);
    for (int after = 0; after < 2; after++) {
      for (const char *c = after ? cases[i].after : cases[i].before; *c; c++) {
        uint8_t noise[2000];
        for (size_t k = 0; k < sizeof noise; k++)
          noise[k] = (uint8_t)idf_unit_next(&r);
        const void *data = *c == 't' ? (const void *)text : *c == 'l' ? large : noise;
        const size_t size = *c == 't'   ? sizeof text - 1
                            : *c == 'n' ? 40
                            : *c == 'z' ? sizeof noise
                            : *c == 'l' ? most + 1
                                        : 0;
        CU_ASSERT_EQUAL(idf_encoder_metadata(e, *c == 'n' ? "q7Xz" : "tEXt", data, size), IDF_OK);
      }
      if (after == 0)
        CU_ASSERT_EQUAL(idf_encoder_rows(e, raw, 2), IDF_OK);
    }
    CU_ASSERT_EQUAL(idf_encoder_finish(e), IDF_OK);
    idf_encoder_free(e);
    char kinds[16];
    kinds_of(&buf, kinds);
    if (strcmp(kinds, cases[i].kinds) != 0)
      printf("# %s T %s: %s instead of %s\n", cases[i].before, cases[i].after, kinds,
             cases[i].kinds);
    CU_ASSERT_STRING_EQUAL(kinds, cases[i].kinds);
  }
  idf_free(&mem, large);
  idf_buf_free(&buf);
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void memory_is_a_row_of_tiles(void)
{
  idf_mem mem;
  idf_settings settings;
  uint64_t peak[2];
  idf_mem_init(&mem, UINT64_MAX);
  idf_settings_init(&settings);
  settings.tile_log2 = 6;
  for (int i = 0; i < 2; i++) {
    idf_info info = picture_info(64, i ? 1024 : 128, IDF_GRAY, 8);
    idf_encoder *e = NULL;
    idf_buf buf;
    uint8_t *raw = picture_make(&mem, &info, PICTURE_NOISE, 1);
    idf_buf_init(&buf, &mem);
    CU_ASSERT_EQUAL_FATAL(idf_encoder_new(&settings, &info, picture_write, &buf, &e), IDF_OK);
    CU_ASSERT_EQUAL(idf_encoder_rows(e, raw, info.height), IDF_OK);
    CU_ASSERT_EQUAL(idf_encoder_finish(e), IDF_OK);
    peak[i] = idf_object_mem(e)->peak;
    idf_encoder_free(e);
    idf_buf_free(&buf);
    idf_free(&mem, raw);
  }
  CU_ASSERT_TRUE(peak[1] < peak[0] + 4096); /* the index only */
}

static idf_status encode_with(unsigned threads, uint64_t max_memory, const idf_info *info,
                              const void *raw, idf_buf *buf, uint64_t *peak)
{
  idf_encoder *e = NULL;
  idf_settings settings;
  idf_settings_init(&settings);
  settings.tile_log2 = 6;
  settings.threads = threads;
  settings.max_memory = max_memory;
  idf_status status = idf_encoder_new(&settings, info, picture_write, buf, &e);
  if (status == IDF_OK)
    status = idf_encoder_rows(e, raw, info->height);
  if (status == IDF_OK)
    status = idf_encoder_finish(e);
  if (e && peak)
    *peak = idf_object_mem(e)->peak;
  idf_encoder_free(e);
  return status;
}

/* Tiles of two methods, one to six of them in a row; 0 threads: as many as there are
 * processors. Also under a limit that one thread needs nearly all of. */
static void threads_change_no_byte(void)
{
  static const uint32_t sizes[][2] = {{60, 260}, {190, 100}, {330, 66}};
  static const unsigned threads[] = {5, 2, 0};
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  for (size_t s = 0; s < 3; s++) {
    idf_info info = picture_info(sizes[s][0], sizes[s][1], IDF_RGB, 8);
    idf_buf want, got;
    uint64_t peak = 0;
    uint8_t *raw = picture_make(&mem, &info, PICTURE_NOISE, s);
    idf_buf_init(&want, &mem);
    CU_ASSERT_PTR_NOT_NULL_FATAL(raw);
    for (size_t i = 0; i < (size_t)info.width * info.height * 3; i++)
      if (i / 3 % info.width > 32)
        raw[i] = (uint8_t)(i / 3 % info.width + i / 3 / info.width * (i % 3));
    CU_ASSERT_EQUAL_FATAL(encode_with(1, IDF_DEFAULT_MEMORY, &info, raw, &want, &peak), IDF_OK);
    for (size_t t = 0; t < 3; t++)
      for (int tight = 0; tight < (t == 0 ? 2 : 1); tight++) {
        idf_buf_init(&got, &mem);
        const uint64_t limit = tight ? peak + peak / 4 : IDF_DEFAULT_MEMORY;
        CU_ASSERT_EQUAL(encode_with(threads[t], limit, &info, raw, &got, NULL), IDF_OK);
        CU_ASSERT_EQUAL(got.len, want.len);
        CU_ASSERT_TRUE(got.len == want.len && memcmp(got.data, want.data, want.len) == 0);
        idf_buf_free(&got);
      }
    idf_buf_init(&got, &mem);
    CU_ASSERT_EQUAL(encode_with(5, peak - 1, &info, raw, &got, NULL), IDF_ERR_LIMIT);
    CU_ASSERT_TRUE(got.len < want.len && memcmp(got.data, want.data, got.len) == 0);
    idf_buf_free(&got);
    idf_buf_free(&want);
    idf_free(&mem, raw);
  }
  CU_ASSERT_EQUAL(mem.used, 0);
}

int idf_suite_encoder(void)
{
  static const idf_unit_test tests[] = {
      {"rows in any portions give the same file", rows_in_any_portions_give_the_same_file},
      {"wrong arguments are refused", wrong_arguments_are_refused},
      {"a failing sink stops it", a_failing_sink_stops_it},
      {"every allocation may fail", every_allocation_may_fail},
      {"metadata are packed where it pays", metadata_are_packed_where_it_pays},
      {"memory is a row of tiles", memory_is_a_row_of_tiles},
      {"threads change no byte", threads_change_no_byte},
      {NULL, NULL}};
  return idf_unit_suite("encoder", tests);
}

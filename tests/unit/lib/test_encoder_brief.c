/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_encoder_brief.c: which files are brief, what becomes of those that grow too large for it,
 * and that they hold the same.
 */
#include "brief.h"
#include "keptkit.h"
#include "picture.h"
#include "unit.h"

int idf_suite_encoder_brief(void);

typedef struct extra {
  size_t before, after; /* bytes of a piece on that side; 0: none */
  unsigned threads;
  uint8_t tile_log2;
  int64_t fail;
} extra;

static idf_status put_extra(idf_encoder *e, size_t size)
{
  static uint8_t noise[IDF_BRIEF_MAX * 8];
  idf_unit_random r = idf_unit_random_of(size);
  for (size_t i = 0; i < size; i++)
    noise[i] = (uint8_t)idf_unit_next(&r);
  return size == 0 ? IDF_OK : idf_encoder_metadata(e, "noIs", noise, size);
}

static idf_status encode(const idf_info *info, const uint8_t *raw, const extra *x, idf_buf *out)
{
  idf_encoder *e = NULL;
  idf_settings settings;
  idf_settings_init(&settings);
  settings.threads = x->threads;
  settings.tile_log2 = x->tile_log2;
  idf_status status = idf_encoder_create(&settings, info, picture_write, out, x->fail, &e);
  if (status == IDF_OK)
    status = put_extra(e, x->before);
  if (status == IDF_OK)
    status = idf_encoder_rows(e, raw, info->height);
  if (status == IDF_OK)
    status = put_extra(e, x->after);
  if (status == IDF_OK)
    status = idf_encoder_finish(e);
  idf_encoder_free(e);
  return status;
}

/* Whether the file holds this. */
static bool holds(const idf_buf *file, const idf_info *info, const uint8_t *raw, const extra *x)
{
  idf_decoder *d = NULL;
  idf_mem mem;
  picture_source source = {file->data, file->len, 1000};
  const size_t size = idf_row_bytes(info) * info->height, wanted[2] = {x->before, x->after};
  idf_mem_init(&mem, UINT64_MAX);
  uint8_t *back = idf_alloc(&mem, size, 1);
  bool same = idf_decoder_new(NULL, picture_read, &source, &d) == IDF_OK
              && idf_decoder_rows(d, back, info->height) == IDF_OK
              && idf_decoder_finish(d) == IDF_OK && memcmp(back, raw, size) == 0;
  size_t n = 0;
  for (int after = 0; after < 2 && same; after++) {
    char type[5];
    const uint8_t *data;
    size_t len;
    int late;
    if (wanted[after] == 0)
      continue;
    same = idf_decoder_metadata(d, n++, type, &data, &len, &late) == IDF_OK && len == wanted[after]
           && late == after;
  }
  idf_free(&mem, back);
  idf_decoder_free(d);
  return same;
}

static void what_is_small_is_brief(void)
{
  const size_t most = IDF_BRIEF_MAX;
  static const struct {
    uint32_t width, height;
    uint8_t tile_log2;
    bool brief;
  } sizes[] = {{1, 1, 10, true},     {200, 60, 10, true},  {65, 1, 6, false},
               {64, 64, 6, true},    {4096, 2, 12, true},  {4096, 2, 11, false},
               {300, 200, 10, true}, {300, 300, 10, false}};
  const struct {
    size_t before, after;
    bool brief;
  } extras[] = {{0, 0, true},
                {100, 0, true},
                {0, 100, true},
                {100, 100, true},
                {most, 0, false},
                {0, most, false},
                {20, most, false},
                {most * 5, 0, false},
                {0, most * 5, false},
                {100, most * 5, false},
                {most / 2, most / 2 + 1, false},
                {most / 4, most / 4, true}};
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
    for (size_t i = 0; i < (s == 0 ? sizeof extras / sizeof *extras : 1); i++)
      for (unsigned threads = 1; threads < 3; threads++) {
        const idf_info info = picture_info(sizes[s].width, sizes[s].height, IDF_GRAY, 8);
        const extra x = {extras[i].before, extras[i].after, threads, sizes[s].tile_log2, -1};
        uint8_t *raw = picture_make(&mem, &info, PICTURE_NOISE, s);
        idf_buf out;
        idf_buf_init(&out, &mem);
        CU_ASSERT_EQUAL(encode(&info, raw, &x, &out), IDF_OK);
        CU_ASSERT_EQUAL(idf_is_brief(out.data, out.len), sizes[s].brief && extras[i].brief);
        CU_ASSERT_TRUE(holds(&out, &info, raw, &x));
        idf_buf_free(&out);
        idf_free(&mem, raw);
      }
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* The most that a picture of one tile needs beside what codes it, small sides and wide ones. */
static void little_is_around_the_samples(void)
{
  static const struct {
    uint32_t width, height;
    size_t around;
  } cases[] = {{1, 1, 20}, {10, 10, 20}, {200, 60, 22}, {256, 256, 22}, {300, 2, 22}};
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const idf_info info = picture_info(cases[i].width, cases[i].height, IDF_GRAY, 1);
    const extra x = {0, 0, 1, 10, -1};
    uint8_t *raw = picture_make(&mem, &info, PICTURE_NOISE, i);
    idf_buf out;
    idf_decoder *d = NULL;
    idf_anatomy a;
    idf_buf_init(&out, &mem);
    CU_ASSERT_EQUAL(encode(&info, raw, &x, &out), IDF_OK);
    picture_source source = {out.data, out.len, 0};
    CU_ASSERT_EQUAL_FATAL(idf_decoder_new(NULL, picture_read, &source, &d), IDF_OK);
    CU_ASSERT_EQUAL(idf_decoder_finish(d), IDF_OK);
    idf_decoder_anatomy(d, &a);
    CU_ASSERT_EQUAL(a.file_bytes, out.len);
    CU_ASSERT_EQUAL(a.header_bytes + a.metadata_bytes + a.tile_bytes + a.index_bytes, out.len);
    CU_ASSERT_TRUE(out.len - a.tile_bytes <= cases[i].around);
    idf_decoder_free(d);
    idf_buf_free(&out);
    idf_free(&mem, raw);
  }
}

static void jpegs_are_brief_too(void)
{
  idf_mem mem;
  idf_buf jpeg, out, back;
  idf_encoder *e = NULL;
  idf_info info;
  const char *why;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&jpeg, &mem);
  idf_buf_init(&out, &mem);
  idf_buf_init(&back, &mem);
  jpegkit_make(&jpeg, &jpegkit_kinds[0], 40, 30, 5);
  CU_ASSERT_EQUAL_FATAL(
      idf_encoder_new_jpeg(NULL, jpeg.data, jpeg.len, picture_write, &out, &e, &why), IDF_OK);
  CU_ASSERT_EQUAL(idf_encoder_suffix(e, ".jpeg"), IDF_OK);
  CU_ASSERT_EQUAL(idf_encoder_finish(e), IDF_OK);
  idf_encoder_free(e);
  CU_ASSERT_TRUE(idf_is_brief(out.data, out.len));
  keptkit_way way = keptkit_plain;
  way.original = true;
  CU_ASSERT_EQUAL(keptkit_decode(out.data, out.len, &way, &back, &info), IDF_OK);
  CU_ASSERT_TRUE(back.len == jpeg.len && memcmp(back.data, jpeg.data, jpeg.len) == 0);
  /* Its suffix is in the first bytes. */
  for (size_t len = 0; len < 20; len++) {
    const char *suffix = idf_original_suffix(out.data, len);
    CU_ASSERT_TRUE(!suffix || strcmp(suffix, ".jpg") == 0 || strcmp(suffix, ".jpeg") == 0);
  }
  CU_ASSERT_STRING_EQUAL(idf_original_suffix(out.data, 20), ".jpeg");
  idf_buf_free(&jpeg);
  idf_buf_free(&out);
  idf_buf_free(&back);
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* With and without room for the brief form. */
static void every_allocation_may_fail(void)
{
  static const size_t sizes[] = {40, IDF_BRIEF_MAX};
  const idf_info info = picture_info(9, 5, IDF_GRAY, 8);
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  uint8_t *raw = picture_make(&mem, &info, PICTURE_SMOOTH, 1);
  for (int i = 0; i < 4; i++) {
    extra x = {sizes[i & 1], i & 2 ? 40 : 0, 1, 10, 0};
    idf_status status = IDF_ERR_MEMORY;
    for (; status != IDF_OK && x.fail < 2000; x.fail++) {
      idf_buf out;
      idf_buf_init(&out, &mem);
      status = encode(&info, raw, &x, &out);
      CU_ASSERT_TRUE(status == IDF_OK || status == IDF_ERR_MEMORY);
      idf_buf_free(&out);
    }
    CU_ASSERT_TRUE(x.fail > 8 && x.fail < 2000);
  }
  idf_free(&mem, raw);
  CU_ASSERT_EQUAL(mem.used, 0);
}

int idf_suite_encoder_brief(void)
{
  static const idf_unit_test tests[] = {
      {"what is small is brief", what_is_small_is_brief},
      {"little is around the samples", little_is_around_the_samples},
      {"JPEGs are brief, too", jpegs_are_brief_too},
      {"every allocation may fail", every_allocation_may_fail},
      {NULL, NULL}};
  return idf_unit_suite("encoder_brief", tests);
}

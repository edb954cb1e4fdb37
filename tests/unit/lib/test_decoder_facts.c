/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_decoder_facts.c: profile, Exif, orientation, resolution and texts come out of the metadata,
 * also out of a JPEG that is kept; what is missing or wrong is an error of the call alone.
 */
#include <zlib.h>

#include "keptkit.h"
#include "picture.h"

int idf_suite_decoder_facts(void);

static const uint8_t exif[] = "II*\0\10\0\0\0\1\0\22\1\3\0\1\0\0\0\6\0\0\0\0\0\0\0";
static const uint8_t phys[] = "\0\0\x2e\x23\0\0\x17\x12\1";

typedef struct bits {
  const char *type;
  const void *data;
  size_t size;
} bits;

/* A file of one pixel with these metadata, opened with these limits. */
typedef struct opened {
  idf_mem mem;
  idf_buf file;
  picture_source source;
  idf_decoder *d;
} opened;

static void open_with(opened *o, const bits *pieces, size_t count, const idf_limits *limits)
{
  const idf_info info = picture_info(1, 1, IDF_GRAY, 8);
  idf_encoder *e = NULL;
  idf_mem_init(&o->mem, UINT64_MAX);
  idf_buf_init(&o->file, &o->mem);
  CU_ASSERT_EQUAL_FATAL(idf_encoder_new(NULL, &info, picture_write, &o->file, &e), IDF_OK);
  for (size_t i = 0; i < count; i++)
    CU_ASSERT_EQUAL(idf_encoder_metadata(e, pieces[i].type, pieces[i].data, pieces[i].size),
                    IDF_OK);
  CU_ASSERT_EQUAL(idf_encoder_rows(e, "x", 1), IDF_OK);
  CU_ASSERT_EQUAL(idf_encoder_metadata(e, "tEXt", "After\0pixels", 12), IDF_OK);
  CU_ASSERT_EQUAL(idf_encoder_finish(e), IDF_OK);
  idf_encoder_free(e);
  o->source = (picture_source){o->file.data, o->file.len, 0};
  CU_ASSERT_EQUAL_FATAL(idf_decoder_new(limits, picture_read, &o->source, &o->d), IDF_OK);
}

static void close_it(opened *o)
{
  CU_ASSERT_EQUAL(idf_decoder_finish(o->d), IDF_OK);
  idf_decoder_free(o->d);
  idf_buf_free(&o->file);
  CU_ASSERT_EQUAL(o->mem.used, 0);
}

/* An iCCP chunk of a profile of `size` bytes. */
static size_t make_profile(uint8_t *chunk, size_t cap, size_t size)
{
  static uint8_t profile[20000];
  uLongf len = (uLongf)cap - 6;
  for (size_t i = 0; i < size; i++)
    profile[i] = (uint8_t)(i * i >> 3);
  memcpy(chunk, "name\0\0", 6);
  CU_ASSERT_EQUAL_FATAL(compress(chunk + 6, &len, profile, (uLong)size), Z_OK);
  return 6 + len;
}

static void what_is_said_comes_out(void)
{
  uint8_t iccp[21000];
  const bits pieces[] = {{"iCCP", iccp, make_profile(iccp, sizeof iccp, 20000)},
                         {"tEXt", "Title\0Gr\374n", 10},
                         {"eXIf", exif, sizeof exif - 1},
                         {"pHYs", phys, 9},
                         {"iTXt", "XML\0\0\0\0\0<a/>", 12}};
  opened o;
  const uint8_t *data, *again;
  const char *key, *value;
  size_t size;
  uint32_t x, y;
  open_with(&o, pieces, 5, NULL);
  CU_ASSERT_EQUAL(idf_decoder_icc(o.d, &data, &size), IDF_ERR_ARGUMENT); /* not yet */
  CU_ASSERT_EQUAL(idf_decoder_orientation(o.d), 1);
  CU_ASSERT_EQUAL(idf_decoder_info(o.d, NULL), IDF_OK);
  CU_ASSERT_EQUAL_FATAL(idf_decoder_icc(o.d, &data, &size), IDF_OK);
  CU_ASSERT_EQUAL_FATAL(size, 20000);
  for (size_t i = 0; i < size; i++)
    CU_ASSERT_EQUAL_FATAL(data[i], (uint8_t)(i * i >> 3));
  CU_ASSERT_EQUAL(idf_decoder_exif(o.d, &again, &size), IDF_OK);
  CU_ASSERT(size == sizeof exif - 1 && memcmp(again, exif, size) == 0);
  CU_ASSERT_EQUAL(idf_decoder_orientation(o.d), 6);
  CU_ASSERT_EQUAL(idf_decoder_resolution(o.d, &x, &y), IDF_OK);
  CU_ASSERT(x == 11811 && y == 5906);
  CU_ASSERT_EQUAL(idf_decoder_text(o.d, 0, &key, &value), IDF_OK);
  CU_ASSERT_STRING_EQUAL(key, "Title");
  CU_ASSERT_STRING_EQUAL(value, "Gr\303\274n");
  CU_ASSERT_EQUAL(idf_decoder_text(o.d, 1, &key, &value), IDF_OK);
  CU_ASSERT_STRING_EQUAL(key, "XML");
  CU_ASSERT_STRING_EQUAL(value, "<a/>");
  CU_ASSERT_EQUAL(idf_decoder_text(o.d, 2, &key, &value), IDF_ERR_ARGUMENT);
  CU_ASSERT(!key && !value);
  CU_ASSERT_EQUAL(idf_decoder_finish(o.d), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_text(o.d, 2, &key, &value), IDF_OK);
  CU_ASSERT_STRING_EQUAL(value, "pixels");
  CU_ASSERT_EQUAL(idf_decoder_icc(o.d, &again, &size), IDF_OK);
  CU_ASSERT_PTR_EQUAL(again, data); /* it was made once */
  close_it(&o);
}

static void what_is_not_said_is_an_error_of_the_call(void)
{
  const bits pieces[] = {{"iCCP", "name\0\0no zlib", 13},
                         {"pHYs", "\0\0\0\1\0\0\0\2\0", 9}, /* a ratio */
                         {"zTXt", "Key\0\0broken", 11},
                         {"tEXt", "Key\0whole", 9}};
  opened o;
  const uint8_t *data = exif;
  const char *key, *value;
  size_t size = 1;
  uint32_t x, y;
  open_with(&o, pieces, 4, NULL);
  CU_ASSERT_EQUAL(idf_decoder_info(o.d, NULL), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_icc(o.d, &data, &size), IDF_ERR_CORRUPT);
  CU_ASSERT(!data && !size);
  CU_ASSERT_EQUAL(idf_decoder_exif(o.d, &data, &size), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_resolution(o.d, &x, &y), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_orientation(o.d), 1);
  CU_ASSERT_EQUAL(idf_decoder_text(o.d, 0, &key, &value), IDF_ERR_CORRUPT);
  CU_ASSERT_EQUAL(idf_decoder_text(o.d, 1, &key, &value), IDF_OK);
  CU_ASSERT_STRING_EQUAL(value, "whole");
  close_it(&o);
  CU_ASSERT_EQUAL(idf_decoder_icc(NULL, &data, &size), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_exif(NULL, NULL, NULL), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_resolution(NULL, &x, &y), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_text(NULL, 0, &key, &value), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_orientation(NULL), 1);
}

/* The profile takes what max_metadata allows, and so no text has room. */
static void all_together_is_bounded(void)
{
  uint8_t iccp[21000];
  const bits pieces[] = {{"iCCP", iccp, make_profile(iccp, sizeof iccp, 20000)},
                         {"tEXt", "Key\0value", 9},
                         {"zTXt", "Key\0\0\x78\x9c\x4b\4\0\0\x62\0\x62", 14}};
  idf_limits limits;
  opened o;
  const uint8_t *data;
  const char *key, *value;
  size_t size;
  idf_limits_init(&limits);
  limits.max_metadata = 20000;
  open_with(&o, pieces, 3, &limits);
  CU_ASSERT_EQUAL(idf_decoder_info(o.d, NULL), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_icc(o.d, &data, &size), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_text(o.d, 1, &key, &value), IDF_ERR_LIMIT);
  CU_ASSERT_EQUAL(idf_decoder_limit(o.d), IDF_LIMIT_NONE);
  close_it(&o);
  limits.max_metadata = 19999;
  open_with(&o, pieces, 3, &limits);
  CU_ASSERT_EQUAL(idf_decoder_info(o.d, NULL), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_icc(o.d, &data, &size), IDF_ERR_LIMIT);
  CU_ASSERT_EQUAL(idf_decoder_text(o.d, 1, &key, &value), IDF_OK);
  CU_ASSERT_STRING_EQUAL(value, "a");
  close_it(&o);
}

/* Reads profile and texts; with the n-th allocation failing. */
static void memory_may_fail(void)
{
  uint8_t iccp[21000];
  const bits pieces[] = {{"iCCP", iccp, make_profile(iccp, sizeof iccp, 20000)},
                         {"tEXt", "Key\0value", 9}};
  idf_status status = IDF_ERR_MEMORY, other = IDF_OK;
  for (int64_t n = 0; (status != IDF_OK || other != IDF_OK) && n < 100; n++) {
    opened o;
    const uint8_t *data;
    const char *key, *value;
    size_t size;
    open_with(&o, pieces, 2, NULL);
    CU_ASSERT_EQUAL(idf_decoder_info(o.d, NULL), IDF_OK);
    idf_object_mem(o.d)->fail_in = n;
    status = idf_decoder_icc(o.d, &data, &size);
    other = idf_decoder_text(o.d, 0, &key, &value);
    idf_object_mem(o.d)->fail_in = -1;
    CU_ASSERT(status == IDF_OK || status == IDF_ERR_MEMORY);
    CU_ASSERT(other == IDF_OK || other == IDF_ERR_MEMORY);
    close_it(&o);
  }
  CU_ASSERT(status == IDF_OK && other == IDF_OK);
}

/* Inserts segments behind the first two bytes of a JPEG. */
static void insert(idf_buf *file, const void *data, size_t size)
{
  const size_t rest = file->len - 2;
  CU_ASSERT_TRUE_FATAL(idf_buf_reserve(file, size));
  memmove(file->data + 2 + size, file->data + 2, rest);
  memcpy(file->data + 2, data, size);
  file->len += size;
}

static void a_kept_jpeg_says_it_too(void)
{
  uint8_t app1[4 + 6 + sizeof exif - 1] = {0xff, 0xe1, 0,   2 + 6 + sizeof exif - 1,
                                           'E',  'x',  'i', 'f'};
  /* 300 dots an inch */
  static const char app0[] = "\xff\xe0\0\20JFIF\0\1\1\1\1\54\1\54\0\0";
  idf_mem mem;
  idf_buf file, out;
  idf_decoder *d;
  const uint8_t *data;
  size_t size;
  uint32_t x, y;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&file, &mem);
  idf_buf_init(&out, &mem);
  jpegkit_make(&file, &jpegkit_kinds[0], 16, 16, 0);
  memcpy(app1 + 10, exif, sizeof exif - 1);
  insert(&file, app1, sizeof app1);
  insert(&file, app0, sizeof app0 - 1);
  CU_ASSERT_EQUAL_FATAL(keptkit_encode(file.data, file.len, 1, -1, &out, NULL), IDF_OK);
  picture_source source = {out.data, out.len, 0};
  CU_ASSERT_EQUAL(idf_decoder_new(NULL, picture_read, &source, &d), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_info(d, NULL), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_orientation(d), 6);
  CU_ASSERT_EQUAL(idf_decoder_exif(d, &data, &size), IDF_OK);
  CU_ASSERT(size == sizeof exif - 1 && memcmp(data, exif, size) == 0);
  CU_ASSERT_EQUAL(idf_decoder_resolution(d, &x, &y), IDF_OK);
  CU_ASSERT(x == 11811 && y == 11811);
  idf_decoder_free(d);
  idf_buf_free(&file);
  idf_buf_free(&out);
}

static const idf_unit_test tests[] = {
    {"what the metadata say comes out", what_is_said_comes_out},
    {"what they do not say is an error of the call", what_is_not_said_is_an_error_of_the_call},
    {"all together is bounded", all_together_is_bounded},
    {"every allocation may fail", memory_may_fail},
    {"a kept JPEG says it too", a_kept_jpeg_says_it_too},
    {NULL, NULL}};

int idf_suite_decoder_facts(void)
{
  return idf_unit_suite("decoder_facts", tests);
}

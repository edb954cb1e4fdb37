/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_decoder_rows.c: every good file of tests/golden comes out as RGBA as a plain second
 * conversion says, however the calls are mixed; every allocation may fail.
 */
#include "goldenkit.h"

int idf_suite_decoder_rows(void);

/* Whether rows from `y` on are as the second conversion has them. */
static bool same8(const golden_file *f, const uint8_t *rgba, uint32_t y, uint32_t count)
{
  const size_t first = (size_t)y * f->info.width * 4;
  for (size_t i = 0; i < (size_t)count * f->info.width * 4; i++)
    if (rgba[i] != golden_round(f->rgba[first + i], 255))
      return false;
  return true;
}

static bool same16(const golden_file *f, const uint16_t *rgba, uint32_t y, uint32_t count)
{
  const size_t first = (size_t)y * f->info.width * 4;
  for (size_t i = 0; i < (size_t)count * f->info.width * 4; i++)
    if (rgba[i] != golden_round(f->rgba[first + i], 65535))
      return false;
  return true;
}

static void rgba_of(const golden_file *f, void *context)
{
  idf_unit_random *r = context;
  picture_source source = {f->data, f->size, 0};
  const size_t row = idf_row_bytes(&f->info), line = (size_t)f->info.width * 4;
  idf_mem mem;
  idf_decoder *d;
  idf_info out;
  idf_mem_init(&mem, UINT64_MAX);
  uint8_t *rows = idf_alloc(&mem, f->info.height, row);
  uint8_t *narrow = idf_alloc(&mem, f->info.height, line);
  uint16_t *wide = idf_alloc(&mem, f->info.height, 2 * line);
  CU_ASSERT_FATAL(rows && narrow && wide);
  CU_ASSERT_EQUAL(idf_decoder_new(NULL, picture_read, &source, &d), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_output(d, &out), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_info(d, NULL), IDF_OK);
  GOLDEN_ASSERT(f,
                idf_decoder_output(d, &out) == IDF_OK && memcmp(&out, &f->info, sizeof out) == 0);
  for (uint32_t y = 0; y < f->info.height;) {
    const uint32_t wish = 1 + idf_unit_below(r, 40), count = IDF_MIN(wish, f->info.height - y);
    switch (idf_unit_below(r, 3)) {
    case 0:
      GOLDEN_ASSERT(f, idf_decoder_rows(d, rows, count) == IDF_OK
                           && memcmp(rows, f->samples + y * row, count * row) == 0);
      break;
    case 1:
      GOLDEN_ASSERT(f, idf_decoder_rgba8(d, narrow, count) == IDF_OK && same8(f, narrow, y, count));
      break;
    default:
      GOLDEN_ASSERT(f, idf_decoder_rgba16(d, wide, count) == IDF_OK && same16(f, wide, y, count));
    }
    y += count;
  }
  CU_ASSERT_EQUAL(idf_decoder_rgba8(d, narrow, 1), IDF_ERR_ARGUMENT);
  GOLDEN_ASSERT(f, idf_decoder_finish(d) == IDF_OK);
  idf_decoder_free(d);
  idf_free(&mem, rows);
  idf_free(&mem, narrow);
  idf_free(&mem, wide);
}

static void every_good_file_as_rgba(void)
{
  idf_unit_random r = idf_unit_random_of(71);
  golden_each(rgba_of, &r);
}

static void indices_need_a_palette(void)
{
  static const uint8_t pixels[6] = {0, 1, 2, 3, 2, 1};
  const idf_info info = picture_info(3, 2, IDF_PALETTE, 2);
  uint8_t rgba[12];
  idf_mem mem;
  idf_buf file;
  idf_decoder *d;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&file, &mem);
  CU_ASSERT_EQUAL(picture_encode(&info, pixels, 10, &file), IDF_OK);
  picture_source source = {file.data, file.len, 0};
  CU_ASSERT_EQUAL(idf_decoder_new(NULL, picture_read, &source, &d), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_rows(d, rgba, 1), IDF_OK);
  CU_ASSERT_EQUAL(memcmp(rgba, pixels, 3), 0);
  CU_ASSERT_EQUAL(idf_decoder_rgba8(d, NULL, 1), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_rgba8(d, rgba, 1), IDF_ERR_CORRUPT);
  CU_ASSERT_STRING_EQUAL(idf_decoder_detail(d), "no palette");
  idf_decoder_free(d);
  idf_buf_free(&file);
}

static void null_is_an_error(void)
{
  idf_info info;
  CU_ASSERT_EQUAL(idf_decoder_rgba8(NULL, NULL, 0), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_rgba16(NULL, NULL, 0), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_output(NULL, &info), IDF_ERR_ARGUMENT);
}

/* With the n-th allocation failing: the status of two rows as RGBA. */
static idf_status failing(const golden_file *f, int64_t n)
{
  picture_source source = {f->data, f->size, 0};
  idf_decoder *d = NULL;
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  uint8_t *rows = idf_alloc(&mem, f->info.height, (size_t)4 * f->info.width);
  idf_status status = idf_decoder_create(NULL, picture_read, &source, n, &d);
  if (status == IDF_OK)
    status = idf_decoder_rgba8(d, rows, f->info.height);
  if (status == IDF_OK)
    GOLDEN_ASSERT(f, same8(f, rows, 0, f->info.height));
  idf_decoder_free(d);
  idf_free(&mem, rows);
  return status;
}

static void fail_each(const golden_file *f, void *context)
{
  (void)context;
  if (strcmp(f->name, "good-drawn-palette.idf") && strcmp(f->name, "good-kept-gray.idf"))
    return;
  for (int64_t n = 0; n < 10000; n++) {
    const idf_status status = failing(f, n);
    if (status == IDF_OK)
      return;
    GOLDEN_ASSERT(f, status == IDF_ERR_MEMORY);
  }
  CU_FAIL("allocations do not end");
}

static void every_allocation_may_fail(void)
{
  golden_each(fail_each, NULL);
}

static const idf_unit_test tests[] = {
    {"every good file as RGBA, calls mixed", every_good_file_as_rgba},
    {"indices without a palette are no colours", indices_need_a_palette},
    {"NULL is an error", null_is_an_error},
    {"every allocation may fail", every_allocation_may_fail},
    {NULL, NULL}};

int idf_suite_decoder_rows(void)
{
  return idf_unit_suite("decoder_rows", tests);
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_encoder_jpeg.c: JPEG files of every kind become an .idf, by any number of threads the same;
 * what cannot be kept is refused with a reason before a byte is written; every allocation may fail.
 */
#include "keptkit.h"

int idf_suite_encoder_jpeg(void);

/* The kind of jpegkit with its place, of a size, appended to a new buffer. */
static idf_buf make(idf_mem *mem, size_t kind, unsigned width, unsigned height)
{
  idf_buf file;
  idf_buf_init(&file, mem);
  jpegkit_make(&file, &jpegkit_kinds[kind], width, height, kind);
  return file;
}

/* Eight bands, and one. */
static void threads_change_no_byte(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  for (size_t kind = 0; kind < JPEGKIT_KINDS; kind += 4)
    for (unsigned tall = 0; tall < 2; tall++) {
      idf_buf file = make(&mem, kind, tall ? 40 : 90, tall ? 4000 : 70), one, four;
      idf_buf_init(&one, &mem);
      idf_buf_init(&four, &mem);
      CU_ASSERT_EQUAL(keptkit_encode(file.data, file.len, 1, -1, &one, NULL), IDF_OK);
      CU_ASSERT_EQUAL(keptkit_encode(file.data, file.len, 4, -1, &four, NULL), IDF_OK);
      CU_ASSERT(one.len > 0 && keptkit_same(&one, &four));
      idf_buf_free(&file);
      idf_buf_free(&one);
      idf_buf_free(&four);
    }
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* Each suffix is one byte of the record, and shows in the first bytes of the file. */
static void suffixes_are_remembered(void)
{
  static const char *const suffixes[] = {".jpg", ".jpeg", ".jpe", ".jfif",
                                         ".JPG", ".JPEG", ".JPE", ".JFIF"};
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf file = make(&mem, 4, 20, 30), out, back;
  idf_buf_init(&out, &mem);
  idf_buf_init(&back, &mem);
  for (size_t i = 0; i < 8; i++) {
    idf_encoder *e = NULL;
    keptkit_way way = keptkit_plain;
    way.original = true;
    idf_buf_clear(&out);
    CU_ASSERT_EQUAL_FATAL(
        idf_encoder_new_jpeg(NULL, file.data, file.len, picture_write, &out, &e, NULL), IDF_OK);
    CU_ASSERT_EQUAL(idf_encoder_suffix(e, ".jpG"), IDF_ERR_ARGUMENT);
    CU_ASSERT_EQUAL(idf_encoder_suffix(e, NULL), IDF_ERR_ARGUMENT);
    CU_ASSERT_EQUAL(idf_encoder_suffix(e, suffixes[i]), IDF_OK);
    CU_ASSERT_EQUAL(idf_encoder_suffix(e, "jpe"), IDF_ERR_ARGUMENT); /* and stays as it was */
    CU_ASSERT_EQUAL(idf_encoder_finish(e), IDF_OK);
    CU_ASSERT_EQUAL(idf_encoder_suffix(e, ".jpe"), IDF_ERR_ARGUMENT);
    idf_encoder_free(e);
    CU_ASSERT_STRING_EQUAL(idf_original_suffix(out.data, out.len), suffixes[i]);
    idf_buf_clear(&back);
    CU_ASSERT_EQUAL(keptkit_decode(out.data, out.len, &way, &back, NULL), IDF_OK);
    CU_ASSERT_TRUE(keptkit_same(&back, &file));
  }
  CU_ASSERT_EQUAL(idf_encoder_suffix(NULL, ".jpg"), IDF_ERR_ARGUMENT);
  idf_buf_free(&out);
  idf_buf_free(&back);
  idf_buf_free(&file);
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* The effort for speed: the other shape of the coder; the file comes back as well. */
static void efforts_have_their_shapes(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf file = make(&mem, 4, 200, 300), out[2], back;
  idf_buf_init(&back, &mem);
  for (int i = 0; i < 2; i++) {
    idf_encoder *e = NULL;
    idf_settings settings;
    keptkit_way way = keptkit_plain;
    idf_settings_init(&settings);
    settings.effort = i ? 1 : 5;
    way.original = true;
    idf_buf_init(&out[i], &mem);
    CU_ASSERT_EQUAL_FATAL(
        idf_encoder_new_jpeg(&settings, file.data, file.len, picture_write, &out[i], &e, NULL),
        IDF_OK);
    CU_ASSERT_EQUAL(idf_encoder_finish(e), IDF_OK);
    idf_encoder_free(e);
    idf_buf_clear(&back);
    CU_ASSERT_EQUAL(keptkit_decode(out[i].data, out[i].len, &way, &back, NULL), IDF_OK);
    CU_ASSERT_TRUE(keptkit_same(&back, &file));
  }
  CU_ASSERT_FALSE(keptkit_same(&out[0], &out[1]));
  for (int i = 0; i < 2; i++)
    idf_buf_free(&out[i]);
  idf_buf_free(&back);
  idf_buf_free(&file);
  CU_ASSERT_EQUAL(mem.used, 0);
}

static idf_status never_write(void *context, const uint8_t *data, size_t size)
{
  (void)context;
  (void)data;
  (void)size;
  CU_FAIL("written");
  return IDF_ERR_IO;
}

static void refused(const uint8_t *file, size_t len, const char *word)
{
  idf_encoder *e = NULL;
  const char *why = NULL;
  CU_ASSERT_EQUAL(idf_encoder_new_jpeg(NULL, file, len, never_write, NULL, &e, &why),
                  IDF_ERR_UNSUPPORTED);
  CU_ASSERT_PTR_NULL(e);
  CU_ASSERT(why && strstr(why, word));
  CU_ASSERT_EQUAL(idf_encoder_new_jpeg(NULL, file, len, never_write, NULL, &e, NULL),
                  IDF_ERR_UNSUPPORTED);
}

static void what_cannot_be_kept_is_refused(void)
{
  idf_mem mem;
  idf_buf file;
  jpegkit_kind kind = jpegkit_kinds[4];
  idf_mem_init(&mem, UINT64_MAX);
  refused((const uint8_t *)"", 0, "no JPEG");
  refused((const uint8_t *)"\377\330\377\331", 4, "no scan");
  file = make(&mem, 4, 60, 40);
  refused(file.data, file.len / 2, "ends");
  idf_buf_free(&file);
  kind.arithmetic = true;
  jpegkit_make(&file, &kind, 60, 40, 1);
  refused(file.data, file.len, "arithmetic");
  idf_buf_free(&file);
  /* The quantiser's first step, behind marker, length and place, to 255: DC leaves 8 bits. */
  file = make(&mem, 0, 60, 40);
  for (size_t at = 0; at + 69 < file.len; at++)
    if (file.data[at] == 0xff && file.data[at + 1] == 0xdb)
      file.data[at + 5] = 255;
  refused(file.data, file.len, "8 bits");
  idf_buf_free(&file);
  /* A progressive file that ends behind its first scan of the lowest frequencies. */
  file = make(&mem, 14, 60, 40);
  unsigned scans = 0;
  for (size_t at = 0; at + 1 < file.len; at++)
    if (file.data[at] == 0xff && file.data[at + 1] == 0xda && ++scans == 3)
      file.len = at;
  CU_ASSERT(scans == 3);
  refused(file.data, file.len, "complete");
  idf_buf_free(&file);
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void wrong_arguments_are_refused(void)
{
  idf_mem mem;
  idf_buf out;
  idf_encoder *e = NULL;
  idf_info info = {0};
  idf_settings settings;
  const char *why = "";
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&out, &mem);
  idf_buf file = make(&mem, 0, 60, 40);
  const uint8_t *data = file.data;
  CU_ASSERT_EQUAL(idf_encoder_new_jpeg(NULL, NULL, 3, picture_write, &out, &e, &why),
                  IDF_ERR_ARGUMENT);
  CU_ASSERT_PTR_NULL(why);
  CU_ASSERT_EQUAL(idf_encoder_new_jpeg(NULL, data, file.len, NULL, &out, &e, NULL),
                  IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_encoder_new_jpeg(NULL, data, file.len, picture_write, &out, NULL, &why),
                  IDF_ERR_ARGUMENT);
  idf_settings_init(&settings);
  settings.reserved[2] = 1;
  CU_ASSERT_EQUAL(idf_encoder_new_jpeg(&settings, data, file.len, picture_write, &out, &e, &why),
                  IDF_ERR_ARGUMENT);
  idf_settings_init(&settings);
  settings.max_memory = 20000;
  CU_ASSERT_EQUAL(idf_encoder_new_jpeg(&settings, data, file.len, picture_write, &out, &e, &why),
                  IDF_ERR_LIMIT);
  CU_ASSERT_PTR_NULL(why);
  CU_ASSERT_EQUAL(idf_encoder_info(NULL, &info), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_encoder_progress(NULL, NULL, NULL), IDF_ERR_ARGUMENT);

  CU_ASSERT_EQUAL_FATAL(idf_encoder_new_jpeg(NULL, data, file.len, picture_write, &out, &e, &why),
                        IDF_OK);
  CU_ASSERT_PTR_NULL(why);
  CU_ASSERT_EQUAL(idf_encoder_info(e, NULL), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_encoder_info(e, &info), IDF_OK);
  CU_ASSERT(info.width == 60 && info.height == 40 && info.layout == IDF_GRAY && info.depth == 8);
  CU_ASSERT_EQUAL(idf_encoder_rows(e, data, 0), IDF_OK);
  CU_ASSERT_EQUAL(idf_encoder_rows(e, data, 1), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_encoder_finish(e), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(out.len, 0);
  idf_encoder_free(e);

  CU_ASSERT_EQUAL_FATAL(idf_encoder_new_jpeg(NULL, data, file.len, picture_write, &out, &e, &why),
                        IDF_OK);
  CU_ASSERT_EQUAL(idf_encoder_finish(e), IDF_OK);
  CU_ASSERT_EQUAL(idf_encoder_progress(e, NULL, NULL), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_encoder_finish(e), IDF_ERR_ARGUMENT);
  idf_encoder_free(e);
  /* Rows of four inks are nothing an encoder takes. */
  info.layout = IDF_CMYK;
  CU_ASSERT_EQUAL(idf_encoder_new(NULL, &info, picture_write, &out, &e), IDF_ERR_ARGUMENT);
  idf_buf_free(&out);
  idf_buf_free(&file);
  CU_ASSERT_EQUAL(mem.used, 0);
}

typedef struct steps {
  uint32_t last, calls;
  bool rising;
} steps;

static void note_rows(void *context, uint32_t rows)
{
  steps *s = context;
  s->rising = s->rising && rows > s->last;
  s->last = rows;
  s->calls++;
}

static void progress_rises_to_the_height(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  for (unsigned threads = 1; threads < 4; threads += 2)
    for (int jpeg = 0; jpeg < 2; jpeg++) {
      idf_encoder *e = NULL;
      idf_settings settings;
      idf_buf out, file = make(&mem, 4, 24, 2500);
      idf_info info = picture_info(200, 300, IDF_RGB, 8);
      uint8_t *raw = picture_make(&mem, &info, PICTURE_SMOOTH, 1);
      steps s = {.rising = true};
      idf_buf_init(&out, &mem);
      idf_settings_init(&settings);
      settings.threads = threads;
      settings.tile_log2 = 6;
      CU_ASSERT_EQUAL_FATAL(
          jpeg ? idf_encoder_new_jpeg(&settings, file.data, file.len, picture_write, &out, &e, NULL)
               : idf_encoder_new(&settings, &info, picture_write, &out, &e),
          IDF_OK);
      CU_ASSERT_EQUAL(idf_encoder_progress(e, note_rows, &s), IDF_OK);
      if (!jpeg)
        CU_ASSERT_EQUAL(idf_encoder_rows(e, raw, info.height), IDF_OK);
      CU_ASSERT_EQUAL(idf_encoder_finish(e), IDF_OK);
      CU_ASSERT(s.rising && s.calls == 5 && s.last == (jpeg ? 2500 : info.height));
      idf_encoder_free(e);
      idf_buf_free(&out);
      idf_buf_free(&file);
      idf_free(&mem, raw);
    }
  CU_ASSERT_EQUAL(mem.used, 0);
}

static int at_once(void *context)
{
  (void)context;
  return 1;
}

static void cancelling_ends_it(void)
{
  idf_mem mem;
  idf_buf out;
  idf_encoder *e = NULL;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&out, &mem);
  idf_buf file = make(&mem, 4, 24, 2500);
  CU_ASSERT_EQUAL_FATAL(
      idf_encoder_new_jpeg(NULL, file.data, file.len, picture_write, &out, &e, NULL), IDF_OK);
  CU_ASSERT_EQUAL(idf_encoder_cancel_when(e, at_once, NULL), IDF_OK);
  CU_ASSERT_EQUAL(idf_encoder_finish(e), IDF_ERR_CANCELLED);
  CU_ASSERT_EQUAL(idf_encoder_finish(e), IDF_ERR_CANCELLED);
  idf_encoder_free(e);
  idf_buf_free(&out);
  idf_buf_free(&file);
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void every_allocation_may_fail(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  for (size_t kind = 3; kind < JPEGKIT_KINDS; kind += 9) {
    idf_buf file = make(&mem, kind, 40, 30);
    for (int64_t fail = 0;; fail++) {
      idf_buf out;
      const char *why;
      idf_buf_init(&out, &mem);
      const idf_status status = keptkit_encode(file.data, file.len, 1, fail, &out, &why);
      CU_ASSERT_PTR_NULL(why);
      CU_ASSERT(status == IDF_OK || status == IDF_ERR_MEMORY);
      idf_buf_free(&out);
      if (status == IDF_OK) {
        CU_ASSERT(fail > 20);
        break;
      }
    }
    idf_buf_free(&file);
  }
  CU_ASSERT_EQUAL(mem.used, 0);
}

int idf_suite_encoder_jpeg(void)
{
  static const idf_unit_test tests[] = {
      {"threads change no byte", threads_change_no_byte},
      {"suffixes are remembered", suffixes_are_remembered},
      {"efforts have their shapes", efforts_have_their_shapes},
      {"what cannot be kept is refused", what_cannot_be_kept_is_refused},
      {"wrong arguments are refused", wrong_arguments_are_refused},
      {"progress rises to the height", progress_rises_to_the_height},
      {"cancelling ends it", cancelling_ends_it},
      {"every allocation may fail", every_allocation_may_fail},
      {NULL, NULL},
  };
  return idf_unit_suite("encoder_jpeg", tests);
}

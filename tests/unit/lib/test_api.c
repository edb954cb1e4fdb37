/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_api.c: the simple calls, the models and the words, as a program would use them.
 */
#include "colour.h"
#include "container.h"
#include "idf.h"

#include "picture.h"
#include "unit.h"

int idf_suite_api(void);

static void simple_calls_come_back(void)
{
  static const idf_layout layouts[] = {IDF_GRAY, IDF_GRAY_ALPHA, IDF_RGB, IDF_RGBA, IDF_PALETTE};
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  for (int i = 0; i < 10; i++) {
    idf_info info = picture_info(37, 21, layouts[i % 5], i < 5 ? 8 : i % 5 == 4 ? 2 : 12), found;
    uint8_t *raw = picture_make(&mem, &info, PICTURE_SMOOTH, 1), *data = NULL;
    void *samples = NULL;
    size_t size = 0;
    CU_ASSERT_EQUAL_FATAL(idf_encode(&info, raw, &data, &size), IDF_OK);
    CU_ASSERT_EQUAL_FATAL(idf_decode(data, size, &found, &samples), IDF_OK);
    CU_ASSERT_EQUAL(memcmp(&info, &found, sizeof info), 0);
    CU_ASSERT_EQUAL(memcmp(raw, samples, idf_row_bytes(&info) * info.height), 0);
    idf_release(samples);
    CU_ASSERT_EQUAL(idf_decode(data, size - 1, &found, &samples), IDF_ERR_TRUNCATED);
    CU_ASSERT_PTR_NULL(samples);
    idf_release(data);
    idf_free(&mem, raw);
  }
  idf_release(NULL);
}

static void simple_calls_refuse(void)
{
  idf_info info = picture_info(2, 2, IDF_GRAY, 4), bad = picture_info(0, 2, IDF_GRAY, 4);
  uint8_t raw[4] = {1, 2, 3, 15}, *data = raw;
  void *samples = raw;
  size_t size = 1;
  CU_ASSERT_EQUAL(idf_encode(&bad, raw, &data, &size), IDF_ERR_ARGUMENT);
  CU_ASSERT_TRUE(!data && size == 0);
  CU_ASSERT_EQUAL(idf_encode(NULL, raw, &data, &size), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_encode(&info, NULL, &data, &size), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_encode(&info, raw, NULL, &size), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_encode(&info, raw, &data, NULL), IDF_ERR_ARGUMENT);
  raw[2] = 16;
  CU_ASSERT_EQUAL(idf_encode(&info, raw, &data, &size), IDF_ERR_ARGUMENT);
  CU_ASSERT_PTR_NULL(data);
  CU_ASSERT_EQUAL(idf_decode(raw, 4, &info, &samples), IDF_ERR_NOT_IDF);
  CU_ASSERT_PTR_NULL(samples);
  CU_ASSERT_EQUAL(idf_decode(NULL, 0, &info, &samples), IDF_ERR_NOT_IDF);
  CU_ASSERT_EQUAL(idf_decode(NULL, 1, &info, &samples), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decode(raw, 4, NULL, &samples), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decode(raw, 4, &info, NULL), IDF_ERR_ARGUMENT);
}

static void sizes_are_right(void)
{
  idf_info info = picture_info(10, 10, IDF_RGBA, 8);
  CU_ASSERT_EQUAL(idf_channels(IDF_GRAY), 1);
  CU_ASSERT_EQUAL(idf_channels(IDF_GRAY_ALPHA), 2);
  CU_ASSERT_EQUAL(idf_channels(IDF_RGB), 3);
  CU_ASSERT_EQUAL(idf_channels(IDF_RGBA), 4);
  CU_ASSERT_EQUAL(idf_channels(IDF_PALETTE), 1);
  CU_ASSERT_EQUAL(idf_channels(IDF_CMYK), 4);
  CU_ASSERT_EQUAL(idf_channels((idf_layout)6), 0);
  CU_ASSERT_EQUAL(idf_sample_bytes(&info), 1);
  CU_ASSERT_EQUAL(idf_row_bytes(&info), 40);
  info.depth = 9;
  CU_ASSERT_EQUAL(idf_sample_bytes(&info), 2);
  CU_ASSERT_EQUAL(idf_row_bytes(&info), 80);
  info.depth = 17;
  CU_ASSERT_EQUAL(idf_row_bytes(&info), 0);
}

static void every_colour_layer_has_a_name(void)
{
  for (unsigned i = 0; i <= IDF_COLOUR_COUNT; i++)
    for (unsigned k = 0; k < i; k++)
      CU_ASSERT_STRING_NOT_EQUAL(idf_colour_name(i), idf_colour_name(k));
  CU_ASSERT_STRING_EQUAL(idf_colour_name(IDF_COLOUR_JPEG), "JPEG");
  CU_ASSERT_STRING_EQUAL(idf_colour_name(IDF_COLOUR_COUNT), "unknown");
  CU_ASSERT_STRING_EQUAL(idf_colour_name(255), "unknown");
  CU_ASSERT_STRING_EQUAL(idf_conversion_name(1), "ffmpeg, BT.709");
  CU_ASSERT_STRING_EQUAL(idf_conversion_name(10), "PhotoCD");
  CU_ASSERT_STRING_EQUAL(idf_conversion_name(11), "unknown");
}

static void every_status_has_its_words(void)
{
  for (int i = IDF_OK; i <= IDF_ERR_CANCELLED; i++)
    for (int k = IDF_OK; k < i; k++)
      CU_ASSERT_STRING_NOT_EQUAL(idf_status_text((idf_status)i), idf_status_text((idf_status)k));
  CU_ASSERT_PTR_NOT_NULL(idf_status_text((idf_status)77));
  char header[40];
  snprintf(header, sizeof header, "%d.%d.%d", IDF_VERSION_MAJOR, IDF_VERSION_MINOR,
           IDF_VERSION_PATCH);
  CU_ASSERT_STRING_EQUAL(idf_version(), header);
  CU_ASSERT_TRUE(IDF_VERSION_NUMBER >= 0x000100);
}

/* A model read from bytes writes the same file as the built-in one it is a copy of,
 * and both read each other's. The picture is large enough to be taken for a photograph. */
static void loaded_models_work(void)
{
  const uint8_t *blob;
  size_t len;
  int effort;
  idf_model *loaded = NULL, *built_in = NULL;
  idf_mem mem;
  idf_info info = picture_info(200, 100, IDF_GRAY, 8);
  idf_settings settings;
  idf_buf files[2];

  blob = idf_model_data(0, &len, &effort);
  CU_ASSERT_PTR_NOT_NULL_FATAL(blob);
  CU_ASSERT_EQUAL_FATAL(idf_model_load(blob, len, &loaded), IDF_OK);
  CU_ASSERT_EQUAL_FATAL(idf_model_builtin(effort, &built_in), IDF_OK);
  CU_ASSERT_EQUAL(memcmp(idf_model_id(loaded), idf_model_id(built_in), 8), 0);
  CU_ASSERT_STRING_EQUAL(idf_model_name(loaded), idf_model_name(built_in));
  idf_mem_init(&mem, UINT64_MAX);
  uint8_t *raw = picture_make(&mem, &info, PICTURE_SMOOTH, 2);
  for (int i = 0; i < 2; i++) {
    idf_encoder *e = NULL;
    idf_buf_init(&files[i], &mem);
    idf_settings_init(&settings);
    settings.effort = effort;
    settings.model = i ? loaded : NULL;
    CU_ASSERT_EQUAL_FATAL(idf_encoder_new(&settings, &info, picture_write, &files[i], &e), IDF_OK);
    CU_ASSERT_EQUAL(idf_encoder_rows(e, raw, info.height), IDF_OK);
    CU_ASSERT_EQUAL(idf_encoder_finish(e), IDF_OK);
    idf_encoder_free(e);
  }
  CU_ASSERT_EQUAL_FATAL(files[0].len, files[1].len);
  CU_ASSERT_EQUAL(memcmp(files[0].data, files[1].data, files[0].len), 0);
  idf_decoder *d = NULL;
  idf_anatomy a;
  uint8_t back[200 * 100];
  picture_source source = {files[0].data, files[0].len, 0};
  CU_ASSERT_EQUAL_FATAL(idf_decoder_new(NULL, picture_read, &source, &d), IDF_OK);
  idf_decoder_model(d, loaded);
  CU_ASSERT_EQUAL(idf_decoder_rows(d, back, 100), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_finish(d), IDF_OK);
  CU_ASSERT_EQUAL(memcmp(back, raw, sizeof back), 0);
  idf_decoder_anatomy(d, &a);
  CU_ASSERT_EQUAL(memcmp(a.model_id, idf_model_id(loaded), 8), 0);
  uint64_t tiles = 0;
  CU_ASSERT_EQUAL(idf_decoder_method(d, IDF_TILE_FLOW, NULL, &tiles, NULL), IDF_OK);
  CU_ASSERT_EQUAL(tiles, 1);
  idf_decoder_free(d);
  for (int i = 0; i < 2; i++)
    idf_buf_free(&files[i]);
  idf_free(&mem, raw);
  idf_model_free(loaded);
  idf_model_free(built_in);
}

static void bad_models_are_refused(void)
{
  idf_model *model = NULL;
  static const uint8_t junk[100] = {1, 2, 3};
  CU_ASSERT_NOT_EQUAL(idf_model_load(junk, sizeof junk, &model), IDF_OK);
  CU_ASSERT_PTR_NULL(model);
  CU_ASSERT_NOT_EQUAL(idf_model_load(junk, 0, &model), IDF_OK);
  CU_ASSERT_EQUAL(idf_model_load(NULL, 5, &model), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_model_load(junk, 5, NULL), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_model_builtin(77, &model), IDF_ERR_UNSUPPORTED);
  CU_ASSERT_EQUAL(idf_model_builtin(5, NULL), IDF_ERR_ARGUMENT);
  idf_model_free(NULL);
}

/* The file that `settings` make of a picture of 70 x 40 gray samples. */
static idf_status encode_at(const idf_settings *settings, const uint8_t *raw, idf_buf *file)
{
  idf_info info = picture_info(70, 40, IDF_GRAY, 8);
  idf_encoder *e = NULL;
  idf_status status = idf_encoder_new(settings, &info, picture_write, file, &e);
  if (status == IDF_OK)
    status = idf_encoder_rows(e, raw, info.height);
  if (status == IDF_OK)
    status = idf_encoder_finish(e);
  idf_encoder_free(e);
  return status;
}

/* Built-in models and the caller's own, which was made ready for the best level. */
static void every_level_gives_the_same(void)
{
  idf_mem mem;
  idf_info info = picture_info(70, 40, IDF_GRAY, 8);
  idf_model *own = NULL;
  idf_buf first;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&first, &mem);
  uint8_t *raw = picture_make(&mem, &info, PICTURE_SMOOTH, 3), back[70 * 40];
  CU_ASSERT_EQUAL_FATAL(idf_model_builtin(5, &own), IDF_OK);
  CU_ASSERT_TRUE(idf_simd_available(IDF_SIMD_AUTO) && idf_simd_available(IDF_SIMD_NONE));
  CU_ASSERT_TRUE(idf_simd_best() != IDF_SIMD_AUTO && idf_simd_available(idf_simd_best()));
  for (int level = IDF_SIMD_AUTO; level <= IDF_SIMD_AVX512 + 1; level++)
    for (int given = 0; given < 2; given++) {
      idf_settings settings;
      idf_decoder *d = NULL;
      idf_buf file;
      idf_buf_init(&file, &mem);
      idf_settings_init(&settings);
      settings.simd = (idf_simd)level;
      settings.model = given ? own : NULL;
      if (!idf_simd_available((idf_simd)level)) {
        CU_ASSERT_EQUAL(encode_at(&settings, raw, &file), IDF_ERR_UNSUPPORTED);
        continue;
      }
      CU_ASSERT_EQUAL_FATAL(encode_at(&settings, raw, &file), IDF_OK);
      if (first.len == 0)
        idf_put_bytes(&first, file.data, file.len);
      CU_ASSERT_TRUE(file.len == first.len && memcmp(file.data, first.data, file.len) == 0);
      picture_source source = {first.data, first.len, 0};
      CU_ASSERT_EQUAL_FATAL(idf_decoder_new(NULL, picture_read, &source, &d), IDF_OK);
      CU_ASSERT_EQUAL(idf_decoder_simd(d, (idf_simd)(IDF_SIMD_AVX512 + 1)), IDF_ERR_UNSUPPORTED);
      CU_ASSERT_EQUAL(idf_decoder_simd(d, (idf_simd)level), IDF_OK);
      if (given)
        idf_decoder_model(d, own);
      memset(back, 0, sizeof back);
      CU_ASSERT_EQUAL(idf_decoder_rows(d, back, info.height), IDF_OK);
      CU_ASSERT_EQUAL(idf_decoder_finish(d), IDF_OK);
      CU_ASSERT_EQUAL(memcmp(back, raw, sizeof back), 0);
      idf_decoder_free(d);
      idf_buf_free(&file);
    }
  idf_buf_free(&first);
  idf_free(&mem, raw);
  idf_model_free(own);
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* Every pointer of every call: none crashes, and what has a status says whose fault it is. */
static void null_is_allowed_everywhere(void)
{
  idf_info info = picture_info(4, 4, IDF_GRAY, 8), found;
  idf_settings settings;
  idf_limits limits;
  idf_encoder *e = NULL;
  idf_decoder *d = NULL;
  idf_model *model = NULL;
  idf_anatomy anatomy, zeros;
  idf_tile_info tile;
  picture_source source = {NULL, 0, 0};
  uint8_t raw[16] = {0};
  const uint8_t *data;
  const char *name;
  char type[5];
  size_t size;
  uint64_t n;
  idf_mem mem;
  idf_buf buf;

  CU_ASSERT_EQUAL(idf_sample_bytes(NULL), 0);
  CU_ASSERT_EQUAL(idf_row_bytes(NULL), 0);
  idf_release(NULL);
  CU_ASSERT_EQUAL(idf_model_builtin(5, NULL), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_model_load(NULL, 0, &model), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_model_load(raw, 1, NULL), IDF_ERR_ARGUMENT);
  idf_model_free(NULL);
  CU_ASSERT_EQUAL(memcmp(idf_model_id(NULL), raw, 8), 0);
  CU_ASSERT_STRING_EQUAL(idf_model_name(NULL), "");

  idf_settings_init(NULL);
  idf_settings_init(&settings);
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&buf, &mem);
  CU_ASSERT_EQUAL(idf_encoder_new(NULL, NULL, picture_write, &buf, &e), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_encoder_new(NULL, &info, NULL, &buf, &e), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_encoder_new(NULL, &info, picture_write, &buf, NULL), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_encoder_cancel_when(NULL, NULL, NULL), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_encoder_metadata(NULL, "tEXt", raw, 1), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_encoder_rows(NULL, raw, 1), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_encoder_finish(NULL), IDF_ERR_ARGUMENT);
  idf_encoder_free(NULL);
  for (int what = 0; what < 3; what++) {
    CU_ASSERT_EQUAL_FATAL(idf_encoder_new(NULL, &info, picture_write, &buf, &e), IDF_OK);
    CU_ASSERT_EQUAL(idf_encoder_cancel_when(e, NULL, NULL), IDF_OK);
    CU_ASSERT_EQUAL(what == 0   ? idf_encoder_metadata(e, NULL, raw, 1)
                    : what == 1 ? idf_encoder_metadata(e, "tEXt", NULL, 1)
                                : idf_encoder_rows(e, NULL, 1),
                    IDF_ERR_ARGUMENT);
    idf_encoder_free(e);
  }
  idf_buf_free(&buf);

  memset(&zeros, 0, sizeof zeros);
  idf_limits_init(NULL);
  idf_limits_init(&limits);
  CU_ASSERT_EQUAL(idf_decoder_new(NULL, NULL, NULL, &d), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_new(NULL, picture_read, &source, NULL), IDF_ERR_ARGUMENT);
  for (int what = 0; what < 2; what++) {
    if (what)
      CU_ASSERT_EQUAL_FATAL(idf_decoder_new(&limits, picture_read, &source, &d), IDF_OK);
    idf_decoder_model(d, NULL);
    idf_decoder_keep_going(d, 0);
    idf_decoder_threads(d, 1);
    idf_decoder_measure(d, NULL, NULL);
    CU_ASSERT_EQUAL(idf_decoder_simd(d, IDF_SIMD_AUTO), what ? IDF_OK : IDF_ERR_ARGUMENT);
    CU_ASSERT_EQUAL(idf_decoder_cancel_when(d, NULL, NULL), what ? IDF_OK : IDF_ERR_ARGUMENT);
    CU_ASSERT_EQUAL(idf_decoder_metadata(d, 0, type, &data, &size, NULL), IDF_ERR_ARGUMENT);
    CU_ASSERT_EQUAL(idf_decoder_metadata(d, 0, NULL, NULL, NULL, NULL), IDF_ERR_ARGUMENT);
    CU_ASSERT_EQUAL(idf_decoder_method(d, 0, &name, &n, &n), what ? IDF_OK : IDF_ERR_ARGUMENT);
    CU_ASSERT_EQUAL(idf_decoder_method(d, 0, NULL, NULL, NULL), what ? IDF_OK : IDF_ERR_ARGUMENT);
    CU_ASSERT_EQUAL(idf_decoder_tile(d, 0, &tile), IDF_ERR_ARGUMENT);
    CU_ASSERT_EQUAL(idf_decoder_tile(d, 0, NULL), IDF_ERR_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(idf_decoder_detail(d), "");
    CU_ASSERT_EQUAL(idf_decoder_limit(d), IDF_LIMIT_NONE);
    memset(&anatomy, 1, sizeof anatomy);
    idf_decoder_anatomy(d, NULL);
    idf_decoder_anatomy(d, &anatomy);
    CU_ASSERT_EQUAL(memcmp(&anatomy, &zeros, sizeof zeros), 0);
    CU_ASSERT_EQUAL(idf_decoder_info(d, &found), what ? IDF_ERR_NOT_IDF : IDF_ERR_ARGUMENT);
    CU_ASSERT_EQUAL(idf_decoder_info(d, NULL), what ? IDF_ERR_NOT_IDF : IDF_ERR_ARGUMENT);
    CU_ASSERT_EQUAL(idf_decoder_rows(d, NULL, 1), what ? IDF_ERR_NOT_IDF : IDF_ERR_ARGUMENT);
    CU_ASSERT_EQUAL(idf_decoder_finish(d), what ? IDF_ERR_NOT_IDF : IDF_ERR_ARGUMENT);
    idf_decoder_free(d);
  }
}

/* What a later version may want is refused, and never ignored. */
static void reserved_members_are_zero(void)
{
  idf_info info = picture_info(4, 4, IDF_GRAY, 8);
  _Static_assert(sizeof(((idf_settings *)NULL)->reserved) == 7 * 8
                     && sizeof(((idf_limits *)NULL)->reserved) == 8 * 8,
                 "7 and 8 of them");
  for (size_t i = 0; i < 8; i++) {
    idf_settings settings;
    idf_limits limits;
    idf_encoder *e = NULL;
    idf_decoder *d = NULL;
    idf_settings_init(&settings);
    idf_limits_init(&limits);
    CU_ASSERT_TRUE(settings.reserved[i % 7] == 0 && limits.reserved[i] == 0);
    settings.reserved[i % 7] = (uint64_t)1 << (8 * i);
    limits.reserved[i] = (uint64_t)1 << (8 * i);
    CU_ASSERT_EQUAL(idf_encoder_new(&settings, &info, picture_write, NULL, &e), IDF_ERR_ARGUMENT);
    CU_ASSERT_EQUAL(idf_decoder_new(&limits, picture_read, NULL, &d), IDF_ERR_ARGUMENT);
    CU_ASSERT_TRUE(!e && !d);
  }
}

typedef struct patience {
  _Atomic int asked;
  int most; /* questions before the answer is yes */
} patience;

static int out_of_patience(void *context)
{
  patience *p = context;
  return ++p->asked > p->most;
}

/* Cancels after `most` questions; the status that came, and again at the second call. */
static idf_status encode_until(const uint8_t *raw, unsigned threads, int most, patience *p,
                               idf_buf *file)
{
  const idf_info info = picture_info(200, 140, IDF_GRAY, 8);
  idf_settings settings;
  idf_encoder *e = NULL;
  *p = (patience){.most = most};
  idf_settings_init(&settings);
  settings.tile_log2 = 6;
  settings.threads = threads;
  CU_ASSERT_EQUAL_FATAL(idf_encoder_new(&settings, &info, picture_write, file, &e), IDF_OK);
  CU_ASSERT_EQUAL(idf_encoder_cancel_when(e, out_of_patience, p), IDF_OK);
  idf_status status = idf_encoder_rows(e, raw, info.height);
  if (status == IDF_OK)
    status = idf_encoder_finish(e);
  else
    CU_ASSERT_TRUE(idf_encoder_rows(e, raw, 1) == status && idf_encoder_finish(e) == status);
  idf_encoder_free(e);
  return status;
}

static idf_status decode_until(const idf_buf *file, unsigned threads, int most, patience *p,
                               uint8_t *back)
{
  picture_source source = {file->data, file->len, 0};
  idf_decoder *d = NULL;
  *p = (patience){.most = most};
  CU_ASSERT_EQUAL_FATAL(idf_decoder_new(NULL, picture_read, &source, &d), IDF_OK);
  idf_decoder_threads(d, threads);
  CU_ASSERT_EQUAL(idf_decoder_cancel_when(d, out_of_patience, p), IDF_OK);
  idf_decoder_keep_going(d, 1); /* a caller who cancels is no damage */
  idf_status status = idf_decoder_rows(d, back, 140);
  if (status == IDF_OK)
    status = idf_decoder_finish(d);
  else
    CU_ASSERT_TRUE(idf_decoder_rows(d, back, 1) == status && idf_decoder_finish(d) == status);
  idf_decoder_free(d);
  return status;
}

static void work_can_be_cancelled(void)
{
  idf_mem mem;
  idf_info info = picture_info(200, 140, IDF_GRAY, 8);
  patience p;
  idf_mem_init(&mem, UINT64_MAX);
  uint8_t *raw = picture_make(&mem, &info, PICTURE_SMOOTH, 4);
  uint8_t *back = idf_alloc(&mem, 200, 140);
  for (unsigned threads = 1; threads <= 4; threads += 3) {
    idf_buf file;
    idf_buf_init(&file, &mem);
    CU_ASSERT_EQUAL_FATAL(encode_until(raw, threads, INT32_MAX, &p, &file), IDF_OK);
    CU_ASSERT_TRUE(p.asked >= 12); /* at least once for each tile */
    for (int most = 0; most < 12; most += 1 + most / 3) {
      idf_buf part;
      idf_buf_init(&part, &mem);
      CU_ASSERT_EQUAL(encode_until(raw, threads, most, &p, &part), IDF_ERR_CANCELLED);
      CU_ASSERT_TRUE(p.asked > most && p.asked <= most + (int)threads);
      CU_ASSERT_TRUE(part.len < file.len);
      idf_buf_free(&part);
    }
    CU_ASSERT_EQUAL(decode_until(&file, threads, INT32_MAX, &p, back), IDF_OK);
    CU_ASSERT_TRUE(p.asked >= 12);
    CU_ASSERT_EQUAL(memcmp(back, raw, 200 * 140), 0);
    for (int most = 0; most < 12; most += 1 + most / 3) {
      CU_ASSERT_EQUAL(decode_until(&file, threads, most, &p, back), IDF_ERR_CANCELLED);
      CU_ASSERT_TRUE(p.asked > most && p.asked <= most + (int)threads);
    }
    idf_buf_free(&file);
  }
  idf_free(&mem, back);
  idf_free(&mem, raw);
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* Inside one tile, of either kind, at every effort: some dozen questions at least, and the
 * answer is heard at once. */
static void a_tile_can_be_cancelled(void)
{
  static const struct {
    int kind, effort;
  } cases[] = {{PICTURE_SMOOTH, 1}, {PICTURE_SMOOTH, 5}, {PICTURE_SMOOTH, 9}, {-1, 5}};
  const idf_info info = picture_info(200, 200, IDF_GRAY, 8);
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    uint8_t *raw = picture_make(&mem, &info, cases[c].kind < 0 ? PICTURE_FLAT : cases[c].kind, 4);
    uint8_t *back = idf_alloc(&mem, 200, 200);
    idf_buf file;
    for (size_t i = 0; cases[c].kind < 0 && i < 200 * 200; i++) /* drawn */
      raw[i] = (i / 5) % 7 < 3 && i / 200 % 9 < 4 ? 10 : 200;
    idf_buf_init(&file, &mem);
    for (int round = 0; round < 2; round++) {
      patience p = {.most = round ? 30 : INT32_MAX};
      idf_settings settings;
      idf_encoder *e = NULL;
      idf_decoder *d = NULL;
      idf_buf part;
      idf_buf_init(&part, &mem);
      idf_settings_init(&settings);
      settings.effort = cases[c].effort;
      CU_ASSERT_EQUAL_FATAL(
          idf_encoder_new(&settings, &info, picture_write, round ? &part : &file, &e), IDF_OK);
      CU_ASSERT_EQUAL(idf_encoder_cancel_when(e, out_of_patience, &p), IDF_OK);
      CU_ASSERT_EQUAL(idf_encoder_rows(e, raw, 200), round ? IDF_ERR_CANCELLED : IDF_OK);
      CU_ASSERT_EQUAL(idf_encoder_finish(e), round ? IDF_ERR_CANCELLED : IDF_OK);
      CU_ASSERT_TRUE(round ? p.asked == 31 : p.asked >= 50);
      idf_encoder_free(e);
      idf_buf_free(&part);
      picture_source source = {file.data, file.len, 0};
      p = (patience){.most = round ? 30 : INT32_MAX};
      CU_ASSERT_EQUAL_FATAL(idf_decoder_new(NULL, picture_read, &source, &d), IDF_OK);
      CU_ASSERT_EQUAL(idf_decoder_cancel_when(d, out_of_patience, &p), IDF_OK);
      CU_ASSERT_EQUAL(idf_decoder_rows(d, back, 200), round ? IDF_ERR_CANCELLED : IDF_OK);
      CU_ASSERT_EQUAL(idf_decoder_finish(d), round ? IDF_ERR_CANCELLED : IDF_OK);
      CU_ASSERT_TRUE(round ? p.asked == 31 : p.asked >= 50);
      idf_decoder_free(d);
    }
    CU_ASSERT_EQUAL(memcmp(raw, back, 200 * 200), 0);
    idf_buf_free(&file);
    idf_free(&mem, raw);
    idf_free(&mem, back);
  }
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* A header, then records of these kinds, the first of `size` bytes; cut after `len`. */
static bool told_as_jpeg(const char *kinds, size_t size, size_t len)
{
  static const uint8_t payload[5000];
  const idf_header header = {.width = 3, .height = 2, .depth = 8, .tile_log2 = 9, .tier = 5};
  idf_mem mem;
  idf_buf file;

  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&file, &mem);
  idf_write_header(IDF_SIMD_NONE, &file, &header);
  for (size_t i = 0; kinds[i]; i++)
    idf_write_record(IDF_SIMD_NONE, &file, (uint8_t)kinds[i], payload, i ? 9 : size);
  const char *suffix = idf_original_suffix(file.data, IDF_MIN(len, file.len));
  idf_buf_free(&file);
  return suffix && strcmp(suffix, ".jpg") == 0;
}

static void jpegs_are_told_by_frames(void)
{
  CU_ASSERT(told_as_jpeg("J", 9, SIZE_MAX));
  CU_ASSERT(told_as_jpeg("J", 5000, 4096)); /* its frame tells */
  CU_ASSERT(told_as_jpeg("MPaJ", 9, 4096));
  CU_ASSERT(!told_as_jpeg("T", 9, SIZE_MAX));
  CU_ASSERT(!told_as_jpeg("MTJ", 9, SIZE_MAX));
  CU_ASSERT(!told_as_jpeg("MJ", 5000, 4096)); /* too far away */
  CU_ASSERT(!told_as_jpeg("", 9, SIZE_MAX));
  for (size_t len = 0; len < 25; len++)
    CU_ASSERT(!told_as_jpeg("J", 9, len));
  CU_ASSERT_PTR_NULL(idf_original_suffix((const uint8_t *)"\xff\xd8\xff\xe0", 4));
  CU_ASSERT_PTR_NULL(idf_original_suffix(NULL, 4));
}

int idf_suite_api(void)
{
  static const idf_unit_test tests[] = {
      {"simple calls come back", simple_calls_come_back},
      {"simple calls refuse", simple_calls_refuse},
      {"sizes are right", sizes_are_right},
      {"every colour layer has a name", every_colour_layer_has_a_name},
      {"every status has its words", every_status_has_its_words},
      {"loaded models work", loaded_models_work},
      {"bad models are refused", bad_models_are_refused},
      {"every level gives the same", every_level_gives_the_same},
      {"a JPEG is told by the frames", jpegs_are_told_by_frames},
      {"NULL is allowed everywhere", null_is_allowed_everywhere},
      {"reserved members are zero", reserved_members_are_zero},
      {"work can be cancelled", work_can_be_cancelled},
      {"a tile can be cancelled", a_tile_can_be_cancelled},
      {NULL, NULL}};
  return idf_unit_suite("api", tests);
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_api.c: the simple calls, the models and the words, as a program would use them.
 */
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
  CU_ASSERT_EQUAL(idf_channels((idf_layout)5), 0);
  CU_ASSERT_EQUAL(idf_sample_bytes(&info), 1);
  CU_ASSERT_EQUAL(idf_row_bytes(&info), 40);
  info.depth = 9;
  CU_ASSERT_EQUAL(idf_sample_bytes(&info), 2);
  CU_ASSERT_EQUAL(idf_row_bytes(&info), 80);
  info.depth = 17;
  CU_ASSERT_EQUAL(idf_row_bytes(&info), 0);
}

static void every_status_has_its_words(void)
{
  for (int i = IDF_OK; i <= IDF_ERR_ARGUMENT; i++)
    for (int k = IDF_OK; k < i; k++)
      CU_ASSERT_STRING_NOT_EQUAL(idf_status_text((idf_status)i), idf_status_text((idf_status)k));
  CU_ASSERT_PTR_NOT_NULL(idf_status_text((idf_status)77));
  CU_ASSERT_TRUE(strlen(idf_version()) > 0);
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
  CU_ASSERT_EQUAL(a.tiles_by_method[IDF_TILE_FLOW], 1);
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

int idf_suite_api(void)
{
  static const idf_unit_test tests[] = {{"simple calls come back", simple_calls_come_back},
                                        {"simple calls refuse", simple_calls_refuse},
                                        {"sizes are right", sizes_are_right},
                                        {"every status has its words", every_status_has_its_words},
                                        {"loaded models work", loaded_models_work},
                                        {"bad models are refused", bad_models_are_refused},
                                        {"every level gives the same", every_level_gives_the_same},
                                        {NULL, NULL}};
  return idf_unit_suite("api", tests);
}

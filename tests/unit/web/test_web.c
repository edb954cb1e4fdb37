/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_web.c: what JavaScript learns of a file is what the library says.
 */
#include "web.h"

#include "keptkit.h"
#include "unit.h"

int idf_suite_web(void);

/* A picture of several tiles, and its file. */
typedef struct sample {
  idf_mem mem;
  idf_info info;
  uint8_t *pixels;
  idf_buf file;
} sample;

static void sample_init(sample *s)
{
  idf_mem_init(&s->mem, UINT64_MAX);
  idf_buf_init(&s->file, &s->mem);
  s->info = picture_info(100, 70, IDF_RGB, 8);
  s->pixels = picture_make(&s->mem, &s->info, PICTURE_SMOOTH, 5);
  CU_ASSERT_EQUAL_FATAL(picture_encode(&s->info, s->pixels, 6, &s->file), IDF_OK);
}

static void sample_free(sample *s)
{
  idf_free(&s->mem, s->pixels);
  idf_buf_free(&s->file);
  CU_ASSERT_EQUAL(s->mem.used, 0);
}

static void facts_are_the_librarys(void)
{
  sample s;
  idf_web *web;
  idf_anatomy anatomy;
  double fact[IDF_WEB_FACTS];

  sample_init(&s);
  CU_ASSERT_EQUAL_FATAL(idf_web_new(s.file.data, s.file.len, 0, 0, &web), IDF_OK);
  CU_ASSERT_EQUAL(idf_web_info(web), IDF_OK);
  idf_web_facts(web, fact);
  CU_ASSERT_EQUAL(fact[IDF_WEB_WIDTH], 100);
  CU_ASSERT_EQUAL(fact[IDF_WEB_HEIGHT], 70);
  CU_ASSERT_EQUAL(fact[IDF_WEB_LAYOUT], IDF_RGB);
  CU_ASSERT_EQUAL(fact[IDF_WEB_DEPTH], 8);
  CU_ASSERT_EQUAL(fact[IDF_WEB_CHANNELS], 3);
  CU_ASSERT_EQUAL(fact[IDF_WEB_ROW_BYTES], 300);
  CU_ASSERT_EQUAL(fact[IDF_WEB_TILE_SIDE], 64);
  CU_ASSERT_EQUAL(fact[IDF_WEB_TILES_ACROSS], 2);
  CU_ASSERT_EQUAL(fact[IDF_WEB_TILES_DOWN], 2);
  CU_ASSERT_EQUAL(fact[IDF_WEB_ORIGINAL_BYTES], 0);
  uint8_t *rows = idf_alloc(&s.mem, 300, 70);
  CU_ASSERT_EQUAL(idf_decoder_rows(idf_web_decoder(web), rows, 70), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_finish(idf_web_decoder(web)), IDF_OK);
  CU_ASSERT_EQUAL(memcmp(rows, s.pixels, 300 * 70), 0);
  idf_decoder_anatomy(idf_web_decoder(web), &anatomy);
  idf_web_facts(web, fact);
  CU_ASSERT_EQUAL(fact[IDF_WEB_FILE_BYTES], (double)s.file.len);
  CU_ASSERT_EQUAL(fact[IDF_WEB_HEADER_BYTES], (double)anatomy.header_bytes);
  CU_ASSERT_EQUAL(fact[IDF_WEB_METADATA_BYTES], (double)anatomy.metadata_bytes);
  CU_ASSERT_EQUAL(fact[IDF_WEB_TILE_BYTES], (double)anatomy.tile_bytes);
  CU_ASSERT_EQUAL(fact[IDF_WEB_INDEX_BYTES], (double)anatomy.index_bytes);
  CU_ASSERT_EQUAL(fact[IDF_WEB_EFFORT], anatomy.effort);
  CU_ASSERT_EQUAL(fact[IDF_WEB_TILES_LOST], 0);
  CU_ASSERT_EQUAL(fact[IDF_WEB_MODEL_BITS], 0);
  idf_free(&s.mem, rows);
  idf_web_free(web);
  sample_free(&s);
}

static void every_pixel_has_its_bits(void)
{
  sample s;
  idf_web *web;
  double fact[IDF_WEB_FACTS], sum = 0;
  bool all = true;

  sample_init(&s);
  float *bits = idf_alloc(&s.mem, 100 * 70, sizeof *bits);
  uint8_t *rows = idf_alloc(&s.mem, 300, 70);
  for (size_t i = 0; i < 100 * 70; i++)
    bits[i] = -1;
  CU_ASSERT_EQUAL_FATAL(idf_web_new(s.file.data, s.file.len, 0, 0, &web), IDF_OK);
  CU_ASSERT_EQUAL(idf_web_info(web), IDF_OK);
  idf_web_measure(web, bits);
  CU_ASSERT_EQUAL(idf_decoder_rows(idf_web_decoder(web), rows, 70), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_finish(idf_web_decoder(web)), IDF_OK);
  for (size_t i = 0; i < 100 * 70; i++) {
    all = all && bits[i] >= 0;
    sum += (double)bits[i];
  }
  CU_ASSERT_TRUE(all);
  idf_web_facts(web, fact);
  CU_ASSERT_TRUE(fact[IDF_WEB_MODEL_BITS] > 0);
  CU_ASSERT_DOUBLE_EQUAL(sum, fact[IDF_WEB_MODEL_BITS], sum / 1000);
  idf_free(&s.mem, rows);
  idf_free(&s.mem, bits);
  idf_web_free(web);
  sample_free(&s);
}

static void the_original_fits_exactly(void)
{
  idf_mem mem;
  idf_buf jpeg, file;
  idf_web *web;
  double fact[IDF_WEB_FACTS];

  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&jpeg, &mem);
  idf_buf_init(&file, &mem);
  jpegkit_make(&jpeg, &jpegkit_kinds[0], 40, 30, 0);
  CU_ASSERT_EQUAL_FATAL(keptkit_encode(jpeg.data, jpeg.len, 1, -1, &file, NULL), IDF_OK);
  uint8_t *back = idf_alloc(&mem, jpeg.len + 1, 1);
  for (int off = -1; off <= 1; off++) {
    CU_ASSERT_EQUAL_FATAL(idf_web_new(file.data, file.len, 0, 0, &web), IDF_OK);
    CU_ASSERT_EQUAL(idf_web_info(web), IDF_OK);
    idf_web_facts(web, fact);
    CU_ASSERT_EQUAL(fact[IDF_WEB_ORIGINAL_BYTES], (double)jpeg.len);
    CU_ASSERT_EQUAL(idf_web_original(web, back, jpeg.len + (size_t)off),
                    off ? IDF_ERR_ARGUMENT : IDF_OK);
    idf_web_free(web);
  }
  CU_ASSERT_EQUAL(memcmp(back, jpeg.data, jpeg.len), 0);
  idf_free(&mem, back);
  idf_buf_free(&jpeg);
  idf_buf_free(&file);
}

static void limits_and_damage_are_errors(void)
{
  sample s;
  idf_web *web;

  sample_init(&s);
  CU_ASSERT_EQUAL_FATAL(idf_web_new(s.file.data, s.file.len, 6999, 0, &web), IDF_OK);
  CU_ASSERT_EQUAL(idf_web_info(web), IDF_ERR_LIMIT);
  idf_web_free(web);
  CU_ASSERT_EQUAL(idf_web_new(s.file.data, s.file.len, 0, 1000, &web), IDF_ERR_LIMIT);
  CU_ASSERT_PTR_NULL(web);
  CU_ASSERT_EQUAL_FATAL(idf_web_new(s.file.data, 20, 0, 0, &web), IDF_OK);
  CU_ASSERT_EQUAL(idf_web_info(web), IDF_ERR_TRUNCATED);
  idf_web_free(web);
  CU_ASSERT_EQUAL_FATAL(idf_web_new(NULL, 0, 0, 0, &web), IDF_OK);
  CU_ASSERT_NOT_EQUAL(idf_web_info(web), IDF_OK);
  idf_web_free(web);
  idf_web_free(NULL);
  sample_free(&s);
}

int idf_suite_web(void)
{
  static const idf_unit_test tests[] = {
      {"facts are the library's", facts_are_the_librarys},
      {"every pixel has its bits", every_pixel_has_its_bits},
      {"the original fits exactly", the_original_fits_exactly},
      {"limits and damage are errors", limits_and_damage_are_errors},
      {NULL, NULL}};
  return idf_unit_suite("web", tests);
}

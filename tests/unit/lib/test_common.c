/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_common.c: what an image may be, its samples in both forms, built-in models.
 */
#include "crc32c.h"
#include "internal.h"
#include "picture.h"
#include "unit.h"

int idf_suite_common(void);

static void only_allowed_images_are_valid(void)
{
  for (uint32_t depth = 0; depth < 20; depth++)
    for (int layout = 0; layout < 7; layout++) {
      idf_info info = picture_info(3, 4, (idf_layout)layout, depth);
      bool want = layout == IDF_CMYK
                      ? depth == 8
                      : layout < 5 && depth >= 1 && depth <= (layout == IDF_PALETTE ? 8u : 16u);
      CU_ASSERT_EQUAL(idf_info_valid(&info), want);
    }
  static const uint32_t sides[] = {0, 1, IDF_MAX_SIDE, IDF_MAX_SIDE + 1, UINT32_MAX};
  for (size_t i = 0; i < 5; i++) {
    idf_info wide = picture_info(sides[i], 1, IDF_GRAY, 8);
    idf_info tall = picture_info(1, sides[i], IDF_GRAY, 8);
    CU_ASSERT_EQUAL(idf_info_valid(&wide), i == 1 || i == 2);
    CU_ASSERT_EQUAL(idf_info_valid(&tall), i == 1 || i == 2);
  }
}

static void samples_change_form_and_back(void)
{
  uint16_t in[1000], back[1000];
  uint8_t raw[2001], again[2001];
  idf_unit_random r = idf_unit_random_of(10);
  for (unsigned bytes = 1; bytes <= 2; bytes++) {
    for (size_t i = 0; i < 1000; i++)
      in[i] = (uint16_t)(idf_unit_next(&r) & (bytes == 1 ? 0xff : 0xffff));
    idf_pack_samples(in, bytes, 1000, raw + 1); /* on an odd address */
    idf_unpack_samples(raw + 1, bytes, 1000, back);
    CU_ASSERT_EQUAL(memcmp(in, back, sizeof in), 0);
    idf_pack_samples(back, bytes, 1000, again + 1);
    CU_ASSERT_EQUAL(memcmp(raw + 1, again + 1, 1000 * bytes), 0);
  }
}

static void the_checksum_is_of_little_endian_bytes(void)
{
  static uint16_t samples[5000];
  static uint8_t bytes[10000];
  idf_unit_random r = idf_unit_random_of(11);
  for (size_t i = 0; i < 5000; i++) {
    samples[i] = (uint16_t)idf_unit_next(&r);
    bytes[2 * i] = (uint8_t)samples[i];
    bytes[2 * i + 1] = (uint8_t)(samples[i] >> 8);
  }
  CU_ASSERT_EQUAL(idf_samples_crc(IDF_SIMD_AUTO, 0, samples, 2, 5000),
                  idf_crc32c(IDF_SIMD_AUTO, 0, bytes, 10000));
  uint32_t crc = idf_samples_crc(IDF_SIMD_AUTO, 0, samples, 2, 1234);
  CU_ASSERT_EQUAL(idf_samples_crc(IDF_SIMD_AUTO, crc, samples + 1234, 2, 5000 - 1234),
                  idf_crc32c(IDF_SIMD_AUTO, 0, bytes, 10000));
  for (size_t i = 0; i < 5000; i++)
    bytes[i] = (uint8_t)samples[i];
  CU_ASSERT_EQUAL(idf_samples_crc(IDF_SIMD_AUTO, 0, samples, 1, 5000),
                  idf_crc32c(IDF_SIMD_AUTO, 0, bytes, 5000));
}

static void objects_are_charged_to_themselves(void)
{
  idf_status status = IDF_OK;
  idf_mem *object = idf_object_new(1000, 10000, 5, &status);
  CU_ASSERT_PTR_NOT_NULL_FATAL(object);
  CU_ASSERT_TRUE(object->used >= 1000 && object->peak == object->used);
  CU_ASSERT_EQUAL(object->fail_in, 4);
  idf_free(NULL, object);
  CU_ASSERT_PTR_NULL(idf_object_new(1000, 900, -1, &status));
  CU_ASSERT_EQUAL(status, IDF_ERR_LIMIT);
  CU_ASSERT_PTR_NULL(idf_object_new(1000, 10000, 0, &status));
  CU_ASSERT_EQUAL(status, IDF_ERR_MEMORY);
}

static void built_in_models_are_found(void)
{
  static const uint8_t nobody[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  idf_mem mem;
  const uint8_t *data;
  size_t len;
  int effort;
  unsigned count = 0;

  idf_mem_init(&mem, UINT64_MAX);
  for (; (data = idf_model_data(count, &len, &effort)) != NULL; count++) {
    idf_model *by_effort = NULL, *by_id = NULL;
    CU_ASSERT_EQUAL_FATAL(idf_builtin_by_effort(&mem, effort, &by_effort), IDF_OK);
    CU_ASSERT_EQUAL_FATAL(idf_builtin_by_id(&mem, idf_model_hash(by_effort), &by_id), IDF_OK);
    CU_ASSERT_EQUAL(memcmp(idf_model_hash(by_effort), idf_model_hash(by_id), 32), 0);
    CU_ASSERT_EQUAL(strcmp(idf_model_title(by_effort), idf_model_title(by_id)), 0);
    idf_model_release(&mem, by_id);
    idf_model_release(&mem, by_effort);
  }
  CU_ASSERT_TRUE(count >= 1);
  idf_model *model = NULL;
  CU_ASSERT_EQUAL(idf_builtin_by_id(&mem, nobody, &model), IDF_ERR_UNSUPPORTED);
  CU_ASSERT_PTR_NULL(model);
  CU_ASSERT_EQUAL(idf_builtin_by_effort(&mem, 0, &model), IDF_ERR_UNSUPPORTED);
  CU_ASSERT_EQUAL(idf_builtin_by_effort(&mem, -3, &model), IDF_ERR_UNSUPPORTED);
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* What a decoder says to a file of one header with such samples. */
static idf_status read_layout(unsigned layout, unsigned depth)
{
  const idf_header header = {.width = 3,
                             .height = 2,
                             .layout = (uint8_t)layout,
                             .depth = (uint8_t)depth,
                             .tile_log2 = IDF_MIN_TILE_LOG2,
                             .tier = 5};
  idf_info info;
  void *samples;
  idf_mem mem;
  idf_buf file;

  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&file, &mem);
  idf_write_header(IDF_SIMD_AUTO, &file, &header);
  const idf_status status = idf_decode(file.data, file.len, &info, &samples);
  idf_buf_free(&file);
  return status;
}

/* Four inks, of 8 bits only. */
static void every_layout_has_its_depths(void)
{
  static const unsigned least[] = {1, 1, 1, 1, 1, 8, 99}, most[] = {16, 16, 16, 16, 8, 8, 0},
                        channels[] = {1, 2, 3, 4, 1, 4, 0};
  for (unsigned layout = 0; layout < 7; layout++) {
    CU_ASSERT_EQUAL(idf_channels((idf_layout)layout), channels[layout]);
    for (unsigned depth = 0; depth < 20; depth++) {
      const idf_info info = {.width = 3, .height = 2, .layout = (idf_layout)layout, .depth = depth};
      const bool allowed = depth >= least[layout] && depth <= most[layout];
      CU_ASSERT_EQUAL(idf_info_valid(&info), allowed);
      CU_ASSERT_EQUAL(read_layout(layout, depth), allowed ? IDF_ERR_TRUNCATED : IDF_ERR_CORRUPT);
    }
  }
  CU_ASSERT_EQUAL(idf_channels((idf_layout)255), 0);
}

int idf_suite_common(void)
{
  static const idf_unit_test tests[] = {
      {"only allowed images are valid", only_allowed_images_are_valid},
      {"samples change form and back", samples_change_form_and_back},
      {"the checksum is of little-endian bytes", the_checksum_is_of_little_endian_bytes},
      {"objects are charged to themselves", objects_are_charged_to_themselves},
      {"built-in models are found", built_in_models_are_found},
      {"every layout has its depths", every_layout_has_its_depths},
      {NULL, NULL}};
  return idf_unit_suite("common", tests);
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_jpeg_write.c: what was read is written back byte for byte, for files of all kinds, sizes
 * and qualities; and coefficients that no file has are refused.
 */
#include "jpegkit.h"

int idf_suite_jpeg_write(void);

static void comes_back(const jpegkit_kind *k, unsigned width, unsigned height, unsigned seed)
{
  idf_unit_random r = idf_unit_random_of(seed);
  idf_mem mem;
  idf_buf file;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&file, &mem);
  jpegkit_make(&file, k, width, height, seed);
  const idf_jpeg_why why = jpegkit_round_trip(file.data, file.len, 1 + seed % 4);
  if (why != IDF_JPEG_OK)
    printf("# %ux%u: %s\n", width, height, idf_jpeg_reason(why));
  IDF_UNIT_SEEDED(&r, why == IDF_JPEG_OK);
  idf_buf_free(&file);
}

static void all_kinds_and_sizes(void)
{
  unsigned seed = 0;
  for (size_t k = 0; k < JPEGKIT_KINDS; k++)
    for (unsigned side = 1; side <= 40; side += side < 18 ? 1 : 5)
      comes_back(&jpegkit_kinds[k], side, 1 + (side * 7 + (unsigned)k) % 41, seed++);
}

static void all_qualities(void)
{
  for (int q = 1; q <= 100; q++) {
    jpegkit_kind k = jpegkit_kinds[(size_t)q % JPEGKIT_KINDS];
    k.quality = q;
    comes_back(&k, 70, 50, (unsigned)q);
  }
}

static void large_ones(void)
{
  for (size_t k = 0; k < JPEGKIT_KINDS; k++)
    comes_back(&jpegkit_kinds[k], 500, 300, (unsigned)k);
}

/* A grey blank of many blocks: runs of blocks of the greatest length in a progressive file. */
static void long_runs(void)
{
  struct jpeg_compress_struct jpeg;
  struct jpeg_error_mgr errors;
  unsigned char *file = NULL;
  unsigned long size = 0;
  static JSAMPLE row[2048];
  JSAMPROW rows = row;
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  jpeg_mem_dest(&jpeg, &file, &size);
  jpeg.image_width = jpeg.image_height = 2048;
  jpeg.input_components = 1;
  jpeg.in_color_space = JCS_GRAYSCALE;
  jpeg_set_defaults(&jpeg);
  jpeg_simple_progression(&jpeg);
  jpeg_start_compress(&jpeg, TRUE);
  for (int y = 0; y < 2048; y++) {
    row[2047] = y % 500 == 499 ? 255 : 0;
    (void)jpeg_write_scanlines(&jpeg, &rows, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  CU_ASSERT_EQUAL(jpegkit_round_trip(file, size, 7), IDF_JPEG_OK);
  free(file);
}

/* The first band of a file, with one coefficient changed to v. */
static idf_jpeg_why with_value(size_t kind, unsigned place, int16_t v)
{
  idf_mem mem;
  idf_buf file;
  idf_jpeg j;
  idf_jpeg_reader *r;
  idf_jpeg_writer *w;
  idf_jpeg_band band;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&file, &mem);
  jpegkit_make(&file, &jpegkit_kinds[kind], 64, 64, kind);
  CU_ASSERT_EQUAL_FATAL(idf_jpeg_parse(&j, &mem, file.data, file.len, 1 << 20), IDF_JPEG_OK);
  CU_ASSERT_EQUAL_FATAL(idf_jpeg_read_new(&j, &mem, &r), IDF_JPEG_OK);
  CU_ASSERT_EQUAL_FATAL(idf_jpeg_write_new(&j, &mem, &w), IDF_JPEG_OK);
  CU_ASSERT_TRUE_FATAL(idf_jpeg_band_init(&band, &j, &mem, 1));
  CU_ASSERT_EQUAL(idf_jpeg_read(r, &band), IDF_JPEG_OK);
  band.coefs[0][place] = v;
  const idf_jpeg_why why = idf_jpeg_write(w, &band);
  idf_jpeg_band_free(&band, &mem);
  idf_jpeg_write_free(w);
  idf_jpeg_read_free(r);
  idf_jpeg_free(&j);
  idf_buf_free(&file);
  CU_ASSERT_EQUAL(mem.used, 0);
  return why;
}

static void wild_coefficients_are_refused(void)
{
  CU_ASSERT_EQUAL(with_value(0, 0, INT16_MAX), IDF_JPEG_RANGE);
  CU_ASSERT_EQUAL(with_value(0, 0, INT16_MIN), IDF_JPEG_RANGE);
  CU_ASSERT_EQUAL(with_value(0, 63, IDF_JPEG_AC_MAX + 1), IDF_JPEG_RANGE);
  CU_ASSERT_EQUAL(with_value(0, 1, INT16_MIN), IDF_JPEG_RANGE);
  CU_ASSERT_EQUAL(with_value(12, 0, INT16_MIN), IDF_JPEG_RANGE);
  CU_ASSERT_EQUAL(with_value(12, 1, INT16_MIN), IDF_JPEG_RANGE);
  CU_ASSERT_EQUAL(with_value(0, 63, IDF_JPEG_AC_MAX), IDF_JPEG_OK);
  /* An optimal table has the symbols of its picture only. */
  CU_ASSERT_EQUAL(with_value(1, 63, IDF_JPEG_AC_MAX), IDF_JPEG_CODE);
}

int idf_suite_jpeg_write(void)
{
  static const idf_unit_test tests[] = {
      {"files of all kinds and sizes come back", all_kinds_and_sizes},
      {"files of all qualities come back", all_qualities},
      {"larger files of all kinds come back", large_ones},
      {"the longest runs of blocks come back", long_runs},
      {"coefficients that no file has are refused", wild_coefficients_are_refused},
      {NULL, NULL}};
  return idf_unit_suite("jpeg_write", tests);
}

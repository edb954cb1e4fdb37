/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_jpeg_read.c: the coefficients are those that libjpeg reads, in files of all kinds.
 */
#include "jpegkit.h"

int idf_suite_jpeg_read(void);

/* Natural order of the zigzag's places: T.81 Figure A.6, walked along its diagonals. */
static void natural(unsigned at[64])
{
  unsigned n = 0;
  for (unsigned d = 0; d < 15; d++)
    for (unsigned i = 0; i <= d; i++) {
      const unsigned y = d & 1 ? i : d - i, x = d - y;
      if (x < 8 && y < 8)
        at[n++] = 8 * y + x;
    }
}

static void compare(idf_unit_random *r, const idf_jpeg *j, const idf_jpeg_band *all,
                    const uint8_t *file, size_t len)
{
  struct jpeg_decompress_struct jpeg;
  struct jpeg_error_mgr errors;
  unsigned at[64];
  natural(at);
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&jpeg);
  jpeg_mem_src(&jpeg, file, (unsigned long)len);
  (void)jpeg_read_header(&jpeg, TRUE);
  jvirt_barray_ptr *planes = jpeg_read_coefficients(&jpeg);
  CU_ASSERT_EQUAL(jpeg.image_width, j->width);
  CU_ASSERT_EQUAL(jpeg.image_height, j->height);
  CU_ASSERT_EQUAL_FATAL(jpeg.num_components, j->components);
  for (int c = 0; c < jpeg.num_components; c++) {
    const idf_jpeg_component *mine = &j->component[c];
    const jpeg_component_info *info = &jpeg.comp_info[c];
    CU_ASSERT_EQUAL(info->width_in_blocks, mine->used_w);
    CU_ASSERT_EQUAL(info->height_in_blocks, mine->used_h);
    for (unsigned k = 0; k < 64; k++)
      CU_ASSERT_EQUAL(info->quant_table->quantval[at[k]], mine->step[k]);
    for (JDIMENSION y = 0; y < info->height_in_blocks; y++) {
      const int16_t *row = all->coefs[c] + (size_t)y * mine->blocks_w * IDF_JPEG_BLOCK;
      JBLOCKARRAY theirs =
          jpeg.mem->access_virt_barray((j_common_ptr)&jpeg, planes[c], y, 1, FALSE);
      bool same = true;
      for (JDIMENSION x = 0; x < info->width_in_blocks; x++)
        for (unsigned k = 0; k < 64; k++)
          same = same && theirs[0][x][at[k]] == row[64 * x + k];
      IDF_UNIT_SEEDED(r, same);
    }
  }
  (void)jpeg_finish_decompress(&jpeg);
  jpeg_destroy_decompress(&jpeg);
}

static void coefficients_are_libjpegs(void)
{
  for (unsigned i = 0; i < 6 * JPEGKIT_KINDS; i++) {
    idf_unit_random r = idf_unit_random_of(i);
    idf_mem mem;
    idf_buf file;
    idf_jpeg j;
    jpegkit_taken taken;
    idf_mem_init(&mem, UINT64_MAX);
    idf_buf_init(&file, &mem);
    jpegkit_make(&file, &jpegkit_kinds[i % JPEGKIT_KINDS], 1 + idf_unit_below(&r, 120),
                 1 + idf_unit_below(&r, 120), i);
    IDF_UNIT_SEEDED(&r, jpegkit_take(&mem, file.data, file.len, 1 + i % 3, &taken) == IDF_JPEG_OK);
    CU_ASSERT_EQUAL_FATAL(idf_jpeg_parse(&j, &mem, file.data, file.len, 1 << 20), IDF_JPEG_OK);
    compare(&r, &j, &taken.all, file.data, file.len);
    idf_jpeg_free(&j);
    jpegkit_taken_free(&mem, &taken);
    idf_buf_free(&file);
    CU_ASSERT_EQUAL(mem.used, 0);
  }
}

int idf_suite_jpeg_read(void)
{
  static const idf_unit_test tests[] = {
      {"coefficients and steps are those of libjpeg", coefficients_are_libjpegs}, {NULL, NULL}};
  return idf_unit_suite("jpeg_read", tests);
}

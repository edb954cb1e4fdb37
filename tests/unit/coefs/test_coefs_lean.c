/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_coefs_lean.c: the streams of this shape are those of the format, to the byte.
 */
#include "coefs_block.h"

#include "coefkit.h"
#include "crc32c.h"

int idf_suite_coefs_lean(void);

static void streams_are_those_of_the_format(void)
{
  static const unsigned h[] = {2, 1, 1}, v[] = {2, 1, 1};
  idf_mem mem;
  idf_buf out;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&out, &mem);
  idf_coefs c = idf_coefkit_new(&mem, 3, h, v, 9, 11);
  idf_unit_random r = idf_unit_random_of(31);
  idf_coefkit_fill(&c, &r);
  CU_ASSERT_EQUAL(idf_coefs_encode(&mem, &c, IDF_COEFS_LEAN, 0, &out, NULL), IDF_OK);
  CU_ASSERT_EQUAL(out.len, 3420);
  CU_ASSERT_EQUAL(idf_crc32c(IDF_SIMD_AUTO, 0, out.data, out.len), 0x2aa912ad);
  idf_buf_free(&out);
  idf_coefkit_free(&mem, &c);
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* No more weights than there is room for in a small cache, no more lines than in a larger. */
static void tables_are_not_larger_than_meant(void)
{
  CU_ASSERT_TRUE(idf_coefs_lean.sets * sizeof(idf_bank_weights) <= 128 << 10);
  CU_ASSERT_TRUE(sizeof(idf_bank_line) << idf_coefs_lean.line_bits <= 1 << 20);
}

int idf_suite_coefs_lean(void)
{
  static const idf_unit_test tests[] = {
      {"streams are those of the format", streams_are_those_of_the_format},
      {"tables are not larger than meant", tables_are_not_larger_than_meant},
      {NULL, NULL},
  };
  return idf_unit_suite("coefs_lean", tests);
}

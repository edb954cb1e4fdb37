/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_coefs_lean.c: the streams of this shape are those of the format, to the byte.
 */
#include "coefs_block.h"

#include "coefkit.h"

int idf_suite_coefs_lean(void);

static void streams_are_those_of_the_format(void)
{
  const idf_coefkit_sum sum = idf_coefkit_stream(IDF_COEFS_LEAN);
  CU_ASSERT_EQUAL(sum.len, 3420);
  CU_ASSERT_EQUAL(sum.crc, 0x2aa912ad);
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

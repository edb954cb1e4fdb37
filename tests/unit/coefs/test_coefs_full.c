/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_coefs_full.c: the streams of this shape are those of the format, to the byte.
 */
#include "coefs_block.h"

#include "coefkit.h"

int idf_suite_coefs_full(void);

static void streams_are_those_of_the_format(void)
{
  const idf_coefkit_sum sum = idf_coefkit_stream(IDF_COEFS_FULL);
  CU_ASSERT_EQUAL(sum.len, 3276);
  CU_ASSERT_EQUAL(sum.crc, 0x96156a38);
}

/* No more weights than there is room for in a small cache, no more lines than in a larger. */
static void tables_are_not_larger_than_meant(void)
{
  CU_ASSERT_TRUE(idf_coefs_full.sets * sizeof(idf_bank_weights) <= 512 << 10);
  CU_ASSERT_TRUE(sizeof(idf_bank_line) << idf_coefs_full.line_bits <= 4 << 20);
}

int idf_suite_coefs_full(void)
{
  static const idf_unit_test tests[] = {
      {"streams are those of the format", streams_are_those_of_the_format},
      {"tables are not larger than meant", tables_are_not_larger_than_meant},
      {NULL, NULL},
  };
  return idf_unit_suite("coefs_full", tests);
}

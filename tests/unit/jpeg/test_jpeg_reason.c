/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_jpeg_reason.c: every refusal has words of its own.
 */
#include <string.h>

#include "jpeg.h"
#include "unit.h"

int idf_suite_jpeg_reason(void);

static void every_reason_has_its_words(void)
{
  for (int i = 0; i <= IDF_JPEG_SIDE; i++) {
    const char *text = idf_jpeg_reason((idf_jpeg_why)i);
    CU_ASSERT_FATAL(text != NULL);
    CU_ASSERT(strlen(text) > 8);
    for (int k = 0; k < i; k++)
      CU_ASSERT(strcmp(text, idf_jpeg_reason((idf_jpeg_why)k)) != 0);
  }
  CU_ASSERT_STRING_EQUAL(idf_jpeg_reason((idf_jpeg_why)(IDF_JPEG_SIDE + 1)), "an unknown reason");
}

int idf_suite_jpeg_reason(void)
{
  static const idf_unit_test tests[] = {
      {"every reason has words of its own", every_reason_has_its_words}, {NULL, NULL}};
  return idf_unit_suite("jpeg_reason", tests);
}

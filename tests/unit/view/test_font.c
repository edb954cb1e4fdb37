/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_font.c: every letter is there, fits, and differs from all others.
 */
#include "font.h"
#include "unit.h"

#include <string.h>

int idf_suite_font(void);

static void letters(void)
{
  for (int c = ' '; c <= '~'; c++) {
    const uint8_t *glyph = idf_font_glyph((char)c);
    unsigned all = 0;
    for (unsigned i = 0; i < IDF_FONT_HEIGHT; i++)
      all |= glyph[i];
    CU_ASSERT(all < 1u << IDF_FONT_WIDTH);
    CU_ASSERT_EQUAL(all != 0, c != ' ');
    for (int other = ' '; other < c; other++)
      CU_ASSERT_NOT_EQUAL(memcmp(glyph, idf_font_glyph((char)other), IDF_FONT_HEIGHT), 0);
  }
}

static void others(void)
{
  for (int c = 0; c < 256; c++)
    if (c < ' ' || c > '~')
      CU_ASSERT_PTR_EQUAL(idf_font_glyph((char)c), idf_font_glyph('?'));
}

int idf_suite_font(void)
{
  static const idf_unit_test tests[] = {{"letters differ and fit", letters},
                                        {"other bytes are question marks", others},
                                        {NULL, NULL}};
  return idf_unit_suite("font", tests);
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_sheet.c: boxes and letters, also those that stick out, against a guarded buffer.
 */
#include "sheet.h"
#include "unit.h"

#include <string.h>

int idf_suite_sheet(void);

static const uint8_t white[3] = {255, 255, 255};

/* The rows as '#' and '.', without ends. */
static void show(const idf_sheet *sheet, char *text)
{
  for (size_t i = 0; i < (size_t)sheet->width * sheet->height; i++)
    text[i] = sheet->rgb[3 * i] ? '#' : '.';
  text[(size_t)sheet->width * sheet->height] = '\0';
}

static void boxes(void)
{
  uint8_t rgb[3 * 12 + 3];
  idf_sheet sheet = {.rgb = rgb, .width = 4, .height = 3};
  char text[13];

  memset(rgb, 0, sizeof rgb);
  idf_sheet_box(&sheet, 1, 1, 2, 1, white);
  show(&sheet, text);
  CU_ASSERT_STRING_EQUAL(text, ".....##.....");
  idf_sheet_box(&sheet, 3, 2, UINT32_MAX, UINT32_MAX, white);
  idf_sheet_box(&sheet, 4, 0, 1, 1, white);
  idf_sheet_box(&sheet, 0, 3, 1, 1, white);
  idf_sheet_box(&sheet, UINT32_MAX, UINT32_MAX, 5, 5, white);
  show(&sheet, text);
  CU_ASSERT_STRING_EQUAL(text, ".....##....#");
  CU_ASSERT(rgb[36] == 0 && rgb[37] == 0 && rgb[38] == 0);
}

static void texts(void)
{
  uint8_t rgb[3 * 11 * 8];
  idf_sheet sheet = {.rgb = rgb, .width = 11, .height = 8};
  char text[89];

  memset(rgb, 0, sizeof rgb);
  idf_sheet_text(&sheet, 0, 0, 1, white, "LT");
  show(&sheet, text);
  CU_ASSERT_STRING_EQUAL(text, "#.....#####"
                               "#.......#.."
                               "#.......#.."
                               "#.......#.."
                               "#.......#.."
                               "#.......#.."
                               "#####...#.."
                               "...........");
  memset(rgb, 0, sizeof rgb);
  idf_sheet_text(&sheet, 8, 5, 2, white, "LLLLLLLL"); /* sticks out */
  show(&sheet, text);
  CU_ASSERT_STRING_EQUAL(text + 5 * 11, "........##."
                                        "........##."
                                        "........##.");
}

static void widths(void)
{
  CU_ASSERT_EQUAL(idf_sheet_text_width("", 3), 0);
  CU_ASSERT_EQUAL(idf_sheet_text_width("a", 1), 5);
  CU_ASSERT_EQUAL(idf_sheet_text_width("ab", 2), 22);
}

int idf_suite_sheet(void)
{
  static const idf_unit_test tests[] = {
      {"boxes stay inside", boxes}, {"letters", texts}, {"widths of text", widths}, {NULL, NULL}};
  return idf_unit_suite("sheet", tests);
}

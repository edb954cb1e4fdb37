/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sheet.c: boxes, and letters made of boxes.
 */
#include "sheet.h"

#include <string.h>

#include "base.h"
#include "font.h"

void idf_sheet_box(idf_sheet *sheet, uint32_t x, uint32_t y, uint32_t width, uint32_t height,
                   const uint8_t rgb[3])
{
  if (x >= sheet->width || y >= sheet->height)
    return;
  width = IDF_MIN(width, sheet->width - x);
  height = IDF_MIN(height, sheet->height - y);
  for (uint32_t j = 0; j < height; j++) {
    uint8_t *row = sheet->rgb + 3 * ((size_t)(y + j) * sheet->width + x);
    for (uint32_t i = 0; i < width; i++)
      memcpy(row + 3 * (size_t)i, rgb, 3);
  }
}

void idf_sheet_text(idf_sheet *sheet, uint32_t x, uint32_t y, uint32_t size, const uint8_t rgb[3],
                    const char *text)
{
  for (; *text && x < sheet->width; text++, x += IDF_FONT_STEP * size) {
    const uint8_t *glyph = idf_font_glyph(*text);
    for (uint32_t j = 0; j < IDF_FONT_HEIGHT; j++)
      for (uint32_t i = 0; i < IDF_FONT_WIDTH; i++)
        if (glyph[j] >> (IDF_FONT_WIDTH - 1 - i) & 1)
          idf_sheet_box(sheet, x + i * size, y + j * size, size, size, rgb);
  }
}

size_t idf_sheet_text_width(const char *text, uint32_t size)
{
  const size_t letters = strlen(text);

  return letters ? (letters * IDF_FONT_STEP - (IDF_FONT_STEP - IDF_FONT_WIDTH)) * size : 0;
}

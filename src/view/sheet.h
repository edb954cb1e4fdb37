/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sheet.h: draws boxes and text into rows of RGB pixels.
 */
#ifndef IDF_SHEET_H
#define IDF_SHEET_H

#include <stddef.h>
#include <stdint.h>

typedef struct idf_sheet {
  uint8_t *rgb; /* 3 bytes a pixel, width * height of them; the caller's */
  uint32_t width, height;
} idf_sheet;

/* What lies outside is not drawn. */
void idf_sheet_box(idf_sheet *sheet, uint32_t x, uint32_t y, uint32_t width, uint32_t height,
                   const uint8_t rgb[3]);
/* x, y: the top left corner of the first letter, whose pixels are squares of `size`. What is
 * outside is not drawn. */
void idf_sheet_text(idf_sheet *sheet, uint32_t x, uint32_t y, uint32_t size, const uint8_t rgb[3],
                    const char *text);
/* Pixels from the left of the first letter to the right of the last. */
size_t idf_sheet_text_width(const char *text, uint32_t size);

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * font.h: a small bitmap font for the text on maps: ASCII, 5 x 8 pixels a letter.
 */
#ifndef IDF_FONT_H
#define IDF_FONT_H

#include <stdint.h>

#define IDF_FONT_WIDTH 5u
#define IDF_FONT_HEIGHT 8u /* the last row is below the line: for g and y */
#define IDF_FONT_STEP 6u   /* from one letter to the next */

/* The rows of a letter from the top; bit 4 is its left column. '?' for what is not ASCII. */
const uint8_t *idf_font_glyph(char letter);

#endif

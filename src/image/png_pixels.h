/* SPDX-License-Identifier: BSD-3-Clause
 *
 * png_pixels.h: turns rows of samples into the contents of a PNG's IDAT chunks, row by row.
 *
 * libpng could do this, but it filters byte by byte, and fixes the way to deflate before the first
 * row. Without the search for matches, filtering would take longer than everything else.
 */
#ifndef IDF_PNG_PIXELS_H
#define IDF_PNG_PIXELS_H

#include "image.h"

typedef struct idf_png_pixels idf_png_pixels;

/* Receives the data of one IDAT chunk. */
typedef idf_status (*idf_png_emit_fn)(void *context, const uint8_t *data, size_t size);

/* The image must be one that PNG can hold (image_png.c), and not interlaced. level: zlib's, 0 to 9,
 * or IDF_PNG_FAST. With the latter, `threads` threads work, also between calls. They change no
 * byte. Only the caller's thread calls emit. Returns IDF_OK or the memory status. */
idf_status idf_png_pixels_new(idf_mem *mem, const idf_info *info, int level, unsigned threads,
                              idf_png_emit_fn emit, void *context, idf_png_pixels **result);
void idf_png_pixels_free(idf_png_pixels *pixels); /* NULL is allowed */

/* Takes the next `count` rows, at most those that are left. The last one ends the data. Returns
 * IDF_OK or the status of `emit`, after which no more rows are taken. */
idf_status idf_png_pixels_rows(idf_png_pixels *pixels, const void *rows, uint32_t count);

#endif

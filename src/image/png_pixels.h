/* SPDX-License-Identifier: BSD-3-Clause
 *
 * png_pixels.h: rows of samples become the contents of a PNG's IDAT chunks, row by row.
 *
 * libpng could do it, but it filters a byte at a time and settles on one way to deflate
 * before the first row; filtering takes longer than the rest once matching is left out.
 */
#ifndef IDF_PNG_PIXELS_H
#define IDF_PNG_PIXELS_H

#include "image.h"

typedef struct idf_png_pixels idf_png_pixels;

/* Takes the data of one IDAT chunk. */
typedef idf_status (*idf_png_emit_fn)(void *context, const uint8_t *data, size_t size);

/* For an image that PNG holds (image_png.c), not interlaced. level: zlib's, 0 to 9, or
 * IDF_PNG_FAST, with which so many threads work, between calls too. They change no byte; emit
 * is called by the caller's only. IDF_OK or the memory status. */
idf_status idf_png_pixels_new(idf_mem *mem, const idf_info *info, int level, unsigned threads,
                              idf_png_emit_fn emit, void *context, idf_png_pixels **result);
void idf_png_pixels_free(idf_png_pixels *pixels); /* NULL is allowed */

/* The next `count` rows, at most those that are left; the last one ends the data. The
 * status of `emit`, after which no more rows are taken, else IDF_OK. */
idf_status idf_png_pixels_rows(idf_png_pixels *pixels, const void *rows, uint32_t count);

#endif

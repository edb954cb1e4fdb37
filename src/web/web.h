/* SPDX-License-Identifier: BSD-3-Clause
 *
 * web.h: decoding as JavaScript can call it: without callbacks and without structures.
 *
 * idf.js has a twin of every list here. Numbers that may exceed 32 bits are doubles, which hold
 * integers up to 2^53. The library's calls that need nothing of this are called directly, with the
 * decoder that idf_web_decoder gives.
 */
#ifndef IDF_WEB_H
#define IDF_WEB_H

#include "idf.h"

typedef struct idf_web idf_web;

/* Opens a file in memory, which must outlive *web. A limit of 0 means the library's default. */
idf_status idf_web_new(const uint8_t *file, size_t size, double max_pixels, double max_memory,
                       idf_web **web);
void idf_web_free(idf_web *web); /* NULL is allowed */
idf_decoder *idf_web_decoder(idf_web *web);

/* Reads up to the first tile. The other calls below come after it. */
idf_status idf_web_info(idf_web *web);

/* What is known by now: sizes in bytes, of the file only after the end was read. */
enum {
  IDF_WEB_WIDTH,
  IDF_WEB_HEIGHT,
  IDF_WEB_LAYOUT,
  IDF_WEB_DEPTH,
  IDF_WEB_CHANNELS,
  IDF_WEB_ROW_BYTES,
  IDF_WEB_TILE_SIDE,
  IDF_WEB_TILES_ACROSS,
  IDF_WEB_TILES_DOWN,
  IDF_WEB_TILES_LOST,
  IDF_WEB_EFFORT,
  IDF_WEB_FILE_BYTES,
  IDF_WEB_HEADER_BYTES,
  IDF_WEB_METADATA_BYTES,
  IDF_WEB_TILE_BYTES,
  IDF_WEB_INDEX_BYTES,
  IDF_WEB_ORIGINAL_BYTES, /* of the JPEG that the file holds; 0: none */
  IDF_WEB_MODEL_BITS,     /* 0 if not measured */
  IDF_WEB_FACTS
};
void idf_web_facts(const idf_web *web, double fact[IDF_WEB_FACTS]);

/* Before the first row: asks for the bits of every pixel. `bits` has room for width * height
 * floats and must outlive *web; pixels of damaged tiles are left as they are. */
void idf_web_measure(idf_web *web, float *bits);

/* The original file instead of rows, into `to`, which has room for `size` bytes:
 * IDF_ERR_ARGUMENT if that is not IDF_WEB_ORIGINAL_BYTES. */
idf_status idf_web_original(idf_web *web, uint8_t *to, size_t size);

#endif

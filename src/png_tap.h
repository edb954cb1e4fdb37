/* SPDX-License-Identifier: BSD-3-Clause
 *
 * png_tap.h: listens to the bytes of a PNG on their way to libpng and keeps its
 * metadata raw, in order.
 *
 * libpng parses metadata and would write it back rebuilt: other compression, other
 * order, unknown chunks lost. The tap keeps the bytes themselves, and leaves all
 * judgement of the file to libpng.
 */
#ifndef IDF_PNG_TAP_H
#define IDF_PNG_TAP_H

#include "image.h"

typedef struct idf_png_tap {
  idf_image_env *env;
  idf_chunks *chunks; /* every chunk but IHDR, IDAT and IEND whose checksum is right */
  unsigned signature; /* bytes of the 8-byte signature passed */
  uint8_t head[8];    /* length and type of the current chunk */
  unsigned head_len;
  uint64_t left; /* bytes of payload and checksum still to come */
  idf_buf payload;
  uint32_t crc;    /* of type and payload so far */
  uint32_t stored; /* the checksum in the file, so far */
  bool keep;       /* the current chunk goes to the list */
  bool in_pixels;  /* IDAT was seen */
  bool animated;   /* acTL, fcTL or fdAT was seen */
} idf_png_tap;

void idf_png_tap_init(idf_png_tap *tap, idf_image_env *env, idf_chunks *chunks);
void idf_png_tap_free(idf_png_tap *tap);
/* Passes the next bytes of the file. IDF_ERR_LIMIT when the metadata pass
 * env->max_metadata, or memory. */
idf_status idf_png_tap_bytes(idf_png_tap *tap, const uint8_t *data, size_t len);

#endif

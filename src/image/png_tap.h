/* SPDX-License-Identifier: BSD-3-Clause
 *
 * png_tap.h: listens to the bytes of a PNG on their way to libpng and keeps its
 * metadata raw, in order.
 *
 * libpng parses metadata and would write it back rebuilt: other compression, other
 * order, unknown chunks lost. The tap keeps the bytes themselves, and leaves all
 * judgement of the pixels to libpng, which passes over the chunks that are kept.
 *
 * The chunks of animations are the exception, because an .idf holds one picture. One
 * that announces several frames, or has any that is not the picture itself, is said to
 * be `animated`. Else the file is a still to every program: with one frame, or with an
 * acTL chunk after the pixels, where it counts for nothing (PNG, third edition,
 * 11.3.6.1). Then acTL, fcTL and fdAT are left out, and told.
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
  bool begun;      /* IHDR was seen */
  bool announced;  /* acTL was seen before the pixels */
  bool animated;
  size_t dropped;       /* chunks */
  bool pixels_read;     /* set by the reader: IDAT chunks from now on are no part of the picture */
  uint64_t idle_pixels; /* bytes of those */
} idf_png_tap;

void idf_png_tap_init(idf_png_tap *tap, idf_image_env *env, idf_chunks *chunks);
void idf_png_tap_free(idf_png_tap *tap);
/* Passes the next bytes of the file. IDF_ERR_LIMIT when the metadata pass
 * env->max_metadata, IDF_ERR_CORRUPT when the first chunk is not IHDR, or memory. */
idf_status idf_png_tap_bytes(idf_png_tap *tap, const uint8_t *data, size_t len);
/* After the last chunk: tells what was dropped that was not told one by one. */
void idf_png_tap_end(idf_png_tap *tap);

#endif

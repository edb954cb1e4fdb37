/* SPDX-License-Identifier: BSD-3-Clause
 *
 * png_tap.h: reads the bytes of a PNG on their way to libpng, and keeps its metadata raw and in
 * order.
 *
 * libpng would parse metadata and write it back rebuilt: with other compression, in another order,
 * without unknown chunks. The tap keeps the bytes themselves. It leaves the pixels to libpng, which
 * skips the chunks that are kept.
 *
 * The chunks of animations are an exception, because an .idf holds one picture. A file is
 * `animated` if it announces several frames, or has a frame that is not the picture itself.
 * Otherwise every program treats it as a still image: if it has one frame, or an acTL chunk after
 * the pixels, where it has no meaning (PNG, third edition, 11.3.6.1). Then acTL, fcTL and fdAT are
 * left out, with a report.
 */
#ifndef IDF_PNG_TAP_H
#define IDF_PNG_TAP_H

#include "image.h"

typedef struct idf_png_tap {
  idf_image_env *env;
  idf_chunks *chunks; /* chunks except IHDR, IDAT and IEND, if their checksum is right */
  unsigned signature; /* bytes of the 8-byte signature read so far */
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
  bool pixels_read;     /* set by the reader: later IDAT chunks are not part of the picture */
  uint64_t idle_pixels; /* bytes of such chunks */
} idf_png_tap;

void idf_png_tap_init(idf_png_tap *tap, idf_image_env *env, idf_chunks *chunks);
void idf_png_tap_free(idf_png_tap *tap);
/* Takes the next bytes of the file. IDF_ERR_LIMIT if the metadata exceed env->max_metadata,
 * IDF_ERR_CORRUPT if the first chunk is not IHDR, or memory. */
idf_status idf_png_tap_bytes(idf_png_tap *tap, const uint8_t *data, size_t len);
/* Call this after the last chunk. It reports dropped chunks that were not reported one by one. */
void idf_png_tap_end(idf_png_tap *tap);

#endif

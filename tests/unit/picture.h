/* SPDX-License-Identifier: BSD-3-Clause
 *
 * picture.h: made-up pictures and a file in memory, for tests above the codec.
 */
#ifndef IDF_TESTS_PICTURE_H
#define IDF_TESTS_PICTURE_H

#include <string.h>

#include "internal.h"
#include "unit.h"

enum { PICTURE_SMOOTH, PICTURE_NOISE, PICTURE_FLAT, PICTURE_EXTREMES, PICTURE_KINDS };

/* Samples as idf.h wants them, in accounted memory; NULL when out of memory. */
static inline uint8_t *picture_make(idf_mem *mem, const idf_info *info, int kind, uint64_t seed)
{
  idf_unit_random r = idf_unit_random_of(seed);
  unsigned c = idf_channels(info->layout), bytes = idf_sample_bytes(info);
  uint32_t top = (1u << info->depth) - 1;
  size_t count = (size_t)info->width * info->height * c;
  uint8_t *raw = (uint8_t *)idf_alloc(mem, count, bytes);
  uint32_t flat = idf_unit_next(&r) & top;
  for (size_t i = 0; raw && i < count; i++) {
    uint32_t x = (uint32_t)(i / c % info->width), y = (uint32_t)(i / c / info->width);
    uint32_t v = flat;
    if (kind == PICTURE_SMOOTH)
      v = ((x * 3 + y * 2 + (uint32_t)(i % c) * 40) * (top / 255 + 1) + idf_unit_below(&r, 4))
          & top;
    else if (kind == PICTURE_NOISE)
      v = idf_unit_next(&r) & top;
    else if (kind == PICTURE_EXTREMES)
      v = idf_unit_next(&r) & 1 ? top : 0;
    uint16_t v16 = (uint16_t)v;
    if (bytes == 2)
      memcpy(raw + 2 * i, &v16, 2);
    else
      raw[i] = (uint8_t)v;
  }
  return raw;
}

static inline idf_status picture_write(void *context, const uint8_t *data, size_t size)
{
  idf_buf *buf = (idf_buf *)context;
  idf_put_bytes(buf, data, size);
  return buf->bad ? IDF_ERR_MEMORY : IDF_OK;
}

/* Gives the file in pieces of at most `piece` bytes (0: as much as fits). */
typedef struct picture_source {
  const uint8_t *data;
  size_t len, piece;
} picture_source;

static inline idf_status picture_read(void *context, uint8_t *buffer, size_t capacity, size_t *size)
{
  picture_source *s = (picture_source *)context;
  size_t n = IDF_MIN(capacity, s->len);
  if (s->piece)
    n = IDF_MIN(n, s->piece);
  if (n)
    memcpy(buffer, s->data, n);
  s->data += n;
  s->len -= n;
  *size = n;
  return IDF_OK;
}

/* Whole file of `samples` into buf. */
static inline idf_status picture_encode(const idf_info *info, const void *samples,
                                        unsigned tile_log2, idf_buf *buf)
{
  idf_encoder *encoder = NULL;
  idf_settings settings;
  idf_settings_init(&settings);
  settings.tile_log2 = tile_log2;
  idf_status status = idf_encoder_new(&settings, info, picture_write, buf, &encoder);
  if (status == IDF_OK)
    status = idf_encoder_rows(encoder, samples, info->height);
  if (status == IDF_OK)
    status = idf_encoder_finish(encoder);
  idf_encoder_free(encoder);
  return status;
}

static inline idf_info picture_info(uint32_t width, uint32_t height, idf_layout layout,
                                    uint32_t depth)
{
  idf_info info;
  info.width = width;
  info.height = height;
  info.layout = layout;
  info.depth = depth;
  return info;
}

#endif

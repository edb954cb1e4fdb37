/* SPDX-License-Identifier: BSD-3-Clause
 *
 * imageio.h: image files in memory for the tests of readers and writers. Reading gives
 * a few bytes at a time, because a reader that needs more at once is wrong.
 */
#ifndef IDF_TESTS_IMAGEIO_H
#define IDF_TESTS_IMAGEIO_H

#include <string.h>

#include "image.h"
#include "unit.h"

typedef struct idf_test_io {
  idf_mem mem;
  idf_buf file;
  size_t at;
  size_t fail_at; /* reading or writing beyond this many bytes is an error */
  unsigned step;  /* bytes a read */
  idf_image_env env;
  unsigned warnings;
  char warning[256]; /* the last one */
  unsigned drops;    /* of the warnings, those that something is not kept */
  char dropped[64];  /* the last one's name for programs */
} idf_test_io;

static inline void idf_test_warn(void *context, const char *text)
{
  idf_test_io *io = context;
  io->warnings++;
  snprintf(io->warning, sizeof io->warning, "%s", text);
}

static inline void idf_test_drop(void *context, const char *what, const char *text)
{
  idf_test_io *io = context;
  io->drops++;
  snprintf(io->dropped, sizeof io->dropped, "%s", what);
  idf_test_warn(io, text);
}

static inline void idf_test_io_init(idf_test_io *io)
{
  memset(io, 0, sizeof *io);
  idf_mem_init(&io->mem, (uint64_t)1 << 28);
  idf_buf_init(&io->file, &io->mem);
  io->fail_at = SIZE_MAX;
  io->step = 7;
  io->env.mem = &io->mem;
  io->env.max_pixels = 1 << 20;
  io->env.max_metadata = 1 << 16;
  io->env.warn = idf_test_warn;
  io->env.drop = idf_test_drop;
  io->env.warn_context = io;
}

/* Everything was given back: the caller closed what it opened. */
static inline void idf_test_io_free(idf_test_io *io)
{
  idf_buf_free(&io->file);
  CU_ASSERT_EQUAL(io->mem.used, 0);
}

static inline idf_status idf_test_read(void *context, uint8_t *buffer, size_t capacity,
                                       size_t *size)
{
  idf_test_io *io = context;
  size_t n = io->file.len - io->at;
  n = n < capacity ? n : capacity;
  n = n < io->step ? n : io->step;
  if (io->at + n > io->fail_at)
    return IDF_ERR_IO;
  if (n)
    memcpy(buffer, io->file.data + io->at, n);
  io->at += n;
  *size = n;
  return IDF_OK;
}

static inline idf_status idf_test_write(void *context, const uint8_t *data, size_t size)
{
  idf_test_io *io = context;
  if (io->file.len + size > io->fail_at)
    return IDF_ERR_IO;
  idf_put_bytes(&io->file, data, size);
  return io->file.bad ? IDF_ERR_MEMORY : IDF_OK;
}

static inline void idf_test_fill(idf_test_io *io, const void *data, size_t size)
{
  idf_buf_clear(&io->file);
  idf_put_bytes(&io->file, data, size);
  io->at = 0;
  io->env.error[0] = '\0';
}

/* Appends a PNG chunk; crc_change is added to its checksum, 0 for a good one. */
static inline void idf_test_chunk(idf_test_io *io, const char *type, const void *data,
                                  uint32_t size, uint32_t crc_change)
{
  const uint8_t head[8] = {(uint8_t)(size >> 24), (uint8_t)(size >> 16), (uint8_t)(size >> 8),
                           (uint8_t)size,         (uint8_t)type[0],      (uint8_t)type[1],
                           (uint8_t)type[2],      (uint8_t)type[3]};
  uint32_t crc = 0xffffffffu;
  idf_put_bytes(&io->file, head, 8);
  idf_put_bytes(&io->file, data, size);
  for (size_t i = io->file.len - size - 4; i < io->file.len; i++) {
    crc ^= io->file.data[i];
    for (int k = 0; k < 8; k++)
      crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
  }
  crc = (crc ^ 0xffffffffu) + crc_change;
  const uint8_t tail[4] = {(uint8_t)(crc >> 24), (uint8_t)(crc >> 16), (uint8_t)(crc >> 8),
                           (uint8_t)crc};
  idf_put_bytes(&io->file, tail, 4);
}

/* Random samples below 2^depth, laid out as idf.h says. */
static inline void idf_test_samples(idf_unit_random *r, const idf_info *info, void *samples)
{
  const size_t count = (size_t)info->width * info->height * idf_channels(info->layout);
  for (size_t i = 0; i < count; i++) {
    const uint32_t v = idf_unit_below(r, 1u << info->depth);
    if (info->depth > 8)
      ((uint16_t *)samples)[i] = (uint16_t)v;
    else
      ((uint8_t *)samples)[i] = (uint8_t)v;
  }
}

#endif

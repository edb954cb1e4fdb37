/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fuzz_png.c: any bytes as a PNG file; see fuzz_image.h. Checksums of chunks are righted after
 * each mutation, so that what is behind them is reached.
 */
#include "fuzz_image.h"

#include <zlib.h>

const char *const idf_fuzz_name = "fuzz_png";
const unsigned idf_fuzz_seeds = 10, idf_fuzz_runs = 30000;

static idf_status create(idf_image_env *env, const idf_info *info, idf_buf *out,
                         idf_writer **writer)
{
  return idf_png_create(env, info, IDF_PNG_FAST, picture_write, out, writer);
}

static uint32_t big_endian(const uint8_t *at)
{
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void repair(uint8_t *data, size_t size)
{
  for (size_t at = 8; at < size && size - at >= 12;) {
    const uint32_t len = big_endian(data + at);
    if (len > size - at - 12)
      return;
    uint8_t *to = data + at + 8 + len;
    const uint32_t crc = (uint32_t)crc32(0, data + at + 4, 4 + len);
    for (int i = 0; i < 4; i++)
      to[i] = (uint8_t)(crc >> (24 - 8 * i));
    at += 12 + len;
  }
}

void (*const idf_fuzz_repair)(uint8_t *data, size_t size) = repair;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const fuzz_image_create creates[] = {create};
  fuzz_image(data, size, idf_png_open, idf_png_open, creates, 1);
  return 0;
}

void idf_fuzz_seed(unsigned i, idf_buf *buf)
{
  static const idf_layout layouts[] = {IDF_GRAY, IDF_RGB, IDF_RGBA, IDF_GRAY_ALPHA, IDF_PALETTE};
  static const uint8_t palette[3 * 16] = {0, 0, 0, 255, 255, 255, 255};
  const idf_layout layout = layouts[i % 5];
  const idf_info info = picture_info(5 + i, 4 + i % 3, layout,
                                     layout == IDF_PALETTE ? 4
                                     : i < 5               ? 8
                                                           : 16);
  fuzz_image_seed(i, &info, create,
                  layout == IDF_PALETTE ? "PLTE"
                  : i & 1               ? "tEXt"
                                        : NULL,
                  layout == IDF_PALETTE ? (const void *)palette : "Title\0a",
                  layout == IDF_PALETTE ? sizeof palette : 7, buf);
}

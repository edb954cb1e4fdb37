/* SPDX-License-Identifier: BSD-3-Clause
 *
 * png_tap.c: the parser of chunks in png_tap.h. Its buffer grows with the bytes that arrive, never
 * with a length that a file merely claims.
 */
#include "png_tap.h"

#include <string.h>

#define MOST_TOLD 8 /* chunks reported one by one; a hostile file can have any number */

/* Bytes. The end of zlib's stream, an empty block and a checksum, may be in chunks of its own that
 * libpng does not read. This file does not know where the stream ends. */
#define ZLIB_END 16

/* The CRC of PNG (ISO 3309, reflected 0xEDB88320), four bits per step, because metadata are small.
 * `crc` is the running register, all ones at the start. */
static uint32_t crc_bytes(uint32_t crc, const uint8_t *data, size_t len)
{
  static const uint32_t table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
                                     0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
                                     0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                     0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};

  for (size_t i = 0; i < len; i++) {
    crc ^= data[i];
    crc = crc >> 4 ^ table[crc & 15];
    crc = crc >> 4 ^ table[crc & 15];
  }
  return crc;
}

void idf_png_tap_init(idf_png_tap *tap, idf_image_env *env, idf_chunks *chunks)
{
  memset(tap, 0, sizeof *tap);
  tap->env = env;
  tap->chunks = chunks;
  idf_buf_init(&tap->payload, env->mem);
}

void idf_png_tap_free(idf_png_tap *tap)
{
  idf_buf_free(&tap->payload);
}

static bool named(const idf_png_tap *tap, const char *type)
{
  return memcmp(tap->head + 4, type, 4) == 0;
}

static bool of_animations(const idf_png_tap *tap)
{
  return named(tap, "acTL") || named(tap, "fcTL") || named(tap, "fdAT");
}

static void drop(idf_png_tap *tap, const char *why)
{
  char what[] = "chunk xxxx";

  if (tap->dropped++ >= MOST_TOLD)
    return;
  memcpy(what + 6, tap->head + 4, 4);
  idf_image_drop(tap->env, what, "%s left out: %s", what, why);
}

void idf_png_tap_end(idf_png_tap *tap)
{
  if (tap->idle_pixels > ZLIB_END)
    idf_image_drop(tap->env, "data after the pixels",
                   "%llu bytes in IDAT chunks after the last pixel left out",
                   (unsigned long long)tap->idle_pixels);
  if (tap->dropped > MOST_TOLD)
    idf_image_drop(tap->env, "more chunks", "%llu more chunks left out, of %llu in all",
                   (unsigned long long)(tap->dropped - MOST_TOLD),
                   (unsigned long long)tap->dropped);
}

static idf_status chunk_begins(idf_png_tap *tap)
{
  const uint32_t len = (uint32_t)tap->head[0] << 24 | (uint32_t)tap->head[1] << 16
                       | (uint32_t)tap->head[2] << 8 | tap->head[3];

  tap->left = (uint64_t)len + 4;
  tap->crc = crc_bytes(0xffffffffu, tap->head + 4, 4);
  tap->stored = 0;
  idf_buf_clear(&tap->payload);
  if (named(tap, "IDAT")) {
    tap->in_pixels = true;
    tap->idle_pixels += tap->pixels_read ? len : 0;
  }
  /* libpng checks this only for chunks that it does not skip. */
  if (!tap->begun && !named(tap, "IHDR"))
    return idf_image_fail(tap->env, IDF_ERR_CORRUPT, "does not begin with an IHDR chunk");
  tap->begun = true;
  if (named(tap, "fdAT") && tap->announced)
    tap->animated = true;
  tap->keep = !named(tap, "IDAT") && !named(tap, "IHDR") && !named(tap, "IEND");
  if (tap->keep
      && (tap->chunks->bytes >= tap->env->max_metadata
              ? len > 0
              : len > tap->env->max_metadata - tap->chunks->bytes))
    return idf_image_fail(
        tap->env, IDF_ERR_LIMIT,
        "chunk %.4s of %u bytes passes the limit of %llu bytes of metadata: raise "
        "--max-metadata",
        (const char *)tap->head + 4, (unsigned)len, (unsigned long long)tap->env->max_metadata);
  return IDF_OK;
}

/* A damaged acTL chunk may announce anything; the frames that follow it decide. */
static void animation_chunk(idf_png_tap *tap, bool good)
{
  const uint8_t *data = tap->payload.data;
  const bool first = named(tap, "acTL") && !tap->in_pixels;

  if (first)
    tap->announced = true;
  if (first && good && tap->payload.len == 8 && (data[0] || data[1] || data[2] || data[3] > 1))
    tap->animated = true;
  if (!tap->animated)
    drop(tap, tap->announced ? "an animation of one frame is a still"
                             : "without an acTL chunk before the pixels it counts for nothing");
}

static idf_status chunk_ends(idf_png_tap *tap)
{
  const bool good = (tap->crc ^ 0xffffffffu) == tap->stored;

  tap->head_len = 0;
  if (!tap->keep)
    return IDF_OK;
  if (of_animations(tap)) {
    animation_chunk(tap, good);
    return IDF_OK;
  }
  if (!good) {
    /* If the chunk matters, libpng refuses the file. */
    drop(tap, "its checksum is wrong");
    return IDF_OK;
  }
  return idf_chunks_add(tap->chunks, (const char *)tap->head + 4, tap->payload.data,
                        tap->payload.len, tap->in_pixels);
}

idf_status idf_png_tap_bytes(idf_png_tap *tap, const uint8_t *data, size_t len)
{
  while (len) {
    idf_status status = IDF_OK;
    if (tap->signature < 8) {
      const size_t n = IDF_MIN(len, (size_t)(8 - tap->signature));
      tap->signature += (unsigned)n;
      data += n;
      len -= n;
    } else if (tap->head_len < 8) {
      tap->head[tap->head_len++] = *data++;
      len--;
      if (tap->head_len == 8)
        status = chunk_begins(tap);
    } else if (tap->left > 4) {
      const uint64_t payload = tap->left - 4;
      const size_t n = payload < len ? (size_t)payload : len;
      if (tap->keep) {
        tap->crc = crc_bytes(tap->crc, data, n);
        idf_put_bytes(&tap->payload, data, n);
        if (tap->payload.bad)
          status = idf_mem_status(tap->env->mem);
      }
      tap->left -= n;
      data += n;
      len -= n;
    } else {
      tap->stored = tap->stored << 8 | *data++;
      len--;
      if (--tap->left == 0)
        status = chunk_ends(tap);
    }
    if (status != IDF_OK)
      return status;
  }
  return IDF_OK;
}

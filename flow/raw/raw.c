/* SPDX-License-Identifier: BSD-3-Clause
 *
 * raw.c: the methods that pack samples as they are, bit by bit.
 * idf(5), "TILES".
 */
#include "raw.h"

#include <string.h>

/* Gathers bits, high bit first; never more than 16 + 7 of them wait in `acc`. */
typedef struct packer {
  idf_buf *out;
  uint32_t acc;
  unsigned fill;
} packer;

static void put_packed(packer *p, uint32_t v, unsigned bits)
{
  p->acc = p->acc << bits | v;
  p->fill += bits;
  for (; p->fill >= 8; p->fill -= 8)
    idf_put_u8(p->out, p->acc >> (p->fill - 8) & 0xff);
  p->acc &= 0xff;
}

static void pack_end(packer *p)
{
  if (p->fill)
    put_packed(p, 0, 8 - p->fill);
}

typedef struct unpacker {
  idf_cur cur;
  uint32_t acc;
  unsigned fill;
} unpacker;

static uint16_t get_packed(unpacker *u, unsigned bits)
{
  for (; u->fill < bits; u->fill += 8)
    u->acc = (u->acc & 0xffff) << 8 | idf_get_u8(&u->cur);
  u->fill -= bits;
  return (uint16_t)(u->acc >> u->fill & ((1u << bits) - 1));
}

static bool unpack_clean(const unpacker *u)
{
  return !u->cur.bad && idf_cur_left(&u->cur) == 0 && (u->acc & ((1u << u->fill) - 1)) == 0;
}

static size_t row_samples(const idf_tile_shape *shape)
{
  return (size_t)shape->width * shape->channels;
}

/* The size of a solid payload in bytes. */
static size_t solid_size(const idf_tile_shape *shape)
{
  return 1 + (size_t)(shape->channels * shape->depth + 7) / 8;
}

static idf_hope look_solid(const idf_tile *tile)
{
  const unsigned c = tile->shape.channels;
  if (solid_size(&tile->shape) >= idf_tile_stored_size(&tile->shape))
    return IDF_HOPELESS;
  for (uint32_t y = 0; y < tile->shape.height; y++)
    for (size_t x = 0; x < row_samples(&tile->shape); x++)
      if (tile->samples[y * tile->stride + x] != tile->samples[x % c])
        return IDF_HOPELESS;
  return IDF_CERTAIN;
}

static idf_status encode_stored(const idf_job *job, const idf_tile *tile, idf_buf *out)
{
  packer p = {.out = out};
  idf_put_u8(out, IDF_TILE_STORED);
  for (uint32_t y = 0; y < tile->shape.height; y++)
    for (size_t x = 0; x < row_samples(&tile->shape); x++)
      put_packed(&p, tile->samples[y * tile->stride + x], tile->shape.depth);
  pack_end(&p);
  return out->bad ? idf_mem_status(job->mem) : IDF_OK;
}

static idf_status encode_solid(const idf_job *job, const idf_tile *tile, idf_buf *out)
{
  packer p = {.out = out};
  idf_put_u8(out, IDF_TILE_SOLID);
  for (unsigned c = 0; c < tile->shape.channels; c++)
    put_packed(&p, tile->samples[c], tile->shape.depth);
  pack_end(&p);
  return out->bad ? idf_mem_status(job->mem) : IDF_OK;
}

/* Spreads the bits over all samples: these tiles have no model that would assign them. */
static void report_payload(const idf_tile_shape *shape, size_t payload, idf_tile_report *report)
{
  if (report)
    idf_report_evenly(report, shape, 8.0 * (double)(payload - 1));
}

/* Starts on a payload, which must have `size` bytes. */
static idf_status unpack_start(unpacker *u, idf_cur payload, size_t size)
{
  if (idf_cur_left(&payload) != size)
    return idf_cur_left(&payload) < size ? IDF_ERR_TRUNCATED : IDF_ERR_CORRUPT;
  idf_get_u8(&payload);
  *u = (unpacker){.cur = payload};
  return IDF_OK;
}

static idf_status decode_stored(const idf_job *job, const idf_tile *tile, idf_cur payload,
                                idf_tile_report *report)
{
  unpacker u;
  idf_status status = unpack_start(&u, payload, idf_tile_stored_size(&tile->shape));
  (void)job; /* needs no memory */
  if (status != IDF_OK)
    return status;
  for (uint32_t y = 0; y < tile->shape.height; y++)
    for (size_t x = 0; x < row_samples(&tile->shape); x++)
      tile->samples[y * tile->stride + x] = get_packed(&u, tile->shape.depth);
  report_payload(&tile->shape, idf_cur_left(&payload), report);
  return unpack_clean(&u) ? IDF_OK : IDF_ERR_CORRUPT;
}

static idf_status decode_solid(const idf_job *job, const idf_tile *tile, idf_cur payload,
                               idf_tile_report *report)
{
  const unsigned c = tile->shape.channels;
  uint16_t *first = tile->samples;
  unpacker u;
  idf_status status = unpack_start(&u, payload, solid_size(&tile->shape));
  (void)job; /* needs no memory */
  if (status != IDF_OK)
    return status;
  for (size_t x = 0; x < row_samples(&tile->shape); x++)
    first[x] = x < c ? get_packed(&u, tile->shape.depth) : first[x - c];
  for (uint32_t y = 1; y < tile->shape.height; y++)
    memcpy(first + y * tile->stride, first, row_samples(&tile->shape) * sizeof *first);
  report_payload(&tile->shape, idf_cur_left(&payload), report);
  return unpack_clean(&u) ? IDF_OK : IDF_ERR_CORRUPT;
}

const idf_method idf_stored = {.name = "stored",
                               .first = IDF_TILE_STORED,
                               .last = IDF_TILE_STORED,
                               .encode = IDF_ENCODING(encode_stored),
                               .decode = decode_stored};

const idf_method idf_solid = {.name = "solid",
                              .first = IDF_TILE_SOLID,
                              .last = IDF_TILE_SOLID,
                              .look = IDF_ENCODING(look_solid),
                              .encode = IDF_ENCODING(encode_solid),
                              .decode = decode_solid};

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tile.c: the methods of a tile, and the choice among them. A tile is a pure
 * function of its shape, its samples and the model: no order of tiles, no thread
 * and nothing coded before can change a byte of it.
 */
#include "tile.h"

#include <string.h>

#include "coded.h"
#include "screen.h"

/* Bits gathered high first; never more than 16 + 7 of them wait in `acc`. */
typedef struct packer {
  idf_buf *out;
  uint32_t acc;
  unsigned fill;
} packer;

static void pack(packer *p, uint32_t v, unsigned bits)
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
    pack(p, 0, 8 - p->fill);
}

typedef struct unpacker {
  idf_cur cur;
  uint32_t acc;
  unsigned fill;
} unpacker;

static uint16_t unpack(unpacker *u, unsigned bits)
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

size_t idf_tile_stored_size(const idf_tile_shape *shape)
{
  /* At most 2^24 pixels of 4 channels of 16 bits: 2^30 bits. */
  uint32_t bits = shape->width * shape->height * shape->channels * shape->depth;
  return 1 + (size_t)(bits + 7) / 8;
}

static size_t solid_size(const idf_tile_shape *shape)
{
  return 1 + (size_t)(shape->channels * shape->depth + 7) / 8;
}

static bool is_solid(const idf_tile *tile)
{
  const unsigned c = tile->shape.channels;
  for (uint32_t y = 0; y < tile->shape.height; y++)
    for (size_t x = 0; x < row_samples(&tile->shape); x++)
      if (tile->samples[y * tile->stride + x] != tile->samples[x % c])
        return false;
  return true;
}

/* Neither stored nor solid tiles have a model: their bits belong to no sample more
 * than to another. */
static void report_evenly(const idf_tile_shape *shape, size_t payload, idf_tile_report *report)
{
  if (!report)
    return;
  double bits = 8.0 * (double)(payload - 1);
  uint32_t pixels = shape->width * shape->height;
  report->schedule = 0;
  report->colour = 0;
  report->model_bits += bits;
  for (unsigned c = 0; c < shape->channels; c++)
    report->channel_bits[c] += bits / shape->channels;
  if (report->map)
    for (uint32_t i = 0; i < pixels; i++)
      report->map[i] += (float)(bits / pixels);
}

/* The method that a payload's first byte says. */
static uint8_t method_of(unsigned byte)
{
  return (uint8_t)(byte > IDF_TILE_SCREEN && byte <= IDF_TILE_SCREEN_LAST ? IDF_TILE_SCREEN : byte);
}

static void report_start(idf_tile_report *report, unsigned byte)
{
  if (!report)
    return;
  *report = (idf_tile_report){.method = method_of(byte), .map = report->map};
}

static void put_plain(const idf_tile *tile, unsigned method, idf_buf *out)
{
  const idf_tile_shape *shape = &tile->shape;
  bool solid = method == IDF_TILE_SOLID;
  packer p = {.out = out};
  idf_put_u8(out, method);
  for (uint32_t y = 0; y < (solid ? 1 : shape->height); y++)
    for (size_t x = 0; x < (solid ? shape->channels : row_samples(shape)); x++)
      pack(&p, tile->samples[y * tile->stride + x], shape->depth);
  pack_end(&p);
}

static idf_status encode_screen(const idf_job *job, const idf_tile *tile, idf_buf *out)
{
  const size_t from = out->len;
  idf_status status = IDF_OK;
  unsigned bits = 0, wanted = IDF_SCREEN_BITS;
  while (status == IDF_OK && bits != wanted) {
    bits = wanted;
    out->len = from;
    idf_put_u8(out, IDF_TILE_SCREEN + bits - IDF_SCREEN_BITS);
    status = idf_screen_encode(job, tile, bits, out, &wanted);
  }
  return status == IDF_OK && out->bad ? idf_mem_status(out->mem) : status;
}

static idf_status encode_flow(const idf_job *job, const idf_tile *tile, idf_buf *out)
{
  idf_put_u8(out, IDF_TILE_FLOW);
  idf_status status = idf_coded_encode(job, tile, out);
  return status == IDF_OK && out->bad ? idf_mem_status(out->mem) : status;
}

idf_status idf_tile_encode(const idf_job *job, const idf_tile *tile, idf_buf *out)
{
  const idf_tile_shape *shape = &tile->shape;
  const size_t from = out->len;
  size_t best = idf_tile_stored_size(shape); /* bytes; of equal sizes the earlier one stays */
  unsigned method = IDF_TILE_STORED;
  bool settled = false;

  if (solid_size(shape) < best && is_solid(tile)) {
    method = IDF_TILE_SOLID;
    settled = true;
  }
  idf_screen_hope hope = settled ? IDF_SCREEN_HOPELESS : idf_screen_look(tile);
  if (hope != IDF_SCREEN_HOPELESS) {
    idf_status status = encode_screen(job, tile, out);
    if (status != IDF_OK)
      return status;
    if (out->len - from < best) {
      method = IDF_TILE_SCREEN;
      best = out->len - from;
      settled = idf_screen_settles(shape, hope, best);
    } else {
      out->len = from;
    }
  }
  if (!settled && job->model) {
    const size_t start = out->len;
    idf_status status = encode_flow(job, tile, out);
    if (status != IDF_OK)
      return status;
    if (out->len - start < best) {
      method = IDF_TILE_FLOW;
      memmove(out->data + from, out->data + start, out->len - start);
      out->len -= start - from;
    } else {
      out->len = start;
    }
  }
  if (method == IDF_TILE_STORED || method == IDF_TILE_SOLID)
    put_plain(tile, method, out);
  return out->bad ? idf_mem_status(out->mem) : IDF_OK;
}

static idf_status get_plain(const idf_tile *tile, unsigned method, idf_cur in)
{
  const idf_tile_shape *shape = &tile->shape;
  const size_t len = idf_cur_left(&in);
  bool solid = method == IDF_TILE_SOLID;
  unsigned c = shape->channels;
  size_t need = (solid ? solid_size(shape) : idf_tile_stored_size(shape)) - 1;
  unpacker u = {.cur = in};

  if (len != need)
    return len < need ? IDF_ERR_TRUNCATED : IDF_ERR_CORRUPT;
  for (uint32_t y = 0; y < shape->height; y++) {
    uint16_t *row = tile->samples + y * tile->stride;
    if (solid && y > 0)
      memcpy(row, tile->samples, row_samples(shape) * sizeof *row);
    else
      for (size_t x = 0; x < row_samples(shape); x++)
        row[x] = solid && x >= c ? row[x - c] : unpack(&u, shape->depth);
  }
  return unpack_clean(&u) ? IDF_OK : IDF_ERR_CORRUPT;
}

static bool in_range(const idf_tile *tile)
{
  unsigned seen = 0;
  for (uint32_t y = 0; y < tile->shape.height; y++)
    for (size_t x = 0; x < row_samples(&tile->shape); x++)
      seen |= tile->samples[y * tile->stride + x];
  return seen >> tile->shape.depth == 0;
}

idf_status idf_tile_decode(const idf_job *job, const idf_tile *tile, idf_cur payload,
                           idf_tile_report *report)
{
  const size_t len = idf_cur_left(&payload);
  const unsigned byte = idf_get_u8(&payload);
  idf_status status;

  if (payload.bad)
    return IDF_ERR_TRUNCATED;
  report_start(report, byte);
  if (method_of(byte) == IDF_TILE_SCREEN)
    return idf_screen_decode(job, tile, IDF_SCREEN_BITS + byte - IDF_TILE_SCREEN, payload, report);
  switch (byte) {
  case IDF_TILE_STORED:
  case IDF_TILE_SOLID:
    report_evenly(&tile->shape, len, report);
    return get_plain(tile, byte, payload);
  case IDF_TILE_FLOW:
    if (!job->model)
      return IDF_ERR_UNSUPPORTED;
    status = idf_coded_decode(job, tile, payload, report);
    if (status == IDF_OK && !in_range(tile))
      status = IDF_ERR_CORRUPT;
    return status;
  default:
    return IDF_ERR_UNSUPPORTED;
  }
}

idf_status idf_tile_peek(idf_cur payload, idf_tile_report *report)
{
  report->method = method_of(idf_get_u8(&payload));
  report->schedule = 0;
  report->colour = 0;
  if (report->method == IDF_TILE_FLOW) {
    report->schedule = (uint8_t)idf_get_u8(&payload);
    report->colour = idf_get_u8(&payload) & 0x0f; /* the rest are flags: coded.c */
  }
  return payload.bad ? IDF_ERR_TRUNCATED : IDF_OK;
}

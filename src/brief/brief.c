/* SPDX-License-Identifier: BSD-3-Clause
 *
 * brief.c: reads and writes the frame of the brief form. idf(5), "CONTAINER".
 */
#include "brief.h"

#include <string.h>

#include "crc32c.h"
#include "kept_file.h"

/* The byte behind the version: in a file of records it is the layout. */
#define BRIEF 0x80u
#define LAYOUT_BITS 3u

/* Flags. */
enum { WIDE = 1, MODEL = 2, TIER = 4, FORM = 16, JPEG = 64, RESERVED = 128 };

static const uint8_t tiers[4] = {1, 5, 9, 0};

bool idf_is_brief(const uint8_t *data, size_t len)
{
  idf_cur cur = idf_cur_of(data, len);
  return idf_take_magic(&cur) == IDF_OK && (idf_get_u8(&cur) & BRIEF) != 0;
}

bool idf_brief_possible(const idf_header *header, uint64_t tiles)
{
  return tiles == 1 && header->width <= 1u << IDF_BRIEF_SIDE_LOG2
         && header->height <= 1u << IDF_BRIEF_SIDE_LOG2;
}

/* The smallest tile that covers the picture; that of a JPEG file is fixed. */
static uint8_t tile_log2_of(const idf_brief *b)
{
  uint8_t log2 = IDF_MIN_TILE_LOG2;
  if (b->jpeg)
    return IDF_KEPT_TILE_LOG2;
  while (IDF_MAX(b->header.width, b->header.height) > 1u << log2)
    log2++;
  return log2;
}

/* The part of the body before the metadata. */
static void open_body(idf_brief *b, idf_cur cur)
{
  const uint8_t *id = b->model ? idf_get_bytes(&cur, IDF_BRIEF_MODEL) : NULL;
  if (id)
    memcpy(b->header.model_id, id, IDF_BRIEF_MODEL);
  if (b->jpeg) {
    const size_t size = (size_t)idf_get_varint(&cur, IDF_BRIEF_MAX);
    b->kept = idf_cur_of(cur.at, IDF_MIN(size, idf_cur_left(&cur)));
    (void)idf_get_bytes(&cur, size);
  }
  b->metadata = cur;
}

idf_status idf_brief_head(const uint8_t *data, size_t len, idf_brief *brief)
{
  idf_cur cur = idf_cur_of(data, len);
  idf_brief b = {0};

  const idf_status status = idf_take_magic(&cur);
  if (status != IDF_OK)
    return status;
  const uint32_t shape = idf_get_u8(&cur) & (BRIEF - 1), flags = idf_get_u8(&cur);
  uint32_t width = idf_get_u8(&cur), height = idf_get_u8(&cur);
  if (flags & WIDE) {
    const uint32_t sides = width | height << 8 | idf_get_u8(&cur) << 16;
    width = sides & ((1u << IDF_BRIEF_SIDE_LOG2) - 1);
    height = sides >> IDF_BRIEF_SIDE_LOG2;
  }
  const bool cut = cur.bad || idf_varint_cut(&cur);
  const size_t size = (size_t)idf_get_varint(&cur, IDF_BRIEF_MAX);
  if (cur.bad)
    return cut ? IDF_ERR_TRUNCATED : IDF_ERR_CORRUPT;
  b.model = (flags & MODEL) != 0;
  b.form = (uint8_t)(flags / FORM % 4);
  b.jpeg = (flags & JPEG) != 0;
  b.head = (size_t)(cur.at - data);
  b.header = (idf_header){.width = width + 1,
                          .height = height + 1,
                          .layout = (uint8_t)(shape & ((1u << LAYOUT_BITS) - 1)),
                          .depth = (uint8_t)((shape >> LAYOUT_BITS) + 1),
                          .tier = tiers[flags / TIER % 4]};
  b.header.tile_log2 = tile_log2_of(&b);
  if (flags & RESERVED || !idf_header_allowed(&b.header))
    return IDF_ERR_CORRUPT;
  b.size = size;
  open_body(&b, idf_cur_of(cur.at, IDF_MIN(size, idf_cur_left(&cur))));
  *brief = b;
  return IDF_OK;
}

idf_status idf_brief_whole(idf_simd simd, const uint8_t *data, idf_brief *brief)
{
  const size_t size = brief->head + brief->size;
  idf_cur tail = idf_cur_of(data + size, IDF_BRIEF_TAIL);

  if (idf_get_le32(&tail) != idf_crc32c(simd, 0, data, size))
    return IDF_ERR_CORRUPT;
  const idf_status status = idf_brief_head(data, size, brief);
  if (status != IDF_OK)
    return status;
  return brief->metadata.bad || idf_cur_left(&brief->metadata) < IDF_BRIEF_CHECK ? IDF_ERR_CORRUPT
                                                                                 : IDF_OK;
}

static void put_sides(idf_buf *out, uint32_t width, uint32_t height, bool wide)
{
  const uint32_t sides = wide ? width | height << IDF_BRIEF_SIDE_LOG2 : width | height << 8;
  idf_put_le16(out, sides & 0xffff);
  if (wide)
    idf_put_u8(out, sides >> 16);
}

static uint32_t flags_of(const idf_brief *b, bool wide)
{
  uint32_t tier = 0;
  while (tiers[tier] != b->header.tier)
    tier++;
  return (wide ? WIDE : 0u) | (b->model ? MODEL : 0u) | tier * TIER | (uint32_t)b->form * FORM
         | (b->jpeg ? JPEG : 0u);
}

static size_t varint_size(size_t v)
{
  size_t size = 1;
  for (; v >= 128; v >>= 7)
    size++;
  return size;
}

bool idf_brief_put(idf_simd simd, idf_buf *out, const idf_brief *b, const idf_buf *tile,
                   uint32_t crc)
{
  const uint32_t width = b->header.width - 1, height = b->header.height - 1;
  const size_t kept = idf_cur_left(&b->kept), metadata = idf_cur_left(&b->metadata);
  const bool wide = (width | height) > 0xff;
  const size_t from = out->len;

  if (kept > IDF_BRIEF_MAX || metadata > IDF_BRIEF_MAX || tile->len > IDF_BRIEF_MAX)
    return false;
  const size_t body = (b->model ? IDF_BRIEF_MODEL : 0) + (b->jpeg ? varint_size(kept) + kept : 0)
                      + metadata + tile->len + IDF_BRIEF_CHECK;
  if (body > IDF_BRIEF_MAX)
    return false;
  idf_put_magic(out);
  idf_put_u8(out, BRIEF | b->header.layout | (b->header.depth - 1u) << LAYOUT_BITS);
  idf_put_u8(out, flags_of(b, wide));
  put_sides(out, width, height, wide);
  idf_put_varint(out, body);
  if (b->model)
    idf_put_bytes(out, b->header.model_id, IDF_BRIEF_MODEL);
  if (b->jpeg) {
    idf_put_varint(out, kept);
    idf_put_bytes(out, b->kept.at, kept);
  }
  idf_put_bytes(out, b->metadata.at, metadata);
  idf_put_bytes(out, tile->data, tile->len);
  idf_put_le16(out, crc & 0xffff);
  if (!out->bad)
    idf_put_le32(out, idf_crc32c(simd, 0, out->data + from, out->len - from));
  return !out->bad;
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * container.c: reads and writes the header and the frames of records. The order of records is the
 * decoder's business, since only the decoder reads them in order.
 * idf(5), "CONTAINER" and idf(5), "VERSIONS".
 */
#include "container.h"

#include <string.h>

#include "crc32c.h"

static const uint8_t magic[IDF_MAGIC_SIZE] = {0x8d, 'I', 'D', 'F', '\r', '\n', 0x1a, '\n'};

static uint32_t tiles_along(uint32_t side, unsigned tile_log2)
{
  return (uint32_t)(((uint64_t)side + (1u << tile_log2) - 1) >> tile_log2);
}

uint32_t idf_tiles_across(const idf_header *header)
{
  return tiles_along(header->width, header->tile_log2);
}

uint32_t idf_tiles_down(const idf_header *header)
{
  return tiles_along(header->height, header->tile_log2);
}

void idf_put_magic(idf_buf *out)
{
  idf_put_bytes(out, magic, IDF_MAGIC_SIZE);
  idf_put_u8(out, IDF_FORMAT_VERSION);
}

idf_status idf_take_magic(idf_cur *cur)
{
  const uint8_t *first = idf_get_bytes(cur, IDF_MAGIC_SIZE);
  if (!first || memcmp(first, magic, IDF_MAGIC_SIZE) != 0)
    return IDF_ERR_NOT_IDF;
  const uint32_t version = idf_get_u8(cur);
  if (cur->bad)
    return IDF_ERR_TRUNCATED;
  return version == IDF_FORMAT_VERSION ? IDF_OK : IDF_ERR_UNSUPPORTED;
}

void idf_write_header(idf_simd simd, idf_buf *out, const idf_header *header)
{
  size_t from = out->len;
  idf_put_magic(out);
  idf_put_u8(out, header->layout);
  idf_put_u8(out, header->depth);
  idf_put_varint(out, header->width);
  idf_put_varint(out, header->height);
  idf_put_u8(out, header->tile_log2);
  idf_put_u8(out, header->tier);
  idf_put_bytes(out, header->model_id, sizeof header->model_id);
  if (!out->bad)
    idf_put_le32(out, idf_crc32c(simd, 0, out->data + from, out->len - from));
}

bool idf_varint_cut(const idf_cur *cur)
{
  const size_t len = idf_cur_left(cur);
  size_t k = 0;
  while (k < len && k < 5 && cur->at[k] >= 0x80)
    k++;
  return k == len;
}

bool idf_header_allowed(const idf_header *h)
{
  return h->width >= 1 && h->height >= 1 && h->tile_log2 >= IDF_MIN_TILE_LOG2
         && h->tile_log2 <= IDF_MAX_TILE_LOG2 && (h->tier == 1 || h->tier == 5 || h->tier == 9);
}

idf_status idf_read_header(idf_simd simd, const uint8_t *data, size_t len, idf_header *header,
                           size_t *used)
{
  idf_cur cur = idf_cur_of(data, IDF_MIN(len, (size_t)IDF_MAX_HEADER));
  const idf_status begun = idf_take_magic(&cur);
  if (begun != IDF_OK)
    return begun;

  idf_header h = {0};
  h.layout = (uint8_t)idf_get_u8(&cur);
  h.depth = (uint8_t)idf_get_u8(&cur);
  for (int i = 0; i < 2; i++) {
    bool cut = idf_varint_cut(&cur);
    uint32_t side = (uint32_t)idf_get_varint(&cur, IDF_MAX_SIDE);
    if (cur.bad)
      return cut ? IDF_ERR_TRUNCATED : IDF_ERR_CORRUPT;
    if (i == 0)
      h.width = side;
    else
      h.height = side;
  }
  h.tile_log2 = (uint8_t)idf_get_u8(&cur);
  h.tier = (uint8_t)idf_get_u8(&cur);
  const uint8_t *id = idf_get_bytes(&cur, sizeof h.model_id);
  size_t checked = (size_t)(cur.at - data);
  uint32_t crc = idf_get_le32(&cur);
  if (cur.bad)
    return IDF_ERR_TRUNCATED;
  memcpy(h.model_id, id, sizeof h.model_id);
  if (crc != idf_crc32c(simd, 0, data, checked) || !idf_header_allowed(&h))
    return IDF_ERR_CORRUPT;
  *header = h;
  *used = checked + 4;
  return IDF_OK;
}

void idf_write_record(idf_simd simd, idf_buf *out, uint8_t kind, const void *payload, size_t len)
{
  size_t from = out->len;
  idf_put_u8(out, kind);
  idf_put_varint(out, len);
  idf_put_bytes(out, payload, len);
  if (!out->bad)
    idf_put_le32(out, idf_crc32c(simd, 0, out->data + from, out->len - from));
}

void idf_put_tile_number(idf_buf *out, uint64_t tiles, uint64_t number)
{
  if (tiles > 1)
    idf_put_varint(out, number);
}

bool idf_take_tile_number(idf_record *rec, uint64_t tiles, uint64_t *number)
{
  idf_cur cur = idf_cur_of(rec->payload, rec->len);
  const uint64_t n = tiles > 1 ? idf_get_varint(&cur, tiles - 1) : 0;

  if (cur.bad)
    return false;
  *number = n;
  rec->payload = cur.at;
  rec->len = idf_cur_left(&cur);
  return true;
}

size_t idf_record_size(size_t len)
{
  size_t size = 1 + len + 4;
  do {
    size++;
    len >>= 7;
  } while (len > 0);
  return size;
}

idf_status idf_peek_record(const uint8_t *data, size_t len, idf_record *rec)
{
  *rec = (idf_record){0};
  idf_cur cur = idf_cur_of(data, len);
  rec->kind = (uint8_t)idf_get_u8(&cur);
  if (cur.bad || idf_varint_cut(&cur))
    return IDF_ERR_TRUNCATED;
  rec->len = (size_t)idf_get_varint(&cur, IDF_MAX_RECORD);
  if (cur.bad)
    return IDF_ERR_CORRUPT;
  rec->payload = cur.at;
  rec->size = (size_t)(cur.at - data) + rec->len + 4;
  return IDF_OK;
}

idf_status idf_read_record(idf_simd simd, const uint8_t *data, size_t len, idf_record *rec)
{
  idf_status status = idf_peek_record(data, len, rec);
  if (status != IDF_OK)
    return status;
  if (len < rec->size)
    return IDF_ERR_TRUNCATED;
  idf_cur cur = idf_cur_of(data + rec->size - 4, 4);
  if (idf_get_le32(&cur) != idf_crc32c(simd, 0, data, rec->size - 4))
    return IDF_ERR_CORRUPT;
  return IDF_OK;
}

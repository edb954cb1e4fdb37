/* SPDX-License-Identifier: BSD-3-Clause
 *
 * bytes.c: a growing buffer and a bounded cursor. Errors stick and are not returned, so that a
 * sequence of puts or gets needs one check.
 * idf(5), "NOTATION".
 */
#include "bytes.h"

#include <string.h>

#define FIRST_CAPACITY 256

void idf_buf_init(idf_buf *buf, idf_mem *mem)
{
  *buf = (idf_buf){.mem = mem};
}

void idf_buf_free(idf_buf *buf)
{
  idf_free(buf->mem, buf->data);
  *buf = (idf_buf){.mem = buf->mem};
}

void idf_buf_clear(idf_buf *buf)
{
  buf->len = 0;
}

bool idf_buf_reserve(idf_buf *buf, size_t more)
{
  size_t need;
  if (buf->bad)
    return false;
  if (more <= buf->cap - buf->len)
    return true;
  if (!idf_size_add(buf->len, more, &need)) {
    buf->bad = true;
    return false;
  }
  /* Doubles the capacity; a larger piece gets exactly what it needs. */
  size_t cap = IDF_MAX(buf->cap, (size_t)FIRST_CAPACITY / 2);
  cap = cap > SIZE_MAX / 2 || 2 * cap < need ? need : 2 * cap;
  uint8_t *data = idf_realloc(buf->mem, buf->data, buf->len, cap);
  if (!data) {
    buf->bad = true;
    return false;
  }
  buf->data = data;
  buf->cap = cap;
  return true;
}

/* The low n bytes of v, least significant first. */
static void put_le(idf_buf *buf, uint64_t v, size_t n)
{
  if (!idf_buf_reserve(buf, n))
    return;
  for (size_t i = 0; i < n; i++)
    buf->data[buf->len + i] = (uint8_t)(v >> (8 * i));
  buf->len += n;
}

void idf_put_u8(idf_buf *buf, uint32_t v)
{
  put_le(buf, v, 1);
}

void idf_put_le16(idf_buf *buf, uint32_t v)
{
  put_le(buf, v, 2);
}

void idf_put_le32(idf_buf *buf, uint32_t v)
{
  put_le(buf, v, 4);
}

void idf_put_le64(idf_buf *buf, uint64_t v)
{
  put_le(buf, v, 8);
}

void idf_put_varint(idf_buf *buf, uint64_t v)
{
  while (v >= 0x80) {
    put_le(buf, (v & 0x7f) | 0x80, 1);
    v >>= 7;
  }
  put_le(buf, v, 1);
}

void idf_put_bytes(idf_buf *buf, const void *data, size_t len)
{
  if (len == 0 || !idf_buf_reserve(buf, len))
    return;
  memcpy(buf->data + buf->len, data, len);
  buf->len += len;
}

idf_cur idf_cur_of(const void *data, size_t len)
{
  const uint8_t *at = data;
  return (idf_cur){.at = at, .end = len ? at + len : at};
}

size_t idf_cur_left(const idf_cur *cur)
{
  return (size_t)(cur->end - cur->at);
}

const uint8_t *idf_get_bytes(idf_cur *cur, size_t len)
{
  if (cur->bad || len > idf_cur_left(cur)) {
    cur->bad = true;
    cur->at = cur->end; /* after a failed read, all reads fail */
    return NULL;
  }
  const uint8_t *at = cur->at;
  if (len)
    cur->at += len;
  return at;
}

static uint64_t get_le(idf_cur *cur, size_t n)
{
  const uint8_t *at = idf_get_bytes(cur, n);
  uint64_t v = 0;
  if (at)
    for (size_t i = 0; i < n; i++)
      v |= (uint64_t)at[i] << (8 * i);
  return v;
}

uint32_t idf_get_u8(idf_cur *cur)
{
  return (uint32_t)get_le(cur, 1);
}

uint32_t idf_get_le16(idf_cur *cur)
{
  return (uint32_t)get_le(cur, 2);
}

uint32_t idf_get_le32(idf_cur *cur)
{
  return (uint32_t)get_le(cur, 4);
}

uint64_t idf_get_le64(idf_cur *cur)
{
  return get_le(cur, 8);
}

uint64_t idf_get_varint(idf_cur *cur, uint64_t max)
{
  uint64_t v = 0;
  for (unsigned i = 0; i < 10; i++) {
    uint64_t byte = get_le(cur, 1);
    if (cur->bad)
      return 0;
    /* The tenth byte has room for one bit. A zero byte at the end of a longer form is redundant. */
    if ((i == 9 && byte > 1) || (i > 0 && byte == 0))
      break;
    v |= (byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      if (v > max)
        break;
      return v;
    }
  }
  cur->bad = true;
  cur->at = cur->end;
  return 0;
}

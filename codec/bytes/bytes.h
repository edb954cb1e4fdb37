/* SPDX-License-Identifier: BSD-3-Clause
 *
 * bytes.h: a growing byte buffer to write to, and a bounded cursor to read from.
 *
 * Both keep a sticky error: check once, at the end. A read past the end gives zeros and sets `bad`.
 * It never touches memory outside [at, end).
 */
#ifndef IDF_CODEC_BYTES_H
#define IDF_CODEC_BYTES_H

#include "base.h"
#include "mem.h"

typedef struct idf_buf {
  idf_mem *mem;
  uint8_t *data; /* owned; `len` bytes valid of `cap` */
  size_t len, cap;
  bool bad; /* an allocation failed; later writes are ignored */
} idf_buf;

void idf_buf_init(idf_buf *buf, idf_mem *mem);
void idf_buf_free(idf_buf *buf);
void idf_buf_clear(idf_buf *buf); /* len = 0, capacity kept */
/* Makes room for `more` bytes after len. Returns false, and sets buf->bad, if there is no
 * memory. */
bool idf_buf_reserve(idf_buf *buf, size_t more);
void idf_put_u8(idf_buf *buf, uint32_t v);
void idf_put_le16(idf_buf *buf, uint32_t v);
void idf_put_le32(idf_buf *buf, uint32_t v);
void idf_put_le64(idf_buf *buf, uint64_t v);
/* LEB128: seven bits a byte, low bits first, at most 10 bytes, in the shortest form. */
void idf_put_varint(idf_buf *buf, uint64_t v);
void idf_put_bytes(idf_buf *buf, const void *data, size_t len);

typedef struct idf_cur {
  const uint8_t *at, *end;
  bool bad;
} idf_cur;

idf_cur idf_cur_of(const void *data, size_t len);
size_t idf_cur_left(const idf_cur *cur);
uint32_t idf_get_u8(idf_cur *cur);
uint32_t idf_get_le16(idf_cur *cur);
uint32_t idf_get_le32(idf_cur *cur);
uint64_t idf_get_le64(idf_cur *cur);
/* Sets `bad` for a value above `max`, for an over-long form, and at the end of the data. */
uint64_t idf_get_varint(idf_cur *cur, uint64_t max);
/* Returns a pointer to the next len bytes and skips them; NULL, and bad, if fewer are left. */
const uint8_t *idf_get_bytes(idf_cur *cur, size_t len);

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * text.c: reads the text chunks of PNG. PNG specification, 11.3.3.
 */
#include "text.h"

#include <string.h>

#include "comment.h"
#include "inflate.h"

enum { KEY_MOST = 79 };

bool idf_text_type(const char *type)
{
  return memcmp(type, "tEXt", 4) == 0 || memcmp(type, "zTXt", 4) == 0
         || memcmp(type, "iTXt", 4) == 0;
}

/* Takes the bytes up to the next zero, and the zero; NULL if there is none. */
static const uint8_t *take_string(idf_cur *cur, size_t *len)
{
  const size_t left = idf_cur_left(cur);
  const uint8_t *at = cur->at, *end = left ? memchr(at, 0, left) : NULL;
  if (!end)
    return NULL;
  *len = (size_t)(end - at);
  return idf_get_bytes(cur, *len + 1);
}

static void put_latin1(idf_buf *out, const uint8_t *text, size_t len)
{
  for (size_t i = 0; i < len; i++) {
    if (text[i] < 0x80) {
      idf_put_u8(out, text[i]);
    } else {
      idf_put_u8(out, 0xc0u | text[i] >> 6);
      idf_put_u8(out, 0x80u | (text[i] & 0x3fu));
    }
  }
}

static bool is_utf8(const uint8_t *text, size_t len)
{
  for (size_t i = 0; i < len;) {
    const size_t n = idf_utf8_length(text + i, len - i);
    if (n == 0)
      return false;
    i += n;
  }
  return true;
}

/* Appends a text up to its first zero, and a zero. */
static void put_text(idf_buf *out, const uint8_t *text, size_t size, bool international)
{
  const uint8_t *end = size ? memchr(text, 0, size) : NULL;
  const size_t len = end ? (size_t)(end - text) : size;

  if (international && is_utf8(text, len)) {
    if (len)
      idf_put_bytes(out, text, len);
  } else {
    put_latin1(out, text, len);
  }
  idf_put_u8(out, 0);
}

/* What precedes the text, after the keyword: whether it is compressed. False: not as PNG says. */
static bool take_head(idf_cur *cur, const char *type, bool *packed)
{
  size_t len;

  *packed = type[0] == 'z';
  if (type[0] == 't')
    return true;
  if (type[0] == 'i') {
    const uint32_t flag = idf_get_u8(cur);
    if (flag > 1)
      return false;
    *packed = flag == 1;
  }
  if (idf_get_u8(cur) != 0 && *packed) /* the method: deflate */
    return false;
  if (type[0] == 'i' && (!take_string(cur, &len) || !take_string(cur, &len)))
    return false;
  return !cur->bad;
}

static idf_status put_value(idf_buf *out, idf_cur *cur, const char *type, size_t most)
{
  bool packed;
  idf_buf plain;

  if (!take_head(cur, type, &packed))
    return IDF_ERR_CORRUPT;
  if (!packed) {
    put_text(out, cur->at, idf_cur_left(cur), type[0] == 'i');
    return IDF_OK;
  }
  idf_buf_init(&plain, out->mem);
  const idf_status status = idf_inflate(&plain, cur->at, idf_cur_left(cur), most);
  if (status == IDF_OK)
    put_text(out, plain.data, plain.len, type[0] == 'i');
  idf_buf_free(&plain);
  return status;
}

idf_status idf_text_get(idf_buf *out, const char *type, const uint8_t *data, size_t size,
                        size_t most, size_t *value)
{
  idf_cur cur = idf_cur_of(data, size);
  const size_t start = out->len;
  size_t len;

  const uint8_t *key = take_string(&cur, &len);
  if (!key || len == 0 || len > KEY_MOST)
    return IDF_ERR_CORRUPT;
  put_latin1(out, key, len);
  idf_put_u8(out, 0);
  *value = out->len - start;
  idf_status status = put_value(out, &cur, type, most);
  if (out->bad)
    status = idf_mem_status(out->mem);
  if (status != IDF_OK)
    out->len = start;
  return status;
}

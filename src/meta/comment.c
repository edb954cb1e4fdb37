/* SPDX-License-Identifier: BSD-3-Clause
 *
 * comment.c: converts comments to PNG chunks and back.
 */
#include "comment.h"

#include <string.h>

/* The keyword and its zero. For iTXt then: not compressed, method 0, no language, no translated
 * keyword. */
static const char latin[] = "Comment", international[] = "Comment\0\0\0\0";

size_t idf_utf8_length(const uint8_t *data, size_t size)
{
  const uint8_t c = data[0];
  const size_t n = c < 0x80                 ? 1
                   : c >= 0xc2 && c <= 0xdf ? 2
                   : c >= 0xe0 && c <= 0xef ? 3
                   : c >= 0xf0 && c <= 0xf4 ? 4
                                            : 0;

  if (n == 0 || size < n)
    return 0;
  for (size_t i = 1; i < n; i++)
    if ((data[i] & 0xc0) != 0x80)
      return 0;
  /* An over-long form, a surrogate, or beyond U+10FFFF. */
  if ((c == 0xe0 && data[1] < 0xa0) || (c == 0xed && data[1] > 0x9f)
      || (c == 0xf0 && data[1] < 0x90) || (c == 0xf4 && data[1] > 0x8f))
    return 0;
  return n;
}

bool idf_comment_chunk(const uint8_t *text, size_t size, const char **type, const char **head,
                       size_t *head_size)
{
  bool ascii = true, unicode = true;

  for (size_t i = 0; i < size && unicode;) {
    const size_t n = idf_utf8_length(text + i, size - i);
    ascii = ascii && text[i] < 0x80;
    unicode = n > 0;
    i += n;
  }
  /* Text in an unknown charset is tEXt. */
  const bool plain = ascii || !unicode;
  *type = plain ? "tEXt" : "iTXt";
  *head = plain ? latin : international;
  *head_size = plain ? sizeof latin : sizeof international;
  return size == 0 || !memchr(text, 0, size);
}

bool idf_comment_text(const char *type, const uint8_t *data, size_t size, const uint8_t **text,
                      size_t *text_size)
{
  const bool plain = memcmp(type, "tEXt", 4) == 0;
  const size_t head = plain ? sizeof latin : sizeof international;

  if ((!plain && memcmp(type, "iTXt", 4) != 0) || size < head
      || memcmp(data, plain ? latin : international, head) != 0)
    return false;
  *text = data + head;
  *text_size = size - head;
  return true;
}

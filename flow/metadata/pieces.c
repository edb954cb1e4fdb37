/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pieces.c: the one place that knows how pieces of metadata lie one behind the other.
 * idf(5), "METADATA".
 */
#include "pieces.h"

#include <string.h>

bool idf_piece_type_allowed(const void *type)
{
  const uint8_t *c = type;
  for (unsigned i = 0; i < IDF_PIECE_TYPE; i++)
    if (!((c[i] >= '0' && c[i] <= '9') || (c[i] >= 'A' && c[i] <= 'Z')
          || (c[i] >= 'a' && c[i] <= 'z')))
      return false;
  return true;
}

void idf_piece_head(uint8_t head[IDF_PIECE_HEAD], const void *type, size_t size)
{
  memcpy(head, type, IDF_PIECE_TYPE);
  for (unsigned k = 0; k < 3; k++)
    head[IDF_PIECE_TYPE + k] = (uint8_t)(size >> 8 * k);
}

uint32_t idf_piece_size(const uint8_t head[IDF_PIECE_HEAD])
{
  const uint8_t *size = head + IDF_PIECE_TYPE;
  return size[0] | (uint32_t)size[1] << 8 | (uint32_t)size[2] << 16;
}

void idf_piece_put(idf_buf *pieces, const void *type, const void *data, size_t size)
{
  uint8_t head[IDF_PIECE_HEAD];
  idf_piece_head(head, type, size);
  idf_put_bytes(pieces, head, sizeof head);
  idf_put_bytes(pieces, data, size);
}

bool idf_piece_next(idf_cur *cur, idf_plain_piece *piece)
{
  if (cur->bad || idf_cur_left(cur) == 0)
    return false;
  const uint8_t *head = idf_get_bytes(cur, IDF_PIECE_HEAD);
  const uint32_t size = head ? idf_piece_size(head) : 0;
  const uint8_t *data = idf_get_bytes(cur, size);
  if (cur->bad)
    return false;
  *piece = (idf_plain_piece){.type = head, .data = data, .size = size};
  return true;
}

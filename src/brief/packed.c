/* SPDX-License-Identifier: BSD-3-Clause
 *
 * packed.c: the numbers in front of packed metadata. idf(5), "PACKED METADATA".
 */
#include "packed.h"

static uint64_t count_pieces(const uint8_t *plain, size_t len)
{
  idf_cur cur = idf_cur_of(plain, len);
  idf_plain_piece piece;
  uint64_t count = 0;

  while (idf_piece_next(&cur, &piece))
    count++;
  return count;
}

bool idf_packed_head(idf_cur payload, idf_packed *packed)
{
  const uint64_t head = idf_get_varint(&payload, IDF_PACK_MAX * (uint64_t)IDF_PACK_WORDS);
  const uint64_t count = head / IDF_PACK_WORDS;
  const uint64_t size = idf_get_varint(&payload, IDF_PACK_MAX);
  const uint64_t len = count * IDF_PIECE_HEAD + size;

  if (payload.bad || !idf_pack_plausible(idf_cur_left(&payload), len))
    return false;
  *packed = (idf_packed){.count = count,
                         .size = size,
                         .len = (size_t)len,
                         .words = (unsigned)(head % IDF_PACK_WORDS),
                         .stream = payload};
  return true;
}

idf_status idf_packed_get(idf_mem *mem, idf_cancel *cancel, const idf_packed *packed,
                          uint8_t *plain)
{
  return idf_pack_decode(mem, cancel, packed->words, packed->stream.at,
                         idf_cur_left(&packed->stream), plain, packed->len);
}

bool idf_packed_counted(const idf_packed *packed, const uint8_t *plain)
{
  return count_pieces(plain, packed->len) == packed->count;
}

idf_status idf_packed_put(idf_mem *mem, idf_cancel *cancel, const idf_buf *plain, idf_buf *out)
{
  const uint64_t count = count_pieces(plain->data, plain->len);
  const unsigned words = idf_pack_words(plain->data, plain->len);

  idf_put_varint(out, count * IDF_PACK_WORDS + words);
  idf_put_varint(out, plain->len - count * IDF_PIECE_HEAD);
  return idf_pack_encode(mem, cancel, words, plain->data, plain->len, out);
}

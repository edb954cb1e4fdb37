/* SPDX-License-Identifier: BSD-3-Clause
 *
 * brief_pieces.c: metadata with as little around them as possible. A piece of a known type has one
 * byte before its data, and none of those that everybody writes alike. idf(5), "METADATA".
 */
#include "brief_pieces.h"

#include <string.h>

enum { FORM_NONE = 0, FORM_PLAIN = 1, FORM_PACKED = 2, FORM_PACKED_AFTER = 3 };
enum { KIND_BITS = 63, AFTER = 64, MORE = 128 };

#define OTHER 63u      /* a kind: the type follows */
#define ANY 0xffu      /* a size: a varint follows */
#define COLOURS 0xfeu  /* a size: a byte follows, the number of colours less one */
#define COLOUR 3u      /* bytes of a colour */
#define PLAIN_MOST 16u /* bytes of pieces that are too few to try packing */

/* Of two kinds for a piece the later one is shorter. */
static const struct {
  char type[5];
  uint8_t size;
  const char *data; /* all of it is known */
} kinds[] = {
    {"PLTE", COLOURS, NULL},
    {"tRNS", ANY, NULL},
    {"gAMA", 4, NULL},
    {"cHRM", 32, NULL},
    {"sRGB", 1, NULL},
    {"iCCP", ANY, NULL},
    {"cICP", 4, NULL},
    {"sBIT", ANY, NULL},
    {"mDCV", 24, NULL},
    {"cLLI", 8, NULL},
    {"bKGD", ANY, NULL},
    {"hIST", ANY, NULL},
    {"pHYs", 9, NULL},
    {"sPLT", ANY, NULL},
    {"tIME", 7, NULL},
    {"eXIf", ANY, NULL},
    {"tEXt", ANY, NULL},
    {"zTXt", ANY, NULL},
    {"iTXt", ANY, NULL},
    {"jpSg", ANY, NULL},
    {"max1", 2, NULL},
    {"gAMA", 4, "\0\0\261\217"},
    {"cHRM", 32, "\0\0z&\0\0\200\204\0\0\372\0\0\0\200\350\0\0u0\0\0\352`\0\0:\230\0\0\027p"},
    {"sRGB", 1, "\0"},
    {"pHYs", 9, "\0\0\v\023\0\0\v\023\001"},
    {"pHYs", 9, "\0\0\016\303\0\0\016\303\001"},
    {"pHYs", 9, "\0\0\016\304\0\0\016\304\001"}};
#define KINDS (sizeof kinds / sizeof *kinds)

/* ---- one piece ------------------------------------------------------------------------- */

static bool fits(size_t kind, const idf_plain_piece *piece)
{
  if (memcmp(kinds[kind].type, piece->type, IDF_PIECE_TYPE) != 0)
    return false;
  switch (kinds[kind].size) {
  case ANY:
    return true;
  case COLOURS:
    return piece->size > 0 && piece->size <= 256 * COLOUR && piece->size % COLOUR == 0;
  default:
    return piece->size == kinds[kind].size
           && (!kinds[kind].data || memcmp(kinds[kind].data, piece->data, piece->size) == 0);
  }
}

static void put_piece(idf_buf *out, const idf_plain_piece *piece, uint32_t flags)
{
  size_t kind = KINDS;
  while (kind > 0 && !fits(kind - 1, piece))
    kind--;
  const uint8_t size = kind > 0 ? kinds[kind - 1].size : ANY;
  idf_put_u8(out, flags | (kind > 0 ? (uint32_t)kind - 1 : OTHER));
  if (kind == 0)
    idf_put_bytes(out, piece->type, IDF_PIECE_TYPE);
  if (size == ANY)
    idf_put_varint(out, piece->size);
  if (size == COLOURS)
    idf_put_u8(out, piece->size / COLOUR - 1);
  if (kind == 0 || !kinds[kind - 1].data)
    idf_put_bytes(out, piece->data, piece->size);
}

/* The piece of which the first byte was taken; false: there is none. */
static bool get_piece(idf_cur *cur, uint32_t kind, idf_plain_piece *piece)
{
  if (kind >= KINDS && kind != OTHER)
    return false;
  const uint8_t size = kind == OTHER ? ANY : kinds[kind].size;
  piece->type =
      kind == OTHER ? idf_get_bytes(cur, IDF_PIECE_TYPE) : (const uint8_t *)kinds[kind].type;
  piece->size = size;
  if (size == ANY)
    piece->size = (uint32_t)idf_get_varint(cur, idf_cur_left(cur));
  if (size == COLOURS)
    piece->size = (idf_get_u8(cur) + 1) * COLOUR;
  piece->data = kind != OTHER && kinds[kind].data ? (const uint8_t *)kinds[kind].data
                                                  : idf_get_bytes(cur, piece->size);
  return !cur->bad;
}

/* ---- the forms --------------------------------------------------------------------------- */

static idf_status get_plain(idf_mem *mem, uint64_t most, idf_cur *cur, idf_brief_pieces *pieces,
                            bool *over)
{
  uint32_t byte = MORE;
  uint64_t size = 0;
  bool after = false;

  while (byte & MORE) {
    idf_plain_piece piece;
    byte = idf_get_u8(cur);
    /* Those from before the pixels are the first. */
    if ((after && !(byte & AFTER)) || !get_piece(cur, byte & KIND_BITS, &piece))
      return IDF_ERR_CORRUPT;
    size += piece.size;
    if (size > most) {
      *over = true;
      return IDF_ERR_LIMIT;
    }
    after = (byte & AFTER) != 0;
    pieces->before += !after;
    idf_piece_put(&pieces->plain, piece.type, piece.data, piece.size);
    if (pieces->plain.bad)
      return idf_mem_status(mem);
  }
  return IDF_OK;
}

static idf_status get_packed(idf_mem *mem, idf_cancel *cancel, bool parted, uint64_t most,
                             idf_cur *cur, idf_brief_pieces *pieces, bool *over)
{
  idf_packed packed;

  const uint64_t before = parted ? idf_get_varint(cur, IDF_PACK_MAX) : UINT64_MAX;
  const size_t size = (size_t)idf_get_varint(cur, idf_cur_left(cur));
  const uint8_t *payload = idf_get_bytes(cur, size);
  if (!payload || !idf_packed_head(idf_cur_of(payload, size), &packed)
      || (parted && before >= packed.count))
    return IDF_ERR_CORRUPT;
  if (packed.size > most) {
    *over = true;
    return IDF_ERR_LIMIT;
  }
  if (!idf_buf_reserve(&pieces->plain, packed.len))
    return idf_mem_status(mem);
  uint8_t *plain = pieces->plain.data + pieces->plain.len;
  const idf_status status = idf_packed_get(mem, cancel, &packed, plain);
  if (status != IDF_OK)
    return status;
  if (!idf_packed_counted(&packed, plain))
    return IDF_ERR_CORRUPT;
  pieces->plain.len += packed.len;
  pieces->before += IDF_MIN(before, packed.count);
  return IDF_OK;
}

idf_status idf_brief_pieces_get(idf_mem *mem, idf_cancel *cancel, uint8_t form, uint64_t most,
                                idf_cur *cur, idf_brief_pieces *pieces, bool *over)
{
  *over = false;
  switch (form) {
  case FORM_NONE:
    return IDF_OK;
  case FORM_PLAIN:
    return get_plain(mem, most, cur, pieces, over);
  default:
    return get_packed(mem, cancel, form == FORM_PACKED_AFTER, most, cur, pieces, over);
  }
}

static void put_plain(idf_buf *out, const idf_brief_pieces *pieces, uint64_t *count)
{
  idf_cur cur = idf_cur_of(pieces->plain.data, pieces->plain.len);
  idf_plain_piece piece;

  for (*count = 0; idf_piece_next(&cur, &piece); ++*count)
    put_piece(out, &piece,
              (*count >= pieces->before ? AFTER : 0u) | (idf_cur_left(&cur) > 0 ? MORE : 0u));
}

idf_status idf_brief_pieces_put(idf_mem *mem, idf_cancel *cancel, const idf_brief_pieces *pieces,
                                idf_buf *out, uint8_t *form)
{
  const size_t from = out->len;
  uint64_t count;
  idf_buf payload, packed;

  *form = FORM_NONE;
  if (pieces->plain.len == 0)
    return IDF_OK;
  *form = FORM_PLAIN;
  put_plain(out, pieces, &count);
  if (out->bad || out->len - from <= PLAIN_MOST || pieces->plain.len > IDF_PACK_MAX)
    return out->bad ? idf_mem_status(mem) : IDF_OK;
  idf_buf_init(&payload, mem);
  idf_buf_init(&packed, mem);
  idf_status status = idf_packed_put(mem, cancel, &pieces->plain, &payload);
  if (status == IDF_OK) {
    if (pieces->before < count)
      idf_put_varint(&packed, pieces->before);
    idf_put_varint(&packed, payload.len);
    idf_put_bytes(&packed, payload.data, payload.len);
    if (packed.bad || payload.bad)
      status = idf_mem_status(mem);
  }
  if (status == IDF_OK && packed.len < out->len - from) {
    out->len = from;
    idf_put_bytes(out, packed.data, packed.len);
    *form = pieces->before < count ? FORM_PACKED_AFTER : FORM_PACKED;
  }
  idf_buf_free(&payload);
  idf_buf_free(&packed);
  return status;
}

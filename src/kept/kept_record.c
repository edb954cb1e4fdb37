/* SPDX-License-Identifier: BSD-3-Clause
 *
 * kept_record.c: see kept_record.h.
 * idf(5), "JPEG FILES".
 */
#include "kept_record.h"

#include <string.h>

#include "coefs.h"
#include "pack.h"

#define WINDOW 1024u /* bytes that are packed, or not, together */
#define RUNS_MAX 4096u

const char *const idf_kept_suffixes[IDF_KEPT_SUFFIXES] = {".jpg", ".jpeg", ".jpe", ".jfif",
                                                          ".JPG", ".JPEG", ".JPE", ".JFIF"};

uint8_t idf_kept_first_byte(const idf_kept_record *record)
{
  return (uint8_t)(record->shape | record->suffix << 4);
}

bool idf_kept_first_byte_get(uint8_t byte, idf_kept_record *record)
{
  record->shape = byte & 15;
  record->suffix = byte >> 4;
  return record->shape < IDF_COEFS_SHAPES && record->suffix < IDF_KEPT_SUFFIXES;
}

static const uint8_t piece_type[IDF_PIECE_TYPE] = {'J', 'P', 'E', 'G'};

/* ---- put ---------------------------------------------------------------------------- */

typedef struct runs {
  idf_buf lengths, raw, piece;
  uint32_t count;
} runs;

/* Where the run that begins at `at` ends. */
static size_t end_of_run(const idf_kept_record *r, size_t at, bool packed)
{
  while (at < r->side_len) {
    const size_t n = IDF_MIN((size_t)WINDOW, r->side_len - at);
    if (idf_pack_useless(r->side + at, n) == packed)
      break;
    at += n;
  }
  return at;
}

/* Cuts the side stream. A piece has room for IDF_PACK_MAX, and what comes later is not packed. */
static void cut(const idf_kept_record *r, runs *cuts)
{
  const size_t room = IDF_PACK_MAX - IDF_PIECE_HEAD;
  size_t packed = 0;

  for (size_t at = 0; at < r->side_len; cuts->count++) {
    const bool pack = cuts->count % 2 == 0;
    size_t end = end_of_run(r, at, pack);
    if (pack)
      end = IDF_MIN(end, at + (room - packed));
    else if (packed == room || cuts->count == RUNS_MAX - 1)
      end = r->side_len;
    idf_put_varint(&cuts->lengths, end - at);
    idf_put_bytes(pack ? &cuts->piece : &cuts->raw, r->side + at, end - at);
    packed += pack ? end - at : 0;
    at = end;
  }
}

idf_status idf_kept_record_put(idf_mem *mem, const idf_kept_record *record, idf_buf *out)
{
  runs cuts = {.count = 0};
  idf_status status = IDF_OK;

  idf_buf_init(&cuts.lengths, mem);
  idf_buf_init(&cuts.raw, mem);
  idf_buf_init(&cuts.piece, mem);
  idf_put_bytes(&cuts.piece, (uint8_t[IDF_PIECE_HEAD]){0}, IDF_PIECE_HEAD);
  cut(record, &cuts);
  if (!cuts.piece.bad) /* its length is known last */
    idf_piece_head(cuts.piece.data, piece_type, cuts.piece.len - IDF_PIECE_HEAD);
  idf_put_u8(out, idf_kept_first_byte(record));
  idf_put_le32(out, record->crc);
  idf_put_varint(out, cuts.count);
  idf_put_bytes(out, cuts.lengths.data, cuts.lengths.len);
  idf_put_bytes(out, cuts.raw.data, cuts.raw.len);
  if (cuts.lengths.bad || cuts.raw.bad || cuts.piece.bad) {
    status = idf_mem_status(mem);
  } else if (cuts.piece.len > IDF_PIECE_HEAD) {
    const unsigned words = idf_pack_words(cuts.piece.data, cuts.piece.len);
    idf_put_u8(out, words);
    status = idf_pack_encode(mem, NULL, words, cuts.piece.data, cuts.piece.len, out);
  }
  if (status == IDF_OK && out->bad)
    status = idf_mem_status(mem);
  idf_buf_free(&cuts.lengths);
  idf_buf_free(&cuts.raw);
  idf_buf_free(&cuts.piece);
  return status;
}

/* ---- get ---------------------------------------------------------------------------- */

typedef struct sizes {
  const uint8_t *lengths; /* varints, known to be good */
  uint32_t runs;
  size_t raw, packed;
} sizes;

/* Reads the lengths; what is not packed must be there, what is must be plausible. */
static bool get_sizes(idf_cur *cur, sizes *s)
{
  s->runs = (uint32_t)idf_get_varint(cur, RUNS_MAX);
  s->lengths = cur->at;
  for (uint32_t i = 0; i < s->runs; i++) {
    const bool packed = i % 2 == 0;
    const size_t most = packed ? IDF_PACK_MAX - IDF_PIECE_HEAD - s->packed : idf_cur_left(cur);
    const size_t n = (size_t)idf_get_varint(cur, most);
    *(packed ? &s->packed : &s->raw) += n;
    if (cur->bad || s->raw > idf_cur_left(cur))
      return false;
  }
  return !cur->bad;
}

/* The side stream of both kinds of runs. */
static void join(const sizes *s, const uint8_t *raw, const uint8_t *packed, uint8_t *side)
{
  idf_cur lengths = idf_cur_of(s->lengths, (size_t)(raw - s->lengths));
  for (uint32_t i = 0; i < s->runs; i++) {
    const size_t n = (size_t)idf_get_varint(&lengths, IDF_PACK_MAX + (uint64_t)s->raw);
    const uint8_t **from = i % 2 == 0 ? &packed : &raw;
    if (n == 0)
      continue;
    memcpy(side, *from, n);
    side += n;
    *from += n;
  }
}

/* The data of the piece that is all of a stream; NULL, and *status. The caller frees *piece. */
static const uint8_t *unpack(idf_mem *mem, idf_cur *cur, size_t size, uint8_t **piece,
                             idf_status *status)
{
  const uint32_t words = idf_get_u8(cur);
  const size_t len = size + IDF_PIECE_HEAD;
  idf_plain_piece plain;

  *status = IDF_ERR_CORRUPT;
  if (cur->bad || words >= IDF_PACK_WORDS || !idf_pack_plausible(idf_cur_left(cur), len))
    return NULL;
  *piece = idf_alloc(mem, len, 1);
  if (!*piece) {
    *status = idf_mem_status(mem);
    return NULL;
  }
  *status = idf_pack_decode(mem, NULL, words, cur->at, idf_cur_left(cur), *piece, len);
  if (*status != IDF_OK)
    return NULL;
  idf_cur one = idf_cur_of(*piece, len);
  if (!idf_piece_next(&one, &plain) || memcmp(plain.type, piece_type, IDF_PIECE_TYPE) != 0
      || plain.size != size) {
    *status = IDF_ERR_CORRUPT;
    return NULL;
  }
  return plain.data;
}

idf_status idf_kept_record_get(idf_mem *mem, const uint8_t *payload, size_t len,
                               idf_kept_record *record)
{
  idf_cur cur = idf_cur_of(payload, len);
  sizes s = {.runs = 0};
  uint8_t *piece = NULL;
  const uint8_t *packed = NULL;
  idf_status status = IDF_OK;

  *record = (idf_kept_record){0};
  const bool known = idf_kept_first_byte_get((uint8_t)idf_get_u8(&cur), record);
  record->crc = idf_get_le32(&cur);
  if (cur.bad)
    return IDF_ERR_CORRUPT;
  if (!known)
    return IDF_ERR_UNSUPPORTED;
  if (!get_sizes(&cur, &s))
    return IDF_ERR_CORRUPT;
  const uint8_t *raw = idf_get_bytes(&cur, s.raw);
  if (s.packed > 0)
    packed = unpack(mem, &cur, s.packed, &piece, &status);
  else if (idf_cur_left(&cur) > 0)
    status = IDF_ERR_CORRUPT;
  if (status == IDF_OK) {
    record->side_len = s.packed + s.raw;
    record->side = idf_alloc(mem, record->side_len, 1);
    if (record->side)
      join(&s, raw, packed, record->side);
    else
      status = idf_mem_status(mem);
  }
  idf_free(mem, piece);
  return status;
}

void idf_kept_record_free(idf_mem *mem, idf_kept_record *record)
{
  idf_free(mem, record->side);
  *record = (idf_kept_record){0};
}

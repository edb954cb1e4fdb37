/* SPDX-License-Identifier: BSD-3-Clause
 *
 * decoder_facts.c: what the metadata say, in a form that programs need no parser for: the colour
 * profile, Exif, orientation, resolution, texts. idf(5), "METADATA".
 */
#include <string.h>

#include "exif.h"
#include "inflate.h"
#include "state.h"
#include "text.h"

/* What was made of a piece; in a list, so that pointers stay valid. */
typedef struct fact {
  struct fact *next;
  size_t piece; /* index */
  size_t size;
  size_t value; /* where a text's value begins */
  uint8_t *data;
} fact;

struct idf_decoder_facts {
  fact *first;
  uint64_t bytes; /* of all that is kept */
};

void idf_decoder_facts_free(idf_decoder *d)
{
  for (fact *f = d->facts ? d->facts->first : NULL; f;) {
    fact *next = f->next;
    idf_free(&d->mem, f->data);
    idf_free(&d->mem, f);
    f = next;
  }
  idf_free(&d->mem, d->facts);
  d->facts = NULL;
}

const idf_piece *idf_decoder_piece(const idf_decoder *d, const char *type)
{
  for (size_t i = 0; i < d->piece_count; i++)
    if (memcmp(d->pieces[i].type, type, 4) == 0)
      return &d->pieces[i];
  return NULL;
}

/* ---- facts that are kept ------------------------------------------------------------------- */

static fact *find_fact(const idf_decoder *d, size_t piece)
{
  fact *f = d->facts ? d->facts->first : NULL;
  while (f && f->piece != piece)
    f = f->next;
  return f;
}

/* The bytes that facts may still have: all together are bounded as the metadata are, because a few
 * bytes may expand to a thousand times as many. */
static size_t room_for_facts(const idf_decoder *d)
{
  const uint64_t used = d->facts ? d->facts->bytes : 0;
  return (size_t)IDF_MIN(d->limits.max_metadata - IDF_MIN(used, d->limits.max_metadata),
                         (uint64_t)SIZE_MAX);
}

/* Keeps `made`, whose bytes the list then owns. */
static idf_status keep_fact(idf_decoder *d, size_t piece, idf_buf *made, size_t value, fact **kept)
{
  if (!d->facts)
    d->facts = idf_alloc(&d->mem, 1, sizeof *d->facts);
  fact *f = d->facts ? idf_alloc(&d->mem, 1, sizeof *f) : NULL;
  if (!f) {
    idf_buf_free(made);
    return idf_mem_status(&d->mem);
  }
  *f = (fact){.next = d->facts->first,
              .piece = piece,
              .size = made->len,
              .value = value,
              .data = made->data};
  d->facts->first = f;
  d->facts->bytes += made->len;
  *kept = f;
  return IDF_OK;
}

/* Makes the fact of a piece. Memory that is refused here is no error of the decoder's. */
static idf_status make_fact(idf_decoder *d, size_t piece,
                            idf_status (*make)(idf_buf *out, const idf_piece *piece, size_t most,
                                               size_t *value),
                            fact **kept)
{
  size_t value = 0;
  idf_buf made;

  *kept = find_fact(d, piece);
  if (*kept)
    return IDF_OK;
  idf_buf_init(&made, &d->mem);
  idf_status status = make(&made, &d->pieces[piece], room_for_facts(d), &value);
  if (status == IDF_OK)
    status = keep_fact(d, piece, &made, value, kept);
  else
    idf_buf_free(&made);
  if (status != IDF_OK)
    idf_mem_forgive(&d->mem);
  return status;
}

/* ---- colour profile -------------------------------------------------------------------------- */

/* iCCP: a name of 1 to 79 bytes, a zero, method 0, zlib data. */
static idf_status make_profile(idf_buf *out, const idf_piece *piece, size_t most, size_t *value)
{
  const uint8_t *end =
      piece->size ? memchr(piece->data, 0, IDF_MIN(piece->size, (size_t)80)) : NULL;
  const size_t head = end ? (size_t)(end - piece->data) + 2 : 0;

  (void)value;
  if (!end || end == piece->data || piece->size < head || end[1] != 0)
    return IDF_ERR_CORRUPT;
  return idf_inflate(out, piece->data + head, piece->size - head, most);
}

/* Sets *data and *size to nothing; whether a caller may ask. */
static bool begin(const idf_decoder *d, const uint8_t **data, size_t *size)
{
  if (data)
    *data = NULL;
  if (size)
    *size = 0;
  return d && data && size && d->informed;
}

idf_status idf_decoder_icc(idf_decoder *decoder, const uint8_t **data, size_t *size)
{
  fact *f;

  const idf_piece *piece = begin(decoder, data, size) ? idf_decoder_piece(decoder, "iCCP") : NULL;
  if (!piece)
    return IDF_ERR_ARGUMENT;
  const idf_status status = make_fact(decoder, (size_t)(piece - decoder->pieces), make_profile, &f);
  if (status == IDF_OK) {
    *data = f->data;
    *size = f->size;
  }
  return status;
}

/* ---- Exif ------------------------------------------------------------------------------------ */

idf_status idf_decoder_exif(idf_decoder *decoder, const uint8_t **data, size_t *size)
{
  const idf_piece *piece = begin(decoder, data, size) ? idf_decoder_piece(decoder, "eXIf") : NULL;
  if (!piece)
    return IDF_ERR_ARGUMENT;
  *data = piece->data;
  *size = piece->size;
  return IDF_OK;
}

static idf_exif exif_of(const idf_decoder *d)
{
  const idf_piece *piece = d && d->informed ? idf_decoder_piece(d, "eXIf") : NULL;
  return piece ? idf_exif_read(piece->data, piece->size) : (idf_exif){0};
}

unsigned idf_decoder_orientation(idf_decoder *decoder)
{
  const unsigned orientation = exif_of(decoder).orientation;
  return orientation ? orientation : 1;
}

/* 32 bits, the high byte first. */
static uint32_t big_endian(const uint8_t *data)
{
  return (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3];
}

/* pHYs: across and down with 32 bits each, then 1 if they are pixels per metre. */
idf_status idf_decoder_resolution(idf_decoder *decoder, uint32_t *x, uint32_t *y)
{
  if (!decoder || !x || !y || !decoder->informed)
    return IDF_ERR_ARGUMENT;
  const idf_piece *piece = idf_decoder_piece(decoder, "pHYs");
  const idf_exif exif = exif_of(decoder);
  const bool said = piece && piece->size == 9 && piece->data[8] == 1;
  const uint32_t across = said ? big_endian(piece->data) : exif.across;
  const uint32_t down = said ? big_endian(piece->data + 4) : exif.down;
  if (across == 0 || down == 0)
    return IDF_ERR_ARGUMENT;
  *x = across;
  *y = down;
  return IDF_OK;
}

/* ---- texts ----------------------------------------------------------------------------------- */

static idf_status make_text(idf_buf *out, const idf_piece *piece, size_t most, size_t *value)
{
  return idf_text_get(out, piece->type, piece->data, piece->size, most, value);
}

idf_status idf_decoder_text(idf_decoder *decoder, size_t i, const char **key, const char **value)
{
  size_t piece = 0;
  fact *f;

  if (key)
    *key = NULL;
  if (value)
    *value = NULL;
  if (!decoder || !key || !value)
    return IDF_ERR_ARGUMENT;
  for (; piece < decoder->piece_count; piece++)
    if (idf_text_type(decoder->pieces[piece].type) && i-- == 0)
      break;
  if (piece == decoder->piece_count)
    return IDF_ERR_ARGUMENT;
  const idf_status status = make_fact(decoder, piece, make_text, &f);
  if (status == IDF_OK) {
    *key = (const char *)f->data;
    *value = (const char *)f->data + f->value;
  }
  return status;
}

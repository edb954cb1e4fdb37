/* SPDX-License-Identifier: BSD-3-Clause
 *
 * decoder_rows.c: gives decoded rows to the caller, as they are or as RGBA.
 */
#include <string.h>

#include "colours.h"
#include "state.h"

#define APP14 0xeeu /* second byte of the marker of Adobe's segment */

struct idf_decoder_rgba {
  idf_colours colours;
  uint16_t *samples; /* one row, from a JPEG */
  uint8_t *bytes;    /* the same as it comes */
};

void idf_decoder_rgba_free(idf_decoder *d)
{
  if (!d->rgba)
    return;
  idf_free(&d->mem, d->rgba->samples);
  idf_free(&d->mem, d->rgba->bytes);
  idf_free(&d->mem, d->rgba);
  d->rgba = NULL;
}

/* ---- what the metadata say ----------------------------------------------------------------- */

/* Adobe's segment says that CMYK is 255 - ink. */
static bool is_adobe(const idf_piece *piece)
{
  static const uint8_t start[] = {APP14, 'A', 'd', 'o', 'b', 'e'};
  return memcmp(piece->type, "jpSg", 4) == 0 && piece->size >= sizeof start
         && memcmp(piece->data, start, sizeof start) == 0;
}

static const uint8_t *data_of(const idf_decoder *d, const char *type, size_t *size)
{
  const idf_piece *piece = idf_decoder_piece(d, type);
  *size = piece ? piece->size : 0;
  return piece ? piece->data : NULL;
}

static idf_colour_facts facts_of(const idf_decoder *d)
{
  idf_colour_facts facts = {0};

  facts.plte = data_of(d, "PLTE", &facts.plte_size);
  facts.trns = data_of(d, "tRNS", &facts.trns_size);
  facts.maxval = data_of(d, "max1", &facts.maxval_size);
  for (size_t i = 0; i < d->piece_count && d->jpeg; i++)
    facts.adobe = facts.adobe || is_adobe(&d->pieces[i]);
  return facts;
}

/* Makes d->rgba. */
static idf_status make_rgba(idf_decoder *d)
{
  struct idf_decoder_rgba *r = d->rgba;

  if (!r) {
    r = d->rgba = idf_alloc(&d->mem, 1, sizeof *r);
    if (!r)
      return idf_decoder_fail(d, idf_mem_status(&d->mem), "RGBA");
    const idf_colour_facts facts = facts_of(d);
    idf_colours_init(&r->colours, &d->info, &facts);
  }
  if (d->info.layout == IDF_PALETTE && !r->colours.coloured)
    return idf_decoder_fail(d, IDF_ERR_CORRUPT, "no palette");
  if (d->jpeg && !r->samples)
    r->samples = idf_alloc(&d->mem, d->band_stride, sizeof *r->samples);
  if (d->jpeg && !r->bytes)
    r->bytes = idf_alloc(&d->mem, d->band_stride, 1);
  return !d->jpeg || (r->samples && r->bytes)
             ? IDF_OK
             : idf_decoder_fail(d, idf_mem_status(&d->mem), "RGBA");
}

/* ---- forms of rows -------------------------------------------------------------------------- */

/* Delivers the next row of the picture, which is there, at `to`. */
typedef idf_status (*deliver)(idf_decoder *d, void *to);

static idf_status deliver_samples(idf_decoder *d, void *to)
{
  const uint16_t *samples;

  if (d->jpeg)
    return idf_decoder_jpeg_row(d, to);
  const idf_status status = idf_decoder_sample_row(d, &samples);
  if (status == IDF_OK)
    idf_pack_samples(samples, d->sample_bytes, d->band_stride, to);
  return status;
}

/* The next row as samples of 16 bits, valid until the next call. */
static idf_status wide_row(idf_decoder *d, const uint16_t **samples)
{
  if (!d->jpeg)
    return idf_decoder_sample_row(d, samples);
  const idf_status status = idf_decoder_jpeg_row(d, d->rgba->bytes);
  if (status == IDF_OK)
    idf_unpack_samples(d->rgba->bytes, 1, d->band_stride, d->rgba->samples);
  *samples = d->rgba->samples;
  return status;
}

static idf_status deliver_rgba8(idf_decoder *d, void *to)
{
  const uint16_t *samples;
  const idf_status status = wide_row(d, &samples);

  if (status == IDF_OK)
    idf_colours_rgba8(&d->rgba->colours, samples, d->info.width, to);
  return status;
}

static idf_status deliver_rgba16(idf_decoder *d, void *to)
{
  const uint16_t *samples;
  const idf_status status = wide_row(d, &samples);

  if (status == IDF_OK)
    idf_colours_rgba16(&d->rgba->colours, samples, d->info.width, to);
  return status;
}

/* Delivers `count` rows of `pixel` bytes each pixel. After IDF_NEED_INPUT the same call is repeated,
 * and has `pending` of them already. */
static idf_status deliver_rows(idf_decoder *d, void *rows, uint32_t count, size_t pixel, bool rgba,
                               deliver one)
{
  uint8_t *to = rows;

  if (idf_decoder_info(d, NULL) != IDF_OK)
    return d ? d->status : IDF_ERR_ARGUMENT;
  if ((!rows && count) || d->finishing || (d->pending > 0 && pixel != d->pending_pixel)
      || count < d->pending || count - d->pending > d->info.height - d->rows)
    return IDF_ERR_ARGUMENT;
  if (rgba && make_rgba(d) != IDF_OK)
    return d->status;
  /* Rows longer than the address space do not fit it, so no caller has them. */
  const size_t line = d->info.width * pixel;
  for (to += d->pending * line; d->pending < count; d->pending++, d->rows++, to += line)
    if (one(d, to) != IDF_OK) {
      d->pending_pixel = pixel;
      return d->status;
    }
  d->pending = 0;
  return IDF_OK;
}

uint32_t idf_decoder_rows_done(const idf_decoder *decoder)
{
  return decoder ? decoder->rows : 0;
}

idf_status idf_decoder_rows(idf_decoder *decoder, void *rows, uint32_t count)
{
  if (idf_decoder_info(decoder, NULL) != IDF_OK)
    return decoder ? decoder->status : IDF_ERR_ARGUMENT;
  const size_t pixel = (size_t)decoder->channels * decoder->sample_bytes;
  return deliver_rows(decoder, rows, count, pixel, false, deliver_samples);
}

idf_status idf_decoder_rgba8(idf_decoder *decoder, uint8_t *rows, uint32_t count)
{
  return deliver_rows(decoder, rows, count, 4, true, deliver_rgba8);
}

idf_status idf_decoder_rgba16(idf_decoder *decoder, uint16_t *rows, uint32_t count)
{
  return deliver_rows(decoder, rows, count, 8, true, deliver_rgba16);
}

idf_status idf_decoder_output(const idf_decoder *decoder, idf_info *info)
{
  if (!decoder || !info || !decoder->informed)
    return IDF_ERR_ARGUMENT;
  *info = decoder->info;
  return IDF_OK;
}

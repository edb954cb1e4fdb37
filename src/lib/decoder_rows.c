/* SPDX-License-Identifier: BSD-3-Clause
 *
 * decoder_rows.c: gives the rows of the view to the caller: cut out, scaled, as samples or as RGBA.
 */
#include <string.h>

#include "colours.h"
#include "shrink.h"
#include "state.h"

struct idf_decoder_out {
  idf_colours colours; /* of the picture */
  idf_colours of_out;  /* of what is delivered */
  idf_shrink *shrink;  /* NULL: not scaled */
  uint8_t *bytes;      /* a row of a JPEG */
  uint16_t *samples;   /* the part of it */
  uint16_t *plain;     /* the part without a palette, if scaled */
  uint16_t *small;     /* a row of what is delivered, if scaled */
};

void idf_decoder_out_free(idf_decoder *d)
{
  struct idf_decoder_out *o = d->out;

  if (!o)
    return;
  idf_shrink_free(&d->mem, o->shrink);
  idf_free(&d->mem, o->bytes);
  idf_free(&d->mem, o->samples);
  idf_free(&d->mem, o->plain);
  idf_free(&d->mem, o->small);
  idf_free(&d->mem, d->out);
  d->out = NULL;
}

/* Samples of a row of this format, in memory; false: none. */
static bool make_row(idf_decoder *d, const idf_info *info, uint16_t **row)
{
  size_t count;

  if (!*row && idf_size_mul(info->width, idf_channels(info->layout), &count))
    *row = idf_alloc(&d->mem, count, sizeof **row);
  return *row != NULL;
}

static bool make_scaled(idf_decoder *d, struct idf_decoder_out *o)
{
  const idf_view *v = &d->view;
  const bool indexed = d->info.layout == IDF_PALETTE;
  const uint32_t max = indexed ? 255 : o->colours.max;

  if (!o->shrink)
    o->shrink = idf_shrink_new(&d->mem, &v->plain, max, v->scale);
  o->of_out.layout = v->out.layout;
  o->of_out.keyed = false;
  o->of_out.max = v->plain.depth < 8 ? 255 : max;
  return o->shrink && make_row(d, &v->plain, &o->plain) && make_row(d, &v->out, &o->small);
}

/* Makes what the rows of the view need, at the first of them. */
static idf_status make_out(idf_decoder *d)
{
  const idf_view *v = &d->view;
  struct idf_decoder_out *o = d->out;

  if (d->begun)
    return IDF_OK;
  if (!o) {
    o = d->out = idf_alloc(&d->mem, 1, sizeof *o);
    if (!o)
      return idf_decoder_fail(d, idf_mem_status(&d->mem), "rows");
    idf_decoder_colours(d, &o->colours);
    o->of_out = o->colours;
  }
  idf_info part = d->info;
  part.width = v->width;
  bool made = v->scale == 0 || make_scaled(d, o);
  if (d->jpeg) {
    if (!o->bytes)
      o->bytes = idf_alloc(&d->mem, d->info.width, d->channels);
    made = made && o->bytes && make_row(d, &part, &o->samples);
  }
  if (!made)
    return idf_decoder_fail(d, idf_mem_status(&d->mem), "rows");
  return idf_decoder_begin(d);
}

/* ---- rows of the view ------------------------------------------------------------------------ */

/* The next row of the part, valid until the next call. */
static idf_status part_row(idf_decoder *d, const uint16_t **samples)
{
  struct idf_decoder_out *o = d->out;
  idf_status status;

  if (d->jpeg) {
    status = idf_decoder_jpeg_row(d, o->bytes);
    if (status == IDF_OK)
      idf_unpack_samples(o->bytes + (size_t)d->view.x * d->channels, 1,
                         (size_t)d->view.width * d->channels, o->samples);
    *samples = o->samples;
  } else {
    status = idf_decoder_sample_row(d, samples);
  }
  if (status == IDF_OK)
    d->rows++;
  return status;
}

/* The next row of what is delivered, valid until the next call. */
static idf_status out_row(idf_decoder *d, const uint16_t **samples)
{
  struct idf_decoder_out *o = d->out;
  bool full = false;

  if (d->view.scale == 0)
    return part_row(d, samples);
  while (!full) {
    if (part_row(d, samples) != IDF_OK)
      return d->status;
    idf_colours_plain(&o->colours, *samples, d->view.width, o->plain);
    full = idf_shrink_add(o->shrink, o->plain);
  }
  idf_shrink_take(o->shrink, o->small);
  *samples = o->small;
  return IDF_OK;
}

/* ---- forms of rows --------------------------------------------------------------------------- */

/* Delivers the next row, which is there, at `to`. */
typedef idf_status (*deliver)(idf_decoder *d, void *to);

static idf_status deliver_samples(idf_decoder *d, void *to)
{
  const idf_info *out = &d->view.out;
  const uint16_t *samples;

  /* A whole row of a JPEG needs no copies. */
  if (d->jpeg && d->view.scale == 0 && d->view.width == d->info.width) {
    if (idf_decoder_jpeg_row(d, to) == IDF_OK)
      d->rows++;
    return d->status;
  }
  const idf_status status = out_row(d, &samples);
  if (status == IDF_OK)
    idf_pack_samples(samples, idf_sample_bytes(out), (size_t)out->width * idf_channels(out->layout),
                     to);
  return status;
}

static idf_status deliver_rgba8(idf_decoder *d, void *to)
{
  const uint16_t *samples;
  const idf_status status = out_row(d, &samples);

  if (status == IDF_OK)
    idf_colours_rgba8(&d->out->of_out, samples, d->view.out.width, to);
  return status;
}

static idf_status deliver_rgba16(idf_decoder *d, void *to)
{
  const uint16_t *samples;
  const idf_status status = out_row(d, &samples);

  if (status == IDF_OK)
    idf_colours_rgba16(&d->out->of_out, samples, d->view.out.width, to);
  return status;
}

/* Delivers `count` rows of `pixel` bytes each pixel; 0: samples as they are. After IDF_NEED_INPUT
 * the same call is repeated, and has `pending` of them already. */
static idf_status deliver_rows(idf_decoder *d, void *rows, uint32_t count, size_t pixel,
                               deliver one)
{
  uint8_t *to = rows;

  if (idf_decoder_info(d, NULL) != IDF_OK)
    return d ? d->status : IDF_ERR_ARGUMENT;
  const idf_info *out = &d->view.out;
  if ((!rows && count) || d->finishing || (d->pending > 0 && pixel != d->pending_pixel)
      || count < d->pending || count - d->pending > out->height - d->delivered)
    return IDF_ERR_ARGUMENT;
  if (count > 0 && make_out(d) != IDF_OK)
    return d->status;
  /* Indices are no colours. */
  if (count > 0 && d->info.layout == IDF_PALETTE && !d->out->colours.coloured
      && (pixel > 0 || d->view.scale > 0))
    return idf_decoder_fail(d, IDF_ERR_CORRUPT, "no palette");
  /* Rows longer than the address space do not fit it, so no caller has them. */
  const size_t line = pixel ? out->width * pixel : idf_row_bytes(out);
  for (to += d->pending * line; d->pending < count; d->pending++, d->delivered++, to += line)
    if (one(d, to) != IDF_OK) {
      d->pending_pixel = pixel;
      return d->status;
    }
  d->pending = 0;
  return IDF_OK;
}

uint32_t idf_decoder_rows_done(const idf_decoder *decoder)
{
  return decoder ? decoder->delivered : 0;
}

idf_status idf_decoder_rows(idf_decoder *decoder, void *rows, uint32_t count)
{
  return deliver_rows(decoder, rows, count, 0, deliver_samples);
}

idf_status idf_decoder_rgba8(idf_decoder *decoder, uint8_t *rows, uint32_t count)
{
  return deliver_rows(decoder, rows, count, 4, deliver_rgba8);
}

idf_status idf_decoder_rgba16(idf_decoder *decoder, uint16_t *rows, uint32_t count)
{
  return deliver_rows(decoder, rows, count, 8, deliver_rgba16);
}

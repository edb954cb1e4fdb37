/* SPDX-License-Identifier: BSD-3-Clause
 *
 * decoder_view.c: the part of the picture that is delivered, and its size; input that can be read
 * at any place, where the index leads to the tiles of that part.
 */
#include <string.h>

#include "colours.h"
#include "shrink.h"
#include "state.h"

enum { END_SIZE = 14, RECORD_LEAST = 6 }; /* bytes of an end record, and of any, at least */

/* ---- input at any place ---------------------------------------------------------------------- */

idf_status idf_decoder_create_at(const idf_limits *limits, const idf_place *place, int64_t fail_in,
                                 idf_decoder **decoder)
{
  const idf_status status = idf_decoder_create(limits, idf_place_read, NULL, fail_in, decoder);

  if (status == IDF_OK) {
    idf_decoder *d = *decoder;
    d->place = *place;
    d->in.context = &d->place;
    d->in.place = &d->place;
  }
  return status;
}

idf_status idf_decoder_new_at(const idf_limits *limits, idf_read_at_fn read_at, void *context,
                              uint64_t file_size, idf_decoder **decoder)
{
  const idf_place place = {.read_at = read_at, .context = context, .size = file_size};

  if (decoder)
    *decoder = NULL;
  return read_at ? idf_decoder_create_at(limits, &place, -1, decoder) : IDF_ERR_ARGUMENT;
}

idf_status idf_decoder_new_memory(const idf_limits *limits, const uint8_t *data, size_t size,
                                  idf_decoder **decoder)
{
  if (!data && size) {
    if (decoder)
      *decoder = NULL;
    return IDF_ERR_ARGUMENT;
  }
  /* It is only read. */
  return idf_decoder_new_at(limits, idf_memory_read_at, (void *)(uintptr_t)data, size, decoder);
}

/* Reads the record at `at`, which must be of this kind. */
static idf_status record_at(idf_decoder *d, uint64_t at, uint8_t kind, size_t most, idf_record *rec)
{
  bool framed;

  idf_input_seek(&d->in, at);
  const idf_status status = idf_input_record(&d->in, most, rec, &framed);
  return status == IDF_OK && rec->kind != kind ? IDF_ERR_CORRUPT : status;
}

/* Takes the sizes of the records of tiles, which lie between `from` and `to`. */
static idf_status take_index(idf_decoder *d, const idf_record *rec, uint64_t from, uint64_t to)
{
  idf_cur cur = idf_cur_of(rec->payload, rec->len);
  uint64_t room = to - from;

  if (rec->len < d->tiles)
    return IDF_ERR_CORRUPT;
  d->index = idf_alloc(&d->mem, (size_t)d->tiles, sizeof *d->index);
  if (!d->index)
    return idf_mem_status(&d->mem);
  for (size_t i = 0; i < d->tiles; i++) {
    d->index[i] = (uint32_t)idf_get_varint(&cur, IDF_MIN(room, (uint64_t)UINT32_MAX));
    if (cur.bad || d->index[i] < RECORD_LEAST)
      return IDF_ERR_CORRUPT;
    room -= d->index[i];
  }
  return idf_cur_left(&cur) == 0 ? IDF_OK : IDF_ERR_CORRUPT;
}

/* Reads the end record, and by it the index; `from` is the place of the first tile. */
static idf_status find_index(idf_decoder *d, uint64_t from)
{
  const size_t most = (size_t)IDF_MIN(5 * d->tiles, (uint64_t)IDF_MAX_RECORD);
  idf_record rec;

  if (d->place.size < END_SIZE || d->place.size - END_SIZE < from)
    return IDF_ERR_TRUNCATED;
  const uint64_t end = d->place.size - END_SIZE;
  idf_status status = record_at(d, end, IDF_KIND_END, 8, &rec);
  if (status != IDF_OK || rec.size != END_SIZE)
    return status == IDF_OK ? IDF_ERR_CORRUPT : status;
  idf_cur cur = idf_cur_of(rec.payload, rec.len);
  (void)idf_get_le32(&cur);
  const uint32_t back = idf_get_le32(&cur);
  if (back > end - from)
    return IDF_ERR_CORRUPT;
  status = record_at(d, end - back, IDF_KIND_INDEX, most, &rec);
  if (status != IDF_OK || rec.size != back)
    return status == IDF_OK ? IDF_ERR_CORRUPT : status;
  return take_index(d, &rec, from, end - back);
}

/* With keep_going, a damaged index is not used. */
static idf_status use_index(idf_decoder *d)
{
  const uint64_t from = d->in.base + d->in.pos;
  const idf_status status = find_index(d, from);

  if (status != IDF_OK) {
    idf_free(&d->mem, d->index);
    d->index = NULL;
  }
  if (status != IDF_OK && !(d->keep_going && idf_is_damage(status)))
    return idf_decoder_fail(d, status, "tile index");
  idf_input_seek(&d->in, from);
  return IDF_OK;
}

/* ---- the view ------------------------------------------------------------------------------- */

/* The metadata of this type. */
static const uint8_t *data_of(const idf_decoder *d, const char *type, size_t *size)
{
  const idf_piece *piece = idf_decoder_piece(d, type);
  *size = piece ? piece->size : 0;
  return piece ? piece->data : NULL;
}

/* Adobe's segment says that CMYK is 255 - ink; 0xee is the second byte of its marker. */
static bool is_adobe(const idf_piece *piece)
{
  static const uint8_t start[] = {0xee, 'A', 'd', 'o', 'b', 'e'};
  return memcmp(piece->type, "jpSg", 4) == 0 && piece->size >= sizeof start
         && memcmp(piece->data, start, sizeof start) == 0;
}

void idf_decoder_colours(const idf_decoder *d, idf_colours *colours)
{
  idf_colour_facts facts = {0};

  facts.plte = data_of(d, "PLTE", &facts.plte_size);
  facts.trns = data_of(d, "tRNS", &facts.trns_size);
  facts.maxval = data_of(d, "max1", &facts.maxval_size);
  for (size_t i = 0; i < d->piece_count && d->jpeg; i++)
    facts.adobe = facts.adobe || is_adobe(&d->pieces[i]);
  idf_colours_init(colours, &d->info, &facts);
}

/* Follows from the part and the scale. */
static void set_output(idf_decoder *d)
{
  idf_view *v = &d->view;

  v->plain = d->info;
  if (v->scale > 0) {
    idf_colours colours;
    idf_decoder_colours(d, &colours);
    v->plain = idf_colours_plain_info(&colours, &d->info);
  }
  v->plain.width = v->width;
  v->plain.height = v->height;
  v->out = idf_shrink_info(&v->plain, v->scale);
  d->content->see(d);
}

void idf_decoder_view_all(idf_decoder *d)
{
  d->view = (idf_view){.width = d->info.width, .height = d->info.height};
  set_output(d);
}

/* Whether the view may still change. */
static bool can_change(const idf_decoder *d)
{
  return d && d->informed && !d->begun && !d->finishing;
}

idf_status idf_decoder_region(idf_decoder *decoder, uint32_t x, uint32_t y, uint32_t width,
                              uint32_t height)
{
  idf_decoder *d = decoder;

  if (!can_change(d) || width == 0 || height == 0 || x >= d->info.width || y >= d->info.height
      || width > d->info.width - x || height > d->info.height - y)
    return IDF_ERR_ARGUMENT;
  d->view.x = x;
  d->view.y = y;
  d->view.width = width;
  d->view.height = height;
  set_output(d);
  return IDF_OK;
}

idf_status idf_decoder_scale(idf_decoder *decoder, unsigned scale)
{
  if (!can_change(decoder) || scale > IDF_SHRINK_MOST)
    return IDF_ERR_ARGUMENT;
  decoder->view.scale = scale;
  set_output(decoder);
  return IDF_OK;
}

idf_status idf_decoder_output(const idf_decoder *decoder, idf_info *info)
{
  if (!decoder || !info || !decoder->informed)
    return IDF_ERR_ARGUMENT;
  *info = decoder->view.out;
  return IDF_OK;
}

idf_status idf_decoder_begin(idf_decoder *d)
{
  if (d->begun)
    return IDF_OK;
  if (d->in.place && d->tiles > 1 && !d->view.whole && use_index(d) != IDF_OK)
    return d->status;
  d->rows = d->view.y;
  d->begun = true;
  return IDF_OK;
}

/* ---- progress ------------------------------------------------------------------------------- */

idf_status idf_decoder_progress(idf_decoder *decoder, idf_progress_fn progress, void *context)
{
  if (!decoder)
    return IDF_ERR_ARGUMENT;
  decoder->progress = progress;
  decoder->progress_context = context;
  return IDF_OK;
}

void idf_decoder_ready(idf_decoder *d, uint32_t rows)
{
  const idf_view *v = &d->view;
  const uint32_t seen = rows > v->y ? IDF_MIN(rows - v->y, v->height) : 0;
  const uint32_t out = seen == v->height ? v->out.height : seen >> v->scale;

  d->band_ready = rows;
  if (out > d->told && d->progress)
    d->progress(d->progress_context, out);
  d->told = IDF_MAX(d->told, out);
}

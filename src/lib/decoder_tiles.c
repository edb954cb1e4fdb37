/* SPDX-License-Identifier: BSD-3-Clause
 *
 * decoder_tiles.c: tiles of the decoder, and the rows that are in them.
 *
 * Threads decode ahead: tiles are read before their turn and decoded while the caller handles the
 * rows before them. They are judged when their turn comes, so errors, counts and skipped data are
 * the same as with one thread.
 *
 * The surprise is damage. With keep_going, the first damaged tile makes the decoder read the rest
 * of the file, if that fits a quarter of the memory limit. It then takes each later tile from where
 * its number is found (survey.h), so only damaged tiles are lost. A rest that does not fit is read
 * in order: the numbers show what was skipped or repeated, but a wrong length loses all tiles that
 * follow.
 */
#include <stdio.h>
#include <string.h>

#include "state.h"

static bool out_of_memory(idf_status status)
{
  return status == IDF_ERR_MEMORY || status == IDF_ERR_LIMIT;
}

/* The most bytes that the payload of a tile of the picture can have, with its number. */
static size_t most_of_tiles(const idf_decoder *d)
{
  return d->content->most(d, 0) + sizeof(uint64_t); /* no other is larger */
}

/* Surveys what the input has. */
static bool survey_input(idf_decoder *d, uint64_t i)
{
  const idf_input *in = &d->in;
  const idf_survey_input rest = {.data = idf_input_at(in),
                                 .len = in->len - in->pos,
                                 .first = i,
                                 .tiles = d->tiles,
                                 .most = most_of_tiles(d)};
  return idf_survey_make(&d->survey, &d->mem, &d->cancel, in->simd, &rest);
}

/* After damage: finds the places of tile `i` and its successors, if the rest of the file, from
 * in.pos on, fits in memory. IDF_OK if d->surveyed; IDF_NEED_INPUT. */
static idf_status survey_rest(idf_decoder *d, uint64_t i)
{
  const size_t most = (size_t)IDF_MIN(d->limits.max_memory / 4, (uint64_t)SIZE_MAX / 4);
  idf_input *in = &d->in;

  if (d->tiles > 1 && !d->sought) {
    const idf_status status = idf_input_pin(in, most);
    if (status == IDF_NEED_INPUT)
      return status;
    d->sought = true;
    d->surveyed = status == IDF_OK && survey_input(d, i);
    d->survey_from = in->pos;
    if (!d->surveyed)
      idf_mem_forgive(&d->mem);
  }
  return d->surveyed ? IDF_OK : IDF_ERR_CORRUPT;
}

/* Returns tile i by the survey, which has checked its checksum. */
static idf_status surveyed_record(idf_decoder *d, uint64_t i, idf_record *rec)
{
  const size_t place = idf_survey_place(&d->survey, i);
  uint64_t number;

  *rec = (idf_record){0};
  if (place == IDF_SURVEY_LOST)
    return IDF_ERR_CORRUPT;
  d->in.pos = d->survey_from + place;
  (void)idf_peek_record(idf_input_at(&d->in), d->in.len - d->in.pos, rec);
  return idf_take_tile_number(rec, d->tiles, &number) ? IDF_OK : IDF_ERR_CORRUPT;
}

/* Reads the next record, which should be a tile's. On IDF_OK *number is the tile's number, and
 * rec->payload is what follows it. *framed is as in idf_input_record. */
static idf_status numbered_record(idf_decoder *d, idf_record *rec, uint64_t *number, bool *framed)
{
  *framed = false;
  idf_status status = idf_input_peek(&d->in, rec);
  if (status == IDF_OK && rec->kind != IDF_KIND_TILE)
    status = IDF_ERR_CORRUPT;
  if (status == IDF_OK)
    status = idf_input_record(&d->in, most_of_tiles(d), rec, framed);
  if (status == IDF_OK && !idf_take_tile_number(rec, d->tiles, number))
    status = IDF_ERR_CORRUPT;
  return status;
}

/* Reads the record of tile `i`. On IDF_OK it is whole and checked, and its payload is without the
 * number. rec->size bytes must be skipped then, and after damage with keep_going, too. Unless
 * `alone` is set, other tiles that were read may hold memory that a survey needs: *again says to
 * call again without them. */
static idf_status tile_record(idf_decoder *d, uint64_t i, bool alone, idf_record *rec, bool *again)
{
  *again = false;
  for (;;) {
    uint64_t number = i;
    bool framed;

    *rec = (idf_record){0};
    if (d->adrift)
      return IDF_ERR_CORRUPT;
    if (d->brief.head > 0) {
      idf_decoder_brief_tile(d, rec);
      return IDF_OK;
    }
    if (d->surveyed)
      return surveyed_record(d, i, rec);
    idf_status status = numbered_record(d, rec, &number, &framed);
    const bool other = status == IDF_OK && number != i;
    if (other)
      status = IDF_ERR_CORRUPT;
    if (!idf_is_damage(status) || !d->keep_going) {
      *again = !alone && out_of_memory(status);
      return status;
    }
    if (!alone && !d->sought) {
      *again = true;
      return status;
    }
    status = survey_rest(d, i);
    if (status == IDF_NEED_INPUT)
      return status;
    if (status == IDF_OK)
      continue;
    if (other && number < i) { /* repeated, or too late */
      idf_input_skip(&d->in, rec->size);
      continue;
    }
    if (other || !framed)
      rec->size = 0;
    d->adrift = !other && !framed;
    return IDF_ERR_CORRUPT;
  }
}

/* The record of tile i, whose place and size the index says. */
static idf_status indexed_record(idf_decoder *d, uint64_t i, idf_record *rec)
{
  uint64_t number = i;
  bool framed;

  *rec = (idf_record){0};
  idf_status status = numbered_record(d, rec, &number, &framed);
  if (status == IDF_OK && (number != i || rec->size != d->index[i]))
    status = IDF_ERR_CORRUPT;
  rec->size = d->index[i];
  return status;
}

/* The model of the file, after find_model was IDF_OK. */
static const idf_model *model_of(const idf_decoder *d)
{
  return d->own ? d->own : d->given;
}

static idf_status find_model(idf_decoder *d)
{
  const uint8_t *id = d->header.model_id;

  if (d->own)
    return IDF_OK;
  if (d->given && memcmp(idf_model_hash(d->given), id, d->model_id_size) == 0)
    return IDF_OK;
  return idf_builtin_by_id(&d->mem, id, &d->own);
}

static idf_status no_model(idf_decoder *d, idf_status status)
{
  const uint8_t *id = d->header.model_id;

  if (status == IDF_ERR_UNSUPPORTED && d->model_id_size < sizeof d->header.model_id)
    return idf_decoder_fail(d, status, "no model %02x%02x... here", id[0], id[1]);
  if (status == IDF_ERR_UNSUPPORTED)
    return idf_decoder_fail(d, status, "no model %02x%02x%02x%02x%02x%02x%02x%02x here", id[0],
                            id[1], id[2], id[3], id[4], id[5], id[6], id[7]);
  return idf_decoder_fail(d, status, "reading the model");
}

static void describe(const idf_decoder *d, uint64_t i, idf_tile_info *tile)
{
  const idf_tile_note *note = &d->notes[i];
  *tile = (idf_tile_info){.method = note->method,
                          .schedule = note->schedule,
                          .colour = note->colour,
                          .lost = note->lost,
                          .ranks = note->ranks,
                          .joint = note->joint,
                          .bytes = note->size};
  d->content->describe(d, i, tile);
}

/* ---- tiles read and decoded before their turn -------------------------------------- */

static idf_ahead *ahead_of(const idf_decoder *d, uint64_t i)
{
  return &d->ahead[i % d->ahead_cap];
}

static void drop_copy(idf_decoder *d, idf_ahead *a)
{
  idf_free(&d->mem, a->copy);
  a->copy = NULL;
}

/* Ends all decoding. */
static void dismiss(idf_decoder *d)
{
  idf_pool_free(d->pool);
  d->pool = NULL;
}

void idf_ahead_free(idf_decoder *d)
{
  dismiss(d);
  for (size_t k = 0; k < d->ahead_cap; k++)
    drop_copy(d, &d->ahead[k]);
  idf_free(&d->mem, d->ahead);
}

/* Whether another tile can be read: the payload of the last one must not need the input. */
static bool keep_copy(idf_decoder *d, idf_ahead *a)
{
  if (a->read != IDF_OK)
    return d->keep_going && idf_is_damage(a->read);
  if (a->done) /* nobody decodes it */
    return true;
  if (a->model != IDF_OK || idf_threads_of(d) == 1)
    return false;
  a->copy = idf_alloc(&d->mem, a->rec.len, 1);
  if (!a->copy) {
    idf_mem_forgive(&d->mem);
    return false;
  }
  if (a->rec.len)
    memcpy(a->copy, a->rec.payload, a->rec.len);
  a->rec.payload = a->copy;
  return true;
}

/* Whether the view needs tile i. */
static bool in_view(const idf_decoder *d, uint64_t i)
{
  const idf_view *v = &d->view;
  const uint64_t row = i / d->across, col = i % d->across;
  return row >= v->first_row && row <= v->last_row && col >= v->first_col && col <= v->last_col;
}

/* Passes over tile i, of which the index says the size. */
static bool pass_over(idf_decoder *d, idf_ahead *a, uint64_t i)
{
  a->rec.size = d->index[i];
  a->report.method = IDF_METHOD_UNKNOWN;
  a->done = true;
  idf_input_seek(&d->in, d->in.base + d->in.pos + a->rec.size);
  d->read_on = true;
  d->read_count++;
  return true;
}

/* Reads the next tile; false: it must wait for its turn, or, if it has come, for input. Tiles that
 * the view does not need are read and checked, too, unless there is an index. */
static bool read_ahead(idf_decoder *d, bool wanted)
{
  const uint64_t i = d->read_count;
  const bool alone = i == d->note_count, use = wanted && in_view(d, i);
  idf_ahead *a = ahead_of(d, i);
  bool again = false;

  *a = (idf_ahead){0};
  if (d->index && !use)
    return pass_over(d, a, i);
  a->read = d->index ? indexed_record(d, i, &a->rec) : tile_record(d, i, alone, &a->rec, &again);
  if (a->read == IDF_NEED_INPUT)
    return false;
  if (again) {
    idf_mem_forgive(&d->mem);
    return false;
  }
  if (a->read == IDF_OK && (a->rec.len > d->content->most(d, i) || !d->content->peek(d, a)))
    a->read = IDF_ERR_CORRUPT;
  if (a->read == IDF_OK && use && a->report.needs_model)
    a->model = find_model(d);
  if (!alone && out_of_memory(a->model)) {
    idf_mem_forgive(&d->mem);
    return false;
  }
  a->done = !use;
  if (d->index)
    idf_input_seek(&d->in, d->in.base + d->in.pos + a->rec.size);
  else
    idf_input_skip(&d->in, a->rec.size);
  d->read_on = keep_copy(d, a);
  d->read_count++;
  return true;
}

/* Decodes tile i, which was read. Several threads run this; each changes only the idf_ahead of the
 * tile and its samples. */
static void decode_ahead(void *context, uint64_t i)
{
  idf_decoder *d = context;
  idf_ahead *a = ahead_of(d, i);
  idf_tile_report report = {.map = d->map_bits};

  if (a->done || a->read != IDF_OK || a->model != IDF_OK)
    return;
  if (idf_cancelled(&d->cancel)) {
    a->decode = IDF_ERR_CANCELLED;
    return;
  }
  a->decode = d->content->decode(d, i, a, d->measured ? &report : NULL);
  a->done = !out_of_memory(a->decode);
  a->report.model_bits = report.model_bits;
  memcpy(a->report.channel_bits, report.channel_bits, sizeof report.channel_bits);
  if (a->done)
    drop_copy(d, a);
}

/* Makes room for four tiles per thread, so that no thread waits for another one's tile, and for
 * those beside the view; and, once tiles are `wanted`, the threads that decode them. */
static idf_status make_ahead(idf_decoder *d, bool wanted)
{
  if (!d->ahead) {
    const unsigned threads = idf_threads_of(d);
    const uint32_t seen = d->view.last_col - d->view.first_col + 1;
    const uint64_t all = 4 * (uint64_t)threads * ((d->across + seen - 1) / seen);
    const uint64_t most = threads > 1 ? IDF_MIN(all, d->tiles) : 1;
    d->ahead = idf_alloc(&d->mem, (size_t)most, sizeof *d->ahead);
    d->ahead_cap = d->ahead ? (size_t)most : 0;
  }
  if (d->ahead && wanted && !d->pool)
    d->pool = idf_pool_new(&d->mem, idf_threads_of(d), d->note_count, d->tiles, decode_ahead, d);
  return d->ahead && (!wanted || d->pool) ? IDF_OK : idf_mem_status(&d->mem);
}

/* The map needs all pixels of a tile, set to zero. */
static idf_status make_map(idf_decoder *d, uint64_t i)
{
  const size_t most = (size_t)d->side * d->side;
  idf_tile_info tile;

  if (!idf_is_mapped(d) || !in_view(d, i))
    return IDF_OK;
  d->content->describe(d, i, &tile);
  if (!d->map_bits && !(d->map_bits = idf_alloc(&d->mem, most, sizeof *d->map_bits)))
    return idf_mem_status(&d->mem);
  memset(d->map_bits, 0, (size_t)tile.width * tile.height * sizeof *d->map_bits);
  return IDF_OK;
}

/* Reads tiles: in any case the one whose turn it is, and others as far as band and memory have
 * room. The caller has the rows of tiles before that of note_count. */
static idf_status fill_ahead(idf_decoder *d, bool wanted)
{
  uint64_t end = d->note_count + 1;

  idf_status status = make_ahead(d, wanted);
  if (status == IDF_OK && wanted)
    status = make_map(d, d->note_count);
  if (status != IDF_OK)
    return status;
  if (wanted && idf_threads_of(d) > 1) {
    const uint64_t row = d->note_count / d->across + d->band_tiles;
    end = IDF_MIN(IDF_MIN(row * d->across, d->tiles), d->note_count + d->ahead_cap);
  }
  while (d->read_count < end && (d->read_on || d->read_count == d->note_count))
    if (!read_ahead(d, wanted))
      break;
  return IDF_OK;
}

/* Waits until tile i is decoded. If memory is too little for many tiles at once, it may suffice for
 * fewer: this halves the number of threads, permanently. Only a failure with one thread counts. */
static void have_decoded(idf_decoder *d, uint64_t i)
{
  for (;;) {
    idf_pool_offer(d->pool, idf_threads_of(d) == 1 ? i + 1 : d->read_count);
    idf_pool_wait(d->pool, i);
    if (!out_of_memory(ahead_of(d, i)->decode) || d->threads == 1)
      return;
    d->threads /= 2;
    idf_pool_recall(d->pool, i, d->threads);
    idf_mem_forgive(&d->mem);
  }
}

/* ---- a tile's turn ---------------------------------------------------------------- */

/* The result of the tile whose turn it is. */
static idf_status outcome_of_tile(idf_decoder *d, uint64_t i, const idf_ahead *a)
{
  if (!in_view(d, i))
    return IDF_OK;
  if (a->model != IDF_OK)
    return no_model(d, a->model);
  /* The record was whole, so data that end inside it are wrong and not cut short. */
  if (a->decode == IDF_ERR_TRUNCATED)
    return IDF_ERR_CORRUPT;
  if (a->decode != IDF_OK || !d->measured)
    return a->decode;
  d->anatomy.model_bits += a->report.model_bits;
  for (int c = 0; c < 4; c++)
    d->anatomy.channel_bits[c] += a->report.channel_bits[c];
  if (idf_is_mapped(d)) {
    idf_tile_info tile;
    describe(d, i, &tile);
    d->map(d->map_context, &tile, d->map_bits);
  }
  return IDF_OK;
}

idf_status idf_next_tile(idf_decoder *d, bool wanted)
{
  uint64_t i = d->note_count;

  void *notes = d->notes;
  bool room = idf_make_item(&d->mem, &notes, d->note_count, &d->note_cap, sizeof *d->notes);
  d->notes = notes;
  idf_status status = room ? IDF_OK : idf_mem_status(&d->mem);
  if (idf_cancelled(&d->cancel))
    return idf_decoder_fail(d, IDF_ERR_CANCELLED, "tile %llu", (unsigned long long)i);
  if (!wanted)
    dismiss(d);
  if (room)
    status = fill_ahead(d, wanted);
  if (status == IDF_OK && d->read_count == i)
    status = IDF_NEED_INPUT;
  if (status != IDF_OK)
    return idf_decoder_fail(d, status, "tile %llu", (unsigned long long)i);
  if (wanted)
    have_decoded(d, i);
  idf_ahead *a = ahead_of(d, i);
  idf_tile_note *note = &d->notes[i];

  *note = (idf_tile_note){.size = (uint32_t)a->rec.size,
                          .method = a->report.method,
                          .schedule = a->report.schedule,
                          .colour = a->report.colour,
                          .ranks = a->report.values,
                          .joint = a->report.joint};
  status = a->read;
  if (status == IDF_OK && wanted)
    status = outcome_of_tile(d, i, a);
  drop_copy(d, a);
  if (status == IDF_OK) {
    if (note->method < IDF_METHODS) {
      d->by_method[note->method].tiles++;
      d->by_method[note->method].bytes += note->size;
    }
  } else {
    if (d->status != IDF_OK || !d->keep_going || !idf_is_damage(status))
      return idf_decoder_fail(d, status, "tile %llu of %llu", (unsigned long long)i,
                              (unsigned long long)d->tiles);
    if (d->detail[0] == '\0')
      snprintf(d->detail, sizeof d->detail, "tile %llu is damaged", (unsigned long long)i);
    *note = (idf_tile_note){.size = (uint32_t)a->rec.size, .lost = true};
    d->anatomy.tiles_lost++;
    if (wanted && in_view(d, i))
      d->content->blank(d, i);
  }
  d->note_count++;
  d->anatomy.tile_bytes += a->rec.size;
  return IDF_OK;
}

idf_status idf_decoder_tile(const idf_decoder *decoder, size_t i, idf_tile_info *tile)
{
  if (!decoder || !tile || i >= decoder->note_count)
    return IDF_ERR_ARGUMENT;
  describe(decoder, i, tile);
  return IDF_OK;
}

/* ---- samples ----------------------------------------------------------------------- */

static idf_tile_shape shape_of_tile(const idf_decoder *d, uint64_t i)
{
  uint32_t x = (uint32_t)(i % d->across) * d->side, y = (uint32_t)(i / d->across) * d->side;
  return idf_shape_of(&d->info, IDF_MIN(d->side, d->info.width - x),
                      IDF_MIN(d->side, d->info.height - y));
}

/* The first sample of tile `i` in the band. */
static uint16_t *place_in_band(const idf_decoder *d, uint64_t i)
{
  const size_t row = (size_t)(i / d->across % d->band_tiles) * d->side;
  const size_t col = (size_t)(i % d->across - d->view.first_col) * d->side;
  return d->band + row * d->band_stride + col * d->channels;
}

static void blank_samples(const idf_decoder *d, uint64_t i)
{
  idf_tile_shape shape = shape_of_tile(d, i);
  uint16_t *samples = place_in_band(d, i);
  for (uint32_t y = 0; y < shape.height; y++)
    memset(samples + y * d->band_stride, 0, (size_t)shape.width * shape.channels * sizeof *samples);
}

static size_t most_samples(const idf_decoder *d, uint64_t i)
{
  const idf_tile_shape shape = shape_of_tile(d, i);
  return idf_tile_stored_size(&shape);
}

static bool peek_samples(const idf_decoder *d, idf_ahead *a)
{
  (void)d;
  return idf_tile_peek(idf_cur_of(a->rec.payload, a->rec.len), &a->report) == IDF_OK;
}

static idf_status decode_samples(idf_decoder *d, uint64_t i, const idf_ahead *a,
                                 idf_tile_report *report)
{
  const idf_job job = {.mem = &d->mem,
                       .model = a->report.needs_model ? model_of(d) : NULL,
                       .kernels = d->kernels,
                       .cancel = &d->cancel};
  const idf_tile tile = {
      .shape = shape_of_tile(d, i), .samples = place_in_band(d, i), .stride = d->band_stride};
  return idf_tile_decode(&job, &tile, idf_cur_of(a->rec.payload, a->rec.len), report);
}

static void describe_samples(const idf_decoder *d, uint64_t i, idf_tile_info *tile)
{
  const idf_tile_shape shape = shape_of_tile(d, i);
  tile->x = (uint32_t)(i % d->across) * d->side;
  tile->y = (uint32_t)(i / d->across) * d->side;
  tile->width = shape.width;
  tile->height = shape.height;
}

static void see_samples(idf_decoder *d)
{
  idf_view *v = &d->view;
  const uint32_t down = (uint32_t)(d->tiles / d->across);

  v->first_col = v->x / d->side;
  v->last_col = (v->x + v->width - 1) / d->side;
  v->first_row = v->y / d->side;
  v->last_row = (v->y + v->height - 1) / d->side;
  v->whole = v->first_col == 0 && v->last_col == d->across - 1 && v->first_row == 0
             && v->last_row == down - 1;
  d->band_width = (uint32_t)(IDF_MIN(((uint64_t)v->last_col + 1) * d->side, (uint64_t)d->info.width)
                             - (uint64_t)v->first_col * d->side);
  d->band_stride = (size_t)d->band_width * d->channels;
  d->band_ready = v->first_row * d->side;
}

const idf_content idf_content_samples = {.see = see_samples,
                                         .most = most_samples,
                                         .peek = peek_samples,
                                         .decode = decode_samples,
                                         .blank = blank_samples,
                                         .describe = describe_samples};

/* Moves to the next row of tiles, which may be in the band already. */
static idf_status next_row_of_tiles(idf_decoder *d)
{
  const uint32_t height = IDF_MIN(d->side, d->info.height - d->band_ready);

  if (!d->band) {
    idf_header seen = d->header;
    seen.width = d->band_width;
    d->band = idf_band_alloc(&d->mem, &seen, idf_threads_of(d), &d->band_tiles);
    if (!d->band)
      return idf_decoder_fail(d, idf_mem_status(&d->mem), "a row of tiles");
  }
  /* This may be called again in the middle of the row, after IDF_NEED_INPUT. */
  const uint64_t first = (uint64_t)(d->band_ready / d->side) * d->across;
  while (d->note_count <= first + d->view.last_col)
    if (idf_next_tile(d, true) != IDF_OK)
      return d->status;
  if (d->view.whole)
    d->crc = idf_samples_crc(d->in.simd, d->crc, place_in_band(d, first), d->sample_bytes,
                             d->band_stride * height);
  idf_decoder_ready(d, d->band_ready + height);
  return IDF_OK;
}

idf_status idf_decoder_sample_row(idf_decoder *d, const uint16_t **row)
{
  if (d->rows >= d->band_ready && next_row_of_tiles(d) != IDF_OK)
    return d->status;
  *row = d->band + (size_t)(d->rows % (d->band_tiles * d->side)) * d->band_stride
         + (size_t)(d->view.x - d->view.first_col * d->side) * d->channels;
  return IDF_OK;
}

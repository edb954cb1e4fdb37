/* SPDX-License-Identifier: BSD-3-Clause
 *
 * encoder.c: the encoder: takes rows, writes a file.
 *
 * Metadata wait until the part that follows them begins, and are then packed together. Rows wait as
 * uint16_t in a band: one row of tiles, or several in turn with many threads. Tiles whose rows are
 * complete are coded in any order, while more rows come. They are written in their order, when
 * their place is needed.
 */
#include "encoder_state.h"

#include <string.h>

#include "packed.h"

void idf_settings_init(idf_settings *settings)
{
  if (settings)
    *settings = (idf_settings){
        .effort = 5, .tile_log2 = 10, .max_memory = IDF_DEFAULT_MEMORY, .threads = 1};
}

idf_status idf_encoder_fail(idf_encoder *e, idf_status status)
{
  if (e->status == IDF_OK)
    e->status = status;
  return e->status;
}

void idf_encoder_free(idf_encoder *encoder)
{
  if (!encoder)
    return;
  idf_mem *mem = &encoder->mem;
  idf_pool_free(encoder->pool);
  idf_encoder_jpeg_free(encoder);
  idf_model_release(mem, encoder->own_model);
  idf_free(mem, encoder->band);
  for (size_t i = 0; i < encoder->slot_count; i++)
    idf_buf_free(&encoder->slots[i].payload);
  idf_free(mem, encoder->slots);
  idf_buf_free(&encoder->payload);
  idf_buf_free(&encoder->record);
  idf_buf_free(&encoder->index);
  idf_buf_free(&encoder->tile);
  idf_buf_free(&encoder->late);
  idf_buf_free(&encoder->pieces);
  idf_free(NULL, encoder);
}

/* Codes tile i, whose rows are in the band. Several threads run this; each changes only its
 * slot. */
static void code_tile(void *context, uint64_t i)
{
  idf_encoder *e = context;
  idf_slot *s = &e->slots[i % e->slot_count];
  const uint32_t side = 1u << e->tile_log2, across = e->across;
  const uint32_t row = (uint32_t)(i / across), left = (uint32_t)(i % across) * side;

  if (s->done)
    return;
  if (idf_cancelled(&e->cancel)) {
    s->status = IDF_ERR_CANCELLED;
    return;
  }
  const idf_job job = {.mem = &e->mem,
                       .model = e->model,
                       .kernels = e->kernels,
                       .no_history = e->settings.no_history != 0,
                       .cancel = &e->cancel};
  const idf_tile tile = {.shape = idf_shape_of(&e->info, IDF_MIN(side, e->info.width - left),
                                               IDF_MIN(side, e->info.height - row * side)),
                         .samples = e->band + row % e->band_tiles * side * e->band_stride
                                    + (size_t)left * e->channels,
                         .stride = e->band_stride};
  idf_put_tile_number(&s->payload, e->tiles, i);
  s->status = idf_tile_encode(&job, &tile, &s->payload);
  s->done = s->status == IDF_OK;
}

/* The format has three tiers. A model from the caller counts as the default tier. */
static uint8_t tier_of(int effort)
{
  return effort == 1 || effort == 9 ? (uint8_t)effort : 5;
}

idf_status idf_encoder_make(const idf_settings *settings, idf_write_fn write, void *context,
                            int64_t fail_in, idf_encoder **encoder)
{
  idf_settings set;
  idf_status status = IDF_OK;

  if (encoder)
    *encoder = NULL;
  idf_settings_init(&set);
  if (settings)
    set = *settings;
  if (!encoder || !write || set.tile_log2 < IDF_MIN_TILE_LOG2 || set.tile_log2 > IDF_MAX_TILE_LOG2
      || !idf_all_zero(set.reserved, sizeof set.reserved / sizeof *set.reserved))
    return IDF_ERR_ARGUMENT;

  const idf_kernels *kernels = idf_kernels_of(set.simd);
  idf_encoder *e = idf_object_new(sizeof *e, set.max_memory, fail_in, &status);
  if (!e)
    return status;
  e->settings = set;
  e->threads = idf_thread_count(set.threads);
  e->write = write;
  e->context = context;
  idf_buf_init(&e->payload, &e->mem);
  idf_buf_init(&e->record, &e->mem);
  idf_buf_init(&e->index, &e->mem);
  idf_buf_init(&e->tile, &e->mem);
  idf_buf_init(&e->late, &e->mem);
  idf_buf_init(&e->pieces, &e->mem);
  e->kernels = kernels;
  if (!kernels) {
    idf_encoder_free(e);
    return IDF_ERR_UNSUPPORTED;
  }
  *encoder = e;
  return IDF_OK;
}

void idf_encoder_describe(idf_encoder *e, const idf_info *info, unsigned tile_log2)
{
  e->info = *info;
  e->channels = idf_channels(info->layout);
  e->sample_bytes = idf_sample_bytes(info);
  e->tile_log2 = tile_log2;
  e->header = (idf_header){.width = info->width,
                           .height = info->height,
                           .layout = (uint8_t)info->layout,
                           .depth = (uint8_t)info->depth,
                           .tile_log2 = (uint8_t)tile_log2,
                           .tier = tier_of(e->settings.effort)};
}

idf_status idf_encoder_create(const idf_settings *settings, const idf_info *info,
                              idf_write_fn write, void *context, int64_t fail_in,
                              idf_encoder **encoder)
{
  idf_encoder *e;

  if (encoder)
    *encoder = NULL;
  if (!info || !idf_info_valid(info) || info->layout == IDF_CMYK)
    return IDF_ERR_ARGUMENT;
  idf_status status = idf_encoder_make(settings, write, context, fail_in, encoder);
  if (status != IDF_OK)
    return status;
  e = *encoder;
  idf_encoder_describe(e, info, e->settings.tile_log2);
  e->code = code_tile;
  e->across = idf_tiles_across(&e->header);
  e->tiles = (uint64_t)e->across * idf_tiles_down(&e->header);
  e->model = e->settings.model;
  if (!e->model)
    status = idf_builtin_by_effort(&e->mem, e->settings.effort, &e->own_model);
  if (e->own_model)
    e->model = e->own_model;
  if (status == IDF_OK && !idf_size_mul(info->width, e->channels, &e->band_stride))
    status = IDF_ERR_LIMIT;
  if (status != IDF_OK) {
    idf_encoder_free(e);
    *encoder = NULL;
    return status;
  }
  memcpy(e->header.model_id, idf_model_hash(e->model), sizeof e->header.model_id);
  idf_encoder_hold(e);
  return IDF_OK;
}

idf_status idf_encoder_new(const idf_settings *settings, const idf_info *info, idf_write_fn write,
                           void *context, idf_encoder **encoder)
{
  return idf_encoder_create(settings, info, write, context, -1, encoder);
}

idf_status idf_encoder_cancel_when(idf_encoder *encoder, idf_cancelled_fn cancelled, void *context)
{
  if (!encoder || encoder->begun)
    return IDF_ERR_ARGUMENT;
  encoder->cancel.asked = cancelled;
  encoder->cancel.context = context;
  return IDF_OK;
}

idf_status idf_encoder_progress(idf_encoder *encoder, idf_progress_fn progress, void *context)
{
  if (!encoder || encoder->finished)
    return IDF_ERR_ARGUMENT;
  encoder->progress = progress;
  encoder->progress_context = context;
  return IDF_OK;
}

idf_status idf_encoder_info(const idf_encoder *encoder, idf_info *info)
{
  if (!encoder || !info)
    return IDF_ERR_ARGUMENT;
  *info = encoder->info;
  return IDF_OK;
}

idf_status idf_encoder_flush(idf_encoder *e)
{
  if (e->record.bad)
    return idf_encoder_fail(e, idf_mem_status(&e->mem));
  idf_status status = e->write(e->context, e->record.data, e->record.len);
  idf_buf_clear(&e->record);
  return status == IDF_OK ? IDF_OK : idf_encoder_fail(e, status);
}

idf_status idf_encoder_header(idf_encoder *e)
{
  idf_write_header(e->kernels->simd, &e->record, &e->header);
  return idf_encoder_flush(e);
}

static idf_status begin_once(idf_encoder *e)
{
  if (e->begun)
    return IDF_OK;
  e->begun = true;
  return e->held ? IDF_OK : idf_encoder_header(e);
}

idf_status idf_encoder_record(idf_encoder *e, uint8_t kind, const idf_buf *payload)
{
  if (payload->bad)
    return idf_encoder_fail(e, idf_mem_status(&e->mem));
  if (payload->len > IDF_MAX_RECORD)
    return idf_encoder_fail(e, IDF_ERR_LIMIT);
  if (begin_once(e) != IDF_OK)
    return e->status;
  idf_write_record(e->kernels->simd, &e->record, kind, payload->data, payload->len);
  return idf_encoder_flush(e);
}

/* Appends one piece as a record of its own. */
static void write_plain(idf_encoder *e, const void *type, const void *data, size_t size)
{
  idf_buf_clear(&e->payload);
  idf_put_bytes(&e->payload, type, IDF_PIECE_TYPE);
  idf_put_bytes(&e->payload, data, size);
  e->record.bad |= e->payload.bad;
  idf_write_record(e->kernels->simd, &e->record, IDF_KIND_META, e->payload.data, e->payload.len);
}

/* Packed, unless plain records are as short. */
idf_status idf_encoder_flush_pieces(idf_encoder *e)
{
  idf_buf *pieces = &e->pieces;
  idf_plain_piece piece;
  size_t plain;

  if (pieces->bad)
    return idf_encoder_fail(e, idf_mem_status(&e->mem));
  if (pieces->len == 0)
    return IDF_OK;
  for (idf_cur cur = idf_cur_of(pieces->data, pieces->len); idf_piece_next(&cur, &piece);)
    write_plain(e, piece.type, piece.data, piece.size);
  plain = e->record.len;
  idf_buf_clear(&e->payload);
  idf_status status = idf_packed_put(&e->mem, &e->cancel, pieces, &e->payload);
  if (status == IDF_OK && (e->payload.bad || e->record.bad))
    status = idf_mem_status(&e->mem);
  if (status != IDF_OK)
    return idf_encoder_fail(e, status);
  idf_buf_clear(pieces);
  if (e->payload.len <= IDF_PACK_MAX && idf_record_size(e->payload.len) < plain) {
    idf_buf_clear(&e->record);
    idf_write_record(e->kernels->simd, &e->record, IDF_KIND_PACK, e->payload.data, e->payload.len);
  }
  return idf_encoder_flush(e);
}

idf_status idf_encoder_metadata(idf_encoder *encoder, const char type[4], const void *data,
                                size_t size)
{
  idf_encoder *e = encoder;

  if (!e)
    return IDF_ERR_ARGUMENT;
  if (e->status != IDF_OK)
    return e->status;
  if (!type || (!data && size) || !idf_piece_type_allowed(type) || e->finished
      || (e->rows != 0 && e->rows != e->info.height))
    return idf_encoder_fail(e, IDF_ERR_ARGUMENT);
  if (size > IDF_MAX_RECORD - IDF_PIECE_TYPE)
    return idf_encoder_fail(e, IDF_ERR_LIMIT);
  if (begin_once(e) != IDF_OK || (e->held && idf_encoder_hold_piece(e, type, data, size))
      || (e->held && idf_encoder_release(e) != IDF_OK))
    return e->status;
  const bool apart = size > IDF_PACK_MAX - IDF_PIECE_HEAD || idf_pack_useless(data, size);
  if ((apart || e->pieces.len + IDF_PIECE_HEAD + size > IDF_PACK_MAX)
      && idf_encoder_flush_pieces(e) != IDF_OK)
    return e->status;
  if (apart) {
    write_plain(e, type, data, size);
    return idf_encoder_flush(e);
  }
  idf_piece_put(&e->pieces, type, data, size);
  return e->pieces.bad ? idf_encoder_fail(e, idf_mem_status(&e->mem)) : IDF_OK;
}

/* A single thread codes a tile only when it is about to be written. */
static void offer_tiles(idf_encoder *e)
{
  idf_pool_offer(e->pool, e->threads == 1 ? e->written + 1 : e->ready);
}

/* After a tile that completes rows. */
static void tell_progress(const idf_encoder *e)
{
  if (!e->progress || e->written % e->across != 0)
    return;
  const uint64_t below = e->written / e->across << e->tile_log2;
  e->progress(e->progress_context, e->jpeg ? idf_encoder_jpeg_rows(e)
                                           : (uint32_t)IDF_MIN(below, (uint64_t)e->info.height));
}

/* Writes the next tile. Many tiles at once may need more memory than the limit allows, even if each
 * alone does not. So a memory failure halves the number of threads, permanently. Only a failure
 * with one thread, and with nothing else coded, counts. */
static idf_status write_tile(idf_encoder *e)
{
  idf_slot *s = &e->slots[e->written % e->slot_count];

  for (;;) {
    offer_tiles(e);
    idf_pool_wait(e->pool, e->written);
    if (s->done)
      break;
    if (e->threads == 1 || (s->status != IDF_ERR_LIMIT && s->status != IDF_ERR_MEMORY))
      return idf_encoder_fail(e, s->status);
    e->threads /= 2;
    idf_pool_recall(e->pool, e->written, e->threads);
    idf_mem_forgive(&e->mem);
    for (size_t k = 0; k < e->slot_count; k++)
      if (!e->slots[k].done || e->threads == 1) {
        idf_buf_free(&e->slots[k].payload);
        e->slots[k].done = false;
      }
  }
  if (e->held)
    idf_encoder_hold_tile(e, &s->payload);
  else
    idf_write_record(e->kernels->simd, &e->record, IDF_KIND_TILE, s->payload.data, s->payload.len);
  idf_put_varint(&e->index, e->record.len);
  idf_buf_free(&s->payload);
  s->done = false;
  e->written++;
  if (!e->held && idf_encoder_flush(e) != IDF_OK)
    return e->status;
  tell_progress(e);
  return IDF_OK;
}

idf_status idf_encoder_write_ready(idf_encoder *e, uint64_t stay)
{
  if (e->threads > 1)
    offer_tiles(e);
  while (e->ready - e->written > stay)
    if (write_tile(e) != IDF_OK)
      return e->status;
  return IDF_OK;
}

idf_status idf_encoder_make_slots(idf_encoder *e, size_t count)
{
  e->slots = idf_alloc(&e->mem, count, sizeof *e->slots);
  if (!e->slots)
    return idf_encoder_fail(e, idf_mem_status(&e->mem));
  for (e->slot_count = 0; e->slot_count < count; e->slot_count++)
    idf_buf_init(&e->slots[e->slot_count].payload, &e->mem);
  e->pool = idf_pool_new(&e->mem, e->threads, 0, e->tiles, e->code, e);
  return e->pool ? IDF_OK : idf_encoder_fail(e, idf_mem_status(&e->mem));
}

static bool samples_allowed(const uint16_t *samples, size_t count, unsigned depth)
{
  unsigned seen = 0;
  for (size_t i = 0; i < count; i++)
    seen |= samples[i];
  return seen >> depth == 0;
}

/* Allocates the first band, which is the tallest, and the slots of its tiles. */
static idf_status make_band(idf_encoder *e)
{
  if (e->band)
    return IDF_OK;
  e->band = idf_band_alloc(&e->mem, &e->header, e->threads, &e->band_tiles);
  if (!e->band)
    return idf_encoder_fail(e, idf_mem_status(&e->mem));
  return idf_encoder_make_slots(e, (size_t)e->band_tiles * e->across);
}

idf_status idf_encoder_rows(idf_encoder *encoder, const void *rows, uint32_t count)
{
  idf_encoder *e = encoder;
  const uint8_t *from = rows;

  if (!e)
    return IDF_ERR_ARGUMENT;
  if (e->status != IDF_OK || count == 0)
    return e->status;
  if (!rows || count > e->info.height - e->rows)
    return idf_encoder_fail(e, IDF_ERR_ARGUMENT);
  if (make_band(e) != IDF_OK || begin_once(e) != IDF_OK
      || (e->rows == 0 && !e->held && idf_encoder_flush_pieces(e) != IDF_OK))
    return e->status;

  const uint32_t side = 1u << e->tile_log2;
  const uint64_t across = e->across;
  for (; count > 0; count--, from += e->band_stride * e->sample_bytes) {
    uint16_t *row = e->band + e->rows % (e->band_tiles * side) * e->band_stride;
    idf_unpack_samples(from, e->sample_bytes, e->band_stride, row);
    if (!samples_allowed(row, e->band_stride, e->info.depth))
      return idf_encoder_fail(e, IDF_ERR_ARGUMENT);
    e->crc = idf_samples_crc(e->kernels->simd, e->crc, row, e->sample_bytes, e->band_stride);
    e->rows++;
    if (e->rows % side != 0 && e->rows != e->info.height)
      continue;
    e->ready += across;
    const uint64_t stay = e->rows == e->info.height ? 0 : (e->band_tiles - 1) * across;
    if (idf_encoder_write_ready(e, stay) != IDF_OK)
      return e->status;
  }
  return IDF_OK;
}

idf_status idf_encoder_finish(idf_encoder *encoder)
{
  idf_encoder *e = encoder;
  size_t back = 0;

  if (!e)
    return IDF_ERR_ARGUMENT;
  if (e->status != IDF_OK)
    return e->status;
  if (e->finished || e->rows != e->info.height)
    return idf_encoder_fail(e, IDF_ERR_ARGUMENT);
  e->finished = true;
  if (begin_once(e) != IDF_OK || (!e->held && idf_encoder_flush_pieces(e) != IDF_OK)
      || (e->jpeg && idf_encoder_jpeg_bands(e) != IDF_OK))
    return e->status;
  if (e->held
      && (idf_encoder_brief(e) != IDF_OK || e->held || idf_encoder_flush_pieces(e) != IDF_OK))
    return e->status;
  if (e->tiles > 1) {
    back = idf_record_size(e->index.len);
    if (idf_encoder_record(e, IDF_KIND_INDEX, &e->index) != IDF_OK)
      return e->status;
  }
  idf_buf_clear(&e->payload);
  idf_put_le32(&e->payload, e->crc);
  idf_put_le32(&e->payload, (uint32_t)back);
  return idf_encoder_record(e, IDF_KIND_END, &e->payload);
}

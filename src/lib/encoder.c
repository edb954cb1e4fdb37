/* SPDX-License-Identifier: BSD-3-Clause
 *
 * encoder.c: rows in, file out. Metadata wait until what follows them begins, to be
 * packed together. Rows wait in a band, as uint16_t: one row of tiles, or several that
 * take turns when there are many threads. Tiles whose rows are there are coded, in any
 * order and while more rows come, and written, in theirs, when their place is needed.
 */
#include "internal.h"

#include <string.h>

#include "crew.h"
#include "pack.h"

/* A tile of the band between coding and writing. */
typedef struct slot {
  idf_buf payload;
  idf_status status;
  bool done;
} slot;

struct idf_encoder {
  idf_mem mem; /* first: idf_object_new */
  idf_info info;
  unsigned channels, sample_bytes, tile_log2;
  idf_header header;
  const idf_kernels *kernels; /* of the level asked for */
  const idf_model *model;
  idf_model *own_model; /* NULL when the caller's is used */
  idf_write_fn write;
  void *context;
  uint64_t tiles;
  unsigned threads;
  uint16_t *band; /* band_tiles rows of tiles: row r is at r mod band_tiles; allocated with
                       * the first row */
  uint32_t band_tiles;
  slot *slots; /* tile i is in number i mod slot_count */
  size_t slot_count;
  idf_crew *crew; /* codes tiles */
  idf_cancel cancel;
  uint64_t ready, written; /* tiles: whose rows are in the band, and which are in the file */
  size_t band_stride;      /* samples from one row to the next: width * channels */
  uint32_t rows;           /* taken so far */
  uint32_t crc;            /* of their samples */
  idf_buf payload, record, index;
  idf_buf pieces; /* metadata not yet written, as pieces.h has them */
  bool header_written, finished;
  idf_status status; /* the first error; every later call returns it */
};

void idf_settings_init(idf_settings *settings)
{
  if (settings)
    *settings = (idf_settings){
        .effort = 5, .tile_log2 = 10, .max_memory = IDF_DEFAULT_MEMORY, .threads = 1};
}

static idf_status set_error(idf_encoder *e, idf_status status)
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
  idf_crew_free(encoder->crew);
  idf_model_release(mem, encoder->own_model);
  idf_free(mem, encoder->band);
  for (size_t i = 0; i < encoder->slot_count; i++)
    idf_buf_free(&encoder->slots[i].payload);
  idf_free(mem, encoder->slots);
  idf_buf_free(&encoder->payload);
  idf_buf_free(&encoder->record);
  idf_buf_free(&encoder->index);
  idf_buf_free(&encoder->pieces);
  idf_free(NULL, encoder);
}

/* The format has three tiers; a model of the caller's own is filed under the default. */
static uint8_t tier_of(int effort)
{
  return effort == 1 || effort == 9 ? (uint8_t)effort : 5;
}

idf_status idf_encoder_create(const idf_settings *settings, const idf_info *info,
                              idf_write_fn write, void *context, int64_t fail_in,
                              idf_encoder **encoder)
{
  idf_settings set;
  idf_status status = IDF_OK;

  if (encoder)
    *encoder = NULL;
  idf_settings_init(&set);
  if (settings)
    set = *settings;
  if (!encoder || !info || !write || !idf_info_valid(info) || set.tile_log2 < IDF_MIN_TILE_LOG2
      || set.tile_log2 > IDF_MAX_TILE_LOG2
      || !idf_all_zero(set.reserved, sizeof set.reserved / sizeof *set.reserved))
    return IDF_ERR_ARGUMENT;

  const idf_kernels *kernels = idf_kernels_of(set.simd);
  idf_encoder *e = idf_object_new(sizeof *e, set.max_memory, fail_in, &status);
  if (!e)
    return status;
  e->info = *info;
  e->channels = idf_layout_channels((unsigned)info->layout);
  e->sample_bytes = idf_sample_bytes(info);
  e->tile_log2 = set.tile_log2;
  e->threads = idf_thread_count(set.threads);
  e->write = write;
  e->context = context;
  idf_buf_init(&e->payload, &e->mem);
  idf_buf_init(&e->record, &e->mem);
  idf_buf_init(&e->index, &e->mem);
  idf_buf_init(&e->pieces, &e->mem);
  e->kernels = kernels;
  e->model = set.model;
  if (!kernels)
    status = IDF_ERR_UNSUPPORTED;
  else if (!set.model)
    status = idf_builtin_by_effort(&e->mem, set.effort, &e->own_model);
  if (e->own_model)
    e->model = e->own_model;
  if (status == IDF_OK && !idf_size_mul(info->width, e->channels, &e->band_stride))
    status = IDF_ERR_LIMIT;
  if (status != IDF_OK) {
    idf_encoder_free(e);
    return status;
  }
  e->header = (idf_header){.width = info->width,
                           .height = info->height,
                           .layout = (uint8_t)info->layout,
                           .depth = (uint8_t)info->depth,
                           .tile_log2 = (uint8_t)set.tile_log2,
                           .tier = tier_of(set.effort)};
  e->tiles = (uint64_t)idf_tiles_across(&e->header) * idf_tiles_down(&e->header);
  memcpy(e->header.model_id, idf_model_hash(e->model), sizeof e->header.model_id);
  *encoder = e;
  return IDF_OK;
}

idf_status idf_encoder_new(const idf_settings *settings, const idf_info *info, idf_write_fn write,
                           void *context, idf_encoder **encoder)
{
  return idf_encoder_create(settings, info, write, context, -1, encoder);
}

idf_status idf_encoder_cancel_when(idf_encoder *encoder, idf_cancelled_fn cancelled, void *context)
{
  if (!encoder || encoder->header_written)
    return IDF_ERR_ARGUMENT;
  encoder->cancel.asked = cancelled;
  encoder->cancel.context = context;
  return IDF_OK;
}

/* Hands e->record to the caller. */
static idf_status flush_record(idf_encoder *e)
{
  if (e->record.bad)
    return set_error(e, idf_mem_status(&e->mem));
  idf_status status = e->write(e->context, e->record.data, e->record.len);
  idf_buf_clear(&e->record);
  return status == IDF_OK ? IDF_OK : set_error(e, status);
}

static idf_status start(idf_encoder *e)
{
  if (e->header_written)
    return IDF_OK;
  e->header_written = true;
  idf_write_header(e->kernels->simd, &e->record, &e->header);
  return flush_record(e);
}

/* Appends the record of one piece as it is. */
static void write_plain(idf_encoder *e, const void *type, const void *data, size_t size)
{
  idf_buf_clear(&e->payload);
  idf_put_bytes(&e->payload, type, IDF_PIECE_TYPE);
  idf_put_bytes(&e->payload, data, size);
  e->record.bad |= e->payload.bad;
  idf_write_record(e->kernels->simd, &e->record, IDF_KIND_META, e->payload.data, e->payload.len);
}

/* Writes the pieces that wait: packed, unless their plain records are as short. */
static idf_status flush_pieces(idf_encoder *e)
{
  idf_buf *pieces = &e->pieces;
  idf_plain_piece piece;
  size_t count = 0, plain;

  if (pieces->bad)
    return set_error(e, idf_mem_status(&e->mem));
  if (pieces->len == 0)
    return IDF_OK;
  for (idf_cur cur = idf_cur_of(pieces->data, pieces->len); idf_piece_next(&cur, &piece); count++)
    write_plain(e, piece.type, piece.data, piece.size);
  plain = e->record.len;
  idf_buf_clear(&e->payload);
  const unsigned words = idf_pack_words(pieces->data, pieces->len);
  idf_put_varint(&e->payload, count * IDF_PACK_WORDS + words);
  idf_put_varint(&e->payload, pieces->len - count * IDF_PIECE_HEAD);
  idf_status status =
      idf_pack_encode(&e->mem, &e->cancel, words, pieces->data, pieces->len, &e->payload);
  if (status == IDF_OK && (e->payload.bad || e->record.bad))
    status = idf_mem_status(&e->mem);
  if (status != IDF_OK)
    return set_error(e, status);
  idf_buf_clear(pieces);
  if (e->payload.len <= IDF_PACK_MAX && idf_record_size(e->payload.len) < plain) {
    idf_buf_clear(&e->record);
    idf_write_record(e->kernels->simd, &e->record, IDF_KIND_PACK, e->payload.data, e->payload.len);
  }
  return flush_record(e);
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
    return set_error(e, IDF_ERR_ARGUMENT);
  if (size > IDF_MAX_RECORD - IDF_PIECE_TYPE)
    return set_error(e, IDF_ERR_LIMIT);
  if (start(e) != IDF_OK)
    return e->status;
  const bool apart = size > IDF_PACK_MAX - IDF_PIECE_HEAD || idf_pack_useless(data, size);
  if ((apart || e->pieces.len + IDF_PIECE_HEAD + size > IDF_PACK_MAX) && flush_pieces(e) != IDF_OK)
    return e->status;
  if (apart) {
    write_plain(e, type, data, size);
    return flush_record(e);
  }
  idf_piece_put(&e->pieces, type, data, size);
  return e->pieces.bad ? set_error(e, idf_mem_status(&e->mem)) : IDF_OK;
}

/* Codes tile i, whose rows are in the band. Run by several threads: it changes only its slot. */
static void code_tile(void *context, uint64_t i)
{
  idf_encoder *e = context;
  slot *s = &e->slots[i % e->slot_count];
  const uint32_t side = 1u << e->tile_log2, across = idf_tiles_across(&e->header);
  const uint32_t row = (uint32_t)(i / across), left = (uint32_t)(i % across) * side;

  if (s->done)
    return;
  if (idf_cancelled(&e->cancel)) {
    s->status = IDF_ERR_CANCELLED;
    return;
  }
  const idf_job job = {
      .mem = &e->mem, .model = e->model, .kernels = e->kernels, .cancel = &e->cancel};
  const idf_tile tile = {.shape = idf_shape_of(&e->info, IDF_MIN(side, e->info.width - left),
                                               IDF_MIN(side, e->info.height - row * side)),
                         .samples = e->band + row % e->band_tiles * side * e->band_stride
                                    + (size_t)left * e->channels,
                         .stride = e->band_stride};
  idf_put_tile_number(&s->payload, e->tiles, i);
  s->status = idf_tile_encode(&job, &tile, &s->payload);
  s->done = s->status == IDF_OK;
}

/* A lone thread codes a tile only when it is about to be written. */
static void offer_tiles(idf_encoder *e)
{
  idf_crew_offer(e->crew, e->threads == 1 ? e->written + 1 : e->ready);
}

/* Writes the next tile. Many tiles at once may need more memory than the limit allows
 * although one by one they do not: so a failure for want of memory halves the number of
 * threads, for good, and only that of a lone thread, with nothing else coded, counts. */
static idf_status write_tile(idf_encoder *e)
{
  slot *s = &e->slots[e->written % e->slot_count];

  for (;;) {
    offer_tiles(e);
    idf_crew_wait(e->crew, e->written);
    if (s->done)
      break;
    if (e->threads == 1 || (s->status != IDF_ERR_LIMIT && s->status != IDF_ERR_MEMORY))
      return set_error(e, s->status);
    e->threads /= 2;
    idf_crew_recall(e->crew, e->written, e->threads);
    idf_mem_forgive(&e->mem);
    for (size_t k = 0; k < e->slot_count; k++)
      if (!e->slots[k].done || e->threads == 1) {
        idf_buf_free(&e->slots[k].payload);
        e->slots[k].done = false;
      }
  }
  idf_write_record(e->kernels->simd, &e->record, IDF_KIND_TILE, s->payload.data, s->payload.len);
  idf_put_varint(&e->index, e->record.len);
  idf_buf_free(&s->payload);
  s->done = false;
  e->written++;
  return flush_record(e);
}

static bool samples_allowed(const uint16_t *samples, size_t count, unsigned depth)
{
  unsigned seen = 0;
  for (size_t i = 0; i < count; i++)
    seen |= samples[i];
  return seen >> depth == 0;
}

/* Room for the first band, which is the tallest, and its tiles. */
static idf_status make_band(idf_encoder *e)
{
  if (e->band)
    return IDF_OK;
  e->band = idf_band_alloc(&e->mem, &e->header, e->threads, &e->band_tiles);
  if (!e->band)
    return set_error(e, idf_mem_status(&e->mem));
  const size_t count = (size_t)e->band_tiles * idf_tiles_across(&e->header);
  e->slots = idf_alloc(&e->mem, count, sizeof *e->slots);
  if (!e->slots)
    return set_error(e, idf_mem_status(&e->mem));
  for (e->slot_count = 0; e->slot_count < count; e->slot_count++)
    idf_buf_init(&e->slots[e->slot_count].payload, &e->mem);
  e->crew = idf_crew_new(&e->mem, e->threads, 0, e->tiles, code_tile, e);
  return e->crew ? IDF_OK : set_error(e, idf_mem_status(&e->mem));
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
    return set_error(e, IDF_ERR_ARGUMENT);
  if (make_band(e) != IDF_OK || start(e) != IDF_OK || (e->rows == 0 && flush_pieces(e) != IDF_OK))
    return e->status;

  const uint32_t side = 1u << e->tile_log2;
  const uint64_t across = idf_tiles_across(&e->header);
  for (; count > 0; count--, from += e->band_stride * e->sample_bytes) {
    uint16_t *row = e->band + e->rows % (e->band_tiles * side) * e->band_stride;
    idf_unpack_samples(from, e->sample_bytes, e->band_stride, row);
    if (!samples_allowed(row, e->band_stride, e->info.depth))
      return set_error(e, IDF_ERR_ARGUMENT);
    e->crc = idf_samples_crc(e->kernels->simd, e->crc, row, e->sample_bytes, e->band_stride);
    e->rows++;
    if (e->rows % side != 0 && e->rows != e->info.height)
      continue;
    e->ready += across;
    if (e->threads > 1)
      offer_tiles(e);
    const uint64_t stay = e->rows == e->info.height ? 0 : (e->band_tiles - 1) * across;
    while (e->ready - e->written > stay)
      if (write_tile(e) != IDF_OK)
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
    return set_error(e, IDF_ERR_ARGUMENT);
  e->finished = true;
  if (flush_pieces(e) != IDF_OK)
    return e->status;
  if (e->index.bad)
    return set_error(e, idf_mem_status(&e->mem));
  if (e->tiles > 1) {
    if (e->index.len > IDF_MAX_RECORD)
      return set_error(e, IDF_ERR_LIMIT);
    idf_write_record(e->kernels->simd, &e->record, IDF_KIND_INDEX, e->index.data, e->index.len);
    back = e->record.len;
    if (flush_record(e) != IDF_OK)
      return e->status;
  }
  idf_buf_clear(&e->payload);
  idf_put_le32(&e->payload, e->crc);
  idf_put_le32(&e->payload, (uint32_t)back);
  if (e->payload.bad)
    return set_error(e, idf_mem_status(&e->mem));
  idf_write_record(e->kernels->simd, &e->record, IDF_KIND_END, e->payload.data, e->payload.len);
  return flush_record(e);
}

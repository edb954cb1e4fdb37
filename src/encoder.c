/* SPDX-License-Identifier: BSD-3-Clause
 *
 * encoder.c: rows in, file out. It holds one row of tiles as uint16_t and the bytes
 * of one record; when the row of tiles is full its tiles are coded and written.
 */
#include "internal.h"

#include <string.h>

struct idf_encoder {
  idf_mem mem; /* first: idf_object_new */
  idf_info info;
  unsigned channels, sample_bytes, tile_log2;
  idf_header header;
  const idf_model *model;
  idf_model *own_model; /* NULL when the caller's is used */
  idf_write_fn write;
  void *context;
  uint16_t *band;     /* one row of tiles, allocated with the first row */
  size_t band_stride; /* samples from one row to the next: width * channels */
  uint32_t rows;      /* taken so far */
  uint32_t crc;       /* of their samples */
  idf_buf payload, record, index;
  bool header_written, finished;
  idf_status status; /* the first error; every later call returns it */
};

void idf_settings_init(idf_settings *settings)
{
  *settings = (idf_settings){
      .effort = 5, .tile_log2 = 10, .max_memory = IDF_DEFAULT_MEMORY, .model = NULL};
}

static idf_status set_error(idf_encoder *e, idf_status status)
{
  if (e->status == IDF_OK)
    e->status = status;
  return e->status;
}

idf_mem *idf_encoder_mem(idf_encoder *encoder)
{
  return &encoder->mem;
}

void idf_encoder_free(idf_encoder *encoder)
{
  if (!encoder)
    return;
  idf_mem *mem = &encoder->mem;
  idf_model_release(mem, encoder->own_model);
  idf_free(mem, encoder->band);
  idf_buf_free(&encoder->payload);
  idf_buf_free(&encoder->record);
  idf_buf_free(&encoder->index);
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
      || set.tile_log2 > IDF_MAX_TILE_LOG2)
    return IDF_ERR_ARGUMENT;

  idf_encoder *e = idf_object_new(sizeof *e, set.max_memory, fail_in, &status);
  if (!e)
    return status;
  e->info = *info;
  e->channels = idf_layout_channels((unsigned)info->layout);
  e->sample_bytes = idf_sample_bytes(info);
  e->tile_log2 = set.tile_log2;
  e->write = write;
  e->context = context;
  idf_buf_init(&e->payload, &e->mem);
  idf_buf_init(&e->record, &e->mem);
  idf_buf_init(&e->index, &e->mem);
  e->model = set.model;
  if (!e->model) {
    status = idf_builtin_by_effort(&e->mem, set.effort, &e->own_model);
    e->model = e->own_model;
  }
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
  memcpy(e->header.model_id, idf_model_hash(e->model), sizeof e->header.model_id);
  *encoder = e;
  return IDF_OK;
}

idf_status idf_encoder_new(const idf_settings *settings, const idf_info *info, idf_write_fn write,
                           void *context, idf_encoder **encoder)
{
  return idf_encoder_create(settings, info, write, context, -1, encoder);
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
  idf_write_header(&e->record, &e->header);
  return flush_record(e);
}

static bool type_allowed(const char type[4])
{
  for (int i = 0; i < 4; i++) {
    char c = type[i];
    if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')))
      return false;
  }
  return true;
}

idf_status idf_encoder_metadata(idf_encoder *encoder, const char type[4], const void *data,
                                size_t size)
{
  idf_encoder *e = encoder;

  if (!e)
    return IDF_ERR_ARGUMENT;
  if (e->status != IDF_OK)
    return e->status;
  if (!type || (!data && size) || !type_allowed(type) || e->finished
      || (e->rows != 0 && e->rows != e->info.height))
    return set_error(e, IDF_ERR_ARGUMENT);
  if (size > IDF_MAX_RECORD - 4)
    return set_error(e, IDF_ERR_LIMIT);
  if (start(e) != IDF_OK)
    return e->status;
  idf_buf_clear(&e->payload);
  idf_put_bytes(&e->payload, type, 4);
  idf_put_bytes(&e->payload, data, size);
  if (e->payload.bad)
    return set_error(e, idf_mem_status(&e->mem));
  idf_write_record(&e->record, IDF_KIND_META, e->payload.data, e->payload.len);
  return flush_record(e);
}

/* Codes and writes the row of tiles that ends with row e->rows. */
static idf_status flush_band(idf_encoder *e)
{
  uint32_t side = 1u << e->tile_log2;
  uint32_t height = ((e->rows - 1) & (side - 1)) + 1;

  for (uint32_t x = 0; x < e->info.width; x += side) {
    idf_tile_shape shape = idf_shape_of(&e->info, IDF_MIN(side, e->info.width - x), height);
    idf_buf_clear(&e->payload);
    idf_status status =
        idf_tile_encode(&e->mem, e->model, &shape, e->band + (size_t)x * e->channels,
                        e->band_stride, &e->payload, NULL);
    if (status != IDF_OK)
      return set_error(e, status);
    idf_write_record(&e->record, IDF_KIND_TILE, e->payload.data, e->payload.len);
    idf_put_varint(&e->index, e->record.len);
    if (flush_record(e) != IDF_OK)
      return e->status;
  }
  return IDF_OK;
}

static bool samples_allowed(const uint16_t *samples, size_t count, unsigned depth)
{
  unsigned seen = 0;
  for (size_t i = 0; i < count; i++)
    seen |= samples[i];
  return seen >> depth == 0;
}

/* Room for the first row of tiles, which is the tallest. */
static idf_status make_band(idf_encoder *e)
{
  size_t count;
  size_t height = IDF_MIN(e->info.height, 1u << e->tile_log2);
  if (e->band)
    return IDF_OK;
  if (!idf_size_mul(e->band_stride, height, &count))
    return set_error(e, IDF_ERR_LIMIT);
  e->band = idf_alloc(&e->mem, count, sizeof *e->band);
  return e->band ? IDF_OK : set_error(e, idf_mem_status(&e->mem));
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
  if (make_band(e) != IDF_OK || start(e) != IDF_OK)
    return e->status;

  for (; count > 0; count--, from += e->band_stride * e->sample_bytes) {
    uint32_t inside = e->rows & ((1u << e->tile_log2) - 1);
    uint16_t *row = e->band + inside * e->band_stride;
    idf_unpack_samples(from, e->sample_bytes, e->band_stride, row);
    if (!samples_allowed(row, e->band_stride, e->info.depth))
      return set_error(e, IDF_ERR_ARGUMENT);
    e->crc = idf_samples_crc(e->crc, row, e->sample_bytes, e->band_stride);
    e->rows++;
    if ((e->rows & ((1u << e->tile_log2) - 1)) == 0 || e->rows == e->info.height)
      if (flush_band(e) != IDF_OK)
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
  if (e->index.bad)
    return set_error(e, idf_mem_status(&e->mem));
  if ((uint64_t)idf_tiles_across(&e->header) * idf_tiles_down(&e->header) > 1) {
    if (e->index.len > IDF_MAX_RECORD)
      return set_error(e, IDF_ERR_LIMIT);
    idf_write_record(&e->record, IDF_KIND_INDEX, e->index.data, e->index.len);
    back = e->record.len;
    if (flush_record(e) != IDF_OK)
      return e->status;
  }
  idf_buf_clear(&e->payload);
  idf_put_le32(&e->payload, e->crc);
  idf_put_le32(&e->payload, (uint32_t)back);
  if (e->payload.bad)
    return set_error(e, idf_mem_status(&e->mem));
  idf_write_record(&e->record, IDF_KIND_END, e->payload.data, e->payload.len);
  return flush_record(e);
}

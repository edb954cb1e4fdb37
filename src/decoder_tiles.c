/* SPDX-License-Identifier: BSD-3-Clause
 *
 * decoder_tiles.c: tiles and rows. The surprise is damage: with keep_going the first
 * damaged tile makes the decoder read the rest of the file, if that fits a quarter
 * of the memory limit, and take the places of all later tiles from the index at the
 * end; so a wrong length costs one tile and not all that follow. Without an index it
 * goes on as the lengths say.
 */
#include <stdio.h>
#include <string.h>

#include "state.h"

#define MAX_SIZE ((uint64_t)IDF_MAX_RECORD + 10) /* bytes of one record */

static idf_tile_shape shape_of_tile(const idf_decoder *d, uint64_t i)
{
  uint32_t x = (uint32_t)(i % d->across) * d->side, y = (uint32_t)(i / d->across) * d->side;
  return idf_shape_of(&d->info, IDF_MIN(d->side, d->info.width - x),
                      IDF_MIN(d->side, d->info.height - y));
}

/* After damage: the places of tile `i` and its successors from the index, if the rest
 * of the file can be held and ends as it should. in.pos is where tile i begins. */
static bool find_index(idf_decoder *d, uint64_t i)
{
  const size_t end_size = 1 + 1 + 8 + 4;
  idf_record rec;
  idf_input *in = &d->in;

  if (d->tiles < 2 || d->sought)
    return false;
  d->sought = true;
  if (!idf_input_pin(in, (size_t)IDF_MIN(d->limits.max_memory / 4, (uint64_t)SIZE_MAX / 4))
      || in->len - in->pos < end_size)
    return false;
  size_t end = in->len - end_size;
  if (idf_read_record(in->data + end, end_size, &rec) != IDF_OK || rec.kind != IDF_KIND_END
      || rec.size != end_size)
    return false;
  idf_cur cur = idf_cur_of(rec.payload + 4, 4);
  uint32_t back = idf_get_le32(&cur);
  if (back == 0 || back > end - in->pos)
    return false;
  if (idf_read_record(in->data + end - back, back, &rec) != IDF_OK || rec.kind != IDF_KIND_INDEX
      || rec.size != back)
    return false;
  idf_cur sizes = idf_cur_of(rec.payload, rec.len);
  size_t at = in->pos, tiles_end = end - back;
  for (uint64_t k = 0; k < d->tiles; k++) {
    if (k == i)
      d->index = sizes;
    uint64_t size = idf_get_varint(&sizes, MAX_SIZE);
    if (sizes.bad || (k >= i && size > tiles_end - at))
      return false;
    if (k >= i)
      at += (size_t)size;
  }
  /* A sum that does not lead behind the last tile would put tiles in wrong places: from
   * there frames of metadata must lead to the index. */
  for (; at < tiles_end; at += rec.size)
    if (idf_peek_record(in->data + at, tiles_end - at, &rec) != IDF_OK
        || rec.kind == IDF_KIND_TILE || rec.size > tiles_end - at)
      return false;
  if (idf_cur_left(&sizes) != 0)
    return false;
  d->indexed = true;
  return true;
}

/* The next tile by the index, whose sizes are within the file: find_index saw to it. */
static idf_status indexed_record(idf_decoder *d, idf_record *rec)
{
  size_t size = (size_t)idf_get_varint(&d->index, MAX_SIZE);
  idf_status status = idf_read_record(idf_input_at(&d->in), size, rec);
  if (status == IDF_OK && (rec->size != size || rec->kind != IDF_KIND_TILE))
    status = IDF_ERR_CORRUPT;
  rec->size = size;
  return status == IDF_OK ? IDF_OK : IDF_ERR_CORRUPT;
}

/* Record of tile `i`: whole and checked on IDF_OK. rec->size bytes are to be skipped
 * then, and after damage with keep_going too. */
static idf_status tile_record(idf_decoder *d, uint64_t i, idf_record *rec)
{
  idf_tile_shape shape = shape_of_tile(d, i);
  bool framed = false;

  *rec = (idf_record){0};
  if (d->adrift)
    return IDF_ERR_CORRUPT;
  if (d->indexed)
    return indexed_record(d, rec);
  idf_status status = idf_input_peek(&d->in, rec);
  if (status == IDF_OK && rec->kind != IDF_KIND_TILE)
    status = IDF_ERR_CORRUPT;
  if (status == IDF_OK)
    status = idf_input_record(&d->in, idf_tile_stored_size(&shape), rec, &framed);
  if (!idf_is_damage(status) || !d->keep_going)
    return status;
  if (find_index(d, i))
    return indexed_record(d, rec);
  if (!framed) {
    d->adrift = true;
    rec->size = 0;
  }
  return IDF_ERR_CORRUPT;
}

static idf_status find_model(idf_decoder *d, const idf_model **model)
{
  const uint8_t *id = d->header.model_id;

  *model = d->own;
  if (d->own)
    return IDF_OK;
  if (d->given && memcmp(idf_model_hash(d->given), id, sizeof d->header.model_id) == 0) {
    *model = d->given;
    return IDF_OK;
  }
  idf_status status = idf_builtin_by_id(&d->mem, id, d->header.tier, &d->own);
  *model = d->own;
  if (status == IDF_ERR_UNSUPPORTED)
    return idf_decoder_fail(d, status, "no model %02x%02x%02x%02x%02x%02x%02x%02x here", id[0], id[1],
                     id[2], id[3], id[4], id[5], id[6], id[7]);
  return status == IDF_OK ? IDF_OK : idf_decoder_fail(d, status, "reading the model");
}

static void describe(const idf_decoder *d, uint64_t i, idf_tile_info *tile)
{
  const idf_tile_note *note = &d->notes[i];
  idf_tile_shape shape = shape_of_tile(d, i);
  *tile = (idf_tile_info){.x = (uint32_t)(i % d->across) * d->side,
                          .y = (uint32_t)(i / d->across) * d->side,
                          .width = shape.width,
                          .height = shape.height,
                          .method = note->method,
                          .schedule = note->schedule,
                          .colour = note->colour,
                          .lost = note->lost,
                          .bytes = note->size};
}

/* Decodes tile `i` into the band at column x, and measures it when asked. */
static idf_status decode_payload(idf_decoder *d, uint64_t i, const idf_record *rec,
                                 uint16_t *samples)
{
  idf_tile_shape shape = shape_of_tile(d, i);
  idf_tile_report report = {0};
  const idf_model *model = NULL;
  size_t most = (size_t)d->side * d->side;

  if (d->notes[i].method == IDF_TILE_FLOW && find_model(d, &model) != IDF_OK)
    return d->status;
  if (d->map) {
    if (!d->map_bits && !(d->map_bits = idf_alloc(&d->mem, most, sizeof *d->map_bits)))
      return idf_mem_status(&d->mem);
    memset(d->map_bits, 0, (size_t)shape.width * shape.height * sizeof *d->map_bits);
    report.map = d->map_bits;
  }
  idf_status status = idf_tile_decode(&d->mem, model, &shape, rec->payload, rec->len, samples,
                                      d->band_stride, d->measured ? &report : NULL);
  /* The record was whole: what ends inside it is wrong, not cut short. */
  if (status == IDF_ERR_TRUNCATED)
    return IDF_ERR_CORRUPT;
  if (status != IDF_OK || !d->measured)
    return status;
  d->anatomy.model_bits += report.model_bits;
  for (int c = 0; c < 4; c++)
    d->anatomy.channel_bits[c] += report.channel_bits[c];
  if (d->map) {
    idf_tile_info tile;
    describe(d, i, &tile);
    d->map(d->map_context, &tile, d->map_bits);
  }
  return IDF_OK;
}

static void blank(const idf_decoder *d, uint64_t i, uint16_t *samples)
{
  idf_tile_shape shape = shape_of_tile(d, i);
  for (uint32_t y = 0; y < shape.height; y++)
    memset(samples + y * d->band_stride, 0,
           (size_t)shape.width * shape.channels * sizeof *samples);
}

idf_status idf_next_tile(idf_decoder *d, uint16_t *samples)
{
  uint64_t i = d->note_count;
  idf_record rec;
  idf_tile_report seen = {0};

  void *notes = d->notes;
  bool room = idf_make_item(&d->mem, &notes, d->note_count, &d->note_cap, sizeof *d->notes);
  d->notes = notes;
  if (!room)
    return idf_decoder_fail(d, idf_mem_status(&d->mem), "tile %llu", (unsigned long long)i);
  idf_tile_note *note = &d->notes[i];

  idf_status status = tile_record(d, i, &rec);
  if (status == IDF_OK && idf_tile_peek(rec.payload, rec.len, &seen) != IDF_OK)
    status = IDF_ERR_CORRUPT;
  *note = (idf_tile_note){.size = (uint32_t)rec.size,
                          .method = seen.method,
                          .schedule = seen.schedule,
                          .colour = seen.colour};
  if (status == IDF_OK && samples)
    status = decode_payload(d, i, &rec, samples);
  if (status == IDF_OK) {
    if (note->method < 4)
      d->anatomy.tiles_by_method[note->method]++;
  } else {
    if (d->status != IDF_OK || !d->keep_going || !idf_is_damage(status))
      return idf_decoder_fail(d, status, "tile %llu of %llu", (unsigned long long)i,
                              (unsigned long long)d->tiles);
    if (d->detail[0] == '\0')
      snprintf(d->detail, sizeof d->detail, "tile %llu is damaged", (unsigned long long)i);
    *note = (idf_tile_note){.size = (uint32_t)rec.size, .lost = true};
    d->anatomy.tiles_lost++;
    if (samples)
      blank(d, i, samples);
  }
  d->note_count++;
  d->anatomy.tile_bytes += rec.size;
  idf_input_skip(&d->in, rec.size);
  return IDF_OK;
}

idf_status idf_decoder_tile(const idf_decoder *decoder, size_t i, idf_tile_info *tile)
{
  if (!decoder || !tile || i >= decoder->note_count)
    return IDF_ERR_ARGUMENT;
  describe(decoder, i, tile);
  return IDF_OK;
}

/* Decodes the next row of tiles into the band. */
static idf_status next_band(idf_decoder *d)
{
  uint32_t height = IDF_MIN(d->side, d->info.height - d->band_ready);
  size_t count = 0;

  if (!d->band) {
    if (idf_size_mul(d->band_stride, height, &count))
      d->band = idf_alloc(&d->mem, count, sizeof *d->band);
    if (!d->band)
      return idf_decoder_fail(d, count ? idf_mem_status(&d->mem) : IDF_ERR_LIMIT,
                              "a row of tiles");
  }
  for (uint32_t t = 0; t < d->across; t++)
    if (idf_next_tile(d, d->band + (size_t)t * d->side * d->channels) != IDF_OK)
      return d->status;
  d->crc = idf_samples_crc(d->crc, d->band, d->sample_bytes, d->band_stride * height);
  d->band_ready += height;
  return IDF_OK;
}

idf_status idf_decoder_rows(idf_decoder *decoder, void *rows, uint32_t count)
{
  idf_decoder *d = decoder;
  uint8_t *to = rows;

  if (idf_decoder_info(d, NULL) != IDF_OK)
    return d ? d->status : IDF_ERR_ARGUMENT;
  if ((!rows && count) || count > d->info.height - d->rows || d->finished)
    return IDF_ERR_ARGUMENT;
  for (; count > 0; count--, d->rows++, to += d->band_stride * d->sample_bytes) {
    if (d->rows == d->band_ready && next_band(d) != IDF_OK)
      return d->status;
    uint32_t inside = d->rows & (d->side - 1);
    idf_pack_samples(d->band + inside * d->band_stride, d->sample_bytes, d->band_stride, to);
  }
  return IDF_OK;
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * encoder_jpeg.c: a JPEG file in, an .idf that holds it out. The file is read twice. First all of
 * it, in narrow strips: each is written again, and its pixels are asked for, so that what cannot be
 * kept is refused before anything is written; what is stored beside the coefficients comes of
 * this. Then band by band, while other bands are coded.
 */
#include "encoder_state.h"

#include <string.h>

#include "crc32c.h"
#include "kept_file.h"
#include "kept_record.h"

#define STRIP_ROWS 4u /* of MCUs, at the first reading */

struct idf_encoder_jpeg {
  idf_kept kept;
  idf_buf record;          /* payload */
  idf_jpeg_reader *reader; /* the second */
  idf_jpeg_band *room;     /* owned: band i is in number i mod slot_count */
  uint32_t rooms;
};

void idf_encoder_jpeg_free(idf_encoder *e)
{
  idf_encoder_jpeg *j = e->jpeg;

  if (!j)
    return;
  idf_kept_rooms_free(&e->mem, j->room, j->rooms);
  idf_jpeg_read_free(j->reader);
  idf_buf_free(&j->record);
  idf_jpeg_free(&j->kept.jpeg);
  idf_free(&e->mem, j);
  e->jpeg = NULL;
}

/* ---- the first reading -------------------------------------------------------------- */

/* What became of a file: IDF_JPEG_OK with `other`, and half a sentence, is a refusal, too. */
typedef struct verdict {
  idf_jpeg_why why;
  const char *other;
} verdict;

static bool refused(const verdict *v)
{
  return v->why != IDF_JPEG_OK || v->other;
}

/* All strips through reader and writer. */
static verdict check_strips(const idf_kept *kept, idf_jpeg_band *strip, idf_jpeg_reader *reader,
                            idf_jpeg_writer *writer)
{
  verdict v = {.why = IDF_JPEG_OK};

  for (uint32_t row = 0; row < kept->jpeg.mcus_h; row += strip->count) {
    v.why = idf_jpeg_read(reader, strip);
    if (v.why == IDF_JPEG_OK)
      v.why = idf_jpeg_write(writer, strip);
    if (v.why != IDF_JPEG_OK)
      return v;
    idf_kept_to_natural(kept, strip);
    if (!idf_kept_tame(kept, strip)) {
      v.other = "a block is of no picture of 8 bits";
      return v;
    }
  }
  v.why = idf_jpeg_read_end(reader);
  if (v.why == IDF_JPEG_OK)
    v.why = idf_jpeg_write_end(writer);
  return v;
}

/* Reads and writes all of the file; *side is what is stored beside the coefficients. */
static verdict check_file(idf_mem *mem, idf_kept *kept, idf_buf *side)
{
  idf_jpeg_reader *reader = NULL;
  idf_jpeg_writer *writer = NULL;
  idf_jpeg_band strip = {0};
  verdict v = {.why = IDF_JPEG_MEMORY};

  if (idf_jpeg_band_init(&strip, &kept->jpeg, mem, IDF_MIN(STRIP_ROWS, kept->jpeg.mcus_h)))
    v.why = idf_jpeg_read_new(&kept->jpeg, mem, &reader);
  if (v.why == IDF_JPEG_OK)
    v.why = idf_jpeg_write_new(&kept->jpeg, mem, &writer);
  if (v.why == IDF_JPEG_OK)
    v = check_strips(kept, &strip, reader, writer);
  if (!refused(&v))
    v.why = idf_jpeg_side_put(&kept->jpeg, writer, side);
  idf_jpeg_band_free(&strip, mem);
  idf_jpeg_read_free(reader);
  idf_jpeg_write_free(writer);
  return v;
}

/* Fills e->jpeg from the file. */
static verdict take_file(idf_encoder *e, const uint8_t *file, size_t size, idf_buf *side)
{
  idf_kept *kept = &e->jpeg->kept;
  verdict v = {.why = idf_jpeg_parse(&kept->jpeg, &e->mem, file, size, UINT64_MAX)};

  if (v.why == IDF_JPEG_OK)
    v.other = idf_kept_init(kept);
  return refused(&v) ? v : check_file(&e->mem, kept, side);
}

static idf_status status_of(const idf_encoder *e, const verdict *v, const char **why)
{
  if (v->why == IDF_JPEG_MEMORY)
    return idf_mem_status(&e->mem);
  if (refused(v))
    *why = v->other ? v->other : idf_jpeg_reason(v->why);
  return *why ? IDF_ERR_UNSUPPORTED : IDF_OK;
}

/* ---- new ---------------------------------------------------------------------------- */

/* The shape of the coder of coefficients. */
static uint8_t shape_for(const idf_encoder *e)
{
  return e->settings.effort == 1 ? IDF_COEFS_LEAN : IDF_COEFS_FULL;
}

static void code_band(void *context, uint64_t i)
{
  idf_encoder *e = context;
  const idf_encoder_jpeg *j = e->jpeg;
  const size_t at = (size_t)(i % e->slot_count);
  idf_slot *s = &e->slots[at];

  if (s->done)
    return;
  if (idf_cancelled(&e->cancel)) {
    s->status = IDF_ERR_CANCELLED;
    return;
  }
  idf_coefs coefs = idf_kept_coefs(&j->kept, &j->room[at]);
  coefs.cancel = &e->cancel;
  idf_put_tile_number(&s->payload, e->tiles, i);
  s->status = idf_coefs_encode(&e->mem, &coefs, shape_for(e), 0, &s->payload, NULL);
  if (s->status == IDF_OK && s->payload.len > idf_kept_most(&j->kept))
    s->status = IDF_ERR_LIMIT;
  s->done = s->status == IDF_OK;
}

static idf_status take(idf_encoder *e, const uint8_t *file, size_t size, const char **why)
{
  idf_encoder_jpeg *j = idf_alloc(&e->mem, 1, sizeof *j);
  idf_buf side;

  if (!j)
    return idf_mem_status(&e->mem);
  e->jpeg = j;
  j->kept.jpeg.mem = &e->mem;
  idf_buf_init(&j->record, &e->mem);
  idf_buf_init(&side, &e->mem);
  const verdict v = take_file(e, file, size, &side);
  idf_status status = status_of(e, &v, why);
  if (status == IDF_OK) {
    const idf_kept_record record = {.shape = shape_for(e),
                                    .crc = idf_crc32c(e->kernels->simd, 0, file, size),
                                    .side = side.data,
                                    .side_len = side.len};
    status = idf_kept_record_put(&e->mem, &record, &j->record);
  }
  idf_buf_free(&side);
  return status;
}

idf_status idf_encoder_create_jpeg(const idf_settings *settings, const uint8_t *file, size_t size,
                                   idf_write_fn write, void *context, int64_t fail_in,
                                   idf_encoder **encoder, const char **why)
{
  const char *reason = NULL;

  if (why)
    *why = NULL;
  if (encoder)
    *encoder = NULL;
  if (!file)
    return IDF_ERR_ARGUMENT;
  idf_status status = idf_encoder_make(settings, write, context, fail_in, encoder);
  if (status != IDF_OK)
    return status;
  idf_encoder *e = *encoder;
  status = take(e, file, size, &reason);
  if (status == IDF_OK) {
    idf_encoder_describe(e, &e->jpeg->kept.info, IDF_KEPT_TILE_LOG2);
    e->across = 1;
    e->tiles = e->jpeg->kept.bands;
    idf_encoder_hold(e);
    e->rows = e->info.height; /* none is missing */
    e->code = code_band;
    return IDF_OK;
  }
  idf_encoder_free(e);
  *encoder = NULL;
  if (why)
    *why = reason;
  return status;
}

idf_status idf_encoder_new_jpeg(const idf_settings *settings, const uint8_t *file, size_t size,
                                idf_write_fn write, void *context, idf_encoder **encoder,
                                const char **why)
{
  return idf_encoder_create_jpeg(settings, file, size, write, context, -1, encoder, why);
}

idf_status idf_encoder_suffix(idf_encoder *encoder, const char *suffix)
{
  if (!encoder || !suffix || !encoder->jpeg || encoder->begun)
    return IDF_ERR_ARGUMENT;
  for (uint8_t i = 0; i < IDF_KEPT_SUFFIXES; i++)
    if (strcmp(suffix, idf_kept_suffixes[i]) == 0) {
      const idf_kept_record record = {.shape = shape_for(encoder), .suffix = i};
      encoder->jpeg->record.data[0] = idf_kept_first_byte(&record);
      return IDF_OK;
    }
  return IDF_ERR_ARGUMENT;
}

/* ---- the second reading ------------------------------------------------------------- */

uint32_t idf_encoder_jpeg_rows(const idf_encoder *e)
{
  return idf_kept_pixel_row(&e->jpeg->kept, (uint32_t)e->written);
}

/* A slot and room for each thread and one for the reader, if memory allows. */
static idf_status make_slots(idf_encoder *e)
{
  idf_encoder_jpeg *j = e->jpeg;

  j->room = idf_kept_rooms(&j->kept, &e->mem,
                           IDF_MIN(e->threads > 1 ? e->threads + 1 : 1, j->kept.bands), &j->rooms);
  return j->room ? idf_encoder_make_slots(e, j->rooms)
                 : idf_encoder_fail(e, idf_mem_status(&e->mem));
}

/* Reads the next band. */
static idf_status read_band(idf_encoder *e)
{
  idf_encoder_jpeg *j = e->jpeg;
  idf_jpeg_band *room = &j->room[e->ready % e->slot_count];

  idf_kept_place(&j->kept, room, (uint32_t)e->ready);
  const idf_jpeg_why why = idf_jpeg_read(j->reader, room);
  if (why != IDF_JPEG_OK) /* the file was read before: it has changed */
    return idf_encoder_fail(e, why == IDF_JPEG_MEMORY ? idf_mem_status(&e->mem) : IDF_ERR_ARGUMENT);
  idf_kept_to_natural(&j->kept, room);
  e->crc = idf_kept_crc(&j->kept, e->kernels->simd, e->crc, room);
  e->ready++;
  return IDF_OK;
}

idf_status idf_encoder_jpeg_record(idf_encoder *e, const idf_encoder_jpeg *jpeg)
{
  return idf_encoder_record(e, IDF_KIND_JPEG, &jpeg->record);
}

idf_cur idf_encoder_jpeg_kept(const idf_encoder_jpeg *jpeg)
{
  return idf_cur_of(jpeg->record.data, jpeg->record.len);
}

idf_status idf_encoder_jpeg_bands(idf_encoder *e)
{
  idf_encoder_jpeg *j = e->jpeg;

  if ((!e->held && idf_encoder_jpeg_record(e, j) != IDF_OK) || make_slots(e) != IDF_OK)
    return e->status;
  if (!e->held)
    idf_buf_free(&j->record);
  const idf_jpeg_why why = idf_jpeg_read_new(&j->kept.jpeg, &e->mem, &j->reader);
  if (why != IDF_JPEG_OK)
    return idf_encoder_fail(e, idf_mem_status(&e->mem));
  while (e->ready < e->tiles) {
    if (read_band(e) != IDF_OK)
      return e->status;
    const uint64_t stay = e->ready == e->tiles ? 0 : e->slot_count - 1;
    if (idf_encoder_write_ready(e, stay) != IDF_OK)
      return e->status;
  }
  return IDF_OK;
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * decoder_jpeg.c: an .idf that holds a JPEG file: bands of coefficients to rows of pixels, or to
 * the file itself. Bands are the tiles of decoder_tiles.c, which reads them and has them decoded
 * ahead; here is what they hold.
 */
#include <string.h>

#include "crc32c.h"
#include "kept_file.h"
#include "kept_record.h"
#include "state.h"

struct idf_decoder_kept {
  idf_kept kept;
  idf_kept_record record;
  idf_recipe *recipe;      /* once rows were asked for */
  idf_jpeg_writer *writer; /* once the file was asked for */
  bool written;            /* it has all bands */
  uint32_t at;             /* row of the picture that the recipe gives next */
  idf_jpeg_band *room;     /* owned: band i is in number i mod band_tiles */
};

void idf_decoder_jpeg_free(idf_decoder *d)
{
  idf_decoder_kept *j = d->jpeg;

  if (!j)
    return;
  idf_kept_rooms_free(&d->mem, j->room, d->band_tiles);
  idf_recipe_free(j->recipe);
  idf_jpeg_write_free(j->writer);
  idf_jpeg_free(&j->kept.jpeg);
  idf_kept_record_free(&d->mem, &j->record);
  idf_free(&d->mem, j);
  d->jpeg = NULL;
}

/* ---- the record --------------------------------------------------------------------- */

/* A reason of codec/jpeg as a status. The header's pixels are within the limit: a JPEG that has
 * more of them contradicts it. */
static idf_status status_of(const idf_decoder *d, idf_jpeg_why why)
{
  return why == IDF_JPEG_MEMORY ? idf_mem_status(&d->mem) : IDF_ERR_CORRUPT;
}

/* Whether the header tells of the same picture. */
static bool agrees(const idf_decoder *d, const idf_kept *kept)
{
  static const uint8_t none[sizeof d->header.model_id] = {0};
  return kept->info.width == d->info.width && kept->info.height == d->info.height
         && kept->info.layout == d->info.layout && kept->info.depth == d->info.depth
         && d->header.tile_log2 == IDF_KEPT_TILE_LOG2
         && memcmp(d->header.model_id, none, sizeof none) == 0;
}

idf_status idf_decoder_take_jpeg(idf_decoder *d, const uint8_t *payload, size_t len)
{
  idf_decoder_kept *j = idf_alloc(&d->mem, 1, sizeof *j);

  if (!j)
    return idf_decoder_fail(d, idf_mem_status(&d->mem), "the JPEG");
  d->jpeg = j;
  j->kept.jpeg.mem = &d->mem;
  idf_status status = idf_kept_record_get(&d->mem, payload, len, &j->record);
  if (status == IDF_ERR_UNSUPPORTED)
    return idf_decoder_fail(d, status, "a JPEG in shape %u with suffix %u", j->record.shape,
                            j->record.suffix);
  if (status != IDF_OK)
    return idf_decoder_fail(d, status, "record of the JPEG");
  const idf_jpeg_why why = idf_jpeg_side_get(&j->kept.jpeg, &d->mem, j->record.side,
                                             j->record.side_len, d->limits.max_pixels);
  if (why != IDF_JPEG_OK)
    return idf_decoder_fail(d, status_of(d, why), "the JPEG: %s", idf_jpeg_reason(why));
  const char *other = idf_kept_init(&j->kept);
  if (other)
    return idf_decoder_fail(d, IDF_ERR_CORRUPT, "the JPEG: %s", other);
  if (!agrees(d, &j->kept))
    return idf_decoder_fail(d, IDF_ERR_CORRUPT, "the header is not that of the JPEG");
  d->content = &idf_content_coefs;
  d->across = 1;
  d->tiles = j->kept.bands;
  d->anatomy.tiles_across = 1;
  d->anatomy.tiles_down = j->kept.bands;
  return IDF_OK;
}

const idf_jpeg *idf_decoder_jpeg_file(const idf_decoder *d)
{
  return &d->jpeg->kept.jpeg;
}

/* ---- bands as tiles ----------------------------------------------------------------- */

static size_t most_coefs(const idf_decoder *d, uint64_t i)
{
  (void)i;
  return idf_kept_most(&d->jpeg->kept);
}

static bool peek_coefs(const idf_decoder *d, idf_ahead *a)
{
  (void)d;
  a->report = (idf_tile_report){.method = IDF_METHOD_UNKNOWN};
  return true;
}

/* The room of band i, which says so. */
static idf_jpeg_band *room_of(const idf_decoder *d, uint64_t i)
{
  idf_jpeg_band *room = &d->jpeg->room[i % d->band_tiles];
  idf_kept_place(&d->jpeg->kept, room, (uint32_t)i);
  return room;
}

static idf_status decode_coefs(idf_decoder *d, uint64_t i, const idf_ahead *a,
                               idf_tile_report *report)
{
  const idf_kept *kept = &d->jpeg->kept;
  const idf_jpeg_band *room = room_of(d, i);
  idf_coefs coefs = idf_kept_coefs(kept, room);
  coefs.cancel = &d->cancel;

  idf_status status = idf_coefs_decode(&d->mem, &coefs, d->jpeg->record.shape, 0, a->rec.payload,
                                       a->rec.len, report ? &report->model_bits : NULL);
  if (status == IDF_OK && !idf_kept_tame(kept, room))
    status = IDF_ERR_CORRUPT;
  return status;
}

static void blank_coefs(const idf_decoder *d, uint64_t i)
{
  idf_kept_clear(&d->jpeg->kept, room_of(d, i));
}

static void describe_coefs(const idf_decoder *d, uint64_t i, idf_tile_info *tile)
{
  const idf_kept *kept = &d->jpeg->kept;
  tile->y = idf_kept_pixel_row(kept, (uint32_t)i);
  tile->width = kept->info.width;
  tile->height = idf_kept_pixel_row(kept, (uint32_t)i + 1) - tile->y;
}

/* The band that has a row of pixels. */
static uint32_t band_of(const idf_kept *kept, uint32_t y)
{
  uint32_t band = 0;
  while (band + 1 < kept->bands && idf_kept_pixel_row(kept, band + 1) <= y)
    band++;
  return band;
}

/* Smooth upsampling looks at one row of samples above and below a row of pixels: at most two rows
 * of pixels. */
static void see_coefs(idf_decoder *d)
{
  const idf_kept *kept = &d->jpeg->kept;
  idf_view *v = &d->view;
  const uint32_t end = v->y + v->height;

  v->first_col = v->last_col = 0;
  v->first_row = band_of(kept, v->y > 1 ? v->y - 2 : 0);
  v->last_row = band_of(kept, IDF_MIN(end + 1, d->info.height - 1));
  v->whole = v->first_row == 0 && v->last_row == kept->bands - 1;
  d->band_ready = idf_kept_pixel_row(kept, v->first_row);
}

const idf_content idf_content_coefs = {.see = see_coefs,
                                       .most = most_coefs,
                                       .peek = peek_coefs,
                                       .decode = decode_coefs,
                                       .blank = blank_coefs,
                                       .describe = describe_coefs};

/* Room for one band for each thread and one for the caller, if memory allows. */
static idf_status make_rooms(idf_decoder *d)
{
  idf_decoder_kept *j = d->jpeg;
  const unsigned threads = idf_threads_of(d);

  if (j->room)
    return IDF_OK;
  j->room = idf_kept_rooms(&j->kept, &d->mem, IDF_MIN(threads > 1 ? threads + 1 : 1, j->kept.bands),
                           &d->band_tiles);
  return j->room ? IDF_OK : idf_decoder_fail(d, idf_mem_status(&d->mem), "a band of coefficients");
}

/* The next band of the view, decoded; NULL after an error. */
static const idf_jpeg_band *next_band(idf_decoder *d)
{
  if (make_rooms(d) != IDF_OK)
    return NULL;
  do /* those before the view are not decoded */
    if (idf_next_tile(d, true) != IDF_OK)
      return NULL;
  while (d->note_count <= d->view.first_row);
  const uint64_t i = d->note_count - 1;
  const idf_jpeg_band *room = room_of(d, i);
  d->crc = idf_kept_crc(&d->jpeg->kept, d->in.simd, d->crc, room);
  idf_decoder_ready(d, idf_kept_pixel_row(&d->jpeg->kept, (uint32_t)i + 1));
  return room;
}

/* ---- rows --------------------------------------------------------------------------- */

/* Hands the next band to the recipe. */
static idf_status feed(idf_decoder *d)
{
  const int16_t *coef[IDF_RECIPE_COMPONENTS] = {NULL};
  const idf_jpeg_band *room = next_band(d);

  if (!room)
    return d->status;
  for (unsigned c = 0; c < d->jpeg->kept.jpeg.components; c++)
    coef[c] = room->coefs[c];
  const idf_status status = idf_recipe_give(d->jpeg->recipe, coef, room->count);
  return status == IDF_OK ? IDF_OK : idf_decoder_fail(d, status, "pixels of the JPEG");
}

/* To the recipe, the picture begins with the first band of the view. A band is of whole MCUs; the
 * rows that look at one above, where there seems to be none, are above the view. */
static idf_status make_recipe(idf_decoder *d)
{
  idf_decoder_kept *j = d->jpeg;
  idf_recipe_picture below = j->kept.picture;

  j->at = idf_kept_pixel_row(&j->kept, d->view.first_row);
  below.height -= j->at;
  const idf_status status = idf_recipe_new(&d->mem, &below, &j->recipe);
  return status == IDF_OK ? IDF_OK : idf_decoder_fail(d, status, "pixels of the JPEG");
}

idf_status idf_decoder_jpeg_row(idf_decoder *d, uint8_t *row)
{
  idf_decoder_kept *j = d->jpeg;
  bool got = false;

  if (!j->recipe && make_recipe(d) != IDF_OK)
    return d->status;
  while (!got) {
    const idf_status status = idf_recipe_take(j->recipe, row, &got);
    if (status != IDF_OK) /* bands are tame: this does not happen */
      return idf_decoder_fail(d, IDF_ERR_CORRUPT, "pixels of the JPEG");
    if (!got && feed(d) != IDF_OK)
      return d->status;
    if (got && j->at++ < d->rows)
      got = false;
  }
  return IDF_OK;
}

/* ---- the file ----------------------------------------------------------------------- */

idf_status idf_decoder_original(const idf_decoder *decoder, const char **kind, uint64_t *size)
{
  const idf_decoder_kept *j = decoder && decoder->informed ? decoder->jpeg : NULL;

  if (kind)
    *kind = j ? "jpeg" : NULL;
  if (size)
    *size = j ? j->kept.jpeg.file_len : 0;
  return j ? IDF_OK : IDF_ERR_ARGUMENT;
}

idf_status idf_decoder_jpeg(const idf_decoder *decoder, idf_jpeg_info *info)
{
  if (!decoder || !info || !decoder->informed || !decoder->jpeg)
    return IDF_ERR_ARGUMENT;
  idf_kept_facts(&decoder->jpeg->kept, info);
  return IDF_OK;
}

/* Codes all bands into the scans of the file. */
static idf_status write_bands(idf_decoder *d)
{
  idf_jpeg_writer *writer = d->jpeg->writer;
  idf_jpeg_why why = IDF_JPEG_OK;

  if (d->jpeg->written)
    return IDF_OK;
  while (why == IDF_JPEG_OK && d->note_count < d->tiles) {
    const idf_jpeg_band *room = next_band(d);
    if (!room)
      return d->status;
    if (d->anatomy.tiles_lost > 0)
      return idf_decoder_fail(d, IDF_ERR_CORRUPT, "a damaged band: the JPEG is not whole");
    idf_kept_to_zigzag(&d->jpeg->kept, room);
    why = idf_jpeg_write(writer, room);
  }
  if (why == IDF_JPEG_OK)
    why = idf_jpeg_write_end(writer);
  d->jpeg->written = why == IDF_JPEG_OK;
  return why == IDF_JPEG_OK
             ? IDF_OK
             : idf_decoder_fail(d, status_of(d, why), "the JPEG: %s", idf_jpeg_reason(why));
}

typedef struct sum {
  idf_simd simd;
  uint32_t crc;
} sum;

static idf_status add_to_sum(void *to, const uint8_t *data, size_t len)
{
  sum *s = to;
  s->crc = idf_crc32c(s->simd, s->crc, data, len);
  return IDF_OK;
}

/* Sends the file, once its checksum is right. */
static idf_status send_file(idf_decoder *d, const idf_jpeg_writer *writer, idf_write_fn write,
                            void *context)
{
  const idf_jpeg *jpeg = &d->jpeg->kept.jpeg;
  sum s = {.simd = d->in.simd};

  idf_status status = idf_jpeg_emit(jpeg, writer, add_to_sum, &s);
  if (status == IDF_OK && s.crc != d->jpeg->record.crc)
    status = IDF_ERR_CORRUPT;
  if (status != IDF_OK)
    return idf_decoder_fail(d, status, "the JPEG is not what was encoded");
  status = idf_jpeg_emit(jpeg, writer, write, context);
  return status == IDF_OK ? IDF_OK : idf_decoder_fail(d, status, "writing the JPEG");
}

idf_status idf_decoder_original_write(idf_decoder *decoder, idf_write_fn write, void *context)
{
  idf_decoder *d = decoder;

  if (idf_decoder_info(d, NULL) != IDF_OK)
    return d ? d->status : IDF_ERR_ARGUMENT;
  if (!write || !d->jpeg || d->finished || (d->note_count > 0 && !d->jpeg->writer))
    return IDF_ERR_ARGUMENT;
  idf_decoder_kept *j = d->jpeg;
  if (!j->writer) {
    const idf_jpeg_why why = idf_jpeg_write_new(&j->kept.jpeg, &d->mem, &j->writer);
    if (why != IDF_JPEG_OK)
      return idf_decoder_fail(d, status_of(d, why), "the JPEG: %s", idf_jpeg_reason(why));
    d->finishing = true;
    idf_decoder_view_all(d); /* there is no part of a file */
  }
  idf_status status = write_bands(d);
  if (status == IDF_OK)
    status = idf_decoder_tail(d);
  if (status == IDF_OK)
    status = send_file(d, j->writer, write, context);
  if (status != IDF_NEED_INPUT) {
    idf_jpeg_write_free(j->writer);
    j->writer = NULL;
  }
  return status;
}

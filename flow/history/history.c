/* SPDX-License-Identifier: BSD-3-Clause
 *
 * history.c: see history.h. idf(5), "PIXELS OF A JPEG FILE".
 */
#include "history.h"

#include <string.h>

#include "canvas.h"
#include "recover.h"
#include "residual.h"
#include "steps.h"

enum {
  FLAG_COLOUR = 1,
  FLAG_ACROSS = 2,
  FLAG_DOWN = 4,
  FLAG_SMOOTH = 8,
  FLAG_RESIDUAL = 16,
  FLAGS_KNOWN = 31
};
#define STEP_MAX 65535

/* ---- what precedes the streams ----------------------------------------------------------- */

static void put_steps(unsigned which, const uint16_t step[64], idf_buf *out)
{
  const unsigned quality = idf_steps_quality(which, step);
  idf_put_u8(out, quality);
  for (unsigned k = 0; k < 64 && quality == 0; k++)
    idf_put_varint(out, step[k]);
}

static void put_head(const idf_canvas *canvas, bool residual, idf_buf *out)
{
  unsigned flags = residual ? FLAG_RESIDUAL : 0;
  if (canvas->planes == 3)
    flags |= FLAG_COLOUR;
  if (canvas->across == 2)
    flags |= FLAG_ACROSS;
  if (canvas->down == 2)
    flags |= FLAG_DOWN;
  if (canvas->smooth && canvas->across * canvas->down > 1)
    flags |= FLAG_SMOOTH;
  idf_put_u8(out, IDF_TILE_HISTORY);
  idf_put_u8(out, flags);
  idf_put_u8(out, canvas->y << 4 | canvas->x);
  for (unsigned p = 0; p < canvas->planes && p < 2; p++)
    put_steps(p, canvas->coefs.plane[p].step, out);
}

static idf_status get_flags(unsigned flags, const idf_tile_shape *shape, idf_canvas *canvas)
{
  *canvas = (idf_canvas){.planes = flags & FLAG_COLOUR ? 3 : 1,
                         .across = flags & FLAG_ACROSS ? 2 : 1,
                         .down = flags & FLAG_DOWN ? 2 : 1,
                         .smooth = (flags & FLAG_SMOOTH) != 0,
                         .width = shape->width,
                         .height = shape->height};
  if (flags & ~(unsigned)FLAGS_KNOWN)
    return IDF_ERR_UNSUPPORTED;
  const bool halved = canvas->across * canvas->down > 1;
  const bool sound = shape->depth == 8 && !shape->indexed && canvas->planes == shape->channels
                     && (canvas->planes == 3 || !halved) && (halved || !canvas->smooth);
  return sound ? IDF_OK : IDF_ERR_CORRUPT;
}

static bool get_steps(unsigned which, idf_cur *from, uint16_t step[64])
{
  const unsigned quality = idf_get_u8(from);
  if (from->bad || quality > 100)
    return false;
  if (quality > 0)
    idf_steps_standard(which, quality, step);
  for (unsigned k = 0; k < 64 && quality == 0; k++) {
    step[k] = (uint16_t)idf_get_varint(from, STEP_MAX);
    if (step[k] == 0)
      return false;
  }
  return !from->bad;
}

static idf_status status_of(const idf_cur *cur, bool sound)
{
  /* A cursor is bad at the end of data, and at a varint that is not as it must be. */
  return sound ? IDF_OK : cur->bad && idf_cur_left(cur) == 0 ? IDF_ERR_TRUNCATED : IDF_ERR_CORRUPT;
}

/* Reads all before the streams. The canvas has no blocks yet. */
static idf_status get_head(const idf_tile_shape *shape, idf_cur *from, idf_canvas *canvas,
                           uint16_t step[2][64], bool *residual)
{
  (void)idf_get_u8(from); /* the method */
  const unsigned flags = idf_get_u8(from), place = idf_get_u8(from);
  bool sound = true;
  if (from->bad)
    return IDF_ERR_TRUNCATED;
  const idf_status status = get_flags(flags, shape, canvas);
  if (status != IDF_OK)
    return status;
  *residual = (flags & FLAG_RESIDUAL) != 0;
  canvas->x = place & 15;
  canvas->y = place >> 4;
  if (canvas->x >= 8 * canvas->across || canvas->y >= 8 * canvas->down)
    return IDF_ERR_CORRUPT;
  for (unsigned p = 0; p < canvas->planes && p < 2 && sound; p++)
    sound = get_steps(p, from, step[p]);
  return status_of(from, sound);
}

/* ---- encoder ------------------------------------------------------------------------------- */

static idf_hope look_history(const idf_tile *tile)
{
  return idf_recover_look(tile) ? IDF_LIKELY : IDF_HOPELESS;
}

static idf_status put_coefs(const idf_job *job, const idf_canvas *canvas, idf_buf *out)
{
  idf_buf stream;
  idf_status status = IDF_OK;
  idf_buf_init(&stream, job->mem);
  for (uint32_t band = 0; band < idf_coefs_bands(&canvas->coefs) && status == IDF_OK; band++) {
    idf_buf_clear(&stream);
    status = idf_coefs_encode(job->mem, &canvas->coefs, IDF_COEFS_FULL, band, &stream, NULL);
    if (status == IDF_OK && stream.bad)
      status = idf_mem_status(job->mem);
    if (status == IDF_OK) {
      idf_put_varint(out, stream.len);
      idf_put_bytes(out, stream.data, stream.len);
    }
  }
  idf_buf_free(&stream);
  return status;
}

static bool same_samples(const idf_tile *tile, const uint16_t *made)
{
  const size_t n = (size_t)tile->shape.width * tile->shape.channels;
  for (uint32_t y = 0; y < tile->shape.height; y++)
    if (memcmp(tile->samples + y * tile->stride, made + y * n, n * sizeof *made) != 0)
      return false;
  return true;
}

static idf_status put_all(const idf_job *job, const idf_tile *tile, const idf_canvas *canvas,
                          uint16_t *made, idf_buf *out)
{
  idf_status status = idf_canvas_pixels(canvas, job->mem, false, made,
                                        (size_t)tile->shape.width * tile->shape.channels);
  if (status != IDF_OK)
    return status;
  const bool residual = !same_samples(tile, made);
  put_head(canvas, residual, out);
  status = put_coefs(job, canvas, out);
  if (status == IDF_OK && residual)
    status = idf_residual_encode(job, tile, made, canvas->x % 8, canvas->y % 8, out);
  return status;
}

static idf_status encode_history(const idf_job *job, const idf_tile *tile, idf_buf *out)
{
  idf_canvas canvas;
  bool found;
  idf_status status = idf_recover(job, tile, &canvas, &found);

  if (status != IDF_OK || !found)
    return status;
  canvas.coefs.cancel = job->cancel;
  uint16_t *made = idf_alloc(job->mem, (size_t)tile->shape.width * tile->shape.height,
                             tile->shape.channels * sizeof *made);
  status = made ? put_all(job, tile, &canvas, made, out) : idf_mem_status(job->mem);
  idf_free(job->mem, made);
  idf_canvas_close(&canvas, job->mem);
  return status;
}

/* ---- decoder ------------------------------------------------------------------------------- */

static idf_status get_coefs(const idf_job *job, idf_canvas *canvas, idf_cur *from, double *bits)
{
  for (uint32_t band = 0; band < idf_coefs_bands(&canvas->coefs); band++) {
    const uint64_t size = idf_get_varint(from, SIZE_MAX);
    if (from->bad || size > idf_cur_left(from))
      return IDF_ERR_TRUNCATED;
    const uint8_t *data = idf_get_bytes(from, (size_t)size);
    const idf_status status =
        idf_coefs_decode(job->mem, &canvas->coefs, IDF_COEFS_FULL, band, data, (size_t)size, bits);
    if (status != IDF_OK)
      return status;
  }
  return IDF_OK;
}

static idf_status get_pixels(const idf_job *job, const idf_tile *tile, const idf_canvas *canvas,
                             bool residual, idf_cur from, double *bits)
{
  const idf_status status = idf_canvas_pixels(canvas, job->mem, false, tile->samples, tile->stride);
  if (status == IDF_ERR_UNSUPPORTED) /* coefficients that no encoder writes */
    return IDF_ERR_CORRUPT;
  if (status != IDF_OK)
    return status;
  if (residual)
    return idf_residual_decode(job, tile, canvas->x % 8, canvas->y % 8, from, bits);
  return idf_cur_left(&from) == 0 ? IDF_OK : IDF_ERR_CORRUPT;
}

static idf_status decode_history(const idf_job *job, const idf_tile *tile, idf_cur payload,
                                 idf_tile_report *report)
{
  idf_canvas canvas;
  uint16_t step[2][64];
  bool residual;
  double bits = 0;
  idf_status status = get_head(&tile->shape, &payload, &canvas, step, &residual);

  if (status == IDF_OK)
    status = idf_canvas_open(&canvas, job->mem);
  if (status != IDF_OK)
    return status;
  canvas.coefs.cancel = job->cancel;
  for (unsigned p = 0; p < canvas.planes; p++)
    memcpy(canvas.coefs.plane[p].step, step[p != 0], sizeof step[0]);
  status = get_coefs(job, &canvas, &payload, report ? &bits : NULL);
  if (status == IDF_OK)
    status = get_pixels(job, tile, &canvas, residual, payload, report ? &bits : NULL);
  idf_canvas_close(&canvas, job->mem);
  if (report) /* a coefficient is of 64 pixels at least */
    idf_report_evenly(report, &tile->shape, bits);
  return status;
}

const idf_method idf_history = {.name = "history",
                                .first = IDF_TILE_HISTORY,
                                .last = IDF_TILE_HISTORY,
                                .slow = true,
                                .history = true,
                                .look = IDF_ENCODING(look_history),
                                .encode = IDF_ENCODING(encode_history),
                                .decode = decode_history};

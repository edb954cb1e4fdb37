/* SPDX-License-Identifier: BSD-3-Clause
 *
 * chroma.c: see chroma.h. idf(5), "PIXELS WITH CHROMA AT HALF RESOLUTION".
 */
#include "chroma.h"

#include <string.h>

#include "conversion.h"
#include "invert.h"
#include "raw.h"
#include "residual.h"
#include "streams.h"

enum { BORDERS = 15, BORDERS_RESIDUAL = 16, BORDERS_KNOWN = 31, SITING_KNOWN = 63 };

/* The planes of a tile on their way. */
typedef struct halves {
  const idf_job *job;
  const idf_tile *tile;
  idf_origin origin;
  idf_yuv planes;
  int32_t *means;  /* of Y, for each knot */
  int32_t *memory; /* of all these, owned */
  size_t n, knots;
} halves;

static idf_status halves_open(halves *h)
{
  const idf_siting *s = &h->origin.siting;
  h->n = (size_t)s->x.pixels * s->y.pixels;
  h->knots = (size_t)s->x.knots * s->y.knots;
  h->memory = idf_alloc(h->job->mem, h->n + 3 * h->knots, sizeof *h->memory);
  if (!h->memory)
    return idf_mem_status(h->job->mem);
  h->planes = (idf_yuv){
      .y = h->memory, .u = h->memory + h->n + h->knots, .v = h->memory + h->n + 2 * h->knots};
  h->means = h->memory + h->n;
  return IDF_OK;
}

static void halves_close(halves *h)
{
  idf_free(h->job->mem, h->memory);
}

/* ---- what precedes the streams ------------------------------------------------------------ */

static void put_head(const idf_origin *origin, bool residual, idf_buf *out)
{
  const idf_axis *x = &origin->siting.x, *y = &origin->siting.y;
  idf_put_u8(out, IDF_TILE_CHROMA);
  idf_put_u8(out, origin->conversion);
  idf_put_u8(out, x->spacing | y->spacing << 2 | x->phase << 4 | y->phase << 5);
  idf_put_u8(out, (unsigned)x->no_first | (unsigned)x->no_last << 1 | (unsigned)y->no_first << 2
                      | (unsigned)y->no_last << 3 | (residual ? BORDERS_RESIDUAL : 0u));
}

static idf_status get_head(const idf_tile_shape *shape, idf_cur *from, idf_origin *origin,
                           bool *residual)
{
  (void)idf_get_u8(from); /* the method */
  const unsigned conversion = idf_get_u8(from), siting = idf_get_u8(from),
                 borders = idf_get_u8(from);
  if (from->bad)
    return IDF_ERR_TRUNCATED;
  if (conversion >= IDF_CONVERSIONS || siting > SITING_KNOWN || borders > BORDERS_KNOWN)
    return IDF_ERR_UNSUPPORTED;
  *residual = (borders & BORDERS_RESIDUAL) != 0;
  *origin = (idf_origin){.conversion = conversion,
                         .siting = {.x = {.spacing = siting & 3,
                                          .phase = siting >> 4 & 1,
                                          .no_first = borders & 1,
                                          .no_last = borders >> 1 & 1,
                                          .pixels = shape->width},
                                    .y = {.spacing = siting >> 2 & 3,
                                          .phase = siting >> 5,
                                          .no_first = borders >> 2 & 1,
                                          .no_last = borders >> 3 & 1,
                                          .pixels = shape->height}}};
  const bool sound = shape->depth == 8 && shape->channels == 3 && !shape->indexed
                     && idf_axis_init(&origin->siting.x) && idf_axis_init(&origin->siting.y);
  return sound ? IDF_OK : IDF_ERR_CORRUPT;
}

/* ---- streams ------------------------------------------------------------------------------ */

static const int32_t top = 255;

static idf_group luma_group(halves *h, int32_t *planes[1])
{
  const idf_siting *s = &h->origin.siting;
  planes[0] = h->planes.y;
  return (idf_group){
      .shape = {.width = s->x.pixels, .height = s->y.pixels, .planes = 1, .max = {top}},
      .planes = planes};
}

static idf_group chroma_group(halves *h, int32_t *planes[3])
{
  const idf_siting *s = &h->origin.siting;
  planes[0] = h->means;
  planes[1] = h->planes.u;
  planes[2] = h->planes.v;
  return (idf_group){
      .shape = {.width = s->x.knots, .height = s->y.knots, .planes = 3, .max = {top, top, top}},
      .planes = planes,
      .known = 1};
}

static void make_pixels(const halves *h, int32_t *u, int32_t *v, uint16_t *to, size_t stride)
{
  const idf_siting *s = &h->origin.siting;
  idf_matrix m;
  idf_matrix_init(&m, h->origin.conversion);
  for (uint32_t y = 0; y < s->y.pixels; y++, to += stride) {
    const int32_t *luma = h->planes.y + (size_t)y * s->x.pixels;
    idf_siting_row(s, h->planes.u, y, u);
    idf_siting_row(s, h->planes.v, y, v);
    for (uint32_t x = 0; x < s->x.pixels; x++)
      for (unsigned c = 0; c < 3; c++)
        to[3 * x + c] = (uint16_t)idf_matrix_sample(&m, c, luma[x], u[x], v[x]);
  }
}

/* Samples of the planes, in rows `stride` apart. */
static idf_status convert(const halves *h, uint16_t *to, size_t stride)
{
  const uint32_t width = h->tile->shape.width;
  int32_t *rows = idf_alloc(h->job->mem, width, 2 * sizeof *rows);
  if (!rows)
    return idf_mem_status(h->job->mem);
  make_pixels(h, rows, rows + width, to, stride);
  idf_free(h->job->mem, rows);
  return IDF_OK;
}

/* ---- encoder ------------------------------------------------------------------------------ */

static idf_hope look_chroma(const idf_tile *tile)
{
  idf_origin origin;
  return idf_origin_find(tile, &origin) ? IDF_LIKELY : IDF_HOPELESS;
}

/* Where photographs have this many bits, nothing else comes near, but for coefficients: libheif's
 * conversion is that of JPEG decoders, nearly. */
static bool chroma_settles(const idf_tile *tile, idf_hope hope, const uint8_t *payload,
                           size_t bytes)
{
  const size_t pixels = (size_t)tile->shape.width * tile->shape.height;
  return hope == IDF_LIKELY && payload[1] != IDF_CONVERSION_LIBHEIF && bytes * 8 > pixels;
}

static bool same_samples(const idf_tile *tile, const uint16_t *made)
{
  const size_t n = (size_t)tile->shape.width * 3;
  for (uint32_t y = 0; y < tile->shape.height; y++)
    if (memcmp(tile->samples + y * tile->stride, made + y * n, n * sizeof *made) != 0)
      return false;
  return true;
}

static idf_status put_streams(halves *h, idf_buf *out)
{
  int32_t *planes[3];
  idf_group group = luma_group(h, planes);
  const idf_status status = idf_stream_encode(h->job, &group, out);
  if (status != IDF_OK)
    return status;
  idf_siting_means(&h->origin.siting, h->planes.y, h->means);
  group = chroma_group(h, planes);
  return idf_stream_encode(h->job, &group, out);
}

static idf_status put_all(halves *h, uint16_t *made, idf_buf *out)
{
  idf_status status = idf_invert(h->job, h->tile, &h->origin, &h->planes);
  if (status == IDF_OK)
    status = convert(h, made, (size_t)h->tile->shape.width * 3);
  if (status != IDF_OK)
    return status;
  const bool residual = !same_samples(h->tile, made);
  put_head(&h->origin, residual, out);
  status = put_streams(h, out);
  return status == IDF_OK && residual ? idf_residual_encode(h->job, h->tile, made, 0, 0, out)
                                      : status;
}

static idf_status encode_chroma(const idf_job *job, const idf_tile *tile, idf_buf *out)
{
  halves h = {.job = job, .tile = tile};
  if (!idf_origin_find(tile, &h.origin))
    return idf_stored.encode(job, tile, out); /* nobody takes it */
  uint16_t *made =
      idf_alloc(job->mem, (size_t)tile->shape.width * tile->shape.height, 3 * sizeof *made);
  if (!made)
    return idf_mem_status(job->mem);
  idf_status status = halves_open(&h);
  if (status == IDF_OK)
    status = put_all(&h, made, out);
  halves_close(&h);
  idf_free(job->mem, made);
  return status;
}

/* ---- decoder ------------------------------------------------------------------------------ */

/* Adds what a knot cost to the pixels it is nearest to. */
static void spread(const idf_siting *s, const float *map_of_knots, float *map)
{
  for (uint32_t j = 0; j < s->y.knots; j++)
    for (uint32_t i = 0; i < s->x.knots; i++) {
      uint32_t x[2], y[2];
      idf_axis_pixels(&s->x, i, x);
      idf_axis_pixels(&s->y, j, y);
      for (unsigned k = 0; k < 4; k++)
        map[(size_t)y[k / 2] * s->x.pixels + x[k % 2]] +=
            map_of_knots[(size_t)j * s->x.knots + i] / 4;
    }
}

static idf_status get_chroma(halves *h, idf_cur *from, idf_tile_report *report)
{
  int32_t *planes[3];
  idf_group group = chroma_group(h, planes);
  float *map = report ? report->map : NULL;
  if (!map)
    return idf_stream_decode(h->job, &group, from, report);
  report->map = idf_alloc(h->job->mem, h->knots, sizeof *report->map);
  idf_status status = report->map ? IDF_OK : idf_mem_status(h->job->mem);
  if (status == IDF_OK) {
    status = idf_stream_decode(h->job, &group, from, report);
    spread(&h->origin.siting, report->map, map);
  }
  idf_free(h->job->mem, report->map);
  report->map = map;
  return status;
}

static idf_status get_streams(halves *h, idf_cur *from, idf_tile_report *report)
{
  int32_t *planes[1];
  idf_group group = luma_group(h, planes);
  const idf_status status = idf_stream_decode(h->job, &group, from, report);
  if (status != IDF_OK)
    return status;
  idf_siting_means(&h->origin.siting, h->planes.y, h->means);
  return get_chroma(h, from, report);
}

/* The bits of the residual are spread evenly. */
static void report_evenly(const idf_tile_shape *shape, double bits, idf_tile_report *report)
{
  const size_t pixels = (size_t)shape->width * shape->height;
  report->model_bits += bits;
  for (unsigned c = 0; c < 3; c++)
    report->channel_bits[c] += bits / 3;
  for (size_t i = 0; report->map && i < pixels; i++)
    report->map[i] += (float)(bits / (double)pixels);
}

static idf_status get_residual(const halves *h, idf_cur from, idf_tile_report *report)
{
  double bits = 0;
  const idf_status status = idf_residual_decode(h->job, h->tile, 0, 0, from, report ? &bits : NULL);
  if (report)
    report_evenly(&h->tile->shape, bits, report);
  return status;
}

static idf_status decode_chroma(const idf_job *job, const idf_tile *tile, idf_cur payload,
                                idf_tile_report *report)
{
  halves h = {.job = job, .tile = tile};
  bool residual;
  idf_status status = get_head(&tile->shape, &payload, &h.origin, &residual);
  if (status == IDF_OK)
    status = halves_open(&h);
  if (status == IDF_OK)
    status = get_streams(&h, &payload, report);
  if (status == IDF_OK)
    status = convert(&h, tile->samples, tile->stride);
  halves_close(&h);
  if (status != IDF_OK)
    return status;
  if (residual)
    return get_residual(&h, payload, report);
  return idf_cur_left(&payload) == 0 ? IDF_OK : IDF_ERR_CORRUPT;
}

/* The field of the colour layer has the number of the conversion. */
static bool peek_chroma(idf_cur payload, idf_tile_report *report)
{
  (void)idf_get_u8(&payload); /* the method */
  report->colour = (uint8_t)idf_get_u8(&payload);
  return !payload.bad;
}

const idf_method idf_chroma = {.name = "chroma",
                               .first = IDF_TILE_CHROMA,
                               .last = IDF_TILE_CHROMA,
                               .needs_model = true,
                               .slow = true,
                               .history = true,
                               .look = IDF_ENCODING(look_chroma),
                               .settles = IDF_ENCODING(chroma_settles),
                               .encode = IDF_ENCODING(encode_chroma),
                               .decode = decode_chroma,
                               .peek = peek_chroma};

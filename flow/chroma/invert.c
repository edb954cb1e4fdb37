/* SPDX-License-Identifier: BSD-3-Clause
 *
 * invert.c: see invert.h. Knots of blocks of their own are found block by block, those that pixels
 * lie between by knots.h.
 */
#include "invert.h"

#include "knots.h"
#include "preimage.h"

#define WIDE 8 /* search radius for blocks of clipped pixels only */

typedef struct invert {
  const idf_job *job;
  const idf_tile *tile;
  const idf_siting *siting;
  const idf_yuv *planes;
  idf_preimage preimage;
} invert;

static void pixel_at(const idf_tile *tile, uint32_t x, uint32_t y, int32_t rgb[3])
{
  const uint16_t *from = tile->samples + y * tile->stride + (size_t)x * 3;
  for (unsigned c = 0; c < 3; c++)
    rgb[c] = from[c];
}

/* ---- chroma --------------------------------------------------------------------------------- */

/* The pixels of a knot, and the best chroma for them so far. */
typedef struct block {
  int32_t rgb[4][3];
  unsigned n, explained;
  int32_t u, v;
} block;

/* Tries a chroma; true if it explains all pixels. */
static bool try_chroma(const invert *w, block *b, int32_t u, int32_t v)
{
  unsigned explained = 0;
  int32_t range[2];
  for (unsigned k = 0; k < b->n; k++)
    explained += idf_preimage_luma(&w->preimage, b->rgb[k], u, v, range);
  if (explained > b->explained) {
    b->explained = explained;
    b->u = u;
    b->v = v;
  }
  return explained == b->n;
}

static bool try_pixels(const invert *w, block *b, bool clipped)
{
  for (unsigned k = 0; k < b->n; k++) {
    int32_t uv[2];
    if (idf_clipped(b->rgb[k]) == clipped && idf_preimage_chroma(&w->preimage, b->rgb[k], uv)
        && try_chroma(w, b, uv[0], uv[1]))
      return true;
  }
  return false;
}

/* Tries all that is near the chroma of a pixel. */
static void try_around(const invert *w, block *b)
{
  int32_t uv[2];
  idf_preimage_chroma(&w->preimage, b->rgb[0], uv);
  for (int32_t v = IDF_MAX(uv[1] - WIDE, 0); v <= IDF_MIN(uv[1] + WIDE, 255); v++)
    for (int32_t u = IDF_MAX(uv[0] - WIDE, 0); u <= IDF_MIN(uv[0] + WIDE, 255); u++)
      if (try_chroma(w, b, u, v))
        return;
}

static void gather(const invert *w, const uint32_t x[2], const uint32_t y[2], block *b)
{
  *b = (block){.n = 0};
  for (uint32_t j = y[0]; j <= y[1]; j++)
    for (uint32_t i = x[0]; i <= x[1]; i++)
      pixel_at(w->tile, i, j, b->rgb[b->n++]);
}

/* Tries what is likely first, and for clipped pixels, which leave a choice, what is smooth. */
static void solve_block(const invert *w, block *b, size_t at, bool west, bool north)
{
  const idf_yuv *to = w->planes;
  const size_t above = at - w->siting->x.knots;
  const bool done =
      try_pixels(w, b, false) || (west && try_chroma(w, b, to->u[at - 1], to->v[at - 1]))
      || (north && try_chroma(w, b, to->u[above], to->v[above])) || try_pixels(w, b, true);
  if (!done)
    try_around(w, b);
  if (b->explained == 0) {
    int32_t uv[2];
    idf_preimage_chroma(&w->preimage, b->rgb[0], uv);
    b->u = west ? to->u[at - 1] : uv[0];
    b->v = west ? to->v[at - 1] : uv[1];
  }
}

static idf_status solve_replicated(const invert *w)
{
  const idf_siting *s = w->siting;
  for (uint32_t j = 0; j < s->y.knots; j++) {
    uint32_t x[2], y[2];
    if (idf_cancelled(w->job->cancel))
      return IDF_ERR_CANCELLED;
    idf_axis_pixels(&s->y, j, y);
    for (uint32_t i = 0; i < s->x.knots; i++) {
      const size_t at = (size_t)j * s->x.knots + i;
      block b;
      idf_axis_pixels(&s->x, i, x);
      gather(w, x, y, &b);
      solve_block(w, &b, at, i > 0, j > 0);
      w->planes->u[at] = b.u;
      w->planes->v[at] = b.v;
    }
  }
  return IDF_OK;
}

/* Chroma of the pixels that have one preimage; the others must do with what these leave. */
static idf_status see_chroma(const invert *w, int16_t *u, int16_t *v)
{
  const uint32_t width = w->tile->shape.width;
  for (uint32_t y = 0; y < w->tile->shape.height; y++) {
    if (idf_cancelled(w->job->cancel))
      return IDF_ERR_CANCELLED;
    for (uint32_t x = 0; x < width; x++) {
      const size_t at = (size_t)y * width + x;
      int32_t rgb[3], uv[2];
      pixel_at(w->tile, x, y, rgb);
      const bool known = !idf_clipped(rgb) && idf_preimage_chroma(&w->preimage, rgb, uv);
      u[at] = known ? (int16_t)uv[0] : IDF_KNOTS_UNKNOWN;
      v[at] = known ? (int16_t)uv[1] : IDF_KNOTS_UNKNOWN;
    }
  }
  return IDF_OK;
}

static idf_status solve_between(const invert *w)
{
  const size_t n = (size_t)w->tile->shape.width * w->tile->shape.height;
  int16_t *seen = idf_alloc(w->job->mem, n, 2 * sizeof *seen);
  if (!seen)
    return idf_mem_status(w->job->mem);
  idf_status status = see_chroma(w, seen, seen + n);
  if (status == IDF_OK)
    status = idf_knots_solve(w->job, w->siting, seen, w->planes->u);
  if (status == IDF_OK)
    status = idf_knots_solve(w->job, w->siting, seen + n, w->planes->v);
  idf_free(w->job->mem, seen);
  return status;
}

/* ---- luma ----------------------------------------------------------------------------------- */

/* The median edge detector where all its pixels are; else the one that is there. */
static int32_t guess(const int32_t *y, size_t at, uint32_t width, bool west, bool north)
{
  if (!west || !north)
    return west ? y[at - 1] : north ? y[at - width] : 128;
  const int32_t w = y[at - 1], n = y[at - width], nw = y[at - width - 1];
  return idf_clamp(w + n - nw, IDF_MIN(w, n), IDF_MAX(w, n));
}

static idf_status solve_luma(const invert *w, int32_t *u, int32_t *v)
{
  const uint32_t width = w->tile->shape.width, height = w->tile->shape.height;
  int32_t *to = w->planes->y;
  for (uint32_t j = 0; j < height; j++) {
    if (idf_cancelled(w->job->cancel))
      return IDF_ERR_CANCELLED;
    idf_siting_row(w->siting, w->planes->u, j, u);
    idf_siting_row(w->siting, w->planes->v, j, v);
    for (uint32_t i = 0; i < width; i++) {
      const size_t at = (size_t)j * width + i;
      int32_t rgb[3], range[2];
      pixel_at(w->tile, i, j, rgb);
      if (!idf_preimage_luma(&w->preimage, rgb, u[i], v[i], range))
        to[at] = idf_preimage_nearest_luma(&w->preimage, rgb, u[i], v[i]);
      else if (range[0] == range[1])
        to[at] = range[0];
      else
        to[at] = idf_clamp(guess(to, at, width, i > 0, j > 0), range[0], range[1]);
    }
  }
  return IDF_OK;
}

idf_status idf_invert(const idf_job *job, const idf_tile *tile, const idf_origin *origin,
                      const idf_yuv *planes)
{
  const uint32_t width = tile->shape.width;
  invert w = {.job = job, .tile = tile, .siting = &origin->siting, .planes = planes};
  int32_t *rows = idf_alloc(job->mem, width, 2 * sizeof *rows);
  if (!rows)
    return idf_mem_status(job->mem);
  idf_preimage_init(&w.preimage, origin->conversion);
  const bool between =
      idf_spacing_between(w.siting->x.spacing) || idf_spacing_between(w.siting->y.spacing);
  idf_status status = between ? solve_between(&w) : solve_replicated(&w);
  if (status == IDF_OK)
    status = solve_luma(&w, rows, rows + width);
  idf_free(job->mem, rows);
  return status;
}

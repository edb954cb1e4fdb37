/* SPDX-License-Identifier: BSD-3-Clause
 *
 * invert.c: see invert.h. Knots of blocks of their own are found block by block, those that pixels
 * lie between by knots.h.
 */
#include "invert.h"

#include <string.h>

#include "knots.h"
#include "preimage.h"

#define WIDE 8   /* search radius for blocks of clipped pixels only */
#define BOX 1024 /* chroma tried for a clipped pixel at most */
#define LOOKS 16 /* and on average for each pixel of the tile */
#define ROUNDS 4

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

/* U and V of knots that pixels lie between. */
typedef struct between {
  const invert *w;
  idf_knots *u, *v;
  idf_codes *row; /* two rows of bounds */
  uint64_t looks; /* left, at chroma for clipped pixels */
} between;

static void between_close(between *b)
{
  idf_knots_close(b->u);
  idf_knots_close(b->v);
  idf_free(b->w->job->mem, b->row);
}

static idf_status between_open(between *b, const invert *w)
{
  const size_t width = w->tile->shape.width;
  *b = (between){.w = w, .looks = (uint64_t)LOOKS * width * w->tile->shape.height};
  b->row = idf_alloc(w->job->mem, width, 2 * sizeof *b->row);
  idf_status status = b->row ? IDF_OK : idf_mem_status(w->job->mem);
  if (status == IDF_OK)
    status = idf_knots_open(w->job, w->siting, &b->u);
  if (status == IDF_OK)
    status = idf_knots_open(w->job, w->siting, &b->v);
  return status;
}

/* Bounds of the pixels that have one preimage. */
static idf_status see_chroma(const between *b)
{
  const invert *w = b->w;
  const uint32_t width = w->tile->shape.width;
  for (uint32_t y = 0; y < w->tile->shape.height; y++) {
    if (idf_cancelled(w->job->cancel))
      return IDF_ERR_CANCELLED;
    for (uint32_t x = 0; x < width; x++) {
      int32_t rgb[3], uv[2];
      pixel_at(w->tile, x, y, rgb);
      if (idf_clipped(rgb) || !idf_preimage_chroma(&w->preimage, rgb, uv))
        continue;
      idf_knots_narrow(b->u, x, y, (idf_codes){(uint8_t)uv[0], (uint8_t)uv[0]});
      idf_knots_narrow(b->v, x, y, (idf_codes){(uint8_t)uv[1], (uint8_t)uv[1]});
    }
  }
  return IDF_OK;
}

/* Narrows the bounds of a clipped pixel to the chroma that can have made it; false if none can. */
static bool narrow(const invert *w, const int32_t rgb[3], idf_codes *u, idf_codes *v)
{
  idf_codes in_u = {255, 0}, in_v = {255, 0};
  int32_t range[2];
  for (int32_t j = v->lo; j <= v->hi; j++)
    for (int32_t i = u->lo; i <= u->hi; i++) {
      if (!idf_preimage_luma(&w->preimage, rgb, i, j, range))
        continue;
      in_u.lo = (uint8_t)IDF_MIN(in_u.lo, i);
      in_u.hi = (uint8_t)IDF_MAX(in_u.hi, i);
      in_v.lo = (uint8_t)IDF_MIN(in_v.lo, j);
      in_v.hi = (uint8_t)IDF_MAX(in_v.hi, j);
    }
  if (in_u.lo > in_u.hi)
    return false;
  *u = in_u;
  *v = in_v;
  return true;
}

/* Narrows clipped pixels by what is known of the knots, and counts those that change. */
static size_t narrow_row(between *b, uint32_t y)
{
  const invert *w = b->w;
  const uint32_t width = w->tile->shape.width;
  idf_codes *u = b->row, *v = b->row + width;
  size_t changed = 0;
  idf_knots_row(b->u, y, u);
  idf_knots_row(b->v, y, v);
  for (uint32_t x = 0; x < width; x++) {
    const uint32_t looks = (uint32_t)(u[x].hi - u[x].lo + 1) * (uint32_t)(v[x].hi - v[x].lo + 1);
    const idf_codes was_u = u[x], was_v = v[x];
    int32_t rgb[3];
    pixel_at(w->tile, x, y, rgb);
    if (!idf_clipped(rgb) || looks == 1 || looks > BOX || looks > b->looks)
      continue;
    b->looks -= looks;
    if (!narrow(w, rgb, &u[x], &v[x]))
      continue;
    if (memcmp(&was_u, &u[x], sizeof was_u) != 0 || memcmp(&was_v, &v[x], sizeof was_v) != 0) {
      idf_knots_narrow(b->u, x, y, u[x]);
      idf_knots_narrow(b->v, x, y, v[x]);
      changed++;
    }
  }
  return changed;
}

/* Lets clipped pixels and knots narrow each other, while that leads anywhere. */
static idf_status narrow_all(between *b)
{
  idf_status status = idf_knots_settle(b->u);
  if (status == IDF_OK)
    status = idf_knots_settle(b->v);
  for (unsigned round = 0; round < ROUNDS && status == IDF_OK; round++) {
    size_t changed = 0;
    for (uint32_t y = 0; y < b->w->tile->shape.height; y++)
      changed += narrow_row(b, y);
    if (changed == 0)
      break;
    status = idf_knots_settle(b->u);
    if (status == IDF_OK)
      status = idf_knots_settle(b->v);
  }
  return status;
}

/* Decides for U, then for V, which then has less choice where pixels are clipped. */
static idf_status decide(between *b)
{
  idf_status status = idf_knots_search(b->u);
  if (status == IDF_OK)
    status = narrow_all(b);
  if (status == IDF_OK)
    status = idf_knots_search(b->v);
  if (status == IDF_OK) {
    idf_knots_take(b->u, b->w->planes->u);
    idf_knots_take(b->v, b->w->planes->v);
  }
  return status;
}

/* Marks the sides whose outer knots can be copies; true if there is one. */
static bool find_copies(const between *b, idf_siting *s)
{
  bool any = false;
  for (unsigned side = 0; side < 4; side++) {
    const bool down = side >> 1, last = side & 1;
    idf_axis *axis = down ? &s->y : &s->x;
    bool *copies = last ? &axis->no_last : &axis->no_first;
    *copies = axis->knots > 2 && idf_axis_has_outer(axis, last)
              && idf_knots_copied(b->u, down, last) && idf_knots_copied(b->v, down, last);
    any = any || *copies;
  }
  return any && idf_axis_init(&s->x) && idf_axis_init(&s->y);
}

static idf_status solve_between(const invert *w, idf_siting *s)
{
  between b;
  idf_status status = between_open(&b, w);
  if (status == IDF_OK)
    status = see_chroma(&b);
  if (status == IDF_OK)
    status = narrow_all(&b);
  if (status == IDF_OK && find_copies(&b, s)) {
    between_close(&b);
    status = between_open(&b, w);
    if (status == IDF_OK)
      status = see_chroma(&b);
    if (status == IDF_OK)
      status = narrow_all(&b);
  }
  if (status == IDF_OK)
    status = decide(&b);
  between_close(&b);
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

idf_status idf_invert(const idf_job *job, const idf_tile *tile, idf_origin *origin,
                      const idf_yuv *planes)
{
  const uint32_t width = tile->shape.width;
  invert w = {.job = job, .tile = tile, .siting = &origin->siting, .planes = planes};
  int32_t *rows = idf_alloc(job->mem, width, 2 * sizeof *rows);
  if (!rows)
    return idf_mem_status(job->mem);
  idf_preimage_init(&w.preimage, origin->conversion);
  const bool lies_between =
      idf_spacing_between(w.siting->x.spacing) || idf_spacing_between(w.siting->y.spacing);
  idf_status status = lies_between ? solve_between(&w, &origin->siting) : solve_replicated(&w);
  if (status == IDF_OK)
    status = solve_luma(&w, rows, rows + width);
  idf_free(job->mem, rows);
  return status;
}

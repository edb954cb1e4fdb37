/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recover.c: the stages of recover.h. Each stage trusts the result of the one before; the number of
 * right pixels at the end is the check.
 */
#include "recover.h"

#include <string.h>

#include "component.h"
#include "dct.h"
#include "evidence.h"
#include "grid.h"
#include "recipe_block.h"
#include "solve.h"
#include "steps.h"

#define LEAST_SIDE 32
#define PASSES 3
#define BLOCKS_MIN 6 /* with fewer blocks, steps are not searched */

typedef struct work {
  const idf_job *job;
  const idf_tile *tile;
  idf_canvas *canvas;
  bool opened; /* the canvas has its blocks */
  idf_evidence evidence;
  idf_component component[3];
  idf_solver solver[2]; /* luma, chroma */
  uint16_t *pixels;     /* owned: Y, Cb, Cr of the coefficients */
  bool *wrong;          /* owned: for each pixel */
  uint8_t *bad;         /* owned: for each block of a component, largest */
} work;

static idf_solver *solver_of(work *w, unsigned p)
{
  return &w->solver[p != 0];
}

bool idf_recover_look(const idf_tile *tile)
{
  const idf_tile_shape *s = &tile->shape;
  idf_grid grid;
  return s->depth == 8 && !s->indexed && (s->channels == 1 || s->channels == 3)
         && s->width >= LEAST_SIDE && s->height >= LEAST_SIDE && idf_evidence_look(tile)
         && idf_grid_look(tile, &grid);
}

/* ---- sampling ------------------------------------------------------------------------------- */

typedef struct sampling {
  unsigned across, down;
  bool smooth;
} sampling;

/* They are tried in this order; the first that fits is taken. */
static const sampling samplings[] = {{2, 2, false}, {2, 1, false}, {1, 2, false},
                                     {2, 2, true},  {2, 1, true},  {1, 2, true}};

static void round_wanted(idf_component *c)
{
  const size_t n = (size_t)c->width * c->height;
  for (size_t i = 0; i < n; i++)
    c->made[i] = (uint8_t)((c->wanted[i] + 8) >> 4);
}

/* Whether all pixels beside this one have the same value. */
static inline bool level(const uint8_t *sample, size_t pitch)
{
  const uint8_t s = *sample;
  return s == sample[-1] && s == sample[1] && s == *(sample - pitch) && s == sample[pitch];
}

/* Whether whole numbers near the wanted samples give the pixels back: with repetition nearly all of
 * them; with interpolation most, and few with an error of more than 1. Any sampling fits level
 * pixels. Those at the border may depend on samples that no pixel shows; within the tile, two
 * pictures may meet. */
static bool fits(const idf_component *c, const idf_evidence *e, unsigned p)
{
  uint64_t off = 0, far = 0, all = 0;
  for (uint32_t y = 2; y + 2 < e->height; y++)
    for (uint32_t x = 2; x + 2 < e->width; x++) {
      const size_t at = (size_t)y * e->width + x;
      if (!e->known[at] || !idf_component_knows(c, c->x + x, c->y + y)
          || level(e->sample[p] + at, e->width))
        continue;
      const int32_t d = idf_component_pixel(c, c->x + x, c->y + y) - e->sample[p][at];
      all++;
      off += d != 0;
      far += d < -1 || d > 1;
    }
  return off * (c->smooth ? 20 : 200) <= all && far * 100 <= all;
}

static idf_status try_sampling(work *w, const sampling *s, bool *fit)
{
  idf_canvas *canvas = w->canvas;
  canvas->across = s->across;
  canvas->down = s->down;
  canvas->smooth = s->smooth;
  *fit = true;
  for (unsigned p = 1; p < 3 && *fit; p++) {
    idf_component c;
    canvas->coefs.plane[p].across = (canvas->x + canvas->width + 15) / 8;
    canvas->coefs.plane[p].down = (canvas->y + canvas->height + 15) / 8;
    idf_status status = idf_component_open(&c, w->job->mem, canvas, p);
    if (status != IDF_OK)
      return status;
    status = idf_component_take(&c, w->job->mem, &w->evidence, p);
    if (status == IDF_OK) {
      round_wanted(&c);
      *fit = fits(&c, &w->evidence, p);
    }
    idf_component_close(&c, w->job->mem);
    if (status != IDF_OK)
      return status;
  }
  return IDF_OK;
}

static idf_status find_sampling(work *w)
{
  bool fit = false;
  for (size_t i = 0; i < sizeof samplings / sizeof *samplings && !fit; i++) {
    const idf_status status = try_sampling(w, &samplings[i], &fit);
    if (status != IDF_OK)
      return status;
  }
  if (!fit)
    w->canvas->across = w->canvas->down = 1;
  return IDF_OK;
}

/* Finds where blocks of chroma begin. Each way, the tile's first pixel is in the first or the
 * second block of an MCU's luma. */
static idf_status find_mcu(work *w)
{
  idf_canvas *canvas = w->canvas;
  uint32_t zeros[4] = {0};
  unsigned best = 0;

  if (canvas->across * canvas->down == 1)
    return IDF_OK;
  for (unsigned p = 1; p < 3; p++) {
    idf_component c;
    idf_status status = idf_component_open(&c, w->job->mem, canvas, p);
    if (status != IDF_OK)
      return status;
    status = idf_component_take(&c, w->job->mem, &w->evidence, p);
    if (status == IDF_OK) {
      const size_t n = (size_t)c.width * c.height;
      for (size_t i = 0; i < n; i++)
        c.wanted[i] = (int16_t)(c.wanted[i] - 128 * 16);
      for (unsigned i = 0; i < 4; i++)
        if (i % 2 < canvas->across && i / 2 < canvas->down)
          zeros[i] +=
              1 + idf_grid_zeros(c.wanted, c.width, c.width, c.height, i % 2 * 4, i / 2 * 4);
    }
    idf_component_close(&c, w->job->mem);
    if (status != IDF_OK)
      return status;
  }
  for (unsigned i = 1; i < 4; i++)
    if (zeros[i] > zeros[best])
      best = i;
  canvas->x += best % 2 * 8;
  canvas->y += best / 2 * 8;
  return IDF_OK;
}

/* ---- steps ---------------------------------------------------------------------------------- */

static void take_block(const idf_component *c, uint32_t x, uint32_t y, idf_solve_block *block)
{
  for (unsigned j = 0; j < 8; j++) {
    const size_t at = (size_t)(8 * y + j) * c->width + 8 * x;
    memcpy(block->sample + 8 * j, c->wanted + at, 8 * sizeof *c->wanted);
    memcpy(block->known + 8 * j, c->known + at, 8 * sizeof *c->known);
  }
}

/* Transforms a block, all of whose samples are known and none of which was clamped; also counts the
 * coefficients with both frequencies that are not near 0. */
static bool transform(const idf_component *c, uint32_t x, uint32_t y, int32_t coef[64],
                      unsigned *active)
{
  idf_solve_block block;
  take_block(c, x, y, &block);
  for (unsigned i = 0; i < 64; i++) {
    if (!block.known[i] || block.sample[i] <= 0 || block.sample[i] >= 255 * 16)
      return false;
    block.sample[i] = (int16_t)(block.sample[i] - 128 * 16);
  }
  idf_dct_forward(block.sample, coef);
  *active = 0;
  for (unsigned k = 9; k < 64; k++)
    *active += k % 8 != 0 && (coef[k] > 100 || coef[k] < -100);
  return true;
}

/* Appends up to `most` active blocks; in flat ones all samples have the same error. */
static size_t gather(const idf_component *c, size_t most, int32_t *coef)
{
  uint32_t histogram[65] = {0}, usable = 0, count = 0;
  unsigned active, least = 63;
  size_t n = 0;
  int32_t one[64];
  for (uint32_t y = 0; y < c->height / 8; y++)
    for (uint32_t x = 0; x < c->width / 8; x++)
      if (transform(c, x, y, one, &active)) {
        histogram[active]++;
        usable++;
      }
  for (uint32_t wanted = IDF_MAX(usable / 6, 40); least > 1 && count + histogram[least] <= wanted;)
    count += histogram[least--];
  for (uint32_t y = 0; y < c->height / 8; y++)
    for (uint32_t x = 0; x < c->width / 8 && n < most; x++)
      if (transform(c, x, y, coef + 64 * n, &active) && active >= least)
        n++;
  return n;
}

static idf_status find_steps(work *w, unsigned first, unsigned end, bool *found)
{
  int32_t *coef = idf_alloc(w->job->mem, 64 * IDF_STEPS_BLOCKS, sizeof *coef);
  uint16_t step[64];
  size_t n = 0;

  if (!coef)
    return idf_mem_status(w->job->mem);
  for (unsigned p = first; p < end; p++)
    n += gather(&w->component[p], IDF_STEPS_BLOCKS / (end - first), coef + 64 * n);
  *found = n >= BLOCKS_MIN && idf_steps_find(coef, n, w->component[first].smooth, step);
  if (*found)
    for (unsigned p = first; p < end; p++)
      memcpy(w->canvas->coefs.plane[p].step, step, sizeof step);
  idf_free(w->job->mem, coef);
  return IDF_OK;
}

/* ---- blocks ---------------------------------------------------------------------------------- */

static int16_t *coef_at(work *w, unsigned p, uint32_t x, uint32_t y)
{
  const idf_coefs_plane *plane = &w->canvas->coefs.plane[p];
  return plane->coef + 64 * ((size_t)y * plane->across + x);
}

static void put_made(idf_component *c, uint32_t x, uint32_t y, const uint8_t made[64])
{
  for (unsigned j = 0; j < 8; j++)
    memcpy(c->made + (size_t)(8 * y + j) * c->width + 8 * x, made + 8 * j, 8);
}

/* Whether the block has a sample in the picture. */
static bool is_real(const idf_component *c, uint32_t x, uint32_t y)
{
  return 8 * x < c->real_width && 8 * y < c->real_height && 8 * (x + 1) * c->across > c->x
         && 8 * (y + 1) * c->down > c->y;
}

static void solve_block(work *w, unsigned p, uint32_t x, uint32_t y)
{
  idf_component *c = &w->component[p];
  int16_t *coef = coef_at(w, p, x, y);
  idf_solve_block block;
  uint8_t made[64];

  take_block(c, x, y, &block);
  if (c->smooth || !is_real(c, x, y))
    idf_solve_nearest(solver_of(w, p), block.sample, coef, made);
  else
    idf_solve(solver_of(w, p), &block, coef, made);
  if (!is_real(c, x, y)) /* no pixel shows it */
    memset(coef + 1, 0, 63 * sizeof *coef);
  put_made(c, x, y, made);
}

/* Solves the bad blocks, or all. */
static idf_status solve_blocks(work *w, unsigned p, const uint8_t *bad)
{
  const idf_component *c = &w->component[p];
  const uint32_t across = c->width / 8;
  for (uint32_t y = 0; y < c->height / 8; y++) {
    if (idf_cancelled(w->job->cancel))
      return IDF_ERR_CANCELLED;
    for (uint32_t x = 0; x < across; x++)
      if (!bad || bad[(size_t)y * across + x])
        solve_block(w, p, x, y);
  }
  return IDF_OK;
}

/* ---- mending --------------------------------------------------------------------------------- */

/* The pixels of the tile that a block of a component affects: [x0, x1) x [y0, y1). */
typedef struct region {
  uint32_t x0, x1, y0, y1;
} region;

static void span(uint32_t block, unsigned factor, bool smooth, uint32_t origin, uint32_t size,
                 uint32_t *from, uint32_t *to)
{
  const uint32_t edge = smooth && factor == 2, start = 8 * block * factor;
  const uint32_t lo = start > origin + edge ? start - origin - edge : 0;
  const uint32_t end = start + 8 * factor + edge;
  *to = end > origin ? IDF_MIN(end - origin, size) : 0;
  *from = IDF_MIN(lo, *to);
}

static region region_of(const idf_component *c, const idf_evidence *e, uint32_t x, uint32_t y)
{
  region r;
  span(x, c->across, c->smooth, c->x, e->width, &r.x0, &r.x1);
  span(y, c->down, c->smooth, c->y, e->height, &r.y0, &r.y1);
  return r;
}

static uint32_t cost_of(const idf_component *c, const idf_evidence *e, unsigned p, const region *r)
{
  uint32_t sum = 0;
  for (uint32_t y = r->y0; y < r->y1; y++) {
    const uint8_t *sample = e->sample[p] + (size_t)y * e->width;
    for (uint32_t x = r->x0; x < r->x1; x++) {
      const int32_t d = idf_component_pixel(c, c->x + x, c->y + y) - sample[x];
      sum += (uint32_t)(d * d);
    }
  }
  return sum;
}

/* Changes doubtful coefficients of a block of interpolated chroma by one step each, as long as that
 * brings pixels nearer to the tile's. */
static void mend_block(work *w, unsigned p, uint32_t x, uint32_t y)
{
  idf_component *c = &w->component[p];
  const idf_solver *solver = solver_of(w, p);
  const region r = region_of(c, &w->evidence, x, y);
  int16_t *coef = coef_at(w, p, x, y);
  idf_solve_block block;
  idf_solve_doubt doubt[IDF_SOLVE_DOUBTS];
  uint8_t made[64], last[64];
  uint32_t cost = cost_of(c, &w->evidence, p, &r);

  take_block(c, x, y, &block);
  idf_solve_doubts(solver, block.sample, coef, doubt);
  for (unsigned j = 0; j < 8; j++)
    memcpy(last + 8 * j, c->made + (size_t)(8 * y + j) * c->width + 8 * x, 8);
  for (unsigned i = 0; i < IDF_SOLVE_DOUBTS && cost > 0; i++) {
    const int16_t before = coef[doubt[i].k];
    coef[doubt[i].k] = (int16_t)(before + doubt[i].sign);
    uint32_t now = cost;
    if (idf_recipe_block(coef, solver->step, made, 8)) {
      put_made(c, x, y, made);
      now = cost_of(c, &w->evidence, p, &r);
    }
    if (now < cost) {
      cost = now;
      memcpy(last, made, sizeof last);
    } else {
      coef[doubt[i].k] = before;
      put_made(c, x, y, last);
    }
  }
}

/* Marks the blocks with a pixel that differs from what component p should make of it. */
static void mark_bad(work *w, unsigned p)
{
  const idf_component *c = &w->component[p];
  const idf_evidence *e = &w->evidence;
  const uint32_t across = c->width / 8;
  memset(w->bad, 0, (size_t)across * (c->height / 8));
  for (uint32_t y = 0; y < e->height; y++)
    for (uint32_t x = 0; x < e->width; x++) {
      const size_t at = (size_t)y * e->width + x;
      if (w->pixels[e->planes * at + p] != e->sample[p][at])
        w->bad[(size_t)((c->y + y) / c->down / 8) * across + (c->x + x) / c->across / 8] = 1;
    }
}

static idf_status mend(work *w)
{
  for (unsigned p = 0; p < w->canvas->planes; p++) {
    idf_component *c = &w->component[p];
    const uint32_t across = c->width / 8;
    idf_status status = IDF_OK;
    mark_bad(w, p);
    if (w->canvas->planes == 3)
      status = idf_component_take(c, w->job->mem, &w->evidence, p);
    if (status == IDF_OK)
      status = solve_blocks(w, p, w->bad);
    if (status != IDF_OK)
      return status;
    if (c->smooth)
      for (uint32_t y = 0; y < c->height / 8; y++)
        for (uint32_t x = 0; x < across; x++)
          if (w->bad[(size_t)y * across + x])
            mend_block(w, p, x, y);
  }
  return IDF_OK;
}

static idf_status compare(work *w, uint32_t *wrong)
{
  const size_t stride = (size_t)w->canvas->width * w->canvas->planes;
  const idf_status status = idf_canvas_pixels(w->canvas, w->job->mem, true, w->pixels, stride);
  if (status == IDF_OK)
    *wrong = idf_evidence_compare(&w->evidence, w->tile, w->pixels, w->wrong);
  return status;
}

/* ---- all --------------------------------------------------------------------------------- */

static idf_status open_components(work *w)
{
  const size_t n = (size_t)w->canvas->width * w->canvas->height;
  const idf_coefs_plane *luma = &w->canvas->coefs.plane[0];
  w->pixels = idf_alloc(w->job->mem, n * w->canvas->planes, sizeof *w->pixels);
  w->wrong = idf_alloc(w->job->mem, n, sizeof *w->wrong);
  w->bad = idf_alloc(w->job->mem, (size_t)luma->across * luma->down, 1);
  if (!w->pixels || !w->wrong || !w->bad)
    return idf_mem_status(w->job->mem);
  for (unsigned p = 0; p < w->canvas->planes; p++) {
    idf_status status = idf_component_open(&w->component[p], w->job->mem, w->canvas, p);
    if (status == IDF_OK)
      status = idf_component_take(&w->component[p], w->job->mem, &w->evidence, p);
    if (status != IDF_OK)
      return status;
  }
  return IDF_OK;
}

static idf_status find_all_steps(work *w, bool *found)
{
  idf_status status = find_steps(w, 0, 1, found);
  if (status != IDF_OK || !*found || w->canvas->planes == 1)
    return status;
  status = find_steps(w, 1, 3, found);
  if (status == IDF_OK && !*found) { /* chroma that is almost zero */
    for (unsigned p = 1; p < 3; p++)
      memcpy(w->canvas->coefs.plane[p].step, w->canvas->coefs.plane[0].step,
             sizeof w->canvas->coefs.plane[p].step);
    *found = true;
  }
  return status;
}

static idf_status find_blocks(work *w, bool *found)
{
  const uint32_t pixels = w->canvas->width * w->canvas->height;
  uint32_t wrong = 0;
  for (unsigned s = 0; s < 2; s++)
    idf_solver_init(&w->solver[s], w->canvas->coefs.plane[w->canvas->planes == 1 ? 0 : s].step,
                    pixels / 256 + 64);
  idf_status status = IDF_OK;
  for (unsigned p = 0; p < w->canvas->planes && status == IDF_OK; p++)
    status = solve_blocks(w, p, NULL);
  if (status == IDF_OK)
    status = compare(w, &wrong);
  for (unsigned pass = 0; pass < PASSES && status == IDF_OK && wrong > 0 && wrong < pixels / 2;
       pass++) {
    const uint32_t before = wrong;
    status = mend(w);
    if (status == IDF_OK)
      status = compare(w, &wrong);
    if (wrong >= before)
      break;
  }
  *found = status == IDF_OK && wrong <= pixels / 2;
  return status;
}

static idf_status find_all(work *w, bool *found)
{
  idf_grid grid;
  if (!idf_grid_look(w->tile, &grid))
    return IDF_OK;
  w->canvas->x = (8 - grid.x) % 8;
  w->canvas->y = (8 - grid.y) % 8;
  idf_status status = idf_evidence_open(&w->evidence, w->job->mem, w->tile);
  if (status != IDF_OK
      || 32 * (uint64_t)(w->evidence.clear - w->evidence.explained) > w->evidence.clear)
    return status;
  if (w->canvas->planes == 3)
    status = find_sampling(w);
  if (status == IDF_OK && w->canvas->planes == 3)
    status = find_mcu(w);
  if (status == IDF_OK)
    status = idf_canvas_open(w->canvas, w->job->mem);
  w->opened = status == IDF_OK;
  if (status == IDF_OK)
    status = open_components(w);
  if (status == IDF_OK)
    status = find_all_steps(w, found);
  if (status == IDF_OK && *found)
    status = find_blocks(w, found);
  return status;
}

idf_status idf_recover(const idf_job *job, const idf_tile *tile, idf_canvas *canvas, bool *found)
{
  work *w = idf_alloc(job->mem, 1, sizeof *w);
  *found = false;
  if (!w)
    return idf_mem_status(job->mem);
  *canvas = (idf_canvas){.planes = tile->shape.channels,
                         .across = 1,
                         .down = 1,
                         .smooth = true,
                         .width = tile->shape.width,
                         .height = tile->shape.height};
  *w = (work){.job = job, .tile = tile, .canvas = canvas};
  const idf_status status = find_all(w, found);
  if (status != IDF_OK)
    *found = false;
  if (w->opened && !*found)
    idf_canvas_close(canvas, job->mem);
  for (unsigned p = 0; p < 3; p++)
    idf_component_close(&w->component[p], job->mem);
  idf_evidence_close(&w->evidence, job->mem);
  idf_free(job->mem, w->pixels);
  idf_free(job->mem, w->wrong);
  idf_free(job->mem, w->bad);
  idf_free(job->mem, w);
  return status;
}

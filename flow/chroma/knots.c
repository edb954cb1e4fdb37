/* SPDX-License-Identifier: BSD-3-Clause
 *
 * knots.c: see knots.h. Bounds are intervals; a cell is looked at by trying all values of its knots
 * if they are few.
 */
#include "knots.h"

#include <string.h>

#define TRIES 1024     /* triples of values tried at most in a cell */
#define TRAIL 8192     /* changes that can be undone */
#define LOOKS 48       /* at a cell, on average, before the search gives up */
#define CELL_PIXELS 16 /* at most: 3 x 3, the last cell of an axis has one more */

/* One axis: the cell of pixel i lies between knots cell and cell + 1, which get these weights. */
typedef struct line {
  uint32_t cells;
  uint32_t *from;  /* cells + 1: the first pixel of each cell */
  uint32_t *cell;  /* of each pixel */
  uint8_t *second; /* of each pixel: the weight of knot cell + 1 in quarters */
} line;

typedef struct change {
  uint32_t knot;
  int16_t lo, hi;
} change;

struct idf_knots {
  const idf_job *job;
  const idf_siting *s;
  idf_codes *pixel;
  line x, y;
  int16_t *lo, *hi;    /* of each knot */
  uint32_t *queue;     /* of cells, a ring */
  bool *queued, *dead; /* of each cell; the knots of a dead one contradict each other */
  uint32_t cells, head, waiting;
  change *trail;
  uint32_t changes;
  bool searching;
  uint64_t looks;
};

static void line_free(line *l, idf_mem *mem)
{
  idf_free(mem, l->from);
  idf_free(mem, l->cell);
  idf_free(mem, l->second);
}

static bool line_init(line *l, idf_mem *mem, const idf_axis *axis)
{
  *l = (line){.cells = axis->knots > 1 ? axis->knots - 1 : 1};
  l->from = idf_alloc(mem, (size_t)l->cells + 1, sizeof *l->from);
  l->cell = idf_alloc(mem, axis->pixels, sizeof *l->cell);
  l->second = idf_alloc(mem, axis->pixels, sizeof *l->second);
  if (!l->from || !l->cell || !l->second)
    return false;
  uint32_t next = 0; /* the first cell without a beginning */
  for (uint32_t i = 0; i < axis->pixels; i++) {
    const idf_pick p = idf_axis_pick(axis, i);
    const uint32_t cell = IDF_MIN(IDF_MIN(p.near, p.far), l->cells - 1);
    l->cell[i] = cell;
    l->second[i] = (uint8_t)(p.near > cell  ? 4 - (p.far > cell ? 0 : p.weight)
                             : p.far > cell ? p.weight
                                            : 0);
    while (next <= cell)
      l->from[next++] = i;
  }
  while (next <= l->cells)
    l->from[next++] = axis->pixels;
  return true;
}

void idf_knots_close(idf_knots *w)
{
  if (!w)
    return;
  idf_mem *mem = w->job->mem;
  line_free(&w->x, mem);
  line_free(&w->y, mem);
  idf_free(mem, w->pixel);
  idf_free(mem, w->lo);
  idf_free(mem, w->hi);
  idf_free(mem, w->queue);
  idf_free(mem, w->queued);
  idf_free(mem, w->dead);
  idf_free(mem, w->trail);
  idf_free(mem, w);
}

/* False if memory runs out. */
static bool take_memory(idf_knots *w, idf_mem *mem)
{
  const idf_siting *s = w->s;
  const size_t knots = (size_t)s->x.knots * s->y.knots;
  if (!line_init(&w->x, mem, &s->x) || !line_init(&w->y, mem, &s->y))
    return false;
  w->cells = w->x.cells * w->y.cells;
  w->pixel = idf_alloc(mem, (size_t)s->x.pixels * s->y.pixels, sizeof *w->pixel);
  w->lo = idf_alloc(mem, knots, sizeof *w->lo);
  w->hi = idf_alloc(mem, knots, sizeof *w->hi);
  w->queue = idf_alloc(mem, w->cells, sizeof *w->queue);
  w->queued = idf_alloc(mem, w->cells, sizeof *w->queued);
  w->dead = idf_alloc(mem, w->cells, sizeof *w->dead);
  w->trail = idf_alloc(mem, TRAIL, sizeof *w->trail);
  return w->pixel && w->lo && w->hi && w->queue && w->queued && w->dead && w->trail;
}

idf_status idf_knots_open(const idf_job *job, const idf_siting *s, idf_knots **k)
{
  idf_knots *w = *k = idf_alloc(job->mem, 1, sizeof *w);
  if (!w)
    return idf_mem_status(job->mem);
  w->job = job;
  w->s = s;
  if (!take_memory(w, job->mem)) {
    const idf_status status = idf_mem_status(job->mem);
    idf_knots_close(w);
    *k = NULL;
    return status;
  }
  for (size_t i = 0; i < (size_t)s->x.knots * s->y.knots; i++)
    w->hi[i] = 255;
  for (size_t i = 0; i < (size_t)s->x.pixels * s->y.pixels; i++)
    w->pixel[i].hi = 255;
  return IDF_OK;
}

/* ---- bounds --------------------------------------------------------------------------------- */

/* A pixel with bounds: its weights, in sixteenths, times the knots make least to most. */
typedef struct limit {
  int32_t weight[4];
  int32_t least, most;
} limit;

/* The four knots of a cell, and its pixels with bounds. */
typedef struct cell {
  uint32_t knot[4];
  unsigned limits;
  limit limit[CELL_PIXELS];
} cell;

static void cell_of(const idf_knots *w, uint32_t at, cell *c)
{
  const uint32_t i = at % w->x.cells, j = at / w->x.cells, across = w->s->x.knots;
  const uint32_t right = across > 1, below = w->s->y.knots > 1 ? across : 0;
  c->knot[0] = j * across + i;
  c->knot[1] = c->knot[0] + right;
  c->knot[2] = c->knot[0] + below;
  c->knot[3] = c->knot[2] + right;
  c->limits = 0;
  for (uint32_t y = w->y.from[j]; y < w->y.from[j + 1]; y++)
    for (uint32_t x = w->x.from[i]; x < w->x.from[i + 1]; x++) {
      const idf_codes v = w->pixel[(size_t)y * w->s->x.pixels + x];
      if ((v.lo == 0 && v.hi == 255) || c->limits == CELL_PIXELS)
        continue;
      const int32_t wx = w->x.second[x], wy = w->y.second[y];
      c->limit[c->limits++] =
          (limit){.weight = {(4 - wx) * (4 - wy), wx * (4 - wy), (4 - wx) * wy, wx * wy},
                  .least = 16 * v.lo - 8,
                  .most = 16 * v.hi + 7};
    }
}

static void push_cell(idf_knots *w, uint32_t at)
{
  if (w->queued[at] || w->dead[at])
    return;
  w->queued[at] = true;
  w->queue[(w->head + w->waiting++) % w->cells] = at;
}

void idf_knots_narrow(idf_knots *w, uint32_t x, uint32_t y, idf_codes to)
{
  w->pixel[(size_t)y * w->s->x.pixels + x] = to;
  push_cell(w, w->y.cell[y] * w->x.cells + w->x.cell[x]);
}

/* Queues the cells around a knot. */
static void push_around(idf_knots *w, uint32_t knot)
{
  const uint32_t i = knot % w->s->x.knots, j = knot / w->s->x.knots;
  for (uint32_t dj = 0; dj < 2; dj++)
    for (uint32_t di = 0; di < 2; di++)
      if (i >= di && j >= dj && i - di < w->x.cells && j - dj < w->y.cells)
        push_cell(w, (j - dj) * w->x.cells + i - di);
}

/* Cuts the bounds of a knot; false if nothing is left. */
static bool cut(idf_knots *w, uint32_t knot, int32_t lo, int32_t hi)
{
  const int32_t new_lo = IDF_MAX(w->lo[knot], lo), new_hi = IDF_MIN(w->hi[knot], hi);
  if (new_lo > new_hi)
    return false;
  if (new_lo == w->lo[knot] && new_hi == w->hi[knot])
    return true;
  if (w->searching && w->changes < TRAIL)
    w->trail[w->changes++] = (change){knot, w->lo[knot], w->hi[knot]};
  w->lo[knot] = (int16_t)new_lo;
  w->hi[knot] = (int16_t)new_hi;
  push_around(w, knot);
  return true;
}

static int32_t floor_of(int32_t a, int32_t b)
{
  return a >= 0 ? a / b : -((b - 1 - a) / b);
}

/* One limit bounds each knot by the bounds of the other three. */
static bool cut_by_limit(idf_knots *w, const cell *c, const limit *l)
{
  int32_t least = 0, most = 0;
  for (unsigned k = 0; k < 4; k++) {
    least += l->weight[k] * w->lo[c->knot[k]];
    most += l->weight[k] * w->hi[c->knot[k]];
  }
  for (unsigned k = 0; k < 4; k++) {
    const int32_t weight = l->weight[k], lo = w->lo[c->knot[k]], hi = w->hi[c->knot[k]];
    if (weight == 0)
      continue;
    const int32_t low = -floor_of(-(l->least - (most - weight * hi)), weight);
    const int32_t high = floor_of(l->most - (least - weight * lo), weight);
    if (!cut(w, c->knot[k], low, high))
      return false;
  }
  return true;
}

/* Where knots lie between pixels, the four pixels of a cell are the product of (3 1; 1 3) / 4 along
 * both axes; the inverse, (3 -1; -1 3) / 8 along both, bounds the knots at once. */
static bool cut_by_inverse(idf_knots *w, const cell *c)
{
  for (unsigned k = 0; k < 4 && c->limits == 4; k++) {
    const limit *a = &c->limit[k], *b = &c->limit[k ^ 1], *d = &c->limit[k ^ 2],
                *e = &c->limit[k ^ 3];
    if (a->weight[k] != 9 || a->weight[k ^ 3] != 1)
      continue;
    const int32_t least = 9 * a->least - 3 * b->most - 3 * d->most + e->least;
    const int32_t most = 9 * a->most - 3 * b->least - 3 * d->least + e->most;
    if (!cut(w, c->knot[k], -floor_of(-least, 64), floor_of(most, 64)))
      return false;
  }
  return true;
}

/* The values of the last knot for given ones of the others. */
static bool last_knot(const cell *c, const int32_t v[3], int32_t *lo, int32_t *hi)
{
  for (unsigned n = 0; n < c->limits && *lo <= *hi; n++) {
    const limit *l = &c->limit[n];
    const int32_t sum = l->weight[0] * v[0] + l->weight[1] * v[1] + l->weight[2] * v[2];
    const int32_t weight = l->weight[3];
    if (weight == 0) {
      if (sum < l->least || sum > l->most)
        return false;
      continue;
    }
    *lo = IDF_MAX(*lo, -floor_of(-(l->least - sum), weight));
    *hi = IDF_MIN(*hi, floor_of(l->most - sum, weight));
  }
  return *lo <= *hi;
}

/* All values that occur in a solution of the cell bound its knots. */
static bool cut_by_values(idf_knots *w, const cell *c)
{
  int32_t lo[4] = {256, 256, 256, 256}, hi[4] = {-1, -1, -1, -1}, v[3];
  for (v[0] = w->lo[c->knot[0]]; v[0] <= w->hi[c->knot[0]]; v[0]++)
    for (v[1] = w->lo[c->knot[1]]; v[1] <= w->hi[c->knot[1]]; v[1]++)
      for (v[2] = w->lo[c->knot[2]]; v[2] <= w->hi[c->knot[2]]; v[2]++) {
        int32_t first = w->lo[c->knot[3]], last = w->hi[c->knot[3]];
        if (!last_knot(c, v, &first, &last))
          continue;
        for (unsigned k = 0; k < 3; k++) {
          lo[k] = IDF_MIN(lo[k], v[k]);
          hi[k] = IDF_MAX(hi[k], v[k]);
        }
        lo[3] = IDF_MIN(lo[3], first);
        hi[3] = IDF_MAX(hi[3], last);
      }
  if (hi[0] < 0)
    return false;
  for (unsigned k = 0; k < 4; k++)
    (void)cut(w, c->knot[k], lo[k], hi[k]);
  return true;
}

static uint32_t width_of(const idf_knots *w, uint32_t knot)
{
  return (uint32_t)(w->hi[knot] - w->lo[knot] + 1);
}

/* Looks at a cell; false if its knots contradict each other. */
static bool look(idf_knots *w, uint32_t at)
{
  cell c;
  cell_of(w, at, &c);
  w->looks++;
  if (!cut_by_inverse(w, &c))
    return false;
  for (unsigned n = 0; n < c.limits; n++)
    if (!cut_by_limit(w, &c, &c.limit[n]))
      return false;
  const uint64_t tries =
      (uint64_t)width_of(w, c.knot[0]) * width_of(w, c.knot[1]) * width_of(w, c.knot[2]);
  const bool distinct = c.knot[1] != c.knot[0] && c.knot[2] != c.knot[0];
  return c.limits == 0 || tries > TRIES || !distinct || tries * width_of(w, c.knot[3]) == 1
         || cut_by_values(w, &c);
}

/* Looks at all cells that wait. In the search, stops at the first contradiction: false. */
static bool settle(idf_knots *w)
{
  while (w->waiting > 0) {
    const uint32_t at = w->queue[w->head];
    w->head = (w->head + 1) % w->cells;
    w->waiting--;
    w->queued[at] = false;
    if (look(w, at))
      continue;
    if (w->searching)
      return false;
    w->dead[at] = true;
  }
  return true;
}

idf_status idf_knots_settle(idf_knots *w)
{
  (void)settle(w);
  return idf_cancelled(w->job->cancel) ? IDF_ERR_CANCELLED : IDF_OK;
}

void idf_knots_row(const idf_knots *w, uint32_t y, idf_codes *row)
{
  const idf_pick v = idf_axis_pick(&w->s->y, y);
  const size_t near = (size_t)v.near * w->s->x.knots, far = (size_t)v.far * w->s->x.knots;
  for (uint32_t x = 0; x < w->s->x.pixels; x++) {
    const idf_pick h = idf_axis_pick(&w->s->x, x);
    const int32_t weight[4] = {(4 - h.weight) * (4 - v.weight), h.weight * (4 - v.weight),
                               (4 - h.weight) * v.weight, h.weight * v.weight};
    const size_t knot[4] = {near + h.near, near + h.far, far + h.near, far + h.far};
    int32_t lo = 8, hi = 8;
    for (unsigned k = 0; k < 4; k++) {
      lo += weight[k] * w->lo[knot[k]];
      hi += weight[k] * w->hi[knot[k]];
    }
    row[x] = (idf_codes){(uint8_t)(lo >> 4), (uint8_t)(hi >> 4)};
  }
}

bool idf_knots_copied(const idf_knots *w, bool down, bool last)
{
  const uint32_t across = w->s->x.knots, n = down ? across : w->s->y.knots;
  const uint32_t length = down ? w->s->y.knots : across, step = down ? 1 : across;
  const uint32_t inwards = down ? across : 1, first = last ? (length - 2) * inwards : 0;
  if (length < 2)
    return false;
  for (uint32_t i = 0; i < n; i++) {
    const uint32_t a = first + i * step, b = a + inwards;
    if (w->lo[a] > w->hi[b] || w->lo[b] > w->hi[a])
      return false;
  }
  return true;
}

/* ---- search --------------------------------------------------------------------------------- */

static void undo(idf_knots *w)
{
  while (w->changes > 0) {
    const change *c = &w->trail[--w->changes];
    w->lo[c->knot] = c->lo;
    w->hi[c->knot] = c->hi;
  }
  for (; w->waiting > 0; w->waiting--) {
    w->queued[w->queue[w->head]] = false;
    w->head = (w->head + 1) % w->cells;
  }
}

/* Fixes a knot at a value if nothing contradicts. */
static bool try_value(idf_knots *w, uint32_t knot, int32_t v)
{
  w->changes = 0;
  if (cut(w, knot, v, v) && settle(w))
    return true;
  if (w->changes < TRAIL) {
    undo(w);
    return false;
  }
  w->changes = 0; /* too far to go back */
  undo(w);
  return true;
}

/* Tries the values of an open knot, those near `guess` first. */
static void try_values(idf_knots *w, uint32_t knot, int32_t guess)
{
  const int32_t lo = w->lo[knot], hi = w->hi[knot], from = idf_clamp(guess, lo, hi);
  const bool tired = w->looks > (uint64_t)LOOKS * w->cells || hi - lo > 40;
  for (int32_t d = 0; d <= hi - lo && !tired; d++) {
    if (from + d <= hi && try_value(w, knot, from + d))
      return;
    if (d > 0 && from - d >= lo && try_value(w, knot, from - d))
      return;
  }
  w->lo[knot] = w->hi[knot] = (int16_t)from; /* some of its pixels will be wrong */
}

/* What a smooth plane would have. */
static int32_t guess_of(const idf_knots *w, uint32_t i, uint32_t j)
{
  const uint32_t across = w->s->x.knots, at = j * across + i;
  if (i > 0 && j > 0)
    return (w->lo[at - 1] + w->lo[at - across] + 1) / 2;
  if (i > 0 || j > 0)
    return w->lo[i > 0 ? at - 1 : at - across];
  return (w->lo[at] + w->hi[at]) / 2;
}

idf_status idf_knots_search(idf_knots *w)
{
  const uint32_t across = w->s->x.knots, down = w->s->y.knots;
  w->searching = true;
  w->looks = 0;
  for (uint32_t j = 0; j < down; j++) {
    if (idf_cancelled(w->job->cancel))
      return IDF_ERR_CANCELLED;
    for (uint32_t i = 0; i < across; i++) {
      const uint32_t at = j * across + i;
      if (w->lo[at] != w->hi[at])
        try_values(w, at, guess_of(w, i, j));
    }
  }
  return IDF_OK;
}

void idf_knots_take(const idf_knots *w, int32_t *knots)
{
  for (size_t i = 0; i < (size_t)w->s->x.knots * w->s->y.knots; i++)
    knots[i] = w->lo[i];
}

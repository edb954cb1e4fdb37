/* SPDX-License-Identifier: BSD-3-Clause
 *
 * rows.c: see rows.h. Borders are those of field.h, as a sample finds them at its time.
 */
#include "rows.h"

#include <string.h>

#include "kernels.h"
#include "latent.h"

#define RING 4     /* rows remembered: the own one and three above */
#define ABOVE 6    /* what the first row sees above it, from 4 columns left of it to right of it */
#define SIDE 32    /* room left and right of whole blocks and strips: a block may start there */

/* A plane's rows: RING of them, then ABOVE, each of `pitch` cells, cell SIDE being column 0. */
typedef struct band {
  int16_t *low, *error; /* as in field.h */
} band;

/* A sample that waits: its symbol, or IDF_RECORD_ODD and its prior, (location << 8) + scale. */
typedef struct waiting {
  uint32_t *record;
  int32_t *prior; /* where `odd` */
  bool odd[IDF_SITES][IDF_FLOW_PLANES]; /* in some sample of the row */
} waiting;

typedef struct rows {
  const idf_flow_shape *shape;
  const idf_kernels *kernels;
  const int32_t *const *planes;
  idf_rans_enc *enc;
  int32_t width, height, strip, strips;
  ptrdiff_t pitch;
  band band[IDF_FLOW_PLANES];
  ptrdiff_t near[IDF_WINDOW]; /* of column 0 of the row at hand, in band.low */
  int32_t *mu, *scale;         /* of a row */
  idf_linear_texture *texture; /* of a row's blocks */
  waiting wait; /* `strips` rows of `planes` planes */
} rows;

static int32_t mid_of(const rows *r, unsigned p)
{
  return (r->shape->min[p] + r->shape->max[p] + 1) >> 1;
}

static void rows_free(rows *r, idf_mem *mem)
{
  for (unsigned p = 0; p < r->shape->planes; p++) {
    idf_free(mem, r->band[p].low);
    idf_free(mem, r->band[p].error);
  }
  idf_free(mem, r->mu);
  idf_free(mem, r->scale);
  idf_free(mem, r->texture);
  idf_free(mem, r->wait.record);
  idf_free(mem, r->wait.prior);
}

static idf_status rows_init(rows *r, idf_mem *mem)
{
  r->width = (int32_t)r->shape->width;
  r->height = (int32_t)r->shape->height;
  r->strip = idf_strip_of(r->shape->width);
  r->strips = (r->width + r->strip - 1) / r->strip;
  const size_t blocks = (size_t)(r->width + IDF_BLOCK - 1) / IDF_BLOCK;
  const size_t width = IDF_MAX(blocks * IDF_BLOCK, (size_t)(r->strips * r->strip));
  const size_t pitch = width + 2 * SIDE, cells = (RING + ABOVE) * pitch;
  const size_t waits = (size_t)r->strips * r->shape->planes * pitch;
  r->pitch = (ptrdiff_t)pitch;
  for (unsigned p = 0; p < r->shape->planes; p++) {
    band *b = &r->band[p];
    b->low = idf_alloc(mem, cells, sizeof *b->low);
    b->error = idf_alloc(mem, cells, sizeof *b->error);
    if (b->low == NULL || b->error == NULL)
      return idf_mem_status(mem);
    for (size_t i = 0; i < cells; i++) {
      b->low[i] = (int16_t)mid_of(r, p);
      b->error[i] = IDF_FIELD_ERROR;
    }
  }
  r->mu = idf_alloc(mem, blocks * IDF_BLOCK, sizeof *r->mu);
  r->scale = idf_alloc(mem, blocks * IDF_BLOCK, sizeof *r->scale);
  r->texture = idf_alloc(mem, blocks, sizeof *r->texture);
  r->wait.record = idf_alloc(mem, waits, sizeof *r->wait.record);
  r->wait.prior = idf_alloc(mem, waits, sizeof *r->wait.prior);
  return r->mu == NULL || r->scale == NULL || r->texture == NULL || r->wait.record == NULL
                 || r->wait.prior == NULL
             ? idf_mem_status(mem)
             : IDF_OK;
}

/* Column 0 of row y among the remembered, y >= -3. */
static ptrdiff_t row_at(const rows *r, int32_t y)
{
  return (ptrdiff_t)((uint32_t)y % RING) * r->pitch + SIDE;
}

/* Column 0 of row y's places among those that wait. */
static ptrdiff_t waits_at(const rows *r, int32_t y, unsigned p)
{
  return ((ptrdiff_t)(y % r->strips) * r->shape->planes + (ptrdiff_t)p) * r->pitch + SIDE;
}

/* When row y starts its left border holds what the row above starts with. */
static void row_take(rows *r, unsigned p, int32_t y)
{
  band *b = &r->band[p];
  const int32_t *from = r->planes[p] + (ptrdiff_t)y * r->width;
  const ptrdiff_t at = row_at(r, y), above = row_at(r, y - 1);
  int16_t *low = b->low + at;
  for (int i = 1; i <= IDF_FIELD_SIDE; i++) {
    low[-i] = y == 0 ? (int16_t)mid_of(r, p) : b->low[above];
    b->error[at - i] = y == 0 ? IDF_FIELD_ERROR : b->error[above];
  }
  for (int32_t x = 0; x < r->width; x++)
    low[x] = (int16_t)from[x];
}

/* Above the first row lies what is known of it: dx columns left of x the sample left of that, and
 * right of x the last known, which for later planes is the one at x. */
static void above_set(rows *r, unsigned p, bool known)
{
  band *b = &r->band[p];
  const int16_t *low = b->low + row_at(r, 0);
  for (int32_t dx = -1; dx < ABOVE - 1; dx++) {
    int16_t *above = b->low + (RING + 1 + dx) * r->pitch + SIDE;
    const int32_t further = dx < 0 ? (known ? 0 : 1) : dx + 1;
    above[0] = known ? low[0] : (int16_t)mid_of(r, p);
    for (int32_t x = 1; x < r->width; x++)
      above[x] = low[IDF_MAX(x - further, 0)];
  }
}

/* Later rows see, at its ends, its first and last sample. */
static void row_leave(rows *r, unsigned p, int32_t y)
{
  band *b = &r->band[p];
  const ptrdiff_t first = row_at(r, y), last = first + r->width - 1;
  for (int i = 1; i <= IDF_FIELD_SIDE; i++) {
    b->low[first - i] = b->low[first];
    b->error[first - i] = b->error[first];
    b->low[last + i] = b->low[last];
    b->error[last + i] = b->error[last];
  }
  if (y > 0)
    return;
  for (int32_t above = -3; above < 0; above++)
    for (int32_t x = -IDF_FIELD_SIDE; x < r->width + IDF_FIELD_SIDE; x++)
      b->low[row_at(r, above) + x] = b->low[first + idf_clamp(x - 1, 0, r->width - 1)];
}

static void near_set(rows *r, int32_t y)
{
  for (int dy = 0; dy <= IDF_FIELD_TOP; dy++)
    for (int dx = -4; dx < 4; dx++)
      r->near[IDF_WINDOW_AT(dx, dy)]
          = y == 0 && dy > 0 ? (RING + 1 + IDF_MAX(-dx, -1)) * r->pitch + SIDE
                             : row_at(r, y - dy) + dx;
}

static void miss(int32_t width, const int32_t *restrict mu, const int16_t *restrict low,
                 int16_t *restrict error)
{
  for (int32_t x = 0; x < width; x++) {
    const int32_t d = low[x] * (1 << IDF_Q_MU) - mu[x];
    const int32_t missed = (d < 0 ? -d : d) >> (IDF_Q_MU - IDF_Q_ERROR);
    error[x] = (int16_t)IDF_MIN(missed, IDF_LINEAR_ERROR_MAX);
  }
}

/* Plane p of row y: locations and errors; then scales, which see those, and symbols. */
static void row_code(rows *r, unsigned p, int32_t y)
{
  const int32_t min = r->shape->min[p], max = r->shape->max[p];
  const int blocks = (r->width + IDF_BLOCK - 1) / IDF_BLOCK;
  const ptrdiff_t at = row_at(r, y), wait = waits_at(r, y, p);
  const int16_t *low = r->band[p].low + at;
  bool *odd = &r->wait.odd[y % r->strips][p];
  idf_linear_view view = { .linear = &r->shape->linear->plane[p], .kernels = r->kernels,
                           .plane = p, .lo = min * (1 << IDF_Q_MU), .hi = max * (1 << IDF_Q_MU),
                           .near = r->near, .error = r->band[p].error };
  for (unsigned q = 0; q <= p; q++) {
    view.low[q] = r->band[q].low;
    view.missed[q] = r->band[q].error + at;
  }
  idf_linear_locate(&view, blocks, r->mu, r->texture);
  miss(r->width, r->mu, low, r->band[p].error + at);
  idf_linear_spread(&view, blocks, (const idf_linear_texture *)r->texture, r->scale);
  *odd = r->kernels->record(blocks, r->mu, r->scale, low, min, max, r->wait.record + wait);
  for (int32_t x = 0; x < r->width && *odd; x++)
    r->wait.prior[wait + x] = r->mu[x] * 256 + r->scale[x];
}

/* A sample that has no interval of its own. */
static void put_odd(rows *r, unsigned p, unsigned lane, ptrdiff_t wait, int32_t x, int32_t y)
{
  const int32_t prior = r->wait.prior[wait];
  idf_site site = { .x = (uint32_t)x, .y = (uint32_t)y };
  idf_prior_set(&site.prior, prior >> 8, prior & 0xff, r->shape->min[p], r->shape->max[p]);
  idf_latent_put(r->enc, lane, &site, r->planes[p][(ptrdiff_t)y * r->width + x], NULL);
}

/* The symbols of a round of flow.h's clock, by column, plane, row: strip k of row `row` - k has
 * lanes lo <= k < hi. */
typedef struct round {
  int32_t row, lo, hi;
  /* Where those of lane hi - 1, hi - 2, .. wait, column 0; in whole blocks. */
  const uint32_t *from[IDF_FLOW_PLANES][IDF_SITES];
  size_t lanes; /* whole blocks of them */
  bool odd;     /* some may be */
} round;

/* Of the lanes from hi - 1 down in one column of a plane. */
static void odd_put(rows *r, const round *at, unsigned p, int32_t c, int32_t hi)
{
  for (int32_t k = hi - 1; k >= at->lo; k--) {
    const uint32_t *from = at->from[p][at->hi - 1 - k] + c;
    const unsigned lane = (unsigned)(at->row - k) % r->enc->lanes;
    if (*from == IDF_RECORD_ODD)
      put_odd(r, p, lane, from - r->wait.record, c + r->strip * k, at->row - k);
    else
      idf_rans_put_row(r->enc, lane, from, 1);
  }
}

static bool any_odd(const uint32_t *record, size_t n)
{
  uint32_t odd = 0;
  for (size_t i = 0; i < n; i++)
    odd |= (uint32_t)-(record[i] == IDF_RECORD_ODD);
  return odd != 0;
}

/* `count` times a block, or some, of which n symbols count: puts these side by side. */
static void close_up(uint32_t *record, size_t count, size_t blocks, size_t n)
{
  for (size_t i = 1; i < count; i++)
    for (size_t k = 0; k < n; k += IDF_BLOCK) {
      uint32_t block[IDF_BLOCK]; /* what it has too many is written over, or not counted */
      memcpy(block, record + i * blocks + k, sizeof block);
      memcpy(record + i * n + k, block, sizeof block);
    }
}

/* A block of columns, or as many as the strips have from c on. */
static void columns_put(rows *r, const round *at, int32_t c)
{
  const unsigned planes = r->shape->planes, lanes = r->enc->lanes;
  const int32_t columns = IDF_MIN(IDF_BLOCK, r->strip - c);
  const size_t whole = at->lanes * planes, n = (size_t)(at->hi - at->lo);
  const size_t steps = (size_t)columns * planes;
  uint32_t *record = idf_rans_room(r->enc, IDF_BLOCK * whole);
  if (record == NULL)
    return;
  for (size_t p = 0; p < planes; p++)
    for (size_t k = 0; k < at->lanes; k += IDF_BLOCK) {
      const uint32_t *from[IDF_BLOCK];
      for (size_t i = 0; i < IDF_BLOCK; i++)
        from[i] = at->from[p][k + i] + c;
      r->kernels->transpose(from, record + p * at->lanes + k, whole);
    }
  const bool odd = at->odd && any_odd(record, steps * at->lanes);
  if (!odd && n % lanes == 0 && r->strip * (at->hi - 1) + c + columns <= r->width) {
    if (n != at->lanes)
      close_up(record, steps, at->lanes, n);
    idf_rans_put_row(r->enc, (unsigned)(at->row - at->hi + 1) % lanes, record, steps * n);
    return;
  }
  for (int32_t i = 0; i < columns; i++)
    for (unsigned p = 0; p < planes; p++, record += at->lanes) {
      /* The last strip may be narrower. */
      const int32_t hi = IDF_MIN(at->hi, (r->width - c - i + r->strip - 1) / r->strip);
      if (odd)
        odd_put(r, at, p, c + i, hi);
      else if (at->lo < hi)
        idf_rans_put_row(r->enc, (unsigned)(at->row - hi + 1) % lanes, record + (at->hi - hi),
                         (size_t)(hi - at->lo));
    }
}

static void round_put(rows *r, int32_t row)
{
  round at = { .row = row, .lo = IDF_MAX(0, row - r->height + 1),
               .hi = IDF_MIN(row + 1, r->strips) };
  at.lanes = (size_t)(at.hi - at.lo + IDF_BLOCK - 1) / IDF_BLOCK * IDF_BLOCK;
  for (unsigned p = 0; p < r->shape->planes; p++)
    for (size_t i = 0; i < at.lanes; i++) {
      const int32_t k = IDF_MAX(at.hi - 1 - (int32_t)i, at.lo); /* once more the last */
      at.odd = at.odd || r->wait.odd[(row - k) % r->strips][p];
      at.from[p][i] = r->wait.record + waits_at(r, row - k, p) + r->strip * k;
    }
  for (int32_t c = 0; c < r->strip; c += IDF_BLOCK)
    columns_put(r, &at, c);
}

idf_status idf_rows_put(idf_mem *mem, const idf_kernels *kernels, const idf_flow_shape *shape,
                        const int32_t *const *planes, idf_rans_enc *enc)
{
  rows r = { .shape = shape, .kernels = kernels, .planes = planes, .enc = enc };
  idf_status status = rows_init(&r, mem);
  for (int32_t y = 0; status == IDF_OK && y < r.height + r.strips - 1; y++) {
    if (y < r.height) {
      near_set(&r, y);
      for (unsigned p = 0; p < shape->planes; p++)
        row_take(&r, p, y);
      for (unsigned p = 0; p < shape->planes; p++) {
        if (y == 0)
          above_set(&r, p, false);
        row_code(&r, p, y);
        if (y == 0)
          above_set(&r, p, true);
      }
      for (unsigned p = 0; p < shape->planes; p++)
        row_leave(&r, p, y);
    }
    round_put(&r, y);
    status = enc->bad ? IDF_ERR_MEMORY : IDF_OK;
  }
  rows_free(&r, mem);
  return status;
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * linear_encode.c: the row-by-row encoder of linear_encode.h. Its borders are those of field.h, as
 * a sample finds them at its time.
 *
 * It works from the last row to the first, because rANS pushes the last symbol first. What is known
 * of a round is pushed at once. So no record of the whole tile is needed, which would be as large
 * as its samples.
 */
#include "linear_encode.h"

#include <string.h>

#include "field.h"
#include "kernels.h"
#include "latent.h"
#include "linear.h"
#include "shape.h"

#define RING 8        /* rows in memory: the one whose symbols are made, and rows above it */
#define ABOVE 6       /* rows that stand above row 0: for dx = -4 .. 0, and for the right */
#define SIDE 32       /* room left and right of whole blocks and strips: a block may start there */
#define LOCATED 4     /* rows whose locations are in memory */
#define REACH_LOW 3   /* rows above that locations depend on */
#define REACH_ERROR 2 /* rows above that scales depend on */
_Static_assert(RING >= 1 + REACH_ERROR + REACH_LOW && RING >= REACH_ERROR + 2 * REACH_LOW,
               "with rows above the first, once these matter");

/* The rows of a plane: RING of them, then ABOVE, of `pitch` cells each. Cell SIDE is column 0. */
typedef struct band {
  int16_t *low, *error;        /* as in field.h */
  int32_t *mu;                 /* of LOCATED rows */
  idf_linear_texture *texture; /* of the blocks of these rows */
} band;

/* Samples that wait: each has a symbol, or IDF_RECORD_ODD and its prior, (location << 8) +
 * scale. */
typedef struct waiting {
  uint32_t *record;
  int32_t *prior;                       /* valid for odd samples */
  bool odd[IDF_SITES][IDF_FLOW_PLANES]; /* whether a row has odd samples */
} waiting;

typedef struct rows {
  const idf_flow_shape *shape;
  const idf_linear *linear;
  const idf_kernels *kernels;
  const int32_t *const *planes;
  idf_rans_enc *enc;
  int32_t width, height, strip, strips;
  int blocks; /* in a row */
  ptrdiff_t pitch;
  band band[IDF_FLOW_PLANES];
  int32_t *scale; /* of a row */
  waiting wait;   /* `strips` rows of `planes` planes */
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
    idf_free(mem, r->band[p].mu);
    idf_free(mem, r->band[p].texture);
  }
  idf_free(mem, r->scale);
  idf_free(mem, r->wait.record);
  idf_free(mem, r->wait.prior);
}

static idf_status rows_init(rows *r, idf_mem *mem)
{
  r->width = (int32_t)r->shape->width;
  r->height = (int32_t)r->shape->height;
  r->strip = idf_strip_of(r->shape->width);
  r->strips = (r->width + r->strip - 1) / r->strip;
  r->blocks = (r->width + IDF_BLOCK - 1) / IDF_BLOCK;
  const size_t blocks = (size_t)r->blocks;
  const size_t width = IDF_MAX(blocks * IDF_BLOCK, (size_t)(r->strips * r->strip));
  const size_t pitch = width + 2 * SIDE, cells = (RING + ABOVE) * pitch;
  const size_t waits = (size_t)r->strips * r->shape->planes * pitch;
  r->pitch = (ptrdiff_t)pitch;
  for (unsigned p = 0; p < r->shape->planes; p++) {
    band *b = &r->band[p];
    b->low = idf_alloc(mem, cells, sizeof *b->low);
    b->error = idf_alloc(mem, cells, sizeof *b->error);
    b->mu = idf_alloc(mem, LOCATED * blocks * IDF_BLOCK, sizeof *b->mu);
    b->texture = idf_alloc(mem, LOCATED * blocks, sizeof *b->texture);
    if (!b->low || !b->error || !b->mu || !b->texture)
      return idf_mem_status(mem);
    for (size_t i = 0; i < cells; i++) {
      b->low[i] = (int16_t)mid_of(r, p);
      b->error[i] = IDF_FIELD_ERROR;
    }
  }
  r->scale = idf_alloc(mem, blocks * IDF_BLOCK, sizeof *r->scale);
  r->wait.record = idf_alloc(mem, waits, sizeof *r->wait.record);
  r->wait.prior = idf_alloc(mem, waits, sizeof *r->wait.prior);
  return !r->scale || !r->wait.record || !r->wait.prior ? idf_mem_status(mem) : IDF_OK;
}

/* The place of column 0 of row y in the ring, y >= -3. */
static ptrdiff_t kept_row(const rows *r, int32_t y)
{
  return (ptrdiff_t)((uint32_t)y % RING) * r->pitch + SIDE;
}

/* The first block of row y among the located rows. */
static size_t located_at(const rows *r, int32_t y)
{
  return (size_t)(y % LOCATED) * (size_t)r->blocks;
}

/* The place of column 0 of row y among the samples that wait. */
static ptrdiff_t waits_at(const rows *r, int32_t y, unsigned p)
{
  return ((ptrdiff_t)(y % r->strips) * (ptrdiff_t)r->shape->planes + (ptrdiff_t)p) * r->pitch
         + SIDE;
}

/* Beyond a row's ends, the rows below see its first and its last cell. */
static void close_ends(const rows *r, int16_t *row)
{
  for (int i = 1; i <= IDF_FIELD_SIDE; i++) {
    row[-i] = row[0];
    row[r->width - 1 + i] = row[r->width - 1];
  }
}

/* Left of its start, a row sees the first cell of the row above; row 0 sees `first`. */
static void open_start(const rows *r, int16_t *cells, int32_t y, int16_t first)
{
  for (int i = 1; i <= IDF_FIELD_SIDE; i++)
    cells[kept_row(r, y) - i] = y == 0 ? first : cells[kept_row(r, y - 1)];
}

/* Copies the samples of row y, for the rows below. */
static void row_take(rows *r, unsigned p, int32_t y)
{
  band *b = &r->band[p];
  const int32_t *from = r->planes[p] + (ptrdiff_t)y * r->width;
  int16_t *low = b->low + kept_row(r, y);
  for (int32_t x = 0; x < r->width; x++)
    low[x] = (int16_t)from[x];
  close_ends(r, low);
}

/* Sets what the rows below row 0 see above it. */
static void top_set(rows *r, unsigned p)
{
  band *b = &r->band[p];
  const int16_t *low = b->low + kept_row(r, 0);
  for (int32_t above = -REACH_LOW; above < 0; above++)
    for (int32_t x = -IDF_FIELD_SIDE; x < r->width + IDF_FIELD_SIDE; x++) {
      b->low[kept_row(r, above) + x] = low[idf_clamp(x - 1, 0, r->width - 1)];
      b->error[kept_row(r, above) + x] = IDF_FIELD_ERROR;
    }
}

/* Sets the cells above row 0, which repeat it as far as it is known. dx columns left of x is the
 * sample one further left. Right of x is the last known sample; in planes coded before, that is the
 * sample at x. */
static void above_set(rows *r, unsigned p, bool known)
{
  band *b = &r->band[p];
  const int16_t *low = b->low + kept_row(r, 0);
  for (int32_t dx = -1; dx < ABOVE - 1; dx++) {
    int16_t *above = b->low + (RING + 1 + dx) * r->pitch + SIDE;
    const int32_t further = dx < 0 ? (known ? 0 : 1) : dx + 1;
    above[0] = known ? low[0] : (int16_t)mid_of(r, p);
    for (int32_t x = 1; x < r->width; x++)
      above[x] = low[IDF_MAX(x - further, 0)];
  }
}

/* Sets where row y finds its neighbours, for column 0, in band.low and band.error. */
static void near_set(const rows *r, int32_t y, ptrdiff_t near[IDF_WINDOW])
{
  for (int dy = 0; dy <= IDF_FIELD_TOP; dy++)
    for (int dx = -4; dx < 4; dx++)
      near[IDF_WINDOW_AT(dx, dy)] = y == 0 && dy > 0
                                        ? (RING + 1 + IDF_MAX(-dx, -1)) * r->pitch + SIDE
                                        : kept_row(r, y - dy) + dx;
}

static idf_linear_view view_of(const rows *r, unsigned p, int32_t y, const ptrdiff_t *near)
{
  idf_linear_view view = {.linear = &r->linear->plane[p],
                          .plane = p,
                          .lo = r->shape->min[p] * (1 << IDF_Q_MU),
                          .hi = r->shape->max[p] * (1 << IDF_Q_MU),
                          .near = near,
                          .error = r->band[p].error};
  for (unsigned q = 0; q <= p; q++) {
    view.low[q] = r->band[q].low;
    view.missed[q] = r->band[q].error + kept_row(r, y);
  }
  return view;
}

static void miss(int32_t width, const int32_t *restrict mu, const int16_t *restrict low,
                 int16_t *restrict error)
{
  for (int32_t x = 0; x < width; x++) {
    const int32_t d = low[x] * (1 << IDF_Q_MU) - mu[x];
    const int32_t missed = idf_abs(d) >> (IDF_Q_MU - IDF_Q_ERROR);
    error[x] = (int16_t)IDF_MIN(missed, IDF_LINEAR_ERROR_MAX);
  }
}

/* Computes locations and errors of row y from the samples of rows y - REACH_LOW to y. */
static void row_locate(rows *r, int32_t y)
{
  ptrdiff_t near[IDF_WINDOW];
  near_set(r, y, near);
  /* Not before it is needed: the rows above row 0 use places of rows at the end of the ring. */
  for (unsigned p = 0; p < r->shape->planes && y == IDF_MIN(REACH_LOW, r->height) - 1; p++)
    top_set(r, p);
  for (unsigned p = 0; p < r->shape->planes; p++)
    open_start(r, r->band[p].low, y, (int16_t)mid_of(r, p));
  for (unsigned p = 0; p < r->shape->planes; p++) {
    band *b = &r->band[p];
    int32_t *mu = b->mu + located_at(r, y) * IDF_BLOCK;
    int16_t *error = b->error + kept_row(r, y);
    const idf_linear_view view = view_of(r, p, y, near);
    if (y == 0)
      above_set(r, p, false);
    idf_linear_locate(r->kernels, &view, r->blocks, mu, b->texture + located_at(r, y));
    miss(r->width, mu, b->low + kept_row(r, y), error);
    close_ends(r, error);
    if (y == 0)
      above_set(r, p, true);
  }
}

/* Computes scales and symbols of row y from locations and errors of rows y - REACH_ERROR to y. */
static void row_code(rows *r, int32_t y)
{
  ptrdiff_t near[IDF_WINDOW];
  near_set(r, y, near);
  for (unsigned p = 0; p < r->shape->planes; p++) {
    band *b = &r->band[p];
    const int32_t *mu = b->mu + located_at(r, y) * IDF_BLOCK;
    const ptrdiff_t wait = waits_at(r, y, p);
    const idf_linear_view view = view_of(r, p, y, near);
    bool *odd = &r->wait.odd[y % r->strips][p];
    open_start(r, b->error, y, IDF_FIELD_ERROR);
    idf_linear_spread(r->kernels, &view, r->blocks,
                      (const idf_linear_texture *)(b->texture + located_at(r, y)), r->scale);
    *odd = r->kernels->record(r->blocks, mu, r->scale, b->low + kept_row(r, y), r->shape->min[p],
                              r->shape->max[p], r->wait.record + wait);
    for (int32_t x = 0; x < r->width && *odd; x++)
      r->wait.prior[wait + x] = mu[x] * 256 + r->scale[x];
  }
}

/* Codes a sample that has no interval of its own. */
static void put_odd(rows *r, unsigned p, unsigned lane, ptrdiff_t wait, int32_t x, int32_t y)
{
  const int32_t prior = r->wait.prior[wait];
  idf_site site = {.x = (uint32_t)x, .y = (uint32_t)y};
  idf_prior_set(&site.prior, prior >> 8, prior & 0xff, r->shape->min[p], r->shape->max[p]);
  idf_latent_put(r->enc, lane, &site, r->planes[p][(ptrdiff_t)y * r->width + x]);
}

/* The symbols of one round of flow.h's clock, in the order column, plane, row. Lane k, lo <= k <
 * hi, is strip k of row `row` - k. */
typedef struct round {
  int32_t row, lo, hi;
  /* Where the symbols of lanes hi - 1, hi - 2, .. wait, from column 0 on; padded to whole
   * blocks. */
  const uint32_t *from[IDF_FLOW_PLANES][IDF_SITES];
  size_t lanes; /* their number, in whole blocks */
  bool odd;     /* some samples may be odd */
} round;

/* Codes the lanes from hi - 1 down in one column of a plane. */
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
    odd |= (uint32_t) - (record[i] == IDF_RECORD_ODD);
  return odd != 0;
}

/* Moves `count` runs of n symbols, which are `blocks` apart, side by side. */
static void close_up(uint32_t *record, size_t count, size_t blocks, size_t n)
{
  for (size_t i = 1; i < count; i++)
    for (size_t k = 0; k < n; k += IDF_BLOCK) {
      uint32_t block[IDF_BLOCK]; /* the surplus is overwritten, or not counted */
      memcpy(block, record + i * blocks + k, sizeof block);
      memcpy(record + i * n + k, block, sizeof block);
    }
}

/* Codes a block of columns, or as many as the strips have from c on. */
static void columns_put(rows *r, const round *at, int32_t c)
{
  const unsigned planes = r->shape->planes, lanes = r->enc->lanes;
  const int32_t columns = IDF_MIN(IDF_BLOCK, r->strip - c);
  const size_t whole = at->lanes * planes, n = (size_t)(at->hi - at->lo);
  const size_t steps = (size_t)columns * planes;
  uint32_t *record = idf_rans_room(r->enc, IDF_BLOCK * whole);
  if (!record)
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
  round at = {.row = row, .lo = IDF_MAX(0, row - r->height + 1), .hi = IDF_MIN(row + 1, r->strips)};
  at.lanes = (size_t)(at.hi - at.lo + IDF_BLOCK - 1) / IDF_BLOCK * IDF_BLOCK;
  for (unsigned p = 0; p < r->shape->planes; p++)
    for (size_t i = 0; i < at.lanes; i++) {
      const int32_t k = IDF_MAX(at.hi - 1 - (int32_t)i, at.lo); /* the padding repeats the last */
      at.odd = at.odd || r->wait.odd[(row - k) % r->strips][p];
      at.from[p][i] = r->wait.record + waits_at(r, row - k, p) + r->strip * k;
    }
  for (int32_t c = 0; c < r->strip; c += IDF_BLOCK)
    columns_put(r, &at, c);
}

idf_status idf_rows_put(const idf_flow *flow, const int32_t *const *planes, idf_rans_enc *enc)
{
  idf_mem *mem = flow->job->mem;
  rows r = {.shape = flow->shape,
            .linear = flow->linear,
            .kernels = flow->job->kernels,
            .planes = planes,
            .enc = enc};
  idf_status status = rows_init(&r, mem);
  const size_t mark = idf_rans_mark(enc);
  int32_t taken = r.height, located = r.height; /* the topmost rows that are */
  for (int32_t y = r.height - 1; status == IDF_OK && y > -r.strips; y--) {
    while (located > IDF_MAX(y - REACH_ERROR, 0)) {
      for (; taken > IDF_MAX(located - 1 - REACH_LOW, 0); taken--)
        for (unsigned p = 0; p < r.shape->planes; p++)
          row_take(&r, p, taken - 1);
      row_locate(&r, --located);
    }
    if (y >= 0)
      row_code(&r, y);
    round_put(&r, y + r.strips - 1);
    idf_rans_push(enc, mark);
    status = idf_cancelled(flow->job->cancel) ? IDF_ERR_CANCELLED
             : enc->bad                       ? IDF_ERR_MEMORY
                                              : IDF_OK;
  }
  rows_free(&r, mem);
  return status;
}

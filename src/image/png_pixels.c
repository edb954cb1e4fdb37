/* SPDX-License-Identifier: BSD-3-Clause
 *
 * png_pixels.c: filters and deflates the rows of a PNG.
 *
 * The surprise: in photographs, the search for matches costs most of the time and gains nothing
 * over runs of one byte. Drawn pictures, on the other hand, depend on matches, and any filter
 * destroys them. So each row is classified as drawn or not.
 *
 * With IDF_PNG_FAST, rows are cut into independent pieces that threads deflate, as pigz does. All
 * pieces but the last end with an empty block, at a whole byte, so that together they are one
 * stream. The cut depends on the image only. An explicit level is meant for small files: there the
 * image is one piece.
 */
#include "png_pixels.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "pool.h"

#define BORDER 16u              /* zero bytes left of a row: two pixels of at most 8 bytes */
#define CHUNK 65536u            /* bytes of an IDAT chunk, without the final checksum */
#define SUM 4u                  /* bytes of zlib's checksum */
#define PIECE ((size_t)1 << 20) /* approximate bytes of a piece before it is deflated */
#define LOOK_STEP 4u            /* one pixel in so many is examined */
#define SHARE_ONE 4096u
#define SHARE_SHIFT 4 /* the share of repeated pixels is a mean over about 2^4 rows */
#define DRAWN_ABOVE (SHARE_ONE * 2 / 3)
#define DRAWN_BELOW (SHARE_ONE / 2)

/* Levels of IDF_PNG_FAST. */
#define FAST_RUNS 1
#define FAST_DRAWN 3 /* does not search for matches inside long ones; tuned below */

enum { FILTER_NONE, FILTER_SUB, FILTER_UP, FILTER_MEAN, FILTER_PAETH, FILTERS };

/* The state for filtering and deflating one piece. */
typedef struct lane {
  const idf_png_pixels *of;
  z_stream zlib;
  bool deflating;    /* deflateEnd must be called */
  uint8_t *row[2];   /* owned: this row and the one above, as in the file, after a BORDER */
  uint8_t *filtered; /* owned: FILTERS rows, each after the number of its filter */
  uint8_t *out;      /* owned: a chunk */
  uint32_t rows;     /* rows of the piece so far */
  uint64_t bytes;    /* filtered bytes of the piece so far */
  uLong sum;         /* Adler-32 of these bytes */
  uint32_t share;    /* share of repeated pixels in the last rows, in 1 / SHARE_ONE */
  bool drawn;
  /* Used with a thread pool only. */
  uint8_t *samples; /* owned: the row above the piece, and its rows */
  uint32_t count;   /* rows of the piece that have arrived */
  idf_buf chunks;   /* all but the last have CHUNK bytes */
  idf_status status;
} lane;

struct idf_png_pixels {
  idf_mem *mem;
  idf_info info;
  int level;
  idf_png_emit_fn emit;
  void *context;
  int window_bits;
  size_t row_bytes;    /* of a row of samples */
  size_t bytes, pixel; /* of a row, and of a pixel (at least 1), in the file */
  uint32_t piece_rows;
  uint64_t pieces;
  lane *lanes; /* owned: piece i is in lane i mod lane_count; without a pool there is one */
  size_t lane_count;
  idf_pool *pool;          /* or NULL */
  uint64_t piece, emitted; /* the piece of the next row; how many pieces were emitted */
  uint32_t rows_left;
  uLong sum; /* of the emitted pieces */
};

static void *zlib_alloc(void *mem, uInt items, uInt size)
{
  return idf_alloc(mem, items, size);
}

static void zlib_free(void *mem, void *ptr)
{
  idf_free(mem, ptr);
}

/* ---- filters ------------------------------------------------------------------------
 * r: the row; a, b, c: the bytes left, above, and above left of r's. All loops without
 * a dependence from byte to byte: compilers vectorise them. */

static void filter_mean(uint8_t *restrict to, const uint8_t *r, const uint8_t *a, const uint8_t *b,
                        size_t n)
{
  for (size_t i = 0; i < n; i++)
    to[i] = (uint8_t)(r[i] - (a[i] + b[i]) / 2);
}

static void filter_minus(uint8_t *restrict to, const uint8_t *r, const uint8_t *a, size_t n)
{
  for (size_t i = 0; i < n; i++)
    to[i] = (uint8_t)(r[i] - a[i]);
}

static void filter_paeth(uint8_t *restrict to, const uint8_t *r, const uint8_t *a, const uint8_t *b,
                         const uint8_t *c, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    const int16_t to_a = (int16_t)(b[i] - c[i]), to_b = (int16_t)(a[i] - c[i]);
    const int16_t to_c = (int16_t)(to_a + to_b);
    const int16_t da = (int16_t)abs(to_a), db = (int16_t)abs(to_b), dc = (int16_t)abs(to_c);
    const uint8_t b_or_c = db <= dc ? b[i] : c[i];
    to[i] = (uint8_t)(r[i] - (da <= db && da <= dc ? a[i] : b_or_c));
  }
}

/* Filters the row. The result starts with the number of the filter. */
static uint8_t *filtered(lane *l, int filter)
{
  const uint8_t *r = l->row[0] + BORDER, *b = l->row[1] + BORDER;
  uint8_t *to = l->filtered + (size_t)filter * (l->of->bytes + 1);

  *to = (uint8_t)filter;
  switch (filter) {
  case FILTER_NONE: /* the last byte of the border is this number */
    return l->row[0] + BORDER - 1;
  case FILTER_SUB:
    filter_minus(to + 1, r, r - l->of->pixel, l->of->bytes);
    break;
  case FILTER_UP:
    filter_minus(to + 1, r, b, l->of->bytes);
    break;
  case FILTER_MEAN:
    filter_mean(to + 1, r, r - l->of->pixel, b, l->of->bytes);
    break;
  default:
    filter_paeth(to + 1, r, r - l->of->pixel, b, b - l->of->pixel, l->of->bytes);
  }
  return to;
}

/* Filters the row with the filter that gives the smallest sum of magnitudes, as the PNG
 * specification recommends. */
static uint8_t *best_filtered(lane *l)
{
  uint8_t *best = NULL;
  uint64_t least = UINT64_MAX;

  for (int filter = 0; filter < FILTERS; filter++) {
    uint8_t *row = filtered(l, filter);
    uint64_t sum = 0;
    for (size_t i = 1; i <= l->of->bytes; i++)
      sum += (uint64_t)abs((int8_t)row[i]);
    if (sum < least) {
      least = sum;
      best = row;
    }
  }
  return best;
}

/* ---- drawn or not -------------------------------------------------------------------- */

static uint32_t four(const uint8_t *at)
{
  return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* Whether half of the pixels repeat one left of them or the one above. Even smooth photographs have
 * noise, so theirs do not. Gray pixels may be equal by chance, so they count in groups of 4
 * bytes. */
static bool judge(lane *l)
{
  const size_t unit = IDF_MAX(l->of->pixel, 4u - (l->of->pixel == 3));
  const uint32_t mask = l->of->pixel == 3 ? 0xffffffu : 0xffffffffu;
  const uint8_t *r = l->row[0] + BORDER;
  const ptrdiff_t up = l->row[1] - l->row[0];
  uint32_t looked = 0, same = 0;

  if (l->of->info.layout == IDF_PALETTE || l->of->info.depth < 8)
    return true;
  for (size_t i = 0; i + unit <= l->of->bytes; i += LOOK_STEP * unit) {
    const uint32_t here = four(r + i);
    same += ((here ^ four(r + i - unit)) & mask) == 0
            || ((here ^ four(r + i - 2 * unit)) & mask) == 0
            || ((here ^ four(r + i + up)) & mask) == 0;
    looked++;
  }
  if (looked > 0) {
    const uint32_t share = (uint32_t)((uint64_t)same * SHARE_ONE / looked);
    l->share = l->rows == 0 ? share : l->share - (l->share >> SHARE_SHIFT) + (share >> SHARE_SHIFT);
  }
  return l->share > (l->drawn ? DRAWN_BELOW : DRAWN_ABOVE);
}

/* ---- deflating ------------------------------------------------------------------------ */

/* Takes the chunk of `size` bytes in `out`: writes it or, with a pool, stores it. */
static idf_status put_chunk(lane *l, size_t size)
{
  const idf_png_pixels *p = l->of;

  l->zlib.next_out = l->out;
  l->zlib.avail_out = CHUNK;
  if (!p->pool)
    return size > 0 ? p->emit(p->context, l->out, size) : IDF_OK;
  idf_put_bytes(&l->chunks, l->out, size);
  return l->chunks.bad ? idf_mem_status(p->mem) : IDF_OK;
}

/* Makes zlib consume all its input and, as `flush` says, deliver its output. */
static idf_status deflate_all(lane *l, int flush)
{
  for (;;) {
    const int result = deflate(&l->zlib, flush);
    if (l->zlib.avail_out > 0)
      return result == Z_STREAM_ERROR ? IDF_ERR_ARGUMENT : IDF_OK;
    const idf_status status = put_chunk(l, CHUNK);
    if (status != IDF_OK)
      return status;
  }
}

static int strategy_of(const idf_png_pixels *p, bool drawn)
{
  if (drawn)
    return Z_DEFAULT_STRATEGY;
  return p->level == IDF_PNG_FAST ? Z_RLE : Z_FILTERED;
}

static int level_of(const idf_png_pixels *p, bool drawn)
{
  if (p->level != IDF_PNG_FAST)
    return p->level;
  return drawn ? FAST_DRAWN : FAST_RUNS;
}

/* A longer search for matches than level 3's gives files as small as level 4's, in three quarters
 * of the time. */
static void tune(lane *l)
{
  if (l->of->level == IDF_PNG_FAST && l->drawn)
    (void)deflateTune(&l->zlib, 8, 16, 128, 32);
}

/* The header of zlib (RFC 1950): method and window, level, and check bits. */
static void put_header(const idf_png_pixels *p, uint8_t to[2])
{
  const unsigned tried = p->level < 2 ? 0 : p->level < 6 ? 1 : p->level == 6 ? 2 : 3;
  const unsigned header = (unsigned)(p->window_bits - 8) << 12 | Z_DEFLATED << 8 | tried << 6;
  to[0] = (uint8_t)(header >> 8);
  to[1] = (uint8_t)(header + (31 - header % 31));
}

static idf_status start(lane *l, bool drawn, bool first)
{
  const idf_png_pixels *p = l->of;

  l->drawn = drawn;
  l->zlib = (z_stream){.zalloc = zlib_alloc, .zfree = zlib_free, .opaque = p->mem};
  l->deflating = deflateInit2(&l->zlib, level_of(p, drawn), Z_DEFLATED, -p->window_bits,
                              IDF_MIN(p->window_bits - 6, 8), strategy_of(p, drawn))
                 == Z_OK;
  if (!l->deflating)
    return idf_mem_status(p->mem);
  tune(l);
  l->zlib.next_out = l->out;
  l->zlib.avail_out = CHUNK;
  if (first) {
    put_header(p, l->out);
    l->zlib.next_out += 2;
    l->zlib.avail_out -= 2;
  }
  return IDF_OK;
}

static idf_status change(lane *l, bool drawn)
{
  const idf_png_pixels *p = l->of;
  const idf_status status = deflate_all(l, Z_BLOCK);

  l->drawn = drawn;
  if (status == IDF_OK
      && deflateParams(&l->zlib, level_of(p, drawn), strategy_of(p, drawn)) != Z_OK)
    return IDF_ERR_ARGUMENT;
  tune(l);
  return status;
}

/* ---- a piece -------------------------------------------------------------------------- */

/* Converts a row to the form of the file, high bytes and high bits first. */
static void pack(lane *l, const uint8_t *samples)
{
  const idf_png_pixels *p = l->of;
  uint8_t *to = l->row[0] + BORDER;
  const unsigned depth = p->info.depth;

  if (depth == 8) {
    memcpy(to, samples, p->bytes);
  } else if (depth == 16) {
    for (size_t i = 0; i < p->bytes; i += 2) {
      uint16_t v;
      memcpy(&v, samples + i, 2);
      to[i] = (uint8_t)(v >> 8);
      to[i + 1] = (uint8_t)v;
    }
  } else {
    const unsigned mask = (1u << depth) - 1;
    memset(to, 0, p->bytes);
    for (size_t x = 0; x < p->row_bytes; x++)
      to[x * depth / 8] |= (uint8_t)((samples[x] & mask) << (8 - depth - x * depth % 8));
  }
}

/* Adds the next row of piece i; row[0] is the row above. */
static idf_status put_row(lane *l, uint64_t i, const uint8_t *samples)
{
  const idf_png_pixels *p = l->of;
  uint8_t *above = l->row[0];
  idf_status status = IDF_OK;

  l->row[0] = l->row[1];
  l->row[1] = above;
  pack(l, samples);
  if (l->rows == 0) {
    l->drawn = false;
    l->bytes = 0;
    l->sum = adler32(0, NULL, 0);
  }
  const bool drawn = judge(l);
  if (l->rows == 0)
    status = start(l, drawn, i == 0);
  else if (drawn != l->drawn)
    status = change(l, drawn);
  if (status != IDF_OK)
    return status;
  l->rows++;
  l->zlib.next_in = drawn                      ? filtered(l, FILTER_NONE)
                    : p->level == IDF_PNG_FAST ? filtered(l, FILTER_PAETH)
                                               : best_filtered(l);
  for (size_t left = p->bytes + 1; left > 0 && status == IDF_OK;) {
    const uInt now = (uInt)IDF_MIN(left, (size_t)1 << 30);
    l->zlib.avail_in = now;
    l->sum = adler32(l->sum, l->zlib.next_in, now);
    l->bytes += now;
    left -= now;
    status = deflate_all(l, Z_NO_FLUSH);
  }
  return status;
}

/* Ends piece i. *rest bytes are left in `out`, less than a chunk. */
static idf_status end_piece(lane *l, uint64_t i, size_t *rest)
{
  const idf_status status = deflate_all(l, i + 1 == l->of->pieces ? Z_FINISH : Z_SYNC_FLUSH);

  *rest = CHUNK - l->zlib.avail_out;
  (void)deflateEnd(&l->zlib);
  l->deflating = false;
  l->rows = 0;
  return status;
}

/* Adds the checksum of the piece to that of all pieces. After the last one, the total is stored at
 * `to`. Returns its number of bytes. */
static size_t add_sum(idf_png_pixels *p, const lane *l, uint8_t to[SUM])
{
  p->sum = adler32_combine(p->sum, l->sum, (z_off_t)l->bytes);
  if (++p->emitted < p->pieces)
    return 0;
  for (unsigned k = 0; k < SUM; k++)
    to[k] = (uint8_t)(p->sum >> (24 - 8 * k));
  return SUM;
}

/* ---- pieces at once ------------------------------------------------------------------- */

/* Filters and deflates piece i, whose rows are complete. Several threads run this at once; each
 * changes only the lane of its piece. */
static void do_piece(void *context, uint64_t i)
{
  const idf_png_pixels *p = context;
  lane *l = &p->lanes[i % p->lane_count];
  size_t rest = 0;

  idf_buf_clear(&l->chunks);
  if (i > 0)
    pack(l, l->samples);
  l->status = IDF_OK;
  for (uint32_t k = 1; k <= l->count && l->status == IDF_OK; k++)
    l->status = put_row(l, i, l->samples + k * p->row_bytes);
  if (l->status == IDF_OK)
    l->status = end_piece(l, i, &rest);
  if (l->status == IDF_OK)
    l->status = put_chunk(l, rest);
}

/* Waits for the next piece and emits it; its lane is then free. */
static idf_status emit_piece(idf_png_pixels *p)
{
  lane *l = &p->lanes[p->emitted % p->lane_count];
  uint8_t sum[SUM];

  idf_pool_wait(p->pool, p->emitted);
  idf_status status = l->status;
  const size_t whole = l->chunks.len / CHUNK * CHUNK;
  idf_put_bytes(&l->chunks, sum, add_sum(p, l, sum));
  if (status == IDF_OK && l->chunks.bad)
    status = idf_mem_status(p->mem);
  for (size_t at = 0; at < whole && status == IDF_OK; at += CHUNK)
    status = p->emit(p->context, l->chunks.data + at, CHUNK);
  if (status == IDF_OK && l->chunks.len > whole)
    status = p->emit(p->context, l->chunks.data + whole, l->chunks.len - whole);
  l->count = 0;
  return status;
}

/* Stores the row in the lane of its piece, until the piece is complete. */
static idf_status collect_row(idf_png_pixels *p, const uint8_t *samples)
{
  lane *l = &p->lanes[p->piece % p->lane_count];
  idf_status status = IDF_OK;

  if (l->count == 0 && p->piece > 0) {
    const lane *before = &p->lanes[(p->piece - 1) % p->lane_count];
    memcpy(l->samples, before->samples + p->piece_rows * p->row_bytes, p->row_bytes);
  }
  memcpy(l->samples + ++l->count * p->row_bytes, samples, p->row_bytes);
  p->rows_left--;
  if (l->count < p->piece_rows && p->rows_left > 0)
    return IDF_OK;
  idf_pool_offer(p->pool, ++p->piece);
  while (status == IDF_OK && p->emitted < p->piece
         && (p->rows_left == 0 || p->piece - p->emitted == p->lane_count))
    status = emit_piece(p);
  return status;
}

/* Without a pool, rows are deflated as they come. */
static idf_status pass_row(idf_png_pixels *p, const uint8_t *samples)
{
  lane *l = p->lanes;
  size_t rest;

  idf_status status = put_row(l, p->piece, samples);
  p->rows_left--;
  if (status != IDF_OK || (l->rows < p->piece_rows && p->rows_left > 0))
    return status;
  status = end_piece(l, p->piece++, &rest);
  if (status == IDF_OK)
    status = put_chunk(l, rest + add_sum(p, l, l->out + rest));
  return status;
}

idf_status idf_png_pixels_rows(idf_png_pixels *pixels, const void *rows, uint32_t count)
{
  idf_png_pixels *p = pixels;
  idf_status status = IDF_OK;

  for (uint32_t i = 0; i < count && status == IDF_OK; i++) {
    const uint8_t *row = (const uint8_t *)rows + i * p->row_bytes;
    status = p->pool ? collect_row(p, row) : pass_row(p, row);
  }
  return status;
}

/* ---- life ----------------------------------------------------------------------------- */

static void free_lane(idf_mem *mem, lane *l)
{
  if (l->deflating)
    (void)deflateEnd(&l->zlib);
  for (int i = 0; i < 2; i++)
    idf_free(mem, l->row[i]);
  idf_free(mem, l->filtered);
  idf_free(mem, l->out);
  idf_free(mem, l->samples);
  idf_buf_free(&l->chunks);
}

/* With `waiting`, the lane stores the rows of a piece until it is complete. */
static bool make_lane(idf_png_pixels *p, lane *l, bool waiting)
{
  *l = (lane){.of = p};
  idf_buf_init(&l->chunks, p->mem);
  for (int i = 0; i < 2; i++)
    l->row[i] = idf_alloc(p->mem, p->bytes + BORDER + 4, 1);
  l->filtered = idf_alloc(p->mem, FILTERS, p->bytes + 1);
  l->out = idf_alloc(p->mem, CHUNK + SUM, 1);
  if (waiting)
    l->samples = idf_alloc(p->mem, (size_t)p->piece_rows + 1, p->row_bytes);
  return l->row[0] && l->row[1] && l->filtered && l->out && (!waiting || l->samples);
}

/* Creates two lanes per thread, as far as an eighth of the limit has room for their data. There are
 * at least two, or no pool. */
static void make_pool(idf_png_pixels *p, unsigned threads)
{
  const uint64_t size = 4 * (uint64_t)p->piece_rows * (p->bytes + 1) + ((uint64_t)1 << 19);
  const uint64_t room = p->mem->limit / 8 / size;
  const uint64_t most = IDF_MIN(IDF_MIN(2 * (uint64_t)threads, p->pieces), room);

  if (threads < 2 || most < 2)
    return;
  lane *lanes = idf_alloc(p->mem, (size_t)most, sizeof *lanes);
  size_t made = 0;
  while (lanes && made < most && make_lane(p, &lanes[made], true))
    made++;
  if (lanes && made == most)
    p->pool = idf_pool_new(p->mem, threads, 0, p->pieces, do_piece, p);
  if (p->pool) {
    free_lane(p->mem, p->lanes);
    idf_free(p->mem, p->lanes);
    p->lanes = lanes;
    p->lane_count = made;
    return;
  }
  for (size_t i = 0; lanes && i < most; i++)
    free_lane(p->mem, &lanes[i]);
  idf_free(p->mem, lanes);
  idf_mem_forgive(p->mem);
}

idf_status idf_png_pixels_new(idf_mem *mem, const idf_info *info, int level, unsigned threads,
                              idf_png_emit_fn emit, void *context, idf_png_pixels **result)
{
  size_t piece;

  *result = NULL;
  idf_png_pixels *p = idf_alloc(mem, 1, sizeof *p);
  if (!p)
    return idf_mem_status(mem);
  const unsigned channels = idf_channels(info->layout);
  p->mem = mem;
  p->info = *info;
  p->level = level;
  p->emit = emit;
  p->context = context;
  p->rows_left = info->height;
  p->row_bytes = idf_row_bytes(info);
  p->bytes = info->depth < 8 ? (p->row_bytes * info->depth + 7) / 8 : p->row_bytes;
  p->pixel = IDF_MAX(channels * info->depth / 8, 1u);
  p->piece_rows = info->height;
  if (level == IDF_PNG_FAST)
    p->piece_rows = (uint32_t)IDF_MIN(PIECE / (p->bytes + 1) + 1, (size_t)info->height);
  p->pieces = ((uint64_t)info->height + p->piece_rows - 1) / p->piece_rows;
  /* The window is no larger than a piece needs, because zlib clears it. zlib's own margin is
   * 262. */
  p->window_bits = 15;
  if (idf_size_mul(p->bytes + 1, p->piece_rows, &piece))
    for (p->window_bits = 9; p->window_bits < 15; p->window_bits++)
      if ((size_t)1 << p->window_bits >= piece + 262)
        break;
  p->sum = adler32(0, NULL, 0);
  p->lanes = idf_alloc(mem, 1, sizeof *p->lanes);
  p->lane_count = p->lanes ? 1 : 0;
  if (p->lanes && make_lane(p, p->lanes, false)) {
    make_pool(p, threads);
    *result = p;
    return IDF_OK;
  }
  idf_png_pixels_free(p);
  return idf_mem_status(mem);
}

void idf_png_pixels_free(idf_png_pixels *pixels)
{
  if (!pixels)
    return;
  idf_pool_free(pixels->pool);
  for (size_t i = 0; i < pixels->lane_count; i++)
    free_lane(pixels->mem, &pixels->lanes[i]);
  idf_free(pixels->mem, pixels->lanes);
  idf_free(pixels->mem, pixels);
}

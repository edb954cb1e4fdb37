/* SPDX-License-Identifier: BSD-3-Clause
 *
 * png_pixels.c: see png_pixels.h. The surprise: in photographs searching for matches
 * costs most of the time and gains nothing over runs of one byte, while drawn pictures
 * live by matches and lose them by any filter. So each row is judged drawn or not.
 */
#include "png_pixels.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define BORDER 16u   /* zeros left of a row: two pixels of at most 8 bytes */
#define CHUNK 65536u /* bytes of an IDAT chunk, at most */
#define LOOK_STEP 4u /* one pixel in so many is looked at */
#define SHARE_ONE 4096u
#define SHARE_SHIFT 4 /* rows that the share of repeated pixels remembers: about 2^4 */
#define DRAWN_ABOVE (SHARE_ONE * 2 / 3)
#define DRAWN_BELOW (SHARE_ONE / 2)

/* Of IDF_PNG_FAST. */
#define FAST_RUNS 1
#define FAST_DRAWN 3 /* does not look for matches inside long ones; tuned below */

enum { FILTER_NONE, FILTER_SUB, FILTER_UP, FILTER_MEAN, FILTER_PAETH, FILTERS };

struct idf_png_pixels {
  idf_mem *mem;
  idf_info info;
  int level;
  idf_png_emit_fn emit;
  void *context;
  z_stream zlib;
  bool deflating;      /* zlib is to be ended */
  size_t row_bytes;    /* of the samples */
  size_t bytes, pixel; /* of a row and, at least 1, of a pixel in the file */
  uint8_t *row[2];     /* owned: this and the one above, as in the file, after a BORDER */
  uint8_t *filtered;   /* owned: FILTERS rows, each after its filter's number */
  uint8_t *out;        /* owned */
  size_t out_size;
  uint32_t rows_left;
  uint32_t share; /* of repeated pixels in the last rows, of SHARE_ONE */
  bool drawn;
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

/* Returns the row after `filter`, its number first. */
static uint8_t *filtered(idf_png_pixels *p, int filter)
{
  const uint8_t *r = p->row[0] + BORDER, *b = p->row[1] + BORDER;
  uint8_t *to = p->filtered + (size_t)filter * (p->bytes + 1);

  *to = (uint8_t)filter;
  switch (filter) {
  case FILTER_NONE: /* the border's last byte is its number */
    return p->row[0] + BORDER - 1;
  case FILTER_SUB:
    filter_minus(to + 1, r, r - p->pixel, p->bytes);
    break;
  case FILTER_UP:
    filter_minus(to + 1, r, b, p->bytes);
    break;
  case FILTER_MEAN:
    filter_mean(to + 1, r, r - p->pixel, b, p->bytes);
    break;
  default:
    filter_paeth(to + 1, r, r - p->pixel, b, b - p->pixel, p->bytes);
  }
  return to;
}

/* The row after the filter that leaves the least sum of magnitudes, the rule that the PNG
 * specification advises. */
static uint8_t *best_filtered(idf_png_pixels *p)
{
  uint8_t *best = NULL;
  uint64_t least = UINT64_MAX;

  for (int filter = 0; filter < FILTERS; filter++) {
    uint8_t *row = filtered(p, filter);
    uint64_t sum = 0;
    for (size_t i = 1; i <= p->bytes; i++)
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

/* Whether half the pixels repeat one left of them or the one above: even smooth photographs
 * have noise. Gray pixels, which may be equal by chance, count in groups of 4 bytes. */
static bool judge(idf_png_pixels *p)
{
  const size_t unit = IDF_MAX(p->pixel, 4u - (p->pixel == 3));
  const uint32_t mask = p->pixel == 3 ? 0xffffffu : 0xffffffffu;
  const uint8_t *r = p->row[0] + BORDER;
  const ptrdiff_t up = p->row[1] - p->row[0];
  uint32_t looked = 0, same = 0;

  if (p->info.layout == IDF_PALETTE || p->info.depth < 8)
    return true;
  for (size_t i = 0; i + unit <= p->bytes; i += LOOK_STEP * unit) {
    const uint32_t here = four(r + i);
    same += ((here ^ four(r + i - unit)) & mask) == 0
            || ((here ^ four(r + i - 2 * unit)) & mask) == 0
            || ((here ^ four(r + i + up)) & mask) == 0;
    looked++;
  }
  if (looked > 0) {
    const uint32_t share = (uint32_t)((uint64_t)same * SHARE_ONE / looked);
    const bool first = p->rows_left == p->info.height;
    p->share = first ? share : p->share - (p->share >> SHARE_SHIFT) + (share >> SHARE_SHIFT);
  }
  return p->share > (p->drawn ? DRAWN_BELOW : DRAWN_ABOVE);
}

/* ---- deflating ------------------------------------------------------------------------ */

static idf_status emit(idf_png_pixels *p)
{
  const size_t n = p->out_size - p->zlib.avail_out;
  p->zlib.next_out = p->out;
  p->zlib.avail_out = (uInt)p->out_size;
  return n > 0 ? p->emit(p->context, p->out, n) : IDF_OK;
}

/* Lets zlib take all its input and, as `flush` asks, give its output. */
static idf_status deflate_all(idf_png_pixels *p, int flush)
{
  for (;;) {
    const int result = deflate(&p->zlib, flush);
    if (p->zlib.avail_out > 0)
      return result == Z_STREAM_ERROR ? IDF_ERR_ARGUMENT : IDF_OK;
    const idf_status status = emit(p);
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

/* With matches sought further than level 3 does, files are as small as level 4 makes them in
 * three quarters of the time. */
static void tune(idf_png_pixels *p)
{
  if (p->level == IDF_PNG_FAST && p->drawn)
    (void)deflateTune(&p->zlib, 8, 16, 128, 32);
}

static idf_status start(idf_png_pixels *p)
{
  size_t total;
  int bits = 15;
  /* No larger a window than the image needs: zlib clears it, and zlib's own margin is 262. */
  if (idf_size_mul(p->bytes + 1, p->info.height, &total))
    for (bits = 9; bits < 15 && (size_t)1 << bits < total + 262; bits++)
      ;
  p->zlib.zalloc = zlib_alloc;
  p->zlib.zfree = zlib_free;
  p->zlib.opaque = p->mem;
  const int result = deflateInit2(&p->zlib, level_of(p, p->drawn), Z_DEFLATED, bits,
                                  IDF_MIN(bits - 6, 8), strategy_of(p, p->drawn));
  p->deflating = result == Z_OK;
  if (!p->deflating)
    return idf_mem_status(p->mem);
  tune(p);
  return IDF_OK;
}

static idf_status change(idf_png_pixels *p, bool drawn)
{
  const idf_status status = deflate_all(p, Z_BLOCK);
  p->drawn = drawn;
  if (status == IDF_OK
      && deflateParams(&p->zlib, level_of(p, drawn), strategy_of(p, drawn)) != Z_OK)
    return IDF_ERR_ARGUMENT;
  tune(p);
  return status;
}

/* The row as the file has it, high bytes and high bits first. */
static void pack(const idf_png_pixels *p, const uint8_t *samples)
{
  uint8_t *to = p->row[0] + BORDER;
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

static idf_status put_row(idf_png_pixels *p, const uint8_t *samples)
{
  uint8_t *above = p->row[0];
  p->row[0] = p->row[1];
  p->row[1] = above;
  pack(p, samples);
  const bool drawn = judge(p);
  idf_status status = IDF_OK;
  if (!p->deflating) {
    p->drawn = drawn;
    status = start(p);
  } else if (drawn != p->drawn) {
    status = change(p, drawn);
  }
  if (status != IDF_OK)
    return status;
  p->zlib.next_in = drawn                      ? filtered(p, FILTER_NONE)
                    : p->level == IDF_PNG_FAST ? filtered(p, FILTER_PAETH)
                                               : best_filtered(p);
  for (size_t left = p->bytes + 1; left > 0 && status == IDF_OK;) {
    p->zlib.avail_in = (uInt)IDF_MIN(left, (size_t)1 << 30);
    left -= p->zlib.avail_in;
    status = deflate_all(p, Z_NO_FLUSH);
  }
  if (--p->rows_left > 0 || status != IDF_OK)
    return status;
  status = deflate_all(p, Z_FINISH);
  return status == IDF_OK ? emit(p) : status;
}

idf_status idf_png_pixels_rows(idf_png_pixels *pixels, const void *rows, uint32_t count)
{
  idf_status status = IDF_OK;

  for (uint32_t i = 0; i < count && status == IDF_OK; i++)
    status = put_row(pixels, (const uint8_t *)rows + i * pixels->row_bytes);
  return status;
}

idf_status idf_png_pixels_new(idf_mem *mem, const idf_info *info, int level,
                              idf_png_emit_fn emit_fn, void *context, idf_png_pixels **result)
{
  *result = NULL;
  idf_png_pixels *p = idf_alloc(mem, 1, sizeof *p);
  if (!p)
    return idf_mem_status(mem);
  const unsigned channels = idf_channels(info->layout);
  p->mem = mem;
  p->info = *info;
  p->level = level;
  p->emit = emit_fn;
  p->context = context;
  p->rows_left = info->height;
  p->row_bytes = idf_row_bytes(info);
  p->bytes = info->depth < 8 ? (p->row_bytes * info->depth + 7) / 8 : p->row_bytes;
  p->pixel = IDF_MAX(channels * info->depth / 8, 1u);
  p->out_size = CHUNK;
  for (int i = 0; i < 2; i++)
    p->row[i] = idf_alloc(mem, p->bytes + BORDER + 4, 1);
  p->filtered = idf_alloc(mem, FILTERS, p->bytes + 1);
  p->out = idf_alloc(mem, p->out_size, 1);
  if (p->row[0] && p->row[1] && p->filtered && p->out) {
    p->zlib.next_out = p->out;
    p->zlib.avail_out = (uInt)p->out_size;
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
  if (pixels->deflating)
    (void)deflateEnd(&pixels->zlib);
  for (int i = 0; i < 2; i++)
    idf_free(pixels->mem, pixels->row[i]);
  idf_free(pixels->mem, pixels->filtered);
  idf_free(pixels->mem, pixels->out);
  idf_free(pixels->mem, pixels);
}

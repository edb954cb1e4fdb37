/* SPDX-License-Identifier: BSD-3-Clause
 *
 * lattice.c: YCbCr as libjpeg and libwebp decode it, and the search for the way back.
 * idf(5), "COLOUR LAYERS".
 */
#include "lattice.h"

#include "fixed.h"

#define NEAR 2 /* search radius for a preimage around the rounded transform */
#define FAR 6  /* the same if a channel is 0 or 255, where clamping hides some of it */

static int32_t byte(int32_t v)
{
  return idf_clamp(v, 0, 255);
}

/* Both decoders in one form: a channel is (luma(Y) + what Cb and Cr add) >> 6, clamped, with
 * luma(Y) = slope Y >> 8. libjpeg's luma is 64 Y. All functions that run per pixel are inline, and
 * their callers pass constant layers, so that divisions by the slope are compiled away. */
static inline int32_t slope_of(unsigned layer)
{
  return layer == IDF_COLOUR_WEBP ? 19077 : 16384;
}

static inline void chroma(unsigned layer, int32_t cb, int32_t cr, int32_t add[3])
{
  if (layer == IDF_COLOUR_WEBP) {
    add[0] = (26149 * cr >> 8) - 14234;
    add[1] = 8708 - (6419 * cb >> 8) - (13320 * cr >> 8);
    add[2] = (33050 * cb >> 8) - 17685;
  } else {
    add[0] = 64 * ((91881 * (cr - 128) + 32768) >> 16);
    add[1] = 64 * ((-22554 * (cb - 128) - 46802 * (cr - 128) + 32768) >> 16);
    add[2] = 64 * ((116130 * (cb - 128) + 32768) >> 16);
  }
}

static inline void convert(unsigned layer, const int32_t ycc[3], int32_t rgb[3])
{
  const int32_t luma = slope_of(layer) * ycc[0] >> 8;
  int32_t add[3];
  chroma(layer, ycc[1], ycc[2], add);
  for (int c = 0; c < 3; c++)
    rgb[c] = byte((luma + add[c]) >> 6);
}

/* A Y that gives rgb together with this chroma, or -1. */
static inline int32_t find_luma(unsigned layer, const int32_t rgb[3], int32_t cb, int32_t cr,
                                int32_t guess)
{
  const int32_t slope = slope_of(layer);
  int32_t add[3], lo = 0, hi = slope * 255 >> 8;
  chroma(layer, cb, cr, add);
  for (int c = 0; c < 3; c++) {
    if (rgb[c] > 0)
      lo = IDF_MAX(lo, 64 * rgb[c] - add[c]);
    if (rgb[c] < 255)
      hi = IDF_MIN(hi, 64 * rgb[c] + 63 - add[c]);
  }
  if (lo > hi)
    return -1;
  lo = (256 * lo + slope - 1) / slope;
  hi = (256 * hi + 255) / slope;
  return lo > hi ? -1 : idf_clamp(guess, lo, hi);
}

/* The usual transform to Y, Cb, Cr, rounded. */
static inline void nearest(unsigned layer, const int32_t rgb[3], int32_t ycc[3])
{
  const int32_t r = rgb[0], g = rgb[1], b = rgb[2];
  if (layer == IDF_COLOUR_WEBP) {
    ycc[0] = byte((16839 * r + 33059 * g + 6420 * b + (16 << 16) + 32768) >> 16);
    ycc[1] = byte((-9719 * r - 19081 * g + 28800 * b + (128 << 16) + 32768) >> 16);
    ycc[2] = byte((28800 * r - 24116 * g - 4684 * b + (128 << 16) + 32768) >> 16);
  } else {
    ycc[0] = byte((19595 * r + 38470 * g + 7471 * b + 32768) >> 16);
    ycc[1] = byte((-11059 * r - 21709 * g + 32768 * b + (128 << 16) + 32767) >> 16);
    ycc[2] = byte((32768 * r - 27439 * g - 5329 * b + (128 << 16) + 32767) >> 16);
  }
}

static inline bool search_lattice(unsigned layer, const int32_t rgb[3], int32_t ycc[3])
{
  bool ends = false;
  for (int c = 0; c < 3; c++)
    ends = ends || rgb[c] == 0 || rgb[c] == 255;
  const int32_t radius = ends ? FAR : NEAR;
  nearest(layer, rgb, ycc);
  const int32_t y = ycc[0], cb = ycc[1], cr = ycc[2];
  /* Tries squares of growing radius around the rounded transform; the nearest preimage wins. */
  for (int32_t d = 0; d <= radius; d++)
    for (int32_t j = -d; j <= d; j++)
      for (int32_t i = -d; i <= d; i += j == -d || j == d ? 1 : 2 * d) {
        const int32_t u = cb + i, v = cr + j;
        if (u < 0 || u > 255 || v < 0 || v > 255)
          continue;
        const int32_t luma = find_luma(layer, rgb, u, v, y);
        if (luma >= 0) {
          ycc[0] = luma;
          ycc[1] = u;
          ycc[2] = v;
          return true;
        }
      }
  return false;
}

bool idf_lattice_forward(unsigned layer, const int32_t rgb[3], int32_t ycc[3])
{
  return layer == IDF_COLOUR_WEBP ? search_lattice(IDF_COLOUR_WEBP, rgb, ycc)
                                  : search_lattice(IDF_COLOUR_JPEG, rgb, ycc);
}

#define FEW 64 /* pixels that are tried first */

/* Whether nearly all of n pixels have a preimage, judged by every 7th pixel. */
static bool lattice_likely(unsigned layer, int32_t *const plane[3], size_t n)
{
  /* A random colour has a preimage one time in four or less, so 31/32 is evidence. */
  const size_t tries = (n + 6) / 7;
  size_t missed = 0;
  /* First a few pixels from everywhere: most pictures are no lattice, and these soon show it. */
  for (size_t i = 0, at = n / 2; i < FEW && n > FEW; i++, at = (at + n / FEW * 97 + 1) % n) {
    const int32_t rgb[3] = {plane[0][at], plane[1][at], plane[2][at]};
    int32_t ycc[3];
    missed += !idf_lattice_forward(layer, rgb, ycc);
  }
  if (missed > FEW / 4)
    return false;
  missed = 0;
  for (size_t i = 0; i < n && missed <= tries / 32; i += 7) {
    const int32_t rgb[3] = {plane[0][i], plane[1][i], plane[2][i]};
    int32_t ycc[3];
    missed += !idf_lattice_forward(layer, rgb, ycc);
  }
  return tries >= 16 && missed <= tries / 32;
}

static void planes_forward(unsigned layer, int32_t *const plane[3], size_t n, idf_buf *escapes)
{
  idf_buf list; /* written once their count is known */
  size_t count = 0, last = 0;
  idf_buf_init(&list, escapes->mem);
  for (size_t i = 0; i < n; i++) {
    const int32_t rgb[3] = {plane[0][i], plane[1][i], plane[2][i]};
    int32_t ycc[3];
    if (!idf_lattice_forward(layer, rgb, ycc)) {
      idf_put_varint(&list, i - last);
      last = i;
      count++;
      for (int c = 0; c < 3; c++)
        idf_put_u8(&list, (uint32_t)rgb[c]);
    }
    for (int c = 0; c < 3; c++)
      plane[c][i] = ycc[c];
  }
  idf_put_varint(escapes, count);
  idf_put_bytes(escapes, list.data, list.len);
  escapes->bad |= list.bad;
  idf_buf_free(&list);
}

/* Reads one escape; *at is the place of the last one. False if it is malformed. */
static bool next_escape(idf_cur *escapes, size_t n, bool first, size_t *at, int32_t rgb[3])
{
  size_t gap = (size_t)idf_get_varint(escapes, n);
  for (int c = 0; c < 3; c++)
    rgb[c] = (int32_t)idf_get_u8(escapes);
  if (escapes->bad || gap >= n - *at || (!first && gap == 0)) {
    escapes->bad = true;
    return false;
  }
  *at += gap;
  return true;
}

static void skip_escapes(idf_cur *escapes, size_t n)
{
  uint64_t count = idf_get_varint(escapes, n);
  size_t at = 0;
  int32_t rgb[3];
  for (uint64_t e = 0; e < count && next_escape(escapes, n, e == 0, &at, rgb); e++)
    ;
}

static inline void convert_all(unsigned layer, int32_t *restrict a, int32_t *restrict b,
                               int32_t *restrict c, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    const int32_t ycc[3] = {a[i], b[i], c[i]};
    int32_t rgb[3];
    convert(layer, ycc, rgb);
    a[i] = rgb[0];
    b[i] = rgb[1];
    c[i] = rgb[2];
  }
}

/* Puts the escapes in their places; false if they are malformed. */
static bool apply_escapes(int32_t *const plane[3], size_t n, idf_cur *escapes)
{
  uint64_t count = idf_get_varint(escapes, n);
  size_t at = 0;
  int32_t rgb[3];
  for (uint64_t e = 0; e < count && next_escape(escapes, n, e == 0, &at, rgb); e++)
    for (int c = 0; c < 3; c++)
      plane[c][at] = rgb[c];
  return !escapes->bad;
}

static void byte_ranges(int32_t top, int32_t min[3], int32_t max[3])
{
  (void)top; /* always 255 */
  for (int p = 0; p < 3; p++) {
    min[p] = 0;
    max[p] = 255;
  }
}

static void jpeg_forward(int32_t *const plane[3], size_t n, idf_buf *side)
{
  planes_forward(IDF_COLOUR_JPEG, plane, n, side);
}

static bool jpeg_inverse(int32_t *const plane[3], size_t n, idf_cur *side)
{
  convert_all(IDF_COLOUR_JPEG, plane[0], plane[1], plane[2], n);
  return apply_escapes(plane, n, side);
}

static bool jpeg_likely(int32_t *const plane[3], size_t n)
{
  return lattice_likely(IDF_COLOUR_JPEG, plane, n);
}

const idf_colour_layer idf_jpeg_layer = {.name = "JPEG",
                                         .top = 255,
                                         .blocks = true,
                                         .ranges = byte_ranges,
                                         .forward = jpeg_forward,
                                         .inverse = jpeg_inverse,
                                         .skip = skip_escapes,
                                         .likely = jpeg_likely};

static void webp_forward(int32_t *const plane[3], size_t n, idf_buf *side)
{
  planes_forward(IDF_COLOUR_WEBP, plane, n, side);
}

static bool webp_inverse(int32_t *const plane[3], size_t n, idf_cur *side)
{
  convert_all(IDF_COLOUR_WEBP, plane[0], plane[1], plane[2], n);
  return apply_escapes(plane, n, side);
}

static bool webp_likely(int32_t *const plane[3], size_t n)
{
  return lattice_likely(IDF_COLOUR_WEBP, plane, n);
}

const idf_colour_layer idf_webp_layer = {.name = "WebP",
                                         .top = 255,
                                         .ranges = byte_ranges,
                                         .forward = webp_forward,
                                         .inverse = webp_inverse,
                                         .skip = skip_escapes,
                                         .likely = webp_likely};

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * lattice.c: YCbCr as libjpeg decodes it, and the way back.
 */
#include "lattice.h"

#define NEAR 2 /* how far from the rounded transform a preimage is sought */
#define FAR 6  /* and when a channel is at its end, where clamping hid some of it */

static int32_t byte(int32_t v)
{
  return idf_clamp(v, 0, 255);
}

/* What Cb and Cr add to each channel. */
static void chroma(int32_t cb, int32_t cr, int32_t add[3])
{
  add[0] = (91881 * (cr - 128) + 32768) >> 16;
  add[1] = (-22554 * (cb - 128) - 46802 * (cr - 128) + 32768) >> 16;
  add[2] = (116130 * (cb - 128) + 32768) >> 16;
}

void idf_lattice_inverse(const int32_t ycc[3], int32_t rgb[3])
{
  int32_t add[3];
  chroma(ycc[1], ycc[2], add);
  for (int c = 0; c < 3; c++)
    rgb[c] = byte(ycc[0] + add[c]);
}

/* A luma that gives rgb with this chroma, or -1. */
static int32_t find_luma(const int32_t rgb[3], int32_t cb, int32_t cr, int32_t guess)
{
  int32_t add[3], lo = 0, hi = 255;
  chroma(cb, cr, add);
  for (int c = 0; c < 3; c++) {
    if (rgb[c] > 0)
      lo = IDF_MAX(lo, rgb[c] - add[c]);
    if (rgb[c] < 255)
      hi = IDF_MIN(hi, rgb[c] - add[c]);
  }
  return lo > hi ? -1 : idf_clamp(guess, lo, hi);
}

bool idf_lattice_forward(const int32_t rgb[3], int32_t ycc[3])
{
  int32_t r = rgb[0], g = rgb[1], b = rgb[2];
  int32_t y = byte((19595 * r + 38470 * g + 7471 * b + 32768) >> 16);
  int32_t cb = byte((-11059 * r - 21709 * g + 32768 * b + (128 << 16) + 32767) >> 16);
  int32_t cr = byte((32768 * r - 27439 * g - 5329 * b + (128 << 16) + 32767) >> 16);
  bool ends = r == 0 || g == 0 || b == 0 || r == 255 || g == 255 || b == 255;
  int32_t radius = ends ? FAR : NEAR;
  /* Squares of growing radius around the rounded transform: the nearest wins. */
  for (int32_t d = 0; d <= radius; d++)
    for (int32_t j = -d; j <= d; j++)
      for (int32_t i = -d; i <= d; i += j == -d || j == d ? 1 : 2 * d) {
        int32_t u = cb + i, v = cr + j;
        if (u < 0 || u > 255 || v < 0 || v > 255)
          continue;
        int32_t luma = find_luma(rgb, u, v, y);
        if (luma >= 0) {
          ycc[0] = luma;
          ycc[1] = u;
          ycc[2] = v;
          return true;
        }
      }
  ycc[0] = y;
  ycc[1] = cb;
  ycc[2] = cr;
  return false;
}

bool idf_lattice_likely(int32_t *const plane[3], size_t n)
{
  size_t tried = 0, found = 0;
  for (size_t i = 0; i < n; i += 7, tried++) {
    const int32_t rgb[3] = { plane[0][i], plane[1][i], plane[2][i] };
    int32_t ycc[3];
    found += idf_lattice_forward(rgb, ycc);
  }
  /* A random colour has a preimage one time in four: 31/32 is evidence. */
  return tried >= 16 && found >= tried - tried / 32;
}

void idf_lattice_planes_forward(int32_t *const plane[3], size_t n, idf_buf *escapes)
{
  /* Two passes, because the count comes first. */
  size_t count = 0, last = 0;
  for (size_t i = 0; i < n; i++) {
    const int32_t rgb[3] = { plane[0][i], plane[1][i], plane[2][i] };
    int32_t ycc[3];
    count += !idf_lattice_forward(rgb, ycc);
  }
  idf_put_varint(escapes, count);
  for (size_t i = 0; i < n; i++) {
    const int32_t rgb[3] = { plane[0][i], plane[1][i], plane[2][i] };
    int32_t ycc[3];
    if (!idf_lattice_forward(rgb, ycc)) {
      idf_put_varint(escapes, i - last);
      last = i;
      for (int c = 0; c < 3; c++)
        idf_put_u8(escapes, (uint32_t)rgb[c]);
    }
    for (int c = 0; c < 3; c++)
      plane[c][i] = ycc[c];
  }
}

/* Reads one escape; at is where the last one was. False at a malformed one. */
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

void idf_lattice_skip(idf_cur *escapes, size_t n)
{
  uint64_t count = idf_get_varint(escapes, n);
  size_t at = 0;
  int32_t rgb[3];
  for (uint64_t e = 0; e < count && next_escape(escapes, n, e == 0, &at, rgb); e++)
    ;
}

bool idf_lattice_planes_inverse(int32_t *const plane[3], size_t n, idf_cur *escapes)
{
  for (size_t i = 0; i < n; i++) {
    const int32_t ycc[3] = { plane[0][i], plane[1][i], plane[2][i] };
    int32_t rgb[3];
    idf_lattice_inverse(ycc, rgb);
    for (int c = 0; c < 3; c++)
      plane[c][i] = rgb[c];
  }
  uint64_t count = idf_get_varint(escapes, n);
  size_t at = 0;
  int32_t rgb[3];
  for (uint64_t e = 0; e < count && next_escape(escapes, n, e == 0, &at, rgb); e++)
    for (int c = 0; c < 3; c++)
      plane[c][at] = rgb[c];
  return !escapes->bad;
}

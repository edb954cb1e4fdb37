/* SPDX-License-Identifier: BSD-3-Clause
 *
 * field.h: the recent past of a plane that is being coded, with its borders.
 *
 * READ the clock in flow.h first. A strip has S columns, 8 to 64 (idf_strip_of). At time t the walk
 * is at column t mod S of every strip; in strip a it is at row t / S - a. One strip is one lane. So
 * a field is a ring of the last 256 times. Each time is a row of cells, one cell per strip. The
 * neighbour (dx, dy) of all lanes lies S dy - dx times back: side by side in the same lanes or,
 * where dx leaves the strip, one lane further. So kernels load whole rows of neighbours and never
 * gather.
 *
 * Borders give every sample all its causal neighbours, so no kernel tests for edges: there are 3
 * rows above and 4 columns on each side. Their contents are part of the format:
 * idf(5), "PLANES AND BORDERS".
 */
#ifndef IDF_FLOW_FIELD_H
#define IDF_FLOW_FIELD_H

#include "blocks.h"
#include "fixed.h"
#include "mem.h"
#include "window.h"

#define IDF_FIELD_TOP 3
#define IDF_FIELD_SIDE 4

#define IDF_STRIP 64 /* columns at most */
#define IDF_RING 256 /* times: four rows of the widest strip */

/* Each row of cells starts with a block, whose last cell is the strip left of the first. The strip
 * right of the last follows the strips. */
typedef struct idf_field {
  int32_t width;
  int32_t strip; /* columns of a strip */
  int32_t strips;
  ptrdiff_t pitch; /* distance from the cells of one time to those of the next */
  int32_t mid;
  /* One of these two is used: samples in 32 bits, or, where 16 bits hold them all, in 16. */
  int32_t *sample;
  int16_t *low;
  int16_t *error; /* |sample - least-squares prediction|, units in Q4, <= 8191 */
  int16_t *code;  /* 9 log2(1 + error), <= 117 */
  int16_t *sign;  /* idf_compress of the signed error, units in Q2 */
} idf_field;

/* A cell that no sample has filled holds the middle of the plane's range, and these errors. */
#define IDF_FIELD_ERROR 64 /* 4 units */
#define IDF_FIELD_CODE 54  /* 9 log2(65) */

/* Columns of a strip in a plane of this width, 1 .. 4096. It is a multiple of 8, chosen so that the
 * plane has about a block of lanes; so narrow planes fill kernels, too. */
int32_t idf_strip_of(uint32_t width);
/* low: all samples fit 16 bits. Width 1 .. 4096. */
idf_status idf_field_init(idf_field *field, idf_mem *mem, uint32_t width, int32_t min, int32_t max,
                          bool low);
void idf_field_free(idf_field *field, idf_mem *mem); /* a zeroed field is allowed */

/* The index of strip `strip` at time t, which the ring must still hold; -1 <= strip <= strips. */
static inline ptrdiff_t idf_field_at(const idf_field *field, int32_t t, int32_t strip)
{
  return (ptrdiff_t)((uint32_t)t % IDF_RING) * field->pitch + IDF_BLOCK + strip;
}

/* The index of (x, y), -4 <= x < width + 4, y >= -3. */
static inline ptrdiff_t idf_field_cell(const idf_field *field, int32_t x, int32_t y)
{
  return idf_field_at(field, x + field->strip * y, (x + field->strip) / field->strip - 1);
}

/* The border rules. Call these when row y starts, when the sample at x of row 0 is known, when the
 * first segment of row y is complete, and at time t, after its samples are there. */
void idf_field_row_start(idf_field *field, int32_t y);
void idf_field_first_row(idf_field *field, int32_t x);
void idf_field_left_known(idf_field *field, int32_t y);
void idf_field_right(idf_field *field, int32_t t);

/* The indices of the window's cells for strip 0 at time t; strip k's are k further. Unless t is a
 * multiple of the strip, `near` must hold the indices of time t - 1. */
void idf_field_near(const idf_field *field, int32_t t, ptrdiff_t near[IDF_WINDOW]);

/* (W + N + NE + NW + 2) >> 2 at a sample of a plane: the origin of its regressors. */
static inline int32_t idf_mean4(const int32_t *s, ptrdiff_t stride)
{
  return (s[-1] + s[-stride] + s[1 - stride] + s[-1 - stride] + 2) >> 2;
}

/* The median edge detector of LOCO-I: W + N - NW, clamped to the range of W and N. */
static inline int32_t idf_med(int32_t w, int32_t n, int32_t nw)
{
  int32_t lo = IDF_MIN(w, n), hi = IDF_MAX(w, n);
  return idf_clamp(w + n - nw, lo, hi);
}

#endif

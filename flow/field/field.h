/* SPDX-License-Identifier: BSD-3-Clause
 *
 * field.h: what is remembered of a plane being coded, with its borders.
 *
 * READ flow.h's clock first. A strip is S columns, 8 to 64 (idf_strip_of). At time t the walk
 * is at column t mod S of every strip, in strip a at row t / S - a: one strip, one lane. So a
 * field is a ring of the last 256 times, each a row of cells, one for each strip, and the
 * neighbour (dx, dy) of all lanes lies S dy - dx times back: side by side in the same lanes or,
 * where dx leaves the strip, one lane further. Kernels load whole rows of neighbours and never
 * gather.
 *
 * Borders make every causal neighbour of every sample exist, so no kernel tests
 * for edges: 3 rows above, 4 columns on each side. Their contents are part of the
 * format (idf(5), "Borders").
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

/* Rows of cells start with a block, the last cell of which is the strip left of the first; the
 * strip right of the last is in what follows them. */
typedef struct idf_field {
  int32_t width;
  int32_t strip; /* columns of one */
  int32_t strips;
  ptrdiff_t pitch; /* from a time's cells to the next's */
  int32_t mid;
  /* One of the two: samples, or their low 16 bits where these are all of them. */
  int32_t *sample;
  int16_t *low;
  int16_t *error; /* |sample - least-squares prediction|, units in Q4, <= 8191 */
  int16_t *code;  /* 9 log2(1 + error), <= 117 */
  int16_t *sign;  /* idf_compress of the signed error, units in Q2 */
} idf_field;

/* What cells hold that no sample filled: the plane's middle, and these errors. */
#define IDF_FIELD_ERROR 64 /* 4 units */
#define IDF_FIELD_CODE 54  /* 9 log2(65) */

/* The columns of a strip in a plane of that width: a multiple of 8 that makes a block of lanes
 * of it, so that narrow planes fill kernels, too. Width 1 .. 4096. */
int32_t idf_strip_of(uint32_t width);
/* low: whether all samples fit 16 bits. Width 1 .. 4096. */
idf_status idf_field_init(idf_field *field, idf_mem *mem, uint32_t width, int32_t min, int32_t max,
                          bool low);
void idf_field_free(idf_field *field, idf_mem *mem); /* also of a zeroed field */

/* Index of strip `strip` at time t, as long as the ring remembers it; -1 <= strip <= strips. */
static inline ptrdiff_t idf_field_at(const idf_field *field, int32_t t, int32_t strip)
{
  return (ptrdiff_t)((uint32_t)t % IDF_RING) * field->pitch + IDF_BLOCK + strip;
}

/* Index of (x, y), -4 <= x < width + 4, y >= -3. */
static inline ptrdiff_t idf_field_cell(const idf_field *field, int32_t x, int32_t y)
{
  return idf_field_at(field, x + field->strip * y, (x + field->strip) / field->strip - 1);
}

/* Border rules: when row y starts, when the sample at x of row 0 is known, when the first
 * segment of row y is done, and at time t, after its samples are there. */
void idf_field_row_start(idf_field *field, int32_t y);
void idf_field_first_row(idf_field *field, int32_t x);
void idf_field_left_known(idf_field *field, int32_t y);
void idf_field_right(idf_field *field, int32_t t);

/* Indices of the window's cells around strip 0 at time t; strip k's are k further. Unless t is
 * a multiple of the strip, near must hold those of time t - 1. */
void idf_field_near(const idf_field *field, int32_t t, ptrdiff_t near[IDF_WINDOW]);

/* (W + N + NE + NW + 2) >> 2 of a sample in a plane: the origin of its regressors. */
static inline int32_t idf_mean4(const int32_t *s, ptrdiff_t stride)
{
  return (s[-1] + s[-stride] + s[1 - stride] + s[-1 - stride] + 2) >> 2;
}

/* Median edge detector (LOCO-I): W + N - NW, kept between W and N. */
static inline int32_t idf_med(int32_t w, int32_t n, int32_t nw)
{
  int32_t lo = IDF_MIN(w, n), hi = IDF_MAX(w, n);
  return idf_clamp(w + n - nw, lo, hi);
}

#endif

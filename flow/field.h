/* SPDX-License-Identifier: BSD-3-Clause
 *
 * field.h: a plane being coded, with what coding it left behind, and its borders.
 *
 * Borders make every causal neighbour of every sample exist, so no kernel tests
 * for edges: 3 rows above, 4 columns on each side. Their contents are part of the
 * format (idf(5), "Borders").
 */
#ifndef IDF_FLOW_FIELD_H
#define IDF_FLOW_FIELD_H

#include "fixed.h"
#include "mem.h"

#define IDF_FIELD_TOP 3
#define IDF_FIELD_SIDE 4
#define IDF_TAPS 22       /* causal neighbours within squared distance 13: the network's */
#define IDF_TAPS_OWN 18   /* within 10: regressors in the own plane */
#define IDF_TAPS_CROSS 11 /* within 5, and the pixel itself: regressors in an earlier plane */
#define IDF_TAPS_ERROR 10 /* within 5: whose errors the network sees */

/* (dx, dy), dy rows above; row by row from the pixel's own upwards, so that each row's are
 * side by side and a kernel moves them as one. */
extern const int8_t idf_taps[IDF_TAPS][2];
extern const int8_t idf_taps_own[IDF_TAPS_OWN][2];
extern const int8_t idf_taps_cross[IDF_TAPS_CROSS][2];

/* All taps lie in a window of 4 rows of 8 columns, from column x - 4 on; its cell of (dx, dy). */
#define IDF_WINDOW 32
#define IDF_WINDOW_AT(dx, dy) (8 * (dy) + (dx) + 4)

typedef struct idf_field {
  uint32_t width, height;
  ptrdiff_t stride;
  int32_t min, max, mid;
  int32_t *sample;     /* at (0, 0) of a bordered array; likewise below */
  int16_t *low;        /* sample's low 16 bits: all of it in planes of 8-bit pictures */
  uint16_t *error;     /* |sample - least-squares prediction|, units in Q4, <= 8191 */
  uint8_t *error_code; /* 9 log2(1 + error), <= 117 */
  int8_t *error_sign;  /* idf_compress of the signed error, units in Q2 */
  void *memory[5];
} idf_field;

idf_status idf_field_init(idf_field *field, idf_mem *mem, uint32_t width, uint32_t height,
                          int32_t min, int32_t max);
void idf_field_free(idf_field *field, idf_mem *mem);

/* Border rules, called by the wavefront when row y starts, when the sample at x of row 0 is
 * known, when the first segment of row y is done, and when row y ends. */
void idf_field_row_start(idf_field *field, uint32_t y);
void idf_field_first_row(idf_field *field, uint32_t x);
void idf_field_left_known(idf_field *field, uint32_t y);
void idf_field_row_end(idf_field *field, uint32_t y);

/* Index of (x, y) from the pointers above. */
static inline ptrdiff_t idf_field_at(const idf_field *field, uint32_t x, uint32_t y)
{
  return (ptrdiff_t)y * field->stride + (ptrdiff_t)x;
}

/* (W + N + NE + NW + 2) >> 2 at s of a plane: the origin of a sample's regressors. */
static inline int32_t idf_mean4(const int32_t *s, ptrdiff_t stride)
{
  const int32_t *n = s - stride;
  return (s[-1] + n[0] + n[1] + n[-1] + 2) >> 2;
}

/* The same at index i. */
static inline int32_t idf_field_mean(const idf_field *field, ptrdiff_t i)
{
  return idf_mean4(field->sample + i, field->stride);
}

/* Median edge detector (LOCO-I): W + N - NW, kept between W and N. */
static inline int32_t idf_med(int32_t w, int32_t n, int32_t nw)
{
  int32_t lo = IDF_MIN(w, n), hi = IDF_MAX(w, n);
  return idf_clamp(w + n - nw, lo, hi);
}

#endif

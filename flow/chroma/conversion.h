/* SPDX-License-Identifier: BSD-3-Clause
 *
 * conversion.h: how programs make R, G, B of Y, U, V, to the last bit.
 *
 * All of them compute floor((luma(Y) + u(U) + v(V)) / divide) for each of R, G, B, clamped to
 * [0, 255]. The functions are products, rounded down. So a program is a row of numbers.
 */
#ifndef IDF_FLOW_CONVERSION_H
#define IDF_FLOW_CONVERSION_H

#include "base.h"
#include "fixed.h"

/* times floor(factor (code - centre) / divide) + plus. All sums stay within 2^30. */
typedef struct idf_term {
  int32_t times, factor, divide, plus;
} idf_term;

typedef struct idf_conversion {
  const char *name;  /* shown to users: the program, and its matrix if there are several */
  int32_t centre[3]; /* of Y, U, V */
  idf_term luma, u[3], v[3];
  int32_t divide;
} idf_conversion;

/* Their indices are numbers of the format. */
enum {
  IDF_CONVERSION_FFMPEG = 0, /* four: BT.601 and BT.709, then these of full range */
  IDF_CONVERSION_LIBYUV = 4, /* four: BT.601 and BT.709 of full range, then of video range */
  IDF_CONVERSION_LIBWEBP = 8,
  IDF_CONVERSION_LIBHEIF = 9,
  IDF_CONVERSION_PHOTOCD = 10,
  IDF_CONVERSIONS
};
extern const idf_conversion idf_conversions[IDF_CONVERSIONS];

/* The functions of a conversion, for every code. */
typedef struct idf_matrix {
  int32_t luma[256], u[3][256], v[3][256];
  int32_t divide;
} idf_matrix;

void idf_matrix_init(idf_matrix *m, unsigned conversion);

/* One of R, G, B; y, u, v are codes in [0, 255]. */
static inline int32_t idf_matrix_sample(const idf_matrix *m, unsigned c, int32_t y, int32_t u,
                                        int32_t v)
{
  const int32_t sum = m->luma[y] + m->u[c][u] + m->v[c][v];
  return sum < 0 ? 0 : IDF_MIN(sum / m->divide, 255);
}

#endif

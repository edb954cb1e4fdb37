/* SPDX-License-Identifier: BSD-3-Clause
 *
 * preimage.c: see preimage.h.
 */
#include "preimage.h"

#define NEAR 2 /* search radius around the rounded inverse: the sums are off by less than 2 */
#define FAR 6  /* the same for clipped pixels */
#define SLOPE_BITS 12

/* The slope of a function, Q12 samples for a code. */
static int64_t slope_of(const int32_t of[256], int32_t divide)
{
  return (int64_t)(of[255] - of[0]) * (1 << SLOPE_BITS) / (255 * (int64_t)divide);
}

void idf_preimage_init(idf_preimage *p, unsigned conversion)
{
  const idf_matrix *m = &p->matrix;
  int64_t a[3][3]; /* by channel, then Y, U, V */

  idf_matrix_init(&p->matrix, conversion);
  for (unsigned c = 0; c < 3; c++) {
    a[c][0] = slope_of(m->luma, m->divide);
    a[c][1] = slope_of(m->u[c], m->divide);
    a[c][2] = slope_of(m->v[c], m->divide);
    /* A rounded-down sample stands for the middle of its step. */
    p->middle[c] =
        (int32_t)((int64_t)(m->luma[128] + m->u[c][128] + m->v[c][128]) * 256 / m->divide) - 128;
  }
  /* Cramer's rule: cofactors have Q24, below 2^27; the determinant has Q36. */
  int64_t cofactor[3][3], det = 0;
  for (unsigned k = 0; k < 3; k++)
    for (unsigned c = 0; c < 3; c++) {
      const unsigned c1 = (c + 1) % 3, c2 = (c + 2) % 3, k1 = (k + 1) % 3, k2 = (k + 2) % 3;
      cofactor[k][c] = a[c1][k1] * a[c2][k2] - a[c1][k2] * a[c2][k1];
    }
  for (unsigned c = 0; c < 3; c++)
    det += a[c][0] * cofactor[0][c];
  for (unsigned k = 0; k < 2; k++)
    for (unsigned c = 0; c < 3; c++)
      p->inverse[k][c] = (int32_t)(cofactor[k + 1][c] * (1 << 28) / det);
  p->per_code = (int32_t)((int64_t)255 * (1 << 24) / (m->luma[255] - m->luma[0]));
}

/* The range of luma for one channel, cut from *lo to *hi. */
static void bound(const idf_matrix *m, unsigned c, int32_t sample, int32_t u, int32_t v,
                  int32_t *lo, int32_t *hi)
{
  const int32_t add = m->u[c][u] + m->v[c][v];
  if (sample > 0)
    *lo = IDF_MAX(*lo, m->divide * sample - add);
  if (sample < 255)
    *hi = IDF_MIN(*hi, m->divide * (sample + 1) - 1 - add);
}

/* The lowest code with a luma of at least `luma`, which is not above that of code 255. */
static int32_t code_from(const idf_preimage *p, int32_t luma)
{
  const int32_t *of = p->matrix.luma;
  int32_t code = idf_clamp((int32_t)(((int64_t)luma - of[0]) * p->per_code >> 24), 0, 255);
  while (code > 0 && of[code - 1] >= luma)
    code--;
  while (code < 255 && of[code] < luma)
    code++;
  return code;
}

bool idf_preimage_luma(const idf_preimage *p, const int32_t rgb[3], int32_t u, int32_t v,
                       int32_t range[2])
{
  const int32_t *of = p->matrix.luma;
  int32_t lo = of[0], hi = of[255];
  for (unsigned c = 0; c < 3; c++)
    bound(&p->matrix, c, rgb[c], u, v, &lo, &hi);
  if (lo > hi)
    return false;
  const int32_t first = code_from(p, lo);
  int32_t last = first;
  if (of[first] > hi)
    return false;
  while (last < 255 && of[last + 1] <= hi)
    last++;
  range[0] = first;
  range[1] = last;
  return true;
}

int32_t idf_preimage_nearest_luma(const idf_preimage *p, const int32_t rgb[3], int32_t u, int32_t v)
{
  const int32_t *of = p->matrix.luma;
  int32_t lo = of[0], hi = of[255];
  bound(&p->matrix, 1, rgb[1], u, v, &lo, &hi);
  return code_from(p, idf_clamp(lo, of[0], of[255]));
}

bool idf_preimage_chroma(const idf_preimage *p, const int32_t rgb[3], int32_t uv[2])
{
  const int32_t radius = idf_clipped(rgb) ? FAR : NEAR;
  int32_t range[2];
  for (unsigned k = 0; k < 2; k++) {
    int64_t sum = (1 << 23) + ((int64_t)128 << 24);
    for (unsigned c = 0; c < 3; c++)
      sum += (int64_t)p->inverse[k][c] * (256 * rgb[c] - p->middle[c]);
    uv[k] = idf_clamp((int32_t)(sum >> 24), 0, 255);
  }
  const int32_t u0 = uv[0], v0 = uv[1];
  /* Squares of growing radius: the nearest preimage wins. */
  for (int32_t d = 0; d <= radius; d++)
    for (int32_t j = -d; j <= d; j++)
      for (int32_t i = -d; i <= d; i += j == -d || j == d ? 1 : 2 * d) {
        const int32_t u = u0 + i, v = v0 + j;
        if (u < 0 || u > 255 || v < 0 || v > 255 || !idf_preimage_luma(p, rgb, u, v, range))
          continue;
        uv[0] = u;
        uv[1] = v;
        return true;
      }
  return false;
}

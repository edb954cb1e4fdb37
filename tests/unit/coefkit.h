/* SPDX-License-Identifier: BSD-3-Clause
 *
 * coefkit.h: coefficients as pictures have them, for the tests of flow/coefs.
 */
#ifndef IDF_TESTS_COEFKIT_H
#define IDF_TESTS_COEFKIT_H

#include <string.h>

#include "coefs.h"
#include "crc32c.h"
#include "unit.h"

/* Planes of a picture of mcus_across x mcu_rows MCUs; sampling factors of plane p are h[p], v[p].
 * Coefficients are owned: idf_coefkit_free. */
static inline idf_coefs idf_coefkit_new(idf_mem *mem, unsigned planes, const unsigned *h,
                                        const unsigned *v, uint32_t mcus_across, uint32_t mcu_rows)
{
  idf_coefs c = {.planes = planes, .mcu_rows = mcu_rows};
  for (unsigned p = 0; p < planes; p++) {
    idf_coefs_plane *plane = &c.plane[p];
    *plane = (idf_coefs_plane){
        .across = mcus_across * h[p], .down = mcu_rows * v[p], .h = h[p], .v = v[p]};
    c.v_most = IDF_MAX(c.v_most, v[p]);
    for (unsigned i = 0; i < 64; i++)
      plane->step[i] = (uint16_t)(3 + (i >> 3) + (i & 7));
    plane->coef = idf_alloc(mem, (size_t)plane->across * plane->down, 64 * sizeof(int16_t));
    CU_ASSERT_PTR_NOT_NULL_FATAL(plane->coef);
  }
  return c;
}

static inline void idf_coefkit_free(idf_mem *mem, idf_coefs *c)
{
  for (unsigned p = 0; p < c->planes; p++)
    idf_free(mem, c->plane[p].coef);
}

/* Few and small at high frequencies, DC that wanders. */
static inline void idf_coefkit_fill(idf_coefs *c, idf_unit_random *r)
{
  for (unsigned p = 0; p < c->planes; p++) {
    const size_t blocks = (size_t)c->plane[p].across * c->plane[p].down;
    int dc = 0;
    for (size_t b = 0; b < blocks; b++) {
      int16_t *coef = c->plane[p].coef + 64 * b;
      dc += (int)idf_unit_below(r, 31) - 15;
      coef[0] = (int16_t)dc;
      for (unsigned i = 1; i < 64; i++) {
        const uint32_t rare = 2 + (i >> 3) * (i >> 3) + (i & 7) * (i & 7);
        const int most = (int)(200 / rare + 1);
        if (idf_unit_below(r, rare) == 0)
          coef[i] = (int16_t)((int)idf_unit_below(r, (uint32_t)(2 * most + 1)) - most);
      }
    }
  }
}

static inline bool idf_coefkit_same(const idf_coefs *a, const idf_coefs *b)
{
  bool same = true;
  for (unsigned p = 0; p < a->planes; p++)
    same = same
           && memcmp(a->plane[p].coef, b->plane[p].coef,
                     (size_t)a->plane[p].across * a->plane[p].down * 64 * sizeof(int16_t))
                  == 0;
  return same;
}

/* Length and checksum of the stream of one band, always of the same coefficients. */
typedef struct idf_coefkit_sum {
  size_t len;
  uint32_t crc;
} idf_coefkit_sum;

static inline idf_coefkit_sum idf_coefkit_stream(unsigned shape)
{
  static const unsigned h[] = {2, 1, 1}, v[] = {2, 1, 1};
  idf_mem mem;
  idf_buf out;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&out, &mem);
  idf_coefs c = idf_coefkit_new(&mem, 3, h, v, 9, 11);
  idf_unit_random r = idf_unit_random_of(31);
  idf_coefkit_fill(&c, &r);
  CU_ASSERT_EQUAL(idf_coefs_encode(&mem, &c, shape, 0, &out, NULL), IDF_OK);
  const idf_coefkit_sum sum = {out.len, idf_crc32c(IDF_SIMD_AUTO, 0, out.data, out.len)};
  idf_buf_free(&out);
  idf_coefkit_free(&mem, &c);
  CU_ASSERT_EQUAL(mem.used, 0);
  return sum;
}

#endif

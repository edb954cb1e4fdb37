/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fixed.c: integer logarithm.
 */
#include "fixed.h"

#include "tables.h"

uint32_t idf_log2_q8(uint32_t v)
{
  unsigned top = idf_top_bit(v);
  uint32_t mantissa = top >= 6 ? v >> (top - 6) : v << (6 - top);
  return (top << 8) + (uint32_t)idf_log2_table[mantissa & 63];
}

static int16_t clamp16(int16_t v, int16_t k)
{
  int16_t a = v < (int16_t)-k ? (int16_t)-k : v;
  return a > k ? k : a;
}

void idf_compress_row(const int16_t *d, int16_t *out, int n)
{
  for (int i = 0; i < n; i++) {
    int16_t v = clamp16(d[i], 512);
    int16_t a = clamp16(v, 128), b = clamp16(v, 32), c = clamp16(v, 8), e = clamp16(v, 2);
    out[i] = (int16_t)((int16_t)(v + 3 * a + 11 * b + 36 * c + 100 * e + 8) >> 4);
  }
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fixed.c: integer logarithm.
 */
#include "fixed.h"

#include "fixed_loops.h"
#include "tables.h"

uint32_t idf_log2_q8(uint32_t v)
{
  unsigned top = idf_top_bit(v);
  uint32_t mantissa = top >= 6 ? v >> (top - 6) : v << (6 - top);
  return (top << 8) + (uint32_t)idf_log2_table[mantissa & 63];
}

void idf_compress_row(const int16_t *d, int16_t *out, int n)
{
  idf_loop_compress(d, out, n);
}

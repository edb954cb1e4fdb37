/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fixed.c: the integer logarithm.
 * idf(5), "NOTATION".
 */
#include "fixed.h"

#include "tables.h"

uint32_t idf_log2_q8(uint32_t v)
{
  unsigned top = idf_top_bit(v);
  uint32_t mantissa = top >= 6 ? v >> (top - 6) : v << (6 - top);
  return (top << 8) + (uint32_t)idf_log2_table[mantissa & 63];
}

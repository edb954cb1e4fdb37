/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fixed.h: all fixed-point formats (Q-formats) and rounding rules of the flow.
 *
 * Qn is a fixed-point number with n fractional bits. A "unit" is the step in which the network sees
 * a plane: 2^unit_shift sample values, which is one sample value for pictures of 8 bits. >> of a
 * negative number is arithmetic (it rounds down). Every supported compiler guarantees this, and
 * test_fixed.c checks it.
 * idf(5), "NOTATION".
 */
#ifndef IDF_FLOW_FIXED_H
#define IDF_FLOW_FIXED_H

#include "base.h"

#define IDF_Q_MU 6      /* predictions and locations, in sample values */
#define IDF_Q_ERROR 4   /* absolute errors and error levels, in units */
#define IDF_Q_COEF 12   /* least-squares coefficients, int16 */
#define IDF_Q_WEIGHT 10 /* network weights, int16 */
#define IDF_Q_ACT 5     /* network activations */
#define IDF_ACT_MAX 127

/* Scale of the logistic: index k stands for 2^((k - IDF_SCALE_ONE) / 8) sample values. */
#define IDF_SCALE_ONE 40
#define IDF_SCALES 168

/* v above INT32_MIN. */
static inline int32_t idf_abs(int32_t v)
{
  return v < 0 ? -v : v;
}

static inline int32_t idf_clamp(int32_t v, int32_t lo, int32_t hi)
{
  return v < lo ? lo : v > hi ? hi : v;
}

/* The integer nearest to v / 2^q; halves round up. |v| <= 2^31 - 2^(q-1) - 1, 1 <= q <= 30. */
static inline int32_t idf_round_q(int32_t v, unsigned q)
{
  return (v + ((int32_t)1 << (q - 1))) >> q;
}

/* Position of the lowest set bit, v >= 1. */
static inline unsigned idf_low_zeros(uint64_t v)
{
#if defined(__GNUC__)
  return (unsigned)__builtin_ctzll(v);
#else
  unsigned n = 0;
  for (; (v & 1) == 0; v >>= 1)
    n++;
  return n;
#endif
}

/* Position of the highest set bit, v >= 1. */
static inline unsigned idf_top_bit(uint32_t v)
{
#if defined(__GNUC__)
  return 31u - (unsigned)__builtin_clz(v);
#else
  unsigned n = 0;
  for (unsigned s = 16; s != 0; s >>= 1)
    if (v >> s) {
      v >>= s;
      n += s;
    }
  return n;
#endif
}

/* log2(v) in Q8, v >= 1: v is cut to a mantissa of six bits; the table is rounded to nearest. */
uint32_t idf_log2_q8(uint32_t v);

/* An odd, concave, piecewise linear approximation of 12 log2(1 + |d|) with knots at 2, 8, 32, 128
 * and 512. It needs five clamps and no table, which suits SIMD. The result is in [-108, 109]. */
static inline int32_t idf_compress(int32_t d)
{
  int32_t s = idf_clamp(d, -512, 512) + 3 * idf_clamp(d, -128, 128) + 11 * idf_clamp(d, -32, 32)
              + 36 * idf_clamp(d, -8, 8) + 100 * idf_clamp(d, -2, 2);
  return (s + 8) >> 4;
}

#endif

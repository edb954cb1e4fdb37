/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tables.h: constant integer tables of the flow, written by flow/train/tables.py.
 * idf(5), "TABLES".
 */
#ifndef IDF_FLOW_TABLES_H
#define IDF_FLOW_TABLES_H

#include "fixed.h"

/* Entries have 32 bits whatever their values need. What is used together shares an entry, so that
 * each look-up is one gather. */

#define IDF_LOGISTIC_STEPS 16 /* knots per unit of the argument */
#define IDF_LOGISTIC_REACH 16 /* the argument is clamped to +-16 */
#define IDF_LOGISTIC_KNOTS (2 * IDF_LOGISTIC_STEPS * IDF_LOGISTIC_REACH + 1)

/* round(256 log2(1 + i/64)) */
extern const int32_t idf_log2_table[64];
/* Low 17 bits: round(65536 / (1 + exp(-a))) at a = (i - 256) / 16. From bit 17 on: the step to the
 * next entry; 0 in the last one. */
extern const int32_t idf_logistic_table[IDF_LOGISTIC_KNOTS];
/* round(1024 ln(p / (1 - p))) at p = (i + 1/2) / 512. A decoder starts its search there; the table
 * is not part of the format. */
extern const int32_t idf_logit_table[512];
/* 16 / s = mantissa / 2^shift for the scale s of index k, with the mantissa in [2^14, 2^15]. An
 * entry is mantissa + (shift << 16). */
extern const int32_t idf_scale_inverse[IDF_SCALES];
/* max(3, ceil(11 s) + 1): latents up to this distance from the centre have an interval of their
 * own. */
extern const int32_t idf_scale_reach[IDF_SCALES];
/* round(2^10 s) */
#define IDF_SCALE_VALUE_Q 10
extern const int32_t idf_scale_value[IDF_SCALES];

/* The logistic function of a (Q10, |a| <= 16), in [0, 65536], linear between knots. */
static inline int32_t idf_logistic(int32_t a)
{
  const int32_t at = a + (IDF_LOGISTIC_REACH << 10), entry = idf_logistic_table[at >> 6];
  return (entry & 0x1ffff) + (((entry >> 17) * (at & 63)) >> 6);
}

static inline int32_t idf_scale_mantissa(int32_t k)
{
  return idf_scale_inverse[k] & 0xffff;
}

static inline int32_t idf_scale_shift(int32_t k)
{
  return idf_scale_inverse[k] >> 16;
}

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fixed_loops.h: loops that compilers turn into SIMD by themselves: plain C, compiled once
 * for each level of kernels.h. Included by kernels only.
 */
#ifndef IDF_FLOW_FIXED_LOOPS_H
#define IDF_FLOW_FIXED_LOOPS_H

#include "leastsq.h"

static inline int16_t idf_loop_clamp(int16_t v, int16_t k)
{
  int16_t a = v < (int16_t)-k ? (int16_t)-k : v;
  return a > k ? k : a;
}

/* idf_compress in 16-bit steps. */
static inline void idf_loop_compress(const int16_t *d, int16_t *out, int n)
{
  for (int i = 0; i < n; i++) {
    int16_t v = idf_loop_clamp(d[i], 512), a = idf_loop_clamp(v, 128);
    int16_t b = idf_loop_clamp(v, 32), c = idf_loop_clamp(v, 8), e = idf_loop_clamp(v, 2);
    out[i] = (int16_t)((int16_t)(v + 3 * a + 11 * b + 36 * c + 100 * e + 8) >> 4);
  }
}

static inline void idf_loop_batch(int16_t *restrict out, const int32_t *restrict value,
                                  const int32_t *restrict mean, unsigned unit)
{
  for (int k = 0; k < IDF_SEGMENT; k++)
    out[k] = (int16_t)idf_clamp((value[k] - mean[k]) >> unit, -IDF_LS_CLAMP, IDF_LS_CLAMP);
}

#endif

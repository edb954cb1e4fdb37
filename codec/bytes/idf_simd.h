/* SPDX-License-Identifier: BSD-3-Clause
 *
 * idf_simd.h: the levels of SIMD. It is installed, and idf.h includes it.
 *
 * A level changes the speed, never a result.
 */
#ifndef IDF_SIMD_H
#define IDF_SIMD_H

/* The instruction sets for the time-critical loops. */
typedef enum idf_simd {
  IDF_SIMD_AUTO = 0, /* the best that this build and this machine have */
  IDF_SIMD_NONE,     /* plain C: always available */
  IDF_SIMD_128,      /* SSE4.1 or NEON */
  IDF_SIMD_AVX2,
  IDF_SIMD_AVX512 /* with VNNI */
} idf_simd;

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fpenv.h: the floating-point environment in which the codec computes.
 *
 * The least-squares solve is exact only if each operation rounds to nearest and keeps subnormal
 * numbers. The caller may have set something else. So code that works on a tile enters this
 * environment before and leaves it after. Each takes some hundred nanoseconds at most.
 */
#ifndef IDF_CODEC_FPENV_H
#define IDF_CODEC_FPENV_H

#include <fenv.h>
#include <stdint.h>

/* The environment from before. */
typedef struct idf_fpenv {
  fenv_t all;
  uint64_t control; /* the SSE or AArch64 register with the flush-to-zero mode */
} idf_fpenv;

/* Sets rounding to nearest, subnormals kept and no traps, in this thread. */
void idf_fpenv_enter(idf_fpenv *before);

/* Restores modes, traps and flags. The compiler must not move arithmetic across either call, so
 * what lies between them is called through a pointer. */
void idf_fpenv_leave(const idf_fpenv *before);

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fpenv.h: the floating-point environment that the codec computes in.
 *
 * A solution of least squares is exact only when each operation rounds to nearest and keeps
 * subnormal numbers. The caller may have set something else, so whoever works on a tile
 * enters this environment before and leaves it after. Neither costs more than some hundred
 * nanoseconds.
 */
#ifndef IDF_CODEC_FPENV_H
#define IDF_CODEC_FPENV_H

#include <fenv.h>
#include <stdint.h>

/* What was set before. */
typedef struct idf_fpenv {
  fenv_t all;
  uint64_t control; /* of SSE or AArch64, where flushing to zero is set */
} idf_fpenv;

/* Rounds to nearest, keeps subnormals, traps nothing, in this thread. */
void idf_fpenv_enter(idf_fpenv *before);

/* Gives back modes, traps and flags as they were. The compiler must not move arithmetic across
 * either call: what lies between is behind a call by pointer. */
void idf_fpenv_leave(const idf_fpenv *before);

#endif

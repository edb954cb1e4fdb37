/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base.h: what every file includes: status, fixed-width integers, checked sizes.
 */
#ifndef IDF_CODEC_BASE_H
#define IDF_CODEC_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "idf_status.h"

/* configure sees to this; other builds hear of it here. 16: as 0, but for half precision. */
#if defined(__FAST_MATH__)
#error "files depend on exact arithmetic: build without fast math, and so without -Ofast"
#endif
#if defined(__FLT_EVAL_METHOD__) && __FLT_EVAL_METHOD__ != 0 && __FLT_EVAL_METHOD__ != 16
#error "files depend on exact arithmetic: build with -fexcess-precision=fast, on x86 with SSE2"
#endif

#define IDF_MIN(a, b) ((a) < (b) ? (a) : (b))
#define IDF_MAX(a, b) ((a) > (b) ? (a) : (b))

/* For what is read at random from a table larger than the nearest caches. */
#if defined(__GNUC__)
#define IDF_PREFETCH(at) __builtin_prefetch(at, 1)
#else
#define IDF_PREFETCH(at) ((void)(at))
#endif

/* *out = a * b; false, and *out untouched, when the product does not fit. */
static inline bool idf_size_mul(size_t a, size_t b, size_t *out)
{
  if (b != 0 && a > SIZE_MAX / b)
    return false;
  *out = a * b;
  return true;
}

/* *out = a + b; false, and *out untouched, when the sum does not fit. */
static inline bool idf_size_add(size_t a, size_t b, size_t *out)
{
  if (a > SIZE_MAX - b)
    return false;
  *out = a + b;
  return true;
}

#endif

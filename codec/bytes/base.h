/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base.h: included by every file: status codes, fixed-width integers, checked sizes.
 */
#ifndef IDF_CODEC_BASE_H
#define IDF_CODEC_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "idf_status.h"

/* configure checks this; here other builds are checked, too. The value 16 is as 0, except for half
 * precision. */
#if defined(__FAST_MATH__)
#error "files depend on exact arithmetic: build without fast math, and so without -Ofast"
#endif
#if defined(__FLT_EVAL_METHOD__) && __FLT_EVAL_METHOD__ != 0 && __FLT_EVAL_METHOD__ != 16
#error "files depend on exact arithmetic: build with -fexcess-precision=fast, on x86 with SSE2"
#endif

#define IDF_MIN(a, b) ((a) < (b) ? (a) : (b))
#define IDF_MAX(a, b) ((a) > (b) ? (a) : (b))

/* For random reads from a table that is larger than the nearest caches. */
#if defined(__GNUC__)
#define IDF_PREFETCH(at) __builtin_prefetch(at, 1)
#else
#define IDF_PREFETCH(at) ((void)(at))
#endif

/* *out = a * b. Returns false, and leaves *out alone, if the product does not fit. */
static inline bool idf_size_mul(size_t a, size_t b, size_t *out)
{
  if (b != 0 && a > SIZE_MAX / b)
    return false;
  *out = a * b;
  return true;
}

/* *out = a + b. Returns false, and leaves *out alone, if the sum does not fit. */
static inline bool idf_size_add(size_t a, size_t b, size_t *out)
{
  if (a > SIZE_MAX - b)
    return false;
  *out = a + b;
  return true;
}

#endif

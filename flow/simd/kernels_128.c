/* SPDX-License-Identifier: BSD-3-Clause
 *
 * kernels_128.c: the kernels for vectors of 128 bits: SSE4.1, NEON and similar.
 */
#define IDF_VEC 4
#include "kernels_body.h"
#include "kernels_none.h"

const idf_kernels idf_kernels_128 = IDF_KERNELS_TABLE(IDF_SIMD_128);

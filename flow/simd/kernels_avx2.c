/* SPDX-License-Identifier: BSD-3-Clause
 *
 * kernels_avx2.c: the kernels for AVX2.
 */
#define IDF_VEC 8
#include "kernels_body.h"
#include "kernels_none.h"

const idf_kernels idf_kernels_avx2 = IDF_KERNELS_TABLE(IDF_SIMD_AVX2);

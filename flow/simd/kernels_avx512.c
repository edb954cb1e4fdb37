/* SPDX-License-Identifier: BSD-3-Clause
 *
 * kernels_avx512.c: the kernels for AVX-512 with VNNI.
 */
#define IDF_VEC 16
#include "kernels_body.h"
#include "kernels_none.h"

const idf_kernels idf_kernels_avx512 = IDF_KERNELS_TABLE(IDF_SIMD_AVX512);

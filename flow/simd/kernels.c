/* SPDX-License-Identifier: BSD-3-Clause
 *
 * kernels.c: finds the kernels that this build has and this machine can run.
 *
 * configure defines the IDF_WITH_... macros. The compiler's own CPU detection also asks whether the
 * operating system saves the registers.
 */
#include "kernels_none.h"

static bool machine_has(idf_simd simd)
{
#if defined(IDF_WITH_X86)
  __builtin_cpu_init();
  switch (simd) {
  case IDF_SIMD_128:
    return __builtin_cpu_supports("sse4.1") != 0;
  case IDF_SIMD_AVX2:
    return __builtin_cpu_supports("avx2") != 0;
  case IDF_SIMD_AVX512:
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
           && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")
           && __builtin_cpu_supports("avx512vnni");
  default:
    return true;
  }
#else
  (void)simd; /* what is built is part of the architecture */
  return true;
#endif
}

const idf_kernels *idf_kernels_of(idf_simd simd)
{
  static const idf_kernels *const built[IDF_SIMD_LEVELS] = {
    [IDF_SIMD_NONE] = &idf_kernels_none,
#if defined(IDF_WITH_128)
    [IDF_SIMD_128] = &idf_kernels_128,
#endif
#if defined(IDF_WITH_X86)
    [IDF_SIMD_AVX2] = &idf_kernels_avx2,
    [IDF_SIMD_AVX512] = &idf_kernels_avx512,
#endif
  };
  if ((unsigned)simd >= IDF_SIMD_LEVELS)
    return NULL;
  if (simd != IDF_SIMD_AUTO)
    return built[simd] && machine_has(simd) ? built[simd] : NULL;
  unsigned best = IDF_SIMD_AVX512;
  while (!built[best] || !machine_has((idf_simd)best))
    best--;
  return built[best];
}

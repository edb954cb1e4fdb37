/* SPDX-License-Identifier: BSD-3-Clause
 *
 * kernels.c: which kernels this build has and this machine can run.
 *
 * IDF_WITH_... come from configure. The compiler's own detection also asks whether the
 * operating system saves the registers.
 */
#include "kernels_none.h"

static bool machine_has(idf_level level)
{
#if defined(IDF_WITH_X86)
  __builtin_cpu_init();
  switch (level) {
  case IDF_LEVEL_128:
    return __builtin_cpu_supports("sse4.1") != 0;
  case IDF_LEVEL_AVX2:
    return __builtin_cpu_supports("avx2") != 0;
  case IDF_LEVEL_AVX512:
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
           && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")
           && __builtin_cpu_supports("avx512vnni");
  default:
    return true;
  }
#else
  (void)level; /* what is built is part of the architecture */
  return true;
#endif
}

const idf_kernels *idf_kernels_of(idf_level level)
{
  static const idf_kernels *const built[IDF_LEVELS] = {
    [IDF_LEVEL_NONE] = &idf_kernels_none,
#if defined(IDF_WITH_128)
    [IDF_LEVEL_128] = &idf_kernels_128,
#endif
#if defined(IDF_WITH_X86)
    [IDF_LEVEL_AVX2] = &idf_kernels_avx2,
    [IDF_LEVEL_AVX512] = &idf_kernels_avx512,
#endif
  };
  if ((unsigned)level >= IDF_LEVELS || !built[level] || !machine_has(level))
    return NULL;
  return built[level];
}

const idf_kernels *idf_kernels_best(void)
{
  for (unsigned level = IDF_LEVELS; level-- > 0;) {
    const idf_kernels *kernels = idf_kernels_of((idf_level)level);
    if (kernels)
      return kernels;
  }
  return &idf_kernels_none;
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * level.c: finds the walk that belongs to a table of kernels.
 */
#include "level.h"

#define DECLARE(suffix)                                                                            \
  idf_status idf_wave_walk##suffix(const idf_flow *flow, const int32_t *const *read,               \
                                   int32_t *const *write);                                         \
  idf_status idf_rows_put##suffix(const idf_flow *flow, const int32_t *const *planes,              \
                                  idf_rans_enc *enc);
#define LEVEL(suffix)                                                                              \
  {                                                                                                \
    .walk = idf_wave_walk##suffix, .rows_put = idf_rows_put##suffix                                \
  }

/* These exist if configure found their compiler flags, as their kernels do. */
#if defined(IDF_WITH_128)
DECLARE(_128)
#endif
#if defined(IDF_WITH_X86)
DECLARE(_avx2)
DECLARE(_avx512)
#endif

const idf_level *idf_level_of(const idf_kernels *kernels)
{
  static const idf_level levels[IDF_SIMD_LEVELS] = {
    [IDF_SIMD_NONE] = LEVEL(),
#if defined(IDF_WITH_128)
    [IDF_SIMD_128] = LEVEL(_128),
#endif
#if defined(IDF_WITH_X86)
    [IDF_SIMD_AVX2] = LEVEL(_avx2),
    [IDF_SIMD_AVX512] = LEVEL(_avx512),
#endif
  };
  return &levels[kernels->simd];
}

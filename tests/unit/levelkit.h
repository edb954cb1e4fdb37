/* SPDX-License-Identifier: BSD-3-Clause
 *
 * levelkit.h: what level_names.h compiles once for each level, as a table for each: so that tests
 * can hold every copy against the same definition.
 */
#ifndef IDF_TESTS_LEVELKIT_H
#define IDF_TESTS_LEVELKIT_H

#include "kernels.h"
#include "refine.h"
#include "sites.h"
#include "unit.h"

typedef struct levelkit {
  const idf_kernels *kernels;
  void (*log2)(const int32_t v[IDF_BLOCK], int32_t log2[IDF_BLOCK]);
  void (*show)(idf_sites *s, int from);
  void (*propose)(idf_sites *s, int from);
  void (*centre)(idf_sites *s, int from);
  void (*settle)(idf_sites *s, int from);
  idf_seen_mass (*seen)(const idf_sites *s, int k, const uint64_t *seen, int32_t b);
  void (*prior)(const idf_sites *s, int k, idf_prior *prior);
  void (*read)(const idf_refine *refine, int width, idf_refine_layer *read);
  void (*move)(const idf_refine *restrict refine, idf_sites *restrict s, int from);
  void (*slope)(idf_sites *s, int from);
  void (*learn)(idf_refine *refine, const idf_kernels *kernels, const idf_sites *s,
                const idf_pairs (*hidden)[IDF_NET_WIDTH / 2], int width);
} levelkit;

#define LEVELKIT_DECLARE(suffix)                                                                   \
  void idf_sites_log2##suffix(const int32_t v[IDF_BLOCK], int32_t log2[IDF_BLOCK]);                \
  void idf_sites_show##suffix(idf_sites *s, int from);                                             \
  void idf_sites_propose##suffix(idf_sites *s, int from);                                          \
  void idf_sites_centre##suffix(idf_sites *s, int from);                                           \
  void idf_sites_settle##suffix(idf_sites *s, int from);                                           \
  idf_seen_mass idf_sites_seen##suffix(const idf_sites *s, int k, const uint64_t *seen,            \
                                       int32_t b);                                                 \
  void idf_sites_prior##suffix(const idf_sites *s, int k, idf_prior *prior);                       \
  void idf_refine_read##suffix(const idf_refine *refine, int width, idf_refine_layer *read);       \
  void idf_refine_move##suffix(const idf_refine *restrict refine, idf_sites *restrict s,           \
                               int from);                                                          \
  void idf_refine_slope##suffix(idf_sites *s, int from);                                           \
  void idf_refine_learn##suffix(idf_refine *refine, const idf_kernels *kernels,                    \
                                const idf_sites *s, const idf_pairs(*hidden)[IDF_NET_WIDTH / 2],   \
                                int width);
#define LEVELKIT_TABLE(kernels, suffix)                                                            \
  (levelkit)                                                                                       \
  {                                                                                                \
    kernels, idf_sites_log2##suffix, idf_sites_show##suffix, idf_sites_propose##suffix,            \
        idf_sites_centre##suffix, idf_sites_settle##suffix, idf_sites_seen##suffix,                \
        idf_sites_prior##suffix, idf_refine_read##suffix, idf_refine_move##suffix,                 \
        idf_refine_slope##suffix, idf_refine_learn##suffix                                         \
  }

#if defined(IDF_WITH_128)
LEVELKIT_DECLARE(_128)
#endif
#if defined(IDF_WITH_X86)
LEVELKIT_DECLARE(_avx2)
LEVELKIT_DECLARE(_avx512)
#endif

/* Calls the test for every level that this build and this machine have. */
static inline void levelkit_each(void (*test)(const levelkit *at))
{
  for (unsigned level = IDF_SIMD_NONE; level < IDF_SIMD_LEVELS; level++) {
    const idf_kernels *kernels = idf_kernels_of((idf_simd)level);
    levelkit at = {0};
    if (!kernels)
      printf("# level %u is not available here\n", level);
    else if (level == IDF_SIMD_NONE)
      at = LEVELKIT_TABLE(kernels, );
#if defined(IDF_WITH_128)
    else if (level == IDF_SIMD_128)
      at = LEVELKIT_TABLE(kernels, _128);
#endif
#if defined(IDF_WITH_X86)
    else if (level == IDF_SIMD_AVX2)
      at = LEVELKIT_TABLE(kernels, _avx2);
    else if (level == IDF_SIMD_AVX512)
      at = LEVELKIT_TABLE(kernels, _avx512);
#endif
    if (at.kernels)
      test(&at);
    else
      CU_ASSERT_PTR_NULL(kernels);
  }
}

/* A test of every level, by the name of one at a level. */
#define LEVELKIT_TEST(name)                                                                        \
  static void name(void)                                                                           \
  {                                                                                                \
    levelkit_each(name##_at);                                                                      \
  }

#endif

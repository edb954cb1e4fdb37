/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_dct.c: both directions are the DCT of T.81 A.3.3 to within a small error.
 */
#include "dct.h"

#include <math.h>

#include "unit.h"

int idf_suite_dct(void);

static double basis(unsigned k, unsigned i)
{
  double v = 1;
  for (unsigned d = 0; d < 2; d++) {
    const unsigned u = d ? k % 8 : k / 8, n = d ? i % 8 : i / 8;
    v *= u == 0 ? sqrt(0.125) : 0.5 * cos((2 * n + 1) * u * acos(-1.0) / 16);
  }
  return v;
}

static void forward_is_the_transform(void)
{
  idf_unit_random r = idf_unit_random_of(3);
  for (unsigned t = 0; t < 500; t++) {
    int16_t sample[64];
    int32_t coef[64];
    const bool flat = idf_unit_below(&r, 4) == 0;
    for (unsigned i = 0; i < 64; i++)
      sample[i] = flat && i > 0 ? sample[0] : (int16_t)((int)idf_unit_below(&r, 4095) - 2047);
    idf_dct_forward(sample, coef);
    for (unsigned k = 0; k < 64; k++) {
      double want = 0;
      for (unsigned i = 0; i < 64; i++)
        want += basis(k, i) * sample[i] / (1 << IDF_DCT_SAMPLE_Q);
      IDF_UNIT_SEEDED(&r, fabs((double)coef[k] / (1 << IDF_DCT_Q) - want) < (flat ? 0.2 : 0.1));
    }
  }
}

static void inverse_is_the_transform(void)
{
  idf_unit_random r = idf_unit_random_of(4);
  for (unsigned t = 0; t < 500; t++) {
    int32_t coef[64] = {0}, sample[64];
    for (unsigned n = 1 + idf_unit_below(&r, 12); n > 0; n--)
      coef[idf_unit_below(&r, 64)] = (int32_t)idf_unit_below(&r, 801) - 400;
    coef[0] = (int32_t)idf_unit_below(&r, 2049) - 1024;
    idf_dct_inverse(coef, sample);
    for (unsigned i = 0; i < 64; i++) {
      double want = 0;
      for (unsigned k = 0; k < 64; k++)
        want += basis(k, i) * coef[k];
      IDF_UNIT_SEEDED(&r, fabs((double)sample[i] / (1 << IDF_DCT_Q) - want) < 0.1);
    }
  }
}

static void the_basis_is_that_of_both(void)
{
  for (unsigned k = 0; k < 64; k++)
    for (unsigned i = 0; i < 64; i++)
      CU_ASSERT(fabs(idf_dct_basis(k, i) / 16384.0 - basis(k, i)) < 1e-4);
}

int idf_suite_dct(void)
{
  static const idf_unit_test tests[] = {
      {"forward is the transform", forward_is_the_transform},
      {"inverse is the transform", inverse_is_the_transform},
      {"the basis is that of both", the_basis_is_that_of_both},
      {NULL, NULL},
  };
  return idf_unit_suite("dct", tests);
}

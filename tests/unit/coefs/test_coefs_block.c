/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_coefs_block.c: the largest coefficients and steps overflow nothing, a block that is known
 * from its neighbours is cheap, and the order of coding is that of the format.
 */
#include "coefs_block.h"

#include "coefkit.h"

int idf_suite_coefs_block(void);

/* Encodes and decodes one band; bits of the model. */
static double there_and_back(idf_mem *mem, const idf_coefs *c, unsigned shape, idf_coefs *back)
{
  idf_buf out;
  double bits = 0;
  idf_buf_init(&out, mem);
  CU_ASSERT_EQUAL_FATAL(idf_coefs_encode(mem, c, shape, 0, &out, &bits), IDF_OK);
  CU_ASSERT_EQUAL(idf_coefs_decode(mem, back, shape, 0, out.data, out.len, NULL), IDF_OK);
  CU_ASSERT_TRUE(idf_coefkit_same(c, back));
  idf_buf_free(&out);
  return bits;
}

/* The sanitizers watch. */
static void extremes_overflow_nothing(void)
{
  static const unsigned h[] = {1, 1, 1}, v[] = {1, 1, 1};
  static const uint16_t steps[] = {1, 255, 65535};
  idf_unit_random r = idf_unit_random_of(21);
  for (unsigned s = 0; s < 3; s++)
    for (unsigned kind = 0; kind < 3; kind++) {
      idf_mem mem;
      idf_mem_init(&mem, UINT64_MAX);
      idf_coefs c = idf_coefkit_new(&mem, 3, h, v, 4, 4);
      idf_coefs back = idf_coefkit_new(&mem, 3, h, v, 4, 4);
      for (unsigned p = 0; p < 3; p++)
        for (unsigned i = 0; i < 64; i++)
          c.plane[p].step[i] = back.plane[p].step[i] = steps[s];
      for (unsigned p = 0; p < 3; p++)
        for (unsigned i = 0; i < 64 * 16; i++)
          c.plane[p].coef[i] = (int16_t)(kind == 0   ? 32767
                                         : kind == 1 ? (i & 1 ? 32767 : -32767)
                                                     : (int)idf_unit_below(&r, 65535) - 32767);
      for (unsigned shape = 0; shape < IDF_COEFS_SHAPES; shape++)
        (void)there_and_back(&mem, &c, shape, &back);
      idf_coefkit_free(&mem, &c);
      idf_coefkit_free(&mem, &back);
      CU_ASSERT_EQUAL(mem.used, 0);
    }
}

/* A slope: each block's DC follows from the borders of those before it. */
static void goes_on(unsigned shape)
{
  static const unsigned one[] = {1};
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  idf_coefs c = idf_coefkit_new(&mem, 1, one, one, 24, 24);
  idf_coefs back = idf_coefkit_new(&mem, 1, one, one, 24, 24);
  for (unsigned y = 0; y < 24; y++)
    for (unsigned x = 0; x < 24; x++)
      c.plane[0].coef[64 * (24 * y + x)] = (int16_t)(20 * x);
  const double slope = there_and_back(&mem, &c, shape, &back);
  for (unsigned i = 0; i < 24 * 24; i++)
    c.plane[0].coef[64 * i] = 0;
  const double flat = there_and_back(&mem, &c, shape, &back);
  CU_ASSERT_TRUE(flat < 24 * 24 * 0.7);
  CU_ASSERT_TRUE(slope < 24 * 24 * 6.0);
  idf_coefkit_free(&mem, &c);
  idf_coefkit_free(&mem, &back);
}

static void what_goes_on_is_cheap(void)
{
  for (unsigned shape = 0; shape < IDF_COEFS_SHAPES; shape++)
    goes_on(shape);
}

/* One coefficient alone, at every position, of every size. */
static void every_position_and_size_comes_back(void)
{
  static const unsigned one[] = {1};
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  idf_coefs c = idf_coefkit_new(&mem, 1, one, one, 8, 8);
  idf_coefs back = idf_coefkit_new(&mem, 1, one, one, 8, 8);
  for (unsigned bits = 0; bits < 15; bits++) {
    for (unsigned i = 0; i < 64; i++)
      for (unsigned k = 0; k < 64; k++)
        c.plane[0].coef[64 * i + k] =
            (int16_t)(i == k ? ((1 << bits) + (int)(i & 1)) * (i & 2 ? -1 : 1) : 0);
    for (unsigned shape = 0; shape < IDF_COEFS_SHAPES; shape++)
      (void)there_and_back(&mem, &c, shape, &back);
  }
  idf_coefkit_free(&mem, &c);
  idf_coefkit_free(&mem, &back);
}

int idf_suite_coefs_block(void)
{
  static const idf_unit_test tests[] = {
      {"extremes overflow nothing", extremes_overflow_nothing},
      {"what goes on from the neighbours is cheap", what_goes_on_is_cheap},
      {"every position and size comes back", every_position_and_size_comes_back},
      {NULL, NULL},
  };
  return idf_unit_suite("coefs_block", tests);
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe_block.c: see recipe_block.h. A pass does eight transforms beside one another, lane by
 * lane, for compilers to vectorise.
 *
 * Bounds. The largest factor of a coefficient in a transform's result is sqrt(2) * cos(pi / 16)
 * < 1.3871. A column's sum of 4095 gives at most 4 * 1.3871 * 4095 + 1 < 22723 after the first
 * pass, and a row of eight such at most 1.3871 * 2^13 * 8 * 22723 < 2^31 - 2^17 before the second
 * one's shift. What lies between may wrap in the second pass, hence the unsigned numbers.
 * idf(5), "PIXELS OF A JPEG FILE".
 */
#include "recipe_block.h"

#include <string.h>

#define FRACTION 13 /* of constants */
#define KEPT 2      /* bits, after the first pass */
#define LANES 8

/* 2^13 times sums of c(k) = sqrt(2) * cos(k * pi / 16), to the nearest. */
enum {
  C6 = 4433,                /* 0.541196100 */
  C2_C6 = 15137,            /* 1.847759065: c2 + c6 */
  C2_LESS_C6 = 6270,        /* 0.765366865 */
  C3 = 9633,                /* 1.175875602 */
  C1_C3 = 20995,            /* 2.562915447: c1 + c3 */
  C3_C5 = 16069,            /* 1.961570560: c3 + c5 */
  C3_LESS_C5 = 3196,        /* 0.390180644 */
  C3_LESS_C7 = 7373,        /* 0.899976223 */
  C1_C3_LESS_C5_C7 = 12299, /* 1.501321110: c1 + c3 - c5 - c7 */
  C1_C3_C5_LESS_C7 = 25172, /* 3.072711026: c1 + c3 + c5 - c7 */
  C1_C3_C7_LESS_C5 = 16819, /* 2.053119869: c1 + c3 + c7 - c5 */
  C3_C5_LESS_C1_C7 = 2446   /* 0.298631336: c3 + c5 - c1 - c7 */
};

static inline uint32_t times(uint32_t v, int32_t constant)
{
  return v * (uint32_t)constant;
}

/* v * 2^-shift to the nearest; v is an int32_t, wrapped. */
static inline int32_t rounded(uint32_t v, unsigned shift)
{
  return (int32_t)(v + (1u << (shift - 1))) >> shift;
}

/* Transforms lane i's in[k][i], k = 0 to 7, to out[n][i]; out * 2^shift is its exact result. */
static inline void transform_lanes(int32_t out[8][LANES], const int32_t in[8][LANES],
                                   unsigned shift)
{
  for (unsigned i = 0; i < LANES; i++) {
    const uint32_t f0 = (uint32_t)in[0][i], f1 = (uint32_t)in[1][i], f2 = (uint32_t)in[2][i],
                   f3 = (uint32_t)in[3][i], f4 = (uint32_t)in[4][i], f5 = (uint32_t)in[5][i],
                   f6 = (uint32_t)in[6][i], f7 = (uint32_t)in[7][i];
    /* Even frequencies give the part that is the same at n and 7 - n. */
    const uint32_t turn = times(f2 + f6, C6);
    const uint32_t near = turn + times(f2, C2_LESS_C6), far = turn - times(f6, C2_C6);
    const uint32_t sum = (f0 + f4) << FRACTION, difference = (f0 - f4) << FRACTION;
    const uint32_t even0 = sum + near, even1 = difference + far, even2 = difference - far,
                   even3 = sum - near;
    /* Odd ones give the part that is its opposite. */
    const uint32_t all = times(f1 + f3 + f5 + f7, C3);
    const uint32_t f17 = times(f1 + f7, C3_LESS_C7), f35 = times(f3 + f5, C1_C3),
                   f37 = all - times(f3 + f7, C3_C5), f15 = all - times(f1 + f5, C3_LESS_C5);
    const uint32_t odd0 = times(f1, C1_C3_LESS_C5_C7) - f17 + f15,
                   odd1 = times(f3, C1_C3_C5_LESS_C7) - f35 + f37,
                   odd2 = times(f5, C1_C3_C7_LESS_C5) - f35 + f15,
                   odd3 = times(f7, C3_C5_LESS_C1_C7) - f17 + f37;
    out[0][i] = rounded(even0 + odd0, shift);
    out[1][i] = rounded(even1 + odd1, shift);
    out[2][i] = rounded(even2 + odd2, shift);
    out[3][i] = rounded(even3 + odd3, shift);
    out[4][i] = rounded(even3 - odd3, shift);
    out[5][i] = rounded(even2 - odd2, shift);
    out[6][i] = rounded(even1 - odd1, shift);
    out[7][i] = rounded(even0 - odd0, shift);
  }
}

static inline void transpose_lanes(int32_t out[8][LANES], const int32_t in[8][LANES])
{
  for (unsigned y = 0; y < 8; y++)
    for (unsigned x = 0; x < 8; x++)
      out[x][y] = in[y][x];
}

/* Multiplies by the steps. A product is at most 2^15 * 65535 < 2^31. Not 0: a column's sum is
 * above IDF_RECIPE_COLUMN_MAX, which is 2^12 - 1. */
static inline uint32_t dequantise(int32_t out[8][LANES], const int16_t *coef, const uint16_t *step)
{
  uint32_t sums[LANES] = {0}, high = 0;
  for (unsigned k = 0; k < 8; k++)
    for (unsigned i = 0; i < LANES; i++) {
      const int32_t f = coef[8 * k + i] * step[8 * k + i];
      const uint32_t size = (uint32_t)(f < 0 ? -f : f);
      out[k][i] = f;
      high |= size; /* so that the sums of eight cannot wrap unseen */
      sums[i] += size;
    }
  for (unsigned i = 0; i < LANES; i++)
    high |= sums[i];
  return high >> 12;
}

/* + 128 and the clamp. Not 0: a sample is out of [-512, 511]. */
static inline uint32_t store(uint8_t *out, size_t pitch, const int32_t in[8][LANES])
{
  uint32_t high = 0;
  for (unsigned y = 0; y < 8; y++) {
    uint8_t *row = out + y * pitch;
    for (unsigned x = 0; x < 8; x++) {
      const int32_t v = in[y][x] + 128;
      high |= (uint32_t)(in[y][x] + 512);
      row[x] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
    }
  }
  return high >> 10;
}

/* A block of DC alone is of one value. */
static bool flat(int32_t dc, uint8_t *out, size_t pitch)
{
  const int32_t v = (dc + 4) >> 3; /* as the two passes round: the first one is exact */
  for (unsigned y = 0; y < 8; y++)
    memset(out + y * pitch, v < -128 ? 0 : v > 127 ? 255 : v + 128, 8);
  return v >= -512 && v <= 511;
}

static bool only_dc(const int16_t *coef)
{
  int any = 0;
  for (unsigned k = 1; k < 8; k++)
    any |= coef[k];
  for (unsigned k = 8; k < 64; k++)
    any |= coef[k];
  return any == 0;
}

bool idf_recipe_block(const int16_t coef[64], const uint16_t step[64], uint8_t *out, size_t pitch)
{
  int32_t a[8][LANES], b[8][LANES];
  uint32_t wild;

  if (only_dc(coef)) {
    const int32_t dc = coef[0] * step[0];
    return dc >= -IDF_RECIPE_COLUMN_MAX && dc <= IDF_RECIPE_COLUMN_MAX && flat(dc, out, pitch);
  }
  wild = dequantise(a, coef, step);
  if (wild)
    return false;
  transform_lanes(b, a, FRACTION - KEPT);
  transpose_lanes(a, b);
  transform_lanes(b, a, FRACTION + KEPT + 3);
  transpose_lanes(a, b);
  return store(out, pitch, a) == 0;
}

/* A sample is at most a quarter of the sum of all |F|, and rounding adds less than 2. */
#define SUM_TAME 2032u

bool idf_recipe_tame(const int16_t coef[64], const uint16_t step[64])
{
  uint8_t samples[64];
  uint32_t sum = 0, high = 0;

  for (unsigned k = 0; k < 64; k++) {
    const int32_t f = coef[k] * step[k];
    const uint32_t size = (uint32_t)(f < 0 ? -f : f);
    high |= size; /* so that the sum cannot wrap unseen */
    sum += size;
  }
  return (high >> 12 == 0 && sum <= SUM_TAME) || idf_recipe_block(coef, step, samples, 8);
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * steps.c: estimates the steps of a quantiser. The standard tables are in
 * idf(5), "PIXELS OF A JPEG FILE".
 *
 * A step explains coefficients that lie near its multiples. Any small step explains all of them,
 * and so does each divisor of the true step. Therefore a step gains log2(step) bits per
 * coefficient, because the index is shorter, and costs what a normal distribution gives for the
 * distances.
 */
#include "steps.h"

#include <string.h>

#include "dct.h"
#include "fixed.h"

#define MOST 255   /* of a baseline file */
#define WORST 3072 /* limit of one distance, Q8 bits: some blocks were clipped */
#define SURE 10    /* a step found from so many coefficients is certain */

/* T.81 K.1 and K.2. */
static const uint8_t standard[2][64] = {
    {16, 11, 10, 16, 24,  40,  51,  61,  12, 12, 14, 19, 26,  58,  60,  55,
     14, 13, 16, 24, 40,  57,  69,  56,  14, 17, 22, 29, 51,  87,  80,  62,
     18, 22, 37, 56, 68,  109, 103, 77,  24, 35, 55, 64, 81,  104, 113, 92,
     49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99},
    {17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99,
     99, 99, 47, 66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
     99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99},
};

void idf_steps_scaled(unsigned which, unsigned quality, uint32_t most, uint16_t step[64])
{
  const uint32_t scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  for (unsigned k = 0; k < 64; k++) {
    const uint32_t v = (standard[which][k] * scale + 50) / 100;
    step[k] = (uint16_t)IDF_MIN(IDF_MAX(v, 1), most);
  }
}

void idf_steps_standard(unsigned which, unsigned quality, uint16_t step[64])
{
  idf_steps_scaled(which, quality, MOST, step);
}

unsigned idf_steps_quality(unsigned which, const uint16_t step[64])
{
  for (unsigned quality = 1; quality <= 100; quality++) {
    uint16_t made[64];
    idf_steps_standard(which, quality, made);
    if (memcmp(made, step, sizeof made) == 0)
      return quality;
  }
  return 0;
}

/* The gain of `step` for n coefficients in Q6, in Q8 bits. The sum stops once it is below
 * `least`. */
static int64_t worth(const int32_t *coef, size_t n, int32_t step, unsigned noise, int64_t least)
{
  const int32_t unit = step << IDF_DCT_Q;
  int64_t bits = (int64_t)n * idf_log2_q8((uint32_t)step);
  for (size_t i = 0; i < n && bits > least; i++) {
    const int32_t above = coef[i] % unit, near = IDF_MIN(above, unit - above);
    bits -= IDF_MIN((near * near) >> noise, WORST);
  }
  return bits;
}

/* Collects the magnitudes of coefficient k in all blocks where it is not near 0. */
static size_t gather(const int32_t *coef, size_t blocks, unsigned k, int32_t least, int32_t *size)
{
  size_t n = 0;
  for (size_t b = 0; b < blocks; b++) {
    const int32_t v = coef[64 * b + k], s = v < 0 ? -v : v;
    if (s > least)
      size[n++] = s;
  }
  return n;
}

/* Finds a step; 0: unknown. */
static uint16_t find(const int32_t *size, size_t n, size_t blocks, unsigned noise)
{
  int32_t top = 0, best = 0;
  int64_t most = INT64_MIN;
  for (size_t i = 0; i < n; i++)
    top = IDF_MAX(top, size[i]);
  for (int32_t step = IDF_MIN((top >> IDF_DCT_Q) + 1, MOST); step >= 1; step--) {
    const int64_t bits = worth(size, n, step, noise, most);
    if (bits > most) {
      most = bits;
      best = step;
    }
  }
  /* A few beyond the noise are not enough. */
  return best <= 3 && n < 2 + blocks / 50 ? 0 : (uint16_t)best;
}

/* Takes the standard table that agrees with most of the certain steps and, among those, with most
 * of the others; it fills the rest. */
static bool complete_by_standard(uint16_t step[64], const size_t count[64])
{
  uint16_t best[64];
  unsigned most = 0, sure = 0, likely = 0;
  for (unsigned k = 0; k < 64; k++)
    sure += step[k] != 0 && count[k] >= SURE;
  for (unsigned which = 0; which < 2; which++)
    for (unsigned quality = 1; quality <= 100; quality++) {
      uint16_t made[64];
      unsigned agree = 0, others = 0;
      idf_steps_standard(which, quality, made);
      for (unsigned k = 0; k < 64; k++) {
        agree += count[k] >= SURE && made[k] == step[k];
        others += count[k] < SURE && made[k] == step[k];
      }
      if (agree > most || (agree == most && others > likely)) {
        most = agree;
        likely = others;
        memcpy(best, made, sizeof best);
      }
    }
  if (most == 0 || most < sure * 3 / 4)
    return false;
  for (unsigned k = 0; k < 64; k++)
    if (step[k] == 0 || count[k] < SURE || most >= sure * 7 / 8)
      step[k] = best[k];
  return true;
}

/* Takes the largest step of those with no higher frequency. */
static void complete_by_neighbours(uint16_t step[64])
{
  for (unsigned k = 0; k < 64; k++) {
    uint16_t most = 1;
    if (step[k] != 0)
      continue;
    for (unsigned j = 0; j < 64; j++)
      if (j / 8 <= k / 8 && j % 8 <= k % 8)
        most = IDF_MAX(most, step[j]);
    step[k] = most;
  }
}

bool idf_steps_find(const int32_t *coef, size_t blocks, bool coarse, uint16_t step[64])
{
  int32_t size[IDF_STEPS_BLOCKS];
  size_t count[64];
  bool any = false;

  blocks = IDF_MIN(blocks, IDF_STEPS_BLOCKS);
  for (unsigned k = 0; k < 64; k++) {
    const int32_t least = !coarse ? 3 : k / 8 + k % 8 < 8 ? 4 : 6; /* halves: beyond the noise */
    count[k] = gather(coef, blocks, k, least << (IDF_DCT_Q - 1), size);
    step[k] = count[k] == 0 ? 0 : find(size, count[k], blocks, coarse ? 2 : 1);
    any = any || step[k] != 0;
  }
  if (any && !complete_by_standard(step, count))
    complete_by_neighbours(step);
  return any;
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * adapt.c: the adaptive flag. The step is rounded up, away from zero. If it were rounded down, a
 * flag that never changes would get stuck well before the bound on p1.
 * idf(5), "ENTROPY CODING".
 */
#include "adapt.h"

#define P_MIN 32u
#define P_MAX (IDF_FREQ_ONE - P_MIN)
#define N_MAX ((1u << IDF_BIT_SHIFT) - 1)

void idf_bit_init(idf_bit *bit, uint32_t p1)
{
  bit->p1 = (uint16_t)p1;
  bit->n = 0;
}

idf_interval idf_bit_interval(const idf_bit *bit, int value)
{
  uint32_t zero = IDF_FREQ_ONE - bit->p1;
  return value ? (idf_interval){zero, bit->p1} : (idf_interval){0, zero};
}

int idf_bit_value(const idf_bit *bit, uint32_t slot)
{
  return slot >= IDF_FREQ_ONE - bit->p1;
}

/* ceil(gap * rate), with rate = 1/(n + 1.5) or, at the end, 1/2^IDF_BIT_SHIFT. gap <= 65504, so no
 * value exceeds 2^18. */
static uint32_t step(uint32_t gap, uint32_t n)
{
  if (n >= N_MAX)
    return (gap + N_MAX) >> IDF_BIT_SHIFT;
  return (2 * gap + 2 * n + 2) / (2 * n + 3);
}

void idf_bit_update(idf_bit *bit, int value)
{
  uint32_t p = bit->p1;
  if (value) {
    p += step(IDF_FREQ_ONE - p, bit->n);
    p = IDF_MIN(p, P_MAX);
  } else {
    p -= step(p, bit->n);
    p = IDF_MAX(p, P_MIN);
  }
  bit->p1 = (uint16_t)p;
  if (bit->n < N_MAX)
    bit->n++;
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * occur.c: bitmaps of the colours seen, and the adaptive flags that say how far to trust them.
 * idf(5), "OCCURRENCE PRIOR".
 */
#include "occur.h"

#define MAX_VALUES 511

static size_t values(const idf_flow_shape *shape, unsigned plane)
{
  return (size_t)(shape->max[plane] - shape->min[plane]) + 1;
}

static size_t bitmap_words(size_t count)
{
  return (count + 63) / 64;
}

bool idf_occur_fits(const idf_flow_shape *shape)
{
  if (shape->planes != 3)
    return false;
  for (unsigned p = 0; p < 3; p++)
    if (values(shape, p) > MAX_VALUES)
      return false;
  return true;
}

idf_status idf_occur_init(idf_occur *occur, idf_mem *mem, const idf_flow_shape *shape)
{
  *occur = (idf_occur){.span = values(shape, 1)};
  size_t pairs = values(shape, 0), triples = pairs * occur->span;
  occur->words[0] = bitmap_words(occur->span);
  occur->words[1] = bitmap_words(values(shape, 2));
  for (unsigned p = 0; p < 3; p++)
    occur->min[p] = shape->min[p];
  /* At most 511 * 511 * 8 words: no product overflows. */
  occur->set[0] = idf_alloc(mem, pairs * occur->words[0] + 1, sizeof(uint64_t));
  /* One word more, because readers take 64 bits from any position. The colours of a picture are
   * near each other, so most of the 8 MB are never touched. */
  occur->set[1] = idf_alloc_sparse(mem, triples * occur->words[1] + 1, sizeof(uint64_t));
  if (!occur->set[0] || !occur->set[1]) {
    idf_occur_free(occur, mem);
    return idf_mem_status(mem);
  }
  /* At first trust the logistic: P(seen) is its mass, at the middle of each context. */
  static const uint16_t start[17] = {32768, 38496, 43691, 48386, 52429, 55706, 58254, 60168, 61681,
                                     62780, 63550, 64133, 64527, 64822, 65027, 65176, 65280};
  for (int i = 0; i < 2; i++)
    for (int s = 0; s < 2; s++)
      for (int c = 0; c < IDF_OCCUR_CONTEXTS; c++)
        idf_bit_init(&occur->flag[i][s][c], c >= 16 ? start[c - 16] : 65536u - start[16 - c]);
  return IDF_OK;
}

void idf_occur_free(idf_occur *occur, idf_mem *mem)
{
  for (int i = 0; i < 2; i++) {
    idf_free(mem, occur->set[i]);
    occur->set[i] = NULL;
  }
}

const uint64_t *idf_occur_set(const idf_occur *occur, unsigned plane, const int32_t *earlier)
{
  size_t at = (size_t)(earlier[0] - occur->min[0]);
  if (plane == 2)
    at = at * occur->span + (size_t)(earlier[1] - occur->min[1]);
  return occur->set[plane - 1] + at * occur->words[plane - 1];
}

idf_bit *idf_occur_flag(idf_occur *occur, unsigned plane, int side, uint32_t mass)
{
  if (mass == 0 || mass == IDF_FREQ_ONE)
    return NULL; /* one class is empty, so no flag is needed */
  /* Log odds in half octaves, clamped to +-8 octaves. */
  int32_t odds = (int32_t)idf_log2_q8(mass) - (int32_t)idf_log2_q8(IDF_FREQ_ONE - mass);
  return &occur->flag[plane - 1][side][idf_clamp((odds + 64) >> 7, -16, 16) + 16];
}

void idf_occur_add(idf_occur *occur, const int32_t colour[IDF_FLOW_PLANES])
{
  size_t v0 = (size_t)(colour[0] - occur->min[0]), v1 = (size_t)(colour[1] - occur->min[1]);
  size_t v2 = (size_t)(colour[2] - occur->min[2]);
  occur->set[0][v0 * occur->words[0] + (v1 >> 6)] |= (uint64_t)1 << (v1 & 63);
  occur->set[1][(v0 * occur->span + v1) * occur->words[1] + (v2 >> 6)] |= (uint64_t)1 << (v2 & 63);
}

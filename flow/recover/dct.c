/* SPDX-License-Identifier: BSD-3-Clause
 *
 * dct.c: the transform of dct.h, as two passes of plain sums of products. Sums are unsigned: if the
 * result is in range, parts of it may overflow without harm.
 */
#include "dct.h"

#define ONE_Q 14

/* round(2^14 c cos((2 n + 1) u pi / 16)), c = sqrt(1/8) for u = 0, else 1/2. */
static const int16_t cosine[8][8] = {
    {5793, 5793, 5793, 5793, 5793, 5793, 5793, 5793},
    {8035, 6811, 4551, 1598, -1598, -4551, -6811, -8035},
    {7568, 3135, -3135, -7568, -7568, -3135, 3135, 7568},
    {6811, -1598, -8035, -4551, 4551, 8035, 1598, -6811},
    {5793, -5793, -5793, 5793, 5793, -5793, -5793, 5793},
    {4551, -8035, 1598, 6811, -6811, -1598, 8035, -4551},
    {3135, -7568, 7568, -3135, -3135, 7568, -7568, 3135},
    {1598, -4551, 6811, -8035, 8035, -6811, 4551, -1598},
};

static inline int32_t shifted(uint32_t sum, unsigned shift)
{
  return (int32_t)(sum + (1u << (shift - 1))) >> shift;
}

/* out[8 k + i] = sum over j of cosine[k][j] in[8 j + i]: columns. */
static inline void columns(const int32_t in[64], int32_t out[64], unsigned shift)
{
  for (unsigned k = 0; k < 8; k++) {
    uint32_t sum[8] = {0};
    for (unsigned j = 0; j < 8; j++)
      for (unsigned i = 0; i < 8; i++)
        sum[i] += (uint32_t)cosine[k][j] * (uint32_t)in[8 * j + i];
    for (unsigned i = 0; i < 8; i++)
      out[8 * k + i] = shifted(sum[i], shift);
  }
}

/* out[8 j + i] = sum over k of cosine[k][j] in[8 k + i]. */
static inline void columns_back(const int32_t in[64], int32_t out[64], unsigned shift)
{
  for (unsigned j = 0; j < 8; j++) {
    uint32_t sum[8] = {0};
    for (unsigned k = 0; k < 8; k++)
      for (unsigned i = 0; i < 8; i++)
        sum[i] += (uint32_t)cosine[k][j] * (uint32_t)in[8 * k + i];
    for (unsigned i = 0; i < 8; i++)
      out[8 * j + i] = shifted(sum[i], shift);
  }
}

static inline void transpose(const int32_t in[64], int32_t out[64])
{
  for (unsigned y = 0; y < 8; y++)
    for (unsigned x = 0; x < 8; x++)
      out[8 * x + y] = in[8 * y + x];
}

void idf_dct_forward(const int16_t sample[64], int32_t coef[64])
{
  int32_t a[64], b[64];
  for (unsigned i = 0; i < 64; i++)
    a[i] = sample[i];
  columns(a, b, ONE_Q + IDF_DCT_SAMPLE_Q - IDF_DCT_Q);
  transpose(b, a);
  columns(a, b, ONE_Q);
  transpose(b, coef);
}

void idf_dct_inverse(const int32_t coef[64], int32_t sample[64])
{
  int32_t a[64], b[64];
  columns_back(coef, a, ONE_Q - IDF_DCT_Q);
  transpose(a, b);
  columns_back(b, a, ONE_Q);
  transpose(a, sample);
}

int32_t idf_dct_basis(unsigned k, unsigned i)
{
  const int32_t product = cosine[k / 8][i / 8] * cosine[k % 8][i % 8];
  return (product + (1 << (ONE_Q - 1))) >> ONE_Q;
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * colour.c: reversible colour transforms.
 */
#include "colour.h"

void idf_colour_ranges(unsigned layer, int32_t top, int32_t min[3], int32_t max[3])
{
  bool signed_chroma = layer == IDF_COLOUR_GREEN || layer == IDF_COLOUR_YCOCG;
  for (int p = 0; p < 3; p++) {
    min[p] = p > 0 && signed_chroma ? -top : 0;
    max[p] = top;
  }
}

void idf_colour_forward(unsigned layer, int32_t *const plane[3], size_t n)
{
  int32_t *a = plane[0], *b = plane[1], *c = plane[2];
  if (layer == IDF_COLOUR_GREEN)
    for (size_t i = 0; i < n; i++) {
      int32_t r = a[i], g = b[i];
      a[i] = g;
      b[i] = r - g;
      c[i] -= g;
    }
  else if (layer == IDF_COLOUR_YCOCG)
    for (size_t i = 0; i < n; i++) {
      int32_t r = a[i], g = b[i], co = r - c[i];
      int32_t t = c[i] + (co >> 1), cg = g - t;
      a[i] = t + (cg >> 1);
      b[i] = co;
      c[i] = cg;
    }
}

void idf_colour_inverse(unsigned layer, int32_t *const plane[3], size_t n)
{
  int32_t *a = plane[0], *b = plane[1], *c = plane[2];
  if (layer == IDF_COLOUR_GREEN)
    for (size_t i = 0; i < n; i++) {
      int32_t g = a[i];
      a[i] = b[i] + g;
      b[i] = g;
      c[i] += g;
    }
  else if (layer == IDF_COLOUR_YCOCG)
    for (size_t i = 0; i < n; i++) {
      int32_t co = b[i], cg = c[i], t = a[i] - (cg >> 1);
      int32_t blue = t - (co >> 1);
      b[i] = cg + t;
      c[i] = blue;
      a[i] = blue + co;
    }
}

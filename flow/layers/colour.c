/* SPDX-License-Identifier: BSD-3-Clause
 *
 * colour.c: the reversible colour transforms, and the table of all colour layers.
 * idf(5), "COLOUR LAYERS".
 */
#include "colour.h"

#include "lattice.h"

static void ranges_of_samples(int32_t top, int32_t min[3], int32_t max[3])
{
  for (int p = 0; p < 3; p++) {
    min[p] = 0;
    max[p] = top;
  }
}

static void ranges_of_differences(int32_t top, int32_t min[3], int32_t max[3])
{
  for (int p = 0; p < 3; p++) {
    min[p] = p > 0 ? -top : 0;
    max[p] = top;
  }
}

static void none_forward(int32_t *const plane[3], size_t n, idf_buf *side)
{
  (void)plane, (void)n, (void)side;
}

static bool none_inverse(int32_t *const plane[3], size_t n, idf_cur *side)
{
  (void)plane, (void)n, (void)side;
  return true;
}

static const idf_colour_layer none = {
    .name = "none", .ranges = ranges_of_samples, .forward = none_forward, .inverse = none_inverse};

static void green_forward(int32_t *const plane[3], size_t n, idf_buf *side)
{
  int32_t *a = plane[0], *b = plane[1], *c = plane[2];
  (void)side;
  for (size_t i = 0; i < n; i++) {
    int32_t r = a[i], g = b[i];
    a[i] = g;
    b[i] = r - g;
    c[i] -= g;
  }
}

static bool green_inverse(int32_t *const plane[3], size_t n, idf_cur *side)
{
  int32_t *a = plane[0], *b = plane[1], *c = plane[2];
  (void)side;
  for (size_t i = 0; i < n; i++) {
    int32_t g = a[i];
    a[i] = b[i] + g;
    b[i] = g;
    c[i] += g;
  }
  return true;
}

static const idf_colour_layer green = {.name = "green",
                                       .ranges = ranges_of_differences,
                                       .forward = green_forward,
                                       .inverse = green_inverse};

static void ycocg_forward(int32_t *const plane[3], size_t n, idf_buf *side)
{
  int32_t *a = plane[0], *b = plane[1], *c = plane[2];
  (void)side;
  for (size_t i = 0; i < n; i++) {
    int32_t r = a[i], g = b[i], co = r - c[i];
    int32_t t = c[i] + (co >> 1), cg = g - t;
    a[i] = t + (cg >> 1);
    b[i] = co;
    c[i] = cg;
  }
}

static bool ycocg_inverse(int32_t *const plane[3], size_t n, idf_cur *side)
{
  int32_t *a = plane[0], *b = plane[1], *c = plane[2];
  (void)side;
  for (size_t i = 0; i < n; i++) {
    int32_t co = b[i], cg = c[i], t = a[i] - (cg >> 1);
    int32_t blue = t - (co >> 1);
    b[i] = cg + t;
    c[i] = blue;
    a[i] = blue + co;
  }
  return true;
}

static const idf_colour_layer ycocg = {.name = "YCoCg",
                                       .ranges = ranges_of_differences,
                                       .forward = ycocg_forward,
                                       .inverse = ycocg_inverse};

const idf_colour_layer *const idf_colour_layers[IDF_COLOUR_COUNT] = {
    [IDF_COLOUR_NONE] = &none,           [IDF_COLOUR_GREEN] = &green,
    [IDF_COLOUR_YCOCG] = &ycocg,         [IDF_COLOUR_JPEG] = &idf_jpeg_layer,
    [IDF_COLOUR_WEBP] = &idf_webp_layer,
};

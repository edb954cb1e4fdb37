/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_recipe_row.c: rows are widened by the rule of the header, sample by sample, and colour is
 * T.871's to the nearest.
 */
#include "recipe_row.h"

#include <math.h>
#include <string.h>

#include "unit.h"

int idf_suite_recipe_row(void);

#define WIDTH 70

/* The rule in words: where a rate is 2 a new sample is 3/4 near, 1/4 the next one; the sum is in
 * 1/4 or 1/16. */
static unsigned expected(const uint8_t *in, const uint8_t *beside, unsigned across, bool down,
                         bool odd, uint32_t x)
{
  const ptrdiff_t at = (ptrdiff_t)(x / across), next = x % 2 == 0 ? at - 1 : at + 1;
  if (!down)
    return (3u * in[at] + in[next] + 1 + x % 2) / 4;
  const unsigned near = 3u * in[at] + beside[at], far = 3u * in[next] + beside[next];
  return across == 1 ? (near + 1 + odd) / 4 : (3 * near + far + 8 - x % 2) / 16;
}

static void rows_are_widened_by_the_rule(void)
{
  idf_unit_random r = idf_unit_random_of(41);
  for (uint32_t width = 1; width <= WIDTH; width++)
    for (unsigned across = 1; across <= 4; across++)
      for (unsigned down = 1; down <= 4; down++) {
        const uint32_t n = (width + across - 1) / across;
        const bool repeat = width % 3 == 2;
        const idf_recipe_widener *w = idf_recipe_widener_of(across, down, n, repeat);
        uint8_t rows[2][WIDTH + 2], out[WIDTH + 2];
        uint16_t sums[WIDTH + 2];
        const bool odd = idf_unit_below(&r, 2) != 0;
        const bool smooth =
            !repeat && ((across == 1 && down == 2) || (across == 2 && down <= 2 && n > 2));
        for (unsigned i = 0; i < 2; i++) {
          for (uint32_t x = 1; x <= n; x++)
            rows[i][x] = (uint8_t)(idf_unit_below(&r, 3) ? idf_unit_below(&r, 256) : 255);
          rows[i][0] = rows[i][1];
          rows[i][n + 1] = rows[i][n];
        }
        const uint8_t *in = rows[0] + 1, *beside = rows[1] + 1;
        CU_ASSERT_EQUAL(w->smooth_down, smooth && down == 2);
        CU_ASSERT_EQUAL(!w->run, across == 1 && !smooth);
        if (!w->run)
          continue;
        out[width + 1] = 9;
        w->run(&(idf_recipe_row){out, in, beside, sums, width, across, odd});
        for (uint32_t x = 0; x < width; x++)
          IDF_UNIT_SEEDED(&r, out[x]
                                  == (smooth ? expected(in, beside, across, down == 2, odd, x)
                                             : in[x / across]));
        CU_ASSERT_EQUAL(out[width + 1], 9);
      }
}

static double nearest(double v)
{
  return fmin(255, fmax(0, floor(v + 0.5)));
}

/* 1.772 * -125 is a half, which the constant in Q16 passes. */
static void colour_is_to_the_nearest(void)
{
  uint8_t y[256], cb[256], cr[256], k[256], out[4 * 256 + 1], ink[4 * 256];
  const uint8_t *const in[] = {y, cb, cr, k};
  for (unsigned b = 0; b < 256; b++)
    for (unsigned luma = 0; luma < 256; luma += 5) {
      for (unsigned x = 0; x < 256; x++) {
        y[x] = (uint8_t)luma;
        cb[x] = (uint8_t)b;
        cr[x] = (uint8_t)x;
        k[x] = (uint8_t)(x * 7);
      }
      out[3 * 256] = 1;
      idf_recipe_colour(IDF_RECIPE_YCC, 3, 256, out, in);
      CU_ASSERT_EQUAL(out[3 * 256], 1);
      idf_recipe_colour(IDF_RECIPE_YCCK, 4, 256, ink, in);
      unsigned wrong = 0;
      for (unsigned x = 0; x < 256; x++) {
        const double red = (double)x - 128, blue = (double)b - 128;
        wrong += out[3 * x] != nearest(luma + 1.402 * red);
        wrong += fabs(out[3 * x + 1] - nearest(luma - 0.34414 * blue - 0.71414 * red)) > 1;
        wrong += out[3 * x + 2] != nearest(luma + 116130 / 65536.0 * blue);
        for (unsigned c = 0; c < 3; c++)
          wrong += ink[4 * x + c] != 255 - out[3 * x + c];
        wrong += ink[4 * x + 3] != k[x];
      }
      CU_ASSERT_EQUAL(wrong, 0);
    }
}

static void plain_samples_are_interleaved(void)
{
  uint8_t in[4][600], out[4 * 600 + 1];
  const uint8_t *const rows[] = {in[0], in[1], in[2], in[3]};
  for (unsigned c = 0; c < 4; c++)
    for (unsigned x = 0; x < 600; x++)
      in[c][x] = (uint8_t)(x * 3 + c * 50);
  for (unsigned n = 1; n <= 4; n++)
    for (unsigned width = 1; width <= 600; width += 1 + width / 2) {
      unsigned wrong = 0;
      out[n * width] = 3;
      idf_recipe_colour(IDF_RECIPE_PLAIN, n, width, out, rows);
      for (unsigned i = 0; i < n * width; i++)
        wrong += out[i] != in[i % n][i / n];
      CU_ASSERT_EQUAL(wrong, 0);
      CU_ASSERT_EQUAL(out[n * width], 3);
    }
}

int idf_suite_recipe_row(void)
{
  static const idf_unit_test tests[] = {
      {"rows are widened by the rule", rows_are_widened_by_the_rule},
      {"colour is to the nearest", colour_is_to_the_nearest},
      {"plain samples are interleaved", plain_samples_are_interleaved},
      {NULL, NULL},
  };
  return idf_unit_suite("recipe_row", tests);
}

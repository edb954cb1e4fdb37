/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_thumb.c: sizes, averages over areas against a plain one in real numbers, colours under
 * alpha, and all eight orientations.
 */
#include "thumb.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

int idf_suite_thumb(void);

typedef struct file {
  uint8_t *data;
  size_t size;
} file;

static idf_status append(void *context, const uint8_t *data, size_t size)
{
  file *f = context;

  f->data = realloc(f->data, f->size + size);
  memcpy(f->data + f->size, data, size);
  f->size += size;
  return IDF_OK;
}

/* An .idf with an Exif block of this orientation; 0: none. */
static file encoded(const idf_info *info, const void *samples, unsigned orientation)
{
  uint8_t exif[] = {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 18, 0,
                    3,   0,   0, 0,  1, 0, 0, 0, 0, 0, 0, 0,  0};
  file f = {.size = 0};
  idf_encoder *encoder;

  exif[19] = (uint8_t)orientation;
  CU_ASSERT_EQUAL_FATAL(idf_encoder_new(NULL, info, append, &f, &encoder), IDF_OK);
  if (orientation)
    CU_ASSERT_EQUAL(idf_encoder_metadata(encoder, "eXIf", exif, sizeof exif), IDF_OK);
  CU_ASSERT_EQUAL(idf_encoder_rows(encoder, samples, info->height), IDF_OK);
  CU_ASSERT_EQUAL(idf_encoder_finish(encoder), IDF_OK);
  idf_encoder_free(encoder);
  return f;
}

static uint8_t *made(idf_mem *mem, const file *f, uint32_t side, idf_info *info)
{
  idf_decoder *decoder;
  uint8_t *rgba;

  CU_ASSERT_EQUAL_FATAL(idf_decoder_new_memory(NULL, f->data, f->size, &decoder), IDF_OK);
  CU_ASSERT_EQUAL_FATAL(idf_thumb_make(mem, decoder, side, info, &rgba), IDF_OK);
  idf_decoder_free(decoder);
  return rgba;
}

static void sizes(void)
{
  static const struct {
    uint32_t width, height, side, want_width, want_height;
  } cases[] = {{100, 50, 128, 100, 50}, {100, 50, 64, 64, 32}, {1, 300, 100, 1, 100},
               {300, 1, 7, 7, 1},       {65, 65, 64, 64, 64},  {1, 1, 1, 1, 1}};
  uint8_t *gray = calloc(1, 300 * 300);
  idf_mem mem;

  idf_mem_init(&mem, UINT64_MAX);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    idf_info info = {
        .width = cases[i].width, .height = cases[i].height, .layout = IDF_GRAY, .depth = 8};
    file f = encoded(&info, gray, 0);
    uint8_t *rgba = made(&mem, &f, cases[i].side, &info);
    CU_ASSERT_EQUAL(info.width, cases[i].want_width);
    CU_ASSERT_EQUAL(info.height, cases[i].want_height);
    CU_ASSERT_TRUE(info.layout == IDF_RGBA && info.depth == 8);
    idf_free(&mem, rgba);
    free(f.data);
  }
  free(gray);
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* The average over the area of pixel (x, y), in real numbers, of channel c. */
static double average(const uint8_t *rgba, uint32_t w, uint32_t h, const idf_info *to, uint32_t x,
                      uint32_t y, int c)
{
  const double sx = (double)w / to->width, sy = (double)h / to->height;
  double alpha = 0, sum = 0;

  for (uint32_t v = 0; v < h; v++)
    for (uint32_t u = 0; u < w; u++) {
      const double a = fmin(u + 1, (x + 1) * sx) - fmax(u, x * sx);
      const double b = fmin(v + 1, (y + 1) * sy) - fmax(v, y * sy);
      if (a <= 0 || b <= 0)
        continue;
      const uint8_t *p = rgba + ((size_t)v * w + u) * 4;
      alpha += a * b * p[3];
      sum += a * b * p[3] * p[c];
    }
  return c == 3 ? alpha / (sx * sy) : alpha > 0 ? sum / alpha : 0;
}

static void averages(void)
{
  enum { WIDTH = 45, HEIGHT = 31 };
  idf_unit_random r = idf_unit_random_of(5);
  static uint8_t rgba[WIDTH * HEIGHT * 4];
  idf_mem mem;

  idf_mem_init(&mem, UINT64_MAX);
  for (size_t i = 0; i < sizeof rgba; i++)
    rgba[i] = i % 4 == 3 && idf_unit_below(&r, 3) == 0 ? 0 : (uint8_t)idf_unit_below(&r, 256);
  idf_info info = {.width = WIDTH, .height = HEIGHT, .layout = IDF_RGBA, .depth = 8};
  file f = encoded(&info, rgba, 0);
  /* Above half of the size, so that the library does not scale. */
  uint8_t *got = made(&mem, &f, 29, &info);
  CU_ASSERT_TRUE(info.width == 29 && info.height == 20);
  for (uint32_t y = 0; y < info.height; y++)
    for (uint32_t x = 0; x < info.width; x++)
      for (int c = 0; c < 4; c++) {
        const double want = average(rgba, WIDTH, HEIGHT, &info, x, y, c);
        CU_ASSERT_TRUE(fabs(want - got[((size_t)y * info.width + x) * 4 + (size_t)c]) <= 0.501);
      }
  idf_free(&mem, got);
  free(f.data);
}

static void orientations(void)
{
  /* The picture 1 2 3 / 4 5 6, as each orientation shows it. */
  static const uint8_t samples[] = {1, 2, 3, 4, 5, 6};
  static const char *const shown[] = {"123456", "321654", "654321", "456123",
                                      "142536", "415263", "635241", "362514"};
  idf_mem mem;

  idf_mem_init(&mem, UINT64_MAX);
  for (unsigned o = 1; o <= 8; o++) {
    idf_info info = {.width = 3, .height = 2, .layout = IDF_GRAY, .depth = 8};
    file f = encoded(&info, samples, o);
    uint8_t *rgba = made(&mem, &f, 10, &info);
    CU_ASSERT_EQUAL(info.width, o > 4 ? 2 : 3);
    for (size_t i = 0; i < 6; i++)
      CU_ASSERT_EQUAL(rgba[i * 4] + '0', shown[o - 1][i]);
    idf_free(&mem, rgba);
    free(f.data);
  }
}

int idf_suite_thumb(void)
{
  static const idf_unit_test tests[] = {{"sizes", sizes},
                                        {"averages over areas", averages},
                                        {"orientations", orientations},
                                        {NULL, NULL}};
  return idf_unit_suite("thumb", tests);
}

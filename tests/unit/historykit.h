/* SPDX-License-Identifier: BSD-3-Clause
 *
 * historykit.h: tiles that libjpeg made of JPEG files, and tiles that it did not, for the tests of
 * flow/recover and flow/history. libjpeg's errors end the program, as they should.
 */
#ifndef IDF_TESTS_HISTORYKIT_H
#define IDF_TESTS_HISTORYKIT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "shape.h"
#include "unit.h"

typedef struct historykit_kind {
  unsigned channels; /* 1 or 3 */
  int h, v;          /* sampling of luma */
  int quality;       /* 0: never a JPEG file */
  bool smooth;       /* chroma is interpolated */
  uint32_t x, y;     /* what is cut out of a picture of 16 more each way */
  uint32_t width, height;
  unsigned loud; /* 0: nothing is clamped; 1: some; */
} historykit_kind;

static inline uint8_t historykit_byte(int v)
{
  return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

/* Soft hills of several sizes, edges, and grain. */
static inline void historykit_paint(uint8_t *rgb, const historykit_kind *k, uint32_t width,
                                    uint32_t height, idf_unit_random *r)
{
  int field[3][40][40];
  for (unsigned c = 0; c < 3; c++)
    for (unsigned j = 0; j < 40; j++)
      for (unsigned i = 0; i < 40; i++)
        field[c][j][i] = (int)idf_unit_below(r, k->loud ? 320 : 130) + (k->loud ? -32 : 62);
  for (uint32_t y = 0; y < height; y++)
    for (uint32_t x = 0; x < width; x++)
      for (unsigned c = 0; c < k->channels; c++) {
        const uint32_t i = x / 12 % 39, j = y / 12 % 39;
        const int fx = (int)(x % 12), fy = (int)(y % 12);
        const int top = field[c][j][i] * (12 - fx) + field[c][j][i + 1] * fx;
        const int low = field[c][j + 1][i] * (12 - fx) + field[c][j + 1][i + 1] * fx;
        const int edge = (x / 29 + y / 23) % 3 == 0 ? 25 - 9 * (int)c : 0;
        const int grain = (int)idf_unit_below(r, 7) - 3;
        rgb[(y * (size_t)width + x) * k->channels + c] =
            historykit_byte((top * (12 - fy) + low * fy) / 144 + edge + grain);
      }
}

static inline void historykit_hush(j_common_ptr jpeg, int level)
{
  (void)jpeg;
  (void)level;
}

/* Through a JPEG file and back. */
static inline void historykit_press(uint8_t *rgb, const historykit_kind *k, uint32_t width,
                                    uint32_t height)
{
  struct jpeg_compress_struct to;
  struct jpeg_decompress_struct from;
  struct jpeg_error_mgr errors;
  unsigned char *file = NULL;
  unsigned long size = 0;

  to.err = jpeg_std_error(&errors);
  errors.emit_message = historykit_hush;
  jpeg_create_compress(&to);
  jpeg_mem_dest(&to, &file, &size);
  to.image_width = width;
  to.image_height = height;
  to.input_components = (int)k->channels;
  to.in_color_space = k->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&to);
  jpeg_set_quality(&to, k->quality, TRUE);
  to.comp_info[0].h_samp_factor = k->h;
  to.comp_info[0].v_samp_factor = k->v;
  jpeg_start_compress(&to, TRUE);
  for (uint32_t y = 0; y < height; y++) {
    JSAMPROW row = rgb + (size_t)y * width * k->channels;
    (void)jpeg_write_scanlines(&to, &row, 1);
  }
  jpeg_finish_compress(&to);
  jpeg_destroy_compress(&to);

  from.err = &errors;
  jpeg_create_decompress(&from);
  jpeg_mem_src(&from, file, size);
  (void)jpeg_read_header(&from, TRUE);
  from.do_fancy_upsampling = k->smooth;
  jpeg_start_decompress(&from);
  while (from.output_scanline < height) {
    JSAMPROW row = rgb + (size_t)from.output_scanline * width * k->channels;
    (void)jpeg_read_scanlines(&from, &row, 1);
  }
  jpeg_finish_decompress(&from);
  jpeg_destroy_decompress(&from);
  free(file);
}

/* A tile of this kind; its samples are to be freed. */
static inline idf_tile historykit_make(const historykit_kind *k, uint64_t seed)
{
  const uint32_t width = k->x ? k->x + k->width + 16 : k->width;
  const uint32_t height = k->y ? k->y + k->height + 16 : k->height;
  idf_unit_random r = idf_unit_random_of(seed);
  uint8_t *rgb = malloc((size_t)width * height * k->channels);
  idf_tile tile = {.shape = {k->width, k->height, k->channels, 8, false},
                   .stride = (size_t)k->width * k->channels + 5};
  tile.samples = malloc(tile.stride * k->height * sizeof *tile.samples);
  if (!rgb || !tile.samples)
    abort();
  historykit_paint(rgb, k, width, height, &r);
  if (k->quality > 0)
    historykit_press(rgb, k, width, height);
  for (uint32_t y = 0; y < k->height; y++)
    for (size_t i = 0; i < (size_t)k->width * k->channels; i++)
      tile.samples[y * tile.stride + i] =
          rgb[((k->y + y) * (size_t)width + k->x) * k->channels + i];
  free(rgb);
  return tile;
}

#endif

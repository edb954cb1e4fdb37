/* SPDX-License-Identifier: BSD-3-Clause
 *
 * jpegkit.h: JPEG files of every kind, made by libjpeg, for the tests of codec/jpeg; and the way
 * of a file to coefficients and back. libjpeg's errors end the program, as they should.
 */
#ifndef IDF_TESTS_JPEGKIT_H
#define IDF_TESTS_JPEGKIT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "jpeg.h"
#include "unit.h"

typedef struct jpegkit_kind {
  J_COLOR_SPACE space; /* of the file */
  int h, v;            /* sampling of the first component */
  int quality;
  bool progressive, optimal, arithmetic, split; /* split: a scan for each component */
  unsigned restart;                             /* MCUs between restart markers */
} jpegkit_kind;

static const jpegkit_kind jpegkit_kinds[] = {
    {JCS_GRAYSCALE, 1, 1, 75, false, false, false, false, 0},
    {JCS_GRAYSCALE, 2, 2, 75, false, true, false, false, 3},
    {JCS_YCbCr, 1, 1, 90, false, false, false, false, 0},
    {JCS_YCbCr, 2, 1, 75, false, true, false, false, 2},
    {JCS_YCbCr, 2, 2, 75, false, false, false, false, 0},
    {JCS_YCbCr, 1, 2, 100, false, true, false, false, 0},
    {JCS_YCbCr, 4, 1, 50, false, false, false, false, 1},
    {JCS_YCbCr, 3, 1, 60, false, true, false, false, 0},
    {JCS_RGB, 1, 1, 95, false, false, false, false, 0},
    {JCS_CMYK, 1, 1, 85, false, true, false, false, 0},
    {JCS_YCCK, 2, 2, 85, false, false, false, false, 5},
    {JCS_YCbCr, 2, 2, 75, false, false, false, true, 4},
    {JCS_YCbCr, 2, 2, 80, true, false, false, false, 0},
    {JCS_YCbCr, 2, 1, 98, true, false, false, false, 3},
    {JCS_GRAYSCALE, 1, 1, 30, true, false, false, false, 0},
    {JCS_CMYK, 1, 1, 70, true, false, false, false, 7},
    {JCS_YCbCr, 2, 2, 1, true, false, false, false, 0}};

#define JPEGKIT_KINDS (sizeof jpegkit_kinds / sizeof *jpegkit_kinds)

static inline int jpegkit_channels(const jpegkit_kind *k)
{
  return k->space == JCS_GRAYSCALE ? 1 : k->space == JCS_CMYK || k->space == JCS_YCCK ? 4 : 3;
}

/* libjpeg's remarks on coarse quantisers are no news to a test. */
static inline void jpegkit_hush(j_common_ptr jpeg, int level)
{
  (void)jpeg;
  (void)level;
}

/* A picture with slopes, edges and noise as a JPEG file appended to `out`. */
static inline void jpegkit_make(idf_buf *out, const jpegkit_kind *k, unsigned width,
                                unsigned height, uint64_t seed)
{
  static const jpeg_scan_info scans[3] = {
      {1, {0}, 0, 63, 0, 0}, {1, {1}, 0, 63, 0, 0}, {1, {2}, 0, 63, 0, 0}};
  struct jpeg_compress_struct jpeg;
  struct jpeg_error_mgr errors;
  unsigned char *file = NULL;
  unsigned long size = 0;
  idf_unit_random r = idf_unit_random_of(seed);
  const unsigned channels = (unsigned)jpegkit_channels(k);
  JSAMPLE *row = malloc((size_t)width * channels);
  JSAMPROW rows = row;

  if (!row)
    abort();
  jpeg.err = jpeg_std_error(&errors);
  errors.emit_message = jpegkit_hush;
  jpeg_create_compress(&jpeg);
  jpeg_mem_dest(&jpeg, &file, &size);
  jpeg.image_width = width;
  jpeg.image_height = height;
  jpeg.input_components = (int)channels;
  jpeg.in_color_space = channels == 1 ? JCS_GRAYSCALE : channels == 3 ? JCS_RGB : JCS_CMYK;
  jpeg_set_defaults(&jpeg);
  jpeg_set_colorspace(&jpeg, k->space);
  jpeg_set_quality(&jpeg, k->quality, FALSE);
  jpeg.comp_info[0].h_samp_factor = k->h;
  jpeg.comp_info[0].v_samp_factor = k->v;
  if (k->space == JCS_YCCK) {
    jpeg.comp_info[3].h_samp_factor = k->h;
    jpeg.comp_info[3].v_samp_factor = k->v;
  }
  jpeg.optimize_coding = k->optimal;
  jpeg.arith_code = k->arithmetic;
  jpeg.restart_interval = k->restart;
  if (k->progressive)
    jpeg_simple_progression(&jpeg);
  if (k->split) {
    jpeg.scan_info = scans;
    jpeg.num_scans = 3;
  }
  jpeg_start_compress(&jpeg, TRUE);
  for (unsigned y = 0; y < height; y++) {
    for (unsigned x = 0; x < width; x++)
      for (unsigned c = 0; c < channels; c++) {
        const unsigned edge = (x / 13 + y / 11 + c) % 3 * 60, slope = x * (c + 1) + 2 * y;
        row[x * channels + c] = (JSAMPLE)((edge + slope + idf_unit_below(&r, 9)) & 255);
      }
    (void)jpeg_write_scanlines(&jpeg, &rows, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  idf_put_bytes(out, file, size);
  free(file);
  free(row);
}

static inline idf_status jpegkit_keep(void *to, const uint8_t *data, size_t len)
{
  idf_buf *buf = to;
  idf_put_bytes(buf, data, len);
  return buf->bad ? IDF_ERR_MEMORY : IDF_OK;
}

/* A file's coefficients, all rows, and its side stream. */
typedef struct jpegkit_taken {
  idf_jpeg_band all;
  idf_buf side;
} jpegkit_taken;

/* Rows [row, ...) of all as a band of `count`. */
static inline idf_jpeg_band jpegkit_part(const idf_jpeg *j, const idf_jpeg_band *all, uint32_t row,
                                         uint32_t count)
{
  idf_jpeg_band part = {.first = row, .count = IDF_MIN(count, j->mcus_h - row)};
  for (unsigned i = 0; i < j->components; i++)
    part.coefs[i] =
        all->coefs[i] + (size_t)row * j->component[i].v * j->component[i].blocks_w * IDF_JPEG_BLOCK;
  return part;
}

/* Bands of `rows` MCU rows through a reader and a writer. */
static inline idf_jpeg_why jpegkit_take(idf_mem *mem, const uint8_t *file, size_t len,
                                        uint32_t rows, jpegkit_taken *taken)
{
  idf_jpeg j;
  idf_jpeg_reader *r = NULL;
  idf_jpeg_writer *w = NULL;
  *taken = (jpegkit_taken){0};
  idf_buf_init(&taken->side, mem);
  idf_jpeg_why why = idf_jpeg_parse(&j, mem, file, len, 1u << 22);
  if (why != IDF_JPEG_OK)
    return why;
  if (!idf_jpeg_band_init(&taken->all, &j, mem, j.mcus_h))
    why = IDF_JPEG_MEMORY;
  if (why == IDF_JPEG_OK)
    why = idf_jpeg_read_new(&j, mem, &r);
  if (why == IDF_JPEG_OK)
    why = idf_jpeg_write_new(&j, mem, &w);
  for (uint32_t y = 0; y < j.mcus_h && why == IDF_JPEG_OK; y += rows) {
    idf_jpeg_band part = jpegkit_part(&j, &taken->all, y, rows);
    why = idf_jpeg_read(r, &part);
    if (why == IDF_JPEG_OK)
      why = idf_jpeg_write(w, &part);
  }
  if (why == IDF_JPEG_OK)
    why = idf_jpeg_read_end(r);
  if (why == IDF_JPEG_OK)
    why = idf_jpeg_write_end(w);
  if (why == IDF_JPEG_OK)
    why = idf_jpeg_side_put(&j, w, &taken->side);
  idf_jpeg_read_free(r);
  idf_jpeg_write_free(w);
  idf_jpeg_free(&j);
  return why;
}

static inline void jpegkit_taken_free(idf_mem *mem, jpegkit_taken *taken)
{
  idf_jpeg_band_free(&taken->all, mem);
  idf_buf_free(&taken->side);
}

/* The file made of what was taken, appended to `out`; an error that is no refusal is corrupt. */
static inline idf_status jpegkit_give(idf_mem *mem, const jpegkit_taken *taken, uint32_t rows,
                                      idf_buf *out)
{
  idf_jpeg j;
  idf_jpeg_writer *w = NULL;
  if (idf_jpeg_side_get(&j, mem, taken->side.data, taken->side.len, 1u << 22) != IDF_JPEG_OK)
    return IDF_ERR_CORRUPT;
  idf_jpeg_why why = idf_jpeg_write_new(&j, mem, &w);
  for (uint32_t y = 0; y < j.mcus_h && why == IDF_JPEG_OK; y += rows) {
    const idf_jpeg_band part = jpegkit_part(&j, &taken->all, y, rows);
    why = idf_jpeg_write(w, &part);
  }
  if (why == IDF_JPEG_OK)
    why = idf_jpeg_write_end(w);
  const idf_status status =
      why == IDF_JPEG_OK ? idf_jpeg_emit(&j, w, jpegkit_keep, out) : IDF_ERR_CORRUPT;
  idf_jpeg_write_free(w);
  idf_jpeg_free(&j);
  return status;
}

/* OK: the file came back. IDF_JPEG_SIDE: it did not. Else why it was refused. */
static inline idf_jpeg_why jpegkit_round_trip(const uint8_t *file, size_t len, uint32_t rows)
{
  idf_mem mem;
  jpegkit_taken taken;
  idf_buf out;
  idf_mem_init(&mem, (uint64_t)1 << 28);
  idf_buf_init(&out, &mem);
  idf_jpeg_why why = jpegkit_take(&mem, file, len, rows, &taken);
  if (why == IDF_JPEG_OK
      && (jpegkit_give(&mem, &taken, rows + 1, &out) != IDF_OK || out.len != len
          || memcmp(out.data, file, len) != 0))
    why = IDF_JPEG_SIDE;
  jpegkit_taken_free(&mem, &taken);
  idf_buf_free(&out);
  return mem.used == 0 ? why : IDF_JPEG_SIDE;
}

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * keptkit.h: JPEG files to .idf and back, for the tests of src that keep them whole.
 */
#ifndef IDF_TESTS_KEPTKIT_H
#define IDF_TESTS_KEPTKIT_H

#include "jpegkit.h"
#include "picture.h"

/* The .idf of a JPEG, always of records, appended to `out`; *why as idf_encoder_new_jpeg. */
static inline idf_status keptkit_encode(const uint8_t *file, size_t len, unsigned threads,
                                        int64_t fail, idf_buf *out, const char **why)
{
  idf_encoder *e = NULL;
  idf_settings settings;
  idf_settings_init(&settings);
  settings.threads = threads;
  idf_status status =
      idf_encoder_create_jpeg(&settings, file, len, picture_write, out, fail, &e, why);
  if (status == IDF_OK) {
    idf_encoder_records(e);
    status = idf_encoder_finish(e);
  }
  idf_encoder_free(e);
  return status;
}

/* What is asked of a decoder. */
typedef struct keptkit_way {
  unsigned threads;
  bool keep_going, original;
  int64_t fail;
  size_t piece;        /* bytes of a read; 0: all */
  uint64_t max_memory; /* 0: the default */
} keptkit_way;

static const keptkit_way keptkit_plain = {.threads = 1, .fail = -1};

/* Rows, all of them, or the JPEG, appended to `out`; *info if not NULL. */
static inline idf_status keptkit_decode(const uint8_t *data, size_t len, const keptkit_way *way,
                                        idf_buf *out, idf_info *info)
{
  idf_decoder *d = NULL;
  idf_info found = {0};
  idf_limits limits;
  picture_source source = {data, len, way->piece};
  idf_limits_init(&limits);
  if (way->max_memory)
    limits.max_memory = way->max_memory;
  idf_status status = idf_decoder_create(&limits, picture_read, &source, way->fail, &d);
  if (status == IDF_OK) {
    idf_decoder_threads(d, way->threads);
    idf_decoder_keep_going(d, way->keep_going);
    status = idf_decoder_info(d, &found);
  }
  if (status == IDF_OK && way->original) {
    status = idf_decoder_original_write(d, picture_write, out);
  } else if (status == IDF_OK) {
    const size_t row = idf_row_bytes(&found);
    for (uint32_t y = 0; y < found.height && status == IDF_OK; y++) {
      idf_buf_reserve(out, row);
      status = idf_decoder_rows(d, out->data + out->len, 1);
      out->len += row;
    }
    if (status == IDF_OK)
      status = idf_decoder_finish(d);
  }
  /* Every error has its words, but that a JPEG is asked for where there is none. */
  if (d && status != IDF_OK && status != IDF_ERR_ARGUMENT && idf_decoder_detail(d)[0] == '\0')
    abort();
  if (info)
    *info = found;
  idf_decoder_free(d);
  return status;
}

/* The pixels that libjpeg-turbo makes with its defaults, appended to `out`. */
static inline void keptkit_pixels(const uint8_t *file, size_t len, idf_buf *out)
{
  struct jpeg_decompress_struct jpeg;
  struct jpeg_error_mgr errors;

  jpeg.err = jpeg_std_error(&errors);
  errors.emit_message = jpegkit_hush;
  jpeg_create_decompress(&jpeg);
  jpeg_mem_src(&jpeg, file, len);
  (void)jpeg_read_header(&jpeg, TRUE);
  (void)jpeg_start_decompress(&jpeg);
  const size_t row = (size_t)jpeg.output_width * (unsigned)jpeg.output_components;
  while (jpeg.output_scanline < jpeg.output_height) {
    idf_buf_reserve(out, row);
    JSAMPROW to = out->data + out->len;
    (void)jpeg_read_scanlines(&jpeg, &to, 1);
    out->len += row;
  }
  (void)jpeg_finish_decompress(&jpeg);
  jpeg_destroy_decompress(&jpeg);
}

static inline bool keptkit_same(const idf_buf *a, const idf_buf *b)
{
  return !a->bad && !b->bad && a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

#endif

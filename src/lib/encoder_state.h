/* SPDX-License-Identifier: BSD-3-Clause
 *
 * encoder_state.h: what an encoder remembers, shared by encoder.c (a picture's rows, and what is
 * the same for all files) and encoder_jpeg.c (a JPEG file's bands).
 */
#ifndef IDF_SRC_ENCODER_STATE_H
#define IDF_SRC_ENCODER_STATE_H

#include "internal.h"
#include "pool.h"

/* A tile between coding and writing. */
typedef struct idf_slot {
  idf_buf payload;
  idf_status status;
  bool done;
} idf_slot;

typedef struct idf_encoder_jpeg idf_encoder_jpeg; /* encoder_jpeg.c */

struct idf_encoder {
  idf_mem mem; /* first: idf_object_new */
  idf_settings settings;
  idf_info info;
  unsigned channels, sample_bytes, tile_log2;
  idf_header header;
  const idf_kernels *kernels; /* of the level asked for */
  const idf_model *model;
  idf_model *own_model; /* NULL when the caller's is used */
  idf_write_fn write;
  void *context;
  idf_progress_fn progress; /* NULL: nobody is told */
  void *progress_context;
  uint64_t tiles;
  uint32_t across; /* tiles */
  unsigned threads;
  uint16_t *band; /* band_tiles rows of tiles: row r is at r mod band_tiles; allocated with
                       * the first row */
  uint32_t band_tiles;
  idf_slot *slots; /* tile i is in number i mod slot_count */
  size_t slot_count;
  void (*code)(void *encoder, uint64_t i); /* codes tile i; run by several threads */
  idf_pool *pool;                          /* codes tiles */
  idf_cancel cancel;
  uint64_t ready, written; /* tiles: those that can be coded, and which are in the file */
  size_t band_stride;      /* samples from one row to the next: width * channels */
  uint32_t rows;           /* taken so far */
  uint32_t crc;            /* of their samples; of a JPEG's coefficients */
  idf_buf payload, record, index;
  idf_buf pieces;         /* metadata not yet written, as pieces.h has them */
  idf_encoder_jpeg *jpeg; /* NULL: the picture comes in rows */
  bool header_written, finished;
  idf_status status; /* the first error; every later call returns it */
};

/* Notes the first error; returns the first. */
idf_status idf_encoder_fail(idf_encoder *e, idf_status status);

/* An encoder of nothing yet; settings are checked. The picture is described next. */
idf_status idf_encoder_make(const idf_settings *settings, idf_write_fn write, void *context,
                            int64_t fail_in, idf_encoder **encoder);
void idf_encoder_describe(idf_encoder *e, const idf_info *info, unsigned tile_log2);

/* Slots for `count` tiles, and the pool that runs e->code. */
idf_status idf_encoder_make_slots(idf_encoder *e, size_t count);

/* Appends a record and hands it to the caller. */
idf_status idf_encoder_record(idf_encoder *e, uint8_t kind, const idf_buf *payload);

/* Writes tiles, of which e->ready can be coded, until at most `stay` of these wait. */
idf_status idf_encoder_write_ready(idf_encoder *e, uint64_t stay);

/* ---- encoder_jpeg.c ----------------------------------------------------------------- */

/* Writes the record of the JPEG file and all its bands. */
idf_status idf_encoder_jpeg_bands(idf_encoder *e);
/* Rows of pixels in the bands that are written. */
uint32_t idf_encoder_jpeg_rows(const idf_encoder *e);
void idf_encoder_jpeg_free(idf_encoder *e);

#endif

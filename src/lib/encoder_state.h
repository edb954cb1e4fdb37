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
  bool held;              /* the file may be brief: nothing of it is written yet */
  idf_buf tile, late;     /* while held: the payload of the tile, and the metadata after it */
  idf_buf pieces;         /* metadata not yet written, as pieces.h has them */
  idf_encoder_jpeg *jpeg; /* NULL: the picture comes in rows */
  bool begun, finished;
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

/* Writes the header; the metadata that wait; what is in e->record. */
idf_status idf_encoder_header(idf_encoder *e);
idf_status idf_encoder_flush_pieces(idf_encoder *e);
idf_status idf_encoder_flush(idf_encoder *e);

/* Appends a record and hands it to the caller. */
idf_status idf_encoder_record(idf_encoder *e, uint8_t kind, const idf_buf *payload);

/* Writes tiles, of which e->ready can be coded, until at most `stay` of these wait. */
idf_status idf_encoder_write_ready(idf_encoder *e, uint64_t stay);

/* ---- encoder_brief.c ---------------------------------------------------------------- */

/* Once the picture is described: holds everything back if the file may be brief. */
void idf_encoder_hold(idf_encoder *e);
/* Holds a piece of metadata, or the payload of the tile, from which it takes the bytes. A false
 * result: there are too many. */
bool idf_encoder_hold_piece(idf_encoder *e, const char type[4], const void *data, size_t size);
void idf_encoder_hold_tile(idf_encoder *e, idf_buf *payload);
/* Writes as records what is held, and holds no more. */
idf_status idf_encoder_release(idf_encoder *e);
/* When all is there: writes the file, which is then whole, or releases it if it is too large. */
idf_status idf_encoder_brief(idf_encoder *e);

/* ---- encoder_jpeg.c ----------------------------------------------------------------- */

/* Writes the record of the JPEG file, if nothing is held, and all its bands. */
idf_status idf_encoder_jpeg_bands(idf_encoder *e);
/* Writes the record; its payload. */
idf_status idf_encoder_jpeg_record(idf_encoder *e, const idf_encoder_jpeg *jpeg);
idf_cur idf_encoder_jpeg_kept(const idf_encoder_jpeg *jpeg);
/* Rows of pixels in the bands that are written. */
uint32_t idf_encoder_jpeg_rows(const idf_encoder *e);
void idf_encoder_jpeg_free(idf_encoder *e);

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image.h: reads and writes the tools' image files, row by row.
 *
 * Metadata is kept raw: a PNG chunk stays as its type and payload. It is never parsed and rebuilt,
 * so it comes back unchanged. Metadata whose type has a digit is ours; no PNG chunk can have such a
 * name. "max1" is the maxval of a PNM or PAM file as two bytes, low byte first, present if it is
 * not 2^depth - 1.
 *
 * Samples are laid out as idf.h says. This code is linked to the programs, not to the library.
 */
#ifndef IDF_IMAGE_H
#define IDF_IMAGE_H

#include "bytes.h"
#include "chunks.h"
#include "idf.h"
#include "mem.h"

#define IDF_TYPE_MAXVAL "max1"
#define IDF_IMAGE_ERROR 256 /* bytes of an error message, with its end */

typedef enum idf_image_kind {
  IDF_IMAGE_UNKNOWN = 0,
  IDF_IMAGE_PNG,
  IDF_IMAGE_PNM, /* PBM, PGM, PPM and PAM: "P1" to "P7" */
  IDF_IMAGE_JPEG,
  IDF_IMAGE_IDF
} idf_image_kind;

/* Recognises a file by its first bytes (12 are enough; there may be fewer). */
idf_image_kind idf_image_sniff(const uint8_t *head, size_t len);

/* What readers and writers share with their caller. Set everything before the first call. Any call
 * that fails may set `error`. */
typedef struct idf_image_env {
  idf_mem *mem;
  uint64_t max_pixels;
  uint64_t max_metadata; /* bytes of all metadata of one file */
  unsigned threads;      /* that a writer may use; 0 and 1: none but the caller's */
  bool tolerant;         /* read damaged JPEGs: invent missing pixels, with a warning */
  /* Receives a warning: one line of English without the file's name. NULL: no warnings. */
  void (*warn)(void *context, const char *text);
  /* Something of the input is not kept: see idf_image_drop. NULL: gives a warning instead. */
  void (*drop)(void *context, const char *what, const char *text);
  void *warn_context;          /* of both */
  char error[IDF_IMAGE_ERROR]; /* why the first failing call failed; "": see the status */
} idf_image_env;

#if defined(__GNUC__)
#define IDF_PRINTF(text, first) __attribute__((__format__(__printf__, text, first)))
#else
#define IDF_PRINTF(text, first)
#endif

/* Sets env->error unless it is set; returns `status`. */
idf_status idf_image_fail(idf_image_env *env, idf_status status, const char *format, ...)
    IDF_PRINTF(3, 4);
void idf_image_warn(idf_image_env *env, const char *format, ...) IDF_PRINTF(2, 3);
/* Reports that something of the input is not kept. `what` is its name for programs and is stable:
 * "chunk tEXt", "bytes after the end". The rest is a line for people. An input from which anything
 * was dropped is never removed. */
void idf_image_drop(idf_image_env *env, const char *what, const char *format, ...) IDF_PRINTF(3, 4);

/* Reads from the end of an image to the end of the file, and drops what is there, with a report of
 * its size. `head` has the bytes that were already read. Zeros do not count: many programs pad
 * files with them. Nor does `again`, which is NULL or the two bytes that end the image, however
 * often it is repeated. At most IDF_TAIL_MOST bytes are read. */
idf_status idf_image_tail(idf_image_env *env, idf_read_fn read, void *context, const uint8_t *head,
                          size_t size, const uint8_t *again);
#define IDF_TAIL_MOST ((uint64_t)64 << 20)

/* IDF_OK, or IDF_ERR_LIMIT with env->error set if there are more pixels than env->max_pixels. */
idf_status idf_image_limit(idf_image_env *env, const idf_info *info);

/* ---- readers ---------------------------------------------------------------- */

typedef struct idf_reader idf_reader;

struct idf_reader {
  idf_image_env *env;
  idf_info info;
  idf_chunks chunks; /* those before the pixels; complete after finish */
  uint32_t next_row; /* kept by idf_reader_rows */
  idf_status (*rows)(idf_reader *reader, void *rows, uint32_t count);
  idf_status (*finish)(idf_reader *reader);
  void (*close)(idf_reader *reader);
};

/* Open a file and read up to the pixels. `read` is as in idf.h. The env must outlive the reader.
 * Nothing is allocated for an image of more than env->max_pixels. */
idf_status idf_png_open(idf_image_env *env, idf_read_fn read, void *context, idf_reader **reader);
idf_status idf_pnm_open(idf_image_env *env, idf_read_fn read, void *context, idf_reader **reader);
/* The metadata become PNG chunks with the same meaning: jpeg_meta.h. */
idf_status idf_jpeg_open(idf_image_env *env, idf_read_fn read, void *context, idf_reader **reader);

/* Reads the next `count` rows; never past the last one (IDF_ERR_ARGUMENT). */
idf_status idf_reader_rows(idf_reader *reader, void *rows, uint32_t count);
/* Reads what follows the pixels. All rows must have been read (else IDF_ERR_ARGUMENT). */
idf_status idf_reader_finish(idf_reader *reader);
void idf_reader_close(idf_reader *reader); /* NULL is allowed */

/* ---- writers ---------------------------------------------------------------- */

typedef struct idf_writer idf_writer;

struct idf_writer {
  idf_image_env *env;
  idf_info info;
  uint32_t rows_left;
  idf_status (*metadata)(idf_writer *writer, const char *type, const uint8_t *data, size_t size);
  idf_status (*rows)(idf_writer *writer, const void *rows, uint32_t count);
  idf_status (*finish)(idf_writer *writer);
  void (*close)(idf_writer *writer);
};

#define IDF_PNG_FAST (-1) /* not a zlib level: fast, for photographs and drawings */

/* Creates a PNG writer. level: zlib's, 0 to 9, or IDF_PNG_FAST. IDF_ERR_UNSUPPORTED if PNG cannot
 * hold such samples; env->error then says which format to choose. */
idf_status idf_png_create(idf_image_env *env, const idf_info *info, int level, idf_write_fn write,
                          void *context, idf_writer **writer);

typedef enum idf_pnm_kind {
  IDF_PNM_ANY, /* the one that fits: P4 for one bit, P5 for gray, P6 for RGB */
  IDF_PNM_PBM,
  IDF_PNM_PGM,
  IDF_PNM_PPM,
  IDF_PNM_PAM
} idf_pnm_kind;

/* Creates a PNM or PAM writer. These hold no metadata except the maxval: the rest is dropped, with
 * one warning that lists it. A palette image gives IDF_ERR_UNSUPPORTED: nothing is converted. */
idf_status idf_pnm_create(idf_image_env *env, const idf_info *info, idf_pnm_kind kind,
                          idf_write_fn write, void *context, idf_writer **writer);

/* Writes metadata before the first row or after the last, in the order of the file. Metadata that
 * the file cannot hold gives an error or, if it is only descriptive, a warning. */
idf_status idf_writer_metadata(idf_writer *writer, const char *type, const uint8_t *data,
                               size_t size);
idf_status idf_writer_rows(idf_writer *writer, const void *rows, uint32_t count);
idf_status idf_writer_finish(idf_writer *writer); /* IDF_ERR_ARGUMENT if rows are missing */
void idf_writer_close(idf_writer *writer);        /* NULL is allowed */

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image.h: image files the tools read and write, row by row.
 *
 * Metadata travels raw: a PNG chunk is kept as its type and payload, never parsed
 * and rebuilt, so what comes back is what went in. Metadata whose type has a digit
 * is ours (no PNG chunk can be named so): "max1" is the maxval of a PNM or PAM file
 * as two bytes, low byte first, present when it is not 2^depth - 1.
 *
 * Samples are laid out as idf.h says. Linked into the programs, not the library.
 */
#ifndef IDF_IMAGE_H
#define IDF_IMAGE_H

#include "bytes.h"
#include "chunks.h"
#include "idf.h"
#include "mem.h"

#define IDF_TYPE_MAXVAL "max1"
#define IDF_IMAGE_ERROR 256 /* bytes of an error text, its end included */

typedef enum idf_image_kind {
  IDF_IMAGE_UNKNOWN = 0,
  IDF_IMAGE_PNG,
  IDF_IMAGE_PNM, /* PBM, PGM, PPM and PAM: "P1" to "P7" */
  IDF_IMAGE_JPEG,
  IDF_IMAGE_IDF
} idf_image_kind;

/* What a file is, from its first bytes (12 suffice, fewer may). */
idf_image_kind idf_image_sniff(const uint8_t *head, size_t len);

/* What readers and writers share with their caller. Set everything before the first
 * call; `error` may be set by any call that fails. */
typedef struct idf_image_env {
  idf_mem *mem;
  uint64_t max_pixels;
  uint64_t max_metadata; /* bytes of all metadata of one file */
  unsigned threads;      /* that a writer may use; 0 and 1: the caller's */
  bool tolerant;         /* a JPEG may be damaged: pixels that are missing are made up, and told */
  /* One line of English without the file's name; NULL to hear nothing. */
  void (*warn)(void *context, const char *text);
  /* Something of the input is not kept: see idf_image_drop. NULL: told as a warning. */
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
/* Says that something of the input is not kept. `what` names it for programs and is stable:
 * "chunk tEXt", "bytes after the end". The rest is a line for people. An input of which anything
 * was dropped is never removed. */
void idf_image_drop(idf_image_env *env, const char *what, const char *format, ...) IDF_PRINTF(3, 4);

/* Reads on from the end of an image to the end of the file, `head` being what was read of it
 * already, and drops what is there: told with its size. Zeros are no drop: many programs round
 * files up with them, and they say nothing. Nor is `again`, NULL or the two bytes that end the
 * image, as often as they are repeated. At most IDF_TAIL_MOST bytes are read. */
idf_status idf_image_tail(idf_image_env *env, idf_read_fn read, void *context, const uint8_t *head,
                          size_t size, const uint8_t *again);
#define IDF_TAIL_MOST ((uint64_t)64 << 20)

/* IDF_OK, or IDF_ERR_LIMIT with env->error set for more pixels than env->max_pixels. */
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

/* Read up to the pixels. `read` as in idf.h. The env must outlive the reader, and
 * nothing is allocated for an image of more than env->max_pixels. */
idf_status idf_png_open(idf_image_env *env, idf_read_fn read, void *context, idf_reader **reader);
idf_status idf_pnm_open(idf_image_env *env, idf_read_fn read, void *context, idf_reader **reader);
/* Metadata become the PNG chunks that mean the same: jpeg_meta.h. */
idf_status idf_jpeg_open(idf_image_env *env, idf_read_fn read, void *context, idf_reader **reader);

/* The next `count` rows; never past the last (IDF_ERR_ARGUMENT). */
idf_status idf_reader_rows(idf_reader *reader, void *rows, uint32_t count);
/* After the last row (else IDF_ERR_ARGUMENT): reads what follows the pixels. */
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

#define IDF_PNG_FAST (-1) /* the level that photographs and drawings are written fast with */

/* IDF_ERR_UNSUPPORTED, env->error saying which format to choose, when PNG cannot hold
 * such samples. level: zlib's, 0 to 9, or IDF_PNG_FAST. */
idf_status idf_png_create(idf_image_env *env, const idf_info *info, int level, idf_write_fn write,
                          void *context, idf_writer **writer);

typedef enum idf_pnm_kind {
  IDF_PNM_ANY, /* the plain one that fits: P4 for one bit, P5 for gray, P6 for RGB */
  IDF_PNM_PBM,
  IDF_PNM_PGM,
  IDF_PNM_PPM,
  IDF_PNM_PAM
} idf_pnm_kind;

/* PNM holds no metadata but the maxval: the rest is dropped, with one warning that
 * lists it. A palette image is IDF_ERR_UNSUPPORTED: nothing is converted. */
idf_status idf_pnm_create(idf_image_env *env, const idf_info *info, idf_pnm_kind kind,
                          idf_write_fn write, void *context, idf_writer **writer);

/* Before the first row or after the last, in the order wanted in the file. Metadata
 * that the file cannot hold is an error or, when it only describes, a warning. */
idf_status idf_writer_metadata(idf_writer *writer, const char *type, const uint8_t *data,
                               size_t size);
idf_status idf_writer_rows(idf_writer *writer, const void *rows, uint32_t count);
idf_status idf_writer_finish(idf_writer *writer); /* IDF_ERR_ARGUMENT when rows are missing */
void idf_writer_close(idf_writer *writer);        /* NULL is allowed */

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * files.h: input that can be read twice, and output that appears whole or not at all.
 *
 * An output file gets its name only in idf_sink_commit; until then it has none, or a temporary one
 * in the same folder (names.h). What is no regular file (stdout, a device, a pipe) has no name to
 * give and is written directly.
 */
#ifndef IDF_FILES_H
#define IDF_FILES_H

#include "bytes.h"
#include "idf.h"
#include "names.h"

#define IDF_FILES_BUFFER 65536

typedef struct idf_source {
  int fd;
  bool keep;   /* cannot seek, but idf_source_rewind was announced: `kept` holds all */
  bool replay; /* reading from `kept` */
  idf_buf kept;
  size_t replayed;
  uint64_t size;   /* bytes of a regular file; 0 when unknown */
  uint64_t read;   /* bytes handed out since the start or the rewind */
  idf_stamp stamp; /* taken before anything was read */
  size_t at, have;
  char error[IDF_FILES_ERROR];
  uint8_t buffer[IDF_FILES_BUFFER];
} idf_source;

/* `path` "-" is stdin. `again`: idf_source_rewind will be called; what cannot seek is
 * then kept in memory as it is read. On failure `error` says why. */
idf_status idf_source_open(idf_source *input, idf_mem *mem, const char *path, bool again);
/* The first bytes, at most `want` (up to 4096), without taking them. */
idf_status idf_source_peek(idf_source *input, size_t want, const uint8_t **data, size_t *len);
/* An idf_read_fn; context is the idf_source. */
idf_status idf_source_read(void *context, uint8_t *buffer, size_t capacity, size_t *size);
idf_status idf_source_rewind(idf_source *input);
void idf_source_close(idf_source *input);

typedef enum idf_sink_mode {
  IDF_SINK_FILE,   /* a name in a folder */
  IDF_SINK_STREAM, /* written as it comes */
  IDF_SINK_MEMORY  /* kept in `kept`; with a path "-" written to stdout at commit */
} idf_sink_mode;

typedef struct idf_sink {
  idf_mem *mem;
  idf_sink_mode mode;
  int fd;     /* -1: none; with IDF_SINK_FILE that of `temp` */
  bool force; /* an existing file may be replaced */
  bool to_stdout;
  idf_temp temp;
  idf_stamp like; /* a regular input: its owner, permissions and times are given to the output */
  bool times;     /* set by idf_sink_open; cleared by a caller: not the times */
  uint64_t written;
  size_t fill;
  idf_buf kept;
  size_t read_at; /* idf_sink_read */
  char error[IDF_FILES_ERROR];
  uint8_t buffer[IDF_FILES_BUFFER];
} idf_sink;

/* Prepares to write `path`, "-" being stdout, NULL nothing (memory, dropped at the
 * end). `source` may be NULL; writing over it is refused, and an output with a name gets the
 * permissions and times of a source that is a regular file. `whole`: keep what goes to
 * stdout in memory until the commit. IDF_ERR_IO with `error` set: exists and no
 * `force`, a terminal, no permission, ... Paths of open files (idf_names_fd), devices and pipes
 * exist and need no `force`. */
idf_status idf_sink_open(idf_sink *output, idf_mem *mem, const char *path, bool force, bool whole,
                         const idf_source *source);
/* An idf_write_fn; context is the idf_sink. Fails when a signal came. */
idf_status idf_sink_write(void *context, const uint8_t *data, size_t size);
/* Ends the writing; idf_sink_read, an idf_read_fn, then gives back what was written
 * (not for streams). */
idf_status idf_sink_seal(idf_sink *output);
idf_status idf_sink_read(void *context, uint8_t *buffer, size_t capacity, size_t *size);
/* Syncs and gives the output its name, or hands kept bytes to stdout. lasting: the name, too, is
 * to outlive a crash, which takes a second sync; else the whole output may be gone after one. */
idf_status idf_sink_commit(idf_sink *output, bool lasting);
/* Releases everything; without a commit no file is left. */
void idf_sink_close(idf_sink *output);

#endif

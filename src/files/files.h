/* SPDX-License-Identifier: BSD-3-Clause
 *
 * files.h: inputs that can be read twice, and outputs that appear as a whole or not at all.
 *
 * An output file gets its name only in idf_sink_commit. Until then it has none, or a temporary one
 * in the same folder (names.h). An output that is not a regular file (stdout, a device, a pipe) has
 * no name to give and is written directly.
 */
#ifndef IDF_FILES_H
#define IDF_FILES_H

#include "bytes.h"
#include "idf.h"
#include "names.h"

#define IDF_FILES_BUFFER 65536

typedef struct idf_source {
  int fd;
  bool keep;   /* cannot seek but will be rewound: `kept` has everything */
  bool replay; /* reading from `kept` */
  idf_buf kept;
  size_t replayed;
  uint64_t size;   /* bytes of a regular file; 0 if unknown */
  uint64_t read;   /* bytes delivered since the start or the rewind */
  idf_stamp stamp; /* taken before reading */
  size_t at, have;
  char error[IDF_FILES_ERROR];
  uint8_t buffer[IDF_FILES_BUFFER];
} idf_source;

/* Opens an input; `path` "-" is stdin. again: idf_source_rewind will be called, so an input that
 * cannot seek is kept in memory. On failure `error` says why. */
idf_status idf_source_open(idf_source *input, idf_mem *mem, const char *path, bool again);
/* Returns the first bytes, at most `want` (up to IDF_FILES_BUFFER), without consuming them. */
idf_status idf_source_peek(idf_source *input, size_t want, const uint8_t **data, size_t *len);
/* These bytes, as an input that ends after them. */
typedef struct idf_head {
  const uint8_t *data;
  size_t len;
} idf_head;
idf_status idf_head_read(void *head, uint8_t *buffer, size_t capacity, size_t *size);
/* An idf_read_fn; context is the idf_source. */
idf_status idf_source_read(void *context, uint8_t *buffer, size_t capacity, size_t *size);
idf_status idf_source_rewind(idf_source *input);
/* Whether bytes can be read at any place: of a regular file with a name. */
bool idf_source_seeks(const idf_source *input);
/* An idf_read_at_fn for such an input; context is the idf_source. Nothing of it counts as read. */
idf_status idf_source_read_at(void *context, uint64_t offset, uint8_t *buffer, size_t size);
/* Takes the announcement back, after a peek at most: nothing more is kept in memory. */
void idf_source_once(idf_source *input);
void idf_source_close(idf_source *input);

typedef enum idf_sink_mode {
  IDF_SINK_FILE,   /* a file with a name */
  IDF_SINK_STREAM, /* written directly */
  IDF_SINK_MEMORY  /* kept in `kept`; with path "-" written to stdout at commit */
} idf_sink_mode;

typedef struct idf_sink {
  idf_mem *mem;
  idf_sink_mode mode;
  int fd;     /* -1: none; with IDF_SINK_FILE that of `temp` */
  bool force; /* an existing file may be replaced */
  bool to_stdout;
  idf_temp temp;
  idf_stamp like; /* a regular input, whose owner, permissions and times the output gets */
  bool times;     /* set by idf_sink_open; a caller may clear it to skip the times */
  uint64_t written;
  size_t fill;
  idf_buf kept;
  size_t read_at; /* idf_sink_read */
  char error[IDF_FILES_ERROR];
  uint8_t buffer[IDF_FILES_BUFFER];
} idf_sink;

/* Prepares to write `path`; "-" is stdout, NULL is memory that is dropped at the end. `source` may
 * be NULL. Overwriting the source is refused. An output with a name gets the permissions and times
 * of a source that is a regular file. whole: keep output for stdout in memory until the commit. On
 * failure (the file exists and `force` is not set, a terminal, no permission, ...) returns
 * IDF_ERR_IO and sets `error`. Paths of open files (idf_names_fd), devices and pipes exist and need
 * no `force`. */
idf_status idf_sink_open(idf_sink *output, idf_mem *mem, const char *path, bool force, bool whole,
                         const idf_source *source);
/* Chooses another path, in the same folder, for an output that has no name yet; other outputs stay
 * as they are. Opens nothing. Memory errors only. */
idf_status idf_sink_rename(idf_sink *output, const char *path);
/* An idf_write_fn; context is the idf_sink. It fails after a signal. */
idf_status idf_sink_write(void *context, const uint8_t *data, size_t size);
/* Ends writing. Then idf_sink_read, an idf_read_fn, returns what was written (not for streams). */
idf_status idf_sink_seal(idf_sink *output);
idf_status idf_sink_read(void *context, uint8_t *buffer, size_t capacity, size_t *size);
/* Syncs the output and gives it its name, or writes kept bytes to stdout. lasting: the name must
 * also survive a crash, which takes a second sync; otherwise a crash may lose the whole output. */
idf_status idf_sink_commit(idf_sink *output, bool lasting);
/* Releases everything. Without a commit no file is left. */
void idf_sink_close(idf_sink *output);

#endif

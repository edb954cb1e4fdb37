/* SPDX-License-Identifier: BSD-3-Clause
 *
 * input.h: reads a file, from a read callback, as a sequence of records.
 *
 * The buffer grows with the bytes that arrive, never with a length that the file merely claims.
 * Returned pointers point into it and are valid until the next call.
 */
#ifndef IDF_SRC_INPUT_H
#define IDF_SRC_INPUT_H

#include "container.h"
#include "idf.h"
#include "mem.h"
#include "sources.h"

typedef struct idf_input {
  idf_mem *mem;
  idf_read_fn read;
  void *context;
  uint8_t *data; /* [pos, len) is read but not consumed */
  size_t pos, len, cap;
  uint64_t base;    /* offset in the file of data[0] */
  bool ended;       /* the callback has no more */
  idf_place *place; /* `context`, if the input can be read at any place; else NULL */
  bool passing;     /* amid idf_input_pass */
  idf_record passed;
  size_t pass_left;  /* bytes of it before its checksum */
  uint32_t pass_sum; /* of those read */
  idf_simd simd;     /* for checksums */
} idf_input;

void idf_input_init(idf_input *in, idf_mem *mem, idf_read_fn read, void *context);
void idf_input_free(idf_input *in);

/* Reads until at least `want` bytes wait or the data end; sets *have to their number. Errors:
 * memory, and what the callback returns. With IDF_NEED_INPUT from the callback, here and below, the
 * same call can be repeated later: nothing is lost or consumed. */
idf_status idf_input_fill(idf_input *in, size_t want, size_t *have);

static inline const uint8_t *idf_input_at(const idf_input *in)
{
  return in->data + in->pos;
}

/* Consumes n of the waiting bytes. */
static inline void idf_input_skip(idf_input *in, size_t n)
{
  in->pos += n;
}

/* With `place`: continues at this offset of the file. */
void idf_input_seek(idf_input *in, uint64_t offset);

/* Returns the frame of the next record, or of the one that idf_input_pass has begun.
 * IDF_ERR_TRUNCATED at the end of the data. */
idf_status idf_input_peek(idf_input *in, idf_record *rec);

/* Returns the next record, whole and checked, without consuming it. Its payload has at most `most`
 * bytes; otherwise IDF_ERR_CORRUPT, and nothing is read for it. *framed says whether rec->size
 * bytes are there, so that a record with a wrong checksum can be skipped. */
idf_status idf_input_record(idf_input *in, size_t most, idf_record *rec, bool *framed);

/* Consumes a record of any length without storing it, and checks its checksum. Call it again after
 * IDF_NEED_INPUT. */
idf_status idf_input_pass(idf_input *in, const idf_record *rec);

/* Reads the whole rest of the file into memory if it is less than `most` bytes. After IDF_OK
 * nothing more is read, so nothing moves. IDF_ERR_LIMIT if it is more; errors as of
 * idf_input_fill. */
idf_status idf_input_pin(idf_input *in, size_t most);

#endif

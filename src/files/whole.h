/* SPDX-License-Identifier: BSD-3-Clause
 *
 * whole.h: a file held in memory: given out as a stream as often as wanted, and compared with what
 * comes back.
 */
#ifndef IDF_WHOLE_H
#define IDF_WHOLE_H

#include "bytes.h"
#include "idf.h"

typedef struct idf_whole {
  idf_buf bytes;
  size_t at; /* given out, or compared */
} idf_whole;

void idf_whole_init(idf_whole *whole, idf_mem *mem);
/* Reads all there is; `size` is how much that is likely to be, 0: nobody knows. The reader's
 * errors; IDF_ERR_LIMIT or IDF_ERR_MEMORY when it does not fit. */
idf_status idf_whole_load(idf_whole *whole, uint64_t size, idf_read_fn read, void *context);
void idf_whole_rewind(idf_whole *whole);
/* An idf_read_fn; context is the idf_whole. */
idf_status idf_whole_read(void *context, uint8_t *buffer, size_t capacity, size_t *size);
/* An idf_write_fn: IDF_ERR_CORRUPT for bytes other than the next ones, or after the last. */
idf_status idf_whole_compare(void *context, const uint8_t *data, size_t size);
/* True when all bytes were given out, or compared. */
bool idf_whole_ended(const idf_whole *whole);
void idf_whole_free(idf_whole *whole);

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sources.h: where the bytes of a file come from, other than from the caller's read callback: a
 * queue that the caller fills, or input that can be read at any place. Each has a function for
 * idf_input_init, whose context is the source.
 */
#ifndef IDF_SRC_SOURCES_H
#define IDF_SRC_SOURCES_H

#include "bytes.h"
#include "idf.h"

typedef struct idf_queue {
  idf_buf bytes;
  size_t taken; /* of `bytes`, from the front */
  bool ended;   /* nothing more is put in */
} idf_queue;

/* Appends a copy. Memory errors only: nothing is appended then, and the queue stays usable. */
idf_status idf_queue_put(idf_queue *queue, const uint8_t *data, size_t size);
/* IDF_NEED_INPUT while there is nothing. */
idf_status idf_queue_read(void *queue, uint8_t *buffer, size_t capacity, size_t *size);

typedef struct idf_place {
  idf_read_at_fn read_at;
  void *context;
  uint64_t at, size; /* the next byte; of the file */
} idf_place;

idf_status idf_place_read(void *place, uint8_t *buffer, size_t capacity, size_t *size);

/* An idf_read_at_fn for a file in memory: `context` is its first byte. */
idf_status idf_memory_read_at(void *context, uint64_t offset, uint8_t *buffer, size_t size);

#endif

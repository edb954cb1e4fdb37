/* SPDX-License-Identifier: BSD-3-Clause
 *
 * chunks.h: a list of metadata as PNG chunks, each with its type and its payload.
 */
#ifndef IDF_CHUNKS_H
#define IDF_CHUNKS_H

#include "mem.h"

typedef struct idf_chunk {
  char type[5];
  bool after_pixels;
  uint8_t *data; /* owned by the list */
  size_t size;
} idf_chunk;

typedef struct idf_chunks {
  idf_mem *mem;
  idf_chunk *list;
  size_t count, cap;
  uint64_t bytes; /* of all data */
} idf_chunks;

/* Appends a copy of one piece of metadata. Memory errors only. */
idf_status idf_chunks_add(idf_chunks *chunks, const char type[4], const uint8_t *data, size_t size,
                          bool after_pixels);
void idf_chunks_free(idf_chunks *chunks);

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * chunks.c: the list of metadata chunks.
 */
#include "chunks.h"

#include <string.h>

idf_status idf_chunks_add(idf_chunks *chunks, const char type[4], const uint8_t *data, size_t size,
                          bool after_pixels)
{
  if (chunks->count == chunks->cap) {
    const size_t cap = chunks->cap ? 2 * chunks->cap : 8;
    size_t bytes;
    if (!idf_size_mul(cap, sizeof *chunks->list, &bytes))
      return IDF_ERR_MEMORY;
    idf_chunk *grown =
        idf_realloc(chunks->mem, chunks->list, chunks->cap * sizeof *chunks->list, bytes);
    if (!grown)
      return idf_mem_status(chunks->mem);
    chunks->list = grown;
    chunks->cap = cap;
  }
  uint8_t *copy = idf_alloc(chunks->mem, size, 1);
  if (!copy)
    return idf_mem_status(chunks->mem);
  if (size)
    memcpy(copy, data, size);

  idf_chunk *chunk = &chunks->list[chunks->count++];
  memcpy(chunk->type, type, 4);
  chunk->type[4] = '\0';
  chunk->after_pixels = after_pixels;
  chunk->data = copy;
  chunk->size = size;
  chunks->bytes += size;
  return IDF_OK;
}

void idf_chunks_free(idf_chunks *chunks)
{
  for (size_t i = 0; i < chunks->count; i++)
    idf_free(chunks->mem, chunks->list[i].data);
  idf_free(chunks->mem, chunks->list);
  chunks->list = NULL;
  chunks->count = chunks->cap = 0;
  chunks->bytes = 0;
}

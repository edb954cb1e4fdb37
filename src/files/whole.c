/* SPDX-License-Identifier: BSD-3-Clause
 *
 * whole.c: see whole.h.
 */
#include "whole.h"

#include <string.h>

#define STEP 65536u /* bytes asked for at once where nobody knows the size */

void idf_whole_init(idf_whole *whole, idf_mem *mem)
{
  idf_buf_init(&whole->bytes, mem);
  whole->at = 0;
}

idf_status idf_whole_load(idf_whole *whole, uint64_t size, idf_read_fn read, void *context)
{
  idf_buf *bytes = &whole->bytes;
  size_t got;

  /* One byte more, so that the end is seen without growing. */
  if (size >= SIZE_MAX || !idf_buf_reserve(bytes, (size_t)size + 1))
    return size >= SIZE_MAX ? IDF_ERR_LIMIT : idf_mem_status(bytes->mem);
  do {
    if (bytes->len == bytes->cap && !idf_buf_reserve(bytes, STEP))
      return idf_mem_status(bytes->mem);
    const idf_status status =
        read(context, bytes->data + bytes->len, bytes->cap - bytes->len, &got);
    if (status != IDF_OK)
      return status;
    bytes->len += got;
  } while (got > 0);
  return IDF_OK;
}

void idf_whole_rewind(idf_whole *whole)
{
  whole->at = 0;
}

idf_status idf_whole_read(void *context, uint8_t *buffer, size_t capacity, size_t *size)
{
  idf_whole *whole = context;

  *size = IDF_MIN(capacity, whole->bytes.len - whole->at);
  if (*size)
    memcpy(buffer, whole->bytes.data + whole->at, *size);
  whole->at += *size;
  return IDF_OK;
}

idf_status idf_whole_compare(void *context, const uint8_t *data, size_t size)
{
  idf_whole *whole = context;

  if (size > whole->bytes.len - whole->at
      || (size && memcmp(whole->bytes.data + whole->at, data, size) != 0))
    return IDF_ERR_CORRUPT;
  whole->at += size;
  return IDF_OK;
}

bool idf_whole_ended(const idf_whole *whole)
{
  return whole->at == whole->bytes.len;
}

void idf_whole_free(idf_whole *whole)
{
  idf_buf_free(&whole->bytes);
  whole->at = 0;
}

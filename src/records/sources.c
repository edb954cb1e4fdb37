/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sources.c: the sources of sources.h.
 */
#include "sources.h"

#include <string.h>

/* Moves what was not taken to the front. */
static void close_up(idf_queue *queue)
{
  idf_buf *bytes = &queue->bytes;

  if (queue->taken == 0)
    return;
  bytes->len -= queue->taken;
  memmove(bytes->data, bytes->data + queue->taken, bytes->len);
  queue->taken = 0;
}

idf_status idf_queue_put(idf_queue *queue, const uint8_t *data, size_t size)
{
  /* Half of the buffer is moved at most once for each byte that is put in. */
  if (queue->taken >= queue->bytes.len / 2)
    close_up(queue);
  if (!idf_buf_reserve(&queue->bytes, size)) {
    const idf_status status = idf_mem_status(queue->bytes.mem);
    queue->bytes.bad = false;
    return status;
  }
  if (size)
    idf_put_bytes(&queue->bytes, data, size);
  return IDF_OK;
}

idf_status idf_queue_read(void *queue, uint8_t *buffer, size_t capacity, size_t *size)
{
  idf_queue *q = queue;

  *size = IDF_MIN(capacity, q->bytes.len - q->taken);
  if (*size == 0)
    return q->ended || capacity == 0 ? IDF_OK : IDF_NEED_INPUT;
  memcpy(buffer, q->bytes.data + q->taken, *size);
  q->taken += *size;
  return IDF_OK;
}

idf_status idf_place_read(void *place, uint8_t *buffer, size_t capacity, size_t *size)
{
  idf_place *p = place;
  const uint64_t left = p->at < p->size ? p->size - p->at : 0;

  *size = (size_t)IDF_MIN((uint64_t)capacity, left);
  const idf_status status = *size ? p->read_at(p->context, p->at, buffer, *size) : IDF_OK;
  if (status == IDF_OK)
    p->at += *size;
  return status;
}

idf_status idf_memory_read_at(void *context, uint64_t offset, uint8_t *buffer, size_t size)
{
  memcpy(buffer, (const uint8_t *)context + offset, size);
  return IDF_OK;
}

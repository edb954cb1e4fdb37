/* SPDX-License-Identifier: BSD-3-Clause
 *
 * input.c: reads the records of input.h. A file that claims a record of 2 GiB and then ends uses no
 * more memory than the bytes it has.
 */
#include "input.h"

#include <string.h>

#include "crc32c.h"

#define FIRST_CAPACITY ((size_t)1 << 16)

void idf_input_init(idf_input *in, idf_mem *mem, idf_read_fn read, void *context)
{
  *in = (idf_input){.mem = mem, .read = read, .context = context};
}

void idf_input_free(idf_input *in)
{
  idf_free(in->mem, in->data);
  in->data = NULL;
}

/* Makes room for at least one more byte: moves the waiting bytes to the front, or grows. */
static idf_status make_room_for_input(idf_input *in)
{
  size_t waiting = in->len - in->pos;
  if (in->pos > 0 && waiting <= in->cap / 2) {
    memmove(in->data, in->data + in->pos, waiting);
    in->base += in->pos;
    in->pos = 0;
    in->len = waiting;
  }
  if (in->len < in->cap)
    return IDF_OK;
  size_t cap = in->cap ? in->cap : FIRST_CAPACITY / 2;
  if (!idf_size_mul(cap, 2, &cap))
    return IDF_ERR_LIMIT;
  uint8_t *data = idf_realloc(in->mem, in->data, in->len, cap);
  if (!data)
    return idf_mem_status(in->mem);
  in->data = data;
  in->cap = cap;
  return IDF_OK;
}

idf_status idf_input_fill(idf_input *in, size_t want, size_t *have)
{
  while (in->len - in->pos < want && !in->ended) {
    size_t got = 0;
    idf_status status = make_room_for_input(in);
    size_t room = in->cap - in->len;
    if (in->place) /* what comes after it may never be needed */
      room = IDF_MIN(room, IDF_MAX(want - (in->len - in->pos), FIRST_CAPACITY));
    if (status == IDF_OK)
      status = in->read(in->context, in->data + in->len, room, &got);
    if (status == IDF_OK && got > in->cap - in->len)
      status = IDF_ERR_IO;
    if (status != IDF_OK)
      return status;
    in->len += got;
    in->ended = got == 0;
  }
  *have = in->len - in->pos;
  return IDF_OK;
}

void idf_input_seek(idf_input *in, uint64_t offset)
{
  if (offset >= in->base && offset - in->base <= in->len) {
    in->pos = (size_t)(offset - in->base);
    return;
  }
  in->base = offset;
  in->pos = in->len = 0;
  in->ended = false;
  in->place->at = offset;
}

idf_status idf_input_peek(idf_input *in, idf_record *rec)
{
  size_t have;
  if (in->passing) {
    *rec = in->passed;
    return IDF_OK;
  }
  idf_status status = idf_input_fill(in, 6, &have); /* kind and the longest length */
  if (status != IDF_OK)
    return status;
  if (have == 0)
    return IDF_ERR_TRUNCATED;
  return idf_peek_record(idf_input_at(in), have, rec);
}

idf_status idf_input_record(idf_input *in, size_t most, idf_record *rec, bool *framed)
{
  size_t have;
  *framed = false;
  idf_status status = idf_input_peek(in, rec);
  if (status == IDF_OK && rec->len > most)
    status = IDF_ERR_CORRUPT;
  if (status == IDF_OK)
    status = idf_input_fill(in, rec->size, &have);
  if (status != IDF_OK)
    return status;
  *framed = have >= rec->size;
  return idf_read_record(in->simd, idf_input_at(in), have, rec);
}

/* The bytes before the checksum. */
static idf_status pass_body(idf_input *in)
{
  while (in->pass_left > 0) {
    size_t have;
    const idf_status status = idf_input_fill(in, 1, &have);
    if (status != IDF_OK)
      return status;
    if (have == 0)
      return IDF_ERR_TRUNCATED;
    const size_t n = IDF_MIN(have, in->pass_left);
    in->pass_sum = idf_crc32c(in->simd, in->pass_sum, idf_input_at(in), n);
    idf_input_skip(in, n);
    in->pass_left -= n;
  }
  return IDF_OK;
}

idf_status idf_input_pass(idf_input *in, const idf_record *rec)
{
  size_t have = 0;

  if (!in->passing) {
    in->passing = true;
    in->passed = *rec;
    in->pass_left = rec->size - 4;
    in->pass_sum = 0;
  }
  idf_status status = pass_body(in);
  if (status == IDF_OK)
    status = idf_input_fill(in, 4, &have);
  if (status == IDF_NEED_INPUT)
    return status;
  in->passing = false;
  if (status != IDF_OK)
    return status;
  if (have < 4)
    return IDF_ERR_TRUNCATED;
  idf_cur cur = idf_cur_of(idf_input_at(in), 4);
  idf_input_skip(in, 4);
  return idf_get_le32(&cur) == in->pass_sum ? IDF_OK : IDF_ERR_CORRUPT;
}

idf_status idf_input_pin(idf_input *in, size_t most)
{
  size_t have;
  const idf_status status = idf_input_fill(in, most, &have);

  if (status != IDF_OK)
    return status;
  return in->ended ? IDF_OK : IDF_ERR_LIMIT;
}

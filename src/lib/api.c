/* SPDX-License-Identifier: BSD-3-Clause
 *
 * api.c: the simple calls, models, and names. What they give to the caller outlives every object,
 * so it is released without memory accounts.
 */
#include "internal.h"

#include <string.h>

#include "brief.h"
#include "colour.h"
#include "conversion.h"
#include "kept_record.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unversioned"
#endif

const char *idf_version(void)
{
  return PACKAGE_VERSION;
}

const char *idf_colour_name(unsigned colour)
{
  return colour < IDF_COLOUR_COUNT ? idf_colour_layers[colour]->name : "unknown";
}

const char *idf_conversion_name(unsigned conversion)
{
  return conversion < IDF_CONVERSIONS ? idf_conversions[conversion].name : "unknown";
}

const char *idf_status_text(idf_status status)
{
  switch (status) {
  case IDF_OK:
    return "success";
  case IDF_ERR_NOT_IDF:
    return "not an IDF file";
  case IDF_ERR_UNSUPPORTED:
    return "needs another version of idf or another model";
  case IDF_ERR_CORRUPT:
    return "damaged data";
  case IDF_ERR_TRUNCATED:
    return "data end too early";
  case IDF_ERR_LIMIT:
    return "over the limit set for pixels, memory or metadata";
  case IDF_ERR_MEMORY:
    return "out of memory";
  case IDF_ERR_IO:
    return "reading or writing failed";
  case IDF_ERR_ARGUMENT:
    return "wrong use of the library";
  case IDF_ERR_CANCELLED:
    return "cancelled";
  case IDF_NEED_INPUT:
    return "more input is needed";
  }
  return "unknown status";
}

unsigned idf_sample_bytes(const idf_info *info)
{
  if (!info)
    return 0;
  return info->depth > 8 ? 2 : 1;
}

size_t idf_row_bytes(const idf_info *info)
{
  size_t bytes;
  if (!info || !idf_info_valid(info)
      || !idf_size_mul(info->width, idf_channels(info->layout) * idf_sample_bytes(info), &bytes))
    return 0;
  return bytes;
}

void idf_release(void *ptr)
{
  idf_free(NULL, ptr);
}

/* What the record of a JPEG says, or as much of it as is there. */
static const char *suffix_of(const idf_cur *payload)
{
  idf_kept_record kept;
  const bool known = idf_cur_left(payload) > 0 && idf_kept_first_byte_get(*payload->at, &kept);
  return idf_kept_suffixes[known ? kept.suffix : 0];
}

const char *idf_original_suffix(const uint8_t *head, size_t size)
{
  idf_header header;
  idf_record record;
  idf_brief brief;
  size_t used;

  if (head && idf_brief_head(head, size, &brief) == IDF_OK && idf_is_brief(head, size))
    return brief.jpeg ? suffix_of(&brief.kept) : NULL;
  if (!head || idf_read_header(IDF_SIMD_NONE, head, size, &header, &used) != IDF_OK)
    return NULL;
  for (; idf_peek_record(head + used, size - used, &record) == IDF_OK; used += record.size) {
    if (record.kind == IDF_KIND_JPEG) {
      const size_t left = (size_t)(head + size - record.payload);
      const idf_cur payload = idf_cur_of(record.payload, IDF_MIN(record.len, left));
      return suffix_of(&payload);
    }
    if (record.kind == IDF_KIND_TILE || record.size > size - used)
      return NULL;
  }
  return NULL;
}

/* ---- models ------------------------------------------------------------------------ */

idf_status idf_model_builtin(int effort, idf_model **model)
{
  return model ? idf_builtin_by_effort(NULL, effort, model) : IDF_ERR_ARGUMENT;
}

idf_status idf_model_load(const uint8_t *data, size_t size, idf_model **model)
{
  if (!model)
    return IDF_ERR_ARGUMENT;
  *model = NULL;
  return data ? idf_model_parse(NULL, data, size, model) : IDF_ERR_ARGUMENT;
}

void idf_model_free(idf_model *model)
{
  idf_model_release(NULL, model);
}

const uint8_t *idf_model_id(const idf_model *model)
{
  static const uint8_t none[8] = {0};
  return model ? idf_model_hash(model) : none;
}

const char *idf_model_name(const idf_model *model)
{
  return model ? idf_model_title(model) : "";
}

/* ---- instruction sets ------------------------------------------------------------------ */

int idf_simd_available(idf_simd level)
{
  return idf_kernels_of(level) != NULL;
}

idf_simd idf_simd_best(void)
{
  return idf_kernels_of(IDF_SIMD_AUTO)->simd;
}

/* ---- simple calls --------------------------------------------------------------------- */

static idf_status write_to_buf(void *context, const uint8_t *data, size_t size)
{
  idf_buf *buf = context;
  idf_put_bytes(buf, data, size);
  return buf->bad ? idf_mem_status(buf->mem) : IDF_OK;
}

idf_status idf_encode(const idf_info *info, const void *samples, uint8_t **data, size_t *size)
{
  idf_encoder *encoder = NULL;
  idf_mem mem;
  idf_buf buf;

  if (!data || !size)
    return IDF_ERR_ARGUMENT;
  *data = NULL;
  *size = 0;
  if (!info || !samples)
    return IDF_ERR_ARGUMENT;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&buf, &mem);
  idf_status status = idf_encoder_new(NULL, info, write_to_buf, &buf, &encoder);
  if (status == IDF_OK)
    status = idf_encoder_rows(encoder, samples, info->height);
  if (status == IDF_OK)
    status = idf_encoder_finish(encoder);
  idf_encoder_free(encoder);
  if (status != IDF_OK) {
    idf_buf_free(&buf);
    return status;
  }
  *data = buf.data;
  *size = buf.len;
  return IDF_OK;
}

typedef struct span {
  const uint8_t *data;
  size_t left;
} span;

static idf_status read_from_span(void *context, uint8_t *buffer, size_t capacity, size_t *size)
{
  span *s = context;
  size_t n = IDF_MIN(capacity, s->left);
  if (n) {
    memcpy(buffer, s->data, n);
    s->data += n;
    s->left -= n;
  }
  *size = n;
  return IDF_OK;
}

idf_status idf_decode(const uint8_t *data, size_t size, idf_info *info, void **samples)
{
  idf_decoder *decoder = NULL;
  span source = {data, size};
  uint8_t *out = NULL;
  idf_info found;

  if (!samples)
    return IDF_ERR_ARGUMENT;
  *samples = NULL;
  if (!info || (!data && size))
    return IDF_ERR_ARGUMENT;
  idf_status status = idf_decoder_new(NULL, read_from_span, &source, &decoder);
  if (status == IDF_OK)
    status = idf_decoder_info(decoder, &found);
  if (status == IDF_OK) {
    idf_mem *mem = idf_object_mem(decoder);
    size_t row = idf_row_bytes(&found);
    out = row ? idf_alloc(mem, found.height, row) : NULL;
    if (!out)
      status = row ? idf_mem_status(mem) : IDF_ERR_LIMIT;
  }
  if (status == IDF_OK)
    status = idf_decoder_rows(decoder, out, found.height);
  if (status == IDF_OK)
    status = idf_decoder_finish(decoder);
  idf_decoder_free(decoder);
  if (status != IDF_OK) {
    idf_free(NULL, out);
    return status;
  }
  *info = found;
  *samples = out;
  return IDF_OK;
}

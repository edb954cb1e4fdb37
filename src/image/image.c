/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image.c: what image readers and writers share: recognising formats, messages, and the argument
 * checks before each format's own functions.
 */
#include "image.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

idf_image_kind idf_image_sniff(const uint8_t *head, size_t len)
{
  static const uint8_t png[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  static const uint8_t idf[4] = {0x8d, 'I', 'D', 'F'};

  /* Four bytes identify a PNG. A PNG that a text-mode transfer damaged is still one, and libpng
   * gives the best message about it. */
  if (len >= 4 && memcmp(head, png, 4) == 0)
    return IDF_IMAGE_PNG;
  if (len >= 4 && memcmp(head, idf, 4) == 0)
    return IDF_IMAGE_IDF;
  if (len >= 3 && head[0] == 0xff && head[1] == 0xd8 && head[2] == 0xff)
    return IDF_IMAGE_JPEG;
  if (len >= 3 && head[0] == 'P' && head[1] >= '1' && head[1] <= '7'
      && (head[2] == ' ' || head[2] == '#' || (head[2] >= '\t' && head[2] <= '\r')))
    return IDF_IMAGE_PNM;
  return IDF_IMAGE_UNKNOWN;
}

idf_status idf_image_fail(idf_image_env *env, idf_status status, const char *format, ...)
{
  if (env->error[0] == '\0') {
    va_list args;
    va_start(args, format);
    vsnprintf(env->error, sizeof env->error, format, args);
    va_end(args);
  }
  return status;
}

void idf_image_warn(idf_image_env *env, const char *format, ...)
{
  if (!env->warn)
    return;
  char text[IDF_IMAGE_ERROR];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  env->warn(env->warn_context, text);
}

void idf_image_drop(idf_image_env *env, const char *what, const char *format, ...)
{
  if (!env->drop && !env->warn)
    return;
  char text[IDF_IMAGE_ERROR];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (env->drop)
    env->drop(env->warn_context, what, text);
  else
    env->warn(env->warn_context, text);
}

/* ---- what follows an image -------------------------------------------------------------- */

typedef struct tail {
  const uint8_t *again;
  uint64_t bytes;
  bool half;         /* the byte before was again[0] */
  bool padding;      /* only zeros and `again` so far */
  uint8_t first[12]; /* first bytes without `again`, for the hint */
  size_t first_size;
} tail;

static void tail_bytes(tail *t, const uint8_t *data, size_t size)
{
  for (size_t i = 0; i < size && (t->padding || t->first_size < sizeof t->first); i++) {
    if (t->padding && t->again && !t->half && data[i] == t->again[0]) {
      t->half = true;
      continue;
    }
    if (t->half) {
      t->half = false;
      if (data[i] == t->again[1])
        continue;
      t->padding = false;
      if (t->first_size < sizeof t->first)
        t->first[t->first_size++] = t->again[0];
    }
    if (data[i])
      t->padding = false;
    if (t->first_size < sizeof t->first)
      t->first[t->first_size++] = data[i];
  }
  t->bytes += size;
}

/* What the bytes are, in words; "" if unknown. */
static const char *tail_hint(const tail *t)
{
  static const struct {
    size_t at;
    const char *magic, *hint;
  } known[] = {{0, "PK\3\4", " (a ZIP archive)"},
               {4, "ftyp", " (a film)"},
               {0, "\xff\xd8\xff", " (another JPEG)"},
               {0, "\x89PNG", " (another PNG)"},
               {0, "%PDF", " (a PDF)"}};

  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    const size_t len = strlen(known[i].magic);
    if (t->first_size >= known[i].at + len
        && memcmp(t->first + known[i].at, known[i].magic, len) == 0)
      return known[i].hint;
  }
  return idf_image_sniff(t->first, t->first_size) == IDF_IMAGE_PNM ? " (another image)" : "";
}

idf_status idf_image_tail(idf_image_env *env, idf_read_fn read, void *context, const uint8_t *head,
                          size_t size, const uint8_t *again)
{
  tail t = {.again = again, .padding = true};
  uint8_t buffer[4096];
  size_t got = size;

  tail_bytes(&t, head, size);
  do {
    const idf_status status = read(context, buffer, sizeof buffer, &got);
    if (status != IDF_OK)
      return status;
    tail_bytes(&t, buffer, got);
  } while (got > 0 && t.bytes < IDF_TAIL_MOST);
  /* Bytes beyond the limit were not looked at, so they do not count as padding. */
  if (got == 0 && t.padding && !t.half)
    return IDF_OK;
  idf_image_drop(env, "bytes after the end", "%s%llu byte%s after the end of the image left out%s",
                 got ? "at least " : "", (unsigned long long)t.bytes, t.bytes == 1 ? "" : "s",
                 tail_hint(&t));
  return IDF_OK;
}

/* ---- limits and calls ------------------------------------------------------------------- */

idf_status idf_image_limit(idf_image_env *env, const idf_info *info)
{
  if ((uint64_t)info->width * info->height <= env->max_pixels)
    return IDF_OK;
  return idf_image_fail(
      env, IDF_ERR_LIMIT, "has %u x %u pixels, above the limit of %llu: raise --max-pixels",
      (unsigned)info->width, (unsigned)info->height, (unsigned long long)env->max_pixels);
}

idf_status idf_reader_rows(idf_reader *reader, void *rows, uint32_t count)
{
  if (count > reader->info.height - reader->next_row)
    return IDF_ERR_ARGUMENT;
  const idf_status status = reader->rows(reader, rows, count);
  if (status == IDF_OK)
    reader->next_row += count;
  return status;
}

idf_status idf_reader_finish(idf_reader *reader)
{
  return reader->next_row != reader->info.height ? IDF_ERR_ARGUMENT : reader->finish(reader);
}

void idf_reader_close(idf_reader *reader)
{
  if (reader)
    reader->close(reader);
}

idf_status idf_writer_metadata(idf_writer *writer, const char *type, const uint8_t *data,
                               size_t size)
{
  return writer->metadata(writer, type, data, size);
}

idf_status idf_writer_rows(idf_writer *writer, const void *rows, uint32_t count)
{
  if (count > writer->rows_left)
    return IDF_ERR_ARGUMENT;
  if (count == 0)
    return IDF_OK;
  const idf_status status = writer->rows(writer, rows, count);
  if (status == IDF_OK)
    writer->rows_left -= count;
  return status;
}

idf_status idf_writer_finish(idf_writer *writer)
{
  return writer->rows_left ? IDF_ERR_ARGUMENT : writer->finish(writer);
}

void idf_writer_close(idf_writer *writer)
{
  if (writer)
    writer->close(writer);
}

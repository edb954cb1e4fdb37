/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fuzz_image.h: what the fuzz targets of image files share: any bytes are refused, or give a
 * picture that is written and read again, and is the same then.
 */
#ifndef IDF_TESTS_FUZZ_IMAGE_H
#define IDF_TESTS_FUZZ_IMAGE_H

#include <string.h>

#include "fuzz.h"
#include "image.h"
#include "picture.h"

typedef idf_status (*fuzz_image_open)(idf_image_env *env, idf_read_fn read, void *context,
                                      idf_reader **reader);
typedef idf_status (*fuzz_image_create)(idf_image_env *env, const idf_info *info, idf_buf *out,
                                        idf_writer **writer);

static inline void fuzz_image_count(void *context, const char *text)
{
  FUZZ_HOLDS(text[0] != '\0');
  ++*(unsigned *)context;
}

static inline idf_image_env fuzz_image_env(idf_mem *mem, unsigned *warnings)
{
  return (idf_image_env){.mem = mem,
                         .max_pixels = 1u << 14,
                         .max_metadata = 1u << 14,
                         .warn = fuzz_image_count,
                         .warn_context = warnings};
}

/* Rows to the end of the file; NULL, and the status, for a file that is refused. */
static inline uint8_t *fuzz_image_read(idf_reader *reader, idf_status *status)
{
  idf_mem *mem = reader->env->mem;
  uint8_t *rows = idf_alloc(mem, reader->info.height, idf_row_bytes(&reader->info));
  *status = rows ? idf_reader_rows(reader, rows, reader->info.height) : idf_mem_status(mem);
  if (*status == IDF_OK)
    *status = idf_reader_finish(reader);
  if (*status != IDF_OK) {
    idf_free(mem, rows);
    return NULL;
  }
  return rows;
}

static inline idf_status fuzz_image_chunks(idf_writer *writer, const idf_chunks *chunks, bool after)
{
  idf_status status = IDF_OK;
  for (size_t i = 0; i < chunks->count && status == IDF_OK; i++)
    if (chunks->list[i].after_pixels == after)
      status = idf_writer_metadata(writer, chunks->list[i].type, chunks->list[i].data,
                                   chunks->list[i].size);
  return status;
}

/* A writer may refuse what its format cannot hold; then it says why. */
static inline bool fuzz_image_write(idf_image_env *env, fuzz_image_create create,
                                    const idf_reader *from, const uint8_t *rows, idf_buf *out)
{
  idf_writer *writer = NULL;
  idf_status status = create(env, &from->info, out, &writer);
  if (status == IDF_OK)
    status = fuzz_image_chunks(writer, &from->chunks, false);
  if (status == IDF_OK)
    status = idf_writer_rows(writer, rows, from->info.height);
  if (status == IDF_OK)
    status = fuzz_image_chunks(writer, &from->chunks, true);
  if (status == IDF_OK)
    status = idf_writer_finish(writer);
  FUZZ_HOLDS(status != IDF_ERR_ARGUMENT && status != IDF_ERR_IO);
  FUZZ_HOLDS(status == IDF_OK || status == IDF_ERR_LIMIT || env->error[0] != '\0');
  idf_writer_close(writer);
  return status == IDF_OK;
}

static inline void fuzz_image_same(const idf_chunks *a, const idf_chunks *b)
{
  FUZZ_HOLDS(a->count == b->count);
  for (size_t i = 0; i < a->count; i++) {
    FUZZ_HOLDS(strcmp(a->list[i].type, b->list[i].type) == 0);
    FUZZ_HOLDS(a->list[i].after_pixels == b->list[i].after_pixels);
    FUZZ_HOLDS(a->list[i].size == b->list[i].size);
    FUZZ_HOLDS(a->list[i].size == 0
               || memcmp(a->list[i].data, b->list[i].data, a->list[i].size) == 0);
  }
}

/* `again` reads what `create` writes. */
static inline void fuzz_image_again(idf_mem *mem, const idf_reader *first, const uint8_t *rows,
                                    fuzz_image_create create, fuzz_image_open again)
{
  unsigned dropped = 0, warnings = 0;
  idf_image_env out = fuzz_image_env(mem, &dropped), in = fuzz_image_env(mem, &warnings);
  idf_reader *second = NULL;
  idf_buf file;
  idf_status status;
  in.max_metadata = UINT64_MAX;
  idf_buf_init(&file, mem);
  if (fuzz_image_write(&out, create, first, rows, &file)) {
    picture_source source = {file.data, file.len, 0};
    FUZZ_HOLDS(again(&in, picture_read, &source, &second) == IDF_OK);
    FUZZ_HOLDS(memcmp(&first->info, &second->info, sizeof first->info) == 0);
    uint8_t *back = fuzz_image_read(second, &status);
    FUZZ_HOLDS(back != NULL && status == IDF_OK);
    FUZZ_HOLDS(memcmp(rows, back, first->info.height * idf_row_bytes(&first->info)) == 0);
    if (dropped == 0) /* libpng may warn of what is kept all the same */
      fuzz_image_same(&first->chunks, &second->chunks);
    idf_free(mem, back);
    idf_reader_close(second);
  }
  idf_buf_free(&file);
}

/* The bytes by `open`, then by all of the `creates` and back by `again`. */
static inline void fuzz_image(const uint8_t *data, size_t size, fuzz_image_open open,
                              fuzz_image_open again, const fuzz_image_create *creates,
                              size_t create_count)
{
  unsigned warnings = 0;
  idf_mem mem;
  idf_mem_init(&mem, (uint64_t)64 << 20);
  idf_image_env env = fuzz_image_env(&mem, &warnings);
  picture_source source = {data, size, size % 3 == 0 ? 7 : 0};
  idf_reader *reader = NULL;
  uint8_t *rows = NULL;
  idf_status status = open(&env, picture_read, &source, &reader);
  FUZZ_HOLDS((status == IDF_OK) == (reader != NULL));
  if (status == IDF_OK) {
    FUZZ_HOLDS(reader->info.width >= 1 && reader->info.height >= 1);
    FUZZ_HOLDS((uint64_t)reader->info.width * reader->info.height <= env.max_pixels);
    rows = fuzz_image_read(reader, &status);
  }
  FUZZ_HOLDS(status != IDF_ERR_ARGUMENT && status != IDF_ERR_IO);
  if (rows)
    for (size_t i = 0; i < create_count; i++)
      fuzz_image_again(&mem, reader, rows, creates[i], again);
  idf_free(&mem, rows);
  idf_reader_close(reader);
  FUZZ_HOLDS(mem.used == 0);
}

/* A seed: a made-up picture that `create` writes, with one piece of metadata or without. */
static inline void fuzz_image_seed(unsigned i, const idf_info *info, fuzz_image_create create,
                                   const char *type, const void *meta, size_t size, idf_buf *buf)
{
  unsigned warnings = 0;
  idf_image_env env = fuzz_image_env(buf->mem, &warnings);
  idf_writer *writer = NULL;
  uint8_t *raw = picture_make(buf->mem, info, (int)(i % PICTURE_KINDS), i);
  if (!raw || create(&env, info, buf, &writer) != IDF_OK
      || (type && idf_writer_metadata(writer, type, meta, size) != IDF_OK)
      || idf_writer_rows(writer, raw, info->height) != IDF_OK
      || idf_writer_finish(writer) != IDF_OK)
    buf->bad = true;
  idf_writer_close(writer);
  idf_free(buf->mem, raw);
}

#endif

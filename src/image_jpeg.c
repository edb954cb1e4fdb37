/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_jpeg.c: JPEG through libjpeg-turbo, and every doubt an error.
 *
 * libjpeg reports damage by warnings and invents pixels; here a warning ends the
 * reading, because what is kept without loss must be what the file says. Errors are
 * longjmps: every function that calls libjpeg sets its own jump first and keeps what
 * it needs afterwards in the reader; nobody outside this file sees a jump.
 *
 * The samples are those of the accurate integer transform with smooth ("fancy")
 * upsampling, in RGB or gray: libjpeg-turbo's own defaults, the same with SIMD or not.
 */
#include "image.h"
#include "jpeg_meta.h"

#include <setjmp.h>
#include <stdio.h> /* jpeglib.h needs it */
#include <string.h>

#include <jerror.h>
#include <jpeglib.h>

/* A progressive file of a few kilobytes can ask for the whole picture again and again;
 * real ones have about ten scans. */
#define MAX_SCANS 500

typedef struct jpeg_reader {
  idf_reader base;
  struct jpeg_decompress_struct jpeg;
  struct jpeg_error_mgr errors;
  struct jpeg_source_mgr source;
  struct jpeg_progress_mgr progress;
  struct jpeg_memory_mgr memory; /* libjpeg's own functions; ours count and call them */
  uint64_t charged;              /* to env->mem for libjpeg */
  jmp_buf jump;
  idf_status status; /* of the first error */
  bool created;
  idf_read_fn read;
  void *context;
  size_t row_bytes;
  JOCTET buffer[16384];
} jpeg_reader;

/* ---- what libjpeg calls ------------------------------------------------------------- */

static _Noreturn void give_up(jpeg_reader *reader, idf_status status)
{
  if (reader->status == IDF_OK)
    reader->status = status;
  longjmp(reader->jump, 1);
}

static _Noreturn void fail_as_libjpeg(j_common_ptr jpeg)
{
  jpeg_reader *reader = jpeg->client_data;
  char text[JMSG_LENGTH_MAX];
  idf_status status = IDF_ERR_CORRUPT;

  switch (jpeg->err->msg_code) {
  case JERR_ARITH_NOTIMPL:
  case JERR_BAD_PRECISION:
  case JERR_CCIR601_NOTIMPL:
  case JERR_COMPONENT_COUNT:
  case JERR_CONVERSION_NOTIMPL:
  case JERR_FRACT_SAMPLE_NOTIMPL:
  case JERR_NOTIMPL:
  case JERR_NOT_COMPILED:
  case JERR_SOF_UNSUPPORTED:
    status = IDF_ERR_UNSUPPORTED;
    break;
  case JERR_OUT_OF_MEMORY:
    status = IDF_ERR_MEMORY;
    break;
  default:
    break;
  }
  jpeg->err->format_message(jpeg, text);
  idf_image_fail(reader->base.env, status, "libjpeg: %s", text);
  give_up(reader, status);
}

static void on_error(j_common_ptr jpeg)
{
  fail_as_libjpeg(jpeg);
}

/* Level -1 is a warning, others trace. */
static void on_message(j_common_ptr jpeg, int level)
{
  jpeg_reader *reader = jpeg->client_data;
  char text[JMSG_LENGTH_MAX];

  if (level >= 0)
    return;
  if (jpeg->err->msg_code != JWRN_JFIF_MAJOR)
    fail_as_libjpeg(jpeg);
  jpeg->err->format_message(jpeg, text);
  idf_image_warn(reader->base.env, "libjpeg: %s", text);
}

static void on_progress(j_common_ptr jpeg)
{
  jpeg_reader *reader = jpeg->client_data;

  if (reader->jpeg.input_scan_number > MAX_SCANS)
    give_up(reader, idf_image_fail(reader->base.env, IDF_ERR_LIMIT,
                                   "has more than %d scans, as no honest JPEG has", MAX_SCANS));
}

static void start_source(j_decompress_ptr jpeg)
{
  (void)jpeg;
}

static boolean fill_source(j_decompress_ptr jpeg)
{
  jpeg_reader *reader = jpeg->client_data;
  size_t got = 0;
  const idf_status status =
      reader->read(reader->context, reader->buffer, sizeof reader->buffer, &got);

  if (status != IDF_OK)
    give_up(reader, status);
  if (got == 0)
    give_up(reader, idf_image_fail(reader->base.env, IDF_ERR_TRUNCATED,
                                   "the JPEG ends before its end marker"));
  reader->source.next_input_byte = reader->buffer;
  reader->source.bytes_in_buffer = got;
  return TRUE;
}

static void skip_source(j_decompress_ptr jpeg, long count)
{
  jpeg_reader *reader = jpeg->client_data;
  struct jpeg_source_mgr *source = &reader->source;

  while (count > 0) {
    if (source->bytes_in_buffer == 0)
      (void)fill_source(jpeg);
    const size_t n = IDF_MIN(source->bytes_in_buffer, (size_t)count);
    source->next_input_byte += n;
    source->bytes_in_buffer -= n;
    count -= (long)n;
  }
}

/* ---- libjpeg's memory, charged to the limit --------------------------------------------- */

static jpeg_reader *charge(j_common_ptr jpeg, uint64_t bytes)
{
  jpeg_reader *reader = jpeg->client_data;
  idf_mem *mem = reader->base.env->mem;

  if (!idf_mem_charge(mem, bytes))
    give_up(reader, idf_mem_status(mem));
  reader->charged += bytes;
  return reader;
}

static void *alloc_small(j_common_ptr jpeg, int pool, size_t size)
{
  return charge(jpeg, size)->memory.alloc_small(jpeg, pool, size);
}

static void *alloc_large(j_common_ptr jpeg, int pool, size_t size)
{
  return charge(jpeg, size)->memory.alloc_large(jpeg, pool, size);
}

static JSAMPARRAY alloc_samples(j_common_ptr jpeg, int pool, JDIMENSION width, JDIMENSION rows)
{
  return charge(jpeg, (uint64_t)width * rows)->memory.alloc_sarray(jpeg, pool, width, rows);
}

static JBLOCKARRAY alloc_blocks(j_common_ptr jpeg, int pool, JDIMENSION width, JDIMENSION rows)
{
  return charge(jpeg, (uint64_t)width * rows * sizeof(JBLOCK))
      ->memory.alloc_barray(jpeg, pool, width, rows);
}

/* Only files with several scans ask for the coefficients of a whole component. */
static jvirt_barray_ptr request_blocks(j_common_ptr jpeg, int pool, boolean zero, JDIMENSION width,
                                       JDIMENSION rows, JDIMENSION most)
{
  jpeg_reader *reader = jpeg->client_data;
  idf_mem *mem = reader->base.env->mem;
  const uint64_t bytes = (uint64_t)width * rows * sizeof(JBLOCK);

  if (!idf_mem_charge(mem, bytes)) {
    const idf_status status = idf_mem_status(mem);
    if (status == IDF_ERR_LIMIT)
      idf_image_fail(reader->base.env, status,
                     "is progressive, so that all its coefficients, %llu bytes for one "
                     "component, are needed at once: raise --max-memory",
                     (unsigned long long)bytes);
    give_up(reader, status);
  }
  reader->charged += bytes;
  return reader->memory.request_virt_barray(jpeg, pool, zero, width, rows, most);
}

/* ---- reading ------------------------------------------------------------------------- */

static idf_status layout_of(jpeg_reader *reader)
{
  struct jpeg_decompress_struct *jpeg = &reader->jpeg;
  idf_image_env *env = reader->base.env;

  switch (jpeg->jpeg_color_space) {
  case JCS_GRAYSCALE:
    jpeg->out_color_space = JCS_GRAYSCALE;
    reader->base.info.layout = IDF_GRAY;
    return IDF_OK;
  case JCS_RGB:
  case JCS_YCbCr:
    jpeg->out_color_space = JCS_RGB;
    reader->base.info.layout = IDF_RGB;
    return IDF_OK;
  case JCS_CMYK:
  case JCS_YCCK:
    return idf_image_fail(env, IDF_ERR_UNSUPPORTED,
                          "is a %s JPEG, and .idf holds gray and RGB: convert it first",
                          jpeg->jpeg_color_space == JCS_CMYK ? "CMYK" : "YCCK");
  default:
    return idf_image_fail(env, IDF_ERR_UNSUPPORTED, "is a JPEG of %d components of unknown meaning",
                          jpeg->num_components);
  }
}

static idf_status metadata(jpeg_reader *reader)
{
  idf_jpeg_meta meta;
  idf_status status = IDF_OK;

  idf_jpeg_meta_init(&meta, reader->base.env);
  for (jpeg_saved_marker_ptr m = reader->jpeg.marker_list; m && status == IDF_OK; m = m->next)
    status = idf_jpeg_meta_segment(&meta, m->marker, m->data, m->data_length);
  return status == IDF_OK ? idf_jpeg_meta_finish(&meta, &reader->base.chunks) : status;
}

static void create(jpeg_reader *reader)
{
  struct jpeg_decompress_struct *jpeg = &reader->jpeg;

  jpeg->err = jpeg_std_error(&reader->errors);
  reader->errors.error_exit = on_error;
  reader->errors.emit_message = on_message;
  jpeg->client_data = reader;
  jpeg_create_decompress(jpeg);
  reader->created = true;

  reader->memory = *jpeg->mem;
  jpeg->mem->alloc_small = alloc_small;
  jpeg->mem->alloc_large = alloc_large;
  jpeg->mem->alloc_sarray = alloc_samples;
  jpeg->mem->alloc_barray = alloc_blocks;
  jpeg->mem->request_virt_barray = request_blocks;
  jpeg->mem->max_memory_to_use = 0; /* whatever JPEGMEM says: the charge is the limit */

  reader->source.init_source = start_source;
  reader->source.fill_input_buffer = fill_source;
  reader->source.skip_input_data = skip_source;
  reader->source.resync_to_restart = jpeg_resync_to_restart;
  reader->source.term_source = start_source;
  jpeg->src = &reader->source;
  reader->progress.progress_monitor = on_progress;
  jpeg->progress = &reader->progress;
  jpeg_save_markers(jpeg, JPEG_APP0 + 1, 0xffff);
  jpeg_save_markers(jpeg, JPEG_APP0 + 2, 0xffff);
}

static idf_status read_start(jpeg_reader *reader)
{
  struct jpeg_decompress_struct *jpeg = &reader->jpeg;
  idf_image_env *env = reader->base.env;
  idf_info *info = &reader->base.info;

  if (setjmp(reader->jump))
    return reader->status;
  create(reader);
  (void)jpeg_read_header(jpeg, TRUE);
  info->width = jpeg->image_width;
  info->height = jpeg->image_height;
  info->depth = 8;
  idf_status status = layout_of(reader);
  if (status != IDF_OK)
    return status;
  if (jpeg->data_precision != 8)
    return idf_image_fail(env, IDF_ERR_UNSUPPORTED, "is a JPEG of %d bits a sample, not 8",
                          jpeg->data_precision);
  reader->row_bytes = idf_row_bytes(info); /* at most 3 x 65535 */
  status = idf_image_limit(env, info);
  if (status == IDF_OK)
    status = metadata(reader);
  if (status != IDF_OK)
    return status;

  jpeg->dct_method = JDCT_ISLOW;
  jpeg->do_fancy_upsampling = TRUE;
  (void)jpeg_start_decompress(jpeg);
  /* All scans of a file with several were read; a component that none of them had
   * would come out as gray. */
  for (int i = 0; i < jpeg->num_components; i++)
    if (!jpeg->comp_info[i].quant_table)
      return idf_image_fail(env, IDF_ERR_CORRUPT, "has no data for one of its %d components",
                            jpeg->num_components);
  return IDF_OK;
}

static idf_status reader_rows(idf_reader *base, void *rows, uint32_t count)
{
  jpeg_reader *reader = (jpeg_reader *)base;

  if (setjmp(reader->jump))
    return reader->status;
  for (uint32_t i = 0; i < count; i++) {
    JSAMPROW row = (JSAMPROW)rows + i * reader->row_bytes;
    if (jpeg_read_scanlines(&reader->jpeg, &row, 1) != 1)
      return IDF_ERR_CORRUPT;
  }
  return IDF_OK;
}

static idf_status reader_finish(idf_reader *base)
{
  jpeg_reader *reader = (jpeg_reader *)base;
  size_t more;

  if (setjmp(reader->jump))
    return reader->status;
  (void)jpeg_finish_decompress(&reader->jpeg);
  more = reader->source.bytes_in_buffer;
  if (more == 0) {
    const idf_status status = reader->read(reader->context, reader->buffer, 1, &more);
    if (status != IDF_OK)
      return status;
  }
  if (more)
    idf_image_warn(base->env, "bytes after the image left out (a second image?)");
  return IDF_OK;
}

static void reader_close(idf_reader *base)
{
  jpeg_reader *reader = (jpeg_reader *)base;
  idf_mem *mem = base->env->mem;

  if (reader->created)
    jpeg_destroy_decompress(&reader->jpeg);
  idf_mem_return(mem, reader->charged);
  idf_chunks_free(&base->chunks);
  idf_free(mem, reader);
}

idf_status idf_jpeg_open(idf_image_env *env, idf_read_fn read, void *context, idf_reader **result)
{
  *result = NULL;
  jpeg_reader *reader = idf_alloc(env->mem, 1, sizeof *reader);
  if (!reader)
    return idf_mem_status(env->mem);
  reader->base.env = env;
  reader->base.chunks.mem = env->mem;
  reader->base.rows = reader_rows;
  reader->base.finish = reader_finish;
  reader->base.close = reader_close;
  reader->read = read;
  reader->context = context;
  const idf_status status = read_start(reader);
  if (status != IDF_OK) {
    reader_close(&reader->base);
    return status;
  }
  *result = &reader->base;
  return IDF_OK;
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_jpeg.c: reads JPEG with libjpeg-turbo; any doubt about a pixel is an error.
 *
 * libjpeg reports damage with warnings and invents pixels. Here a warning that costs pixels ends
 * reading, because a lossless file must hold what the input says. With env->tolerant such damage is
 * reported and counts as something that is not kept. libjpeg reports errors by longjmp. Every
 * function that calls libjpeg sets its own jump first, and keeps what it needs afterwards in the
 * reader. No jump leaves this file.
 *
 * The samples are those of the accurate integer transform with smooth ("fancy") upsampling, in RGB
 * or gray: libjpeg-turbo's own defaults, the same with and without SIMD.
 */
#include "image.h"
#include "jpeg_meta.h"

#include <setjmp.h>
#include <stdio.h> /* needed by jpeglib.h */
#include <string.h>

#include <jerror.h>
#include <jpeglib.h>

/* A progressive file of a few kilobytes can ask for the whole picture again and again. Real files
 * have about ten scans. */
#define MAX_SCANS 500

/* Bytes of the past that stay in the buffer, to examine stray bytes. */
#define PAST 4096

static const uint8_t end_marker[2] = {0xff, JPEG_EOI};

typedef struct jpeg_reader {
  idf_reader base;
  struct jpeg_decompress_struct jpeg;
  struct jpeg_error_mgr errors;
  struct jpeg_source_mgr source;
  struct jpeg_progress_mgr progress;
  struct jpeg_memory_mgr memory; /* libjpeg's functions; ours count and call them */
  uint64_t charged;              /* to env->mem for libjpeg */
  jmp_buf jump;
  idf_status status; /* of the first error */
  bool created;
  bool ended;    /* the file ended, and libjpeg got an end marker */
  bool lossy;    /* reported: some pixels are invented */
  unsigned told; /* damage reported: bits by row of `damages` */
  idf_jpeg_meta meta;
  idf_buf segment;
  idf_read_fn read;
  void *context;
  size_t row_bytes;
  size_t past, fresh; /* bytes of `buffer` before PAST and from PAST on */
  JOCTET buffer[PAST + 16384];
} jpeg_reader;

/* ---- what libjpeg calls ------------------------------------------------------------- */

static _Noreturn void give_up(jpeg_reader *reader, idf_status status)
{
  if (reader->status == IDF_OK)
    reader->status = status;
  longjmp(reader->jump, 1);
}

static idf_status too_short(jpeg_reader *reader)
{
  return idf_image_fail(reader->base.env, IDF_ERR_TRUNCATED, "the JPEG ends before its pixels do%s",
                        reader->base.env->tolerant ? ""
                                                   : "; --tolerant may make up what is missing");
}

static _Noreturn void fail_as_libjpeg(j_common_ptr jpeg, bool tolerable)
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
  if (reader->ended)
    give_up(reader, too_short(reader));
  idf_image_fail(reader->base.env, status, "libjpeg: %s%s", text,
                 tolerable ? "; --tolerant makes up what is missing" : "");
  give_up(reader, status);
}

static void on_error(j_common_ptr jpeg)
{
  fail_as_libjpeg(jpeg, false);
}

typedef struct damage {
  int code;            /* number of libjpeg's warning */
  bool pixels;         /* it costs pixels: an error unless they may be invented */
  const char *dropped; /* name for idf_image_drop; NULL: nothing is lost, only report it */
} damage;

/* libjpeg's warnings. All others cost pixels. */
static const damage damages[] = {
    {JWRN_ADOBE_XFORM, true, "damaged pixels"},       /* the colour space is a guess */
    {JWRN_BOGUS_PROGRESSION, true, "damaged pixels"}, /* scans are missing or repeated */
    {JWRN_EXTRANEOUS_DATA, false, "stray bytes"},
    {JWRN_HIT_MARKER, true, "damaged pixels"}, /* the data end before the blocks do */
    {JWRN_HUFF_BAD_CODE, true, "damaged pixels"},
    {JWRN_JFIF_MAJOR, false, NULL},
    {JWRN_MUST_RESYNC, true, "damaged pixels"}, /* restart intervals are missing */
    /* The standard allows a sequential scan only one value for these numbers. */
    {JWRN_NOT_SEQUENTIAL, false, NULL}};

#define DAMAGES (sizeof damages / sizeof *damages)

/* Whether the stray bytes before a marker, which libjpeg has just skipped, are zeros. Bytes that
 * are no longer in the buffer count as something else. */
static bool zeros_passed(const jpeg_reader *reader, int count)
{
  const uint8_t *end = reader->source.next_input_byte;

  if (count < 0 || end - (reader->buffer + PAST - reader->past) < count)
    return false;
  for (const uint8_t *byte = end - count; byte < end; byte++)
    if (*byte != 0)
      return false;
  return true;
}

/* Stray bytes in the header cost nothing. After the data of a scan they may be data that a decoder
 * out of step did not use; only zeros are padding. */
static bool costs_pixels(j_common_ptr jpeg, size_t which)
{
  const jpeg_reader *reader = jpeg->client_data;
  const int count = jpeg->err->msg_parm.i[0];

  return which == DAMAGES || damages[which].pixels
         || (damages[which].code == JWRN_EXTRANEOUS_DATA && reader->jpeg.input_scan_number > 0
             && !zeros_passed(reader, count));
}

/* Level -1 is a warning; other levels are traces. */
static void on_message(j_common_ptr jpeg, int level)
{
  jpeg_reader *reader = jpeg->client_data;
  idf_image_env *env = reader->base.env;
  char text[JMSG_LENGTH_MAX];
  size_t which = 0;

  if (level >= 0)
    return;
  while (which < DAMAGES && damages[which].code != jpeg->err->msg_code)
    which++;
  const bool costly = costs_pixels(jpeg, which);
  if (costly && !env->tolerant)
    fail_as_libjpeg(jpeg, true);
  reader->lossy |= costly;
  /* A damaged file may have one warning per block; the first of each kind is reported. */
  const unsigned bit = 1u << (2 * which + costly);
  if (reader->told & bit)
    return;
  reader->told |= bit;
  jpeg->err->format_message(jpeg, text);
  if (costly)
    idf_image_drop(env, "damaged pixels", "libjpeg: %s: pixels are made up", text);
  else if (damages[which].dropped)
    idf_image_drop(env, damages[which].dropped, "libjpeg: %s: left out, no pixel is lost", text);
  else
    idf_image_warn(env, "libjpeg: %s", text);
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
  JOCTET *fresh = reader->buffer + PAST;
  const size_t keep = IDF_MIN((size_t)PAST, reader->past + reader->fresh);
  size_t got = 0;

  memmove(fresh - keep, fresh + reader->fresh - keep, keep);
  reader->past = keep;
  reader->fresh = 0;
  const idf_status status =
      reader->read(reader->context, fresh, sizeof reader->buffer - PAST, &got);
  if (status != IDF_OK)
    give_up(reader, status);
  if (got == 0) {
    /* Supply one end marker. libjpeg searches for it, or reads it ahead of what it needs. If
     * libjpeg asks for more, it has used the marker as data. */
    if (reader->ended)
      give_up(reader, too_short(reader));
    reader->ended = true;
    memcpy(fresh, end_marker, sizeof end_marker);
    got = sizeof end_marker;
  }
  reader->fresh = got;
  reader->source.next_input_byte = fresh;
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

/* ---- segments ------------------------------------------------------------------------- */

static unsigned next_byte(jpeg_reader *reader)
{
  struct jpeg_source_mgr *source = &reader->source;

  if (source->bytes_in_buffer == 0)
    (void)fill_source(&reader->jpeg);
  source->bytes_in_buffer--;
  return *source->next_input_byte++;
}

/* Explains an error of the metadata's list. */
static idf_status explain_metadata(jpeg_reader *reader, idf_status status)
{
  idf_image_env *env = reader->base.env;

  if (!reader->meta.over)
    return status;
  return idf_image_fail(env, status, "metadata pass the limit of %llu bytes: raise --max-metadata",
                        (unsigned long long)env->max_metadata);
}

static void on_remark(void *context, const char *text)
{
  idf_image_warn(context, "%s", text);
}

/* What libjpeg itself takes from these two segments. */
static void examine(jpeg_reader *reader, unsigned marker)
{
  struct jpeg_decompress_struct *jpeg = &reader->jpeg;
  const uint8_t *data = reader->segment.data;
  const size_t size = reader->segment.len;

  if (marker == IDF_JPEG_APP0 && size >= 14 && memcmp(data, "JFIF", 5) == 0) {
    jpeg->saw_JFIF_marker = TRUE;
    jpeg->JFIF_major_version = data[5];
    jpeg->JFIF_minor_version = data[6];
    if (data[5] != 1)
      WARNMS2(jpeg, JWRN_JFIF_MAJOR, data[5], data[6]);
  }
  if (marker == JPEG_APP0 + 14 && size >= 12 && memcmp(data, "Adobe", 5) == 0) {
    jpeg->saw_Adobe_marker = TRUE;
    jpeg->Adobe_transform = data[11];
  }
}

/* libjpeg calls this after the marker of an APP or COM segment. libjpeg could also save segments,
 * but in a list that it walks from the start for each. */
static boolean on_segment(j_decompress_ptr jpeg)
{
  jpeg_reader *reader = jpeg->client_data;
  const unsigned marker = (unsigned)jpeg->unread_marker;
  unsigned size = next_byte(reader) << 8;

  size |= next_byte(reader);
  idf_buf_clear(&reader->segment);
  for (size_t left = size > 2 ? size - 2 : 0; left > 0;) {
    struct jpeg_source_mgr *source = &reader->source;
    if (source->bytes_in_buffer == 0)
      (void)fill_source(jpeg);
    const size_t n = IDF_MIN(source->bytes_in_buffer, left);
    idf_put_bytes(&reader->segment, source->next_input_byte, n);
    source->next_input_byte += n;
    source->bytes_in_buffer -= n;
    left -= n;
  }
  if (reader->segment.bad)
    give_up(reader, idf_mem_status(reader->base.env->mem));
  examine(reader, marker);
  const idf_status status =
      idf_jpeg_meta_segment(&reader->meta, marker, reader->segment.data, reader->segment.len);
  if (status != IDF_OK)
    give_up(reader, explain_metadata(reader, status));
  return TRUE;
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

/* Only files with several scans need the coefficients of a whole component. */
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
  jpeg->mem->max_memory_to_use = 0; /* ignore JPEGMEM: the charge is the limit */

  reader->source.init_source = start_source;
  reader->source.fill_input_buffer = fill_source;
  reader->source.skip_input_data = skip_source;
  reader->source.resync_to_restart = jpeg_resync_to_restart;
  reader->source.term_source = start_source;
  jpeg->src = &reader->source;
  reader->progress.progress_monitor = on_progress;
  jpeg->progress = &reader->progress;
  for (int marker = JPEG_APP0; marker <= JPEG_APP0 + 15; marker++)
    jpeg_set_marker_processor(jpeg, marker, on_segment);
  jpeg_set_marker_processor(jpeg, JPEG_COM, on_segment);
}

/* Whether the file has data for every bit of every coefficient. */
static bool complete(const struct jpeg_decompress_struct *jpeg)
{
  for (int i = 0; jpeg->coef_bits && i < jpeg->num_components; i++)
    for (int k = 0; k < DCTSIZE2; k++)
      if (jpeg->coef_bits[i][k] != 0)
        return false;
  return true;
}

static idf_status cut_off(jpeg_reader *reader)
{
  if (!reader->base.env->tolerant)
    return too_short(reader);
  reader->lossy = true;
  idf_image_drop(reader->base.env, "damaged pixels",
                 "ends without its end marker: pixels may be made up");
  return IDF_OK;
}

/* Checks a file with several scans after all of them were read. A component that no scan had would
 * come out as gray. In a file without an end marker, a scan may be missing unnoticed; and a decoder
 * of arithmetic codes cannot distinguish the end of its data from zeros that were left out. */
static idf_status check_scans(jpeg_reader *reader)
{
  struct jpeg_decompress_struct *jpeg = &reader->jpeg;
  idf_image_env *env = reader->base.env;

  for (int i = 0; i < jpeg->num_components; i++)
    if (!jpeg->comp_info[i].quant_table) {
      if (!env->tolerant)
        return idf_image_fail(env, IDF_ERR_CORRUPT,
                              "has no data for one of its %d components; --tolerant makes them up",
                              jpeg->num_components);
      idf_image_drop(env, "damaged pixels", "has no data for one of its %d components: made up",
                     jpeg->num_components);
      reader->lossy = true;
      return IDF_OK;
    }
  return !reader->ended || (complete(jpeg) && !jpeg->arith_code) ? IDF_OK : cut_off(reader);
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
  if (status != IDF_OK)
    return status;

  jpeg->dct_method = JDCT_ISLOW;
  jpeg->do_fancy_upsampling = TRUE;
  (void)jpeg_start_decompress(jpeg);
  status = check_scans(reader);
  if (status == IDF_OK)
    status = explain_metadata(reader, idf_jpeg_meta_finish(&reader->meta));
  reader->meta.after_pixels = true;
  return status;
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

  if (setjmp(reader->jump))
    return reader->status;
  (void)jpeg_finish_decompress(&reader->jpeg);
  idf_status status = explain_metadata(reader, idf_jpeg_meta_finish(&reader->meta));
  if (status != IDF_OK)
    return status;
  if (reader->ended) {
    if (reader->jpeg.arith_code && !reader->lossy)
      status = cut_off(reader);
    if (!reader->lossy && status == IDF_OK)
      idf_image_warn(base->env, "ends without its end marker; no pixel is lost");
    return status;
  }
  return idf_image_tail(base->env, reader->read, reader->context, reader->source.next_input_byte,
                        reader->source.bytes_in_buffer, end_marker);
}

static void reader_close(idf_reader *base)
{
  jpeg_reader *reader = (jpeg_reader *)base;
  idf_mem *mem = base->env->mem;

  if (reader->created)
    jpeg_destroy_decompress(&reader->jpeg);
  idf_mem_return(mem, reader->charged);
  idf_jpeg_meta_free(&reader->meta);
  idf_buf_free(&reader->segment);
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
  idf_jpeg_meta_init(&reader->meta, &reader->base.chunks, env->max_metadata);
  reader->meta.remark = on_remark;
  reader->meta.context = env;
  idf_buf_init(&reader->segment, env->mem);
  const idf_status status = read_start(reader);
  if (status != IDF_OK) {
    reader_close(&reader->base);
    return status;
  }
  *result = &reader->base;
  return IDF_OK;
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_png.c: reads and writes PNG with libpng, without any transformation that changes a sample.
 *
 * libpng reports errors by longjmp. Every function here that calls libpng sets its own jump first,
 * and keeps what it needs afterwards in the reader or writer, never in a local variable. No jump
 * leaves this file. libpng decodes the pixels and skips every chunk that they do not need. The tap
 * (png_tap.h) keeps those chunks as it read them. So libpng's opinion of their contents does not
 * matter, and a text that unpacks to gigabytes is never unpacked.
 */
#include "image.h"
#include "png_pixels.h"
#include "png_tap.h"

#include <limits.h>
#include <png.h>
#include <string.h>

#define MAX_WARNINGS 8 /* per file; a hostile file can cause any number */

/* ---- what reading and writing share --------------------------------------------- */

typedef struct png_common {
  idf_image_env *env;
  idf_status status; /* of the first error */
  bool refused;      /* libpng did not get memory */
  unsigned warnings;
} png_common;

static void on_error(png_structp png, png_const_charp text)
{
  png_common *common = png_get_error_ptr(png);

  if (common->status == IDF_OK) {
    common->status = common->refused ? idf_mem_status(common->env->mem) : IDF_ERR_CORRUPT;
    if (common->status == IDF_ERR_LIMIT)
      idf_image_fail(common->env, IDF_ERR_LIMIT,
                     "has rows that take more memory than the limit of %llu bytes: raise "
                     "--max-memory",
                     (unsigned long long)common->env->mem->limit);
    else
      idf_image_fail(common->env, common->status, "libpng: %s", text);
  }
  png_longjmp(png, 1);
}

typedef struct remark {
  const char *text; /* start of libpng's message */
  const char *drop; /* what is lost, for idf_image_drop; NULL: nothing */
  bool told;        /* whether it is a warning of ours */
} remark;

/* The warnings with a rule of their own. Any other about IDAT is an error. */
static const remark remarks[] = {{"IDAT: Extra compressed data", "data after the pixels", true},
                                 {"IDAT: Too much image data", "data after the pixels", true},
                                 {"IDAT: Read palette index", NULL, true},
                                 {"IEND: ", "data in IEND", true},
                                 {"PLTE: ", NULL, false}}; /* kept as it is, even if it is wrong */

static void on_warning(png_structp png, png_const_charp text)
{
  png_common *common = png_get_error_ptr(png);
  const remark *found = NULL;

  /* The tap reports wrong checksums. Otherwise a chunk that is not critical is kept whole. */
  if (text[0] >= 'a' && text[0] <= 'z' && strlen(text) > 4 && text[4] == ':')
    return;
  for (size_t i = 0; i < sizeof remarks / sizeof *remarks && !found; i++)
    if (strncmp(text, remarks[i].text, strlen(remarks[i].text)) == 0)
      found = &remarks[i];
  if (found && !found->told)
    return;
  /* The sum over all pixels, when it lies in a chunk after those: as wrong as within them. */
  if (!found && strncmp(text, "IDAT: ", 6) == 0)
    on_error(png, text);
  common->warnings++;
  if (found && found->drop && common->warnings <= MAX_WARNINGS)
    idf_image_drop(common->env, found->drop, "libpng: %s: left out", text);
  else if (common->warnings < MAX_WARNINGS)
    idf_image_warn(common->env, "libpng: %s", text);
  else if (common->warnings == MAX_WARNINGS)
    idf_image_warn(common->env, "libpng has more warnings, not shown");
}

static void *on_malloc(png_structp png, png_alloc_size_t size)
{
  png_common *common = png_get_mem_ptr(png);
  void *ptr = idf_alloc(common->env->mem, size, 1);

  if (!ptr)
    common->refused = true;
  return ptr;
}

static void on_free(png_structp png, png_voidp ptr)
{
  const png_common *common = png_get_mem_ptr(png);

  idf_free(common->env->mem, ptr);
}

/* Ends the current libpng call with `status`, which came from a callback. */
static void give_up(png_structp png, png_common *common, idf_status status, const char *text)
{
  common->status = status;
  if (text)
    idf_image_fail(common->env, status, "%s", text);
  png_longjmp(png, 1);
}

static bool little_endian(void)
{
  const uint16_t one = 1;
  uint8_t first;
  memcpy(&first, &one, 1);
  return first == 1;
}

/* ---- reading ---------------------------------------------------------------------- */

typedef struct png_reader {
  idf_reader base;
  png_common common;
  png_structp png;
  png_infop info;
  idf_png_tap tap;
  idf_read_fn read;
  void *context;
  size_t row_bytes;
  uint8_t *whole; /* the decoded image if it is interlaced, else NULL */
} png_reader;

static void on_read(png_structp png, png_bytep data, size_t len)
{
  png_reader *reader = png_get_io_ptr(png);

  while (len) {
    size_t got = 0;
    idf_status status = reader->read(reader->context, data, len, &got);
    if (status == IDF_OK && got == 0)
      give_up(png, &reader->common, IDF_ERR_TRUNCATED, "the PNG ends before its IEND chunk");
    if (status == IDF_OK)
      status = idf_png_tap_bytes(&reader->tap, data, got);
    if (status != IDF_OK)
      give_up(png, &reader->common, status, NULL);
    data += got;
    len -= got;
  }
}

static void reader_close(idf_reader *base)
{
  png_reader *reader = (png_reader *)base;
  idf_mem *mem = base->env->mem;

  if (reader->png)
    png_destroy_read_struct(&reader->png, &reader->info, NULL);
  idf_png_tap_free(&reader->tap);
  idf_chunks_free(&base->chunks);
  idf_free(mem, reader->whole);
  idf_free(mem, reader);
}

static idf_status refuse_animation(png_reader *reader)
{
  return idf_image_fail(reader->base.env, IDF_ERR_UNSUPPORTED,
                        "is an animation (APNG), which .idf does not hold: "
                        "extract the frames and encode each");
}

static bool layout_of(int colour_type, idf_layout *layout)
{
  switch (colour_type) {
  case PNG_COLOR_TYPE_GRAY:
    *layout = IDF_GRAY;
    return true;
  case PNG_COLOR_TYPE_GRAY_ALPHA:
    *layout = IDF_GRAY_ALPHA;
    return true;
  case PNG_COLOR_TYPE_RGB:
    *layout = IDF_RGB;
    return true;
  case PNG_COLOR_TYPE_RGB_ALPHA:
    *layout = IDF_RGBA;
    return true;
  case PNG_COLOR_TYPE_PALETTE:
    *layout = IDF_PALETTE;
    return true;
  default:
    return false;
  }
}

static idf_status read_whole(png_reader *reader)
{
  const idf_info *info = &reader->base.info;

  reader->whole = idf_alloc(reader->base.env->mem, info->height, reader->row_bytes);
  if (!reader->whole)
    return idf_image_fail(reader->base.env, idf_mem_status(reader->base.env->mem),
                          "is interlaced, so its %u rows of %llu bytes are needed at once: "
                          "raise --max-memory",
                          (unsigned)info->height, (unsigned long long)reader->row_bytes);
  if (setjmp(png_jmpbuf(reader->png)))
    return reader->common.status;
  for (int pass = 0; pass < PNG_INTERLACE_ADAM7_PASSES; pass++)
    for (uint32_t y = 0; y < reader->base.info.height; y++)
      png_read_row(reader->png, reader->whole + y * reader->row_bytes, NULL);
  return IDF_OK;
}

static idf_status read_start(png_reader *reader)
{
  static const png_byte transparency[] = "tRNS";
  idf_reader *base = &reader->base;
  idf_image_env *env = base->env;

  if (setjmp(png_jmpbuf(reader->png)))
    return reader->common.status;
  png_set_read_fn(reader->png, reader, on_read);
  png_set_user_limits(reader->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_chunk_malloc_max(reader->png, 0); /* the tap has the limit */
  /* Some writers declare a smaller zlib window than they use; zlib is given the full one. */
  png_set_option(reader->png, PNG_MAXIMUM_INFLATE_WINDOW, PNG_OPTION_ON);
  /* -1 means all chunks that libpng knows, except PLTE and tRNS. */
  png_set_keep_unknown_chunks(reader->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  png_set_keep_unknown_chunks(reader->png, PNG_HANDLE_CHUNK_NEVER, transparency, 1);
  png_read_info(reader->png, reader->info);
  if (reader->tap.animated)
    return refuse_animation(reader);

  base->info.width = png_get_image_width(reader->png, reader->info);
  base->info.height = png_get_image_height(reader->png, reader->info);
  base->info.depth = png_get_bit_depth(reader->png, reader->info);
  if (!layout_of(png_get_color_type(reader->png, reader->info), &base->info.layout))
    return idf_image_fail(env, IDF_ERR_UNSUPPORTED, "has an unknown PNG colour type");
  const idf_status status = idf_image_limit(env, &base->info);
  if (status != IDF_OK)
    return status;

  if (base->info.depth < 8)
    png_set_packing(reader->png);
  if (base->info.depth == 16 && little_endian())
    png_set_swap(reader->png);
  (void)png_set_interlace_handling(reader->png);
  png_read_update_info(reader->png, reader->info);
  reader->row_bytes = idf_row_bytes(&base->info);
  if (reader->row_bytes == 0 || reader->row_bytes != png_get_rowbytes(reader->png, reader->info))
    return idf_image_fail(env, IDF_ERR_LIMIT, "has rows too long for this machine");
  return IDF_OK;
}

static idf_status read_stream(png_reader *reader, uint8_t *rows, uint32_t count)
{
  if (setjmp(png_jmpbuf(reader->png)))
    return reader->common.status;
  for (uint32_t i = 0; i < count; i++)
    png_read_row(reader->png, rows + i * reader->row_bytes, NULL);
  return IDF_OK;
}

static idf_status reader_rows(idf_reader *base, void *rows, uint32_t count)
{
  png_reader *reader = (png_reader *)base;

  if (!reader->whole)
    return read_stream(reader, rows, count);
  memcpy(rows, reader->whole + base->next_row * reader->row_bytes, count * reader->row_bytes);
  return IDF_OK;
}

static idf_status reader_finish(idf_reader *base)
{
  png_reader *reader = (png_reader *)base;

  if (setjmp(png_jmpbuf(reader->png)))
    return reader->common.status;
  /* From here on, libpng does not look into further chunks. */
  reader->tap.pixels_read = true;
  png_read_end(reader->png, NULL);
  if (reader->tap.animated)
    return refuse_animation(reader);
  idf_png_tap_end(&reader->tap);
  return idf_image_tail(base->env, reader->read, reader->context, NULL, 0, NULL);
}

idf_status idf_png_open(idf_image_env *env, idf_read_fn read, void *context, idf_reader **result)
{
  *result = NULL;
  png_reader *reader = idf_alloc(env->mem, 1, sizeof *reader);
  if (!reader)
    return idf_mem_status(env->mem);
  reader->base.env = env;
  reader->base.chunks.mem = env->mem;
  reader->base.rows = reader_rows;
  reader->base.finish = reader_finish;
  reader->base.close = reader_close;
  reader->common.env = env;
  reader->read = read;
  reader->context = context;
  idf_png_tap_init(&reader->tap, env, &reader->base.chunks);

  idf_status status;
  reader->png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, &reader->common, on_error,
                                         on_warning, &reader->common, on_malloc, on_free);
  if (reader->png)
    reader->info = png_create_info_struct(reader->png);
  if (!reader->info) {
    status = idf_mem_status(env->mem);
  } else {
    status = read_start(reader);
    if (status == IDF_OK && png_get_interlace_type(reader->png, reader->info) != PNG_INTERLACE_NONE)
      status = read_whole(reader);
  }
  if (status != IDF_OK) {
    reader_close(&reader->base);
    return status;
  }
  *result = &reader->base;
  return IDF_OK;
}

/* ---- writing ---------------------------------------------------------------------- */

typedef struct png_writer {
  idf_writer base;
  png_common common;
  png_structp png;
  png_infop info;
  idf_png_pixels *pixels;
  idf_write_fn write;
  void *context;
  bool palette; /* PLTE was written */
} png_writer;

static void on_write(png_structp png, png_bytep data, size_t len)
{
  png_writer *writer = png_get_io_ptr(png);
  const idf_status status = writer->write(writer->context, data, len);

  if (status != IDF_OK)
    give_up(png, &writer->common, status, NULL);
}

static void on_flush(png_structp png)
{
  (void)png;
}

static void writer_close(idf_writer *base)
{
  png_writer *writer = (png_writer *)base;

  if (writer->png)
    png_destroy_write_struct(&writer->png, &writer->info);
  idf_png_pixels_free(writer->pixels);
  idf_free(base->env->mem, writer);
}

/* Critical chunks other than PLTE, and those that belong to libpng or to animations, cannot come
 * from a PNG that was encoded: such a file is damaged or hostile. */
static bool is_chunk_name(const char *type)
{
  static const char *const never[] = {"acTL", "fcTL", "fdAT"};

  for (size_t i = 0; i < sizeof never / sizeof *never; i++)
    if (memcmp(type, never[i], 4) == 0)
      return false;
  for (size_t i = 0; i < 4; i++)
    if (!((type[i] >= 'A' && type[i] <= 'Z') || (type[i] >= 'a' && type[i] <= 'z')))
      return false;
  return type[0] >= 'a' || memcmp(type, "PLTE", 4) == 0;
}

static idf_status writer_chunk(png_writer *writer, const char *type, const uint8_t *data,
                               size_t size)
{
  if (setjmp(png_jmpbuf(writer->png)))
    return writer->common.status;
  png_write_chunk(writer->png, (png_const_bytep)type, data, size);
  return IDF_OK;
}

static idf_status on_pixels(void *context, const uint8_t *data, size_t size)
{
  return writer_chunk(context, "IDAT", data, size);
}

static idf_status writer_metadata(idf_writer *base, const char *type, const uint8_t *data,
                                  size_t size)
{
  png_writer *writer = (png_writer *)base;

  if (memcmp(type, IDF_TYPE_MAXVAL, 4) == 0)
    return idf_image_fail(base->env, IDF_ERR_UNSUPPORTED,
                          "has a maxval that PNG cannot hold: choose %s",
                          base->info.layout == IDF_GRAY  ? "-o NAME.pgm"
                          : base->info.layout == IDF_RGB ? "-o NAME.ppm"
                                                         : "-o NAME.pam");
  if (!is_chunk_name(type)) {
    for (size_t i = 0; i < 4; i++) {
      if (type[i] >= '0' && type[i] <= '9') {
        idf_image_warn(base->env, "metadata %.4s left out: PNG cannot hold it", type);
        return IDF_OK;
      }
    }
    return idf_image_fail(base->env, IDF_ERR_CORRUPT, "metadata %.4s cannot be in a PNG", type);
  }
  if (size > PNG_UINT_31_MAX)
    return idf_image_fail(base->env, IDF_ERR_CORRUPT, "metadata %.4s is too long for a PNG", type);
  if (memcmp(type, "PLTE", 4) == 0) {
    /* In a palette image, libpng refuses more than 256 entries, and a second palette. */
    if (base->info.layout == IDF_PALETTE
        && (writer->palette || base->rows_left != base->info.height || size == 0 || size % 3
            || size > 3 * 256))
      return idf_image_fail(base->env, IDF_ERR_CORRUPT, "has a damaged palette");
    writer->palette = true;
  }
  return writer_chunk(writer, type, data, size);
}

static idf_status writer_rows(idf_writer *base, const void *rows, uint32_t count)
{
  png_writer *writer = (png_writer *)base;

  if (base->info.layout == IDF_PALETTE && !writer->palette)
    return idf_image_fail(base->env, IDF_ERR_CORRUPT, "has palette indices but no palette");
  return idf_png_pixels_rows(writer->pixels, rows, count);
}

static idf_status writer_finish(idf_writer *base)
{
  return writer_chunk((png_writer *)base, "IEND", NULL, 0);
}

static int colour_type_of(idf_layout layout)
{
  switch (layout) {
  case IDF_GRAY:
    return PNG_COLOR_TYPE_GRAY;
  case IDF_GRAY_ALPHA:
    return PNG_COLOR_TYPE_GRAY_ALPHA;
  case IDF_RGB:
    return PNG_COLOR_TYPE_RGB;
  case IDF_RGBA:
    return PNG_COLOR_TYPE_RGB_ALPHA;
  case IDF_PALETTE:
    return PNG_COLOR_TYPE_PALETTE;
  case IDF_CMYK:
    break;
  }
  return -1;
}

static idf_status write_start(png_writer *writer)
{
  const idf_info *info = &writer->base.info;

  if (setjmp(png_jmpbuf(writer->png)))
    return writer->common.status;
  png_set_write_fn(writer->png, writer, on_write, on_flush);
  png_set_user_limits(writer->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_IHDR(writer->png, writer->info, info->width, info->height, (int)info->depth,
               colour_type_of(info->layout), PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_BASE,
               PNG_FILTER_TYPE_BASE);
  /* Writes everything that libpng writes by itself; the rest comes as raw chunks. */
  png_write_info_before_PLTE(writer->png, writer->info);
  return IDF_OK;
}

static bool png_holds(const idf_info *info)
{
  switch (info->depth) {
  case 1:
  case 2:
  case 4:
    return info->layout == IDF_GRAY || info->layout == IDF_PALETTE;
  case 8:
    return true;
  case 16:
    return info->layout != IDF_PALETTE;
  default:
    return false;
  }
}

idf_status idf_png_create(idf_image_env *env, const idf_info *info, int level, idf_write_fn write,
                          void *context, idf_writer **result)
{
  *result = NULL;
  if (info->layout == IDF_CMYK)
    return idf_image_fail(env, IDF_ERR_UNSUPPORTED,
                          "is CMYK, which PNG cannot hold: choose -o NAME.pam, or -o NAME.jpg for "
                          "the file itself");
  if (level < IDF_PNG_FAST || level > 9 || colour_type_of(info->layout) < 0)
    return IDF_ERR_ARGUMENT;
  if (!png_holds(info))
    return idf_image_fail(env, IDF_ERR_UNSUPPORTED, "has %u bits a sample, which PNG cannot hold%s",
                          (unsigned)info->depth,
                          info->layout == IDF_PALETTE ? ""
                          : info->layout == IDF_GRAY  ? ": choose -o NAME.pgm"
                          : info->layout == IDF_RGB   ? " in colour: choose -o NAME.ppm"
                                                      : " with alpha: choose -o NAME.pam");
  png_writer *writer = idf_alloc(env->mem, 1, sizeof *writer);
  if (!writer)
    return idf_mem_status(env->mem);
  writer->base.env = env;
  writer->base.info = *info;
  writer->base.rows_left = info->height;
  writer->base.metadata = writer_metadata;
  writer->base.rows = writer_rows;
  writer->base.finish = writer_finish;
  writer->base.close = writer_close;
  writer->common.env = env;
  writer->write = write;
  writer->context = context;

  writer->png = png_create_write_struct_2(PNG_LIBPNG_VER_STRING, &writer->common, on_error,
                                          on_warning, &writer->common, on_malloc, on_free);
  if (writer->png)
    writer->info = png_create_info_struct(writer->png);
  idf_status status = writer->info ? write_start(writer) : idf_mem_status(env->mem);
  if (status == IDF_OK)
    status =
        idf_png_pixels_new(env->mem, info, level, env->threads, on_pixels, writer, &writer->pixels);
  if (status != IDF_OK) {
    writer_close(&writer->base);
    return status;
  }
  *result = &writer->base;
  return IDF_OK;
}

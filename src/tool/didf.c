/* SPDX-License-Identifier: BSD-3-Clause
 *
 * didf.c: .idf files in, images out. See didf(1).
 *
 * A file gets its name only after the end of the .idf was reached and its checksum of
 * all samples was right. Pixels that go to stdout go as they are decoded. An .idf that holds a
 * JPEG gives that file, unless a name or an option asks for its pixels, or for a part of them.
 */
#include <stdlib.h>
#include <string.h>

#include "image.h"
#include "thumb.h"
#include "tool.h"

enum { OPT_GOING = IDF_OPT_OWN, OPT_FORMAT, OPT_LEVEL, OPT_CROP, OPT_SCALE, OPT_THUMBNAIL };

#define MOST_LOST_TOLD 16
#define MOST_THUMB 4096

typedef enum family { PNG, PNM, JPEG } family;

typedef struct format {
  const char *name, *suffix;
  family family;
  idf_pnm_kind kind;
} format;

static const format formats[] = {
    {"png", ".png", PNG, IDF_PNM_ANY}, {"jpeg", ".jpg", JPEG, IDF_PNM_ANY},
    {"pnm", ".pnm", PNM, IDF_PNM_ANY}, {"pbm", ".pbm", PNM, IDF_PNM_PBM},
    {"pgm", ".pgm", PNM, IDF_PNM_PGM}, {"ppm", ".ppm", PNM, IDF_PNM_PPM},
    {"pam", ".pam", PNM, IDF_PNM_PAM}};
#define FORMATS (sizeof formats / sizeof *formats)
static const format *const png = &formats[0], *const jpeg = &formats[1];

typedef struct didf {
  idf_tool tool;
  bool keep_going;
  int level;
  uint32_t thumbnail;   /* the longest side of a thumbnail; 0: the whole picture */
  const format *format; /* of --format, or NULL */
  const char *crop;     /* of --crop, or NULL */
  uint32_t x, y, width, height;
  unsigned scale; /* log2 of the N of --scale=1/N */
  /* Of the file at hand: */
  idf_info whole;      /* the picture */
  bool choice;         /* the user asked for no format */
  bool damaged;        /* the JPEG that it holds cannot be made again */
  idf_work pixel_work; /* then: the same with the output for its pixels */
} didf;

static const idf_option options[] = {
    IDF_OPTIONS_WRITING("decode, check and write nothing"),
    {OPT_GOING, 0, "keep-going", NULL, "write what is left of a damaged file"},
    {OPT_FORMAT, 0, "format", "F",
     "png, jpeg, pnm, pbm, pgm, ppm or pam; else by the output's name"},
    {OPT_CROP, 0, "crop", "WxH+X+Y", "only W x H pixels from column X, row Y on"},
    {OPT_SCALE, 0, "scale", "1/N", "N times smaller in both directions: 1/2, 1/4 or 1/8"},
    {OPT_LEVEL, 'c', "compression", "N", "of PNG: zlib's level, 0 to 9; else what is fast"},
    {OPT_THUMBNAIL, 0, "thumbnail", "SIDE", "a small picture, of at most SIDE pixels each way"},
    IDF_OPTIONS_ALWAYS};

static const char *const suffixes[] = {".idf", NULL};
/* What a JPEG may be called; and an output, if no format is asked for. */
static const char *const jpegs[] = {".jpg", ".jpeg", ".jpe", ".jfif", NULL};
static const char *const outputs[] = {".png", ".jpg", ".jpeg", ".jpe", ".jfif", NULL};

/* All that -o may be given. */
static const char *const named[] = {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".pnm",
                                    ".pbm", ".pgm", ".ppm",  ".pam", NULL};

/* A number that a part of a --crop begins with, and the character after it, which must be `next`;
 * NULL: it is another. */
static const char *take_number(const char *text, char next, uint32_t *number)
{
  char *end;

  if (!text || *text < '0' || *text > '9')
    return NULL;
  const unsigned long long value = strtoull(text, &end, 10);
  if (value > INT32_MAX || *end != next)
    return NULL;
  *number = (uint32_t)value;
  return next ? end + 1 : end;
}

static bool take_crop(didf *job, const char *value)
{
  const char *at = take_number(value, 'x', &job->width);

  at = take_number(at, '+', &job->height);
  at = take_number(at, '+', &job->x);
  at = take_number(at, '\0', &job->y);
  job->crop = value;
  if (!at || job->width == 0 || job->height == 0)
    idf_error(&job->tool.cli, NULL, "--crop=%s: give WxH+X+Y, such as 640x480+100+50", value);
  return at && job->width > 0 && job->height > 0;
}

static bool take_scale(didf *job, const char *value)
{
  static const char *const scales[] = {"1/1", "1/2", "1/4", "1/8"};

  for (unsigned i = 0; i < sizeof scales / sizeof *scales; i++)
    if (strcmp(value, scales[i]) == 0) {
      job->scale = i;
      return true;
    }
  idf_error(&job->tool.cli, NULL, "--scale=%s: give 1/1, 1/2, 1/4 or 1/8", value);
  return false;
}

/* Whether not the picture is wanted, but something of it. */
static bool wants_less(const didf *job)
{
  return job->crop || job->scale > 0 || job->thumbnail > 0;
}

/* A thumbnail has a size of its own. */
static bool fits_thumbnail(didf *job)
{
  if (job->thumbnail && (job->crop || job->scale > 0)) {
    idf_error(&job->tool.cli, NULL, "--thumbnail does not go with --crop and --scale");
    return false;
  }
  return true;
}

static bool on_option(void *context, int id, const char *value)
{
  didf *job = context;
  uint64_t number;

  switch (id) {
  case OPT_GOING:
    job->keep_going = true;
    return true;
  case OPT_FORMAT:
    for (size_t i = 0; i < FORMATS; i++)
      if (strcmp(value, formats[i].name) == 0 || strcmp(value, formats[i].suffix + 1) == 0)
        job->format = &formats[i];
    if (!job->format)
      idf_error(&job->tool.cli, NULL, "--format=%s: give png, jpeg, pnm, pbm, pgm, ppm or pam",
                value);
    return job->format != NULL;
  case OPT_LEVEL:
    if (!idf_parse_number(value, 0, 9, false, &number)) {
      idf_error(&job->tool.cli, NULL, "--compression=%s: give a number from 0 to 9", value);
      return false;
    }
    job->level = (int)number;
    return true;
  case OPT_CROP:
    return take_crop(job, value) && fits_thumbnail(job);
  case OPT_SCALE:
    return take_scale(job, value) && fits_thumbnail(job);
  case OPT_THUMBNAIL:
    if (!idf_parse_number(value, 1, MOST_THUMB, false, &number)) {
      idf_error(&job->tool.cli, NULL, "--thumbnail=%s: give a number of pixels up to %d", value,
                MOST_THUMB);
      return false;
    }
    job->thumbnail = (uint32_t)number;
    return fits_thumbnail(job);
  default:
    return false;
  }
}

/* False for a name that promises what is not written. *to is then what the name or --format asks
 * for, NULL: nothing, and what the file holds decides. */
static bool format_for(const didf *job, const char *output, const format **to)
{
  static const char *const foreign[] = {".webp", ".jxl",  ".gif",  ".tif", ".tiff",
                                        ".bmp",  ".avif", ".heic", ".idf", NULL};

  *to = job->format;
  if (job->format || !output)
    return true;
  for (size_t i = 0; i < FORMATS && !*to; i++) {
    const char *const one[] = {formats[i].suffix, NULL};
    if (idf_has_suffix(output, formats[i].family == JPEG ? jpegs : one))
      *to = &formats[i];
  }
  return *to || !idf_has_suffix(output, foreign);
}

static bool holds_jpeg(const idf_decoder *decoder)
{
  const char *kind;

  return idf_decoder_original(decoder, &kind, NULL) == IDF_OK && strcmp(kind, "jpeg") == 0;
}

/* ---- decoding ----------------------------------------------------------------------- */

/* Whether a piece says something about samples that --scale has changed. */
static bool is_outdated(const idf_info *was, const idf_info *now, const char *type)
{
  static const char of_samples[] = "PLTE tRNS hIST bKGD sBIT max1";
  return (was->layout != now->layout || was->depth != now->depth) && strstr(of_samples, type);
}

/* Passes on the metadata from *next on; *next then is the first piece not passed on. */
static idf_status put_metadata(const didf *job, const idf_decoder *decoder, idf_writer *writer,
                               size_t *next)
{
  char type[5];
  const uint8_t *data;
  size_t size;
  idf_status status = IDF_OK;

  while (status == IDF_OK
         && idf_decoder_metadata(decoder, *next, type, &data, &size, NULL) == IDF_OK) {
    if (!is_outdated(&job->whole, &writer->info, type))
      status = idf_writer_metadata(writer, type, data, size);
    ++*next;
  }
  return status;
}

/* With `writer` NULL it only decodes. */
static idf_status put_rows(didf *job, const idf_work *work, idf_tool_image *image,
                           const idf_info *info, idf_decoder *decoder, idf_writer *writer)
{
  const uint32_t batch = idf_tool_batch(info);
  void *rows = idf_alloc(&image->mem, batch, idf_row_bytes(info));
  idf_status status = rows ? IDF_OK : idf_mem_status(&image->mem);

  for (uint32_t y = 0; y < info->height && status == IDF_OK;) {
    const uint32_t n = IDF_MIN(batch, info->height - y);
    status = idf_decoder_rows(decoder, rows, n);
    if (status == IDF_OK && writer)
      status = idf_writer_rows(writer, rows, n);
    if (status == IDF_OK && idf_interrupted())
      status = IDF_ERR_IO;
    y += n;
    idf_tool_rows(&job->tool, work, info, y);
  }
  idf_free(&image->mem, rows);
  return status;
}

static void tell_lost(didf *job, const idf_work *work, const idf_decoder *decoder,
                      idf_record_of *record)
{
  idf_anatomy anatomy;
  idf_tile_info tile;
  uint32_t told = 0;
  char text[128];

  idf_decoder_anatomy(decoder, &anatomy);
  record->tiles_lost = anatomy.tiles_lost;
  for (size_t i = 0; idf_decoder_tile(decoder, i, &tile) == IDF_OK; i++) {
    if (!tile.lost || told++ >= MOST_LOST_TOLD)
      continue;
    snprintf(text, sizeof text, "tile %zu is lost: %u x %u pixels at %u, %u are 0", i,
             (unsigned)tile.width, (unsigned)tile.height, (unsigned)tile.x, (unsigned)tile.y);
    idf_tool_drop(&job->tool, work->input, "lost tiles", text);
  }
  if (told > MOST_LOST_TOLD)
    idf_warning(&job->tool.cli, work->input, "%u tiles are lost in all", (unsigned)told);
}

/* Reads what follows the tiles. With --keep-going, damage there costs no pixel, because all rows
 * are decoded by then; it gives a warning. */
static idf_status read_end(didf *job, const idf_work *work, idf_decoder *decoder)
{
  const idf_status status = idf_decoder_finish(decoder);
  char text[224];

  if (!job->keep_going || (status != IDF_ERR_CORRUPT && status != IDF_ERR_TRUNCATED))
    return status;
  snprintf(text, sizeof text, "the end of the file is damaged (%s)", idf_decoder_detail(decoder));
  idf_tool_drop(&job->tool, work->input, "end of the file", text);
  return IDF_OK;
}

/* Whatever it is given. */
static idf_status discard(void *context, const uint8_t *data, size_t size)
{
  (void)context;
  (void)data;
  (void)size;
  return IDF_OK;
}

/* For a part, only what is needed of the file is read. */
static idf_status new_decoder(const didf *job, idf_source *input, idf_decoder **decoder)
{
  const idf_limits *limits = &job->tool.limits;

  return job->crop && idf_source_seeks(input)
             ? idf_decoder_new_at(limits, idf_source_read_at, input, input->size, decoder)
             : idf_decoder_new(limits, idf_source_read, input, decoder);
}

/* Selects what is wanted of the picture; *info then says what that is. */
static idf_status select_part(didf *job, idf_tool_image *image, idf_decoder *decoder,
                              idf_info *info)
{
  idf_status status = IDF_OK;

  job->whole = *info;
  if (job->crop)
    status = idf_decoder_region(decoder, job->x, job->y, job->width, job->height);
  if (status != IDF_OK)
    return idf_image_fail(&image->env, status, "--crop=%s: the picture has only %u x %u pixels",
                          job->crop, (unsigned)info->width, (unsigned)info->height);
  status = idf_decoder_scale(decoder, job->scale);
  return status == IDF_OK ? idf_decoder_output(decoder, info) : status;
}

/* Up to the pixels. */
static idf_status open_decoder(didf *job, idf_source *input, idf_decoder **decoder, idf_info *info)
{
  idf_tool *tool = &job->tool;
  const idf_status status = new_decoder(job, input, decoder);

  if (status != IDF_OK)
    return status;
  (void)idf_decoder_cancel_when(*decoder, idf_tool_stop, tool); /* new: it cannot fail */
  idf_decoder_threads(*decoder, tool->threads);
  idf_decoder_simd(*decoder, tool->simd);
  if (tool->model)
    idf_decoder_model(*decoder, tool->model);
  idf_decoder_keep_going(*decoder, job->keep_going);
  return idf_decoder_info(*decoder, info);
}

/* Waits for its share: what that is, the first bytes say. */
static void wait_for_share(didf *job)
{
  idf_tool *tool = &job->tool;
  idf_info info = {.width = 1, .height = 1}; /* it is no .idf, as will be found */
  idf_decoder *decoder = NULL;
  idf_anatomy anatomy;
  idf_head head;

  if (!tool->turns)
    return;
  idf_status status = idf_source_peek(tool->input, IDF_FILES_BUFFER, &head.data, &head.len);
  if (status == IDF_OK)
    status = idf_decoder_new(&tool->limits, idf_head_read, &head, &decoder);
  if (status == IDF_OK)
    status = idf_decoder_info(decoder, &info);
  idf_decoder_anatomy(decoder, &anatomy);
  const uint32_t side = IDF_MAX(anatomy.tile_side, 1u);
  /* With more metadata than that, nothing is known. */
  idf_tool_share(tool, status == IDF_ERR_TRUNCATED ? NULL : &info,
                 status == IDF_OK && holds_jpeg(decoder) ? UINT32_MAX : side, side);
  idf_decoder_free(decoder);
}

/* The pixels and, with `to`, the metadata, as an image. */
static idf_status put_pixels(didf *job, const idf_work *work, idf_tool_image *image,
                             const format *to, idf_decoder *decoder, idf_record_of *record)
{
  const idf_info *info = &record->info;
  idf_sink *output = job->tool.output_file;
  idf_writer *writer = NULL;
  idf_status status = IDF_OK;
  size_t next = 0;

  if (to)
    status = to->family == PNG
                 ? idf_png_create(&image->env, info, job->level, idf_sink_write, output, &writer)
                 : idf_pnm_create(&image->env, info, to->kind, idf_sink_write, output, &writer);
  if (status == IDF_OK && writer)
    status = put_metadata(job, decoder, writer, &next);
  if (status == IDF_OK)
    status = put_rows(job, work, image, info, decoder, writer);
  if (status == IDF_OK)
    status = read_end(job, work, decoder);
  if (status == IDF_OK && writer)
    status = put_metadata(job, decoder, writer, &next);
  if (status == IDF_OK && writer)
    status = idf_writer_finish(writer);
  idf_writer_close(writer);
  if (status == IDF_OK)
    tell_lost(job, work, decoder, record);
  return status;
}

/* A thumbnail, as PNG. Its metadata would not fit it. */
static idf_status put_thumbnail(didf *job, const idf_work *work, idf_tool_image *image,
                                idf_decoder *decoder, idf_record_of *record)
{
  idf_writer *writer = NULL;
  uint8_t *rgba = NULL;
  idf_status status = idf_thumb_make(&image->mem, decoder, job->thumbnail, &record->info, &rgba);

  if (status == IDF_OK && work->output)
    status = idf_png_create(&image->env, &record->info, job->level, idf_sink_write,
                            job->tool.output_file, &writer);
  if (status == IDF_OK)
    status = read_end(job, work, decoder);
  if (status == IDF_OK && writer)
    status = idf_writer_rows(writer, rgba, record->info.height);
  if (status == IDF_OK && writer)
    status = idf_writer_finish(writer);
  idf_writer_close(writer);
  idf_free(&image->mem, rgba);
  return status;
}

static bool is_damage(idf_status status)
{
  return status == IDF_ERR_CORRUPT || status == IDF_ERR_TRUNCATED;
}

/* The JPEG; `write` takes it. With --keep-going and a choice, its damage is no error yet. */
static idf_status put_jpeg(didf *job, const idf_work *work, idf_tool_image *image,
                           idf_decoder *decoder)
{
  idf_sink *output = job->tool.output_file;
  const idf_status status =
      idf_decoder_original_write(decoder, work->output ? idf_sink_write : discard, output);

  if (!is_damage(status))
    return status;
  job->damaged = job->keep_going && job->choice && output->written == 0;
  return idf_image_fail(&image->env, status,
                        "is damaged (%s), and the JPEG in it cannot be made again%s",
                        idf_decoder_detail(decoder),
                        job->damaged      ? ""
                        : job->keep_going ? "; -o x.png gives what is left of its pixels"
                                          : "; --keep-going gives what is left of its pixels");
}

/* `to` NULL: what the file holds. */
static bool decoded(didf *job, const idf_work *work, const format *to, idf_record_of *record)
{
  idf_tool *tool = &job->tool;
  idf_tool_image image;
  idf_decoder *decoder = NULL;

  idf_tool_image_init(&image, tool, work->input);
  idf_status status = open_decoder(job, tool->input, &decoder, &record->info);
  if (status == IDF_OK) {
    const bool holds = holds_jpeg(decoder);
    record->known = true;
    record->kept = holds ? "jpeg" : NULL;
    if (!to)
      to = holds && !wants_less(job) ? jpeg : png;
    if (job->thumbnail)
      to = png;
    record->format = to->name;
    if (to->family != JPEG && !job->thumbnail)
      status = select_part(job, &image, decoder, &record->info);
    if (status == IDF_OK && job->thumbnail)
      status = put_thumbnail(job, work, &image, decoder, record);
    else if (status == IDF_OK && to->family != JPEG)
      status = put_pixels(job, work, &image, work->output ? to : NULL, decoder, record);
    else if (status == IDF_OK && wants_less(job))
      status = idf_image_fail(&image.env, IDF_ERR_UNSUPPORTED,
                              "a part of a JPEG is no JPEG without loss: choose another name, such "
                              "as x.png");
    else if (status == IDF_OK && holds)
      status = put_jpeg(job, work, &image, decoder);
    else if (status == IDF_OK)
      status = idf_image_fail(&image.env, IDF_ERR_UNSUPPORTED,
                              "holds no JPEG file, but pixels: choose another name, such as x.png");
  }
  if (status != IDF_OK && job->damaged)
    idf_tool_drop(tool, work->input, "JPEG file", image.env.error);
  else if (status != IDF_OK)
    idf_tool_explain(tool, work, status, &image, decoder);
  record->input_bytes =
      job->crop && idf_source_seeks(tool->input) ? tool->input->size : tool->input->read;
  record->output_bytes = tool->output_file->written;
  idf_decoder_free(decoder);
  return status == IDF_OK;
}

static bool commit(didf *job, const idf_work *work, const idf_record_of *record)
{
  const bool pixels = record->kept && strcmp(record->format, jpeg->name) != 0;

  return idf_tool_commit(&job->tool, work,
                         wants_less(job) ? "the output is not the whole picture"
                         : pixels        ? "the output has only the pixels of the JPEG in it"
                                         : NULL);
}

/* Where the pixels go of a JPEG that was to be `work`: a name that was made of the input's. */
static const idf_work *pixels_for(didf *job, const idf_work *work, idf_record_of *record)
{
  const char *dot = work->output ? strrchr(work->output, '.') : NULL;

  if (!dot || job->tool.output || strcmp(work->output, "-") == 0)
    return work;
  const size_t stem = (size_t)(dot - work->output);
  record->name = idf_alloc(&job->tool.mem, stem + strlen(png->suffix) + 1, 1);
  if (!record->name)
    return NULL;
  memcpy(record->name, work->output, stem);
  memcpy(record->name + stem, png->suffix, strlen(png->suffix) + 1);
  job->pixel_work = *work;
  job->pixel_work.output = record->name;
  return &job->pixel_work;
}

/* Once more, after the JPEG was found damaged: nothing was written yet. */
static void save_pixels(didf *job, const idf_work *work, idf_record_of *record)
{
  idf_tool *tool = &job->tool;
  const idf_work *to = pixels_for(job, work, record);

  job->damaged = false;
  idf_status status = to ? idf_source_rewind(tool->input) : IDF_ERR_MEMORY;

  record->work = to ? to : work;
  if (status == IDF_OK && to != work)
    status = idf_sink_rename(tool->output_file, to->output);
  if (status != IDF_OK)
    idf_tool_explain(tool, work, status, NULL, NULL);
  else if (decoded(job, to, png, record))
    (void)commit(job, to, record);
}

/* Everything is open. */
static void convert(didf *job, const idf_work *work, const format *to, idf_record_of *record)
{
  idf_tool_confine(&job->tool, work);
  if (decoded(job, work, to, record))
    (void)commit(job, work, record);
  else if (job->damaged)
    save_pixels(job, work, record);
}

static void one(void *context, const idf_work *work, idf_record_of *record)
{
  didf *job = context;
  idf_tool *tool = &job->tool;
  const format *to;

  job->damaged = false;
  if (!format_for(job, work->output, &to)) {
    idf_error(&tool->cli, work->output,
              "didf writes PNG, PNM, PAM and the JPEG that an .idf "
              "holds: choose such a name");
    return;
  }
  /* A name that is not the user's was made of what the file holds. */
  job->choice = !job->format && (!to || !tool->output);
  tool->output_file->error[0] = '\0';
  idf_status status = idf_source_open(tool->input, &tool->mem, work->input, job->keep_going);
  if (status == IDF_OK) {
    wait_for_share(job);
    status =
        idf_sink_open(tool->output_file, &tool->mem, work->output, tool->force, false, tool->input);
    if (status != IDF_OK)
      idf_tool_explain(tool, work, status, NULL, NULL);
    else
      convert(job, work, to, record);
    idf_sink_close(tool->output_file);
  } else {
    idf_tool_explain(tool, work, status, NULL, NULL);
  }
  idf_source_close(tool->input);
}

/* ---- names ------------------------------------------------------------------------------ */

/* What the frames of the file's first records say. Nothing in them is decoded before the tool has
 * given up its rights; of what cannot be read it is told when its turn comes. */
static const char *suffix_for(void *context, const char *input)
{
  didf *job = context;
  idf_source *source = wants_less(job) ? NULL : idf_alloc(&job->tool.mem, 1, sizeof *source);
  const uint8_t *head;
  size_t len;
  const char *suffix = NULL;

  if (!source)
    return png->suffix;
  if (idf_source_open(source, &job->tool.mem, input, false) == IDF_OK && source->stamp.regular
      && idf_source_peek(source, 4096, &head, &len) == IDF_OK)
    suffix = idf_original_suffix(head, len);
  idf_source_close(source);
  idf_free(&job->tool.mem, source);
  return suffix ? suffix : png->suffix;
}

int main(int argc, char **argv)
{
  didf job;
  const idf_tool_spec spec = {
      .program = "didf",
      .usage = "IN.idf... [-o OUT]",
      .about = "Make PNG, PNM or PAM images of .idf files, or the JPEGs they hold.",
      .options = options,
      .option = on_option,
      .suffixes = suffixes,
      .context = &job};

  memset(&job, 0, sizeof job);
  job.level = IDF_PNG_FAST;
  const int done = idf_tool_begin(&job.tool, &spec, argc, argv);
  if (done >= 0) {
    const int end = idf_tool_end(&job.tool); /* a help text that could not be written is an error */
    return IDF_MAX(done, end);
  }
  const char *const asked[] = {job.format ? job.format->suffix : NULL, NULL};
  const idf_naming naming = {.suffixes = suffixes,
                             .suffix = job.format ? job.format->suffix : png->suffix,
                             .suffix_for = job.format ? NULL : suffix_for,
                             .context = &job,
                             .outputs = job.format ? asked : outputs,
                             .outputs_named = named,
                             .output = job.tool.output,
                             .folder = job.tool.folder,
                             .recurse = job.tool.recurse,
                             .discard = job.tool.test};
  idf_worklist work;
  if (idf_worklist_make(&work, &job.tool.mem, &job.tool.cli, &naming, job.tool.operands,
                        job.tool.count))
    idf_tool_run(&job.tool, &work, one, &job, sizeof job);
  idf_worklist_free(&work);
  return idf_tool_end(&job.tool);
}

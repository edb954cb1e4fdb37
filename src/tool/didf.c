/* SPDX-License-Identifier: BSD-3-Clause
 *
 * didf.c: .idf files in, images out. See didf(1).
 *
 * A file gets its name only after the end of the .idf was reached and its checksum of
 * all samples was right. What goes to stdout goes as it is decoded.
 */
#include <string.h>

#include "image.h"
#include "tool.h"

enum { OPT_GOING = IDF_OPT_OWN, OPT_FORMAT, OPT_LEVEL };

#define MOST_LOST_TOLD 16

/* PNG, or one of the kinds of PNM. */
typedef struct format {
  const char *name, *suffix;
  bool png;
  idf_pnm_kind kind;
} format;

static const format formats[] = {
    {"png", ".png", true, IDF_PNM_ANY},  {"pnm", ".pnm", false, IDF_PNM_ANY},
    {"pbm", ".pbm", false, IDF_PNM_PBM}, {"pgm", ".pgm", false, IDF_PNM_PGM},
    {"ppm", ".ppm", false, IDF_PNM_PPM}, {"pam", ".pam", false, IDF_PNM_PAM}};
#define FORMATS (sizeof formats / sizeof *formats)

typedef struct didf {
  idf_tool tool;
  bool keep_going;
  int level;
  const format *format; /* of --format, or NULL */
} didf;

static const idf_option options[] = {
    IDF_OPTIONS_WRITING("decode, check and write nothing"),
    {OPT_GOING, 0, "keep-going", NULL, "write what is left of a damaged file"},
    {OPT_FORMAT, 0, "format", "F", "png, pnm, pbm, pgm, ppm or pam; else by the output's name"},
    {OPT_LEVEL, 'c', "compression", "N", "of PNG: zlib's level, 0 to 9; else what is fast"},
    IDF_OPTIONS_ALWAYS};

static const char *const suffixes[] = {".idf", NULL};

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
      if (strcmp(value, formats[i].name) == 0)
        job->format = &formats[i];
    if (!job->format)
      idf_error(&job->tool.cli, NULL, "--format=%s: give png, pnm, pbm, pgm, ppm or pam", value);
    return job->format != NULL;
  case OPT_LEVEL:
    if (!idf_parse_number(value, 0, 9, false, &number)) {
      idf_error(&job->tool.cli, NULL, "--compression=%s: give a number from 0 to 9", value);
      return false;
    }
    job->level = (int)number;
    return true;
  default:
    return false;
  }
}

/* The format for a name; NULL for one that promises something else. */
static const format *format_for(const didf *job, const char *output)
{
  static const char *const foreign[] = {".jpg",  ".jpeg", ".webp", ".jxl",  ".gif", ".tif",
                                        ".tiff", ".bmp",  ".avif", ".heic", ".idf", NULL};

  if (job->format)
    return job->format;
  for (size_t i = 0; i < FORMATS; i++) {
    const char *const one[] = {formats[i].suffix, NULL};
    if (idf_has_suffix(output, one))
      return &formats[i];
  }
  return idf_has_suffix(output, foreign) ? NULL : &formats[0];
}

/* ---- decoding ----------------------------------------------------------------------- */

/* Passes on the metadata from *next, which is then the first not passed on. */
static idf_status put_metadata(const idf_decoder *decoder, idf_writer *writer, size_t *next)
{
  char type[5];
  const uint8_t *data;
  size_t size;
  idf_status status = IDF_OK;

  while (status == IDF_OK
         && idf_decoder_metadata(decoder, *next, type, &data, &size, NULL) == IDF_OK) {
    status = idf_writer_metadata(writer, type, data, size);
    ++*next;
  }
  return status;
}

/* `writer` NULL: only decodes. */
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
    idf_progress_at(&job->tool.progress, work->input, work->size, y, info->height, info->width);
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

/* Reads what follows the tiles. With --keep-going damage there costs no pixel: all rows are here
 * by then, and what is wrong is told. */
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

static bool decoded(didf *job, const idf_work *work, const format *to, idf_record_of *record)
{
  idf_tool *tool = &job->tool;
  idf_tool_image image;
  idf_decoder *decoder = NULL;
  idf_writer *writer = NULL;
  idf_info info;
  size_t next = 0;

  idf_tool_confine(tool, work);
  idf_tool_image_init(&image, tool, work->input);
  idf_status status = idf_decoder_new(&tool->limits, idf_source_read, tool->input, &decoder);
  if (status == IDF_OK) {
    (void)idf_decoder_cancel_when(decoder, idf_stop_asked, NULL); /* new: it cannot fail */
    idf_decoder_threads(decoder, tool->threads);
    idf_decoder_simd(decoder, tool->simd);
    if (tool->model)
      idf_decoder_model(decoder, tool->model);
    idf_decoder_keep_going(decoder, job->keep_going);
    status = idf_decoder_info(decoder, &info);
  }
  if (status == IDF_OK) {
    record->known = true;
    record->info = info;
    if (to)
      status = to->png ? idf_png_create(&image.env, &info, job->level, idf_sink_write,
                                        tool->output_file, &writer)
                       : idf_pnm_create(&image.env, &info, to->kind, idf_sink_write,
                                        tool->output_file, &writer);
  }
  if (status == IDF_OK && writer)
    status = put_metadata(decoder, writer, &next);
  if (status == IDF_OK)
    status = put_rows(job, work, &image, &info, decoder, writer);
  if (status == IDF_OK)
    status = read_end(job, work, decoder);
  if (status == IDF_OK && writer)
    status = put_metadata(decoder, writer, &next);
  if (status == IDF_OK && writer)
    status = idf_writer_finish(writer);
  if (status == IDF_OK)
    tell_lost(job, work, decoder, record);
  else
    idf_tool_explain(tool, work, status, &image, decoder);
  record->input_bytes = tool->input->read;
  record->output_bytes = tool->output_file->written;
  idf_writer_close(writer);
  idf_decoder_free(decoder);
  return status == IDF_OK;
}

static void one(void *context, const idf_work *work, idf_record_of *record)
{
  didf *job = context;
  idf_tool *tool = &job->tool;
  const format *to = work->output ? format_for(job, work->output) : NULL;

  if (work->output && !to) {
    idf_error(&tool->cli, work->output, "didf writes PNG, PNM and PAM: choose such a name");
    return;
  }
  tool->output_file->error[0] = '\0';
  idf_status status = idf_source_open(tool->input, &tool->mem, work->input, false);
  if (status == IDF_OK) {
    status =
        idf_sink_open(tool->output_file, &tool->mem, work->output, tool->force, false, tool->input);
    if (status != IDF_OK)
      idf_tool_explain(tool, work, status, NULL, NULL);
    else if (decoded(job, work, to, record))
      (void)idf_tool_commit(tool, work, NULL);
    idf_sink_close(tool->output_file);
  } else {
    idf_tool_explain(tool, work, status, NULL, NULL);
  }
  idf_source_close(tool->input);
}

int main(int argc, char **argv)
{
  didf job;
  const idf_tool_spec spec = {.program = "didf",
                              .usage = "IN.idf... [-o OUT]",
                              .about = "Make PNG, PNM or PAM images of .idf files.",
                              .options = options,
                              .option = on_option,
                              .context = &job};

  memset(&job, 0, sizeof job);
  job.level = IDF_PNG_FAST;
  const int done = idf_tool_begin(&job.tool, &spec, argc, argv);
  if (done >= 0) {
    const int end = idf_tool_end(&job.tool); /* a help that could not be shown is an error */
    return IDF_MAX(done, end);
  }
  const idf_naming naming = {.suffixes = suffixes,
                             .suffix = job.format ? job.format->suffix : ".png",
                             .output = job.tool.output,
                             .folder = job.tool.folder,
                             .recurse = job.tool.recurse,
                             .discard = job.tool.test};
  idf_worklist work;
  if (idf_worklist_make(&work, &job.tool.mem, &job.tool.cli, &naming, job.tool.operands,
                        job.tool.count))
    idf_tool_run(&job.tool, &work, one, &job);
  idf_worklist_free(&work);
  return idf_tool_end(&job.tool);
}

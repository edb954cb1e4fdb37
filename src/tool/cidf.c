/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cidf.c: encodes images to .idf files. See cidf(1).
 *
 * --verify reads the input a second time and compares it, row by row and chunk by chunk, with the
 * decoded new file, before the output gets its name. A JPEG is held in memory and kept whole; if
 * that is not possible, its pixels are, as with --pixels.
 */
#include <string.h>

#include "image.h"
#include "tool.h"
#include "whole.h"

#define JPEG_BAND 512 /* rows of a JPEG that is kept whole, coded at a time */

enum {
  OPT_VERIFY = IDF_OPT_OWN,
  OPT_EFFORT,
  OPT_FAST,
  OPT_DEFAULT,
  OPT_MAX,
  OPT_TILE,
  OPT_PIXELS,
  OPT_NO_HISTORY,
  OPT_TOLERANT
};

typedef struct cidf {
  idf_tool tool;
  idf_settings settings;
  bool verify;
  bool pixels; /* of JPEGs, instead of the files */
  bool tolerant;
  /* Of the current input: */
  idf_image_kind kind;
  bool kept; /* it is a JPEG, and its .idf holds it whole */
  bool held; /* all of it is in `file` */
  idf_whole file;
  idf_mem file_mem; /* limited by --max-memory */
} cidf;

static const idf_option options[] = {
    IDF_OPTIONS_WRITING("encode, verify and write nothing"),
    {OPT_VERIFY, 0, "verify", NULL, "decode and compare before the output gets its name"},
    {OPT_EFFORT, 'e', "effort", "E", "how hard to try: see below"},
    {OPT_FAST, '1', NULL, NULL, "the same as --effort=fast"},
    {OPT_DEFAULT, '5', NULL, NULL, "the same as --effort=default"},
    {OPT_MAX, '9', NULL, NULL, "the same as --effort=max"},
    {OPT_TILE, 0, "tile", "N", "side of a tile: a power of 2, 64 to 4096 (1024)"},
    {OPT_PIXELS, 0, "pixels", NULL, "keep the pixels of a JPEG, and not the file"},
    {OPT_NO_HISTORY, 0, "no-history", NULL, "do not look for what made the pixels"},
    {OPT_TOLERANT, 0, "tolerant", NULL, "read a damaged JPEG, and make up what is missing"},
    IDF_OPTIONS_ALWAYS};

static const char *const suffixes[] = {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".pnm",
                                       ".pbm", ".pgm", ".ppm",  ".pam", NULL};

/* ---- efforts: those the library has a model for ----------------------------------- */

static const char *effort_name(int effort)
{
  return effort == 1 ? "fast" : effort == 5 ? "default" : effort == 9 ? "max" : "";
}

static bool has_effort(int effort)
{
  idf_model *model = NULL;
  const bool has = idf_model_builtin(effort, &model) == IDF_OK;

  idf_model_free(model);
  return has;
}

static void list_efforts(FILE *out)
{
  fputs("\nEfforts:", out);
  for (int effort = 1; effort <= 9; effort++)
    if (has_effort(effort))
      fprintf(out, " %d%s%s", effort, effort_name(effort)[0] ? "=" : "", effort_name(effort));
  fputc('\n', out);
}

static bool set_effort(cidf *job, const char *value)
{
  uint64_t number = 0;
  int effort = 0;

  if (idf_parse_number(value, 1, 9, false, &number))
    effort = (int)number;
  for (int i = 1; i <= 9; i++)
    if (effort_name(i)[0] && strcmp(value, effort_name(i)) == 0)
      effort = i;
  if (effort == 0 || !has_effort(effort)) {
    idf_error(&job->tool.cli, NULL, "--effort=%s: there is no such effort; see --help", value);
    return false;
  }
  job->settings.effort = effort;
  return true;
}

static bool set_tile(cidf *job, const char *value)
{
  uint64_t side;

  if (!idf_parse_number(value, 64, 4096, false, &side) || (side & (side - 1)) != 0) {
    idf_error(&job->tool.cli, NULL, "--tile=%s: give a power of 2 from 64 to 4096", value);
    return false;
  }
  job->settings.tile_log2 = 0;
  while (side >>= 1)
    job->settings.tile_log2++;
  return true;
}

static bool on_option(void *context, int id, const char *value)
{
  cidf *job = context;

  switch (id) {
  case OPT_VERIFY:
    job->verify = true;
    return true;
  case OPT_PIXELS:
    job->pixels = true;
    return true;
  case OPT_NO_HISTORY:
    job->settings.no_history = 1;
    return true;
  case OPT_TOLERANT:
    job->tolerant = true;
    return true;
  case OPT_EFFORT:
    return set_effort(job, value);
  case OPT_FAST:
    return set_effort(job, "fast");
  case OPT_DEFAULT:
    return set_effort(job, "default");
  case OPT_MAX:
    return set_effort(job, "max");
  case OPT_TILE:
    return set_tile(job, value);
  default:
    return false;
  }
}

/* ---- reading ------------------------------------------------------------------------ */

static idf_status look_at(cidf *job, idf_tool_image *image)
{
  const uint8_t *head;
  size_t len;
  const idf_status status = idf_source_peek(job->tool.input, 12, &head, &len);

  if (status != IDF_OK)
    return status;
  job->kind = idf_image_sniff(head, len);
  if (job->kind == IDF_IMAGE_IDF)
    return idf_image_fail(&image->env, IDF_ERR_UNSUPPORTED,
                          "is an .idf already: didf makes an image of it");
  if (job->kind == IDF_IMAGE_UNKNOWN)
    return idf_image_fail(&image->env, IDF_ERR_UNSUPPORTED, "%s",
                          len ? "is no PNG, JPEG, PNM or PAM" : "is empty");
  return IDF_OK;
}

/* The whole input into job->file, for the first reading and the second. */
static idf_status hold(cidf *job, idf_tool_image *image)
{
  idf_source *input = job->tool.input;

  idf_source_once(input);
  const idf_status status = idf_whole_load(&job->file, input->size, idf_source_read, input);

  job->held = status == IDF_OK;
  if (status == IDF_ERR_LIMIT)
    idf_image_fail(&image->env, status,
                   "is a JPEG, and as a whole above the limit of %llu bytes: raise --max-memory, "
                   "or give --pixels",
                   (unsigned long long)job->tool.limits.max_memory);
  return status;
}

/* The reader of a kind of image. */
static idf_status open_kind(idf_image_kind kind, idf_image_env *env, idf_read_fn read, void *from,
                            idf_reader **reader)
{
  switch (kind) {
  case IDF_IMAGE_PNG:
    return idf_png_open(env, read, from, reader);
  case IDF_IMAGE_PNM:
    return idf_pnm_open(env, read, from, reader);
  default:
    return idf_jpeg_open(env, read, from, reader);
  }
}

/* From the start of the file, once more where it was read before. */
static idf_status open_reader(cidf *job, idf_tool_image *image, idf_reader **reader)
{
  const idf_read_fn read = job->held ? idf_whole_read : idf_source_read;
  void *from = job->held ? (void *)&job->file : (void *)job->tool.input;

  *reader = NULL;
  if (job->held) { /* which leaves the reader less */
    idf_whole_rewind(&job->file);
    image->mem.limit -= IDF_MIN(image->mem.limit, (uint64_t)job->file.bytes.cap);
  }
  image->env.tolerant = job->tolerant;
  return open_kind(job->kind, &image->env, read, from, reader);
}

/* Waits for its share: what that is, the first bytes say. */
static void wait_for_share(cidf *job)
{
  idf_tool *tool = &job->tool;
  idf_tool_image image;
  const idf_info nothing = {.width = 1, .height = 1}; /* it is no image, as will be found */
  idf_reader *reader = NULL;
  idf_head head;

  if (!tool->turns)
    return;
  idf_tool_image_init(&image, tool, "");
  image.env.warn = NULL; /* these are given when it is read */
  image.env.drop = NULL;
  image.env.tolerant = true;
  const bool good = idf_source_peek(tool->input, IDF_FILES_BUFFER, &head.data, &head.len) == IDF_OK;
  const idf_image_kind kind = good ? idf_image_sniff(head.data, head.len) : IDF_IMAGE_UNKNOWN;
  const bool whole = kind == IDF_IMAGE_JPEG && !job->pixels;
  const uint32_t side = (uint32_t)1 << job->settings.tile_log2;
  const bool known = kind != IDF_IMAGE_UNKNOWN && kind != IDF_IMAGE_IDF
                     && open_kind(kind, &image.env, idf_head_read, &head, &reader) == IDF_OK;

  idf_tool_share(tool, known ? &reader->info : &nothing, whole ? UINT32_MAX : side,
                 whole ? JPEG_BAND : side);
  idf_reader_close(reader);
}

/* ---- verifying ---------------------------------------------------------------------- */

static bool same_metadata(const idf_decoder *decoder, const idf_reader *reader)
{
  char type[5];
  const uint8_t *data;
  size_t size;
  int after;
  size_t i = 0;

  for (; i < reader->chunks.count; i++) {
    const idf_chunk *chunk = &reader->chunks.list[i];
    if (idf_decoder_metadata(decoder, i, type, &data, &size, &after) != IDF_OK
        || memcmp(type, chunk->type, 5) != 0 || size != chunk->size
        || (size && memcmp(data, chunk->data, size) != 0) || !after != !chunk->after_pixels)
      return false;
  }
  return idf_decoder_metadata(decoder, i, type, &data, &size, &after) != IDF_OK;
}

static idf_status differs(idf_tool_image *image, const char *what)
{
  return idf_image_fail(&image->env, IDF_ERR_CORRUPT,
                        "%s would not come back the same: nothing was written; please report "
                        "this, or test this machine's memory",
                        what);
}

static idf_status compare_rows(idf_tool_image *image, idf_reader *reader, idf_decoder *decoder)
{
  const uint32_t batch = idf_tool_batch(&reader->info);
  const size_t bytes = idf_row_bytes(&reader->info);
  uint8_t *rows = idf_alloc(&image->mem, batch, bytes);
  uint8_t *back = idf_alloc(&image->mem, batch, bytes);
  idf_status status = rows && back ? IDF_OK : idf_mem_status(&image->mem);

  for (uint32_t y = 0; y < reader->info.height && status == IDF_OK;) {
    const uint32_t n = IDF_MIN(batch, reader->info.height - y);
    status = idf_reader_rows(reader, rows, n);
    if (status == IDF_OK)
      status = idf_decoder_rows(decoder, back, n);
    if (status == IDF_OK && memcmp(rows, back, n * bytes) != 0)
      status = differs(image, "a sample");
    if (status == IDF_OK && idf_interrupted())
      status = IDF_ERR_IO;
    y += n;
  }
  idf_free(&image->mem, rows);
  idf_free(&image->mem, back);
  if (status == IDF_OK)
    status = idf_reader_finish(reader);
  if (status == IDF_OK)
    status = idf_decoder_finish(decoder);
  if (status == IDF_OK && !same_metadata(decoder, reader))
    status = differs(image, "metadata");
  return status;
}

static idf_status open_decoder(cidf *job, idf_decoder **decoder, idf_info *info)
{
  idf_tool *tool = &job->tool;
  idf_limits limits = tool->limits;

  limits.max_metadata = UINT64_MAX;
  const idf_status status = idf_decoder_new(&limits, idf_sink_read, tool->output_file, decoder);
  if (status != IDF_OK)
    return status;
  (void)idf_decoder_cancel_when(*decoder, idf_tool_stop, tool); /* new: it cannot fail */
  idf_decoder_threads(*decoder, tool->threads);
  idf_decoder_simd(*decoder, tool->simd);
  if (tool->model)
    idf_decoder_model(*decoder, tool->model);
  return idf_decoder_info(*decoder, info);
}

/* The pixels: the decoder's against those of the input. */
static idf_status compare_pixels(cidf *job, idf_tool_image *image, idf_decoder *decoder,
                                 const idf_info *info)
{
  idf_reader *reader = NULL;
  idf_status status = job->held ? IDF_OK : idf_source_rewind(job->tool.input);

  if (status == IDF_OK)
    status = open_reader(job, image, &reader);
  if (status == IDF_OK
      && (info->width != reader->info.width || info->height != reader->info.height
          || info->layout != reader->info.layout || info->depth != reader->info.depth))
    status = differs(image, "the image's size or type");
  if (status == IDF_OK)
    status = compare_rows(image, reader, decoder);
  idf_reader_close(reader);
  return status;
}

/* The JPEG file: the decoder's against the one in memory. */
static idf_status compare_file(cidf *job, idf_tool_image *image, idf_decoder *decoder)
{
  uint64_t size = 0;

  idf_whole_rewind(&job->file);
  idf_status status = idf_decoder_original(decoder, NULL, &size);
  if (status == IDF_OK)
    status = idf_decoder_original_write(decoder, idf_whole_compare, &job->file);
  if ((status == IDF_OK && (!idf_whole_ended(&job->file) || size != job->file.bytes.len))
      || (status == IDF_ERR_CORRUPT && !idf_decoder_detail(decoder)[0]))
    status = differs(image, "the JPEG");
  return status;
}

static bool verified(cidf *job, const idf_work *work)
{
  idf_tool *tool = &job->tool;
  idf_tool_image image;
  idf_decoder *decoder = NULL;
  idf_info info;

  idf_tool_image_init(&image, tool, work->input);
  image.env.warn = NULL; /* these were given the first time */
  image.env.drop = NULL;
  idf_status status = idf_sink_seal(tool->output_file);
  if (status == IDF_OK)
    status = open_decoder(job, &decoder, &info);
  if (status == IDF_OK)
    status = job->kept ? compare_file(job, &image, decoder)
                       : compare_pixels(job, &image, decoder, &info);
  if (status != IDF_OK) {
    if (decoder && !image.env.error[0] && idf_decoder_detail(decoder)[0])
      idf_image_fail(&image.env, status, "the new file does not decode (%s): nothing was written",
                     idf_decoder_detail(decoder));
    idf_tool_explain(tool, work, status, &image, NULL);
  }
  idf_decoder_free(decoder);
  return status == IDF_OK;
}

/* ---- encoding ----------------------------------------------------------------------- */

static idf_status put_metadata(const idf_reader *reader, idf_encoder *encoder, bool after)
{
  idf_status status = IDF_OK;

  for (size_t i = 0; i < reader->chunks.count && status == IDF_OK; i++) {
    const idf_chunk *chunk = &reader->chunks.list[i];
    if (chunk->after_pixels == after)
      status = idf_encoder_metadata(encoder, chunk->type, chunk->data, chunk->size);
  }
  return status;
}

static idf_status put_rows(cidf *job, const idf_work *work, idf_tool_image *image,
                           idf_reader *reader, idf_encoder *encoder)
{
  const idf_info *info = &reader->info;
  const uint32_t batch = idf_tool_batch(info);
  void *rows = idf_alloc(&image->mem, batch, idf_row_bytes(info));
  idf_status status = rows ? IDF_OK : idf_mem_status(&image->mem);

  for (uint32_t y = 0; y < info->height && status == IDF_OK;) {
    const uint32_t n = IDF_MIN(batch, info->height - y);
    status = idf_reader_rows(reader, rows, n);
    if (status == IDF_OK)
      status = idf_encoder_rows(encoder, rows, n);
    if (status == IDF_OK && idf_interrupted())
      status = IDF_ERR_IO;
    y += n;
    idf_tool_rows(&job->tool, work, info, y);
  }
  idf_free(&image->mem, rows);
  return status;
}

/* Encodes the pixels. */
static idf_status put_pixels(cidf *job, const idf_work *work, idf_tool_image *image,
                             const idf_settings *settings, idf_record_of *record)
{
  idf_reader *reader = NULL;
  idf_encoder *encoder = NULL;
  idf_status status = open_reader(job, image, &reader);

  if (status == IDF_OK) {
    record->known = true;
    record->info = reader->info;
    status =
        idf_encoder_new(settings, &reader->info, idf_sink_write, job->tool.output_file, &encoder);
  }
  if (status == IDF_OK)
    status = idf_encoder_cancel_when(encoder, idf_tool_stop, &job->tool);
  if (status == IDF_OK)
    status = put_metadata(reader, encoder, false);
  if (status == IDF_OK)
    status = put_rows(job, work, image, reader, encoder);
  if (status == IDF_OK)
    status = idf_reader_finish(reader);
  if (status == IDF_OK)
    status = put_metadata(reader, encoder, true);
  if (status == IDF_OK)
    status = idf_encoder_finish(encoder);
  idf_encoder_free(encoder);
  idf_reader_close(reader);
  return status;
}

typedef struct jpeg_progress {
  cidf *job;
  const idf_work *work;
  idf_info info;
} jpeg_progress;

static void on_rows(void *context, uint32_t rows)
{
  jpeg_progress *at = context;

  idf_tool_rows(&at->job->tool, at->work, &at->info, rows);
}

/* Encodes the JPEG in job->file; job->kept false after IDF_OK: that cannot be done, and why is in
 * record->why. */
static idf_status put_jpeg(cidf *job, const idf_work *work, idf_tool_image *image,
                           const idf_settings *settings, idf_record_of *record)
{
  const idf_buf *file = &job->file.bytes;
  jpeg_progress at = {.job = job, .work = work};
  idf_encoder *encoder = NULL;
  idf_status status = idf_encoder_new_jpeg(settings, file->data, file->len, idf_sink_write,
                                           job->tool.output_file, &encoder, &record->why);

  job->kept = status == IDF_OK;
  if (status == IDF_ERR_UNSUPPORTED && record->why)
    return IDF_OK;
  if (status == IDF_OK)
    status = idf_encoder_info(encoder, &at.info);
  if (status == IDF_OK) {
    record->known = true;
    record->info = at.info;
    status = idf_image_limit(&image->env, &at.info);
  }
  if (status == IDF_OK)
    status = idf_encoder_cancel_when(encoder, idf_tool_stop, &job->tool);
  const char *dot = work->input ? strrchr(work->input, '.') : NULL;
  if (status == IDF_OK && dot) /* others come back as .jpg */
    (void)idf_encoder_suffix(encoder, dot);
  if (status == IDF_OK)
    status = idf_encoder_progress(encoder, on_rows, &at);
  if (status == IDF_OK)
    status = idf_encoder_finish(encoder);
  idf_encoder_free(encoder);
  return status;
}

static bool encoded(cidf *job, const idf_work *work, idf_record_of *record)
{
  idf_tool *tool = &job->tool;
  idf_tool_image image;
  idf_settings settings = job->settings;

  settings.model = tool->model;
  settings.threads = tool->threads;
  settings.simd = tool->simd;
  settings.max_memory = tool->limits.max_memory;
  idf_tool_confine(tool, work);
  idf_tool_image_init(&image, tool, work->input);
  idf_status status = look_at(job, &image);
  if (status == IDF_OK && job->kind == IDF_IMAGE_JPEG && !job->pixels) {
    status = hold(job, &image);
    if (status == IDF_OK)
      status = put_jpeg(job, work, &image, &settings, record);
  }
  if (status == IDF_OK && !job->kept)
    status = put_pixels(job, work, &image, &settings, record);
  record->input_bytes = tool->input->read;
  if (status != IDF_OK)
    idf_tool_explain(tool, work, status, &image, NULL);
  else if (job->kind == IDF_IMAGE_JPEG)
    record->kept = job->kept ? "jpeg" : "pixels";
  return status == IDF_OK;
}

/* What -r --rm does not replace: the folder would take more bytes than before, as it would if a
 * JPEG must stay, because its .idf has only its pixels. */
static bool left_alone(cidf *job, const idf_work *work, idf_record_of *record)
{
  idf_tool *tool = &job->tool;

  const bool pixels = job->kind == IDF_IMAGE_JPEG && !job->kept;
  const bool larger = tool->output_file->written > record->input_bytes;

  if (!work->found || !tool->remove || tool->test || (!larger && !pixels))
    return false;
  record->skipped = true;
  if (!larger) {
    idf_warning(&tool->cli, work->input,
                "kept in spite of --rm: its .idf would hold its pixels only, and is not written");
    return true;
  }
  idf_warning(&tool->cli, work->input,
              "kept in spite of --rm: its .idf would be larger, %llu bytes instead of %llu, and is "
              "not written",
              (unsigned long long)tool->output_file->written,
              (unsigned long long)record->input_bytes);
  return true;
}

/* Remarks on a JPEG. */
static void tell_jpeg(cidf *job, const idf_work *work, const idf_record_of *record)
{
  if (record->why)
    idf_remark(&job->tool.cli, work->input, "its pixels are kept, and not the JPEG file: %s",
               record->why);
  if (record->output_bytes > record->input_bytes)
    idf_remark(&job->tool.cli, work->input, "larger than the JPEG: %llu bytes instead of %llu%s",
               (unsigned long long)record->output_bytes, (unsigned long long)record->input_bytes,
               job->kept ? "" : ", to hold every decoded pixel");
}

/* Everything is open. */
static void convert(cidf *job, const idf_work *work, bool verify, idf_record_of *record)
{
  idf_tool *tool = &job->tool;

  if (!encoded(job, work, record) || left_alone(job, work, record)
      || (verify && !verified(job, work)))
    return;
  const bool pixels = job->kind == IDF_IMAGE_JPEG && !job->kept;
  record->output_bytes = tool->output_file->written;
  if (idf_tool_commit(tool, work, pixels ? "the JPEG cannot be made again from its .idf" : NULL)
      && job->kind == IDF_IMAGE_JPEG)
    tell_jpeg(job, work, record);
}

static void one(void *context, const idf_work *work, idf_record_of *record)
{
  cidf *job = context;
  idf_tool *tool = &job->tool;
  const bool asked = job->verify || tool->test;
  /* An input may be removed only after its output is verified. */
  bool verify = asked || tool->remove;

  job->kept = job->held = false;
  tool->output_file->error[0] = '\0';
  idf_status status = idf_source_open(tool->input, &tool->mem, work->input, verify);
  if (status != IDF_OK) {
    idf_tool_explain(tool, work, status, NULL, NULL);
    idf_source_close(tool->input);
    return;
  }
  wait_for_share(job);
  idf_mem_init(&job->file_mem, tool->limits.max_memory);
  idf_whole_init(&job->file, &job->file_mem);
  status =
      idf_sink_open(tool->output_file, &tool->mem, work->output, tool->force, verify, tool->input);
  if (tool->output_file->mode == IDF_SINK_STREAM)
    verify = asked;
  if (status == IDF_OK && verify && tool->output_file->mode == IDF_SINK_STREAM)
    idf_error(&tool->cli, work->output, "cannot be read back for --verify: choose a file");
  else if (status != IDF_OK)
    idf_tool_explain(tool, work, status, NULL, NULL);
  else
    convert(job, work, verify, record);
  idf_sink_close(tool->output_file);
  idf_source_close(tool->input);
  idf_whole_free(&job->file);
}

int main(int argc, char **argv)
{
  cidf job;
  const idf_tool_spec spec = {.program = "cidf",
                              .usage = "IN... [-o OUT]",
                              .about = "Compress PNG, JPEG, PNM and PAM images to .idf, "
                                       "without loss.",
                              .options = options,
                              .option = on_option,
                              .suffixes = suffixes,
                              .more_help = list_efforts,
                              .context = &job};

  memset(&job, 0, sizeof job);
  idf_settings_init(&job.settings);
  const int done = idf_tool_begin(&job.tool, &spec, argc, argv);
  if (done >= 0) {
    const int end = idf_tool_end(&job.tool); /* a help text that could not be written is an error */
    return IDF_MAX(done, end);
  }
  static const char *const outputs[] = {".idf", NULL};
  const idf_naming naming = {.suffixes = suffixes,
                             .suffix = outputs[0],
                             .outputs = outputs,
                             .outputs_named = outputs,
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

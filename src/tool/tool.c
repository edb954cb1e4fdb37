/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tool.c: the frame of cidf, didf and idfinfo: options, the loop over inputs, and records.
 */
#include "tool.h"

#include <stdlib.h>
#include <string.h>

#include "completion.h"
#include "json.h"
#include "pool.h"
#include "sandbox.h"

#define MAX_MODEL ((size_t)64 << 20) /* bytes of a model file */
#define MOST_KINDS 8u                /* kinds of passed-over files that are named */

const char *idf_layout_name(idf_layout layout)
{
  switch (layout) {
  case IDF_GRAY:
    return "gray";
  case IDF_GRAY_ALPHA:
    return "gray+alpha";
  case IDF_RGB:
    return "RGB";
  case IDF_RGBA:
    return "RGBA";
  case IDF_PALETTE:
    return "palette";
  case IDF_CMYK:
    return "CMYK";
  }
  return "?";
}

uint32_t idf_tool_batch(const idf_info *info)
{
  const size_t row = idf_row_bytes(info);
  const size_t rows = row ? ((size_t)256 << 10) / row : 1;

  return rows < 1 ? 1 : rows > info->height ? info->height : (uint32_t)rows;
}

/* ---- the command line ----------------------------------------------------------- */

static bool size_option(idf_tool *tool, const char *name, const char *value, uint64_t *size)
{
  if (idf_parse_number(value, 1, UINT64_MAX, true, size))
    return true;
  idf_error(&tool->cli, NULL, "--%s=%s: give a number, with K, M or G for powers of 1024", name,
            value);
  return false;
}

static bool threads_option(idf_tool *tool, const char *value)
{
  uint64_t threads;

  if (!idf_parse_number(value, 0, IDF_MAX_THREADS, false, &threads)) {
    idf_error(&tool->cli, NULL, "--threads=%s: give a number from 0 (all processors) to %u", value,
              IDF_MAX_THREADS);
    return false;
  }
  tool->threads = (unsigned)threads;
  return true;
}

const char *idf_simd_name(idf_simd level)
{
  static const char *const names[] = {"auto", "none", "128", "avx2", "avx512"};
  return names[level];
}

/* `from` is what the user wrote: "--simd" or "IDF_SIMD". */
static bool simd_option(idf_tool *tool, const char *from, const char *value)
{
  idf_simd level = IDF_SIMD_AUTO;

  while (level < IDF_SIMD_AVX512 && strcmp(value, idf_simd_name(level)) != 0)
    level = (idf_simd)(level + 1);
  if (strcmp(value, idf_simd_name(level)) != 0)
    idf_error(&tool->cli, NULL, "%s=%s: give auto, none, 128, avx2 or avx512", from, value);
  else if (!idf_simd_available(level))
    idf_error(&tool->cli, NULL, "%s=%s: this machine or this build cannot; the best here is %s",
              from, value, idf_simd_name(idf_simd_best()));
  else {
    tool->simd = level;
    return true;
  }
  return false;
}

static bool common_option(idf_tool *tool, int id, const char *value)
{
  switch (id) {
  case IDF_OPT_OUTPUT:
    tool->output = idf_names_fd(value) == 1 ? "-" : value; /* /dev/stdout and the like */
    return true;
  case IDF_OPT_FOLDER:
    tool->folder = value;
    return true;
  case IDF_OPT_FORCE:
    tool->force = true;
    return true;
  case IDF_OPT_KEEP:
    tool->remove = false;
    return true;
  case IDF_OPT_REMOVE:
    tool->remove = true;
    return true;
  case IDF_OPT_RECURSE:
    tool->recurse = true;
    return true;
  case IDF_OPT_TEST:
    tool->test = true;
    return true;
  case IDF_OPT_MODEL:
    tool->model_file = value;
    return true;
  case IDF_OPT_PIXELS:
    return size_option(tool, "max-pixels", value, &tool->limits.max_pixels);
  case IDF_OPT_MEMORY:
    return size_option(tool, "max-memory", value, &tool->limits.max_memory);
  case IDF_OPT_METADATA:
    return size_option(tool, "max-metadata", value, &tool->limits.max_metadata);
  case IDF_OPT_JSON:
    tool->json = true;
    return true;
  case IDF_OPT_QUIET:
    tool->cli.quiet = true;
    return true;
  case IDF_OPT_VERBOSE:
    tool->cli.verbose = true;
    return true;
  case IDF_OPT_THREADS:
    return threads_option(tool, value);
  case IDF_OPT_SIMD:
    tool->simd_given = true;
    return simd_option(tool, "--simd", value);
  default:
    return false;
  }
}

static bool load_model(idf_tool *tool)
{
  idf_source *input = tool->input;
  idf_buf bytes;
  size_t got = 0;
  idf_status status = idf_source_open(input, &tool->mem, tool->model_file, false);

  idf_buf_init(&bytes, &tool->mem);
  while (status == IDF_OK && bytes.len <= MAX_MODEL) {
    uint8_t piece[4096];
    status = idf_source_read(input, piece, sizeof piece, &got);
    if (status != IDF_OK || got == 0)
      break;
    idf_put_bytes(&bytes, piece, got);
    if (bytes.bad)
      status = idf_mem_status(&tool->mem);
  }
  if (status == IDF_OK)
    status = bytes.len > MAX_MODEL ? IDF_ERR_NOT_IDF
                                   : idf_model_load(bytes.data, bytes.len, &tool->model);
  if (status == IDF_ERR_NOT_IDF || status == IDF_ERR_TRUNCATED || status == IDF_ERR_CORRUPT)
    idf_error(&tool->cli, tool->model_file, "is no model, or a damaged one: %s",
              idf_status_text(status));
  else if (status == IDF_ERR_IO)
    idf_error(&tool->cli, tool->model_file, "%s", input->error);
  else if (status != IDF_OK)
    idf_error_status(&tool->cli, tool->model_file, status, NULL, IDF_LIMIT_NONE);
  idf_buf_free(&bytes);
  idf_source_close(input);
  return status == IDF_OK;
}

static void help(const idf_tool_spec *spec)
{
  printf("Usage: %s [OPTION]... %s\n%s\n\n", spec->program, spec->usage, spec->about);
  idf_args_help(spec->options, stdout);
  if (spec->more_help)
    spec->more_help(stdout);
  printf("\nExit status: %s. Manual: man %s\n",
         spec->exits ? spec->exits : "0 good, 1 error, 2 good with warnings", spec->program);
}

static int complete(idf_tool *tool, const idf_tool_spec *spec, const char *shell)
{
  const idf_completion completion = {
      .program = spec->program, .options = spec->options, .suffixes = spec->suffixes};

  if (idf_completion_write(&completion, shell, stdout))
    return IDF_EXIT_GOOD;
  idf_error(&tool->cli, NULL, "--completion=%s: give bash, zsh or fish", shell);
  return IDF_EXIT_ERROR;
}

int idf_tool_begin(idf_tool *tool, const idf_tool_spec *spec, int argc, char **argv)
{
  idf_args args;
  const char *value;

  idf_streams_init();
  memset(tool, 0, sizeof *tool);
  idf_cli_init(&tool->cli, spec->program);
  idf_signals_init();
  idf_mem_init(&tool->mem, UINT64_MAX);
  idf_buf_init(&tool->dropped, &tool->mem);
  idf_buf_init(&tool->heard, &tool->mem);
  tool->cli.heard = &tool->heard;
  idf_limits_init(&tool->limits);
  tool->operands = idf_alloc(&tool->mem, (size_t)argc + 1, sizeof *tool->operands);
  tool->input = idf_alloc(&tool->mem, 1, sizeof *tool->input);
  tool->output_file = idf_alloc(&tool->mem, 1, sizeof *tool->output_file);
  if (!tool->operands || !tool->input || !tool->output_file) {
    idf_error_status(&tool->cli, NULL, IDF_ERR_MEMORY, NULL, IDF_LIMIT_NONE);
    return IDF_EXIT_ERROR;
  }

  idf_args_init(&args, spec->options, argc, argv);
  for (;;) {
    const int id = idf_args_next(&args, &value);
    if (id == IDF_ARGS_END)
      break;
    if (id == IDF_ARGS_BAD) {
      idf_error(&tool->cli, NULL, "%s", args.error);
      return IDF_EXIT_ERROR;
    }
    if (id == IDF_ARGS_OPERAND) {
      /* Like argv these are not const, but nothing changes them. */
      tool->operands[tool->count++] = argv[args.at - 1];
      continue;
    }
    if (id == IDF_OPT_HELP) {
      help(spec);
      return IDF_EXIT_GOOD;
    }
    if (id == IDF_OPT_VERSION) {
      printf("%s (idf) %s\n", spec->program, idf_version());
      return IDF_EXIT_GOOD;
    }
    if (id == IDF_OPT_COMPLETION)
      return complete(tool, spec, value);
    if (id >= IDF_OPT_OWN ? !spec->option(spec->context, id, value)
                          : !common_option(tool, id, value))
      return IDF_EXIT_ERROR;
  }
  const char *simd = getenv("IDF_SIMD");
  if (!tool->simd_given && simd && *simd && !simd_option(tool, "IDF_SIMD", simd))
    return IDF_EXIT_ERROR;
  if (tool->model_file && !load_model(tool))
    return IDF_EXIT_ERROR;
  tool->threads = idf_thread_count(tool->threads); /* before the sandbox hides it */
  return -1;
}

int idf_tool_end(idf_tool *tool)
{
  if (fflush(stdout) != 0 || ferror(stdout))
    idf_error(&tool->cli, NULL, "stdout cannot be written: is the disk full?");
  idf_model_free(tool->model);
  idf_buf_free(&tool->dropped);
  idf_buf_free(&tool->heard);
  idf_free(&tool->mem, tool->operands);
  idf_free(&tool->mem, tool->input);
  idf_free(&tool->mem, tool->output_file);
  idf_signals_finish();
  return idf_cli_exit(&tool->cli);
}

/* ---- one work --------------------------------------------------------------------- */

static void on_warn(void *context, const char *text)
{
  const idf_tool_image *image = context;

  idf_warning(&image->tool->cli, image->file, "%s", text);
}

void idf_tool_drop(idf_tool *tool, const char *file, const char *what, const char *text)
{
  const char *names = (const char *)tool->dropped.data;
  size_t i = 0;

  while (i < tool->dropped.len && strcmp(names + i, what) != 0)
    i += strlen(names + i) + 1;
  if (i == tool->dropped.len)
    idf_put_bytes(&tool->dropped, (const uint8_t *)what, strlen(what) + 1);
  idf_warning(&tool->cli, file, "%s", text);
}

static void on_drop(void *context, const char *what, const char *text)
{
  const idf_tool_image *image = context;

  idf_tool_drop(image->tool, image->file, what, text);
}

void idf_tool_image_init(idf_tool_image *image, idf_tool *tool, const char *file)
{
  memset(image, 0, sizeof *image);
  idf_mem_init(&image->mem, tool->limits.max_memory);
  image->env.mem = &image->mem;
  image->env.max_pixels = tool->limits.max_pixels;
  image->env.max_metadata = tool->limits.max_metadata;
  image->env.threads = tool->threads;
  image->env.warn = on_warn;
  image->env.drop = on_drop;
  image->env.warn_context = image;
  image->tool = tool;
  image->file = file;
}

void idf_tool_explain(idf_tool *tool, const idf_work *work, idf_status status,
                      const idf_tool_image *image, const idf_decoder *decoder)
{
  const char *output = work->output && strcmp(work->output, "-") != 0 ? work->output : "(stdout)";

  if (idf_interrupted())
    return;
  if (tool->input->error[0])
    idf_error(&tool->cli, work->input, "%s", tool->input->error);
  else if (image && image->env.error[0])
    idf_error(&tool->cli, work->input, "%s", image->env.error);
  else if (tool->output_file->error[0])
    idf_error(&tool->cli, output, "%s", tool->output_file->error);
  else
    idf_error_status(&tool->cli, work->input, status, decoder ? idf_decoder_detail(decoder) : NULL,
                     idf_decoder_limit(decoder));
}

/* After the output was committed: removes the input if --rm is given and nothing forbids it. */
static void remove_input(idf_tool *tool, const idf_work *work, const char *keep)
{
  char error[IDF_FILES_ERROR];

  if (tool->output_file->mode != IDF_SINK_FILE || strcmp(work->input, "-") == 0)
    return; /* only a file with a name is known to be safe */
  if (tool->dropped.len > 0 || tool->dropped.bad)
    idf_warning(&tool->cli, work->input, "kept in spite of --rm: not all of it is in %s",
                work->output);
  else if (keep)
    idf_warning(&tool->cli, work->input, "kept in spite of --rm: %s", keep);
  else if (idf_remove_read(&tool->mem, work->input, &tool->input->stamp, error) != IDF_OK)
    idf_warning(&tool->cli, work->input, "kept in spite of --rm: %s", error);
  else
    tool->removed = true;
}

/* Whether --rm is given and something is written. */
static bool removes(const idf_tool *tool)
{
  return tool->remove && !tool->test;
}

void idf_tool_confine(idf_tool *tool, const idf_work *work)
{
  if (tool->last)
    (void)idf_sandbox_last(work, tool->output_file, removes(tool));
}

bool idf_tool_commit(idf_tool *tool, const idf_work *work, const char *keep)
{
  const idf_status status = idf_sink_commit(tool->output_file, tool->remove);

  if (status != IDF_OK) {
    idf_tool_explain(tool, work, status, NULL, NULL);
    return false;
  }
  if (removes(tool))
    remove_input(tool, work, keep);
  return true;
}

/* Writes an array of texts, each with its zero; nothing if there are none. */
static void list(idf_json *json, const char *key, const idf_buf *texts)
{
  if (texts->len == 0)
    return;
  idf_json_open(json, key, '[');
  for (size_t i = 0; i < texts->len; i += strlen((char *)texts->data + i) + 1)
    idf_json_text(json, NULL, (char *)texts->data + i);
  idf_json_close(json, ']');
}

void idf_tool_messages(const idf_tool *tool, idf_json *json)
{
  idf_json_text(json, "message", tool->cli.last);
  list(json, "messages", &tool->heard);
}

/* Reports what -r passed over, by kind: in JSON all kinds, in the message the most frequent
 * ones. */
static void tell_passed(idf_tool *tool, const idf_worklist *work)
{
  char text[400];
  size_t at = 0, shown = 0;
  uint64_t rest = 0;

  if (work->passed_count == 0)
    return;
  for (; shown < work->passed_count && shown < MOST_KINDS; shown++)
    at += (size_t)snprintf(text + at, sizeof text - at, "%s%llu %s", shown ? ", " : "",
                           (unsigned long long)work->passed[shown].count, work->passed[shown].name);
  for (size_t i = shown; i < work->passed_count; i++)
    rest += work->passed[i].count;
  if (rest)
    snprintf(text + at, sizeof text - at, ", %llu others", (unsigned long long)rest);
  idf_remark(&tool->cli, NULL, "passed over: %s", text);
  if (!tool->json)
    return;
  idf_json json;
  idf_json_begin(&json, stdout);
  idf_json_open(&json, "passed_over", '{');
  for (size_t i = 0; i < work->passed_count; i++)
    idf_json_number(&json, work->passed[i].name, work->passed[i].count);
  idf_json_close(&json, '}');
  idf_json_end(&json);
}

static void record_line(idf_tool *tool, const idf_record_of *record, unsigned errors,
                        unsigned warnings)
{
  const idf_work *work = record->work;
  const double seconds = idf_seconds() - tool->began;
  const double pixels = (double)record->info.width * record->info.height;
  const bool failed = tool->cli.errors > errors, warned = tool->cli.warnings > warnings;

  if (!failed && !record->skipped && record->known)
    idf_note(&tool->cli, work->input,
             "%u x %u %s, %u bits: %llu -> %llu bytes, %.2f s, %.2f MP/s%s%s",
             (unsigned)record->info.width, (unsigned)record->info.height,
             idf_layout_name(record->info.layout), (unsigned)record->info.depth,
             (unsigned long long)record->input_bytes, (unsigned long long)record->output_bytes,
             seconds, seconds > 0 ? pixels / seconds / 1e6 : 0, work->output ? " -> " : "",
             work->output ? work->output : ", good");
  if (!tool->json)
    return;
  idf_json json;
  idf_json_begin(&json, stdout);
  idf_json_text(&json, "input", work->input);
  if (work->output && !record->skipped)
    idf_json_text(&json, "output", work->output);
  idf_json_text(&json, "status", failed ? "error" : warned ? "warning" : "ok");
  if (failed || warned)
    idf_tool_messages(tool, &json);
  list(&json, "dropped", &tool->dropped);
  if (tool->remove)
    idf_json_bool(&json, "removed", tool->removed);
  if (record->known) {
    idf_json_number(&json, "width", record->info.width);
    idf_json_number(&json, "height", record->info.height);
    idf_json_text(&json, "layout", idf_layout_name(record->info.layout));
    idf_json_number(&json, "depth", record->info.depth);
  }
  if (record->kept)
    idf_json_text(&json, "kept", record->kept);
  if (record->kept && record->why)
    idf_json_text(&json, "kept_why", record->why);
  if (record->format && work->output)
    idf_json_text(&json, "format", record->format);
  if (record->skipped)
    idf_json_bool(&json, "skipped", true);
  if (!failed && !record->skipped) {
    idf_json_number(&json, "input_bytes", record->input_bytes);
    idf_json_number(&json, "output_bytes", record->output_bytes);
  }
  if (record->tiles_lost)
    idf_json_number(&json, "tiles_lost", record->tiles_lost);
  idf_json_real(&json, "seconds", seconds, 3);
  idf_json_end(&json);
}

void idf_tool_run(idf_tool *tool, idf_worklist *work,
                  void (*one)(void *context, const idf_work *work, idf_record_of *record),
                  void *context)
{
  idf_progress_init(&tool->progress, &tool->cli, true, work->size);
  if (work->count > 1)
    (void)idf_sandbox_batch(work, removes(tool));
  for (size_t i = 0; i < work->count && !idf_interrupted(); i++) {
    const idf_work *item = &work->list[i];
    const unsigned errors = tool->cli.errors, warnings = tool->cli.warnings;
    idf_record_of record = {.work = item};
    char error[IDF_FILES_ERROR];

    idf_buf_clear(&tool->dropped);
    idf_buf_clear(&tool->heard);
    tool->removed = false;
    tool->last = i + 1 == work->count;
    tool->began = idf_seconds();
    if (item->clash) {
      idf_error(&tool->cli, item->input, "another input has the same output %s: rename one",
                item->output);
    } else if (tool->json && item->output && strcmp(item->output, "-") == 0) {
      idf_error(&tool->cli, item->input, "--json and the image both want stdout: give -o FILE");
    } else if (item->in_folder && item->output && strcmp(item->output, "-") != 0
               && idf_make_folder(&tool->mem, item->output, true, error) != IDF_OK) {
      idf_error(&tool->cli, item->output, "%s", error[0] ? error : "no memory for its folder");
    } else {
      one(context, item, &record);
    }
    if (!idf_interrupted() && !tool->report_only)
      record_line(tool, &record, errors, warnings);
    idf_progress_file(&tool->progress, item->size,
                      record.known ? (uint64_t)record.info.width * record.info.height : 0);
  }
  idf_progress_end(&tool->progress);
  if (!idf_interrupted())
    tell_passed(tool, work);
}

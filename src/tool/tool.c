/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tool.c: the frame of cidf, didf and idfinfo: their options, and how they begin and end.
 */
#include "run.h"

#include <stdlib.h>
#include <string.h>

#include "completion.h"
#include "pool.h"

#define MAX_MODEL ((size_t)64 << 20) /* bytes of a model file */

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

bool idf_tool_desk(idf_tool *tool)
{
  idf_mem_init(&tool->mem, UINT64_MAX);
  idf_buf_init(&tool->dropped, &tool->mem);
  idf_buf_init(&tool->heard, &tool->mem);
  tool->input = idf_alloc(&tool->mem, 1, sizeof *tool->input);
  tool->output_file = idf_alloc(&tool->mem, 1, sizeof *tool->output_file);
  return tool->input && tool->output_file;
}

void idf_tool_desk_free(idf_tool *tool)
{
  idf_buf_free(&tool->dropped);
  idf_buf_free(&tool->heard);
  idf_free(&tool->mem, tool->input);
  idf_free(&tool->mem, tool->output_file);
}

int idf_tool_begin(idf_tool *tool, const idf_tool_spec *spec, int argc, char **argv)
{
  idf_args args;
  const char *value;

  idf_streams_init();
  memset(tool, 0, sizeof *tool);
  idf_cli_init(&tool->cli, spec->program);
  idf_signals_init();
  tool->cli.heard = &tool->heard;
  idf_limits_init(&tool->limits);
  const bool desk = idf_tool_desk(tool);
  tool->operands = idf_alloc(&tool->mem, (size_t)argc + 1, sizeof *tool->operands);
  if (!desk || !tool->operands) {
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
  tool->share = (idf_share){.threads = tool->threads, .memory = tool->limits.max_memory};
  return -1;
}

int idf_tool_end(idf_tool *tool)
{
  if (fflush(stdout) != 0 || ferror(stdout))
    idf_error(&tool->cli, NULL, "stdout cannot be written: is the disk full?");
  idf_model_free(tool->model);
  idf_free(&tool->mem, tool->operands);
  idf_tool_desk_free(tool);
  idf_signals_finish();
  return idf_cli_exit(&tool->cli);
}

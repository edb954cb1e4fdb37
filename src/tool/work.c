/* SPDX-License-Identifier: BSD-3-Clause
 *
 * work.c: what the tools do with one input: messages, the commit, and the record.
 */
#include "run.h"

#include <string.h>

#include "sandbox.h"

#define MOST_KINDS 8u /* kinds of passed-over files that are named */

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
  if (tool->turns && (status == IDF_ERR_LIMIT || status == IDF_ERR_MEMORY))
    tool->starved = true;
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

bool idf_tool_removes(const idf_tool *tool)
{
  return tool->remove && !tool->test;
}

void idf_tool_confine(idf_tool *tool, const idf_work *work)
{
  if (tool->last)
    (void)idf_sandbox_last(work, tool->output_file, idf_tool_removes(tool));
}

bool idf_tool_commit(idf_tool *tool, const idf_work *work, const char *keep)
{
  const idf_status status = idf_sink_commit(tool->output_file, tool->remove);

  if (status != IDF_OK) {
    idf_tool_explain(tool, work, status, NULL, NULL);
    return false;
  }
  if (idf_tool_removes(tool))
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

void idf_tool_tell_passed(idf_tool *tool, const idf_worklist *work)
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

void idf_tool_record(idf_tool *tool, const idf_record_of *record, unsigned errors,
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
  if (tool->page)
    idf_json_begin_page(&json, &tool->page->records);
  else
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

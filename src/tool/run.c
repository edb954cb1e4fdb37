/* SPDX-License-Identifier: BSD-3-Clause
 *
 * run.c: does the works of a list, in one thread or in several.
 */
#define _POSIX_C_SOURCE 200809L

#include "run.h"

#include <signal.h>
#include <string.h>

#include "pool.h"
#include "sandbox.h"

/* What coding a tile takes at most, as measured with photographs and --effort=max: bytes in all,
 * and for each sample. A picture that takes more is done again, alone. */
#define TILE_BYTES ((uint64_t)3 << 20)
#define SAMPLE_BYTES UINT64_C(36)
/* And what is held of each sample in a row of tiles. */
#define BAND_BYTES UINT64_C(4)

/* ---- one work ------------------------------------------------------------------------- */

int idf_tool_stop(void *context)
{
  const idf_tool *tool = context;

  idf_progress_tick(tool->progress);
  return idf_interrupted();
}

void idf_tool_rows(idf_tool *tool, const idf_work *work, const idf_info *info, uint32_t y)
{
  idf_progress_at(&tool->step, work->size, y, info->height, info->width);
}

static uint32_t tiles_of(uint32_t pixels, uint32_t side)
{
  return pixels / side + (pixels % side != 0);
}

void idf_tool_share(idf_tool *tool, const idf_info *info, uint32_t tile_width, uint32_t tile_height)
{
  idf_share want = tool->share;

  if (!tool->turns || tool->shared)
    return;
  if (info) {
    const uint64_t width = IDF_MIN(info->width, tile_width);
    const uint64_t row = IDF_MIN(info->height, tile_height) * idf_channels(info->layout);
    const uint64_t tiles =
        (uint64_t)tiles_of(info->width, tile_width) * tiles_of(info->height, tile_height);
    want.threads = (unsigned)IDF_MIN(tiles, (uint64_t)want.threads);
    want.memory = TILE_BYTES + want.threads * width * row * SAMPLE_BYTES
                  + (tiles > 1 ? 2 : 1) * info->width * row * BAND_BYTES;
  }
  idf_turns_enter(tool->turns, &want, &want);
  tool->shared = true;
  tool->threads = want.threads;
  tool->limits.max_memory = want.memory;
  tool->taken = want;
}

static void unshare(idf_tool *tool)
{
  if (tool->shared)
    idf_turns_leave(tool->turns, &tool->taken);
  tool->shared = false;
  tool->threads = tool->share.threads;
  tool->limits.max_memory = tool->share.memory;
}

static void clear(idf_tool *tool)
{
  idf_buf_clear(&tool->dropped);
  idf_buf_clear(&tool->heard);
  tool->removed = tool->starved = false;
}

/* It failed for lack of memory, with less than all: once more, with all. */
static void once_more(idf_tool *tool, const idf_work *item, idf_record_of *record, idf_tool_one one,
                      void *job)
{
  unshare(tool);
  idf_tool_share(tool, NULL, 0, 0);
  clear(tool);
  idf_buf_clear(&tool->page->messages);
  tool->cli.errors = tool->cli.warnings = 0;
  idf_free(&tool->mem, record->name);
  *record = (idf_record_of){.work = item};
  one(job, item, record);
}

static void do_work(idf_tool *tool, const idf_work *item, idf_tool_one one, void *job)
{
  const unsigned errors = tool->cli.errors, warnings = tool->cli.warnings;
  idf_record_of record = {.work = item};
  char error[IDF_FILES_ERROR];

  clear(tool);
  tool->began = idf_seconds();
  idf_progress_begin(&tool->step, tool->progress, item->input);
  if (item->clash) {
    idf_error(&tool->cli, item->input, "another input has the same output %s: rename one",
              item->output);
  } else if (tool->json && item->output && strcmp(item->output, "-") == 0) {
    idf_error(&tool->cli, item->input, "--json and the image both want stdout: give -o FILE");
  } else if (item->in_folder && item->output && strcmp(item->output, "-") != 0
             && idf_make_folder(&tool->mem, item->output, true, error) != IDF_OK) {
    idf_error(&tool->cli, item->output, "%s", error[0] ? error : "no memory for its folder");
  } else {
    one(job, item, &record);
    if (tool->starved && tool->limits.max_memory < tool->share.memory && !idf_interrupted())
      once_more(tool, item, &record, one, job);
  }
  unshare(tool);
  const bool failed = tool->cli.errors > errors;
  if (!idf_interrupted() && !tool->report_only)
    idf_tool_record(tool, &record, errors, warnings);
  idf_progress_file(&tool->step, item->size,
                    record.known ? (uint64_t)record.info.width * record.info.height : 0,
                    failed ? 0 : record.input_bytes, failed ? 0 : record.output_bytes);
  idf_free(&tool->mem, record.name);
}

/* ---- one thread ----------------------------------------------------------------------- */

static void in_turn(idf_tool *tool, idf_worklist *work, idf_tool_one one, void *job)
{
  for (size_t i = 0; i < work->count && !idf_interrupted(); i++) {
    tool->last = i + 1 == work->count;
    do_work(tool, &work->list[i], one, job);
  }
}

/* ---- several threads ------------------------------------------------------------------ */

typedef struct lane {
  idf_tool *owner;
  idf_turns *turns;
  const idf_worklist *work;
  idf_tool_one one;
  void *job; /* a copy, which begins with its tool; NULL: no such lane */
  bool runs;
  pthread_t thread;
} lane;

static void *run_lane(void *context)
{
  lane *l = context;
  idf_tool *tool = l->job;
  size_t i;

  while (idf_turns_take(l->turns, &i)) {
    idf_page page = {0};
    idf_buf_init(&page.messages, &l->owner->mem);
    idf_buf_init(&page.records, &l->owner->mem);
    tool->page = &page;
    idf_cli_copy(&tool->cli, &l->owner->cli, &page.messages, &tool->heard);
    do_work(tool, &l->work->list[i], l->one, l->job);
    page.errors = tool->cli.errors;
    page.warnings = tool->cli.warnings;
    idf_turns_done(l->turns, i, &page);
  }
  return NULL;
}

static bool make_lane(lane *l, const void *job, size_t size)
{
  idf_tool *tool = idf_alloc(&l->owner->mem, 1, size);

  if (!tool)
    return false;
  memcpy(tool, job, size);
  tool->turns = l->turns;
  l->job = tool;
  if (idf_tool_desk(tool))
    return true;
  idf_tool_desk_free(tool);
  idf_free(&l->owner->mem, l->job);
  l->job = NULL;
  return false;
}

/* Starts the threads, which see no signals: the one that waits for them does. */
static void start(lane *lanes, unsigned count)
{
  sigset_t all, before;

  sigfillset(&all);
  const bool masked = pthread_sigmask(SIG_SETMASK, &all, &before) == 0;
  for (unsigned i = 1; i < count; i++)
    lanes[i].runs =
        lanes[i].job && pthread_create(&lanes[i].thread, NULL, run_lane, &lanes[i]) == 0;
  if (masked)
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* False: there is no memory for that, and nothing was done. */
static bool side_by_side(idf_tool *tool, const idf_worklist *work, idf_tool_one one, void *job,
                         size_t size, unsigned count)
{
  idf_turns *turns = idf_alloc(&tool->mem, 1, sizeof *turns);
  lane *lanes = idf_alloc(&tool->mem, count, sizeof *lanes);

  for (unsigned i = 0; turns && lanes && i < count; i++) {
    lanes[i] = (lane){.owner = tool, .turns = turns, .work = work, .one = one};
    if (!make_lane(&lanes[i], job, size))
      break; /* fewer do it too */
  }
  const bool possible = turns && lanes && lanes[0].job;
  if (possible) {
    idf_turns_init(turns, &tool->cli, stdout, work->count, tool->share);
    start(lanes, count);
    (void)run_lane(&lanes[0]);
    for (unsigned i = 1; i < count; i++)
      if (lanes[i].runs)
        (void)pthread_join(lanes[i].thread, NULL);
    idf_turns_free(turns);
  }
  for (unsigned i = 0; lanes && i < count; i++)
    if (lanes[i].job)
      idf_tool_desk_free(lanes[i].job);
  for (unsigned i = 0; lanes && i < count; i++)
    idf_free(&tool->mem, lanes[i].job);
  idf_free(&tool->mem, lanes);
  idf_free(&tool->mem, turns);
  return possible;
}

/* The number of threads that do works. Standard input and output, pipes and devices want one: they
 * cannot be read twice, a signal must end the wait for them, and their order matters. */
static unsigned lanes_for(const idf_tool *tool, const idf_worklist *work)
{
  if (tool->report_only)
    return 1;
  for (size_t i = 0; i < work->count; i++) {
    const idf_work *item = &work->list[i];
    if (item->special || (item->output && strcmp(item->output, "-") == 0))
      return 1;
  }
  return (unsigned)IDF_MIN((size_t)tool->threads, work->count);
}

void idf_tool_run(idf_tool *tool, idf_worklist *work, idf_tool_one one, void *job, size_t size)
{
  idf_progress progress;
  const unsigned lanes = lanes_for(tool, work);

  idf_progress_init(&progress, &tool->cli, true, work->count, work->size);
  tool->progress = &progress;
  if (work->count > 1)
    (void)idf_sandbox_batch(work, idf_tool_removes(tool));
  if (lanes <= 1 || !side_by_side(tool, work, one, job, size, lanes))
    in_turn(tool, work, one, job);
  idf_progress_end(&progress);
  tool->progress = NULL;
  if (!idf_interrupted())
    idf_tool_tell_passed(tool, work);
}

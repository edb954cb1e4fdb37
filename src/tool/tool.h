/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tool.h: the common part of cidf, didf and idfinfo: their common options, the loop over the
 * inputs, and the record of each input for --json and -v.
 */
#ifndef IDF_TOOL_H
#define IDF_TOOL_H

#include "cli.h"
#include "files.h"
#include "idf.h"
#include "json.h"
#include "progress.h"
#include "turns.h"
#include "worklist.h"

/* Ids of the common options; those of one tool begin at IDF_OPT_OWN. */
enum {
  IDF_OPT_OUTPUT = 1,
  IDF_OPT_FOLDER,
  IDF_OPT_FORCE,
  IDF_OPT_KEEP,
  IDF_OPT_REMOVE,
  IDF_OPT_RECURSE,
  IDF_OPT_TEST,
  IDF_OPT_MODEL,
  IDF_OPT_PIXELS,
  IDF_OPT_MEMORY,
  IDF_OPT_METADATA,
  IDF_OPT_JSON,
  IDF_OPT_QUIET,
  IDF_OPT_VERBOSE,
  IDF_OPT_THREADS,
  IDF_OPT_SIMD,
  IDF_OPT_HELP,
  IDF_OPT_VERSION,
  IDF_OPT_COMPLETION,
  IDF_OPT_OWN = 100
};

/* Rows of a table of options: for tools that write files, and for all tools. */
#define IDF_OPTIONS_WRITING(test_help)                                                             \
  {IDF_OPT_OUTPUT, 'o', "output", "FILE", "write FILE; - is stdout"},                              \
      {IDF_OPT_FOLDER, 0, "output-dir", "DIR", "write below DIR instead of beside the input"},     \
      {IDF_OPT_FORCE, 'f', "force", NULL, "replace existing files"},                               \
      {IDF_OPT_KEEP, 'k', "keep", NULL, "keep the inputs (the default)"},                          \
      {IDF_OPT_REMOVE, 0, "rm", NULL, "remove each input once its output is safe on disk"},        \
      {IDF_OPT_RECURSE, 'r', "recursive", NULL, "take the files in folders, and below them"},      \
      {IDF_OPT_TEST, 't', "test", NULL, test_help},                                                \
      {IDF_OPT_VERBOSE, 'v', "verbose", NULL, "a line about each file"},                           \
      {IDF_OPT_SIMD, 0, "simd", "LEVEL", "auto (the default), none, 128, avx2 or avx512"},         \
      IDF_OPTION_THREADS
#define IDF_OPTION_THREADS                                                                         \
  {                                                                                                \
    IDF_OPT_THREADS, 'T', "threads", "N", "tiles at once; 0, the default: one per processor"       \
  }
#define IDF_OPTIONS_ALWAYS                                                                         \
  {IDF_OPT_MODEL, 0, "model", "FILE", "use the model in FILE"},                                    \
      {IDF_OPT_PIXELS, 0, "max-pixels", "N", "refuse images of more pixels (256M)"},               \
      {IDF_OPT_MEMORY, 0, "max-memory", "N", "fail instead of taking more bytes (1G)"},            \
      {IDF_OPT_METADATA, 0, "max-metadata", "N", "refuse more bytes of metadata (64M)"},           \
      {IDF_OPT_JSON, 0, "json", NULL, "one JSON object per input on stdout"},                      \
      {IDF_OPT_QUIET, 'q', "quiet", NULL, "no warnings, no progress"},                             \
      {IDF_OPT_HELP, 'h', "help", NULL, "show this help"},                                         \
      {IDF_OPT_VERSION, 'V', "version", NULL, "show the version"},                                 \
      {IDF_OPT_COMPLETION, 0, "completion", "SHELL", "print what bash, zsh or fish evaluates"},    \
  {                                                                                                \
    0, 0, NULL, NULL, NULL                                                                         \
  }

typedef struct idf_tool {
  idf_cli cli;
  idf_mem mem;       /* lists and buffers of the tool itself; no limit */
  idf_limits limits; /* --max-...; for reading and writing images */
  const char *output, *folder, *model_file;
  bool force, remove, recurse, test, json;
  bool report_only; /* the tool itself reports on each file */
  idf_model *model; /* of --model, or NULL */
  unsigned threads; /* of --threads; 0: one per processor */
  idf_simd simd;    /* of --simd, or else of IDF_SIMD */
  bool simd_given;
  char **operands; /* in mem */
  size_t count;
  idf_progress *progress; /* while works are done */
  idf_turns *turns;       /* several threads do works; NULL: one does them in turn */
  idf_source *input;      /* of the current work */
  idf_sink *output_file;
  /* State of the current work: */
  idf_buf dropped; /* what of the input is not kept: distinct texts, each with its zero */
  idf_buf heard;   /* all warnings and errors, likewise */
  idf_page *page;  /* takes messages and records; NULL: they are shown at once */
  idf_step step;
  idf_share share; /* of the whole tool: --threads and --max-memory */
  idf_share taken; /* of this work, while `shared`: threads, and limits.max_memory */
  bool shared;
  bool starved; /* it failed for lack of memory */
  bool removed; /* the input is gone */
  bool last;    /* no other work follows or is done */
  double began;
} idf_tool;

/* The record of a finished work. */
typedef struct idf_record_of {
  const idf_work *work;
  bool known; /* info is valid */
  idf_info info;
  uint64_t input_bytes, output_bytes;
  uint64_t tiles_lost;
  const char *kept;   /* of a JPEG, or of an .idf that holds one: "jpeg" or "pixels"; else NULL */
  const char *format; /* that was written; NULL: unsaid */
  const char *why;    /* with "pixels": why not the file; NULL: that was asked for */
  bool skipped;       /* nothing was written, and that is no error */
  char *name;         /* of work->output, when it was made for this record; in tool->mem */
} idf_record_of;

typedef struct idf_tool_spec {
  const char *program;
  const char *usage; /* "IN... [-o OUT]" */
  const char *about; /* one line */
  const char *exits; /* what the exit statuses mean; NULL: as for cidf, didf and idfinfo */
  const idf_option *options;
  /* Handles a tool's own option. False: the value is wrong, and a message was given. */
  bool (*option)(void *context, int id, const char *value);
  void (*more_help)(FILE *out); /* after the options; may be NULL */
  const char *const *suffixes;  /* of the operands, for completion; NULL ends them */
  void *context;
} idf_tool_spec;

/* Reads the command line and loads the model. Returns -1 to continue; otherwise the exit status,
 * and only idf_tool_end must still be called. */
int idf_tool_begin(idf_tool *tool, const idf_tool_spec *spec, int argc, char **argv);
/* Reports, releases everything, and returns the exit status (or ends by the caught signal). */
int idf_tool_end(idf_tool *tool);

/* Does one work; reports its errors itself and fills `record`. A failed work leaves no output. */
typedef void (*idf_tool_one)(void *job, const idf_work *work, idf_record_of *record);

/* Calls `one` for each work. Stops at a signal. `job` begins with `tool` and has `size` bytes: with
 * --threads several threads do works at once, each with a copy of it, in which the tool's files,
 * memory and messages are its own. A job that only reports is done in one thread. */
void idf_tool_run(idf_tool *tool, idf_worklist *work, idf_tool_one one, void *job, size_t size);

/* To be called in `one` before anything large is allocated. Waits until other works leave enough;
 * then tool->threads and tool->limits.max_memory are what this work may use. info: of the picture,
 * or NULL if nothing is known of it; it is coded in tiles of tile_width x tile_height pixels. */
void idf_tool_share(idf_tool *tool, const idf_info *info, uint32_t tile_width,
                    uint32_t tile_height);

/* The current work has reached row y. */
void idf_tool_rows(idf_tool *tool, const idf_work *work, const idf_info *info, uint32_t y);
/* An idf_cancelled_fn: context is the idf_tool. It also draws the progress bar. */
int idf_tool_stop(void *tool);

/* The environment for image readers and writers; their warnings name `file`. */
typedef struct idf_tool_image {
  idf_image_env env;
  idf_mem mem; /* limited by --max-memory */
  idf_tool *tool;
  const char *file;
} idf_tool_image;
void idf_tool_image_init(idf_tool_image *image, idf_tool *tool, const char *file);

/* Says why `status` came while `file` was made into `output` (may be NULL): the input's
 * own trouble first, then the reader's, then the output's, then the status in words
 * with what `decoder` (may be NULL) has to say. */
void idf_tool_explain(idf_tool *tool, const idf_work *work, idf_status status,
                      const idf_tool_image *image, const idf_decoder *decoder);

/* Warns that something of the input is not kept, as idf_image_drop describes. */
void idf_tool_drop(idf_tool *tool, const char *file, const char *what, const char *text);

/* Call this once input and output of a work are open and nothing else will be. In the last work the
 * tool then gives up its rights on all other files (sandbox.h). */
void idf_tool_confine(idf_tool *tool, const idf_work *work);

/* Commits the output and, if --rm is given, removes the input. The input is kept with a warning if
 * it has changed, if something of it was dropped, or if `keep` has a reason (else NULL). */
bool idf_tool_commit(idf_tool *tool, const idf_work *work, const char *keep);

/* Writes "message" and "messages": what was reported about the current work. */
void idf_tool_messages(const idf_tool *tool, idf_json *json);

/* The number of rows to move at once: about 256 KiB of them. */
uint32_t idf_tool_batch(const idf_info *info);
const char *idf_layout_name(idf_layout layout);
const char *idf_simd_name(idf_simd level); /* as --simd takes it */

#endif

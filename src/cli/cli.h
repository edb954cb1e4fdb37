/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli.h: the common behaviour of the tools: options, messages, exit status, signals.
 *
 * stdout is for data, stderr for people. Nothing here exits the program.
 *
 * Thread rule: an idf_cli belongs to one thread; only progress.h shares one.
 */
#ifndef IDF_CLI_H
#define IDF_CLI_H

#include <pthread.h>
#include <stdio.h>

#include "image.h"
#include "mem.h"

/* Exit statuses. IDF_EXIT_WARNED: the work was done, but there are warnings on stderr. */
enum { IDF_EXIT_GOOD = 0, IDF_EXIT_ERROR = 1, IDF_EXIT_WARNED = 2 };

/* ---- options ------------------------------------------------------------------ */

typedef struct idf_option {
  int id;            /* 0 ends a table */
  char letter;       /* 0: long only */
  const char *name;  /* NULL: short only */
  const char *value; /* name of the value in the help; NULL: it has none */
  const char *help;  /* one line */
} idf_option;

/* What idf_args_next returns besides an option's id, which is positive. */
enum { IDF_ARGS_END = 0, IDF_ARGS_OPERAND = -1, IDF_ARGS_BAD = -2 };

typedef struct idf_args {
  const idf_option *table;
  char **argv; /* as main's; borrowed */
  int argc, at;
  const char *cluster; /* the rest of "-abc", or NULL */
  bool operands_only;  /* "--" was seen */
  char error[192];     /* for IDF_ARGS_BAD */
} idf_args;

void idf_args_init(idf_args *args, const idf_option *table, int argc, char **argv);
/* Returns the next option or operand, in the given order: `-o FILE`, `-oFILE`, `--name=VALUE`,
 * `--name VALUE`, `-fk`. After `--` everything is an operand; `-` always is one. */
int idf_args_next(idf_args *args, const char **value);
void idf_args_help(const idf_option *table, FILE *out);

/* Parses a decimal number, if `suffixed` also with K, M or G (powers of 1024) after it. False if it
 * is anything else, or outside [min, max]. */
bool idf_parse_number(const char *text, uint64_t min, uint64_t max, bool suffixed, uint64_t *value);

/* ---- messages ----------------------------------------------------------------- */

typedef struct idf_cli {
  const char *program; /* "cidf": starts each message */
  FILE *err;           /* where messages go: stderr in the tools */
  bool quiet;          /* no warnings, no progress */
  bool verbose;
  unsigned warnings, errors;
  char last[512]; /* the last warning or error, without program and file */
  idf_buf *heard; /* collects all of them, each with its zero; may be NULL */
  idf_buf *page; /* collects the messages, which are then not shown; NULL: they are shown at once */
  pthread_mutex_t lock; /* held while something is shown; protects `bar` */
  bool bar;             /* a progress bar must be erased first */
} idf_cli;

void idf_cli_init(idf_cli *cli, const char *program);
/* Copies `from` for another thread: its messages are collected in `page` and `heard`, and nothing
 * is counted yet. */
void idf_cli_copy(idf_cli *cli, const idf_cli *from, idf_buf *page, idf_buf *heard);
/* Shows what another idf_cli has collected, above the progress bar. Thread rule: any thread. */
void idf_cli_show(idf_cli *cli, const idf_buf *page);
/* The number of bytes of the UTF-8 sequence at s (RFC 3629: no over-long forms, no surrogates); 0
 * if there is none. The NUL at the end of a text stops every look ahead. */
unsigned idf_utf8(const unsigned char *s);
/* Prints a name or a text that may come from a hostile file: no byte of it may control a terminal.
 * Control characters, including those above U+007F, are shown as '?'. */
void idf_print_plain(FILE *out, const char *text);
void idf_put_plain(idf_buf *out, const char *text); /* the same, into a buffer */
/* `file` may be NULL; "-" is shown as (stdin). Names and texts are printed with idf_print_plain. */
void idf_error(idf_cli *cli, const char *file, const char *format, ...) IDF_PRINTF(3, 4);
void idf_warning(idf_cli *cli, const char *file, const char *format, ...) IDF_PRINTF(3, 4);
/* A neutral message: no effect on the exit status; silent with -q. */
void idf_remark(idf_cli *cli, const char *file, const char *format, ...) IDF_PRINTF(3, 4);
/* Shown with -v only. */
void idf_note(idf_cli *cli, const char *file, const char *format, ...) IDF_PRINTF(3, 4);
/* Reports why an operation on `file` failed: the status in words, `where` (may be NULL or empty) in
 * parentheses, and advice. For IDF_ERR_LIMIT it names the option that raises `limit`; none means
 * memory. */
void idf_error_status(idf_cli *cli, const char *file, idf_status status, const char *where,
                      idf_limit_kind limit);
int idf_cli_exit(const idf_cli *cli);

/* ---- streams ------------------------------------------------------------------ */

/* Call this first. If stdin, stdout or stderr is closed, it opens something that can neither be
 * read nor written. Otherwise a file could get that number and be mistaken for it. */
void idf_streams_init(void);

/* ---- signals ------------------------------------------------------------------ */

/* From now on the first SIGINT, SIGTERM, SIGHUP, SIGQUIT or SIGXCPU only sets a flag; the next one
 * kills, as usual. SIGPIPE and SIGXFSZ become errors of the write. */
void idf_signals_init(void);
bool idf_interrupted(void);
int idf_stop_asked(void *context); /* the same, as an idf_cancelled_fn */
/* Call this after cleaning up: ends the process with the caught signal, so that a calling shell
 * sees it. */
void idf_signals_finish(void);

/* Seconds of a clock that never goes back. */
double idf_seconds(void);

#endif

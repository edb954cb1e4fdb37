/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli.h: the manners the three tools share: options, messages, exit status, signals.
 *
 * stdout is for data, stderr for people. Nothing here exits the program.
 */
#ifndef IDF_CLI_H
#define IDF_CLI_H

#include <stdio.h>

#include "image.h"
#include "mem.h"

/* Exit statuses. IDF_EXIT_WARNED: the work was done, but somebody should read stderr. */
enum { IDF_EXIT_GOOD = 0, IDF_EXIT_ERROR = 1, IDF_EXIT_WARNED = 2 };

/* ---- options ------------------------------------------------------------------ */

typedef struct idf_option {
  int id;            /* 0 ends a table */
  char letter;       /* 0: long only */
  const char *name;  /* NULL: short only */
  const char *value; /* what the help calls its value; NULL: it has none */
  const char *help;  /* one line */
} idf_option;

/* What idf_args_next returns besides an option's id, which is positive. */
enum { IDF_ARGS_END = 0, IDF_ARGS_OPERAND = -1, IDF_ARGS_BAD = -2 };

typedef struct idf_args {
  const idf_option *table;
  char **argv; /* as main's; borrowed */
  int argc, at;
  const char *cluster; /* rest of "-abc", or NULL */
  bool operands_only;  /* "--" was seen */
  char error[160];     /* for IDF_ARGS_BAD */
} idf_args;

void idf_args_init(idf_args *args, const idf_option *table, int argc, char **argv);
/* The next option or operand, in the order given: `-o FILE`, `-oFILE`, `--name=VALUE`,
 * `--name VALUE`, `-fk`; after `--` everything is an operand, and `-` always is. */
int idf_args_next(idf_args *args, const char **value);
void idf_args_help(const idf_option *table, FILE *out);

/* Decimal number, for `suffixed` with K, M or G (powers of 1024) after it; false when
 * it is anything else or outside [min, max]. */
bool idf_parse_number(const char *text, uint64_t min, uint64_t max, bool suffixed, uint64_t *value);

/* ---- messages ----------------------------------------------------------------- */

typedef struct idf_cli {
  const char *program; /* "cidf": begins each message */
  FILE *err;           /* where they go; stderr in the tools */
  bool quiet;          /* no warnings, no progress */
  bool verbose;
  bool bar; /* a progress bar is on the line and has to be wiped first */
  unsigned warnings, errors;
  char last[512]; /* the last warning or error without program and file */
  idf_buf *heard; /* all of them, each with its zero, are put here; may be NULL */
} idf_cli;

void idf_cli_init(idf_cli *cli, const char *program);
/* Bytes of the UTF-8 sequence at s (RFC 3629: no over-long forms, no surrogates), 0 for
 * none. A text's final NUL stops every look ahead. */
unsigned idf_utf8(const unsigned char *s);
/* A name or a text may come from a hostile file: no byte of it may steer a terminal. Control
 * characters, those above U+007F too, are shown as '?'. */
void idf_print_plain(FILE *out, const char *text);
/* `file` may be NULL, and "-" is shown as (stdin). Names and texts are printed plain. */
void idf_error(idf_cli *cli, const char *file, const char *format, ...) IDF_PRINTF(3, 4);
void idf_warning(idf_cli *cli, const char *file, const char *format, ...) IDF_PRINTF(3, 4);
/* Neither good nor bad: no effect on the exit status, silent with -q. */
void idf_remark(idf_cli *cli, const char *file, const char *format, ...) IDF_PRINTF(3, 4);
/* Only with -v. */
void idf_note(idf_cli *cli, const char *file, const char *format, ...) IDF_PRINTF(3, 4);
/* Says why an operation on `file` failed: the status in words, `where` (may be NULL or
 * empty) in parentheses, and what to do about it. */
void idf_error_status(idf_cli *cli, const char *file, idf_status status, const char *where);
int idf_cli_exit(const idf_cli *cli);

/* ---- streams ------------------------------------------------------------------ */

/* First of all: where stdin, stdout or stderr is closed, opens something that can be neither read
 * nor written, so that no file gets its number and is taken for it. */
void idf_streams_init(void);

/* ---- signals ------------------------------------------------------------------ */

/* From now on the first SIGINT, SIGTERM, SIGHUP, SIGQUIT or SIGXCPU only sets a flag (the next one
 * kills, as usual), and SIGPIPE and SIGXFSZ are errors of the write. */
void idf_signals_init(void);
bool idf_interrupted(void);
int idf_stop_asked(void *context); /* the same, as an idf_cancelled_fn */
/* After cleaning up: dies by the signal that came, so that a calling shell knows. */
void idf_signals_finish(void);

/* Seconds of a clock that only goes forward. */
double idf_seconds(void);

#endif

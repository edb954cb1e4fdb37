/* SPDX-License-Identifier: BSD-3-Clause
 *
 * progress.h: one progress bar for all inputs, shown on a terminal from half a second on.
 *
 * The unit is a byte of input, because the sizes of all files are known before any is opened. A
 * file of unknown size (a pipe) counts as one byte, so the bar may jump but is never wrong.
 *
 * Thread rule: after idf_progress_init any thread may call what takes an idf_step; each thread has
 * a step of its own. Calls draw only when a fifth of a second has passed.
 */
#ifndef IDF_PROGRESS_H
#define IDF_PROGRESS_H

#include "cli.h"

#define IDF_PROGRESS_NAME 64 /* bytes of a name, with its end */

/* What the line shows. */
typedef struct idf_progress_view {
  uint64_t files, done;    /* all, and those finished */
  uint64_t size, size_now; /* bytes of all inputs, and of those how many were worked on */
  uint64_t in, out;        /* bytes of the inputs finished, and of their outputs */
  uint64_t pixels;         /* worked on */
  double elapsed;          /* seconds */
  char name[IDF_PROGRESS_NAME];
} idf_progress_view;

typedef struct idf_progress {
  idf_cli *cli; /* its lock protects `view` and what is shown */
  bool on;
  double began;         /* of idf_seconds */
  _Atomic uint64_t due; /* microseconds after `began`: nothing is drawn before */
  idf_progress_view view;
} idf_progress;

/* How far one file is. */
typedef struct idf_step {
  idf_progress *progress;
  uint64_t size, pixels; /* of it, already in `view` */
} idf_step;

void idf_progress_init(idf_progress *progress, idf_cli *cli, bool wanted, uint64_t files,
                       uint64_t size);
/* A file begins: its name is shown. */
void idf_progress_begin(idf_step *step, idf_progress *progress, const char *file);
/* It has reached row `row` of `rows`; `size` is its size in the bar. */
void idf_progress_at(idf_step *step, uint64_t size, uint32_t row, uint32_t rows, uint32_t width);
/* It is finished, with or without success. in, out: bytes read and written. */
void idf_progress_file(idf_step *step, uint64_t size, uint64_t pixels, uint64_t in, uint64_t out);
/* Draws if it is time. This takes some ten nanoseconds otherwise. */
void idf_progress_tick(idf_progress *progress);
void idf_progress_end(idf_progress *progress);

/* The line itself, without terminal codes, in at most columns - 1 characters; what does not fit
 * is left out, the least important first. It never says 100 %: the end of the program says that. */
void idf_progress_line(char *text, size_t size, const idf_progress_view *view, unsigned columns);
/* "812 B", "1.23 kB", "45.6 MB": three digits, powers of 1000. */
void idf_bytes_text(char text[16], uint64_t bytes);

#endif

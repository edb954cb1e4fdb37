/* SPDX-License-Identifier: BSD-3-Clause
 *
 * progress.h: one progress bar for all inputs, shown on a terminal after a second.
 *
 * The unit is a byte of input, because the sizes of all files are known before any is opened. A
 * file of unknown size (a pipe) counts as one byte, so the bar may jump but is never wrong.
 */
#ifndef IDF_PROGRESS_H
#define IDF_PROGRESS_H

#include "cli.h"

typedef struct idf_progress {
  idf_cli *cli;
  bool on;
  double began, shown; /* seconds, of idf_seconds */
  uint64_t total;      /* bytes of all inputs */
  uint64_t done;       /* bytes of the inputs finished */
  uint64_t pixels;     /* of the inputs finished */
  const char *file;
} idf_progress;

void idf_progress_init(idf_progress *progress, idf_cli *cli, bool wanted, uint64_t total);
/* `file` has reached row `row` of `rows`; `size` is its size in the bar. */
void idf_progress_at(idf_progress *progress, const char *file, uint64_t size, uint32_t row,
                     uint32_t rows, uint32_t width);
/* The file is finished, with or without success. */
void idf_progress_file(idf_progress *progress, uint64_t size, uint64_t pixels);
void idf_progress_end(idf_progress *progress);
/* The line itself, without terminal codes, for `elapsed` seconds and `part` in [0, 1]. It never
 * says 100 %: the end of the program says that. */
void idf_progress_line(char *text, size_t size, double part, double elapsed, double pixels);

#endif

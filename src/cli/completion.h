/* SPDX-License-Identifier: BSD-3-Clause
 *
 * completion.h: what a shell needs to complete a command line, from the table of options.
 */
#ifndef IDF_COMPLETION_H
#define IDF_COMPLETION_H

#include "cli.h"

typedef struct idf_completion {
  const char *program;
  const idf_option *options;
  /* Suffixes of the files that are operands, such as ".png"; NULL ends them. NULL: any file. */
  const char *const *suffixes;
} idf_completion;

/* Writes the script that `shell` (bash, zsh or fish) evaluates. False: another shell. */
bool idf_completion_write(const idf_completion *completion, const char *shell, FILE *out);

#endif

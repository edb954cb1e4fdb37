/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pairs.h: finds which files of two folders belong together.
 *
 * Files of the same name below the two folders are a pair. Of the others those are that have the
 * same name but for the suffix, if there is only one on each side: a/x.png and b/x.idf. The rest is
 * alone.
 */
#ifndef IDF_PAIRS_H
#define IDF_PAIRS_H

#include "cli.h"
#include "mem.h"
#include "worklist.h"

typedef struct idf_pair {
  const char *name;  /* below the folder */
  const char *a, *b; /* paths; NULL: no such file on this side */
} idf_pair;

typedef struct idf_pairs {
  idf_mem *mem;
  idf_worklist left, right; /* which own the paths */
  idf_pair *list;           /* in the order of the names */
  size_t count;
} idf_pairs;

/* Pairs the files below two folders that have one of `suffixes` (lower case, up to NULL). False,
 * after a message, if memory runs out. Free it in any case. */
bool idf_pairs_make(idf_pairs *pairs, idf_mem *mem, idf_cli *cli, const char *const *suffixes,
                    char *a, char *b);
void idf_pairs_free(idf_pairs *pairs);

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * worklist.h: which files a tool shall turn into which: inputs from the command line
 * and from folders, each with the name of its output.
 */
#ifndef IDF_WORKLIST_H
#define IDF_WORKLIST_H

#include "cli.h"
#include "mem.h"

typedef struct idf_work {
  char *input;    /* "-" is stdin */
  char *output;   /* "-" is stdout; NULL: nothing is written */
  bool in_folder; /* below --output-dir: its folder may have to be made */
  bool clash;     /* an earlier work has the same output */
  uint64_t size;  /* bytes of the input; 1 when unknown */
} idf_work;

/* Files below folders that were passed over: by suffix in lower case, ".tif", or what they are. */
typedef struct idf_passed {
  char name[24];
  uint64_t count;
} idf_passed;

typedef struct idf_worklist {
  idf_mem *mem;
  idf_work *list; /* folders' files in the order of their names */
  size_t count, cap;
  uint64_t size;      /* of all inputs */
  idf_passed *passed; /* most first; earlier outputs (by naming->suffix) are not among them */
  size_t passed_count, passed_cap;
} idf_worklist;

typedef struct idf_naming {
  const char *const *suffixes; /* in lower case, ".png", up to NULL: what -r takes */
  const char *suffix;          /* of outputs, ".idf" */
  const char *output;          /* -o, or NULL */
  const char *folder;          /* --output-dir, or NULL */
  bool recurse;                /* -r */
  bool discard;                /* no outputs at all */
} idf_naming;

/* Lists the work for `count` operands; none means stdin to stdout. Folders that cannot
 * be read are errors of `cli`, and the rest is listed all the same. False when the
 * command itself makes no sense or memory ends; the reason was then given. */
bool idf_worklist_make(idf_worklist *work, idf_mem *mem, idf_cli *cli, const idf_naming *naming,
                       char *const *operands, size_t count);
void idf_worklist_free(idf_worklist *work);

/* True when `name` ends with one of the suffixes, in capitals or not. */
bool idf_has_suffix(const char *name, const char *const *suffixes);

#endif

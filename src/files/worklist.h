/* SPDX-License-Identifier: BSD-3-Clause
 *
 * worklist.h: lists which files a tool has to process: the inputs from the command line and from
 * folders, each with the name of its output.
 */
#ifndef IDF_WORKLIST_H
#define IDF_WORKLIST_H

#include "cli.h"
#include "mem.h"

typedef struct idf_work {
  char *input;    /* "-" is stdin */
  char *output;   /* "-" is stdout; NULL: no output */
  bool in_folder; /* below --output-dir: its folder may be missing */
  bool found;     /* by -r, in a folder: the user did not name it */
  bool clash;     /* an earlier work has the same output */
  bool special;   /* the input is stdin, a pipe or a device */
  uint64_t size;  /* bytes of the input; 1 if unknown */
} idf_work;

/* Files in folders that were passed over: by suffix in lower case, ".tif", or by what they are. */
typedef struct idf_passed {
  char name[24];
  uint64_t count;
} idf_passed;

typedef struct idf_worklist {
  idf_mem *mem;
  idf_work *list; /* files of a folder are in the order of their names */
  size_t count, cap;
  uint64_t size;      /* of all inputs */
  idf_passed *passed; /* largest count first; without earlier outputs (naming->outputs) */
  size_t passed_count, passed_cap;
} idf_worklist;

typedef struct idf_naming {
  const char *const *suffixes; /* in lower case, ".png", ended by NULL: what -r takes */
  const char *suffix;          /* of outputs, ".idf" */
  /* The suffix of one output if it depends on what the input holds; NULL: `suffix`. */
  const char *(*suffix_for)(void *context, const char *input);
  void *context;
  const char *const *outputs; /* suffixes of all outputs, up to NULL; -r does not report them */
  const char *const *outputs_named; /* suffixes that -o is given, up to NULL; may be NULL */
  const char *output;               /* -o, or NULL */
  const char *folder;               /* --output-dir, or NULL */
  bool recurse;                     /* -r */
  bool discard;                     /* write no outputs */
} idf_naming;

/* Lists the work for `count` operands; no operand means stdin to stdout. Folders that cannot be
 * read are errors of `cli`; the rest is still listed. Returns false, after a message, if the
 * command makes no sense or memory runs out. */
bool idf_worklist_make(idf_worklist *work, idf_mem *mem, idf_cli *cli, const idf_naming *naming,
                       char *const *operands, size_t count);
void idf_worklist_free(idf_worklist *work);

/* Whether `name` ends with one of the suffixes, in upper or lower case. */
bool idf_has_suffix(const char *name, const char *const *suffixes);

#endif

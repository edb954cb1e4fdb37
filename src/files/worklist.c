/* SPDX-License-Identifier: BSD-3-Clause
 *
 * worklist.c: lists inputs and their outputs. Below a folder that -r walks, links to folders are
 * not followed, because they may lead in circles.
 */
#define _XOPEN_SOURCE 700

#include "worklist.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_DEPTH 128 /* levels of folders */

static char lower(char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

bool idf_has_suffix(const char *name, const char *const *suffixes)
{
  const size_t len = strlen(name);

  for (; *suffixes; suffixes++) {
    const size_t n = strlen(*suffixes);
    size_t i = 0;
    while (len > n && i < n && lower(name[len - n + i]) == (*suffixes)[i])
      i++;
    if (i == n)
      return true;
  }
  return false;
}

/* Joins a, b and c. The caller owns the result. */
static char *join(idf_mem *mem, const char *a, size_t a_len, const char *b, const char *c)
{
  const size_t b_len = strlen(b), c_len = strlen(c);
  char *text = idf_alloc(mem, a_len + b_len + c_len + 1, 1);

  if (text) {
    memcpy(text, a, a_len);
    memcpy(text + a_len, b, b_len);
    memcpy(text + a_len + b_len, c, c_len);
  }
  return text;
}

/* The name of the output for `input`. Its first `root` bytes are not repeated below
 * --output-dir. */
static char *output_name(idf_mem *mem, const idf_naming *naming, const char *input, size_t root)
{
  if (naming->output)
    return join(mem, naming->output, strlen(naming->output), "", "");
  if (strcmp(input, "-") == 0)
    return join(mem, "-", 1, "", "");

  size_t stem = strlen(input);
  if (idf_has_suffix(input, naming->suffixes))
    while (input[--stem] != '.')
      ;
  const char *suffix =
      naming->suffix_for ? naming->suffix_for(naming->context, input) : naming->suffix;
  if (!naming->folder)
    return join(mem, input, stem, suffix, "");
  char *tail = join(mem, input + root, stem - root, suffix, "");
  char *name = tail ? join(mem, naming->folder, strlen(naming->folder), "/", tail) : NULL;
  idf_free(mem, tail);
  return name;
}

/* Adds an input, which is copied. */
static bool add(idf_worklist *work, const idf_naming *naming, const char *input, size_t root,
                bool found)
{
  struct stat info;

  if (work->count == work->cap) {
    const size_t cap = work->cap ? 2 * work->cap : 16;
    idf_work *grown =
        idf_realloc(work->mem, work->list, work->cap * sizeof *grown, cap * sizeof *grown);
    if (!grown)
      return false;
    work->list = grown;
    work->cap = cap;
  }
  idf_work *item = &work->list[work->count++];
  memset(item, 0, sizeof *item);
  item->input = join(work->mem, input, strlen(input), "", "");
  if (!naming->discard)
    item->output = output_name(work->mem, naming, input, root);
  item->in_folder = naming->folder != NULL;
  item->found = found;
  item->size = 1;
  const bool there = strcmp(input, "-") != 0 && stat(input, &info) == 0;
  item->special = strcmp(input, "-") == 0 || (there && !S_ISREG(info.st_mode));
  if (there && !item->special)
    item->size = IDF_MAX((uint64_t)info.st_size, 1u);
  work->size += item->size;
  return item->input && (item->output || naming->discard);
}

static int by_name(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Lists the names in a folder, sorted. The caller owns *names. */
static bool list_folder(idf_worklist *work, idf_cli *cli, const char *folder, char ***names,
                        size_t *count)
{
  size_t cap = 0;
  bool good = true;
  DIR *dir = opendir(folder);

  *names = NULL;
  *count = 0;
  if (!dir) {
    idf_error(cli, folder, "cannot be listed: %s", strerror(errno));
    return true;
  }
  for (;;) {
    errno = 0;
    const struct dirent *entry = readdir(dir);
    if (!entry) {
      if (errno)
        idf_error(cli, folder, "cannot be listed: %s", strerror(errno));
      break;
    }
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
      continue;
    if (*count == cap) {
      const size_t more = cap ? 2 * cap : 64;
      char **grown = idf_realloc(work->mem, *names, cap * sizeof *grown, more * sizeof *grown);
      if (!grown) {
        good = false;
        break;
      }
      *names = grown;
      cap = more;
    }
    (*names)[*count] = join(work->mem, entry->d_name, strlen(entry->d_name), "", "");
    if (!(*names)[*count]) {
      good = false;
      break;
    }
    ++*count;
  }
  closedir(dir);
  if (*count)
    qsort(*names, *count, sizeof **names, by_name);
  return good;
}

/* The kind of a file that is passed over: its suffix, if that looks like one. */
static void kind_of(const char *name, const struct stat *info, char kind[24])
{
  const char *dot = strrchr(name, '.');
  size_t n = 0;

  if (S_ISLNK(info->st_mode))
    snprintf(kind, 24, "symbolic link");
  else if (!S_ISREG(info->st_mode))
    snprintf(kind, 24, "device or pipe");
  else {
    snprintf(kind, 24, "without suffix");
    while (dot && dot != name && n < 12
           && ((lower(dot[n + 1]) >= 'a' && lower(dot[n + 1]) <= 'z')
               || (dot[n + 1] >= '0' && dot[n + 1] <= '9')))
      n++;
    if (n && !dot[n + 1])
      for (size_t i = 0; i <= n + 1; i++)
        kind[i] = lower(dot[i]);
  }
}

static bool pass_over(idf_worklist *work, idf_cli *cli, const idf_naming *naming, const char *path,
                      const char *name)
{
  struct stat info;
  char kind[24];
  size_t i = 0;

  if (idf_has_suffix(name, naming->outputs) || lstat(path, &info) != 0)
    return true;
  kind_of(name, &info, kind);
  idf_note(cli, path, "passed over");
  while (i < work->passed_count && strcmp(work->passed[i].name, kind) != 0)
    i++;
  if (i == work->passed_cap) {
    const size_t cap = work->passed_cap ? 2 * work->passed_cap : 8;
    idf_passed *grown =
        idf_realloc(work->mem, work->passed, work->passed_cap * sizeof *grown, cap * sizeof *grown);
    if (!grown)
      return false;
    work->passed = grown;
    work->passed_cap = cap;
  }
  if (i == work->passed_count) {
    memcpy(work->passed[i].name, kind, sizeof kind);
    work->passed[i].count = 0;
    work->passed_count++;
  }
  work->passed[i].count++;
  return true;
}

static int by_count(const void *a, const void *b)
{
  const idf_passed *left = a, *right = b;

  return left->count != right->count ? (left->count < right->count ? 1 : -1)
                                     : strcmp(left->name, right->name);
}

static bool walk(idf_worklist *work, idf_cli *cli, const idf_naming *naming, const char *folder,
                 size_t root, unsigned depth)
{
  char **names;
  size_t count;
  struct stat info;

  if (depth > MAX_DEPTH) {
    idf_error(cli, folder, "is more than %u folders deep", (unsigned)MAX_DEPTH);
    return true;
  }
  bool good = list_folder(work, cli, folder, &names, &count);
  for (size_t i = 0; i < count; i++) {
    const size_t len = strlen(folder);
    char *path = join(work->mem, folder, len, len && folder[len - 1] == '/' ? "" : "/", names[i]);
    if (!path) {
      good = false;
    } else if (good && !idf_interrupted() && lstat(path, &info) == 0) {
      if (S_ISDIR(info.st_mode))
        good = walk(work, cli, naming, path, root, depth + 1);
      else if (idf_has_suffix(path, naming->suffixes)
               && (S_ISREG(info.st_mode)
                   || (S_ISLNK(info.st_mode) && stat(path, &info) == 0 && S_ISREG(info.st_mode))))
        good = add(work, naming, path, root, true);
      else
        good = pass_over(work, cli, naming, path, names[i]);
    }
    idf_free(work->mem, path);
    idf_free(work->mem, names[i]);
  }
  idf_free(work->mem, names);
  return good;
}

static int by_output(const void *a, const void *b)
{
  const idf_work *left = *(idf_work *const *)a, *right = *(idf_work *const *)b;
  const int order = strcmp(left->output, right->output);

  return order ? order : left < right ? -1 : left > right;
}

/* Two works must not write the same file, as those of a.png and a.ppm in one folder would. */
static bool mark_clashes(idf_worklist *work)
{
  idf_work **sorted = idf_alloc(work->mem, work->count, sizeof *sorted);
  size_t n = 0;

  if (!sorted)
    return false;
  for (size_t i = 0; i < work->count; i++)
    if (work->list[i].output && strcmp(work->list[i].output, "-") != 0)
      sorted[n++] = &work->list[i];
  qsort(sorted, n, sizeof *sorted, by_output);
  for (size_t i = 1; i < n; i++)
    sorted[i]->clash = strcmp(sorted[i]->output, sorted[i - 1]->output) == 0;
  idf_free(work->mem, sorted);
  return true;
}

/* Reports the slip `cidf a.png out.idf`: a last name that nothing has and that only an output can
 * have. Nothing is written then, also not a.idf. */
static bool lacks_option(idf_cli *cli, const idf_naming *naming, char *const *operands,
                         size_t count)
{
  struct stat info;
  const char *last = count > 1 ? operands[count - 1] : NULL;

  if (!last || !naming->outputs_named || naming->output
      || !idf_has_suffix(last, naming->outputs_named) || lstat(last, &info) == 0)
    return false;
  if (count == 2)
    idf_error(cli, last, "does not exist; an output is named with -o: %s %s -o %s", cli->program,
              operands[0], last);
  else
    idf_error(cli, last,
              "does not exist; -o names an output, of one input only, and --output-dir "
              "a folder for many");
  return true;
}

static bool fits(idf_cli *cli, const idf_naming *naming, char *const *operands, size_t count)
{
  struct stat info;
  size_t stdins = 0;

  if (naming->output && naming->folder) {
    idf_error(cli, NULL, "-o and --output-dir do not go together");
    return false;
  }
  if (naming->output && count > 1) {
    idf_error(cli, NULL, "-o names one output for %zu inputs: give --output-dir", count);
    return false;
  }
  for (size_t i = 0; i < count; i++) {
    stdins += strcmp(operands[i], "-") == 0;
    if (naming->output && naming->recurse && stat(operands[i], &info) == 0
        && S_ISDIR(info.st_mode)) {
      idf_error(cli, operands[i], "is a folder, and -o names one output: give --output-dir");
      return false;
    }
  }
  if (lacks_option(cli, naming, operands, count))
    return false;
  if (stdins > 1) {
    idf_error(cli, NULL, "stdin is given %zu times", stdins);
    return false;
  }
  return true;
}

bool idf_worklist_make(idf_worklist *work, idf_mem *mem, idf_cli *cli, const idf_naming *naming,
                       char *const *operands, size_t count)
{
  struct stat info;
  bool good = true;

  memset(work, 0, sizeof *work);
  work->mem = mem;
  if (!fits(cli, naming, operands, count))
    return false;
  if (count == 0)
    good = add(work, naming, "-", 0, false);
  for (size_t i = 0; i < count && good; i++) {
    const char *path = operands[i];
    const size_t len = strlen(path);
    if (naming->recurse && stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
      good = walk(work, cli, naming, path, len && path[len - 1] == '/' ? len : len + 1, 0);
    } else {
      const char *slash = strrchr(path, '/');
      good = add(work, naming, path, slash ? (size_t)(slash - path) + 1 : 0, false);
    }
  }
  if (work->passed_count)
    qsort(work->passed, work->passed_count, sizeof *work->passed, by_count);
  good = good && mark_clashes(work);
  if (!good)
    idf_error(cli, NULL, "no memory for a list of %zu files", work->count);
  return good;
}

void idf_worklist_free(idf_worklist *work)
{
  for (size_t i = 0; i < work->count; i++) {
    idf_free(work->mem, work->list[i].input);
    idf_free(work->mem, work->list[i].output);
  }
  idf_free(work->mem, work->list);
  idf_free(work->mem, work->passed);
  work->passed = NULL;
  work->passed_count = work->passed_cap = 0;
  work->list = NULL;
  work->count = work->cap = 0;
}

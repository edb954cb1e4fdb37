/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pairs.c: pairs the files of two folders: both lists in one, sorted by name, where pairs are
 * neighbours.
 */
#include "pairs.h"

#include <stdlib.h>
#include <string.h>

typedef struct item {
  const char *path, *name; /* `name`: the path below the folder */
  size_t stem;             /* bytes of the name without its suffix */
  bool right;
  bool paired;
} item;

static int by_name(const void *a, const void *b)
{
  const item *left = a, *right = b;
  const int order = strcmp(left->name, right->name);

  return order ? order : (int)left->right - (int)right->right;
}

/* Order of the names without their suffixes. */
static int stems(const item *a, const item *b)
{
  const int order = memcmp(a->name, b->name, IDF_MIN(a->stem, b->stem));

  return order ? order : a->stem < b->stem ? -1 : a->stem > b->stem;
}

static int by_stem(const void *a, const void *b)
{
  const int order = stems(a, b);

  return order ? order : by_name(a, b);
}

static int by_pair(const void *a, const void *b)
{
  const idf_pair *left = a, *right = b;

  return strcmp(left->name, right->name);
}

static void collect(item *items, const idf_worklist *work, const char *folder, bool right)
{
  const size_t len = strlen(folder);

  for (size_t i = 0; i < work->count; i++) {
    const char *path = work->list[i].input, *name = path + len;
    while (*name == '/')
      name++;
    const char *dot = strrchr(name, '.'); /* there is one: -r took the file for its suffix */
    items[i] = (item){.path = path,
                      .name = name,
                      .stem = dot ? (size_t)(dot - name) : strlen(name),
                      .right = right};
  }
}

static void put(idf_pairs *pairs, item *a, item *b)
{
  pairs->list[pairs->count++] =
      (idf_pair){.name = a ? a->name : b->name, .a = a ? a->path : NULL, .b = b ? b->path : NULL};
  if (a)
    a->paired = true;
  if (b)
    b->paired = true;
}

static void match(idf_pairs *pairs, item *items, size_t count)
{
  qsort(items, count, sizeof *items, by_name);
  for (size_t i = 0; i + 1 < count; i++)
    if (!items[i].right && items[i + 1].right && strcmp(items[i].name, items[i + 1].name) == 0)
      put(pairs, &items[i], &items[i + 1]);
  qsort(items, count, sizeof *items, by_stem);
  for (size_t i = 0; i < count;) {
    item *alone[2] = {NULL, NULL};
    size_t sides[2] = {0, 0}, end = i;
    for (; end < count && stems(&items[i], &items[end]) == 0; end++)
      if (!items[end].paired) {
        alone[items[end].right] = &items[end];
        sides[items[end].right]++;
      }
    if (sides[0] == 1 && sides[1] == 1)
      put(pairs, alone[0], alone[1]);
    i = end;
  }
  for (size_t i = 0; i < count; i++)
    if (!items[i].paired)
      put(pairs, items[i].right ? NULL : &items[i], items[i].right ? &items[i] : NULL);
  qsort(pairs->list, pairs->count, sizeof *pairs->list, by_pair);
}

bool idf_pairs_make(idf_pairs *pairs, idf_mem *mem, idf_cli *cli, const char *const *suffixes,
                    char *a, char *b)
{
  static const char *const none[] = {NULL};
  const idf_naming naming = {
      .suffixes = suffixes, .suffix = "", .outputs = none, .recurse = true, .discard = true};

  memset(pairs, 0, sizeof *pairs);
  pairs->mem = mem;
  bool good = idf_worklist_make(&pairs->left, mem, cli, &naming, &a, 1);
  if (good)
    good = idf_worklist_make(&pairs->right, mem, cli, &naming, &b, 1);
  if (!good)
    return false;
  const size_t count = pairs->left.count + pairs->right.count;
  item *items = idf_alloc(mem, IDF_MAX(count, (size_t)1), sizeof *items);
  pairs->list = idf_alloc(mem, IDF_MAX(count, (size_t)1), sizeof *pairs->list);
  if (items && pairs->list) {
    collect(items, &pairs->left, a, false);
    collect(items + pairs->left.count, &pairs->right, b, true);
    match(pairs, items, count);
  } else {
    idf_error_status(cli, NULL, IDF_ERR_MEMORY, NULL, IDF_LIMIT_NONE);
  }
  good = items && pairs->list;
  idf_free(mem, items);
  return good;
}

void idf_pairs_free(idf_pairs *pairs)
{
  if (!pairs->mem)
    return;
  if (pairs->left.mem)
    idf_worklist_free(&pairs->left);
  if (pairs->right.mem)
    idf_worklist_free(&pairs->right);
  idf_free(pairs->mem, pairs->list);
  pairs->list = NULL;
  pairs->count = 0;
}

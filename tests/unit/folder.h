/* SPDX-License-Identifier: BSD-3-Clause
 *
 * folder.h: a temporary folder for the tests that need files with names.
 */
#ifndef IDF_TESTS_FOLDER_H
#define IDF_TESTS_FOLDER_H

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

typedef struct idf_test_folder {
  char name[64];
  char path[2][256]; /* the last two of idf_test_path */
  unsigned turn;
} idf_test_folder;

/* "folder/name" in `path`, whose size must do. */
static inline void idf_test_join(char *path, size_t size, const char *folder, const char *name)
{
  const size_t a = strlen(folder), b = strlen(name);
  CU_ASSERT_FATAL(a + 1 + b < size);
  memcpy(path, folder, a);
  path[a] = '/';
  memcpy(path + a + 1, name, b + 1);
}

static inline void idf_test_folder_make(idf_test_folder *folder)
{
  memset(folder, 0, sizeof *folder);
  snprintf(folder->name, sizeof folder->name, "/tmp/idf-unit-XXXXXX");
  CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder->name));
}

/* The path of a name in the folder; good until the next but one call. */
static inline const char *idf_test_path(idf_test_folder *folder, const char *name)
{
  char *path = folder->path[folder->turn++ % 2];
  idf_test_join(path, sizeof folder->path[0], folder->name, name);
  return path;
}

static inline void idf_test_put(idf_test_folder *folder, const char *name, const char *text)
{
  FILE *file = fopen(idf_test_path(folder, name), "wb");
  CU_ASSERT_PTR_NOT_NULL_FATAL(file);
  fputs(text, file);
  fclose(file);
}

/* The file's first bytes are `text` and nothing follows. */
static inline bool idf_test_holds(idf_test_folder *folder, const char *name, const char *text)
{
  char got[256];
  FILE *file = fopen(idf_test_path(folder, name), "rb");
  if (!file)
    return false;
  const size_t n = fread(got, 1, sizeof got - 1, file);
  fclose(file);
  got[n] = '\0';
  return strcmp(got, text) == 0;
}

/* Entries in a folder; hidden ones count. */
static inline unsigned idf_test_entries(const char *path)
{
  unsigned n = 0;
  DIR *dir = opendir(path);
  if (!dir)
    return 0;
  while (readdir(dir))
    n++;
  closedir(dir);
  return n - 2;
}

static inline void idf_test_remove(const char *path)
{
  struct dirent *entry;
  DIR *dir = opendir(path);
  if (dir) {
    while ((entry = readdir(dir)) != NULL) {
      char name[512];
      struct stat info;
      if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
        continue;
      idf_test_join(name, sizeof name, path, entry->d_name);
      if (lstat(name, &info) == 0 && S_ISDIR(info.st_mode))
        idf_test_remove(name);
      else
        unlink(name);
    }
    closedir(dir);
  }
  rmdir(path);
}

#endif

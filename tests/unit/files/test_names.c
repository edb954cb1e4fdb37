/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_names.c: names are given last, with and without nameless files; a name that leads to
 * another file by now is not removed, whoever changes it and whenever.
 */
#define _XOPEN_SOURCE 700

#include "names.h"

#include <fcntl.h>
#include <sys/wait.h>

#include "folder.h"

int idf_suite_names(void);

typedef struct setting {
  idf_mem mem;
  idf_test_folder folder;
  char error[IDF_FILES_ERROR];
} setting;

static void begin(setting *s)
{
  idf_mem_init(&s->mem, (uint64_t)1 << 20);
  idf_test_folder_make(&s->folder);
  s->error[0] = '\0';
}

static void end(setting *s)
{
  CU_ASSERT_EQUAL(s->mem.used, 0);
  idf_test_remove(s->folder.name);
}

static idf_stamp stamp(setting *s, const char *name)
{
  idf_stamp stamp = {0};
  const int fd = open(idf_test_path(&s->folder, name), O_RDONLY);

  CU_ASSERT_FATAL(fd >= 0 && idf_stamp_take(fd, &stamp));
  close(fd);
  return stamp;
}

static idf_status removal(setting *s, const char *name, const idf_stamp *read)
{
  return idf_remove_read(&s->mem, idf_test_path(&s->folder, name), read, s->error);
}

/* ---- outputs ------------------------------------------------------------------- */

static idf_status output(setting *s, bool unnamed, bool force, bool late)
{
  idf_temp temp;

  s->error[0] = '\0';
  idf_status status =
      idf_temp_open(&temp, &s->mem, idf_test_path(&s->folder, "a"), 0600, unnamed, s->error);
  CU_ASSERT_EQUAL_FATAL(status, IDF_OK);
  CU_ASSERT_EQUAL(write(temp.fd, "new", 3), 3);
  if (late)
    idf_test_put(&s->folder, "a", "theirs");
  status = idf_temp_commit(&temp, force, true, s->error);
  idf_temp_close(&temp);
  return status;
}

static void outputs(void)
{
  for (int unnamed = 0; unnamed < 2; unnamed++) {
    setting s;
    begin(&s);
    CU_ASSERT_EQUAL(output(&s, unnamed != 0, false, false), IDF_OK);
    CU_ASSERT(idf_test_holds(&s.folder, "a", "new"));
    CU_ASSERT_EQUAL(output(&s, unnamed != 0, false, true), IDF_ERR_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(s.error, "-f"));
    CU_ASSERT(idf_test_holds(&s.folder, "a", "theirs"));
    CU_ASSERT_EQUAL(output(&s, unnamed != 0, true, true), IDF_OK);
    CU_ASSERT(idf_test_holds(&s.folder, "a", "new"));
    CU_ASSERT_EQUAL(unlink(idf_test_path(&s.folder, "a")), 0);
    CU_ASSERT_EQUAL(output(&s, unnamed != 0, true, false), IDF_OK);
    CU_ASSERT(idf_test_holds(&s.folder, "a", "new"));
    CU_ASSERT_EQUAL(idf_test_entries(s.folder.name), 1);
    end(&s);
  }
}

/* A file that has no name yet can get another, and the first one is never seen. */
static void renamed(void)
{
  for (int unnamed = 0; unnamed < 2; unnamed++) {
    setting s;
    idf_temp temp;
    begin(&s);
    CU_ASSERT_EQUAL(
        idf_temp_open(&temp, &s.mem, idf_test_path(&s.folder, "a"), 0600, unnamed, s.error),
        IDF_OK);
    CU_ASSERT_EQUAL(write(temp.fd, "new", 3), 3);
    s.mem.fail_in = 0;
    CU_ASSERT_EQUAL(idf_temp_rename(&temp, idf_test_path(&s.folder, "c")), IDF_ERR_MEMORY);
    s.mem.fail_in = -1;
    CU_ASSERT_EQUAL(idf_temp_rename(&temp, idf_test_path(&s.folder, "b")), IDF_OK);
    CU_ASSERT_EQUAL(idf_temp_commit(&temp, false, true, s.error), IDF_OK);
    idf_temp_close(&temp);
    CU_ASSERT(idf_test_holds(&s.folder, "b", "new"));
    CU_ASSERT_EQUAL(idf_test_entries(s.folder.name), 1);
    end(&s);
  }
}

/* Without a commit nothing is left; where the system knows nameless files, nothing is there. */
static void dropped(void)
{
  for (int unnamed = 0; unnamed < 2; unnamed++) {
    setting s;
    idf_temp temp;
    begin(&s);
    CU_ASSERT_EQUAL(
        idf_temp_open(&temp, &s.mem, idf_test_path(&s.folder, "a"), 0600, unnamed, s.error),
        IDF_OK);
    CU_ASSERT_EQUAL(idf_test_entries(s.folder.name), temp.name ? 1 : 0);
    CU_ASSERT(unnamed || temp.name);
    idf_temp_close(&temp);
    CU_ASSERT_EQUAL(idf_test_entries(s.folder.name), 0);
    end(&s);
  }
}

/* ---- removing ------------------------------------------------------------------- */

static void removed(void)
{
  setting s;

  begin(&s);
  idf_test_put(&s.folder, "a", "mine");
  const idf_stamp read = stamp(&s, "a");
  CU_ASSERT_EQUAL(link(idf_test_path(&s.folder, "a"), idf_test_path(&s.folder, "b")), 0);
  CU_ASSERT_EQUAL(removal(&s, "a", &read), IDF_OK);
  CU_ASSERT_EQUAL(removal(&s, "a", &read), IDF_ERR_IO);
  CU_ASSERT(idf_test_holds(&s.folder, "b", "mine")); /* its other name stays */
  CU_ASSERT_EQUAL(idf_test_entries(s.folder.name), 1);
  end(&s);
}

static void kept(void)
{
  const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = 5, .tv_nsec = 6}};
  setting s;

  begin(&s);
  /* Another file of the same size. */
  idf_test_put(&s.folder, "a", "mine");
  idf_stamp read = stamp(&s, "a");
  idf_test_put(&s.folder, "b", "your");
  CU_ASSERT_EQUAL(rename(idf_test_path(&s.folder, "b"), idf_test_path(&s.folder, "a")), 0);
  CU_ASSERT_EQUAL(removal(&s, "a", &read), IDF_ERR_IO);
  CU_ASSERT_PTR_NOT_NULL(strstr(s.error, "another file"));
  CU_ASSERT(idf_test_holds(&s.folder, "a", "your"));
  /* The same file, changed: a nanosecond of its time is enough, or its size. */
  read = stamp(&s, "a");
  read.mtime_ns ^= 1;
  CU_ASSERT_EQUAL(removal(&s, "a", &read), IDF_ERR_IO);
  CU_ASSERT_PTR_NOT_NULL(strstr(s.error, "changed"));
  CU_ASSERT_EQUAL(utimensat(AT_FDCWD, idf_test_path(&s.folder, "a"), times, 0), 0);
  read = stamp(&s, "a");
  idf_test_put(&s.folder, "a", "longer");
  CU_ASSERT_EQUAL(utimensat(AT_FDCWD, idf_test_path(&s.folder, "a"), times, 0), 0);
  CU_ASSERT_EQUAL(removal(&s, "a", &read), IDF_ERR_IO);
  CU_ASSERT(idf_test_holds(&s.folder, "a", "longer"));
  /* Links, and what is no file. */
  read = stamp(&s, "a");
  CU_ASSERT_EQUAL(symlink("a", idf_test_path(&s.folder, "l")), 0);
  CU_ASSERT_EQUAL(removal(&s, "l", &read), IDF_ERR_IO);
  CU_ASSERT_PTR_NOT_NULL(strstr(s.error, "link"));
  CU_ASSERT_EQUAL(mkfifo(idf_test_path(&s.folder, "p"), 0600), 0);
  read.regular = false;
  CU_ASSERT_EQUAL(removal(&s, "p", &read), IDF_ERR_IO);
  CU_ASSERT_EQUAL(idf_test_entries(s.folder.name), 3);
  end(&s);
}

/* What a stranger put under the name between look and removal gets its name back. */
static void put_back(void)
{
  for (int plain = 0; plain < 2; plain++) {
    setting s;
    begin(&s);
    idf_test_put(&s.folder, "a", "mine");
    const idf_stamp read = stamp(&s, "a");
    idf_test_put(&s.folder, "b", "your");
    CU_ASSERT_EQUAL(rename(idf_test_path(&s.folder, "b"), idf_test_path(&s.folder, "a")), 0);
    const int folder = open(s.folder.name, O_RDONLY);
    CU_ASSERT_EQUAL(idf_remove_aside(folder, "a", &read, plain, s.error), IDF_ERR_IO);
    CU_ASSERT(idf_test_holds(&s.folder, "a", "your"));
    const idf_stamp theirs = stamp(&s, "a");
    CU_ASSERT_EQUAL(idf_remove_aside(folder, "a", &theirs, plain, s.error), IDF_OK);
    CU_ASSERT_EQUAL(idf_test_entries(s.folder.name), 0);
    close(folder);
    end(&s);
  }
}

/* Another process puts its own file under the name again and again, while we remove ours: every
 * file of its own that it then finds missing would be one we removed. */
static void race(void)
{
  setting s;
  int go[2];

  begin(&s);
  CU_ASSERT_EQUAL_FATAL(pipe(go), 0);
  for (unsigned round = 0; round < 300; round++) {
    idf_test_put(&s.folder, "a", "mine");
    const idf_stamp seen = stamp(&s, "a");
    idf_test_put(&s.folder, "b", "your");
    const char *from = idf_test_path(&s.folder, "b"), *to = idf_test_path(&s.folder, "a");
    const pid_t child = fork();
    CU_ASSERT_FATAL(child >= 0);
    if (child == 0) {
      const bool told = write(go[1], "x", 1) == 1;
      for (volatile unsigned i = 0; i < round * 20;)
        i = i + 1;
      _exit(told && rename(from, to) == 0 ? 0 : 1);
    }
    char byte;
    CU_ASSERT_EQUAL(read(go[0], &byte, 1), 1);
    s.error[0] = '\0';
    (void)idf_remove_read(&s.mem, to, &seen, s.error);
    int status = 1;
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT_EQUAL(status, 0);
    CU_ASSERT(idf_test_holds(&s.folder, "a", "your"));
    unlink(idf_test_path(&s.folder, "a"));
  }
  close(go[0]);
  close(go[1]);
  end(&s);
}

/* ---- the rest --------------------------------------------------------------------- */

static void numbers(void)
{
  CU_ASSERT_EQUAL(idf_names_fd("/dev/stdout"), 1);
  CU_ASSERT_EQUAL(idf_names_fd("/dev/fd/63"), 63);
  CU_ASSERT_EQUAL(idf_names_fd("/proc/self/fd/2"), 2);
  CU_ASSERT_EQUAL(idf_names_fd("/dev/fd/"), -1);
  CU_ASSERT_EQUAL(idf_names_fd("/dev/fd/1/x"), -1);
  CU_ASSERT_EQUAL(idf_names_fd("/dev/fd/99999999999999999999"), -1);
  CU_ASSERT_EQUAL(idf_names_fd("dev/stdout"), -1);
}

static void folders(void)
{
  setting s;
  struct stat info;

  begin(&s);
  CU_ASSERT_EQUAL(idf_make_folder(&s.mem, idf_test_path(&s.folder, "a/b/c.x"), true, s.error),
                  IDF_OK);
  CU_ASSERT(stat(idf_test_path(&s.folder, "a/b"), &info) == 0 && S_ISDIR(info.st_mode));
  CU_ASSERT(stat(idf_test_path(&s.folder, "a/b/c.x"), &info) != 0);
  CU_ASSERT_EQUAL(idf_make_folder(&s.mem, idf_test_path(&s.folder, "a/b/d"), false, s.error),
                  IDF_OK);
  CU_ASSERT(stat(idf_test_path(&s.folder, "a/b/d"), &info) == 0);
  CU_ASSERT_EQUAL(idf_make_folder(&s.mem, "plain.x", true, s.error), IDF_OK);
  idf_test_put(&s.folder, "file", "");
  CU_ASSERT_EQUAL(idf_make_folder(&s.mem, idf_test_path(&s.folder, "file/x"), true, s.error),
                  IDF_ERR_IO);
  CU_ASSERT(s.error[0] != '\0');
  end(&s);
}

int idf_suite_names(void)
{
  static const idf_unit_test tests[] = {
      {"an output gets its name last, named or not before", outputs},
      {"another name may be chosen before", renamed},
      {"without a commit nothing is left", dropped},
      {"what was read is removed, its other names stay", removed},
      {"what is another file, or changed, is kept", kept},
      {"a stranger gets its name back", put_back},
      {"a name that others change is theirs", race},
      {"paths of open files", numbers},
      {"folders are made as needed", folders},
      {NULL, NULL}};
  return idf_unit_suite("names", tests);
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sandbox.c: gives up rights with Landlock.
 *
 * The C library has no functions for Landlock, and the kernel's header may be older than the
 * running kernel. The missing numbers are defined here, from the kernel's
 * Documentation/userspace-api/landlock.rst.
 *
 * Nothing here is an error. If the kernel refuses a rule, something that a tool needs would be
 * forbidden; then no right is given up at all.
 */
#define _GNU_SOURCE /* O_PATH, syscall */

#include "sandbox.h"

#include <string.h>

/* configure finds the header. If the system calls have no numbers, the headers are too old. */
#ifdef IDF_WITH_LANDLOCK
#include <sys/syscall.h>
#ifndef SYS_landlock_create_ruleset
#undef IDF_WITH_LANDLOCK
#endif
#endif

#ifndef IDF_WITH_LANDLOCK

int idf_sandbox_version(void)
{
  return 0;
}

bool idf_sandbox_batch(const idf_worklist *works, bool removing)
{
  (void)works, (void)removing;
  return false;
}

bool idf_sandbox_last(const idf_work *work, const idf_sink *output, bool removing)
{
  (void)work, (void)output, (void)removing;
  return false;
}

#else

#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Rights on files, with the kernel's numbers. */
#define EXECUTE (UINT64_C(1) << 0)
#define WRITE_FILE (UINT64_C(1) << 1)
#define READ_FILE (UINT64_C(1) << 2)
#define READ_FOLDER (UINT64_C(1) << 3)
#define REMOVE_FILE (UINT64_C(1) << 5)
#define MAKE_FOLDER (UINT64_C(1) << 7)
#define MAKE_FILE (UINT64_C(1) << 8)
#define EVERYTHING_AT_FIRST ((UINT64_C(1) << 13) - 1)
#define MOVE_ELSEWHERE (UINT64_C(1) << 13) /* from version 2 on */
#define CUT_SHORT (UINT64_C(1) << 14)      /* from 3 on */
#define TCP UINT64_C(3)                    /* from 4 on: bind and connect */
#define ABROAD UINT64_C(3)                 /* from 6 on: abstract sockets, signals */

/* The rights that can be granted on a file; the kernel refuses rules with more. */
#define ON_FILE (EXECUTE | WRITE_FILE | READ_FILE)

/* The rights to name a file in a folder, by link and rename, and to sync the folder. */
#define NAMING (MAKE_FILE | REMOVE_FILE | READ_FOLDER)
#define WRITING (NAMING | MAKE_FOLDER | WRITE_FILE)

/* struct landlock_ruleset_attr. Older headers and kernels know only its first members. Older
 * kernels accept a longer one if the rest is zero. */
typedef struct ruleset {
  uint64_t files, network, scopes;
} ruleset;

typedef struct sandbox {
  int fd;         /* -1: no sandbox */
  uint64_t files; /* rights that are given up unless granted */
  bool failed;    /* something could not be granted */
} sandbox;

int idf_sandbox_version(void)
{
  const long version =
      syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, LANDLOCK_CREATE_RULESET_VERSION);

  return version < 1 ? 0 : (int)version;
}

/* Starts a sandbox. kept: rights that stay as they are, everywhere. */
static void begin(sandbox *box, uint64_t kept)
{
  const int version = idf_sandbox_version();
  const uint64_t files =
      EVERYTHING_AT_FIRST | (version >= 2 ? MOVE_ELSEWHERE : 0) | (version >= 3 ? CUT_SHORT : 0);
  const ruleset taken = {.files = files & ~kept,
                         .network = version >= 4 ? TCP : 0,
                         .scopes = version >= 6 ? ABROAD : 0};

  *box = (sandbox){.fd = -1, .files = taken.files};
  if (version > 0)
    box->fd = (int)syscall(SYS_landlock_create_ruleset, &taken, sizeof taken, 0u);
}

/* Grants rights on the open file or folder `fd` and everything below it; closes `fd`. */
static void grant(sandbox *box, int fd, uint64_t rights)
{
  struct landlock_path_beneath_attr rule = {.allowed_access = rights & box->files, .parent_fd = fd};
  struct stat info;

  if (fstat(fd, &info) != 0)
    box->failed = true;
  else if (!S_ISDIR(info.st_mode))
    rule.allowed_access &= ON_FILE;
  if (rule.allowed_access != 0 && !box->failed
      && syscall(SYS_landlock_add_rule, box->fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0u) != 0)
    box->failed = true;
  close(fd);
}

/* Grants rights in the folder that holds `path`, or in the nearest existing one above it. */
static void allow_around(sandbox *box, const char *path, uint64_t rights)
{
  char folder[PATH_MAX];
  size_t len = strlen(path);
  int fd = -1;

  if (box->fd < 0 || len >= sizeof folder)
    return; /* nothing can open such a path */
  memcpy(folder, path, len + 1);
  while (fd < 0) {
    while (len > 0 && folder[len - 1] != '/')
      len--;
    while (len > 1 && folder[len - 1] == '/')
      len--;
    folder[len] = '\0';
    fd = open(len ? folder : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (len == 0 || strcmp(folder, "/") == 0)
      break;
  }
  if (fd >= 0)
    grant(box, fd, rights);
}

/* Grants what the C library and libjpeg read about the processors. */
static void allow_processors(sandbox *box)
{
  static const char *const paths[] = {"/proc/cpuinfo", "/proc/stat", "/sys/devices/system/cpu"};

  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
    const int fd = box->fd < 0 ? -1 : open(paths[i], O_PATH | O_CLOEXEC);
    if (fd >= 0)
      grant(box, fd, READ_FILE | READ_FOLDER);
  }
}

static bool enter(sandbox *box)
{
  /* Without this promise only the superuser may give up rights. */
  const bool entered = box->fd >= 0 && !box->failed && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
                       && syscall(SYS_landlock_restrict_self, box->fd, 0u) == 0;

  if (box->fd >= 0)
    close(box->fd);
  return entered;
}

static bool has_name(const char *path)
{
  return path && strcmp(path, "-") != 0;
}

bool idf_sandbox_batch(const idf_worklist *works, bool removing)
{
  char real[PATH_MAX];
  sandbox box;

  begin(&box, READ_FILE | READ_FOLDER);
  for (size_t i = 0; i < works->count && box.fd >= 0; i++) {
    const idf_work *work = &works->list[i];
    if (!has_name(work->output))
      continue;
    allow_around(&box, work->output, WRITING);
    /* If it is a link, the file that it leads to is replaced. */
    if (realpath(work->output, real))
      allow_around(&box, real, WRITING);
    if (removing && has_name(work->input))
      allow_around(&box, work->input, NAMING);
  }
  return enter(&box);
}

bool idf_sandbox_last(const idf_work *work, const idf_sink *output, bool removing)
{
  sandbox box;

  begin(&box, 0);
  allow_processors(&box);
  if (output->mode == IDF_SINK_FILE && output->temp.path) {
    allow_around(&box, output->temp.path, NAMING);
    if (removing && has_name(work->input))
      allow_around(&box, work->input, NAMING);
  }
  return enter(&box);
}

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * names.c: gives files their names and removes names, without races.
 *
 * Without `force` an output gets its name by a call that cannot replace, because a file with that
 * name may have appeared meanwhile. Nameless files are linked, and link never replaces. So with
 * `force`, and only if there is something to replace, a nameless file gets a temporary name for the
 * moment between link and rename. To remove the old file first would leave a moment with neither
 * file.
 */
#define _GNU_SOURCE /* O_TMPFILE, O_PATH and renameat2, if they exist */

#include "names.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef O_PATH
#define O_PATH O_RDONLY
#endif
#define TEMP_NAME 64 /* bytes of a temporary name, with its end */
#define TEMP_TRIES 100u

idf_status idf_files_fail(char error[IDF_FILES_ERROR], const char *format, ...)
{
  if (error[0] == '\0') {
    va_list args;
    va_start(args, format);
    vsnprintf(error, IDF_FILES_ERROR, format, args);
    va_end(args);
  }
  return IDF_ERR_IO;
}

/* The length of the folder part of a path, with its last slash. */
static size_t folder_part(const char *path)
{
  const char *slash = strrchr(path, '/');

  return slash ? (size_t)(slash - path) + 1 : 0;
}

static char *copy_text(idf_mem *mem, const char *text, size_t len, size_t extra)
{
  char *copy = idf_alloc(mem, len + extra + 1, 1);

  if (copy)
    memcpy(copy, text, len);
  return copy;
}

static void temp_name(char name[TEMP_NAME], unsigned number)
{
  snprintf(name, TEMP_NAME, ".idf-%ld-%u.tmp", (long)getpid(), number);
}

/* Opens the folder of a path, for calls that take names in it; -1: errno says why. */
static int open_folder(idf_mem *mem, const char *path, int flags)
{
  const size_t len = folder_part(path);
  char *folder = len ? copy_text(mem, path, len, 0) : NULL;

  if (len && !folder) {
    errno = ENOMEM;
    return -1;
  }
  const int fd = open(folder ? folder : ".", flags | O_DIRECTORY | O_CLOEXEC);
  const int why = errno;
  idf_free(mem, folder);
  errno = why;
  return fd;
}

/* ---- what is known of a file ------------------------------------------------------ */

void idf_stamp_of(const struct stat *info, idf_stamp *stamp)
{
#ifdef __APPLE__
  const struct timespec mtime = info->st_mtimespec, atime = info->st_atimespec;
#else
  const struct timespec mtime = info->st_mtim, atime = info->st_atim;
#endif
  *stamp = (idf_stamp){.regular = S_ISREG(info->st_mode),
                       .device = (uint64_t)info->st_dev,
                       .inode = (uint64_t)info->st_ino,
                       .size = (uint64_t)info->st_size,
                       .mtime = (int64_t)mtime.tv_sec,
                       .atime = (int64_t)atime.tv_sec,
                       .mtime_ns = (uint32_t)mtime.tv_nsec,
                       .atime_ns = (uint32_t)atime.tv_nsec,
                       .mode = (uint32_t)info->st_mode,
                       .uid = (uint32_t)info->st_uid,
                       .gid = (uint32_t)info->st_gid};
}

bool idf_stamp_take(int fd, idf_stamp *stamp)
{
  struct stat info;

  if (fstat(fd, &info) != 0)
    return false;
  idf_stamp_of(&info, stamp);
  return true;
}

static bool same_file(const idf_stamp *a, const idf_stamp *b)
{
  return a->regular && b->regular && a->device == b->device && a->inode == b->inode
         && a->size == b->size && a->mtime == b->mtime && a->mtime_ns == b->mtime_ns;
}

void idf_stamp_give(int fd, const idf_stamp *stamp, bool times)
{
  mode_t mode = (mode_t)stamp->mode & 0777;
  struct stat now;

  if (fstat(fd, &now) != 0)
    return;
  if ((uint32_t)now.st_uid != stamp->uid && geteuid() == 0
      && fchown(fd, (uid_t)stamp->uid, (gid_t)-1) != 0) {
    /* It stays ours, with the permissions that its owner had. */
  }
  if ((uint32_t)now.st_gid != stamp->gid && fchown(fd, (gid_t)-1, (gid_t)stamp->gid) != 0)
    mode = (mode & 0707) | ((mode & 07) << 3 & mode);
  if (fchmod(fd, mode) != 0) {
    /* It stays as private as it was created. */
  }
  if (times) {
    const struct timespec both[2] = {
        {.tv_sec = (time_t)stamp->atime, .tv_nsec = (long)stamp->atime_ns},
        {.tv_sec = (time_t)stamp->mtime, .tv_nsec = (long)stamp->mtime_ns}};
    (void)futimens(fd, both);
  }
}

int idf_names_fd(const char *path)
{
  static const char *const names[] = {"/dev/stdin", "/dev/stdout", "/dev/stderr"};
  static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};

  for (int i = 0; i < 3; i++)
    if (strcmp(path, names[i]) == 0)
      return i;
  for (size_t i = 0; i < 2; i++) {
    const size_t len = strlen(folders[i]);
    const char *digit = path + len;
    int fd = 0;
    if (strncmp(path, folders[i], len) != 0 || !*digit)
      continue;
    for (; *digit >= '0' && *digit <= '9' && fd < 100000000; digit++)
      fd = 10 * fd + (*digit - '0');
    if (!*digit)
      return fd;
  }
  return -1;
}

/* ---- moving without replacing ------------------------------------------------------- */

/* Renames without replacing, if the system can. False with *known set: the system refused, and
 * errno says why. */
static bool rename_new(int folder, const char *from, const char *to, bool plain, bool *known)
{
  *known = false;
#ifdef RENAME_NOREPLACE
  if (!plain) {
    if (renameat2(folder, from, folder, to, RENAME_NOREPLACE) == 0)
      return true;
    *known = errno != EINVAL && errno != ENOSYS;
  }
#else
  (void)folder, (void)from, (void)to, (void)plain;
#endif
  return false;
}

/* The fallback: checks, then renames. */
static bool rename_unseen(int folder, const char *from, const char *to)
{
  struct stat info;

  if (fstatat(folder, to, &info, AT_SYMLINK_NOFOLLOW) == 0) {
    errno = EEXIST;
    return false;
  }
  return renameat(folder, from, folder, to) == 0;
}

/* Moves a public name to a private one, which nobody else uses. EEXIST: that name exists
 * already. */
static bool move_aside(int folder, const char *name, const char *aside, bool plain)
{
  bool known;

  return rename_new(folder, name, aside, plain, &known)
         || (!known && rename_unseen(folder, name, aside));
}

/* Moves a private name to a public one, which anybody may take at any time: then EEXIST. */
static bool move_out(int folder, const char *own, const char *name, bool plain)
{
  bool known;

  if (rename_new(folder, own, name, plain, &known))
    return true;
  if (known)
    return false;
  if (linkat(folder, own, folder, name, 0) == 0)
    return unlinkat(folder, own, 0) == 0;
  /* The file system has no links. */
  return errno != EEXIST && rename_unseen(folder, own, name);
}

/* ---- a file that gets its name last ----------------------------------------------- */

/* The name under which the system shows an open file, for link. */
static void proc_name(char name[TEMP_NAME], int fd)
{
  snprintf(name, TEMP_NAME, "/proc/self/fd/%d", fd);
}

/* -1 if there are no nameless files, or no way to name them later. */
static int open_unnamed(idf_mem *mem, const char *path, unsigned mode)
{
#ifdef O_TMPFILE
  const size_t len = folder_part(path);
  char *folder = len ? copy_text(mem, path, len, 0) : NULL;
  char proc[TEMP_NAME];
  struct stat direct, shown;

  if (len && !folder)
    return -1;
  int fd = open(folder ? folder : ".", O_TMPFILE | O_RDWR | O_CLOEXEC, (mode_t)mode);
  idf_free(mem, folder);
  if (fd < 0)
    return -1;
  proc_name(proc, fd);
  if (fstat(fd, &direct) != 0 || stat(proc, &shown) != 0 || direct.st_dev != shown.st_dev
      || direct.st_ino != shown.st_ino) {
    close(fd);
    fd = -1;
  }
  return fd;
#else
  (void)mem, (void)path, (void)mode;
  return -1;
#endif
}

/* Tries temporary names until `made` does not fail with EEXIST. On success temp->name is the name.
 * False: errno says why. */
static bool find_name(idf_temp *temp, unsigned mode, bool (*made)(idf_temp *, unsigned))
{
  const size_t folder = folder_part(temp->path);

  temp->name = copy_text(temp->mem, temp->path, folder, TEMP_NAME);
  if (!temp->name) {
    errno = ENOMEM;
    return false;
  }
  for (unsigned i = 0; i < TEMP_TRIES; i++) {
    temp_name(temp->name + folder, i);
    if (made(temp, mode))
      return true;
    if (errno != EEXIST)
      break;
  }
  const int why = errno;
  idf_free(temp->mem, temp->name);
  temp->name = NULL;
  errno = why;
  return false;
}

static bool created(idf_temp *temp, unsigned mode)
{
  temp->fd = open(temp->name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
  return temp->fd >= 0;
}

static bool link_open(int fd, const char *name)
{
  char proc[TEMP_NAME];

  proc_name(proc, fd);
  return linkat(AT_FDCWD, proc, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0;
}

static bool linked(idf_temp *temp, unsigned mode)
{
  (void)mode;
  return link_open(temp->fd, temp->name);
}

idf_status idf_temp_open(idf_temp *temp, idf_mem *mem, const char *path, unsigned mode,
                         bool unnamed, char error[IDF_FILES_ERROR])
{
  *temp = (idf_temp){.mem = mem, .fd = -1};
  temp->path = copy_text(mem, path, strlen(path), 0);
  if (!temp->path)
    return idf_mem_status(mem);
  if (unnamed)
    temp->fd = open_unnamed(mem, path, mode);
  if (temp->fd >= 0 || find_name(temp, mode, created))
    return IDF_OK;
  return idf_files_fail(error, "cannot write in its folder: %s", strerror(errno));
}

idf_status idf_temp_rename(idf_temp *temp, const char *path)
{
  char *copy = copy_text(temp->mem, path, strlen(path), 0);

  if (!copy)
    return idf_mem_status(temp->mem);
  idf_free(temp->mem, temp->path);
  temp->path = copy;
  return IDF_OK;
}

static idf_status exists(char *error)
{
  return idf_files_fail(error, "exists meanwhile: give -f to replace it");
}

static idf_status nameless(char *error)
{
  return idf_files_fail(error, "cannot get its name: %s", strerror(errno));
}

/* Commits a file that has a temporary name. */
static idf_status rename_temp(idf_temp *temp, bool force, char *error)
{
  if (force ? rename(temp->name, temp->path) == 0
            : move_out(AT_FDCWD, temp->name, temp->path, false))
    return IDF_OK;
  return errno == EEXIST && !force ? exists(error) : nameless(error);
}

/* Commits a file that has no name. */
static idf_status link_temp(idf_temp *temp, bool force, char *error)
{
  if (link_open(temp->fd, temp->path))
    return IDF_OK;
  if (errno != EEXIST)
    return nameless(error);
  if (!force)
    return exists(error);
  return find_name(temp, 0, linked) ? rename_temp(temp, true, error) : nameless(error);
}

/* Syncs the folder, so that the name survives a crash. Some file systems cannot do this, and the
 * file itself is already safe, so errors are ignored. */
static void sync_folder(const idf_temp *temp)
{
  const int fd = open_folder(temp->mem, temp->path, O_RDONLY);

  if (fd >= 0) {
    (void)fsync(fd);
    close(fd);
  }
}

idf_status idf_temp_commit(idf_temp *temp, bool force, bool lasting, char error[IDF_FILES_ERROR])
{
  const bool unnamed = !temp->name;
  int fd = temp->fd;

  if (fsync(fd) != 0)
    return idf_files_fail(error, "cannot be written: %s", strerror(errno));
  idf_status status = unnamed ? link_temp(temp, force, error) : IDF_OK;
  if (status != IDF_OK)
    return status;
  /* File systems that write late report their errors here; they have no nameless files. */
  temp->fd = -1;
  if (close(fd) != 0 && !unnamed)
    return idf_files_fail(error, "cannot be written: %s", strerror(errno));
  if (!unnamed)
    status = rename_temp(temp, force, error);
  if (status != IDF_OK)
    return status;
  idf_free(temp->mem, temp->name);
  temp->name = NULL;
  if (lasting)
    sync_folder(temp);
  return IDF_OK;
}

void idf_temp_close(idf_temp *temp)
{
  if (temp->fd >= 0)
    close(temp->fd);
  temp->fd = -1;
  if (temp->name)
    unlink(temp->name);
  idf_free(temp->mem, temp->name);
  idf_free(temp->mem, temp->path);
  temp->name = temp->path = NULL;
}

/* ---- removing ---------------------------------------------------------------------- */

/* Returns IDF_OK if `name` is the file that was read; else `error` says what it is. */
static idf_status look(int folder, const char *name, const idf_stamp *read, char *error)
{
  struct stat info;
  idf_stamp now;

  if (fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
    return idf_files_fail(error, "cannot be removed: %s", strerror(errno));
  idf_stamp_of(&info, &now);
  if (same_file(&now, read))
    return IDF_OK;
  if (S_ISLNK(info.st_mode))
    return idf_files_fail(error, "not removed: it is a symbolic link");
  if (!read->regular)
    return idf_files_fail(error, "not removed: it is no regular file");
  if (now.device == read->device && now.inode == read->inode)
    return idf_files_fail(error, "not removed: it was changed meanwhile");
  return idf_files_fail(error, "not removed: it is another file than the one that was read");
}

idf_status idf_remove_aside(int folder, const char *name, const idf_stamp *read, bool plain,
                            char error[IDF_FILES_ERROR])
{
  char aside[TEMP_NAME];
  unsigned i = 0;

  for (temp_name(aside, i); !move_aside(folder, name, aside, plain); temp_name(aside, ++i))
    if (errno != EEXIST || i == TEMP_TRIES)
      return idf_files_fail(error, "cannot be removed: %s", strerror(errno));
  idf_status status = look(folder, aside, read, error);
  if (status == IDF_OK && unlinkat(folder, aside, 0) != 0)
    status = idf_files_fail(error, "cannot be removed: %s", strerror(errno));
  if (status != IDF_OK && !move_out(folder, aside, name, plain)) {
    error[0] = '\0';
    return idf_files_fail(error, "was replaced twice meanwhile; the first of these files is %s now",
                          aside);
  }
  return status;
}

idf_status idf_remove_read(idf_mem *mem, const char *path, const idf_stamp *read,
                           char error[IDF_FILES_ERROR])
{
  const char *name = path + folder_part(path);

  error[0] = '\0';
  const int folder = open_folder(mem, path, O_PATH);
  if (folder < 0)
    return idf_files_fail(error, "cannot be removed: %s", strerror(errno));
  /* Most other files are detected here and never lose their name. */
  idf_status status = look(folder, name, read, error);
  if (status == IDF_OK)
    status = idf_remove_aside(folder, name, read, false, error);
  close(folder);
  return status;
}

/* ---- folders ------------------------------------------------------------------------ */

idf_status idf_make_folder(idf_mem *mem, const char *path, bool parent, char error[IDF_FILES_ERROR])
{
  const size_t len = parent ? folder_part(path) : strlen(path);
  char *name = copy_text(mem, path, len, 0);
  idf_status status = IDF_OK;
  struct stat info;

  error[0] = '\0';
  if (!name)
    return idf_mem_status(mem);
  for (size_t i = 1; i <= len && status == IDF_OK; i++) {
    if (i < len && name[i] != '/')
      continue;
    const char end = name[i];
    name[i] = '\0';
    if (mkdir(name, 0777) != 0
        && (errno != EEXIST || stat(name, &info) != 0 || !S_ISDIR(info.st_mode)))
      status = idf_files_fail(error, "cannot create the folder %s: %s", name,
                              strerror(errno == EEXIST ? ENOTDIR : errno));
    name[i] = end;
  }
  idf_free(mem, name);
  return status;
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * names.h: names in folders: a file gets its name once it is whole, a name is removed only
 * while it leads to the file that was read, and missing folders are made.
 *
 * Other programs work in the same folders at the same time. So no step here looks at a name
 * first and relies on what it saw afterwards.
 */
#ifndef IDF_NAMES_H
#define IDF_NAMES_H

#include "image.h"
#include "mem.h"

#define IDF_FILES_ERROR 256

/* Sets `error` unless it is set; gives IDF_ERR_IO. */
idf_status idf_files_fail(char error[IDF_FILES_ERROR], const char *format, ...) IDF_PRINTF(2, 3);

/* ---- what is known of a file ------------------------------------------------------ */

typedef struct idf_stamp {
  bool regular;
  uint64_t device, inode, size;
  int64_t mtime, atime; /* seconds */
  uint32_t mtime_ns, atime_ns;
  uint32_t mode, uid, gid;
} idf_stamp;

struct stat;
void idf_stamp_of(const struct stat *info, idf_stamp *stamp);
/* False, and errno says why, when the system does not tell. */
bool idf_stamp_take(int fd, idf_stamp *stamp);
/* Gives an open file the owner and group (where the system lets us), the permissions without
 * setuid, setgid and sticky bits, and with `times` the times of `stamp`. A group that cannot be
 * given gets no more than what everybody has. What a file system cannot hold is no error: the
 * file then stays as private as it was. */
void idf_stamp_give(int fd, const idf_stamp *stamp, bool times);

/* The number in "/dev/fd/N", "/proc/self/fd/N" or behind "/dev/stdout" and its likes; -1 for any
 * other path. */
int idf_names_fd(const char *path);

/* ---- a file that gets its name last ----------------------------------------------- */

typedef struct idf_temp {
  idf_mem *mem;
  int fd;     /* -1: none */
  char *path; /* the name it is to get; owned */
  char *name; /* the temporary one, or NULL while it has none; owned */
} idf_temp;

/* Creates a file with these permissions, less the umask, in the folder of `path`. With `unnamed`
 * it has no name at all where the system knows such files (Linux: O_TMPFILE), so that not even a
 * kill leaves it; else a temporary one, ".idf-PID-N.tmp". */
idf_status idf_temp_open(idf_temp *temp, idf_mem *mem, const char *path, unsigned mode,
                         bool unnamed, char error[IDF_FILES_ERROR]);
/* Syncs it and gives it its name; `force`: whatever has that name is replaced, at once. `lasting`:
 * the name, too, is to outlive a crash. The file is closed then. */
idf_status idf_temp_commit(idf_temp *temp, bool force, bool lasting, char error[IDF_FILES_ERROR]);
/* Releases everything; a file that was not committed is gone. */
void idf_temp_close(idf_temp *temp);

/* ---- removing, and folders --------------------------------------------------------- */

/* Removes `path` if it is the file that `read` was taken of, unchanged since: same device, inode,
 * size and time of modification. IDF_ERR_IO, `error` saying why, when it is another or cannot be
 * removed; it is there then as before. Symbolic links, and what is no file, are never removed. */
idf_status idf_remove_read(idf_mem *mem, const char *path, const idf_stamp *read,
                           char error[IDF_FILES_ERROR]);
/* The step of it that others cannot come between: `name` in the open folder gets a private name,
 * is looked at under that, and is removed or gets its name back, without replacing a file that
 * has it meanwhile. `plain`: as on systems that cannot rename without replacing. */
idf_status idf_remove_aside(int folder, const char *name, const idf_stamp *read, bool plain,
                            char error[IDF_FILES_ERROR]);
/* Creates the folder and those above it that are missing; with `parent`, only the
 * folder that holds `path`. */
idf_status idf_make_folder(idf_mem *mem, const char *path, bool parent,
                           char error[IDF_FILES_ERROR]);

#endif

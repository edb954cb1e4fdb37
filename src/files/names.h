/* SPDX-License-Identifier: BSD-3-Clause
 *
 * names.h: names in folders. A file gets its name once it is complete; a name is removed only while
 * it leads to the file that was read; missing folders are created.
 *
 * Other programs work in the same folders at the same time. So no step here checks a name first and
 * then relies on the result.
 */
#ifndef IDF_NAMES_H
#define IDF_NAMES_H

#include "image.h"
#include "mem.h"

#define IDF_FILES_ERROR 256

/* Sets `error` unless it is set already; returns IDF_ERR_IO. */
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
/* Returns false, with errno set, if the system gives no information. */
bool idf_stamp_take(int fd, idf_stamp *stamp);
/* Gives an open file the owner and group of `stamp` (if the system allows), its permissions without
 * setuid, setgid and sticky bits, and, if `times` is set, its times. If the group cannot be set, it
 * gets no more rights than everybody has. Properties that a file system cannot store are no error:
 * the file stays as private as it was. */
void idf_stamp_give(int fd, const idf_stamp *stamp, bool times);

/* The number in "/dev/fd/N" or "/proc/self/fd/N", or behind "/dev/stdout" and the like; -1 for any
 * other path. */
int idf_names_fd(const char *path);

/* ---- a file that gets its name last ----------------------------------------------- */

typedef struct idf_temp {
  idf_mem *mem;
  int fd;     /* -1: none */
  char *path; /* the final name; owned */
  char *name; /* the temporary name, or NULL; owned */
} idf_temp;

/* Creates a file with these permissions, less the umask, in the folder of `path`. If `unnamed` is
 * set and the system supports it (Linux: O_TMPFILE), the file has no name at all, so that even a
 * kill leaves nothing. Otherwise it has a temporary name, ".idf-PID-N.tmp". */
idf_status idf_temp_open(idf_temp *temp, idf_mem *mem, const char *path, unsigned mode,
                         bool unnamed, char error[IDF_FILES_ERROR]);
/* Chooses another name in the same folder. Memory errors only. */
idf_status idf_temp_rename(idf_temp *temp, const char *path);
/* Syncs the file, gives it its name, and closes it. force: a file with that name is replaced, in
 * one step. lasting: the name must survive a crash, too. */
idf_status idf_temp_commit(idf_temp *temp, bool force, bool lasting, char error[IDF_FILES_ERROR]);
/* Releases everything. A file that was not committed is gone. */
void idf_temp_close(idf_temp *temp);

/* ---- removing, and folders --------------------------------------------------------- */

/* Removes `path` if it is still the file of which `read` was taken: the same device, inode, size
 * and time of modification. Otherwise, or if it cannot be removed, returns IDF_ERR_IO and sets
 * `error`; the file is still there. Symbolic links, and what is not a regular file, are never
 * removed. */
idf_status idf_remove_read(idf_mem *mem, const char *path, const idf_stamp *read,
                           char error[IDF_FILES_ERROR]);
/* The part of idf_remove_read that no other program can interrupt: `name` in the open folder gets a
 * private name and is checked under that name. Then it is removed, or gets its name back without
 * replacing a file that has taken it meanwhile. plain: as on systems that cannot rename without
 * replacing. */
idf_status idf_remove_aside(int folder, const char *name, const idf_stamp *read, bool plain,
                            char error[IDF_FILES_ERROR]);
/* Creates the folder and the missing ones above it. parent: only the folder that holds `path`. */
idf_status idf_make_folder(idf_mem *mem, const char *path, bool parent,
                           char error[IDF_FILES_ERROR]);

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * files.c: see files.h. Without `force` the last step is link, not rename: rename
 * would replace a file that came into being meanwhile.
 */
#define _XOPEN_SOURCE 700

#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

IDF_PRINTF(2, 3) static idf_status fail(char *error, const char *format, ...)
{
  if (error[0] == '\0') {
    va_list args;
    va_start(args, format);
    vsnprintf(error, IDF_FILES_ERROR, format, args);
    va_end(args);
  }
  return IDF_ERR_IO;
}

/* ---- input -------------------------------------------------------------------- */

idf_status idf_source_open(idf_source *input, idf_mem *mem, const char *path, bool again)
{
  struct stat info;

  input->fd = -1;
  input->keep = input->replay = false;
  idf_buf_init(&input->kept, mem);
  input->replayed = 0;
  input->size = input->read = 0;
  input->at = input->have = 0;
  input->error[0] = '\0';
  input->fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
  if (input->fd < 0)
    return fail(input->error, "cannot be opened: %s", strerror(errno));
  if (fstat(input->fd, &info) != 0)
    return fail(input->error, "cannot be examined: %s", strerror(errno));
  if (input->fd == STDIN_FILENO && isatty(STDIN_FILENO))
    return fail(input->error, "is a terminal: name a file, or see --help");
  if (S_ISDIR(info.st_mode))
    return fail(input->error, "is a folder: give -r to take the files in it");
  input->device = (uint64_t)info.st_dev;
  input->inode = (uint64_t)info.st_ino;
  if (S_ISREG(info.st_mode))
    input->size = (uint64_t)info.st_size;
  if (again && (input->fd == STDIN_FILENO || !S_ISREG(info.st_mode)))
    input->keep = true;
  return IDF_OK;
}

static idf_status fill(idf_source *input)
{
  for (;;) {
    if (idf_interrupted())
      return fail(input->error, "interrupted");
    const ssize_t got =
        read(input->fd, input->buffer + input->have, sizeof input->buffer - input->have);
    if (got >= 0) {
      if (input->keep) {
        idf_put_bytes(&input->kept, input->buffer + input->have, (size_t)got);
        if (input->kept.bad)
          return idf_mem_status(input->kept.mem);
      }
      input->have += (size_t)got;
      return IDF_OK;
    }
    if (errno != EINTR)
      return fail(input->error, "cannot be read: %s", strerror(errno));
  }
}

idf_status idf_source_peek(idf_source *input, size_t want, const uint8_t **data, size_t *len)
{
  size_t before;

  if (input->replay) {
    *data = input->kept.data + input->replayed;
    *len = IDF_MIN(want, input->kept.len - input->replayed);
    return IDF_OK;
  }
  do {
    before = input->have;
    if (input->have - input->at >= want)
      break;
    const idf_status status = fill(input);
    if (status != IDF_OK)
      return status;
  } while (input->have != before);
  *data = input->buffer + input->at;
  *len = IDF_MIN(want, input->have - input->at);
  return IDF_OK;
}

idf_status idf_source_read(void *context, uint8_t *buffer, size_t capacity, size_t *size)
{
  idf_source *input = context;

  *size = 0;
  if (input->replay) {
    const size_t n = IDF_MIN(capacity, input->kept.len - input->replayed);
    if (n)
      memcpy(buffer, input->kept.data + input->replayed, n);
    input->replayed += n;
    *size = n;
    return IDF_OK;
  }
  if (input->at == input->have) {
    input->at = input->have = 0;
    const idf_status status = fill(input);
    if (status != IDF_OK)
      return status;
  }
  const size_t n = IDF_MIN(capacity, input->have - input->at);
  memcpy(buffer, input->buffer + input->at, n);
  input->at += n;
  input->read += n;
  *size = n;
  return IDF_OK;
}

idf_status idf_source_rewind(idf_source *input)
{
  input->at = input->have = 0;
  input->read = 0;
  if (input->keep) {
    input->replay = true;
    input->replayed = 0;
    return IDF_OK;
  }
  if (lseek(input->fd, 0, SEEK_SET) != 0)
    return fail(input->error, "cannot be read again: %s", strerror(errno));
  return IDF_OK;
}

void idf_source_close(idf_source *input)
{
  idf_buf_free(&input->kept);
  if (input->fd > STDIN_FILENO)
    close(input->fd);
  input->fd = -1;
}

/* ---- output ------------------------------------------------------------------- */

/* Bytes of the folder part of a path, its last slash included. */
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

static idf_status open_temp(idf_sink *output)
{
  const size_t folder = folder_part(output->path);

  output->temp = copy_text(output->mem, output->path, folder, 64);
  if (!output->temp)
    return idf_mem_status(output->mem);
  for (unsigned i = 0; i < 100; i++) {
    snprintf(output->temp + folder, 64, ".idf-%ld-%u.tmp", (long)getpid(), i);
    output->fd = open(output->temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (output->fd >= 0)
      return IDF_OK;
    if (errno != EEXIST)
      break;
  }
  const int why = errno;
  idf_free(output->mem, output->temp);
  output->temp = NULL;
  return fail(output->error, "cannot write in its folder: %s", strerror(why));
}

static idf_status open_named(idf_sink *output, const char *path, const idf_source *source)
{
  char real[PATH_MAX];
  struct stat info;

  /* A link stays a link: what it points to is what gets replaced. */
  if (lstat(path, &info) == 0 && S_ISLNK(info.st_mode)) {
    if (!output->force)
      return fail(output->error, "exists: give -f to replace it");
    if (!realpath(path, real))
      return fail(output->error, "is a link to nowhere: %s", strerror(errno));
    path = real;
  }
  output->path = copy_text(output->mem, path, strlen(path), 0);
  if (!output->path)
    return idf_mem_status(output->mem);
  if (stat(path, &info) == 0) {
    if (S_ISDIR(info.st_mode))
      return fail(output->error, "is a folder: name a file, or give --output-dir");
    if (source && S_ISREG(info.st_mode) && (uint64_t)info.st_dev == source->device
        && (uint64_t)info.st_ino == source->inode)
      return fail(output->error, "is the input itself: choose another output with -o");
    if (!S_ISREG(info.st_mode)) {
      output->mode = IDF_SINK_STREAM;
      output->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
      if (output->fd < 0)
        return fail(output->error, "cannot be opened: %s", strerror(errno));
      if (isatty(output->fd))
        return fail(output->error, "is a terminal, and this is no text: choose another output");
      return IDF_OK;
    }
    if (!output->force)
      return fail(output->error, "exists: give -f to replace it");
  }
  return open_temp(output);
}

idf_status idf_sink_open(idf_sink *output, idf_mem *mem, const char *path, bool force, bool whole,
                         const idf_source *source)
{
  output->mem = mem;
  output->mode = IDF_SINK_FILE;
  output->fd = -1;
  output->force = force;
  output->to_stdout = false;
  output->path = output->temp = NULL;
  output->written = 0;
  output->fill = 0;
  output->read_at = 0;
  output->error[0] = '\0';
  idf_buf_init(&output->kept, mem);
  if (!path) {
    output->mode = IDF_SINK_MEMORY;
    return IDF_OK;
  }
  if (strcmp(path, "-") != 0)
    return open_named(output, path, source);
  if (isatty(STDOUT_FILENO))
    return fail(output->error, "stdout is a terminal, and this is no text: give -o FILE");
  output->to_stdout = true;
  output->mode = whole ? IDF_SINK_MEMORY : IDF_SINK_STREAM;
  output->fd = STDOUT_FILENO;
  return IDF_OK;
}

static idf_status write_all(idf_sink *output, const uint8_t *data, size_t size)
{
  while (size) {
    if (idf_interrupted())
      return fail(output->error, "interrupted");
    const ssize_t put = write(output->fd, data, size);
    if (put < 0 && errno == EINTR)
      continue;
    if (put <= 0)
      return fail(output->error, "cannot be written: %s", strerror(put < 0 ? errno : ENOSPC));
    data += put;
    size -= (size_t)put;
  }
  return IDF_OK;
}

static idf_status drain(idf_sink *output)
{
  const size_t n = output->fill;

  output->fill = 0;
  return write_all(output, output->buffer, n);
}

idf_status idf_sink_write(void *context, const uint8_t *data, size_t size)
{
  idf_sink *output = context;

  if (idf_interrupted())
    return fail(output->error, "interrupted");
  output->written += size;
  if (output->mode == IDF_SINK_MEMORY) {
    idf_put_bytes(&output->kept, data, size);
    return output->kept.bad ? idf_mem_status(output->mem) : IDF_OK;
  }
  if (size > sizeof output->buffer - output->fill) {
    const idf_status status = drain(output);
    if (status != IDF_OK)
      return status;
  }
  if (size >= sizeof output->buffer)
    return write_all(output, data, size);
  if (size)
    memcpy(output->buffer + output->fill, data, size);
  output->fill += size;
  return IDF_OK;
}

idf_status idf_sink_seal(idf_sink *output)
{
  if (output->mode == IDF_SINK_MEMORY)
    return IDF_OK;
  const idf_status status = drain(output);
  if (status == IDF_OK && output->mode == IDF_SINK_FILE && lseek(output->fd, 0, SEEK_SET) != 0)
    return fail(output->error, "cannot be read back: %s", strerror(errno));
  return status;
}

idf_status idf_sink_read(void *context, uint8_t *buffer, size_t capacity, size_t *size)
{
  idf_sink *output = context;

  *size = 0;
  if (output->mode == IDF_SINK_MEMORY) {
    const size_t n = IDF_MIN(capacity, output->kept.len - output->read_at);
    if (n)
      memcpy(buffer, output->kept.data + output->read_at, n);
    output->read_at += n;
    *size = n;
    return IDF_OK;
  }
  if (output->mode == IDF_SINK_STREAM)
    return IDF_ERR_ARGUMENT;
  for (;;) {
    if (idf_interrupted())
      return fail(output->error, "interrupted");
    const ssize_t got = read(output->fd, buffer, capacity);
    if (got >= 0) {
      *size = (size_t)got;
      return IDF_OK;
    }
    if (errno != EINTR)
      return fail(output->error, "cannot be read back: %s", strerror(errno));
  }
}

static idf_status give_name(idf_sink *output)
{
  if (!output->force) {
    if (link(output->temp, output->path) == 0) {
      unlink(output->temp);
      return IDF_OK;
    }
    if (errno == EEXIST)
      return fail(output->error, "exists meanwhile: give -f to replace it");
    /* A file system without links: look once more, then rename. */
    struct stat info;
    if (lstat(output->path, &info) == 0)
      return fail(output->error, "exists meanwhile: give -f to replace it");
  }
  if (rename(output->temp, output->path) != 0)
    return fail(output->error, "cannot get its name: %s", strerror(errno));
  return IDF_OK;
}

/* A name is data of its folder; after this even a crash leaves it. Some file systems
 * have no such call, and the file itself is safe by then: no error is an error. */
static void sync_folder(idf_sink *output)
{
  const size_t len = folder_part(output->path);
  char *folder = len ? copy_text(output->mem, output->path, len, 0) : NULL;
  const int fd = open(folder ? folder : ".", O_RDONLY | O_CLOEXEC);

  if (fd >= 0) {
    (void)fsync(fd);
    close(fd);
  }
  idf_free(output->mem, folder);
}

idf_status idf_sink_commit(idf_sink *output, bool lasting)
{
  if (output->mode == IDF_SINK_MEMORY)
    return output->to_stdout ? write_all(output, output->kept.data, output->kept.len) : IDF_OK;
  idf_status status = drain(output);
  if (status != IDF_OK || output->mode == IDF_SINK_STREAM)
    return status;
  if (fsync(output->fd) != 0)
    return fail(output->error, "cannot be written: %s", strerror(errno));
  const int fd = output->fd;
  output->fd = -1;
  if (close(fd) != 0)
    return fail(output->error, "cannot be written: %s", strerror(errno));
  if (idf_interrupted())
    return fail(output->error, "interrupted");
  status = give_name(output);
  if (status == IDF_OK) {
    idf_free(output->mem, output->temp);
    output->temp = NULL;
    if (lasting)
      sync_folder(output);
  }
  return status;
}

void idf_sink_close(idf_sink *output)
{
  if (output->fd > STDERR_FILENO)
    close(output->fd);
  output->fd = -1;
  if (output->temp)
    unlink(output->temp);
  idf_free(output->mem, output->temp);
  idf_free(output->mem, output->path);
  output->temp = output->path = NULL;
  idf_buf_free(&output->kept);
}

/* ---- folders ------------------------------------------------------------------ */

idf_status idf_remove_input(const char *path, char error[IDF_FILES_ERROR])
{
  error[0] = '\0';
  if (unlink(path) != 0)
    return fail(error, "cannot be removed: %s", strerror(errno));
  return IDF_OK;
}

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
      status = fail(error, "cannot create the folder %s: %s", name,
                    strerror(errno == EEXIST ? ENOTDIR : errno));
    name[i] = end;
  }
  idf_free(mem, name);
  return status;
}

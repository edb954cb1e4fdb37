/* SPDX-License-Identifier: BSD-3-Clause
 *
 * files.c: reads inputs and writes outputs. Files with a name are handled by names.h; others are
 * written directly.
 */
#define _XOPEN_SOURCE 700

#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

/* ---- input -------------------------------------------------------------------- */

idf_status idf_source_open(idf_source *input, idf_mem *mem, const char *path, bool again)
{
  input->fd = -1;
  input->stamp = (idf_stamp){0};
  input->keep = input->replay = false;
  idf_buf_init(&input->kept, mem);
  input->replayed = 0;
  input->size = input->read = 0;
  input->at = input->have = 0;
  input->error[0] = '\0';
  input->fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
  if (input->fd < 0)
    return idf_files_fail(input->error, "cannot be opened: %s", strerror(errno));
  if (!idf_stamp_take(input->fd, &input->stamp))
    return idf_files_fail(input->error, "cannot be examined: %s", strerror(errno));
  if (input->fd == STDIN_FILENO && isatty(STDIN_FILENO))
    return idf_files_fail(input->error, "is a terminal: name a file, or see --help");
  if (S_ISDIR((mode_t)input->stamp.mode))
    return idf_files_fail(input->error, "is a folder: give -r to take the files in it");
  if (input->stamp.regular)
    input->size = input->stamp.size;
  if (again && (input->fd == STDIN_FILENO || !input->stamp.regular))
    input->keep = true;
  return IDF_OK;
}

/* After a call failed with `why`: true if it should be tried again. An inherited pipe may be
 * non-blocking; then this waits until it is ready, or until a signal comes. */
static bool again(int fd, short events, int why)
{
  struct pollfd one = {.fd = fd, .events = events};

  if (why != EAGAIN && why != EWOULDBLOCK)
    return why == EINTR;
  (void)poll(&one, 1, 50);
  return true;
}

static idf_status fill(idf_source *input)
{
  for (;;) {
    if (idf_interrupted())
      return idf_files_fail(input->error, "interrupted");
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
    if (!again(input->fd, POLLIN, errno))
      return idf_files_fail(input->error, "cannot be read: %s", strerror(errno));
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

idf_status idf_head_read(void *context, uint8_t *buffer, size_t capacity, size_t *size)
{
  idf_head *head = context;

  *size = IDF_MIN(capacity, head->len);
  if (*size)
    memcpy(buffer, head->data, *size);
  head->data += *size;
  head->len -= *size;
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
    return idf_files_fail(input->error, "cannot be read again: %s", strerror(errno));
  return IDF_OK;
}

bool idf_source_seeks(const idf_source *input)
{
  return input->stamp.regular && input->fd != STDIN_FILENO;
}

idf_status idf_source_read_at(void *context, uint64_t offset, uint8_t *buffer, size_t size)
{
  idf_source *input = context;

  while (size > 0) {
    if (idf_interrupted())
      return idf_files_fail(input->error, "interrupted");
    const ssize_t got = pread(input->fd, buffer, size, (off_t)offset);
    if (got == 0)
      return idf_files_fail(input->error, "became shorter while it was read");
    if (got < 0 && !again(input->fd, POLLIN, errno))
      return idf_files_fail(input->error, "cannot be read: %s", strerror(errno));
    if (got > 0) {
      offset += (uint64_t)got;
      buffer += got;
      size -= (size_t)got;
    }
  }
  return IDF_OK;
}

void idf_source_once(idf_source *input)
{
  input->keep = false;
  idf_buf_free(&input->kept);
}

void idf_source_close(idf_source *input)
{
  idf_buf_free(&input->kept);
  if (input->fd > STDIN_FILENO)
    close(input->fd);
  input->fd = -1;
}

/* ---- output ------------------------------------------------------------------- */

static idf_status refuse_input(idf_sink *output, const idf_stamp *there, const idf_source *source)
{
  if (!source || !there->regular || there->device != source->stamp.device
      || there->inode != source->stamp.inode)
    return IDF_OK;
  return idf_files_fail(output->error, "is the input itself: choose another output with -o");
}

/* An output without a name of its own. Takes over `fd`; -1 means that opening failed, and errno
 * says why. */
static idf_status open_stream(idf_sink *output, int fd, const idf_source *source)
{
  idf_stamp there;

  output->mode = IDF_SINK_STREAM;
  output->fd = fd;
  if (fd < 0 || !idf_stamp_take(fd, &there))
    return idf_files_fail(output->error, "cannot be opened: %s", strerror(errno));
  if ((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY)
    return idf_files_fail(output->error, "is not open for writing");
  if (isatty(fd))
    return idf_files_fail(output->error,
                          "is a terminal, and this is no text: choose another output");
  return refuse_input(output, &there, source);
}

static idf_status open_named(idf_sink *output, const char *path, const idf_source *source)
{
  const int number = idf_names_fd(path);
  char real[PATH_MAX];
  struct stat info;
  idf_stamp there;

  /* A descriptor that the caller opened is used at its position; opening it again would start
   * anew. */
  if (number >= 0)
    return open_stream(output, fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1), source);
  if (stat(path, &info) == 0) {
    if (S_ISDIR(info.st_mode))
      return idf_files_fail(output->error, "is a folder: name a file, or give --output-dir");
    if (!S_ISREG(info.st_mode))
      return open_stream(output, open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY), source);
    idf_stamp_of(&info, &there);
    const idf_status status = refuse_input(output, &there, source);
    if (status != IDF_OK)
      return status;
  }
  if (lstat(path, &info) == 0) {
    if (!output->force)
      return idf_files_fail(output->error, "exists: give -f to replace it");
    /* A link stays a link: the file that it leads to is replaced. */
    if (S_ISLNK(info.st_mode)) {
      if (!realpath(path, real))
        return idf_files_fail(output->error, "is a link to nowhere: %s", strerror(errno));
      path = real;
    }
  }
  output->mode = IDF_SINK_FILE;
  /* Until the output is as private as its input, nobody else may read it. */
  output->like = source && source->stamp.regular ? source->stamp : (idf_stamp){0};
  const idf_status status = idf_temp_open(&output->temp, output->mem, path,
                                          output->like.regular ? 0600 : 0666, true, output->error);
  output->fd = output->temp.fd;
  return status;
}

idf_status idf_sink_open(idf_sink *output, idf_mem *mem, const char *path, bool force, bool whole,
                         const idf_source *source)
{
  output->mem = mem;
  output->mode = IDF_SINK_MEMORY;
  output->fd = -1;
  output->force = force;
  output->to_stdout = false;
  output->temp = (idf_temp){.mem = mem, .fd = -1};
  output->like = (idf_stamp){0};
  output->times = true;
  output->written = 0;
  output->fill = 0;
  output->read_at = 0;
  output->error[0] = '\0';
  idf_buf_init(&output->kept, mem);
  if (!path)
    return IDF_OK;
  if (strcmp(path, "-") != 0)
    return open_named(output, path, source);
  if (isatty(STDOUT_FILENO))
    return idf_files_fail(output->error, "stdout is a terminal, and this is no text: give -o FILE");
  output->to_stdout = true;
  const idf_status status = open_stream(output, STDOUT_FILENO, source);
  if (whole)
    output->mode = IDF_SINK_MEMORY;
  return status;
}

idf_status idf_sink_rename(idf_sink *output, const char *path)
{
  return output->mode == IDF_SINK_FILE ? idf_temp_rename(&output->temp, path) : IDF_OK;
}

static idf_status write_all(idf_sink *output, const uint8_t *data, size_t size)
{
  while (size) {
    if (idf_interrupted())
      return idf_files_fail(output->error, "interrupted");
    const ssize_t put = write(output->fd, data, size);
    if (put < 0 && again(output->fd, POLLOUT, errno))
      continue;
    if (put <= 0)
      return idf_files_fail(output->error, "cannot be written: %s",
                            strerror(put < 0 ? errno : ENOSPC));
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
    return idf_files_fail(output->error, "interrupted");
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
    return idf_files_fail(output->error, "cannot be read back: %s", strerror(errno));
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
      return idf_files_fail(output->error, "interrupted");
    const ssize_t got = read(output->fd, buffer, capacity);
    if (got >= 0) {
      *size = (size_t)got;
      return IDF_OK;
    }
    if (errno != EINTR)
      return idf_files_fail(output->error, "cannot be read back: %s", strerror(errno));
  }
}

idf_status idf_sink_commit(idf_sink *output, bool lasting)
{
  if (output->mode == IDF_SINK_MEMORY)
    return output->to_stdout ? write_all(output, output->kept.data, output->kept.len) : IDF_OK;
  const idf_status status = drain(output);
  if (status != IDF_OK || output->mode == IDF_SINK_STREAM)
    return status;
  if (output->like.regular)
    idf_stamp_give(output->fd, &output->like, output->times);
  if (idf_interrupted())
    return idf_files_fail(output->error, "interrupted");
  output->fd = -1;
  return idf_temp_commit(&output->temp, output->force, lasting, output->error);
}

void idf_sink_close(idf_sink *output)
{
  if (output->mode == IDF_SINK_STREAM && output->fd > STDERR_FILENO)
    close(output->fd);
  output->fd = -1;
  idf_temp_close(&output->temp);
  idf_buf_free(&output->kept);
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_files.c: output that appears whole or not at all, input that can be read twice.
 */
#define _XOPEN_SOURCE 700

#include <fcntl.h>

#include "cli.h"
#include "files.h"
#include "folder.h"

int idf_suite_files(void);

typedef struct setting {
  idf_mem mem;
  idf_test_folder folder;
  idf_sink *sink;
  idf_source *source;
} setting;

static void begin(setting *s)
{
  idf_mem_init(&s->mem, (uint64_t)1 << 24);
  idf_test_folder_make(&s->folder);
  s->sink = idf_alloc(&s->mem, 1, sizeof *s->sink);
  s->source = idf_alloc(&s->mem, 1, sizeof *s->source);
  CU_ASSERT_FATAL(s->sink && s->source);
}

static void end(setting *s)
{
  idf_free(&s->mem, s->sink);
  idf_free(&s->mem, s->source);
  CU_ASSERT_EQUAL(s->mem.used, 0);
  idf_test_remove(s->folder.name);
}

static idf_status put(setting *s, const char *name, bool force, const char *text, bool commit)
{
  idf_status status =
      idf_sink_open(s->sink, &s->mem, idf_test_path(&s->folder, name), force, false, NULL);

  if (status == IDF_OK)
    status = idf_sink_write(s->sink, (const uint8_t *)text, strlen(text));
  if (status == IDF_OK && commit)
    status = idf_sink_commit(s->sink, true);
  idf_sink_close(s->sink);
  return status;
}

static void whole_or_nothing(void)
{
  setting s;

  begin(&s);
  CU_ASSERT_EQUAL(put(&s, "a", false, "one", false), IDF_OK);
  CU_ASSERT_EQUAL(idf_test_entries(s.folder.name), 0);
  CU_ASSERT_EQUAL(put(&s, "a", false, "one", true), IDF_OK);
  CU_ASSERT(idf_test_holds(&s.folder, "a", "one"));
  CU_ASSERT_EQUAL(idf_test_entries(s.folder.name), 1);
  end(&s);
}

static void another_name(void)
{
  setting s;

  begin(&s);
  CU_ASSERT_EQUAL(idf_sink_open(s.sink, &s.mem, idf_test_path(&s.folder, "a"), false, false, NULL),
                  IDF_OK);
  CU_ASSERT_EQUAL(idf_sink_rename(s.sink, idf_test_path(&s.folder, "b")), IDF_OK);
  CU_ASSERT_EQUAL(idf_sink_write(s.sink, (const uint8_t *)"one", 3), IDF_OK);
  CU_ASSERT_EQUAL(idf_sink_commit(s.sink, false), IDF_OK);
  idf_sink_close(s.sink);
  CU_ASSERT(idf_test_holds(&s.folder, "b", "one"));
  CU_ASSERT_EQUAL(idf_test_entries(s.folder.name), 1);
  /* What is written nowhere has no name to change. */
  CU_ASSERT_EQUAL(idf_sink_open(s.sink, &s.mem, NULL, false, false, NULL), IDF_OK);
  CU_ASSERT_EQUAL(idf_sink_rename(s.sink, idf_test_path(&s.folder, "c")), IDF_OK);
  CU_ASSERT_EQUAL(idf_sink_commit(s.sink, false), IDF_OK);
  idf_sink_close(s.sink);
  CU_ASSERT_EQUAL(idf_test_entries(s.folder.name), 1);
  end(&s);
}

static void existing_files(void)
{
  setting s;

  begin(&s);
  idf_test_put(&s.folder, "a", "old");
  CU_ASSERT_EQUAL(put(&s, "a", false, "new", true), IDF_ERR_IO);
  CU_ASSERT_PTR_NOT_NULL(strstr(s.sink->error, "-f"));
  CU_ASSERT(idf_test_holds(&s.folder, "a", "old"));
  CU_ASSERT_EQUAL(put(&s, "a", true, "new", false), IDF_OK);
  CU_ASSERT(idf_test_holds(&s.folder, "a", "old"));
  CU_ASSERT_EQUAL(put(&s, "a", true, "new", true), IDF_OK);
  CU_ASSERT(idf_test_holds(&s.folder, "a", "new"));

  /* Somebody else writes the name while we work. */
  CU_ASSERT_EQUAL(idf_sink_open(s.sink, &s.mem, idf_test_path(&s.folder, "b"), false, false, NULL),
                  IDF_OK);
  idf_test_put(&s.folder, "b", "theirs");
  CU_ASSERT_EQUAL(idf_sink_commit(s.sink, false), IDF_ERR_IO);
  idf_sink_close(s.sink);
  CU_ASSERT(idf_test_holds(&s.folder, "b", "theirs"));
  CU_ASSERT_EQUAL(idf_test_entries(s.folder.name), 2);
  end(&s);
}

static void links_stay(void)
{
  setting s;
  struct stat info;
  char link_path[256];

  begin(&s);
  idf_test_put(&s.folder, "a", "old");
  snprintf(link_path, sizeof link_path, "%s", idf_test_path(&s.folder, "l"));
  CU_ASSERT_EQUAL(symlink("a", link_path), 0);
  CU_ASSERT_EQUAL(put(&s, "l", false, "new", true), IDF_ERR_IO);
  CU_ASSERT_EQUAL(put(&s, "l", true, "new", true), IDF_OK);
  CU_ASSERT(lstat(link_path, &info) == 0 && S_ISLNK(info.st_mode));
  CU_ASSERT(idf_test_holds(&s.folder, "a", "new"));
  CU_ASSERT_EQUAL(symlink("nowhere", idf_test_path(&s.folder, "d")), 0);
  CU_ASSERT_EQUAL(put(&s, "d", true, "new", true), IDF_ERR_IO);
  end(&s);
}

static void bad_places(void)
{
  setting s;

  begin(&s);
  CU_ASSERT_EQUAL(put(&s, "", true, "x", true), IDF_ERR_IO); /* the folder itself */
  CU_ASSERT_EQUAL(put(&s, "no/where", true, "x", true), IDF_ERR_IO);
  CU_ASSERT(s.sink->error[0] != '\0');
  CU_ASSERT_EQUAL(idf_source_open(s.source, &s.mem, idf_test_path(&s.folder, "no"), false),
                  IDF_ERR_IO);
  idf_source_close(s.source);
  CU_ASSERT_EQUAL(idf_source_open(s.source, &s.mem, s.folder.name, false), IDF_ERR_IO);
  CU_ASSERT_PTR_NOT_NULL(strstr(s.source->error, "-r"));
  idf_source_close(s.source);
  end(&s);
}

static void input_as_output(void)
{
  setting s;

  begin(&s);
  idf_test_put(&s.folder, "a", "mine");
  CU_ASSERT_EQUAL(link(idf_test_path(&s.folder, "a"), idf_test_path(&s.folder, "b")), 0);
  CU_ASSERT_EQUAL(idf_source_open(s.source, &s.mem, idf_test_path(&s.folder, "a"), false), IDF_OK);
  CU_ASSERT_EQUAL(
      idf_sink_open(s.sink, &s.mem, idf_test_path(&s.folder, "b"), true, false, s.source),
      IDF_ERR_IO);
  CU_ASSERT_PTR_NOT_NULL(strstr(s.sink->error, "input itself"));
  idf_sink_close(s.sink);
  idf_source_close(s.source);
  end(&s);
}

static void devices(void)
{
  setting s;
  struct stat info;

  begin(&s);
  CU_ASSERT_EQUAL(idf_sink_open(s.sink, &s.mem, "/dev/null", false, false, NULL), IDF_OK);
  CU_ASSERT_EQUAL(s.sink->mode, IDF_SINK_STREAM);
  CU_ASSERT_EQUAL(idf_sink_write(s.sink, (const uint8_t *)"x", 1), IDF_OK);
  CU_ASSERT_EQUAL(idf_sink_commit(s.sink, true), IDF_OK);
  idf_sink_close(s.sink);
  CU_ASSERT(stat("/dev/null", &info) == 0 && S_ISCHR(info.st_mode));
  if (stat("/dev/full", &info) == 0) {
    CU_ASSERT_EQUAL(idf_sink_open(s.sink, &s.mem, "/dev/full", false, false, NULL), IDF_OK);
    CU_ASSERT_EQUAL(idf_sink_write(s.sink, (const uint8_t *)"x", 1), IDF_OK);
    CU_ASSERT_EQUAL(idf_sink_commit(s.sink, false), IDF_ERR_IO);
    CU_ASSERT(s.sink->error[0] != '\0');
    idf_sink_close(s.sink);
  }
  end(&s);
}

/* More than the buffers hold, in odd pieces, read back before the name is given. */
static void large(const char *name)
{
  setting s;
  uint8_t piece[7001], back[5003];
  size_t total = 0, seen = 0, got;
  idf_unit_random r = idf_unit_random_of(3);
  bool same = true;

  begin(&s);
  CU_ASSERT_EQUAL(idf_sink_open(s.sink, &s.mem, name ? idf_test_path(&s.folder, name) : NULL, false,
                                false, NULL),
                  IDF_OK);
  for (unsigned i = 0; i < 60; i++) {
    const size_t n = i % 20 == 7 ? sizeof piece : idf_unit_below(&r, sizeof piece);
    for (size_t k = 0; k < n; k++)
      piece[k] = (uint8_t)((total + k) * 31 >> 3);
    CU_ASSERT_EQUAL(idf_sink_write(s.sink, piece, n), IDF_OK);
    total += n;
  }
  CU_ASSERT_EQUAL(idf_sink_seal(s.sink), IDF_OK);
  do {
    CU_ASSERT_EQUAL(idf_sink_read(s.sink, back, sizeof back, &got), IDF_OK);
    for (size_t k = 0; k < got; k++)
      same = same && back[k] == (uint8_t)((seen + k) * 31 >> 3);
    seen += got;
  } while (got);
  CU_ASSERT(same);
  CU_ASSERT_EQUAL(seen, total);
  CU_ASSERT_EQUAL(s.sink->written, total);
  CU_ASSERT_EQUAL(idf_sink_commit(s.sink, true), IDF_OK);
  idf_sink_close(s.sink);
  end(&s);
}

static void read_back(void)
{
  large("file");
  large(NULL);
}

static void read_twice(void)
{
  setting s;
  const uint8_t *head;
  uint8_t byte[3];
  size_t n;

  begin(&s);
  idf_test_put(&s.folder, "a", "abcdef");
  CU_ASSERT_EQUAL(idf_source_open(s.source, &s.mem, idf_test_path(&s.folder, "a"), true), IDF_OK);
  CU_ASSERT_EQUAL(s.source->size, 6);
  for (unsigned pass = 0; pass < 2; pass++) {
    CU_ASSERT_EQUAL(idf_source_peek(s.source, 4, &head, &n), IDF_OK);
    CU_ASSERT(n == 4 && memcmp(head, "abcd", 4) == 0);
    CU_ASSERT_EQUAL(idf_source_read(s.source, byte, 3, &n), IDF_OK);
    CU_ASSERT(n == 3 && memcmp(byte, "abc", 3) == 0);
    CU_ASSERT_EQUAL(idf_source_peek(s.source, 12, &head, &n), IDF_OK);
    CU_ASSERT(n == 3 && memcmp(head, "def", 3) == 0);
    CU_ASSERT_EQUAL(idf_source_read(s.source, byte, 3, &n), IDF_OK);
    CU_ASSERT_EQUAL(s.source->read, 6);
    CU_ASSERT_EQUAL(idf_source_read(s.source, byte, 3, &n), IDF_OK);
    CU_ASSERT_EQUAL(n, 0);
    CU_ASSERT_EQUAL(idf_source_rewind(s.source), IDF_OK);
  }
  idf_source_close(s.source);
  end(&s);
}

/* What cannot seek is kept as it is read, and peeked at from there. */
static void pipe_twice(void)
{
  setting s;
  const uint8_t *head;
  uint8_t byte[16];
  size_t n;

  begin(&s);
  CU_ASSERT_EQUAL_FATAL(mkfifo(idf_test_path(&s.folder, "p"), 0600), 0);
  FILE *both = fopen(idf_test_path(&s.folder, "p"), "r+");
  CU_ASSERT_PTR_NOT_NULL_FATAL(both);
  fputs("abcdef", both);
  fflush(both);
  CU_ASSERT_EQUAL(idf_source_open(s.source, &s.mem, idf_test_path(&s.folder, "p"), true), IDF_OK);
  fclose(both);
  for (unsigned pass = 0; pass < 3; pass++) {
    CU_ASSERT_EQUAL(idf_source_peek(s.source, 4, &head, &n), IDF_OK);
    CU_ASSERT(n == 4 && memcmp(head, "abcd", 4) == 0);
    CU_ASSERT_EQUAL(idf_source_read(s.source, byte, sizeof byte, &n), IDF_OK);
    CU_ASSERT(n == 6 && memcmp(byte, "abcdef", 6) == 0);
    CU_ASSERT_EQUAL(idf_source_read(s.source, byte, sizeof byte, &n), IDF_OK);
    CU_ASSERT_EQUAL(n, 0);
    CU_ASSERT_EQUAL(idf_source_rewind(s.source), IDF_OK);
  }
  idf_source_close(s.source);
  end(&s);
}

/* Once it is said that nobody reads it again, nothing is kept. */
static void pipe_once(void)
{
  setting s;
  const uint8_t *head;
  uint8_t byte[16];
  size_t n;

  begin(&s);
  CU_ASSERT_EQUAL_FATAL(mkfifo(idf_test_path(&s.folder, "p"), 0600), 0);
  FILE *both = fopen(idf_test_path(&s.folder, "p"), "r+");
  CU_ASSERT_PTR_NOT_NULL_FATAL(both);
  fputs("abcdef", both);
  fflush(both);
  CU_ASSERT_EQUAL(idf_source_open(s.source, &s.mem, idf_test_path(&s.folder, "p"), true), IDF_OK);
  CU_ASSERT_EQUAL(idf_source_peek(s.source, 4, &head, &n), IDF_OK);
  fputs("ghi", both);
  fclose(both);
  idf_source_once(s.source);
  CU_ASSERT_EQUAL(idf_source_read(s.source, byte, sizeof byte, &n), IDF_OK);
  CU_ASSERT(n == 6 && memcmp(byte, "abcdef", 6) == 0);
  CU_ASSERT_EQUAL(idf_source_read(s.source, byte, sizeof byte, &n), IDF_OK);
  CU_ASSERT(n == 3 && memcmp(byte, "ghi", 3) == 0);
  CU_ASSERT_EQUAL(s.source->kept.cap, 0);
  idf_source_close(s.source);
  end(&s);
}

/* Paths of open files are those files; what exists as a pipe needs no force. */
static void streams(void)
{
  setting s;
  char name[64], text[8] = "";

  begin(&s);
  idf_test_put(&s.folder, "a", "12345");
  FILE *file = fopen(idf_test_path(&s.folder, "a"), "r+");
  CU_ASSERT_PTR_NOT_NULL_FATAL(file);
  CU_ASSERT_EQUAL(lseek(fileno(file), 2, SEEK_SET), 2);
  snprintf(name, sizeof name, "/dev/fd/%d", fileno(file));
  CU_ASSERT_EQUAL(idf_sink_open(s.sink, &s.mem, name, false, false, NULL), IDF_OK);
  CU_ASSERT_EQUAL(s.sink->mode, IDF_SINK_STREAM);
  CU_ASSERT_EQUAL(idf_sink_write(s.sink, (const uint8_t *)"xy", 2), IDF_OK);
  CU_ASSERT_EQUAL(idf_sink_commit(s.sink, true), IDF_OK);
  idf_sink_close(s.sink);
  CU_ASSERT(idf_test_holds(&s.folder, "a", "12xy5"));
  CU_ASSERT_EQUAL(fcntl(fileno(file), F_GETFD) & ~FD_CLOEXEC, 0); /* still open */
  fclose(file);
  CU_ASSERT_EQUAL(idf_sink_open(s.sink, &s.mem, "/dev/fd/9999", false, false, NULL), IDF_ERR_IO);
  idf_sink_close(s.sink);

  CU_ASSERT_EQUAL_FATAL(mkfifo(idf_test_path(&s.folder, "p"), 0600), 0);
  CU_ASSERT_EQUAL(symlink("p", idf_test_path(&s.folder, "l")), 0);
  file = fopen(idf_test_path(&s.folder, "p"), "r+");
  CU_ASSERT_PTR_NOT_NULL_FATAL(file);
  CU_ASSERT_EQUAL(put(&s, "l", false, "abc", true), IDF_OK);
  CU_ASSERT_EQUAL(read(fileno(file), text, 3), 3);
  CU_ASSERT_STRING_EQUAL(text, "abc");
  fclose(file);
  end(&s);
}

/* Permissions and time go from input to output, which is never more open meanwhile. */
static void attributes(void)
{
  const struct timespec times[2] = {{.tv_sec = 86400, .tv_nsec = 1}, {.tv_sec = 99, .tv_nsec = 7}};
  static const mode_t modes[][2] = {{0600, 0600}, {0444, 0444}, {0777, 0777}, {04755, 0755}};

  for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
    setting s;
    struct stat info;
    begin(&s);
    idf_test_put(&s.folder, "a", "mine");
    CU_ASSERT_EQUAL(chmod(idf_test_path(&s.folder, "a"), modes[i][0]), 0);
    CU_ASSERT_EQUAL(utimensat(AT_FDCWD, idf_test_path(&s.folder, "a"), times, 0), 0);
    CU_ASSERT_EQUAL(idf_source_open(s.source, &s.mem, idf_test_path(&s.folder, "a"), false),
                    IDF_OK);
    CU_ASSERT_EQUAL(
        idf_sink_open(s.sink, &s.mem, idf_test_path(&s.folder, "b"), false, false, s.source),
        IDF_OK);
    CU_ASSERT(fstat(s.sink->fd, &info) == 0 && (info.st_mode & 0777) == 0600);
    CU_ASSERT_EQUAL(idf_sink_write(s.sink, (const uint8_t *)"x", 1), IDF_OK);
    s.sink->times = i != 2;
    CU_ASSERT_EQUAL(idf_sink_commit(s.sink, false), IDF_OK);
    idf_sink_close(s.sink);
    idf_source_close(s.source);
    CU_ASSERT_EQUAL(stat(idf_test_path(&s.folder, "b"), &info), 0);
    CU_ASSERT_EQUAL(info.st_mode & 07777, modes[i][1]);
    CU_ASSERT_EQUAL(info.st_mtim.tv_sec == 99 && info.st_mtim.tv_nsec == 7, i != 2);
    end(&s);
  }
}

static void heads(void)
{
  const uint8_t bytes[] = {1, 2, 3};
  idf_head head = {.data = bytes, .len = 3};
  uint8_t got[2];
  size_t size;

  CU_ASSERT(idf_head_read(&head, got, 2, &size) == IDF_OK && size == 2 && got[1] == 2);
  CU_ASSERT(idf_head_read(&head, got, 2, &size) == IDF_OK && size == 1 && got[0] == 3);
  CU_ASSERT(idf_head_read(&head, got, 2, &size) == IDF_OK && size == 0);
}

int idf_suite_files(void)
{
  static const idf_unit_test tests[] = {
      {"an output appears whole or not at all", whole_or_nothing},
      {"an output may get another name", another_name},
      {"existing files need force, even late ones", existing_files},
      {"links stay links", links_stay},
      {"impossible places are errors", bad_places},
      {"the input is never the output", input_as_output},
      {"devices are written directly", devices},
      {"what was written can be read back", read_back},
      {"an input can be peeked at and read twice", read_twice},
      {"a pipe can be read twice too", pipe_twice},
      {"a pipe that is read once is not kept", pipe_once},
      {"open files and pipes need no force", streams},
      {"permissions and times come along", attributes},
      {"the first bytes as an input", heads},
      {NULL, NULL}};
  return idf_unit_suite("files", tests);
}

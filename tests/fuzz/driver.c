/* SPDX-License-Identifier: BSD-3-Clause
 *
 * driver.c: runs a fuzz target without a fuzzer: `fuzz_x [RUNS [SEED]]` feeds it its
 * own seed files and random mutations of them, `fuzz_x FILE...` feeds it files,
 * `fuzz_x --seeds FOLDER` writes the seed files into a folder, for a fuzzer. The
 * surprise: run i depends on SEED and i alone, so a failure is repeated by giving the
 * printed numbers as `fuzz_x 1 SEED+i`.
 */
#define _POSIX_C_SOURCE 200809L /* SIGBUS, write */

#include "fuzz.h"

#include <ctype.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"

#define MAX_SIZE ((size_t)1 << 16)

/* For the handler: which input is being run. */
static volatile sig_atomic_t now_high, now_low;

static void write_text(const char *text)
{
  if (write(2, text, strlen(text)) < 0)
    return;
}

/* Only async-signal-safe calls: the process is broken already. */
static void on_crash(int number)
{
  char digits[24];
  size_t at = sizeof digits - 1;
  uint64_t seed = (uint64_t)(uint32_t)now_high << 31 | (uint64_t)(uint32_t)now_low;
  digits[at] = '\0';
  do {
    digits[--at] = (char)('0' + seed % 10);
    seed /= 10;
  } while (seed != 0);
  write_text("# failed with seed ");
  write_text(digits + at);
  write_text(": run it alone with the arguments 1 and that seed\n");
  signal(number, SIG_DFL);
  raise(number);
}

static void note_seed(uint64_t seed)
{
  now_high = (sig_atomic_t)(seed >> 31 & 0x7fffffff);
  now_low = (sig_atomic_t)(seed & 0x7fffffff);
}

static uint32_t some_number(idf_unit_random *r)
{
  static const uint32_t odd[] = {0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff};
  return idf_unit_below(r, 3) ? odd[idf_unit_below(r, 9)] : idf_unit_next(r);
}

/* One change to data of `size` bytes in a block of MAX_SIZE; gives the new size. */
static size_t mutate_once(idf_unit_random *r, uint8_t *data, size_t size)
{
  size_t at = size ? idf_unit_below(r, (uint32_t)size) : 0;
  size_t span = 1 + idf_unit_below(r, 1u << idf_unit_below(r, 8));
  uint32_t v = some_number(r);

  switch (idf_unit_below(r, 8)) {
  case 0:
  case 1:
    if (size)
      data[at] ^= (uint8_t)(1u << idf_unit_below(r, 8));
    return size;
  case 2:
    for (size_t i = 0; i < 1u + idf_unit_below(r, 4) && at + i < size; i++)
      data[at + i] = (uint8_t)(v >> (8 * i));
    return size;
  case 3: /* take away */
    span = IDF_MIN(span, size - at);
    memmove(data + at, data + at + span, size - at - span);
    return size - span;
  case 4: /* put in */
    span = IDF_MIN(span, MAX_SIZE - size);
    memmove(data + at + span, data + at, size - at);
    for (size_t i = 0; i < span; i++)
      data[at + i] = (uint8_t)(v ? idf_unit_next(r) : 0);
    return size + span;
  case 5: /* repeat elsewhere */
    if (size) {
      size_t to = idf_unit_below(r, (uint32_t)size);
      memmove(data + to, data + at, IDF_MIN(span, size - IDF_MAX(at, to)));
    }
    return size;
  case 6:
    return at;
  default:
    for (size_t i = at; i < IDF_MIN(at + span, size); i++)
      data[i] = (uint8_t)idf_unit_next(r);
    return size;
  }
}

/* Input number `seed`, in a block of exactly its size for the sanitizers. */
static void run_one(idf_mem *mem, const idf_buf *files, uint64_t seed)
{
  idf_unit_random r = idf_unit_random_of(seed);
  const idf_buf *file = &files[idf_unit_below(&r, idf_fuzz_seeds)];
  uint8_t *work = idf_alloc(mem, MAX_SIZE, 1);
  size_t size = IDF_MIN(file->len, MAX_SIZE);
  if (!work)
    abort();
  memcpy(work, file->data, size);
  for (uint32_t n = idf_unit_below(&r, 5); n > 0; n--)
    size = mutate_once(&r, work, size);
  if (idf_fuzz_repair && idf_unit_below(&r, 8) != 0)
    idf_fuzz_repair(work, size);
  uint8_t *exact = malloc(size ? size : 1);
  if (!exact)
    abort();
  memcpy(exact, work, size);
  idf_free(mem, work);
  note_seed(seed);
  (void)LLVMFuzzerTestOneInput(exact, size);
  free(exact);
}

static int run_file(const char *name)
{
  static uint8_t data[(size_t)1 << 24];
  FILE *f = fopen(name, "rb");
  if (!f) {
    perror(name);
    return 1;
  }
  size_t size = fread(data, 1, sizeof data, f);
  fclose(f);
  (void)LLVMFuzzerTestOneInput(data, size);
  printf("# %s: %zu bytes\n", name, size);
  return 0;
}

static int write_seeds(const char *folder)
{
  int failed = 0;
  for (unsigned i = 0; i < idf_fuzz_seeds; i++) {
    char name[4096];
    idf_mem mem;
    idf_buf file;
    idf_mem_init(&mem, UINT64_MAX);
    idf_buf_init(&file, &mem);
    idf_fuzz_seed(i, &file);
    snprintf(name, sizeof name, "%s/%s-%u", folder, idf_fuzz_name, i);
    FILE *f = file.bad ? NULL : fopen(name, "wb");
    if (!f || fwrite(file.data, 1, file.len, f) != file.len)
      failed = 1;
    if (f && fclose(f) != 0)
      failed = 1;
    if (failed)
      perror(name);
    idf_buf_free(&file);
  }
  return failed;
}

int main(int argc, char **argv)
{
  static const int signals[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
  uint64_t runs = idf_fuzz_runs, seed = 1;
  idf_mem mem;

  setvbuf(stdout, NULL, _IOLBF, 0);
  if (argc == 3 && strcmp(argv[1], "--seeds") == 0)
    return write_seeds(argv[2]);
  if (argc > 1 && !isdigit((unsigned char)argv[1][0])) {
    int failed = 0;
    for (int i = 1; i < argc; i++)
      failed |= run_file(argv[i]);
    return failed;
  }
  if (argc > 1)
    runs = strtoull(argv[1], NULL, 10);
  if (argc > 2)
    seed = strtoull(argv[2], NULL, 10);

  idf_mem_init(&mem, UINT64_MAX);
  idf_buf *files = idf_alloc(&mem, idf_fuzz_seeds, sizeof *files);
  if (!files)
    abort();
  for (unsigned i = 0; i < idf_fuzz_seeds; i++) {
    idf_buf_init(&files[i], &mem);
    idf_fuzz_seed(i, &files[i]);
    if (files[i].bad || files[i].len == 0) {
      printf("not ok 1 - %s: seed file %u could not be made\n", idf_fuzz_name, i);
      return 1;
    }
    (void)LLVMFuzzerTestOneInput(files[i].data, files[i].len);
  }
  printf("ok 1 - %s: %u seed files as they are\n", idf_fuzz_name, idf_fuzz_seeds);
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
    signal(signals[i], on_crash);
  for (uint64_t i = 0; i < runs; i++)
    run_one(&mem, files, seed + i);
  printf("ok 2 - %s: %llu mutations from seed %llu\n1..2\n", idf_fuzz_name,
         (unsigned long long)runs, (unsigned long long)seed);
  for (unsigned i = 0; i < idf_fuzz_seeds; i++)
    idf_buf_free(&files[i]);
  idf_free(&mem, files);
  return 0;
}

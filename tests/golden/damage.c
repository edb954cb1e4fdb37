/* SPDX-License-Identifier: BSD-3-Clause
 *
 * damage.c: makes bad files in ways that can be described: damage IN OUT WHAT...
 *
 *   cut N              only the first N bytes; N < 0: all but the last -N
 *   append N           N bytes of 0 after the end
 *   set AT VALUE       one byte of the file; checksums are left wrong
 *   header AT VALUE    one byte of the header, its checksum made right again
 *   payload K AT VALUE one byte in the first record of kind K, checksum made right
 *   kind K L           the first record of kind K becomes kind L, checksum made right
 *   drop K             without the first record of kind K
 *   twice K            with the first record of kind K repeated
 *   swap K             the first two records of kind K change places
 *   blank SIDE N...    IN and OUT are PAM of 8 bits: tiles N of that side become 0
 *
 * Numbers are decimal or 0x hexadecimal; a VALUE ^N flips the bits of N instead. The
 * surprise: most bad files have good
 * checksums. Those are the ones that a decoder must look at twice.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "container.h"
#include "crc32c.h"

#define MOST ((size_t)1 << 24) /* bytes of a golden file */
#define RECORDS 256

typedef struct file {
  uint8_t *data;
  size_t len, header; /* bytes in all; of magic and header */
  idf_record record[RECORDS];
  size_t records;
} file;

static void stop(const char *text)
{
  fprintf(stderr, "damage: %s\n", text);
  exit(1);
}

static long number(const char *text)
{
  char *end;
  long n = strtol(text, &end, 0);
  if (*text == '\0' || *end != '\0')
    stop("a number was expected");
  return n;
}

static void load(file *f, idf_mem *mem, const char *name)
{
  idf_header header;
  FILE *in = fopen(name, "rb");
  f->data = idf_alloc(mem, MOST, 1);
  if (!in || !f->data)
    stop("the input cannot be opened");
  f->len = fread(f->data, 1, MOST, in);
  fclose(in);
  if (idf_read_header(IDF_SIMD_AUTO, f->data, f->len, &header, &f->header) != IDF_OK)
    stop("the input has no good header");
  for (size_t at = f->header; at < f->len; at += f->record[f->records++].size)
    if (f->records == RECORDS
        || idf_read_record(IDF_SIMD_AUTO, f->data + at, f->len - at, &f->record[f->records])
               != IDF_OK)
      stop("the input is damaged already, or has too many records");
}

/* The n-th record of a kind. */
static size_t find(const file *f, const char *kind, int n)
{
  for (size_t i = 0; i < f->records; i++)
    if (f->record[i].kind == (uint8_t)kind[0] && n-- == 0)
      return i;
  stop("there is no such record");
  return 0;
}

static void set_byte(uint8_t *data, size_t len, const char *at, const char *value)
{
  bool flip = value[0] == '^';
  long n = number(at), v = number(value + flip);
  if (n < 0 || (size_t)n >= len || v < 0 || v > 255 || (flip && v == 0))
    stop("no such byte");
  data[n] = (uint8_t)(flip ? data[n] ^ v : v);
}

static void put_records(const file *f, idf_buf *out)
{
  idf_put_bytes(out, f->data, f->header);
  for (size_t i = 0; i < f->records; i++)
    idf_write_record(IDF_SIMD_AUTO, out, f->record[i].kind, f->record[i].payload, f->record[i].len);
}

/* Changes to the bytes as they are. True when `what` is one of them. */
static bool change_bytes(file *f, idf_buf *out, const char *what, char **args, int n)
{
  if (strcmp(what, "cut") == 0 && n == 1) {
    long keep = number(args[0]);
    if (keep < 0)
      keep += (long)f->len;
    if (keep < 0 || (size_t)keep >= f->len)
      stop("nothing to cut there");
    idf_put_bytes(out, f->data, (size_t)keep);
  } else if (strcmp(what, "append") == 0 && n == 1) {
    idf_put_bytes(out, f->data, f->len);
    for (long i = number(args[0]); i > 0; i--)
      idf_put_u8(out, 0);
  } else if (strcmp(what, "set") == 0 && n == 2) {
    set_byte(f->data, f->len, args[0], args[1]);
    idf_put_bytes(out, f->data, f->len);
  } else if (strcmp(what, "header") == 0 && n == 2) {
    set_byte(f->data, f->header - 4, args[0], args[1]);
    idf_put_bytes(out, f->data, f->header - 4);
    idf_put_le32(out, idf_crc32c(IDF_SIMD_AUTO, 0, f->data, f->header - 4));
    idf_put_bytes(out, f->data + f->header, f->len - f->header);
  } else {
    return false;
  }
  return true;
}

/* Changes to records, which are framed and summed anew. */
static bool change_records(file *f, idf_buf *out, const char *what, char **args, int n)
{
  size_t i = n > 0 ? find(f, args[0], 0) : 0;
  if (strcmp(what, "payload") == 0 && n == 3) {
    size_t offset = (size_t)(f->record[i].payload - f->data);
    set_byte(f->data + offset, f->record[i].len, args[1], args[2]);
  } else if (strcmp(what, "kind") == 0 && n == 2) {
    f->record[i].kind = (uint8_t)args[1][0];
  } else if (strcmp(what, "drop") == 0 && n == 1) {
    memmove(&f->record[i], &f->record[i + 1], (--f->records - i) * sizeof f->record[0]);
  } else if (strcmp(what, "twice") == 0 && n == 1 && f->records < RECORDS) {
    memmove(&f->record[i + 1], &f->record[i], (f->records++ - i) * sizeof f->record[0]);
  } else if (strcmp(what, "swap") == 0 && n == 1) {
    size_t j = find(f, args[0], 1);
    idf_record first = f->record[i];
    f->record[i] = f->record[j];
    f->record[j] = first;
  } else {
    return false;
  }
  put_records(f, out);
  return true;
}

/* blank: `args` are the side and numbers of tiles, or "none". */
static void blank(const char *from, const char *to, char **args, int n)
{
  static uint8_t data[MOST];
  unsigned long width, height, depth;
  FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
  const size_t len = in ? fread(data, 1, MOST - 1, in) : 0;
  const char *end = strstr((char *)data, "ENDHDR\n");
  const size_t side = (size_t)number(args[0]);

  if (!in || !out || !end
      || sscanf((char *)data, "P7 WIDTH %lu HEIGHT %lu DEPTH %lu MAXVAL 255", &width, &height,
                &depth)
             != 3)
    stop("no PAM of 8 bits");
  uint8_t *samples = data + (end - (char *)data) + 7;
  if (side == 0 || (size_t)(samples - data) + width * height * depth != len)
    stop("a PAM of another size");
  for (int i = 1; i < n && strcmp(args[i], "none") != 0; i++) {
    const size_t tile = (size_t)number(args[i]), across = (width + side - 1) / side;
    for (size_t y = tile / across * side; y < height && y < (tile / across + 1) * side; y++)
      for (size_t x = tile % across * side; x < width && x < (tile % across + 1) * side; x++)
        memset(samples + (y * width + x) * depth, 0, depth);
  }
  if (fwrite(data, 1, len, out) != len || fclose(out) != 0)
    stop("the output cannot be written");
  fclose(in);
}

int main(int argc, char **argv)
{
  static file f;
  idf_mem mem;
  idf_buf out;
  if (argc < 5)
    stop("usage: damage IN OUT WHAT...; damage.c lists what");
  if (strcmp(argv[3], "blank") == 0) {
    blank(argv[1], argv[2], argv + 4, argc - 4);
    return 0;
  }
  idf_mem_init(&mem, UINT64_C(1) << 28);
  idf_buf_init(&out, &mem);
  load(&f, &mem, argv[1]);
  if (!change_bytes(&f, &out, argv[3], argv + 4, argc - 4)
      && !change_records(&f, &out, argv[3], argv + 4, argc - 4))
    stop("unknown kind of damage");
  FILE *to = fopen(argv[2], "wb");
  if (out.bad || !to || fwrite(out.data, 1, out.len, to) != out.len || fclose(to) != 0)
    stop("the output cannot be written");
  idf_buf_free(&out);
  idf_free(&mem, f.data);
  return 0;
}

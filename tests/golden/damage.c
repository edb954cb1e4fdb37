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
 *   records            nothing: what is written is as below
 *   blank SIDE N...    IN and OUT are PAM of 8 bits: tiles N of that side become 0
 *
 * A brief file is made one of records first, unless the word "brief" comes before WHAT, which is
 * then cut, append, set, or
 *
 *   sum AT VALUE       one byte, its checksum made right again; AT < 0: from the end
 *
 * Numbers are decimal or 0x hexadecimal; a VALUE ^N flips the bits of N instead. The
 * surprise: most bad files have good
 * checksums. Those are the ones that a decoder must look at twice.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "brief_pieces.h"
#include "crc32c.h"
#include "state.h"

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

static void load_bytes(file *f, idf_mem *mem, const char *name)
{
  FILE *in = fopen(name, "rb");
  f->data = idf_alloc(mem, MOST, 1);
  if (!in || !f->data)
    stop("the input cannot be opened");
  f->len = fread(f->data, 1, MOST, in);
  fclose(in);
}

static idf_status read_file(void *context, uint8_t *buffer, size_t capacity, size_t *size)
{
  idf_cur *cur = context;
  *size = IDF_MIN(capacity, idf_cur_left(cur));
  memcpy(buffer, cur->at, *size);
  cur->at += *size;
  return IDF_OK;
}

/* Decodes a brief file, for the whole checksum of its samples. */
static idf_decoder *decoded(const file *f)
{
  idf_cur cur = idf_cur_of(f->data, f->len);
  idf_decoder *d;
  idf_info info;
  if (idf_decoder_new(NULL, read_file, &cur, &d) != IDF_OK || idf_decoder_info(d, &info) != IDF_OK)
    stop("the input is damaged already");
  uint8_t *row = malloc(idf_row_bytes(&info));
  for (uint32_t y = 0; row && y < info.height; y++)
    if (idf_decoder_rows(d, row, 1) != IDF_OK)
      stop("the input is damaged already");
  free(row);
  if (idf_decoder_finish(d) != IDF_OK)
    stop("the input is damaged already");
  return d;
}

static void put_metadata(idf_buf *out, const idf_decoder *d, int after)
{
  char type[5];
  const uint8_t *data;
  size_t size;
  int late;
  for (size_t i = 0; idf_decoder_metadata(d, i, type, &data, &size, &late) == IDF_OK; i++) {
    idf_buf payload;
    idf_buf_init(&payload, out->mem);
    idf_put_bytes(&payload, type, 4);
    idf_put_bytes(&payload, data, size);
    if (late == after)
      idf_write_record(IDF_SIMD_AUTO, out, IDF_KIND_META, payload.data, payload.len);
    idf_buf_free(&payload);
  }
}

/* The metadata of a file without a JPEG: packed, if they are so and all before the pixels. */
static void put_early_metadata(idf_buf *out, const idf_decoder *d, idf_cur metadata)
{
  if (d->brief.form != 2) {
    put_metadata(out, d, 0);
    return;
  }
  const size_t size = (size_t)idf_get_varint(&metadata, IDF_BRIEF_MAX);
  idf_write_record(IDF_SIMD_AUTO, out, IDF_KIND_PACK, metadata.at, size);
}

/* A brief file becomes one of records. */
static void expand(file *f, idf_mem *mem)
{
  idf_brief brief;
  idf_buf out;
  idf_decoder *d = decoded(f);
  if (idf_brief_head(f->data, f->len, &brief) != IDF_OK)
    stop("the input is damaged already");
  const size_t tile = brief.head + brief.size - IDF_BRIEF_CHECK - d->brief_tile;
  idf_buf_init(&out, mem);
  idf_write_header(IDF_SIMD_AUTO, &out, &d->header);
  if (brief.jpeg)
    idf_write_record(IDF_SIMD_AUTO, &out, IDF_KIND_JPEG, brief.kept.at, idf_cur_left(&brief.kept));
  else
    put_early_metadata(&out, d, brief.metadata);
  idf_write_record(IDF_SIMD_AUTO, &out, IDF_KIND_TILE, f->data + tile, d->brief_tile);
  put_metadata(&out, d, 1);
  idf_buf end;
  idf_buf_init(&end, mem);
  idf_put_le32(&end, d->crc);
  idf_put_le32(&end, 0);
  idf_write_record(IDF_SIMD_AUTO, &out, IDF_KIND_END, end.data, end.len);
  idf_buf_free(&end);
  idf_decoder_free(d);
  idf_free(mem, f->data);
  f->data = out.data;
  f->len = out.len;
}

static void load(file *f, idf_mem *mem)
{
  idf_header header;
  if (idf_is_brief(f->data, f->len))
    expand(f, mem);
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

/* Changes to a brief file, which is summed anew. */
static bool change_brief(file *f, idf_buf *out, const char *what, char **args, int n)
{
  char at[32];
  const size_t end = f->len - IDF_BRIEF_TAIL;
  if (strcmp(what, "sum") != 0 || n != 2)
    return false;
  const long place = number(args[0]);
  snprintf(at, sizeof at, "%ld", place < 0 ? place + (long)f->len : place);
  set_byte(f->data, end, at, args[1]);
  idf_put_bytes(out, f->data, end);
  idf_put_le32(out, idf_crc32c(IDF_SIMD_AUTO, 0, f->data, end));
  return true;
}

/* Changes to records, which are framed and summed anew. */
static bool change_records(file *f, idf_buf *out, const char *what, char **args, int n)
{
  size_t i = n > 0 ? find(f, args[0], 0) : 0;
  if (strcmp(what, "records") == 0 && n == 0) {
    put_records(f, out);
    return true;
  }
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
  if (argc < 4)
    stop("usage: damage IN OUT WHAT...; damage.c lists what");
  if (strcmp(argv[3], "blank") == 0) {
    blank(argv[1], argv[2], argv + 4, argc - 4);
    return 0;
  }
  idf_mem_init(&mem, UINT64_C(1) << 28);
  idf_buf_init(&out, &mem);
  load_bytes(&f, &mem, argv[1]);
  const int brief = strcmp(argv[3], "brief") == 0;
  const char *what = argv[3 + brief];
  char **args = argv + 4 + brief;
  const int n = argc - 4 - brief;
  if (!brief)
    load(&f, &mem);
  else if (argc < 6 || !idf_is_brief(f.data, f.len))
    stop("the input is not brief");
  if (!change_bytes(&f, &out, what, args, n)
      && (brief ? !change_brief(&f, &out, what, args, n)
                : !change_records(&f, &out, what, args, n)))
    stop("unknown kind of damage");
  FILE *to = fopen(argv[2], "wb");
  if (out.bad || !to || fwrite(out.data, 1, out.len, to) != out.len || fclose(to) != 0)
    stop("the output cannot be written");
  idf_buf_free(&out);
  idf_free(&mem, f.data);
  return 0;
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * jpegfile.c: takes JPEG files apart and puts them together again: one line a file, "exact",
 * "refused" with the reason, or "DIFFERS", which is a failure. Options: -r N repeats each file N
 * times, for measuring; -b N reads bands of N MCU rows.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jpeg.h"

#define MAX_FILE ((size_t)1 << 28)

typedef struct outcome {
  idf_jpeg_why why;
  bool same;
  size_t side;
  idf_jpeg jpeg; /* without pointers that live */
} outcome;

static idf_status keep(void *to, const uint8_t *data, size_t len)
{
  idf_buf *buf = to;
  idf_put_bytes(buf, data, len);
  return buf->bad ? IDF_ERR_MEMORY : IDF_OK;
}

/* All bands through the reader, if there is one, and the writer. `whole` (may be NULL) keeps the
 * coefficients: filled by the reader or read instead of it. */
static idf_jpeg_why pass(idf_jpeg *j, idf_mem *mem, idf_jpeg_reader *r, idf_jpeg_writer *w,
                         idf_jpeg_band *band)
{
  idf_jpeg_why why = IDF_JPEG_OK;
  for (uint32_t y = 0; y < j->mcus_h && why == IDF_JPEG_OK; y += band->count) {
    if (r)
      why = idf_jpeg_read(r, band);
    if (why == IDF_JPEG_OK)
      why = idf_jpeg_write(w, band);
  }
  (void)mem;
  if (why == IDF_JPEG_OK && r)
    why = idf_jpeg_read_end(r);
  return why == IDF_JPEG_OK ? idf_jpeg_write_end(w) : why;
}

/* The file from the side stream and the coefficients of all rows. */
static bool rebuild(idf_mem *mem, const idf_buf *side, const idf_jpeg_band *band,
                    const uint8_t *file, size_t len)
{
  idf_jpeg j;
  idf_jpeg_writer *w = NULL;
  idf_buf out;
  idf_jpeg_band all = *band;
  idf_buf_init(&out, mem);
  bool same = idf_jpeg_side_get(&j, mem, side->data, side->len, UINT64_MAX) == IDF_JPEG_OK;
  same = same && idf_jpeg_write_new(&j, mem, &w) == IDF_JPEG_OK
         && pass(&j, mem, NULL, w, &all) == IDF_JPEG_OK
         && idf_jpeg_emit(&j, w, keep, &out) == IDF_OK && out.len == len
         && memcmp(out.data, file, len) == 0;
  idf_jpeg_write_free(w);
  idf_jpeg_free(&j);
  idf_buf_free(&out);
  return same;
}

static outcome round_trip(idf_mem *mem, const uint8_t *file, size_t len)
{
  outcome o = {0};
  idf_jpeg j;
  idf_jpeg_reader *r = NULL;
  idf_jpeg_writer *w = NULL;
  idf_jpeg_band band = {0};
  idf_buf side;
  idf_buf_init(&side, mem);
  o.why = idf_jpeg_parse(&j, mem, file, len, UINT64_MAX);
  if (o.why == IDF_JPEG_OK)
    o.why = idf_jpeg_read_new(&j, mem, &r);
  if (o.why == IDF_JPEG_OK)
    o.why = idf_jpeg_write_new(&j, mem, &w);
  if (o.why == IDF_JPEG_OK && !idf_jpeg_band_init(&band, &j, mem, j.mcus_h))
    o.why = IDF_JPEG_MEMORY;
  if (o.why == IDF_JPEG_OK)
    o.why = pass(&j, mem, r, w, &band);
  if (o.why == IDF_JPEG_OK)
    o.why = idf_jpeg_side_put(&j, w, &side);
  idf_jpeg_read_free(r);
  idf_jpeg_write_free(w);
  o.side = side.len;
  o.jpeg = j;
  idf_jpeg_free(&j);
  o.same = o.why == IDF_JPEG_OK && rebuild(mem, &side, &band, file, len);
  idf_jpeg_band_free(&band, mem);
  idf_buf_free(&side);
  return o;
}

/* Reader and writer alone, band after band, as an encoder uses them. */
static bool measure(idf_mem *mem, const uint8_t *file, size_t len, unsigned long rows)
{
  idf_jpeg j;
  idf_jpeg_reader *r = NULL;
  idf_jpeg_writer *w = NULL;
  idf_jpeg_band band = {0};
  bool good = idf_jpeg_parse(&j, mem, file, len, UINT64_MAX) == IDF_JPEG_OK
              && idf_jpeg_read_new(&j, mem, &r) == IDF_JPEG_OK
              && idf_jpeg_write_new(&j, mem, &w) == IDF_JPEG_OK
              && idf_jpeg_band_init(&band, &j, mem, (uint32_t)rows)
              && pass(&j, mem, r, w, &band) == IDF_JPEG_OK;
  idf_jpeg_band_free(&band, mem);
  idf_jpeg_write_free(w);
  idf_jpeg_read_free(r);
  idf_jpeg_free(&j);
  return good;
}

/* NULL: it cannot be read; the caller frees. */
static uint8_t *load(const char *name, size_t *len)
{
  FILE *f = fopen(name, "rb");
  uint8_t *data = f ? malloc(MAX_FILE) : NULL;
  *len = data ? fread(data, 1, MAX_FILE, f) : 0;
  if (f)
    fclose(f);
  /* At its own size, so that a sanitizer sees a read beyond the end. */
  uint8_t *exact = data ? realloc(data, *len ? *len : 1) : NULL;
  return exact ? exact : data;
}

int main(int argc, char **argv)
{
  int at = 1, failed = 0;
  unsigned long repeat = 0, rows = 4;
  for (; at + 1 < argc && argv[at][0] == '-'; at += 2) {
    if (argv[at][1] == 'r')
      repeat = strtoul(argv[at + 1], NULL, 10);
    else
      rows = strtoul(argv[at + 1], NULL, 10);
  }
  for (; at < argc; at++) {
    idf_mem mem;
    size_t len;
    uint8_t *file = load(argv[at], &len);
    if (!file) {
      perror(argv[at]);
      return 1;
    }
    idf_mem_init(&mem, UINT64_MAX);
    if (repeat) {
      for (unsigned long i = 0; i < repeat; i++)
        failed |= !measure(&mem, file, len, rows);
      printf("# %s: %lu times %zu bytes, peak %llu\n", argv[at], repeat, len,
             (unsigned long long)mem.peak);
    } else {
      const outcome o = round_trip(&mem, file, len);
      const bool bad = o.why == IDF_JPEG_OK && !o.same;
      failed |= bad || mem.used != 0;
      printf("%s\t%s\t%zu bytes, %zu beside\t%s\n",
             bad                    ? "DIFFERS"
             : o.why == IDF_JPEG_OK ? "exact"
                                    : "refused",
             argv[at], len, o.side, o.why == IDF_JPEG_OK ? "" : idf_jpeg_reason(o.why));
    }
    free(file);
  }
  return failed;
}

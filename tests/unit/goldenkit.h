/* SPDX-License-Identifier: BSD-3-Clause
 *
 * goldenkit.h: the good files of tests/golden, one after the other, and a second, plain conversion
 * of their pixels to RGBA, to compare the library's with. IDF_SRC, which `make check` sets, names
 * the source folder.
 */
#ifndef IDF_TESTS_GOLDENKIT_H
#define IDF_TESTS_GOLDENKIT_H

#include <dirent.h>
#include <math.h>
#include <stdlib.h>

#include "picture.h"

/* A decoded file. */
typedef struct golden_file {
  char name[64];
  uint8_t data[1 << 20];
  size_t size;
  idf_info info;
  uint32_t max;     /* value of a full sample */
  uint8_t *samples; /* as idf_decoder_rows gives them */
  double *rgba;     /* 4 numbers a pixel, 0 to 1 */
} golden_file;

static inline const uint8_t *golden_piece(idf_decoder *d, const char *wanted, const char *start,
                                          size_t *size)
{
  char type[5];
  const uint8_t *data;
  for (size_t i = 0; idf_decoder_metadata(d, i, type, &data, size, NULL) == IDF_OK; i++)
    if (strcmp(type, wanted) == 0 && *size >= strlen(start)
        && memcmp(data, start, strlen(start)) == 0)
      return data;
  *size = 0;
  return NULL;
}

static inline double golden_sample(const golden_file *f, size_t i)
{
  uint16_t wide;
  memcpy(&wide, f->samples + (f->info.depth > 8 ? 2 * i : 0), 2);
  return f->info.depth > 8 ? wide : f->samples[i];
}

/* RGBA of pixel i, from what the PNG specification and idf.h say. */
static inline void golden_pixel(const golden_file *f, idf_decoder *d, size_t i, double rgba[4])
{
  const unsigned c = idf_channels(f->info.layout);
  size_t plte_size, trns_size, size;
  const uint8_t *plte = golden_piece(d, "PLTE", "", &plte_size);
  const uint8_t *trns = golden_piece(d, "tRNS", "", &trns_size);
  const double max = f->max;
  double v[4] = {0};
  bool key = trns && (f->info.layout == IDF_GRAY || f->info.layout == IDF_RGB);
  for (unsigned k = 0; k < c; k++) {
    v[k] = golden_sample(f, i * c + k);
    key = key && v[k] == trns[2 * k] * 256.0 + trns[2 * k + 1];
  }
  rgba[3] = 1;
  for (unsigned k = 0; k < 3; k++)
    rgba[k] = v[c < 3 ? 0 : k] / max;
  if (c == 2 || f->info.layout == IDF_RGBA)
    rgba[3] = v[c - 1] / max;
  if (key)
    rgba[3] = 0;
  if (f->info.layout == IDF_PALETTE) {
    const size_t entry = (size_t)v[0];
    for (unsigned k = 0; k < 3; k++)
      rgba[k] = 3 * entry + 2 < plte_size ? plte[3 * entry + k] / 255.0 : 0;
    if (entry < trns_size && 3 * entry + 2 < plte_size)
      rgba[3] = trns[entry] / 255.0;
  }
  if (f->info.layout == IDF_CMYK) {
    const bool adobe = golden_piece(d, "jpSg",
                                    "\xee"
                                    "Adobe",
                                    &size)
                       != NULL;
    for (unsigned k = 0; k < 4; k++)
      v[k] = adobe ? v[k] / 255 : 1 - v[k] / 255;
    for (unsigned k = 0; k < 3; k++)
      rgba[k] = v[k] * v[3];
  }
}

/* Decodes it whole, as any caller would. */
static inline void golden_decode(golden_file *f, idf_mem *mem)
{
  picture_source source = {f->data, f->size, 0};
  idf_decoder *d;
  CU_ASSERT_EQUAL_FATAL(idf_decoder_new(NULL, picture_read, &source, &d), IDF_OK);
  CU_ASSERT_EQUAL_FATAL(idf_decoder_info(d, &f->info), IDF_OK);
  const size_t pixels = (size_t)f->info.width * f->info.height;
  size_t size;
  const uint8_t *most = golden_piece(d, "max1", "", &size);
  f->max = most ? most[0] + 256u * most[1] : (1u << f->info.depth) - 1;
  f->samples = idf_alloc(mem, f->info.height, idf_row_bytes(&f->info) + 2);
  f->rgba = idf_alloc(mem, pixels, 4 * sizeof *f->rgba);
  CU_ASSERT_FATAL(f->samples && f->rgba);
  CU_ASSERT_EQUAL(idf_decoder_rows(d, f->samples, f->info.height), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_finish(d), IDF_OK);
  for (size_t i = 0; i < pixels; i++)
    golden_pixel(f, d, i, f->rgba + 4 * i);
  idf_decoder_free(d);
}

/* A number from 0 to 1 as one of 0 to `full`. */
static inline uint32_t golden_round(double v, uint32_t full)
{
  return (uint32_t)floor(v * full + 0.5);
}

/* Reads the i-th file of tests/golden, in no order, whose name begins with `start`; false: there is
 * none. */
static inline bool golden_read(golden_file *f, const char *start, unsigned i)
{
  const char *top = getenv("IDF_SRC");
  char path[4096];
  struct dirent *entry;
  snprintf(path, sizeof path, "%s/tests/golden", top ? top : ".");
  DIR *folder = opendir(path);
  CU_ASSERT_PTR_NOT_NULL_FATAL(folder);
  do
    entry = readdir(folder);
  while (entry
         && (strncmp(entry->d_name, start, strlen(start)) != 0 || !strstr(entry->d_name, ".idf")
             || i-- > 0));
  if (entry) {
    CU_ASSERT_FATAL(strlen(entry->d_name) < sizeof f->name);
    snprintf(f->name, sizeof f->name, "%s", entry->d_name);
    snprintf(path, sizeof path, "%s/tests/golden/%s", top ? top : ".", entry->d_name);
    FILE *in = fopen(path, "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(in);
    f->size = fread(f->data, 1, sizeof f->data, in);
    CU_ASSERT_FATAL(f->size > 0 && f->size < sizeof f->data);
    fclose(in);
  }
  closedir(folder);
  return entry != NULL;
}

/* Runs `test` for each good file. */
static inline void golden_each(void (*test)(const golden_file *f, void *context), void *context)
{
  static golden_file f;
  unsigned count = 0;
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  for (; golden_read(&f, "good-", count); count++) {
    golden_decode(&f, &mem);
    test(&f, context);
    idf_free(&mem, f.samples);
    idf_free(&mem, f.rgba);
  }
  CU_ASSERT(count >= 40);
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* Reports the file of a failure. */
#define GOLDEN_ASSERT(f, condition)                                                                \
  do {                                                                                             \
    int golden_holds = (condition) ? 1 : 0;                                                        \
    if (!golden_holds)                                                                             \
      printf("# %s: %s, %s:%d\n", (f)->name, #condition, __FILE__, __LINE__);                      \
    CU_ASSERT(golden_holds);                                                                       \
  } while (0)

#endif

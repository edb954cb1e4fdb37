/* SPDX-License-Identifier: BSD-3-Clause
 *
 * learn.c: what the weights of the coder of JPEG coefficients start from: the mean, by row, of
 * what they become in files.
 *
 * usage: learn FILE.jpg ... > flow/coefs/starts.c
 * A row that few decisions have seen stays near the mean of all. What comes out is better still
 * when it is built in and trained from once more.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coefs_block.h"
#include "jpeg.h"

#define MAX_FILE ((size_t)1 << 28)
#define DOUBT 400.0 /* updates that the mean of all counts for */

static const uint8_t natural[64] = {0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,
                                    12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6,  7,  14, 21, 28,
                                    35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
                                    58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63};

static uint8_t *load(const char *name, size_t *len)
{
  FILE *f = fopen(name, "rb");
  uint8_t *data = malloc(MAX_FILE);
  *len = f && data ? fread(data, 1, MAX_FILE, f) : 0;
  if (f)
    (void)fclose(f);
  return data;
}

/* The planes of a file, in the order of rows and columns; coef is owned. */
static bool planes_of(idf_mem *mem, const idf_jpeg *j, const idf_jpeg_band *band, idf_coefs *c)
{
  *c = (idf_coefs){.planes = j->components, .v_most = j->v_max, .mcu_rows = j->mcus_h};
  for (unsigned p = 0; p < c->planes; p++) {
    const idf_jpeg_component *from = &j->component[p];
    idf_coefs_plane *to = &c->plane[p];
    *to = (idf_coefs_plane){
        .across = from->blocks_w, .down = from->blocks_h, .h = from->h, .v = from->v};
    const size_t blocks = (size_t)to->across * to->down;
    to->coef = idf_alloc(mem, blocks, 64 * sizeof *to->coef);
    if (!to->coef)
      return false;
    for (unsigned z = 0; z < 64; z++) {
      to->step[natural[z]] = from->step[z] ? from->step[z] : 1;
      for (size_t b = 0; b < blocks; b++)
        to->coef[64 * b + natural[z]] = band->coefs[p][64 * b + z];
    }
  }
  return true;
}

static bool learn_from(idf_mem *mem, const char *name, unsigned shape, idf_coefs_learnt *sum)
{
  size_t len;
  uint8_t *data = load(name, &len);
  idf_jpeg j;
  idf_jpeg_reader *reader = NULL;
  idf_jpeg_band band = {0};
  idf_coefs c = {0};

  if (!data || idf_jpeg_parse(&j, mem, data, len, UINT64_MAX) != IDF_JPEG_OK) {
    free(data);
    return false;
  }
  bool ok = idf_jpeg_band_init(&band, &j, mem, j.mcus_h)
            && idf_jpeg_read_new(&j, mem, &reader) == IDF_JPEG_OK
            && idf_jpeg_read(reader, &band) == IDF_JPEG_OK
            && idf_jpeg_read_end(reader) == IDF_JPEG_OK && planes_of(mem, &j, &band, &c);
  for (uint32_t b = 0; ok && b < idf_coefs_bands(&c); b++)
    ok = idf_coefs_learn(mem, &c, shape, b, sum) == IDF_OK;
  for (unsigned p = 0; p < c.planes; p++)
    idf_free(mem, c.plane[p].coef);
  idf_jpeg_read_free(reader);
  idf_jpeg_band_free(&band, mem);
  idf_jpeg_free(&j);
  free(data);
  return ok;
}

static void print(const idf_coefs_learnt *sum, unsigned rows, unsigned contexts)
{
  double mean[IDF_BANK_CONTEXTS + 2] = {0};
  for (unsigned r = 0; r < rows; r++)
    for (unsigned i = 0; i < IDF_BANK_CONTEXTS + 2; i++)
      mean[i] += (double)sum[r][i];
  for (unsigned i = 0; i <= IDF_BANK_CONTEXTS; i++)
    mean[i] /= mean[IDF_BANK_CONTEXTS + 1];
  mean[IDF_BANK_CONTEXTS] = 0;
  for (unsigned r = 0; r < rows; r++) {
    const double weight = (double)sum[r][IDF_BANK_CONTEXTS + 1] + DOUBT;
    for (unsigned i = 0; i <= contexts; i++) {
      const unsigned k = i < contexts ? i : IDF_BANK_CONTEXTS;
      printf("%s%.0f", i == 0 ? "    {" : ", ", ((double)sum[r][k] + DOUBT * mean[k]) / weight);
    }
    puts("},");
  }
}

static bool train(idf_mem *mem, unsigned shape, char **files)
{
  static const idf_coefs_shape *const shapes[IDF_COEFS_SHAPES] = {
      [IDF_COEFS_FULL] = &idf_coefs_full, [IDF_COEFS_LEAN] = &idf_coefs_lean};
  static const char *const names[IDF_COEFS_SHAPES] = {
      [IDF_COEFS_FULL] = "idf_starts_full[IDF_STARTS_FULL][8 + 1]",
      [IDF_COEFS_LEAN] = "idf_starts_lean[IDF_STARTS_LEAN][2 + 1]"};
  const idf_coefs_shape *of = shapes[shape];
  idf_coefs_learnt *sum = idf_alloc(mem, of->rows, sizeof *sum);
  bool ok = sum != NULL;
  for (; ok && *files; files++)
    if (!learn_from(mem, *files, shape, sum)) {
      fprintf(stderr, "learn: cannot learn from %s\n", *files);
      ok = false;
    }
  if (ok) {
    printf("\nconst int16_t %s = {\n", names[shape]);
    print(sum, of->rows, of->contexts);
    puts("};");
  }
  idf_free(mem, sum);
  return ok;
}

int main(int argc, char **argv)
{
  idf_mem mem;

  if (argc < 2) {
    fputs("usage: learn FILE.jpg ... > flow/coefs/starts.c\n", stderr);
    return 1;
  }
  puts("/* SPDX-License-Identifier: BSD-3-Clause\n *\n"
       " * starts.c: see starts.h. Made by flow/train/learn.sh.\n */\n"
       "#include \"starts.h\"");
  idf_mem_init(&mem, (uint64_t)1 << 32);
  for (unsigned shape = 0; shape < IDF_COEFS_SHAPES; shape++)
    if (!train(&mem, shape, argv + 1))
      return 1;
  return 0;
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pngcmp.c: a second opinion on PNG, sharing no code with the tools.
 *
 * pngcmp A    0 when libpng reads A, 2 when something of it is lost (a chunk with a wrong
 *             checksum, bytes after the end that are not zero) or libpng warns of the
 *             pixels, 1 when it cannot; says why, and how many samples A has. What libpng
 *             thinks of other chunks counts for nothing: they are kept as they are.
 * pngcmp A B  0 when both decode to the same samples, colour type and depth, and carry
 *             the same other chunks, byte for byte, in the same order around the pixels;
 *             1 when they differ; says how. Interlacing may differ. A chunk with a wrong
 *             checksum does not count: libpng drops it too.
 */
#include <png.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define MOST_BYTES ((uint64_t)1 << 31) /* of one decoded image */

typedef struct image {
  const char *name;
  FILE *file;
  png_structp png;
  png_infop info;
  unsigned warnings;
} image;

static void on_error(png_structp png, png_const_charp text)
{
  const image *im = png_get_error_ptr(png);

  printf("%s: error: %s\n", im->name, text);
  png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text)
{
  image *im = png_get_error_ptr(png);

  printf("%s: warning: %s\n", im->name, text);
  if (strncmp(text, "IDAT", 4) == 0 || strncmp(text, "IEND", 4) == 0 || strstr(text, "CRC error")
      || strstr(text, "IDATs") || strstr(text, "palette index"))
    im->warnings++;
}

static bool load(image *im, const char *name)
{
  memset(im, 0, sizeof *im);
  im->name = name;
  im->file = fopen(name, "rb");
  if (!im->file) {
    printf("%s: error: cannot be opened\n", name);
    return false;
  }
  im->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, im, on_error, on_warning);
  im->info = im->png ? png_create_info_struct(im->png) : NULL;
  if (!im->info)
    return false;
  if (setjmp(png_jmpbuf(im->png)))
    return false;
  png_init_io(im->png, im->file);
  png_set_option(im->png, PNG_MAXIMUM_INFLATE_WINDOW, PNG_OPTION_ON);
  png_set_chunk_malloc_max(im->png, 0);
  png_set_user_limits(im->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_read_info(im->png, im->info);
  if ((uint64_t)png_get_image_height(im->png, im->info) * png_get_rowbytes(im->png, im->info)
      > MOST_BYTES) {
    printf("%s: error: too large to compare\n", name);
    return false;
  }
  if (png_get_bit_depth(im->png, im->info) < 8)
    png_set_packing(im->png);
  /* png_read_png in two steps: it reads the header again if called after read_info. */
  (void)png_set_interlace_handling(im->png);
  png_read_update_info(im->png, im->info);
  png_bytepp rows = png_malloc(im->png, png_get_image_height(im->png, im->info) * sizeof *rows);
  for (png_uint_32 y = 0; y < png_get_image_height(im->png, im->info); y++)
    rows[y] = NULL;
  png_set_rows(im->png, im->info, rows);
  png_data_freer(im->png, im->info, PNG_DESTROY_WILL_FREE_DATA, PNG_FREE_ROWS);
  for (png_uint_32 y = 0; y < png_get_image_height(im->png, im->info); y++)
    rows[y] = png_calloc(im->png, png_get_rowbytes(im->png, im->info));
  png_read_image(im->png, rows);
  png_read_end(im->png, im->info);
  int c = 0;
  while (c == 0)
    c = getc(im->file);
  if (c != EOF)
    im->warnings++;
  return true;
}

static void unload(image *im)
{
  if (im->png)
    png_destroy_read_struct(&im->png, &im->info, NULL);
  if (im->file)
    fclose(im->file);
}

static bool same_samples(image *a, image *b)
{
  if (png_get_image_width(a->png, a->info) != png_get_image_width(b->png, b->info)
      || png_get_image_height(a->png, a->info) != png_get_image_height(b->png, b->info)) {
    printf("%s: the size differs\n", b->name);
    return false;
  }
  if (png_get_color_type(a->png, a->info) != png_get_color_type(b->png, b->info)
      || png_get_bit_depth(a->png, a->info) != png_get_bit_depth(b->png, b->info)) {
    printf("%s: the colour type or depth differs\n", b->name);
    return false;
  }
  png_bytepp left = png_get_rows(a->png, a->info), right = png_get_rows(b->png, b->info);
  const size_t bytes = png_get_rowbytes(a->png, a->info);
  for (png_uint_32 y = 0; y < png_get_image_height(a->png, a->info); y++)
    if (memcmp(left[y], right[y], bytes) != 0) {
      printf("%s: samples differ in row %u\n", b->name, (unsigned)y);
      return false;
    }
  return true;
}

/* ---- chunks, without libpng -------------------------------------------------------- */

typedef struct walk {
  FILE *file;
  unsigned char type[5];
  uint32_t len;
  long at;     /* of the payload */
  bool pixels; /* IDAT came before */
} walk;

static uint32_t crc_byte(uint32_t crc, unsigned byte)
{
  crc ^= byte;
  for (int i = 0; i < 8; i++)
    crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
  return crc;
}

static bool get32(FILE *file, uint32_t *value)
{
  unsigned char b[4];

  if (fread(b, 1, 4, file) != 4)
    return false;
  *value = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
  return true;
}

/* The next chunk that counts; false at IEND. */
static bool next_chunk(walk *w)
{
  for (;;) {
    uint32_t stored, crc = 0xffffffffu;
    if (!get32(w->file, &w->len) || fread(w->type, 1, 4, w->file) != 4
        || memcmp(w->type, "IEND", 4) == 0)
      return false;
    w->at = ftell(w->file);
    for (int i = 0; i < 4; i++)
      crc = crc_byte(crc, w->type[i]);
    for (uint32_t i = 0; i < w->len; i++) {
      const int c = getc(w->file);
      if (c == EOF)
        return false;
      crc = crc_byte(crc, (unsigned)c);
    }
    if (!get32(w->file, &stored))
      return false;
    if (memcmp(w->type, "IDAT", 4) == 0)
      w->pixels = true;
    else if (memcmp(w->type, "IHDR", 4) != 0 && (crc ^ 0xffffffffu) == stored)
      return true;
  }
}

static bool same_payload(const walk *a, const walk *b)
{
  const long back_a = ftell(a->file), back_b = ftell(b->file);
  bool same = a->len == b->len && fseek(a->file, a->at, SEEK_SET) == 0
              && fseek(b->file, b->at, SEEK_SET) == 0;

  for (uint32_t i = 0; same && i < a->len; i++)
    same = getc(a->file) == getc(b->file);
  return fseek(a->file, back_a, SEEK_SET) == 0 && fseek(b->file, back_b, SEEK_SET) == 0 && same;
}

static bool same_chunks(const image *a, const image *b)
{
  walk left = {.file = a->file}, right = {.file = b->file};
  unsigned n = 0;

  if (fseek(a->file, 8, SEEK_SET) != 0 || fseek(b->file, 8, SEEK_SET) != 0)
    return false;
  for (;; n++) {
    const bool more = next_chunk(&left);
    if (more != next_chunk(&right)) {
      printf("%s: has %s other chunks than %s\n", b->name, more ? "fewer" : "more", a->name);
      return false;
    }
    if (!more)
      return true;
    if (memcmp(left.type, right.type, 4) != 0 || left.pixels != right.pixels) {
      printf("%s: chunk %u is %s instead of %s, or on the other side of the pixels\n", b->name, n,
             (const char *)right.type, (const char *)left.type);
      return false;
    }
    if (!same_payload(&left, &right)) {
      printf("%s: the payload of chunk %u, %s, differs\n", b->name, n, (const char *)left.type);
      return false;
    }
  }
}

int main(int argc, char **argv)
{
  image a, b;
  int status = 1;

  if (argc < 2 || argc > 3) {
    fputs("usage: pngcmp A.png [B.png]\n", stderr);
    return 1;
  }
  memset(&b, 0, sizeof b);
  if (load(&a, argv[1])) {
    if (argc == 2)
      printf("samples %llu\n", (unsigned long long)png_get_image_width(a.png, a.info)
                                   * png_get_image_height(a.png, a.info)
                                   * png_get_channels(a.png, a.info));
    if (argc == 2)
      status = a.warnings ? 2 : 0;
    else if (load(&b, argv[2]) && same_samples(&a, &b) && same_chunks(&a, &b))
      status = 0;
  }
  unload(&a);
  unload(&b);
  return status;
}

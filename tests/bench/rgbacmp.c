/* SPDX-License-Identifier: BSD-3-Clause
 *
 * rgbacmp.c: do two PNG files show the same picture? Both are widened to RGBA of 16
 * bits, without gamma, so that a codec that turns gray into RGB is not called lossy;
 * one that drops the low 8 of 16 bits is. Exit 0 same, 1 different or unreadable.
 */
#include <png.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct picture {
  png_structp png;
  png_infop info;
  FILE *file;
} picture;

static void stop(png_structp png, png_const_charp text)
{
  printf("%s: %s\n", (const char *)png_get_error_ptr(png), text);
  exit(1);
}

static void ignore(png_structp png, png_const_charp text)
{
  (void)png;
  (void)text;
}

static picture load(char *name)
{
  picture p = {NULL, NULL, fopen(name, "rb")};
  if (!p.file) {
    perror(name);
    exit(1);
  }
  p.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, name, stop, ignore);
  p.info = p.png != NULL ? png_create_info_struct(p.png) : NULL;
  if (!p.info) {
    fprintf(stderr, "rgbacmp: out of memory\n");
    exit(1);
  }
  png_init_io(p.png, p.file);
  png_set_crc_action(p.png, PNG_CRC_DEFAULT, PNG_CRC_QUIET_USE);
  png_read_info(p.png, p.info);
  png_set_expand(p.png);
  png_set_expand_16(p.png);
  png_set_gray_to_rgb(p.png);
  png_set_add_alpha(p.png, 0xffff, PNG_FILLER_AFTER);
  (void)png_set_interlace_handling(p.png);
  png_read_update_info(p.png, p.info);

  png_uint_32 height = png_get_image_height(p.png, p.info);
  png_bytepp rows = png_malloc(p.png, height * sizeof *rows);
  for (png_uint_32 y = 0; y < height; y++)
    rows[y] = png_malloc(p.png, png_get_rowbytes(p.png, p.info));
  png_set_rows(p.png, p.info, rows);
  png_data_freer(p.png, p.info, PNG_DESTROY_WILL_FREE_DATA, PNG_FREE_ROWS);
  png_read_image(p.png, rows);
  return p;
}

static bool same(const picture *a, const picture *b)
{
  png_uint_32 height = png_get_image_height(a->png, a->info);
  size_t bytes = png_get_rowbytes(a->png, a->info);
  if (height != png_get_image_height(b->png, b->info) || bytes != png_get_rowbytes(b->png, b->info))
    return false;
  png_bytepp left = png_get_rows(a->png, a->info), right = png_get_rows(b->png, b->info);
  for (png_uint_32 y = 0; y < height; y++)
    if (memcmp(left[y], right[y], bytes) != 0)
      return false;
  return true;
}

static void unload(picture *p)
{
  png_destroy_read_struct(&p->png, &p->info, NULL);
  fclose(p->file);
}

int main(int argc, char **argv)
{
  if (argc != 3) {
    fprintf(stderr, "usage: rgbacmp A.png B.png\n");
    return 1;
  }
  picture a = load(argv[1]), b = load(argv[2]);
  bool equal = same(&a, &b);
  unload(&a);
  unload(&b);
  if (!equal)
    printf("%s: not the same picture as %s\n", argv[2], argv[1]);
  return equal ? 0 : 1;
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * keptfiles.c: makes the JPEG files of the golden files kept-*, with libjpeg, in the current
 * folder.
 *
 * It is run by hand, when one is added: another libjpeg may write other bytes.
 */
#include "jpegkit.h"

typedef struct golden {
  const char *name;
  jpegkit_kind kind;
  unsigned width, height;
} golden;

/* A file's seed is its place in the list, from 1 on. */
static const golden all[] = {
    {"kept-gray.jpg", {JCS_GRAYSCALE, 1, 1, 75, false, false, false, false, 0}, 33, 21},
    {"kept-gray-progressive.jpg", {JCS_GRAYSCALE, 2, 2, 60, true, false, false, false, 0}, 19, 30},
    {"kept-420.jpg", {JCS_YCbCr, 2, 2, 75, false, true, false, false, 3}, 45, 35},
    {"kept-422-progressive.jpg", {JCS_YCbCr, 2, 1, 80, true, false, false, false, 2}, 37, 20},
    {"kept-440-split.jpg", {JCS_YCbCr, 1, 2, 50, false, false, false, true, 0}, 20, 37},
    {"kept-444-steps.jpg", {JCS_YCbCr, 1, 1, 1, false, false, false, false, 0}, 16, 16},
    {"kept-411.jpg", {JCS_YCbCr, 4, 1, 60, false, true, false, false, 0}, 70, 9},
    {"kept-rgb.jpg", {JCS_RGB, 1, 1, 70, false, true, false, false, 0}, 17, 18},
    {"kept-cmyk.jpg", {JCS_CMYK, 1, 1, 70, false, true, false, false, 0}, 17, 10},
    {"kept-ycck.jpg", {JCS_YCCK, 2, 2, 60, true, false, false, false, 0}, 20, 25},
    {"kept-bands.jpg", {JCS_YCbCr, 2, 2, 25, false, true, false, false, 0}, 9, 1600},
    {"kept-wide.jpg", {JCS_GRAYSCALE, 1, 1, 1, false, true, false, false, 0}, 65000, 48}};

/* kept-420 also has a segment that says nothing to anybody, and bytes after its end. */
static void add_extras(idf_buf *file)
{
  static const char segment[] = "\xff\xe9\x00\x0c"
                                "a segment!",
                    tail[] = "behind the end";
  const size_t app0 = 20; /* SOI and the JFIF segment, before which nothing goes */
  idf_buf out;

  idf_buf_init(&out, file->mem);
  idf_put_bytes(&out, file->data, app0);
  idf_put_bytes(&out, segment, sizeof segment - 1);
  idf_put_bytes(&out, file->data + app0, file->len - app0);
  idf_put_bytes(&out, tail, sizeof tail - 1);
  idf_buf_free(file);
  *file = out;
}

int main(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    idf_buf file;
    idf_buf_init(&file, &mem);
    jpegkit_make(&file, &all[i].kind, all[i].width, all[i].height, i + 1);
    if (strcmp(all[i].name, "kept-420.jpg") == 0)
      add_extras(&file);
    FILE *out = file.bad ? NULL : fopen(all[i].name, "wb");
    if (!out || fwrite(file.data, 1, file.len, out) != file.len || fclose(out) != 0) {
      fprintf(stderr, "keptfiles: cannot write %s\n", all[i].name);
      return 1;
    }
    idf_buf_free(&file);
  }
  return 0;
}

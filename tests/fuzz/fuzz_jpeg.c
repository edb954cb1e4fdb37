/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fuzz_jpeg.c: any bytes as a JPEG file; what is read of it goes through a PNG and comes back:
 * see fuzz_image.h.
 */
#include "fuzz_image.h"

#include <jpeglib.h>

const char *const idf_fuzz_name = "fuzz_jpeg";
const unsigned idf_fuzz_seeds = 9, idf_fuzz_runs = 10000;
void (*const idf_fuzz_repair)(uint8_t *data, size_t size) = NULL;

static idf_status create(idf_image_env *env, const idf_info *info, idf_buf *out,
                         idf_writer **writer)
{
  return idf_png_create(env, info, IDF_PNG_FAST, picture_write, out, writer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const fuzz_image_create creates[] = {create};
  fuzz_image(data, size, idf_jpeg_open, idf_png_open, creates, 1);
  return 0;
}

/* Gray and colour, baseline and progressive, whole and halved chroma, with a marker and without;
 * the last one with as much padding as is looked at, and half of another end behind it. */
void idf_fuzz_seed(unsigned i, idf_buf *buf)
{
  static const uint8_t exif[] = "Exif\0\0II*\0\10\0\0\0\1\0\22\1\3\0\1\0\0\0\6\0\0\0\0\0\0";
  static const uint8_t padding[] = {[12] = 0xff, [13] = 1};
  struct jpeg_compress_struct c;
  struct jpeg_error_mgr error;
  unsigned char *file = NULL;
  unsigned long size = 0;
  const idf_info info = picture_info(11 + i, 9, i & 1 ? IDF_RGB : IDF_GRAY, 8);
  uint8_t *raw = picture_make(buf->mem, &info, PICTURE_SMOOTH, i);
  if (!raw) {
    buf->bad = true;
    return;
  }
  c.err = jpeg_std_error(&error);
  jpeg_create_compress(&c);
  jpeg_mem_dest(&c, &file, &size);
  c.image_width = info.width;
  c.image_height = info.height;
  c.input_components = (int)idf_channels(info.layout);
  c.in_color_space = i & 1 ? JCS_RGB : JCS_GRAYSCALE;
  jpeg_set_defaults(&c);
  if (i & 2)
    jpeg_simple_progression(&c);
  if (i & 1 && i & 4)
    c.comp_info[0].h_samp_factor = c.comp_info[0].v_samp_factor = 1;
  jpeg_start_compress(&c, TRUE);
  if (i & 4)
    jpeg_write_marker(&c, JPEG_APP0 + 1, exif, sizeof exif - 1);
  while (c.next_scanline < c.image_height) {
    JSAMPROW row = raw + c.next_scanline * idf_row_bytes(&info);
    jpeg_write_scanlines(&c, &row, 1);
  }
  jpeg_finish_compress(&c);
  jpeg_destroy_compress(&c);
  idf_put_bytes(buf, file, size);
  if (i == 8)
    idf_put_bytes(buf, padding, sizeof padding);
  free(file);
  idf_free(buf->mem, raw);
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * conversion.c: the table of conversions, and where its numbers are from.
 * idf(5), "PIXELS WITH CHROMA AT HALF RESOLUTION".
 */
#include "conversion.h"

/* ffmpeg: libswscale's default on x86, which works in 16 bits: 8 Y and 8 U times coefficients in
 * 1/8192, of which the upper 16 bits of 32 are kept. The coefficients are those of yuv2rgb.c in
 * 1/65536, (x + 4) >> 3; in full range, chroma's are x 224 / 255 before. */
#define FFMPEG(matrix, black, y, rv, gu, gv, bu)                                                   \
  {                                                                                                \
    .name = "ffmpeg, " matrix, .centre = {black, 128, 128}, .luma = {1, 8 * (y), 65536, 0},        \
    .u = {{0, 0, 1, 0}, {1, 8 * (gu), 65536, 0}, {1, 8 * (bu), 65536, 0}},                         \
    .v = {{1, 8 * (rv), 65536, 0}, {1, 8 * (gv), 65536, 0}, {0, 0, 1, 0}}, .divide = 1             \
  }

/* libyuv, which decodes AVIF for libavif: row_common.cc. Luma is 257 Y in 1/65536, chroma has
 * coefficients in 1/64. */
#define LIBYUV(matrix, y, plus, rv, gu, gv, bu)                                                    \
  {                                                                                                \
    .name = "libyuv, " matrix, .centre = {0, 128, 128}, .luma = {1, 257 * (y), 65536, plus},       \
    .u = {{0, 0, 1, 0}, {1, gu, 1, 0}, {1, bu, 1, 0}},                                             \
    .v = {{1, rv, 1, 0}, {1, gv, 1, 0}, {0, 0, 1, 0}}, .divide = 64                                \
  }

const idf_conversion idf_conversions[IDF_CONVERSIONS] = {
    FFMPEG("BT.601", 16, 9539, 13075, -3209, -6660, 16525),
    FFMPEG("BT.709", 16, 9539, 14686, -1747, -4366, 17305),
    FFMPEG("BT.601, full range", 0, 8192, 11485, -2819, -5850, 14516),
    FFMPEG("BT.709, full range", 0, 8192, 12901, -1534, -3835, 15201),
    LIBYUV("BT.601, full range", 16320, 32, 90, -22, -46, 113),
    LIBYUV("BT.709, full range", 16320, 32, 101, -12, -30, 119),
    LIBYUV("BT.601", 18997, -1160, 102, -25, -52, 128),
    LIBYUV("BT.709", 18997, -1160, 115, -14, -34, 128),
    /* libwebp: dsp/yuv.h, in 1/64; the same numbers as in lattice.c. */
    {.name = "libwebp",
     .centre = {0, 0, 0},
     .luma = {1, 19077, 256, 0},
     .u = {{0, 0, 1, 0}, {-1, 6419, 256, 8708}, {1, 33050, 256, -17685}},
     .v = {{1, 26149, 256, -14234}, {-1, 13320, 256, 0}, {0, 0, 1, 0}},
     .divide = 64},
    /* libheif up to 1.15: BT.601 in decimals, rounded to nearest. */
    {.name = "libheif",
     .centre = {0, 128, 128},
     .luma = {1, 1000000, 1, 500000},
     .u = {{0, 0, 1, 0}, {1, -344136, 1, 0}, {1, 1772000, 1, 0}},
     .v = {{1, 1402000, 1, 0}, {1, -714136, 1, 0}, {0, 0, 1, 0}},
     .divide = 1000000},
    /* PhotoCD: Kodak's matrix in decimals, read off pictures. Green is of the rounded differences
     * of blue and red, and an exact integer counts as one less. */
    {.name = "PhotoCD",
     .centre = {0, 156, 137},
     .luma = {1, 13584, 1, 0},
     .u = {{0, 0, 1, 0}, {-1940, 22179, 10000, -1}, {1, 22179, 1, 0}},
     .v = {{1, 18215, 1, 0}, {-5090, 18215, 10000, 0}, {0, 0, 1, 0}},
     .divide = 10000},
};

static int32_t floor_of(int32_t a, int32_t b)
{
  return a >= 0 ? a / b : -((b - 1 - a) / b);
}

static void fill(const idf_term *term, int32_t centre, int32_t of[256])
{
  for (int32_t code = 0; code < 256; code++)
    of[code] = term->times * floor_of(term->factor * (code - centre), term->divide) + term->plus;
}

void idf_matrix_init(idf_matrix *m, unsigned conversion)
{
  const idf_conversion *from = &idf_conversions[conversion];
  fill(&from->luma, from->centre[0], m->luma);
  for (unsigned c = 0; c < 3; c++) {
    fill(&from->u[c], from->centre[1], m->u[c]);
    fill(&from->v[c], from->centre[2], m->v[c]);
  }
  m->divide = from->divide;
}

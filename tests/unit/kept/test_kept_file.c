/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_kept_file.c: bands cover a picture, are one band to flow/coefs, and keep their coefficients
 * through both orders; pictures that libjpeg shows in its own way are refused; facts are right.
 */
#include "kept_file.h"

#include <limits.h>

#include "jpegkit.h"

int idf_suite_kept_file(void);

static void bands_cover_the_picture(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  for (uint32_t height = 1; height <= 65535; height = height * 9 / 8 + 1)
    for (uint8_t v = 1; v <= 4; v++) {
      idf_kept k = {.jpeg = {.width = 9,
                             .height = height,
                             .components = 1,
                             .h_max = v,
                             .v_max = v,
                             .mcus_w = 1,
                             .mcus_h = (height + 8u * v - 1) / (8u * v)}};
      k.jpeg.component[0] =
          (idf_jpeg_component){.h = v, .v = v, .blocks_w = v, .blocks_h = v * k.jpeg.mcus_h};
      CU_ASSERT_PTR_NULL_FATAL(idf_kept_init(&k));
      CU_ASSERT_EQUAL(idf_kept_start(&k, 0), 0);
      CU_ASSERT_EQUAL(idf_kept_start(&k, k.bands), k.jpeg.mcus_h);
      CU_ASSERT_EQUAL(idf_kept_pixel_row(&k, k.bands), height);
      uint32_t least = UINT32_MAX, most = 0;
      for (uint32_t b = 0; b < k.bands; b++) {
        idf_jpeg_band room = {0};
        idf_kept_place(&k, &room, b);
        const idf_coefs coefs = idf_kept_coefs(&k, &room);
        CU_ASSERT_EQUAL(idf_coefs_bands(&coefs), 1);
        least = IDF_MIN(least, room.count);
        most = IDF_MAX(most, room.count);
        CU_ASSERT_EQUAL(idf_kept_pixel_row(&k, b), 8 * v * room.first);
      }
      CU_ASSERT(least >= 1 && most - least <= 1 && 8 * v * most <= 2 * IDF_COEFS_BAND);
      CU_ASSERT(k.bands == 1 || 8 * v * least >= IDF_COEFS_BAND / 2);
      idf_jpeg_band room;
      CU_ASSERT(idf_kept_band_init(&k, &room, &mem));
      CU_ASSERT(room.count == most && idf_kept_most(&k) >= (size_t)most * v * v * 64 * 2);
      idf_jpeg_band_free(&room, &mem);
    }
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* Bands of about 2^21 pixels, however wide the picture; at the least of one row of MCUs. */
static void wide_pictures_have_low_bands(void)
{
  for (uint32_t width = 1; width <= 65535; width = width * 5 / 4 + 1)
    for (uint8_t v = 1; v <= 4; v++) {
      idf_kept k = {.jpeg = {.width = width,
                             .height = 65535,
                             .components = 1,
                             .h_max = v,
                             .v_max = v,
                             .mcus_w = (width + 8u * v - 1) / (8u * v),
                             .mcus_h = (65535 + 8u * v - 1) / (8u * v)}};
      k.jpeg.component[0] = (idf_jpeg_component){.h = v, .v = v};
      CU_ASSERT_PTR_NULL_FATAL(idf_kept_init(&k));
      const uint32_t rows = 8u * v * ((k.jpeg.mcus_h + k.bands - 1) / k.bands);
      CU_ASSERT((uint64_t)rows * width <= (uint64_t)3 << 20 && rows <= 600);
      CU_ASSERT((uint64_t)rows * width >= (uint64_t)1 << 20 || rows >= 400);
      CU_ASSERT_EQUAL(idf_kept_start(&k, k.bands), k.jpeg.mcus_h);
    }
}

/* T.81 Figure A.6, drawn: along the diagonals, up and down in turn. */
static void orders_are_the_standard_s(void)
{
  idf_mem mem;
  idf_jpeg_band room, was;
  idf_unit_random r = idf_unit_random_of(3);
  idf_kept k = {.jpeg = {.width = 50,
                         .height = 20,
                         .components = 3,
                         .h_max = 1,
                         .v_max = 1,
                         .mcus_w = 7,
                         .mcus_h = 3}};
  idf_mem_init(&mem, UINT64_MAX);
  for (unsigned c = 0; c < 3; c++) {
    k.jpeg.component[c] = (idf_jpeg_component){
        .h = 1, .v = 1, .used_w = 7, .used_h = 3, .blocks_w = 7, .blocks_h = 3};
    for (unsigned i = 0; i < 64; i++)
      k.jpeg.component[c].step[i] = (uint16_t)i;
  }
  CU_ASSERT_PTR_NULL_FATAL(idf_kept_init(&k));
  CU_ASSERT_FATAL(idf_kept_band_init(&k, &room, &mem) && idf_kept_band_init(&k, &was, &mem));
  for (unsigned c = 0; c < 3; c++)
    for (unsigned i = 0; i < 3 * 7 * 64; i++)
      was.coefs[c][i] = room.coefs[c][i] = (int16_t)idf_unit_next(&r);
  idf_kept_to_natural(&k, &room);
  unsigned x = 0, y = 0;
  for (unsigned i = 0; i < 64; i++) {
    for (unsigned c = 0; c < 3; c++)
      CU_ASSERT_EQUAL(room.coefs[c][20 * 64 + 8 * y + x], was.coefs[c][20 * 64 + i]);
    const idf_coefs coefs = idf_kept_coefs(&k, &room);
    CU_ASSERT_EQUAL(k.picture.component[2].step[8 * y + x], i);
    CU_ASSERT_EQUAL(coefs.plane[2].step[8 * y + x], i == 0 ? 1 : i);
    const bool up = (x + y) % 2 == 0;
    if (up ? x == 7 : y == 7)
      *(up ? &y : &x) += 1;
    else if (up ? y == 0 : x == 0)
      *(up ? &x : &y) += 1;
    else {
      x += up ? 1 : UINT_MAX;
      y += up ? UINT_MAX : 1;
    }
  }
  const uint32_t crc = idf_kept_crc(&k, IDF_SIMD_AUTO, 0, &room);
  idf_kept_to_zigzag(&k, &room);
  for (unsigned c = 0; c < 3; c++)
    CU_ASSERT_EQUAL(memcmp(room.coefs[c], was.coefs[c], 3 * 7 * 64 * 2), 0);
  CU_ASSERT_NOT_EQUAL(idf_kept_crc(&k, IDF_SIMD_AUTO, 0, &room), crc);
  CU_ASSERT_FALSE(idf_kept_tame(&k, &room));
  idf_kept_clear(&k, &room);
  CU_ASSERT(idf_kept_tame(&k, &room) && room.coefs[2][3 * 7 * 64 - 1] == 0);
  /* Blocks without samples of the picture may be what they like. */
  room.count = 2;
  k.jpeg.component[0].used_w = 6;
  k.jpeg.component[0].used_h = 1;
  room.coefs[0][6 * 64] = room.coefs[0][7 * 64] = 32767;
  room.coefs[0][6 * 64 + 1] = room.coefs[0][7 * 64 + 1] = 32767;
  CU_ASSERT_TRUE(idf_kept_tame(&k, &room));
  room.coefs[0][5 * 64 + 1] = 32767;
  CU_ASSERT_FALSE(idf_kept_tame(&k, &room));
  idf_jpeg_band_free(&room, &mem);
  idf_jpeg_band_free(&was, &mem);
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void what_libjpeg_shows_otherwise_is_refused(void)
{
  idf_jpeg_scan scans[] = {{.components = 1, .first = 0, .last = 0},
                           {.components = 1, .first = 1, .last = 8},
                           {.components = 1, .first = 9, .last = 63, .low = 1},
                           {.components = 1, .first = 9, .last = 63, .high = 1}};
  idf_kept k = {.jpeg = {.width = 8,
                         .height = 8,
                         .frame = 2,
                         .components = 1,
                         .h_max = 1,
                         .v_max = 1,
                         .mcus_w = 1,
                         .mcus_h = 1,
                         .scan = scans}};
  k.jpeg.component[0] = (idf_jpeg_component){.h = 1, .v = 1, .blocks_w = 1, .blocks_h = 1};
  for (k.jpeg.scans = 1; k.jpeg.scans <= 4; k.jpeg.scans++)
    CU_ASSERT_EQUAL(!idf_kept_init(&k), k.jpeg.scans == 4);
  k.jpeg.frame = 0;
  k.jpeg.components = 2;
  k.jpeg.component[1] = k.jpeg.component[0];
  CU_ASSERT_PTR_NOT_NULL(idf_kept_init(&k));
  k.jpeg.components = 3;
  k.jpeg.component[2] = k.jpeg.component[0];
  CU_ASSERT_PTR_NULL(idf_kept_init(&k));
  k.jpeg.h_max = k.jpeg.component[0].h = 3;
  k.jpeg.component[1].h = 2;
  CU_ASSERT_PTR_NOT_NULL(idf_kept_init(&k));
}

static void facts_are_those_of_the_file(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  for (size_t i = 0; i < JPEGKIT_KINDS; i++) {
    const jpegkit_kind *kind = &jpegkit_kinds[i];
    idf_kept k;
    idf_jpeg_info facts;
    idf_buf file;
    idf_buf_init(&file, &mem);
    jpegkit_make(&file, kind, 70, 50, i);
    CU_ASSERT_EQUAL_FATAL(idf_jpeg_parse(&k.jpeg, &mem, file.data, file.len, 1 << 20), IDF_JPEG_OK);
    CU_ASSERT_PTR_NULL(idf_kept_init(&k));
    idf_kept_facts(&k, &facts);
    CU_ASSERT_EQUAL((int)facts.components, jpegkit_channels(kind));
    CU_ASSERT_EQUAL((int)facts.quality, kind->quality);
    CU_ASSERT((int)facts.h[0] == kind->h && (int)facts.v[0] == kind->v);
    CU_ASSERT_EQUAL(facts.restart, kind->restart);
    CU_ASSERT_EQUAL(facts.progressive, kind->progressive);
    CU_ASSERT(kind->progressive ? facts.scans > 1 : facts.scans == (kind->split ? 3 : 1));
    for (unsigned q = 0; q < 64; q++)
      k.picture.component[0].step[q] = 16;
    idf_kept_facts(&k, &facts);
    CU_ASSERT_EQUAL(facts.quality, 0);
    idf_jpeg_free(&k.jpeg);
    idf_buf_free(&file);
  }
  CU_ASSERT_EQUAL(mem.used, 0);
}

int idf_suite_kept_file(void)
{
  static const idf_unit_test tests[] = {
      {"bands cover the picture", bands_cover_the_picture},
      {"wide pictures have low bands", wide_pictures_have_low_bands},
      {"orders are the standard's", orders_are_the_standard_s},
      {"what libjpeg shows otherwise is refused", what_libjpeg_shows_otherwise_is_refused},
      {"facts are those of the file", facts_are_those_of_the_file},
      {NULL, NULL},
  };
  return idf_unit_suite("kept_file", tests);
}

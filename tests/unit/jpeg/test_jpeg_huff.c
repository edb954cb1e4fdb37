/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_jpeg_huff.c: Huffman tables: the standard ones are libjpeg's, codes for writing are those
 * for reading, and optimal ones are within 16 bits and as short as can be.
 */
#include "jpeg_inside.h"
#include "jpegkit.h"

int idf_suite_jpeg_huff(void);

static void standard_is_libjpegs(void)
{
  struct jpeg_compress_struct jpeg;
  struct jpeg_error_mgr errors;
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  jpeg.input_components = 3;
  jpeg.in_color_space = JCS_RGB;
  jpeg_set_defaults(&jpeg);
  for (uint32_t form = IDF_JPEG_FORM_STANDARD; form < IDF_JPEG_FORM_OPTIMAL; form++) {
    const uint32_t i = form - IDF_JPEG_FORM_STANDARD;
    const JHUFF_TBL *want = (i & 1 ? jpeg.ac_huff_tbl_ptrs : jpeg.dc_huff_tbl_ptrs)[i / 2];
    idf_jpeg_table t = {.place = 0x13};
    CU_ASSERT_FATAL(idf_jpeg_standard(form, &t));
    CU_ASSERT_EQUAL(t.place, 0x13);
    CU_ASSERT_EQUAL(memcmp(t.bits + 1, want->bits + 1, 16), 0);
    CU_ASSERT_EQUAL(memcmp(t.value, want->huffval, t.symbols), 0);
    CU_ASSERT_EQUAL(idf_jpeg_form(&t), form);
    t.value[3] ^= 1;
    CU_ASSERT_EQUAL(idf_jpeg_form(&t), IDF_JPEG_FORM_GIVEN);
  }
  jpeg_destroy_compress(&jpeg);
  idf_jpeg_table t = {.place = 0};
  CU_ASSERT_FALSE(idf_jpeg_standard(IDF_JPEG_FORM_GIVEN, &t));
  CU_ASSERT_FALSE(idf_jpeg_standard(IDF_JPEG_FORM_OPTIMAL, &t));
}

/* What the reader finds for a code and any bits behind it. */
static unsigned found(const idf_jpeg_decode *d, uint32_t look, unsigned *size)
{
  const uint32_t e = d->fast[look >> (16 - IDF_JPEG_PEEK)];
  if (e) {
    *size = (e >> 8) - (e & 15); /* without the value */
    return e & 255;
  }
  for (*size = IDF_JPEG_PEEK + 1; look >= d->limit[*size];)
    ++*size;
  return *size > 16 ? 256u : d->value[(int32_t)(look >> (16 - *size)) + d->offset[*size]];
}

static void agree(idf_unit_random *r, const idf_jpeg_table *t)
{
  idf_jpeg_decode d;
  idf_jpeg_encode e;
  unsigned symbols = 0;
  CU_ASSERT_FATAL(idf_jpeg_decode_init(&d, t) && idf_jpeg_encode_init(&e, t));
  for (unsigned s = 0; s < 256; s++) {
    const unsigned size = e.code[s] >> 16;
    if (size == 0)
      continue;
    symbols++;
    const uint32_t rest = idf_unit_below(r, 1u << (16 - size));
    unsigned got;
    IDF_UNIT_SEEDED(r, found(&d, (e.code[s] & 0xffff) << (16 - size) | rest, &got) == s);
    IDF_UNIT_SEEDED(r, got == size);
  }
  IDF_UNIT_SEEDED(r, symbols == t->symbols);
}

static void codes_agree(void)
{
  idf_unit_random r = idf_unit_random_of(3);
  for (int i = 0; i < 300; i++) {
    uint64_t count[256] = {0};
    idf_jpeg_table t = {.place = 0x10};
    const unsigned used = 1 + idf_unit_below(&r, 256), spread = idf_unit_below(&r, 40);
    for (unsigned s = 0; s < used; s++)
      count[idf_unit_below(&r, 256)] = 1 + (((uint64_t)1 << spread) >> idf_unit_below(&r, 41));
    idf_jpeg_optimal(count, &t);
    agree(&r, &t);
    /* As short as can be: where nothing was cut, a more frequent symbol is never longer; one code
     * of ones is free. */
    idf_jpeg_encode e;
    (void)idf_jpeg_encode_init(&e, &t);
    uint64_t kraft = 0;
    for (int a = 0; a < 256; a++) {
      IDF_UNIT_SEEDED(&r, (count[a] > 0) == (e.code[a] > 0));
      if (e.code[a])
        kraft += (uint64_t)1 << (16 - (e.code[a] >> 16));
      for (int b = 0; b < 256; b++)
        if (t.bits[16] == 0 && count[a] > count[b] && count[b] > 0)
          IDF_UNIT_SEEDED(&r, e.code[a] >> 16 <= e.code[b] >> 16);
    }
    IDF_UNIT_SEEDED(&r, kraft < 65536);
  }
}

static void long_codes_are_cut(void)
{
  idf_unit_random r = idf_unit_random_of(4);
  uint64_t count[256] = {0}, a = 1, b = 1;
  idf_jpeg_table t = {.place = 0};
  for (int s = 0; s < 80; s++) { /* Fibonacci's numbers give the deepest tree */
    count[s] = a;
    b += a;
    a = b - a;
  }
  idf_jpeg_optimal(count, &t);
  CU_ASSERT_EQUAL(t.symbols, 80);
  CU_ASSERT(t.bits[16] > 0);
  agree(&r, &t);
}

static void odd_tables(void)
{
  idf_jpeg_decode d;
  idf_jpeg_encode e;
  idf_jpeg_table t = {.symbols = 3, .bits = {0, 3}, .value = {1, 2, 3}};
  CU_ASSERT_FALSE(idf_jpeg_decode_init(&d, &t));
  CU_ASSERT_FALSE(idf_jpeg_encode_init(&e, &t));
  t = (idf_jpeg_table){.symbols = 2, .bits = {0, 2}, .value = {7, 9}};
  CU_ASSERT_TRUE(idf_jpeg_decode_init(&d, &t));
  unsigned size;
  CU_ASSERT_EQUAL(found(&d, 0xffff, &size), 9);
  t = (idf_jpeg_table){.symbols = 0};
  CU_ASSERT_TRUE(idf_jpeg_decode_init(&d, &t));
  CU_ASSERT_EQUAL(found(&d, 0, &size), 256);
  uint64_t none[256] = {0};
  idf_jpeg_optimal(none, &t);
  CU_ASSERT_EQUAL(t.symbols, 0);
}

int idf_suite_jpeg_huff(void)
{
  static const idf_unit_test tests[] = {
      {"the standard tables are libjpeg's", standard_is_libjpegs},
      {"codes for writing and reading agree, and are as short as can be", codes_agree},
      {"no code is longer than 16 bits", long_codes_are_cut},
      {"tables with too many codes, with all, with none", odd_tables},
      {NULL, NULL}};
  return idf_unit_suite("jpeg_huff", tests);
}

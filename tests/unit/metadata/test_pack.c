/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_pack.c: pieces come back as they were, typical ones much shorter, and what is
 * damaged is refused within its bounds.
 */
#include "pack.h"
#include "unit.h"

#include <string.h>

int idf_suite_pack(void);

/* Bytes of the stream; 0 when what comes back differs. */
static size_t packed_size(idf_mem *mem, const idf_buf *plain)
{
  idf_buf out;
  idf_buf_init(&out, mem);
  uint8_t *back = idf_alloc(mem, plain->len, 1);
  const unsigned words = idf_pack_words(plain->data, plain->len);
  CU_ASSERT_EQUAL(idf_pack_encode(mem, NULL, words, plain->data, plain->len, &out), IDF_OK);
  size_t size = out.len;
  CU_ASSERT(idf_pack_plausible(out.len, plain->len));
  if (idf_pack_decode(mem, NULL, words, out.data, out.len, back, plain->len) != IDF_OK
      || memcmp(back, plain->data, plain->len) != 0)
    size = 0;
  idf_free(mem, back);
  idf_buf_free(&out);
  return size;
}

static void random_pieces_come_back(void)
{
  idf_unit_random r = idf_unit_random_of(19);
  idf_mem mem;
  idf_buf plain;
  uint8_t data[3000];
  idf_mem_init(&mem, UINT64_MAX);
  for (int i = 0; i < 30; i++) {
    idf_buf_init(&plain, &mem);
    for (uint32_t n = 1 + idf_unit_below(&r, 6); n > 0; n--) {
      const uint32_t size = idf_unit_below(&r, 3) * idf_unit_below(&r, 1000);
      const uint32_t values = 1 + idf_unit_below(&r, 256);
      for (uint32_t k = 0; k < size; k++)
        data[k] = (uint8_t)idf_unit_below(&r, values);
      idf_piece_put(&plain, "eXIf", data, size);
    }
    IDF_UNIT_SEEDED(&r, packed_size(&mem, &plain) > 0);
    idf_buf_free(&plain);
  }
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void icons_and_padding_shrink(void)
{
  static uint8_t zeros[1 << 18];
  idf_mem mem;
  idf_buf plain;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&plain, &mem);
  idf_piece_put(&plain, "sRGB", "", 1);
  idf_piece_put(&plain, "pHYs", "\0\0\13\23\0\0\13\23\1", 9);
  idf_piece_put(&plain, "tEXt", "Software\0www.inkscape.org", 25);
  const size_t size = packed_size(&mem, &plain);
  CU_ASSERT(size > 0 && size <= 20);
  /* A primer for what is there knows more words than the one for all. */
  idf_piece_put(&plain, "tEXt",
                "date:create\0"
                "2021-03-04T05:06:07+00:00",
                37);
  const size_t more = packed_size(&mem, &plain);
  CU_ASSERT(more > 0 && more <= size + 22);
  idf_buf_clear(&plain);
  /* As far as expansion goes: this bounds what idf_pack_plausible may refuse. */
  idf_piece_put(&plain, "zero", zeros, sizeof zeros);
  const size_t least = packed_size(&mem, &plain);
  CU_ASSERT(least > 0 && least < 1000);
  idf_buf_free(&plain);
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* Each set of words shortens what it is for, and only that asks for it. */
static void words_are_of_use(void)
{
  static const struct {
    const char *data;
    unsigned words;
  } cases[] = {{"XML:com.adobe.xmp\0\0\0\0\0<?xpacket begin=\"\357\273\277\" id=\"W5M0Mp", 1},
               {"date:modify\0"
                "2021-03-04T05:06:07+00:00",
                2},
               {"exif:FocalLengthIn35mmFilm\0"
                "75",
                4},
               {"icc:description\0GIMP built-in sRGB", 4},
               {"Comment\0exif:date:", 0}};
  idf_mem mem;
  idf_buf plain, out[2];
  uint8_t back[100];
  idf_mem_init(&mem, UINT64_MAX);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const char *data = cases[i].data;
    const size_t size = strlen(data) + 1 + strlen(data + strlen(data) + 1);
    idf_buf_init(&plain, &mem);
    idf_piece_put(&plain, "tEXt", data, size);
    CU_ASSERT_EQUAL(idf_pack_words(plain.data, plain.len), cases[i].words);
    for (int with = 0; with < 2; with++) {
      const unsigned words = with ? cases[i].words : 0;
      idf_buf_init(&out[with], &mem);
      CU_ASSERT_EQUAL_FATAL(idf_pack_encode(&mem, NULL, words, plain.data, plain.len, &out[with]),
                            IDF_OK);
      CU_ASSERT_EQUAL(
          idf_pack_decode(&mem, NULL, words, out[with].data, out[with].len, back, plain.len),
          IDF_OK);
      CU_ASSERT_EQUAL(memcmp(back, plain.data, plain.len), 0);
    }
    if (cases[i].words != 0)
      CU_ASSERT(out[1].len < out[0].len);
    idf_piece_put(&plain, "tEXt", "date:", 5);
    CU_ASSERT_EQUAL(idf_pack_words(plain.data, plain.len), cases[i].words | IDF_PACK_DATES);
    /* What is cut short, which no encoder has, is read no further. */
    CU_ASSERT_EQUAL(idf_pack_words(plain.data, plain.len - 1), cases[i].words);
    for (int with = 0; with < 2; with++)
      idf_buf_free(&out[with]);
    idf_buf_free(&plain);
  }
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void noise_is_told_from_texts(void)
{
  idf_unit_random r = idf_unit_random_of(21);
  uint8_t noise[4096], data[4096];
  for (int i = 0; i < 100; i++) {
    for (size_t k = 0; k < sizeof noise; k++)
      noise[k] = (uint8_t)idf_unit_next(&r);
    IDF_UNIT_SEEDED(&r, idf_pack_useless(noise, sizeof noise));
    IDF_UNIT_SEEDED(&r, !idf_pack_useless(noise, 255));
    /* One window of something else is enough. */
    memcpy(data, noise, sizeof data);
    const size_t at = 256 * (size_t)idf_unit_below(&r, sizeof data / 256);
    for (size_t k = 0; k < 256; k++)
      data[at + k] = (uint8_t)idf_unit_below(&r, 128);
    IDF_UNIT_SEEDED(&r, !idf_pack_useless(data, sizeof data));
  }
  CU_ASSERT(!idf_pack_useless(noise, 0));
}

static void damage_is_refused(void)
{
  idf_unit_random r = idf_unit_random_of(20);
  idf_mem mem;
  idf_buf plain, out;
  uint8_t back[200];
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&plain, &mem);
  idf_buf_init(&out, &mem);
  idf_piece_put(&plain, "tEXt", "Title\0a short story", 19);
  idf_piece_put(&plain, "tIME", "\7\344\1\1\0\0\0", 7);
  CU_ASSERT_EQUAL_FATAL(idf_pack_encode(&mem, NULL, 0, plain.data, plain.len, &out), IDF_OK);
  for (size_t i = 0; i < out.len; i++)
    for (unsigned bit = 0; bit < 8; bit++) {
      out.data[i] ^= (uint8_t)(1u << bit);
      CU_ASSERT_EQUAL(idf_pack_decode(&mem, NULL, 0, out.data, out.len, back, plain.len),
                      IDF_ERR_CORRUPT);
      out.data[i] ^= (uint8_t)(1u << bit);
    }
  for (size_t len = 0; len < out.len; len++)
    CU_ASSERT_EQUAL(idf_pack_decode(&mem, NULL, 0, out.data, len, back, plain.len),
                    IDF_ERR_CORRUPT);
  for (size_t size = 1; size < sizeof back; size++)
    CU_ASSERT_EQUAL(idf_pack_decode(&mem, NULL, 0, out.data, out.len, back, size),
                    size == plain.len ? IDF_OK : IDF_ERR_CORRUPT);
  for (int i = 0; i < 100; i++) {
    for (size_t k = 0; k < out.len; k++)
      out.data[k] = (uint8_t)idf_unit_next(&r);
    IDF_UNIT_SEEDED(&r, idf_pack_decode(&mem, NULL, 0, out.data, out.len, back, 100)
                            == IDF_ERR_CORRUPT);
  }
  CU_ASSERT(!idf_pack_plausible(8, 0));
  CU_ASSERT(!idf_pack_plausible(8, 12001));
  CU_ASSERT(!idf_pack_plausible(SIZE_MAX, IDF_PACK_MAX + 1));
  idf_buf_free(&plain);
  idf_buf_free(&out);
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void allocations_may_fail(void)
{
  idf_mem mem;
  idf_buf plain, out;
  uint8_t back[11];
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&plain, &mem);
  idf_piece_put(&plain, "gAMA", "\0\0\261\217", 4);
  idf_buf_init(&out, &mem);
  CU_ASSERT_EQUAL_FATAL(idf_pack_encode(&mem, NULL, 0, plain.data, plain.len, &out), IDF_OK);
  for (int i = 0; i < 5; i++) {
    mem.fail_in = i;
    CU_ASSERT_EQUAL(idf_pack_decode(&mem, NULL, 0, out.data, out.len, back, 11), IDF_ERR_MEMORY);
  }
  int64_t fail_in = 0;
  for (idf_status status = IDF_ERR_MEMORY; status != IDF_OK && fail_in < 100; fail_in++) {
    idf_buf again;
    idf_buf_init(&again, &mem);
    mem.fail_in = fail_in;
    status = idf_pack_encode(&mem, NULL, 0, plain.data, plain.len, &again);
    CU_ASSERT(status == IDF_OK || status == IDF_ERR_MEMORY);
    mem.fail_in = -1;
    idf_buf_free(&again);
  }
  CU_ASSERT(fail_in > 5 && fail_in < 100);
  idf_buf_free(&plain);
  idf_buf_free(&out);
  CU_ASSERT_EQUAL(mem.used, 0);
}

static int count_down(void *context)
{
  int *left = context;
  return (*left)-- <= 0;
}

/* Large metadata take a second: whoever wants them to end is asked all the time. */
static void work_may_be_cancelled(void)
{
  enum { SIZE = 100000 };
  idf_unit_random r = idf_unit_random_of(3);
  idf_mem mem;
  idf_buf plain, out;
  int left = 1000000;
  idf_cancel never = {.asked = count_down, .context = &left};
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&plain, &mem);
  idf_buf_init(&out, &mem);
  uint8_t *data = idf_alloc(&mem, SIZE, 1), *back = idf_alloc(&mem, 2 * SIZE, 1);
  CU_ASSERT_FATAL(data && back);
  for (size_t i = 0; i < SIZE; i++)
    data[i] = (uint8_t)(32 + idf_unit_below(&r, 64));
  idf_piece_put(&plain, "tEXt", data, SIZE);
  CU_ASSERT_EQUAL(idf_pack_encode(&mem, &never, 0, plain.data, plain.len, &out), IDF_OK);
  CU_ASSERT(left <= 1000000 - SIZE / 2048);
  for (int asks = 0; asks < 90; asks += 10) {
    idf_buf part;
    idf_cancel soon = {.asked = count_down, .context = &left};
    idf_buf_init(&part, &mem);
    left = asks;
    CU_ASSERT_EQUAL(idf_pack_encode(&mem, &soon, 0, plain.data, plain.len, &part),
                    IDF_ERR_CANCELLED);
    CU_ASSERT_EQUAL(left, -1);
    soon = (idf_cancel){.asked = count_down, .context = &left};
    left = asks;
    CU_ASSERT_EQUAL(idf_pack_decode(&mem, &soon, 0, out.data, out.len, back, plain.len),
                    IDF_ERR_CANCELLED);
    CU_ASSERT_EQUAL(left, -1);
    idf_buf_free(&part);
  }
  idf_free(&mem, data);
  idf_free(&mem, back);
  idf_buf_free(&plain);
  idf_buf_free(&out);
  CU_ASSERT_EQUAL(mem.used, 0);
}

int idf_suite_pack(void)
{
  static const idf_unit_test tests[] = {
      {"random pieces come back", random_pieces_come_back},
      {"icons and padding shrink", icons_and_padding_shrink},
      {"words are of use", words_are_of_use},
      {"noise is told from texts", noise_is_told_from_texts},
      {"damage is refused", damage_is_refused},
      {"allocations may fail", allocations_may_fail},
      {"work may be cancelled", work_may_be_cancelled},
      {NULL, NULL},
  };
  return idf_unit_suite("pack", tests);
}

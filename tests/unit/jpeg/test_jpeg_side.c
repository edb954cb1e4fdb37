/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_jpeg_side.c: the side stream holds all that the coefficients do not: odd bytes anywhere,
 * tables by one byte, padding of both kinds; and nothing that is damaged does harm.
 */
#include "jpegkit.h"

int idf_suite_jpeg_side(void);

static void make(idf_mem *mem, idf_buf *file, size_t kind, unsigned side)
{
  idf_mem_init(mem, (uint64_t)1 << 28);
  idf_buf_init(file, mem);
  jpegkit_make(file, &jpegkit_kinds[kind], side, side, kind);
}

static void insert(idf_buf *file, size_t at, const char *bytes, size_t len)
{
  idf_put_bytes(file, bytes, len);
  memmove(file->data + at + len, file->data + at, file->len - len - at);
  memcpy(file->data + at, bytes, len);
}

static void odd_bytes_come_back(void)
{
  for (size_t k = 0; k < JPEGKIT_KINDS; k++) {
    idf_mem mem;
    idf_buf file;
    make(&mem, &file, k, 40);
    const size_t end = file.len - 2;
    insert(&file, end, "\0\377\320junk\377\0", 9);       /* after the last scan */
    insert(&file, 2, "x\377\377", 3);                    /* before the first segment */
    idf_put_bytes(&file, "\377\330\377tail\377\332", 9); /* after EOI */
    CU_ASSERT_EQUAL(jpegkit_round_trip(file.data, file.len, 2), IDF_JPEG_OK);
    file.len = end + 3; /* no EOI */
    CU_ASSERT_EQUAL(jpegkit_round_trip(file.data, file.len, 2), IDF_JPEG_OK);
    idf_buf_free(&file);
  }
}

/* Bytes of the side stream; the file has `head` bytes outside its scans. */
static size_t side_size(size_t kind, size_t *head)
{
  idf_mem mem;
  idf_buf file;
  idf_jpeg j;
  jpegkit_taken taken;
  make(&mem, &file, kind, 200);
  CU_ASSERT_EQUAL(jpegkit_take(&mem, file.data, file.len, 3, &taken), IDF_JPEG_OK);
  CU_ASSERT_EQUAL_FATAL(idf_jpeg_parse(&j, &mem, file.data, file.len, 1 << 20), IDF_JPEG_OK);
  *head = file.len;
  for (uint32_t i = 0; i < j.scans; i++)
    *head -= j.scan[i].end - j.scan[i].start;
  for (uint32_t i = 0; i < j.tables; i++)
    *head -= 15u + j.table[i].symbols; /* all but place and form */
  for (uint32_t i = 0; i < j.holes; i++)
    *head -= !j.hole[i].is_scan; /* a count instead of a length */
  *head += 3;                    /* flags and the size of the file */
  const size_t size = taken.side.len;
  idf_jpeg_free(&j);
  jpegkit_taken_free(&mem, &taken);
  idf_buf_free(&file);
  return size;
}

static void tables_cost_one_byte(void)
{
  for (size_t k = 0; k < JPEGKIT_KINDS; k++) {
    size_t head;
    const size_t size = side_size(k, &head);
    CU_ASSERT(size >= head - 1 && size <= head + 1);
  }
}

static void both_paddings_come_back(void)
{
  unsigned changes = 0;
  for (size_t k = 0; k < JPEGKIT_KINDS; k++) {
    idf_mem mem;
    idf_buf file;
    idf_unit_random r = idf_unit_random_of(k);
    if (!jpegkit_kinds[k].restart)
      continue;
    make(&mem, &file, k, 120);
    /* Before half of the restart markers the lowest bit goes: one of padding, or the file is not
     * the same and still comes back or is refused. */
    for (size_t at = file.len / 2; at + 2 < file.len; at++)
      if (file.data[at] == 0xff && (file.data[at + 1] & 0xf8) == 0xd0
          && idf_unit_below(&r, 8) == 0) {
        file.data[at - 1] &= 0xfe;
        changes++;
      }
    const idf_jpeg_why why = jpegkit_round_trip(file.data, file.len, 2);
    CU_ASSERT(why != IDF_JPEG_SIDE);
    idf_buf_free(&file);
  }
  CU_ASSERT(changes > 20);
}

/* A restart interval of one block that ends with a padding of one kind of bits; the whole scan
 * with zeros, or with zeros here and there: kept as a flag, and as edits. */
static void padding_is_told_from_data(void)
{
  idf_mem mem;
  idf_buf file;
  idf_jpeg j;
  jpegkit_taken taken;
  jpegkit_kind k = jpegkit_kinds[0];
  k.restart = 1;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&file, &mem);
  jpegkit_make(&file, &k, 8 * 60, 8 * 20, 5);
  CU_ASSERT_EQUAL_FATAL(idf_jpeg_parse(&j, &mem, file.data, file.len, 1 << 20), IDF_JPEG_OK);
  /* Standard luminance: EOB is 1010, so the trailing ones after the last 0 are padding. */
  unsigned cleared = 0;
  for (size_t at = j.scan[0].start; at + 1 < file.len; at++)
    if (file.data[at] == 0xff && (file.data[at + 1] & 0xf8) == 0xd0) {
      uint8_t *last = &file.data[at - 1];
      uint8_t bit = 1;
      while (bit && (*last & bit)) {
        *last = (uint8_t)(*last & ~bit);
        bit = (uint8_t)(bit << 1);
      }
      cleared++;
    }
  idf_jpeg_free(&j);
  CU_ASSERT(cleared > 1000);
  CU_ASSERT_EQUAL(jpegkit_take(&mem, file.data, file.len, 4, &taken), IDF_JPEG_OK);
  CU_ASSERT_EQUAL(taken.side.data[0] & 1, 1);
  jpegkit_taken_free(&mem, &taken);
  CU_ASSERT_EQUAL(jpegkit_round_trip(file.data, file.len, 4), IDF_JPEG_OK);
  idf_buf_free(&file);
}

static void cut_files_are_refused(void)
{
  for (size_t k = 0; k < JPEGKIT_KINDS; k += 3) {
    idf_mem mem;
    idf_buf file;
    make(&mem, &file, k, 33);
    for (size_t len = 0; len < file.len; len++) {
      uint8_t *exact = malloc(len ? len : 1);
      if (!exact)
        abort();
      memcpy(exact, file.data, len);
      const idf_jpeg_why why = jpegkit_round_trip(exact, len, 1);
      CU_ASSERT(why != IDF_JPEG_SIDE);
      CU_ASSERT(why != IDF_JPEG_OK || len + 8 > file.len || jpegkit_kinds[k].progressive);
      free(exact);
    }
    idf_buf_free(&file);
  }
}

static void changed_files_are_refused_or_come_back(void)
{
  unsigned back = 0, refused = 0;
  for (unsigned i = 0; i < 4000; i++) {
    idf_unit_random r = idf_unit_random_of(i);
    idf_mem mem;
    idf_buf file;
    make(&mem, &file, i % JPEGKIT_KINDS, 24);
    for (uint32_t n = 1 + idf_unit_below(&r, 3); n > 0; n--)
      file.data[idf_unit_below(&r, (uint32_t)file.len)] ^= (uint8_t)(1u << idf_unit_below(&r, 8));
    const idf_jpeg_why why = jpegkit_round_trip(file.data, file.len, 1);
    IDF_UNIT_SEEDED(&r, why != IDF_JPEG_SIDE);
    *(why == IDF_JPEG_OK ? &back : &refused) += 1;
    idf_buf_free(&file);
  }
  CU_ASSERT(back > 200 && refused > 200);
}

static void damaged_sides_do_no_harm(void)
{
  for (size_t k = 0; k < JPEGKIT_KINDS; k++) {
    idf_mem mem;
    idf_buf file, out;
    jpegkit_taken taken;
    make(&mem, &file, k, 30);
    idf_buf_init(&out, &mem);
    CU_ASSERT_EQUAL(jpegkit_take(&mem, file.data, file.len, 1, &taken), IDF_JPEG_OK);
    const size_t whole = taken.side.len;
    /* Whatever the frame is made to be, the coefficients must be enough for it. */
    for (unsigned i = 0; i < 300; i++) {
      idf_unit_random r = idf_unit_random_of(i);
      idf_jpeg j;
      const size_t at = idf_unit_below(&r, (uint32_t)whole);
      const uint8_t old = taken.side.data[at];
      taken.side.data[at] ^= (uint8_t)(1 + idf_unit_below(&r, 255));
      const idf_jpeg_why why =
          idf_jpeg_side_get(&j, &mem, taken.side.data, taken.side.len, 30 * 30);
      if (why == IDF_JPEG_OK) {
        idf_jpeg_band blank;
        idf_jpeg_writer *w = NULL;
        CU_ASSERT_TRUE_FATAL(idf_jpeg_band_init(&blank, &j, &mem, j.mcus_h));
        for (unsigned c = 0; c < j.components; c++)
          for (size_t n = 0; n < 64; n++)
            blank.coefs[c][n] = (int16_t)idf_unit_next(&r);
        if (idf_jpeg_write_new(&j, &mem, &w) == IDF_JPEG_OK
            && idf_jpeg_write(w, &blank) == IDF_JPEG_OK && idf_jpeg_write_end(w) == IDF_JPEG_OK)
          (void)idf_jpeg_emit(&j, w, jpegkit_keep, &out);
        idf_jpeg_write_free(w);
        idf_jpeg_band_free(&blank, &mem);
        idf_jpeg_free(&j);
      }
      taken.side.data[at] = old;
    }
    for (size_t len = 0; len < whole; len++) {
      idf_jpeg j;
      if (idf_jpeg_side_get(&j, &mem, taken.side.data, len, 1 << 20) == IDF_JPEG_OK)
        idf_jpeg_free(&j);
    }
    jpegkit_taken_free(&mem, &taken);
    idf_buf_free(&file);
    idf_buf_free(&out);
    CU_ASSERT_EQUAL(mem.used, 0);
  }
}

static void every_allocation_may_fail(void)
{
  for (int i = 0;; i++) {
    idf_mem mem;
    idf_buf file, out;
    jpegkit_taken taken;
    make(&mem, &file, 12, 40);
    idf_buf_init(&out, &mem);
    mem.fail_in = i;
    const idf_jpeg_why why = jpegkit_take(&mem, file.data, file.len, 2, &taken);
    const bool taken_all = mem.fail_in >= 0;
    CU_ASSERT_EQUAL(why, taken_all ? IDF_JPEG_OK : IDF_JPEG_MEMORY);
    if (why == IDF_JPEG_OK)
      CU_ASSERT_EQUAL(jpegkit_give(&mem, &taken, 2, &out) == IDF_OK, mem.fail_in >= 0);
    const bool over = mem.fail_in >= 0;
    mem.fail_in = -1;
    jpegkit_taken_free(&mem, &taken);
    idf_buf_free(&file);
    idf_buf_free(&out);
    CU_ASSERT_EQUAL(mem.used, 0);
    if (over)
      break;
  }
}

int idf_suite_jpeg_side(void)
{
  static const idf_unit_test tests[] = {
      {"odd bytes between segments and after the end come back", odd_bytes_come_back},
      {"a standard or optimal table costs one byte", tables_cost_one_byte},
      {"padding of both kinds comes back", both_paddings_come_back},
      {"padding with zeros is a flag", padding_is_told_from_data},
      {"files cut anywhere are refused", cut_files_are_refused},
      {"changed files are refused or come back", changed_files_are_refused_or_come_back},
      {"damaged side streams do no harm", damaged_sides_do_no_harm},
      {"every allocation may fail", every_allocation_may_fail},
      {NULL, NULL}};
  return idf_unit_suite("jpeg_side", tests);
}

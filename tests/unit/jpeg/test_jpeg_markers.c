/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_jpeg_markers.c: frames and scans are found as they were made; what is not done is refused
 * for the right reason, and no small file makes anybody take much memory or time.
 */
#include "jpegkit.h"

int idf_suite_jpeg_markers(void);

typedef struct bench {
  idf_mem mem;
  idf_buf file;
  idf_jpeg jpeg;
} bench;

static void open(bench *b, size_t kind)
{
  idf_mem_init(&b->mem, UINT64_MAX);
  idf_buf_init(&b->file, &b->mem);
  jpegkit_make(&b->file, &jpegkit_kinds[kind], 75, 41, kind);
}

static idf_jpeg_why parse(bench *b, uint64_t max_pixels)
{
  const idf_jpeg_why why = idf_jpeg_parse(&b->jpeg, &b->mem, b->file.data, b->file.len, max_pixels);
  if (why != IDF_JPEG_OK)
    CU_ASSERT_PTR_NULL(b->jpeg.scan);
  return why;
}

static void shut(bench *b)
{
  idf_jpeg_free(&b->jpeg);
  idf_buf_free(&b->file);
  CU_ASSERT_EQUAL(b->mem.used, 0);
}

/* Where the first segment with this marker begins: its 0xff. */
static size_t find(const bench *b, unsigned marker)
{
  for (size_t at = 2; at + 4 < b->file.len && b->file.data[at] == 0xff;
       at += 2u + b->file.data[at + 2] * 256u + b->file.data[at + 3])
    if (b->file.data[at + 1] == marker)
      return at;
  CU_FAIL_FATAL("no such segment");
  return 0;
}

static void frames_are_found(void)
{
  for (size_t k = 0; k < JPEGKIT_KINDS; k++) {
    const jpegkit_kind *kind = &jpegkit_kinds[k];
    bench b;
    open(&b, k);
    CU_ASSERT_EQUAL_FATAL(parse(&b, 75 * 41), IDF_JPEG_OK);
    const idf_jpeg *j = &b.jpeg;
    CU_ASSERT_EQUAL(j->width, 75);
    CU_ASSERT_EQUAL(j->height, 41);
    CU_ASSERT_EQUAL(j->components, jpegkit_channels(kind));
    CU_ASSERT_EQUAL(j->frame == 2, kind->progressive);
    CU_ASSERT_EQUAL(j->jfif, kind->space == JCS_GRAYSCALE || kind->space == JCS_YCbCr);
    CU_ASSERT_EQUAL(j->adobe, kind->space == JCS_RGB || j->components == 4);
    CU_ASSERT_EQUAL(j->adobe_transform, kind->space == JCS_YCCK ? 2 : 0);
    CU_ASSERT_EQUAL(j->component[0].h, kind->h);
    CU_ASSERT_EQUAL(j->component[0].v, kind->v);
    CU_ASSERT_EQUAL(j->mcus_w, (75u + 8 * j->h_max - 1) / (8u * j->h_max));
    CU_ASSERT_EQUAL(j->component[0].width, 75);
    CU_ASSERT_EQUAL(j->component[0].used_w, 10);
    CU_ASSERT_EQUAL(j->component[0].used_h, 6);
    CU_ASSERT_EQUAL(j->scan[0].restart, kind->restart);
    if (!kind->progressive)
      CU_ASSERT_EQUAL(j->scans, kind->split ? 3 : 1);
    CU_ASSERT(j->scan[j->scans - 1].end <= b.file.len - 2);
    shut(&b);
  }
}

/* What byte `at` behind a marker makes of kind 4 when it is v. */
static idf_jpeg_why changed(unsigned marker, size_t at, unsigned v)
{
  bench b;
  open(&b, 4);
  b.file.data[find(&b, marker) + at] = (uint8_t)v;
  const idf_jpeg_why why = parse(&b, 1 << 20);
  shut(&b);
  return why;
}

static void what_is_not_done_is_refused(void)
{
  static const struct {
    uint8_t marker, at, value;
    idf_jpeg_why why;
  } cases[] = {{0xc0, 1, 0xc3, IDF_JPEG_LOSSLESS},
               {0xc0, 1, 0xcb, IDF_JPEG_LOSSLESS},
               {0xc0, 1, 0xc5, IDF_JPEG_HIERARCHICAL},
               {0xc0, 1, 0xcf, IDF_JPEG_HIERARCHICAL},
               {0xc0, 1, 0xde, IDF_JPEG_HIERARCHICAL},
               {0xc0, 1, 0xc9, IDF_JPEG_ARITHMETIC},
               {0xc0, 1, 0xca, IDF_JPEG_ARITHMETIC},
               {0xc0, 1, 0xcc, IDF_JPEG_ARITHMETIC},
               {0xc0, 1, 0xdc, IDF_JPEG_NO_HEIGHT},
               {0xc0, 1, 0xd8, IDF_JPEG_SEGMENT},
               {0xc0, 1, 0xe5, IDF_JPEG_FRAME},
               {0xc0, 4, 12, IDF_JPEG_PRECISION},
               {0xc0, 9, 5, IDF_JPEG_FRAME},
               {0xc0, 11, 0x52, IDF_JPEG_FRAME},
               {0xc0, 11, 0x20, IDF_JPEG_FRAME},
               {0xc0, 12, 4, IDF_JPEG_FRAME},
               {0xc0, 12, 3, IDF_JPEG_TABLE},
               {0xdb, 4, 0x20, IDF_JPEG_TABLE},
               {0xdb, 4, 4, IDF_JPEG_TABLE},
               {0xdb, 4, 2, IDF_JPEG_TABLE},
               {0xdb, 3, 1, IDF_JPEG_SEGMENT},
               {0xc4, 4, 0x20, IDF_JPEG_TABLE},
               {0xc4, 4, 3, IDF_JPEG_TABLE},
               {0xc4, 5, 255, IDF_JPEG_TABLE},
               {0xda, 4, 2, IDF_JPEG_SCAN},
               {0xda, 5, 9, IDF_JPEG_SCAN},
               {0xda, 7, 1, IDF_JPEG_SCAN},
               {0xda, 6, 0x22, IDF_JPEG_TABLE},
               {0xc0, 17, 0x44, IDF_JPEG_SCAN},
               {0xda, 1, 0xd9, IDF_JPEG_NO_SCAN},
               {0xdb, 2, 0xff, IDF_JPEG_CUT_HEADER}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const idf_jpeg_why why = changed(cases[i].marker, cases[i].at, cases[i].value);
    if (why != cases[i].why)
      printf("# case %zu: %s\n", i, idf_jpeg_reason(why));
    CU_ASSERT_EQUAL(why, cases[i].why);
  }
  bench b;
  jpegkit_kind k = jpegkit_kinds[4];
  open(&b, 4);
  CU_ASSERT_EQUAL(parse(&b, 75 * 41 - 1), IDF_JPEG_LIMIT);
  b.file.data[0] = 0;
  CU_ASSERT_EQUAL(parse(&b, 1 << 20), IDF_JPEG_NOT_JPEG);
  k.arithmetic = true;
  idf_buf_clear(&b.file);
  jpegkit_make(&b.file, &k, 20, 20, 1);
  CU_ASSERT_EQUAL(parse(&b, 1 << 20), IDF_JPEG_ARITHMETIC);
  shut(&b);
}

static void progressions_are_checked(void)
{
  static const struct {
    uint8_t at, value; /* of the first scan: Ss, Se, Ah and Al come last */
  } cases[] = {{11, 1}, {12, 1}, {13, 0x10}, {13, 0x00}, {13, 0x0e}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bench b;
    open(&b, 12);
    b.file.data[find(&b, 0xda) + cases[i].at] = cases[i].value;
    CU_ASSERT_EQUAL(parse(&b, 1 << 20), IDF_JPEG_SCAN);
    shut(&b);
  }
}

static void small_files_stay_small(void)
{
  for (size_t kind = 4; kind <= 12; kind += 8) {
    bench b;
    open(&b, kind);
    const size_t at = find(&b, kind == 4 ? 0xc0 : 0xc2);
    memset(b.file.data + at + 5, 0xff, 4); /* 65535 x 65535 */
    const uint64_t before = b.mem.used;
    b.mem.peak = before;
    CU_ASSERT_EQUAL(parse(&b, UINT64_MAX), IDF_JPEG_CUT_SCAN);
    CU_ASSERT(b.mem.peak - before < 64 * b.file.len);
    shut(&b);
  }
}

/* The AC scan of a blank picture, again and again, for the other coefficients. */
static void scans_are_bounded(void)
{
  bench b;
  idf_buf many;
  open(&b, 0);
  idf_buf_init(&many, &b.mem);
  const size_t sos = find(&b, 0xda);
  idf_put_bytes(&many, b.file.data, b.file.len - 2);
  for (int i = 0; i < 256; i++)
    idf_put_bytes(&many, b.file.data + sos, 10);
  many.data[find(&b, 0xc0) + 1] = 0xc2;
  for (size_t i = 0; i < 257; i++) { /* 63 x 4 refinements, and those from 13 on */
    uint8_t *p = many.data + (i == 0 ? sos : b.file.len - 2 + 10 * (i - 1));
    const uint8_t low = i == 0 ? 0 : (uint8_t)(13 - (i - 1) / 63);
    p[7] = p[8] = (uint8_t)(i == 0 ? 0 : 1 + (i - 1) % 63);
    p[9] = (uint8_t)(low == 13 || i == 0 ? low : (low + 1) << 4 | low);
  }
  CU_ASSERT_EQUAL(idf_jpeg_parse(&b.jpeg, &b.mem, many.data, many.len, 1 << 20),
                  IDF_JPEG_MANY_SCANS);
  idf_buf_free(&many);
  shut(&b);
}

static void every_allocation_may_fail(void)
{
  for (int i = 0;; i++) {
    bench b;
    open(&b, 12);
    b.mem.fail_in = i;
    const idf_jpeg_why why = parse(&b, 1 << 20);
    const bool over = b.mem.fail_in >= 0;
    CU_ASSERT_EQUAL(why, over ? IDF_JPEG_OK : IDF_JPEG_MEMORY);
    b.mem.fail_in = -1;
    shut(&b);
    if (over)
      break;
  }
}

int idf_suite_jpeg_markers(void)
{
  static const idf_unit_test tests[] = {
      {"frames and scans are found", frames_are_found},
      {"what is not done is refused for its reason", what_is_not_done_is_refused},
      {"progressions out of order are refused", progressions_are_checked},
      {"a small file cannot ask for much memory", small_files_stay_small},
      {"the number of scans is bounded", scans_are_bounded},
      {"every allocation may fail", every_allocation_may_fail},
      {NULL, NULL}};
  return idf_unit_suite("jpeg_markers", tests);
}

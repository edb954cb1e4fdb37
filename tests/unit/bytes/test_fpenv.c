/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_fpenv.c: whatever the caller rounds like, the codec rounds to nearest, and afterwards the
 * caller does again what it did. Through the public calls: the same bytes and samples.
 */
#include "fpenv.h"

#include <float.h>

#include "picture.h"
#include "unit.h"

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

int idf_suite_fpenv(void);

static const int modes[] = {
    FE_TONEAREST,
#if defined(FE_UPWARD)
    FE_UPWARD,
#endif
#if defined(FE_DOWNWARD)
    FE_DOWNWARD,
#endif
#if defined(FE_TOWARDZERO)
    FE_TOWARDZERO,
#endif
};
#define MODES (sizeof modes / sizeof *modes)

/* Mode i, with everything else that could be odd: flushing to zero, a flag that is up. */
static void set_mode(size_t i)
{
  CU_ASSERT_EQUAL_FATAL(fesetround(modes[i]), 0);
  feclearexcept(FE_ALL_EXCEPT);
  feraiseexcept(FE_OVERFLOW);
#if defined(__SSE2__)
  _mm_setcsr(_mm_getcsr() | 0x8040u); /* FTZ and DAZ */
#endif
}

/* Whether mode i is still there, flag included; then what is usual again. */
static bool mode_stayed(size_t i)
{
  bool same =
      fegetround() == modes[i] && fetestexcept(FE_OVERFLOW) != 0 && fetestexcept(FE_DIVBYZERO) == 0;
#if defined(__SSE2__)
  same = same && (_mm_getcsr() & 0x8040u) == 0x8040u;
#endif
  fesetenv(FE_DFL_ENV);
#if defined(__SSE2__)
  _mm_setcsr(0x1f80u);
#endif
  return same;
}

/* Volatile, so that it is computed here and now. */
static bool arithmetic_is_plain(void)
{
  volatile double one = 1, tiny = DBL_EPSILON / 4, least = DBL_MIN;
  volatile double up = one + tiny, down = -one - tiny, half = least / 2;
  return up == 1 && down == -1 && half > 0 && half * 2 == least;
}

static void arithmetic_is_plain_inside(void)
{
  for (size_t i = 0; i < MODES; i++) {
    idf_fpenv before;
    set_mode(i);
    idf_fpenv_enter(&before);
    const bool plain = arithmetic_is_plain();
    feraiseexcept(FE_DIVBYZERO); /* nobody outside hears of it */
    idf_fpenv_leave(&before);
    const bool stayed = mode_stayed(i);
    CU_ASSERT_TRUE(plain);
    CU_ASSERT_TRUE(stayed);
  }
}

static idf_status encode(const idf_info *info, const uint8_t *raw, unsigned threads, int effort,
                         idf_buf *file)
{
  idf_settings settings;
  idf_encoder *e = NULL;
  idf_settings_init(&settings);
  settings.threads = threads;
  settings.effort = effort;
  settings.tile_log2 = 7;
  idf_status status = idf_encoder_new(&settings, info, picture_write, file, &e);
  if (status == IDF_OK)
    status = idf_encoder_rows(e, raw, info->height);
  if (status == IDF_OK)
    status = idf_encoder_finish(e);
  idf_encoder_free(e);
  return status;
}

static idf_status decode(const idf_info *info, const idf_buf *file, size_t len, unsigned threads,
                         uint8_t *back)
{
  picture_source source = {file->data, len, 0};
  idf_decoder *d = NULL;
  idf_status status = idf_decoder_new(NULL, picture_read, &source, &d);
  if (status == IDF_OK) {
    idf_decoder_threads(d, threads);
    status = idf_decoder_rows(d, back, info->height);
  }
  if (status == IDF_OK)
    status = idf_decoder_finish(d);
  idf_decoder_free(d);
  return status;
}

static void the_callers_modes_change_nothing(void)
{
  static const int efforts[] = {1, 5};
  const idf_info info = picture_info(260, 140, IDF_RGB, 8);
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  uint8_t *raw = picture_make(&mem, &info, PICTURE_SMOOTH, 11);
  uint8_t *back = idf_alloc(&mem, idf_row_bytes(&info), info.height);
  for (size_t k = 0; k < 2; k++) {
    idf_buf first;
    idf_buf_init(&first, &mem);
    CU_ASSERT_EQUAL_FATAL(encode(&info, raw, 1, efforts[k], &first), IDF_OK);
    for (size_t i = 0; i < MODES; i++)
      for (unsigned threads = 1; threads <= 4; threads += 3) {
        idf_buf file;
        idf_buf_init(&file, &mem);
        set_mode(i);
        const idf_status in = encode(&info, raw, threads, efforts[k], &file);
        const bool encoder = mode_stayed(i);
        CU_ASSERT_EQUAL(in, IDF_OK);
        CU_ASSERT_TRUE(encoder);
        CU_ASSERT_TRUE(file.len == first.len && memcmp(file.data, first.data, file.len) == 0);
        memset(back, 0x55, idf_row_bytes(&info) * info.height);
        set_mode(i);
        const idf_status out = decode(&info, &first, first.len, threads, back);
        const bool decoder = mode_stayed(i);
        CU_ASSERT_EQUAL(out, IDF_OK);
        CU_ASSERT_TRUE(decoder);
        CU_ASSERT_EQUAL(memcmp(back, raw, idf_row_bytes(&info) * info.height), 0);
        set_mode(i); /* a file that is cut, and a tile that is damaged */
        const idf_status cut = decode(&info, &first, first.len / 2, threads, back);
        CU_ASSERT_TRUE(mode_stayed(i));
        CU_ASSERT_EQUAL(cut, IDF_ERR_TRUNCATED);
        idf_buf_free(&file);
      }
    idf_buf_free(&first);
  }
  idf_free(&mem, back);
  idf_free(&mem, raw);
  CU_ASSERT_EQUAL(mem.used, 0);
}

int idf_suite_fpenv(void)
{
  static const idf_unit_test tests[] = {
      {"arithmetic is plain inside", arithmetic_is_plain_inside},
      {"the caller's modes change nothing", the_callers_modes_change_nothing},
      {NULL, NULL}};
  return idf_unit_suite("fpenv", tests);
}

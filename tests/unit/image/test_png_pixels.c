/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_png_pixels.c: what was filtered and deflated is what zlib inflates and the PNG
 * specification's filters, written here a byte at a time, give back.
 */
#include "png_pixels.h"

#include <stdlib.h>
#include <zlib.h>

#include "imageio.h"

int idf_suite_png_pixels(void);

#define MOST_BYTES (8u << 20) /* of a test's pixels in the file */

typedef enum kind { NOISE, SMOOTH, DRAWN, MIXED } kind;

/* Smooth samples are within 3 of a slope; drawn ones are of rectangles; mixed pictures
 * change from one to the other every 40 rows. */
static uint8_t *picture(idf_unit_random *r, const idf_info *info, kind k)
{
  const size_t row = (size_t)info->width * idf_channels(info->layout);
  uint8_t *samples = malloc(idf_row_bytes(info) * info->height);
  for (uint32_t y = 0; y < info->height; y++)
    for (size_t i = 0; i < row; i++) {
      const bool drawn = k == DRAWN || (k == MIXED && y / 40 % 2 == 0);
      const uint32_t noise = idf_unit_next(r);
      uint32_t v = k == NOISE ? noise
                   : drawn    ? (y / 9 * 5 + (uint32_t)(i / 48) * 11) * 17
                              : 64 + y / 2 + (uint32_t)i / 16 + noise % 7;
      v &= (1u << info->depth) - 1;
      if (info->depth > 8)
        ((uint16_t *)(void *)samples)[y * row + i] = (uint16_t)v;
      else
        samples[y * row + i] = (uint8_t)v;
    }
  return samples;
}

static idf_status write_all(idf_test_io *io, const idf_info *info, int level, unsigned threads,
                            uint32_t batch, const uint8_t *samples)
{
  idf_png_pixels *pixels;
  idf_status status =
      idf_png_pixels_new(&io->mem, info, level, threads, idf_test_write, io, &pixels);
  for (uint32_t y = 0; y < info->height && status == IDF_OK; y += batch)
    status = idf_png_pixels_rows(pixels, samples + y * idf_row_bytes(info),
                                 IDF_MIN(batch, info->height - y));
  idf_png_pixels_free(pixels);
  return status;
}

static int paeth(int a, int b, int c)
{
  const int p = a + b - c, pa = abs(p - a), pb = abs(p - b), pc = abs(p - c);
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

/* Undoes the filters of `height` rows in place; counts them by kind. */
static void unfilter(uint8_t *data, uint32_t height, size_t bytes, size_t pixel, unsigned used[5])
{
  for (uint32_t y = 0; y < height; y++, data += bytes + 1) {
    CU_ASSERT_FATAL(*data < 5);
    used[*data]++;
    for (size_t i = 1; i <= bytes; i++) {
      const int a = i > pixel ? data[i - pixel] : 0, b = y > 0 ? *(data + i - bytes - 1) : 0;
      const int c = y > 0 && i > pixel ? *(data + i - pixel - bytes - 1) : 0;
      const int guess[5] = {0, a, b, (a + b) / 2, paeth(a, b, c)};
      data[i] = (uint8_t)(data[i] + guess[*data]);
    }
  }
}

static unsigned sample_of(const idf_info *info, const uint8_t *row, size_t i)
{
  if (info->depth == 16)
    return (unsigned)row[2 * i] << 8 | row[2 * i + 1];
  const size_t bit = i * info->depth;
  return row[bit / 8] >> (8 - info->depth - bit % 8) & ((1u << info->depth) - 1);
}

/* What is in io->file is `samples`; counts its filters. */
static void check(idf_test_io *io, const idf_info *info, const uint8_t *samples,
                  const idf_unit_random *r, unsigned used[5])
{
  const size_t channels = idf_channels(info->layout), row = info->width * channels;
  const size_t bytes = (row * info->depth + 7) / 8;
  const size_t pixel = IDF_MAX(channels * info->depth / 8, (size_t)1);
  uLongf len = MOST_BYTES;
  uint8_t *raw = malloc(MOST_BYTES);
  bool same = true;

  IDF_UNIT_SEEDED(r, uncompress(raw, &len, io->file.data, (uLong)io->file.len) == Z_OK);
  IDF_UNIT_SEEDED(r, len == (bytes + 1) * info->height);
  if (len == (bytes + 1) * info->height) {
    unfilter(raw, info->height, bytes, pixel, used);
    for (uint32_t y = 0; y < info->height; y++)
      for (size_t i = 0; i < row; i++) {
        const size_t at = y * row + i;
        const unsigned want =
            info->depth > 8 ? ((const uint16_t *)(const void *)samples)[at] : samples[at];
        same = same && want == sample_of(info, raw + y * (bytes + 1) + 1, i);
      }
    IDF_UNIT_SEEDED(r, same);
  }
  free(raw);
}

static size_t round_trip(const idf_info *info, kind k, int level, uint32_t batch, unsigned used[5])
{
  idf_unit_random r = idf_unit_random_of(1000 * k + info->width + info->depth);
  uint8_t *samples = picture(&r, info, k);
  idf_test_io io;
  idf_test_io_init(&io);
  memset(used, 0, 5 * sizeof *used);
  IDF_UNIT_SEEDED(&r, write_all(&io, info, level, 1, batch, samples) == IDF_OK);
  check(&io, info, samples, &r, used);
  const size_t size = io.file.len;
  idf_test_io_free(&io);
  free(samples);
  return size;
}

static void every_kind(void)
{
  static const struct {
    idf_layout layout;
    unsigned depth;
  } kinds[] = {{IDF_GRAY, 1},    {IDF_GRAY, 2},       {IDF_GRAY, 4},        {IDF_GRAY, 8},
               {IDF_GRAY, 16},   {IDF_GRAY_ALPHA, 8}, {IDF_GRAY_ALPHA, 16}, {IDF_RGB, 8},
               {IDF_RGB, 16},    {IDF_RGBA, 8},       {IDF_RGBA, 16},       {IDF_PALETTE, 1},
               {IDF_PALETTE, 4}, {IDF_PALETTE, 8}};
  static const uint32_t widths[] = {1, 2, 3, 7, 64, 131};
  unsigned used[5];

  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++)
      for (int level = IDF_PNG_FAST; level <= 9; level += 2)
        for (int k = NOISE; k <= MIXED; k++) {
          const idf_info info = {.width = widths[w],
                                 .height = k == MIXED ? 90 : 5,
                                 .layout = kinds[i].layout,
                                 .depth = kinds[i].depth};
          (void)round_trip(&info, (kind)k, level, 1 + (uint32_t)w, used);
        }
}

static void filters_follow_the_picture(void)
{
  const idf_info info = {.width = 200, .height = 160, .layout = IDF_RGB, .depth = 8};
  const idf_info indexed = {.width = 200, .height = 160, .layout = IDF_PALETTE, .depth = 8};
  unsigned used[5];

  (void)round_trip(&info, SMOOTH, IDF_PNG_FAST, 16, used);
  CU_ASSERT_EQUAL(used[4], 160);
  (void)round_trip(&info, DRAWN, IDF_PNG_FAST, 16, used);
  CU_ASSERT_EQUAL(used[0], 160);
  (void)round_trip(&indexed, SMOOTH, IDF_PNG_FAST, 16, used);
  CU_ASSERT_EQUAL(used[0], 160);
  (void)round_trip(&info, MIXED, IDF_PNG_FAST, 16, used);
  CU_ASSERT(used[0] > 40 && used[4] > 40 && used[0] + used[4] == 160);
  (void)round_trip(&info, SMOOTH, 6, 16, used);
  CU_ASSERT(used[1] + used[2] + used[3] + used[4] > 150);
}

/* Each kind is as small as the way of the other cannot make it. */
static void sizes(void)
{
  const idf_info info = {.width = 200, .height = 160, .layout = IDF_RGB, .depth = 8};
  unsigned used[5];
  const size_t bytes = 200u * 160 * 3;

  CU_ASSERT(round_trip(&info, SMOOTH, IDF_PNG_FAST, 160, used) < bytes / 2);
  CU_ASSERT(round_trip(&info, DRAWN, IDF_PNG_FAST, 160, used) < bytes / 30);
  CU_ASSERT(round_trip(&info, SMOOTH, 0, 160, used) > bytes);
  CU_ASSERT(round_trip(&info, DRAWN, 9, 160, used) <= round_trip(&info, DRAWN, 1, 160, used));
}

static void batches_do_not_matter(void)
{
  const idf_info info = {.width = 97, .height = 130, .layout = IDF_RGBA, .depth = 8};
  idf_unit_random r = idf_unit_random_of(5);
  uint8_t *samples = picture(&r, &info, MIXED);
  idf_test_io one, other;

  idf_test_io_init(&one);
  idf_test_io_init(&other);
  CU_ASSERT_EQUAL(write_all(&one, &info, IDF_PNG_FAST, 1, 130, samples), IDF_OK);
  CU_ASSERT_EQUAL(write_all(&other, &info, IDF_PNG_FAST, 1, 7, samples), IDF_OK);
  CU_ASSERT(one.file.len == other.file.len
            && memcmp(one.file.data, other.file.data, one.file.len) == 0);
  idf_test_io_free(&one);
  idf_test_io_free(&other);
  free(samples);
}

static void failures(void)
{
  const idf_info info = {.width = 160, .height = 170, .layout = IDF_RGB, .depth = 16};
  idf_unit_random r = idf_unit_random_of(6);
  uint8_t *samples = picture(&r, &info, NOISE);
  idf_test_io io;
  idf_status status = IDF_ERR_MEMORY;

  for (size_t room = 0; room < 170000; room += 30000) { /* two chunks and a rest */
    idf_test_io_init(&io);
    io.fail_at = room;
    CU_ASSERT_EQUAL(write_all(&io, &info, IDF_PNG_FAST, 1, 10, samples), IDF_ERR_IO);
    idf_test_io_free(&io);
  }
  for (int64_t i = 0; i < 60 && status == IDF_ERR_MEMORY; i++) {
    idf_test_io_init(&io);
    io.mem.fail_in = i;
    status = write_all(&io, &info, IDF_PNG_FAST, 1, 170, samples);
    CU_ASSERT(status == IDF_OK || status == IDF_ERR_MEMORY);
    CU_ASSERT(status == IDF_OK || i < 30);
    io.mem.fail_in = -1;
    idf_test_io_free(&io);
  }
  CU_ASSERT_EQUAL(status, IDF_OK);
  free(samples);
}

/* Several pieces: they come back, and threads change no byte; nor does too little memory for
 * more than one. Chunks are of 65536 bytes at most, and the sum. */
static void threads_change_no_byte(void)
{
  static const idf_info infos[] = {
      {.width = 1000, .height = 1210, .layout = IDF_RGB, .depth = 8},
      {.width = 400, .height = 900, .layout = IDF_RGBA, .depth = 16},
      {.width = 1u << 20, .height = 3, .layout = IDF_GRAY, .depth = 8}, /* a row is a piece */
      {.width = 4000, .height = 9000, .layout = IDF_GRAY, .depth = 1}};
  unsigned used[5] = {0};

  for (size_t i = 0; i < sizeof infos / sizeof *infos; i++)
    for (int k = NOISE; k <= MIXED; k += MIXED - NOISE) {
      idf_unit_random r = idf_unit_random_of((unsigned)i * 10 + (unsigned)k);
      uint8_t *samples = picture(&r, &infos[i], (kind)k);
      idf_test_io one;
      idf_test_io_init(&one);
      CU_ASSERT_EQUAL(write_all(&one, &infos[i], IDF_PNG_FAST, 1, 1, samples), IDF_OK);
      check(&one, &infos[i], samples, &r, used);
      for (unsigned threads = 2; threads < 6; threads++) {
        idf_test_io other;
        idf_test_io_init(&other);
        if (threads == 5)
          other.mem.limit = (uint64_t)20 << 20;
        CU_ASSERT_EQUAL(write_all(&other, &infos[i], IDF_PNG_FAST, threads, 100, samples), IDF_OK);
        CU_ASSERT(one.file.len == other.file.len
                  && memcmp(one.file.data, other.file.data, one.file.len) == 0);
        idf_test_io_free(&other);
      }
      idf_test_io_free(&one);
      free(samples);
    }
}

static void threads_fail_as_one(void)
{
  const idf_info info = {.width = 1000, .height = 1210, .layout = IDF_RGB, .depth = 8};
  idf_unit_random r = idf_unit_random_of(7);
  uint8_t *samples = picture(&r, &info, NOISE);
  idf_test_io io;
  idf_status status = IDF_ERR_MEMORY;

  for (size_t room = 0; room < 3000000; room += 500000) {
    idf_test_io_init(&io);
    io.fail_at = room;
    CU_ASSERT_EQUAL(write_all(&io, &info, IDF_PNG_FAST, 3, 10, samples), IDF_ERR_IO);
    idf_test_io_free(&io);
  }
  for (int64_t i = 0; i < 300 && (i < 100 || status != IDF_OK); i++) {
    idf_test_io_init(&io);
    io.mem.fail_in = i;
    status = write_all(&io, &info, IDF_PNG_FAST, 3, 1210, samples);
    CU_ASSERT(status == IDF_OK || status == IDF_ERR_MEMORY);
    io.mem.fail_in = -1;
    if (status == IDF_OK) {
      unsigned used[5] = {0};
      check(&io, &info, samples, &r, used);
    }
    idf_test_io_free(&io);
  }
  CU_ASSERT_EQUAL(status, IDF_OK);
  free(samples);
}

int idf_suite_png_pixels(void)
{
  static const idf_unit_test tests[] = {
      {"samples of every kind, width and level come back", every_kind},
      {"photographs are filtered, drawn rows are not", filters_follow_the_picture},
      {"each kind is deflated in the way that suits it", sizes},
      {"how rows are cut into batches does not matter", batches_do_not_matter},
      {"a failing write or allocation is an error", failures},
      {"threads change no byte", threads_change_no_byte},
      {"threads fail as one thread does", threads_fail_as_one},
      {NULL, NULL}};
  return idf_unit_suite("png_pixels", tests);
}

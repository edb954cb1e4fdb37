/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_lattice.c: the decoders' colours have preimages, everything else is an
 * escape, and lists of escapes that nobody wrote are refused.
 *
 * Of the cube of (Y, Cb, Cr) one colour in STEP^3 is visited; STEP 1, the whole cube, takes
 * some seconds and finds no colour without a preimage either.
 */
#include "lattice.h"

#include <string.h>

#include "flowkit.h"

int idf_suite_lattice(void);

static void the_inverse_is_libjpegs(void)
{
  static const int32_t cases[][6] = {{0, 128, 128, 0, 0, 0},         {255, 128, 128, 255, 255, 255},
                                     {128, 128, 128, 128, 128, 128}, {76, 85, 255, 254, 0, 0},
                                     {150, 44, 21, 0, 255, 1},       {29, 255, 107, 0, 0, 254},
                                     {255, 255, 255, 255, 121, 255}, {0, 0, 0, 0, 135, 0}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int32_t rgb[3];
    flowkit_decoded(IDF_COLOUR_JPEG, cases[i], rgb);
    for (int c = 0; c < 3; c++)
      CU_ASSERT_EQUAL(rgb[c], cases[i][3 + c]);
  }
}

/* What libwebp 1.2.4 made of flat pictures: WebPDecodeYUV and WebPDecodeRGB of the same file. */
static void the_inverse_is_libwebps(void)
{
  static const int32_t cases[][6] = {{16, 128, 128, 0, 0, 0},     {235, 128, 128, 255, 255, 255},
                                     {82, 91, 239, 254, 1, 2},    {145, 54, 33, 0, 255, 1},
                                     {41, 239, 112, 4, 0, 253},   {126, 128, 128, 128, 128, 128},
                                     {170, 166, 16, 1, 255, 255}, {107, 202, 222, 255, 1, 255}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int32_t rgb[3];
    flowkit_decoded(IDF_COLOUR_WEBP, cases[i], rgb);
    for (int c = 0; c < 3; c++)
      CU_ASSERT_EQUAL(rgb[c], cases[i][3 + c]);
  }
}

#define STEP 2

static void decoded_colours_have_a_preimage_of(unsigned layer, unsigned allowed)
{
  unsigned inside = 0, clamped = 0, inside_missed = 0, clamped_missed = 0, wrong = 0;
  for (int32_t y = 0; y < 256; y += STEP)
    for (int32_t cb = y % STEP; cb < 256; cb += STEP)
      for (int32_t cr = (y / STEP + cb) % STEP; cr < 256; cr += STEP) {
        const int32_t ycc[3] = {y, cb, cr};
        int32_t rgb[3], back[3], again[3];
        flowkit_decoded(layer, ycc, rgb);
        bool end = false;
        for (int c = 0; c < 3; c++)
          end = end || rgb[c] == 0 || rgb[c] == 255;
        *(end ? &clamped : &inside) += 1;
        if (!idf_lattice_forward(layer, rgb, back)) {
          *(end ? &clamped_missed : &inside_missed) += 1;
          continue;
        }
        flowkit_decoded(layer, back, again);
        wrong += memcmp(rgb, again, sizeof rgb) != 0;
        for (int c = 0; c < 3; c++)
          wrong += back[c] < 0 || back[c] > 255;
      }
  printf("# preimages: none for %u of %u colours inside, %u of %u with a channel at its end\n",
         inside_missed, inside, clamped_missed, clamped);
  CU_ASSERT_EQUAL(wrong, 0);
  CU_ASSERT_TRUE(inside > 100000);
  CU_ASSERT_EQUAL(inside_missed, 0);
  CU_ASSERT_TRUE(clamped_missed <= allowed);
}

static void decoded_colours_have_a_preimage(void)
{
  decoded_colours_have_a_preimage_of(IDF_COLOUR_JPEG, 0);
  /* Far outside the cube of RGB; such colours become escapes. */
  decoded_colours_have_a_preimage_of(IDF_COLOUR_WEBP, 50000);
}

static void the_nearest_guess_stays_in_range(void)
{
  idf_unit_random r = idf_unit_random_of(1);
  int found = 0;
  for (int i = 0; i < 20000; i++) {
    int32_t rgb[3], ycc[3];
    for (int c = 0; c < 3; c++)
      rgb[c] = i % 4 == 0 ? (idf_unit_next(&r) & 1 ? 255 : 0) : flowkit_between(&r, 0, 255);
    found += idf_lattice_forward(i % 2 ? IDF_COLOUR_JPEG : IDF_COLOUR_WEBP, rgb, ycc);
    for (int c = 0; c < 3; c++)
      IDF_UNIT_SEEDED(&r, ycc[c] >= 0 && ycc[c] <= 255);
  }
  CU_ASSERT_TRUE(found > 2000 && found < 18000);
}

#define N 700

typedef struct picture {
  int32_t in[3][N], work[3][N];
  int32_t *plane[3];
} picture;

/* `dense` in 8 of the pixels are any RGB; the others came from (Y, Cb, Cr) near gray. */
static void make_picture(picture *p, unsigned layer, idf_unit_random *r, uint32_t dense)
{
  for (int i = 0; i < N; i++) {
    int32_t v[3], rgb[3];
    for (int c = 0; c < 3; c++)
      v[c] = c == 0 ? flowkit_between(r, 60, 190) : flowkit_between(r, 108, 148);
    flowkit_decoded(layer, v, rgb);
    bool any = idf_unit_below(r, 8) < dense;
    for (int c = 0; c < 3; c++)
      p->in[c][i] = any ? flowkit_between(r, 0, 255) : rgb[c];
  }
  memcpy(p->work, p->in, sizeof p->work);
  for (int c = 0; c < 3; c++)
    p->plane[c] = p->work[c];
}

static void planes_come_back_through_escapes(void)
{
  picture p;
  for (uint64_t seed = 0; seed < 60; seed++) {
    const unsigned layer = seed < 30 ? IDF_COLOUR_JPEG : IDF_COLOUR_WEBP;
    idf_unit_random r = idf_unit_random_of(seed);
    uint32_t dense = (uint32_t)(seed % 9);
    size_t n = seed % 5 == 4 ? 1 : N;
    idf_mem mem;
    idf_buf escapes;
    idf_mem_init(&mem, UINT64_MAX);
    idf_buf_init(&escapes, &mem);
    make_picture(&p, layer, &r, dense);
    if (n == N)
      IDF_UNIT_SEEDED(&r, idf_colour_layers[layer]->likely(p.plane, n) == (dense == 0));
    idf_colour_layers[layer]->forward(p.plane, n, &escapes);
    idf_put_u8(&escapes, 0x5a); /* what follows is not theirs */
    for (int c = 0; c < 3; c++)
      for (size_t i = 0; i < n; i++)
        IDF_UNIT_SEEDED(&r, p.work[c][i] >= 0 && p.work[c][i] <= 255);
    idf_cur cur = idf_cur_of(escapes.data, escapes.len), skip = cur;
    IDF_UNIT_SEEDED(&r, idf_colour_layers[layer]->inverse(p.plane, n, &cur));
    IDF_UNIT_SEEDED(&r, idf_cur_left(&cur) == 1);
    for (int c = 0; c < 3; c++)
      IDF_UNIT_SEEDED(&r, memcmp(p.in[c], p.work[c], n * sizeof(int32_t)) == 0);
    idf_colour_layers[layer]->skip(&skip, n);
    IDF_UNIT_SEEDED(&r, !skip.bad && skip.at == cur.at);
    IDF_UNIT_SEEDED(&r, dense != 0 || escapes.len == 2);
    idf_buf_free(&escapes);
    CU_ASSERT_EQUAL(mem.used, 0);
  }
}

static void malformed_escapes_are_refused(void)
{
  static const struct {
    uint8_t data[12];
    size_t len;
    bool good;
  } cases[] = {{{0}, 1, true},
               {{1, 0, 9, 8, 7}, 5, true},
               {{1, 3, 9, 8, 7}, 5, true},
               {{2, 1, 9, 8, 7, 2, 1, 2, 3}, 9, true},
               {{0}, 0, false},       /* no count */
               {{5}, 1, false},       /* more escapes than pixels */
               {{0x80, 0}, 2, false}, /* an over-long count */
               {{1}, 1, false},       /* cut short */
               {{1, 0, 9, 8}, 4, false},
               {{1, 4, 9, 8, 7}, 5, false},             /* past the last pixel */
               {{2, 1, 9, 8, 7, 0, 1, 2, 3}, 9, false}, /* the same pixel twice */
               {{2, 1, 9, 8, 7, 3, 1, 2, 3}, 9, false}, /* the second past the end */
               {{2, 1, 9, 8, 7, 0x7f, 1, 2, 3}, 9, false},
               {{1, 0x80, 0x80, 0x80, 0x80, 1, 1, 2, 3}, 9, false}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int32_t v[3][4] = {{100, 100, 100, 100}, {128, 128, 128, 128}, {128, 128, 128, 128}};
    int32_t *const plane[3] = {v[0], v[1], v[2]};
    idf_cur cur = idf_cur_of(cases[i].data, cases[i].len), skip = cur;
    CU_ASSERT_EQUAL(idf_jpeg_layer.inverse(plane, 4, &cur), cases[i].good);
    idf_jpeg_layer.skip(&skip, 4);
    CU_ASSERT_EQUAL(!skip.bad, cases[i].good);
    if (cases[i].good)
      CU_ASSERT_TRUE(idf_cur_left(&cur) == 0 && idf_cur_left(&skip) == 0);
  }
}

static void random_escapes_are_safe(void)
{
  for (uint64_t seed = 0; seed < 3000; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    uint8_t data[40];
    int32_t v[3][9];
    int32_t *const plane[3] = {v[0], v[1], v[2]};
    for (int i = 0; i < 40; i++)
      data[i] = (uint8_t)(idf_unit_next(&r) & (i % 4 == 0 ? 3u : 255u));
    for (int c = 0; c < 3; c++)
      for (int i = 0; i < 9; i++)
        v[c][i] = flowkit_between(&r, 0, 255);
    idf_cur cur = idf_cur_of(data, idf_unit_below(&r, 41)), skip = cur;
    bool good = idf_webp_layer.inverse(plane, 9, &cur);
    idf_webp_layer.skip(&skip, 9);
    IDF_UNIT_SEEDED(&r, good == !skip.bad && good == !cur.bad);
    for (int c = 0; c < 3; c++)
      for (int i = 0; i < 9; i++)
        IDF_UNIT_SEEDED(&r, v[c][i] >= 0 && v[c][i] <= 255);
  }
}

int idf_suite_lattice(void)
{
  static const idf_unit_test tests[] = {
      {"the inverse is libjpeg's", the_inverse_is_libjpegs},
      {"the inverse is libwebp's", the_inverse_is_libwebps},
      {"decoded colours have a preimage", decoded_colours_have_a_preimage},
      {"the nearest guess stays in range", the_nearest_guess_stays_in_range},
      {"planes come back through escapes", planes_come_back_through_escapes},
      {"malformed escapes are refused", malformed_escapes_are_refused},
      {"random escapes are safe", random_escapes_are_safe},
      {NULL, NULL}};
  return idf_unit_suite("lattice", tests);
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_colour.c: each layer is undone exactly and keeps to its stated ranges.
 */
#include "colour.h"

#include <string.h>

#include "flowkit.h"

int idf_suite_colour(void);

#define N 512

typedef struct rgb_case {
  int32_t in[3][N], out[3][N];
  int32_t *plane[3];
} rgb_case;

/* Forward and back over c->in; false when a range or a sample is wrong. */
static bool there_and_back(rgb_case *c, unsigned layer, unsigned depth)
{
  int32_t min[3], max[3];
  bool good = true;
  memcpy(c->out, c->in, sizeof c->out);
  for (int p = 0; p < 3; p++)
    c->plane[p] = c->out[p];
  idf_colour_layers[layer]->ranges((1 << depth) - 1, min, max);
  idf_colour_layers[layer]->forward(c->plane, N, NULL);
  for (int p = 0; p < 3; p++)
    for (int i = 0; i < N; i++)
      good = good && c->out[p][i] >= min[p] && c->out[p][i] <= max[p];
  good = idf_colour_layers[layer]->inverse(c->plane, N, NULL) && good;
  return good && memcmp(c->in, c->out, sizeof c->in) == 0;
}

static void random_and_extreme_samples_come_back(void)
{
  rgb_case c;
  for (unsigned depth = 1; depth <= 16; depth++)
    for (unsigned layer = 0; layer < IDF_COLOUR_JPEG; layer++)
      for (uint64_t seed = 0; seed < 8; seed++) {
        idf_unit_random r = idf_unit_random_of(seed);
        int32_t top = (1 << depth) - 1;
        for (int p = 0; p < 3; p++)
          for (int i = 0; i < N; i++)
            c.in[p][i] = seed % 2 ? (idf_unit_next(&r) & 1 ? top : 0) : flowkit_between(&r, 0, top);
        IDF_UNIT_SEEDED(&r, there_and_back(&c, layer, depth));
      }
}

static void all_colours_of_three_bits_come_back(void)
{
  rgb_case c;
  for (unsigned layer = 0; layer < IDF_COLOUR_JPEG; layer++) {
    for (int i = 0; i < N; i++)
      for (int p = 0; p < 3; p++)
        c.in[p][i] = i >> (3 * p) & 7;
    CU_ASSERT_TRUE(there_and_back(&c, layer, 3));
    /* A bijection: no two colours meet. */
    for (int p = 0; p < 3; p++)
      c.plane[p] = c.out[p];
    memcpy(c.out, c.in, sizeof c.out);
    idf_colour_layers[layer]->forward(c.plane, N, NULL);
    int meet = 0;
    for (int i = 0; i < N; i++)
      for (int j = 0; j < i; j++)
        meet +=
            c.out[0][i] == c.out[0][j] && c.out[1][i] == c.out[1][j] && c.out[2][i] == c.out[2][j];
    CU_ASSERT_EQUAL(meet, 0);
  }
}

/* What a damaged stream gives the inverse: anything within the planes' ranges. */
static void the_inverse_takes_any_planes(void)
{
  rgb_case c;
  for (unsigned layer = 0; layer < IDF_COLOUR_JPEG; layer++) {
    idf_unit_random r = idf_unit_random_of(layer);
    int32_t min[3], max[3];
    idf_colour_layers[layer]->ranges(65535, min, max);
    for (int p = 0; p < 3; p++) {
      c.plane[p] = c.out[p];
      for (int i = 0; i < N; i++)
        c.out[p][i] = c.in[p][i] = idf_unit_next(&r) & 1 ? min[p] : max[p];
    }
    CU_ASSERT_TRUE(idf_colour_layers[layer]->inverse(c.plane, N, NULL));
    idf_colour_layers[layer]->forward(c.plane, N, NULL);
    IDF_UNIT_SEEDED(&r, memcmp(c.in, c.out, sizeof c.in) == 0);
  }
}

static void known_colours(void)
{
  int32_t r = 200, g = 100, b = 50;
  int32_t *const plane[3] = {&r, &g, &b};
  idf_colour_layers[IDF_COLOUR_GREEN]->forward(plane, 1, NULL);
  CU_ASSERT_TRUE(r == 100 && g == 100 && b == -50);
  r = 200, g = 100, b = 50;
  idf_colour_layers[IDF_COLOUR_YCOCG]->forward(plane, 1,
                                               NULL); /* Co = 150, t = 125, Cg = -25, Y = 112 */
  CU_ASSERT_TRUE(r == 112 && g == 150 && b == -25);
  r = 200, g = 100, b = 50;
  idf_colour_layers[IDF_COLOUR_NONE]->forward(plane, 1, NULL);
  CU_ASSERT_TRUE(r == 200 && g == 100 && b == 50);
}

static void every_layer_is_whole(void)
{
  for (unsigned layer = 0; layer < IDF_COLOUR_COUNT; layer++) {
    const idf_colour_layer *c = idf_colour_layers[layer];
    int32_t min[3], max[3];
    CU_ASSERT_TRUE_FATAL(c && c->name && c->ranges && c->forward && c->inverse);
    /* What is recognised is known for one top only, and lists what it cannot say. */
    CU_ASSERT_TRUE(!c->likely || (c->top != 0 && c->skip));
    c->ranges(c->top ? c->top : 65535, min, max);
    for (int p = 0; p < 3; p++)
      CU_ASSERT_TRUE(min[p] >= -65535 && min[p] <= 0 && max[p] > 0 && max[p] <= 65535);
    for (unsigned other = 0; other < layer; other++)
      CU_ASSERT_STRING_NOT_EQUAL(c->name, idf_colour_layers[other]->name);
  }
}

int idf_suite_colour(void)
{
  static const idf_unit_test tests[] = {
      {"random and extreme samples come back", random_and_extreme_samples_come_back},
      {"all colours of three bits come back", all_colours_of_three_bits_come_back},
      {"the inverse takes any planes", the_inverse_takes_any_planes},
      {"every layer is whole", every_layer_is_whole},
      {"known colours", known_colours},
      {NULL, NULL}};
  return idf_unit_suite("colour", tests);
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * candidates.c: the plane with its border, and the memory of neighbourhoods.
 *
 * For small neighbourhoods, tables hold the pixel that followed. For the largest, a table holds the
 * place, which also tells how a repetition goes on.
 * idf(5), "SCREEN TILES".
 */
#include "candidates.h"

#include "fixed.h"
#include "mixer.h"

#define BITS_MIN 10u
#define LENGTH_MAX 999u
#define LENGTH_ROW 15u /* the most at the start of a row, where repetitions often end */
#define NEAR_CHECKED 6 /* neighbours compared before a repetition is trusted */
#define NEAR_NEEDED 5
#define NEAR_AGAIN 4 /* enough to resume the last repetition */

idf_status idf_plane_init(idf_plane *plane, idf_mem *mem, uint32_t width, uint32_t height)
{
  *plane =
      (idf_plane){.width = width, .height = height, .stride = (size_t)width + 2 * IDF_PLANE_SIDE};
  plane->base = idf_alloc(mem, plane->stride * (height + IDF_PLANE_ABOVE), sizeof(idf_pixel));
  if (!plane->base)
    return idf_mem_status(mem);
  plane->at = plane->base + IDF_PLANE_ABOVE * plane->stride + IDF_PLANE_SIDE;
  return IDF_OK;
}

void idf_plane_free(idf_plane *plane, idf_mem *mem)
{
  idf_free(mem, plane->base);
  *plane = (idf_plane){0};
}

void idf_plane_open_row(idf_plane *plane, uint32_t y)
{
  idf_pixel *row = plane->at + y * plane->stride;
  for (int i = 1; i <= IDF_PLANE_SIDE; i++)
    row[-i] = y > 0 ? *(row - plane->stride) : 0;
}

void idf_plane_close_row(idf_plane *plane, uint32_t y)
{
  idf_pixel *end = plane->at + y * plane->stride + plane->width;
  for (int i = 0; i < IDF_PLANE_SIDE; i++)
    end[i] = end[-1];
}

void idf_near_look(idf_near *near, const idf_pixel *here, size_t stride)
{
  const idf_pixel *n = here - stride, *nn = n - stride;
  *near = (idf_near){.w = here[-1],
                     .ww = here[-2],
                     .www = here[-3],
                     .n = n[0],
                     .nw = n[-1],
                     .nww = n[-2],
                     .ne = n[1],
                     .nee = n[2],
                     .nn = nn[0],
                     .nnw = nn[-1],
                     .nne = nn[1],
                     .nnn = (nn - stride)[0]};
}

idf_status idf_match_init(idf_match *match, idf_mem *mem, uint32_t pixels, unsigned bits)
{
  const unsigned most = IDF_MAX(idf_top_bit(pixels) + 1, BITS_MIN);
  *match = (idf_match){.bits = IDF_MIN(most, bits - 2), .place_bits = IDF_MIN(most, bits - 1)};
  const size_t size = (size_t)1 << match->bits;
  match->before = idf_alloc(mem, size, sizeof(idf_pixel));
  match->place = idf_alloc(mem, (size_t)1 << match->place_bits, sizeof(uint32_t));
  bool good = match->before != NULL && match->place != NULL;
  for (int o = 0; o < IDF_ORDER_12; o++)
    good &= (match->last[o] = idf_alloc(mem, size, sizeof(idf_pixel))) != NULL;
  if (!good)
    idf_match_free(match, mem);
  return good ? IDF_OK : idf_mem_status(mem);
}

void idf_match_free(idf_match *match, idf_mem *mem)
{
  for (int o = 0; o < IDF_ORDER_12; o++)
    idf_free(mem, match->last[o]);
  idf_free(mem, match->before);
  idf_free(mem, match->place);
  *match = (idf_match){0};
}

static idf_pixel *last_after(const idf_match *match, unsigned order)
{
  return &match->last[order][match->hash[order] >> (32 - match->bits)];
}

static uint32_t *repetition_place(const idf_match *match)
{
  return &match->place[match->hash[IDF_ORDER_12] >> (32 - match->place_bits)];
}

/* The number of neighbours that two places have in common. */
static int alike(const idf_plane *plane, size_t place, size_t other)
{
  static const int8_t dx[NEAR_CHECKED] = {-1, 0, -1, 1, -2, 0};
  static const int8_t dy[NEAR_CHECKED] = {0, 1, 1, 1, 0, 2};
  const idf_pixel *here = plane->base + place, *there = plane->base + other;
  int same = 0;
  for (int i = 0; i < NEAR_CHECKED; i++) {
    ptrdiff_t to = dx[i] - dy[i] * (ptrdiff_t)plane->stride;
    same += here[to] == there[to];
  }
  return same;
}

/* Starts a repetition at the place where nearly the same neighbourhood of twelve was seen; else
 * resumes the last repetition, where it would be by now. */
static void resume(idf_match *match, const idf_plane *plane, size_t place)
{
  const uint32_t seen = *repetition_place(match);
  if (seen != 0 && alike(plane, place, seen) >= NEAR_NEEDED) {
    match->at = seen;
    match->length = 1;
  } else if (match->at != 0 && alike(plane, place, match->at) >= NEAR_AGAIN) {
    match->length = 1;
  }
}

static void name(idf_match *match, unsigned source, idf_pixel pixel)
{
  unsigned i = 0;
  while (i < match->candidates && match->candidate[i] != pixel)
    i++;
  if (i == match->candidates) {
    match->candidate[i] = pixel;
    match->votes[i] = 0;
    match->candidates++;
  }
  match->votes[i] |= 1u << source;
}

void idf_match_look(idf_match *match, const idf_plane *plane, size_t place, const idf_near *near)
{
  uint32_t h = idf_mixer_hash(0, near->w);
  match->hash[IDF_ORDER_W] = h;
  match->hash[IDF_ORDER_N] = idf_mixer_hash(1, near->n);
  h = idf_mixer_hash(h, near->n);
  match->hash[IDF_ORDER_2] = h;
  h = idf_mixer_hash(idf_mixer_hash(h, near->ne), near->nw);
  h = idf_mixer_hash(idf_mixer_hash(h, near->ww), near->nn);
  match->hash[IDF_ORDER_6] = h;
  h = idf_mixer_hash(idf_mixer_hash(idf_mixer_hash(h, near->nww), near->nee), near->www);
  h = idf_mixer_hash(idf_mixer_hash(idf_mixer_hash(h, near->nnw), near->nne), near->nnn);
  match->hash[IDF_ORDER_12] = h;
  if (match->length == 0)
    resume(match, plane, place);
  match->candidates = 0;
  if (match->length > 0)
    name(match, 0, plane->base[match->at]);
  name(match, 1, *last_after(match, IDF_ORDER_6));
  name(match, 2, *last_after(match, IDF_ORDER_2));
  name(match, 3, near->w);
  name(match, 4, near->n);
  name(match, 5, match->before[match->hash[IDF_ORDER_2] >> (32 - match->bits)]);
  name(match, 6, *last_after(match, IDF_ORDER_W));
  name(match, 7, *last_after(match, IDF_ORDER_N));
}

/* Moves on by `count` places. `at` keeps its distance, even if nothing is being repeated. */
static void pass_places(idf_match *match, uint32_t count)
{
  if (match->at != 0)
    match->at += count;
}

void idf_match_learn(idf_match *match, const idf_plane *plane, size_t place)
{
  idf_pixel pixel = plane->base[place], *two = last_after(match, IDF_ORDER_2);
  if (*two != pixel)
    match->before[match->hash[IDF_ORDER_2] >> (32 - match->bits)] = *two;
  for (unsigned order = 0; order < IDF_ORDER_12; order++)
    *last_after(match, order) = pixel;
  /* A tile has at most (4096 + 8) * (4096 + 3) places. */
  *repetition_place(match) = (uint32_t)place;
  if (match->length > 0) {
    bool right = plane->base[match->at] == pixel;
    match->length = right ? IDF_MIN(match->length + 1, LENGTH_MAX) : 0;
  }
  pass_places(match, 1);
}

void idf_match_skip(idf_match *match, const idf_plane *plane, size_t place, uint32_t count)
{
  pass_places(match, count);
  if (match->length > 0 && plane->base[match->at - 1] != plane->base[place])
    match->length = 0;
}

void idf_match_run(idf_match *match, uint32_t count, bool broken)
{
  pass_places(match, count);
  match->length = broken ? 0 : IDF_MIN(match->length + count, LENGTH_MAX);
}

void idf_match_open_row(idf_match *match)
{
  pass_places(match, 2 * IDF_PLANE_SIDE);
  match->length = IDF_MIN(match->length, LENGTH_ROW);
}

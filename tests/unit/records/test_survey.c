/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_survey.c: tiles are found by their numbers, whatever lies between them; what only looks
 * like one is not, and looking for it ends.
 */
#include "survey.h"

#include "unit.h"

int idf_suite_survey(void);

#define TILES 200u
#define MOST 3000u

typedef struct scene {
  idf_mem mem;
  idf_buf buf;
  idf_survey survey;
} scene;

static void open_scene(scene *s)
{
  idf_mem_init(&s->mem, UINT64_MAX);
  idf_buf_init(&s->buf, &s->mem);
}

static void close_scene(scene *s)
{
  idf_buf_free(&s->buf);
  CU_ASSERT_EQUAL(s->mem.used, 0);
}

static bool make(scene *s, uint64_t first)
{
  const idf_survey_input in = {
      .data = s->buf.data, .len = s->buf.len, .first = first, .tiles = TILES, .most = MOST};
  return idf_survey_make(&s->survey, &s->mem, NULL, IDF_SIMD_AUTO, &in);
}

/* Appends the record of a tile with `len` random bytes, of which many are a 'T'. */
static void put_tile(scene *s, idf_unit_random *r, uint64_t number, size_t len)
{
  idf_buf payload;
  idf_buf_init(&payload, &s->mem);
  idf_put_tile_number(&payload, TILES, number);
  for (size_t i = 0; i < len; i++)
    idf_put_u8(&payload, idf_unit_below(r, 16) ? idf_unit_below(r, 256) : 'T');
  idf_write_record(IDF_SIMD_AUTO, &s->buf, IDF_KIND_TILE, payload.data, payload.len);
  idf_buf_free(&payload);
}

/* Good, broken and repeated records and rubbish in any order. */
static void tiles_are_where_their_numbers_say(void)
{
  for (uint64_t seed = 0; seed < 200; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    const uint64_t first = idf_unit_below(&r, 20);
    size_t place[TILES];
    scene s;
    open_scene(&s);
    for (size_t i = 0; i < TILES; i++)
      place[i] = IDF_SURVEY_LOST;
    for (int k = 0; k < 60; k++) {
      const size_t at = s.buf.len, len = idf_unit_below(&r, idf_unit_below(&r, 4) ? 90 : MOST - 2);
      const uint64_t number = idf_unit_below(&r, TILES);
      switch (idf_unit_below(&r, 8)) {
      case 0: /* rubbish */
        for (size_t i = 0; i < len; i++)
          idf_put_u8(&s.buf, idf_unit_below(&r, 16) ? idf_unit_below(&r, 256) : 'T');
        break;
      case 1: /* a wrong bit anywhere */
        put_tile(&s, &r, number, len);
        s.buf.data[at + idf_unit_below(&r, (uint32_t)(s.buf.len - at))] ^=
            (uint8_t)(1u << idf_unit_below(&r, 8));
        break;
      case 2:
        idf_write_record(IDF_SIMD_AUTO, &s.buf, IDF_KIND_META, "tEXtx", 5);
        break;
      default:
        put_tile(&s, &r, number, len);
        if (number >= first && place[number] == IDF_SURVEY_LOST)
          place[number] = at;
      }
    }
    CU_ASSERT_FATAL(make(&s, first));
    bool right = true;
    for (uint64_t i = first; i < TILES; i++)
      right = right && idf_survey_place(&s.survey, i) == place[i];
    IDF_UNIT_SEEDED(&r, right);
    idf_survey_free(&s.survey);
    close_scene(&s);
  }
}

/* Whatever is behind the tiles, in order, is the tail. */
static void the_tail_is_found(void)
{
  idf_unit_random r = idf_unit_random_of(1);
  scene s;
  open_scene(&s);
  put_tile(&s, &r, 3, 50);
  idf_write_record(IDF_SIMD_AUTO, &s.buf, IDF_KIND_META, "tEXtx", 5);
  put_tile(&s, &r, 4, 50);
  s.buf.data[s.buf.len - 9] ^= 1; /* of a damaged last tile too */
  put_tile(&s, &r, 5, 50);
  s.buf.data[s.buf.len - 57] ^= 1;
  const size_t tail = s.buf.len;
  idf_write_record(IDF_SIMD_AUTO, &s.buf, 'x', "?", 1);
  idf_write_record(IDF_SIMD_AUTO, &s.buf, IDF_KIND_END, "12345678", 8);
  CU_ASSERT_FATAL(make(&s, 0));
  CU_ASSERT_TRUE(s.survey.tail <= s.buf.len - 14);
  CU_ASSERT_EQUAL(idf_survey_place(&s.survey, 3), 0);
  CU_ASSERT_EQUAL(idf_survey_place(&s.survey, 4), IDF_SURVEY_LOST);
  idf_survey_free(&s.survey);
  s.buf.data[tail - 57] ^= 1;
  CU_ASSERT_FATAL(make(&s, 0));
  CU_ASSERT_EQUAL(s.survey.tail, tail);
  idf_survey_free(&s.survey);
  close_scene(&s);
}

static int at_once(void *context)
{
  return ++*(int *)context;
}

/* Every byte claims to be a long tile: without the budget that would be 2^41 bytes of sums. */
static void looking_for_tiles_ends(void)
{
  const size_t len = (size_t)1 << 21;
  idf_mem mem;
  idf_survey s;
  int asked = 0;
  idf_cancel cancel = {.asked = at_once, .context = &asked};
  idf_mem_init(&mem, UINT64_MAX);
  uint8_t *data = idf_alloc(&mem, len, 1);
  CU_ASSERT_PTR_NOT_NULL_FATAL(data);
  for (size_t i = 0; i + 4 <= len; i += 4) /* 1.3 million bytes, number 1 */
    memcpy(data + i, "T\xd4\xd4\x54", 4);
  const idf_survey_input in = {.data = data, .len = len, .tiles = TILES, .most = len};
  CU_ASSERT_TRUE(idf_survey_make(&s, &mem, NULL, IDF_SIMD_AUTO, &in));
  CU_ASSERT_EQUAL(s.tail, len);
  idf_survey_free(&s);
  CU_ASSERT_FALSE(idf_survey_make(&s, &mem, &cancel, IDF_SIMD_AUTO, &in));
  CU_ASSERT_EQUAL(asked, 1);
  mem.fail_in = 0;
  CU_ASSERT_FALSE(idf_survey_make(&s, &mem, NULL, IDF_SIMD_AUTO, &in));
  idf_free(&mem, data);
  CU_ASSERT_EQUAL(mem.used, 0);
}

int idf_suite_survey(void)
{
  static const idf_unit_test tests[] = {
      {"tiles are where their numbers say", tiles_are_where_their_numbers_say},
      {"the tail is found", the_tail_is_found},
      {"looking for tiles ends", looking_for_tiles_ends},
      {NULL, NULL}};
  return idf_unit_suite("survey", tests);
}

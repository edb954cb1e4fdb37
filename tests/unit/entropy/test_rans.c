/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_rans.c: any sequence of intervals on any pattern of lanes comes back, at the
 * cost the intervals name, and damaged streams are read within their bounds.
 */
#include "rans.h"
#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int idf_suite_rans(void);

typedef struct symbol {
  idf_interval in;
  unsigned lane, bits; /* bits > 0: put_bits of in.start's top bits */
} symbol;

/* Sizes spread over all magnitudes, 1 and 65536 among them. */
static symbol random_symbol(idf_unit_random *r, unsigned lanes)
{
  symbol s = {{0, IDF_FREQ_ONE}, idf_unit_below(r, lanes), 0};
  uint32_t kind = idf_unit_below(r, 16);
  if (kind == 0)
    return s;
  if (kind < 4) {
    s.bits = idf_unit_below(r, 17);
    uint32_t v = s.bits ? idf_unit_below(r, 1u << s.bits) : 0;
    s.in = (idf_interval){v << (16 - s.bits), 1u << (16 - s.bits)};
    s.bits += 1; /* 0 is "an interval" */
    return s;
  }
  s.in.size = 1 + (idf_unit_below(r, IDF_FREQ_ONE) >> idf_unit_below(r, 17));
  s.in.start = idf_unit_below(r, IDF_FREQ_ONE - s.in.size + 1);
  return s;
}

static void put(idf_rans_enc *enc, const symbol *s)
{
  if (s->bits)
    idf_rans_put_bits(enc, s->lane, s->in.start >> (17 - s->bits), s->bits - 1);
  else
    idf_rans_put(enc, s->lane, s->in);
}

/* Takes what `s` put; false when something else is there. */
static bool take(idf_rans_dec *dec, const symbol *s)
{
  if (s->bits)
    return idf_rans_bits(dec, s->lane, s->bits - 1) == s->in.start >> (17 - s->bits);
  uint32_t slot = idf_rans_peek(dec, s->lane);
  if (slot < s->in.start || slot - s->in.start >= s->in.size)
    return false;
  idf_rans_take(dec, s->lane, s->in);
  return true;
}

static void any_sequence_comes_back(void)
{
  idf_mem mem;
  idf_buf buf;
  idf_mem_init(&mem, UINT64_MAX);
  symbol *list = idf_alloc(&mem, 10000, sizeof *list);
  CU_ASSERT_PTR_NOT_NULL_FATAL(list);
  for (uint64_t seed = 0; seed < 200; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    unsigned lanes = 1 + idf_unit_below(&r, IDF_RANS_LANES);
    size_t count = idf_unit_below(&r, seed < 20 ? 4 : 10000);
    idf_rans_enc enc;
    idf_rans_dec dec;
    idf_rans_enc_init(&enc, &mem, lanes);
    idf_buf_init(&buf, &mem);
    idf_put_le32(&buf, 0); /* the stream begins wherever the buffer ends */
    for (size_t i = 0; i < count; i++) {
      list[i] = random_symbol(&r, lanes);
      put(&enc, &list[i]);
    }
    IDF_UNIT_SEEDED(&r, idf_rans_finish(&enc, &buf) == IDF_OK);
    IDF_UNIT_SEEDED(&r, idf_rans_dec_init(&dec, buf.data + 4, buf.len - 4, lanes) == IDF_OK);
    bool same = true;
    for (size_t i = 0; i < count && same; i++)
      same = take(&dec, &list[i]);
    IDF_UNIT_SEEDED(&r, same);
    IDF_UNIT_SEEDED(&r, idf_rans_dec_finish(&dec) == IDF_OK);
    /* A finished encoder starts afresh: nothing leaves only the states. */
    size_t before = buf.len;
    IDF_UNIT_SEEDED(&r, idf_rans_finish(&enc, &buf) == IDF_OK);
    IDF_UNIT_SEEDED(&r, buf.len == before + 8u * lanes);
    idf_rans_enc_free(&enc);
    idf_buf_free(&buf);
  }
  idf_free(&mem, list);
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* In parts, the last first, with what was there before them last of all. */
static void put_parts(idf_rans_enc *enc, const symbol *list, size_t count, idf_unit_random *r)
{
  const size_t before = idf_unit_below(r, (uint32_t)count + 1);
  for (size_t i = 0; i < before; i++)
    put(enc, &list[i]);
  const size_t mark = idf_rans_mark(enc);
  for (size_t end = count; end > before;) {
    const size_t part = idf_unit_below(r, 9000), from = end - IDF_MIN(end - before, part);
    for (size_t i = from; i < end; i++)
      put(enc, &list[i]);
    idf_rans_push(enc, mark);
    end = from;
  }
}

static void parts_make_the_same_stream(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  symbol *list = idf_alloc(&mem, 30000, sizeof *list);
  CU_ASSERT_PTR_NOT_NULL_FATAL(list);
  for (uint64_t seed = 0; seed < 60; seed++) {
    idf_unit_random r = idf_unit_random_of(100 + seed);
    const unsigned lanes = 1 + idf_unit_below(&r, IDF_RANS_LANES);
    const size_t count = idf_unit_below(&r, seed < 20 ? 10 : 30000);
    idf_buf out[2];
    for (size_t i = 0; i < count; i++) {
      list[i] = random_symbol(&r, lanes);
      if (seed % 2) /* long runs */
        list[i].lane = (unsigned)(i % lanes);
    }
    for (int parts = 0; parts < 2; parts++) {
      idf_rans_enc enc;
      idf_rans_enc_init(&enc, &mem, lanes);
      idf_buf_init(&out[parts], &mem);
      for (int twice = 0; twice < 2; twice++) {
        for (size_t i = 0; i < count && !parts; i++)
          put(&enc, &list[i]);
        if (parts)
          put_parts(&enc, list, count, &r);
        IDF_UNIT_SEEDED(&r, idf_rans_finish(&enc, &out[parts]) == IDF_OK);
      }
      idf_rans_enc_free(&enc);
    }
    IDF_UNIT_SEEDED(&r,
                    out[0].len == out[1].len && memcmp(out[0].data, out[1].data, out[0].len) == 0);
    for (int parts = 0; parts < 2; parts++)
      idf_buf_free(&out[parts]);
  }
  idf_free(&mem, list);
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void certain_symbols_cost_nothing(void)
{
  idf_mem mem;
  idf_buf buf;
  idf_rans_enc enc;
  idf_rans_dec dec;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&buf, &mem);
  idf_rans_enc_init(&enc, &mem, 2);
  for (int i = 0; i < 10000; i++) {
    idf_rans_put(&enc, (unsigned)i & 1, (idf_interval){0, IDF_FREQ_ONE});
    if (i % 1000 == 0) /* drives the state through its whole range */
      idf_rans_put(&enc, 0, (idf_interval){65535, 1});
  }
  CU_ASSERT_EQUAL(idf_rans_finish(&enc, &buf), IDF_OK);
  CU_ASSERT_EQUAL(buf.len, 16 + 4 * 5); /* ten symbols of 16 bits */
  CU_ASSERT_EQUAL(idf_rans_dec_init(&dec, buf.data, buf.len, 2), IDF_OK);
  for (int i = 0; i < 10000; i++) {
    idf_rans_take(&dec, (unsigned)i & 1, (idf_interval){0, IDF_FREQ_ONE});
    if (i % 1000 == 0) {
      CU_ASSERT_EQUAL(idf_rans_peek(&dec, 0), 65535);
      idf_rans_take(&dec, 0, (idf_interval){65535, 1});
    }
  }
  CU_ASSERT_EQUAL(idf_rans_dec_finish(&dec), IDF_OK);
  idf_rans_enc_free(&enc);
  idf_buf_free(&buf);
}

static void raw_bits_cost_their_number(void)
{
  idf_mem mem;
  idf_buf buf;
  idf_rans_enc enc;
  idf_unit_random r = idf_unit_random_of(8);
  idf_mem_init(&mem, UINT64_MAX);
  for (unsigned bits = 0; bits <= 16; bits++) {
    size_t count = 32768;
    idf_buf_init(&buf, &mem);
    idf_rans_enc_init(&enc, &mem, 1);
    for (size_t i = 0; i < count; i++)
      idf_rans_put_bits(&enc, 0, bits ? idf_unit_below(&r, 1u << bits) : 0, bits);
    IDF_UNIT_SEEDED(&r, idf_rans_finish(&enc, &buf) == IDF_OK);
    IDF_UNIT_SEEDED(&r, buf.len >= 8 + count * bits / 8 - 4 && buf.len <= 8 + count * bits / 8 + 4);
    idf_rans_enc_free(&enc);
    idf_buf_free(&buf);
  }
}

/* Codes `count` draws from the distribution of `n` sizes; gives bytes and ideal bits. */
static size_t code_draws(idf_unit_random *r, const uint32_t *sizes, size_t n, size_t count,
                         unsigned lanes, double *ideal)
{
  idf_mem mem;
  idf_buf buf;
  idf_rans_enc enc;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&buf, &mem);
  idf_rans_enc_init(&enc, &mem, lanes);
  *ideal = 0;
  for (size_t i = 0; i < count; i++) {
    uint32_t slot = idf_unit_below(r, IDF_FREQ_ONE), start = 0;
    size_t s = 0;
    while (slot - start >= sizes[s])
      start += sizes[s++];
    CU_ASSERT_FATAL(s < n);
    *ideal += 16 - log2(sizes[s]);
    idf_rans_put(&enc, (unsigned)(i % lanes), (idf_interval){start, sizes[s]});
  }
  IDF_UNIT_SEEDED(r, idf_rans_finish(&enc, &buf) == IDF_OK);
  size_t len = buf.len;
  idf_rans_enc_free(&enc);
  idf_buf_free(&buf);
  return len;
}

static void streams_are_as_short_as_they_should(void)
{
  static const struct {
    uint32_t sizes[6];
    size_t n;
  } cases[] = {
      {{65535, 1}, 2},
      {{65000, 500, 30, 5, 1}, 5},
      {{32768, 16384, 8192, 4096, 4096}, 5},
      {{21845, 21845, 21846}, 3},
      {{60000, 2768, 2768}, 3},
      {{16384, 16384, 16384, 16384}, 4},
  };
  static const unsigned lanes[] = {1, 4, 16};
  idf_unit_random r = idf_unit_random_of(9);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (size_t k = 0; k < 3; k++) {
      uint32_t sum = 0, sizes[6];
      memcpy(sizes, cases[i].sizes, sizeof sizes);
      for (size_t s = 1; s < cases[i].n; s++)
        sum += sizes[s];
      sizes[0] = IDF_FREQ_ONE - sum;
      double ideal;
      size_t len = code_draws(&r, sizes, cases[i].n, 300000, lanes[k], &ideal);
      IDF_UNIT_SEEDED(&r, (double)len <= ideal / 8 * 1.001 + 16.0 * lanes[k]);
      IDF_UNIT_SEEDED(&r, (double)len >= ideal / 8 * 0.999);
    }
}

/* Symbols of a fixed alphabet decoded from a damaged stream, in a block of exactly
 * its size so that a sanitizer sees any step outside. */
static void damaged_streams_stay_in_bounds(void)
{
  idf_mem mem;
  idf_buf buf;
  idf_rans_enc enc;
  idf_mem_init(&mem, UINT64_MAX);
  for (uint64_t seed = 0; seed < 300; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    unsigned lanes = 1 + idf_unit_below(&r, IDF_RANS_LANES);
    size_t count = 1 + idf_unit_below(&r, 2000);
    idf_buf_init(&buf, &mem);
    idf_rans_enc_init(&enc, &mem, lanes);
    for (size_t i = 0; i < count; i++)
      idf_rans_put_bits(&enc, (unsigned)(i % lanes), idf_unit_below(&r, 1024), 10);
    IDF_UNIT_SEEDED(&r, idf_rans_finish(&enc, &buf) == IDF_OK);
    size_t len = seed % 2 ? buf.len : idf_unit_below(&r, (uint32_t)buf.len);
    uint8_t *copy = malloc(len ? len : 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
    memcpy(copy, buf.data, len);
    if (seed % 2)
      copy[idf_unit_below(&r, (uint32_t)len)] ^= (uint8_t)(1u << idf_unit_below(&r, 8));
    idf_rans_dec dec;
    idf_status status = idf_rans_dec_init(&dec, copy, len, lanes);
    if (status == IDF_OK) {
      for (size_t i = 0; i < count; i++)
        (void)idf_rans_bits(&dec, (unsigned)(i % lanes), 10);
      status = idf_rans_dec_finish(&dec);
      IDF_UNIT_SEEDED(&r, dec.at <= dec.end);
    }
    /* A cut is always seen. A flip need not be: it may only change the symbols. */
    IDF_UNIT_SEEDED(&r, seed % 2 || status != IDF_OK);
    free(copy);
    idf_rans_enc_free(&enc);
    idf_buf_free(&buf);
  }
}

static void bad_starts_are_refused(void)
{
  uint8_t data[24] = {0};
  idf_rans_dec dec;
  CU_ASSERT_EQUAL(idf_rans_dec_init(&dec, data, 8, 1), IDF_ERR_CORRUPT); /* state 0 */
  data[3] = 0xff;
  CU_ASSERT_EQUAL(idf_rans_dec_init(&dec, data, 8, 1), IDF_ERR_CORRUPT); /* below 2^32 */
  data[4] = 1;
  CU_ASSERT_EQUAL(idf_rans_dec_init(&dec, data, 8, 1), IDF_OK);
  CU_ASSERT_EQUAL(idf_rans_dec_finish(&dec), IDF_ERR_CORRUPT); /* did not end at 2^32 */
  data[3] = 0;
  CU_ASSERT_EQUAL(idf_rans_dec_init(&dec, data, 8, 1), IDF_OK);
  CU_ASSERT_EQUAL(idf_rans_dec_finish(&dec), IDF_OK);
  CU_ASSERT_EQUAL(idf_rans_dec_init(&dec, data, 12, 1), IDF_OK);
  CU_ASSERT_EQUAL(idf_rans_dec_finish(&dec), IDF_ERR_CORRUPT); /* a word too many */
  CU_ASSERT_EQUAL(idf_rans_dec_init(&dec, data, 11, 1), IDF_ERR_CORRUPT);
  CU_ASSERT_EQUAL(idf_rans_dec_init(&dec, data, 7, 1), IDF_ERR_TRUNCATED);
  CU_ASSERT_EQUAL(idf_rans_dec_init(&dec, data, 24, 4), IDF_ERR_TRUNCATED);
  CU_ASSERT_EQUAL(idf_rans_dec_init(&dec, data, 24, 0), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_rans_dec_init(&dec, data, 24, 17), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_rans_dec_init(&dec, NULL, 0, 1), IDF_ERR_TRUNCATED);
}

static void out_of_memory_is_told(void)
{
  for (int64_t fail = 0; fail < 4; fail++) {
    idf_mem mem;
    idf_buf buf;
    idf_rans_enc enc;
    idf_mem_init(&mem, UINT64_MAX);
    mem.fail_in = fail;
    idf_buf_init(&buf, &mem);
    idf_rans_enc_init(&enc, &mem, 1);
    for (int i = 0; i < 5000; i++)
      idf_rans_put_bits(&enc, 0, 1, 16);
    CU_ASSERT_EQUAL(idf_rans_finish(&enc, &buf), IDF_ERR_MEMORY);
    idf_rans_enc_free(&enc);
    idf_buf_free(&buf);
    CU_ASSERT_EQUAL(mem.used, 0);
  }
}

static int count_down(void *context)
{
  int *left = context;
  return (*left)-- <= 0;
}

/* A large tile is pushed at its end, all of it: that has to end, too, when asked to. */
static void pushing_may_be_cancelled(void)
{
  for (int asks = 0; asks < 4; asks++) {
    int left = asks;
    idf_cancel soon = {.asked = count_down, .context = &left};
    idf_mem mem;
    idf_buf buf;
    idf_rans_enc enc;
    idf_mem_init(&mem, UINT64_MAX);
    idf_buf_init(&buf, &mem);
    idf_rans_enc_init(&enc, &mem, 2);
    enc.cancel = &soon;
    for (unsigned i = 0; i < 400000; i++)
      idf_rans_put_bits(&enc, i % 3 % 2, 1, 4); /* many runs */
    CU_ASSERT_EQUAL(idf_rans_finish(&enc, &buf), IDF_ERR_CANCELLED);
    CU_ASSERT_EQUAL(left, -1);
    CU_ASSERT_EQUAL(buf.len, 0);
    idf_rans_enc_free(&enc);
    idf_buf_free(&buf);
    CU_ASSERT_EQUAL(mem.used, 0);
  }
}

int idf_suite_rans(void)
{
  static const idf_unit_test tests[] = {
      {"any sequence on any lanes comes back", any_sequence_comes_back},
      {"parts make the same stream", parts_make_the_same_stream},
      {"certain symbols cost nothing", certain_symbols_cost_nothing},
      {"raw bits cost their number", raw_bits_cost_their_number},
      {"streams are as short as they should", streams_are_as_short_as_they_should},
      {"damaged streams stay in bounds", damaged_streams_stay_in_bounds},
      {"bad starts are refused", bad_starts_are_refused},
      {"out of memory is told", out_of_memory_is_told},
      {"pushing may be cancelled", pushing_may_be_cancelled},
      {NULL, NULL}};
  return idf_unit_suite("rans", tests);
}

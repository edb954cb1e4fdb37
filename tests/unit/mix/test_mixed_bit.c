/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_mixed_bit.c: what was decided comes back, and the stream is as long as was said.
 */
#include "mixed_bit.h"

#include "unit.h"

int idf_suite_mixed_bit(void);

#define DECISIONS 5000

/* Bit n of a source with memory, and its contexts. */
static unsigned next_bit(idf_unit_random *r, unsigned last)
{
  return idf_unit_below(r, 16) == 0 ? !last : last;
}

static unsigned decide(idf_decide *d, unsigned n, unsigned last, unsigned bit)
{
  const uint32_t hash[2] = {idf_mixer_hash(1, last), idf_mixer_hash(2, n % 7)};
  const idf_contexts from = {.hash = hash, .count = 2, .set = {0, 1}, .curve = 0};
  return idf_decide_bit(d, &from, bit);
}

static void decisions_come_back(void)
{
  idf_mem mem;
  idf_rans_enc enc;
  idf_rans_dec dec;
  idf_buf out;
  static idf_decide d;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&out, &mem);
  idf_rans_enc_init(&enc, &mem, 1);
  idf_unit_random r = idf_unit_random_of(5);
  unsigned last = 0;

  d = (idf_decide){.enc = &enc, .measure = true};
  CU_ASSERT_EQUAL_FATAL(idf_mixer_init(&d.mixer, &mem, 10, 2, 1), IDF_OK);
  for (unsigned n = 0; n < DECISIONS; n++) {
    unsigned bit = next_bit(&r, last);
    CU_ASSERT_EQUAL(decide(&d, n, last, bit), bit);
    last = bit;
  }
  idf_mixer_free(&d.mixer, &mem);
  CU_ASSERT_EQUAL_FATAL(idf_rans_finish(&enc, &out), IDF_OK);
  /* 0.337 bits each, a little more for learning. */
  CU_ASSERT_TRUE(d.bits > 0.3 * DECISIONS && d.bits < 0.4 * DECISIONS);
  CU_ASSERT_TRUE((double)out.len >= d.bits / 8 && (double)out.len <= d.bits / 8 + 9);

  const double bits = d.bits;
  CU_ASSERT_EQUAL_FATAL(idf_rans_dec_init(&dec, out.data, out.len, 1), IDF_OK);
  d = (idf_decide){.dec = &dec, .measure = true};
  CU_ASSERT_EQUAL_FATAL(idf_mixer_init(&d.mixer, &mem, 10, 2, 1), IDF_OK);
  r = idf_unit_random_of(5);
  last = 0;
  for (unsigned n = 0; n < DECISIONS; n++) {
    unsigned bit = next_bit(&r, last);
    /* What the caller passes is ignored. */
    CU_ASSERT_EQUAL(decide(&d, n, last, !bit), bit);
    last = bit;
  }
  CU_ASSERT_EQUAL(idf_rans_dec_finish(&dec), IDF_OK);
  CU_ASSERT_DOUBLE_EQUAL(d.bits, bits, 1e-9 * bits);
  idf_mixer_free(&d.mixer, &mem);
  idf_rans_enc_free(&enc);
  idf_buf_free(&out);
  CU_ASSERT_EQUAL(mem.used, 0);
}

int idf_suite_mixed_bit(void)
{
  static const idf_unit_test tests[] = {{"decisions come back", decisions_come_back}, {NULL, NULL}};
  return idf_unit_suite("mixed_bit", tests);
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_bank.c: what is coded comes back, contexts that know are found out, a stream is as long as
 * the model says, and running out of memory leaves nothing.
 */
#include "bank_code.h"

#include "unit.h"

int idf_suite_bank(void);

#define SYMBOLS 4000

typedef struct symbol {
  uint32_t context[IDF_BANK_CONTEXTS];
  uint8_t bits[3];
} symbol;

/* The first context tells bits 0 and 2, the second nothing; bit 1 is noise. */
static symbol draw(idf_unit_random *r)
{
  symbol s;
  for (unsigned i = 0; i < IDF_BANK_CONTEXTS; i++)
    s.context[i] = i == 0 ? idf_unit_below(r, 64) : i == 1 ? idf_unit_next(r) : i;
  s.bits[0] = s.context[0] * 7 % 5 > 2;
  s.bits[1] = idf_unit_below(r, 2) != 0;
  s.bits[2] = s.bits[0] ^ (idf_unit_below(r, 100) == 0);
  return s;
}

static double code_all(idf_bank *bank, unsigned contexts, unsigned sets, uint64_t seed,
                       unsigned *wrong)
{
  idf_unit_random r = idf_unit_random_of(seed);
  double noise = 0;
  for (unsigned i = 0; i < SYMBOLS; i++) {
    const symbol s = draw(&r);
    idf_bank_look(bank, contexts, s.context);
    for (unsigned node = 0; node < 3; node++) {
      const uint32_t set[IDF_BANK_SETS] = {node, 3 + s.context[0] % 2};
      const double before = bank->bits;
      const unsigned bit =
          idf_bank_code(bank, contexts, sets, node, set, bank->dec ? 0 : s.bits[node]);
      *wrong += bit != s.bits[node];
      noise += node == 1 ? bank->bits - before : 0;
    }
  }
  return noise;
}

/* Equal weights. */
static idf_status start(idf_bank *bank, idf_mem *mem, unsigned line_bits, uint32_t sets,
                        unsigned contexts)
{
  const idf_status status = idf_bank_init(bank, mem, line_bits, sets);
  for (uint32_t s = 0; status == IDF_OK && s < sets; s++)
    for (unsigned i = 0; i < contexts; i++)
      bank->weights[s].of[i] = (int16_t)(9000 / contexts);
  return status;
}

static void come_back(unsigned contexts, unsigned sets)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  idf_bank *bank = idf_alloc(&mem, 1, sizeof *bank);
  CU_ASSERT_PTR_NOT_NULL_FATAL(bank);
  idf_rans_enc enc;
  idf_rans_dec dec;
  idf_buf out;
  unsigned wrong = 0;

  idf_buf_init(&out, &mem);
  idf_rans_enc_init(&enc, &mem, 1);
  CU_ASSERT_EQUAL_FATAL(start(bank, &mem, 10, 5, contexts), IDF_OK);
  uint32_t *record = idf_alloc(&mem, 3 * SYMBOLS, sizeof *record);
  CU_ASSERT_PTR_NOT_NULL_FATAL(record);
  bank->record = record;
  bank->measure = true;
  const double noise = code_all(bank, contexts, sets, 1, &wrong);
  const double bits = bank->bits;
  CU_ASSERT_EQUAL(bank->record - record, 3 * SYMBOLS);
  idf_bank_free(bank, &mem);
  for (unsigned i = 0; i < 3 * SYMBOLS; i++)
    idf_rans_put_row(&enc, 0, record + i, 1);
  CU_ASSERT_EQUAL_FATAL(idf_rans_finish(&enc, &out), IDF_OK);
  idf_rans_enc_free(&enc);
  idf_free(&mem, record);

  /* Noise costs a bit, and what the first context tells next to nothing. */
  CU_ASSERT_TRUE(noise > SYMBOLS && noise < 1.03 * SYMBOLS);
  CU_ASSERT_TRUE(bits - noise < 0.22 * SYMBOLS);
  CU_ASSERT_DOUBLE_EQUAL((double)out.len * 8, bits, 0.001 * bits + 96);

  CU_ASSERT_EQUAL_FATAL(idf_rans_dec_init(&dec, out.data, out.len, 1), IDF_OK);
  CU_ASSERT_EQUAL_FATAL(start(bank, &mem, 10, 5, contexts), IDF_OK);
  bank->dec = &dec;
  (void)code_all(bank, contexts, sets, 1, &wrong);
  idf_bank_free(bank, &mem);
  CU_ASSERT_EQUAL(wrong, 0);
  CU_ASSERT_EQUAL(idf_rans_dec_finish(&dec), IDF_OK);
  idf_buf_free(&out);
  idf_free(&mem, bank);
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void bits_come_back(void)
{
  come_back(8, 2);
  come_back(3, 2);
  come_back(2, 1);
}

/* Certain decisions for ever, and then the other: no sum, weight or counter leaves its type. */
static void extremes_stay_in_bounds(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  idf_bank *bank = idf_alloc(&mem, 1, sizeof *bank);
  CU_ASSERT_PTR_NOT_NULL_FATAL(bank);
  CU_ASSERT_EQUAL_FATAL(start(bank, &mem, 4, 2, 8), IDF_OK);
  static const uint32_t set[IDF_BANK_SETS] = {0, 1};
  const uint32_t context[IDF_BANK_CONTEXTS] = {0};
  bank->measure = true;
  for (unsigned turn = 0; turn < 4; turn++) {
    for (unsigned i = 0; i < 3000; i++) {
      idf_bank_look(bank, 8, context);
      const double before = bank->bits;
      CU_ASSERT_EQUAL(idf_bank_code(bank, 8, 2, IDF_BANK_NODES - 1, set, turn & 1), turn & 1);
      CU_ASSERT_TRUE(bank->bits - before <= 11.1); /* of 32 / 65536 */
      if (i > 2000)
        CU_ASSERT_TRUE(bank->bits - before < 0.01);
    }
  }
  idf_bank_free(bank, &mem);
  idf_free(&mem, bank);
}

static void memory_that_ends_is_said(void)
{
  for (int64_t fail = 0; fail < 3; fail++) {
    idf_mem mem;
    idf_mem_init(&mem, UINT64_MAX);
    idf_bank *bank = idf_alloc(&mem, 1, sizeof *bank);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bank);
    mem.fail_in = fail;
    CU_ASSERT_EQUAL(idf_bank_init(bank, &mem, 8, 4), fail < 2 ? IDF_ERR_MEMORY : IDF_OK);
    mem.fail_in = -1;
    if (fail == 2)
      idf_bank_free(bank, &mem);
    idf_free(&mem, bank);
    CU_ASSERT_EQUAL(mem.used, 0);
  }
}

int idf_suite_bank(void)
{
  static const idf_unit_test tests[] = {
      {"bits come back, at the price the model says", bits_come_back},
      {"extremes stay in bounds", extremes_stay_in_bounds},
      {"memory that ends is said", memory_that_ends_is_said},
      {NULL, NULL},
  };
  return idf_unit_suite("bank", tests);
}

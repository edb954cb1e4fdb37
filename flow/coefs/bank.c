/* SPDX-License-Identifier: BSD-3-Clause
 *
 * bank.c: see bank.h: tables and memory.
 * idf(5), "COEFFICIENTS".
 */
#include "bank.h"

#include <string.h>

#include "bank_code.h"
#include "fixed.h"
#include "tables.h"

_Static_assert(sizeof(idf_bank_line) == 32, "two of them, the two ways of find, to a cache line");
_Static_assert(sizeof(idf_bank_weights) == 32, "no gaps");

static void make_tables(idf_bank *bank)
{
  for (int32_t i = 0; i < 4096; i++) /* of Q8 */
    bank->squash[i] =
        (uint16_t)idf_clamp(idf_logistic((i - 2048) * 4), IDF_BANK_P_MIN, IDF_BANK_P_MAX);
  int32_t v = -IDF_BANK_LIMIT;
  for (int32_t p = 0; p < 4096; p++) { /* the least value that squash takes to p or above */
    while (v < IDF_BANK_LIMIT && bank->squash[v + 2048] >> 4 < p)
      v++;
    bank->stretch[p] = (int16_t)v;
  }
  for (uint32_t n = 0; n <= IDF_BANK_COUNTS; n++)
    bank->rate[n] = (uint16_t)((5u << 16) / (5 * n + 9));
}

idf_status idf_bank_init(idf_bank *bank, idf_mem *mem, unsigned line_bits, uint32_t sets)
{
  memset(bank, 0, sizeof *bank);
  bank->line_bits = line_bits;
  bank->lines = idf_alloc(mem, (size_t)1 << line_bits, sizeof *bank->lines);
  bank->weights = idf_alloc(mem, sets, sizeof *bank->weights);
  if (!bank->lines || !bank->weights) {
    idf_bank_free(bank, mem);
    return idf_mem_status(mem);
  }
  make_tables(bank);
  return IDF_OK;
}

void idf_bank_free(idf_bank *bank, idf_mem *mem)
{
  idf_free(mem, bank->lines);
  idf_free(mem, bank->weights);
  bank->lines = NULL;
  bank->weights = NULL;
}

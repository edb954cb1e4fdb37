/* SPDX-License-Identifier: BSD-3-Clause
 *
 * oracle_bank.h: chapter 18.1 of idf(5), the decisions of coefficients.
 */
#ifndef IDF_ORACLE_BANK_H
#define IDF_ORACLE_BANK_H

#include "oracle.h"

/* Chapter 18.1. */
typedef struct shape {
  num contexts, sets, lines;
  const int16_t *start; /* rows of `contexts` + 1 */
  num rows, sum;        /* how many, and their CRC-32C */
  num used[3];          /* bit i: context i of the eight; of counts, of AC, of DC */
  bool borders;         /* DC is expected from these alone */
} shape;

/* The sets of weights of a symbol's decision 0; those of decision d come d later. The first is
 * chosen by what is left, the second by the place. */
typedef struct choice {
  num set[2];
} choice;

/* Sets: 20 for each value, then 64 for each count. */
enum { LEFT_VALUES = 2 * 3 * 13 + 2 * 32, PLACE_VALUES = 2 * 4 * 64, COUNTS = 2 * 3 };

typedef struct bank bank;

/* Reads its decisions from `in`; 2^bits lines. */
bank *idf_oracle_bank(const tables *t, source in, const shape *of, num bits);
/* Checks that all of it was used. */
void idf_oracle_bank_end(bank *b);

/* Finds the lines of a symbol, of its eight contexts those that are used; goes on with them, when
 * `known` is known. */
void idf_oracle_bank_look(bank *b, const num context[8], num used);
void idf_oracle_bank_go_on(bank *b, num known);
/* Decision `number` of the symbol, whose counters are those of `node`. */
bool idf_oracle_bank_decide(bank *b, num node, const choice *at, num number);

#endif

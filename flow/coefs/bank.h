/* SPDX-License-Identifier: BSD-3-Clause
 *
 * bank.h: the binary decisions of one symbol, mixed from what its contexts know.
 *
 * The method is that of mixer.h, in another shape. A symbol, such as a coefficient, is a small
 * tree of decisions ("nodes": is it zero, its sign, how many bits, ...). Each context of the
 * symbol is looked up once and finds a line of 32 bytes, which holds a counter for each node. So
 * a symbol of five decisions with eight contexts costs 8 look-ups, not 40. One or two sets of
 * weights, each chosen by a small context, sum what the counters say in the logistic domain; the
 * mean of the sums is squashed to a probability.
 *
 * Q-formats: probabilities 1/65536; logistic domain Q8 in [-2047, 2047]; weights Q13.
 *
 * What codes decisions is in bank_code.h, for callers that know their number of contexts.
 */
#ifndef IDF_FLOW_BANK_H
#define IDF_FLOW_BANK_H

#include "mem.h"
#include "rans.h"

#define IDF_BANK_CONTEXTS 8 /* at most */
#define IDF_BANK_NODES 10
#define IDF_BANK_SETS 2    /* at most */
#define IDF_BANK_COUNTS 63 /* updates after which a counter gets no slower */

/* What one context knows. check 0: free. */
typedef struct idf_bank_line {
  uint16_t check;
  uint16_t p[IDF_BANK_NODES]; /* of a 1, in 1/65536 */
  uint8_t n[IDF_BANK_NODES];  /* updates seen, saturating */
} idf_bank_line;

typedef struct idf_bank_weights {
  int16_t of[IDF_BANK_CONTEXTS];
  int16_t constant; /* of the input 256 */
  uint16_t seen;    /* updates, saturating at IDF_BANK_STEPS_MIDDLE */
  int16_t spare[6]; /* to 32 bytes */
} idf_bank_weights;

typedef struct idf_bank {
  idf_bank_line *lines;      /* owned, 2^line_bits */
  idf_bank_weights *weights; /* owned */
  unsigned line_bits;
  idf_bank_line *hit[IDF_BANK_CONTEXTS]; /* of the symbol at hand */
  uint32_t *record;                      /* an encoder's next decision, as rans.h has it; or NULL */
  idf_rans_dec *dec;                     /* borrowed; NULL in an encoder */
  bool measure; /* sum up `bits`: for reports only, they are floating point */
  double bits;
  int16_t stretch[4096];              /* by p >> 4 */
  uint16_t squash[4096];              /* by logistic value + 2048 */
  uint16_t rate[IDF_BANK_COUNTS + 1]; /* of a counter after n updates, Q16 */
} idf_bank;

/* line_bits in [4, 20]; `sets`: of weights, all together, which are 0. IDF_OK, or the memory
 * status, and then nothing is owned. Weights, record, dec and measure are the caller's to set. */
idf_status idf_bank_init(idf_bank *bank, idf_mem *mem, unsigned line_bits, uint32_t sets);
void idf_bank_free(idf_bank *bank, idf_mem *mem);

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * bank.h: the binary decisions of one symbol, mixed from what eight contexts know.
 *
 * The method is that of mixer.h, in another shape. A symbol, such as a coefficient, is a small
 * tree of decisions ("nodes": is it zero, its sign, how many bits, ...). Each context of the
 * symbol is looked up once and finds a line of 32 bytes, which holds a counter for each node. So
 * a symbol of five decisions costs 8 look-ups, not 40. Three sets of weights, each chosen by a
 * small context, sum what the counters say in the logistic domain; the mean of the sums is
 * squashed to a probability and corrected by a curve.
 *
 * Q-formats: probabilities 1/65536; logistic domain Q8 in [-2047, 2047]; weights Q13.
 */
#ifndef IDF_FLOW_BANK_H
#define IDF_FLOW_BANK_H

#include "mem.h"
#include "rans.h"

#define IDF_BANK_CONTEXTS 8
#define IDF_BANK_NODES 10
#define IDF_BANK_SETS 3
#define IDF_BANK_KNOTS 33
#define IDF_BANK_COUNTS 255 /* updates after which a counter gets no slower */

/* What one context knows. check 0: free. */
typedef struct idf_bank_line {
  uint16_t check;
  uint16_t p[IDF_BANK_NODES]; /* of a 1, in 1/65536 */
  uint8_t n[IDF_BANK_NODES];  /* updates seen, saturating */
} idf_bank_line;

typedef struct idf_bank_weights {
  int16_t of[IDF_BANK_CONTEXTS];
  int16_t constant; /* of the input 256 */
  uint16_t seen;    /* updates, saturating at 255 */
  int16_t spare[6]; /* to 32 bytes */
} idf_bank_weights;

typedef struct idf_bank {
  idf_bank_line *lines;               /* owned, 2^line_bits */
  idf_bank_weights *weights;          /* owned: those of set 0, 1 and 2, one after another */
  uint16_t (*curves)[IDF_BANK_KNOTS]; /* owned */
  unsigned line_bits;
  idf_bank_line *hit[IDF_BANK_CONTEXTS]; /* of the symbol at hand */
  idf_rans_enc *enc;                     /* borrowed; NULL in a decoder */
  idf_rans_dec *dec;                     /* borrowed; NULL in an encoder */
  bool measure; /* sum up `bits`: for reports only, they are floating point */
  double bits;
  int16_t stretch[4096];               /* by p >> 4 */
  uint16_t squash[4096];               /* by logistic value + 2048 */
  uint16_t rate[IDF_BANK_COUNTS + 1];  /* of a counter after n updates, Q16 */
  uint16_t trust[IDF_BANK_COUNTS + 1]; /* in a counter after n updates, Q8 */
} idf_bank;

/* What chooses weights and curve of a decision. */
typedef struct idf_bank_choice {
  uint32_t weights[IDF_BANK_SETS]; /* below `sets` of idf_bank_init */
  uint32_t curve;                  /* below `curves` */
} idf_bank_choice;

/* line_bits in [4, 20]. IDF_OK, or the memory status, and then nothing is owned. enc, dec and
 * measure are the caller's to set. */
idf_status idf_bank_init(idf_bank *bank, idf_mem *mem, unsigned line_bits, uint32_t sets,
                         uint32_t curves);
void idf_bank_free(idf_bank *bank, idf_mem *mem);

/* Finds the lines of the next symbol. Contexts are any numbers; each position has lines of its
 * own. */
void idf_bank_look(idf_bank *bank, const uint32_t context[IDF_BANK_CONTEXTS]);

/* Codes decision `node` (< IDF_BANK_NODES) of the symbol: `bit`, which a decoder ignores, and
 * returns it. Once the stream is bad, what it returns is defined but arbitrary. */
unsigned idf_bank_code(idf_bank *bank, unsigned node, const idf_bank_choice *choice, unsigned bit);

#endif

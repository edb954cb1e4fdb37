/* SPDX-License-Identifier: BSD-3-Clause
 *
 * mixer.h: learns the probability of a binary decision while coding, by context mixing.
 *
 * The method is that of M. Mahoney's PAQ family ("Adaptive Weighing of Context Models for Lossless
 * Data Compression", 2005), in integers throughout. Each context is a hash that selects a counter
 * in one table. Each counter gives log(p / (1 - p)). Two sets of weights, selected by small
 * contexts, form weighted sums of these inputs. The mean of both sums is squashed back to a
 * probability. A table then corrects it to what similar probabilities turned out to be.
 *
 * Q-formats: probabilities 1/65536; logistic domain Q8 in [-2047, 2047]; weights Q13.
 */
#ifndef IDF_FLOW_MIXER_H
#define IDF_FLOW_MIXER_H

#include "base.h"
#include "mem.h"

#define IDF_MIXER_CONTEXTS 11 /* contexts of one decision at most */
#define IDF_MIXER_INPUTS 16   /* these, a constant input, and zeros */
#define IDF_MIXER_KNOTS 33    /* of a correction curve */
#define IDF_MIXER_COUNTS 60   /* updates after which a counter's rate stays */

/* p: probability of a 1, in 1/65536; n: number of updates, saturating; n = 0: a free slot. */
typedef struct idf_mixer_slot {
  uint16_t p;
  uint8_t n, check;
} idf_mixer_slot;

typedef struct idf_mixer_set {
  int16_t weight[IDF_MIXER_INPUTS];
} idf_mixer_set;

typedef struct idf_mixer_curve {
  uint16_t p[IDF_MIXER_KNOTS];
} idf_mixer_curve;

typedef struct idf_mixer {
  idf_mixer_slot *slots;   /* owned, 2^slot_bits */
  idf_mixer_set *sets;     /* owned */
  idf_mixer_curve *curves; /* owned */
  unsigned slot_bits;
  int16_t stretch[4096];               /* by p >> 4 */
  uint16_t squash[4096];               /* by logistic value + 2048 */
  uint16_t rate[IDF_MIXER_COUNTS + 1]; /* of a counter after n updates, Q15 */
  /* State between predict and learn. */
  idf_mixer_slot *hit[IDF_MIXER_CONTEXTS];
  int16_t input[IDF_MIXER_INPUTS];
  int16_t *weight[2];
  int32_t sum[2]; /* logistic domain */
  uint16_t *knot; /* knot[0] and knot[1] were interpolated */
  unsigned contexts;
} idf_mixer;

/* From what a decision is predicted. */
typedef struct idf_contexts {
  const uint32_t *hash; /* of each context, well mixed in all 32 bits */
  unsigned count;       /* 1 .. IDF_MIXER_CONTEXTS */
  unsigned set[2];      /* of weights: two different ones */
  unsigned curve;
} idf_contexts;

/* slot_bits is in [8, 24]. Returns IDF_OK, or the memory status; then nothing is owned. */
idf_status idf_mixer_init(idf_mixer *m, idf_mem *mem, unsigned slot_bits, unsigned sets,
                          unsigned curves);
void idf_mixer_free(idf_mixer *m, idf_mem *mem);

/* The probability of a 1, in [32, 65504]. */
uint32_t idf_mixer_predict(idf_mixer *m, const idf_contexts *from);

/* Learns the outcome. It must follow every idf_mixer_predict. */
void idf_mixer_learn(idf_mixer *m, unsigned bit);

/* Fetches the memory of a context that a prediction will soon need. It is a macro, because gcc
 * regards a function that does only this as one without effect, and drops the call. */
#define IDF_MIXER_FETCH(m, hash) IDF_PREFETCH(&(m)->slots[(hash) >> (32 - (m)->slot_bits)])

/* Extends the hash h by v. */
static inline uint32_t idf_mixer_hash(uint32_t h, uint64_t v)
{
  return (uint32_t)(((h + v + UINT64_C(0x1234567)) * UINT64_C(0xD6E8FEB86659FD93)) >> 32);
}

#endif

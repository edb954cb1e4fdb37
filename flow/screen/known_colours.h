/* SPDX-License-Identifier: BSD-3-Clause
 *
 * known_colours.h: the colours that were coded as literals in a tile before.
 *
 * If a literal is known to be one of them, only the bits in which they differ need to be coded. In
 * screenshots of few colours this saves a third of all bits.
 *
 * A colour is a key: its samples in the order in which they are coded, the first on top. So colours
 * with the same first bits lie side by side.
 */
#ifndef IDF_FLOW_KNOWN_COLOURS_H
#define IDF_FLOW_KNOWN_COLOURS_H

#include "base.h"
#include "mem.h"

#define IDF_PALETTE_MAX 4096u /* colours; with more, insertion would take too long */
#define IDF_PALETTE_OUT 7u    /* keys that a part can exclude */

typedef struct idf_palette {
  uint64_t *key; /* owned: ascending, without repetition */
  uint32_t count;
} idf_palette;

/* The keys lo .. hi - 1 without the excluded ones, which are all in that range. */
typedef struct idf_palette_part {
  uint32_t lo, hi;
  uint32_t out[IDF_PALETTE_OUT], outs;
} idf_palette_part;

/* Returns IDF_OK, or the memory status; then nothing is owned. */
idf_status idf_palette_init(idf_palette *palette, idf_mem *mem);
void idf_palette_free(idf_palette *palette, idf_mem *mem);

bool idf_palette_has(const idf_palette *palette, uint64_t key);
/* Does nothing if the key is there, or if the palette is full. */
void idf_palette_add(idf_palette *palette, uint64_t key);

/* All keys except those in `refused`, at most IDF_PALETTE_OUT of them. */
idf_palette_part idf_palette_but(const idf_palette *palette, const uint64_t *refused,
                                 unsigned refusals);
/* Splits a part into the keys below `key` and the others. */
void idf_palette_split(const idf_palette *palette, const idf_palette_part *part, uint64_t key,
                       idf_palette_part half[2]);

static inline uint32_t idf_palette_left(const idf_palette_part *part)
{
  return part->hi - part->lo - part->outs;
}

#endif

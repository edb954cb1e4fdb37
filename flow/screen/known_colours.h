/* SPDX-License-Identifier: BSD-3-Clause
 *
 * known_colours.h: the colours of a tile that were literals before. Where it is told that a
 * literal is one of them, only bits in which these differ need to be coded: a third of all in
 * screenshots of few colours.
 *
 * A colour is a key here: its samples one after the other in the order in which they are
 * coded, the first on top, so that colours whose first bits are the same lie side by side.
 */
#ifndef IDF_FLOW_KNOWN_COLOURS_H
#define IDF_FLOW_KNOWN_COLOURS_H

#include "base.h"
#include "mem.h"

#define IDF_PALETTE_MAX 4096u /* colours: with more, moving them to make room would take time */
#define IDF_PALETTE_OUT 7u    /* keys that can be left out of a part */

typedef struct idf_palette {
  uint64_t *key; /* owned: in rising order, each once */
  uint32_t count;
} idf_palette;

/* Keys number lo .. hi - 1, but not those that are out, each of which is one of these. */
typedef struct idf_palette_part {
  uint32_t lo, hi;
  uint32_t out[IDF_PALETTE_OUT], outs;
} idf_palette_part;

/* IDF_OK or the memory status; then nothing is owned. */
idf_status idf_palette_init(idf_palette *palette, idf_mem *mem);
void idf_palette_free(idf_palette *palette, idf_mem *mem);

bool idf_palette_has(const idf_palette *palette, uint64_t key);
/* Nothing happens if it is there, or if the palette is full. */
void idf_palette_add(idf_palette *palette, uint64_t key);

/* All keys but those of `refused`, of which there are IDF_PALETTE_OUT at most. */
idf_palette_part idf_palette_but(const idf_palette *palette, const uint64_t *refused,
                                 unsigned refusals);
/* The part's keys below `key`, and those that are not. */
void idf_palette_split(const idf_palette *palette, const idf_palette_part *part, uint64_t key,
                       idf_palette_part half[2]);

static inline uint32_t idf_palette_left(const idf_palette_part *part)
{
  return part->hi - part->lo - part->outs;
}

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * known_colours.c: the sorted list of colours of known_colours.h.
 * idf(5), "SCREEN TILES".
 */
#include "known_colours.h"

#include <string.h>

idf_status idf_palette_init(idf_palette *palette, idf_mem *mem)
{
  *palette = (idf_palette){.key = idf_alloc(mem, IDF_PALETTE_MAX, sizeof(uint64_t))};
  return !palette->key ? idf_mem_status(mem) : IDF_OK;
}

void idf_palette_free(idf_palette *palette, idf_mem *mem)
{
  idf_free(mem, palette->key);
  *palette = (idf_palette){0};
}

/* The first of the keys lo .. hi - 1 that is not below `key`; hi if there is none. The search has
 * no branches: the result of a comparison cannot be predicted, and a wrong guess costs more than a
 * step. */
static uint32_t first_not_below(const idf_palette *palette, uint32_t lo, uint32_t hi, uint64_t key)
{
  const uint64_t *from = palette->key + lo;
  uint32_t count = hi - lo;

  if (count == 0)
    return lo;
  while (count > 1) {
    const uint32_t half = count / 2;
    from += (0u - (uint32_t)(from[half - 1] < key)) & half;
    count -= half;
  }
  return (uint32_t)(from - palette->key) + (*from < key);
}

static bool is_at(const idf_palette *palette, uint32_t at, uint64_t key)
{
  return at < palette->count && palette->key[at] == key;
}

bool idf_palette_has(const idf_palette *palette, uint64_t key)
{
  return is_at(palette, first_not_below(palette, 0, palette->count, key), key);
}

void idf_palette_add(idf_palette *palette, uint64_t key)
{
  const uint32_t at = first_not_below(palette, 0, palette->count, key);
  if (is_at(palette, at, key) || palette->count == IDF_PALETTE_MAX)
    return;
  uint64_t *place = palette->key + at;
  memmove(place + 1, place, (palette->count - at) * sizeof *place);
  *place = key;
  palette->count++;
}

idf_palette_part idf_palette_but(const idf_palette *palette, const uint64_t *refused,
                                 unsigned refusals)
{
  idf_palette_part part = {.hi = palette->count};
  for (unsigned i = 0; i < refusals; i++) {
    const uint32_t at = first_not_below(palette, 0, palette->count, refused[i]);
    bool fresh = is_at(palette, at, refused[i]);
    for (uint32_t k = 0; k < part.outs; k++)
      fresh &= part.out[k] != at;
    if (fresh)
      part.out[part.outs++] = at;
  }
  return part;
}

void idf_palette_split(const idf_palette *palette, const idf_palette_part *part, uint64_t key,
                       idf_palette_part half[2])
{
  const uint32_t at = first_not_below(palette, part->lo, part->hi, key);
  half[0] = (idf_palette_part){.lo = part->lo, .hi = at};
  half[1] = (idf_palette_part){.lo = at, .hi = part->hi};
  for (uint32_t k = 0; k < part->outs; k++) {
    idf_palette_part *side = &half[part->out[k] >= at];
    side->out[side->outs++] = part->out[k];
  }
}

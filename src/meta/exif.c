/* SPDX-License-Identifier: BSD-3-Clause
 *
 * exif.c: reads the first directory of a TIFF header. TIFF 6.0, sections 2 and 8.
 */
#include "exif.h"

enum { SHORT = 3, RATIONAL = 5 };
enum { ORIENTATION = 0x112, ACROSS = 0x11a, DOWN = 0x11b, UNIT = 0x128 };
enum { ENTRY = 12 }; /* bytes: tag, type, count, and the value or its place */

typedef struct block {
  const uint8_t *data;
  size_t size;
  bool big; /* the high byte first */
} block;

/* `bytes` (2 or 4) at `at`, which are there. */
static uint32_t number(const block *b, size_t at, unsigned bytes)
{
  uint32_t value = 0;
  for (unsigned i = 0; i < bytes; i++)
    value = value << 8 | b->data[at + (b->big ? i : bytes - 1 - i)];
  return value;
}

/* The value of an entry of one SHORT; 0 for another. */
static uint32_t short_of(const block *b, size_t entry)
{
  const bool one = number(b, entry + 2, 2) == SHORT && number(b, entry + 4, 4) == 1;
  return one ? number(b, entry + 8, 2) : 0;
}

/* The value of an entry of one RATIONAL, with `inches` as pixels an inch, else a centimetre, in
 * pixels per metre; 0 if it is none, or too large. */
static uint32_t density_of(const block *b, size_t entry, bool inches)
{
  const size_t at = number(b, entry + 8, 4);

  if (number(b, entry + 2, 2) != RATIONAL || number(b, entry + 4, 4) != 1 || b->size < 8
      || at > b->size - 8)
    return 0;
  const uint64_t top = number(b, at, 4), bottom = number(b, at + 4, 4);
  /* An inch is 254 / 10000 of a metre. All is below 2^46. */
  const uint64_t times = top * (inches ? 10000 : 100), by = bottom * (inches ? 254 : 1);
  const uint64_t density = by ? (times + by / 2) / by : 0;
  return density > UINT32_MAX ? 0 : (uint32_t)density;
}

idf_exif idf_exif_read(const uint8_t *data, size_t size)
{
  block b = {.data = data, .size = size};
  idf_exif exif = {0};
  size_t across = 0, down = 0;
  uint32_t unit = 2; /* inches, unless it says something else */

  if (size < 10 || data[0] != data[1] || (data[0] != 'I' && data[0] != 'M'))
    return exif;
  b.big = data[0] == 'M';
  size_t at = number(&b, 4, 4);
  if (number(&b, 2, 2) != 42 || at > size - 2)
    return exif;
  uint32_t entries = number(&b, at, 2);
  for (at += 2; entries > 0 && size - at >= ENTRY; entries--, at += ENTRY) {
    const uint32_t tag = number(&b, at, 2);
    if (tag == ORIENTATION)
      exif.orientation = short_of(&b, at);
    else if (tag == UNIT)
      unit = short_of(&b, at);
    else if (tag == ACROSS)
      across = at;
    else if (tag == DOWN)
      down = at;
  }
  if (exif.orientation > 8)
    exif.orientation = 0;
  if (across && down && (unit == 2 || unit == 3)) {
    exif.across = density_of(&b, across, unit == 2);
    exif.down = density_of(&b, down, unit == 2);
  }
  if (!exif.across || !exif.down)
    exif.across = exif.down = 0;
  return exif;
}

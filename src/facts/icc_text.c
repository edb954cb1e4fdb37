/* SPDX-License-Identifier: BSD-3-Clause
 *
 * icc_text.c: reads the header and two texts of a colour profile: ICC.1:2010, sections 7.2, 7.3,
 * 10.13 (multiLocalizedUnicodeType) and 10.22 (textType), and ICC.1:2001-04, 6.5.17
 * (textDescriptionType).
 */
#include "icc_text.h"

#include <string.h>

#define HEADER 128u
#define MOST_TAGS 256u

static uint32_t get32(const uint8_t *p)
{
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool is(const uint8_t *p, const char *signature)
{
  return memcmp(p, signature, 4) == 0;
}

/* Appends a character in UTF-8 if there is room for it and a zero. */
static size_t put_utf8(char *out, size_t at, size_t size, uint32_t c)
{
  uint8_t s[4];
  size_t n = 0;

  if (c < 0x80) {
    s[n++] = (uint8_t)c;
  } else if (c < 0x800) {
    s[n++] = (uint8_t)(0xc0 | c >> 6);
    s[n++] = (uint8_t)(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    s[n++] = (uint8_t)(0xe0 | c >> 12);
    s[n++] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
    s[n++] = (uint8_t)(0x80 | (c & 0x3f));
  } else {
    s[n++] = (uint8_t)(0xf0 | c >> 18);
    s[n++] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
    s[n++] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
    s[n++] = (uint8_t)(0x80 | (c & 0x3f));
  }
  if (at + n >= size)
    return size; /* full: what follows has no room either */
  memcpy(out + at, s, n);
  out[at + n] = '\0';
  return at + n;
}

/* UTF-16, the high byte first, up to a zero. Halves of pairs become '?'. */
static void put_utf16(const uint8_t *p, size_t bytes, char *out, size_t size)
{
  size_t at = 0;

  for (size_t i = 0; i + 1 < bytes && at < size; i += 2) {
    uint32_t c = (uint32_t)p[i] << 8 | p[i + 1];
    if (c == 0)
      return;
    if (c >= 0xd800 && c < 0xe000) {
      const uint32_t low = i + 3 < bytes ? (uint32_t)p[i + 2] << 8 | p[i + 3] : 0;
      if (c < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        i += 2;
      } else {
        c = '?';
      }
    }
    at = put_utf8(out, at, size, c);
  }
}

static void put_ascii(const uint8_t *p, size_t bytes, char *out, size_t size)
{
  const uint8_t *end = memchr(p, 0, bytes);
  const size_t len = IDF_MIN(end ? (size_t)(end - p) : bytes, size - 1);

  memcpy(out, p, len);
  out[len] = '\0';
}

/* The first record of a text in several languages. */
static void put_mluc(const uint8_t *tag, size_t bytes, char *out, size_t size)
{
  if (bytes < 28 || get32(tag + 8) < 1)
    return;
  const uint32_t len = get32(tag + 20), at = get32(tag + 24);
  if (at <= bytes && len <= bytes - at)
    put_utf16(tag + at, len, out, size);
}

static void put_tag(const uint8_t *tag, size_t bytes, char *out, size_t size)
{
  if (bytes < 12)
    return;
  if (is(tag, "mluc"))
    put_mluc(tag, bytes, out, size);
  else if (is(tag, "text"))
    put_ascii(tag + 8, bytes - 8, out, size);
  else if (is(tag, "desc"))
    put_ascii(tag + 12, IDF_MIN((size_t)get32(tag + 8), bytes - 12), out, size);
}

bool idf_icc_read(const uint8_t *data, size_t size, idf_icc_text *profile)
{
  static const struct {
    const char *signature, *word;
  } kinds[] = {{"scnr", "input"}, {"mntr", "display"},  {"prtr", "output"}, {"spac", "space"},
               {"link", "link"},  {"abst", "abstract"}, {"nmcl", "named"}};

  memset(profile, 0, sizeof *profile);
  if (size < HEADER + 4 || !is(data + 36, "acsp"))
    return false;
  profile->kind = "unknown";
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (is(data + 12, kinds[i].signature))
      profile->kind = kinds[i].word;
  memcpy(profile->space, data + 16, 4);
  for (size_t i = 4; i > 0 && (profile->space[i - 1] == ' ' || !profile->space[i - 1]); i--)
    profile->space[i - 1] = '\0';
  profile->major = data[8];
  profile->minor = data[9] >> 4;
  const uint32_t tags = get32(data + HEADER);
  for (uint32_t i = 0; i < tags && i < MOST_TAGS && size - HEADER - 4 >= 12 * ((size_t)i + 1);
       i++) {
    const uint8_t *entry = data + HEADER + 4 + 12 * (size_t)i;
    const uint32_t at = get32(entry + 4), bytes = get32(entry + 8);
    if (at > size || bytes > size - at)
      continue;
    if (is(entry, "desc"))
      put_tag(data + at, bytes, profile->description, sizeof profile->description);
    else if (is(entry, "cprt"))
      put_tag(data + at, bytes, profile->copyright, sizeof profile->copyright);
  }
  return true;
}

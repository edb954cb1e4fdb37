/* SPDX-License-Identifier: BSD-3-Clause
 *
 * exif_text.c: reads the directories of an Exif block (TIFF 6.0, section 2) and puts their values
 * into words.
 */
#include "exif_text.h"

#include <stdio.h>
#include <string.h>

#include "exif_tags.h"

enum { BYTE = 1, ASCII, SHORT, LONG, RATIONAL, SBYTE, UNDEFINED, SSHORT, SLONG, SRATIONAL };
enum { ENTRY = 12 }; /* bytes: tag, type, count, and the value or its place */
enum { PHOTO_AT = 0x8769, GPS_AT = 0x8825, INTEROP_AT = 0xa005 };
#define MOST_NUMBERS 12u /* of one entry that are told */

typedef struct block {
  const uint8_t *data;
  size_t size;
  bool big; /* the high byte first */
  idf_exif_fn tell;
  void *context;
  unsigned told;
} block;

/* An entry whose values are inside the block. */
typedef struct entry {
  uint32_t tag, type, count;
  size_t at; /* of the values */
} entry;

/* What becomes of an entry: cut at its size. */
typedef struct text {
  char s[IDF_EXIF_VALUE];
  size_t len;
} text;

/* `bytes` (1, 2 or 4) at `at`, which are there. */
static uint32_t number(const block *b, size_t at, unsigned bytes)
{
  uint32_t value = 0;

  for (unsigned i = 0; i < bytes; i++)
    value = value << 8 | b->data[at + (b->big ? i : bytes - 1 - i)];
  return value;
}

/* Bytes of a value; 0 for an unknown type. */
static unsigned bytes_of(uint32_t type)
{
  static const uint8_t bytes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8};

  return type < sizeof bytes ? bytes[type] : 0;
}

/* Reads the entry at `at`, whose 12 bytes are there. False if its values are not. */
static bool read_entry(const block *b, size_t at, entry *e)
{
  e->tag = number(b, at, 2);
  e->type = number(b, at + 2, 2);
  e->count = number(b, at + 4, 4);
  const uint64_t size = (uint64_t)e->count * bytes_of(e->type);
  if (size == 0)
    return false;
  e->at = size <= 4 ? at + 8 : number(b, at + 8, 4);
  return e->at <= b->size && size <= b->size - e->at;
}

/* ---- values in words ------------------------------------------------------------------ */

static void put(text *t, const char *s)
{
  const size_t len = IDF_MIN(strlen(s), sizeof t->s - 1 - t->len);

  memcpy(t->s + t->len, s, len);
  t->len += len;
  t->s[t->len] = '\0';
}

/* The i-th number of an entry, signed or not. */
static int64_t integer(const block *b, const entry *e, uint32_t i)
{
  const unsigned bytes = bytes_of(e->type);
  const uint32_t v = number(b, e->at + (size_t)i * bytes, IDF_MIN(bytes, 4u));

  switch (e->type) {
  case SBYTE:
    return (int8_t)v;
  case SSHORT:
    return (int16_t)v;
  case SLONG:
  case SRATIONAL:
    return (int32_t)v;
  default:
    return v;
  }
}

static bool is_rational(const entry *e)
{
  return e->type == RATIONAL || e->type == SRATIONAL;
}

/* The lower half of the i-th fraction; 1 for whole numbers. */
static int64_t below(const block *b, const entry *e, uint32_t i)
{
  const uint32_t v = is_rational(e) ? number(b, e->at + 8 * (size_t)i + 4, 4) : 1;

  return e->type == SRATIONAL ? (int64_t)(int32_t)v : (int64_t)v;
}

/* As a number; 0 for a fraction of nothing. */
static double real(const block *b, const entry *e, uint32_t i)
{
  const int64_t under = below(b, e, i);

  return under ? (double)integer(b, e, i) / (double)under : 0;
}

/* "3", "1/125", "2.8"; "5/0", as some cameras say that they do not know. */
static void put_number(const block *b, const entry *e, uint32_t i, text *t)
{
  const int64_t over = integer(b, e, i), under = below(b, e, i);
  char s[48];

  if (under == 0)
    snprintf(s, sizeof s, "%lld/0", (long long)over);
  else if (over % under == 0)
    snprintf(s, sizeof s, "%lld", (long long)(over / under));
  else if (over > 0 && over < under && under % over == 0)
    snprintf(s, sizeof s, "1/%lld", (long long)(under / over));
  else
    snprintf(s, sizeof s, "%.6g", (double)over / (double)under);
  put(t, s);
}

static void put_numbers(const block *b, const entry *e, text *t)
{
  for (uint32_t i = 0; i < e->count && i < MOST_NUMBERS; i++) {
    put(t, i ? " " : "");
    put_number(b, e, i, t);
  }
  if (e->count > MOST_NUMBERS)
    put(t, " ...");
}

/* Text up to its zero, without blanks at its end. */
static void put_ascii(const block *b, size_t at, size_t size, text *t)
{
  const uint8_t *end = memchr(b->data + at, 0, size);
  size_t len = end ? (size_t)(end - (b->data + at)) : size;

  while (len > 0 && b->data[at + len - 1] == ' ')
    len--;
  len = IDF_MIN(len, sizeof t->s - 1 - t->len);
  memcpy(t->s + t->len, b->data + at, len);
  t->len += len;
  t->s[t->len] = '\0';
}

static void put_bytes(const entry *e, text *t)
{
  char s[32];

  snprintf(s, sizeof s, "%lu bytes", (unsigned long)e->count * bytes_of(e->type));
  put(t, s);
}

/* Bytes without a type: text if they look like it. */
static void put_undefined(const block *b, const entry *e, text *t)
{
  bool plain = e->count <= 64;

  for (uint32_t i = 0; i < e->count && plain; i++)
    plain = b->data[e->at + i] >= ' ' && b->data[e->at + i] < 0x7f;
  if (plain)
    put_ascii(b, e->at, e->count, t);
  else
    put_bytes(e, t);
}

static void put_plain(const block *b, const entry *e, text *t)
{
  if (e->type == ASCII)
    put_ascii(b, e->at, e->count, t);
  else if (e->type == UNDEFINED)
    put_undefined(b, e, t);
  else
    put_numbers(b, e, t);
}

/* "52 deg 30' 12.5\"" or "14:05:09" of three numbers. */
static void put_parts(const block *b, const entry *e, const char *format, text *t)
{
  char s[96];

  if (e->count != 3 || e->type == ASCII || e->type == UNDEFINED) {
    put_plain(b, e, t);
    return;
  }
  snprintf(s, sizeof s, format, real(b, e, 0), real(b, e, 1), real(b, e, 2));
  put(t, s);
}

static void put_comment(const block *b, const entry *e, text *t)
{
  if (e->count < 8)
    put_bytes(e, t);
  else if (memcmp(b->data + e->at, "UNICODE", 7) == 0)
    put_bytes(e, t); /* UTF-16 in an order that nothing says */
  else
    put_ascii(b, e->at + 8, e->count - 8, t);
}

static void put_word(const block *b, const entry *e, const idf_exif_word *words, text *t)
{
  put_plain(b, e, t);
  if (e->count != 1 || e->type == ASCII || e->type == UNDEFINED)
    return;
  const int64_t value = integer(b, e, 0);
  for (; words->word; words++)
    if (value == (int64_t)words->value) {
      put(t, " (");
      put(t, words->word);
      put(t, ")");
      return;
    }
}

static void put_value(const block *b, const entry *e, const idf_exif_tag *tag, text *t)
{
  switch (tag ? (idf_exif_form)tag->form : IDF_EXIF_PLAIN) {
  case IDF_EXIF_WORD:
    put_word(b, e, tag->words, t);
    break;
  case IDF_EXIF_SECONDS:
    put_plain(b, e, t);
    put(t, " s");
    break;
  case IDF_EXIF_APERTURE:
    put(t, "f/");
    put_plain(b, e, t);
    break;
  case IDF_EXIF_LENGTH:
    put_plain(b, e, t);
    put(t, " mm");
    break;
  case IDF_EXIF_METRES:
    put_plain(b, e, t);
    put(t, " m");
    break;
  case IDF_EXIF_ANGLE:
    put_parts(b, e, "%.8g deg %.6g' %.6g\"", t);
    break;
  case IDF_EXIF_TIME:
    put_parts(b, e, "%02.0f:%02.0f:%02.0f", t);
    break;
  case IDF_EXIF_COMMENT:
    put_comment(b, e, t);
    break;
  case IDF_EXIF_BYTES:
    put_bytes(e, t);
    break;
  case IDF_EXIF_PLAIN:
    put_plain(b, e, t);
    break;
  }
}

/* ---- directories ---------------------------------------------------------------------- */

static void tell_entry(block *b, idf_exif_group group, const entry *e)
{
  const idf_exif_tag *tag = idf_exif_tag_of(group, e->tag);
  text t = {.len = 0};
  char unknown[24];

  if (b->told >= IDF_EXIF_MOST)
    return;
  b->told++;
  put_value(b, e, tag, &t);
  snprintf(unknown, sizeof unknown, "tag 0x%04x", (unsigned)e->tag);
  b->tell(b->context, tag ? tag->name : unknown, t.s);
}

/* The places of other directories, as the first one and that of Exif give them; 0: none. */
typedef struct places {
  size_t photo, gps;
} places;

static void tell_directory(block *b, idf_exif_group group, size_t at, places *found)
{
  if (at > b->size || b->size - at < 2)
    return;
  uint32_t entries = number(b, at, 2);
  for (at += 2; entries > 0 && b->size - at >= ENTRY; entries--, at += ENTRY) {
    entry e;
    if (!read_entry(b, at, &e))
      continue;
    if (group != IDF_EXIF_GPS && (e.tag == PHOTO_AT || e.tag == GPS_AT || e.tag == INTEROP_AT)) {
      size_t *place = e.tag == PHOTO_AT ? &found->photo : &found->gps;
      if (e.type == LONG && e.count == 1 && e.tag != INTEROP_AT && *place == 0)
        *place = number(b, e.at, 4);
      continue;
    }
    tell_entry(b, group, &e);
  }
}

bool idf_exif_tell(const uint8_t *data, size_t size, idf_exif_fn tell, void *context)
{
  block b = {.data = data, .size = size, .tell = tell, .context = context};
  places found = {.photo = 0};

  if (size < 8 || data[0] != data[1] || (data[0] != 'I' && data[0] != 'M'))
    return false;
  b.big = data[0] == 'M';
  if (number(&b, 2, 2) != 42)
    return false;
  tell_directory(&b, IDF_EXIF_IMAGE, number(&b, 4, 4), &found);
  const size_t photo = found.photo;
  if (photo)
    tell_directory(&b, IDF_EXIF_PHOTO, photo, &found);
  if (found.gps)
    tell_directory(&b, IDF_EXIF_GPS, found.gps, &found);
  return true;
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * survey.c: searches damaged data for tiles.
 *
 * The surprise: nearly every byte of compressed data that happens to be 'T' is followed by
 * something that could be a length, and checking its checksum costs as many bytes as it claims. So
 * a guess must also have a number that is still missing, and all guesses share a budget. A hostile
 * file then costs some seconds, not hours.
 */
#include "survey.h"

#define GUESS_MOST ((size_t)1 << 16) /* largest payload of other records that the search accepts */
#define POLL_FROM ((size_t)1 << 14)  /* bytes of a record from which cancelling is polled */

typedef struct scan {
  idf_survey *s;
  idf_cancel *cancel;
  idf_simd simd; /* for checksums */
  const idf_survey_input *in;
  uint64_t work; /* bytes that may still be checksummed */
} scan;

/* Whether the record's number is a valid tile number; sets *number. */
static bool number_of(const scan *c, const idf_record *rec, uint64_t *number)
{
  idf_record tile = *rec;
  return rec->kind == IDF_KIND_TILE && idf_take_tile_number(&tile, c->s->tiles, number);
}

static bool missing(const scan *c, uint64_t number)
{
  return number >= c->s->first && c->s->place[number - c->s->first] == IDF_SURVEY_LOST;
}

/* Whether the checksum of a frame found by guessing is worth computing. */
static bool worth_a_look(const scan *c, const idf_record *rec)
{
  uint64_t number;

  switch (rec->kind) {
  case IDF_KIND_TILE:
    return rec->len <= c->in->most && number_of(c, rec, &number) && missing(c, number);
  case IDF_KIND_END:
    return rec->len == 8;
  case IDF_KIND_META:
  case IDF_KIND_PACK:
  case IDF_KIND_INDEX:
    return rec->len <= GUESS_MOST;
  default:
    return false;
  }
}

/* Whether a whole record with a right checksum begins at `at`. *rec is its frame; rec->size is 0 if
 * not even the frame is whole. */
static bool whole(scan *c, size_t at, bool guess, idf_record *rec)
{
  const size_t left = c->in->len - at;

  if (idf_peek_record(c->in->data + at, left, rec) != IDF_OK || rec->size > left) {
    rec->size = 0;
    return false;
  }
  if ((guess && !worth_a_look(c, rec)) || rec->size > c->work
      || (rec->size >= POLL_FROM && idf_cancelled(c->cancel)))
    return false;
  c->work -= rec->size;
  return idf_read_record(c->simd, c->in->data + at, left, rec) == IDF_OK;
}

static void note(scan *c, size_t at, const idf_record *rec)
{
  idf_survey *s = c->s;
  uint64_t number;

  if (rec->kind != IDF_KIND_TILE) {
    s->tail = IDF_MIN(s->tail, at);
    return;
  }
  s->tail = c->in->len;
  if (number_of(c, rec, &number) && missing(c, number))
    s->place[number - s->first] = at;
}

static void search_records(scan *c)
{
  idf_record rec, next;
  bool guess = false;

  for (size_t at = 0; at < c->in->len;) {
    if (guess && at % POLL_FROM == 0 && idf_cancelled(c->cancel))
      return;
    if (whole(c, at, guess, &rec)) {
      note(c, at, &rec);
      guess = false;
      at += rec.size;
    } else if (!guess && rec.kind == IDF_KIND_TILE && rec.size > 0 && rec.len <= c->in->most
               && whole(c, at + rec.size, false, &next)) {
      at += rec.size; /* its frame is right, its content is not */
    } else {
      guess = true;
      at++;
    }
  }
}

bool idf_survey_make(idf_survey *s, idf_mem *mem, idf_cancel *cancel, idf_simd simd,
                     const idf_survey_input *in)
{
  scan c = {.s = s, .cancel = cancel, .simd = simd, .in = in};

  *s = (idf_survey){.mem = mem, .first = in->first, .tiles = in->tiles, .tail = in->len};
  const uint64_t count = in->tiles - in->first;
  s->place = idf_alloc(mem, count > SIZE_MAX ? SIZE_MAX : (size_t)count, sizeof *s->place);
  if (!s->place)
    return false;
  for (uint64_t i = 0; i < count; i++)
    s->place[i] = IDF_SURVEY_LOST;
  c.work = IDF_SURVEY_WORK * (uint64_t)in->len;
  search_records(&c);
  if (idf_cancelled(cancel)) {
    idf_survey_free(s);
    return false;
  }
  return true;
}

void idf_survey_free(idf_survey *s)
{
  idf_free(s->mem, s->place);
  s->place = NULL;
}

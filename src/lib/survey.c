/* SPDX-License-Identifier: BSD-3-Clause
 *
 * survey.c: see survey.h. The surprise: nearly every byte of compressed data that happens to be
 * 'T' is followed by what could be a length, and to refute it by its checksum costs as many
 * bytes as it claims. So a guess must also have a number that is still missing, and all guesses
 * together have a budget: a hostile file costs some seconds, not hours.
 */
#include "survey.h"

#define GUESS_MOST ((size_t)1 << 16) /* payload of other records found by searching, at most */
#define POLL_FROM ((size_t)1 << 14)  /* bytes of a record worth asking whether to stop */

typedef struct walk {
  idf_survey *s;
  idf_cancel *cancel;
  idf_simd simd; /* for checksums */
  const uint8_t *data;
  size_t len, most;
  uint64_t work; /* bytes that may still be summed up */
} walk;

/* Whether the number that the record claims is of the picture, and if so which. */
static bool number_of(const walk *w, const idf_record *rec, uint64_t *number)
{
  idf_record tile = *rec;
  return rec->kind == IDF_KIND_TILE && idf_take_tile_number(&tile, w->s->tiles, number);
}

static bool missing(const walk *w, uint64_t number)
{
  return number >= w->s->first && w->s->place[number - w->s->first] == IDF_SURVEY_LOST;
}

/* Whether a frame that no record led to deserves a look at its checksum. */
static bool promising(const walk *w, const idf_record *rec)
{
  uint64_t number;

  switch (rec->kind) {
  case IDF_KIND_TILE:
    return rec->len <= w->most && number_of(w, rec, &number) && missing(w, number);
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

/* Whether a whole record with a right checksum begins at `at`. Its frame is in *rec, and rec->size
 * is 0 where not even that is there. */
static bool whole(walk *w, size_t at, bool guess, idf_record *rec)
{
  const size_t left = w->len - at;

  if (idf_peek_record(w->data + at, left, rec) != IDF_OK || rec->size > left) {
    rec->size = 0;
    return false;
  }
  if ((guess && !promising(w, rec)) || rec->size > w->work
      || (rec->size >= POLL_FROM && idf_cancelled(w->cancel)))
    return false;
  w->work -= rec->size;
  return idf_read_record(w->simd, w->data + at, left, rec) == IDF_OK;
}

static void note(walk *w, size_t at, const idf_record *rec)
{
  idf_survey *s = w->s;
  uint64_t number;

  if (rec->kind != IDF_KIND_TILE) {
    s->tail = IDF_MIN(s->tail, at);
    return;
  }
  s->tail = w->len;
  if (number_of(w, rec, &number) && missing(w, number))
    s->place[number - s->first] = at;
}

static void search(walk *w)
{
  idf_record rec, next;
  bool guess = false;

  for (size_t at = 0; at < w->len;) {
    if (guess && at % POLL_FROM == 0 && idf_cancelled(w->cancel))
      return;
    if (whole(w, at, guess, &rec)) {
      note(w, at, &rec);
      guess = false;
      at += rec.size;
    } else if (!guess && rec.kind == IDF_KIND_TILE && rec.size > 0 && rec.len <= w->most
               && whole(w, at + rec.size, false, &next)) {
      at += rec.size; /* its frame is right, what it holds is not */
    } else {
      guess = true;
      at++;
    }
  }
}

bool idf_survey_make(idf_survey *s, idf_mem *mem, idf_cancel *cancel, idf_simd simd, uint64_t first,
                     uint64_t tiles, size_t most, const uint8_t *data, size_t len)
{
  walk w = {.s = s, .cancel = cancel, .simd = simd, .data = data, .len = len, .most = most};

  *s = (idf_survey){.mem = mem, .first = first, .tiles = tiles, .tail = len};
  const uint64_t count = tiles - first;
  s->place = idf_alloc(mem, count > SIZE_MAX ? SIZE_MAX : (size_t)count, sizeof *s->place);
  if (!s->place)
    return false;
  for (uint64_t i = 0; i < count; i++)
    s->place[i] = IDF_SURVEY_LOST;
  w.work = IDF_SURVEY_WORK * (uint64_t)len;
  search(&w);
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

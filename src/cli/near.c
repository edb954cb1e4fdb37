/* SPDX-License-Identifier: BSD-3-Clause
 *
 * near.c: finds the option that was meant. First come words that other programs have for what these
 * do, then the beginning of an option, then the option that differs in the fewest letters.
 */
#include "near.h"

#include <string.h>

#define LONGEST 31u /* bytes of a word that is compared */

/* What other programs call it. The advice is given only if the tool has the option `here`. */
static const struct {
  const char *typed, *here, *advice;
} habits[] = {
    {"j", "threads", "-T N works on N tiles at once"},
    {"jobs", "threads", "--threads=N works on N tiles at once"},
    {"d", "effort", "didf decodes"},
    {"decode", "effort", "didf decodes"},
    {"decompress", "effort", "didf decodes"},
    {"l", "effort", "idfinfo lists what files hold"},
    {"list", "effort", "idfinfo lists what files hold"},
    {"c", "output", "-o - writes to stdout"},
    {"stdout", "output", "-o - writes to stdout"},
    {"d", "output-dir", "--output-dir=DIR writes below DIR"},
    {"quality", "effort", "nothing is ever lost; --effort=E sets how hard to try"},
    {"lossless", "effort", "nothing is ever lost; --effort=E sets how hard to try"},
    {"level", "effort", "--effort=E sets how hard to try"},
    {"z", "effort", "--effort=E sets how hard to try"},
    {"m", "effort", "--effort=E sets how hard to try"},
    {"fast", "effort", "give --effort=fast or -1"},
    {"best", "effort", "give --effort=max or -9"},
    {"max", "effort", "give --effort=max or -9"},
    {"overwrite", "force", "-f or --force replaces existing files"},
    {"y", "force", "-f or --force replaces existing files"},
};

static bool is(const char *word, const char *typed, size_t len)
{
  return word && strlen(word) == len && memcmp(word, typed, len) == 0;
}

static const idf_option *named(const idf_option *table, const char *name)
{
  while (table->id && !(table->name && strcmp(table->name, name) == 0))
    table++;
  return table->id ? table : NULL;
}

size_t idf_near_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
  size_t rows[3][LONGEST + 1]; /* of the table: the row before the last, the last, this one */
  size_t *before = rows[0], *last = rows[1], *now = rows[2];

  if (a_len > LONGEST || b_len > LONGEST)
    return SIZE_MAX;
  for (size_t j = 0; j <= b_len; j++)
    last[j] = j;
  for (size_t i = 1; i <= a_len; i++) {
    now[0] = i;
    for (size_t j = 1; j <= b_len; j++) {
      const size_t other = last[j - 1] + (a[i - 1] != b[j - 1]);
      now[j] = IDF_MIN(other, IDF_MIN(last[j], now[j - 1]) + 1);
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        now[j] = IDF_MIN(now[j], before[j - 2] + 1);
    }
    size_t *const free_row = before;
    before = last;
    last = now;
    now = free_row;
  }
  return last[b_len];
}

/* The only option that begins so, or else the nearest one; NULL: none is near. */
static const idf_option *nearest(const idf_option *table, const char *typed, size_t len)
{
  const idf_option *best = NULL;
  size_t least = len / 3 + 1; /* more would be another word */
  unsigned begins = 0;

  for (const idf_option *option = table; option->id; option++)
    if (option->name && len < strlen(option->name) && memcmp(option->name, typed, len) == 0) {
      best = option;
      begins++;
    }
  if (begins == 1)
    return best;
  best = NULL;
  for (const idf_option *option = table; option->id; option++) {
    const size_t name_len = option->name ? strlen(option->name) : 0;
    const size_t away = idf_near_distance(typed, len, option->name, name_len);
    if (name_len > 0 && away <= least && (!best || away < least)) {
      best = option;
      least = away;
    }
  }
  return best;
}

void idf_near_option(const idf_option *table, const char *typed, size_t len, char *text,
                     size_t size)
{
  for (size_t i = 0; i < sizeof habits / sizeof *habits; i++)
    if (is(habits[i].typed, typed, len) && named(table, habits[i].here)) {
      snprintf(text, size, "%s", habits[i].advice);
      return;
    }
  if (len == 1 && *typed >= '0' && *typed <= '9' && named(table, "effort")) {
    snprintf(text, size, "the efforts are -1, -5 and -9");
    return;
  }
  const idf_option *option = len > 1 ? nearest(table, typed, len) : NULL;
  if (option)
    snprintf(text, size, "did you mean --%s?", option->name);
  else
    snprintf(text, size, "see --help");
}

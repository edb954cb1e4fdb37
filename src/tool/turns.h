/* SPDX-License-Identifier: BSD-3-Clause
 *
 * turns.h: several threads work on the works of a list at once. This decides who does which work,
 * with how many threads and how much memory, and whose messages are shown next.
 *
 * Each thread takes the next work of the list. Messages and records are shown in the order of the
 * list. A thread that is far ahead of a slow work waits, so that few of them are held back.
 *
 * Small pictures take one thread each and run side by side. A picture of many tiles takes as many
 * threads as it has tiles, if there are enough, and starts when at least half of these are free:
 * otherwise it would be slower than alone. Memory is shared out before a work begins. What does not
 * fit its share is done again when nothing else runs, with all of it. So the sum of all shares
 * never exceeds --max-memory, and a picture that is possible alone is possible in a folder.
 *
 * Thread rule: any thread, but idf_turns_init and idf_turns_free only while no other one runs.
 */
#ifndef IDF_TURNS_H
#define IDF_TURNS_H

#include <pthread.h>

#include "bytes.h"
#include "cli.h"

#define IDF_TURNS_AHEAD 1024u /* works between the first that is not done and the last begun */

typedef struct idf_share {
  unsigned threads;
  uint64_t memory; /* bytes */
} idf_share;

/* What one work has to say. */
typedef struct idf_page {
  idf_buf messages, records; /* for stderr and stdout */
  unsigned warnings, errors;
  bool done;
} idf_page;

typedef struct idf_turns {
  pthread_mutex_t lock; /* protects all that follows */
  pthread_cond_t changed;
  idf_cli *cli;
  FILE *records;
  idf_share all, taken;
  unsigned working;               /* shares that are taken */
  uint64_t tickets, served;       /* who waits for a share is served in order */
  size_t count, next, shown;      /* works; the next to begin, and to be shown */
  idf_page page[IDF_TURNS_AHEAD]; /* of works shown .. next - 1 */
} idf_turns;

/* Messages go to cli, records to `records`. `all`: what there is to share, at least 1 thread. */
void idf_turns_init(idf_turns *turns, idf_cli *cli, FILE *records, size_t count, idf_share all);
void idf_turns_free(idf_turns *turns);

/* Gives the next work to the caller. False: there is none, or a signal came. */
bool idf_turns_take(idf_turns *turns, size_t *i);
/* Waits until the caller may work with about what it wants. *got has at most the wanted threads, at
 * least 1, and the wanted memory, or all if that is less. */
void idf_turns_enter(idf_turns *turns, const idf_share *want, idf_share *got);
void idf_turns_leave(idf_turns *turns, const idf_share *got);
/* Work i is done, and this is what it has to say: it is moved from `page`. Each work that was taken
 * must be done. */
void idf_turns_done(idf_turns *turns, size_t i, idf_page *page);

#endif

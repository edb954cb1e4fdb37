/* SPDX-License-Identifier: BSD-3-Clause
 *
 * progress.c: draws the progress bar.
 */
#define _POSIX_C_SOURCE 200809L

#include "progress.h"

#include <string.h>
#include <unistd.h>

#define WAIT 1.0  /* seconds before it is first shown */
#define EVERY 0.2 /* seconds between updates */
#define CELLS 24
#define NAME 22 /* bytes of a name that are shown, with its end: the line fits 80 columns */

void idf_progress_init(idf_progress *progress, idf_cli *cli, bool wanted, uint64_t total)
{
  memset(progress, 0, sizeof *progress);
  progress->cli = cli;
  progress->on = wanted && !cli->quiet && isatty(STDERR_FILENO);
  progress->began = idf_seconds();
  progress->total = IDF_MAX(total, 1u);
}

void idf_progress_line(char *text, size_t size, double part, double elapsed, double pixels)
{
  char cells[CELLS + 1];
  const double shown = part < 0 ? 0 : part > 0.99 ? 0.99 : part;
  const int full = (int)(shown * CELLS);
  const double left = shown > 0 ? elapsed * (1 - shown) / shown : 0;

  for (int i = 0; i < CELLS; i++)
    cells[i] = i < full ? '#' : '.';
  cells[CELLS] = '\0';
  const unsigned long seconds = left < 359999 ? (unsigned long)(left + 0.5) : 359999;
  snprintf(text, size, "%2d %% [%s] %.2f MP/s, %lu:%02lu:%02lu left", (int)(100 * shown), cells,
           elapsed > 0 ? pixels / elapsed / 1e6 : 0, seconds / 3600, seconds / 60 % 60,
           seconds % 60);
}

void idf_progress_at(idf_progress *progress, const char *file, uint64_t size, uint32_t row,
                     uint32_t rows, uint32_t width)
{
  if (!progress->on)
    return;
  const double now = idf_seconds();
  const double elapsed = now - progress->began;
  if (elapsed < WAIT || now - progress->shown < EVERY)
    return;
  progress->shown = now;

  const double part =
      ((double)progress->done + (double)size * row / rows) / (double)progress->total;
  char line[128], name[NAME];
  idf_progress_line(line, sizeof line, part, elapsed,
                    (double)progress->pixels + (double)row * width);
  /* The end of a name says more than its beginning. */
  const size_t len = strlen(file);
  if (len >= sizeof name)
    file += len - sizeof name + 1;
  while (((unsigned char)*file & 0xc0) == 0x80) /* do not start inside a character */
    file++;
  snprintf(name, sizeof name, "%s", file);
  fprintf(progress->cli->err, "\r\033[K%s ", line);
  idf_print_plain(progress->cli->err, name);
  fflush(progress->cli->err);
  progress->cli->bar = true;
}

void idf_progress_file(idf_progress *progress, uint64_t size, uint64_t pixels)
{
  progress->done += size;
  progress->pixels += pixels;
}

void idf_progress_end(idf_progress *progress)
{
  if (progress->cli->bar)
    fputs("\r\033[K", progress->cli->err);
  progress->cli->bar = false;
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * progress.c: draws the progress bar.
 */
#define _DEFAULT_SOURCE /* TIOCGWINSZ */
#define _DARWIN_C_SOURCE

#include "progress.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WAIT 500000u  /* microseconds before it is first shown */
#define EVERY 200000u /* between two drawings */
#define MOST_CELLS 24u
#define LEAST_CELLS 6u
#define LEAST_NAME 6u
#define COLUMNS 80u /* of a terminal that does not say */

void idf_progress_init(idf_progress *progress, idf_cli *cli, bool wanted, uint64_t files,
                       uint64_t size)
{
  memset(progress, 0, sizeof *progress);
  progress->cli = cli;
  progress->on = wanted && !cli->quiet && isatty(STDERR_FILENO);
  progress->began = idf_seconds();
  progress->due = WAIT;
  progress->view.files = files;
  progress->view.size = IDF_MAX(size, 1u);
}

/* ---- the line ----------------------------------------------------------------------- */

void idf_bytes_text(char text[16], uint64_t bytes)
{
  static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  double value = (double)bytes;
  unsigned unit = 0;

  while (value >= 999.5 && unit < 6) {
    value /= 1000;
    unit++;
  }
  snprintf(text, 16, "%.*f %s",
           unit == 0 || value >= 99.95 ? 0
           : value >= 9.995            ? 1
                                       : 2,
           value, units[unit]);
}

/* The pieces of the line as they stand in it, and the order in which they get their room. */
enum { FILES, PART, BYTES, RATE, LEFT, PIECES };
static const unsigned char order[PIECES] = {PART, FILES, LEFT, BYTES, RATE};
typedef char pieces[PIECES][64];

static void write_pieces(pieces p, const idf_progress_view *view, double part)
{
  const double left = part > 0 ? view->elapsed * (1 - part) / part : 0;
  const unsigned long seconds = left < 359999 ? (unsigned long)(left + 0.5) : 359999;
  char in[16], out[16];

  p[FILES][0] = p[BYTES][0] = p[LEFT][0] = '\0'; /* left out while there is nothing to say */
  if (view->files > 1)
    snprintf(p[FILES], sizeof *p, "%llu/%llu files", (unsigned long long)view->done,
             (unsigned long long)view->files);
  snprintf(p[PART], sizeof *p, "%2d %%", (int)(100 * part));
  idf_bytes_text(in, view->in);
  idf_bytes_text(out, view->out);
  if (view->in)
    snprintf(p[BYTES], sizeof *p, "%s -> %s (%.1f %%)", in, out,
             100 * (double)view->out / (double)view->in);
  snprintf(p[RATE], sizeof *p, "%.2f MP/s",
           view->elapsed > 0 ? (double)view->pixels / view->elapsed / 1e6 : 0);
  if (part > 0)
    snprintf(p[LEFT], sizeof *p, "%lu:%02lu:%02lu left", seconds / 3600, seconds / 60 % 60,
             seconds % 60);
}

/* The end of a name says more than its beginning. */
static const char *tail(const char *name, size_t room)
{
  const size_t len = strlen(name);

  if (len > room)
    name += len - room;
  while (((unsigned char)*name & 0xc0) == 0x80) /* do not start inside a character */
    name++;
  return name;
}

void idf_progress_line(char *text, size_t size, const idf_progress_view *view, unsigned columns)
{
  const double part = IDF_MIN((double)view->size_now / (double)IDF_MAX(view->size, 1u), 0.99);
  size_t room = IDF_MIN(columns > 1 ? columns - 1 : 0, size - 1), at = 0;
  char bar[MOST_CELLS + 3] = "";
  pieces piece;

  write_pieces(piece, view, part);
  for (unsigned i = 0; i < PIECES; i++) {
    char *one = piece[order[i]];
    const size_t len = strlen(one) + 2; /* and what is between them */
    if (len > 2 && len <= room)
      room -= len;
    else
      *one = '\0';
  }
  const size_t cells = room < LEAST_CELLS + 4 ? 0 : IDF_MIN(room - 4, (size_t)MOST_CELLS);
  if (cells) {
    for (size_t i = 0; i < cells; i++)
      bar[i + 1] = i < (size_t)(part * (double)cells) ? '#' : '.';
    bar[0] = '[';
    bar[cells + 1] = ']';
    room -= cells + 4;
  }
  text[0] = '\0';
  for (unsigned i = 0; i < PIECES; i++) {
    if (piece[i][0])
      at += (size_t)snprintf(text + at, size - at, "%s%s", at ? "  " : "", piece[i]);
    if (i == PART && bar[0])
      at += (size_t)snprintf(text + at, size - at, "%s%s", at ? "  " : "", bar);
  }
  if (room >= LEAST_NAME + 2 && view->name[0])
    snprintf(text + at, size - at, "  %s", tail(view->name, room - 2));
}

/* ---- drawing ------------------------------------------------------------------------ */

static unsigned columns_of(FILE *file)
{
  struct winsize window;
  const int fd = fileno(file);

  return fd >= 0 && ioctl(fd, TIOCGWINSZ, &window) == 0 && window.ws_col ? window.ws_col : COLUMNS;
}

/* With the lock held. */
static void draw(idf_progress *progress, uint64_t now)
{
  char line[256];

  progress->due = now + EVERY;
  progress->view.elapsed = (double)now * 1e-6;
  idf_progress_line(line, sizeof line, &progress->view, columns_of(progress->cli->err));
  fputs("\r\033[K", progress->cli->err);
  idf_print_plain(progress->cli->err, line);
  fflush(progress->cli->err);
  progress->cli->bar = true;
}

static bool is_due(const idf_progress *progress, uint64_t *now)
{
  if (!progress->on)
    return false;
  *now = (uint64_t)((idf_seconds() - progress->began) * 1e6);
  return *now >= progress->due;
}

void idf_progress_tick(idf_progress *progress)
{
  uint64_t now;

  /* Whoever holds the lock shows something already. */
  if (!is_due(progress, &now) || pthread_mutex_trylock(&progress->cli->lock) != 0)
    return;
  if (now >= progress->due)
    draw(progress, now);
  (void)pthread_mutex_unlock(&progress->cli->lock);
}

void idf_progress_begin(idf_step *step, idf_progress *progress, const char *file)
{
  *step = (idf_step){.progress = progress};
  (void)pthread_mutex_lock(&progress->cli->lock);
  snprintf(progress->view.name, sizeof progress->view.name, "%s",
           tail(file, sizeof progress->view.name - 1));
  (void)pthread_mutex_unlock(&progress->cli->lock);
}

static void move(idf_step *step, uint64_t size, uint64_t pixels)
{
  idf_progress_view *view = &step->progress->view;

  view->size_now += size - step->size;
  view->pixels += pixels - step->pixels;
  step->size = size;
  step->pixels = pixels;
}

void idf_progress_at(idf_step *step, uint64_t size, uint32_t row, uint32_t rows, uint32_t width)
{
  (void)pthread_mutex_lock(&step->progress->cli->lock);
  move(step, (uint64_t)((double)size * row / rows), (uint64_t)row * width);
  (void)pthread_mutex_unlock(&step->progress->cli->lock);
  idf_progress_tick(step->progress);
}

void idf_progress_file(idf_step *step, uint64_t size, uint64_t pixels, uint64_t in, uint64_t out)
{
  idf_progress *progress = step->progress;

  (void)pthread_mutex_lock(&progress->cli->lock);
  move(step, size, pixels);
  progress->view.in += in;
  progress->view.out += out;
  progress->view.done++;
  (void)pthread_mutex_unlock(&progress->cli->lock);
  idf_progress_tick(progress);
}

void idf_progress_end(idf_progress *progress)
{
  (void)pthread_mutex_lock(&progress->cli->lock);
  progress->on = false;
  if (progress->cli->bar)
    fputs("\r\033[K", progress->cli->err);
  progress->cli->bar = false;
  (void)pthread_mutex_unlock(&progress->cli->lock);
}

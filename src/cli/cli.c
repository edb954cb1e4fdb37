/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli.c: options, messages, exit status and signals of the tools.
 *
 * Options are parsed here and not by getopt_long, because one table serves parser, help and tests,
 * and because getopt_long has global state. The only variable of this program that is not on a
 * stack is the flag that signals set: a handler has no other way to report.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "near.h"

/* ---- options ------------------------------------------------------------------ */

void idf_args_init(idf_args *args, const idf_option *table, int argc, char **argv)
{
  memset(args, 0, sizeof *args);
  args->table = table;
  args->argc = argc;
  args->argv = argv;
  args->at = 1;
}

IDF_PRINTF(2, 3) static int bad(idf_args *args, const char *format, ...)
{
  va_list list;

  va_start(list, format);
  vsnprintf(args->error, sizeof args->error, format, list);
  va_end(list);
  return IDF_ARGS_BAD;
}

static int unknown(idf_args *args, const char *dashes, const char *typed, size_t len)
{
  char advice[80];

  idf_near_option(args->table, typed, len, advice, sizeof advice);
  return bad(args, "unknown option %s%.*s: %s", dashes, (int)IDF_MIN(len, (size_t)60), typed,
             advice);
}

static int next_short(idf_args *args, const char **value)
{
  const char letter = *args->cluster++;
  const idf_option *option = args->table;

  while (option->id && option->letter != letter)
    option++;
  if (!option->id)
    return unknown(args, "-", &letter, 1);
  if (!*args->cluster)
    args->cluster = NULL;
  if (option->value) {
    if (args->cluster)
      *value = args->cluster;
    else if (args->at < args->argc)
      *value = args->argv[args->at++];
    else
      return bad(args, "option -%c needs a value: -%c %s", letter, letter, option->value);
    args->cluster = NULL;
  }
  return option->id;
}

static int next_long(idf_args *args, const char *text, const char **value)
{
  const size_t len = strcspn(text, "=");
  const idf_option *option = args->table;

  while (option->id
         && (!option->name || strlen(option->name) != len || memcmp(option->name, text, len) != 0))
    option++;
  if (!option->id)
    return unknown(args, "--", text, len);
  if (option->value) {
    if (text[len] == '=')
      *value = text + len + 1;
    else if (args->at < args->argc)
      *value = args->argv[args->at++];
    else
      return bad(args, "option --%s needs a value: --%s=%s", option->name, option->name,
                 option->value);
  } else if (text[len] == '=') {
    return bad(args, "option --%s takes no value", option->name);
  }
  return option->id;
}

int idf_args_next(idf_args *args, const char **value)
{
  *value = NULL;
  if (args->cluster)
    return next_short(args, value);
  if (args->at >= args->argc)
    return IDF_ARGS_END;

  const char *word = args->argv[args->at++];
  if (args->operands_only || word[0] != '-' || word[1] == '\0') {
    *value = word;
    return IDF_ARGS_OPERAND;
  }
  if (word[1] != '-') {
    args->cluster = word + 1;
    return next_short(args, value);
  }
  if (word[2] == '\0') {
    args->operands_only = true;
    return idf_args_next(args, value);
  }
  return next_long(args, word + 2, value);
}

void idf_args_help(const idf_option *table, FILE *out)
{
  for (const idf_option *option = table; option->id; option++) {
    char left[64];
    snprintf(left, sizeof left, "%c%c%s%s%s%s%s", option->letter ? '-' : ' ',
             option->letter ? option->letter : ' ', option->letter && option->name ? ", " : "  ",
             option->name ? "--" : "", option->name ? option->name : "",
             option->value ? (option->name ? "=" : " ") : "", option->value ? option->value : "");
    fprintf(out, "  %-24s %s\n", left, option->help);
  }
}

bool idf_parse_number(const char *text, uint64_t min, uint64_t max, bool suffixed, uint64_t *value)
{
  uint64_t v = 0;
  const char *at = text;

  while (*at >= '0' && *at <= '9') {
    const uint64_t digit = (uint64_t)(*at++ - '0');
    if (v > (UINT64_MAX - digit) / 10)
      return false;
    v = 10 * v + digit;
  }
  if (at == text)
    return false;
  if (suffixed && *at) {
    const unsigned shift = *at == 'K' || *at == 'k'   ? 10
                           : *at == 'M' || *at == 'm' ? 20
                           : *at == 'G' || *at == 'g' ? 30
                                                      : 0;
    if (shift == 0 || v > UINT64_MAX >> shift)
      return false;
    v <<= shift;
    at++;
  }
  if (*at || v < min || v > max)
    return false;
  *value = v;
  return true;
}

/* ---- messages ----------------------------------------------------------------- */

void idf_cli_init(idf_cli *cli, const char *program)
{
  memset(cli, 0, sizeof *cli);
  cli->program = program;
  cli->err = stderr;
  (void)pthread_mutex_init(&cli->lock, NULL); /* of the simplest kind: it cannot fail */
}

void idf_cli_copy(idf_cli *cli, const idf_cli *from, idf_buf *page, idf_buf *heard)
{
  idf_cli_init(cli, from->program);
  cli->err = from->err;
  cli->quiet = from->quiet;
  cli->verbose = from->verbose;
  cli->page = page;
  cli->heard = heard;
}

unsigned idf_utf8(const unsigned char *s)
{
  const unsigned c = s[0];

  if (c < 0x80)
    return 1;
  if (c < 0xc2 || c > 0xf4 || (s[1] & 0xc0) != 0x80)
    return 0;
  if (c < 0xe0)
    return 2;
  if ((c == 0xe0 && s[1] < 0xa0) || (c == 0xed && s[1] > 0x9f) || (c == 0xf0 && s[1] < 0x90)
      || (c == 0xf4 && s[1] > 0x8f) || (s[2] & 0xc0) != 0x80)
    return 0;
  if (c < 0xf0)
    return 3;
  return (s[3] & 0xc0) == 0x80 ? 4 : 0;
}

/* The bytes of the next character; *plain: no terminal obeys it. C1 has two bytes in UTF-8 and one
 * elsewhere. */
static unsigned next_plain(const unsigned char *s, bool *plain)
{
  const unsigned n = idf_utf8(s);

  *plain = n == 1   ? *s >= 0x20 && *s != 0x7f
           : n == 2 ? s[0] != 0xc2 || s[1] >= 0xa0
                    : n != 0 || *s >= 0xa0;
  return IDF_MAX(n, 1u);
}

void idf_put_plain(idf_buf *out, const char *text)
{
  const unsigned char *s = (const unsigned char *)text;
  bool plain;

  while (*s) {
    const unsigned n = next_plain(s, &plain);
    idf_put_bytes(out, plain ? (const char *)s : "?", plain ? n : 1);
    s += n;
  }
}

void idf_print_plain(FILE *out, const char *text)
{
  const unsigned char *s = (const unsigned char *)text;
  bool plain;

  while (*s) {
    const unsigned n = next_plain(s, &plain);
    fwrite(plain ? (const char *)s : "?", 1, plain ? n : 1, out);
    s += n;
  }
}

static void hear(idf_cli *cli)
{
  if (cli->heard)
    idf_put_bytes(cli->heard, (const uint8_t *)cli->last, strlen(cli->last) + 1);
}

void idf_cli_show(idf_cli *cli, const idf_buf *page)
{
  (void)pthread_mutex_lock(&cli->lock);
  if (cli->bar && (page->len || page->bad)) {
    fputs("\r\033[K", cli->err);
    cli->bar = false;
  }
  if (page->len)
    fwrite(page->data, 1, page->len, cli->err);
  if (page->bad)
    fprintf(cli->err, "%s: no memory for a message\n", cli->program);
  (void)pthread_mutex_unlock(&cli->lock);
}

static void put_text(idf_buf *out, const char *text)
{
  idf_put_bytes(out, text, strlen(text));
}

static void message(idf_cli *cli, const char *file, const char *label, const char *text)
{
  idf_buf line;

  idf_buf_init(&line, NULL);
  idf_buf *out = cli->page ? cli->page : &line;
  put_text(out, cli->program);
  put_text(out, ": ");
  if (file) {
    idf_put_plain(out, strcmp(file, "-") == 0 ? "(stdin)" : file);
    put_text(out, ": ");
  }
  put_text(out, label);
  idf_put_plain(out, text);
  put_text(out, "\n");
  if (!cli->page)
    idf_cli_show(cli, &line);
  idf_buf_free(&line);
}

void idf_error(idf_cli *cli, const char *file, const char *format, ...)
{
  va_list args;

  va_start(args, format);
  vsnprintf(cli->last, sizeof cli->last, format, args);
  va_end(args);
  cli->errors++;
  hear(cli);
  message(cli, file, "", cli->last);
}

void idf_warning(idf_cli *cli, const char *file, const char *format, ...)
{
  va_list args;

  va_start(args, format);
  vsnprintf(cli->last, sizeof cli->last, format, args);
  va_end(args);
  cli->warnings++;
  hear(cli);
  if (!cli->quiet)
    message(cli, file, "warning: ", cli->last);
}

void idf_remark(idf_cli *cli, const char *file, const char *format, ...)
{
  char text[512];
  va_list args;

  if (cli->quiet)
    return;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  message(cli, file, "", text);
}

void idf_note(idf_cli *cli, const char *file, const char *format, ...)
{
  char text[512];
  va_list args;

  if (!cli->verbose)
    return;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  message(cli, file, "", text);
}

void idf_error_status(idf_cli *cli, const char *file, idf_status status, const char *where,
                      idf_limit_kind limit)
{
  static const char *const limits[] = {
      [IDF_LIMIT_NONE] = ": raise --max-memory if you trust it",
      [IDF_LIMIT_PIXELS] = ": raise --max-pixels if you trust it",
      [IDF_LIMIT_MEMORY] = ": raise --max-memory if you trust it",
      [IDF_LIMIT_METADATA] = ": raise --max-metadata if you trust it",
      [IDF_LIMIT_MACHINE] = ": use a machine with more memory",
  };
  static const char *const advice[] = {
      [IDF_ERR_MEMORY] = ": close other programs or use a machine with more memory",
      [IDF_ERR_TRUNCATED] = ": copy or download it again",
      [IDF_ERR_CORRUPT] = ": copy or download it again",
      [IDF_ERR_ARGUMENT] = ": please report this as a bug",
  };
  const size_t i = (size_t)status;
  const bool placed = where && where[0];
  const char *what = status == IDF_ERR_LIMIT                           ? limits[limit]
                     : i < sizeof advice / sizeof *advice && advice[i] ? advice[i]
                                                                       : "";

  idf_error(cli, file, "%s%s%s%s%s", idf_status_text(status), placed ? " (" : "",
            placed ? where : "", placed ? ")" : "", what);
}

int idf_cli_exit(const idf_cli *cli)
{
  return cli->errors ? IDF_EXIT_ERROR : cli->warnings ? IDF_EXIT_WARNED : IDF_EXIT_GOOD;
}

/* ---- streams ------------------------------------------------------------------ */

void idf_streams_init(void)
{
  /* Opened for the wrong direction, so that using one is an error and not a loss of data. */
  for (int fd = 0; fd <= 2; fd++)
    if (fcntl(fd, F_GETFD) < 0 && errno == EBADF
        && open("/dev/null", O_NOCTTY | (fd == 0 ? O_WRONLY : O_RDONLY)) != fd)
      _exit(IDF_EXIT_ERROR); /* there is nowhere to report it */
}

/* ---- signals ------------------------------------------------------------------ */

static volatile sig_atomic_t caught;

static void on_signal(int number)
{
  caught = number;
}

void idf_signals_init(void)
{
  static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXCPU};
  struct sigaction action, old;

  memset(&action, 0, sizeof action);
  sigemptyset(&action.sa_mask);
  action.sa_handler = on_signal;
  action.sa_flags = (int)SA_RESETHAND;
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    /* Signals that nohup or a background shell ignores stay ignored. */
    if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
      sigaction(numbers[i], &action, NULL);
  action.sa_handler = SIG_IGN;
  action.sa_flags = 0;
  sigaction(SIGPIPE, &action, NULL);
  sigaction(SIGXFSZ, &action, NULL);
}

bool idf_interrupted(void)
{
  return caught != 0;
}

int idf_stop_asked(void *context)
{
  (void)context;
  return caught != 0;
}

void idf_signals_finish(void)
{
  if (caught) {
    signal(caught, SIG_DFL);
    raise(caught);
  }
}

double idf_seconds(void)
{
  struct timespec now;

  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

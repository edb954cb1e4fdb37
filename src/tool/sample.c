/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sample.c: idf-sample, which draws pictures from a model. See idf-sample(1).
 *
 * A model of images says how probable each sample is, given those before it. A decoder that reads
 * random bits draws samples with these probabilities, so what it draws shows what the model knows.
 */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "completion.h"
#include "files.h"
#include "idf.h"
#include "image.h"

enum {
  OPT_OUTPUT = 1,
  OPT_FORCE,
  OPT_SIZE,
  OPT_SEED,
  OPT_GRAY,
  OPT_CONTINUE,
  OPT_FROM,
  OPT_EFFORT,
  OPT_MODEL,
  OPT_SIMD,
  OPT_QUIET,
  OPT_HELP,
  OPT_VERSION,
  OPT_COMPLETION
};

static const idf_option options[] = {
    {OPT_OUTPUT, 'o', "output", "FILE", "write FILE, a PNG, PGM or PPM; - is stdout"},
    {OPT_FORCE, 'f', "force", NULL, "replace an existing file"},
    {OPT_SIZE, 0, "size", "WxH", "pixels, at most 4096 x 4096 (256x256)"},
    {OPT_SEED, 0, "seed", "N", "another number, another picture (1)"},
    {OPT_GRAY, 0, "gray", NULL, "draw a gray picture"},
    {OPT_CONTINUE, 0, "continue", "FILE", "keep the top of this picture, and go on from there"},
    {OPT_FROM, 0, "from", "ROW", "the first row that is drawn (half of the height)"},
    {OPT_EFFORT, 'e', "effort", "E", "whose model: fast, default or max"},
    {OPT_MODEL, 0, "model", "FILE", "use the model in FILE"},
    {OPT_SIMD, 0, "simd", "LEVEL", "auto (the default), none, 128, avx2 or avx512"},
    {OPT_QUIET, 'q', "quiet", NULL, "no warnings"},
    {OPT_HELP, 'h', "help", NULL, "show this help"},
    {OPT_VERSION, 'V', "version", NULL, "show the version"},
    {OPT_COMPLETION, 0, "completion", "SHELL", "print what bash, zsh or fish evaluates"},
    {0, 0, NULL, NULL, NULL}};

static const char *const pictures[] = {".png", ".jpg", ".jpeg", ".pnm", ".pgm",
                                       ".ppm", ".pam", ".idf",  NULL};

typedef struct sample {
  idf_cli cli;
  idf_mem mem;
  idf_settings settings;
  const char *output, *picture, *model_file;
  idf_model *model;
  idf_info info;
  uint64_t seed, from;
  bool from_given, sized, force, gray;
  uint8_t *samples; /* all rows */
  idf_source source;
  idf_sink sink;
} sample;

/* ---- options -------------------------------------------------------------------------- */

static bool set_size(sample *s, const char *value)
{
  const char *x = strchr(value, 'x');
  char width[16];
  uint64_t w = 0, h = 0;

  if (x && (size_t)(x - value) < sizeof width) {
    memcpy(width, value, (size_t)(x - value));
    width[x - value] = '\0';
    if (idf_parse_number(width, 1, IDF_DRAW_SIDE, false, &w)
        && idf_parse_number(x + 1, 1, IDF_DRAW_SIDE, false, &h)) {
      s->info.width = (uint32_t)w;
      s->info.height = (uint32_t)h;
      s->sized = true;
      return true;
    }
  }
  idf_error(&s->cli, NULL, "--size=%s: give WIDTHxHEIGHT, each at most %d", value, IDF_DRAW_SIDE);
  return false;
}

/* A word of a list, such as an effort, as a number. */
typedef struct word {
  const char *name;
  int value;
} word;
static const word efforts[] = {{"fast", 1}, {"default", 5}, {"max", 9}, {"1", 1},
                               {"5", 5},    {"9", 9},       {NULL, 0}};
static const word levels[] = {{"auto", IDF_SIMD_AUTO},     {"none", IDF_SIMD_NONE},
                              {"128", IDF_SIMD_128},       {"avx2", IDF_SIMD_AVX2},
                              {"avx512", IDF_SIMD_AVX512}, {NULL, 0}};

static bool set_word(sample *s, const word *words, const char *option, const char *value,
                     int *number)
{
  for (; words->name; words++)
    if (strcmp(words->name, value) == 0) {
      *number = words->value;
      return true;
    }
  idf_error(&s->cli, NULL, "--%s=%s: there is no such one; see --help", option, value);
  return false;
}

static bool set_number(sample *s, const char *option, const char *value, uint64_t most,
                       uint64_t *number)
{
  if (idf_parse_number(value, 0, most, false, number))
    return true;
  idf_error(&s->cli, NULL, "--%s=%s: give a number", option, value);
  return false;
}

static bool on_option(sample *s, int id, const char *value)
{
  int level = 0;

  switch (id) {
  case OPT_OUTPUT:
    s->output = value;
    return true;
  case OPT_FORCE:
    return s->force = true;
  case OPT_SIZE:
    return set_size(s, value);
  case OPT_SEED:
    return set_number(s, "seed", value, UINT64_MAX, &s->seed);
  case OPT_GRAY:
    return s->gray = true;
  case OPT_CONTINUE:
    s->picture = value;
    return true;
  case OPT_FROM:
    return s->from_given = set_number(s, "from", value, IDF_DRAW_SIDE, &s->from);
  case OPT_EFFORT:
    return set_word(s, efforts, "effort", value, &s->settings.effort);
  case OPT_MODEL:
    s->model_file = value;
    return true;
  case OPT_SIMD:
    if (!set_word(s, levels, "simd", value, &level))
      return false;
    s->settings.simd = (idf_simd)level;
    return true;
  case OPT_QUIET:
    return s->cli.quiet = true;
  }
  return false;
}

static int help(void)
{
  fputs("Usage: idf-sample [OPTION]... -o OUT\n"
        "Draw a picture from a model, by decoding random bits.\n\n",
        stdout);
  idf_args_help(options, stdout);
  fputs("\nExit status: 0 good, 1 error. Manual: man idf-sample\n", stdout);
  return IDF_EXIT_GOOD;
}

static int completion(sample *s, const char *shell)
{
  const idf_completion c = {.program = "idf-sample", .options = options, .suffixes = pictures};

  if (idf_completion_write(&c, shell, stdout))
    return IDF_EXIT_GOOD;
  idf_error(&s->cli, NULL, "--completion=%s: give bash, zsh or fish", shell);
  return IDF_EXIT_ERROR;
}

/* Reads the command line. -1: go on. */
static int read_options(sample *s, int argc, char **argv)
{
  const char *value;
  idf_args args;

  idf_args_init(&args, options, argc, argv);
  for (;;) {
    const int id = idf_args_next(&args, &value);
    if (id == IDF_ARGS_END)
      break;
    if (id == OPT_HELP)
      return help();
    if (id == OPT_VERSION) {
      printf("idf-sample (idf) %s\n", idf_version());
      return IDF_EXIT_GOOD;
    }
    if (id == OPT_COMPLETION)
      return completion(s, value);
    if (id == IDF_ARGS_BAD)
      idf_error(&s->cli, NULL, "%s", args.error);
    else if (id == IDF_ARGS_OPERAND)
      idf_error(&s->cli, value, "what is this for? See --help");
    if (id < 0 || !on_option(s, id, value))
      return IDF_EXIT_ERROR;
  }
  if (!s->output)
    idf_error(&s->cli, NULL, "name the output: -o FILE, or - for stdout");
  else if (s->picture && (s->sized || s->gray))
    idf_error(&s->cli, NULL, "--continue: the picture has its own size and colours");
  else if (!s->picture && s->from_given)
    idf_error(&s->cli, NULL, "--from: of which picture? Give --continue, too");
  return s->cli.errors ? IDF_EXIT_ERROR : -1;
}

/* ---- the picture that goes on ------------------------------------------------------------- */

static void on_warn(void *context, const char *text)
{
  sample *s = context;

  idf_warning(&s->cli, s->picture, "%s", text);
}

/* Metadata is not wanted here. */
static void on_drop(void *context, const char *what, const char *text)
{
  (void)context;
  (void)what;
  (void)text;
}

static idf_image_env env_of(sample *s)
{
  return (idf_image_env){.mem = &s->mem,
                         .max_pixels = (uint64_t)IDF_DRAW_SIDE * IDF_DRAW_SIDE,
                         .max_metadata = (uint64_t)64 << 20,
                         .warn = on_warn,
                         .drop = on_drop,
                         .warn_context = s};
}

static bool failed(sample *s, const char *file, idf_status status, const char *error)
{
  if (status == IDF_OK)
    return false;
  if (error && *error)
    idf_error(&s->cli, file, "%s", error);
  else
    idf_error_status(&s->cli, file, status, NULL, IDF_LIMIT_NONE);
  return true;
}

/* Room for the picture, and the first row that is drawn. */
static bool get_room(sample *s)
{
  const idf_info *info = &s->info;

  if (info->layout != IDF_GRAY && info->layout != IDF_RGB) {
    idf_error(&s->cli, s->picture, "only gray and RGB pictures without alpha can go on");
    return false;
  }
  if (info->width > IDF_DRAW_SIDE || info->height > IDF_DRAW_SIDE) {
    idf_error(&s->cli, s->picture, "is larger than %d x %d", IDF_DRAW_SIDE, IDF_DRAW_SIDE);
    return false;
  }
  if (!s->from_given)
    s->from = s->picture ? info->height / 2 : 0;
  if (s->from > info->height) {
    idf_error(&s->cli, s->picture, "has only %u rows", info->height);
    return false;
  }
  s->samples = idf_alloc(&s->mem, info->height, idf_row_bytes(info));
  if (!s->samples)
    return !failed(s, s->picture, idf_mem_status(&s->mem), NULL);
  return true;
}

static bool read_idf(sample *s)
{
  idf_decoder *decoder = NULL;
  idf_status status = idf_decoder_new(NULL, idf_source_read, &s->source, &decoder);

  if (status == IDF_OK)
    status = idf_decoder_info(decoder, &s->info);
  bool good = status == IDF_OK && get_room(s);
  if (good)
    status = idf_decoder_rows(decoder, s->samples, (uint32_t)s->from);
  good = !failed(s, s->picture, status, s->source.error) && good;
  idf_decoder_free(decoder);
  return good;
}

static bool read_image(sample *s, idf_image_kind kind)
{
  static idf_status (*const opens[])(idf_image_env *, idf_read_fn, void *,
                                     idf_reader **) = {[IDF_IMAGE_PNG] = idf_png_open,
                                                       [IDF_IMAGE_PNM] = idf_pnm_open,
                                                       [IDF_IMAGE_JPEG] = idf_jpeg_open};
  idf_image_env env = env_of(s);
  idf_reader *reader = NULL;
  idf_status status = opens[kind](&env, idf_source_read, &s->source, &reader);
  bool good = status == IDF_OK;

  if (good) {
    s->info = reader->info;
    good = get_room(s);
  }
  if (good)
    status = idf_reader_rows(reader, s->samples, (uint32_t)s->from);
  good = !failed(s, s->picture, status, *s->source.error ? s->source.error : env.error) && good;
  idf_reader_close(reader);
  return good;
}

static bool read_picture(sample *s)
{
  const uint8_t *head;
  size_t len;
  bool good = false;

  if (failed(s, s->picture, idf_source_open(&s->source, &s->mem, s->picture, false),
             s->source.error))
    return false;
  if (!failed(s, s->picture, idf_source_peek(&s->source, 12, &head, &len), s->source.error)) {
    const idf_image_kind kind = idf_image_sniff(head, len);
    if (kind == IDF_IMAGE_UNKNOWN)
      idf_error(&s->cli, s->picture, "is no picture that idf reads");
    else
      good = kind == IDF_IMAGE_IDF ? read_idf(s) : read_image(s, kind);
  }
  idf_source_close(&s->source);
  return good;
}

/* ---- the model ------------------------------------------------------------------------------ */

static bool read_model(sample *s)
{
  idf_status status = idf_source_open(&s->source, &s->mem, s->model_file, false);
  idf_buf bytes;
  size_t n = 1;

  idf_buf_init(&bytes, &s->mem);
  while (status == IDF_OK && n > 0) {
    uint8_t piece[4096];
    status = idf_source_read(&s->source, piece, sizeof piece, &n);
    if (status == IDF_OK)
      idf_put_bytes(&bytes, piece, n);
    if (bytes.bad)
      status = idf_mem_status(&s->mem);
  }
  if (status == IDF_OK)
    status = idf_model_load(bytes.data, bytes.len, &s->model);
  s->settings.model = s->model;
  const bool good = !failed(s, s->model_file, status, s->source.error);
  idf_source_close(&s->source);
  idf_buf_free(&bytes);
  return good;
}

/* ---- the output ------------------------------------------------------------------------------- */

static bool ends(const char *name, const char *suffix)
{
  const size_t n = strlen(name), m = strlen(suffix);

  return n >= m && strcmp(name + n - m, suffix) == 0;
}

static bool write_picture(sample *s)
{
  const bool pnm = ends(s->output, ".pgm") || ends(s->output, ".ppm") || ends(s->output, ".pnm");
  idf_image_env env = env_of(s);
  idf_writer *writer = NULL;
  idf_status status = idf_sink_open(&s->sink, &s->mem, s->output, s->force, false, NULL);

  if (failed(s, s->output, status, s->sink.error))
    return false;
  status = pnm ? idf_pnm_create(&env, &s->info, IDF_PNM_ANY, idf_sink_write, &s->sink, &writer)
               : idf_png_create(&env, &s->info, IDF_PNG_FAST, idf_sink_write, &s->sink, &writer);
  if (status == IDF_OK)
    status = idf_writer_rows(writer, s->samples, s->info.height);
  if (status == IDF_OK)
    status = idf_writer_finish(writer);
  if (status == IDF_OK)
    status = idf_sink_commit(&s->sink, false);
  const bool good = !failed(s, s->output, status, *s->sink.error ? s->sink.error : env.error);
  idf_writer_close(writer);
  idf_sink_close(&s->sink);
  return good;
}

static bool draw(sample *s)
{
  if (s->model_file && !read_model(s))
    return false;
  if (s->picture ? !read_picture(s) : !get_room(s))
    return false;
  if (failed(s, NULL, idf_draw(&s->settings, &s->info, s->seed, (uint32_t)s->from, s->samples),
             NULL))
    return false;
  return write_picture(s);
}

int main(int argc, char **argv)
{
  sample *s = calloc(1, sizeof *s);

  idf_streams_init();
  if (!s)
    return IDF_EXIT_ERROR;
  idf_cli_init(&s->cli, "idf-sample");
  idf_signals_init();
  idf_mem_init(&s->mem, UINT64_MAX);
  idf_settings_init(&s->settings);
  s->seed = 1;
  s->info = (idf_info){.width = 256, .height = 256, .layout = IDF_RGB, .depth = 8};
  int exit_status = read_options(s, argc, argv);
  if (exit_status < 0) {
    if (s->gray)
      s->info.layout = IDF_GRAY;
    draw(s);
    exit_status = idf_cli_exit(&s->cli);
  }
  idf_free(&s->mem, s->samples);
  idf_model_free(s->model);
  free(s);
  return exit_status;
}

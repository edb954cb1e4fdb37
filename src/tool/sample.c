/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sample.c: idf-sample, which draws pictures from a model. See idf-sample(1).
 *
 * A model of images says how probable each sample is, given those before it. A decoder that reads
 * random bits draws samples with these probabilities, so what it draws shows what the model knows.
 */
#include <string.h>

#include "anypic.h"

enum { OPT_SIZE = IDF_OPT_OWN, OPT_SEED, OPT_GRAY, OPT_CONTINUE, OPT_FROM, OPT_EFFORT };

static const idf_option options[] = {
    {IDF_OPT_OUTPUT, 'o', "output", "FILE", "write FILE, a PNG, PGM or PPM; - is stdout"},
    {IDF_OPT_FORCE, 'f', "force", NULL, "replace an existing file"},
    {OPT_SIZE, 0, "size", "WxH", "pixels, at most 4096x4096 (256x256)"},
    {OPT_SEED, 0, "seed", "N", "another number, another picture (1)"},
    {OPT_GRAY, 0, "gray", NULL, "draw a gray picture"},
    {OPT_CONTINUE, 0, "continue", "FILE", "keep the top of this picture, and go on from there"},
    {OPT_FROM, 0, "from", "ROW", "the first row that is drawn (half of the height)"},
    {OPT_EFFORT, 'e', "effort", "E", "whose model: fast, default or max"},
    {IDF_OPT_MODEL, 0, "model", "FILE", "use the model in FILE"},
    {IDF_OPT_SIMD, 0, "simd", "LEVEL", "auto (the default), none, 128, avx2 or avx512"},
    {IDF_OPT_MEMORY, 0, "max-memory", "N", "fail instead of taking more bytes (1G)"},
    {IDF_OPT_QUIET, 'q', "quiet", NULL, "no warnings"},
    {IDF_OPT_HELP, 'h', "help", NULL, "show this help"},
    {IDF_OPT_VERSION, 'V', "version", NULL, "show the version"},
    {IDF_OPT_COMPLETION, 0, "completion", "SHELL", "print what bash, zsh or fish evaluates"},
    {0, 0, NULL, NULL, NULL}};

typedef struct sample {
  idf_tool tool;
  int effort;
  const char *picture; /* that goes on; NULL: none */
  idf_info info;
  uint64_t seed, from;
  bool from_given, sized, gray;
  uint8_t *samples; /* all rows */
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
  idf_error(&s->tool.cli, NULL, "--size=%s: give WIDTHxHEIGHT, each at most %d", value,
            IDF_DRAW_SIDE);
  return false;
}

static bool set_effort(sample *s, const char *value)
{
  static const struct {
    const char *name;
    int effort;
  } efforts[] = {{"fast", 1}, {"default", 5}, {"max", 9}, {"1", 1}, {"5", 5}, {"9", 9}};

  for (size_t i = 0; i < sizeof efforts / sizeof *efforts; i++)
    if (strcmp(value, efforts[i].name) == 0) {
      s->effort = efforts[i].effort;
      return true;
    }
  idf_error(&s->tool.cli, NULL, "--effort=%s: give fast, default or max", value);
  return false;
}

static bool set_number(sample *s, const char *option, const char *value, uint64_t most,
                       uint64_t *number)
{
  if (idf_parse_number(value, 0, most, false, number))
    return true;
  idf_error(&s->tool.cli, NULL, "--%s=%s: give a number", option, value);
  return false;
}

static bool on_option(void *context, int id, const char *value)
{
  sample *s = context;

  switch (id) {
  case OPT_SIZE:
    return set_size(s, value);
  case OPT_SEED:
    return set_number(s, "seed", value, UINT64_MAX, &s->seed);
  case OPT_GRAY:
    s->gray = true;
    return true;
  case OPT_CONTINUE:
    s->picture = value;
    return true;
  case OPT_FROM:
    s->from_given = true;
    return set_number(s, "from", value, IDF_DRAW_SIDE, &s->from);
  case OPT_EFFORT:
    return set_effort(s, value);
  }
  return false;
}

/* What cannot be meant together. */
static bool options_fit(sample *s)
{
  const char *wrong = NULL;

  if (!s->tool.output)
    wrong = "name the output: -o FILE, or - for stdout";
  else if (s->tool.count > 0)
    wrong = "there are no inputs but that of --continue";
  else if (s->picture && (s->sized || s->gray))
    wrong = "--continue: the picture has its own size and colours";
  else if (!s->picture && s->from_given)
    wrong = "--from: of which picture? Give --continue, too";
  if (wrong)
    idf_error(&s->tool.cli, NULL, "%s", wrong);
  return !wrong;
}

/* ---- the rows that are given ------------------------------------------------------------ */

/* Room for the picture, and the first row that is drawn. */
static bool get_room(sample *s)
{
  idf_cli *cli = &s->tool.cli;
  const idf_info *info = &s->info;

  if (info->layout != IDF_GRAY && info->layout != IDF_RGB) {
    idf_error(cli, s->picture, "only gray and RGB pictures without alpha can go on");
    return false;
  }
  if (info->width > IDF_DRAW_SIDE || info->height > IDF_DRAW_SIDE) {
    idf_error(cli, s->picture, "is larger than %d x %d", IDF_DRAW_SIDE, IDF_DRAW_SIDE);
    return false;
  }
  if (!s->from_given)
    s->from = s->picture ? info->height / 2 : 0;
  if (s->from > info->height) {
    idf_error(cli, s->picture, "has only %u rows", info->height);
    return false;
  }
  s->samples = idf_alloc(&s->tool.mem, info->height, idf_row_bytes(info));
  if (!s->samples)
    idf_error_status(cli, s->picture, idf_mem_status(&s->tool.mem), NULL, IDF_LIMIT_NONE);
  return s->samples != NULL;
}

static bool read_picture(sample *s)
{
  idf_anypic pic;
  idf_status status = idf_anypic_open(&pic, &s->tool, s->picture);
  bool good = status == IDF_OK;

  if (good) {
    s->info = pic.info;
    good = get_room(s);
  }
  if (good)
    status = idf_anypic_rows(&pic, s->samples, (uint32_t)s->from);
  if (status != IDF_OK)
    idf_anypic_explain(&pic, status);
  idf_anypic_close(&pic);
  return good && status == IDF_OK;
}

/* ---- the picture -------------------------------------------------------------------------- */

static bool write_picture(sample *s)
{
  static const char *const pnm[] = {".pnm", ".pgm", ".ppm", NULL};
  idf_sink *sink = s->tool.output_file;
  idf_tool_image image;
  idf_writer *writer = NULL;
  idf_status status = idf_sink_open(sink, &s->tool.mem, s->tool.output, s->tool.force, false, NULL);

  idf_tool_image_init(&image, &s->tool, s->tool.output);
  if (status == IDF_OK)
    status =
        idf_has_suffix(s->tool.output, pnm)
            ? idf_pnm_create(&image.env, &s->info, IDF_PNM_ANY, idf_sink_write, sink, &writer)
            : idf_png_create(&image.env, &s->info, IDF_PNG_FAST, idf_sink_write, sink, &writer);
  if (status == IDF_OK)
    status = idf_writer_rows(writer, s->samples, s->info.height);
  if (status == IDF_OK)
    status = idf_writer_finish(writer);
  if (status == IDF_OK)
    status = idf_sink_commit(sink, false);
  const char *why = *sink->error ? sink->error : image.env.error;
  if (status != IDF_OK && *why)
    idf_error(&s->tool.cli, s->tool.output, "%s", why);
  else if (status != IDF_OK)
    idf_error_status(&s->tool.cli, s->tool.output, status, NULL, IDF_LIMIT_NONE);
  idf_writer_close(writer);
  idf_sink_close(sink);
  return status == IDF_OK;
}

static void draw(sample *s)
{
  idf_settings settings;

  idf_settings_init(&settings);
  settings.effort = s->effort;
  settings.model = s->tool.model;
  settings.simd = s->tool.simd;
  settings.max_memory = s->tool.limits.max_memory;
  if (s->gray)
    s->info.layout = IDF_GRAY;
  if (s->picture ? !read_picture(s) : !get_room(s))
    return;
  const idf_status status = idf_draw(&settings, &s->info, s->seed, (uint32_t)s->from, s->samples);
  if (status != IDF_OK)
    idf_error_status(&s->tool.cli, NULL, status, NULL, IDF_LIMIT_MEMORY);
  else
    write_picture(s);
}

int main(int argc, char **argv)
{
  static const char *const none[] = {NULL};
  sample s;
  const idf_tool_spec spec = {.program = "idf-sample",
                              .usage = "-o OUT",
                              .about = "Draw a picture from a model, by decoding random bits.",
                              .options = options,
                              .option = on_option,
                              .suffixes = none,
                              .context = &s};

  memset(&s, 0, sizeof s);
  s.effort = 5;
  s.seed = 1;
  s.info = (idf_info){.width = 256, .height = 256, .layout = IDF_RGB, .depth = 8};
  const int done = idf_tool_begin(&s.tool, &spec, argc, argv);
  if (done < 0 && options_fit(&s))
    draw(&s);
  idf_free(&s.tool.mem, s.samples);
  const int end = idf_tool_end(&s.tool);
  return IDF_MAX(done, end);
}

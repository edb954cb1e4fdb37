/* SPDX-License-Identifier: BSD-3-Clause
 *
 * idfcmp.c: tells whether two pictures have the same samples, whatever files they are in. See
 * idfcmp(1).
 *
 * Samples mean nothing without the palette, the transparent colour and the maxval, so these belong
 * to the picture. All other metadata is compared on request.
 */
#include <string.h>
#include <sys/stat.h>

#include "anypic.h"
#include "compare.h"
#include "pairs.h"
#include "sandbox.h"

enum { OPT_METADATA = IDF_OPT_OWN };

/* Exit statuses, as those of cmp and diff. */
enum { SAME = 0, DIFFERENT = 1, TROUBLE = 2 };

typedef struct idfcmp {
  idf_tool tool;
  bool metadata;
  bool different; /* a pair was */
} idfcmp;

static const idf_option options[] = {
    {OPT_METADATA, 'm', "metadata", NULL, "compare all metadata, too"},
    {IDF_OPT_RECURSE, 'r', "recursive", NULL, "compare the pictures in two folders, and below"},
    {IDF_OPT_VERBOSE, 'v', "verbose", NULL, "a line about equal pictures as well"},
    {IDF_OPT_SIMD, 0, "simd", "LEVEL", "auto (the default), none, 128, avx2 or avx512"},
    IDF_OPTION_THREADS,
    IDF_OPTIONS_ALWAYS};

static const char *const suffixes[] = {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".pnm",
                                       ".pbm", ".pgm", ".ppm",  ".pam", ".idf",  NULL};

static bool on_option(void *context, int id, const char *value)
{
  idfcmp *job = context;

  (void)value;
  if (id == OPT_METADATA)
    job->metadata = true;
  return true;
}

/* ---- one pair ----------------------------------------------------------------------- */

/* What differs, in words. */
typedef struct finding {
  char text[200]; /* "": nothing */
  idf_difference samples;
} finding;

static void describe(const idf_info *info, char *text, size_t size)
{
  snprintf(text, size, "%u x %u %s, %u bit%s", (unsigned)info->width, (unsigned)info->height,
           idf_layout_name(info->layout), (unsigned)info->depth, info->depth == 1 ? "" : "s");
}

static bool same_format(const idf_info *a, const idf_info *b, finding *found)
{
  char left[64], right[64];

  if (a->width == b->width && a->height == b->height && a->layout == b->layout
      && a->depth == b->depth)
    return true;
  describe(a, left, sizeof left);
  describe(b, right, sizeof right);
  snprintf(found->text, sizeof found->text, "%s, and %s", left, right);
  return false;
}

/* What samples mean. */
static bool is_meaning(const char *type, idf_layout layout)
{
  return memcmp(type, IDF_TYPE_MAXVAL, 4) == 0 || memcmp(type, "tRNS", 4) == 0
         || (layout == IDF_PALETTE && memcmp(type, "PLTE", 4) == 0);
}

/* The next piece from *i on that counts. */
static bool next_piece(const idf_anypic *pic, bool all, size_t *i, idf_chunk *chunk)
{
  while (idf_anypic_metadata(pic, (*i)++, chunk))
    if (all || is_meaning(chunk->type, pic->info.layout))
      return true;
  return false;
}

/* Compares metadata read so far: all of it, or what samples mean. */
static void compare_metadata(const idf_anypic *a, const idf_anypic *b, bool all, finding *found)
{
  idf_chunk left, right;
  size_t i = 0, j = 0;
  char *text = found->text;

  for (;;) {
    const bool more_left = next_piece(a, all, &i, &left),
               more_right = next_piece(b, all, &j, &right);
    if (!more_left && !more_right)
      return;
    if (!more_left || !more_right)
      snprintf(text, sizeof found->text, "the %s has %s, the other nothing in its place",
               more_left ? "first" : "second", more_left ? left.type : right.type);
    else if (memcmp(left.type, right.type, 4) != 0)
      snprintf(text, sizeof found->text, "the first has %s, the second %s in its place", left.type,
               right.type);
    else if (left.after_pixels != right.after_pixels)
      snprintf(text, sizeof found->text, "%s is on the other side of the pixels", left.type);
    else if (left.size != right.size
             || (left.size && memcmp(left.data, right.data, left.size) != 0))
      snprintf(text, sizeof found->text, "%s has other contents", left.type);
    else
      continue;
    return;
  }
}

static void tell_samples(const idf_info *info, finding *found)
{
  const idf_difference *d = &found->samples;
  const char *channel = idf_channel_name(info->layout, d->channel);

  if (d->pixels == 0)
    return;
  const int n = snprintf(
      found->text, sizeof found->text,
      "%llu of %llu pixels, the first at %u,%u; all in %u x %u at %u,%u; "
      "largest difference %u",
      (unsigned long long)d->pixels, (unsigned long long)info->width * info->height, (unsigned)d->x,
      (unsigned)d->y, (unsigned)(d->right - d->left + 1), (unsigned)(d->bottom - d->top + 1),
      (unsigned)d->left, (unsigned)d->top, (unsigned)d->largest);
  if (n > 0 && (size_t)n < sizeof found->text)
    snprintf(found->text + n, sizeof found->text - (size_t)n, " of %s", channel);
}

/* Both are open and of one format. *of: the picture whose error `status` is. */
static idf_status compare_pixels(idf_anypic *a, idf_anypic *b, finding *found,
                                 const idf_anypic **of)
{
  const idf_info *info = &a->info;
  const uint32_t batch = idf_tool_batch(info);
  idf_mem *mem = &a->image.mem;
  void *left = idf_alloc(mem, batch, idf_row_bytes(info));
  void *right = idf_alloc(mem, batch, idf_row_bytes(info));
  idf_status status = left && right ? IDF_OK : idf_mem_status(mem);

  for (uint32_t y = 0; y < info->height && status == IDF_OK;) {
    const uint32_t n = IDF_MIN(batch, info->height - y);
    *of = a;
    status = idf_anypic_rows(a, left, n);
    if (status == IDF_OK) {
      *of = b;
      status = idf_anypic_rows(b, right, n);
    }
    if (status == IDF_OK)
      idf_compare_rows(&found->samples, info, left, right, y, n);
    if (status == IDF_OK && idf_interrupted())
      status = IDF_ERR_IO;
    y += n;
  }
  idf_free(mem, left);
  idf_free(mem, right);
  return status;
}

static idf_status compare_open(const idfcmp *job, idf_anypic *a, idf_anypic *b, finding *found,
                               const idf_anypic **of)
{
  if (!same_format(&a->info, &b->info, found))
    return IDF_OK;
  idf_status status = compare_pixels(a, b, found, of);
  if (status == IDF_OK) {
    *of = a;
    status = idf_anypic_finish(a);
  }
  if (status == IDF_OK) {
    *of = b;
    status = idf_anypic_finish(b);
  }
  tell_samples(&a->info, found);
  if (status == IDF_OK && !found->text[0])
    compare_metadata(a, b, job->metadata, found);
  return status;
}

static void tell_json(const idfcmp *job, const char *a, const char *b, idf_status status,
                      const finding *found)
{
  const idf_difference *d = &found->samples;
  idf_json json;

  idf_json_begin(&json, stdout);
  idf_json_text(&json, "a", a);
  idf_json_text(&json, "b", b);
  idf_json_text(&json, "status",
                status != IDF_OK ? "error"
                : found->text[0] ? "different"
                                 : "same");
  if (status != IDF_OK)
    idf_tool_messages(&job->tool, &json);
  else if (found->text[0])
    idf_json_text(&json, "difference", found->text);
  if (d->pixels) {
    idf_json_number(&json, "pixels", d->pixels);
    idf_json_number(&json, "x", d->x);
    idf_json_number(&json, "y", d->y);
    idf_json_number(&json, "left", d->left);
    idf_json_number(&json, "top", d->top);
    idf_json_number(&json, "width", (uint64_t)d->right - d->left + 1);
    idf_json_number(&json, "height", (uint64_t)d->bottom - d->top + 1);
    idf_json_number(&json, "largest", d->largest);
  }
  idf_json_end(&json);
}

static void print_names(const char *a, const char *b)
{
  idf_print_plain(stdout, a);
  putchar(' ');
  idf_print_plain(stdout, b);
}

static void tell(const idfcmp *job, const char *a, const char *b, idf_status status,
                 const finding *found)
{
  if (job->tool.json)
    tell_json(job, a, b, status, found);
  else if (status == IDF_OK && found->text[0] && !job->tool.cli.quiet) {
    print_names(a, b);
    printf(" differ: %s\n", found->text);
  } else if (status == IDF_OK && !found->text[0] && job->tool.cli.verbose) {
    print_names(a, b);
    puts(" are the same");
  }
  fflush(stdout);
}

/* last: no other pair follows. */
static void compare(idfcmp *job, const char *path_a, const char *path_b, bool last)
{
  idf_tool *tool = &job->tool;
  idf_anypic a = {.source = NULL}, b = {.source = NULL};
  const idf_anypic *of = &a;
  finding found = {.text = ""};
  const idf_work work = {.output = NULL};

  idf_buf_clear(&tool->heard);
  idf_buf_clear(&tool->dropped);
  idf_status status = idf_anypic_open(&a, tool, path_a);
  if (status == IDF_OK) {
    of = &b;
    status = idf_anypic_open(&b, tool, path_b);
  }
  if (status == IDF_OK && last)
    (void)idf_sandbox_last(&work, tool->output_file, false);
  if (status == IDF_OK)
    status = compare_open(job, &a, &b, &found, &of);
  if (status != IDF_OK)
    idf_anypic_explain(of, status);
  else if (found.text[0])
    job->different = true;
  if (!idf_interrupted())
    tell(job, path_a, path_b, status, &found);
  idf_anypic_close(&a);
  idf_anypic_close(&b);
}

/* ---- folders ------------------------------------------------------------------------ */

static void tell_alone(idfcmp *job, const char *folder, const idf_pair *pair)
{
  idf_json json;

  job->different = true;
  if (job->tool.json) {
    idf_json_begin(&json, stdout);
    idf_json_text(&json, pair->a ? "a" : "b", pair->a ? pair->a : pair->b);
    idf_json_text(&json, "status", "alone");
    idf_json_end(&json);
  } else if (!job->tool.cli.quiet) {
    fputs("only in ", stdout);
    idf_print_plain(stdout, folder);
    fputs(": ", stdout);
    idf_print_plain(stdout, pair->name);
    putchar('\n');
  }
}

static void compare_folders(idfcmp *job, char *a, char *b)
{
  static const idf_worklist nothing = {.count = 0};
  idf_tool *tool = &job->tool;
  idf_pairs pairs;

  if (idf_pairs_make(&pairs, &tool->mem, &tool->cli, suffixes, a, b)) {
    (void)idf_sandbox_batch(&nothing, false);
    for (size_t i = 0; i < pairs.count && !idf_interrupted(); i++) {
      const idf_pair *pair = &pairs.list[i];
      if (pair->a && pair->b)
        compare(job, pair->a, pair->b, false);
      else
        tell_alone(job, pair->a ? a : b, pair);
    }
  }
  idf_pairs_free(&pairs);
}

/* ---- the command --------------------------------------------------------------------- */

static bool is_folder(const char *path)
{
  struct stat info;

  return strcmp(path, "-") != 0 && stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* Whether the operands make sense. */
static bool fits(idfcmp *job)
{
  idf_tool *tool = &job->tool;

  if (tool->count != 2) {
    idf_error(&tool->cli, NULL, "give two pictures%s", tool->recurse ? " or two folders" : "");
    return false;
  }
  const char *a = tool->operands[0], *b = tool->operands[1];
  if (strcmp(a, "-") == 0 && strcmp(b, "-") == 0) {
    idf_error(&tool->cli, NULL, "stdin is given 2 times");
    return false;
  }
  const bool left = is_folder(a), right = is_folder(b);
  if (left != right || (left && !tool->recurse)) {
    idf_error(&tool->cli, left ? a : b, "is a folder: %s",
              left != right ? "give two of them" : "give -r to compare what is in it");
    return false;
  }
  return true;
}

int main(int argc, char **argv)
{
  idfcmp job;
  const idf_tool_spec spec = {.program = "idfcmp",
                              .usage = "A B",
                              .suffixes = suffixes,
                              .about = "Compare two pictures: PNG, JPEG, PNM, PAM or .idf.",
                              .exits = "0 the same, 1 different, 2 trouble",
                              .options = options,
                              .option = on_option,
                              .context = &job};

  memset(&job, 0, sizeof job);
  const int done = idf_tool_begin(&job.tool, &spec, argc, argv);
  if (done < 0 && fits(&job)) {
    char **paths = job.tool.operands;
    if (is_folder(paths[0]))
      compare_folders(&job, paths[0], paths[1]);
    else
      compare(&job, paths[0], paths[1], true);
  }
  (void)idf_tool_end(&job.tool);
  return job.tool.cli.errors ? TROUBLE : job.different ? DIFFERENT : SAME;
}

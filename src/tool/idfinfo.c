/* SPDX-License-Identifier: BSD-3-Clause
 *
 * idfinfo.c: shows what an .idf file holds and where its bits go. See idfinfo(1).
 *
 * Without --bits or --map it reads only the framing and its checksums. These two options decode
 * everything, because the model's expectation is known only by decoding.
 */
#include <string.h>

#include "heatmap.h"
#include "image.h"
#include "json.h"
#include "luma.h"
#include "mapsheet.h"
#include "metatell.h"
#include "tool.h"

#define MOST_TOLD 16 /* pieces of metadata before the pixels, and after; --json lists all */

enum {
  OPT_BITS = IDF_OPT_OWN,
  OPT_MAP,
  OPT_OVERLAY,
  OPT_BARE,
  OPT_METADATA,
  OPT_ICC,
  OPT_TILES,
  OPT_SIMD
};

typedef struct idfinfo {
  idf_tool tool;
  bool bits, tiles, simd;
  bool metadata;
  bool overlay, bare;    /* of the map */
  const char *map, *icc; /* outputs: at most one of them */
} idfinfo;

static const idf_option options[] = {
    {OPT_BITS, 0, "bits", NULL, "compare with the model's own -log2 P and with the raw size"},
    {OPT_TILES, 0, "tiles", NULL, "list the tiles"},
    {OPT_MAP, 0, "map", "OUT.png", "draw how many bits each pixel took"},
    {OPT_OVERLAY, 0, "overlay", NULL, "draw the map over the picture"},
    {OPT_BARE, 0, "bare", NULL, "draw the map without title and legend"},
    {OPT_METADATA, 0, "metadata", NULL, "print Exif, texts, XMP and what the profile is"},
    {OPT_ICC, 0, "icc", "FILE", "write the colour profile"},
    {IDF_OPT_FORCE, 'f', "force", NULL, "replace an existing file"},
    {IDF_OPT_VERBOSE, 'v', "verbose", NULL, "more about a JPEG that is kept whole"},
    IDF_OPTION_THREADS,
    {OPT_SIMD, 0, "simd", NULL, "list the instruction sets there are and the one in use"},
    IDF_OPTIONS_ALWAYS};

static bool on_option(void *context, int id, const char *value)
{
  idfinfo *job = context;

  switch (id) {
  case OPT_BITS:
    job->bits = true;
    return true;
  case OPT_TILES:
    job->tiles = true;
    return true;
  case OPT_SIMD:
    job->simd = true;
    return true;
  case OPT_OVERLAY:
    job->overlay = true;
    return true;
  case OPT_BARE:
    job->bare = true;
    return true;
  case OPT_METADATA:
    job->metadata = true;
    return true;
  case OPT_ICC:
    job->icc = value;
    return true;
  case OPT_MAP:
    job->map = value;
    return true;
  default:
    return false;
  }
}

/* ---- gathering ---------------------------------------------------------------------- */

typedef struct findings {
  const char *file;
  idf_decoder *decoder;
  idf_info info;
  idf_anatomy anatomy;
  char model[80];      /* id in hexadecimal, and the name if it is known */
  uint64_t jpeg_bytes; /* of the JPEG that is kept whole; 0: none is */
  idf_jpeg_info jpeg;
  double raw_bits, samples;
} findings;

/* The method's name, and its tiles and bytes if wanted. */
static const char *method(const findings *found, size_t i, uint64_t *tiles, uint64_t *bytes)
{
  const char *name;
  if (idf_decoder_method(found->decoder, i, &name, tiles, bytes) != IDF_OK)
    return NULL;
  return name;
}

static const char *method_of(const findings *found, const idf_tile_info *tile)
{
  const char *name = method(found, tile->method, NULL, NULL);
  /* Bands of coefficients have no method. */
  return found->jpeg_bytes ? "jpeg" : name ? name : "unknown";
}

/* Whether the colour of a tile is a conversion, not a layer. */
static bool is_converted(const findings *found, const idf_tile_info *tile)
{
  return strcmp(method_of(found, tile), "chroma") == 0;
}

static const char *plane_name(idf_layout layout, unsigned i)
{
  static const char *const names[6][4] = {{"gray"},
                                          {"alpha", "gray"},
                                          {"colour 1", "colour 2", "colour 3"},
                                          {"alpha", "colour 1", "colour 2", "colour 3"},
                                          {"indices"},
                                          {"cyan", "magenta", "yellow", "black"}};
  return names[layout][i];
}

static void describe_model(const idf_tool *tool, findings *found)
{
  const uint8_t *id = found->anatomy.model_id;
  const char *name = NULL;
  idf_model *model = NULL;
  size_t at = 0;
  bool none = true;

  for (size_t i = 0; i < 8; i++) {
    at += (size_t)snprintf(found->model + at, sizeof found->model - at, "%02x", id[i]);
    none = none && id[i] == 0;
  }
  if (none) {
    snprintf(found->model, sizeof found->model, "none");
    return;
  }
  if (tool->model && memcmp(idf_model_id(tool->model), id, 8) == 0)
    name = idf_model_name(tool->model);
  for (int effort = 1; effort <= 9 && !name; effort++) {
    idf_model_free(model);
    model = NULL;
    if (idf_model_builtin(effort, &model) == IDF_OK && memcmp(idf_model_id(model), id, 8) == 0)
      name = idf_model_name(model);
  }
  snprintf(found->model + at, sizeof found->model - at, " (%.40s)", name ? name : "not here");
  idf_model_free(model);
}

/* What is drawn of the current file. */
typedef struct drawing {
  idf_heatmap *map; /* NULL: nothing */
  uint8_t *luma;    /* brightness of all pixels; NULL: not wanted */
  const uint8_t *palette;
  size_t colours;
} drawing;

static idf_status drawing_make(const idfinfo *job, idf_tool_image *image, const findings *found,
                               drawing *drawn)
{
  const idf_info *info = &found->info;
  char type[5];
  size_t size;

  if (found->jpeg_bytes)
    return idf_image_fail(&image->env, IDF_ERR_UNSUPPORTED,
                          "holds a JPEG whole, and a map has the bits of pixels only");
  idf_status status = idf_heatmap_new(&image->env, info, &drawn->map);
  if (status == IDF_OK && job->overlay) {
    drawn->luma = idf_alloc(&image->mem, info->height, info->width);
    status = drawn->luma ? IDF_OK : idf_mem_status(&image->mem);
  }
  const uint8_t *data;
  for (size_t i = 0; idf_decoder_metadata(found->decoder, i, type, &data, &size, NULL) == IDF_OK;
       i++)
    if (strcmp(type, "PLTE") == 0) {
      drawn->palette = data;
      drawn->colours = size / 3;
    }
  return status;
}

static void drawing_free(idf_tool_image *image, drawing *drawn)
{
  idf_heatmap_free(drawn->map);
  idf_free(&image->mem, drawn->luma);
}

static idf_status decode_rows(idfinfo *job, const idf_work *work, idf_tool_image *image,
                              idf_decoder *decoder, const findings *found, const drawing *drawn)
{
  const idf_info *info = &found->info;
  const uint32_t batch = idf_tool_batch(info);
  const size_t bytes = idf_row_bytes(info);
  uint8_t *rows = idf_alloc(&image->mem, batch, bytes);
  idf_status status = rows ? IDF_OK : idf_mem_status(&image->mem);

  for (uint32_t y = 0; y < info->height && status == IDF_OK;) {
    const uint32_t n = IDF_MIN(batch, info->height - y);
    status = idf_decoder_rows(decoder, rows, n);
    for (uint32_t i = 0; i < n && status == IDF_OK && drawn->luma; i++)
      idf_luma_row(info, rows + i * bytes, drawn->palette, drawn->colours,
                   drawn->luma + (size_t)(y + i) * info->width);
    y += n;
    if (status == IDF_OK && idf_interrupted())
      status = IDF_ERR_IO;
    idf_tool_rows(&job->tool, work, info, y);
  }
  idf_free(&image->mem, rows);
  return status;
}

/* ---- telling ------------------------------------------------------------------------ */

static void print_metadata(const findings *found)
{
  char type[5];
  const uint8_t *data;
  size_t size, told = 0, untold = 0;
  int after, was = -1;

  for (size_t i = 0; idf_decoder_metadata(found->decoder, i, type, &data, &size, &after) == IDF_OK;
       i++) {
    const char *lead = after ? "\n  after      " : "  metadata   ";
    told = after == was ? told + 1 : 0;
    if (told < MOST_TOLD)
      printf("%s%s %zu", after == was ? ", " : lead, type, size);
    else
      untold++;
    was = after;
  }
  if (untold > 0)
    printf(", %zu more: see --json", untold);
  if (was >= 0)
    putchar('\n');
}

/* What people call the sampling of these factors; NULL: it has no such name. */
static const char *sampling_of(const idf_jpeg_info *jpeg)
{
  static const struct {
    unsigned h, v; /* the first component's, in those of the others */
    const char *name;
  } known[] = {{1, 1, "4:4:4"}, {2, 1, "4:2:2"}, {2, 2, "4:2:0"},
               {1, 2, "4:4:0"}, {4, 1, "4:1:1"}, {4, 2, "4:1:0"}};

  if (jpeg->components != 3 || jpeg->h[1] != jpeg->h[2] || jpeg->v[1] != jpeg->v[2])
    return NULL;
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (jpeg->h[0] == known[i].h * jpeg->h[1] && jpeg->v[0] == known[i].v * jpeg->v[1])
      return known[i].name;
  return NULL;
}

/* "2x2,1x1,1x1" */
static void factors_of(const idf_jpeg_info *jpeg, char *text, size_t size)
{
  size_t at = 0;

  text[0] = '\0';
  for (unsigned i = 0; i < jpeg->components && i < 4 && at < size; i++)
    at += (size_t)snprintf(text + at, size - at, "%s%ux%u", i ? "," : "", jpeg->h[i], jpeg->v[i]);
}

static double jpeg_ratio(const findings *found)
{
  return (double)found->anatomy.file_bytes / (double)found->jpeg_bytes;
}

static void print_jpeg(const findings *found, bool verbose)
{
  const idf_jpeg_info *jpeg = &found->jpeg;
  const char *sampling = sampling_of(jpeg);
  char factors[32];

  factors_of(jpeg, factors, sizeof factors);
  printf("  original   JPEG, kept whole, %llu bytes (%.2f), %s",
         (unsigned long long)found->jpeg_bytes, jpeg_ratio(found),
         jpeg->progressive ? "progressive" : "sequential");
  if (jpeg->quality)
    printf(", quality about %u", jpeg->quality);
  if (sampling || jpeg->components > 1)
    printf(", %s", sampling ? sampling : factors);
  putchar('\n');
  if (!verbose)
    return;
  printf("  jpeg       %u component%s, sampling factors %s, %u scan%s, ", jpeg->components,
         jpeg->components == 1 ? "" : "s", factors, jpeg->scans, jpeg->scans == 1 ? "" : "s");
  if (jpeg->restart)
    printf("a restart marker every %lu MCUs\n", (unsigned long)jpeg->restart);
  else
    puts("no restart markers");
}

static double per_sample(const findings *found, double bits)
{
  return bits / found->samples;
}

static void print_bits(const findings *found)
{
  uint64_t tiles, bytes;
  const idf_anatomy *a = &found->anatomy;
  /* The model does not cover metadata. */
  const double file = 8 * (double)a->file_bytes, metadata = 8 * (double)a->metadata_bytes;
  const double over = file - metadata - a->model_bits;

  printf("  %-22s %14s %14s\n", "bits", "bytes", "bits/sample");
  printf("  %-22s %14.0f %14.4f\n", "raw", found->raw_bits / 8, per_sample(found, found->raw_bits));
  printf("  %-22s %14.1f %14.4f\n", "model: -log2 P", a->model_bits / 8,
         per_sample(found, a->model_bits));
  for (unsigned i = 0; !found->jpeg_bytes && i < idf_channels(found->info.layout); i++)
    printf("    %-20s %14.1f %14.4f\n", plane_name(found->info.layout, i), a->channel_bits[i] / 8,
           per_sample(found, a->channel_bits[i]));
  printf("  %-22s %14llu %14.4f\n", found->jpeg_bytes ? "coefficients" : "tiles",
         (unsigned long long)a->tile_bytes, per_sample(found, 8 * (double)a->tile_bytes));
  for (size_t i = 0; method(found, i, &tiles, &bytes); i++)
    if (tiles > 0)
      printf("    %-20s %14llu %14.4f\n", method(found, i, NULL, NULL), (unsigned long long)bytes,
             per_sample(found, 8 * (double)bytes));
  printf("  %-22s %14llu %14.4f\n", found->jpeg_bytes ? "the rest of the JPEG" : "metadata",
         (unsigned long long)a->metadata_bytes, per_sample(found, metadata));
  printf("  %-22s %14llu %14.4f\n", "file", (unsigned long long)a->file_bytes,
         per_sample(found, file));
  printf("  %-22s %14.1f %13.3f%%\n",
         found->jpeg_bytes ? "above model, the rest" : "above model, metadata", over / 8,
         a->model_bits > 0 ? 100 * over / a->model_bits : 0);
}

static void print_tiles(const findings *found)
{
  idf_tile_info tile;

  printf("  %8s %9s %9s %6s %6s  %-7s %8s %-7s %-5s %-5s %12s\n", "tile", "x", "y", "width",
         "height", "method", "schedule", "colour", "ranks", "joint", "bytes");
  for (size_t i = 0; idf_decoder_tile(found->decoder, i, &tile) == IDF_OK; i++)
    printf("  %8zu %9u %9u %6u %6u  %-7s %8u %-7s %-5s %-5s %12llu\n", i, (unsigned)tile.x,
           (unsigned)tile.y, (unsigned)tile.width, (unsigned)tile.height, method_of(found, &tile),
           (unsigned)tile.schedule,
           is_converted(found, &tile) ? "none" : idf_colour_name(tile.colour),
           tile.ranks ? "yes" : "no", tile.joint ? "yes" : "no", (unsigned long long)tile.bytes);
}

static void print_methods(const findings *found)
{
  const idf_anatomy *a = &found->anatomy;
  const char *name, *before = ": ";
  uint64_t tiles;

  printf("  tiles      %u x %u of side %u", (unsigned)a->tiles_across, (unsigned)a->tiles_down,
         (unsigned)a->tile_side);
  for (size_t i = 0; (name = method(found, i, &tiles, NULL)) != NULL; i++) {
    printf("%s%llu %s", before, (unsigned long long)tiles, name);
    before = ", ";
  }
  putchar('\n');
}

/* What made the pixels, by the first tile that tells. */
static void print_origin(const findings *found)
{
  idf_tile_info tile;

  for (size_t i = 0; idf_decoder_tile(found->decoder, i, &tile) == IDF_OK; i++)
    if (is_converted(found, &tile)) {
      printf("  pixels     made of Y, U and V by %s\n", idf_conversion_name(tile.colour));
      return;
    }
}

static void print_tiled(const findings *found)
{
  const idf_anatomy *a = &found->anatomy;

  print_methods(found);
  print_origin(found);
  printf("  bytes      header %llu, metadata %llu of %llu plain, tiles %llu, index %llu\n",
         (unsigned long long)a->header_bytes, (unsigned long long)a->metadata_bytes,
         (unsigned long long)a->metadata_plain_bytes, (unsigned long long)a->tile_bytes,
         (unsigned long long)a->index_bytes);
}

/* Of a JPEG that is kept whole. */
static void print_bands(const findings *found)
{
  const idf_anatomy *a = &found->anatomy;

  printf("  bands      %u of about %u rows\n", (unsigned)a->tiles_down, (unsigned)a->tile_side);
  printf("  bytes      header %llu, coefficients %llu, the rest of the JPEG %llu, index %llu\n",
         (unsigned long long)a->header_bytes, (unsigned long long)a->tile_bytes,
         (unsigned long long)a->metadata_bytes, (unsigned long long)a->index_bytes);
}

static void print_findings(const idfinfo *job, const findings *found)
{
  const idf_anatomy *a = &found->anatomy;

  idf_print_plain(stdout, strcmp(found->file, "-") == 0 ? "(stdin)" : found->file);
  putchar('\n');
  printf("  image      %u x %u, %s, %u bit%s\n", (unsigned)found->info.width,
         (unsigned)found->info.height, idf_layout_name(found->info.layout),
         (unsigned)found->info.depth, found->info.depth == 1 ? "" : "s");
  printf("  file       %llu bytes, %.4f bits a sample, %.2f %% of raw\n",
         (unsigned long long)a->file_bytes, per_sample(found, 8 * (double)a->file_bytes),
         800 * (double)a->file_bytes / found->raw_bits);
  if (found->jpeg_bytes)
    print_jpeg(found, job->tool.cli.verbose);
  printf("  effort     %d, model %s\n", a->effort, found->model);
  if (found->jpeg_bytes)
    print_bands(found);
  else
    print_tiled(found);
  print_metadata(found);
  if (job->metadata)
    idf_metatell_print(found->decoder, stdout);
  if (job->bits)
    print_bits(found);
  if (job->tiles)
    print_tiles(found);
}

static void json_bits(idf_json *json, const findings *found)
{
  const idf_anatomy *a = &found->anatomy;
  const char *name;
  uint64_t tiles, bytes;

  idf_json_open(json, "bits", '{');
  idf_json_real(json, "raw", found->raw_bits, 0);
  idf_json_real(json, "model", a->model_bits, 3);
  idf_json_number(json, "file", 8 * a->file_bytes);
  idf_json_open(json, "planes", '[');
  for (unsigned i = 0; !found->jpeg_bytes && i < idf_channels(found->info.layout); i++) {
    idf_json_open(json, NULL, '{');
    idf_json_text(json, "plane", plane_name(found->info.layout, i));
    idf_json_real(json, "model", a->channel_bits[i], 3);
    idf_json_close(json, '}');
  }
  idf_json_close(json, ']');
  idf_json_open(json, "methods", '[');
  for (size_t i = 0; (name = method(found, i, &tiles, &bytes)) != NULL; i++) {
    if (tiles == 0)
      continue;
    idf_json_open(json, NULL, '{');
    idf_json_text(json, "method", name);
    idf_json_number(json, "tiles", tiles);
    idf_json_number(json, "bytes", bytes);
    idf_json_close(json, '}');
  }
  idf_json_close(json, ']');
  idf_json_close(json, '}');
}

static void json_tiles(idf_json *json, const findings *found)
{
  idf_tile_info tile;

  idf_json_open(json, "tile_list", '[');
  for (size_t i = 0; idf_decoder_tile(found->decoder, i, &tile) == IDF_OK; i++) {
    idf_json_open(json, NULL, '{');
    idf_json_number(json, "x", tile.x);
    idf_json_number(json, "y", tile.y);
    idf_json_number(json, "width", tile.width);
    idf_json_number(json, "height", tile.height);
    idf_json_text(json, "method", method_of(found, &tile));
    idf_json_number(json, "schedule", tile.schedule);
    idf_json_number(json, "colour", tile.colour);
    idf_json_text(json, "colour_name",
                  is_converted(found, &tile) ? idf_conversion_name(tile.colour)
                                             : idf_colour_name(tile.colour));
    idf_json_bool(json, "ranks", tile.ranks != 0);
    idf_json_bool(json, "joint", tile.joint != 0);
    idf_json_number(json, "bytes", tile.bytes);
    idf_json_close(json, '}');
  }
  idf_json_close(json, ']');
}

static void json_metadata(idf_json *json, const findings *found)
{
  char type[5];
  const uint8_t *data;
  size_t size;
  int after;

  idf_json_open(json, "metadata", '[');
  for (size_t i = 0; idf_decoder_metadata(found->decoder, i, type, &data, &size, &after) == IDF_OK;
       i++) {
    idf_json_open(json, NULL, '{');
    idf_json_text(json, "type", type);
    idf_json_number(json, "bytes", size);
    idf_json_bool(json, "after_pixels", after != 0);
    idf_json_close(json, '}');
  }
  idf_json_close(json, ']');
}

static void json_jpeg(idf_json *json, const findings *found)
{
  const idf_jpeg_info *jpeg = &found->jpeg;
  const char *sampling = sampling_of(jpeg);
  char factors[32];

  factors_of(jpeg, factors, sizeof factors);
  idf_json_text(json, "kept", "jpeg");
  idf_json_open(json, "original", '{');
  idf_json_number(json, "bytes", found->jpeg_bytes);
  idf_json_real(json, "ratio", jpeg_ratio(found), 4);
  idf_json_bool(json, "progressive", jpeg->progressive != 0);
  if (jpeg->quality)
    idf_json_number(json, "quality", jpeg->quality);
  if (sampling)
    idf_json_text(json, "sampling", sampling);
  idf_json_text(json, "factors", factors);
  idf_json_number(json, "scans", jpeg->scans);
  idf_json_number(json, "restart", jpeg->restart);
  idf_json_close(json, '}');
}

static void print_json(const idfinfo *job, const findings *found)
{
  const idf_anatomy *a = &found->anatomy;
  idf_json json;

  idf_json_begin(&json, stdout);
  idf_json_text(&json, "input", found->file);
  idf_json_text(&json, "status", "ok");
  idf_json_number(&json, "width", found->info.width);
  idf_json_number(&json, "height", found->info.height);
  idf_json_text(&json, "layout", idf_layout_name(found->info.layout));
  idf_json_number(&json, "depth", found->info.depth);
  idf_json_number(&json, "file_bytes", a->file_bytes);
  if (found->jpeg_bytes)
    json_jpeg(&json, found);
  idf_json_real(&json, "bits_per_sample", per_sample(found, 8 * (double)a->file_bytes), 5);
  idf_json_number(&json, "effort", (uint64_t)a->effort);
  idf_json_text(&json, "model", found->model);
  idf_json_number(&json, "tile_side", a->tile_side);
  idf_json_number(&json, "tiles", (uint64_t)a->tiles_across * a->tiles_down);
  idf_json_number(&json, "header_bytes", a->header_bytes);
  idf_json_number(&json, "metadata_bytes", a->metadata_bytes);
  idf_json_number(&json, "metadata_plain_bytes", a->metadata_plain_bytes);
  idf_json_number(&json, "tile_bytes", a->tile_bytes);
  idf_json_number(&json, "index_bytes", a->index_bytes);
  json_metadata(&json, found);
  if (job->metadata)
    idf_metatell_json(found->decoder, &json);
  if (job->bits)
    json_bits(&json, found);
  if (job->tiles)
    json_tiles(&json, found);
  idf_json_end(&json);
}

static idf_status write_profile(idf_tool_image *image, idf_tool *tool, idf_decoder *decoder)
{
  const uint8_t *data;
  size_t size;
  const idf_status status = idf_decoder_icc(decoder, &data, &size);

  if (status == IDF_ERR_ARGUMENT)
    return idf_image_fail(&image->env, IDF_ERR_UNSUPPORTED, "has no colour profile");
  if (status != IDF_OK)
    return idf_image_fail(&image->env, status, "its colour profile cannot be expanded: %s",
                          idf_status_text(status));
  return idf_sink_write(tool->output_file, data, size);
}

/* ---- one file ------------------------------------------------------------------------ */

static bool examined(idfinfo *job, const idf_work *work, idf_record_of *record)
{
  idf_tool *tool = &job->tool;
  idf_tool_image image;
  idf_decoder *decoder = NULL;
  drawing drawn = {.map = NULL};
  findings found = {.file = work->input};

  idf_tool_confine(tool, work);
  idf_tool_image_init(&image, tool, work->input);
  idf_status status = idf_decoder_new(&tool->limits, idf_source_read, tool->input, &decoder);
  if (status == IDF_OK) {
    (void)idf_decoder_cancel_when(decoder, idf_tool_stop, &job->tool); /* new: it cannot fail */
    idf_decoder_threads(decoder, tool->threads);
    idf_decoder_simd(decoder, tool->simd);
    if (tool->model)
      idf_decoder_model(decoder, tool->model);
    status = idf_decoder_info(decoder, &found.info);
  }
  if (status == IDF_OK) {
    record->known = true;
    record->info = found.info;
    idf_decoder_anatomy(decoder, &found.anatomy);
    found.decoder = decoder;
    found.samples = (double)found.info.width * found.info.height * idf_channels(found.info.layout);
    found.raw_bits = found.samples * found.info.depth;
    if (idf_decoder_jpeg(decoder, &found.jpeg) == IDF_OK)
      (void)idf_decoder_original(decoder, NULL, &found.jpeg_bytes);
    if (job->map)
      status = drawing_make(job, &image, &found, &drawn);
  }
  if (status == IDF_OK && (job->bits || drawn.map)) {
    idf_decoder_measure(decoder, drawn.map ? idf_heatmap_tile : NULL, drawn.map);
    status = decode_rows(job, work, &image, decoder, &found, &drawn);
  }
  if (status == IDF_OK)
    status = idf_decoder_finish(decoder);
  if (status == IDF_OK && drawn.map) {
    const char *slash = strrchr(work->input, '/');
    const idf_map_look look = {
        .name = slash ? slash + 1 : work->input, .luma = drawn.luma, .bare = job->bare};
    status = idf_mapsheet_write(&image.env, drawn.map, &found.info, &look, idf_sink_write,
                                tool->output_file);
  }
  if (status == IDF_OK && job->icc)
    status = write_profile(&image, tool, decoder);
  if (status == IDF_OK) {
    idf_decoder_anatomy(decoder, &found.anatomy);
    describe_model(tool, &found);
    if (tool->json)
      print_json(job, &found);
    else
      print_findings(job, &found);
  } else {
    idf_tool_explain(tool, work, status, &image, decoder);
  }
  drawing_free(&image, &drawn);
  idf_decoder_free(decoder);
  return status == IDF_OK;
}

static void one(void *context, const idf_work *work, idf_record_of *record)
{
  idfinfo *job = context;
  idf_tool *tool = &job->tool;
  const unsigned errors = tool->cli.errors;

  tool->output_file->error[0] = '\0';
  idf_status status = idf_source_open(tool->input, &tool->mem, work->input, false);
  if (status == IDF_OK) {
    status =
        idf_sink_open(tool->output_file, &tool->mem, work->output, tool->force, false, tool->input);
    if (status != IDF_OK)
      idf_tool_explain(tool, work, status, NULL, NULL);
    tool->output_file->times = false; /* a map has times of its own, but the input's permissions */
    if (status == IDF_OK && examined(job, work, record) && work->output)
      (void)idf_tool_commit(tool, work, NULL);
    idf_sink_close(tool->output_file);
  } else {
    idf_tool_explain(tool, work, status, NULL, NULL);
  }
  idf_source_close(tool->input);
  fflush(stdout); /* before the next file's messages */
  if (tool->json && tool->cli.errors > errors) {
    idf_json json;
    idf_json_begin(&json, stdout);
    idf_json_text(&json, "input", work->input);
    idf_json_text(&json, "status", "error");
    idf_tool_messages(tool, &json);
    idf_json_end(&json);
  }
}

/* --simd: "simd avx512 (of none, 128, avx2, avx512)". */
static void tell_simd(const idf_tool *tool)
{
  const idf_simd used = tool->simd == IDF_SIMD_AUTO ? idf_simd_best() : tool->simd;
  idf_json json;

  if (!tool->json)
    printf("simd %s (of none", idf_simd_name(used));
  else {
    idf_json_begin(&json, stdout);
    idf_json_text(&json, "simd", idf_simd_name(used));
    idf_json_open(&json, "levels", '[');
    idf_json_text(&json, NULL, idf_simd_name(IDF_SIMD_NONE));
  }
  for (idf_simd level = IDF_SIMD_128; level <= IDF_SIMD_AVX512; level = (idf_simd)(level + 1)) {
    if (!idf_simd_available(level))
      continue;
    if (tool->json)
      idf_json_text(&json, NULL, idf_simd_name(level));
    else
      printf(", %s", idf_simd_name(level));
  }
  if (!tool->json)
    puts(")");
  else {
    idf_json_close(&json, ']');
    idf_json_end(&json);
  }
}

int main(int argc, char **argv)
{
  static const char *const suffixes[] = {".idf", NULL};
  idfinfo job;
  const idf_tool_spec spec = {.program = "idfinfo",
                              .usage = "FILE.idf...",
                              .about = "Show what .idf files hold and where their bits go.",
                              .options = options,
                              .option = on_option,
                              .suffixes = suffixes,
                              .context = &job};

  memset(&job, 0, sizeof job);
  const int done = idf_tool_begin(&job.tool, &spec, argc, argv);
  if (done >= 0) {
    const int end = idf_tool_end(&job.tool); /* a help text that could not be written is an error */
    return IDF_MAX(done, end);
  }
  const char *output = job.map ? job.map : job.icc;
  if (job.map && job.icc) {
    idf_error(&job.tool.cli, NULL, "--map and --icc are two outputs: give one at a time");
    return idf_tool_end(&job.tool);
  }
  if (output && (strcmp(output, "-") == 0 || idf_names_fd(output) == 1)) {
    idf_error(&job.tool.cli, NULL, "--%s=%s: the text wants stdout: name a file",
              job.map ? "map" : "icc", output);
    return idf_tool_end(&job.tool);
  }
  if (!job.map && (job.overlay || job.bare)) {
    idf_error(&job.tool.cli, NULL, "--%s says how a map looks: give --map=OUT.png, too",
              job.overlay ? "overlay" : "bare");
    return idf_tool_end(&job.tool);
  }
  if (job.simd) {
    tell_simd(&job.tool);
    if (job.tool.count == 0)
      return idf_tool_end(&job.tool);
  }
  job.tool.report_only = true;
  const idf_naming naming = {.suffixes = suffixes,
                             .suffix = ".png",
                             .outputs = suffixes,
                             .output = output,
                             .discard = !output};
  idf_worklist work;
  if (idf_worklist_make(&work, &job.tool.mem, &job.tool.cli, &naming, job.tool.operands,
                        job.tool.count))
    idf_tool_run(&job.tool, &work, one, &job, sizeof job);
  idf_worklist_free(&work);
  return idf_tool_end(&job.tool);
}

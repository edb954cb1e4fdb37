/* SPDX-License-Identifier: BSD-3-Clause
 *
 * mapsheet.c: puts title, map and legend together, row by row.
 */
#include "mapsheet.h"

#include <math.h>
#include <string.h>

#include "cli.h"
#include "sheet.h"

#define LEVEL 6           /* zlib's */
#define MARGIN 6u         /* these are in pixels of a letter */
#define LINE 11u          /* from one line of text to the next */
#define BAR 10u           /* the height of the bar of colours */
#define TICK 3u           /* below it, to the numbers */
#define LEGEND_LEAST 300u /* width */
#define LARGE_LEAST 256u  /* pixels: smaller pictures are enlarged up to this */
#define LARGER_MOST 16u   /* times */
#define TEXT_EACH 500u    /* pixels of width for which letters grow by one */
#define TEXT_MOST 8u

static const uint8_t paper[3] = {24, 24, 28}, ink[3] = {225, 225, 225}, pale[3] = {150, 150, 155};

typedef struct mapsheet {
  idf_image_env *env;
  const idf_heatmap *map;
  const idf_info *info;
  const idf_map_look *look;
  idf_heat_scale scale;
  idf_writer *writer;
  uint32_t larger;     /* side of a pixel's square */
  uint32_t text;       /* side of a letter's pixel */
  uint32_t width;      /* of the sheet */
  uint32_t left;       /* where the map begins */
  uint32_t head, foot; /* rows above and below the map */
  char lines[3][128];  /* the title */
  char caption[128];   /* of the legend */
} mapsheet;

/* The name in ASCII, with '?' for other letters. If it is too long, its end, which says more. */
static void short_name(const char *name, uint32_t most, char *text, size_t size)
{
  size_t n = 0;

  most = IDF_MIN(most, (uint32_t)size - 1);
  if (strlen(name) > most && most > 2) {
    name += strlen(name) - (most - 2);
    n = (size_t)snprintf(text, size, "..");
  }
  while (*name && n + 1 < size) {
    const unsigned bytes = idf_utf8((const unsigned char *)name);
    text[n++] = bytes == 1 && (unsigned char)*name >= ' ' && *name != 0x7f ? *name : '?';
    name += IDF_MAX(bytes, 1u);
  }
  text[n] = '\0';
}

static void write_texts(mapsheet *sheet)
{
  const idf_heat_scale *scale = &sheet->scale;
  const idf_info *info = sheet->info;
  const uint32_t room = (sheet->width - 2 * MARGIN * sheet->text) / (6 * sheet->text);

  short_name(sheet->look->name, room, sheet->lines[0], sizeof sheet->lines[0]);
  snprintf(sheet->lines[1], sizeof sheet->lines[1], "%u x %u pixels, %u sample%s of %u bit%s each",
           (unsigned)info->width, (unsigned)info->height, idf_channels(info->layout),
           idf_channels(info->layout) == 1 ? "" : "s", (unsigned)info->depth,
           info->depth == 1 ? "" : "s");
  snprintf(sheet->lines[2], sizeof sheet->lines[2],
           "%.3g bits a pixel on average; half take %.2g or less", scale->mean, scale->median);
  snprintf(sheet->caption, sizeof sheet->caption, "bits a pixel; %.4g %% are on the scale",
           floor(scale->inside * 1000) / 10);
}

static void lay_out(mapsheet *sheet)
{
  const idf_info *info = sheet->info;
  const uint32_t side = IDF_MAX(info->width, info->height);

  sheet->larger = sheet->text = 1;
  if (sheet->look->bare) {
    sheet->width = info->width;
    return;
  }
  sheet->larger = IDF_MAX(IDF_MIN(LARGE_LEAST / side, LARGER_MOST), 1u);
  const uint32_t drawn = info->width * sheet->larger;
  sheet->text = IDF_MAX(IDF_MIN(drawn / TEXT_EACH, TEXT_MOST), 1u);
  sheet->width = IDF_MAX(drawn, LEGEND_LEAST * sheet->text) + 2 * MARGIN * sheet->text;
  sheet->left = (sheet->width - drawn) / 2;
  sheet->head = (3 * LINE + 2 * MARGIN) * sheet->text;
  sheet->foot = (BAR + TICK + 2 * LINE + 2 * MARGIN) * sheet->text;
}

/* ---- what is above and below -------------------------------------------------------- */

static void draw_head(const mapsheet *sheet, idf_sheet *area)
{
  for (uint32_t i = 0; i < 3; i++)
    idf_sheet_text(area, MARGIN * sheet->text, (MARGIN + i * LINE) * sheet->text, sheet->text,
                   i ? pale : ink, sheet->lines[i]);
}

static void draw_bar(const mapsheet *sheet, idf_sheet *area, uint32_t x, uint32_t y, uint32_t width)
{
  for (uint32_t i = 0; i < width; i++) {
    uint8_t rgb[3];
    idf_heat_colour((unsigned)((uint64_t)i * 255 / (width - 1)), rgb);
    idf_sheet_box(area, x + i, y, 1, BAR * sheet->text, rgb);
  }
}

static void draw_labels(const mapsheet *sheet, idf_sheet *area, uint32_t x, uint32_t y,
                        uint32_t width)
{
  const idf_heat_scale *scale = &sheet->scale;
  const unsigned steps = (unsigned)((scale->high - scale->low) / scale->step + 0.5);

  for (unsigned i = 0; i <= steps; i++) {
    char label[32];
    const uint32_t at = x + (uint32_t)((uint64_t)(width - 1) * i / steps);
    /* What is above the scale has its last colour. */
    snprintf(label, sizeof label, "%.*f%s", (int)scale->digits, scale->low + i * scale->step,
             i == steps ? "+" : "");
    const uint32_t wide = (uint32_t)idf_sheet_text_width(label, sheet->text);
    const uint32_t right = area->width - wide, half = at < wide / 2 ? 0 : at - wide / 2;
    idf_sheet_box(area, at, y, sheet->text, (TICK - 1) * sheet->text, pale);
    idf_sheet_text(area, IDF_MIN(half, right), y + TICK * sheet->text, sheet->text, ink, label);
  }
}

static void draw_foot(const mapsheet *sheet, idf_sheet *area)
{
  const uint32_t text = sheet->text, x = 2 * MARGIN * text, y = MARGIN * text;
  const uint32_t width = area->width - 2 * x;

  draw_bar(sheet, area, x, y, width);
  draw_labels(sheet, area, x, y + BAR * text, width);
  idf_sheet_text(area, x, y + (BAR + TICK + LINE) * text, text, pale, sheet->caption);
}

/* Draws `height` rows by `draw` and writes them. */
static idf_status write_area(mapsheet *sheet, uint32_t height,
                             void (*draw)(const mapsheet *sheet, idf_sheet *area))
{
  idf_mem *mem = sheet->env->mem;
  size_t row;

  if (height == 0)
    return IDF_OK;
  if (!idf_size_mul(sheet->width, 3, &row))
    return IDF_ERR_LIMIT;
  idf_sheet area = {.rgb = idf_alloc(mem, height, row), .width = sheet->width, .height = height};
  if (!area.rgb)
    return idf_mem_status(mem);
  idf_sheet_box(&area, 0, 0, area.width, area.height, paper);
  draw(sheet, &area);
  const idf_status status = idf_writer_rows(sheet->writer, area.rgb, height);
  idf_free(mem, area.rgb);
  return status;
}

/* ---- the map ------------------------------------------------------------------------ */

/* The map's colour, over the picture if it is wanted. */
static void colour_of(const uint8_t *luma, unsigned colour, uint8_t rgb[3])
{
  idf_heat_colour(colour, rgb);
  for (unsigned c = 0; luma && c < 3; c++)
    rgb[c] = (uint8_t)((3u * rgb[c] + 2u * *luma) / 5);
}

static idf_status write_map(mapsheet *sheet)
{
  const idf_info *info = sheet->info;
  idf_mem *mem = sheet->env->mem;
  uint8_t *colours = idf_alloc(mem, info->width, 1), *row = idf_alloc(mem, sheet->width, 3);
  idf_status status = colours && row ? IDF_OK : idf_mem_status(mem);

  if (status == IDF_OK) {
    idf_sheet area = {.rgb = row, .width = sheet->width, .height = 1};
    idf_sheet_box(&area, 0, 0, area.width, 1, paper);
  }
  for (uint32_t y = 0; y < info->height && status == IDF_OK; y++) {
    const uint8_t *luma = sheet->look->luma;
    idf_heatmap_row(sheet->map, &sheet->scale, y, colours);
    for (uint32_t x = 0; x < info->width; x++) {
      uint8_t rgb[3], *to = row + 3 * ((size_t)sheet->left + (size_t)x * sheet->larger);
      colour_of(luma ? luma + (size_t)y * info->width + x : NULL, colours[x], rgb);
      for (uint32_t i = 0; i < sheet->larger; i++, to += 3)
        memcpy(to, rgb, 3);
    }
    for (uint32_t i = 0; i < sheet->larger && status == IDF_OK; i++)
      status = idf_writer_rows(sheet->writer, row, 1);
  }
  idf_free(mem, colours);
  idf_free(mem, row);
  return status;
}

idf_status idf_mapsheet_write(idf_image_env *env, const idf_heatmap *map, const idf_info *info,
                              const idf_map_look *look, idf_write_fn write, void *context)
{
  mapsheet sheet = {.env = env, .map = map, .info = info, .look = look};
  idf_status status = idf_heatmap_scale(map, &sheet.scale);

  if (status != IDF_OK)
    return status;
  lay_out(&sheet);
  if (!look->bare)
    write_texts(&sheet);
  const idf_info drawn = {.width = sheet.width,
                          .height = sheet.head + info->height * sheet.larger + sheet.foot,
                          .layout = IDF_RGB,
                          .depth = 8};
  status = idf_png_create(env, &drawn, LEVEL, write, context, &sheet.writer);
  if (status == IDF_OK)
    status = write_area(&sheet, sheet.head, draw_head);
  if (status == IDF_OK)
    status = write_map(&sheet);
  if (status == IDF_OK)
    status = write_area(&sheet, sheet.foot, draw_foot);
  if (status == IDF_OK)
    status = idf_writer_finish(sheet.writer);
  idf_writer_close(sheet.writer);
  return status;
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pictures.c: the samples that are neither photograph nor page: smooth ramps, flat
 * areas, palettes, transparency. Each stresses another part of a codec.
 */
#include "render.h"

#include <math.h> /* sqrt only */
#include <string.h>

static double clamp01(double t)
{
  return t < 0.0 ? 0.0 : t > 1.0 ? 1.0 : t;
}

static void fill(const idf_canvas *canvas, uint32_t x0, uint32_t y0, uint32_t x1, uint32_t y1,
                 const uint16_t *colour)
{
  for (uint32_t y = y0; y < y1 && y < canvas->height; y++)
    for (uint32_t x = x0; x < x1 && x < canvas->width; x++)
      memcpy(idf_canvas_at(canvas, x, y), colour, canvas->channels * sizeof colour[0]);
}

/* A dusk sky: three smooth fields, no dither, so each level is a contour. */
void idf_draw_gradient(idf_canvas *canvas)
{
  for (uint32_t y = 0; y < canvas->height; y++)
    for (uint32_t x = 0; x < canvas->width; x++) {
      double u = (x + 0.5) / canvas->width, w = (y + 0.5) / canvas->height;
      double dx = u - 0.68, dy = (w - 0.86) * 0.8;
      double glow = 1.0 / (1.0 + 9.0 * (dx * dx + dy * dy));
      double rgb[3] = {0.08 + 0.35 * w + 0.55 * glow * glow, 0.14 + 0.28 * w + 0.32 * glow * glow,
                       0.38 + 0.10 * w + 0.10 * glow - 0.12 * u};
      for (unsigned c = 0; c < canvas->channels; c++)
        idf_canvas_at(canvas, x, y)[c] = idf_draw_level(rgb[c], canvas->depth);
    }
}

/* Heights of a landscape, all 16 bits meaningful. */
void idf_draw_relief(idf_canvas *canvas)
{
  for (uint32_t y = 0; y < canvas->height; y++)
    for (uint32_t x = 0; x < canvas->width; x++) {
      double n = idf_draw_noise(x / 70.0, y / 70.0, 4.0, 7);
      double ridge = idf_draw_noise(x / 110.0 + 9.0, y / 110.0, 1.0, 5) - 0.5;
      ridge = 1.0 - 2.0 * (ridge < 0 ? -ridge : ridge);
      *idf_canvas_at(canvas, x, y) = idf_draw_level(clamp01(0.62 * n + 0.4 * ridge * ridge), 16);
    }
}

/* A disc with a soft shadow. Under alpha 0 the colour is not black but goes on, as
 * when a painter masks a larger picture: a codec that "cleans" it is not lossless. */
void idf_draw_shadow(idf_canvas *canvas)
{
  double r = canvas->width * 0.28, cx = canvas->width * 0.44, cy = canvas->height * 0.42;
  double top = (1u << canvas->depth) - 1;
  for (uint32_t y = 0; y < canvas->height; y++)
    for (uint32_t x = 0; x < canvas->width; x++) {
      double dx = x + 0.5 - cx, dy = y + 0.5 - cy, d = sqrt(dx * dx + dy * dy);
      double sx = dx - r * 0.3, sy = dy - r * 0.35;
      double shade = clamp01((r * 1.35 - sqrt(sx * sx + sy * sy)) / (r * 0.7));
      shade = shade * shade * (3.0 - 2.0 * shade) * 0.6;
      double disc = clamp01(r + 0.5 - d);
      double light = clamp01(0.95 - (d + dx * 0.6 + dy * 0.8) / (2.6 * r));
      double alpha = disc + (1.0 - disc) * shade;
      double paint[3] = {0.95 * light + 0.05, 0.55 * light + 0.04, 0.25 * light + 0.10};
      uint16_t *s = idf_canvas_at(canvas, x, y);
      for (unsigned c = 0; c < 3; c++) {
        double cloth = 0.45 + 0.2 * idf_draw_noise(x / 30.0, y / 90.0, c * 0.2, 3);
        double seen = alpha > 0 ? paint[c] * disc / alpha : cloth;
        s[c] = idf_draw_level(seen, canvas->depth);
      }
      s[3] = (uint16_t)(alpha * top + 0.5);
    }
}

/* Gray and alpha: a word cut out of a ring. */
void idf_draw_badge(idf_canvas *canvas)
{
  const uint16_t clear[2] = {128, 0}, ink[2] = {235, 255};
  fill(canvas, 0, 0, canvas->width, canvas->height, clear);
  double cx = canvas->width * 0.5, cy = canvas->height * 0.5, r = canvas->height * 0.42;
  for (uint32_t y = 0; y < canvas->height; y++)
    for (uint32_t x = 0; x < canvas->width; x++) {
      double dx = x + 0.5 - cx, dy = y + 0.5 - cy, d = sqrt(dx * dx + dy * dy);
      double off = d - r < 0 ? r - d : d - r;
      double ring = clamp01(7.0 - off);
      uint16_t *s = idf_canvas_at(canvas, x, y);
      s[0] = idf_draw_level(0.25 + 0.5 * clamp01((dy + r) / (2 * r)), 8);
      s[1] = idf_draw_level(ring, 8);
    }
  idf_pen pen = {cx - r * 0.62, cy + r * 0.22, r * 0.075, 4.0, 1.0, 0.0};
  idf_draw_text(canvas, &pen, "idf 8+8", ink, false);
}

/* A program's window: flat colours, hairlines, smooth text. */
void idf_draw_window(idf_canvas *canvas)
{
  static const uint16_t desk[3] = {38, 70, 83}, frame[3] = {224, 224, 228},
                        paper[3] = {252, 252, 250}, dark[3] = {40, 40, 44}, blue[3] = {26, 95, 180},
                        line[3] = {190, 190, 196}, red[3] = {224, 88, 76}, green[3] = {88, 170, 96},
                        white[3] = {255, 255, 255};
  static const char *const rows[] = {"holiday.png",     "garden.png",   "invoice.pnm",
                                     "map of town.png", "portrait.png", "stars 16 bit.png",
                                     "notes.png",       "logo.png"};
  uint32_t w = canvas->width, h = canvas->height;
  fill(canvas, 0, 0, w, h, desk);
  fill(canvas, 24, 20, w - 24, h - 20, line);
  fill(canvas, 25, 21, w - 25, h - 21, frame);
  fill(canvas, 25, 21, w - 25, 46, dark);
  fill(canvas, w - 44, 28, w - 34, 38, red);
  fill(canvas, w - 62, 28, w - 52, 38, green);
  fill(canvas, 36, 78, w - 36, h - 32, line);
  fill(canvas, 37, 79, w - 37, h - 33, paper);
  idf_pen pen = {36, 40, 2.0, 1.7, 1, 0};
  idf_draw_text(canvas, &pen, "Archive - 8 files", white, false);
  pen.x = 40, pen.y = 68, pen.size = 1.7, pen.weight = 1.3;
  idf_draw_text(canvas, &pen, "Name                    Bits per sample        Kept", dark, false);
  for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    uint32_t y = 84 + i * 22;
    const uint16_t *ink = i == 2 ? white : dark;
    if (i == 2)
      fill(canvas, 37, y, w - 37, y + 21, blue);
    else
      fill(canvas, 37, y + 21, w - 37, y + 22, frame);
    pen.x = 46, pen.y = y + 15;
    idf_draw_text(canvas, &pen, rows[i], ink, false);
    fill(canvas, 190, y + 7, 190 + 20 + (i * 53) % 100, y + 15,
         i % 3 == 0 ? red
         : i == 2   ? line
                    : green);
    pen.x = w - 76;
    idf_draw_text(canvas, &pen, i == 4 ? "no" : "yes", ink, false);
  }
}

/* Two bits: every level beside every other, at several scales. */
void idf_draw_checks(idf_canvas *canvas)
{
  unsigned top = (1u << canvas->depth) - 1;
  for (uint32_t y = 0; y < canvas->height; y++)
    for (uint32_t x = 0; x < canvas->width; x++)
      *idf_canvas_at(canvas, x, y) = (uint16_t)(((x * x + y * y) / 97u + (x / 8u ^ y / 8u)) & top);
}

/* ---- pixel art ---------------------------------------------------------------- */

/* Sixteen colours; the letter a is index 0. `.` is the clear background. */
static const uint8_t inks[16][4] = {
    {0, 0, 0, 0},        {24, 20, 37, 255},    {62, 39, 49, 255},    {115, 62, 57, 255},
    {184, 111, 80, 255}, {228, 166, 114, 255}, {234, 212, 170, 255}, {247, 118, 34, 255},
    {254, 174, 52, 255}, {254, 231, 97, 255},  {99, 199, 77, 255},   {62, 137, 72, 255},
    {38, 92, 66, 255},   {0, 149, 233, 255},   {44, 232, 245, 255},  {255, 255, 255, 128},
};

static const char *const fox[16] = {
    "bb.........bb...", "bhb.......bhb...", "bhhb.....bhhb...", "bhchbbbbbhchb...",
    "bhhhhhhhhhhhb...", "bhhhhhhhhhhhb...", "bhbhhhhhhbhhb.bb", "bhbhhhhhhbhhbbhb",
    "bhhhhbbhhhhhbhhb", ".bggghhhgggbbhhb", "..bggggggbbhhhhb", "...bhhhhhhhhhhib",
    "...bhhhhhhhhhigb", "...bhbhhhhbhhggb", "...bgb.bbgb.bbb.", "...bbb..bbb.....",
};

static const char *const tree[16] = {
    ".....bbbbbb.....", "...bbkkkkkkbb...", "..bkkkkkkkkllb..", ".bkkjjkkkkkkllb.",
    ".bkjjjkkklkkllb.", "bkkjjkkkkkkklllb", "bkkkkkklkkkkklmb", "bklkkkkkkklklmmb",
    "bllkklkkkkkllmmb", ".blllkkllklmmmb.", "..bbllllmmmmbb..", "....bbmcdmbb....",
    "......bcdb......", "......bcdb......", ".....bccddb.....", "....bbbbbbbb....",
};

static void sprite(const idf_canvas *canvas, const char *const rows[16], uint32_t x0, uint32_t y0,
                   bool mirrored)
{
  for (uint32_t y = 0; y < 16; y++)
    for (uint32_t x = 0; x < 16; x++) {
      char c = rows[y][mirrored ? 15 - x : x];
      if (c >= 'a' && c <= 'p' && x0 + x < canvas->width && y0 + y < canvas->height)
        *idf_canvas_at(canvas, x0 + x, y0 + y) = (uint16_t)(c - 'a');
    }
}

void idf_draw_sprites(idf_canvas *canvas, uint8_t palette[16][4])
{
  uint64_t state = 77;
  memcpy(palette, inks, sizeof inks);
  for (uint32_t y = 0; y < canvas->height; y++)
    for (uint32_t x = 0; x < canvas->width; x++) {
      uint32_t ground = canvas->height * 5 / 8;
      uint16_t colour = y < ground / 2 ? 0
                        : y < ground   ? (uint16_t)(((x + y) & 1u) != 0 ? 14 : 13)
                                       : 11;
      if (y >= ground && idf_draw_uniform(&state) < 0.12)
        colour = (uint16_t)(10 + (x & 2u));
      if (y == ground)
        colour = 10;
      *idf_canvas_at(canvas, x, y) = colour;
    }
  for (uint32_t i = 0; i < 7; i++)
    sprite(canvas, tree, (i * 41 + 6) % (canvas->width - 16),
           canvas->height * 5 / 8 - 13 + (i * 7) % 11, (i & 1u) != 0);
  for (uint32_t i = 0; i < 4; i++)
    sprite(canvas, fox, 9 + i * 34, canvas->height - 34 + (i * 13) % 17, (i & 1u) != 0);
}

/* 256 colours with ordered dither: 8 levels of red, 8 of green, 4 of blue. */
void idf_draw_dithered(const idf_canvas *photo, idf_canvas *canvas, uint8_t palette[256][4])
{
  static const unsigned levels[3] = {7, 7, 3};
  static const uint8_t bayer[4][4] = {{0, 8, 2, 10}, {12, 4, 14, 6}, {3, 11, 1, 9}, {15, 7, 13, 5}};
  for (unsigned i = 0; i < 256; i++) {
    palette[i][0] = (uint8_t)((i >> 5) * 255 / 7);
    palette[i][1] = (uint8_t)((i >> 2 & 7u) * 255 / 7);
    palette[i][2] = (uint8_t)((i & 3u) * 255 / 3);
    palette[i][3] = 255;
  }
  for (uint32_t y = 0; y < canvas->height; y++)
    for (uint32_t x = 0; x < canvas->width; x++) {
      const uint16_t *in = idf_canvas_at(photo, x * photo->width / canvas->width,
                                         y * photo->height / canvas->height);
      unsigned q[3];
      for (int c = 0; c < 3; c++)
        q[c] = (in[c] * levels[c] * 16u + bayer[y & 3u][x & 3u] * 255u) / (255u * 16u);
      *idf_canvas_at(canvas, x, y) = (uint16_t)(q[0] << 5 | q[1] << 2 | q[2]);
    }
}

/* ---- YCbCr ------------------------------------------------------------------------ */

static int byte(int32_t t)
{
  return (int)IDF_MAX(0, IDF_MIN(255, t));
}

/* Coefficients in 1/65536, rounded, as ITU-T T.871 gives them. */
void idf_draw_ycc(const idf_canvas *photo, idf_canvas *canvas)
{
  for (uint32_t y = 0; y < canvas->height; y++)
    for (uint32_t x = 0; x < canvas->width; x++) {
      const uint16_t *p = idf_canvas_at(photo, x, y);
      int32_t luma = (19595 * p[0] + 38470 * p[1] + 7471 * p[2] + 32768) >> 16;
      int32_t cb = 0, cr = 0;
      for (unsigned i = 0; i < 4; i++) { /* chroma: the mean of 2x2 pixels */
        uint32_t sx = IDF_MIN((x & ~1u) + (i & 1u), photo->width - 1);
        uint32_t sy = IDF_MIN((y & ~1u) + (i >> 1), photo->height - 1);
        const uint16_t *q = idf_canvas_at(photo, sx, sy);
        cb += (-11059 * q[0] - 21709 * q[1] + 32768 * q[2] + (128 << 16) + 32767) >> 16;
        cr += (32768 * q[0] - 27439 * q[1] - 5329 * q[2] + (128 << 16) + 32767) >> 16;
      }
      cb = (cb + 2) / 4 - 128;
      cr = (cr + 2) / 4 - 128;
      uint16_t *out = idf_canvas_at(canvas, x, y);
      out[0] = (uint16_t)byte(luma + ((91881 * cr + 32768) >> 16));
      out[1] = (uint16_t)byte(luma + ((-22554 * cb - 46802 * cr + 32768) >> 16));
      out[2] = (uint16_t)byte(luma + ((116130 * cb + 32768) >> 16));
    }
}

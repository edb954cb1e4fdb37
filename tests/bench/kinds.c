/* SPDX-License-Identifier: BSD-3-Clause
 *
 * kinds.c: draws one small picture of each kind that people keep without loss, as PNG files in a
 * folder: photographs and drawings, and what is neither. kinds.sh measures codecs on them.
 *
 *   kinds FOLDER [SEED]
 *
 * All numbers are integers and come from one hash, so the same seed gives the same pictures
 * everywhere.
 */
#include <png.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIDE 256u

typedef struct picture {
  uint32_t width, height, seed;
  unsigned channels, depth;
  bool indexed;
  uint16_t *at; /* width * height pixels of `channels` samples */
} picture;

typedef struct kind {
  const char *name;
  void (*draw)(picture *p, unsigned variant);
  unsigned variant;
  uint32_t width, height;
  unsigned channels, depth;
  bool indexed;
} kind;

/* ---- numbers ------------------------------------------------------------------------- */

static uint32_t mix(uint32_t v)
{
  v = (v ^ v >> 16) * UINT32_C(0x7feb352d);
  v = (v ^ v >> 15) * UINT32_C(0x846ca68b);
  return v ^ v >> 16;
}

static uint32_t hash(uint32_t x, uint32_t y, uint32_t seed)
{
  return mix(x + mix(y + mix(seed + UINT32_C(0x9e3779b9))));
}

static int clip(int v, int top)
{
  return v < 0 ? 0 : v > top ? top : v;
}

/* Value noise in cells of 2^log2 pixels: 0 .. 4095. */
static int soft(uint32_t x, uint32_t y, unsigned log2, uint32_t seed)
{
  const uint32_t cx = x >> log2, cy = y >> log2, one = 1u << log2;
  const uint32_t fx = (x & (one - 1)) * 256 / one, fy = (y & (one - 1)) * 256 / one;
  const uint32_t a = hash(cx, cy, seed) & 4095, b = hash(cx + 1, cy, seed) & 4095;
  const uint32_t c = hash(cx, cy + 1, seed) & 4095, d = hash(cx + 1, cy + 1, seed) & 4095;
  const uint32_t sx = fx * fx * (768 - 2 * fx) / 65536, sy = fy * fy * (768 - 2 * fy) / 65536;
  const uint32_t top = a * (256 - sx) + b * sx, low = c * (256 - sx) + d * sx;
  return (int)((top / 16 * (256 - sy) + low / 16 * sy) / 4096);
}

/* A sum of octaves: 0 .. 4095. */
static int cloud(uint32_t x, uint32_t y, uint32_t seed)
{
  int sum = 0;
  for (unsigned k = 7; k >= 2; k--)
    sum += soft(x, y, k, seed + k) >> (8 - k);
  return clip(sum, 4095);
}

/* Roughly normal noise, with a standard deviation of about 1.4 * size / 4. */
static int grain(uint32_t x, uint32_t y, uint32_t seed, int size)
{
  const uint32_t h = hash(x, y, seed);
  int sum = 0;
  for (unsigned k = 0; k < 4; k++)
    sum += (int)(h >> (8 * k) & 255) - 128;
  return sum * size / 512;
}

/* One channel of a photograph: soft shapes with edges, light, texture and grain; 0 .. 4095. */
static int photo12(uint32_t x, uint32_t y, unsigned c, uint32_t seed)
{
  int v = cloud(x, y, seed) / 2 + 600, tint = cloud(x, y, seed + 50) / 4;
  for (uint32_t i = 0; i < 9; i++) {
    const int px = (int)(hash(i, 1, seed) % 280), py = (int)(hash(i, 2, seed) % 280);
    const int r = (int)(hash(i, 3, seed) % 60) + 12, dx = (int)x - px, dy = (int)y - py;
    if (dx * dx + dy * dy < r * r) {
      v = (int)(hash(i, 4, seed) & 2047) + dx * 8 + dy * 4 + cloud(x, y, seed + i) / 8 + 700;
      tint = (int)(hash(i, 5, seed) & 1023);
    }
  }
  if (soft(x, y, 5, seed + 90) > 2400)
    v += (int)(hash(x, y, seed + 7) & 127) + soft(x, y, 1, seed + 8) / 16;
  v += c == 0 ? tint - 300 : c == 2 ? 300 - tint : 0;
  return clip(v + grain(x, y, seed + 20 + c, 40), 4095);
}

static int photo(uint32_t x, uint32_t y, unsigned c, uint32_t seed)
{
  return photo12(x, y, c, seed) >> 4;
}

/* A page of text: glyphs of a font of 40 in lines; 1 where there is ink. */
static int ink(uint32_t x, uint32_t y, uint32_t seed)
{
  const uint32_t row = y / 14, gy = y % 14, column = x / 8, gx = x % 8;
  const uint32_t letter = hash(column, row, seed) % 48;
  if (gy > 9 || gx > 5 || letter >= 40 || row % 7 == 6 || x < 12 || column + row % 5 > 60)
    return 0;
  const uint32_t strokes = hash(letter, 77, 5); /* stems, bars and bows of the letter */
  const bool stem = (gx == 0 && (strokes & 1)) || (gx == 5 && (strokes & 2))
                    || (gx == 2 && (strokes & 4) && !(strokes & 8));
  const bool bar =
      (gy == 0 && (strokes & 16)) || (gy == 4 && (strokes & 32)) || (gy == 9 && (strokes & 64));
  const bool slope = (strokes & 128) && gx == gy / 2;
  return (stem && (gy > 1 || (strokes & 256))) || bar || slope;
}

static void set(picture *p, uint32_t x, uint32_t y, unsigned c, int v)
{
  p->at[((size_t)y * p->width + x) * p->channels + c] = (uint16_t)clip(v, (1 << p->depth) - 1);
}

static void set_rgb(picture *p, uint32_t x, uint32_t y, int r, int g, int b)
{
  set(p, x, y, 0, r);
  set(p, x, y, 1, g);
  set(p, x, y, 2, b);
}

#define EACH_PIXEL(p)                                                                              \
  for (uint32_t y = 0; y < (p)->height; y++)                                                       \
    for (uint32_t x = 0; x < (p)->width; x++)
#define EACH_SAMPLE(p) EACH_PIXEL(p) for (unsigned c = 0; c < (p)->channels; c++)

/* ---- photographs, and the same one again --------------------------------------------- */

static void draw_photo(picture *p, unsigned variant)
{
  EACH_SAMPLE(p) set(p, x, y, c, photo12(x, y, variant ? 1 : c, p->seed) * (1 << p->depth) / 4096);
}

/* A photograph of `period` pixels, again and again. */
static void draw_tiles(picture *p, unsigned period)
{
  EACH_SAMPLE(p) set(p, x, y, c, photo(x % period, y % period, c, p->seed));
}

enum { TWICE_BESIDE, TWICE_BELOW, TWICE_STEREO, TWICE_CHANGED };

static void draw_twice(picture *p, unsigned how)
{
  const uint32_t half = how == TWICE_BELOW ? p->width : p->width / 2;
  EACH_SAMPLE(p)
  {
    uint32_t px = x % half, py = how == TWICE_BELOW ? y % (p->height / 2) : y;
    const uint32_t shift = how == TWICE_STEREO && x >= half ? 3 + y / 64 : 0;
    int v = photo(px + shift, py, c, p->seed);
    if (how == TWICE_CHANGED && x >= half && hash(px / 16, py / 16, 3) % 4 == 0)
      v += 9;
    set(p, x, y, c, v);
  }
}

/* Frames of an animation side by side: a small object before one background. */
static void draw_frames(picture *p, unsigned unused)
{
  (void)unused;
  EACH_SAMPLE(p)
  {
    const uint32_t fx = x % 64, fy = y % 64, n = x / 64 + y / 64 * 4;
    const bool object = fx >= n * 3 && fx < n * 3 + 12 && fy > 20 && fy < 40;
    set(p, x, y, c, photo(fx, fy, c, object ? p->seed + 1 : p->seed));
  }
}

/* ---- unlike parts -------------------------------------------------------------------- */

static void put_text(picture *p, uint32_t x, uint32_t y)
{
  for (unsigned c = 0; c < 3; c++)
    set(p, x, y, c, ink(x, y, p->seed) ? 20 + 10 * (int)c : 250);
}

static void put_photo(picture *p, uint32_t x, uint32_t y)
{
  for (unsigned c = 0; c < 3; c++)
    set(p, x, y, c, photo(x, y, c, p->seed));
}

enum { PART_HALF, PART_SLIDE, PART_FRAME, PART_OVER, PART_PAGE };

static void draw_parts(picture *p, unsigned how)
{
  EACH_PIXEL(p)
  {
    const bool slide = x > 120 && x < 230 && y > 60 && y < 190;
    const bool page = (x / 64 + y / 64) % 3 == 0 && x % 64 < 60 && y % 64 < 60;
    const bool frame = x >= 24 && y >= 24 && x < 232 && y < 232;
    const bool drawn = how == PART_HALF    ? x < 128
                       : how == PART_SLIDE ? !slide
                       : how == PART_FRAME ? !frame
                       : how == PART_PAGE  ? !page
                                           : ink(x / 2, y / 2, p->seed) != 0;
    if (!drawn)
      put_photo(p, x, y);
    else if (how == PART_FRAME || how == PART_OVER)
      set_rgb(p, x, y, 255, 255, 255);
    else
      put_text(p, x, y);
  }
}

/* ---- channels ------------------------------------------------------------------------ */

enum { PACK_ORM, PACK_NORMAL, PACK_GRAY, PACK_SHIFT, PACK_NEGATIVE, PACK_SWAP };

static void draw_pack(picture *p, unsigned how)
{
  EACH_PIXEL(p)
  {
    const int v = photo12(x, y, 1, p->seed) * (1 << p->depth) / 4096;
    const int dx = cloud(x + 1, y, p->seed) - cloud(x, y, p->seed);
    const int dy = cloud(x, y + 1, p->seed) - cloud(x, y, p->seed);
    const int patch = hash(x / 32, y / 32, 9) % 3 == 0 ? 255 : 0;
    if (how == PACK_ORM)
      set_rgb(p, x, y, cloud(x, y, 3) / 16, 90 + (int)(hash(x, y, 4) % 60), patch);
    else if (how == PACK_NORMAL)
      set_rgb(p, x, y, 128 + dx, 128 + dy, 255 - (dx * dx + dy * dy) / 256);
    else if (how == PACK_GRAY)
      set_rgb(p, x, y, v, v, v);
    else if (how == PACK_SHIFT)
      set_rgb(p, x, y, v / 2, v / 2 + 40, v / 2 + 90);
    else if (how == PACK_NEGATIVE)
      set_rgb(p, x, y, v, 255 - v, v);
    else
      set_rgb(p, x, y, photo(x, y, 2, p->seed), cloud(x, y, 3) / 16, photo(x, y, 0, p->seed));
  }
}

/* Noise in one channel; the others are constant or equal. */
static void draw_one_noise(picture *p, unsigned equal)
{
  EACH_PIXEL(p)
  {
    const int n = (int)(hash(x, y, p->seed) & 255), v = equal ? (int)(x / 4 + y / 4) : 77;
    set_rgb(p, x, y, v, n, v);
  }
}

/* ---- alpha --------------------------------------------------------------------------- */

enum { HIDDEN_PHOTO, HIDDEN_BLEED, HIDDEN_NOISE, HIDDEN_NONE, SOFT_EDGE, SHADOW };

static void draw_alpha(picture *p, unsigned how)
{
  EACH_PIXEL(p)
  {
    const int dx = (int)(x % 64) - 32, dy = (int)(y % 64) - 32, r = dx * dx + dy * dy;
    const uint32_t sprite = x / 64 + y / 64 * 4;
    int alpha = r < 24 * 24 ? 255 : 0;
    if (how == SOFT_EDGE)
      alpha = clip((28 * 28 - r) / 2, 255);
    for (unsigned c = 0; c < 3; c++) {
      const int flat = (int)(hash(sprite, c, p->seed) & 127) + (r < 100 ? 80 : dx > 0 ? 40 : 0);
      const int behind = how == HIDDEN_PHOTO   ? photo(x, y, c, p->seed)
                         : how == HIDDEN_NOISE ? (int)(hash(x, y, p->seed + c) & 255)
                         : how == HIDDEN_BLEED ? photo(x / 4, y / 4, c, p->seed)
                                               : 0;
      int v = how == HIDDEN_PHOTO || how == HIDDEN_NOISE ? flat : photo(x, y, c, p->seed + sprite);
      set(p, x, y, c, how == SHADOW ? 0 : alpha == 0 ? behind : v);
    }
    set(p, x, y, 3, how == SHADOW ? soft(x, y, 6, p->seed) / 20 : alpha);
  }
}

/* ---- depths -------------------------------------------------------------------------- */

enum { DEEP_8, DEEP_10, DEEP_12, DEEP_SENSOR, DEEP_RAMP, DEEP_LEVELS, DEEP_TERRAIN };

static void draw_deep(picture *p, unsigned how)
{
  EACH_SAMPLE(p)
  {
    int v = photo12(x, y, c, p->seed), land = cloud(x, y, p->seed) * 4 + soft(x, y, 6, 2) / 4;
    const int range = 800 + land / 4;
    const bool hole = soft(x, y, 4, 8) < 700 || x < 9 || (hash(x, y, 6) & 127) == 0;
    set(p, x, y, c,
        how == DEEP_8        ? (v >> 4) * 257
        : how == DEEP_10     ? (v >> 2) * 64
        : how == DEEP_12     ? v * 16
        : how == DEEP_SENSOR ? (hole ? 0 : range / (range >> 8) * (range >> 8))
        : how == DEEP_RAMP   ? (int)(x * 251 + y)
        : how == DEEP_LEVELS ? (v >> 9) * 9362 / 2
                             : land * 3);
  }
}

/* Heights in two or three bytes. */
static void draw_heights(picture *p, unsigned low)
{
  EACH_PIXEL(p)
  {
    const int v = 8388608 + cloud(x, y, p->seed) * 40 + soft(x, y, 7, 3) * 9;
    set_rgb(p, x, y, v >> 16, v >> 8 & 255, low ? v & 255 : 0);
  }
}

/* A mosaic of red, green and blue sensor cells. */
static void draw_mosaic(picture *p, unsigned unused)
{
  (void)unused;
  EACH_PIXEL(p) set(p, x, y, 0, photo12(x, y, (x & 1) + (y & 1), p->seed) * 3 + 256);
}

/* ---- drawn by formulas --------------------------------------------------------------- */

enum { RAMP_X, RAMP_Y, RAMP_DIAGONAL, RAMP_ROUND, RAMP_DITHERED, RAMP_PLATE, RAMP_CLUT };

static void draw_ramp(picture *p, unsigned how)
{
  EACH_PIXEL(p)
  {
    const uint32_t dx = x > 128 ? x - 128 : 128 - x, dy = y > 128 ? y - 128 : 128 - y;
    const uint32_t r = dx * dx + dy * dy, n = x + y * p->width;
    int v = (int)(how == RAMP_X       ? x
                  : how == RAMP_Y     ? y
                  : how == RAMP_ROUND ? r / 128
                  : how == RAMP_PLATE ? (r / 16 & 255) ^ (r & 4096 ? 255 : 0)
                                      : (x + y) / 2);
    if (how == RAMP_DITHERED)
      v = (int)((x * 3 + y + hash(x, y, 2) % 8) / 8);
    if (how == RAMP_CLUT)
      set_rgb(p, x, y, (int)(n % 64 * 255 / 63), (int)(n / 64 % 64 * 255 / 63),
              (int)(n / 4096 * 255 / 63));
    else
      set_rgb(p, x, y, v, 255 - v / 2, 40 + v / 4);
  }
}

static int escape(uint32_t x, uint32_t y, uint32_t side, unsigned most)
{
  const int64_t one = 1 << 20, cx = (int64_t)x * 3 * one / side - 2 * one;
  const int64_t cy = (int64_t)y * 3 * one / side - 3 * one / 2;
  int64_t a = 0, b = 0;
  unsigned n = 0;
  for (; n < most && a * a + b * b < 4 * one * one; n++) {
    const int64_t next = (a * a - b * b) / one + cx;
    b = 2 * a * b / one + cy;
    a = next;
  }
  const int64_t rest = a * a + b * b < 4 * one * one ? 0 : (a * a + b * b) / one * 4 / one;
  return n == most ? 0 : (int)(n * 16 - (unsigned)(rest > 255 ? 15 : rest / 17));
}

static int wave(int v)
{
  v &= 255;
  return v < 128 ? v * 2 : 510 - v * 2;
}

/* A colour table of 256 entries, as plots use it. */
static void put_false_colour(picture *p, uint32_t x, uint32_t y, int v)
{
  set_rgb(p, x, y, clip(v * 3 - 250, 255), wave(v), clip(255 - v * 2, 255));
}

enum { FRACTAL_SMOOTH, FRACTAL_FEW, FALSE_PHOTO, FALSE_CLOUD };

static void draw_false(picture *p, unsigned how)
{
  EACH_PIXEL(p)
  {
    const int n = how <= FRACTAL_FEW ? escape(x, y, p->width, 200) : 0;
    if (how == FRACTAL_SMOOTH)
      set_rgb(p, x, y, wave(n / 2), wave(n / 3 + 40), wave(n / 5 + 90));
    else if (how == FRACTAL_FEW)
      set_rgb(p, x, y, n / 16 % 8 * 32, n / 16 % 5 * 50, n / 16 % 3 * 90);
    else
      put_false_colour(p, x, y,
                       how == FALSE_PHOTO ? photo(x, y, 1, p->seed) : cloud(x, y, p->seed) / 16);
  }
}

/* ---- few levels ---------------------------------------------------------------------- */

enum {
  BITS_TEXT,
  BITS_SCAN,
  BITS_HALFTONE,
  BITS_ORDERED,
  BITS_DIFFUSED,
  BITS_LINES,
  BITS_CODE,
  BITS_NOISE
};

/* Error diffusion along a row and down. */
static void diffuse(picture *p)
{
  int *error = calloc(2 * (p->width + 2), sizeof *error);
  const int top = (1 << p->depth) - 1;
  if (!error)
    exit(1);
  for (uint32_t y = 0; y < p->height; y++) {
    int *now = error + (y & 1) * (p->width + 2) + 1, *next = error + (~y & 1) * (p->width + 2) + 1;
    memset(next - 1, 0, (p->width + 2) * sizeof *next);
    for (uint32_t x = 0; x < p->width; x++) {
      const int want = photo(x, y, 1, p->seed) + now[x] / 16;
      const int level = clip((want * top + 127) / 255, top), rest = want - level * 255 / top;
      set(p, x, y, 0, level);
      now[x + 1] += rest * 7;
      next[(int)x - 1] += rest * 3;
      next[x] += rest * 5;
      next[x + 1] += rest;
    }
  }
  free(error);
}

static void draw_bits(picture *p, unsigned how)
{
  static const uint8_t bayer[16] = {0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5};
  const int top = (1 << p->depth) - 1;
  if (how == BITS_DIFFUSED) {
    diffuse(p);
    return;
  }
  EACH_PIXEL(p)
  {
    const int tone = photo(x, y, 1, p->seed), dx = (int)(x % 8) - 4, dy = (int)(y % 8) - 4;
    const uint32_t speck = hash(x, y, p->seed) % 1000;
    const int big = ink(x / 2, y / 2, p->seed);
    const bool edge = ink((x + 1) / 2, y / 2, p->seed) != big;
    const int on = how == BITS_TEXT       ? !big
                   : how == BITS_SCAN     ? !(edge && speck < 250 ? 1 - big : big) ^ (speck > 997)
                   : how == BITS_HALFTONE ? (dx * dx + dy * dy) * 8 < tone
                   : how == BITS_ORDERED  ? bayer[x % 4 + y % 4 * 4] * 16 < tone
                   : how == BITS_LINES    ? (x * 7 + y * 3) % 97 > 1 && (x * 2 + 500 - y) % 61 > 1
                   : how == BITS_CODE     ? (int)(hash(x / 4, y / 4, p->seed) & 1)
                                          : (int)(hash(x, y, p->seed) & 1);
    set(p, x, y, 0, on * top);
  }
}

/* A photograph or a scan in a few levels. */
static void draw_levels(picture *p, unsigned noise)
{
  const int levels = 1 << p->depth;
  EACH_PIXEL(p)
  {
    const int v = photo12(x, y, 1, p->seed) + grain(x, y, p->seed, (int)noise);
    set(p, x, y, 0, clip(v, 4095) * levels / 4096);
  }
}

/* ---- drawn by hand and by programs --------------------------------------------------- */

enum { ART_SEGMENTS, ART_PIXELS, ART_MAP, ART_CHART, ART_GAME, ART_SCREEN, ART_CHECKS, ART_PLAN };

static int nearest(uint32_t x, uint32_t y, uint32_t seed, uint32_t many)
{
  uint32_t best = UINT32_MAX;
  int which = 0;
  for (uint32_t i = 0; i < many; i++) {
    const uint32_t px = hash(i, 1, seed) % SIDE, py = hash(i, 2, seed) % SIDE;
    const uint32_t d = (x - px) * (x - px) + (y - py) * (y - py);
    if (d < best) {
      best = d;
      which = (int)i;
    }
  }
  return which;
}

/* The number of a colour at a place of a drawing. */
static uint32_t art(uint32_t x, uint32_t y, unsigned how, uint32_t seed)
{
  const uint32_t cell = hash(x / 16, y / 16, seed) % 12, bar = hash(x / 20, 0, seed) % 200;
  const uint32_t wx = x + (uint32_t)soft(x, y, 4, seed) / 256;
  const uint32_t wy = y + (uint32_t)soft(x, y, 4, seed + 1) / 256;
  switch (how) {
  case ART_SEGMENTS:
    return (uint32_t)nearest(wx, wy, seed, 24);
  case ART_PIXELS:
    return hash(x / 4 % 16 > 7 ? 15 - x / 4 % 16 : x / 4 % 16, y / 4, x / 64) % 6;
  case ART_MAP:
    return (uint32_t)nearest(x, y, seed, 30) % 5 * 2 + ((x + y) % 6 == 0);
  case ART_CHART:
    return y > 240 || x % 40 == 0 ? 1 : 255 - y < bar && x % 20 > 4 ? 2 + x / 80 : 0;
  case ART_GAME:
    return cell * 8 + hash(x % 16, y % 16, cell) % 5;
  case ART_SCREEN:
    return y < 24 ? 3 + y / 8 : x < 60 ? 7 + (y % 20 == 0) : (uint32_t)ink(x, y, seed);
  case ART_CHECKS:
    return (x / 3 + y / 3) % 2;
  default:
    return x % 24 == 0 || y % 31 == 0 ? 1 + (x / 96 + y / 93) % 4 : 0;
  }
}

static void draw_art(picture *p, unsigned how)
{
  EACH_PIXEL(p)
  {
    const uint32_t n = art(x, y, how, p->seed);
    for (unsigned c = 0; c < p->channels; c++)
      set(p, x, y, c, p->channels == 1 ? (int)n : (int)(hash(n, c, p->seed + how) & 255));
  }
}

/* Pixels of `colours` colours in no order. */
static void draw_noise(picture *p, unsigned colours)
{
  EACH_PIXEL(p)
  {
    const uint32_t n = hash(x, y, p->seed) % (colours ? colours : 1u << 24);
    for (unsigned c = 0; c < p->channels; c++)
      set(p, x, y, c, p->indexed ? (int)n : (int)(hash(n, c, p->seed) >> (32 - p->depth)));
  }
}

/* Two fields of a moving picture, row by row. */
static void draw_fields(picture *p, unsigned shift)
{
  EACH_SAMPLE(p) set(p, x, y, c, photo(x + (y & 1 ? shift : 0), y, c, p->seed));
}

static const kind kinds[] = {
    {"photo", draw_photo, 0, SIDE, SIDE, 3, 8, 0},
    {"photo-gray", draw_photo, 1, SIDE, SIDE, 1, 8, 0},
    {"photo-small", draw_photo, 0, 48, 48, 3, 8, 0},
    {"photo-16", draw_photo, 0, SIDE, SIDE, 3, 16, 0},
    {"tiles-64", draw_tiles, 64, SIDE, SIDE, 3, 8, 0},
    {"tiles-48", draw_tiles, 48, 192, 192, 3, 8, 0},
    {"tiles-37", draw_tiles, 37, SIDE, SIDE, 3, 8, 0},
    {"tiles-gray", draw_tiles, 50, SIDE, SIDE, 1, 8, 0},
    {"twice-beside", draw_twice, TWICE_BESIDE, SIDE, 128, 3, 8, 0},
    {"twice-below", draw_twice, TWICE_BELOW, 128, SIDE, 3, 8, 0},
    {"stereo", draw_twice, TWICE_STEREO, SIDE, 160, 3, 8, 0},
    {"twice-changed", draw_twice, TWICE_CHANGED, SIDE, 160, 3, 8, 0},
    {"frames", draw_frames, 0, SIDE, SIDE, 3, 8, 0},
    {"fields", draw_fields, 5, SIDE, SIDE, 3, 8, 0},
    {"half-text", draw_parts, PART_HALF, SIDE, SIDE, 3, 8, 0},
    {"slide", draw_parts, PART_SLIDE, SIDE, SIDE, 3, 8, 0},
    {"frame", draw_parts, PART_FRAME, SIDE, SIDE, 3, 8, 0},
    {"text-over", draw_parts, PART_OVER, SIDE, SIDE, 3, 8, 0},
    {"page", draw_parts, PART_PAGE, SIDE, SIDE, 3, 8, 0},
    {"pack-orm", draw_pack, PACK_ORM, SIDE, SIDE, 3, 8, 0},
    {"pack-normal", draw_pack, PACK_NORMAL, SIDE, SIDE, 3, 8, 0},
    {"gray-as-rgb", draw_pack, PACK_GRAY, SIDE, SIDE, 3, 8, 0},
    {"gray-as-rgb-16", draw_pack, PACK_GRAY, 128, 128, 3, 16, 0},
    {"shifted-channels", draw_pack, PACK_SHIFT, SIDE, SIDE, 3, 8, 0},
    {"negative-channel", draw_pack, PACK_NEGATIVE, SIDE, SIDE, 3, 8, 0},
    {"swapped-channels", draw_pack, PACK_SWAP, SIDE, SIDE, 3, 8, 0},
    {"noise-one-constant", draw_one_noise, 0, 200, 200, 3, 8, 0},
    {"noise-one-equal", draw_one_noise, 1, 200, 200, 3, 8, 0},
    {"hidden-photo", draw_alpha, HIDDEN_PHOTO, SIDE, SIDE, 4, 8, 0},
    {"hidden-bleed", draw_alpha, HIDDEN_BLEED, SIDE, SIDE, 4, 8, 0},
    {"hidden-noise", draw_alpha, HIDDEN_NOISE, SIDE, SIDE, 4, 8, 0},
    {"cut-out", draw_alpha, HIDDEN_NONE, SIDE, SIDE, 4, 8, 0},
    {"soft-edge", draw_alpha, SOFT_EDGE, SIDE, SIDE, 4, 8, 0},
    {"shadow", draw_alpha, SHADOW, SIDE, SIDE, 4, 8, 0},
    {"deep-8", draw_deep, DEEP_8, SIDE, SIDE, 3, 16, 0},
    {"deep-10", draw_deep, DEEP_10, SIDE, SIDE, 3, 16, 0},
    {"deep-12", draw_deep, DEEP_12, SIDE, SIDE, 1, 16, 0},
    {"deep-sensor", draw_deep, DEEP_SENSOR, SIDE, SIDE, 1, 16, 0},
    {"deep-ramp", draw_deep, DEEP_RAMP, SIDE, SIDE, 1, 16, 0},
    {"deep-levels", draw_deep, DEEP_LEVELS, SIDE, SIDE, 1, 16, 0},
    {"deep-terrain", draw_deep, DEEP_TERRAIN, SIDE, SIDE, 1, 16, 0},
    {"heights-rgb", draw_heights, 1, SIDE, SIDE, 3, 8, 0},
    {"heights-rg", draw_heights, 0, SIDE, SIDE, 3, 8, 0},
    {"mosaic", draw_mosaic, 0, SIDE, SIDE, 1, 16, 0},
    {"ramp-x", draw_ramp, RAMP_X, SIDE, SIDE, 3, 8, 0},
    {"ramp-y", draw_ramp, RAMP_Y, SIDE, SIDE, 3, 8, 0},
    {"ramp-diagonal", draw_ramp, RAMP_DIAGONAL, SIDE, SIDE, 3, 8, 0},
    {"ramp-round", draw_ramp, RAMP_ROUND, SIDE, SIDE, 3, 8, 0},
    {"ramp-dithered", draw_ramp, RAMP_DITHERED, SIDE, SIDE, 3, 8, 0},
    {"zone-plate", draw_ramp, RAMP_PLATE, SIDE, SIDE, 3, 8, 0},
    {"clut", draw_ramp, RAMP_CLUT, 512, 512, 3, 8, 0},
    {"fractal-smooth", draw_false, FRACTAL_SMOOTH, SIDE, SIDE, 3, 8, 0},
    {"fractal-few", draw_false, FRACTAL_FEW, SIDE, SIDE, 3, 8, 0},
    {"false-photo", draw_false, FALSE_PHOTO, SIDE, SIDE, 3, 8, 0},
    {"false-cloud", draw_false, FALSE_CLOUD, SIDE, SIDE, 3, 8, 0},
    {"bits-text", draw_bits, BITS_TEXT, 512, 512, 1, 1, 0},
    {"bits-scan", draw_bits, BITS_SCAN, 512, 512, 1, 1, 0},
    {"bits-halftone", draw_bits, BITS_HALFTONE, SIDE, SIDE, 1, 1, 0},
    {"bits-ordered", draw_bits, BITS_ORDERED, SIDE, SIDE, 1, 1, 0},
    {"bits-diffused", draw_bits, BITS_DIFFUSED, SIDE, SIDE, 1, 1, 0},
    {"bits-lines", draw_bits, BITS_LINES, 512, 512, 1, 1, 0},
    {"bits-code", draw_bits, BITS_CODE, SIDE, SIDE, 1, 1, 0},
    {"bits-noise", draw_bits, BITS_NOISE, SIDE, SIDE, 1, 1, 0},
    {"text-as-gray", draw_bits, BITS_TEXT, 512, 512, 1, 8, 0},
    {"diffused-2", draw_bits, BITS_DIFFUSED, SIDE, SIDE, 1, 2, 0},
    {"diffused-4", draw_bits, BITS_DIFFUSED, SIDE, SIDE, 1, 4, 0},
    {"posterised-4", draw_levels, 0, SIDE, SIDE, 1, 4, 0},
    {"scan-4", draw_levels, 200, SIDE, SIDE, 1, 4, 0},
    {"scan-2", draw_levels, 200, SIDE, SIDE, 1, 2, 0},
    {"segments", draw_art, ART_SEGMENTS, SIDE, SIDE, 3, 8, 0},
    {"segments-gray", draw_art, ART_SEGMENTS, SIDE, SIDE, 1, 8, 0},
    {"pixel-art", draw_art, ART_PIXELS, SIDE, SIDE, 3, 8, 0},
    {"map-hatched", draw_art, ART_MAP, SIDE, SIDE, 3, 8, 0},
    {"chart", draw_art, ART_CHART, SIDE, SIDE, 3, 8, 0},
    {"game-tiles", draw_art, ART_GAME, SIDE, SIDE, 3, 8, 0},
    {"screen", draw_art, ART_SCREEN, SIDE, SIDE, 3, 8, 0},
    {"checks", draw_art, ART_CHECKS, SIDE, SIDE, 3, 8, 0},
    {"plan", draw_art, ART_PLAN, SIDE, SIDE, 3, 8, 0},
    {"noise", draw_noise, 0, 128, 128, 3, 8, 0},
    {"noise-4-indexed", draw_noise, 4, 200, 200, 1, 2, 1},
    {"noise-4-colours", draw_noise, 4, 200, 200, 3, 8, 0},
    {"noise-16-colours", draw_noise, 16, 200, 200, 3, 8, 0},
    {"noise-gray", draw_noise, 0, 200, 200, 1, 8, 0},
    {"strip-down", draw_photo, 1, 1, 20000, 1, 8, 0},
    {"strip-across", draw_photo, 1, 20000, 1, 1, 8, 0},
    {"strip-rgb", draw_photo, 0, 3, 4000, 3, 8, 0},
};

/* ---- files --------------------------------------------------------------------------- */

static void write_png(const picture *p, const char *path)
{
  static const int type[5] = {0, PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
                              PNG_COLOR_TYPE_RGB_ALPHA};
  FILE *file = fopen(path, "wb");
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  uint8_t *row = calloc((size_t)p->width * p->channels, 2);
  if (!file || !info || !row || setjmp(png_jmpbuf(png))) {
    fprintf(stderr, "kinds: cannot write %s\n", path);
    exit(1);
  }
  png_init_io(png, file);
  png_set_IHDR(png, info, p->width, p->height, (int)p->depth,
               p->indexed ? PNG_COLOR_TYPE_PALETTE : type[p->channels], PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (p->indexed) {
    png_color entry[256];
    for (uint32_t i = 0; i < 256; i++)
      entry[i] = (png_color){(png_byte)hash(i, 0, 1), (png_byte)hash(i, 1, 1), (png_byte)i};
    png_set_PLTE(png, info, entry, 1 << p->depth);
  }
  png_write_info(png, info);
  png_set_packing(png);
  for (uint32_t y = 0; y < p->height; y++) {
    const uint16_t *from = p->at + (size_t)y * p->width * p->channels;
    for (size_t i = 0; i < (size_t)p->width * p->channels; i++)
      if (p->depth == 16) {
        row[2 * i] = (uint8_t)(from[i] >> 8);
        row[2 * i + 1] = (uint8_t)from[i];
      } else {
        row[i] = (uint8_t)from[i];
      }
    png_write_row(png, row);
  }
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  free(row);
  if (fclose(file) != 0)
    exit(1);
}

int main(int argc, char **argv)
{
  if (argc < 2) {
    fprintf(stderr, "usage: kinds FOLDER [SEED]\n");
    return 2;
  }
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    const kind *k = &kinds[i];
    picture p = {.width = k->width,
                 .height = k->height,
                 .seed = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 1,
                 .channels = k->channels,
                 .depth = k->depth,
                 .indexed = k->indexed};
    char path[4096];
    const int n = snprintf(path, sizeof path, "%s/%02zu-%s.png", argv[1], i, k->name);
    p.at = calloc((size_t)p.width * p.height * p.channels, sizeof *p.at);
    if (n < 0 || (size_t)n >= sizeof path || !p.at)
      return 1;
    k->draw(&p, k->variant);
    write_png(&p, path);
    free(p.at);
  }
  return 0;
}

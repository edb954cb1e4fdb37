/* SPDX-License-Identifier: BSD-3-Clause
 *
 * render.h: what the generators of the sample pictures share.
 *
 * Doubles are used with + - * / and sqrt only, no libm: those are exact under
 * IEEE-754, so every machine draws the same pictures.
 */
#ifndef IDF_SAMPLES_RENDER_H
#define IDF_SAMPLES_RENDER_H

#include "mem.h"

/* One picture in memory: interleaved samples, `channels` to a pixel, below 2^depth. */
typedef struct idf_canvas {
  uint32_t width, height;
  unsigned channels, depth;
  uint16_t *samples; /* owned by whoever made the canvas: idf_free */
} idf_canvas;

/* Allocates black. Exits with a message when there is no memory. */
idf_canvas idf_canvas_new(idf_mem *mem, uint32_t width, uint32_t height, unsigned channels,
                          unsigned depth);

static inline uint16_t *idf_canvas_at(const idf_canvas *canvas, uint32_t x, uint32_t y)
{
  return canvas->samples + ((size_t)y * canvas->width + x) * canvas->channels;
}

/* Uniform in [0, 1), 53 bits; xorshift64* (Vigna 2014). *state must not be 0. */
double idf_draw_uniform(uint64_t *state);
/* About normal, mean 0, variance 1: the sum of twelve uniforms, less 6. */
double idf_draw_normal(uint64_t *state);
/* Smooth noise in [0, 1): value noise on the integer lattice, `octaves` of it. */
double idf_draw_noise(double x, double y, double z, int octaves);
/* The sRGB transfer curve without pow: [0, 1] to [0, 1]. */
double idf_draw_srgb(double linear);
/* clamp to [0, 1], scale to the depth, round. */
uint16_t idf_draw_level(double v, unsigned depth);

/* scene.c: a path-traced still life, as linear light: 3 floats a pixel. */
void idf_draw_scene(float *light, uint32_t width, uint32_t height, unsigned strata);
/* A camera: photon and read noise, white balance, colour matrix, tone curve. */
void idf_draw_develop(const float *light, idf_canvas *canvas, double full_well);

/* page.c: text in a stroke font. `cosine` and `sine` turn the baseline. */
typedef struct idf_pen {
  double x, y;         /* baseline start, pixels */
  double size;         /* pixels to one unit of the font's grid; capitals are 6 high */
  double weight;       /* stroke width in pixels */
  double cosine, sine; /* a unit vector; 1, 0 for upright text */
} idf_pen;
/* Darkens (towards `ink`) what the strokes cover, by coverage; hard edges if `hard`. */
void idf_draw_text(idf_canvas *canvas, const idf_pen *pen, const char *text, const uint16_t *ink,
                   bool hard);
void idf_draw_page(idf_canvas *canvas, double cosine, double sine, double size, bool hard);

/* pictures.c: everything else. */
void idf_draw_gradient(idf_canvas *canvas);
void idf_draw_relief(idf_canvas *canvas);
void idf_draw_shadow(idf_canvas *canvas);
void idf_draw_badge(idf_canvas *canvas);
void idf_draw_window(idf_canvas *canvas);
void idf_draw_checks(idf_canvas *canvas);
void idf_draw_sprites(idf_canvas *canvas, uint8_t palette[16][4]);
void idf_draw_dithered(const idf_canvas *photo, idf_canvas *canvas, uint8_t palette[256][4]);
/* The pixels after a trip through full-range BT.601 YCbCr with halved chroma, in
 * libjpeg's integer arithmetic. */
void idf_draw_ycc(const idf_canvas *photo, idf_canvas *canvas);

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * colours.h: samples of any layout and depth as 8- or 16-bit RGBA.
 *
 * A sample v with the largest value `max` becomes v * full / max, rounded to nearest, where `full`
 * is 255 or 65535. There are no ties, because max is odd or v * full / max is whole. From 8 to 16
 * bits and from 1, 2, 4 to 8 bits this repeats the bits. `max` is 2^depth - 1, or the maxval of a
 * PNM.
 *
 * Alpha is not premultiplied. No colour profile is applied.
 */
#ifndef IDF_COLOURS_H
#define IDF_COLOURS_H

#include "base.h"
#include "idf.h"

typedef struct idf_colours {
  idf_layout layout;
  uint32_t max;  /* value of a full sample */
  bool keyed;    /* gray and RGB: pixels of the colour `key` are transparent */
  bool inks;     /* CMYK: a value is ink, and not 255 - ink */
  bool coloured; /* palette: there is one */
  bool clear;    /* palette: some alpha is below 255 */
  uint16_t key[3];
  uint8_t palette[256][4]; /* black without transparency where there is no entry */
} idf_colours;

/* What metadata say about it; a pointer is NULL where there is nothing. */
typedef struct idf_colour_facts {
  const uint8_t *plte, *trns, *maxval; /* data of PLTE, tRNS, max1 */
  size_t plte_size, trns_size, maxval_size;
  bool adobe; /* the JPEG has Adobe's marker: its CMYK is 255 - ink */
} idf_colour_facts;

/* What is not as its type demands is ignored. */
void idf_colours_init(idf_colours *c, const idf_info *info, const idf_colour_facts *facts);

/* Convert `count` pixels. CMYK: R = (255 - C) (255 - K) / 255, and so on, rounded to nearest. */
void idf_colours_rgba8(const idf_colours *c, const uint16_t *samples, size_t count, uint8_t *rgba);
void idf_colours_rgba16(const idf_colours *c, const uint16_t *samples, size_t count,
                        uint16_t *rgba);

/* The picture without palette and transparent colour: the layout that has all that `info` and `c`
 * say, with a depth of 8 for a palette. Others stay as they are. */
idf_info idf_colours_plain_info(const idf_colours *c, const idf_info *info);
/* Converts `count` pixels to that layout. */
void idf_colours_plain(const idf_colours *c, const uint16_t *samples, size_t count,
                       uint16_t *plain);

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe.h: the pixels of a JPEG picture from its quantised coefficients.
 *
 * T.81 leaves the last bits of a sample to the decoder. Here they are those of libjpeg-turbo with
 * its defaults, the accurate integer transform ("islow") and smooth ("fancy") upsampling, which
 * most programs show. All is integers; the steps are:
 *
 *   coefficient * step -> inverse DCT, + 128, clamp (recipe_block.h)
 *                      -> components to the picture's size, then the colour (recipe_row.h)
 *
 * The surprise: libjpeg-turbo has no one answer for coefficients that no picture has. Its C code
 * takes a sample modulo 1024 before the clamp, its SIMD code saturates, both after sums that may
 * wrap. Such coefficients are refused here. Two conditions are checked for each block that
 * holds samples of the picture; with F = coefficient * step:
 *
 *   1. in each column of the block the sum of |F| is at most IDF_RECIPE_COLUMN_MAX;
 *   2. each sample before + 128 is in [-512, 511].
 *
 * 2 implies, by Parseval, that no sum of libjpeg's passes leaves 16 bits, so that its C code and
 * its SIMD code agree; 1 keeps the sums here within 32 bits. 1 holds for all that an encoder
 * makes of samples of 8 bits with steps up to 255: a column of the transform of 64 numbers within
 * 128 has a sum of at most 8 * 128 * sqrt(8) < 2897; the rounding of 8 quotients adds 8 * 127.5.
 *
 * Not here: libjpeg's guess at coefficients that a progressive file never sends in full
 * ("block smoothing", for the first few of the zigzag order). The caller knows from the scans.
 *
 * Memory is of the order of the picture's width: 16 rows of samples for each h * v.
 * Thread rule: one thread at a time for one idf_recipe.
 */
#ifndef IDF_FLOW_RECIPE_H
#define IDF_FLOW_RECIPE_H

#include "mem.h"

#define IDF_RECIPE_COMPONENTS 4
#define IDF_RECIPE_SIDE_MAX 65535
#define IDF_RECIPE_FACTOR_MAX 4

/* What the components are, and so what the samples of a row are. */
typedef enum idf_recipe_form {
  IDF_RECIPE_PLAIN, /* any number: as they are; gray, RGB, CMYK */
  IDF_RECIPE_YCC,   /* 3: to R, G, B */
  IDF_RECIPE_YCCK,  /* 4: to C, M, Y = 255 - R, G, B; K as it is */
  IDF_RECIPE_FORMS
} idf_recipe_form;

typedef struct idf_recipe_component {
  unsigned h, v;     /* sampling factors, 1 to IDF_RECIPE_FACTOR_MAX */
  uint16_t step[64]; /* of the quantiser, any; order as of the coefficients */
} idf_recipe_component;

typedef struct idf_recipe_picture {
  uint32_t width, height; /* 1 to IDF_RECIPE_SIDE_MAX */
  unsigned components;    /* 1 to IDF_RECIPE_COMPONENTS */
  idf_recipe_form form;
  bool repeat; /* no smooth upsampling: samples are repeated, as programs do that are in a hurry */
  idf_recipe_component component[IDF_RECIPE_COMPONENTS];
} idf_recipe_picture;

typedef struct idf_recipe idf_recipe;

/* The form libjpeg assumes. `ids` are those of the frame header, `jfif` says that there is such a
 * segment, `transform` is of the Adobe segment, -1: there is none. */
idf_recipe_form idf_recipe_form_of(unsigned components, const uint8_t *ids, bool jfif,
                                   int transform);

/* *recipe is to be freed by idf_recipe_free; NULL after an error. IDF_ERR_UNSUPPORTED: a
 * component's h or v does not divide the largest one, which libjpeg does not decode either;
 * IDF_ERR_ARGUMENT: a number out of the ranges above; memory. */
idf_status idf_recipe_new(idf_mem *mem, const idf_recipe_picture *picture, idf_recipe **recipe);
void idf_recipe_free(idf_recipe *recipe);

/* Rows of MCUs of the picture: ceil(height / (8 * largest v)). */
uint32_t idf_recipe_mcu_rows(const idf_recipe *recipe);

/* Hands over the next `count` MCU rows, at least 1. Block (x, y) of component c, y counted from
 * the band's top, is coef[c] + 64 * (y * across + x), where across is the blocks of whole MCUs: h *
 * ceil(width / (8 * largest h)), also of a single component. A block is 8 rows of 8 frequencies,
 * the horizontal one rising along a row. The coefficients stay borrowed until idf_recipe_take has
 * no more rows. IDF_ERR_ARGUMENT: more rows than the picture has, or the last band is not
 * finished. */
idf_status idf_recipe_give(idf_recipe *recipe, const int16_t *const coef[IDF_RECIPE_COMPONENTS],
                           uint32_t count);

/* Writes the picture's next row, width * components samples, interleaved, and sets *got; or
 * clears it where the next band is needed first, or after the last row. The last row of a band
 * may wait for the next one, whose samples it needs. IDF_ERR_UNSUPPORTED: coefficients as above;
 * this is final. */
idf_status idf_recipe_take(idf_recipe *recipe, uint8_t *row, bool *got);

#endif

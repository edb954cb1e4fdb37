/* SPDX-License-Identifier: BSD-3-Clause
 *
 * kept_file.h: a JPEG file that is kept whole, as both directions see it: its bands, the order of
 * its coefficients, and its pixels.
 *
 * Bands are of whole rows of MCUs, about IDF_COEFS_BAND rows of pixels or, in wide pictures,
 * 2^21 pixels, and of the same size but for one row of MCUs: so memory is bounded, and two threads
 * have equal work. A band is a picture of its own to flow/coefs, so that no more is needed of it.
 *
 * The rooms below have two orders: a file's zigzag (codec/jpeg), and rows of frequencies
 * (flow/coefs, flow/recipe), here called natural. Bands are reordered where they are.
 *
 * A file is kept only when its pixels can be said: those of libjpeg-turbo with its defaults.
 */
#ifndef IDF_SRC_KEPT_FILE_H
#define IDF_SRC_KEPT_FILE_H

#include "coefs.h"
#include "idf.h"
#include "jpeg.h"
#include "recipe.h"

/* The log2 of the tile side in the header of such a file: that of IDF_COEFS_BAND. */
#define IDF_KEPT_TILE_LOG2 9u

typedef struct idf_kept {
  idf_jpeg jpeg;              /* owned; zigzag steps */
  idf_recipe_picture picture; /* natural steps */
  idf_info info;              /* of the pixels */
  uint32_t bands;
} idf_kept;

/* Fills what follows from kept->jpeg, which was parsed. Half a sentence that says why there are
 * no pixels of it; NULL: there are. */
const char *idf_kept_init(idf_kept *kept);

/* The first row of MCUs of a band; of kept->bands: their number. */
uint32_t idf_kept_start(const idf_kept *kept, uint32_t band);

/* Rows of pixels before a band; of kept->bands: all. */
uint32_t idf_kept_pixel_row(const idf_kept *kept, uint32_t band);

/* Zeroed room for any of the bands; false: no memory, nothing owned. */
bool idf_kept_band_init(const idf_kept *kept, idf_jpeg_band *room, idf_mem *mem);

/* Rooms for `wanted` bands, or for as many as an eighth of the memory limit holds, but at least
 * one; *count of them. NULL, and nothing is owned: no memory for one. */
idf_jpeg_band *idf_kept_rooms(const idf_kept *kept, idf_mem *mem, uint32_t wanted, uint32_t *count);
void idf_kept_rooms_free(idf_mem *mem, idf_jpeg_band *rooms, uint32_t count);

/* Says in *room which band it holds. */
void idf_kept_place(const idf_kept *kept, idf_jpeg_band *room, uint32_t band);

/* The order of all blocks of the room's rows, changed in place. */
void idf_kept_to_natural(const idf_kept *kept, const idf_jpeg_band *room);
void idf_kept_to_zigzag(const idf_kept *kept, const idf_jpeg_band *room);

/* The room's rows, natural order, for flow/coefs: they are its band 0. */
idf_coefs idf_kept_coefs(const idf_kept *kept, const idf_jpeg_band *room);

/* Whether flow/recipe can make pixels of the room's rows, natural order: of all blocks that hold
 * samples of the picture. */
bool idf_kept_tame(const idf_kept *kept, const idf_jpeg_band *room);

/* Continues the checksum of the end record over the room's rows, natural order: int16_t, low byte
 * first, component by component. */
uint32_t idf_kept_crc(const idf_kept *kept, idf_simd simd, uint32_t crc, const idf_jpeg_band *room);

/* Makes all coefficients of the room's rows 0. */
void idf_kept_clear(const idf_kept *kept, const idf_jpeg_band *room);

/* Bytes of the stream of any band, at most; a longer one is none. */
size_t idf_kept_most(const idf_kept *kept);

/* The facts that idf_decoder_jpeg tells. */
void idf_kept_facts(const idf_kept *kept, idf_jpeg_info *facts);

#endif

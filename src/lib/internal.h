/* SPDX-License-Identifier: BSD-3-Clause
 *
 * internal.h: what the files of the library share and idf.h does not say.
 *
 * The create functions are the public ones plus a hook for tests: the
 * allocation number `fail_in` of the new object fails (see mem.h; -1: none does).
 */
#ifndef IDF_SRC_INTERNAL_H
#define IDF_SRC_INTERNAL_H

#include "cancel.h"
#include "container.h"
#include "idf.h"
#include "kernels.h"
#include "model.h"
#include "tile.h"

struct idf_place; /* sources.h */

#define IDF_DEFAULT_MEMORY ((uint64_t)1 << 30)

/* Whether all `count` reserved members are zero. */
bool idf_all_zero(const uint64_t *reserved, size_t count);

/* Whether the format allows layout, depth, width and height. */
bool idf_info_valid(const idf_info *info);

idf_tile_shape idf_shape_of(const idf_info *info, uint32_t width, uint32_t height);

/* Convert samples between the caller's form (idf.h) and uint16_t: `count` samples of `bytes`
 * (1 or 2) each. `raw` needs no alignment. */
void idf_unpack_samples(const void *raw, unsigned bytes, size_t count, uint16_t *samples);
void idf_pack_samples(const uint16_t *samples, unsigned bytes, size_t count, void *raw);

/* Allocates the samples of *rows rows of tiles: one row, or enough that each thread has two tiles,
 * if there are so many and an eighth of the memory limit has room for them. NULL if even one row is
 * too large; the accounts have the reason. */
uint16_t *idf_band_alloc(idf_mem *mem, const idf_header *header, unsigned threads, uint32_t *rows);

/* Continues the checksum of the end record (container.h) over count samples. */
uint32_t idf_samples_crc(idf_simd simd, uint32_t crc, const uint16_t *samples, unsigned bytes,
                         size_t count);

/* Allocates a zeroed object of `size` bytes whose first member is its own idf_mem, to which the
 * object is already charged. On failure returns NULL and sets *status. */
void *idf_object_new(size_t size, uint64_t limit, int64_t fail_in, idf_status *status);

/* The accounts of an encoder or a decoder. */
static inline idf_mem *idf_object_mem(void *object)
{
  return object;
}

/* The built-in model of an effort, or the one with this id of eight bytes. IDF_ERR_UNSUPPORTED if
 * there is none. Release it with idf_model_release. */
idf_status idf_builtin_by_effort(idf_mem *mem, int effort, idf_model **model);
idf_status idf_builtin_by_id(idf_mem *mem, const uint8_t id[8], idf_model **model);
/* Completes an id of which `size` bytes are known, if a built-in model has it. */
void idf_builtin_id(uint8_t id[8], size_t size);

idf_status idf_encoder_create(const idf_settings *settings, const idf_info *info,
                              idf_write_fn write, void *context, int64_t fail_in,
                              idf_encoder **encoder);
idf_status idf_encoder_create_jpeg(const idf_settings *settings, const uint8_t *file, size_t size,
                                   idf_write_fn write, void *context, int64_t fail_in,
                                   idf_encoder **encoder, const char **why);
/* Makes an encoder that has begun nothing write records, however small the picture. */
void idf_encoder_records(idf_encoder *encoder);
idf_status idf_decoder_create(const idf_limits *limits, idf_read_fn read, void *context,
                              int64_t fail_in, idf_decoder **decoder);
idf_status idf_decoder_create_at(const idf_limits *limits, const struct idf_place *place,
                                 int64_t fail_in, idf_decoder **decoder);
idf_status idf_decoder_create_push(const idf_limits *limits, int64_t fail_in,
                                   idf_decoder **decoder);

#endif

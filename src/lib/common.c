/* SPDX-License-Identifier: BSD-3-Clause
 *
 * common.c: what encoder and decoder share: shapes, the two forms of samples, and the search for a
 * built-in model.
 */
#include "internal.h"

#include <string.h>

#include "crc32c.h"

bool idf_all_zero(const uint64_t *reserved, size_t count)
{
  uint64_t any = 0;
  for (size_t i = 0; i < count; i++)
    any |= reserved[i];
  return any == 0;
}

static const struct {
  uint8_t channels, depth_min, depth_max;
} layouts[] = {[IDF_GRAY] = {1, 1, 16}, [IDF_GRAY_ALPHA] = {2, 1, 16}, [IDF_RGB] = {3, 1, 16},
               [IDF_RGBA] = {4, 1, 16}, [IDF_PALETTE] = {1, 1, 8},     [IDF_CMYK] = {4, 8, 8}};

static bool layout_known(idf_layout layout)
{
  return (unsigned)layout < sizeof layouts / sizeof *layouts;
}

unsigned idf_channels(idf_layout layout)
{
  return layout_known(layout) ? layouts[layout].channels : 0;
}

bool idf_info_valid(const idf_info *info)
{
  return layout_known(info->layout) && info->depth >= layouts[info->layout].depth_min
         && info->depth <= layouts[info->layout].depth_max && info->width >= 1
         && info->width <= IDF_MAX_SIDE && info->height >= 1 && info->height <= IDF_MAX_SIDE;
}

idf_tile_shape idf_shape_of(const idf_info *info, uint32_t width, uint32_t height)
{
  return (idf_tile_shape){.width = width,
                          .height = height,
                          .channels = idf_channels(info->layout),
                          .depth = info->depth,
                          .indexed = info->layout == IDF_PALETTE};
}

void idf_unpack_samples(const void *raw, unsigned bytes, size_t count, uint16_t *samples)
{
  const uint8_t *p = raw;
  if (bytes == 2)
    memcpy(samples, p, count * 2);
  else
    for (size_t i = 0; i < count; i++)
      samples[i] = p[i];
}

void idf_pack_samples(const uint16_t *samples, unsigned bytes, size_t count, void *raw)
{
  uint8_t *p = raw;
  if (bytes == 2)
    memcpy(p, samples, count * 2);
  else
    for (size_t i = 0; i < count; i++)
      p[i] = (uint8_t)samples[i];
}

uint16_t *idf_band_alloc(idf_mem *mem, const idf_header *header, unsigned threads, uint32_t *rows)
{
  /* Below 2^33. A row of tiles has less than 2^46 bytes, and at most 512 of them fit 64 bits. */
  const uint64_t line = (uint64_t)header->width * idf_channels((idf_layout)header->layout);
  const uint32_t side = 1u << header->tile_log2, across = idf_tiles_across(header);
  const uint64_t tiles = line * side * sizeof(uint16_t), room = mem->limit / 8;
  uint16_t *band = NULL;

  *rows = threads > 1 ? IDF_MIN((2 * threads - 1) / across + 2, idf_tiles_down(header)) : 1;
  if (tiles > room / *rows)
    *rows = (uint32_t)IDF_MAX(room / tiles, (uint64_t)1);
  for (;; *rows = 1) {
    const uint64_t count = line * IDF_MIN((uint64_t)*rows * side, (uint64_t)header->height);
    /* A size that does not fit size_t is refused like any other size that is too large. */
    band = idf_alloc(mem, count > SIZE_MAX ? SIZE_MAX : (size_t)count, sizeof *band);
    if (band || *rows == 1)
      return band;
    idf_mem_forgive(mem);
  }
}

uint32_t idf_samples_crc(idf_simd simd, uint32_t crc, const uint16_t *samples, unsigned bytes,
                         size_t count)
{
  uint8_t chunk[4096];
  while (count > 0) {
    size_t n = IDF_MIN(count, sizeof chunk / bytes);
    if (bytes == 1) /* a separate loop, so that it vectorises */
      for (size_t i = 0; i < n; i++)
        chunk[i] = (uint8_t)samples[i];
    else
      for (size_t i = 0; i < 2 * n; i++)
        chunk[i] = (uint8_t)(samples[i / 2] >> (8 * (i & 1)));
    crc = idf_crc32c(simd, crc, chunk, n * bytes);
    samples += n;
    count -= n;
  }
  return crc;
}

void *idf_object_new(size_t size, uint64_t limit, int64_t fail_in, idf_status *status)
{
  idf_mem first;
  idf_mem_init(&first, limit);
  first.fail_in = fail_in;
  idf_mem *object = idf_alloc(&first, 1, size);
  if (!object) {
    *status = idf_mem_status(&first);
    return NULL;
  }
  idf_mem_init(object, limit);
  object->used = first.used;
  object->peak = first.peak;
  object->fail_in = first.fail_in;
  return object;
}

/* Finds a built-in model of `effort` (0: any); with `id`, the first that has this id. */
static idf_status find_builtin(idf_mem *mem, int effort, const uint8_t *id, idf_model **model)
{
  size_t len;
  int its;

  *model = NULL;
  for (unsigned i = 0; idf_model_data(i, &len, &its) != NULL; i++)
    if ((effort == 0 || its == effort) && (!id || memcmp(idf_model_data_hash(i), id, 8) == 0))
      return idf_model_built_in(mem, i, model);
  return IDF_ERR_UNSUPPORTED;
}

void idf_builtin_id(uint8_t id[8], size_t size)
{
  size_t len;
  int its;

  for (unsigned i = 0; idf_model_data(i, &len, &its) != NULL; i++)
    if (memcmp(idf_model_data_hash(i), id, size) == 0) {
      memcpy(id, idf_model_data_hash(i), 8);
      return;
    }
}

idf_status idf_builtin_by_effort(idf_mem *mem, int effort, idf_model **model)
{
  *model = NULL;
  return effort == 0 ? IDF_ERR_UNSUPPORTED : find_builtin(mem, effort, NULL, model);
}

idf_status idf_builtin_by_id(idf_mem *mem, const uint8_t id[8], idf_model **model)
{
  return find_builtin(mem, 0, id, model);
}

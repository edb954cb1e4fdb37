/* SPDX-License-Identifier: BSD-3-Clause
 *
 * drawn.c: pictures that a model draws (draw.h), between samples of the caller's form.
 */
#include "internal.h"

#include "draw.h"

/* Draws into `samples` of the flow's form. */
static idf_status draw_rows(idf_mem *mem, const idf_settings *set, const idf_model *model,
                            const idf_info *info, uint64_t seed, uint32_t from, uint16_t *samples)
{
  const unsigned channels = idf_channels(info->layout);
  idf_cancel cancel = {0};
  const idf_job job = {
      .mem = mem, .model = model, .kernels = idf_kernels_of(set->simd), .cancel = &cancel};
  const idf_tile tile = {.shape = idf_shape_of(info, info->width, info->height),
                         .samples = samples,
                         .stride = (size_t)info->width * channels};

  return idf_draw_tile(&job, &tile, from, seed);
}

idf_status idf_draw(const idf_settings *settings, const idf_info *info, uint64_t seed,
                    uint32_t from, void *samples)
{
  idf_model *own = NULL;
  idf_settings set;
  idf_mem mem;

  idf_settings_init(&set);
  if (settings)
    set = *settings;
  if (!info || !samples || !idf_info_valid(info) || from > info->height
      || (info->layout != IDF_GRAY && info->layout != IDF_RGB) || info->width > IDF_DRAW_SIDE
      || info->height > IDF_DRAW_SIDE
      || !idf_all_zero(set.reserved, sizeof set.reserved / sizeof *set.reserved))
    return IDF_ERR_ARGUMENT;
  if (!idf_kernels_of(set.simd))
    return IDF_ERR_UNSUPPORTED;
  idf_mem_init(&mem, set.max_memory);
  idf_status status = set.model ? IDF_OK : idf_builtin_by_effort(&mem, set.effort, &own);
  const size_t row = (size_t)info->width * idf_channels(info->layout);
  const unsigned bytes = idf_sample_bytes(info);
  uint16_t *wide = NULL;
  if (status == IDF_OK) {
    wide = idf_alloc(&mem, row * info->height, sizeof *wide);
    status = wide ? IDF_OK : idf_mem_status(&mem);
  }
  if (status == IDF_OK) {
    idf_unpack_samples(samples, bytes, row * from, wide);
    status = draw_rows(&mem, &set, set.model ? set.model : own, info, seed, from, wide);
  }
  if (status == IDF_OK)
    idf_pack_samples(wide + row * from, bytes, row * (info->height - from),
                     (uint8_t *)samples + row * bytes * from);
  idf_free(&mem, wide);
  idf_model_release(&mem, own);
  return status;
}

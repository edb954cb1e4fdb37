/* SPDX-License-Identifier: BSD-3-Clause
 *
 * web.c: the calls of web.h.
 */
#include "web.h"

#include <string.h>

#include "mem.h"

struct idf_web {
  idf_decoder *decoder;
  idf_info info;
  const uint8_t *at; /* what the decoder has not read */
  size_t left;
  float *bits;
};

static idf_status read_on(void *context, uint8_t *buffer, size_t capacity, size_t *size)
{
  idf_web *web = context;

  *size = IDF_MIN(capacity, web->left);
  if (*size > 0)
    memcpy(buffer, web->at, *size);
  web->at += *size;
  web->left -= *size;
  return IDF_OK;
}

idf_status idf_web_new(const uint8_t *file, size_t size, double max_pixels, double max_memory,
                       idf_web **result)
{
  idf_limits limits;
  idf_web *web = idf_alloc(NULL, 1, sizeof *web);

  *result = NULL;
  if (!web)
    return IDF_ERR_MEMORY;
  web->at = file;
  web->left = size;
  idf_limits_init(&limits);
  if (max_pixels >= 1 && max_pixels < 0x1p53)
    limits.max_pixels = (uint64_t)max_pixels;
  if (max_memory >= 1 && max_memory < 0x1p53)
    limits.max_memory = (uint64_t)max_memory;
  const idf_status status = idf_decoder_new(&limits, read_on, web, &web->decoder);
  if (status != IDF_OK) {
    idf_web_free(web);
    return status;
  }
  *result = web;
  return IDF_OK;
}

void idf_web_free(idf_web *web)
{
  if (!web)
    return;
  idf_decoder_free(web->decoder);
  idf_free(NULL, web);
}

idf_decoder *idf_web_decoder(idf_web *web)
{
  return web->decoder;
}

idf_status idf_web_info(idf_web *web)
{
  return idf_decoder_info(web->decoder, &web->info);
}

void idf_web_facts(const idf_web *web, double fact[IDF_WEB_FACTS])
{
  idf_anatomy anatomy;
  const char *kind;
  uint64_t original;

  idf_decoder_anatomy(web->decoder, &anatomy);
  (void)idf_decoder_original(web->decoder, &kind, &original); /* 0 if there is none */
  fact[IDF_WEB_WIDTH] = web->info.width;
  fact[IDF_WEB_HEIGHT] = web->info.height;
  fact[IDF_WEB_LAYOUT] = web->info.layout;
  fact[IDF_WEB_DEPTH] = web->info.depth;
  fact[IDF_WEB_CHANNELS] = idf_channels(web->info.layout);
  fact[IDF_WEB_ROW_BYTES] = (double)idf_row_bytes(&web->info);
  fact[IDF_WEB_TILE_SIDE] = anatomy.tile_side;
  fact[IDF_WEB_TILES_ACROSS] = anatomy.tiles_across;
  fact[IDF_WEB_TILES_DOWN] = anatomy.tiles_down;
  fact[IDF_WEB_TILES_LOST] = (double)anatomy.tiles_lost;
  fact[IDF_WEB_EFFORT] = anatomy.effort;
  fact[IDF_WEB_FILE_BYTES] = (double)anatomy.file_bytes;
  fact[IDF_WEB_HEADER_BYTES] = (double)anatomy.header_bytes;
  fact[IDF_WEB_METADATA_BYTES] = (double)anatomy.metadata_bytes;
  fact[IDF_WEB_TILE_BYTES] = (double)anatomy.tile_bytes;
  fact[IDF_WEB_INDEX_BYTES] = (double)anatomy.index_bytes;
  fact[IDF_WEB_ORIGINAL_BYTES] = (double)original;
  fact[IDF_WEB_MODEL_BITS] = anatomy.model_bits;
}

static void take_bits(void *context, const idf_tile_info *tile, const float *bits)
{
  const idf_web *web = context;

  for (uint32_t y = 0; y < tile->height; y++)
    memcpy(web->bits + (size_t)(tile->y + y) * web->info.width + tile->x,
           bits + (size_t)y * tile->width, tile->width * sizeof *bits);
}

void idf_web_measure(idf_web *web, float *bits)
{
  web->bits = bits;
  idf_decoder_measure(web->decoder, take_bits, web);
}

typedef struct place {
  uint8_t *at;
  size_t left;
} place;

static idf_status fill(void *context, const uint8_t *data, size_t size)
{
  place *to = context;

  if (size > to->left)
    return IDF_ERR_ARGUMENT;
  if (size > 0)
    memcpy(to->at, data, size);
  to->at += size;
  to->left -= size;
  return IDF_OK;
}

idf_status idf_web_original(idf_web *web, uint8_t *to, size_t size)
{
  place all = {.at = to, .left = size};
  uint64_t bytes;

  if (idf_decoder_original(web->decoder, NULL, &bytes) != IDF_OK || bytes != size)
    return IDF_ERR_ARGUMENT;
  return idf_decoder_original_write(web->decoder, fill, &all);
}

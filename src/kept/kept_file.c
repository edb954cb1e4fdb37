/* SPDX-License-Identifier: BSD-3-Clause
 *
 * kept_file.c: see kept_file.h.
 * idf(5), "JPEG FILES".
 */
#include "kept_file.h"

#include <string.h>

#include "crc32c.h"
#include "recipe_block.h"
#include "steps.h"

/* Bytes a stream may take for a block: twice the coefficients themselves, which the model comes
 * near to with noise of their whole range. */
#define BLOCK_MOST (2 * IDF_JPEG_BLOCK * sizeof(int16_t))
#define STREAM_FREE 1024u
/* Pixels of a band, about: coding one holds some 70 bytes for each. Half of it costs 1 % more bytes
 * in a file of 2 MB. */
#define BAND_PIXELS (1u << 21)

/* T.81 Figure A.6: the natural place of the k-th coefficient of a file. */
static const uint8_t natural_place[IDF_JPEG_BLOCK] = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48,
    41, 34, 27, 20, 13, 6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23,
    30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63};

/* ---- what there is ------------------------------------------------------------------ */

/* Of a progressive file whose first frequencies are not all sent to their last bit, libjpeg guesses
 * the rest ("block smoothing", jdcoefct.c): of the first 9 after DC. */
static bool smoothed(const idf_jpeg *jpeg)
{
  enum { FIRST = 1, LAST = 9 };
  uint8_t low[IDF_JPEG_COMPONENTS][LAST + 1];

  if (jpeg->frame != 2)
    return false;
  memset(low, UINT8_MAX, sizeof low);
  for (uint32_t i = 0; i < jpeg->scans; i++) {
    const idf_jpeg_scan *s = &jpeg->scan[i];
    for (unsigned c = 0; c < s->components; c++)
      for (unsigned k = s->first; k <= IDF_MIN(s->last, (unsigned)LAST); k++)
        low[s->component[c]][k] = s->low;
  }
  for (unsigned c = 0; c < jpeg->components; c++)
    for (unsigned k = FIRST; k <= LAST; k++)
      if (low[c][k] != 0)
        return true;
  return false;
}

static idf_recipe_picture picture_of(const idf_jpeg *jpeg)
{
  idf_recipe_picture p = {
      .width = jpeg->width, .height = jpeg->height, .components = jpeg->components};
  uint8_t ids[IDF_JPEG_COMPONENTS] = {0};

  for (unsigned c = 0; c < jpeg->components; c++) {
    const idf_jpeg_component *from = &jpeg->component[c];
    ids[c] = from->id;
    p.component[c].h = from->h;
    p.component[c].v = from->v;
    for (unsigned k = 0; k < IDF_JPEG_BLOCK; k++)
      p.component[c].step[natural_place[k]] = from->step[k];
  }
  p.form = idf_recipe_form_of(jpeg->components, ids, jpeg->jfif,
                              jpeg->adobe ? jpeg->adobe_transform : -1);
  return p;
}

const char *idf_kept_init(idf_kept *kept)
{
  static const idf_layout layouts[IDF_JPEG_COMPONENTS + 1] = {
      [1] = IDF_GRAY, [3] = IDF_RGB, [4] = IDF_CMYK};
  const idf_jpeg *jpeg = &kept->jpeg;

  if (jpeg->components == 2)
    return "two components are no picture";
  for (unsigned c = 0; c < jpeg->components; c++)
    if (jpeg->h_max % jpeg->component[c].h != 0 || jpeg->v_max % jpeg->component[c].v != 0)
      return "its sampling is one that decoders do not know";
  if (smoothed(jpeg))
    return "its scans end before the picture is complete";
  kept->picture = picture_of(jpeg);
  kept->info = (idf_info){.width = jpeg->width,
                          .height = jpeg->height,
                          .layout = layouts[jpeg->components],
                          .depth = 8};
  const uint32_t rows = IDF_MIN(IDF_COEFS_BAND, BAND_PIXELS / jpeg->width); /* 32 at least */
  const uint32_t usual = rows / (8u * jpeg->v_max);
  kept->bands = IDF_MAX((jpeg->mcus_h + usual / 2) / usual, 1u);
  return NULL;
}

/* ---- bands -------------------------------------------------------------------------- */

uint32_t idf_kept_start(const idf_kept *kept, uint32_t band)
{
  return band * kept->jpeg.mcus_h / kept->bands; /* at most 2^7 bands, 2^13 rows */
}

uint32_t idf_kept_pixel_row(const idf_kept *kept, uint32_t band)
{
  return IDF_MIN(idf_kept_start(kept, band) * 8u * kept->jpeg.v_max, kept->info.height);
}

/* Rows of MCUs of the tallest. */
static uint32_t rows_most(const idf_kept *kept)
{
  return (kept->jpeg.mcus_h + kept->bands - 1) / kept->bands;
}

bool idf_kept_band_init(const idf_kept *kept, idf_jpeg_band *room, idf_mem *mem)
{
  return idf_jpeg_band_init(room, &kept->jpeg, mem, rows_most(kept));
}

idf_jpeg_band *idf_kept_rooms(const idf_kept *kept, idf_mem *mem, uint32_t wanted, uint32_t *count)
{
  const uint64_t before = mem->used, most = mem->limit / 8;
  idf_jpeg_band *rooms = idf_alloc(mem, wanted, sizeof *rooms);

  *count = 0;
  while (rooms && *count < wanted && idf_kept_band_init(kept, &rooms[*count], mem)) {
    ++*count;
    if ((mem->used - before) / *count * (*count + 1) > most)
      break;
  }
  if (*count == 0) {
    idf_free(mem, rooms);
    return NULL;
  }
  idf_mem_forgive(mem); /* for one too many */
  return rooms;
}

void idf_kept_rooms_free(idf_mem *mem, idf_jpeg_band *rooms, uint32_t count)
{
  for (uint32_t i = 0; i < count; i++)
    idf_jpeg_band_free(&rooms[i], mem);
  idf_free(mem, rooms);
}

void idf_kept_place(const idf_kept *kept, idf_jpeg_band *room, uint32_t band)
{
  room->first = idf_kept_start(kept, band);
  room->count = idf_kept_start(kept, band + 1) - room->first;
}

/* Blocks of component c in the room's rows. */
static size_t blocks_of(const idf_kept *kept, const idf_jpeg_band *room, unsigned c)
{
  const idf_jpeg_component *component = &kept->jpeg.component[c];
  return (size_t)room->count * component->v * component->blocks_w;
}

size_t idf_kept_most(const idf_kept *kept)
{
  const idf_jpeg_band room = {.count = rows_most(kept)};
  size_t blocks = 0;

  for (unsigned c = 0; c < kept->jpeg.components; c++)
    blocks += blocks_of(kept, &room, c);
  /* A side is below 2^16: at most 2^13 * 2^7 blocks of a component. */
  return blocks * BLOCK_MOST + STREAM_FREE;
}

void idf_kept_to_natural(const idf_kept *kept, const idf_jpeg_band *room)
{
  int16_t was[IDF_JPEG_BLOCK];
  for (unsigned c = 0; c < kept->jpeg.components; c++) {
    int16_t *block = room->coefs[c];
    for (size_t left = blocks_of(kept, room, c); left > 0; left--, block += IDF_JPEG_BLOCK) {
      memcpy(was, block, sizeof was);
      for (unsigned k = 0; k < IDF_JPEG_BLOCK; k++)
        block[natural_place[k]] = was[k];
    }
  }
}

void idf_kept_to_zigzag(const idf_kept *kept, const idf_jpeg_band *room)
{
  int16_t was[IDF_JPEG_BLOCK];
  for (unsigned c = 0; c < kept->jpeg.components; c++) {
    int16_t *block = room->coefs[c];
    for (size_t left = blocks_of(kept, room, c); left > 0; left--, block += IDF_JPEG_BLOCK) {
      memcpy(was, block, sizeof was);
      for (unsigned k = 0; k < IDF_JPEG_BLOCK; k++)
        block[k] = was[natural_place[k]];
    }
  }
}

idf_coefs idf_kept_coefs(const idf_kept *kept, const idf_jpeg_band *room)
{
  const idf_jpeg *jpeg = &kept->jpeg;
  idf_coefs coefs = {.planes = jpeg->components, .v_most = jpeg->v_max, .mcu_rows = room->count};

  for (unsigned c = 0; c < jpeg->components; c++) {
    const idf_jpeg_component *component = &jpeg->component[c];
    idf_coefs_plane *plane = &coefs.plane[c];
    *plane = (idf_coefs_plane){.across = component->blocks_w,
                               .down = room->count * component->v,
                               .h = component->h,
                               .v = component->v,
                               .coef = room->coefs[c]};
    for (unsigned k = 0; k < IDF_JPEG_BLOCK; k++)
      plane->step[k] = IDF_MAX(kept->picture.component[c].step[k], (uint16_t)1);
  }
  return coefs;
}

bool idf_kept_tame(const idf_kept *kept, const idf_jpeg_band *room)
{
  for (unsigned c = 0; c < kept->jpeg.components; c++) {
    const idf_jpeg_component *component = &kept->jpeg.component[c];
    const uint32_t top = room->first * component->v;
    const uint32_t below = component->used_h > top ? component->used_h - top : 0;
    const uint32_t rows = IDF_MIN(room->count * component->v, below);
    for (uint32_t y = 0; y < rows; y++) {
      const int16_t *block = room->coefs[c] + (size_t)y * component->blocks_w * IDF_JPEG_BLOCK;
      for (uint32_t x = 0; x < component->used_w; x++, block += IDF_JPEG_BLOCK)
        if (!idf_recipe_tame(block, kept->picture.component[c].step))
          return false;
    }
  }
  return true;
}

uint32_t idf_kept_crc(const idf_kept *kept, idf_simd simd, uint32_t crc, const idf_jpeg_band *room)
{
  uint8_t bytes[IDF_JPEG_BLOCK * sizeof(int16_t)];
  for (unsigned c = 0; c < kept->jpeg.components; c++) {
    const int16_t *block = room->coefs[c];
    for (size_t left = blocks_of(kept, room, c); left > 0; left--, block += IDF_JPEG_BLOCK) {
      for (unsigned k = 0; k < IDF_JPEG_BLOCK; k++) {
        bytes[2 * k] = (uint8_t)(block[k] & 0xff);
        bytes[2 * k + 1] = (uint8_t)((uint16_t)block[k] >> 8);
      }
      crc = idf_crc32c(simd, crc, bytes, sizeof bytes);
    }
  }
  return crc;
}

void idf_kept_clear(const idf_kept *kept, const idf_jpeg_band *room)
{
  for (unsigned c = 0; c < kept->jpeg.components; c++)
    memset(room->coefs[c], 0, blocks_of(kept, room, c) * IDF_JPEG_BLOCK * sizeof(int16_t));
}

/* ---- facts -------------------------------------------------------------------------- */

/* How far steps, none of which is above `most`, are from those of a quality. */
static uint32_t distance(const uint16_t *step, unsigned quality, uint32_t most)
{
  uint16_t want[IDF_JPEG_BLOCK];
  uint32_t sum = 0;
  idf_steps_scaled(0, quality, most, want);
  for (unsigned k = 0; k < IDF_JPEG_BLOCK; k++)
    sum += (uint32_t)(step[k] > want[k] ? step[k] - want[k] : want[k] - step[k]);
  return sum;
}

/* The quality that is nearest; 0 when the steps differ from its by more than an eighth. */
static unsigned quality_of(const uint16_t *step)
{
  uint32_t best = UINT32_MAX, sum = 0, limit = 255;
  unsigned quality = 0;
  for (unsigned k = 0; k < IDF_JPEG_BLOCK; k++) {
    sum += step[k];
    if (step[k] > limit)
      limit = 32767; /* of a file that is not baseline */
  }
  for (unsigned q = 1; q <= 100; q++) {
    const uint32_t d = distance(step, q, limit);
    if (d < best) {
      best = d;
      quality = q;
    }
  }
  return best <= sum / 8 ? quality : 0;
}

void idf_kept_facts(const idf_kept *kept, idf_jpeg_info *facts)
{
  const idf_jpeg *jpeg = &kept->jpeg;

  *facts = (idf_jpeg_info){.components = jpeg->components,
                           .quality = quality_of(kept->picture.component[0].step),
                           .scans = jpeg->scans,
                           .restart = jpeg->scan[0].restart,
                           .progressive = jpeg->frame == 2};
  for (unsigned c = 0; c < jpeg->components; c++) {
    facts->h[c] = jpeg->component[c].h;
    facts->v[c] = jpeg->component[c].v;
  }
}

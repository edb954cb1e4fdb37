/* SPDX-License-Identifier: BSD-3-Clause
 *
 * oracle_kept.c: chapter 17 of idf(5), its beginning: the record of a JPEG file and its bands.
 */
#include "oracle.h"

/* ======== 17.1 The record ======== */

/* The side stream of a record; freed by free. */
static uint8_t *side_stream(const tables *t, source in, num *size)
{
  const num runs = get_varint(&in, 4096);
  num sums[2] = {0, 0};
  source lengths = in;
  for (num i = 0; i < runs; i++)
    sums[i % 2] += get_varint(&in, power(31));
  source plain = cut(&in, sums[1]), packed = {.name = in.name};
  uint8_t *piece = NULL;
  if (sums[0] > 0) {
    const num words = get(&in, 1), n = 7 + sums[0];
    if (words > 7 || n > power(22) || n > 1500 * left(&in))
      refuse(&in, "a JPEG file's head of such a size is not allowed");
    piece = idf_oracle_unpack(t, in, words, n);
    packed = (source){in.name, piece, piece + n};
    source head = cut(&packed, 7);
    if (memcmp(head.at, "JPEG", 4) != 0)
      refuse(&in, "packed for something else");
    head.at += 4;
    if (get(&head, 3) != sums[0])
      refuse(&in, "packed in another size");
  } else if (left(&in) != 0) {
    refuse(&in, "a record of a JPEG file is too long");
  }
  *size = sums[0] + sums[1];
  uint8_t *side = room(&in, *size, 1);
  num at = 0;
  for (num i = 0; i < runs; i++) {
    const num n = get_varint(&lengths, power(31));
    const source part = cut(i % 2 == 0 ? &packed : &plain, n);
    if (n > 0)
      memcpy(side + at, part.at, (size_t)n);
    at += n;
  }
  free(piece);
  return side;
}

/* libjpeg guesses at frequencies 1 to 9 that have not come to their last bit. */
static bool complete(const jpeg *j)
{
  for (num c = 0; c < j->components && j->progressive; c++)
    for (num k = 1; k <= 9; k++) {
      num low = -1;
      for (num i = 0; i < j->scans; i++)
        for (num n = 0; n < j->scan[i].components; n++)
          if (j->scan[i].component[n] == c && j->scan[i].first <= k && k <= j->scan[i].last)
            low = j->scan[i].low;
      if (low != 0)
        return false;
    }
  return true;
}

jpeg *idf_oracle_kept(const tables *t, source in)
{
  num size;
  const num first = get(&in, 1), shape = first % 16, crc = get(&in, 4);
  if (shape > 1 || first / 16 > 7)
    refuse(&in, "a JPEG file's coefficients are of an unknown shape, or its suffix is unknown");
  uint8_t *side = side_stream(t, in, &size);
  jpeg *j = idf_oracle_jpeg((source){in.name, side, side + size});
  j->side = side;
  j->crc = crc;
  j->shape = shape;
  if (j->components == 2 || !complete(j))
    refuse(&in, "a JPEG file without pixels");
  return j;
}

/* ======== 17.2 Bands ======== */

num idf_oracle_kept_bands(const jpeg *j)
{
  const num lines = 2097152 / j->width, rows = (lines < 512 ? lines : 512) / (8 * j->v_most);
  return most(1, (j->mcus_h + rows / 2) / rows);
}

/* The first row of MCUs of band i. */
static num start_of(const jpeg *j, num i)
{
  return i * j->mcus_h / idf_oracle_kept_bands(j);
}

void idf_oracle_kept_band(const tables *t, jpeg *j, num i, source in)
{
  const num first = start_of(j, i), rows = start_of(j, i + 1) - first;
  const num tallest = ceil_div(j->mcus_h, idf_oracle_kept_bands(j));
  num blocks = 0;
  for (num c = 0; c < j->components; c++)
    blocks += tallest * j->component[c].v * j->component[c].across;
  if (left(&in) > 256 * blocks + 1024)
    refuse(&in, "a band is longer than any");
  idf_oracle_coefs(t, j, first, rows, j->shape, in);
}

uint32_t idf_oracle_kept_crc(const jpeg *j)
{
  written all = {NULL, 0, 0};
  for (num i = 0; i < idf_oracle_kept_bands(j); i++)
    for (num c = 0; c < j->components; c++) {
      const jpeg_component *of = &j->component[c];
      const num row = of->v * of->across;
      for (num b = row * start_of(j, i); b < row * start_of(j, i + 1); b++) {
        num block[64];
        for (num k = 0; k < 64; k++)
          block[idf_oracle_zigzag(k)] = of->coef[64 * b + k];
        for (int k = 0; k < 64; k++) {
          idf_oracle_put_byte(&j->name, &all, block[k] & 255);
          idf_oracle_put_byte(&j->name, &all, block[k] >> 8 & 255);
        }
      }
    }
  const uint32_t crc = crc32c(all.data, (size_t)all.size);
  free(all.data);
  return crc;
}

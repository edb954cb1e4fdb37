/* SPDX-License-Identifier: BSD-3-Clause
 *
 * field.c: the rings of cells, and their borders.
 * idf(5), "PLANES AND BORDERS".
 */
#include "field.h"

#include <string.h>

/* Includes room for the strip right of the last one, and for a block read one lane to the right. */
static ptrdiff_t pitch_of(int32_t strips)
{
  return IDF_BLOCK + (strips + IDF_BLOCK - 1) / IDF_BLOCK * IDF_BLOCK;
}

int32_t idf_strip_of(uint32_t width)
{
  const int32_t eights = ((int32_t)width + 8 * IDF_BLOCK - 1) / (8 * IDF_BLOCK);
  return IDF_MIN(8 * eights, IDF_STRIP);
}

idf_status idf_field_init(idf_field *field, idf_mem *mem, uint32_t width, int32_t min, int32_t max,
                          bool low)
{
  const int32_t strip = idf_strip_of(width), strips = ((int32_t)width + strip - 1) / strip;
  *field = (idf_field){.width = (int32_t)width,
                       .strip = strip,
                       .strips = strips,
                       .pitch = pitch_of(strips),
                       .mid = (min + max + 1) >> 1};
  const size_t cells = (size_t)(IDF_RING + 1) * (size_t)field->pitch;
  if (low)
    field->low = idf_alloc(mem, cells, sizeof *field->low);
  else
    field->sample = idf_alloc(mem, cells, sizeof *field->sample);
  field->error = idf_alloc(mem, cells, sizeof *field->error);
  field->code = idf_alloc(mem, cells, sizeof *field->code);
  field->sign = idf_alloc(mem, cells, sizeof *field->sign);
  if ((low ? !field->low : !field->sample) || !field->error || !field->code || !field->sign) {
    idf_field_free(field, mem);
    return idf_mem_status(mem);
  }
  for (size_t i = 0; i < cells; i++) {
    if (low)
      field->low[i] = (int16_t)field->mid;
    else
      field->sample[i] = field->mid;
    field->error[i] = IDF_FIELD_ERROR;
    field->code[i] = IDF_FIELD_CODE;
  }
  return IDF_OK;
}

void idf_field_free(idf_field *field, idf_mem *mem)
{
  idf_free(mem, field->sample);
  idf_free(mem, field->low);
  idf_free(mem, field->error);
  idf_free(mem, field->code);
  idf_free(mem, field->sign);
  *field = (idf_field){0};
}

static void copy_sample(idf_field *field, ptrdiff_t from, ptrdiff_t to)
{
  if (field->low)
    field->low[to] = field->low[from];
  else
    field->sample[to] = field->sample[from];
}

/* Copies everything that is known of cell `from`. */
static void copy(idf_field *field, ptrdiff_t from, ptrdiff_t to)
{
  copy_sample(field, from, to);
  field->error[to] = field->error[from];
  field->code[to] = field->code[from];
  field->sign[to] = field->sign[from];
}

void idf_field_row_start(idf_field *field, int32_t y)
{
  for (int32_t x = -IDF_FIELD_SIDE; x < 0; x++)
    copy(field, idf_field_cell(field, 0, y - 1), idf_field_cell(field, x, y));
}

void idf_field_first_row(idf_field *field, int32_t x)
{
  const int32_t first = x == 0 ? -IDF_FIELD_SIDE : x + 1;
  const int32_t last = IDF_MIN(x + IDF_FIELD_SIDE, field->width + IDF_FIELD_SIDE - 1);
  for (int32_t y = -IDF_FIELD_TOP; y < 0; y++)
    for (int32_t i = first; i <= last; i++)
      copy_sample(field, idf_field_cell(field, x, 0), idf_field_cell(field, i, y));
}

void idf_field_left_known(idf_field *field, int32_t y)
{
  for (int32_t x = -IDF_FIELD_SIDE; x < 0; x++)
    copy(field, idf_field_cell(field, 0, y), idf_field_cell(field, x, y));
}

void idf_field_right(idf_field *field, int32_t t)
{
  /* A border cell is a copy of its left neighbour. It is filled at its own time; no lane has a
   * sample there. */
  int32_t x = (t - field->width) % field->strip;
  x = field->width + (x < 0 ? x + field->strip : x);
  if (x < field->width + IDF_FIELD_SIDE)
    copy(field, idf_field_at(field, t - 1, (x - 1) / field->strip),
         idf_field_at(field, t, x / field->strip));
}

void idf_field_near(const idf_field *field, int32_t t, ptrdiff_t near[IDF_WINDOW])
{
  /* Within a strip, the window moves by one column with each step. */
  const int32_t strip = field->strip, column = t % strip;
  if (column > IDF_FIELD_SIDE && column + IDF_FIELD_SIDE <= strip) { /* all in their own strips */
    const ptrdiff_t end = IDF_RING * field->pitch;
    for (int i = 0; i < IDF_WINDOW; i++)
      near[i] += field->pitch;
    if (IDF_RING % strip != 0) /* otherwise the ring ends where a strip does */
      for (int i = 0; i < IDF_WINDOW; i++)
        near[i] -= near[i] >= end + IDF_BLOCK - 1 ? end : 0;
    return;
  }
  for (int32_t dy = 0; dy < 4; dy++) {
    ptrdiff_t *row = near + IDF_WINDOW_AT(0, dy);
    if (column > 0)
      memmove(row - 4, row - 3, 7 * sizeof *row);
    for (int32_t dx = column > 0 ? 3 : -4; dx < 4; dx++)
      row[dx] = idf_field_at(field, t + dx - strip * dy, (column + dx + strip) / strip - 1);
  }
}

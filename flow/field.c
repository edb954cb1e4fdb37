/* SPDX-License-Identifier: BSD-3-Clause
 *
 * field.c: bordered planes.
 */
#include "field.h"

#define ERROR_START 64 /* 4 units: what rows above the first are assumed to have erred */

const int8_t idf_taps[IDF_TAPS][2] = {
  { -3, 0 }, { -2, 0 }, { -1, 0 },
  { -3, 1 }, { -2, 1 }, { -1, 1 }, { 0, 1 }, { 1, 1 }, { 2, 1 }, { 3, 1 },
  { -3, 2 }, { -2, 2 }, { -1, 2 }, { 0, 2 }, { 1, 2 }, { 2, 2 }, { 3, 2 },
  { -2, 3 }, { -1, 3 }, { 0, 3 }, { 1, 3 }, { 2, 3 },
};
const int8_t idf_taps_own[IDF_TAPS_OWN][2] = {
  { -3, 0 }, { -2, 0 }, { -1, 0 },
  { -3, 1 }, { -2, 1 }, { -1, 1 }, { 0, 1 }, { 1, 1 }, { 2, 1 }, { 3, 1 },
  { -2, 2 }, { -1, 2 }, { 0, 2 }, { 1, 2 }, { 2, 2 },
  { -1, 3 }, { 0, 3 }, { 1, 3 },
};
const int8_t idf_taps_cross[IDF_TAPS_CROSS][2] = {
  { -2, 0 }, { -1, 0 }, { 0, 0 },
  { -2, 1 }, { -1, 1 }, { 0, 1 }, { 1, 1 }, { 2, 1 },
  { -1, 2 }, { 0, 2 }, { 1, 2 },
};

idf_status idf_field_init(idf_field *field, idf_mem *mem, uint32_t width, uint32_t height,
                          int32_t min, int32_t max)
{
  size_t stride = (size_t)width + 2 * IDF_FIELD_SIDE, cells;
  size_t origin = IDF_FIELD_TOP * stride + IDF_FIELD_SIDE;
  *field = (idf_field){ .width = width, .height = height, .stride = (ptrdiff_t)stride,
                        .min = min, .max = max, .mid = (min + max + 1) >> 1 };
  if (!idf_size_mul(stride, (size_t)height + IDF_FIELD_TOP, &cells))
    return IDF_ERR_LIMIT;
  static const size_t size[5] = { sizeof(int32_t), sizeof(uint16_t), 1, 1, sizeof(int16_t) };
  for (int i = 0; i < 5; i++)
    if ((field->memory[i] = idf_alloc(mem, cells, size[i])) == NULL) {
      idf_field_free(field, mem);
      return idf_mem_status(mem);
    }
  field->sample = (int32_t *)field->memory[0] + origin;
  field->error = (uint16_t *)field->memory[1] + origin;
  field->error_code = (uint8_t *)field->memory[2] + origin;
  field->error_sign = (int8_t *)field->memory[3] + origin;
  field->low = (int16_t *)field->memory[4] + origin;
  int32_t *sample = field->memory[0];
  uint16_t *error = field->memory[1];
  uint8_t *code = field->memory[2];
  int16_t *low = field->memory[4];
  for (size_t i = 0; i < IDF_FIELD_TOP * stride; i++) {
    sample[i] = field->mid;
    low[i] = (int16_t)field->mid;
    error[i] = ERROR_START;
    code[i] = (uint8_t)((idf_log2_q8(1 + ERROR_START) * 9) >> 8);
  }
  return IDF_OK;
}

void idf_field_free(idf_field *field, idf_mem *mem)
{
  for (int i = 0; i < 5; i++) {
    idf_free(mem, field->memory[i]);
    field->memory[i] = NULL;
  }
}

/* Copies everything known of cell `from` to cells [to, to + n). */
static void spread(idf_field *field, ptrdiff_t from, ptrdiff_t to, int n)
{
  for (ptrdiff_t i = to; i < to + n; i++) {
    field->sample[i] = field->sample[from];
    field->low[i] = field->low[from];
    field->error[i] = field->error[from];
    field->error_code[i] = field->error_code[from];
    field->error_sign[i] = field->error_sign[from];
  }
}

void idf_field_row_start(idf_field *field, uint32_t y)
{
  ptrdiff_t row = idf_field_at(field, 0, y);
  spread(field, row - field->stride, row - IDF_FIELD_SIDE, IDF_FIELD_SIDE);
}

void idf_field_first_row(idf_field *field, uint32_t x)
{
  int32_t s = field->sample[x];
  ptrdiff_t first = x == 0 ? -IDF_FIELD_SIDE : (ptrdiff_t)x + 1, last = (ptrdiff_t)x + 4;
  last = IDF_MIN(last, (ptrdiff_t)field->width + IDF_FIELD_SIDE - 1);
  for (ptrdiff_t r = 1; r <= IDF_FIELD_TOP; r++)
    for (ptrdiff_t i = first; i <= last; i++) {
      field->sample[i - r * field->stride] = s;
      field->low[i - r * field->stride] = (int16_t)s;
    }
}

void idf_field_left_known(idf_field *field, uint32_t y)
{
  ptrdiff_t row = idf_field_at(field, 0, y);
  spread(field, row, row - IDF_FIELD_SIDE, IDF_FIELD_SIDE);
}

void idf_field_row_end(idf_field *field, uint32_t y)
{
  ptrdiff_t last = idf_field_at(field, field->width - 1, y);
  spread(field, last, last + 1, IDF_FIELD_SIDE);
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * component.c: estimates the samples of a component from pixels.
 *
 * It undoes interpolation by least squares, in one direction after the other. In one direction a
 * sample has the weight 3/4 in two pixels and 1/4 in two others. So the normal equations are
 * tridiagonal: 3/8, 10/8, 3/8 inside, and well conditioned. The factors of the elimination depend
 * on the place only, so all lines share them.
 */
#include "component.h"

#include <string.h>

#include "fixed.h"

#define FACTOR_Q 12
#define INVERSE_Q 15
#define REACH 2
#define MIDDLE_Q 6 /* Q-format of values between the two directions */

/* ---- one direction ------------------------------------------------------------------------ */

/* The two samples that form pixel `at` of the canvas, counted from the first one that pixels show;
 * at the borders `far` equals `near`. */
typedef struct line {
  uint32_t first, count;     /* first sample of the component; how many */
  uint32_t start, end;       /* pixels of the canvas */
  int32_t *factor, *inverse; /* owned: count each; Q12, Q15; of 16 times the equations */
  int32_t *side;             /* owned: count: 16 times what couples a sample with the next */
} line;

static inline uint32_t near_of(const line *l, uint32_t at)
{
  return (at >> 1) - l->first;
}

static inline uint32_t far_of(const line *l, uint32_t at)
{
  const uint32_t near = near_of(l, at);
  if (at & 1)
    return IDF_MIN(near + 1, l->count - 1);
  return near == 0 ? 0 : near - 1;
}

static void line_close(line *l, idf_mem *mem)
{
  idf_free(mem, l->factor);
  idf_free(mem, l->inverse);
  idf_free(mem, l->side);
  *l = (line){.count = 0};
}

static idf_status line_open(line *l, idf_mem *mem, uint32_t start, uint32_t pixels)
{
  *l = (line){.first = start >> 1, .start = start, .end = start + pixels};
  l->count = ((l->end - 1) >> 1) - l->first + 1;
  l->factor = idf_alloc(mem, l->count, sizeof *l->factor);
  l->inverse = idf_alloc(mem, l->count, sizeof *l->inverse);
  l->side = idf_alloc(mem, l->count, sizeof *l->side);
  if (!l->factor || !l->inverse || !l->side) {
    line_close(l, mem);
    return idf_mem_status(mem);
  }
  for (uint32_t at = start; at < l->end; at++) { /* `inverse` holds the diagonal for now */
    const uint32_t near = near_of(l, at), far = far_of(l, at);
    if (near == far) {
      l->inverse[near] += 16;
    } else {
      l->inverse[near] += 9;
      l->inverse[far] += 1;
      l->side[IDF_MIN(near, far)] += 3;
    }
  }
  int32_t pivot = 0;
  for (uint32_t j = 0; j < l->count; j++) {
    const int32_t before = j == 0 ? 0 : l->side[j - 1];
    l->factor[j] = j == 0 ? 0 : (before << (2 * FACTOR_Q)) / pivot;
    pivot = (l->inverse[j] << FACTOR_Q) - l->factor[j] * before;
    l->inverse[j] = (1 << (INVERSE_Q + FACTOR_Q)) / IDF_MAX(pivot, 1);
  }
  return IDF_OK;
}

/* Solves `lanes` lines at once. sum[j * lanes + i] is 4 times the right-hand side of sample j of
 * line i in Q6, and becomes the sample. */
static void line_solve(const line *l, int32_t *sum, uint32_t lanes)
{
  for (uint32_t j = 1; j < l->count; j++) {
    int32_t *at = sum + (size_t)j * lanes;
    const int32_t *before = at - lanes;
    for (uint32_t i = 0; i < lanes; i++)
      at[i] -= (int32_t)(((int64_t)l->factor[j] * before[i]) >> FACTOR_Q);
  }
  for (uint32_t j = l->count; j-- > 0;) {
    int32_t *at = sum + (size_t)j * lanes;
    const bool last = j + 1 == l->count;
    const int32_t *next = last ? at : at + lanes;
    const int32_t side = last ? 0 : l->side[j];
    for (uint32_t i = 0; i < lanes; i++) {
      const int64_t v = ((int64_t)(4 * at[i] - side * next[i]) * l->inverse[j]) >> INVERSE_Q;
      at[i] = (int32_t)(v < -(1 << 15) ? -(1 << 15) : v > 1 << 15 ? 1 << 15 : v);
    }
  }
}

/* ---- both ---------------------------------------------------------------------------------- */

/* Turns the pixels of a tile's rows into samples across, in Q6, `count` of them per row. */
static void across(const line *l, const uint8_t *pixel, uint32_t rows, int32_t *out)
{
  const uint32_t width = l->end - l->start;
  for (uint32_t y = 0; y < rows; y++, pixel += width, out += l->count) {
    for (uint32_t at = l->start; at < l->end; at++) {
      const int32_t v = pixel[at - l->start] * (1 << MIDDLE_Q);
      out[near_of(l, at)] += 3 * v;
      out[far_of(l, at)] += v;
    }
    line_solve(l, out, 1);
  }
}

/* Turns rows of `lanes` values in Q6 into samples down. */
static void down(const line *l, const int32_t *in, uint32_t lanes, int32_t *out)
{
  for (uint32_t at = l->start; at < l->end; at++, in += lanes) {
    int32_t *near = out + (size_t)near_of(l, at) * lanes,
            *far = out + (size_t)far_of(l, at) * lanes;
    for (uint32_t i = 0; i < lanes; i++) {
      near[i] += 3 * in[i];
      far[i] += in[i];
    }
  }
  line_solve(l, out, lanes);
}

/* Copies values without change, in Q6. */
static void widen(const uint8_t *pixel, size_t n, int32_t *out)
{
  for (size_t i = 0; i < n; i++)
    out[i] = pixel[i] * (1 << MIDDLE_Q);
}

/* The rectangle of samples that pixels show. */
typedef struct shown {
  uint32_t x, y, width, height;
} shown;

static shown shown_of(const idf_component *c, const idf_evidence *e)
{
  const unsigned sx = c->across - 1, sy = c->down - 1; /* shifts: 1 for 2 */
  shown s = {.x = c->x >> sx, .y = c->y >> sy};
  s.width = ((c->x + e->width - 1) >> sx) - s.x + 1;
  s.height = ((c->y + e->height - 1) >> sy) - s.y + 1;
  return s;
}

static void store(idf_component *c, const shown *s, const int32_t *value)
{
  for (uint32_t y = 0; y < s->height; y++) {
    int16_t *to = c->wanted + (size_t)(s->y + y) * c->width + s->x;
    for (uint32_t x = 0; x < s->width; x++)
      to[x] = (int16_t)idf_clamp(idf_round_q(value[(size_t)y * s->width + x], MIDDLE_Q - 4), 0,
                                 255 * 16);
  }
}

static idf_status take_smooth(idf_component *c, idf_mem *mem, const idf_evidence *e, unsigned p,
                              const shown *s)
{
  line horizontal = {.count = 0}, vertical = {.count = 0};
  int32_t *middle = idf_alloc(mem, (size_t)s->width * e->height, sizeof *middle);
  int32_t *values = idf_alloc(mem, (size_t)s->width * s->height, sizeof *values);
  idf_status status = middle && values ? IDF_OK : idf_mem_status(mem);
  if (status == IDF_OK && c->across == 2)
    status = line_open(&horizontal, mem, c->x, e->width);
  if (status == IDF_OK && c->down == 2)
    status = line_open(&vertical, mem, c->y, e->height);
  if (status == IDF_OK) {
    if (c->across == 2)
      across(&horizontal, e->sample[p], e->height, middle);
    else
      widen(e->sample[p], (size_t)e->width * e->height, middle);
    if (c->down == 2)
      down(&vertical, middle, s->width, values);
    store(c, s, c->down == 2 ? values : middle);
  }
  line_close(&horizontal, mem);
  line_close(&vertical, mem);
  idf_free(mem, middle);
  idf_free(mem, values);
  return status;
}

/* Averages the pixels of a sample, which are all equal if the decoder repeated it. */
static void take_repeated(idf_component *c, const idf_evidence *e, unsigned p, const shown *s)
{
  for (uint32_t j = s->y; j < s->y + s->height; j++)
    for (uint32_t i = s->x; i < s->x + s->width; i++) {
      int32_t sum = 0, count = 0;
      for (uint32_t y = j * c->down; y < (j + 1) * c->down; y++)
        for (uint32_t x = i * c->across; x < (i + 1) * c->across; x++)
          if (x >= c->x && y >= c->y && x - c->x < e->width && y - c->y < e->height) {
            sum += e->sample[p][(size_t)(y - c->y) * e->width + (x - c->x)];
            count++;
          }
      c->wanted[(size_t)j * c->width + i] = (int16_t)(16 * sum / count);
    }
}

/* Marks the samples as known whose nearest pixels are all known. */
static void note_known(idf_component *c, const idf_evidence *e, const shown *s)
{
  memset(c->known, 0, (size_t)c->width * c->height * sizeof *c->known);
  for (uint32_t j = s->y; j < s->y + s->height; j++)
    memset(c->known + (size_t)j * c->width + s->x, 1, s->width * sizeof *c->known);
  for (uint32_t y = 0; y < e->height; y++) {
    const bool *from = e->known + (size_t)y * e->width;
    bool *to = c->known + (size_t)((y + c->y) / c->down) * c->width;
    for (uint32_t x = 0; x < e->width; x++)
      if (!from[x])
        to[(x + c->x) / c->across] = false;
  }
}

/* The effect of an unknown pixel on interpolated samples falls to a third with each sample. Those
 * within REACH do not count as known. */
static bool row_known(const idf_component *c, uint32_t x, uint32_t y, uint32_t width)
{
  const uint32_t from = x < REACH ? 0 : x - REACH, to = IDF_MIN(x + REACH + 1, width);
  bool all = true;
  for (uint32_t i = from; i < to; i++)
    all = all && c->known[(size_t)y * c->width + i];
  return all;
}

static idf_status shrink_known(idf_component *c, idf_mem *mem)
{
  bool *rows = idf_alloc(mem, (size_t)c->width * c->height, sizeof *rows);
  if (!rows)
    return idf_mem_status(mem);
  for (uint32_t y = 0; y < c->real_height; y++)
    for (uint32_t x = 0; x < c->real_width; x++)
      rows[(size_t)y * c->width + x] = row_known(c, x, y, c->real_width);
  for (uint32_t y = 0; y < c->real_height; y++)
    for (uint32_t x = 0; x < c->real_width; x++) {
      const uint32_t from = y < REACH ? 0 : y - REACH, to = IDF_MIN(y + REACH + 1, c->real_height);
      bool all = true;
      for (uint32_t j = from; j < to; j++)
        all = all && rows[(size_t)j * c->width + x];
      c->known[(size_t)y * c->width + x] = all;
    }
  idf_free(mem, rows);
  return IDF_OK;
}

/* Everything outside the rectangle repeats its border. */
static void extend(idf_component *c, const shown *s)
{
  const uint32_t right = s->x + s->width;
  for (uint32_t y = s->y; y < s->y + s->height; y++) {
    int16_t *row = c->wanted + (size_t)y * c->width;
    for (uint32_t x = 0; x < s->x; x++)
      row[x] = row[s->x];
    for (uint32_t x = right; x < c->width; x++)
      row[x] = row[right - 1];
  }
  const size_t size = c->width * sizeof *c->wanted;
  for (uint32_t y = 0; y < c->height; y++)
    if (y < s->y || y >= s->y + s->height)
      memcpy(c->wanted + (size_t)y * c->width,
             c->wanted + (size_t)(y < s->y ? s->y : s->y + s->height - 1) * c->width, size);
}

idf_status idf_component_take(idf_component *component, idf_mem *mem, const idf_evidence *evidence,
                              unsigned p)
{
  const shown s = shown_of(component, evidence);
  idf_status status = IDF_OK;
  if (component->smooth)
    status = take_smooth(component, mem, evidence, p, &s);
  else
    take_repeated(component, evidence, p, &s);
  if (status == IDF_OK) {
    note_known(component, evidence, &s);
    extend(component, &s);
    if (component->smooth)
      status = shrink_known(component, mem);
  }
  return status;
}

/* ---- the rest ------------------------------------------------------------------------------ */

idf_status idf_component_open(idf_component *component, idf_mem *mem, const idf_canvas *canvas,
                              unsigned p)
{
  const idf_coefs_plane *plane = &canvas->coefs.plane[p];
  const size_t n = 64 * (size_t)plane->across * plane->down;
  idf_component *c = component;

  *c = (idf_component){.width = 8 * plane->across,
                       .height = 8 * plane->down,
                       .across = p == 0 ? 1 : canvas->across,
                       .down = p == 0 ? 1 : canvas->down,
                       .x = canvas->x,
                       .y = canvas->y};
  c->real_width = (canvas->x + canvas->width + c->across - 1) / c->across;
  c->real_height = (canvas->y + canvas->height + c->down - 1) / c->down;
  /* As recipe_row.h does for narrow ones. */
  c->smooth =
      canvas->smooth && (c->down == 2 || c->across == 2) && (c->across == 1 || c->real_width > 2);
  c->wanted = idf_alloc(mem, n, sizeof *c->wanted);
  c->known = idf_alloc(mem, n, sizeof *c->known);
  c->made = idf_alloc(mem, n, 1);
  if (c->wanted && c->known && c->made)
    return IDF_OK;
  idf_component_close(c, mem);
  return idf_mem_status(mem);
}

void idf_component_close(idf_component *component, idf_mem *mem)
{
  idf_free(mem, component->wanted);
  idf_free(mem, component->known);
  idf_free(mem, component->made);
  *component = (idf_component){.width = 0};
}

/* The neighbour that an interpolated pixel uses besides sample at / 2. */
static inline uint32_t beside(uint32_t at, uint32_t count)
{
  const uint32_t near = at >> 1;
  if (at & 1)
    return near + 1 < count ? near + 1 : near;
  return near == 0 ? 0 : near - 1;
}

uint8_t idf_component_pixel(const idf_component *component, uint32_t x, uint32_t y)
{
  const idf_component *c = component;
  const uint32_t i = x / c->across, j = y / c->down;
  const uint8_t *row = c->made + (size_t)j * c->width;

  if (!c->smooth)
    return row[i];
  const uint32_t i2 = c->across == 2 ? beside(x, c->real_width) : i;
  const uint8_t *row2 = c->made + (size_t)(c->down == 2 ? beside(y, c->real_height) : j) * c->width;
  if (c->down == 1)
    return (uint8_t)((3u * row[i] + row[i2] + 1 + (x & 1)) >> 2);
  if (c->across == 1)
    return (uint8_t)((3u * row[i] + row2[i] + 1 + (y & 1)) >> 2);
  const uint32_t near = 3u * row[i] + row2[i], far = 3u * row[i2] + row2[i2];
  return (uint8_t)((3 * near + far + 8 - (x & 1)) >> 4);
}

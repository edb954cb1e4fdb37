/* SPDX-License-Identifier: BSD-3-Clause
 *
 * values.c: bitmaps of the values in use: how they are coded, and whether ranks pay.
 * idf(5), "FLOW TILES".
 */
#include "values.h"

#include <string.h>

#include "adapt.h"
#include "fixed.h"
#include "rans.h"

#define VALUES 65536
#define STEPS 5     /* relations of the current gap to the last one */
#define WIDTHS 4    /* classes of the current gap */
#define LARGE 65536 /* pixels; of larger tiles a ninth is enough to judge */
#define MIN_GAIN 8  /* 1/256 bit a sample: ranks must gain this beyond their own cost */

/* The flags of one plane after the other. */
typedef struct coder {
  idf_bit flag[2][STEPS][WIDTHS];
  uint32_t gap, last; /* values since the last used one, and between that and the one before */
} coder;

static void coder_init(coder *c)
{
  for (int above = 0; above < 2; above++)
    for (int s = 0; s < STEPS; s++)
      for (int w = 0; w < WIDTHS; w++)
        idf_bit_init(&c->flag[above][s][w], IDF_FREQ_ONE / 2);
}

static void coder_plane(coder *c)
{
  c->gap = c->last = 1;
}

/* The flag of the next value. above: whether the plane before uses that value. */
static idf_bit *coder_flag(coder *c, bool above)
{
  int step = idf_clamp((int32_t)c->gap - (int32_t)c->last, -2, 2) + 2;
  int width = c->gap < 3 ? (int)c->gap - 1 : c->gap < 5 ? 2 : 3;
  return &c->flag[above][step][width];
}

static void coder_learn(coder *c, idf_bit *flag, bool used)
{
  idf_bit_update(flag, used);
  if (used)
    c->last = c->gap;
  c->gap = used ? 1 : c->gap + 1;
}

/* The code length of plane p's bitmap in 1/256 bit. With `enc` it is also written. */
static uint64_t put_plane(coder *c, const idf_values *values, unsigned p, idf_rans_enc *enc)
{
  uint64_t cost = 0;
  uint32_t n = 0, above = 0; /* used values passed, in this plane and in the one before */
  coder_plane(c);
  for (uint32_t v = 0; v < 1u << values->depth; v++) {
    const bool used = n < values->count[p] && values->value[p][n] == v;
    const bool shared = p > 0 && above < values->count[p - 1] && values->value[p - 1][above] == v;
    idf_bit *flag = coder_flag(c, shared);
    idf_interval in = idf_bit_interval(flag, used);
    cost += (IDF_FREQ_BITS << 8) - idf_log2_q8(in.size);
    if (enc)
      idf_rans_put(enc, 0, in);
    coder_learn(c, flag, used);
    n += used;
    above += shared;
  }
  return cost;
}

/* The encoder's statistics: histograms and used values. */
typedef struct histogram {
  uint32_t count[IDF_VALUES_PLANES][VALUES];
  uint8_t used[IDF_VALUES_PLANES][VALUES];
} histogram;

/* Fills the comb of all values, from the lowest used one on, that a common divisor of the
 * differences allows. Values that happen to be missing keep their places, so distances keep their
 * meaning. */
static void fill_comb(uint8_t *used, uint32_t values)
{
  uint32_t first = 0, divisor = 0;
  while (!used[first])
    first++;
  for (uint32_t v = first + 1; v < values; v++)
    if (used[v]) {
      uint32_t a = v - first, b = divisor;
      while (b != 0) {
        uint32_t rest = a % b;
        a = b;
        b = rest;
      }
      divisor = a;
    }
  if (divisor > 1)
    for (uint32_t v = first % divisor; v < values; v += divisor)
      used[v] = 1;
}

/* Lists the used values and returns their number. */
static uint32_t list_used(const uint8_t *used, uint32_t values, uint16_t *value)
{
  uint32_t n = 0;
  for (uint32_t v = 0; v < values; v++)
    if (used[v])
      value[n++] = (uint16_t)v;
  return n;
}

/* The bits, in 1/256, that all samples of a histogram spend on unused values beside their own. Each
 * sample spends the logarithm of the mean of its two gaps. */
static uint64_t gap_bits(const uint32_t *count, const uint16_t *value, uint32_t n)
{
  uint64_t sum = 0;
  for (uint32_t i = 0; i < n && n > 1; i++) {
    uint32_t below = i > 0 ? i - 1 : i, above = i + 1 < n ? i + 1 : i;
    uint32_t gaps = (uint32_t)(value[above] - value[below]) << (above - below == 1);
    sum += (uint64_t)count[value[i]] * (idf_log2_q8(gaps) - 256);
  }
  return sum;
}

/* Gives planes that use nearly the same values the union of them: then a distance means the same in
 * all of them, which suits colour layers. */
static void share_values(histogram *s, uint32_t values, unsigned first, unsigned planes)
{
  uint32_t least = values, all = 0, each[IDF_VALUES_PLANES] = {0};
  for (uint32_t v = 0; v < values; v++) {
    bool any = false;
    for (unsigned p = first; p < planes; p++) {
      each[p] += s->used[p][v];
      any = any || s->used[p][v];
    }
    all += any;
  }
  for (unsigned p = first; p < planes; p++)
    least = IDF_MIN(least, each[p]);
  if (3 * all > 4 * least)
    return;
  for (uint32_t v = 0; v < values; v++) {
    bool any = false;
    for (unsigned p = first; p < planes; p++)
      any = any || s->used[p][v];
    for (unsigned p = first; p < planes; p++)
      s->used[p][v] = any;
  }
}

/* Lists the used values of each plane, or all values where a bitmap does not pay. Returns whether
 * it pays for any plane; a plane has n samples. */
static bool list_values(histogram *s, idf_values *values, size_t n)
{
  const uint32_t all = 1u << values->depth;
  coder c;
  bool pays = false;
  coder_init(&c);
  for (unsigned p = 0; p < values->planes; p++) {
    uint8_t *used = s->used[p];
    values->count[p] = list_used(used, all, values->value[p]);
    uint64_t cost = put_plane(&c, values, p, NULL);
    uint64_t gain = gap_bits(s->count[p], values->value[p], values->count[p]);
    if (values->count[p] < all && gain > cost + n * MIN_GAIN) {
      pays = true;
    } else {
      memset(used, 1, all);
      values->count[p] = list_used(used, all, values->value[p]);
    }
  }
  return pays;
}

static idf_status values_init(idf_mem *mem, const idf_planes *planes, idf_values *values)
{
  *values = (idf_values){.planes = planes->count, .depth = planes->depth};
  for (unsigned p = 0; p < planes->count; p++)
    if (!(values->value[p] = idf_alloc(mem, (size_t)1 << planes->depth, sizeof(uint16_t))))
      return idf_mem_status(mem);
  return IDF_OK;
}

/* Whether a ninth of the samples promises a gain. It shows more gaps than all samples have, so it
 * never hides a gain. */
static bool promises_gain(const idf_planes *planes)
{
  uint64_t most = 0;
  for (unsigned p = 0; p < planes->count; p++) {
    uint32_t count[256] = {0};
    uint8_t used[256];
    uint16_t value[256];
    for (size_t i = 0; i < planes->n; i += 9)
      count[planes->plane[p][i]]++;
    for (unsigned v = 0; v < 256; v++)
      used[v] = count[v] != 0;
    most = IDF_MAX(most, gap_bits(count, value, list_used(used, 256, value)));
  }
  return 9 * most > planes->n * MIN_GAIN;
}

idf_status idf_values_choose(idf_mem *mem, const idf_planes *planes, idf_values *values, bool *pays)
{
  const uint32_t all = 1u << planes->depth;
  histogram *s = idf_alloc_sparse(mem, 1, sizeof *s);
  idf_status status = values_init(mem, planes, values);
  *pays = false;
  if (!s)
    status = idf_mem_status(mem);
  if (status == IDF_OK && (planes->depth != 8 || planes->n < LARGE || promises_gain(planes))) {
    for (unsigned p = 0; p < planes->count; p++) {
      for (size_t i = 0; i < planes->n; i++)
        s->count[p][planes->plane[p][i]]++;
      for (uint32_t v = 0; v < all; v++)
        s->used[p][v] = s->count[p][v] != 0;
      fill_comb(s->used[p], all);
    }
    share_values(s, all, planes->alpha, planes->count);
    *pays = list_values(s, values, planes->n);
  }
  idf_free(mem, s);
  return status;
}

idf_status idf_values_put(idf_mem *mem, const idf_values *values, idf_buf *out)
{
  idf_buf stream;
  idf_rans_enc enc;
  coder c;
  idf_buf_init(&stream, mem);
  idf_rans_enc_init(&enc, mem, 1);
  coder_init(&c);
  for (unsigned p = 0; p < values->planes; p++)
    put_plane(&c, values, p, &enc);
  idf_status status = enc.bad ? idf_mem_status(mem) : idf_rans_finish(&enc, &stream);
  idf_put_varint(out, stream.len);
  idf_put_bytes(out, stream.data, stream.len);
  if (status == IDF_OK && out->bad)
    status = idf_mem_status(mem);
  idf_buf_free(&stream);
  idf_rans_enc_free(&enc);
  return status;
}

idf_status idf_values_get(idf_mem *mem, const idf_planes *planes, idf_cur *in, idf_values *values)
{
  size_t len = (size_t)idf_get_varint(in, idf_cur_left(in));
  const uint8_t *data = idf_get_bytes(in, len);
  idf_rans_dec dec;
  idf_status status = values_init(mem, planes, values);
  if (status == IDF_OK)
    status = in->bad ? IDF_ERR_TRUNCATED : idf_rans_dec_init(&dec, data, len, 1);
  if (status != IDF_OK)
    return status;
  coder c;
  coder_init(&c);
  for (unsigned p = 0; p < values->planes; p++) {
    uint32_t above = 0, n = 0; /* above: used values passed in the plane before */
    coder_plane(&c);
    for (uint32_t v = 0; v < 1u << values->depth; v++) {
      bool shared = p > 0 && above < values->count[p - 1] && values->value[p - 1][above] == v;
      idf_bit *flag = coder_flag(&c, shared);
      int used = idf_bit_value(flag, idf_rans_peek(&dec, 0));
      idf_rans_take(&dec, 0, idf_bit_interval(flag, used));
      coder_learn(&c, flag, used);
      above += shared;
      if (used)
        values->value[p][n++] = (uint16_t)v;
    }
    values->count[p] = n;
    if (n == 0)
      return IDF_ERR_CORRUPT;
  }
  return idf_rans_dec_finish(&dec);
}

void idf_values_free(idf_values *values, idf_mem *mem)
{
  for (unsigned p = 0; p < IDF_VALUES_PLANES; p++) {
    idf_free(mem, values->value[p]);
    values->value[p] = NULL;
  }
}

void idf_values_forward(const idf_values *values, unsigned p, int32_t *plane, size_t n)
{
  const uint16_t *value = values->value[p];
  for (size_t i = 0; i < n; i++) {
    /* Bisection, because a table of ranks would need 2^depth entries of its own. */
    uint32_t lo = 0, hi = values->count[p];
    while (hi - lo > 1) {
      uint32_t mid = (lo + hi) / 2;
      if (value[mid] <= plane[i])
        lo = mid;
      else
        hi = mid;
    }
    plane[i] = (int32_t)lo;
  }
}

bool idf_values_inverse(const idf_values *values, unsigned p, int32_t *plane, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    if ((uint32_t)plane[i] >= values->count[p])
      return false;
    plane[i] = values->value[p][plane[i]];
  }
  return true;
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * oracle_coefs.c: chapter 18 of idf(5): the coefficients of a band of a JPEG picture from their
 * stream. The decisions are in oracle_bank.c.
 *
 * All neighbours are looked up anew wherever they are asked for; what does not exist is 0.
 */
#include "oracle_bank.h"
#include "starts.h"

#define SUM_FULL 0xA0AAF6A0 /* of 18.8 */
#define SUM_LEAN 0x29399BA1

enum { INNER, ROW, COLUMN };

/* What is kept of a block. */
typedef struct block {
  num coef[64], value[64]; /* rows of frequencies; times step */
  num count[3], miss;
  num pixel[8][8]; /* Q4 */
} block;

typedef struct plane {
  num across, down, h, v, kind, step[64];
  block *blocks;
} plane;

/* The block at work. */
typedef struct work {
  const shape *of;
  bank *b;
  plane *planes, *own;
  num p, x, y;
  block *now;
} work;

static const block nothing;

/* ======== 18.2 Blocks around ======== */

static const block *block_at(const plane *p, num x, num y)
{
  return x >= 0 && y >= 0 && x < p->across && y < p->down ? &p->blocks[p->across * y + x] : NULL;
}

static const block * or (const block *a, const block *b)
{
  return a != NULL ? a : b;
}

static const block *beside(const work *k, num dx, num dy)
{
  return block_at(k->own, k->x + dx, k->y + dy);
}

/* Coefficients of neighbours. */
static const num *coefs_at(const work *k, num dx, num dy)
{
  const block *there = beside(k, dx, dy);
  if (there == NULL && (dx == -2 || dy == -2))
    there = beside(k, dx / 2, dy / 2);
  return or (there, &nothing)->coef;
}

/* Counts and misses of neighbours. */
static const block *note_at(const work *k, num dx, num dy)
{
  const block *n = or (beside(k, 0, -1), beside(k, -1, 0));
  if (dy == 0)
    return or (or (beside(k, -1, 0), n), &nothing);
  return or (or (beside(k, dx, -1), n), &nothing);
}

/* A magnitude as far as it matters. */
static num size(num v)
{
  return least(absolute(v), 4000);
}

typedef struct before {
  num sum[64], luma[64], count;
  const block *other;
} before;

static before planes_before(const work *k)
{
  before b = {.other = &nothing};
  const plane *first = &k->planes[0], *own = k->own;
  num seen = 0;
  if (k->p == 0)
    return b;
  const num across = most(1, first->h / own->h), down = most(1, first->v / own->v);
  for (num i = 0; i < across * down; i++) {
    const block *there = block_at(first, k->x * across + i % across, k->y * down + i / across);
    if (there == NULL)
      continue;
    for (int q = 0; q < 64; q++) {
      b.sum[q] = least(b.sum[q] + size(there->coef[q]), 4000);
      b.luma[q] = there->coef[q];
    }
    b.count += there->count[INNER];
    seen++;
  }
  if (seen > 1) {
    memset(b.luma, 0, sizeof b.luma);
    b.count /= seen;
  }
  const plane *second = &k->planes[1];
  if (k->p == 2 && second->across == own->across && second->down == own->down)
    b.other = block_at(second, k->x, k->y);
  return b;
}

/* ======== 18.3 Numbers ======== */

static num grade(num v)
{
  if (v < 4)
    return v;
  const num n = highest_bit(v);
  return 2 * n + (v >> (n - 1) & 1);
}

static num signed_grade(num v, num limit)
{
  const num g = grade(least(absolute(v), limit));
  return v < 0 ? 32 - g : 32 + g;
}

static num middle(num v, num limit)
{
  return clamp(v, -limit, limit) + limit;
}

static num floor_div(num a, num b)
{
  return a >= 0 ? a / b : -((-a + b - 1) / b);
}

/* cos(m pi / 16) / 2, Q13. */
static const num cosine[9] = {4096, 4017, 3784, 3406, 2896, 2276, 1567, 799, 0};

static num border(num k)
{
  return k == 0 ? 2896 : cosine[k];
}

static num basis(num k, num n)
{
  const num m = (2 * n + 1) * k % 32, r = m > 16 ? 32 - m : m;
  return k == 0 ? 2896 : r > 8 ? -cosine[16 - r] : cosine[r];
}

/* What the block to the left expects of coefficient q, and the one above: quarters of steps. */
static num by_left(const work *k, num q)
{
  const block *left_one = beside(k, -1, 0);
  num d = 0;
  if (left_one == NULL)
    return 0;
  for (num v = 0; v < 8; v++) {
    const num place = q / 8 * 8 + v;
    d += (v % 2 == 0 ? 1 : -1) * left_one->value[place] * border(v);
    d -= k->now->value[place] * border(v);
  }
  return (d * (power(34) / (k->own->step[q] * border(q % 8)))) >> 32;
}

static num by_above(const work *k, num q)
{
  const block *upper = beside(k, 0, -1);
  num d = 0;
  if (upper == NULL)
    return 0;
  for (num u = 0; u < 8; u++) {
    const num place = 8 * u + q % 8;
    d += (u % 2 == 0 ? 1 : -1) * upper->value[place] * border(u);
    d -= k->now->value[place] * border(u);
  }
  return (d * (power(34) / (k->own->step[q] * border(q / 8)))) >> 32;
}

static void keep(work *k, num q, num v)
{
  const num step = k->own->step[q], limit = 32767 / step;
  k->now->coef[q] = clamp(v, -32767, 32767);
  k->now->value[q] = clamp(k->now->coef[q], -limit, limit) * step;
}

/* ======== 18.4 Symbols ======== */

static num value(work *k, const num *context, num used, choice at, bool nonzero)
{
  idf_oracle_bank_look(k->b, context, used);
  if (!nonzero && !idf_oracle_bank_decide(k->b, 0, &at, 0))
    return 0;
  const bool negative = idf_oracle_bank_decide(k->b, 1, &at, 1);
  num bits = 0, v = 1, part = 0;
  while (bits < 3 && idf_oracle_bank_decide(k->b, 2 + bits, &at, 2 + bits))
    bits++;
  num first = bits == 1 ? 5 : 6;
  if (bits == 3) {
    part = 10;
    idf_oracle_bank_go_on(k->b, 1);
    while (bits < 16) {
      const num node = least(bits - 3, 2);
      if (!idf_oracle_bank_decide(k->b, node, &at, part + node))
        break;
      bits++;
    }
    first = bits == 3 ? 3 : 6;
  }
  for (num i = 0; i < bits; i++) {
    const num node = first + least(v, 4) - 1;
    v = 2 * v + idf_oracle_bank_decide(k->b, node, &at, part + node);
  }
  return negative ? -v : v;
}

static num count(work *k, const num *context, choice at, num bits)
{
  num tree = 1, node = 0;
  for (num i = 0; i < bits; i++) {
    if (i == 0)
      idf_oracle_bank_look(k->b, context, k->of->used[0]);
    else if (i == 3)
      idf_oracle_bank_go_on(k->b, tree);
    if (i % 3 == 0)
      node = 0;
    const bool bit = idf_oracle_bank_decide(k->b, node, &at, tree);
    tree = 2 * tree + bit;
    node = 2 * node + 1 + bit;
  }
  return tree - power(bits);
}

/* ======== 18.5 Counts ======== */

/* Position i of group g; the inner ones zigzag the other way round. */
static num position(num g, num i)
{
  if (g == ROW)
    return i + 1;
  if (g == COLUMN)
    return 8 * (i + 1);
  num z = 0;
  for (;; z++) {
    const num q = idf_oracle_zigzag(z);
    if (q >= 8 && q % 8 > 0 && i-- == 0)
      return q % 8 * 8 + q / 8;
  }
}

static num length_of(num g)
{
  return g == INNER ? 49 : 7;
}

static num group_count(work *k, const before *b, num g)
{
  const num kind = k->own->kind;
  const num w = note_at(k, -1, 0)->count[g], n = note_at(k, 0, -1)->count[g],
            nw = note_at(k, -1, -1)->count[g], ne = note_at(k, 1, -1)->count[g];
  const num inside = k->now->count[INNER], edge = g == COLUMN ? k->now->count[ROW] : 0;
  const num other = b->other->count[g];
  num around = 0, expected = 0;
  for (num i = 0; i < least(length_of(g), 16); i++)
    around +=
        absolute(coefs_at(k, -1, 0)[position(g, i)]) + absolute(coefs_at(k, 0, -1)[position(g, i)]);
  for (num i = 1; i < 8 && g != INNER; i++)
    expected += absolute(g == ROW ? by_above(k, i) : by_left(k, 8 * i)) >= 4;
  const num key = ((4 * kind + 3) << 29) + power(26) + (g << 24), a = grade(around);
  num c[8] = {key + (2 * w + 2 * n + nw + ne + 1) / 6 * 64 + b->count,
              key + inside * 64 + (w + n + 1) / 2,
              key + edge * 4096 + inside * 64,
              key + b->count * 64 + other,
              key + a * 64 + inside / 2,
              key + (g != INNER ? expected * 4096 + inside * 64 + edge : ne * 64 + nw),
              key + n * 64 + ne,
              key + (a * 64 + other) * 64 + edge * 8 + expected};
  const choice at = {
      {LEFT_VALUES * 20 + (kind * 3 + g) * 64, PLACE_VALUES * 20 + (kind * 3 + g) * 64}};
  return least(count(k, c, at, g == INNER ? 6 : 3), length_of(g));
}

/* ======== 18.6 AC coefficients ======== */

static num own_level(const work *k, num q)
{
  static const num places[10][3] = {{-1, 0, 2}, {0, -1, 2}, {-1, -1, 1}, {-2, 0, 1}, {0, -2, 1},
                                    {1, 1, 1},  {1, 0, 2},  {0, 1, 2},   {2, 0, 1},  {0, 2, 1}};
  num sum = 0;
  for (int i = 0; i < 10; i++) {
    const num u = q / 8 + places[i][0], v = q % 8 + places[i][1];
    if (u >= 0 && u < 8 && v >= 0 && v < 8)
      sum += places[i][2] * absolute(k->now->value[8 * u + v]);
  }
  return least((sum * least(power(33) / k->own->step[q], power(32) - 1)) >> 32, 4000);
}

static void coefficient(work *k, const before *b, num g, num i, num left_over)
{
  const num q = position(g, i), places = length_of(g) - i, kind = k->own->kind;
  const num W = coefs_at(k, -1, 0)[q], N = coefs_at(k, 0, -1)[q], NW = coefs_at(k, -1, -1)[q],
            NE = coefs_at(k, 1, -1)[q], WW = coefs_at(k, -2, 0)[q], NN = coefs_at(k, 0, -2)[q];
  const num sum = 2 * (size(W) + size(N)) + size(NW) + size(NE);
  const num level = grade(least(sum, 4000));
  const num wide = grade(least(sum + size(WW) + size(NN), 4000));
  const num own = grade(own_level(k, q)), few = least(left_over, 12);
  const num dw = clamp(by_left(k, q), -1023, 1023), dn = clamp(by_above(k, q), -1023, 1023);
  const num both = signed_grade(g == ROW ? dn : g == COLUMN ? dw : (dw + dn) >> 1, 200);
  const num *now = k->now->coef;
  const num first = g == ROW ? now[q + 8] : q == 8 ? 0 : now[q - 8];
  const num second = g == COLUMN ? now[q + 1] : q == 1 ? 0 : now[q - 1];
  const num other = middle(b->other->coef[q], 6);
  const num all = ((4 * kind + g) << 29), key = all + (i << 23), key1 = all + (63 << 23);
  num c[8] = {key + own * 64 + few,
              key + both * 64 + few,
              key + middle(W, 6) * 64 + middle(N, 6),
              key
                  + (kind ? other * 64 + grade(b->sum[q])
                          : grade(absolute(WW)) * 1024 + grade(absolute(NN)) * 32 + level / 2),
              key1 + level * 1024 + own * 32 + left_over * 16 / places,
              key1 + (both * 64 + wide) * 16 + few,
              key + middle(first, 6) * 64 + middle(second, 6),
              key
                  + (kind ? other * 1024 + middle(b->luma[q], 6) * 16 + few
                          : signed_grade(dw, 200) * 64 + signed_grade(dn, 200))};
  const choice at = {{((kind * 3 + g) * 13 + few) * 20, ((4 * kind + g) * 64 + i) * 20}};
  keep(k, q, value(k, c, k->of->used[1], at, left_over == places));
}

static void group(work *k, const before *b, num g)
{
  num left_over = group_count(k, b, g);
  k->now->count[g] = left_over;
  for (num i = 0; i < length_of(g) && left_over > 0; i++) {
    coefficient(k, b, g, i, left_over);
    left_over -= k->now->coef[position(g, i)] != 0;
  }
}

/* ======== 18.7 DC ======== */

static void pixels(const block *b, num pixel[8][8])
{
  num half[8][8];
  for (num u = 0; u < 8; u++)
    for (num x = 0; x < 8; x++) {
      num sum = 0;
      for (num v = 0; v < 8; v++)
        sum += b->value[8 * u + v] * basis(v, x);
      half[u][x] = clamp(sum >> 8, -32767, 32767);
    }
  for (num y = 0; y < 8; y++)
    for (num x = 0; x < 8; x++) {
      num sum = 0;
      for (num u = 0; u < 8; u++)
        sum += half[u][x] * basis(u, y);
      pixel[y][x] = clamp(sum >> 14, -32767, 32767);
    }
}

typedef struct estimate {
  num mean, above, left, spread, range;
} estimate;

static int rising(const void *a, const void *b)
{
  const num x = *(const num *)a, y = *(const num *)b;
  return (x > y) - (x < y);
}

static estimate expect(const work *k)
{
  const block *w = beside(k, -1, 0), *n = beside(k, 0, -1);
  num(*own)[8] = k->now->pixel, all[16], sums[2] = {0, 0};
  size_t many = 0;
  estimate e = {0, 0, 0, 0, 0};
  for (int x = 0; x < 8 && n != NULL; x++) {
    const num a = clamp(n->pixel[7][x], -32767, 32767), b = clamp(n->pixel[6][x], -32767, 32767);
    all[many] = a + ((a - b + own[1][x] - own[0][x]) >> 2) - own[0][x];
    sums[0] += all[many++];
  }
  for (int y = 0; y < 8 && w != NULL; y++) {
    const num a = clamp(w->pixel[y][7], -32767, 32767), b = clamp(w->pixel[y][6], -32767, 32767);
    all[many] = a + ((a - b + own[y][1] - own[y][0]) >> 2) - own[y][0];
    sums[1] += all[many++];
  }
  if (many == 0)
    return e;
  qsort(all, many, sizeof *all, rising);
  e.range = all[many - 1] - all[0];
  if (many == 8) {
    e.mean = e.above = e.left = (sums[0] + sums[1]) >> 3;
    e.spread = e.range / 2;
    return e;
  }
  for (int i = 4; i < 12; i++)
    e.mean += all[i];
  e.mean >>= 3;
  e.spread = all[12] - all[3];
  e.above = sums[0] >> 3;
  e.left = sums[1] >> 3;
  return e;
}

/* Of the lean shape: what a border is on average, from the first row or column (by `stride`) of
 * frequencies; of the right or lower border, every other one is subtracted. Q7. */
static num average(const block *of, num stride, num sign)
{
  num sum = 0;
  for (num i = 1; i < 8; i++)
    sum += (i % 2 == 0 ? 1 : sign) * of->value[stride * i];
  return 181 * sum;
}

static estimate expect_roughly(const work *k)
{
  const block *w = beside(k, -1, 0), *n = beside(k, 0, -1);
  estimate e = {0, 0, 0, 0, 0};
  if (w != NULL)
    e.left = (128 * w->value[0] + average(w, 1, -1) - average(k->now, 1, 1)) >> 6;
  if (n != NULL)
    e.above = (128 * n->value[0] + average(n, 8, -1) - average(k->now, 8, 1)) >> 6;
  if (w == NULL)
    e.left = e.above;
  if (n == NULL)
    e.above = e.left;
  e.mean = (e.left + e.above) >> 1;
  e.spread = e.range = absolute(e.left - e.above);
  return e;
}

static void dc(work *k, const before *b)
{
  const num kind = k->own->kind, step = 2 * k->own->step[0];
  const bool w = beside(k, -1, 0) != NULL, n = beside(k, 0, -1) != NULL;
  pixels(k->now, k->now->pixel);
  const estimate e = k->of->borders ? expect_roughly(k) : expect(k);
  const num quarter = floor_div(8 * e.mean + step, 2 * step), close = (quarter + 2) >> 2;
  const num part = quarter - 4 * close + 2, guess = clamp(close, -32767, 32767);
  const num above = floor_div(2 * e.above + step, 2 * step) - guess;
  const num to_left = floor_div(2 * e.left + step, 2 * step) - guess;
  const num miss_w = w ? note_at(k, -1, 0)->miss : 0, miss_n = n ? note_at(k, 0, -1)->miss : 0;
  const num spread = grade(least(2 * e.spread / step, 30000));
  const num misses = grade(absolute(miss_w) + absolute(miss_n));
  const num range = grade(least(e.range, 30000)), other = b->other->miss;
  const num key = ((4 * kind + 3) << 29) + ((w + 2 * n) << 27);
  num sum = 0;
  for (int q = 1; q < 64; q++)
    sum += absolute(k->now->coef[q]);
  num c[8] = {key + middle(miss_w, 8) * 32 + middle(miss_n, 8),
              key + signed_grade(coefs_at(k, -1, 0)[0] - guess, 100) * 64
                  + signed_grade(coefs_at(k, 0, -1)[0] - guess, 100),
              key + grade(sum) * 64 + spread,
              key + (kind ? signed_grade(other, 100) : k->now->count[INNER] * 64 + spread),
              key + (range * 64 + part) * 64 + misses,
              key + (spread * 64 + signed_grade(other, 30)) * 64 + part,
              key + (signed_grade(above, 30) * 64 + signed_grade(to_left, 30)) * 64 + spread,
              key + signed_grade(note_at(k, -1, -1)->miss, 30) * 64
                  + signed_grade(note_at(k, 1, -1)->miss, 30)};
  const choice at = {{(78 + 32 * kind + least(spread, 31)) * 20, (4 * kind + 3) * 64 * 20}};
  const num miss = value(k, c, k->of->used[2], at, false);
  k->now->miss = clamp(miss, -10000, 10000);
  keep(k, 0, guess + miss);
  for (int i = 0; i < 64; i++)
    k->now->pixel[i / 8][i % 8] += 2 * k->now->value[0];
}

/* ======== 18 Bands ======== */

static void one_block(work *k)
{
  const before b = planes_before(k);
  k->now = &k->own->blocks[k->own->across * k->y + k->x];
  for (num g = 0; g < 3; g++)
    group(k, &b, g);
  dc(k, &b);
}

void idf_oracle_coefs(const tables *t, jpeg *j, num first, num mcu_rows, num number, source in)
{
  static const shape shapes[2] = {
      {8, 2, 17, idf_starts_full[0], 332, SUM_FULL, {0xff, 0xff, 0xff}, false},
      {2, 1, 15, idf_starts_lean[0], 166, SUM_LEAN, {0x05, 0x81, 0x06}, true}};
  const shape *of = &shapes[number];
  plane planes[4];
  num blocks = 0, bits = 10;
  for (num p = 0; p < j->components; p++) {
    const jpeg_component *c = &j->component[p];
    planes[p] = (plane){c->across, mcu_rows * c->v, c->h, c->v, p == 1 || p == 2, {0}, NULL};
    for (num z = 0; z < 64; z++)
      planes[p].step[idf_oracle_zigzag(z)] = most(c->step[z], 1);
    planes[p].blocks = room(&in, planes[p].across * planes[p].down, sizeof(block));
    blocks += planes[p].across * planes[p].down;
  }
  while (bits < of->lines && power(bits) <= 64 * blocks)
    bits++;
  bank *b = idf_oracle_bank(t, in, of, bits);
  for (num p = 0; p < j->components; p++) {
    jpeg_component *c = &j->component[p];
    for (num i = 0; i < planes[p].across * planes[p].down; i++) {
      work k = {of, b, planes, &planes[p], p, i % c->across, i / c->across, NULL};
      one_block(&k);
      for (num z = 0; z < 64; z++)
        c->coef[64 * (first * c->v * c->across + i) + z] = k.now->coef[idf_oracle_zigzag(z)];
    }
  }
  idf_oracle_bank_end(b);
  for (num p = 0; p < j->components; p++)
    free(planes[p].blocks);
}

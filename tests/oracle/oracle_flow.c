/* SPDX-License-Identifier: BSD-3-Clause
 *
 * oracle_flow.c: chapters 8, 4 and 10 to 15 of idf(5), in this order: one group of planes.
 */
#include "oracle.h"

/* ======== 8. Flow tiles: a group ======== */

#define MOST_ROWS 64 /* in flight: 4096 / 64 */
#define LEFT 4       /* borders */
#define ABOVE 3

typedef struct cell {
  num s, e, c, g;
} cell;

typedef struct equations {
  num a[40][41]; /* a[i][n]: of the target */
} equations;

typedef struct prior {
  num min, max, mu, centre, frac, k, n, lo, hi, total;
} prior;

/* What one plane goes on learning: chapter 13.4. */
typedef struct learned {
  num delta[3][128], bias[3], offset[27][16], factor[32], cell[64];
} learned;

/* One row in flight. */
typedef struct row {
  num x, y;
  num wide_coef[3][40], local_coef[3][40];
  float wide_z[3][40];
  num side[3];
  num r[3][32][40]; /* regressors of the segment's columns */
  /* of the pixel at hand */
  num mean[3], diff[3][22], level[3], v[3];
  num trunk_in[112], trunk_out[128], extra[16];
  num local, wide, hidden[128], s, i; /* local: also mu of 12.5; s, i: chapter 13.5 */
  prior prior;
  const uint8_t *seen; /* by value - min, or NULL when no flag is coded */
  num mass;
  flag *flag;
} row;

typedef struct group {
  outline o;
  const tables *t;
  const model *m;
  num *const *known;       /* samples of planes before o.known */
  num U, S, G;             /* S columns of skew, G of a segment: chapter 10 */
  bool occurrence, blocks; /* chapters 15, 13.4 */
  bool linear;             /* chapter 12.5 instead of least squares and a network */
  linear own[3];           /* its predictors */
  stream in;
  cell *cells[3];
  equations *local[3], wide[3];
  learned learned[3];
  row *rows;                /* row y in rows[y % MOST_ROWS] */
  uint8_t *pairs, *triples; /* sets of colours, a byte for each value of the last plane */
  flag flags[3][2][33];
} group;

/* Whether the network is that for one plane (chapter 21). */
static bool alone(const group *g)
{
  return g->o.planes == 1 && g->m->alone[0].weight != NULL;
}

static const dense *hidden_of(const group *g, num p)
{
  return alone(g) ? &g->m->alone[2] : &g->m->hidden[p];
}

static void walk(group *g);
static void coefficients(group *g);
static void fields_start(group *g);
static cell *cell_at(const group *g, num p, num x, num y);
static void colours_start(group *g);

void idf_oracle_group(const outline *o, const tables *t, const model *m, source *in,
                      num *const *out)
{
  group *g = room(in, 1, sizeof *g);
  g->o = *o;
  g->known = out;
  g->t = t;
  g->m = m;
  num flags = get(in, 1);
  num length = get_varint(in, left(in));
  g->occurrence = flags & 1;
  g->blocks = flags >> 2 & 1;
  g->U = flags >> 4;
  g->linear = m->features == 2;
  memcpy(g->own, m->linear, sizeof g->own);
  if ((flags & 0x08) != 0 || g->U > 8)
    refuse(in, "flags of a group");
  if ((flags & 0x02) != 0 && !g->linear)
    refuse(in, "coefficients where they are not allowed");
  g->S = clamp(8 * ceil_div(g->o.W, 128), 8, 64);
  g->G = g->S > 32 ? g->S / 2 : g->S;
  num lanes = g->o.W * g->o.H < 65536 ? 1 : least(MOST_LANES, ceil_div(g->o.W, g->S));
  idf_oracle_stream_start(&g->in, cut(in, length), lanes);
  if ((flags & 0x02) != 0)
    coefficients(g);
  fields_start(g);
  colours_start(g);
  for (num p = 0; p < g->o.planes; p++)
    g->local[p] = room(in, ceil_div(g->o.W, g->G), sizeof(equations));
  g->rows = room(in, MOST_ROWS, sizeof(row));
  walk(g);
  idf_oracle_stream_end(&g->in);
  for (num p = 0; p < g->o.planes; p++) {
    for (num i = 0; i < g->o.W * g->o.H; i++)
      out[p][i] = cell_at(g, p, i % g->o.W, i / g->o.W)->s;
    free(g->cells[p]);
    free(g->local[p]);
  }
  free(g->rows);
  free(g->pairs);
  free(g->triples);
  free(g);
}

/* ======== 4. Entropy coding ======== */

void idf_oracle_stream_start(stream *s, source in, num lanes)
{
  s->lanes = lanes;
  for (num i = 0; i < lanes; i++) {
    s->x[i] = (uint64_t)get(&in, 8);
    if (s->x[i] >> 32 == 0)
      refuse(&in, "a state of a stream is too small");
  }
  if (left(&in) % 4 != 0)
    refuse(&in, "the length of a stream");
  s->words = in;
}

void idf_oracle_stream_end(stream *s)
{
  if (left(&s->words) != 0)
    refuse(&s->words, "a stream has words that nobody needed");
  for (num i = 0; i < s->lanes; i++)
    if (s->x[i] != (uint64_t)1 << 32)
      refuse(&s->words, "a stream ends in the wrong state");
}

static num slot_of(const stream *s, num lane)
{
  return (num)(s->x[lane] % 65536);
}

static void take(stream *s, num lane, num start, num size)
{
  uint64_t x = (uint64_t)size * (s->x[lane] / 65536) + (uint64_t)(slot_of(s, lane) - start);
  if (x >> 32 == 0)
    x = x << 32 | (uint64_t)get(&s->words, 4);
  s->x[lane] = x;
}

static num plain_bits(stream *s, num lane, num n)
{
  num v = slot_of(s, lane) >> (16 - n);
  take(s, lane, v << (16 - n), power(16 - n));
  return v;
}

num idf_oracle_flag(stream *s, num lane, const flag *f)
{
  num zero = 65536 - f->p;
  if (slot_of(s, lane) < zero) {
    take(s, lane, 0, zero);
    return 0;
  }
  take(s, lane, zero, f->p);
  return 1;
}

void idf_oracle_flag_update(flag *f, num value)
{
  num gap = value ? 65536 - f->p : f->p;
  num step = f->n < 127 ? (2 * gap + 2 * f->n + 2) / (2 * f->n + 3) : (gap + 127) / 128;
  f->p = value ? least(f->p + step, 65504) : most(f->p - step, 32);
  f->n = least(f->n + 1, 127);
}

/* ======== 10. The clock ======== */

static void row_start(group *g, row *w);
static void segment_start(group *g, row *w);
static void look(group *g, row *w);
static void predict(group *g, row *w, num p);
static void network(group *g, row *w, num p);
static void predict_linear(group *g, row *w, num p);
static void seen_before(group *g, row *w, num p);
static num get_sample(group *g, row *w);
static void keep(group *g, row *w, num p, num v);
static void learn_seen(row *w, num p, num v);
static void learn(group *g, const row *w, num p, num v);
static void enter_colour(group *g, const row *w);
static void segment_end(group *g, row *w);
static void row_end(group *g, row *w);

static void walk(group *g)
{
  num v[MOST_ROWS];
  for (num t = 0; t <= g->o.W - 1 + g->S * (g->o.H - 1); t++) {
    num first = 0, last = least(t / g->S, g->o.H - 1);
    while (t - g->S * first >= g->o.W)
      first++;
    for (num y = first; y <= last; y++) {
      row *w = &g->rows[y % MOST_ROWS];
      w->y = y;
      w->x = t - g->S * y;
      if (w->x == 0)
        row_start(g, w);
      if (g->linear)
        continue;
      if (w->x % g->G == 0)
        segment_start(g, w);
      look(g, w);
    }
    for (num p = 0; p < g->o.planes; p++) {
      for (num y = first; y <= last; y++) {
        row *w = &g->rows[y % MOST_ROWS];
        if (g->linear) {
          predict_linear(g, w, p);
        } else {
          predict(g, w, p);
          network(g, w, p);
        }
        seen_before(g, w, p);
      }
      for (num y = first; y <= last; y++)
        v[y % MOST_ROWS] = p < g->o.known ? g->known[p][y * g->o.W + t - g->S * y]
                                          : get_sample(g, &g->rows[y % MOST_ROWS]);
      for (num y = first; y <= last; y++) {
        row *w = &g->rows[y % MOST_ROWS];
        keep(g, w, p, v[y % MOST_ROWS]);
        learn_seen(w, p, v[y % MOST_ROWS]);
        if (!g->linear)
          learn(g, w, p, v[y % MOST_ROWS]);
      }
    }
    for (num y = first; y <= last; y++) {
      row *w = &g->rows[y % MOST_ROWS];
      enter_colour(g, w);
      if (w->x % g->G == g->G - 1 || w->x == g->o.W - 1)
        segment_end(g, w);
      if (w->x == g->o.W - 1)
        row_end(g, w);
    }
  }
}

/* ======== 11. Planes and borders ======== */

/* dx, dy; in the order of the page. */
static const num taps[22][2] = {
    {-3, 0}, {-2, 0}, {-1, 0}, {-3, 1}, {-2, 1}, {-1, 1}, {0, 1},  {1, 1},  {2, 1}, {3, 1}, {-3, 2},
    {-2, 2}, {-1, 2}, {0, 2},  {1, 2},  {2, 2},  {3, 2},  {-2, 3}, {-1, 3}, {0, 3}, {1, 3}, {2, 3}};

static bool within(int i, num distance)
{
  return taps[i][0] * taps[i][0] + taps[i][1] * taps[i][1] <= distance;
}

static cell *cell_at(const group *g, num p, num x, num y)
{
  return &g->cells[p][(y + ABOVE) * (g->o.W + 2 * LEFT) + x + LEFT];
}

/* (dx, dy) from the pixel at hand. */
static const cell *neighbour(const group *g, num p, const row *w, num dx, num dy)
{
  return cell_at(g, p, w->x + dx, w->y - dy);
}

static void fields_start(group *g)
{
  for (num p = 0; p < g->o.planes; p++) {
    g->cells[p] = room(&g->in.words, (g->o.W + 2 * LEFT) * (g->o.H + ABOVE), sizeof(cell));
    for (num y = -ABOVE; y < 0; y++)
      for (num x = -LEFT; x < g->o.W + LEFT; x++)
        *cell_at(g, p, x, y) =
            (cell){.s = (g->o.min[p] + g->o.max[p] + 1) >> 1, .e = 64, .c = logcode(g->t, 65)};
  }
}

static void left_border(group *g, num p, num y, const cell *from)
{
  for (num x = -LEFT; x < 0; x++)
    *cell_at(g, p, x, y) = *from;
}

/* dx, dy; in the order of the page. */
static const num far_d[6][2] = {{-4, 0}, {-4, 1}, {-4, 2}, {-4, 3}, {-3, 3}, {3, 3}};
static const num far_c[16][2] = {{-4, 0}, {-3, 0}, {-4, 1}, {-3, 1}, {3, 1},  {-3, 2},
                                 {-2, 2}, {2, 2},  {3, 2},  {-3, 3}, {-2, 3}, {-1, 3},
                                 {0, 3},  {1, 3},  {2, 3},  {3, 3}};
static const num far_g[16][2] = {{-3, 0}, {-2, 0}, {-3, 1}, {-2, 1}, {-1, 1}, {1, 1},
                                 {2, 1},  {3, 1},  {-2, 2}, {-1, 2}, {0, 2},  {1, 2},
                                 {2, 2},  {-1, 3}, {0, 3},  {1, 3}};

/* 13.2, of the network for one plane */
static void look_further(const group *g, row *w)
{
  for (int i = 0; i < 6; i++)
    w->trunk_in[37 + i] =
        compress((neighbour(g, 0, w, far_d[i][0], far_d[i][1])->s - w->mean[0]) >> g->U);
  for (int i = 0; i < 16; i++) {
    w->trunk_in[43 + i] = neighbour(g, 0, w, far_c[i][0], far_c[i][1])->c;
    w->trunk_in[59 + i] = neighbour(g, 0, w, far_g[i][0], far_g[i][1])->g;
  }
}

static void look(group *g, row *w)
{
  const num n = alone(g) ? 1 : 3; /* planes that the trunk has inputs for */
  for (num p = 0; p < g->o.planes; p++) {
    const cell *W = neighbour(g, p, w, -1, 0), *N = neighbour(g, p, w, 0, 1);
    const cell *NW = neighbour(g, p, w, -1, 1), *NE = neighbour(g, p, w, 1, 1);
    const cell *WW = neighbour(g, p, w, -2, 0), *NN = neighbour(g, p, w, 0, 2);
    w->mean[p] = (W->s + N->s + NE->s + NW->s + 2) >> 2;
    w->level[p] = ((4 * W->e + 4 * N->e + 2 * NW->e + 2 * NE->e + 2 * WW->e + 2 * NN->e) >> 4) + 1;
    int near = 0;
    for (int i = 0; i < 22; i++) {
      const cell *c = neighbour(g, p, w, taps[i][0], taps[i][1]);
      w->diff[p][i] = c->s - w->mean[p];
      /* chapter 13.2 */
      w->trunk_in[22 * p + i] = compress(w->diff[p][i] >> g->U);
      if (within(i, 5))
        w->trunk_in[22 * n + 10 * p + near++] = c->c;
    }
    w->trunk_in[32 * n + 2 * p] = W->g;
    w->trunk_in[32 * n + 2 * p + 1] = N->g;
    w->trunk_in[34 * n + 2 + p] = logcode(g->t, w->level[p]);
  }
  if (n == 1)
    look_further(g, w);
}

static void keep(group *g, row *w, num p, num v)
{
  const num d = 64 * v - w->local;
  cell *c = cell_at(g, p, w->x, w->y);
  c->s = v;
  c->e = least((d < 0 ? -d : d) >> (2 + g->U), 8191);
  c->c = logcode(g->t, 1 + c->e);
  c->g = compress(d >> (4 + g->U));
  if (w->y == 0)
    for (num y = -ABOVE; y < 0; y++)
      for (num x = w->x == 0 ? -LEFT : w->x + 1; x <= least(w->x + 4, g->o.W + 3); x++)
        cell_at(g, p, x, y)->s = v;
  w->v[p] = v;
  if (p + 1 < g->o.planes) { /* chapter 13.3 */
    num *extra = &w->extra[3 + 4 * p];
    extra[0] = compress((64 * v - w->prior.mu) >> (4 + g->U));
    extra[1] = extra[0] < 0 ? -extra[0] : extra[0];
    extra[2] = w->prior.k - 40 - 8 * g->U;
    extra[3] = compress((v - w->mean[p]) >> g->U);
  }
}

/* ======== 12. Least squares ======== */

/* 12.1 and 12.2 */
static num dot(const group *g, const row *w, num p, const num *coef)
{
  num sum = 0;
  for (num i = 0; i < regressors(p); i++)
    sum += coef[i] * w->r[p][w->x % g->G][i];
  return clamp(64 * w->mean[p] + (sum >> 6), 64 * g->o.min[p], 64 * g->o.max[p]);
}

static void predict(group *g, row *w, num p)
{
  num *r = w->r[p][w->x % g->G];
  for (num outer = 0; outer < (p == 0 ? 2 : 1); outer++)
    for (int i = 0; i < 22; i++) {
      const num across = taps[i][0] < 0 ? -taps[i][0] : taps[i][0], up = taps[i][1];
      const bool out = up > 0 && across > 0 && across + up == 4;
      if (within(i, 10) && out == outer)
        *r++ = w->diff[p][i];
    }
  for (num q = 0; q < p; q++)
    for (int i = 0; i < 22; i++) {
      const num dx = taps[i][0], dy = taps[i][1];
      const bool corner = (dx == -2 || dx == 2) && dy == 1, far = dx == -1 && dy == 2;
      if (within(i, 5) && !corner && !far)
        *r++ = w->diff[q][i];
      if (dx == -1 && dy == 0)
        *r++ = w->v[q] - w->mean[q];
    }
  w->local = dot(g, w, p, w->local_coef[p]);
  w->wide = dot(g, w, p, w->wide_coef[p]);
}

/* 12.3 */
static void statistics(group *g, row *w, num p)
{
  const num n = regressors(p), first = w->x / g->G * g->G;
  num d[32][41], weight[32];
  equations *local = &g->local[p][w->x / g->G], *wide = &g->wide[p];
  for (num x = first; x <= w->x; x++) {
    const cell *c = cell_at(g, p, x, w->y);
    const num *r = w->r[p][x - first], m = c->e >> 4;
    const num mean = (cell_at(g, p, x - 1, w->y)->s + cell_at(g, p, x, w->y - 1)->s
                      + cell_at(g, p, x + 1, w->y - 1)->s + cell_at(g, p, x - 1, w->y - 1)->s + 2)
                     >> 2;
    weight[x - first] = m > 126 ? 1 : 128 / (2 + m);
    for (num i = 0; i < n; i++)
      d[x - first][i] = clamp(r[i] >> g->U, -511, 511);
    d[x - first][n] = clamp((c->s - mean) >> g->U, -511, 511);
  }
  for (num i = 0; i < n; i++)
    for (num j = i; j <= n; j++) {
      num q = 0, *a = &local->a[i][j];
      for (num k = 0; k <= w->x - first; k++)
        q += weight[k] * d[k][i] * d[k][j];
      q = (q + 4) >> 3;
      *a = *a - (*a >> 2) + q;
      wide->a[i][j] += q;
    }
}

static void segment_end(group *g, row *w)
{
  for (num p = 0; p < g->o.planes; p++) {
    if (w->y > 0 && !g->linear)
      statistics(g, w, p);
    if (w->x < g->G)
      left_border(g, p, w->y, cell_at(g, p, 0, w->y));
  }
}

static void row_end(group *g, row *w)
{
  for (num p = 0; p < g->o.planes; p++)
    for (num i = 0; i < 4; i++)
      *cell_at(g, p, g->o.W + i, w->y) = *cell_at(g, p, g->o.W - 1, w->y);
}

/* 12.4. The compiler must not fuse: the build's flags see to it. */
static void solve(float M[40][40], float z[40], num n, float ridge)
{
  float inverse[40];
  for (num i = 0; i < n; i++) {
    inverse[i] = 1.0f / (M[i][i] > ridge ? M[i][i] : ridge);
    for (num j = i + 1; j < n; j++) {
      float f = M[i][j] * inverse[i];
      for (num k = j; k < n; k++)
        M[j][k] = M[j][k] - f * M[i][k];
      z[j] = z[j] - f * z[i];
    }
  }
  for (num i = n - 1; i >= 0; i--) {
    z[i] = z[i] * inverse[i];
    for (num j = 0; j < i; j++)
      z[j] = z[j] - M[j][i] * z[i];
  }
}

static void quantise(const float *z, num n, num *coef)
{
  for (num i = 0; i < n; i++) {
    float v = z[i] * 4096.0f + 32768.5f;
    coef[i] = !(v > 1.0f) ? -32767 : v < 65535.0f ? (num)v - 32768 : 32767;
  }
}

/* Coefficients in Q10 that wide equations are drawn towards. */
static const num usual[3][28] = {
    {90, -183, 811, 63, -248, 595, 152, 34, 68, -140, -42, 79, -43, 27, 2, -23, -47, 12},
    {64, -191, 828, 19, -315, 572, 171, 34, 16, -101, -82, 48, -5, 15, -30, -9, 19, 6, -3, -3},
    {58,  -133, 733, 7, -238, 541, 163, 36,   25, -99, -65, 46,  -1, 23,
     -29, -2,   13,  1, 0,    0,   27,  -102, 68, 45,  -47, -12, 8,  11}};

static void row_start(group *g, row *w)
{
  memset(w->side, 0, sizeof w->side);
  for (num p = 0; p < g->o.planes; p++) {
    const num n = regressors(p);
    equations *wide = &g->wide[p];
    float M[40][40];
    left_border(g, p, w->y, cell_at(g, p, 0, w->y - 1));
    if (g->linear)
      continue;
    for (num i = 0; i < n; i++) {
      for (num j = i; j <= n; j++)
        wide->a[i][j] -= wide->a[i][j] >> 8;
      for (num j = i; j < n; j++)
        M[i][j] = (float)(wide->a[i][j] + (i == j ? 1024 : 0));
      w->wide_z[p][i] = (float)(wide->a[i][n] + usual[p][i]);
    }
    solve(M, w->wide_z[p], n, 1024.0f);
    quantise(w->wide_z[p], n, w->wide_coef[p]);
  }
}

static num around(const equations *L, const equations *C, const equations *R, num i, num j)
{
  return 4 * C->a[i][j] + L->a[i][j] + R->a[i][j];
}

static void segment_start(group *g, row *w)
{
  static const equations none;
  const num s = w->x / g->G, last = ceil_div(g->o.W, g->G) - 1;
  for (num p = 0; p < g->o.planes; p++) {
    const num n = regressors(p);
    const equations *C = &g->local[p][s], *L = s > 0 ? C - 1 : &none, *R = s < last ? C + 1 : &none;
    float M[40][40], z[40];
    for (num i = 0; i < n; i++) {
      for (num j = i; j < n; j++)
        M[i][j] = (float)around(L, C, R, i, j);
      M[i][i] = M[i][i] + 200.0f;
      z[i] = (float)around(L, C, R, i, n) + 200.0f * w->wide_z[p][i];
    }
    solve(M, z, n, 200.0f);
    quantise(z, n, w->local_coef[p]);
  }
}

/* 12.5 */
static void prior_set(prior *q, const tables *t, num location, num scale);
static num get_plain(stream *s, num lane, const prior *q, const tables *t);

static void coefficients(group *g)
{
  for (num p = 0; p < g->o.planes; p++) {
    const num fitted = plain_bits(&g->in, 0, 16);
    if (fitted == 0)
      continue;
    const num scale = plain_bits(&g->in, 0, 8);
    if (scale > 167)
      refuse(&g->in.words, "the scale of coefficients is out of range");
    prior q = {.min = -2047, .max = 2047};
    prior_set(&q, g->t, 0, scale);
    for (num c = 0; c < 16; c++)
      for (num i = 0; i < regressors_linear(p) && (fitted >> c) % 2 == 1; i++) {
        const num d = get_plain(&g->in, 0, &q, g->t);
        num *coef = &g->own[p].coef[c][i];
        *coef += 16 * d;
        if (d > 2047 || *coef < -32768 || *coef > 32767)
          refuse(&g->in.words, "a coefficient is out of range");
      }
  }
}

/* dx, dy; in the order of the page. */
static const num linear_own[16][2] = {{-4, 0}, {-3, 0}, {-2, 0}, {-1, 0}, {-3, 1}, {-2, 1},
                                      {-1, 1}, {0, 1},  {1, 1},  {2, 1},  {-2, 2}, {-1, 2},
                                      {0, 2},  {1, 2},  {-1, 3}, {0, 3}};
static const num linear_later[12][2] = {{-2, 0}, {-1, 0}, {-3, 1}, {-2, 1}, {-1, 1}, {0, 1},
                                        {1, 1},  {2, 1},  {-1, 2}, {0, 2},  {1, 2},  {2, 2}};
static const num linear_cross[8][2] = {{-1, 0}, {0, 0}, {-1, 1}, {0, 1},
                                       {1, 1},  {2, 1}, {0, 2},  {1, 2}};

/* |a - b| of samples at (ax, ay) and (bx, by) from the pixel at hand. */
static num apart(const group *g, const row *w, num p, num ax, num ay, num bx, num by)
{
  const num d = neighbour(g, p, w, ax, ay)->s - neighbour(g, p, w, bx, by)->s;
  return d < 0 ? -d : d;
}

static num linear_sum(const group *g, const row *w, num p, const num *coef)
{
  num sum = 0;
  for (int i = 0; i < (p == 0 ? 16 : 12); i++) {
    const num *at = p == 0 ? linear_own[i] : linear_later[i];
    sum += *coef++ * neighbour(g, p, w, at[0], at[1])->s;
  }
  for (num q = 0; q < p; q++)
    for (int i = 0; i < 8; i++)
      sum += *coef++ * neighbour(g, q, w, linear_cross[i][0], linear_cross[i][1])->s;
  return sum;
}

static void predict_linear(group *g, row *w, num p)
{
  static const num nearby[6][2] = {{-1, 0}, {0, 1}, {-1, 1}, {1, 1}, {-2, 0}, {0, 2}};
  const linear *l = &g->own[p];
  const num across =
      apart(g, w, p, -1, 0, -2, 0) + apart(g, w, p, 0, 1, -1, 1) + apart(g, w, p, 0, 1, 1, 1);
  const num down =
      apart(g, w, p, -1, 0, -1, 1) + apart(g, w, p, 0, 1, 0, 2) + apart(g, w, p, 1, 1, 1, 2);
  num activity = (across + down) >> g->U, class = across > down, level = 0;
  for (num q = 0; q < p; q++)
    activity += neighbour(g, q, w, 0, 0)->e >> 3;
  for (int i = 0; i < 7; i++)
    if (l->threshold[i] <= activity)
      class += 2;
  w->prior.min = g->o.min[p];
  w->prior.max = g->o.max[p];
  w->local =
      clamp(nearest(linear_sum(g, w, p, l->coef[class]), 6), 64 * w->prior.min, 64 * w->prior.max);
  for (int i = 0; i < 6; i++)
    level += l->weight[i] * neighbour(g, p, w, nearby[i][0], nearby[i][1])->e;
  level += l->weight[6] * least(16 * (across >> g->U), 8191);
  level += l->weight[7] * least(16 * (down >> g->U), 8191);
  for (num q = 0; q < p; q++)
    level += l->weight[8 + q] * neighbour(g, q, w, 0, 0)->e;
  level += l->weight[8 + p] * 16;
  level = clamp(level >> 4, 16, power(17));
  const num octave = highest_bit(level) - 4;
  const num eighths = 8 * octave + ((level - power(octave + 4)) >> (octave + 1));
  prior_set(&w->prior, g->t, w->local, 8 + 8 * g->U + eighths + l->adjust[eighths / 2]);
}

/* ======== 13. Network ======== */

static num arg(const prior *q, const tables *t, num v);
static num F(const tables *t, num a);

static num layer_sum(const dense *l, num o, const num *v)
{
  num sum = l->bias[o];
  for (num i = 0; i < l->inputs; i++)
    sum += l->weight[o * l->inputs + i] * v[i];
  return sum;
}

static void layer_rectified(const dense *l, const num *v, num *out)
{
  for (num o = 0; o < l->outputs; o++)
    out[o] = clamp(nearest(layer_sum(l, o, v), 10), 0, 127);
}

/* Whether an error was clearly on one side: 0 or 2; else 1. */
static num side_of(num v)
{
  return v > 6 ? 2 : v < -6 ? 0 : 1;
}

static void network(group *g, row *w, num p)
{
  const model *m = g->m;
  const dense *trunk = alone(g) ? m->alone : m->trunk;
  const dense *hidden = hidden_of(g, p);
  const dense *output = alone(g) ? &m->alone[3] : &m->output[p];
  const num at_local = alone(g) ? 34 : 102;
  num middle[128], in[128 + 16], o[3];
  w->extra[0] = compress((w->local - 64 * w->mean[p]) >> (4 + g->U));
  w->extra[1] = compress((w->wide - w->local) >> (4 + g->U));
  w->extra[2] = logcode(g->t, w->level[p]);
  if (p == 0) {
    memset(&w->extra[3], 0, 13 * sizeof w->extra[0]);
    w->trunk_in[at_local] = w->extra[0];
    w->trunk_in[at_local + 1] = w->extra[1];
    layer_rectified(&trunk[0], w->trunk_in, middle);
    layer_rectified(&trunk[1], middle, w->trunk_out);
  }
  const num B = trunk[1].outputs;
  memcpy(in, w->trunk_out, (size_t)B * sizeof *in);
  memcpy(in + B, w->extra, 16 * sizeof *in);
  layer_rectified(hidden, in, w->hidden);
  /* 13.4 */
  const learned *z = &g->learned[p];
  for (int k = 0; k < 3; k++) {
    num more = 32 * (z->bias[k] >> 11);
    for (num j = 0; j < hidden->outputs; j++)
      more += (z->delta[k][j] >> 11) * w->hidden[j];
    o[k] = layer_sum(output, k, w->hidden) + (more >> 4);
  }
  /* 13.5 */
  num gate = clamp(32 + nearest(o[0], 9), -32, 96);
  num shift = clamp(nearest(o[1], 7), -1024, 1024);
  num octaves = clamp(nearest(o[2], 12), -168, 168);
  num location =
      w->local + ((gate * (w->wide - w->local)) >> 6) + ((shift * w->level[p] * power(g->U)) >> 6);
  num k = clamp(8 + 8 * g->U + (log2q(g->t, w->level[p]) >> 5) + octaves, 0, 167);
  w->s = 3 * side_of(neighbour(g, p, w, -1, 0)->g) + side_of(neighbour(g, p, w, 0, 1)->g);
  if (p > 0)
    w->s += 9 * side_of(w->extra[3 + 4 * (p - 1)]);
  w->i = clamp(k - 8 * g->U, 0, 95);
  location += (g->t->scale[k] * z->offset[w->s][w->i / 6]) >> 19;
  w->prior.min = g->o.min[p];
  w->prior.max = g->o.max[p];
  const num by_cell = g->blocks ? z->cell[8 * (w->y % 8) + w->x % 8] : 0;
  prior_set(&w->prior, g->t, location, k + nearest(z->factor[w->i / 3] + by_cell, 12));
}

static void descend(num *value, num gradient, num most_)
{
  *value = clamp(*value - gradient, -most_, most_);
}

/* 13.6 */
static void learn(group *g, const row *w, num p, num v)
{
  const prior *q = &w->prior;
  const tables *t = g->t;
  learned *z = &g->learned[p];
  const num d = 64 * (v - q->centre) - q->frac;
  const num a = arg(q, t, d - 32), b = arg(q, t, d + 32), fa = F(t, a), fb = F(t, b);
  const num gl = ((65536 - fa - fb) * 369) >> 16, at = arg(q, t, d);
  num gs = 256 - ((at * (2 * F(t, at) - 65536)) >> 18);
  if (fb - fa >= 64)
    gs = (b * ((fb * (65536 - fb)) >> 16) - a * ((fa * (65536 - fa)) >> 16)) / (fb - fa) / 4;
  gs = clamp(gs, -2048, 2048);
  const num gradient[3] = {
      clamp((gl * arg(q, t, w->wide - w->local)) >> 10, -2048, 2048),
      clamp((gl * arg(q, t, 4 * w->level[p] * power(g->U))) >> 10, -2048, 2048), gs};
  descend(&z->offset[w->s][w->i / 6], gl, 32767);
  descend(&z->factor[w->i / 3], gs, 98304);
  if (g->blocks)
    descend(&z->cell[8 * (w->y % 8) + w->x % 8], gs, 98304);
  for (int k = 0; k < 3; k++) {
    for (num j = 0; j < hidden_of(g, p)->outputs; j++)
      descend(&z->delta[k][j], gradient[k] * w->hidden[j], power(26) - 1);
    descend(&z->bias[k], 32 * gradient[k], power(26) - 1);
  }
}

/* ======== 14. Prior ======== */

static void prior_set(prior *q, const tables *t, num location, num scale)
{
  q->mu = clamp(location, 64 * q->min, 64 * q->max);
  q->centre = nearest(q->mu, 6);
  q->frac = q->mu - 64 * q->centre;
  q->k = clamp(scale, 0, 167);
  q->n = q->max - q->min < 511 || q->k < 72 ? 0 : (q->k - 64) / 8;
  const num reach = t->reach[q->k], bucket = power(q->n);
  q->lo = q->min + (most(0, q->centre - reach - q->min) >> q->n) * bucket;
  q->hi = q->min + ceil_div(least(q->max, q->centre + reach - 1) + 1 - q->min, bucket) * bucket;
  q->total = q->lo == q->min && q->hi > q->max ? 65536 : 65534;
}

static num arg(const prior *q, const tables *t, num v)
{
  return clamp((v * t->mantissa[q->k]) >> t->shift[q->k], -16384, 16384);
}

static num F(const tables *t, num a)
{
  num i = (a + 16384) >> 6, j = (a + 16384) % 64;
  return t->logistic[i] + (((t->logistic[i + 1] - t->logistic[i]) * j) >> 6);
}

static num N(const prior *q, const tables *t, num b)
{
  if (b == q->lo)
    return 0;
  if (b == q->hi)
    return q->total;
  num a = arg(q, t, 64 * (b - q->centre) - 32 - q->frac);
  return ((b - q->lo) >> q->n) + ((F(t, a) * (q->total - ((q->hi - q->lo) >> q->n))) >> 16);
}

static num get_escape(stream *s, num lane, const prior *q)
{
  num n = 0;
  while ((q->max - q->min) >> n != 0)
    n++;
  num v = plain_bits(s, lane, least(n, 16));
  if (n > 16)
    v += plain_bits(s, lane, n - 16) << 16;
  return q->min + v;
}

static num get_plain(stream *s, num lane, const prior *q, const tables *t)
{
  const num slot = slot_of(s, lane);
  if (slot >= q->total) {
    take(s, lane, q->total, 2);
    return get_escape(s, lane, q);
  }
  num lo = 0, hi = (q->hi - q->lo) >> q->n; /* buckets: N at lo <= slot < N at hi */
  while (hi - lo > 1) {
    num middle = (lo + hi) >> 1;
    if (N(q, t, q->lo + middle * power(q->n)) <= slot)
      lo = middle;
    else
      hi = middle;
  }
  const num b = q->lo + lo * power(q->n);
  take(s, lane, N(q, t, b), N(q, t, b + power(q->n)) - N(q, t, b));
  return b + (q->n > 0 ? plain_bits(s, lane, q->n) : 0);
}

/* ======== 15. Occurrence prior ======== */

static num span(const group *g, num p)
{
  return g->o.max[p] - g->o.min[p] + 1;
}

static void colours_start(group *g)
{
  static const num start[17] = {32768, 38496, 43691, 48386, 52429, 55706, 58254, 60168, 61681,
                                62780, 63550, 64133, 64527, 64822, 65027, 65176, 65280};
  if (!g->occurrence)
    return;
  for (num p = 0; p < 3; p++)
    if (g->o.planes != 3 || span(g, p) > 511)
      refuse(&g->in.words, "an occurrence prior where it is not allowed");
  g->pairs = room(&g->in.words, span(g, 0) * span(g, 1), 1);
  g->triples = room(&g->in.words, span(g, 0) * span(g, 1) * span(g, 2), 1);
  for (int p = 1; p < 3; p++)
    for (int side = 0; side < 2; side++)
      for (int i = 0; i <= 16; i++) {
        g->flags[p][side][16 - i] = (flag){65536 - start[i], 0};
        g->flags[p][side][16 + i] = (flag){start[i], 0};
      }
}

static void enter_colour(group *g, const row *w)
{
  if (!g->occurrence)
    return;
  num pair = (w->v[0] - g->o.min[0]) * span(g, 1) + w->v[1] - g->o.min[1];
  g->pairs[pair] = 1;
  g->triples[pair * span(g, 2) + w->v[2] - g->o.min[2]] = 1;
}

static bool is_seen(const row *w, num v)
{
  return v >= w->prior.lo && v < w->prior.hi && w->seen[v - w->prior.min];
}

static void seen_before(group *g, row *w, num p)
{
  w->seen = NULL;
  w->flag = NULL;
  if (!g->occurrence || p == 0)
    return;
  num first = (w->v[0] - g->o.min[0]) * span(g, 1);
  w->seen = p == 1 ? &g->pairs[first] : &g->triples[(first + w->v[1] - g->o.min[1]) * span(g, 2)];
  w->mass = 0;
  for (num v = w->prior.lo; v < w->prior.hi; v++)
    if (is_seen(w, v))
      w->mass += N(&w->prior, g->t, v + 1) - N(&w->prior, g->t, v);
  if (w->mass == 0 || w->mass == 65536) {
    w->seen = NULL;
    return;
  }
  num odds = log2q(g->t, w->mass) - log2q(g->t, 65536 - w->mass);
  w->flag = &g->flags[p][w->side[p]][clamp((odds + 64) >> 7, -16, 16) + 16];
}

static num get_in_class(stream *s, num lane, const row *w, const tables *t, bool seen)
{
  const prior *q = &w->prior;
  const num T = seen ? w->mass : 65536 - w->mass, slot = slot_of(s, lane);
  num below = 0;
  for (num v = q->lo; v <= q->hi; v++) { /* v = hi: the escape */
    if (v < q->hi && is_seen(w, v) != seen)
      continue;
    num size = v < q->hi ? N(q, t, v + 1) - N(q, t, v) : 2;
    num start = 65536 * below / T, end = 65536 * (below + size) / T;
    if (slot >= start && slot < end) {
      take(s, lane, start, end - start);
      return v < q->hi ? v : get_escape(s, lane, q);
    }
    below += size;
  }
  refuse(&s->words, "a slot that belongs to nothing");
}

static num get_sample(group *g, row *w)
{
  const num lane = w->y % g->in.lanes;
  num v;
  if (!w->flag)
    v = get_plain(&g->in, lane, &w->prior, g->t);
  else
    v = get_in_class(&g->in, lane, w, g->t, idf_oracle_flag(&g->in, lane, w->flag));
  if (v > w->prior.max)
    refuse(&g->in.words, "a sample is out of range");
  return v;
}

static void learn_seen(row *w, num p, num v)
{
  if (!w->flag)
    return;
  idf_oracle_flag_update(w->flag, is_seen(w, v));
  w->side[p] = !is_seen(w, v);
}

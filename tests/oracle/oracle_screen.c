/* SPDX-License-Identifier: BSD-3-Clause
 *
 * oracle_screen.c: chapter 16 of idf(5), in its order: one screen tile.
 */
#include "oracle.h"

typedef uint64_t pixel;

/* Sets and curves by the tuples of the chapter, with room to spare. */
typedef struct sets {
  weights span_first[2], span_second[32], run_first[2], run_second[32];
  weights candidate_first[6][8], candidate_second[6][16];
  weights known_first[1], known_second[8];
  weights literal_first[2][4][16][4], literal_second[4][16];
  curve span_curve[32], run_curve[32], candidate_curve[6][8][16];
  curve known_curve[1], literal_curve[2][4][16][16];
} sets;

enum { PALETTE = 4096 };

typedef struct tile {
  num W, H, channels, depth;
  mixer mixer;
  sets sets;
  pixel *cells;
  num *outcomes, *errors; /* of each cell; errors by place */
  pixel *lastW, *lastN, *last2, *before2, *last6;
  num *place12;
  num bits, bits12; /* of these tables */
  num P, length;    /* what is repeated */
  num recent, ran;
  pixel palette[PALETTE];
  bool possible[PALETTE]; /* a known literal can have this colour */
  bool had[32];           /* the last literals' colours were in the palette, newest first */
  num colours;
  bool broken; /* this pixel is not `unlike` */
  pixel unlike;
} tile;

static uint32_t plus(uint32_t a, num n)
{
  return (uint32_t)(a + (uint64_t)n);
}

/* ======== 16.1 Borders ======== */

static num place_of(const tile *s, num x, num y)
{
  return (y + 3) * (s->W + 8) + x + 4;
}

static pixel *cell(const tile *s, num x, num y)
{
  return &s->cells[place_of(s, x, y)];
}

typedef struct near {
  pixel W, N, NW, NE, WW, NN, NWW, NEE, WWW, NNN, NNW, NNE;
} near;

static near near_of(const tile *s, num x, num y)
{
  return (near){.W = *cell(s, x - 1, y),
                .N = *cell(s, x, y - 1),
                .NW = *cell(s, x - 1, y - 1),
                .NE = *cell(s, x + 1, y - 1),
                .WW = *cell(s, x - 2, y),
                .NN = *cell(s, x, y - 2),
                .NWW = *cell(s, x - 2, y - 1),
                .NEE = *cell(s, x + 2, y - 1),
                .WWW = *cell(s, x - 3, y),
                .NNN = *cell(s, x, y - 3),
                .NNW = *cell(s, x - 1, y - 2),
                .NNE = *cell(s, x + 1, y - 2)};
}

/* ======== Decisions, by oracle_mixer.c ======== */

static void begin_sets(tile *s)
{
  sets *m = &s->sets;
  idf_oracle_weights_begin(m->span_first, sizeof m->span_first);
  idf_oracle_weights_begin(m->span_second, sizeof m->span_second);
  idf_oracle_weights_begin(m->run_first, sizeof m->run_first);
  idf_oracle_weights_begin(m->run_second, sizeof m->run_second);
  idf_oracle_weights_begin(&m->candidate_first[0][0], sizeof m->candidate_first);
  idf_oracle_weights_begin(&m->candidate_second[0][0], sizeof m->candidate_second);
  idf_oracle_weights_begin(m->known_first, sizeof m->known_first);
  idf_oracle_weights_begin(m->known_second, sizeof m->known_second);
  idf_oracle_weights_begin(&m->literal_first[0][0][0][0], sizeof m->literal_first);
  idf_oracle_weights_begin(&m->literal_second[0][0], sizeof m->literal_second);
  idf_oracle_curves_begin(&s->mixer, m->span_curve, sizeof m->span_curve);
  idf_oracle_curves_begin(&s->mixer, m->run_curve, sizeof m->run_curve);
  idf_oracle_curves_begin(&s->mixer, &m->candidate_curve[0][0][0], sizeof m->candidate_curve);
  idf_oracle_curves_begin(&s->mixer, m->known_curve, sizeof m->known_curve);
  idf_oracle_curves_begin(&s->mixer, &m->literal_curve[0][0][0][0], sizeof m->literal_curve);
}

static bool decide(tile *s, const uint32_t *context, int contexts, weights *first, weights *second,
                   curve *c)
{
  return idf_oracle_decide(&s->mixer, context, contexts, first, second, c, -1);
}

/* ======== 16.3 Spans ======== */

static num outcome(const tile *s, num x, num y)
{
  return x < 0 || x >= s->W || y < 0 ? 0 : s->outcomes[place_of(s, x, y)];
}

static num span(tile *s, num x, num y, num S, num F)
{
  const near a = near_of(s, x, y);
  const num flat = a.N == a.W && F >= S;
  num good = 0, remain = S;
  for (num level = 0;; level++) {
    const num length = level == 0 ? S : (remain + 1) / 2;
    const num size = 1 + highest_bit(length), later = level > 0;
    num hint = 0;
    if (s->length > 0) {
      const num last = s->P + length - 1;
      hint = 1 + (s->cells[s->P] == a.N);
      if (last < place_of(s, x, y) && s->cells[last] == *cell(s, x + good + length - 1, y - 1))
        hint++;
    }
    const uint32_t context[5] = {
        h(11, (uint64_t)(256 * size + 2 * least(level, 15) + flat)),
        h(12, (uint64_t)(256 * size + 2 * outcome(s, x, y - 1) + flat)),
        h(13, (uint64_t)(256 * size + 4 * s->recent + 2 * later + flat)),
        h(14, (uint64_t)(256 * size + 8 * hint + 4 * (x + S == s->W) + 2 * later + flat)),
        h((uint64_t)(15 + 4 * later + 2 * (a.N == a.NN) + (a.N == a.NW)), a.N)};
    const bool yes = decide(s, context, 5, &s->sets.span_first[later], &s->sets.span_second[size],
                            &s->sets.span_curve[size]);
    if (level == 0)
      s->recent = (2 * s->recent + yes) % 16;
    good += yes ? length : 0;
    remain = yes ? remain - length : length;
    if (remain <= 2 || (level == 0 && remain <= 4))
      return good;
  }
}

/* ======== 16.6 Runs ======== */

static num run(tile *s, num x, num y, num R)
{
  const near a = near_of(s, x, y);
  const pixel next = s->cells[s->P];
  const num old = highest_bit(s->length), agrees = next == a.N;
  num good = 0, remain = R;
  for (num level = 0;; level++) {
    const num length = level == 0 ? R : (remain + 1) / 2;
    const num size = 1 + highest_bit(length), later = level > 0;
    const uint32_t context[5] = {
        h(23, (uint64_t)(256 * size + 16 * least(level, 15) + old)),
        h(24, (uint64_t)(256 * size + 4 * outcome(s, x, y - 1) + 2 * agrees + later)),
        h(25, (uint64_t)(256 * size + 2 * s->ran + later)),
        h(26, (uint64_t)(256 * size + 4 * (x + R == s->W) + 2 * agrees + later)),
        h((uint64_t)(27 + later), next)};
    const bool yes = decide(s, context, 5, &s->sets.run_first[later], &s->sets.run_second[size],
                            &s->sets.run_curve[size]);
    if (level == 0)
      s->ran = (2 * s->ran + yes) % 16;
    good += yes ? length : 0;
    remain = yes ? remain - length : length;
    if (remain <= 1)
      return good;
  }
}

/* ======== 16.5 Literals ======== */

enum { W_, N_, PLANE, MED, MEAN, RIGHT, TWO_N, TWO_W, PREDICTORS };

static num sample_of(pixel v, num channel)
{
  return (num)(v >> (16 * channel) & 65535);
}

static void predict(num f[PREDICTORS], const near *a, num channel)
{
  const num W = sample_of(a->W, channel), N = sample_of(a->N, channel);
  f[W_] = W;
  f[N_] = N;
  f[PLANE] = W + N - sample_of(a->NW, channel);
  f[MED] = clamp(f[PLANE], least(W, N), most(W, N));
  f[MEAN] = (W + N) / 2;
  f[RIGHT] = (W + sample_of(a->NE, channel)) / 2;
  f[TWO_N] = 2 * N - sample_of(a->NN, channel);
  f[TWO_W] = 2 * W - sample_of(a->WW, channel);
}

/* The error of predictor i in a channel of which `known` has the sample. */
static num miss(pixel known, const near *a, num channel, int i)
{
  num f[PREDICTORS];
  predict(f, a, channel);
  return sample_of(known, channel) - f[i];
}

static num oct(num v)
{
  const num n = v == 0 ? 0 : least(1 + highest_bit(llabs(v)), 7);
  return v < 0 ? -n : n;
}

static num half(num v)
{
  const num a = llabs(v);
  if (a < 2)
    return v;
  const num t = highest_bit(a), n = 2 * t + (a >> (t - 1) & 1);
  return v < 0 ? -n : n;
}

static num error_at(const tile *s, num x, num y, num place)
{
  return x < 0 || y < 0 ? 0 : s->errors[4 * place_of(s, x, y) + place];
}

/* Whether the literal is known; then `possible` says which colours it can have. */
static bool is_known(tile *s, const near *a, const pixel *refused, num refusals)
{
  num often = 0, left = 0;
  for (int i = 0; i < 32; i++)
    often += s->had[i];
  for (num i = 0; i < s->colours; i++) {
    s->possible[i] = true;
    for (num k = 0; k < refusals; k++)
      if (s->palette[i] == refused[k])
        s->possible[i] = false;
    left += s->possible[i];
  }
  if (often < 20 || left == 0)
    return false;
  const num three = 4 * s->had[2] + 2 * s->had[1] + s->had[0];
  const uint32_t context[3] = {h(31, (uint64_t)(8 * often + three)), h(32, a->W), h(33, a->N)};
  return decide(s, context, 3, s->sets.known_first, &s->sets.known_second[three],
                s->sets.known_curve);
}

/* Of the possible colours only those remain whose bit i in channel c is `bit`. */
static void narrow(tile *s, num c, num i, bool bit)
{
  for (num k = 0; k < s->colours; k++)
    if ((sample_of(s->palette[k], c) >> i & 1) != bit)
      s->possible[k] = false;
}

/* Whether no possible colour has the opposite bit. */
static bool only(const tile *s, num c, num i, bool bit)
{
  for (num k = 0; k < s->colours; k++)
    if (s->possible[k] && (sample_of(s->palette[k], c) >> i & 1) != bit)
      return false;
  return true;
}

static void remember(tile *s, pixel v)
{
  num i = 0;
  while (i < s->colours && s->palette[i] != v)
    i++;
  memmove(s->had + 1, s->had, sizeof s->had - sizeof *s->had);
  s->had[0] = i < s->colours;
  if (i == s->colours && i < PALETTE)
    s->palette[s->colours++] = v;
}

static pixel literal(tile *s, num x, num y, const near *a, const pixel *refused, num refusals)
{
  static const num orders[5][4] = {{0}, {0}, {1, 0}, {1, 0, 2}, {3, 1, 0, 2}};
  const num *order = orders[s->channels], top = power(s->depth) - 1;
  const bool rgb = s->channels >= 3;
  const bool in_palette = is_known(s, a, refused, refusals);
  pixel known = 0;
  num E = 0;
  uint32_t u = 1;
  for (num place = 0; place < s->channels; place++) {
    const num c = order[place];
    num f[PREDICTORS];
    predict(f, a, c);
    const num Wc = f[W_], Nc = f[N_], NWc = sample_of(a->NW, c);
    num one = f[W_], two = f[MEAN];
    if (rgb && c == 2) {
      one = f[N_] + miss(known, a, 0, N_);
      two = f[MEAN] + miss(known, a, 0, MEAN);
    }
    for (int i = 0; i < PREDICTORS; i++)
      f[i] = clamp(f[i] + (rgb && (c == 0 || c == 2) ? miss(known, a, 1, i) : 0), 0, top);
    one = clamp(one, 0, top);
    two = clamp(two, 0, top);
    const num eW = error_at(s, x - 1, y, place), eN = error_at(s, x, y - 1, place);
    num prefix = 1;
    for (num i = s->depth - 1; i >= 0; i--) {
      if (in_palette && (only(s, c, i, false) || only(s, c, i, true))) {
        prefix = 2 * prefix + only(s, c, i, true);
        continue;
      }
      const num middle = (2 * prefix + 1) * power(i) - power(s->depth);
      const uint32_t q = h((uint64_t)place, (uint64_t)i), r = h(q, (uint64_t)prefix);
#define D(v) (uint64_t)(64 + half((v)-middle))
      const uint32_t context[11] = {h(plus(q, 1), 256 * D(f[PLANE]) + (uint64_t)(eN + 8)),
                                    h(plus(q, 2), 256 * D(f[RIGHT]) + (uint64_t)(eW + 8)),
                                    h(plus(q, 3), 256 * D(f[TWO_N]) + D(f[N_])),
                                    h(plus(q, 4), 256 * D(f[TWO_W]) + D(f[W_])),
                                    h(plus(q, 5), 256 * D(one) + D(two)),
                                    h(plus(q, 6), 65536 * D(f[MED]) + (uint64_t)E),
                                    h(plus(q, 7), 65536 * D(Wc) + 256 * D(Nc) + D(NWc)),
                                    r,
                                    h(plus(r, 1), u),
                                    h(plus(r, 2), h(u, a->W)),
                                    h(plus(r, 3), h(u, a->N))};
#undef D
      const num far = least(llabs(half(f[MED] - middle)), 15);
      const num steps = (far > 1) + (far > 3) + (far > 5);
      const bool bit = decide(s, context, 11, &s->sets.literal_first[in_palette][place][i][steps],
                              &s->sets.literal_second[place][eW + 8],
                              &s->sets.literal_curve[in_palette][place][i][far]);
      narrow(s, c, i, bit);
      prefix = 2 * prefix + bit;
    }
    const num sample = prefix - power(s->depth), error = oct(sample - f[MED]);
    s->errors[4 * place_of(s, x, y) + place] = error;
    E = 16 * E + 8 + error;
    u = h(u, (uint64_t)sample);
    known |= (pixel)sample << (16 * c);
  }
  remember(s, known);
  return known;
}

/* ======== 16.4 Candidates ======== */

typedef struct candidates {
  pixel list[8];
  num votes[8], count;
} candidates;

static void name(candidates *c, num from, pixel v)
{
  num i = 0;
  while (i < c->count && c->list[i] != v)
    i++;
  if (i == c->count) {
    c->list[i] = v;
    c->votes[i] = 0;
    c->count++;
  }
  c->votes[i] += power(from);
}

static bool choose(tile *s, num x, num y, const near *a, const candidates *c, uint32_t g2,
                   uint32_t g12, pixel *found)
{
  const num pattern = (a->W == a->N) + 2 * (a->W == a->NW) + 4 * (a->N == a->NW)
                      + 8 * (a->N == a->NE) + 16 * (a->W == a->WW) + 32 * (a->N == a->NN)
                      + 64 * (a->NW == a->NWW) + 128 * (a->NE == a->NEE) + 256 * (a->W == a->NE)
                      + 512 * (a->NE == a->NNE);
  const num lived = 512 * outcome(s, x - 1, y) + 64 * outcome(s, x, y - 1)
                    + 8 * outcome(s, x + 1, y - 1) + outcome(s, x - 1, y - 1);
  const num repeat = s->length < 3 ? s->length : least(2 + highest_bit(s->length), 7);
  for (num k = 0; k < least(c->count, 6); k++) {
    const pixel v = c->list[k];
    if (s->broken && v == s->unlike)
      continue;
    const num label = (v == a->W) + 2 * (v == a->N) + 4 * (v == a->NW) + 8 * (v == a->NE);
    const uint32_t context[6] = {h(1, (uint64_t)(8 * c->votes[k] + k)),
                                 h(2, (uint64_t)(128 * pattern + 8 * label + k)),
                                 h(3, (uint64_t)(128 * lived + 8 * label + k)),
                                 h(plus(g2, 4), v),
                                 h(plus(g12, 5), v),
                                 h(k > 0 ? 7 : 6, v)};
    if (decide(s, context, 6, &s->sets.candidate_first[k][repeat],
               &s->sets.candidate_second[k][label], &s->sets.candidate_curve[k][repeat][label])) {
      *found = v;
      s->outcomes[place_of(s, x, y)] = 1 + k;
      return true;
    }
  }
  s->outcomes[place_of(s, x, y)] = 7;
  return false;
}

/* Of the six neighbours of a place, those that equal the pixel's. */
static int alike(const tile *s, num place, const near *a)
{
  const pixel *p = &s->cells[place];
  const num row = s->W + 8;
  return (p[-1] == a->W) + (p[-row] == a->N) + (p[-row - 1] == a->NW) + (p[-row + 1] == a->NE)
         + (p[-2] == a->WW) + (p[-2 * row] == a->NN);
}

static void pass(tile *s, num n)
{
  if (s->P != 0)
    s->P += n;
}

static void one_pixel(tile *s, num x, num y)
{
  const near a = near_of(s, x, y);
  const uint32_t gW = h(0, a.W), gN = h(1, a.N), g2 = h(gW, a.N);
  const uint32_t g6 = h(h(h(h(g2, a.NE), a.NW), a.WW), a.NN);
  const uint32_t g12 = h(h(h(h(h(h(g6, a.NWW), a.NEE), a.WWW), a.NNW), a.NNE), a.NNN);
  const num iW = gW >> (32 - s->bits), iN = gN >> (32 - s->bits);
  const num i2 = g2 >> (32 - s->bits), i6 = g6 >> (32 - s->bits), i12 = g12 >> (32 - s->bits12);
  if (s->length == 0) {
    if (s->place12[i12] != 0 && alike(s, s->place12[i12], &a) >= 5) {
      s->P = s->place12[i12];
      s->length = 1;
    } else if (s->P != 0 && alike(s, s->P, &a) >= 4) {
      s->length = 1;
    }
  }
  candidates c = {.count = 0};
  if (s->length > 0)
    name(&c, 0, s->cells[s->P]);
  const pixel sources[7] = {s->last6[i6],   s->last2[i2], a.W,         a.N,
                            s->before2[i2], s->lastW[iW], s->lastN[iN]};
  for (num i = 0; i < 7; i++)
    name(&c, i + 1, sources[i]);
  pixel v, refused[7];
  if (!choose(s, x, y, &a, &c, g2, g12, &v)) {
    num refusals = 0;
    while (refusals < least(c.count, 6)) {
      refused[refusals] = c.list[refusals];
      refusals++;
    }
    if (s->broken)
      refused[refusals++] = s->unlike;
    v = literal(s, x, y, &a, refused, refusals);
  }
  *cell(s, x, y) = v;
  if (s->last2[i2] != v)
    s->before2[i2] = s->last2[i2];
  s->lastW[iW] = v;
  s->lastN[iN] = v;
  s->last2[i2] = v;
  s->last6[i6] = v;
  s->place12[i12] = place_of(s, x, y);
  if (s->length > 0)
    s->length = s->cells[s->P] == v ? least(s->length + 1, 999) : 0;
  pass(s, 1);
}

/* ======== 16.2 The walk ======== */

static num span_due(tile *s, num x, num y, num *F)
{
  num S = 0;
  *F = 0;
  while (x + *F < s->W && *cell(s, x + *F, y - 1) == *cell(s, x, y - 1))
    ++*F;
  while (x + S < s->W && *cell(s, x + S, y - 1) == *cell(s, x + S, y - 2))
    S++;
  return *cell(s, x, y - 1) == *cell(s, x - 1, y) ? most(S, *F) : S;
}

static void one_row(tile *s, num y)
{
  num calm = 2, F;
  s->recent = 0;
  s->broken = false;
  if (y > 0) {
    pass(s, 8);
    s->length = least(s->length, 15);
  }
  for (num i = 1; i <= 4; i++)
    *cell(s, -i, y) = y > 0 ? *cell(s, 0, y - 1) : 0;
  for (num x = 0; x < s->W;) {
    const num R = s->length > 0 ? least(s->W - x, power(highest_bit(s->length))) : 0;
    if (s->length >= 32 && R >= 4 && !s->broken) {
      const num m = run(s, x, y, R);
      for (num i = 0; i < m; i++)
        *cell(s, x + i, y) = s->cells[s->P + i];
      x += m;
      pass(s, m);
      s->broken = m < R;
      if (s->broken)
        s->unlike = s->cells[s->P];
      s->length = s->broken ? 0 : least(s->length + m, 999);
      calm = !s->broken && *cell(s, x - 1, y) == *cell(s, x - 1, y - 1) ? 2 : 0;
      if (m > 0)
        continue;
    }
    const num S = calm >= 2 && s->length < 32 && !s->broken ? span_due(s, x, y, &F) : 0;
    if (S >= 4) {
      const num m = span(s, x, y, S, F);
      calm = m == S ? 2 : 0;
      for (num i = 0; i < m; i++)
        *cell(s, x + i, y) = *cell(s, x + i, y - 1);
      x += m;
      pass(s, m);
      if (m > 0 && s->length > 0 && s->cells[s->P - 1] != *cell(s, x - 1, y))
        s->length = 0;
      if (m > 0)
        continue;
    }
    one_pixel(s, x, y);
    s->broken = false;
    calm = *cell(s, x, y) == *cell(s, x, y - 1) ? calm + 1 : 0;
    x++;
  }
  for (num i = 0; i < 4; i++)
    *cell(s, s->W + i, y) = *cell(s, s->W - 1, y);
}

void idf_oracle_screen(const tables *t, source *in, num bits, num W, num H, num channels, num depth,
                       num *const *out)
{
  tile *s = room(in, 1, sizeof *s);
  const num cells = (W + 8) * (H + 3), top = highest_bit(W * H);
  s->W = W;
  s->H = H;
  s->channels = channels;
  s->depth = depth;
  idf_oracle_mixer_begin(&s->mixer, t, in, clamp(top + 6, 14, bits));
  idf_oracle_mixer_read(&s->mixer, *in);
  begin_sets(s);
  s->bits = clamp(top + 1, 10, bits - 2);
  s->bits12 = clamp(top + 1, 10, bits - 1);
  s->cells = room(in, cells, sizeof(pixel));
  s->outcomes = room(in, cells, sizeof(num));
  s->errors = room(in, 4 * cells, sizeof(num));
  s->lastW = room(in, power(s->bits), sizeof(pixel));
  s->lastN = room(in, power(s->bits), sizeof(pixel));
  s->last2 = room(in, power(s->bits), sizeof(pixel));
  s->before2 = room(in, power(s->bits), sizeof(pixel));
  s->last6 = room(in, power(s->bits), sizeof(pixel));
  s->place12 = room(in, power(s->bits12), sizeof(num));
  for (num y = 0; y < H; y++)
    one_row(s, y);
  idf_oracle_mixer_end(&s->mixer);
  for (num c = 0; c < channels; c++)
    for (num i = 0; i < W * H; i++)
      out[c][i] = sample_of(*cell(s, i % W, i / W), c);
  free(s->cells);
  free(s->outcomes);
  free(s->errors);
  free(s->lastW);
  free(s->lastN);
  free(s->last2);
  free(s->before2);
  free(s->last6);
  free(s->place12);
  free(s);
}

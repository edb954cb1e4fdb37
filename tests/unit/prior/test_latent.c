/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_latent.c: latents through rANS and back, the classes of the occurrence prior,
 * escapes, and streams that no encoder wrote.
 *
 * The encoder's record of intervals is looked into: that is where one can see that
 * the samples of a class tile [0, 65536) without gap or overlap.
 */
#include "latent.h"

#include <math.h>

#include "flowkit.h"
#include "occur.h"

int idf_suite_latent(void);

#define WORDS 2048 /* bitmap of up to 131072 samples */

typedef struct made_site {
  idf_site site;
  uint64_t seen[WORDS];
} made_site;

/* What the prior gives seen samples in [lo, b). */
static uint32_t seen_below(const idf_site *s, int32_t b)
{
  uint32_t sum = 0;
  for (int32_t v = s->prior.lo; v < b; v++)
    if (idf_occur_has(s->seen, (uint32_t)(v - s->prior.min)))
      sum += idf_prior_cdf(&s->prior, v + 1) - idf_prior_cdf(&s->prior, v);
  return sum;
}

/* A random site of [min, max]; with `classes`, one where both classes have mass. */
static void make_site(made_site *m, idf_unit_random *r, int32_t min, int32_t max, bool classes)
{
  idf_site *s = &m->site;
  *s = (idf_site){.prior = flowkit_prior(r, min, max, IDF_SCALES)};
  if (!classes)
    return;
  uint32_t density = 1 + idf_unit_below(r, 40);
  for (int32_t w = 0; w <= (max - min) / 64; w++)
    m->seen[w] = 0;
  for (int32_t v = min; v <= max; v++)
    if (idf_unit_below(r, 41) < density)
      m->seen[(v - min) / 64] |= (uint64_t)1 << ((v - min) % 64);
  s->seen = m->seen;
  s->seen_mass = seen_below(s, s->prior.hi);
  if (s->seen_mass == 0 || s->seen_mass == IDF_FREQ_ONE)
    s->seen = NULL;
  idf_bit_init(&s->flag, 32 + idf_unit_below(r, 65504 - 32));
}

static const struct {
  int32_t min, max;
} ranges[] = {{0, 0},      {0, 1},     {-1, 1},         {0, 255},
              {-255, 255}, {0, 65535}, {-65535, 65535}, {-60000, 60000}};
#define RANGES (sizeof ranges / sizeof *ranges)

static int32_t pick(idf_unit_random *r, const idf_prior *p)
{
  switch (idf_unit_below(r, 6)) {
  case 0:
    return p->min;
  case 1:
    return p->max;
  case 2:
    return flowkit_between(r, p->min, p->max); /* often an escape */
  default:                                     /* the last bucket may pass the range */
    return flowkit_between(r, p->lo, IDF_MIN(p->hi - 1, p->max));
  }
}

/* As a forward walk does it, who knows the sample beforehand. */
static void put(idf_rans_enc *enc, unsigned lane, idf_site *s, int32_t sample)
{
  const bool inside = sample >= s->prior.lo && sample < s->prior.hi;
  if (s->seen)
    s->seen_below = inside ? seen_below(s, sample) : s->seen_mass;
  idf_latent_put(enc, lane, s, sample);
}

/* Of all that was put, as intervals. */
static double bits_of(const idf_rans_enc *enc)
{
  double bits = 0;
  for (size_t i = 0; i < enc->count; i++)
    bits += IDF_FREQ_BITS - log2((enc->record[i] >> 16) + 1);
  return bits;
}

#define MANY 400

static void any_latent_comes_back(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  made_site *m = idf_alloc(&mem, MANY, sizeof *m);
  CU_ASSERT_PTR_NOT_NULL_FATAL(m);
  unsigned escapes = 0, flags = 0;
  for (uint64_t seed = 0; seed < 24; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    size_t k = seed % RANGES;
    unsigned lanes = 1 + idf_unit_below(&r, 8);
    bool classes = seed / RANGES > 0 && ranges[k].max - ranges[k].min < 511;
    int32_t want[MANY];
    idf_rans_enc enc;
    idf_rans_dec dec;
    idf_buf out;
    double get_bits = 0;
    idf_rans_enc_init(&enc, &mem, lanes);
    idf_buf_init(&out, &mem);
    for (unsigned i = 0; i < MANY; i++) {
      make_site(&m[i], &r, ranges[k].min, ranges[k].max, classes);
      const idf_prior *p = &m[i].site.prior;
      want[i] = pick(&r, p);
      escapes += want[i] < p->lo || want[i] >= p->hi;
      flags += m[i].site.seen != NULL;
      put(&enc, i % lanes, &m[i].site, want[i]);
    }
    const double put_bits = bits_of(&enc);
    CU_ASSERT_EQUAL(idf_rans_finish(&enc, &out), IDF_OK);
    IDF_UNIT_SEEDED(&r, (double)out.len * 8 <= put_bits * 1.001 + 96.0 * lanes
                            && (double)out.len * 8 >= put_bits - 1);
    CU_ASSERT_EQUAL_FATAL(idf_rans_dec_init(&dec, out.data, out.len, lanes), IDF_OK);
    for (unsigned i = 0; i < MANY; i++)
      IDF_UNIT_SEEDED(&r, idf_latent_get(&dec, i % lanes, &m[i].site, &get_bits) == want[i]);
    IDF_UNIT_SEEDED(&r, idf_rans_dec_finish(&dec) == IDF_OK);
    IDF_UNIT_SEEDED(&r, fabs(put_bits - get_bits) <= 1e-9 * put_bits);
    idf_rans_enc_free(&enc);
    idf_buf_free(&out);
  }
  CU_ASSERT_TRUE(escapes > 500);
  CU_ASSERT_TRUE(flags > 500);
  idf_free(&mem, m);
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* Where the next sample of each class must start; index 2: without classes. */
typedef struct tiling {
  uint32_t next[3];
  bool exact;
} tiling;

/* Takes the intervals that one sample was given; returns the class of the last one. */
static void lay(tiling *t, const idf_rans_enc *enc, const idf_site *site, bool *seen)
{
  uint32_t last = enc->record[!site->seen ? 0 : 1];
  unsigned class = 2;
  if (site->seen) {
    uint32_t flag = enc->record[0];
    *seen = (flag & 0xffff) != 0; /* a 0 starts at 0 */
    idf_interval want = idf_bit_interval(&site->flag, *seen);
    t->exact = t->exact && (flag & 0xffff) == want.start && (flag >> 16) + 1 == want.size;
    class = *seen;
  }
  t->exact = t->exact && (last & 0xffff) == t->next[class];
  t->next[class] += (last >> 16) + 1;
}

static void the_samples_of_a_class_tile_exactly(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  made_site *m = idf_alloc(&mem, 1, sizeof *m);
  CU_ASSERT_PTR_NOT_NULL_FATAL(m);
  unsigned with_classes = 0;
  for (uint64_t seed = 0; seed < 600; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    int32_t min = flowkit_between(&r, -255, 255), max = flowkit_between(&r, min, 255);
    make_site(m, &r, min, max, true);
    idf_site *s = &m->site;
    const idf_prior *p = &s->prior;
    tiling t = {{0, 0, 0}, true};
    double probability = 0;
    with_classes += s->seen != NULL;
    /* Inside first, by rising sample; then one escape, which stands for all of them. */
    for (int32_t v = p->lo; v < p->hi; v++) {
      idf_rans_enc enc;
      bool seen = false;
      idf_rans_enc_init(&enc, &mem, 1);
      put(&enc, 0, s, v);
      lay(&t, &enc, s, &seen);
      t.exact = t.exact && (!s->seen || seen == idf_occur_has(s->seen, (uint32_t)(v - min)));
      probability += exp2(-bits_of(&enc));
      idf_rans_enc_free(&enc);
    }
    if (p->total < IDF_FREQ_ONE) {
      idf_rans_enc enc;
      bool seen = false;
      idf_rans_enc_init(&enc, &mem, 1);
      put(&enc, 0, s, p->lo > min ? min : max);
      lay(&t, &enc, s, &seen);
      t.exact = t.exact && !seen;
      probability += exp2(idf_prior_escape_bits(p) - bits_of(&enc));
      idf_rans_enc_free(&enc);
    }
    IDF_UNIT_SEEDED(&r, t.exact);
    IDF_UNIT_SEEDED(&r, !s->seen ? t.next[2] == IDF_FREQ_ONE
                                 : t.next[0] == IDF_FREQ_ONE && t.next[1] == IDF_FREQ_ONE);
    IDF_UNIT_SEEDED(&r, fabs(probability - 1) < 1e-9);
  }
  CU_ASSERT_TRUE(with_classes > 300);
  idf_free(&mem, m);
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void any_stream_gives_defined_samples(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  made_site *m = idf_alloc(&mem, 1, sizeof *m);
  CU_ASSERT_PTR_NOT_NULL_FATAL(m);
  for (uint64_t seed = 0; seed < 300; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    size_t k = seed % RANGES;
    uint8_t stream[256];
    idf_rans_dec dec;
    for (size_t i = 0; i < sizeof stream; i++)
      stream[i] = (uint8_t)(seed % 5 == 0 ? 0xff : idf_unit_next(&r) & 0xff);
    stream[4] |= 1; /* the state is legal */
    CU_ASSERT_EQUAL_FATAL(idf_rans_dec_init(&dec, stream, sizeof stream, 1), IDF_OK);
    for (int i = 0; i < 200; i++) {
      make_site(m, &r, ranges[k].min, ranges[k].max, ranges[k].max - ranges[k].min < 511);
      const idf_prior *p = &m->site.prior;
      int64_t v = idf_latent_get(&dec, 0, &m->site, NULL);
      IDF_UNIT_SEEDED(
          &r, v >= p->min && (v < (int64_t)p->min + (1 << idf_prior_escape_bits(p)) || v < p->hi));
    }
  }
  idf_free(&mem, m);
  CU_ASSERT_EQUAL(mem.used, 0);
}

int idf_suite_latent(void)
{
  static const idf_unit_test tests[] = {
      {"any latent comes back", any_latent_comes_back},
      {"the samples of a class tile exactly", the_samples_of_a_class_tile_exactly},
      {"any stream gives defined samples", any_stream_gives_defined_samples},
      {NULL, NULL}};
  return idf_unit_suite("latent", tests);
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * oracle_model.c: chapters 21 and 22 of idf(5): models and tables.
 *
 * SHA-256 is here again (FIPS 180-4), its constants computed: the fractions of the
 * roots of the first primes.
 */
#include "oracle.h"

#include <math.h>

#include "model.h" /* idf_model_data, nothing else */

source idf_oracle_read(const char *name, uint8_t **data)
{
  source s = {name, NULL, NULL};
  FILE *f = fopen(name, "rb");
  size_t size = 0, cap = 0, n;
  *data = NULL;
  if (!f)
    refuse(&s, "cannot be opened");
  do {
    if (size == cap) {
      cap = 2 * cap + 65536;
      uint8_t *more = realloc(*data, cap);
      if (!more)
        refuse(&s, "no memory");
      *data = more;
    }
    n = fread(*data + size, 1, cap - size, f);
    size += n;
  } while (n > 0);
  if (ferror(f))
    refuse(&s, "cannot be read");
  fclose(f);
  s.at = *data;
  s.end = *data + size;
  return s;
}

/* ======== 21. Models ======== */

static uint32_t turn(uint32_t v, int n)
{
  return v >> n | v << (32 - n);
}

/* The first 32 bits of the fraction of v. */
static uint32_t fraction(double v)
{
  return (uint32_t)((v - floor(v)) * 4294967296.0);
}

static void sha256_block(uint32_t h[8], const uint32_t k[64], const uint8_t block[64])
{
  uint32_t w[64], v[8];
  for (int i = 0; i < 64; i++)
    if (i < 16) {
      const uint8_t *b = block + 4 * i;
      w[i] = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
    } else {
      uint32_t a = w[i - 15], b = w[i - 2];
      w[i] = w[i - 16] + (turn(a, 7) ^ turn(a, 18) ^ a >> 3) + w[i - 7]
             + (turn(b, 17) ^ turn(b, 19) ^ b >> 10);
    }
  memcpy(v, h, sizeof v);
  for (int i = 0; i < 64; i++) {
    uint32_t a = v[0], e = v[4];
    uint32_t t1 =
        v[7] + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & v[5]) ^ (~e & v[6])) + k[i] + w[i];
    uint32_t t2 =
        (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));
    memmove(v + 1, v, 7 * sizeof *v);
    v[0] = t1 + t2;
    v[4] += t1;
  }
  for (int i = 0; i < 8; i++)
    h[i] += v[i];
}

static void sha256(const uint8_t *data, size_t size, uint8_t hash[32])
{
  uint32_t h[8], k[64];
  uint8_t last[128] = {0};
  int primes = 0;
  for (int p = 2; primes < 64; p++) {
    int q = 2;
    while (p % q != 0)
      q++;
    if (q < p)
      continue;
    if (primes < 8)
      h[primes] = fraction(sqrt(p));
    k[primes++] = fraction(cbrt(p));
  }
  size_t rest = size % 64, tail = rest < 56 ? 64 : 128;
  for (size_t i = 0; i + 64 <= size; i += 64)
    sha256_block(h, k, data + i);
  memcpy(last, data + size - rest, rest);
  last[rest] = 0x80;
  for (size_t i = 0; i < 8; i++)
    last[tail - 1 - i] = (uint8_t)((uint64_t)size * 8 >> (8 * i));
  for (size_t i = 0; i < tail; i += 64)
    sha256_block(h, k, last + i);
  for (int i = 0; i < 32; i++)
    hash[i] = (uint8_t)(h[i / 4] >> (24 - 8 * (i % 4)));
}

/* A number in two's complement of so many bytes. */
static num get_signed(source *in, int bytes)
{
  num v = get(in, bytes);
  return v >> (8 * bytes - 1) != 0 ? v - power(8 * bytes) : v;
}

static void get_layer(source *in, dense *l, num inputs, num outputs)
{
  l->inputs = inputs;
  l->outputs = outputs;
  l->weight = room(in, inputs * outputs, sizeof(num));
  l->bias = room(in, outputs, sizeof(num));
  for (num i = 0; i < inputs * outputs; i++)
    l->weight[i] = get_signed(in, 2);
  for (num i = 0; i < outputs; i++) {
    l->bias[i] = get_signed(in, 4);
    if (l->bias[i] > power(29) || l->bias[i] < -power(29))
      refuse(in, "a bias of the model is too large");
  }
}

static void get_widths(source *in, num width[3])
{
  for (int i = 0; i < 3; i++) {
    width[i] = get(in, 2);
    if (width[i] < 16 || width[i] > 128 || width[i] % 16 != 0)
      refuse(in, "a width of the model");
  }
}

static void get_linear(source *in, linear *l, num p)
{
  for (int i = 0; i < 7; i++)
    l->threshold[i] = get_signed(in, 2);
  for (num i = 0; i < 9 + p; i++) {
    l->weight[i] = get_signed(in, 2);
    if (l->weight[i] < 0 || l->weight[i] > 255)
      refuse(in, "a weight of the model is out of range");
  }
  for (int i = 0; i < 53; i++) {
    l->adjust[i] = get_signed(in, 2);
    if (l->adjust[i] < -168 || l->adjust[i] > 168)
      refuse(in, "an adjustment of the model is out of range");
  }
  for (int c = 0; c < 16; c++)
    for (num i = 0; i < regressors_linear(p); i++)
      l->coef[c][i] = get_signed(in, 2);
}

static void get_networks(source *in, model *m, bool two)
{
  num width[3];
  get_widths(in, width);
  get_layer(in, &m->trunk[0], 112, width[0]);
  get_layer(in, &m->trunk[1], width[0], width[1]);
  for (int p = 0; p < 3; p++) {
    get_layer(in, &m->hidden[p], width[1] + 16, width[2]);
    get_layer(in, &m->output[p], width[2], 3);
  }
  if (!two)
    return;
  get_widths(in, width);
  get_layer(in, &m->alone[0], 80, width[0]);
  get_layer(in, &m->alone[1], width[0], width[1]);
  get_layer(in, &m->alone[2], width[1] + 16, width[2]);
  get_layer(in, &m->alone[3], width[2], 3);
}

static model *parse(source in)
{
  model *m = room(&in, 1, sizeof *m);
  if (left(&in) < 8 || memcmp(in.at, "IDFMODEL", 8) != 0)
    refuse(&in, "not a model");
  in.at += 8;
  num format = get(&in, 1);
  get(&in, 1);
  m->features = get(&in, 1);
  num more = get(&in, 1);
  if (format != 1 || m->features < 1 || m->features > 2 || more > 2 - m->features)
    refuse(&in, "a model of an unknown format");
  cut(&in, 20);
  for (num p = 0; p < 3 && m->features == 2; p++)
    get_linear(&in, &m->linear[p], p);
  if (m->features == 1)
    get_networks(&in, m, more == 1);
  if (left(&in) != 0)
    refuse(&in, "the model is too long");
  return m;
}

static bool is_named(source in, const uint8_t *id, num known)
{
  uint8_t hash[32];
  sha256(in.at, (size_t)left(&in), hash);
  return memcmp(hash, id, (size_t)known) == 0;
}

model *idf_oracle_model(const source *in, const uint8_t id[8], num known, const char *file)
{
  source s = {"built-in model", NULL, NULL};
  size_t size;
  int effort;
  if (file) {
    uint8_t *data;
    s = idf_oracle_read(file, &data);
    model *m = is_named(s, id, known) ? parse(s) : NULL;
    free(data);
    if (m)
      return m;
  }
  s.name = "built-in model";
  for (unsigned i = 0; (s.at = idf_model_data(i, &size, &effort)) != NULL; i++) {
    s.end = s.at + size;
    if (is_named(s, id, known))
      return parse(s);
  }
  refuse(in, "its model is not here");
}

void idf_oracle_model_free(model *m)
{
  for (int i = 0; i < 12; i++) {
    const dense *l = i < 2   ? &m->trunk[i]
                     : i < 5 ? &m->hidden[i - 2]
                     : i < 8 ? &m->output[i - 5]
                             : &m->alone[i - 8];
    free(l->weight);
    free(l->bias);
  }
  free(m);
}

/* ======== 22. Tables ======== */

static void check(const source *in, const char *name, const num *table, num count, uint32_t crc)
{
  uint8_t *bytes = room(in, count, 4);
  for (num i = 0; i < 4 * count; i++)
    bytes[i] = (uint8_t)(table[i / 4] >> (8 * (i % 4)));
  if (crc32c(bytes, (size_t)(4 * count)) != crc)
    refuse(in, "table %s does not come out as idf(5) says", name);
  free(bytes);
}

tables *idf_oracle_tables(const source *in)
{
  tables *t = room(in, 1, sizeof *t);
  for (int i = 0; i < 64; i++)
    t->log2[i] = llround(256 * log2(1 + i / 64.0));
  for (int i = 0; i <= 512; i++)
    t->logistic[i] = llround(65536 / (1 + exp((256 - i) / 16.0)));
  for (int k = 0; k < 168; k++) {
    double s = ldexp(exp2((k % 8) / 8.0), k / 8 - 5);
    t->mantissa[k] = llround(ldexp(exp2((8 - k % 8) % 8 / 8.0), 14));
    t->shift[k] = 5 + (k + 7) / 8;
    t->scale[k] = llround(1024 * s);
    t->reach[k] = most(3, (num)ceil(11 * s) + 1);
  }
  check(in, "LOG2", t->log2, 64, 0x9c15f056);
  check(in, "LOGISTIC", t->logistic, 513, 0xd7efc8d7);
  check(in, "MANTISSA", t->mantissa, 168, 0xaa6ecb3c);
  check(in, "SHIFT", t->shift, 168, 0x27561b97);
  check(in, "REACH", t->reach, 168, 0x137cbf8e);
  check(in, "SCALE", t->scale, 168, 0xa16dabcf);
  return t;
}

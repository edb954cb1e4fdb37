/* SPDX-License-Identifier: BSD-3-Clause
 *
 * oracle.h: chapter 1 of idf(5), and what the files of the oracle tell each other.
 *
 * Every integer is 64 bits wide, so that nothing here wraps around.
 */
#ifndef IDF_ORACLE_H
#define IDF_ORACLE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int64_t num;

/* ======== 1. Notation ======== */

/* Bytes still to be read, and the file they are from, for messages. */
typedef struct source {
  const char *name;
  const uint8_t *at, *end;
} source;

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static inline _Noreturn void
refuse(const source *in, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  fprintf(stderr, "oracle: %s: ", in->name);
  vfprintf(stderr, format, args);
  fputc('\n', stderr);
  va_end(args);
  exit(1);
}

static inline void *room(const source *in, num count, size_t size)
{
  void *p = calloc(count > 0 ? (size_t)count : 1, size);
  if (!p)
    refuse(in, "no memory");
  return p;
}

static inline num left(const source *in)
{
  return in->end - in->at;
}

static inline num get(source *in, int bytes)
{
  uint64_t v = 0;
  if (left(in) < bytes)
    refuse(in, "the data end too early");
  for (int i = 0; i < bytes; i++)
    v |= (uint64_t)*in->at++ << (8 * i);
  return (num)v;
}

static inline num get_varint(source *in, num most)
{
  num v = 0, byte;
  int shift = 0;
  do {
    byte = get(in, 1);
    if (shift > 56 || (shift > 0 && byte == 0))
      refuse(in, "a varint is over-long");
    v |= (byte & 127) << shift;
    shift += 7;
  } while (byte > 127);
  if (v > most)
    refuse(in, "a varint is above its limit");
  return v;
}

/* The next `size` bytes as a source of their own. */
static inline source cut(source *in, num size)
{
  if (left(in) < size)
    refuse(in, "the data end too early");
  source part = {in->name, in->at, in->at + size};
  in->at += size;
  return part;
}

/* A reflected CRC: CRC-32C has the polynomial 0x82F63B78, PNG's 0xEDB88320. */
static inline uint32_t crc_of(uint32_t polynomial, const uint8_t *data, size_t size)
{
  uint32_t crc = 0xffffffff;
  for (size_t i = 0; i < size; i++) {
    crc ^= data[i];
    for (int k = 0; k < 8; k++)
      crc = crc >> 1 ^ (crc & 1 ? polynomial : 0);
  }
  return ~crc;
}

static inline uint32_t crc32c(const uint8_t *data, size_t size)
{
  return crc_of(0x82f63b78, data, size);
}

static inline num least(num a, num b)
{
  return a < b ? a : b;
}

static inline num most(num a, num b)
{
  return a > b ? a : b;
}

static inline num clamp(num x, num lo, num hi)
{
  return x < lo ? lo : x > hi ? hi : x;
}

static inline num power(num n)
{
  return (num)1 << n;
}

static inline num nearest(num x, num n)
{
  return (x + power(n - 1)) >> n;
}

/* ceil(a / b) for a >= 0. */
static inline num ceil_div(num a, num b)
{
  return (a + b - 1) / b;
}

static inline num absolute(num v)
{
  return v < 0 ? -v : v;
}

typedef struct tables {
  num log2[64], logistic[514], mantissa[168], shift[168], reach[168], scale[168];
} tables;

static inline num highest_bit(num v)
{
  num n = 0;
  while (v >> (n + 1) > 0)
    n++;
  return n;
}

static inline num log2q(const tables *t, num v)
{
  const num n = highest_bit(v);
  num m = n >= 6 ? v >> (n - 6) : v << (6 - n);
  return 256 * n + t->log2[m - 64];
}

static inline num logcode(const tables *t, num v)
{
  return (9 * log2q(t, v)) >> 8;
}

static inline num compress(num d)
{
  return (clamp(d, -512, 512) + 3 * clamp(d, -128, 128) + 11 * clamp(d, -32, 32)
          + 36 * clamp(d, -8, 8) + 100 * clamp(d, -2, 2) + 8)
         >> 4;
}

/* ======== Shared ======== */

/* Chapter 13. */
typedef struct dense {
  num inputs, outputs, *weight, *bias;
} dense;

/* Chapter 12.5: the predictors of one plane. */
typedef struct linear {
  num threshold[7], weight[11], adjust[53], coef[16][28];
} linear;

typedef struct model {
  num features;
  linear linear[3]; /* feature set 2, which has nothing of the rest */
  dense trunk[2], hidden[3], output[3];
  dense alone[4]; /* trunk 0 and 1, hidden, output of the network for one plane; or no weights */
} model;

/* Chapter 22: computes the tables and compares their checksums. */
tables *idf_oracle_tables(const source *in);

/* Chapter 21: the model of that id, of which the first bytes are known: the file's (NULL: none is
 * given), or built in. */
model *idf_oracle_model(const source *in, const uint8_t id[8], num known, const char *file);
void idf_oracle_model_free(model *m);

/* The whole file; released with free. */
source idf_oracle_read(const char *name, uint8_t **data);

/* Chapter 12.1: of plane p. */
static inline num regressors(num p)
{
  return (p == 0 ? 18 : 12) + 8 * p;
}

/* Chapter 12.5: of plane p. */
static inline num regressors_linear(num p)
{
  return (p == 0 ? 16 : 12) + 8 * p;
}

/* Chapter 4: a rANS stream, and an adaptive flag. */
#define MOST_LANES 16

typedef struct stream {
  source words;
  num lanes;
  uint64_t x[MOST_LANES];
} stream;

typedef struct flag {
  num p, n;
} flag;

void idf_oracle_stream_start(stream *s, source in, num lanes);
void idf_oracle_stream_end(stream *s);
num idf_oracle_flag(stream *s, num lane, const flag *f);
void idf_oracle_flag_update(flag *f, num value);

/* A group of planes and what chapters 7 to 9 say of it. */
typedef struct outline {
  num W, H, planes, min[3], max[3];
  num known; /* planes at the start whose samples are in `out` before: chapter 20 */
} outline;

/* Chapters 4, 8 and 10 to 15: decodes one group; out[p] gets W * H samples. */
void idf_oracle_group(const outline *o, const tables *t, const model *m, source *in,
                      num *const *out);

/* Chapter 5: the hash, and decisions. */
static inline uint32_t h(uint64_t a, uint64_t v)
{
  return (uint32_t)((a + v + 0x1234567) * 0xD6E8FEB86659FD93u >> 32);
}

typedef struct counter {
  num p, n, check;
} counter;

typedef struct weights {
  num w[12];
} weights;

typedef struct curve {
  num knot[33];
} curve;

static inline num squash(const tables *t, num v)
{
  const num a = 4 * v, i = (a + 16384) >> 6, j = a & 63, *l = t->logistic;
  return clamp(l[i] + (((l[i + 1] - l[i]) * j) >> 6), 32, 65504);
}

typedef struct mixer {
  const tables *t;
  source words;
  uint64_t state;
  num B;
  counter *slots;
  num stretch[4096];
} mixer;

/* `in`: for messages only. */
void idf_oracle_mixer_begin(mixer *m, const tables *t, const source *in, num B);
/* Sets of weights, and curves, that fill `size` bytes. */
void idf_oracle_weights_begin(weights *w, size_t size);
void idf_oracle_curves_begin(const mixer *m, curve *c, size_t size);
/* Decisions are decoded from here on, and must have used all of it at the end. */
void idf_oracle_mixer_read(mixer *m, source in);
void idf_oracle_mixer_end(mixer *m);
/* `told`: the bit, when it is known and only learned from, or -1. */
bool idf_oracle_decide(mixer *m, const uint32_t *context, int contexts, weights *first,
                       weights *second, curve *c, int told);

/* Chapter 16: decodes one screen tile, all of `in`; out[c] gets W * H samples. */
void idf_oracle_screen(const tables *t, source *in, num bits, num W, num H, num channels, num depth,
                       num *const *out);

/* Chapter 6: the `size` bytes of pieces that a stream holds, all of `in`, with the primer that
 * `words` says; freed by free. */
uint8_t *idf_oracle_unpack(const tables *t, source in, num words, num size);

/* Chapter 17: a JPEG file. */
typedef struct written {
  uint8_t *data; /* owned */
  num size, room;
} written;

typedef struct jpeg_component {
  num id, h, v, quantiser, width, height, across, down;
  bool has_step;
  num step[64];
  num *coef; /* block (x, y): 64 numbers in zigzag order from 64 (across y + x) on */
} jpeg_component;

typedef struct jpeg_scan {
  num components, component[4], first, last, high, low, restart;
  num dc[4], ac[4]; /* tables, or -2: none is needed */
  bool zeros;       /* of the padding */
} jpeg_scan;

typedef struct huffman {
  num place, form, codes[17], symbols, symbol[256];
  num uses[256];              /* how often a symbol occurs */
  num code[256], length[256]; /* of a symbol; length 0: none */
} huffman;

/* A gap of the head: a segment's tables, or a scan's data (tables is -1). */
typedef struct jpeg_piece {
  const uint8_t *start, *end;
  num first, tables;
} jpeg_piece;

typedef struct jpeg {
  source name; /* for messages only */
  source head, edits;
  num file_size, width, height, components, h_most, v_most, mcus_w, mcus_h;
  bool progressive, jfif;
  num adobe; /* transform, or -1 */
  jpeg_component component[4];
  jpeg_scan *scan;
  huffman *table;
  jpeg_piece *piece;
  num scans, tables, pieces;
  uint8_t *side; /* owned, or NULL */
  num crc;       /* of the file */
  num shape;     /* of coefficients' streams */
  bool repeat;   /* samples: there is no interpolation */
} jpeg;

void idf_oracle_put(const source *in, written *to, const uint8_t *data, num size);
void idf_oracle_put_byte(const source *in, written *to, num byte);

/* What a side stream, all of `side`, says; all coefficients are 0. */
jpeg *idf_oracle_jpeg(source side);
void idf_oracle_jpeg_free(jpeg *j);
/* Likewise, from the record 'J', all of `in`. Then of its bands the number, the decoding of one
 * from its payload, and the checksum of all. */
jpeg *idf_oracle_kept(const tables *t, source in);
num idf_oracle_kept_bands(const jpeg *j);
void idf_oracle_kept_band(const tables *t, jpeg *j, num i, source in);
uint32_t idf_oracle_kept_crc(const jpeg *j);
/* The data of each scan from the coefficients; completes the tables. */
written *idf_oracle_scans(jpeg *j);
/* The file, from the coefficients; freed by free. */
uint8_t *idf_oracle_jpeg_file(jpeg *j, num *size);

/* The place of zigzag position k: 8 times the vertical frequency and the horizontal one. */
num idf_oracle_zigzag(num k);

/* Chapter 18: the coefficients of `mcu_rows` rows of MCUs from row `first` on, a band of its own,
 * from their stream of shape `number`, all of `in`. */
void idf_oracle_coefs(const tables *t, jpeg *j, num first, num mcu_rows, num number, source in);

/* Chapter 19.5: adds the residual, all of `in`, to W * H pixels of three samples each. */
void idf_oracle_residual(const tables *t, num W, num H, source in, num *made);

/* Chapter 20: decodes one chroma tile, all of `in`; out[c] gets W * H samples. */
void idf_oracle_chroma(const tables *t, const model *m, source *in, num W, num H, num *const *out);

/* Chapter 19.4: decodes one history tile, all of `in`; out[c] gets W * H samples. */
void idf_oracle_history(const tables *t, source *in, num W, num H, num channels, num *const *out);

/* Chapter 19: width * height pixels of as many samples as components; freed by free. */
uint8_t *idf_oracle_recipe(const jpeg *j);

#endif

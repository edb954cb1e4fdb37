/* SPDX-License-Identifier: BSD-3-Clause
 *
 * inflate.c: deflate blocks to bytes. RFC 1950 and RFC 1951; section numbers refer to the latter.
 *
 * A code is decoded bit by bit: codes of one length are consecutive numbers (3.2.2), so the number
 * of codes of each length says whether the bits read so far are one.
 */
#include "inflate.h"

#include <string.h>

enum { MOST_BITS = 15, LITERALS = 288, DISTANCES = 32, END = 256 };

typedef struct source {
  const uint8_t *at, *end;
  uint32_t bits; /* read from `at`, not used; the low ones come first */
  unsigned have; /* of them; at most 7 between two calls */
  bool bad;      /* the data ended */
} source;

/* The next `count` bits, at most 16; zeros after the end. */
static unsigned get_bits(source *s, unsigned count)
{
  while (s->have < count) {
    if (s->at == s->end) {
      s->bad = true;
      return 0;
    }
    s->bits |= (uint32_t)*s->at++ << s->have;
    s->have += 8;
  }
  const unsigned value = s->bits & ((1u << count) - 1);
  s->bits >>= count;
  s->have -= count;
  return value;
}

/* ---- codes ---------------------------------------------------------------------------- */

typedef struct code {
  uint16_t count[MOST_BITS + 1]; /* codes of each length; [0]: symbols without a code */
  uint16_t symbol[LITERALS];     /* in the order of their codes */
} code;

/* Makes the code in which symbol i of `symbols` has length[i] bits. False if the lengths ask for
 * more codes than there are, or for fewer: only a code of one symbol or none may be incomplete. */
static bool make_code(code *c, const uint8_t *length, unsigned symbols)
{
  uint16_t first[MOST_BITS + 2] = {0};
  int left = 1;

  memset(c->count, 0, sizeof c->count);
  for (unsigned i = 0; i < symbols; i++)
    c->count[length[i]]++;
  for (unsigned bits = 1; bits <= MOST_BITS; bits++) {
    left = 2 * left - c->count[bits];
    if (left < 0)
      return false;
    first[bits + 1] = (uint16_t)(first[bits] + c->count[bits]);
  }
  for (unsigned i = 0; i < symbols; i++)
    if (length[i] > 0)
      c->symbol[first[length[i]]++] = (uint16_t)i;
  return left == 0 || c->count[0] + 1u >= symbols;
}

/* The next symbol; LITERALS, which is none, if the bits are no code. */
static unsigned get_symbol(source *s, const code *c)
{
  unsigned value = 0, first = 0, index = 0;

  for (unsigned bits = 1; bits <= MOST_BITS && !s->bad; bits++) {
    value = value << 1 | get_bits(s, 1);
    if (value - first < c->count[bits])
      return c->symbol[index + (value - first)];
    index += c->count[bits];
    first = (first + c->count[bits]) << 1;
  }
  return LITERALS;
}

/* 3.2.6 */
static void fixed_codes(code *literals, code *distances)
{
  uint8_t length[LITERALS];

  memset(length, 8, 144);
  memset(length + 144, 9, 112);
  memset(length + 256, 7, 24);
  memset(length + 280, 8, 8);
  (void)make_code(literals, length, LITERALS);
  memset(length, 5, DISTANCES);
  (void)make_code(distances, length, DISTANCES);
}

/* Reads the lengths of `count` codes; 3.2.7. */
static bool get_lengths(source *s, const code *c, uint8_t *length, unsigned count)
{
  for (unsigned i = 0; i < count;) {
    const unsigned symbol = get_symbol(s, c);
    unsigned times = 1;
    uint8_t value = (uint8_t)symbol;
    if (symbol > 18 || (symbol == 16 && i == 0))
      return false;
    if (symbol == 16) {
      value = length[i - 1];
      times = 3 + get_bits(s, 2);
    } else if (symbol > 16) {
      value = 0;
      times = symbol == 17 ? 3 + get_bits(s, 3) : 11 + get_bits(s, 7);
    }
    if (times > count - i)
      return false;
    memset(length + i, value, times);
    i += times;
  }
  return !s->bad;
}

/* 3.2.7 */
static bool dynamic_codes(source *s, code *literals, code *distances)
{
  static const uint8_t order[19] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                    11, 4,  12, 3, 13, 2, 14, 1, 15};
  uint8_t length[LITERALS + DISTANCES] = {0};
  const unsigned literal_count = 257 + get_bits(s, 5), distance_count = 1 + get_bits(s, 5);
  const unsigned count = 4 + get_bits(s, 4);

  if (literal_count > 286)
    return false;
  for (unsigned i = 0; i < count; i++)
    length[order[i]] = (uint8_t)get_bits(s, 3);
  if (s->bad || !make_code(literals, length, 19) || literals->count[0] == 19)
    return false;
  const code lengths = *literals;
  memset(length, 0, sizeof length);
  return get_lengths(s, &lengths, length, literal_count + distance_count) && length[END] > 0
         && make_code(literals, length, literal_count)
         && make_code(distances, length + literal_count, distance_count);
}

/* ---- blocks ---------------------------------------------------------------------------- */

typedef struct sink {
  idf_buf *out;
  size_t start; /* in `out`, where this stream begins */
  size_t most;  /* bytes of it */
} sink;

/* Makes room for `more` bytes. */
static idf_status make_room(const sink *to, size_t more)
{
  const size_t len = to->out->len - to->start;
  if (more > to->most - len)
    return IDF_ERR_LIMIT;
  return idf_buf_reserve(to->out, more) ? IDF_OK : idf_mem_status(to->out->mem);
}

/* 3.2.4 */
static idf_status stored_block(source *s, const sink *to)
{
  s->bits = 0;
  s->have = 0;
  if (s->end - s->at < 4)
    return IDF_ERR_CORRUPT;
  const size_t len = (size_t)s->at[0] | (size_t)s->at[1] << 8;
  const size_t inverse = (size_t)s->at[2] | (size_t)s->at[3] << 8;
  s->at += 4;
  if ((len ^ inverse) != 0xffff || (size_t)(s->end - s->at) < len)
    return IDF_ERR_CORRUPT;
  const idf_status status = make_room(to, len);
  if (status == IDF_OK)
    idf_put_bytes(to->out, s->at, len);
  s->at += len;
  return status;
}

/* Copies `len` bytes from `back` bytes before the end; they may overlap. */
static idf_status copy_back(const sink *to, size_t len, size_t back)
{
  if (back > to->out->len - to->start)
    return IDF_ERR_CORRUPT;
  const idf_status status = make_room(to, len);
  for (size_t i = 0; i < len && status == IDF_OK; i++, to->out->len++)
    to->out->data[to->out->len] = to->out->data[to->out->len - back];
  return status;
}

/* A length and a distance; 3.2.5. */
static idf_status copied(source *s, const sink *to, unsigned symbol, const code *distances)
{
  static const uint16_t length_base[] = {3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                         15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                         67, 83, 99, 115, 131, 163, 195, 227, 258};
  static const uint8_t length_bits[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                        2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
  static const uint16_t distance_base[] = {
      1,   2,   3,   4,   5,   7,    9,    13,   17,   25,   33,   49,   65,    97,    129,
      193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};

  if (symbol > 285)
    return IDF_ERR_CORRUPT;
  const size_t len = length_base[symbol - 257] + (size_t)get_bits(s, length_bits[symbol - 257]);
  const unsigned distance = get_symbol(s, distances);
  if (distance > 29)
    return IDF_ERR_CORRUPT;
  const unsigned bits = distance < 2 ? 0 : distance / 2 - 1;
  const size_t back = distance_base[distance] + (size_t)get_bits(s, bits);
  return s->bad ? IDF_ERR_CORRUPT : copy_back(to, len, back);
}

static idf_status coded_block(source *s, const sink *to, const code *literals,
                              const code *distances)
{
  for (;;) {
    const unsigned symbol = get_symbol(s, literals);
    idf_status status = IDF_OK;
    if (s->bad || symbol >= LITERALS)
      return IDF_ERR_CORRUPT;
    if (symbol == END)
      return IDF_OK;
    if (symbol > END)
      status = copied(s, to, symbol, distances);
    else if ((status = make_room(to, 1)) == IDF_OK)
      idf_put_u8(to->out, symbol);
    if (status != IDF_OK)
      return status;
  }
}

static idf_status blocks(source *s, const sink *to)
{
  code literals, distances;
  bool last = false;

  while (!last) {
    last = get_bits(s, 1);
    const unsigned kind = get_bits(s, 2);
    idf_status status = IDF_OK;
    if (s->bad || kind == 3)
      return IDF_ERR_CORRUPT;
    if (kind == 0) {
      status = stored_block(s, to);
    } else {
      if (kind == 1)
        fixed_codes(&literals, &distances);
      else if (!dynamic_codes(s, &literals, &distances))
        return IDF_ERR_CORRUPT;
      status = coded_block(s, to, &literals, &distances);
    }
    if (status != IDF_OK)
      return status;
  }
  return IDF_OK;
}

/* Adler-32. The sums are below 2^32 for 5552 bytes. */
static uint32_t adler(const uint8_t *data, size_t len)
{
  uint32_t a = 1, b = 0;

  for (size_t at = 0; at < len; at += 5552) {
    const size_t n = IDF_MIN(len - at, (size_t)5552);
    for (size_t i = 0; i < n; i++) {
      a += data[at + i];
      b += a;
    }
    a %= 65521;
    b %= 65521;
  }
  return b << 16 | a;
}

idf_status idf_inflate(idf_buf *out, const uint8_t *data, size_t size, size_t most)
{
  const sink to = {.out = out, .start = out->len, .most = most};

  /* Deflate, a window of at most 32 KiB, no dictionary, and a multiple of 31. */
  if (size < 6 || (data[0] & 15) != 8 || data[0] >> 4 > 7 || (data[1] & 32)
      || (data[0] * 256u + data[1]) % 31 != 0)
    return IDF_ERR_CORRUPT;
  source s = {.at = data + 2, .end = data + size};
  const idf_status status = blocks(&s, &to);
  if (status != IDF_OK)
    return status;
  if (s.end - s.at < 4)
    return IDF_ERR_CORRUPT;
  const uint32_t sum =
      (uint32_t)s.at[0] << 24 | (uint32_t)s.at[1] << 16 | (uint32_t)s.at[2] << 8 | s.at[3];
  const size_t len = out->len - to.start;
  return (len ? adler(out->data + to.start, len) : 1) == sum ? IDF_OK : IDF_ERR_CORRUPT;
}

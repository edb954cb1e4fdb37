/* SPDX-License-Identifier: BSD-3-Clause
 *
 * jpeg_read.c: decodes Huffman-coded data to coefficients: T.81 F.2 (sequential) and G.2
 * (progressive).
 *
 * Beyond the end of the data, zero bits are read and counted. A block that used one of them was cut
 * off.
 */
#include "jpeg_inside.h"

#include <string.h>

#define RST0 0xd0u
#define DC_BITS 11u /* of a difference: T.81 Table F.1 */
#define AC_BITS 10u /* of a coefficient: T.81 Table F.2 */

/* Copied by value, so that a loop over a block keeps it in registers. */
typedef struct bit_source {
  const uint8_t *at, *end;
  uint64_t acc; /* the low n bits are next, the highest first */
  unsigned n;   /* the last `fake` of these are not in the data */
  unsigned fake;
} bit_source;

typedef struct scan_reader {
  const idf_jpeg *jpeg;
  idf_jpeg_scan *scan;
  const idf_jpeg_decode *dc[IDF_JPEG_COMPONENTS], *ac[IDF_JPEG_COMPONENTS];
  idf_jpeg_visit visit;
  bit_source in;
  int32_t pred[IDF_JPEG_COMPONENTS];
  uint32_t eob_run; /* blocks that end before their first coefficient, including this one */
  bool padding_known;
  idf_jpeg_why why;
} scan_reader;

struct idf_jpeg_reader {
  idf_jpeg *jpeg;
  idf_mem *mem;
  idf_jpeg_decode **decode; /* by table; NULL: unused */
  scan_reader *scan;
  uint32_t row; /* the next MCU row */
  idf_jpeg_why why;
};

/* ---- bits ------------------------------------------------------------------------------ */

static uint64_t be64(const uint8_t *p)
{
  return (uint64_t)p[0] << 56 | (uint64_t)p[1] << 48 | (uint64_t)p[2] << 40 | (uint64_t)p[3] << 32
         | (uint64_t)p[4] << 24 | (uint64_t)p[5] << 16 | (uint64_t)p[6] << 8 | (uint64_t)p[7];
}

static bool has_ff(uint64_t v)
{
  return ((~v - UINT64_C(0x0101010101010101)) & v & UINT64_C(0x8080808080808080)) != 0;
}

/* Reads byte by byte: removes stuffed zeros (T.81 F.1.2.3) and stops at a marker. */
static bit_source fill_slowly(bit_source b)
{
  while (b.n <= 56) {
    uint32_t byte = 0;
    if (b.at == b.end) {
      b.fake += 8;
    } else if (*b.at != 0xff) {
      byte = *b.at++;
    } else if (b.end - b.at >= 2 && b.at[1] == 0) {
      byte = 0xff;
      b.at += 2;
    } else {
      b.fake += 8;
    }
    b.acc = b.acc << 8 | byte;
    b.n += 8;
  }
  return b;
}

/* Ensures at least 32 bits; a code with its value has at most 27. */
static inline void fill_bits(bit_source *b)
{
  if (b->n >= 32)
    return;
  if (b->end - b->at >= 8) {
    const uint64_t v = be64(b->at);
    if (!has_ff(v)) {
      b->acc = b->acc << 32 | v >> 32;
      b->at += 4;
      b->n += 32;
      return;
    }
  }
  *b = fill_slowly(*b);
}

/* Takes bits after fill_bits; count is 0 to 16. */
static inline uint32_t take_bits(bit_source *b, unsigned count)
{
  b->n -= count;
  return (uint32_t)(b->acc >> b->n) & ((1u << count) - 1);
}

static bool fail(scan_reader *r, idf_jpeg_why why)
{
  r->why = why;
  return false;
}

/* Ends a block: stores the bit source, and returns whether all bits were in the data. */
static inline bool done(scan_reader *r, bit_source b)
{
  r->in = b;
  return b.n >= b.fake || fail(r, b.at < b.end ? IDF_JPEG_RESTART : IDF_JPEG_CUT_SCAN);
}

/* The length << 16 | symbol of the code of more than IDF_JPEG_PEEK bits that starts the 16 bits;
 * 256: there is none. */
static uint32_t long_symbol(uint32_t look, const idf_jpeg_decode *d)
{
  unsigned size = IDF_JPEG_PEEK + 1;
  while (look >= d->limit[size])
    size++;
  if (size > 16)
    return 256;
  return size << 16 | d->value[(int32_t)(look >> (16 - size)) + d->offset[size]];
}

static inline uint32_t peek_code(const bit_source *b)
{
  return (uint32_t)(b->acc >> (b->n - IDF_JPEG_PEEK)) & ((1u << IDF_JPEG_PEEK) - 1);
}

/* Reads the next symbol, and leaves at least 16 bits for its value; 256: no code. */
static inline uint32_t symbol(bit_source *b, const idf_jpeg_decode *d)
{
  fill_bits(b);
  const uint32_t e = d->fast[peek_code(b)];
  if (e) {
    b->n -= (e >> 8) - (e & 15);
    return e & 0xff;
  }
  const uint32_t found = long_symbol((uint32_t)(b->acc >> (b->n - 16)) & 0xffff, d);
  b->n -= found >> 16;
  return found & 0xffff;
}

/* T.81 Figure F.12; count is 0 to 15. */
static inline int32_t value(bit_source *b, unsigned count)
{
  const uint32_t v = take_bits(b, count);
  const uint32_t low = (1u << count) - 1;
  return v > low >> 1 ? (int32_t)v : (int32_t)v - (int32_t)low;
}

/* ---- blocks ---------------------------------------------------------------------------- */

/* Reads the DC coefficient in a first scan; false: r->why has the reason. */
static inline bool read_dc(scan_reader *r, bit_source *b, unsigned i, int16_t *block)
{
  const uint32_t size = symbol(b, r->dc[i]);
  const unsigned low = r->scan->low;
  if (size > DC_BITS)
    return fail(r, size > 255 ? IDF_JPEG_CODE : IDF_JPEG_RANGE);
  const int32_t dc = r->pred[i] + value(b, size);
  if (dc > IDF_JPEG_DC_MAX >> low || dc < -(IDF_JPEG_DC_MAX >> low))
    return fail(r, IDF_JPEG_RANGE);
  r->pred[i] = dc;
  block[0] = (int16_t)(dc * (1 << low));
  return true;
}

static bool dc_first(void *state, unsigned i, int16_t *block)
{
  scan_reader *r = state;
  bit_source b = r->in;
  return read_dc(r, &b, i, block) && done(r, b);
}

/* T.81 F.2.2.1, F.2.2.2. */
static bool sequential(void *state, unsigned i, int16_t *block)
{
  scan_reader *r = state;
  const idf_jpeg_decode *ac = r->ac[i];
  bit_source b = r->in;
  if (!read_dc(r, &b, i, block))
    return false;
  for (unsigned k = 1; k < IDF_JPEG_BLOCK; k++) {
    fill_bits(&b);
    const uint32_t e = ac->fast[peek_code(&b)], bits = e & 15;
    if (bits) { /* nearly always: no branch depends on the symbol */
      b.n -= e >> 8;
      const int32_t low = (1 << bits) - 1, v = (int32_t)(b.acc >> b.n) & low;
      k += e >> 4 & 15;
      if (k >= IDF_JPEG_BLOCK)
        return fail(r, IDF_JPEG_RUN);
      if (bits > AC_BITS)
        return fail(r, IDF_JPEG_RANGE);
      block[k] = (int16_t)(v - (low & ((v >> (bits - 1)) - 1)));
      continue;
    }
    const uint32_t rs = symbol(&b, ac), size = rs & 15;
    if (rs == 0)
      break;
    k += rs >> 4;
    if (rs > 255)
      return fail(r, IDF_JPEG_CODE);
    if (size == 0 && (rs != 0xf0 || k >= IDF_JPEG_BLOCK - 1))
      return fail(r, IDF_JPEG_RUN);
    if (size == 0)
      continue;
    if (k >= IDF_JPEG_BLOCK)
      return fail(r, IDF_JPEG_RUN);
    if (size > AC_BITS)
      return fail(r, IDF_JPEG_RANGE);
    block[k] = (int16_t)value(&b, size);
  }
  return done(r, b);
}

/* T.81 G.1.2.1. */
static bool dc_refine(void *state, unsigned i, int16_t *block)
{
  scan_reader *r = state;
  (void)i;
  fill_bits(&r->in);
  block[0] = (int16_t)(block[0] | (int32_t)(take_bits(&r->in, 1) << r->scan->low));
  return done(r, r->in);
}

/* T.81 G.1.2.2: EOBn, the number of blocks from this one on. */
static inline void begin_run(scan_reader *r, bit_source *b, uint32_t size)
{
  r->eob_run = (1u << size) + take_bits(b, size);
}

static bool ac_first(void *state, unsigned i, int16_t *block)
{
  scan_reader *r = state;
  (void)i;
  if (r->eob_run) {
    r->eob_run--;
    return true;
  }
  const unsigned low = r->scan->low, last = r->scan->last;
  bit_source b = r->in;
  for (unsigned k = r->scan->first; k <= last; k++) {
    const uint32_t rs = symbol(&b, r->ac[0]), size = rs & 15;
    if (rs > 255)
      return fail(r, IDF_JPEG_CODE);
    if (size == 0 && rs != 0xf0) {
      begin_run(r, &b, rs >> 4);
      r->eob_run--;
      break;
    }
    k += rs >> 4;
    if (k > last)
      return fail(r, IDF_JPEG_RUN);
    if (size == 0)
      continue;
    if (size > AC_BITS)
      return fail(r, IDF_JPEG_RANGE);
    const int32_t v = value(&b, size);
    if (v > IDF_JPEG_AC_MAX >> low || v < -(IDF_JPEG_AC_MAX >> low))
      return fail(r, IDF_JPEG_RANGE);
    block[k] = (int16_t)(v * (1 << low));
  }
  return done(r, b);
}

/* Reads one more bit of a coefficient that is already non-zero. */
static inline void correct(bit_source *b, int16_t *c, unsigned low)
{
  fill_bits(b);
  if (take_bits(b, 1))
    *c = (int16_t)(*c < 0 ? *c - (1 << low) : *c + (1 << low));
}

/* Skips `zeros` zero coefficients from k on and stops at the next one; corrects the non-zero ones
 * on the way. Returns that place, or last + 1. */
static inline unsigned pass_zeros(const scan_reader *r, bit_source *b, int16_t *block, unsigned k,
                                  uint32_t zeros)
{
  for (; k <= r->scan->last; k++) {
    if (block[k])
      correct(b, &block[k], r->scan->low);
    else if (zeros-- == 0)
      break;
  }
  return k;
}

/* T.81 G.1.2.3, Figure G.7. */
static bool ac_refine(void *state, unsigned i, int16_t *block)
{
  scan_reader *r = state;
  const unsigned last = r->scan->last, low = r->scan->low;
  unsigned k = r->scan->first;
  bit_source b = r->in;
  (void)i;
  for (; !r->eob_run && k <= last; k++) {
    const uint32_t rs = symbol(&b, r->ac[0]), size = rs & 15;
    int32_t v = 0;
    if (rs > 255)
      return fail(r, IDF_JPEG_CODE);
    if (size > 1)
      return fail(r, IDF_JPEG_RANGE);
    if (size == 1) {
      v = take_bits(&b, 1) ? 1 << low : -(1 << low);
      if (v > IDF_JPEG_AC_MAX || v < -IDF_JPEG_AC_MAX)
        return fail(r, IDF_JPEG_RANGE);
    } else if (rs != 0xf0) {
      begin_run(r, &b, rs >> 4);
      break;
    }
    k = pass_zeros(r, &b, block, k, rs >> 4);
    if (k > last)
      return fail(r, IDF_JPEG_RUN);
    block[k] = (int16_t)v;
  }
  if (r->eob_run) {
    r->eob_run--;
    if (k <= last)
      for (uint64_t m = idf_jpeg_places(block) & idf_jpeg_span(k, last); m; m &= m - 1)
        correct(&b, &block[idf_jpeg_lowest(m)], low);
  }
  return done(r, b);
}

/* ---- markers in the data --------------------------------------------------------------- */

/* Reads the bits up to the next byte. They may differ from each other; the first ones of a scan
 * define its padding. */
static void padding(scan_reader *r)
{
  const unsigned left = (r->in.n - r->in.fake) & 7;
  if (left == 0)
    return;
  if (!r->padding_known) {
    r->scan->zero_padding = !(r->in.acc >> (r->in.n - 1) & 1);
    r->padding_known = true;
  }
  r->in.n -= left;
}

static bool restart(void *state, unsigned number)
{
  scan_reader *r = state;
  bit_source *b = &r->in;
  *b = fill_slowly(*b);
  padding(r);
  if (r->eob_run)
    return fail(r, IDF_JPEG_RUN);
  if (b->n != b->fake || b->end - b->at < 2 || b->at[0] != 0xff || b->at[1] != RST0 + number)
    return fail(r, IDF_JPEG_RESTART);
  b->at += 2;
  b->n = b->fake = 0;
  memset(r->pred, 0, sizeof r->pred);
  return true;
}

/* Ends a scan, and gives back the data after the last block. */
static idf_jpeg_why end_scan(scan_reader *r)
{
  if (r->eob_run)
    return IDF_JPEG_RUN;
  padding(r);
  const uint8_t *at = r->in.at;
  for (unsigned bytes = (r->in.n - r->in.fake) / 8; bytes > 0; bytes--)
    at -= at[-1] == 0 && at[-2] == 0xff ? 2 : 1;
  r->scan->used = (size_t)(at - r->jpeg->bytes) - r->scan->start;
  return IDF_JPEG_OK;
}

/* ---- calls ----------------------------------------------------------------------------- */

static idf_jpeg_why decoder_of(idf_jpeg_reader *reader, uint32_t table, const idf_jpeg_decode **out)
{
  if (table == IDF_JPEG_NO_TABLE)
    return IDF_JPEG_OK;
  idf_jpeg_decode **d = &reader->decode[table];
  if (!*d) {
    *d = idf_alloc(reader->mem, 1, sizeof **d);
    if (!*d)
      return IDF_JPEG_MEMORY;
    if (!idf_jpeg_decode_init(*d, &reader->jpeg->table[table]))
      return IDF_JPEG_TABLE;
  }
  *out = *d;
  return IDF_JPEG_OK;
}

static idf_jpeg_why begin_scan(idf_jpeg_reader *reader, uint32_t i)
{
  scan_reader *r = &reader->scan[i];
  idf_jpeg_scan *s = &reader->jpeg->scan[i];
  *r = (scan_reader){
      .jpeg = reader->jpeg,
      .scan = s,
      .in = {.at = reader->jpeg->bytes + s->start, .end = reader->jpeg->bytes + s->end}};
  r->visit = (idf_jpeg_visit){.restart = restart, .state = r, .left = s->restart};
  if (reader->jpeg->frame != 2)
    r->visit.block = sequential;
  else if (s->first == 0)
    r->visit.block = s->high ? dc_refine : dc_first;
  else
    r->visit.block = s->high ? ac_refine : ac_first;
  for (unsigned c = 0; c < s->components; c++) {
    idf_jpeg_why why = decoder_of(reader, s->dc[c], &r->dc[c]);
    if (why == IDF_JPEG_OK)
      why = decoder_of(reader, s->ac[c], &r->ac[c]);
    if (why != IDF_JPEG_OK)
      return why;
  }
  return IDF_JPEG_OK;
}

idf_jpeg_why idf_jpeg_read_new(idf_jpeg *jpeg, idf_mem *mem, idf_jpeg_reader **reader)
{
  idf_jpeg_reader *r = idf_alloc(mem, 1, sizeof *r);
  idf_jpeg_why why = IDF_JPEG_MEMORY;
  *reader = NULL;
  if (!r)
    return why;
  *r = (idf_jpeg_reader){.jpeg = jpeg, .mem = mem};
  r->decode = idf_alloc(mem, jpeg->tables, sizeof(idf_jpeg_decode *));
  r->scan = idf_alloc(mem, jpeg->scans, sizeof *r->scan);
  if (r->decode && r->scan) {
    why = IDF_JPEG_OK;
    for (uint32_t i = 0; i < jpeg->scans && why == IDF_JPEG_OK; i++)
      why = begin_scan(r, i);
  }
  if (why == IDF_JPEG_OK)
    *reader = r;
  else
    idf_jpeg_read_free(r);
  return why;
}

void idf_jpeg_read_free(idf_jpeg_reader *reader)
{
  if (!reader)
    return;
  for (uint32_t i = 0; reader->decode && i < reader->jpeg->tables; i++)
    idf_free(reader->mem, reader->decode[i]);
  idf_free(reader->mem, reader->decode);
  idf_free(reader->mem, reader->scan);
  idf_free(reader->mem, reader);
}

idf_jpeg_why idf_jpeg_read(idf_jpeg_reader *reader, idf_jpeg_band *band)
{
  const idf_jpeg *j = reader->jpeg;
  band->first = reader->row;
  band->count = IDF_MIN(band->count, j->mcus_h - reader->row);
  for (unsigned i = 0; i < j->components; i++)
    memset(band->coefs[i], 0,
           (size_t)band->count * j->component[i].v * j->component[i].blocks_w * IDF_JPEG_BLOCK
               * sizeof(int16_t));
  for (uint32_t i = 0; i < j->scans && reader->why == IDF_JPEG_OK; i++)
    if (!idf_jpeg_visit_band(&reader->scan[i].visit, j, &j->scan[i], band))
      reader->why = reader->scan[i].why;
  reader->row += band->count;
  return reader->why;
}

idf_jpeg_why idf_jpeg_read_end(idf_jpeg_reader *reader)
{
  for (uint32_t i = 0; i < reader->jpeg->scans && reader->why == IDF_JPEG_OK; i++)
    reader->why = end_scan(&reader->scan[i]);
  return reader->why;
}

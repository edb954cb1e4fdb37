/* SPDX-License-Identifier: BSD-3-Clause
 *
 * jpeg_read.c: entropy-coded data to coefficients: T.81 F.2 (sequential) and G.2
 * (progressive), Huffman coding.
 *
 * Where data end, bits of 0 follow, and are counted: a block that used one of them was cut.
 */
#include "jpeg_inside.h"

#include <string.h>

#define RST0 0xd0u
#define DC_BITS 11u /* of a difference: T.81 Table F.1 */
#define AC_BITS 10u /* of a coefficient: T.81 Table F.2 */

typedef struct scan_reader {
  const idf_jpeg *jpeg;
  idf_jpeg_scan *scan;
  const idf_jpeg_decode *dc[IDF_JPEG_COMPONENTS], *ac[IDF_JPEG_COMPONENTS];
  idf_jpeg_visit visit;
  const uint8_t *at, *end;
  uint64_t acc; /* the low n bits are to be read next, the highest first */
  unsigned n;   /* of these, the last `fake` are not in the data */
  unsigned fake;
  int32_t pred[IDF_JPEG_COMPONENTS];
  uint32_t eob_run; /* blocks that end before their first coefficient, this one included */
  bool padding_known;
  idf_jpeg_why why;
} scan_reader;

struct idf_jpeg_reader {
  idf_jpeg *jpeg;
  idf_mem *mem;
  idf_jpeg_decode **decode; /* by table; NULL: not used */
  scan_reader *scan;
  uint32_t row; /* the next MCU row */
  idf_jpeg_why why;
};

/* ---- bits ------------------------------------------------------------------------------ */

static uint64_t be64(const uint8_t *p)
{
  uint64_t v = 0;
  for (int i = 0; i < 8; i++)
    v = v << 8 | p[i];
  return v;
}

static bool has_ff(uint64_t v)
{
  return ((~v - UINT64_C(0x0101010101010101)) & v & UINT64_C(0x8080808080808080)) != 0;
}

/* One byte at a time: stuffed zeros go (T.81 F.1.2.3), a marker stops it. */
static void fill_slowly(scan_reader *r)
{
  while (r->n <= 56) {
    uint32_t byte = 0;
    if (r->at == r->end) {
      r->fake += 8;
    } else if (*r->at != 0xff) {
      byte = *r->at++;
    } else if (r->end - r->at >= 2 && r->at[1] == 0) {
      byte = 0xff;
      r->at += 2;
    } else {
      r->fake += 8;
    }
    r->acc = r->acc << 8 | byte;
    r->n += 8;
  }
}

/* At least 32 bits; a code with its value has at most 27. */
static inline void fill(scan_reader *r)
{
  if (r->n >= 32)
    return;
  if (r->end - r->at >= 8) {
    const uint64_t v = be64(r->at);
    if (!has_ff(v)) {
      r->acc = r->acc << 32 | v >> 32;
      r->at += 4;
      r->n += 32;
      return;
    }
  }
  fill_slowly(r);
}

/* After fill; count 0 to 16. */
static inline uint32_t take(scan_reader *r, unsigned count)
{
  r->n -= count;
  return (uint32_t)(r->acc >> r->n) & ((1u << count) - 1);
}

static bool fail(scan_reader *r, idf_jpeg_why why)
{
  r->why = why;
  return false;
}

/* At the end of a block: whether all of its bits were there. */
static inline bool whole(scan_reader *r)
{
  return r->n >= r->fake || fail(r, r->at < r->end ? IDF_JPEG_RESTART : IDF_JPEG_CUT_SCAN);
}

/* A code of more than IDF_JPEG_PEEK bits; 256: there is none. */
static uint32_t long_symbol(scan_reader *r, const idf_jpeg_decode *d)
{
  const uint32_t look = (uint32_t)(r->acc >> (r->n - 16)) & 0xffff;
  unsigned size = IDF_JPEG_PEEK + 1;
  while (look >= d->limit[size])
    size++;
  if (size > 16)
    return 256;
  r->n -= size;
  return d->value[(int32_t)(look >> (16 - size)) + d->offset[size]];
}

/* The next symbol, and after it at least 16 bits for its value; 256: no code. */
static inline uint32_t symbol(scan_reader *r, const idf_jpeg_decode *d)
{
  fill(r);
  const uint32_t e = d->fast[(r->acc >> (r->n - IDF_JPEG_PEEK)) & ((1u << IDF_JPEG_PEEK) - 1)];
  if (!e)
    return long_symbol(r, d);
  r->n -= e >> 8;
  return e & 0xff;
}

/* T.81 Figure F.12; count 0 to 15. */
static inline int32_t value(scan_reader *r, unsigned count)
{
  const uint32_t v = take(r, count);
  const uint32_t low = (1u << count) - 1;
  return v > low >> 1 ? (int32_t)v : (int32_t)v - (int32_t)low;
}

/* ---- blocks ---------------------------------------------------------------------------- */

static bool dc_first(void *state, unsigned i, int16_t *block)
{
  scan_reader *r = state;
  const uint32_t size = symbol(r, r->dc[i]);
  const unsigned low = r->scan->low;
  if (size > DC_BITS)
    return fail(r, size > 255 ? IDF_JPEG_CODE : IDF_JPEG_RANGE);
  const int32_t dc = r->pred[i] + value(r, size);
  if (dc > IDF_JPEG_DC_MAX >> low || dc < -(IDF_JPEG_DC_MAX >> low))
    return fail(r, IDF_JPEG_RANGE);
  r->pred[i] = dc;
  block[0] = (int16_t)(dc * (1 << low));
  return whole(r);
}

/* T.81 F.2.2.1, F.2.2.2. */
static bool sequential(void *state, unsigned i, int16_t *block)
{
  scan_reader *r = state;
  const idf_jpeg_decode *ac = r->ac[i];
  if (!dc_first(state, i, block))
    return false;
  for (unsigned k = 1; k < IDF_JPEG_BLOCK; k++) {
    const uint32_t rs = symbol(r, ac), size = rs & 15;
    if (size == 0) {
      if (rs != 0xf0) {
        if (rs == 0)
          break;
        return fail(r, rs > 255 ? IDF_JPEG_CODE : IDF_JPEG_RUN);
      }
      k += 15;
      if (k >= IDF_JPEG_BLOCK - 1)
        return fail(r, IDF_JPEG_RUN);
      continue;
    }
    k += rs >> 4;
    if (k >= IDF_JPEG_BLOCK)
      return fail(r, IDF_JPEG_RUN);
    if (size > AC_BITS)
      return fail(r, IDF_JPEG_RANGE);
    block[k] = (int16_t)value(r, size);
  }
  return whole(r);
}

/* T.81 G.1.2.1. */
static bool dc_refine(void *state, unsigned i, int16_t *block)
{
  scan_reader *r = state;
  (void)i;
  fill(r);
  block[0] = (int16_t)(block[0] | (int32_t)(take(r, 1) << r->scan->low));
  return whole(r);
}

/* T.81 G.1.2.2: EOBn, the number of blocks from this one on. */
static void begin_run(scan_reader *r, uint32_t size)
{
  r->eob_run = (1u << size) + take(r, size);
}

static bool ac_first(void *state, unsigned i, int16_t *block)
{
  scan_reader *r = state;
  const unsigned low = r->scan->low, last = r->scan->last;
  (void)i;
  for (unsigned k = r->scan->first; !r->eob_run && k <= last; k++) {
    const uint32_t rs = symbol(r, r->ac[0]), size = rs & 15;
    if (rs > 255)
      return fail(r, IDF_JPEG_CODE);
    if (size == 0 && rs != 0xf0) {
      begin_run(r, rs >> 4);
      break;
    }
    k += rs >> 4;
    if (k > last)
      return fail(r, IDF_JPEG_RUN);
    if (size == 0)
      continue;
    if (size > AC_BITS)
      return fail(r, IDF_JPEG_RANGE);
    const int32_t v = value(r, size);
    if (v > IDF_JPEG_AC_MAX >> low || v < -(IDF_JPEG_AC_MAX >> low))
      return fail(r, IDF_JPEG_RANGE);
    block[k] = (int16_t)(v * (1 << low));
  }
  if (r->eob_run)
    r->eob_run--;
  return whole(r);
}

/* One more bit of a coefficient that is not zero already. */
static inline void correct(scan_reader *r, int16_t *c)
{
  fill(r);
  if (take(r, 1))
    *c = (int16_t)(*c < 0 ? *c - (1 << r->scan->low) : *c + (1 << r->scan->low));
}

/* From k on over `zeros` coefficients that are zero to the next such, the others corrected;
 * gives its place, or last + 1. */
static unsigned pass(scan_reader *r, int16_t *block, unsigned k, uint32_t zeros)
{
  for (; k <= r->scan->last; k++) {
    if (block[k])
      correct(r, &block[k]);
    else if (zeros-- == 0)
      break;
  }
  return k;
}

/* T.81 G.1.2.3, Figure G.7. */
static bool ac_refine(void *state, unsigned i, int16_t *block)
{
  scan_reader *r = state;
  const unsigned last = r->scan->last;
  unsigned k = r->scan->first;
  (void)i;
  for (; !r->eob_run && k <= last; k++) {
    const uint32_t rs = symbol(r, r->ac[0]), size = rs & 15;
    int32_t v = 0;
    if (rs > 255)
      return fail(r, IDF_JPEG_CODE);
    if (size > 1)
      return fail(r, IDF_JPEG_RANGE);
    if (size == 1) {
      v = take(r, 1) ? 1 << r->scan->low : -(1 << r->scan->low);
      if (v > IDF_JPEG_AC_MAX || v < -IDF_JPEG_AC_MAX)
        return fail(r, IDF_JPEG_RANGE);
    } else if (rs != 0xf0) {
      begin_run(r, rs >> 4);
      break;
    }
    k = pass(r, block, k, rs >> 4);
    if (k > last)
      return fail(r, IDF_JPEG_RUN);
    block[k] = (int16_t)v;
  }
  if (r->eob_run) {
    (void)pass(r, block, k, IDF_JPEG_BLOCK);
    r->eob_run--;
  }
  return whole(r);
}

/* ---- markers in the data --------------------------------------------------------------- */

/* Bits up to the next byte: all equal or not, the first of a scan say what its padding is. */
static void padding(scan_reader *r)
{
  const unsigned left = (r->n - r->fake) & 7;
  if (left == 0)
    return;
  if (!r->padding_known) {
    r->scan->zero_padding = !(r->acc >> (r->n - 1) & 1);
    r->padding_known = true;
  }
  r->n -= left;
}

static bool restart(void *state, unsigned number)
{
  scan_reader *r = state;
  fill_slowly(r);
  padding(r);
  if (r->eob_run)
    return fail(r, IDF_JPEG_RUN);
  if (r->n != r->fake || r->end - r->at < 2 || r->at[0] != 0xff || r->at[1] != RST0 + number)
    return fail(r, IDF_JPEG_RESTART);
  r->at += 2;
  r->n = r->fake = 0;
  memset(r->pred, 0, sizeof r->pred);
  return true;
}

/* What follows the last block is given back. */
static idf_jpeg_why end_scan(scan_reader *r)
{
  if (r->eob_run)
    return IDF_JPEG_RUN;
  padding(r);
  for (unsigned bytes = (r->n - r->fake) / 8; bytes > 0; bytes--)
    r->at -= r->at[-1] == 0 && r->at[-2] == 0xff ? 2 : 1;
  r->scan->used = (size_t)(r->at - r->jpeg->bytes) - r->scan->start;
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
  *r = (scan_reader){.jpeg = reader->jpeg,
                     .scan = s,
                     .at = reader->jpeg->bytes + s->start,
                     .end = reader->jpeg->bytes + s->end};
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

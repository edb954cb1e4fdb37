/* SPDX-License-Identifier: BSD-3-Clause
 *
 * jpeg_write.c: encodes coefficients as Huffman-coded data: T.81 F.1 (sequential) and G.1
 * (progressive).
 *
 * Where T.81 leaves a choice, it is made as libjpeg makes it: the longest runs of zeros and of
 * blocks, and at most CORRECTIONS bits kept back.
 *
 * The surprise: if a table is computed from its symbols, no code is known before the last block.
 * Such a scan is kept as tokens of 32 bits, which are about five times as long as the data.
 * Therefore only files up to OPTIMAL_MAX have such tables.
 * idf(5), "JPEG FILES".
 */
#include "jpeg_write.h"

#include <string.h>

#define OPTIMAL_MAX ((uint64_t)4 << 20) /* bytes of the file */
#define DC_BITS 11u
#define AC_BITS 10u
#define EOB_RUN_MAX 0x7fffu
/* Correction bits that wait for the end of a run of blocks; above this, libjpeg ends the run. */
#define CORRECTIONS 937u
/* The most bytes of one block: 64 codes with values of 27 bits, and the corrections, all bytes
 * stuffed, and a spare word. */
#define BLOCK_BYTES 1024u

/* A token: slot, symbol, number of extra bits, extra bits. */
#define TOKEN(slot, symbol, count, extra)                                                          \
  ((uint32_t)(slot) << 28 | (uint32_t)(symbol) << 20 | (uint32_t)(count) << 16 | (extra))
enum { SLOT_AC = 4, SLOT_BITS = 8, SLOT_RESTART = 9, SLOTS = 8 };

/* Bits that do not fill a word yet. Copied by value, so that a loop over a block keeps them in
 * registers. */
typedef struct bit_sink {
  uint64_t acc; /* the low n bits */
  unsigned n;   /* below 32 between blocks */
} bit_sink;

typedef struct scan_writer {
  const idf_jpeg *jpeg;
  const idf_jpeg_scan *scan;
  const idf_jpeg_encode *code[SLOTS]; /* DC of the scan's components, then AC; NULL: unknown */
  uint64_t *count[SLOTS];             /* frequencies of symbols; NULL: not needed */
  bool tokens;                        /* `out` holds tokens */
  bool bad_code;                      /* a symbol is missing in its table */
  idf_jpeg_visit visit;
  idf_buf out;
  bit_sink to;
  int32_t pred[IDF_JPEG_COMPONENTS];
  uint32_t eob_run;
  unsigned kept; /* corrections of the blocks in the run */
  uint8_t correction[CORRECTIONS + IDF_JPEG_BLOCK];
  idf_jpeg_why why;
} scan_writer;

typedef struct table_state {
  idf_jpeg_table *table; /* owned: computed; NULL: as given */
  idf_jpeg_encode *encode;
  uint64_t *count;
} table_state;

struct idf_jpeg_writer {
  const idf_jpeg *jpeg;
  idf_mem *mem;
  table_state *table;
  scan_writer *scan;
  uint32_t row;
  idf_jpeg_why why;
};

/* ---- bits ------------------------------------------------------------------------------ */

/* T.81 F.1.2.3: adds a zero after 0xff. Returns the place behind. */
static uint8_t *put_byte(uint8_t *at, uint32_t byte)
{
  *at++ = (uint8_t)byte;
  if (byte == 0xff)
    *at++ = 0;
  return at;
}

static uint8_t *put_stuffed(uint8_t *at, uint32_t word)
{
  for (int shift = 24; shift >= 0; shift -= 8)
    at = put_byte(at, word >> shift & 0xff);
  return at;
}

/* Adds up to 32 bits; the caller has reserved room. */
static inline uint8_t *add_bits(uint8_t *at, bit_sink *to, uint32_t bits, unsigned count)
{
  to->acc = to->acc << count | bits;
  to->n += count;
  if (to->n < 32)
    return at;
  to->n -= 32;
  const uint32_t v = (uint32_t)(to->acc >> to->n);
  if ((~v - 0x01010101u) & v & 0x80808080u)
    return put_stuffed(at, v);
  at[0] = (uint8_t)(v >> 24);
  at[1] = (uint8_t)(v >> 16);
  at[2] = (uint8_t)(v >> 8);
  at[3] = (uint8_t)v;
  return at + 4;
}

static void put_bits(scan_writer *w, uint32_t bits, unsigned count)
{
  uint8_t *from = w->out.data + w->out.len;
  w->out.len += (size_t)(add_bits(from, &w->to, bits, count) - from);
}

static void put_token(scan_writer *w, uint32_t token)
{
  idf_put_le32(&w->out, token);
}

/* Codes a symbol and fewer than 16 extra bits. */
static inline void put(scan_writer *w, unsigned slot, uint32_t symbol, uint32_t extra,
                       unsigned count)
{
  if (w->count[slot])
    w->count[slot][symbol]++;
  if (w->tokens) {
    put_token(w, TOKEN(slot, symbol, count, extra));
    return;
  }
  const uint32_t code = w->code[slot]->code[symbol];
  w->bad_code |= code == 0;
  put_bits(w, (code & 0xffff) << count | extra, (code >> 16) + count);
}

/* Codes fewer than 16 bits without a symbol. */
static void put_plain(scan_writer *w, uint32_t bits, unsigned count)
{
  if (w->tokens)
    put_token(w, TOKEN(SLOT_BITS, 0, count, bits));
  else
    put_bits(w, bits, count);
}

static bool fail(scan_writer *w, idf_jpeg_why why)
{
  w->why = why;
  return false;
}

static inline bool room(scan_writer *w)
{
  return w->out.cap - w->out.len >= BLOCK_BYTES || idf_buf_reserve(&w->out, BLOCK_BYTES)
         || fail(w, IDF_JPEG_MEMORY);
}

/* The bits of v that follow its size: T.81 F.1.2.1.1, two's complement, less one for negative v. */
static inline uint32_t extra_bits(int32_t v, unsigned size)
{
  return (uint32_t)(v < 0 ? v - 1 : v) & ((1u << size) - 1);
}

static inline uint32_t magnitude(int32_t v)
{
  return (uint32_t)(v < 0 ? -v : v);
}

/* ---- blocks ---------------------------------------------------------------------------- */

/* v / 2^low rounded down, as an arithmetic shift. */
static int32_t shift_down(int32_t v, unsigned low)
{
  return v >= 0 ? v >> low : -((-v + (1 << low) - 1) >> low);
}

static bool dc_first(void *state, unsigned i, int16_t *block)
{
  scan_writer *w = state;
  if (!room(w))
    return false;
  const int32_t dc = shift_down(block[0], w->scan->low);
  const int32_t diff = dc - w->pred[i];
  const unsigned size = idf_jpeg_bits(magnitude(diff));
  if (size > DC_BITS)
    return fail(w, IDF_JPEG_RANGE);
  w->pred[i] = dc;
  put(w, i, size, extra_bits(diff, size), size);
  return true;
}

/* Codes the AC coefficients one symbol at a time: T.81 F.1.2.2, Figure F.2. */
static bool ac_slowly(scan_writer *w, unsigned slot, const int16_t *block)
{
  unsigned next = 1;
  for (uint64_t m = idf_jpeg_places(block) & ~UINT64_C(1); m; m &= m - 1) {
    const unsigned k = idf_jpeg_lowest(m);
    unsigned run = k - next;
    const int32_t v = block[k];
    const unsigned size = idf_jpeg_bits(magnitude(v));
    if (size > AC_BITS)
      return fail(w, IDF_JPEG_RANGE);
    for (; run > 15; run -= 16)
      put(w, slot, 0xf0, 0, 0);
    put(w, slot, run << 4 | size, extra_bits(v, size), size);
    next = k + 1;
  }
  if (next < IDF_JPEG_BLOCK)
    put(w, slot, 0, 0, 0);
  return true;
}

/* The same if codes are known and symbols need not be counted. */
static bool ac_fast(scan_writer *w, unsigned slot, const int16_t *block)
{
  const uint32_t *code = w->code[slot]->code;
  uint8_t *at = w->out.data + w->out.len;
  bit_sink to = w->to;
  unsigned next = 1;
  bool bad = false;
  for (uint64_t m = idf_jpeg_places(block) & ~UINT64_C(1); m; m &= m - 1) {
    const unsigned k = idf_jpeg_lowest(m);
    unsigned run = k - next;
    const int32_t v = block[k];
    const unsigned size = idf_jpeg_bits(magnitude(v));
    if (size > AC_BITS)
      return fail(w, IDF_JPEG_RANGE);
    for (; run > 15; run -= 16) {
      bad |= !code[0xf0];
      at = add_bits(at, &to, code[0xf0] & 0xffff, code[0xf0] >> 16);
    }
    const uint32_t c = code[run << 4 | size];
    bad |= !c;
    at = add_bits(at, &to, (c & 0xffff) << size | extra_bits(v, size), (c >> 16) + size);
    next = k + 1;
  }
  if (next < IDF_JPEG_BLOCK) {
    bad |= !code[0];
    at = add_bits(at, &to, code[0] & 0xffff, code[0] >> 16);
  }
  w->out.len = (size_t)(at - w->out.data);
  w->to = to;
  w->bad_code |= bad;
  return true;
}

static bool sequential(void *state, unsigned i, int16_t *block)
{
  scan_writer *w = state;
  const unsigned slot = SLOT_AC + i;
  if (!dc_first(state, i, block))
    return false;
  return w->tokens || w->count[slot] ? ac_slowly(w, slot, block) : ac_fast(w, slot, block);
}

static bool dc_refine(void *state, unsigned i, int16_t *block)
{
  scan_writer *w = state;
  (void)i;
  if (!room(w))
    return false;
  put_plain(w, (uint32_t)shift_down(block[0], w->scan->low) & 1, 1);
  return true;
}

static void put_corrections(scan_writer *w, const uint8_t *bit, unsigned count)
{
  for (unsigned i = 0; i < count; i++)
    put_plain(w, bit[i], 1);
}

/* T.81 G.1.2.2: codes the run of ended blocks, then their corrections. */
static void end_run(scan_writer *w)
{
  if (w->eob_run == 0)
    return;
  const unsigned size = idf_jpeg_bits(w->eob_run) - 1;
  put(w, SLOT_AC, size << 4, w->eob_run & ((1u << size) - 1), size);
  w->eob_run = 0;
  put_corrections(w, w->correction, w->kept);
  w->kept = 0;
}

/* A mask of the scan's coefficients that are non-zero at its precision. */
static inline uint64_t live(const scan_writer *w, const int16_t *block)
{
  const unsigned low = w->scan->low;
  uint64_t mask = idf_jpeg_places(block) & idf_jpeg_span(w->scan->first, w->scan->last);
  for (uint64_t m = low ? mask : 0; m; m &= m - 1) {
    const unsigned k = idf_jpeg_lowest(m);
    mask &= ~((uint64_t)(magnitude(block[k]) >> low == 0) << k);
  }
  return mask;
}

/* Adds a block that ends before its last coefficient to the run. */
static void lengthen_run(scan_writer *w, unsigned corrections)
{
  w->kept += corrections;
  if (++w->eob_run == EOB_RUN_MAX || w->kept > CORRECTIONS)
    end_run(w);
}

/* T.81 Figure G.3. */
static bool ac_first(void *state, unsigned i, int16_t *block)
{
  scan_writer *w = state;
  const unsigned low = w->scan->low;
  unsigned next = w->scan->first;
  (void)i;
  if (!room(w))
    return false;
  for (uint64_t m = live(w, block); m; m &= m - 1) {
    const unsigned k = idf_jpeg_lowest(m);
    const uint32_t v = magnitude(block[k]) >> low;
    const unsigned size = idf_jpeg_bits(v);
    unsigned run = k - next;
    if (size > AC_BITS)
      return fail(w, IDF_JPEG_RANGE);
    end_run(w);
    for (; run > 15; run -= 16)
      put(w, SLOT_AC, 0xf0, 0, 0);
    put(w, SLOT_AC, run << 4 | size, (block[k] < 0 ? ~v : v) & ((1u << size) - 1), size);
    next = k + 1;
  }
  if (next <= w->scan->last)
    lengthen_run(w, 0);
  return true;
}

/* The last coefficient that becomes non-zero in this scan; 0: none. */
static unsigned newest(const scan_writer *w, const int16_t *block, uint64_t mask)
{
  unsigned k = 0;
  for (uint64_t m = mask; m; m &= m - 1)
    if (magnitude(block[idf_jpeg_lowest(m)]) >> w->scan->low == 1)
      k = idf_jpeg_lowest(m);
  return k;
}

/* T.81 Figures G.7 to G.9. The corrections of coefficients that a run of zeros passes follow its
 * symbol. */
static bool ac_refine(void *state, unsigned i, int16_t *block)
{
  scan_writer *w = state;
  const uint64_t mask = live(w, block);
  (void)i;
  if (!room(w))
    return false;
  if (!mask) {
    lengthen_run(w, 0);
    return true;
  }
  const unsigned low = w->scan->low, last_new = newest(w, block, mask);
  uint8_t *waiting = w->correction + w->kept;
  unsigned run = 0, count = 0, next = w->scan->first;
  for (uint64_t m = mask; m; m &= m - 1) {
    const unsigned k = idf_jpeg_lowest(m);
    const uint32_t v = magnitude(block[k]) >> low;
    run += k - next;
    next = k + 1;
    for (; run > 15 && k <= last_new; run -= 16) {
      end_run(w);
      put(w, SLOT_AC, 0xf0, 0, 0);
      put_corrections(w, waiting, count);
      waiting = w->correction;
      count = 0;
    }
    if (v > 1) {
      waiting[count++] = v & 1;
      continue;
    }
    end_run(w);
    put(w, SLOT_AC, run << 4 | 1, block[k] > 0, 1);
    put_corrections(w, waiting, count);
    waiting = w->correction;
    count = 0;
    run = 0;
  }
  if (run + w->scan->last + 1 > next || count > 0)
    lengthen_run(w, count);
  return true;
}

/* ---- markers in the data --------------------------------------------------------------- */

/* Writes all remaining bits, and pads the last byte. */
static void pad(scan_writer *w)
{
  uint8_t *at = w->out.data + w->out.len;
  while (w->to.n > 0) {
    const unsigned take = IDF_MIN(w->to.n, 8u), rest = 8 - take;
    w->to.n -= take;
    const uint32_t bits = (uint32_t)(w->to.acc >> w->to.n) & ((1u << take) - 1);
    at = put_byte(at, bits << rest | (w->scan->zero_padding ? 0 : (1u << rest) - 1));
  }
  w->out.len = (size_t)(at - w->out.data);
}

static void put_restart(scan_writer *w, unsigned number)
{
  pad(w);
  w->out.data[w->out.len++] = 0xff;
  w->out.data[w->out.len++] = (uint8_t)(0xd0 + number);
}

static bool restart(void *state, unsigned number)
{
  scan_writer *w = state;
  if (!room(w))
    return false;
  end_run(w);
  if (w->tokens)
    put_token(w, TOKEN(SLOT_RESTART, number, 0, 0));
  else
    put_restart(w, number);
  memset(w->pred, 0, sizeof w->pred);
  return true;
}

/* ---- calls ----------------------------------------------------------------------------- */

/* Prepares one table of a scan: its codes, unless they are to be computed, and its counts. */
static idf_jpeg_why use_table(idf_jpeg_writer *writer, scan_writer *w, unsigned slot, uint32_t i)
{
  if (i == IDF_JPEG_NO_TABLE)
    return IDF_JPEG_OK;
  const idf_jpeg *j = writer->jpeg;
  table_state *t = &writer->table[i];
  if (!t->encode) {
    t->encode = idf_alloc(writer->mem, 1, sizeof *t->encode);
    const bool ask = j->whole_file && idf_jpeg_form(&j->table[i]) == IDF_JPEG_FORM_GIVEN;
    if (j->file_len <= OPTIMAL_MAX && (ask || j->table[i].optimal)) {
      t->count = idf_alloc(writer->mem, 256, sizeof *t->count);
      if (!t->count)
        return IDF_JPEG_MEMORY;
    }
    if (!t->encode)
      return IDF_JPEG_MEMORY;
    if (!j->table[i].optimal && !idf_jpeg_encode_init(t->encode, &j->table[i]))
      return IDF_JPEG_TABLE;
  }
  if (j->table[i].optimal && !t->count)
    return IDF_JPEG_SIDE;
  w->tokens |= j->table[i].optimal;
  w->code[slot] = t->encode;
  w->count[slot] = t->count;
  return IDF_JPEG_OK;
}

static idf_jpeg_why begin_scan(idf_jpeg_writer *writer, uint32_t i)
{
  const idf_jpeg_scan *s = &writer->jpeg->scan[i];
  scan_writer *w = &writer->scan[i];
  w->jpeg = writer->jpeg;
  w->scan = s;
  idf_buf_init(&w->out, writer->mem);
  /* As long as what was read. Growing later would take three times the memory for a moment. */
  if (writer->jpeg->whole_file && !idf_buf_reserve(&w->out, s->end - s->start + 2 * BLOCK_BYTES))
    return IDF_JPEG_MEMORY;
  w->visit = (idf_jpeg_visit){.restart = restart, .state = w, .left = s->restart};
  if (writer->jpeg->frame != 2)
    w->visit.block = sequential;
  else if (s->first == 0)
    w->visit.block = s->high ? dc_refine : dc_first;
  else
    w->visit.block = s->high ? ac_refine : ac_first;
  idf_jpeg_why why = IDF_JPEG_OK;
  for (unsigned c = 0; c < s->components && why == IDF_JPEG_OK; c++) {
    why = use_table(writer, w, c, s->dc[c]);
    if (why == IDF_JPEG_OK)
      why = use_table(writer, w, SLOT_AC + c, s->ac[c]);
  }
  return why;
}

idf_jpeg_why idf_jpeg_write_new(const idf_jpeg *jpeg, idf_mem *mem, idf_jpeg_writer **writer)
{
  idf_jpeg_writer *w = idf_alloc(mem, 1, sizeof *w);
  idf_jpeg_why why = IDF_JPEG_MEMORY;
  *writer = NULL;
  if (!w)
    return why;
  *w = (idf_jpeg_writer){.jpeg = jpeg, .mem = mem};
  w->table = idf_alloc(mem, jpeg->tables, sizeof *w->table);
  w->scan = idf_alloc(mem, jpeg->scans, sizeof *w->scan);
  if (w->table && w->scan) {
    why = IDF_JPEG_OK;
    for (uint32_t i = 0; i < jpeg->scans && why == IDF_JPEG_OK; i++)
      why = begin_scan(w, i);
  }
  if (why == IDF_JPEG_OK)
    *writer = w;
  else
    idf_jpeg_write_free(w);
  return why;
}

void idf_jpeg_write_free(idf_jpeg_writer *writer)
{
  if (!writer)
    return;
  for (uint32_t i = 0; writer->scan && i < writer->jpeg->scans; i++)
    if (writer->scan[i].out.mem)
      idf_buf_free(&writer->scan[i].out);
  for (uint32_t i = 0; writer->table && i < writer->jpeg->tables; i++) {
    idf_free(writer->mem, writer->table[i].table);
    idf_free(writer->mem, writer->table[i].encode);
    idf_free(writer->mem, writer->table[i].count);
  }
  idf_free(writer->mem, writer->table);
  idf_free(writer->mem, writer->scan);
  idf_free(writer->mem, writer);
}

idf_jpeg_why idf_jpeg_write(idf_jpeg_writer *writer, const idf_jpeg_band *band)
{
  const idf_jpeg *j = writer->jpeg;
  idf_jpeg_band part = *band;
  part.first = writer->row;
  part.count = IDF_MIN(band->count, j->mcus_h - writer->row);
  for (uint32_t i = 0; i < j->scans && writer->why == IDF_JPEG_OK; i++) {
    scan_writer *w = &writer->scan[i];
    if (!idf_jpeg_visit_band(&w->visit, j, &j->scan[i], &part))
      writer->why = w->why;
    else if (w->out.bad)
      writer->why = IDF_JPEG_MEMORY;
    else if (w->bad_code)
      writer->why = IDF_JPEG_CODE;
  }
  writer->row += part.count;
  return writer->why;
}

/* Computes optimal tables and their codes. */
static idf_jpeg_why compute_tables(idf_jpeg_writer *writer)
{
  for (uint32_t i = 0; i < writer->jpeg->tables; i++) {
    table_state *t = &writer->table[i];
    if (!writer->jpeg->table[i].optimal)
      continue;
    if (!t->count)
      return IDF_JPEG_SIDE; /* no scan uses it */
    t->table = idf_alloc(writer->mem, 1, sizeof *t->table);
    if (!t->table)
      return IDF_JPEG_MEMORY;
    t->table->place = writer->jpeg->table[i].place;
    idf_jpeg_optimal(t->count, t->table);
    if (!idf_jpeg_encode_init(t->encode, t->table))
      return IDF_JPEG_TABLE;
  }
  return IDF_JPEG_OK;
}

/* Turns tokens into data. */
static idf_jpeg_why replay(scan_writer *w)
{
  idf_buf tokens = w->out;
  idf_buf_init(&w->out, tokens.mem);
  w->tokens = false;
  memset(w->count, 0, sizeof w->count);
  idf_cur cur = idf_cur_of(tokens.data, tokens.len);
  while (idf_cur_left(&cur) > 0 && room(w)) {
    const uint32_t token = idf_get_le32(&cur), slot = token >> 28, extra = token & 0xffff;
    const unsigned count = token >> 16 & 15;
    if (slot == SLOT_RESTART)
      put_restart(w, token >> 20 & 7);
    else if (slot == SLOT_BITS)
      put_bits(w, extra, count);
    else
      put(w, slot, token >> 20 & 0xff, extra, count);
  }
  idf_buf_free(&tokens);
  return w->why != IDF_JPEG_OK ? w->why : w->bad_code ? IDF_JPEG_CODE : IDF_JPEG_OK;
}

idf_jpeg_why idf_jpeg_write_end(idf_jpeg_writer *writer)
{
  for (uint32_t i = 0; i < writer->jpeg->scans && writer->why == IDF_JPEG_OK; i++) {
    scan_writer *w = &writer->scan[i];
    if (!room(w))
      writer->why = w->why;
    else
      end_run(w);
    if (w->bad_code)
      writer->why = IDF_JPEG_CODE;
  }
  if (writer->why == IDF_JPEG_OK)
    writer->why = compute_tables(writer);
  for (uint32_t i = 0; i < writer->jpeg->scans && writer->why == IDF_JPEG_OK; i++) {
    scan_writer *w = &writer->scan[i];
    if (w->tokens)
      writer->why = replay(w);
    if (writer->why == IDF_JPEG_OK && !room(w))
      writer->why = w->why;
    if (writer->why == IDF_JPEG_OK)
      pad(w);
  }
  return writer->why;
}

/* ---- for jpeg_side.c ------------------------------------------------------------------- */

const idf_buf *idf_jpeg_written(const idf_jpeg_writer *writer, uint32_t i)
{
  return &writer->scan[i].out;
}

const idf_jpeg_table *idf_jpeg_written_table(const idf_jpeg_writer *writer, uint32_t i)
{
  return writer->table[i].table ? writer->table[i].table : &writer->jpeg->table[i];
}

bool idf_jpeg_table_is_optimal(const idf_jpeg_writer *writer, uint32_t i)
{
  const idf_jpeg_table *t = &writer->jpeg->table[i];
  idf_jpeg_table best = {.place = t->place};
  if (!writer->table[i].count)
    return false;
  idf_jpeg_optimal(writer->table[i].count, &best);
  return memcmp(best.bits, t->bits, sizeof t->bits) == 0
         && memcmp(best.value, t->value, sizeof t->value) == 0;
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * oracle_scans.c: chapter 17 of idf(5), the second half: the Huffman tables and the data of the
 * scans of a JPEG file.
 *
 * Every scan is first a list of steps: symbols, bits and markers. Then it is known how often each
 * symbol occurs, so that tables can be computed, and the steps become bits.
 */
#include "oracle.h"

/* Of a step that is no symbol. */
enum { BITS = -1, MARKER = -2 };

typedef struct step {
  num table, symbol, bits, count; /* the symbol's table, or one of the above */
} step;

typedef struct steps {
  jpeg *j;
  const jpeg_scan *s;
  step *list;
  num count, room;
  num before[4];            /* DC of each component */
  num run;                  /* blocks whose end is not said yet */
  num waiting[1024], waits; /* bits that follow it */
} steps;

static num digits(num v)
{
  return v == 0 ? 0 : highest_bit(v) + 1;
}

static void add(steps *to, num table, num symbol, num bits, num count)
{
  if (to->count == to->room) {
    to->room = 2 * to->room + 64;
    step *more = realloc(to->list, (size_t)to->room * sizeof *more);
    if (!more)
      refuse(&to->j->name, "no memory");
    to->list = more;
  }
  to->list[to->count++] = (step){table, symbol, bits, count};
  if (table >= 0)
    to->j->table[table].uses[symbol]++;
}

/* ======== 17.7 Sequential scans ======== */

/* v in `count` bits, as T.81 writes a number whose size is known. */
static num extra(num v, num count)
{
  return v < 0 ? v + power(count) - 1 : v;
}

static void dc_first(steps *to, num i, const num *block)
{
  const num dc = block[0] >> to->s->low, d = dc - to->before[i], size = digits(absolute(d));
  if (size > 11)
    refuse(&to->j->name, "a difference of DC is too large");
  to->before[i] = dc;
  add(to, to->s->dc[i], size, extra(d, size), size);
}

static void sequential(steps *to, num i, const num *block)
{
  num run = 0;
  dc_first(to, i, block);
  for (num k = 1; k < 64; k++) {
    const num size = digits(absolute(block[k]));
    if (size > 10)
      refuse(&to->j->name, "an AC coefficient is too large");
    if (size == 0) {
      run++;
      continue;
    }
    for (; run > 15; run -= 16)
      add(to, to->s->ac[i], 0xf0, 0, 0);
    add(to, to->s->ac[i], 16 * run + size, extra(block[k], size), size);
    run = 0;
  }
  if (run > 0)
    add(to, to->s->ac[i], 0, 0, 0);
}

/* ======== 17.8 Progressive scans ======== */

static void dc_again(steps *to, const num *block)
{
  add(to, BITS, 0, block[0] >> to->s->low & 1, 1);
}

static void end_run(steps *to)
{
  if (to->run > 0) {
    const num n = highest_bit(to->run);
    add(to, to->s->ac[0], 16 * n, to->run - power(n), n);
  }
  for (num i = 0; i < to->waits; i++)
    add(to, BITS, 0, to->waiting[i], 1);
  to->run = to->waits = 0;
}

static void longer_run(steps *to)
{
  to->run++;
  if (to->run == 32767 || to->waits > 937)
    end_run(to);
}

static void ac_first(steps *to, const num *block)
{
  num run = 0;
  for (num k = to->s->first; k <= to->s->last; k++) {
    const num v = absolute(block[k]) >> to->s->low, size = digits(v);
    if (size > 10)
      refuse(&to->j->name, "an AC coefficient is too large");
    if (v == 0) {
      run++;
      continue;
    }
    end_run(to);
    for (; run > 15; run -= 16)
      add(to, to->s->ac[0], 0xf0, 0, 0);
    add(to, to->s->ac[0], 16 * run + size, extra(block[k] < 0 ? -v : v, size), size);
    run = 0;
  }
  if (run > 0)
    longer_run(to);
}

static void ac_again(steps *to, const num *block)
{
  num run = 0, newest = 0, own[64], owned = 0;
  for (num k = to->s->first; k <= to->s->last; k++)
    if (absolute(block[k]) >> to->s->low == 1)
      newest = k;
  for (num k = to->s->first; k <= to->s->last; k++) {
    const num v = absolute(block[k]) >> to->s->low;
    if (v == 0) {
      run++;
      continue;
    }
    for (; run > 15 && k <= newest; run -= 16) {
      end_run(to);
      add(to, to->s->ac[0], 0xf0, 0, 0);
      for (num i = 0; i < owned; i++)
        add(to, BITS, 0, own[i], 1);
      owned = 0;
    }
    if (v > 1) {
      own[owned++] = v & 1;
      continue;
    }
    end_run(to);
    add(to, to->s->ac[0], 16 * run + 1, block[k] > 0, 1);
    for (num i = 0; i < owned; i++)
      add(to, BITS, 0, own[i], 1);
    run = owned = 0;
  }
  if (run == 0 && owned == 0)
    return;
  for (num i = 0; i < owned; i++)
    to->waiting[to->waits++] = own[i];
  longer_run(to);
}

/* ======== 17.6 The order of blocks ======== */

static void block(steps *to, num i, num x, num y)
{
  const jpeg_component *c = &to->j->component[to->s->component[i]];
  const num *from = c->coef + 64 * (c->across * y + x);
  if (!to->j->progressive)
    sequential(to, i, from);
  else if (to->s->first == 0 && to->s->high == 0)
    dc_first(to, i, from);
  else if (to->s->first == 0)
    dc_again(to, from);
  else if (to->s->high == 0)
    ac_first(to, from);
  else
    ac_again(to, from);
}

static void before_mcu(steps *to, num number)
{
  if (to->s->restart == 0 || number == 0 || number % to->s->restart != 0)
    return;
  end_run(to);
  add(to, MARKER, 0, (number / to->s->restart - 1) % 8, 0);
  memset(to->before, 0, sizeof to->before);
}

static void all_blocks(steps *to)
{
  const jpeg *j = to->j;
  const jpeg_component *alone = &j->component[to->s->component[0]];
  num number = 0;
  if (to->s->components == 1) {
    for (num y = 0; y < ceil_div(alone->height, 8); y++)
      for (num x = 0; x < ceil_div(alone->width, 8); x++) {
        before_mcu(to, number++);
        block(to, 0, x, y);
      }
  } else {
    for (; number < j->mcus_w * j->mcus_h; number++) {
      before_mcu(to, number);
      for (num i = 0; i < to->s->components; i++) {
        const jpeg_component *c = &j->component[to->s->component[i]];
        for (num k = 0; k < c->h * c->v; k++)
          block(to, i, number % j->mcus_w * c->h + k % c->h, number / j->mcus_w * c->v + k / c->h);
      }
    }
  }
  end_run(to);
}

/* ======== 17.5 Huffman tables ======== */

static void standard(huffman *t)
{
  static const num codes[4][16] = {{0, 1, 5, 1, 1, 1, 1, 1, 1},
                                   {0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125},
                                   {0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1},
                                   {0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119}};
  static const char *const firsts[4] = {
      "",
      "\x01\x02\x03\x00\x04\x11\x05\x12\x21\x31\x41\x06\x13\x51\x61\x07\x22\x71\x14\x32\x81\x91\xA1"
      "\x08\x23\x42\xB1\xC1\x15\x52\xD1\xF0\x24\x33\x62\x72\x82",
      "",
      "\x00\x01\x02\x03\x11\x04\x05\x21\x31\x06\x12\x41\x51\x07\x61\x71\x13\x22\x32\x81\x08\x14\x42"
      "\x91\xA1\xB1\xC1\x09\x23\x33\x52\xF0\x15\x62\x72\xD1\x0A\x16\x24\x34\xE1\x25\xF1"};
  static const num first_symbols[4] = {0, 37, 0, 43};
  const num kind = t->form - 1;
  bool there[256] = {false};
  for (int k = 1; k <= 16; k++)
    t->codes[k] = codes[kind][k - 1];
  for (num k = 0; k < first_symbols[kind]; k++) {
    t->symbol[t->symbols++] = (uint8_t)firsts[kind][k];
    there[(uint8_t)firsts[kind][k]] = true;
  }
  for (num s = 0; s < 256; s++) {
    const bool has = kind % 2 == 0 ? s < 12 : s == 0 || s == 0xf0 || (s % 16 >= 1 && s % 16 <= 10);
    if (has && !there[s])
      t->symbol[t->symbols++] = s;
  }
}

/* Of the 257 counts the smallest that is not 0, of several the last, but not `other`; -1: none. */
static int rarest(const num *count, int other)
{
  int found = -1;
  for (int i = 0; i < 257; i++)
    if (count[i] > 0 && i != other && (found < 0 || count[i] <= count[found]))
      found = i;
  return found;
}

static void optimal(const source *in, huffman *t)
{
  num count[257], length[257] = {0}, codes[258] = {0};
  int tree[257]; /* of which a symbol is a leaf */
  for (int i = 0; i < 257; i++) {
    count[i] = i < 256 ? t->uses[i] : 1;
    tree[i] = i;
  }
  for (;;) {
    const int a = rarest(count, -1), b = rarest(count, a);
    if (b < 0)
      break;
    count[a] += count[b];
    count[b] = 0;
    for (int i = 0; i < 257; i++)
      if (tree[i] == a || tree[i] == b) {
        length[i]++;
        tree[i] = a;
      }
  }
  for (int i = 0; i < 257; i++)
    codes[length[i]]++;
  codes[0] = 0;
  for (int n = 256; n > 16; n--)
    for (; codes[n] > 0; codes[n] -= 2) {
      int m = n - 2;
      while (m > 0 && codes[m] == 0)
        m--;
      if (m == 0)
        refuse(in, "codes that cannot be made shorter");
      codes[n - 1]++;
      codes[m + 1] += 2;
      codes[m]--;
    }
  int longest = 16;
  while (longest > 0 && codes[longest] == 0)
    longest--;
  codes[longest]--;
  for (int n = 1; n <= 16; n++)
    t->codes[n] = codes[n];
  for (num n = 1; n <= 256; n++)
    for (int i = 0; i < 256; i++)
      if (length[i] == n)
        t->symbol[t->symbols++] = i;
}

static void number_codes(const source *in, huffman *t)
{
  num code = 0, at = 0;
  for (num n = 1; n <= 16; n++, code *= 2)
    for (num k = 0; k < t->codes[n]; k++, code++, at++) {
      const num s = t->symbol[at];
      if (code >= power(n))
        refuse(in, "a Huffman table has too many codes");
      if (t->length[s] == 0) {
        t->length[s] = n;
        t->code[s] = code;
      }
    }
}

static void complete_tables(jpeg *j)
{
  for (num i = 0; i < j->tables; i++) {
    huffman *t = &j->table[i];
    bool used = false;
    for (num k = 0; k < j->scans; k++)
      for (num c = 0; c < j->scan[k].components; c++)
        used = used || j->scan[k].dc[c] == i || j->scan[k].ac[c] == i;
    if (t->form == 5 && (!used || j->file_size > power(22)))
      refuse(&j->name, "a table that cannot be computed");
    if (t->form == 5)
      optimal(&j->name, t);
    else if (t->form > 0)
      standard(t);
    if (used)
      number_codes(&j->name, t);
  }
}

/* ======== 17.9 Bits ======== */

typedef struct bits {
  const jpeg *j;
  num byte, free; /* bits of the byte that are not there yet, 1 to 8 */
  written out;
} bits;

static void put_bits(bits *b, num v, num count)
{
  for (num i = count - 1; i >= 0; i--) {
    b->byte = 2 * b->byte + (v >> i & 1);
    if (--b->free > 0)
      continue;
    idf_oracle_put_byte(&b->j->name, &b->out, b->byte);
    if (b->byte == 255)
      idf_oracle_put_byte(&b->j->name, &b->out, 0);
    b->byte = 0;
    b->free = 8;
  }
}

static void pad(bits *b, bool zeros)
{
  while (b->free < 8)
    put_bits(b, zeros ? 0 : 1, 1);
}

static written data_of(const jpeg *j, const jpeg_scan *s, const steps *from)
{
  bits b = {.j = j, .free = 8};
  for (num i = 0; i < from->count; i++) {
    const step *at = &from->list[i];
    if (at->table == MARKER) {
      pad(&b, s->zeros);
      idf_oracle_put_byte(&j->name, &b.out, 0xff);
      idf_oracle_put_byte(&j->name, &b.out, 0xd0 + at->bits);
      continue;
    }
    if (at->table >= 0) {
      const huffman *t = &j->table[at->table];
      if (t->length[at->symbol] == 0)
        refuse(&j->name, "a symbol that its table does not have");
      put_bits(&b, t->code[at->symbol], t->length[at->symbol]);
    }
    put_bits(&b, at->bits, at->count);
  }
  pad(&b, s->zeros);
  return b.out;
}

written *idf_oracle_scans(jpeg *j)
{
  steps *all = room(&j->name, j->scans, sizeof *all);
  written *data = room(&j->name, j->scans, sizeof *data);
  for (num i = 0; i < j->scans; i++) {
    all[i].j = j;
    all[i].s = &j->scan[i];
    all_blocks(&all[i]);
  }
  complete_tables(j);
  for (num i = 0; i < j->scans; i++) {
    data[i] = data_of(j, &j->scan[i], &all[i]);
    free(all[i].list);
  }
  free(all);
  return data;
}

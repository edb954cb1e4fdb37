/* SPDX-License-Identifier: BSD-3-Clause
 *
 * oracle_jpeg.c: chapter 17 of idf(5), the first half: the side stream of a JPEG file, its head,
 * and the file that is put together; the data of the scans are made in oracle_scans.c.
 */
#include "oracle.h"

enum {
  SOI = 0xd8,
  SOF0 = 0xc0,
  SOF1 = 0xc1,
  SOF2 = 0xc2,
  DHT = 0xc4,
  SOF15 = 0xcf,
  RST0 = 0xd0,
  RST7 = 0xd7,
  EOI = 0xd9,
  SOS = 0xda,
  DQT = 0xdb,
  DRI = 0xdd,
  APP0 = 0xe0,
  APP14 = 0xee
};

void idf_oracle_put(const source *in, written *to, const uint8_t *data, num size)
{
  if (to->size + size > to->room) {
    to->room = 2 * to->room + size;
    uint8_t *more = realloc(to->data, (size_t)to->room);
    if (!more)
      refuse(in, "no memory");
    to->data = more;
  }
  if (size > 0)
    memcpy(to->data + to->size, data, (size_t)size);
  to->size += size;
}

void idf_oracle_put_byte(const source *in, written *to, num byte)
{
  const uint8_t one = (uint8_t)byte;
  idf_oracle_put(in, to, &one, 1);
}

/* ======== 17.4 The head ======== */

/* What the head has said so far. */
typedef struct walk {
  jpeg *j;
  source in; /* from here on */
  num step[4][64], dc[4], ac[4], restart;
  bool framed, has_step[4];
  num low[4][64]; /* Al of the last scan of a coefficient, -1: there was none */
} walk;

static num get_high_first(source *in)
{
  const num high = get(in, 1);
  return high << 8 | get(in, 1);
}

static void piece(walk *w, num first, num count)
{
  jpeg *j = w->j;
  j->piece = realloc(j->piece, (size_t)(j->pieces + 1) * sizeof *j->piece);
  if (!j->piece)
    refuse(&w->in, "no memory");
  j->piece[j->pieces++] = (jpeg_piece){w->in.at, NULL, first, count};
}

static void quantisers(walk *w, source in)
{
  while (left(&in) > 0) {
    const num head = get(&in, 1), place = head & 15;
    if (place > 3 || head > 31)
      refuse(&in, "a quantiser has no such place");
    for (int k = 0; k < 64; k++)
      w->step[place][k] = head > 15 ? get_high_first(&in) : get(&in, 1);
    w->has_step[place] = true;
  }
}

static void huffman_tables(walk *w)
{
  jpeg *j = w->j;
  piece(w, j->tables, -1);
  const num place_of_piece = j->pieces - 1, count = get(&w->in, 1);
  j->table = realloc(j->table, (size_t)(j->tables + count + 1) * sizeof *j->table);
  if (!j->table)
    refuse(&w->in, "no memory");
  for (num i = 0; i < count; i++) {
    huffman *t = &j->table[j->tables];
    memset(t, 0, sizeof *t);
    t->place = get(&w->in, 1);
    t->form = get(&w->in, 1);
    if ((t->place & 15) > 3 || t->place >> 4 > 1 || t->form > 5)
      refuse(&w->in, "a Huffman table has no such place or form");
    if (t->form == 0) {
      for (int k = 1; k <= 16; k++)
        t->symbols += t->codes[k] = get(&w->in, 1);
      if (t->symbols > 256)
        refuse(&w->in, "a Huffman table has too many symbols");
      for (num k = 0; k < t->symbols; k++)
        t->symbol[k] = get(&w->in, 1);
    }
    (t->place >> 4 ? w->ac : w->dc)[t->place & 3] = j->tables++;
  }
  j->piece[place_of_piece].tables = count;
  j->piece[place_of_piece].end = w->in.at;
}

static void frame(walk *w, num marker, source in)
{
  jpeg *j = w->j;
  if (w->framed || get(&in, 1) != 8)
    refuse(&in, "two frames, or one of other than 8 bits");
  w->framed = true;
  j->progressive = marker == SOF2;
  j->height = get_high_first(&in);
  j->width = get_high_first(&in);
  j->components = get(&in, 1);
  if (j->width < 1 || j->height < 1 || j->components < 1 || j->components > 4
      || left(&in) != 3 * j->components)
    refuse(&in, "a frame of no size, or of no component");
  for (num i = 0; i < j->components; i++) {
    jpeg_component *c = &j->component[i];
    c->id = get(&in, 1);
    const num sampling = get(&in, 1);
    c->h = sampling >> 4;
    c->v = sampling & 15;
    c->quantiser = get(&in, 1);
    if (c->h < 1 || c->h > 4 || c->v < 1 || c->v > 4 || c->quantiser > 3)
      refuse(&in, "a component has no such sampling or quantiser");
    j->h_most = most(j->h_most, c->h);
    j->v_most = most(j->v_most, c->v);
  }
  j->mcus_w = ceil_div(j->width, 8 * j->h_most);
  j->mcus_h = ceil_div(j->height, 8 * j->v_most);
  for (num i = 0; i < j->components; i++) {
    jpeg_component *c = &j->component[i];
    c->width = ceil_div(j->width * c->h, j->h_most);
    c->height = ceil_div(j->height * c->v, j->v_most);
    c->across = j->mcus_w * c->h;
    c->down = j->mcus_h * c->v;
  }
}

/* A scan of a progressive frame begins or goes on with its coefficients in turn. */
static void progress(walk *w, const jpeg_scan *s)
{
  if (s->last > 63 || s->low > 13 || (s->first == 0) != (s->last == 0) || s->first > s->last
      || (s->first > 0 && s->components > 1) || (s->high > 0 && s->high != s->low + 1))
    refuse(&w->in, "a scan has parameters that are not allowed");
  for (num i = 0; i < s->components; i++)
    for (num k = s->first; k <= s->last; k++) {
      num *low = &w->low[s->component[i]][k];
      if (*low != (s->high > 0 ? s->high : -1))
        refuse(&w->in, "a scan is out of turn");
      *low = s->low;
    }
}

static void scan_components(walk *w, jpeg_scan *s, source *in, num *places)
{
  jpeg *j = w->j;
  s->components = get(in, 1);
  if (s->components < 1 || s->components > 4)
    refuse(in, "a scan has no such number of components");
  bool used[4] = {false};
  for (num i = 0; i < s->components; i++) {
    const num id = get(in, 1);
    num c = 0;
    while (c < j->components && (used[c] || j->component[c].id != id))
      c++;
    if (c == j->components)
      refuse(in, "a scan has a component that is not there");
    used[c] = true;
    s->component[i] = c;
    places[i] = get(in, 1);
  }
}

static void start_of_scan(walk *w, source in)
{
  jpeg *j = w->j;
  num places[4], blocks = 0;
  if (!w->framed || j->scans == 256)
    refuse(&in, "a scan before the frame, or too many scans");
  j->scan = realloc(j->scan, (size_t)(j->scans + 1) * sizeof *j->scan);
  if (!j->scan)
    refuse(&in, "no memory");
  jpeg_scan *s = &j->scan[j->scans];
  memset(s, 0, sizeof *s);
  scan_components(w, s, &in, places);
  s->first = get(&in, 1);
  s->last = get(&in, 1);
  s->high = get(&in, 1);
  s->low = s->high & 15;
  s->high >>= 4;
  s->restart = w->restart;
  if (left(&in) != 0)
    refuse(&in, "a scan's header is too long");
  if (j->progressive) {
    progress(w, s);
  } else {
    s->first = s->high = s->low = 0;
    s->last = 63;
  }
  for (num i = 0; i < s->components; i++) {
    const num c = s->component[i];
    jpeg_component *of = &j->component[c];
    const num dc = places[i] >> 4, ac = places[i] & 15;
    if (!j->progressive && w->low[c][0]++ >= 0)
      refuse(&in, "a component is in two scans");
    s->dc[i] = s->first == 0 && s->high == 0 ? (dc < 4 ? w->dc[dc] : -1) : -2;
    s->ac[i] = s->last > 0 ? (ac < 4 ? w->ac[ac] : -1) : -2;
    if (s->dc[i] == -1 || s->ac[i] == -1 || !w->has_step[of->quantiser])
      refuse(&in, "a table that a scan needs is missing");
    if (!of->has_step)
      memcpy(of->step, w->step[of->quantiser], sizeof of->step);
    of->has_step = true;
    blocks += of->h * of->v;
  }
  if (s->components > 1 && blocks > 10)
    refuse(&in, "an MCU has too many blocks");
  piece(w, j->scans++, -1);
  j->piece[j->pieces - 1].end = w->in.at;
}

static void application(walk *w, num marker, source in)
{
  if (w->j->scans > 0)
    return;
  if (marker == APP0 && left(&in) >= 14 && memcmp(in.at, "JFIF", 5) == 0)
    w->j->jfif = true;
  if (marker == APP14 && left(&in) >= 12 && memcmp(in.at, "Adobe", 5) == 0)
    w->j->adobe = in.at[11];
}

static void segment(walk *w, num marker)
{
  const num size = get_high_first(&w->in);
  if (size < 2)
    refuse(&w->in, "a segment has no such length");
  source in = cut(&w->in, size - 2);
  if (marker == SOF0 || marker == SOF1 || marker == SOF2)
    frame(w, marker, in);
  else if (marker == SOS)
    start_of_scan(w, in);
  else if (marker == DQT)
    quantisers(w, in);
  else if (marker == APP0 || marker == APP14)
    application(w, marker, in);
  else if (marker == DRI && size != 4)
    refuse(&in, "a segment DRI has the wrong length");
  else if (marker == DRI)
    w->restart = get_high_first(&in);
}

/* The next marker; 0: there is none. */
static num next_marker(source *in)
{
  num byte = 0, before;
  while (left(in) > 0) {
    before = byte;
    byte = get(in, 1);
    if (before == 0xff && byte != 0xff && byte != 0)
      return byte;
  }
  return 0;
}

static void head(walk *w)
{
  static const uint8_t forbidden[] = {SOI, 0xcc, 0xdc, 0xde, 0xdf};
  jpeg *j = w->j;
  num marker;
  if (get(&w->in, 1) != 0xff || get(&w->in, 1) != SOI)
    refuse(&w->in, "a head is not one of a JPEG file");
  while ((marker = next_marker(&w->in)) != 0 && marker != EOI) {
    if (marker == 1 || (marker >= RST0 && marker <= RST7))
      continue;
    if (memchr(forbidden, (int)marker, sizeof forbidden)
        || (marker > SOF2 && marker <= SOF15 && marker != DHT && marker != 0xc8))
      refuse(&w->in, "a head has a marker that is not allowed");
    if (marker == DHT)
      huffman_tables(w);
    else
      segment(w, marker);
  }
  for (num i = 0; i < j->components; i++)
    if (w->low[i][0] < 0)
      refuse(&w->in, "a component is in no scan");
  if (j->components == 0)
    refuse(&w->in, "a head without a frame");
}

/* ======== 17.3 The side stream ======== */

jpeg *idf_oracle_jpeg(source side)
{
  jpeg *j = room(&side, 1, sizeof *j);
  walk *w = room(&side, 1, sizeof *w);
  const num flags = get(&side, 1);
  source padding = {.name = side.name};
  j->name = side;
  j->adobe = -1;
  j->file_size = get_varint(&side, power(40));
  if (flags > 3)
    refuse(&side, "a side stream's flags are unknown");
  if (flags & 1) {
    const num size = get(&side, 1);
    padding = cut(&side, size);
  }
  j->edits = (source){.name = side.name};
  if (flags & 2) {
    const num size = get_varint(&side, left(&side));
    if (size == 0)
      refuse(&side, "edits that are empty");
    j->edits = cut(&side, size);
  }
  j->head = side;
  w->j = j;
  w->in = side;
  for (int i = 0; i < 4; i++) {
    w->dc[i] = w->ac[i] = -1;
    for (int k = 0; k < 64; k++)
      w->low[i][k] = -1;
  }
  head(w);
  free(w);
  if ((flags & 1) && left(&padding) != ceil_div(j->scans, 8))
    refuse(&side, "the padding of another number of scans");
  num zeros = 0;
  for (num i = 0; i < 8 * left(&padding); i++)
    if (padding.at[i / 8] >> i % 8 & 1) {
      if (i >= j->scans)
        refuse(&side, "the padding of a scan that is not there");
      j->scan[i].zeros = true;
      zeros++;
    }
  if ((flags & 1) && zeros == 0)
    refuse(&side, "padding that need not be said");
  for (num i = 0; i < j->components; i++)
    j->component[i].coef = room(&side, 64 * j->component[i].across * j->component[i].down,
                                sizeof *j->component[i].coef);
  return j;
}

void idf_oracle_jpeg_free(jpeg *j)
{
  for (num i = 0; i < j->components; i++)
    free(j->component[i].coef);
  free(j->scan);
  free(j->table);
  free(j->piece);
  free(j->side);
  free(j);
}

/* ======== 17.10 The file ======== */

static void put_tables(const jpeg *j, const jpeg_piece *p, written *file)
{
  written out = {NULL, 0, 0};
  for (num i = p->first; i < p->first + p->tables; i++) {
    const huffman *t = &j->table[i];
    idf_oracle_put_byte(&j->name, &out, t->place);
    for (int k = 1; k <= 16; k++)
      idf_oracle_put_byte(&j->name, &out, t->codes[k]);
    for (num k = 0; k < t->symbols; k++)
      idf_oracle_put_byte(&j->name, &out, t->symbol[k]);
  }
  if (out.size + 2 > 65535)
    refuse(&j->name, "a segment of Huffman tables is too long");
  idf_oracle_put_byte(&j->name, file, (out.size + 2) >> 8);
  idf_oracle_put_byte(&j->name, file, (out.size + 2) & 255);
  idf_oracle_put(&j->name, file, out.data, out.size);
  free(out.data);
}

typedef struct edits {
  source in;
  bool more;
  num keep, drop;
  source add;
} edits;

static void next_edit(edits *e)
{
  e->more = left(&e->in) > 0;
  if (!e->more)
    return;
  e->keep = get_varint(&e->in, power(62));
  e->drop = get_varint(&e->in, power(62));
  const num size = get_varint(&e->in, left(&e->in));
  e->add = cut(&e->in, size);
}

/* The data of one scan. */
static void put_edited(edits *e, written data, written *file)
{
  num at = 0;
  while (e->more && e->keep <= data.size - at && e->drop <= data.size - at - e->keep) {
    idf_oracle_put(&e->in, file, data.data + at, e->keep);
    idf_oracle_put(&e->in, file, e->add.at, left(&e->add));
    at += e->keep + e->drop;
    next_edit(e);
  }
  if (e->more && e->keep < data.size - at)
    refuse(&e->in, "an edit goes past the end of a scan");
  idf_oracle_put(&e->in, file, data.data + at, data.size - at);
  e->keep -= data.size - at;
}

uint8_t *idf_oracle_jpeg_file(jpeg *j, num *size)
{
  written *data = idf_oracle_scans(j);
  written file = {NULL, 0, 0};
  edits e = {.in = j->edits};
  const uint8_t *at = j->head.at;
  next_edit(&e);
  for (num i = 0; i < j->pieces; i++) {
    const jpeg_piece *p = &j->piece[i];
    idf_oracle_put(&j->name, &file, at, p->start - at);
    if (p->tables < 0)
      put_edited(&e, data[p->first], &file);
    else
      put_tables(j, p, &file);
    at = p->end;
  }
  idf_oracle_put(&j->name, &file, at, j->head.end - at);
  if (e.more)
    refuse(&j->name, "an edit behind the last scan");
  if (file.size != j->file_size)
    refuse(&j->name, "a JPEG file of another size");
  for (num i = 0; i < j->scans; i++)
    free(data[i].data);
  free(data);
  *size = file.size;
  return file.data;
}

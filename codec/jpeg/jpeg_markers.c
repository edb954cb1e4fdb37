/* SPDX-License-Identifier: BSD-3-Clause
 *
 * jpeg_markers.c: parses the marker segments of a JPEG file: T.81 Annex B.
 *
 * It also accepts what decoders in use forgive: bytes between segments, restart markers after the
 * end of a scan, a missing EOI. All this stays in the head, byte for byte.
 *
 * The surprise: one parser reads two formats, a file and the head of a side stream. In a head,
 * scans have no data. A DHT segment is its marker, a byte with the number of tables, and for each
 * table a byte with class and place, a byte with its form and, for IDF_JPEG_FORM_GIVEN, the content
 * of the segment.
 * idf(5), "JPEG FILES".
 */
#include "jpeg.h"
#include "jpeg_inside.h"

#include <string.h>

enum {
  M_TEM = 0x01,
  M_SOF0 = 0xc0,
  M_SOF2 = 0xc2,
  M_DHT = 0xc4,
  M_JPG = 0xc8,
  M_DAC = 0xcc,
  M_SOF15 = 0xcf,
  M_RST0 = 0xd0,
  M_RST7 = 0xd7,
  M_SOI = 0xd8,
  M_EOI = 0xd9,
  M_SOS = 0xda,
  M_DQT = 0xdb,
  M_DNL = 0xdc,
  M_DRI = 0xdd,
  M_DHP = 0xde,
  M_EXP = 0xdf,
  M_APP0 = 0xe0,
  M_APP14 = 0xee
};

#define MCU_BLOCKS 10u /* in one MCU with several components: T.81 B.2.3 */
#define MAX_LOW 13     /* point transform: T.81 B.2.3 */
#define UNSEEN (-1)
/* Limits of the blocks to be visited, over all scans. No file with up to 256 scans needs more
 * visits per byte: a block takes a bit in its DC scan, and even 30 further scans of each block stay
 * within this. */
#define VISITS_PER_BYTE 256u
#define VISITS_FREE ((uint64_t)1 << 20)

typedef struct walk {
  idf_jpeg *jpeg;
  const uint8_t *at, *end;
  bool framed;
  uint32_t dc[4], ac[4]; /* tables in force */
  uint16_t step[4][IDF_JPEG_BLOCK];
  bool step_set[4], latched[IDF_JPEG_COMPONENTS];
  uint32_t restart;
  int8_t low[IDF_JPEG_COMPONENTS][IDF_JPEG_BLOCK]; /* Al of the last scan, or UNSEEN */
  uint64_t visits;
  size_t scan_room, table_room, hole_room;
} walk;

static uint32_t be16(const uint8_t *p)
{
  return (uint32_t)p[0] << 8 | p[1];
}

static uint32_t divide_up(uint32_t a, uint32_t b)
{
  return (a + b - 1) / b;
}

/* Makes room for one more object of `size` bytes after `count`. NULL: no memory; `old` is kept. */
static void *grow(idf_mem *mem, void *old, size_t count, size_t *room, size_t size)
{
  if (count < *room)
    return old;
  size_t more = *room ? 2 * *room : 4;
  void *new = idf_realloc(mem, old, *room * size, more * size);
  if (new)
    *room = more;
  return new;
}

static idf_jpeg_hole *add_hole(walk *w)
{
  idf_jpeg *j = w->jpeg;
  idf_jpeg_hole *hole = grow(j->mem, j->hole, j->holes, &w->hole_room, sizeof *hole);
  if (!hole)
    return NULL;
  j->hole = hole;
  hole += j->holes++;
  *hole = (idf_jpeg_hole){.at = (size_t)(w->at - j->bytes)};
  return hole;
}

/* ---- segments -------------------------------------------------------------------------- */

static idf_jpeg_why read_dqt(walk *w, idf_cur *cur)
{
  while (idf_cur_left(cur) > 0) {
    const uint32_t head = idf_get_u8(cur);
    const size_t bytes = head >> 4 ? 2 : 1;
    const uint8_t *from = idf_get_bytes(cur, bytes * IDF_JPEG_BLOCK);
    if ((head & 15) > 3 || head >> 4 > 1 || !from)
      return IDF_JPEG_TABLE;
    uint16_t *step = w->step[head & 3];
    for (size_t i = 0; i < IDF_JPEG_BLOCK; i++)
      step[i] = bytes == 2 ? (uint16_t)be16(from + 2 * i) : from[i];
    w->step_set[head & 3] = true;
  }
  return IDF_JPEG_OK;
}

static bool table_place_ok(uint32_t place)
{
  return (place & 15) <= 3 && place >> 4 <= 1;
}

/* Reads the counts of codes and the symbols, which are the same in both formats. */
static idf_jpeg_why table_body(idf_jpeg_table *t, idf_cur *cur)
{
  uint32_t symbols = 0;
  for (int i = 1; i <= 16; i++) {
    t->bits[i] = (uint8_t)idf_get_u8(cur);
    symbols += t->bits[i];
  }
  if (symbols > 256)
    return IDF_JPEG_TABLE;
  const uint8_t *value = idf_get_bytes(cur, symbols);
  if (!value)
    return IDF_JPEG_TABLE;
  memcpy(t->value, value, symbols);
  t->symbols = (uint16_t)symbols;
  return IDF_JPEG_OK;
}

/* Reads one table of a DHT segment; in a head its form follows its place. */
static idf_jpeg_why read_table(walk *w, idf_cur *cur)
{
  idf_jpeg *j = w->jpeg;
  idf_jpeg_table *t = grow(j->mem, j->table, j->tables, &w->table_room, sizeof *t);
  if (!t)
    return IDF_JPEG_MEMORY;
  j->table = t;
  t += j->tables;
  memset(t, 0, sizeof *t);
  t->place = (uint8_t)idf_get_u8(cur);
  const uint32_t form = j->whole_file ? (uint32_t)IDF_JPEG_FORM_GIVEN : idf_get_u8(cur);
  if (cur->bad || !table_place_ok(t->place))
    return IDF_JPEG_TABLE;
  if (form == IDF_JPEG_FORM_OPTIMAL) {
    t->optimal = true;
  } else if (form == IDF_JPEG_FORM_GIVEN) {
    const idf_jpeg_why why = table_body(t, cur);
    if (why != IDF_JPEG_OK)
      return why;
  } else if (!idf_jpeg_standard(form, t)) {
    return IDF_JPEG_TABLE;
  }
  (t->place >> 4 ? w->ac : w->dc)[t->place & 3] = j->tables++;
  return IDF_JPEG_OK;
}

static idf_jpeg_why read_dht(walk *w, idf_cur *cur)
{
  idf_jpeg *j = w->jpeg;
  idf_jpeg_hole *hole = add_hole(w);
  if (!hole)
    return IDF_JPEG_MEMORY;
  hole->first = j->tables;
  const uint32_t count = j->whole_file ? UINT32_MAX : idf_get_u8(cur);
  for (uint32_t i = 0; i < count && (idf_cur_left(cur) > 0 || !j->whole_file); i++) {
    const idf_jpeg_why why = read_table(w, cur);
    if (why != IDF_JPEG_OK)
      return why;
  }
  if (cur->bad)
    return IDF_JPEG_CUT_HEADER;
  hole->tables = j->tables - hole->first;
  hole->len = (size_t)(cur->at - j->bytes) - hole->at;
  return IDF_JPEG_OK;
}

/* T.81 A.1.1, A.2.4: computes the sizes of the components, in samples and in blocks. */
static void size_components(idf_jpeg *j)
{
  j->mcus_w = divide_up(j->width, 8u * j->h_max);
  j->mcus_h = divide_up(j->height, 8u * j->v_max);
  for (unsigned i = 0; i < j->components; i++) {
    idf_jpeg_component *c = &j->component[i];
    c->width = divide_up(j->width * c->h, j->h_max);
    c->height = divide_up(j->height * c->v, j->v_max);
    c->used_w = divide_up(c->width, 8);
    c->used_h = divide_up(c->height, 8);
    c->blocks_w = j->mcus_w * c->h;
    c->blocks_h = j->mcus_h * c->v;
  }
}

/* T.81 B.2.2. */
static idf_jpeg_why read_sof(walk *w, idf_cur *cur, uint32_t marker, uint64_t max_pixels)
{
  idf_jpeg *j = w->jpeg;
  const size_t size = idf_cur_left(cur);
  const uint8_t *p = idf_get_bytes(cur, size);
  if (w->framed)
    return IDF_JPEG_FRAME;
  if (size < 6 || p[5] < 1 || p[5] > IDF_JPEG_COMPONENTS || size != 6 + 3u * p[5])
    return IDF_JPEG_FRAME;
  if (p[0] != 8)
    return IDF_JPEG_PRECISION;
  j->frame = (uint8_t)(marker - M_SOF0);
  j->height = be16(p + 1);
  j->width = be16(p + 3);
  j->components = p[5];
  if (j->height == 0)
    return IDF_JPEG_NO_HEIGHT;
  if (j->width == 0)
    return IDF_JPEG_FRAME;
  if ((uint64_t)j->width * j->height > max_pixels)
    return IDF_JPEG_LIMIT;
  for (unsigned i = 0; i < j->components; i++) {
    idf_jpeg_component *c = &j->component[i];
    c->id = p[6 + 3 * i];
    c->h = p[7 + 3 * i] >> 4;
    c->v = p[7 + 3 * i] & 15;
    c->tq = p[8 + 3 * i];
    if (c->h < 1 || c->h > 4 || c->v < 1 || c->v > 4 || c->tq > 3)
      return IDF_JPEG_FRAME;
    j->h_max = IDF_MAX(j->h_max, c->h);
    j->v_max = IDF_MAX(j->v_max, c->v);
  }
  size_components(j);
  w->framed = true;
  return IDF_JPEG_OK;
}

static void read_app(walk *w, idf_cur *cur, uint32_t marker)
{
  const size_t size = idf_cur_left(cur);
  const uint8_t *p = idf_get_bytes(cur, size);
  if (w->jpeg->scans)
    return;
  if (marker == M_APP0 && size >= 14 && memcmp(p, "JFIF", 5) == 0)
    w->jpeg->jfif = true;
  if (marker == M_APP14 && size >= 12 && memcmp(p, "Adobe", 5) == 0) {
    w->jpeg->adobe = true;
    w->jpeg->adobe_transform = p[11];
  }
}

/* ---- scans ----------------------------------------------------------------------------- */

/* Finds the component with this id that the scan does not have yet. */
static bool find_component(const idf_jpeg *j, idf_jpeg_scan *s, uint32_t id)
{
  for (uint8_t i = 0; i < j->components; i++)
    if (j->component[i].id == id && !memchr(s->component, i, s->components)) {
      s->component[s->components++] = i;
      return true;
    }
  return false;
}

/* Checks the parameters of a progressive scan: T.81 B.2.3 and G.1.1.1. Each coefficient is begun
 * once, then refined by one bit at a time. */
static idf_jpeg_why check_progress(walk *w, const idf_jpeg_scan *s)
{
  if (s->last > 63 || s->first > s->last || s->low > MAX_LOW)
    return IDF_JPEG_SCAN;
  if (s->first == 0 ? s->last != 0 : s->components != 1)
    return IDF_JPEG_SCAN;
  if (s->high && s->high != s->low + 1)
    return IDF_JPEG_SCAN;
  for (unsigned i = 0; i < s->components; i++)
    for (unsigned k = s->first; k <= s->last; k++) {
      int8_t *low = &w->low[s->component[i]][k];
      if (*low != (s->high ? (int8_t)s->high : UNSEEN))
        return IDF_JPEG_SCAN;
      *low = (int8_t)s->low;
    }
  return IDF_JPEG_OK;
}

/* In sequential frames the four parameters mean nothing; decoders ignore them. */
static idf_jpeg_why check_sequential(walk *w, idf_jpeg_scan *s)
{
  s->first = s->high = s->low = 0;
  s->last = 63;
  for (unsigned i = 0; i < s->components; i++) {
    if (w->low[s->component[i]][0] != UNSEEN)
      return IDF_JPEG_SCAN;
    w->low[s->component[i]][0] = 0;
  }
  return IDF_JPEG_OK;
}

/* Takes the tables in force; those that the scan uses must exist. */
static idf_jpeg_why take_tables(walk *w, idf_jpeg_scan *s, const uint8_t *places)
{
  idf_jpeg *j = w->jpeg;
  const bool dc = s->first == 0 && !s->high, ac = s->last > 0;
  for (unsigned i = 0; i < s->components; i++) {
    idf_jpeg_component *c = &j->component[s->component[i]];
    const uint32_t td = places[2 * i] >> 4, ta = places[2 * i] & 15;
    s->dc[i] = dc && td <= 3 ? w->dc[td] : IDF_JPEG_NO_TABLE;
    s->ac[i] = ac && ta <= 3 ? w->ac[ta] : IDF_JPEG_NO_TABLE;
    if ((dc && s->dc[i] == IDF_JPEG_NO_TABLE) || (ac && s->ac[i] == IDF_JPEG_NO_TABLE))
      return IDF_JPEG_TABLE;
    if (!w->latched[s->component[i]]) {
      if (!w->step_set[c->tq])
        return IDF_JPEG_TABLE;
      memcpy(c->step, w->step[c->tq], sizeof c->step);
      w->latched[s->component[i]] = true;
    }
  }
  return IDF_JPEG_OK;
}

/* The end of the entropy-coded data from `at` on: a marker other than RST, or `end`. */
static const uint8_t *scan_end(const uint8_t *at, const uint8_t *end)
{
  while (at < end) {
    const uint8_t *ff = memchr(at, 0xff, (size_t)(end - at));
    if (!ff || end - ff < 2)
      return end;
    if (ff[1] == 0xff)
      at = ff + 1;
    else if (ff[1] == 0 || (ff[1] >= M_RST0 && ff[1] <= M_RST7))
      at = ff + 2;
    else
      return ff;
  }
  return end;
}

/* Checks that the data can hold the blocks, and that all scans together have few enough of them.
 * This happens before memory or time is spent on them. */
static idf_jpeg_why check_amount(walk *w, const idf_jpeg_scan *s)
{
  const idf_jpeg *j = w->jpeg;
  uint64_t blocks = 0;
  unsigned in_mcu = 0;
  for (unsigned i = 0; i < s->components; i++) {
    const idf_jpeg_component *c = &j->component[s->component[i]];
    in_mcu += (unsigned)(c->h * c->v);
    blocks +=
        s->components == 1 ? (uint64_t)c->used_w * c->used_h : (uint64_t)c->blocks_w * c->blocks_h;
  }
  if (s->components > 1 && in_mcu > MCU_BLOCKS)
    return IDF_JPEG_SCAN;
  /* A code has at least one bit; a sequential block has at least two. */
  const uint64_t least = s->first > 0 ? 0 : s->last > 0 ? 2 * blocks : blocks;
  const uint64_t bytes = j->whole_file ? s->end - s->start : j->file_len;
  if (least / 8 > bytes)
    return IDF_JPEG_CUT_SCAN;
  w->visits += blocks;
  if (w->visits > VISITS_FREE && (w->visits - VISITS_FREE) / VISITS_PER_BYTE > j->file_len)
    return IDF_JPEG_MANY_SCANS;
  return IDF_JPEG_OK;
}

/* T.81 B.2.3. w->at is behind the segment. */
static idf_jpeg_why read_sos(walk *w, idf_cur *cur)
{
  idf_jpeg *j = w->jpeg;
  const size_t size = idf_cur_left(cur);
  const uint8_t *p = idf_get_bytes(cur, size);
  if (!w->framed)
    return IDF_JPEG_FRAME;
  if (size < 1 || p[0] < 1 || p[0] > IDF_JPEG_COMPONENTS || size != 4 + 2u * p[0])
    return IDF_JPEG_SCAN;
  if (j->scans == IDF_JPEG_SCANS)
    return IDF_JPEG_MANY_SCANS;
  idf_jpeg_scan *s = grow(j->mem, j->scan, j->scans, &w->scan_room, sizeof *s);
  if (!s)
    return IDF_JPEG_MEMORY;
  j->scan = s;
  s += j->scans;
  const uint8_t *q = p + 1 + 2 * p[0];
  *s = (idf_jpeg_scan){
      .first = q[0], .last = q[1], .high = q[2] >> 4, .low = q[2] & 15, .restart = w->restart};
  for (unsigned i = 0; i < p[0]; i++)
    if (!find_component(j, s, p[1 + 2 * i]))
      return IDF_JPEG_SCAN;
  idf_jpeg_why why = j->frame == 2 ? check_progress(w, s) : check_sequential(w, s);
  if (why == IDF_JPEG_OK)
    why = take_tables(w, s, p + 2);
  if (why != IDF_JPEG_OK)
    return why;
  s->start = (size_t)(w->at - j->bytes);
  const uint8_t *end = j->whole_file ? scan_end(w->at, w->end) : w->at;
  s->end = (size_t)(end - j->bytes);
  idf_jpeg_hole *hole = add_hole(w);
  if (!hole)
    return IDF_JPEG_MEMORY;
  hole->is_scan = true;
  hole->first = j->scans++;
  w->at = end;
  return check_amount(w, s);
}

/* ---- the walk -------------------------------------------------------------------------- */

/* Moves behind the next marker and returns its second byte; 0: there is none. */
static uint32_t next_marker(walk *w)
{
  while (w->at < w->end) {
    const uint8_t *ff = memchr(w->at, 0xff, (size_t)(w->end - w->at));
    if (!ff)
      break;
    while (ff < w->end && *ff == 0xff)
      ff++;
    if (ff == w->end)
      break;
    w->at = ff + 1;
    if (*ff != 0)
      return *ff;
  }
  w->at = w->end;
  return 0;
}

/* The reason to refuse a marker without a segment, or a kind of frame. */
static idf_jpeg_why refused(uint32_t marker)
{
  switch (marker) {
  case M_SOI:
    return IDF_JPEG_SEGMENT;
  case M_SOF0 + 3:
  case M_SOF0 + 11:
    return IDF_JPEG_LOSSLESS;
  case M_SOF0 + 9:
  case M_SOF0 + 10:
  case M_DAC:
    return IDF_JPEG_ARITHMETIC;
  case M_DNL:
    return IDF_JPEG_NO_HEIGHT;
  case M_DHP:
  case M_EXP:
    return IDF_JPEG_HIERARCHICAL;
  default:
    return marker > M_SOF2 && marker <= M_SOF15 && marker != M_DHT && marker != M_JPG
               ? IDF_JPEG_HIERARCHICAL
               : IDF_JPEG_OK;
  }
}

/* Reads a segment with a length. w->at moves from the length to the end of the segment. */
static idf_jpeg_why read_segment(walk *w, uint32_t marker, uint64_t max_pixels)
{
  if (w->end - w->at < 2)
    return IDF_JPEG_CUT_HEADER;
  const size_t size = be16(w->at);
  if (size < 2)
    return IDF_JPEG_SEGMENT;
  if ((size_t)(w->end - w->at) < size)
    return IDF_JPEG_CUT_HEADER;
  idf_cur cur = idf_cur_of(w->at + 2, size - 2);
  idf_jpeg_why why = IDF_JPEG_OK;
  if (marker == M_DHT)
    why = read_dht(w, &cur);
  w->at += size;
  switch (marker) {
  case M_SOF0:
  case M_SOF0 + 1:
  case M_SOF2:
    return read_sof(w, &cur, marker, max_pixels);
  case M_SOS:
    return read_sos(w, &cur);
  case M_DQT:
    return read_dqt(w, &cur);
  case M_DRI:
    if (size != 4)
      return IDF_JPEG_SEGMENT;
    w->restart = be16(cur.at);
    return IDF_JPEG_OK;
  case M_APP0:
  case M_APP14:
    read_app(w, &cur, marker);
    return IDF_JPEG_OK;
  default:
    return why;
  }
}

static idf_jpeg_why read_markers(walk *w, uint64_t max_pixels)
{
  uint32_t marker;
  while ((marker = next_marker(w)) != 0 && marker != M_EOI) {
    idf_jpeg_why why = refused(marker);
    if (marker == M_TEM || (marker >= M_RST0 && marker <= M_RST7))
      continue;
    if (why == IDF_JPEG_OK && marker == M_DHT && !w->jpeg->whole_file) {
      idf_cur cur = idf_cur_of(w->at, (size_t)(w->end - w->at));
      why = read_dht(w, &cur);
      w->at = cur.at;
    } else if (why == IDF_JPEG_OK) {
      why = read_segment(w, marker, max_pixels);
    }
    if (why != IDF_JPEG_OK)
      return why;
  }
  if (w->jpeg->scans == 0)
    return marker ? IDF_JPEG_NO_SCAN : IDF_JPEG_CUT_HEADER;
  for (unsigned i = 0; i < w->jpeg->components; i++)
    if (w->low[i][0] == UNSEEN)
      return IDF_JPEG_NO_SCAN;
  return IDF_JPEG_OK;
}

idf_jpeg_why idf_jpeg_walk(idf_jpeg *jpeg, uint64_t max_pixels)
{
  walk w = {.jpeg = jpeg, .at = jpeg->bytes, .end = jpeg->bytes + jpeg->len};
  memset(w.low, UNSEEN, sizeof w.low);
  for (int i = 0; i < 4; i++)
    w.dc[i] = w.ac[i] = IDF_JPEG_NO_TABLE;
  if (jpeg->len < 2 || w.at[0] != 0xff || w.at[1] != M_SOI)
    return IDF_JPEG_NOT_JPEG;
  w.at += 2;
  return read_markers(&w, max_pixels);
}

idf_jpeg_why idf_jpeg_parse(idf_jpeg *jpeg, idf_mem *mem, const uint8_t *file, size_t len,
                            uint64_t max_pixels)
{
  *jpeg = (idf_jpeg){.bytes = file, .len = len, .file_len = len, .whole_file = true, .mem = mem};
  const idf_jpeg_why why = idf_jpeg_walk(jpeg, max_pixels);
  if (why != IDF_JPEG_OK)
    idf_jpeg_free(jpeg);
  return why;
}

void idf_jpeg_free(idf_jpeg *jpeg)
{
  idf_free(jpeg->mem, jpeg->scan);
  idf_free(jpeg->mem, jpeg->table);
  idf_free(jpeg->mem, jpeg->hole);
  *jpeg = (idf_jpeg){.mem = jpeg->mem};
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * jpeg_side.c: the side stream: everything but the coefficients; and the file made of both.
 *
 * side  = flags, varint bytes of the file, [u8 size, padding], [varint size, edits], head
 * flags = bit 0: padding follows, a bit for each scan, the lowest first, 1: padded with 0; else
 *         all are padded with 1; bit 1: edits follow
 * edit  = varint bytes kept, varint bytes that go, varint bytes that come, these
 * head  = the file without the data of its scans, DHT segments as jpeg_markers.c says
 *
 * Edits turn the writer's data of all scans, one after the other, into those of the file. They are
 * meant for small differences such as padding of both kinds in one scan. After most other
 * differences nothing matches any more, and the file is refused.
 * idf(5), "JPEG FILES".
 */
#include "jpeg_write.h"

#include <string.h>

enum { FLAG_PADDING = 1, FLAG_EDITS = 2, FLAGS = 3 };

#define EDIT_SHARE 100u /* edits are at most 1 / EDIT_SHARE of the data, and EDIT_FREE bytes */
#define EDIT_FREE 16u
#define EDIT_REACH 4u /* bytes searched on either side of a difference */
#define EDIT_AGREE 8u /* equal bytes that end it */
#define MAX_FILE ((uint64_t)1 << 40)

/* ---- edits ----------------------------------------------------------------------------- */

typedef struct differ {
  idf_buf *out;
  uint64_t kept; /* equal bytes since the last edit */
  size_t start, most;
} differ;

/* The number of bytes that are equal at the start of both. */
static size_t equal(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
  const size_t len = IDF_MIN(a_len, b_len);
  size_t n = 0;
  while (len - n >= 32 && memcmp(a + n, b + n, 32) == 0)
    n += 32;
  while (n < len && a[n] == b[n])
    n++;
  return n;
}

/* Finds the fewest bytes to drop from `a` and to take from `b` until both agree. */
static void resync(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len, size_t *drop,
                   size_t *add)
{
  for (size_t sum = 1; sum <= 2 * EDIT_REACH; sum++)
    for (size_t i = sum > EDIT_REACH ? sum - EDIT_REACH : 0; i <= IDF_MIN(sum, EDIT_REACH); i++) {
      const size_t k = sum - i;
      if (i > a_len || k > b_len)
        continue;
      const size_t n = equal(a + i, a_len - i, b + k, b_len - k);
      if (n >= EDIT_AGREE || (n == a_len - i && n == b_len - k)) {
        *drop = i;
        *add = k;
        return;
      }
    }
  *drop = IDF_MIN(EDIT_REACH, a_len);
  *add = IDF_MIN(EDIT_REACH, b_len);
}

/* Writes edits that turn the written data into those of the file; false: too many. */
static bool diff_scan(differ *d, const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
  const uint8_t *const first = b;
  for (;;) {
    const size_t n = equal(a, a_len, b, b_len);
    size_t drop, add;
    d->kept += n;
    if (n == a_len && n == b_len)
      return true;
    a += n, a_len -= n, b += n, b_len -= n;
    resync(a, a_len, b, b_len, &drop, &add);
    if (b == first && drop == 0)
      return false; /* would count as the end of the scan before */
    idf_put_varint(d->out, d->kept);
    idf_put_varint(d->out, drop);
    idf_put_varint(d->out, add);
    idf_put_bytes(d->out, b, add);
    d->kept = 0;
    a += drop, a_len -= drop, b += add, b_len -= add;
    if (d->out->len - d->start > d->most)
      return false;
  }
}

static idf_jpeg_why make_edits(const idf_jpeg *j, const idf_jpeg_writer *writer, idf_buf *edits)
{
  differ d = {.out = edits};
  size_t total = 0;
  for (uint32_t i = 0; i < j->scans; i++)
    total += j->scan[i].used;
  d.most = total / EDIT_SHARE + EDIT_FREE;
  for (uint32_t i = 0; i < j->scans; i++) {
    const idf_buf *out = idf_jpeg_written(writer, i);
    if (!diff_scan(&d, out->data, out->len, j->bytes + j->scan[i].start, j->scan[i].used))
      return IDF_JPEG_PATCHES;
  }
  return edits->bad ? IDF_JPEG_MEMORY : IDF_JPEG_OK;
}

/* ---- put ------------------------------------------------------------------------------- */

static void put_given(idf_buf *out, const idf_jpeg_table *t)
{
  idf_put_bytes(out, t->bits + 1, 16);
  idf_put_bytes(out, t->value, t->symbols);
}

static void put_tables(const idf_jpeg *j, const idf_jpeg_writer *writer, const idf_jpeg_hole *hole,
                       idf_buf *out)
{
  idf_put_u8(out, hole->tables);
  for (uint32_t i = hole->first; i < hole->first + hole->tables; i++) {
    const idf_jpeg_table *t = &j->table[i];
    uint32_t form = idf_jpeg_form(t);
    if (form == IDF_JPEG_FORM_GIVEN && idf_jpeg_table_is_optimal(writer, i))
      form = IDF_JPEG_FORM_OPTIMAL;
    idf_put_u8(out, t->place);
    idf_put_u8(out, form);
    if (form == IDF_JPEG_FORM_GIVEN)
      put_given(out, t);
  }
}

/* Writes the file without what is generated again. */
static idf_jpeg_why put_head(const idf_jpeg *j, const idf_jpeg_writer *writer, idf_buf *out)
{
  size_t at = 0;
  for (uint32_t i = 0; i < j->holes; i++) {
    const idf_jpeg_hole *hole = &j->hole[i];
    idf_put_bytes(out, j->bytes + at, hole->at - at);
    at = hole->at + (hole->is_scan ? j->scan[hole->first].used : hole->len);
    if (hole->is_scan)
      continue;
    if (hole->tables > 255)
      return IDF_JPEG_TABLE;
    put_tables(j, writer, hole, out);
  }
  idf_put_bytes(out, j->bytes + at, j->len - at);
  return out->bad ? IDF_JPEG_MEMORY : IDF_JPEG_OK;
}

idf_jpeg_why idf_jpeg_side_put(const idf_jpeg *jpeg, const idf_jpeg_writer *writer, idf_buf *out)
{
  idf_buf edits;
  uint8_t padding[(IDF_JPEG_SCANS + 7) / 8] = {0};
  uint32_t flags = 0;
  idf_buf_init(&edits, jpeg->mem);
  const idf_jpeg_why why = make_edits(jpeg, writer, &edits);
  if (why != IDF_JPEG_OK) {
    idf_buf_free(&edits);
    return why;
  }
  for (uint32_t i = 0; i < jpeg->scans; i++)
    if (jpeg->scan[i].zero_padding) {
      padding[i / 8] = (uint8_t)(padding[i / 8] | 1u << i % 8);
      flags |= FLAG_PADDING;
    }
  flags |= edits.len ? FLAG_EDITS : 0;
  idf_put_u8(out, flags);
  idf_put_varint(out, jpeg->len);
  if (flags & FLAG_PADDING) {
    idf_put_u8(out, (jpeg->scans + 7) / 8);
    idf_put_bytes(out, padding, (jpeg->scans + 7) / 8);
  }
  if (flags & FLAG_EDITS) {
    idf_put_varint(out, edits.len);
    idf_put_bytes(out, edits.data, edits.len);
  }
  idf_buf_free(&edits);
  return put_head(jpeg, writer, out);
}

/* ---- get ------------------------------------------------------------------------------- */

/* The number of scans is in the head, after the padding, so the padding is read last. */
static idf_jpeg_why get_padding(idf_jpeg *j, const uint8_t *padding, size_t len)
{
  bool any = false;
  if (len != (j->scans + 7) / 8)
    return IDF_JPEG_SIDE;
  for (uint32_t i = 0; i < 8 * len; i++) {
    const bool zero = padding[i / 8] >> i % 8 & 1;
    if (zero && i >= j->scans)
      return IDF_JPEG_SIDE;
    if (zero)
      j->scan[i].zero_padding = any = true;
  }
  return any ? IDF_JPEG_OK : IDF_JPEG_SIDE;
}

idf_jpeg_why idf_jpeg_side_get(idf_jpeg *jpeg, idf_mem *mem, const uint8_t *side, size_t len,
                               uint64_t max_pixels)
{
  idf_cur cur = idf_cur_of(side, len);
  const uint8_t *padding = NULL;
  size_t padding_len = 0;
  *jpeg = (idf_jpeg){.mem = mem};
  const uint32_t flags = idf_get_u8(&cur);
  jpeg->file_len = idf_get_varint(&cur, MAX_FILE);
  if (flags & FLAG_PADDING) {
    padding_len = idf_get_u8(&cur);
    padding = idf_get_bytes(&cur, padding_len);
  }
  if (flags & FLAG_EDITS) {
    jpeg->patch_len = (size_t)idf_get_varint(&cur, len);
    jpeg->patch = idf_get_bytes(&cur, jpeg->patch_len);
  }
  if (cur.bad || flags > FLAGS || (jpeg->patch && jpeg->patch_len == 0))
    return IDF_JPEG_SIDE;
  jpeg->bytes = cur.at;
  jpeg->len = idf_cur_left(&cur);
  idf_jpeg_why why = idf_jpeg_walk(jpeg, max_pixels);
  if (why == IDF_JPEG_OK && padding)
    why = get_padding(jpeg, padding, padding_len);
  if (why != IDF_JPEG_OK)
    idf_jpeg_free(jpeg);
  return why;
}

/* ---- emit ------------------------------------------------------------------------------ */

typedef struct emitter {
  idf_jpeg_sink *sink;
  void *to;
  idf_cur edits;
  uint64_t keep, drop; /* of the next edit */
  const uint8_t *add;
  size_t add_len;
  bool more;     /* keep, drop and add are valid */
  uint64_t sent; /* bytes */
  idf_status status;
} emitter;

static void send(emitter *e, const uint8_t *data, size_t len)
{
  if (len == 0 || e->status != IDF_OK)
    return;
  e->sent += len;
  e->status = e->sink(e->to, data, len);
}

static void next_edit(emitter *e)
{
  e->more = idf_cur_left(&e->edits) > 0;
  if (!e->more)
    return;
  const uint64_t most = (uint64_t)1 << 62;
  e->keep = idf_get_varint(&e->edits, most);
  e->drop = idf_get_varint(&e->edits, most);
  e->add_len = (size_t)idf_get_varint(&e->edits, idf_cur_left(&e->edits));
  e->add = idf_get_bytes(&e->edits, e->add_len);
  if (e->edits.bad) {
    e->status = IDF_ERR_CORRUPT;
    e->more = false;
  }
}

/* Sends the data of one scan, edited. An edit at the very end of a scan belongs to it and not to
 * the next: otherwise its bytes would come after the markers between them. */
static void send_scan(emitter *e, const uint8_t *data, size_t len)
{
  while (e->status == IDF_OK && e->more && e->keep <= len && e->drop <= len - e->keep) {
    const size_t keep = (size_t)e->keep;
    send(e, data, keep);
    send(e, e->add, e->add_len);
    data += keep + (size_t)e->drop;
    len -= keep + (size_t)e->drop;
    next_edit(e);
  }
  send(e, data, len);
  if (e->more && e->keep < len)
    e->status = IDF_ERR_CORRUPT; /* it drops more than the scan has */
  e->keep -= len;
}

static void send_tables(emitter *e, const idf_jpeg *j, const idf_jpeg_writer *writer,
                        const idf_jpeg_hole *hole)
{
  idf_buf out;
  idf_buf_init(&out, j->mem);
  idf_put_le16(&out, 0);
  for (uint32_t i = hole->first; i < hole->first + hole->tables; i++) {
    const idf_jpeg_table *t = idf_jpeg_written_table(writer, i);
    idf_put_u8(&out, t->place);
    put_given(&out, t);
  }
  if (out.bad)
    e->status = idf_mem_status(j->mem);
  else if (out.len > 0xffff)
    e->status = IDF_ERR_CORRUPT;
  if (e->status == IDF_OK) {
    out.data[0] = (uint8_t)(out.len >> 8);
    out.data[1] = (uint8_t)(out.len & 0xff);
    send(e, out.data, out.len);
  }
  idf_buf_free(&out);
}

idf_status idf_jpeg_emit(const idf_jpeg *jpeg, const idf_jpeg_writer *writer, idf_jpeg_sink *sink,
                         void *to)
{
  emitter e = {.sink = sink, .to = to, .edits = idf_cur_of(jpeg->patch, jpeg->patch_len)};
  size_t at = 0;
  next_edit(&e);
  for (uint32_t i = 0; i < jpeg->holes && e.status == IDF_OK; i++) {
    const idf_jpeg_hole *hole = &jpeg->hole[i];
    send(&e, jpeg->bytes + at, hole->at - at);
    at = hole->at + hole->len;
    if (hole->is_scan) {
      const idf_buf *out = idf_jpeg_written(writer, hole->first);
      send_scan(&e, out->data, out->len);
    } else {
      send_tables(&e, jpeg, writer, hole);
    }
  }
  send(&e, jpeg->bytes + at, jpeg->len - at);
  if (e.status == IDF_OK && (e.more || e.sent != jpeg->file_len))
    return IDF_ERR_CORRUPT;
  return e.status;
}

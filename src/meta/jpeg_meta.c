/* SPDX-License-Identifier: BSD-3-Clause
 *
 * jpeg_meta.c: converts the segments of a JPEG to PNG chunks.
 * idf(5), "METADATA".
 */
#include "jpeg_meta.h"

#include <stdio.h>
#include <string.h>

#include "comment.h"
#include "jpeg.h"

#define STORED 65535 /* bytes in a stored deflate block at most */

static const char icc_name[] = "ICC_PROFILE"; /* with its zero */

void idf_jpeg_meta_init(idf_jpeg_meta *meta, idf_chunks *chunks, uint64_t limit)
{
  memset(meta, 0, sizeof *meta);
  meta->mem = chunks->mem;
  meta->chunks = chunks;
  meta->limit = limit;
  meta->icc.mem = meta->mem;
  idf_buf_init(&meta->irb, meta->mem);
}

void idf_jpeg_meta_free(idf_jpeg_meta *meta)
{
  if (!meta->chunks)
    return;
  idf_buf_free(&meta->irb);
  idf_chunks_free(&meta->icc);
}

/* ---- chunks ----------------------------------------------------------------------------- */

/* Segments that wait to be joined count, too. */
static bool has_room(const idf_jpeg_meta *meta, size_t size)
{
  const uint64_t used = meta->chunks->bytes + meta->icc.bytes + meta->irb.len;

  return used <= meta->limit && size <= meta->limit - used;
}

static idf_status too_many(idf_jpeg_meta *meta)
{
  meta->over = true;
  return IDF_ERR_LIMIT;
}

static void remark(const idf_jpeg_meta *meta, const char *text)
{
  if (meta->remark)
    meta->remark(meta->context, text);
}

static idf_status add(idf_jpeg_meta *meta, const char type[4], const uint8_t *data, size_t size)
{
  if (!has_room(meta, size))
    return too_many(meta);
  return idf_chunks_add(meta->chunks, type, data, size, meta->after_pixels);
}

/* Adds the buffer as a chunk and frees it. */
static idf_status add_buffer(idf_jpeg_meta *meta, const char type[4], idf_buf *buffer)
{
  const idf_status status =
      buffer->bad ? idf_mem_status(meta->mem) : add(meta, type, buffer->data, buffer->len);

  idf_buf_free(buffer);
  return status;
}

/* Adds a chunk of two parts. */
static idf_status add_joined(idf_jpeg_meta *meta, const char type[4], const void *head,
                             size_t head_size, const uint8_t *data, size_t size)
{
  idf_buf out;

  if (!has_room(meta, size))
    return too_many(meta);
  idf_buf_init(&out, meta->mem);
  idf_put_bytes(&out, head, head_size);
  idf_put_bytes(&out, data, size);
  return add_buffer(meta, type, &out);
}

static idf_status add_segment(idf_jpeg_meta *meta, unsigned marker, const uint8_t *data,
                              size_t size)
{
  const uint8_t code = (uint8_t)marker;

  return add_joined(meta, "jpSg", &code, 1, data, size);
}

/* Whether the segment begins with the `size` bytes of a name, which are then removed. */
static bool named(const uint8_t **data, size_t *size, const char *name, size_t name_size)
{
  if (*size < name_size || memcmp(*data, name, name_size) != 0)
    return false;
  *data += name_size;
  *size -= name_size;
  return true;
}

/* ---- one segment, one chunk --------------------------------------------------------------- */

/* The density of JFIF: unit (0 none, 1 an inch, 2 a centimetre), then across and down as 16
 * bits. */
static idf_status add_density(idf_jpeg_meta *meta, const uint8_t *data)
{
  const unsigned unit = data[0];
  uint32_t dots[2];
  uint8_t chunk[9];

  for (unsigned i = 0; i < 2; i++) {
    dots[i] = (uint32_t)data[1 + 2 * i] << 8 | data[2 + 2 * i];
    if (unit == 1) /* 254 / 10000 of a metre */
      dots[i] = (dots[i] * 10000 + 127) / 254;
    else if (unit == 2)
      dots[i] *= 100;
    for (unsigned k = 0; k < 4; k++)
      chunk[4 * i + k] = (uint8_t)(dots[i] >> (24 - 8 * k));
  }
  chunk[8] = unit != 0;
  meta->density = true;
  if (unit == 0 && dots[0] == dots[1])
    return IDF_OK;
  return add(meta, "pHYs", chunk, sizeof chunk);
}

/* "JFIF", version (2), unit, density (2 x 2), sides of a thumbnail (2), the thumbnail. The version
 * says nothing about the picture. */
static idf_status app0(idf_jpeg_meta *meta, const uint8_t *data, size_t size)
{
  const bool plain = size == 14 && memcmp(data, "JFIF", 5) == 0 && data[7] <= 2
                     && (data[8] || data[9]) && (data[10] || data[11]) && !(data[12] && data[13]);

  /* pHYs must come before the pixels. */
  if (!plain || meta->density || meta->after_pixels)
    return add_segment(meta, IDF_JPEG_APP0, data, size);
  return add_density(meta, data + 7);
}

/* The byte after the name is padding, which some writers do not set to zero. */
static bool is_exif(const uint8_t *data, size_t size)
{
  return size >= 10 && memcmp(data, "Exif", 5) == 0
         && (memcmp(data + 6, "II*\0", 4) == 0 || memcmp(data + 6, "MM\0*", 4) == 0);
}

static idf_status app1(idf_jpeg_meta *meta, const uint8_t *data, size_t size)
{
  static const char xmp[] = "http://ns.adobe.com/xap/1.0/";
  /* The keyword, then: not compressed, method 0, no language, no translated keyword. */
  static const char head[] = "XML:com.adobe.xmp\0\0\0\0";
  const uint8_t *packet = data;
  size_t packet_size = size;

  if (is_exif(data, size) && !meta->exif) {
    meta->exif = true;
    return add(meta, "eXIf", data + 6, size - 6);
  }
  if (!meta->xmp && named(&packet, &packet_size, xmp, sizeof xmp) && packet_size > 0) {
    meta->xmp = true;
    return add_joined(meta, "iTXt", head, sizeof head, packet, packet_size);
  }
  return add_segment(meta, IDF_JPEG_APP1, data, size);
}

/* Zeros at the end are not part of the text. */
static idf_status comment(idf_jpeg_meta *meta, const uint8_t *data, size_t size)
{
  const char *type, *head;
  size_t len = size, head_size;

  while (len > 0 && data[len - 1] == 0)
    len--;
  if (len == 0 || !idf_comment_chunk(data, len, &type, &head, &head_size))
    return add_segment(meta, IDF_JPEG_COM, data, size);
  return add_joined(meta, type, head, head_size, data, len);
}

/* ---- several segments, one chunk ---------------------------------------------------------- */

static idf_status photoshop(idf_jpeg_meta *meta, const uint8_t *data, size_t size)
{
  if (!has_room(meta, size))
    return too_many(meta);
  idf_put_bytes(&meta->irb, data, size);
  return meta->irb.bad ? idf_mem_status(meta->mem) : IDF_OK;
}

/* One line with the name, one with the size, and lines of 36 bytes each. */
static idf_status add_irb(idf_jpeg_meta *meta)
{
  static const char head[] = "Raw profile type iptc";
  static const char digits[] = "0123456789abcdef";
  char line[80];
  idf_buf out, in = meta->irb;

  idf_buf_init(&meta->irb, meta->mem);
  idf_buf_init(&out, meta->mem);
  idf_put_bytes(&out, head, sizeof head);
  const int len = snprintf(line, sizeof line, "\niptc\n%8llu\n", (unsigned long long)in.len);
  idf_put_bytes(&out, line, (size_t)len);
  for (size_t at = 0; at < in.len; at += 36) {
    size_t n = 0;
    for (size_t i = at; i < in.len && i < at + 36; i++) {
      line[n++] = digits[in.data[i] >> 4];
      line[n++] = digits[in.data[i] & 15];
    }
    line[n++] = '\n';
    idf_put_bytes(&out, line, n);
  }
  idf_buf_free(&in);
  return add_buffer(meta, "tEXt", &out);
}

/* data: number, parts, and the part. A part that is repeated without change costs nothing. */
static idf_status icc_part(idf_jpeg_meta *meta, const uint8_t *data, size_t size)
{
  const unsigned number = data[0], parts = data[1];
  const idf_chunk *first =
      meta->icc_place[number] ? &meta->icc.list[meta->icc_place[number] - 1] : NULL;

  if (first && first->size == size && memcmp(first->data, data, size) == 0) {
    if (!meta->icc_told)
      remark(meta, "a part of its ICC profile is there twice: the first is taken");
    meta->icc_told = true;
    return IDF_OK;
  }
  if (number == 0 || number > parts || first || (meta->icc_parts && meta->icc_parts != parts)
      || meta->after_pixels)
    meta->icc_broken = true;
  meta->icc_parts = parts ? parts : 1;
  if (!has_room(meta, size))
    return too_many(meta);
  const idf_status status = idf_chunks_add(&meta->icc, "part", data, size, false);
  /* There may be any number of contradicting parts; their places are not needed. */
  if (status == IDF_OK && !meta->icc_broken)
    meta->icc_place[number] = (uint8_t)meta->icc.count;
  return status;
}

static idf_status add_icc(idf_jpeg_meta *meta)
{
  static const char head[] = "ICC profile\0"; /* the name, and compression method 0 */
  uint32_t a = 1, b = 0;                      /* of Adler-32 */
  idf_buf out;

  idf_buf_init(&out, meta->mem);
  idf_put_bytes(&out, head, sizeof head);
  idf_put_bytes(&out, "\x78\x01", 2); /* zlib: deflate, window of 32 KiB, fastest */
  for (unsigned i = 1; i <= meta->icc_parts; i++) {
    const idf_chunk *part = &meta->icc.list[meta->icc_place[i] - 1];
    /* A part comes from a segment, so it is shorter than STORED. */
    const uint32_t size = (uint32_t)IDF_MIN(part->size - 2, (size_t)STORED);
    const uint8_t *data = part->data + 2;
    idf_put_u8(&out, i == meta->icc_parts);
    idf_put_le16(&out, size);
    idf_put_le16(&out, size ^ 0xffffu);
    idf_put_bytes(&out, data, size);
    for (uint32_t k = 0; k < size; k++) {
      a = (a + data[k]) % 65521;
      b = (b + a) % 65521;
    }
  }
  const uint8_t sum[4] = {(uint8_t)(b >> 8), (uint8_t)b, (uint8_t)(a >> 8), (uint8_t)a};
  idf_put_bytes(&out, sum, 4);
  idf_chunks_free(&meta->icc);
  return add_buffer(meta, "iCCP", &out);
}

static idf_status add_broken_icc(idf_jpeg_meta *meta)
{
  idf_chunks parts = meta->icc;
  idf_status status = IDF_OK;

  meta->icc = (idf_chunks){.mem = meta->mem};
  remark(meta, meta->icc_broken
                   ? "parts of its ICC profile contradict each other: kept as jpSg chunks"
                   : "parts of its ICC profile are missing: kept as jpSg chunks");
  for (size_t i = 0; i < parts.count && status == IDF_OK; i++) {
    idf_buf segment;
    idf_buf_init(&segment, meta->mem);
    idf_put_u8(&segment, IDF_JPEG_APP2);
    idf_put_bytes(&segment, icc_name, sizeof icc_name);
    idf_put_bytes(&segment, parts.list[i].data, parts.list[i].size);
    status = add_buffer(meta, "jpSg", &segment);
  }
  idf_chunks_free(&parts);
  return status;
}

/* ---- all ---------------------------------------------------------------------------------- */

idf_status idf_jpeg_meta_segment(idf_jpeg_meta *meta, unsigned marker, const uint8_t *data,
                                 size_t size)
{
  static const char irb[] = "Photoshop 3.0";
  const uint8_t *rest = data;
  size_t rest_size = size;

  switch (marker) {
  case IDF_JPEG_APP0:
    return app0(meta, data, size);
  case IDF_JPEG_APP1:
    return app1(meta, data, size);
  case IDF_JPEG_COM:
    return comment(meta, data, size);
  case IDF_JPEG_APP2:
    if (named(&rest, &rest_size, icc_name, sizeof icc_name) && rest_size >= 2)
      return icc_part(meta, rest, rest_size);
    break;
  case IDF_JPEG_APP13:
    if (named(&rest, &rest_size, irb, sizeof irb) && rest_size > 0)
      return photoshop(meta, rest, rest_size);
    break;
  default:
    break;
  }
  return add_segment(meta, marker, data, size);
}

idf_status idf_jpeg_meta_finish(idf_jpeg_meta *meta)
{
  bool whole = meta->icc.count == meta->icc_parts && !meta->icc_broken;
  idf_status status = IDF_OK;

  for (unsigned i = 1; i <= meta->icc_parts && whole; i++)
    whole = meta->icc_place[i] > 0;
  if (meta->irb.len > 0)
    status = add_irb(meta);
  if (status == IDF_OK && meta->icc.count > 0)
    status = whole ? add_icc(meta) : add_broken_icc(meta);
  meta->icc_parts = 0;
  memset(meta->icc_place, 0, sizeof meta->icc_place);
  return status;
}

/* ---- the bytes of a file ------------------------------------------------------------------ */

enum { M_DHT = 0xc4, M_RST0 = 0xd0, M_EOI = 0xd9, M_SOS = 0xda, M_APP15 = 0xef };

/* Moves behind the next marker, whose second byte is *marker; `end` if there is none. */
static const uint8_t *next_marker(const uint8_t *at, const uint8_t *end, unsigned *marker)
{
  for (; end - at >= 2; at++)
    if (at[0] == 0xff && at[1] != 0 && at[1] != 0xff) {
      *marker = at[1];
      return at + 2;
    }
  return end;
}

static bool has_segment(unsigned marker)
{
  return marker > 1 && (marker < M_RST0 || marker > M_EOI);
}

idf_status idf_jpeg_meta_all(idf_jpeg_meta *meta, const idf_jpeg *jpeg)
{
  const uint8_t *at = jpeg->bytes, *end = at + jpeg->len;
  const idf_jpeg_hole *hole = jpeg->hole;
  idf_status status = IDF_OK;
  unsigned marker = 0;

  while (status == IDF_OK && (at = next_marker(at, end, &marker)) < end && marker != M_EOI) {
    if (marker == M_DHT) {
      at += hole++->len;
      continue;
    }
    if (!has_segment(marker))
      continue;
    /* The parser has checked that the segment is complete. */
    const size_t size = ((size_t)at[0] << 8 | at[1]) - 2;
    const uint8_t *data = at + 2;
    at = data + size;
    if ((marker >= IDF_JPEG_APP0 && marker <= M_APP15) || marker == IDF_JPEG_COM)
      status = idf_jpeg_meta_segment(meta, marker, data, size);
    if (marker != M_SOS)
      continue;
    const uint32_t scan = hole++->first;
    at = jpeg->bytes + jpeg->scan[scan].end;
    if (scan + 1 == jpeg->scans) {
      status = idf_jpeg_meta_finish(meta);
      meta->after_pixels = true;
    }
  }
  return status == IDF_OK ? idf_jpeg_meta_finish(meta) : status;
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_pnm.c: reads and writes PBM, PGM, PPM (plain and raw) and PAM, and keeps the maxval.
 *
 * The surprise: a 1 in a PBM is black, in all other formats it is white. Samples of one bit are
 * held as in the other formats, so the bits of a PBM are inverted on reading and writing.
 */
#include "image.h"

#include <stdio.h>
#include <string.h>

#include "comment.h"

#define MAX_WORDS 64 /* bytes of a tuple type, with its end */

/* The number of bits that hold maxval, 1..65535. */
static unsigned depth_of(uint32_t maxval)
{
  unsigned depth = 1;

  while (maxval >> depth)
    depth++;
  return depth;
}

/* ---- reading ---------------------------------------------------------------------- */

typedef struct pnm_reader {
  idf_reader base;
  idf_read_fn read;
  void *context;
  char magic; /* '1' to '7' */
  uint32_t maxval;
  size_t samples;   /* in a row */
  size_t raw_bytes; /* of a row in the file; 0 for the plain formats */
  uint8_t *raw;     /* one raw row */
  size_t at, have;
  bool ended;
  bool comment_follows; /* the last number ended at a '#' */
  idf_buf comments;     /* not yet in the chunks; each ends with a line feed */
  uint8_t buffer[16384];
} pnm_reader;

static idf_status truncated(pnm_reader *reader)
{
  return idf_image_fail(reader->base.env, IDF_ERR_TRUNCATED, "the %s ends too early",
                        reader->magic == '7' ? "PAM" : "PNM");
}

static idf_status refill(pnm_reader *reader)
{
  if (reader->ended)
    return IDF_OK;
  reader->at = reader->have = 0;
  const idf_status status =
      reader->read(reader->context, reader->buffer, sizeof reader->buffer, &reader->have);
  if (status != IDF_OK)
    reader->have = 0;
  if (reader->have == 0)
    reader->ended = true;
  return status;
}

/* Sets *c to the next byte, or to -1 at the end. */
static idf_status next_byte(pnm_reader *reader, int *c)
{
  *c = -1;
  if (reader->at == reader->have) {
    const idf_status status = refill(reader);
    if (status != IDF_OK)
      return status;
    if (reader->ended)
      return IDF_OK;
  }
  *c = reader->buffer[reader->at++];
  return IDF_OK;
}

static bool is_space(int c)
{
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Keeps the rest of the line after a '#' as a comment. */
static idf_status comment(pnm_reader *reader)
{
  idf_image_env *env = reader->base.env;

  for (;;) {
    int c;
    const idf_status status = next_byte(reader, &c);
    if (status != IDF_OK)
      return status;
    const bool last = c == '\n' || c == '\r' || c < 0;
    idf_put_u8(&reader->comments, last ? '\n' : (uint8_t)c);
    if (reader->comments.bad)
      return idf_mem_status(env->mem);
    if (reader->comments.len > env->max_metadata)
      return idf_image_fail(env, IDF_ERR_LIMIT,
                            "its comments pass the limit of %llu bytes of metadata: raise "
                            "--max-metadata if you trust it",
                            (unsigned long long)env->max_metadata);
    if (last)
      return IDF_OK;
  }
}

/* Turns the comments read so far into a chunk, so that they come back. */
static idf_status keep_comments(pnm_reader *reader, bool after_pixels)
{
  idf_image_env *env = reader->base.env;
  const char *type, *head;
  size_t head_size;
  idf_buf chunk;

  if (reader->comments.len == 0)
    return IDF_OK;
  const size_t len = reader->comments.len - 1; /* without the last line feed */
  if (!idf_comment_chunk(reader->comments.data, len, &type, &head, &head_size)) {
    idf_image_drop(env, "comment", "a comment left out: it has a zero byte");
    idf_buf_clear(&reader->comments);
    return IDF_OK;
  }
  idf_buf_init(&chunk, env->mem);
  idf_put_bytes(&chunk, head, head_size);
  idf_put_bytes(&chunk, reader->comments.data, len);
  idf_buf_clear(&reader->comments);
  const idf_status status =
      chunk.bad ? idf_mem_status(env->mem)
                : idf_chunks_add(&reader->base.chunks, type, chunk.data, chunk.len, after_pixels);
  idf_buf_free(&chunk);
  return status;
}

/* Skips spaces and, if `comments` is set, comments from '#' to the end of the line. *c is the byte
 * after that. */
static idf_status skip_space(pnm_reader *reader, bool comments, int *c)
{
  idf_status status;

  do {
    status = next_byte(reader, c);
    while (status == IDF_OK && comments && *c == '#') {
      status = comment(reader);
      if (status == IDF_OK)
        status = next_byte(reader, c);
    }
  } while (status == IDF_OK && is_space(*c));
  return status;
}

/* Reads a decimal number up to `max` and the one byte after it. */
static idf_status number(pnm_reader *reader, const char *what, uint32_t max, bool comments,
                         uint32_t *value)
{
  int c;
  uint64_t v = 0;
  idf_status status = skip_space(reader, comments, &c);

  if (status != IDF_OK)
    return status;
  if (c < 0)
    return truncated(reader);
  if (c < '0' || c > '9')
    return idf_image_fail(reader->base.env, IDF_ERR_CORRUPT, "has no number for its %s", what);
  while (c >= '0' && c <= '9') {
    v = 10 * v + (uint32_t)(c - '0');
    if (v > max)
      return idf_image_fail(reader->base.env, IDF_ERR_CORRUPT, "its %s is above %u", what,
                            (unsigned)max);
    status = next_byte(reader, &c);
    if (status != IDF_OK)
      return status;
  }
  if (c >= 0 && !is_space(c) && !(comments && c == '#'))
    return idf_image_fail(reader->base.env, IDF_ERR_CORRUPT, "has a damaged number for its %s",
                          what);
  reader->comment_follows = c == '#';
  if (reader->comment_follows)
    reader->at--; /* the byte is still in the buffer */
  *value = (uint32_t)v;
  return IDF_OK;
}

/* Reads the rest of the line, up to MAX_WORDS - 1 bytes, without spaces at both ends. */
static idf_status rest_of_line(pnm_reader *reader, char *text)
{
  size_t len = 0;
  int c;

  for (;;) {
    const idf_status status = next_byte(reader, &c);
    if (status != IDF_OK)
      return status;
    if (c < 0)
      return truncated(reader);
    if (c == '\n')
      break;
    if (len == 0 && is_space(c))
      continue;
    if (len == MAX_WORDS - 1)
      return idf_image_fail(reader->base.env, IDF_ERR_CORRUPT, "has a PAM header line too long");
    text[len++] = (char)c;
  }
  while (len && is_space(text[len - 1]))
    len--;
  text[len] = '\0';
  return IDF_OK;
}

static idf_status pam_layout(pnm_reader *reader, const char *tuple, uint32_t channels)
{
  static const struct {
    const char *name;
    idf_layout layout;
  } known[] = {{"BLACKANDWHITE", IDF_GRAY},
               {"GRAYSCALE", IDF_GRAY},
               {"RGB", IDF_RGB},
               {"BLACKANDWHITE_ALPHA", IDF_GRAY_ALPHA},
               {"GRAYSCALE_ALPHA", IDF_GRAY_ALPHA},
               {"RGB_ALPHA", IDF_RGBA}};

  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    if (strcmp(tuple, known[i].name) != 0)
      continue;
    if (idf_channels(known[i].layout) != channels)
      return idf_image_fail(reader->base.env, IDF_ERR_CORRUPT,
                            "has DEPTH %u, which is not that of a %s PAM", (unsigned)channels,
                            tuple);
    if (strncmp(tuple, "BLACK", 5) == 0 && reader->maxval != 1)
      return idf_image_fail(reader->base.env, IDF_ERR_CORRUPT, "is a %s PAM whose MAXVAL is %u",
                            tuple, (unsigned)reader->maxval);
    reader->base.info.layout = known[i].layout;
    return IDF_OK;
  }
  if (strncmp(tuple, "CMYK", 4) == 0)
    return idf_image_fail(reader->base.env, IDF_ERR_UNSUPPORTED,
                          "is a %s PAM, and .idf holds gray and RGB: convert it first", tuple);
  return idf_image_fail(reader->base.env, IDF_ERR_UNSUPPORTED,
                        "is a PAM of type \"%s\": only GRAYSCALE, RGB and BLACKANDWHITE, "
                        "with or without _ALPHA, are known",
                        tuple);
}

/* For a file without a tuple type, the number of channels decides, as in Netpbm and other
 * programs. */
static idf_status layout_of_depth(pnm_reader *reader, uint32_t channels)
{
  static const idf_layout layouts[] = {IDF_GRAY, IDF_GRAY_ALPHA, IDF_RGB, IDF_RGBA};

  if (channels > sizeof layouts / sizeof *layouts)
    return idf_image_fail(reader->base.env, IDF_ERR_UNSUPPORTED,
                          "is a PAM of %u channels without a TUPLTYPE, so that their meaning is "
                          "unknown",
                          (unsigned)channels);
  reader->base.info.layout = layouts[channels - 1];
  return IDF_OK;
}

static idf_status pam_header(pnm_reader *reader)
{
  static const char *const names[4] = {"WIDTH", "HEIGHT", "DEPTH", "MAXVAL"};
  static const uint32_t most[4] = {0x7fffffff, 0x7fffffff, 0x7fffffff, 65535};
  uint32_t value[4] = {0, 0, 0, 0};
  char tuple[MAX_WORDS] = "";
  char line[MAX_WORDS];

  for (;;) {
    int c;
    size_t len = 0;
    idf_status status = skip_space(reader, true, &c);
    if (status != IDF_OK)
      return status;
    while (c >= 'A' && c <= 'Z' && len < 15) {
      line[len++] = (char)c;
      status = next_byte(reader, &c);
      if (status != IDF_OK)
        return status;
    }
    line[len] = '\0';
    if (c < 0)
      return truncated(reader);
    if (len == 0 || !is_space(c))
      return idf_image_fail(reader->base.env, IDF_ERR_CORRUPT, "has a damaged PAM header");
    if (strcmp(line, "ENDHDR") == 0) {
      while (c != '\n' && is_space(c)) {
        status = next_byte(reader, &c);
        if (status != IDF_OK)
          return status;
      }
      if (c != '\n')
        return idf_image_fail(reader->base.env, IDF_ERR_CORRUPT, "has a damaged PAM header");
      break;
    }
    if (strcmp(line, "TUPLTYPE") == 0) {
      if (c == '\n') /* empty: as if there were none */
        continue;
      if (tuple[0])
        return idf_image_fail(reader->base.env, IDF_ERR_UNSUPPORTED,
                              "has a PAM TUPLTYPE in pieces");
      status = rest_of_line(reader, tuple);
      if (status != IDF_OK)
        return status;
      continue;
    }
    unsigned i = 0;
    while (i < 4 && strcmp(line, names[i]) != 0)
      i++;
    if (i == 4 || value[i] != 0)
      return idf_image_fail(reader->base.env, IDF_ERR_CORRUPT,
                            "has an unknown or repeated PAM field %s", line);
    status = number(reader, names[i], most[i], false, &value[i]);
    if (status != IDF_OK)
      return status;
    if (value[i] == 0)
      return idf_image_fail(reader->base.env, IDF_ERR_CORRUPT, "its %s is 0", names[i]);
  }
  for (unsigned i = 0; i < 4; i++)
    if (value[i] == 0)
      return idf_image_fail(reader->base.env, IDF_ERR_CORRUPT, "has no PAM field %s", names[i]);
  reader->base.info.width = value[0];
  reader->base.info.height = value[1];
  reader->maxval = value[3];
  return tuple[0] ? pam_layout(reader, tuple, value[2]) : layout_of_depth(reader, value[2]);
}

static idf_status pnm_header(pnm_reader *reader)
{
  idf_info *info = &reader->base.info;
  idf_status status = number(reader, "width", 0x7fffffff, true, &info->width);

  if (status == IDF_OK)
    status = number(reader, "height", 0x7fffffff, true, &info->height);
  reader->maxval = 1;
  if (status == IDF_OK && reader->magic != '1' && reader->magic != '4')
    status = number(reader, "maxval", 65535, true, &reader->maxval);
  if (status != IDF_OK)
    return status;
  if (reader->comment_follows && reader->magic >= '4')
    return idf_image_fail(reader->base.env, IDF_ERR_CORRUPT,
                          "has a comment where its pixels should begin");
  if (info->width == 0 || info->height == 0 || reader->maxval == 0)
    return idf_image_fail(reader->base.env, IDF_ERR_CORRUPT, "its width, height or maxval is 0");
  info->layout = reader->magic == '3' || reader->magic == '6' ? IDF_RGB : IDF_GRAY;
  return IDF_OK;
}

static idf_status header(pnm_reader *reader)
{
  idf_image_env *env = reader->base.env;
  idf_info *info = &reader->base.info;
  int p, digit;
  idf_status status = next_byte(reader, &p);

  if (status == IDF_OK)
    status = next_byte(reader, &digit);
  if (status != IDF_OK)
    return status;
  if (p != 'P' || digit < '1' || digit > '7')
    return idf_image_fail(env, IDF_ERR_CORRUPT, "is not a PNM or PAM");
  reader->magic = (char)digit;
  status = digit == '7' ? pam_header(reader) : pnm_header(reader);
  if (status == IDF_OK)
    status = idf_image_limit(env, info);
  if (status != IDF_OK)
    return status;

  info->depth = depth_of(reader->maxval);
  const size_t bytes = reader->maxval > 255 ? 2 : 1;
  if (idf_row_bytes(info) == 0
      || !idf_size_mul(info->width, idf_channels(info->layout), &reader->samples)
      || !idf_size_mul(reader->samples, bytes, &reader->raw_bytes))
    return idf_image_fail(env, IDF_ERR_LIMIT, "has rows too long for this machine");
  if (digit == '4')
    reader->raw_bytes = (reader->samples - 1) / 8 + 1;
  if (digit <= '3')
    reader->raw_bytes = 0;
  if (reader->raw_bytes) {
    reader->raw = idf_alloc(env->mem, reader->raw_bytes, 1);
    if (!reader->raw)
      return idf_mem_status(env->mem);
  }
  if (reader->maxval != (1u << info->depth) - 1) {
    const uint8_t raw[2] = {(uint8_t)(reader->maxval & 255), (uint8_t)(reader->maxval >> 8)};
    status = idf_chunks_add(&reader->base.chunks, IDF_TYPE_MAXVAL, raw, sizeof raw, false);
  }
  return status == IDF_OK ? keep_comments(reader, false) : status;
}

static idf_status too_large(pnm_reader *reader, uint32_t value)
{
  return idf_image_fail(reader->base.env, IDF_ERR_CORRUPT, "has a sample %u above its maxval %u",
                        (unsigned)value, (unsigned)reader->maxval);
}

/* Stores sample i of a row. */
static void put_sample(const pnm_reader *reader, void *row, size_t i, uint32_t value)
{
  if (reader->base.info.depth > 8)
    ((uint16_t *)row)[i] = (uint16_t)value;
  else
    ((uint8_t *)row)[i] = (uint8_t)value;
}

/* Reads a row of a plain format. The digits of P1 need no space between them. */
static idf_status plain_row(pnm_reader *reader, void *row)
{
  for (size_t i = 0; i < reader->samples; i++) {
    uint32_t value = 0;
    idf_status status;
    if (reader->magic == '1') {
      int c;
      status = skip_space(reader, true, &c);
      if (status == IDF_OK && c < 0)
        return truncated(reader);
      if (status == IDF_OK && c != '0' && c != '1')
        return idf_image_fail(reader->base.env, IDF_ERR_CORRUPT,
                              "has something else than 0 and 1 among its pixels");
      value = c == '0';
    } else {
      status = number(reader, "sample", 0x7fffffff, true, &value);
    }
    if (status != IDF_OK)
      return status;
    if (value > reader->maxval)
      return too_large(reader, value);
    put_sample(reader, row, i, value);
  }
  return IDF_OK;
}

static idf_status raw_row(pnm_reader *reader, void *row)
{
  const uint8_t *raw = reader->raw;

  for (size_t done = 0; done < reader->raw_bytes;) {
    if (reader->at == reader->have) {
      const idf_status status = refill(reader);
      if (status != IDF_OK)
        return status;
      if (reader->ended)
        return truncated(reader);
    }
    const size_t n = IDF_MIN(reader->have - reader->at, reader->raw_bytes - done);
    memcpy(reader->raw + done, reader->buffer + reader->at, n);
    reader->at += n;
    done += n;
  }
  for (size_t i = 0; i < reader->samples; i++) {
    uint32_t value;
    if (reader->magic == '4')
      value = (~(uint32_t)raw[i / 8] >> (7 - i % 8)) & 1;
    else if (reader->maxval > 255)
      value = (uint32_t)raw[2 * i] << 8 | raw[2 * i + 1];
    else
      value = raw[i];
    if (value > reader->maxval)
      return too_large(reader, value);
    put_sample(reader, row, i, value);
  }
  return IDF_OK;
}

static idf_status reader_rows(idf_reader *base, void *rows, uint32_t count)
{
  pnm_reader *reader = (pnm_reader *)base;
  const size_t row_bytes = idf_row_bytes(&base->info);

  for (uint32_t i = 0; i < count; i++) {
    uint8_t *row = (uint8_t *)rows + i * row_bytes;
    const idf_status status = reader->raw ? raw_row(reader, row) : plain_row(reader, row);
    if (status != IDF_OK)
      return status;
  }
  return IDF_OK;
}

static idf_status reader_finish(idf_reader *base)
{
  pnm_reader *reader = (pnm_reader *)base;
  int c;

  idf_status status = reader->raw ? next_byte(reader, &c) : skip_space(reader, true, &c);
  if (status == IDF_OK)
    status = keep_comments(reader, true);
  if (status != IDF_OK || c < 0)
    return status;
  reader->at--; /* the byte is still in the buffer */
  return idf_image_tail(base->env, reader->read, reader->context, reader->buffer + reader->at,
                        reader->have - reader->at, NULL);
}

static void reader_close(idf_reader *base)
{
  pnm_reader *reader = (pnm_reader *)base;
  idf_mem *mem = base->env->mem;

  idf_chunks_free(&base->chunks);
  idf_buf_free(&reader->comments);
  idf_free(mem, reader->raw);
  idf_free(mem, reader);
}

idf_status idf_pnm_open(idf_image_env *env, idf_read_fn read, void *context, idf_reader **result)
{
  *result = NULL;
  pnm_reader *reader = idf_alloc(env->mem, 1, sizeof *reader);
  if (!reader)
    return idf_mem_status(env->mem);
  reader->base.env = env;
  reader->base.chunks.mem = env->mem;
  reader->base.rows = reader_rows;
  reader->base.finish = reader_finish;
  reader->base.close = reader_close;
  reader->read = read;
  reader->context = context;
  idf_buf_init(&reader->comments, env->mem);
  const idf_status status = header(reader);
  if (status != IDF_OK) {
    reader_close(&reader->base);
    return status;
  }
  *result = &reader->base;
  return IDF_OK;
}

/* ---- writing ---------------------------------------------------------------------- */

typedef struct pnm_writer {
  idf_writer base;
  idf_write_fn write;
  void *context;
  idf_pnm_kind kind; /* never IDF_PNM_ANY */
  uint32_t maxval;
  bool maxval_given;
  bool begun;     /* the header was written */
  size_t samples; /* in a row */
  uint8_t *raw;   /* one row as in the file */
  size_t raw_bytes;
  idf_buf comments;  /* lines for the header */
  char dropped[128]; /* types of the dropped metadata, for the warning */
} pnm_writer;

/* Whether the chunk is a comment that can go into the header, which is not written yet. If so, it
 * will. */
static bool is_header_comment(pnm_writer *writer, const char *type, const uint8_t *data,
                              size_t size)
{
  const uint8_t *text;
  size_t len;

  if (writer->begun || !idf_comment_text(type, data, size, &text, &len))
    return false;
  for (size_t i = 0; i < len; i++)
    if ((text[i] < 0x20 && text[i] != '\n' && text[i] != '\t') || text[i] == 0x7f)
      return false;
  idf_put_u8(&writer->comments, '#');
  for (size_t i = 0; i < len; i++) {
    idf_put_u8(&writer->comments, text[i]);
    if (text[i] == '\n')
      idf_put_u8(&writer->comments, '#');
  }
  idf_put_u8(&writer->comments, '\n');
  return true;
}

static idf_status writer_metadata(idf_writer *base, const char *type, const uint8_t *data,
                                  size_t size)
{
  pnm_writer *writer = (pnm_writer *)base;

  if (memcmp(type, IDF_TYPE_MAXVAL, 4) == 0) {
    const uint32_t maxval = size == 2 ? (uint32_t)data[0] | (uint32_t)data[1] << 8 : 0;
    if (writer->begun || writer->maxval_given || maxval == 0
        || depth_of(maxval) != base->info.depth)
      return idf_image_fail(base->env, IDF_ERR_CORRUPT, "has a damaged maxval");
    if (writer->kind == IDF_PNM_PBM)
      return idf_image_fail(base->env, IDF_ERR_CORRUPT, "has a maxval no PBM can have");
    writer->maxval = maxval;
    writer->maxval_given = true;
    return IDF_OK;
  }
  if (is_header_comment(writer, type, data, size))
    return writer->comments.bad ? idf_mem_status(base->env->mem) : IDF_OK;
  const size_t used = strlen(writer->dropped);
  if (used + 12 < sizeof writer->dropped)
    snprintf(writer->dropped + used, sizeof writer->dropped - used, "%s%.4s", used ? " " : "",
             type);
  else if (strcmp(writer->dropped + used - 3, "...") != 0)
    snprintf(writer->dropped + used, sizeof writer->dropped - used, " ...");
  return IDF_OK;
}

static idf_status begin(pnm_writer *writer)
{
  /* By layout; a palette never comes here. */
  static const char *const tuples[6] = {"GRAYSCALE", "GRAYSCALE_ALPHA", "RGB", "RGB_ALPHA", "",
                                        "CMYK"};
  static const char *const bilevel[2] = {"BLACKANDWHITE", "BLACKANDWHITE_ALPHA"};
  const idf_info *info = &writer->base.info;
  const unsigned width = info->width, height = info->height, maxval = writer->maxval;
  char text[256];
  int len;

  if (writer->kind == IDF_PNM_PAM)
    len = snprintf(text, sizeof text,
                   "P7\nWIDTH %u\nHEIGHT %u\nDEPTH %u\nMAXVAL %u\nTUPLTYPE %s\nENDHDR\n", width,
                   height, idf_channels(info->layout), maxval,
                   maxval == 1 && info->layout <= IDF_GRAY_ALPHA ? bilevel[info->layout]
                                                                 : tuples[info->layout]);
  else if (writer->kind == IDF_PNM_PBM)
    len = snprintf(text, sizeof text, "P4\n%u %u\n", width, height);
  else
    len = snprintf(text, sizeof text, "P%c\n%u %u\n%u\n", writer->kind == IDF_PNM_PGM ? '5' : '6',
                   width, height, maxval);
  writer->begun = true;
  /* Comments follow the first line, which always has three bytes. */
  idf_status status = writer->write(writer->context, (const uint8_t *)text, 3);
  if (status == IDF_OK && writer->comments.len > 0)
    status = writer->write(writer->context, writer->comments.data, writer->comments.len);
  if (status == IDF_OK)
    status = writer->write(writer->context, (const uint8_t *)text + 3, (size_t)len - 3);
  return status;
}

static idf_status writer_rows(idf_writer *base, const void *rows, uint32_t count)
{
  pnm_writer *writer = (pnm_writer *)base;
  const size_t row_bytes = idf_row_bytes(&base->info);
  idf_status status = writer->begun ? IDF_OK : begin(writer);

  for (uint32_t y = 0; y < count && status == IDF_OK; y++) {
    const uint8_t *row8 = (const uint8_t *)rows + y * row_bytes;
    const uint16_t *row16 = (const uint16_t *)(const void *)row8;
    if (writer->kind == IDF_PNM_PBM)
      memset(writer->raw, 0, writer->raw_bytes);
    for (size_t i = 0; i < writer->samples; i++) {
      const uint32_t value = base->info.depth > 8 ? row16[i] : row8[i];
      if (value > writer->maxval)
        return idf_image_fail(base->env, IDF_ERR_CORRUPT, "has a sample above its maxval %u",
                              (unsigned)writer->maxval);
      if (writer->kind == IDF_PNM_PBM) {
        if (value == 0)
          writer->raw[i / 8] = (uint8_t)(writer->raw[i / 8] | 0x80u >> i % 8);
      } else if (writer->maxval > 255) {
        writer->raw[2 * i] = (uint8_t)(value >> 8);
        writer->raw[2 * i + 1] = (uint8_t)(value & 255);
      } else {
        writer->raw[i] = (uint8_t)value;
      }
    }
    status = writer->write(writer->context, writer->raw, writer->raw_bytes);
  }
  return status;
}

static idf_status writer_finish(idf_writer *base)
{
  const pnm_writer *writer = (const pnm_writer *)base;

  if (writer->dropped[0])
    idf_image_drop(base->env, "metadata", "metadata left out, which only a .png would hold: %s",
                   writer->dropped);
  return IDF_OK;
}

static void writer_close(idf_writer *base)
{
  pnm_writer *writer = (pnm_writer *)base;
  idf_mem *mem = base->env->mem;

  idf_buf_free(&writer->comments);
  idf_free(mem, writer->raw);
  idf_free(mem, writer);
}

/* Chooses the kind to write, or returns IDF_ERR_UNSUPPORTED with advice. */
static idf_status choose(idf_image_env *env, const idf_info *info, idf_pnm_kind *kind)
{
  if (info->layout == IDF_PALETTE)
    return idf_image_fail(env, IDF_ERR_UNSUPPORTED,
                          "has a palette, which PNM and PAM cannot hold: choose -o NAME.png");
  if (*kind == IDF_PNM_PAM)
    return IDF_OK;
  if (info->layout == IDF_CMYK)
    return idf_image_fail(env, IDF_ERR_UNSUPPORTED,
                          "is CMYK, which PBM, PGM and PPM cannot hold: choose -o NAME.pam, or -o "
                          "NAME.jpg for the file itself");
  if (info->layout == IDF_GRAY_ALPHA || info->layout == IDF_RGBA)
    return idf_image_fail(env, IDF_ERR_UNSUPPORTED,
                          "has alpha, which PBM, PGM and PPM cannot hold: "
                          "choose -o NAME.pam or -o NAME.png");
  if (*kind == IDF_PNM_ANY)
    *kind = info->layout == IDF_RGB ? IDF_PNM_PPM : info->depth == 1 ? IDF_PNM_PBM : IDF_PNM_PGM;
  if ((*kind == IDF_PNM_PPM) != (info->layout == IDF_RGB))
    return idf_image_fail(env, IDF_ERR_UNSUPPORTED, "is %s: choose -o NAME.%s",
                          info->layout == IDF_RGB ? "in colour" : "gray",
                          info->layout == IDF_RGB ? "ppm" : "pgm");
  if (*kind == IDF_PNM_PBM && info->depth != 1)
    return idf_image_fail(env, IDF_ERR_UNSUPPORTED,
                          "has %u bits a sample, a PBM only 1: choose -o NAME.pgm",
                          (unsigned)info->depth);
  return IDF_OK;
}

idf_status idf_pnm_create(idf_image_env *env, const idf_info *info, idf_pnm_kind kind,
                          idf_write_fn write, void *context, idf_writer **result)
{
  *result = NULL;
  if (idf_row_bytes(info) == 0 || info->depth > 16)
    return IDF_ERR_ARGUMENT;
  idf_status status = choose(env, info, &kind);
  if (status != IDF_OK)
    return status;
  pnm_writer *writer = idf_alloc(env->mem, 1, sizeof *writer);
  if (!writer)
    return idf_mem_status(env->mem);
  writer->base.env = env;
  writer->base.info = *info;
  writer->base.rows_left = info->height;
  writer->base.metadata = writer_metadata;
  writer->base.rows = writer_rows;
  writer->base.finish = writer_finish;
  writer->base.close = writer_close;
  writer->write = write;
  writer->context = context;
  idf_buf_init(&writer->comments, env->mem);
  writer->kind = kind;
  writer->maxval = (1u << info->depth) - 1;
  writer->samples = (size_t)info->width * idf_channels(info->layout);
  writer->raw_bytes = kind == IDF_PNM_PBM ? (writer->samples - 1) / 8 + 1 : idf_row_bytes(info);
  writer->raw = idf_alloc(env->mem, writer->raw_bytes, 1);
  if (!writer->raw) {
    status = idf_mem_status(env->mem);
    writer_close(&writer->base);
    return status;
  }
  *result = &writer->base;
  return IDF_OK;
}

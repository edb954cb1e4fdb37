/* SPDX-License-Identifier: BSD-3-Clause
 *
 * oracle.c: a second decoder, written from idf(5) and in the order of its chapters.
 *
 * It shares nothing with the codec but the bytes of models and of weights' starts: tables come
 * from their formulas, every integer is 64 bits wide, nothing is packed or skipped.
 * It is slow on purpose. usage: oracle FILE.idf [MODEL.idfm | --jpeg] > OUT
 * A PAM comes out, or, since PAM has no palettes, a PNG of a palette image; with --jpeg the JPEG
 * file that was kept. At anything the page does not allow: one line on stderr, exit 1, and nothing
 * on stdout.
 *
 * Here: chapters 2, 3 and 7 to 9 and the output; 1 in oracle.h, 4, 8 and 10 to 15 in
 * oracle_flow.c, 5 in oracle_mixer.c, 6 in oracle_pack.c, 16 in oracle_screen.c, 20 and 21 in
 * oracle_model.c; of JPEG files 17 in oracle_kept.c, oracle_jpeg.c and oracle_scans.c, 18 in
 * oracle_coefs.c and oracle_bank.c, 19 in oracle_recipe.c.
 */
#include "oracle.h"

#define MOST_PIXELS ((num)1 << 28)

/* ======== 2. Container ======== */

typedef struct image {
  num layout, depth, width, height, tile_log2, channels;
  uint8_t model_id[8];
  num known;         /* bytes of the id */
  uint16_t *samples; /* raster order, channels interleaved */
  jpeg *kept;        /* NULL: no JPEG file */
} image;

typedef struct record {
  num kind, size; /* size: of the whole record */
  source payload;
} record;

/* Chapter 3. */
typedef struct piece {
  source data; /* type included */
  bool after;
} piece;

typedef struct pieces {
  piece *list;
  num count;
  uint8_t **unpacked; /* what packed records held */
  int records;
} pieces;

static void metadata(pieces *all, source payload, bool after);
static void packed(pieces *all, const tables *t, source payload, bool after);
static void check_palette(const source *in, const pieces *all, const image *im);
static void tile(const image *im, const tables *t, const model *m, source in, num x0, num y0);

/* Fields that both forms of a file have. */
static void check_fields(const source *in, image *im, num tier)
{
  static const num channels[6] = {1, 2, 3, 4, 1, 4};
  if (im->layout > 5 || im->depth < 1 || im->depth > (im->layout >= 4 ? 8 : 16) || im->width < 1
      || im->height < 1 || im->tile_log2 < 6 || im->tile_log2 > 12
      || (tier != 1 && tier != 5 && tier != 9) || (im->layout == 5 && im->depth != 8))
    refuse(in, "a field of the header is not allowed");
  im->channels = channels[im->layout];
}

/* Magic and version; true for a brief file. */
static bool begin(source *in)
{
  static const uint8_t magic[8] = {0x8d, 0x49, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a};
  if (left(in) < 8 || memcmp(in->at, magic, 8) != 0)
    refuse(in, "not an .idf file");
  in->at += 8;
  if (get(in, 1) != 3)
    refuse(in, "unknown format version");
  if (left(in) < 1)
    refuse(in, "the data end too early");
  return *in->at >= 128;
}

static void header(source *in, const uint8_t *start, image *im)
{
  im->layout = get(in, 1);
  im->depth = get(in, 1);
  im->width = get_varint(in, power(31) - 1);
  im->height = get_varint(in, power(31) - 1);
  im->tile_log2 = get(in, 1);
  num tier = get(in, 1);
  for (int i = 0; i < 8; i++)
    im->model_id[i] = (uint8_t)get(in, 1);
  num crc = crc32c(start, (size_t)(in->at - start));
  if (get(in, 4) != crc)
    refuse(in, "checksum of the header");
  im->known = 8;
  check_fields(in, im, tier);
}

static record next_record(source *in)
{
  record r;
  const uint8_t *start = in->at;
  r.kind = get(in, 1);
  num length = get_varint(in, power(31) - 1);
  r.payload = cut(in, length);
  num crc = crc32c(start, (size_t)(in->at - start));
  if (get(in, 4) != crc)
    refuse(in, "checksum of a record");
  r.size = in->at - start;
  return r;
}

/* The picture is that of a JPEG file: of the same size and so on. */
static void kept(const source *in, const tables *t, image *im, source payload, bool after)
{
  static const num layouts[5] = {-1, 0, -1, 2, 5};
  num id = 0;
  if (after || im->kept)
    refuse(in, "a JPEG file too many");
  jpeg *j = im->kept = idf_oracle_kept(t, payload);
  for (int i = 0; i < 8; i++)
    id += im->model_id[i];
  if (j->width != im->width || j->height != im->height || im->layout != layouts[j->components]
      || im->depth != 8 || im->tile_log2 != 9 || id != 0)
    refuse(in, "the header is not that of the JPEG file");
}

/* Metadata and what may be skipped; returns the record after them. */
static record pass_metadata(source *in, const tables *t, image *im, pieces *all, bool after)
{
  for (;;) {
    record r = next_record(in);
    if (r.kind == 'M')
      metadata(all, r.payload, after);
    else if (r.kind == 'P')
      packed(all, t, r.payload, after);
    else if (r.kind == 'J')
      kept(in, t, im, r.payload, after);
    else if (r.kind == 'T' || r.kind == 'I' || r.kind == 'E')
      return r;
    else if ((r.kind & 0x20) == 0)
      refuse(in, "a record of unknown kind %d", (int)r.kind);
  }
}

static uint32_t samples_crc(const source *in, const image *im)
{
  num count = im->width * im->height * im->channels, at = 0;
  uint8_t *bytes = room(in, count, 2);
  for (num i = 0; i < count; i++) {
    bytes[at++] = (uint8_t)im->samples[i];
    if (im->depth > 8)
      bytes[at++] = (uint8_t)(im->samples[i] >> 8);
  }
  uint32_t crc = crc32c(bytes, (size_t)at);
  free(bytes);
  return crc;
}

static void the_end(source *in, const image *im, record r, num index_size)
{
  if (r.kind != 'E' || left(&r.payload) != 8)
    refuse(in, "no end record where it should be");
  num crc = get(&r.payload, 4), back = get(&r.payload, 4);
  if (back != index_size)
    refuse(in, "the end record does not find the index");
  if (crc != (im->kept ? idf_oracle_kept_crc(im->kept) : samples_crc(in, im)))
    refuse(in, "the samples are not those that were encoded");
  if (left(in) != 0)
    refuse(in, "data after the end record");
}

/* The tiles, of which `r` is the first record; sizes[i] gets that of tile i. */
static void all_tiles(source *in, const tables *t, const char *model_file, image *im, record r,
                      num tiles, num *sizes)
{
  const num side = power(im->tile_log2), across = ceil_div(im->width, side);
  model *m = NULL;
  for (num i = 0; i < tiles; i++) {
    if (i > 0)
      r = next_record(in);
    if (r.kind != 'T')
      refuse(in, "no tile where it should be");
    sizes[i] = r.size;
    if (tiles > 1 && get_varint(&r.payload, tiles - 1) != i)
      refuse(in, "a tile has the number of another");
    bool flow =
        !im->kept && left(&r.payload) > 0 && (r.payload.at[0] == 2 || r.payload.at[0] == 10);
    if (flow && !m)
      m = idf_oracle_model(in, im->model_id, im->known, model_file);
    if (im->kept)
      idf_oracle_kept_band(t, im->kept, i, r.payload);
    else
      tile(im, t, m, r.payload, i % across * side, i / across * side);
  }
  if (m)
    idf_oracle_model_free(m);
}

/* Returns the size of the record. */
static num pass_index(source *in, record *r, num tiles, const num *sizes)
{
  if (tiles == 1)
    return 0;
  if (r->kind != 'I')
    refuse(in, "no index");
  for (num i = 0; i < tiles; i++)
    if (get_varint(&r->payload, power(32)) != sizes[i])
      refuse(in, "the index differs from the tiles");
  if (left(&r->payload) != 0)
    refuse(in, "the index is too long");
  const num size = r->size;
  *r = next_record(in);
  return size;
}

static void make_room(const source *in, image *im)
{
  if (im->width * im->height > MOST_PIXELS)
    refuse(in, "too many pixels");
  im->samples = room(in, im->width * im->height * im->channels, sizeof *im->samples);
}

static void brief(source *in, const uint8_t *start, const tables *t, const char *model_file,
                  image *im, pieces *all);

static void whole(source *in, const tables *t, const char *model_file, image *im, pieces *all)
{
  const uint8_t *start = in->at;
  if (begin(in)) {
    brief(in, start, t, model_file, im, all);
    return;
  }
  header(in, start, im);
  make_room(in, im);
  record r = pass_metadata(in, t, im, all, false);
  check_palette(in, all, im);
  if (im->layout == 5 && !im->kept)
    refuse(in, "CMYK without a JPEG file");
  const num side = power(im->tile_log2);
  const num tiles = im->kept ? idf_oracle_kept_bands(im->kept)
                             : ceil_div(im->width, side) * ceil_div(im->height, side);
  if (tiles > in->end - r.payload.at)
    refuse(in, "more tiles than bytes");
  num *sizes = room(in, tiles, sizeof *sizes);
  all_tiles(in, t, model_file, im, r, tiles, sizes);
  r = pass_metadata(in, t, im, all, true);
  const num index_size = pass_index(in, &r, tiles, sizes);
  the_end(in, im, r, index_size);
  free(sizes);
}

/* -------- 2.1 Small files -------- */

static void brief_metadata(pieces *all, const tables *t, source *body, num form);

static void brief(source *in, const uint8_t *start, const tables *t, const char *model_file,
                  image *im, pieces *all)
{
  static const num tiers[4] = {1, 5, 9, 0};
  const num shape = get(in, 1) - 128, flags = get(in, 1);
  im->layout = shape % 8;
  im->depth = shape / 8 + 1;
  if (flags % 2 == 1) {
    const num sides = get(in, 3);
    im->width = sides % 4096 + 1;
    im->height = sides / 4096 + 1;
  } else {
    im->width = get(in, 1) + 1;
    im->height = get(in, 1) + 1;
  }
  const bool holds_jpeg = flags / 64 % 2 == 1;
  im->tile_log2 = holds_jpeg ? 9 : 6;
  while (!holds_jpeg && power(im->tile_log2) < most(im->width, im->height))
    im->tile_log2++;
  if (flags > 127)
    refuse(in, "a reserved flag");
  check_fields(in, im, tiers[flags / 4 % 4]);
  source body = cut(in, get_varint(in, power(16)));
  const num crc = crc32c(start, (size_t)(in->at - start));
  if (get(in, 4) != crc)
    refuse(in, "checksum of the file");
  if (left(in) != 0)
    refuse(in, "data after the end");
  im->known = flags / 2 % 2 == 1 ? 2 : 8; /* none: all 8 are 0 */
  for (int i = 0; i < 2 && flags / 2 % 2 == 1; i++)
    im->model_id[i] = (uint8_t)get(&body, 1);
  make_room(in, im);
  if (holds_jpeg)
    kept(in, t, im, cut(&body, get_varint(&body, power(16))), false);
  brief_metadata(all, t, &body, flags / 16 % 4);
  check_palette(in, all, im);
  if ((im->layout == 5 && !im->kept) || (im->kept && idf_oracle_kept_bands(im->kept) != 1))
    refuse(in, "not a picture for a small file");
  if (left(&body) < 2)
    refuse(in, "no room for a tile");
  num size;
  record r = {.kind = 'T', .payload = cut(&body, left(&body) - 2)};
  all_tiles(in, t, model_file, im, r, 1, &size);
  const num check = get(&body, 2);
  if (check != (im->kept ? idf_oracle_kept_crc(im->kept) : samples_crc(in, im)) % 65536)
    refuse(in, "the samples are not those that were encoded");
}

/* ======== 3. Metadata ======== */

static bool is_type(const piece *p, const char *type)
{
  return memcmp(p->data.at, type, 4) == 0;
}

static bool is_chunk(const piece *p)
{
  for (int i = 0; i < 4; i++)
    if (p->data.at[i] <= '9')
      return false;
  return true;
}

static void metadata(pieces *all, source payload, bool after)
{
  if (left(&payload) < 4)
    refuse(&payload, "metadata without a type");
  for (int i = 0; i < 4; i++) {
    uint8_t c = payload.at[i];
    if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')))
      refuse(&payload, "a type of metadata is not letters and digits");
  }
  piece *list = realloc(all->list, (size_t)(all->count + 1) * sizeof *list);
  if (!list)
    refuse(&payload, "no memory");
  all->list = list;
  list[all->count++] = (piece){payload, after};
}

static void packed(pieces *all, const tables *t, source payload, bool after)
{
  if (left(&payload) > power(22))
    refuse(&payload, "packed metadata are too long");
  const num head = get_varint(&payload, power(25)), words = head % 8;
  num count = head / 8, bytes = get_varint(&payload, power(22));
  const num size = 7 * count + bytes;
  if (size < 1 || size > power(22) || size > 1500 * left(&payload))
    refuse(&payload, "packed metadata of such a size are not allowed");
  uint8_t *data = idf_oracle_unpack(t, payload, words, size);
  uint8_t **unpacked = realloc(all->unpacked, (size_t)(all->records + 1) * sizeof *unpacked);
  if (!unpacked)
    refuse(&payload, "no memory");
  all->unpacked = unpacked;
  unpacked[all->records++] = data;
  source in = {payload.name, data, data + size};
  for (; left(&in) > 0; count--) {
    uint8_t *type = data + (in.at - data);
    in.at += 4;
    const num n = get(&in, 3);
    /* The type is moved to its data. */
    memmove(type + 3, type, 4);
    in.at = type + 3;
    metadata(all, cut(&in, 4 + n), after);
  }
  if (count != 0)
    refuse(&payload, "packed metadata hold another number of pieces");
}

/* -------- 3.1 Metadata of small files -------- */

#define COLOURS -1
#define ANY -2

static const struct {
  const char *type;
  int size;
  const char *data;
} kinds[] = {{"PLTE", COLOURS, 0},
             {"tRNS", ANY, 0},
             {"gAMA", 4, 0},
             {"cHRM", 32, 0},
             {"sRGB", 1, 0},
             {"iCCP", ANY, 0},
             {"cICP", 4, 0},
             {"sBIT", ANY, 0},
             {"mDCV", 24, 0},
             {"cLLI", 8, 0},
             {"bKGD", ANY, 0},
             {"hIST", ANY, 0},
             {"pHYs", 9, 0},
             {"sPLT", ANY, 0},
             {"tIME", 7, 0},
             {"eXIf", ANY, 0},
             {"tEXt", ANY, 0},
             {"zTXt", ANY, 0},
             {"iTXt", ANY, 0},
             {"jpSg", ANY, 0},
             {"max1", 2, 0},
             {"gAMA", 4, "\x00\x00\xb1\x8f"},
             {"cHRM", 32,
              "\x00\x00\x7a\x26\x00\x00\x80\x84\x00\x00\xfa\x00\x00\x00\x80\xe8"
              "\x00\x00\x75\x30\x00\x00\xea\x60\x00\x00\x3a\x98\x00\x00\x17\x70"},
             {"sRGB", 1, "\x00"},
             {"pHYs", 9, "\x00\x00\x0b\x13\x00\x00\x0b\x13\x01"},
             {"pHYs", 9, "\x00\x00\x0e\xc3\x00\x00\x0e\xc3\x01"},
             {"pHYs", 9, "\x00\x00\x0e\xc4\x00\x00\x0e\xc4\x01"}};
#define KINDS (num)(sizeof kinds / sizeof *kinds)

/* Bytes that live as long as `all`. */
static uint8_t *keep(pieces *all, const source *in, num size)
{
  uint8_t **unpacked = realloc(all->unpacked, (size_t)(all->records + 1) * sizeof *unpacked);
  if (!unpacked)
    refuse(in, "no memory");
  all->unpacked = unpacked;
  return unpacked[all->records++] = room(in, size, 1);
}

static void brief_piece(pieces *all, source *body, num kind, bool after)
{
  if (kind >= KINDS && kind != 63)
    refuse(body, "metadata of an unknown kind");
  const char *type = kind == 63 ? (const char *)cut(body, 4).at : kinds[kind].type;
  num size = kind == 63 ? ANY : kinds[kind].size;
  if (size == ANY)
    size = get_varint(body, power(16));
  if (size == COLOURS)
    size = 3 * (get(body, 1) + 1);
  const bool known = kind != 63 && kinds[kind].data;
  const void *from = known ? (const void *)kinds[kind].data : cut(body, size).at;
  uint8_t *data = keep(all, body, 4 + size);
  memcpy(data, type, 4);
  memcpy(data + 4, from, (size_t)size);
  metadata(all, (source){body->name, data, data + 4 + size}, after);
}

static void brief_metadata(pieces *all, const tables *t, source *body, num form)
{
  if (form == 1) {
    bool after = false;
    for (num byte = 128; byte >= 128;) {
      byte = get(body, 1);
      if (after && byte / 64 % 2 == 0)
        refuse(body, "metadata from before the pixels behind others");
      after = byte / 64 % 2 == 1;
      brief_piece(all, body, byte % 64, after);
    }
  } else if (form > 1) {
    const num before = form == 3 ? get_varint(body, power(22)) : -1;
    packed(all, t, cut(body, get_varint(body, power(16))), false);
    if (before >= all->count)
      refuse(body, "fewer metadata than should be before the pixels");
    for (num i = before; form == 3 && i < all->count; i++)
      all->list[i].after = true;
  }
}

static void check_palette(const source *in, const pieces *all, const image *im)
{
  if (im->layout != 4)
    return;
  for (num i = 0; i < all->count; i++)
    if (is_type(&all->list[i], "PLTE"))
      return;
  refuse(in, "palette indices without a palette");
}

/* 2^depth - 1, unless metadata say otherwise. */
static num maxval(const source *in, const pieces *all, const image *im)
{
  num value = power(im->depth) - 1;
  for (num i = 0; i < all->count; i++) {
    source data = all->list[i].data;
    if (!is_type(&all->list[i], "max1"))
      continue;
    data.at += 4;
    if (left(&data) != 2 || all->list[i].after)
      refuse(&data, "maxval is damaged");
    value = get(&data, 2);
    if (value >> im->depth != 0 || value >> (im->depth - 1) != 1)
      refuse(&data, "maxval does not fit the depth");
  }
  for (num i = 0; i < im->width * im->height * im->channels; i++)
    if (im->samples[i] > value)
      refuse(in, "a sample above maxval");
  return value;
}

/* ======== 7. Tiles ======== */

/* The pixels of one tile within the image. */
typedef struct area {
  const image *im;
  num x0, y0, w, h;
} area;

static uint16_t *sample_at(const area *a, num x, num y, num channel)
{
  return &a->im->samples[((a->y0 + y) * a->im->width + a->x0 + x) * a->im->channels + channel];
}

static void flow_tile(const area *a, const tables *t, const model *m, source *in);

static void screen_tile(const area *a, const tables *t, num bits, source *in);
static void history_tile(const area *a, const tables *t, source *in);
static void chroma_tile(const area *a, const tables *t, const model *m, source *in);

static void plain_tile(const area *a, source *in, bool solid)
{
  const num c = a->im->channels, depth = a->im->depth;
  num bits = 0, kept = 0;
  if (left(in) != ceil_div((solid ? 1 : a->w * a->h) * c * depth, 8))
    refuse(in, "a stored or solid tile has the wrong length");
  for (num y = 0; y < a->h; y++)
    for (num x = 0; x < a->w; x++)
      for (num k = 0; k < c; k++) {
        if (solid && (x > 0 || y > 0)) {
          *sample_at(a, x, y, k) = *sample_at(a, 0, 0, k);
          continue;
        }
        for (; kept < depth; kept += 8)
          bits = (bits << 8 | get(in, 1)) & 0xffffff;
        kept -= depth;
        *sample_at(a, x, y, k) = (uint16_t)((bits >> kept) & (power(depth) - 1));
      }
  if ((bits & (power(kept) - 1)) != 0)
    refuse(in, "padding bits that are not 0");
}

static void tile(const image *im, const tables *t, const model *m, source in, num x0, num y0)
{
  const num side = power(im->tile_log2);
  const area a = {im, x0, y0, least(side, im->width - x0), least(side, im->height - y0)};
  if (left(&in) > 1 + ceil_div(a.w * a.h * im->channels * im->depth, 8))
    refuse(&in, "a tile is longer than it would be stored");
  num method = get(&in, 1);
  if (method > 10)
    refuse(&in, "a tile's method is unknown");
  if (method == 2)
    flow_tile(&a, t, m, &in);
  else if (method == 9)
    history_tile(&a, t, &in);
  else if (method == 10)
    chroma_tile(&a, t, m, &in);
  else if (method >= 3)
    screen_tile(&a, t, method + 11, &in);
  else
    plain_tile(&a, &in, method == 1);
}

static void screen_tile(const area *a, const tables *t, num bits, source *in)
{
  const num c = a->im->channels, n = a->w * a->h;
  num *plane[4] = {NULL, NULL, NULL, NULL};
  for (num k = 0; k < c; k++)
    plane[k] = room(in, n, sizeof(num));
  idf_oracle_screen(t, in, bits, a->w, a->h, c, a->im->depth, plane);
  for (num k = 0; k < c; k++) {
    for (num i = 0; i < n; i++)
      *sample_at(a, i % a->w, i / a->w, k) = (uint16_t)plane[k][i];
    free(plane[k]);
  }
}

static void history_tile(const area *a, const tables *t, source *in)
{
  if (a->im->depth != 8 || a->im->layout == 4)
    refuse(in, "a history tile has samples of another kind");
  const num c = a->im->channels, n = a->w * a->h;
  num *plane[4] = {NULL, NULL, NULL, NULL};
  for (num k = 0; k < c; k++)
    plane[k] = room(in, n, sizeof(num));
  idf_oracle_history(t, in, a->w, a->h, c, plane);
  for (num k = 0; k < c; k++) {
    for (num i = 0; i < n; i++)
      *sample_at(a, i % a->w, i / a->w, k) = (uint16_t)plane[k][i];
    free(plane[k]);
  }
}

static void chroma_tile(const area *a, const tables *t, const model *m, source *in)
{
  const num n = a->w * a->h;
  num *plane[3];
  if (a->im->depth != 8 || a->im->layout != 2)
    refuse(in, "a chroma tile has samples of another kind");
  for (num k = 0; k < 3; k++)
    plane[k] = room(in, n, sizeof(num));
  idf_oracle_chroma(t, m, in, a->w, a->h, plane);
  for (num k = 0; k < 3; k++) {
    for (num i = 0; i < n; i++)
      *sample_at(a, i % a->w, i / a->w, k) = (uint16_t)plane[k][i];
    free(plane[k]);
  }
}

/* ======== 8. Flow tiles ======== */

/* Reads the list of escapes; with `plane`, puts them in place. */
static void escapes(source *in, num n, num *const *plane)
{
  num count = get_varint(in, n), at = 0;
  for (num i = 0; i < count; i++) {
    num gap = get_varint(in, n);
    if ((i > 0 && gap == 0) || at + gap >= n)
      refuse(in, "escapes are malformed");
    at += gap;
    for (int c = 0; c < 3; c++) {
      num v = get(in, 1);
      if (plane)
        plane[c][at] = v;
    }
  }
}

/* The values a channel uses, by rank. */
typedef struct values {
  num count, value[65536];
} values;

/* The list of one channel; `above`: of the one before it in the stream, or NULL. */
static void value_list(stream *s, num depth, flag flags[2][5][4], const values *above, values *out)
{
  num gap = 1, last = 1, shared = 0;
  out->count = 0;
  for (num v = 0; v < power(depth); v++) {
    const bool is_above = above != NULL && shared < above->count && above->value[shared] == v;
    flag *f = &flags[is_above][clamp(gap - last, -2, 2) + 2][gap < 3 ? gap - 1 : gap < 5 ? 2 : 3];
    const num used = idf_oracle_flag(s, 0, f);
    idf_oracle_flag_update(f, used);
    shared += is_above;
    gap++;
    if (used) {
      out->value[out->count++] = v;
      last = gap - 1;
      gap = 1;
    }
  }
  if (out->count == 0)
    refuse(&s->words, "a channel without any value");
}

/* One list a plane, in coding order. */
static values *value_lists(source *in, num depth, num planes)
{
  values *all = room(in, planes, sizeof *all);
  const num length = get_varint(in, left(in));
  flag flags[2][5][4];
  stream s;
  idf_oracle_stream_start(&s, cut(in, length), 1);
  for (int i = 0; i < 2 * 5 * 4; i++)
    flags[i / 20][i / 4 % 5][i % 4] = (flag){32768, 0};
  for (num p = 0; p < planes; p++)
    value_list(&s, depth, flags, p > 0 ? &all[p - 1] : NULL, &all[p]);
  idf_oracle_stream_end(&s);
  return all;
}

static void colours_back(num layer, num *const plane[3], num n);

/* Planes p .. p + planes - 1 of the coding order; top: the most of each plane's samples. */
static void group(const area *a, const tables *t, const model *m, source *in, num layer, num p,
                  num planes, const num top[4], num *const *plane)
{
  outline o = {.W = a->w, .H = a->h, .planes = planes};
  num widest = 0;
  for (num i = 0; i < planes; i++)
    widest = most(widest, top[p + i]);
  for (num i = 0; i < planes; i++) {
    o.max[i] = planes == 3 ? widest : top[p + i];
    o.min[i] = i > 0 && (layer == 1 || layer == 2) ? -widest : 0;
  }
  if (layer >= 3 && widest != 255)
    refuse(in, "a colour layer where it is not allowed");
  idf_oracle_group(&o, t, m, in, plane + p);
}

static void flow_tile(const area *a, const tables *t, const model *m, source *in)
{
  const num c = a->im->channels, alpha = c == 2 || c == 4 ? 1 : 0, n = a->w * a->h;
  num *plane[4] = {NULL, NULL, NULL, NULL}, top[4] = {0}; /* in coding order */
  num schedule = get(in, 1), head = get(in, 1), layer = head % 16;
  const bool joint = head >> 5 & 1;
  values *ranks = NULL;
  if (schedule != 0 || layer > 4 || head > 63)
    refuse(in, "a tile's schedule or colour layer is unknown");
  if ((layer != 0 && c < 3) || (joint && c != 2))
    refuse(in, "a colour layer where it is not allowed");
  if (head >> 4 & 1)
    ranks = value_lists(in, a->im->depth, c);
  for (num p = 0; p < c; p++) {
    plane[p] = room(in, n, sizeof(num));
    top[p] = (ranks != NULL ? ranks[p].count : power(a->im->depth)) - 1;
  }
  source list = *in;
  if (layer >= 3)
    escapes(in, n, NULL);
  const num first = joint ? 0 : alpha;
  if (first > 0)
    group(a, t, m, in, 0, 0, 1, top, plane);
  group(a, t, m, in, layer, first, c - first, top, plane);
  if (left(in) != 0)
    refuse(in, "a tile goes on after its last group");
  colours_back(layer, plane + alpha, n);
  if (layer >= 3)
    escapes(&list, n, plane + alpha);
  for (num p = 0; p < c; p++) {
    const num channel = alpha == 0 ? p : p == 0 ? c - 1 : p - 1;
    for (num i = 0; i < n; i++) {
      if (plane[p][i] < 0 || plane[p][i] >= (ranks != NULL ? ranks[p].count : power(a->im->depth)))
        refuse(in, "a sample is out of range");
      *sample_at(a, i % a->w, i / a->w, channel) =
          (uint16_t)(ranks != NULL ? ranks[p].value[plane[p][i]] : plane[p][i]);
    }
    free(plane[p]);
  }
  free(ranks);
}

/* ======== 9. Colour layers ======== */

static void colours_back(num layer, num *const plane[3], num n)
{
  for (num i = 0; layer != 0 && i < n; i++) {
    const num a = plane[0][i], b = plane[1][i], c = plane[2][i];
    num R, G, B;
    if (layer == 1) {
      G = a;
      R = b + a;
      B = c + a;
    } else if (layer == 2) {
      num t = a - (c >> 1);
      G = c + t;
      B = t - (b >> 1);
      R = b + B;
    } else if (layer == 4) {
      num y = (19077 * a) >> 8;
      R = clamp((y + ((26149 * c) >> 8) - 14234) >> 6, 0, 255);
      G = clamp((y - ((6419 * b) >> 8) - ((13320 * c) >> 8) + 8708) >> 6, 0, 255);
      B = clamp((y + ((33050 * b) >> 8) - 17685) >> 6, 0, 255);
    } else {
      num u = b - 128, v = c - 128;
      R = clamp(a + ((91881 * v + 32768) >> 16), 0, 255);
      G = clamp(a + ((-22554 * u - 46802 * v + 32768) >> 16), 0, 255);
      B = clamp(a + ((116130 * u + 32768) >> 16), 0, 255);
    }
    plane[0][i] = R;
    plane[1][i] = G;
    plane[2][i] = B;
  }
}

/* ======== Output ======== */

/* Chapter 19. */
static void pixels_of_jpeg(image *im)
{
  uint8_t *pixels = idf_oracle_recipe(im->kept);
  for (num i = 0; i < im->width * im->height * im->channels; i++)
    im->samples[i] = pixels[i];
  free(pixels);
}

static void jpeg_file(const source *in, jpeg *j)
{
  num size;
  if (!j)
    refuse(in, "no JPEG file was kept");
  uint8_t *file = idf_oracle_jpeg_file(j, &size);
  if (crc32c(file, (size_t)size) != j->crc)
    refuse(in, "the JPEG file is not the one that was encoded");
  fwrite(file, 1, (size_t)size, stdout);
  free(file);
}

static void pam(const image *im, num highest)
{
  static const char *const tuples[6] = {"GRAYSCALE", "GRAYSCALE_ALPHA", "RGB", "RGB_ALPHA", "",
                                        "CMYK"};
  static const char *const bilevel[2] = {"BLACKANDWHITE", "BLACKANDWHITE_ALPHA"};
  printf("P7\nWIDTH %d\nHEIGHT %d\nDEPTH %d\nMAXVAL %d\nTUPLTYPE %s\nENDHDR\n", (int)im->width,
         (int)im->height, (int)im->channels, (int)highest,
         highest == 1 && im->layout < 2 ? bilevel[im->layout] : tuples[im->layout]);
  for (num i = 0; i < im->width * im->height * im->channels; i++) {
    if (highest > 255)
      putchar(im->samples[i] >> 8);
    putchar(im->samples[i] & 255);
  }
}

static void put32(uint8_t *to, uint32_t v)
{
  for (int i = 0; i < 4; i++)
    to[i] = (uint8_t)(v >> (24 - 8 * i));
}

static void chunk(const source *in, const uint8_t *type_and_data, num size)
{
  uint8_t head[4], crc[4];
  if (size - 4 > power(31) - 1)
    refuse(in, "a chunk too long for a PNG");
  put32(head, (uint32_t)(size - 4));
  put32(crc, crc_of(0xedb88320, type_and_data, (size_t)size));
  fwrite(head, 1, 4, stdout);
  fwrite(type_and_data, 1, (size_t)size, stdout);
  fwrite(crc, 1, 4, stdout);
}

/* "IDAT" and a zlib stream of stored blocks with the rows, each a filter byte 0 and
 * packed indices; *size gets its length. */
static uint8_t *packed_rows(const source *in, const image *im, num *size)
{
  const num row = 1 + ceil_div(im->width * im->depth, 8), raw = row * im->height;
  uint8_t *out = room(in, 4 + 2 + raw + 5 * (raw / 65535 + 1) + 4, 1);
  uint32_t a = 1, b = 0; /* Adler-32 */
  num at = 6;
  memcpy(out, "IDAT\x78\x01", 6);
  for (num i = 0; i < raw; i++) {
    const num y = i / row, k = i % row - 1;
    if (i % 65535 == 0) {
      const num length = least(raw - i, 65535);
      const uint8_t block[5] = {length == raw - i, (uint8_t)length, (uint8_t)(length >> 8),
                                (uint8_t)~length, (uint8_t)(~length >> 8)};
      memcpy(out + at, block, 5);
      at += 5;
    }
    num byte = 0;
    for (num bit = 0; k >= 0 && bit < 8; bit += im->depth) {
      const num x = (8 * k + bit) / im->depth;
      const num v = x < im->width ? im->samples[y * im->width + x] : 0;
      byte |= v << (8 - im->depth - bit);
    }
    out[at++] = (uint8_t)byte;
    a = (a + (uint32_t)byte) % 65521;
    b = (b + a) % 65521;
  }
  put32(out + at, b << 16 | a);
  *size = at + 4;
  return out;
}

static void png(const source *in, const image *im, const pieces *all)
{
  uint8_t head[17] = {'I', 'H', 'D', 'R'};
  num size;
  if (8 % im->depth != 0)
    refuse(in, "a depth that no PNG has");
  uint8_t *data = packed_rows(in, im, &size);
  put32(head + 4, (uint32_t)im->width);
  put32(head + 8, (uint32_t)im->height);
  head[12] = (uint8_t)im->depth;
  head[13] = 3;
  fwrite("\x89PNG\r\n\x1a\n", 1, 8, stdout);
  chunk(in, head, 17);
  for (int after = 0; after < 2; after++) {
    for (num i = 0; i < all->count; i++)
      if (all->list[i].after == after && is_chunk(&all->list[i]))
        chunk(in, all->list[i].data.at, left(&all->list[i].data));
    if (!after)
      chunk(in, data, size);
  }
  chunk(in, (const uint8_t *)"IEND", 4);
  free(data);
}

int main(int argc, char **argv)
{
  if (argc != 2 && argc != 3) {
    fputs("usage: oracle FILE.idf [MODEL.idfm | --jpeg] > OUT\n", stderr);
    return 1;
  }
  uint8_t *data;
  image im = {.kept = NULL};
  pieces all = {.list = NULL};
  source in = idf_oracle_read(argv[1], &data);
  tables *t = idf_oracle_tables(&in);
  const bool want_jpeg = argc == 3 && strcmp(argv[2], "--jpeg") == 0;
  whole(&in, t, argc == 3 && !want_jpeg ? argv[2] : NULL, &im, &all);
  if (im.kept)
    pixels_of_jpeg(&im);
  const num highest = maxval(&in, &all, &im);
  if (want_jpeg)
    jpeg_file(&in, im.kept);
  else if (im.layout == 4)
    png(&in, &im, &all);
  else
    pam(&im, highest);
  if (fflush(stdout) != 0 || ferror(stdout))
    refuse(&in, "writing failed");
  if (im.kept)
    idf_oracle_jpeg_free(im.kept);
  free(im.samples);
  free(all.list);
  for (int i = 0; i < all.records; i++)
    free(all.unpacked[i]);
  free(all.unpacked);
  free(t);
  free(data);
  return 0;
}

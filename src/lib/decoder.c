/* SPDX-License-Identifier: BSD-3-Clause
 *
 * decoder.c: file in, rows out: the decoder's life, header, metadata and end. It holds a
 * band of tiles (decoder_tiles.c) and the bytes of its records. Which record may follow
 * which is checked here and in decoder_tiles.c, nowhere else.
 * idf(5), "METADATA" and idf(5), "WHAT A DECODER REFUSES".
 */
#include "state.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "jpeg_meta.h"
#include "packed.h"
#include "pool.h"

void idf_limits_init(idf_limits *limits)
{
  if (!limits)
    return;
  *limits = (idf_limits){.max_pixels = (uint64_t)1 << 28,
                         .max_memory = IDF_DEFAULT_MEMORY,
                         .max_metadata = (uint64_t)64 << 20};
}

idf_status idf_decoder_fail(idf_decoder *d, idf_status status, const char *format, ...)
{
  /* Not an error: idf_decoder_info, with which all calls begin, forgets it. */
  if (d->status == IDF_OK && status == IDF_NEED_INPUT) {
    d->status = status;
  } else if (d->status == IDF_OK) {
    va_list args;
    va_start(args, format);
    vsnprintf(d->detail, sizeof d->detail, format, args);
    va_end(args);
    d->status = status;
  }
  return d->status;
}

idf_status idf_decoder_create(const idf_limits *limits, idf_read_fn read, void *context,
                              int64_t fail_in, idf_decoder **decoder)
{
  idf_limits lim;
  idf_status status = IDF_OK;

  if (decoder)
    *decoder = NULL;
  if (!decoder || !read)
    return IDF_ERR_ARGUMENT;
  idf_limits_init(&lim);
  if (limits)
    lim = *limits;
  if (!idf_all_zero(lim.reserved, sizeof lim.reserved / sizeof *lim.reserved))
    return IDF_ERR_ARGUMENT;
  idf_decoder *d = idf_object_new(sizeof *d, lim.max_memory, fail_in, &status);
  if (!d)
    return status;
  d->limits = lim;
  d->threads = 1;
  d->kernels = idf_kernels_of(IDF_SIMD_AUTO);
  d->content = &idf_content_samples;
  idf_input_init(&d->in, &d->mem, read, context);
  idf_buf_init(&d->queue.bytes, &d->mem);
  *decoder = d;
  return IDF_OK;
}

idf_status idf_decoder_new(const idf_limits *limits, idf_read_fn read, void *context,
                           idf_decoder **decoder)
{
  return idf_decoder_create(limits, read, context, -1, decoder);
}

idf_status idf_decoder_create_push(const idf_limits *limits, int64_t fail_in, idf_decoder **decoder)
{
  const idf_status status = idf_decoder_create(limits, idf_queue_read, NULL, fail_in, decoder);

  if (status == IDF_OK) {
    (*decoder)->in.context = &(*decoder)->queue;
    (*decoder)->pushed = true;
  }
  return status;
}

idf_status idf_decoder_new_push(const idf_limits *limits, idf_decoder **decoder)
{
  return idf_decoder_create_push(limits, -1, decoder);
}

idf_status idf_decoder_push(idf_decoder *decoder, const uint8_t *data, size_t size)
{
  idf_decoder *d = decoder;

  if (!d || !d->pushed || d->queue.ended || (!data && size))
    return IDF_ERR_ARGUMENT;
  if (d->status != IDF_OK && d->status != IDF_NEED_INPUT)
    return d->status;
  const idf_status status = idf_queue_put(&d->queue, data, size);
  if (status != IDF_OK)
    idf_mem_forgive(&d->mem);
  return status;
}

idf_status idf_decoder_push_end(idf_decoder *decoder)
{
  if (!decoder || !decoder->pushed)
    return IDF_ERR_ARGUMENT;
  decoder->queue.ended = true;
  return IDF_OK;
}

void idf_decoder_free(idf_decoder *decoder)
{
  idf_decoder *d = decoder;
  if (!d)
    return;
  idf_ahead_free(d);
  idf_decoder_jpeg_free(d);
  idf_decoder_facts_free(d);
  idf_decoder_out_free(d);
  idf_input_free(&d->in);
  idf_buf_free(&d->queue.bytes);
  idf_model_release(&d->mem, d->own);
  for (size_t i = 0; i < d->piece_count + d->brief_late; i++)
    idf_free(&d->mem, d->pieces[i].data);
  idf_free(&d->mem, d->pieces);
  idf_free(&d->mem, d->notes);
  idf_free(&d->mem, d->index);
  idf_survey_free(&d->survey);
  idf_free(&d->mem, d->band);
  idf_free(&d->mem, d->map_bits);
  idf_free(NULL, d);
}

void idf_decoder_model(idf_decoder *decoder, const idf_model *model)
{
  if (decoder)
    decoder->given = model;
}

void idf_decoder_keep_going(idf_decoder *decoder, int on)
{
  if (decoder)
    decoder->keep_going = on != 0;
}

void idf_decoder_threads(idf_decoder *decoder, unsigned threads)
{
  if (decoder)
    decoder->threads = idf_thread_count(threads);
}

idf_status idf_decoder_cancel_when(idf_decoder *decoder, idf_cancelled_fn cancelled, void *context)
{
  if (!decoder || decoder->informed)
    return IDF_ERR_ARGUMENT;
  decoder->cancel.asked = cancelled;
  decoder->cancel.context = context;
  return IDF_OK;
}

idf_status idf_decoder_simd(idf_decoder *decoder, idf_simd level)
{
  const idf_kernels *kernels = idf_kernels_of(level);
  if (!decoder)
    return IDF_ERR_ARGUMENT;
  if (!kernels)
    return IDF_ERR_UNSUPPORTED;
  decoder->kernels = kernels;
  decoder->in.simd = kernels->simd;
  return IDF_OK;
}

void idf_decoder_measure(idf_decoder *decoder, idf_map_fn map, void *context)
{
  if (!decoder)
    return;
  decoder->measured = true;
  decoder->map = map;
  decoder->map_context = context;
}

const char *idf_decoder_detail(const idf_decoder *decoder)
{
  return decoder ? decoder->detail : "";
}

idf_limit_kind idf_decoder_limit(const idf_decoder *decoder)
{
  if (!decoder || decoder->status != IDF_ERR_LIMIT)
    return IDF_LIMIT_NONE;
  return decoder->limit != IDF_LIMIT_NONE ? decoder->limit : IDF_LIMIT_MEMORY;
}

/* The first error is a limit. */
static void note_limit(idf_decoder *d, idf_limit_kind limit)
{
  if (d->status == IDF_OK)
    d->limit = limit;
}

bool idf_make_item(idf_mem *mem, void **items, size_t count, size_t *cap, size_t size)
{
  size_t more = *cap ? *cap : 4, bytes;
  if (count < *cap)
    return true;
  if (!idf_size_mul(more, 2, &more) || !idf_size_mul(more, size, &bytes))
    return false;
  void *grown = idf_realloc(mem, *items, count * size, bytes);
  if (!grown)
    return false;
  *items = grown;
  *cap = more;
  return true;
}

/* ---- header and metadata ------------------------------------------------------ */

/* Parses what is there of the first bytes; *used of these are the header, but none in a brief
 * file, where the head is checked with all the rest. */
static idf_status parse_header(idf_decoder *d, size_t have, size_t *used)
{
  const uint8_t *data = idf_input_at(&d->in);

  d->model_id_size = sizeof d->header.model_id;
  if (!idf_is_brief(data, have))
    return idf_read_header(d->in.simd, data, have, &d->header, used);
  const idf_status status = idf_brief_head(data, have, &d->brief);
  d->header = d->brief.header;
  *used = 0;
  return status;
}

static idf_status read_header(idf_decoder *d)
{
  size_t have = 0, used, want = IDF_MAGIC_SIZE;
  idf_status status;

  /* No byte more than the header has is waited for. */
  do {
    status = idf_input_fill(&d->in, want, &have);
    if (status != IDF_OK)
      return idf_decoder_fail(d, status, "reading the header");
    status = parse_header(d, have, &used);
    want = have + 1;
  } while (status == IDF_ERR_TRUNCATED && !d->in.ended && have < IDF_MAX_HEADER);
  if (status == IDF_ERR_UNSUPPORTED)
    return idf_decoder_fail(d, status, "format version %u, this is a decoder of version %d",
                            idf_input_at(&d->in)[IDF_MAGIC_SIZE], IDF_FORMAT_VERSION);
  if (status != IDF_OK)
    return idf_decoder_fail(d, status, "header");
  idf_input_skip(&d->in, used);
  const idf_header *h = &d->header;
  d->info = (idf_info){
      .width = h->width, .height = h->height, .layout = (idf_layout)h->layout, .depth = h->depth};
  if (!idf_info_valid(&d->info))
    return idf_decoder_fail(d, IDF_ERR_CORRUPT, "header");
  if ((uint64_t)h->width * h->height > d->limits.max_pixels) {
    note_limit(d, IDF_LIMIT_PIXELS);
    return idf_decoder_fail(d, IDF_ERR_LIMIT, "%lu x %lu pixels, the limit is %llu",
                            (unsigned long)h->width, (unsigned long)h->height,
                            (unsigned long long)d->limits.max_pixels);
  }
  d->channels = idf_channels(d->info.layout);
  d->sample_bytes = idf_sample_bytes(&d->info);
  size_t line;
  if (!idf_size_mul(h->width, d->channels, &line)) {
    note_limit(d, IDF_LIMIT_MACHINE);
    return idf_decoder_fail(d, IDF_ERR_LIMIT, "rows too long for this machine");
  }
  d->side = 1u << h->tile_log2;
  d->across = idf_tiles_across(h);
  d->tiles = (uint64_t)d->across * idf_tiles_down(h);
  idf_anatomy *a = &d->anatomy;
  a->tile_side = d->side;
  a->tiles_across = d->across;
  a->tiles_down = idf_tiles_down(h);
  a->effort = h->tier;
  memcpy(a->model_id, h->model_id, sizeof a->model_id);
  a->header_bytes = used + d->brief.head;
  return IDF_OK;
}

idf_status idf_decoder_metadata_limit(idf_decoder *d, uint64_t size)
{
  if (size > d->limits.max_metadata - d->metadata_size) {
    note_limit(d, IDF_LIMIT_METADATA);
    return idf_decoder_fail(d, IDF_ERR_LIMIT, "metadata above %llu bytes",
                            (unsigned long long)d->limits.max_metadata);
  }
  return IDF_OK;
}

/* Stores a copy; the caller checks the limit. */
idf_status idf_decoder_add_piece(idf_decoder *d, const idf_plain_piece *piece, bool after_pixels)
{
  if (!idf_piece_type_allowed(piece->type))
    return idf_decoder_fail(d, IDF_ERR_CORRUPT, "metadata record %zu: type", d->piece_count);
  void *pieces = d->pieces;
  bool room = idf_make_item(&d->mem, &pieces, d->piece_count, &d->piece_cap, sizeof *d->pieces);
  d->pieces = pieces;
  idf_piece p = {.after_pixels = after_pixels, .size = piece->size};
  if (room)
    p.data = idf_alloc(&d->mem, p.size, 1);
  if (!p.data)
    return idf_decoder_fail(d, idf_mem_status(&d->mem), "metadata record %zu", d->piece_count);
  memcpy(p.type, piece->type, IDF_PIECE_TYPE);
  if (p.size)
    memcpy(p.data, piece->data, p.size);
  d->pieces[d->piece_count++] = p;
  d->metadata_size += p.size;
  d->anatomy.metadata_plain_bytes += idf_record_size(IDF_PIECE_TYPE + p.size);
  return IDF_OK;
}

/* Reads the next record, which is metadata. */
static idf_status read_metadata(idf_decoder *d, const idf_record *frame, bool after_pixels)
{
  idf_record rec;
  bool framed;

  if (frame->len < IDF_PIECE_TYPE)
    return idf_decoder_fail(d, IDF_ERR_CORRUPT, "metadata without a type");
  if (idf_decoder_metadata_limit(d, frame->len - IDF_PIECE_TYPE) != IDF_OK)
    return d->status;
  idf_status status = idf_input_record(&d->in, frame->len, &rec, &framed);
  if (status != IDF_OK)
    return idf_decoder_fail(d, status, "metadata record %zu", d->piece_count);
  const idf_plain_piece piece = {.type = rec.payload,
                                 .data = rec.payload + IDF_PIECE_TYPE,
                                 .size = (uint32_t)(rec.len - IDF_PIECE_TYPE)};
  if (idf_decoder_add_piece(d, &piece, after_pixels) != IDF_OK)
    return d->status;
  d->anatomy.metadata_bytes += rec.size;
  idf_input_skip(&d->in, rec.size);
  return IDF_OK;
}

/* Adds the pieces of which `len` bytes consist. */
static idf_status add_pieces(idf_decoder *d, const uint8_t *plain, size_t len, bool after_pixels)
{
  idf_cur cur = idf_cur_of(plain, len);
  idf_plain_piece piece;

  while (idf_piece_next(&cur, &piece))
    if (idf_decoder_add_piece(d, &piece, after_pixels) != IDF_OK)
      return d->status;
  return IDF_OK;
}

/* Reads the next record, which is packed metadata. */
static idf_status read_packed(idf_decoder *d, const idf_record *frame, bool after_pixels)
{
  idf_record rec;
  idf_packed packed;
  bool framed;

  if (frame->len > IDF_PACK_MAX)
    return idf_decoder_fail(d, IDF_ERR_CORRUPT, "packed metadata: length");
  idf_status status = idf_input_record(&d->in, frame->len, &rec, &framed);
  if (status != IDF_OK)
    return idf_decoder_fail(d, status, "packed metadata");
  if (!idf_packed_head(idf_cur_of(rec.payload, rec.len), &packed))
    return idf_decoder_fail(d, IDF_ERR_CORRUPT, "packed metadata: size");
  if (idf_decoder_metadata_limit(d, packed.size) != IDF_OK)
    return d->status;
  uint8_t *plain = idf_alloc(&d->mem, packed.len, 1);
  if (!plain)
    return idf_decoder_fail(d, idf_mem_status(&d->mem), "packed metadata");
  status = idf_packed_get(&d->mem, &d->cancel, &packed, plain);
  if (status != IDF_OK)
    idf_decoder_fail(d, status, "packed metadata");
  else if (!idf_packed_counted(&packed, plain))
    status = idf_decoder_fail(d, IDF_ERR_CORRUPT, "packed metadata: number of pieces");
  else
    status = add_pieces(d, plain, packed.len, after_pixels);
  idf_free(&d->mem, plain);
  if (status == IDF_OK) {
    d->anatomy.metadata_bytes += rec.size;
    idf_input_skip(&d->in, rec.size);
  }
  return status;
}

/* The segments of the JPEG as metadata: none of it is a record of its own. */
static idf_status add_segments(idf_decoder *d, const idf_jpeg *jpeg)
{
  idf_chunks chunks = {.mem = &d->mem};
  idf_jpeg_meta meta;

  /* A piece counts its bytes with 32 bits. */
  idf_jpeg_meta_init(&meta, &chunks,
                     IDF_MIN(d->limits.max_metadata - d->metadata_size, (uint64_t)UINT32_MAX));
  idf_status status = idf_jpeg_meta_all(&meta, jpeg);
  if (meta.over)
    idf_decoder_metadata_limit(d, UINT64_MAX);
  else if (status != IDF_OK)
    idf_decoder_fail(d, status, "metadata of the JPEG");
  for (size_t i = 0; i < chunks.count && status == IDF_OK; i++) {
    const idf_chunk *chunk = &chunks.list[i];
    const idf_plain_piece piece = {
        .type = (const uint8_t *)chunk->type, .data = chunk->data, .size = (uint32_t)chunk->size};
    status = idf_decoder_add_piece(d, &piece, chunk->after_pixels);
  }
  idf_jpeg_meta_free(&meta);
  idf_chunks_free(&chunks);
  return status;
}

idf_status idf_decoder_add_jpeg(idf_decoder *d, const uint8_t *payload, size_t len)
{
  if (idf_decoder_take_jpeg(d, payload, len) != IDF_OK)
    return d->status;
  return add_segments(d, idf_decoder_jpeg_file(d));
}

/* The next record is known to be that of a JPEG file. */
static idf_status read_jpeg(idf_decoder *d, const idf_record *frame, bool after_pixels)
{
  idf_record rec;
  bool framed;

  if (after_pixels || d->jpeg)
    return idf_decoder_fail(d, IDF_ERR_CORRUPT, "a record of a JPEG too many");
  idf_status status = idf_input_record(&d->in, frame->len, &rec, &framed);
  if (status != IDF_OK)
    return idf_decoder_fail(d, status, "record of the JPEG");
  if (idf_decoder_add_jpeg(d, rec.payload, rec.len) != IDF_OK)
    return d->status;
  d->anatomy.metadata_bytes += rec.size;
  idf_input_skip(&d->in, rec.size);
  return IDF_OK;
}

/* Consumes a record of a kind that this version does not know. Only a right checksum proves that it
 * is one, and not a tile with a damaged first byte. With keep_going, a damaged one must not be
 * consumed; therefore it is then read whole. */
static idf_status pass_unknown(idf_decoder *d, const idf_record *frame)
{
  idf_record rec;
  bool framed, optional = (frame->kind & 0x20) != 0;

  if (optional && !d->keep_going)
    return idf_input_pass(&d->in, frame);
  idf_status status = idf_input_record(&d->in, frame->len, &rec, &framed);
  if (status == IDF_OK && !optional)
    status = IDF_ERR_UNSUPPORTED;
  if (status == IDF_OK)
    idf_input_skip(&d->in, rec.size);
  return status;
}

/* Stops before the next record of a kind that matters here; *rec is its frame. */
static idf_status next_record(idf_decoder *d, bool after_pixels, idf_record *rec)
{
  for (;;) {
    idf_status status = idf_input_peek(&d->in, rec);
    if (status != IDF_OK)
      return status;
    switch (rec->kind) {
    case IDF_KIND_TILE:
    case IDF_KIND_INDEX:
    case IDF_KIND_END:
      return IDF_OK;
    case IDF_KIND_META:
      if (read_metadata(d, rec, after_pixels) != IDF_OK)
        return d->status;
      break;
    case IDF_KIND_PACK:
      if (read_packed(d, rec, after_pixels) != IDF_OK)
        return d->status;
      break;
    case IDF_KIND_JPEG:
      if (read_jpeg(d, rec, after_pixels) != IDF_OK)
        return d->status;
      break;
    default:
      status = pass_unknown(d, rec);
      if (status != IDF_OK)
        return status;
      d->anatomy.metadata_bytes += rec->size;
    }
  }
}

static idf_status record_error(idf_decoder *d, idf_status status, const idf_record *rec)
{
  if (status == IDF_ERR_UNSUPPORTED)
    return idf_decoder_fail(d, status, "record of unknown kind 0x%02x", rec->kind);
  return idf_decoder_fail(
      d, status, "%s", status == IDF_ERR_TRUNCATED ? "no end marker" : "record after the header");
}

idf_status idf_decoder_info(idf_decoder *decoder, idf_info *info)
{
  idf_decoder *d = decoder;
  idf_record rec;

  if (!d)
    return IDF_ERR_ARGUMENT;
  if (d->status == IDF_NEED_INPUT)
    d->status = IDF_OK;
  if (d->status != IDF_OK)
    return d->status;
  if (!d->informed) {
    if (d->tiles == 0 && read_header(d) != IDF_OK)
      return d->status;
    idf_status status = d->brief.head > 0 ? idf_decoder_take_brief(d) : next_record(d, false, &rec);
    /* With keep_going, damage where the first tile should be belongs to that tile. */
    if (status != IDF_OK && (d->status != IDF_OK || !d->keep_going || !idf_is_damage(status)))
      return record_error(d, status, &rec);
    if (d->info.layout == IDF_CMYK && !d->jpeg)
      return idf_decoder_fail(d, IDF_ERR_CORRUPT, "CMYK and no JPEG");
    d->informed = true;
    idf_decoder_view_all(d);
  }
  if (info)
    *info = d->info;
  return IDF_OK;
}

idf_status idf_decoder_metadata(const idf_decoder *decoder, size_t i, char type[5],
                                const uint8_t **data, size_t *size, int *after_pixels)
{
  if (!decoder || !type || !data || !size || i >= decoder->piece_count)
    return IDF_ERR_ARGUMENT;
  const idf_piece *p = &decoder->pieces[i];
  memcpy(type, p->type, sizeof p->type);
  *data = p->data;
  *size = p->size;
  if (after_pixels)
    *after_pixels = p->after_pixels;
  return IDF_OK;
}

/* ---- the end -------------------------------------------------------------------- */

/* Reads the index, which comes next and must agree with the tiles. */
static idf_status read_index(idf_decoder *d)
{
  idf_record rec;
  bool framed;
  size_t most = (size_t)IDF_MIN(5 * d->tiles, (uint64_t)IDF_MAX_RECORD);

  idf_status status = idf_input_record(&d->in, most, &rec, &framed);
  if (status != IDF_OK)
    return idf_decoder_fail(d, status, "tile index");
  idf_cur cur = idf_cur_of(rec.payload, rec.len);
  for (size_t i = 0; i < d->note_count; i++)
    if ((idf_get_varint(&cur, UINT32_MAX) != d->notes[i].size && !d->notes[i].lost) || cur.bad)
      return idf_decoder_fail(d, IDF_ERR_CORRUPT, "tile index, entry %zu", i);
  if (idf_cur_left(&cur) != 0)
    return idf_decoder_fail(d, IDF_ERR_CORRUPT, "tile index too long");
  idf_input_skip(&d->in, rec.size);
  d->anatomy.index_bytes += rec.size;
  return IDF_OK;
}

/* Reads the end record, which comes next. */
static idf_status read_end(idf_decoder *d)
{
  idf_record rec;
  bool framed;

  idf_status status = idf_input_record(&d->in, 8, &rec, &framed);
  if (status != IDF_OK || rec.len != 8)
    return idf_decoder_fail(d, status == IDF_OK ? IDF_ERR_CORRUPT : status, "end marker");
  idf_cur cur = idf_cur_of(rec.payload, rec.len);
  uint32_t crc = idf_get_le32(&cur);
  if (idf_get_le32(&cur) != d->index_size)
    return idf_decoder_fail(d, IDF_ERR_CORRUPT, "end marker: place of the index");
  if (d->view.whole && d->band_ready == d->info.height && d->anatomy.tiles_lost == 0
      && crc != d->crc)
    return idf_decoder_fail(d, IDF_ERR_CORRUPT, "the %s are not those that were encoded",
                            d->jpeg ? "coefficients" : "samples");
  idf_input_skip(&d->in, rec.size);
  d->anatomy.index_bytes += rec.size;
  return IDF_OK;
}

idf_status idf_decoder_nothing_more(idf_decoder *d)
{
  size_t have;

  const idf_status status = idf_input_fill(&d->in, 1, &have);
  if (status != IDF_OK)
    return idf_decoder_fail(d, status, "reading past the end marker");
  if (have != 0)
    return idf_decoder_fail(d, IDF_ERR_CORRUPT, "data after the end marker");
  return IDF_OK;
}

/* Reads the metadata after the pixels, and the index, where there are several tiles. */
static idf_status read_to_index(idf_decoder *d)
{
  idf_record rec;

  idf_status status = next_record(d, true, &rec);
  if (status != IDF_OK)
    return record_error(d, status, &rec);
  if ((rec.kind == IDF_KIND_INDEX) != (d->tiles > 1) || rec.kind == IDF_KIND_TILE)
    return idf_decoder_fail(d, IDF_ERR_CORRUPT, "%s",
                            rec.kind == IDF_KIND_TILE ? "more tiles than the picture has"
                            : d->tiles > 1            ? "no tile index"
                                                      : "an index for one tile");
  if (rec.kind != IDF_KIND_INDEX)
    return IDF_OK;
  d->index_size = (uint32_t)rec.size;
  return read_index(d);
}

/* The next record must be the end record. */
static idf_status read_to_end(idf_decoder *d)
{
  idf_record rec;

  idf_status status = idf_input_peek(&d->in, &rec);
  if (status == IDF_OK && rec.kind != IDF_KIND_END)
    status = IDF_ERR_CORRUPT;
  if (status != IDF_OK)
    return idf_decoder_fail(d, status, "no end marker after the index");
  return read_end(d);
}

/* Reads everything after the last tile. After IDF_NEED_INPUT the step that lacked it is repeated;
 * none consumes anything before it has all. */
static idf_status read_tail(idf_decoder *d)
{
  static idf_status (*const steps[])(idf_decoder *) = {read_to_index, read_to_end,
                                                       idf_decoder_nothing_more};

  for (; d->tail_steps < sizeof steps / sizeof *steps; d->tail_steps++)
    if (steps[d->tail_steps](d) != IDF_OK)
      return d->status;
  return IDF_OK;
}

idf_status idf_decoder_finish(idf_decoder *decoder)
{
  idf_decoder *d = decoder;

  if (idf_decoder_info(d, NULL) != IDF_OK)
    return d ? d->status : IDF_ERR_ARGUMENT;
  if (d->finished)
    return IDF_OK;
  d->finishing = true;
  while (d->note_count < d->tiles)
    if (idf_next_tile(d, false) != IDF_OK)
      return d->status;
  return idf_decoder_tail(d);
}

idf_status idf_decoder_tail(idf_decoder *d)
{
  if (d->surveyed) { /* all is there, so this happens once */
    d->in.pos = d->survey_from + d->survey.tail;
    d->adrift = d->in.pos == d->in.len;
  }
  if (d->anatomy.tiles_lost == 0 || !d->adrift) {
    idf_status status = d->brief.head > 0 ? idf_decoder_brief_tail(d) : read_tail(d);
    if (status != IDF_OK) {
      if (d->anatomy.tiles_lost == 0 || !idf_is_damage(status))
        return status;
      /* The tiles reported this damage already. */
      d->status = IDF_OK;
    }
  }
  d->anatomy.file_bytes = d->in.base + d->in.pos;
  d->finished = true;
  return IDF_OK;
}

void idf_decoder_anatomy(const idf_decoder *decoder, idf_anatomy *anatomy)
{
  if (anatomy)
    *anatomy = decoder ? decoder->anatomy : (idf_anatomy){0};
}

idf_status idf_decoder_method(const idf_decoder *decoder, size_t i, const char **name,
                              uint64_t *tiles, uint64_t *bytes)
{
  if (!decoder || i >= IDF_METHODS)
    return IDF_ERR_ARGUMENT;
  if (name)
    *name = idf_methods[i]->name;
  if (tiles)
    *tiles = decoder->by_method[i].tiles;
  if (bytes)
    *bytes = decoder->by_method[i].bytes;
  return IDF_OK;
}

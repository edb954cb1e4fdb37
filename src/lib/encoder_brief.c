/* SPDX-License-Identifier: BSD-3-Clause
 *
 * encoder_brief.c: the encoder's last step for small pictures: all that would be records is held
 * back until the end, and then written in the brief form. What turns out to be too large for that
 * is released: from then on it is written as records.
 */
#include "brief.h"
#include "brief_pieces.h"
#include "encoder_state.h"

/* Bytes of plain pieces up to which packing may make them small enough. */
#define HELD_MOST (4 * IDF_BRIEF_MAX)

void idf_encoder_hold(idf_encoder *e)
{
  e->held = idf_brief_possible(&e->header, e->tiles);
}

void idf_encoder_records(idf_encoder *e)
{
  e->held = false;
}

bool idf_encoder_hold_piece(idf_encoder *e, const char type[4], const void *data, size_t size)
{
  idf_buf *pieces = e->tile.len > 0 ? &e->late : &e->pieces;

  if (size > HELD_MOST || e->pieces.len + e->late.len + IDF_PIECE_HEAD + size > HELD_MOST)
    return false;
  idf_piece_put(pieces, type, data, size);
  if (pieces->bad)
    idf_encoder_fail(e, idf_mem_status(&e->mem));
  return true;
}

void idf_encoder_hold_tile(idf_encoder *e, idf_buf *payload)
{
  const idf_buf tile = e->tile;
  e->tile = *payload;
  *payload = tile;
}

idf_status idf_encoder_release(idf_encoder *e)
{
  e->held = false;
  if (idf_encoder_header(e) != IDF_OK || e->tile.len == 0)
    return e->status;
  if (idf_encoder_flush_pieces(e) != IDF_OK
      || (e->jpeg && idf_encoder_jpeg_record(e, e->jpeg) != IDF_OK)
      || idf_encoder_record(e, IDF_KIND_TILE, &e->tile) != IDF_OK)
    return e->status;
  idf_buf_free(&e->tile);
  const idf_buf pieces = e->pieces;
  e->pieces = e->late;
  e->late = pieces;
  return IDF_OK;
}

static idf_status gather(idf_encoder *e, idf_brief_pieces *all)
{
  idf_cur cur = idf_cur_of(e->pieces.data, e->pieces.len);
  idf_plain_piece piece;

  while (idf_piece_next(&cur, &piece))
    all->before++;
  idf_put_bytes(&all->plain, e->pieces.data, e->pieces.len);
  idf_put_bytes(&all->plain, e->late.data, e->late.len);
  return all->plain.bad ? idf_mem_status(&e->mem) : IDF_OK;
}

/* Puts the file in e->record, or nothing if it is too large. */
static idf_status put_brief(idf_encoder *e, idf_brief_pieces *all, idf_buf *metadata)
{
  idf_brief brief = {.header = e->header, .jpeg = e->jpeg != NULL};
  idf_tile_report report;

  idf_status status = gather(e, all);
  if (status == IDF_OK)
    status = idf_brief_pieces_put(&e->mem, &e->cancel, all, metadata, &brief.form);
  if (status != IDF_OK)
    return status;
  if (e->jpeg)
    brief.kept = idf_encoder_jpeg_kept(e->jpeg);
  else
    brief.model = idf_tile_peek(idf_cur_of(e->tile.data, e->tile.len), &report) == IDF_OK
                  && report.needs_model;
  brief.metadata = idf_cur_of(metadata->data, metadata->len);
  (void)idf_brief_put(e->kernels->simd, &e->record, &brief, &e->tile, e->crc);
  return e->record.bad ? idf_mem_status(&e->mem) : IDF_OK;
}

idf_status idf_encoder_brief(idf_encoder *e)
{
  idf_brief_pieces all = {.before = 0};
  idf_buf metadata;

  if (e->tile.len > IDF_BRIEF_MAX)
    return idf_encoder_release(e);
  idf_buf_init(&all.plain, &e->mem);
  idf_buf_init(&metadata, &e->mem);
  const idf_status status = put_brief(e, &all, &metadata);
  idf_buf_free(&metadata);
  idf_buf_free(&all.plain);
  if (status != IDF_OK)
    return idf_encoder_fail(e, status);
  return e->record.len > 0 ? idf_encoder_flush(e) : idf_encoder_release(e);
}

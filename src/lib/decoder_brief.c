/* SPDX-License-Identifier: BSD-3-Clause
 *
 * decoder_brief.c: the decoder's part for the brief form: what would be records is in one piece
 * with one checksum, and there is one tile.
 */
#include <string.h>

#include "brief_pieces.h"
#include "state.h"

/* The id's first bytes name the model. The others are those of the model that is at hand. */
static void complete_model_id(idf_decoder *d)
{
  uint8_t *id = d->header.model_id;

  d->model_id_size = IDF_BRIEF_MODEL;
  if (d->given && memcmp(idf_model_hash(d->given), id, IDF_BRIEF_MODEL) == 0)
    memcpy(id, idf_model_hash(d->given), sizeof d->header.model_id);
  else
    idf_builtin_id(id, IDF_BRIEF_MODEL);
  memcpy(d->anatomy.model_id, id, sizeof d->anatomy.model_id);
}

/* Reads the rest of the file and checks it. */
static idf_status read_whole(idf_decoder *d)
{
  const size_t size = d->brief.head + d->brief.size + IDF_BRIEF_TAIL;
  size_t have;

  idf_status status = idf_input_fill(&d->in, size, &have);
  if (status == IDF_OK && have < size)
    status = IDF_ERR_TRUNCATED;
  if (status != IDF_OK)
    return idf_decoder_fail(d, status, "a small file that is not whole");
  status = idf_brief_whole(d->in.simd, idf_input_at(&d->in), &d->brief);
  return status == IDF_OK ? status : idf_decoder_fail(d, status, "a small file's checksum");
}

/* Those from after the pixels are not yet told of. */
static idf_status add_pieces(idf_decoder *d, const idf_buf *plain, uint64_t before)
{
  idf_cur cur = idf_cur_of(plain->data, plain->len);
  idf_plain_piece piece;

  const size_t first = d->piece_count;
  for (uint64_t i = 0; idf_piece_next(&cur, &piece); i++)
    if (idf_decoder_add_piece(d, &piece, i >= before) != IDF_OK)
      return d->status;
  d->brief_late = d->piece_count - first - (size_t)before;
  d->piece_count -= d->brief_late;
  return IDF_OK;
}

static idf_status take_metadata(idf_decoder *d)
{
  idf_brief_pieces pieces = {.before = 0};
  bool over;

  idf_buf_init(&pieces.plain, &d->mem);
  const idf_status status = idf_brief_pieces_get(&d->mem, &d->cancel, d->brief.form,
                                                 d->limits.max_metadata - d->metadata_size,
                                                 &d->brief.metadata, &pieces, &over);
  if (over)
    idf_decoder_metadata_limit(d, UINT64_MAX);
  else if (status != IDF_OK)
    idf_decoder_fail(d, status, "metadata of a small file");
  else
    add_pieces(d, &pieces.plain, pieces.before);
  idf_buf_free(&pieces.plain);
  return d->status;
}

idf_status idf_decoder_take_brief(idf_decoder *d)
{
  idf_brief *b = &d->brief;

  if (read_whole(d) != IDF_OK)
    return d->status;
  if (b->model) {
    memcpy(d->header.model_id, b->header.model_id, sizeof d->header.model_id);
    complete_model_id(d);
  }
  if (b->jpeg && idf_decoder_add_jpeg(d, b->kept.at, idf_cur_left(&b->kept)) != IDF_OK)
    return d->status;
  if (take_metadata(d) != IDF_OK)
    return d->status;
  if (d->tiles != 1 || idf_cur_left(&b->metadata) < IDF_BRIEF_CHECK)
    return idf_decoder_fail(d, IDF_ERR_CORRUPT, "a small file of %llu tiles",
                            (unsigned long long)d->tiles);
  d->brief_tile = idf_cur_left(&b->metadata) - IDF_BRIEF_CHECK;
  const size_t tile_at = (size_t)(b->metadata.at - idf_input_at(&d->in));
  d->anatomy.metadata_bytes = tile_at - d->anatomy.header_bytes - (b->model ? IDF_BRIEF_MODEL : 0);
  d->anatomy.header_bytes = tile_at - (size_t)d->anatomy.metadata_bytes;
  idf_input_skip(&d->in, tile_at);
  return IDF_OK;
}

void idf_decoder_brief_tile(idf_decoder *d, idf_record *rec)
{
  *rec = (idf_record){.kind = IDF_KIND_TILE,
                      .payload = idf_input_at(&d->in),
                      .len = d->brief_tile,
                      .size = d->brief_tile};
}

/* Checks the samples, and passes over all that is left. */
static idf_status pass_check(idf_decoder *d)
{
  idf_cur cur = idf_cur_of(idf_input_at(&d->in), IDF_BRIEF_CHECK);

  d->piece_count += d->brief_late;
  d->brief_late = 0;
  const uint32_t check = idf_get_le16(&cur);
  if (d->view.whole && d->band_ready == d->info.height && d->anatomy.tiles_lost == 0
      && check != (d->crc & 0xffff))
    return idf_decoder_fail(d, IDF_ERR_CORRUPT, "the %s are not those that were encoded",
                            d->jpeg ? "coefficients" : "samples");
  idf_input_skip(&d->in, IDF_BRIEF_CHECK + IDF_BRIEF_TAIL);
  d->anatomy.index_bytes += IDF_BRIEF_CHECK + IDF_BRIEF_TAIL;
  return IDF_OK;
}

idf_status idf_decoder_brief_tail(idf_decoder *d)
{
  if (d->tail_steps == 0 && pass_check(d) != IDF_OK)
    return d->status;
  d->tail_steps = 1;
  return idf_decoder_nothing_more(d);
}

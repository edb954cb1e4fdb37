/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tile.c: the table of tile methods, and the choice among them.
 *
 * The payload of a tile is a pure function of its shape, its samples and the model. The order of
 * tiles, threads, and what was coded before cannot change a byte of it.
 * idf(5), "TILES".
 */
#include "tile.h"

#include <string.h>

#include "chroma.h"
#include "history.h"
#include "model_net.h"
#include "photo.h"
#include "raw.h"
#include "screen.h"

const idf_method *const idf_methods[IDF_METHODS] = {&idf_stored, &idf_solid,   &idf_photo,
                                                    &idf_screen, &idf_history, &idf_chroma};

uint8_t idf_method_of(unsigned byte)
{
  for (uint8_t m = 0; m < IDF_METHODS; m++)
    if (byte >= idf_methods[m]->first && byte <= idf_methods[m]->last)
      return m;
  return IDF_METHOD_UNKNOWN;
}

/* The state of a tile while methods are tried on it. */
typedef struct trial {
  const idf_job *job;
  const idf_tile *tile;
  size_t from; /* where the payload begins in the buffer */
} trial;

/* Asks each method for its hope. Once one is certain, the rest are not asked. */
static void look_at_methods(const idf_job *job, const idf_tile *tile, idf_hope hope[IDF_METHODS])
{
  const bool fast = job->model && idf_model_linear(job->model);
  bool certain = false;
  for (unsigned m = 0; m < IDF_METHODS; m++) {
    const idf_method *method = idf_methods[m];
    const bool barred = certain || !method->look || (method->needs_model && !job->model)
                        || (method->slow && fast) || (method->history && job->no_history);
    hope[m] = barred ? IDF_HOPELESS : method->look(tile);
    certain = certain || hope[m] == IDF_CERTAIN;
  }
}

/* Tries a method. If its payload is shorter than *best bytes, it replaces what `out` has from
 * `from` on, *best becomes its length, and *shorter is set. */
static idf_status try_method(const idf_method *method, const trial *t, idf_buf *out, size_t *best,
                             bool *shorter)
{
  const size_t start = out->len;
  idf_status status = method->encode(t->job, t->tile, out);
  if (status == IDF_OK && out->bad)
    status = idf_mem_status(out->mem);
  if (status != IDF_OK)
    return status;
  *shorter = out->len > start && out->len - start < *best;
  if (!*shorter) {
    out->len = start;
    return IDF_OK;
  }
  *best = out->len - start;
  memmove(out->data + t->from, out->data + start, *best);
  out->len = t->from + *best;
  return IDF_OK;
}

idf_status idf_tile_encode(const idf_job *job, const idf_tile *tile, idf_buf *out)
{
  const trial t = {.job = job, .tile = tile, .from = out->len};
  size_t best = idf_tile_stored_size(&tile->shape); /* at equal sizes the earlier payload stays */
  idf_hope hope[IDF_METHODS];

  look_at_methods(job, tile, hope);
  for (idf_hope level = IDF_CERTAIN; level > IDF_HOPELESS; level--)
    for (unsigned m = IDF_METHODS; m-- > 0;) {
      const idf_method *method = idf_methods[m];
      bool shorter = false;
      if (hope[m] != level)
        continue;
      idf_status status = try_method(method, &t, out, &best, &shorter);
      if (status != IDF_OK)
        return status;
      if (shorter
          && (level == IDF_CERTAIN
              || (method->settles && method->settles(tile, level, out->data + t.from, best))))
        return IDF_OK;
    }
  return out->len > t.from ? IDF_OK : idf_stored.encode(job, tile, out);
}

static void report_start(idf_tile_report *report, uint8_t method)
{
  *report = (idf_tile_report){.method = method,
                              .needs_model =
                                  method != IDF_METHOD_UNKNOWN && idf_methods[method]->needs_model,
                              .map = report->map};
}

idf_status idf_tile_decode(const idf_job *job, const idf_tile *tile, idf_cur payload,
                           idf_tile_report *report)
{
  idf_cur first = payload;
  const uint8_t m = idf_method_of(idf_get_u8(&first));

  if (first.bad)
    return IDF_ERR_TRUNCATED;
  if (report)
    report_start(report, m);
  if (m == IDF_METHOD_UNKNOWN || (idf_methods[m]->needs_model && !job->model))
    return IDF_ERR_UNSUPPORTED;
  return idf_methods[m]->decode(job, tile, payload, report);
}

idf_status idf_tile_peek(idf_cur payload, idf_tile_report *report)
{
  idf_cur first = payload;
  const uint8_t m = idf_method_of(idf_get_u8(&first));

  if (first.bad)
    return IDF_ERR_TRUNCATED;
  report_start(report, m);
  if (m != IDF_METHOD_UNKNOWN && idf_methods[m]->peek && !idf_methods[m]->peek(payload, report))
    return IDF_ERR_TRUNCATED;
  return IDF_OK;
}

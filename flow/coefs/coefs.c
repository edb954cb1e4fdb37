/* SPDX-License-Identifier: BSD-3-Clause
 *
 * coefs.c: see coefs.h. One walk serves both directions: the bank has an encoder or a decoder.
 * idf(5), "COEFFICIENTS".
 */
#include "coefs.h"

#include <string.h>

#include "coefs_block.h"
#include "fixed.h"

/* Lines of the bank: about one for a coefficient; more would cost time to clear. */
#define LINE_BITS_MIN 10u

static const idf_coefs_shape *const shapes[IDF_COEFS_SHAPES] = {
    [IDF_COEFS_FULL] = &idf_coefs_full, [IDF_COEFS_LEAN] = &idf_coefs_lean};

static uint32_t rows_of_band(const idf_coefs *coefs)
{
  const uint32_t mcu = 8 * coefs->v_most;
  return (IDF_COEFS_BAND + mcu - 1) / mcu;
}

uint32_t idf_coefs_bands(const idf_coefs *coefs)
{
  const uint32_t bands = coefs->mcu_rows / rows_of_band(coefs);
  return bands == 0 ? 1 : bands;
}

/* The first row of MCUs of a band; the last band takes what is left, too. */
static uint32_t start_of(const idf_coefs *coefs, uint32_t band)
{
  return band == idf_coefs_bands(coefs) ? coefs->mcu_rows : band * rows_of_band(coefs);
}

static void work_free(idf_mem *mem, idf_coefs_work *work)
{
  for (unsigned p = 0; p < IDF_COEFS_PLANES; p++) {
    idf_free(mem, work[p].notes);
    idf_free(mem, work[p].edges);
  }
}

static idf_status work_init(idf_mem *mem, const idf_coefs *coefs, uint32_t band,
                            idf_coefs_work *work, uint64_t *blocks)
{
  memset(work, 0, IDF_COEFS_PLANES * sizeof *work);
  *blocks = 0;
  for (unsigned p = 0; p < coefs->planes; p++) {
    const idf_coefs_plane *plane = &coefs->plane[p];
    idf_coefs_work *w = &work[p];
    w->plane = plane;
    w->kind = p == 1 || p == 2;
    w->first = start_of(coefs, band) * plane->v;
    w->rows = start_of(coefs, band + 1) * plane->v - w->first;
    w->notes = idf_alloc(mem, (size_t)plane->across * w->rows, sizeof *w->notes);
    w->edges = idf_alloc(mem, 2 * (size_t)plane->across, sizeof *w->edges);
    if (!w->notes || !w->edges) {
      work_free(mem, work);
      return idf_mem_status(mem);
    }
    *blocks += (uint64_t)plane->across * w->rows;
    idf_coefs_prepare(w);
  }
  return IDF_OK;
}

static unsigned line_bits_for(uint64_t blocks, unsigned most)
{
  unsigned bits = LINE_BITS_MIN;
  while (bits < most && (blocks * 64) >> bits != 0)
    bits++;
  return bits;
}

/* A site for the block at hand, and the bank. */
typedef struct walk {
  idf_coefs_site site;
  idf_bank bank;
  idf_cancel *cancel;
} walk;

/* One plane; an encoder's record grows by whole blocks. */
static idf_status walk_plane(walk *to, const idf_coefs_shape *shape, idf_coefs_work *work,
                             unsigned p, idf_rans_enc *enc)
{
  const idf_coefs_plane *plane = work[p].plane;
  size_t at = 0;

  for (uint32_t y = 0; y < work[p].rows; y++) {
    if (idf_cancelled(to->cancel))
      return IDF_ERR_CANCELLED;
    for (uint32_t x = 0; x < plane->across; x++, at++) {
      int16_t *coef = plane->coef + 64 * ((size_t)work[p].first * plane->across + at);
      uint32_t *record = enc ? idf_rans_room(enc, IDF_COEFS_DECISIONS) : NULL;
      if (enc && !record)
        return IDF_OK; /* enc->bad says so */
      to->bank.record = record;
      idf_coefs_look(&to->site, work, p, x, y);
      shape->block(&to->bank, &to->site, coef);
      work[p].notes[at] = to->site.note;
      if (enc)
        idf_rans_put_row(enc, 0, record, (size_t)(to->bank.record - record));
      else
        memcpy(coef, to->site.coef, sizeof to->site.coef);
    }
  }
  return IDF_OK;
}

static void start_weights(idf_bank *bank, const idf_coefs_shape *shape)
{
  for (uint32_t set = 0; set < shape->sets; set++) {
    const int16_t *row = shape->start + (size_t)shape->row_of(set) * (shape->contexts + 1);
    for (unsigned i = 0; i < shape->contexts; i++)
      bank->weights[set].of[i] = row[i];
    bank->weights[set].constant = row[shape->contexts];
  }
}

/* A set weighs as much as its updates: those that saw none keep their starts. */
static void learn(const idf_bank *bank, const idf_coefs_shape *shape, idf_coefs_learnt *sum)
{
  for (uint32_t set = 0; set < shape->sets; set++) {
    const idf_bank_weights *w = &bank->weights[set];
    int64_t *row = sum[shape->row_of(set)];
    for (unsigned i = 0; i < shape->contexts; i++)
      row[i] += (int64_t)w->of[i] * w->seen;
    row[IDF_BANK_CONTEXTS] += (int64_t)w->constant * w->seen;
    row[IDF_BANK_CONTEXTS + 1] += w->seen;
  }
}

/* What a walk over a band is for: one of `enc` and `dec`, the others may be NULL. */
typedef struct errand {
  idf_rans_enc *enc;
  idf_rans_dec *dec;
  double *bits;
  idf_coefs_learnt *sum;
} errand;

static idf_status walk_band(idf_mem *mem, const idf_coefs *coefs, unsigned number, uint32_t band,
                            const errand *on)
{
  if (number >= IDF_COEFS_SHAPES)
    return IDF_ERR_UNSUPPORTED;
  const idf_coefs_shape *shape = shapes[number];
  idf_coefs_work work[IDF_COEFS_PLANES];
  walk *to = idf_alloc(mem, 1, sizeof *to);
  uint64_t blocks;

  if (!to)
    return idf_mem_status(mem);
  idf_status status = work_init(mem, coefs, band, work, &blocks);
  if (status == IDF_OK) {
    status = idf_bank_init(&to->bank, mem, line_bits_for(blocks, shape->line_bits), shape->sets);
    if (status == IDF_OK) {
      start_weights(&to->bank, shape);
      to->bank.dec = on->dec;
      to->bank.measure = on->bits != NULL;
      to->cancel = coefs->cancel;
      for (unsigned p = 0; p < coefs->planes && status == IDF_OK; p++)
        status = walk_plane(to, shape, work, p, on->enc);
      if (on->bits)
        *on->bits += to->bank.bits;
      if (on->sum)
        learn(&to->bank, shape, on->sum);
      idf_bank_free(&to->bank, mem);
    }
    work_free(mem, work);
  }
  idf_free(mem, to);
  return status;
}

static idf_status encode(idf_mem *mem, const idf_coefs *coefs, unsigned shape, uint32_t band,
                         idf_buf *out, double *bits, idf_coefs_learnt *sum)
{
  idf_rans_enc enc;

  idf_rans_enc_init(&enc, mem, 1);
  enc.cancel = coefs->cancel;
  idf_status status =
      walk_band(mem, coefs, shape, band, &(errand){.enc = &enc, .bits = bits, .sum = sum});
  if (status == IDF_OK)
    status = idf_rans_finish(&enc, out);
  idf_rans_enc_free(&enc);
  return status;
}

idf_status idf_coefs_encode(idf_mem *mem, const idf_coefs *coefs, unsigned shape, uint32_t band,
                            idf_buf *out, double *bits)
{
  return encode(mem, coefs, shape, band, out, bits, NULL);
}

idf_status idf_coefs_learn(idf_mem *mem, const idf_coefs *coefs, unsigned shape, uint32_t band,
                           idf_coefs_learnt *sum)
{
  idf_buf out;

  idf_buf_init(&out, mem);
  const idf_status status = encode(mem, coefs, shape, band, &out, NULL, sum);
  idf_buf_free(&out);
  return status;
}

idf_status idf_coefs_decode(idf_mem *mem, idf_coefs *coefs, unsigned shape, uint32_t band,
                            const uint8_t *data, size_t len, double *bits)
{
  idf_rans_dec dec;
  idf_status status = idf_rans_dec_init(&dec, data, len, 1);

  if (status == IDF_OK)
    status = walk_band(mem, coefs, shape, band, &(errand){.dec = &dec, .bits = bits});
  return status == IDF_OK ? idf_rans_dec_finish(&dec) : status;
}

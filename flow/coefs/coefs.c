/* SPDX-License-Identifier: BSD-3-Clause
 *
 * coefs.c: see coefs.h. One walk serves both directions: the bank has an encoder or a decoder.
 */
#include "coefs.h"

#include <string.h>

#include "coefs_block.h"
#include "fixed.h"

/* Lines of the bank: about one for two blocks and context; more would cost time to clear. */
#define LINE_BITS_MIN 10u
#define LINE_BITS_MAX 17u

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

static unsigned line_bits_for(uint64_t blocks)
{
  unsigned bits = LINE_BITS_MIN;
  while (bits < LINE_BITS_MAX && (blocks * 64) >> bits != 0)
    bits++;
  return bits;
}

static idf_status walk_band(idf_mem *mem, const idf_coefs *coefs, uint32_t band, idf_rans_enc *enc,
                            idf_rans_dec *dec, double *bits)
{
  idf_coefs_work work[IDF_COEFS_PLANES];
  idf_bank *bank = idf_alloc(mem, 1, sizeof *bank);
  uint64_t blocks;

  if (!bank)
    return idf_mem_status(mem);
  idf_status status = work_init(mem, coefs, band, work, &blocks);
  if (status == IDF_OK) {
    status = idf_bank_init(bank, mem, line_bits_for(blocks), idf_coefs_sets(), idf_coefs_curves());
    if (status == IDF_OK) {
      bank->enc = enc;
      bank->dec = dec;
      bank->measure = bits != NULL;
      for (unsigned p = 0; p < coefs->planes; p++)
        for (uint32_t y = 0; y < work[p].rows; y++)
          for (uint32_t x = 0; x < work[p].plane->across; x++)
            idf_coefs_block(bank, work, p, x, y);
      if (bits)
        *bits += bank->bits;
      idf_bank_free(bank, mem);
    }
    work_free(mem, work);
  }
  idf_free(mem, bank);
  return status;
}

idf_status idf_coefs_encode(idf_mem *mem, const idf_coefs *coefs, uint32_t band, idf_buf *out,
                            double *bits)
{
  idf_rans_enc enc;

  idf_rans_enc_init(&enc, mem, 1);
  idf_status status = walk_band(mem, coefs, band, &enc, NULL, bits);
  if (status == IDF_OK)
    status = idf_rans_finish(&enc, out);
  idf_rans_enc_free(&enc);
  return status;
}

idf_status idf_coefs_decode(idf_mem *mem, idf_coefs *coefs, uint32_t band, const uint8_t *data,
                            size_t len, double *bits)
{
  idf_rans_dec dec;
  idf_status status = idf_rans_dec_init(&dec, data, len, 1);

  if (status == IDF_OK)
    status = walk_band(mem, coefs, band, NULL, &dec, bits);
  return status == IDF_OK ? idf_rans_dec_finish(&dec) : status;
}

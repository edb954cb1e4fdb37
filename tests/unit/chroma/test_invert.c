/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_invert.c: planes come back from pixels: those that were, or, where pixels are clipped,
 * others that make the same pixels.
 */
#include "invert.h"

#include "chromakit.h"

int idf_suite_invert(void);

typedef struct found {
  size_t wrong; /* pixels that the planes do not make */
  size_t moved; /* knots that are not those that were */
} found;

static found invert(chromakit *k)
{
  const idf_siting *s = &k->origin.siting;
  const uint32_t w = s->x.pixels, h = s->y.pixels;
  const size_t knots = (size_t)s->x.knots * s->y.knots;
  found f = {0, 0};
  idf_mem mem;
  idf_matrix m;
  idf_mem_init(&mem, UINT64_MAX);
  int32_t *y = chromakit_room((size_t)w * h, sizeof *y), *u = chromakit_room(knots, sizeof *u),
          *v = chromakit_room(knots, sizeof *v), *ur = chromakit_room(w, sizeof *ur),
          *vr = chromakit_room(w, sizeof *vr);
  const idf_yuv planes = {y, u, v};
  CU_ASSERT_EQUAL(idf_invert(&(idf_job){.mem = &mem}, &k->tile, &k->origin, &planes), IDF_OK);
  CU_ASSERT_EQUAL(mem.used, 0);
  idf_matrix_init(&m, k->origin.conversion);
  for (uint32_t j = 0; j < h; j++) {
    idf_siting_row(s, u, j, ur);
    idf_siting_row(s, v, j, vr);
    for (uint32_t i = 0; i < w; i++) {
      bool same = true;
      for (unsigned c = 0; c < 3; c++)
        same = same
               && k->tile.samples[j * k->tile.stride + 3 * (size_t)i + c]
                      == idf_matrix_sample(&m, c, y[(size_t)j * w + i], ur[i], vr[i]);
      f.wrong += !same;
    }
  }
  for (size_t i = 0; i < knots; i++)
    f.moved += u[i] != k->u[i] || v[i] != k->v[i];
  free(y);
  free(u);
  free(v);
  free(ur);
  free(vr);
  return f;
}

static void replicated_knots_come_back(void)
{
  for (unsigned c = 0; c < IDF_CONVERSIONS; c++) {
    const idf_origin o = chromakit_origin(c, IDF_SPACING_REPLICATED, c % 4, 97, 75 + c);
    chromakit k = chromakit_make(&o, 90, c);
    const found f = invert(&k);
    CU_ASSERT_EQUAL(f.wrong, 0);
    CU_ASSERT(f.moved <= 2); /* conversions are one to one, but for a few */
    chromakit_close(&k);
  }
}

static void knots_between_pixels_come_back(void)
{
  for (unsigned c = 0; c < 8; c++) {
    const idf_origin o =
        c % 2 ? chromakit_origin(IDF_CONVERSION_PHOTOCD, IDF_SPACING_COSITED, c / 2, 97, 75 + c)
              : chromakit_origin(IDF_CONVERSION_LIBYUV + c / 2, IDF_SPACING_CENTRED, c / 2, 97,
                                 75 + c);
    chromakit k = chromakit_make(&o, 90, 30 + c);
    const size_t wrong = invert(&k).wrong;
    CU_ASSERT(wrong <= 3); /* a colour can have two preimages: the wrong one misleads */
    chromakit_close(&k);
  }
}

static void clipped_pixels_cost_little(void)
{
  for (unsigned c = 0; c < IDF_CONVERSIONS; c++) {
    const idf_origin o = chromakit_origin(c, IDF_SPACING_REPLICATED, 0, 120, 90);
    chromakit k = chromakit_make(&o, 400, 20 + c);
    const found f = invert(&k);
    CU_ASSERT(f.wrong < 120 * 90 / 200);
    if (f.wrong >= 120 * 90 / 200)
      printf("# conversion %u: %zu wrong\n", c, f.wrong);
    chromakit_close(&k);
  }
}

static void knots_for_each_pixel_come_back(void)
{
  const idf_origin o = chromakit_origin(IDF_CONVERSION_LIBYUV, IDF_SPACING_FULL, 0, 61, 40);
  chromakit k = chromakit_make(&o, 90, 7);
  CU_ASSERT_EQUAL(invert(&k).wrong, 0);
  chromakit_close(&k);
}

int idf_suite_invert(void)
{
  static const idf_unit_test tests[] = {
      {"replicated knots come back", replicated_knots_come_back},
      {"knots between pixels come back", knots_between_pixels_come_back},
      {"clipped pixels cost little", clipped_pixels_cost_little},
      {"knots for each pixel come back", knots_for_each_pixel_come_back},
      {NULL, NULL},
  };
  return idf_unit_suite("invert", tests);
}

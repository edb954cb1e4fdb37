/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_jpeg_band.c: bands hold whole MCU rows, and a scan visits each of its blocks once, in the
 * same order however the rows are divided.
 */
#include "jpeg_inside.h"
#include "jpegkit.h"

int idf_suite_jpeg_band(void);

typedef struct order {
  const idf_jpeg *jpeg;
  const idf_jpeg_scan *scan;
  const idf_jpeg_band *all;
  size_t at[4000];
  unsigned blocks, restarts, since;
} order;

static bool note_block(void *state, unsigned i, int16_t *block)
{
  order *o = state;
  const unsigned c = o->scan->component[i];
  CU_ASSERT_FATAL(o->blocks < 4000);
  block[0]++;
  o->at[o->blocks++] = c << 24 | (size_t)(block - o->all->coefs[c]);
  o->since++;
  return true;
}

static bool note_restart(void *state, unsigned number)
{
  order *o = state;
  CU_ASSERT_EQUAL(number, o->restarts % 8);
  o->restarts++;
  return true;
}

static void visit(order *o, const idf_jpeg *j, const idf_jpeg_band *all, uint32_t scan,
                  uint32_t rows)
{
  *o = (order){.jpeg = j, .scan = &j->scan[scan], .all = all};
  idf_jpeg_visit v = {
      .block = note_block, .restart = note_restart, .state = o, .left = j->scan[scan].restart};
  for (uint32_t y = 0; y < j->mcus_h; y += rows) {
    const idf_jpeg_band part = jpegkit_part(j, all, y, rows);
    CU_ASSERT_TRUE(idf_jpeg_visit_band(&v, j, o->scan, &part));
  }
}

static void every_block_once(void)
{
  static order once, again;
  for (size_t k = 0; k < JPEGKIT_KINDS; k++) {
    idf_mem mem;
    idf_buf file;
    idf_jpeg j;
    idf_jpeg_band all;
    idf_mem_init(&mem, UINT64_MAX);
    idf_buf_init(&file, &mem);
    jpegkit_make(&file, &jpegkit_kinds[k], 101, 67, k);
    CU_ASSERT_EQUAL_FATAL(idf_jpeg_parse(&j, &mem, file.data, file.len, 1 << 20), IDF_JPEG_OK);
    CU_ASSERT_TRUE_FATAL(idf_jpeg_band_init(&all, &j, &mem, j.mcus_h));
    for (uint32_t s = 0; s < j.scans; s++) {
      visit(&once, &j, &all, s, j.mcus_h);
      visit(&again, &j, &all, s, 1 + s % 3);
      CU_ASSERT_EQUAL(once.blocks, again.blocks);
      CU_ASSERT_EQUAL(memcmp(once.at, again.at, once.blocks * sizeof *once.at), 0);
      CU_ASSERT_EQUAL(once.restarts, again.restarts);
      unsigned want = 0;
      for (unsigned i = 0; i < j.scan[s].components; i++) {
        const idf_jpeg_component *c = &j.component[j.scan[s].component[i]];
        const bool alone = j.scan[s].components == 1;
        const uint32_t w = alone ? c->used_w : c->blocks_w, h = alone ? c->used_h : c->blocks_h;
        want += w * h;
        for (uint32_t y = 0; y < h; y++)
          for (uint32_t x = 0; x < w; x++) {
            int16_t *b =
                all.coefs[j.scan[s].component[i]] + ((size_t)y * c->blocks_w + x) * IDF_JPEG_BLOCK;
            CU_ASSERT_EQUAL(b[0], 2);
            b[0] = 0;
          }
      }
      CU_ASSERT_EQUAL(once.blocks, want);
    }
    idf_jpeg_band_free(&all, &mem);
    idf_jpeg_free(&j);
    idf_buf_free(&file);
    CU_ASSERT_EQUAL(mem.used, 0);
  }
}

static void no_memory_leaves_nothing(void)
{
  idf_mem mem;
  idf_buf file;
  idf_jpeg j;
  idf_jpeg_band band;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&file, &mem);
  jpegkit_make(&file, &jpegkit_kinds[4], 40, 40, 1);
  CU_ASSERT_EQUAL_FATAL(idf_jpeg_parse(&j, &mem, file.data, file.len, 1600), IDF_JPEG_OK);
  const uint64_t before = mem.used;
  for (int i = 0; i < 3; i++) {
    mem.fail_in = i;
    CU_ASSERT_FALSE(idf_jpeg_band_init(&band, &j, &mem, 2));
    CU_ASSERT_EQUAL(mem.used, before);
  }
  idf_jpeg_free(&j);
  idf_buf_free(&file);
}

int idf_suite_jpeg_band(void)
{
  static const idf_unit_test tests[] = {
      {"a scan visits each of its blocks once, in one order", every_block_once},
      {"without memory nothing is owned", no_memory_leaves_nothing},
      {NULL, NULL}};
  return idf_unit_suite("jpeg_band", tests);
}

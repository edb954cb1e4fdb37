/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_recipe.c: every sample is libjpeg's, for all samplings, small sizes, coefficients and
 * forms; what libjpeg has no one answer for is refused; the rows come band by band from memory
 * that does not grow with the picture's height.
 */
#include "recipe.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "unit.h"

int idf_suite_recipe(void);

/* ---- pictures ---------------------------------------------------------------------------- */

typedef enum loudness {
  QUIET, /* as pictures have them: never refused */
  LOUD,  /* near the limits, mostly within */
  WILD   /* all that the Huffman coder takes */
} loudness;

typedef struct job {
  idf_recipe_picture picture;
  J_COLOR_SPACE space;
  int quality;
  int16_t *coef[4];
  uint32_t across[4], down[4];
} job;

static uint32_t up(uint32_t a, uint32_t b)
{
  return (a + b - 1) / b;
}

static void *room(size_t count, size_t size)
{
  void *p = calloc(count + 1, size);
  if (!p)
    abort();
  return p;
}

static void sizes(job *j)
{
  const idf_recipe_picture *p = &j->picture;
  unsigned h = 0, v = 0;
  for (unsigned c = 0; c < p->components; c++) {
    h = IDF_MAX(h, p->component[c].h);
    v = IDF_MAX(v, p->component[c].v);
  }
  for (unsigned c = 0; c < p->components; c++) {
    j->across[c] = up(p->width, 8 * h) * p->component[c].h;
    j->down[c] = up(p->height, 8 * v) * p->component[c].v;
    j->coef[c] = room((size_t)j->across[c] * j->down[c] * 64, sizeof(int16_t));
  }
}

static int signed_below(idf_unit_random *r, uint32_t most)
{
  return (int)idf_unit_below(r, 2 * most + 1) - (int)most;
}

/* Sizes of products: `budget` is shared out until it is spent. |AC| <= 1023, as files can say. */
static void fill_block(idf_unit_random *r, int16_t *coef, const uint16_t *step, uint32_t budget)
{
  const uint32_t most = 1 + idf_unit_below(r, 400);
  if (idf_unit_below(r, 8) == 0)
    return;
  coef[0] = (int16_t)signed_below(r, IDF_MIN(1023, 1 + budget / 2 / step[0]));
  for (unsigned tries = idf_unit_below(r, 3) == 0 ? 0 : 64; tries != 0; tries--) {
    const unsigned i = 1 + (idf_unit_below(r, 63) & idf_unit_below(r, 63));
    const int c = signed_below(r, IDF_MIN(1023, 1 + most / step[i]));
    const uint32_t size = (uint32_t)abs(c) * step[i];
    if (size > budget)
      return;
    budget -= size;
    coef[i] = (int16_t)c;
  }
}

static void fill(job *j, idf_unit_random *r, loudness loud)
{
  static const uint32_t budget[] = {1500, 2600, 40000};
  for (unsigned c = 0; c < j->picture.components; c++)
    for (size_t b = 0; b < (size_t)j->across[c] * j->down[c]; b++)
      fill_block(r, j->coef[c] + 64 * b, j->picture.component[c].step, budget[loud]);
}

/* ---- libjpeg ----------------------------------------------------------------------------- */

typedef struct errors {
  struct jpeg_error_mgr base;
  jmp_buf jump;
} errors;

static void hush(j_common_ptr jpeg, int level)
{
  (void)jpeg;
  (void)level;
}

static void jump_out(j_common_ptr jpeg)
{
  longjmp(((errors *)jpeg->err)->jump, 1);
}

/* Sampling and steps into jpeg; libjpeg's table for quality goes into the picture. */
static void set_components(struct jpeg_compress_struct *jpeg, job *j)
{
  jpeg->image_width = j->picture.width;
  jpeg->image_height = j->picture.height;
  jpeg->input_components = (int)j->picture.components;
  jpeg->in_color_space = j->space;
  jpeg_set_defaults(jpeg);
  jpeg_set_colorspace(jpeg, j->space);
  jpeg_set_quality(jpeg, j->quality, TRUE);
  for (unsigned c = 0; c < j->picture.components; c++) {
    jpeg_component_info *info = &jpeg->comp_info[c];
    const JQUANT_TBL *table = jpeg->quant_tbl_ptrs[info->quant_tbl_no];
    info->h_samp_factor = (int)j->picture.component[c].h;
    info->v_samp_factor = (int)j->picture.component[c].v;
    for (unsigned i = 0; i < 64; i++)
      j->picture.component[c].step[i] = table->quantval[i];
  }
}

static void steps_for(job *j)
{
  struct jpeg_compress_struct jpeg;
  struct jpeg_error_mgr err;
  jpeg.err = jpeg_std_error(&err);
  jpeg_create_compress(&jpeg);
  set_components(&jpeg, j);
  jpeg_destroy_compress(&jpeg);
}

static void write_file(job *j, unsigned char **file, unsigned long *size)
{
  static const jpeg_scan_info each[4] = {
      {1, {0}, 0, 63, 0, 0}, {1, {1}, 0, 63, 0, 0}, {1, {2}, 0, 63, 0, 0}, {1, {3}, 0, 63, 0, 0}};
  struct jpeg_compress_struct jpeg;
  struct jpeg_error_mgr err;
  jvirt_barray_ptr arrays[4];
  unsigned blocks = 0;

  jpeg.err = jpeg_std_error(&err);
  err.emit_message = hush;
  jpeg_create_compress(&jpeg);
  jpeg_mem_dest(&jpeg, file, size);
  set_components(&jpeg, j);
  for (unsigned c = 0; c < j->picture.components; c++) {
    arrays[c] = jpeg.mem->request_virt_barray((j_common_ptr)&jpeg, JPOOL_IMAGE, TRUE, j->across[c],
                                              j->down[c], j->picture.component[c].v);
    blocks += j->picture.component[c].h * j->picture.component[c].v;
  }
  jpeg.mem->realize_virt_arrays((j_common_ptr)&jpeg);
  for (unsigned c = 0; c < j->picture.components; c++)
    for (uint32_t y = 0; y < j->down[c]; y++) {
      JBLOCKARRAY to = jpeg.mem->access_virt_barray((j_common_ptr)&jpeg, arrays[c], y, 1, TRUE);
      memcpy(to[0], j->coef[c] + (size_t)64 * y * j->across[c],
             (size_t)64 * j->across[c] * sizeof(int16_t));
    }
  if (blocks > 10) { /* more than an MCU of a scan may have */
    jpeg.scan_info = each;
    jpeg.num_scans = (int)j->picture.components;
  }
  jpeg_write_coefficients(&jpeg, arrays);
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
}

/* The samples with libjpeg's defaults; NULL: it does not decode this. */
static uint8_t *read_file(const unsigned char *file, unsigned long size)
{
  struct jpeg_decompress_struct jpeg;
  errors err;
  uint8_t *volatile out = NULL;

  jpeg.err = jpeg_std_error(&err.base);
  err.base.emit_message = hush;
  err.base.error_exit = jump_out;
  jpeg_create_decompress(&jpeg);
  if (setjmp(err.jump) == 0) {
    jpeg_mem_src(&jpeg, file, size);
    (void)jpeg_read_header(&jpeg, TRUE);
    jpeg.dct_method = JDCT_ISLOW;
    (void)jpeg_start_decompress(&jpeg);
    const size_t bytes = (size_t)jpeg.output_width * (unsigned)jpeg.output_components;
    out = room(jpeg.output_height, bytes);
    while (jpeg.output_scanline < jpeg.output_height) {
      JSAMPROW row = out + jpeg.output_scanline * bytes;
      (void)jpeg_read_scanlines(&jpeg, &row, 1);
    }
    (void)jpeg_finish_decompress(&jpeg);
  }
  jpeg_destroy_decompress(&jpeg);
  return out;
}

/* ---- ours -------------------------------------------------------------------------------- */

/* All rows, in bands of 1 to `band` MCU rows. */
static idf_status cook(const job *j, uint32_t band, idf_unit_random *r, uint8_t *out)
{
  const size_t bytes = (size_t)j->picture.width * j->picture.components;
  idf_mem mem;
  idf_recipe *recipe;
  uint32_t first = 0, row = 0;
  bool got = false;

  idf_mem_init(&mem, UINT64_MAX);
  idf_status status = idf_recipe_new(&mem, &j->picture, &recipe);
  if (status != IDF_OK)
    return status;
  const uint32_t all = idf_recipe_mcu_rows(recipe);
  while (first < all && status == IDF_OK) {
    const uint32_t some = 1 + idf_unit_below(r, band), count = IDF_MIN(all - first, some);
    const int16_t *part[4];
    for (unsigned c = 0; c < j->picture.components; c++)
      part[c] = j->coef[c] + (size_t)64 * first * j->picture.component[c].v * j->across[c];
    CU_ASSERT_EQUAL(idf_recipe_give(recipe, part, count), IDF_OK);
    first += count;
    do {
      status = idf_recipe_take(recipe, out + row * bytes, &got);
      row += got;
    } while (got);
  }
  if (status == IDF_OK) {
    CU_ASSERT_EQUAL(row, j->picture.height);
    CU_ASSERT_EQUAL(idf_recipe_take(recipe, out, &got), IDF_OK);
    CU_ASSERT_FALSE(got);
  } else {
    CU_ASSERT_EQUAL(idf_recipe_take(recipe, out, &got), status);
    CU_ASSERT_FALSE(got);
  }
  idf_recipe_free(recipe);
  CU_ASSERT_EQUAL(mem.used, 0);
  return status;
}

typedef struct score {
  unsigned same, refused, wrong;
} score;

static void compare(job *j, idf_unit_random *r, loudness loud, score *s)
{
  unsigned char *file = NULL;
  unsigned long size = 0;
  const size_t samples = (size_t)j->picture.width * j->picture.height * j->picture.components;
  uint8_t *mine = room(samples, 1);

  j->quality = 5 + (int)idf_unit_below(r, 96);
  steps_for(j);
  sizes(j);
  fill(j, r, loud);
  write_file(j, &file, &size);
  uint8_t *theirs = read_file(file, size);
  const idf_status status = cook(j, 4, r, mine);
  if (status != IDF_OK)
    s->refused++;
  else if (theirs && memcmp(mine, theirs, samples) == 0)
    s->same++;
  else {
    s->wrong++;
    printf("# %ux%u, space %d, factors %ux%u %ux%u, seed %llu\n", j->picture.width,
           j->picture.height, (int)j->space, j->picture.component[0].h, j->picture.component[0].v,
           j->picture.component[1].h, j->picture.component[1].v, (unsigned long long)r->seed);
  }
  if (status == IDF_ERR_UNSUPPORTED && loud == QUIET)
    CU_ASSERT_PTR_NULL(theirs);
  for (unsigned c = 0; c < j->picture.components; c++)
    free(j->coef[c]);
  free(file);
  free(theirs);
  free(mine);
}

static job picture_of(J_COLOR_SPACE space, uint32_t width, uint32_t height)
{
  static const struct {
    J_COLOR_SPACE space;
    unsigned components;
    idf_recipe_form form;
  } spaces[] = {{JCS_GRAYSCALE, 1, IDF_RECIPE_PLAIN}, {JCS_UNKNOWN, 2, IDF_RECIPE_PLAIN},
                {JCS_RGB, 3, IDF_RECIPE_PLAIN},       {JCS_YCbCr, 3, IDF_RECIPE_YCC},
                {JCS_CMYK, 4, IDF_RECIPE_PLAIN},      {JCS_YCCK, 4, IDF_RECIPE_YCCK}};
  job j = {.space = space, .picture = {.width = width, .height = height}};
  for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++)
    if (spaces[i].space == space) {
      j.picture.components = spaces[i].components;
      j.picture.form = spaces[i].form;
    }
  for (unsigned c = 0; c < 4; c++)
    j.picture.component[c].h = j.picture.component[c].v = 1;
  return j;
}

/* ---- tests ------------------------------------------------------------------------------- */

static const struct {
  J_COLOR_SPACE space;
  unsigned h, v; /* of the first component, and with YCCK of the last */
} kinds[] = {{JCS_GRAYSCALE, 1, 1}, {JCS_GRAYSCALE, 2, 2}, {JCS_YCbCr, 1, 1}, {JCS_YCbCr, 2, 1},
             {JCS_YCbCr, 2, 2},     {JCS_YCbCr, 1, 2},     {JCS_YCbCr, 4, 1}, {JCS_YCbCr, 4, 2},
             {JCS_YCbCr, 1, 4},     {JCS_YCbCr, 2, 4},     {JCS_YCbCr, 3, 1}, {JCS_RGB, 1, 1},
             {JCS_RGB, 2, 2},       {JCS_CMYK, 1, 1},      {JCS_YCCK, 1, 1},  {JCS_YCCK, 2, 2},
             {JCS_YCCK, 2, 1},      {JCS_UNKNOWN, 1, 1}};
#define KINDS (sizeof kinds / sizeof *kinds)
#define STRIDE 1 /* of widths */

static job kind_of(size_t i, uint32_t width, uint32_t height)
{
  job j = picture_of(kinds[i].space, width, height);
  for (unsigned c = 0; c < 4; c += 3) {
    j.picture.component[c].h = kinds[i].h;
    j.picture.component[c].v = kinds[i].v;
  }
  return j;
}

static void small_sizes_are_as_libjpeg_has_them(void)
{
  idf_unit_random r = idf_unit_random_of(51);
  score s = {0};
  for (size_t i = 0; i < KINDS; i++)
    for (uint32_t height = 1; height <= 40; height++)
      for (uint32_t width = 1 + (height + (uint32_t)i) % STRIDE; width <= 40; width += STRIDE) {
        job j = kind_of(i, width, height);
        compare(&j, &r, QUIET, &s);
      }
  CU_ASSERT_EQUAL(s.wrong, 0);
  CU_ASSERT_EQUAL(s.refused, 0);
  CU_ASSERT_TRUE(s.same >= KINDS * 40 * (40 / STRIDE));
}

/* Three components, factors of 1, 2 and 4 each; and now and then of 3, where libjpeg may not
 * decode: nor do we. */
static void all_samplings_are_as_libjpeg_has_them(void)
{
  static const unsigned factor[] = {1, 2, 4};
  idf_unit_random r = idf_unit_random_of(52);
  score s = {0}, threes = {0};
  for (unsigned i = 0; i < 729; i++) {
    job j = picture_of(JCS_YCbCr, 1 + idf_unit_below(&r, 80), 1 + idf_unit_below(&r, 80));
    for (unsigned c = 0, rest = i; c < 3; c++, rest /= 9) {
      j.picture.component[c].h = factor[rest % 3];
      j.picture.component[c].v = factor[rest / 3 % 3];
    }
    compare(&j, &r, QUIET, &s);
  }
  CU_ASSERT_EQUAL(s.same, 729);
  for (unsigned i = 0; i < 300; i++) {
    job j = picture_of(i % 2 ? JCS_CMYK : JCS_RGB, 1 + idf_unit_below(&r, 80),
                       1 + idf_unit_below(&r, 80));
    for (unsigned c = 0; c < 4; c++) {
      j.picture.component[c].h = 1 + idf_unit_below(&r, 4);
      j.picture.component[c].v = 1 + idf_unit_below(&r, 2);
    }
    compare(&j, &r, QUIET, &threes);
  }
  CU_ASSERT_EQUAL(threes.wrong, 0);
  CU_ASSERT_TRUE(threes.same > 30 && threes.refused > 30);
}

static void hostile_coefficients_are_refused_or_the_same(void)
{
  idf_unit_random r = idf_unit_random_of(53);
  score loud = {0}, wild = {0};
  for (unsigned i = 0; i < 1500; i++) {
    job j = kind_of(i % KINDS, 1 + idf_unit_below(&r, 24), 1 + idf_unit_below(&r, 24));
    compare(&j, &r, i % 3 == 0 ? WILD : LOUD, i % 3 == 0 ? &wild : &loud);
  }
  CU_ASSERT_EQUAL(loud.wrong + wild.wrong, 0);
  CU_ASSERT_TRUE(loud.same > 500);
  CU_ASSERT_TRUE(wild.refused > 100 && wild.same > 20);
}

/* Blocks that hold no samples are not looked at: the pictures are one block wide and high. */
static void blocks_outside_do_not_count(void)
{
  idf_unit_random r = idf_unit_random_of(54);
  job j = kind_of(4, 8, 8); /* 4:2:0: of four luma blocks only the first holds samples */
  uint8_t out[2][192];
  j.quality = 50;
  steps_for(&j);
  sizes(&j);
  fill(&j, &r, QUIET);
  CU_ASSERT_EQUAL(cook(&j, 1, &r, out[0]), IDF_OK);
  for (unsigned i = 64; i < 256; i++)
    j.coef[0][i] = (int16_t)signed_below(&r, 32767);
  CU_ASSERT_EQUAL(cook(&j, 1, &r, out[1]), IDF_OK);
  CU_ASSERT_EQUAL(memcmp(out[0], out[1], sizeof out[0]), 0);
  j.coef[0][5] = -32768;
  CU_ASSERT_EQUAL(cook(&j, 1, &r, out[1]), IDF_ERR_UNSUPPORTED);
  for (unsigned c = 0; c < 3; c++)
    free(j.coef[c]);
}

/* What libjpeg says after a header with these ids and segments. */
static J_COLOR_SPACE space_of(unsigned components, const uint8_t *ids, bool jfif, int transform)
{
  struct jpeg_compress_struct to;
  struct jpeg_decompress_struct from;
  struct jpeg_error_mgr err;
  unsigned char *file = NULL;
  unsigned long size = 0;
  JSAMPLE row[4] = {1, 2, 3, 4};
  JSAMPROW rows = row;

  to.err = from.err = jpeg_std_error(&err);
  err.emit_message = hush;
  jpeg_create_compress(&to);
  jpeg_mem_dest(&to, &file, &size);
  to.image_width = to.image_height = 1;
  to.input_components = (int)components;
  to.in_color_space = JCS_UNKNOWN;
  jpeg_set_defaults(&to);
  for (unsigned c = 0; c < components; c++)
    to.comp_info[c].component_id = ids[c];
  to.write_JFIF_header = jfif;
  to.write_Adobe_marker = transform >= 0;
  jpeg_start_compress(&to, TRUE);
  (void)jpeg_write_scanlines(&to, &rows, 1);
  jpeg_finish_compress(&to);
  jpeg_destroy_compress(&to);
  for (unsigned long i = 0; transform >= 0 && i + 12 < size; i++)
    if (memcmp(file + i, "Adobe", 5) == 0)
      file[i + 11] = (unsigned char)transform;
  jpeg_create_decompress(&from);
  jpeg_mem_src(&from, file, size);
  (void)jpeg_read_header(&from, TRUE);
  const J_COLOR_SPACE space = from.jpeg_color_space;
  jpeg_destroy_decompress(&from);
  free(file);
  return space;
}

static void forms_are_those_libjpeg_assumes(void)
{
  static const uint8_t ids[][4] = {{1, 2, 3, 4}, {'R', 'G', 'B', 'A'}, {'R', 'G', 'C', 1},
                                   {0, 1, 2, 3}, {'Y', 'C', 'c', 5},   {'r', 'g', 'b', 0}};
  for (unsigned n = 1; n <= 4; n++)
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
      for (unsigned jfif = 0; jfif < 2; jfif++)
        for (int transform = -1; transform < 4; transform++) {
          const J_COLOR_SPACE space = space_of(n, ids[i], jfif != 0, transform);
          const idf_recipe_form want = space == JCS_YCbCr  ? IDF_RECIPE_YCC
                                       : space == JCS_YCCK ? IDF_RECIPE_YCCK
                                                           : IDF_RECIPE_PLAIN;
          CU_ASSERT_EQUAL(idf_recipe_form_of(n, ids[i], jfif != 0, transform), want);
        }
}

static void memory_does_not_grow_with_height(void)
{
  uint64_t peak[2];
  for (unsigned i = 0; i < 2; i++) {
    job j = kind_of(4, 100, i == 0 ? 40 : 60000);
    idf_mem mem;
    idf_recipe *recipe;
    idf_mem_init(&mem, UINT64_MAX);
    CU_ASSERT_EQUAL_FATAL(idf_recipe_new(&mem, &j.picture, &recipe), IDF_OK);
    idf_recipe_free(recipe);
    peak[i] = mem.peak;
  }
  CU_ASSERT_EQUAL(peak[0], peak[1]);
  CU_ASSERT_TRUE(peak[0] < 16000);
}

static void memory_that_ends_is_said(void)
{
  const job j = kind_of(4, 20, 20);
  idf_status status = IDF_ERR_MEMORY;
  for (int64_t fail = 0; status == IDF_ERR_MEMORY && fail < 50; fail++) {
    idf_mem mem;
    idf_recipe *recipe;
    idf_mem_init(&mem, UINT64_MAX);
    mem.fail_in = fail;
    status = idf_recipe_new(&mem, &j.picture, &recipe);
    CU_ASSERT_TRUE(status == IDF_OK || (status == IDF_ERR_MEMORY && !recipe));
    idf_recipe_free(recipe);
    CU_ASSERT_EQUAL(mem.used, 0);
  }
  CU_ASSERT_EQUAL(status, IDF_OK);
}

static idf_status trial(const idf_recipe_picture *picture)
{
  idf_mem mem;
  idf_recipe *recipe;
  idf_mem_init(&mem, UINT64_MAX);
  const idf_status status = idf_recipe_new(&mem, picture, &recipe);
  idf_recipe_free(recipe);
  CU_ASSERT_EQUAL(mem.used, 0);
  return status;
}

static void arguments_are_checked(void)
{
  static const int16_t none[64 * 4];
  static const int16_t *const coef[4] = {none, none, none, none};
  const idf_recipe_picture good = kind_of(4, 16, 32).picture;
  idf_recipe_picture p = good;
  uint8_t row[48];
  idf_mem mem;
  idf_recipe *recipe;
  bool got;

  CU_ASSERT_EQUAL(trial(&p), IDF_OK);
#define BAD(field, value, status)                                                                  \
  do {                                                                                             \
    p = good;                                                                                      \
    p.field = value;                                                                               \
    CU_ASSERT_EQUAL(trial(&p), status);                                                            \
  } while (0)
  BAD(width, 0, IDF_ERR_ARGUMENT);
  BAD(width, 65536, IDF_ERR_ARGUMENT);
  BAD(height, 0, IDF_ERR_ARGUMENT);
  BAD(height, 65536, IDF_ERR_ARGUMENT);
  BAD(components, 0, IDF_ERR_ARGUMENT);
  BAD(components, 5, IDF_ERR_ARGUMENT);
  BAD(components, 4, IDF_ERR_ARGUMENT);
  BAD(form, IDF_RECIPE_FORMS, IDF_ERR_ARGUMENT);
  BAD(form, IDF_RECIPE_YCCK, IDF_ERR_ARGUMENT);
  BAD(form, IDF_RECIPE_PLAIN, IDF_OK);
  BAD(component[1].h, 0, IDF_ERR_ARGUMENT);
  BAD(component[2].v, 5, IDF_ERR_ARGUMENT);
  BAD(component[2].v, 3, IDF_ERR_UNSUPPORTED);
  BAD(component[1].h, 3, IDF_ERR_UNSUPPORTED);
#undef BAD

  idf_mem_init(&mem, UINT64_MAX);
  CU_ASSERT_EQUAL_FATAL(idf_recipe_new(&mem, &good, &recipe), IDF_OK);
  CU_ASSERT_EQUAL(idf_recipe_mcu_rows(recipe), 2);
  CU_ASSERT_EQUAL(idf_recipe_take(recipe, row, &got), IDF_OK);
  CU_ASSERT_FALSE(got);
  CU_ASSERT_EQUAL(idf_recipe_give(recipe, coef, 0), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_recipe_give(recipe, coef, 3), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_recipe_give(recipe, coef, 1), IDF_OK);
  CU_ASSERT_EQUAL(idf_recipe_give(recipe, coef, 1), IDF_ERR_ARGUMENT);
  for (unsigned y = 0; y < 15; y++) { /* the 16th waits for the next band */
    CU_ASSERT_EQUAL(idf_recipe_take(recipe, row, &got), IDF_OK);
    CU_ASSERT_TRUE(got);
  }
  CU_ASSERT_EQUAL(row[0], 128);
  CU_ASSERT_EQUAL(idf_recipe_take(recipe, row, &got), IDF_OK);
  CU_ASSERT_FALSE(got);
  CU_ASSERT_EQUAL(idf_recipe_give(recipe, coef, 2), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_recipe_give(recipe, coef, 1), IDF_OK);
  idf_recipe_free(recipe);
  CU_ASSERT_EQUAL(mem.used, 0);
}

int idf_suite_recipe(void)
{
  static const idf_unit_test tests[] = {
      {"small sizes are as libjpeg has them", small_sizes_are_as_libjpeg_has_them},
      {"all samplings are as libjpeg has them", all_samplings_are_as_libjpeg_has_them},
      {"hostile coefficients are refused or the same",
       hostile_coefficients_are_refused_or_the_same},
      {"blocks outside do not count", blocks_outside_do_not_count},
      {"forms are those libjpeg assumes", forms_are_those_libjpeg_assumes},
      {"memory does not grow with height", memory_does_not_grow_with_height},
      {"memory that ends is said", memory_that_ends_is_said},
      {"arguments are checked", arguments_are_checked},
      {NULL, NULL},
  };
  return idf_unit_suite("recipe", tests);
}

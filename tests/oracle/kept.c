/* SPDX-License-Identifier: BSD-3-Clause
 *
 * kept.c: chapters 17 to 19 of idf(5) against the codec, part by part: what the codec takes of a
 * JPEG file, the second decoder makes into the same file, the same coefficients and the same
 * pixels. One case for each kind of file that libjpeg writes, in some sizes, and one for each file
 * named.
 */
#include "coefs.h"
#include "jpegkit.h"
#include "oracle.h"
#include "recipe.h"

#define ALL_ROWS 65536u
#define MOST_PIXELS (1u << 22)

static void fill(jpeg *j, const jpegkit_taken *taken)
{
  for (num c = 0; c < j->components; c++)
    for (num i = 0; i < 64 * j->component[c].across * j->component[c].down; i++)
      j->component[c].coef[i] = taken->all.coefs[c][i];
}

static bool same_file(jpeg *j, const uint8_t *file, size_t len)
{
  num size;
  uint8_t *again = idf_oracle_jpeg_file(j, &size);
  const bool same = (size_t)size == len && memcmp(again, file, len) == 0;
  free(again);
  return same;
}

/* Coefficients as the codec's pixels want them. */
static int16_t *in_rows(const jpeg_component *c)
{
  const num blocks = c->across * c->down;
  int16_t *out = malloc((size_t)(64 * blocks) * sizeof *out);
  if (!out)
    abort();
  for (num b = 0; b < blocks; b++)
    for (num k = 0; k < 64; k++)
      out[64 * b + idf_oracle_zigzag(k)] = (int16_t)c->coef[64 * b + k];
  return out;
}

static idf_status codec_pixels(idf_mem *mem, const jpeg *j, uint8_t *pixels)
{
  idf_recipe_picture picture = {.width = (uint32_t)j->width,
                                .height = (uint32_t)j->height,
                                .components = (unsigned)j->components};
  const int16_t *coef[4] = {NULL};
  int16_t *owned[4] = {NULL};
  uint8_t ids[4] = {0};
  idf_recipe *recipe;
  for (num c = 0; c < j->components; c++) {
    ids[c] = (uint8_t)j->component[c].id;
    coef[c] = owned[c] = in_rows(&j->component[c]);
    picture.component[c].h = (unsigned)j->component[c].h;
    picture.component[c].v = (unsigned)j->component[c].v;
    for (num k = 0; k < 64; k++)
      picture.component[c].step[idf_oracle_zigzag(k)] = (uint16_t)j->component[c].step[k];
  }
  picture.form = idf_recipe_form_of(picture.components, ids, j->jfif, (int)j->adobe);
  idf_status status = idf_recipe_new(mem, &picture, &recipe);
  if (status == IDF_OK)
    status = idf_recipe_give(recipe, coef, idf_recipe_mcu_rows(recipe));
  bool got = true;
  for (num y = 0; y < j->height && status == IDF_OK; y++) {
    status = idf_recipe_take(recipe, pixels + y * j->width * j->components, &got);
    if (!got)
      abort();
  }
  idf_recipe_free(recipe);
  for (int c = 0; c < 4; c++)
    free(owned[c]);
  return status;
}

/* Through a stream for each band. */
static bool same_coefs(idf_mem *mem, const tables *t, jpeg *j, unsigned shape)
{
  idf_coefs all = {.planes = (unsigned)j->components,
                   .v_most = (unsigned)j->v_most,
                   .mcu_rows = (uint32_t)j->mcus_h};
  num *wanted[4] = {NULL};
  bool same = true;
  for (num c = 0; c < j->components; c++) {
    jpeg_component *from = &j->component[c];
    idf_coefs_plane *to = &all.plane[c];
    *to = (idf_coefs_plane){.across = (uint32_t)from->across,
                            .down = (uint32_t)from->down,
                            .h = (unsigned)from->h,
                            .v = (unsigned)from->v,
                            .coef = in_rows(from)};
    for (num k = 0; k < 64; k++)
      to->step[idf_oracle_zigzag(k)] = (uint16_t)most(from->step[k], 1);
    wanted[c] = from->coef;
    from->coef = room(&j->name, 64 * from->across * from->down, sizeof(num));
  }
  const num bands = idf_coefs_bands(&all), rows = ceil_div(512, 8 * j->v_most);
  for (num i = 0; i < bands; i++) {
    const num first = i * rows, end = i + 1 == bands ? j->mcus_h : first + rows;
    idf_buf out;
    idf_buf_init(&out, mem);
    if (idf_coefs_encode(mem, &all, shape, (uint32_t)i, &out, NULL) != IDF_OK)
      abort();
    const source in = {j->name.name, out.data, out.data + out.len};
    idf_oracle_coefs(t, j, first, end - first, shape, in);
    idf_buf_free(&out);
  }
  for (num c = 0; c < j->components; c++) {
    jpeg_component *of = &j->component[c];
    same = same && memcmp(of->coef, wanted[c], (size_t)(64 * of->across * of->down) * 8) == 0;
    free(wanted[c]);
    free(all.plane[c].coef);
  }
  return same;
}

/* True too where neither has pixels. */
static bool same_pixels(idf_mem *mem, const jpeg *j)
{
  const num size = j->width * j->height * j->components;
  uint8_t *pixels = malloc((size_t)size);
  if (!pixels)
    abort();
  const idf_status status = codec_pixels(mem, j, pixels);
  bool same = status == IDF_ERR_UNSUPPORTED;
  if (status == IDF_OK) {
    uint8_t *ours = idf_oracle_recipe(j);
    same = memcmp(ours, pixels, (size_t)size) == 0;
    free(ours);
  }
  free(pixels);
  return same;
}

static bool agree(const tables *t, const uint8_t *file, size_t len, const char *name)
{
  idf_mem mem;
  jpegkit_taken taken;
  idf_mem_init(&mem, UINT64_MAX);
  const idf_jpeg_why why = jpegkit_take(&mem, file, len, ALL_ROWS, &taken);
  bool same = true;
  if (why != IDF_JPEG_OK) {
    fprintf(stderr, "%s: %s\n", name, idf_jpeg_reason(why));
  } else {
    const source side = {name, taken.side.data, taken.side.data + taken.side.len};
    jpeg *j = idf_oracle_jpeg(side);
    fill(j, &taken);
    for (unsigned shape = 0; shape < IDF_COEFS_SHAPES; shape++)
      if (!same_coefs(&mem, t, j, shape)) {
        fprintf(stderr, "%s: other coefficients of shape %u\n", name, shape);
        same = false;
      }
    if (!same_file(j, file, len)) {
      fprintf(stderr, "%s: another file\n", name);
      same = false;
    }
    if (!same_pixels(&mem, j)) {
      fprintf(stderr, "%s: other pixels\n", name);
      same = false;
    }
    idf_oracle_jpeg_free(j);
  }
  jpegkit_taken_free(&mem, &taken);
  return same;
}

static bool agree_on_kind(const tables *t, size_t kind)
{
  static const unsigned sizes[][2] = {{1, 1},   {3, 2},   {5, 40}, {33, 17}, {64, 64},
                                      {7, 300}, {300, 4}, {4, 33}, {130, 71}};
  bool same = true;
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    idf_mem mem;
    idf_buf file;
    char name[60];
    snprintf(name, sizeof name, "kind %u of %u x %u", (unsigned)kind, sizes[i][0], sizes[i][1]);
    idf_mem_init(&mem, UINT64_MAX);
    idf_buf_init(&file, &mem);
    jpegkit_make(&file, &jpegkit_kinds[kind], sizes[i][0], sizes[i][1], i);
    same = agree(t, file.data, file.len, name) && same;
    idf_buf_free(&file);
  }
  return same;
}

/* Coefficients of noise, of all sizes, with steps of any size: no picture, but streams. */
static bool agree_on_noise(const tables *t)
{
  static const num sampling[3][8] = {
      {2, 2, 1, 1, 1, 1, 2, 2}, {1, 1, 1, 1, 1, 1, 1, 1}, {1, 2, 2, 1, 2, 1, 4, 2}};
  bool same = true;
  for (unsigned i = 0; i < 12; i++) {
    idf_mem mem;
    idf_unit_random r = idf_unit_random_of(i);
    jpeg *j = calloc(1, sizeof *j);
    if (!j)
      abort();
    idf_mem_init(&mem, UINT64_MAX);
    j->name.name = "noise";
    j->components = 4;
    j->mcus_h = 2;
    for (num c = 0; c < 4; c++) {
      jpeg_component *to = &j->component[c];
      to->h = sampling[i % 3][2 * c];
      to->v = sampling[i % 3][2 * c + 1];
      j->v_most = most(j->v_most, to->v);
      to->across = 3 * to->h;
      to->down = j->mcus_h * to->v;
      to->coef = room(&j->name, 64 * to->across * to->down, sizeof(num));
      for (int k = 0; k < 64; k++)
        to->step[k] = 1 + (num)idf_unit_below(&r, 2u << idf_unit_below(&r, 15));
      for (num k = 0; k < 64 * to->across * to->down; k++) {
        const num limit = power(i < 3 ? 15 : idf_unit_below(&r, i + 4)) - 1;
        const num v = i % 2 ? limit : (num)idf_unit_below(&r, (uint32_t)limit + 1);
        to->coef[k] = idf_unit_below(&r, 2) ? v : -v;
      }
    }
    for (unsigned shape = 0; shape < IDF_COEFS_SHAPES; shape++)
      if (!same_coefs(&mem, t, j, shape)) {
        fprintf(stderr, "noise %u: other coefficients of shape %u\n", i, shape);
        same = false;
      }
    idf_oracle_jpeg_free(j);
  }
  return same;
}

static bool agree_on_file(const tables *t, const char *name)
{
  uint8_t *data;
  const source in = idf_oracle_read(name, &data);
  const bool same = agree(t, data, (size_t)left(&in), name);
  free(data);
  return same;
}

int main(int argc, char **argv)
{
  const source nowhere = {.name = "kept"};
  tables *t = idf_oracle_tables(&nowhere);
  int n = 0, failed = 0;
  for (size_t kind = 0; kind < JPEGKIT_KINDS; kind++) {
    const bool same = agree_on_kind(t, kind);
    failed += !same;
    printf("%sok %d - JPEG files of kind %d\n", same ? "" : "not ", ++n, (int)kind);
  }
  const bool noise = agree_on_noise(t);
  failed += !noise;
  printf("%sok %d - streams of noise\n", noise ? "" : "not ", ++n);
  for (int i = 1; i < argc; i++) {
    const bool same = agree_on_file(t, argv[i]);
    failed += !same;
    printf("%sok %d - %s\n", same ? "" : "not ", ++n, argv[i]);
  }
  printf("1..%d\n", n);
  free(t);
  return failed > 0;
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_decoder_brief.c: a brief file decodes in pieces of any size; every cut and every flipped bit
 * is an error; models are found by two bytes; forged files are refused.
 */
#include "brief.h"
#include "crc32c.h"
#include "picture.h"
#include "unit.h"

int idf_suite_decoder_brief(void);

/* A file whose tile needs a model, with metadata on both sides. */
typedef struct small_file {
  idf_mem mem;
  idf_info info;
  uint8_t *raw;
  idf_buf file;
} small_file;

static void open_small(small_file *f)
{
  idf_encoder *e = NULL;
  idf_mem_init(&f->mem, UINT64_MAX);
  idf_buf_init(&f->file, &f->mem);
  f->info = picture_info(40, 30, IDF_GRAY, 8);
  f->raw = picture_make(&f->mem, &f->info, PICTURE_SMOOTH, 4);
  CU_ASSERT_PTR_NOT_NULL_FATAL(f->raw);
  CU_ASSERT_EQUAL_FATAL(idf_encoder_new(NULL, &f->info, picture_write, &f->file, &e), IDF_OK);
  CU_ASSERT_EQUAL(idf_encoder_metadata(e, "gAMA", "\0\0\0\7", 4), IDF_OK);
  CU_ASSERT_EQUAL(idf_encoder_rows(e, f->raw, f->info.height), IDF_OK);
  CU_ASSERT_EQUAL(idf_encoder_metadata(e, "tIME", "1234567", 7), IDF_OK);
  CU_ASSERT_EQUAL(idf_encoder_finish(e), IDF_OK);
  idf_encoder_free(e);
  CU_ASSERT_TRUE(idf_is_brief(f->file.data, f->file.len));
}

static void close_small(small_file *f)
{
  idf_buf_free(&f->file);
  idf_free(&f->mem, f->raw);
  CU_ASSERT_EQUAL(f->mem.used, 0);
}

typedef struct way {
  size_t piece;
  unsigned threads;
  bool keep_going;
  int64_t fail;
  const idf_limits *limits;
  idf_model *model;
} way;

static const way plain = {.threads = 1, .fail = -1};

static idf_status decode(const small_file *f, size_t len, const way *w, bool *same)
{
  idf_decoder *d = NULL;
  idf_info info;
  uint8_t back[40 * 30];
  picture_source source = {f->file.data, len, w->piece};
  *same = false;
  idf_status status = idf_decoder_create(w->limits, picture_read, &source, w->fail, &d);
  if (status == IDF_OK) {
    idf_decoder_threads(d, w->threads);
    idf_decoder_keep_going(d, w->keep_going);
    idf_decoder_model(d, w->model);
    status = idf_decoder_info(d, &info);
  }
  if (status == IDF_OK && (info.width != 40 || info.height != 30))
    status = IDF_ERR_CORRUPT;
  if (status == IDF_OK)
    status = idf_decoder_rows(d, back, 30);
  if (status == IDF_OK)
    status = idf_decoder_finish(d);
  *same = status == IDF_OK && memcmp(back, f->raw, sizeof back) == 0;
  CU_ASSERT_TRUE(status == IDF_OK || !d || idf_decoder_detail(d)[0] != '\0');
  idf_decoder_free(d);
  return status;
}

/* Makes the checksum right again. */
static void sum(small_file *f)
{
  const uint32_t crc = idf_crc32c(IDF_SIMD_AUTO, 0, f->file.data, f->file.len - IDF_BRIEF_TAIL);
  f->file.len -= IDF_BRIEF_TAIL;
  idf_put_le32(&f->file, crc);
}

static void it_comes_back(void)
{
  small_file f;
  bool same;
  open_small(&f);
  for (size_t piece = 0; piece < 40; piece++)
    for (unsigned threads = 1; threads < 4; threads++) {
      way w = plain;
      w.piece = piece;
      w.threads = threads;
      w.keep_going = piece % 2;
      CU_ASSERT_EQUAL(decode(&f, f.file.len, &w, &same), IDF_OK);
      CU_ASSERT_TRUE(same);
    }
  close_small(&f);
}

static void what_it_holds_is_told(void)
{
  small_file f;
  idf_decoder *d = NULL;
  idf_anatomy a;
  char type[5];
  const uint8_t *data;
  size_t size;
  int after;
  open_small(&f);
  picture_source source = {f.file.data, f.file.len, 0};
  CU_ASSERT_EQUAL_FATAL(idf_decoder_new(NULL, picture_read, &source, &d), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_info(d, NULL), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_metadata(d, 0, type, &data, &size, &after), IDF_OK);
  CU_ASSERT_TRUE(strcmp(type, "gAMA") == 0 && size == 4 && memcmp(data, "\0\0\0\7", 4) == 0
                 && !after);
  CU_ASSERT_EQUAL(idf_decoder_metadata(d, 1, type, &data, &size, &after), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_finish(d), IDF_OK); /* skips every row */
  CU_ASSERT_EQUAL(idf_decoder_metadata(d, 1, type, &data, &size, &after), IDF_OK);
  CU_ASSERT_TRUE(strcmp(type, "tIME") == 0 && size == 7 && after);
  idf_decoder_anatomy(d, &a);
  CU_ASSERT_EQUAL(a.header_bytes + a.metadata_bytes + a.tile_bytes + a.index_bytes, f.file.len);
  CU_ASSERT_EQUAL(a.file_bytes, f.file.len);
  CU_ASSERT_EQUAL(a.metadata_bytes, 1 + 4 + 1 + 7);
  CU_ASSERT_TRUE(a.tile_side == 64 && a.tiles_across == 1 && a.tiles_down == 1 && a.effort == 5);
  /* All of the id, from two bytes. */
  idf_model *model = NULL;
  CU_ASSERT_EQUAL(idf_model_builtin(5, &model), IDF_OK);
  CU_ASSERT_EQUAL(memcmp(a.model_id, idf_model_id(model), sizeof a.model_id), 0);
  idf_model_free(model);
  idf_decoder_free(d);
  close_small(&f);
}

static void cuts_and_flips_are_errors(void)
{
  small_file f;
  bool same;
  open_small(&f);
  for (int going = 0; going < 2; going++) {
    way w = plain;
    w.keep_going = going;
    for (size_t len = 0; len < f.file.len; len++)
      CU_ASSERT_EQUAL(decode(&f, len, &w, &same),
                      len < IDF_MAGIC_SIZE ? IDF_ERR_NOT_IDF : IDF_ERR_TRUNCATED);
    for (size_t at = 0; at < f.file.len; at++)
      for (unsigned bit = 0; bit < 8; bit++) {
        f.file.data[at] ^= (uint8_t)(1u << bit);
        CU_ASSERT_NOT_EQUAL(decode(&f, f.file.len, &w, &same), IDF_OK);
        f.file.data[at] ^= (uint8_t)(1u << bit);
      }
  }
  idf_put_u8(&f.file, 0);
  CU_ASSERT_EQUAL(decode(&f, f.file.len, &plain, &same), IDF_ERR_CORRUPT);
  close_small(&f);
}

static void the_check_is_of_the_samples(void)
{
  small_file f;
  bool same;
  open_small(&f);
  f.file.data[f.file.len - IDF_BRIEF_TAIL - 1] ^= 1;
  sum(&f);
  CU_ASSERT_EQUAL(decode(&f, f.file.len, &plain, &same), IDF_ERR_CORRUPT);
  close_small(&f);
}

/* A stream that a right checksum covers: the tile is lost, and said to be. */
static void a_forged_tile_is_lost(void)
{
  small_file f;
  idf_decoder *d = NULL;
  idf_anatomy a;
  bool same;
  uint8_t back[40 * 30];
  open_small(&f);
  f.file.data[f.file.len - 40] ^= 1;
  sum(&f);
  CU_ASSERT_EQUAL(decode(&f, f.file.len, &plain, &same), IDF_ERR_CORRUPT);
  picture_source source = {f.file.data, f.file.len, 0};
  CU_ASSERT_EQUAL_FATAL(idf_decoder_new(NULL, picture_read, &source, &d), IDF_OK);
  idf_decoder_keep_going(d, 1);
  memset(back, 1, sizeof back);
  CU_ASSERT_EQUAL(idf_decoder_rows(d, back, 30), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_finish(d), IDF_OK);
  idf_decoder_anatomy(d, &a);
  CU_ASSERT_EQUAL(a.tiles_lost, 1);
  for (size_t i = 0; i < sizeof back; i++)
    CU_ASSERT_EQUAL(back[i], 0);
  idf_decoder_free(d);
  close_small(&f);
}

static void models_are_found_by_two_bytes(void)
{
  small_file f;
  idf_brief brief;
  idf_decoder *d = NULL;
  idf_info info;
  uint8_t back[40 * 30];
  bool same;
  open_small(&f);
  CU_ASSERT_EQUAL_FATAL(idf_brief_head(f.file.data, f.file.len, &brief), IDF_OK);
  CU_ASSERT_TRUE(brief.model);
  way w = plain;
  CU_ASSERT_EQUAL(idf_model_builtin(5, &w.model), IDF_OK);
  CU_ASSERT_EQUAL(decode(&f, f.file.len, &w, &same), IDF_OK); /* the caller's, of that id */
  idf_model_free(w.model);
  CU_ASSERT_EQUAL(idf_model_builtin(1, &w.model), IDF_OK);
  CU_ASSERT_EQUAL(decode(&f, f.file.len, &w, &same), IDF_OK); /* another: the built-in is used */
  idf_model_free(w.model);
  f.file.data[brief.head] ^= 0xff;
  sum(&f);
  picture_source source = {f.file.data, f.file.len, 0};
  CU_ASSERT_EQUAL_FATAL(idf_decoder_new(NULL, picture_read, &source, &d), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_info(d, &info), IDF_OK); /* looking needs no model */
  CU_ASSERT_EQUAL(idf_decoder_rows(d, back, 1), IDF_ERR_UNSUPPORTED);
  CU_ASSERT_PTR_NOT_NULL(strstr(idf_decoder_detail(d), "no model "));
  CU_ASSERT_PTR_NOT_NULL(strstr(idf_decoder_detail(d), "... here"));
  idf_decoder_free(d);
  close_small(&f);
}

/* Two bytes tell them apart. */
static void built_in_models_differ_in_two_bytes(void)
{
  static const int efforts[] = {1, 5, 9};
  uint8_t ids[3][8];
  for (int i = 0; i < 3; i++) {
    idf_model *model = NULL;
    CU_ASSERT_EQUAL_FATAL(idf_model_builtin(efforts[i], &model), IDF_OK);
    memcpy(ids[i], idf_model_id(model), 8);
    idf_model_free(model);
    for (int k = 0; k < i; k++)
      CU_ASSERT_NOT_EQUAL(memcmp(ids[i], ids[k], IDF_BRIEF_MODEL), 0);
  }
}

static void limits_hold(void)
{
  small_file f;
  idf_limits limits;
  bool same;
  open_small(&f);
  for (int i = 0; i < 5; i++) {
    way w = plain;
    idf_limits_init(&limits);
    w.limits = &limits;
    if (i < 2)
      limits.max_pixels = 40 * 30 - (uint64_t)i;
    else if (i < 4)
      limits.max_metadata = 13 - (uint64_t)i; /* 11, 10 */
    else
      limits.max_memory = 120000;
    CU_ASSERT_EQUAL(decode(&f, f.file.len, &w, &same), i == 0 || i == 2 ? IDF_OK : IDF_ERR_LIMIT);
  }
  close_small(&f);
}

static void every_allocation_may_fail(void)
{
  small_file f;
  bool same;
  way w = plain;
  idf_status status = IDF_ERR_MEMORY;
  open_small(&f);
  for (w.fail = 0; status != IDF_OK && w.fail < 2000; w.fail++) {
    status = decode(&f, f.file.len, &w, &same);
    CU_ASSERT_EQUAL(status == IDF_OK, same);
    CU_ASSERT_TRUE(status == IDF_OK || status == IDF_ERR_MEMORY);
  }
  CU_ASSERT_TRUE(w.fail > 8 && w.fail < 2000);
  close_small(&f);
}

/* After a call lacked input: gives a byte, or the end. */
static idf_status push_one(idf_decoder *d, const small_file *f, size_t *at)
{
  if (*at == f->file.len)
    return idf_decoder_push_end(d);
  return idf_decoder_push(d, f->file.data + (*at)++, 1);
}

/* Repeats a call as long as it lacks input. */
#define PUSHED(call)                                                                               \
  do {                                                                                             \
    while ((status = (call)) == IDF_NEED_INPUT)                                                    \
      CU_ASSERT_EQUAL(push_one(d, &f, &at), IDF_OK);                                               \
    CU_ASSERT_EQUAL(status, IDF_OK);                                                               \
  } while (0)

static void bytes_can_be_pushed(void)
{
  small_file f;
  idf_decoder *d = NULL;
  idf_info info;
  idf_status status;
  size_t at = 0;
  uint8_t back[40 * 30];
  open_small(&f);
  CU_ASSERT_EQUAL_FATAL(idf_decoder_new_push(NULL, &d), IDF_OK);
  PUSHED(idf_decoder_info(d, &info));
  PUSHED(idf_decoder_rows(d, back, 30));
  PUSHED(idf_decoder_finish(d));
  CU_ASSERT_EQUAL(memcmp(back, f.raw, sizeof back), 0);
  CU_ASSERT_EQUAL(at, f.file.len);
  idf_decoder_free(d);
  close_small(&f);
}

static void a_part_can_be_read(void)
{
  small_file f;
  idf_decoder *d = NULL;
  uint8_t back[7 * 5];
  open_small(&f);
  CU_ASSERT_EQUAL_FATAL(idf_decoder_new_memory(NULL, f.file.data, f.file.len, &d), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_info(d, NULL), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_region(d, 11, 9, 7, 5), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_rows(d, back, 5), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_finish(d), IDF_OK);
  for (size_t y = 0; y < 5; y++)
    CU_ASSERT_EQUAL(memcmp(back + 7 * y, f.raw + (9 + y) * 40 + 11, 7), 0);
  idf_decoder_free(d);
  close_small(&f);
}

int idf_suite_decoder_brief(void)
{
  static const idf_unit_test tests[] = {
      {"it comes back", it_comes_back},
      {"what it holds is told", what_it_holds_is_told},
      {"cuts and flips are errors", cuts_and_flips_are_errors},
      {"the check is of the samples", the_check_is_of_the_samples},
      {"a forged tile is lost", a_forged_tile_is_lost},
      {"models are found by two bytes", models_are_found_by_two_bytes},
      {"built-in models differ in two bytes", built_in_models_differ_in_two_bytes},
      {"limits hold", limits_hold},
      {"bytes can be pushed", bytes_can_be_pushed},
      {"a part can be read", a_part_can_be_read},
      {"every allocation may fail", every_allocation_may_fail},
      {NULL, NULL}};
  return idf_unit_suite("decoder_brief", tests);
}

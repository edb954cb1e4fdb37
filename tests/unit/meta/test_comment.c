/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_comment.c: texts become the chunk that can hold them, and are found in it again.
 */
#include "comment.h"

#include <string.h>

#include "unit.h"

int idf_suite_comment(void);

#define TEXT(text) (const uint8_t *)text, sizeof text - 1

static void texts_have_their_chunk(void)
{
  static const struct {
    const uint8_t *text;
    size_t size;
    const char *type;
    bool fits;
  } cases[] = {
      {TEXT(""), "tEXt", true},
      {TEXT("plain\ntext"), "tEXt", true},
      {TEXT("\303\244"), "iTXt", true},
      {TEXT("\342\202\254 \360\237\230\200"), "iTXt", true},
      {TEXT("latin \344"), "tEXt", true},
      {TEXT("\300\200"), "tEXt", true},     /* too long a form */
      {TEXT("\355\240\200"), "tEXt", true}, /* a surrogate */
      {TEXT("\303"), "tEXt", true},         /* cut */
      {TEXT("a\0b"), "tEXt", false},
      {TEXT("\303\244\0"), "iTXt", false},
  };

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const char *type, *head;
    const uint8_t *found;
    size_t head_size, size;
    uint8_t chunk[64];
    CU_ASSERT_EQUAL(idf_comment_chunk(cases[i].text, cases[i].size, &type, &head, &head_size),
                    cases[i].fits);
    CU_ASSERT_STRING_EQUAL(type, cases[i].type);
    CU_ASSERT_FATAL(head_size + cases[i].size <= sizeof chunk);
    memcpy(chunk, head, head_size);
    memcpy(chunk + head_size, cases[i].text, cases[i].size);
    CU_ASSERT_TRUE_FATAL(idf_comment_text(type, chunk, head_size + cases[i].size, &found, &size));
    CU_ASSERT_EQUAL(size, cases[i].size);
    CU_ASSERT_EQUAL(memcmp(found, cases[i].text, size), 0);
  }
}

static void other_chunks_are_none(void)
{
  const uint8_t *text;
  size_t size;
  CU_ASSERT_FALSE(idf_comment_text("tEXt", TEXT("Comment"), &text, &size)); /* no zero */
  CU_ASSERT_FALSE(idf_comment_text("tEXt", TEXT("Title\0x"), &text, &size));
  CU_ASSERT_FALSE(idf_comment_text("zTXt", TEXT("Comment\0x"), &text, &size));
  CU_ASSERT_FALSE(idf_comment_text("iTXt", TEXT("Comment\0\1\0\0\0x"), &text, &size));
  CU_ASSERT_FALSE(idf_comment_text("iTXt", TEXT("Comment\0\0\0de\0\0x"), &text, &size));
  CU_ASSERT_FALSE(idf_comment_text("tEXt", TEXT(""), &text, &size));
}

int idf_suite_comment(void)
{
  static const idf_unit_test tests[] = {
      {"texts have their chunk", texts_have_their_chunk},
      {"other chunks are no comments", other_chunks_are_none},
      {NULL, NULL},
  };
  return idf_unit_suite("comment", tests);
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_icc_text.c: profiles of version 2 and 4, and such that lie about their tags.
 */
#include "icc_text.h"
#include "unit.h"

#include <string.h>

int idf_suite_icc_text(void);

static uint8_t data[512];

static void put32(size_t at, uint32_t value)
{
  for (unsigned i = 0; i < 4; i++)
    data[at + i] = (uint8_t)(value >> (24 - 8 * i));
}

static void start(unsigned version, uint32_t tags)
{
  memset(data, 0, sizeof data);
  data[8] = (uint8_t)version;
  data[9] = 0x30;
  memcpy(data + 12, "mntrRGB XYZ ", 12);
  memcpy(data + 36, "acsp", 4);
  put32(128, tags);
}

static void tag(unsigned i, const char *name, uint32_t at, uint32_t size)
{
  memcpy(data + 132 + 12 * i, name, 4);
  put32(136 + 12 * (size_t)i, at);
  put32(140 + 12 * (size_t)i, size);
}

static void version_2(void)
{
  idf_icc_text profile;

  start(2, 2);
  tag(0, "desc", 200, 30);
  tag(1, "cprt", 240, 20);
  memcpy(data + 200, "desc\0\0\0\0\0\0\0\6sRGB!\0", 18);
  memcpy(data + 240, "text\0\0\0\0free for all", 20);
  CU_ASSERT(idf_icc_read(data, sizeof data, &profile));
  CU_ASSERT_STRING_EQUAL(profile.description, "sRGB!");
  CU_ASSERT_STRING_EQUAL(profile.copyright, "free for all");
  CU_ASSERT_STRING_EQUAL(profile.kind, "display");
  CU_ASSERT_STRING_EQUAL(profile.space, "RGB");
  CU_ASSERT(profile.major == 2 && profile.minor == 3);
}

static void version_4(void)
{
  idf_icc_text profile;

  start(4, 1);
  memcpy(data + 12, "xxxxGRAY", 8);
  tag(0, "desc", 200, 60);
  memcpy(data + 200, "mluc\0\0\0\0\0\0\0\1\0\0\0\14enUS\0\0\0\16\0\0\0\34", 28);
  memcpy(data + 228, "\0A\0\344\40\254\330\75\336\0\334\0\0z", 14); /* A, ä, euro, U+1F600, half */
  CU_ASSERT(idf_icc_read(data, sizeof data, &profile));
  CU_ASSERT_STRING_EQUAL(profile.description, "A\303\244\342\202\254\360\237\230\200?z");
  CU_ASSERT_STRING_EQUAL(profile.copyright, "");
  CU_ASSERT_STRING_EQUAL(profile.kind, "unknown");
  CU_ASSERT_STRING_EQUAL(profile.space, "GRAY");
}

static void lies(void)
{
  static const struct {
    uint32_t at, size;
  } cases[] = {{500, 13}, {UINT32_MAX, 1}, {13, UINT32_MAX}, {512, 0}, {200, 11}, {512, 1}};
  idf_icc_text profile;

  CU_ASSERT(!idf_icc_read(data, 131, &profile));
  start(2, UINT32_MAX);
  CU_ASSERT(idf_icc_read(data, 132, &profile));
  CU_ASSERT(idf_icc_read(data, sizeof data, &profile));
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    tag(0, "desc", cases[i].at, cases[i].size);
    CU_ASSERT(idf_icc_read(data, sizeof data, &profile));
    CU_ASSERT_STRING_EQUAL(profile.description, "");
  }
  /* A text that is longer than its tag, and one longer than there is room for. */
  tag(0, "desc", 200, 300);
  memset(data + 200, 'x', 312);
  memcpy(data + 200, "desc\0\0\0\0\377\377\377\377", 12);
  CU_ASSERT(idf_icc_read(data, sizeof data, &profile));
  CU_ASSERT_EQUAL(strlen(profile.description), 255);
  memcpy(data + 200, "mluc\0\0\0\0\0\0\0\1\0\0\0\14enUS\0\0\1\20\0\0\0\34", 28);
  CU_ASSERT(idf_icc_read(data, sizeof data, &profile));
  CU_ASSERT(strlen(profile.description) >= 250);
  put32(220, 273);
  CU_ASSERT(idf_icc_read(data, sizeof data, &profile));
  CU_ASSERT_STRING_EQUAL(profile.description, "");
  data[36] = 0;
  CU_ASSERT(!idf_icc_read(data, sizeof data, &profile));
}

int idf_suite_icc_text(void)
{
  static const idf_unit_test tests[] = {{"version 2", version_2},
                                        {"version 4, in UTF-16", version_4},
                                        {"tags that lie", lies},
                                        {NULL, NULL}};
  return idf_unit_suite("icc_text", tests);
}

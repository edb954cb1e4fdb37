/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_exif_text.c: a block with all kinds of values in both byte orders, and blocks that lie about
 * places, counts and directories.
 */
#include "bytes.h"
#include "exif_text.h"
#include "unit.h"

#include <string.h>

int idf_suite_exif_text(void);

/* A block under construction. */
typedef struct maker {
  uint8_t data[1024];
  size_t size;
  bool big;
} maker;

static void set(maker *m, size_t at, unsigned bytes, uint32_t value)
{
  for (unsigned i = 0; i < bytes; i++)
    m->data[at + (m->big ? bytes - 1 - i : i)] = (uint8_t)(value >> 8 * i);
}

static void add(maker *m, unsigned bytes, uint32_t value)
{
  set(m, m->size, bytes, value);
  m->size += bytes;
}

static void start(maker *m, bool big)
{
  memset(m, 0, sizeof *m);
  m->big = big;
  memset(m->data, big ? 'M' : 'I', 2);
  m->size = 2;
  add(m, 2, 42);
  add(m, 4, 8);
}

static void entry(maker *m, uint32_t tag, uint32_t type, uint32_t count, uint32_t value)
{
  add(m, 2, tag);
  add(m, 2, type);
  add(m, 4, count);
  add(m, 4, value);
}

/* SHORTs stand at the beginning of their four bytes. */
static void short_entry(maker *m, uint32_t tag, uint32_t value)
{
  entry(m, tag, 3, 1, m->big ? value << 16 : value);
}

static void collect(void *context, const char *name, const char *value)
{
  char *text = context;
  const size_t len = strlen(text);

  snprintf(text + len, 4096 - len, "%s=%s;", name, value);
}

static const char *told(const maker *m, size_t size)
{
  static char text[4096];

  text[0] = '\0';
  if (!idf_exif_tell(m->data, size, collect, text))
    snprintf(text, sizeof text, "refused");
  return text;
}

static void values(void)
{
  for (int big = 0; big < 2; big++) {
    maker m;
    start(&m, big);
    add(&m, 2, 6);
    entry(&m, 0x10f, 2, 6, 300); /* Make */
    short_entry(&m, 0x112, 6);
    entry(&m, 0x11a, 5, 1, 310); /* XResolution */
    entry(&m, 0x8769, 4, 1, 100);
    entry(&m, 0x8825, 4, 1, 230);
    short_entry(&m, 0x4242, 7);
    m.size = 100;
    add(&m, 2, 9);
    entry(&m, 0x829a, 5, 1, 320); /* ExposureTime */
    entry(&m, 0x829d, 5, 1, 328);
    entry(&m, 0x9204, 10, 1, 336); /* ExposureBiasValue */
    entry(&m, 0x9000, 7, 4, 0x30323332);
    entry(&m, 0x927c, 7, 500, 300); /* MakerNote */
    entry(&m, 0x9286, 7, 14, 344);
    entry(&m, 0x920a, 5, 1, 360); /* FocalLength, 0/0 */
    short_entry(&m, 0x9209, 99);
    short_entry(&m, 0xa001, 1);
    if (!big)
      set(&m, 100 + 2 + 3 * 12 + 8, 4, 0x32333230);
    m.size = 230;
    add(&m, 2, 3);
    memcpy(m.data + m.size, "\0\1\0\2\0\0\0\2N\0\0\0", 12);
    if (!big)
      memcpy(m.data + m.size, "\1\0\2\0\2\0\0\0N\0\0\0", 12);
    m.size += 12;
    entry(&m, 2, 5, 3, 380);
    entry(&m, 7, 5, 3, 404);
    memcpy(m.data + 300, "Can \0", 5);
    const uint32_t numbers[][2] = {
        {310, 72}, {314, 1},  {320, 10}, {324, 1250}, {328, 28}, {332, 10},   {336, UINT32_MAX - 1},
        {340, 3},  {380, 52}, {384, 1},  {388, 30},   {392, 1},  {396, 1234}, {400, 100},
        {404, 9},  {408, 1},  {412, 5},  {416, 1},    {420, 7},  {424, 1}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
      set(&m, numbers[i][0], 4, numbers[i][1]);
    memcpy(m.data + 344, "ASCII\0\0\0hello ", 14);
    CU_ASSERT_STRING_EQUAL(
        told(&m, 1000),
        "Make=Can;Orientation=6 (to be turned clockwise by 90 degrees);XResolution=72;"
        "tag 0x4242=7;ExposureTime=1/125 s;FNumber=f/2.8;ExposureBiasValue=-0.666667;"
        "ExifVersion=0232;MakerNote=500 bytes;UserComment=hello;FocalLength=0/0 mm;Flash=99;"
        "ColorSpace=1 (sRGB);GPSLatitudeRef=N;GPSLatitude=52 deg 30' 12.34\";"
        "GPSTimeStamp=09:05:07;");
  }
}

static void headers(void)
{
  static const char *const bad[] = {
      "", "II*\0\10\0\0", "IM*\0\10\0\0\0", "XX*\0\10\0\0\0", "II+\0\10\0\0\0", "II\0*\10\0\0\0"};
  static const size_t sizes[] = {0, 7, 8, 8, 8, 8};

  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    CU_ASSERT(!idf_exif_tell((const uint8_t *)bad[i], sizes[i], collect, NULL));
}

/* What is not inside the block is left out; nothing is told twice without end. */
static void lies(void)
{
  maker m;

  start(&m, false);
  add(&m, 2, 6);
  entry(&m, 0x10f, 2, 100, 40);       /* ends behind the block */
  entry(&m, 0x110, 2, UINT32_MAX, 8); /* counts that overflow */
  entry(&m, 0x11a, 5, 0x20000001, 8); /* 8 bytes each */
  entry(&m, 0x131, 2, 5, 0xfffffffe); /* a place that overflows */
  entry(&m, 0x132, 99, 1, 0);         /* no type */
  entry(&m, 0x13b, 2, 0, 0);          /* nothing */
  CU_ASSERT_STRING_EQUAL(told(&m, m.size), "");
  for (size_t size = 8; size <= m.size; size++) /* cut anywhere */
    CU_ASSERT_STRING_EQUAL(told(&m, size), "");
  set(&m, 4, 4, UINT32_MAX); /* the directory itself */
  CU_ASSERT_STRING_EQUAL(told(&m, m.size), "");

  /* Directories that point to the first one, and to themselves. */
  start(&m, true);
  add(&m, 2, 3);
  short_entry(&m, 0x112, 1);
  entry(&m, 0x8769, 4, 1, 8);
  entry(&m, 0x8825, 4, 1, 8);
  CU_ASSERT_STRING_EQUAL(told(&m, m.size), "Orientation=1 (as it is);Orientation=1 (as it is);"
                                           "tag 0x0112=1;tag 0x8769=8;tag 0x8825=8;");
}

static void count(void *context, const char *name, const char *value)
{
  CU_ASSERT(strlen(name) < 40 && strlen(value) < IDF_EXIF_VALUE);
  ++*(unsigned *)context;
}

static void bounds(void)
{
  static uint8_t block[70000 * 12];
  unsigned n = 0;

  memcpy(block, "MM\0*\0\0\0\10\377\377", 10);
  for (size_t i = 0; i < 65535; i++)
    memcpy(block + 10 + 12 * i, "\1\17\0\2\0\0\377\377\0\0\0\10", 12); /* a Make of 64 KB */
  memset(block + 70000 * 12 - 20000, 'x', 20000);
  CU_ASSERT(idf_exif_tell(block, sizeof block, count, &n));
  CU_ASSERT_EQUAL(n, IDF_EXIF_MOST);

  idf_unit_random random = idf_unit_random_of(4711);
  for (unsigned i = 0; i < 2000; i++) { /* any bytes after a header */
    for (size_t k = 8; k < 256; k++)
      block[k] = (uint8_t)(idf_unit_next(&random) % 5 ? 0 : idf_unit_next(&random));
    n = 0;
    CU_ASSERT(idf_exif_tell(block, 256, count, &n));
  }
}

int idf_suite_exif_text(void)
{
  static const idf_unit_test tests[] = {{"values of all kinds, in both orders", values},
                                        {"headers that are none", headers},
                                        {"places and counts that lie", lies},
                                        {"bounds", bounds},
                                        {NULL, NULL}};
  return idf_unit_suite("exif_text", tests);
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_exif.c: orientation and resolution in both byte orders; whatever is wrong is not said;
 * no bytes are read outside the block.
 */
#include "exif.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

int idf_suite_exif(void);

enum { SHORT = 3, LONG = 4, RATIONAL = 5 };

typedef struct block {
  uint8_t data[200];
  size_t size;
  bool big;
} block;

static void put(block *b, uint32_t value, unsigned bytes)
{
  for (unsigned i = 0; i < bytes; i++)
    b->data[b->size++] = (uint8_t)(value >> 8 * (b->big ? bytes - 1 - i : i));
}

static block begin(bool big, uint32_t entries)
{
  block b = {.big = big};
  memcpy(b.data, big ? "MM" : "II", 2);
  b.size = 2;
  put(&b, 42, 2);
  put(&b, 8, 4);
  put(&b, entries, 2);
  return b;
}

static void entry(block *b, uint32_t tag, uint32_t type, uint32_t count, uint32_t value)
{
  put(b, tag, 2);
  put(b, type, 2);
  put(b, count, 4);
  if (type == SHORT)
    put(b, value, 2);
  put(b, type == SHORT ? 0 : value, type == SHORT ? 2 : 4);
}

/* 300 dots an inch or `unit`, and orientation 6. */
static block whole(bool big, uint32_t unit, uint32_t top, uint32_t bottom)
{
  block b = begin(big, 4);
  entry(&b, 0x112, SHORT, 1, 6);
  entry(&b, 0x11a, RATIONAL, 1, 62);
  entry(&b, 0x11b, RATIONAL, 1, 70);
  entry(&b, 0x128, SHORT, 1, unit);
  put(&b, 0, 4);
  CU_ASSERT_EQUAL(b.size, 62);
  put(&b, top, 4);
  put(&b, bottom, 4);
  put(&b, 2 * top, 4);
  put(&b, bottom, 4);
  return b;
}

static void both_orders_are_read(void)
{
  for (int big = 0; big < 2; big++) {
    block b = whole(big, 2, 300, 1);
    idf_exif e = idf_exif_read(b.data, b.size);
    CU_ASSERT(e.orientation == 6 && e.across == 11811 && e.down == 23622);
    b = whole(big, 3, 1181, 10);
    e = idf_exif_read(b.data, b.size);
    CU_ASSERT(e.orientation == 6 && e.across == 11810 && e.down == 23620);
  }
}

static void what_is_wrong_is_not_said(void)
{
  block b = whole(false, 1, 300, 1);
  CU_ASSERT_EQUAL(idf_exif_read(b.data, b.size).across, 0);
  b = whole(false, 2, 300, 0);
  CU_ASSERT_EQUAL(idf_exif_read(b.data, b.size).across, 0);
  b = whole(true, 2, UINT32_MAX, 1);
  CU_ASSERT_EQUAL(idf_exif_read(b.data, b.size).across, 0);
  b = whole(true, 3, 30000000, 1); /* across fits 32 bits, down does not */
  CU_ASSERT_EQUAL(idf_exif_read(b.data, b.size).across, 0);
  b = begin(false, 1);
  entry(&b, 0x112, SHORT, 1, 9);
  CU_ASSERT_EQUAL(idf_exif_read(b.data, b.size).orientation, 0);
  b = begin(false, 1);
  entry(&b, 0x112, SHORT, 2, 3);
  CU_ASSERT_EQUAL(idf_exif_read(b.data, b.size).orientation, 0);
  b = begin(false, 1);
  entry(&b, 0x112, LONG, 1, 3);
  CU_ASSERT_EQUAL(idf_exif_read(b.data, b.size).orientation, 0);
  b = begin(true, 1);
  entry(&b, 0x112, SHORT, 1, 8);
  CU_ASSERT_EQUAL(idf_exif_read(b.data, b.size).orientation, 8);
  b.data[1] = 'I';
  CU_ASSERT_EQUAL(idf_exif_read(b.data, b.size).orientation, 0);
  CU_ASSERT_EQUAL(idf_exif_read(NULL, 0).orientation, 0);
}

/* The sanitizers see a read outside a block of exactly the size. */
static void no_byte_outside_is_read(void)
{
  idf_unit_random r = idf_unit_random_of(9);
  for (int i = 0; i < 3000; i++) {
    block b = whole(idf_unit_below(&r, 2), 2, idf_unit_next(&r), idf_unit_next(&r));
    b.size = idf_unit_below(&r, (uint32_t)b.size + 1);
    for (int k = 0; k < 3; k++)
      b.data[2 + idf_unit_below(&r, 60)] = (uint8_t)idf_unit_next(&r);
    uint8_t *copy = malloc(b.size + 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
    memcpy(copy + 1, b.data, b.size);
    const idf_exif e = idf_exif_read(copy + 1, b.size);
    IDF_UNIT_SEEDED(&r, e.orientation <= 8 && (e.across == 0) == (e.down == 0));
    free(copy);
  }
}

static const idf_unit_test tests[] = {
    {"both byte orders are read", both_orders_are_read},
    {"what is wrong is not said", what_is_wrong_is_not_said},
    {"no byte outside the block is read", no_byte_outside_is_read},
    {NULL, NULL}};

int idf_suite_exif(void)
{
  return idf_unit_suite("exif", tests);
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * jpeg_huff.c: Huffman tables: the codes of a DHT segment (T.81 Annex C), the four tables of T.81
 * K.3.3 that most files have, and the optimal table of T.81 K.2.
 *
 * The surprise: optimal tables must equal those of libjpeg in every tie, because a file with such
 * tables needs no tables stored.
 * idf(5), "JPEG FILES".
 */
#include "jpeg_inside.h"

#include <string.h>

/* Tables K.3, K.5, K.4, K.6: DC and AC of luminance, then of chrominance. */
static const idf_jpeg_table standard[4] = {
    {.place = 0x00,
     .symbols = 12,
     .bits = {0, 0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0},
     .value = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b}},
    {.place = 0x10,
     .symbols = 162,
     .bits = {0, 0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125},
     .value = {0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51,
               0x61, 0x07, 0x22, 0x71, 0x14, 0x32, 0x81, 0x91, 0xa1, 0x08, 0x23, 0x42, 0xb1, 0xc1,
               0x15, 0x52, 0xd1, 0xf0, 0x24, 0x33, 0x62, 0x72, 0x82, 0x09, 0x0a, 0x16, 0x17, 0x18,
               0x19, 0x1a, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2a, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39,
               0x3a, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x53, 0x54, 0x55, 0x56, 0x57,
               0x58, 0x59, 0x5a, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x73, 0x74, 0x75,
               0x76, 0x77, 0x78, 0x79, 0x7a, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x92,
               0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7,
               0xa8, 0xa9, 0xaa, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7, 0xb8, 0xb9, 0xba, 0xc2, 0xc3,
               0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8,
               0xd9, 0xda, 0xe1, 0xe2, 0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xe9, 0xea, 0xf1, 0xf2,
               0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa}},
    {.place = 0x01,
     .symbols = 12,
     .bits = {0, 0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0},
     .value = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b}},
    {.place = 0x11,
     .symbols = 162,
     .bits = {0, 0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119},
     .value = {0x00, 0x01, 0x02, 0x03, 0x11, 0x04, 0x05, 0x21, 0x31, 0x06, 0x12, 0x41, 0x51, 0x07,
               0x61, 0x71, 0x13, 0x22, 0x32, 0x81, 0x08, 0x14, 0x42, 0x91, 0xa1, 0xb1, 0xc1, 0x09,
               0x23, 0x33, 0x52, 0xf0, 0x15, 0x62, 0x72, 0xd1, 0x0a, 0x16, 0x24, 0x34, 0xe1, 0x25,
               0xf1, 0x17, 0x18, 0x19, 0x1a, 0x26, 0x27, 0x28, 0x29, 0x2a, 0x35, 0x36, 0x37, 0x38,
               0x39, 0x3a, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x53, 0x54, 0x55, 0x56,
               0x57, 0x58, 0x59, 0x5a, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x73, 0x74,
               0x75, 0x76, 0x77, 0x78, 0x79, 0x7a, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89,
               0x8a, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0xa2, 0xa3, 0xa4, 0xa5,
               0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7, 0xb8, 0xb9, 0xba,
               0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6,
               0xd7, 0xd8, 0xd9, 0xda, 0xe2, 0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xe9, 0xea, 0xf2,
               0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa}},
};

bool idf_jpeg_standard(uint32_t form, idf_jpeg_table *table)
{
  if (form < IDF_JPEG_FORM_STANDARD || form >= IDF_JPEG_FORM_STANDARD + 4)
    return false;
  const uint8_t place = table->place;
  *table = standard[form - IDF_JPEG_FORM_STANDARD];
  table->place = place;
  return true;
}

uint32_t idf_jpeg_form(const idf_jpeg_table *table)
{
  for (uint32_t i = 0; i < 4; i++)
    if (memcmp(table->bits, standard[i].bits, sizeof table->bits) == 0
        && memcmp(table->value, standard[i].value, sizeof table->value) == 0)
      return IDF_JPEG_FORM_STANDARD + i;
  return IDF_JPEG_FORM_GIVEN;
}

bool idf_jpeg_decode_init(idf_jpeg_decode *decode, const idf_jpeg_table *table)
{
  uint32_t code = 0, place = 0;
  memset(decode, 0, sizeof *decode);
  memcpy(decode->value, table->value, sizeof decode->value);
  for (uint32_t size = 1; size <= 16; size++, code <<= 1) {
    decode->offset[size] = (int32_t)place - (int32_t)code;
    for (uint32_t i = 0; i < table->bits[size]; i++, code++, place++) {
      const uint32_t symbol = table->value[place], all = size + (symbol & 15);
      if (code >> size)
        return false;
      if (size > IDF_JPEG_PEEK)
        continue;
      const uint32_t rest = IDF_JPEG_PEEK - size;
      for (uint32_t k = 0; k < 1u << rest; k++)
        decode->fast[(code << rest) + k] = (uint16_t)(all << 8 | symbol);
    }
    decode->limit[size] = code << (16 - size);
  }
  decode->limit[17] = UINT32_MAX;
  return true;
}

bool idf_jpeg_encode_init(idf_jpeg_encode *encode, const idf_jpeg_table *table)
{
  uint32_t code = 0, place = 0;
  memset(encode, 0, sizeof *encode);
  for (uint32_t size = 1; size <= 16; size++, code <<= 1)
    for (uint32_t i = 0; i < table->bits[size]; i++, code++, place++) {
      if (code >> size)
        return false;
      /* If a symbol has two codes, it is unknown which one the file uses. */
      if (!encode->code[table->value[place]])
        encode->code[table->value[place]] = size << 16 | code;
    }
  return true;
}

/* The least frequent symbol that is still the root of a tree, other than `other`. Among equals it
 * is the last, as in T.81 Figure K.1. -1: none. */
static int least(const uint64_t count[257], int other)
{
  int found = -1;
  for (int i = 0; i <= 256; i++)
    if (count[i] && i != other && (found < 0 || count[i] <= count[found]))
      found = i;
  return found;
}

/* Computes the code lengths of all symbols by merging the two rarest trees: T.81 Figure K.1. */
static void lengths(uint64_t count[257], uint8_t size[257])
{
  int next[257];
  for (int i = 0; i <= 256; i++)
    next[i] = -1;
  for (;;) {
    int a = least(count, -1);
    int b = least(count, a);
    if (b < 0)
      return;
    count[a] += count[b];
    count[b] = 0;
    for (size[a]++; next[a] >= 0; size[a]++)
      a = next[a];
    next[a] = b;
    for (size[b]++; next[b] >= 0; size[b]++)
      b = next[b];
  }
}

void idf_jpeg_optimal(const uint64_t count[256], idf_jpeg_table *table)
{
  uint64_t left[257];
  uint8_t size[257] = {0};
  uint32_t bits[257] = {0};
  const uint8_t place = table->place;

  memcpy(left, count, 256 * sizeof *left);
  left[256] = 1; /* reserves the code of all ones */
  lengths(left, size);
  for (int i = 0; i <= 256; i++)
    bits[size[i]]++;
  /* T.81 Figure K.3: of two codes that are too long, one gets one bit shorter; the other shares the
   * place of a shorter code, with which it gets one bit more. */
  for (int i = 256; i > 16; i--)
    while (bits[i] > 0) {
      int j = i - 2;
      while (bits[j] == 0)
        j--;
      bits[i] -= 2;
      bits[i - 1]++;
      bits[j + 1] += 2;
      bits[j]--;
    }
  *table = (idf_jpeg_table){.place = place};
  int last = 16;
  while (last > 0 && bits[last] == 0)
    last--;
  if (last > 0)
    bits[last]--; /* removes the reserved code */
  for (int i = 1; i <= 16; i++)
    table->bits[i] = (uint8_t)bits[i];
  for (int i = 1; i <= 256; i++)
    for (int s = 0; s < 256; s++)
      if (size[s] == i)
        table->value[table->symbols++] = (uint8_t)s;
}

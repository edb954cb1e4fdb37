/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fuzz_pack.c: packed metadata, both ways: any stream decodes to whole pieces or is refused, and
 * any pieces come back.
 *
 * Input: u8 sets of words, u8 number of plain bytes in units of 8, then the bytes.
 */
#include "fuzz.h"

#include <string.h>

#include "pack.h"

const char *const idf_fuzz_name = "fuzz_pack";
const unsigned idf_fuzz_seeds = 8, idf_fuzz_runs = 500;
void (*const idf_fuzz_repair)(uint8_t *data, size_t size) = NULL;

#define MAX_PLAIN 2048u

/* Every piece ends where the next begins, the last at the end. */
static bool whole_pieces(const uint8_t *plain, size_t len)
{
  size_t at = 0;
  while (len - at >= IDF_PIECE_HEAD) {
    const size_t size = plain[at + 4] | (size_t)plain[at + 5] << 8 | (size_t)plain[at + 6] << 16;
    if (size > len - at - IDF_PIECE_HEAD)
      return false;
    at += IDF_PIECE_HEAD + size;
  }
  return at == len;
}

static void any_stream(idf_mem *mem, unsigned words, const uint8_t *data, size_t len, size_t size)
{
  if (len == 0 || size == 0 || !idf_pack_plausible(len, size))
    return;
  uint8_t *plain = idf_alloc(mem, size, 1);
  FUZZ_HOLDS(plain != NULL);
  const idf_status status = idf_pack_decode(mem, NULL, words, data, len, plain, size);
  FUZZ_HOLDS(status == IDF_OK || status == IDF_ERR_CORRUPT);
  FUZZ_HOLDS(status != IDF_OK || whole_pieces(plain, size));
  idf_free(mem, plain);
}

/* The bytes as one piece of the type that they begin with. */
static void there_and_back(idf_mem *mem, unsigned words, const uint8_t *data, size_t len)
{
  const size_t size = len - 4;
  idf_buf plain, packed;
  idf_buf_init(&plain, mem);
  idf_buf_init(&packed, mem);
  idf_put_bytes(&plain, data, 4);
  idf_put_u8(&plain, (uint32_t)(size & 0xff));
  idf_put_u8(&plain, (uint32_t)(size >> 8 & 0xff));
  idf_put_u8(&plain, 0);
  idf_put_bytes(&plain, data + 4, size);
  FUZZ_HOLDS(!plain.bad);
  FUZZ_HOLDS(idf_pack_words(plain.data, plain.len) < IDF_PACK_WORDS);
  FUZZ_HOLDS(idf_pack_encode(mem, NULL, words, plain.data, plain.len, &packed) == IDF_OK);
  FUZZ_HOLDS(idf_pack_plausible(packed.len, plain.len));
  uint8_t *back = idf_alloc(mem, plain.len, 1);
  FUZZ_HOLDS(back != NULL);
  FUZZ_HOLDS(idf_pack_decode(mem, NULL, words, packed.data, packed.len, back, plain.len) == IDF_OK);
  FUZZ_HOLDS(memcmp(back, plain.data, plain.len) == 0);
  idf_free(mem, back);
  idf_buf_free(&plain);
  idf_buf_free(&packed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  idf_mem mem;
  if (size < 2 + 4 || size > MAX_PLAIN)
    return 0;
  const unsigned words = data[0] % IDF_PACK_WORDS;
  idf_mem_init(&mem, (uint64_t)64 << 20);
  any_stream(&mem, words, data + 2, size - 2, 8u * data[1]);
  there_and_back(&mem, words, data + 2, size - 2);
  FUZZ_HOLDS(mem.used == 0);
  return 0;
}

/* Streams of two pieces in the even ones, pieces in the odd ones. */
void idf_fuzz_seed(unsigned i, idf_buf *buf)
{
  static const uint8_t plain[] = "tEXt\11\0\0Title\0abcgAMA\4\0\0\0\0\261\217iTXt\5\0\0a\0\0\0b";
  const size_t len = 16 + 11 + 12 + 1; /* brought to a multiple of 8 below */
  uint8_t pieces[40] = {0};
  idf_put_u8(buf, i / 2);
  idf_put_u8(buf, sizeof pieces / 8);
  memcpy(pieces, plain, len - 1);
  /* The last piece takes what is left. */
  pieces[16 + 11 + 4] = (uint8_t)(sizeof pieces - 27 - IDF_PIECE_HEAD);
  if (i & 1)
    idf_put_bytes(buf, pieces, sizeof pieces);
  else if (idf_pack_encode(buf->mem, NULL, i / 2 % IDF_PACK_WORDS, pieces, sizeof pieces, buf)
           != IDF_OK)
    buf->bad = true;
}

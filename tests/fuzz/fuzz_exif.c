/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fuzz_exif.c: what people are told of Exif and of colour profiles: any bytes, in a buffer that
 * ends where they end.
 *
 * Input: u8 which of the two, then the block.
 */
#include "fuzz.h"

#include <string.h>

#include "exif_text.h"
#include "icc_text.h"

const char *const idf_fuzz_name = "fuzz_exif";
const unsigned idf_fuzz_seeds = 4, idf_fuzz_runs = 4000;
void (*const idf_fuzz_repair)(uint8_t *data, size_t size) = NULL;

static void on_entry(void *context, const char *name, const char *value)
{
  unsigned *n = context;

  ++*n;
  FUZZ_HOLDS(name[0] != '\0' && strlen(name) < 40);
  FUZZ_HOLDS(strlen(value) < IDF_EXIF_VALUE);
}

static void exif(const uint8_t *data, size_t size)
{
  unsigned n = 0, again = 0;
  const bool good = idf_exif_tell(data, size, on_entry, &n);

  FUZZ_HOLDS(n <= IDF_EXIF_MOST && (good || n == 0));
  FUZZ_HOLDS(idf_exif_tell(data, size, on_entry, &again) == good && again == n);
}

static void icc(const uint8_t *data, size_t size)
{
  idf_icc_text profile;

  if (!idf_icc_read(data, size, &profile))
    return;
  FUZZ_HOLDS(memchr(profile.description, 0, sizeof profile.description) != NULL);
  FUZZ_HOLDS(memchr(profile.copyright, 0, sizeof profile.copyright) != NULL);
  FUZZ_HOLDS(memchr(profile.space, 0, sizeof profile.space) != NULL && profile.kind != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size < 1)
    return 0;
  uint8_t *copy = malloc(size); /* so that a sanitizer sees a step over the end */
  if (!copy)
    return 0;
  memcpy(copy, data, size);
  (data[0] & 1 ? icc : exif)(copy + 1, size - 1);
  free(copy);
  return 0;
}

/* Exif with three directories and numbers of all types, in both orders; profiles of both
 * versions. */
void idf_fuzz_seed(unsigned i, idf_buf *buf)
{
  static const char little[] = "II*\0\10\0\0\0\4\0"
                               "\17\1\2\0\5\0\0\0\100\0\0\0"
                               "\22\1\3\0\1\0\0\0\6\0\0\0"
                               "\151\207\4\0\1\0\0\0\120\0\0\0"
                               "\45\210\4\0\1\0\0\0\160\0\0\0"
                               "\0\0\0\0\0\0Canon\0\0\0\0\0\0\0\0\0\0\0"
                               "\2\0\232\202\5\0\1\0\0\0\10\0\0\0\206\222\7\0\14\0\0\0\70\0\0\0"
                               "\0\0\0\0\0\0\1\0\2\0\5\0\3\0\0\0\10\0\0\0\0\0\0\0";
  static const char big[] = "MM\0*\0\0\0\10\0\3"
                            "\1\32\0\5\0\0\0\1\0\0\0\70"
                            "\222\4\0\12\0\0\0\1\0\0\0\70"
                            "\207\151\0\4\0\0\0\1\0\0\0\10"
                            "\0\0\0\0\0\0\0\110\0\0\0\0\377\377\377\376\0\0\0\3";
  static const char tag2[] = "\0\0\0\1desc\0\0\0\220\0\0\0\24desc\0\0\0\0\0\0\0\5sRGB\0\0\0\0";
  static const char tag4[] = "\0\0\0\1cprt\0\0\0\220\0\0\0\40mluc\0\0\0\0\0\0\0\1\0\0\0\14enUS"
                             "\0\0\0\4\0\0\0\34\0A\330\75";
  uint8_t head[128] = {0};

  idf_put_u8(buf, i / 2);
  memcpy(head + 12, "mntrRGB ", 8);
  memcpy(head + 36, "acsp", 4);
  switch (i) {
  case 0:
    idf_put_bytes(buf, (const uint8_t *)little, sizeof little - 1);
    break;
  case 1:
    idf_put_bytes(buf, (const uint8_t *)big, sizeof big - 1);
    break;
  case 2:
    idf_put_bytes(buf, head, sizeof head);
    idf_put_bytes(buf, (const uint8_t *)tag2, sizeof tag2 - 1);
    break;
  default:
    idf_put_bytes(buf, head, sizeof head);
    idf_put_bytes(buf, (const uint8_t *)tag4, sizeof tag4 - 1);
    break;
  }
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_sha256.c: published digests, and one that depends on every length around the
 * block boundaries.
 */
#include "sha256.h"
#include "unit.h"

#include <string.h>

int idf_suite_sha256(void);

static void check(const void *data, size_t len, const char *want)
{
  uint8_t digest[32];
  char hex[65];
  idf_sha256(data, len, digest);
  for (size_t i = 0; i < 32; i++)
    snprintf(hex + 2 * i, 3, "%02x", digest[i]);
  CU_ASSERT_STRING_EQUAL(hex, want);
}

static void known_values(void)
{
  check("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  check(NULL, 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  check("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  check("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void a_million(void)
{
  static char data[1000000];
  memset(data, 'a', sizeof data);
  check(data, sizeof data, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* SHA-256 of the digests of 0, 1, ..., 199 bytes 0, 1, 2, ...; the expected value is
 * from coreutils' sha256sum. */
static void every_length(void)
{
  uint8_t data[200], digests[200 * 32];
  for (size_t i = 0; i < 200; i++)
    data[i] = (uint8_t)i;
  for (size_t len = 0; len < 200; len++)
    idf_sha256(data, len, digests + 32 * len);
  check(digests, sizeof digests,
        "ba7b0fcea7d10c06b855b43d2b4dce1e3e842fff6be0acefb0faf4f2dd05bb47");
}

int idf_suite_sha256(void)
{
  static const idf_unit_test tests[] = {{"known values", known_values},
                                        {"a million letters", a_million},
                                        {"every length around a block", every_length},
                                        {NULL, NULL}};
  return idf_unit_suite("sha256", tests);
}

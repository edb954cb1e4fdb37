/* SPDX-License-Identifier: BSD-3-Clause
 *
 * crc32c.c: CRC-32C, eight bytes per step ("slicing by 8", Kounavis and Berry 2005).
 *
 * The tables are linear over GF(2): an entry is the exclusive or of the eight entries whose index
 * is a power of two. Only those eight are written out. The compiler computes the rest, so the
 * tables are constants and need no initialisation.
 * idf(5), "NOTATION".
 */
#include "crc32c.h"

#include <string.h>

#define BIT(i, k, b) (((i) >> (k)&1u) ? (b) : 0u)
#define ENTRY(i, a, b, c, d, e, f, g, h)                                                           \
  (BIT(i, 0, a) ^ BIT(i, 1, b) ^ BIT(i, 2, c) ^ BIT(i, 3, d) ^ BIT(i, 4, e) ^ BIT(i, 5, f)         \
   ^ BIT(i, 6, g) ^ BIT(i, 7, h))
#define BY4(i, ...)                                                                                \
  ENTRY(i, __VA_ARGS__), ENTRY((i) + 1, __VA_ARGS__), ENTRY((i) + 2, __VA_ARGS__),                 \
      ENTRY((i) + 3, __VA_ARGS__)
#define BY16(i, ...)                                                                               \
  BY4(i, __VA_ARGS__), BY4((i) + 4, __VA_ARGS__), BY4((i) + 8, __VA_ARGS__),                       \
      BY4((i) + 12, __VA_ARGS__)
#define BY64(i, ...)                                                                               \
  BY16(i, __VA_ARGS__), BY16((i) + 16, __VA_ARGS__), BY16((i) + 32, __VA_ARGS__),                  \
      BY16((i) + 48, __VA_ARGS__)
#define TABLE(...)                                                                                 \
  {                                                                                                \
    BY64(0u, __VA_ARGS__), BY64(64u, __VA_ARGS__), BY64(128u, __VA_ARGS__),                        \
        BY64(192u, __VA_ARGS__)                                                                    \
  }

/* table[k][i]: how byte i, followed by k zero bytes, changes the CRC. */
static const uint32_t table[8][256] = {
    TABLE(0xf26b8303, 0xe13b70f7, 0xc79a971f, 0x8ad958cf, 0x105ec76f, 0x20bd8ede, 0x417b1dbc,
          0x82f63b78),
    TABLE(0x13a29877, 0x274530ee, 0x4e8a61dc, 0x9d14c3b8, 0x3fc5f181, 0x7f8be302, 0xff17c604,
          0xfbc3faf9),
    TABLE(0xa541927e, 0x4f6f520d, 0x9edea41a, 0x38513ec5, 0x70a27d8a, 0xe144fb14, 0xc76580d9,
          0x8b277743),
    TABLE(0xdd45aab8, 0xbf672381, 0x7b2231f3, 0xf64463e6, 0xe964b13d, 0xd725148b, 0xaba65fe7,
          0x52a0c93f),
    TABLE(0x38116fac, 0x7022df58, 0xe045beb0, 0xc5670b91, 0x8f2261d3, 0x1ba8b557, 0x37516aae,
          0x6ea2d55c),
    TABLE(0xef306b19, 0xdb8ca0c3, 0xb2f53777, 0x6006181f, 0xc00c303e, 0x85f4168d, 0x0e045beb,
          0x1c08b7d6),
    TABLE(0x68032cc8, 0xd0065990, 0xa5e0c5d1, 0x4e2dfd53, 0x9c5bfaa6, 0x3d5b83bd, 0x7ab7077a,
          0xf56e0ef4),
    TABLE(0x493c7d27, 0x9278fa4e, 0x211d826d, 0x423b04da, 0x847609b4, 0x0d006599, 0x1a00cb32,
          0x34019664),
};

#if defined(__x86_64__) && defined(__GNUC__)
/* The same with the machine's own instruction, in a fifth of the time. */
__attribute__((target("sse4.2"))) static uint32_t by_machine(uint32_t crc, const uint8_t *p,
                                                             size_t len)
{
  uint64_t v = ~crc;
  for (; len >= 8; len -= 8, p += 8) {
    uint64_t eight;
    memcpy(&eight, p, sizeof eight);
    v = __builtin_ia32_crc32di(v, eight);
  }
  crc = (uint32_t)v;
  for (; len > 0; len--, p++)
    crc = __builtin_ia32_crc32qi(crc, *p);
  return ~crc;
}
#endif

uint32_t idf_crc32c(idf_simd simd, uint32_t crc, const void *data, size_t len)
{
#if defined(__x86_64__) && defined(__GNUC__)
  if (simd != IDF_SIMD_NONE && __builtin_cpu_supports("sse4.2"))
    return by_machine(crc, data, len);
#else
  (void)simd;
#endif
  return idf_crc32c_tables(crc, data, len);
}

uint32_t idf_crc32c_tables(uint32_t crc, const void *data, size_t len)
{
  const uint8_t *p = data;
  crc = ~crc;
  for (; len >= 8; len -= 8, p += 8) {
    crc ^= (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
    crc = table[7][crc & 0xff] ^ table[6][crc >> 8 & 0xff] ^ table[5][crc >> 16 & 0xff]
          ^ table[4][crc >> 24] ^ table[3][p[4]] ^ table[2][p[5]] ^ table[1][p[6]] ^ table[0][p[7]];
  }
  for (; len > 0; len--, p++)
    crc = crc >> 8 ^ table[0][(crc ^ *p) & 0xff];
  return ~crc;
}

/* SPDX-License-Identifier: BSD-3-Clause
 *
 * crc32c.h: CRC-32C (Castagnoli), as in RFC 3720 appendix B.4: reflected polynomial 0x82F63B78, all
 * ones in and out. The CRC of "123456789" is 0xE3069283.
 */
#ifndef IDF_CODEC_CRC32C_H
#define IDF_CODEC_CRC32C_H

#include "base.h"
#include "idf_simd.h"

/* Continues `crc` (0 at the start) over len bytes. It uses the machine's CRC instruction if there
 * is one, unless simd is IDF_SIMD_NONE. */
uint32_t idf_crc32c(idf_simd simd, uint32_t crc, const void *data, size_t len);
/* The same without that instruction. */
uint32_t idf_crc32c_tables(uint32_t crc, const void *data, size_t len);

#endif

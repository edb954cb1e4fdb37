/* SPDX-License-Identifier: BSD-3-Clause
 *
 * crc32c.h: CRC-32C (Castagnoli), as in RFC 3720 appendix B.4: reflected
 * polynomial 0x82F63B78, all ones in and out. "123456789" gives 0xE3069283.
 */
#ifndef IDF_CODEC_CRC32C_H
#define IDF_CODEC_CRC32C_H

#include "base.h"

/* Continues `crc` (0 at the start) over len bytes. */
uint32_t idf_crc32c(uint32_t crc, const void *data, size_t len);
/* The same on machines without an instruction for it. */
uint32_t idf_crc32c_tables(uint32_t crc, const void *data, size_t len);

#endif

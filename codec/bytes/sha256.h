/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sha256.h: SHA-256 (FIPS 180-4) in one call on the whole input. It identifies models.
 */
#ifndef IDF_CODEC_SHA256_H
#define IDF_CODEC_SHA256_H

#include "base.h"

void idf_sha256(const void *data, size_t len, uint8_t digest[32]);

#endif

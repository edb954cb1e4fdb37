/* SPDX-License-Identifier: BSD-3-Clause
 *
 * mutator.c: for libFuzzer and engines with its interface: after most mutations the checksums are
 * righted, for a target that has any. The other inputs try the checks of the checksums.
 */
#include "fuzz.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
  size = LLVMFuzzerMutate(data, size, max_size);
  if (idf_fuzz_repair && seed % 8 != 0)
    idf_fuzz_repair(data, size);
  return size;
}

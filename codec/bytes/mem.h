/* SPDX-License-Identifier: BSD-3-Clause
 *
 * mem.h: the only place that calls the system allocator.
 *
 * Every allocation is charged to an idf_mem, so that a limit on memory is a
 * property of one encoder or decoder and a test can make the i-th allocation
 * fail. There is no global state.
 *
 * Every function takes mem NULL for "no accounts and no limit": that is for blocks
 * given to the caller of the library, which outlive the object that made them.
 */
#ifndef IDF_CODEC_MEM_H
#define IDF_CODEC_MEM_H

#include "base.h"

/* Accounting of one owner. Initialise with idf_mem_init. Thread rule: the
 * counters are atomic; one idf_mem may be shared by the threads of its owner. */
typedef struct idf_mem {
  uint64_t limit;          /* bytes that may be live at once */
  _Atomic uint64_t used;   /* bytes live now */
  _Atomic uint64_t peak;   /* the largest `used` so far */
  _Atomic int64_t fail_in; /* test hook: < 0 never; 0 the next call fails; n counts down */
  _Atomic bool limited;    /* an allocation was refused because of `limit` */
} idf_mem;

void idf_mem_init(idf_mem *mem, uint64_t limit);

/* `count` objects of `size` bytes, zeroed, aligned to 64 bytes. NULL when the
 * product overflows, the limit would be passed (mem->limited is then set) or the
 * system refuses. A request for 0 bytes gives a valid pointer. */
void *idf_alloc(idf_mem *mem, size_t count, size_t size);
/* The same for a table of which little will be touched, here and there: without huge pages, each
 * of which the system clears as a whole. */
void *idf_alloc_sparse(idf_mem *mem, size_t count, size_t size);

/* Grows `old` (may be NULL, holding old_size bytes) to new_size bytes, the first
 * min(old_size, new_size) kept, the rest zeroed. On failure NULL, `old` intact. */
void *idf_realloc(idf_mem *mem, void *old, size_t old_size, size_t new_size);

/* Releases what idf_alloc or idf_realloc gave; NULL is allowed. */
void idf_free(idf_mem *mem, void *ptr);

/* Charges memory that another library takes on the owner's behalf: false as when
 * idf_alloc gives NULL. idf_mem_return takes the charge back. */
bool idf_mem_charge(idf_mem *mem, uint64_t bytes);
void idf_mem_return(idf_mem *mem, uint64_t bytes);

/* The status a failed allocation deserves: IDF_ERR_LIMIT or IDF_ERR_MEMORY. */
idf_status idf_mem_status(const idf_mem *mem);

/* Forgets that the limit refused an allocation: for an owner who goes on with less. */
void idf_mem_forgive(idf_mem *mem);

#endif

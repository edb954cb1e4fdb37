/* SPDX-License-Identifier: BSD-3-Clause
 *
 * mem.h: memory with accounts and limits; only mem.c calls the system allocator.
 *
 * Every allocation is charged to an idf_mem. So a memory limit is a property of one encoder or
 * decoder, and a test can make the i-th allocation fail. There is no global state.
 *
 * Every function accepts mem NULL, which means "no accounts and no limit". This is for blocks that
 * the caller of the library receives, which outlive the object that made them.
 */
#ifndef IDF_CODEC_MEM_H
#define IDF_CODEC_MEM_H

#include "base.h"

/* The accounts of one owner. Initialise with idf_mem_init. Thread rule: the counters are atomic;
 * the threads of an owner may share its idf_mem. */
typedef struct idf_mem {
  uint64_t limit;          /* bytes that may be live at once */
  _Atomic uint64_t used;   /* bytes live now */
  _Atomic uint64_t peak;   /* the largest `used` so far */
  _Atomic int64_t fail_in; /* test hook: < 0 never; 0 the next call fails; n > 0 counts down */
  _Atomic bool limited;    /* an allocation was refused because of `limit` */
} idf_mem;

void idf_mem_init(idf_mem *mem, uint64_t limit);

/* Allocates `count` objects of `size` bytes, zeroed, aligned to 64 bytes. NULL if the product
 * overflows, if the limit would be exceeded (mem->limited is then set), or if the system refuses. A
 * request for 0 bytes gives a valid pointer. */
void *idf_alloc(idf_mem *mem, size_t count, size_t size);
/* The same for a table of which only a few scattered parts will be touched. It avoids huge pages,
 * because the system clears each of them as a whole. */
void *idf_alloc_sparse(idf_mem *mem, size_t count, size_t size);

/* Grows `old` (which may be NULL and has old_size bytes) to new_size bytes. The first min(old_size,
 * new_size) bytes are kept, the rest is zeroed. On failure returns NULL; `old` is unchanged. */
void *idf_realloc(idf_mem *mem, void *old, size_t old_size, size_t new_size);

/* Releases a block of idf_alloc or idf_realloc; NULL is allowed. */
void idf_free(idf_mem *mem, void *ptr);

/* Charges memory that another library allocates for the owner. False where idf_alloc would give
 * NULL. idf_mem_return undoes the charge. */
bool idf_mem_charge(idf_mem *mem, uint64_t bytes);
void idf_mem_return(idf_mem *mem, uint64_t bytes);

/* The status for a failed allocation: IDF_ERR_LIMIT or IDF_ERR_MEMORY. */
idf_status idf_mem_status(const idf_mem *mem);

/* Forgets that the limit refused an allocation, for an owner that continues with less. */
void idf_mem_forgive(idf_mem *mem);

#endif

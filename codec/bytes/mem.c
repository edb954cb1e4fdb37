/* SPDX-License-Identifier: BSD-3-Clause
 *
 * mem.c: accounted, aligned, zeroed memory.
 *
 * Each block carries its own size in front of it. So releasing a block needs no size, and works
 * without the accounts (mem NULL) if those are already gone.
 *
 * The surprise: on Linux, large blocks come from mmap with a request for huge pages. Most of them
 * are tables that are filled at random; a page fault for each 4 KiB took a fifth of the time of
 * decoding a picture of half a megapixel. Only what fills a huge page gets one, because clearing
 * memory takes time, and on a virtual machine, which must be given the memory first, a lot of time.
 * For the same reason such a block does not grow by copying: its pages move.
 */
#if defined(__linux__)
#define _GNU_SOURCE /* MAP_ANONYMOUS, madvise, mremap */
#endif
#include "mem.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

#define ALIGN 64

/* A sanitizer watches the ends of blocks from calloc. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WATCHED 1
#endif
#endif
#if defined(MADV_HUGEPAGE) && !defined(__SANITIZE_ADDRESS__) && !defined(WATCHED)
#define HUGE ((size_t)2 << 20) /* where huge pages are larger, this does no harm */
#define SMALL ((size_t)4096)   /* likewise */
#define HUGE_FROM (HUGE / 4 * 3)
#endif

/* Stored in the 64 bytes before the caller's pointer. */
typedef struct prefix {
  void *base;      /* what the system returned */
  uint64_t charge; /* bytes charged */
  size_t mapped;   /* bytes from mmap; 0: from calloc */
} prefix;

#if defined(HUGE)
/* Maps zeroed memory, aligned to huge pages. The last huge page is used only if most of it is
 * needed. */
static void *map(size_t bytes, size_t *mapped)
{
  const size_t tail = bytes % HUGE;
  const size_t last = tail < HUGE_FROM ? (tail + SMALL - 1) / SMALL * SMALL : HUGE;
  const size_t size = bytes - tail + last;
  unsigned char *all =
      mmap(NULL, size + HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (all == MAP_FAILED)
    return NULL;
  const size_t before = (HUGE - (uintptr_t)all % HUGE) % HUGE;
  if (before > 0)
    (void)munmap(all, before);
  (void)munmap(all + before + size, HUGE - before);
  (void)madvise(all + before, size, MADV_HUGEPAGE);
  *mapped = size;
  return all + before;
}

/* Moves the first bytes of a mapping, as whole huge pages, to another mapping, where they replace
 * what is there. The pages change hands: nothing is copied or cleared. Returns the number of bytes
 * moved. */
static size_t move_block(void *from, void *to, size_t bytes)
{
  bytes -= bytes % HUGE;
  if (bytes == 0 || mremap(from, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, to) == MAP_FAILED)
    return 0;
  return bytes;
}
#endif

/* Returns zeroed memory; *mapped is as in prefix. */
static void *take_zeroed(size_t bytes, bool sparse, size_t *mapped)
{
  *mapped = 0;
#if defined(HUGE)
  if (!sparse && bytes >= HUGE_FROM && bytes <= PTRDIFF_MAX - 2 * HUGE)
    return map(bytes, mapped);
#else
  (void)sparse;
#endif
  return calloc(1, bytes);
}

/* Frees a block except its first `moved` bytes, which were moved away; other blocks may be there
 * now. */
static void give(void *base, size_t mapped, size_t moved)
{
#if defined(HUGE)
  if (mapped > 0) {
    if (mapped > moved)
      (void)munmap((unsigned char *)base + moved, mapped - moved);
    return;
  }
  (void)moved;
#else
  (void)moved;
  (void)mapped;
#endif
  free(base);
}

static prefix *prefix_of(void *ptr)
{
  return (prefix *)(void *)((unsigned char *)ptr - ALIGN);
}

void idf_mem_init(idf_mem *mem, uint64_t limit)
{
  mem->limit = limit;
  mem->used = 0;
  mem->peak = 0;
  mem->fail_in = -1;
  mem->limited = false;
}

/* The test hook: true once, when the countdown passes zero. */
static bool told_to_fail(idf_mem *mem)
{
  int64_t n = mem->fail_in;
  while (n >= 0)
    if (atomic_compare_exchange_weak(&mem->fail_in, &n, n - 1))
      return n == 0;
  return false;
}

bool idf_mem_charge(idf_mem *mem, uint64_t bytes)
{
  if (!mem)
    return true;
  if (told_to_fail(mem))
    return false;
  uint64_t used = mem->used;
  do {
    if (used > mem->limit || bytes > mem->limit - used) {
      mem->limited = true;
      return false;
    }
  } while (!atomic_compare_exchange_weak(&mem->used, &used, used + bytes));
  uint64_t peak = mem->peak;
  while (peak < used + bytes && !atomic_compare_exchange_weak(&mem->peak, &peak, used + bytes))
    ;
  return true;
}

void idf_mem_return(idf_mem *mem, uint64_t bytes)
{
  if (mem)
    mem->used -= bytes;
}

static void *allocate(idf_mem *mem, size_t count, size_t size, bool sparse)
{
  size_t bytes;
  /* Two alignments: one for the prefix, one to align what the system returns. */
  if (!idf_size_mul(count, size, &bytes) || !idf_size_add(bytes, 2 * (size_t)ALIGN, &bytes)
      || bytes > PTRDIFF_MAX) {
    if (mem)
      mem->limited = true;
    return NULL;
  }
  if (!idf_mem_charge(mem, bytes))
    return NULL;
  size_t mapped;
  unsigned char *base = take_zeroed(bytes, sparse, &mapped);
  if (!base) {
    idf_mem_return(mem, bytes);
    return NULL;
  }
  unsigned char *ptr = base + 2 * ALIGN - (uintptr_t)base % ALIGN;
  prefix *pre = prefix_of(ptr);
  pre->base = base;
  pre->charge = bytes;
  pre->mapped = mapped;
  return ptr;
}

void *idf_alloc(idf_mem *mem, size_t count, size_t size)
{
  return allocate(mem, count, size, false);
}

void *idf_alloc_sparse(idf_mem *mem, size_t count, size_t size)
{
  return allocate(mem, count, size, true);
}

void idf_free(idf_mem *mem, void *ptr)
{
  if (!ptr)
    return;
  prefix *pre = prefix_of(ptr);
  idf_mem_return(mem, pre->charge);
  give(pre->base, pre->mapped, 0);
}

void *idf_realloc(idf_mem *mem, void *old, size_t old_size, size_t new_size)
{
  unsigned char *ptr = idf_alloc(mem, new_size, 1);
  if (!ptr || !old)
    return ptr;
  const size_t size = IDF_MIN(old_size, new_size);
  const prefix was = *prefix_of(old);
  size_t moved = 0, done = 0;
#if defined(HUGE)
  const prefix is = *prefix_of(ptr);
  const size_t head = (size_t)(ptr - (unsigned char *)is.base);
  if (was.mapped > 0 && is.mapped > 0
      && (unsigned char *)old - (unsigned char *)was.base == (ptrdiff_t)head)
    moved = move_block(was.base, is.base, head + size);
  if (moved > 0) {
    *prefix_of(ptr) = is;
    done = moved - head;
  }
#endif
  memcpy(ptr + done, (unsigned char *)old + done, size - done);
  idf_mem_return(mem, was.charge);
  give(was.base, was.mapped, moved);
  return ptr;
}

idf_status idf_mem_status(const idf_mem *mem)
{
  return mem && mem->limited ? IDF_ERR_LIMIT : IDF_ERR_MEMORY;
}

void idf_mem_forgive(idf_mem *mem)
{
  if (mem)
    mem->limited = false;
}

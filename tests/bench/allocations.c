/* SPDX-License-Identifier: MIT */
/*
 * A library to be preloaded: counts what is allocated and not yet freed.
 *
 * The counts stand in the file that BENCH_COUNTS names, as three 64-bit numbers: blocks that are
 * in use, their bytes, and all allocations so far. A reader maps or reads that file.
 */
#include <fcntl.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* What glibc calls its own allocator, so that no look-up of a symbol can allocate. */
extern void *glibc_malloc(size_t size) __asm__("__libc_malloc");
extern void *glibc_calloc(size_t count, size_t size) __asm__("__libc_calloc");
extern void *glibc_realloc(void *old, size_t size) __asm__("__libc_realloc");
extern void glibc_free(void *memory) __asm__("__libc_free");

struct counts {
    int64_t blocks, bytes, made;
};

static struct counts before; /* until the file is there, and without one */
static struct counts *counts = &before;

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("BENCH_COUNTS");
    int file = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;

    if (file < 0)
        return;
    if (ftruncate(file, sizeof *counts) == 0) {
        void *shared = mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        if (shared != MAP_FAILED) {
            struct counts *mapped = shared;
            *mapped = before;
            counts = mapped;
        }
    }
    (void)close(file);
}

static void count(void *memory, int64_t blocks)
{
    if (!memory)
        return;
    (void)__atomic_add_fetch(&counts->blocks, blocks, __ATOMIC_RELAXED);
    (void)__atomic_add_fetch(&counts->bytes, blocks * (int64_t)malloc_usable_size(memory),
                             __ATOMIC_RELAXED);
    if (blocks > 0)
        (void)__atomic_add_fetch(&counts->made, 1, __ATOMIC_RELAXED);
}

void *malloc(size_t size)
{
    void *memory = glibc_malloc(size);

    count(memory, 1);
    return memory;
}

void *calloc(size_t number, size_t size)
{
    void *memory = glibc_calloc(number, size);

    count(memory, 1);
    return memory;
}

void *realloc(void *old, size_t size)
{
    count(old, -1);
    void *memory = glibc_realloc(old, size);
    if (memory || size > 0)
        count(memory ? memory : old, 1); /* refused, the old one stays */
    return memory;
}

void free(void *memory)
{
    count(memory, -1);
    glibc_free(memory);
}

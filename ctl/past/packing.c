/* SPDX-License-Identifier: MIT */
#include "ctl/past/packing.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "common/base/memory.h"

/* What zstd itself takes for usual: quick, and a fifth of what signals are. */
enum { LEVEL = 3 };

const char *packing_name(void)
{
    return PACKING_ZSTD;
}

bool packing_knows(const char *name)
{
    return strcmp(name, PACKING_ZSTD) == 0 || strcmp(name, PACKING_PLAIN) == 0;
}

char *packing_pack(const char *bytes, size_t length, size_t *ret_length)
{
    size_t room = ZSTD_compressBound(length);
    char *packed = memory_raw(room);

    *ret_length = ZSTD_compress(packed, room, bytes, length, LEVEL);
    assert(!ZSTD_isError(*ret_length));
    return packed;
}

char *packing_unpack(const char *name, const char *bytes, size_t length, size_t unpacked)
{
    if (strcmp(name, PACKING_PLAIN) == 0)
        return length == unpacked ? memory_bytes(bytes, length) : NULL;
    if (strcmp(name, PACKING_ZSTD) != 0)
        return NULL;
    char *whole = memory_raw(unpacked + 1);
    if (ZSTD_decompress(whole, unpacked, bytes, length) == unpacked)
        return whole;
    free(whole);
    return NULL;
}

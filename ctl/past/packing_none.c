/* SPDX-License-Identifier: MIT */
#include "ctl/past/packing.h"

#include <string.h>

#include "common/base/memory.h"

const char *packing_name(void)
{
    return PACKING_PLAIN;
}

bool packing_knows(const char *name)
{
    return strcmp(name, PACKING_PLAIN) == 0;
}

char *packing_pack(const char *bytes, size_t length, size_t *ret_length)
{
    *ret_length = length;
    return memory_bytes(bytes, length);
}

char *packing_unpack(const char *name, const char *bytes, size_t length, size_t unpacked)
{
    return packing_knows(name) && length == unpacked ? memory_bytes(bytes, length) : NULL;
}

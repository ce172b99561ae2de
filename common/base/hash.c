/* SPDX-License-Identifier: MIT */
#include "common/base/hash.h"

/* FNV-1a. */
uint64_t hash_text(const char *text)
{
    uint64_t hash = 14695981039346656037ULL;

    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 1099511628211ULL;
    return hash ^ hash >> 32;
}

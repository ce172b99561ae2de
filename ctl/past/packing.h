/* SPDX-License-Identifier: MIT */
/*
 * How the bytes of a block are packed: by zstd where this program was built with it, else plain.
 * Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* What packing_pack() does, as blocks name it. */
#define PACKING_ZSTD  "zstd"
#define PACKING_PLAIN "plain"
const char *packing_name(void);

/* The caller frees what is returned. */
char *packing_pack(const char *bytes, size_t length, size_t *ret_length);

/* Unpacks what this program can pack, and what is plain: exactly so many bytes, which the caller
 * frees; NULL: that is not what they are. */
char *packing_unpack(const char *name, const char *bytes, size_t length, size_t unpacked);

/* Whether it can. */
bool packing_knows(const char *name);

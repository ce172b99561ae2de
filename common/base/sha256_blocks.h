/* SPDX-License-Identifier: MIT */
/*
 * What SHA-256 spends its time on: blocks of 64 bytes, one after the other, into the state. Of two
 * ways that come to the same, for sha256.c alone.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { SHA256_BLOCK = 64, SHA256_ROUNDS = 64 };

extern const uint32_t sha256_round_constants[SHA256_ROUNDS];

typedef void sha256_blocks(uint32_t state[static 8], const unsigned char *bytes, size_t count);

sha256_blocks sha256_blocks_plain;

/* By the processor's own instructions; NULL: it has none. */
sha256_blocks *sha256_blocks_fast(void);

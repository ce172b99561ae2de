/* SPDX-License-Identifier: MIT */
#include "common/base/sha256.h"

#include <string.h>

#include "common/base/sha256_blocks.h"

enum { BLOCK = SHA256_BLOCK };

/* The last bytes, a one bit, zeros, and the length in bits at the very end: one block or two. */
static void finish(sha256_blocks *blocks, uint32_t state[static 8], const char *rest,
                   size_t rest_length, size_t length)
{
    unsigned char tail[2 * BLOCK] = {0};
    size_t size = rest_length + 9 <= BLOCK ? BLOCK : 2 * BLOCK;

    if (rest_length > 0)
        memcpy(tail, rest, rest_length);
    tail[rest_length] = 0x80;
    for (unsigned i = 0; i < 8; i++)
        tail[size - 1 - i] = (unsigned char)((uint64_t)length * 8 >> 8 * i);
    blocks(state, tail, size / BLOCK);
}

/* Asked once: in a virtual machine the question costs as much as thirty blocks. */
static sha256_blocks *best_blocks(void)
{
    static sha256_blocks *best;

    if (!best)
        best = sha256_blocks_fast();
    if (!best)
        best = sha256_blocks_plain;
    return best;
}

static void print(const uint32_t state[static 8], char ret_text[static SHA256_TEXT_MAX])
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < SHA256_TEXT_MAX - 1; i++)
        ret_text[i] = digits[state[i / 8] >> (28 - 4 * (i % 8)) & 15];
    ret_text[SHA256_TEXT_MAX - 1] = '\0';
}

void sha256_text(const char *bytes, size_t length, char ret_text[static SHA256_TEXT_MAX])
{
    uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    sha256_blocks *blocks = best_blocks();
    size_t whole = length / BLOCK * BLOCK;

    blocks(state, (const unsigned char *)bytes, length / BLOCK);
    finish(blocks, state, bytes + whole, length - whole, length);
    print(state, ret_text);
}

/* SPDX-License-Identifier: MIT */
#include "common/base/sha256_blocks.h"

#include <string.h>

enum { BLOCK = SHA256_BLOCK, ROUNDS = SHA256_ROUNDS };

const uint32_t sha256_round_constants[ROUNDS] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t word, unsigned bits)
{
    return word >> bits | word << (32 - bits);
}

static void schedule(const unsigned char block[static BLOCK], uint32_t words[static ROUNDS])
{
    for (unsigned i = 0; i < 16; i++)
        words[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
                   (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    for (unsigned i = 16; i < ROUNDS; i++) {
        uint32_t a = words[i - 15];
        uint32_t b = words[i - 2];
        words[i] = words[i - 16] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + words[i - 7] +
                   (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
    }
}

/* One round. Instead of all eight words moving up by one, their names move down: in the next round
 * the first is called what is the last one now. */
static inline void turn(uint32_t s[static 8], unsigned at, uint32_t addend)
{
    uint32_t a = s[(0 - at) & 7], b = s[(1 - at) & 7], c = s[(2 - at) & 7];
    uint32_t e = s[(4 - at) & 7], f = s[(5 - at) & 7], g = s[(6 - at) & 7];
    uint32_t *d = &s[(3 - at) & 7], *h = &s[(7 - at) & 7];
    uint32_t choice = g ^ (e & (f ^ g));
    uint32_t majority = (a & b) | (c & (a | b));
    uint32_t first = *h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice + addend;

    *d += first;
    *h = first + (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority;
}

static void compress(uint32_t state[static 8], const unsigned char block[static BLOCK])
{
    uint32_t words[ROUNDS];
    uint32_t s[8];

    schedule(block, words);
    memcpy(s, state, sizeof s);
    for (unsigned i = 0; i < ROUNDS; i += 8) {
#pragma GCC unroll 8
        for (unsigned at = 0; at < 8; at++)
            turn(s, at, sha256_round_constants[i + at] + words[i + at]);
    }
    for (unsigned i = 0; i < 8; i++)
        state[i] += s[i];
}

void sha256_blocks_plain(uint32_t state[static 8], const unsigned char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        compress(state, bytes + i * BLOCK);
}

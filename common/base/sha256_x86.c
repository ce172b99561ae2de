/* SPDX-License-Identifier: MIT */
/* By the SHA extensions of x86, six times as fast. Theirs is the order in which the state stands:
 * a, b, e, f in one register and c, d, g, h in the other, from its end on. */
#include "common/base/sha256_blocks.h"

#include <cpuid.h>
#include <immintrin.h>

#define WITH_SHA __attribute__((target("sha,sse4.1")))

enum { QUARTERS = 4, TURNS = SHA256_ROUNDS / 4 };

struct halves {
    __m128i abef, cdgh;
};

WITH_SHA static __m128i load(const void *bytes)
{
    return _mm_loadu_si128(bytes);
}

WITH_SHA static struct halves halves_of(const uint32_t state[static 8])
{
    __m128i cdab = _mm_shuffle_epi32(load(state), 0xb1);
    __m128i efgh = _mm_shuffle_epi32(load(state + 4), 0x1b);

    return (struct halves){_mm_alignr_epi8(cdab, efgh, 8), _mm_blend_epi16(efgh, cdab, 0xf0)};
}

WITH_SHA static void put_halves(struct halves halves, uint32_t state[static 8])
{
    __m128i feba = _mm_shuffle_epi32(halves.abef, 0x1b);
    __m128i dchg = _mm_shuffle_epi32(halves.cdgh, 0xb1);

    _mm_storeu_si128((void *)state, _mm_blend_epi16(feba, dchg, 0xf0));
    _mm_storeu_si128((void *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

/* The next four words of the schedule, from the sixteen before them. */
WITH_SHA static __m128i next_words(const __m128i words[static QUARTERS], unsigned turn)
{
    __m128i first = words[turn % QUARTERS], second = words[(turn + 1) % QUARTERS];
    __m128i third = words[(turn + 2) % QUARTERS], last = words[(turn + 3) % QUARTERS];
    __m128i sum =
        _mm_add_epi32(_mm_sha256msg1_epu32(first, second), _mm_alignr_epi8(last, third, 4));

    return _mm_sha256msg2_epu32(sum, last);
}

WITH_SHA static struct halves block(struct halves halves, const unsigned char *bytes)
{
    const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    __m128i words[QUARTERS];

    for (unsigned i = 0; i < QUARTERS; i++)
        words[i] = _mm_shuffle_epi8(load(bytes + 16 * (size_t)i), big_endian);
#pragma GCC unroll 16
    for (unsigned turn = 0; turn < TURNS; turn++) {
        __m128i *now = &words[turn % QUARTERS];
        __m128i addends = _mm_add_epi32(*now, load(sha256_round_constants + 4 * (size_t)turn));
        halves.cdgh = _mm_sha256rnds2_epu32(halves.cdgh, halves.abef, addends);
        addends = _mm_shuffle_epi32(addends, 0x0e);
        halves.abef = _mm_sha256rnds2_epu32(halves.abef, halves.cdgh, addends);
        if (turn < TURNS - QUARTERS)
            *now = next_words(words, turn);
    }
    return halves;
}

WITH_SHA static void blocks_sha(uint32_t state[static 8], const unsigned char *bytes, size_t count)
{
    struct halves halves = halves_of(state);

    for (size_t i = 0; i < count; i++) {
        struct halves added = block(halves, bytes + i * SHA256_BLOCK);
        halves.abef = _mm_add_epi32(halves.abef, added.abef);
        halves.cdgh = _mm_add_epi32(halves.cdgh, added.cdgh);
    }
    put_halves(halves, state);
}

sha256_blocks *sha256_blocks_fast(void)
{
    enum { HAS_SHA = 1 << 29 };
    unsigned a, b, c, d;

    if (!__builtin_cpu_supports("sse4.1") || !__get_cpuid_count(7, 0, &a, &b, &c, &d) ||
        !(b & HAS_SHA))
        return NULL;
    return blocks_sha;
}

/* SPDX-License-Identifier: MIT */
#include "router/decide/fate.h"

#include <assert.h>

enum kind { WEIGHED, DROPPED };

static const struct {
    const char *name;
    enum kind kind;
} fates[] = {
#define ROW(fate, name, kind) [FATE_##fate] = {name, kind},
    FATES(ROW)
#undef ROW
};

const char *fate_name(enum fate fate)
{
    assert(fate < FATE_COUNT);
    return fates[fate].name;
}

bool fate_is_weighed(enum fate fate)
{
    assert(fate < FATE_COUNT);
    return fates[fate].kind == WEIGHED;
}

enum fate fate_of_drop(enum drop drop)
{
    static const enum fate of_drop[] = {
        [DROP_STALE] = FATE_STALE,     [DROP_LOW_CONFIDENCE] = FATE_LOW_CONFIDENCE,
        [DROP_INVALID] = FATE_INVALID, [DROP_HOLD] = FATE_HOLD,
        [DROP_CLOSE] = FATE_CLOSE,     [DROP_NOT_LISTED] = FATE_NOT_LISTED,
    };

    assert(drop != DROP_NONE && drop < sizeof of_drop / sizeof *of_drop);
    return of_drop[drop];
}

void tally_add(struct tally *tally, const struct tally *more)
{
    for (size_t i = 0; i < FATE_COUNT; i++)
        tally->of[i] += more->of[i];
}

uint64_t tally_total(const struct tally *tally)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < FATE_COUNT; i++)
        sum += tally->of[i];
    return sum;
}

uint64_t tally_candidates(const struct tally *tally)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < FATE_COUNT; i++)
        if (fate_is_weighed((enum fate)i))
            sum += tally->of[i];
    return sum;
}

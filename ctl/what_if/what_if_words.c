/* SPDX-License-Identifier: MIT */
#include "ctl/what_if/what_if.h"

#include <inttypes.h>

#include "common/base/memory.h"

const char *what_if_open_loop(const struct what_if *what_if, size_t variant)
{
    return what_if_approximate(what_if, variant)
               ? "the world is the nearest record's: what it would have done to later open orders "
                 "is not followed"
               : "windows are as recorded: what it would have done to later open orders is not "
                 "followed";
}

const char *what_if_approximate(const struct what_if *what_if, size_t variant)
{
    return what_if->variants.list[variant].was_approximate
               ? "approximate: arrival taken from the ids"
               : NULL;
}

const char *what_if_verdict(const struct answer *answer)
{
    if (answer->doubt != DOUBT_NONE)
        return doubt_words(answer->doubt);
    return answer->value > 0 ? "better" : "worse";
}

char *what_if_name(const struct what_if *what_if)
{
    const struct variants *variants = &what_if->variants;
    const char *first = variants->list[0].name;

    return variants->count > 1
               ? memory_format("%s to %s", first, variants->list[variants->count - 1].name)
               : memory_text(first);
}

char *what_if_windows(const struct what_if *what_if, const struct replay_run *run)
{
    return memory_format("%" PRIu64 " windows: %" PRIu64 " decided again; left out: %" PRIu64
                         " cut short, %" PRIu64 " not comparable, %" PRIu64 " differ",
                         what_if->book.windows, run->of[AGAIN_IDENTICAL], run->of[AGAIN_CUT_SHORT],
                         run->of[AGAIN_NOT_COMPARABLE], run->of[AGAIN_DIFFERS]);
}

char *what_if_note(const struct what_if *what_if)
{
    return memory_format(
        "[…] are intervals of 95%%, from drawing whole days again %d times (seed %d), wider for "
        "%zu figures together. bps: ten-thousandths of a trade's size, after costs. Estimated is "
        "by last prices over 15 minutes, the real ones too so that both are measured alike, less "
        "%.4g bps for opening and closing, one position of a symbol and side at a time.",
        STATISTICS_DRAWS, STATISTICS_SEED, what_if->variants.count * WHAT_IF_MEASURES,
        what_if->cost_bps);
}

/* SPDX-License-Identifier: MIT */
#include "ctl/drain/drain_tally.h"

#include <stddef.h>

void drain_tally_add(struct drain_tally *tally, enum drain_action action, bool is_gone,
                     bool is_dead_letter)
{
    tally->by_action[action]++;
    tally->gone += is_gone;
    tally->dead_letters += is_dead_letter;
}

uint64_t drain_tally_errors(const struct drain_tally *tally)
{
    return tally->taken + tally->failed;
}

uint64_t drain_tally_processed(const struct drain_tally *tally)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < DRAIN_ACTIONS; i++)
        sum += tally->by_action[i];
    return sum;
}

uint64_t drain_tally_filtered(const struct drain_tally *tally)
{
    return drain_tally_processed(tally) - tally->by_action[DRAIN_OK];
}

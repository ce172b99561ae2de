/* SPDX-License-Identifier: MIT */
#include "router/decide/sizing.h"

#include <assert.h>
#include <math.h>

#include "common/base/number.h"

static double boost_of(const struct sizing_rules *rules, unsigned rank, double confidence)
{
    assert(rank >= 1);
    if (rank > SIZING_RANKS || confidence < rules->min_confidence[rank - 1])
        return 1.0;
    return rules->factor[rank - 1];
}

struct sizing sizing_apply(const struct sizing_rules *rules, unsigned rank, double base_usd,
                           double confidence)
{
    double boost = boost_of(rules, rank, confidence);
    struct sizing sizing = {
        .base_usd = base_usd,
        .boosted_usd = number_round(base_usd * boost, 2),
        .boost = boost,
        .factor = boost,
    };

    sizing.size_usd = sizing.boosted_usd;
    if (sizing.boosted_usd > rules->max_position_usd) {
        sizing.clamped = true;
        sizing.size_usd = rules->max_position_usd;
        sizing.factor = rules->max_position_usd / base_usd;
    }
    return sizing;
}

double sizing_quantity(const struct sizing *sizing, double quantity)
{
    double scaled = quantity * sizing->factor;

    return isfinite(scaled) ? number_round(scaled, 8) : quantity;
}

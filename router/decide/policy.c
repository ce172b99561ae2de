/* SPDX-License-Identifier: MIT */
#include "router/decide/policy.h"

#include <assert.h>

#include "common/base/number.h"

struct open_orders open_orders_read(const char *text, size_t length)
{
    int64_t count;

    if (!number_read_integer(text, length, &count) || count < 0)
        return (struct open_orders){.kind = OPEN_ORDERS_UNPARSEABLE};
    return (struct open_orders){.kind = OPEN_ORDERS_KNOWN, .count = count};
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t limit_supers(const struct capacity_rules *rules, int64_t allowed)
{
    return rules->supers_per_cycle == 0 ? allowed : smaller(allowed, rules->supers_per_cycle);
}

static struct allowance of_known(const struct capacity_rules *rules, int64_t open)
{
    if (open >= rules->max_open)
        return (struct allowance){.state = CAPACITY_FULL};

    int64_t slots = rules->max_open - open;
    int64_t allowed = smaller(slots, rules->max_new_per_cycle);
    if (open >= rules->target_open)
        return (struct allowance){.state = CAPACITY_TARGET,
                                  .slots = slots,
                                  .allowed = limit_supers(rules, allowed),
                                  .supers_only = true};
    return (struct allowance){.state = CAPACITY_OK,
                              .slots = slots,
                              .allowed = smaller(allowed, rules->target_open - open)};
}

/* What the executor has not finished counts as open. Somebody else writes the open orders, so the
 * sum could pass the range's end. */
static struct allowance of_used(const struct capacity_rules *rules, int64_t open, int64_t in_flight)
{
    bool beyond = open > INT64_MAX - in_flight;
    struct allowance allowance = of_known(rules, beyond ? INT64_MAX : open + in_flight);

    allowance.in_flight = in_flight;
    return allowance;
}

/* Allows no more than `most`, 0 being no limit, leaves beside what was published; true when that is
 * less. */
static bool lower(struct allowance *allowance, int64_t most, int64_t published)
{
    int64_t left = published < most ? most - published : 0;

    if (most == 0 || left >= allowance->allowed)
        return false;
    allowance->allowed = left;
    return true;
}

static bool is_closed(const struct capacity_rules *rules, const struct capacity *capacity)
{
    return capacity->rolled_back || (capacity->positions_unknown && rules->unknown_closes);
}

static struct allowance of_readable(const struct capacity_rules *rules,
                                    const struct capacity *capacity)
{
    struct allowance allowance;

    if (capacity->in_flight < 0 && rules->in_flight_needed)
        return (struct allowance){.state = CAPACITY_UNKNOWN};
    allowance =
        of_used(rules, capacity->open.count, capacity->in_flight < 0 ? 0 : capacity->in_flight);
    allowance.suspect = capacity->published_since >= rules->suspect_after;
    if (is_closed(rules, capacity) || (allowance.suspect && rules->suspect_closes))
        allowance.allowed = 0;
    allowance.daily_limit = lower(&allowance, rules->max_daily, capacity->published_today);
    allowance.pace_limit = lower(&allowance, rules->max_per_minute, capacity->published_minute);
    return allowance;
}

struct allowance policy_slots(const struct capacity_rules *rules, const struct capacity *capacity)
{
    switch (capacity->open.kind) {
    case OPEN_ORDERS_KNOWN:
        assert(capacity->open.count >= 0);
        return of_readable(rules, capacity);
    case OPEN_ORDERS_UNPARSEABLE:
        return (struct allowance){.state = CAPACITY_UNPARSEABLE};
    case OPEN_ORDERS_MISSING:
        break;
    }
    return (struct allowance){.state = CAPACITY_UNKNOWN};
}

bool policy_is_super(const struct capacity_rules *rules, double confidence)
{
    return confidence >= rules->super_confidence;
}

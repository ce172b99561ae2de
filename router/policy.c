/* SPDX-License-Identifier: MIT */
#include "router/policy.h"

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

static struct allowance of_known(const struct capacity_rules *rules, int64_t open)
{
    if (open >= rules->max_open)
        return (struct allowance){.state = CAPACITY_FULL};

    int64_t slots = rules->max_open - open;
    int64_t allowed = smaller(slots, rules->max_new_per_cycle);
    if (open >= rules->target_open)
        return (struct allowance){CAPACITY_TARGET, slots, allowed, .supers_only = true};
    return (struct allowance){CAPACITY_OK, slots, smaller(allowed, rules->target_open - open),
                              .supers_only = false};
}

struct allowance policy_slots(const struct capacity_rules *rules, const struct open_orders *open)
{
    switch (open->kind) {
    case OPEN_ORDERS_KNOWN:
        assert(open->count >= 0);
        return of_known(rules, open->count);
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

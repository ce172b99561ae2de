/* SPDX-License-Identifier: MIT */
#include "executor/decide/guards.h"

bool world_add_position(struct world *world, const struct order *order,
                        const struct position *position)
{
    bool same = !position || position->side == order->side;

    world->same_side += same;
    world->opposite_side += !same;
    if (!order->closes || !position || !order_concerns(order, position->side))
        return false;
    bool leaves = position_is_leaving(position, world->now_ms);
    world->leaving += leaves;
    return !leaves;
}

static struct guarded passed(void)
{
    return (struct guarded){.verdict = GUARD_PASS};
}

static struct guarded ended(enum outcome outcome)
{
    return (struct guarded){.verdict = GUARD_END, .outcome = outcome};
}

/* What was published before a hold ended must not come as a burst after it. */
static int64_t max_age_ms(const struct guard_rules *rules, const struct order *order,
                          int64_t resumed_ms)
{
    if (order->closes)
        return rules->exit_max_age_ms;
    if (order->timestamp_ms < resumed_ms && rules->resume_max_age_ms < rules->max_age_ms)
        return rules->resume_max_age_ms;
    return rules->max_age_ms;
}

int64_t guards_deadline_ms(const struct guard_rules *rules, const struct order *order,
                           int64_t resumed_ms)
{
    int64_t age_ms = max_age_ms(rules, order, resumed_ms);

    return order->timestamp_ms > INT64_MAX - age_ms ? INT64_MAX : order->timestamp_ms + age_ms;
}

struct guarded guards_ask_age(const struct guard_rules *rules, const struct order *order,
                              int64_t now_ms, int64_t resumed_ms)
{
    if (!order->closes && order->timestamp_ms > now_ms + rules->future_max_ms)
        return ended(OUTCOME_INVALID);
    if (now_ms > guards_deadline_ms(rules, order, resumed_ms))
        return ended(OUTCOME_STALE);
    return passed();
}

static struct guarded ask_holds(const struct guard_rules *rules, const struct world *world)
{
    if (world->safe_mode || world->held || (rules->capacity_needed && !world->open_known))
        return (struct guarded){.verdict = GUARD_HOLD};
    return passed();
}

/* The key may say more than there are positions, when somebody set it by hand. The larger counts.
 */
static struct guarded ask_cap(const struct guard_rules *rules, const struct world *world)
{
    int64_t open =
        world->open_known && world->open > world->positions ? world->open : world->positions;

    return open >= rules->max_open ? ended(OUTCOME_MAX_OPEN) : passed();
}

static struct guarded ask_symbol(const struct guard_rules *rules, const struct world *world)
{
    if (world->opposite_side > 0)
        return ended(OUTCOME_OPPOSITE_OPEN);
    if (world->same_side > 0 && !rules->symbol_adds)
        return ended(OUTCOME_SYMBOL_OPEN);
    return passed();
}

static struct guarded ask_rates(const struct guard_rules *rules, const struct world *world)
{
    if (world->symbol_rate >= rules->symbol_rate_max)
        return ended(OUTCOME_RATE_SYMBOL);
    if (world->global_rate >= rules->global_rate_max)
        return ended(OUTCOME_RATE_GLOBAL);
    return passed();
}

static struct guarded ask_size(const struct guard_rules *rules, const struct order *order)
{
    if (order->size_usd < rules->min_position_usd)
        return ended(OUTCOME_MIN_NOTIONAL);
    if (order->size_usd > rules->max_position_usd)
        return ended(OUTCOME_MAX_POSITION);
    if (order->leverage > rules->max_leverage)
        return ended(OUTCOME_MAX_LEVERAGE);
    return passed();
}

static struct guarded ask_exit(const struct order *order, const struct world *world)
{
    int64_t others = order->closes_one_side ? 0 : world->opposite_side;
    int64_t open = world->same_side + others;

    if (open == 0)
        return ended(OUTCOME_NOTHING_OPEN);
    return open > world->leaving ? passed() : ended(OUTCOME_EXIT_PENDING);
}

struct guarded guards_ask(const struct guard_rules *rules, const struct order *order,
                          const struct world *world)
{
    struct guarded guarded = guards_ask_age(rules, order, world->now_ms, world->resumed_ms);

    if (guarded.verdict == GUARD_PASS && world->has_mark)
        return ended(OUTCOME_DUPLICATE);
    if (guarded.verdict == GUARD_PASS && order->closes)
        return ask_exit(order, world);
    if (guarded.verdict == GUARD_PASS && world->superseded)
        return ended(OUTCOME_SUPERSEDED);
    if (guarded.verdict == GUARD_PASS)
        guarded = ask_holds(rules, world);
    if (guarded.verdict == GUARD_PASS)
        guarded = ask_cap(rules, world);
    if (guarded.verdict == GUARD_PASS)
        guarded = ask_symbol(rules, world);
    if (guarded.verdict == GUARD_PASS)
        guarded = ask_rates(rules, world);
    if (guarded.verdict == GUARD_PASS)
        guarded = ask_size(rules, order);
    return guarded;
}

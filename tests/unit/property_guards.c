/* SPDX-License-Identifier: MIT */
/* The guards over worlds by chance: what holds for every one of them. */
#include "executor/decide/guards.h"
#include "tests/unit/names.h"
#include "tests/unit/support.h"

enum { ROUNDS = 200000 };

static struct guard_rules some_rules(void)
{
    return (struct guard_rules){
        .max_age_ms = 1 + (int64_t)chance_below(1000),
        .exit_max_age_ms = 1 + (int64_t)chance_below(2000),
        .resume_max_age_ms = 1 + (int64_t)chance_below(500),
        .future_max_ms = 100,
        .max_open = 1 + (int64_t)chance_below(4),
        .symbol_adds = chance_one_in(2),
        .symbol_rate_max = 1 + (int64_t)chance_below(2),
        .global_rate_max = 1 + (int64_t)chance_below(3),
        .min_position_usd = 5,
        .max_position_usd = 100,
        .max_leverage = 20,
        .capacity_needed = chance_one_in(2),
    };
}

static struct order some_order(void)
{
    return (struct order){
        .closes = chance_one_in(4),
        .side = chance_one_in(2) ? SIDE_BUY : SIDE_SELL,
        .size_usd = (double)chance_below(120),
        .leverage = 1 + (double)chance_below(25),
        .timestamp_ms = NOW_MS - 2100 + (int64_t)chance_below(2400),
    };
}

static struct world some_world(void)
{
    return (struct world){
        .now_ms = NOW_MS,
        .has_mark = chance_one_in(8),
        .safe_mode = chance_one_in(8),
        .held = chance_one_in(8),
        .resumed_ms = chance_one_in(2) ? 0 : NOW_MS - (int64_t)chance_below(2000),
        .open_known = !chance_one_in(6),
        .open = (int64_t)chance_below(6),
        .positions = (int64_t)chance_below(4),
        .same_side = chance_one_in(5),
        .opposite_side = chance_one_in(5),
        .symbol_rate = (int64_t)chance_below(3),
        .global_rate = (int64_t)chance_below(4),
    };
}

/* What passes as an opening may be opened. */
static void check_opening(const struct guard_rules *rules, const struct order *order,
                          const struct world *world)
{
    assert_true(!world->safe_mode && !world->held);
    assert_true(world->open_known || !rules->capacity_needed);
    assert_true(world->positions < rules->max_open);
    assert_true(!world->open_known || world->open < rules->max_open);
    assert_int_equal(world->opposite_side, 0);
    assert_true(world->same_side == 0 || rules->symbol_adds);
    assert_true(world->symbol_rate < rules->symbol_rate_max);
    assert_true(world->global_rate < rules->global_rate_max);
    assert_true(order->size_usd >= rules->min_position_usd);
    assert_true(order->size_usd <= rules->max_position_usd);
    assert_true(order->leverage <= rules->max_leverage);
    assert_true(NOW_MS - order->timestamp_ms <= rules->max_age_ms);
    assert_true(order->timestamp_ms >= world->resumed_ms ||
                NOW_MS - order->timestamp_ms <= rules->resume_max_age_ms);
}

static void what_passes_may_be_acted_on(void **state)
{
    size_t passed = 0;

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct guard_rules rules = some_rules();
        struct order order = some_order();
        struct world world = some_world();
        if (guards_ask(&rules, &order, &world).verdict != GUARD_PASS)
            continue;
        passed++;
        assert_false(world.has_mark);
        assert_true(order.closes || order.timestamp_ms <= NOW_MS + rules.future_max_ms);
        if (order.closes)
            assert_true(world.same_side + world.opposite_side > 0);
        else
            check_opening(&rules, &order, &world);
    }
    assert_true(passed > ROUNDS / 1000);
}

/* The same question has the same answer, and never holds an exit, nor what is too old. */
static void holding_is_for_fresh_openings(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct guard_rules rules = some_rules();
        struct order order = some_order();
        struct world world = some_world();
        struct guarded guarded = guards_ask(&rules, &order, &world);
        struct guarded again = guards_ask(&rules, &order, &world);
        struct guarded young = guards_ask_age(&rules, &order, NOW_MS, world.resumed_ms);
        assert_int_equal(guarded.verdict, again.verdict);
        assert_outcome(guarded.outcome, again.outcome);
        if (guarded.verdict == GUARD_HOLD)
            assert_true(!order.closes && young.verdict == GUARD_PASS);
        if (young.verdict == GUARD_END)
            assert_true(guarded.verdict == GUARD_END && guarded.outcome == young.outcome);
    }
}

/* The deadline that a script is given is the guard's own edge. */
static void the_deadline_is_the_edge_of_the_age(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct guard_rules rules = some_rules();
        struct order order = some_order();
        struct world world = some_world();
        int64_t deadline_ms = guards_deadline_ms(&rules, &order, world.resumed_ms);
        struct guarded at = guards_ask_age(&rules, &order, deadline_ms, world.resumed_ms);
        struct guarded past = guards_ask_age(&rules, &order, deadline_ms + 1, world.resumed_ms);
        assert_int_equal(at.verdict, GUARD_PASS);
        assert_outcome(past.outcome, OUTCOME_STALE);
    }
}

/* Its line stands behind the header of TAP. */
static int begin(void **state)
{
    (void)state;
    chance_begin();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_passes_may_be_acted_on),
        cmocka_unit_test(holding_is_for_fresh_openings),
        cmocka_unit_test(the_deadline_is_the_edge_of_the_age),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("guards, by chance", tests, begin, NULL);
}

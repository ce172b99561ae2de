/* SPDX-License-Identifier: MIT */
/* Each guard by its branches and at its edges, and the order in which they ask. */
#include "executor/decide/guards.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/support.h"

static struct guard_rules rules;
static struct order order;
static struct world world;

static int renew(void **state)
{
    (void)state;
    rules = (struct guard_rules){
        .max_age_ms = 600000,
        .exit_max_age_ms = 3600000,
        .resume_max_age_ms = 30000,
        .future_max_ms = 30000,
        .max_open = 10,
        .symbol_rate_max = 1,
        .global_rate_max = 5,
        .min_position_usd = 5,
        .max_position_usd = 10000,
        .max_leverage = 125,
        .capacity_needed = true,
    };
    order = (struct order){.symbol = "BTCUSDT",
                           .side = SIDE_BUY,
                           .size_usd = 130,
                           .leverage = 5,
                           .timestamp_ms = NOW_MS};
    world = (struct world){.now_ms = NOW_MS, .open_known = true};
    return 0;
}

static void expect_pass(void)
{
    assert_int_equal(guards_ask(&rules, &order, &world).verdict, GUARD_PASS);
}

static void expect_hold(void)
{
    assert_int_equal(guards_ask(&rules, &order, &world).verdict, GUARD_HOLD);
}

static void expect_end(enum outcome outcome)
{
    struct guarded guarded = guards_ask(&rules, &order, &world);

    assert_int_equal(guarded.verdict, GUARD_END);
    assert_string_equal(outcome_name(guarded.outcome), outcome_name(outcome));
}

/* Nothing is left open for what a clock says. */
static void an_exit_is_never_ahead(void **state)
{
    (void)state;
    order.timestamp_ms = NOW_MS + 48 * INT64_C(3600000);
    expect_end(OUTCOME_INVALID);
    order.closes = true;
    world.same_side = 1;
    expect_pass();
}

static void age(void **state)
{
    (void)state;
    expect_pass();
    order.timestamp_ms = NOW_MS - 600000;
    expect_pass();
    order.timestamp_ms--;
    expect_end(OUTCOME_STALE);
    order.timestamp_ms = NOW_MS + 30000;
    expect_pass();
    order.timestamp_ms++;
    expect_end(OUTCOME_INVALID);
    order.timestamp_ms = INT64_MAX;
    expect_end(OUTCOME_INVALID);
}

static void age_of_exits(void **state)
{
    (void)state;
    order.closes = true;
    world.same_side = 1;
    order.timestamp_ms = NOW_MS - 3600000;
    expect_pass();
    order.timestamp_ms--;
    expect_end(OUTCOME_STALE);
}

static void age_after_a_hold(void **state)
{
    (void)state;
    order.timestamp_ms = NOW_MS - 40000;
    world.resumed_ms = NOW_MS - 40000;
    expect_pass();
    world.resumed_ms++;
    expect_end(OUTCOME_STALE);
    order.timestamp_ms = NOW_MS - 30000;
    expect_pass();
    order.timestamp_ms = NOW_MS - 700000;
    rules.resume_max_age_ms = 1000000; /* never makes it younger */
    expect_end(OUTCOME_STALE);
    order.closes = true;
    world.same_side = 1;
    rules.resume_max_age_ms = 1;
    expect_pass();
}

static void deadline(void **state)
{
    (void)state;
    assert_int_equal(guards_deadline_ms(&rules, &order, 0), NOW_MS + 600000);
    assert_int_equal(guards_deadline_ms(&rules, &order, NOW_MS + 1), NOW_MS + 30000);
    order.timestamp_ms = INT64_MAX - 1;
    assert_int_equal(guards_deadline_ms(&rules, &order, 0), INT64_MAX);
}

static void once(void **state)
{
    (void)state;
    world.has_mark = true;
    expect_end(OUTCOME_DUPLICATE);
    order.closes = true;
    expect_end(OUTCOME_DUPLICATE);
}

static void superseded(void **state)
{
    (void)state;
    world.superseded = world.safe_mode = true;
    expect_end(OUTCOME_SUPERSEDED);
    world.has_mark = true;
    expect_end(OUTCOME_DUPLICATE);
    world.has_mark = false;
    order.closes = true;
    world.same_side = 1;
    expect_pass();
}

static void holds(void **state)
{
    (void)state;
    world.safe_mode = true;
    expect_hold();
    world.safe_mode = false;
    world.held = true;
    expect_hold();
    world.held = false;
    world.open_known = false;
    expect_hold();
    rules.capacity_needed = false;
    expect_pass();
}

static void cap(void **state)
{
    (void)state;
    world.open = 9;
    expect_pass();
    world.open = 10;
    expect_end(OUTCOME_MAX_OPEN);
    world.open = 0;
    world.positions = 10;
    expect_end(OUTCOME_MAX_OPEN);
    world.positions = 9;
    expect_pass();
    rules.capacity_needed = world.open_known = false;
    world.open = 10;
    expect_pass();
}

static void symbol(void **state)
{
    (void)state;
    world.same_side = 1;
    expect_end(OUTCOME_SYMBOL_OPEN);
    rules.symbol_adds = true;
    expect_pass();
    world.opposite_side = 1;
    expect_end(OUTCOME_OPPOSITE_OPEN);
    world.same_side = 0;
    rules.symbol_adds = false;
    expect_end(OUTCOME_OPPOSITE_OPEN);
}

static void rates(void **state)
{
    (void)state;
    world.global_rate = 4;
    expect_pass();
    world.global_rate = 5;
    expect_end(OUTCOME_RATE_GLOBAL);
    world.symbol_rate = 1;
    expect_end(OUTCOME_RATE_SYMBOL);
}

static void size(void **state)
{
    (void)state;
    order.size_usd = 5;
    expect_pass();
    order.size_usd = 4.99;
    expect_end(OUTCOME_MIN_NOTIONAL);
    order.size_usd = 10000;
    expect_pass();
    order.size_usd = 10000.01;
    expect_end(OUTCOME_MAX_POSITION);
    order.size_usd = 130;
    order.leverage = 125;
    expect_pass();
    order.leverage = 125.5;
    expect_end(OUTCOME_MAX_LEVERAGE);
}

static void exits(void **state)
{
    (void)state;
    order.closes = true;
    order.size_usd = 0;
    order.leverage = 1000;
    world = (struct world){.now_ms = NOW_MS,
                           .safe_mode = true,
                           .held = true,
                           .open = 99,
                           .positions = 99,
                           .opposite_side = 1,
                           .symbol_rate = 9,
                           .global_rate = 9};
    expect_pass();
    world.opposite_side = 0;
    expect_end(OUTCOME_NOTHING_OPEN);
}

static void exits_of_one_side(void **state)
{
    (void)state;
    order.closes = true;
    order.closes_one_side = true;
    world.same_side = 0;
    world.opposite_side = 2;
    expect_end(OUTCOME_NOTHING_OPEN);
    world.same_side = 1;
    expect_pass();
}

/* One is outstanding at a time for what is open. */
static void exits_that_an_adapter_has(void **state)
{
    (void)state;
    order.closes = true;
    world.opposite_side = 2;
    world.leaving = 1;
    expect_pass();
    world.leaving = 2;
    expect_end(OUTCOME_EXIT_PENDING);
}

/* Everything is wrong at once, and is put right one after the other. */
static void expect_counted(int64_t same, int64_t opposite, int64_t leaving)
{
    assert_int_equal(world.same_side, same);
    assert_int_equal(world.opposite_side, opposite);
    assert_int_equal(world.leaving, leaving);
}

static void what_is_open_is_counted(void **state)
{
    struct position buy = {.side = SIDE_BUY}, sell = {.side = SIDE_SELL};

    (void)state;
    assert_false(world_add_position(&world, &order, &buy));
    assert_false(world_add_position(&world, &order, &sell));
    assert_false(world_add_position(&world, &order, NULL));
    expect_counted(2, 1, 0);
}

/* Those of its side or of both, but none that cannot be read. */
static void what_an_exit_closes(void **state)
{
    struct position buy = {.side = SIDE_BUY}, sell = {.side = SIDE_SELL};

    (void)state;
    order.closes = true;
    assert_true(world_add_position(&world, &order, &buy));
    assert_true(world_add_position(&world, &order, &sell));
    assert_false(world_add_position(&world, &order, NULL));
    order.closes_one_side = true;
    assert_true(world_add_position(&world, &order, &buy));
    assert_false(world_add_position(&world, &order, &sell));
    expect_counted(3, 2, 0);
}

static void an_exit_leaves_what_an_adapter_closes(void **state)
{
    struct position buy = {.side = SIDE_BUY, .exit_id = "1-0", .exit_until_ms = NOW_MS};
    struct position sell = {.side = SIDE_SELL, .exit_id = "1-0", .exit_until_ms = NOW_MS};

    (void)state;
    order.closes = order.closes_one_side = true;
    assert_false(world_add_position(&world, &order, &buy));
    assert_false(world_add_position(&world, &order, &sell));
    expect_counted(1, 1, 1);
    buy.exit_until_ms = NOW_MS - 1;
    assert_true(world_add_position(&world, &order, &buy));
    expect_counted(2, 1, 1);
}

static void the_order_of_the_guards(void **state)
{
    (void)state;
    order.timestamp_ms = NOW_MS - 700000;
    order.size_usd = 1;
    order.leverage = 999;
    world = (struct world){.now_ms = NOW_MS,
                           .has_mark = true,
                           .superseded = true,
                           .safe_mode = true,
                           .open_known = true,
                           .open = 10,
                           .same_side = 1,
                           .symbol_rate = 1,
                           .global_rate = 5};
    expect_end(OUTCOME_STALE);
    order.timestamp_ms = NOW_MS;
    expect_end(OUTCOME_DUPLICATE);
    world.has_mark = false;
    expect_end(OUTCOME_SUPERSEDED);
    world.superseded = false;
    expect_hold();
    world.safe_mode = false;
    expect_end(OUTCOME_MAX_OPEN);
    world.open = 9;
    expect_end(OUTCOME_SYMBOL_OPEN);
    world.same_side = 0;
    expect_end(OUTCOME_RATE_SYMBOL);
    world.symbol_rate = 0;
    expect_end(OUTCOME_RATE_GLOBAL);
    world.global_rate = 0;
    expect_end(OUTCOME_MIN_NOTIONAL);
    order.size_usd = 130;
    expect_end(OUTCOME_MAX_LEVERAGE);
    order.leverage = 1;
    expect_pass();
}

static void outcomes_have_their_words(void **state)
{
    (void)state;
    for (enum outcome outcome = 0; outcome < OUTCOME_COUNT; outcome++) {
        bool is_told = outcome != OUTCOME_STALE && outcome != OUTCOME_HANDED_OVER;
        assert_true(strlen(outcome_name(outcome)) > 0);
        assert_true(strlen(outcome_word(outcome)) > 0);
        assert_int_equal(strlen(outcome_status(outcome)) > 0, is_told);
        assert_non_null(outcome_reason(outcome));
        for (enum outcome other = 0; other < outcome; other++)
            assert_string_not_equal(outcome_name(outcome), outcome_name(other));
    }
}

/* What operators grep for, and what readers of the results compare with. */
static void the_words_are_these(void **state)
{
    static const char *const rows[OUTCOME_COUNT] = {
        [OUTCOME_FILLED] = "FILLED filled ",
        [OUTCOME_CLOSED] = "CLOSED closed ",
        [OUTCOME_NOTHING_OPEN] = "NOTHING_OPEN nothing_open ",
        [OUTCOME_WOULD_EXECUTE] = "SAFE_DRAIN would_execute ",
        [OUTCOME_STALE] = "STALE_INTENT_DROP  stale",
        [OUTCOME_INVALID] = "DEAD_LETTER rejected invalid",
        [OUTCOME_DUPLICATE] = "IDEMPOTENCY_SKIP skipped duplicate",
        [OUTCOME_SUPERSEDED] = "SUPERSEDED_SKIP skipped superseded",
        [OUTCOME_RATE_SYMBOL] = "RATE_LIMIT_SKIP skipped rate_symbol",
        [OUTCOME_RATE_GLOBAL] = "GLOBAL_RATE_LIMIT skipped rate_global",
        [OUTCOME_MAX_OPEN] = "REJECTED rejected max_open",
        [OUTCOME_SYMBOL_OPEN] = "REJECTED rejected symbol_open",
        [OUTCOME_OPPOSITE_OPEN] = "REJECTED rejected opposite_open",
        [OUTCOME_MIN_NOTIONAL] = "REJECTED rejected min_notional",
        [OUTCOME_MAX_POSITION] = "REJECTED rejected max_position",
        [OUTCOME_MAX_LEVERAGE] = "REJECTED rejected max_leverage",
        [OUTCOME_NO_PRICE] = "REJECTED rejected no_price",
        [OUTCOME_VENUE_REJECTED] = "REJECTED rejected venue",
        [OUTCOME_BEGUN_TOO_OFTEN] = "DEAD_LETTER rejected begun_too_often",
        [OUTCOME_EXIT_PENDING] = "EXIT_PENDING_SKIP skipped exit_pending",
        [OUTCOME_HANDED_OVER] = "HANDED_OVER  ",
    };

    (void)state;
    for (enum outcome outcome = 0; outcome < OUTCOME_COUNT; outcome++) {
        char row[96];
        (void)snprintf(row, sizeof row, "%s %s %s", outcome_word(outcome), outcome_status(outcome),
                       outcome_reason(outcome));
        assert_string_equal(row, rows[outcome]);
    }
}

#define TEST(name) cmocka_unit_test_setup(name, renew)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(age),
        TEST(an_exit_is_never_ahead),
        TEST(age_of_exits),
        TEST(age_after_a_hold),
        TEST(deadline),
        TEST(once),
        TEST(superseded),
        TEST(holds),
        TEST(cap),
        TEST(symbol),
        TEST(rates),
        TEST(size),
        TEST(exits),
        TEST(exits_of_one_side),
        TEST(exits_that_an_adapter_has),
        TEST(what_is_open_is_counted),
        TEST(what_an_exit_closes),
        TEST(an_exit_leaves_what_an_adapter_closes),
        TEST(the_order_of_the_guards),
        TEST(outcomes_have_their_words),
        TEST(the_words_are_these),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("guards", tests, NULL, NULL);
}

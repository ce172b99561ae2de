/* SPDX-License-Identifier: MIT */
/* Whose turn it is among intents in hand, and who may come to them; the clock is the test's. */
#include "executor/decide/turns.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/support.h"

enum { MANY = 4000, ROOM = 10 };

static struct turns turns;
static struct turn all[MANY];
static struct order orders[MANY];
static size_t used;
static uint64_t now_ms;

static int renew(void **state)
{
    (void)state;
    turns = (struct turns){0};
    memset(all, 0, sizeof all);
    memset(orders, 0, sizeof orders);
    used = 0;
    now_ms = 1000000;
    return 0;
}

/* "BTC buy", "BTC close", "BTC close sell"; each a millisecond younger than the one before. */
static struct turn *make(const char *symbol, const char *what)
{
    struct order *order = &orders[used];
    struct turn *turn = &all[used];

    assert_true(used < MANY);
    order->id = (struct stream_id){++used, 0};
    (void)snprintf(order->symbol, sizeof order->symbol, "%s", symbol);
    order->side = strstr(what, "sell") ? SIDE_SELL : SIDE_BUY;
    order->closes = strncmp(what, "close", 5) == 0;
    order->closes_one_side = order->closes && strlen(what) > 5;
    *turn = (struct turn){.task = turn, .order = order, .is_sound = strcmp(what, "bad") != 0};
    return turn;
}

static enum turns_answer ask(const struct turn *turn)
{
    return turns_ask(&turns, turn->order, turn->is_sound, ROOM);
}

static struct turn *add(const char *symbol, const char *what)
{
    struct turn *turn = make(symbol, what);

    assert_int_equal(ask(turn), TURNS_TAKES);
    turns_add(&turns, turn);
    return turn;
}

static void expect_next(const struct turn *turn)
{
    assert_ptr_equal(turns_next(&turns, now_ms), turn);
}

static void expect_nobody(void)
{
    expect_next(NULL);
}

static struct turn *add_faulty(const char *symbol, const char *what)
{
    struct turn *turn = add(symbol, what);

    expect_next(turn);
    turns_rest(&turns, turn, now_ms);
    return turn;
}

/* --- whose turn it is */

static void in_the_order_of_arrival(void **state)
{
    struct turn *first = add("BTC", "buy"), *second = add("ETH", "buy");

    (void)state;
    expect_next(first);
    expect_next(second);
    expect_nobody();
    assert_int_equal(turns.led, 2);
    turns_put_back(&turns, first, 0);
    expect_next(first);
}

static void one_of_a_symbol_at_a_time(void **state)
{
    struct turn *first = add("BTC", "buy"), *second = add("BTC", "buy"), *exit;

    (void)state;
    expect_next(first);
    expect_nobody();
    exit = add("BTC", "close");
    expect_nobody();
    turns_remove(&turns, first);
    expect_next(exit);
    expect_nobody();
    turns_remove(&turns, exit);
    expect_next(second);
}

static void exits_first(void **state)
{
    struct turn *buy = add("BTC", "buy"), *bad = add("", "bad"), *own = add("BTC", "close");
    struct turn *other = add("ETH", "close");

    (void)state;
    expect_next(own);
    expect_next(other);
    expect_next(bad);
    expect_nobody(); /* the opening waits for its exit */
    turns_remove(&turns, own);
    expect_next(buy);
}

static void what_is_invalid_waits_for_nobody(void **state)
{
    struct turn *buy = add("BTC", "buy"), *bad = add("BTC", "bad");

    (void)state;
    expect_next(buy);
    expect_next(bad);
}

/* --- a symbol at fault */

static void a_fault_is_one_symbols(void **state)
{
    struct turn *faulty = add_faulty("BTC", "buy"), *other = add("ETH", "buy");

    (void)state;
    expect_next(other);
    expect_nobody();
    assert_int_equal(turns_due_ms(&turns, now_ms), now_ms + TURNS_PAUSE_MS);
    now_ms += TURNS_PAUSE_MS;
    expect_next(faulty);
    assert_int_equal(turns_due_ms(&turns, now_ms), UINT64_MAX);
}

static void each_rest_is_longer(void **state)
{
    static const uint64_t pauses[] = {1000, 2000, 4000, 8000, 16000, 30000, 30000};
    struct turn *faulty = add("BTC", "buy");

    (void)state;
    for (size_t i = 0; i < COUNT(pauses); i++) {
        expect_next(faulty);
        turns_rest(&turns, faulty, now_ms);
        assert_int_equal(faulty->pause_ms, pauses[i]);
        now_ms += pauses[i] - 1;
        expect_nobody();
        now_ms++;
    }
}

static void its_symbols_openings_wait_in_redis(void **state)
{
    struct turn *faulty = add("BTC", "buy"), *second = add("BTC", "sell"),
                *third = add("BTC", "buy");

    (void)state;
    expect_next(faulty);
    turns_rest(&turns, faulty, now_ms);
    assert_ptr_equal(turns_leave_behind(&turns, faulty), second);
    assert_ptr_equal(turns_leave_behind(&turns, faulty), third);
    assert_null(turns_leave_behind(&turns, faulty));
    assert_true(faulty->has_left);
    assert_int_equal(faulty->left.ms, second->order->id.ms);
    assert_int_equal(ask(make("BTC", "buy")), TURNS_CROWDED);
    assert_int_equal(ask(make("ETH", "buy")), TURNS_TAKES);
    assert_int_equal(faulty->left.ms, second->order->id.ms);
    assert_int_equal(turns.count, 1);
}

/* Its exit does not: it may have to do with other keys, and what it superseded is tried at once. */
static void its_exit_goes_before_it(void **state)
{
    struct turn *faulty = add_faulty("BTC", "buy"), *exit = add("BTC", "close");

    (void)state;
    expect_next(exit);
    assert_false(turns_exit(&turns, exit->order));
    turns_remove(&turns, exit);
    expect_next(faulty);
}

static void few_exits_of_a_symbol_at_fault(void **state)
{
    struct turn *first = NULL;

    (void)state;
    for (size_t i = 0; i < TURNS_SYMBOL_EXITS_MAX; i++) {
        struct turn *exit = add_faulty("BTC", "close");
        first = first ? first : exit;
    }
    struct turn *left = make("BTC", "close");
    assert_int_equal(ask(left), TURNS_CROWDED);
    assert_true(first->has_left);
    assert_int_equal(first->left.ms, left->order->id.ms);
    assert_int_equal(ask(make("BTC", "buy")), TURNS_CROWDED);
    assert_int_equal(ask(make("ETH", "close")), TURNS_TAKES);
}

static void openings_behind_an_exit_at_fault(void **state)
{
    struct turn *buy = add("BTC", "buy"), *exit = add("BTC", "close");

    (void)state;
    expect_next(exit);
    turns_rest(&turns, exit, now_ms);
    expect_nobody();
    assert_ptr_equal(turns_leave_behind(&turns, exit), buy);
}

/* --- room */

static void so_many_openings_and_every_exit(void **state)
{
    char symbol[16];

    (void)state;
    for (size_t i = 0; i < ROOM; i++) {
        (void)snprintf(symbol, sizeof symbol, "S%zu", i);
        assert_true(turns_have_room(&turns, ROOM));
        add(symbol, "buy");
    }
    assert_false(turns_have_room(&turns, ROOM));
    assert_int_equal(ask(make("BTC", "buy")), TURNS_FULL);
    assert_int_equal(ask(make("BTC", "close")), TURNS_TAKES);
    assert_int_equal(ask(make("BTC", "bad")), TURNS_TAKES);
    assert_true(turns_have_room_for_exits(&turns, ROOM));
    for (size_t i = 0; i < ROOM; i++)
        add("BTC", "close");
    assert_false(turns_have_room_for_exits(&turns, ROOM));
}

/* They have a bound of their own. */
static void symbols_at_fault_take_nobodys_room(void **state)
{
    char symbol[16];

    (void)state;
    for (size_t i = 0; i < TURNS_FAULTY_MAX; i++) {
        (void)snprintf(symbol, sizeof symbol, "S%zu", i);
        assert_true(turns_have_room(&turns, ROOM));
        add_faulty(symbol, "buy");
    }
    assert_false(turns_have_room(&turns, ROOM));
    assert_int_equal(ask(make("BTC", "buy")), TURNS_FULL);
    assert_int_equal(ask(make("BTC", "close")), TURNS_TAKES);
    turns_remove(&turns, turns.first);
    assert_int_equal(ask(make("BTC", "buy")), TURNS_TAKES);
}

/* --- holding */

static void a_hold_keeps_openings_alone(void **state)
{
    struct turn *buy = add("BTC", "buy"), *exit = add("ETH", "close"), *bad = add("", "bad");

    (void)state;
    turns_hold(&turns);
    assert_true(turns_keep(&turns, buy));
    assert_false(turns_keep(&turns, exit) || turns_keep(&turns, bad));
    expect_next(exit);
    expect_next(bad);
    expect_nobody();
    assert_int_equal(ask(make("SOL", "buy")), TURNS_HOLDS);
    assert_int_equal(ask(make("SOL", "close")), TURNS_TAKES);
    turns_release(&turns);
    expect_next(buy);
}

static void what_an_exit_superseded_passes_a_hold(void **state)
{
    struct turn *before = make("BTC", "buy"), *sell = make("BTC", "sell"),
                *other = make("ETH", "buy");
    struct turn *exit, *after;

    (void)state;
    turns_hold(&turns);
    exit = add("BTC", "close buy");
    after = make("BTC", "buy");
    assert_int_equal(ask(before), TURNS_HOLDS);
    expect_next(exit);
    assert_true(turns_exit(&turns, exit->order));
    turns_remove(&turns, exit);
    assert_int_equal(ask(sell), TURNS_HOLDS);
    assert_int_equal(ask(other), TURNS_HOLDS);
    assert_int_equal(ask(after), TURNS_HOLDS);
    assert_int_equal(ask(before), TURNS_TAKES);
    turns_add(&turns, before);
    assert_false(turns_keep(&turns, before));
    expect_next(before);
}

static void the_last_exits_of_a_hold_are_remembered(void **state)
{
    struct turn *before = make("BTC", "buy"), *other = make("ETH", "buy");
    struct turn *exit = make("BTC", "close");

    (void)state;
    turns_hold(&turns);
    assert_true(turns_exit(&turns, exit->order));
    for (size_t i = 1; i < TURNS_EXITS_MAX; i++)
        assert_true(turns_exit(&turns, make("ETH", "close")->order));
    assert_int_equal(ask(before), TURNS_TAKES);
    assert_true(turns_exit(&turns, make("ETH", "close")->order));
    assert_int_equal(ask(before), TURNS_HOLDS);
    assert_int_equal(ask(other), TURNS_TAKES);
    turns_release(&turns);
    turns_hold(&turns);
    assert_int_equal(ask(other), TURNS_HOLDS);
}

#define TEST(name) cmocka_unit_test_setup(name, renew)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(in_the_order_of_arrival),
        TEST(one_of_a_symbol_at_a_time),
        TEST(exits_first),
        TEST(what_is_invalid_waits_for_nobody),
        TEST(a_fault_is_one_symbols),
        TEST(each_rest_is_longer),
        TEST(its_symbols_openings_wait_in_redis),
        TEST(its_exit_goes_before_it),
        TEST(few_exits_of_a_symbol_at_fault),
        TEST(openings_behind_an_exit_at_fault),
        TEST(so_many_openings_and_every_exit),
        TEST(symbols_at_fault_take_nobodys_room),
        TEST(a_hold_keeps_openings_alone),
        TEST(what_an_exit_superseded_passes_a_hold),
        TEST(the_last_exits_of_a_hold_are_remembered),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("turns", tests, NULL, NULL);
}

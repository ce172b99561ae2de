/* SPDX-License-Identifier: MIT */
/* Positions, and what the venues answer. */
#include "executor/decide/position.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "executor/decide/venue.h"
#include "tests/unit/names.h"
#include "tests/unit/support.h"

static const struct fill_rules rules = {.slippage_bps = 10, .fee_pct = 0.04, .hold_ms = 900000};

static struct order order_at(enum side side, double price)
{
    return (struct order){.id = {(uint64_t)NOW_MS, 3},
                          .symbol = "BTCUSDT",
                          .side = side,
                          .size_usd = 1000,
                          .leverage = 5,
                          .entry_price = price,
                          .stop_loss = 90,
                          .take_profit = 120,
                          .decision_id = "d",
                          .signal_id = "1-0"};
}

static struct position opened(enum side side)
{
    struct order order = order_at(side, 100);
    struct position position;

    position_open(&order, &rules, 100, NOW_MS, &position);
    return position;
}

static void a_fill_moves_against_us(void **state)
{
    struct position buy = opened(SIDE_BUY), sell = opened(SIDE_SELL);

    (void)state;
    assert_true(buy.price == 100.1 && sell.price == 99.9);
    assert_true(buy.fee_usd == 0.4);
    assert_true(buy.quantity == 9.99000999);
    assert_int_equal(buy.closes_ms, NOW_MS + 900000);
    assert_string_equal(buy.intent_id, "1768824003000-3");
    assert_true(position_exit_price(&buy, &rules, 200) == 199.8);
    assert_true(position_exit_price(&sell, &rules, 200) == 200.2);
}

static void a_quantity_of_its_own_is_kept(void **state)
{
    struct order order = order_at(SIDE_BUY, 100);
    struct position position;

    (void)state;
    order.quantity = 7.5;
    position_open(&order, &rules, 100, NOW_MS, &position);
    assert_true(position.quantity == 7.5);
}

static void profit_and_fee(void **state)
{
    struct position buy = {.side = SIDE_BUY, .size_usd = 1000, .price = 100};
    struct position sell = {.side = SIDE_SELL, .size_usd = 1000, .price = 100};
    struct position unknown = {.size_usd = 1000};

    (void)state;
    assert_true(position_profit(&buy, 110) == 100);
    assert_true(position_profit(&sell, 110) == -100);
    assert_true(position_profit(&unknown, 110) == 0);
    assert_true(position_exit_fee(&buy, &rules, 200) == 0.8);
    assert_true(position_exit_fee(&unknown, &rules, 200) == 0.4);
}

static void when_it_ends(void **state)
{
    struct position buy = {.side = SIDE_BUY, .stop_loss = 90, .take_profit = 120, .closes_ms = 10};
    struct position sell = {.side = SIDE_SELL, .stop_loss = 120, .take_profit = 90};

    (void)state;
    assert_int_equal(position_ends(&buy, 91, 9), POSITION_STAYS);
    assert_int_equal(position_ends(&buy, 90, 9), POSITION_STOP_LOSS);
    assert_int_equal(position_ends(&buy, 119, 9), POSITION_STAYS);
    assert_int_equal(position_ends(&buy, 120, 9), POSITION_TAKE_PROFIT);
    assert_int_equal(position_ends(&buy, 0, 9), POSITION_STAYS);
    assert_int_equal(position_ends(&buy, 0, 10), POSITION_HOLD_TIME);
    assert_int_equal(position_ends(&buy, 90, 10), POSITION_STOP_LOSS);
    assert_int_equal(position_ends(&sell, 120, 0), POSITION_STOP_LOSS);
    assert_int_equal(position_ends(&sell, 90, 0), POSITION_TAKE_PROFIT);
    assert_int_equal(position_ends(&sell, 100, INT64_MAX), POSITION_STAYS);
    assert_string_equal(position_end_name(POSITION_HOLD_TIME), "hold_time");
}

/* A percentage where a price should be, or a price on the other side. */
static void a_level_that_the_fill_has_reached_is_none(void **state)
{
    static const struct {
        enum side side;
        double stop_loss, take_profit, kept_loss, kept_profit;
    } rows[] = {
        {SIDE_BUY, 90, 120, 90, 120},  {SIDE_BUY, 1.5, 2.5, 1.5, 0},
        {SIDE_BUY, 101, 100, 0, 0},    {SIDE_BUY, 100.1, 100.1, 0, 0},
        {SIDE_SELL, 120, 90, 120, 90}, {SIDE_SELL, 1.5, 2.5, 0, 2.5},
        {SIDE_SELL, 0, 0, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct order order = order_at(rows[i].side, 100);
        struct position position;
        order.stop_loss = rows[i].stop_loss;
        order.take_profit = rows[i].take_profit;
        position_open(&order, &rules, 100, NOW_MS, &position);
        assert_true(position.stop_loss == rows[i].kept_loss);
        assert_true(position.take_profit == rows[i].kept_profit);
        assert_int_equal(position_ends(&position, 100, NOW_MS), POSITION_STAYS);
    }
}

static void writing_and_reading_are_inverse(void **state)
{
    struct position position = opened(SIDE_SELL), read;
    char *text;

    (void)state;
    position.handed_over = true;
    text = position_write(&position);
    assert_true(position_read(position.intent_id, text, strlen(text), &read));
    assert_memory_equal(&position, &read, sizeof read);
    free(text);
}

/* An older version wrote none of what concerns an adapter's answers. */
static void what_an_older_version_wrote(void **state)
{
    struct position position = opened(SIDE_BUY), read;
    char *text = position_write(&position);

    (void)state;
    memcpy(strstr(text, ",\"answered_id\""), "}", 2);
    assert_true(position_read(position.intent_id, text, strlen(text), &read));
    assert_memory_equal(&position, &read, sizeof read);
    free(text);
}

/* Whatever somebody wrote by hand, nobody calculates with an infinity. */
static void numbers_that_leave_the_range(void **state)
{
    static const struct position odd[] = {
        {.size_usd = 1e308, .price = 1},
        {.size_usd = -1, .price = 1},
        {.quantity = 1e41},
        {.size_usd = 1, .price = 1e-300},
        {.price = 1e308},
        {.fee_usd = 1e300},
        {.opened_ms = INT64_MIN},
        {.opened_ms = -1},
        {.closes_ms = INT64_MAX},
    };
    const struct position most = {.size_usd = 1e40, .quantity = 1e40, .price = 1e-40};
    struct position read;

    (void)state;
    for (size_t i = 0; i < COUNT(odd); i++) {
        char *text = position_write(&odd[i]);
        assert_false(position_read("1-0", text, strlen(text), &read));
        free(text);
    }
    char *text = position_write(&most);
    assert_true(position_read("1-0", text, strlen(text), &read));
    assert_true(position_exit_fee(&read, &rules, position_exit_price(&read, &rules, 1e15)) > 0);
    free(text);
}

static void an_exit_that_an_adapter_has(void **state)
{
    struct position position = opened(SIDE_BUY);

    (void)state;
    assert_false(position_is_leaving(&position, NOW_MS));
    memcpy(position.exit_id, "9-0", 4);
    position.exit_until_ms = NOW_MS;
    assert_true(position_is_leaving(&position, NOW_MS));
    assert_false(position_is_leaving(&position, NOW_MS + 1));
    position_free_of_exit(&position);
    assert_false(position_is_leaving(&position, NOW_MS));
}

/* As large as an order may be, at every price: what comes of it can be written and read back. */
static void the_largest_order_makes_a_position(void **state)
{
    static const double prices[] = {1e15, 1, 1e-8, 1e-300, 5e-324};
    const struct fill_rules dear = {.slippage_bps = 1000, .fee_pct = 10, .hold_ms = 1};
    struct position position, read;

    (void)state;
    for (size_t i = 0; i < COUNT(prices); i++) {
        struct order order = {.symbol = "BTC", .size_usd = 1e15, .leverage = 1, .stop_loss = 1e15};
        position_open(&order, &dear, prices[i], NOW_MS, &position);
        char *text = position_write(&position);
        assert_true(position_read("1-0", text, strlen(text), &read));
        double exit_price = position_exit_price(&read, &dear, 1e15);
        assert_true(isfinite(position_exit_fee(&read, &dear, exit_price)));
        assert_true(isfinite(position_profit(&read, exit_price)));
        free(text);
    }
}

static void what_is_no_position(void **state)
{
    static const char *const wrong[] = {
        "", "rubbish", "[]", "{}", "{\"symbol\":\"BTCUSDT\"}",
    };
    struct position position = opened(SIDE_BUY), read = {.size_usd = -7};
    char *text = position_write(&position);

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_false(position_read("1-0", wrong[i], strlen(wrong[i]), &read));
    assert_false(position_read(text_of('1', STREAM_ID_TEXT_MAX), text, strlen(text), &read));
    memcpy(strstr(text, "BUY"), "ABC", 3);
    assert_false(position_read("1-0", text, strlen(text), &read));
    assert_true(read.size_usd == -7);
    free(text);
}

/* --- the venues */

static struct venue_rules rules_of(enum venue_kind kind)
{
    return (struct venue_rules){.kind = kind, .fill = rules};
}

static struct venue_answer ask_open(enum venue_kind kind, double entry_price,
                                    const struct market *market)
{
    struct venue_rules venue = rules_of(kind);
    struct order order = order_at(SIDE_BUY, entry_price);

    return venue_ask(&venue, &order, market, NOW_MS);
}

static void paper_fills_at_the_entry_price_or_the_last(void **state)
{
    struct venue_answer answer = ask_open(VENUE_PAPER, 100, &(struct market){.price = 50});

    (void)state;
    assert_outcome(answer.outcome, OUTCOME_FILLED);
    assert_true(answer.position.price == 100.1);
    answer = ask_open(VENUE_PAPER, 0, &(struct market){.price = 50});
    assert_outcome(answer.outcome, OUTCOME_FILLED);
    assert_true(answer.position.price == 50.05);
    answer = ask_open(VENUE_PAPER, 0, &(struct market){0});
    assert_int_equal(answer.says, VENUE_REJECTS);
    assert_outcome(answer.outcome, OUTCOME_NO_PRICE);
    answer = ask_open(VENUE_PAPER, 0, &(struct market){.price_is_bad = true});
    assert_int_equal(answer.says, VENUE_FAILS);
    answer = ask_open(VENUE_PAPER, 100, &(struct market){.price_is_bad = true});
    assert_int_equal(answer.says, VENUE_DOES);
}

static struct venue_answer ask_at_last(double entry_price, const struct market *market)
{
    struct venue_rules venue = rules_of(VENUE_PAPER);
    struct order order = order_at(SIDE_BUY, entry_price);

    venue.prefers_last = true;
    return venue_ask(&venue, &order, market, NOW_MS);
}

static void expect_filled(const struct venue_answer *answer, double price, const char *source)
{
    assert_outcome(answer->outcome, OUTCOME_FILLED);
    assert_true(answer->position.price == price && answer->result.entry_price == price);
    assert_string_equal(answer->result.price_source, source);
}

static void or_the_other_way_round(void **state)
{
    struct venue_answer answer = ask_at_last(100, &(struct market){.price = 50});

    (void)state;
    expect_filled(&answer, 50.05, "last");
    answer = ask_at_last(100, &(struct market){0});
    expect_filled(&answer, 100.1, "intent");
    answer = ask_at_last(0, &(struct market){.price = 50});
    expect_filled(&answer, 50.05, "last");
    answer = ask_at_last(0, &(struct market){0});
    assert_outcome(answer.outcome, OUTCOME_NO_PRICE);
    answer = ask_at_last(100, &(struct market){.price_is_bad = true});
    assert_int_equal(answer.says, VENUE_FAILS);
}

/* It is an adapter that fills, and nobody that would. */
static void only_paper_prefers_the_last_price(void **state)
{
    static const enum venue_kind others[] = {VENUE_STREAM, VENUE_SAFE_DRAIN};

    (void)state;
    for (size_t i = 0; i < COUNT(others); i++) {
        struct venue_rules venue = rules_of(others[i]);
        struct order order = order_at(SIDE_BUY, 100);
        venue.prefers_last = true;
        struct venue_answer answer =
            venue_ask(&venue, &order, &(struct market){.price = 50, .price_is_bad = true}, NOW_MS);
        assert_int_equal(answer.says, VENUE_DOES);
        assert_true(answer.position.price == 100);
    }
}

static void the_other_venues_take_the_order_as_it_is(void **state)
{
    struct venue_answer answer = ask_open(VENUE_STREAM, 0, &(struct market){0});

    (void)state;
    assert_outcome(answer.outcome, OUTCOME_HANDED_OVER);
    assert_true(answer.position.handed_over);
    assert_int_equal(answer.position.closes_ms, 0);
    answer = ask_open(VENUE_SAFE_DRAIN, 100, &(struct market){0});
    assert_outcome(answer.outcome, OUTCOME_WOULD_EXECUTE);
    assert_true(answer.position.price == 100 && answer.position.fee_usd == 0);
}

static void exits_are_told_together(void **state)
{
    const struct position both[] = {
        {.side = SIDE_BUY, .size_usd = 100, .quantity = 1, .price = 100},
        {.side = SIDE_BUY, .size_usd = 300, .quantity = 3, .price = 100},
    };
    const struct market market = {.price = 200, .positions = both, .position_count = 2};
    struct venue_rules venue = rules_of(VENUE_PAPER);
    struct order order = order_at(SIDE_BUY, 0);

    (void)state;
    order.closes = true;
    struct venue_answer answer = venue_ask(&venue, &order, &market, NOW_MS);
    const struct result *result = &answer.result;
    assert_outcome(answer.outcome, OUTCOME_CLOSED);
    assert_true(result->price == 199.8 && result->quantity == 4 && result->size_usd == 400);
    assert_string_equal(result->action, "CLOSE");
    assert_string_equal(result->intent_id, "1768824003000-3");
    answer = venue_ask(&venue, &order, &(struct market){.price_is_bad = true}, NOW_MS);
    assert_int_equal(answer.says, VENUE_FAILS);
    answer = venue_ask(&venue, &order, &(struct market){.price = 1}, NOW_MS);
    assert_outcome(answer.outcome, OUTCOME_NOTHING_OPEN);
    venue.kind = VENUE_STREAM;
    answer = venue_ask(&venue, &order, &market, NOW_MS);
    assert_outcome(answer.outcome, OUTCOME_HANDED_OVER);
    assert_true(result->quantity == 0);
}

static double exit_price(double entry_price, double last_price)
{
    const struct position both[] = {
        {.side = SIDE_BUY, .size_usd = 10.1, .quantity = 0.1, .price = 100},
        {.side = SIDE_BUY, .size_usd = 60.2, .quantity = 0.3, .price = 200},
    };
    const struct market market = {.price = last_price, .positions = both, .position_count = 2};
    struct venue_rules venue = rules_of(VENUE_PAPER);
    struct order order = order_at(SIDE_BUY, entry_price);

    order.closes = true;
    struct venue_answer answer = venue_ask(&venue, &order, &market, NOW_MS);
    struct result result = answer.result;
    assert_int_equal(answer.says, VENUE_DOES);
    assert_true(result.quantity == 0.4 && result.size_usd == 70.3 && result.fee_usd > 0);
    assert_string_equal(result.price_source, last_price > 0    ? "last"
                                             : entry_price > 0 ? "intent"
                                                               : "unknown");
    assert_int_equal(result.has_profit, result.price > 0);
    return result.price;
}

/* Where nobody knows one, none is told. */
static void an_exit_goes_by_the_last_price_before_the_intents(void **state)
{
    (void)state;
    assert_true(exit_price(150, 200) == 199.8);
    assert_true(exit_price(150, 0) == 149.85);
    assert_true(exit_price(0, 0) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fill_moves_against_us),
        cmocka_unit_test(a_quantity_of_its_own_is_kept),
        cmocka_unit_test(profit_and_fee),
        cmocka_unit_test(when_it_ends),
        cmocka_unit_test(a_level_that_the_fill_has_reached_is_none),
        cmocka_unit_test(writing_and_reading_are_inverse),
        cmocka_unit_test(what_an_older_version_wrote),
        cmocka_unit_test(numbers_that_leave_the_range),
        cmocka_unit_test(an_exit_that_an_adapter_has),
        cmocka_unit_test(the_largest_order_makes_a_position),
        cmocka_unit_test(what_is_no_position),
        cmocka_unit_test(paper_fills_at_the_entry_price_or_the_last),
        cmocka_unit_test(or_the_other_way_round),
        cmocka_unit_test(only_paper_prefers_the_last_price),
        cmocka_unit_test(the_other_venues_take_the_order_as_it_is),
        cmocka_unit_test(exits_are_told_together),
        cmocka_unit_test(an_exit_goes_by_the_last_price_before_the_intents),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("positions", tests, NULL, NULL);
}

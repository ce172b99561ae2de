/* SPDX-License-Identifier: MIT */
/* A result as an entry: which fields, in which order, and what a closing comes to. */
#include "executor/act/outgoing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "executor/decide/answer.h"
#include "executor/decide/venue.h"
#include "tests/unit/support.h"

/* Names and values with blanks between them; what is empty is "-". */
static void expect_entry(const struct result *result, const char *expected)
{
    struct command command = {0};
    char told[1024] = "";
    size_t length, told_length = 0;

    outgoing_add_result(result, &command);
    const char *at = strchr(command_wire(&command, &length), '$');
    for (size_t i = 0; i < command.count; i++) {
        char *end;
        size_t size = strtoul(at + 1, &end, 10);
        told_length += (size_t)snprintf(told + told_length, sizeof told - told_length, "%s%.*s",
                                        i ? " " : "", size ? (int)size : 1, size ? end + 2 : "-");
        at = end + 2 + size + 2;
    }
    command_free(&command);
    assert_string_equal(told, expected);
}

static const struct order order = {.id = {7, 1},
                                   .symbol = "BTCUSDT",
                                   .side = SIDE_SELL,
                                   .size_usd = 130,
                                   .leverage = 5,
                                   .entry_price = 100,
                                   .decision_id = "d-1",
                                   .signal_id = "s-1"};

static const struct venue_rules paper = {.kind = VENUE_PAPER, .fill = {.fee_pct = 0.1}};

static struct position opened(enum side side, double price, double size_usd, const char *id)
{
    struct position position = {.side = side,
                                .size_usd = size_usd,
                                .quantity = size_usd / price,
                                .price = price,
                                .leverage = 5,
                                .fee_usd = 0.2,
                                .decision_id = "d-0",
                                .signal_id = "s-0",
                                .symbol = "BTCUSDT"};

    (void)snprintf(position.intent_id, sizeof position.intent_id, "%s", id);
    return position;
}

static void what_was_refused_has_no_position(void **state)
{
    struct result refused = result_of(&order, OUTCOME_MAX_OPEN, NOW_MS + 999);
    const struct order exit = {.id = {8, 0}, .symbol = "BTCUSDT", .closes = true};
    struct result nothing = result_of(&exit, OUTCOME_NOTHING_OPEN, NOW_MS);

    (void)state;
    expect_entry(&refused, "intent_id 7-1 signal_id s-1 decision_id d-1 symbol BTCUSDT action SELL "
                           "status rejected reason max_open price 0 quantity 0 size_usd 130 "
                           "fee_usd 0 ts 1768824003 side SELL timestamp 2026-01-19T12:00:03.999Z");
    expect_entry(&nothing, "intent_id 8-0 signal_id - decision_id - symbol BTCUSDT action CLOSE "
                           "status nothing_open reason - price 0 quantity 0 size_usd 0 fee_usd 0 "
                           "ts 1768824003 timestamp 2026-01-19T12:00:03.000Z");
}

static void what_was_opened(void **state)
{
    struct result result = result_of(&order, OUTCOME_FILLED, NOW_MS);
    struct position position;

    (void)state;
    position_open(&order, &paper.fill, 100, NOW_MS, &position);
    result_open(&result, &position);
    result.price_source = "intent";
    expect_entry(&result, "intent_id 7-1 signal_id s-1 decision_id d-1 symbol BTCUSDT action SELL "
                          "status filled reason - price 100 quantity 1.3 size_usd 130 fee_usd 0.13 "
                          "ts 1768824003 side SELL timestamp 2026-01-19T12:00:03.000Z order_id 7-1 "
                          "entry_price 100 position_size_usd 130 leverage 5 price_source intent");
}

static void what_closed_by_itself_is_net_of_both_fees(void **state)
{
    struct position position = opened(SIDE_BUY, 100, 130, "7-1");
    struct result result = venue_exit(&paper, &position, 110, NOW_MS);
    struct result unknown = venue_exit(&paper, &position, 0, NOW_MS);

    (void)state;
    expect_entry(&result,
                 "intent_id - signal_id s-0 decision_id d-0 symbol BTCUSDT action CLOSE "
                 "status closed reason - price 110 quantity 1.3 size_usd 130 fee_usd 0.143 "
                 "ts 1768824003 side BUY timestamp 2026-01-19T12:00:03.000Z order_id 7-1 "
                 "entry_price 100 position_size_usd 130 leverage 5 profit_usd 12.657 opened_by d-0 "
                 "price_source last");
    expect_entry(&unknown, "intent_id - signal_id s-0 decision_id d-0 symbol BTCUSDT action CLOSE "
                           "status closed reason - price 0 quantity 1.3 size_usd 130 fee_usd 0.13 "
                           "ts 1768824003 side BUY timestamp 2026-01-19T12:00:03.000Z order_id 7-1 "
                           "entry_price 100 position_size_usd 130 leverage 5 opened_by d-0 "
                           "price_source unknown");
}

/* What they do not share is left out, and no sum shows the noise of its parts. */
static void what_is_closed_together(void **state)
{
    struct position both[] = {opened(SIDE_SELL, 100, 10.1, "7-1"),
                              opened(SIDE_SELL, 200, 60.2, "7-2")};
    struct market market = {.price = 110, .positions = both, .position_count = COUNT(both)};
    const struct order exit = {.id = {8, 0}, .symbol = "BTCUSDT", .closes = true, .leverage = 1};
    struct venue_answer answer = venue_ask(&paper, &exit, &market, NOW_MS);
    const struct result *result = &answer.result;

    (void)state;
    assert_int_equal(answer.says, VENUE_DOES);
    expect_entry(result,
                 "intent_id 8-0 signal_id - decision_id - symbol BTCUSDT action CLOSE "
                 "status closed reason - price 110 quantity 0.402 size_usd 70.3 fee_usd 0.04422 "
                 "ts 1768824003 side SELL timestamp 2026-01-19T12:00:03.000Z "
                 "entry_price 174.87562189 position_size_usd 70.3 leverage 5 profit_usd 25.63578 "
                 "price_source last");
    both[1].side = SIDE_BUY;
    both[1].leverage = 2;
    both[1].price = 0;
    answer = venue_ask(&paper, &exit, &market, NOW_MS);
    assert_int_equal(answer.says, VENUE_DOES);
    assert_null(result->side);
    assert_true(result->leverage == 0 && result->entry_price == 0 && !result->has_profit);
}

static void what_only_would_be_closed_has_no_profit(void **state)
{
    struct position position = opened(SIDE_BUY, 100, 130, "7-1");
    struct market market = {.price = 110, .positions = &position, .position_count = 1};
    const struct venue_rules drain = {.kind = VENUE_SAFE_DRAIN};
    const struct order exit = {.id = {8, 0}, .symbol = "BTCUSDT", .closes = true};
    struct venue_answer answer = venue_ask(&drain, &exit, &market, NOW_MS);

    (void)state;
    assert_int_equal(answer.says, VENUE_DOES);
    assert_string_equal(answer.result.status, "would_execute");
    assert_true(answer.result.price == 110 && !answer.result.has_profit);
}

static struct answer answer_of(enum answer_status status, double price)
{
    return (struct answer){.id = "9-0",
                           .order_id = "7-1",
                           .status = status,
                           .price = price,
                           .quantity = 1.25,
                           .fee_usd = 0.3};
}

/* An adapter says price, quantity and fee; the fill's are kept with the position. */
static void what_an_adapter_says(void **state)
{
    struct position asked = opened(SIDE_SELL, 100, 130, "7-1"), open = asked;
    struct answer filled = answer_of(ANSWER_FILLED, 101.0000000001);
    struct answer closed = answer_of(ANSWER_CLOSED, 90);

    (void)state;
    asked.handed_over = true;
    struct result result = answer_tell_position(&filled, KEPT_ASKED, &asked, NOW_MS);
    expect_entry(&result,
                 "intent_id 7-1 signal_id s-0 decision_id d-0 symbol BTCUSDT action SELL "
                 "status filled reason - price 101.0000000001 quantity 1.25 size_usd 130 "
                 "fee_usd 0.3 ts 1768824003 side SELL timestamp 2026-01-19T12:00:03.000Z "
                 "order_id 7-1 entry_price 101.0000000001 position_size_usd 130 leverage 5 "
                 "price_source adapter");
    result = answer_tell_position(&closed, KEPT_OPEN, &open, NOW_MS);
    expect_entry(&result,
                 "intent_id - signal_id s-0 decision_id d-0 symbol BTCUSDT action SELL "
                 "status closed reason - price 90 quantity 1.25 size_usd 130 fee_usd 0.3 "
                 "ts 1768824003 side SELL timestamp 2026-01-19T12:00:03.000Z order_id 7-1 "
                 "entry_price 100 position_size_usd 130 leverage 5 profit_usd 12.5 opened_by d-0 "
                 "price_source adapter");
    result = answer_tell_position(&closed, KEPT_ASKED, &asked, NOW_MS);
    assert_true(!result.has_profit && result.entry_price == 0);
    closed.price = 0;
    result = answer_tell_position(&closed, KEPT_OPEN, &open, NOW_MS);
    assert_false(result.has_profit);
    assert_string_equal(result.price_source, "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_refused_has_no_position),
        cmocka_unit_test(what_was_opened),
        cmocka_unit_test(what_closed_by_itself_is_net_of_both_fees),
        cmocka_unit_test(what_is_closed_together),
        cmocka_unit_test(what_only_would_be_closed_has_no_profit),
        cmocka_unit_test(what_an_adapter_says),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("result", tests, NULL, NULL);
}

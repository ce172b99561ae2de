/* SPDX-License-Identifier: MIT */
/* What an entry of the intent stream asks for: each field, each wire form, each rule. */
#include "common/trade/order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/trade/intent.h"
#include "tests/unit/support.h"

static struct entry payload(const char *document)
{
    return entry_of("payload", document, NULL);
}

/* A sound document with these members as well, or instead. */
static struct entry with(const char *members)
{
    static char text[8192];

    (void)snprintf(text, sizeof text, "{\"symbol\":\"BTCUSDT\",%s%s}",
                   strstr(members, "position_size_usd") ? "" : "\"position_size_usd\":130,",
                   members);
    return payload(text);
}

static struct order must_order(struct entry entry)
{
    struct order order;
    enum rule rule = order_read(&entry, &order);

    assert_string_equal(rule_name(rule), "none");
    return order;
}

static void expect_rule(struct entry entry, enum rule rule)
{
    struct order order;

    assert_string_equal(rule_name(order_read(&entry, &order)), rule_name(rule));
}

static void all_forms_are_read(void **state)
{
    struct entry forms[] = {
        payload("{\"symbol\":\" btcusdt \",\"action\":\"long\",\"position_size_usd\":\"130.5\"}"),
        entry_of("data", "{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"position_size_usd\":130.5}",
                 "timestamp", "nonsense", NULL),
        entry_of("symbol", "BTCUSDT", "action", "Buy", "position_size_usd", "130.5", NULL),
    };

    (void)state;
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct order order = must_order(forms[i]);
        assert_string_equal(order.symbol, "BTCUSDT");
        assert_int_equal(order.side, SIDE_BUY);
        assert_false(order.closes);
        assert_true(order.size_usd == 130.5 && order.leverage == 1);
        assert_true(order.entry_price == 0 && order.quantity == 0);
        assert_int_equal(order.timestamp_ms, NOW_MS - 1000);
        assert_string_equal(order_action(&order), "BUY");
    }
}

static void action_and_side_must_agree(void **state)
{
    (void)state;
    assert_int_equal(must_order(with("\"action\":null,\"side\":\"SELL\"")).side, SIDE_SELL);
    assert_int_equal(must_order(with("\"action\":\"\",\"side\":\"SELL\"")).side, SIDE_SELL);
    expect_rule(with("\"action\":\"SHORT\",\"side\":\"BUY\""), RULE_ACTION);
    expect_rule(with("\"action\":\"HOLD\""), RULE_ACTION);
    expect_rule(with("\"action\":1"), RULE_ACTION);
    expect_rule(with("\"x\":1"), RULE_ACTION);
}

static void exits(void **state)
{
    static const char *const closing[] = {
        "\"action\":\"close\",\"position_size_usd\":null",
        "\"action\":\"CLOSE\",\"position_size_usd\":0",
        "\"action\":\"SELL\",\"reduce_only\":true,\"position_size_usd\":null",
        "\"action\":\"SELL\",\"reduce_only\":\"True\"",
        "\"action\":\"SELL\",\"reduce_only\":\"1\"",
        "\"action\":\"SELL\",\"reduce_only\":1",
        "\"action\":\"SELL\",\"reduce_only\":11",
        "\"action\":\"SELL\",\"reduce_only\":1.0,\"x\":\"\\n\"",
    };
    static const char *const opening[] = {"false", "0", "\"0\"", "null", "\"\"", "\"FALSE\""};
    char members[64];

    (void)state;
    for (size_t i = 0; i < COUNT(closing); i++) {
        struct order order = must_order(with(closing[i]));
        assert_true(order.closes);
        assert_string_equal(order_action(&order), "CLOSE");
    }
    for (size_t i = 0; i < COUNT(opening); i++) {
        (void)snprintf(members, sizeof members, "\"action\":\"SELL\",\"reduce_only\":%s",
                       opening[i]);
        assert_false(must_order(with(members)).closes);
    }
}

/* Only symbol, direction and ids are needed. */
static void no_exit_is_lost_for_a_number(void **state)
{
    static const char *const names[] = {
        "position_size_usd", "leverage",      "confidence",      "entry_price",   "stop_loss",
        "take_profit",       "stop_loss_pct", "take_profit_pct", "trail_percent", "quantity",
    };
    static const char *const unsound[] = {
        "-1e16", "1e16", "1e308", "\"x\"", "\"\"", "\"nan\"", "true", "[]", "NaN", "-Infinity",
    };
    char members[128];

    (void)state;
    for (size_t i = 0; i < COUNT(names) * COUNT(unsound); i++) {
        (void)snprintf(members, sizeof members, "\"action\":\"CLOSE\",\"%s\":%s",
                       names[i / COUNT(unsound)], unsound[i % COUNT(unsound)]);
        struct order order = must_order(with(members));
        assert_true(order.closes && order.leverage == 1 && order.entry_price == 0);
        assert_true(order.stop_loss == 0 && order.take_profit == 0 && order.quantity == 0);
        assert_true(order.size_usd == (i < COUNT(unsound) ? 0 : 130));
    }
    struct order order =
        must_order(with("\"reduce_only\":1,\"side\":\"SELL\",\"position_size_usd\":-1,"
                        "\"leverage\":0,\"take_profit\":-1,\"entry_price\":7"));
    assert_true(order.size_usd == 0 && order.leverage == 1 && order.entry_price == 7);
    expect_rule(with("\"action\":\"PARTIAL_CLOSE\",\"leverage\":0"), RULE_PARTIAL_CLOSE);
}

static void numbers_that_are_there_must_be_in_range(void **state)
{
    static const struct {
        const char *members;
        enum rule rule;
    } cases[] = {
        {"\"position_size_usd\":0", RULE_SIZE},    {"\"position_size_usd\":-1", RULE_SIZE},
        {"\"position_size_usd\":null", RULE_SIZE}, {"\"position_size_usd\":\"1x\"", RULE_SIZE},
        {"\"position_size_usd\":true", RULE_SIZE}, {"\"leverage\":0.99", RULE_LEVERAGE},
        {"\"leverage\":\"\"", RULE_LEVERAGE},      {"\"confidence\":1.01", RULE_CONFIDENCE},
        {"\"confidence\":-0.01", RULE_CONFIDENCE}, {"\"entry_price\":-1", RULE_NUMBER},
        {"\"stop_loss\":[]", RULE_NUMBER},         {"\"take_profit\":\"nan\"", RULE_NUMBER},
        {"\"quantity\":\"inf\"", RULE_NUMBER},     {"\"trail_percent\":-2e15", RULE_NUMBER},
        {"\"quantity\":1e308", RULE_NUMBER},       {"\"entry_price\":1.1e15", RULE_NUMBER},
        {"\"take_profit\":-1e16", RULE_NUMBER},    {"\"quantity\":-1", RULE_NUMBER},
        {"\"position_size_usd\":1e16", RULE_SIZE}, {"\"leverage\":1e16", RULE_LEVERAGE},
        {"\"position_size_usd\":NaN", RULE_SIZE},  {"\"leverage\":Infinity", RULE_LEVERAGE},
        {"\"confidence\":NaN", RULE_CONFIDENCE},
    };
    char members[128];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        (void)snprintf(members, sizeof members, "\"action\":\"BUY\",%s", cases[i].members);
        expect_rule(with(members), cases[i].rule);
    }
    (void)must_order(with("\"action\":\"BUY\",\"leverage\":null,\"entry_price\":0,\"confidence\":1,"
                          "\"unknown\":{\"a\":[1]}"));
    (void)must_order(with("\"action\":\"BUY\",\"stop_loss_pct\":-2,\"trail_percent\":-1"));
    struct order order =
        must_order(with("\"action\":\"BUY\",\"stop_loss\":\"-0.5\",\"take_profit\":-1e15"));
    assert_true(order.stop_loss == 0 && order.take_profit == 0);
    order = must_order(with("\"action\":\"BUY\",\"stop_loss\":NaN,\"quantity\":-Infinity,"
                            "\"timestamp\":NaN,\"unknown\":[NaN,{\"a\":Infinity}]"));
    assert_true(order.stop_loss == 0 && order.quantity == 0);
    assert_int_equal(order.timestamp_ms, NOW_MS - 1000);
}

static void numbers_are_taken_over(void **state)
{
    struct order order =
        must_order(with("\"action\":\"BUY\",\"leverage\":\"5\",\"entry_price\":43000.5,"
                        "\"stop_loss\":42000,\"take_profit\":\"45000\",\"quantity\":0.25"));

    (void)state;
    assert_true(order.leverage == 5 && order.entry_price == 43000.5 && order.stop_loss == 42000);
    assert_true(order.take_profit == 45000 && order.quantity == 0.25);
}

static void expect_time(const char *json, int64_t ms)
{
    char members[128];

    (void)snprintf(members, sizeof members, "\"action\":\"BUY\",\"timestamp\":%s", json);
    assert_int_equal(must_order(with(members)).timestamp_ms, ms);
}

static void times(void **state)
{
    static const char *const wrong[] = {
        "\"yesterday\"", "\"\"", "true", "[]", "-1", "\"2026-13-01T00:00:00Z\"", "1e300",
    };
    char members[128];

    (void)state;
    expect_time("\"2026-01-19T12:00:03.250Z\"", INT64_C(1768824003250));
    expect_time("\"2026-01-19T12:00:03\"", NOW_MS);
    expect_time("\"2026-01-19 14:00:03+02:00\"", NOW_MS);
    expect_time("1768824003", NOW_MS);
    expect_time("\"1768824003.5\"", NOW_MS + 500);
    expect_time("1768824003250", NOW_MS + 250);
    expect_time("null", NOW_MS - 1000);
    for (size_t i = 0; i < COUNT(wrong); i++) {
        (void)snprintf(members, sizeof members, "\"action\":\"BUY\",\"timestamp\":%s", wrong[i]);
        expect_rule(with(members), RULE_TIMESTAMP);
    }
}

static void an_exit_whose_time_is_none_has_the_entrys(void **state)
{
    static const char *const none[] = {
        "\"yesterday\"", "\"\"", "true", "[]", "-1", "0", "946684799", "1e300", "NaN", "null",
    };
    char members[128];

    (void)state;
    for (size_t i = 0; i < COUNT(none); i++) {
        (void)snprintf(members, sizeof members, "\"action\":\"CLOSE\",\"timestamp\":%s", none[i]);
        assert_int_equal(must_order(with(members)).timestamp_ms, NOW_MS - 1000);
    }
    assert_int_equal(must_order(with("\"action\":\"CLOSE\",\"timestamp\":946684800")).timestamp_ms,
                     INT64_C(946684800000));
}

/* Beside a document it is the publisher's stamp, in flat form the intent's own. */
static void the_entrys_timestamp(void **state)
{
    struct entry beside = with("\"action\":\"BUY\"");
    struct entry flat = entry_of("symbol", "BTCUSDT", "action", "BUY", "position_size_usd", "9",
                                 "timestamp", "1768824003", NULL);

    (void)state;
    entry_add(&beside, "timestamp", "1768824003", 10);
    assert_int_equal(must_order(beside).timestamp_ms, NOW_MS - 1000);
    assert_int_equal(must_order(flat).timestamp_ms, NOW_MS);
    beside.id.ms = UINT64_MAX;
    assert_int_equal(must_order(beside).timestamp_ms, INT64_MAX);
}

static void expect_ids(struct entry entry, const char *decision_id, const char *signal_id)
{
    struct order order = must_order(entry);

    assert_string_equal(order.decision_id, decision_id);
    assert_string_equal(order.signal_id, signal_id);
}

static void ids(void **state)
{
    struct entry entry = with("\"action\":\"BUY\",\"decision_id\":\" d \",\"signal_id\":\"1-0\"");

    (void)state;
    entry_add(&entry, "correlation_id", "c", 1);
    expect_ids(entry, "d", "1-0");
    entry = with("\"action\":\"BUY\",\"decision_id\":\"None\",\"trace_id\":\"t\"");
    expect_ids(entry, "t", "");
    entry_add(&entry, "correlation_id", "c", 1);
    expect_ids(entry, "c", "");
    expect_ids(with("\"action\":\"BUY\",\"correlation_id\":\"c\",\"trace_id\":\"t\""), "c", "");
    expect_ids(with("\"action\":\"BUY\",\"signal_id\":\"1-0\""), "1-0", "1-0");
    expect_ids(with("\"action\":\"BUY\",\"decision_id\":true"), "1768824002000-0", "");
    entry = with("\"action\":\"BUY\"");
    entry_add(&entry, "correlation_id", "a\nb", 3);
    assert_int_equal(strlen(must_order(entry).decision_id), 64);
}

/* Whether a parser has read it or not. */
static void expect_number(const char *number, const char *decision_id)
{
    static const char *const beside[] = {"", ",\"x\":\"\\n\""};
    char members[128];

    for (size_t i = 0; i < COUNT(beside); i++) {
        (void)snprintf(members, sizeof members, "\"action\":\"BUY\",\"decision_id\":%s%s", number,
                       beside[i]);
        expect_ids(with(members), decision_id, "");
    }
}

/* It is the same as its text, so that a decision is one however it is written. */
static void an_id_may_be_a_number(void **state)
{
    (void)state;
    expect_number("12", "12");
    expect_number("\"12\"", "12");
    expect_number("-7", "-7");
    expect_number("9223372036854775807", "9223372036854775807");
    expect_number("9007199254740993", "9007199254740993");
    expect_number("1768824003.25", "1768824003.25");
    expect_number("12.0", "12");
    expect_number("0", "1768824002000-0");
    expect_ids(with("\"action\":\"BUY\",\"correlation_id\":5,\"signal_id\":6"), "5", "6");
    expect_ids(with("\"action\":\"BUY\",\"decision_id\":0,\"trace_id\":5"), "5", "");
}

static struct order broken(const char *document)
{
    struct entry entry = payload(document);
    struct order order;

    assert_true(order_read(&entry, &order) != RULE_NONE);
    assert_int_equal(order.id.ms, NOW_MS - 1000);
    return order;
}

static void what_can_be_read_of_a_broken_one(void **state)
{
    struct order order =
        broken("{\"symbol\":\"btcusdt\",\"action\":\"sell\",\"position_size_usd\":130,"
               "\"leverage\":\"abc\",\"decision_id\":\"d\",\"signal_id\":\"1-0\"}");

    (void)state;
    assert_string_equal(order.symbol, "BTCUSDT");
    assert_string_equal(order_action(&order), "SELL");
    assert_string_equal(order.decision_id, "d");
    assert_string_equal(order.signal_id, "1-0");
    assert_true(order.size_usd == 130);
    order = broken("{\"action\":\"close\",\"symbol\":1,\"trace_id\":\"t\"}");
    assert_string_equal(order.symbol, "");
    assert_string_equal(order_action(&order), "CLOSE");
    assert_string_equal(order.decision_id, "t");
    order = broken("{\"symbol\":\"BTCUSDT\",\"position_size_usd\":9}");
    assert_string_equal(order_action(&order), "");
    assert_string_equal(order.decision_id, "1768824002000-0");
    assert_true(order.size_usd == 9);
    order = broken("{");
    assert_string_equal(order.symbol, "");
    assert_string_equal(order_action(&order), "");
    assert_string_equal(order.decision_id, "");
}

static void documents_that_are_none(void **state)
{
    struct entry crowded = with("\"action\":\"BUY\"");

    (void)state;
    expect_rule(payload("{"), RULE_NOT_JSON);
    expect_rule(payload(""), RULE_NOT_JSON);
    expect_rule(payload("[]"), RULE_NOT_AN_OBJECT);
    expect_rule(payload("{\"a\":1,\"a\":2}"), RULE_DUPLICATE_KEY);
    expect_rule(payload("{\"a\":[[[[[[[[1]]]]]]]]}"), RULE_TOO_DEEP);
    expect_rule(payload("{}"), RULE_SYMBOL);
    for (size_t i = 0; i < ENTRY_FIELDS_MAX; i++)
        entry_add(&crowded, text_of('n', i + 1), "v", 1);
    expect_rule(crowded, RULE_TOO_MANY_FIELDS);
    expect_rule(payload(text_of('x', (64 << 10) + 1)), RULE_VALUE_TOO_LONG);
}

/* What the router writes is what the executor reads. */
static void the_routers_own_intents(void **state)
{
    struct intent intent = {.symbol = "ETHUSDT",
                            .side = SIDE_SELL,
                            .confidence = 0.95,
                            .score = 0.97,
                            .rank = 1,
                            .position_size_usd = 130.0,
                            .base_size_usd = 100.0,
                            .size_boost = 1.3,
                            .leverage = 5,
                            .timestamp_ms = NOW_MS,
                            .signal_id = {1768824000000, 7},
                            .decision_id = "abc",
                            .cycle_id = "e-1",
                            .carried = json_pack("{s:f}", "entry_price", 43000.5)};
    char *text = intent_write(&intent);
    struct order order = must_order(payload(text));

    (void)state;
    assert_string_equal(order.symbol, "ETHUSDT");
    assert_int_equal(order.side, SIDE_SELL);
    assert_true(order.size_usd == 130.0 && order.leverage == 5 && order.entry_price == 43000.5);
    assert_int_equal(order.timestamp_ms, NOW_MS);
    assert_string_equal(order.decision_id, "abc");
    assert_string_equal(order.signal_id, "1768824000000-7");
    free(text);
    intent_release(&intent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_forms_are_read),
        cmocka_unit_test(action_and_side_must_agree),
        cmocka_unit_test(exits),
        cmocka_unit_test(no_exit_is_lost_for_a_number),
        cmocka_unit_test(numbers_that_are_there_must_be_in_range),
        cmocka_unit_test(numbers_are_taken_over),
        cmocka_unit_test(times),
        cmocka_unit_test(an_exit_whose_time_is_none_has_the_entrys),
        cmocka_unit_test(the_entrys_timestamp),
        cmocka_unit_test(ids),
        cmocka_unit_test(an_id_may_be_a_number),
        cmocka_unit_test(what_can_be_read_of_a_broken_one),
        cmocka_unit_test(documents_that_are_none),
        cmocka_unit_test(the_routers_own_intents),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("orders", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* What decides whether an entry is a signal: the order of the reasons, and each required field.
 * What a signal is made of otherwise is in test_signal_details.c. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/support.h"

static struct entry payload(const char *document)
{
    return entry_of("payload", document, NULL);
}

static void expect_all_invalid(const char *key, const char *const *values, size_t count,
                               enum rule rule)
{
    for (size_t i = 0; i < count; i++)
        expect_payload_invalid(document_with(key, values[i]), rule);
}

static void all_three_forms_are_read(void **state)
{
    struct entry forms[] = {
        entry_of("payload", document_with("", NULL), NULL),
        entry_of("data", document_with("", NULL), "source", "x", NULL),
        entry_of("symbol", "BTCUSDT", "action", "BUY", "confidence", "0.9", NULL),
    };

    (void)state;
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct signal *signal = must_read(forms[i]);
        assert_string_equal(signal->symbol, "BTCUSDT");
        assert_int_equal(signal->side, SIDE_BUY);
        assert_true(signal->confidence == 0.9);
        assert_true(signal->position_size_usd == 100.0);
        assert_true(signal->leverage == 1.0);
        assert_int_equal(signal->id.ms, NOW_MS - 1000);
        assert_false(signal->gate_passed);
        assert_false(signal->regime_known);
        signal_free(signal);
    }
}

static void age_counts_before_anything_else(void **state)
{
    struct entry nonsense = payload("nonsense");
    struct entry sound = payload(document_with("", NULL));

    (void)state;
    expect_dropped(entry_born(sound, NOW_MS - 30001), DROP_STALE);
    expect_dropped(entry_born(nonsense, NOW_MS - 30001), DROP_STALE);
    expect_dropped(entry_born(nonsense, 0), DROP_STALE);
    signal_free(must_read(entry_born(sound, NOW_MS - 30000)));
    signal_free(must_read(entry_born(sound, NOW_MS)));
    signal_free(must_read(entry_born(sound, NOW_MS + 30000)));
    expect_invalid(entry_born(sound, NOW_MS + 30001), RULE_FUTURE);
    expect_invalid(entry_born(nonsense, NOW_MS + 30001), RULE_FUTURE);
    expect_invalid(entry_born(sound, INT64_MAX), RULE_FUTURE);
    expect_invalid(entry_born(sound, -1), RULE_FUTURE);
}

static void expect_born(const char *timestamp, int64_t born_ms)
{
    struct signal *signal = must_read_payload(document_with("timestamp", timestamp));

    assert_int_equal(signal->dated_ms, born_ms);
    signal_free(signal);
}

/* The entry is born at NOW_MS - 1000. */
static void the_older_of_id_and_timestamp_counts(void **state)
{
    static const char *const nothing[] = {NULL,           "null",
                                          "\"\"",         "\"yesterday\"",
                                          "true",         "[]",
                                          "NaN",          "-1",
                                          "1768824003",   "1e300",
                                          "946684799999", "\"1999-12-31T23:59:59Z\"",
                                          "12345",        "\"2026-01-19T12:00:02.001Z\""};

    (void)state;
    for (size_t i = 0; i < COUNT(nothing); i++)
        expect_born(nothing[i], NOW_MS - 1000);
    expect_born("\"2026-01-19T11:59:40\"", NOW_MS - 23000);
    expect_born("\"2026-01-19 13:59:40.5+02:00\"", NOW_MS - 22500);
    expect_born("1768823980", NOW_MS - 23000);
    expect_born("\"1768823980.25\"", NOW_MS - 22750);
    expect_born("1768823980250", NOW_MS - 22750);
    expect_dropped(payload(document_with("timestamp", "1768823972.999")), DROP_STALE);
    expect_dropped(payload(document_with("timestamp", "\"2026-01-19T11:00:02\"")), DROP_STALE);
    expect_dropped(entry_of("symbol", "BTCUSDT", "side", "BUY", "confidence", "0.9", "timestamp",
                            "2026-01-19T10:00:00Z", NULL),
                   DROP_STALE);
    signal_free(must_read(
        entry_of("payload", document_with("", NULL), "timestamp", "2026-01-19T10:00:00Z", NULL)));
}

static void by_its_timestamp_it_is_stale_behind_low_confidence(void **state)
{
    struct signal_rules rules = rules_usual();
    struct entry old = payload("{\"symbol\":\"B\",\"confidence\":0.9,\"timestamp\":1768820000}");
    struct signal *signal = NULL;

    (void)state;
    expect_dropped(payload("{\"confidence\":0.1,\"timestamp\":1768820000}"), DROP_LOW_CONFIDENCE);
    expect_payload_invalid("{\"timestamp\":1768820000,\"a\":1,\"a\":1}", RULE_DUPLICATE_KEY);
    struct signal_verdict verdict = read_signal(&rules, &old, &signal);
    assert_int_equal(verdict.drop, DROP_STALE);
    assert_int_equal(verdict.dated_ms, INT64_C(1768820000000));
    assert_int_equal(verdict.behind_ms, NOW_MS - 1000 - INT64_C(1768820000000));
    rules.by_id_alone = true;
    assert_int_equal(read_signal(&rules, &old, &signal).drop, DROP_INVALID);
    old = entry_born(old, NOW_MS - 30001);
    assert_int_equal(read_signal(&rules, &old, &signal).behind_ms, 0);
}

static void staleness_alone(void **state)
{
    (void)state;
    assert_true(signal_is_stale(1000, 31001, 30000));
    assert_false(signal_is_stale(1000, 31000, 30000));
    assert_false(signal_is_stale(INT64_MAX, NOW_MS, 30000));
}

static void bounds_come_before_low_confidence(void **state)
{
    char document[256];

    (void)state;
    (void)snprintf(document, sizeof document, "{\"confidence\":0.1,\"a\":[[[[[[[[1]]]]]]]]}");
    expect_payload_invalid(document, RULE_TOO_DEEP);
    expect_payload_invalid("{\"confidence\":0.1,\"confidence\":0.1}", RULE_DUPLICATE_KEY);
    expect_invalid(entry_of("confidence", "0.1", "note", text_of('x', 4097), NULL),
                   RULE_VALUE_TOO_LONG);
}

static void low_confidence_comes_before_invalid(void **state)
{
    (void)state;
    expect_dropped(payload("{\"confidence\":0.1}"), DROP_LOW_CONFIDENCE);
    expect_dropped(payload("{\"confidence\":\"0.1\",\"side\":null,\"leverage\":-1}"),
                   DROP_LOW_CONFIDENCE);
    expect_dropped(payload("{\"confidence\":0.1,\"side\":\"HOLD\"}"), DROP_LOW_CONFIDENCE);
    expect_dropped(payload("{\"confidence\":0.7499999999,\"side\":\"CLOSE\"}"),
                   DROP_LOW_CONFIDENCE);
    expect_dropped(payload("{\"confidence\":0}"), DROP_LOW_CONFIDENCE);
    expect_dropped(payload("{\"confidence\":-0.0}"), DROP_LOW_CONFIDENCE);
    expect_payload_invalid("{\"confidence\":-0.1}", RULE_SYMBOL);
    signal_free(must_read_payload(document_with("confidence", "0.75")));
    signal_free(must_read_payload(document_with("confidence", "1")));
}

static void low_confidence_says_what_could_be_read(void **state)
{
    struct signal_rules rules = rules_usual();
    struct entry sell = payload("{\"symbol\":\"ltcusdt\",\"side\":\"short\",\"confidence\":0.68}");
    struct entry deep = payload("{\"symbol\":\"ltcusdt\",\"confidence\":0.68,\"more\":{}}");
    struct entry bare = payload("{\"confidence\":0.5}");
    struct signal *none = NULL;

    (void)state;
    rules.explain_low = true;
    struct signal_verdict verdict = read_signal(&rules, &sell, &none);
    assert_int_equal(verdict.drop, DROP_LOW_CONFIDENCE);
    assert_string_equal(verdict.symbol, "LTCUSDT");
    assert_string_equal(verdict.side, "SELL");
    assert_true(verdict.confidence == 0.68);
    assert_string_equal(read_signal(&rules, &deep, &none).symbol, "LTCUSDT");
    verdict = read_signal(&rules, &bare, &none);
    assert_string_equal(verdict.symbol, "?");
    assert_string_equal(verdict.side, "?");
    assert_null(none);
}

static void invalid_comes_before_hold_and_close(void **state)
{
    (void)state;
    expect_dropped(payload(document_with("side", "\"HOLD\"")), DROP_HOLD);
    expect_dropped(payload(document_with("action", "\" hold \"")), DROP_HOLD);
    expect_dropped(payload(document_with("side", "\"CLOSE\"")), DROP_CLOSE);
    expect_dropped(payload(document_with("action", "\"Close\"")), DROP_CLOSE);
    expect_payload_invalid("{\"symbol\":\"X\",\"side\":\"HOLD\",\"confidence\":0.9}", RULE_SYMBOL);
    expect_payload_invalid("{\"symbol\":\"XYZ\",\"side\":\"HOLD\",\"confidence\":1.9}",
                           RULE_CONFIDENCE);
    expect_payload_invalid("{\"symbol\":\"XYZ\",\"side\":\"CLOSE\",\"confidence\":0.9,"
                           "\"position_size_usd\":0}",
                           RULE_SIZE);
    expect_payload_invalid("{\"symbol\":\"XYZ\",\"side\":\"HOLD\",\"confidence\":0.9,"
                           "\"position_size_usd\":0}",
                           RULE_SIZE);
    expect_payload_invalid("{\"symbol\":\"XYZ\",\"side\":\"CLOSE\",\"confidence\":0.9,"
                           "\"leverage\":126}",
                           RULE_LEVERAGE);
}

static enum drop drop_of(const struct signal_rules *rules, const char *document)
{
    struct entry entry = payload(document);
    struct signal *signal = NULL;
    enum drop drop = read_signal(rules, &entry, &signal).drop;

    signal_free(signal);
    return drop;
}

static void of_named_symbols_no_other_passes(void **state)
{
    char ada[] = "ADAUSDT", btc[] = "BTCUSDT", eth[] = "ETHUSDT", *list[] = {ada, btc, eth};
    const struct names named = {list, COUNT(list)}, none = {list, 0};
    struct signal_rules rules = rules_usual();

    (void)state;
    rules.only = &none;
    assert_int_equal(drop_of(&rules, document_with("symbol", "\"XRPUSDT\"")), DROP_NONE);
    rules.only = &named;
    for (size_t i = 0; i < COUNT(list); i++) {
        char symbol[16];
        (void)snprintf(symbol, sizeof symbol, "\"%s\"", list[i]);
        assert_int_equal(drop_of(&rules, document_with("symbol", symbol)), DROP_NONE);
    }
    assert_int_equal(drop_of(&rules, document_with("symbol", "\" btcUsdt \"")), DROP_NONE);
    assert_int_equal(drop_of(&rules, document_with("symbol", "\"BTCUSD\"")), DROP_NOT_LISTED);
    assert_int_equal(drop_of(&rules, document_with("symbol", "\"BTCUSDTX\"")), DROP_NOT_LISTED);
    assert_int_equal(drop_of(&rules, document_with("symbol", "\"AAA\"")), DROP_NOT_LISTED);
    assert_int_equal(drop_of(&rules, document_with("symbol", "\"ZZZ\"")), DROP_NOT_LISTED);
}

#define XRP "{\"symbol\":\"XRPUSDT\",\"confidence\":"

/* Whatever else is told of an entry comes before. */
static void not_listed_comes_last(void **state)
{
    char btc[] = "BTCUSDT", *list[] = {btc};
    const struct names named = {list, COUNT(list)};
    struct signal_rules rules = rules_usual();
    struct entry sell = payload(XRP "0.9,\"side\":\"short\"}");
    struct signal *none = NULL;

    (void)state;
    rules.only = &named;
    assert_int_equal(drop_of(&rules, XRP "0.1}"), DROP_LOW_CONFIDENCE);
    assert_int_equal(drop_of(&rules, XRP "0.9,\"timestamp\":1768820000}"), DROP_STALE);
    assert_int_equal(drop_of(&rules, XRP "0.9}"), DROP_INVALID);
    assert_int_equal(drop_of(&rules, XRP "0.9,\"side\":\"HOLD\"}"), DROP_HOLD);
    assert_int_equal(drop_of(&rules, XRP "0.9,\"side\":\"CLOSE\"}"), DROP_CLOSE);
    struct signal_verdict verdict = read_signal(&rules, &sell, &none);
    assert_int_equal(verdict.drop, DROP_NOT_LISTED);
    assert_string_equal(verdict.symbol, "XRPUSDT");
    assert_string_equal(verdict.side, "SELL");
    assert_true(verdict.confidence == 0.9);
    assert_null(none);
}

static void symbols_are_trimmed_and_upper_cased(void **state)
{
    static const char *const good[][2] = {
        {"\"btcusdt\"", "BTCUSDT"},
        {"\" BtcUsdt\\n\"", "BTCUSDT"},
        {"\"abc\"", "ABC"},
        {"\"1000_PEPE-usd\"", "1000_PEPE-USD"},
        {"\"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345\"", "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"},
    };
    static const char *const wrong[] = {
        NULL,
        "null",
        "3",
        "true",
        "[]",
        "\"\"",
        "\"   \"",
        "\"AB\"",
        "\" AB \"",
        "\"BTC\\nUSDT\"",
        "\"BTC USDT\"",
        "\"BTC/USDT\"",
        "\"BTCÜ\"",
        "\"BTC{\"",
        "\"BTC`\"",
        "\"BTC.P\"",
        "\"BTC:USDT\"",
        "\"BTC@\"",
        "\"BTC[\"",
        "\"BTC\\u001b[31m\"",
        "\"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456\"",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        struct signal *signal = must_read_payload(document_with("symbol", good[i][0]));
        assert_string_equal(signal->symbol, good[i][1]);
        signal_free(signal);
    }
    expect_all_invalid("symbol", wrong, COUNT(wrong), RULE_SYMBOL);
}

static void words_for_the_side(void **state)
{
    static const struct {
        const char *word;
        enum side side;
    } good[] = {
        {"\"BUY\"", SIDE_BUY},    {"\"sell\"", SIDE_SELL},   {"\"Long\"", SIDE_BUY},
        {"\"SHORT\"", SIDE_SELL}, {"\" buy\\t\"", SIDE_BUY}, {"\"\\n SeLL \"", SIDE_SELL},
    };
    static const char *const wrong[] = {NULL,       "null",     "1",    "\"\"", "\"B\"",
                                        "\"BUYS\"", "\"BU Y\"", "true", "{}"};
    char document[128];

    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        struct signal *by_action = must_read_payload(document_with("action", good[i].word));
        (void)snprintf(document, sizeof document,
                       "{\"symbol\":\"BTCUSDT\",\"confidence\":0.9,\"side\":%s}", good[i].word);
        struct signal *by_side = must_read_payload(document);
        assert_int_equal(by_action->side, good[i].side);
        assert_int_equal(by_side->side, good[i].side);
        signal_free(by_action);
        signal_free(by_side);
    }
    expect_all_invalid("action", wrong, COUNT(wrong), RULE_SIDE);
    assert_string_equal(side_name(SIDE_BUY), "BUY");
    assert_string_equal(side_name(SIDE_SELL), "SELL");
}

/* The sound document has an action BUY beside it. What each word says is in test_direction.c. */
static void side_and_action_must_agree(void **state)
{
    static const char *const wrong[] = {"\"SELL\"", "0", "\"flux\"", "[]"};

    (void)state;
    expect_all_invalid("side", wrong, COUNT(wrong), RULE_SIDE);
    signal_free(must_read_payload(document_with("side", "null")));
    signal_free(must_read(
        entry_of("symbol", "BTCUSDT", "side", "", "action", "BUY", "confidence", "0.9", NULL)));
}

static void confidences_that_are_none(void **state)
{
    static const char *const wrong[] = {
        NULL,         "null",     "true",     "95",        "1.0000001", "-0.1",     "[]",
        "\"\"",       "\"0x1\"",  "\"95\"",   "\"NaN\"",   "\"nan\"",   "\"inf\"",  "\"Infinity\"",
        "\" 0.9\"",   "\"0.9 \"", "\"0.9x\"", "\"1e999\"", "\"0,9\"",   "\"-0.1\"", "\".\"",
        "\"0.9\\n\"", "\"1e\"",   "\"--1\"",  "\"+\"",     "1e300",
    };

    (void)state;
    expect_all_invalid("confidence", wrong, COUNT(wrong), RULE_CONFIDENCE);
    expect_payload_invalid(document_with("confidence", "NaN"), RULE_CONFIDENCE);
    expect_payload_invalid(document_with("confidence", "\t-Infinity"), RULE_CONFIDENCE);
    expect_payload_invalid(document_with("confidence", "1e999"), RULE_NOT_JSON);
}

static void confidences_in_texts(void **state)
{
    static const char *const good[] = {"\"0.9\"", "\"+0.9\"", "\".9\"",     "\"9e-1\"",
                                       "\"1.\"",  "\"1\"",    "\"009e-1\"", "\"90.0E-2\""};

    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        struct signal *signal = must_read_payload(document_with("confidence", good[i]));
        assert_true(signal->confidence >= 0.9 && signal->confidence <= 1.0);
        signal_free(signal);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_three_forms_are_read),
        cmocka_unit_test(age_counts_before_anything_else),
        cmocka_unit_test(the_older_of_id_and_timestamp_counts),
        cmocka_unit_test(by_its_timestamp_it_is_stale_behind_low_confidence),
        cmocka_unit_test(staleness_alone),
        cmocka_unit_test(bounds_come_before_low_confidence),
        cmocka_unit_test(low_confidence_comes_before_invalid),
        cmocka_unit_test(low_confidence_says_what_could_be_read),
        cmocka_unit_test(invalid_comes_before_hold_and_close),
        cmocka_unit_test(of_named_symbols_no_other_passes),
        cmocka_unit_test(not_listed_comes_last),
        cmocka_unit_test(symbols_are_trimmed_and_upper_cased),
        cmocka_unit_test(words_for_the_side),
        cmocka_unit_test(side_and_action_must_agree),
        cmocka_unit_test(confidences_that_are_none),
        cmocka_unit_test(confidences_in_texts),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("signal", tests, NULL, NULL);
}

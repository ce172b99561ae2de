/* SPDX-License-Identifier: MIT */
/* From an entry to the intent that a plan makes of it. */
#include <stdlib.h>
#include <string.h>

#include "router/decide/plan.h"
#include "tests/unit/support.h"

/* The intent of the only candidate of a cycle in which everything is free. */
static struct intent intent_by(bool carries_quantity, struct signal *signal)
{
    struct plan_rules rules = plan_rules_usual();
    struct window window = window_of(signal, NULL);

    rules.carries_quantity = carries_quantity;
    struct intent intent = lone_intent(rules, &window, NOW_MS + 250);
    window_clear(&window);
    return intent;
}

static struct intent intent_of(struct signal *signal)
{
    return intent_by(false, signal);
}

static void expect_quantity(struct intent *intent, double wanted)
{
    assert_true(json_real_value(json_object_get(intent->carried, "quantity")) == wanted);
    intent_release(intent);
}

static void a_signal_becomes_an_intent(void **state)
{
    struct intent intent = intent_of(must_read(entry_of(
        "payload",
        "{\"symbol\":\"btcusdt\",\"side\":\"short\",\"confidence\":0.95,\"leverage\":2.5,"
        "\"position_size_usd\":\"200\",\"rl_gate_pass\":true,\"model\":\"m-1\"}",
        "correlation_id", "c-1", "timestamp", "2026-01-19T12:00:01Z", "source", "engine", NULL)));

    (void)state;
    assert_string_equal(intent.symbol, "BTCUSDT");
    assert_int_equal(intent.side, SIDE_SELL);
    assert_true(intent.confidence == 0.95 && intent.leverage == 2.5);
    assert_true(intent.score > 0.9699 && intent.score < 0.9701);
    assert_int_equal(intent.rank, 1);
    assert_true(intent.position_size_usd == 260.0 && intent.base_size_usd == 200.0);
    assert_true(intent.size_boost == 1.3);
    assert_int_equal(intent.timestamp_ms, NOW_MS + 250);
    assert_int_equal(intent.signal_id.ms, NOW_MS - 1000);
    assert_string_equal(intent.decision_id, "c-1");
    assert_string_equal(intent.signal_timestamp, "2026-01-19T12:00:01Z");
    assert_string_equal(intent.signal_source, "engine");
    assert_string_equal(intent.cycle_id, "cycle-1");
    assert_int_equal(json_object_size(intent.carried), 1);
    intent_release(&intent);
}

static void what_a_signal_had_not_is_empty(void **state)
{
    struct intent intent = intent_of(must_read_payload(document_with("", NULL)));

    (void)state;
    assert_string_equal(intent.signal_timestamp, "");
    assert_string_equal(intent.signal_source, "");
    assert_string_equal(intent.decision_id, "1768824002000-0");
    assert_int_equal(json_object_size(intent.carried), 0);
    intent_release(&intent);
}

static void the_longest_texts_fit(void **state)
{
    struct intent intent = intent_of(must_read(
        entry_of("payload", document_with("symbol", "\"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345\""),
                 "correlation_id", text_of('c', 128), "timestamp", text_of('t', 256), "source",
                 text_of('s', 256), NULL)));

    (void)state;
    assert_int_equal(strlen(intent.symbol), 32);
    assert_string_equal(intent.decision_id, text_of('c', 128));
    assert_string_equal(intent.signal_timestamp, text_of('t', 256));
    assert_string_equal(intent.signal_source, text_of('s', 256));
    intent_release(&intent);
}

static void the_quantity_goes_with_the_size(void **state)
{
    struct intent plain = intent_by(true, must_read_payload(document_with("quantity", "0.5")));
    struct intent whole = intent_by(true, must_read_payload(document_with("quantity", "2")));
    struct intent text = intent_by(true, must_read_payload(document_with("quantity", "\"0.001\"")));
    struct signal *large = must_read_payload(document_with("quantity", "0.4"));

    (void)state;
    expect_quantity(&plain, 0.65);
    expect_quantity(&whole, 2.6);
    expect_quantity(&text, 0.0013);
    large->position_size_usd = 8000.0;
    struct intent clamped = intent_by(true, large);
    assert_true(clamped.position_size_usd == 10000.0 && clamped.size_boost == 1.25);
    expect_quantity(&clamped, 0.5);
}

/* What is too much of it is cut off before the boost, and after it. */
static void the_quantity_goes_with_a_size_that_was_clamped_where_it_was_read(void **state)
{
    struct signal *signal =
        must_read_payload("{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"confidence\":0.95,"
                          "\"position_size_usd\":12500,\"quantity\":\"0.3\"}");
    struct intent intent = intent_by(true, signal);

    (void)state;
    assert_true(intent.position_size_usd == 10000.0 && intent.base_size_usd == 10000.0);
    assert_true(intent.size_boost == 1);
    expect_quantity(&intent, 0.24);
}

/* Whether it is coins or dollars, nobody knows. */
static void a_quantity_of_unknown_unit_is_not_carried(void **state)
{
    static const char *const quantities[] = {"0.5", "\"0.001\"", "1e15"};

    (void)state;
    for (size_t i = 0; i < COUNT(quantities); i++) {
        struct intent intent =
            intent_of(must_read_payload(document_with("quantity", quantities[i])));
        assert_int_equal(json_object_size(intent.carried), 0);
        intent_release(&intent);
    }
}

static void a_quantity_that_scales_out_of_bounds_is_left_out(void **state)
{
    static const char *const extreme[] = {"1e15", "1e-9"};

    (void)state;
    for (size_t i = 0; i < COUNT(extreme); i++) {
        struct intent intent =
            intent_by(true, must_read_payload(document_with("quantity", extreme[i])));
        assert_null(json_object_get(intent.carried, "quantity"));
        intent_release(&intent);
    }
}

/* The same signal may be decided twice, when a commit was refused. */
static void the_signal_itself_keeps_its_quantity(void **state)
{
    struct signal *signal = must_read_payload(document_with("quantity", "0.5"));
    json_t *carried = json_incref(signal->carried);
    struct intent intent = intent_by(true, signal);

    (void)state;
    assert_true(json_real_value(json_object_get(carried, "quantity")) == 0.5);
    json_decref(carried);
    intent_release(&intent);
}

/* No signal can make the router write a field of its own. */
static void a_signal_sets_no_other_field(void **state)
{
    struct intent intent = intent_of(must_read_payload(
        "{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"confidence\":0.9,\"rank\":9,\"score\":9,"
        "\"size_boost\":9,\"v\":9,\"cycle_id\":\"9\",\"decision_id\":\"9\",\"signal_id\":\"9-9\","
        "\"base_size_usd\":9,\"signal_source\":\"9\",\"signal_timestamp\":\"9\"}"));
    char *text = intent_write(&intent);

    (void)state;
    assert_null(strstr(text, ":9,"));
    assert_null(strstr(text, "\"9"));
    free(text);
    intent_release(&intent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signal_becomes_an_intent),
        cmocka_unit_test(what_a_signal_had_not_is_empty),
        cmocka_unit_test(the_longest_texts_fit),
        cmocka_unit_test(the_quantity_goes_with_the_size),
        cmocka_unit_test(the_quantity_goes_with_a_size_that_was_clamped_where_it_was_read),
        cmocka_unit_test(a_quantity_of_unknown_unit_is_not_carried),
        cmocka_unit_test(a_quantity_that_scales_out_of_bounds_is_left_out),
        cmocka_unit_test(the_signal_itself_keeps_its_quantity),
        cmocka_unit_test(a_signal_sets_no_other_field),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("plan_intent", tests, NULL, NULL);
}

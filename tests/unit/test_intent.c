/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "tests/unit/intent_reader.h"
#include "tests/unit/support.h"

static struct intent intent_usual(void)
{
    return (struct intent){
        .symbol = "BTCUSDT",
        .side = SIDE_SELL,
        .confidence = 0.95,
        .score = 0.97,
        .rank = 1,
        .position_size_usd = 110.0,
        .base_size_usd = 100.0,
        .size_boost = 1.1,
        .leverage = 2.5,
        .timestamp_ms = 1768824003250,
        .signal_id = {1768824000000, 7},
        .decision_id = "c-1",
        .cycle_id = "cycle-1",
        .carried = json_pack("{s:f, s:s}", "entry_price", 0.1, "model", "ü"),
    };
}

static char *written(struct intent intent)
{
    char *text = intent_write(&intent);

    intent_release(&intent);
    assert_null(intent.carried);
    return text;
}

/* The usual intent's text with one key set to a JSON value, or taken out. */
static char *changed(const char *key, const char *json)
{
    char *text = written(intent_usual());
    json_t *object = json_loads(text, 0, NULL);

    free(text);
    if (json)
        json_object_set_new(object, key, json_loads(json, JSON_DECODE_ANY, NULL));
    else
        json_object_del(object, key);
    text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    return text;
}

static void expect_changed_refused(const char *key, const char *json)
{
    struct intent intent = {.rank = 77};
    char *text = changed(key, json);

    if (intent_read(text, strlen(text), &intent))
        fail_msg("%s = %s is read", key, json ? json : "(absent)");
    assert_int_equal(intent.rank, 77);
    free(text);
}

static void an_intent_is_written_to_the_letter(void **state)
{
    char *text = written(intent_usual());

    (void)state;
    assert_string_equal(
        text, "{\"v\":1,\"symbol\":\"BTCUSDT\",\"action\":\"SELL\",\"side\":\"SELL\","
              "\"confidence\":0.95,\"score\":0.97,\"rank\":1,\"position_size_usd\":110.0,"
              "\"base_size_usd\":100.0,\"size_boost\":1.1,\"leverage\":2.5,"
              "\"timestamp\":\"2026-01-19T12:00:03.250Z\",\"source\":\"ai_strategy_router\","
              "\"signal_id\":\"1768824000000-7\",\"decision_id\":\"c-1\",\"cycle_id\":\"cycle-1\","
              "\"entry_price\":0.1,\"model\":\"ü\"}");
    free(text);
}

static void the_signals_own_texts_are_written_when_it_had_them(void **state)
{
    struct intent intent = intent_usual();
    struct intent read;

    (void)state;
    memcpy(intent.signal_timestamp, "now", 4);
    memcpy(intent.signal_source, "engine", 7);
    char *text = written(intent);
    assert_non_null(strstr(text, "\"signal_timestamp\":\"now\",\"signal_source\":\"engine\""));
    assert_true(intent_read(text, strlen(text), &read));
    assert_string_equal(read.signal_timestamp, "now");
    assert_string_equal(read.signal_source, "engine");
    intent_release(&read);
    free(text);
}

static void numbers_have_no_float_noise(void **state)
{
    struct intent intent = intent_usual();

    (void)state;
    intent.position_size_usd = 100.0 * 1.1;
    intent.score = 0.1 + 0.2;
    intent.size_boost = 1.0 + 1e-16;
    char *text = written(intent);
    assert_non_null(strstr(text, "\"position_size_usd\":110.0,"));
    assert_non_null(strstr(text, "\"score\":0.3,"));
    assert_non_null(strstr(text, "\"size_boost\":1.0,"));
    free(text);
}

static void what_is_written_reads_back(void **state)
{
    struct intent read;
    char *text = written(intent_usual());

    (void)state;
    assert_true(intent_read(text, strlen(text), &read));
    assert_string_equal(read.symbol, "BTCUSDT");
    assert_int_equal(read.side, SIDE_SELL);
    assert_int_equal(read.rank, 1);
    assert_int_equal(read.timestamp_ms, 1768824003250);
    assert_int_equal(read.signal_id.ms, 1768824000000);
    assert_int_equal(read.signal_id.sequence, 7);
    assert_string_equal(read.signal_timestamp, "");
    assert_int_equal(json_object_size(read.carried), 2);
    char *again = written(read);
    assert_string_equal(again, text);
    free(again);
    free(text);
}

static void every_required_field_is_missed(void **state)
{
    static const char *const required[] = {"v",
                                           "symbol",
                                           "action",
                                           "confidence",
                                           "score",
                                           "rank",
                                           "leverage",
                                           "timestamp",
                                           "source",
                                           "signal_id",
                                           "position_size_usd",
                                           "size_boost",
                                           "cycle_id",
                                           "decision_id",
                                           "base_size_usd"};

    (void)state;
    for (size_t i = 0; i < COUNT(required); i++) {
        expect_changed_refused(required[i], NULL);
        expect_changed_refused(required[i], "null");
        expect_changed_refused(required[i], "[]");
        expect_changed_refused(required[i], "true");
    }
}

static void shapes_that_are_refused(void **state)
{
    static const char *const wrong[][2] = {
        {"v", "2"},
        {"v", "\"1\""},
        {"action", "\"buy\""},
        {"action", "\"\""},
        {"action", "\"HOLD\""},
        {"action", "\"BUYBUYBUY\""},
        {"rank", "0"},
        {"rank", "-1"},
        {"rank", "1e7"},
        {"symbol", "\"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456\""},
        {"timestamp", "\"yesterday\""},
        {"timestamp", "\"\""},
        {"signal_id", "\"7\""},
        {"signal_id", "\"a-b\""},
        {"source", "\"ai_strategy_router_of_another_kind\""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++)
        expect_changed_refused(wrong[i][0], wrong[i][1]);
}

static void what_is_no_object_is_refused(void **state)
{
    static const char *const wrong[] = {"", "nonsense", "[]", "{}", "null", "{\"v\":1,\"v\":1}"};
    struct intent intent;

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_false(intent_read(wrong[i], strlen(wrong[i]), &intent));
}

static void an_older_writer_without_side_is_read(void **state)
{
    struct intent read;
    char *text = changed("side", NULL);

    (void)state;
    assert_true(intent_read(text, strlen(text), &read));
    assert_int_equal(read.side, SIDE_SELL);
    intent_release(&read);
    free(text);
}

/* What the router writes is exactly what no signal may. */
static void all_that_is_written_is_reserved(void **state)
{
    struct intent intent = intent_usual();
    const char *name;
    json_t *value;
    size_t count = 0;

    (void)state;
    json_object_clear(intent.carried);
    memcpy(intent.signal_timestamp, "t", 2);
    memcpy(intent.signal_source, "s", 2);
    char *text = written(intent);
    json_t *object = json_loads(text, 0, NULL);
    json_object_foreach(object, name, value)
    {
        assert_true(intent_reserves(name));
        count++;
    }
    assert_int_equal(count, 18);
    assert_false(intent_reserves("model"));
    assert_false(intent_reserves("quantity"));
    assert_false(intent_reserves(""));
    json_decref(object);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_intent_is_written_to_the_letter),
        cmocka_unit_test(the_signals_own_texts_are_written_when_it_had_them),
        cmocka_unit_test(numbers_have_no_float_noise),
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(every_required_field_is_missed),
        cmocka_unit_test(shapes_that_are_refused),
        cmocka_unit_test(what_is_no_object_is_refused),
        cmocka_unit_test(an_older_writer_without_side_is_read),
        cmocka_unit_test(all_that_is_written_is_reserved),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("intent", tests, NULL, NULL);
}

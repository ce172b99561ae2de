/* SPDX-License-Identifier: MIT */
#include "router/act/commit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "tests/unit/replies.h"
#include "tests/unit/settings_sample.h"
#include "tests/unit/support.h"

static const struct script script = {.source = "", .hash = "abc"};

static struct snapshot snapshot_of(const char *open_seen, int64_t open)
{
    static char none[] = "00000000", held[] = "--------", super_times[] = "1768824002999",
                days[] = "20260119:4", minutes[] = "1768823941999:9 1768824002999:1";
    static struct held_value values[8];
    struct snapshot snapshot = {.now_ms = NOW_MS,
                                .capacity = {.open = {OPEN_ORDERS_KNOWN, open}},
                                .open_seen_length = strlen(open_seen),
                                .epoch = "e7",
                                .sequence = 41,
                                .marked = none,
                                .cooling = none,
                                .held = held,
                                .held_values = values,
                                .intents_end = {1768824002000, 7},
                                .super_times = super_times,
                                .day_counts = days,
                                .minute_counts = minutes};

    memcpy(snapshot.open_seen, open_seen, strlen(open_seen));
    return snapshot;
}

static const struct record *record; /* NULL: none is written */

/* The command for what is decided of this window, as Redis hears it. */
static redisReply *command_by(const struct router_settings *settings,
                              const struct snapshot *snapshot, const struct window *window,
                              struct plan *ret_plan)
{
    struct commit commit = {.script = &script,
                            .settings = settings,
                            .snapshot = snapshot,
                            .window = window,
                            .plan = ret_plan,
                            .cycle_id = "cycle-1",
                            .lease = "host:token",
                            .record = record,
                            .records_end = "1768824002999-1",
                            .records_max = 10922};
    struct command command;

    plan_make(&settings->plan, snapshot, window, ret_plan);
    commit_command(&commit, &command);
    return heard(&command);
}

static redisReply *command_of(const struct snapshot *snapshot, const struct window *window,
                              struct plan *ret_plan)
{
    struct plan_rules rules = plan_rules_usual();
    struct router_settings settings = settings_sample(&rules);

    return command_by(&settings, snapshot, window, ret_plan);
}

static struct trace trace_of(const char *bytes, size_t length)
{
    return (struct trace){memory_bytes(bytes, length), length};
}

/* The element is the payload of that choice. */
static void expect_payload(const redisReply *words, size_t at, const struct plan *plan,
                           const struct window *window, size_t choice)
{
    struct intent intent;

    plan_intent(plan, window, choice, NOW_MS, "cycle-1", &intent);
    char *payload = intent_write(&intent);
    expect_element(words, at, payload);
    free(payload);
    intent_release(&intent);
}

static void expect_from(const redisReply *words, size_t at, const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (texts[i])
            expect_element(words, at + i, texts[i]);
}

#define EXPECT_FROM(words, at, ...)                                                                \
    expect_from(words, at, (const char *const[]){__VA_ARGS__},                                     \
                COUNT(((const char *const[]){__VA_ARGS__})))

static void writes_a_plan(void **state)
{
    struct signal *best = signal_of("BTCUSDT", 0.95, NOW_MS);
    struct signal *second = signal_of("ETHUSDT", 0.85, NOW_MS - 1);
    struct signal *third = signal_of("SOLUSDT", 0.80, NOW_MS - 2);
    struct snapshot snapshot = snapshot_of("text:1", 1);
    struct plan plan;

    (void)state;
    snapshot.held_values[1] = (struct held_value){"SELL 2"};
    best->trace_id = trace_of("t\0\xff", 3);
    best->correlation_id = trace_of("c-1", 3);
    struct window window = window_of(best, second, third, NULL);
    redisReply *words = command_of(&snapshot, &window, &plan);
    assert_int_equal(plan.chosen, 2);
    EXPECT_FROM(words, 0, "EVALSHA", "abc", "10", "signals", "intents", "open", "safe",
                "daily:20260119", "commit", "leader", "positions", "dedup:1768824003000-0",
                "dedup:1768824002999-0");
    EXPECT_FROM(words, 13, "router", "host:token", "e7", "41", "text:1", "0", "63", "cycle-1",
                "300", "1768867200", "10000", "2", "0", "executor", "600000", "11", "0", "", "2",
                "", "20260119:2", "", "0", "1768824032999", "300000", "", "1768824002000-7", "1",
                "no", "0", "", "0", "BTCUSDT", "", "ETHUSDT", "SELL 2", "12");
    EXPECT_FROM(words, 49, "12", "event_type", "trade.intent", "payload", NULL, "timestamp",
                "2026-01-19T12:00:03.000Z", "source", "ai_strategy_router", "trace_id", NULL,
                "correlation_id", "c-1");
    expect_payload(words, 53, &plan, &window, 0);
    assert_int_equal(words->element[59]->len, 3);
    assert_memory_equal(words->element[59]->str, "t\0\xff", 3);
    EXPECT_FROM(words, 62, "8", "event_type", "trade.intent", "payload", NULL);
    expect_payload(words, 66, &plan, &window, 1);
    expect_texts(words, 67, "timestamp", "2026-01-19T12:00:03.000Z", "source", "ai_strategy_router",
                 "1768824003000-0", "1768824002999-0", "1768824002998-0", NULL);
    freeReplyObject(words);
    plan_release(&plan);
    window_clear(&window);
}

/* Nothing to publish: the ACKs alone, under the same fence. */
static void writes_a_plan_that_publishes_nothing(void **state)
{
    struct snapshot snapshot = snapshot_of("text:10", 10);
    struct window window = window_of(signal_of("BTCUSDT", 0.8, NOW_MS), NULL);
    struct plan plan;

    (void)state;
    snapshot.safe_mode = true;
    redisReply *words = command_of(&snapshot, &window, &plan);
    assert_int_equal(plan.chosen, 0);
    expect_texts(words, 0, "EVALSHA", "abc", "7", "signals", "intents", "open", "safe",
                 "daily:20260119", "commit", "leader", "router", "host:token", "e7", "41",
                 "text:10", "1", "63", "cycle-1", "300", "1768867200", "10000", "0", "0",
                 "executor", "600000", "11", "0", "", "0", "", "20260119:0", "", "0", "", "300000",
                 "", "1768824002000-7", "0", "no", "0", "", "0", "1768824003000-0", NULL);
    freeReplyObject(words);
    plan_release(&plan);
    window_clear(&window);
}

/* Value by value, between the limits and the intents; its stream is the first key that there may
 * be.
 */
static void writes_the_record(void **state)
{
    static char texts[RECORD_FIELD_COUNT][8];
    struct plan_rules rules = plan_rules_usual();
    struct router_settings settings = settings_sample(&rules);
    struct snapshot snapshot = snapshot_of("text:1", 1);
    struct window window = window_of(signal_of("BTC", 0.95, NOW_MS), NULL);
    struct record written;
    struct plan plan;

    (void)state;
    for (size_t field = 0; field < RECORD_FIELD_COUNT; field++) {
        (void)snprintf(texts[field], sizeof texts[field], "t%zu", field);
        written.text[field] = texts[field];
    }
    record = &written;
    redisReply *words = command_by(&settings, &snapshot, &window, &plan);
    EXPECT_FROM(words, 2, "10", NULL, NULL, NULL, NULL, NULL, NULL, "leader", "decisions",
                "positions", "dedup:1768824003000-0", "router");
    EXPECT_FROM(words, 41, "may", "10922", "1768824002999-1", "15", "t0", "t1", "t2", "t3", "t4",
                "t5", "t6", "t7", "t8", "t9", "t10", "t11", "t12", "t13", "t14", "BTC", "", "8",
                "event_type");
    freeReplyObject(words);
    plan_release(&plan);
    settings.record_required = true;
    words = command_by(&settings, &snapshot, &window, &plan);
    expect_element(words, 41, "must");
    freeReplyObject(words);
    plan_release(&plan);
    window_clear(&window);
    record = NULL;
}

/* A cooldown for each intent, behind the marks; and the limits as the decision took them. */
static void writes_the_limits(void **state)
{
    struct plan_rules rules = plan_rules_usual();
    struct router_settings settings = settings_sample(&rules);
    struct snapshot snapshot = snapshot_of("text:3", 3);
    struct window window =
        window_of(signal_of("BTC", 0.95, NOW_MS), signal_of("ETH", 0.92, NOW_MS - 1), NULL);
    struct plan plan;

    (void)state;
    settings.cooldown_sec = 60;
    settings.plan.has_cooldown = true;
    settings.plan.capacity.max_daily = 200;
    settings.plan.capacity.supers_per_hour = 5;
    settings.plan.capacity.max_per_minute = 40;
    snapshot.capacity.in_flight = 4;
    snapshot.capacity.published_since = 7;
    redisReply *words = command_by(&settings, &snapshot, &window, &plan);
    assert_int_equal(plan.chosen, 2);
    EXPECT_FROM(words, 2, "12", NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                "cool:BTC", "cool:ETH", "router", "host:token", "e7", "41", "text:3", "0", "63",
                "cycle-1", "300", "1768867200", "10000", "2", "60", "executor", "600000", "11", "4",
                "200", "9", "1768824002999 1768824003000 1768824003000", "20260119:2",
                "1768824002999:1 1768824003000:2", "0", "1768824032999", "300000", "", NULL, "1",
                "no", "0", "", "0", "BTC", NULL, "ETH", NULL, "8");
    freeReplyObject(words);
    plan_release(&plan);
    snapshot.capacity.in_flight = -1;
    words = command_by(&settings, &snapshot, &window, &plan);
    expect_element(words, 31, "0");
    freeReplyObject(words);
    plan_release(&plan);
    window_clear(&window);
}

/* When what is stale became so, the youngest; and until when what is chosen is not, the oldest. */
static void writes_when_the_ages_hold(void **state)
{
    struct snapshot snapshot = snapshot_of("text:1", 1);
    struct window window =
        window_of(signal_of("A", 0.95, NOW_MS - 29000), signal_of("B", 0.94, NOW_MS - 30000),
                  signal_of("C", 0.93, NOW_MS - 31000), signal_of("D", 0.92, NOW_MS - 32000), NULL);
    struct plan plan;

    (void)state;
    redisReply *words = command_of(&snapshot, &window, &plan);
    assert_int_equal(plan.chosen, 2);
    EXPECT_FROM(words, 35, "1768824002000", "1768824003000", "300000");
    freeReplyObject(words);
    plan_release(&plan);
    window_clear(&window);
}

/* What was seen may be any bytes, and no epoch is an empty one. */
static void hands_on_what_was_seen(void **state)
{
    struct snapshot snapshot = snapshot_of("", 0);
    struct window window = {0};
    struct plan plan;

    (void)state;
    memcpy(snapshot.open_seen, "text:\0\n", 7);
    snapshot.open_seen_length = 7;
    snapshot.capacity.open.kind = OPEN_ORDERS_UNPARSEABLE;
    snapshot.epoch[0] = '\0';
    redisReply *words = command_of(&snapshot, &window, &plan);
    assert_int_equal(words->elements, 42);
    expect_element(words, 12, "");
    assert_int_equal(words->element[14]->len, 7);
    assert_memory_equal(words->element[14]->str, "text:\0\n", 7);
    freeReplyObject(words);
    plan_release(&plan);
}

static void expect_answer(redisReply *reply, enum commit_outcome outcome, const char *what)
{
    char untouched[] = "untouched";
    char *ids = untouched;
    struct commit_answer answer;

    commit_read(reply, &answer, &ids);
    assert_int_equal(answer.outcome, outcome);
    assert_string_equal(answer.what, what);
    assert_ptr_equal(ids, untouched);
    if (reply)
        freeReplyObject(reply);
}

static void reads_refusals(void **state)
{
    (void)state;
    expect_answer(reply_of_texts("moved", "open orders", NULL), COMMIT_MOVED, "open orders");
    expect_answer(reply_of_texts("fenced", "epoch", NULL), COMMIT_FENCED, "epoch");
    expect_answer(reply_of_texts("blocked", "intents is a list, not a stream", NULL),
                  COMMIT_BLOCKED, "intents is a list, not a stream");
    expect_answer(reply_of("-OOM command not allowed\r\n"), COMMIT_BLOCKED,
                  "OOM command not allowed");
    expect_answer(NULL, COMMIT_UNKNOWN, "the connection was lost");
}

static void refuses_odd_shapes(void **state)
{
    static const char odd[] = "Redis sent a reply of an unexpected shape";

    (void)state;
    expect_answer(reply_of("*0\r\n"), COMMIT_BLOCKED, odd);
    expect_answer(reply_of("*-1\r\n"), COMMIT_BLOCKED, odd);
    expect_answer(reply_of("$-1\r\n"), COMMIT_BLOCKED, odd);
    expect_answer(reply_of("+done\r\n"), COMMIT_BLOCKED, odd);
    expect_answer(reply_of(":1\r\n"), COMMIT_BLOCKED, odd);
    expect_answer(reply_of("*1\r\n:1\r\n"), COMMIT_BLOCKED, odd);
    expect_answer(reply_of("*2\r\n+doner\r\n:1\r\n"), COMMIT_BLOCKED, odd);
    expect_answer(reply_of("*1\r\n+moved\r\n"), COMMIT_MOVED, odd);
    expect_answer(reply_of("*2\r\n+fenced\r\n*0\r\n"), COMMIT_FENCED, odd);
    expect_answer(reply_of("*2\r\n*0\r\n+x\r\n"), COMMIT_BLOCKED, "x");
}

static void cuts_what_refused(void **state)
{
    struct commit_answer answer;

    (void)state;
    expect_answer(reply_of_texts("blocked", text_of('x', 1000), NULL), COMMIT_BLOCKED,
                  text_of('x', sizeof answer.what - 1));
    char *error = memory_format("-%s\r\n", text_of('y', 1000));
    expect_answer(reply_of(error), COMMIT_BLOCKED, text_of('y', sizeof answer.what - 1));
    free(error);
}

static void expect_done(redisReply *reply, const char *expected)
{
    struct commit_answer answer;
    char *ids;

    commit_read(reply, &answer, &ids);
    assert_int_equal(answer.outcome, COMMIT_DONE);
    assert_string_equal(answer.what, "");
    assert_string_equal(ids, expected);
    free(ids);
    freeReplyObject(reply);
}

static void reads_what_was_done(void **state)
{
    static const char longest[] = "18446744073709551615-18446744073709551615";

    (void)state;
    expect_done(reply_of_texts("done", NULL), "");
    expect_done(reply_of_texts("done", "", "", NULL), "");
    expect_done(reply_of_texts("done", "9-0", "", "1-0", NULL), "1-0");
    expect_done(reply_of_texts("done", "", "forbidden", "1-0", "2-7", NULL), "1-0 2-7");
    expect_done(reply_of_texts("done", "", "", longest, longest, NULL),
                "18446744073709551615-18446744073709551615 "
                "18446744073709551615-18446744073709551615");
    expect_done(reply_of_texts("done", "", "", "x", "2-7", "", "3-0", NULL), "2-7 3-0");
    expect_done(reply_of("*5\r\n+done\r\n+\r\n+\r\n:1\r\n+5-5\r\n"), "5-5");
}

static void expect_recorded(redisReply *reply, enum recorded recorded, uint64_t ms)
{
    struct commit_answer answer;
    char *ids;

    commit_read(reply, &answer, &ids);
    assert_int_equal(answer.outcome, COMMIT_DONE);
    assert_int_equal(answer.record, recorded);
    assert_int_equal(answer.record_id.ms, ms);
    free(ids);
    freeReplyObject(reply);
}

static void reads_what_became_of_the_record(void **state)
{
    (void)state;
    expect_recorded(reply_of_texts("done", "9-0", "", NULL), RECORDED, 9);
    expect_recorded(reply_of_texts("done", "9-0", "alone", "1-0", NULL), RECORDED_ALONE, 9);
    expect_recorded(reply_of_texts("done", "", "forbidden", NULL), RECORD_FORBIDDEN, 0);
    expect_recorded(reply_of_texts("done", "", "wrong_type", "1-0", NULL), RECORD_WRONG_TYPE, 0);
    expect_recorded(reply_of_texts("done", "", "last_id", NULL), RECORD_LAST_ID, 0);
    expect_recorded(reply_of_texts("done", "", "refused", NULL), RECORD_REFUSED, 0);
    expect_recorded(reply_of_texts("done", "", "", NULL), RECORD_OFF, 0);
    expect_recorded(reply_of_texts("done", "", "alone", NULL), RECORD_OFF, 0);
    expect_recorded(reply_of_texts("done", "", "something", NULL), RECORD_OFF, 0);
    expect_recorded(reply_of_texts("done", NULL), RECORD_OFF, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_a_plan),
        cmocka_unit_test(writes_a_plan_that_publishes_nothing),
        cmocka_unit_test(writes_the_limits),
        cmocka_unit_test(writes_the_record),
        cmocka_unit_test(hands_on_what_was_seen),
        cmocka_unit_test(writes_when_the_ages_hold),
        cmocka_unit_test(reads_refusals),
        cmocka_unit_test(refuses_odd_shapes),
        cmocka_unit_test(cuts_what_refused),
        cmocka_unit_test(reads_what_was_done),
        cmocka_unit_test(reads_what_became_of_the_record),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

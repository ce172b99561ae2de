/* SPDX-License-Identifier: MIT */
#include "router/act/router_look.h"

#include <stdio.h>
#include <string.h>

#include "common/redis/clock.h"
#include "tests/unit/replies.h"
#include "tests/unit/support.h"

static const struct script script = {.source = "", .hash = "abc"};

static struct router_settings settings_usual(void)
{
    static char open[] = "q:open", safe[] = "q:safe", commit[] = "q:commit", dedup[] = "q:dedup:";
    static char intents[] = "q:intents", daily[] = "q:day:", cooldown[] = "q:cool:", group[] = "e";
    static char held[] = "q:held";

    return (struct router_settings){
        .keys = {.open_orders = open,
                 .held = held,
                 .safe_mode = safe,
                 .commit = commit,
                 .dedup = dedup,
                 .intents = intents,
                 .daily_trades = daily,
                 .cooldown = cooldown,
                 .in_flight_group = group},
        .in_flight_max_age_sec = 600,
        .in_flight_idle_ms = 300000,
        .plan = {.capacity = {.max_open = 10}},
    };
}

static void asks_for_keys_and_marks(void **state)
{
    struct window window =
        window_of(signal_of("BTCUSDT", 0.8, 1000), signal_of("ETHUSDT", 0.9, 2000), NULL);
    struct router_settings settings = settings_usual();
    struct command command;

    (void)state;
    router_look_command(&script, &settings, &window, NOW_MS, LOOK_ALL, &command);
    redisReply *words = heard(&command);
    expect_texts(words, 0, "EVALSHA", "abc", "8", "q:open", "q:safe", "q:commit", "q:intents",
                 "q:day:20260119", "q:held", "q:dedup:2000-0", "q:dedup:1000-0", "63", "2", "e",
                 "600000", "11", "511", "300000", "", "hash", "10000", NULL);
    freeReplyObject(words);
    settings.cooldown_sec = 60;
    router_look_command(&script, &settings, &window, NOW_MS, LOOK_ALL, &command);
    words = heard(&command);
    expect_texts(words, 0, "EVALSHA", "abc", "10", "q:open", "q:safe", "q:commit", "q:intents",
                 "q:day:20260119", "q:held", "q:dedup:2000-0", "q:dedup:1000-0", "q:cool:ETHUSDT",
                 "q:cool:BTCUSDT", "63", "2", "e", "600000", "11", "511", "300000", "", "hash",
                 "10000", NULL);
    freeReplyObject(words);
    window_clear(&window);
}

static void asks_beside_it_what_is_held(void **state)
{
    struct router_settings settings = settings_usual();
    struct command command = {0};

    (void)state;
    router_look_beside(&settings.keys, &command);
    redisReply *words = heard(&command);
    expect_texts(words, 0, "HRANDFIELD", "q:held", "10000", "WITHVALUES", NULL);
    freeReplyObject(words);
}

static void asks_without_candidates(void **state)
{
    struct router_settings settings = settings_usual();
    struct window window = {0};
    struct command command;

    (void)state;
    settings.cooldown_sec = 60;
    router_look_command(&script, &settings, &window, NOW_MS, LOOK_ALL, &command);
    redisReply *words = heard(&command);
    expect_texts(words, 0, "EVALSHA", "abc", "6", "q:open", "q:safe", "q:commit", "q:intents",
                 "q:day:20260119", "q:held", "63", "0", "e", "600000", "11", "511", "300000", "",
                 "hash", "10000", NULL);
    freeReplyObject(words);
}

/* Behind all other keys, and behind all other arguments. */
static void asks_what_else_halts(void **state)
{
    char mode[] = "sys:mode=DOWN", stop[] = "stop", *also[] = {mode, stop};
    struct router_settings settings = settings_usual();
    struct window window = window_of(signal_of("BTCUSDT", 0.8, 1000), NULL);
    struct command command;

    (void)state;
    settings.cooldown_sec = 60;
    settings.halts.also = (struct names){also, 2};
    router_look_command(&script, &settings, &window, NOW_MS, LOOK_ALL, &command);
    redisReply *words = heard(&command);
    expect_texts(words, 0, "EVALSHA", "abc", "10", "q:open", "q:safe", "q:commit", "q:intents",
                 "q:day:20260119", "q:held", "q:dedup:1000-0", "q:cool:BTCUSDT", "sys:mode", "stop",
                 "63", "1", "e", "600000", "11", "511", "300000", "sys:mode=DOWN,stop", "hash",
                 "10000", NULL);
    freeReplyObject(words);
    window_clear(&window);
}

/* What a reply of these texts is read as. */
static struct snapshot snapshot_of(const char *open, const char *safe, const char *ttl,
                                   const char *epoch, const char *sequence, const char *marks)
{
    redisReply *reply =
        reply_of_texts("1768824003", "123999", open, safe, ttl, epoch, sequence, marks, "", "0",
                       "0", "", "0", "", "", "", "", "0", "0", "0", "2", "", "", "0-0", NULL);
    struct snapshot snapshot;

    assert_true(router_look_read(reply, strlen(marks), &snapshot));
    freeReplyObject(reply);
    return snapshot;
}

static void reads_a_quiet_world(void **state)
{
    struct snapshot snapshot = snapshot_of("text:7", "missing", "-2", "e1", "41", "0100");

    (void)state;
    assert_true(snapshot.now_ms == 1768824003123);
    assert_int_equal(snapshot.capacity.open.kind, OPEN_ORDERS_KNOWN);
    assert_int_equal(snapshot.capacity.open.count, 7);
    assert_int_equal(snapshot.open_seen_length, 6);
    assert_memory_equal(snapshot.open_seen, "text:7", 6);
    assert_string_equal(snapshot.open_text, "7");
    assert_false(snapshot.safe_mode);
    assert_string_equal(snapshot.safe_text, "");
    assert_int_equal(snapshot.safe_ttl_sec, -2);
    assert_string_equal(snapshot.epoch, "e1");
    assert_int_equal(snapshot.sequence, 41);
    assert_string_equal(snapshot.marked, "0100");
    assert_string_equal(snapshot.cooling, "0000");
    assert_string_equal(snapshot.super_times, "");
    assert_int_equal(snapshot.capacity.in_flight, 0);
    assert_int_equal(snapshot.capacity.published_today, 0);
    snapshot_release(&snapshot);
    assert_null(snapshot.marked);
    assert_null(snapshot.cooling);
    assert_null(snapshot.super_times);
    snapshot_release(&snapshot);
}

static void expect_open(const char *seen, enum open_orders_kind kind, const char *text)
{
    struct snapshot snapshot = snapshot_of(seen, "missing", "-2", "e", "0", "");

    assert_int_equal(snapshot.capacity.open.kind, kind);
    assert_string_equal(snapshot.open_text, text);
    assert_int_equal(snapshot.open_seen_length, strlen(seen));
    assert_memory_equal(snapshot.open_seen, seen, strlen(seen));
    snapshot_release(&snapshot);
}

static void reads_the_capacity_key(void **state)
{
    char longest[80] = "text:";

    (void)state;
    expect_open("missing", OPEN_ORDERS_MISSING, "");
    expect_open("text:0", OPEN_ORDERS_KNOWN, "0");
    expect_open("text:", OPEN_ORDERS_UNPARSEABLE, "");
    expect_open("text:-1", OPEN_ORDERS_UNPARSEABLE, "-1");
    expect_open("text:3.0", OPEN_ORDERS_UNPARSEABLE, "3.0");
    expect_open("type:list", OPEN_ORDERS_UNPARSEABLE, "(list)");
    memset(longest + 5, '9', SNAPSHOT_TEXT_MAX);
    expect_open(longest, OPEN_ORDERS_UNPARSEABLE, longest + 5);
}

static void expect_safe(const char *seen, bool safe, const char *text)
{
    struct snapshot snapshot = snapshot_of("text:0", seen, "899", "e", "0", "");

    assert_int_equal(snapshot.safe_mode, safe);
    assert_string_equal(snapshot.safe_text, text);
    assert_int_equal(snapshot.safe_ttl_sec, 899);
    assert_int_equal(snapshot.halt_number, 2);
    snapshot_release(&snapshot);
}

/* The key's being there is what counts. */
static void reads_safe_mode(void **state)
{
    (void)state;
    expect_safe("missing", false, "");
    expect_safe("text:", true, "");
    expect_safe("text:0", true, "0");
    expect_safe("type:hash", true, "(hash)");
}

static void cuts_what_it_shows(void **state)
{
    char value[SAFE_TEXT_MAX + 100] = "text:", type[SAFE_TEXT_MAX + 100] = "type:";
    char expected[SAFE_TEXT_MAX + 1] = "(";

    (void)state;
    memset(value + 5, 'x', SAFE_TEXT_MAX + 50);
    memset(type + 5, 'x', SAFE_TEXT_MAX + 50);
    struct snapshot snapshot = snapshot_of("text:0", value, "1", "e", "0", "");
    assert_string_equal(snapshot.safe_text, text_of('x', SAFE_TEXT_MAX));
    snapshot_release(&snapshot);
    memset(expected + 1, 'x', SAFE_TEXT_MAX - 1);
    snapshot = snapshot_of("text:0", type, "1", "e", "0", "");
    assert_string_equal(snapshot.safe_text, expected);
    snapshot_release(&snapshot);
}

static void expect_fence(const char *epoch, const char *sequence, const char *read_epoch,
                         uint64_t read_sequence)
{
    struct snapshot snapshot = snapshot_of("text:0", "missing", "-2", epoch, sequence, "");

    assert_string_equal(snapshot.epoch, read_epoch);
    assert_int_equal(snapshot.sequence, read_sequence);
    snapshot_release(&snapshot);
}

static void a_fence_out_of_shape_is_none(void **state)
{
    (void)state;
    expect_fence("", "", "", 0);
    expect_fence(text_of('e', 32), "9007199254740992", text_of('e', 32), 9007199254740992);
    expect_fence(text_of('e', 33), "7", "", 7);
    expect_fence("e", "-1", "e", 0);
    expect_fence("e", "x", "e", 0);
}

/* The rest of a reply: cooldowns, in flight, trades, kept open orders, since, supers, resumed,
 * days, minute, unsure, asked, silence; and what halts. */
#define REPLY_WITH(...)                                                                            \
    reply_of_texts("1", "2", "text:1", "missing", "-2", "e", "0", "01", __VA_ARGS__, "0", "", "",  \
                   "0-0", NULL)

static struct snapshot read_whole(redisReply *reply)
{
    struct snapshot snapshot;

    assert_true(router_look_read(reply, 2, &snapshot));
    freeReplyObject(reply);
    return snapshot;
}

static void reads_the_limits_and_what_was_kept(void **state)
{
    struct snapshot snapshot =
        read_whole(REPLY_WITH("10", "-1", "199", "text:7", "9", "1000 2000", "r1", "x",
                              "500:1 2000:2 61500:3", "1768824000000", "1768824001000", "-1"));

    (void)state;
    assert_string_equal(snapshot.marked, "01");
    assert_string_equal(snapshot.cooling, "10");
    assert_int_equal(snapshot.capacity.in_flight, -1);
    assert_int_equal(snapshot.capacity.published_today, 199);
    assert_string_equal(snapshot.kept_seen, "text:7");
    assert_int_equal(snapshot.kept_published_since, 9);
    assert_string_equal(snapshot.super_times, "1000 2000");
    assert_string_equal(snapshot.resumed, "r1");
    assert_int_equal(snapshot.unsure_since_ms, INT64_C(1768824000000));
    assert_int_equal(snapshot.asked_ms, INT64_C(1768824001000));
    assert_int_equal(snapshot.group_silent_ms, -1);
    assert_string_equal(snapshot.minute_counts, "500:1 2000:2 61500:3");
    assert_int_equal(snapshot.capacity.published_minute, 6);
    snapshot_release(&snapshot);
}

static void what_was_kept_out_of_shape_is_none(void **state)
{
    static const char *const numbers[] = {
        "x", "", "1.5", "-1", "-9223372036854775808", "9223372036854775807", "9223372036854775808"};

    (void)state;
    for (size_t i = 0; i < COUNT(numbers); i++) {
        struct snapshot snapshot = read_whole(
            REPLY_WITH("", "11", numbers[i], text_of('k', 80), numbers[i], "", text_of('r', 65),
                       numbers[i], numbers[i], numbers[i], numbers[i], "0"));
        assert_int_equal(snapshot.capacity.published_today, 0);
        assert_int_equal(snapshot.kept_published_since, 0);
        assert_string_equal(snapshot.kept_seen, "");
        assert_string_equal(snapshot.resumed, "");
        assert_int_equal(snapshot.unsure_since_ms, 0);
        assert_int_equal(snapshot.asked_ms, 0);
        snapshot_release(&snapshot);
    }
}

/* By the time of that reply it is the first of January 1970. */
static void a_day_that_was_counted_before_counts_on(void **state)
{
    static const struct {
        const char *trades, *days;
        int64_t counted;
    } cases[] = {
        {"3", "", 3},
        {"3", "19700101:2", 3},
        {"0", "19700101:7", 7},
        {"0", "19700102:7", 7},
        {"8", "19700102:7 19700101:9", 9},
        {"0", "19700103:7 19691231:7", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct snapshot snapshot = read_whole(REPLY_WITH("", "0", cases[i].trades, "", "0", "", "",
                                                         cases[i].days, "", "0", "0", "0"));
        assert_int_equal(snapshot.capacity.published_today, cases[i].counted);
        snapshot_release(&snapshot);
    }
}

static void expect_unread(redisReply *reply, size_t candidates)
{
    struct snapshot snapshot = {.sequence = 42};

    assert_false(router_look_read(reply, candidates, &snapshot));
    assert_int_equal(snapshot.sequence, 42);
    assert_null(snapshot.marked);
    if (reply)
        freeReplyObject(reply);
}

/* As many elements as there are in all, of which these are the first. */
#define SHAPE(...)                                                                                 \
    reply_of_texts(__VA_ARGS__, "", "0", "0", "", "0", "", "", "", "", "0", "0", "0", "0", "", "", \
                   "0-0", NULL)
#define WIRE_REST                                                                                  \
    "+\r\n:0\r\n:0\r\n+\r\n:0\r\n+\r\n+\r\n+\r\n+\r\n:0\r\n:0\r\n:0\r\n:0\r\n+\r\n+\r\n+0-0\r\n"

static void refuses_odd_shapes(void **state)
{
    (void)state;
    expect_unread(NULL, 0);
    expect_unread(reply_of("-ERR no\r\n"), 0);
    expect_unread(reply_of("+OK\r\n"), 0);
    expect_unread(reply_of("*0\r\n"), 0);
    expect_unread(reply_of("*-1\r\n"), 0);
    expect_unread(SHAPE("1", "2", "missing", "missing", "-2", "e", "0"), 0);
    expect_unread(SHAPE("x", "2", "missing", "missing", "-2", "e", "0", ""), 0);
    expect_unread(SHAPE("1", "", "missing", "missing", "-2", "e", "0", ""), 0);
    expect_unread(SHAPE("1", "2", "missing", "missing", "soon", "e", "0", ""), 0);
    expect_unread(reply_of_texts("1", "2", "missing", "missing", "-2", "e", "0", "", "", "0", "0",
                                 "", "0", "", "", "", "", "0", "0", "0", "which", "", "", "0-0",
                                 NULL),
                  0);
    expect_unread(SHAPE("1", "2", "what?", "missing", "-2", "e", "0", ""), 0);
    expect_unread(SHAPE("1", "2", "missing", "", "-2", "e", "0", ""), 0);
    expect_unread(SHAPE("1", "2", text_of('x', 80), "missing", "-2", "e", "0", ""), 0);
    expect_unread(REPLY_WITH("", "many", "0", "", "0", "", "", "", "", "0", "0", "0"), 2);
    expect_unread(REPLY_WITH("", "", "0", "", "0", "", "", "", "", "0", "0", "0"), 2);
    expect_unread(REPLY_WITH("", "0", "0", "", "0", "", "", "", "", "0", "0", ""), 2);
    expect_unread(
        reply_of("*24\r\n:1\r\n:2\r\n*0\r\n+missing\r\n:-2\r\n+e\r\n+0\r\n+\r\n" WIRE_REST), 0);
    expect_unread(
        reply_of("*24\r\n:1\r\n:2\r\n+missing\r\n:1\r\n:-2\r\n+e\r\n+0\r\n+\r\n" WIRE_REST), 0);
    expect_unread(reply_of("*24\r\n:1\r\n:2\r\n+missing\r\n+missing\r\n:-2\r\n+e\r\n+0\r\n"
                           ":1\r\n" WIRE_REST),
                  1);
}

static void wants_a_mark_for_each_candidate(void **state)
{
    (void)state;
    for (size_t candidates = 0; candidates < 5; candidates++)
        if (candidates != 2)
            expect_unread(REPLY_WITH("", "0", "0", "", "0", "", "", "", "0", "0", "0"), candidates);
    expect_unread(REPLY_WITH("1", "0", "0", "", "0", "", "", "", "0", "0", "0"), 2);
    expect_unread(REPLY_WITH("111", "0", "0", "", "0", "", "", "", "0", "0", "0"), 2);
}

/* What no clock says; sums with it would overflow. */
static void refuses_odd_times(void **state)
{
    static const char *const odd[][2] = {
        {"-1", "0"},          {"253402300800", "0"},     {"1768824000768824000", "0"},
        {"1768824000", "-1"}, {"1768824000", "1000000"},
    };
    int64_t ms;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(odd); i++) {
        redisReply *reply = reply_of_texts(odd[i][0], odd[i][1], NULL);
        assert_false(redis_clock_read(reply, 0, &ms));
        freeReplyObject(reply);
    }
    redisReply *last = reply_of_texts("253402300799", "999999", NULL);
    assert_true(redis_clock_read(last, 0, &ms));
    assert_true(ms == INT64_C(253402300799999));
    freeReplyObject(last);
}

static void reads_a_time(void **state)
{
    redisReply *reply = reply_of_texts("x", "1", "999999", NULL);
    redisReply *numbers = reply_of("*2\r\n:2\r\n:1500\r\n");
    int64_t ms = 42;

    (void)state;
    assert_false(redis_clock_read(reply, 0, &ms));
    assert_false(redis_clock_read(reply, 2, &ms));
    assert_false(redis_clock_read(NULL, 0, &ms));
    assert_int_equal(ms, 42);
    assert_true(redis_clock_read(reply, 1, &ms));
    assert_int_equal(ms, 1999);
    assert_true(redis_clock_read(numbers, 0, &ms));
    assert_int_equal(ms, 2001);
    freeReplyObject(reply);
    freeReplyObject(numbers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_for_keys_and_marks),
        cmocka_unit_test(asks_beside_it_what_is_held),
        cmocka_unit_test(asks_without_candidates),
        cmocka_unit_test(asks_what_else_halts),
        cmocka_unit_test(reads_a_quiet_world),
        cmocka_unit_test(reads_the_capacity_key),
        cmocka_unit_test(reads_safe_mode),
        cmocka_unit_test(cuts_what_it_shows),
        cmocka_unit_test(a_fence_out_of_shape_is_none),
        cmocka_unit_test(reads_the_limits_and_what_was_kept),
        cmocka_unit_test(what_was_kept_out_of_shape_is_none),
        cmocka_unit_test(a_day_that_was_counted_before_counts_on),
        cmocka_unit_test(refuses_odd_shapes),
        cmocka_unit_test(wants_a_mark_for_each_candidate),
        cmocka_unit_test(refuses_odd_times),
        cmocka_unit_test(reads_a_time),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

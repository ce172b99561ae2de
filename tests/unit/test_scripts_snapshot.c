/* SPDX-License-Identifier: MIT */
/* What Redis makes of snapshot.lua. */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/world_sample.h"

#define DO(...) freeReplyObject(redis_server_ask(&world.server, __VA_ARGS__))

static struct snapshot look(void)
{
    struct snapshot snapshot;

    world_look(&snapshot);
    return snapshot;
}

static void expect_in_flight(int64_t count)
{
    struct snapshot snapshot = look();

    assert_int_equal(snapshot.capacity.in_flight, count);
    snapshot_release(&snapshot);
}

static void sees_the_world(void **state)
{
    struct snapshot snapshot = look();

    (void)state;
    assert_true(snapshot.now_ms > NOW_MS - INT64_C(1000000000000));
    assert_int_equal(snapshot.capacity.open.kind, OPEN_ORDERS_KNOWN);
    assert_int_equal(snapshot.capacity.open.count, 1);
    assert_false(snapshot.safe_mode);
    assert_string_equal(snapshot.epoch, "e1");
    assert_int_equal(snapshot.sequence, 5);
    assert_string_equal(snapshot.marked, "00");
    assert_string_equal(snapshot.cooling, "00");
    assert_int_equal(snapshot.capacity.published_today, 0);
    assert_int_equal(snapshot.kept_published_since, 0);
    assert_string_equal(snapshot.kept_seen, "");
    assert_string_equal(snapshot.super_times, "");
    assert_string_equal(snapshot.resumed, "");
    snapshot_release(&snapshot);
}

static void sees_what_was_kept(void **state)
{
    (void)state;
    EXPECT("4", "HSET commit open_seen text:1 since 7 supers %s resumed r1", "1 2");
    EXPECT("OK", "SET daily:20260119 199");
    EXPECT("OK", "SET safe halted EX 900");
    struct snapshot snapshot = look();
    assert_string_equal(snapshot.kept_seen, "text:1");
    assert_int_equal(snapshot.kept_published_since, 7);
    assert_string_equal(snapshot.super_times, "1 2");
    assert_string_equal(snapshot.resumed, "r1");
    assert_int_equal(snapshot.capacity.published_today, 199);
    assert_true(snapshot.safe_mode);
    assert_string_equal(snapshot.safe_text, "halted");
    assert_true(snapshot.safe_ttl_sec > 890 && snapshot.safe_ttl_sec <= 900);
    snapshot_release(&snapshot);
}

/* The order is the window's, BTC before ETH. */
static void tells_marks_from_cooldowns(void **state)
{
    (void)state;
    EXPECT("OK", "MSET dedup:1768824003001-0 x cool:BTC x");
    struct snapshot snapshot = look();
    assert_string_equal(snapshot.marked, "01");
    assert_string_equal(snapshot.cooling, "00");
    snapshot_release(&snapshot);
    world.settings.cooldown_sec = 60;
    snapshot = look();
    assert_string_equal(snapshot.marked, "01");
    assert_string_equal(snapshot.cooling, "10");
    snapshot_release(&snapshot);
}

/* They stand behind the cooldowns, and are none of them. */
static void sees_what_else_halts(void **state)
{
    char mode[] = "sys:mode=DOWN", stop[] = "stop", *also[] = {mode, stop};

    (void)state;
    world.settings.halts.also = (struct names){also, 2};
    world.settings.cooldown_sec = 60;
    EXPECT("OK", "MSET sys:mode UP cool:ETH x");
    struct snapshot snapshot = look();
    assert_false(snapshot.safe_mode);
    assert_string_equal(snapshot.cooling, "01");
    snapshot_release(&snapshot);
    EXPECT("OK", "SET sys:mode DOWN EX 900");
    snapshot = look();
    assert_true(snapshot.safe_mode);
    assert_int_equal(snapshot.halt_number, 1);
    assert_string_equal(snapshot.safe_text, "DOWN");
    assert_true(snapshot.safe_ttl_sec > 890 && snapshot.safe_ttl_sec <= 900);
    assert_string_equal(snapshot.cooling, "01");
    snapshot_release(&snapshot);
}

/* Marks are asked for by the hundred; each keeps its place, whatever its type. */
static void tells_marks_among_many(void **state)
{
    enum { MANY = 250 };
    static const size_t marked[] = {2, 99, 100, 101, 249};
    struct score_rules bonuses = bonuses_usual();

    (void)state;
    for (size_t i = world.window.count; i < MANY; i++)
        window_add(&world.window, ranking_score(&bonuses, signal_of("SOL", 0.8, i)));
    for (size_t i = 0; i < COUNT(marked); i++)
        EXPECT("1", "HSET dedup:%d-0 f v", (int)marked[i]);
    struct snapshot snapshot = look();
    assert_int_equal(strlen(snapshot.marked), MANY);
    for (size_t i = 0, next = 0; i < MANY; i++) {
        bool is_marked = next < COUNT(marked) && marked[next] == i;
        assert_int_equal(snapshot.marked[i], is_marked ? '1' : '0');
        next += is_marked;
    }
    snapshot_release(&snapshot);
}

static void a_key_of_a_wrong_type_is_named(void **state)
{
    static const char *const cases[][2] = {
        {"commit", "-WRONGTYPE commit is a list, not a hash"},
        {"intents", "-WRONGTYPE intents is a list, not a stream"},
        {"daily:20260119", "-WRONGTYPE daily:20260119 is a list, not a string"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        world_begin();
        DO("DEL %s", cases[i][0]);
        EXPECT("1", "LPUSH %s x", cases[i][0]);
        redisReply *reply = world_ask();
        assert_string_equal(reply_shown(reply), cases[i][1]);
        freeReplyObject(reply);
    }
}

static void a_commit_hash_that_no_router_wrote_is_not_read(void **state)
{
    static const char fill[] = "redis.call('HSET', KEYS[1], 'minute', string.rep('1', ARGV[1])) "
                               "return 1";

    (void)state;
    EXPECT("1", "EVAL %s 1 commit 2000000", fill);
    redisReply *reply = world_ask();
    assert_non_null(strstr(reply_shown(reply), "-ERR commit takes over 1 MiB"));
    freeReplyObject(reply);
}

static void a_commit_hash_of_too_many_fields_is_not_read(void **state)
{
    static const char fill[] =
        "for i = 1, ARGV[1] do redis.call('HSET', KEYS[1], i, '') end return 1";

    (void)state;
    EXPECT("1", "EVAL %s 1 commit 1025", fill);
    redisReply *reply = world_ask();
    assert_non_null(strstr(reply_shown(reply), "-ERR commit has over 1024 fields"));
    freeReplyObject(reply);
}

/* --- in flight */

/* A group that has a consumer, as every one that is at work. */
static void begin_group(void)
{
    EXPECT("OK", "XGROUP CREATE intents executor 0 MKSTREAM");
    EXPECT("1", "XGROUP CREATECONSUMER intents executor c");
}

static void where_nobody_asks_nothing_is(void **state)
{
    static char none[] = "";

    (void)state;
    world.settings.keys.in_flight_group = none;
    expect_in_flight(0);
    DO("XADD intents * f v");
    expect_in_flight(0);
}

static void no_stream_and_no_group_are_told(void **state)
{
    (void)state;
    expect_in_flight(-1);
    DO("XADD intents * f v");
    expect_in_flight(-1);
    EXPECT("OK", "XGROUP CREATE intents other 0");
    expect_in_flight(-1);
    EXPECT("OK", "XGROUP CREATE intents executor $");
    expect_in_flight(0);
}

static void pending_and_not_yet_delivered_count(void **state)
{
    (void)state;
    begin_group();
    for (int i = 0; i < 5; i++)
        DO("XADD intents * f v");
    expect_in_flight(5);
    DO("XREADGROUP GROUP executor c COUNT 2 STREAMS intents >");
    expect_in_flight(5);
    DO("XREADGROUP GROUP executor d COUNT 1 STREAMS intents >");
    expect_in_flight(5);
    DO("EVAL %s 1 intents",
       "for _, e in ipairs(redis.call('XPENDING', KEYS[1], 'executor', '-', '+', 9, 'c')) do "
       "redis.call('XACK', KEYS[1], 'executor', e[1]) end");
    expect_in_flight(3);
    EXPECT("3", "XTRIM intents MAXLEN = 2");
    expect_in_flight(3);
}

/* Redis' own lag is null after a delete in the middle; the count stays. */
static void a_deleted_entry_does_not_confuse_it(void **state)
{
    (void)state;
    begin_group();
    for (int i = 0; i < 3; i++)
        DO("XADD intents * f v");
    DO("EVAL %s 1 intents", "local all = redis.call('XRANGE', KEYS[1], '-', '+') "
                            "return redis.call('XDEL', KEYS[1], all[2][1])");
    expect_in_flight(2);
}

/* A dead group's old rests do not close the router for ever. */
static void what_is_old_does_not_count(void **state)
{
    (void)state;
    begin_group();
    EXPECT("1000-0", "XADD intents 1000-0 f v");
    EXPECT("1001-0", "XADD intents 1001-0 f v");
    expect_in_flight(0);
    DO("XREADGROUP GROUP executor c COUNT 1 STREAMS intents >");
    expect_in_flight(0);
    DO("XADD intents * f v");
    expect_in_flight(1);
    DO("XREADGROUP GROUP executor c COUNT 2 STREAMS intents >");
    expect_in_flight(1);
    world.settings.in_flight_max_age_sec = INT64_C(10000000000);
    expect_in_flight(3);
}

static void what_grows_old_falls_out(void **state)
{
    redisReply *now = redis_server_ask(&world.server, "TIME");
    int64_t ms = strtoll(now->element[0]->str, NULL, 10) * 1000;

    (void)state;
    freeReplyObject(now);
    begin_group();
    DO("XADD intents %lld-0 f v", (long long)ms - 601000);
    DO("XADD intents %lld-0 f v", (long long)ms - 590000);
    expect_in_flight(1);
    world.settings.in_flight_max_age_sec = 700;
    expect_in_flight(2);
}

/* One more than the cap is enough to know. */
static void counts_no_further_than_asked(void **state)
{
    (void)state;
    begin_group();
    for (int i = 0; i < 30; i++)
        DO("XADD intents * f v");
    expect_in_flight(11);
    DO("XREADGROUP GROUP executor c COUNT 9 STREAMS intents >");
    expect_in_flight(11);
    DO("XREADGROUP GROUP executor c COUNT 30 STREAMS intents >");
    expect_in_flight(11);
}

/* --- what is held */

static void take(const char *consumer, int count)
{
    DO("XREADGROUP GROUP executor %s COUNT %d STREAMS intents >", consumer, count);
}

static void expect_held(enum holdings_state state, const char *text, const char *flags)
{
    struct snapshot snapshot = look();

    assert_int_equal(snapshot.holdings.state, state);
    assert_string_equal(snapshot.holdings.text, text);
    assert_string_equal(snapshot.held, flags);
    snapshot_release(&snapshot);
}

/* BTC BUY and ETH BUY are the candidates; one order is open. */
static void sees_what_is_held(void **state)
{
    (void)state;
    expect_held(HOLDINGS_MISSING, "", "--");
    EXPECT("1", "HSET positions BTC SELL");
    expect_held(HOLDINGS_KNOWN, "", "o-");
    EXPECT("OK", "SET open 3");
    expect_held(HOLDINGS_OTHER_SUM, "", "--");
    EXPECT("1", "HSET positions ETH %s", "BUY 2");
    expect_held(HOLDINGS_KNOWN, "", "oh");
    EXPECT("1", "HSET positions x/y BUY");
    expect_held(HOLDINGS_MALFORMED, "x/y BUY", "--");
    EXPECT("1", "DEL positions");
    EXPECT("1", "SADD positions x");
    expect_held(HOLDINGS_WRONG_TYPE, "set", "--");
    EXPECT("1", "DEL positions");
    EXPECT("OK", "SET open 0");
    expect_held(HOLDINGS_KNOWN, "", "--");
    EXPECT("1", "DEL open");
    expect_held(HOLDINGS_NO_COUNT, "", "--");
}

static void sees_no_more_than_so_many_symbols(void **state)
{
    static const char fill[] = "for i = ARGV[1], ARGV[2] do "
                               "redis.call('HSET', KEYS[1], 'COIN' .. i, 'BUY') end return 1";

    (void)state;
    EXPECT("1", "EVAL %s 1 positions 1 10000", fill);
    EXPECT("OK", "SET open 10000");
    expect_held(HOLDINGS_KNOWN, "", "--");
    EXPECT("1", "EVAL %s 1 positions 10001 50000", fill);
    EXPECT("OK", "SET open 50000");
    expect_held(HOLDINGS_TOO_MANY, "", "--");
}

/* The one value that nobody wrote who keeps it would be read with every look. */
static void sees_no_more_than_so_many_bytes(void **state)
{
    static const char fill[] = "redis.call('HSET', KEYS[1], ARGV[1], string.rep('x', ARGV[2])) "
                               "return 1";

    (void)state;
    EXPECT("1", "HSET positions BTC BUY");
    EXPECT("1", "EVAL %s 1 positions ETH 50", fill);
    expect_held(HOLDINGS_MALFORMED, "ETH xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "--");
    EXPECT("1", "EVAL %s 1 positions ETH 6000000", fill);
    expect_held(HOLDINGS_TOO_LARGE, "", "--");
    EXPECT("1", "HDEL positions ETH");
    expect_held(HOLDINGS_KNOWN, "", "h-");
}

static void who_may_not_read_it_learns_the_rest(void **state)
{
    static const char *const rights[] = {"hlen", "hrandfield", "memory|usage"};

    (void)state;
    EXPECT("1", "HSET positions BTC BUY");
    for (size_t i = 0; i < COUNT(rights); i++) {
        EXPECT("OK", "ACL SETUSER default -%s", rights[i]);
        expect_held(HOLDINGS_FORBIDDEN, "", "--");
        EXPECT("OK", "ACL SETUSER default +%s", rights[i]);
        expect_held(HOLDINGS_KNOWN, "", "h-");
    }
}

/* Pending or not yet given; an exit and what cannot be read hold no symbol. */
static void sees_whose_intents_are_in_flight(void **state)
{
    (void)state;
    begin_group();
    DO("XADD intents * symbol ETH side LONG");
    DO("XADD intents * symbol BTC action CLOSE");
    DO("XADD intents * payload {");
    DO("XADD intents * symbol BTC");
    expect_held(HOLDINGS_MISSING, "", "-h");
    take("c", 4);
    expect_held(HOLDINGS_MISSING, "", "-h");
    DO("XADD intents * payload %s", "{\"symbol\":\" btc \",\"side\":\"short\"}");
    expect_held(HOLDINGS_MISSING, "", "oh");
    EXPECT("1", "HSET positions BTC BUY");
    expect_held(HOLDINGS_KNOWN, "", "bh");
    DO("EVAL %s 1 intents",
       "for _, e in ipairs(redis.call('XPENDING', KEYS[1], 'executor', '-', '+', 9)) do "
       "redis.call('XACK', KEYS[1], 'executor', e[1]) end");
    expect_held(HOLDINGS_KNOWN, "", "b-");
}

static void the_intents_end_is_where_they_end(void **state)
{
    struct snapshot snapshot = look();

    (void)state;
    assert_int_equal(snapshot.intents_end.ms, 0);
    snapshot_release(&snapshot);
    EXPECT("5-7", "XADD intents 5-7 f v");
    EXPECT("1", "XDEL intents 5-7");
    snapshot = look();
    assert_int_equal(snapshot.intents_end.ms, 5);
    assert_int_equal(snapshot.intents_end.sequence, 7);
    snapshot_release(&snapshot);
}

/* --- a dead group */

static void expect_silent(int64_t least_ms, int64_t most_ms)
{
    struct snapshot snapshot = look();

    assert_int_equal(snapshot.capacity.in_flight, 0);
    assert_in_range(snapshot.group_silent_ms + 1, least_ms + 1, most_ms + 1);
    snapshot_release(&snapshot);
}

static void expect_alive(int64_t in_flight)
{
    struct snapshot snapshot = look();

    assert_int_equal(snapshot.group_silent_ms, 0);
    assert_int_equal(snapshot.capacity.in_flight, in_flight);
    snapshot_release(&snapshot);
}

/* So many seconds old. */
static void add_intent(int64_t age_sec)
{
    EXPECT_BETWEEN(
        1, 1, "EVAL %s 1 intents %lld",
        "local now = redis.call('TIME') "
        "redis.call('XADD', KEYS[1], string.format('%.0f-*', (now[1] - ARGV[1]) * 1000), "
        "'f', 'v') return 1",
        (long long)age_sec);
}

/* Until none of the consumers was seen for so long. */
static void be_silent(int64_t at_least_ms)
{
    bool is_silent = false;

    while (!is_silent) {
        redisReply *infos = redis_server_ask(&world.server, "XINFO CONSUMERS intents executor");
        is_silent = true;
        for (size_t i = 0; i < infos->elements; i++)
            is_silent = is_silent && infos->element[i]->element[5]->integer >= at_least_ms;
        freeReplyObject(infos);
    }
}

/* Whose it is to finish nobody knows; with nothing to finish it is told of nobody. */
static void one_without_consumers_does_not_count(void **state)
{
    (void)state;
    EXPECT("OK", "XGROUP CREATE intents executor 0 MKSTREAM");
    expect_alive(0);
    add_intent(1);
    expect_silent(-1, -1);
    EXPECT("1", "XGROUP CREATECONSUMER intents executor c");
    expect_alive(1);
    EXPECT("0", "XGROUP DELCONSUMER intents executor c");
    expect_silent(-1, -1);
    world.settings.in_flight_idle_ms = -1;
    expect_alive(1);
}

/* A consumer that blocks in a read is not seen either. */
static void one_that_is_silent_alone_counts(void **state)
{
    (void)state;
    world.settings.in_flight_idle_ms = 5;
    begin_group();
    add_intent(10);
    be_silent(10);
    expect_alive(1);
    take("c", 1);
    be_silent(10);
    expect_alive(1);
}

static void one_that_is_behind_and_silent_does_not_count(void **state)
{
    (void)state;
    world.settings.in_flight_idle_ms = 5;
    begin_group();
    be_silent(10);
    add_intent(700);
    add_intent(1);
    expect_silent(5, 60000);
    world.settings.in_flight_idle_ms = 300000;
    expect_alive(1);
    world.settings.in_flight_idle_ms = -1;
    expect_alive(1);
}

static void pending_is_behind_too(void **state)
{
    (void)state;
    begin_group();
    add_intent(700);
    add_intent(1);
    take("c", 2);
    expect_alive(1);
    be_silent(10);
    world.settings.in_flight_idle_ms = 5;
    expect_silent(5, 60000);
    DO("EVAL %s 1 intents",
       "for _, e in ipairs(redis.call('XPENDING', KEYS[1], 'executor', '-', '+', 1)) do "
       "redis.call('XACK', KEYS[1], 'executor', e[1]) end");
    expect_alive(1);
}

static void one_consumer_that_is_seen_keeps_it_alive(void **state)
{
    (void)state;
    begin_group();
    EXPECT("1", "XGROUP CREATECONSUMER intents executor d");
    add_intent(700);
    add_intent(1);
    be_silent(1010);
    world.settings.in_flight_idle_ms = 1000;
    expect_silent(1000, 60000);
    take("c", 1); /* not the last that Redis names */
    expect_alive(1);
}

/* Nothing can be behind it. */
static void one_at_the_last_id_is_alive(void **state)
{
    (void)state;
    world.settings.in_flight_idle_ms = 1;
    EXPECT("OK",
           "XGROUP CREATE intents executor 18446744073709551615-18446744073709551615 MKSTREAM");
    expect_alive(0);
    EXPECT("1", "XGROUP CREATECONSUMER intents executor c");
    be_silent(5);
    expect_alive(0);
    world.settings.in_flight_max_age_sec = INT64_C(10000000000);
    expect_alive(0);
}

/* Who may not ask for consumers counts it. */
static void one_that_may_not_be_asked_about_counts(void **state)
{
    struct snapshot snapshot;

    (void)state;
    world.settings.in_flight_idle_ms = 1;
    begin_group();
    add_intent(700);
    add_intent(1);
    be_silent(5);
    EXPECT("OK", "ACL SETUSER default -xinfo|consumers");
    snapshot = look();
    EXPECT("OK", "ACL SETUSER default +xinfo|consumers");
    assert_int_equal(snapshot.group_silent_ms, 0);
    assert_int_equal(snapshot.capacity.in_flight, 1);
    snapshot_release(&snapshot);
    expect_silent(1, 60000);
}

#define TEST(name) cmocka_unit_test_setup(name, world_renew)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sees_the_world),
        TEST(sees_what_was_kept),
        TEST(tells_marks_from_cooldowns),
        TEST(sees_what_else_halts),
        TEST(tells_marks_among_many),
        TEST(a_key_of_a_wrong_type_is_named),
        TEST(a_commit_hash_that_no_router_wrote_is_not_read),
        TEST(a_commit_hash_of_too_many_fields_is_not_read),
        TEST(where_nobody_asks_nothing_is),
        TEST(no_stream_and_no_group_are_told),
        TEST(pending_and_not_yet_delivered_count),
        TEST(a_deleted_entry_does_not_confuse_it),
        TEST(what_is_old_does_not_count),
        TEST(what_grows_old_falls_out),
        TEST(counts_no_further_than_asked),
        TEST(sees_what_is_held),
        TEST(sees_no_more_than_so_many_symbols),
        TEST(sees_no_more_than_so_many_bytes),
        TEST(who_may_not_read_it_learns_the_rest),
        TEST(sees_whose_intents_are_in_flight),
        TEST(the_intents_end_is_where_they_end),
        TEST(one_without_consumers_does_not_count),
        TEST(one_that_is_silent_alone_counts),
        TEST(one_that_is_behind_and_silent_does_not_count),
        TEST(pending_is_behind_too),
        TEST(one_consumer_that_is_seen_keeps_it_alive),
        TEST(one_at_the_last_id_is_alive),
        TEST(one_that_may_not_be_asked_about_counts),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("scripts_snapshot", tests, world_set_up, world_tear_down);
}

/* SPDX-License-Identifier: MIT */
/* What Redis makes of commit.lua: all of a plan, or nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/calendar.h"
#include "router/act/scripts.h"
#include "router/decide/notes.h"
#include "tests/unit/world_sample.h"

/* Refused, and nothing at all was written. */
static void expect_refused(enum commit_outcome outcome, const char *what)
{
    char *before = redis_server_digest(&world.server, "signals", "router");
    char *ids;
    struct commit_answer answer = world_commit(&ids);
    char *after = redis_server_digest(&world.server, "signals", "router");

    assert_string_equal(answer.what, what);
    assert_int_equal(answer.outcome, outcome);
    assert_string_equal(before, after);
    assert_null(ids);
    free(before);
    free(after);
}

static void expect_done(size_t count)
{
    char *ids;
    struct commit_answer answer = world_commit(&ids);

    assert_string_equal(answer.what, "");
    assert_int_equal(answer.outcome, COMMIT_DONE);
    assert_int_equal(world.plan.chosen, count);
    EXPECT(ids, "HGET commit intents");
    free(ids);
}

/* Begun, and not come to its end: neither counted as a commit nor ACKed. */
static void expect_broken_off(void)
{
    char *ids;
    struct commit_answer answer = world_commit(&ids);

    assert_int_equal(answer.outcome, COMMIT_BLOCKED);
    assert_null(ids);
    EXPECT("5", "HGET commit seq");
    EXPECT("[2 1768824003000-0 1768824003001-0 [[consumer 2]]]", "XPENDING signals router");
}

static const char *today(const char *start)
{
    static char key[64];
    char day[CALENDAR_DAY_MAX];

    calendar_day(world.seen.now_ms, day);
    (void)snprintf(key, sizeof key, "%s%s", start, day);
    return key;
}

/* One that only ACKs, word by word; between the two the moment when the day ends. */
#define KEYS_OF_A_COMMIT "signals intents open safe daily: commit leader stop"
#define ARGUMENTS        " router a:1 e1 5 text:10 0 63 c-1 300 "
#define MORE                                                                                       \
    " 10000 0 0 executor 600000 11 0 200 0 no-supers no-days no-minute 0 9999999999999 300000 "    \
    "stop 0-0 0 no 0 0-0 0 "                                                                       \
    "1768824003000-0 1768824003001-0"

static int64_t now_sec(void)
{
    redisReply *now = redis_server_ask(&world.server, "TIME");
    int64_t seconds = strtoll(now->element[0]->str, NULL, 10);

    freeReplyObject(now);
    return seconds;
}

/* --- done */

static void what_is_done_is_all_there(void **state)
{
    (void)state;
    world.settings.cooldown_sec = 60;
    world.settings.plan.has_cooldown = true;
    world_decide();
    world.seen.capacity.published_since = 7;
    int64_t midnight = calendar_next_midnight(world.seen.now_ms) / 1000;
    expect_done(2);
    EXPECT("2", "XLEN intents");
    EXPECT("[0 (nil) (nil) (nil)]", "XPENDING signals router");
    EXPECT("[c-1 c-1]", "MGET dedup:1768824003000-0 dedup:1768824003001-0");
    EXPECT("[c-1 c-1]", "MGET cool:BTC cool:ETH");
    EXPECT_BETWEEN(298, 300, "TTL dedup:1768824003001-0");
    EXPECT_BETWEEN(58, 60, "TTL cool:ETH");
    EXPECT("2", "GET %s", today("daily:"));
    EXPECT_BETWEEN(midnight, midnight, "EXPIRETIME %s", today("daily:"));
    EXPECT("[e1 6 c-1 text:1 9 ]", "HMGET commit epoch seq cycle_id open_seen since supers");
    EXPECT("a:1", "GET leader");
}

/* With the rule off nothing rests. */
static void no_cooldown_leaves_no_keys(void **state)
{
    (void)state;
    world_decide();
    expect_done(2);
    EXPECT("0", "EXISTS cool:BTC cool:ETH");
}

static void a_second_commit_is_fenced_by_the_first(void **state)
{
    (void)state;
    world_decide();
    expect_done(2);
    expect_refused(COMMIT_FENCED, "sequence");
    EXPECT("2", "XLEN intents");
}

static void supers_that_pass_are_noted(void **state)
{
    (void)state;
    EXPECT("OK", "SET open 5");
    EXPECT("1", "HSET commit supers 1");
    world.settings.plan.capacity.supers_per_hour = 5;
    world_decide();
    expect_done(2);
    EXPECT(world.plan.super_times, "HGET commit supers");
    assert_int_equal(strlen(world.plan.super_times), 27);
}

static void what_the_minute_saw_is_noted(void **state)
{
    (void)state;
    world.settings.plan.capacity.max_per_minute = 5;
    world_decide();
    expect_done(2);
    EXPECT(world.plan.minute_counts, "HGET commit minute");
    assert_int_equal(notes_minute(world.plan.minute_counts, world.seen.now_ms), 2);
}

/* Marks, limits and what is in flight are nothing to one that only ACKs. */
static void nothing_to_publish_still_acks(void **state)
{
    (void)state;
    EXPECT("OK", "SET open 10");
    world_decide();
    EXPECT("OK", "SET dedup:1768824003000-0 x");
    EXPECT("OK", "XGROUP CREATE intents executor 0 MKSTREAM");
    freeReplyObject(redis_server_ask(&world.server, "XADD intents * f v"));
    expect_done(0);
    EXPECT("[0 (nil) (nil) (nil)]", "XPENDING signals router");
    EXPECT("0", "EXISTS %s", today("daily:"));
    EXPECT("6", "HGET commit seq");
    EXPECT("1", "XLEN intents");
}

/* A write that fails midway leads to redelivery, which the marks catch: never an ACK, and never
 * an intent, before the marks. Redis refuses these numbers; no check of ours looks at them. */
static void what_fails_midway_is_redelivered(void **state)
{
    (void)state;
    world.settings.intent_maxlen = INT64_MIN;
    world_decide();
    expect_broken_off();
    EXPECT("[c-1 c-1]", "MGET dedup:1768824003000-0 dedup:1768824003001-0");
    EXPECT("2", "GET %s", today("daily:"));
    EXPECT("0", "EXISTS intents");

    world_begin();
    world.settings.dedup_ttl_sec = 0;
    world_decide();
    expect_broken_off();
    EXPECT("0", "EXISTS intents %s", today("daily:"));
}

/* --- fenced */

static void another_epoch_is_fenced(void **state)
{
    (void)state;
    world_decide();
    EXPECT("0", "HSET commit epoch e2");
    expect_refused(COMMIT_FENCED, "epoch");
    EXPECT("1", "DEL commit");
    expect_refused(COMMIT_FENCED, "epoch");
}

static void another_sequence_is_fenced(void **state)
{
    (void)state;
    world_decide();
    EXPECT("0", "HSET commit seq 6");
    expect_refused(COMMIT_FENCED, "sequence");
    EXPECT("0", "HSET commit seq 4");
    expect_refused(COMMIT_FENCED, "sequence");
}

static void another_lease_is_fenced(void **state)
{
    (void)state;
    world_decide();
    EXPECT("OK", "SET leader a:2");
    expect_refused(COMMIT_FENCED, "lease");
    EXPECT("1", "DEL leader");
    expect_refused(COMMIT_FENCED, "lease");
}

/* One that only ACKs is fenced too. */
static void a_fence_holds_back_acks(void **state)
{
    (void)state;
    EXPECT("OK", "SET open 10");
    world_decide();
    EXPECT("OK", "SET leader b:1");
    expect_refused(COMMIT_FENCED, "lease");
}

/* --- moved */

static void open_orders_that_moved(void **state)
{
    (void)state;
    world_decide();
    EXPECT("OK", "SET open 2");
    expect_refused(COMMIT_MOVED, "open orders");
    EXPECT("1", "DEL open");
    expect_refused(COMMIT_MOVED, "open orders");
    EXPECT("1", "LPUSH open 1");
    expect_refused(COMMIT_MOVED, "open orders");
}

static void safe_mode_that_began_or_ended(void **state)
{
    (void)state;
    world_decide();
    EXPECT("1", "LPUSH safe x");
    expect_refused(COMMIT_MOVED, "safe mode");
    world_begin();
    EXPECT("OK", "SET safe 1");
    world_decide();
    assert_int_equal(world.plan.chosen, 0);
    EXPECT("1", "DEL safe");
    expect_refused(COMMIT_MOVED, "safe mode");
}

static void a_mark_or_a_cooldown_that_came(void **state)
{
    (void)state;
    world.settings.cooldown_sec = 60;
    world_decide();
    EXPECT("OK", "SET dedup:1768824003001-0 x");
    expect_refused(COMMIT_MOVED, "a mark");
    EXPECT("1", "DEL dedup:1768824003001-0");
    EXPECT("OK", "SET cool:ETH x");
    expect_refused(COMMIT_MOVED, "a mark");
    EXPECT("1", "DEL cool:ETH");
    expect_done(2);
}

static void a_day_that_filled_up(void **state)
{
    (void)state;
    world.settings.plan.capacity.max_daily = 200;
    world_decide();
    EXPECT("OK", "SET %s 199", today("daily:"));
    expect_refused(COMMIT_MOVED, "the daily count");
    EXPECT("OK", "SET %s 198", today("daily:"));
    expect_done(2);
    EXPECT("200", "GET %s", today("daily:"));
}

static void a_day_that_ended(void **state)
{
    (void)state;
    world_decide();
    world.seen.now_ms -= 24 * INT64_C(3600000);
    expect_refused(COMMIT_MOVED, "the day");
}

/* The first second of the next day is no longer this one's: then the counter would be gone at once.
 * One that only ACKs decides again, too. */
static void a_day_ends_with_its_last_second(void **state)
{
    (void)state;
    EXPECT("OK", "SET open 10");
    world_decide();
    EXPECT("[moved the day]", "EVAL %s 8 " KEYS_OF_A_COMMIT ARGUMENTS "%lld" MORE, commit_lua,
           (long long)now_sec());
    EXPECT("[done  ]", "EVAL %s 8 " KEYS_OF_A_COMMIT ARGUMENTS "%lld" MORE, commit_lua,
           (long long)now_sec() + 60);
}

/* Whatever halts does so until it is over, and what no longer halts is decided again. */
static void what_else_halts_moves(void **state)
{
    char mode[] = "sys:mode=DOWN", stop[] = "stop", *also[] = {mode, stop};

    (void)state;
    world.settings.halts.also = (struct names){also, 2};
    world.settings.cooldown_sec = 60;
    world.settings.plan.has_cooldown = true;
    EXPECT("OK", "SET sys:mode UP");
    world_decide();
    EXPECT("OK", "SET sys:mode DOWN");
    expect_refused(COMMIT_MOVED, "safe mode");
    EXPECT("OK", "SET sys:mode UP");
    EXPECT("1", "LPUSH stop x");
    expect_refused(COMMIT_MOVED, "safe mode");
    EXPECT("1", "DEL stop");
    expect_done(2);
    EXPECT("UP", "GET sys:mode");
    EXPECT("0", "EXISTS stop");
}

static void what_halted_is_over(void **state)
{
    char stop[] = "stop", *also[] = {stop};

    (void)state;
    world.settings.halts.also = (struct names){also, 1};
    EXPECT("OK", "SET stop 1");
    world_decide();
    assert_true(world.seen.safe_mode);
    assert_int_equal(world.seen.halt_number, 1);
    EXPECT("1", "DEL stop");
    expect_refused(COMMIT_MOVED, "safe mode");
    EXPECT("OK", "SET stop 1");
    expect_done(0);
    EXPECT("0", "EXISTS intents");
}

static void more_in_flight_than_was_seen(void **state)
{
    (void)state;
    EXPECT("OK", "XGROUP CREATE intents executor 0 MKSTREAM");
    EXPECT("1", "XGROUP CREATECONSUMER intents executor c");
    freeReplyObject(redis_server_ask(&world.server, "XADD intents * f v"));
    world_decide();
    assert_int_equal(world.seen.capacity.in_flight, 1);
    freeReplyObject(redis_server_ask(&world.server, "XADD intents * f v"));
    expect_refused(COMMIT_MOVED, "intents in flight");
    freeReplyObject(redis_server_ask(&world.server, "XTRIM intents MAXLEN = 1"));
    expect_done(2);
}

/* With auto, a group that appears with work of its own counts as moved; an empty one does not. */
static void a_group_that_appeared(void **state)
{
    (void)state;
    world_decide();
    assert_int_equal(world.seen.capacity.in_flight, -1);
    EXPECT("OK", "XGROUP CREATE intents executor 0 MKSTREAM");
    EXPECT("1", "XGROUP CREATECONSUMER intents executor c");
    freeReplyObject(redis_server_ask(&world.server, "XADD intents * f v"));
    expect_refused(COMMIT_MOVED, "intents in flight");
    EXPECT("1", "XTRIM intents MAXLEN = 0");
    expect_done(2);
}

/* What the decision did not count, because nobody was at work, counts when somebody came. */
static void a_group_that_came_to_life(void **state)
{
    (void)state;
    EXPECT("OK", "XGROUP CREATE intents executor 0 MKSTREAM");
    freeReplyObject(redis_server_ask(&world.server, "XADD intents * f v"));
    world_decide();
    assert_int_equal(world.seen.capacity.in_flight, 0);
    EXPECT("1", "XGROUP CREATECONSUMER intents executor c");
    expect_refused(COMMIT_MOVED, "intents in flight");
    EXPECT("0", "XGROUP DELCONSUMER intents executor c");
    expect_done(2);
}

/* --- blocked */

static void expect_blocked_by(const char *key, const char *what)
{
    world_begin();
    world_decide();
    freeReplyObject(redis_server_ask(&world.server, "DEL %s", key));
    EXPECT("1", "SADD %s x", key);
    expect_refused(COMMIT_BLOCKED, what);
}

/* One order is open, and what it is of. */
static void hold(const char *symbol, const char *value)
{
    EXPECT("1", "HSET positions %s %s", symbol, value);
}

/* As before, but for one, which the commit does not publish. */
static void what_another_symbol_holds_moves_nothing(void **state)
{
    (void)state;
    hold("SOL", "BUY");
    world_decide();
    assert_int_equal(world.seen.holdings.state, HOLDINGS_KNOWN);
    EXPECT("0", "HSET positions SOL SELL");
    hold("XRP", "BUY 7");
    expect_done(2);
}

/* One closed and another opened: the count stands still. */
static void a_symbol_that_came_to_be_held(void **state)
{
    (void)state;
    hold("SOL", "BUY");
    world_decide();
    EXPECT("1", "HDEL positions SOL");
    hold("ETH", "SELL");
    expect_refused(COMMIT_MOVED, "positions");
}

static void what_is_held_of_a_symbol_changed(void **state)
{
    (void)state;
    EXPECT("OK", "SET open 2");
    hold("BTC", "BUY 2");
    world.settings.plan.adds_to_held = true;
    world_decide();
    EXPECT("0", "HSET positions BTC %s", "BUY 3");
    expect_refused(COMMIT_MOVED, "positions");
    EXPECT("0", "HSET positions BTC %s", "BUY 2");
    expect_done(2);
}

static void what_is_held_became_a_list(void **state)
{
    (void)state;
    hold("SOL", "BUY");
    world_decide();
    EXPECT("1", "DEL positions");
    EXPECT("1", "LPUSH positions x");
    expect_refused(COMMIT_MOVED, "positions");
}

/* Nobody decided on it. */
static void what_was_not_known_is_not_compared(void **state)
{
    (void)state;
    world_decide();
    assert_int_equal(world.seen.holdings.state, HOLDINGS_MISSING);
    hold("ETH", "SELL");
    expect_done(2);
}

static void append(const char *field, const char *value)
{
    freeReplyObject(redis_server_ask(&world.server, "XADD intents * %s %s", field, value));
}

static void an_intent_of_a_symbol_that_was_appended(void **state)
{
    static const char *const documents[][2] = {
        {"symbol", "ETH"},
        {"symbol", " eth "},
        {"payload", "{\"symbol\":\"ETH\",\"side\":\"SELL\"}"},
        {"data", "{\"symbol\":\"eth\"}"},
        {"payload", "{\"symbol\":\"\\u0045TH\"}"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(documents); i++) {
        world_begin();
        world_decide();
        append(documents[i][0], documents[i][1]);
        expect_refused(COMMIT_MOVED, "positions");
    }
}

static void an_intent_of_another_symbol_moves_nothing(void **state)
{
    (void)state;
    append("symbol", "ETH"); /* the decision saw it, and nobody has it in flight */
    world_decide();
    append("symbol", "SOL");
    append("payload", "{\"symbol\":\"XRP\"}");
    expect_done(2);
}

static void more_than_can_be_looked_at_were_appended(void **state)
{
    (void)state;
    world_decide();
    for (int i = 0; i < 100; i++)
        append("symbol", "SOL");
    expect_refused(COMMIT_MOVED, "positions");
}

static void keys_of_a_wrong_type(void **state)
{
    char what[128];

    (void)state;
    expect_blocked_by("commit", "commit is a set, not a hash");
    expect_blocked_by("leader", "leader is a set, not a string");
    expect_blocked_by("signals", "signals is a set, not a stream");
    expect_blocked_by("intents", "intents is a set, not a stream");
    (void)snprintf(what, sizeof what, "%s is a set, not a string", today("daily:"));
    expect_blocked_by(today("daily:"), what);
}

static void a_counter_that_is_none(void **state)
{
    static const char *const wrong[] = {
        "x", "-1", "05", "1.5", "1e3", "1000000000000000", "9223372036854775807"};
    char what[128];

    (void)state;
    world_decide();
    (void)snprintf(what, sizeof what, "%s is no sound counter", today("daily:"));
    for (size_t i = 0; i < COUNT(wrong); i++) {
        EXPECT("OK", "SET %s %s", today("daily:"), wrong[i]);
        expect_refused(COMMIT_BLOCKED, what);
    }
}

static void an_intent_stream_at_its_last_id(void **state)
{
    (void)state;
    world_decide();
    freeReplyObject(redis_server_ask(&world.server, "XADD intents 18446744073709551615-1 f v"));
    expect_refused(COMMIT_BLOCKED, "intents has come to its last id and takes no more entries");
    EXPECT("1", "DEL intents");
    expect_done(2);
}

/* One that only ACKs adds nothing. */
static void an_intent_stream_at_its_last_id_hinders_no_acks(void **state)
{
    (void)state;
    EXPECT("OK", "SET open 10");
    freeReplyObject(redis_server_ask(&world.server, "XADD intents 18446744073709551615-1 f v"));
    world_decide();
    expect_done(0);
    EXPECT("[0 (nil) (nil) (nil)]", "XPENDING signals router");
}

#define TEST(name) cmocka_unit_test_setup(name, world_renew)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_done_is_all_there),
        TEST(no_cooldown_leaves_no_keys),
        TEST(a_second_commit_is_fenced_by_the_first),
        TEST(supers_that_pass_are_noted),
        TEST(what_the_minute_saw_is_noted),
        TEST(nothing_to_publish_still_acks),
        TEST(what_fails_midway_is_redelivered),
        TEST(another_epoch_is_fenced),
        TEST(another_sequence_is_fenced),
        TEST(another_lease_is_fenced),
        TEST(a_fence_holds_back_acks),
        TEST(open_orders_that_moved),
        TEST(safe_mode_that_began_or_ended),
        TEST(a_mark_or_a_cooldown_that_came),
        TEST(a_day_that_filled_up),
        TEST(a_day_that_ended),
        TEST(a_day_ends_with_its_last_second),
        TEST(what_else_halts_moves),
        TEST(what_halted_is_over),
        TEST(more_in_flight_than_was_seen),
        TEST(a_group_that_came_to_life),
        TEST(a_group_that_appeared),
        TEST(what_another_symbol_holds_moves_nothing),
        TEST(a_symbol_that_came_to_be_held),
        TEST(what_is_held_of_a_symbol_changed),
        TEST(what_is_held_became_a_list),
        TEST(what_was_not_known_is_not_compared),
        TEST(an_intent_of_a_symbol_that_was_appended),
        TEST(an_intent_of_another_symbol_moves_nothing),
        TEST(more_than_can_be_looked_at_were_appended),
        TEST(keys_of_a_wrong_type),
        TEST(a_counter_that_is_none),
        TEST(an_intent_stream_at_its_last_id),
        TEST(an_intent_stream_at_its_last_id_hinders_no_acks),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("scripts_commit", tests, world_set_up, world_tear_down);
}

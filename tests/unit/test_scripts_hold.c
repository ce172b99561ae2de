/* SPDX-License-Identifier: MIT */
/* What Redis makes of the scripts around an intent's settling: hold, begin, fail, arrive. */
#include "executor/act/scripts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/shared_server.h"
#include "tests/unit/support.h"

#define EXPECT_BETWEEN(least, most, ...)                                                           \
    redis_server_expect_between(&shared_server, least, most, __VA_ARGS__)
#define DO(...)    freeReplyObject(redis_server_ask(&shared_server, __VA_ARGS__))
#define HOLD       "EVAL %s 3 hold safe open "
#define BEGIN      "EVAL %s 2 intents begun g 7-0 3600"
#define ARRIVE     "EVAL %s 3 intents open positions g 600000 me "
#define GROUP_IDS  "local groups = redis.call('XINFO', 'GROUPS', KEYS[1]) return groups[1][8]"
#define NEVER_DEAD "3600000 "

static int renew(void **state)
{
    (void)state;
    EXPECT("OK", "FLUSHALL");
    return 0;
}

/* --- hold */

/* Behind what it says stands Redis' time. */
static void expect_hold(const char *answer, const char *needed)
{
    redisReply *reply = redis_server_ask(&shared_server, HOLD "%s 601 63 %s", hold_lua, needed, "");
    redisReply *now = redis_server_ask(&shared_server, "TIME");
    char shown[64];

    (void)snprintf(shown, sizeof shown, "[%s ", answer);
    if (strncmp(reply_shown(reply), shown, strlen(shown)) != 0)
        fail_msg("%s, not %s", reply_shown(reply), answer);
    assert_in_range(
        strtoll(now->element[0]->str, NULL, 10) - strtoll(reply->element[4]->str, NULL, 10), 0, 60);
    freeReplyObject(now);
    freeReplyObject(reply);
}

static void a_hold_and_its_end_are_noted(void **state)
{
    (void)state;
    EXPECT("OK", "SET open 3");
    expect_hold("0 missing -2 text:3", "1");
    EXPECT("0", "EXISTS hold");
    EXPECT("OK", "SET safe 1 EX 100");
    DO(HOLD "1 601 63 %s", hold_lua, "");
    EXPECT("holding", "GET hold");
    EXPECT("-1", "TTL hold");
    EXPECT("1", "DEL safe");
    expect_hold("0 missing -2 text:3", "1");
    EXPECT_BETWEEN(599, 601, "TTL hold");
}

/* As it was noted before Redis' clock was set back: it ended now, and is forgotten in time. */
static void an_end_that_lies_ahead_is_now(void **state)
{
    (void)state;
    EXPECT("OK", "SET open 3");
    EXPECT("OK", "SET hold 253402300799000 EX 7200");
    expect_hold("0 missing -2 text:3", "1");
    EXPECT_BETWEEN(1795000000000, 253402300798999, "EVAL %s 1 hold",
                   "return tonumber(redis.call('GET', KEYS[1]))");
    EXPECT_BETWEEN(599, 601, "TTL hold");
}

/* A second look at a world without a hold must not move the moment at which it ended; a new hold
 * begins all the same. */
static void the_end_is_noted_once(void **state)
{
    (void)state;
    EXPECT("OK", "SET open 3");
    EXPECT("OK", "SET hold 1768824003000");
    DO(HOLD "1 601 63 %s", hold_lua, "");
    EXPECT("1768824003000", "GET hold");
    EXPECT("OK", "SET safe 1");
    DO(HOLD "1 601 63 %s", hold_lua, "");
    EXPECT("holding", "GET hold");
}

static void unknown_open_orders_hold_where_they_are_needed(void **state)
{
    (void)state;
    expect_hold("0 missing -2 missing", "0");
    expect_hold("1 missing -2 missing", "1");
    EXPECT("OK", "SET open 03");
    expect_hold("1 missing -2 text:03", "1");
}

#define HALTS "EVAL %s 5 hold safe open sys:mode stop 0 601 63 sys:mode=DOWN,stop"

static void expect_halt(const char *answer, const char *number)
{
    redisReply *reply = redis_server_ask(&shared_server, HALTS, hold_lua);
    char shown[64];

    (void)snprintf(shown, sizeof shown, "[%s ", answer);
    if (strncmp(reply_shown(reply), shown, strlen(shown)) != 0)
        fail_msg("%s, not %s", reply_shown(reply), answer);
    assert_string_equal(strrchr(reply_shown(reply), ' ') + 1, number);
    freeReplyObject(reply);
}

/* Safe mode before the others, and these in their order. */
static void keys_of_neighbours_hold(void **state)
{
    (void)state;
    expect_halt("0 missing -2 missing", "0]");
    EXPECT("OK", "SET stop 0 EX 90");
    expect_halt("1 text:0 90 missing", "2]");
    EXPECT("OK", "SET sys:mode DOWN");
    expect_halt("1 text:DOWN -1 missing", "1]");
    EXPECT("1", "LPUSH safe x");
    expect_halt("1 type:list -1 missing", "0]");
    EXPECT("2", "DEL safe stop");
    expect_halt("1 text:DOWN -1 missing", "1]");
    EXPECT("holding", "GET hold");
    EXPECT("OK", "SET sys:mode UP");
    expect_halt("0 missing -2 missing", "0]");
    EXPECT("1", "HSET stop f v");
    expect_halt("1 type:hash -1 missing", "2]");
}

/* Of another type it has no value, and more than the value is another one. */
static void a_value_is_the_whole_of_a_string(void **state)
{
    static const char *const others[] = {"DOW", "DOWNX", "down", ""};

    (void)state;
    for (size_t i = 0; i < COUNT(others); i++) {
        EXPECT("OK", "SET sys:mode %s", others[i]);
        expect_halt("0 missing -2 missing", "0]");
    }
    EXPECT("1", "DEL sys:mode");
    EXPECT("1", "LPUSH sys:mode DOWN");
    expect_halt("0 missing -2 missing", "0]");
}

/* --- begin, fail */

static void beginnings_are_counted_and_expire(void **state)
{
    (void)state;
    EXPECT("7-0", "XADD intents 7-0 f v");
    EXPECT("OK", "XGROUP CREATE intents g 0");
    EXPECT("[gone]", BEGIN, begin_lua);
    EXPECT("0", "EXISTS begun");
    DO("XREADGROUP GROUP g c STREAMS intents >");
    EXPECT("[begun 1 ]", BEGIN, begin_lua);
    EXPECT("[begun 2 ]", BEGIN, begin_lua);
    EXPECT_BETWEEN(3598, 3600, "TTL begun");
    EXPECT("1", "EVAL %s 1 begun late", fail_lua);
    EXPECT("[begun 2 late]", BEGIN, begin_lua);
}

/* What was settled meanwhile has no count, and gets none that would never expire. */
static void what_is_settled_is_not_counted_down(void **state)
{
    (void)state;
    EXPECT("0", "EVAL %s 1 begun late", fail_lua);
    EXPECT("0", "EXISTS begun");
}

static void a_count_that_cannot_be_stepped_is_left_alone(void **state)
{
    static const char *const counts[] = {"1.5", "x", "", "9223372036854775807"};

    (void)state;
    EXPECT("7-0", "XADD intents 7-0 f v");
    EXPECT("OK", "XGROUP CREATE intents g 0");
    DO("XREADGROUP GROUP g c STREAMS intents >");
    for (size_t i = 0; i < COUNT(counts); i++) {
        DO("HSET begun count %s", counts[i]);
        EXPECT("-SYMBOLKEY the count in begun is '", BEGIN, begin_lua);
        EXPECT("0", "EVAL %s 1 begun late", fail_lua);
        EXPECT("[count]", "HKEYS begun");
        EXPECT("-1", "TTL begun");
    }
    EXPECT("OK", "SET begun x");
    EXPECT("-SYMBOLKEY begun is a string", BEGIN, begin_lua);
    EXPECT("0", "EVAL %s 1 begun late", fail_lua);
}

/* --- arrive */

static void the_group_begins_at_the_first_that_is_young(void **state)
{
    (void)state;
    EXPECT("1000-0", "XADD intents 1000-0 f v");
    EXPECT("1001-0", "XADD intents 1001-0 f v");
    DO("XADD intents * f v");
    DO(ARRIVE NEVER_DEAD "0", arrive_lua);
    EXPECT("1001-0", "EVAL %s 1 intents", GROUP_IDS);
    DO(ARRIVE NEVER_DEAD "0", arrive_lua);
    EXPECT("1001-0", "EVAL %s 1 intents", GROUP_IDS);
}

static void the_group_begins_at_the_end_or_the_start(void **state)
{
    (void)state;
    EXPECT("1000-0", "XADD intents 1000-0 f v");
    DO(ARRIVE NEVER_DEAD "0", arrive_lua);
    EXPECT("1000-0", "EVAL %s 1 intents", GROUP_IDS);
    EXPECT("1", "DEL intents");
    DO("XADD intents * f v");
    DO(ARRIVE NEVER_DEAD "0", arrive_lua);
    EXPECT("0-0", "EVAL %s 1 intents", GROUP_IDS);
}

/* At the same moment as the group: one without consumers is dead to the router. Who may not make it
 * has it made by reading. */
static void its_consumer_is_made_with_the_group(void **state)
{
    (void)state;
    EXPECT("OK", "ACL SETUSER default -xgroup|createconsumer");
    DO(ARRIVE NEVER_DEAD "0", arrive_lua);
    EXPECT("OK", "ACL SETUSER default +xgroup|createconsumer");
    EXPECT("0", "EVAL %s 1 intents", "return #redis.call('XINFO', 'CONSUMERS', KEYS[1], 'g')");
    DO(ARRIVE NEVER_DEAD "0", arrive_lua);
    EXPECT("me", "EVAL %s 1 intents",
           "return redis.call('XINFO', 'CONSUMERS', KEYS[1], 'g')[1][2]");
}

/* Only who has nothing pending, and has been away for long; never ourselves. */
static void dead_consumers_go(void **state)
{
    (void)state;
    EXPECT("7-0", "XADD intents 7-0 f v");
    EXPECT("OK", "XGROUP CREATE intents g 0");
    DO("XREADGROUP GROUP g busy STREAMS intents >");
    EXPECT("1", "XGROUP CREATECONSUMER intents g idle");
    EXPECT("1", "XGROUP CREATECONSUMER intents g me");
    DO(ARRIVE NEVER_DEAD "0", arrive_lua);
    EXPECT("3", "EVAL %s 1 intents", "return #redis.call('XINFO', 'CONSUMERS', KEYS[1], 'g')");
    DO(ARRIVE "-1 0", arrive_lua);
    EXPECT("0", "XGROUP CREATECONSUMER intents g busy");
    EXPECT("0", "XGROUP CREATECONSUMER intents g me");
    EXPECT("1", "XGROUP CREATECONSUMER intents g idle");
}

static void open_orders_are_made_where_the_venue_counts_them(void **state)
{
    (void)state;
    EXPECT("2", "HSET positions 1-0 x 2-0 y");
    DO(ARRIVE NEVER_DEAD "0", arrive_lua);
    EXPECT("0", "EXISTS open");
    DO(ARRIVE NEVER_DEAD "1", arrive_lua);
    EXPECT("2", "GET open");
    EXPECT("OK", "SET open 7");
    DO(ARRIVE NEVER_DEAD "1", arrive_lua);
    EXPECT("7", "GET open");
}

#define TEST(name) cmocka_unit_test_setup(name, renew)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_hold_and_its_end_are_noted),
        TEST(an_end_that_lies_ahead_is_now),
        TEST(the_end_is_noted_once),
        TEST(unknown_open_orders_hold_where_they_are_needed),
        TEST(keys_of_neighbours_hold),
        TEST(a_value_is_the_whole_of_a_string),
        TEST(beginnings_are_counted_and_expire),
        TEST(what_is_settled_is_not_counted_down),
        TEST(a_count_that_cannot_be_stepped_is_left_alone),
        TEST(the_group_begins_at_the_first_that_is_young),
        TEST(the_group_begins_at_the_end_or_the_start),
        TEST(its_consumer_is_made_with_the_group),
        TEST(dead_consumers_go),
        TEST(open_orders_are_made_where_the_venue_counts_them),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("scripts_hold", tests, shared_server_start,
                                       shared_server_stop);
}

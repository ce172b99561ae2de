/* SPDX-License-Identifier: MIT */
/* What is pending in a true Redis for those who will not come for it. */
#include "common/redis/strays.h"

#include <string.h>

#include "tests/unit/link_witness.h"
#include "tests/unit/redis_server.h"

enum { LONG_MS = 5000 };

static struct redis_server server;
static struct witness witness;
static struct strays strays;
static int pages, entries_seen, deleted_seen, refusals;
static bool stop_at_once;

#define EXPECT(answer, ...) redis_server_expect(&server, answer, __VA_ARGS__)
#define DO(...)             freeReplyObject(redis_server_ask(&server, __VA_ARGS__))

static void on_claimed(void *owner, const redisReply *entries, const redisReply *deleted)
{
    (void)owner;
    pages++;
    entries_seen += (int)entries->elements;
    deleted_seen += deleted ? (int)deleted->elements : 0;
    if (stop_at_once)
        strays_stop(&strays);
}

static void on_refused(void *owner, const char *complaint)
{
    const char *asked = strchr(complaint, '(');

    witness_tell(owner, "refused: %.7s%s", complaint, asked ? asked : "");
    refusals++;
}

static int begin(void **state)
{
    static const int64_t idle_ms = 10000;
    static const struct strays_target target = {"signals", "router", "own", &idle_ms};
    static const struct strays_events events = {on_claimed, on_refused};

    (void)state;
    pages = entries_seen = deleted_seen = refusals = 0;
    stop_at_once = false;
    redis_server_start(&server);
    EXPECT("OK", "XGROUP CREATE signals router 0 MKSTREAM");
    witness_begin_on(&witness, server.socket);
    strays_init(&strays, &witness.loop, &target, witness.link, &events, &witness);
    strays_start(&strays);
    return 0;
}

static int end(void **state)
{
    (void)state;
    strays_close(&strays);
    witness_end(&witness);
    redis_server_stop(&server);
    return 0;
}

/* These are pending for the consumer, and have been idle for so long. */
static void leave(const char *consumer, int count, int idle_ms)
{
    for (int i = 0; i < count; i++)
        DO("XADD signals * f v");
    DO("XREADGROUP GROUP router %s STREAMS signals >", consumer);
    DO("EVAL %s 1 signals %s %d",
       "for _, e in ipairs(redis.call('XPENDING', KEYS[1], 'router', '-', '+', 9999, ARGV[1])) do "
       "redis.call('XCLAIM', KEYS[1], 'router', ARGV[1], 0, e[1], 'IDLE', ARGV[2], 'JUSTID') end",
       consumer, idle_ms);
}

/* The next round comes now, the one after it in its time. */
static void hurry(void)
{
    uv_update_time(&witness.loop);
    uv_timer_set_repeat(&strays.timer, 1);
    assert_int_equal(uv_timer_again(&strays.timer), 0);
    uv_timer_set_repeat(&strays.timer, LONG_MS);
}

static void looks_at_once_and_no_sooner_than_a_second_later(void **state)
{
    (void)state;
    assert_int_equal(uv_timer_get_due_in(&strays.timer), 0);
    witness_wait(&witness, &pages, 1);
    assert_in_range(uv_timer_get_due_in(&strays.timer), 500, 1000);
}

static void claims_the_idle_whosever_they_are(void **state)
{
    (void)state;
    leave("dead", 3, 20000);
    leave("own", 2, 20000);
    leave("alive", 4, 0);
    hurry();
    witness_wait(&witness, &pages, 1);
    assert_int_equal(entries_seen, 5);
    assert_int_equal(deleted_seen, 0);
    redisReply *reply = redis_server_ask(&server, "XPENDING signals router");
    assert_string_equal(reply_shown(reply->element[3]), "[[alive 4] [own 5]]");
    freeReplyObject(reply);
}

/* What was claimed is no longer idle. */
static void claims_each_once(void **state)
{
    (void)state;
    leave("dead", 3, 20000);
    hurry();
    witness_wait(&witness, &pages, 1);
    hurry();
    witness_wait(&witness, &pages, 2);
    assert_int_equal(entries_seen, 3);
}

static void names_those_that_are_gone(void **state)
{
    (void)state;
    leave("dead", 3, 20000);
    EXPECT("2", "XTRIM signals MAXLEN = 1");
    hurry();
    witness_wait(&witness, &pages, 1);
    assert_int_equal(entries_seen, 1);
    assert_int_equal(deleted_seen, 2);
}

static void goes_through_the_pages_of_a_round(void **state)
{
    (void)state;
    leave("dead", 250, 20000);
    hurry();
    witness_wait(&witness, &pages, 3);
    assert_int_equal(entries_seen, 250);
    assert_int_equal(strays.cursor.ms, 0);
    assert_false(strays.outstanding);
}

static void a_round_has_its_bound_and_the_next_goes_on(void **state)
{
    (void)state;
    leave("dead", 1150, 20000);
    hurry();
    witness_wait(&witness, &pages, 10);
    assert_int_equal(entries_seen, 1000);
    assert_false(strays.outstanding);
    assert_true(strays.cursor.ms > 0);
    hurry();
    witness_wait(&witness, &pages, 12);
    assert_int_equal(entries_seen, 1150);
    assert_int_equal(strays.cursor.ms, 0);
}

static void a_refusal_is_told_and_begins_again(void **state)
{
    (void)state;
    leave("dead", 1150, 20000);
    hurry();
    witness_wait(&witness, &pages, 10);
    EXPECT("1", "XGROUP DESTROY signals router");
    hurry();
    witness_wait(&witness, &refusals, 1);
    witness_expect(&witness, "refused: NOGROUP(XAUTOCLAIM signals)");
    assert_int_equal(strays.cursor.ms, 0);
    assert_false(strays.outstanding);
}

static void stops_between_pages(void **state)
{
    (void)state;
    leave("dead", 250, 20000);
    stop_at_once = true;
    hurry();
    witness_wait(&witness, &pages, 1);
    assert_false(strays.outstanding);
    strays_start(&strays);
    assert_int_equal(strays.cursor.ms, 0);
    stop_at_once = false;
    hurry();
    witness_wait(&witness, &pages, 3);
    assert_int_equal(entries_seen, 250);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(looks_at_once_and_no_sooner_than_a_second_later),
        TEST(claims_the_idle_whosever_they_are),
        TEST(claims_each_once),
        TEST(names_those_that_are_gone),
        TEST(goes_through_the_pages_of_a_round),
        TEST(a_round_has_its_bound_and_the_next_goes_on),
        TEST(a_refusal_is_told_and_begins_again),
        TEST(stops_between_pages),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("strays", tests, NULL, NULL);
}

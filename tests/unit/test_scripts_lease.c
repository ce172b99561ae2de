/* SPDX-License-Identifier: MIT */
/* What Redis makes of the three scripts of the lease. */
#include "router/act/scripts.h"
#include "tests/unit/redis_server.h"
#include "tests/unit/support.h"

static struct redis_server server;
static struct script take = {.source = lease_take_lua};
static struct script renew = {.source = lease_renew_lua};
static struct script give_back = {.source = lease_release_lua};

static int start(void **state)
{
    (void)state;
    redis_server_start(&server);
    redis_server_teach(&server, &take);
    redis_server_teach(&server, &renew);
    redis_server_teach(&server, &give_back);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    redis_server_stop(&server);
    return 0;
}

static int empty(void **state)
{
    (void)state;
    redis_server_expect(&server, "OK", "FLUSHALL");
    return 0;
}

/* How a try to take it begins: "taken", "held a:1"; or what Redis objects. */
static redisReply *try_take_dead(const char *mine, const char *last, const char *instance,
                                 const char *epoch, const char *dead)
{
    struct command command;

    script_command(&take, 3, &command);
    command_add_all(&command, "leader", "commit", "signals", mine, "5000", last, epoch, instance,
                    "router", "one", dead, "", NULL);
    return redis_server_send(&server, &command);
}

static redisReply *try_take(const char *mine, const char *last, const char *instance,
                            const char *epoch)
{
    return try_take_dead(mine, last, instance, epoch, "");
}

static void expect_taken(const char *mine, const char *last, const char *instance)
{
    redisReply *reply = try_take(mine, last, instance, mine);

    assert_int_equal(reply->elements, 10);
    assert_string_equal(reply->element[0]->str, "taken");
    freeReplyObject(reply);
    redis_server_expect(&server, mine, "GET leader");
    redis_server_expect(&server, mine, "HGET commit epoch");
    reply = redis_server_ask(&server, "PTTL leader");
    assert_true(reply->integer > 4000 && reply->integer <= 5000);
    freeReplyObject(reply);
}

static void expect_held(const char *mine, const char *last, const char *instance,
                        const char *holder)
{
    redisReply *reply = try_take(mine, last, instance, mine);

    assert_int_equal(reply->elements, 4);
    assert_string_equal(reply->element[0]->str, "held");
    assert_string_equal(reply->element[1]->str, holder);
    assert_true(reply->element[2]->integer >= -1 && reply->element[2]->integer <= 5000);
    freeReplyObject(reply);
    redis_server_expect(&server, holder, "GET leader");
}

static void expect_script(const char *answer, const struct script *script, const char *mine,
                          const char *life_ms)
{
    struct command command;

    script_command(script, 2, &command);
    command_add_all(&command, "leader", "commit", mine, life_ms, NULL);
    redisReply *reply = redis_server_send(&server, &command);
    assert_string_equal(reply_shown(reply), answer);
    freeReplyObject(reply);
}

static void a_free_one_is_taken(void **state)
{
    (void)state;
    expect_taken("a:1", "", "a:");
    redis_server_expect(&server, "[a:1 0]", "HMGET commit epoch seq");
    redis_server_expect(&server, "1", "DEL leader");
    expect_taken("b:1", "", "");
}

/* The fence is raised with the lease and by nobody else. */
static void one_that_is_held_is_not_and_the_fence_stays(void **state)
{
    (void)state;
    expect_taken("a:1", "", "a:");
    expect_held("b:1", "", "b:", "a:1");
    expect_held("b:2", "b:1", "", "a:1");
    redis_server_expect(&server, "a:1", "HGET commit epoch");
}

static void says_how_long_it_lives_yet(void **state)
{
    (void)state;
    redis_server_expect(&server, "OK", "SET leader a:1 PX 1000");
    redisReply *reply = try_take("b:1", "", "b:", "e");
    assert_true(reply->element[2]->integer > 0 && reply->element[2]->integer <= 1000);
    freeReplyObject(reply);
    redis_server_expect(&server, "OK", "SET leader a:1");
    reply = try_take("b:1", "", "b:", "e");
    assert_string_equal(reply_shown(reply), "[held a:1 -1 a:1 ]");
    freeReplyObject(reply);
    redis_server_expect(&server, "0", "EXISTS commit");
}

/* Redis' clock was set back: the key lives longer than its holder gave it, and says no more whether
 * that one lives. */
static void one_that_outlives_its_life_is_taken_from_who_stands_still(void **state)
{
    char seen[64], renewed[64];

    (void)state;
    expect_taken("a:1", "", "a:");
    redis_server_expect(&server, "1", "PEXPIRE leader 7200000");
    redisReply *reply = try_take("b:1", "", "b:", "e");
    assert_in_range(reply->element[2]->integer, 4000, 5000);
    (void)snprintf(seen, sizeof seen, "%s", reply->element[3]->str);
    freeReplyObject(reply);
    redis_server_expect(&server, "0", "HSET commit held_until 1000");
    reply = try_take_dead("b:1", "", "b:", "e", seen);
    assert_string_equal(reply->element[0]->str, "held");
    (void)snprintf(renewed, sizeof renewed, "%s", reply->element[3]->str);
    freeReplyObject(reply);
    assert_string_equal(renewed, "a:1 1000");
    reply = try_take_dead("b:1", "", "b:", "e", renewed);
    assert_string_equal(reply->element[0]->str, "taken");
    freeReplyObject(reply);
    redis_server_expect(&server, "b:1", "GET leader");
}

/* After a lost connection: compare, and set. */
static void the_holder_exchanges_its_own_last_value(void **state)
{
    (void)state;
    expect_taken("a:1", "", "a:");
    expect_taken("a:2", "a:1", "");
    expect_held("a:3", "a:1", "", "a:2");
    expect_taken("a:3", "a:2", "");
}

static void a_restart_takes_over_from_its_own_name_only(void **state)
{
    (void)state;
    expect_taken("a:1", "", "a:");
    expect_taken("a:2", "", "a:");
    expect_held("a:3", "", "", "a:2");
    expect_held("aa:1", "", "aa:", "a:2");
    redis_server_expect(&server, "OK", "SET leader aa:1");
    expect_held("a:3", "", "a:", "aa:1");
    redis_server_expect(&server, "OK", "SET leader a");
    expect_held("a:3", "", "a:", "a");
}

static void the_past_is_told(void **state)
{
    (void)state;
    redisReply *reply = try_take("a:1", "", "a:", "e1");
    assert_string_equal(reply->element[3]->str, "0");
    assert_string_equal(reply->element[4]->str, "");
    assert_string_equal(reply->element[5]->str, "");
    assert_string_equal(reply->element[6]->str, "");
    assert_string_equal(reply->element[7]->str, "e1");
    freeReplyObject(reply);
    redis_server_expect(&server, "4",
                        "HSET commit seq 41 cycle_id c-1 intents 1-0 resumed r1 open_seen x");
    reply = try_take("a:2", "a:1", "", "e2");
    assert_string_equal(reply->element[3]->str, "41");
    assert_string_equal(reply->element[4]->str, "c-1");
    assert_string_equal(reply->element[5]->str, "1-0");
    assert_string_equal(reply->element[6]->str, "r1");
    assert_string_equal(reply->element[7]->str, "e1"); /* the hash is the same one */
    freeReplyObject(reply);
    redis_server_expect(&server, "[e2 41]", "HMGET commit epoch seq");
}

static void expect_shared(bool expected, const char *mine)
{
    redisReply *reply = try_take(mine, "", "", "e");

    assert_string_equal(reply->element[0]->str, "taken");
    if (expected)
        assert_in_range(reply->element[8]->integer, 0, 5000);
    else
        assert_int_equal(reply->element[8]->integer, -1);
    freeReplyObject(reply);
}

static void read_as_the_consumer(void)
{
    freeReplyObject(redis_server_ask(&server, "XADD signals * a b"));
    freeReplyObject(
        redis_server_ask(&server, "XREADGROUP GROUP router one COUNT 1 STREAMS signals >"));
}

static void one_who_read_without_the_lease_is_told(void **state)
{
    (void)state;
    expect_shared(false, "a:1"); /* no stream, no group */
    redis_server_expect(&server, "1", "DEL leader");
    redis_server_expect(&server, "1", "DEL commit");
    redis_server_expect(&server, "OK", "XGROUP CREATE signals router 0 MKSTREAM");
    expect_shared(false, "a:2"); /* nobody ever read */
    redis_server_expect(&server, "1", "DEL leader");
    redis_server_expect(&server, "1", "DEL commit");
    read_as_the_consumer();
    expect_shared(true, "a:3");
}

static void one_of_ours_does_not_share_it(void **state)
{
    (void)state;
    redis_server_expect(&server, "OK", "XGROUP CREATE signals router 0 MKSTREAM");
    expect_taken("a:1", "", "a:");
    read_as_the_consumer();
    redis_server_expect(&server, "1", "DEL leader"); /* as if it had run out */
    expect_shared(false, "b:1");
    redis_server_expect(&server, "1", "HDEL commit held_until");
    read_as_the_consumer();
    redisReply *reply = try_take("b:2", "b:1", "", "e"); /* held by one that wrote no such field */
    assert_int_equal(reply->element[8]->integer, -1);
    freeReplyObject(reply);
    expect_script("OK", &give_back, "b:2", "");
    expect_shared(false, "c:1");
    expect_script("", &renew, "c:1", "5000");
    expect_script("OK", &give_back, "c:1", "");
    redis_server_expect(&server, "0", "HSET commit held_until 1000"); /* long ago */
    expect_shared(true, "d:1");
}

static void expect_error(const char *error)
{
    redisReply *reply = try_take("a:1", "", "a:", "e1");

    assert_int_equal(reply->type, REDIS_REPLY_ERROR);
    assert_string_equal(reply->str, error);
    freeReplyObject(reply);
}

static void keys_of_a_wrong_type_change_nothing(void **state)
{
    (void)state;
    redis_server_expect(&server, "1", "LPUSH leader x");
    expect_error("WRONGTYPE leader is a list, not a string");
    redis_server_expect(&server, "0", "EXISTS commit");
    redis_server_expect(&server, "OK", "FLUSHALL");
    redis_server_expect(&server, "1", "LPUSH commit x");
    expect_error("WRONGTYPE commit is a list, not a hash");
    redis_server_expect(&server, "0", "EXISTS leader");
}

static void a_commit_hash_that_no_router_wrote_is_not_read(void **state)
{
    static const char fill[] = "redis.call('HSET', KEYS[1], 'supers', string.rep('1', ARGV[1])) "
                               "return 1";

    (void)state;
    redis_server_expect(&server, "1", "EVAL %s 1 commit 500000", fill);
    expect_taken("a:1", "", "");
    redis_server_expect(&server, "1", "DEL leader");
    redis_server_expect(&server, "1", "EVAL %s 1 commit 2000000", fill);
    expect_error("ERR commit takes over 1 MiB, and what a router writes does not: find the field "
                 "by HSTRLEN, and HDEL it");
    redis_server_expect(&server, "0", "EXISTS leader");
}

static void only_the_holder_renews(void **state)
{
    (void)state;
    expect_script("nobody", &renew, "a:1", "5000");
    redis_server_expect(&server, "OK", "SET leader a:1 PX 1000");
    expect_script("", &renew, "a:1", "5000");
    redisReply *reply = redis_server_ask(&server, "PTTL leader");
    assert_true(reply->integer > 4000);
    freeReplyObject(reply);
    expect_script("a:1", &renew, "a:2", "90000");
    expect_script("a:1", &renew, "b:1", "90000");
    reply = redis_server_ask(&server, "PTTL leader");
    assert_true(reply->integer <= 5000);
    freeReplyObject(reply);
}

/* Until when the holder may read, from now on. */
static void expect_held_for(int64_t least_ms, int64_t most_ms)
{
    redis_server_expect_between(
        &server, least_ms, most_ms, "EVAL %s 1 commit",
        "local now = redis.call('TIME') return redis.call('HGET', KEYS[1], 'held_until') - "
        "now[1] * 1000 - math.floor(now[2] / 1000)");
}

static void the_next_holder_knows_how_long_it_was_held(void **state)
{
    (void)state;
    redis_server_expect(&server, "OK", "SET leader a:1 PX 1000");
    expect_script("", &renew, "a:1", "5000");
    expect_held_for(4000, 5000);
    expect_script("a:1", &renew, "b:1", "90000");
    expect_held_for(4000, 5000);
    expect_script("OK", &give_back, "a:1", "");
    expect_held_for(0, 300);
}

static void only_the_holder_gives_it_back(void **state)
{
    (void)state;
    expect_script("OK", &give_back, "a:1", "");
    redis_server_expect(&server, "OK", "SET leader a:2");
    expect_script("OK", &give_back, "a:1", "");
    redis_server_expect(&server, "a:2", "GET leader");
    expect_script("OK", &give_back, "a:2", "");
    redis_server_expect(&server, "(nil)", "GET leader");
}

#define TEST(name) cmocka_unit_test_setup(name, empty)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_free_one_is_taken),
        TEST(one_that_is_held_is_not_and_the_fence_stays),
        TEST(says_how_long_it_lives_yet),
        TEST(one_that_outlives_its_life_is_taken_from_who_stands_still),
        TEST(the_holder_exchanges_its_own_last_value),
        TEST(a_restart_takes_over_from_its_own_name_only),
        TEST(the_past_is_told),
        TEST(one_who_read_without_the_lease_is_told),
        TEST(one_of_ours_does_not_share_it),
        TEST(keys_of_a_wrong_type_change_nothing),
        TEST(a_commit_hash_that_no_router_wrote_is_not_read),
        TEST(only_the_holder_renews),
        TEST(the_next_holder_knows_how_long_it_was_held),
        TEST(only_the_holder_gives_it_back),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("scripts_lease", tests, start, stop);
}

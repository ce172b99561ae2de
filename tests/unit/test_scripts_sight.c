/* SPDX-License-Identifier: MIT */
/* What lease_take.lua makes of a server that the commit hash was not written on. */
#include "router/act/scripts.h"
#include "tests/unit/redis_server.h"
#include "tests/unit/support.h"

static struct redis_server server;
static struct script take = {.source = lease_take_lua};
static const char *made; /* what the one who asks knows of the last commit */

static int start(void **state)
{
    (void)state;
    redis_server_start(&server);
    redis_server_teach(&server, &take);
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
    made = "";
    redis_server_expect(&server, "OK", "FLUSHALL");
    return 0;
}

static void expect_answer(const char *answer, const char *mine, const char *last,
                          const char *instance)
{
    struct command command;

    script_command(&take, 3, &command);
    command_add_all(&command, "leader", "commit", "signals", mine, "5000", last, mine, instance,
                    "router", "one", "", made, NULL);
    redisReply *reply = redis_server_send(&server, &command);
    assert_string_equal(reply->element[0]->str, answer);
    freeReplyObject(reply);
}

static void expect_taken(const char *mine, const char *last, const char *instance)
{
    expect_answer("taken", mine, last, instance);
}

static void expect_held(const char *mine, const char *instance)
{
    expect_answer("held", mine, "", instance);
}

static const char *const ANOTHER = "ffffffffffffffffffffffffffffffffffffffff";

/* As if the commit hash had been written on another server, and this was the last commit there. */
static void come_from_another_server(void)
{
    freeReplyObject(redis_server_ask(
        &server, "HSET commit run_id %s repl_id %s seq 7 cycle_id c-7 resumed r1 origin o", ANOTHER,
        ANOTHER));
}

/* Since when nobody is sure, as far back from now; and what was resumed last. */
static void expect_unsure(int64_t least_ms, int64_t most_ms, const char *resumed)
{
    redis_server_expect_between(
        &server, least_ms, most_ms, "EVAL %s 1 commit",
        "local now = redis.call('TIME') return now[1] * 1000 + math.floor(now[2] / 1000) - "
        "redis.call('HGET', KEYS[1], 'unsure_since')");
    redis_server_expect(&server, resumed, "HGET commit unsure_resumed");
}

static void expect_this_server_noted(void)
{
    redis_server_expect(&server, "1", "EVAL %s 1 commit",
                        "return string.find(redis.call('INFO', 'server'), redis.call('HGET', "
                        "KEYS[1], 'run_id'), 1, true) and "
                        "string.find(redis.call('INFO', 'replication'), 'master_replid:' .. "
                        "redis.call('HGET', KEYS[1], 'repl_id'), 1, true) "
                        "and 1 or 0");
}

static void the_server_is_noted(void **state)
{
    (void)state;
    expect_taken("a:1", "", "a:");
    expect_this_server_noted();
    expect_taken("a:2", "a:1", "");
    redis_server_expect(&server, "(nil)", "HGET commit unsure_since");
    redis_server_expect(&server, "(nil)", "HGET commit seen_ms");
}

/* What an older version wrote says nothing of servers. */
static void a_hash_that_names_none_is_taken_as_it_is(void **state)
{
    (void)state;
    redis_server_expect(&server, "3", "HSET commit seq 7 cycle_id c-7 origin o");
    expect_taken("a:1", "", "a:");
    expect_this_server_noted();
    redis_server_expect(&server, "(nil)", "HGET commit unsure_since");
}

static void another_server_may_lack_what_was_written_last(void **state)
{
    (void)state;
    come_from_another_server();
    expect_taken("a:1", "", "a:");
    expect_unsure(0, 500, "r1");
    expect_this_server_noted();
    redis_server_expect(&server, "0", "HSET commit unsure_since 1"); /* which the next one leaves */
    expect_taken("a:2", "a:1", "");
    redis_server_expect(&server, "1", "HGET commit unsure_since");
}

static void who_knows_the_last_commit_is_sure(void **state)
{
    (void)state;
    come_from_another_server();
    redis_server_expect(&server, "1", "HSET commit unsure_since 1"); /* of an earlier one */
    made = " c-6 c-7 ";
    expect_taken("a:1", "", "a:");
    redis_server_expect(&server, "1", "HGET commit unsure_since");
    expect_this_server_noted();
    come_from_another_server();
    made = " c-8 c-9 ";
    expect_taken("a:2", "a:1", "");
    expect_unsure(0, 500, "r1");
    come_from_another_server();
    redis_server_expect(&server, "2", "HDEL commit cycle_id unsure_since");
    made = " none none ";
    expect_taken("a:3", "a:2", "");
    redis_server_expect(&server, "(nil)", "HGET commit unsure_since");
    made = "";
    come_from_another_server();
    expect_taken("a:4", "a:3", "");
    expect_unsure(0, 500, "r1");
}

/* A standby comes first, and the lease of a leader that is gone has yet to run out. */
static void the_first_sight_counts_and_is_anybodys(void **state)
{
    (void)state;
    come_from_another_server();
    redis_server_expect(&server, "OK", "SET leader a:1");
    expect_held("b:1", "b:");
    redis_server_expect(&server, "(nil)", "HGET commit unsure_since");
    redis_server_expect(&server, ANOTHER, "HGET commit run_id");
    redis_server_expect(
        &server, "[]", "EVAL %s 1 commit",
        "redis.call('HINCRBY', KEYS[1], 'seen_ms', -20000) return {}"); /* it was long ago */
    expect_held("b:1", "b:");
    redis_server_expect(&server, "1", "DEL leader");
    expect_taken("b:1", "", "b:");
    expect_unsure(20000, 20500, "r1");
}

static void a_refused_one_lets_the_holder_know(void **state)
{
    (void)state;
    expect_taken("a:1", "", "a:");
    redis_server_expect(&server, "(nil)", "HGET commit asked");
    expect_held("b:1", "b:");
    redis_server_expect_between(
        &server, 0, 500, "EVAL %s 1 commit",
        "local now = redis.call('TIME') return now[1] * 1000 + math.floor(now[2] / 1000) - "
        "redis.call('HGET', KEYS[1], 'asked')");
}

/* The same process with another replication id: it is another one's data where that made it one. */
static void a_replication_id_tells_only_of_one_that_was_promoted(void **state)
{
    (void)state;
    expect_taken("a:1", "", "a:");
    redis_server_expect(&server, "1", "HSET commit repl_id x cycle_id c-7");
    expect_taken("a:2", "a:1", "");
    redis_server_expect(&server, "(nil)", "HGET commit unsure_since");
    redis_server_expect(&server, "OK", "REPLICAOF 127.0.0.1 1");
    redis_server_expect(&server, "OK", "REPLICAOF NO ONE");
    expect_taken("a:3", "a:2", "");
    expect_unsure(0, 500, "");
    redis_server_expect(&server, "1", "HDEL commit unsure_since");
    expect_taken("a:4", "a:3", "");
    redis_server_expect(&server, "(nil)", "HGET commit unsure_since");
}

#define TEST(name) cmocka_unit_test_setup(name, empty)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_server_is_noted),
        TEST(a_hash_that_names_none_is_taken_as_it_is),
        TEST(another_server_may_lack_what_was_written_last),
        TEST(who_knows_the_last_commit_is_sure),
        TEST(the_first_sight_counts_and_is_anybodys),
        TEST(a_refused_one_lets_the_holder_know),
        TEST(a_replication_id_tells_only_of_one_that_was_promoted),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("scripts_sight", tests, start, stop);
}

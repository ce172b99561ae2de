/* SPDX-License-Identifier: MIT */
/* Whose word counts about where Redis is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/redis/search.h"
#include "tests/unit/fake_redis.h"

enum { FAKES = 3, LONG_MS = 60000, SHORT_MS = 100 };

#define AT_PORT(port)   "*2\r\n$9\r\n127.0.0.1\r\n$4\r\n" port "\r\n"
#define IN_EPOCH(digit) "*2\r\n$12\r\nconfig-epoch\r\n$1\r\n" digit "\r\n"
#define NOBODY          "*-1\r\n"
#define NO_SLOTS        "-NOPERM no\r\n"

static uv_loop_t loop;
static struct fake_redis fakes[FAKES];
static struct fake_answer answers[FAKES][3];
static struct redis_address address;
static struct places learned;
static struct search *search;
static char found[SEARCH_ERROR_MAX];

static int begin(void **state)
{
    (void)state;
    assert_int_equal(uv_loop_init(&loop), 0);
    address = (struct redis_address){0};
    learned = (struct places){0};
    for (int i = 0; i < FAKES; i++)
        fake_bind_tcp(&fakes[i], &loop);
    return 0;
}

static int end(void **state)
{
    (void)state;
    for (int i = 0; i < FAKES; i++)
        fake_close(&fakes[i]);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    redis_address_release(&address);
    return 0;
}

/* What this one says to the first question and to the second; NULL: silence. */
static void says(int number, const char *first, const char *second)
{
    bool is_node = address.guides.kind == GUIDES_NODES;
    char place[32];

    answers[number][0] = (struct fake_answer){is_node ? "TYPE k" : "SENTINEL GET-MASTER", first};
    answers[number][1] =
        (struct fake_answer){is_node ? "CLUSTER SLOTS" : "SENTINEL MASTER", second};
    fakes[number].answers = answers[number];
    fake_listen(&fakes[number]);
    (void)snprintf(place, sizeof place, "127.0.0.1:%d", fakes[number].port);
    assert_null(guides_add(&address.guides, address.guides.kind, place, strlen(place)));
}

static void ask_sentinels(void)
{
    address.guides.kind = GUIDES_SENTINELS;
    assert_null(guides_name_master(&address.guides, "m", 1));
}

static void ask_nodes(void)
{
    address.guides.kind = GUIDES_NODES;
    address.guides.key = "k";
}

static void on_found(void *data, const struct place *place, const char *error)
{
    (void)data;
    search = NULL;
    if (place)
        place_print(place, found);
    else
        (void)snprintf(found, sizeof found, "%s", error);
}

static void start(uint64_t patience_ms)
{
    found[0] = '\0';
    search = search_start(&loop, &address, NULL, &learned, 1, patience_ms, on_found, NULL);
}

static void await_end(void)
{
    while (search)
        (void)uv_run(&loop, UV_RUN_ONCE);
}

static void expect_found(const char *expected, uint64_t patience_ms)
{
    start(patience_ms);
    await_end();
    assert_string_equal(found, expected);
}

static void what_most_say_counts(void **state)
{
    (void)state;
    ask_sentinels();
    says(0, AT_PORT("1111"), IN_EPOCH("9"));
    says(1, AT_PORT("2222"), IN_EPOCH("1"));
    says(2, AT_PORT("2222"), IN_EPOCH("1"));
    expect_found("127.0.0.1:2222", LONG_MS);
}

static void run_until_heard(void)
{
    for (int i = 0; i < FAKES; i++)
        while (fakes[i].commands < 2)
            (void)uv_run(&loop, UV_RUN_ONCE);
}

static void who_answers_first_waits_for_the_others(void **state)
{
    (void)state;
    ask_sentinels();
    says(0, AT_PORT("1111"), IN_EPOCH("9"));
    says(1, NULL, NULL);
    says(2, NULL, NULL);
    start(LONG_MS);
    run_until_heard();
    for (int turn = 0; turn < 20; turn++)
        (void)uv_run(&loop, UV_RUN_NOWAIT);
    assert_non_null(search);
    fake_say(&fakes[1], AT_PORT("2222"));
    fake_say(&fakes[2], AT_PORT("2222"));
    await_end();
    assert_string_equal(found, "127.0.0.1:2222");
}

static void who_is_silent_is_not_waited_for_when_most_agree(void **state)
{
    (void)state;
    ask_sentinels();
    says(0, NULL, NULL);
    says(1, AT_PORT("2222"), NULL);
    says(2, AT_PORT("2222"), NULL);
    expect_found("127.0.0.1:2222", LONG_MS);
}

static void who_is_silent_is_waited_for_a_little(void **state)
{
    (void)state;
    ask_sentinels();
    says(0, NULL, NULL);
    says(1, NULL, NULL);
    says(2, AT_PORT("2222"), NULL);
    expect_found("127.0.0.1:2222", SHORT_MS);
}

static void of_two_the_later_failover_counts(void **state)
{
    (void)state;
    ask_sentinels();
    says(0, AT_PORT("1111"), IN_EPOCH("3"));
    says(1, AT_PORT("2222"), IN_EPOCH("4"));
    says(2, NOBODY, "-ERR No such master with that name\r\n");
    expect_found("127.0.0.1:2222", LONG_MS);
}

static void what_is_no_answer_does_not_count(void **state)
{
    (void)state;
    ask_sentinels();
    says(0, "*2\r\n$9\r\n127.0.0.1\r\n$5\r\n99999\r\n", IN_EPOCH("9"));
    says(1, "$3\r\nOK!\r\n", "+OK\r\n");
    says(2, AT_PORT("2222"), IN_EPOCH("1"));
    expect_found("127.0.0.1:2222", LONG_MS);
}

static void who_hangs_up_or_babbles_does_not_count(void **state)
{
    (void)state;
    ask_sentinels();
    says(0, "HTTP/1.1 400 Bad Request\r\n\r\n", NULL);
    says(1, "*2\r\n$5\r\nabc", NULL);
    says(2, AT_PORT("2222"), IN_EPOCH("1"));
    expect_found("127.0.0.1:2222", SHORT_MS);
}

/* hiredis ends the process that hears an answer to no question. */
static void who_says_more_than_was_asked_is_heard_no_more(void **state)
{
    (void)state;
    ask_sentinels();
    says(0, "+OK\r\n+OK\r\n+OK\r\n", NULL);
    says(1, AT_PORT("2222"), IN_EPOCH("1") "*1\r\n$14\r\n+switch-master\r\n");
    says(2, AT_PORT("2222"), IN_EPOCH("1"));
    expect_found("127.0.0.1:2222", LONG_MS);
}

static void who_claims_more_than_there_is_to_say_is_heard_no_more(void **state)
{
    (void)state;
    ask_sentinels();
    says(0, "*65537\r\n", NULL);
    says(1, "*2147483647\r\n", NULL);
    says(2, AT_PORT("2222"), IN_EPOCH("1"));
    expect_found("127.0.0.1:2222", LONG_MS);
}

static void nobody_knows(void **state)
{
    char expected[160];

    (void)state;
    ask_sentinels();
    for (int i = 0; i < FAKES; i++)
        says(i, NOBODY, "-ERR No such master with that name\r\n");
    (void)snprintf(expected, sizeof expected,
                   "none of 3 sentinels says where Redis is: 127.0.0.1:%d: it watches no master of "
                   "this name",
                   fakes[0].port);
    expect_found(expected, LONG_MS);
}

static void their_password_is_their_own(void **state)
{
    (void)state;
    ask_sentinels();
    char user[] = "us", password[] = "master's", theirs[] = "theirs";
    says(0, AT_PORT("2222"), IN_EPOCH("1"));
    address.user = user;
    address.password = password;
    address.guides.password = theirs;
    expect_found("127.0.0.1:2222", LONG_MS);
    assert_non_null(strstr(fakes[0].heard, "AUTH theirs\n"));
    assert_null(strstr(fakes[0].heard, "master's"));
    address.user = address.password = address.guides.password = NULL;
}

static void nodes_say_whose_the_key_is(void **state)
{
    char moved[64], expected[32];

    (void)state;
    ask_nodes();
    (void)snprintf(expected, sizeof expected, "127.0.0.1:%d", fakes[2].port);
    (void)snprintf(moved, sizeof moved, "-MOVED 7629 %s\r\n", expected);
    says(0, moved, NO_SLOTS);
    says(1, "-CLUSTERDOWN Hash slot not served\r\n", NO_SLOTS);
    says(2, "+none\r\n", NO_SLOTS);
    expect_found(expected, LONG_MS);
}

static void who_may_not_say_is_a_guess(void **state)
{
    (void)state;
    ask_nodes();
    says(0, "-NOPERM no\r\n", NO_SLOTS);
    says(1, "-NOPERM no\r\n", NO_SLOTS);
    says(2, "-MOVED 7629 10.0.0.9:7000\r\n", NO_SLOTS);
    expect_found("10.0.0.9:7000", LONG_MS);
}

/* Those of the key's slot first; the others by their owner. */
static void further_nodes_are_learned(void **state)
{
    (void)state;
    ask_nodes();
    says(0, "-MOVED 7629 10.0.0.9:7000\r\n",
         "*2\r\n"
         "*3\r\n:0\r\n:7628\r\n*3\r\n$8\r\n10.0.0.7\r\n:7000\r\n$1\r\na\r\n"
         "*4\r\n:7629\r\n:16383\r\n*3\r\n$8\r\n10.0.0.9\r\n:7000\r\n$1\r\nb\r\n"
         "*3\r\n$8\r\n10.0.0.8\r\n:7001\r\n$1\r\nc\r\n");
    says(1, NULL, NULL);
    expect_found("10.0.0.9:7000", SHORT_MS);
    assert_int_equal(learned.count, 3);
    assert_string_equal(learned.list[0].host, "10.0.0.9");
    assert_string_equal(learned.list[1].host, "10.0.0.8");
    assert_int_equal(learned.list[1].port, 7001);
    assert_string_equal(learned.list[2].host, "10.0.0.7");
}

static void one_walks_away_from_it(void **state)
{
    (void)state;
    ask_sentinels();
    says(0, AT_PORT("2222"), NULL);
    says(1, NULL, NULL);
    start(LONG_MS);
    search_abandon(search);
    start(LONG_MS);
    while (fakes[0].commands == 0)
        (void)uv_run(&loop, UV_RUN_ONCE);
    search_abandon(search);
    assert_string_equal(found, "");
}

static void patience_is_part_of_the_time_for_connecting(void **state)
{
    (void)state;
    assert_int_equal(search_patience_ms(2000), 500);
    assert_int_equal(search_patience_ms(100), 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_most_say_counts, begin, end),
        cmocka_unit_test_setup_teardown(who_answers_first_waits_for_the_others, begin, end),
        cmocka_unit_test_setup_teardown(who_is_silent_is_not_waited_for_when_most_agree, begin,
                                        end),
        cmocka_unit_test_setup_teardown(who_is_silent_is_waited_for_a_little, begin, end),
        cmocka_unit_test_setup_teardown(of_two_the_later_failover_counts, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_answer_does_not_count, begin, end),
        cmocka_unit_test_setup_teardown(who_hangs_up_or_babbles_does_not_count, begin, end),
        cmocka_unit_test_setup_teardown(who_says_more_than_was_asked_is_heard_no_more, begin, end),
        cmocka_unit_test_setup_teardown(who_claims_more_than_there_is_to_say_is_heard_no_more,
                                        begin, end),
        cmocka_unit_test_setup_teardown(nobody_knows, begin, end),
        cmocka_unit_test_setup_teardown(their_password_is_their_own, begin, end),
        cmocka_unit_test_setup_teardown(nodes_say_whose_the_key_is, begin, end),
        cmocka_unit_test_setup_teardown(who_may_not_say_is_a_guess, begin, end),
        cmocka_unit_test_setup_teardown(further_nodes_are_learned, begin, end),
        cmocka_unit_test_setup_teardown(one_walks_away_from_it, begin, end),
        cmocka_unit_test(patience_is_part_of_the_time_for_connecting),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

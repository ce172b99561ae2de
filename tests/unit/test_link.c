/* SPDX-License-Identifier: MIT */
/* How a link comes up, and what goes over it when all is well. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "tests/unit/link_witness.h"

static void connects_by_tcp(void **state)
{
    struct witness witness;

    (void)state;
    witness_begin_up(&witness);
    assert_string_equal(witness.fake.heard, "CLIENT SETNAME test\nINFO server\nPING\n");
    witness_end(&witness);
    witness_expect(&witness, "");
}

static void connects_by_unix_socket(void **state)
{
    struct witness witness;

    (void)state;
    witness_begin_unix(&witness);
    fake_listen(&witness.fake);
    witness_open(&witness);
    witness_wait(&witness, &witness.ups, 1);
    witness_ask(&witness, "GET a");
    witness_wait(&witness, &witness.fake.commands, 4);
    fake_say(&witness.fake, "$1\r\n7\r\n");
    witness_wait(&witness, &witness.answers, 1);
    witness_expect(&witness, "up | GET a: 7");
    witness_end(&witness);
}

static void answers_come_in_order(void **state)
{
    struct witness witness;

    (void)state;
    witness_begin_up(&witness);
    witness_ask(&witness, "GET a");
    witness_ask(&witness, "GET b");
    witness_ask(&witness, "XADD s");
    witness_ask(&witness, "HGETALL h");
    witness_wait(&witness, &witness.fake.commands, 7);
    fake_say(&witness.fake, "$1\r\n7\r\n$-1\r\n-ERR wrong number of arguments\r\n*2\r\n+x\r\n");
    witness_wait(&witness, &witness.answers, 3);
    witness_expect(&witness, "GET a: 7 | GET b: (0) | XADD s: ERR wrong number of arguments");
    fake_say(&witness.fake, "+y\r\n");
    witness_wait(&witness, &witness.answers, 4);
    witness_expect(&witness, "HGETALL h: (2)");
    witness_end(&witness);
}

/* No free port is needed to be refused: the port is taken, but nobody listens yet. */
static void comes_up_when_the_port_opens(void **state)
{
    struct witness witness;

    (void)state;
    witness_begin(&witness);
    witness_open(&witness);
    witness_wait(&witness, &witness.downs, 2);
    witness_expect(&witness, "down: Connection refused | down: Connection refused");
    fake_listen(&witness.fake);
    witness_wait(&witness, &witness.ups, 1);
    witness_expect(&witness, "up");
    witness_end(&witness);
}

static void tries_on_while_there_is_no_socket(void **state)
{
    struct witness witness;

    (void)state;
    witness_begin_unix(&witness);
    free(witness.address.path);
    witness.address.path = memory_text("/nonexistent/redis.sock");
    witness_open(&witness);
    witness_expect(&witness, "down: No such file or directory");
    witness_wait(&witness, &witness.downs, 3);
    witness_end(&witness);
}

static void sends_nothing_while_it_is_down(void **state)
{
    struct witness witness;

    (void)state;
    witness_begin(&witness);
    witness_open(&witness);
    assert_int_equal(witness_try(&witness, "PING"), 1);
    witness_wait(&witness, &witness.downs, 1);
    assert_int_equal(witness_try(&witness, "PING"), 1);
    assert_false(link_is_up(witness.link));
    link_flush(witness.link);
    witness_end(&witness);
    assert_int_equal(witness.answers, 0);
}

static void flushes_without_the_loop(void **state)
{
    struct witness witness;

    (void)state;
    witness_begin_up(&witness);
    struct pollfd peer = {.fd = witness.fake.peer, .events = POLLIN};
    witness_ask(&witness, "GET a");
    assert_int_equal(poll(&peer, 1, 0), 0);
    link_flush(witness.link);
    assert_int_equal(poll(&peer, 1, 1000), 1);
    witness_wait(&witness, &witness.fake.commands, 4);
    fake_say(&witness.fake, ":1\r\n");
    witness_wait(&witness, &witness.answers, 1);
    witness_expect(&witness, "GET a: 1");
    witness_end(&witness);
}

/* More than a socket takes at once, both ways. */
static void carries_large_values(void **state)
{
    const struct fake_answer answers[] = {{"SET", "+OK\r\n"}, {NULL, NULL}};
    struct witness witness;

    (void)state;
    witness_begin_up(&witness);
    witness.fake.answers = answers;
    for (int i = 1; i <= 2000; i++) {
        witness.fake.heard[0] = witness.story[0] = '\0';
        witness_ask(&witness,
                    "SET k 0123456789012345678901234567890123456789012345678901234567890");
        if (i % 50 == 0)
            witness_wait(&witness, &witness.answers, i);
    }
    witness_end(&witness);
}

static void set_host(struct witness *witness, const char *host)
{
    free(witness->address.host);
    witness->address.host = memory_text(host);
}

/* It may name ::1 first, where nobody listens; the next try takes the next address. */
static void resolves_host_names_off_the_loop(void **state)
{
    struct witness witness;

    (void)state;
    witness_begin(&witness);
    fake_listen(&witness.fake);
    set_host(&witness, "localhost");
    witness_open(&witness);
    assert_int_equal(witness_try(&witness, "PING"), 1);
    witness_wait(&witness, &witness.ups, 1);
    witness_end(&witness);
}

static void says_when_a_name_is_no_good(void **state)
{
    struct witness witness;
    char label[301];

    (void)state;
    memset(label, 'a', sizeof label - 1);
    label[sizeof label - 1] = '\0';
    witness_begin(&witness);
    set_host(&witness, label);
    witness_open(&witness);
    witness_wait(&witness, &witness.downs, 2);
    assert_memory_equal(witness.story, "down: ", 6);
    witness_end(&witness);
}

static void walks_away_from_a_name(void **state)
{
    struct witness witness;

    (void)state;
    witness_begin(&witness);
    set_host(&witness, "localhost");
    witness_open(&witness);
    link_drop(witness.link, "changed my mind");
    witness_expect(&witness, "down: changed my mind");
    witness_end(&witness);
    witness_begin(&witness);
    set_host(&witness, "localhost");
    witness_open(&witness);
    witness_end(&witness);
    witness_expect(&witness, "");
}

static void may_be_closed_unopened(void **state)
{
    struct witness witness;

    (void)state;
    witness_begin(&witness);
    witness_open(&witness);
    witness_end(&witness);
    witness_expect(&witness, "");
}

static void expect_retry(struct witness *witness, uint64_t most)
{
    int downs = witness->downs;

    witness_wait(witness, &witness->downs, downs + 1);
    assert_in_range(witness->retry_ms, most / 2, most);
    witness->story[0] = '\0';
}

static void backs_off_between_half_and_whole(void **state)
{
    struct witness witness;

    (void)state;
    witness_begin(&witness);
    witness.config.backoff_max_ms = 48;
    witness_open(&witness);
    for (uint64_t most = 4; most <= 32; most *= 2)
        expect_retry(&witness, most);
    expect_retry(&witness, 48);
    expect_retry(&witness, 48);
    link_reset_backoff(witness.link);
    expect_retry(&witness, 4);
    expect_retry(&witness, 8);
    witness_end(&witness);
}

/* To be up is not enough: the backoff is the owner's to reset. */
static void grows_until_settled(void **state)
{
    struct witness witness;

    (void)state;
    witness_begin_up(&witness);
    for (uint64_t most = 4; most <= 16; most *= 2) {
        fake_reset(&witness.fake);
        expect_retry(&witness, most);
        witness_wait(&witness, &witness.ups, witness.downs + 1);
    }
    link_reset_backoff(witness.link);
    fake_reset(&witness.fake);
    expect_retry(&witness, 4);
    witness_end(&witness);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connects_by_tcp),
        cmocka_unit_test(connects_by_unix_socket),
        cmocka_unit_test(answers_come_in_order),
        cmocka_unit_test(comes_up_when_the_port_opens),
        cmocka_unit_test(tries_on_while_there_is_no_socket),
        cmocka_unit_test(sends_nothing_while_it_is_down),
        cmocka_unit_test(flushes_without_the_loop),
        cmocka_unit_test(carries_large_values),
        cmocka_unit_test(resolves_host_names_off_the_loop),
        cmocka_unit_test(says_when_a_name_is_no_good),
        cmocka_unit_test(walks_away_from_a_name),
        cmocka_unit_test(may_be_closed_unopened),
        cmocka_unit_test(backs_off_between_half_and_whole),
        cmocka_unit_test(grows_until_settled),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* A link whose owner acts within the link's own callbacks. */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/link_witness.h"

static void drop(struct witness *witness)
{
    link_drop(witness->link, "dropped within");
}

static void drop_once(struct witness *witness)
{
    witness->when_up = witness->when_down = witness->when_answered = NULL;
    drop(witness);
}

static void close_once(struct witness *witness)
{
    witness->when_up = witness->when_down = witness->when_answered = NULL;
    witness_close_link(witness);
}

static void expect_refusal(struct witness *witness)
{
    assert_int_equal(witness_try(witness, "GET x"), 1);
    link_flush(witness->link);
    witness_tell(witness, "refused");
}

static void ask_more(struct witness *witness)
{
    witness->when_up = witness->when_answered = NULL;
    witness_ask(witness, "GET more");
}

/* Three commands on their way, and the first one's answer in the socket. */
static void ask_three(struct witness *witness)
{
    witness_begin_up(witness);
    witness_ask(witness, "GET a");
    witness_ask(witness, "GET b");
    witness_ask(witness, "GET c");
    witness_wait(witness, &witness->fake.commands, 6);
    fake_say(&witness->fake, ":1\r\n");
}

static void sends_within_up(void **state)
{
    const struct fake_answer answers[] = {{"GET more", ":1\r\n"}, {NULL, NULL}};
    struct witness witness;

    (void)state;
    witness_begin(&witness);
    fake_listen(&witness.fake);
    witness.fake.answers = answers;
    witness.when_up = ask_more;
    witness_open(&witness);
    witness_wait(&witness, &witness.answers, 1);
    witness_expect(&witness, "up | GET more: 1");
    witness_end(&witness);
}

static void sends_within_a_reply(void **state)
{
    const struct fake_answer answers[] = {
        {"GET more", ":2\r\n"}, {"GET a", ":1\r\n"}, {NULL, NULL}};
    struct witness witness;

    (void)state;
    witness_begin_up(&witness);
    witness.fake.answers = answers;
    witness.when_answered = ask_more;
    witness_ask(&witness, "GET a");
    witness_wait(&witness, &witness.answers, 2);
    witness_expect(&witness, "GET a: 1 | GET more: 2");
    witness_end(&witness);
}

/* What still waits is lost before down(), here too. */
static void drops_within_a_reply(void **state)
{
    struct witness witness;

    (void)state;
    ask_three(&witness);
    witness.when_answered = drop_once;
    witness_wait(&witness, &witness.downs, 1);
    witness_expect(&witness, "GET a: 1 | GET b: lost | GET c: lost | down: dropped within");
    witness_wait(&witness, &witness.ups, 2);
    witness_expect(&witness, "up");
    witness_ask(&witness, "GET d");
    witness_wait(&witness, &witness.fake.commands, 4);
    fake_say(&witness.fake, ":4\r\n");
    witness_wait(&witness, &witness.answers, 4);
    witness_expect(&witness, "GET d: 4");
    witness_end(&witness);
}

static void closes_within_a_reply(void **state)
{
    struct witness witness;

    (void)state;
    ask_three(&witness);
    witness.when_answered = close_once;
    witness_wait(&witness, &witness.closed, 1);
    witness_expect(&witness, "GET a: 1 | GET b: lost | GET c: lost");
    witness_end(&witness);
}

static void closes_after_a_drop_within_a_reply(void **state)
{
    struct witness witness;

    (void)state;
    ask_three(&witness);
    witness.when_answered = drop_once;
    witness.when_down = NULL;
    witness_wait(&witness, &witness.answers, 1);
    witness_end(&witness);
    assert_int_equal(witness.answers, 3);
    assert_int_equal(witness.downs, 1);
}

static void drops_within_up(void **state)
{
    struct witness witness;

    (void)state;
    witness_begin(&witness);
    fake_listen(&witness.fake);
    witness.when_up = drop_once;
    witness_open(&witness);
    witness_wait(&witness, &witness.ups, 2);
    witness_expect(&witness, "up | down: dropped within | up");
    witness_end(&witness);
}

static void ask_and_drop(struct witness *witness)
{
    witness_ask(witness, "GET a");
    drop_once(witness);
}

static void drops_a_command_within_up(void **state)
{
    struct witness witness;

    (void)state;
    witness_begin(&witness);
    fake_listen(&witness.fake);
    witness.when_up = ask_and_drop;
    witness_open(&witness);
    witness_wait(&witness, &witness.ups, 2);
    witness_expect(&witness, "up | GET a: lost | down: dropped within | up");
    witness_end(&witness);
}

static void closes_within_up(void **state)
{
    struct witness witness;

    (void)state;
    witness_begin(&witness);
    fake_listen(&witness.fake);
    witness.when_up = close_once;
    witness_open(&witness);
    witness_wait(&witness, &witness.closed, 1);
    witness_expect(&witness, "up");
    witness_end(&witness);
}

static void is_down_within_down(void **state)
{
    struct witness witness;

    (void)state;
    witness_begin_up(&witness);
    witness.when_down = expect_refusal;
    witness_ask(&witness, "GET a");
    witness_wait(&witness, &witness.fake.commands, 4);
    fake_reset(&witness.fake);
    witness_wait(&witness, &witness.downs, 1);
    witness_expect(&witness, "GET a: lost | down: Connection reset by peer | refused");
    witness_end(&witness);
}

static void takes_nothing_when_a_command_is_lost(void **state)
{
    struct witness witness;

    (void)state;
    witness_begin_up(&witness);
    witness.when_answered = expect_refusal;
    witness_ask(&witness, "GET a");
    witness_ask(&witness, "GET b");
    witness_wait(&witness, &witness.fake.commands, 5);
    fake_reset(&witness.fake);
    witness_wait(&witness, &witness.downs, 1);
    witness_expect(&witness, "GET a: lost | refused | GET b: lost | refused | "
                             "down: Connection reset by peer");
    witness_end(&witness);
}

static void drops_in_vain_within_down(void **state)
{
    struct witness witness;

    (void)state;
    witness_begin_up(&witness);
    witness.when_down = drop;
    fake_reset(&witness.fake);
    witness_wait(&witness, &witness.ups, 2);
    witness_expect(&witness, "down: Connection reset by peer | up");
    witness_end(&witness);
}

static void closes_within_down_after_a_loss(void **state)
{
    struct witness witness;

    (void)state;
    witness_begin_up(&witness);
    witness.when_down = close_once;
    witness_ask(&witness, "GET a");
    witness_wait(&witness, &witness.fake.commands, 4);
    fake_reset(&witness.fake);
    witness_wait(&witness, &witness.closed, 1);
    witness_expect(&witness, "GET a: lost | down: Connection reset by peer");
    witness_end(&witness);
}

static void closes_within_down_after_a_refusal(void **state)
{
    struct witness witness;

    (void)state;
    witness_begin(&witness);
    witness.when_down = close_once;
    witness_open(&witness);
    witness_wait(&witness, &witness.closed, 1);
    witness_expect(&witness, "down: Connection refused");
    witness_end(&witness);
}

static void closes_within_down_after_silence(void **state)
{
    struct witness witness;

    (void)state;
    witness_begin_up(&witness);
    witness.when_down = close_once;
    witness_ask_within(&witness, "GET a", 20);
    witness_wait(&witness, &witness.closed, 1);
    witness_expect(&witness, "GET a: lost | down: Redis did not answer in time");
    witness_end(&witness);
}

static void closes_within_down_after_a_drop_within_a_reply(void **state)
{
    struct witness witness;

    (void)state;
    ask_three(&witness);
    witness.when_answered = drop;
    witness.when_down = close_once;
    witness_wait(&witness, &witness.closed, 1);
    witness_expect(&witness, "GET a: 1 | GET b: lost | GET c: lost | down: dropped within");
    witness_end(&witness);
}

static void closes_within_down_of_a_complaint(void **state)
{
    const struct fake_answer answers[] = {{"PING", "-LOADING wait\r\n"}, {NULL, NULL}};
    struct witness witness;

    (void)state;
    witness_begin(&witness);
    fake_listen(&witness.fake);
    witness.fake.answers = answers;
    witness.when_down = close_once;
    witness_open(&witness);
    witness_wait(&witness, &witness.closed, 1);
    witness_expect(&witness, "down: LOADING wait");
    witness_end(&witness);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sends_within_up),
        cmocka_unit_test(sends_within_a_reply),
        cmocka_unit_test(drops_within_a_reply),
        cmocka_unit_test(closes_within_a_reply),
        cmocka_unit_test(closes_after_a_drop_within_a_reply),
        cmocka_unit_test(drops_within_up),
        cmocka_unit_test(drops_a_command_within_up),
        cmocka_unit_test(closes_within_up),
        cmocka_unit_test(is_down_within_down),
        cmocka_unit_test(takes_nothing_when_a_command_is_lost),
        cmocka_unit_test(drops_in_vain_within_down),
        cmocka_unit_test(closes_within_down_after_a_loss),
        cmocka_unit_test(closes_within_down_after_a_refusal),
        cmocka_unit_test(closes_within_down_after_silence),
        cmocka_unit_test(closes_within_down_after_a_drop_within_a_reply),
        cmocka_unit_test(closes_within_down_of_a_complaint),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "common/redis/acks.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/link_witness.h"

/* Kinds as a service has them; it takes those before the last. */
enum { STALE, INVALID, HOLD, CLOSE, NOTHING };

static void on_refused(void *owner, const char *complaint)
{
    struct witness *witness = owner;

    witness_tell(witness, "refused: %s", complaint);
    witness->answers++;
}

static struct acks begin(struct witness *witness)
{
    witness_begin_up(witness);
    witness->fake.commands = 0;
    witness->fake.heard[0] = '\0';
    return (struct acks){.link = witness->link,
                         .stream = "s",
                         .group = "g",
                         .refused = on_refused,
                         .owner = witness};
}

static void add(struct acks *acks, uint64_t ms, unsigned kind)
{
    acks_add(acks, (struct stream_id){ms, 0}, kind);
}

/* Turns the loop until no ACK is on its way. */
static void settle(struct witness *witness, const struct acks *acks)
{
    while (acks->on_their_way > 0)
        (void)uv_run(&witness->loop, UV_RUN_ONCE);
}

static void end(struct witness *witness, struct acks *acks)
{
    witness_end(witness);
    acks_deinit(acks);
}

static const struct fake_answer confirming[] = {{"XACK", ":1\r\n"}, {NULL, NULL}};

static void an_ack_counts_when_it_is_confirmed(void **state)
{
    struct witness witness;
    struct acks acks = begin(&witness);

    (void)state;
    add(&acks, 1, STALE);
    add(&acks, 2, INVALID);
    add(&acks, 3, STALE);
    add(&acks, 4, NOTHING);
    acks_flush(&acks);
    assert_int_equal(acks.count, 0);
    assert_int_equal(acks.on_their_way, 1);
    witness_wait(&witness, &witness.fake.commands, 1);
    assert_string_equal(witness.fake.heard, "XACK s g 1-0 2-0 3-0 4-0\n");
    assert_int_equal(acks.settled[STALE], 0);
    fake_say(&witness.fake, ":4\r\n");
    settle(&witness, &acks);
    uint64_t settled[NOTHING];
    acks_take_settled(&acks, NOTHING, settled);
    assert_int_equal(settled[STALE], 2);
    assert_int_equal(settled[INVALID], 1);
    acks_take_settled(&acks, NOTHING, settled);
    assert_int_equal(settled[STALE], 0);
    end(&witness, &acks);
}

static void nothing_to_send_is_nothing_sent(void **state)
{
    struct witness witness;
    struct acks acks = begin(&witness);

    (void)state;
    acks_flush(&acks);
    assert_int_equal(acks.on_their_way, 0);
    end(&witness, &acks);
}

/* Redis is not held up by ten thousand ids at a time. */
static void goes_in_batches(void **state)
{
    const struct fake_answer silence[] = {{"XACK", NULL}, {NULL, NULL}};
    struct witness witness;
    struct acks acks = begin(&witness);

    (void)state;
    witness.fake.answers = silence;
    for (uint64_t i = 0; i < 2001; i++)
        add(&acks, 1, HOLD);
    acks_flush(&acks);
    assert_int_equal(acks.on_their_way, 3);
    assert_int_equal(acks.count, 0);
    link_drop(witness.link, "enough");
    assert_int_equal(acks.on_their_way, 0);
    end(&witness, &acks);
}

/* With a backlog only whole batches go; the rest waits, and keeps its order. */
static void the_rest_of_a_batch_may_wait(void **state)
{
    struct witness witness;
    struct acks acks = begin(&witness);

    (void)state;
    add(&acks, 1, HOLD);
    acks_flush_full(&acks);
    assert_int_equal(acks.on_their_way, 0);
    for (uint64_t i = 2; i <= 1002; i++)
        add(&acks, i, HOLD);
    acks_flush_full(&acks);
    assert_int_equal(acks.on_their_way, 1);
    assert_int_equal(acks.count, 2);
    assert_int_equal(acks.waiting[0].id.ms, 1001);
    assert_int_equal(acks.waiting[1].id.ms, 1002);
    link_drop(witness.link, "enough");
    end(&witness, &acks);
}

static void what_is_refused_is_sent_again(void **state)
{
    const struct fake_answer refusing[] = {{"XACK", "-NOPERM no\r\n"}, {NULL, NULL}};
    struct witness witness;
    struct acks acks = begin(&witness);

    (void)state;
    witness.fake.answers = refusing;
    add(&acks, 1, HOLD);
    add(&acks, 2, CLOSE);
    acks_flush(&acks);
    witness_wait(&witness, &witness.answers, 1);
    witness_expect(&witness, "refused: NOPERM no (XACK s)");
    assert_int_equal(acks.count, 2);
    assert_true(acks.is_refusing);
    assert_int_equal(acks.settled[HOLD], 0);
    witness.fake.answers = confirming;
    acks_flush(&acks);
    settle(&witness, &acks);
    assert_string_equal(witness.fake.heard, "XACK s g 1-0 2-0\nXACK s g 1-0 2-0\n");
    assert_int_equal(acks.settled[HOLD], 1);
    assert_int_equal(acks.settled[CLOSE], 1);
    assert_false(acks.is_refusing);
    end(&witness, &acks);
}

static void an_odd_answer_confirms_nothing(void **state)
{
    const struct fake_answer odd[] = {{"XACK", "+OK\r\n"}, {NULL, NULL}};
    struct witness witness;
    struct acks acks = begin(&witness);

    (void)state;
    witness.fake.answers = odd;
    add(&acks, 1, HOLD);
    acks_flush(&acks);
    witness_wait(&witness, &witness.answers, 1);
    witness_expect(&witness, "refused: Redis sent a reply of an unexpected shape");
    assert_int_equal(acks.count, 1);
    end(&witness, &acks);
}

/* What is unanswered will be read again as pending. */
static void what_is_lost_is_forgotten(void **state)
{
    struct witness witness;
    struct acks acks = begin(&witness);

    (void)state;
    add(&acks, 1, HOLD);
    acks_flush(&acks);
    add(&acks, 2, HOLD);
    witness_wait(&witness, &witness.fake.commands, 1);
    fake_reset(&witness.fake);
    witness_wait(&witness, &witness.downs, 1);
    witness_expect(&witness, "down: Connection reset by peer");
    assert_int_equal(acks.on_their_way, 0);
    assert_int_equal(acks.count, 1);
    acks_flush(&acks);
    assert_int_equal(acks.on_their_way, 0);
    assert_int_equal(acks.count, 0);
    assert_int_equal(acks.settled[HOLD], 0);
    end(&witness, &acks);
}

static void forgets_when_told(void **state)
{
    struct witness witness;
    struct acks acks = begin(&witness);

    (void)state;
    add(&acks, 1, HOLD);
    acks_forget(&acks);
    acks_flush(&acks);
    assert_int_equal(acks.on_their_way, 0);
    end(&witness, &acks);
    assert_null(acks.waiting);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ack_counts_when_it_is_confirmed),
        cmocka_unit_test(nothing_to_send_is_nothing_sent),
        cmocka_unit_test(goes_in_batches),
        cmocka_unit_test(the_rest_of_a_batch_may_wait),
        cmocka_unit_test(what_is_refused_is_sent_again),
        cmocka_unit_test(an_odd_answer_confirms_nothing),
        cmocka_unit_test(what_is_lost_is_forgotten),
        cmocka_unit_test(forgets_when_told),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

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

static void on_returned(void *owner, const redisReply *entries)
{
    struct witness *witness = owner;

    witness_tell(witness, "returned: %zu", entries->elements);
    witness->answers++;
}

static void on_aged(void *owner, const struct ack *ack)
{
    witness_tell(owner, "aged: %llu, of %lld", (unsigned long long)ack->id.ms,
                 (long long)ack->dated_ms);
}

static struct redis_clock redis_clock;

static struct acks begin(struct witness *witness)
{
    static const struct acks_events events = {on_refused, on_returned, on_aged};
    static const struct script script = {.source = "", .hash = "abc"};

    witness_begin_up(witness);
    witness->fake.commands = 0;
    witness->fake.heard[0] = '\0';
    return (struct acks){.link = witness->link,
                         .stream = "s",
                         .group = "g",
                         .consumer = "c",
                         .script = &script,
                         .clock = &redis_clock,
                         .events = &events,
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

/* The bounds are such that those of each hold. */
static void what_is_dropped_for_its_age_is_so_by_redis_clock(void **state)
{
    const struct fake_answer holds[] = {{"EVALSHA abc", "*3\r\n$1\r\n5\r\n$4\r\n7000\r\n:1\r\n"},
                                        {NULL, NULL}};
    struct witness witness;
    struct acks acks = begin(&witness);

    (void)state;
    witness.fake.answers = holds;
    acks_add_stale(&acks, (struct stream_id){1, 0}, STALE, 1000, 30);
    acks_add_stale(&acks, (struct stream_id){2, 0}, STALE, 1001, 30);
    acks_add_future(&acks, (struct stream_id){3, 0}, INVALID, 9001, 30);
    acks_add_future(&acks, (struct stream_id){4, 0}, INVALID, 9000, 30);
    add(&acks, 5, HOLD);
    acks_flush(&acks);
    settle(&witness, &acks);
    assert_string_equal(witness.fake.heard, "EVALSHA abc 1 s g 1031 8970 1-0 2-0 3-0 4-0 5-0\n");
    witness_expect(&witness,
                   "aged: 1, of 1000 | aged: 2, of 1001 | aged: 3, of 9001 | aged: 4, of 9000");
    assert_int_equal(acks.settled[STALE], 2);
    assert_int_equal(acks.settled[INVALID], 2);
    assert_int_equal(acks.settled[HOLD], 1);
    assert_in_range(redis_clock_now(&redis_clock), 5007, 60000);
    end(&witness, &acks);
}

static void what_is_not_so_is_fetched_once_more(void **state)
{
    const struct fake_answer set_back[] = {{"EVALSHA abc", "*3\r\n$1\r\n5\r\n$4\r\n7000\r\n:0\r\n"},
                                           {"XCLAIM s g c 0 1-0 1-0", "*2\r\n*0\r\n*0\r\n"},
                                           {"XCLAIM s g c 0 2-0", "*1\r\n*0\r\n"},
                                           {NULL, NULL}};
    struct witness witness;
    struct acks acks = begin(&witness);

    (void)state;
    witness.fake.answers = set_back;
    for (size_t i = 0; i < 100; i++)
        add(&acks, 1, HOLD);
    acks_add_stale(&acks, (struct stream_id){2, 0}, STALE, 100000, 30);
    acks_flush(&acks);
    witness_wait(&witness, &witness.answers, 2);
    witness_expect(&witness, "returned: 2 | returned: 1");
    assert_int_equal(acks.settled[STALE], 0);
    assert_int_equal(acks.settled[HOLD], 0);
    assert_int_equal(acks.count, 0);
    end(&witness, &acks);
}

/* What was fetched in vain is ACKed once more, and fetched once more. */
static void what_cannot_be_fetched_waits(void **state)
{
    const struct fake_answer refusing[] = {{"EVALSHA abc", "*3\r\n$1\r\n5\r\n$4\r\n7000\r\n:0\r\n"},
                                           {"XCLAIM s g c 0 2-0", "-NOPERM no\r\n"},
                                           {NULL, NULL}};
    struct witness witness;
    struct acks acks = begin(&witness);

    (void)state;
    witness.fake.answers = refusing;
    acks_add_stale(&acks, (struct stream_id){2, 0}, STALE, 100000, 30);
    acks_flush(&acks);
    witness_wait(&witness, &witness.answers, 1);
    witness_expect(&witness, "refused: NOPERM no (XCLAIM s)");
    assert_true(acks.is_refusing);
    assert_int_equal(acks.count, 1);
    end(&witness, &acks);
}

static void an_odd_answer_of_the_script_confirms_nothing(void **state)
{
    const struct fake_answer odd[] = {{"EVALSHA abc", ":1\r\n"}, {NULL, NULL}};
    struct witness witness;
    struct acks acks = begin(&witness);

    (void)state;
    witness.fake.answers = odd;
    acks_add_stale(&acks, (struct stream_id){2, 0}, STALE, 1000, 30);
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
        cmocka_unit_test(what_is_dropped_for_its_age_is_so_by_redis_clock),
        cmocka_unit_test(what_is_not_so_is_fetched_once_more),
        cmocka_unit_test(what_cannot_be_fetched_waits),
        cmocka_unit_test(an_odd_answer_of_the_script_confirms_nothing),
        cmocka_unit_test(what_is_lost_is_forgotten),
        cmocka_unit_test(forgets_when_told),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

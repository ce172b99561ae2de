/* SPDX-License-Identifier: MIT */
#include "common/redis/script.h"

#include <stdlib.h>
#include <string.h>

#include "common/redis/reply.h"
#include "tests/unit/link_witness.h"

#define HASH "0123456789012345678901234567890123456789"

static const struct fake_answer taught[] = {{"SCRIPT LOAD", "$40\r\n" HASH "\r\n"}, {NULL, NULL}};

static void on_loaded(void *data, const char *complaint)
{
    struct witness *witness = data;

    witness_tell(witness, "loaded: %s", complaint ? complaint : "well");
    witness->answers++;
}

static void on_called(void *data, const redisReply *reply)
{
    struct witness *witness = data;
    int64_t number;

    if (reply_read_integer(reply, &number))
        witness_tell(witness, "called: %d", (int)number);
    else
        witness_tell(witness, "called: %s", reply_complaint(reply));
    witness->answers++;
}

static void begin(struct witness *witness, struct script *script)
{
    *script = (struct script){.source = "return_7"};
    witness_begin_up(witness);
    witness->fake.answers = taught;
    assert_int_equal(script_load(script, witness->link, on_loaded, witness), 0);
    witness_wait(witness, &witness->answers, 1);
    witness_expect(witness, "loaded: well");
    assert_string_equal(script->hash, HASH);
    witness->answers = 0;
    witness->fake.commands = 0;
    witness->fake.heard[0] = '\0';
}

static int call(struct witness *witness, const struct script *script)
{
    struct command command;

    script_command(script, 2, &command);
    command_add_all(&command, "k1", "k2", "a1", NULL);
    int refused = script_call(script, witness->link, &command, 1000, on_called, witness);
    assert_null(command.bytes);
    return refused;
}

static void runs_by_its_hash(void **state)
{
    struct witness witness;
    struct script script;

    (void)state;
    begin(&witness, &script);
    assert_int_equal(call(&witness, &script), 0);
    witness_wait(&witness, &witness.fake.commands, 1);
    assert_string_equal(witness.fake.heard, "EVALSHA " HASH " 2 k1 k2 a1\n");
    fake_say(&witness.fake, ":7\r\n");
    witness_wait(&witness, &witness.answers, 1);
    witness_expect(&witness, "called: 7");
    witness_end(&witness);
}

static void is_taught_again_when_forgotten(void **state)
{
    struct witness witness;
    struct script script;

    (void)state;
    begin(&witness, &script);
    assert_int_equal(call(&witness, &script), 0);
    witness_wait(&witness, &witness.fake.commands, 1);
    fake_say(&witness.fake, "-NOSCRIPT No matching script. Please use EVAL.\r\n");
    witness_wait(&witness, &witness.fake.commands, 3);
    assert_string_equal(witness.fake.heard, "EVALSHA " HASH " 2 k1 k2 a1\n"
                                            "SCRIPT LOAD return_7\n"
                                            "EVALSHA " HASH " 2 k1 k2 a1\n");
    fake_say(&witness.fake, ":7\r\n");
    witness_wait(&witness, &witness.answers, 1);
    witness_expect(&witness, "called: 7");
    witness_end(&witness);
}

static void is_repeated_once(void **state)
{
    const struct fake_answer forgetful[] = {
        {"EVALSHA", "-NOSCRIPT again\r\n"}, {"SCRIPT", "-NOPERM no\r\n"}, {NULL, NULL}};
    struct witness witness;
    struct script script;

    (void)state;
    begin(&witness, &script);
    witness.fake.answers = forgetful;
    assert_int_equal(call(&witness, &script), 0);
    witness_wait(&witness, &witness.answers, 1);
    witness_expect(&witness, "called: NOSCRIPT again");
    assert_int_equal(witness.fake.commands, 3);
    witness_end(&witness);
    witness_expect(&witness, "");
}

static void hands_other_errors_on(void **state)
{
    const struct fake_answer answers[] = {{"EVALSHA", "-NOSCRIPTS alike\r\n"}, {NULL, NULL}};
    struct witness witness;
    struct script script;

    (void)state;
    begin(&witness, &script);
    witness.fake.answers = answers;
    assert_int_equal(call(&witness, &script), 0);
    witness_wait(&witness, &witness.answers, 1);
    witness_expect(&witness, "called: NOSCRIPTS alike");
    assert_int_equal(witness.fake.commands, 1);
    witness_end(&witness);
}

static void is_lost_with_the_connection(void **state)
{
    struct witness witness;
    struct script script;

    (void)state;
    begin(&witness, &script);
    assert_int_equal(call(&witness, &script), 0);
    witness_wait(&witness, &witness.fake.commands, 1);
    fake_reset(&witness.fake);
    witness_wait(&witness, &witness.downs, 1);
    witness_expect(&witness, "called: the connection was lost | down: Connection reset by peer");
    assert_int_equal(call(&witness, &script), 1);
    witness_end(&witness);
    witness_expect(&witness, "");
}

static void is_lost_while_taught_again(void **state)
{
    const struct fake_answer silence[] = {{"", NULL}, {NULL, NULL}};
    struct witness witness;
    struct script script;

    (void)state;
    begin(&witness, &script);
    witness.fake.answers = silence;
    assert_int_equal(call(&witness, &script), 0);
    witness_wait(&witness, &witness.fake.commands, 1);
    fake_say(&witness.fake, "-NOSCRIPT\r\n");
    witness_wait(&witness, &witness.fake.commands, 3);
    fake_reset(&witness.fake);
    witness_wait(&witness, &witness.downs, 1);
    witness_expect(&witness, "called: the connection was lost | down: Connection reset by peer");
    witness_end(&witness);
}

static void expect_not_loaded(const char *reply, const char *story)
{
    const struct fake_answer answers[] = {{"SCRIPT LOAD", reply}, {NULL, NULL}};
    struct script script = {.source = "return_7"};
    struct witness witness;

    witness_begin_up(&witness);
    witness.fake.answers = answers;
    assert_int_equal(script_load(&script, witness.link, on_loaded, &witness), 0);
    witness_wait(&witness, &witness.answers, 1);
    witness_expect(&witness, story);
    assert_string_equal(script.hash, "");
    witness_end(&witness);
}

static void says_why_it_was_not_learnt(void **state)
{
    (void)state;
    expect_not_loaded("-ERR Error compiling script\r\n", "loaded: ERR Error compiling script");
    expect_not_loaded(":1\r\n", "loaded: Redis sent a reply of an unexpected shape");
    expect_not_loaded("$0\r\n\r\n", "loaded: Redis sent a reply of an unexpected shape");
    expect_not_loaded("$41\r\n" HASH "x\r\n", "loaded: Redis sent a reply of an unexpected shape");
}

static void is_not_taught_without_a_connection(void **state)
{
    struct script script = {.source = "return_7"};
    struct witness witness;

    (void)state;
    witness_begin(&witness);
    witness_open(&witness);
    assert_int_equal(script_load(&script, witness.link, on_loaded, &witness), 1);
    witness_end(&witness);
    witness_begin_up(&witness);
    assert_int_equal(script_load(&script, witness.link, on_loaded, &witness), 0);
    witness_wait(&witness, &witness.fake.commands, 4);
    fake_reset(&witness.fake);
    witness_wait(&witness, &witness.downs, 1);
    witness_expect(&witness, "down: Connection reset by peer");
    witness_end(&witness);
}

/* --- with another command at the same moment */

#define BOTH "MULTI\nEVALSHA " HASH " 1 k1\nGET k2\nEXEC\n"

static void on_both(void *data, const redisReply *reply)
{
    struct witness *witness = data;
    int64_t first, second;

    if (reply_read_integer(reply_element(reply, 0), &first) &&
        reply_read_integer(reply_element(reply, 1), &second))
        witness_tell(witness, "called: %d and %d", (int)first, (int)second);
    else
        witness_tell(witness, "called: %s", reply_complaint(reply));
    witness->answers++;
}

static void call_both(struct witness *witness, const struct script *script)
{
    struct command command, beside = {0};

    script_command(script, 1, &command);
    command_add(&command, "k1");
    command_add_all(&beside, "GET", "k2", NULL);
    assert_int_equal(
        script_call_beside(script, witness->link, &command, &beside, 1000, on_both, witness), 0);
    assert_null(command.bytes);
    assert_null(beside.bytes);
    witness_wait(witness, &witness->fake.commands, 4);
    assert_string_equal(witness->fake.heard, BOTH);
}

static void runs_beside_another_command(void **state)
{
    struct witness witness;
    struct script script;

    (void)state;
    begin(&witness, &script);
    call_both(&witness, &script);
    fake_say(&witness.fake, "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n:7\r\n:8\r\n");
    witness_wait(&witness, &witness.answers, 1);
    witness_expect(&witness, "called: 7 and 8");
    witness_end(&witness);
}

static void is_taught_again_beside_it(void **state)
{
    struct witness witness;
    struct script script;

    (void)state;
    begin(&witness, &script);
    call_both(&witness, &script);
    fake_say(&witness.fake, "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n-NOSCRIPT none\r\n:8\r\n");
    witness_wait(&witness, &witness.fake.commands, 9);
    assert_string_equal(witness.fake.heard, BOTH "SCRIPT LOAD return_7\n" BOTH);
    fake_say(&witness.fake, "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n:7\r\n:8\r\n");
    witness_wait(&witness, &witness.answers, 1);
    witness_expect(&witness, "called: 7 and 8");
    witness_end(&witness);
}

/* EXEC itself says only that one of them was. */
static void tells_which_was_not_taken_in(void **state)
{
    static const char *const said[] = {
        "+OK\r\n+QUEUED\r\n-NOPERM no get\r\n-EXECABORT Transaction discarded\r\n",
        "+OK\r\n-NOPERM no get\r\n-LOADING\r\n-EXECABORT Transaction discarded\r\n",
        "-NOPERM no get\r\n:7\r\n:8\r\n-ERR EXEC without MULTI\r\n"};
    struct script script;

    (void)state;
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        struct witness witness;
        begin(&witness, &script);
        call_both(&witness, &script);
        fake_say(&witness.fake, said[i]);
        witness_wait(&witness, &witness.answers, 1);
        witness_expect(&witness, "called: NOPERM no get");
        assert_int_equal(witness.fake.commands, 4);
        witness_end(&witness);
    }
}

static void both_are_lost_with_the_connection(void **state)
{
    struct witness witness;
    struct script script;

    (void)state;
    begin(&witness, &script);
    call_both(&witness, &script);
    fake_say(&witness.fake, "+OK\r\n-NOPERM no\r\n");
    fake_reset(&witness.fake);
    witness_wait(&witness, &witness.downs, 1);
    witness_expect(&witness, "called: the connection was lost | down: Connection reset by peer");
    witness_end(&witness);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_by_its_hash),
        cmocka_unit_test(is_taught_again_when_forgotten),
        cmocka_unit_test(is_repeated_once),
        cmocka_unit_test(hands_other_errors_on),
        cmocka_unit_test(is_lost_with_the_connection),
        cmocka_unit_test(is_lost_while_taught_again),
        cmocka_unit_test(says_why_it_was_not_learnt),
        cmocka_unit_test(is_not_taught_without_a_connection),
        cmocka_unit_test(runs_beside_another_command),
        cmocka_unit_test(is_taught_again_beside_it),
        cmocka_unit_test(tells_which_was_not_taken_in),
        cmocka_unit_test(both_are_lost_with_the_connection),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

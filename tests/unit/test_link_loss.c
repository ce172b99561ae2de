/* SPDX-License-Identifier: MIT */
/* How a link is lost: each way has its words, and every pending command its one NULL before them.
 */
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/link_witness.h"

static void a_reset_while_idle(void **state)
{
    struct witness witness;

    (void)state;
    witness_begin_up(&witness);
    fake_reset(&witness.fake);
    witness_wait(&witness, &witness.downs, 1);
    witness_expect(&witness, "down: Connection reset by peer");
    assert_false(link_is_up(witness.link));
    witness_wait(&witness, &witness.ups, 2);
    witness_expect(&witness, "up");
    witness_end(&witness);
}

static void a_reset_under_pending_commands(void **state)
{
    struct witness witness;

    (void)state;
    witness_begin_up(&witness);
    witness_ask(&witness, "GET a");
    witness_ask(&witness, "GET b");
    witness_wait(&witness, &witness.fake.commands, 5);
    fake_reset(&witness.fake);
    witness_wait(&witness, &witness.downs, 1);
    witness_expect(&witness, "GET a: lost | GET b: lost | down: Connection reset by peer");
    witness_wait(&witness, &witness.ups, 2);
    witness_ask(&witness, "GET a");
    witness_wait(&witness, &witness.fake.commands, 4);
    fake_say(&witness.fake, ":1\r\n");
    witness_wait(&witness, &witness.answers, 3);
    witness_expect(&witness, "up | GET a: 1");
    witness_end(&witness);
}

/* The write fails before any read does. */
static void a_reset_before_a_command_is_written(void **state)
{
    struct witness witness;

    (void)state;
    witness_begin_up(&witness);
    fake_reset(&witness.fake);
    witness_ask(&witness, "GET a");
    witness_ask(&witness, "GET b");
    link_flush(witness.link);
    link_flush(witness.link);
    witness_wait(&witness, &witness.downs, 1);
    assert_memory_equal(witness.story, "GET a: lost | GET b: lost | down: ", 34);
    witness_end(&witness);
}

static void the_end_amid_a_reply(void **state)
{
    struct witness witness;

    (void)state;
    witness_begin_up(&witness);
    witness_ask(&witness, "GET a");
    witness_ask(&witness, "GET b");
    witness_wait(&witness, &witness.fake.commands, 5);
    fake_say(&witness.fake, "+whole\r\n$10\r\nhal");
    fake_finish(&witness.fake);
    witness_wait(&witness, &witness.downs, 1);
    witness_expect(&witness, "GET a: whole | GET b: lost | down: Server closed the connection");
    witness_end(&witness);
}

static void the_end_amid_the_greeting(void **state)
{
    const struct fake_answer silence[] = {{"", NULL}, {NULL, NULL}};
    struct witness witness;

    (void)state;
    witness_begin(&witness);
    fake_listen(&witness.fake);
    witness.fake.answers = silence;
    witness_open(&witness);
    witness_wait(&witness, &witness.fake.commands, 3);
    assert_false(link_is_up(witness.link));
    fake_finish(&witness.fake);
    witness_wait(&witness, &witness.downs, 1);
    witness_expect(&witness, "down: Server closed the connection");
    witness_end(&witness);
}

static void bytes_that_are_no_reply(void **state)
{
    struct witness witness;

    (void)state;
    witness_begin_up(&witness);
    witness_ask(&witness, "GET a");
    witness_wait(&witness, &witness.fake.commands, 4);
    fake_say(&witness.fake, "HTTP/1.1 400 Bad Request\r\n");
    witness_wait(&witness, &witness.downs, 1);
    witness_expect(&witness, "GET a: lost | down: what listens there speaks HTTP, and is no Redis");
    witness_end(&witness);
}

static void silence(void **state)
{
    struct witness witness;

    (void)state;
    witness_begin_up(&witness);
    witness_ask(&witness, "GET a");
    witness_ask_within(&witness, "GET b", 20);
    witness_ask(&witness, "GET c");
    witness_wait(&witness, &witness.downs, 1);
    witness_expect(&witness, "GET a: lost | GET b: lost | GET c: lost | "
                             "down: Redis did not answer in time");
    witness_end(&witness);
}

/* A deadline that was kept is forgotten, and the next one is watched. */
static void a_later_silence(void **state)
{
    const struct fake_answer answers[] = {{"GET a", ":1\r\n"}, {NULL, NULL}};
    struct witness witness;

    (void)state;
    witness_begin_up(&witness);
    witness.fake.answers = answers;
    witness_ask_within(&witness, "GET a", 5000);
    witness_ask_within(&witness, "GET b", 30);
    witness_wait(&witness, &witness.downs, 1);
    witness_expect(&witness, "GET a: 1 | GET b: lost | down: Redis did not answer in time");
    witness_end(&witness);
}

/* Accepted by one who does not answer: as good as not accepted, however long a reply may take. */
static void a_frozen_greeting(void **state)
{
    const struct fake_answer silence_only[] = {{"", NULL}, {NULL, NULL}};
    struct witness witness;

    (void)state;
    witness_begin(&witness);
    fake_listen(&witness.fake);
    witness.fake.answers = silence_only;
    witness.config.connect_timeout_ms = 20;
    witness_open(&witness);
    witness_wait(&witness, &witness.downs, 2);
    witness_expect(&witness,
                   "down: Redis did not answer in time | down: Redis did not answer in time");
    witness_end(&witness);
}

/* To connect has a deadline; to be connected has none. */
static void the_connect_deadline_ends_with_connecting(void **state)
{
    struct witness witness;

    (void)state;
    witness_begin(&witness);
    fake_listen(&witness.fake);
    witness.config.connect_timeout_ms = 100;
    witness_open(&witness);
    witness_wait(&witness, &witness.ups, 1);
    witness_ask_within(&witness, "GET a", 250);
    witness_wait(&witness, &witness.downs, 1);
    witness_expect(&witness, "up | GET a: lost | down: Redis did not answer in time");
    witness_end(&witness);
}

enum { FILLERS = 3 };

/* Fills the queue of a listener that nobody accepts from. */
static void fill_queue(int fillers[static FILLERS], int domain, const struct sockaddr *address,
                       socklen_t length)
{
    for (size_t i = 0; i < FILLERS; i++) {
        fillers[i] = socket(domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        assert_true(fillers[i] >= 0);
        int result = connect(fillers[i], address, length);
        assert_true(result == 0 || errno == EINPROGRESS || errno == EAGAIN);
    }
}

static void close_fillers(const int fillers[static FILLERS])
{
    for (size_t i = 0; i < FILLERS; i++)
        (void)close(fillers[i]);
}

static void a_connect_that_hangs(void **state)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    struct witness witness;
    int fillers[FILLERS];

    (void)state;
    witness_begin(&witness);
    assert_int_equal(getsockname(witness.fake.listener, (struct sockaddr *)&address, &length), 0);
    assert_int_equal(listen(witness.fake.listener, 0), 0);
    fill_queue(fillers, AF_INET, (const struct sockaddr *)&address, length);
    witness.config.connect_timeout_ms = 30;
    witness_open(&witness);
    witness_wait(&witness, &witness.downs, 2);
    witness_expect(&witness, "down: connecting timed out | down: connecting timed out");
    close_fillers(fillers);
    witness_end(&witness);
}

/* By unix socket the system does not wait. Some versions of hiredis say so at once; others take it
 * for a connection that is under way, and the deadline ends it. */
static void a_full_unix_socket(void **state)
{
    struct sockaddr_un address;
    socklen_t length = sizeof address;
    struct witness witness;
    int fillers[FILLERS];

    (void)state;
    witness_begin_unix(&witness);
    assert_int_equal(getsockname(witness.fake.listener, (struct sockaddr *)&address, &length), 0);
    assert_int_equal(listen(witness.fake.listener, 0), 0);
    fill_queue(fillers, AF_UNIX, (const struct sockaddr *)&address, length);
    witness.config.connect_timeout_ms = 200;
    witness_open(&witness);
    witness_wait(&witness, &witness.downs, 1);
    if (strcmp(witness.story, "down: connecting timed out") != 0)
        assert_string_equal(witness.story, "down: Resource temporarily unavailable");
    close_fillers(fillers);
    witness_end(&witness);
}

static void stall(uint64_t ms)
{
    uint64_t until = uv_hrtime() + ms * 1000000;

    while (uv_hrtime() < until)
        continue;
}

/* The reply has been in the socket all along; it was we who did not look. */
static void a_stall_of_our_own_is_no_loss(void **state)
{
    struct witness witness;

    (void)state;
    witness_begin_up(&witness);
    for (int turn = 1; turn <= 3; turn++) {
        witness_ask_within(&witness, "GET a", 20);
        witness_wait(&witness, &witness.fake.commands, 3 + turn);
        fake_say(&witness.fake, ":1\r\n");
        stall(40);
        witness_wait(&witness, &witness.answers, turn);
    }
    witness_ask(&witness, "GET b");
    witness_wait(&witness, &witness.fake.commands, 7);
    fake_say(&witness.fake, ":2\r\n");
    witness_wait(&witness, &witness.answers, 4);
    witness_expect(&witness, "GET a: 1 | GET a: 1 | GET a: 1 | GET b: 2");
    assert_int_equal(witness.downs, 0);
    witness_end(&witness);
}

static void a_stall_with_no_reply_is_one(void **state)
{
    struct witness witness;

    (void)state;
    witness_begin_up(&witness);
    witness_ask_within(&witness, "GET a", 20);
    stall(40);
    witness_wait(&witness, &witness.downs, 1);
    witness_expect(&witness, "GET a: lost | down: Redis did not answer in time");
    witness_end(&witness);
}

static void a_drop_of_our_own(void **state)
{
    struct witness witness;

    (void)state;
    witness_begin_up(&witness);
    witness_ask(&witness, "GET a");
    witness_ask(&witness, "GET b");
    link_drop(witness.link, "no longer wanted");
    witness_expect(&witness, "GET a: lost | GET b: lost | down: no longer wanted");
    link_drop(witness.link, "twice");
    witness_expect(&witness, "");
    witness_wait(&witness, &witness.ups, 2);
    witness_expect(&witness, "up");
    witness_end(&witness);
}

static void a_drop_while_connecting(void **state)
{
    struct witness witness;

    (void)state;
    witness_begin(&witness);
    fake_listen(&witness.fake);
    witness_open(&witness);
    link_drop(witness.link, "at once");
    witness_expect(&witness, "down: at once");
    witness_wait(&witness, &witness.ups, 1);
    witness_expect(&witness, "up");
    witness_end(&witness);
}

static void a_close_under_pending_commands(void **state)
{
    struct witness witness;

    (void)state;
    witness_begin_up(&witness);
    witness_ask(&witness, "GET a");
    witness_ask(&witness, "GET b");
    witness_end(&witness);
    witness_expect(&witness, "GET a: lost | GET b: lost");
}

static int ignore_broken_pipes(void **state)
{
    (void)state;
    (void)signal(SIGPIPE, SIG_IGN);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reset_while_idle),
        cmocka_unit_test(a_reset_under_pending_commands),
        cmocka_unit_test(a_reset_before_a_command_is_written),
        cmocka_unit_test(the_end_amid_a_reply),
        cmocka_unit_test(the_end_amid_the_greeting),
        cmocka_unit_test(bytes_that_are_no_reply),
        cmocka_unit_test(silence),
        cmocka_unit_test(a_later_silence),
        cmocka_unit_test(a_frozen_greeting),
        cmocka_unit_test(the_connect_deadline_ends_with_connecting),
        cmocka_unit_test(a_connect_that_hangs),
        cmocka_unit_test(a_full_unix_socket),
        cmocka_unit_test(a_stall_of_our_own_is_no_loss),
        cmocka_unit_test(a_stall_with_no_reply_is_one),
        cmocka_unit_test(a_drop_of_our_own),
        cmocka_unit_test(a_drop_while_connecting),
        cmocka_unit_test(a_close_under_pending_commands),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, ignore_broken_pipes, NULL);
}

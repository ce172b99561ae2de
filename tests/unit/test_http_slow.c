/* SPDX-License-Identifier: MIT */
/* Whom the HTTP server keeps out, so that nobody else is: those who are slow, and those who mean
 * another page. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/http_sample.h"

/* One more than there are places. */
static void the_oldest_goes_when_all_places_are_taken(void **state)
{
    enum { MANY = 17 };
    int files[MANY];
    char byte;

    (void)state;
    http_open(served.http, &served.address);
    for (int i = 0; i < MANY; i++) {
        files[i] = http_dial();
        for (int turns = 0; turns < 5; turns++)
            http_turn(); /* a moment of its own for each */
        http_say(files[i], "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
    }
    (void)http_read_to_end(files[0]);
    assert_null(strstr(served.response, "hello"));
    for (int i = 1; i < MANY; i++) {
        assert_true(recv(files[i], &byte, 1, 0) < 0 && errno == EAGAIN);
        http_say(files[i], "\r\n");
        (void)http_read_to_end(files[i]);
        assert_non_null(strstr(served.response, "hello"));
    }
}

#define HEAD_OF(host) "GET / HTTP/1.1\r\nConnection: close\r\n" host "\r\n"

/* There is a place for the next one, and they are timed out. */
static void half_requests_are_closed(void **state)
{
    enum { MANY = 12 };
    int files[MANY];

    (void)state;
    http_open(served.http, &served.address);
    for (int i = 0; i < MANY; i++) {
        files[i] = http_dial();
        http_turn();
        http_say(files[i], "GET / HTT");
    }
    http_expect("GET /" END_OF_HEAD, "HTTP/1.1 200 ", "", "hello\n");
    uint64_t took_ms = http_read_to_end(files[0]);
    assert_true(took_ms >= 500 && took_ms < 5000);
    assert_null(strstr(served.response, "hello"));
    for (int i = 1; i < MANY; i++)
        (void)http_read_to_end(files[i]);
    http_expect("GET /" END_OF_HEAD, "HTTP/1.1 200 ", "", "hello\n");
}

/* They are never silent for long, and more than there are places: who asks is answered, and none of
 * them is there for longer than a request may take. */
static void those_who_trickle_keep_nobody_out(void **state)
{
    enum { MANY = 40, ROUNDS = 30 };
    int files[MANY];
    bool gone[MANY] = {false};
    size_t left = MANY;
    uint64_t began_ms = uv_hrtime() / 1000000;

    (void)state;
    http_open(served.http, &served.address);
    for (int i = 0; i < MANY; i++) {
        files[i] = http_dial();
        http_turn();
        http_say(files[i], "GET / HTTP/1.1\r\nX: ");
    }
    http_expect("GET /" END_OF_HEAD, "HTTP/1.1 200 ", "", "hello\n");
    assert_true(uv_hrtime() / 1000000 - began_ms < 900);
    while (left > 0) {
        assert_true(uv_hrtime() / 1000000 - began_ms < 5000);
        for (int i = 0; i < MANY; i++) {
            if (!gone[i] && send(files[i], "x", 1, MSG_NOSIGNAL) < 0 && errno != EAGAIN) {
                gone[i] = true;
                left--;
            }
        }
        for (int i = 0; i < ROUNDS; i++)
            http_turn();
    }
    for (int i = 0; i < MANY; i++)
        close(files[i]);
}

/* Who connects and asks again and again, in time, has a place; the newest is never the one to go.
 */
static void a_connection_that_asks_again_stays(void **state)
{
    (void)state;
    http_open(served.http, &served.address);
    int file = http_dial();
    http_turn();
    uint64_t began_ms = uv_hrtime() / 1000000;
    while (uv_hrtime() / 1000000 - began_ms < 1500) {
        http_say(file, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        for (int i = 0; i < 200; i++)
            http_turn();
        assert_true(recv(file, served.response, sizeof served.response, 0) > 0);
    }
    close(file);
}

/* A browser that was lured here says the name that it was lured by. */
static void another_host(void **state)
{
    (void)state;
    http_open(served.http, &served.address);
    http_expect(HEAD_OF("Host: evil.example:80\r\n"), "HTTP/1.1 421 ", "",
                "this page is for this machine alone\n");
    http_expect("POST / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
                "HTTP/1.1 421 ", "", "this page is for this machine alone\n");
    http_expect(HEAD_OF("Host: LocalHost:80\r\n"), "HTTP/1.1 200 ", "", "hello\n");
    http_expect(HEAD_OF("Host: Quantum.Example:8056\r\n"), "HTTP/1.1 200 ", "", "hello\n");
    http_expect(HEAD_OF("Host: a.quantum.example\r\n"), "HTTP/1.1 421 ", "",
                "this page is for this machine alone\n");
    http_expect(HEAD_OF("host: [::1]:8058\r\n"), "HTTP/1.1 200 ", "", "hello\n");
    http_expect(HEAD_OF("Host: localhost\r\nHost: evil.example\r\n"), "HTTP/1.1 400 ", "",
                "one Host header, please\n");
    http_expect(HEAD_OF("Host:\r\n"), "HTTP/1.1 421 ", "", "this page is for this machine alone\n");
    /* From libmicrohttpd 1.0 on it is the library that refuses. */
    assert_memory_equal(http_ask(HEAD_OF("")), "HTTP/1.1 400 ", 13);
    http_expect("GET / HTTP/1.0\r\n\r\n", "HTTP/1.1 200 ", "", "hello\n");
    http_expect("GET / HTTP/1.0\r\nHost: evil.example\r\n\r\n", "HTTP/1.1 421 ", "",
                "this page is for this machine alone\n");
}

/* Where others can reach it, it has names that only they know. */
static void another_host_of_an_open_address(void **state)
{
    (void)state;
    served.address.socket.v4.sin_addr.s_addr = INADDR_ANY;
    http_open(served.http, &served.address);
    served.address.socket.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    http_expect(HEAD_OF("Host: monitored.example:80\r\n"), "HTTP/1.1 200 ", "", "hello\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(half_requests_are_closed, http_set_up, http_tear_down),
        cmocka_unit_test_setup_teardown(those_who_trickle_keep_nobody_out, http_set_up,
                                        http_tear_down),
        cmocka_unit_test_setup_teardown(a_connection_that_asks_again_stays, http_set_up,
                                        http_tear_down),
        cmocka_unit_test_setup_teardown(the_oldest_goes_when_all_places_are_taken, http_set_up,
                                        http_tear_down),
        cmocka_unit_test_setup_teardown(another_host, http_set_up, http_tear_down),
        cmocka_unit_test_setup_teardown(another_host_of_an_open_address, http_set_up,
                                        http_tear_down),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

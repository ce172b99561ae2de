/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <unistd.h>

#include "tests/unit/http_sample.h"

static void test_get(void **state)
{
    (void)state;
    http_open(served.http, &served.address);
    assert_int_equal(served.listening, 1);
    http_expect("GET /" END_OF_HEAD, "HTTP/1.1 200 ", "Content-Type: " HTTP_TEXT "\r\n", "hello\n");
    http_expect("GET /?a=b" END_OF_HEAD, "HTTP/1.1 200 ", "Content-Length: 6\r\n", "hello\n");
    http_expect("GET /unwell" END_OF_HEAD, "HTTP/1.1 503 ", "no-store", "unwell\n");
    http_expect("GET /nothing" END_OF_HEAD, "HTTP/1.1 200 ", "Content-Length: 0\r\n", "");
}

static void test_head(void **state)
{
    (void)state;
    http_open(served.http, &served.address);
    http_expect("HEAD /" END_OF_HEAD, "HTTP/1.1 200 ", "Content-Length: 6\r\n", "");
}

static void test_other_methods(void **state)
{
    (void)state;
    http_open(served.http, &served.address);
    http_expect(
        "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 405 ", "Allow: GET, HEAD\r\n", "only GET and HEAD\n");
    http_expect("DELETE /unwell" END_OF_HEAD, "HTTP/1.1 405 ", "Allow: GET, HEAD\r\n",
                "only GET and HEAD\n");
}

static void test_get_with_a_body(void **state)
{
    (void)state;
    http_open(served.http, &served.address);
    http_expect(
        "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 200 ", "", "hello\n");
}

static void test_unknown_route(void **state)
{
    (void)state;
    http_open(served.http, &served.address);
    http_expect("GET /secret" END_OF_HEAD, "HTTP/1.1 404 ", "",
                "not found; / lists what there is\n");
    http_expect("GET //" END_OF_HEAD, "HTTP/1.1 404 ", "", "not found; / lists what there is\n");
}

static void test_large_body(void **state)
{
    (void)state;
    http_open(served.http, &served.address);
    const char *body = strstr(http_ask("GET /large" END_OF_HEAD), "\r\n\r\n");
    assert_non_null(body);
    assert_int_equal(strlen(body + 4), HTTP_LARGE);
}

static void test_many_in_a_row(void **state)
{
    (void)state;
    http_open(served.http, &served.address);
    for (int i = 0; i < 100; i++)
        http_expect("GET /" END_OF_HEAD, "HTTP/1.1 200 ", "", "hello\n");
}

static void test_idle_connection_is_closed(void **state)
{
    (void)state;
    http_open(served.http, &served.address);
    int file = http_dial();
    http_turn();
    http_say(file, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_true(http_read_to_end(file) < 5000);
    assert_non_null(strstr(served.response, "hello\n"));
}

static void test_nonsense(void **state)
{
    (void)state;
    http_open(served.http, &served.address);
    (void)http_ask("\x16\x03\x01 nonsense\r\n\r\n");
    assert_null(strstr(served.response, "hello"));
    http_expect("GET /" END_OF_HEAD, "HTTP/1.1 200 ", "", "hello\n");
}

/* Two that wait are answered by one word. */
static void test_an_answer_that_comes_later(void **state)
{
    static const char request[] = "GET /later" END_OF_HEAD;
    int files[2];

    (void)state;
    http_open(served.http, &served.address);
    for (int i = 0; i < 2; i++) {
        files[i] = http_dial();
        http_turn();
        http_say(files[i], request);
        while (served.asked_later <= i)
            http_turn();
    }
    http_expect("GET /" END_OF_HEAD, "HTTP/1.1 200 ", "", "hello\n");
    http_wake(served.http);
    assert_int_equal(served.asked_later, 4);
    served.is_there = true;
    http_wake(served.http);
    for (int i = 0; i < 2; i++) {
        (void)http_read_to_end(files[i]);
        assert_non_null(strstr(served.response, "there\n"));
    }
    http_wake(served.http);
    assert_int_equal(served.asked_later, 6);
}

static void test_closed_while_somebody_waits(void **state)
{
    (void)state;
    http_open(served.http, &served.address);
    int stays = http_dial(), leaves = http_dial();
    http_turn();
    http_say(stays, "GET /later" END_OF_HEAD);
    http_say(leaves, "GET /later" END_OF_HEAD);
    while (served.asked_later < 2)
        http_turn();
    close(leaves);
    http_turn();
    close(stays);
}

static void test_what_a_request_says_behind_its_path(void **state)
{
    (void)state;
    http_open(served.http, &served.address);
    http_expect("GET /said?word=a%2Fb&other=2" END_OF_HEAD, "HTTP/1.1 200 ", "", "a/b\n");
    http_expect("GET /said?word=" END_OF_HEAD, "HTTP/1.1 200 ", "", "\n");
    http_expect("GET /said?other" END_OF_HEAD, "HTTP/1.1 200 ", "", "(nothing)\n");
}

static void test_every_answer_says_what_a_browser_may_do(void **state)
{
    static const char policy[] = "Content-Security-Policy: default-src 'none'\r\n";

    (void)state;
    http_open(served.http, &served.address);
    http_expect("GET /" END_OF_HEAD, "HTTP/1.1 200 ", policy, "hello\n");
    http_expect("GET /secret" END_OF_HEAD, "HTTP/1.1 404 ", policy,
                "not found; / lists what there is\n");
    http_expect("GET /" END_OF_HEAD, "HTTP/1.1 200 ", "X-Content-Type-Options: nosniff\r\n",
                "hello\n");
}

static void test_taken_port_is_tried_again(void **state)
{
    (void)state;
    int other = http_take_address();
    http_open(served.http, &served.address);
    assert_int_equal(served.failed, 1);
    assert_string_equal(served.failure, "address already in use");
    uint64_t began_ms = uv_hrtime() / 1000000;
    while (uv_hrtime() / 1000000 - began_ms < 100)
        http_turn();
    assert_int_equal(served.failed, 1);
    assert_int_equal(served.listening, 0);
    close(other);
    while (served.listening == 0 && uv_hrtime() / 1000000 - began_ms < HTTP_PATIENCE_MS)
        http_turn();
    assert_int_equal(served.listening, 1);
    http_expect("GET /" END_OF_HEAD, "HTTP/1.1 200 ", "", "hello\n");
}

static void test_closed_while_it_fails(void **state)
{
    (void)state;
    int other = http_take_address();
    http_open(served.http, &served.address);
    assert_int_equal(served.failed, 1);
    close(other);
}

static void test_closed_with_a_connection_open(void **state)
{
    (void)state;
    http_open(served.http, &served.address);
    int file = http_dial();
    http_turn();
    http_say(file, "GET / HTTP/1.1\r\nHost");
    http_turn();
    close(file);
}

static void test_the_address_is_free_again(void **state)
{
    (void)state;
    http_open(served.http, &served.address);
    http_expect("GET /" END_OF_HEAD, "HTTP/1.1 200 ", "", "hello\n");
    http_tear_down(state);
    const struct http_config config = {.request_sec_max = 1,
                                       .retry_ms = 20,
                                       .listening = http_on_listening,
                                       .failed = http_on_failed};
    assert_int_equal(uv_loop_init(&served.loop), 0);
    served.http = http_new(&served.loop, &config);
    http_open(served.http, &served.address);
    assert_int_equal(served.listening, 2);
    assert_true(http_is_built_in());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_get, http_set_up, http_tear_down),
        cmocka_unit_test_setup_teardown(test_head, http_set_up, http_tear_down),
        cmocka_unit_test_setup_teardown(test_other_methods, http_set_up, http_tear_down),
        cmocka_unit_test_setup_teardown(test_get_with_a_body, http_set_up, http_tear_down),
        cmocka_unit_test_setup_teardown(test_unknown_route, http_set_up, http_tear_down),
        cmocka_unit_test_setup_teardown(test_large_body, http_set_up, http_tear_down),
        cmocka_unit_test_setup_teardown(test_many_in_a_row, http_set_up, http_tear_down),
        cmocka_unit_test_setup_teardown(test_idle_connection_is_closed, http_set_up,
                                        http_tear_down),
        cmocka_unit_test_setup_teardown(test_an_answer_that_comes_later, http_set_up,
                                        http_tear_down),
        cmocka_unit_test_setup_teardown(test_closed_while_somebody_waits, http_set_up,
                                        http_tear_down),
        cmocka_unit_test_setup_teardown(test_what_a_request_says_behind_its_path, http_set_up,
                                        http_tear_down),
        cmocka_unit_test_setup_teardown(test_every_answer_says_what_a_browser_may_do, http_set_up,
                                        http_tear_down),
        cmocka_unit_test_setup_teardown(test_nonsense, http_set_up, http_tear_down),
        cmocka_unit_test_setup_teardown(test_taken_port_is_tried_again, http_set_up,
                                        http_tear_down),
        cmocka_unit_test_setup_teardown(test_closed_while_it_fails, http_set_up, http_tear_down),
        cmocka_unit_test_setup_teardown(test_closed_with_a_connection_open, http_set_up,
                                        http_tear_down),
        cmocka_unit_test_setup_teardown(test_the_address_is_free_again, http_set_up,
                                        http_tear_down),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

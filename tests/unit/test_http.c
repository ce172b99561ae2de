/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/service/http.h"

/* Client and server are one process: the client never waits, and turns the server's loop. */
enum { PATIENCE_MS = 10000, LARGE = 300000 };

static uv_loop_t loop;
static struct http *http;
static struct listen_address address;
static int listening;
static int failed;
static char failure[128];
static char response[LARGE + 4096];

static unsigned answer_hello(void *owner, struct page *page)
{
    assert_ptr_equal(owner, &loop);
    page_add(page, "hello\n");
    return 200;
}

static unsigned answer_unwell(void *owner, struct page *page)
{
    (void)owner;
    page_add(page, "unwell\n");
    return 503;
}

static unsigned answer_nothing(void *owner, struct page *page)
{
    (void)owner;
    (void)page;
    return 200;
}

static unsigned answer_large(void *owner, struct page *page)
{
    (void)owner;
    for (int i = 0; i < LARGE / 10; i++)
        page_add(page, "%09d\n", i);
    return 200;
}

static void on_listening(void *owner)
{
    (void)owner;
    listening++;
}

static void on_failed(void *owner, const char *reason)
{
    (void)owner;
    failed++;
    (void)snprintf(failure, sizeof failure, "%s", reason);
}

static const struct http_route routes[] = {
    {"/", HTTP_TEXT, answer_hello},
    {"/unwell", HTTP_TEXT, answer_unwell},
    {"/nothing", HTTP_TEXT, answer_nothing},
    {"/large", HTTP_HTML, answer_large},
};

static void turn(void)
{
    (void)uv_run(&loop, UV_RUN_NOWAIT);
    usleep(500);
}

/* A port that is free now. */
static void choose_address(void)
{
    assert_true(listen_address_read("127.0.0.1:1", &address));
    address.socket.v4.sin_port = 0;
    int file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(file, &address.socket.any, address.length), 0);
    assert_int_equal(getsockname(file, &address.socket.any, &address.length), 0);
    close(file);
}

static int take_address(void)
{
    int file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(bind(file, &address.socket.any, address.length), 0);
    assert_int_equal(listen(file, 1), 0);
    return file;
}

static int set_up(void **state)
{
    const struct http_config config = {
        .routes = routes,
        .route_count = sizeof routes / sizeof *routes,
        .idle_sec_max = 1,
        .retry_ms = 20,
        .listening = on_listening,
        .failed = on_failed,
        .owner = &loop,
    };

    (void)state;
    listening = failed = 0;
    choose_address();
    assert_int_equal(uv_loop_init(&loop), 0);
    http = http_new(&loop, &config);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    http_close(http);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    return 0;
}

static int dial(void)
{
    int file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    assert_true(file >= 0);
    int error = connect(file, &address.socket.any, address.length);
    assert_true(error == 0 || errno == EINPROGRESS);
    return file;
}

static void say(int file, const char *text)
{
    assert_int_equal(send(file, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* All that comes until the server closes; how long that took. */
static uint64_t read_to_end(int file)
{
    uint64_t began_ms = uv_hrtime() / 1000000;
    size_t length = 0;

    for (;;) {
        turn();
        ssize_t got = recv(file, response + length, sizeof response - 1 - length, 0);
        assert_true(uv_hrtime() / 1000000 - began_ms < PATIENCE_MS);
        if (got > 0)
            length += (size_t)got;
        else if (got == 0 || errno != EAGAIN)
            break;
    }
    response[length] = '\0';
    close(file);
    return uv_hrtime() / 1000000 - began_ms;
}

static const char *ask(const char *request)
{
    int file = dial();

    turn();
    say(file, request);
    (void)read_to_end(file);
    return response;
}

#define END_OF_HEAD " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

static void expect_response(const char *request, const char *start, const char *part,
                            const char *body)
{
    const char *text = ask(request);
    const char *found = strstr(text, "\r\n\r\n");

    if (strncmp(text, start, strlen(start)) != 0 || !strstr(text, part))
        fail_msg("not '%s' with '%s', but:\n%s", start, part, text);
    assert_non_null(found);
    assert_string_equal(found + 4, body);
}

static void test_get(void **state)
{
    (void)state;
    http_open(http, &address);
    assert_int_equal(listening, 1);
    expect_response("GET /" END_OF_HEAD, "HTTP/1.1 200 ", "Content-Type: " HTTP_TEXT "\r\n",
                    "hello\n");
    expect_response("GET /?a=b" END_OF_HEAD, "HTTP/1.1 200 ", "Content-Length: 6\r\n", "hello\n");
    expect_response("GET /unwell" END_OF_HEAD, "HTTP/1.1 503 ", "no-store", "unwell\n");
    expect_response("GET /nothing" END_OF_HEAD, "HTTP/1.1 200 ", "Content-Length: 0\r\n", "");
}

static void test_head(void **state)
{
    (void)state;
    http_open(http, &address);
    expect_response("HEAD /" END_OF_HEAD, "HTTP/1.1 200 ", "Content-Length: 6\r\n", "");
}

static void test_other_methods(void **state)
{
    (void)state;
    http_open(http, &address);
    expect_response(
        "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 405 ", "Allow: GET, HEAD\r\n", "only GET and HEAD\n");
    expect_response("DELETE /unwell" END_OF_HEAD, "HTTP/1.1 405 ", "Allow: GET, HEAD\r\n",
                    "only GET and HEAD\n");
}

static void test_get_with_a_body(void **state)
{
    (void)state;
    http_open(http, &address);
    expect_response(
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 200 ", "", "hello\n");
}

static void test_unknown_route(void **state)
{
    (void)state;
    http_open(http, &address);
    expect_response("GET /secret" END_OF_HEAD, "HTTP/1.1 404 ", "",
                    "not found; / lists what there is\n");
    expect_response("GET //" END_OF_HEAD, "HTTP/1.1 404 ", "",
                    "not found; / lists what there is\n");
}

static void test_large_body(void **state)
{
    (void)state;
    http_open(http, &address);
    const char *body = strstr(ask("GET /large" END_OF_HEAD), "\r\n\r\n");
    assert_non_null(body);
    assert_int_equal(strlen(body + 4), LARGE);
}

static void test_many_in_a_row(void **state)
{
    (void)state;
    http_open(http, &address);
    for (int i = 0; i < 100; i++)
        expect_response("GET /" END_OF_HEAD, "HTTP/1.1 200 ", "", "hello\n");
}

/* They hold all places; when they are timed out the next one is served. */
static void test_half_requests_are_closed(void **state)
{
    enum { MANY = 20 };
    int files[MANY];

    (void)state;
    http_open(http, &address);
    for (int i = 0; i < MANY; i++) {
        files[i] = dial();
        turn();
        say(files[i], "GET / HTT");
    }
    uint64_t took_ms = read_to_end(files[0]);
    assert_true(took_ms >= 500 && took_ms < 5000);
    assert_null(strstr(response, "hello"));
    for (int i = 1; i < MANY; i++)
        (void)read_to_end(files[i]);
    expect_response("GET /" END_OF_HEAD, "HTTP/1.1 200 ", "", "hello\n");
}

static void test_idle_connection_is_closed(void **state)
{
    (void)state;
    http_open(http, &address);
    int file = dial();
    turn();
    say(file, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(read_to_end(file) < 5000);
    assert_non_null(strstr(response, "hello\n"));
}

static void test_nonsense(void **state)
{
    (void)state;
    http_open(http, &address);
    (void)ask("\x16\x03\x01 nonsense\r\n\r\n");
    assert_null(strstr(response, "hello"));
    expect_response("GET /" END_OF_HEAD, "HTTP/1.1 200 ", "", "hello\n");
}

static void test_taken_port_is_tried_again(void **state)
{
    (void)state;
    int other = take_address();
    http_open(http, &address);
    assert_int_equal(failed, 1);
    assert_string_equal(failure, "address already in use");
    uint64_t began_ms = uv_hrtime() / 1000000;
    while (uv_hrtime() / 1000000 - began_ms < 100)
        turn();
    assert_int_equal(failed, 1);
    assert_int_equal(listening, 0);
    close(other);
    while (listening == 0 && uv_hrtime() / 1000000 - began_ms < PATIENCE_MS)
        turn();
    assert_int_equal(listening, 1);
    expect_response("GET /" END_OF_HEAD, "HTTP/1.1 200 ", "", "hello\n");
}

static void test_closed_while_it_fails(void **state)
{
    (void)state;
    int other = take_address();
    http_open(http, &address);
    assert_int_equal(failed, 1);
    close(other);
}

static void test_closed_with_a_connection_open(void **state)
{
    (void)state;
    http_open(http, &address);
    int file = dial();
    turn();
    say(file, "GET / HTTP/1.1\r\nHost");
    turn();
    close(file);
}

static void test_the_address_is_free_again(void **state)
{
    (void)state;
    http_open(http, &address);
    expect_response("GET /" END_OF_HEAD, "HTTP/1.1 200 ", "", "hello\n");
    tear_down(state);
    const struct http_config config = {
        .idle_sec_max = 1, .retry_ms = 20, .listening = on_listening, .failed = on_failed};
    assert_int_equal(uv_loop_init(&loop), 0);
    http = http_new(&loop, &config);
    http_open(http, &address);
    assert_int_equal(listening, 2);
    assert_true(http_is_built_in());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_get, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_head, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_other_methods, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_get_with_a_body, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_unknown_route, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_large_body, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_many_in_a_row, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_half_requests_are_closed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_idle_connection_is_closed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nonsense, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_taken_port_is_tried_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_closed_while_it_fails, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_closed_with_a_connection_open, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_address_is_free_again, set_up, tear_down),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

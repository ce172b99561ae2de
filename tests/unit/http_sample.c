/* SPDX-License-Identifier: MIT */
#include "tests/unit/http_sample.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct served served;

static unsigned answer_hello(void *owner, struct page *page)
{
    assert_ptr_equal(owner, &served.loop);
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
    for (int i = 0; i < HTTP_LARGE / 10; i++)
        page_add(page, "%09d\n", i);
    return 200;
}

static unsigned answer_later(void *owner, struct page *page)
{
    (void)owner;
    served.asked_later++;
    if (!served.is_there)
        return HTTP_LATER;
    page_add(page, "there\n");
    return 200;
}

static unsigned answer_said(void *owner, struct page *page)
{
    const char *word = http_argument(served.http, "word");

    (void)owner;
    page_add(page, "%s\n", word ? word : "(nothing)");
    return 200;
}

void http_on_listening(void *owner)
{
    (void)owner;
    served.listening++;
}

void http_on_failed(void *owner, const char *reason)
{
    (void)owner;
    served.failed++;
    (void)snprintf(served.failure, sizeof served.failure, "%s", reason);
}

static const struct http_route routes[] = {
    {"/", HTTP_TEXT, answer_hello},          {"/unwell", HTTP_TEXT, answer_unwell},
    {"/nothing", HTTP_TEXT, answer_nothing}, {"/large", HTTP_HTML, answer_large},
    {"/later", HTTP_TEXT, answer_later},     {"/said", HTTP_TEXT, answer_said},
};

void http_turn(void)
{
    (void)uv_run(&served.loop, UV_RUN_NOWAIT);
    usleep(500);
}

/* A port that is free now. */
static void choose_address(void)
{
    assert_true(listen_address_read("127.0.0.1:1", &served.address));
    served.address.socket.v4.sin_port = 0;
    int file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(file, &served.address.socket.any, served.address.length), 0);
    assert_int_equal(getsockname(file, &served.address.socket.any, &served.address.length), 0);
    close(file);
}

int http_take_address(void)
{
    int file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(bind(file, &served.address.socket.any, served.address.length), 0);
    assert_int_equal(listen(file, 1), 0);
    return file;
}

int http_set_up(void **state)
{
    static char name[] = "quantum.example", *list[] = {name};
    static const struct names names = {.list = list, .count = 1};
    const struct http_config config = {
        .routes = routes,
        .route_count = sizeof routes / sizeof *routes,
        .request_sec_max = 1,
        .retry_ms = 20,
        .hosts = &names,
        .policy = "default-src 'none'",
        .listening = http_on_listening,
        .failed = http_on_failed,
        .owner = &served.loop,
    };

    (void)state;
    served.listening = served.failed = served.asked_later = 0;
    served.is_there = false;
    choose_address();
    assert_int_equal(uv_loop_init(&served.loop), 0);
    served.http = http_new(&served.loop, &config);
    return 0;
}

int http_tear_down(void **state)
{
    (void)state;
    http_close(served.http);
    (void)uv_run(&served.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&served.loop), 0);
    return 0;
}

int http_dial(void)
{
    int file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    assert_true(file >= 0);
    int error = connect(file, &served.address.socket.any, served.address.length);
    assert_true(error == 0 || errno == EINPROGRESS);
    return file;
}

void http_say(int file, const char *text)
{
    assert_int_equal(send(file, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* All that comes until the server closes; how long that took. */
uint64_t http_read_to_end(int file)
{
    uint64_t began_ms = uv_hrtime() / 1000000;
    size_t length = 0;

    for (;;) {
        http_turn();
        ssize_t got = recv(file, served.response + length, sizeof served.response - 1 - length, 0);
        assert_true(uv_hrtime() / 1000000 - began_ms < HTTP_PATIENCE_MS);
        if (got > 0)
            length += (size_t)got;
        else if (got == 0 || errno != EAGAIN)
            break;
    }
    served.response[length] = '\0';
    close(file);
    return uv_hrtime() / 1000000 - began_ms;
}

const char *http_ask(const char *request)
{
    int file = http_dial();

    http_turn();
    http_say(file, request);
    (void)http_read_to_end(file);
    return served.response;
}

void http_expect(const char *request, const char *start, const char *part, const char *body)
{
    const char *text = http_ask(request);
    const char *found = strstr(text, "\r\n\r\n");

    if (strncmp(text, start, strlen(start)) != 0 || !strstr(text, part))
        fail_msg("not '%s' with '%s', but:\n%s", start, part, text);
    assert_non_null(found);
    assert_string_equal(found + 4, body);
}

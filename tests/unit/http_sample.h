/* SPDX-License-Identifier: MIT */
/*
 * An HTTP server and its client in one process: the client never waits, and turns the server's
 * loop. A request has a second. Shared by the tests of what it serves and of whom it keeps out.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/service/http.h"

enum { HTTP_PATIENCE_MS = 10000, HTTP_LARGE = 300000 };

struct served {
    uv_loop_t loop;
    struct http *http;
    struct listen_address address; /* a port that is free */
    int listening;                 /* how often it said so */
    int failed;
    char failure[128];
    int asked_later; /* how often for what comes later */
    bool is_there;   /* it has come */
    char response[HTTP_LARGE + 4096];
};

/* The one of a test program. */
extern struct served served;

/* For cmocka: before and after each test. The server is there and does not listen yet. */
int http_set_up(void **state);
int http_tear_down(void **state);

/* Its callbacks, for a second server. */
void http_on_listening(void *owner);
void http_on_failed(void *owner, const char *reason);

void http_turn(void);

/* Somebody else listens on the address. */
int http_take_address(void);

int http_dial(void);
void http_say(int file, const char *text);

/* All that comes until the server closes; how long that took. */
uint64_t http_read_to_end(int file);

/* Asks, and returns all that came. */
const char *http_ask(const char *request);

#define END_OF_HEAD " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

void http_expect(const char *request, const char *start, const char *part, const char *body);

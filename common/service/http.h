/* SPDX-License-Identifier: MIT */
/*
 * A small HTTP server for metrics, health and the page, on the caller's loop: GET and HEAD of a few
 * routes.
 *
 * It never stops the service: an address that cannot be had is told once and tried again until it
 * can. Built with libmicrohttpd (http.c), or as nothing (http_none.c). Heap memory; it goes when
 * libuv has closed its handles, after http_close().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "common/options/options.h"
#include "common/service/listen_address.h"
#include "common/service/page.h"

#define HTTP_TEXT "text/plain; charset=utf-8"
#define HTTP_HTML "text/html; charset=utf-8"
#define HTTP_JSON "application/json"

/* In place of a status: the answer is not there yet, and is asked for again by http_wake(). */
enum { HTTP_LATER = 0 };

struct http_route {
    const char *path;
    const char *type; /* Content-Type */
    /* Writes the body and returns the status code, or writes nothing: HTTP_LATER. */
    unsigned (*answer)(void *owner, struct page *page);
};

struct http_config {
    const struct http_route *routes; /* outlive the server */
    size_t route_count;
    unsigned request_sec_max; /* from the connection, or the answer before, to its answer */
    uint64_t retry_ms;
    const struct names *hosts; /* a loopback address may be called so, too; NULL: by no name more */
    const char *policy;        /* Content-Security-Policy; NULL: none */
    void (*listening)(void *owner);                  /* after http_open() or a failure */
    void (*failed)(void *owner, const char *reason); /* once, until it listens again */
    void *owner;
};

struct http;

/* Whether this build can listen at all. */
bool http_is_built_in(void);

/* NULL when it cannot; the other functions take that. */
struct http *http_new(uv_loop_t *loop, const struct http_config *config);

/* Listens here, now or when the address becomes free. */
void http_open(struct http *http, const struct listen_address *address);

/* What the request that is being answered has behind "?name=", percent-decoded; NULL: nothing. */
const char *http_argument(const struct http *http, const char *name);

/* Those who were to be answered later are asked for again. Not from within an answer. */
void http_wake(struct http *http);

/* Calls nobody back any more. */
void http_close(struct http *http);

/* SPDX-License-Identifier: MIT */
/*
 * What a service shows over HTTP: /metrics, /healthz, /readyz, what it has beside, and a page that
 * lists them.
 *
 * The service's vitals embed one; without an address, or in a build without HTTP, it does nothing.
 */
#pragma once

#include <uv.h>

#include "common/service/health.h"
#include "common/service/http.h"

/* A page that a service has beside these. */
struct monitor_page {
    const char *path, *type;
    const char *what; /* "the window as it fills, JSON" */
    void (*print)(void *owner, struct page *page);
};

enum { MONITOR_ROUTES_MAX = 5 };

struct monitor {
    const char *name;    /* "quantum-router" */
    const char *address; /* host:port, or empty */
    const char *ready;   /* what /readyz means: "200 when it can publish" */
    const struct health *health;
    void (*print)(void *owner, struct page *page); /* the metrics */
    void *owner;
    const struct monitor_page *more; /* NULL: no page beside */
    void *more_owner;
    struct http_route routes[MONITOR_ROUTES_MAX];
    struct http *http;
};

/* The members above `routes` are the caller's to set before. */
void monitor_open(struct monitor *monitor, uv_loop_t *loop);
void monitor_close(struct monitor *monitor);

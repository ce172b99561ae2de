/* SPDX-License-Identifier: MIT */
/*
 * What a service shows over HTTP: /metrics, /healthz, /readyz and a page that lists them.
 *
 * The service's vitals embed one; without an address, or in a build without HTTP, it does nothing.
 */
#pragma once

#include <uv.h>

#include "common/service/health.h"
#include "common/service/http.h"

struct monitor {
    const char *name;    /* "quantum-router" */
    const char *address; /* host:port, or empty */
    const char *ready;   /* what /readyz means: "200 when it can publish" */
    const struct health *health;
    void (*print)(void *owner, struct page *page); /* the metrics */
    void *owner;
    struct http *http;
};

/* The members above `http` are the caller's to set before. */
void monitor_open(struct monitor *monitor, uv_loop_t *loop);
void monitor_close(struct monitor *monitor);

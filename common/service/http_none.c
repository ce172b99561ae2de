/* SPDX-License-Identifier: MIT */
#include "common/service/http.h"

bool http_is_built_in(void)
{
    return false;
}

struct http *http_new(uv_loop_t *loop, const struct http_config *config)
{
    (void)loop;
    (void)config;
    return NULL;
}

void http_open(struct http *http, const struct listen_address *address)
{
    (void)http;
    (void)address;
}

const char *http_argument(const struct http *http, const char *name)
{
    (void)http;
    (void)name;
    return NULL;
}

void http_wake(struct http *http)
{
    (void)http;
}

void http_close(struct http *http)
{
    (void)http;
}

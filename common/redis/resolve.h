/* SPDX-License-Identifier: MIT */
/*
 * Host names to addresses, off the loop: getaddrinfo() can take half a minute. The request is
 * memory of its own, so that the one who asked can walk away from it.
 */
#pragma once

#include <uv.h>

/* "2001:db8::1" and longer, with a NUL. */
#define RESOLVE_TEXT_MAX 64

struct resolve;

/* One of so many addresses; NULL when there is none, and `error` says why. The request is over when
 * this was called. */
typedef void resolve_fn(void *data, const char *address, unsigned count, const char *error);

/* `turn` chooses among several addresses, so that each try takes the next. NULL when it could not
 * even start. */
struct resolve *resolve_start(uv_loop_t *loop, const char *host, unsigned turn, resolve_fn *done,
                              void *data);

/* The callback will not come. */
void resolve_abandon(struct resolve *resolve);

/* Whether the text is an address already. */
int resolve_is_address(const char *host);

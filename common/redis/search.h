/* SPDX-License-Identifier: MIT */
/*
 * One search for the server: all Sentinels, or all known nodes of a Cluster, are asked at once.
 *
 * What most of those asked say is taken, as soon as they are most. Who is slow is waited for a
 * little, and then the answers that are there count: the one that most give; of two that as many
 * give, the one of the later failover. So one that is stale, lies, talks nonsense or is silent does
 * not decide while others do not agree with it. Whether the server that was named is what it should
 * be is for the link to find out.
 *
 * Where the address asks for TLS, those who are asked speak it too.
 *
 * Started by a route; it is over when its callback was called, which is never within
 * search_start(), or with search_abandon().
 */
#pragma once

#include <hiredis/hiredis.h>
#include <stdint.h>
#include <uv.h>

#include "common/redis/tls.h"
#include "common/redis/url.h"

/* Further nodes, that a Cluster itself named. */
#define PLACES_MAX 8

struct places {
    struct place list[PLACES_MAX];
    size_t count;
};

struct search;

/* `place` is NULL when nobody could say, and `error` says why. */
typedef void search_fn(void *data, const struct place *place, const char *error);

/* Of a Cluster `learned` are asked too, and are renewed; they outlive the search. `turn` chooses
 * among several addresses of a name. */
struct search *search_start(uv_loop_t *loop, const struct redis_address *address,
                            const struct tls_files *tls_files, struct places *learned,
                            unsigned turn, uint64_t patience_ms, search_fn *done, void *data);

/* The callback will not come. */
void search_abandon(struct search *search);

/* Who was asked, and what the first one said, while nobody could say. */
#define SEARCH_ERROR_MAX 512
void search_complaint(const struct search *search, char ret_error[static SEARCH_ERROR_MAX]);

/* How long those who are slow are waited for, of the time that there is for connecting. */
uint64_t search_patience_ms(uint64_t connect_timeout_ms);

/* NULL, or why the server that says this of its replication is not the one that Sentinels are
 * asked for. */
const char *search_objection(const redisReply *info);

/* SPDX-License-Identifier: MIT */
/*
 * One connection to Redis that comes back: resolves, connects, logs in, and when it is lost tries
 * again with capped, jittered backoff. Deadlines are its own, because hiredis 0.14 has none.
 *
 * The owner of the link hears up() when Redis has answered PING, and down() once for each up() and
 * for each failed try. Every command that link_send() took calls back exactly once: with its reply,
 * or with NULL before down() when the connection is lost, and then nobody knows whether it ran. A
 * callback may send, drop and close; one that got NULL only takes note, because down() follows. The
 * link is heap memory and goes in link_close().
 */
#pragma once

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "common/redis/command.h"
#include "common/redis/tls.h"
#include "common/redis/url.h"

struct link;

struct link_config {
    const struct redis_address *address; /* outlives the link */
    const struct tls_files *tls_files;   /* for an address that asks for TLS; outlives the link */
    const char *name;                    /* for CLIENT LIST: no blanks; outlives the link */
    uint64_t connect_timeout_ms;
    uint64_t reply_timeout_ms;
    uint64_t backoff_min_ms;
    uint64_t backoff_max_ms;
};

struct link_events {
    void (*up)(void *owner);
    void (*down)(void *owner, const char *reason, uint64_t retry_ms);
};

typedef void link_reply_fn(void *data, const redisReply *reply);

struct link *link_new(uv_loop_t *loop, const struct link_config *config,
                      const struct link_events *events, void *owner);

/* Starts the first try. */
void link_open(struct link *link);

bool link_is_up(const struct link *link);

/* Which server answers, while the link is up: its run id, or "" where INFO may not be asked. */
const char *link_run_id(const struct link *link);

/* When the certificate of this connection ends that ends first, in ms since 1970, and whether it is
 * ours; 0: there is none. */
int64_t link_certificate_end_ms(const struct link *link, bool *ret_is_ours);

/* Sends what the command holds. Returns 1 when the link is not up: then the callback never runs. */
int link_send(struct link *link, struct command *command, uint64_t deadline_ms,
              link_reply_fn *on_reply, void *data) __attribute__((warn_unused_result));

/* The deadline for commands that have none of their own. */
uint64_t link_reply_timeout_ms(const struct link *link);

/* Writes out what was sent, now and not when the loop comes round. An error shows up later, as a
 * loss. */
void link_flush(struct link *link);

/* Gives the connection up and tries again later. Nothing happens when it is down already. */
void link_drop(struct link *link, const char *reason);

/* All is well: the next loss starts with the shortest backoff. Without this call it grows, so that
 * a connection that opens only to fail at once does not spin. */
void link_reset_backoff(struct link *link);

/* Closes and frees; no event comes any more, but pending commands get their NULL. `closed` may be
 * NULL. */
void link_close(struct link *link, void (*closed)(void *data), void *data);

/* SPDX-License-Identifier: MIT */
/*
 * The first words on a connection: who we are, which database, and whether Redis is there and new
 * enough. PING must say PONG: a Redis that is loading, or a replica that lost its master, accepts
 * connections and answers other commands. Used by link.c alone.
 */
#pragma once

#include "common/redis/link.h"

/* What came of it. */
struct greeted {
    const char *complaint; /* NULL: all is well */
    const char *run_id;    /* of the server; empty where it may not be asked */
};

/* What is said first on a connection, by way of link_send(). */
struct greeting_words {
    int (*send)(struct link *link, struct command *command, uint64_t deadline_ms,
                link_reply_fn *callback, void *data);
    const struct redis_address *address;
    const char *name;
    uint64_t deadline_ms;
};

/* Calls back once; not at all when the connection is lost meanwhile. */
void greeting_send(struct link *link, const struct greeting_words *words,
                   void (*done)(void *data, const struct greeted *greeted), void *data);

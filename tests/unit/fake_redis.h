/* SPDX-License-Identifier: MIT */
/*
 * A Redis that does as a test says: it listens on a unix socket or on a loopback port, on the
 * test's own loop, hears commands, answers some of them and ends connections in every way. One
 * connection at a time. What nobody gave an answer for is met with silence, but for the commands of
 * a greeting.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

struct redisReader;
struct conversation;

struct fake_answer {
    const char *command; /* how it begins, arguments separated by blanks */
    const char *reply;   /* NULL: silence */
};

struct fake_redis {
    uv_loop_t *loop;
    char folder[32];
    char path[64]; /* empty: TCP */
    int port;
    int listener;
    int peer; /* -1: nobody is connected */
    uv_poll_t *listening;
    struct conversation *conversation;
    struct redisReader *reader;
    const struct fake_answer *answers; /* before the polite ones; up to one without a command */
    char heard[4096];                  /* the commands of this connection, a line each */
    int commands;                      /* of this connection */
    int connections;
};

/* Takes an address, but does not listen there yet. */
void fake_bind_tcp(struct fake_redis *fake, uv_loop_t *loop);
void fake_bind_unix(struct fake_redis *fake, uv_loop_t *loop);

void fake_listen(struct fake_redis *fake);

void fake_say(struct fake_redis *fake, const char *bytes);

/* The end of the stream: a FIN. */
void fake_finish(struct fake_redis *fake);

/* By TCP alone: a RST. */
void fake_reset(struct fake_redis *fake);

void fake_close(struct fake_redis *fake);

/* SPDX-License-Identifier: MIT */
/*
 * A link's owner that writes down what happens to it: "up", "GET a: 7", "GET b: lost", "down:
 * Connection refused", joined by " | ". Owns the loop, the link and the address of the server.
 *
 * A test begins with witness_begin(), waits for numbers to grow with witness_wait(), and ends with
 * witness_end(), which shows that nothing is left on the loop.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/redis/link.h"
#include "tests/unit/fake_redis.h"

struct witness {
    uv_loop_t loop;
    uv_timer_t watchdog;
    struct fake_redis fake; /* where the link goes, unless the test says otherwise */
    struct redis_address address;
    struct link_config config;
    struct link *link; /* NULL: closed */
    char story[4096];
    int ups;
    int downs;
    int answers; /* losses included */
    int closed;
    uint64_t retry_ms;                        /* as told last */
    void (*when_up)(struct witness *witness); /* within the callbacks; may be NULL */
    void (*when_down)(struct witness *witness);
    void (*when_answered)(struct witness *witness);
};

/* With short backoffs and long deadlines; the server does not listen yet, the link is not open. */
void witness_begin(struct witness *witness);
void witness_begin_unix(struct witness *witness);

/* A link that is up to the server that listens on this socket, and has been asked something: the
 * first words on a connection are read out of turn. Nothing is told of that. */
void witness_begin_on(struct witness *witness, const char *socket);

/* Opens the link, with the configuration as it is now. */
void witness_open(struct witness *witness);

/* All three: the server listens, and the link is up. */
void witness_begin_up(struct witness *witness);

/* Runs the loop until the number is there. */
void witness_wait(struct witness *witness, const int *number, int least);

/* Sends a command, its words separated by blanks. */
void witness_ask(struct witness *witness, const char *words);
void witness_ask_within(struct witness *witness, const char *words, uint64_t deadline_ms);

/* What link_send() returns for a command. */
int witness_try(struct witness *witness, const char *words);

/* Adds to the story. */
void witness_tell(struct witness *witness, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* This happened since the last such question. */
void witness_expect(struct witness *witness, const char *story);

void witness_close_link(struct witness *witness);
void witness_end(struct witness *witness);

/* SPDX-License-Identifier: MIT */
/*
 * A Redis that knows only what a router asks for, and answers from a deck: the same bytes in every
 * run, on the router's own loop, so that its instructions can be counted without anything beside.
 *
 * A read that finds nothing waits, as BLOCK does, and holds back its connection. What the router
 * writes is not kept: ACKs and intents are counted. Its own work is left out of what callgrind
 * collects and of the time that it says was not its own.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "tests/bench/deck.h"

enum { CANNED_CONNECTIONS_MAX = 4 };

struct canned;

struct canned_connection {
    uv_pipe_t pipe; /* first: a stream is its connection */
    struct canned *canned;
    struct redisReader *reader;
    char *read_buffer;
    uint64_t wanted;  /* entries of the read that waits; 0: none waits */
    bool is_queueing; /* since MULTI */
    uint64_t marks;   /* that the look in the queue asks for */
};

struct canned {
    uv_pipe_t listener;
    struct canned_connection connections[CANNED_CONNECTIONS_MAX];
    unsigned count;
    char epoch[128];
    uint64_t sequence;
    struct deck deck;
    uint64_t next, end; /* numbers of signals that are yet to be read */
    uint64_t acked, intents;
    bool is_collected; /* callgrind collects, but while we are at work */
    uint64_t spent_ns; /* of the processor, by others, until we last began to work */
    uint64_t since_ns; /* when they went on */
};

void canned_start(struct canned *canned, uv_loop_t *loop, const char *path);

/* Puts `count` more signals into the stream. */
void canned_offer(struct canned *canned, const struct deck *deck, uint64_t count);

/* Whether all is read and the next read waits. */
bool canned_is_drained(const struct canned *canned);

/* What follows is measured, up to the stop, which gives its nanoseconds on a processor. */
void canned_start_clock(struct canned *canned);
uint64_t canned_stop_clock(struct canned *canned);

/* Closes all; the loop has to run once more. */
void canned_close(struct canned *canned);

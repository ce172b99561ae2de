/* SPDX-License-Identifier: MIT */
/*
 * One intent in a true Redis, pending for an executor, and what settles it: open orders are known,
 * no position is there, and its handling was begun once. A test changes what it is about, settles,
 * and looks.
 */
#pragma once

#include "executor/act/settle.h"
#include "tests/unit/redis_server.h"
#include "tests/unit/support.h"

struct intent_world {
    struct redis_server server;
    struct executor_settings settings;
    struct office office;
    struct order order;
    struct venue_answer opens;  /* an opening: with this position */
    struct venue_answer closes; /* an exit: */
    struct executor_look look;  /* the same position, as it is kept */
    int64_t deadline_ms;
    char *text;
};

/* The one of a test program. */
extern struct intent_world intent;

/* For cmocka: the group's, and each test's. */
int intent_set_up(void **state);
int intent_tear_down(void **state);
int intent_renew(void **state);

#define EXPECT(answer, ...) redis_server_expect(&intent.server, answer, __VA_ARGS__)
#define EXPECT_BETWEEN(least, most, ...)                                                           \
    redis_server_expect_between(&intent.server, least, most, __VA_ARGS__)
#define DO(...) freeReplyObject(redis_server_ask(&intent.server, __VA_ARGS__))

/* Milliseconds of Redis' own clock. */
int64_t intent_now_ms(void);

/* Puts a position into the hash, as it is written there. */
void intent_hold(const char *intent_id, const char *symbol, enum side side);

struct settle_answer intent_open(void);
struct settle_answer intent_close(void);
struct settle_answer intent_decline(enum outcome outcome,
                                    const struct dead_letter_cause *dead_letter);

/* Settled, and so many positions are there now. */
void expect_settled(struct settle_answer (*settle)(void), int64_t positions);

/* Not settled, for these words: "gone", "hold", "moved", an outcome's name, or the start of what
 * Redis objects; and nothing at all was written. */
void expect_unsettled(struct settle_answer (*settle)(void), const char *why);

void expect_pending(bool is_pending);

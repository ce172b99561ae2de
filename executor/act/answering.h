/* SPDX-License-Identifier: MIT */
/*
 * An adapter's answer in hand: what is kept of its order is looked up, answer.h says what becomes
 * of it, and one script makes that true. One answer at a time; over() is called once for each, and
 * what it is told lives as long as the call. Embedded in the adapter.
 */
#pragma once

#include "executor/act/kept_position.h"
#include "executor/act/office.h"
#include "executor/decide/answer.h"
#include "executor/decide/result.h"

enum answering_over {
    ANSWERING_TOLD,
    ANSWERING_IGNORED,
    ANSWERING_MOVED,   /* something changed meanwhile, or it is pending no more */
    ANSWERING_REFUSED, /* Redis does not allow it: it stays pending */
    ANSWERING_CUT,     /* the connection is gone */
};

struct answered {
    enum answering_over how;
    const struct result *result;         /* TOLD */
    int64_t positions;                   /* TOLD: that exist now */
    const struct unreadable *unreadable; /* TOLD: of those that an exit names; they stay */
    const struct answer *answer;         /* IGNORED */
    const char *why;                     /* IGNORED, REFUSED */
};

/* A position that an exit names, as it is kept. */
struct named {
    struct position position;
    char *text; /* NULL: it is not there, or cannot be read */
};

struct answering {
    struct office *office;
    void (*over)(void *owner, const struct answered *answered);
    void *owner;
    struct answer answer;
    enum kept kept;
    char *record;        /* as it is kept; NULL: it is not */
    char complaint[256]; /* of a look-up; empty: none */
    struct position position;
    struct handed_exit handed;
    struct named *named;          /* as many as the exit closes; NULL: they were not looked up */
    struct unreadable unreadable; /* of these */
    struct answer_verdict verdict;
    struct result result;
};

/* The members above `answer` are the caller's to set before. */
/* An entry of the answers; false when it is none, or the connection is gone: then over() does not
 * come. */
bool answering_start(struct answering *answering, const redisReply *entry);

/* After the loop has run empty. */
void answering_deinit(struct answering *answering);

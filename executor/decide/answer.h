/* SPDX-License-Identifier: MIT */
/*
 * An adapter's answer, and what becomes of the order that it is about: the one place where that is
 * decided. answer.lua makes it true.
 *
 * An opening that was handed over keeps its place until an answer of its own: its exit's answer
 * does not say that it will not be filled any more. Answers are facts in the order of their
 * stream, in whatever order they are read: what was filled behind the answer to an exit is open.
 * Pure.
 */
#pragma once

#include <stdbool.h>

#include "executor/decide/position.h"
#include "executor/decide/result.h"

enum answer_status {
    ANSWER_FILLED,
    ANSWER_REJECTED,
    ANSWER_EXPIRED,
    ANSWER_CLOSED,
    ANSWER_UNKNOWN
};

struct answer {
    char id[STREAM_ID_TEXT_MAX]; /* of its entry */
    bool is_trimmed;             /* nobody has read it before it went */
    char order_id[STREAM_ID_TEXT_MAX];
    enum answer_status status;
    char status_text[16];
    char reason[64];
    double price; /* these three: 0 where it says nothing that can be */
    double quantity;
    double fee_usd;
};

/* What is kept of an order. */
enum kept {
    KEPT_NOTHING,
    KEPT_UNSOUND, /* something that cannot be read */
    KEPT_ASKED,
    KEPT_OPEN,
    KEPT_REFUSED,
    KEPT_EXIT,
};

enum answer_act {
    ANSWER_IS_IGNORED,
    ANSWER_OPENS,
    ANSWER_OPENED, /* and closed since: an answer behind it, which was read before it, said so */
    ANSWER_REFUSES,
    ANSWER_ENDS,       /* a position, for which no exit was asked */
    ANSWER_ENDS_EXIT,  /* which goes, with what it closes */
    ANSWER_KEEPS_EXIT, /* which goes, and closes nothing */
};

struct answer_verdict {
    enum answer_act act;
    const char *why; /* ANSWER_IS_IGNORED */
};

enum answer_status answer_status_named(const char *name);

/* A figure as an answer gives it: above 0 and bounded, else 0. */
double answer_figure(const char *bytes, size_t length);

/* What becomes of an order, of which the position is kept but for an exit and nothing:
 *
 *   what is kept       | filled             | rejected, expired  | closed
 *   -------------------+--------------------+--------------------+-----------------------------
 *   asked: handed over | it is open         | it goes            | it goes: opened and closed
 *   open               | ignored            | ignored            | it goes, asked for by nobody
 *   refused: had gone  | it is open after   | ignored            | ignored
 *                      | all                |                    |
 *   an exit            | as closed          | the exit goes, its | the exit goes, and those of
 *                      |                    | positions stay     | its positions that were open
 *                      |                    |                    | before this answer
 *   nothing            | ignored            | ignored            | ignored
 */
struct answer_verdict answer_judge(const struct answer *answer, enum kept kept,
                                   const struct position *position);

/* What a position becomes that was handed over, and that an exit names which it ends. */
void answer_close(const struct answer *answer, struct position *position);

/* What a position becomes that it fills. */
void answer_fill(const struct answer *answer, struct position *position);

/* The results, for an answer that is not ignored; their texts are those of the arguments. Of an
 * exit the positions that it closes are told next, and its figures last. */
struct result answer_tell_position(const struct answer *answer, enum kept kept,
                                   const struct position *position, int64_t now_ms);
struct result answer_tell_exit(const struct answer *answer, const struct handed_exit *handed,
                               int64_t now_ms);
void answer_tell_figures(const struct answer *answer, struct result *result);

/* Whether an exit that ends with this answer takes the position, which it names, with it. */
bool answer_takes(const struct answer *answer, const struct position *position);

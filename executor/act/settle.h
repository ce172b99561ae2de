/* SPDX-License-Identifier: MIT */
/*
 * What settles an intent: one script, at one moment, after which its end is in Redis and its entry
 * is pending no more. It opens, or it closes, or it declines (open.lua, close.lua, decline.lua).
 * Their calls, and what they answer. open.lua opens with why nothing is done twice or lost.
 *
 * The mark says "<entry id> <what became of it>", so that an answer that was lost with its
 * connection can be had once more. Builds and reads; sends nothing.
 */
#pragma once

#include <hiredis/hiredis.h>

#include "executor/act/executor_look.h"
#include "executor/act/office.h"
#include "executor/decide/venue.h"

enum settle_says {
    SETTLE_DONE,
    SETTLE_GONE,    /* the entry is pending no more */
    SETTLE_HOLDS,   /* a hold began meanwhile */
    SETTLE_MOVED,   /* what was seen is no longer so: look once more */
    SETTLE_ENDS,    /* a guard says otherwise by now: it ends with `outcome` */
    SETTLE_FAULTY,  /* a key of its symbol, or of its own, is not as it must be */
    SETTLE_REFUSED, /* Redis or the state of the keys does not allow it, or it is malformed */
};

struct settle_answer {
    enum settle_says says;
    enum outcome outcome; /* ENDS */
    int64_t positions;    /* DONE: that exist now; -1: not told */
    char what[160];       /* FAULTY, REFUSED: the complaint; GONE: the mark */
};

/* Why an intent becomes a dead letter; the script puts the entry's own fields to it. */
struct dead_letter_cause {
    const char *reason;
    const char *note;  /* the last error */
    int64_t begun;     /* how often its handling was begun */
    int64_t before_ms; /* only before this moment by Redis' clock; 0: always */
};

/* The venue does what the order asks for; the intent is too old after the deadline. */
void settle_open_command(const struct office *office, const struct order *order,
                         const struct venue_answer *does, int64_t deadline_ms,
                         struct command *ret_command);

/* The same, of an exit: what was looked at is closed. */
void settle_close_command(const struct office *office, const struct order *order,
                          const struct venue_answer *does, const struct executor_look *look,
                          int64_t deadline_ms, struct command *ret_command);

/* It ends without being executed; `dead_letter` may be NULL. */
void settle_decline_command(const struct office *office, const struct order *order,
                            enum outcome outcome, const struct result *result,
                            const struct dead_letter_cause *dead_letter,
                            struct command *ret_command);

/* What any of them answered; NULL, when the connection was lost, is not for here. */
void settle_read(const redisReply *reply, struct settle_answer *ret_answer);

/* Whether it leaves a mark: what is invalid has no decision. And the mark. */
bool settle_marks(enum outcome outcome);
void settle_mark(const struct order *order, enum outcome outcome, char ret_mark[static MARK_MAX]);

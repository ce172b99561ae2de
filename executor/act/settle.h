/* SPDX-License-Identifier: MIT */
/*
 * The calls that settle an intent, each one script and one moment, and what they answer.
 *
 * A mark says "<entry id> <outcome>", so that an answer that was lost with its connection can be
 * had again. Builds and reads; sends nothing.
 */
#pragma once

#include <hiredis/hiredis.h>

#include "common/redis/script.h"
#include "executor/decide/result.h"
#include "executor/settings/executor_settings.h"

enum settlement {
    SETTLEMENT_DONE,
    SETTLEMENT_ELSEWHERE, /* the entry is pending no more */
    SETTLEMENT_HELD,      /* a hold began meanwhile */
    SETTLEMENT_MOVED,     /* what was seen is no longer so: look again */
    SETTLEMENT_ENDS,      /* a guard says otherwise by now: it ends with `outcome` */
    SETTLEMENT_FAULTY,    /* a key of its symbol, or of its own, is not as it must be */
    SETTLEMENT_REFUSED,   /* Redis or the state of the keys does not allow it */
};

struct settled {
    enum settlement kind;
    enum outcome outcome; /* SETTLEMENT_ENDS */
    int64_t positions;    /* SETTLEMENT_DONE: that exist now; -1: not told */
    char what[160];       /* FAULTY, REFUSED: the complaint; ELSEWHERE: the mark */
};

/* An order that is executed. */
struct opening {
    enum outcome outcome; /* filled, handed over, would execute */
    const struct position *position;
    const char *price_source; /* NULL: it has no price */
    int64_t deadline_ms;
    int64_t now_ms;
};

/* An exit that is executed. */
struct closing {
    enum outcome outcome; /* closed, handed over, would execute */
    const struct position *positions;
    char *const *texts; /* of them, as they are kept */
    size_t count;
    struct result result; /* without handing over */
    int64_t deadline_ms;
    int64_t now_ms;
};

void settle_open_command(const struct script *script, const struct executor_settings *settings,
                         const struct order *order, const struct opening *opening,
                         struct command *ret_command);

void settle_close_command(const struct script *script, const struct executor_settings *settings,
                          const struct order *order, const struct closing *closing,
                          struct command *ret_command);

/* A dead letter; the script puts the entry's own fields to it. */
struct dead_letter_cause {
    const char *reason;
    const char *note;  /* the last error */
    int64_t begun;     /* how often its handling was begun */
    int64_t before_ms; /* it is one only before this moment by Redis' clock; 0: always */
};

/* Without being executed. The mark is left out where `marks` is false; `dead_letter` may be
 * NULL. */
void settle_end_command(const struct script *script, const struct executor_settings *settings,
                        const struct order *order, const struct result *result, bool marks,
                        const struct dead_letter_cause *dead_letter, struct command *ret_command);

/* What any of them answered; NULL, when the connection was lost, is not for here. */
void settle_read(const redisReply *reply, struct settled *ret_settled);

/* The mark that an outcome leaves, and that of one that ends without being executed. */
void settle_mark(const struct order *order, enum outcome outcome, char ret_mark[static MARK_MAX]);
void settle_end_mark(const struct result *result, char ret_mark[static MARK_MAX]);

/* A result as an entry of the result stream, as arguments of the scripts that write it: names and
 * values; and the same behind their number. */
void settle_add_result(const struct result *result, struct command *command);
void settle_add_result_counted(const struct result *result, struct command *command);

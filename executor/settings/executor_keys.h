/* SPDX-License-Identifier: MIT */
/*
 * The names of everything the executor touches in Redis: the common prefix with the usual ending,
 * unless an option names the key in full; of some only the start, behind which a variable part
 * follows. Embedded in the settings.
 */
#pragma once

#include <stddef.h>

#include "common/redis/key_names.h"

struct executor_keys {
    char *prefix;
    char *intents;
    char *results;
    char *dead_letters;
    char *open_orders;
    char *safe_mode;
    char *processed;   /* a start: the decision's id follows */
    char *begun;       /* a start: the intent's id follows */
    char *last_exit;   /* a start: the symbol follows */
    char *rate_symbol; /* a start: the symbol follows */
    char *rate_global;
    char *price; /* a start: the symbol follows */
    char *hold;
    char *server; /* which one was executed on last */
    char *commit; /* the router's, where a resume is written */
    char *paper_positions;
    char *venue_positions;
    char *orders;
    char *answers;
    char *exits;
    char *refused;   /* a start: the order's id follows */
    char *positions; /* of the venue that runs; not an option */
    char *group;
    char *answer_group;
    char *consumer;
};

enum { EXECUTOR_KEY_OPTION_COUNT = 24 };
extern const struct option_row executor_key_rows[];

/* Puts the full name where none was given, and refuses two that are the same. */
void executor_keys_check(struct executor_keys *keys, const struct options *options,
                         struct complaints *complaints);

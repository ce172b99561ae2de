/* SPDX-License-Identifier: MIT */
/*
 * The names of everything the router touches in Redis: the common prefix with the usual ending,
 * unless an option names the key in full; of some only the start, behind which a variable part
 * follows. Embedded in the settings.
 */
#pragma once

#include <stddef.h>

#include "common/redis/key_names.h"

struct keys {
    char *prefix;
    char *signals;
    char *intents;
    char *open_orders;
    char *safe_mode;
    char *commit;
    char *dedup;        /* a start: the decision's id follows */
    char *daily_trades; /* a start: the day follows */
    char *leader;
    char *cooldown; /* a start: the symbol follows */
    char *executor_group;
    char *in_flight_group; /* whose unfinished intents count as open; empty: none; not an option */
    char *group;
    char *consumer;
};

enum { KEY_OPTION_COUNT = 13 };
extern const struct option_row key_option_rows[];

/* Puts the full name where none was given, and refuses two that are the same. */
void keys_check(struct keys *keys, const struct options *options, struct complaints *complaints);

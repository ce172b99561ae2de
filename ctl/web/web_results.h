/* SPDX-License-Identifier: MIT */
/*
 * The last results, and what today's come to: counted as they come, the day's earlier ones a page
 * at each look.
 *
 * Days are Redis', in UTC. Embedded in the look.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/base/stream_id.h"
#include "ctl/frame/ask.h"

enum { WEB_RESULTS_MAX = 10 };

struct web_results {
    json_t *list; /* from the newest on */
    int64_t day;  /* since 1970; 0: nothing was read yet */
    struct stream_id last;
    bool is_behind; /* not all of the day is read yet */
    int64_t closed, won, filled, rejected, skipped;
    double profit_usd;
    int64_t without_profit; /* closed, and not known at which price */
    char why[256];          /* they could not be read; empty: they could */
};

/* Negative: the connection broke. What Redis refuses is in `why`. */
int web_results_look(struct web_results *results, const struct ask *ask, const char *stream,
                     int64_t now_ms) __attribute__((warn_unused_result));

/* "list", "today", "why". A new reference. */
json_t *web_results_json(const struct web_results *results);
void web_results_release(struct web_results *results);

/* SPDX-License-Identifier: MIT */
/*
 * The last cycles as their records tell them, each read once, as it comes.
 *
 * Embedded in the look; what was read stays until web_cycles_release().
 */
#pragma once

#include <jansson.h>

#include "common/base/stream_id.h"
#include "ctl/frame/ask.h"
#include "ctl/web/web_with.h"

enum { WEB_CYCLES_MAX = 20 };

struct web_cycles {
    struct web_with *with; /* the owner's, set before */
    json_t *list;          /* from the newest on; NULL: nothing was read yet */
    struct stream_id last;
    char why[256]; /* they could not be read; empty: they could */
};

/* Negative: the connection broke. What Redis refuses is in `why`. */
int web_cycles_look(struct web_cycles *cycles, const struct ask *ask,
                    const struct record_keys *keys) __attribute__((warn_unused_result));

/* "list", "why". A new reference. */
json_t *web_cycles_json(const struct web_cycles *cycles);
void web_cycles_release(struct web_cycles *cycles);

/* SPDX-License-Identifier: MIT */
/*
 * How far the records go back that an explanation looks through. Part of an explanation; owns
 * nothing.
 */
#pragma once

#include "ctl/past/record_search.h"

struct explanation_reach {
    bool has_any;
    struct stream_id first;
    bool is_trimmed; /* there were older ones */
};

/* Negative: it went wrong, which was told. */
int explanation_reach_find(const struct record_place *place, const char *stream,
                           struct explanation_reach *ret_reach) __attribute__((warn_unused_result));

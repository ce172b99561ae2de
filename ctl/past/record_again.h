/* SPDX-License-Identifier: MIT */
/*
 * A record decided again by the rules of its own time, which its source has.
 */
#pragma once

#include "ctl/past/record_rules.h"
#include "router/decide/again.h"

/* What came of it. `plan` is there where it could be decided, also where it differs; then the
 * caller owes plan_release(). */
struct record_again {
    struct again again;
    bool is_decided;
    struct plan plan;
    const struct decisive_settings *settings; /* until the rules are asked for others */
};

/* Negative: the source went wrong, which was told. */
int record_again(struct recorded *recorded, struct records *source, struct record_rules *rules,
                 bool any_core, struct record_again *ret_again) __attribute__((warn_unused_result));
void record_again_release(struct record_again *again);

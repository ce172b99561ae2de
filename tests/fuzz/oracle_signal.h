/* SPDX-License-Identifier: MIT */
/*
 * A signal once more, from the rules of the contract alone: every document goes through jansson,
 * and every rule is asked in the contract's order. What signal_judge() and signal_make() are
 * compared with, whichever quick ways they take.
 *
 * Of a text that is no JSON the contract leaves open what is said first, so the oracle says which
 * verdicts are right, not which one comes.
 */
#pragma once

#include "common/trade/signal.h"

struct oracle_verdict {
    struct signal_verdict verdict;
    bool is_broken; /* the document is no JSON: any rule on documents may be named, and the gate may
                       drop it */
    struct signal *signal; /* with DROP_NONE; for signal_free() */
};

/* The entry's id is neither stale nor ahead of `now_ms`. */
struct oracle_verdict oracle_signal(const struct signal_rules *rules, const struct entry *entry,
                                    int64_t now_ms);

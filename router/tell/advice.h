/* SPDX-License-Identifier: MIT */
/*
 * Settings of Redis that do not suit what is kept in it: a policy that evicts keys, no append-only
 * file, replicas that a master which is cut off goes on without, and less memory than the records
 * of decisions may need.
 *
 * Asked by INFO on the deciding connection, which an ACL may forbid; then there is no advice. What
 * is found is told once, and again when it changes. Embedded in the vitals.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/redis/link.h"

struct advice {
    const int64_t *record_max_mib; /* the settings' */
    uint64_t asked_at_ms;
    char eviction[32]; /* the policy that was told; empty: none */
    bool no_file;      /* told */
    bool no_minimum;   /* of replicas; told */
    bool is_crowded;   /* by records; told */
};

/* Asks, unless it was asked within the last minute. The advice outlives the link. */
void advice_ask(struct advice *advice, struct link *link);

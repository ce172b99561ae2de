/* SPDX-License-Identifier: MIT */
/*
 * The slot policy: how many new orders the open ones leave room for, and for whom. The place to
 * change when the policy changes. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct capacity_rules {
    int64_t max_open;
    int64_t target_open;
    int64_t max_new_per_cycle;
    double super_confidence;
};

/* What the capacity key said. */
enum open_orders_kind { OPEN_ORDERS_KNOWN, OPEN_ORDERS_MISSING, OPEN_ORDERS_UNPARSEABLE };

struct open_orders {
    enum open_orders_kind kind;
    int64_t count; /* with OPEN_ORDERS_KNOWN */
};

enum capacity_state {
    CAPACITY_UNKNOWN,
    CAPACITY_UNPARSEABLE,
    CAPACITY_FULL,
    CAPACITY_TARGET,
    CAPACITY_OK,
};

struct allowance {
    enum capacity_state state;
    int64_t slots;    /* up to the cap; never negative */
    int64_t allowed;  /* new intents in this cycle */
    bool supers_only; /* and only these may take them */
};

/* A canonical non-negative integer is known; any other text is unparseable. */
struct open_orders open_orders_read(const char *text, size_t length);

struct allowance policy_slots(const struct capacity_rules *rules, const struct open_orders *open);

/* Whether this confidence may pass the target. */
bool policy_is_super(const struct capacity_rules *rules, double confidence);

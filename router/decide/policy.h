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
    int64_t supers_per_cycle; /* 0: as many as may be new */
    bool in_flight_needed;    /* a group was named: without it nothing is known */
    int64_t suspect_after;    /* intents published with the capacity key unchanged */
    bool suspect_closes;
    int64_t max_daily;       /* 0: no limit */
    int64_t max_per_minute;  /* 0: no limit */
    int64_t supers_per_hour; /* 0: no limit */
    bool unknown_closes;     /* while it is not known what is held, nothing is published */
};

/* What the capacity key said. */
enum open_orders_kind { OPEN_ORDERS_KNOWN, OPEN_ORDERS_MISSING, OPEN_ORDERS_UNPARSEABLE };

struct open_orders {
    enum open_orders_kind kind;
    int64_t count; /* with OPEN_ORDERS_KNOWN */
};

/* All that the policy looks at. */
struct capacity {
    struct open_orders open;
    int64_t in_flight;        /* negative: the group cannot be read */
    int64_t published_since;  /* intents, since the capacity key last changed */
    int64_t published_today;  /* intents, by the UTC day */
    int64_t published_minute; /* intents, as notes_minute() counts them */
    bool rolled_back;
    bool positions_unknown; /* what is held */
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
    int64_t in_flight; /* counted as open */
    int64_t slots;     /* up to the cap; never negative */
    int64_t allowed;   /* new intents in this cycle */
    bool supers_only;  /* and only these may take them */
    bool suspect;      /* the key looks as if nobody kept it */
    bool daily_limit;  /* the day's limit leaves less than the slots would */
    bool pace_limit;   /* the minute's limit leaves less than all else would */
};

/* A canonical non-negative integer is known; any other text is unparseable. */
struct open_orders open_orders_read(const char *text, size_t length);

struct allowance policy_slots(const struct capacity_rules *rules, const struct capacity *capacity);

/* Whether this confidence may pass the target. */
bool policy_is_super(const struct capacity_rules *rules, double confidence);

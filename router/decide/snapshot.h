/* SPDX-License-Identifier: MIT */
/*
 * What a decision looks at: the state of the outside world at one moment, read by one script in one
 * round trip. A plain struct, filled by router_look.c, or by a test. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/stream_id.h"
#include "common/base/token.h"
#include "router/decide/holdings.h"
#include "router/decide/policy.h"

/* A key's value is looked at up to here; a longer one is no number. */
#define SNAPSHOT_TEXT_MAX 64

/* And safe mode's up to here, and that of its reason, which says who, when and why. */
#define SAFE_TEXT_MAX 512

struct snapshot {
    int64_t now_ms; /* Redis' clock */
    struct capacity capacity;
    /* The capacity key, in the words that the commit compares. */
    char open_seen[SNAPSHOT_TEXT_MAX + 16];
    size_t open_seen_length;
    char open_text[SNAPSHOT_TEXT_MAX + 1]; /* its text, or "(list)" */
    /* The group that finishes intents is dead and does not count: none of its consumers was seen
     * for so long; negative: it has none. 0: it counts. */
    int64_t group_silent_ms;
    bool safe_mode;      /* something halts: the key of it, and others of safety.also */
    int64_t halt_number; /* which one: 0 safe mode's, else as safety.also counts them from 1 */
    char safe_text[SAFE_TEXT_MAX + 1];
    char safe_reason[SAFE_TEXT_MAX + 1]; /* asked for on its own; empty: not known */
    int64_t safe_ttl_sec;                /* negative: none */
    char epoch[TOKEN_MAX];               /* of the fence, empty when there is none */
    uint64_t sequence;                   /* of the last commit */
    char *marked;  /* per candidate '1' when its decision was published before; owned */
    char *cooling; /* per candidate '1' when its symbol was published a short while ago; owned */
    char *held;    /* per candidate an enum held_flag; owned */
    struct held_value *held_values;      /* per candidate what the hash says of its symbol; owned */
    struct holdings holdings;            /* what is held, as a whole */
    struct stream_id intents_end;        /* the last entry of the intent stream */
    char *super_times;                   /* see notes.h; owned */
    char *day_counts;                    /* see notes.h; owned */
    char *minute_counts;                 /* see notes.h; owned */
    char resumed[SNAPSHOT_TEXT_MAX + 1]; /* what the operator's last resume wrote */
    int64_t unsure_since_ms; /* what is older may have been published before; 0: nothing */
    int64_t asked_ms;        /* another router asked for the lease in vain; 0: never */
    char kept_seen[SNAPSHOT_TEXT_MAX + 16]; /* the capacity key at the last publication */
    int64_t kept_published_since;           /* intents published since it last changed, by then */
    uint64_t sequence_expected;             /* as far as this process knows */
};

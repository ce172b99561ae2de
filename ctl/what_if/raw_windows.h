/* SPDX-License-Identifier: MIT */
/*
 * Windows laid over the raw signals of an archive, for policies that records know nothing of: a
 * lower gate, more symbols, another length. Arrival is taken from the ids; open orders, what is
 * held, safe mode and marks from the nearest record. That is an approximation, and is told as one.
 *
 * Fed with the records in turn; it reads the signals up to each, and decides the windows that are
 * over by then. Bounded: a window has so many candidates, and a block of the archive is in memory.
 * Belongs to one what if.
 */
#pragma once

#include "ctl/past/archive_reader.h"
#include "ctl/past/record_again.h"
#include "ctl/what_if/decide/what_if_book.h"
#include "ctl/what_if/variants.h"

enum {
    RAW_CANDIDATES_MAX = 1000, /* of a window; one with more is not decided */
    RAW_IDS_KEPT = 1 << 15,    /* of the last signals, by which a record is known to be covered */
};

/* What a record saw of the world. */
struct raw_world {
    int64_t at_ms;
    struct snapshot snapshot; /* without what is of rows; its times are owned */
    int64_t held_symbols;
};

/* What the last row of a symbol said of it. */
struct raw_symbol {
    bool is_held[2]; /* by side */
    bool is_cooling;
    int64_t at_ms;
};

/* Of one policy: what came since its last window. */
struct raw_window {
    struct signal *signals;
    size_t count, room;
    bool is_over_full;
    int64_t end_ms; /* 0: there is none yet */
};

struct raw_windows {
    struct variants *variants;
    struct what_if_book *book;
    struct archive_reader reader;
    bool has_entry, is_over;
    struct raw_window windows[WHAT_IF_VARIANTS_MAX];
    struct raw_world before, now;
    struct raw_symbol *symbols; /* by number */
    struct stream_id *ids;      /* a ring of the last signals', in their order */
    uint64_t id_count;
    struct id_map marks;  /* decisions that a policy published, by their hash and the policy */
    struct recorded laid; /* the window that is decided */
    uint64_t covered;     /* records whose signals were all there */
};

/* The owner's variants and book outlive it. Negative errno: there is no such folder. */
int raw_windows_init(struct raw_windows *raw, const char *folder, int64_t from_ms,
                     struct variants *variants, struct what_if_book *book);
void raw_windows_release(struct raw_windows *raw);

/* Reads on up to this record, which was decided again with these settings; whether all of its
 * signals were there. Negative errno: the archive cannot be read. */
int raw_windows_follow(struct raw_windows *raw, const struct recorded *recorded,
                       const struct router_settings *live, bool *ret_covered)
    __attribute__((warn_unused_result));

/* The same of one that cannot be decided: what came meanwhile is passed over. */
int raw_windows_pass(struct raw_windows *raw, const struct recorded *recorded)
    __attribute__((warn_unused_result));

/* No further record comes. */
void raw_windows_end(struct raw_windows *raw);

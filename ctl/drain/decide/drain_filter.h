/* SPDX-License-Identifier: MIT */
/*
 * What becomes of an entry of a backlog: the filters in their order, age, symbol, confidence.
 *
 * An entry is old by what it says of its own time, and by its id where it says nothing readable.
 * Behind the age it needs a symbol and a confidence; nothing else is looked at. Plain values. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/entry.h"
#include "common/base/text_set.h"
#include "common/trade/rule.h"
#include "common/trade/signal.h"

/*
 * The symbols that a drain lets through: from the command line, from files, from a set in Redis.
 * Filled first, sealed once, then asked.
 */

/* A longer list is a mistake. */
enum { DRAIN_SYMBOLS_MAX = 100000 };

struct drain_symbols {
    char **list;
    size_t count;
    struct text_set set;
};

/* Adds one symbol, trimmed and in capitals. False: it is none, or one too many. */
bool drain_symbols_add(struct drain_symbols *symbols, const char *bytes, size_t length)
    __attribute__((warn_unused_result));

void drain_symbols_seal(struct drain_symbols *symbols);
bool drain_symbols_has(const struct drain_symbols *symbols, const char *symbol);
void drain_symbols_free(struct drain_symbols *symbols);

enum drain_action {
    DRAIN_OK,
    DRAIN_OLD,
    DRAIN_NOT_ALLOWLISTED,
    DRAIN_LOW_CONFIDENCE,
    DRAIN_INVALID,
    DRAIN_ACTIONS,
};

/* "drained_ok", "dropped_old", …: what the audit says. */
const char *drain_action_name(enum drain_action action);

struct drain_filter {
    int64_t max_age_ms;
    double min_confidence;
    const struct drain_symbols *symbols; /* NULL: every symbol */
};

struct drain_event {
    struct stream_id id;
    enum drain_action action;
    enum rule rule; /* with DRAIN_INVALID */
    bool is_dated;  /* its time is its own, and not its id's */
    int64_t timestamp_ms;
    int64_t age_ms;
    int64_t after_ms;            /* with DRAIN_OLD: true once Redis' clock is past this; else 0 */
    char symbol[SYMBOL_MAX + 1]; /* empty: not readable */
    bool has_confidence;
    double confidence;
};

/* An entry without fields is one that is gone from the stream. */
void drain_judge(const struct drain_filter *filter, const struct entry *entry, int64_t now_ms,
                 struct drain_event *ret_event);

#define DRAIN_SIDE_MAX   16
#define DRAIN_SOURCE_MAX 64

/* For the line about an entry that passes. */
struct drain_words {
    char side[DRAIN_SIDE_MAX];     /* as the entry has it, in capitals; CLOSE: an exit; "?" */
    char source[DRAIN_SOURCE_MAX]; /* fit for a terminal; "unknown" */
};

void drain_words_read(const struct entry *entry, struct drain_words *ret_words);

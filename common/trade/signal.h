/* SPDX-License-Identifier: MIT */
/*
 * A trade signal: what the AI engine wrote, read and checked once, at the door.
 *
 * signal_judge() reads an entry into a draft or says why it is dropped. A draft has what a signal
 * is ranked by; most are discarded on the spot, because the window is full of better ones.
 * signal_make() gives it the rest and memory of its own. In a signal every field is in range, every
 * text is bounded and every name is known, so nothing further in checks again. The intake makes it,
 * the window keeps it, the commit lets it go. Pure.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/entry.h"
#include "common/options/options.h"
#include "common/trade/fields.h"
#include "common/trade/rule.h"

#define SYMBOL_MAX      32
#define DECISION_ID_MAX 128

/* A text that a signal carries through is at most this long. */
#define SIGNAL_TEXT_MAX 256

enum side { SIDE_BUY, SIDE_SELL };

/* Why an entry does not become a candidate; the first that holds. */
enum drop {
    DROP_NONE,
    DROP_STALE, /* by its id alone; by its own timestamp it comes behind DROP_LOW_CONFIDENCE */
    DROP_LOW_CONFIDENCE,
    DROP_INVALID,
    DROP_HOLD,
    DROP_CLOSE,
    DROP_NOT_LISTED,
};

/* The entry's own trace_id or correlation_id: any UTF-8, handed on as it came. NULL: it had none.
 */
struct trace {
    char *bytes;
    size_t length;
};

struct signal {
    struct stream_id id;
    int64_t
        dated_ms; /* its age counts from here: by its id, or its own timestamp if that is older */
    char symbol[SYMBOL_MAX + 1];
    enum side side;
    double confidence;
    double asked_usd;         /* its size as it says itself */
    double position_size_usd; /* the same, and never more than the ceiling */
    double leverage;
    bool gate_passed; /* rl_gate_pass */
    bool regime_known;
    char decision_id[DECISION_ID_MAX + 1];
    struct trace trace_id;
    struct trace correlation_id;
    char *timestamp;      /* the signal's own, a number as its text; or NULL */
    int64_t timestamp_ms; /* the same as a moment; INT64_MAX: it had none that can be read */
    char *source;         /* its own too */
    json_t *carried;      /* what the intent carries through: an object */
    size_t weight;        /* bytes of memory, about */
};

struct signal_rules {
    double min_confidence;
    double max_position_usd;
    double default_position_usd;
    double max_leverage;
    int64_t max_age_ms;
    int64_t future_max_ms;
    const struct names *carry; /* further names to carry through; NULL: none */
    const struct names *only;  /* these symbols, in the order of strcmp(); NULL or none: all */
    bool by_id_alone;          /* window.age_by: its own timestamp does not count */
    bool explain_low; /* say of what is below the gate whose it is: costs a document each */
};

struct signal_verdict {
    enum drop drop;
    enum rule rule;    /* with DROP_INVALID */
    int64_t dated_ms;  /* with DROP_STALE and RULE_FUTURE: from when its age was counted */
    int64_t ahead_ms;  /* with RULE_FUTURE: so far, of Redis' clock */
    int64_t behind_ms; /* with DROP_STALE: by so much its own timestamp lies before its id; 0: its
                          id is too old itself */
    /* With DROP_LOW_CONFIDENCE and DROP_NOT_LISTED: for the log, as far as they could be read. */
    char symbol[SYMBOL_MAX + 1];
    const char *side;
    double confidence;
};

/* As long as its entry is there. */
struct signal_draft {
    struct signal signal; /* id, symbol, side, confidence, sizes, gate and regime */
    struct fields fields;
};

/* `now_ms` is Redis' time. On DROP_NONE the draft is to be made or to be discarded, else it is
 * neither. */
struct signal_verdict signal_judge(const struct signal_rules *rules, const struct entry *entry,
                                   int64_t now_ms, struct signal_draft *ret_draft);

/* The field that its producer may have meant for its size, where it has the default: "size",
 * "notional"; NULL: there is none. */
const char *signal_near_size(const struct signal_rules *rules, const struct signal_draft *draft);

/* The next field of a known type that is there and will not be carried, because it is of another
 * type, out of range or too long; NULL: no further. `at` begins at 0. */
const char *signal_left_out(const struct signal_draft *draft, size_t *at);

/* Its decision's id is what stands in the draft, or as decision_id.h finds it. */
struct signal *signal_make(const struct signal_rules *rules, struct signal_draft *draft);
void signal_discard(struct signal_draft *draft);

void signal_free(struct signal *signal);

/* Whether what was born then is older than `max_age_ms` by Redis' clock. */
bool signal_is_stale(int64_t born_ms, int64_t now_ms, int64_t max_age_ms);

/* "BUY", "SELL". */
const char *side_name(enum side side);

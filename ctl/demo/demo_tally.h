/* SPDX-License-Identifier: MIT */
/*
 * What the router's own log says has happened: its CYCLE lines, summed up by the state that it was
 * in.
 *
 * A state holds from the line that tells it to the next one, safe mode over the state of the
 * capacity until it is cleared. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctl/frame/ask.h"

/*
 * One line of a service's log, taken apart: time, level, picture, word.
 *
 * The word is what operators grep for, without the colon behind it. It stands at one place, so that
 * text from outside further on is never taken for it. The text is borrowed. Pure.
 */

struct demo_line {
    const char *text;
    size_t level; /* the bracket that opens "[INFO]" */
    size_t level_length;
    size_t message; /* the picture, or else the word */
    size_t word;
    size_t word_length;
};

/* False: this is no line of a log. */
bool demo_line_read(const char *text, struct demo_line *ret_line);

/* `pattern` is a word, or the start of one with a "*" behind it. */
bool demo_line_matches(const struct demo_line *line, const char *pattern);

/* The digits behind the first " key=" of the message; 0 bytes long when there are none. */
struct demo_digits {
    const char *bytes;
    size_t length;
};
struct demo_digits demo_line_digits(const struct demo_line *line, const char *key);

/* The same as a number; 0 when there is none. */
uint64_t demo_line_number(const struct demo_line *line, const char *key);

enum demo_state {
    DEMO_UNTOLD, /* no state was told yet */
    DEMO_UNKNOWN,
    DEMO_UNPARSEABLE,
    DEMO_OK,
    DEMO_TARGET,
    DEMO_FULL,
    DEMO_SAFE_MODE,
    DEMO_STATE_COUNT,
};

enum { DEMO_OPEN_ROOM = 24 };

struct demo_counts {
    uint64_t cycles;
    uint64_t read;
    uint64_t candidates;
    uint64_t published;
};

struct demo_tally {
    enum demo_state capacity;
    bool is_safe;
    char open[DEMO_OPEN_ROOM]; /* open orders as the last state line had them */
    struct demo_counts of[DEMO_STATE_COUNT];
    bool has_super;        /* the cycle whose CYCLE comes next */
    uint64_t super_cycles; /* in the target state, with a super-signal that passed */
};

/* Whether the line tells a change, and not what every window tells. */
bool demo_tally_add(struct demo_tally *tally, const struct demo_line *line);

struct demo_counts demo_tally_sum(const struct demo_tally *tally);

/* The word that tells the state. */
const char *demo_state_word(enum demo_state state);

/* How many of the candidates did not become an intent, in percent; 0 when there was none. Weak
 * signals, holds and what is no signal are no candidates. */
double demo_reduction_percent(const struct demo_counts *counts);

/*
 * What became of the demo's intents, as the executor's results have it: how many were executed and
 * why others were not, how long it took, and how the open orders rose and fell.
 */

enum { DEMO_REASONS_MAX = 16 };

struct demo_trades {
    uint64_t results;  /* of intents */
    uint64_t executed; /* filled */
    uint64_t closed;   /* positions that closed again */
    uint64_t refused;
    struct {
        char name[24];
        uint64_t count;
    } reasons[DEMO_REASONS_MAX]; /* of those refused */
    size_t reason_count;
    uint32_t *delays_ms; /* from an intent's publication to its result */
    size_t delay_count;
    uint64_t open_most; /* by the executor's own log */
    uint64_t open_last;
};

/* Follows the open orders on the executor's FILLED and CLOSED lines. */
void demo_trades_follow(struct demo_trades *trades, const struct demo_line *line);

/* One result: its id's time, and its fields. An empty intent id is a position that closed by
 * itself. */
struct demo_result {
    int64_t told_ms;
    const char *intent_id;
    const char *status;
    const char *reason;
};
void demo_trades_add(struct demo_trades *trades, const struct demo_result *result);

/* The delay that so many percent stay below; sorts. 0 when there is none. */
uint32_t demo_trades_delay_ms(struct demo_trades *trades, double percent);

/* Reads all results in that stream. */
int demo_trades_read(struct demo_trades *trades, const struct ask *ask, const char *results)
    __attribute__((warn_unused_result));

/* Forgets the results, but not the open orders that were followed. */
void demo_trades_clear(struct demo_trades *trades);

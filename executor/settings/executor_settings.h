/* SPDX-License-Identifier: MIT */
/*
 * The executor's settings: the options table, the values, and the rules that the pure files take,
 * worked out from them. One struct for the life of the program.
 */
#pragma once

#include "common/log/log.h"
#include "common/options/options.h"
#include "common/redis/halts.h"
#include "common/redis/key_names.h"
#include "common/redis/settings.h"
#include "executor/decide/breaker.h"
#include "executor/decide/guards.h"
#include "executor/decide/venue.h"

/* Bounds that are not options, each with its reason. */
enum {
    EXECUTOR_READ_BLOCK_MS = 1000, /* a blocked read must notice soon that it is to pause */
    EXECUTOR_STOP_MS_MAX = 800,    /* SIGTERM ends the program within a second */
    EXECUTOR_HOLD_POLL_MS = 250,   /* how often to ask whether it still holds */
    EXECUTOR_LOOK_MS = 1000,       /* and whether it holds by now, when nobody asks for anything */
    EXECUTOR_RETRY_MS = 1000,      /* an intent that the venue did not answer rests so long */
    EXECUTOR_TEXT_MAX = 64,        /* bytes of a foreign value that are looked at */
};

/* The names of everything the executor touches in Redis: the common prefix with the usual ending,
 * unless an option names the key in full; of some only the start, behind which a variable part
 * follows. */
struct executor_keys {
    char *prefix;
    char *intents;
    char *results;
    char *dead_letters;
    char *open_orders;
    char *held; /* what is held, of each symbol */
    char *safe_mode;
    char *processed;   /* a start: the decision's id follows */
    char *begun;       /* a start: the intent's id follows */
    char *last_exit;   /* a start: the symbol follows */
    char *rate_symbol; /* a start: the symbol follows */
    char *rate_global;
    char *price; /* a start: the symbol follows */
    char *hold;
    char *server; /* which one was executed on last */
    char *commit; /* the router's, where a resume is written */
    char *paper_positions;
    char *venue_positions;
    char *orders;
    char *answers;
    char *exits;
    char *refused;   /* a start: the order's id follows */
    char *positions; /* of the venue that runs; not an option */
    char *group;
    char *answer_group;
    char *consumer;
};

/* In the order of their names in the table. */
enum symbol_policy { SYMBOL_REJECT, SYMBOL_ADD };
enum paper_fill { PAPER_FILL_INTENT, PAPER_FILL_LAST };

struct executor_settings {
    struct redis_settings redis;
    struct executor_keys keys;
    struct halts halts;
    int64_t read_count;

    int64_t max_age_sec;
    int64_t max_age_min;
    int64_t exit_max_age_sec;
    int64_t resume_max_age_sec;
    int64_t future_max_sec;
    int symbol_policy; /* enum symbol_policy */
    int64_t symbol_rate_sec;
    int64_t global_rate_sec;
    int64_t processed_ttl_sec;
    int64_t begun_max;

    bool safe_drain;
    char *venue_kind;
    char *venue_armed;
    int64_t concurrency;
    int64_t wait_replicas;
    double hold_sec;
    int paper_fill; /* enum paper_fill */
    int64_t latency_ms;
    int64_t poll_ms;
    double breaker_window_sec;
    double breaker_pause_sec;
    int64_t claim_idle_ms;
    double dead_consumer_sec;
    int64_t results_maxlen;
    int64_t dead_letters_maxlen;
    int64_t orders_maxlen;

    char *metrics_listen; /* host:port; empty: off */
    bool metrics_asked;   /* somebody set it */

    struct log_settings log;

    /* Worked out by executor_settings_check(), but for the members that rows fill in directly. */
    struct guard_rules guards;
    struct venue_rules venue;
    struct breaker_rules breaker;
};

/* The first group is that of the keys. */
extern const struct option_table executor_options;

/* For struct program: checks the values against each other and works out the rest. */
void executor_settings_check(struct options *options, struct complaints *complaints);

/* What is allowed, but odd enough to be said at start. */
void executor_settings_warn(const struct executor_settings *settings, struct complaints *warnings);

/* Takes over from `fresh` all values but those that hold memory, which do not change while the
 * program runs. */
void executor_settings_adopt(struct executor_settings *settings,
                             const struct executor_settings *fresh);

/* Openings in a minute at most; 0: none are executed, and none are skipped for it. */
double executor_settings_pace(const struct executor_settings *settings);

void executor_settings_release(struct executor_settings *settings);

/* How long a decision's mark, and the count of its beginnings, must outlast the intent. */
int64_t executor_mark_sec(const struct executor_settings *settings, const struct order *order);

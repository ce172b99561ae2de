/* SPDX-License-Identifier: MIT */
/*
 * The router's settings: the options table, the values, and the rules that the pure files take,
 * worked out from them. One struct for the life of the program.
 */
#pragma once

#include "common/log/log.h"
#include "common/options/options.h"
#include "common/redis/halts.h"
#include "common/redis/key_names.h"
#include "common/redis/settings.h"
#include "common/trade/signal.h"
#include "router/decide/plan.h"

/* Bounds that are not options, each with its reason. */
enum {
    ROUTER_READ_BLOCK_MS_MAX = 2000, /* a blocked read must notice soon that it is to pause */
    ROUTER_READS_MAX = 2, /* with a backlog one is answered while the other is looked at; a third's
                             answer no longer fits the socket's buffer, and costs Redis a tenth */
    ROUTER_READ_NAP_MS_MAX = 50, /* while few signals come: what comes meanwhile is read at once */
    ROUTER_ATTEMPTS_MAX = 3,     /* a state that moves faster than this is not to be traded on */
    ROUTER_LATE_MS_MAX = 1000,   /* a decision this late rests on a world that is gone */
    ROUTER_STOP_MS_MAX = 800,    /* SIGTERM ends the program within a second */
};

/* An instance's name is part of the lease's value. */
#define INSTANCE_MAX 64

enum suspect { SUSPECT_WARN, SUSPECT_CLOSE };
enum age_by { AGE_BY_OLDER, AGE_BY_ID };
enum same_side { SAME_SIDE_REJECT, SAME_SIDE_ADD };
enum opposite_side { OPPOSITE_SIDE_REJECT, OPPOSITE_SIDE_PASS };
enum positions_unknown { POSITIONS_UNKNOWN_PASS, POSITIONS_UNKNOWN_CLOSE };
enum quantity { QUANTITY_DROP, QUANTITY_SCALE };

/* The names of everything the router touches in Redis: the common prefix with the usual ending,
 * unless an option names the key in full; of some only the start, behind which a variable part
 * follows. */
struct keys {
    char *prefix;
    char *signals;
    char *intents;
    char *open_orders;
    char *held;
    char *safe_mode;
    char *commit;
    char *dedup;        /* a start: the decision's id follows */
    char *daily_trades; /* a start: the day follows */
    char *leader;
    char *cooldown; /* a start: the symbol follows */
    char *decisions;
    char *settings;
    char *executor_group;
    char *executor_server;
    char *in_flight_group; /* whose unfinished intents count as open; empty: none; not an option */
    char *group;
    char *consumer;
};

struct router_settings {
    struct redis_settings redis;
    struct keys keys;
    struct halts halts;

    int64_t read_count;
    int64_t commit_timeout_ms;

    double window_seconds;
    int64_t signal_max_age_sec;
    int64_t future_max_sec;
    int64_t candidates_max;
    int64_t window_mib;
    struct names symbols; /* only these, as signals have them, in order; none: all */

    struct score_rules score;
    int64_t intent_maxlen;
    int64_t dedup_ttl_sec;
    struct names carry;

    char *metrics_listen;  /* host:port; empty: off */
    bool metrics_asked;    /* somebody set it */
    char *in_flight_group; /* "auto", a group's name, or empty for none */
    int64_t in_flight_max_age_sec;
    int64_t in_flight_idle_sec;
    int age_by;            /* enum age_by */
    int quantity;          /* enum quantity */
    int suspect;           /* enum suspect */
    int64_t suspect_after; /* 0: the cap */
    int64_t cooldown_sec;
    int same_side;         /* enum same_side */
    int opposite_side;     /* enum opposite_side */
    int positions_unknown; /* enum positions_unknown */

    char *instance;
    int64_t lease_ms;
    int64_t lease_renew_ms;
    int64_t claim_idle_ms;  /* 0: worked out */
    int64_t record_max_mib; /* 0: no record */
    bool record_required;

    struct log_settings log;

    /* Worked out by router_settings_check(), but for the members that rows fill in directly. */
    struct signal_rules signal;
    struct plan_rules plan;
    struct window_limits window;
    uint64_t window_ms;
    int64_t in_flight_idle_ms; /* negative: the group was named, and counts always */
};

/* The first group is that of the keys. */
extern const struct option_table router_options;

/* For struct program: checks the values against each other and works out the rest. */
void router_settings_check(struct options *options, struct complaints *complaints);

/* What is allowed, but odd enough to be said at start. */
void router_settings_warn(const struct router_settings *settings, struct complaints *warnings);

/* Takes over from `fresh` all values but those that hold memory, which do not change while the
 * program runs; the symbols do, and are copied. */
void router_settings_adopt(struct router_settings *settings, const struct router_settings *fresh);

/* Intents in a minute at most: by the governor, or by the windows. */
double router_settings_pace(const struct router_settings *settings);

void router_settings_release(struct router_settings *settings);

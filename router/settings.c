/* SPDX-License-Identifier: MIT */
#include "router/settings.h"

#include <math.h>

#include "common/service/http.h"
#include "common/service/listen_address.h"
#include "common/trade/intent.h"

#define AT(member) offsetof(struct router_settings, member)

static const struct option_row rows[] = {
    {.key = "redis.read_count",
     .env = "ROUTER_READ_COUNT",
     .type = OPTION_INT,
     .offset = AT(read_count),
     .min = 1,
     .max = 10000,
     .fallback = "100",
     .help = "entries per read; over about 150 a reply outgrows the socket buffer"},
    {.key = "redis.commit_timeout_ms",
     .type = OPTION_INT,
     .offset = AT(commit_timeout_ms),
     .min = 10,
     .max = 60000,
     .fallback = "800",
     .help = "deadline for the answer to a commit"},

    {.key = "capacity.max_open",
     .env = "MAX_OPEN_ORDERS",
     .type = OPTION_INT,
     .offset = AT(plan.capacity.max_open),
     .min = 1,
     .max = 1000000,
     .fallback = "10",
     .reloadable = true,
     .help = "hard cap on open orders"},
    {.key = "capacity.target_open",
     .env = "TARGET_OPEN_ORDERS",
     .type = OPTION_INT,
     .offset = AT(plan.capacity.target_open),
     .min = 0,
     .max = 1000000,
     .fallback = "3",
     .reloadable = true,
     .help = "open orders that are aimed at"},
    {.key = "capacity.max_new_per_cycle",
     .env = "MAX_NEW_PER_CYCLE",
     .type = OPTION_INT,
     .offset = AT(plan.capacity.max_new_per_cycle),
     .min = 1,
     .max = 1000,
     .fallback = "2",
     .reloadable = true,
     .help = "new intents per cycle at most"},
    {.key = "capacity.super_confidence",
     .env = "SUPER_CONFIDENCE",
     .type = OPTION_REAL,
     .offset = AT(plan.capacity.super_confidence),
     .min = 0,
     .max = 1,
     .fallback = "0.90",
     .reloadable = true,
     .help = "from here on a signal may pass the target"},

    {.key = "window.seconds",
     .env = "CANDIDATE_WINDOW_SEC",
     .type = OPTION_REAL,
     .offset = AT(window_seconds),
     .min = 0.05,
     .max = 3600,
     .fallback = "3",
     .reloadable = true,
     .help = "length of the best-of window"},
    {.key = "window.min_confidence",
     .env = "MIN_CONFIDENCE",
     .type = OPTION_REAL,
     .offset = AT(signal.min_confidence),
     .min = 0,
     .max = 1,
     .fallback = "0.75",
     .reloadable = true,
     .help = "quality gate: at or above enters the window"},
    {.key = "window.signal_max_age_sec",
     .env = "SIGNAL_MAX_AGE_SEC",
     .type = OPTION_INT,
     .offset = AT(signal_max_age_sec),
     .min = 1,
     .max = 1000000,
     .fallback = "30",
     .reloadable = true,
     .help = "older signals are dropped"},
    {.key = "window.future_max_sec",
     .type = OPTION_INT,
     .offset = AT(future_max_sec),
     .min = 1,
     .max = 1000000,
     .fallback = "30",
     .reloadable = true,
     .help = "signals further ahead of Redis' clock are dropped"},
    {.key = "window.max_candidates",
     .type = OPTION_INT,
     .offset = AT(candidates_max),
     .min = 1,
     .max = 1000000,
     .fallback = "4000",
     .reloadable = true,
     .help = "candidates that a window holds before it is thinned"},
    {.key = "window.max_mib",
     .type = OPTION_INT,
     .offset = AT(window_mib),
     .min = 1,
     .max = 4096,
     .fallback = "16",
     .reloadable = true,
     .help = "memory that a window holds before it is thinned"},
    {.key = "window.one_per_symbol",
     .type = OPTION_BOOL,
     .offset = AT(plan.one_per_symbol),
     .fallback = "true",
     .reloadable = true,
     .help = "at most one intent per symbol and cycle"},

    {.key = "score.rl_gate_bonus",
     .type = OPTION_REAL,
     .offset = AT(score.gate_bonus),
     .min = 0,
     .max = 1,
     .fallback = "0.02",
     .reloadable = true,
     .help = "added when rl_gate_pass is true"},
    {.key = "score.regime_bonus",
     .type = OPTION_REAL,
     .offset = AT(score.regime_bonus),
     .min = 0,
     .max = 1,
     .fallback = "0.01",
     .reloadable = true,
     .help = "added when the regime is known"},

    {.key = "sizing.max_position_usd",
     .env = "MAX_POSITION_USD",
     .type = OPTION_REAL,
     .offset = AT(signal.max_position_usd),
     .min = 0.01,
     .max = 1e12,
     .fallback = "10000",
     .reloadable = true,
     .help = "ceiling of a signal's size and of the boosted size"},
    {.key = "sizing.default_position_usd",
     .type = OPTION_REAL,
     .offset = AT(signal.default_position_usd),
     .min = 0.01,
     .max = 1e12,
     .fallback = "100",
     .reloadable = true,
     .help = "size of a signal that names none; the ceiling bounds it"},
    {.key = "sizing.max_leverage",
     .env = "MAX_LEVERAGE",
     .type = OPTION_REAL,
     .offset = AT(signal.max_leverage),
     .min = 1,
     .max = 1000,
     .fallback = "125",
     .reloadable = true,
     .help = "highest leverage of a signal"},
    {.key = "sizing.rank_1_factor",
     .type = OPTION_REAL,
     .offset = AT(plan.sizing.factor[0]),
     .min = 0.1,
     .max = 10,
     .fallback = "1.30",
     .reloadable = true,
     .help = "the best of a cycle is sized by this"},
    {.key = "sizing.rank_2_factor",
     .type = OPTION_REAL,
     .offset = AT(plan.sizing.factor[1]),
     .min = 0.1,
     .max = 10,
     .fallback = "1.10",
     .reloadable = true,
     .help = "the second of a cycle is sized by this"},
    {.key = "sizing.rank_1_min_confidence",
     .type = OPTION_REAL,
     .offset = AT(plan.sizing.min_confidence[0]),
     .min = 0,
     .max = 1,
     .fallback = "0",
     .reloadable = true,
     .help = "below it rank 1 is not boosted"},
    {.key = "sizing.rank_2_min_confidence",
     .type = OPTION_REAL,
     .offset = AT(plan.sizing.min_confidence[1]),
     .min = 0,
     .max = 1,
     .fallback = "0",
     .reloadable = true,
     .help = "below it rank 2 is not boosted"},

    {.key = "intent.carry",
     .type = OPTION_NAMES,
     .offset = AT(carry),
     .fallback = "",
     .help = "further fields of a signal that the intent carries through"},
    {.key = "intent.maxlen",
     .type = OPTION_INT,
     .offset = AT(intent_maxlen),
     .min = 100,
     .max = 1e9,
     .fallback = "10000",
     .help = "length, about, that the intent stream is trimmed to"},
    {.key = "intent.dedup_ttl_sec",
     .type = OPTION_INT,
     .offset = AT(dedup_ttl_sec),
     .min = 1,
     .max = 1e9,
     .fallback = "300",
     .help = "how long a published decision is remembered; unset, it grows as the windows need"},

    {.key = "metrics.listen",
     .env = "ROUTER_METRICS_LISTEN METRICS_LISTEN",
     .type = OPTION_TEXT,
     .offset = AT(metrics_listen),
     .max = 64,
     .fallback = "127.0.0.1:8058",
     .empty_counts = true,
     .help = "host:port of /metrics, /healthz and /readyz; empty: off"},

    {.key = "log.level",
     .type = OPTION_CHOICE,
     .offset = AT(log_level),
     .choices = log_level_names,
     .fallback = "info",
     .reloadable = true,
     .help = "what is logged"},
    {.key = "log.emoji",
     .type = OPTION_BOOL,
     .offset = AT(log_emoji),
     .fallback = "true",
     .reloadable = true,
     .help = "pictures in front of log lines"},
    {.key = "log.pipeline_diag",
     .env = "PIPELINE_DIAG",
     .type = OPTION_BOOL,
     .offset = AT(pipeline_diag),
     .fallback = "false",
     .reloadable = true,
     .help = "one line per entry with its fate"},
};

static const struct option_group groups[] = {
    {key_option_rows, KEY_OPTION_COUNT, AT(keys)},
    {redis_option_rows, REDIS_OPTION_COUNT, AT(redis)},
    {rows, sizeof rows / sizeof *rows, 0},
};

const struct option_table router_options = {groups, sizeof groups / sizeof *groups};

static void work_out(struct router_settings *settings)
{
    settings->window_ms = (uint64_t)llround(settings->window_seconds * 1000.0);
    settings->window.candidates_max = (size_t)settings->candidates_max;
    settings->window.weight_max = (size_t)settings->window_mib << 20;
    settings->signal.max_age_ms = settings->signal_max_age_sec * 1000;
    settings->signal.future_max_ms = settings->future_max_sec * 1000;
    settings->signal.carry = &settings->carry;
    settings->signal.explain_low = settings->log_level == LEVEL_DEBUG || settings->pipeline_diag;
    settings->plan.max_age_ms = settings->signal.max_age_ms;
    settings->plan.sizing.max_position_usd = settings->signal.max_position_usd;
}

/* A mark must outlast every signal that could still be decided: its age limit, and the two windows
 * that a batch can wait through at either end of it. */
static void check_dedup(struct router_settings *settings, const struct options *options,
                        struct complaints *complaints)
{
    double guarded_sec = (double)settings->signal_max_age_sec + 2.0 * settings->window_seconds;
    bool is_sound = options_is_sound(options, "window.signal_max_age_sec") &&
                    options_is_sound(options, "window.seconds");

    if (!is_sound || (double)settings->dedup_ttl_sec > guarded_sec)
        return;
    if (options_is_set(options, "intent.dedup_ttl_sec"))
        options_complain(options, "intent.dedup_ttl_sec", complaints,
                         "must be more than %g: window.signal_max_age_sec and two windows",
                         guarded_sec);
    else
        settings->dedup_ttl_sec = (int64_t)guarded_sec + 1;
}

static void check_carry(const struct router_settings *settings, const struct options *options,
                        struct complaints *complaints)
{
    for (size_t i = 0; i < settings->carry.count; i++)
        if (intent_reserves(settings->carry.list[i]))
            options_complain(options, "intent.carry", complaints,
                             "names '%s', which the router itself writes; leave it out",
                             settings->carry.list[i]);
}

static void check_metrics(struct router_settings *settings, const struct options *options,
                          struct complaints *complaints)
{
    struct listen_address address;

    settings->metrics_asked = options_is_set(options, "metrics.listen");
    if (*settings->metrics_listen && !listen_address_read(settings->metrics_listen, &address))
        options_complain(options, "metrics.listen", complaints,
                         "must be empty or " LISTEN_ADDRESS_FORM);
}

void router_settings_check(struct options *options, struct complaints *complaints)
{
    struct router_settings *settings = options->values;

    keys_check(&settings->keys, options, complaints);
    redis_settings_check(&settings->redis, options, complaints);
    check_dedup(settings, options, complaints);
    check_carry(settings, options, complaints);
    check_metrics(settings, options, complaints);
    work_out(settings);
}

void router_settings_warn(const struct router_settings *settings, struct complaints *warnings)
{
    const struct capacity_rules *capacity = &settings->plan.capacity;

    if (capacity->target_open > capacity->max_open)
        complain(warnings,
                 "capacity.target_open = %lld is above capacity.max_open = %lld: the cap decides",
                 (long long)capacity->target_open, (long long)capacity->max_open);
    if (capacity->super_confidence < settings->signal.min_confidence)
        complain(warnings,
                 "capacity.super_confidence = %g is below window.min_confidence = %g: "
                 "every candidate may pass the target",
                 capacity->super_confidence, settings->signal.min_confidence);
    if (settings->metrics_asked && *settings->metrics_listen && !http_is_built_in())
        complain(warnings, "metrics.listen is set, but this build has no HTTP: "
                           "build with -Dhttp=enabled, or set it to the empty text");
}

void router_settings_adopt(struct router_settings *settings, const struct router_settings *fresh)
{
    struct router_settings next = *fresh;

    next.redis = settings->redis;
    next.keys = settings->keys;
    next.carry = settings->carry;
    next.metrics_listen = settings->metrics_listen;
    next.signal.carry = &settings->carry;
    *settings = next;
}

void router_settings_release(struct router_settings *settings)
{
    redis_settings_release(&settings->redis);
}

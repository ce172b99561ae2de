/* SPDX-License-Identifier: MIT */
#include "executor/settings/executor_settings.h"

#include <math.h>
#include <string.h>

#include "common/service/listen_option.h"
#include "common/trade/pace.h"

enum { MARK_MARGIN_SEC = 60, IDLE_SEC_USUAL = 5 /* a read that blocks, and a slow machine */ };

/* The minutes are an older name for the same: within one source, and in all later ones, the seconds
 * win. */
static void work_out_age(struct executor_settings *settings, const struct options *options)
{
    if (settings->max_age_min > 0 &&
        options_origin(options, "guards.intent_max_age_min")->source >
            options_origin(options, "guards.intent_max_age_sec")->source)
        settings->max_age_sec = settings->max_age_min * 60;
}

static int64_t ms_of(double seconds)
{
    return llround(seconds * 1000.0);
}

static void work_out(struct executor_settings *settings)
{
    struct guard_rules *guards = &settings->guards;

    guards->max_age_ms = settings->max_age_sec * 1000;
    guards->exit_max_age_ms = settings->exit_max_age_sec * 1000;
    guards->resume_max_age_ms = settings->resume_max_age_sec * 1000;
    guards->future_max_ms = settings->future_max_sec * 1000;
    guards->symbol_adds = settings->symbol_policy == SYMBOL_ADD;
    guards->capacity_needed = settings->venue.kind != VENUE_SAFE_DRAIN;
    settings->venue.fill.hold_ms = ms_of(settings->hold_sec);
    settings->venue.prefers_last = settings->paper_fill == PAPER_FILL_LAST;
    settings->breaker.window_ms = ms_of(settings->breaker_window_sec);
    settings->breaker.pause_ms = ms_of(settings->breaker_pause_sec);
    settings->keys.positions = settings->venue.kind == VENUE_STREAM
                                   ? settings->keys.venue_positions
                                   : settings->keys.paper_positions;
}

/* So long an intent of this age limit may be executed: it may be ahead of the clock, too. */
static int64_t guarded_sec(const struct executor_settings *settings, int64_t age_sec)
{
    return age_sec + settings->future_max_sec + MARK_MARGIN_SEC;
}

/* A mark must outlast every intent that could still be executed. */
static void check_mark(struct executor_settings *settings, const struct options *options,
                       struct complaints *complaints)
{
    int64_t least_sec = guarded_sec(settings, settings->max_age_sec);

    if (settings->processed_ttl_sec > least_sec)
        return;
    if (options_is_set(options, "guards.processed_ttl_sec"))
        options_complain_between(
            options,
            OPTION_KEYS("guards.processed_ttl_sec", "guards.intent_max_age_sec",
                        "guards.intent_max_age_min", "guards.future_max_sec"),
            complaints,
            "must be more than %lld: guards.intent_max_age_sec, guards.future_max_sec and a minute",
            (long long)least_sec);
    else
        settings->processed_ttl_sec = least_sec + 1;
}

/* Each open position may have an order that its adapter has not read, and one that closes it. */
static void check_orders(struct executor_settings *settings, const struct options *options,
                         struct complaints *complaints)
{
    int64_t least = 2 * settings->guards.max_open;

    if (settings->venue.kind != VENUE_STREAM || settings->orders_maxlen >= least)
        return;
    if (options_is_set(options, "orders.maxlen"))
        options_complain_between(options, OPTION_KEYS("orders.maxlen", "capacity.max_open"),
                                 complaints, "must be at least %lld: twice capacity.max_open",
                                 (long long)least);
    else
        settings->orders_maxlen = least;
}

static enum venue_kind kind_of(const struct executor_settings *settings)
{
    if (settings->safe_drain)
        return VENUE_SAFE_DRAIN;
    return strcmp(settings->venue_kind, "stream") == 0 ? VENUE_STREAM : VENUE_PAPER;
}

/* Real money needs two keys turned. */
static void check_venue(struct executor_settings *settings, const struct options *options,
                        struct complaints *complaints)
{
    bool is_stream = strcmp(settings->venue_kind, "stream") == 0;

    if (!is_stream && strcmp(settings->venue_kind, "paper") != 0)
        options_complain(options, "venue.kind", complaints,
                         "must be paper or stream: no live exchange is built in; stream hands "
                         "orders to an adapter of yours, see executor/README.md");
    else if (is_stream && strcmp(settings->venue_armed, settings->keys.prefix) != 0)
        options_complain_between(options, OPTION_KEYS("venue.kind", "venue.armed", "prefix"),
                                 complaints,
                                 "stream hands out real orders and needs venue.armed = \"%s\", the "
                                 "prefix, with it",
                                 settings->keys.prefix);
    else if (!is_stream && *settings->venue_armed)
        options_complain_between(options, OPTION_KEYS("venue.armed", "venue.kind"), complaints,
                                 "is for venue.kind = \"stream\" alone; leave it empty");
    settings->venue.kind = kind_of(settings);
}

void executor_settings_check(struct options *options, struct complaints *complaints)
{
    struct executor_settings *settings = options->values;

    key_names_check(executor_options.groups, options, complaints);
    redis_settings_check(&settings->redis, options, complaints);
    key_names_check_slot(executor_options.groups, options, &settings->redis.address.guides,
                         complaints);
    halts_check(&settings->halts, &settings->redis.address.guides, options, complaints);
    work_out_age(settings, options);
    check_mark(settings, options, complaints);
    check_venue(settings, options, complaints);
    check_orders(settings, options, complaints);
    settings->metrics_asked = options_is_set(options, "metrics.listen");
    listen_option_check(settings->metrics_listen, options, complaints);
    work_out(settings);
}

static void warn_of_guards(const struct executor_settings *settings, struct complaints *warnings)
{
    const struct guard_rules *guards = &settings->guards;

    if (guards->min_position_usd > guards->max_position_usd)
        complain(warnings,
                 "guards.min_position_usd = %g is above sizing.max_position_usd = %g: no opening "
                 "passes both; lower the first or raise the second",
                 guards->min_position_usd, guards->max_position_usd);
    if (settings->resume_max_age_sec > settings->max_age_sec)
        complain(warnings,
                 "guards.resume_max_age_sec = %lld is above guards.intent_max_age_sec = %lld: the "
                 "latter decides",
                 (long long)settings->resume_max_age_sec, (long long)settings->max_age_sec);
    if (settings->breaker_pause_sec >= (double)settings->max_age_sec)
        complain(warnings,
                 "breaker.pause_sec = %g is not below guards.intent_max_age_sec = %lld: what waits "
                 "for the breaker is stale when it closes; choose less",
                 settings->breaker_pause_sec, (long long)settings->max_age_sec);
}

static void warn_of_paper(const struct executor_settings *settings, struct complaints *warnings)
{
    if (settings->latency_ms >= settings->claim_idle_ms)
        complain(warnings,
                 "paper.latency_ms = %lld is not below strays.claim_idle_ms = %lld: executors "
                 "claim from each other what they execute; raise the latter",
                 (long long)settings->latency_ms, (long long)settings->claim_idle_ms);
    if (settings->hold_sec * 1000.0 < (double)settings->poll_ms)
        complain(warnings,
                 "paper.hold_sec = %g is below paper.poll_ms = %lld: positions are held until they "
                 "are looked at; lower the latter",
                 settings->hold_sec, (long long)settings->poll_ms);
}

void executor_settings_warn(const struct executor_settings *settings, struct complaints *warnings)
{
    if (settings->safe_drain && strcmp(settings->venue_kind, "stream") == 0)
        complain(warnings, "venue.kind = \"stream\" does nothing while venue.safe_drain is true");
    warn_of_guards(settings, warnings);
    if (settings->venue.kind == VENUE_PAPER)
        warn_of_paper(settings, warnings);
    if (settings->dead_consumer_sec < IDLE_SEC_USUAL)
        complain(
            warnings,
            "strays.dead_consumer_sec = %g: executors that live are idle for as long, and lose "
            "their names in the group; choose %d or more",
            settings->dead_consumer_sec, IDLE_SEC_USUAL);
    listen_option_warn(settings->metrics_listen, settings->metrics_asked, warnings);
}

void executor_settings_adopt(struct executor_settings *settings,
                             const struct executor_settings *fresh)
{
    struct executor_settings next = *fresh;

    next.redis = settings->redis;
    next.keys = settings->keys;
    next.wait_replicas = settings->wait_replicas;
    next.halts = settings->halts;
    next.venue_kind = settings->venue_kind;
    next.venue_armed = settings->venue_armed;
    next.metrics_listen = settings->metrics_listen;
    *settings = next;
}

double executor_settings_pace(const struct executor_settings *settings)
{
    if (settings->venue.kind == VENUE_SAFE_DRAIN)
        return 0;
    return pace_per_minute(settings->guards.global_rate_max, (double)settings->global_rate_sec);
}

void executor_settings_release(struct executor_settings *settings)
{
    redis_settings_release(&settings->redis);
}

int64_t executor_mark_sec(const struct executor_settings *settings, const struct order *order)
{
    int64_t exit_sec = guarded_sec(settings, settings->exit_max_age_sec);

    return order->closes && exit_sec > settings->processed_ttl_sec ? exit_sec
                                                                   : settings->processed_ttl_sec;
}

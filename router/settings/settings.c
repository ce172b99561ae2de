/* SPDX-License-Identifier: MIT */
#include "router/settings/settings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/service/listen_option.h"
#include "common/trade/direction.h"
#include "common/trade/intent.h"
#include "common/trade/pace.h"
#include "common/trade/terms.h"

static void work_out(struct router_settings *settings)
{
    settings->window_ms = (uint64_t)llround(settings->window_seconds * 1000.0);
    settings->window.candidates_max = (size_t)settings->candidates_max;
    settings->window.weight_max = (size_t)settings->window_mib << 20;
    settings->signal.max_age_ms = settings->signal_max_age_sec * 1000;
    settings->signal.future_max_ms = settings->future_max_sec * 1000;
    settings->signal.by_id_alone = settings->age_by == AGE_BY_ID;
    settings->signal.carry = &settings->carry;
    settings->signal.only = &settings->symbols;
    settings->signal.explain_low =
        settings->log.level == LEVEL_DEBUG || settings->log.pipeline_diag;
    settings->plan.max_age_ms = settings->signal.max_age_ms;
    settings->plan.sizing.max_position_usd = settings->signal.max_position_usd;
    settings->plan.carries_quantity = settings->quantity == QUANTITY_SCALE;
    settings->plan.has_cooldown = settings->cooldown_sec > 0;
    settings->plan.adds_to_held = settings->same_side == SAME_SIDE_ADD;
    settings->plan.passes_opposite = settings->opposite_side == OPPOSITE_SIDE_PASS;
    settings->plan.capacity.unknown_closes = settings->positions_unknown == POSITIONS_UNKNOWN_CLOSE;
    settings->plan.capacity.suspect_closes = settings->suspect == SUSPECT_CLOSE;
    settings->plan.capacity.suspect_after =
        settings->suspect_after > 0 ? settings->suspect_after : settings->plan.capacity.max_open;
}

/* A mark must outlast every signal that could still be decided: its age limit, by how much its id
 * may be ahead of the clock, and the two windows that a batch can wait through at either end. */
static void check_dedup(struct router_settings *settings, const struct options *options,
                        struct complaints *complaints)
{
    double guarded_sec = (double)(settings->signal_max_age_sec + settings->future_max_sec) +
                         2.0 * settings->window_seconds;

    if ((double)settings->dedup_ttl_sec > guarded_sec)
        return;
    if (options_is_set(options, "intent.dedup_ttl_sec"))
        options_complain_between(
            options,
            OPTION_KEYS("intent.dedup_ttl_sec", "window.signal_max_age_sec",
                        "window.future_max_sec", "window.seconds"),
            complaints,
            "must be more than %.15g: window.signal_max_age_sec, window.future_max_sec and two "
            "windows",
            guarded_sec);
    else
        settings->dedup_ttl_sec = (int64_t)guarded_sec + 1;
}

/* Ten cycles' worth and all that may be open: of these nothing is trimmed before it was read, even
 * where nothing is known of who reads. */
static void check_maxlen(struct router_settings *settings, const struct options *options,
                         struct complaints *complaints)
{
    const struct capacity_rules *capacity = &settings->plan.capacity;
    int64_t least = 10 * capacity->max_new_per_cycle + capacity->max_open;

    if (settings->intent_maxlen >= least)
        return;
    if (options_is_set(options, "intent.maxlen"))
        options_complain_between(
            options,
            OPTION_KEYS("intent.maxlen", "capacity.max_new_per_cycle", "capacity.max_open"),
            complaints,
            "must be at least %lld: ten times capacity.max_new_per_cycle, and capacity.max_open",
            (long long)least);
    else
        settings->intent_maxlen = least;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* An entry that is in the window, or in a commit, must not be claimed from under it. */
static void check_claim(struct router_settings *settings, const struct options *options,
                        struct complaints *complaints)
{
    enum { USUAL_MS = 10000, MARGIN_MS = 2000 };
    int64_t window_ms = llround(settings->window_seconds * 1000.0);
    int64_t needed_ms = window_ms + settings->commit_timeout_ms;

    if (settings->claim_idle_ms == 0 || !options_is_set(options, "strays.claim_idle_ms")) {
        settings->claim_idle_ms = larger(USUAL_MS, 2 * window_ms + MARGIN_MS);
        settings->claim_idle_ms = larger(settings->claim_idle_ms, needed_ms + 1);
    } else if (settings->claim_idle_ms <= needed_ms) {
        options_complain_between(
            options,
            OPTION_KEYS("strays.claim_idle_ms", "window.seconds", "redis.commit_timeout_ms"),
            complaints, "must be more than %lld: the window and the commit's deadline",
            (long long)needed_ms);
    }
}

static void check_lease(struct router_settings *settings, const struct options *options,
                        struct complaints *complaints)
{
    char host[INSTANCE_MAX + 1] = "";

    if (settings->lease_renew_ms * 3 > settings->lease_ms)
        options_complain_between(options, OPTION_KEYS("lease.renew_ms", "lease.ttl_ms"), complaints,
                                 "must be a third of lease.ttl_ms at most, which is %lld",
                                 (long long)settings->lease_ms / 3);
    if (strchr(settings->instance, ':'))
        options_complain(options, "lease.instance", complaints, "must not hold a colon");
    if (settings->instance[0])
        return;
    (void)gethostname(host, sizeof host - 1);
    free(settings->instance);
    settings->instance = memory_text(host[0] ? host : "router");
}

/* With auto the group may be missing; one that was named may not. */
static void check_in_flight(struct router_settings *settings)
{
    bool automatic = strcmp(settings->in_flight_group, "auto") == 0;

    settings->keys.in_flight_group =
        automatic ? settings->keys.executor_group : settings->in_flight_group;
    settings->plan.capacity.in_flight_needed = !automatic && settings->in_flight_group[0];
    settings->in_flight_idle_ms = automatic ? settings->in_flight_idle_sec * 1000 : -1;
}

static void check_carry(const struct router_settings *settings, const struct options *options,
                        struct complaints *complaints)
{
    for (size_t i = 0; i < settings->carry.count; i++)
        if (intent_reserves(settings->carry.list[i]))
            options_complain(options, "intent.carry", complaints,
                             "names '%s', which %s; leave it out", settings->carry.list[i],
                             direction_reserves(settings->carry.list[i])
                                 ? "says which way an intent points"
                                 : "the router itself writes");
}

/* Somebody wants it in the intent, and somebody does not. */
static void check_quantity(const struct router_settings *settings, const struct options *options,
                           struct complaints *complaints)
{
    for (size_t i = 0; i < settings->carry.count; i++)
        if (settings->quantity == QUANTITY_DROP && strcmp(settings->carry.list[i], "quantity") == 0)
            options_complain_between(options, OPTION_KEYS("intent.carry", "intent.quantity"),
                                     complaints,
                                     "names 'quantity', which intent.quantity = drop leaves out, "
                                     "for its unit is not known; leave it out, or choose scale");
}

static void check_record(const struct router_settings *settings, const struct options *options,
                         struct complaints *complaints)
{
    if (settings->record_required && settings->record_max_mib == 0)
        options_complain_between(
            options, OPTION_KEYS("record.required", "record.max_mib"), complaints,
            "needs a record, and record.max_mib = 0 writes none: give it room, "
            "or do without");
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Makes them what signals have: in capitals; and brings them into order, for they are looked up. */
static void check_symbols(struct router_settings *settings, const struct options *options,
                          struct complaints *complaints)
{
    struct names *symbols = &settings->symbols;
    char symbol[SYMBOL_MAX + 1];

    for (size_t i = 0; i < symbols->count; i++) {
        char **name = &symbols->list[i];
        if (terms_take_symbol(*name, strlen(*name), symbol))
            memcpy(*name, symbol, strlen(symbol) + 1);
        else
            options_complain(options, "window.symbols", complaints,
                             "names '%s', which is no symbol (3 to %d of A-Z, 0-9, _ and -)",
                             escaped(*name).text, SYMBOL_MAX);
    }
    if (symbols->count > 0)
        qsort(symbols->list, symbols->count, sizeof *symbols->list, compare_names);
}

void router_settings_check(struct options *options, struct complaints *complaints)
{
    struct router_settings *settings = options->values;

    key_names_check(router_options.groups, options, complaints);
    redis_settings_check(&settings->redis, options, complaints);
    key_names_check_slot(router_options.groups, options, &settings->redis.address.guides,
                         complaints);
    halts_check(&settings->halts, &settings->redis.address.guides, options, complaints);
    check_dedup(settings, options, complaints);
    check_maxlen(settings, options, complaints);
    check_carry(settings, options, complaints);
    check_quantity(settings, options, complaints);
    check_symbols(settings, options, complaints);
    check_record(settings, options, complaints);
    settings->metrics_asked = options_is_set(options, "metrics.listen");
    listen_option_check(settings->metrics_listen, options, complaints);
    check_claim(settings, options, complaints);
    check_lease(settings, options, complaints);
    check_in_flight(settings);
    work_out(settings);
}

static void warn_of_capacity(const struct router_settings *settings, struct complaints *warnings)
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
    if ((double)settings->in_flight_max_age_sec < settings->window_seconds)
        complain(
            warnings,
            "capacity.inflight_max_age_sec = %lld is below window.seconds = %g: what one cycle "
            "published counts no more in the next; choose %lld or more",
            (long long)settings->in_flight_max_age_sec, settings->window_seconds,
            (long long)ceil(settings->window_seconds));
}

static void warn_of_window(const struct router_settings *settings, struct complaints *warnings)
{
    const struct capacity_rules *capacity = &settings->plan.capacity;
    long long age_sec = settings->signal_max_age_sec;

    if ((double)age_sec < settings->window_seconds)
        complain(warnings,
                 "window.signal_max_age_sec = %lld is below window.seconds = %g: what comes early "
                 "in a window is stale at its end; choose more than the window",
                 age_sec, settings->window_seconds);
    if (settings->candidates_max < capacity->max_new_per_cycle)
        complain(
            warnings,
            "window.max_candidates = %lld is below capacity.max_new_per_cycle = %lld: no cycle "
            "publishes more than its window holds",
            (long long)settings->candidates_max, (long long)capacity->max_new_per_cycle);
    if (settings->lease_ms >= age_sec * 1000)
        complain(warnings,
                 "lease.ttl_ms = %lld is not below window.signal_max_age_sec = %lld: what a dead "
                 "router leaves is stale before another takes over",
                 (long long)settings->lease_ms, age_sec);
}

/* A size of 0.00 is invalid, and so its rank is never taken. */
static void warn_of_sizes(const struct router_settings *settings, struct complaints *warnings)
{
    const struct sizing_rules *sizing = &settings->plan.sizing;

    for (unsigned rank = 1; rank <= SIZING_RANKS; rank++)
        if (!(sizing_apply(sizing, rank, sizing->max_position_usd, 1.0).size_usd > 0.0))
            complain(warnings,
                     "sizing.rank_%u_factor = %g of sizing.max_position_usd = %g comes to 0.00: "
                     "nobody of this rank is published, nor behind it; raise either",
                     rank, sizing->factor[rank - 1], sizing->max_position_usd);
}

/* About ten times what a quiet machine needs for a full window. */
static void warn_of_deadline(const struct router_settings *settings, const char *key,
                             int64_t deadline_ms, struct complaints *warnings)
{
    enum { LEAST_MS = 20, CANDIDATES_PER_MS = 100 };
    int64_t needed_ms = LEAST_MS + settings->candidates_max / CANDIDATES_PER_MS;

    if (deadline_ms < needed_ms)
        complain(warnings,
                 "%s = %lld is short for a window of window.max_candidates = %lld, and a late "
                 "answer costs the connection; choose %lld or more",
                 key, (long long)deadline_ms, (long long)settings->candidates_max,
                 (long long)needed_ms);
}

void router_settings_warn(const struct router_settings *settings, struct complaints *warnings)
{
    warn_of_capacity(settings, warnings);
    warn_of_window(settings, warnings);
    warn_of_sizes(settings, warnings);
    warn_of_deadline(settings, "redis.commit_timeout_ms", settings->commit_timeout_ms, warnings);
    warn_of_deadline(settings, "redis.reply_timeout_ms", settings->redis.reply_timeout_ms,
                     warnings);
    listen_option_warn(settings->metrics_listen, settings->metrics_asked, warnings);
}

void router_settings_adopt(struct router_settings *settings, const struct router_settings *fresh)
{
    struct router_settings next = *fresh;

    next.redis = settings->redis;
    next.keys = settings->keys;
    next.halts = settings->halts;
    next.carry = settings->carry;
    next.metrics_listen = settings->metrics_listen;
    next.in_flight_group = settings->in_flight_group;
    next.instance = settings->instance;
    names_assign(&settings->symbols, &fresh->symbols);
    next.symbols = settings->symbols;
    next.signal.carry = &settings->carry;
    next.signal.only = &settings->symbols;
    *settings = next;
}

double router_settings_pace(const struct router_settings *settings)
{
    const struct capacity_rules *capacity = &settings->plan.capacity;
    double by_windows = pace_per_minute(capacity->max_new_per_cycle, settings->window_seconds);
    double by_governor = (double)capacity->max_per_minute;

    return by_governor > 0 && by_governor < by_windows ? by_governor : by_windows;
}

void router_settings_release(struct router_settings *settings)
{
    redis_settings_release(&settings->redis);
}

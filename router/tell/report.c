/* SPDX-License-Identifier: MIT */
#include "router/tell/report.h"

#include <stdio.h>
#include <string.h>

#include "common/base/version.h"

void report_init(struct report *report, const struct router_settings *settings)
{
    *report = (struct report){
        .settings = settings,
        .drops = {.settings = settings},
        .cycles = {.settings = settings},
        .records = {.settings = settings},
    };
}

void report_start(const struct router_settings *settings, const char *config_path)
{
    const struct capacity_rules *capacity = &settings->plan.capacity;
    const char *config = config_path ? config_path : "defaults";
    struct log_line line;

    log_open(&line, LEVEL_INFO, "🚀", "AI→Strategy Router started");
    log_text(&line, " (P0.CAP+QUAL)");
    log_pair(&line, "version", "%s", quantum_version);
    log_pair_foreign(&line, "config", config, strlen(config), 256);
    log_send(&line);

    log_open(&line, LEVEL_INFO, "⚙️", "Capacity:");
    log_pair_int(&line, "max", capacity->max_open);
    log_pair_int(&line, "target", capacity->target_open);
    log_pair_int(&line, "burst", capacity->max_new_per_cycle);
    log_send(&line);

    log_open(&line, LEVEL_INFO, "📊", "Quality:");
    log_pair(&line, "min_conf", "%.2f%%", settings->signal.min_confidence * 100.0);
    log_pair(&line, "super_conf", "%.2f%%", capacity->super_confidence * 100.0);
    log_pair(&line, "window", "%gs", settings->window_seconds);
    log_send(&line);
}

void report_stopped(struct report *report)
{
    drop_report_held_back(&report->drops, true);
    log_event(LEVEL_INFO, "👋", "STOPPED", "uncommitted signals stay pending");
}

static void tell_refused(struct report *report, const char *complaint)
{
    service_report_refused(
        &report->service, "COMMIT_REFUSED", complaint,
        "nothing published, batch kept, reading paused; tried again every window");
}

static void tell_accepted(struct report *report)
{
    if (service_report_accepted(&report->service))
        log_event(LEVEL_INFO, "🟢", "COMMIT_ACCEPTED", "reading goes on");
}

static void tell_gave_up(const char *what)
{
    struct log_line line;

    log_open(&line, LEVEL_WARN, "🟠", "COMMIT_GAVE_UP");
    log_pair_int(&line, "attempts", ROUTER_ATTEMPTS_MAX);
    log_pair_foreign(&line, "moved", what, strlen(what), 64);
    log_text(&line, " → batch kept for the next window");
    log_send(&line);
}

static void tell_late(uint64_t late_ms)
{
    struct log_line line;

    if (late_ms <= ROUTER_LATE_MS_MAX)
        return;
    log_open(&line, LEVEL_WARN, "🐢", "CYCLE_LATE");
    log_pair(&line, "late_ms", "%llu", (unsigned long long)late_ms);
    log_text(&line, " → nothing decided, a new window starts");
    log_send(&line);
}

/* After each outage it is told once who leads. A session that went with its lease is no outage. */
static void tell_lost(struct report *report, const char *reason, uint64_t retry_ms)
{
    bool was_deposed = report->deposed;

    report->deposed = false;
    if (was_deposed)
        return;
    if (!report->service.lost)
        report->acquired_told = false;
    service_report_redis_lost(&report->service, reason, retry_ms);
}

/* The instance's name alone: the token behind it is not for the log. */
static void pair_instance(struct log_line *line, const char *lease)
{
    log_pair_foreign(line, "instance", lease, strcspn(lease, ":"), INSTANCE_MAX);
}

static void tell_leader(struct report *report, const char *lease)
{
    struct log_line line;

    report->holder[0] = '\0';
    if (report->service.lost && report->acquired_told)
        return;
    report->acquired_told = true;
    log_open(&line, LEVEL_INFO, "👑", "LEADER_ACQUIRED");
    pair_instance(&line, lease);
    log_send(&line);
}

/* Each entry goes to one of two programs, and the other never sees it. */
static void tell_consumer_shared(const struct report *report, int64_t silent_ms)
{
    const struct keys *keys = &report->settings->keys;
    struct log_line line;

    enum { LONG_AGO_MS = 10000 };
    if (silent_ms < 0 || silent_ms >= LONG_AGO_MS)
        return;
    log_open(&line, LEVEL_WARN, "🟠", "CONSUMER_SHARED");
    log_pair(&line, "consumer", "%s", keys->consumer);
    log_pair(&line, "group", "%s", keys->group);
    log_pair_int(&line, "silent_ms", silent_ms);
    log_text(&line, " → another program reads under this name: stop it, or give one of them a "
                    "keys.consumer of its own");
    log_send(&line);
}

static void tell_deposed(struct report *report, const char *why)
{
    struct log_line line;

    report->deposed = true;
    log_open(&line, LEVEL_WARN, "👑", "LEADER_LOST");
    log_text(&line, " ");
    log_foreign(&line, why, strlen(why), 200);
    log_send(&line);
}

static void tell_standby(struct report *report, const char *holder)
{
    char instance[sizeof report->holder];
    struct log_line line;

    (void)snprintf(instance, sizeof instance, "%.*s", (int)strcspn(holder, ":"), holder);
    if (strcmp(report->holder, instance) == 0)
        return;
    memcpy(report->holder, instance, sizeof instance);
    log_open(&line, LEVEL_INFO, "💤", "STANDBY");
    log_pair_foreign(&line, "leader", instance, strlen(instance), INSTANCE_MAX);
    if (strcmp(instance, report->settings->instance) == 0)
        log_text(
            &line,
            " another router runs under this instance's name; give each its own lease.instance");
    log_send(&line);
}

static void tell_settled(const char *cycle_id, enum cycle_outcome outcome)
{
    static const char *const words[] = {
        [CYCLE_DID_RUN] = "yes", [CYCLE_DID_NOT_RUN] = "no", [CYCLE_UNTOLD] = "unknown"};
    struct log_line line;

    log_open(&line, LEVEL_WARN, "🟠", "COMMIT_SETTLED");
    log_pair(&line, "cycle", "%s", cycle_id);
    log_pair(&line, "ran", "%s", words[outcome]);
    log_text(&line, " (its answer was lost with the connection)");
    log_send(&line);
}

static void tell_opened(struct report *report, const struct router_fact *fact)
{
    const struct keys *keys = &report->settings->keys;

    tell_leader(report, fact->opened.lease);
    tell_consumer_shared(report, fact->opened.shared_ms);
    if (fact->opened.group_recreated)
        service_report_group_recreated(keys->signals, keys->group);
}

void report_fact(struct report *report, const struct router_fact *fact)
{
    switch (fact->kind) {
    case FACT_OPENED:
        tell_opened(report, fact);
        break;
    case FACT_RUNNING:
        service_report_redis_back(&report->service);
        break;
    case FACT_STANDBY:
        service_report_redis_back(&report->service);
        tell_standby(report, fact->text);
        break;
    case FACT_DEPOSED:
        tell_deposed(report, fact->text);
        break;
    case FACT_LOST:
        tell_lost(report, fact->lost.reason, fact->lost.retry_ms);
        break;
    case FACT_THINNED:
        cycle_report_thinned(&report->cycles, fact->thinned);
        break;
    case FACT_TRIMMED:
        service_report_trimmed(fact->trimmed, "signal");
        break;
    case FACT_CLAIM_REFUSED:
        service_report_claim_refused(&report->service, fact->text);
        break;
    case FACT_TICK:
        tell_late(fact->late_ms);
        break;
    case FACT_DECIDED:
        cycle_report_decided(&report->cycles, &report->drops, fact->decided.cycle,
                             fact->decided.tally);
        drop_report_held_back(&report->drops, false);
        break;
    case FACT_ENDED:
        if (fact->ended.how == CYCLE_GAVE_UP)
            tell_gave_up(fact->ended.what);
        break;
    case FACT_RECORDED:
        record_report_tell(&report->records, fact->recorded);
        break;
    case FACT_SETTINGS_KEPT:
        record_report_settings(&report->records, fact->text);
        break;
    case FACT_SETTLED:
        tell_settled(fact->settled.cycle_id, fact->settled.outcome);
        break;
    case FACT_REFUSED:
        tell_refused(report, fact->text);
        break;
    case FACT_ACCEPTED:
        tell_accepted(report);
        break;
    default:
        drop_report_fact(&report->drops, fact);
        break;
    }
}

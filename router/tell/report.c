/* SPDX-License-Identifier: MIT */
#include "router/tell/report.h"

#include <stdio.h>
#include <string.h>

#include "common/base/number.h"
#include "common/base/version.h"
#include "common/redis/clock.h"
#include "common/trade/evidence.h"

/* A flood of one kind of bad entry gets this many lines in so long a time, and the rest a number.
 */
enum { DROP_BURST = 5, DROP_WINDOW_MS = 10000, MINUTE_MS = 60000, NAME_SHOWN_MAX = 200 };

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

static void pair_id(struct log_line *line, struct stream_id id)
{
    char text[STREAM_ID_TEXT_MAX];

    stream_id_print(id, text);
    log_pair(line, "id", "%s", text);
}

static void pair_suppressed(struct log_line *line, uint64_t suppressed)
{
    if (suppressed > 0)
        log_pair(line, "suppressed", "%llu", (unsigned long long)suppressed);
}

static void pair_evidence(struct log_line *line, const char *key, const struct evidence_text *text)
{
    log_pair_foreign(line, key, text->bytes, text->length, EVIDENCE_BYTES_MAX);
}

static void tell_invalid(struct stream_id id, enum rule rule, const struct evidence *evidence,
                         uint64_t suppressed)
{
    struct log_line line;

    log_open(&line, LEVEL_WARN, NULL, "INVALID_SIGNAL_DROP");
    pair_id(&line, id);
    log_pair(&line, "reason", "%s", rule_name(rule));
    pair_evidence(&line, "symbol", &evidence->symbol);
    pair_evidence(&line, "value", &evidence->value);
    pair_suppressed(&line, suppressed);
    log_send(&line);
}

/* Counted; true: a line may be written of it. */
static bool count_invalid(struct report *report, enum rule rule, uint64_t *ret_suppressed)
{
    report->invalid_total[rule]++;
    return log_limit_pass(&report->invalid[rule], monotonic_ms(), DROP_BURST, DROP_WINDOW_MS,
                          ret_suppressed);
}

static void report_invalid(struct report *report, const struct entry *entry, enum rule rule)
{
    struct evidence evidence;
    uint64_t suppressed;

    if (!count_invalid(report, rule, &suppressed))
        return;
    evidence_read(entry, rule, &evidence);
    tell_invalid(entry->id, rule, &evidence, suppressed);
}

/* Ids of `XADD *` go on from the newest one, so a stream of its own begins anew; or those that are
 * ahead may be so. */
static void tell_skew(const struct report *report, uint64_t suppressed)
{
    char remedy[2 * NAME_SHOWN_MAX + 160];
    const char *stream = report->settings->keys.signals;

    (void)snprintf(remedy, sizeof remedy,
                   "RENAME %.*s to another name, or reload with window.future_max_sec = %lld",
                   NAME_SHOWN_MAX, stream, (long long)report->skew_ms / 1000 + 1);
    service_report_skew(report->skew_id, report->skew_ms, suppressed, remedy);
}

static void report_skew(struct report *report, struct stream_id id, int64_t ahead_ms)
{
    uint64_t suppressed;

    report->skew_id = id;
    report->skew_ms = ahead_ms;
    if (log_limit_pass(&report->skew, monotonic_ms(), 1, MINUTE_MS, &suppressed))
        tell_skew(report, suppressed);
}

static void tell_close(struct stream_id id, uint64_t suppressed)
{
    struct log_line line;

    log_open(&line, LEVEL_WARN, "🚪", "CLOSE_SIGNAL_DROP");
    pair_id(&line, id);
    log_text(&line, " exits do not pass through this router");
    pair_suppressed(&line, suppressed);
    log_send(&line);
}

static void report_close(struct report *report, struct stream_id id)
{
    uint64_t suppressed;

    report->close_id = id;
    if (log_limit_pass(&report->close, monotonic_ms(), 1, DROP_WINDOW_MS, &suppressed))
        tell_close(id, suppressed);
}

static void report_low_confidence(const struct report *report, const struct signal_verdict *verdict)
{
    struct log_line line;

    if (!log_enabled(LEVEL_DEBUG))
        return;
    log_open(&line, LEVEL_DEBUG, "🗑️", "LOW_CONFIDENCE_DROP");
    log_text(&line, " %s %s", verdict->symbol, verdict->side);
    log_field(&line, "symbol", "%s", verdict->symbol);
    log_pair(&line, "conf", "%.2f%%", verdict->confidence * 100.0);
    log_pair(&line, "min", "%.2f%%", report->settings->signal.min_confidence * 100.0);
    log_send(&line);
}

static void report_drop_fate(struct stream_id id, const struct signal_verdict *verdict)
{
    struct log_line line;

    log_open(&line, LEVEL_INFO, "🔎", "FATE");
    pair_id(&line, id);
    if (verdict->drop == DROP_LOW_CONFIDENCE || verdict->drop == DROP_NOT_LISTED) {
        log_text(&line, " %s %s", verdict->symbol, verdict->side);
        log_pair(&line, "conf", "%.2f%%", verdict->confidence * 100.0);
    }
    log_pair(&line, "fate", "%s", fate_name(fate_of_drop(verdict->drop)));
    if (verdict->drop == DROP_INVALID)
        log_pair(&line, "reason", "%s", rule_name(verdict->rule));
    log_send(&line);
}

void report_size_zero(struct report *report, const struct signal *signal)
{
    const struct signal_verdict verdict = {.drop = DROP_INVALID, .rule = RULE_SIZE_ZERO};
    struct evidence evidence = {0};
    char size[NUMBER_TEXT_MAX];
    uint64_t suppressed;

    if (count_invalid(report, RULE_SIZE_ZERO, &suppressed)) {
        number_shortest(signal->asked_usd, size);
        evidence_put(&evidence.symbol, signal->symbol, strlen(signal->symbol));
        evidence_put(&evidence.value, size, strlen(size));
        tell_invalid(signal->id, RULE_SIZE_ZERO, &evidence, suppressed);
    }
    if (report->settings->log.pipeline_diag)
        report_drop_fate(signal->id, &verdict);
}

void report_drop(struct report *report, const struct entry *entry,
                 const struct signal_verdict *verdict)
{
    struct stream_id id = entry->id;

    if (verdict->drop == DROP_INVALID)
        report_invalid(report, entry, verdict->rule);
    if (verdict->drop == DROP_INVALID && verdict->rule == RULE_FUTURE)
        report_skew(report, id, verdict->ahead_ms);
    if (verdict->drop == DROP_CLOSE)
        report_close(report, id);
    if (verdict->drop == DROP_LOW_CONFIDENCE)
        report_low_confidence(report, verdict);
    if (report->settings->log.pipeline_diag)
        report_drop_fate(id, verdict);
}

static void tell_invalid_number(enum rule rule, uint64_t suppressed)
{
    struct log_line line;

    log_open(&line, LEVEL_WARN, NULL, "INVALID_SIGNAL_DROP");
    log_pair(&line, "reason", "%s", rule_name(rule));
    pair_suppressed(&line, suppressed);
    log_send(&line);
}

/* At the end, the windows need not be over. A line that names the last one tells that, too. */
static void tell_held_back(struct report *report, bool at_end)
{
    uint64_t now_ms = monotonic_ms(), drop_ms = at_end ? 0 : DROP_WINDOW_MS, held_back;

    for (unsigned rule = 0; rule < RULE_COUNT; rule++)
        if ((held_back = log_limit_take(&report->invalid[rule], now_ms, drop_ms)) > 0)
            tell_invalid_number((enum rule)rule, held_back);
    if ((held_back = log_limit_take(&report->close, now_ms, drop_ms)) > 0)
        tell_close(report->close_id, held_back - 1);
    if ((held_back = log_limit_take(&report->skew, now_ms, at_end ? 0 : MINUTE_MS)) > 0)
        tell_skew(report, held_back - 1);
}

static void tell_behind(const struct behind *behind)
{
    struct log_line line;

    log_open(&line, LEVEL_WARN, "⏰", "TIMESTAMP_BEHIND");
    log_pair_int(&line, "behind_sec", behind->told_ms / 1000);
    log_text(&line,
             " → all signals of a minute were stale by their own timestamp alone: let the producer "
             "write UTC or its zone, or set window.age_by = \"id\"");
    log_send(&line);
}

void report_judged(struct report *report, const struct signal_verdict *verdict)
{
    if (verdict->drop != DROP_LOW_CONFIDENCE)
        behind_note(&report->behind, verdict, monotonic_ms());
}

void report_suppressed(struct report *report)
{
    tell_held_back(report, false);
    if (behind_take(&report->behind, monotonic_ms()))
        tell_behind(&report->behind);
}

void report_stopped(struct report *report)
{
    tell_held_back(report, true);
    log_event(LEVEL_INFO, "👋", "STOPPED", "uncommitted signals stay pending");
}

void report_refused(struct report *report, const char *complaint)
{
    service_report_refused(
        &report->service, "COMMIT_REFUSED", complaint,
        "nothing published, batch kept, reading paused; tried again every window");
}

void report_accepted(struct report *report)
{
    if (service_report_accepted(&report->service))
        log_event(LEVEL_INFO, "🟢", "COMMIT_ACCEPTED", "reading goes on");
}

void report_gave_up(const char *what)
{
    struct log_line line;

    log_open(&line, LEVEL_WARN, "🟠", "COMMIT_GAVE_UP");
    log_pair_int(&line, "attempts", ROUTER_ATTEMPTS_MAX);
    log_pair_foreign(&line, "moved", what, strlen(what), 64);
    log_text(&line, " → batch kept for the next window");
    log_send(&line);
}

void report_late(uint64_t late_ms)
{
    struct log_line line;

    log_open(&line, LEVEL_WARN, "🐢", "CYCLE_LATE");
    log_pair(&line, "late_ms", "%llu", (unsigned long long)late_ms);
    log_text(&line, " → nothing decided, a new window starts");
    log_send(&line);
}

/* Each outage tells once who leads after it. */
void report_redis_lost(struct report *report, const char *reason, uint64_t retry_ms)
{
    if (!report->service.lost)
        report->acquired_told = false;
    service_report_redis_lost(&report->service, reason, retry_ms);
}

/* The instance's name; the token is nobody's business. */
static void pair_instance(struct log_line *line, const char *lease)
{
    log_pair_foreign(line, "instance", lease, strcspn(lease, ":"), INSTANCE_MAX);
}

void report_leader_acquired(struct report *report, const char *lease)
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

/* Each entry goes to one of the two, and the other one never sees it. */
void report_consumer_shared(const struct report *report, int64_t silent_ms)
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

void report_leader_lost(const char *why)
{
    struct log_line line;

    log_open(&line, LEVEL_WARN, "👑", "LEADER_LOST");
    log_text(&line, " ");
    log_foreign(&line, why, strlen(why), 200);
    log_send(&line);
}

void report_standby(struct report *report, const char *holder)
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

void report_unsettled(const char *cycle_id, const char *ran)
{
    struct log_line line;

    log_open(&line, LEVEL_WARN, "🟠", "COMMIT_SETTLED");
    log_pair(&line, "cycle", "%s", cycle_id);
    log_pair(&line, "ran", "%s", ran);
    log_text(&line, " (its answer was lost with the connection)");
    log_send(&line);
}

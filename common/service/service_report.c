/* SPDX-License-Identifier: MIT */
#include "common/service/service_report.h"

#include <stdio.h>
#include <string.h>

#include "common/base/calendar.h"
#include "common/base/monotonic.h"
#include "common/base/number.h"

/* An outage may change its reason with every try; from then on one a minute will do. */
enum { MINUTE_MS = 60000, NAME_SHOWN_MAX = 200, LOST_LINES_MAX = 5 };

void service_report_redis_lost(struct service_report *report, const char *reason, uint64_t retry_ms)
{
    uint64_t now_ms = monotonic_ms();
    char said[sizeof report->lost_reason];
    struct log_line line;

    report->failures++;
    (void)snprintf(said, sizeof said, "%s", reason);
    bool is_news = strcmp(report->lost_reason, said) != 0 && report->lost_told < LOST_LINES_MAX;
    if (report->lost && !is_news && now_ms - report->lost_told_at_ms < MINUTE_MS)
        return;
    memcpy(report->lost_reason, said, sizeof said);
    if (!report->lost)
        report->lost_at_ms = now_ms;
    report->lost = true;
    report->lost_told++;
    report->lost_told_at_ms = now_ms;
    log_open(&line, LEVEL_ERROR, "🔌", "REDIS_LOST");
    log_text(&line, " ");
    log_foreign(&line, reason, strlen(reason), 200);
    log_pair(&line, "retry_ms", "%llu", (unsigned long long)retry_ms);
    if (report->failures > 1)
        log_pair(&line, "failures", "%llu", (unsigned long long)report->failures);
    log_send(&line);
}

void service_report_redis_back(struct service_report *report)
{
    struct log_line line;

    if (!report->lost)
        return;
    log_open(&line, LEVEL_INFO, "🔌", "REDIS_BACK");
    log_pair(&line, "after_ms", "%llu", (unsigned long long)(monotonic_ms() - report->lost_at_ms));
    log_send(&line);
    report->lost = false;
    report->failures = report->lost_told = 0;
}

void service_report_refused(struct service_report *report, const char *event, const char *complaint,
                            const char *consequence)
{
    char said[sizeof report->refusal];
    struct log_line line;

    (void)snprintf(said, sizeof said, "%s", complaint);
    if (strcmp(report->refusal, said) == 0)
        return;
    memcpy(report->refusal, said, sizeof said);
    log_open(&line, LEVEL_ERROR, "🔴", event);
    log_pair_foreign(&line, "reason", complaint, strlen(complaint), 200);
    log_text(&line, " → %s", consequence);
    log_send(&line);
}

bool service_report_accepted(struct service_report *report)
{
    bool was_refused = report->refusal[0] != '\0';

    report->refusal[0] = '\0';
    return was_refused;
}

void service_report_claim_refused(struct service_report *report, const char *complaint)
{
    uint64_t suppressed;
    struct log_line line;

    if (!log_limit_pass(&report->claim, monotonic_ms(), 1, MINUTE_MS, &suppressed))
        return;
    log_open(&line, LEVEL_WARN, "🟠", "CLAIM_REFUSED");
    log_pair_foreign(&line, "reason", complaint, strlen(complaint), 200);
    log_text(&line, " → entries of dead consumers stay pending");
    if (suppressed > 0)
        log_pair(&line, "suppressed", "%llu", (unsigned long long)suppressed);
    log_send(&line);
}

void service_report_skew(struct stream_id id, int64_t ahead_ms, uint64_t suppressed,
                         const char *remedy)
{
    char text[STREAM_ID_TEXT_MAX];
    struct log_line line;

    stream_id_print(id, text);
    log_open(&line, LEVEL_WARN, "⏰", "CLOCK_SKEW");
    log_pair(&line, "id", "%s", text);
    log_text(&line, " is ahead of Redis' clock: check the clocks of Redis and of the producer");
    if (suppressed > 0)
        log_pair(&line, "suppressed", "%llu", (unsigned long long)suppressed);
    log_pair_int(&line, "ahead_sec", (ahead_ms + 999) / 1000);
    log_text(&line, " → where Redis' clock was set back and is right now: %s", remedy);
    log_send(&line);
}

void service_report_group_recreated(const char *stream, const char *group)
{
    struct log_line line;

    log_open(&line, LEVEL_WARN, "🟠", "GROUP_RECREATED");
    log_pair_foreign(&line, "stream", stream, strlen(stream), NAME_SHOWN_MAX);
    log_pair_foreign(&line, "group", group, strlen(group), NAME_SHOWN_MAX);
    log_send(&line);
}

void service_report_trimmed(size_t count, const char *stream)
{
    struct log_line line;

    log_open(&line, LEVEL_WARN, "✂️", "ENTRIES_LOST");
    log_pair_int(&line, "count", (int64_t)count);
    log_text(&line, " pending entries were trimmed or deleted from the %s stream", stream);
    log_send(&line);
}

void service_report_unread_trimmed(uint64_t count, const char *stream)
{
    struct log_line line;

    log_open(&line, LEVEL_ERROR, "✂️", "ENTRIES_LOST");
    log_pair_int(&line, "count", (int64_t)count);
    log_text(&line, " entries were trimmed from the %s stream before they were read", stream);
    log_send(&line);
}

void service_report_pace_above(double router, double executor)
{
    char published[NUMBER_TEXT_MAX], taken[NUMBER_TEXT_MAX];
    struct log_line line;

    number_shortest(router, published);
    number_shortest(executor, taken);
    log_open(&line, LEVEL_WARN, "🟠", "PACE_ABOVE_EXECUTOR");
    log_pair(&line, "router_per_minute", "%s", published);
    log_pair(&line, "executor_per_minute", "%s", taken);
    log_text(&line, " → the executor skips what is over: set governor.max_per_minute to what it "
                    "takes, or raise guards.global_rate_max");
    log_send(&line);
}

void service_report_certificate_ends(bool is_ours, int64_t end_ms, int64_t left_ms)
{
    char moment[CALENDAR_ISO_MAX];
    struct log_line line;

    calendar_iso(end_ms, moment);
    log_open(&line, LEVEL_WARN, "🟠", "CERTIFICATE_ENDS");
    log_pair(&line, "whose", "%s", is_ours ? "client" : "server");
    log_pair(&line, "at", "%s", moment);
    log_pair_int(&line, "in_days", left_ms / CALENDAR_MS_PER_DAY);
    log_text(&line, " → renew %s: from then on Redis cannot be reached",
             is_ours ? "the one in redis.tls_cert" : "Redis' own");
    log_send(&line);
}

void service_report_metrics_listening(const char *address)
{
    struct log_line line;

    log_open(&line, LEVEL_INFO, "📈", "METRICS_LISTENING");
    log_pair(&line, "address", "%s", address);
    log_send(&line);
}

void service_report_metrics_failed(const char *address, const char *reason, unsigned retry_sec)
{
    struct log_line line;

    log_open(&line, LEVEL_WARN, "🟠", "METRICS_UNAVAILABLE");
    log_pair(&line, "address", "%s", address);
    log_pair(&line, "reason", "%s", reason);
    log_text(&line, " → tried again every %u s; trading goes on", retry_sec);
    log_send(&line);
}

void service_report_config_warnings(struct complaints *warnings)
{
    for (size_t i = 0; i < warnings->count; i++)
        log_event(LEVEL_WARN, "🟠", "CONFIG_WARNING", "%s", warnings->lines[i]);
    complaints_free(warnings);
}

/* SPDX-License-Identifier: MIT */
/* What holds the executor: told when it begins or changes, once a minute, and when it ends. */
#include "common/base/monotonic.h"
#include "executor/executor_report.h"

enum { MINUTE_MS = 60000, VALUE_SHOWN_MAX = 64 /* one more is read, so that a cut shows */ };

static void tell_safe_mode(const struct executor_report *report, const char *value, size_t length,
                           int64_t ttl_sec)
{
    struct log_line line;

    log_open(&line, LEVEL_WARN, "⛔", "SAFE_MODE:");
    log_text(&line, " %s is set → opening nothing", report->settings->keys.safe_mode);
    log_text(&line, " value='");
    log_foreign(&line, value, length, VALUE_SHOWN_MAX);
    log_text(&line, "'");
    if (ttl_sec >= 0)
        log_pair(&line, "ttl", "%llds", (long long)ttl_sec);
    log_send(&line);
}

static void tell_unparseable(const struct executor_report *report, const char *value, size_t length)
{
    struct log_line line;

    log_open(&line, LEVEL_ERROR, "🔴", "CAPACITY_UNPARSEABLE:");
    log_text(&line, " %s='", report->settings->keys.open_orders);
    log_foreign(&line, value, length, VALUE_SHOWN_MAX);
    log_text(&line, "' → fail-closed");
    log_send(&line);
}

static void tell_end(const struct executor_report *report, uint64_t now_ms)
{
    double held_sec = (double)(now_ms - report->hold_since_ms) / 1000.0;
    struct log_line line;

    log_open(&line, LEVEL_INFO, "🟢",
             report->hold == HOLD_SAFE_MODE ? "SAFE_MODE_CLEARED" : "CAPACITY_OK");
    log_pair(&line, "held_sec", "%.1f", held_sec);
    log_text(&line, " (what waited for over %llds is dropped)",
             (long long)report->settings->resume_max_age_sec);
    log_send(&line);
}

void executor_report_hold(struct executor_report *report, enum hold hold, const char *value,
                          size_t length, int64_t ttl_sec)
{
    uint64_t now_ms = monotonic_ms();

    if (hold == report->hold && (hold == HOLD_NONE || now_ms - report->hold_told_ms < MINUTE_MS))
        return;
    if (hold == HOLD_NONE)
        tell_end(report, now_ms);
    else if (hold == HOLD_SAFE_MODE)
        tell_safe_mode(report, value, length, ttl_sec);
    else if (hold == HOLD_UNKNOWN)
        log_event(LEVEL_ERROR, "🔴", "CAPACITY_UNKNOWN:", "%s missing → fail-closed",
                  report->settings->keys.open_orders);
    else
        tell_unparseable(report, value, length);
    if (report->hold == HOLD_NONE)
        report->hold_since_ms = now_ms;
    report->hold = hold;
    report->hold_told_ms = now_ms;
}

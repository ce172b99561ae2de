/* SPDX-License-Identifier: MIT */
/* What holds the executor: told when it begins or changes, once a minute, and when it ends. */
#include <string.h>

#include "common/base/calendar.h"
#include "common/base/monotonic.h"
#include "executor/tell/executor_report.h"

enum {
    MINUTE_MS = 60000,
    VALUE_SHOWN_MAX = 64,  /* one more is read, so that a cut shows */
    WORDS_SHOWN_MAX = 320, /* of a reason that a person wrote, and who and when behind it */
};

static void tell_safe_mode(const struct executor_report *report, const struct hold_seen *seen)
{
    const struct executor_settings *settings = report->settings;
    char key[KEY_MAX + 1];
    struct log_line line;

    halts_key(&settings->halts, (size_t)seen->halt_number, settings->keys.safe_mode, key);
    log_open(&line, LEVEL_WARN, "⛔", "SAFE_MODE:");
    log_text(&line, " ");
    log_foreign(&line, key, strlen(key), KEY_MAX);
    log_text(&line, " is set → opening nothing");
    log_text(&line, " value='");
    log_foreign(&line, seen->value, seen->length, VALUE_SHOWN_MAX);
    log_text(&line, "'");
    if (seen->ttl_sec >= 0)
        log_pair(&line, "ttl", "%llds", (long long)seen->ttl_sec);
    if (seen->words[0]) {
        log_text(&line, " reason='");
        log_foreign(&line, seen->words, strlen(seen->words), WORDS_SHOWN_MAX);
        log_text(&line, "'");
    }
    log_send(&line);
}

static void tell_unparseable(const struct executor_report *report, const struct hold_seen *seen)
{
    struct log_line line;

    log_open(&line, LEVEL_ERROR, "🔴", "CAPACITY_UNPARSEABLE:");
    log_text(&line, " %s='", report->settings->keys.open_orders);
    log_foreign(&line, seen->value, seen->length, VALUE_SHOWN_MAX);
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

void executor_report_hold(struct executor_report *report, const struct hold_seen *seen)
{
    enum hold_reason reason = seen->reason;
    uint64_t now_ms = monotonic_ms();
    bool explained = seen->words[0] && !report->hold_explained;

    report->hold_explained = seen->words[0];
    if (reason == report->hold && seen->halt_number == report->halt_number && !explained &&
        (reason == HOLD_NONE || now_ms - report->hold_told_ms < MINUTE_MS))
        return;
    if (reason == HOLD_NONE)
        tell_end(report, now_ms);
    else if (reason == HOLD_SAFE_MODE)
        tell_safe_mode(report, seen);
    else if (reason == HOLD_UNKNOWN)
        log_event(LEVEL_ERROR, "🔴", "CAPACITY_UNKNOWN:", "%s missing → fail-closed",
                  report->settings->keys.open_orders);
    else
        tell_unparseable(report, seen);
    if (report->hold == HOLD_NONE)
        report->hold_since_ms = now_ms;
    report->hold = reason;
    report->halt_number = seen->halt_number;
    report->hold_told_ms = now_ms;
}

static void tell_unsure(const struct sight *sight)
{
    char since[CALENDAR_ISO_MAX];
    struct log_line line;

    calendar_iso(sight->since_ms, since);
    log_open(&line, LEVEL_WARN, "⏸️", "STATE_UNSURE");
    log_pair_int(&line, "held", (int64_t)sight->held);
    log_pair(&line, "older_than", "%s", since);
    log_text(&line, " → Redis is another server and may lack its last seconds: openings pending "
                    "until `quantumctl resume`, or until they are stale");
    log_send(&line);
}

/* Of what waits it tells when there is something. */
void executor_report_sight(struct executor_report *report, const struct sight *sight)
{
    if (sight->since_ms == report->unsure_since_ms ||
        (sight->since_ms != 0 && sight->since_ms != SIGHT_LACKING && sight->held == 0))
        return;
    if (sight->since_ms == 0)
        log_event(LEVEL_INFO, "🟢", "STATE_RESUMED", "what was held back goes on, or is stale");
    else if (sight->since_ms == SIGHT_LACKING)
        log_event(LEVEL_ERROR, "⏪", "STATE_ROLLED_BACK",
                  "what was settled last is not settled here → opening nothing until `quantumctl "
                  "resume`");
    else
        tell_unsure(sight);
    report->unsure_since_ms = sight->since_ms;
}

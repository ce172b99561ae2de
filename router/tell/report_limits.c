/* SPDX-License-Identifier: MIT */
/*
 * What holds the router back beside the slots, or no longer does: a capacity key that nobody seems
 * to keep, a dead group that does not count, the day's limit, a Redis that came back with an older
 * state, or may have, and safe mode. Each is told when it begins or changes.
 */
#include <string.h>

#include "common/base/calendar.h"
#include "router/tell/report.h"

/* Of a reason that a person wrote, and who and when behind it. */
enum { SAFE_REASON_SHOWN = 320 };

void report_safe_mode(const struct report *report, const struct snapshot *snapshot)
{
    const struct router_settings *settings = report->settings;
    char key[KEY_MAX + 1];
    struct log_line line;

    halts_key(&settings->halts, (size_t)snapshot->halt_number, settings->keys.safe_mode, key);
    log_open(&line, LEVEL_WARN, "⛔", "SAFE_MODE:");
    log_text(&line, " ");
    log_foreign(&line, key, strlen(key), KEY_MAX);
    log_text(&line, " is set → publishing nothing value='");
    log_foreign(&line, snapshot->safe_text, strlen(snapshot->safe_text), SNAPSHOT_TEXT_MAX);
    log_text(&line, "'");
    if (snapshot->safe_ttl_sec >= 0)
        log_pair(&line, "ttl", "%llds", (long long)snapshot->safe_ttl_sec);
    else
        log_pair(&line, "ttl", "none");
    if (snapshot->safe_reason[0]) {
        log_text(&line, " reason='");
        log_foreign(&line, snapshot->safe_reason, strlen(snapshot->safe_reason), SAFE_REASON_SHOWN);
        log_text(&line, "'");
    }
    log_send(&line);
}

static void tell_suspect(struct report *report, const struct cycle_report *cycle)
{
    int64_t since = cycle->snapshot->capacity.published_since;
    bool suspect = cycle->plan->allowance.suspect;
    struct log_line line;

    if (suspect && report->suspect_since != since) {
        log_open(&line, LEVEL_WARN, "🟠", "CAPACITY_SUSPECT");
        log_pair_int(&line, "open", cycle->snapshot->capacity.open.count);
        log_pair_int(&line, "published_since_change", since);
        if (report->settings->plan.capacity.suspect_closes)
            log_text(&line, " → publishing nothing until it changes");
        log_send(&line);
    }
    report->suspect_since = suspect ? since : 0;
}

static void pair_group(struct log_line *line, const struct report *report)
{
    const char *group = report->settings->keys.in_flight_group;

    log_pair_foreign(line, "group", group, strlen(group), KEY_MAX);
}

static void tell_group(struct report *report, const struct cycle_report *cycle)
{
    int64_t silent_ms = cycle->snapshot->group_silent_ms;
    bool dead = silent_ms != 0;
    struct log_line line;

    if (dead && !report->group_dead) {
        log_open(&line, LEVEL_WARN, "💀", "INFLIGHT_GROUP_DEAD");
        pair_group(&line, report);
        if (silent_ms > 0)
            log_pair_int(&line, "silent_sec", silent_ms / 1000);
        else
            log_pair_int(&line, "consumers", 0);
        log_text(&line, " → what it has not finished does not count as open; name it in "
                        "capacity.inflight_group to count it always");
        log_send(&line);
    }
    if (!dead && report->group_dead) {
        log_open(&line, LEVEL_INFO, "🟢", "INFLIGHT_GROUP_BACK");
        pair_group(&line, report);
        log_text(&line, " what it has not finished counts as open");
        log_send(&line);
    }
    report->group_dead = dead;
}

static void tell_daily_limit(struct report *report, const struct cycle_report *cycle)
{
    int64_t trades = cycle->snapshot->capacity.published_today;
    bool limited = cycle->plan->allowance.daily_limit;
    struct log_line line;

    if (limited && report->daily_limit_told != trades) {
        log_open(&line, LEVEL_WARN, "🛑", "DAILY_LIMIT");
        log_pair_int(&line, "trades", trades);
        log_pair_int(&line, "max", report->settings->plan.capacity.max_daily);
        log_pair_int(&line, "allowed", cycle->plan->allowance.allowed);
        log_send(&line);
    }
    report->daily_limit_told = limited ? trades : -1;
}

static void tell_rolled_back(struct report *report, const struct cycle_report *cycle)
{
    const struct snapshot *snapshot = cycle->snapshot;
    bool rolled_back = snapshot->capacity.rolled_back;
    struct log_line line;

    if (rolled_back && !report->rolled_back) {
        log_open(&line, LEVEL_ERROR, "⏪", "STATE_ROLLED_BACK");
        log_pair(&line, "seq", "%llu", (unsigned long long)snapshot->sequence);
        log_pair(&line, "expected", "%llu", (unsigned long long)snapshot->sequence_expected);
        log_text(&line, " → publishing nothing until `quantumctl resume`");
        log_send(&line);
    }
    if (!rolled_back && report->rolled_back)
        log_event(LEVEL_INFO, "🟢", "STATE_RESUMED",
                  "the state that was found is taken as it is");
    report->rolled_back = rolled_back;
}

/* Once for each server that was found. */
static void tell_unsure(struct report *report, const struct cycle_report *cycle)
{
    int64_t since_ms = cycle->snapshot->unsure_since_ms;
    char since[CALENDAR_ISO_MAX];
    struct log_line line;

    if (cycle->held > 0 && report->unsure_since_ms != since_ms) {
        calendar_iso(since_ms, since);
        log_open(&line, LEVEL_WARN, "⏸️", "STATE_UNSURE");
        log_pair_int(&line, "held", (int64_t)cycle->held);
        log_pair(&line, "older_than", "%s", since);
        log_text(&line, " → Redis is another server and may lack its last seconds: pending until "
                        "`quantumctl resume`, or until they are stale");
        log_send(&line);
        report->unsure_since_ms = since_ms;
    }
    if (since_ms == 0 && report->unsure_since_ms != 0) {
        log_event(LEVEL_INFO, "🟢", "STATE_RESUMED", "what was held back is decided");
        report->unsure_since_ms = 0;
    }
}

void report_limits(struct report *report, const struct cycle_report *cycle)
{
    tell_rolled_back(report, cycle);
    tell_unsure(report, cycle);
    tell_group(report, cycle);
    tell_suspect(report, cycle);
    tell_daily_limit(report, cycle);
}

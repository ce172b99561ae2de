/* SPDX-License-Identifier: MIT */
#include "router/tell/record_report.h"

#include <string.h>

#include "common/log/log.h"

static void open_skipped(struct log_line *line, const char *reason, const char *key)
{
    log_open(line, LEVEL_WARN, "🟠", "RECORD_SKIPPED");
    log_pair(line, "reason", "%s", reason);
    log_pair_foreign(line, "key", key, strlen(key), KEY_MAX);
}

static void tell_skipped(struct record_report *report, enum recorded reason)
{
    struct log_line line;

    report->skipped++;
    if (report->told[reason])
        return;
    report->told[reason] = true;
    open_skipped(&line, recorded_as(reason), report->settings->keys.decisions);
    log_text(&line, " → decisions leave no record, and trading goes on");
    log_send(&line);
}

static void tell_back(struct record_report *report)
{
    struct log_line line;

    if (report->skipped == 0)
        return;
    log_open(&line, LEVEL_INFO, "🟢", "RECORD_BACK");
    log_pair(&line, "skipped", "%llu", (unsigned long long)report->skipped);
    log_send(&line);
    report->skipped = 0;
    memset(report->told, 0, sizeof report->told);
}

void record_report_tell(struct record_report *report, enum recorded recorded)
{
    if (recorded <= RECORDED_ALONE)
        tell_back(report);
    else if (recorded != RECORD_OFF)
        tell_skipped(report, recorded);
}

void record_report_settings(struct record_report *report, const char *complaint)
{
    struct log_line line;

    if (complaint && !report->settings_told) {
        open_skipped(&line, "settings", report->settings->keys.settings);
        log_text(&line, " → nobody can decide again by what the records name: ");
        log_foreign(&line, complaint, strlen(complaint), 200);
        log_send(&line);
    }
    report->settings_told = complaint;
}

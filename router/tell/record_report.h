/* SPDX-License-Identifier: MIT */
/*
 * RECORD_SKIPPED and RECORD_BACK: that decisions leave no record, once for each reason, and that
 * they leave one again. Embedded in the report.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "router/act/commit.h"
#include "router/settings/settings.h"

struct record_report {
    const struct router_settings *settings;
    bool told[RECORDED_COUNT]; /* since the last record */
    uint64_t skipped;          /* commits without a record, since the last one */
    bool settings_told;
};

/* A commit has run. */
void record_report_tell(struct record_report *report, enum recorded recorded);

/* The text of the settings is there, or why not. */
void record_report_settings(struct record_report *report, const char *complaint);

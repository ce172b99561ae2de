/* SPDX-License-Identifier: MIT */
/*
 * What a cycle says, in the order that router/README.md promises: the state if it is news, what
 * limits it beside the slots, what was published, why the others were not, and CYCLE with the sums.
 *
 * It remembers what it said last, so that a state is told when it begins or changes. Embedded in
 * the report.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "router/act/fact.h"
#include "router/tell/drop_report.h"
#include "router/tell/positions_report.h"

struct cycle_report {
    const struct router_settings *settings;

    /* the last state that was told */
    bool told;
    enum capacity_state state;
    char open_text[SNAPSHOT_TEXT_MAX + 1];
    int64_t in_flight;
    bool safe_mode;
    bool safe_reasoned; /* its reason was told, which is written after it */
    int64_t halt_number;
    uint64_t told_at_ms;

    /* what stands beside it */
    int64_t suspect_since;
    int64_t daily_limit_told, pace_limit_told; /* see limit_is_news() */
    bool rolled_back;
    bool group_dead;
    struct positions_report positions;
    int64_t unsure_since_ms; /* that candidates are held back for, as it was told */
};

/* A candidate whose size comes to nothing is a dropped signal, and told among them. */
void cycle_report_decided(struct cycle_report *report, struct drop_report *drops,
                          const struct cycle *cycle, const struct tally *tally);

/* A candidate fell out of a full window. */
void cycle_report_thinned(const struct cycle_report *report, const struct candidate *candidate);

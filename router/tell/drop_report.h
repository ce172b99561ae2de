/* SPDX-License-Identifier: MIT */
/*
 * What is told of signals that are dropped when they are read, or say something else than their
 * producer may mean. A flood of one kind gets a few lines and a number, which comes when its time
 * is over. Embedded in the report.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/log/log.h"
#include "common/trade/signal.h"
#include "router/act/fact.h"
#include "router/settings/settings.h"

struct drop_report {
    const struct router_settings *settings;
    struct log_limit invalid[RULE_COUNT];
    struct log_limit close;
    struct log_limit skew;
    struct log_limit near_size;
    struct log_limit shared_id;
    struct stream_id close_id, skew_id; /* of the last ones */
    int64_t skew_ms;                    /* that one's, ahead of Redis' clock */
};

void drop_report_fact(struct drop_report *report, const struct router_fact *fact);

/* A candidate whose size comes to nothing; that shows only when its rank is known. */
void drop_report_size_zero(struct drop_report *report, const struct signal *signal);

/* What was held back of lines whose time is over; at the end, of all. */
void drop_report_held_back(struct drop_report *report, bool at_end);

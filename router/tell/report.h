/* SPDX-License-Identifier: MIT */
/*
 * The router's log words: what is told of a fact. Lines about signals that are dropped stand in
 * drop_report.c, those about a cycle in cycle_report.c, those that every service has in
 * common/service.
 *
 * It remembers what it said last, so that a state is told when it changes and a failure once, not
 * each time. Embedded in the vitals.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/service/service_report.h"
#include "router/act/fact.h"
#include "router/tell/cycle_report.h"
#include "router/tell/drop_report.h"
#include "router/tell/record_report.h"

struct report {
    const struct router_settings *settings;
    struct drop_report drops;
    struct cycle_report cycles;
    struct record_report records;
    struct service_report service; /* what every service tells */
    bool acquired_told;            /* in this outage */
    bool deposed;                  /* it was told; the session goes after it */
    char holder[INSTANCE_MAX + 1]; /* of the lease that we wait for */
};

void report_init(struct report *report, const struct router_settings *settings);

void report_start(const struct router_settings *settings, const char *config_path);
void report_fact(struct report *report, const struct router_fact *fact);
void report_stopped(struct report *report);

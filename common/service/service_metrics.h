/* SPDX-License-Identifier: MIT */
/*
 * What both services measure in the same words: their version, their session with Redis, the group
 * they read in, the configuration, the log, and the process. Printed behind a service's own rows,
 * with its prefix.
 *
 * What is only known while Redis answers is unknown again when the session is lost. Embedded in the
 * service's metrics.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "common/redis/backlog.h"
#include "common/service/counters.h"
#include "common/service/process_metrics.h"

struct service_metrics {
    struct counter_table table;
    struct counters counters;
    struct process_metrics process;
};

/* For --list-metrics, behind the service's own. */
void service_metrics_list(const char *prefix, FILE *out);

/* The stream and the group are labels of what is told of them. */
void service_metrics_init(struct service_metrics *metrics, const char *prefix, const char *stream,
                          const char *group);
void service_metrics_deinit(struct service_metrics *metrics);

/* A session with Redis; its group was there, or had to be made again. */
void service_metrics_connected(struct service_metrics *metrics);
void service_metrics_opened(struct service_metrics *metrics, bool group_recreated);
void service_metrics_lost(struct service_metrics *metrics);

/* So many entries were trimmed or deleted before their time. */
void service_metrics_trimmed(struct service_metrics *metrics, uint64_t entries);

/* The answers came; so many more entries were trimmed before they were read. */
void service_metrics_backlog(struct service_metrics *metrics, const struct backlog *backlog,
                             uint64_t lost);

/* The configuration was read again. */
void service_metrics_reload(struct service_metrics *metrics, bool successful);

void service_metrics_print(struct service_metrics *metrics, struct page *page);

/* NaN: not known. */
double service_metrics_lag(const struct service_metrics *metrics);
double service_metrics_pending(const struct service_metrics *metrics);

/* SPDX-License-Identifier: MIT */
#include "common/service/service_metrics.h"

#include <sys/time.h>

#include "common/base/version.h"
#include "common/log/log.h"

enum row {
    BUILD_INFO,
    LAG,
    PENDING,
    OLDEST,
    ENTRIES_LOST,
    GROUPS_RECREATED,
    REDIS_UP,
    REDIS_CONNECTS,
    REDIS_FAILURES,
    RELOAD_SUCCESSFUL,
    RELOAD_TIME,
    LOG_DROPPED,
    ROW_COUNT,
};

static const char *version_label(size_t index)
{
    (void)index;
    return quantum_version;
}

static const struct counter_row rows[ROW_COUNT] = {
    [BUILD_INFO] = {.name = "build_info",
                    .kind = GAUGE,
                    .help = "The version that runs; always 1.",
                    .label = "version",
                    .labels = 1,
                    .label_name = version_label},
    [LAG] = {.name = "stream_group_lag",
             .kind = GAUGE,
             .help = "Entries that the group has not been given yet."},
    [PENDING] = {.name = "stream_group_messages_pending",
                 .kind = GAUGE,
                 .help = "Entries that were given and are not acknowledged yet."},
    [OLDEST] = {.name = "stream_group_oldest_pending_age_seconds",
                .kind = GAUGE,
                .help = "Age of the oldest pending entry, by its id."},
    [ENTRIES_LOST] = {.name = "entries_lost_total",
                      .kind = COUNTER,
                      .help = "Entries trimmed or deleted while they were pending, or before they "
                              "were read."},
    [GROUPS_RECREATED] = {.name = "groups_recreated_total",
                          .kind = COUNTER,
                          .help = "Times that the group was gone and was made again."},
    [REDIS_UP] = {.name = "redis_up",
                  .kind = GAUGE,
                  .help = "Whether Redis answers and the service has a session with it."},
    [REDIS_CONNECTS] = {.name = "redis_connects_total",
                        .kind = COUNTER,
                        .help = "Sessions with Redis that were opened."},
    [REDIS_FAILURES] = {.name = "redis_failures_total",
                        .kind = COUNTER,
                        .help = "Sessions that were lost, and tries that failed."},
    [RELOAD_SUCCESSFUL] = {.name = "config_last_reload_successful",
                           .kind = GAUGE,
                           .help = "Whether the configuration was good when last read."},
    [RELOAD_TIME] = {.name = "config_last_reload_success_timestamp_seconds",
                     .kind = GAUGE,
                     .help = "When a good configuration was last read."},
    [LOG_DROPPED] = {.name = "log_lines_dropped_total",
                     .kind = COUNTER,
                     .help = "Log lines that could not be written."},
};

static struct counter_table table_of(const char *prefix)
{
    return (struct counter_table){prefix, rows, ROW_COUNT};
}

void service_metrics_list(const char *prefix, FILE *out)
{
    const struct counter_table table = table_of(prefix);

    counters_list(&table, out);
}

static void set(struct service_metrics *metrics, enum row row, double value)
{
    counters_set(&metrics->counters, row, 0, value);
}

static void count(struct service_metrics *metrics, enum row row, double more)
{
    counters_add(&metrics->counters, row, 0, more);
}

void service_metrics_init(struct service_metrics *metrics, const char *prefix, const char *stream,
                          const char *group)
{
    static const enum row of_group[] = {LAG, PENDING, OLDEST};

    metrics->table = table_of(prefix);
    counters_init(&metrics->counters, &metrics->table);
    process_metrics_init(&metrics->process);
    for (size_t i = 0; i < sizeof of_group / sizeof *of_group; i++) {
        counters_fix_label(&metrics->counters, of_group[i], "stream", stream);
        counters_fix_label(&metrics->counters, of_group[i], "group", group);
    }
    set(metrics, BUILD_INFO, 1);
    set(metrics, REDIS_UP, 0);
    service_metrics_reload(metrics, true);
}

void service_metrics_deinit(struct service_metrics *metrics)
{
    counters_deinit(&metrics->counters);
    process_metrics_deinit(&metrics->process);
}

void service_metrics_connected(struct service_metrics *metrics)
{
    if (!(counters_value(&metrics->counters, REDIS_UP, 0) > 0))
        count(metrics, REDIS_CONNECTS, 1);
    set(metrics, REDIS_UP, 1);
}

void service_metrics_opened(struct service_metrics *metrics, bool group_recreated)
{
    service_metrics_connected(metrics);
    count(metrics, GROUPS_RECREATED, group_recreated);
}

void service_metrics_lost(struct service_metrics *metrics)
{
    count(metrics, REDIS_FAILURES, 1);
    set(metrics, REDIS_UP, 0);
    for (enum row row = LAG; row <= OLDEST; row++)
        counters_unset(&metrics->counters, row);
}

void service_metrics_trimmed(struct service_metrics *metrics, uint64_t entries)
{
    count(metrics, ENTRIES_LOST, (double)entries);
}

void service_metrics_backlog(struct service_metrics *metrics, const struct backlog *backlog,
                             uint64_t lost)
{
    set(metrics, LAG, backlog->lag);
    set(metrics, PENDING, backlog->pending);
    set(metrics, OLDEST, backlog->oldest_sec);
    service_metrics_trimmed(metrics, lost);
}

void service_metrics_reload(struct service_metrics *metrics, bool successful)
{
    struct timeval now;

    set(metrics, RELOAD_SUCCESSFUL, successful);
    (void)gettimeofday(&now, NULL);
    if (successful)
        set(metrics, RELOAD_TIME, (double)now.tv_sec);
}

void service_metrics_print(struct service_metrics *metrics, struct page *page)
{
    set(metrics, LOG_DROPPED, (double)log_dropped());
    counters_print(&metrics->counters, page);
    process_metrics_print(&metrics->process, page);
}

double service_metrics_lag(const struct service_metrics *metrics)
{
    return counters_value(&metrics->counters, LAG, 0);
}

double service_metrics_pending(const struct service_metrics *metrics)
{
    return counters_value(&metrics->counters, PENDING, 0);
}

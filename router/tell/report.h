/* SPDX-License-Identifier: MIT */
/*
 * The router's log words: every line that operators grep for is written here and nowhere else.
 *
 * It remembers what it said last, so that a state is told when it changes and a failure once, not
 * each time. What it tells of a cycle comes from the plan, after the commit was confirmed.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/log/log.h"
#include "common/service/service_report.h"
#include "common/trade/signal.h"
#include "router/decide/behind.h"
#include "router/decide/fate.h"
#include "router/decide/plan.h"
#include "router/decide/snapshot.h"
#include "router/settings/settings.h"

struct report {
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
    int64_t daily_limit_told;
    bool rolled_back;
    bool group_dead;
    int64_t unsure_since_ms; /* that candidates are held back for, as it was told */

    struct service_report service; /* what every service tells */
    bool acquired_told;            /* in this outage */

    char holder[INSTANCE_MAX + 1]; /* of the lease that we wait for */

    struct behind behind;
    uint64_t invalid_total[RULE_COUNT];
    struct log_limit invalid[RULE_COUNT];
    struct log_limit close;
    struct log_limit skew;
    struct log_limit near_size;
    struct log_limit shared_id;
    struct stream_id close_id, skew_id; /* of the last ones */
    int64_t skew_ms;                    /* that one's, ahead of Redis' clock */
};

/* What came of a cycle. */
struct cycle_report {
    const struct snapshot *snapshot;
    const struct window *window;
    const struct plan *plan;
    const struct tally *settled; /* the plan's fates, and what was ACKed beside it */
    const char *intent_ids;      /* separated by blanks, in the order of the ranks */
    size_t held;                 /* candidates that are held back */
};

void report_start(const struct router_settings *settings, const char *config_path);

/* An entry was read and judged; beside what report_drop() tells of it. */
void report_judged(struct report *report, const struct signal_verdict *verdict);

/* An entry was dropped when it was read. */
void report_drop(struct report *report, const struct entry *entry,
                 const struct signal_verdict *verdict);

/* A signal without position_size_usd has a field that may have been meant for it. */
void report_near_size(struct report *report, const struct signal *signal, const char *name);

/* The decision id of a signal, from this field inside its document, names over three symbols. */
void report_shared_id(struct report *report, const struct signal *signal, const char *name);

/* A candidate whose size comes to nothing; that shows only when its rank is known. */
void report_size_zero(struct report *report, const struct signal *signal);

/* What was held back of lines whose time is over; report_stopped() tells all of it. */
void report_suppressed(struct report *report);

/* A candidate fell out of a full window. */
void report_thinned(struct report *report, const struct candidate *candidate);

/* These never came to be pending: the group was not given them. */

/* Settings of Redis that do not suit. */
void report_eviction(const char *policy);
void report_no_append_only_file(void);
void report_no_minimum_of_replicas(const char *connected);

/* A cycle was decided, and committed if it had candidates. */
void report_cycle(struct report *report, const struct cycle_report *cycle);

/* What holds the router back beside the slots; part of report_cycle(). */
void report_limits(struct report *report, const struct cycle_report *cycle);
void report_safe_mode(const struct report *report, const struct snapshot *snapshot);

/* A commit or an ACK is refused; the batch is kept and reading pauses. And that it works again. */
void report_refused(struct report *report, const char *complaint);
void report_accepted(struct report *report);

/* The world moved under three attempts. */
void report_gave_up(const char *what);

void report_late(uint64_t late_ms);

/* Which router decides. The same holder is told once. */
void report_leader_acquired(struct report *report, const char *lease);
void report_leader_lost(const char *why);
void report_standby(struct report *report, const char *holder);

/* Somebody who is no router of ours read under the consumer's name; -1: nobody did. */
void report_consumer_shared(const struct report *report, int64_t silent_ms);

void report_redis_lost(struct report *report, const char *reason, uint64_t retry_ms);

/* `ran`: "yes", "no", "unknown". */
void report_unsettled(const char *cycle_id, const char *ran);
void report_stopped(struct report *report);

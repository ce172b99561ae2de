/* SPDX-License-Identifier: MIT */
#include "executor/tell/executor_metrics.h"

#include <math.h>

#include "common/trade/rule.h"
#include "executor/decide/breaker.h"
#include "executor/decide/outcome.h"

/* --- the table */

enum metric {
    METRIC_INTENTS,
    METRIC_INVALID,
    METRIC_EXECUTED,
    METRIC_HANDLING_SECONDS,
    METRIC_AGE_SECONDS,
    METRIC_POSITIONS_CLOSED,
    METRIC_POSITIONS,
    METRIC_OPEN_ORDERS,
    METRIC_MAX_OPEN,
    METRIC_SAFE_MODE,
    METRIC_HOLD,
    METRIC_SAFE_DRAIN,
    METRIC_BREAKER,
    METRIC_BREAKER_OPENED,
    METRIC_IN_HAND,
    METRIC_REFUSED,
    METRIC_LAST_EXECUTION,
    METRIC_COUNT,
};

#define BOUNDS(list) .bounds = (list), .bound_count = sizeof(list) / sizeof *(list)

static const char *outcome_label(size_t index)
{
    return outcome_name((enum outcome)index);
}

/* RULE_NONE is no reason. */
static const char *rule_label(size_t index)
{
    return rule_name((enum rule)(index + 1));
}

static const char *breaker_label(size_t index)
{
    static const char *const names[] = {"closed", "open", "half_open"};

    return names[index];
}

static const double handling_bounds[] = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                         0.1,   0.25,   0.5,   1,    2.5,   10};
static const double age_bounds[] = {0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600};

static const struct counter_row rows[METRIC_COUNT] = {
    [METRIC_INTENTS] = {.name = "intents_total",
                        .kind = COUNTER,
                        .help = "Intents by what became of them.",
                        .label = "outcome",
                        .labels = OUTCOME_COUNT,
                        .label_name = outcome_label},
    [METRIC_INVALID] = {.name = "intents_invalid_total",
                        .kind = COUNTER,
                        .help = "Intents that broke a rule, by the rule.",
                        .label = "reason",
                        .labels = RULE_COUNT - 1,
                        .label_name = rule_label},
    [METRIC_EXECUTED] = {.name = "executions_total",
                         .kind = COUNTER,
                         .help = "Intents that the venue executed: filled or closed."},
    [METRIC_HANDLING_SECONDS] = {.name = "handling_seconds",
                                 .kind = HISTOGRAM,
                                 .help = "Time from reading an intent to its confirmed end.",
                                 BOUNDS(handling_bounds)},
    [METRIC_AGE_SECONDS] = {.name = "intent_age_seconds",
                            .kind = HISTOGRAM,
                            .help = "Age of an intent at its end, by its own timestamp.",
                            BOUNDS(age_bounds)},
    [METRIC_POSITIONS_CLOSED] = {.name = "positions_closed_total",
                                 .kind = COUNTER,
                                 .help = "Positions on paper that closed by themselves."},
    [METRIC_POSITIONS] = {.name = "positions", .kind = GAUGE, .help = "Positions that exist."},
    [METRIC_OPEN_ORDERS] = {.name = "open_orders",
                            .kind = GAUGE,
                            .help = "Open orders as the key says."},
    [METRIC_MAX_OPEN] = {.name = "max_open_orders",
                         .kind = GAUGE,
                         .help = "The hard cap on open orders."},
    [METRIC_SAFE_MODE] = {.name = "safe_mode",
                          .kind = GAUGE,
                          .help = "Whether safe mode keeps the executor from opening."},
    [METRIC_HOLD] = {.name = "hold",
                     .kind = GAUGE,
                     .help = "Whether it holds: safe mode, or open orders are not known."},
    [METRIC_SAFE_DRAIN] = {.name = "safe_drain",
                           .kind = GAUGE,
                           .help = "Whether nothing is executed at all."},
    [METRIC_BREAKER] = {.name = "breaker_state",
                        .kind = GAUGE,
                        .help = "1 for the state of the breaker around the venue.",
                        .label = "state",
                        .labels = BREAKER_HALF_OPEN + 1,
                        .label_name = breaker_label},
    [METRIC_BREAKER_OPENED] = {.name = "breaker_opened_total",
                               .kind = COUNTER,
                               .help = "Times that the breaker opened."},
    [METRIC_IN_HAND] = {.name = "intents_in_hand",
                        .kind = GAUGE,
                        .help = "Intents that were read and are not settled."},
    [METRIC_REFUSED] = {.name = "refused",
                        .kind = GAUGE,
                        .help = "Whether Redis refuses what settles an intent."},
    [METRIC_LAST_EXECUTION] = {.name = "last_execution_timestamp_seconds",
                               .kind = GAUGE,
                               .help = "When an intent was last executed, by Redis' clock."},
};

#define PREFIX "quantum_executor_"

static const struct counter_table table = {PREFIX, rows, METRIC_COUNT};

void executor_metrics_list(FILE *out)
{
    counters_list_head(out);
    counters_list(&table, out);
    service_metrics_list(PREFIX, out);
}

/* --- what is counted */

static void set(struct executor_metrics *metrics, enum metric metric, double value)
{
    counters_set(&metrics->counters, metric, 0, value);
}

static void count(struct executor_metrics *metrics, enum metric metric, size_t label, double more)
{
    counters_add(&metrics->counters, metric, label, more);
}

static double value_of(const struct executor_metrics *metrics, enum metric metric)
{
    return counters_value(&metrics->counters, metric, 0);
}

void executor_metrics_init(struct executor_metrics *metrics,
                           const struct executor_settings *settings)
{
    *metrics = (struct executor_metrics){.settings = settings};
    counters_init(&metrics->counters, &table);
    service_metrics_init(&metrics->service, PREFIX, settings->keys.intents, settings->keys.group);
    set(metrics, METRIC_REFUSED, 0);
    set(metrics, METRIC_SAFE_DRAIN, settings->venue.kind == VENUE_SAFE_DRAIN);
    counters_choose(&metrics->counters, METRIC_BREAKER, BREAKER_CLOSED);
}

void executor_metrics_deinit(struct executor_metrics *metrics)
{
    counters_deinit(&metrics->counters);
    service_metrics_deinit(&metrics->service);
}

static void on_lost(struct executor_metrics *metrics)
{
    static const enum metric seen_in_redis[] = {METRIC_POSITIONS, METRIC_OPEN_ORDERS,
                                                METRIC_SAFE_MODE, METRIC_HOLD};

    service_metrics_lost(&metrics->service);
    set(metrics, METRIC_REFUSED, 0);
    for (size_t i = 0; i < sizeof seen_in_redis / sizeof *seen_in_redis; i++)
        counters_unset(&metrics->counters, seen_in_redis[i]);
}

static void on_counted(struct executor_metrics *metrics, int64_t positions)
{
    if (positions >= 0)
        set(metrics, METRIC_POSITIONS, (double)positions);
}

static void on_position_closed(struct executor_metrics *metrics, int64_t left)
{
    count(metrics, METRIC_POSITIONS_CLOSED, 0, 1);
    on_counted(metrics, left);
}

static void on_ended(struct executor_metrics *metrics, const struct ending *ending, int64_t now_ms)
{
    count(metrics, METRIC_INTENTS, ending->outcome, 1);
    counters_observe(&metrics->counters, METRIC_HANDLING_SECONDS, ending->seconds);
    if (ending->outcome == OUTCOME_INVALID)
        count(metrics, METRIC_INVALID, ending->rule - 1, 1);
    else
        counters_observe(&metrics->counters, METRIC_AGE_SECONDS,
                         ending->age_seconds > 0 ? ending->age_seconds : 0);
    on_counted(metrics, ending->positions);
    if (ending->outcome != OUTCOME_FILLED && ending->outcome != OUTCOME_CLOSED)
        return;
    count(metrics, METRIC_EXECUTED, 0, 1);
    set(metrics, METRIC_LAST_EXECUTION, (double)now_ms / 1000.0);
}

static void on_hold(struct executor_metrics *metrics, const struct hold_seen *seen)
{
    enum hold_reason hold = seen->reason;

    set(metrics, METRIC_HOLD, hold != HOLD_NONE);
    set(metrics, METRIC_SAFE_MODE, hold == HOLD_SAFE_MODE);
    set(metrics, METRIC_OPEN_ORDERS, seen->open_known ? (double)seen->open : NAN);
}

static void on_breaker(struct executor_metrics *metrics, enum breaker_state state)
{
    counters_choose(&metrics->counters, METRIC_BREAKER, state);
    count(metrics, METRIC_BREAKER_OPENED, 0, state == BREAKER_OPEN);
}

void executor_metrics_fact(struct executor_metrics *metrics, const struct executor_fact *fact)
{
    switch (fact->kind) {
    case FACT_OPENED:
        service_metrics_opened(&metrics->service, fact->opened->group_recreated);
        break;
    case FACT_LOST:
        on_lost(metrics);
        break;
    case FACT_ADOPTED:
        service_metrics_reload(&metrics->service, true);
        break;
    case FACT_ENDED:
        on_ended(metrics, fact->ended.ending, fact->ended.now_ms);
        break;
    case FACT_STALE:
        count(metrics, METRIC_INTENTS, OUTCOME_STALE, 1);
        break;
    case FACT_TRIMMED:
        service_metrics_trimmed(&metrics->service, fact->trimmed);
        break;
    case FACT_HOLD_SEEN:
        on_hold(metrics, fact->hold);
        break;
    case FACT_BREAKER:
        on_breaker(metrics, fact->breaker->state);
        break;
    case FACT_REFUSED:
        set(metrics, METRIC_REFUSED, 1);
        break;
    case FACT_ACCEPTED:
        set(metrics, METRIC_REFUSED, 0);
        break;
    case FACT_POSITION_CLOSED:
        on_position_closed(metrics, fact->position_closed.left);
        break;
    case FACT_COUNTED:
        on_counted(metrics, fact->positions);
        break;
    case FACT_ANSWERED:
        on_counted(metrics, fact->answered.positions);
        break;
    default:
        break;
    }
}

void executor_metrics_print(struct executor_metrics *metrics, size_t in_hand, struct page *page)
{
    set(metrics, METRIC_IN_HAND, (double)in_hand);
    set(metrics, METRIC_MAX_OPEN, (double)metrics->settings->guards.max_open);
    counters_print(&metrics->counters, page);
    service_metrics_print(&metrics->service, page);
}

struct executor_metrics_summary executor_metrics_summary(const struct executor_metrics *metrics)
{
    struct executor_metrics_summary summary = {
        .open_orders = value_of(metrics, METRIC_OPEN_ORDERS),
        .executed = value_of(metrics, METRIC_EXECUTED),
        .holds = value_of(metrics, METRIC_HOLD) > 0,
    };

    for (size_t outcome = 0; outcome < OUTCOME_COUNT; outcome++)
        summary.ended += counters_value(&metrics->counters, METRIC_INTENTS, outcome);
    return summary;
}

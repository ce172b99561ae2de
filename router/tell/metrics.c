/* SPDX-License-Identifier: MIT */
#include "router/tell/metrics.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/trade/rule.h"

/* --- the table */

enum metric {
    METRIC_SIGNALS,
    METRIC_INVALID,
    METRIC_PUBLISHED,
    METRIC_CYCLES,
    METRIC_UNDECIDED,
    METRIC_LATENESS,
    METRIC_BATCH,
    METRIC_COMMITS,
    METRIC_COMMIT_SECONDS,
    METRIC_RECORDS,
    METRIC_RECORDS_SKIPPED,
    METRIC_CAPACITY_STATE,
    METRIC_OPEN_ORDERS,
    METRIC_POSITIONS_KNOWN,
    METRIC_HELD_SYMBOLS,
    METRIC_MAX_OPEN,
    METRIC_TARGET_OPEN,
    METRIC_PUBLISHED_SINCE,
    METRIC_SUSPECT,
    METRIC_DAILY_LIMIT,
    METRIC_ROLLED_BACK,
    METRIC_HELD,
    METRIC_BEHIND,
    METRIC_SAFE_MODE,
    METRIC_LEADER,
    METRIC_WINDOW,
    METRIC_PAUSED,
    METRIC_LAST_CYCLE,
    METRIC_LAST_PUBLISH,
    METRIC_COUNT,
};

/* Labels of METRIC_CYCLES: the capacity states, and this one, which overrules them. */
enum { CYCLE_STATE_SAFE_MODE = 5, CYCLE_STATES };

/* Labels of METRIC_UNDECIDED. */
enum undecided { UNDECIDED_LATE, UNDECIDED_MOVED, UNDECIDED_REFUSED, UNDECIDED_FENCED };

#define ONE_OF(name, names, function)                                                              \
    .label = (name), .labels = sizeof(names) / sizeof *(names), .label_name = (function)

static const char *const states[] = {
    [CAPACITY_UNKNOWN] = "unknown", [CAPACITY_UNPARSEABLE] = "unparseable",
    [CAPACITY_FULL] = "full",       [CAPACITY_TARGET] = "target_reached",
    [CAPACITY_OK] = "ok",           [CYCLE_STATE_SAFE_MODE] = "safe_mode",
};

static_assert((int)CYCLE_STATE_SAFE_MODE == (int)CAPACITY_OK + 1, "it follows the capacity states");

static const char *const reasons[] = {
    [UNDECIDED_LATE] = "late",
    [UNDECIDED_MOVED] = "moved",
    [UNDECIDED_REFUSED] = "refused",
    [UNDECIDED_FENCED] = "fenced",
};

static const char *const results[] = {
    [COMMIT_DONE] = "done",       [COMMIT_MOVED] = "moved",     [COMMIT_FENCED] = "fenced",
    [COMMIT_BLOCKED] = "refused", [COMMIT_UNKNOWN] = "unknown",
};

static const char *skip_label(size_t index)
{
    return recorded_as((enum recorded)((size_t)RECORD_FORBIDDEN + index));
}

static const char *outcome_label(size_t index)
{
    return fate_name((enum fate)index);
}

/* RULE_NONE is no reason. */
static const char *rule_label(size_t index)
{
    return rule_name((enum rule)(index + 1));
}

static const char *state_label(size_t index)
{
    return states[index];
}

static const char *reason_label(size_t index)
{
    return reasons[index];
}

static const char *result_label(size_t index)
{
    return results[index];
}

static const double lateness_bounds[] = {0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1};
static const double commit_bounds[] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                       0.05,   0.1,   0.25,   0.5,   1};
static const double batch_bounds[] = {0, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 4000};

#define BOUNDS(list) .bounds = (list), .bound_count = sizeof(list) / sizeof *(list)

static const struct counter_row rows[METRIC_COUNT] = {
    [METRIC_SIGNALS] = {.name = "signals_total",
                        .kind = COUNTER,
                        .help = "Signals by what became of them, as CYCLE lines count them.",
                        .label = "outcome",
                        .labels = FATE_COUNT,
                        .label_name = outcome_label},
    [METRIC_INVALID] = {.name = "signals_invalid_total",
                        .kind = COUNTER,
                        .help =
                            "Signals that were dropped for breaking a rule, when they were read.",
                        .label = "reason",
                        .labels = RULE_SIGNAL_COUNT - 1,
                        .label_name = rule_label},
    [METRIC_PUBLISHED] = {.name = "intents_published_total",
                          .kind = COUNTER,
                          .help = "Trade intents that were published."},
    [METRIC_CYCLES] = {.name = "cycles_total",
                       .kind = COUNTER,
                       .help = "Cycles that were decided, by the state they found.",
                       ONE_OF("state", states, state_label)},
    [METRIC_UNDECIDED] = {.name = "cycles_undecided_total",
                          .kind = COUNTER,
                          .help = "Cycles that decided nothing and kept their batch, by the "
                                  "reason; moved: under every attempt.",
                          ONE_OF("reason", reasons, reason_label)},
    [METRIC_LATENESS] = {.name = "cycle_lateness_seconds",
                         .kind = HISTOGRAM,
                         .help = "How late the end of a window was noticed.",
                         BOUNDS(lateness_bounds)},
    [METRIC_BATCH] = {.name = "cycle_candidates",
                      .kind = HISTOGRAM,
                      .help = "Candidates that a decided cycle chose from.",
                      BOUNDS(batch_bounds)},
    [METRIC_COMMITS] = {.name = "commits_total",
                        .kind = COUNTER,
                        .help =
                            "Commits by their result, each attempt for itself; unknown: the "
                            "connection went first, and stays so when it turns out to have run.",
                        ONE_OF("result", results, result_label)},
    [METRIC_COMMIT_SECONDS] = {.name = "commit_seconds",
                               .kind = HISTOGRAM,
                               .help = "Time from sending a commit to its answer.",
                               BOUNDS(commit_bounds)},
    [METRIC_RECORDS] = {.name = "records_total",
                        .kind = COUNTER,
                        .help = "Records of decisions that were written."},
    [METRIC_RECORDS_SKIPPED] = {.name = "records_skipped_total",
                                .kind = COUNTER,
                                .help = "Commits that left no record, by what stood in its way.",
                                .label = "reason",
                                .labels = RECORDED_COUNT - RECORD_FORBIDDEN,
                                .label_name = skip_label},
    [METRIC_CAPACITY_STATE] = {.name = "capacity_state",
                               .kind = GAUGE,
                               .help = "1 for the capacity state that the last cycle found.",
                               .label = "state",
                               .labels = CAPACITY_OK + 1,
                               .label_name = state_label},
    [METRIC_OPEN_ORDERS] = {.name = "open_orders",
                            .kind = GAUGE,
                            .help = "Open orders as the last cycle read them."},
    [METRIC_POSITIONS_KNOWN] =
        {.name = "positions_known",
         .kind = GAUGE,
         .help = "Whether what is held could be read, and agreed with the open orders."},
    [METRIC_HELD_SYMBOLS] = {.name = "held_symbols",
                             .kind = GAUGE,
                             .help = "Symbols that are held, as the last cycle read them."},
    [METRIC_MAX_OPEN] = {.name = "max_open_orders",
                         .kind = GAUGE,
                         .help = "The hard cap on open orders."},
    [METRIC_TARGET_OPEN] = {.name = "target_open_orders",
                            .kind = GAUGE,
                            .help = "The open orders that are aimed at."},
    [METRIC_PUBLISHED_SINCE] = {.name = "published_since_capacity_change",
                                .kind = GAUGE,
                                .help = "Intents published since the capacity value last changed."},
    [METRIC_SUSPECT] = {.name = "capacity_suspect",
                        .kind = GAUGE,
                        .help = "Whether the capacity value looks as if nobody kept it."},
    [METRIC_DAILY_LIMIT] = {.name = "daily_limit",
                            .kind = GAUGE,
                            .help = "Whether the day's limit leaves fewer than there is room for."},
    [METRIC_ROLLED_BACK] = {.name = "state_rolled_back",
                            .kind = GAUGE,
                            .help =
                                "Whether Redis came back with an older state, not resumed yet."},
    [METRIC_HELD] = {.name = "state_unsure_held",
                     .kind = GAUGE,
                     .help = "Candidates held back because Redis may lack what was written last."},
    [METRIC_BEHIND] = {.name = "timestamp_behind_seconds",
                       .kind = GAUGE,
                       .help =
                           "How far behind their ids the own timestamps lay for which alone all "
                           "signals of the last minute were stale; 0: they were not."},
    [METRIC_SAFE_MODE] = {.name = "safe_mode",
                          .kind = GAUGE,
                          .help = "Whether safe mode keeps the router from publishing."},
    [METRIC_LEADER] = {.name = "leader",
                       .kind = GAUGE,
                       .help = "Whether this router is the one that decides."},
    [METRIC_WINDOW] = {.name = "window_candidates",
                       .kind = GAUGE,
                       .help = "Candidates that wait for a decision now."},
    [METRIC_PAUSED] = {.name = "reading_paused",
                       .kind = GAUGE,
                       .help = "Whether reading pauses because commits or ACKs are refused."},
    [METRIC_LAST_CYCLE] = {.name = "last_cycle_timestamp_seconds",
                           .kind = GAUGE,
                           .help = "When a cycle was last decided, by Redis' clock."},
    [METRIC_LAST_PUBLISH] = {.name = "last_publish_timestamp_seconds",
                             .kind = GAUGE,
                             .help = "When an intent was last published, by Redis' clock."},
};

#define PREFIX "quantum_router_"

static const struct counter_table table = {PREFIX, rows, METRIC_COUNT};

void metrics_list(FILE *out)
{
    counters_list_head(out);
    counters_list(&table, out);
    service_metrics_list(PREFIX, out);
}

/* --- what is counted */

static void set(struct metrics *metrics, enum metric metric, double value)
{
    counters_set(&metrics->counters, metric, 0, value);
}

static void count(struct metrics *metrics, enum metric metric, size_t label, double more)
{
    counters_add(&metrics->counters, metric, label, more);
}

static double value_of(const struct metrics *metrics, enum metric metric)
{
    return counters_value(&metrics->counters, metric, 0);
}

void metrics_init(struct metrics *metrics, const struct router_settings *settings)
{
    const struct keys *keys = &settings->keys;

    *metrics = (struct metrics){.settings = settings};
    counters_init(&metrics->counters, &table);
    service_metrics_init(&metrics->service, PREFIX, keys->signals, keys->group);
    counters_fix_label(&metrics->counters, METRIC_HELD, "stream", keys->signals);
    counters_fix_label(&metrics->counters, METRIC_HELD, "group", keys->group);
    set(metrics, METRIC_LEADER, 0);
    set(metrics, METRIC_PAUSED, 0);
}

void metrics_deinit(struct metrics *metrics)
{
    counters_deinit(&metrics->counters);
    service_metrics_deinit(&metrics->service);
}

static void on_opened(struct metrics *metrics, bool group_recreated)
{
    service_metrics_opened(&metrics->service, group_recreated);
    set(metrics, METRIC_LEADER, 1);
}

static void on_lost(struct metrics *metrics)
{
    static const enum metric seen_in_redis[] = {
        METRIC_CAPACITY_STATE, METRIC_POSITIONS_KNOWN, METRIC_HELD_SYMBOLS, METRIC_OPEN_ORDERS,
        METRIC_SUSPECT,        METRIC_DAILY_LIMIT,     METRIC_ROLLED_BACK,  METRIC_SAFE_MODE};

    service_metrics_lost(&metrics->service);
    set(metrics, METRIC_LEADER, 0);
    set(metrics, METRIC_PAUSED, 0);
    for (size_t i = 0; i < sizeof seen_in_redis / sizeof *seen_in_redis; i++)
        counters_unset(&metrics->counters, seen_in_redis[i]);
}

static void on_tick(struct metrics *metrics, uint64_t late_ms)
{
    counters_observe(&metrics->counters, METRIC_LATENESS, (double)late_ms / 1000.0);
    if (late_ms > ROUTER_LATE_MS_MAX)
        count(metrics, METRIC_UNDECIDED, UNDECIDED_LATE, 1);
}

static void on_committed(struct metrics *metrics, enum commit_outcome outcome, double seconds)
{
    count(metrics, METRIC_COMMITS, outcome, 1);
    if (outcome != COMMIT_UNKNOWN)
        counters_observe(&metrics->counters, METRIC_COMMIT_SECONDS, seconds);
}

static void on_recorded(struct metrics *metrics, enum recorded recorded)
{
    if (recorded <= RECORDED_ALONE)
        count(metrics, METRIC_RECORDS, 0, 1);
    else if (recorded >= RECORD_FORBIDDEN)
        count(metrics, METRIC_RECORDS_SKIPPED, recorded - RECORD_FORBIDDEN, 1);
}

static void on_ended(struct metrics *metrics, enum cycle_end how)
{
    static const enum undecided reason_of[] = {
        [CYCLE_GAVE_UP] = UNDECIDED_MOVED,
        [CYCLE_REFUSED] = UNDECIDED_REFUSED,
        [CYCLE_FENCED] = UNDECIDED_FENCED,
    };

    if (how != CYCLE_DONE)
        count(metrics, METRIC_UNDECIDED, reason_of[how], 1);
}

static void take_capacity(struct metrics *metrics, const struct cycle *cycle)
{
    const struct snapshot *snapshot = &cycle->snapshot;
    enum capacity_state state = cycle->plan.allowance.state;
    bool safe = cycle->plan.safe_mode;

    count(metrics, METRIC_CYCLES, safe ? (size_t)CYCLE_STATE_SAFE_MODE : (size_t)state, 1);
    counters_choose(&metrics->counters, METRIC_CAPACITY_STATE, state);
    set(metrics, METRIC_SAFE_MODE, safe);
    set(metrics, METRIC_SUSPECT, cycle->plan.allowance.suspect);
    set(metrics, METRIC_DAILY_LIMIT, cycle->plan.allowance.daily_limit);
    set(metrics, METRIC_ROLLED_BACK, snapshot->capacity.rolled_back);
    set(metrics, METRIC_HELD, (double)cycle->held_back.count);
    set(metrics, METRIC_OPEN_ORDERS,
        snapshot->capacity.open.kind == OPEN_ORDERS_KNOWN ? (double)snapshot->capacity.open.count
                                                          : NAN);
}

static void take_positions(struct metrics *metrics, const struct holdings *holdings)
{
    bool known = holdings->state == HOLDINGS_KNOWN;

    set(metrics, METRIC_POSITIONS_KNOWN, known);
    set(metrics, METRIC_HELD_SYMBOLS, known ? (double)holdings->symbols : NAN);
}

static void on_decided(struct metrics *metrics, const struct cycle *cycle,
                       const struct tally *tally)
{
    uint64_t published = tally->of[FATE_PUBLISHED];
    double now = (double)cycle->snapshot.now_ms / 1000.0;

    for (size_t fate = 0; fate < FATE_COUNT; fate++)
        count(metrics, METRIC_SIGNALS, fate, (double)tally->of[fate]);
    count(metrics, METRIC_INVALID, RULE_SIZE_ZERO - 1, (double)cycle->plan.tally.of[FATE_INVALID]);
    count(metrics, METRIC_PUBLISHED, 0, (double)published);
    counters_observe(&metrics->counters, METRIC_BATCH, (double)cycle->plan.count);
    take_capacity(metrics, cycle);
    take_positions(metrics, &cycle->snapshot.holdings);
    set(metrics, METRIC_PUBLISHED_SINCE,
        (double)cycle->snapshot.capacity.published_since + (double)published);
    set(metrics, METRIC_LAST_CYCLE, now);
    if (published > 0)
        set(metrics, METRIC_LAST_PUBLISH, now);
}

static void on_judged(struct metrics *metrics, const struct signal_verdict *verdict)
{
    if (verdict->drop == DROP_INVALID)
        count(metrics, METRIC_INVALID, verdict->rule - 1, 1);
}

void metrics_fact(struct metrics *metrics, const struct router_fact *fact)
{
    switch (fact->kind) {
    case FACT_OPENED:
        on_opened(metrics, fact->opened.group_recreated);
        break;
    case FACT_STANDBY:
        service_metrics_connected(&metrics->service);
        break;
    case FACT_LOST:
        on_lost(metrics);
        break;
    case FACT_ADOPTED:
        service_metrics_reload(&metrics->service, true);
        break;
    case FACT_JUDGED:
        on_judged(metrics, fact->judged.verdict);
        break;
    case FACT_TRIMMED:
        service_metrics_trimmed(&metrics->service, fact->trimmed);
        break;
    case FACT_TICK:
        on_tick(metrics, fact->late_ms);
        break;
    case FACT_COMMITTED:
        on_committed(metrics, fact->committed.outcome, fact->committed.seconds);
        break;
    case FACT_RECORDED:
        on_recorded(metrics, fact->recorded);
        break;
    case FACT_DECIDED:
        on_decided(metrics, fact->decided.cycle, fact->decided.tally);
        break;
    case FACT_ENDED:
        on_ended(metrics, fact->ended.how);
        break;
    case FACT_REFUSED:
        set(metrics, METRIC_PAUSED, true);
        break;
    case FACT_ACCEPTED:
        set(metrics, METRIC_PAUSED, false);
        break;
    default:
        break;
    }
}

void metrics_print(struct metrics *metrics, const struct metrics_now *now, struct page *page)
{
    const struct capacity_rules *capacity = &metrics->settings->plan.capacity;

    set(metrics, METRIC_MAX_OPEN, (double)capacity->max_open);
    set(metrics, METRIC_TARGET_OPEN, (double)capacity->target_open);
    set(metrics, METRIC_WINDOW, (double)now->window_candidates);
    set(metrics, METRIC_BEHIND, now->behind_sec);
    counters_print(&metrics->counters, page);
    service_metrics_print(&metrics->service, page);
}

struct metrics_summary metrics_summary(const struct metrics *metrics)
{
    struct metrics_summary summary = {
        .open_orders = value_of(metrics, METRIC_OPEN_ORDERS),
        .published = value_of(metrics, METRIC_PUBLISHED),
        .safe_mode = value_of(metrics, METRIC_SAFE_MODE) > 0,
    };

    for (size_t fate = 0; fate < FATE_COUNT; fate++)
        if (fate != FATE_PUBLISHED)
            summary.dropped += counters_value(&metrics->counters, METRIC_SIGNALS, fate);
    return summary;
}

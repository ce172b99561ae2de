/* SPDX-License-Identifier: MIT */
#include "tests/unit/plan_sample.h"

#include <stdio.h>
#include <string.h>

struct cycle cycle_of(int64_t open, struct window window)
{
    struct cycle cycle = {.rules = plan_rules_usual(), .window = window};

    cycle.snapshot.now_ms = NOW_MS;
    cycle.snapshot.capacity.open = (struct open_orders){OPEN_ORDERS_KNOWN, open};
    memset(cycle.marked, '0', sizeof cycle.marked - 1);
    memset(cycle.cooling, '0', sizeof cycle.cooling - 1);
    memset(cycle.held, HELD_NOT, sizeof cycle.held - 1);
    return cycle;
}

void cycle_decide_with(struct cycle *cycle, char *marked, char *cooling, char *held)
{
    cycle->snapshot.marked = marked;
    cycle->snapshot.cooling = cooling;
    cycle->snapshot.held = held;
    cycle->snapshot.held_values = cycle->held_values;
    cycle->snapshot.super_times = cycle->super_times;
    cycle->snapshot.day_counts = cycle->day_counts;
    cycle->snapshot.minute_counts = cycle->minute_counts;
    plan_make(&cycle->rules, &cycle->snapshot, &cycle->window, &cycle->plan);
}

void cycle_decide(struct cycle *cycle)
{
    cycle_decide_with(cycle, cycle->marked, cycle->cooling, cycle->held);
}

void expect_fates(struct cycle *cycle, const char *wanted)
{
    char text[512] = "";
    size_t length = 0;

    cycle_decide(cycle);
    for (size_t i = 0; i < cycle->plan.count; i++) {
        const struct verdict *verdict = &cycle->plan.verdicts[i];
        length += (size_t)snprintf(text + length, sizeof text - length, "%s%s %s %u",
                                   i > 0 ? ", " : "", cycle->window.candidates[i].signal->symbol,
                                   fate_name(verdict->fate), verdict->rank);
        assert_true(length < sizeof text);
    }
    assert_string_equal(text, wanted);
    assert_int_equal(tally_total(&cycle->plan.tally), cycle->plan.count);
}

void finish(struct cycle *cycle)
{
    plan_release(&cycle->plan);
    assert_null(cycle->plan.verdicts);
    window_clear(&cycle->window);
}

struct signal *fresh(const char *symbol, double confidence, unsigned sequence)
{
    struct signal *signal = signal_of(symbol, confidence, NOW_MS);

    signal->id.sequence = sequence;
    stream_id_print(signal->id, signal->decision_id);
    return signal;
}

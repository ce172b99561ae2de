/* SPDX-License-Identifier: MIT */
/*
 * Random settings, at the ends of their ranges and between: of all that is accepted, marks outlast
 * what they guard, streams hold what may be unread, and nobody claims what is being worked on.
 */
#include <string.h>

#include "executor/settings/executor_settings.h"
#include "router/settings/settings.h"
#include "tests/unit/settings_chance.h"
#include "tests/unit/support.h"

enum { CASES = 4000 };

static struct options options;
static struct complaints complaints;
static size_t accepted;

/* What is accepted says how it will be kept. */
static bool draw_settings(const struct option_table *table, void *settings,
                          void (*check)(struct options *options, struct complaints *complaints))
{
    options_init(&options, table, settings);
    settings_chance(&options, chance_below);
    check(&options, &complaints);
    accepted += complaints.count == 0;
    return complaints.count == 0;
}

static void end(void)
{
    options_release(&options);
    complaints_free(&complaints);
}

/* --- the router */

/* The latest that an entry may say of itself, published at once and asked for again when its mark
 * is gone. */
static void expect_signals_marked(const struct router_settings *settings)
{
    int64_t latest = NOW_MS + settings->signal.future_max_ms;
    int64_t mark_ends_ms = NOW_MS + settings->dedup_ttl_sec * 1000;
    int64_t waits_ms = 2 * (int64_t)settings->window_ms;

    assert_true(signal_is_stale(latest, mark_ends_ms - waits_ms, settings->signal.max_age_ms));
}

static void expect_router_sound(const struct router_settings *settings)
{
    const struct capacity_rules *capacity = &settings->plan.capacity;

    expect_signals_marked(settings);
    assert_true(settings->intent_maxlen >= 10 * capacity->max_new_per_cycle + capacity->max_open);
    assert_true(settings->claim_idle_ms >
                (int64_t)settings->window_ms + settings->commit_timeout_ms);
    assert_true(3 * settings->lease_renew_ms <= settings->lease_ms);
    assert_true(capacity->suspect_after > 0);
    assert_true(settings->window_ms >= 50 && settings->window.candidates_max <= 16000);
    assert_true(settings->redis.backoff_min_ms <= settings->redis.backoff_max_ms);
}

static void an_accepted_router_keeps_what_it_promises(void **state)
{
    (void)state;
    chance_begin();
    accepted = 0;
    for (int i = 0; i < CASES; i++) {
        struct router_settings settings = {0};
        if (draw_settings(&router_options, &settings, router_settings_check))
            expect_router_sound(&settings);
        router_settings_release(&settings);
        end();
    }
    assert_in_range(accepted, CASES / 10, CASES - 1);
}

/* --- the executor */

/* As above, whatever it does. */
static void expect_orders_marked(const struct executor_settings *settings, bool closes)
{
    struct order order = {.closes = closes,
                          .timestamp_ms = NOW_MS + settings->guards.future_max_ms};
    int64_t mark_ends_ms = NOW_MS + executor_mark_sec(settings, &order) * 1000;

    assert_int_equal(guards_ask_age(&settings->guards, &order, NOW_MS, 0).verdict, GUARD_PASS);
    assert_int_equal(guards_ask_age(&settings->guards, &order, mark_ends_ms, 0).outcome,
                     OUTCOME_STALE);
}

static void expect_executor_sound(const struct executor_settings *settings)
{
    expect_orders_marked(settings, false);
    expect_orders_marked(settings, true);
    if (settings->venue.kind == VENUE_STREAM)
        assert_true(settings->orders_maxlen >= 2 * settings->guards.max_open);
    assert_true(settings->redis.backoff_min_ms <= settings->redis.backoff_max_ms);
}

static void arm_stream(void)
{
    assert_int_equal(options_read_flag(&options, "venue.kind", "stream", &complaints), 0);
    assert_int_equal(options_read_flag(&options, "venue.armed", "quantum:", &complaints), 0);
}

static void an_accepted_executor_keeps_what_it_promises(void **state)
{
    (void)state;
    chance_begin();
    accepted = 0;
    for (int i = 0; i < CASES; i++) {
        struct executor_settings settings = {0};
        options_init(&options, &executor_options, &settings);
        if (chance_one_in(2))
            arm_stream();
        settings_chance(&options, chance_below);
        executor_settings_check(&options, &complaints);
        accepted += complaints.count == 0;
        if (complaints.count == 0)
            expect_executor_sound(&settings);
        executor_settings_release(&settings);
        end();
    }
    assert_in_range(accepted, CASES / 10, CASES - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_accepted_router_keeps_what_it_promises),
        cmocka_unit_test(an_accepted_executor_keeps_what_it_promises),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("property_settings", tests, NULL, NULL);
}

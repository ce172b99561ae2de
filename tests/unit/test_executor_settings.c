/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "executor/settings/executor_settings.h"
#include "tests/unit/settings_rig.h"

static struct executor_settings settings;

static int begin(void **state)
{
    (void)state;
    settings = (struct executor_settings){0};
    settings_rig_begin(&executor_options, &settings, executor_settings_check);
    return 0;
}

static int end(void **state)
{
    (void)state;
    executor_settings_release(&settings);
    settings_rig_end();
    return 0;
}

static void expect_complaint(const char *expected)
{
    settings_rig_refuse(1, expected);
    end(NULL);
    begin(NULL);
}

static void has_the_defaults_of_the_contract(void **state)
{
    (void)state;
    settings_rig_check();
    assert_int_equal(settings.processed_ttl_sec, 3600);
    assert_int_equal(settings.guards.max_age_ms, 600000);
    assert_int_equal(settings.guards.max_open, 10);
    assert_int_equal(settings.orders_maxlen, 10000);
    assert_int_equal(settings.venue.kind, VENUE_SAFE_DRAIN);
}

/* An intent may be ahead of the clock when it is executed, and is fresh for longer by so much. */
static void a_mark_outlasts_every_intent(void **state)
{
    (void)state;
#define GUARDED "guards.intent_max_age_sec, guards.future_max_sec and a minute"
    settings_rig_set("guards.processed_ttl_sec", "691");
    settings_rig_check();
    settings_rig_set("guards.processed_ttl_sec", "690");
    expect_complaint("here: guards.processed_ttl_sec must be more than 690: " GUARDED);
    settings_rig_set("guards.processed_ttl_sec", "3600");
    settings_rig_set("guards.future_max_sec", "1000000");
    expect_complaint("here: guards.processed_ttl_sec must be more than 1000660: " GUARDED);
    settings_rig_set("guards.future_max_sec", "1000000");
    settings_rig_check();
    assert_int_equal(settings.processed_ttl_sec, 1000661);
}

static void an_exit_is_marked_as_long_as_it_lives(void **state)
{
    const struct order opens = {.closes = false}, closes = {.closes = true};

    (void)state;
    settings_rig_check();
    assert_int_equal(executor_mark_sec(&settings, &opens), 3600);
    assert_int_equal(executor_mark_sec(&settings, &closes), 3690);
    settings_rig_set("guards.exit_max_age_sec", "60");
    settings_rig_check();
    assert_int_equal(executor_mark_sec(&settings, &closes), 3600);
}

static void orders_that_nobody_has_read_are_not_trimmed(void **state)
{
    (void)state;
    settings_rig_set("venue.safe_drain", "false");
    settings_rig_set("venue.kind", "stream");
    settings_rig_set("venue.armed", "quantum:");
    settings_rig_set("capacity.max_open", "1000000");
    settings_rig_check();
    assert_int_equal(settings.orders_maxlen, 2000000);
    settings_rig_set("capacity.max_open", "51");
    settings_rig_set("orders.maxlen", "102");
    settings_rig_check();
    settings_rig_set("orders.maxlen", "101");
    expect_complaint("here: orders.maxlen must be at least 102: twice capacity.max_open");
    settings_rig_set("capacity.max_open", "51");
    settings_rig_set("orders.maxlen", "100");
    settings_rig_check();
}

static void expect_warning(const char *expected)
{
    struct complaints warnings = {0};

    settings_rig_check();
    executor_settings_warn(&settings, &warnings);
    assert_int_equal(warnings.count, expected ? 1 : 0);
    if (expected)
        assert_string_equal(warnings.lines[0], expected);
    complaints_free(&warnings);
}

static void warns_of_what_hardly_works(void **state)
{
    (void)state;
    expect_warning(NULL);
    settings_rig_set("sizing.max_position_usd", "4");
    expect_warning("guards.min_position_usd = 5 is above sizing.max_position_usd = 4: no opening "
                   "passes both; lower the first or raise the second");
    settings_rig_set("sizing.max_position_usd", "5");
    settings_rig_set("guards.resume_max_age_sec", "601");
    expect_warning("guards.resume_max_age_sec = 601 is above guards.intent_max_age_sec = 600: the "
                   "latter decides");
    settings_rig_set("guards.resume_max_age_sec", "600");
    settings_rig_set("breaker.pause_sec", "600");
    expect_warning("breaker.pause_sec = 600 is not below guards.intent_max_age_sec = 600: what "
                   "waits for the breaker is stale when it closes; choose less");
    settings_rig_set("breaker.pause_sec", "599");
    settings_rig_set("strays.dead_consumer_sec", "4.5");
    expect_warning("strays.dead_consumer_sec = 4.5: executors that live are idle for as long, and "
                   "lose their names in the group; choose 5 or more");
}

static void warns_of_paper_where_it_fills(void **state)
{
    (void)state;
    settings_rig_set("paper.latency_ms", "10000");
    expect_warning(NULL);
    settings_rig_set("venue.safe_drain", "false");
    expect_warning("paper.latency_ms = 10000 is not below strays.claim_idle_ms = 10000: executors "
                   "claim from each other what they execute; raise the latter");
    settings_rig_set("paper.latency_ms", "9999");
    settings_rig_set("paper.hold_sec", "0.25");
    expect_warning("paper.hold_sec = 0.25 is below paper.poll_ms = 500: positions are held until "
                   "they are looked at; lower the latter");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(has_the_defaults_of_the_contract),
        TEST(a_mark_outlasts_every_intent),
        TEST(an_exit_is_marked_as_long_as_it_lives),
        TEST(orders_that_nobody_has_read_are_not_trimmed),
        TEST(warns_of_what_hardly_works),
        TEST(warns_of_paper_where_it_fills),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

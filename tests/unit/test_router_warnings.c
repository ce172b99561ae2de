/* SPDX-License-Identifier: MIT */
/* What is allowed, but odd enough to be said at start. */
#include <string.h>

#include "tests/unit/router_sample.h"

static void expect_warning(const char *expected)
{
    struct complaints warnings = {0};

    settings_rig_check();
    router_settings_warn(&settings, &warnings);
    assert_int_equal(warnings.count, expected ? 1 : 0);
    if (expected)
        assert_string_equal(warnings.lines[0], expected);
    complaints_free(&warnings);
}

static void warns_of_what_is_odd(void **state)
{
    (void)state;
    expect_warning(NULL);
    settings_rig_set("capacity.target_open", "10");
    expect_warning(NULL);
    settings_rig_set("capacity.target_open", "11");
    expect_warning("capacity.target_open = 11 is above capacity.max_open = 10: the cap decides");
    settings_rig_set("capacity.target_open", "3");
    settings_rig_set("capacity.super_confidence", "0.75");
    expect_warning(NULL);
    settings_rig_set("capacity.super_confidence", "0.5");
    expect_warning("capacity.super_confidence = 0.5 is below window.min_confidence = 0.75: every "
                   "candidate may pass the target");
}

/* Each is accepted, and works for somebody; most have mistyped a number. */
static void warns_of_what_hardly_works(void **state)
{
    (void)state;
    settings_rig_set("window.seconds", "30");
    expect_warning(NULL);
    settings_rig_set("window.seconds", "30.5");
    expect_warning("window.signal_max_age_sec = 30 is below window.seconds = 30.5: what comes "
                   "early in a window is stale at its end; choose more than the window");
    settings_rig_set("window.seconds", "3");
    settings_rig_set("capacity.inflight_max_age_sec", "2");
    expect_warning("capacity.inflight_max_age_sec = 2 is below window.seconds = 3: what one cycle "
                   "published counts no more in the next; choose 3 or more");
    settings_rig_set("capacity.inflight_max_age_sec", "3");
    settings_rig_set("window.max_candidates", "1");
    expect_warning("window.max_candidates = 1 is below capacity.max_new_per_cycle = 2: no cycle "
                   "publishes more than its window holds");
    settings_rig_set("window.max_candidates", "2");
    settings_rig_set("lease.ttl_ms", "30000");
    expect_warning("lease.ttl_ms = 30000 is not below window.signal_max_age_sec = 30: what a dead "
                   "router leaves is stale before another takes over");
}

static void warns_of_sizes_that_come_to_nothing(void **state)
{
    (void)state;
    settings_rig_set("sizing.max_position_usd", "0.01");
    expect_warning(NULL);
    settings_rig_set("sizing.rank_2_factor", "0.4");
    expect_warning("sizing.rank_2_factor = 0.4 of sizing.max_position_usd = 0.01 comes to 0.00: "
                   "nobody of this rank is published, nor behind it; raise either");
}

static void warns_of_deadlines_that_are_too_short(void **state)
{
    (void)state;
    settings_rig_set("redis.commit_timeout_ms", "60");
    expect_warning(NULL);
    settings_rig_set("redis.commit_timeout_ms", "59");
    expect_warning("redis.commit_timeout_ms = 59 is short for a window of window.max_candidates = "
                   "4000, and a late answer costs the connection; choose 60 or more");
    settings_rig_set("window.max_candidates", "100");
    settings_rig_set("redis.reply_timeout_ms", "20");
    expect_warning("redis.reply_timeout_ms = 20 is short for a window of window.max_candidates = "
                   "100, and a late answer costs the connection; choose 21 or more");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(warns_of_what_is_odd),
        TEST(warns_of_what_hardly_works),
        TEST(warns_of_sizes_that_come_to_nothing),
        TEST(warns_of_deadlines_that_are_too_short),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

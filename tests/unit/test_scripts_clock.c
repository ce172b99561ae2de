/* SPDX-License-Identifier: MIT */
/* What a commit makes of a clock that was set between the look and its arrival, and of days. */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/calendar.h"
#include "tests/unit/world_sample.h"

/* What moved; "": it was done. */
static void expect(const char *what)
{
    char *ids;
    struct commit_answer answer = world_commit(&ids);

    assert_string_equal(answer.what, what);
    assert_int_equal(answer.outcome, *what ? COMMIT_MOVED : COMMIT_DONE);
    free(ids);
}

/* Redis' clock was set after the decision: back, so that what was stale is not, or on, so that what
 * was fresh is not. */
static void an_age_that_holds_no_more(void **state)
{
    int64_t now_ms;

    (void)state;
    world_decide();
    now_ms = world.seen.now_ms;
    world.settings.plan.max_age_ms = now_ms - 60000 - NOW_MS;
    expect("the clock");
    world.settings.plan.max_age_ms += 120000;
    world.plan.verdicts[1].fate = FATE_STALE;
    expect("the clock");
    world.settings.plan.max_age_ms = 1000;
    world.plan.chosen = 0;
    expect("");
}

static void the_days_are_noted(void **state)
{
    char day[CALENDAR_DAY_MAX], noted[64];

    (void)state;
    EXPECT("1", "HSET commit days %s", "20200101:7");
    world_decide();
    expect("");
    calendar_day(world.seen.now_ms, day);
    (void)snprintf(noted, sizeof noted, "%s:2 20200101:7", day);
    EXPECT(noted, "HGET commit days");
}

#define TEST(name) cmocka_unit_test_setup(name, world_renew)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_age_that_holds_no_more),
        TEST(the_days_are_noted),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("scripts_clock", tests, world_set_up, world_tear_down);
}

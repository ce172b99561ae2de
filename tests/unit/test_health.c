/* SPDX-License-Identifier: MIT */
/* The verdicts alone; that systemd and HTTP get to hear them is told in tests/system. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/redis/clock.h"
#include "router/tell/vitals.h"

static struct router_settings settings;
static uv_loop_t loop;
static struct health health;

static int set_up(void **state)
{
    static char host[] = "127.0.0.1";

    (void)state;
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    settings = (struct router_settings){
        .redis = {.connect_timeout_ms = 200,
                  .reply_timeout_ms = 500,
                  .backoff_min_ms = 50,
                  .backoff_max_ms = 200,
                  .address = {.host = host, .port = 6379}},
        .commit_timeout_ms = 800,
        .window_ms = 3000,
    };
    assert_int_equal(uv_loop_init(&loop), 0);
    health_start(&health, &loop, &vitals_health_rules, &settings.redis, &settings);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    health_stop(&health);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    health_deinit(&health);
    return 0;
}

static void expect_ready(unsigned status, const char *text)
{
    struct page page = {0};

    assert_int_equal(health_answer_ready(&health, &page), status);
    assert_string_equal(page.bytes, text);
    page_free(&page);
}

static bool is_well(void)
{
    return health.watchdog.is_well(health.watchdog.owner);
}

static void become_running(void)
{
    health_opened(&health);
    health_running(&health);
}

static void test_readiness(void **state)
{
    (void)state;
    expect_ready(503, "Redis does not answer yet\n");
    health_lost(&health, "Connection refused");
    expect_ready(503, "Redis does not answer: Connection refused\n");
    health_opened(&health);
    expect_ready(503, "reading what is pending\n");
    health_running(&health);
    expect_ready(200, "role=leader\n");
    health_refused(&health, "OOM command not allowed");
    expect_ready(503, "commits fail: OOM command not allowed\n");
    health_accepted(&health);
    expect_ready(200, "role=leader\n");
}

static void test_reasons(void **state)
{
    (void)state;
    health_lost(&health, "NOGROUP No such key");
    expect_ready(503, "the group is gone: NOGROUP No such key\n");
    health_lost(&health, "NOPERM this user\r\nhas no");
    expect_ready(503, "Redis refuses: NOPERM this user\\x0d\\x0ahas no\n");
    health_lost(&health, "it does not answer");
    expect_ready(503, "Redis does not answer: it does not answer\n");
}

static void test_a_loss_forgets_the_refusal(void **state)
{
    (void)state;
    become_running();
    health_refused(&health, "OOM");
    health_lost(&health, "reset");
    become_running();
    expect_ready(200, "role=leader\n");
}

/* Longer than the deadlines of that state add up to. */
static void test_a_state_that_does_not_get_on_is_not_well(void **state)
{
    (void)state;
    assert_true(is_well());
    health.moved_at_ms = monotonic_ms() - 7000;
    assert_true(is_well());
    health.moved_at_ms = monotonic_ms() - 8000; /* 200 + 2 * 200 + 4 * 500 and the slack */
    assert_false(is_well());
    health_lost(&health, "tried again");
    assert_true(is_well());

    health_opened(&health);
    health.moved_at_ms = monotonic_ms() - 7000; /* 2 * 500 and the slack */
    assert_false(is_well());
    health_moved(&health);
    assert_true(is_well());
}

static void test_running_needs_cycles_and_answers(void **state)
{
    (void)state;
    become_running();
    assert_true(is_well());
    health.moved_at_ms = monotonic_ms() - 13000; /* 3000 + 3 * 1300 and the slack */
    assert_false(is_well());
    health_moved(&health);
    health.answered_at_ms = monotonic_ms() - 15000; /* 5000 + 3 * 1300 and the slack */
    assert_false(is_well());
    health_answered(&health);
    assert_true(is_well());
}

static void test_standby_is_ready(void **state)
{
    (void)state;
    settings.lease_renew_ms = 1000;
    health_standby(&health, "other:1");
    expect_ready(200, "role=standby\n");
    health_standby(&health, "other:2");
    expect_ready(200, "role=standby\n");
    assert_true(is_well());
    health.moved_at_ms = monotonic_ms() - 6000;
    assert_true(is_well());
    health.moved_at_ms = monotonic_ms() - 7000; /* 1000 + 500 and the slack */
    assert_false(is_well());
    become_running();
    expect_ready(200, "role=leader\n");
    health_lost(&health, "another holds it");
    health_standby(&health, "other:3");
    health_lost(&health, "reset");
    expect_ready(503, "Redis does not answer: reset\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_readiness, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_reasons, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_loss_forgets_the_refusal, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_state_that_does_not_get_on_is_not_well, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_running_needs_cycles_and_answers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_standby_is_ready, set_up, tear_down),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/service/process_metrics.h"

static struct process_metrics metrics;
static struct page page;

static int set_up(void **state)
{
    (void)state;
    process_metrics_init(&metrics);
    process_metrics_print(&metrics, &page);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    process_metrics_deinit(&metrics);
    page_free(&page);
    return 0;
}

static double printed(const char *name)
{
    char start[128];

    (void)snprintf(start, sizeof start, "\n%s ", name);
    const char *line = strstr(page.bytes, start);
    if (!line)
        fail_msg("no %s in:\n%s", name, page.bytes);
    return strtod(line + strlen(start), NULL);
}

static void test_all_are_there(void **state)
{
    (void)state;
    assert_true(printed("process_cpu_seconds_total") > 0);
    assert_true(printed("process_open_fds") >= 3);
    assert_true(printed("process_max_fds") >= printed("process_open_fds"));
    assert_true(printed("process_virtual_memory_bytes") >=
                printed("process_resident_memory_bytes"));
    assert_true(printed("process_resident_memory_bytes") > 100000);
    assert_true(printed("process_threads") >= 1);
}

static void test_open_files_are_counted_exactly(void **state)
{
    (void)state;
    double before = printed("process_open_fds");
    int file = dup(STDIN_FILENO);
    page_free(&page);
    process_metrics_print(&metrics, &page);
    assert_true(printed("process_open_fds") == before + 1);
    close(file);
}

static void test_start_is_a_moment_ago_and_stays(void **state)
{
    (void)state;
    double start = printed("process_start_time_seconds");
    double now = (double)time(NULL);
    assert_true(start <= now + 1 && start > now - 300);
    page_free(&page);
    process_metrics_print(&metrics, &page);
    assert_true(printed("process_start_time_seconds") == start);
}

/* The name of a process stands among the numbers of its stat file. */
static void test_name_that_looks_like_numbers(void **state)
{
    (void)state;
    double threads = printed("process_threads");
    assert_int_equal(prctl(PR_SET_NAME, "a) 1 2 (3 4"), 0);
    page_free(&page);
    process_metrics_print(&metrics, &page);
    assert_true(printed("process_threads") == threads);
    assert_true(printed("process_resident_memory_bytes") > 100000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_all_are_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_open_files_are_counted_exactly, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_start_is_a_moment_ago_and_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_name_that_looks_like_numbers, set_up, tear_down),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

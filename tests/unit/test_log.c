/* SPDX-License-Identifier: MIT */
/* What a line looks like, and which lines there are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/log/log.h"
#include "tests/unit/stderr_trap.h"

static void writes_one_line(void **state)
{
    (void)state;
    struct log_line line;
    log_open(&line, LEVEL_INFO, "🟢", "CAPACITY_OK");
    log_pair_int(&line, "open", 1);
    log_pair(&line, "score", "%.3f", 0.97);
    log_text(&line, " (%s)", "note");
    log_send(&line);
    expect_line("[INFO] 🟢 CAPACITY_OK open=1 score=0.970 (note)\n");
}

static void leaves_pictures_out(void **state)
{
    (void)state;
    log_set(LEVEL_INFO, false);
    log_event(LEVEL_ERROR, "🔴", "REDIS_LOST", "retry_ms=%d", 800);
    expect_line("[ERROR] REDIS_LOST retry_ms=800\n");
    log_event(LEVEL_WARN, NULL, "ALONE", "%s", "");
    expect_line("[WARNING] ALONE\n");
}

static void obeys_the_level(void **state)
{
    (void)state;
    assert_true(log_enabled(LEVEL_INFO));
    assert_false(log_enabled(LEVEL_DEBUG));
    struct log_line line;
    log_open(&line, LEVEL_DEBUG, NULL, "FATE");
    log_text(&line, "x");
    log_pair(&line, "a", "b");
    log_pair_int(&line, "c", 1);
    log_field(&line, "d", "e");
    log_foreign(&line, "f", 1, 1);
    log_pair_foreign(&line, "g", "h", 1, 1);
    log_send(&line);
    log_event(LEVEL_DEBUG, NULL, "FATE", "x");
    assert_string_equal(take_output(), "");
    log_set(LEVEL_DEBUG, true);
    log_event(LEVEL_DEBUG, NULL, "FATE", "x");
    expect_line("[DEBUG] FATE x\n");
}

static void escapes_foreign_text(void **state)
{
    (void)state;
    struct log_line line;
    log_open(&line, LEVEL_INFO, NULL, "SEEN");
    log_text(&line, " '");
    log_foreign(&line, "a\n<0>fake", 9, 64);
    log_text(&line, "'\n");
    log_pair_foreign(&line, "symbol", "BTC\x1b[31mUSDT", 12, 6);
    log_send(&line);
    expect_line("[INFO] SEEN 'a\\x0a<0>fake'? symbol=BTC\\x1b[3…\n");
}

static void cuts_a_long_line(void **state)
{
    (void)state;
    struct log_line line;
    log_open(&line, LEVEL_INFO, NULL, "LONG");
    for (int i = 0; i < 1000; i++)
        log_text(&line, "ż");
    log_text(&line, "%01000d", 0);
    size_t length = strlen(line.text);
    assert_true(line.cut);
    assert_true(length < LOG_LINE_MAX);
    assert_string_equal(line.text + length - strlen("…"), "…");
    log_text(&line, "more");
    assert_int_equal(strlen(line.text), length);
    log_send(&line);
    const char *output = take_output();
    assert_int_equal(output[strlen(output) - 1], '\n');
}

static void cuts_at_a_character(void **state)
{
    (void)state;
    for (int shift = 0; shift < 4; shift++) {
        struct log_line line;
        log_open(&line, LEVEL_INFO, NULL, "L");
        log_text(&line, "%.*s", shift, "abc");
        for (int i = 0; i < 600; i++)
            log_text(&line, "🚀");
        const char *last = line.text + line.length - strlen("…") - strlen("🚀");
        assert_string_equal(last, "🚀…");
    }
}

static void cuts_one_huge_piece(void **state)
{
    (void)state;
    struct log_line line;
    log_open(&line, LEVEL_INFO, NULL, "");
    log_text(&line, "%05000d", 1);
    assert_true(line.cut);
    assert_string_equal(line.text + line.length - strlen("0…"), "0…");
    log_open(&line, LEVEL_INFO, NULL, "E");
    log_pair(&line, "huge", "%05000d", 1);
    line.fields[line.fields_length] = '\0';
    assert_string_equal(line.fields, "QUANTUM_EVENT=E\n");
}

static void leaves_out_fields_that_do_not_fit(void **state)
{
    (void)state;
    struct log_line line;
    log_open(&line, LEVEL_INFO, NULL, "STATE:");
    log_field(&line, "big", "%01980d", 0);
    size_t length = line.fields_length;
    log_field(&line, "other", "%0100d", 0);
    assert_int_equal(line.fields_length, length);
    log_field(&line, "a.b", "x");
    line.fields[line.fields_length] = '\0';
    assert_string_equal(line.fields + length, "QUANTUM_A_B=x\n");
    assert_memory_equal(line.fields, "QUANTUM_EVENT=STATE\n", 20);
}

static void limits_repeated_lines(void **state)
{
    (void)state;
    struct log_limit limit = {0};
    uint64_t suppressed = 99;
    assert_true(log_limit_pass(&limit, 100000, 2, 30000, &suppressed));
    assert_int_equal(suppressed, 0);
    assert_true(log_limit_pass(&limit, 100001, 2, 30000, &suppressed));
    suppressed = 99;
    assert_false(log_limit_pass(&limit, 100002, 2, 30000, &suppressed));
    assert_false(log_limit_pass(&limit, 129999, 2, 30000, &suppressed));
    assert_int_equal(suppressed, 99);
    assert_true(log_limit_pass(&limit, 130000, 2, 30000, &suppressed));
    assert_int_equal(suppressed, 2);
    assert_true(log_limit_pass(&limit, 130001, 2, 30000, &suppressed));
    assert_int_equal(suppressed, 0);
    assert_false(log_limit_pass(&limit, 130002, 2, 30000, &suppressed));
}

/* The line that tells it has its place in the next window. */
static void what_was_suppressed_is_taken_when_the_window_is_over(void **state)
{
    (void)state;
    struct log_limit limit = {0};
    uint64_t suppressed;
    assert_int_equal(log_limit_take(&limit, 100000, 30000), 0);
    assert_true(log_limit_pass(&limit, 100000, 1, 30000, &suppressed));
    assert_int_equal(log_limit_take(&limit, 130000, 30000), 0);
    assert_false(log_limit_pass(&limit, 100001, 1, 30000, &suppressed));
    assert_false(log_limit_pass(&limit, 100002, 1, 30000, &suppressed));
    assert_int_equal(log_limit_take(&limit, 129999, 30000), 0);
    assert_int_equal(log_limit_take(&limit, 130000, 30000), 2);
    assert_int_equal(log_limit_take(&limit, 170000, 30000), 0);
    assert_false(log_limit_pass(&limit, 159999, 1, 30000, &suppressed));
    assert_int_equal(log_limit_take(&limit, 159999, 0), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, catch_stderr, release_stderr)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(writes_one_line),
        TEST(leaves_pictures_out),
        TEST(obeys_the_level),
        TEST(escapes_foreign_text),
        TEST(cuts_a_long_line),
        TEST(cuts_at_a_character),
        TEST(cuts_one_huge_piece),
        TEST(leaves_out_fields_that_do_not_fit),
        cmocka_unit_test(limits_repeated_lines),
        cmocka_unit_test(what_was_suppressed_is_taken_when_the_window_is_over),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

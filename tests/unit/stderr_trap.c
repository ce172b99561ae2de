/* SPDX-License-Identifier: MIT */
#include "tests/unit/stderr_trap.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/log/log.h"

#define STAMP_LENGTH (sizeof("2026-01-19 12:00:03 ") - 1)

/* stderr is a pipe while a test runs. */
static int saved_stderr;
static int pipe_end;
static char taken[65536];

/* Everything that was written so far. */
const char *take_output(void)
{
    ssize_t length = read(pipe_end, taken, sizeof(taken) - 1);
    taken[length > 0 ? length : 0] = '\0';
    return taken;
}

int catch_stderr(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    pipe_end = ends[0];
    saved_stderr = dup(STDERR_FILENO);
    assert_true(saved_stderr >= 0);
    assert_int_equal(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
    close(ends[1]);
    unsetenv("JOURNAL_STREAM");
    unsetenv("QUANTUM_JOURNAL_SOCKET");
    log_init("test");
    log_set(LEVEL_INFO, true);
    log_event(LEVEL_INFO, NULL, "BEGIN", "after reporting what the test before has lost");
    take_output();
    return 0;
}

int release_stderr(void **state)
{
    (void)state;
    assert_int_equal(dup2(saved_stderr, STDERR_FILENO), STDERR_FILENO);
    close(saved_stderr);
    close(pipe_end);
    return 0;
}

void expect_line(const char *expected)
{
    const char *line = take_output();
    static const char shape[] = "dddd-dd-dd dd:dd:dd ";
    assert_true(strlen(line) > STAMP_LENGTH);
    for (size_t i = 0; i < STAMP_LENGTH; i++) {
        bool is_digit = line[i] >= '0' && line[i] <= '9';
        assert_true(shape[i] == 'd' ? is_digit : line[i] == shape[i]);
    }
    assert_string_equal(line + STAMP_LENGTH, expected);
}

void reopen_stderr(void)
{
    assert_int_equal(dup2(saved_stderr, STDERR_FILENO), STDERR_FILENO);
}

void stop_reading(void)
{
    close(pipe_end);
    pipe_end = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* SPDX-License-Identifier: MIT */
/*
 * What a test makes the program write to stderr, caught in a pipe. One trap at a time: the pair of
 * functions is setup and teardown of a cmocka test, the rest is for in between.
 */
#pragma once

int catch_stderr(void **state);
int release_stderr(void **state);

/* Everything that was written since the last call; lives until the next one. */
const char *take_output(void);

/* Takes the output, which is this line behind a time stamp. */
void expect_line(const char *expected);

/* The true stderr, back in its place before the test's end. */
void reopen_stderr(void);

/* Nobody reads what is written from here on. */
void stop_reading(void);

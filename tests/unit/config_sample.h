/* SPDX-License-Identifier: MIT */
/*
 * A small table of options and a configuration file in a temporary folder, for the tests that read
 * such files. All of it is global, because a test program is small: make_folder() and
 * remove_folder() frame the program, begin() and end() each test.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/options/options.h"

struct settings {
    int64_t max_open;
    double confidence;
    bool emoji;
    int level;
    char *url;
    struct names symbols;
    int64_t wide;
};

extern char folder[];
extern char path[64]; /* of the file */
extern struct settings settings;
extern struct options options;
extern struct complaints complaints;

int make_folder(void **state);
int remove_folder(void **state);
int begin(void **state);
int end(void **state);

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

/* Reads a file of these bytes on top of what was read before. */
void read_bytes(const char *bytes, size_t length);

/* The file's values alone: nothing of what an earlier file said stays. */
void read_file(const char *text);

/* The complaint at `index`, without the path in front of it. */
const char *complaint(size_t index);

/* The file has one fault, this one; or none. */
void expect_refused(const char *text, const char *expected);
void expect_taken(const char *text);

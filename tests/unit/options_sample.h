/* SPDX-License-Identifier: MIT */
/*
 * A table of options of every type, and its values, for the tests of the options. All of it is
 * global, because a test program is small: begin() and end() are setup and teardown of a cmocka
 * test and leave it fresh.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/options/options.h"

struct capacity {
    int64_t max_open;
    double super_confidence;
};

struct settings {
    bool emoji;
    int level;
    char *url;
    char *listen;
    char *token;
    struct names symbols;
    struct capacity capacity;
    int64_t anything;
    double positive;
};

extern const struct option_table table;
extern struct settings settings;
extern struct options options;
extern struct complaints complaints;

int begin(void **state);
int end(void **state);

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

/* Gives a flag of a key that the table has. */
void flag(const char *key, const char *text);

/* There is one complaint, this one. */
void expect_complaint(const char *expected);
void expect_refused(const char *key, const char *text, const char *expected);

/* What the value of the key is printed as. */
void expect_text(const char *key, const char *expected);

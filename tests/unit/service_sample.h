/* SPDX-License-Identifier: MIT */
/*
 * A small service with a file, an environment and flags of its own, for the tests of what a service
 * reads at its start and again. All of it is global, because a test program is small.
 *
 * make_folder() and remove_folder() frame the group of tests, begin() and end() each test.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/options/program.h"

struct sample {
    char *token;
    char *name; /* unset: "sample-" and the token's length */
    int64_t max_open;
    int64_t target;
    double factor;
    int64_t ttl; /* more than max_open; unset, it grows */
    struct names carry;
};

extern const struct option_table table;
extern const struct program program;
extern struct sample settings;
extern struct options options;
extern char config_path[64]; /* the usual file */
extern char env_path[64];
extern char output[16384]; /* of the last start() */
extern char errors[16384];

int make_folder(void **state);
int remove_folder(void **state);
int begin(void **state);
int end(void **state);

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

/* Starts the service with up to three words, the last of them NULL. */
int start(const char *first, const char *second, const char *third);

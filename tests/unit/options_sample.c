/* SPDX-License-Identifier: MIT */
#include "tests/unit/options_sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const levels[] = {"error", "warn", "info", NULL};

static const struct option_row own_rows[] = {
    {.key = "log.emoji",
     .type = OPTION_BOOL,
     .offset = offsetof(struct settings, emoji),
     .fallback = "true",
     .help = "pictures"},
    {.key = "log.level",
     .type = OPTION_CHOICE,
     .offset = offsetof(struct settings, level),
     .choices = levels,
     .fallback = "info",
     .help = "what to log"},
    {.key = "redis.url",
     .env = "REDIS_URL",
     .type = OPTION_TEXT,
     .secret = true,
     .max = 64,
     .offset = offsetof(struct settings, url),
     .fallback = "redis://127.0.0.1:6379/0",
     .help = "where Redis is"},
    {.key = "metrics.listen",
     .env = "  TEST_METRICS_LISTEN   METRICS_LISTEN ",
     .type = OPTION_TEXT,
     .offset = offsetof(struct settings, listen),
     .fallback = "127.0.0.1:1",
     .empty_counts = true,
     .help = "metrics"},
    {.key = "redis.token",
     .env = "TEST_TOKEN",
     .type = OPTION_TEXT,
     .secret = true,
     .max = 8,
     .offset = offsetof(struct settings, token),
     .fallback = "",
     .help = "a secret"},
    {.key = "router.symbols",
     .env = "TEST_SYMBOLS",
     .type = OPTION_NAMES,
     .offset = offsetof(struct settings, symbols),
     .max = 3,
     .fallback = "",
     .help = "a list"},
    {.key = "router.anything",
     .type = OPTION_INT,
     .min = -INFINITY,
     .max = INFINITY,
     .offset = offsetof(struct settings, anything),
     .fallback = "-1",
     .help = "any"},
    {.key = "router.positive",
     .type = OPTION_REAL,
     .min = 0.5,
     .max = INFINITY,
     .offset = offsetof(struct settings, positive),
     .fallback = "0.5",
     .help = "positive"},
};

static const struct option_row capacity_rows[] = {
    {.key = "capacity.max_open",
     .env = "TEST_MAX_OPEN MAX_OPEN_ORDERS",
     .type = OPTION_INT,
     .offset = offsetof(struct capacity, max_open),
     .min = 1,
     .max = 1000000,
     .fallback = "10",
     .help = "hard cap"},
    {.key = "capacity.super_confidence",
     .env = "SUPER_CONFIDENCE",
     .type = OPTION_REAL,
     .offset = offsetof(struct capacity, super_confidence),
     .min = 0,
     .max = 1,
     .fallback = "0.90",
     .help = "bypass"},
};

static const struct option_group groups[] = {
    {own_rows, sizeof(own_rows) / sizeof(own_rows[0]), 0},
    {capacity_rows, sizeof(capacity_rows) / sizeof(capacity_rows[0]),
     offsetof(struct settings, capacity)},
};

const struct option_table table = {groups, 2};

struct settings settings;
struct options options;
struct complaints complaints;

int begin(void **state)
{
    (void)state;
    static const char *const variables[] = {
        "REDIS_URL",    "TEST_METRICS_LISTEN", "METRICS_LISTEN",  "TEST_TOKEN",
        "TEST_SYMBOLS", "TEST_MAX_OPEN",       "MAX_OPEN_ORDERS", "SUPER_CONFIDENCE",
    };
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
        unsetenv(variables[i]);
    memset(&settings, 0xa5, sizeof(settings));
    options_init(&options, &table, &settings);
    return 0;
}

int end(void **state)
{
    (void)state;
    options_release(&options);
    complaints_free(&complaints);
    return 0;
}

void flag(const char *key, const char *text)
{
    assert_int_equal(options_read_flag(&options, key, text, &complaints), 0);
}

void expect_complaint(const char *expected)
{
    assert_int_equal(complaints.count, 1);
    assert_string_equal(complaints.lines[0], expected);
    complaints_free(&complaints);
}

void expect_refused(const char *key, const char *text, const char *expected)
{
    flag(key, text);
    expect_complaint(expected);
}

void expect_text(const char *key, const char *expected)
{
    const struct option_origin *origin;
    const struct option_row *row;
    for (size_t i = 0; (row = options_row(&options, i, &origin)) != NULL; i++) {
        if (strcmp(row->key, key) != 0)
            continue;
        char *text = options_value_text(&options, i);
        assert_string_equal(text, expected);
        free(text);
        return;
    }
    fail_msg("no row %s", key);
}

/* SPDX-License-Identifier: MIT */
#include "tests/unit/config_sample.h"
#include "common/options/options_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const levels[] = {"error", "warn", NULL};

static const struct option_row rows[] = {
    {.key = "capacity.max_open",
     .type = OPTION_INT,
     .min = 1,
     .max = 1000000,
     .fallback = "10",
     .offset = offsetof(struct settings, max_open),
     .help = "cap"},
    {.key = "capacity.confidence",
     .type = OPTION_REAL,
     .min = 0,
     .max = 1,
     .fallback = "0.9",
     .offset = offsetof(struct settings, confidence),
     .help = "gate"},
    {.key = "log.emoji",
     .type = OPTION_BOOL,
     .fallback = "true",
     .offset = offsetof(struct settings, emoji),
     .help = "pictures"},
    {.key = "log.level",
     .type = OPTION_CHOICE,
     .fallback = "warn",
     .choices = levels,
     .offset = offsetof(struct settings, level),
     .help = "level"},
    {.key = "redis.url",
     .type = OPTION_TEXT,
     .fallback = "",
     .max = 100,
     .offset = offsetof(struct settings, url),
     .help = "url"},
    {.key = "symbols",
     .type = OPTION_NAMES,
     .fallback = "",
     .offset = offsetof(struct settings, symbols),
     .help = "list"},
    {.key = "deep.er.wide",
     .type = OPTION_INT,
     .min = -9e18,
     .max = 9e18,
     .fallback = "0",
     .offset = offsetof(struct settings, wide),
     .help = "wide"},
};

static const struct option_group group = {rows, sizeof(rows) / sizeof(rows[0]), 0};
static const struct option_table table = {&group, 1};

char folder[] = "/tmp/test_options_file.XXXXXX";
char path[64];
struct settings settings;
struct options options;
struct complaints complaints;

int make_folder(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/a.conf", folder);
    return 0;
}

int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

int begin(void **state)
{
    (void)state;
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

void read_bytes(const char *bytes, size_t length)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    options_read_file(&options, path, &complaints);
}

void read_file(const char *text)
{
    end(NULL);
    begin(NULL);
    read_bytes(text, strlen(text));
}

const char *complaint(size_t index)
{
    assert_true(index < complaints.count);
    const char *line = complaints.lines[index];
    assert_memory_equal(line, path, strlen(path));
    return line + strlen(path);
}

void expect_refused(const char *text, const char *expected)
{
    read_file(text);
    assert_true(complaints.count > 0);
    assert_string_equal(complaint(0), expected);
    assert_int_equal(complaints.count, 1);
}

void expect_taken(const char *text)
{
    read_file(text);
    if (complaints.count > 0)
        fail_msg("%s", complaints.lines[0]);
}

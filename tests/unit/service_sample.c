/* SPDX-License-Identifier: MIT */
#include "tests/unit/service_sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/diversion.h"

#define AT(member) offsetof(struct sample, member)

static const struct option_row rows[] = {
    {.key = "token",
     .env = "TEST_TOKEN",
     .type = OPTION_TEXT,
     .secret = true,
     .offset = AT(token),
     .fallback = "",
     .help = "a secret"},
    {.key = "name",
     .type = OPTION_TEXT,
     .offset = AT(name),
     .fallback = "",
     .help = "a name; empty: worked out"},
    {.key = "capacity.max_open",
     .env = "TEST_MAX_OPEN TEST_MAX_OPEN_TOO",
     .type = OPTION_INT,
     .min = 1,
     .max = 1e12,
     .offset = AT(max_open),
     .fallback = "10",
     .reloadable = true,
     .help = "cap"},
    {.key = "capacity.target",
     .env = "TEST_TARGET",
     .type = OPTION_INT,
     .min = 0,
     .max = 1000,
     .offset = AT(target),
     .fallback = "3",
     .reloadable = true,
     .help = "desired"},
    {.key = "factor",
     .type = OPTION_REAL,
     .min = 0,
     .max = 2,
     .offset = AT(factor),
     .fallback = "0.90",
     .reloadable = true,
     .help = "a factor"},
    {.key = "ttl",
     .type = OPTION_INT,
     .min = 1,
     .max = 1e12,
     .offset = AT(ttl),
     .fallback = "100",
     .help = "seconds"},
    {.key = "carry", .type = OPTION_NAMES, .offset = AT(carry), .fallback = "", .help = "names"},
};

static const struct option_group group = {rows, sizeof rows / sizeof *rows, 0};
const struct option_table table = {&group, 1};

static void check_ttl(struct sample *sample, const struct options *given,
                      struct complaints *complaints)
{
    if (!options_is_sound(given, "capacity.max_open") || sample->ttl > sample->max_open)
        return;
    if (options_is_set(given, "ttl"))
        options_complain(given, "ttl", complaints, "must be more than capacity.max_open");
    else
        sample->ttl = sample->max_open + 1;
}

static void check(struct options *given, struct complaints *complaints)
{
    struct sample *sample = given->values;
    if (*sample->name == '\0') {
        free(sample->name);
        sample->name = strdup(*sample->token != '\0' ? "sample-secret" : "sample");
    }
    if (strcmp(sample->name, "wrong") == 0)
        options_complain(given, "name", complaints, "must not be 'wrong'");
    check_ttl(sample, given, complaints);
}

static void warn(const struct options *given, struct complaints *warnings)
{
    const struct sample *sample = given->values;
    if (sample->target > sample->max_open)
        complain(warnings, "the target is above the cap");
}

static char folder[] = "/tmp/test_service.XXXXXX";
char config_path[64];
char env_path[64];
struct sample settings;
struct options options;
char output[16384];
char errors[16384];

const struct program program = {.name = "quantum-test",
                                .purpose = "Tests things.",
                                .config_path = config_path,
                                .is_service = true,
                                .check = check,
                                .warn = warn};

int make_folder(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(config_path, sizeof(config_path), "%s/conf", folder);
    (void)snprintf(env_path, sizeof(env_path), "%s/env", folder);
    return 0;
}

int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

int begin(void **state)
{
    (void)state;
    unsetenv("TEST_TOKEN");
    unsetenv("TEST_MAX_OPEN");
    unsetenv("TEST_MAX_OPEN_TOO");
    unsetenv("TEST_TARGET");
    options_init(&options, &table, &settings);
    return 0;
}

int end(void **state)
{
    (void)state;
    options_release(&options);
    unlink(config_path);
    unlink(env_path);
    return 0;
}

int start(const char *first, const char *second, const char *third)
{
    char *words[] = {strdup("quantum-test"), first ? strdup(first) : NULL,
                     second ? strdup(second) : NULL, third ? strdup(third) : NULL, NULL};
    int count = 0;
    const char *config;
    while (words[count] != NULL)
        count++;
    struct diversion out = diversion_begin(stdout);
    struct diversion error = diversion_begin(stderr);
    int result = program_start(&program, &options, count, words, &config);
    diversion_end(&error, errors, sizeof(errors));
    diversion_end(&out, output, sizeof(output));
    for (int i = 0; i < count; i++)
        free(words[i]);
    return result;
}

/* SPDX-License-Identifier: MIT */
/*
 * quantumctl check config: a file as a service would read it, and nothing but the file: neither
 * the environment nor flags. Unless it is said whose it is, it is that one's whom it suits better.
 */
#include <stdlib.h>

#include "common/base/escape.h"
#include "common/options/options_file.h"
#include "common/options/program.h"
#include "common/redis/exposed.h"
#include "ctl/check/check.h"
#include "executor/settings/executor_settings.h"

struct reading {
    const char *program;
    struct complaints complaints;
    struct complaints warnings;
};

static void try_router(const char *path, struct reading *reading)
{
    struct router_settings settings = {0};
    struct options options;

    reading->program = "quantum-router";
    options_init(&options, &router_options, &settings);
    options_read_file(&options, path, &reading->complaints);
    router_settings_check(&options, &reading->complaints);
    if (reading->complaints.count == 0)
        router_settings_warn(&settings, &reading->warnings);
    if (reading->complaints.count == 0)
        redis_exposed_warn(&options, &reading->warnings);
    router_settings_release(&settings);
    options_release(&options);
}

static void try_executor(const char *path, struct reading *reading)
{
    struct executor_settings settings = {0};
    struct options options;

    reading->program = "quantum-executor";
    options_init(&options, &executor_options, &settings);
    options_read_file(&options, path, &reading->complaints);
    executor_settings_check(&options, &reading->complaints);
    if (reading->complaints.count == 0)
        executor_settings_warn(&settings, &reading->warnings);
    if (reading->complaints.count == 0)
        redis_exposed_warn(&options, &reading->warnings);
    executor_settings_release(&settings);
    options_release(&options);
}

static int tell(const struct ctl_command *command, const struct reading *reading, const char *path)
{
    if (reading->complaints.count > 0) {
        complaints_print(&reading->complaints, CTL_NAME " check");
        return EXIT_USAGE;
    }
    complaints_print(&reading->warnings, CTL_NAME " check: warning");
    (void)printf("%s is sound for %s\n", escaped(path).text, reading->program);
    return command_done(command);
}

int check_config(const struct invocation *invocation)
{
    const struct check_values *values = invocation->values;
    const char *path = invocation->words->list[1];
    struct reading readings[2] = {{0}, {0}};

    try_router(path, &readings[0]);
    try_executor(path, &readings[1]);
    bool is_executors = values->program == 0
                            ? readings[1].complaints.count < readings[0].complaints.count
                            : values->program == 2;
    int status = tell(invocation->command, &readings[is_executors], path);
    for (size_t i = 0; i < sizeof readings / sizeof *readings; i++) {
        complaints_free(&readings[i].complaints);
        complaints_free(&readings[i].warnings);
    }
    return status;
}

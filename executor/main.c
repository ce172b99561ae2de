/* SPDX-License-Identifier: MIT */
/*
 * quantum-executor: consumes trade intents behind guardrails; safe drain, paper, or a stream for an
 * exchange adapter.
 */
#include <stdio.h>
#include <unistd.h>

#include "common/log/log.h"
#include "common/options/program.h"
#include "common/redis/exposed.h"
#include "common/service/daemon.h"
#include "executor/act/skip.h"
#include "executor/executor.h"
#include "executor/tell/executor_report.h"
#include "executor/tell/executor_vitals.h"

static bool skips_backlog, is_dry_run;

static const struct program_switch switches[] = {
    {"skip-backlog", "move the group to the stream's end, say what is passed over, and exit",
     &skips_backlog},
    {"dry-run", "with --skip-backlog: say it, and change nothing", &is_dry_run},
    {0},
};

static void list_warnings(const struct options *options, struct complaints *warnings)
{
    executor_settings_warn(options->values, warnings);
    redis_exposed_warn(options, warnings);
}

static const struct program program = {
    .name = "quantum-executor",
    .purpose = "Consumes trade intents behind guardrails: safe drain, paper, or an adapter.",
    .config_path = "/etc/quantum/executor.conf",
    .is_service = true,
    .check = executor_settings_check,
    .warn = list_warnings,
    .switches = switches,
};

static void release(void *settings)
{
    executor_settings_release(settings);
}

static const struct reload_source source = {
    .program = &program,
    .table = &executor_options,
    .settings_size = sizeof(struct executor_settings),
    .release = release,
    .when = "at once",
};

struct service {
    struct daemon daemon;
    struct executor executor;
    struct executor_vitals vitals;
};

static void on_stop(void *owner)
{
    struct service *service = owner;

    executor_vitals_stop(&service->vitals);
    executor_stop(&service->executor);
}

static void on_reloading(void *owner)
{
    struct service *service = owner;

    executor_vitals_reloading(&service->vitals);
}

static void on_reload(void *owner, const void *fresh)
{
    struct service *service = owner;

    if (fresh)
        executor_reload(&service->executor, fresh);
    else
        executor_vitals_reloaded(&service->vitals, false);
}

static const struct daemon_events daemon_events = {on_stop, on_reloading, on_reload};

static int serve(struct options *options, const char *config_path)
{
    static struct service service;
    struct executor_settings *settings = options->values;
    struct complaints warnings = {0};

    if (daemon_open(&service.daemon, &source, options, &daemon_events, &service) != 0)
        return EXIT_FAILED;
    uv_loop_t *loop = &service.daemon.loop;
    log_init(program.name);
    log_adopt(&settings->log);
    executor_report_start(settings, config_path);
    list_warnings(options, &warnings);
    service_report_config_warnings(&warnings);
    executor_vitals_start(&service.vitals, loop, settings, executor_watched(&service.executor));
    executor_start(&service.executor, loop, settings, &executor_vitals_executor_events,
                   &service.vitals);
    daemon_run(&service.daemon);
    executor_deinit(&service.executor);
    executor_vitals_deinit(&service.vitals);
    executor_report_stopped();
    if (daemon_close(&service.daemon) != 0)
        _exit(EXIT_DONE);
    return EXIT_DONE;
}

static int run(struct options *options, const char *config_path)
{
    if (skips_backlog)
        return skip_backlog(options->values, is_dry_run);
    if (is_dry_run) {
        (void)fputs("quantum-executor: --dry-run is for --skip-backlog (see --help)\n", stderr);
        return EXIT_USAGE;
    }
    return serve(options, config_path);
}

int main(int argc, char **argv)
{
    struct executor_settings settings = {0};
    struct options options;
    const char *config_path;

    daemon_prepare();
    options_init(&options, &executor_options, &settings);
    int started = program_start(&program, &options, argc, argv, &config_path);
    int status = program_exit_status(started);
    if (started == 0)
        status = run(&options, config_path);
    executor_settings_release(&settings);
    options_release(&options);
    return status;
}

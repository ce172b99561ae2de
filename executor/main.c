/* SPDX-License-Identifier: MIT */
/*
 * quantum-executor: consumes trade intents behind guardrails; safe drain, paper, or a stream for an
 * exchange adapter.
 */
#include <stdio.h>

#include "common/log/log.h"
#include "common/redis/settings.h"
#include "common/service/daemon.h"
#include "executor/act/skip_backlog.h"
#include "executor/executor.h"
#include "executor/tell/executor_metrics.h"
#include "executor/tell/executor_report.h"
#include "executor/tell/executor_vitals.h"

static struct executor executor;
static struct executor_vitals vitals;

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

static void release(void *settings)
{
    executor_settings_release(settings);
}

static int skip(const void *settings)
{
    if (skips_backlog)
        return skip_backlog(settings, is_dry_run);
    if (!is_dry_run)
        return -1;
    (void)fputs("quantum-executor: --dry-run is for --skip-backlog (see --help)\n", stderr);
    return EXIT_USAGE;
}

static void introduce(const void *data, const char *config_path)
{
    const struct executor_settings *settings = data;

    log_adopt(&settings->log);
    executor_report_start(settings, config_path);
}

static void start(uv_loop_t *loop, void *settings)
{
    executor_vitals_start(&vitals, loop, settings, &executor.inbox);
    executor_start(&executor, loop, settings,
                   (struct executor_observer){executor_vitals_told, &vitals});
}

static void stop(void)
{
    service_vitals_stop(&vitals.service);
    executor_stop(&executor);
}

static void reloading(void)
{
    service_vitals_reloading(&vitals.service);
}

static void reload(const void *fresh)
{
    if (fresh)
        executor_reload(&executor, fresh);
    else
        service_vitals_reload_failed(&vitals.service);
}

static void ended(void)
{
    executor_deinit(&executor);
    executor_vitals_deinit(&vitals);
    executor_report_stopped();
}

static const struct daemon_service service = {
    .program = {.name = "quantum-executor",
                .purpose =
                    "Consumes trade intents behind guardrails: safe drain, paper, or an adapter.",
                .config_path = "/etc/quantum/executor.conf",
                .is_service = true,
                .usual = OPTION_KEYS(
                    "prefix", "redis.url", "capacity.max_open", "sizing.max_position_usd",
                    "guards.intent_max_age_sec", "guards.symbol_policy", "guards.global_rate_max",
                    "venue.safe_drain", "venue.kind", "venue.armed", "venue.concurrency",
                    "metrics.listen", "safety.also", "log.level"),
                .list_metrics = executor_metrics_list,
                .check = executor_settings_check,
                .warn = list_warnings,
                .switches = switches},
    .table = &executor_options,
    .settings_size = sizeof(struct executor_settings),
    .release = release,
    .when = "at once",
    .instead = skip,
    .introduce = introduce,
    .start = start,
    .stop = stop,
    .reloading = reloading,
    .reload = reload,
    .ended = ended,
};

int main(int argc, char **argv)
{
    return daemon_main(&service, argc, argv);
}

/* SPDX-License-Identifier: MIT */
/*
 * quantum-router: reads AI signals, keeps the best of each window, publishes trade intents.
 */
#include <unistd.h>

#include "common/log/log.h"
#include "common/options/program.h"
#include "common/redis/exposed.h"
#include "common/service/daemon.h"
#include "router/router.h"
#include "router/tell/report.h"
#include "router/tell/vitals.h"

static void list_warnings(const struct options *options, struct complaints *warnings)
{
    router_settings_warn(options->values, warnings);
    redis_exposed_warn(options, warnings);
}

static const struct program program = {
    .name = "quantum-router",
    .purpose = "Reads AI trade signals, keeps each window's best and publishes trade intents.",
    .config_path = "/etc/quantum/router.conf",
    .is_service = true,
    .check = router_settings_check,
    .warn = list_warnings,
};

static void release(void *settings)
{
    router_settings_release(settings);
}

static const struct reload_source source = {
    .program = &program,
    .table = &router_options,
    .settings_size = sizeof(struct router_settings),
    .release = release,
    .when = "at the next window",
};

struct service {
    struct daemon daemon;
    struct router router;
    struct vitals vitals;
};

static void on_stop(void *owner)
{
    struct service *service = owner;

    vitals_stop(&service->vitals);
    router_stop(&service->router);
}

static void on_reloading(void *owner)
{
    struct service *service = owner;

    vitals_reloading(&service->vitals);
}

static void on_reload(void *owner, const void *fresh)
{
    struct service *service = owner;

    if (fresh)
        router_reload(&service->router, fresh);
    else
        vitals_reloaded(&service->vitals, false);
}

static const struct daemon_events daemon_events = {on_stop, on_reloading, on_reload};

static int serve(struct options *options, const char *config_path)
{
    static struct service service;
    struct router_settings *settings = options->values;
    struct complaints warnings = {0};

    if (daemon_open(&service.daemon, &source, options, &daemon_events, &service) != 0)
        return EXIT_FAILED;
    uv_loop_t *loop = &service.daemon.loop;
    log_init(program.name);
    log_adopt(&settings->log);
    report_start(settings, config_path);
    list_warnings(options, &warnings);
    service_report_config_warnings(&warnings);
    vitals_start(&service.vitals, loop, settings, router_watched(&service.router));
    router_start(&service.router, loop, settings, &vitals_router_events, &service.vitals);
    daemon_run(&service.daemon);
    router_deinit(&service.router);
    vitals_deinit(&service.vitals);
    report_stopped(&service.router.report);
    if (daemon_close(&service.daemon) != 0)
        _exit(EXIT_DONE);
    return EXIT_DONE;
}

int main(int argc, char **argv)
{
    struct router_settings settings = {0};
    struct options options;
    const char *config_path;

    daemon_prepare();
    options_init(&options, &router_options, &settings);
    int started = program_start(&program, &options, argc, argv, &config_path);
    int status = program_exit_status(started);
    if (started == 0)
        status = serve(&options, config_path);
    router_settings_release(&settings);
    options_release(&options);
    return status;
}

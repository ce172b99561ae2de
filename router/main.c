/* SPDX-License-Identifier: MIT */
/*
 * quantum-router: reads AI signals, keeps the best of each window, publishes trade intents.
 */
#include <assert.h>
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#include "common/base/log.h"
#include "common/base/memory.h"
#include "common/base/program.h"
#include "router/reload.h"
#include "router/report.h"
#include "router/router.h"
#include "router/vitals.h"

static void list_warnings(const struct options *options, struct complaints *warnings)
{
    router_settings_warn(options->values, warnings);
}

static const struct program program = {
    .name = "quantum-router",
    .purpose = "Reads AI trade signals, keeps the best of each window and publishes trade intents.",
    .config_path = "/etc/quantum/router.conf",
    .is_service = true,
    .check = router_settings_check,
    .warn = list_warnings,
};

static const int stop_signals[] = {SIGTERM, SIGINT};

enum { STOP_SIGNALS = sizeof stop_signals / sizeof *stop_signals };

struct service {
    uv_loop_t loop;
    uv_signal_t stop[STOP_SIGNALS];
    uv_signal_t hangup;
    struct reload reload;
    struct router router;
    struct vitals vitals;
};

static void on_stop(uv_signal_t *handle, int number)
{
    struct service *service = handle->data;

    (void)number;
    vitals_stop(&service->vitals);
    router_stop(&service->router);
    /* The next signal finds no handler and ends the process at once: what is on its way settles at
     * the next start. */
    for (size_t i = 0; i < STOP_SIGNALS; i++)
        uv_close((uv_handle_t *)&service->stop[i], NULL);
    uv_close((uv_handle_t *)&service->hangup, NULL);
}

static void on_hangup(uv_signal_t *handle, int number)
{
    struct service *service = handle->data;

    (void)number;
    vitals_reloading(&service->vitals);
    const struct router_settings *fresh = reload_read(&service->reload);
    if (fresh)
        router_reload(&service->router, fresh);
    else
        vitals_reloaded(&service->vitals, false);
}

static void watch_signals(struct service *service)
{
    (void)signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < STOP_SIGNALS; i++) {
        (void)uv_signal_init(&service->loop, &service->stop[i]);
        service->stop[i].data = service;
        (void)uv_signal_start(&service->stop[i], on_stop, stop_signals[i]);
    }
    (void)uv_signal_init(&service->loop, &service->hangup);
    service->hangup.data = service;
    (void)uv_signal_start(&service->hangup, on_hangup, SIGHUP);
}

static void warn(const struct router_settings *settings)
{
    struct complaints warnings = {0};

    router_settings_warn(settings, &warnings);
    for (size_t i = 0; i < warnings.count; i++)
        log_event(LEVEL_WARN, "🟠", "CONFIG_WARNING", "%s", warnings.lines[i]);
    complaints_free(&warnings);
}

/* Runs the loop until the router is closed, and then what closing left to do. */
static void run(struct service *service)
{
    (void)uv_run(&service->loop, UV_RUN_DEFAULT);
    (void)uv_run(&service->loop, UV_RUN_NOWAIT);
}

static void count_handle(uv_handle_t *handle, void *count)
{
    (void)handle;
    ++*(unsigned *)count;
}

/* Every handle is closed by now. A name that is being resolved may still hold the loop, and would
 * hold exit() too, for as long as the resolver hangs; nothing that matters is in its hands. */
static void close_loop(struct service *service)
{
    unsigned handles = 0;

    if (uv_loop_close(&service->loop) == 0)
        return;
    uv_walk(&service->loop, count_handle, &handles);
    assert(handles == 0);
    _exit(EXIT_DONE);
}

static int serve(struct options *options, const char *config_path)
{
    static struct service service;
    struct router_settings *settings = options->values;

    if (uv_loop_init(&service.loop) != 0)
        return EXIT_FAILED;
    log_init(program.name);
    log_set((enum log_level)settings->log_level, settings->log_emoji);
    report_start(settings, config_path);
    warn(settings);
    service.reload = (struct reload){.program = &program, .first = options};
    watch_signals(&service);
    vitals_start(&service.vitals, &service.loop, settings, &service.router);
    router_start(&service.router, &service.loop, settings, &vitals_router_events, &service.vitals);
    run(&service);
    router_deinit(&service.router);
    vitals_deinit(&service.vitals);
    reload_deinit(&service.reload);
    report_stopped();
    close_loop(&service);
    return EXIT_DONE;
}

int main(int argc, char **argv)
{
    struct router_settings settings = {0};
    struct options options;
    const char *config_path;

    json_set_alloc_funcs(memory_raw, free);
    (void)uv_replace_allocator(memory_raw, memory_raw_resize, memory_array, free);
    json_object_seed(0);
    options_init(&options, &router_options, &settings);
    int started = program_start(&program, &options, argc, argv, &config_path);
    int status = started < 0 ? EXIT_USAGE : EXIT_DONE;
    if (started == 0)
        status = serve(&options, config_path);
    router_settings_release(&settings);
    options_release(&options);
    return status;
}
